/* Pipes and operations that end at an awkward moment. */
#include "win32.h"

static char name[64];

static void make(HANDLE *server, HANDLE *client)
{
    static unsigned int count;

    sprintf(name, "\\\\.\\pipe\\oriel-races-%lu-%u", GetCurrentProcessId(), ++count);
    *server = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 4096, 4096, 100, NULL);
    *client = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    ok(*server != INVALID_HANDLE_VALUE && *client != INVALID_HANDLE_VALUE, "no pipe: error %lu\n", GetLastError());
}

/* A write that is larger than all there is room for is cancelled: one behind it goes on. */
static void test_cancelled_write(void)
{
    const DWORD size = 3 << 20;
    OVERLAPPED large = { .hEvent = CreateEventA(NULL, TRUE, FALSE, NULL) }, small = { .hEvent = CreateEventA(NULL, TRUE, FALSE, NULL) };
    OVERLAPPED in = { .hEvent = CreateEventA(NULL, TRUE, FALSE, NULL) };
    static char text[5000], buffer[5000];
    HANDLE server, client;
    char *data = malloc(size);
    DWORD n;

    memset(data, 'x', size);
    memset(text, 'y', sizeof(text));
    make(&server, &client);
    ok(!WriteFile(client, data, size, NULL, &large) && GetLastError() == ERROR_IO_PENDING, "error %lu\n", GetLastError());
    ok(!WriteFile(client, text, sizeof(text), NULL, &small) && GetLastError() == ERROR_IO_PENDING, "error %lu\n", GetLastError());
    ok(CancelIoEx(client, &large), "error %lu\n", GetLastError());
    ok(!GetOverlappedResult(client, &large, &n, TRUE) && GetLastError() == ERROR_OPERATION_ABORTED, "error %lu\n", GetLastError());
    ok(ReadFile(server, buffer, sizeof(buffer), NULL, &in) || GetLastError() == ERROR_IO_PENDING, "error %lu\n", GetLastError());
    if (WaitForSingleObject(in.hEvent, 3000))
    {
        ok(0, "the reader gets nothing\n");
        CancelIo(server);
    }
    ok(GetOverlappedResult(server, &in, &n, TRUE) && n == sizeof(text) && !memcmp(buffer, text, n), "read %lu bytes\n", n);
    ok(!WaitForSingleObject(small.hEvent, 3000), "the write behind waits\n");
    CancelIo(client);
    ok(CloseHandle(client) && CloseHandle(server), "error %lu\n", GetLastError());
    CloseHandle(large.hEvent);
    CloseHandle(small.hEvent);
    CloseHandle(in.hEvent);
    free(data);
}

static HANDLE reading, started;
static volatile LONG stop;

static DWORD WINAPI read_always(void *arg)
{
    OVERLAPPED in = { .hEvent = CreateEventA(NULL, TRUE, FALSE, NULL) };
    DWORD n, rounds = 0;
    char c;

    (void)arg;
    SetEvent(started);
    while (!stop)
    {
        rounds++;
        if (!ReadFile(reading, &c, 1, NULL, &in) && GetLastError() == ERROR_IO_PENDING) GetOverlappedResult(reading, &in, &n, TRUE);
    }
    CloseHandle(in.hEvent);
    return rounds;
}

/* Whatever moment a pipe is disconnected at: the read that waits ends. */
static void test_disconnect(void)
{
    unsigned int round, stuck = 0;
    HANDLE server, client, thread;

    make(&server, &client);
    reading = server;
    started = CreateEventA(NULL, FALSE, FALSE, NULL);
    for (round = 0; round < 3000 && !stuck; round++)
    {
        stop = 0;
        thread = CreateThread(NULL, 0, read_always, NULL, 0, NULL);
        WaitForSingleObject(started, 5000);
        for (volatile unsigned int i = round % 400; i; i--) ;
        stop = 1;
        DisconnectNamedPipe(server);
        if (WaitForSingleObject(thread, 3000))
        {
            stuck++;
            CancelIoEx(server, NULL);
            WaitForSingleObject(thread, 3000);
        }
        CloseHandle(thread);
        CloseHandle(client);
        ok(!ConnectNamedPipe(server, &(OVERLAPPED){ 0 }), "connected\n");
        client = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
        ok(client != INVALID_HANDLE_VALUE, "no client: error %lu\n", GetLastError());
    }
    ok(!stuck, "a read that began while its pipe was disconnected goes on after that, in round %u\n", round);
    CloseHandle(client);
    CloseHandle(server);
    CloseHandle(started);
}

static DWORD WINAPI read_and_disconnect(void *server)
{
    char byte;
    DWORD n;

    if (!ReadFile(server, &byte, 1, &n, NULL)) return GetLastError();
    DisconnectNamedPipe(server);
    return 0;
}

/* A write that has been read has succeeded, even if its reader disconnects before the writer looks (kernel32:pipe,
 * test_overlapped). Without a quota it waits for that. */
static void test_read_and_disconnected(void)
{
    unsigned int i, failed = 0;

    sprintf(name, "\\\\.\\pipe\\oriel-read-and-gone-%lu", GetCurrentProcessId());
    for (i = 0; i < 1000; i++)
    {
        HANDLE client, thread, server = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE, 1, 0, 0, 0, NULL);
        DWORD n;

        ok(server != INVALID_HANDLE_VALUE, "%u: CreateNamedPipe failed: %lu\n", i, GetLastError());
        client = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
        ok(client != INVALID_HANDLE_VALUE, "%u: CreateFile failed: %lu\n", i, GetLastError());
        thread = CreateThread(NULL, 0, read_and_disconnect, server, 0, NULL);

        if (i % 2) Sleep(0);
        n = 99;
        if (!WriteFile(client, "x", 1, &n, NULL) || n != 1)
        {
            failed++;
            trace("%u: %lu bytes, error %lu\n", i, n, GetLastError());
        }
        WaitForSingleObject(thread, INFINITE);
        CloseHandle(thread);
        CloseHandle(client);
        CloseHandle(server);
    }
    ok(!failed, "%u of %u writes failed\n", failed, i);
}

START_TEST(pipe_races)
{
    test_cancelled_write();
    test_disconnect();
    test_read_and_disconnected();
}
