/* Jobs of one process. */
#include "objects.h"

static void test_job(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limit;
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION accounting;
    JOBOBJECT_BASIC_PROCESS_ID_LIST list;
    JOBOBJECT_ASSOCIATE_COMPLETION_PORT port_info;
    HANDLE job, port, second;
    LARGE_INTEGER timeout;
    IO_STATUS_BLOCK io;
    ULONG_PTR key, value;
    ULONG size;

    memset(&limit, 0, sizeof(limit));
    limit.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_BREAKAWAY_OK;
    ok_status(NtCreateJobObject(&job, JOB_OBJECT_ALL_ACCESS, NULL), STATUS_SUCCESS);
    ok_status(NtIsProcessInJob(GetCurrentProcess(), job), STATUS_PROCESS_NOT_IN_JOB);
    ok_status(NtQueryInformationJobObject(job, JobObjectBasicAccountingInformation, &accounting, sizeof(accounting), &size),
              STATUS_SUCCESS);
    ok(!accounting.ActiveProcesses && !accounting.TotalProcesses, "%lu of %lu\n", accounting.ActiveProcesses,
       accounting.TotalProcesses);
    ok_status(NtSetInformationJobObject(job, JobObjectExtendedLimitInformation, &limit, sizeof(limit)), STATUS_SUCCESS);
    memset(&limit, 0xcc, sizeof(limit));
    ok_status(NtQueryInformationJobObject(job, JobObjectExtendedLimitInformation, &limit, sizeof(limit), &size),
              STATUS_SUCCESS);
    ok(limit.BasicLimitInformation.LimitFlags == JOB_OBJECT_LIMIT_BREAKAWAY_OK, "flags %lx\n",
       limit.BasicLimitInformation.LimitFlags);
    ok_status(NtQueryInformationJobObject(job, JobObjectExtendedLimitInformation, &limit, 8, &size),
              STATUS_INFO_LENGTH_MISMATCH);
    limit.BasicLimitInformation.LimitFlags = 0x80000000;
    ok_status(NtSetInformationJobObject(job, JobObjectExtendedLimitInformation, &limit, sizeof(limit)),
              STATUS_INVALID_PARAMETER);

    ok_status(NtCreateIoCompletion(&port, IO_COMPLETION_ALL_ACCESS, NULL, 0), STATUS_SUCCESS);
    port_info.CompletionKey = (void *)0x1234;
    port_info.CompletionPort = port;
    ok_status(NtSetInformationJobObject(job, JobObjectAssociateCompletionPortInformation, &port_info, sizeof(port_info)),
              STATUS_SUCCESS);
    ok_status(NtAssignProcessToJobObject(job, GetCurrentProcess()), STATUS_SUCCESS);
    ok_status(NtIsProcessInJob(GetCurrentProcess(), job), STATUS_PROCESS_IN_JOB);
    ok_status(NtIsProcessInJob(GetCurrentProcess(), NULL), STATUS_PROCESS_IN_JOB);
    ok_status(NtRemoveIoCompletion(port, &key, &value, &io, milliseconds(&timeout, 10000)), STATUS_SUCCESS);
    ok(key == 0x1234 && value == GetCurrentProcessId() && !io.Status && io.Information == JOB_OBJECT_MSG_NEW_PROCESS,
       "%Ix %Ix %Ix\n", key,
       value, io.Information);
    ok_status(NtQueryInformationJobObject(job, JobObjectBasicProcessIdList, &list, sizeof(list), &size), STATUS_SUCCESS);
    ok(list.NumberOfProcessIdsInList == 1 && list.ProcessIdList[0] == GetCurrentProcessId(), "%lu %Ix\n",
       list.NumberOfProcessIdsInList, list.ProcessIdList[0]);

    ok_status(NtCreateJobObject(&second, JOB_OBJECT_ALL_ACCESS, NULL), STATUS_SUCCESS);
    ok_status(NtIsProcessInJob(GetCurrentProcess(), second), STATUS_PROCESS_NOT_IN_JOB);
    NtClose(second);
    NtClose(port);
    NtClose(job);
}

START_TEST(job)
{
    test_job();
}
