/* Names of files: find, move, copy, replace, full names, temporary names. */
#include "win32.h"

static void put(const WCHAR *name, const char *text)
{
    HANDLE file = CreateFileW(name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    DWORD done;

    ok(file != INVALID_HANDLE_VALUE, "%s: error %lu\n", wine_dbgstr_w(name), GetLastError());
    works(WriteFile(file, text, (DWORD)strlen(text), &done, NULL));
    CloseHandle(file);
}

static const char *get(const WCHAR *name)
{
    static char buffer[64];
    HANDLE file = CreateFileW(name, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    DWORD done = 0;

    if (file == INVALID_HANDLE_VALUE) return "(none)";
    ReadFile(file, buffer, sizeof(buffer) - 1, &done, NULL);
    buffer[done] = 0;
    CloseHandle(file);
    return buffer;
}

/* The names a pattern finds, each between bars. */
static const WCHAR *find(const WCHAR *pattern)
{
    static WCHAR found[256];
    WIN32_FIND_DATAW data;
    HANDLE handle;

    wcscpy(found, L"|");
    handle = FindFirstFileW(pattern, &data);
    if (handle == INVALID_HANDLE_VALUE) return found;
    do
    {
        wcscat(found, data.cFileName);
        wcscat(found, L"|");
    }
    while (FindNextFileW(handle, &data));
    ok(GetLastError() == ERROR_NO_MORE_FILES, "error %lu\n", GetLastError());
    works(FindClose(handle));
    return found;
}

static void test_find(void)
{
    static const struct { const WCHAR *pattern, *found; } tests[] =
    {
        { L"*", L"|.|..|a|b.c|b.txt|dir|" }, { L"*.*", L"|.|..|a|b.c|b.txt|dir|" }, { L"b.*", L"|b.c|b.txt|" }, { L"*.txt", L"|b.txt|" },
        { L"B.C", L"|b.c|" }, { L"b.?", L"|b.c|" }, { L"b.???", L"|b.c|b.txt|" }, { L"*.", L"|.|..|a|dir|" }, { L"dir", L"|dir|" },
    };
    WIN32_FIND_DATAW data;
    HANDLE handle;

    put(L"a", "1");
    put(L"b.c", "12");
    put(L"b.txt", "123");
    works(CreateDirectoryW(L"dir", NULL));
    for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
    {
        const WCHAR *found = find(tests[i].pattern);

        ok(!wcscmp(found, tests[i].found), "%s: %s, expected %s\n", wine_dbgstr_w(tests[i].pattern), wine_dbgstr_w(found), wine_dbgstr_w(tests[i].found));
    }
    handle = FindFirstFileW(L"b.txt", &data);
    ok(data.nFileSizeLow == 3 && !(data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY), "size %lu\n", data.nFileSizeLow);
    works(FindClose(handle));
    fails_handle(FindFirstFileW(L"none", &data), ERROR_FILE_NOT_FOUND);
    fails_handle(FindFirstFileW(L"none\\*", &data), ERROR_PATH_NOT_FOUND);
    fails_handle(FindFirstFileW(L"a\\*", &data), ERROR_DIRECTORY);
    fails_handle(FindFirstFileW(L"dir\\", &data), ERROR_FILE_NOT_FOUND);
    fails(FindNextFileW(INVALID_HANDLE_VALUE, &data), ERROR_INVALID_HANDLE);
    fails_handle(FindFirstFileExW(L"*", 7, &data, FindExSearchNameMatch, NULL, 0), ERROR_INVALID_PARAMETER);
    works(RemoveDirectoryW(L"dir"));
    works(DeleteFileW(L"a"));
    works(DeleteFileW(L"b.c"));
    works(DeleteFileW(L"b.txt"));
}

static DWORD CALLBACK progress(LARGE_INTEGER total, LARGE_INTEGER done, LARGE_INTEGER stream_size, LARGE_INTEGER stream_done, DWORD stream, DWORD reason,
                               HANDLE source, HANDLE dest, void *counter)
{
    (void)stream_size; (void)stream_done; (void)stream; (void)source; (void)dest;
    ++*(int *)counter;
    ok(total.QuadPart == 5, "total %I64d\n", total.QuadPart);
    ok(reason == (done.QuadPart ? CALLBACK_CHUNK_FINISHED : CALLBACK_STREAM_SWITCH), "reason %lu\n", reason);
    return done.QuadPart ? PROGRESS_CANCEL : PROGRESS_CONTINUE;
}

static void test_move(void)
{
    FILETIME before, after;
    HANDLE file;
    int calls = 0;

    put(L"one", "first");
    works(MoveFileW(L"one", L"two"));
    fails(MoveFileW(L"one", L"three"), ERROR_FILE_NOT_FOUND);
    put(L"one", "other");
    fails(MoveFileW(L"one", L"two"), ERROR_ALREADY_EXISTS);
    works(MoveFileExW(L"one", L"two", MOVEFILE_REPLACE_EXISTING));
    ok(!strcmp(get(L"two"), "other"), "got %s\n", get(L"two"));
    works(MoveFileW(L"two", L"TWO"));                                           /* the case alone */

    works(CopyFileW(L"two", L"copy", TRUE));
    ok(!strcmp(get(L"copy"), "other"), "got %s\n", get(L"copy"));
    fails(CopyFileW(L"two", L"copy", TRUE), ERROR_FILE_EXISTS);
    works(CopyFileW(L"two", L"copy", FALSE));
    fails(CopyFileW(L"none", L"copy", FALSE), ERROR_FILE_NOT_FOUND);
    fails(CopyFileW(NULL, L"copy", FALSE), ERROR_PATH_NOT_FOUND);
    fails(CopyFileW(L"two", L"two", FALSE), ERROR_SHARING_VIOLATION);
    ok(!strcmp(get(L"two"), "other"), "got %s\n", get(L"two"));
    file = CreateFileW(L"two", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    GetFileTime(file, NULL, NULL, &before);
    CloseHandle(file);
    file = CreateFileW(L"copy", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    GetFileTime(file, NULL, NULL, &after);
    CloseHandle(file);
    ok(!CompareFileTime(&before, &after), "a copy keeps the time of its last write\n");
    fails(CopyFileExW(L"two", L"cancelled", progress, &calls, NULL, 0), ERROR_REQUEST_ABORTED);
    ok(calls == 2, "%d calls\n", calls);
    ok(!strcmp(get(L"cancelled"), "(none)"), "a cancelled copy is there\n");

    put(L"new", "newer");
    works(ReplaceFileW(L"copy", L"new", L"backup", 0, NULL, NULL));
    ok(!strcmp(get(L"copy"), "newer"), "got %s\n", get(L"copy"));
    ok(!strcmp(get(L"backup"), "other"), "got %s\n", get(L"backup"));
    ok(!strcmp(get(L"new"), "(none)"), "the replacement is there\n");
    fails(ReplaceFileW(L"copy", L"new", NULL, 0, NULL, NULL), ERROR_FILE_NOT_FOUND);
    works(DeleteFileW(L"backup"));
    works(DeleteFileW(L"copy"));
    works(DeleteFileW(L"two"));
}

static void test_full(void)
{
    static const struct { const WCHAR *in, *out; } tests[] =
    {
        { L"C:\\a\\..\\b", L"C:\\b" }, { L"C:\\a\\.\\b\\", L"C:\\a\\b\\" }, { L"C:/a//b", L"C:\\a\\b" }, { L"C:\\..\\..\\x", L"C:\\x" },
        { L"\\\\server\\share\\..\\x", L"\\\\server\\share\\x" }, { L"C:\\a.", L"C:\\a" }, { L"C:\\a ", L"C:\\a" }, { L"nul", L"\\\\.\\nul" },
        { L"\\\\?\\C:\\a", L"\\\\?\\C:\\a" },
    };
    WCHAR buffer[MAX_PATH], *part;
    DWORD length;

    for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
    {
        length = GetFullPathNameW(tests[i].in, MAX_PATH, buffer, &part);
        ok(length == wcslen(tests[i].out) && !wcscmp(buffer, tests[i].out), "%s: %s\n", wine_dbgstr_w(tests[i].in), wine_dbgstr_w(buffer));
    }
    length = GetFullPathNameW(L"C:\\dir\\file", MAX_PATH, buffer, &part);
    ok(part == buffer + 7, "file part %s\n", wine_dbgstr_w(part));
    GetFullPathNameW(L"C:\\dir\\", MAX_PATH, buffer, &part);
    ok(!part, "file part %s\n", wine_dbgstr_w(part));
    length = GetFullPathNameW(L"C:\\dir", 3, buffer, NULL);
    ok(length == 7, "length %lu\n", length);
    length = GetFullPathNameW(L"x", MAX_PATH, buffer, NULL);
    ok(length == wcslen(scratch_dir) + 2 && !_wcsnicmp(buffer, scratch_dir, wcslen(scratch_dir)), "%s\n", wine_dbgstr_w(buffer));
    length = GetCurrentDirectoryW(2, buffer);
    ok(length == wcslen(scratch_dir) + 1, "length %lu\n", length);
    fails(SetCurrentDirectoryW(L"none"), ERROR_FILE_NOT_FOUND);
}

static void test_temporary(void)
{
    WCHAR name[MAX_PATH], second[MAX_PATH], names[20][MAX_PATH];
    UINT unique, i;

    unique = GetTempFileNameW(L".", L"abcdef", 0, name);
    ok(unique && !wcsncmp(name, L".\\abc", 5) && !wcscmp(name + wcslen(name) - 4, L".tmp"), "%s\n", wine_dbgstr_w(name));
    ok(!strcmp(get(name), ""), "no file\n");
    ok(GetTempFileNameW(L".", L"abcdef", 0, second) && wcscmp(name, second), "the same name again\n");
    works(DeleteFileW(name));
    works(DeleteFileW(second));
    ok(GetTempFileNameW(L".", L"x", 0x1a2b, name) == 0x1a2b && !wcscmp(name, L".\\x1a2b.tmp"), "%s\n", wine_dbgstr_w(name));
    fails(GetTempFileNameW(L"none", L"x", 0, name), ERROR_DIRECTORY);

    /* A folder has the name, which within the same millisecond is the first that is tried (ntdll:file in Wine's suites). */
    for (i = 0; i < 20; i++)
    {
        works(GetTempFileNameW(L".", L"abc", 0, names[i]));
        works(DeleteFileW(names[i]));
        works(CreateDirectoryW(names[i], NULL));
    }
    for (i = 0; i < 20; i++) works(RemoveDirectoryW(names[i]));
    put(L"sought.dll", "");
    ok(SearchPathW(L".", L"sought", L".dll", MAX_PATH, name, NULL), "error %lu\n", GetLastError());
    fails(SearchPathW(L".", L"sought", NULL, MAX_PATH, name, NULL), ERROR_FILE_NOT_FOUND);
    works(DeleteFileW(L"sought.dll"));
}

START_TEST(name)
{
    scratch_enter();
    test_find();
    test_move();
    test_full();
    test_temporary();
    scratch_leave();
}
