/* Jobs within jobs: who is in which, for how long one is within another, who hears of what in which order. The program starts
 * itself as members. */
#include "win32.h"
#include <stdlib.h>

static char self[MAX_PATH];

struct list { STARTUPINFOEXA info; char buffer[256]; };

static STARTUPINFOEXA *list_init(struct list *list, HANDLE *jobs, unsigned int count, HANDLE *parent)
{
    SIZE_T size = sizeof(list->buffer);

    memset(list, 0, sizeof(*list));
    list->info.StartupInfo.cb = sizeof(list->info);
    list->info.lpAttributeList = (void *)list->buffer;
    works(InitializeProcThreadAttributeList(list->info.lpAttributeList, 2, 0, &size));
    works(UpdateProcThreadAttribute(list->info.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_JOB_LIST, jobs, count * sizeof(HANDLE),
                                    NULL, NULL));
    if (parent)
        works(UpdateProcThreadAttribute(list->info.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_PARENT_PROCESS, parent,
                                        sizeof(HANDLE), NULL, NULL));
    return &list->info;
}

static BOOL start(const char *arguments, DWORD flags, STARTUPINFOEXA *more, PROCESS_INFORMATION *process)
{
    STARTUPINFOEXA info = { .StartupInfo.cb = sizeof(STARTUPINFOA) };
    char line[2048];

    snprintf(line, sizeof(line), "\"%s\" job_nested %s", self, arguments);
    return CreateProcessA(NULL, line, NULL, NULL, FALSE, flags | (more ? EXTENDED_STARTUPINFO_PRESENT : 0), NULL, NULL,
                          more ? &more->StartupInfo : &info.StartupInfo, process);
}

static DWORD finish(PROCESS_INFORMATION *process)
{
    DWORD code = 0;

    ok(!WaitForSingleObject(process->hProcess, 20000), "it lives on\n");
    GetExitCodeProcess(process->hProcess, &code);
    CloseHandle(process->hProcess);
    CloseHandle(process->hThread);
    return code;
}

static DWORD stop(PROCESS_INFORMATION *process)
{
    TerminateProcess(process->hProcess, 0);
    return finish(process);
}

static void limit(HANDLE job, DWORD flags, DWORD count)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = { .BasicLimitInformation = { .LimitFlags = flags, .ActiveProcessLimit = count } };

    works(SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof(limits)));
}

static BOOL in(HANDLE process, HANDLE job)
{
    BOOL result = 2;

    works(IsProcessInJob(process, job, &result));
    return result;
}

static JOBOBJECT_BASIC_ACCOUNTING_INFORMATION accounting(HANDLE job)
{
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION info;

    works(QueryInformationJobObject(job, JobObjectBasicAccountingInformation, &info, sizeof(info), NULL));
    return info;
}

/* A pair of jobs, the inner one within the outer one since a process that has ended. */
static void make_pair(HANDLE jobs[2])
{
    PROCESS_INFORMATION process;
    struct list list;

    works(jobs[0] = CreateJobObjectA(NULL, NULL));
    works(jobs[1] = CreateJobObjectA(NULL, NULL));
    works(start("sleep", 0, list_init(&list, jobs, 2, NULL), &process));
    ok(in(process.hProcess, jobs[0]) && in(process.hProcess, jobs[1]), "it is not in both\n");
    stop(&process);
}

static void close_pair(HANDLE jobs[2])
{
    CloseHandle(jobs[0]);
    CloseHandle(jobs[1]);
}

static void set_port(HANDLE job, HANDLE port)
{
    JOBOBJECT_ASSOCIATE_COMPLETION_PORT association = { job, port };

    works(SetInformationJobObject(job, JobObjectAssociateCompletionPortInformation, &association, sizeof(association)));
}

/* ---- the members ---------------------------------------------------------------------------------------------------- */

static int member(int argc, char **argv)
{
    PROCESS_INFORMATION process;
    HANDLE job;

    if (!strcmp(argv[2], "sleep")) return Sleep(60000), 0;
    if (!strcmp(argv[2], "put") && argc > 3)    /* puts a process of its own into the job that it knows by name alone; its id */
    {
        if (!(job = OpenJobObjectA(JOB_OBJECT_ASSIGN_PROCESS, FALSE, argv[3]))) return 0;
        if (!start("sleep", 0, NULL, &process)) return 0;
        if (AssignProcessToJobObject(job, process.hProcess)) return process.dwProcessId;
        stop(&process);
        return 0;
    }
    if (!strcmp(argv[2], "family"))             /* is in two jobs, as its children are: how often they are told in another order */
    {
        HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1), jobs[2];
        int round, i, wrong = 0;
        OVERLAPPED *value;
        ULONG_PTR key;
        DWORD bytes;

        for (i = 0; i < 2; i++)
        {
            works(jobs[i] = CreateJobObjectA(NULL, NULL));
            works(AssignProcessToJobObject(jobs[i], GetCurrentProcess()));
            set_port(jobs[i], port);
            works(GetQueuedCompletionStatus(port, &bytes, &key, &value, 5000));         /* of this process */
        }
        for (round = 0; round < 30; round++)
        {
            works(start("sleep", CREATE_SUSPENDED, NULL, &process));
            for (i = 1; i >= 0; i--)
                if (!GetQueuedCompletionStatus(port, &bytes, &key, &value, 5000) || key != (ULONG_PTR)jobs[i] ||
                    bytes != JOB_OBJECT_MSG_NEW_PROCESS || (DWORD)(ULONG_PTR)value != process.dwProcessId)
                    wrong++;
            stop(&process);
            for (i = 0; i < 2; i++) GetQueuedCompletionStatus(port, &bytes, &key, &value, 5000);
        }
        return wrong;
    }
    return 12345;
}

/* ---- tests ---------------------------------------------------------------------------------------------------------- */

/* What a job is within outlives its members. */
static void test_parent(void)
{
    HANDLE jobs[2], other = CreateJobObjectA(NULL, NULL);
    PROCESS_INFORMATION process, second;
    struct list list;

    make_pair(jobs);
    ok(!accounting(jobs[1]).ActiveProcesses && accounting(jobs[0]).TotalProcesses == 1, "%lu processes\n",
       accounting(jobs[0]).TotalProcesses);
    works(start("sleep", 0, NULL, &process));
    works(AssignProcessToJobObject(jobs[1], process.hProcess));
    ok(in(process.hProcess, jobs[0]), "it is not in the outer job\n");
    ok(accounting(jobs[0]).ActiveProcesses == 1, "%lu processes\n", accounting(jobs[0]).ActiveProcesses);
    works(AssignProcessToJobObject(other, process.hProcess));   /* a third, inside them */
    works(AssignProcessToJobObject(jobs[0], process.hProcess));
    works(AssignProcessToJobObject(jobs[1], process.hProcess));
    stop(&process);

    /* Now that is within them: not in another one. */
    works(start("sleep", 0, list_init(&list, &other, 1, NULL), &process));
    ok(in(process.hProcess, jobs[0]) && in(process.hProcess, jobs[1]), "it is not in all three\n");
    stop(&process);
    works(start("sleep", 0, list_init(&list, jobs, 1, NULL), &process));
    works(start("sleep", 0, NULL, &second));
    works(AssignProcessToJobObject(other, process.hProcess));
    ok(in(process.hProcess, jobs[1]), "the job between is left out\n");
    works(AssignProcessToJobObject(other, second.hProcess));
    works(TerminateJobObject(jobs[0], 77));
    ok(finish(&process) == 77 && finish(&second) == 77, "they end otherwise\n");
    close_pair(jobs);
    CloseHandle(other);
}

/* One that had processes elsewhere is within none. */
static void test_used(void)
{
    HANDLE outer = CreateJobObjectA(NULL, NULL), used = CreateJobObjectA(NULL, NULL);
    PROCESS_INFORMATION process, second;

    works(start("sleep", 0, NULL, &process));
    works(start("sleep", 0, NULL, &second));
    works(AssignProcessToJobObject(used, second.hProcess));
    works(AssignProcessToJobObject(outer, process.hProcess));
    fails(AssignProcessToJobObject(used, process.hProcess), ERROR_ACCESS_DENIED);
    stop(&second);
    fails(AssignProcessToJobObject(used, process.hProcess), ERROR_ACCESS_DENIED);
    stop(&process);
    ok(accounting(used).TotalProcesses == 1, "%lu processes\n", accounting(used).TotalProcesses);
    CloseHandle(outer);
    CloseHandle(used);
}

/* A limit of the outer job holds in the inner one, and who is kept out is in neither. */
static void test_limit(void)
{
    PROCESS_INFORMATION process, second;
    HANDLE jobs[2];

    make_pair(jobs);
    limit(jobs[0], JOB_OBJECT_LIMIT_ACTIVE_PROCESS, 1);
    works(start("sleep", 0, NULL, &process));
    works(start("sleep", 0, NULL, &second));
    works(AssignProcessToJobObject(jobs[1], process.hProcess));
    fails(AssignProcessToJobObject(jobs[1], second.hProcess), ERROR_NOT_ENOUGH_QUOTA);
    ok(finish(&second) == ERROR_NOT_ENOUGH_QUOTA, "it is not ended\n");
    ok(accounting(jobs[1]).TotalProcesses == 2 && accounting(jobs[0]).TotalProcesses == 2, "%lu and %lu processes\n",
       accounting(jobs[1]).TotalProcesses, accounting(jobs[0]).TotalProcesses);
    stop(&process);
    close_pair(jobs);
}

/* Nobody holds the outer one any more: that is the end of who is in the inner one. */
static void test_close(void)
{
    PROCESS_INFORMATION process;
    HANDLE jobs[2];

    make_pair(jobs);
    limit(jobs[0], JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, 0);
    works(start("sleep", 0, NULL, &process));
    works(AssignProcessToJobObject(jobs[1], process.hProcess));
    works(CloseHandle(jobs[0]));
    finish(&process);
    ok(!accounting(jobs[1]).ActiveProcesses, "%lu processes\n", accounting(jobs[1]).ActiveProcesses);
    CloseHandle(jobs[1]);
}

/* Somebody who has never heard of the outer job puts a process into the inner one. */
static void test_stranger(void)
{
    PROCESS_INFORMATION process, holder;
    char name[64], line[100];
    HANDLE jobs[2], child;
    struct list list;
    DWORD id;

    snprintf(name, sizeof(name), "oriel-nested-%lu", GetCurrentProcessId());
    snprintf(line, sizeof(line), "put %s", name);
    works(jobs[0] = CreateJobObjectA(NULL, NULL));
    works(jobs[1] = CreateJobObjectA(NULL, name));
    for (int i = 0; i < 2; i++)                 /* whom it can ask: this process, and a member */
    {
        works(start("sleep", CREATE_SUSPENDED, list_init(&list, jobs, 2, NULL), &process));
        if (!i) stop(&process);
        works(start(line, 0, NULL, &holder));
        id = finish(&holder);
        ok(id, "it could not\n");
        works(child = OpenProcess(PROCESS_ALL_ACCESS, FALSE, id));
        ok(in(child, jobs[1]) && in(child, jobs[0]), "in the inner job %d, in the outer one %d\n", in(child, jobs[1]), in(child, jobs[0]));
        TerminateProcess(child, 0);
        CloseHandle(child);
        if (i) stop(&process);
    }
    close_pair(jobs);
}

#define expect(...) expect_(__LINE__, __VA_ARGS__)
static void expect_(int line, HANDLE port, HANDLE job, DWORD message, DWORD id)
{
    OVERLAPPED *value;
    ULONG_PTR key;
    DWORD bytes;

    if (!GetQueuedCompletionStatus(port, &bytes, &key, &value, 5000))
    {
        ok_(__FILE__, line)(0, "message %lu did not come\n", message);
        return;
    }
    ok_(__FILE__, line)(bytes == message && key == (ULONG_PTR)job && (!id || (DWORD)(ULONG_PTR)value == id),
       "message %lu of %lu to %Ix; expected %lu of %lu to %p\n", bytes, (DWORD)(ULONG_PTR)value, key, message, id, job);
}

/* The innermost job's port hears first, and also of who came and went in a start that failed. */
static void test_ports(void)
{
    HANDLE jobs[2], other[2], port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    PROCESS_INFORMATION process;
    struct list list;
    OVERLAPPED *value;
    ULONG_PTR key;
    DWORD bytes;

    works(start("family", 0, NULL, &process));
    bytes = finish(&process);
    ok(!bytes, "%lu messages out of order\n", bytes);

    make_pair(jobs);
    set_port(jobs[0], port);
    set_port(jobs[1], port);
    for (int i = 0; i < 20; i++)
    {
        works(start("sleep", CREATE_SUSPENDED, i % 2 ? list_init(&list, &jobs[1], 1, NULL) : NULL, &process));
        if (i % 2 == 0) works(AssignProcessToJobObject(jobs[1], process.hProcess));
        expect(port, jobs[1], JOB_OBJECT_MSG_NEW_PROCESS, process.dwProcessId);
        expect(port, jobs[0], JOB_OBJECT_MSG_NEW_PROCESS, process.dwProcessId);
        stop(&process);
        expect(port, jobs[1], JOB_OBJECT_MSG_EXIT_PROCESS, process.dwProcessId);
        expect(port, jobs[1], JOB_OBJECT_MSG_ACTIVE_PROCESS_ZERO, 0);
        expect(port, jobs[0], JOB_OBJECT_MSG_EXIT_PROCESS, process.dwProcessId);
        expect(port, jobs[0], JOB_OBJECT_MSG_ACTIVE_PROCESS_ZERO, 0);
    }

    works(other[0] = CreateJobObjectA(NULL, NULL));
    other[1] = jobs[1];
    set_port(other[0], port);
    fails(start("sleep", 0, list_init(&list, other, 2, NULL), &process), ERROR_ACCESS_DENIED);
    expect(port, other[0], JOB_OBJECT_MSG_NEW_PROCESS, 0);
    expect(port, other[0], JOB_OBJECT_MSG_EXIT_PROCESS, 0);
    expect(port, other[0], JOB_OBJECT_MSG_ACTIVE_PROCESS_ZERO, 0);
    fails(GetQueuedCompletionStatus(port, &bytes, &key, &value, 50), WAIT_TIMEOUT);
    ok(accounting(other[0]).TotalProcesses == 1, "%lu processes\n", accounting(other[0]).TotalProcesses);
    CloseHandle(other[0]);
    CloseHandle(port);
    close_pair(jobs);
}

/* The child of another process is in that one's jobs, and in ours. */
static void test_other_parent(void)
{
    HANDLE jobs[2], own, both[2];
    PROCESS_INFORMATION parent, process;
    struct list list;

    make_pair(jobs);
    works(own = CreateJobObjectA(NULL, NULL));
    works(start("sleep", 0, NULL, &parent));
    works(start("sleep", 0, list_init(&list, &jobs[1], 1, &parent.hProcess), &process));
    ok(in(process.hProcess, jobs[0]) && in(process.hProcess, jobs[1]), "it is not in both\n");
    stop(&process);
    works(AssignProcessToJobObject(own, parent.hProcess));
    fails(start("sleep", 0, list_init(&list, &jobs[1], 1, &parent.hProcess), &process), ERROR_ACCESS_DENIED);
    works(both[0] = CreateJobObjectA(NULL, NULL));
    works(both[1] = CreateJobObjectA(NULL, NULL));
    works(start("sleep", 0, list_init(&list, both, 2, &parent.hProcess), &process));
    ok(in(process.hProcess, own) && in(process.hProcess, both[0]) && in(process.hProcess, both[1]), "it is not in all\n");
    works(TerminateJobObject(own, 5));
    ok(finish(&process) == 5, "it ends otherwise\n");
    finish(&parent);
    works(start("sleep", 0, list_init(&list, &both[1], 1, NULL), &process));
    ok(in(process.hProcess, own) && in(process.hProcess, both[0]), "it is not in all\n");
    stop(&process);
    close_pair(jobs);
    close_pair(both);
    CloseHandle(own);
}

START_TEST(job_nested)
{
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    GetModuleFileNameA(NULL, self, sizeof(self));
    if (argc > 2) ExitProcess(member(argc, argv));
    test_parent();
    test_used();
    test_limit();
    test_close();
    test_stranger();
    test_ports();
    test_other_parent();
}
