/* Attributes of CreateProcess: processors, policies. The program starts itself as everybody. */
#include "win32.h"
#include <stdlib.h>

static char self[MAX_PATH];

struct list
{
    char buffer[256];
    STARTUPINFOEXA info;
};

static void list_init(struct list *list, DWORD count)
{
    SIZE_T size = sizeof(list->buffer);

    memset(list, 0, sizeof(*list));
    list->info.StartupInfo.cb = sizeof(list->info);
    list->info.lpAttributeList = (void *)list->buffer;
    works(InitializeProcThreadAttributeList(list->info.lpAttributeList, count, 0, &size));
}

static void list_add(struct list *list, DWORD_PTR attribute, void *value, SIZE_T size)
{
    works(UpdateProcThreadAttribute(list->info.lpAttributeList, 0, attribute, value, size, NULL, NULL));
}

static BOOL start(const char *arguments, BOOL inherit, struct list *list, PROCESS_INFORMATION *process)
{
    STARTUPINFOEXA plain = { .StartupInfo.cb = sizeof(STARTUPINFOA) };
    char line[2048];

    snprintf(line, sizeof(line), "\"%s\" attributes %s", self, arguments);
    return CreateProcessA(NULL, line, NULL, NULL, inherit, list ? EXTENDED_STARTUPINFO_PRESENT : 0, NULL, NULL,
                          list ? &list->info.StartupInfo : &plain.StartupInfo, process);
}

static DWORD finish(PROCESS_INFORMATION *process)
{
    DWORD code = 0xdeadbeef;

    ok(!WaitForSingleObject(process->hProcess, 10000), "it lives on\n");
    ok(!WaitForSingleObject(process->hThread, 1000), "its thread lives on\n");
    GetExitCodeProcess(process->hProcess, &code);
    CloseHandle(process->hProcess);
    CloseHandle(process->hThread);
    return code;
}

static DWORD run(const char *arguments, BOOL inherit, struct list *list)
{
    PROCESS_INFORMATION process;

    if (start(arguments, inherit, list, &process)) return finish(&process);
    return 0x80000000 | GetLastError();
}

/* What would shield a process from others: nothing here does. */
static void test_shields(void)
{
    static const DWORD flags[] = { 0x00040000 /* CREATE_PROTECTED_PROCESS */, 0x00400000 /* CREATE_SECURE_PROCESS */ };
    STARTUPINFOA info = { .cb = sizeof(info) };
    PROCESS_INFORMATION process;
    char line[2048];
    unsigned int i;

    for (i = 0; i < 2; i++)
    {
        snprintf(line, sizeof(line), "\"%s\" attributes none", self);
        SetLastError(0xdeadbeef);
        ok(!CreateProcessA(NULL, line, NULL, NULL, FALSE, flags[i], NULL, NULL, &info, &process), "%u: it starts\n", i);
        ok(GetLastError() == ERROR_NOT_SUPPORTED, "%u: error %lu\n", i, GetLastError());
    }
}

static int child(int argc, char **argv)
{
    DWORD_PTR own, system;

    if (!strcmp(argv[2], "exit")) return 5;
    if (!strcmp(argv[2], "affinity")) return GetProcessAffinityMask(GetCurrentProcess(), &own, &system) ? (int)own : -1;
    if (!strcmp(argv[2], "spawn")) return run("exit", FALSE, NULL) & 0x7fffffff;
    return argc;
}

static void test_attributes(void)
{
    GROUP_AFFINITY affinity = { .Mask = 1 };
    DWORD64 mitigation = 1;
    struct list list;
    USHORT node = 0;
    DWORD policy = 1, code;

    list_init(&list, 4);
    list_add(&list, PROC_THREAD_ATTRIBUTE_GROUP_AFFINITY, &affinity, sizeof(affinity));
    list_add(&list, PROC_THREAD_ATTRIBUTE_PREFERRED_NODE, &node, sizeof(node));
    list_add(&list, PROC_THREAD_ATTRIBUTE_MITIGATION_POLICY, &mitigation, sizeof(mitigation));
    code = run("affinity", FALSE, &list);
    ok(code == 1, "mask %#lx\n", code);
    mitigation = (DWORD64)1 << 28;      /* PROCESS_CREATION_MITIGATION_POLICY_WIN32K_SYSTEM_CALL_DISABLE_ALWAYS_ON */
    code = run("exit", FALSE, &list);
    ok(code == (0x80000000 | ERROR_NOT_SUPPORTED), "%#lx\n", code);
    mitigation = 0;
    affinity.Mask = (KAFFINITY)1 << 63;
    code = run("exit", FALSE, &list);
    ok(code == (0x80000000 | ERROR_INVALID_PARAMETER), "%#lx\n", code);
    affinity.Mask = 1;
    list_add(&list, PROC_THREAD_ATTRIBUTE_CHILD_PROCESS_POLICY, &policy, sizeof(policy));
    code = run("spawn", FALSE, &list);
    ok(code == ERROR_CHILD_PROCESS_BLOCKED, "%lu\n", code);
    code = run("spawn", FALSE, NULL);
    ok(code == 5, "%lu\n", code);
}

START_TEST(attributes)
{
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    GetModuleFileNameA(NULL, self, sizeof(self));
    if (argc > 2) ExitProcess(child(argc, argv));
    test_attributes();
    test_shields();
}
