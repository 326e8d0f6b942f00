/* psapi: modules, mapped files and memory of a process. */
#include "libraries.h"
#include "psapi.h"

static void test_modules(void)
{
    HMODULE modules[256], kernel32 = GetModuleHandleW(L"kernel32.dll"), self = GetModuleHandleW(NULL);
    HANDLE process = GetCurrentProcess();
    DWORD needed, again;
    BOOL found = FALSE;
    MODULEINFO info;

    works(EnumProcessModules(process, modules, sizeof(modules), &needed));
    ok(needed >= 3 * sizeof(HMODULE) && needed % sizeof(HMODULE) == 0, "%lu bytes\n", needed);
    ok(modules[0] == self, "the program comes first\n");
    for (DWORD i = 0; i < needed / sizeof(HMODULE); i++) found |= modules[i] == kernel32;
    ok(found, "kernel32 is not there\n");
    modules[1] = NULL;
    works(EnumProcessModules(process, modules, sizeof(HMODULE), &again));
    ok(again == needed && !modules[1], "%lu bytes\n", again);
    works(EnumProcessModules(process, NULL, 0, &again));
    returns(again, needed);
    fails(EnumProcessModules(NULL, modules, sizeof(modules), &needed), ERROR_INVALID_HANDLE);
    works(EnumProcessModulesEx(process, modules, sizeof(modules), &again, 3 /* LIST_MODULES_ALL */));
    returns(again, needed);
    works(EnumProcessModulesEx(process, modules, sizeof(modules), &again, 2 /* LIST_MODULES_64BIT */));
    returns(again, needed);
    fails(EnumProcessModulesEx(NULL, modules, sizeof(modules), &needed, 3 /* LIST_MODULES_ALL */), ERROR_INVALID_HANDLE);

    fails(GetModuleInformation(process, kernel32, &info, sizeof(info) - 1), ERROR_INSUFFICIENT_BUFFER);
    fails(GetModuleInformation(NULL, kernel32, &info, sizeof(info)), ERROR_INVALID_HANDLE);
    fails(GetModuleInformation(process, (HMODULE)0x1230000, &info, sizeof(info)), ERROR_INVALID_HANDLE);
    works(GetModuleInformation(process, self, &info, sizeof(info)));
    ok(info.lpBaseOfDll == self && info.SizeOfImage > 0x1000, "%p, %#lx bytes\n", info.lpBaseOfDll, info.SizeOfImage);
    ok((BYTE *)info.EntryPoint > (BYTE *)self && (BYTE *)info.EntryPoint < (BYTE *)self + info.SizeOfImage, "entry %p\n", info.EntryPoint);
}

static void test_names(void)
{
    HMODULE kernel32 = GetModuleHandleW(L"kernel32.dll");
    WCHAR wide[MAX_PATH], expected[MAX_PATH];
    HANDLE process = GetCurrentProcess();
    char ansi[MAX_PATH];
    DWORD length;

    length = GetModuleBaseNameW(process, kernel32, wide, MAX_PATH);
    ok(length == 12 && !lstrcmpiW(wide, L"kernel32.dll"), "%lu: %s\n", length, wine_dbgstr_w(wide));
    length = GetModuleBaseNameA(process, kernel32, ansi, MAX_PATH);
    ok(length == 12 && !lstrcmpiA(ansi, "kernel32.dll"), "%lu: %s\n", length, ansi);
    GetModuleFileNameW(kernel32, expected, MAX_PATH);
    length = GetModuleFileNameExW(process, kernel32, wide, MAX_PATH);
    ok(length == wcslen(expected) && !lstrcmpiW(wide, expected), "%lu: %s\n", length, wine_dbgstr_w(wide));
    length = GetModuleFileNameExA(process, kernel32, ansi, MAX_PATH);
    ok(length == wcslen(expected), "%lu: %s\n", length, ansi);
    GetModuleFileNameW(NULL, expected, MAX_PATH);
    length = GetModuleFileNameExW(process, NULL, wide, MAX_PATH);
    ok(length == wcslen(expected) && !lstrcmpiW(wide, expected), "%lu: %s\n", length, wine_dbgstr_w(wide));
    SetLastError(1234);
    returns(GetModuleBaseNameW(process, kernel32, wide, 5), 5);             /* cut and terminated */
    returns(GetModuleFileNameExA(process, kernel32, ansi, 4), 4);
    ok(strlen(ansi) == 3 && GetLastError() == 1234, "%s, error %lu\n", ansi, GetLastError());
    ok(!lstrcmpiW(wide, L"kern"), "%s\n", wine_dbgstr_w(wide));
    fails(GetModuleBaseNameA(process, kernel32, ansi, 0), ERROR_INVALID_PARAMETER);
    fails(GetModuleBaseNameA(process, kernel32, NULL, 10), ERROR_INVALID_PARAMETER);
    fails(GetModuleFileNameExA(process, kernel32, NULL, 10), ERROR_INVALID_PARAMETER);
    fails(GetModuleBaseNameW(NULL, kernel32, wide, MAX_PATH), ERROR_INVALID_HANDLE);
    fails(GetModuleFileNameExW(NULL, kernel32, wide, MAX_PATH), ERROR_INVALID_HANDLE);
    fails(GetModuleBaseNameW(process, (HMODULE)0x1230000, wide, MAX_PATH), ERROR_INVALID_HANDLE);
}

static void test_mapped(void)
{
    HANDLE process = GetCurrentProcess();
    WCHAR wide[MAX_PATH];
    char ansi[MAX_PATH];
    DWORD length, other;
    void *memory;

    length = GetMappedFileNameW(process, GetModuleHandleW(L"kernel32.dll"), wide, MAX_PATH);
    ok(length == wcslen(wide) && !wcsncmp(wide, L"\\Device\\", 8), "%lu: %s\n", length, wine_dbgstr_w(wide));
    ok(length > 13 && !lstrcmpiW(wide + length - 13, L"\\kernel32.dll"), "%s\n", wine_dbgstr_w(wide));
    other = GetMappedFileNameA(process, GetModuleHandleW(L"kernel32.dll"), ansi, MAX_PATH);
    ok(other == strlen(ansi) && !strncmp(ansi, "\\Device\\", 8), "%lu: %s\n", other, ansi);
    memory = VirtualAlloc(NULL, 4096, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    fails(GetMappedFileNameW(process, memory, wide, MAX_PATH), ERROR_UNEXP_NET_ERR);
    fails(GetMappedFileNameA(process, memory, ansi, MAX_PATH), ERROR_UNEXP_NET_ERR);
    VirtualFree(memory, 0, MEM_RELEASE);
    fails(GetMappedFileNameW(NULL, memory, wide, MAX_PATH), ERROR_INVALID_HANDLE);

    length = GetProcessImageFileNameW(process, wide, MAX_PATH);
    ok(length == wcslen(wide) && !wcsncmp(wide, L"\\Device\\", 8), "%lu: %s\n", length, wine_dbgstr_w(wide));
    ok(length > 18 && !lstrcmpiW(wide + length - 19, L"\\libraries_test.exe"), "%s\n", wine_dbgstr_w(wide));
    other = GetProcessImageFileNameA(process, ansi, MAX_PATH);
    ok(other == strlen(ansi) && !strncmp(ansi, "\\Device\\", 8), "%lu: %s\n", other, ansi);
    fails(GetProcessImageFileNameW(process, wide, 4), ERROR_INSUFFICIENT_BUFFER);
    fails(GetProcessImageFileNameW(NULL, wide, MAX_PATH), ERROR_INVALID_HANDLE);
    fails(GetProcessImageFileNameA(NULL, ansi, MAX_PATH), ERROR_INVALID_HANDLE);
}

static void test_memory(void)
{
    struct { ULONG_PTR count; ULONG_PTR pages[8192]; } *set;
    PSAPI_WORKING_SET_EX_INFORMATION page;
    PROCESS_MEMORY_COUNTERS counters;
    HANDLE process = GetCurrentProcess();

    counters.cb = 0;
    works(GetProcessMemoryInfo(process, &counters, sizeof(counters)));
    ok(counters.cb == sizeof(counters) && counters.WorkingSetSize && counters.PeakWorkingSetSize >= counters.WorkingSetSize &&
       counters.PagefileUsage, "%lu bytes: %Iu, %Iu\n", counters.cb, counters.WorkingSetSize, counters.PeakWorkingSetSize);
    fails(GetProcessMemoryInfo(process, &counters, sizeof(counters) - 1), ERROR_INSUFFICIENT_BUFFER);
    fails(GetProcessMemoryInfo(NULL, &counters, sizeof(counters)), ERROR_INVALID_HANDLE);

    set = VirtualAlloc(NULL, sizeof(*set), MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    memset(set, 0, sizeof(*set));
    works(QueryWorkingSet(process, set, sizeof(*set)) || GetLastError() == ERROR_BAD_LENGTH);
    ok(set->count > 10, "%Iu pages\n", set->count);
    fails(QueryWorkingSet(process, set, sizeof(ULONG_PTR)), ERROR_BAD_LENGTH);
    fails(QueryWorkingSet(NULL, set, sizeof(*set)), ERROR_INVALID_HANDLE);
    page.VirtualAddress = set;
    works(QueryWorkingSetEx(process, &page, sizeof(page)));
    ok(page.VirtualAttributes.Valid && page.VirtualAttributes.Win32Protection == PAGE_READWRITE, "%#Ix\n", page.VirtualAttributes.Flags);
    VirtualFree(set, 0, MEM_RELEASE);
    works(QueryWorkingSetEx(process, &page, sizeof(page)));
    ok(!page.VirtualAttributes.Valid, "%#Ix\n", page.VirtualAttributes.Flags);
    fails(QueryWorkingSetEx(NULL, &page, sizeof(page)), ERROR_INVALID_HANDLE);
}

static void test_processes(void)
{
    DWORD ids[1024], used = 0;
    BOOL found = FALSE;

    works(EnumProcesses(ids, sizeof(ids), &used));
    for (DWORD i = 0; i < used / sizeof(DWORD); i++) found |= ids[i] == GetCurrentProcessId();
    ok(found, "this process is not among %lu\n", used / (DWORD)sizeof(DWORD));
    works(EnumProcesses(ids, 0, &used));
    returns(used, 0);
    works(EmptyWorkingSet(GetCurrentProcess()));
    fails(EmptyWorkingSet(NULL), ERROR_INVALID_HANDLE);
}

static void test_performance(void)
{
    PERFORMANCE_INFORMATION info;

    works(GetPerformanceInfo(&info, sizeof(info)));
    ok(info.cb == sizeof(info) && info.PageSize == 0x1000 && info.ProcessCount && info.ThreadCount >= info.ProcessCount,
       "%lu %Iu %lu %lu\n", info.cb, info.PageSize, info.ProcessCount, info.ThreadCount);
    ok(info.PhysicalTotal > info.PhysicalAvailable && info.PhysicalAvailable, "%Iu of %Iu\n", info.PhysicalAvailable, info.PhysicalTotal);
    fails(GetPerformanceInfo(&info, sizeof(info) - 1), ERROR_BAD_LENGTH);
}

static void test_binary_type(void)
{
    WCHAR path[MAX_PATH];
    DWORD type = 0xdead;

    GetModuleFileNameW(NULL, path, MAX_PATH);
    works(GetBinaryTypeW(path, &type));
    returns(type, SCS_64BIT_BINARY);
    type = 0xdead;
    GetModuleFileNameW(GetModuleHandleW(L"kernelbase.dll"), path, MAX_PATH);
    fails(GetBinaryTypeW(path, &type), ERROR_BAD_EXE_FORMAT);
    returns(type, 0xdead);
    fails(GetBinaryTypeA("no such.exe", &type), ERROR_FILE_NOT_FOUND);
}

START_TEST(modules)
{
    test_processes();
    test_performance();
    test_binary_type();
    test_modules();
    test_names();
    test_mapped();
    test_memory();
}
