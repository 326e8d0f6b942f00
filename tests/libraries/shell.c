/* shell32: command lines and folders; userenv: profiles and their environment. */
#define INITGUID
#include "libraries.h"
#include "shellapi.h"
#include "shlobj.h"
#include "userenv.h"
#include "knownfolders.h"

static void test_command_line(void)
{
    static const struct { const WCHAR *line; int count; const WCHAR *arguments[6]; } tests[] =
    {
        { L"prog a b", 3, { L"prog", L"a", L"b" } },
        { L"prog\ta  \t b ", 3, { L"prog", L"a", L"b" } },
        { L"\"c:\\a b\\prog\" x", 2, { L"c:\\a b\\prog", L"x" } },
        { L"\"c:\\a b\\prog\"x y", 3, { L"c:\\a b\\prog", L"x", L"y" } },      /* the name ends with its quote */
        { L"c:\\p\"x y\" z", 2, { L"c:\\p\"x", L"y z" } },                      /* quotes inside the name are text */
        { L" a b", 3, { L"", L"a", L"b" } },
        { L"p \"a b\" c", 3, { L"p", L"a b", L"c" } },
        { L"p a\" b\"c", 2, { L"p", L"a bc" } },
        { L"p \"\" c", 3, { L"p", L"", L"c" } },
        { L"p \\a\\\\b \\\\", 3, { L"p", L"\\a\\\\b", L"\\\\" } },
        { L"p a\\\"b", 2, { L"p", L"a\"b" } },
        { L"p a\\\\\"b c\"", 2, { L"p", L"a\\b c" } },
        { L"p a\\\\\\\"b c", 3, { L"p", L"a\\\"b", L"c" } },
        { L"p \"a b\\\\\" c", 3, { L"p", L"a b\\", L"c" } },
        { L"p \"a", 2, { L"p", L"a" } },
        { L"p \"a\"\"b\" c", 2, { L"p", L"a\"b c" } },                        /* two are a quote, and the end of the quoted part */
        { L"p \x00e9\x2603", 2, { L"p", L"\x00e9\x2603" } },
        { L"p", 1, { L"p" } },
    };
    WCHAR **list, self[MAX_PATH];
    int count;

    for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
    {
        winetest_push_context("%s", wine_dbgstr_w(tests[i].line));
        count = -1;
        list = CommandLineToArgvW(tests[i].line, &count);
        ok(count == tests[i].count, "%d arguments\n", count);
        for (int j = 0; j < count && j < tests[i].count; j++) ok(!wcscmp(list[j], tests[i].arguments[j]), "%d: %s\n", j, wine_dbgstr_w(list[j]));
        ok(!list[count], "no NULL behind them\n");
        ok(!LocalFree(list), "not one block\n");
        winetest_pop_context();
    }
    list = CommandLineToArgvW(L"", &count);
    GetModuleFileNameW(NULL, self, MAX_PATH);
    ok(count == 1 && !wcscmp(list[0], self) && !list[1], "%d: %s\n", count, wine_dbgstr_w(list[0]));
    LocalFree(list);
    fails(CommandLineToArgvW(L"p", NULL), ERROR_INVALID_PARAMETER);
}

static void test_folder(void)
{
    static const struct { int id; const WCHAR *variable; } folders[] =
    {
        { CSIDL_PROFILE, L"USERPROFILE" }, { CSIDL_APPDATA, L"APPDATA" }, { CSIDL_LOCAL_APPDATA, L"LOCALAPPDATA" },
        { CSIDL_COMMON_APPDATA, L"ProgramData" }, { CSIDL_PROGRAM_FILES, L"ProgramFiles" },
    };
    WCHAR path[MAX_PATH], expected[MAX_PATH], found[MAX_PATH];
    char ansi[MAX_PATH];

    for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
    {
        winetest_push_context("%#x", folders[i].id);
        if (!GetEnvironmentVariableW(folders[i].variable, expected, MAX_PATH)) expected[0] = 0;
        gives(SHGetFolderPathW(NULL, folders[i].id | CSIDL_FLAG_DONT_VERIFY, NULL, SHGFP_TYPE_CURRENT, path), expected[0] ? S_OK : S_FALSE);
        ok(!wcscmp(path, expected), "%s, expected %s\n", wine_dbgstr_w(path), wine_dbgstr_w(expected));
        winetest_pop_context();
    }
    gives(SHGetFolderPathW(NULL, CSIDL_WINDOWS, NULL, SHGFP_TYPE_CURRENT, path), S_OK);
    GetWindowsDirectoryW(expected, MAX_PATH);
    ok(!wcscmp(path, expected), "%s\n", wine_dbgstr_w(path));
    gives(SHGetFolderPathW(NULL, CSIDL_SYSTEM, NULL, SHGFP_TYPE_CURRENT, path), S_OK);
    GetSystemDirectoryW(expected, MAX_PATH);
    ok(!wcscmp(path, expected), "%s\n", wine_dbgstr_w(path));
    gives(SHGetFolderPathA(NULL, CSIDL_SYSTEM, NULL, SHGFP_TYPE_CURRENT, ansi), S_OK);
    ok(lstrlenA(ansi) == lstrlenW(expected), "%s\n", ansi);
    path[0] = 'x';
    gives(SHGetFolderPathW(NULL, 0xfe, NULL, SHGFP_TYPE_CURRENT, path), E_INVALIDARG);
    ok(!path[0], "%s\n", wine_dbgstr_w(path));
    gives(SHGetFolderPathW(NULL, CSIDL_SYSTEM, NULL, 2, path), E_INVALIDARG);
    gives(SHGetFolderPathW(NULL, CSIDL_SYSTEM, NULL, SHGFP_TYPE_CURRENT, NULL), E_INVALIDARG);
    gives(SHGetFolderPathA(NULL, 0xfe, NULL, SHGFP_TYPE_CURRENT, ansi), E_INVALIDARG);
    gives(SHGetFolderPathA(NULL, CSIDL_SYSTEM, NULL, SHGFP_TYPE_CURRENT, NULL), E_INVALIDARG);

    /* A folder that is not there: an answer without a path, unless it may be made. */
    scratch_enter();
    GetCurrentDirectoryW(MAX_PATH, expected);
    wcscat(expected, L"\\Documents");
    works(GetEnvironmentVariableW(L"USERPROFILE", path, MAX_PATH));
    works(SetEnvironmentVariableW(L"USERPROFILE", scratch_dir));
    gives(SHGetFolderPathW(NULL, CSIDL_PERSONAL, NULL, SHGFP_TYPE_CURRENT, found), S_FALSE);
    ok(!found[0], "%s\n", wine_dbgstr_w(found));
    gives(SHGetFolderPathW(NULL, CSIDL_PERSONAL | CSIDL_FLAG_CREATE, NULL, SHGFP_TYPE_CURRENT, found), S_OK);
    ok(!lstrcmpiW(found, expected), "%s\n", wine_dbgstr_w(found));
    gives(SHGetFolderPathW(NULL, CSIDL_PERSONAL, NULL, SHGFP_TYPE_CURRENT, found), S_OK);
    works(RemoveDirectoryW(expected));
    works(SetEnvironmentVariableW(L"USERPROFILE", path));
    scratch_leave();
}

static void test_profile(void)
{
    WCHAR path[MAX_PATH], expected[MAX_PATH];
    char ansi[MAX_PATH];
    HANDLE token;
    DWORD size, length;

    works(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token));
    works(GetEnvironmentVariableW(L"USERPROFILE", expected, MAX_PATH));
    size = MAX_PATH;
    works(GetUserProfileDirectoryW(token, path, &size));
    ok(!wcscmp(path, expected) && size == wcslen(path) + 1, "%s, %lu\n", wine_dbgstr_w(path), size);
    length = size;
    size = length - 1;
    fails(GetUserProfileDirectoryW(token, path, &size), ERROR_INSUFFICIENT_BUFFER);
    returns(size, length);
    size = 0;
    fails(GetUserProfileDirectoryW(token, NULL, &size), ERROR_INSUFFICIENT_BUFFER);
    returns(size, length);
    fails(GetUserProfileDirectoryW(NULL, path, &size), ERROR_INVALID_HANDLE);
    fails(GetUserProfileDirectoryW(token, path, NULL), ERROR_INVALID_PARAMETER);
    size = MAX_PATH;
    works(GetUserProfileDirectoryA(token, ansi, &size));
    returns(size, strlen(ansi) + 1);
    fails(GetUserProfileDirectoryA(token, NULL, &size), ERROR_INVALID_PARAMETER);
    CloseHandle(token);

    size = MAX_PATH;
    works(GetProfilesDirectoryW(path, &size));
    returns(size, wcslen(path));
    size = 1;
    fails(GetProfilesDirectoryW(path, &size), ERROR_INSUFFICIENT_BUFFER);
    returns(size, wcslen(path));
    fails(GetProfilesDirectoryW(path, NULL), ERROR_INVALID_PARAMETER);
    size = MAX_PATH;
    works(GetProfilesDirectoryA(ansi, &size));
    returns(size, strlen(ansi));
    size = 1;
    fails(GetProfilesDirectoryA(ansi, &size), ERROR_INSUFFICIENT_BUFFER);
    fails(GetProfilesDirectoryA(NULL, &size), ERROR_INVALID_PARAMETER);

    size = MAX_PATH;
    works(GetAllUsersProfileDirectoryW(path, &size));
    returns(size, wcslen(path) + 1);
    size = 1;
    fails(GetAllUsersProfileDirectoryW(path, &size), ERROR_INSUFFICIENT_BUFFER);
    returns(size, wcslen(path) + 1);
    fails(GetAllUsersProfileDirectoryW(path, NULL), ERROR_INVALID_PARAMETER);
    size = MAX_PATH;
    works(GetAllUsersProfileDirectoryA(ansi, &size));
    returns(size, strlen(ansi) + 1);
    fails(GetAllUsersProfileDirectoryA(NULL, &size), ERROR_INVALID_PARAMETER);
}

static const WCHAR *find_variable(const WCHAR *block, const WCHAR *name)
{
    size_t length = wcslen(name);

    for (; *block; block += wcslen(block) + 1)
        if (!_wcsnicmp(block, name, length) && block[length] == '=') return block + length + 1;
    return NULL;
}

static void test_environment(void)
{
    void *block;

    works(SetEnvironmentVariableW(L"ORIEL_TEST_VARIABLE", L"here"));
    works(CreateEnvironmentBlock(&block, NULL, FALSE));
    ok(find_variable(block, L"SystemRoot") && find_variable(block, L"USERPROFILE") && find_variable(block, L"PATH"), "incomplete\n");
    ok(!find_variable(block, L"ORIEL_TEST_VARIABLE"), "a variable of this process\n");
    works(DestroyEnvironmentBlock(block));
    works(CreateEnvironmentBlock(&block, NULL, TRUE));
    ok(find_variable(block, L"ORIEL_TEST_VARIABLE") && !wcscmp(find_variable(block, L"ORIEL_TEST_VARIABLE"), L"here"), "not inherited\n");
    works(DestroyEnvironmentBlock(block));
    works(SetEnvironmentVariableW(L"ORIEL_TEST_VARIABLE", NULL));
}

static void test_known_folder(void)
{
    WCHAR expected[MAX_PATH], *path = (WCHAR *)1;

    gives(SHGetKnownFolderPath(&FOLDERID_Profile, KF_FLAG_DONT_VERIFY, NULL, &path), S_OK);
    GetEnvironmentVariableW(L"USERPROFILE", expected, MAX_PATH);
    ok(!wcscmp(path, expected), "%s\n", wine_dbgstr_w(path));
    CoTaskMemFree(path);
    gives(SHGetKnownFolderPath(&FOLDERID_Downloads, KF_FLAG_DONT_VERIFY, NULL, &path), S_OK);
    ok(!wcscmp(path + wcslen(expected), L"\\Downloads"), "%s\n", wine_dbgstr_w(path));
    CoTaskMemFree(path);
    gives(SHGetKnownFolderPath(&FOLDERID_Windows, 0, NULL, &path), S_OK);
    GetWindowsDirectoryW(expected, MAX_PATH);
    ok(!wcsicmp(path, expected), "%s\n", wine_dbgstr_w(path));
    CoTaskMemFree(path);
    gives(SHGetKnownFolderPath(&IID_IUnknown, 0, NULL, &path), HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    ok(!path, "%p\n", path);
    gives(SHGetKnownFolderPath(&FOLDERID_Profile, 0, NULL, NULL), E_INVALIDARG);
}

START_TEST(shell)
{
    test_command_line();
    test_folder();
    test_known_folder();
    test_profile();
    test_environment();
}
