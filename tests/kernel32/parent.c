/* PROC_THREAD_ATTRIBUTE_PARENT_PROCESS: a child for another process, whose handles it inherits. */
#include "win32.h"
#include <stdlib.h>

#ifndef PROC_THREAD_ATTRIBUTE_PARENT_PROCESS
#define PROC_THREAD_ATTRIBUTE_PARENT_PROCESS 0x20000
#endif
#ifndef PROC_THREAD_ATTRIBUTE_HANDLE_LIST
#define PROC_THREAD_ATTRIBUTE_HANDLE_LIST 0x20002
#endif

static char self[MAX_PATH];

static DWORD parent_of(HANDLE process)
{
    PROCESS_BASIC_INFORMATION info = { 0 };

    NtQueryInformationProcess(process, ProcessBasicInformation, &info, sizeof(info), NULL);
    return (DWORD)info.InheritedFromUniqueProcessId;
}

/* Says whether it has an event of that value. */
static int child(const char *value)
{
    HANDLE event = (HANDLE)(ULONG_PTR)strtoull(value, NULL, 16);

    return SetEvent(event) ? 40 : 41;
}

static BOOL start(const char *arguments, HANDLE parent, HANDLE *list, PROCESS_INFORMATION *info)
{
    struct { STARTUPINFOA info; void *attributes; } startup = { .info.cb = sizeof(startup) };
    char line[MAX_PATH + 64], room[512];
    SIZE_T size = sizeof(room);
    DWORD error;
    BOOL fine;

    sprintf(line, "\"%s\" parent %s", self, arguments);
    startup.attributes = room;
    works(InitializeProcThreadAttributeList(startup.attributes, 2, 0, &size));
    works(UpdateProcThreadAttribute(startup.attributes, 0, PROC_THREAD_ATTRIBUTE_PARENT_PROCESS, &parent, sizeof(parent), NULL, NULL));
    if (list)
        works(UpdateProcThreadAttribute(startup.attributes, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, list, sizeof(*list), NULL, NULL));
    fine = CreateProcessA(NULL, line, NULL, NULL, TRUE, EXTENDED_STARTUPINFO_PRESENT, NULL, NULL, &startup.info, info);
    error = GetLastError();
    DeleteProcThreadAttributeList(startup.attributes);
    SetLastError(error);
    return fine;
}

static void expect_exit(PROCESS_INFORMATION *info, DWORD expected)
{
    DWORD code = 0;

    ok(!WaitForSingleObject(info->hProcess, 10000), "it is still there\n");
    GetExitCodeProcess(info->hProcess, &code);
    ok(code == expected, "exit code %lu, not %lu\n", code, expected);
    CloseHandle(info->hProcess);
    CloseHandle(info->hThread);
}

START_TEST(parent)
{
    STARTUPINFOA startup = { .cb = sizeof(startup) };
    PROCESS_INFORMATION parent, info;
    HANDLE event, there, weak;
    char line[MAX_PATH + 64], **argv;
    int argc = winetest_get_mainargs(&argv);

    GetModuleFileNameA(NULL, self, sizeof(self));
    if (argc == 3 && !strcmp(argv[2], "sleep")) for (;;) Sleep(1000);
    if (argc == 4 && !strcmp(argv[2], "set")) ExitProcess(child(argv[3]));

    sprintf(line, "\"%s\" parent sleep", self);
    works(CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &parent));
    event = CreateEventA(NULL, TRUE, FALSE, NULL);
    works(DuplicateHandle(GetCurrentProcess(), event, parent.hProcess, &there, 0, TRUE, DUPLICATE_SAME_ACCESS));

    /* its handle, at its value there; and its parent */
    sprintf(line, "set %llx", (unsigned long long)(ULONG_PTR)there);
    works(start(line, parent.hProcess, NULL, &info));
    ok(parent_of(info.hProcess) == parent.dwProcessId, "parent %lu\n", parent_of(info.hProcess));
    expect_exit(&info, 40);
    ok(!WaitForSingleObject(event, 0), "not the event of the parent\n");

    /* the list names handles of the parent, too */
    ResetEvent(event);
    works(start(line, parent.hProcess, &there, &info));
    expect_exit(&info, 40);
    ok(!WaitForSingleObject(event, 0), "not the event of the parent\n");

    /* the right to it, and one that has ended */
    weak = OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, parent.dwProcessId);
    fails(start(line, weak, NULL, &info), ERROR_ACCESS_DENIED);
    CloseHandle(weak);
    works(TerminateProcess(parent.hProcess, 3));
    WaitForSingleObject(parent.hProcess, 10000);
    ok(!start(line, parent.hProcess, NULL, &info), "a child of the dead\n");
    CloseHandle(parent.hProcess);
    CloseHandle(parent.hThread);
    CloseHandle(event);
}
