/* Mailslots between processes: messages, empty ones among them, their order and number, and what is refused. */
#include "win32.h"

static char self[MAX_PATH], slot_name[MAX_PATH];

/* ---- the other process ------------------------------------------------------------------------------------------ */

#define must(condition) do { if (!(condition)) { fprintf(stderr, "child %s: line %d, error %lu\n", command, __LINE__, GetLastError()); return __LINE__; } } while (0)

static int child(const char *command)
{
    char buffer[101] = { 0 };
    HANDLE slot;
    DWORD n;

    if (!strcmp(command, "mail"))       /* three messages to a mailslot, and one that is too long */
    {
        must((slot = CreateFileA(slot_name, GENERIC_WRITE, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL)) != INVALID_HANDLE_VALUE);
        must(CreateMailslotA(slot_name, 0, 0, NULL) == INVALID_HANDLE_VALUE && GetLastError() == ERROR_ALREADY_EXISTS);
        must(WriteFile(slot, "first", 5, &n, NULL) && n == 5);
        must(WriteFile(slot, "", 0, &n, NULL) && n == 0);
        must(WriteFile(slot, "third", 5, &n, NULL) && n == 5);
        must(!WriteFile(slot, buffer, 101, &n, NULL) && GetLastError() == ERROR_INVALID_PARAMETER);
        return 0;
    }
    if (!strcmp(command, "flood"))      /* more messages than a socket holds */
    {
        must((slot = CreateFileA(slot_name, GENERIC_WRITE, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL)) != INVALID_HANDLE_VALUE);
        for (unsigned int i = 0; i < 3000; i++) must(WriteFile(slot, &i, sizeof(i), &n, NULL));
        return 0;
    }
    return 1;
}

static HANDLE start(const char *command)
{
    STARTUPINFOA info = { .cb = sizeof(info) };
    PROCESS_INFORMATION process;
    char line[1024];

    snprintf(line, sizeof(line), "\"%s\" mailslot %s %s", self, slot_name, command);
    works(CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &info, &process));
    CloseHandle(process.hThread);
    return process.hProcess;
}

static void finish(HANDLE process)
{
    DWORD code = 0xdeadbeef;

    ok(WaitForSingleObject(process, 20000) == WAIT_OBJECT_0, "the child is still there\n");
    works(GetExitCodeProcess(process, &code));
    ok(!code, "the child's line %lu\n", code);
    TerminateProcess(process, 1);
    CloseHandle(process);
}

static void test_mailslot(void)
{
    char buffer[128];
    HANDLE slot, process, client;
    DWORD n, next, count, wrong = 0;
    unsigned int number;

    snprintf(slot_name, sizeof(slot_name), "\\\\.\\mailslot\\oriel-%lu", GetCurrentProcessId());
    slot = CreateMailslotA(slot_name, 100, 5000, NULL);
    ok(slot != INVALID_HANDLE_VALUE, "CreateMailslot failed: %lu\n", GetLastError());
    process = start("mail");
    works(ReadFile(slot, buffer, sizeof(buffer), &n, NULL));
    ok(n == 5 && !memcmp(buffer, "first", 5), "%lu\n", n);
    finish(process);
    works(GetMailslotInfo(slot, NULL, &next, &count, NULL));
    ok(!next && count == 2, "%lu %lu\n", next, count);
    works(ReadFile(slot, buffer, sizeof(buffer), &n, NULL));
    ok(!n, "%lu\n", n);
    fails(ReadFile(slot, buffer, 4, &n, NULL), ERROR_INSUFFICIENT_BUFFER);
    works(ReadFile(slot, buffer, sizeof(buffer), &n, NULL));
    ok(n == 5 && !memcmp(buffer, "third", 5), "%lu\n", n);
    works(SetMailslotInfo(slot, 20));
    fails(ReadFile(slot, buffer, sizeof(buffer), &n, NULL), ERROR_SEM_TIMEOUT);

    finish(start("flood"));
    works(GetMailslotInfo(slot, NULL, &next, &count, NULL));
    ok(next == 4 && count == 3000, "%lu %lu\n", next, count);
    for (unsigned int i = 0; i < 3000; i++)
        if (!ReadFile(slot, &number, sizeof(number), &n, NULL) || number != i) wrong++;
    ok(!wrong, "%lu messages are wrong\n", wrong);

    client = CreateFileA(slot_name, GENERIC_WRITE, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    ok(client != INVALID_HANDLE_VALUE, "CreateFile failed: %lu\n", GetLastError());
    works(CloseHandle(slot));
    fails(WriteFile(client, "x", 1, &n, NULL), ERROR_HANDLE_EOF);
    works(CloseHandle(client));
    fails_handle(CreateFileA(slot_name, GENERIC_WRITE, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL), ERROR_FILE_NOT_FOUND);
}

START_TEST(mailslot)
{
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    if (argc > 3)
    {
        strcpy(slot_name, argv[2]);
        ExitProcess(child(argv[3]));
    }
    strcpy(self, argv[0]);
    test_mailslot();
}
