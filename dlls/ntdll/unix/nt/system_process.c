/* NtQuerySystemInformation: processes, threads and handles. Seen are the processes of this user that are ours, and the
 * handles of this one alone. */
#define __WINESRC__
#include <unistd.h>
#include "nt/nt.h"
#include "nt/system.h"
#include "ob/types.h"
#include "io/path.h"
#include "ps/locate.h"
#include "ps/memory_use.h"
#include "ps/process.h"
#include "ps/process_list.h"
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
    info->dwThreadState = thread == thread_self || !__atomic_load_n(&thread->frame, __ATOMIC_RELAXED) ? THREAD_STATE_RUNNING : THREAD_STATE_WAITING;
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

/* ---- processes ---------------------------------------------------------------------------------------------- */

struct listing                          /* entries one after the other, as the program gets them */
{
    const struct reply *reply;
    char   *data;
    size_t  size, room;
    size_t  entry;                      /* where the last one begins */
    bool    extended, failed;
};

static size_t thread_size(const struct listing *list)
{
    return list->extended ? sizeof(SYSTEM_EXTENDED_THREAD_INFORMATION) : sizeof(SYSTEM_THREAD_INFORMATION);
}

/* More of it, zeroed. NULL: no memory, and the listing has failed. What was there may have moved. */
static void *listing_extend(struct listing *list, size_t size)
{
    if (list->size + size > list->room)
    {
        size_t room = 2 * list->room + size + 0x1000;
        char *data = realloc(list->data, room);

        if (!data)
        {
            list->failed = true;
            return NULL;
        }
        list->data = data;
        list->room = room;
    }
    memset(list->data + list->size, 0, size);
    list->size += size;
    return list->data + list->size - size;
}

static SYSTEM_PROCESS_INFORMATION *last_entry(const struct listing *list)
{
    return (SYSTEM_PROCESS_INFORMATION *)(list->data + list->entry);
}

static SYSTEM_PROCESS_INFORMATION *entry_begin(struct listing *list)
{
    size_t before = list->entry, at = list->size;
    bool first = !at;

    if (!listing_extend(list, offsetof(SYSTEM_PROCESS_INFORMATION, ti)))
        return NULL;
    if (!first)
        ((SYSTEM_PROCESS_INFORMATION *)(list->data + before))->NextEntryOffset = (ULONG)(at - before);
    list->entry = at;
    return last_entry(list);
}

/* The file name of the program without its folder, behind the threads. */
static void entry_end(struct listing *list, const char *program)
{
    const char *slash = strrchr(program, '/');
    WCHAR *name = text_to_windows(slash ? slash + 1 : program), *copy;
    SYSTEM_PROCESS_INFORMATION *info;
    size_t length = 0, at = list->size;

    while (name && name[length])
        length++;
    if (!name)
        list->failed = true;
    else if ((copy = listing_extend(list, ((length + 1) * sizeof(WCHAR) + 7) & ~(size_t)7)))
    {
        memcpy(copy, name, length * sizeof(WCHAR));
        info = last_entry(list);
        info->ProcessName.Length = (USHORT)(length * sizeof(WCHAR));
        info->ProcessName.MaximumLength = info->ProcessName.Length + sizeof(WCHAR);
        info->ProcessName.Buffer = (WCHAR *)((char *)list->reply->out + at);
        info->NumberOfThreadsHighWatermark = info->dwThreadCount;
    }
    free(name);
}

static void fill_memory(SYSTEM_PROCESS_INFORMATION *info, const struct memory_use *use)
{
    info->WorkingSetPrivateSize.QuadPart = (LONGLONG)(use->resident - use->resident_shared);
    info->vmCounters.VirtualSize = use->virtual;
    info->vmCounters.PeakVirtualSize = use->peak_virtual;
    info->vmCounters.PageFaultCount = use->page_faults;
    info->vmCounters.WorkingSetSize = use->resident;
    info->vmCounters.PeakWorkingSetSize = use->peak_resident;
    info->vmCounters.PagefileUsage = info->vmCounters.PrivateUsage = use->commit;
    info->vmCounters.PeakPagefileUsage = use->peak_commit;
}

static void fill_process(SYSTEM_PROCESS_INFORMATION *info, int linux_pid, const struct process_block *block)
{
    info->CreationTime.QuadPart = (LONGLONG)block->create_time;
    info->dwBasePriority = (DWORD)priority_of_class(block->priority_class);
    info->UniqueProcessId = (HANDLE)(uintptr_t)((uint32_t)linux_pid * 4);
    info->ParentProcessId = (HANDLE)(uintptr_t)block->parent_id;
    info->SessionId = OBJECT_SESSION_ID;
    info->HandleCount = block->handle_count;
    io_counters(linux_pid, &info->ioCounters);
}

static void list_own(struct listing *list)
{
    SYSTEM_PROCESS_INFORMATION *info = entry_begin(list);
    struct memory_use use;
    struct thread *thread;
    uint64_t user, kernel;
    void *out;

    if (!info)
        return;
    memory_use(&use);
    times_of_process(&user, &kernel);
    fill_memory(info, &use);
    fill_process(info, getpid(), current_process->block);
    info->UserTime.QuadPart = (LONGLONG)user;
    info->KernelTime.QuadPart = (LONGLONG)kernel;
    pthread_mutex_lock(&thread_list_lock);
    for (thread = thread_list; thread && (out = listing_extend(list, thread_size(list))); thread = thread->next)
    {
        if (list->extended)
            fill_thread_ex(out, thread);
        else
            fill_thread(out, thread);
        last_entry(list)->dwThreadCount++;
    }
    pthread_mutex_unlock(&thread_list_lock);
    entry_end(list, process_program);
}

/* A thread's own priority is its process's business. */
static bool list_thread(const struct thread_listed *thread, void *arg)
{
    struct listing *list = arg;
    SYSTEM_PROCESS_INFORMATION *info;
    SYSTEM_THREAD_INFORMATION *out = listing_extend(list, thread_size(list));

    if (!out)
        return false;
    info = last_entry(list);
    info->dwThreadCount++;
    info->UserTime.QuadPart += (LONGLONG)thread->user_time;
    info->KernelTime.QuadPart += (LONGLONG)thread->kernel_time;
    out->UserTime.QuadPart = (LONGLONG)thread->user_time;
    out->KernelTime.QuadPart = (LONGLONG)thread->kernel_time;
    out->CreateTime.QuadPart = (LONGLONG)thread->create_time;
    out->StartAddress = (void *)process_ntdll.RtlUserThreadStart;
    out->ClientId.UniqueProcess = info->UniqueProcessId;
    out->ClientId.UniqueThread = (HANDLE)(uintptr_t)((uint32_t)thread->linux_tid * 4);
    out->dwBasePriority = out->dwCurrentPriority = info->dwBasePriority;
    out->dwThreadState = thread->running ? THREAD_STATE_RUNNING : THREAD_STATE_WAITING;
    out->dwWaitReason = WAIT_REASON_EXECUTIVE;
    if (list->extended)
    {
        SYSTEM_EXTENDED_THREAD_INFORMATION *more = CONTAINING_RECORD(out, SYSTEM_EXTENDED_THREAD_INFORMATION, ThreadInfo);

        more->StackBase = (void *)(uintptr_t)thread->stack_base;
        more->StackLimit = (void *)(uintptr_t)thread->stack_limit;
        more->Win32StartAddress = (void *)(uintptr_t)thread->start;
        more->TebBase = (void *)(uintptr_t)thread->teb;
    }
    return true;
}

static bool list_other(int linux_pid, const struct process_block *block, void *arg)
{
    struct listing *list = arg;
    SYSTEM_PROCESS_INFORMATION *info;
    struct memory_use use;

    if (block->state == PROCESS_ENDED || !(info = entry_begin(list)))
        return !list->failed;
    memory_use_of_other(linux_pid, &use);
    fill_memory(info, &use);
    fill_process(info, linux_pid, block);
    process_threads_list(linux_pid, block, list_thread, list);
    entry_end(list, block->image_path);
    return !list->failed;
}

NTSTATUS system_processes(const struct reply *reply, bool extended)
{
    struct listing list = { .reply = reply, .extended = extended };
    NTSTATUS status;

    list_own(&list);
    if (!list.failed)
        processes_list(list_other, &list);
    status = list.failed ? STATUS_NO_MEMORY : reply_at_least(reply, list.data, list.size);
    free(list.data);
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
    if (reply->size < size)             /* how many there are is told all the same */
        status = (status = user_put((ULONG_PTR *)reply->out, header[0])) ? status : reply_mismatch(reply, size);
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
    const char *program = process_program;
    struct process_block block;
    size_t length;
    NTSTATUS status;
    WCHAR *name;

    if (reply->size < sizeof(info))
        return reply_mismatch(reply, sizeof(info));
    if ((status = user_read(&info, reply->out, sizeof(info))))
        return status;
    if ((info.id & ~(ULONG_PTR)3) != process_id)
    {
        if (info.id > INT32_MAX || !process_listed((int)(info.id / 4), &block))
            return STATUS_INVALID_CID;
        program = block.image_path;
    }
    if (info.name.Length)
        return STATUS_INVALID_PARAMETER;
    if (!(name = path_device_name(path_root_mount(), program, &length)))
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
