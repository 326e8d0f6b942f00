/* Processes: CreateProcess, what a child gets, how it ends. The program starts itself as the child. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "windef.h"
#include "winbase.h"
#include "winternl.h"
#include "wine/test.h"

static char self[MAX_PATH];

/* Starts this program with arguments; the command line stays in the caller's words. */
static BOOL start(const char *arguments, BOOL inherit, DWORD flags, STARTUPINFOA *info, PROCESS_INFORMATION *process)
{
    STARTUPINFOA plain = { .cb = sizeof(plain) };
    char line[2048];

    snprintf(line, sizeof(line), "\"%s\" process %s", self, arguments);
    return CreateProcessA(NULL, line, NULL, NULL, inherit, flags, NULL, NULL, info ? info : &plain, process);
}

static DWORD finish(PROCESS_INFORMATION *process)
{
    DWORD code = 0xdeadbeef, ret = WaitForSingleObject(process->hProcess, 10000);

    ok(ret == WAIT_OBJECT_0, "the child is still there: %lu\n", ret);
    ok(GetExitCodeProcess(process->hProcess, &code), "GetExitCodeProcess failed: %lu\n", GetLastError());
    CloseHandle(process->hProcess);
    CloseHandle(process->hThread);
    return code;
}

static DWORD run(const char *arguments, BOOL inherit)
{
    PROCESS_INFORMATION process;

    if (!start(arguments, inherit, 0, NULL, &process))
    {
        ok(0, "CreateProcess(%s) failed: %lu\n", arguments, GetLastError());
        return ~0u;
    }
    return finish(&process);
}

/* ---- the child ---------------------------------------------------------------------------------------------- */

static HANDLE handle_argument(const char *text)
{
    return (HANDLE)(ULONG_PTR)strtoull(text, NULL, 16);
}

static int child(int argc, char **argv)
{
    HANDLE handle = argc > 3 ? handle_argument(argv[3]) : NULL;
    char text[512];
    DWORD n;

    if (!strcmp(argv[2], "exit")) return strtoul(argv[3], NULL, 0);
    if (!strcmp(argv[2], "sleep")) return Sleep(60000), 0;
    if (!strcmp(argv[2], "crash")) return *(volatile int *)8;
    if (!strcmp(argv[2], "raise")) return RaiseException(0xe0001234, 0, 0, NULL), 0;
    if (!strcmp(argv[2], "set")) return SetEvent(handle) ? 1 : GetLastError() + 1000;
    if (!strcmp(argv[2], "wait")) return WaitForSingleObject(handle, 5000);
    if (!strcmp(argv[2], "own")) return WaitForSingleObject(handle, 5000);      /* and dies with it */
    if (!strcmp(argv[2], "hold"))               /* and is killed with it */
    {
        n = WaitForSingleObject(handle, 5000);
        SetEvent(handle_argument(argv[4]));
        return n ? n : Sleep(60000), 0;
    }
    if (!strcmp(argv[2], "write")) return WriteFile(handle, "from the child", 14, &n, NULL) ? n : GetLastError() + 1000;
    if (!strcmp(argv[2], "flags")) return GetHandleInformation(handle, &n) ? n : GetLastError() + 1000;
    if (!strcmp(argv[2], "count")) return argc;
    if (!strcmp(argv[2], "folder"))
    {
        GetCurrentDirectoryA(sizeof(text), text);
        return lstrcmpiA(text, argv[3]) ? 1 : 0;
    }
    if (!strcmp(argv[2], "variable"))
        return GetEnvironmentVariableA("ORIEL_TEST_VARIABLE", text, sizeof(text)) ? atoi(text) : 99;
    if (!strcmp(argv[2], "map"))
    {
        char *view = MapViewOfFile(handle, FILE_MAP_WRITE, 0, 0, 0);

        if (!view) return GetLastError() + 1000;
        n = !strcmp(view, "from the parent");
        strcpy(view + 100, "from the child");
        return n;
    }
    if (!strcmp(argv[2], "echo"))
    {
        while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), text, sizeof(text), &n, NULL) && n)
            WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, n, &n, NULL);
        return 5;
    }
    if (!strcmp(argv[2], "terminate"))          /* its creator's child, through an inherited handle */
        return TerminateProcess(handle, 321) ? 0 : GetLastError();
    return 12345;
}

/* ---- exit codes --------------------------------------------------------------------------------------------- */

static void test_exit_codes(void)
{
    static const DWORD codes[] = { 0, 1, 255, 256, 0x12345678, 0xffffffff, STILL_ACTIVE };
    PROCESS_INFORMATION process;
    char text[64];
    DWORD code, i;

    for (i = 0; i < ARRAY_SIZE(codes); i++)
    {
        sprintf(text, "exit 0x%lx", codes[i]);
        code = run(text, FALSE);
        ok(code == codes[i], "got %#lx, expected %#lx\n", code, codes[i]);
    }
    ok(start("sleep", FALSE, 0, NULL, &process), "CreateProcess failed: %lu\n", GetLastError());
    ok(GetExitCodeProcess(process.hProcess, &code) && code == STILL_ACTIVE, "code %#lx\n", code);
    ok(WaitForSingleObject(process.hProcess, 50) == WAIT_TIMEOUT, "a running child is signalled\n");
    ok(WaitForSingleObject(process.hThread, 0) == WAIT_TIMEOUT, "its thread is signalled\n");
    ok(GetProcessId(process.hProcess) == process.dwProcessId, "other id\n");
    ok(GetThreadId(process.hThread) == process.dwThreadId, "other id\n");
    ok(TerminateProcess(process.hProcess, 0xabcdef01), "TerminateProcess failed: %lu\n", GetLastError());
    ok(WaitForSingleObject(process.hThread, 5000) == WAIT_OBJECT_0, "the thread is still there\n");
    ok(GetExitCodeThread(process.hThread, &code) && code == 0xabcdef01, "thread's code %#lx\n", code);
    code = finish(&process);
    ok(code == 0xabcdef01, "code %#lx\n", code);
}

/* ---- inheritance -------------------------------------------------------------------------------------------- */

static SECURITY_ATTRIBUTES inherited = { sizeof(inherited), NULL, TRUE };

static DWORD run_with(const char *what, HANDLE handle, BOOL inherit)
{
    char text[64];

    sprintf(text, "%s %llx", what, (unsigned long long)(ULONG_PTR)handle);
    return run(text, inherit);
}

static void test_objects(void)
{
    HANDLE event = CreateEventA(&inherited, TRUE, FALSE, NULL), mine = CreateEventA(NULL, TRUE, FALSE, NULL);
    HANDLE semaphore = CreateSemaphoreA(&inherited, 1, 1, NULL), mutex = CreateMutexA(&inherited, FALSE, NULL);
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, &inherited, PAGE_READWRITE, 0, 4096, NULL);
    HANDLE timer = CreateWaitableTimerA(&inherited, FALSE, NULL), thread;
    PROCESS_INFORMATION process;
    LARGE_INTEGER due;
    DWORD ret, flags;
    char *view, text[64];

    ret = run_with("flags", event, TRUE);
    ok(ret == HANDLE_FLAG_INHERIT, "flags of an inherited handle: %lu\n", ret);
    ret = run_with("flags", event, FALSE);
    ok(ret == ERROR_INVALID_HANDLE + 1000, "without inheritance: %lu\n", ret);
    ret = run_with("flags", mine, TRUE);
    ok(ret == ERROR_INVALID_HANDLE + 1000, "a handle that is not inherited: %lu\n", ret);

    sprintf(text, "set %llx", (unsigned long long)(ULONG_PTR)event);
    ok(start(text, TRUE, 0, NULL, &process), "CreateProcess failed: %lu\n", GetLastError());
    ret = WaitForSingleObject(event, 10000);
    ok(ret == WAIT_OBJECT_0, "the child's event did not come: %lu\n", ret);
    ok(finish(&process) == 1, "SetEvent failed\n");
    ResetEvent(event);

    sprintf(text, "wait %llx", (unsigned long long)(ULONG_PTR)event);
    ok(start(text, TRUE, 0, NULL, &process), "CreateProcess failed: %lu\n", GetLastError());
    Sleep(30);
    SetEvent(event);
    ok(finish(&process) == WAIT_OBJECT_0, "the child did not see the event\n");

    ret = run_with("wait", semaphore, TRUE);
    ok(ret == WAIT_OBJECT_0, "semaphore: %lu\n", ret);
    ret = WaitForSingleObject(semaphore, 0);
    ok(ret == WAIT_TIMEOUT, "the child took nothing: %lu\n", ret);

    /* One that is due while the child waits, one that the child takes, and the thread that starts it all. */
    due.QuadPart = -300000;
    ok(SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE), "SetWaitableTimer failed: %lu\n", GetLastError());
    ret = run_with("wait", timer, TRUE);
    ok(ret == WAIT_OBJECT_0, "timer: %lu\n", ret);
    ok(WaitForSingleObject(timer, 0) == WAIT_TIMEOUT, "the child took nothing\n");
    CloseHandle(timer);
    DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &thread, 0, TRUE, DUPLICATE_SAME_ACCESS);
    ret = run_with("flags", thread, TRUE);
    ok(ret == HANDLE_FLAG_INHERIT, "thread: %lu\n", ret);
    CloseHandle(thread);

    ret = run_with("own", mutex, TRUE);
    ok(ret == WAIT_OBJECT_0, "mutex: %lu\n", ret);
    ret = WaitForSingleObject(mutex, 5000);
    ok(ret == WAIT_ABANDONED, "an owner's death: %lu\n", ret);
    ReleaseMutex(mutex);
    ResetEvent(event);
    sprintf(text, "hold %llx %llx", (unsigned long long)(ULONG_PTR)mutex, (unsigned long long)(ULONG_PTR)event);
    ok(start(text, TRUE, 0, NULL, &process), "CreateProcess failed: %lu\n", GetLastError());
    ok(WaitForSingleObject(event, 10000) == WAIT_OBJECT_0, "the child did not come so far\n");
    ok(WaitForSingleObject(mutex, 20) == WAIT_TIMEOUT, "two owners\n");
    TerminateProcess(process.hProcess, 3);
    ret = WaitForSingleObject(mutex, 2000);
    ok(ret == WAIT_ABANDONED, "an owner who was killed: %lu\n", ret);
    ReleaseMutex(mutex);
    ok(finish(&process) == 3, "other code\n");

    view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    strcpy(view, "from the parent");
    ret = run_with("map", section, TRUE);
    ok(ret == 1, "section: %lu\n", ret);
    ok(!strcmp(view + 100, "from the child"), "got %s\n", view + 100);
    UnmapViewOfFile(view);

    ok(SetHandleInformation(mine, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT), "failed: %lu\n", GetLastError());
    ret = run_with("set", mine, TRUE);
    ok(ret == 1, "made inheritable later: %lu\n", ret);
    ok(WaitForSingleObject(mine, 0) == WAIT_OBJECT_0, "not set\n");
    ok(GetHandleInformation(mine, &flags) && flags == HANDLE_FLAG_INHERIT, "flags %lu\n", flags);
    CloseHandle(event);
    CloseHandle(mine);
    CloseHandle(semaphore);
    CloseHandle(mutex);
    CloseHandle(section);
}

static void test_files(void)
{
    char folder[MAX_PATH], name[MAX_PATH], text[32] = { 0 };
    HANDLE file;
    DWORD n, ret;

    GetTempPathA(sizeof(folder), folder);
    GetTempFileNameA(folder, "prc", 0, name);
    file = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, &inherited, CREATE_ALWAYS, 0, NULL);
    ok(file != INVALID_HANDLE_VALUE, "CreateFile failed: %lu\n", GetLastError());
    WriteFile(file, "here: ", 6, &n, NULL);
    ret = run_with("write", file, TRUE);
    ok(ret == 14, "the child's WriteFile: %lu\n", ret);
    ok(SetFilePointer(file, 0, NULL, FILE_CURRENT) == 20, "the position is not shared\n");
    SetFilePointer(file, 0, NULL, FILE_BEGIN);
    ok(ReadFile(file, text, sizeof(text) - 1, &n, NULL) && !strcmp(text, "here: from the child"), "got %s\n", text);
    CloseHandle(file);
    ok(DeleteFileA(name), "DeleteFile failed: %lu\n", GetLastError());
}

static void test_pipes(void)
{
    STARTUPINFOA info = { .cb = sizeof(info) };
    PROCESS_INFORMATION process;
    HANDLE to_child[2], from_child[2];
    char text[64] = { 0 };
    DWORD n, total = 0;

    ok(CreatePipe(&to_child[0], &to_child[1], &inherited, 0), "CreatePipe failed: %lu\n", GetLastError());
    ok(CreatePipe(&from_child[0], &from_child[1], &inherited, 0), "CreatePipe failed: %lu\n", GetLastError());
    SetHandleInformation(to_child[1], HANDLE_FLAG_INHERIT, 0);
    SetHandleInformation(from_child[0], HANDLE_FLAG_INHERIT, 0);
    info.dwFlags = STARTF_USESTDHANDLES;
    info.hStdInput = to_child[0];
    info.hStdOutput = info.hStdError = from_child[1];
    ok(start("echo", TRUE, 0, &info, &process), "CreateProcess failed: %lu\n", GetLastError());
    CloseHandle(to_child[0]);
    CloseHandle(from_child[1]);
    ok(WriteFile(to_child[1], "there and back", 14, &n, NULL) && n == 14, "WriteFile failed: %lu\n", GetLastError());
    CloseHandle(to_child[1]);
    while (ReadFile(from_child[0], text + total, sizeof(text) - total - 1, &n, NULL) && n) total += n;
    ok(GetLastError() == ERROR_BROKEN_PIPE, "error %lu\n", GetLastError());
    ok(!strcmp(text, "there and back"), "got %s\n", text);
    CloseHandle(from_child[0]);
    ok(finish(&process) == 5, "other code\n");
}

static void test_handle_list(void)
{
    HANDLE first = CreateEventA(&inherited, TRUE, FALSE, NULL), second = CreateEventA(&inherited, TRUE, FALSE, NULL);
    STARTUPINFOEXA info = { .StartupInfo = { .cb = sizeof(info) } };
    LPPROC_THREAD_ATTRIBUTE_LIST list;
    PROCESS_INFORMATION process;
    char text[64], line[600];
    SIZE_T size = 0;
    DWORD ret;
    BOOL ok_;

    ok(!InitializeProcThreadAttributeList(NULL, 1, 0, &size), "no list, and no failure\n");
    ok(GetLastError() == ERROR_INSUFFICIENT_BUFFER, "error %lu\n", GetLastError());
    list = malloc(size);
    ok(InitializeProcThreadAttributeList(list, 1, 0, &size), "failed: %lu\n", GetLastError());
    ok_ = UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, &first, 3, NULL, NULL);
    ok(!ok_ && GetLastError() == ERROR_BAD_LENGTH, "%d, error %lu\n", ok_, GetLastError());
    ok_ = UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, &first, sizeof(first), NULL, NULL);
    ok(ok_, "failed: %lu\n", GetLastError());
    info.lpAttributeList = list;
    for (int i = 0; i < 2; i++)
    {
        sprintf(text, "flags %llx", (unsigned long long)(ULONG_PTR)(i ? second : first));
        sprintf(line, "\"%s\" process %s", self, text);
        ok_ = CreateProcessA(NULL, line, NULL, NULL, TRUE, EXTENDED_STARTUPINFO_PRESENT, NULL, NULL, &info.StartupInfo, &process);
        ok(ok_, "CreateProcess failed: %lu\n", GetLastError());
        ret = finish(&process);
        ok(ret == (i ? ERROR_INVALID_HANDLE + 1000 : HANDLE_FLAG_INHERIT), "%d: %lu\n", i, ret);
    }
    ok_ = CreateProcessA(NULL, line, NULL, NULL, FALSE, EXTENDED_STARTUPINFO_PRESENT, NULL, NULL, &info.StartupInfo, &process);
    ok(!ok_ && GetLastError() == ERROR_INVALID_PARAMETER, "a list and no inheritance: %d, error %lu\n", ok_, GetLastError());
    SetHandleInformation(first, HANDLE_FLAG_INHERIT, 0);
    ok_ = CreateProcessA(NULL, line, NULL, NULL, TRUE, EXTENDED_STARTUPINFO_PRESENT, NULL, NULL, &info.StartupInfo, &process);
    ok(!ok_ && GetLastError() == ERROR_INVALID_PARAMETER, "a handle of its own in it: %d, error %lu\n", ok_, GetLastError());
    DeleteProcThreadAttributeList(list);
    free(list);
    CloseHandle(first);
    CloseHandle(second);
}

/* ---- what else a child gets ------------------------------------------------------------------------------------ */

static void test_surroundings(void)
{
    static const char block[] = "A=b\0ORIEL_TEST_VARIABLE=43\0";
    static const WCHAR wide_block[] = L"ORIEL_TEST_VARIABLE=44\0";
    STARTUPINFOA info = { .cb = sizeof(info) };
    PROCESS_INFORMATION process;
    char folder[MAX_PATH], line[1024];
    DWORD ret;
    BOOL done;

    SetEnvironmentVariableA("ORIEL_TEST_VARIABLE", "42");
    ret = run("variable", FALSE);
    ok(ret == 42, "got %lu\n", ret);
    SetEnvironmentVariableA("ORIEL_TEST_VARIABLE", NULL);
    sprintf(line, "\"%s\" process variable", self);
    done = CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, (void *)block, NULL, &info, &process);
    ret = done ? finish(&process) : ~0u;
    ok(ret == 43, "got %lu, error %lu\n", ret, GetLastError());
    done = CreateProcessA(NULL, line, NULL, NULL, FALSE, CREATE_UNICODE_ENVIRONMENT, (void *)wide_block, NULL, &info, &process);
    ret = done ? finish(&process) : ~0u;
    ok(ret == 44, "got %lu, error %lu\n", ret, GetLastError());

    GetWindowsDirectoryA(folder, sizeof(folder));
    sprintf(line, "\"%s\" process folder \"%s\"", self, folder);
    done = CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, folder, &info, &process);
    ok(done && !finish(&process), "not in %s, error %lu\n", folder, GetLastError());
    GetTempPathA(sizeof(folder), folder);
    folder[strlen(folder) - 1] = 0;
    sprintf(line, "\"%s\" process folder \"%s\"", self, folder);
    done = CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, folder, &info, &process);
    ok(done && !finish(&process), "not in %s, error %lu\n", folder, GetLastError());
    done = CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, "Q:\\nowhere", &info, &process);
    ok(!done && GetLastError() == ERROR_DIRECTORY, "%d, error %lu\n", done, GetLastError());
}

static void test_command_lines(void)
{
    STARTUPINFOA info = { .cb = sizeof(info) };
    PROCESS_INFORMATION process;
    char folder[MAX_PATH], line[1024], text[MAX_PATH];
    BOOL done;
    HANDLE file;
    DWORD n, ret;

    ret = run("count a \"b c\" \"\" \\\"d", FALSE);
    ok(ret == 7, "arguments: %lu\n", ret);
    done = CreateProcessA(self, NULL, NULL, NULL, FALSE, CREATE_SUSPENDED, NULL, NULL, &info, &process);
    ok(done, "CreateProcess failed: %lu\n", GetLastError());
    TerminateProcess(process.hProcess, 9);
    ok(finish(&process) == 9, "other code\n");
    strcpy(line, "no-such-program-at-all with arguments");
    done = CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &info, &process);
    ok(!done && GetLastError() == ERROR_FILE_NOT_FOUND, "%d, error %lu\n", done, GetLastError());
    done = CreateProcessA("Z:\\no\\such\\folder\\x.exe", NULL, NULL, NULL, FALSE, 0, NULL, NULL, &info, &process);
    ok(!done && GetLastError() == ERROR_PATH_NOT_FOUND, "%d, error %lu\n", done, GetLastError());
    GetTempPathA(sizeof(folder), folder);
    done = CreateProcessA(folder, NULL, NULL, NULL, FALSE, 0, NULL, NULL, &info, &process);
    ok(!done && (GetLastError() == ERROR_ACCESS_DENIED || GetLastError() == ERROR_PATH_NOT_FOUND), "%d, error %lu\n", done, GetLastError());

    GetTempFileNameA(folder, "prc", 0, text);
    file = CreateFileA(text, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    WriteFile(file, "this is no program", 18, &n, NULL);
    CloseHandle(file);
    done = CreateProcessA(text, NULL, NULL, NULL, FALSE, 0, NULL, NULL, &info, &process);
    ok(!done && GetLastError() == ERROR_BAD_EXE_FORMAT, "%d, error %lu\n", done, GetLastError());
    DeleteFileA(text);

    /* As few words as name a program. */
    sprintf(text, "%sa program with blanks.exe", folder);
    ok(CopyFileA(self, text, FALSE), "CopyFile failed: %lu\n", GetLastError());
    sprintf(line, "%sa program with blanks process exit 17", folder);
    done = CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &info, &process);
    ok(done && finish(&process) == 17, "%d, error %lu\n", done, GetLastError());
    ok(DeleteFileA(text), "DeleteFile failed: %lu\n", GetLastError());
}

/* ---- other processes ---------------------------------------------------------------------------------------------- */

static void test_suspended(void)
{
    HANDLE event = CreateEventA(&inherited, TRUE, FALSE, NULL);
    PROCESS_INFORMATION process;
    PROCESS_BASIC_INFORMATION basic;
    char text[64];
    DWORD ret;

    sprintf(text, "set %llx", (unsigned long long)(ULONG_PTR)event);
    ok(start(text, TRUE, CREATE_SUSPENDED, NULL, &process), "CreateProcess failed: %lu\n", GetLastError());
    ok(WaitForSingleObject(event, 100) == WAIT_TIMEOUT, "it runs\n");
    ok(!NtQueryInformationProcess(process.hProcess, ProcessBasicInformation, &basic, sizeof(basic), NULL), "failed\n");
    ok(basic.PebBaseAddress != NULL, "no PEB\n");
    ok(basic.UniqueProcessId == process.dwProcessId, "other id\n");
    ret = SuspendThread(process.hThread);
    ok(ret == 1, "suspended %lu times\n", ret);
    ret = ResumeThread(process.hThread);
    ok(ret == 2, "suspended %lu times\n", ret);
    ok(WaitForSingleObject(event, 50) == WAIT_TIMEOUT, "it runs\n");
    ret = ResumeThread(process.hThread);
    ok(ret == 1, "suspended %lu times\n", ret);
    ok(WaitForSingleObject(event, 10000) == WAIT_OBJECT_0, "it does not run\n");
    ok(finish(&process) == 1, "other code\n");
    CloseHandle(event);
}

static void test_open(void)
{
    PROCESS_INFORMATION process, killer;
    char text[64], name[MAX_PATH];
    HANDLE handle, limited;
    DWORD code, size = sizeof(name);

    ok(start("sleep", FALSE, 0, NULL, &process), "CreateProcess failed: %lu\n", GetLastError());
    handle = OpenProcess(PROCESS_ALL_ACCESS, TRUE, process.dwProcessId);
    ok(handle != NULL, "OpenProcess failed: %lu\n", GetLastError());
    ok(GetProcessId(handle) == process.dwProcessId, "other id\n");
    ok(QueryFullProcessImageNameA(handle, 0, name, &size) && !lstrcmpiA(name, self), "got %s, error %lu\n", name, GetLastError());
    limited = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, process.dwProcessId);
    ok(limited != NULL, "OpenProcess failed: %lu\n", GetLastError());
    ok(!TerminateProcess(limited, 1) && GetLastError() == ERROR_ACCESS_DENIED, "error %lu\n", GetLastError());
    ok(GetExitCodeProcess(limited, &code) && code == STILL_ACTIVE, "code %lu\n", code);
    sprintf(text, "terminate %llx", (unsigned long long)(ULONG_PTR)handle);
    ok(start(text, TRUE, 0, NULL, &killer), "CreateProcess failed: %lu\n", GetLastError());
    code = finish(&killer);
    ok(!code, "the child's TerminateProcess: error %lu\n", code);
    ok(WaitForSingleObject(handle, 5000) == WAIT_OBJECT_0, "still there\n");
    ok(GetExitCodeProcess(limited, &code) && code == 321, "code %lu\n", code);
    CloseHandle(limited);
    CloseHandle(handle);
    code = finish(&process);
    ok(code == 321, "code %lu\n", code);
    SetLastError(0xdeadbeef);
    ok(!OpenProcess(PROCESS_ALL_ACCESS, FALSE, 0xfffffff0), "there is such a process\n");
    ok(GetLastError() == ERROR_INVALID_PARAMETER, "error %lu\n", GetLastError());
}

static void test_jobs(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = { 0 };
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION accounting;
    struct { JOBOBJECT_BASIC_PROCESS_ID_LIST list; ULONG_PTR more[4]; } ids;
    PROCESS_INFORMATION first, second;
    HANDLE job = CreateJobObjectA(NULL, NULL);
    BOOL in;
    DWORD code;

    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    ok(SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof(limits)), "failed: %lu\n", GetLastError());
    ok(start("sleep", FALSE, 0, NULL, &first) && start("sleep", FALSE, CREATE_SUSPENDED, NULL, &second), "failed: %lu\n", GetLastError());
    ok(IsProcessInJob(first.hProcess, job, &in) && !in, "in %d, error %lu\n", in, GetLastError());
    ok(AssignProcessToJobObject(job, first.hProcess), "failed: %lu\n", GetLastError());
    ok(AssignProcessToJobObject(job, second.hProcess), "failed: %lu\n", GetLastError());
    ok(IsProcessInJob(first.hProcess, job, &in) && in, "in %d, error %lu\n", in, GetLastError());
    ok(IsProcessInJob(GetCurrentProcess(), job, &in) && !in, "in %d, error %lu\n", in, GetLastError());
    ok(QueryInformationJobObject(job, JobObjectBasicAccountingInformation, &accounting, sizeof(accounting), NULL), "failed\n");
    ok(accounting.ActiveProcesses == 2 && accounting.TotalProcesses == 2, "%lu of %lu\n", accounting.ActiveProcesses,
       accounting.TotalProcesses);
    ok(QueryInformationJobObject(job, JobObjectBasicProcessIdList, &ids, sizeof(ids), NULL), "failed: %lu\n", GetLastError());
    ok(ids.list.NumberOfProcessIdsInList == 2, "%lu ids\n", ids.list.NumberOfProcessIdsInList);
    TerminateProcess(first.hProcess, 4);
    code = finish(&first);
    ok(code == 4, "code %lu\n", code);
    CloseHandle(job);
    code = finish(&second);
    ok(code == 0, "code %lu\n", code);
}

START_TEST(process)
{
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    if (argc > 2) ExitProcess(child(argc, argv));
    GetModuleFileNameA(NULL, self, sizeof(self));
    test_exit_codes();
    test_objects();
    test_files();
    test_pipes();
    test_handle_list();
    test_surroundings();
    test_command_lines();
    test_suspended();
    test_open();
    test_jobs();
}
