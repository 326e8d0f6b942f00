/* Files: open, read, write, position, overlapped, share modes. */
#include "win32.h"

static HANDLE create(const WCHAR *name, DWORD access, DWORD sharing, DWORD creation, DWORD flags)
{
    return CreateFileW(name, access, sharing, NULL, creation, flags, NULL);
}

static void test_creation(void)
{
    HANDLE file;

    fails_handle(create(L"none", GENERIC_READ, 0, OPEN_EXISTING, 0), ERROR_FILE_NOT_FOUND);
    fails_handle(create(L"none", GENERIC_WRITE, 0, TRUNCATE_EXISTING, 0), ERROR_FILE_NOT_FOUND);
    fails_handle(create(L"none", GENERIC_READ, 0, TRUNCATE_EXISTING, 0), ERROR_INVALID_PARAMETER);
    fails_handle(create(L"none", GENERIC_READ, 0, 0, 0), ERROR_INVALID_PARAMETER);
    fails_handle(create(L"none", GENERIC_READ, 0, 6, 0), ERROR_INVALID_PARAMETER);
    fails_handle(create(L"no\\where", GENERIC_READ, 0, OPEN_EXISTING, 0), ERROR_PATH_NOT_FOUND);
    fails_handle(create(L"", GENERIC_READ, 0, OPEN_EXISTING, 0), ERROR_PATH_NOT_FOUND);
    fails_handle(CreateFileW(NULL, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL), ERROR_PATH_NOT_FOUND);

    SetLastError(0xdeadbeef);
    file = create(L"a", GENERIC_WRITE, 0, CREATE_NEW, 0);
    ok(file != INVALID_HANDLE_VALUE && !GetLastError(), "error %lu\n", GetLastError());
    CloseHandle(file);
    fails_handle(create(L"a", GENERIC_WRITE, 0, CREATE_NEW, 0), ERROR_FILE_EXISTS);
    fails_handle(create(L"A", GENERIC_WRITE, 0, CREATE_NEW, 0), ERROR_FILE_EXISTS);

    file = create(L"a", GENERIC_WRITE, 0, CREATE_ALWAYS, 0);
    ok(GetLastError() == ERROR_ALREADY_EXISTS, "error %lu\n", GetLastError());
    CloseHandle(file);
    file = create(L"a", GENERIC_WRITE, 0, OPEN_ALWAYS, 0);
    ok(GetLastError() == ERROR_ALREADY_EXISTS, "error %lu\n", GetLastError());
    CloseHandle(file);
    file = create(L"a", GENERIC_WRITE, 0, OPEN_EXISTING, 0);
    ok(!GetLastError(), "error %lu\n", GetLastError());
    CloseHandle(file);
    works(DeleteFileW(L"a"));
    fails(DeleteFileW(L"a"), ERROR_FILE_NOT_FOUND);

    works(CreateDirectoryW(L"dir", NULL));
    fails(CreateDirectoryW(L"dir", NULL), ERROR_ALREADY_EXISTS);
    fails_handle(create(L"dir", GENERIC_READ, 0, OPEN_EXISTING, 0), ERROR_ACCESS_DENIED);
    file = create(L"dir", GENERIC_READ, 0, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
    ok(file != INVALID_HANDLE_VALUE, "error %lu\n", GetLastError());
    CloseHandle(file);
    fails(DeleteFileW(L"dir"), ERROR_ACCESS_DENIED);
    fails(RemoveDirectoryW(L"none"), ERROR_FILE_NOT_FOUND);
    works(RemoveDirectoryW(L"dir"));
}

static void test_position(void)
{
    HANDLE file = create(L"p", GENERIC_READ | GENERIC_WRITE, 0, CREATE_ALWAYS, 0);
    LARGE_INTEGER distance, position, size;
    DWORD done, value;
    LONG high;
    char buffer[16];

    works(WriteFile(file, "0123456789", 10, &done, NULL));
    ok(done == 10, "wrote %lu\n", done);
    value = SetFilePointer(file, -3, NULL, FILE_CURRENT);
    ok(value == 7, "at %lu\n", value);
    works(ReadFile(file, buffer, sizeof(buffer), &done, NULL));
    ok(done == 3 && !memcmp(buffer, "789", 3), "read %lu\n", done);
    works(ReadFile(file, buffer, sizeof(buffer), &done, NULL));                 /* end of file: success, nothing */
    ok(!done, "read %lu\n", done);
    fails(SetFilePointer(file, -1, NULL, FILE_BEGIN) != INVALID_SET_FILE_POINTER, ERROR_NEGATIVE_SEEK);
    fails(SetFilePointer(file, 0, NULL, 3) != INVALID_SET_FILE_POINTER, ERROR_INVALID_PARAMETER);
    high = 1;
    value = SetFilePointer(file, 5, &high, FILE_BEGIN);
    ok(value == 5 && high == 1, "at %#lx %lu\n", high, value);
    distance.QuadPart = 4;
    works(SetFilePointerEx(file, distance, &position, FILE_BEGIN));
    ok(position.QuadPart == 4, "at %I64d\n", position.QuadPart);
    works(SetEndOfFile(file));
    works(GetFileSizeEx(file, &size));
    ok(size.QuadPart == 4, "size %I64d\n", size.QuadPart);
    distance.QuadPart = 100;
    works(SetFilePointerEx(file, distance, NULL, FILE_END));
    works(WriteFile(file, "x", 1, &done, NULL));                                /* the gap reads as zeros */
    value = GetFileSize(file, NULL);
    ok(value == 105, "size %lu\n", value);
    SetFilePointer(file, 50, NULL, FILE_BEGIN);
    works(ReadFile(file, buffer, 4, &done, NULL));
    ok(done == 4 && !buffer[0] && !buffer[3], "%u %u\n", buffer[0], buffer[3]);
    CloseHandle(file);
    fails(GetFileSizeEx(file, &size), ERROR_INVALID_HANDLE);
    works(DeleteFileW(L"p"));
}

static void test_sharing(void)
{
    HANDLE first = create(L"s", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, CREATE_ALWAYS, 0), second;

    fails_handle(create(L"s", GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, OPEN_EXISTING, 0), ERROR_SHARING_VIOLATION);
    fails_handle(create(L"s", GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING, 0), ERROR_SHARING_VIOLATION);   /* does not share writing */
    second = create(L"s", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, OPEN_EXISTING, 0);
    ok(second != INVALID_HANDLE_VALUE, "error %lu\n", GetLastError());
    fails(DeleteFileW(L"s"), ERROR_SHARING_VIOLATION);
    CloseHandle(second);
    second = create(L"s", 0, 0, OPEN_EXISTING, 0);                              /* attributes alone are always shared */
    ok(second != INVALID_HANDLE_VALUE, "error %lu\n", GetLastError());
    CloseHandle(second);
    CloseHandle(first);

    first = create(L"s", GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE);
    fails_handle(create(L"s", GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING, 0), ERROR_SHARING_VIOLATION);
    CloseHandle(first);
    fails(DeleteFileW(L"s"), ERROR_FILE_NOT_FOUND);
}

static void test_overlapped(void)
{
    HANDLE file = create(L"o", GENERIC_READ | GENERIC_WRITE, 0, CREATE_ALWAYS, FILE_FLAG_OVERLAPPED), port;
    OVERLAPPED overlapped, *done_overlapped;
    ULONG_PTR key;
    char buffer[8];
    DWORD done;
    BOOL ret;

    memset(&overlapped, 0, sizeof(overlapped));
    overlapped.Offset = 100;
    overlapped.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    ret = WriteFile(file, "overlap", 7, NULL, &overlapped);
    ok(ret || GetLastError() == ERROR_IO_PENDING, "error %lu\n", GetLastError());
    works(GetOverlappedResult(file, &overlapped, &done, TRUE));
    ok(done == 7 && overlapped.InternalHigh == 7 && !overlapped.Internal, "done %lu\n", done);
    ok(WaitForSingleObject(overlapped.hEvent, 0) == WAIT_OBJECT_0, "event not set\n");

    ResetEvent(overlapped.hEvent);
    ret = ReadFile(file, buffer, sizeof(buffer), NULL, &overlapped);
    ok(ret || GetLastError() == ERROR_IO_PENDING, "error %lu\n", GetLastError());
    works(GetOverlappedResult(file, &overlapped, &done, TRUE));
    ok(done == 7 && !memcmp(buffer, "overlap", 7), "read %lu\n", done);
    overlapped.Offset = 107;
    ret = ReadFile(file, buffer, sizeof(buffer), NULL, &overlapped);
    if (!ret && GetLastError() == ERROR_IO_PENDING) ret = GetOverlappedResult(file, &overlapped, &done, TRUE);
    ok(!ret && GetLastError() == ERROR_HANDLE_EOF, "error %lu\n", GetLastError());
    CloseHandle(overlapped.hEvent);

    /* the same by way of a port; bit 0 of the event keeps the packet back */
    port = CreateIoCompletionPort(file, NULL, 42, 0);
    ok(port != NULL, "error %lu\n", GetLastError());
    memset(&overlapped, 0, sizeof(overlapped));
    overlapped.Offset = 100;
    ret = ReadFile(file, buffer, 7, NULL, &overlapped);
    ok(ret || GetLastError() == ERROR_IO_PENDING, "error %lu\n", GetLastError());
    works(GetQueuedCompletionStatus(port, &done, &key, &done_overlapped, 1000));
    ok(done == 7 && key == 42 && done_overlapped == &overlapped, "done %lu key %Iu\n", done, key);
    fails(GetQueuedCompletionStatus(port, &done, &key, &done_overlapped, 0), WAIT_TIMEOUT);
    ok(!done_overlapped, "an overlapped without a packet\n");
    overlapped.hEvent = (HANDLE)((ULONG_PTR)CreateEventW(NULL, TRUE, FALSE, NULL) | 1);
    ReadFile(file, buffer, 7, NULL, &overlapped);
    works(GetOverlappedResult(file, &overlapped, &done, TRUE));
    fails(GetQueuedCompletionStatus(port, &done, &key, &done_overlapped, 0), WAIT_TIMEOUT);
    CloseHandle((HANDLE)((ULONG_PTR)overlapped.hEvent & ~(ULONG_PTR)1));
    works(PostQueuedCompletionStatus(port, 1, 2, (OVERLAPPED *)3));
    works(GetQueuedCompletionStatus(port, &done, &key, &done_overlapped, 0));
    ok(done == 1 && key == 2 && done_overlapped == (OVERLAPPED *)3, "%lu %Iu %p\n", done, key, done_overlapped);
    CloseHandle(port);
    CloseHandle(file);
    works(DeleteFileW(L"o"));
}

static void test_information(void)
{
    HANDLE file = create(L"i", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, CREATE_ALWAYS, 0);
    BY_HANDLE_FILE_INFORMATION info, other;
    FILE_STANDARD_INFO standard;
    FILETIME set = { 0xd53e8000, 0x01bf53eb }, got;                              /* 2000-01-01 */
    WIN32_FILE_ATTRIBUTE_DATA data;
    FILE_NAME_INFO *name;
    WCHAR path[MAX_PATH];
    BYTE buffer[600];
    DWORD length, done;
    HANDLE null;

    works(WriteFile(file, "hello", 5, &done, NULL));
    ok(GetFileType(file) == FILE_TYPE_DISK, "type %lu\n", GetFileType(file));
    works(SetFileTime(file, NULL, NULL, &set));
    works(GetFileTime(file, NULL, NULL, &got));
    ok(!CompareFileTime(&set, &got), "another time\n");
    works(GetFileInformationByHandle(file, &info));
    ok(info.nFileSizeLow == 5 && info.nNumberOfLinks == 1, "size %lu links %lu\n", info.nFileSizeLow, info.nNumberOfLinks);
    ok(!CompareFileTime(&info.ftLastWriteTime, &set), "another time\n");
    works(CreateHardLinkW(L"link", L"i", NULL));
    works(GetFileInformationByHandle(file, &other));
    ok(other.nNumberOfLinks == 2 && other.nFileIndexLow == info.nFileIndexLow, "links %lu\n", other.nNumberOfLinks);
    CloseHandle(file);
    works(DeleteFileW(L"link"));
    file = create(L"i", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, OPEN_EXISTING, 0);
    works(GetFileInformationByHandle(file, &other));
    ok(other.nNumberOfLinks == 1, "links %lu\n", other.nNumberOfLinks);
    works(GetFileInformationByHandleEx(file, FileStandardInfo, &standard, sizeof(standard)));
    ok(standard.EndOfFile.QuadPart == 5 && !standard.DeletePending && !standard.Directory, "size %I64d\n", standard.EndOfFile.QuadPart);
    fails(GetFileInformationByHandleEx(file, FileStandardInfo, &standard, 1), ERROR_BAD_LENGTH);
    fails(GetFileInformationByHandleEx(file, 99, buffer, sizeof(buffer)), ERROR_INVALID_PARAMETER);
    name = (FILE_NAME_INFO *)buffer;
    works(GetFileInformationByHandleEx(file, FileNameInfo, name, sizeof(buffer)));
    ok(name->FileName[0] == '\\' && !memcmp((BYTE *)name->FileName + name->FileNameLength - 4, L"\\i", 4), "name\n");
    length = GetFinalPathNameByHandleW(file, path, MAX_PATH, 0);
    ok(length && length == wcslen(path) && !wcsncmp(path, L"\\\\?\\", 4) && !wcscmp(path + length - 2, L"\\i"), "%s\n", wine_dbgstr_w(path));
    ok(GetFinalPathNameByHandleW(file, path, 4, 0) == length + 1, "another length\n");
    works(GetFileAttributesExW(L"i", GetFileExInfoStandard, &data));
    ok(data.nFileSizeLow == 5, "size %lu\n", data.nFileSizeLow);
    works(SetFileAttributesW(L"i", FILE_ATTRIBUTE_READONLY));
    ok(GetFileAttributesW(L"i") & FILE_ATTRIBUTE_READONLY, "attributes %#lx\n", GetFileAttributesW(L"i"));
    CloseHandle(file);
    fails(DeleteFileW(L"i"), ERROR_ACCESS_DENIED);
    works(SetFileAttributesW(L"i", FILE_ATTRIBUTE_NORMAL));
    works(DeleteFileW(L"i"));
    fails(GetFileAttributesW(L"i") != INVALID_FILE_ATTRIBUTES, ERROR_FILE_NOT_FOUND);

    null = create(L"nul", GENERIC_WRITE, 0, OPEN_EXISTING, 0);
    ok(null != INVALID_HANDLE_VALUE && GetFileType(null) == FILE_TYPE_CHAR, "nul: error %lu\n", GetLastError());
    works(WriteFile(null, "gone", 4, &done, NULL));
    ok(done == 4, "wrote %lu\n", done);
    CloseHandle(null);
}

static void test_pipe(void)
{
    HANDLE read, write;
    char buffer[16];
    DWORD done, left;

    works(CreatePipe(&read, &write, NULL, 0));
    ok(GetFileType(read) == FILE_TYPE_PIPE, "type %lu\n", GetFileType(read));
    works(PeekNamedPipe(read, NULL, 0, NULL, &left, NULL));
    ok(!left, "%lu bytes\n", left);
    works(WriteFile(write, "through", 7, &done, NULL));
    works(PeekNamedPipe(read, buffer, 4, &done, &left, NULL));
    ok(done == 4 && left == 7 && !memcmp(buffer, "thro", 4), "%lu of %lu\n", done, left);
    works(ReadFile(read, buffer, sizeof(buffer), &done, NULL));
    ok(done == 7 && !memcmp(buffer, "through", 7), "read %lu\n", done);
    CloseHandle(write);
    fails(ReadFile(read, buffer, sizeof(buffer), &done, NULL), ERROR_BROKEN_PIPE);
    CloseHandle(read);
}

/* What a file was opened for is all that a duplicate can have. */
static void test_duplicate(void)
{
    HANDLE process = GetCurrentProcess(), file, copy;
    char byte = 'x';
    DWORD done;

    file = CreateFileW(L"file", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, CREATE_ALWAYS, 0, NULL);
    works(DuplicateHandle(process, file, process, &copy, GENERIC_READ, FALSE, 0));
    CloseHandle(copy);
    works(DuplicateHandle(process, file, process, &copy, MAXIMUM_ALLOWED, FALSE, 0));
    fails(WriteFile(copy, &byte, 1, &done, NULL), ERROR_ACCESS_DENIED);
    CloseHandle(copy);
    works(DuplicateHandle(process, file, process, &copy, FILE_READ_ATTRIBUTES, FALSE, 0));
    fails(ReadFile(copy, &byte, 1, &done, NULL), ERROR_ACCESS_DENIED);
    CloseHandle(copy);
    fails(DuplicateHandle(process, file, process, &copy, GENERIC_WRITE, FALSE, 0), ERROR_ACCESS_DENIED);
    fails(DuplicateHandle(process, file, process, &copy, DELETE, FALSE, 0), ERROR_ACCESS_DENIED);
    CloseHandle(file);
    works(DeleteFileW(L"file"));
}

/* Who takes over has to be writable; valid data needs a privilege. */
static void test_replace(void)
{
    HANDLE file = CreateFileW(L"new", GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);

    fails(SetFileValidData(file, 1), ERROR_PRIVILEGE_NOT_HELD);
    CloseHandle(file);
    CloseHandle(CreateFileW(L"old", GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL));
    works(SetFileAttributesW(L"new", FILE_ATTRIBUTE_READONLY));
    fails(ReplaceFileW(L"old", L"new", NULL, 0, NULL, NULL), ERROR_ACCESS_DENIED);
    works(SetFileAttributesW(L"new", FILE_ATTRIBUTE_NORMAL));
    file = CreateFileW(L"new", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    fails(ReplaceFileW(L"old", L"new", NULL, 0, NULL, NULL), ERROR_SHARING_VIOLATION);
    CloseHandle(file);
    works(ReplaceFileW(L"old", L"new", NULL, 0, NULL, NULL));
    ok(GetFileAttributesW(L"new") == INVALID_FILE_ATTRIBUTES, "still there\n");
    works(DeleteFileW(L"old"));
}

/* What could be a short name gets the case that it has on disk; what could not stays as it is. */
static void test_long_name(void)
{
    WCHAR path[MAX_PATH];

    works(CreateDirectoryW(L"Folder", NULL));
    CloseHandle(CreateFileW(L"Folder\\MixedCas.txt", GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL));
    CloseHandle(CreateFileW(L"Folder\\A longer name.text", GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL));
    ok(GetLongPathNameW(L"FOLDER/mixedcas.TXT", path, MAX_PATH) == 19 && !wcscmp(path, L"Folder/MixedCas.txt"), "%s\n", wine_dbgstr_w(path));
    ok(GetLongPathNameW(L".\\folder\\..\\folder", path, MAX_PATH) && !wcscmp(path, L".\\Folder\\..\\Folder"), "%s\n", wine_dbgstr_w(path));
    ok(GetLongPathNameW(L"folder\\a LONGER name.text", path, MAX_PATH) && !wcscmp(path, L"Folder\\a LONGER name.text"), "%s\n", wine_dbgstr_w(path));
    ok(GetLongPathNameW(L"folder", path, 3) == 7, "not the size it needs\n");
    fails(GetLongPathNameW(L"folder\\no", path, MAX_PATH), ERROR_FILE_NOT_FOUND);
    works(DeleteFileW(L"Folder\\MixedCas.txt"));
    works(DeleteFileW(L"Folder\\A longer name.text"));
    works(RemoveDirectoryW(L"Folder"));
}

/* Two pages that lie apart, in the other order: what a program with its own cache does. */
static void test_segments(void)
{
    enum { page = 0x1000 };
    char *memory = VirtualAlloc(NULL, 8 * page, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    FILE_SEGMENT_ELEMENT segments[3] = { { .Buffer = memory + 4 * page }, { .Buffer = memory } };
    OVERLAPPED overlapped = { .hEvent = CreateEventW(NULL, TRUE, FALSE, NULL) };
    DWORD done;
    HANDLE file;

    memset(memory, 'a', page);
    memset(memory + 4 * page, 'b', page);
    file = CreateFileW(L"pages", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_FLAG_OVERLAPPED | FILE_FLAG_NO_BUFFERING, NULL);
    fails(WriteFileGather(file, segments, 2 * page, NULL, &overlapped), ERROR_IO_PENDING);
    works(GetOverlappedResult(file, &overlapped, &done, TRUE));
    ok(done == 2 * page, "wrote %lu\n", done);

    /* read elsewhere, a page and a half; what is behind the half stays */
    memset(memory + page, 'z', 3 * page);
    segments[0].Buffer = memory + 3 * page;
    segments[1].Buffer = memory + page;
    fails(ReadFileScatter(file, segments, page + page / 2, NULL, &overlapped), ERROR_IO_PENDING);
    segments[0].Buffer = segments[1].Buffer = NULL;
    works(GetOverlappedResult(file, &overlapped, &done, TRUE));
    ok(done == page + page / 2, "read %lu\n", done);
    ok(memory[3 * page] == 'b' && memory[4 * page - 1] == 'b', "not the first page of the file\n");
    ok(memory[page] == 'a' && memory[page + page / 2 - 1] == 'a', "not the second page of the file\n");
    ok(memory[page + page / 2] == 'z' && memory[2 * page] == 'z', "read too much\n");

    /* from the second page on there is one; then none */
    segments[0].Buffer = memory + 5 * page;
    segments[1].Buffer = memory + 6 * page;
    overlapped.Offset = page;
    fails(ReadFileScatter(file, segments, 2 * page, NULL, &overlapped), ERROR_IO_PENDING);
    works(GetOverlappedResult(file, &overlapped, &done, TRUE));
    ok(done == page && memory[5 * page] == 'a' && !memory[6 * page], "read %lu\n", done);
    overlapped.Offset = 2 * page;
    fails(ReadFileScatter(file, segments, page, NULL, &overlapped), ERROR_HANDLE_EOF);
    overlapped.Offset = 0;

    /* segments that are no pages, not there, or may not be written; nothing has been read then */
    segments[0].Buffer = memory + 1;
    fails(ReadFileScatter(file, segments, page, NULL, &overlapped), ERROR_INVALID_PARAMETER);
    memset(memory, 'z', page);
    segments[0].Buffer = memory;
    segments[1].Buffer = memory + 7 * page;
    works(VirtualProtect(memory + 7 * page, page, PAGE_READONLY, &done));
    fails(ReadFileScatter(file, segments, 2 * page, NULL, &overlapped), ERROR_NOACCESS);
    ok(memory[0] == 'z', "read all the same\n");
    fails(ReadFileScatter(file, NULL, page, NULL, &overlapped), ERROR_NOACCESS);
    CloseHandle(file);

    /* files that are read through the cache, or waited for; and the right to it */
    file = CreateFileW(L"pages", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    fails(ReadFileScatter(file, segments, page, NULL, &overlapped), ERROR_INVALID_PARAMETER);
    CloseHandle(file);
    file = CreateFileW(L"pages", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, FILE_FLAG_NO_BUFFERING, NULL);
    fails(ReadFileScatter(file, segments, page, NULL, &overlapped), ERROR_INVALID_PARAMETER);
    CloseHandle(file);
    file = CreateFileW(L"pages", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED | FILE_FLAG_NO_BUFFERING, NULL);
    fails(WriteFileGather(file, segments, page, NULL, &overlapped), ERROR_ACCESS_DENIED);
    CloseHandle(file);
    CloseHandle(overlapped.hEvent);
    VirtualFree(memory, 0, MEM_RELEASE);
    works(DeleteFileW(L"pages"));
}

START_TEST(file)
{
    scratch_enter();
    test_creation();
    test_position();
    test_sharing();
    test_overlapped();
    test_segments();
    test_information();
    test_pipe();
    test_duplicate();
    test_replace();
    test_long_name();
    scratch_leave();
}
