/* DOS paths: their kinds, full forms and NT forms; the current directory; the environment. */
#include <wchar.h>
#include "objects.h"

/* In the process's own directory, which other suites may rely on: put back at the end. */
static WCHAR old_directory[MAX_PATH];

static void set_directory(const WCHAR *path)
{
    UNICODE_STRING str;

    RtlInitUnicodeString(&str, path);
    ok_status(RtlSetCurrentDirectory_U(&str), STATUS_SUCCESS);
}

static void test_kinds(void)
{
    static const struct { const WCHAR *path; int type; } cases[] =
    {
        { L"\\\\server\\share", 1 }, { L"//x", 1 }, { L"c:\\x", 2 }, { L"c:/x", 2 }, { L"c:x", 3 }, { L"c:", 3 },
        { L"\\x", 4 }, { L"/", 4 }, { L"x\\y", 5 }, { L"", 5 }, { L".", 5 }, { L"\\\\.\\x", 6 }, { L"//?/x", 6 },
        { L"\\\\.", 7 }, { L"\\\\?", 7 }, { L"\\\\?x", 1 }, { L"\\??\\x", 4 },
    };

    for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++)
    {
        int type = RtlDetermineDosPathNameType_U(cases[i].path);

        ok(type == cases[i].type, "%s: %d, expected %d\n", wine_dbgstr_w(cases[i].path), type, cases[i].type);
    }
}

static void test_devices(void)
{
    static const struct { const WCHAR *path; unsigned int offset, length; } cases[] =
    {
        { L"nul", 0, 3 }, { L"NUL:", 0, 3 }, { L"com1", 0, 4 }, { L"com0", 0, 0 }, { L"lpt9", 0, 4 }, { L"con ", 0, 3 }, { L"nulx", 0, 0 },
        { L"x", 0, 0 }, { L"con", 0, 3 }, { L"aux:", 0, 3 }, { L"", 0, 0 },
    };

    for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++)
    {
        ULONG result = RtlIsDosDeviceName_U(cases[i].path);

        ok(result == (cases[i].offset << 16 | cases[i].length * sizeof(WCHAR)), "%s: %lx\n", wine_dbgstr_w(cases[i].path), result);
    }
}

static void test_full(void)
{
    static const struct { const WCHAR *path, *full, *file; } cases[] =
    {
        { L"c:\\a\\b", L"c:\\a\\b", L"b" },
        { L"c:/a/./b/../c/", L"c:\\a\\c\\", NULL },
        { L"c:\\..\\..\\x", L"c:\\x", L"x" },
        { L"c:\\a\\b...", L"c:\\a\\b", L"b" },
        { L"c:\\a \\b. .", L"c:\\a \\b", L"b" },
        { L"c:\\", L"c:\\", NULL },
        { L"\\\\server\\share\\..\\..\\x", L"\\\\server\\share\\x", L"x" },
        { L"\\\\.\\pipe\\..\\x", L"\\\\.\\x", L"x" },
        { L"\\\\?\\c:\\a\\.\\b", L"\\\\?\\c:\\a\\b", L"b" },
        { L"nul", L"\\\\.\\nul", NULL },
        { L"x", L"C:\\windows\\x", L"x" },
        { L"..\\x\\y", L"C:\\x\\y", L"y" },
        { L".", L"C:\\windows", L"windows" },
        { L"\\x", L"C:\\x", L"x" },
        { L"c:x", L"c:\\windows\\x", L"x" },
        { L"a\\\\\\b", L"C:\\windows\\a\\b", L"b" },
    };
    WCHAR buffer[MAX_PATH], *file;
    ULONG size;

    set_directory(L"C:\\windows");
    for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++)
    {
        const WCHAR *expected = cases[i].full;

        file = (WCHAR *)0xdead;
        size = RtlGetFullPathName_U(cases[i].path, sizeof(buffer), buffer, &file);
        ok(size == wcslen(expected) * sizeof(WCHAR), "%s: size %lu\n", wine_dbgstr_w(cases[i].path), size);
        ok(!_wcsicmp(buffer, expected), "%s: %s\n", wine_dbgstr_w(cases[i].path), wine_dbgstr_w(buffer));
        if (cases[i].file) ok(file && !_wcsicmp(file, cases[i].file), "%s: file %s\n", wine_dbgstr_w(cases[i].path), wine_dbgstr_w(file));
        else ok(!file, "%s: file %s\n", wine_dbgstr_w(cases[i].path), wine_dbgstr_w(file));
    }
    buffer[0] = 'x';
    size = RtlGetFullPathName_U(L"c:\\abc", 6 * sizeof(WCHAR), buffer, NULL);
    ok(size == 7 * sizeof(WCHAR) && buffer[0] == 'x', "size %lu\n", size);
    ok(!RtlGetFullPathName_U(L"", sizeof(buffer), buffer, NULL), "a full form of nothing\n");
}

static void test_nt_names(void)
{
    static const struct { const WCHAR *path, *nt, *file; } cases[] =
    {
        { L"c:\\a\\b", L"\\??\\c:\\a\\b", L"b" }, { L"\\\\server\\share\\x", L"\\??\\UNC\\server\\share\\x", L"x" },
        { L"\\\\.\\pipe\\x", L"\\??\\pipe\\x", L"x" }, { L"\\\\?\\c:\\a/../.", L"\\??\\c:\\a/../.", L"a/../." }, { L"nul", L"\\??\\nul", NULL },
        { L"sub", L"\\??\\C:\\windows\\sub", L"sub" }, { L"c:\\", L"\\??\\c:\\", NULL },
    };
    UNICODE_STRING str;
    WCHAR *file;

    set_directory(L"C:\\windows");
    for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++)
    {
        ok_status(RtlDosPathNameToNtPathName_U_WithStatus(cases[i].path, &str, &file, NULL), STATUS_SUCCESS);
        ok(!_wcsicmp(str.Buffer, cases[i].nt), "%s: %s\n", wine_dbgstr_w(cases[i].path), wine_dbgstr_w(str.Buffer));
        ok(str.Length == wcslen(cases[i].nt) * sizeof(WCHAR) && str.MaximumLength >= str.Length + sizeof(WCHAR), "length %u\n", str.Length);
        if (cases[i].file) ok(file && !_wcsicmp(file, cases[i].file), "%s: file %s\n", wine_dbgstr_w(cases[i].path), wine_dbgstr_w(file));
        else ok(!file, "%s: file %s\n", wine_dbgstr_w(cases[i].path), wine_dbgstr_w(file));
        RtlFreeUnicodeString(&str);
    }
    ok(!RtlDosPathNameToNtPathName_U(L"", &str, NULL, NULL), "an NT name of nothing\n");
    ok(RtlDoesFileExists_U(L"C:\\windows"), "no C:\\windows\n");
    ok(!RtlDoesFileExists_U(L"C:\\windows\\no such file"), "a file that is not there\n");
}

static void test_directory(void)
{
    WCHAR buffer[MAX_PATH];
    UNICODE_STRING str;
    ULONG size;

    set_directory(L"C:\\windows\\");
    size = RtlGetCurrentDirectory_U(sizeof(buffer), buffer);
    ok(size == 10 * sizeof(WCHAR) && !_wcsicmp(buffer, L"C:\\windows"), "size %lu, %s\n", size, wine_dbgstr_w(buffer));
    size = RtlGetCurrentDirectory_U(4, buffer);
    ok(size == 11 * sizeof(WCHAR), "size %lu\n", size);
    set_directory(L"..");
    size = RtlGetCurrentDirectory_U(sizeof(buffer), buffer);
    ok(size == 3 * sizeof(WCHAR) && !_wcsicmp(buffer, L"C:\\"), "size %lu, %s\n", size, wine_dbgstr_w(buffer));
    RtlInitUnicodeString(&str, L"C:\\no such directory");
    ok_status(RtlSetCurrentDirectory_U(&str), STATUS_OBJECT_NAME_NOT_FOUND);
    RtlInitUnicodeString(&str, L"");
    ok(RtlSetCurrentDirectory_U(&str) != STATUS_SUCCESS, "a directory without a name\n");
    RtlGetCurrentDirectory_U(sizeof(buffer), buffer);
    ok(!_wcsicmp(buffer, L"C:\\"), "a failure changed the directory to %s\n", wine_dbgstr_w(buffer));
}

/* ---- environment ---- */

static NTSTATUS set(WCHAR **env, const WCHAR *name, const WCHAR *value)
{
    UNICODE_STRING name_str, value_str;

    RtlInitUnicodeString(&name_str, name);
    RtlInitUnicodeString(&value_str, value);
    return RtlSetEnvironmentVariable(env, &name_str, value ? &value_str : NULL);
}

static NTSTATUS get(WCHAR *env, const WCHAR *name, WCHAR *buffer, USHORT size)
{
    UNICODE_STRING name_str, value = { 0, size, buffer };
    NTSTATUS status;

    RtlInitUnicodeString(&name_str, name);
    if (!(status = RtlQueryEnvironmentVariable_U(env, &name_str, &value))) buffer[value.Length / sizeof(WCHAR)] = 0;
    return status;
}

static void test_environment(void)
{
    WCHAR buffer[600], *env = NULL;
    UNICODE_STRING source, result = { 0, sizeof(buffer), buffer };
    ULONG needed;

    ok_status(RtlCreateEnvironment(FALSE, &env), STATUS_SUCCESS);
    ok(!env[0], "a new environment is not empty\n");
    ok_status(set(&env, L"b", L"two"), STATUS_SUCCESS);
    ok_status(set(&env, L"C", L"three"), STATUS_SUCCESS);
    ok_status(set(&env, L"a", L"one"), STATUS_SUCCESS);
    ok_status(set(&env, L"=D:", L"D:\\x"), STATUS_SUCCESS);
    ok(!memcmp(env, L"=D:=D:\\x\0a=one\0b=two\0C=three\0", 30 * sizeof(WCHAR)), "the order is another\n");
    ok_status(set(&env, L"B", L"a longer one"), STATUS_SUCCESS);
    ok_status(get(env, L"b", buffer, sizeof(buffer)), STATUS_SUCCESS);
    ok(!wcscmp(buffer, L"a longer one"), "got %s\n", wine_dbgstr_w(buffer));
    ok_status(get(env, L"b", buffer, 8), STATUS_BUFFER_TOO_SMALL);
    ok_status(set(&env, L"A", NULL), STATUS_SUCCESS);
    ok_status(get(env, L"a", buffer, sizeof(buffer)), STATUS_VARIABLE_NOT_FOUND);
    ok_status(set(&env, L"A", NULL), STATUS_SUCCESS);
    ok_status(set(&env, L"x=y", L"z"), STATUS_INVALID_PARAMETER);

    RtlInitUnicodeString(&source, L"<%C%|%none%|%|%b%>");
    ok_status(RtlExpandEnvironmentStrings_U(env, &source, &result, &needed), STATUS_SUCCESS);
    ok(!wcscmp(buffer, L"<three|%none%|%|a longer one>"), "got %s\n", wine_dbgstr_w(buffer));
    ok(needed == (wcslen(buffer) + 1) * sizeof(WCHAR), "needed %lu\n", needed);
    result.MaximumLength = 10;
    ok_status(RtlExpandEnvironmentStrings_U(env, &source, &result, &needed), STATUS_BUFFER_TOO_SMALL);
    ok(needed == 30 * sizeof(WCHAR), "needed %lu\n", needed);

    /* A great many, against counting them. */
    for (int i = 0; i < 400; i++)
    {
        WCHAR name[16], value[16];

        _snwprintf(name, ARRAY_SIZE(name), L"v%d", i * 7 % 400);
        _snwprintf(value, ARRAY_SIZE(value), L"%d", i);
        ok_status(set(&env, name, value), STATUS_SUCCESS);
    }
    for (int i = 0; i < 400; i += 2)
    {
        WCHAR name[16];

        _snwprintf(name, ARRAY_SIZE(name), L"V%d", i);
        ok_status(set(&env, name, NULL), STATUS_SUCCESS);
    }
    needed = 0;
    for (const WCHAR *p = env; *p; p += wcslen(p) + 1) needed++;
    ok(needed == 203, "%lu variables\n", needed);
    RtlDestroyEnvironment(env);
}

START_TEST(path)
{
    RtlGetCurrentDirectory_U(sizeof(old_directory), old_directory);
    test_kinds();
    test_devices();
    test_full();
    test_nt_names();
    test_directory();
    test_environment();
    set_directory(old_directory);
}
