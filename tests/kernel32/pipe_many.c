/* Programs queue writes by the hundred and read nothing meanwhile (node.exe's messages): they end in order, each as soon as its
 * bytes are read or fit. */
#include "win32.h"

START_TEST(pipe_many)
{
    enum { COUNT = 600, SIZE = 100, QUOTA = 4096 };
    static OVERLAPPED overlapped[COUNT];
    char data[SIZE], name[64];
    HANDLE server, client;
    DWORD done, ended;

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oriel-many-%lx", GetCurrentProcessId());
    server = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, PIPE_TYPE_BYTE, 1, QUOTA, QUOTA, 0, NULL);
    client = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    ok(server != INVALID_HANDLE_VALUE && client != INVALID_HANDLE_VALUE, "error %lu\n", GetLastError());
    memset(overlapped, 0, sizeof(overlapped));
    for (int i = 0; i < COUNT; i++)
    {
        memset(data, i, SIZE);
        if (!WriteFile(server, data, SIZE, NULL, &overlapped[i])) ok(GetLastError() == ERROR_IO_PENDING, "%d: error %lu\n", i, GetLastError());
        if (!HasOverlappedIoCompleted(&overlapped[i])) continue;
        ok((i + 1) * SIZE <= QUOTA, "write %d ended though it does not fit\n", i);
    }
    for (int i = 0; i < COUNT; i++)
    {
        ok(ReadFile(client, data, SIZE, &done, NULL) && done == SIZE && data[0] == (char)i && data[SIZE - 1] == (char)i, "%d: %lu, error %lu\n",
           i, done, GetLastError());
        ok(GetOverlappedResult(server, &overlapped[i], &done, TRUE) && done == SIZE, "%d: %lu, error %lu\n", i, done, GetLastError());
        for (ended = COUNT; ended && !HasOverlappedIoCompleted(&overlapped[ended - 1]); ended--) ;
        ok(ended >= (DWORD)i + 1 && ended <= (DWORD)i + 2 + QUOTA / SIZE, "%lu ended after %d reads\n", ended, i + 1);
        while (ended && HasOverlappedIoCompleted(&overlapped[ended - 1])) ended--;
        ok(!ended, "one ended before write %lu, which is before it\n", ended - 1);
    }
    CloseHandle(client);
    CloseHandle(server);
}
