/* What the list of processes says of the threads of another one: SystemExtendedProcessInformation. */
#include "win32.h"
#include <winternl.h>

static SYSTEM_PROCESS_INFORMATION *find(char *list, DWORD id)
{
    SYSTEM_PROCESS_INFORMATION *info = (void *)list;

    while (HandleToULong(info->UniqueProcessId) != id && info->NextEntryOffset)
        info = (void *)((char *)info + info->NextEntryOffset);
    return HandleToULong(info->UniqueProcessId) == id ? info : NULL;
}

static void check_threads(HANDLE process, DWORD id, DWORD threads)
{
    SYSTEM_EXTENDED_THREAD_INFORMATION *thread;
    SYSTEM_PROCESS_INFORMATION *info;
    THREAD_BASIC_INFORMATION basic;
    static char list[0x100000];
    NTSTATUS status;
    MEMORY_BASIC_INFORMATION memory;
    HANDLE handle;

    status = NtQuerySystemInformation(SystemExtendedProcessInformation, list, sizeof(list), NULL);
    ok(!status && (info = find(list, id)), "%#lx\n", status);
    if (status || !info) return;
    ok(info->dwThreadCount == threads, "%lu threads\n", info->dwThreadCount);
    thread = (void *)info->ti;
    for (DWORD i = 0; i < info->dwThreadCount; i++, thread++)
    {
        works(handle = OpenThread(THREAD_QUERY_INFORMATION, FALSE, HandleToULong(thread->ThreadInfo.ClientId.UniqueThread)));
        status = NtQueryInformationThread(handle, ThreadBasicInformation, &basic, sizeof(basic), NULL);
        ok(!status && thread->TebBase == basic.TebBaseAddress, "%#lx, TEB %p, not %p\n", status, thread->TebBase, basic.TebBaseAddress);
        ok(thread->Win32StartAddress != NULL, "no start\n");
        ok(thread->StackLimit < thread->StackBase, "stack %p to %p\n", thread->StackLimit, thread->StackBase);
        works(VirtualQueryEx(process, (char *)thread->StackBase - 1, &memory, sizeof(memory)));
        ok(memory.State == MEM_COMMIT && memory.AllocationBase < thread->StackLimit, "state %#lx, %p\n", memory.State, memory.AllocationBase);
        CloseHandle(handle);
    }
}

static DWORD CALLBACK sleeper(void *arg)
{
    (void)arg;
    Sleep(60000);
    return 0;
}

START_TEST(listed)
{
    STARTUPINFOA startup = { .cb = sizeof(startup) };
    char **argv, self[MAX_PATH], line[MAX_PATH + 64];
    SECURITY_ATTRIBUTES inheritable = { sizeof(inheritable), NULL, TRUE };
    PROCESS_INFORMATION process;
    HANDLE event;

    if (winetest_get_mainargs(&argv) > 2)
    {
        for (int i = 0; i < 3; i++) CloseHandle(CreateThread(NULL, 0, sleeper, NULL, 0, NULL));
        SetEvent((HANDLE)(ULONG_PTR)strtoull(argv[2], NULL, 16));
        Sleep(60000);
        ExitProcess(0);
    }
    GetModuleFileNameA(NULL, self, sizeof(self));
    works(event = CreateEventA(&inheritable, FALSE, FALSE, NULL));
    snprintf(line, sizeof(line), "\"%s\" listed %p", self, (void *)event);
    works(CreateProcessA(NULL, line, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &startup, &process));
    check_threads(process.hProcess, process.dwProcessId, 1);
    ResumeThread(process.hThread);
    ok(!WaitForSingleObject(event, 10000), "it is not ready\n");
    check_threads(process.hProcess, process.dwProcessId, 4);
    works(TerminateProcess(process.hProcess, 0));
    ok(!WaitForSingleObject(process.hProcess, 5000), "it lives on\n");
    CloseHandle(process.hProcess);
    CloseHandle(process.hThread);
    CloseHandle(event);
}
