/* What a handle on a process allows, in each state of the process; what others see of it meanwhile; how it ends. */
#include "target.h"
#include "tlhelp32.h"
#include <stdlib.h>

BOOL WINAPI GetProcessHandleCount(HANDLE, DWORD *);

static struct target target;

/* ---- each call with each handle ---------------------------------------------------------------------------------- */

static BOOL exit_code(HANDLE process)
{
    DWORD code = 1;

    if (!GetExitCodeProcess(process, &code)) return FALSE;
    ok(code == (target.state == DEAD ? 0xdead0001 : STILL_ACTIVE), "exit code %#lx\n", code);
    return TRUE;
}

static BOOL process_id(HANDLE process)
{
    DWORD id = GetProcessId(process);

    if (!id) return FALSE;
    ok(id == target.info.dwProcessId, "id %#lx\n", id);
    return TRUE;
}

static BOOL times(HANDLE process)
{
    FILETIME time[4];

    return GetProcessTimes(process, &time[0], &time[1], &time[2], &time[3]);
}

static BOOL image_name(HANDLE process)
{
    char name[MAX_PATH], self[MAX_PATH];
    DWORD size = sizeof(name);

    if (!QueryFullProcessImageNameA(process, 0, name, &size)) return FALSE;
    GetModuleFileNameA(NULL, self, sizeof(self));
    ok(!lstrcmpiA(name, self), "it is %s\n", name);
    return TRUE;
}

static BOOL priority(HANDLE process)
{
    DWORD class = GetPriorityClass(process);

    if (!class) return FALSE;
    ok(class == NORMAL_PRIORITY_CLASS, "class %#lx\n", class);
    return TRUE;
}

static BOOL set_priority(HANDLE process)
{
    return SetPriorityClass(process, NORMAL_PRIORITY_CLASS);
}

static BOOL handles(HANDLE process)
{
    DWORD count = 0;

    return GetProcessHandleCount(process, &count);
}

static BOOL memory(HANDLE process)
{
    PROCESS_MEMORY_COUNTERS counters = { .cb = sizeof(counters) };

    return GetProcessMemoryInfo(process, &counters, sizeof(counters));
}

static BOOL waited(HANDLE process)
{
    DWORD result = WaitForSingleObject(process, 0);

    if (result == WAIT_FAILED) return FALSE;
    ok(result == (target.state == DEAD ? WAIT_OBJECT_0 : WAIT_TIMEOUT), "result %#lx\n", result);
    return TRUE;
}

static BOOL duplicate_to(HANDLE process)
{
    HANDLE far;

    if (!DuplicateHandle(GetCurrentProcess(), target.info.hThread, process, &far, 0, FALSE, DUPLICATE_SAME_ACCESS)) return FALSE;
    return DuplicateHandle(target.info.hProcess, far, NULL, NULL, 0, FALSE, DUPLICATE_CLOSE_SOURCE);
}

static BOOL duplicate_from(HANDLE process)
{
    HANDLE here;

    if (!DuplicateHandle(process, GetCurrentProcess(), GetCurrentProcess(), &here, 0, FALSE, DUPLICATE_SAME_ACCESS)) return FALSE;
    ok(GetProcessId(here) == target.info.dwProcessId, "id %lu\n", GetProcessId(here));
    return CloseHandle(here);
}

static BOOL suspend(HANDLE process)
{
    NTSTATUS status = NtSuspendProcess(process);

    if (!status) return !NtResumeProcess(target.info.hProcess);
    SetLastError(RtlNtStatusToDosError(status));
    return FALSE;
}

static BOOL modules(HANDLE process)
{
    HMODULE list[64];
    DWORD need = 0;

    return EnumProcessModules(process, list, sizeof(list), &need);
}

#define ANY ~0u                         /* it returns; what it says depends on how far the process has come */

static const struct process_call
{
    const char *name;
    BOOL (*call)(HANDLE process);
    DWORD wants, other, dead;           /* the rights; one that includes them; the error for a dead process */
} calls[] =
{
    { "GetExitCodeProcess", exit_code, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_QUERY_INFORMATION, 0 },
    { "GetProcessId", process_id, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_QUERY_INFORMATION, 0 },
    { "GetProcessTimes", times, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_QUERY_INFORMATION, 0 },
    { "QueryFullProcessImageName", image_name, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_QUERY_INFORMATION, ANY },
    { "GetPriorityClass", priority, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_QUERY_INFORMATION, 0 },
    { "SetPriorityClass", set_priority, PROCESS_SET_INFORMATION, 0, ANY },
    { "GetProcessHandleCount", handles, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_QUERY_INFORMATION, ANY },
    { "GetProcessMemoryInfo", memory, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_QUERY_INFORMATION, ANY },
    { "WaitForSingleObject", waited, SYNCHRONIZE, 0, 0 },
    { "DuplicateHandle into it", duplicate_to, PROCESS_DUP_HANDLE, 0, ERROR_ACCESS_DENIED },
    { "DuplicateHandle out of it", duplicate_from, PROCESS_DUP_HANDLE, 0, ERROR_ACCESS_DENIED },
    { "NtSuspendProcess", suspend, PROCESS_SUSPEND_RESUME, 0, ERROR_ACCESS_DENIED },
    { "EnumProcessModules", modules, PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, 0, ANY },
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

static void expect(const struct process_call *call, const char *how, HANDLE process, DWORD error)
{
    ULONGLONG start = GetTickCount64();
    DWORD last;
    BOOL done;

    SetLastError(UNTOUCHED);
    done = call->call(process);
    last = GetLastError();
    start = GetTickCount64() - start;
    ok(start < SOON_MS, "it took %lu ms with a handle that %s\n", (DWORD)start, how);
    if (error == ANY) return;
    ok(done == !error, "with a handle that %s: %s, error %lu\n", how, done ? "done" : "refused", last);
    if (!done && error) ok(last == error, "with a handle that %s: error %lu, expected %lu\n", how, last, error);
}

static void test_call(const struct process_call *call)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL), handle;
    DWORD good = target.state == DEAD ? call->dead : call->call == modules && target.state == JUST_CREATED ? ANY : 0, bit, lacking;

    winetest_push_context("%s, %s", target_state_names[target.state], call->name);
    handle = target_handle(target.info.hProcess, call->wants);
    expect(call, "is enough", handle, good);
    CloseHandle(handle);
    if (call->other)
    {
        handle = target_handle(target.info.hProcess, call->other);
        expect(call, "is more than enough", handle, good);
        CloseHandle(handle);
    }
    for (bit = 1; bit; bit <<= 1)
    {
        if (!(call->wants & bit)) continue;
        lacking = bit | call->other | (bit == PROCESS_QUERY_INFORMATION ? PROCESS_QUERY_LIMITED_INFORMATION : 0);
        handle = target_handle(target.info.hProcess, PROCESS_ALL_ACCESS & ~lacking);
        expect(call, "lacks a right", handle, ERROR_ACCESS_DENIED);
        CloseHandle(handle);
    }
    expect(call, "is closed", handle, ERROR_INVALID_HANDLE);
    if (call->call != waited) expect(call, "is an event", event, ERROR_INVALID_HANDLE);
    CloseHandle(event);
    winetest_pop_context();
}

/* ---- what is granted ------------------------------------------------------------------------------------------------ */

static DWORD granted(HANDLE handle)
{
    OBJECT_BASIC_INFORMATION info = { 0 };
    NTSTATUS status = NtQueryObject(handle, ObjectBasicInformation, &info, sizeof(info), NULL);

    ok(!status, "NtQueryObject: %#lx\n", status);
    CloseHandle(handle);
    return info.GrantedAccess;
}

/* Rights that include others, and generic ones. */
static void test_rights(void)
{
    static const DWORD process_rights[][2] =
    {
        { PROCESS_QUERY_INFORMATION, PROCESS_QUERY_INFORMATION | PROCESS_QUERY_LIMITED_INFORMATION },
        { PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_QUERY_LIMITED_INFORMATION },
        { PROCESS_SET_INFORMATION, PROCESS_SET_INFORMATION | 0x2000 },          /* PROCESS_SET_LIMITED_INFORMATION */
        { SYNCHRONIZE, SYNCHRONIZE },
        { PROCESS_ALL_ACCESS, PROCESS_ALL_ACCESS },
        { MAXIMUM_ALLOWED, PROCESS_ALL_ACCESS },
        { GENERIC_ALL, PROCESS_ALL_ACCESS },
        { GENERIC_READ, STANDARD_RIGHTS_READ | PROCESS_VM_READ | PROCESS_QUERY_INFORMATION | PROCESS_QUERY_LIMITED_INFORMATION },
    };
    static const DWORD thread_rights[][2] =
    {
        { THREAD_QUERY_INFORMATION, THREAD_QUERY_INFORMATION | THREAD_QUERY_LIMITED_INFORMATION },
        { THREAD_SET_INFORMATION, THREAD_SET_INFORMATION | THREAD_SET_LIMITED_INFORMATION },
        { THREAD_SUSPEND_RESUME, THREAD_SUSPEND_RESUME },
        { SYNCHRONIZE, SYNCHRONIZE },
        { MAXIMUM_ALLOWED, THREAD_ALL_ACCESS },
        { GENERIC_ALL, THREAD_ALL_ACCESS },
    };
    HANDLE handle;
    DWORD access;

    for (size_t i = 0; i < sizeof(process_rights) / sizeof(process_rights[0]); i++)
    {
        handle = OpenProcess(process_rights[i][0], FALSE, target.info.dwProcessId);
        ok(handle != NULL, "OpenProcess failed with %lu\n", GetLastError());
        access = granted(handle);
        ok(access == process_rights[i][1], "%#lx gave %#lx\n", process_rights[i][0], access);
    }
    for (size_t i = 0; i < sizeof(thread_rights) / sizeof(thread_rights[0]); i++)
    {
        handle = OpenThread(thread_rights[i][0], FALSE, target.info.dwThreadId);
        ok(handle != NULL, "OpenThread failed with %lu\n", GetLastError());
        access = granted(handle);
        ok(access == thread_rights[i][1], "%#lx gave %#lx\n", thread_rights[i][0], access);
    }
}

/* ---- what others see -------------------------------------------------------------------------------------------------- */

static void test_snapshots(void)
{
    PROCESSENTRY32 process = { .dwSize = sizeof(process) };
    THREADENTRY32 thread = { .dwSize = sizeof(thread) };
    MODULEENTRY32 module = { .dwSize = sizeof(module) };
    DWORD processes = 0, threads = 0, count = 0, error;
    ULONGLONG start = GetTickCount64();
    BOOL has_ntdll = FALSE;
    HANDLE snapshot;

    winetest_push_context("%s", target_state_names[target.state]);
    snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS | TH32CS_SNAPTHREAD, 0);
    ok(snapshot != INVALID_HANDLE_VALUE, "CreateToolhelp32Snapshot failed with %lu\n", GetLastError());
    for (BOOL more = Process32First(snapshot, &process); more; more = Process32Next(snapshot, &process))
    {
        if (process.th32ProcessID != target.info.dwProcessId) continue;
        processes++;
        ok(process.th32ParentProcessID == GetCurrentProcessId(), "parent %lu\n", process.th32ParentProcessID);
    }
    for (BOOL more = Thread32First(snapshot, &thread); more; more = Thread32Next(snapshot, &thread))
        if (thread.th32OwnerProcessID == target.info.dwProcessId && thread.th32ThreadID == target.info.dwThreadId) threads++;
    ok(processes == (target.state != DEAD), "there %lu times\n", processes);
    ok(threads == (target.state != DEAD), "its thread is there %lu times\n", threads);
    CloseHandle(snapshot);

    SetLastError(UNTOUCHED);
    snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPMODULE, target.info.dwProcessId);
    error = GetLastError();
    start = GetTickCount64() - start;
    ok(start < SOON_MS, "it took %lu ms\n", (DWORD)start);
    if (target.state == DEAD)
        ok(snapshot == INVALID_HANDLE_VALUE && (error == ERROR_ACCESS_DENIED || error == ERROR_INVALID_PARAMETER ||
           error == ERROR_PARTIAL_COPY), "error %lu\n", error);
    else if (target.state == JUST_CREATED)      /* nothing is loaded yet, and Windows says so by an error */
        ok(snapshot != INVALID_HANDLE_VALUE || error == ERROR_PARTIAL_COPY, "error %lu\n", error);
    else
    {
        ok(snapshot != INVALID_HANDLE_VALUE, "CreateToolhelp32Snapshot failed with %lu\n", error);
        for (BOOL more = Module32First(snapshot, &module); more; more = Module32Next(snapshot, &module), count++)
        {
            if (!lstrcmpiA(module.szModule, "ntdll.dll")) has_ntdll = TRUE;
            ok(module.th32ProcessID == target.info.dwProcessId, "of process %lu\n", module.th32ProcessID);
        }
        ok(count > 3 && has_ntdll, "%lu modules\n", count);
    }
    if (snapshot != INVALID_HANDLE_VALUE) CloseHandle(snapshot);
    winetest_pop_context();
}

/* ---- ends ----------------------------------------------------------------------------------------------------------- */

static void test_terminate(void)
{
    HANDLE few = target_handle(target.info.hProcess, PROCESS_ALL_ACCESS & ~PROCESS_TERMINATE);
    HANDLE only = target_handle(target.info.hProcess, PROCESS_TERMINATE);

    winetest_push_context("%s", target_state_names[target.state]);
    fails(TerminateProcess(few, 1), ERROR_ACCESS_DENIED);
    fails(TerminateProcess((HANDLE)(ULONG_PTR)0xdeadbee0, 1), ERROR_INVALID_HANDLE);
    fails(TerminateProcess(NULL, 1), ERROR_INVALID_HANDLE);
    ok(WaitForSingleObject(few, 20) == WAIT_TIMEOUT, "it has ended\n");
    works(TerminateProcess(only, 0xdead0001));
    ok(!WaitForSingleObject(few, 5000), "it does not end\n");
    fails(TerminateProcess(only, 2), ERROR_ACCESS_DENIED);      /* it is dead already */
    target_kill_seen(&target);
    CloseHandle(few);
    CloseHandle(only);
    winetest_pop_context();
}

/* As many as one can wait for: any of them, then all. */
static void test_many(void)
{
    STARTUPINFOA startup = { .cb = sizeof(startup) };
    char line[2 * MAX_PATH], self[MAX_PATH];
    HANDLE list[MAXIMUM_WAIT_OBJECTS];
    PROCESS_INFORMATION info;
    DWORD i, code, result;

    GetModuleFileNameA(NULL, self, sizeof(self));
    for (i = 0; i < MAXIMUM_WAIT_OBJECTS; i++)
    {
        snprintf(line, sizeof(line), "\"%s\" process_access code %#lx", self, 0xc0000000 + i * 0x01010101);
        if (!CreateProcessA(NULL, line, NULL, NULL, FALSE, CREATE_SUSPENDED, NULL, NULL, &startup, &info)) break;
        list[i] = info.hProcess;
        if (i % 8) ResumeThread(info.hThread);
        CloseHandle(info.hThread);
    }
    ok(i == MAXIMUM_WAIT_OBJECTS, "%lu processes, then error %lu\n", i, GetLastError());
    result = WaitForMultipleObjects(i, list, FALSE, 20000);
    ok(result < i && result % 8, "result %#lx\n", result);
    ok(WaitForMultipleObjects(i, list, TRUE, 10) == WAIT_TIMEOUT, "all of them have ended\n");
    for (DWORD j = 0; j < i; j += 8) works(TerminateProcess(list[j], 0xc0000000 + j * 0x01010101));
    result = WaitForMultipleObjects(i, list, TRUE, 20000);
    ok(!result, "result %#lx\n", result);
    for (DWORD j = 0; j < i; j++)
    {
        ok(GetExitCodeProcess(list[j], &code) && code == 0xc0000000 + j * 0x01010101, "%lu: exit code %#lx\n", j, code);
        CloseHandle(list[j]);
    }
}

/* Itself, by each handle that it has on itself. */
static void test_self(void)
{
    static const char *const ways[] = { "pseudo", "real", "opened" };
    STARTUPINFOA startup = { .cb = sizeof(startup) };
    char line[2 * MAX_PATH], self[MAX_PATH];
    PROCESS_INFORMATION info;
    DWORD code = 0;

    GetModuleFileNameA(NULL, self, sizeof(self));
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
    {
        snprintf(line, sizeof(line), "\"%s\" process_access end %s", self, ways[i]);
        if (!CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &info)) continue;
        ok(!WaitForSingleObject(info.hProcess, 10000), "%s: it does not end\n", ways[i]);
        ok(GetExitCodeProcess(info.hProcess, &code) && code == 0xabcd0001, "%s: exit code %#lx\n", ways[i], code);
        CloseHandle(info.hThread);
        CloseHandle(info.hProcess);
    }
}

static void end_self(const char *how)
{
    HANDLE process = GetCurrentProcess();

    if (!strcmp(how, "real")) process = target_handle(process, PROCESS_TERMINATE);
    if (!strcmp(how, "opened")) process = OpenProcess(PROCESS_TERMINATE, FALSE, GetCurrentProcessId());
    TerminateProcess(process, 0xabcd0001);
    ExitProcess(1);
}

START_TEST(process_access)
{
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    if (argc == 4 && !strcmp(argv[2], "code")) ExitProcess(strtoul(argv[3], NULL, 0));
    if (argc == 4 && !strcmp(argv[2], "end")) end_self(argv[3]);
    if (!target_is_parent()) return;
    for (enum target_state state = RUNNING; state < DEAD; state++)
    {
        if (!target_start(&target, "process_access", state)) continue;
        for (size_t i = 0; i < CALLS; i++) test_call(&calls[i]);
        if (state == RUNNING) test_rights();
        test_snapshots();
        test_terminate();
        for (size_t i = 0; i < CALLS; i++) test_call(&calls[i]);
        test_snapshots();
        target_close(&target);
    }
    test_many();
    test_self();
}
