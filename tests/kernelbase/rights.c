/* Which rights to the process each call wants (§3.4). */
#include "memory.h"
#define PSAPI_VERSION 2
#include "psapi.h"

FUNCTION(MapViewOfFileNuma2);
FUNCTION(UnmapViewOfFile2);
FUNCTION(VirtualUnlockEx);
FUNCTION(PrefetchVirtualMemory);
FUNCTION(QueryVirtualMemoryInformation);
FUNCTION(VirtualAlloc2);
static NTSTATUS (WINAPI *pNtFlushVirtualMemory)(HANDLE, LPCVOID *, SIZE_T *, IO_STATUS_BLOCK *);
static NTSTATUS (WINAPI *pNtLockVirtualMemory)(HANDLE, PVOID *, SIZE_T *, ULONG);
static NTSTATUS (WINAPI *pNtReadVirtualMemory)(HANDLE, const void *, void *, SIZE_T, SIZE_T *);
static NTSTATUS (WINAPI *pNtWriteVirtualMemory)(HANDLE, void *, const void *, SIZE_T, SIZE_T *);
static ULONG (WINAPI *pRtlNtStatusToDosError)(NTSTATUS);

static char *page, *spare, *view;
static HANDLE section;

static BOOL result(NTSTATUS status)
{
    if (status >= 0) return TRUE;
    SetLastError(pRtlNtStatusToDosError(status));
    return FALSE;
}

static BOOL allocate(HANDLE process)
{
    return VirtualAllocEx(process, spare, K, MEM_COMMIT, PAGE_READWRITE) != NULL;
}

static BOOL decommit(HANDLE process)
{
    return VirtualFreeEx(process, spare, K, MEM_DECOMMIT);
}

static BOOL protect(HANDLE process)
{
    DWORD old;

    return VirtualProtectEx(process, page, K, PAGE_READWRITE, &old);
}

static BOOL map(HANDLE process)
{
    void *p = pMapViewOfFileNuma2(section, process, 0, NULL, 0, 0, PAGE_READONLY, NUMA_NO_PREFERRED_NODE);

    if (p) UnmapViewOfFile(p);
    return p != NULL;
}

static BOOL unmap(HANDLE process)
{
    void *p = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);

    if (pUnmapViewOfFile2(process, p, 0)) return TRUE;
    UnmapViewOfFile(p);
    return FALSE;
}

static BOOL lock(HANDLE process)
{
    void *base = page;
    SIZE_T size = K;

    return result(pNtLockVirtualMemory(process, &base, &size, 1));
}

static BOOL unlock(HANDLE process)
{
    VirtualLock(page, K);
    return pVirtualUnlockEx(process, page, K);
}

static BOOL prefetch(HANDLE process)
{
    WIN32_MEMORY_RANGE_ENTRY range = { page, K };

    return pPrefetchVirtualMemory(process, 1, &range, 0);
}

static BOOL flush(HANDLE process)
{
    LPCVOID base = view;
    SIZE_T size = K;
    IO_STATUS_BLOCK io;

    return result(pNtFlushVirtualMemory(process, &base, &size, &io));
}

static BOOL read_memory(HANDLE process)
{
    char buffer[4];

    return ReadProcessMemory(process, page, buffer, 4, NULL);
}

static BOOL write_memory(HANDLE process)
{
    return WriteProcessMemory(process, page, "abc", 4, NULL);
}

static BOOL query(HANDLE process)
{
    MEMORY_BASIC_INFORMATION info;

    return VirtualQueryEx(process, page, &info, sizeof(info)) != 0;
}

static BOOL query_information(HANDLE process)
{
    WIN32_MEMORY_REGION_INFORMATION info;

    return pQueryVirtualMemoryInformation(process, page, MemoryRegionInfo, &info, sizeof(info), NULL);
}

static BOOL working_set(HANDLE process)
{
    ULONG_PTR count;

    /* a buffer that is too small is enough to be let in */
    return QueryWorkingSet(process, &count, sizeof(count)) || GetLastError() == ERROR_BAD_LENGTH;
}

static BOOL working_set_ex(HANDLE process)
{
    PSAPI_WORKING_SET_EX_INFORMATION info = { .VirtualAddress = page };

    return QueryWorkingSetEx(process, &info, sizeof(info));
}

static BOOL file_name(HANDLE process)
{
    WCHAR name[MAX_PATH];

    return GetMappedFileNameW(process, GetModuleHandleA("ntdll.dll"), name, MAX_PATH) != 0;
}

static BOOL get_limits(HANDLE process)
{
    SIZE_T min, max;

    return GetProcessWorkingSetSize(process, &min, &max);
}

static BOOL set_limits(HANDLE process)
{
    return SetProcessWorkingSetSize(process, 50 * K, 345 * K);
}

#define QUERIES (PROCESS_QUERY_INFORMATION | PROCESS_QUERY_LIMITED_INFORMATION)

static const struct
{
    const char *name;
    BOOL (*call)(HANDLE process);
    DWORD wants, missing;       /* enough; too little without these */
    BOOL null_is_self;
} calls[] =
{
    { "VirtualAllocEx", allocate, PROCESS_VM_OPERATION, PROCESS_VM_OPERATION, FALSE },                         /* §3.4-1 */
    { "VirtualFreeEx", decommit, PROCESS_VM_OPERATION, PROCESS_VM_OPERATION, FALSE },
    { "VirtualProtectEx", protect, PROCESS_VM_OPERATION, PROCESS_VM_OPERATION, FALSE },
    { "MapViewOfFileNuma2", map, PROCESS_VM_OPERATION, PROCESS_VM_OPERATION, FALSE },
    { "UnmapViewOfFile2", unmap, PROCESS_VM_OPERATION, PROCESS_VM_OPERATION, FALSE },
    { "NtLockVirtualMemory", lock, PROCESS_VM_OPERATION, PROCESS_VM_OPERATION, FALSE },
    { "VirtualUnlockEx", unlock, PROCESS_VM_OPERATION, PROCESS_VM_OPERATION, TRUE },
    { "PrefetchVirtualMemory", prefetch, PROCESS_VM_OPERATION, PROCESS_VM_OPERATION, FALSE },
    { "NtFlushVirtualMemory", flush, PROCESS_VM_OPERATION, PROCESS_VM_OPERATION, FALSE },

    { "ReadProcessMemory", read_memory, PROCESS_VM_READ, PROCESS_VM_READ, FALSE },                             /* §3.4-2 */
    { "WriteProcessMemory", write_memory, PROCESS_VM_WRITE | PROCESS_VM_OPERATION, PROCESS_VM_WRITE, FALSE },

    { "VirtualQueryEx", query, PROCESS_QUERY_INFORMATION, QUERIES, FALSE },                                    /* §3.4-3 */
    { "QueryVirtualMemoryInformation", query_information, PROCESS_QUERY_INFORMATION, QUERIES, FALSE },
    { "GetMappedFileNameW", file_name, PROCESS_QUERY_INFORMATION, QUERIES, FALSE },

    { "QueryWorkingSet", working_set, PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, QUERIES, FALSE },           /* §3.4-4 */
    { "QueryWorkingSet", working_set, PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, PROCESS_VM_READ, FALSE },
    { "QueryWorkingSetEx", working_set_ex, PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, QUERIES, FALSE },
    { "GetProcessWorkingSetSize", get_limits, PROCESS_QUERY_INFORMATION, QUERIES, FALSE },
    { "SetProcessWorkingSetSize", set_limits, PROCESS_SET_QUOTA, PROCESS_SET_QUOTA, FALSE },
    { "EmptyWorkingSet", EmptyWorkingSet, PROCESS_SET_QUOTA | QUERIES, PROCESS_SET_QUOTA, FALSE },
};

static HANDLE self(DWORD access)
{
    HANDLE process = NULL;

    DuplicateHandle(GetCurrentProcess(), GetCurrentProcess(), GetCurrentProcess(), &process, access, FALSE, 0);
    return process;
}

/* (§3.4-1, §3.4-2, §3.4-3, §3.4-4) */
static void test_calls(void)
{
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL), enough, all;

    for (unsigned i = 0; i < ARRAY_SIZE(calls); i++)
    {
        winetest_push_context("%s", calls[i].name);
        if (calls[i].null_is_self) works(calls[i].call(NULL));                                          /* §3.4-5 */
        else fails(calls[i].call(NULL), ERROR_INVALID_HANDLE);                                          /* §3.4-5, §3.4-1 */
        fails(calls[i].call(event), ERROR_INVALID_HANDLE);                                              /* §3.4-1: of another type */
        fails(calls[i].call((HANDLE)0x12340), ERROR_INVALID_HANDLE);

        enough = self(calls[i].wants);
        SetLastError(UNTOUCHED);
        ok(calls[i].call(enough), "refused with what it wants: %lu\n", GetLastError());
        CloseHandle(enough);
        all = self(PROCESS_ALL_ACCESS & ~calls[i].missing);
        fails(calls[i].call(all), ERROR_ACCESS_DENIED);
        CloseHandle(all);
        winetest_pop_context();
    }
    CloseHandle(event);
}

/* The Nt calls behind the copies (§3.4-2) */
static void test_copies(void)
{
    HANDLE reader = self(PROCESS_VM_READ), writer = self(PROCESS_VM_WRITE), both = self(PROCESS_VM_WRITE | PROCESS_VM_OPERATION);
    char buffer[4] = "xyz";
    SIZE_T done = 77;
    DWORD old;

    ok(!pNtReadVirtualMemory(reader, page, buffer, 4, &done) && done == 4, "read %Iu\n", done);
    ok(pNtReadVirtualMemory(writer, page, buffer, 4, &done) == STATUS_ACCESS_DENIED && !done, "read %Iu\n", done);
    ok(pNtWriteVirtualMemory(reader, page, "xyz", 4, &done) == STATUS_ACCESS_DENIED && !done, "wrote %Iu\n", done);
    ok(!pNtWriteVirtualMemory(writer, page, "xyz", 4, &done) && done == 4, "wrote %Iu\n", done);

    /* code is patched, read-only data is not, with these two rights alone */
    VirtualProtect(page, K, PAGE_EXECUTE_READ, &old);
    works(WriteProcessMemory(both, page, "uvw", 4, NULL));
    ok(!memcmp(page, "uvw", 4) && page_protect(page) == PAGE_EXECUTE_READ, "not patched\n");
    VirtualProtect(page, K, PAGE_READONLY, &old);
    SetLastError(UNTOUCHED);
    ok(!WriteProcessMemory(both, page, "abc", 4, NULL) && GetLastError() == ERROR_NOACCESS, "error %lu\n", GetLastError());
    ok(!memcmp(page, "uvw", 4) && page_protect(page) == PAGE_READONLY, "written\n");
    VirtualProtect(page, K, PAGE_READWRITE, &old);
    CloseHandle(reader);
    CloseHandle(writer);
    CloseHandle(both);
}

START_TEST(rights)
{
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    void *p;

    LOAD(MapViewOfFileNuma2);
    LOAD(UnmapViewOfFile2);
    LOAD(VirtualUnlockEx);
    LOAD(PrefetchVirtualMemory);
    LOAD(QueryVirtualMemoryInformation);
    LOAD(VirtualAlloc2);
    pNtFlushVirtualMemory = (void *)GetProcAddress(ntdll, "NtFlushVirtualMemory");
    pNtLockVirtualMemory = (void *)GetProcAddress(ntdll, "NtLockVirtualMemory");
    pNtReadVirtualMemory = (void *)GetProcAddress(ntdll, "NtReadVirtualMemory");
    pNtWriteVirtualMemory = (void *)GetProcAddress(ntdll, "NtWriteVirtualMemory");
    pRtlNtStatusToDosError = (void *)GetProcAddress(ntdll, "RtlNtStatusToDosError");
    if (!pMapViewOfFileNuma2 || !pUnmapViewOfFile2 || !pVirtualUnlockEx || !pPrefetchVirtualMemory || !pQueryVirtualMemoryInformation)
    {
        win_skip("calls of Windows 10 are missing\n");
        return;
    }
    page = VirtualAlloc(NULL, K, MEM_COMMIT, PAGE_READWRITE);
    spare = VirtualAlloc(NULL, K, MEM_RESERVE, PAGE_READWRITE);
    section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, K, NULL);
    view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    page[0] = 'p';
    test_calls();
    test_copies();
    works(p = pVirtualAlloc2(NULL, NULL, K, MEM_RESERVE, PAGE_NOACCESS, NULL, 0));                      /* §3.4-5 */
    VirtualFree(p, 0, MEM_RELEASE);
    UnmapViewOfFile(view);
    CloseHandle(section);
    VirtualFree(page, 0, MEM_RELEASE);
    VirtualFree(spare, 0, MEM_RELEASE);
}
