/* Modules and memory of processes: the K32 functions that psapi.dll forwards to. */
#include "kernelbase.h"
#include "psapi.h"

struct counters_ex
{
    PROCESS_MEMORY_COUNTERS basic;
    SIZE_T private_usage;
};

/* ---- modules ---------------------------------------------------------------------------------------- */

/* Reads of a process's memory; this process's own is no exception, so that there is one way to walk the list. */
static BOOL read_process(HANDLE process, const void *address, void *buffer, SIZE_T size)
{
    SIZE_T done;

    return nt_result(NtReadVirtualMemory(process, address, buffer, size, &done)) && done == size;
}

struct module_walk
{
    HANDLE process;
    LIST_ENTRY *head, *next;
    LDR_DATA_TABLE_ENTRY entry;
};

static BOOL walk_start(struct module_walk *walk, HANDLE process)
{
    PROCESS_BASIC_INFORMATION basic;
    PEB_LDR_DATA *ldr;

    walk->process = process;
    if (!nt_result(NtQueryInformationProcess(process, ProcessBasicInformation, &basic, sizeof(basic), NULL))) return FALSE;
    if (!read_process(process, &basic.PebBaseAddress->LdrData, &ldr, sizeof(ldr))) return FALSE;
    if (!ldr) return fail(ERROR_PARTIAL_COPY);      /* it has not begun to run */
    walk->head = &ldr->InLoadOrderModuleList;
    return read_process(process, &walk->head->Flink, &walk->next, sizeof(walk->next));
}

/* TRUE with the next module in walk->entry; FALSE with *failed set, or at the end. */
static BOOL walk_next(struct module_walk *walk, BOOL *failed)
{
    *failed = FALSE;
    if (walk->next == walk->head) return FALSE;
    *failed = !read_process(walk->process, CONTAINING_RECORD(walk->next, LDR_DATA_TABLE_ENTRY, InLoadOrderLinks), &walk->entry, sizeof(walk->entry));
    if (*failed) return FALSE;
    walk->next = walk->entry.InLoadOrderLinks.Flink;
    return TRUE;
}

static BOOL walk_find(struct module_walk *walk, HANDLE process, HMODULE module)
{
    BOOL failed;

    if (!walk_start(walk, process)) return FALSE;
    while (walk_next(walk, &failed)) if (!module || walk->entry.DllBase == (void *)module) return TRUE;
    return failed ? FALSE : fail(ERROR_INVALID_HANDLE);
}

BOOL WINAPI K32EnumProcessModules(HANDLE process, HMODULE *modules, DWORD size, DWORD *needed)
{
    struct module_walk walk;
    DWORD count = 0;
    BOOL failed;

    if (!walk_start(&walk, process)) return FALSE;
    if (size && !modules) return fail(ERROR_NOACCESS);
    for (; walk_next(&walk, &failed); count++)
        if ((count + 1) * sizeof(*modules) <= size) modules[count] = walk.entry.DllBase;
    if (failed) return FALSE;
    if (!needed) return fail(ERROR_NOACCESS);
    *needed = count * sizeof(*modules);
    return TRUE;
}

BOOL WINAPI K32EnumProcessModulesEx(HANDLE process, HMODULE *modules, DWORD size, DWORD *needed, DWORD filter)
{
    /* All modules have 64 bits. */
    if ((filter & 3) == LIST_MODULES_32BIT)
    {
        if (needed) *needed = 0;
        return TRUE;
    }
    return K32EnumProcessModules(process, modules, size, needed);
}

BOOL WINAPI K32GetModuleInformation(HANDLE process, HMODULE module, MODULEINFO *info, DWORD size)
{
    struct module_walk walk;

    if (size < sizeof(*info)) return fail(ERROR_INSUFFICIENT_BUFFER);
    if (!walk_find(&walk, process, module)) return FALSE;
    info->lpBaseOfDll = walk.entry.DllBase;
    info->SizeOfImage = walk.entry.SizeOfImage;
    info->EntryPoint = walk.entry.EntryPoint;
    return TRUE;
}

/* What fits of a remote string, always terminated; the length copied, or the size if it was cut. */
static DWORD remote_name(HANDLE process, const UNICODE_STRING *name, WCHAR *buffer, DWORD size)
{
    DWORD length = name->Length / sizeof(WCHAR);

    if (!size) return 0;
    if (length >= size)
    {
        if (!read_process(process, name->Buffer, buffer, (size - 1) * sizeof(WCHAR))) return 0;
        buffer[size - 1] = 0;
        return size;                    /* and no error is set: psapi:psapi_main test_GetModuleFileNameEx */
    }
    if (!read_process(process, name->Buffer, buffer, name->Length)) return 0;
    buffer[length] = 0;
    return length;
}

DWORD WINAPI K32GetModuleBaseNameW(HANDLE process, HMODULE module, WCHAR *buffer, DWORD size)
{
    struct module_walk walk;

    return walk_find(&walk, process, module) ? remote_name(process, &walk.entry.BaseDllName, buffer, size) : 0;
}

DWORD WINAPI K32GetModuleFileNameExW(HANDLE process, HMODULE module, WCHAR *buffer, DWORD size)
{
    struct module_walk walk;

    return walk_find(&walk, process, module) ? remote_name(process, &walk.entry.FullDllName, buffer, size) : 0;
}

static DWORD module_name_ansi(DWORD (WINAPI *function)(HANDLE, HMODULE, WCHAR *, DWORD), HANDLE process, HMODULE module, char *buffer, DWORD size)
{
    enum { LONGEST = 32768 };
    WCHAR *wide;
    char *bytes;
    DWORD length, result = 0;

    if (!buffer || !size) return (DWORD)fail(ERROR_INVALID_PARAMETER);
    if (!(wide = heap_alloc(LONGEST * (sizeof(WCHAR) + 4)))) return (DWORD)fail(ERROR_NOT_ENOUGH_MEMORY);
    bytes = (char *)(wide + LONGEST);
    length = function(process, module, wide, LONGEST);
    if (length)
    {
        result = (DWORD)WideCharToMultiByte(CP_ACP, 0, wide, (INT)length, bytes, 4 * LONGEST, NULL, NULL);
        length = result < size ? result : size - 1;
        memcpy(buffer, bytes, length);
        buffer[length] = 0;
        if (result > size) result = size;
    }
    heap_free(wide);
    return result;
}

DWORD WINAPI K32GetModuleBaseNameA(HANDLE process, HMODULE module, char *buffer, DWORD size)
{
    return module_name_ansi(K32GetModuleBaseNameW, process, module, buffer, size);
}

DWORD WINAPI K32GetModuleFileNameExA(HANDLE process, HMODULE module, char *buffer, DWORD size)
{
    return module_name_ansi(K32GetModuleFileNameExW, process, module, buffer, size);
}

/* ---- the process ------------------------------------------------------------------------------------ */
DWORD WINAPI K32GetProcessImageFileNameW(HANDLE process, WCHAR *buffer, DWORD size)
{
    return QueryFullProcessImageNameW(process, PROCESS_NAME_NATIVE, buffer, &size) ? size : 0;
}

DWORD WINAPI K32GetProcessImageFileNameA(HANDLE process, char *buffer, DWORD size)
{
    return QueryFullProcessImageNameA(process, PROCESS_NAME_NATIVE, buffer, &size) ? size : 0;
}

BOOL WINAPI K32GetProcessMemoryInfo(HANDLE process, PROCESS_MEMORY_COUNTERS *out, DWORD size)
{
    struct counters_ex *extended = (struct counters_ex *)out;
    VM_COUNTERS_EX info;

    if (size < sizeof(*out)) return fail(ERROR_INSUFFICIENT_BUFFER);
    if (!nt_result(NtQueryInformationProcess(process, ProcessVmCounters, &info, sizeof(info), NULL))) return FALSE;
    out->cb = size >= sizeof(*extended) ? sizeof(*extended) : sizeof(*out);
    out->PageFaultCount = info.PageFaultCount;
    out->PeakWorkingSetSize = info.PeakWorkingSetSize;
    out->WorkingSetSize = info.WorkingSetSize;
    out->QuotaPeakPagedPoolUsage = info.QuotaPeakPagedPoolUsage;
    out->QuotaPagedPoolUsage = info.QuotaPagedPoolUsage;
    out->QuotaPeakNonPagedPoolUsage = info.QuotaPeakNonPagedPoolUsage;
    out->QuotaNonPagedPoolUsage = info.QuotaNonPagedPoolUsage;
    out->PagefileUsage = info.PagefileUsage;
    out->PeakPagefileUsage = info.PeakPagefileUsage;
    if (size >= sizeof(*extended)) extended->private_usage = info.PagefileUsage;
    return TRUE;
}

/* The system's list of processes, for heap_free(); NULL: it could not be had, and the error is set. */
static SYSTEM_PROCESS_INFORMATION *get_processes(void)
{
    ULONG size = 0x10000, needed;
    NTSTATUS status;
    void *buffer;

    for (;; size *= 2)
    {
        if (!(buffer = heap_alloc(size)))
        {
            SetLastError(ERROR_NOT_ENOUGH_MEMORY);
            return NULL;
        }
        status = NtQuerySystemInformation(SystemProcessInformation, buffer, size, &needed);
        if (nt_result(status)) return buffer;
        heap_free(buffer);
        if (status != STATUS_INFO_LENGTH_MISMATCH) return NULL;
    }
}

static const SYSTEM_PROCESS_INFORMATION *next_process(const SYSTEM_PROCESS_INFORMATION *info)
{
    return info->NextEntryOffset ? (const SYSTEM_PROCESS_INFORMATION *)((const BYTE *)info + info->NextEntryOffset) : NULL;
}

BOOL WINAPI K32EnumProcesses(DWORD *ids, DWORD size, DWORD *used)
{
    SYSTEM_PROCESS_INFORMATION *list = get_processes();
    DWORD count = 0;

    if (!list) return FALSE;
    for (const SYSTEM_PROCESS_INFORMATION *info = list; info && (count + 1) * sizeof(*ids) <= size; info = next_process(info))
        ids[count++] = HandleToULong(info->UniqueProcessId);
    *used = count * sizeof(*ids);
    heap_free(list);
    return TRUE;
}

BOOL WINAPI K32GetPerformanceInfo(PERFORMANCE_INFORMATION *out, DWORD size)
{
    SYSTEM_PERFORMANCE_INFORMATION performance;
    SYSTEM_PROCESS_INFORMATION *list;
    SYSTEM_BASIC_INFORMATION basic;
    SYSTEM_CACHE_INFORMATION cache;

    if (size < sizeof(*out)) return fail(ERROR_BAD_LENGTH);
    if (!nt_result(NtQuerySystemInformation(SystemBasicInformation, &basic, sizeof(basic), NULL)) ||
        !nt_result(NtQuerySystemInformation(SystemPerformanceInformation, &performance, sizeof(performance), NULL)) ||
        !nt_result(NtQuerySystemInformation(SystemFileCacheInformation, &cache, sizeof(cache), NULL)))
        return FALSE;
    if (!(list = get_processes())) return FALSE;
    memset(out, 0, sizeof(*out));
    out->cb = sizeof(*out);
    out->CommitTotal = performance.TotalCommittedPages;
    out->CommitLimit = performance.TotalCommitLimit;
    out->CommitPeak = performance.PeakCommitment;
    out->PhysicalTotal = basic.MmNumberOfPhysicalPages;
    out->PhysicalAvailable = performance.AvailablePages;
    out->SystemCache = cache.CurrentSize / basic.PageSize;
    out->KernelPaged = performance.PagedPoolUsage;
    out->KernelNonpaged = performance.NonPagedPoolUsage;
    out->KernelTotal = out->KernelPaged + out->KernelNonpaged;
    out->PageSize = basic.PageSize;
    for (const SYSTEM_PROCESS_INFORMATION *info = list; info; info = next_process(info))
    {
        out->HandleCount += info->HandleCount;
        out->ThreadCount += info->dwThreadCount;
        out->ProcessCount++;
    }
    heap_free(list);
    return TRUE;
}
