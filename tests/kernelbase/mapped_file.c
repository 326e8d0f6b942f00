/* Sections and their files, seen from the file calls: what is refused while a file is mapped (§10), which access a section
 * wants (§5.1), what agrees with what (§8.5, §8.9), and its name (§13.4). */
#include "memory.h"
#define PSAPI_VERSION 2
#include "psapi.h"

FUNCTION(ReplaceFileW);
static char path[MAX_PATH], other[MAX_PATH];

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

static HANDLE open_it(DWORD access, DWORD share, DWORD disposition, DWORD flags)
{
    return CreateFileA(path, access, share, NULL, disposition, flags, NULL);
}

static void make_file(const char *name, DWORD size)
{
    HANDLE file = CreateFileA(name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    char block[K];
    DWORD done;

    memset(block, 'm', K);
    for (DWORD at = 0; at < size; at += done)
        if (!WriteFile(file, block, size - at < K ? size - at : K, &done, NULL) || !done) break;
    CloseHandle(file);
}

static void make_names(void)
{
    char folder[MAX_PATH];

    GetTempPathA(MAX_PATH, folder);
    GetTempFileNameA(folder, "map", 0, path);
    GetTempFileNameA(folder, "map", 0, other);
}

/* CreateFile succeeds, or fails with that error. */
#define opens(error, ...) \
    do { \
        HANDLE h_; \
        SetLastError(0); \
        h_ = open_it(__VA_ARGS__); \
        ok((h_ != INVALID_HANDLE_VALUE) == !(error) && (!(error) || GetLastError() == (error)), "open(%s): %p, error %lu, expected %lu\n", \
           #__VA_ARGS__, h_, GetLastError(), (DWORD)(error)); \
        if (h_ != INVALID_HANDLE_VALUE) CloseHandle(h_); \
    } while (0)

/* Section and its handle, and a view that outlives both (§10-1, §10-2, §10-6) */
static void test_data(void)
{
    HANDLE file, h;
    char *view = NULL;

    make_file(path, 3 * K);
    file = open_it(GENERIC_READ | GENERIC_WRITE | DELETE, SHARE_ALL, OPEN_EXISTING, 0);
    h = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, K, NULL);
    ok(h != NULL, "cannot map: %lu\n", GetLastError());

    for (int i = 0; i < 2; i++)
    {
        winetest_push_context("%s", i ? "view" : "section");
        SetFilePointer(file, 2 * K, NULL, FILE_BEGIN);
        fails(SetEndOfFile(file), ERROR_USER_MAPPED_FILE);                                              /* §10-1: above the section's end too */
        ok(GetFileSize(file, NULL) == 3 * K, "size %lu\n", GetFileSize(file, NULL));
        SetFilePointer(file, 3 * K, NULL, FILE_BEGIN);
        works(SetEndOfFile(file));                                                                      /* same size */
        opens(ERROR_USER_MAPPED_FILE, GENERIC_WRITE, SHARE_ALL, CREATE_ALWAYS, 0);                      /* §10-2 */
        opens(ERROR_USER_MAPPED_FILE, GENERIC_WRITE, SHARE_ALL, TRUNCATE_EXISTING, 0);
        ok(GetFileSize(file, NULL) == 3 * K, "size %lu\n", GetFileSize(file, NULL));
        opens(0, GENERIC_READ, SHARE_ALL, OPEN_EXISTING, 0);                                            /* §10-5: no share modes */
        opens(0, GENERIC_WRITE, SHARE_ALL, OPEN_EXISTING, 0);
        fails(DeleteFileA(path), ERROR_ACCESS_DENIED);                                                  /* §10-6 */
        if (!i)
        {
            works(view = MapViewOfFile(h, FILE_MAP_READ, 0, 0, 0));
            CloseHandle(h);
        }
        winetest_pop_context();
    }
    SetFilePointer(file, 4 * K, NULL, FILE_BEGIN);
    works(SetEndOfFile(file));                                                                          /* §10-1: more is fine */
    ok(view[0] == 'm' && view[K - 1] == 'm', "contents\n");
    UnmapViewOfFile(view);
    SetFilePointer(file, K, NULL, FILE_BEGIN);
    works(SetEndOfFile(file));
    CloseHandle(file);
    opens(0, GENERIC_WRITE, SHARE_ALL, CREATE_ALWAYS, 0);
    works(DeleteFileA(path));
}

/* Of a section that nobody writes through, others need share nothing; of one that can be written, writing (§10-5, §10-4) */
static void test_sharing(void)
{
    static const struct { DWORD protect; BOOL writes; } sections[] =
    {
        { PAGE_READONLY, FALSE }, { PAGE_WRITECOPY, FALSE }, { PAGE_READWRITE, TRUE }, { PAGE_EXECUTE_READ, FALSE },
        { PAGE_EXECUTE_WRITECOPY, FALSE }, { PAGE_EXECUTE_READWRITE, TRUE },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(sections); i++)
    {
        HANDLE file, h;
        DWORD error = sections[i].writes ? ERROR_SHARING_VIOLATION : 0;

        winetest_push_context("section %#lx", sections[i].protect);
        make_file(path, K);
        file = open_it(GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE, SHARE_ALL, OPEN_EXISTING, 0);
        h = CreateFileMappingA(file, NULL, sections[i].protect, 0, 0, NULL);
        ok(h != NULL, "cannot map: %lu\n", GetLastError());
        CloseHandle(file);
        opens(error, GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING, 0);
        opens(error, GENERIC_READ, 0, OPEN_EXISTING, 0);
        opens(0, GENERIC_READ, SHARE_ALL, OPEN_EXISTING, 0);
        opens(0, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, OPEN_EXISTING, 0);
        CloseHandle(h);
        opens(0, GENERIC_READ, 0, OPEN_EXISTING, 0);
        winetest_pop_context();
    }
    DeleteFileA(path);
}

/* §10-8: the section alone is enough to refuse */
static void test_copy_over(void)
{
    HANDLE file, h;

    make_file(path, 3 * K);
    file = open_it(GENERIC_READ, SHARE_ALL, OPEN_EXISTING, 0);
    h = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
    CloseHandle(file);
    fails(CopyFileA(other, path, FALSE), ERROR_USER_MAPPED_FILE);
    CloseHandle(h);
    ok(CopyFileA(other, path, FALSE), "cannot copy: %lu\n", GetLastError());
    DeleteFileA(path);
}

/* §10-7: an open with delete on close does not know of sections; closing it does */
static void test_delete_on_close(void)
{
    HANDLE file, h;

    make_file(path, K);
    file = open_it(GENERIC_READ, SHARE_ALL, OPEN_EXISTING, 0);
    h = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
    CloseHandle(file);
    file = open_it(DELETE, SHARE_ALL, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE);
    ok(file != INVALID_HANDLE_VALUE, "error %lu\n", GetLastError());
    CloseHandle(h);
    CloseHandle(file);
    ok(GetFileAttributesA(path) == INVALID_FILE_ATTRIBUTES, "still there\n");
}

static HANDLE map_image(void)
{
    char dll[MAX_PATH];
    HANDLE file, h;

    GetSystemDirectoryA(dll, MAX_PATH);
    strcat(dll, "\\kernelbase.dll");
    ok(CopyFileA(dll, path, FALSE), "cannot copy: %lu\n", GetLastError());
    file = open_it(GENERIC_READ, SHARE_ALL, OPEN_EXISTING, 0);
    h = CreateFileMappingA(file, NULL, PAGE_READONLY | SEC_IMAGE, 0, 0, NULL);
    ok(h != NULL, "cannot map: %lu\n", GetLastError());
    CloseHandle(file);
    return h;
}

/* What replacing a mapped image leaves until it is no longer mapped: "NAME~RF123.TMP". */
static void delete_like(void)
{
    char pattern[MAX_PATH + 8], name[MAX_PATH];
    WIN32_FIND_DATAA data;
    HANDLE find;

    sprintf(pattern, "%s~RF*", path);
    if ((find = FindFirstFileA(pattern, &data)) == INVALID_HANDLE_VALUE) return;
    GetTempPathA(MAX_PATH, name);
    strcat(name, data.cFileName);
    FindClose(find);
    works(DeleteFileA(name));
}

/* Images: (§10-3, §10-7, §10-9, §10-10) */
static void test_image(void)
{
    HANDLE h = map_image();
    WCHAR wide_path[MAX_PATH], wide_other[MAX_PATH];

    opens(ERROR_SHARING_VIOLATION, GENERIC_WRITE, SHARE_ALL, OPEN_EXISTING, 0);                         /* §10-3 */
    opens(ERROR_SHARING_VIOLATION, GENERIC_WRITE, SHARE_ALL, CREATE_ALWAYS, 0);
    opens(0, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, OPEN_EXISTING, 0);
    opens(ERROR_ACCESS_DENIED, DELETE, SHARE_ALL, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE);            /* §10-7 */
    fails(DeleteFileA(path), ERROR_ACCESS_DENIED);                                                      /* §10-6 */
    make_file(other, K);
    SetLastError(UNTOUCHED);
    ok(!MoveFileExA(other, path, MOVEFILE_REPLACE_EXISTING), "renamed over a mapped image\n");          /* §10-10 */
    ok(GetLastError() == ERROR_ACCESS_DENIED, "error %lu\n", GetLastError());
    ok(GetFileAttributesA(other) != INVALID_FILE_ATTRIBUTES, "the source went\n");
    if (pReplaceFileW)
    {
        char *view;

        MultiByteToWideChar(CP_ACP, 0, path, -1, wide_path, MAX_PATH);
        MultiByteToWideChar(CP_ACP, 0, other, -1, wide_other, MAX_PATH);
        SetLastError(UNTOUCHED);
        ok(pReplaceFileW(wide_path, wide_other, NULL, 0, NULL, NULL), "cannot replace: %lu\n", GetLastError());  /* §10-9 */
        works(view = MapViewOfFile(h, FILE_MAP_READ, 0, 0, 0));
        ok(view[0] == 'M' && view[1] == 'Z', "the section follows the new file\n");
        UnmapViewOfFile(view);
    }
    CloseHandle(h);
    works(DeleteFileA(path));
    DeleteFileA(other);
    delete_like();
}

/* §5.1-10, §5.1-17: what each protection wants of the file, for data and for images */
static void test_access(void)
{
    static const struct { DWORD protect, wants; } sections[] =
    {
        { PAGE_READONLY, FILE_READ_DATA }, { PAGE_WRITECOPY, FILE_READ_DATA }, { PAGE_READWRITE, FILE_READ_DATA | FILE_WRITE_DATA },
        { PAGE_EXECUTE_READ, FILE_READ_DATA | FILE_EXECUTE }, { PAGE_EXECUTE_WRITECOPY, FILE_READ_DATA | FILE_EXECUTE },
        { PAGE_EXECUTE_READWRITE, FILE_READ_DATA | FILE_WRITE_DATA | FILE_EXECUTE },
    };
    static const DWORD rights[] = { FILE_READ_DATA, FILE_WRITE_DATA, FILE_EXECUTE };

    CloseHandle(map_image());
    for (unsigned set = 0; set < 8; set++)
    {
        DWORD access = FILE_READ_ATTRIBUTES | SYNCHRONIZE;
        HANDLE file;

        for (unsigned i = 0; i < 3; i++) if (set & (1u << i)) access |= rights[i];
        file = open_it(access, SHARE_ALL, OPEN_EXISTING, 0);
        ok(file != INVALID_HANDLE_VALUE, "access %#lx: error %lu\n", access, GetLastError());
        for (unsigned i = 0; i < ARRAY_SIZE(sections) * 2; i++)
        {
            BOOL image = i >= ARRAY_SIZE(sections);
            unsigned s = i % ARRAY_SIZE(sections);
            HANDLE h;

            winetest_push_context("access %#lx section %#lx%s", access, sections[s].protect, image ? " image" : "");
            SetLastError(UNTOUCHED);
            h = CreateFileMappingA(file, NULL, sections[s].protect | (image ? SEC_IMAGE : 0), 0, 0, NULL);
            if ((access & sections[s].wants) == sections[s].wants) ok(h != NULL, "error %lu\n", GetLastError());
            else ok(!h && GetLastError() == ERROR_ACCESS_DENIED, "mapped, or error %lu\n", GetLastError());
            if (h) CloseHandle(h);
            winetest_pop_context();
        }
        fails(CreateFileMappingA(file, NULL, PAGE_NOACCESS | SEC_IMAGE, 0, 0, NULL), ERROR_INVALID_PARAMETER);   /* §5.1-17 */
        CloseHandle(file);
    }
    DeleteFileA(path);
}

/* §5.1-9 */
static void test_no_files(void)
{
    char folder[MAX_PATH];
    HANDLE directory, read, write, event = CreateEventA(NULL, FALSE, FALSE, NULL);

    GetTempPathA(MAX_PATH, folder);
    directory = CreateFileA(folder, GENERIC_READ, SHARE_ALL, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    ok(directory != INVALID_HANDLE_VALUE, "error %lu\n", GetLastError());
    SetLastError(UNTOUCHED);
    ok(!CreateFileMappingA(directory, NULL, PAGE_READONLY, 0, K, NULL), "mapped a directory\n");
    ok(GetLastError() == ERROR_BAD_EXE_FORMAT || GetLastError() == ERROR_ACCESS_DENIED || GetLastError() == ERROR_INVALID_HANDLE,
       "error %lu\n", GetLastError());
    CloseHandle(directory);
    CreatePipe(&read, &write, NULL, 0);
    fails(CreateFileMappingA(read, NULL, PAGE_READONLY, 0, K, NULL), ERROR_BAD_EXE_FORMAT);
    CloseHandle(read);
    CloseHandle(write);
    fails(CreateFileMappingA(event, NULL, PAGE_READONLY, 0, K, NULL), ERROR_INVALID_HANDLE);
    CloseHandle(event);
}

/* Locked ranges (§5.1-14, §10-12) */
static void test_locks(void)
{
    OVERLAPPED at = { 0 };
    HANDLE file, mapper, h;
    char *view;

    make_file(path, 2 * K);
    file = open_it(GENERIC_READ | GENERIC_WRITE, SHARE_ALL, OPEN_EXISTING, 0);
    mapper = open_it(GENERIC_READ | GENERIC_WRITE, SHARE_ALL, OPEN_EXISTING, 0);
    h = CreateFileMappingA(mapper, NULL, PAGE_READWRITE, 0, 0, NULL);
    works(view = MapViewOfFile(h, FILE_MAP_WRITE, 0, 0, 0));
    if (!view) return;
    works(LockFileEx(file, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, K, 0, &at));
    view[0] = 'v';                                                                                      /* §10-12: stores are not stopped */
    ok(view[0] == 'v', "not stored\n");
    UnmapViewOfFile(view);
    CloseHandle(h);
    /* The documentation has ERROR_LOCK_VIOLATION here, but databases map files in which others hold locks (SQLite's WAL
     * index, LMDB's reader table), and do so on Windows (§5.1-14). */
    for (int i = 0; i < 2; i++)
    {
        h = CreateFileMappingA(mapper, NULL, i ? PAGE_READWRITE : PAGE_READONLY, 0, 0, NULL);
        ok(h != NULL, "error %lu\n", GetLastError());
        CloseHandle(h);
    }
    works(UnlockFileEx(file, 0, K, 0, &at));
    CloseHandle(mapper);
    CloseHandle(file);
    DeleteFileA(path);
}

/* §5.1-15, §8.5-1, §8.5-2, §8.9-1 */
static void test_contents(void)
{
    HANDLE file, h, larger;
    char *view, *offset, *more, byte;
    DWORD done;

    make_file(path, G + 100);
    file = open_it(GENERIC_READ | GENERIC_WRITE, SHARE_ALL, OPEN_EXISTING, 0);
    h = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    works(view = MapViewOfFile(h, FILE_MAP_WRITE, 0, 0, 0));                                            /* §8.9-1 */
    works(offset = MapViewOfFile(h, FILE_MAP_READ, 0, G, 0));
    view[G + 5] = 'o';
    ok(offset[5] == 'o', "views at other offsets differ\n");
    SetFilePointer(file, G + 6, NULL, FILE_BEGIN);
    ok(WriteFile(file, "w", 1, &done, NULL) && offset[6] == 'w', "a write is not seen\n");
    view[7] = '7';
    SetFilePointer(file, 7, NULL, FILE_BEGIN);
    ok(ReadFile(file, &byte, 1, &done, NULL) && byte == '7', "a store is not read\n");
    ok(!view[G + 100] && !view[G + K - 1], "no zeros behind the end\n");                                /* §8.5-1 */
    view[G + 200] = 'x';
    ok(offset[200] == 'x', "stores behind the end are not shared\n");
    works(FlushViewOfFile(view, 0));
    ok(GetFileSize(file, NULL) == G + 100, "size %lu\n", GetFileSize(file, NULL));

    SetFilePointer(file, 3 * G, NULL, FILE_BEGIN);                                                      /* §8.5-2 */
    works(SetEndOfFile(file));
    fails(MapViewOfFile(h, FILE_MAP_READ, 0, 0, G + 101), ERROR_ACCESS_DENIED);
    fails(MapViewOfFile(h, FILE_MAP_READ, 0, 2 * G, 0), ERROR_ACCESS_DENIED);
    larger = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    works(more = MapViewOfFile(larger, FILE_MAP_READ, 0, 0, 0));
    ok(more[7] == '7' && !more[G + 200] && !more[3 * G - 1], "what was behind the end is in the file\n");       /* §8.5-1 */
    view[8] = '8';
    ok(more[8] == '8', "views of two sections differ\n");                                               /* §8.9-1 */
    UnmapViewOfFile(more);
    CloseHandle(larger);

    CloseHandle(file);                                                                                  /* §5.1-15 */
    works(more = MapViewOfFile(h, FILE_MAP_READ, 0, 0, 0));
    ok(more[7] == '7', "contents\n");
    UnmapViewOfFile(more);
    CloseHandle(h);
    UnmapViewOfFile(offset);
    ok(view[7] == '7', "contents\n");
    UnmapViewOfFile(view);
    DeleteFileA(path);
}

/* §8.9-2: an image is as it was when its section was made */
static void test_image_contents(void)
{
    HANDLE file, data, image;
    char *view, *one, *two;

    CloseHandle(map_image());
    file = open_it(GENERIC_READ | GENERIC_WRITE, SHARE_ALL, OPEN_EXISTING, 0);
    data = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    works(view = MapViewOfFile(data, FILE_MAP_WRITE, 0, 0, 0));
    view[0x60] = 'a';
    image = CreateFileMappingA(file, NULL, PAGE_READONLY | SEC_IMAGE, 0, 0, NULL);
    ok(image != NULL, "error %lu\n", GetLastError());
    works(one = MapViewOfFile(image, FILE_MAP_READ, 0, 0, 0));
    ok(one[0x60] == 'a', "the image is not the file\n");
    view[0x60] = 'b';
    ok(one[0x60] == 'a', "the image follows a data view\n");
    works(two = MapViewOfFile(image, FILE_MAP_READ, 0, 0, 0));
    ok(two[0x60] == 'a', "a new view of the image follows a data view\n");
    UnmapViewOfFile(one);
    UnmapViewOfFile(two);
    UnmapViewOfFile(view);
    CloseHandle(image);
    CloseHandle(data);
    CloseHandle(file);
    DeleteFileA(path);
}

/* §13.4-3 */
static void test_names(void)
{
    HANDLE file, h, memory, limited;
    char *view, *paged, *private = VirtualAlloc(NULL, K, MEM_COMMIT, PAGE_READWRITE), name[MAX_PATH];
    WCHAR wide[MAX_PATH];
    DWORD length;

    make_file(path, K);
    file = open_it(GENERIC_READ, SHARE_ALL, OPEN_EXISTING, 0);
    h = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
    CloseHandle(file);
    view = MapViewOfFile(h, FILE_MAP_READ, 0, 0, 0);
    memory = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, K, NULL);
    paged = MapViewOfFile(memory, FILE_MAP_READ, 0, 0, 0);

    memset(name, 0xcc, sizeof(name));
    works(length = GetMappedFileNameA(GetCurrentProcess(), view + 5, name, MAX_PATH));
    ok(length == strlen(name) && !strncmp(name, "\\Device\\", 8), "length %lu, name %s\n", length, name);
    ok(!stricmp(strrchr(name, '\\'), strrchr(path, '\\')), "name %s, path %s\n", name, path);
    works(length = GetMappedFileNameW(GetCurrentProcess(), view, wide, MAX_PATH));
    ok(length == (DWORD)lstrlenW(wide), "length %lu\n", length);
    name[0] = 'x';
    ok(GetMappedFileNameA(GetCurrentProcess(), view, name, 1) == 1 && !name[0], "no empty string: %s\n", name);
    fails(GetMappedFileNameA(GetCurrentProcess(), view + K, name, MAX_PATH), ERROR_UNEXP_NET_ERR);      /* the first byte behind it */
    fails(GetMappedFileNameA(GetCurrentProcess(), private, name, MAX_PATH), ERROR_UNEXP_NET_ERR);
    fails(GetMappedFileNameA(GetCurrentProcess(), NULL, name, MAX_PATH), ERROR_UNEXP_NET_ERR);
    fails(GetMappedFileNameA(GetCurrentProcess(), paged, name, MAX_PATH), ERROR_FILE_INVALID);
    fails(GetMappedFileNameA(GetCurrentProcess(), view, NULL, MAX_PATH), ERROR_INVALID_PARAMETER);
    fails(GetMappedFileNameW(GetCurrentProcess(), view, NULL, MAX_PATH), ERROR_INVALID_PARAMETER);
    SetLastError(UNTOUCHED);
    ok(!GetMappedFileNameA(GetCurrentProcess(), view, name, 0), "no room\n");
    ok(GetLastError() == ERROR_INSUFFICIENT_BUFFER || GetLastError() == ERROR_INVALID_PARAMETER, "error %lu\n", GetLastError());
    DuplicateHandle(GetCurrentProcess(), GetCurrentProcess(), GetCurrentProcess(), &limited, PROCESS_VM_READ, FALSE, 0);
    fails(GetMappedFileNameA(limited, view, name, MAX_PATH), ERROR_ACCESS_DENIED);
    CloseHandle(limited);

    SetLastError(UNTOUCHED);
    ok(GetFileType(h) == FILE_TYPE_UNKNOWN, "type %lu\n", GetFileType(h));                              /* §10-11 */
    ok(GetLastError() == ERROR_INVALID_HANDLE, "error %lu\n", GetLastError());
    ok(WaitForSingleObject(h, 0) == WAIT_FAILED, "sections can be waited for\n");
    UnmapViewOfFile(view);
    UnmapViewOfFile(paged);
    CloseHandle(h);
    CloseHandle(memory);
    VirtualFree(private, 0, MEM_RELEASE);
    DeleteFileA(path);
}

START_TEST(mapped_file)
{
    pReplaceFileW = (void *)GetProcAddress(GetModuleHandleA("kernel32.dll"), "ReplaceFileW");
    make_names();
    make_file(other, K);
    test_data();
    test_sharing();
    test_copy_over();
    test_delete_on_close();
    test_access();
    test_no_files();
    test_locks();
    test_contents();
    test_names();
    make_file(other, K);
    test_image();
    test_image_contents();
    DeleteFileA(path);
    DeleteFileA(other);
}
