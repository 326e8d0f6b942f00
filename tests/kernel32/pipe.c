/* Pipes between processes: names, messages, instances, inheritance, waits, and what the death of the other end looks like.
 * The program starts itself as the other process. */
#include "win32.h"
#include <stdlib.h>

static char self[MAX_PATH], name[MAX_PATH];

/* ---- the other process ------------------------------------------------------------------------------------------ */

/* Commands after the name of the pipe; the exit code is 0 or the number of the line that went wrong. */
#define must(condition) do { if (!(condition)) { fprintf(stderr, "child %s: line %d, error %lu\n", command, __LINE__, GetLastError()); return __LINE__; } } while (0)

static HANDLE open_pipe(DWORD access, DWORD flags)
{
    return CreateFileA(name, access, 0, NULL, OPEN_EXISTING, flags, NULL);
}

static HANDLE create_pipe(DWORD mode, DWORD instances, DWORD flags)
{
    return CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX | flags, mode, instances, 4096, 4096, 100, NULL);
}

static int child(const char *command, const char *argument)
{
    DWORD mode = PIPE_READMODE_MESSAGE, n, left;
    char buffer[256];
    HANDLE pipe;

    if (!strcmp(command, "echo"))       /* messages, until the server goes */
    {
        must((pipe = open_pipe(GENERIC_READ | GENERIC_WRITE, 0)) != INVALID_HANDLE_VALUE);
        must(SetNamedPipeHandleState(pipe, &mode, NULL, NULL));
        while (ReadFile(pipe, buffer, sizeof(buffer), &n, NULL) || GetLastError() == ERROR_MORE_DATA)
            must(WriteFile(pipe, buffer, n, &n, NULL));
        must(GetLastError() == (argument ? strtoul(argument, NULL, 0) : ERROR_BROKEN_PIPE));
        return 0;
    }
    if (!strcmp(command, "talk"))       /* a message of 300 bytes, one of none, one of 3 */
    {
        must((pipe = open_pipe(GENERIC_READ | GENERIC_WRITE, 0)) != INVALID_HANDLE_VALUE);
        memset(buffer, 'x', sizeof(buffer));
        must(SetNamedPipeHandleState(pipe, &mode, NULL, NULL));
        must(WriteFile(pipe, buffer, 200, &n, NULL) && n == 200);
        must(WriteFile(pipe, buffer, 0, &n, NULL) && !n);
        must(WriteFile(pipe, "end", 3, &n, NULL) && n == 3);
        must(ReadFile(pipe, buffer, sizeof(buffer), &n, NULL) && n == 2);
        return 0;
    }
    if (!strcmp(command, "instance"))   /* a second instance, for a client of the first process */
    {
        must((pipe = create_pipe(PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 2, 0)) != INVALID_HANDLE_VALUE);
        must(ConnectNamedPipe(pipe, NULL) || GetLastError() == ERROR_PIPE_CONNECTED);
        must(GetNamedPipeHandleStateA(pipe, NULL, &n, NULL, NULL, NULL, 0) && n == 2);
        must(ReadFile(pipe, buffer, sizeof(buffer), &n, NULL) && n == 5);
        must(WriteFile(pipe, "second", 6, &n, NULL));
        must(FlushFileBuffers(pipe));
        must(DisconnectNamedPipe(pipe));
        return 0;
    }
    if (!strcmp(command, "refused"))    /* the pipe of the first process stands */
    {
        must(create_pipe(0, 2, FILE_FLAG_FIRST_PIPE_INSTANCE) == INVALID_HANDLE_VALUE && GetLastError() == ERROR_ACCESS_DENIED);
        must(CreateNamedPipeA(name, PIPE_ACCESS_INBOUND, 0, 2, 0, 0, 0, NULL) == INVALID_HANDLE_VALUE && GetLastError() == ERROR_ACCESS_DENIED);
        return 0;
    }
    if (!strcmp(command, "busy"))       /* there are instances, and none for us */
    {
        must(open_pipe(GENERIC_READ, 0) == INVALID_HANDLE_VALUE && GetLastError() == ERROR_PIPE_BUSY);
        must(!WaitNamedPipeA(name, 50) && GetLastError() == ERROR_SEM_TIMEOUT);
        must(!WaitNamedPipeA(name, NMPWAIT_USE_DEFAULT_WAIT) && GetLastError() == ERROR_SEM_TIMEOUT);
        return 0;
    }
    if (!strcmp(command, "wait"))       /* until an instance listens */
    {
        must(WaitNamedPipeA(name, 10000));
        must((pipe = open_pipe(GENERIC_READ | GENERIC_WRITE, 0)) != INVALID_HANDLE_VALUE);
        must(WriteFile(pipe, "hello", 5, &n, NULL));
        must(!ReadFile(pipe, buffer, 1, &n, NULL) && GetLastError() == ERROR_BROKEN_PIPE);
        return 0;
    }
    if (!strcmp(command, "hang"))       /* connected, and killed so */
    {
        must((pipe = open_pipe(GENERIC_READ | GENERIC_WRITE, 0)) != INVALID_HANDLE_VALUE);
        must(WriteFile(pipe, "ready", 5, &n, NULL));
        Sleep(60000);
        return 0;
    }
    if (!strcmp(command, "serve"))      /* an instance, and killed while somebody is connected */
    {
        must((pipe = create_pipe(PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 2, 0)) != INVALID_HANDLE_VALUE);
        Sleep(60000);
        return 0;
    }
    if (!strcmp(command, "inherited"))  /* an end that it inherited */
    {
        pipe = (HANDLE)(ULONG_PTR)strtoull(argument, NULL, 16);
        must(GetFileType(pipe) == FILE_TYPE_PIPE);
        must(GetNamedPipeInfo(pipe, &n, NULL, NULL, NULL));
        must(WriteFile(pipe, "from the child", 14, &n, NULL) && n == 14);
        return 0;
    }
    if (!strcmp(command, "server"))     /* a connected server's end that it inherited */
    {
        pipe = (HANDLE)(ULONG_PTR)strtoull(argument, NULL, 16);
        must(GetNamedPipeInfo(pipe, &n, NULL, NULL, NULL) && n == (PIPE_SERVER_END | PIPE_TYPE_MESSAGE));
        must(DisconnectNamedPipe(pipe));
        return 0;
    }
    if (!strcmp(command, "sink"))       /* all of it, whatever it is; says how many pieces that were */
    {
        static unsigned char big[70000];
        unsigned int sum = 0, count = 0;
        BOOL more;

        must((pipe = open_pipe(GENERIC_READ | GENERIC_WRITE, 0)) != INVALID_HANDLE_VALUE);
        if (!strcmp(argument, "message")) must(SetNamedPipeHandleState(pipe, &mode, NULL, NULL));
        for (unsigned int at = 0; at < 5000000; at += n)
        {
            more = !ReadFile(pipe, big, sizeof(big), &n, NULL);
            must(!more || GetLastError() == ERROR_MORE_DATA);
            for (unsigned int i = 0; i < n; i++) sum += big[i] != (unsigned char)((at + i) * 7 >> 8);
            if (!more) count++;
        }
        must(!sum && (strcmp(argument, "message") || count == 1));
        must(WriteFile(pipe, "ok", 2, &n, NULL));
        must(!ReadFile(pipe, big, 1, &n, NULL) && GetLastError() == ERROR_BROKEN_PIPE);
        return 0;
    }
    if (!strcmp(command, "one"))        /* one message from an end that another process reads from, too */
    {
        pipe = (HANDLE)(ULONG_PTR)strtoull(argument, NULL, 16);
        must(ReadFile(pipe, buffer, sizeof(buffer), &n, NULL) && n == 4);
        return 0;
    }
    if (!strcmp(command, "server-loop"))        /* one client after the other, until killed */
    {
        must((pipe = create_pipe(PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 1, FILE_FLAG_FIRST_PIPE_INSTANCE)) != INVALID_HANDLE_VALUE);
        for (;;)
        {
            must(ConnectNamedPipe(pipe, NULL) || GetLastError() == ERROR_PIPE_CONNECTED);
            while (ReadFile(pipe, buffer, sizeof(buffer), &n, NULL)) WriteFile(pipe, buffer, n, &n, NULL);
            must(DisconnectNamedPipe(pipe));
        }
    }
    if (!strcmp(command, "adopt"))      /* an end that is put into this process while it runs */
    {
        HANDLE given;

        must((pipe = open_pipe(GENERIC_READ | GENERIC_WRITE, 0)) != INVALID_HANDLE_VALUE);
        must(ReadFile(pipe, &given, sizeof(given), &n, NULL) && n == sizeof(given));
        must(WriteFile(given, "from the child", 14, &n, NULL) && n == 14);
        must(ReadFile(pipe, buffer, 1, &n, NULL));
        must(!WriteFile(given, "x", 1, &n, NULL) && GetLastError() == ERROR_NO_DATA);
        return 0;
    }
    if (!strcmp(command, "pending"))    /* killed with a write that is not over */
    {
        static char big[20000];
        OVERLAPPED overlapped = { .hEvent = CreateEventA(NULL, TRUE, FALSE, NULL) };

        must((pipe = open_pipe(GENERIC_READ | GENERIC_WRITE, FILE_FLAG_OVERLAPPED)) != INVALID_HANDLE_VALUE);
        must(!WriteFile(pipe, big, sizeof(big), NULL, &overlapped) && GetLastError() == ERROR_IO_PENDING);
        Sleep(60000);
        return 0;
    }
    if (!strcmp(command, "chatter"))    /* small and large messages as fast as they go, until killed */
    {
        static char big[40000];

        must(WaitNamedPipeA(name, 10000));      /* until the one before is disconnected */
        must((pipe = open_pipe(GENERIC_READ | GENERIC_WRITE, 0)) != INVALID_HANDLE_VALUE);
        for (unsigned int i = 0; ; i++)
        {
            unsigned int size = i % 7 ? 4 + i % 300 : 4 + i % 30000;

            memset(big, (char)i, size);
            memcpy(big, &size, 4);
            must(WriteFile(pipe, big, size, &n, NULL) && n == size);
        }
    }
    if (!strcmp(command, "standard"))   /* its input to its output */
    {
        must(GetFileType(GetStdHandle(STD_INPUT_HANDLE)) == FILE_TYPE_PIPE);
        must(GetNamedPipeInfo(GetStdHandle(STD_INPUT_HANDLE), &n, NULL, NULL, NULL) && !(n & PIPE_TYPE_MESSAGE));
        for (n = 0; n < 100 && PeekNamedPipe(GetStdHandle(STD_INPUT_HANDLE), NULL, 0, NULL, &left, NULL) && left < 7; n++) Sleep(10);
        must(PeekNamedPipe(GetStdHandle(STD_INPUT_HANDLE), buffer, 3, &n, &left, NULL) && n == 3 && left == 7);
        must(!memcmp(buffer, "thr", 3));
        while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), buffer, sizeof(buffer), &n, NULL))
            must(WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), buffer, n, &n, NULL));
        must(GetLastError() == ERROR_BROKEN_PIPE);
        return 0;
    }
    return 1;
}

/* ---- starting it ---------------------------------------------------------------------------------------------------- */

static HANDLE start_with(const char *command, const char *argument, STARTUPINFOA *info)
{
    STARTUPINFOA plain = { .cb = sizeof(plain) };
    PROCESS_INFORMATION process;
    char line[1024];

    snprintf(line, sizeof(line), "\"%s\" pipe %s %s %s", self, name, command, argument ? argument : "");
    works(CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, info ? info : &plain, &process));
    CloseHandle(process.hThread);
    return process.hProcess;
}

static HANDLE start(const char *command, const char *argument)
{
    return start_with(command, argument, NULL);
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

static void end(HANDLE process)
{
    works(TerminateProcess(process, 1));
    ok(WaitForSingleObject(process, 5000) == WAIT_OBJECT_0, "the child is still there\n");
    CloseHandle(process);
}

static void fresh_name(void)
{
    static unsigned int serial;

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oriel-%lu-%u", GetCurrentProcessId(), serial++);
}

static HANDLE serve(DWORD mode, DWORD instances, DWORD flags)
{
    HANDLE pipe;

    fresh_name();
    pipe = create_pipe(mode, instances, flags);
    ok(pipe != INVALID_HANDLE_VALUE, "CreateNamedPipe failed: %lu\n", GetLastError());
    return pipe;
}

static void accept_client(HANDLE pipe)
{
    ok(ConnectNamedPipe(pipe, NULL) || GetLastError() == ERROR_PIPE_CONNECTED, "ConnectNamedPipe failed: %lu\n", GetLastError());
}

#define MESSAGES (PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE)

/* ---- tests ---------------------------------------------------------------------------------------------------------- */

static void test_messages(void)
{
    HANDLE pipe = serve(MESSAGES, 1, 0), process = start("talk", NULL);
    DWORD n, available, left;
    char buffer[256];
    ULONG id;

    accept_client(pipe);
    works(ReadFile(pipe, buffer, 0, &n, NULL) || GetLastError() == ERROR_MORE_DATA);
    works(PeekNamedPipe(pipe, buffer, 10, &n, &available, &left));
    ok(n == 10 && left == 190 && available >= 200, "%lu %lu %lu\n", n, available, left);
    fails(ReadFile(pipe, buffer, 150, &n, NULL), ERROR_MORE_DATA);
    ok(n == 150, "%lu\n", n);
    works(PeekNamedPipe(pipe, NULL, 0, NULL, &available, &left));
    ok(left == 50, "%lu\n", left);
    works(ReadFile(pipe, buffer, sizeof(buffer), &n, NULL));
    ok(n == 50 && buffer[49] == 'x', "%lu\n", n);
    works(ReadFile(pipe, buffer, sizeof(buffer), &n, NULL));
    ok(n == 0, "a message of no bytes: %lu\n", n);
    works(ReadFile(pipe, buffer, sizeof(buffer), &n, NULL));
    ok(n == 3 && !memcmp(buffer, "end", 3), "%lu\n", n);
    works(GetNamedPipeClientProcessId(pipe, &id));
    ok(id == GetProcessId(process), "%lu, not %lu\n", id, GetProcessId(process));
    works(GetNamedPipeServerProcessId(pipe, &id));
    ok(id == GetCurrentProcessId(), "%lu\n", id);
    works(WriteFile(pipe, "ok", 2, &n, NULL));
    finish(process);
    fails(ReadFile(pipe, buffer, sizeof(buffer), &n, NULL), ERROR_BROKEN_PIPE);
    works(DisconnectNamedPipe(pipe));
    works(CloseHandle(pipe));
    fails_handle(open_pipe(GENERIC_READ, 0), ERROR_FILE_NOT_FOUND);
}

/* A pipe without a name has an empty one; Wine's test_handle_list_attribute asks for it. */
static void test_no_name(void)
{
    struct { FILE_NAME_INFO info; WCHAR more[64]; } answer;
    HANDLE read, write;

    works(CreatePipe(&read, &write, NULL, 0));
    for (int i = 0; i < 2; i++)
    {
        memset(&answer, 0xcc, sizeof(answer));
        works(GetFileInformationByHandleEx(i ? write : read, FileNameInfo, &answer, sizeof(answer)));
        ok(!answer.info.FileNameLength, "%lu bytes\n", answer.info.FileNameLength);
        CloseHandle(i ? write : read);
    }
}

static void test_parameters(void)
{
    HANDLE pipe;

    fresh_name();
    fails_handle(create_pipe(0, 0, 0), ERROR_INVALID_PARAMETER);
    fails_handle(create_pipe(0, 256, 0), ERROR_INVALID_PARAMETER);
    fails_handle(create_pipe(PIPE_READMODE_MESSAGE, 1, 0), ERROR_INVALID_PARAMETER);
    fails_handle(CreateNamedPipeA(name, 0, 0, 1, 0, 0, 0, NULL), ERROR_INVALID_PARAMETER);
    fails_handle(CreateNamedPipeA(NULL, PIPE_ACCESS_DUPLEX, 0, 1, 0, 0, 0, NULL), ERROR_PATH_NOT_FOUND);
    pipe = create_pipe(MESSAGES | 8 /* PIPE_REJECT_REMOTE_CLIENTS */, PIPE_UNLIMITED_INSTANCES, 0);
    ok(pipe != INVALID_HANDLE_VALUE, "CreateNamedPipe failed: %lu\n", GetLastError());
    works(CloseHandle(pipe));
    fails(WaitNamedPipeA(name, 1), ERROR_FILE_NOT_FOUND);
}

static void test_transact(void)
{
    HANDLE pipe = serve(MESSAGES, 1, 0), process = start("echo", NULL);
    char buffer[16];
    DWORD n;

    accept_client(pipe);
    works(TransactNamedPipe(pipe, "0123456789", 10, buffer, sizeof(buffer), &n, NULL));
    ok(n == 10 && !memcmp(buffer, "0123456789", 10), "%lu\n", n);
    fails(TransactNamedPipe(pipe, "0123456789", 10, buffer, 4, &n, NULL), ERROR_MORE_DATA);
    works(ReadFile(pipe, buffer, sizeof(buffer), &n, NULL));
    ok(n == 6, "%lu\n", n);
    works(CloseHandle(pipe));
    finish(process);

    pipe = serve(MESSAGES, 1, 0);
    process = start("echo", "233");     /* ERROR_PIPE_NOT_CONNECTED: disconnected, not closed */
    accept_client(pipe);
    works(WriteFile(pipe, "x", 1, &n, NULL) && ReadFile(pipe, buffer, 1, &n, NULL));
    works(DisconnectNamedPipe(pipe));
    finish(process);
    works(CloseHandle(pipe));
}

static void test_instances(void)
{
    HANDLE first = serve(MESSAGES, 2, FILE_FLAG_FIRST_PIPE_INSTANCE), client, second, process;
    char buffer[16];
    DWORD n;

    finish(start("refused", NULL));
    client = open_pipe(GENERIC_READ | GENERIC_WRITE, 0);
    ok(client != INVALID_HANDLE_VALUE, "CreateFile failed: %lu\n", GetLastError());
    finish(start("busy", NULL));

    /* the child's instance, and a client of ours for it */
    process = start("instance", NULL);
    works(WaitNamedPipeA(name, 10000));
    second = open_pipe(GENERIC_READ | GENERIC_WRITE, 0);
    ok(second != INVALID_HANDLE_VALUE, "CreateFile failed: %lu\n", GetLastError());
    fails_handle(create_pipe(MESSAGES, 2, 0), ERROR_PIPE_BUSY);
    works(GetNamedPipeServerProcessId(second, &n));
    ok(n == GetProcessId(process), "%lu\n", n);
    works(GetNamedPipeInfo(second, &n, NULL, NULL, NULL));
    ok(n == (PIPE_CLIENT_END | PIPE_TYPE_MESSAGE), "%lx\n", n);
    works(WriteFile(second, "hello", 5, &n, NULL));
    works(ReadFile(second, buffer, sizeof(buffer), &n, NULL));
    ok(n == 6 && !memcmp(buffer, "second", 6), "%lu\n", n);
    finish(process);
    fails(ReadFile(second, buffer, sizeof(buffer), &n, NULL), ERROR_PIPE_NOT_CONNECTED);
    works(CloseHandle(second));

    /* the name stays as long as one process has it */
    works(CloseHandle(client));
    works(CloseHandle(first));
    process = start("serve", NULL);
    for (n = 0; n < 1000 && !WaitNamedPipeA(name, 100) && GetLastError() == ERROR_FILE_NOT_FOUND; n++) Sleep(10);
    second = create_pipe(0, 2, FILE_FLAG_FIRST_PIPE_INSTANCE);
    ok(second == INVALID_HANDLE_VALUE && GetLastError() == ERROR_ACCESS_DENIED, "%p %lu\n", second, GetLastError());
    first = create_pipe(MESSAGES, 2, 0);
    ok(first != INVALID_HANDLE_VALUE, "CreateNamedPipe failed: %lu\n", GetLastError());
    end(process);
    works(CloseHandle(first));
    fails_handle(open_pipe(GENERIC_READ, 0), ERROR_FILE_NOT_FOUND);
    fails(WaitNamedPipeA(name, 10), ERROR_FILE_NOT_FOUND);
}

static void test_wait(void)
{
    HANDLE pipe = serve(PIPE_TYPE_BYTE, 1, 0), client = open_pipe(GENERIC_READ, 0), process;
    char buffer[16];
    DWORD n;

    ok(client != INVALID_HANDLE_VALUE, "CreateFile failed: %lu\n", GetLastError());
    process = start("wait", NULL);
    ok(WaitForSingleObject(process, 200) == WAIT_TIMEOUT, "it does not wait\n");
    works(DisconnectNamedPipe(pipe));
    accept_client(pipe);
    works(ReadFile(pipe, buffer, 5, &n, NULL));
    ok(n == 5 && !memcmp(buffer, "hello", 5), "%lu\n", n);
    works(CloseHandle(client));
    works(CloseHandle(pipe));
    finish(process);
}

/* The other end is killed: at once, or in the middle of what waits for it. */
static void test_kill(void)
{
    OVERLAPPED overlapped = { .hEvent = CreateEventA(NULL, TRUE, FALSE, NULL) };
    HANDLE pipe = serve(PIPE_TYPE_BYTE, 1, FILE_FLAG_OVERLAPPED), process = start("hang", NULL);
    DWORD n, time;
    char buffer[16];

    if (!ConnectNamedPipe(pipe, &overlapped))
        ok(GetLastError() == ERROR_IO_PENDING || GetLastError() == ERROR_PIPE_CONNECTED, "error %lu\n", GetLastError());
    if (GetLastError() == ERROR_IO_PENDING) works(GetOverlappedResult(pipe, &overlapped, &n, TRUE));
    ReadFile(pipe, buffer, sizeof(buffer), NULL, &overlapped);
    works(GetOverlappedResult(pipe, &overlapped, &n, TRUE));
    ok(n == 5, "%lu\n", n);
    fails(ReadFile(pipe, buffer, sizeof(buffer), NULL, &overlapped), ERROR_IO_PENDING);
    time = GetTickCount();
    end(process);
    ok(WaitForSingleObject(overlapped.hEvent, 2000) == WAIT_OBJECT_0, "the read goes on\n");
    fails(GetOverlappedResult(pipe, &overlapped, &n, FALSE), ERROR_BROKEN_PIPE);
    ok(GetTickCount() - time < 2000, "late\n");
    fails(WriteFile(pipe, "x", 1, NULL, &overlapped), ERROR_NO_DATA);
    fails(PeekNamedPipe(pipe, NULL, 0, NULL, &n, NULL), ERROR_BROKEN_PIPE);
    works(CloseHandle(pipe));

    fresh_name();
    process = start("serve", NULL);
    for (n = 0; n < 1000 && !WaitNamedPipeA(name, 100) && GetLastError() == ERROR_FILE_NOT_FOUND; n++) Sleep(10);
    pipe = open_pipe(GENERIC_READ | GENERIC_WRITE, 0);
    ok(pipe != INVALID_HANDLE_VALUE, "CreateFile failed: %lu\n", GetLastError());
    end(process);
    fails(ReadFile(pipe, buffer, 1, &n, NULL), ERROR_BROKEN_PIPE);
    fails(WriteFile(pipe, buffer, 1, &n, NULL), ERROR_NO_DATA);
    works(CloseHandle(pipe));
    fails_handle(open_pipe(GENERIC_READ, 0), ERROR_FILE_NOT_FOUND);
    CloseHandle(overlapped.hEvent);
}

static void test_completion_port(void)
{
    HANDLE pipe = serve(MESSAGES, 1, FILE_FLAG_OVERLAPPED), port = CreateIoCompletionPort(pipe, NULL, 42, 0), process;
    OVERLAPPED listen = { 0 }, read = { 0 }, *done;
    char buffer[512];
    ULONG_PTR key;
    DWORD n;

    ok(port != NULL, "CreateIoCompletionPort failed: %lu\n", GetLastError());
    fails(ConnectNamedPipe(pipe, &listen), ERROR_IO_PENDING);
    process = start("talk", NULL);
    works(GetQueuedCompletionStatus(port, &n, &key, &done, 10000));
    ok(done == &listen && key == 42, "%p %Iu\n", done, key);
    if (!ReadFile(pipe, buffer, 100, NULL, &read))
        ok(GetLastError() == ERROR_IO_PENDING || GetLastError() == ERROR_MORE_DATA, "error %lu\n", GetLastError());
    fails(GetQueuedCompletionStatus(port, &n, &key, &done, 10000), ERROR_MORE_DATA);
    ok(done == &read && n == 100, "%p %lu\n", done, n);
    ReadFile(pipe, buffer, sizeof(buffer), NULL, &read);
    works(GetQueuedCompletionStatus(port, &n, &key, &done, 10000));
    ok(done == &read && n == 100, "%p %lu\n", done, n);
    ReadFile(pipe, buffer, sizeof(buffer), NULL, &read);
    works(GetQueuedCompletionStatus(port, &n, &key, &done, 10000));
    ok(done == &read && n == 0, "%p %lu\n", done, n);
    ReadFile(pipe, buffer, sizeof(buffer), NULL, &read);
    works(GetQueuedCompletionStatus(port, &n, &key, &done, 10000));
    ok(done == &read && n == 3, "%p %lu\n", done, n);
    fails(ReadFile(pipe, buffer, sizeof(buffer), NULL, &read), ERROR_IO_PENDING);
    works(CancelIoEx(pipe, &read));
    fails(GetQueuedCompletionStatus(port, &n, &key, &done, 10000), ERROR_OPERATION_ABORTED);
    WriteFile(pipe, "ok", 2, NULL, &listen);
    works(GetQueuedCompletionStatus(port, &n, &key, &done, 10000));
    ok(done == &listen && n == 2, "%p %lu\n", done, n);
    finish(process);
    works(CloseHandle(pipe));
    works(CloseHandle(port));
}

static void test_inherited(void)
{
    SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
    HANDLE read, write, client, process;
    char argument[32], buffer[32];
    DWORD n;

    works(CreatePipe(&read, &write, &inherit, 0));
    snprintf(argument, sizeof(argument), "%llx", (unsigned long long)(ULONG_PTR)write);
    fresh_name();
    process = start("inherited", argument);
    works(CloseHandle(write));
    works(ReadFile(read, buffer, sizeof(buffer), &n, NULL));
    ok(n == 14 && !memcmp(buffer, "from the child", 14), "%lu\n", n);
    finish(process);
    fails(ReadFile(read, buffer, sizeof(buffer), &n, NULL), ERROR_BROKEN_PIPE);
    works(CloseHandle(read));

    /* a named pipe's client end; then its server's end, which disconnects for all */
    read = serve(MESSAGES, 1, 0);
    client = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, &inherit, OPEN_EXISTING, 0, NULL);
    snprintf(argument, sizeof(argument), "%llx", (unsigned long long)(ULONG_PTR)client);
    finish(start("inherited", argument));
    works(ReadFile(read, buffer, sizeof(buffer), &n, NULL));
    ok(n == 14, "%lu\n", n);
    works(WriteFile(read, "x", 1, &n, NULL));
    works(SetHandleInformation(client, HANDLE_FLAG_INHERIT, 0));
    works(SetHandleInformation(read, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
    snprintf(argument, sizeof(argument), "%llx", (unsigned long long)(ULONG_PTR)read);
    finish(start("server", argument));
    fails(ReadFile(client, buffer, sizeof(buffer), &n, NULL), ERROR_PIPE_NOT_CONNECTED);
    fails(WriteFile(read, buffer, 1, &n, NULL), ERROR_PIPE_NOT_CONNECTED);
    works(CloseHandle(client));
    fails(DisconnectNamedPipe(read), ERROR_PIPE_NOT_CONNECTED);
    works(CloseHandle(read));
}

/* Two processes wait at the same end: neither takes the other's wake-up. */
static void test_shared_end(void)
{
    SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
    HANDLE pipe, client, processes[3];
    DWORD n, mode = PIPE_READMODE_MESSAGE;
    char argument[32];

    for (unsigned int round = 0; round < 5; round++)
    {
        pipe = serve(MESSAGES, 1, 0);
        client = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, &inherit, OPEN_EXISTING, 0, NULL);
        ok(client != INVALID_HANDLE_VALUE, "CreateFile failed: %lu\n", GetLastError());
        works(SetNamedPipeHandleState(client, &mode, NULL, NULL));
        snprintf(argument, sizeof(argument), "%llx", (unsigned long long)(ULONG_PTR)client);
        for (int i = 0; i < 3; i++) processes[i] = start("one", argument);
        Sleep(round * 15);
        for (int i = 0; i < 3; i++)
        {
            works(WriteFile(pipe, "four", 4, &n, NULL));
            if (round & 1) Sleep(5);
        }
        for (int i = 0; i < 3; i++) finish(processes[i]);
        works(CloseHandle(client));
        works(CloseHandle(pipe));
    }
}

static void test_duplicated(void)
{
    HANDLE pipe = serve(PIPE_TYPE_BYTE, 1, 0), process = start("adopt", NULL), read, write, given;
    char buffer[32];
    DWORD n;

    accept_client(pipe);
    works(CreatePipe(&read, &write, NULL, 0));
    works(DuplicateHandle(GetCurrentProcess(), write, process, &given, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    works(WriteFile(pipe, &given, sizeof(given), &n, NULL));
    works(ReadFile(read, buffer, sizeof(buffer), &n, NULL));
    ok(n == 14 && !memcmp(buffer, "from the child", 14), "%lu\n", n);
    works(CloseHandle(read));
    works(WriteFile(pipe, "", 1, &n, NULL));
    finish(process);
    works(CloseHandle(pipe));
}

static void test_standard(void)
{
    SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
    STARTUPINFOA info = { .cb = sizeof(info), .dwFlags = STARTF_USESTDHANDLES, .hStdError = GetStdHandle(STD_ERROR_HANDLE) };
    HANDLE in, out, process;
    char buffer[32];
    DWORD n;

    works(CreatePipe(&info.hStdInput, &in, &inherit, 0));
    works(CreatePipe(&out, &info.hStdOutput, &inherit, 0));
    works(SetHandleInformation(in, HANDLE_FLAG_INHERIT, 0));
    works(SetHandleInformation(out, HANDLE_FLAG_INHERIT, 0));
    works(WriteFile(in, "through", 7, &n, NULL));
    fresh_name();
    process = start_with("standard", NULL, &info);
    works(CloseHandle(info.hStdInput));
    works(CloseHandle(info.hStdOutput));
    works(CloseHandle(in));
    works(ReadFile(out, buffer, sizeof(buffer), &n, NULL));
    ok(n == 7 && !memcmp(buffer, "through", 7), "%lu\n", n);
    fails(ReadFile(out, buffer, sizeof(buffer), &n, NULL), ERROR_BROKEN_PIPE);
    finish(process);
    works(CloseHandle(out));
}

/* Much at once, both ways, so that both ends have to wait for each other. */
static void test_amount(void)
{
    HANDLE pipe = serve(MESSAGES, 1, 0), process = start("echo", NULL);
    static char big[100000];
    DWORD n, sent = 0;
    char small[200];

    accept_client(pipe);
    for (unsigned int i = 0; i < 2000; i++)
    {
        memset(small, (char)i, sizeof(small));
        works(WriteFile(pipe, small, 1 + i % 200, &n, NULL));
        memset(small, 0, sizeof(small));
        works(ReadFile(pipe, small, sizeof(small), &n, NULL));
        if (n != 1 + i % 200 || small[0] != (char)i || small[n - 1] != (char)i) sent++;
    }
    ok(!sent, "%lu messages came back wrong\n", sent);
    memset(big, 7, sizeof(big));
    works(WriteFile(pipe, big, 1000, &n, NULL));
    for (sent = 0; sent < 1000; sent += n)
        if (!ReadFile(pipe, big, sizeof(big), &n, NULL)) break;
    ok(sent == 1000, "%lu\n", sent);
    works(CloseHandle(pipe));
    finish(process);
}

/* One write that is larger than all buffers: as bytes, and as one message. */
static void test_large(void)
{
    char *data = HeapAlloc(GetProcessHeap(), 0, 5000000), answer[2];
    DWORD n;

    for (unsigned int i = 0; i < 5000000; i++) data[i] = (char)(i * 7 >> 8);
    for (int message = 0; message < 2; message++)
    {
        HANDLE pipe = serve(message ? MESSAGES : 0, 1, 0), process = start("sink", message ? "message" : "bytes");

        accept_client(pipe);
        works(WriteFile(pipe, data, 5000000, &n, NULL));
        ok(n == 5000000, "%lu\n", n);
        works(ReadFile(pipe, answer, 2, &n, NULL));
        works(CloseHandle(pipe));
        finish(process);
    }
    HeapFree(GetProcessHeap(), 0, data);
}

/* What a killed writer had not got rid of is gone, and the pipe can be used by who else has its end. */
static void test_pending_writer(void)
{
    HANDLE pipe = serve(PIPE_TYPE_BYTE, 1, 0), process = start("pending", NULL);
    char buffer[16];
    DWORD n, available;

    accept_client(pipe);
    works(ReadFile(pipe, buffer, sizeof(buffer), &n, NULL));
    works(PeekNamedPipe(pipe, NULL, 0, NULL, &available, NULL));
    ok(n == 16 && available == 20000 - 16, "%lu, %lu\n", n, available);
    end(process);
    fails(ReadFile(pipe, buffer, sizeof(buffer), &n, NULL), ERROR_BROKEN_PIPE);
    works(CloseHandle(pipe));
}

/* Killed at any instant: all that was read is whole, the end comes soon, and the instance serves the next client. */
static void test_kill_writers(void)
{
    static char message[40000];
    HANDLE pipe = serve(MESSAGES, 1, 0);
    unsigned int whole = 0, wrong = 0;
    DWORD n, time = 0;

    for (unsigned int round = 0; round < 12; round++)
    {
        HANDLE process = start("chatter", NULL);
        DWORD until;

        accept_client(pipe);
        until = GetTickCount() + 3 + round * 2;
        while (ReadFile(pipe, message, sizeof(message), &n, NULL))
        {
            unsigned int size;

            memcpy(&size, message, 4);
            if (size != n || (n > 4 && message[n - 1] != message[4])) wrong++;
            else whole++;
            if (!time && (int)(GetTickCount() - until) >= 0)
            {
                works(TerminateProcess(process, 1));
                time = GetTickCount();
            }
        }
        ok(GetLastError() == ERROR_BROKEN_PIPE, "error %lu\n", GetLastError());
        ok(GetTickCount() - time < 2000, "late\n");
        time = 0;
        WaitForSingleObject(process, 5000);
        CloseHandle(process);
        works(DisconnectNamedPipe(pipe));
    }
    ok(whole > 12 && !wrong, "%u whole, %u wrong\n", whole, wrong);
    works(CloseHandle(pipe));
}

struct kill_after { HANDLE process; DWORD delay; };

static DWORD WINAPI kill_after(void *arg)
{
    struct kill_after *kill = arg;

    Sleep(kill->delay);
    return TerminateProcess(kill->process, 1);
}

/* The server is killed while we connect, ask and hang up as fast as it goes: nothing takes long, answers are right, and the
 * name is free at once for the next. */
static void test_kill_servers(void)
{
    DWORD mode = PIPE_READMODE_MESSAGE, n, longest = 0;
    unsigned int answers = 0, wrong = 0;

    fresh_name();
    for (unsigned int round = 0; round < 12; round++)
    {
        HANDLE process = start("server-loop", NULL), thread, pipe;
        struct kill_after kill = { process, 2 + round % 4 };

        for (n = 0; n < 1000 && !WaitNamedPipeA(name, 100) && GetLastError() == ERROR_FILE_NOT_FOUND; n++) Sleep(5);
        thread = CreateThread(NULL, 0, kill_after, &kill, 0, NULL);
        for (;;)
        {
            DWORD begun = GetTickCount(), error = 0;
            char question[32], answer[32];
            int size = snprintf(question, sizeof(question), "%u/%u", round, answers);

            pipe = open_pipe(GENERIC_READ | GENERIC_WRITE, 0);
            if (pipe == INVALID_HANDLE_VALUE)
            {
                error = GetLastError();
                if (error == ERROR_PIPE_BUSY) WaitNamedPipeA(name, 1000);
                else ok(error == ERROR_FILE_NOT_FOUND, "CreateFile: error %lu\n", error);
            }
            else
            {
                works(SetNamedPipeHandleState(pipe, &mode, NULL, NULL));
                if (!TransactNamedPipe(pipe, question, size, answer, sizeof(answer), &n, NULL))
                {
                    error = GetLastError();
                    ok(error == ERROR_BROKEN_PIPE || error == ERROR_NO_DATA || error == ERROR_PIPE_NOT_CONNECTED || error == ERROR_BAD_PIPE,
                       "TransactNamedPipe: error %lu\n", error);
                }
                else if ((int)n != size || memcmp(question, answer, n)) wrong++;
                else answers++;
                works(CloseHandle(pipe));
            }
            if (GetTickCount() - begun > longest) longest = GetTickCount() - begun;
            if (error == ERROR_FILE_NOT_FOUND) break;
        }
        WaitForSingleObject(thread, 5000);
        CloseHandle(thread);
        WaitForSingleObject(process, 5000);
        CloseHandle(process);
        pipe = create_pipe(MESSAGES, 1, FILE_FLAG_FIRST_PIPE_INSTANCE);
        ok(pipe != INVALID_HANDLE_VALUE, "the name is not free: error %lu\n", GetLastError());
        works(CloseHandle(pipe));
    }
    ok(answers && !wrong && longest < 2000, "%u answers, %u wrong, at most %lu ms\n", answers, wrong, longest);
}

START_TEST(pipe)
{
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    if (argc > 3)
    {
        strcpy(name, argv[2]);
        ExitProcess(child(argv[3], argc > 4 ? argv[4] : NULL));
    }
    strcpy(self, argv[0]);
    test_parameters();
    test_no_name();
    test_messages();
    test_transact();
    test_instances();
    test_wait();
    test_kill();
    test_completion_port();
    test_inherited();
    test_shared_end();
    test_duplicated();
    test_standard();
    test_amount();
    test_large();
    test_pending_writer();
    test_kill_writers();
    test_kill_servers();
}
