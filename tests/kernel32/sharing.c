/* What two processes may do with one file at the same time: share modes, deletion, mapped files (specification 10). */
#include "other.h"

static char path[MAX_PATH], path2[MAX_PATH];

/* ---- what the other process does -------------------------------------------------------------------------- */

enum { OPEN, CLOSE, TRY, MATRIX, SECTION, VIEW, UNMAP, DISPOSE, WRITE };

static const DWORD access_of[8] =
{
    0, GENERIC_READ, GENERIC_WRITE, GENERIC_READ | GENERIC_WRITE, DELETE, GENERIC_READ | DELETE, GENERIC_WRITE | DELETE,
    GENERIC_READ | GENERIC_WRITE | DELETE,
};

static DWORD try_open(const char *name, DWORD access, DWORD share, DWORD disposition, DWORD flags)
{
    HANDLE file = CreateFileA(name, access, share, NULL, disposition, flags, NULL);

    if (file == INVALID_HANDLE_VALUE) return GetLastError();
    CloseHandle(file);
    return 0;
}

static ULONG64 f_open(const ULONG64 *args, const char *text)
{
    return (ULONG_PTR)CreateFileA(text, args[0], args[1], NULL, args[2], args[3], NULL);
}

static ULONG64 f_close(const ULONG64 *args, const char *text)
{
    (void)text;
    return CloseHandle((HANDLE)(ULONG_PTR)args[0]);
}

static ULONG64 f_try(const ULONG64 *args, const char *text)
{
    return try_open(text, args[0], args[1], args[2], args[3]);
}

/* Tries everything: bit a * 8 + s is set where access a with sharing s is allowed. */
static ULONG64 f_matrix(const ULONG64 *args, const char *text)
{
    ULONG64 allowed = 0;

    (void)args;
    for (unsigned int a = 0; a < 8; a++)
        for (unsigned int s = 0; s < 8; s++)
        {
            DWORD error = try_open(text, access_of[a], s, OPEN_EXISTING, 0);

            if (!error) allowed |= 1ull << (a * 8 + s);
            else if (error != ERROR_SHARING_VIOLATION) return 0;
        }
    return allowed;
}

static ULONG64 f_section(const ULONG64 *args, const char *text)
{
    HANDLE section = CreateFileMappingA((HANDLE)(ULONG_PTR)args[0], NULL, args[1], 0, 0, NULL);

    (void)text;
    return (ULONG_PTR)section;
}

static ULONG64 f_view(const ULONG64 *args, const char *text)
{
    (void)text;
    return (ULONG_PTR)MapViewOfFile((HANDLE)(ULONG_PTR)args[0], args[1], 0, 0, 0);
}

static ULONG64 f_unmap(const ULONG64 *args, const char *text)
{
    (void)text;
    return UnmapViewOfFile((void *)(ULONG_PTR)args[0]);
}

static DWORD dispose(HANDLE file, BOOL del)
{
    FILE_DISPOSITION_INFO info = { del };

    return SetFileInformationByHandle(file, FileDispositionInfo, &info, sizeof(info)) ? 0 : GetLastError();
}

static ULONG64 f_dispose(const ULONG64 *args, const char *text)
{
    (void)text;
    return dispose((HANDLE)(ULONG_PTR)args[0], args[1]);
}

static ULONG64 f_write(const ULONG64 *args, const char *text)
{
    DWORD done;

    return WriteFile((HANDLE)(ULONG_PTR)args[0], text, (DWORD)strlen(text), &done, NULL) ? done : 0;
}

static const other_function functions[] = { f_open, f_close, f_try, f_matrix, f_section, f_view, f_unmap, f_dispose, f_write };

/* ---- the tests ------------------------------------------------------------------------------------------------ */

static HANDLE make(const char *name, DWORD size)
{
    HANDLE file = CreateFileA(name, GENERIC_READ | GENERIC_WRITE | DELETE, 7, NULL, CREATE_ALWAYS, 0, NULL);
    DWORD done;

    ok(file != INVALID_HANDLE_VALUE, "CreateFile %s: %lu\n", name, GetLastError());
    for (DWORD i = 0; i < size; i += 16) WriteFile(file, "0123456789abcdef", 16, &done, NULL);
    return file;
}

static void test_matrix(struct other *other)
{
    CloseHandle(make(path, 16));
    for (unsigned int a = 0; a < 8; a++)
        for (unsigned int s = 0; s < 8; s++)
        {
            HANDLE file = CreateFileA(path, access_of[a], s, NULL, OPEN_EXISTING, 0, NULL);
            ULONG64 expected = 0, allowed;

            ok(file != INVALID_HANDLE_VALUE, "access %u, sharing %u: error %lu\n", a, s, GetLastError());
            for (unsigned int b = 0; b < 8; b++)
                for (unsigned int t = 0; t < 8; t++)
                    if (!a || !b || (!(a & ~t) && !(b & ~s))) expected |= 1ull << (b * 8 + t);
            allowed = other_call(other, MATRIX, path);
            ok(allowed == expected, "access %u, sharing %u: %016I64x instead of %016I64x\n", a, s, allowed, expected);
            CloseHandle(file);
        }
    ok(other_call(other, MATRIX, path) == ~0ull, "closed files refuse nothing\n");

    /* several at once, on both sides */
    {
        HANDLE files[4];
        ULONG64 there = other_call(other, OPEN, path, GENERIC_READ, 7, OPEN_EXISTING, 0);

        for (int i = 0; i < 4; i++) files[i] = CreateFileA(path, i % 2 ? GENERIC_WRITE : GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL);
        ok(other_call(other, TRY, path, GENERIC_READ, 3, OPEN_EXISTING, 0) == 0, "refused\n");
        ok(other_call(other, TRY, path, GENERIC_READ, 1, OPEN_EXISTING, 0) == ERROR_SHARING_VIOLATION, "allowed\n");
        CloseHandle(files[1]);
        ok(other_call(other, TRY, path, GENERIC_READ, 1, OPEN_EXISTING, 0) == ERROR_SHARING_VIOLATION, "one writer is left\n");
        CloseHandle(files[3]);
        ok(other_call(other, TRY, path, GENERIC_READ, 1, OPEN_EXISTING, 0) == 0, "no writer is left\n");
        ok(other_call(other, CLOSE, NULL, there), "close\n");
        CloseHandle(files[0]);
        CloseHandle(files[2]);
    }
}

/* A duplicate is the same open: it goes on sharing what it shared, and closing one of the two ends nothing. */
static void test_duplicates(struct other *other)
{
    HANDLE file = CreateFileA(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL), there, back;

    ok(DuplicateHandle(GetCurrentProcess(), file, other->info.hProcess, &there, 0, FALSE, DUPLICATE_SAME_ACCESS), "error %lu\n", GetLastError());
    ok(DuplicateHandle(other->info.hProcess, there, GetCurrentProcess(), &back, 0, FALSE, DUPLICATE_SAME_ACCESS), "error %lu\n", GetLastError());
    CloseHandle(back);
    CloseHandle(file);
    ok(try_open(path, GENERIC_WRITE, 7, OPEN_EXISTING, 0) == ERROR_SHARING_VIOLATION, "written to\n");
    ok(try_open(path, GENERIC_READ, 7, OPEN_EXISTING, 0) == 0, "not read\n");
    ok(other_call(other, CLOSE, NULL, (ULONG_PTR)there), "close\n");
    ok(try_open(path, GENERIC_WRITE, 7, OPEN_EXISTING, 0) == 0, "still held\n");

    /* one that deletes its file, as temporary files that a child writes to */
    file = CreateFileA(path2, GENERIC_READ | GENERIC_WRITE | DELETE, 7, NULL, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
    ok(file != INVALID_HANDLE_VALUE, "error %lu\n", GetLastError());
    ok(DuplicateHandle(GetCurrentProcess(), file, other->info.hProcess, &there, 0, FALSE, DUPLICATE_SAME_ACCESS), "error %lu\n", GetLastError());
    ok(other_call(other, WRITE, "written there", (ULONG_PTR)there) == 13 && GetFileSize(file, NULL) == 13, "not written\n");
    ok(other_call(other, CLOSE, NULL, (ULONG_PTR)there), "close\n");
    ok(try_open(path2, GENERIC_READ, 7, OPEN_EXISTING, 0) == 0, "gone too early\n");
    CloseHandle(file);
    ok(try_open(path2, GENERIC_READ, 7, OPEN_EXISTING, 0) == ERROR_FILE_NOT_FOUND, "still there\n");
}

static void test_sections(struct other *other)
{
    HANDLE file = make(path, 0x3000), mine;
    ULONG64 there = other_call(other, OPEN, path, GENERIC_READ | GENERIC_WRITE, 7, OPEN_EXISTING, 0);
    ULONG64 section = other_call(other, SECTION, NULL, there, PAGE_READONLY), view;
    FILE_END_OF_FILE_INFO end = { { .QuadPart = 0x1000 } };

    ok(section != 0, "error %lu\n", GetLastError());
    ok(other_call(other, CLOSE, NULL, there), "close\n");
    SetLastError(0);
    ok(!SetFileInformationByHandle(file, FileEndOfFileInfo, &end, sizeof(end)) && GetLastError() == ERROR_USER_MAPPED_FILE, "shrunk: error %lu\n", GetLastError());
    end.EndOfFile.QuadPart = 0x3000;
    ok(SetFileInformationByHandle(file, FileEndOfFileInfo, &end, sizeof(end)), "the same size: error %lu\n", GetLastError());
    end.EndOfFile.QuadPart = 0x5000;
    ok(SetFileInformationByHandle(file, FileEndOfFileInfo, &end, sizeof(end)), "larger: error %lu\n", GetLastError());
    ok(try_open(path, GENERIC_WRITE, 7, CREATE_ALWAYS, 0) == ERROR_USER_MAPPED_FILE, "emptied\n");
    ok(dispose(file, TRUE) == ERROR_ACCESS_DENIED, "deleted\n");
    ok(try_open(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, OPEN_EXISTING, 0) == ERROR_SHARING_VIOLATION, "file is open for writing here\n");
    CloseHandle(file);
    ok(try_open(path, GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING, 0) == 0, "a section that reads holds no share modes\n");

    /* the view alone, made by a section that is closed */
    view = other_call(other, VIEW, NULL, section, FILE_MAP_READ);
    ok(view != 0 && other_call(other, CLOSE, NULL, section), "view\n");
    ok(try_open(path, GENERIC_WRITE, 7, TRUNCATE_EXISTING, 0) == ERROR_USER_MAPPED_FILE, "emptied\n");
    ok(other_call(other, UNMAP, NULL, view), "unmap\n");
    ok(try_open(path, GENERIC_WRITE, 7, TRUNCATE_EXISTING, 0) == 0, "not emptied\n");

    /* one that writes wants others to share that */
    CloseHandle(make(path, 0x1000));
    there = other_call(other, OPEN, path, GENERIC_READ | GENERIC_WRITE, 7, OPEN_EXISTING, 0);
    section = other_call(other, SECTION, NULL, there, PAGE_READWRITE);
    ok(other_call(other, CLOSE, NULL, there), "close\n");
    ok(try_open(path, GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING, 0) == ERROR_SHARING_VIOLATION, "not shared\n");
    ok(try_open(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, OPEN_EXISTING, 0) == 0, "shared\n");

    /* a section that came from there counts here, after it is gone there */
    ok(DuplicateHandle(other->info.hProcess, (HANDLE)(ULONG_PTR)section, GetCurrentProcess(), &mine, 0, FALSE, DUPLICATE_SAME_ACCESS), "error %lu\n", GetLastError());
    ok(other_call(other, CLOSE, NULL, section), "close\n");
    ok(other_call(other, TRY, path, GENERIC_WRITE, 7, TRUNCATE_EXISTING, 0) == ERROR_USER_MAPPED_FILE, "emptied\n");
    CloseHandle(mine);
    ok(other_call(other, TRY, path, GENERIC_WRITE, 7, TRUNCATE_EXISTING, 0) == 0, "not emptied\n");

    /* a file that can no longer be opened as it is open; what the handle did not share goes with it, not with the view */
    CloseHandle(make(path, 0x1000));
    file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    ok(SetFileAttributesA(path, FILE_ATTRIBUTE_READONLY), "error %lu\n", GetLastError());
    mine = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    view = (ULONG_PTR)MapViewOfFile(mine, FILE_MAP_WRITE, 0, 0, 0);
    ok(view != 0, "error %lu\n", GetLastError());
    ok(other_call(other, TRY, path, GENERIC_READ, 7, OPEN_EXISTING, 0) == ERROR_SHARING_VIOLATION, "the handle shares nothing\n");
    CloseHandle(file);
    CloseHandle(mine);
    ok(other_call(other, TRY, path, GENERIC_READ, 7, OPEN_EXISTING, 0) == 0, "and is closed\n");
    UnmapViewOfFile((void *)(ULONG_PTR)view);
    SetFileAttributesA(path, FILE_ATTRIBUTE_NORMAL);
}

static void test_images(struct other *other)
{
    char self[MAX_PATH];
    ULONG64 there, section;
    HANDLE file;

    GetModuleFileNameA(NULL, self, sizeof(self));
    ok(CopyFileA(self, path2, FALSE), "error %lu\n", GetLastError());
    there = other_call(other, OPEN, path2, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, OPEN_EXISTING, 0);
    section = other_call(other, SECTION, NULL, there, PAGE_READONLY | SEC_IMAGE);
    ok(section && other_call(other, CLOSE, NULL, there), "error %lu\n", GetLastError());
    ok(try_open(path2, GENERIC_WRITE, 7, OPEN_EXISTING, 0) == ERROR_SHARING_VIOLATION, "opened for writing\n");
    ok(try_open(path2, GENERIC_READ, 7, CREATE_ALWAYS, 0) == ERROR_SHARING_VIOLATION, "emptied\n");
    ok(try_open(path2, GENERIC_READ, 0, OPEN_EXISTING, 0) == 0, "read\n");
    ok(try_open(path2, DELETE, 7, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE) == ERROR_ACCESS_DENIED, "to be deleted on close\n");
    file = CreateFileA(path2, DELETE, 7, NULL, OPEN_EXISTING, 0, NULL);
    ok(file != INVALID_HANDLE_VALUE && dispose(file, TRUE) == ERROR_ACCESS_DENIED, "deleted\n");
    CloseHandle(file);
    SetLastError(0);
    ok(!MoveFileExA(path, path2, MOVEFILE_REPLACE_EXISTING) && GetLastError() == ERROR_ACCESS_DENIED, "replaced: error %lu\n", GetLastError());
    ok(other_call(other, CLOSE, NULL, section), "close\n");
    ok(DeleteFileA(path2), "error %lu\n", GetLastError());
}

static void test_deletion(struct other *other)
{
    HANDLE file = make(path, 16), again;
    ULONG64 there;

    /* pending there, refused here, taken back */
    CloseHandle(file);
    there = other_call(other, OPEN, path, DELETE, 7, OPEN_EXISTING, 0);
    ok(!other_call(other, DISPOSE, NULL, there, TRUE), "delete\n");
    ok(try_open(path, GENERIC_READ, 7, OPEN_EXISTING, 0) == ERROR_ACCESS_DENIED, "opened\n");
    ok(!other_call(other, DISPOSE, NULL, there, FALSE), "take back\n");
    ok(try_open(path, GENERIC_READ, 7, OPEN_EXISTING, 0) == 0, "not opened\n");
    ok(!other_call(other, DISPOSE, NULL, there, TRUE) && other_call(other, CLOSE, NULL, there), "delete\n");
    ok(try_open(path, GENERIC_READ, 7, OPEN_EXISTING, 0) == ERROR_FILE_NOT_FOUND, "not deleted\n");

    /* delete on close lets others in who share deleting; the name goes with the handle */
    CloseHandle(make(path, 16));
    there = other_call(other, OPEN, path, GENERIC_READ | DELETE, 7, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE);
    ok(try_open(path, GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING, 0) == ERROR_SHARING_VIOLATION, "deleting is not shared\n");
    file = CreateFileA(path, GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL);
    ok(file != INVALID_HANDLE_VALUE, "error %lu\n", GetLastError());
    ok(other_call(other, CLOSE, NULL, there), "close\n");
    ok(try_open(path, GENERIC_READ, 7, OPEN_EXISTING, 0) != 0, "not deleted\n");
    CloseHandle(file);
    ok(try_open(path, GENERIC_READ, 7, OPEN_EXISTING, 0) == ERROR_FILE_NOT_FOUND, "not deleted\n");

    /* replacing what the other has open */
    CloseHandle(make(path, 16));
    CloseHandle(make(path2, 16));
    there = other_call(other, OPEN, path2, GENERIC_READ, 7, OPEN_EXISTING, 0);
    SetLastError(0);
    ok(!MoveFileExA(path, path2, MOVEFILE_REPLACE_EXISTING) && GetLastError() == ERROR_ACCESS_DENIED, "replaced: error %lu\n", GetLastError());
    ok(other_call(other, CLOSE, NULL, there) && MoveFileExA(path, path2, MOVEFILE_REPLACE_EXISTING), "error %lu\n", GetLastError());

    /* of two links one goes */
    ok(CreateHardLinkA(path, path2, NULL), "error %lu\n", GetLastError());
    file = CreateFileA(path, DELETE, 7, NULL, OPEN_EXISTING, 0, NULL);
    again = CreateFileA(path2, DELETE, 7, NULL, OPEN_EXISTING, 0, NULL);
    ok(!dispose(file, TRUE), "delete\n");
    ok(try_open(path, GENERIC_READ, 7, OPEN_EXISTING, 0) == ERROR_ACCESS_DENIED, "opened\n");
    ok(try_open(path2, GENERIC_READ, 7, OPEN_EXISTING, 0) == 0, "the other name is refused\n");
    ok(other_call(other, TRY, path2, GENERIC_READ, 7, OPEN_EXISTING, 0) == 0, "the other name is refused\n");
    CloseHandle(file);
    ok(try_open(path, GENERIC_READ, 7, OPEN_EXISTING, 0) == ERROR_FILE_NOT_FOUND, "not deleted\n");
    CloseHandle(again);
    ok(try_open(path2, GENERIC_READ, 7, OPEN_EXISTING, 0) == 0, "the wrong name was deleted\n");
    ok(CreateHardLinkA(path, path2, NULL), "error %lu\n", GetLastError());
    file = CreateFileA(path, DELETE, 7, NULL, OPEN_EXISTING, 0, NULL);
    again = CreateFileA(path2, DELETE, 7, NULL, OPEN_EXISTING, 0, NULL);
    ok(!dispose(file, TRUE) && !dispose(again, TRUE), "delete\n");
    CloseHandle(file);
    CloseHandle(again);
    ok(try_open(path, GENERIC_READ, 7, OPEN_EXISTING, 0) == ERROR_FILE_NOT_FOUND, "the first was not deleted\n");
    ok(try_open(path2, GENERIC_READ, 7, OPEN_EXISTING, 0) == ERROR_FILE_NOT_FOUND, "the second was not deleted\n");
}

/* Whoever is killed leaves nothing. */
static void test_killed(void)
{
    struct other other;
    ULONG64 there;

    CloseHandle(make(path, 0x1000));
    ok(other_start(&other, "sharing"), "error %lu\n", GetLastError());
    there = other_call(&other, OPEN, path, GENERIC_READ | GENERIC_WRITE | DELETE, 0, OPEN_EXISTING, 0);
    ok(other_call(&other, VIEW, NULL, other_call(&other, SECTION, NULL, there, PAGE_READWRITE), FILE_MAP_WRITE) != 0, "error %lu\n", GetLastError());
    ok(try_open(path, GENERIC_READ, 7, OPEN_EXISTING, 0) == ERROR_SHARING_VIOLATION, "opened\n");
    other_kill(&other);
    ok(try_open(path, GENERIC_READ | GENERIC_WRITE | DELETE, 0, OPEN_EXISTING, 0) == 0, "still refused\n");
    ok(try_open(path, GENERIC_WRITE, 0, TRUNCATE_EXISTING, 0) == 0, "still mapped\n");
    ok(DeleteFileA(path), "error %lu\n", GetLastError());
}

/* Where there are no locks the rules hold inside each process, and nobody is told. */
static void test_alone(void)
{
    struct other other;
    HANDLE file = make(path, 16);
    ULONG64 there;

    CloseHandle(file);
    ok(other_start(&other, "sharing"), "error %lu\n", GetLastError());
    file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    there = other_call(&other, OPEN, path, GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING, 0);
    ok((HANDLE)(ULONG_PTR)there != INVALID_HANDLE_VALUE, "error %lu\n", GetLastError());
    ok(other_call(&other, TRY, path, GENERIC_WRITE, 7, OPEN_EXISTING, 0) == ERROR_SHARING_VIOLATION, "its own opens count\n");
    ok(other_call(&other, SECTION, NULL, there, PAGE_READONLY) != 0, "error %lu\n", GetLastError());
    ok(other_call(&other, TRY, path, GENERIC_READ, 7, TRUNCATE_EXISTING, 0) != 0, "and its sections\n");
    ok(other_call(&other, CLOSE, NULL, there), "close\n");
    CloseHandle(file);
    ok(try_open(path, GENERIC_READ | GENERIC_WRITE, 0, OPEN_EXISTING, 0) == 0, "nothing was said\n");
    other_end(&other);
    DeleteFileA(path);
}

/* Of two who want the file alone, one gets it. */
static DWORD WINAPI race_there(void *arg)
{
    struct other *other = arg;
    DWORD won = 0;

    for (int i = 0; i < 300; i++)
    {
        ULONG64 file = other_call(other, OPEN, path, GENERIC_READ | GENERIC_WRITE, 0, OPEN_EXISTING, 0);
        HANDLE mine;

        if ((HANDLE)(ULONG_PTR)file == INVALID_HANDLE_VALUE) continue;
        won++;
        mine = CreateFileA(path, GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL);
        ok(mine == INVALID_HANDLE_VALUE, "both have it\n");
        other_call(other, CLOSE, NULL, file);
    }
    return won;
}

static void test_race(struct other *other)
{
    DWORD won = 0, lost = 0;
    HANDLE thread;

    CloseHandle(make(path, 16));
    thread = CreateThread(NULL, 0, race_there, other, 0, NULL);
    while (WaitForSingleObject(thread, 0))
    {
        HANDLE file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);

        if (file == INVALID_HANDLE_VALUE) lost++;
        else won++;
        CloseHandle(file);
    }
    ok(won > 0, "never got it, %lu times refused\n", lost);
    GetExitCodeThread(thread, &won);
    ok(won > 0, "the other never got it\n");
    CloseHandle(thread);
    DeleteFileA(path);
}

START_TEST(sharing)
{
    struct other other;
    char temp[MAX_PATH];

    if (other_serve(functions)) return;
    GetTempPathA(sizeof(temp), temp);
    snprintf(path, sizeof(path), "%soriel-sharing-%lu", temp, GetCurrentProcessId());
    snprintf(path2, sizeof(path2), "%soriel-sharing-%lu.exe", temp, GetCurrentProcessId());
    if (GetEnvironmentVariableA("ORIEL_DISABLE", temp, sizeof(temp)) && strstr(temp, "filelocks"))      /* tests/loader/filelocks.sh */
    {
        test_alone();
        return;
    }
    ok(other_start(&other, "sharing"), "error %lu\n", GetLastError());
    test_matrix(&other);
    test_duplicates(&other);
    test_sections(&other);
    test_images(&other);
    test_deletion(&other);
    test_killed();
    test_race(&other);
    other_end(&other);
    DeleteFileA(path);
    DeleteFileA(path2);
}
