/* Snapshots of processes, threads, modules and heaps.
 *
 * A snapshot is taken whole when it is created and given out piece by piece; its handle is a section, so that CloseHandle
 * frees it like any other.
 */
#include <stdarg.h>
#include <string.h>
#include <wchar.h>

#define _KERNEL32_
#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#undef __WINESRC__
#include "winbase.h"
#define __WINESRC__
#include "winnls.h"
#include "winternl.h"
#include "tlhelp32.h"

#ifndef TH32CS_SNAPMODULE32
#define TH32CS_SNAPMODULE32 0x10
#endif

struct snapshot
{
    DWORD process_count, process_at, process_offset;
    DWORD thread_count, thread_at, thread_offset;
    DWORD module_count, module_at, module_offset;
    DWORD size;
};

/* What is gathered before its size is known: an array that grows. */
struct list
{
    BYTE  *items;
    DWORD  count, size, item_size;
    BOOL   failed;
};

static void *list_add(struct list *list)
{
    if (list->count == list->size)
    {
        DWORD size = list->size ? list->size * 2 : 32;
        BYTE *items = list->items ? RtlReAllocateHeap(GetProcessHeap(), 0, list->items, (SIZE_T)size * list->item_size)
                                  : RtlAllocateHeap(GetProcessHeap(), 0, (SIZE_T)size * list->item_size);

        if (!items)
        {
            list->failed = TRUE;
            return NULL;
        }
        list->items = items;
        list->size = size;
    }
    return memset(list->items + (SIZE_T)list->count++ * list->item_size, 0, list->item_size);
}

static void list_free(struct list *list)
{
    if (list->items) RtlFreeHeap(GetProcessHeap(), 0, list->items);
}

/* ---- gathering -------------------------------------------------------------------------------------- */
static NTSTATUS gather_processes(struct list *processes, struct list *threads)
{
    ULONG size = 0x10000, needed;
    SYSTEM_PROCESS_INFORMATION *info;
    BYTE *buffer;
    NTSTATUS status;

    for (;;)
    {
        if (!(buffer = RtlAllocateHeap(GetProcessHeap(), 0, size))) return STATUS_NO_MEMORY;
        status = NtQuerySystemInformation(SystemProcessInformation, buffer, size, &needed);
        if (status != STATUS_INFO_LENGTH_MISMATCH) break;
        RtlFreeHeap(GetProcessHeap(), 0, buffer);
        size = needed > size ? needed + 0x1000 : size * 2;
    }
    for (info = (SYSTEM_PROCESS_INFORMATION *)buffer; status >= 0; )
    {
        PROCESSENTRY32W *process = list_add(processes);
        USHORT length = info->ProcessName.Length < sizeof(process->szExeFile) ? info->ProcessName.Length : sizeof(process->szExeFile) - sizeof(WCHAR);

        if (process)
        {
            process->dwSize = sizeof(*process);
            process->th32ProcessID = HandleToULong(info->UniqueProcessId);
            process->th32ParentProcessID = HandleToULong(info->ParentProcessId);
            process->cntThreads = info->dwThreadCount;
            process->pcPriClassBase = info->dwBasePriority;
            memcpy(process->szExeFile, info->ProcessName.Buffer, length);
        }
        for (DWORD i = 0; i < info->dwThreadCount; i++)
        {
            THREADENTRY32 *thread = list_add(threads);

            if (!thread) break;
            thread->dwSize = sizeof(*thread);
            thread->th32ThreadID = HandleToULong(info->ti[i].ClientId.UniqueThread);
            thread->th32OwnerProcessID = HandleToULong(info->UniqueProcessId);
            thread->tpBasePri = (LONG)info->ti[i].dwBasePriority;
        }
        if (!info->NextEntryOffset) break;
        info = (SYSTEM_PROCESS_INFORMATION *)((BYTE *)info + info->NextEntryOffset);
    }
    RtlFreeHeap(GetProcessHeap(), 0, buffer);
    return status;
}

static BOOL read_remote(HANDLE process, const void *address, void *buffer, SIZE_T size)
{
    SIZE_T done;

    return NtReadVirtualMemory(process, address, buffer, size, &done) >= 0 && done == size;
}

static void read_remote_string(HANDLE process, const UNICODE_STRING *string, WCHAR *buffer, size_t size)
{
    USHORT length = string->Length < size - sizeof(WCHAR) ? string->Length : (USHORT)(size - sizeof(WCHAR));

    if (!read_remote(process, string->Buffer, buffer, length)) length = 0;
    buffer[length / sizeof(WCHAR)] = 0;
}

static NTSTATUS gather_modules(DWORD id, struct list *modules)
{
    HANDLE process = NtCurrentProcess();
    PROCESS_BASIC_INFORMATION basic;
    OBJECT_ATTRIBUTES attr;
    CLIENT_ID client = { ULongToHandle(id), NULL };
    LDR_DATA_TABLE_ENTRY entry;
    LIST_ENTRY *head, *next;
    PEB_LDR_DATA *ldr;
    NTSTATUS status;

    if (id && id != GetCurrentProcessId())
    {
        InitializeObjectAttributes(&attr, NULL, 0, NULL, NULL);
        status = NtOpenProcess(&process, PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, &attr, &client);
        if (status < 0) return status;
    }
    else id = GetCurrentProcessId();
    status = NtQueryInformationProcess(process, ProcessBasicInformation, &basic, sizeof(basic), NULL);
    if (status >= 0)
    {
        if (read_remote(process, &basic.PebBaseAddress->LdrData, &ldr, sizeof(ldr)) && ldr &&
            read_remote(process, &ldr->InLoadOrderModuleList.Flink, &next, sizeof(next)))
        {
            head = &ldr->InLoadOrderModuleList;
            while (next != head && read_remote(process, CONTAINING_RECORD(next, LDR_DATA_TABLE_ENTRY, InLoadOrderLinks), &entry, sizeof(entry)))
            {
                MODULEENTRY32W *module = list_add(modules);

                if (!module) break;
                module->dwSize = sizeof(*module);
                module->th32ModuleID = 1;
                module->th32ProcessID = id;
                module->GlblcntUsage = 0xffff;
                module->ProccntUsage = 0xffff;
                module->modBaseAddr = entry.DllBase;
                module->modBaseSize = entry.SizeOfImage;
                module->hModule = entry.DllBase;
                read_remote_string(process, &entry.BaseDllName, module->szModule, sizeof(module->szModule));
                read_remote_string(process, &entry.FullDllName, module->szExePath, sizeof(module->szExePath));
                next = entry.InLoadOrderLinks.Flink;
            }
        }
        else status = STATUS_PARTIAL_COPY;
    }
    if (process != NtCurrentProcess()) NtClose(process);
    return status;
}

static BOOL result(NTSTATUS status)
{
    if (status >= 0) return TRUE;
    SetLastError(RtlNtStatusToDosError(status));
    return FALSE;
}

HANDLE WINAPI CreateToolhelp32Snapshot(DWORD flags, DWORD id)
{
    struct list processes = { .item_size = sizeof(PROCESSENTRY32W) }, threads = { .item_size = sizeof(THREADENTRY32) };
    struct list modules = { .item_size = sizeof(MODULEENTRY32W) };
    HANDLE section = INVALID_HANDLE_VALUE;
    OBJECT_ATTRIBUTES attr;
    struct snapshot *snapshot = NULL;
    LARGE_INTEGER size;
    SIZE_T view = 0;
    NTSTATUS status = STATUS_SUCCESS;

    if (!(flags & (TH32CS_SNAPPROCESS | TH32CS_SNAPTHREAD | TH32CS_SNAPMODULE)))
    {
        SetLastError(flags & TH32CS_SNAPHEAPLIST ? ERROR_NOT_SUPPORTED : ERROR_INVALID_PARAMETER);
        return INVALID_HANDLE_VALUE;
    }
    if (flags & (TH32CS_SNAPMODULE | TH32CS_SNAPMODULE32)) status = gather_modules(id, &modules);
    if (status >= 0 && (flags & (TH32CS_SNAPPROCESS | TH32CS_SNAPTHREAD))) status = gather_processes(&processes, &threads);
    if (processes.failed || threads.failed || modules.failed) status = STATUS_NO_MEMORY;
    if (!(flags & TH32CS_SNAPPROCESS)) processes.count = 0;
    if (!(flags & TH32CS_SNAPTHREAD)) threads.count = 0;
    if (status >= 0)
    {
        size.QuadPart = (LONGLONG)(sizeof(*snapshot) + 24) + (LONGLONG)processes.count * processes.item_size +
                        (LONGLONG)threads.count * threads.item_size + (LONGLONG)modules.count * modules.item_size;
        InitializeObjectAttributes(&attr, NULL, flags & TH32CS_INHERIT ? OBJ_INHERIT : 0, NULL, NULL);
        status = NtCreateSection(&section, SECTION_ALL_ACCESS, &attr, &size, PAGE_READWRITE, SEC_COMMIT, NULL);
        if (status >= 0)
        {
            status = NtMapViewOfSection(section, NtCurrentProcess(), (void **)&snapshot, 0, 0, NULL, &view, ViewUnmap, 0, PAGE_READWRITE);
            if (status < 0) NtClose(section);
        }
    }
    if (status >= 0)
    {
        snapshot->process_count = processes.count;
        snapshot->process_offset = (sizeof(*snapshot) + 7) & ~7u;
        memcpy((BYTE *)snapshot + snapshot->process_offset, processes.items, (SIZE_T)processes.count * processes.item_size);
        snapshot->thread_count = threads.count;
        snapshot->thread_offset = (snapshot->process_offset + processes.count * processes.item_size + 7) & ~7u;
        memcpy((BYTE *)snapshot + snapshot->thread_offset, threads.items, (SIZE_T)threads.count * threads.item_size);
        snapshot->module_count = modules.count;
        snapshot->module_offset = (snapshot->thread_offset + threads.count * threads.item_size + 7) & ~7u;
        memcpy((BYTE *)snapshot + snapshot->module_offset, modules.items, (SIZE_T)modules.count * modules.item_size);
        NtUnmapViewOfSection(NtCurrentProcess(), snapshot);
    }
    list_free(&modules);
    list_free(&threads);
    list_free(&processes);
    return result(status) ? section : INVALID_HANDLE_VALUE;
}

/* ---- giving out ------------------------------------------------------------------------------------- */
enum kind { processes_kind, threads_kind, modules_kind };

/* The first or next item of a kind, copied to item, which begins with its own size. */
static BOOL take(HANDLE handle, enum kind kind, BOOL first, void *item, DWORD size)
{
    struct snapshot *snapshot = NULL;
    DWORD count, offset, *at;
    SIZE_T view = 0;
    BOOL ok = FALSE;

    if (*(DWORD *)item < size)
    {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    if (!result(NtMapViewOfSection(handle, NtCurrentProcess(), (void **)&snapshot, 0, 0, NULL, &view, ViewUnmap, 0, PAGE_READWRITE))) return FALSE;
    switch (kind)
    {
    case processes_kind: count = snapshot->process_count; offset = snapshot->process_offset; at = &snapshot->process_at; break;
    case threads_kind: count = snapshot->thread_count; offset = snapshot->thread_offset; at = &snapshot->thread_at; break;
    default: count = snapshot->module_count; offset = snapshot->module_offset; at = &snapshot->module_at; break;
    }
    if (first) *at = 0;
    if (*at < count)
    {
        memcpy(item, (BYTE *)snapshot + offset + (SIZE_T)(*at)++ * size, size);
        ok = TRUE;
    }
    else SetLastError(ERROR_NO_MORE_FILES);
    NtUnmapViewOfSection(NtCurrentProcess(), snapshot);
    return ok;
}

static BOOL take_process_ansi(HANDLE snapshot, BOOL first, PROCESSENTRY32 *entry)
{
    PROCESSENTRY32W wide = { .dwSize = sizeof(wide) };

    if (entry->dwSize < sizeof(*entry))
    {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    if (!take(snapshot, processes_kind, first, &wide, sizeof(wide))) return FALSE;
    memcpy(entry, &wide, FIELD_OFFSET(PROCESSENTRY32, szExeFile));
    entry->dwSize = sizeof(*entry);
    WideCharToMultiByte(CP_ACP, 0, wide.szExeFile, -1, entry->szExeFile, sizeof(entry->szExeFile), NULL, NULL);
    return TRUE;
}

BOOL WINAPI Process32FirstW(HANDLE snapshot, PROCESSENTRY32W *entry)
{
    return take(snapshot, processes_kind, TRUE, entry, sizeof(*entry));
}

BOOL WINAPI Process32NextW(HANDLE snapshot, PROCESSENTRY32W *entry)
{
    return take(snapshot, processes_kind, FALSE, entry, sizeof(*entry));
}

BOOL WINAPI Process32First(HANDLE snapshot, PROCESSENTRY32 *entry)
{
    return take_process_ansi(snapshot, TRUE, entry);
}

BOOL WINAPI Process32Next(HANDLE snapshot, PROCESSENTRY32 *entry)
{
    return take_process_ansi(snapshot, FALSE, entry);
}

BOOL WINAPI Thread32First(HANDLE snapshot, THREADENTRY32 *entry)
{
    return take(snapshot, threads_kind, TRUE, entry, sizeof(*entry));
}

BOOL WINAPI Thread32Next(HANDLE snapshot, THREADENTRY32 *entry)
{
    return take(snapshot, threads_kind, FALSE, entry, sizeof(*entry));
}

static BOOL take_module_ansi(HANDLE snapshot, BOOL first, MODULEENTRY32 *entry)
{
    MODULEENTRY32W wide = { .dwSize = sizeof(wide) };

    if (entry->dwSize < sizeof(*entry))
    {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    if (!take(snapshot, modules_kind, first, &wide, sizeof(wide))) return FALSE;
    memcpy(entry, &wide, FIELD_OFFSET(MODULEENTRY32, szModule));
    entry->dwSize = sizeof(*entry);
    WideCharToMultiByte(CP_ACP, 0, wide.szModule, -1, entry->szModule, sizeof(entry->szModule), NULL, NULL);
    WideCharToMultiByte(CP_ACP, 0, wide.szExePath, -1, entry->szExePath, sizeof(entry->szExePath), NULL, NULL);
    return TRUE;
}

BOOL WINAPI Module32FirstW(HANDLE snapshot, MODULEENTRY32W *entry)
{
    return take(snapshot, modules_kind, TRUE, entry, sizeof(*entry));
}

BOOL WINAPI Module32NextW(HANDLE snapshot, MODULEENTRY32W *entry)
{
    return take(snapshot, modules_kind, FALSE, entry, sizeof(*entry));
}

BOOL WINAPI Module32First(HANDLE snapshot, MODULEENTRY32 *entry)
{
    return take_module_ansi(snapshot, TRUE, entry);
}

BOOL WINAPI Module32Next(HANDLE snapshot, MODULEENTRY32 *entry)
{
    return take_module_ansi(snapshot, FALSE, entry);
}

BOOL WINAPI Toolhelp32ReadProcessMemory(DWORD id, const void *address, void *buffer, SIZE_T size, SIZE_T *done)
{
    HANDLE process = id ? OpenProcess(PROCESS_VM_READ, FALSE, id) : GetCurrentProcess();
    NTSTATUS status;

    if (!process) return FALSE;
    status = NtReadVirtualMemory(process, address, buffer, size, done);
    if (id) NtClose(process);
    return result(status);
}
