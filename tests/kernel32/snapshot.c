/* Which processes, threads and modules there are: toolhelp, EnumProcesses, NtQuerySystemInformation. The program starts
 * itself as what is to be found. */
#include "win32.h"
#include <stdlib.h>
#include "tlhelp32.h"
#include "psapi.h"

BOOL WINAPI GetProcessHandleCount(HANDLE, DWORD *);

static char self[MAX_PATH];
static const char *file_name;           /* of it */

static DWORD WINAPI sleep_thread(void *arg)
{
    Sleep(60000);
    return arg != NULL;
}

static BOOL start(const char *arguments, DWORD flags, PROCESS_INFORMATION *process)
{
    STARTUPINFOA info = { .cb = sizeof(info) };
    char line[2048];

    snprintf(line, sizeof(line), "\"%s\" snapshot %s", self, arguments);
    return CreateProcessA(NULL, line, NULL, NULL, FALSE, flags, NULL, NULL, &info, process);
}

static void finish(PROCESS_INFORMATION *process)
{
    TerminateProcess(process->hProcess, 1);
    ok(!WaitForSingleObject(process->hProcess, 5000), "it lives on\n");
    CloseHandle(process->hProcess);
    CloseHandle(process->hThread);
}

static BOOL find_process(DWORD id, PROCESSENTRY32 *entry)
{
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    BOOL found = FALSE, more;

    ok(snapshot != INVALID_HANDLE_VALUE, "error %lu\n", GetLastError());
    entry->dwSize = sizeof(*entry);
    for (more = Process32First(snapshot, entry); more && !found; )
        if (!(found = entry->th32ProcessID == id)) more = Process32Next(snapshot, entry);
    CloseHandle(snapshot);
    return found;
}

static DWORD count_threads(DWORD process, DWORD thread)
{
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    THREADENTRY32 entry = { .dwSize = sizeof(entry) };
    BOOL more, found = FALSE;
    DWORD count = 0;

    for (more = Thread32First(snapshot, &entry); more; more = Thread32Next(snapshot, &entry))
        if (entry.th32OwnerProcessID == process)
        {
            count++;
            found |= entry.th32ThreadID == thread;
        }
    CloseHandle(snapshot);
    ok(found, "the first thread is not there\n");
    return count;
}

static BOOL enumerated(DWORD id)
{
    DWORD ids[1024], used, i;

    works(K32EnumProcesses(ids, sizeof(ids), &used));
    for (i = 0; i < used / sizeof(DWORD); i++) if (ids[i] == id) return TRUE;
    return FALSE;
}

static void test_process(const char *arguments, DWORD flags, DWORD threads)
{
    FILETIME created, exited, kernel, user;
    struct { ULONG_PTR ProcessId; UNICODE_STRING ImageName; } named;
    PROCESS_INFORMATION process;
    PROCESSENTRY32 entry;
    WCHAR name[MAX_PATH];
    HANDLE other, thread;
    DWORD count;

    works(start(arguments, flags, &process));
    if (!(flags & CREATE_SUSPENDED)) Sleep(100);
    ok(find_process(process.dwProcessId, &entry), "%s: not found\n", arguments);
    ok(entry.th32ParentProcessID == GetCurrentProcessId(), "parent %lu\n", entry.th32ParentProcessID);
    ok(!lstrcmpiA(entry.szExeFile, file_name), "%s\n", entry.szExeFile);
    ok(entry.cntThreads == threads, "%s: %lu threads\n", arguments, entry.cntThreads);
    ok(entry.pcPriClassBase == 8, "priority %ld\n", entry.pcPriClassBase);
    count = count_threads(process.dwProcessId, process.dwThreadId);
    ok(count == threads, "%s: %lu threads\n", arguments, count);
    ok(enumerated(process.dwProcessId), "EnumProcesses has it not\n");

    works(other = OpenProcess(PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, FALSE, process.dwProcessId));
    works(GetProcessTimes(other, &created, &exited, &kernel, &user));
    ok(created.dwHighDateTime && !exited.dwHighDateTime, "times %lx %lx\n", created.dwHighDateTime, exited.dwHighDateTime);
    works(GetProcessHandleCount(other, &count));
    ok(count < 100, "%lu handles\n", count);
    CloseHandle(other);
    works(thread = OpenThread(THREAD_QUERY_INFORMATION, FALSE, process.dwThreadId));
    ok(GetProcessIdOfThread(thread) == process.dwProcessId, "process %lu\n", GetProcessIdOfThread(thread));
    CloseHandle(thread);

    named.ProcessId = process.dwProcessId;
    named.ImageName.Length = 0;
    named.ImageName.MaximumLength = sizeof(name);
    named.ImageName.Buffer = name;
    ok(!NtQuerySystemInformation(SystemProcessIdInformation, &named, sizeof(named), NULL), "no name\n");
    ok(named.ImageName.Length > 2 * strlen(file_name), "length %u\n", named.ImageName.Length);

    finish(&process);
    ok(!find_process(process.dwProcessId, &entry), "%s: found when it is dead\n", arguments);
    ok(!enumerated(process.dwProcessId), "EnumProcesses has the dead\n");
    fails(OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, process.dwProcessId), ERROR_INVALID_PARAMETER);
}

/* The program and what it imports, with the names and places that this process's own have. */
static void test_modules(void)
{
    HANDLE snapshot, ntdll = GetModuleHandleA("ntdll.dll");
    MODULEENTRY32 entry = { .dwSize = sizeof(entry) };
    PROCESS_INFORMATION process;
    HMODULE modules[64];
    char name[MAX_PATH];
    MODULEINFO info;
    BOOL found = FALSE, more;
    DWORD needed;

    works(start("sleep", 0, &process));
    Sleep(100);
    works((snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPMODULE, process.dwProcessId)) != INVALID_HANDLE_VALUE);
    works(Module32First(snapshot, &entry));
    ok(entry.th32ProcessID == process.dwProcessId && !lstrcmpiA(entry.szModule, file_name), "%lu %s\n", entry.th32ProcessID,
       entry.szModule);
    ok(!lstrcmpiA(entry.szExePath, self), "%s\n", entry.szExePath);
    for (more = TRUE; more; more = Module32Next(snapshot, &entry))
        found |= !lstrcmpiA(entry.szModule, "ntdll.dll") && entry.hModule == ntdll && entry.modBaseSize;
    ok(found, "no ntdll.dll at %p\n", ntdll);
    CloseHandle(snapshot);
    works(K32EnumProcessModulesEx(process.hProcess, modules, sizeof(modules), &needed, 3));
    ok(needed > 3 * sizeof(HMODULE), "%lu bytes\n", needed);
    works(K32GetModuleBaseNameA(process.hProcess, modules[0], name, sizeof(name)));
    ok(!lstrcmpiA(name, file_name), "%s\n", name);
    works(K32GetModuleInformation(process.hProcess, modules[0], &info, sizeof(info)));
    ok(info.lpBaseOfDll == modules[0] && info.SizeOfImage, "%p\n", info.lpBaseOfDll);
    finish(&process);
    fails(CreateToolhelp32Snapshot(TH32CS_SNAPMODULE, process.dwProcessId) != INVALID_HANDLE_VALUE, ERROR_INVALID_PARAMETER);
}

/* The same process must be seen by one that did not start it; nothing happens to it. */
static void test_extended(void)
{
    static char buffer[0x100000];
    SYSTEM_PROCESS_INFORMATION *info = (void *)buffer;
    PROCESS_INFORMATION process;
    NTSTATUS status;
    ULONG needed;

    works(start("sleep", 0, &process));
    Sleep(50);
    status = NtQuerySystemInformation(SystemProcessInformation, buffer, 16, &needed);
    ok(status == STATUS_INFO_LENGTH_MISMATCH && needed > 600, "%#lx, %lu\n", status, needed);
    status = NtQuerySystemInformation(SystemExtendedProcessInformation, buffer, sizeof(buffer), &needed);
    ok(!status, "%#lx\n", status);
    while (HandleToULong(info->UniqueProcessId) != process.dwProcessId && info->NextEntryOffset)
        info = (void *)((char *)info + info->NextEntryOffset);
    ok(HandleToULong(info->UniqueProcessId) == process.dwProcessId, "not there\n");
    ok(info->vmCounters.VirtualSize > 0x100000 && info->vmCounters.WorkingSetSize > 0x10000, "%Iu %Iu\n",
       info->vmCounters.VirtualSize, info->vmCounters.WorkingSetSize);
    ok(info->dwThreadCount == 1 && HandleToULong(info->ti[0].ClientId.UniqueThread) == process.dwThreadId, "%lu threads\n",
       info->dwThreadCount);
    ok(info->ti[0].dwThreadState == 5, "state %lu\n", info->ti[0].dwThreadState);
    finish(&process);
}

START_TEST(snapshot)
{
    PROCESSENTRY32 entry;
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    GetModuleFileNameA(NULL, self, sizeof(self));
    file_name = strrchr(self, '\\') + 1;
    if (argc > 2 && !strcmp(argv[2], "sleep")) ExitProcess(sleep_thread(NULL));
    if (argc > 2 && !strcmp(argv[2], "threads"))
    {
        CreateThread(NULL, 0, sleep_thread, NULL, 0, NULL);
        CreateThread(NULL, 0, sleep_thread, NULL, 0, NULL);
        ExitProcess(sleep_thread(NULL));
    }
    ok(find_process(GetCurrentProcessId(), &entry), "not found\n");
    ok(!lstrcmpiA(entry.szExeFile, file_name), "%s\n", entry.szExeFile);
    test_process("sleep", 0, 1);
    test_process("sleep", CREATE_SUSPENDED, 1);
    test_process("threads", 0, 3);
    test_modules();
    test_extended();
}
