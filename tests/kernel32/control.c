/* Console control events between processes: who gets one, and what becomes of those who have no handler. */
#include "win32.h"
#include "wincon.h"
#include <stdlib.h>

static char self[MAX_PATH];
static volatile LONG events[2];

static BOOL WINAPI note(DWORD event)
{
    if (event > 1) return FALSE;
    InterlockedIncrement(&events[event]);
    return TRUE;
}

static BOOL WINAPI tell(DWORD event)
{
    ExitProcess(100 + event);
}

static BOOL start(const char *what, DWORD flags, HANDLE *process, DWORD *id)
{
    SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
    HANDLE ready = CreateEventA(&inherit, TRUE, FALSE, NULL), waits[2];
    STARTUPINFOA info = { .cb = sizeof(info) };
    PROCESS_INFORMATION child;
    char line[2 * MAX_PATH];
    DWORD ret;

    snprintf(line, sizeof(line), "\"%s\" control %s %lx", self, what, HandleToUlong(ready));
    if (!CreateProcessA(NULL, line, NULL, NULL, TRUE, flags, NULL, NULL, &info, &child))
    {
        ok(0, "CreateProcess failed with %lu\n", GetLastError());
        return FALSE;
    }
    waits[0] = ready;
    waits[1] = child.hProcess;
    ret = WaitForMultipleObjects(2, waits, FALSE, 10000);
    ok(!ret, "%s is not ready: %lu\n", what, ret);
    CloseHandle(ready);
    CloseHandle(child.hThread);
    *process = child.hProcess;
    *id = child.dwProcessId;
    return TRUE;
}

static int child(const char *what, HANDLE ready)
{
    HANDLE process;
    DWORD id, code = 0;

    if (!strcmp(what, "handler")) SetConsoleCtrlHandler(tell, TRUE);
    if (!strcmp(what, "listener"))
    {
        SetConsoleCtrlHandler(NULL, FALSE);
        SetConsoleCtrlHandler(tell, TRUE);
    }
    if (!strcmp(what, "ignore") || !strcmp(what, "ignoring_family")) SetConsoleCtrlHandler(NULL, TRUE);
    if (strstr(what, "family"))
    {
        if (!strcmp(what, "family")) SetConsoleCtrlHandler(note, TRUE);
        if (!start("plain", 0, &process, &id)) return 1;
        SetEvent(ready);
        WaitForSingleObject(process, 20000);
        GetExitCodeProcess(process, &code);
        return (int)code;
    }
    SetEvent(ready);
    if (!strcmp(what, "send") && !GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0)) return (int)GetLastError();
    Sleep(20000);
    return 1;
}

static DWORD ended(HANDLE process)
{
    DWORD code = 0, ret = WaitForSingleObject(process, 5000);

    ok(!ret, "it is still there\n");
    if (ret) TerminateProcess(process, 1);
    GetExitCodeProcess(process, &code);
    CloseHandle(process);
    return code;
}

static void still_there(HANDLE process, const char *what)
{
    ok(WaitForSingleObject(process, 0) == WAIT_TIMEOUT, "%s has ended\n", what);
    TerminateProcess(process, 9);
    ok(ended(process) == 9, "%s has another code\n", what);
}

static void test_group(void)
{
    HANDLE process;
    DWORD id, code;

    if (!start("handler", CREATE_NEW_PROCESS_GROUP, &process, &id)) return;
    works(GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, id));
    code = ended(process);
    ok(code == 100 + CTRL_BREAK_EVENT, "exit code %#lx\n", code);

    start("handler", CREATE_NEW_PROCESS_GROUP, &process, &id);
    works(GenerateConsoleCtrlEvent(CTRL_C_EVENT, id));          /* which new groups ignore */
    ok(WaitForSingleObject(process, 100) == WAIT_TIMEOUT, "it has ended\n");
    works(GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, id));
    code = ended(process);
    ok(code == 100 + CTRL_BREAK_EVENT, "exit code %#lx\n", code);

    start("listener", CREATE_NEW_PROCESS_GROUP, &process, &id);
    works(GenerateConsoleCtrlEvent(CTRL_C_EVENT, id));
    code = ended(process);
    ok(code == 100 + CTRL_C_EVENT, "exit code %#lx\n", code);

    start("plain", CREATE_NEW_PROCESS_GROUP, &process, &id);
    works(GenerateConsoleCtrlEvent(CTRL_C_EVENT, id));
    ok(WaitForSingleObject(process, 100) == WAIT_TIMEOUT, "it has ended\n");
    works(GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, id));
    code = ended(process);
    ok(code == (DWORD)STATUS_CONTROL_C_EXIT, "exit code %#lx\n", code);

    /* children belong to the group */
    start("family", CREATE_NEW_PROCESS_GROUP, &process, &id);
    works(GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, id));
    code = ended(process);
    ok(code == (DWORD)STATUS_CONTROL_C_EXIT, "exit code %#lx\n", code);
    ok(!events[0] && !events[1], "we were told: %ld, %ld\n", events[0], events[1]);

    fails(GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, id), ERROR_INVALID_PARAMETER);
    fails(GenerateConsoleCtrlEvent(2, 0), ERROR_INVALID_PARAMETER);
}

/* To all that have our console. */
static void test_console(DWORD event)
{
    static const struct
    {
        const char *what;
        DWORD flags;
        DWORD codes[2];                 /* after Ctrl-C, after Ctrl-Break; 0: nothing happens */
    } children[] =
    {
        { "plain", 0, { STATUS_CONTROL_C_EXIT, STATUS_CONTROL_C_EXIT } },
        { "handler", 0, { 100, 101 } },
        { "ignore", 0, { 0, STATUS_CONTROL_C_EXIT } },
        { "family", 0, { STATUS_CONTROL_C_EXIT, STATUS_CONTROL_C_EXIT } },
        { "ignoring_family", 0, { 0, STATUS_CONTROL_C_EXIT } },
        { "handler", CREATE_NEW_PROCESS_GROUP, { 0, 101 } },
        { "handler", DETACHED_PROCESS, { 0, 0 } },
        { "handler", CREATE_NEW_CONSOLE, { 0, 0 } },
        { "handler", CREATE_NO_WINDOW, { 0, 0 } },
    };
    HANDLE process[ARRAY_SIZE(children)];
    DWORD id, code;
    LONG before = events[event];
    int i, j;

    winetest_push_context("event %lu", event);
    for (i = 0; i < (int)ARRAY_SIZE(children); i++)
        if (!start(children[i].what, children[i].flags, &process[i], &id)) return;
    works(GenerateConsoleCtrlEvent(event, 0));
    for (i = 0; i < (int)ARRAY_SIZE(children); i++)
    {
        if (!children[i].codes[event]) continue;
        code = ended(process[i]);
        ok(code == children[i].codes[event], "%s (%#lx): exit code %#lx\n", children[i].what, children[i].flags, code);
    }
    for (i = 0; i < (int)ARRAY_SIZE(children); i++)
        if (!children[i].codes[event]) still_there(process[i], children[i].what);
    for (j = 0; j < 500 && events[event] == before; j++) Sleep(5);
    ok(events[event] == before + 1, "we were told %ld times\n", events[event] - before);
    winetest_pop_context();
}

/* A process without a console, and one that has one for itself. */
static void test_alone(void)
{
    LONG before = events[0];
    HANDLE process;
    DWORD id, code;

    if (!start("send", DETACHED_PROCESS, &process, &id)) return;
    code = ended(process);
    ok(code == ERROR_INVALID_HANDLE, "without a console: error %lu\n", code);
    if (!start("send", CREATE_NEW_CONSOLE, &process, &id)) return;
    code = ended(process);
    ok(code == (DWORD)STATUS_CONTROL_C_EXIT, "to itself: exit code %#lx\n", code);
    ok(events[0] == before, "we were told\n");
}

START_TEST(control)
{
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    GetModuleFileNameA(NULL, self, sizeof(self));
    if (argc == 4) ExitProcess(child(argv[2], (HANDLE)(ULONG_PTR)strtoul(argv[3], NULL, 16)));
    works(SetConsoleCtrlHandler(note, TRUE));
    test_group();
    test_console(CTRL_C_EVENT);
    test_console(CTRL_BREAK_EVENT);
    test_alone();
    works(SetConsoleCtrlHandler(note, FALSE));
}
