/* stopped.exe ID: asks the process ID, which has been stopped (stopped.sh). Threads that do wait, and can be ended; others,
 * and the process itself, are not held up. */
#define _WIN32_WINNT 0x0A00
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

static HANDLE process;

static DWORD WINAPI ask(void *arg)
{
    (void)arg;
    VirtualAllocEx(process, NULL, 0x1000, MEM_RESERVE, PAGE_READWRITE);
    return 0;
}

static int fail(const char *what)
{
    printf("%s: error %lu\n", what, GetLastError());
    fflush(stdout);
    TerminateProcess(GetCurrentProcess(), 1);
    return 1;
}

int main(int argc, char **argv)
{
    HANDLE threads[2], event = CreateEventA(NULL, FALSE, FALSE, "Local\\oriel-stopped");
    DWORD begin, code;
    void *memory;
    int i;

    if (argc < 2 || !(process = OpenProcess(PROCESS_ALL_ACCESS, FALSE, strtoul(argv[1], NULL, 0)))) return fail("OpenProcess");
    if (argc > 2)
    {
        if (!(memory = VirtualAllocEx(process, NULL, 0x1000, MEM_RESERVE, PAGE_READWRITE))) return fail("VirtualAllocEx");
        return VirtualFreeEx(process, memory, 0, MEM_RELEASE) ? 0 : fail("VirtualFreeEx");
    }
    for (i = 0; i < 2; i++) threads[i] = CreateThread(NULL, 0, ask, NULL, 0, NULL);     /* the second waits for the first */
    if (WaitForMultipleObjects(2, threads, FALSE, 500) != WAIT_TIMEOUT) return fail("it was not stopped");
    if (!SetEvent(event) || WaitForSingleObject(event, 0)) return fail("events");
    if (!GetExitCodeProcess(process, &code) || code != STILL_ACTIVE) return fail("GetExitCodeProcess");
    begin = GetTickCount();
    for (i = 0; i < 2; i++) if (!TerminateThread(threads[i], 7)) return fail("TerminateThread");
    if (WaitForMultipleObjects(2, threads, TRUE, 5000)) return fail("threads that wait for a stopped process do not end");
    if (GetTickCount() - begin > 3000) return fail("they end late");
    CreateThread(NULL, 0, ask, NULL, 0, NULL);
    Sleep(100);
    printf("ends\n");
    return 0;
}
