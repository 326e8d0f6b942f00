/* This process: modules, environment, command line, standard handles, messages. */
#include "win32.h"

static void test_modules(void)
{
    HMODULE program = GetModuleHandleW(NULL), kernel32 = GetModuleHandleW(L"kernel32.dll"), module;
    WCHAR name[MAX_PATH], small[4];
    DWORD length;

    ok(program && kernel32 && program != kernel32, "modules %p %p\n", program, kernel32);
    ok(GetModuleHandleW(L"KERNEL32") == kernel32 && GetModuleHandleA("kernel32.DLL") == kernel32, "case or extension count\n");
    fails(GetModuleHandleW(L"none.dll"), ERROR_MOD_NOT_FOUND);
    fails(LoadLibraryW(L"none.dll"), ERROR_MOD_NOT_FOUND);
    fails(LoadLibraryW(L""), ERROR_INVALID_PARAMETER);
    module = LoadLibraryW(L"kernel32.dll");
    ok(module == kernel32, "%p\n", module);
    works(FreeLibrary(module));
    fails(FreeLibrary(NULL), ERROR_INVALID_HANDLE);
    ok(GetProcAddress(kernel32, "CreateFileW") != NULL, "no CreateFileW\n");
    fails(GetProcAddress(kernel32, "NoSuchFunction"), ERROR_PROC_NOT_FOUND);
    works(GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, (const WCHAR *)test_modules, &module));
    ok(module == program, "%p\n", module);
    fails(GetModuleHandleExW(0x100, NULL, &module), ERROR_INVALID_PARAMETER);
    ok(!module, "a module was left\n");
    fails(GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, NULL, &module), ERROR_INVALID_PARAMETER);
    length = GetModuleFileNameW(NULL, name, MAX_PATH);
    ok(length && length == wcslen(name) && name[1] == ':' && !_wcsicmp(name + length - 4, L".exe"), "%s\n", wine_dbgstr_w(name));
    SetLastError(0);
    length = GetModuleFileNameW(NULL, small, 4);
    ok(length == 4 && !small[3] && !wcsncmp(small, name, 3) && GetLastError() == ERROR_INSUFFICIENT_BUFFER, "%s\n", wine_dbgstr_w(small));

    /* Nobody writes what is loaded as data of its own (kernel32:loader, test_Loader). */
    GetModuleFileNameW(NULL, name, MAX_PATH);
    works(CopyFileW(name, L"exclusive.dll", FALSE));
    works(module = LoadLibraryExW(L"exclusive.dll", NULL, LOAD_LIBRARY_AS_DATAFILE_EXCLUSIVE));
    fails(CreateFileW(L"exclusive.dll", GENERIC_WRITE, 7, NULL, OPEN_EXISTING, 0, NULL) != INVALID_HANDLE_VALUE, ERROR_SHARING_VIOLATION);
    works(FreeLibrary(module));
    works(DeleteFileW(L"exclusive.dll"));

    module = LoadLibraryExW(L"kernel32.dll", NULL, LOAD_LIBRARY_AS_DATAFILE);
    ok(module != NULL, "error %lu\n", GetLastError());
    works(FreeLibrary(module));
}

static void test_environment(void)
{
    WCHAR buffer[32], *block, *p;
    DWORD length;
    BOOL found = FALSE;

    works(SetEnvironmentVariableW(L"Oriel_Test", L"value"));
    length = GetEnvironmentVariableW(L"ORIEL_TEST", buffer, 32);
    ok(length == 5 && !wcscmp(buffer, L"value"), "%s\n", wine_dbgstr_w(buffer));
    ok(GetEnvironmentVariableW(L"Oriel_Test", buffer, 5) == 6, "too small\n");
    ok(GetEnvironmentVariableW(L"Oriel_Test", NULL, 0) == 6, "size\n");
    block = GetEnvironmentStringsW();
    for (p = block; *p; p += wcslen(p) + 1) found |= !wcscmp(p, L"Oriel_Test=value");
    ok(found, "not in the block\n");
    works(FreeEnvironmentStringsW(block));
    length = ExpandEnvironmentStringsW(L"<%oriel_test%> %none%", buffer, 32);
    ok(length == 15 && !wcscmp(buffer, L"<value> %none%"), "%lu %s\n", length, wine_dbgstr_w(buffer));
    ok(ExpandEnvironmentStringsW(L"%oriel_test%", buffer, 2) == 6, "too small\n");
    works(SetEnvironmentVariableW(L"Oriel_Test", L""));
    SetLastError(0xdeadbeef);
    ok(!GetEnvironmentVariableW(L"Oriel_Test", buffer, 32) && GetLastError() == 0xdeadbeef && !buffer[0], "empty: error %lu\n", GetLastError());
    works(SetEnvironmentVariableW(L"Oriel_Test", NULL));
    fails(GetEnvironmentVariableW(L"Oriel_Test", buffer, 32), ERROR_ENVVAR_NOT_FOUND);
    fails(SetEnvironmentVariableW(L"", L"x"), ERROR_INVALID_PARAMETER);
    fails(SetEnvironmentVariableW(L"a=b", L"x"), ERROR_INVALID_PARAMETER);
}

static void test_handles(void)
{
    HANDLE old = GetStdHandle(STD_ERROR_HANDLE), event = CreateEventW(NULL, FALSE, FALSE, NULL), copy;
    DWORD flags, code;

    works(SetStdHandle(STD_ERROR_HANDLE, event));
    ok(GetStdHandle(STD_ERROR_HANDLE) == event, "another handle\n");
    works(SetStdHandle(STD_ERROR_HANDLE, old));
    fails_handle(GetStdHandle(12345), ERROR_INVALID_HANDLE);
    works(GetHandleInformation(event, &flags));
    ok(!flags, "flags %#lx\n", flags);
    works(SetHandleInformation(event, HANDLE_FLAG_INHERIT | HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_INHERIT));
    works(GetHandleInformation(event, &flags));
    ok(flags == HANDLE_FLAG_INHERIT, "flags %#lx\n", flags);
    works(DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    works(CloseHandle(event));
    works(SetEvent(copy));
    works(CloseHandle(copy));
    fails(SetEvent(copy), ERROR_INVALID_HANDLE);
    works(GetExitCodeProcess(GetCurrentProcess(), &code));
    ok(code == STILL_ACTIVE, "code %lu\n", code);
    ok(GetProcessId(GetCurrentProcess()) == GetCurrentProcessId(), "ids differ\n");
}

static DWORD WINAPIV format(DWORD flags, const WCHAR *text, WCHAR *buffer, ...)
{
    __ms_va_list list;
    DWORD length;

    __ms_va_start(list, buffer);
    length = FormatMessageW(flags | FORMAT_MESSAGE_FROM_STRING, text, 0, 0, buffer, 64, &list);
    __ms_va_end(list);
    return length;
}

static void test_messages(void)
{
    WCHAR buffer[64], *allocated;
    ULONG_PTR array[] = { (ULONG_PTR)L"one", 2 };
    DWORD length;

    length = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, ERROR_FILE_NOT_FOUND, 0, buffer, 64, NULL);
    ok(length && !wcscmp(buffer + length - 2, L"\r\n"), "%s\n", wine_dbgstr_w(buffer));
    ok(!wcscmp(buffer, L"The system cannot find the file specified.\r\n"), "%s\n", wine_dbgstr_w(buffer));
    fails(FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM, NULL, 0x3fffffff, 0, buffer, 64, NULL), ERROR_MR_MID_NOT_FOUND);
    length = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, ERROR_ACCESS_DENIED, 0,
                            (WCHAR *)&allocated, 0, NULL);
    ok(length == 19 && !wcscmp(allocated, L"Access is denied.\r\n"), "%lu\n", length);
    LocalFree(allocated);
    ok(format(0, L"%1 and %2!d!%%%n", buffer, L"this", 42) == 14 && !wcscmp(buffer, L"this and 42%\r\n"), "%s\n", wine_dbgstr_w(buffer));
    ok(format(0, L"%2!04x! %1!S!%0 rest", buffer, "ansi", 0xab) == 9 && !wcscmp(buffer, L"00ab ansi"), "%s\n", wine_dbgstr_w(buffer));
    ok(FormatMessageW(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY, L"%1 %2!u!", 0, 0, buffer, 64, (__ms_va_list *)array) == 5 &&
       !wcscmp(buffer, L"one 2"), "%s\n", wine_dbgstr_w(buffer));
    fails(FormatMessageW(FORMAT_MESSAGE_FROM_STRING, L"too long", 0, 0, buffer, 4, NULL), ERROR_INSUFFICIENT_BUFFER);
    fails(FormatMessageW(0, L"x", 0, 0, buffer, 64, NULL), ERROR_INVALID_PARAMETER);
    ok(FormatMessageW(FORMAT_MESSAGE_FROM_STRING | 10, L"short long line", 0, 0, buffer, 64, NULL) == 16 && !wcscmp(buffer, L"short\r\nlong line"),
       "%s\n", wine_dbgstr_w(buffer));
}

START_TEST(self)
{
    test_modules();
    test_environment();
    test_handles();
    test_messages();
}
