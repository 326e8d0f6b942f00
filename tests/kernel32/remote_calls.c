/* Every call on the memory of another process, with every kind of handle, in every state that process may be in: what is
 * refused, with which error, that nothing changed, and that it took no time (specification 3.4). */
#include "target.h"

FUNCTION(MapViewOfFileNuma2);
FUNCTION(MapViewOfFile3);
FUNCTION(UnmapViewOfFile2);
FUNCTION(VirtualAlloc2);
FUNCTION(VirtualUnlockEx);
FUNCTION(PrefetchVirtualMemory);
FUNCTION(QueryVirtualMemoryInformation);
static NTSTATUS (WINAPI *pNtFlushVirtualMemory)(HANDLE, LPCVOID *, SIZE_T *, IO_STATUS_BLOCK *);

/* In the target: two committed pages, a reserved one, views of a section and of a file. Made by handles that may all. */
static HANDLE all, section, file;
static char *pages, *reserved, *view, *file_view, *image;

static BOOL result(NTSTATUS status)
{
    if (NT_SUCCESS(status)) return TRUE;
    SetLastError(RtlNtStatusToDosError(status));
    return FALSE;
}

/* ---- the calls; each takes back what it did ---------------------------------------------------------------------- */

static BOOL taken_back(void *p)
{
    return p && pUnmapViewOfFile2(all, p, 0);
}

static BOOL map2(HANDLE process)
{
    return taken_back(pMapViewOfFileNuma2(section, process, 0, NULL, 0, 0, PAGE_READWRITE, NUMA_NO_PREFERRED_NODE));
}

static BOOL map3(HANDLE process)
{
    return taken_back(pMapViewOfFile3(section, process, NULL, 0, 0, 0, PAGE_WRITECOPY, NULL, 0));
}

static BOOL map_image(HANDLE process)
{
    return taken_back(pMapViewOfFileNuma2(file, process, 0, NULL, 0, 0, PAGE_READONLY, NUMA_NO_PREFERRED_NODE));
}

static BOOL unmap2(HANDLE process)
{
    void *p = pMapViewOfFileNuma2(section, all, 0, NULL, 0, 0, PAGE_READWRITE, NUMA_NO_PREFERRED_NODE);
    BOOL done;
    DWORD error;

    SetLastError(UNTOUCHED);
    done = pUnmapViewOfFile2(process, p ? p : view, 0);
    error = GetLastError();
    if (!done && p) pUnmapViewOfFile2(all, p, 0);
    SetLastError(error);
    return done;
}

static BOOL alloc(HANDLE process)
{
    void *p = VirtualAllocEx(process, NULL, K, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

    return p && VirtualFreeEx(all, p, 0, MEM_RELEASE);
}

static BOOL alloc2(HANDLE process)
{
    void *p = pVirtualAlloc2(process, NULL, K, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, NULL, 0);

    return p && VirtualFreeEx(all, p, 0, MEM_RELEASE);
}

static BOOL commit(HANDLE process)
{
    return VirtualAllocEx(process, reserved, K, MEM_COMMIT, PAGE_READWRITE) && VirtualFreeEx(all, reserved, K, MEM_DECOMMIT);
}

static BOOL release(HANDLE process)
{
    void *p = VirtualAllocEx(all, NULL, K, MEM_RESERVE, PAGE_READWRITE);
    BOOL done;
    DWORD error;

    SetLastError(UNTOUCHED);
    done = VirtualFreeEx(process, p ? p : pages, 0, MEM_RELEASE);
    error = GetLastError();
    if (!done && p) VirtualFreeEx(all, p, 0, MEM_RELEASE);
    SetLastError(error);
    return done;
}

static BOOL protect(HANDLE process)
{
    DWORD old = 77, again;
    BOOL done = VirtualProtectEx(process, pages, K, PAGE_READONLY, &old);

    if (!done) return FALSE;
    ok(old == PAGE_READWRITE, "old protection %#lx\n", old);
    return VirtualProtectEx(all, pages, K, old, &again);
}

static BOOL query(HANDLE process)
{
    MEMORY_BASIC_INFORMATION info;

    if (VirtualQueryEx(process, pages, &info, sizeof(info)) != sizeof(info)) return FALSE;
    ok(info.AllocationBase == pages && info.RegionSize == 2 * K && info.State == MEM_COMMIT, "base %p, size %#Ix, state %#lx\n",
       info.AllocationBase, info.RegionSize, info.State);
    return TRUE;
}

static BOOL read(HANDLE process)
{
    char buffer[8] = "before";
    SIZE_T done = 77;

    if (ReadProcessMemory(process, pages, buffer, sizeof(buffer), &done))
    {
        ok(done == sizeof(buffer) && !strcmp(buffer, "content"), "%Iu bytes: %s\n", done, buffer);
        return TRUE;
    }
    ok(!done && !strcmp(buffer, "before"), "%Iu bytes: %s\n", done, buffer);
    return FALSE;
}

static BOOL write(HANDLE process)
{
    SIZE_T done = 77;

    if (!WriteProcessMemory(process, pages, "content", 8, &done)) return FALSE;
    ok(done == 8, "%Iu bytes\n", done);
    return TRUE;
}

static BOOL flush_code(HANDLE process)
{
    return FlushInstructionCache(process, pages, K);
}

static BOOL working_set(HANDLE process)
{
    static ULONG_PTR set[0x4000];

    return QueryWorkingSet(process, set, sizeof(set));
}

static BOOL working_set_ex(HANDLE process)
{
    PSAPI_WORKING_SET_EX_INFORMATION page = { .VirtualAddress = pages };

    if (!QueryWorkingSetEx(process, &page, sizeof(page))) return FALSE;
    ok(page.VirtualAttributes.Valid, "the page is not there\n");
    return TRUE;
}

static BOOL class_of(HANDLE process, const void *address, unsigned int class, SIZE_T size)
{
    static union { char bytes[4096]; ULONG_PTR align; } buffer;
    SIZE_T returned = 0;
    NTSTATUS status;

    memset(&buffer, 0xcc, sizeof(buffer));
    status = NtQueryVirtualMemory(process, address, class, &buffer, size, &returned);
    if (status) return result(status);
    ok(returned && returned <= sizeof(buffer), "class %u returns %Iu bytes\n", class, returned);
    return TRUE;
}

static BOOL class0(HANDLE process) { return class_of(process, pages, 0, sizeof(MEMORY_BASIC_INFORMATION)); }
static BOOL class2(HANDLE process) { return class_of(process, file_view, 2, 1024); }
static BOOL class3(HANDLE process) { return class_of(process, view, 3, 0x30); }
static BOOL class5(HANDLE process) { return class_of(process, NULL, 5, 8); }
static BOOL class6(HANDLE process) { return class_of(process, image, 6, 24); }
static BOOL class7(HANDLE process) { return class_of(process, view, 7, 0x30); }

static BOOL file_name(HANDLE process)
{
    char name[MAX_PATH];

    return GetMappedFileNameA(process, file_view, name, sizeof(name)) != 0;
}

static BOOL region(HANDLE process)
{
    WIN32_MEMORY_REGION_INFORMATION info;

    return pQueryVirtualMemoryInformation(process, pages, MemoryRegionInfo, &info, sizeof(info), NULL);
}

static BOOL lock(HANDLE process)
{
    void *base = pages;
    SIZE_T size = K;

    return result(NtLockVirtualMemory(process, &base, &size, 1)) && pVirtualUnlockEx(all, pages, K);
}

static BOOL unlock(HANDLE process)
{
    void *base = pages;
    SIZE_T size = K;
    NTSTATUS locked = NtLockVirtualMemory(all, &base, &size, 1);
    BOOL done;
    DWORD error;

    SetLastError(UNTOUCHED);
    done = pVirtualUnlockEx(process, pages, K);
    error = GetLastError();
    if (!done && !locked) pVirtualUnlockEx(all, pages, K);
    SetLastError(error);
    return done;
}

static BOOL prefetch(HANDLE process)
{
    WIN32_MEMORY_RANGE_ENTRY range = { pages, K };

    return pPrefetchVirtualMemory(process, 1, &range, 0);
}

static BOOL flush_view(HANDLE process)
{
    LPCVOID base = file_view;
    SIZE_T size = K;
    IO_STATUS_BLOCK io;

    return result(pNtFlushVirtualMemory(process, &base, &size, &io));
}

static const struct call
{
    const char *name;
    BOOL (*call)(HANDLE process);
    DWORD wants, other;                 /* the rights it takes; those that do instead */
} calls[] =
{
    { "MapViewOfFileNuma2", map2, PROCESS_VM_OPERATION, 0 },
    { "MapViewOfFileNuma2 of an image", map_image, PROCESS_VM_OPERATION, 0 },
    { "MapViewOfFile3", map3, PROCESS_VM_OPERATION, 0 },
    { "UnmapViewOfFile2", unmap2, PROCESS_VM_OPERATION, 0 },
    { "VirtualAllocEx", alloc, PROCESS_VM_OPERATION, 0 },
    { "VirtualAlloc2", alloc2, PROCESS_VM_OPERATION, 0 },
    { "VirtualAllocEx to commit", commit, PROCESS_VM_OPERATION, 0 },
    { "VirtualFreeEx", release, PROCESS_VM_OPERATION, 0 },
    { "VirtualProtectEx", protect, PROCESS_VM_OPERATION, 0 },
    { "VirtualQueryEx", query, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_QUERY_INFORMATION },
    { "ReadProcessMemory", read, PROCESS_VM_READ, 0 },
    { "WriteProcessMemory", write, PROCESS_VM_WRITE | PROCESS_VM_OPERATION, 0 },
    { "FlushInstructionCache", flush_code, PROCESS_VM_WRITE, 0 },
    { "QueryWorkingSet", working_set, PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, 0 },
    { "QueryWorkingSetEx", working_set_ex, PROCESS_QUERY_INFORMATION, 0 },
    { "MemoryBasicInformation", class0, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_QUERY_INFORMATION },
    { "MemoryMappedFilenameInformation", class2, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_QUERY_INFORMATION },
    { "MemoryRegionInformation", class3, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_QUERY_INFORMATION },
    { "MemorySharedCommitInformation", class5, PROCESS_QUERY_INFORMATION, 0 },
    { "MemoryImageInformation", class6, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_QUERY_INFORMATION },
    { "MemoryRegionInformationEx", class7, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_QUERY_INFORMATION },
    { "GetMappedFileName", file_name, PROCESS_QUERY_INFORMATION, PROCESS_QUERY_LIMITED_INFORMATION },
    { "QueryVirtualMemoryInformation", region, PROCESS_QUERY_INFORMATION, PROCESS_QUERY_LIMITED_INFORMATION },
    { "NtLockVirtualMemory", lock, PROCESS_VM_OPERATION, 0 },
    { "VirtualUnlockEx", unlock, PROCESS_VM_OPERATION, 0 },
    { "PrefetchVirtualMemory", prefetch, PROCESS_VM_OPERATION, 0 },
    { "NtFlushVirtualMemory", flush_view, PROCESS_VM_OPERATION, 0 },
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

/* ---- what is there ---------------------------------------------------------------------------------------------- */

/* A number of all regions of the target and of what we put there. */
static ULONG64 fingerprint(void)
{
    ULONG64 sum = 14695981039346656037ull;
    MEMORY_BASIC_INFORMATION info;
    char *at = NULL, content[8] = "";
    const ULONG64 *words = (const ULONG64 *)&info;

    memset(&info, 0, sizeof(info));
    while (VirtualQueryEx(all, at, &info, sizeof(info)) == sizeof(info))
    {
        for (size_t i = 0; i < sizeof(info) / sizeof(*words); i++) sum = (sum ^ words[i]) * 1099511628211ull;
        at = (char *)info.BaseAddress + info.RegionSize;
    }
    ReadProcessMemory(all, pages, content, sizeof(content), NULL);
    return (sum ^ *(const ULONG64 *)content) * 1099511628211ull;
}

static BOOL timed(const struct call *call, HANDLE process)
{
    ULONGLONG start = GetTickCount64();
    BOOL done;

    SetLastError(UNTOUCHED);
    done = call->call(process);
    start = GetTickCount64() - start;
    ok(start < SOON_MS, "it took %lu ms\n", (DWORD)start);
    return done;
}

static void works_timed(const struct call *call, HANDLE process)
{
    BOOL done = timed(call, process);

    ok(done, "refused with the right: %lu\n", GetLastError());
}

static void refused(const struct call *call, const char *how, HANDLE process, DWORD error)
{
    BOOL done = timed(call, process);
    DWORD last = GetLastError();

    ok(!done, "done with a handle that is %s\n", how);
    ok(last == error, "with a handle that is %s: error %lu, expected %lu\n", how, last, error);
}

static void test_call(const struct target *target, const struct call *call)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL), enough, closed, few;
    BOOL is_dead = target->state == DEAD, watched = !is_dead && target->state != RUNNING && target->state != BUSY;
    ULONG64 before = watched ? fingerprint() : 0;

    winetest_push_context("%s, %s", target_state_names[target->state], call->name);
    enough = target_handle(target->info.hProcess, call->wants);
    if (is_dead) refused(call, "of a dead process", enough, ERROR_ACCESS_DENIED);
    else
        works_timed(call, enough);
    closed = enough;
    CloseHandle(enough);
    if (watched) ok(fingerprint() == before, "something else changed\n");

    if (is_dead)
    {
        HANDLE first = target_handle(target->info.hProcess, SYNCHRONIZE);

        refused(call, "without the right", first, ERROR_ACCESS_DENIED);
        CloseHandle(first);
    }
    for (DWORD bit = 1; bit && !is_dead; bit <<= 1)
    {
        if (!(call->wants & bit)) continue;
        if (bit == PROCESS_VM_OPERATION && (call->wants & PROCESS_VM_WRITE)) continue;  /* wanted for pages that are code */
        few = target_handle(target->info.hProcess, PROCESS_ALL_ACCESS & ~(bit | call->other));
        refused(call, "without one right", few, ERROR_ACCESS_DENIED);
        CloseHandle(few);
        if (!call->other) continue;
        few = target_handle(target->info.hProcess, call->other);
        works_timed(call, few);
        CloseHandle(few);
    }
    refused(call, "closed", closed, ERROR_INVALID_HANDLE);
    refused(call, "an event", event, ERROR_INVALID_HANDLE);
    refused(call, "a number", (HANDLE)(ULONG_PTR)0xdeadbee0, ERROR_INVALID_HANDLE);
    if (watched) ok(fingerprint() == before, "a refused call changed something\n");
    winetest_pop_context();
    CloseHandle(event);
}

static BOOL make_memory(const struct target *target, HANDLE data)
{
    all = target->info.hProcess;
    pages = VirtualAllocEx(all, NULL, 2 * K, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    reserved = VirtualAllocEx(all, NULL, K, MEM_RESERVE, PAGE_READWRITE);
    view = pMapViewOfFileNuma2(section, all, 0, NULL, 0, 0, PAGE_READWRITE, NUMA_NO_PREFERRED_NODE);
    file_view = pMapViewOfFileNuma2(data, all, 0, NULL, 0, 0, PAGE_READWRITE, NUMA_NO_PREFERRED_NODE);
    image = target_address(target, &target_is_there);
    ok(pages && reserved && view && file_view && image, "at %p, %p, %p, %p, %p: error %lu\n", pages, reserved, view, file_view,
       image, GetLastError());
    ok(WriteProcessMemory(all, pages, "content", 8, NULL), "WriteProcessMemory failed with %lu\n", GetLastError());
    return pages && reserved && view && file_view && image;
}

/* ---- killed in the middle ------------------------------------------------------------------------------------------ */

static DWORD CALLBACK killer(void *process)
{
    LARGE_INTEGER now;

    QueryPerformanceCounter(&now);
    Sleep(now.QuadPart % 5);
    TerminateProcess(process, 3);
    return 0;
}

/* Each call over and over until somebody ends the target: it is done, or says that there is no such process any more. */
static void test_killed(const struct call *call, HANDLE data, enum target_state state)
{
    struct target target;
    HANDLE thread;
    DWORD error = 0;
    BOOL done;
    int after;

    winetest_push_context("killed while %s, %s", target_state_names[state], call->name);
    if (target_start(&target, "remote_calls", state) && make_memory(&target, data))
    {
        thread = CreateThread(NULL, 0, killer, all, 0, NULL);
        for (after = 0; after < 3; after += !WaitForSingleObject(all, 0))
        {
            done = timed(call, all);
            error = GetLastError();
            if (done || error == ERROR_ACCESS_DENIED) continue;
            ok(0, "error %lu\n", error);
            break;
        }
        ok(error == ERROR_ACCESS_DENIED, "error %lu at last\n", error);
        WaitForSingleObject(thread, 5000);
        CloseHandle(thread);
    }
    target_close(&target);
    winetest_pop_context();
}

START_TEST(remote_calls)
{
    struct target target;
    HANDLE data_file, data, image_file;
    char path[MAX_PATH];

    if (!target_is_parent()) return;
    LOAD(MapViewOfFileNuma2);
    LOAD(MapViewOfFile3);
    LOAD(UnmapViewOfFile2);
    LOAD(VirtualAlloc2);
    LOAD(VirtualUnlockEx);
    LOAD(PrefetchVirtualMemory);
    LOAD(QueryVirtualMemoryInformation);
    pNtFlushVirtualMemory = (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "NtFlushVirtualMemory");
    section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 2 * G, NULL);
    data_file = temp_file(GENERIC_READ | GENERIC_WRITE, 2 * K, 'd');
    data = CreateFileMappingA(data_file, NULL, PAGE_READWRITE, 0, 0, NULL);
    GetSystemDirectoryA(path, sizeof(path));
    strcat(path, "\\version.dll");
    image_file = CreateFileA(path, GENERIC_READ | GENERIC_EXECUTE, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    file = CreateFileMappingA(image_file, NULL, PAGE_READONLY | SEC_IMAGE, 0, 0, NULL);
    ok(section && data && file, "CreateFileMapping failed with %lu\n", GetLastError());

    for (enum target_state state = RUNNING; state < DEAD; state++)
    {
        if (!target_start(&target, "remote_calls", state)) continue;
        if (make_memory(&target, data))
            for (size_t i = 0; i < CALLS; i++) test_call(&target, &calls[i]);
        target_kill(&target);
        if (state == RUNNING || state == EXITING)
            for (size_t i = 0; i < CALLS; i++) test_call(&target, &calls[i]);
        target_close(&target);
    }
    for (size_t i = 0; i < CALLS; i++) test_killed(&calls[i], data, i % 2 ? RUNNING : JUST_CREATED);
    CloseHandle(file);
    CloseHandle(image_file);
    CloseHandle(data);
    CloseHandle(data_file);
    CloseHandle(section);
}
