/* unix.exe [FOLDER]: programs of the host as children, in a folder of their own where unix.sh has put some. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <process.h>
#include <psapi.h>
#include <tlhelp32.h>

static int checks, failures;

static void check(int line, BOOL good, const char *format, ...)
{
    va_list args;

    checks++;
    if (good) return;
    failures++;
    va_start(args, format);
    printf("unix.c:%d: ", line);
    vprintf(format, args);
    printf("\n");
    fflush(stdout);
    va_end(args);
}
#define ok(...) check(__LINE__, __VA_ARGS__)

struct child
{
    PROCESS_INFORMATION info;
    HANDLE in, out;             /* our ends; NULL */
};

static BOOL create(const WCHAR *application, const WCHAR *line, DWORD flags, HANDLE in, HANDLE out, HANDLE err, PROCESS_INFORMATION *info)
{
    STARTUPINFOW startup = { .cb = sizeof(startup) };
    WCHAR *copy = line ? _wcsdup(line) : NULL;
    BOOL done;

    if (in || out || err)
    {
        startup.dwFlags = STARTF_USESTDHANDLES;
        startup.hStdInput = in;
        startup.hStdOutput = out;
        startup.hStdError = err;
    }
    memset(info, 0, sizeof(*info));
    SetLastError(0xdeadbeef);
    done = CreateProcessW(application, copy, NULL, NULL, TRUE, flags, NULL, NULL, &startup, info);
    free(copy);
    return done;
}

static BOOL make_pipe(HANDLE *reader, HANDLE *writer, BOOL child_reads, DWORD size)
{
    SECURITY_ATTRIBUTES sa = { sizeof(sa), NULL, TRUE };

    return CreatePipe(reader, writer, &sa, size) && SetHandleInformation(child_reads ? *writer : *reader, HANDLE_FLAG_INHERIT, 0);
}

/* With pipes for standard input and output; standard error is output as well. */
static BOOL start(const WCHAR *line, DWORD flags, struct child *child)
{
    HANDLE in, out;
    BOOL done;

    memset(child, 0, sizeof(*child));
    if (!make_pipe(&in, &child->in, TRUE, 0) || !make_pipe(&child->out, &out, FALSE, 0)) return FALSE;
    done = create(NULL, line, flags, in, out, out, &child->info);
    CloseHandle(in);
    CloseHandle(out);
    return done;
}

static DWORD finish(struct child *child, DWORD patience)
{
    DWORD code = 0xdead, waited = WaitForSingleObject(child->info.hProcess, patience);

    ok(waited == WAIT_OBJECT_0, "wait %lu", waited);
    GetExitCodeProcess(child->info.hProcess, &code);
    if (waited) TerminateProcess(child->info.hProcess, 99);
    CloseHandle(child->info.hProcess);
    CloseHandle(child->info.hThread);
    if (child->in) CloseHandle(child->in);
    if (child->out) CloseHandle(child->out);
    return code;
}

#define ends(info, code) \
    do \
    { \
        struct child child_ = { *(info), NULL, NULL }; \
        DWORD code_ = finish(&child_, 10000); \
        ok(code_ == (code), "code %lu", code_); \
    } while (0)

/* To the end of file, NUL-terminated. */
static DWORD read_all(HANDLE pipe, char *buffer, DWORD room)
{
    DWORD size = 0, got;

    while (size < room - 1 && ReadFile(pipe, buffer + size, room - 1 - size, &got, NULL) && got) size += got;
    buffer[size] = 0;
    return size;
}

static DWORD run(const WCHAR *line, char *output, DWORD room)
{
    struct child child;
    char nothing[4096];

    if (!start(line, 0, &child))
    {
        ok(FALSE, "%ls: error %lu", line, GetLastError());
        return 0xdead;
    }
    CloseHandle(child.in);
    child.in = NULL;
    read_all(child.out, output ? output : nothing, output ? room : sizeof(nothing));
    return finish(&child, 20000);
}

/* ---- arguments, environment, folder --------------------------------------------------------------------------- */

/* args prints each argument in brackets. */
static void test_arguments(void)
{
    static const struct { const WCHAR *line; const char *words; } cases[] =
    {
        { L"sh args", "" },
        { L"sh args a b", "[a][b]" },
        { L"sh args \"a b\" c\"d e\"f", "[a b][cd ef]" },
        { L"sh args \"\" x", "[][x]" },
        { L"sh args a\\b \"a\\b\" a\\\\b \\\\x\\y\\", "[a\\b][a\\b][a\\\\b][\\\\x\\y\\]" },
        { L"sh args \\\"a \"b\\\"c\" \"d\\\\\" \"e\\\\\\\"f\"", "[\"a][b\"c][d\\][e\\\"f]" },
        { L"sh args \"a\"\"b\" \"\"\"c\"", "[a\"b][\"c]" },
        { L"sh args \"open end", "[open end]" },
        { L"  sh args spaces", NULL },          /* no name before the first blank */
        { L"sh args \t a\tb  c  ", "[a][b][c]" },
        { L"sh args \x00e4 \x4e2d \xd83d\xde00 \xdcff", "[\xc3\xa4][\xe4\xb8\xad][\xf0\x9f\x98\x80][\xff]" },
        { L"sh args * $HOME ~ %PATH% 'x y'", "[*][$HOME][~][%PATH%]['x][y']" },
        { L"\"sh\" args quoted", "[quoted]" },
    };
    char output[4096], wanted[4096];
    WCHAR *line = malloc(40000 * sizeof(WCHAR));
    PROCESS_INFORMATION info;
    unsigned int i;
    DWORD code;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        if (!cases[i].words)
        {
            ok(!create(NULL, cases[i].line, 0, NULL, NULL, NULL, &info), "%ls", cases[i].line);
            continue;
        }
        code = run(cases[i].line, output, sizeof(output));
        sprintf(wanted, "%s\n", cases[i].words);
        ok(!code && !strcmp(output, wanted), "%ls: %lu, got %s", cases[i].line, code, output);
    }
    /* The longest there is arrives whole. */
    wcscpy(line, L"sh -c \"echo ${#1}\" x ");
    for (i = wcslen(line); i < 32766; i++) line[i] = 'y';
    line[i] = 0;
    sprintf(wanted, "%d\n", 32766 - (int)wcslen(L"sh -c \"echo ${#1}\" x "));
    code = run(line, output, sizeof(output));
    ok(!code && !strcmp(output, wanted), "%lu, got %s", code, output);
    free(line);
    /* argv[0] is what the line says, if that is a name; with a folder it is the program's. */
    run(L"sh -c \"echo $0\"", output, sizeof(output));
    ok(!strcmp(output, "sh\n"), "got %s", output);
    run(L"Z:\\bin\\sh -c \"echo $0\"", output, sizeof(output));
    ok(!strcmp(output, "/bin/sh\n"), "got %s", output);
    run(L"Z:/bin/sh -c \"echo $0\"", output, sizeof(output));
    ok(!strcmp(output, "/bin/sh\n"), "got %s", output);
    run(L"/bin/sh -c \"echo $0\"", output, sizeof(output));
    ok(!strcmp(output, "/bin/sh\n"), "got %s", output);
    run(L"script one \"two three\"", output, sizeof(output));
    ok(!strcmp(output, "script: one,two three\n"), "got %s", output);
}

/* env or pwd with such an environment, in such a folder. */
static void surroundings(const WCHAR *program, void *block, DWORD flags, const WCHAR *folder, const char *wanted, int line)
{
    STARTUPINFOW startup = { .cb = sizeof(startup), .dwFlags = STARTF_USESTDHANDLES };
    struct child child = { { 0 }, NULL, NULL };
    WCHAR copy[64];
    char output[4096];
    HANDLE out;

    make_pipe(&child.out, &out, FALSE, 0);
    startup.hStdOutput = out;
    wcscpy(copy, program);
    check(line, CreateProcessW(NULL, copy, NULL, NULL, TRUE, flags, block, folder, &startup, &child.info), "error %lu", GetLastError());
    CloseHandle(out);
    read_all(child.out, output, sizeof(output));
    check(line, !strcmp(output, wanted), "got %s", output);
    check(line, !finish(&child, 10000), "code");
}

static void test_environment(const char *folder)
{
    static WCHAR block[] = L"=C:=C:\\x\0Mixed=Case\0PATH=C:\\windows\\system32;Z:\\usr\\bin;Z:\\bin;;relative\0"
                           L"TMP=Z:\\tmp\0HOME=Z:\\\0OTHER=Z:\\tmp;C:\\x\0UNI=\x00e4\x4e2d\0";
    static char ansi[] = "ONE=1\0PATH=Z:\\bin\0";
    char output[4096], wanted[1024];

    surroundings(L"Z:\\usr\\bin\\env", block, CREATE_UNICODE_ENVIRONMENT, L"Z:\\tmp",
                 "Mixed=Case\nPATH=/usr/bin:/bin:relative\nTMP=/tmp\nHOME=/\nOTHER=Z:\\tmp;C:\\x\nUNI=\xc3\xa4\xe4\xb8\xad\n", __LINE__);
    surroundings(L"Z:\\usr\\bin\\env", ansi, 0, L"Z:\\tmp", "ONE=1\nPATH=/bin\n", __LINE__);
    surroundings(L"pwd", NULL, 0, L"Z:\\usr\\bin", "/usr/bin\n", __LINE__);

    run(L"pwd", output, sizeof(output));
    sprintf(wanted, "%s\n", folder);
    ok(!strcmp(output, wanted), "got %s", output);
    ok(SetCurrentDirectoryW(L"sub"), "error %lu", GetLastError());
    run(L"pwd", output, sizeof(output));
    sprintf(wanted, "%s/sub\n", folder);
    ok(!strcmp(output, wanted), "got %s", output);
    ok(SetCurrentDirectoryW(L".."), "error %lu", GetLastError());
}

/* ---- exit codes ----------------------------------------------------------------------------------------------------- */

static void test_exit(void)
{
    PROCESS_INFORMATION info;
    FILETIME created, ended, kernel, user, now;
    struct child child;
    DWORD code;

    ok(run(L"true", NULL, 0) == 0, "code");
    ok(run(L"false", NULL, 0) == 1, "code");
    ok(run(L"sh -c \"exit 255\"", NULL, 0) == 255, "code");
    ok(run(L"sh -c \"kill -TERM $$\"", NULL, 0) == 128 + 15, "code");
    ok(run(L"sh -c \"kill -SEGV $$\"", NULL, 0) == 128 + 11, "code");
    ok(run(L"badscript", NULL, 0) == 127, "code");      /* its interpreter is not there; a line on stderr says so */

    ok(create(L"Z:\\bin\\sh", L"whatever -c \"exit 3\"", 0, NULL, NULL, NULL, &info), "error %lu", GetLastError());
    ends(&info, 3);

    ok(create(L"/bin/sh", L"sh -c \"i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; exit 4\"", CREATE_SUSPENDED, NULL, NULL, NULL, &info), "error %lu", GetLastError());
    ok(WaitForSingleObject(info.hProcess, 100) == WAIT_TIMEOUT, "it runs");
    ok(GetExitCodeProcess(info.hProcess, &code) && code == STILL_ACTIVE, "code %lu", code);
    ok(ResumeThread(info.hThread) == 1, "not suspended");
    ok(WaitForSingleObject(info.hProcess, 20000) == WAIT_OBJECT_0, "no end");
    ok(WaitForSingleObject(info.hThread, 1000) == WAIT_OBJECT_0, "no end of the thread");
    ok(GetExitCodeThread(info.hThread, &code) && code == 4, "code %lu", code);
    ok(GetProcessTimes(info.hProcess, &created, &ended, &kernel, &user), "error %lu", GetLastError());
    GetSystemTimeAsFileTime(&now);
    ok(CompareFileTime(&created, &ended) < 0 && CompareFileTime(&ended, &now) <= 0, "times");
    ok(user.dwLowDateTime + kernel.dwLowDateTime > 100000, "%lu of CPU time", user.dwLowDateTime + kernel.dwLowDateTime);
    child = (struct child){ info, NULL, NULL };
    ok(finish(&child, 0) == 4, "code");

    /* never run */
    ok(create(L"/bin/sh", L"sh -c \"echo ran > ran\"", CREATE_SUSPENDED, NULL, NULL, NULL, &info), "error %lu", GetLastError());
    ok(TerminateProcess(info.hProcess, 77), "error %lu", GetLastError());
    ends(&info, 77);
    ok(GetFileAttributesA("ran") == INVALID_FILE_ATTRIBUTES, "it ran");

    /* killed: nothing of it holds the pipe any more */
    ok(start(L"sh -c \"echo there; exec sleep 30\"", 0, &child), "error %lu", GetLastError());
    {
        char buffer[16];
        DWORD got;

        ok(ReadFile(child.out, buffer, sizeof(buffer), &got, NULL) && got == 6, "%lu bytes", got);
        ok(TerminateProcess(child.info.hProcess, 0x12345678), "error %lu", GetLastError());
        ok(!ReadFile(child.out, buffer, sizeof(buffer), &got, NULL) && GetLastError() == ERROR_BROKEN_PIPE, "error %lu", GetLastError());
    }
    ok(finish(&child, 10000) == 0x12345678, "code");

    /* its first thread's end is its own */
    ok(start(L"sleep 30", 0, &child), "error %lu", GetLastError());
    Sleep(50);
    ok(TerminateThread(child.info.hThread, 31), "error %lu", GetLastError());
    ok(finish(&child, 10000) == 31, "code");
}

/* ---- standard handles -------------------------------------------------------------------------------------------------- */

static HANDLE stream;
static DWORD stream_size, stream_sum;

static DWORD sum(DWORD before, const BYTE *data, DWORD size)
{
    while (size--) before = before * 31 + *data++;
    return before;
}

static DWORD WINAPI write_stream(void *arg)
{
    static BYTE block[50000];
    DWORD done, size, written, x = 1, i;

    (void)arg;
    for (done = 0; done < stream_size; done += size)
    {
        size = 1 + done * 7 % sizeof(block);
        if (size > stream_size - done) size = stream_size - done;
        for (i = 0; i < size; i++) block[i] = (BYTE)((x = x * 1664525 + 1013904223) >> 24);
        stream_sum = sum(stream_sum, block, size);
        if (!WriteFile(stream, block, size, &written, NULL) || written != size) return GetLastError();
    }
    CloseHandle(stream);
    return 0;
}

/* All bytes, in their order, and the end of file in both directions. */
static void test_stream(DWORD size)
{
    static BYTE buffer[70001];
    DWORD got, total = 0, result = 0, code, error;
    struct child child;
    HANDLE thread;

    ok(start(L"cat", 0, &child), "error %lu", GetLastError());
    stream = child.in;
    stream_size = size;
    stream_sum = 0;
    child.in = NULL;
    thread = CreateThread(NULL, 0, write_stream, NULL, 0, NULL);
    while (ReadFile(child.out, buffer, sizeof(buffer), &got, NULL) && got)
    {
        result = sum(result, buffer, got);
        total += got;
    }
    error = GetLastError();
    ok(error == ERROR_BROKEN_PIPE, "error %lu", error);
    WaitForSingleObject(thread, 10000);
    ok(GetExitCodeThread(thread, &code) && !code, "writing ended with %lu", code);
    CloseHandle(thread);
    ok(total == size && result == stream_sum, "%lu of %lu bytes, %s", total, size, result == stream_sum ? "good" : "bad");
    ok(!finish(&child, 10000), "code");
}

static void test_pipes(void)
{
    char buffer[200000];
    DWORD got, size, began;
    struct child child;

    test_stream(0);
    test_stream(1);
    test_stream(20 * 1024 * 1024 + 17);

    /* As it is typed: no end of file is needed for an answer. */
    ok(start(L"cat", 0, &child), "error %lu", GetLastError());
    for (size = 0; size < 50; size++)
    {
        ok(WriteFile(child.in, "ping", 4, &got, NULL) && got == 4, "error %lu", GetLastError());
        ok(ReadFile(child.out, buffer, sizeof(buffer), &got, NULL) && got == 4 && !memcmp(buffer, "ping", 4), "%lu bytes", got);
    }
    CloseHandle(child.in);
    child.in = NULL;
    ok(!ReadFile(child.out, buffer, sizeof(buffer), &got, NULL) && GetLastError() == ERROR_BROKEN_PIPE, "error %lu", GetLastError());
    ok(!finish(&child, 10000), "code");

    /* The two outputs are one pipe, in order. */
    size = run(L"sh -c \"for i in 1 2 3 4 5; do echo o$i; echo e$i >&2; done\"", buffer, sizeof(buffer));
    ok(!size && !strcmp(buffer, "o1\ne1\no2\ne2\no3\ne3\no4\ne4\no5\ne5\n"), "got %s", buffer);

    /* Read after the end: nothing is lost, and nobody who waits for the process must read first. */
    ok(start(L"sh -c \"head -c 60000 /dev/zero; echo end\"", 0, &child), "error %lu", GetLastError());
    ok(WaitForSingleObject(child.info.hProcess, 10000) == WAIT_OBJECT_0, "no end");
    ok(PeekNamedPipe(child.out, NULL, 0, NULL, &got, NULL) && got == 60004, "%lu bytes", got);
    size = read_all(child.out, buffer, sizeof(buffer));
    ok(size == 60004 && !strcmp(buffer + 60000, "end\n"), "%lu bytes", size);
    ok(!finish(&child, 0), "code");

    /* The reader goes: SIGPIPE. */
    ok(start(L"yes", 0, &child), "error %lu", GetLastError());
    ok(ReadFile(child.out, buffer, 10, &got, NULL) && got == 10, "%lu bytes", got);
    began = GetTickCount();
    CloseHandle(child.out);
    child.out = NULL;
    got = finish(&child, 10000);
    ok(got == 128 + 13, "code %lu", got);
    ok(GetTickCount() - began < 2000, "after %lu ms", GetTickCount() - began);

    /* The child closes what it reads: the writer hears of it. */
    ok(start(L"sh -c \"exec <&-; echo closed; exec sleep 30\"", 0, &child), "error %lu", GetLastError());
    ok(ReadFile(child.out, buffer, sizeof(buffer), &got, NULL) && got == 7, "%lu bytes", got);
    for (size = 0; size < 200 && WriteFile(child.in, buffer, 1, &got, NULL); size++) Sleep(5);
    ok(size < 200 && GetLastError() == ERROR_NO_DATA, "error %lu after %lu", GetLastError(), size);
    TerminateProcess(child.info.hProcess, 5);
    ok(finish(&child, 10000) == 5, "code");

    /* And what it writes: the reader's end comes while it lives. */
    ok(start(L"sh -c \"echo last; exec >&- 2>&-; exec sleep 30\"", 0, &child), "error %lu", GetLastError());
    size = read_all(child.out, buffer, sizeof(buffer));
    ok(size == 5, "%lu bytes", size);
    ok(WaitForSingleObject(child.info.hProcess, 0) == WAIT_TIMEOUT, "it has ended");
    TerminateProcess(child.info.hProcess, 6);
    ok(finish(&child, 10000) == 6, "code");

    /* A child of the child that goes on writing: the process has ended, the pipe has not. */
    ok(start(L"sh -c \"(sleep 0.3; echo late) & echo early; exit 9\"", 0, &child), "error %lu", GetLastError());
    began = GetTickCount();
    ok(WaitForSingleObject(child.info.hProcess, 10000) == WAIT_OBJECT_0, "no end");
    ok(GetTickCount() - began < 250, "after %lu ms", GetTickCount() - began);
    size = read_all(child.out, buffer, sizeof(buffer));
    ok(size == 11 && !strcmp(buffer, "early\nlate\n"), "got %s", buffer);
    ok(finish(&child, 0) == 9, "code");
}

/* A pipe between two of them. */
static void test_pipeline(void)
{
    HANDLE in, writer, reader, out;
    PROCESS_INFORMATION info;
    struct child child;
    char buffer[64];

    make_pipe(&reader, &writer, FALSE, 0);
    SetHandleInformation(reader, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    make_pipe(&in, &out, FALSE, 0);
    ok(create(NULL, L"sh -c \"seq 1 50000\"", 0, NULL, writer, NULL, &info), "error %lu", GetLastError());
    CloseHandle(writer);
    CloseHandle(info.hProcess);
    CloseHandle(info.hThread);
    SetHandleInformation(reader, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    ok(create(NULL, L"tail -n 1", 0, reader, out, NULL, &info), "error %lu", GetLastError());
    CloseHandle(reader);
    CloseHandle(out);
    read_all(in, buffer, sizeof(buffer));
    ok(!strcmp(buffer, "50000\n"), "got %s", buffer);
    child = (struct child){ info, NULL, in };
    ok(!finish(&child, 10000), "code");
}

/* Ends of named pipes, overlapped and of messages. */
static void test_named_pipes(void)
{
    SECURITY_ATTRIBUTES sa = { sizeof(sa), NULL, TRUE };
    OVERLAPPED overlapped = { 0 };
    PROCESS_INFORMATION info;
    struct child child;
    char name[64], buffer[256];
    HANDLE server, client;
    DWORD got, mode = PIPE_READMODE_MESSAGE;

    overlapped.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    sprintf(name, "\\\\.\\pipe\\unix-%lu", GetCurrentProcessId());
    server = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, PIPE_TYPE_BYTE, 1, 4096, 4096, 0, NULL);
    client = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, &sa, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    ok(server != INVALID_HANDLE_VALUE && client != INVALID_HANDLE_VALUE, "error %lu", GetLastError());
    ok(create(NULL, L"tr a-z A-Z", 0, client, client, client, &info), "error %lu", GetLastError());
    CloseHandle(client);
    ok(WriteFile(server, "duplex\n", 7, &got, &overlapped) || GetLastError() == ERROR_IO_PENDING, "error %lu", GetLastError());
    GetOverlappedResult(server, &overlapped, &got, TRUE);
    /* tr writes at its end, which a duplex pipe does not tell: the client cannot close one direction. */
    CloseHandle(server);
    child = (struct child){ info, NULL, NULL };
    got = finish(&child, 10000);
    ok(got == 128 + 13 || got == 1 || got == 0, "code %lu", got);

    server = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, PIPE_TYPE_BYTE, 1, 4096, 4096, 0, NULL);
    client = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, &sa, OPEN_EXISTING, 0, NULL);
    ok(create(NULL, L"cat", 0, client, client, client, &info), "error %lu", GetLastError());
    CloseHandle(client);
    ok(WriteFile(server, "duplex\n", 7, &got, &overlapped) || GetLastError() == ERROR_IO_PENDING, "error %lu", GetLastError());
    GetOverlappedResult(server, &overlapped, &got, TRUE);
    ok(ReadFile(server, buffer, sizeof(buffer), &got, &overlapped) || GetLastError() == ERROR_IO_PENDING, "error %lu", GetLastError());
    ok(GetOverlappedResult(server, &overlapped, &got, TRUE) && got == 7 && !memcmp(buffer, "duplex\n", 7), "%lu bytes", got);
    ok(DisconnectNamedPipe(server), "error %lu", GetLastError());
    child = (struct child){ info, NULL, NULL };
    got = finish(&child, 10000);
    ok(!got, "code %lu", got);
    CloseHandle(server);

    server = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 1, 4096, 4096, 0, NULL);
    client = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, &sa, OPEN_EXISTING, 0, NULL);
    ok(SetNamedPipeHandleState(client, &mode, NULL, NULL), "error %lu", GetLastError());
    ok(create(NULL, L"sh -c \"read a; echo got $a; read b; echo and $b\"", 0, client, client, client, &info), "error %lu", GetLastError());
    CloseHandle(client);
    ok(WriteFile(server, "one\n", 4, &got, NULL), "error %lu", GetLastError());
    ok(ReadFile(server, buffer, sizeof(buffer), &got, NULL) && got == 8 && !memcmp(buffer, "got one\n", 8), "%lu bytes", got);
    ok(WriteFile(server, "two\n", 4, &got, NULL), "error %lu", GetLastError());
    ok(ReadFile(server, buffer, sizeof(buffer), &got, NULL) && got == 8 && !memcmp(buffer, "and two\n", 8), "%lu bytes", got);
    ok(!ReadFile(server, buffer, sizeof(buffer), &got, NULL) && GetLastError() == ERROR_BROKEN_PIPE, "error %lu", GetLastError());
    ends(&info, 0);
    CloseHandle(server);
    CloseHandle(overlapped.hEvent);
}

static void test_files(void)
{
    SECURITY_ATTRIBUTES sa = { sizeof(sa), NULL, TRUE };
    char buffer[256];
    PROCESS_INFORMATION info;
    HANDLE file, in;
    DWORD got;

    /* One place in the file for both. */
    file = CreateFileA("file", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, &sa, CREATE_ALWAYS, 0, NULL);
    ok(WriteFile(file, "before\n", 7, &got, NULL), "error %lu", GetLastError());
    ok(create(NULL, L"echo between", 0, NULL, file, file, &info), "error %lu", GetLastError());
    ends(&info, 0);
    ok(WriteFile(file, "after\n", 6, &got, NULL), "error %lu", GetLastError());
    SetFilePointer(file, 0, NULL, FILE_BEGIN);
    read_all(file, buffer, sizeof(buffer));
    ok(!strcmp(buffer, "before\nbetween\nafter\n"), "got %s", buffer);

    /* As input, from where it is. */
    SetFilePointer(file, 7, NULL, FILE_BEGIN);
    ok(create(NULL, L"sh -c \"read x; [ $x = between ]\"", 0, file, NULL, NULL, &info), "error %lu", GetLastError());
    ends(&info, 0);
    CloseHandle(file);

    /* A handle that appends: each write goes to the end. */
    file = CreateFileA("file", FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, &sa, OPEN_EXISTING, 0, NULL);
    ok(create(NULL, L"echo appended", 0, NULL, file, NULL, &info), "error %lu", GetLastError());
    ends(&info, 0);
    CloseHandle(file);
    file = CreateFileA("file", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    read_all(file, buffer, sizeof(buffer));
    ok(!strcmp(buffer, "before\nbetween\nafter\nappended\n"), "got %s", buffer);
    CloseHandle(file);

    /* NUL and nothing at all. */
    in = CreateFileA("NUL", GENERIC_READ | GENERIC_WRITE, 0, &sa, OPEN_EXISTING, 0, NULL);
    ok(create(NULL, L"sh -c \"cat; echo lost; exit 11\"", 0, in, in, in, &info), "error %lu", GetLastError());
    ends(&info, 11);
    ok(create(NULL, L"sh -c \"cat; echo lost && exit 12\"", 0, NULL, INVALID_HANDLE_VALUE, in, &info), "error %lu", GetLastError());
    ends(&info, 12);
    CloseHandle(in);
    ok(create(NULL, L"sh -c \"echo nowhere && exit 13\"", DETACHED_PROCESS, NULL, NULL, NULL, &info), "error %lu", GetLastError());
    ends(&info, 13);
    ok(create(NULL, L"sh -c \"echo nowhere && exit 14\"", CREATE_NO_WINDOW, NULL, NULL, NULL, &info), "error %lu", GetLastError());
    ends(&info, 14);
    DeleteFileA("file");
}

/* ---- as a process ---------------------------------------------------------------------------------------------------------- */

static void test_process(void)
{
    char buffer[64], path[MAX_PATH];
    PROCESSENTRY32 entry = { .dwSize = sizeof(entry) };
    BOOL done, seen = FALSE;
    struct child child;
    HANDLE process, snapshot, thread, copy;
    DWORD got, size, pid;
    SIZE_T bytes;
    CONTEXT context = { .ContextFlags = CONTEXT_CONTROL };

    ok(start(L"sh -c \"echo $$; read x\"", 0, &child), "error %lu", GetLastError());
    ok(ReadFile(child.out, buffer, sizeof(buffer) - 1, &got, NULL), "error %lu", GetLastError());
    buffer[got] = 0;

    process = OpenProcess(PROCESS_ALL_ACCESS, FALSE, child.info.dwProcessId);
    ok(process != NULL, "error %lu", GetLastError());
    size = sizeof(path);
    ok(QueryFullProcessImageNameA(process, 0, path, &size), "error %lu", GetLastError());
    ok(size > 3 && !strcmp(path + size - 3, "\\sh"), "%s", path);
    ok(WaitForSingleObject(process, 0) == WAIT_TIMEOUT, "it has ended");
    SetLastError(0);
    ok(!VirtualAllocEx(process, NULL, 4096, MEM_COMMIT, PAGE_READWRITE) && GetLastError() == ERROR_ACCESS_DENIED, "error %lu", GetLastError());
    SetLastError(0);
    done = ReadProcessMemory(process, (void *)0x7ffe0000, buffer, 4, &bytes);
    ok(!done && GetLastError() == ERROR_ACCESS_DENIED, "%d, error %lu", done, GetLastError());
    SetLastError(0);
    done = WriteProcessMemory(process, (void *)0x10000, buffer, 4, &bytes);
    ok(!done && GetLastError() == ERROR_ACCESS_DENIED, "%d, error %lu", done, GetLastError());
    SetLastError(0);
    thread = CreateRemoteThread(process, NULL, 0, (LPTHREAD_START_ROUTINE)0x10000, NULL, 0, NULL);
    ok(!thread && GetLastError() == ERROR_ACCESS_DENIED, "error %lu", GetLastError());
    SetLastError(0);
    snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPMODULE, child.info.dwProcessId);
    ok(snapshot == INVALID_HANDLE_VALUE && GetLastError() == ERROR_PARTIAL_COPY, "error %lu", GetLastError());
    SetLastError(0);
    ok(!DebugActiveProcess(child.info.dwProcessId) && GetLastError() == ERROR_NOT_SUPPORTED, "error %lu", GetLastError());
    ok(GetThreadContext(child.info.hThread, &context), "error %lu", GetLastError());
    ok(SuspendThread(child.info.hThread) == 0, "error %lu", GetLastError());
    ok(ResumeThread(child.info.hThread) == 1, "error %lu", GetLastError());
    ok(DuplicateHandle(GetCurrentProcess(), process, process, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS), "error %lu", GetLastError());
    CloseHandle(process);

    snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    for (done = Process32First(snapshot, &entry); done; done = Process32Next(snapshot, &entry))
        if (entry.th32ProcessID == child.info.dwProcessId)
        {
            seen = TRUE;
            ok(!strcmp(entry.szExeFile, "sh"), "%s", entry.szExeFile);
            ok(entry.th32ParentProcessID == GetCurrentProcessId(), "parent %lu", entry.th32ParentProcessID);
            ok(entry.cntThreads == 1, "%lu threads", entry.cntThreads);
        }
    CloseHandle(snapshot);
    ok(seen, "not in the list");

    /* The program itself and the one that looks after it are no processes of ours. */
    pid = strtoul(buffer, NULL, 10) * 4;
    SetLastError(0);
    got = GetTickCount();
    ok(!OpenProcess(PROCESS_ALL_ACCESS, FALSE, pid) && GetLastError() == ERROR_ACCESS_DENIED, "error %lu", GetLastError());
    ok(GetTickCount() - got < 1000, "after %lu ms", GetTickCount() - got);
    ok(WriteFile(child.in, "\n", 1, &got, NULL), "error %lu", GetLastError());
    ok(!finish(&child, 10000), "code");

    SetLastError(0);
    ok(!create(NULL, L"sh -c true", DEBUG_PROCESS, NULL, NULL, NULL, &child.info) && GetLastError() == ERROR_NOT_SUPPORTED, "error %lu", GetLastError());
}

static DWORD processes_in(HANDLE job)
{
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION info = { 0 };

    ok(QueryInformationJobObject(job, JobObjectBasicAccountingInformation, &info, sizeof(info), NULL), "error %lu", GetLastError());
    return info.ActiveProcesses;
}

/* It and what it has started hold the pipe: its end says that they are gone. */
static void expect_silence(HANDLE pipe, int line)
{
    DWORD began = GetTickCount();
    char buffer[16];

    read_all(pipe, buffer, sizeof(buffer));
    check(line, GetTickCount() - began < 5000, "they lived for %lu ms", GetTickCount() - began);
}

static void test_jobs(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = { .BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE };
    static const WCHAR tree[] = L"sh -c \"(sh -c 'sleep 20; sleep 20' &) ; sleep 20 & echo x; wait\"";
    static const WCHAR rest[] = L"sh -c \"(sleep 20 &) ; sleep 20 & echo x\"";
    struct child child;
    HANDLE job;
    int how;

    for (how = 0; how < 4; how++)
    {
        char buffer[2];
        DWORD got;

        job = CreateJobObjectW(NULL, NULL);
        ok(SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof(limits)), "error %lu", GetLastError());
        ok(start(how == 2 ? rest : tree, CREATE_SUSPENDED, &child), "error %lu", GetLastError());
        ok(AssignProcessToJobObject(job, child.info.hProcess), "error %lu", GetLastError());
        ok(processes_in(job) == 1, "%lu processes", processes_in(job));
        ResumeThread(child.info.hThread);
        ok(ReadFile(child.out, buffer, 2, &got, NULL) && got == 2, "%lu bytes", got);
        if (how == 2)
        {
            ok(WaitForSingleObject(child.info.hProcess, 10000) == WAIT_OBJECT_0, "no end");
            ok(processes_in(job) == 0, "%lu processes", processes_in(job));
        }
        else ok(processes_in(job) == 1, "%lu processes", processes_in(job));
        switch (how)
        {
        case 0: case 2: CloseHandle(job); break;
        case 1: ok(TerminateJobObject(job, 44), "error %lu", GetLastError()); break;
        case 3: ok(TerminateProcess(child.info.hProcess, 45), "error %lu", GetLastError()); break;
        }
        expect_silence(child.out, __LINE__);
        got = finish(&child, 10000);
        ok(how != 1 || got == 44, "code %lu", got);
        ok(how != 3 || got == 45, "code %lu", got);
        if (how == 1 || how == 3) CloseHandle(job);
    }
}

/* What a C runtime does with them. */
static void test_runtime(void)
{
    char buffer[64] = "";
    FILE *pipe = _popen("uname -s", "r");

    ok(pipe && fgets(buffer, sizeof(buffer), pipe) && !strcmp(buffer, "Linux\n"), "got %s", buffer);
    ok(!_pclose(pipe), "code");
    pipe = _popen("sh -c \"read x; [ $x = word ] && exit 3\"", "wb");
    ok(pipe && fputs("word\n", pipe) >= 0, "no pipe");
    ok(_pclose(pipe) == 3, "code");
    ok(_spawnlp(_P_WAIT, "sh", "sh", "-c", "\"exit 6\"", NULL) == 6, "code");
    ok(_spawnl(_P_WAIT, "/bin/sh", "sh", "-c", "\"exit 7\"", NULL) == 7, "code");
    ok(_spawnlp(_P_WAIT, "nonesuch", "nonesuch", NULL) == -1, "code");
    ok(system("true") == 0, "code");
}

/* ---- which files ------------------------------------------------------------------------------------------------------------ */

static void expect_error(const WCHAR *application, const WCHAR *line, DWORD error, int at)
{
    PROCESS_INFORMATION info;
    BOOL done = create(application, line, 0, NULL, NULL, NULL, &info);

    check(at, !done && GetLastError() == error, "%ls %ls: %d, error %lu", application ? application : L"-", line ? line : L"-", done, GetLastError());
    if (done) TerminateProcess(info.hProcess, 1);
}

static void test_search(void)
{
    char output[256];
    WCHAR path[2048], old[1024], extensions[256] = L"";
    PROCESS_INFORMATION info;

    expect_error(NULL, L"nowhere.to-be-found", ERROR_FILE_NOT_FOUND, __LINE__);
    expect_error(NULL, L"nowhere", ERROR_FILE_NOT_FOUND, __LINE__);
    expect_error(L"nowhere", NULL, ERROR_FILE_NOT_FOUND, __LINE__);
    expect_error(L"sh", L"sh -c true", ERROR_FILE_NOT_FOUND, __LINE__);        /* an application name is not searched for */
    expect_error(NULL, L"garbage", ERROR_FILE_NOT_FOUND, __LINE__);            /* of no program of ours or the host's */
    expect_error(NULL, L".\\garbage", ERROR_BAD_EXE_FORMAT, __LINE__);
    expect_error(L"garbage", NULL, ERROR_BAD_EXE_FORMAT, __LINE__);
    expect_error(NULL, L".\\empty", ERROR_BAD_EXE_FORMAT, __LINE__);
    expect_error(NULL, L".\\notexec", ERROR_ACCESS_DENIED, __LINE__);          /* a script without execute permission */
    expect_error(NULL, L".\\elf32", ERROR_BAD_EXE_FORMAT, __LINE__);
    expect_error(NULL, L".\\batch.bat", ERROR_BAD_EXE_FORMAT, __LINE__);
    expect_error(NULL, L"batch.bat", ERROR_BAD_EXE_FORMAT, __LINE__);
    expect_error(NULL, L"batch", ERROR_FILE_NOT_FOUND, __LINE__);
    expect_error(NULL, L".\\sub", ERROR_ACCESS_DENIED, __LINE__);

    /* What is in the way is passed over: a folder, a file that may not be executed. */
    run(L"uname -s", output, sizeof(output));
    ok(!strcmp(output, "Linux\n"), "got %s", output);
    run(L"id -u nobody", output, sizeof(output));
    ok(output[0] >= '0' && output[0] <= '9', "got %s", output);

    /* Along PATH, in this process's. */
    GetEnvironmentVariableW(L"PATH", old, 1024);
    GetCurrentDirectoryW(1024, path);
    wcscat(path, L"\\sub;");
    wcscat(path, old);
    expect_error(NULL, L"below", ERROR_FILE_NOT_FOUND, __LINE__);
    SetEnvironmentVariableW(L"PATH", path);
    run(L"below x", output, sizeof(output));
    ok(!strcmp(output, "below: x\n"), "got %s", output);
    SetEnvironmentVariableW(L"PATH", old);

    /* A program with blanks in its name, without quotes: its line gets them. */
    run(L"two words x", output, sizeof(output));
    ok(!strcmp(output, "two words: x\n"), "got %s", output);

    /* Who looks for executables by PATHEXT, as Go's library does, tries "uname." last: that is uname. */
    GetEnvironmentVariableW(L"PATHEXT", extensions, 256);
    ok(wcslen(extensions) > 2 && !wcscmp(extensions + wcslen(extensions) - 2, L";."), "PATHEXT is %ls", extensions);
    ok(GetFileAttributesW(L"Z:\\bin\\sh.") != INVALID_FILE_ATTRIBUTES, "error %lu", GetLastError());
    ok(create(L"Z:\\bin\\sh.", L"sh -c \"exit 8\"", 0, NULL, NULL, NULL, &info), "error %lu", GetLastError());
    ends(&info, 8);

    /* A Windows program of that name wins, wherever along the path it is; with a folder, too. */
    ok(CopyFileA("both.exe", "sub\\sh.exe", FALSE), "error %lu", GetLastError());
    SetEnvironmentVariableW(L"PATH", path);
    ok(run(L"sh version", output, sizeof(output)) == 21 && !strcmp(output, "Windows\r\n"), "got %s", output);
    SetEnvironmentVariableW(L"PATH", old);
    DeleteFileA("sub\\sh.exe");
    ok(run(L"both version", output, sizeof(output)) == 21, "got %s", output);
    ok(run(L".\\both version", output, sizeof(output)) == 21, "got %s", output);
    ok(create(L"both", L"both", 0, NULL, NULL, NULL, &info), "error %lu", GetLastError());     /* exactly that */
    ends(&info, 22);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "version"))
    {
        printf("Windows\n");
        return 21;
    }
    if (argc > 2 && !strcmp(argv[1], "hold"))           /* unix.sh kills us: a program in a job, and one that is not */
    {
        JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = { .BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE };
        HANDLE job = CreateJobObjectW(NULL, NULL);
        PROCESS_INFORMATION info;

        SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof(limits));
        AssignProcessToJobObject(job, GetCurrentProcess());
        create(NULL, L"sh -c \"sleep 20 & (sleep 20 &); echo $PPID; wait\"", 0, NULL, NULL, NULL, &info);
        WaitForSingleObject(info.hProcess, 20000);
        return 1;
    }
    if (argc > 2 && !strcmp(argv[1], "run"))            /* a line, with what we were given */
    {
        WCHAR line[1024];
        struct child child = { { 0 }, NULL, NULL };

        MultiByteToWideChar(CP_UTF8, 0, argv[2], -1, line, 1024);
        if (!create(NULL, line, 0, NULL, NULL, NULL, &child.info)) return 200;
        return (int)finish(&child, 20000);
    }
    if (argc < 2) return 2;
    test_arguments();
    test_environment(argv[1]);
    test_exit();
    test_pipes();
    test_pipeline();
    test_named_pipes();
    test_files();
    test_process();
    test_jobs();
    test_runtime();
    test_search();
    printf("%d tests executed, %d failures\n", checks, failures);
    return failures != 0;
}
