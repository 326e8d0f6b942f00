/* NtQuerySystemInformation: processes, threads and handles. Only this process is seen. */
#define __WINESRC__
#include <unistd.h>
#include "nt/nt.h"
#include "nt/system.h"
#include "ob/types.h"
#include "io/path.h"
#include "ps/locate.h"
#include "ps/memory_use.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/thread.h"
#include "ps/times.h"

#define WAIT_REASON_EXECUTIVE 0
#define THREAD_STATE_RUNNING  2
#define THREAD_STATE_WAITING  5

static void fill_thread(SYSTEM_THREAD_INFORMATION *info, struct thread *thread)
{
    uint64_t user, kernel;

    times_of_thread(thread->linux_tid, &user, &kernel);
    info->KernelTime.QuadPart = (LONGLONG)kernel;
    info->UserTime.QuadPart = (LONGLONG)user;
    info->CreateTime.QuadPart = (LONGLONG)thread->object->create_time;
    info->StartAddress = (void *)process_ntdll.RtlUserThreadStart;
    info->ClientId.UniqueProcess = (HANDLE)(uintptr_t)process_id;
    info->ClientId.UniqueThread = (HANDLE)(uintptr_t)thread->tid;
    info->dwBasePriority = info->dwCurrentPriority = (DWORD)(process_base_priority() + thread->object->priority);
    info->dwThreadState = thread == thread_self || !thread->frame ? THREAD_STATE_RUNNING : THREAD_STATE_WAITING;
    info->dwWaitReason = WAIT_REASON_EXECUTIVE;
}

static void fill_thread_ex(SYSTEM_EXTENDED_THREAD_INFORMATION *info, struct thread *thread)
{
    fill_thread(&info->ThreadInfo, thread);
    info->StackBase = thread->teb->Tib.StackBase;
    info->StackLimit = thread->teb->Tib.StackLimit;
    info->Win32StartAddress = (void *)thread->object->start_address;
    info->TebBase = thread->teb;
}

static bool count_handle(HANDLE handle, struct object *object, ACCESS_MASK access, ULONG attributes, void *arg)
{
    (void)handle;
    (void)object;
    (void)access;
    (void)attributes;
    ++*(ULONG *)arg;
    return true;
}

/* The file name of the program without its folder. */
static WCHAR *program_name(size_t *length)
{
    const char *slash = strrchr(process_program, '/');
    WCHAR *name = text_to_windows(slash ? slash + 1 : process_program);

    for (*length = 0; name && name[*length]; ++*length)
        ;
    return name;
}

NTSTATUS system_processes(const struct reply *reply, bool extended)
{
    size_t each = extended ? sizeof(SYSTEM_EXTENDED_THREAD_INFORMATION) : sizeof(SYSTEM_THREAD_INFORMATION);
    SYSTEM_PROCESS_INFORMATION *info;
    unsigned int capacity, count = 0;
    struct thread *thread;
    struct memory_use use;
    uint64_t user, kernel;
    size_t length, size, at;
    NTSTATUS status;
    WCHAR *name;

    if (!(name = program_name(&length)))
        return STATUS_NO_MEMORY;
    capacity = __atomic_load_n(&thread_count, __ATOMIC_RELAXED) + 16;
    size = offsetof(SYSTEM_PROCESS_INFORMATION, ti) + capacity * each + (length + 1) * sizeof(WCHAR) + 8;
    if (!(info = calloc(1, size)))
    {
        free(name);
        return STATUS_NO_MEMORY;
    }
    pthread_mutex_lock(&thread_list_lock);
    for (thread = thread_list; thread && count < capacity; thread = thread->next, count++)
        if (extended)
            fill_thread_ex((SYSTEM_EXTENDED_THREAD_INFORMATION *)((char *)info->ti + count * each), thread);
        else
            fill_thread(&info->ti[count], thread);
    pthread_mutex_unlock(&thread_list_lock);

    at = offsetof(SYSTEM_PROCESS_INFORMATION, ti) + count * each;
    memory_use(&use);
    times_of_process(&user, &kernel);
    info->dwThreadCount = info->NumberOfThreadsHighWatermark = count;
    info->WorkingSetPrivateSize.QuadPart = (LONGLONG)(use.resident - use.resident_shared);
    info->CreationTime.QuadPart = (LONGLONG)current_process->create_time;
    info->UserTime.QuadPart = (LONGLONG)user;
    info->KernelTime.QuadPart = (LONGLONG)kernel;
    info->ProcessName.Length = (USHORT)(length * sizeof(WCHAR));
    info->ProcessName.MaximumLength = info->ProcessName.Length + sizeof(WCHAR);
    info->ProcessName.Buffer = (WCHAR *)((char *)reply->out + at);
    info->dwBasePriority = (DWORD)process_base_priority();
    info->UniqueProcessId = (HANDLE)(uintptr_t)process_id;
    info->ParentProcessId = (HANDLE)(uintptr_t)((uint32_t)getppid() * 4);
    info->SessionId = OBJECT_SESSION_ID;
    info->vmCounters.VirtualSize = use.virtual;
    info->vmCounters.PeakVirtualSize = use.peak_virtual;
    info->vmCounters.PageFaultCount = use.page_faults;
    info->vmCounters.WorkingSetSize = use.resident;
    info->vmCounters.PeakWorkingSetSize = use.peak_resident;
    info->vmCounters.PagefileUsage = info->vmCounters.PrivateUsage = use.commit;
    info->vmCounters.PeakPagefileUsage = use.peak_commit;
    io_counters(&info->ioCounters);
    handle_enumerate(count_handle, &info->HandleCount);
    memcpy((char *)info + at, name, (length + 1) * sizeof(WCHAR));
    at = (at + (length + 1) * sizeof(WCHAR) + 7) & ~(size_t)7;
    status = reply_at_least(reply, info, at);
    free(info);
    free(name);
    return status;
}

/* ---- handles ------------------------------------------------------------------------------------------------ */

struct handle_list
{
    SYSTEM_HANDLE_TABLE_ENTRY_INFO_EX *entries;
    size_t count, capacity;
};

static USHORT type_index(const struct object *object)
{
    unsigned int i;

    for (i = 0; i < object_type_count; i++)
        if (object_types[i] == object->type)
            return (USHORT)(i + 2);     /* as NtQueryObject tells it: Windows begins with 2 */
    return 0;
}

static bool add_handle(HANDLE handle, struct object *object, ACCESS_MASK access, ULONG attributes, void *arg)
{
    struct handle_list *list = arg;
    SYSTEM_HANDLE_TABLE_ENTRY_INFO_EX *entry;

    if (list->count == list->capacity)
    {
        size_t capacity = list->capacity ? list->capacity * 2 : 64;

        if (!(entry = realloc(list->entries, capacity * sizeof(*entry))))
            return false;
        list->entries = entry;
        list->capacity = capacity;
    }
    entry = &list->entries[list->count++];
    memset(entry, 0, sizeof(*entry));
    entry->UniqueProcessId = process_id;
    entry->HandleValue = (uintptr_t)handle;
    entry->GrantedAccess = access;
    entry->ObjectTypeIndex = type_index(object);
    entry->HandleAttributes = attributes;
    return true;
}

NTSTATUS system_handles(const struct reply *reply)
{
    struct handle_list list = { NULL, 0, 0 };
    SYSTEM_HANDLE_INFORMATION *info;
    NTSTATUS status;
    size_t size, i;

    if (reply->size < sizeof(SYSTEM_HANDLE_INFORMATION))
        return reply_mismatch(reply, sizeof(SYSTEM_HANDLE_INFORMATION));
    handle_enumerate(add_handle, &list);
    size = offsetof(SYSTEM_HANDLE_INFORMATION, Handle[list.count]);
    if (!(info = calloc(1, size)))
    {
        free(list.entries);
        return STATUS_NO_MEMORY;
    }
    info->Count = (ULONG)list.count;
    for (i = 0; i < list.count; i++)
    {
        info->Handle[i].OwnerPid = process_id;
        info->Handle[i].ObjectType = (BYTE)list.entries[i].ObjectTypeIndex;
        info->Handle[i].HandleFlags = (BYTE)list.entries[i].HandleAttributes;
        info->Handle[i].HandleValue = (USHORT)list.entries[i].HandleValue;
        info->Handle[i].AccessMask = list.entries[i].GrantedAccess;
    }
    status = reply_at_least(reply, info, size);
    free(info);
    free(list.entries);
    return status;
}

NTSTATUS system_handles_ex(const struct reply *reply)
{
    struct handle_list list = { NULL, 0, 0 };
    ULONG_PTR header[2] = { 0, 0 };
    size_t size;
    NTSTATUS status;

    if (reply->size < sizeof(SYSTEM_HANDLE_INFORMATION_EX))
        return reply_mismatch(reply, sizeof(SYSTEM_HANDLE_INFORMATION_EX));
    handle_enumerate(add_handle, &list);
    header[0] = list.count;
    size = sizeof(header) + list.count * sizeof(*list.entries);
    if (reply->size < size)
        status = reply_mismatch(reply, size);
    else if (!(status = user_write(reply->out, header, sizeof(header))) &&
             !(status = user_write((char *)reply->out + sizeof(header), list.entries, size - sizeof(header))) &&
             reply->return_size)
        status = user_put(reply->return_size, (ULONG)size);
    free(list.entries);
    return status;
}

/* In: a process id and a string to fill; out: its image name. */
NTSTATUS system_process_name(const struct reply *reply)
{
    struct { ULONG_PTR id; UNICODE_STRING name; } info;
    size_t length;
    NTSTATUS status;
    WCHAR *name;

    if (reply->size < sizeof(info))
        return reply_mismatch(reply, sizeof(info));
    if ((status = user_read(&info, reply->out, sizeof(info))))
        return status;
    if ((info.id & ~(ULONG_PTR)3) != process_id)
        return STATUS_INVALID_CID;
    if (info.name.Length)
        return STATUS_INVALID_PARAMETER;
    if (!(name = path_device_name(path_root_mount(), process_program, &length)))
        return STATUS_NO_MEMORY;
    info.name.Length = (USHORT)(length * sizeof(WCHAR));
    if (info.name.MaximumLength < info.name.Length + sizeof(WCHAR))
    {
        info.name.MaximumLength = info.name.Length + sizeof(WCHAR);
        info.name.Length = 0;
        status = STATUS_INFO_LENGTH_MISMATCH;
        user_write(reply->out, &info, sizeof(info));
    }
    else if (!(status = user_write(info.name.Buffer, name, info.name.Length + sizeof(WCHAR))))
        status = reply_write(reply, &info, sizeof(info));
    free(name);
    return status;
}
