/* Memory, handles and threads of another process: one that was created suspended, one that runs, one that has ended;
 * handles that may, and such that may not (specification 3.4, 7, 12, 13, 18). */
#include "memory.h"
#include "psapi.h"

BOOL WINAPI GetProcessHandleCount(HANDLE, DWORD *);

#define STATUS_DEAD STATUS_PROCESS_IS_TERMINATING
#define ALL_BUT(right) (PROCESS_ALL_ACCESS & ~(right))

/* What the child and the parent look at together: the child's copy is at the same place in its image. */
static volatile LONG shared_word = 1;
static volatile LONG apc_word, thread_word, go_on = 1;

struct child
{
    PROCESS_INFORMATION info;
    char *image;                        /* where the program lies in it */
    const char *state;
};

static char *there(const struct child *child, volatile void *here)
{
    return child->image + ((char *)here - (char *)GetModuleHandleA(NULL));
}

static LONG peek(const struct child *child, volatile LONG *word)
{
    LONG value = 0;
    SIZE_T done = 0;

    ok(ReadProcessMemory(child->info.hProcess, there(child, word), &value, sizeof(value), &done) && done == sizeof(value),
       "ReadProcessMemory failed with %lu\n", GetLastError());
    return value;
}

static BOOL start_child(struct child *child, BOOL run)
{
    char command[MAX_PATH + 32];
    STARTUPINFOA startup = { .cb = sizeof(startup) };
    PROCESS_BASIC_INFORMATION basic;
    NTSTATUS status;
    SIZE_T done;
    char **argv;
    int i;

    winetest_get_mainargs(&argv);
    snprintf(command, sizeof(command), "\"%s\" remote child", argv[0]);
    if (!CreateProcessA(NULL, command, NULL, NULL, FALSE, CREATE_SUSPENDED, NULL, NULL, &startup, &child->info))
    {
        ok(0, "CreateProcess failed with %lu\n", GetLastError());
        return FALSE;
    }
    child->state = run ? "running" : "suspended";
    status = NtQueryInformationProcess(child->info.hProcess, ProcessBasicInformation, &basic, sizeof(basic), NULL);
    ok(!status, "NtQueryInformationProcess: %#lx\n", status);
    ok(ReadProcessMemory(child->info.hProcess, &basic.PebBaseAddress->ImageBaseAddress, &child->image, sizeof(child->image), &done),
       "the PEB cannot be read: %lu\n", GetLastError());
    if (!run) return TRUE;
    ok(ResumeThread(child->info.hThread) == 1, "ResumeThread failed with %lu\n", GetLastError());
    for (i = 0; i < 500 && peek(child, &shared_word) != 2; i++) Sleep(10);
    ok(peek(child, &shared_word) == 2, "the child does not come up\n");
    return TRUE;
}

static void end_child(struct child *child)
{
    DWORD code = 0;

    ok(TerminateProcess(child->info.hProcess, 77), "TerminateProcess failed with %lu\n", GetLastError());
    ok(!WaitForSingleObject(child->info.hProcess, 5000), "the child does not end\n");
    ok(GetExitCodeProcess(child->info.hProcess, &code) && code == 77, "exit code %lu\n", code);
    ok(!WaitForSingleObject(child->info.hThread, 5000), "its thread does not end\n");
    ok(GetExitCodeThread(child->info.hThread, &code) && code == 77, "exit code of the thread %lu\n", code);
}

static void close_child(struct child *child)
{
    CloseHandle(child->info.hThread);
    CloseHandle(child->info.hProcess);
}

static HANDLE with_access(const struct child *child, DWORD access)
{
    HANDLE handle = NULL;

    ok(DuplicateHandle(GetCurrentProcess(), child->info.hProcess, GetCurrentProcess(), &handle, access, FALSE, 0),
       "DuplicateHandle failed with %lu\n", GetLastError());
    return handle;
}

/* ---- memory ------------------------------------------------------------------------------------------------------- */

static void test_private(const struct child *child)
{
    HANDLE process = child->info.hProcess;
    MEMORY_BASIC_INFORMATION info;
    char buffer[2 * K], *p, *q;
    SIZE_T done;
    DWORD old;

    p = VirtualAllocEx(process, NULL, 3 * K, MEM_RESERVE, PAGE_READWRITE);
    ok(p != NULL, "VirtualAllocEx failed with %lu\n", GetLastError());
    ok(!((ULONG_PTR)p % G), "at %p\n", p);
    ok(VirtualAllocEx(process, p + K, K, MEM_COMMIT, PAGE_READWRITE) == p + K, "commit failed with %lu\n", GetLastError());
    ok(VirtualQueryEx(process, p, &info, sizeof(info)) == sizeof(info), "VirtualQueryEx failed with %lu\n", GetLastError());
    ok(info.State == MEM_RESERVE && info.RegionSize == K && info.AllocationBase == p, "state %#lx, size %#Ix\n", info.State,
       info.RegionSize);
    ok(VirtualQueryEx(process, p + K, &info, sizeof(info)) == sizeof(info), "VirtualQueryEx failed with %lu\n", GetLastError());
    ok(info.State == MEM_COMMIT && info.Protect == PAGE_READWRITE && info.Type == MEM_PRIVATE, "state %#lx\n", info.State);

    strcpy(buffer, "from outside");
    works(WriteProcessMemory(process, p + K, buffer, sizeof("from outside"), &done));
    ok(done == sizeof("from outside"), "done %#Ix\n", done);
    memset(buffer, 0, sizeof(buffer));
    works(ReadProcessMemory(process, p + K, buffer, K, &done));
    ok(done == K && !strcmp(buffer, "from outside"), "done %#Ix, %s\n", done, buffer);
    done = 1;
    fails(ReadProcessMemory(process, p, buffer, K, &done), ERROR_PARTIAL_COPY);
    ok(!done, "done %#Ix\n", done);
    done = 1;
    fails(ReadProcessMemory(process, p + K, buffer, 2 * K, &done), ERROR_PARTIAL_COPY);
    ok(!done, "done %#Ix\n", done);

    works(VirtualProtectEx(process, p + K, K, PAGE_READONLY, &old));
    ok(old == PAGE_READWRITE, "old protection %#lx\n", old);
    fails(WriteProcessMemory(process, p + K, buffer, 1, &done), ERROR_NOACCESS);
    works(VirtualProtectEx(process, p + K, K, PAGE_EXECUTE_READ, &old));
    works(WriteProcessMemory(process, p + K, "patched", 8, &done));
    works(VirtualProtectEx(process, p + K, K, PAGE_READWRITE | PAGE_GUARD, &old));
    ok(old == PAGE_EXECUTE_READ, "old protection %#lx\n", old);
    ok(!ReadProcessMemory(process, p + K, buffer, 8, &done), "a guard page was read\n");
    works(FlushInstructionCache(process, p, K));

    fails(VirtualFreeEx(process, p, K, MEM_RELEASE), ERROR_INVALID_PARAMETER);
    works(VirtualFreeEx(process, p + K, K, MEM_DECOMMIT));
    works(VirtualFreeEx(process, p, 0, MEM_RELEASE));
    fails(VirtualFreeEx(process, p, 0, MEM_RELEASE), ERROR_INVALID_ADDRESS);

    q = VirtualAllocEx(process, (void *)0x210000000000, K, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    ok(q == (void *)0x210000000000, "got %p, error %lu\n", q, GetLastError());
    fails(VirtualAllocEx(process, q, K, MEM_RESERVE, PAGE_READWRITE), ERROR_INVALID_ADDRESS);
    works(VirtualFreeEx(process, q, 0, MEM_RELEASE));
}

static void test_working_set(const struct child *child)
{
    HANDLE process = child->info.hProcess;
    SIZE_T room = 0x80000, i, size = 0x4000000;
    ULONG_PTR *set = HeapAlloc(GetProcessHeap(), 0, room);          /* a count, then entries of a page each */
    PSAPI_WORKING_SET_EX_INFORMATION *pages = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, 6000 * sizeof(*pages));
    char *p = VirtualAllocEx(process, NULL, size, MEM_COMMIT, PAGE_READWRITE);
    BOOL found = FALSE;

    works(WriteProcessMemory(process, p + K, "x", 1, NULL));
    for (i = 0; i < 6000; i++) pages[i].VirtualAddress = p + i * K;
    works(QueryWorkingSetEx(process, pages, 6000 * sizeof(*pages)));
    ok(!pages[0].VirtualAttributes.Valid && pages[1].VirtualAttributes.Valid && !pages[5999].VirtualAttributes.Valid, "valid %d %d %d\n",
       (int)pages[0].VirtualAttributes.Valid, (int)pages[1].VirtualAttributes.Valid, (int)pages[5999].VirtualAttributes.Valid);
    memset(set, 0xcc, room);
    works(QueryWorkingSet(process, set, room));
    for (i = 0; i < set[0] && i < room / 8 - 1; i++)
        if (set[i + 1] / K == (ULONG_PTR)(p + K) / K) found = TRUE;
    ok(found, "the page is not in the working set of %Iu pages\n", (SIZE_T)set[0]);
    fails(QueryWorkingSet(process, set, 64), ERROR_BAD_LENGTH);
    ok(set[0] > 8, "%Iu pages\n", (SIZE_T)set[0]);
    works(VirtualFreeEx(process, p, 0, MEM_RELEASE));
    HeapFree(GetProcessHeap(), 0, pages);
    HeapFree(GetProcessHeap(), 0, set);
}

static void test_copy_large(const struct child *child)
{
    HANDLE process = child->info.hProcess;
    SIZE_T size = 0x34567, done = 0, i;
    char *p = VirtualAllocEx(process, NULL, size, MEM_COMMIT, PAGE_READWRITE);
    char *from = HeapAlloc(GetProcessHeap(), 0, size), *to = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, size);

    for (i = 0; i < size; i++) from[i] = (char)(i * 7 + i / 256);
    works(WriteProcessMemory(process, p + 3, from, size - 3, &done));
    ok(done == size - 3, "done %#Ix\n", done);
    works(ReadProcessMemory(process, p + 3, to, size - 3, &done));
    ok(done == size - 3 && !memcmp(from, to, size - 3), "done %#Ix\n", done);
    works(VirtualFreeEx(process, p, 0, MEM_RELEASE));
    HeapFree(GetProcessHeap(), 0, from);
    HeapFree(GetProcessHeap(), 0, to);
}

static void test_view(const struct child *child)
{
    HANDLE process = child->info.hProcess, section;
    char *here, *far, buffer[32], *p;
    MEMORY_BASIC_INFORMATION info;
    SIZE_T done;
    FUNCTION(MapViewOfFileNuma2);
    FUNCTION(UnmapViewOfFile2);
    FUNCTION(MapViewOfFile3);

    LOAD(MapViewOfFileNuma2);
    LOAD(UnmapViewOfFile2);
    LOAD(MapViewOfFile3);
    section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 2 * G, NULL);
    here = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    strcpy(here + G, "one section");
    far = pMapViewOfFileNuma2(section, process, G, NULL, G, 0, PAGE_READWRITE, NUMA_NO_PREFERRED_NODE);
    ok(far != NULL, "MapViewOfFileNuma2 failed with %lu\n", GetLastError());
    ok(VirtualQueryEx(process, far, &info, sizeof(info)) == sizeof(info), "VirtualQueryEx failed with %lu\n", GetLastError());
    ok(info.Type == MEM_MAPPED && info.State == MEM_COMMIT && info.RegionSize == G && info.Protect == PAGE_READWRITE,
       "type %#lx, state %#lx, size %#Ix, protection %#lx\n", info.Type, info.State, info.RegionSize, info.Protect);
    works(ReadProcessMemory(process, far, buffer, sizeof(buffer), &done));
    ok(!strcmp(buffer, "one section"), "read %s\n", buffer);
    works(WriteProcessMemory(process, far, "seen here", 10, &done));
    ok(!strcmp(here + G, "seen here"), "the view here says %s\n", here + G);
    works(pUnmapViewOfFile2(process, far, 0));
    fails(pUnmapViewOfFile2(process, far, 0), ERROR_INVALID_ADDRESS);

    p = (char *)0x220000000000;
    far = pMapViewOfFile3(section, process, p, 0, 0, 0, PAGE_READONLY, NULL, 0);
    ok(far == p, "MapViewOfFile3 gave %p, error %lu\n", far, GetLastError());
    fails(WriteProcessMemory(process, far, "x", 1, &done), ERROR_NOACCESS);
    works(pUnmapViewOfFile2(process, far, 0));

    far = pMapViewOfFileNuma2(section, process, 0, NULL, 0, 0, PAGE_WRITECOPY, NUMA_NO_PREFERRED_NODE);
    ok(far != NULL, "MapViewOfFileNuma2 failed with %lu\n", GetLastError());
    works(WriteProcessMemory(process, far + G, "a copy", 7, &done));
    ok(!strcmp(here + G, "seen here"), "a store to a copy went through: %s\n", here + G);
    ok(VirtualQueryEx(process, far + G, &info, sizeof(info)) && info.Protect == PAGE_READWRITE && info.RegionSize == K,
       "protection %#lx, size %#Ix\n", info.Protect, info.RegionSize);
    works(pUnmapViewOfFile2(process, far, 0));
    UnmapViewOfFile(here);
    CloseHandle(section);
}

/* A view outlives the handle of its section, and the process that mapped it may close all it has. */
static void test_file_view(const struct child *child)
{
    HANDLE process = child->info.hProcess, file, section;
    char path[MAX_PATH], folder[MAX_PATH], mapped[MAX_PATH] = "", *far, buffer[16];
    SIZE_T done;
    DWORD n;
    FUNCTION(MapViewOfFileNuma2);
    FUNCTION(UnmapViewOfFile2);

    LOAD(MapViewOfFileNuma2);
    LOAD(UnmapViewOfFile2);
    GetTempPathA(sizeof(folder), folder);
    GetTempFileNameA(folder, "rem", 0, path);
    file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    ok(file != INVALID_HANDLE_VALUE, "CreateFile failed with %lu\n", GetLastError());
    WriteFile(file, "in the file", 12, &n, NULL);
    section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    ok(section != NULL, "CreateFileMapping failed with %lu\n", GetLastError());
    far = pMapViewOfFileNuma2(section, process, 0, NULL, 0, 0, PAGE_READWRITE, NUMA_NO_PREFERRED_NODE);
    ok(far != NULL, "MapViewOfFileNuma2 failed with %lu\n", GetLastError());
    CloseHandle(section);
    works(ReadProcessMemory(process, far, buffer, 12, &done));
    ok(!strcmp(buffer, "in the file"), "read %s\n", buffer);
    works(WriteProcessMemory(process, far, "IN", 2, &done));
    n = GetMappedFileNameA(process, far, mapped, sizeof(mapped));
    ok(n > 8 && strlen(path) > 8 && !_stricmp(mapped + n - 8, path + strlen(path) - 8), "%s is mapped, not %s (error %lu)\n",
       mapped, path, GetLastError());
    works(pUnmapViewOfFile2(process, far, 0));
    SetFilePointer(file, 0, NULL, FILE_BEGIN);
    ok(ReadFile(file, buffer, 12, &n, NULL) && !strcmp(buffer, "IN the file"), "the file says %s\n", buffer);
    CloseHandle(file);
    ok(DeleteFileA(path), "DeleteFile failed with %lu\n", GetLastError());
}

static void test_rights(const struct child *child)
{
    HANDLE process = with_access(child, ALL_BUT(PROCESS_VM_OPERATION)), section;
    MEMORY_BASIC_INFORMATION info;
    char *word = there(child, &shared_word), buffer[4];
    SIZE_T done;
    DWORD old;
    FUNCTION(MapViewOfFileNuma2);
    FUNCTION(UnmapViewOfFile2);

    LOAD(MapViewOfFileNuma2);
    LOAD(UnmapViewOfFile2);
    section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, G, NULL);
    fails(VirtualAllocEx(process, NULL, K, MEM_RESERVE, PAGE_READWRITE), ERROR_ACCESS_DENIED);
    fails(VirtualFreeEx(process, word, 0, MEM_RELEASE), ERROR_ACCESS_DENIED);
    fails(VirtualProtectEx(process, word, 4, PAGE_READWRITE, &old), ERROR_ACCESS_DENIED);
    fails(pMapViewOfFileNuma2(section, process, 0, NULL, 0, 0, PAGE_READWRITE, NUMA_NO_PREFERRED_NODE), ERROR_ACCESS_DENIED);
    fails(pUnmapViewOfFile2(process, word, 0), ERROR_ACCESS_DENIED);
    CloseHandle(process);

    process = with_access(child, ALL_BUT(PROCESS_VM_READ));
    done = 1;
    fails(ReadProcessMemory(process, word, buffer, 4, &done), ERROR_ACCESS_DENIED);
    ok(!done, "done %#Ix\n", done);
    CloseHandle(process);

    process = with_access(child, ALL_BUT(PROCESS_VM_WRITE));
    fails(WriteProcessMemory(process, word, buffer, 4, &done), ERROR_ACCESS_DENIED);
    CloseHandle(process);

    process = with_access(child, SYNCHRONIZE | PROCESS_VM_READ);
    fails(VirtualQueryEx(process, word, &info, sizeof(info)), ERROR_ACCESS_DENIED);
    CloseHandle(process);

    process = with_access(child, ALL_BUT(PROCESS_CREATE_THREAD));
    fails(CreateRemoteThread(process, NULL, 0, (void *)word, NULL, CREATE_SUSPENDED, NULL), ERROR_ACCESS_DENIED);
    CloseHandle(process);

    process = with_access(child, ALL_BUT(PROCESS_DUP_HANDLE));
    fails(DuplicateHandle(GetCurrentProcess(), section, process, &section, 0, FALSE, DUPLICATE_SAME_ACCESS), ERROR_ACCESS_DENIED);
    CloseHandle(process);

    process = with_access(child, ALL_BUT(PROCESS_TERMINATE));
    fails(TerminateProcess(process, 1), ERROR_ACCESS_DENIED);
    CloseHandle(process);
    CloseHandle(section);
}

/* ---- handles ------------------------------------------------------------------------------------------------------- */

static void test_duplicate(const struct child *child)
{
    HANDLE process = child->info.hProcess, me = GetCurrentProcess(), event, far, back, section;
    DWORD flags;

    event = CreateEventA(NULL, TRUE, FALSE, NULL);
    works(DuplicateHandle(me, event, process, &far, 0, FALSE, DUPLICATE_SAME_ACCESS));
    works(DuplicateHandle(process, far, me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS));
    ok(WaitForSingleObject(back, 0) == WAIT_TIMEOUT, "it is set\n");
    SetEvent(event);
    ok(!WaitForSingleObject(back, 1000), "it is another event\n");
    CloseHandle(back);
    works(DuplicateHandle(process, far, me, &back, SYNCHRONIZE, TRUE, 0));
    fails(SetEvent(back), ERROR_ACCESS_DENIED);
    ok(GetHandleInformation(back, &flags) && flags == HANDLE_FLAG_INHERIT, "flags %#lx\n", flags);
    CloseHandle(back);
    works(DuplicateHandle(process, far, process, &back, 0, FALSE, DUPLICATE_SAME_ACCESS));
    works(DuplicateHandle(process, back, NULL, NULL, 0, FALSE, DUPLICATE_CLOSE_SOURCE));
    works(DuplicateHandle(process, far, me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    fails(DuplicateHandle(process, far, me, &far, 0, FALSE, DUPLICATE_SAME_ACCESS), ERROR_INVALID_HANDLE);
    CloseHandle(back);
    CloseHandle(event);

    section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, G, NULL);
    works(DuplicateHandle(me, section, process, &far, 0, FALSE, DUPLICATE_SAME_ACCESS));
    works(DuplicateHandle(process, far, me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    {
        char *one = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0), *other = MapViewOfFile(back, FILE_MAP_READ, 0, 0, 0);

        ok(one && other, "MapViewOfFile failed with %lu\n", GetLastError());
        strcpy(one, "there and back");
        ok(!strcmp(other, "there and back"), "another section: %s\n", other);
        UnmapViewOfFile(one);
        UnmapViewOfFile(other);
    }
    CloseHandle(back);
    CloseHandle(section);

    works(DuplicateHandle(process, GetCurrentProcess(), me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS));    /* the child itself */
    ok(GetProcessId(back) == child->info.dwProcessId, "process %lu\n", GetProcessId(back));
    CloseHandle(back);
}

/* ---- threads ----------------------------------------------------------------------------------------------------------- */

static DWORD CALLBACK thread_proc(void *arg)
{
    InterlockedExchangeAdd(&thread_word, (LONG)(LONG_PTR)arg);
    return 1234;
}

static DWORD CALLBACK spinning_proc(void *arg)
{
    (void)arg;
    while (go_on) thread_word++;
    return 5;
}

static void CALLBACK apc_proc(ULONG_PTR arg)
{
    InterlockedExchangeAdd(&apc_word, (LONG)arg);
}

static void test_threads(const struct child *child)
{
    HANDLE process = child->info.hProcess, thread, opened;
    CONTEXT context = { .ContextFlags = CONTEXT_CONTROL | CONTEXT_INTEGER };
    THREAD_BASIC_INFORMATION basic;
    DWORD code = 0, id = 0;
    LONG before, zero = 0;
    SIZE_T done;

    before = peek(child, &thread_word);
    thread = CreateRemoteThread(process, NULL, 0, (LPTHREAD_START_ROUTINE)there(child, thread_proc), (void *)7, CREATE_SUSPENDED, &id);
    ok(thread && id, "CreateRemoteThread failed with %lu\n", GetLastError());
    ok(WaitForSingleObject(thread, 20) == WAIT_TIMEOUT, "it runs\n");
    ok(!NtQueryInformationThread(thread, ThreadBasicInformation, &basic, sizeof(basic), NULL), "ThreadBasicInformation failed\n");
    ok(HandleToULong(basic.ClientId.UniqueThread) == id && HandleToULong(basic.ClientId.UniqueProcess) == child->info.dwProcessId,
       "thread %p of %p\n", basic.ClientId.UniqueThread, basic.ClientId.UniqueProcess);
    ok(basic.ExitStatus == STATUS_PENDING, "exit status %#lx\n", basic.ExitStatus);
    opened = OpenThread(THREAD_SUSPEND_RESUME, FALSE, id);
    ok(opened != NULL, "OpenThread failed with %lu\n", GetLastError());
    ok(SuspendThread(opened) == 1, "SuspendThread failed with %lu\n", GetLastError());
    fails(GetThreadContext(opened, &context), ERROR_ACCESS_DENIED);
    ok(ResumeThread(opened) == 2, "ResumeThread failed with %lu\n", GetLastError());
    works(GetThreadContext(thread, &context));
    ok(context.Rcx == (ULONG_PTR)there(child, thread_proc) && context.Rdx == 7, "starts at %#Ix with %#Ix\n",
       (SIZE_T)context.Rcx, (SIZE_T)context.Rdx);
    context.Rdx = 9;
    works(SetThreadContext(thread, &context));
    CloseHandle(opened);
    ok(ResumeThread(thread) == 1, "ResumeThread failed with %lu\n", GetLastError());
    ok(!WaitForSingleObject(thread, 5000), "it does not end\n");
    ok(GetExitCodeThread(thread, &code) && code == 1234, "exit code %lu\n", code);
    ok(peek(child, &thread_word) == before + 9, "it said %ld\n", peek(child, &thread_word) - before);
    fails(SuspendThread(thread) + 1, ERROR_ACCESS_DENIED);
    CloseHandle(thread);

    thread = CreateRemoteThread(process, NULL, 0, (LPTHREAD_START_ROUTINE)there(child, spinning_proc), NULL, 0, &id);
    ok(thread != NULL, "CreateRemoteThread failed with %lu\n", GetLastError());
    for (before = peek(child, &thread_word); peek(child, &thread_word) == before;) Sleep(1);
    ok(!SuspendThread(thread), "SuspendThread failed with %lu\n", GetLastError());
    before = peek(child, &thread_word);
    Sleep(20);
    ok(peek(child, &thread_word) == before, "it goes on\n");
    works(GetThreadContext(thread, &context));
    ok((char *)context.Rip > there(child, spinning_proc) && (char *)context.Rip < there(child, spinning_proc) + 256, "at %#Ix\n",
       (SIZE_T)context.Rip);
    works(WriteProcessMemory(process, there(child, &go_on), &zero, sizeof(zero), &done));
    ok(ResumeThread(thread) == 1, "ResumeThread failed with %lu\n", GetLastError());
    ok(!WaitForSingleObject(thread, 5000), "it does not end\n");
    ok(GetExitCodeThread(thread, &code) && code == 5, "exit code %lu\n", code);
    CloseHandle(thread);

    thread = CreateRemoteThread(process, NULL, 0, (LPTHREAD_START_ROUTINE)there(child, thread_proc), NULL, CREATE_SUSPENDED, &id);
    works(TerminateThread(thread, 99));
    ok(!WaitForSingleObject(thread, 5000), "it does not end\n");
    ok(GetExitCodeThread(thread, &code) && code == 99, "exit code %lu\n", code);
    CloseHandle(thread);
}

static void test_thread_name(const struct child *child)
{
    WCHAR *name = NULL;
    HRESULT hr;
    FUNCTION(SetThreadDescription);
    FUNCTION(GetThreadDescription);

    LOAD(SetThreadDescription);
    LOAD(GetThreadDescription);
    hr = pSetThreadDescription(child->info.hThread, L"named from outside");
    ok(SUCCEEDED(hr), "SetThreadDescription: %#lx\n", hr);
    hr = pGetThreadDescription(child->info.hThread, &name);
    ok(SUCCEEDED(hr) && name && !wcscmp(name, L"named from outside"), "GetThreadDescription: %#lx\n", hr);
    LocalFree(name);
}

static void test_information(const struct child *child)
{
    HANDLE process = child->info.hProcess;
    PROCESS_MEMORY_COUNTERS counters = { .cb = sizeof(counters) };
    SIZE_T minimum = 0, maximum = 0;

    works(GetProcessMemoryInfo(process, &counters, sizeof(counters)));
    ok(counters.WorkingSetSize >= 0x10000 && counters.PagefileUsage, "working set %#Ix\n", counters.WorkingSetSize);
    works(SetProcessWorkingSetSize(process, 0x123000, 0x456000));
    works(GetProcessWorkingSetSize(process, &minimum, &maximum));
    ok(minimum == 0x123000 && maximum == 0x456000, "%#Ix to %#Ix\n", minimum, maximum);
    works(GetProcessWorkingSetSize(GetCurrentProcess(), &minimum, &maximum));
    ok(minimum != 0x123000, "it was set here\n");
}

/* Asking leaves nothing behind. */
static void test_handles(const struct child *child)
{
    DWORD before = 0, after = 0, mine = 0, mine_after = 0;

    works(GetProcessHandleCount(child->info.hProcess, &before));
    works(GetProcessHandleCount(GetCurrentProcess(), &mine));
    test_duplicate(child);
    test_view(child);
    test_thread_name(child);
    works(GetProcessHandleCount(child->info.hProcess, &after));
    works(GetProcessHandleCount(GetCurrentProcess(), &mine_after));
    ok(after == before, "%lu handles, before it were %lu\n", after, before);
    ok(mine_after == mine, "%lu handles here, before it were %lu\n", mine_after, mine);
}

static void test_apc(const struct child *child)
{
    LONG before = peek(child, &apc_word);
    int i;

    ok(QueueUserAPC((PAPCFUNC)there(child, apc_proc), child->info.hThread, 3), "QueueUserAPC failed with %lu\n", GetLastError());
    for (i = 0; i < 500 && peek(child, &apc_word) == before; i++) Sleep(10);
    ok(peek(child, &apc_word) == before + 3, "the APC did not run\n");
}

/* ---- a process that is no more ----------------------------------------------------------------------------------------- */

static void test_dead(const struct child *child)
{
    HANDLE process = child->info.hProcess, event, far;
    SIZE_T size = K, done;
    MEMORY_BASIC_INFORMATION info;
    void *base = NULL;
    NTSTATUS status;
    char buffer[4];

    status = NtAllocateVirtualMemory(process, &base, 0, &size, MEM_RESERVE, PAGE_READWRITE);
    ok(status == STATUS_DEAD, "NtAllocateVirtualMemory: %#lx\n", status);
    ok(!VirtualAllocEx(process, NULL, K, MEM_RESERVE, PAGE_READWRITE), "VirtualAllocEx succeeded\n");
    ok(!VirtualQueryEx(process, child->image, &info, sizeof(info)), "VirtualQueryEx succeeded\n");
    status = NtReadVirtualMemory(process, child->image, buffer, 4, &done);
    ok(status == STATUS_DEAD, "NtReadVirtualMemory: %#lx\n", status);
    status = NtWriteVirtualMemory(process, child->image, buffer, 4, &done);
    ok(status == STATUS_DEAD, "NtWriteVirtualMemory: %#lx\n", status);
    event = CreateEventA(NULL, TRUE, FALSE, NULL);
    fails(DuplicateHandle(GetCurrentProcess(), event, process, &far, 0, FALSE, DUPLICATE_SAME_ACCESS), ERROR_ACCESS_DENIED);
    CloseHandle(event);
    ok(!CreateRemoteThread(process, NULL, 0, (LPTHREAD_START_ROUTINE)child->image, NULL, 0, NULL), "CreateRemoteThread succeeded\n");
    status = NtSuspendThread(child->info.hThread, NULL);
    ok(status == STATUS_THREAD_IS_TERMINATING, "NtSuspendThread: %#lx\n", status);
}

/* An image of a DLL, put there from outside: at another address if that of its own is taken. */
static void test_image(const struct child *child)
{
    HANDLE process = child->info.hProcess, file, section = NULL;
    char path[MAX_PATH], header[2] = { 0 };
    LARGE_INTEGER offset = { .QuadPart = 0 };
    MEMORY_BASIC_INFORMATION info;
    void *base = NULL;
    SIZE_T size = 0, done;
    NTSTATUS status;

    GetSystemDirectoryA(path, sizeof(path));
    strcat(path, "\\ntdll.dll");
    file = CreateFileA(path, GENERIC_READ | GENERIC_EXECUTE, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    ok(file != INVALID_HANDLE_VALUE, "CreateFile failed with %lu\n", GetLastError());
    status = NtCreateSection(&section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READONLY, SEC_IMAGE, file);
    ok(!status, "NtCreateSection: %#lx\n", status);
    status = NtMapViewOfSection(section, process, &base, 0, 0, &offset, &size, ViewShare, 0, PAGE_READONLY);
    ok(status == STATUS_IMAGE_NOT_AT_BASE, "NtMapViewOfSection: %#lx\n", status);
    works(ReadProcessMemory(process, base, header, 2, &done));
    ok(header[0] == 'M' && header[1] == 'Z', "no image\n");
    ok(VirtualQueryEx(process, base, &info, sizeof(info)) && info.Type == MEM_IMAGE, "type %#lx\n", info.Type);
    status = NtUnmapViewOfSection(process, base);
    ok(!status, "NtUnmapViewOfSection: %#lx\n", status);
    NtClose(section);
    CloseHandle(file);
}

static DWORD CALLBACK killer(void *arg)
{
    Sleep(GetTickCount() % 7);
    TerminateProcess(arg, 3);
    return 0;
}

/* Whatever it is in the midst of: each call returns, and soon. */
static void test_killed(void)
{
    HANDLE thread, section, far;
    struct child child;
    DWORD start, longest;
    void *p, *q;
    int i, round;
    FUNCTION(MapViewOfFileNuma2);
    FUNCTION(UnmapViewOfFile2);

    LOAD(MapViewOfFileNuma2);
    LOAD(UnmapViewOfFile2);
    section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, G, NULL);
    for (round = 0; round < 8; round++)
    {
        if (!start_child(&child, round % 2)) return;
        thread = CreateThread(NULL, 0, killer, child.info.hProcess, 0, NULL);
        for (i = 0, longest = 0; i < 1000000 && WaitForSingleObject(thread, 0); i++)
        {
            start = GetTickCount();
            if ((p = pMapViewOfFileNuma2(section, child.info.hProcess, 0, NULL, 0, 0, PAGE_READWRITE, NUMA_NO_PREFERRED_NODE)))
                pUnmapViewOfFile2(child.info.hProcess, p, 0);
            if ((q = VirtualAllocEx(child.info.hProcess, NULL, G, MEM_COMMIT, PAGE_READWRITE)))
                VirtualFreeEx(child.info.hProcess, q, 0, MEM_RELEASE);
            if (DuplicateHandle(GetCurrentProcess(), section, child.info.hProcess, &far, 0, FALSE, DUPLICATE_SAME_ACCESS))
                DuplicateHandle(child.info.hProcess, far, NULL, NULL, 0, FALSE, DUPLICATE_CLOSE_SOURCE);
            if (GetTickCount() - start > longest) longest = GetTickCount() - start;
        }
        ok(longest < 2000, "a call took %lu ms\n", longest);
        ok(!WaitForSingleObject(child.info.hProcess, 2000), "it does not end\n");
        ok(!VirtualAllocEx(child.info.hProcess, NULL, G, MEM_COMMIT, PAGE_READWRITE), "memory in a dead process\n");
        CloseHandle(thread);
        close_child(&child);
    }
    CloseHandle(section);
}

static void test_all(BOOL run)
{
    struct child child;

    if (!start_child(&child, run)) return;
    winetest_push_context("%s", child.state);
    test_private(&child);
    test_copy_large(&child);
    test_working_set(&child);
    test_view(&child);
    test_file_view(&child);
    test_image(&child);
    test_rights(&child);
    test_duplicate(&child);
    test_threads(&child);
    test_thread_name(&child);
    test_information(&child);
    test_handles(&child);
    if (run) test_apc(&child);
    end_child(&child);
    test_dead(&child);
    winetest_pop_context();
    close_child(&child);
}

START_TEST(remote)
{
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    if (argc >= 3 && !strcmp(argv[2], "child"))
    {
        shared_word = 2;
        for (;;) SleepEx(INFINITE, TRUE);
    }
    test_all(FALSE);
    test_all(TRUE);
    test_killed();
}
