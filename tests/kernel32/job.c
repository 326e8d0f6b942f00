/* Job objects across processes: who is in, what they are told, how they end. The program starts itself as members. */
#include "win32.h"
#include <stdlib.h>

static char self[MAX_PATH];
static HANDLE ready;                    /* an event that a member sets when it and its own children stand */

static BOOL start(const char *arguments, DWORD flags, BOOL inherit, STARTUPINFOEXA *more, PROCESS_INFORMATION *process)
{
    STARTUPINFOEXA info = { .StartupInfo.cb = sizeof(STARTUPINFOA) };
    char line[2048];

    snprintf(line, sizeof(line), "\"%s\" job %s", self, arguments);
    return CreateProcessA(NULL, line, NULL, NULL, inherit, flags | (more ? EXTENDED_STARTUPINFO_PRESENT : 0), NULL, NULL,
                          more ? &more->StartupInfo : &info.StartupInfo, process);
}

/* A member that has started itself once more, and waits. */
static BOOL start_family(PROCESS_INFORMATION *process, DWORD flags)
{
    char line[64];

    snprintf(line, sizeof(line), "family %p", (void *)ready);
    return start(line, flags, TRUE, NULL, process);
}

static void wait_ready(void)
{
    ok(!WaitForSingleObject(ready, 10000), "the member is not ready\n");
}

static HANDLE make_job(DWORD flags, DWORD count)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = { .BasicLimitInformation = { .LimitFlags = flags, .ActiveProcessLimit = count } };
    HANDLE job = CreateJobObjectA(NULL, NULL);

    works(SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof(limits)));
    return job;
}

static DWORD count(HANDLE job)
{
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION accounting;

    works(QueryInformationJobObject(job, JobObjectBasicAccountingInformation, &accounting, sizeof(accounting), NULL));
    return accounting.ActiveProcesses;
}

static DWORD finish(PROCESS_INFORMATION *process)
{
    DWORD code = 0;

    ok(!WaitForSingleObject(process->hProcess, 5000), "it lives on\n");
    GetExitCodeProcess(process->hProcess, &code);
    CloseHandle(process->hProcess);
    CloseHandle(process->hThread);
    return code;
}

/* The child of a member: the other one in the list. */
static DWORD other_member(HANDLE job, DWORD id)
{
    struct { DWORD assigned, listed; ULONG_PTR list[8]; } ids;         /* JOBOBJECT_BASIC_PROCESS_ID_LIST */

    works(QueryInformationJobObject(job, JobObjectBasicProcessIdList, &ids, sizeof(ids), NULL));
    for (DWORD i = 0; i < ids.listed; i++)
        if (ids.list[i] != id) return ids.list[i];
    return 0;
}

/* ---- the members ---------------------------------------------------------------------------------------------------- */

static int member(int argc, char **argv)
{
    HANDLE handle = argc > 3 ? (HANDLE)(ULONG_PTR)strtoull(argv[3], NULL, 16) : NULL;
    PROCESS_INFORMATION process;
    BOOL in;

    if (!strcmp(argv[2], "sleep")) return Sleep(60000), 0;
    if (!strcmp(argv[2], "exit")) return strtoul(argv[3], NULL, 0);
    if (!strcmp(argv[2], "read"))
    {
        DWORD i, bytes, sum = 0;
        char buffer[1000];

        handle = CreateFileA(self, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
        for (i = 0; i < 50; i++) sum += ReadFile(handle, buffer, sizeof(buffer), &bytes, NULL) ? bytes : 0;
        CloseHandle(handle);
        return sum != 50 * sizeof(buffer);
    }
    if (!strcmp(argv[2], "crash")) return *(volatile int *)8;
    if (!strcmp(argv[2], "family"))
    {
        if (!start("sleep", 0, FALSE, NULL, &process)) return GetLastError();
        SetEvent(handle);
        return Sleep(60000), 0;
    }
    if (!strcmp(argv[2], "hold"))               /* makes the job, is not in it, and is killed */
    {
        HANDLE job = make_job(JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, 0);

        ready = handle;
        if (!start_family(&process, CREATE_SUSPENDED) || !AssignProcessToJobObject(job, process.hProcess)) return 1;
        ResumeThread(process.hThread);
        return Sleep(60000), 0;
    }
    if (!strcmp(argv[2], "spawn"))              /* with flags: 0, or why not */
        return start("exit 3", strtoul(argv[3], NULL, 0), FALSE, NULL, &process) ? 0 : GetLastError();
    if (!strcmp(argv[2], "in")) return IsProcessInJob(GetCurrentProcess(), handle, &in) ? (DWORD)in : GetLastError();
    if (!strcmp(argv[2], "count")) return count(handle);
    if (!strcmp(argv[2], "nest"))               /* a job of its own within the one it is in */
    {
        HANDLE job = make_job(0, 0);

        if (!AssignProcessToJobObject(job, GetCurrentProcess())) return GetLastError();
        return IsProcessInJob(GetCurrentProcess(), job, &in) && in && IsProcessInJob(GetCurrentProcess(), handle, &in) && in ? 0 : 1;
    }
    if (!strcmp(argv[2], "open"))               /* its job by name, with these rights; it comes to be in it, if that is one */
    {
        HANDLE job = OpenJobObjectA(strtoul(argv[4], NULL, 0), FALSE, argv[3]);

        if (!job) return GetLastError();
        if (!AssignProcessToJobObject(job, GetCurrentProcess())) return 1000 + GetLastError();
        return count(job) == 1 && IsProcessInJob(GetCurrentProcess(), job, &in) && in ? 0 : 1;
    }
    if (!strcmp(argv[2], "make"))               /* a job of that name, and the end of all that are in it */
    {
        HANDLE job = CreateJobObjectA(NULL, argv[3]);

        if (!job || GetLastError() != ERROR_ALREADY_EXISTS) return GetLastError();
        return TerminateJobObject(job, 7) ? 0 : 1;
    }
    if (!strcmp(argv[2], "reopen"))             /* whoever opens it while it has a member keeps that alive */
    {
        HANDLE filled = (HANDLE)(ULONG_PTR)strtoull(argv[4], NULL, 16), over = (HANDLE)(ULONG_PTR)strtoull(argv[5], NULL, 16), job;
        int wrong = 0, opened = 0;

        while (!opened || WaitForSingleObject(over, 0))
        {
            if (WaitForSingleObject(filled, 0) || !(job = OpenJobObjectA(JOB_OBJECT_QUERY, FALSE, argv[3]))) continue;
            opened++;
            if (!count(job) && !WaitForSingleObject(filled, 0)) wrong++;
            CloseHandle(job);
        }
        return wrong;
    }
    if (!strcmp(argv[2], "hold-name"))          /* opens it, and is killed */
    {
        handle = OpenEventA(EVENT_MODIFY_STATE, FALSE, argv[4]);
        if (!OpenJobObjectA(JOB_OBJECT_QUERY, FALSE, argv[3])) return GetLastError();
        SetEvent(handle);
        return Sleep(60000), 0;
    }
    return 12345;
}

/* ---- tests ---------------------------------------------------------------------------------------------------------- */

static void test_family(void)
{
    HANDLE job = make_job(0, 0), child;
    PROCESS_INFORMATION process;
    DWORD code, id;
    BOOL in;

    works(start_family(&process, CREATE_SUSPENDED));
    works(AssignProcessToJobObject(job, process.hProcess));
    ResumeThread(process.hThread);
    wait_ready();
    ok(count(job) == 2, "%lu processes\n", count(job));
    id = other_member(job, process.dwProcessId);
    works(child = OpenProcess(PROCESS_ALL_ACCESS, FALSE, id));
    works(IsProcessInJob(child, job, &in));
    ok(in, "the grandchild is not in the job\n");
    works(IsProcessInJob(child, NULL, &in));
    ok(in, "the grandchild is in no job\n");
    works(TerminateJobObject(job, 0x12345678));
    ok(!WaitForSingleObject(child, 5000), "the grandchild lives on\n");
    works(GetExitCodeProcess(child, &code));
    ok(code == 0x12345678, "code %#lx\n", code);
    code = finish(&process);
    ok(code == 0x12345678, "code %#lx\n", code);
    ok(!count(job), "%lu processes\n", count(job));
    CloseHandle(child);
    CloseHandle(job);
}

static void test_close(void)
{
    HANDLE job = make_job(JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, 0), child, copy;
    PROCESS_INFORMATION process;

    works(start("sleep", 0, FALSE, NULL, &process));
    Sleep(50);
    works(AssignProcessToJobObject(job, process.hProcess));     /* a running one */
    ok(count(job) == 1, "%lu processes\n", count(job));
    TerminateProcess(process.hProcess, 0);
    finish(&process);

    works(start_family(&process, CREATE_SUSPENDED));
    works(AssignProcessToJobObject(job, process.hProcess));
    ResumeThread(process.hThread);
    wait_ready();
    works(child = OpenProcess(SYNCHRONIZE, FALSE, other_member(job, process.dwProcessId)));
    works(DuplicateHandle(GetCurrentProcess(), job, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    works(CloseHandle(job));
    ok(WaitForSingleObject(process.hProcess, 50) == WAIT_TIMEOUT, "there was another handle\n");
    works(CloseHandle(copy));
    ok(!WaitForSingleObject(child, 5000), "the grandchild lives on\n");
    ok(!finish(&process), "exit code\n");
    CloseHandle(child);
}

/* The holder is killed without a chance to close anything; its job and everybody in it goes with it. */
static void test_killed_holder(void)
{
    HANDLE members[2] = { NULL, NULL };
    PROCESS_INFORMATION process;
    DWORD ids[64] = { 0 }, i;
    char line[64];

    snprintf(line, sizeof(line), "hold %p", (void *)ready);
    works(start(line, 0, TRUE, NULL, &process));
    wait_ready();
    /* Its child, and the child of that, have the next ids: look for those that have it as parent. */
    ids[0] = process.dwProcessId;
    for (i = 0; i < 2; i++)
    {
        static char buffer[0x100000];
        SYSTEM_PROCESS_INFORMATION *info = (void *)buffer;

        ok(!NtQuerySystemInformation(SystemProcessInformation, buffer, sizeof(buffer), NULL), "no list\n");
        for (;; info = (void *)((char *)info + info->NextEntryOffset))
        {
            if (HandleToULong(info->ParentProcessId) == ids[i]) ids[i + 1] = HandleToULong(info->UniqueProcessId);
            if (!info->NextEntryOffset) break;
        }
        works(members[i] = OpenProcess(SYNCHRONIZE | PROCESS_TERMINATE, FALSE, ids[i + 1]));
    }
    TerminateProcess(process.hProcess, 9);
    finish(&process);
    for (i = 0; i < 2; i++)
    {
        ok(!WaitForSingleObject(members[i], 2000), "member %lu lives on\n", i);
        TerminateProcess(members[i], 0);
        CloseHandle(members[i]);
    }
}

static void test_limit(void)
{
    HANDLE job = make_job(JOB_OBJECT_LIMIT_ACTIVE_PROCESS, 1);
    JOBOBJECT_BASIC_LIMIT_INFORMATION limits;
    PROCESS_INFORMATION first, second;
    DWORD code;

    works(QueryInformationJobObject(job, JobObjectBasicLimitInformation, &limits, sizeof(limits), NULL));
    ok(limits.LimitFlags == JOB_OBJECT_LIMIT_ACTIVE_PROCESS && limits.ActiveProcessLimit == 1, "%#lx %lu\n", limits.LimitFlags,
       limits.ActiveProcessLimit);
    works(start("spawn 0", CREATE_SUSPENDED, FALSE, NULL, &first));
    works(AssignProcessToJobObject(job, first.hProcess));
    works(start("sleep", CREATE_SUSPENDED, FALSE, NULL, &second));
    fails(AssignProcessToJobObject(job, second.hProcess), ERROR_NOT_ENOUGH_QUOTA);
    code = finish(&second);                     /* it is ended: JOBOBJECT_BASIC_LIMIT_INFORMATION */
    ok(code == ERROR_NOT_ENOUGH_QUOTA, "code %lu\n", code);
    ResumeThread(first.hThread);
    code = finish(&first);
    ok(code == ERROR_NOT_ENOUGH_QUOTA, "the child of a member: %lu\n", code);
    limits.LimitFlags = JOB_OBJECT_LIMIT_PROCESS_TIME;
    fails(SetInformationJobObject(job, JobObjectBasicLimitInformation, &limits, sizeof(limits)), ERROR_NOT_SUPPORTED);
    CloseHandle(job);
}

static void expect(HANDLE port, DWORD message, DWORD id)
{
    OVERLAPPED *value;
    ULONG_PTR key;
    DWORD bytes;

    if (!GetQueuedCompletionStatus(port, &bytes, &key, &value, 5000))
    {
        ok(0, "message %lu did not come\n", message);
        return;
    }
    ok(bytes == message && key == 77 && (!id || (DWORD)(ULONG_PTR)value == id), "message %lu of %lu, key %Iu; expected %lu of %lu\n",
       bytes, (DWORD)(ULONG_PTR)value, key, message, id);
}

static void test_port(void)
{
    HANDLE job = make_job(JOB_OBJECT_LIMIT_ACTIVE_PROCESS, 2), port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    JOBOBJECT_ASSOCIATE_COMPLETION_PORT association = { (void *)77, port };
    PROCESS_INFORMATION process, third;
    DWORD id;

    works(SetInformationJobObject(job, JobObjectAssociateCompletionPortInformation, &association, sizeof(association)));
    works(start_family(&process, CREATE_SUSPENDED));
    works(AssignProcessToJobObject(job, process.hProcess));
    expect(port, JOB_OBJECT_MSG_NEW_PROCESS, process.dwProcessId);
    ResumeThread(process.hThread);
    wait_ready();
    id = other_member(job, process.dwProcessId);
    expect(port, JOB_OBJECT_MSG_NEW_PROCESS, id);
    works(start("sleep", 0, FALSE, NULL, &third));
    fails(AssignProcessToJobObject(job, third.hProcess), ERROR_NOT_ENOUGH_QUOTA);
    finish(&third);
    expect(port, JOB_OBJECT_MSG_ACTIVE_PROCESS_LIMIT, 0);
    TerminateProcess(process.hProcess, 1);
    expect(port, JOB_OBJECT_MSG_EXIT_PROCESS, process.dwProcessId);
    finish(&process);
    works(start("crash", CREATE_SUSPENDED, FALSE, NULL, &process));
    works(AssignProcessToJobObject(job, process.hProcess));
    expect(port, JOB_OBJECT_MSG_NEW_PROCESS, process.dwProcessId);
    ResumeThread(process.hThread);
    expect(port, JOB_OBJECT_MSG_ABNORMAL_EXIT_PROCESS, process.dwProcessId);
    finish(&process);
    works(TerminateJobObject(job, 0));
    expect(port, JOB_OBJECT_MSG_EXIT_PROCESS, id);
    expect(port, JOB_OBJECT_MSG_ACTIVE_PROCESS_ZERO, 0);
    CloseHandle(job);
    CloseHandle(port);
}

/* After its end a process is still one that was in the job. */
static void test_ended(void)
{
    HANDLE job = make_job(0, 0), other = make_job(0, 0);
    static const char *const lines[] = { "sleep", "exit 5" };
    PROCESS_INFORMATION process;
    BOOL in;

    for (int i = 0; i < 2; i++)
    {
        works(start(lines[i], CREATE_SUSPENDED, FALSE, NULL, &process));
        works(AssignProcessToJobObject(job, process.hProcess));
        if (i) ResumeThread(process.hThread);
        else TerminateProcess(process.hProcess, 0);
        ok(!WaitForSingleObject(process.hProcess, 5000), "it lives on\n");
        works(IsProcessInJob(process.hProcess, job, &in));
        ok(in, "%s: it was never in the job\n", lines[i]);
        works(IsProcessInJob(process.hProcess, other, &in));
        ok(!in, "%s: it was in the other job\n", lines[i]);
        finish(&process);
    }
    ok(!count(job), "%lu processes\n", count(job));
    CloseHandle(job);
    CloseHandle(other);
}

/* A job that others know by its name only. */
static void test_name(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = { .BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE };
    char name[64], event[64], line[200];
    PROCESS_INFORMATION process, holder;
    HANDLE job, opened;
    DWORD code;

    snprintf(name, sizeof(name), "oriel-job-%lu", GetCurrentProcessId());
    snprintf(event, sizeof(event), "%s-event", name);
    works(job = CreateJobObjectA(NULL, name));
    snprintf(line, sizeof(line), "open %s %#x", name, JOB_OBJECT_ALL_ACCESS);
    works(start(line, 0, FALSE, NULL, &process));
    code = finish(&process);
    ok(!code, "open: %lu\n", code);
    snprintf(line, sizeof(line), "open %s %#x", name, JOB_OBJECT_QUERY);
    works(start(line, 0, FALSE, NULL, &process));
    code = finish(&process);
    ok(code == 1000 + ERROR_ACCESS_DENIED, "open to query: %lu\n", code);
    fails(OpenJobObjectA(0, FALSE, name), ERROR_ACCESS_DENIED);
    fails(OpenEventA(EVENT_MODIFY_STATE, FALSE, name), ERROR_INVALID_HANDLE);

    /* Somebody with the name ends a member that has never heard of it. */
    works(start("sleep", 0, FALSE, NULL, &process));
    works(AssignProcessToJobObject(job, process.hProcess));
    snprintf(line, sizeof(line), "make %s", name);
    works(start(line, 0, FALSE, NULL, &holder));
    code = finish(&holder);
    ok(!code, "make: %lu\n", code);
    code = finish(&process);
    ok(code == 7, "code %lu\n", code);

    /* A handle elsewhere keeps the name, and the members; when its process is killed, both go. */
    works(SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof(limits)));
    works(start("sleep", 0, FALSE, NULL, &process));
    works(AssignProcessToJobObject(job, process.hProcess));
    works(opened = CreateEventA(NULL, FALSE, FALSE, event));
    snprintf(line, sizeof(line), "hold-name %s %s", name, event);
    works(start(line, 0, FALSE, NULL, &holder));
    ok(!WaitForSingleObject(opened, 5000), "it is not opened\n");
    CloseHandle(opened);
    works(CloseHandle(job));
    ok(WaitForSingleObject(process.hProcess, 50) == WAIT_TIMEOUT, "there was another handle\n");
    works(job = OpenJobObjectA(JOB_OBJECT_QUERY, FALSE, name));
    ok(count(job) == 1, "%lu processes\n", count(job));
    works(CloseHandle(job));
    ok(WaitForSingleObject(process.hProcess, 50) == WAIT_TIMEOUT, "there was another handle\n");
    TerminateProcess(holder.hProcess, 1);
    finish(&holder);
    finish(&process);
    fails(OpenJobObjectA(JOB_OBJECT_QUERY, FALSE, name), ERROR_FILE_NOT_FOUND);
}

/* The last handle is closed while somebody else opens the job by its name: he has it with its member, or has none. */
static void test_reopen(void)
{
    SECURITY_ATTRIBUTES inheritable = { sizeof(inheritable), NULL, TRUE };
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = { .BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE };
    HANDLE filled = CreateEventA(&inheritable, TRUE, FALSE, NULL), over = CreateEventA(&inheritable, TRUE, FALSE, NULL), job;
    PROCESS_INFORMATION process, others[2];
    DWORD code;
    char name[64], line[200];
    int round, i;

    snprintf(name, sizeof(name), "oriel-reopened-%lu", GetCurrentProcessId());
    snprintf(line, sizeof(line), "reopen %s %p %p", name, (void *)filled, (void *)over);
    for (i = 0; i < 2; i++) works(start(line, 0, TRUE, NULL, &others[i]));
    for (round = 0; round <= 60; round++)
    {
        works(start("sleep", CREATE_SUSPENDED, FALSE, NULL, &process));
        ResetEvent(filled);
        works(job = CreateJobObjectA(NULL, name));
        works(SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof(limits)));
        works(AssignProcessToJobObject(job, process.hProcess));
        SetEvent(filled);
        for (i = 0; i < 2 && round == 60; i++)  /* both have opened it now */
        {
            SetEvent(over);
            code = finish(&others[i]);
            ok(!code, "%lu times a job without its member\n", code);
        }
        works(CloseHandle(job));
        finish(&process);
    }
    CloseHandle(filled);
    CloseHandle(over);
}

/* What members have read. */
static void test_io(void)
{
    JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION accounting;
    JOBOBJECT_BASIC_UI_RESTRICTIONS restrictions = { 0 };
    PROCESS_INFORMATION process;
    HANDLE job = make_job(0, 0);
    DWORD code;

    works(start("read", CREATE_SUSPENDED, FALSE, NULL, &process));
    works(AssignProcessToJobObject(job, process.hProcess));
    ResumeThread(process.hThread);
    code = finish(&process);
    ok(!code, "%lu\n", code);
    works(QueryInformationJobObject(job, JobObjectBasicAndIoAccountingInformation, &accounting, sizeof(accounting), NULL));
    ok(accounting.BasicInfo.TotalProcesses == 1, "%lu processes\n", accounting.BasicInfo.TotalProcesses);
    ok(accounting.IoInfo.ReadTransferCount >= 50000 && accounting.IoInfo.ReadOperationCount >= 50, "%I64u bytes in %I64u\n",
       accounting.IoInfo.ReadTransferCount, accounting.IoInfo.ReadOperationCount);

    works(SetInformationJobObject(job, JobObjectBasicUIRestrictions, &restrictions, sizeof(restrictions)));
    restrictions.UIRestrictionsClass = 0x40;         /* JOB_OBJECT_UILIMIT_DESKTOP */
    fails(SetInformationJobObject(job, JobObjectBasicUIRestrictions, &restrictions, sizeof(restrictions)), ERROR_NOT_SUPPORTED);
    CloseHandle(job);
}

static void test_breakaway(DWORD limit, DWORD flags, DWORD error, DWORD total)
{
    HANDLE job = make_job(limit, 0);
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION accounting;
    PROCESS_INFORMATION process;
    char line[64];
    DWORD code;

    snprintf(line, sizeof(line), "spawn %#lx", flags);
    works(start(line, CREATE_SUSPENDED, FALSE, NULL, &process));
    works(AssignProcessToJobObject(job, process.hProcess));
    ResumeThread(process.hThread);
    code = finish(&process);
    ok(code == error, "limit %#lx, flags %#lx: error %lu\n", limit, flags, code);
    works(QueryInformationJobObject(job, JobObjectBasicAccountingInformation, &accounting, sizeof(accounting), NULL));
    ok(accounting.TotalProcesses == total, "limit %#lx, flags %#lx: %lu processes\n", limit, flags, accounting.TotalProcesses);
    CloseHandle(job);
}

/* A job that somebody is born into, and handles on it that come by inheritance and duplication. */
static void test_list(void)
{
    char buffer[256], line[64];
    STARTUPINFOEXA info = { .StartupInfo.cb = sizeof(info), .lpAttributeList = (void *)buffer };
    HANDLE job = make_job(0, 0), inheritable;
    PROCESS_INFORMATION process;
    SIZE_T size = sizeof(buffer);
    DWORD code;

    works(DuplicateHandle(GetCurrentProcess(), job, GetCurrentProcess(), &inheritable, 0, TRUE, DUPLICATE_SAME_ACCESS));
    works(InitializeProcThreadAttributeList(info.lpAttributeList, 1, 0, &size));
    works(UpdateProcThreadAttribute(info.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_JOB_LIST, &job, sizeof(job), NULL, NULL));
    snprintf(line, sizeof(line), "in %p", (void *)inheritable);
    works(start(line, 0, TRUE, &info, &process));
    code = finish(&process);
    ok(code == 1, "in %lu\n", code);
    snprintf(line, sizeof(line), "count %p", (void *)inheritable);
    works(start(line, 0, TRUE, &info, &process));
    code = finish(&process);
    ok(code == 1, "count %lu\n", code);
    works(start(line, 0, TRUE, NULL, &process));
    code = finish(&process);
    ok(code == 0, "count %lu\n", code);
    snprintf(line, sizeof(line), "nest %p", (void *)inheritable);
    works(start(line, 0, TRUE, &info, &process));
    code = finish(&process);
    ok(code == 0, "nested: %lu\n", code);
    DeleteProcThreadAttributeList(info.lpAttributeList);
    CloseHandle(inheritable);
    CloseHandle(job);
}

START_TEST(job)
{
    SECURITY_ATTRIBUTES inheritable = { sizeof(inheritable), NULL, TRUE };
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    GetModuleFileNameA(NULL, self, sizeof(self));
    if (argc > 2) ExitProcess(member(argc, argv));
    ready = CreateEventA(&inheritable, FALSE, FALSE, NULL);
    test_family();
    test_close();
    test_killed_holder();
    test_limit();
    test_port();
    test_ended();
    test_name();
    test_reopen();
    test_io();
    test_breakaway(0, 0, 0, 2);
    test_breakaway(0, CREATE_BREAKAWAY_FROM_JOB, ERROR_ACCESS_DENIED, 1);
    test_breakaway(JOB_OBJECT_LIMIT_BREAKAWAY_OK, 0, 0, 2);
    test_breakaway(JOB_OBJECT_LIMIT_BREAKAWAY_OK, CREATE_BREAKAWAY_FROM_JOB, 0, 1);
    test_breakaway(JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK, 0, 0, 1);
    test_list();
    CloseHandle(ready);
}
