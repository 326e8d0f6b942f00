/* victim_pipe.exe serve | once | client | mourner  byte | message | overlapped: what tests/unit/pipe_kill.c kills.
 *
 * serve:   makes a pipe and serves one client after the other, unasked.
 * once:    for each line makes the pipe, serves one client, disconnects and closes it.
 * client:  for each line waits for the pipe, writes a request, reads the answer and closes its end.
 * mourner: the same, but the pipe may never come; when it reads another line, the name must be free.
 *
 * Requests and answers are larger than the pipe's quota, so that writing waits for reading. What is read is compared. */
#include "victim.h"

#define QUOTA   4096
#define SIZE    10000
#define PIECE   3000                    /* reads, of messages too */

static const char *name = "\\\\.\\pipe\\oriel-victim";
static BOOL messages, overlapped;
static HANDLE done_event;

static char pattern(DWORD at, BOOL answer)
{
    return (char)(at * 7 + at / 251 + (answer ? 100 : 0));
}

/* TRUE: it has been done, be it after a while. */
static BOOL finished(HANDLE pipe, BOOL ok, OVERLAPPED *over, DWORD *done)
{
    if (!overlapped || (!ok && GetLastError() != ERROR_IO_PENDING && GetLastError() != ERROR_MORE_DATA)) return ok;
    return GetOverlappedResult(pipe, over, done, TRUE);
}

static BOOL read_pipe(HANDLE pipe, char *buffer, DWORD size, DWORD *done)
{
    OVERLAPPED over = { .hEvent = done_event };

    *done = 0;
    return finished(pipe, ReadFile(pipe, buffer, size, done, overlapped ? &over : NULL), &over, done);
}

static BOOL write_pipe(HANDLE pipe, const char *buffer, DWORD size, DWORD *done)
{
    OVERLAPPED over = { .hEvent = done_event };

    *done = 0;
    return finished(pipe, WriteFile(pipe, buffer, size, done, overlapped ? &over : NULL), &over, done);
}

/* 1: the other end is gone. */
static int failed(const char *what)
{
    DWORD error = GetLastError();

    return error == ERROR_BROKEN_PIPE || error == ERROR_NO_DATA || error == ERROR_PIPE_NOT_CONNECTED ? 1 : wrong(what, error);
}

static int receive(HANDLE pipe, BOOL answer)
{
    static char buffer[SIZE];
    DWORD total = 0, n, i;

    while (total < SIZE)
    {
        BOOL good = read_pipe(pipe, buffer, PIECE < SIZE - total ? PIECE : SIZE - total, &n);

        if (!good && !(messages && GetLastError() == ERROR_MORE_DATA)) return failed("ReadFile");
        if (good && messages && total + n != SIZE) return wrong("a message ends early", total + n);
        for (i = 0; i < n; i++) if (buffer[i] != pattern(total + i, answer)) return wrong("another byte", total + i);
        total += n;
    }
    return 0;
}

static int transmit(HANDLE pipe, BOOL answer)
{
    static char buffer[SIZE];
    DWORD n, i;

    for (i = 0; i < SIZE; i++) buffer[i] = pattern(i, answer);
    if (!write_pipe(pipe, buffer, SIZE, &n)) return failed("WriteFile");
    return n == SIZE ? 0 : wrong("written", n);
}

static HANDLE make(DWORD more)
{
    return CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX | more | (overlapped ? FILE_FLAG_OVERLAPPED : 0),
                            messages ? PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE : PIPE_TYPE_BYTE, 1, QUOTA, QUOTA, 0, NULL);
}

static int serve_one(HANDLE pipe)
{
    OVERLAPPED over = { .hEvent = done_event };
    DWORD n;
    int result;

    if (!finished(pipe, ConnectNamedPipe(pipe, overlapped ? &over : NULL), &over, &n) && GetLastError() != ERROR_PIPE_CONNECTED &&
        GetLastError() != ERROR_NO_DATA) return wrong("ConnectNamedPipe", GetLastError());
    if (!(result = receive(pipe, FALSE)) && !(result = transmit(pipe, TRUE)) && !FlushFileBuffers(pipe)) result = failed("FlushFileBuffers");
    if (!DisconnectNamedPipe(pipe)) return wrong("DisconnectNamedPipe", GetLastError());
    return result;
}

static int once(void)
{
    HANDLE pipe = make(FILE_FLAG_FIRST_PIPE_INSTANCE);
    int result;

    if (pipe == INVALID_HANDLE_VALUE) return wrong("CreateNamedPipe", GetLastError());
    result = serve_one(pipe);
    return CloseHandle(pipe) ? result : wrong("CloseHandle", GetLastError());
}

static BOOL is_asked_to_stop(void)
{
    DWORD there;

    return !PeekNamedPipe(input, NULL, 0, NULL, &there, NULL) || there;
}

static HANDLE open_pipe(void)
{
    DWORD mode = PIPE_READMODE_MESSAGE, begin_time = GetTickCount();
    HANDLE pipe;

    while ((pipe = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, overlapped ? FILE_FLAG_OVERLAPPED : 0,
                               NULL)) == INVALID_HANDLE_VALUE)
    {
        DWORD error = GetLastError();

        if ((error != ERROR_FILE_NOT_FOUND && error != ERROR_PIPE_BUSY) || is_asked_to_stop() || GetTickCount() - begin_time > 10000)
        {
            SetLastError(error);
            return NULL;
        }
        if (error == ERROR_PIPE_BUSY) WaitNamedPipeA(name, 20);
        else Sleep(1);
    }
    if (messages && !SetNamedPipeHandleState(pipe, &mode, NULL, NULL) && GetLastError() != ERROR_PIPE_NOT_CONNECTED &&
        GetLastError() != ERROR_BROKEN_PIPE && GetLastError() != ERROR_NO_DATA)
    {
        CloseHandle(pipe);
        return NULL;
    }
    return pipe;
}

/* 0: the server's name is free. */
static int name_is_free(void)
{
    HANDLE pipe = make(FILE_FLAG_FIRST_PIPE_INSTANCE);

    if (pipe == INVALID_HANDLE_VALUE) return wrong("the name is still there", GetLastError());
    return CloseHandle(pipe) ? 0 : wrong("CloseHandle", GetLastError());
}

static int client(BOOL mourns)
{
    HANDLE pipe = open_pipe();
    char line[20];
    int result = 0;

    if (!pipe && (GetLastError() != ERROR_FILE_NOT_FOUND || !mourns)) result = wrong("opening", GetLastError());
    else if (!pipe) result = 1;
    else
    {
        if (!(result = transmit(pipe, FALSE))) result = receive(pipe, TRUE);
        if (!CloseHandle(pipe)) result = wrong("CloseHandle", GetLastError());
    }
    if (!mourns) return result;
    next_line(line, sizeof(line));      /* "q": it has ended */
    return name_is_free() ? 2 : result;
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "", *mode = argc > 2 ? argv[2] : "";
    HANDLE pipe = NULL;
    char line[20];

    begin();
    overlapped = !strcmp(mode, "overlapped");
    messages = overlapped || !strcmp(mode, "message");
    done_event = CreateEventA(NULL, TRUE, FALSE, NULL);
    if (!strcmp(how, "serve") && (pipe = make(FILE_FLAG_FIRST_PIPE_INSTANCE)) == INVALID_HANDLE_VALUE)
        return wrong("CreateNamedPipe", GetLastError());
    say("ready\n");
    if (pipe)
        while (!is_asked_to_stop())
            if (serve_one(pipe) > 1) return 2;
    while (next_line(line, sizeof(line))) say_done(!strcmp(how, "once") ? once() : client(!strcmp(how, "mourner")));
    return 0;
}
