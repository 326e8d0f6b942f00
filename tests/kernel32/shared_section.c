/* Sections that two processes have: what one commits, extends or writes, the other sees (specification 5.3, 8.3, 8.4,
 * 8.6, 9.3, 11); and a database that grows in its mapping, as LMDB's does. */
#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "other.h"

/* As a DLL that shares data among all who load it. */
static volatile LONG shared_word __attribute__((section(".shr"), shared)) = 5;
static volatile LONG own_word = 7;

static char path[MAX_PATH];
#define K 0x1000u

/* ---- what either process does -------------------------------------------------------------------------- */

enum { PEEK, POKE, STATE, RUN, PROTECT, COMMIT, SET_PROTECT, MAP, UNMAP, EXTEND, SECTION_SIZE, CLOSE, READ_FROM, STORE, FETCH, ENV_OPEN, ENV_CLOSE };

static ULONG64 f_peek(const ULONG64 *args, const char *text)
{
    (void)text;
    return *(volatile LONG *)(ULONG_PTR)args[0];
}

static ULONG64 f_poke(const ULONG64 *args, const char *text)
{
    (void)text;
    return *(volatile LONG *)(ULONG_PTR)args[0] = (LONG)args[1];
}

static MEMORY_BASIC_INFORMATION query(const void *address)
{
    MEMORY_BASIC_INFORMATION info = { 0 };

    VirtualQuery(address, &info, sizeof(info));
    return info;
}

static ULONG64 f_state(const ULONG64 *args, const char *text)
{
    (void)text;
    return query((void *)(ULONG_PTR)args[0]).State;
}

static ULONG64 f_size(const ULONG64 *args, const char *text)
{
    (void)text;
    return query((void *)(ULONG_PTR)args[0]).RegionSize;
}

static ULONG64 f_protect(const ULONG64 *args, const char *text)
{
    (void)text;
    return query((void *)(ULONG_PTR)args[0]).Protect;
}

static ULONG64 f_commit(const ULONG64 *args, const char *text)
{
    (void)text;
    return VirtualAlloc((void *)(ULONG_PTR)args[0], args[1], MEM_COMMIT, args[2]) ? 0 : GetLastError();
}

static ULONG64 f_set_protect(const ULONG64 *args, const char *text)
{
    DWORD old;

    (void)text;
    return VirtualProtect((void *)(ULONG_PTR)args[0], args[1], args[2], &old) ? old : 0;
}

static ULONG64 f_map(const ULONG64 *args, const char *text)
{
    void *base = NULL;
    SIZE_T size = args[1];

    (void)text;
    return NT_SUCCESS(NtMapViewOfSection((HANDLE)(ULONG_PTR)args[0], GetCurrentProcess(), &base, 0, 0, NULL, &size, ViewUnmap, args[2], args[3]))
               ? (ULONG_PTR)base : 0;
}

static ULONG64 f_unmap(const ULONG64 *args, const char *text)
{
    (void)text;
    return UnmapViewOfFile((void *)(ULONG_PTR)args[0]);
}

static ULONG64 f_extend(const ULONG64 *args, const char *text)
{
    LARGE_INTEGER size = { .QuadPart = args[1] };

    (void)text;
    return NtExtendSection((HANDLE)(ULONG_PTR)args[0], &size) ? 0 : (ULONG64)size.QuadPart;
}

static ULONG64 f_section_size(const ULONG64 *args, const char *text)
{
    SECTION_BASIC_INFORMATION info = { 0 };

    (void)text;
    return NtQuerySection((HANDLE)(ULONG_PTR)args[0], SectionBasicInformation, &info, sizeof(info), NULL) ? ~0ull : (ULONG64)info.Size.QuadPart;
}

static ULONG64 f_close(const ULONG64 *args, const char *text)
{
    (void)text;
    return CloseHandle((HANDLE)(ULONG_PTR)args[0]);
}

/* The kernel reads it: a page that has not been touched yet. */
static ULONG64 f_read_from(const ULONG64 *args, const char *text)
{
    HANDLE in, out;
    DWORD done, value = 0;

    (void)text;
    CreatePipe(&in, &out, NULL, 0);
    if (WriteFile(out, (void *)(ULONG_PTR)args[0], sizeof(value), &done, NULL)) ReadFile(in, &value, sizeof(value), &done, NULL);
    CloseHandle(in);
    CloseHandle(out);
    return value;
}

/* ---- a database: pages that are numbers, in a file that grows as LMDB's does ------------------------------ */

#define MAP_SIZE 0x400000u

static HANDLE env_file;
static char *env_map;
static ULONG env_protect;

/* mdb_env_map(): a section of the file as it is, a view of all that it may become. */
static ULONG64 f_env_open(const ULONG64 *args, const char *text)
{
    SIZE_T size = MAP_SIZE;
    HANDLE section;
    void *base = NULL;

    env_protect = args[0] ? PAGE_READWRITE : PAGE_READONLY;     /* MDB_WRITEMAP */
    env_file = CreateFileA(text, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    if (env_file == INVALID_HANDLE_VALUE) return GetLastError();
    if (NtCreateSection(&section, SECTION_MAP_READ | (args[0] ? SECTION_MAP_WRITE : 0), NULL, NULL, PAGE_READWRITE, SEC_RESERVE, env_file)) return 1;
    if (NtMapViewOfSection(section, GetCurrentProcess(), &base, 0, 0, NULL, &size, ViewUnmap, MEM_RESERVE, env_protect)) return 2;
    CloseHandle(section);
    env_map = base;
    return size == MAP_SIZE ? 0 : 3;
}

/* mdb_page_alloc(): the page is committed in the map; then it is written there, or with WriteFile(). */
static ULONG64 f_store(const ULONG64 *args, const char *text)
{
    LONG *page = (LONG *)(env_map + args[0] * K), buffer[K / 4];
    OVERLAPPED at = { .Offset = (DWORD)args[0] * K };
    DWORD done;

    (void)text;
    if (!VirtualAlloc(page, K, MEM_COMMIT, env_protect)) return GetLastError();
    for (unsigned int i = 0; i < K / 4; i++) buffer[i] = (LONG)(args[1] + i);
    if (env_protect == PAGE_READWRITE) memcpy(page, buffer, K);
    else if (!WriteFile(env_file, buffer, K, &done, &at)) return GetLastError();
    return 0;
}

/* A reader takes what the map shows; -1: that is not a page as it was stored. */
static ULONG64 f_fetch(const ULONG64 *args, const char *text)
{
    LONG *page = (LONG *)(env_map + args[0] * K);

    (void)text;
    for (unsigned int i = 0; i < K / 4; i++)
        if (page[i] != page[0] + (LONG)i) return ~0ull;
    return page[0];
}

static ULONG64 f_env_close(const ULONG64 *args, const char *text)
{
    (void)args; (void)text;
    CloseHandle(env_file);
    return UnmapViewOfFile(env_map);
}

static const other_function functions[] =
{
    f_peek, f_poke, f_state, f_size, f_protect, f_commit, f_set_protect, f_map, f_unmap, f_extend, f_section_size, f_close,
    f_read_from, f_store, f_fetch, f_env_open, f_env_close,
};

/* ---- the tests ------------------------------------------------------------------------------------------------ */

/* A handle of ours in the other process. */
static ULONG64 give(struct other *other, HANDLE handle)
{
    HANDLE there = NULL;

    ok(DuplicateHandle(GetCurrentProcess(), handle, other->info.hProcess, &there, 0, FALSE, DUPLICATE_SAME_ACCESS), "error %lu\n", GetLastError());
    return (ULONG_PTR)there;
}

static void test_reserve(struct other *other)
{
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | SEC_RESERVE, 0, 64 * K, NULL);
    char *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0), *remote;
    ULONG64 there, its;
    SIZE_T done;

    ok(view && VirtualAlloc(view, 2 * K, MEM_COMMIT, PAGE_READWRITE) != NULL, "error %lu\n", GetLastError());
    *(LONG *)view = 11;
    there = give(other, section);
    its = other_call(other, MAP, NULL, there, 0, 0, PAGE_READWRITE);
    ok(its != 0, "not mapped there\n");
    ok(other_call(other, STATE, NULL, its) == MEM_COMMIT && other_call(other, RUN, NULL, its) == 2 * K, "what was committed before\n");
    ok(other_call(other, STATE, NULL, its + 2 * K) == MEM_RESERVE && other_call(other, RUN, NULL, its + 2 * K) == 62 * K, "what was not\n");
    ok(other_call(other, PEEK, NULL, its) == 11, "contents\n");

    /* committed here, used there: by a touch, by the kernel, by a query, by protecting it */
    ok(VirtualAlloc(view + 4 * K, 4 * K, MEM_COMMIT, PAGE_READONLY) != NULL, "error %lu\n", GetLastError());
    ok(other_call(other, POKE, NULL, its + 4 * K, 22) == 22 && *(LONG *)(view + 4 * K) == 22, "touched\n");
    ok(query(view + 4 * K).Protect == PAGE_READONLY && other_call(other, PROTECT, NULL, its + 4 * K) == PAGE_READWRITE, "protections are each view's own\n");
    ok(VirtualAlloc(view + 5 * K, K, MEM_COMMIT, PAGE_READWRITE) != NULL, "error %lu\n", GetLastError());
    *(LONG *)(view + 5 * K) = 33;
    ok(other_call(other, READ_FROM, NULL, its + 5 * K) == 33, "read by the kernel\n");
    ok(other_call(other, STATE, NULL, its + 6 * K) == MEM_COMMIT && other_call(other, RUN, NULL, its + 6 * K) == 2 * K, "queried\n");
    ok(other_call(other, SET_PROTECT, NULL, its + 6 * K, K, PAGE_READONLY) == PAGE_READWRITE, "protected\n");
    ok(!other_call(other, SET_PROTECT, NULL, its + 7 * K, 2 * K, PAGE_READONLY), "protected what is not committed\n");

    /* and the other way */
    ok(!other_call(other, COMMIT, NULL, its + 20 * K, 3 * K, PAGE_READONLY), "commit\n");
    ok(query(view + 20 * K).State == MEM_COMMIT && query(view + 20 * K).RegionSize == 3 * K && query(view + 20 * K).Protect == PAGE_READWRITE, "queried\n");
    *(LONG *)(view + 22 * K) = 44;
    ok(other_call(other, PEEK, NULL, its + 22 * K) == 44, "contents\n");
    ok(!other_call(other, COMMIT, NULL, its + 19 * K, 10 * K, PAGE_READWRITE), "commit over what is committed\n");
    ok(query(view + 19 * K).RegionSize == 10 * K && *(LONG *)(view + 22 * K) == 44, "and its contents stay\n");
    ok(!VirtualFree(view + 20 * K, K, MEM_DECOMMIT), "decommitted\n");

    /* read and written from outside, before the other has touched it */
    ok(VirtualAlloc(view + 40 * K, K, MEM_COMMIT, PAGE_READWRITE) != NULL, "error %lu\n", GetLastError());
    *(LONG *)(view + 40 * K) = 55;
    {
        LONG value = 0;

        ok(ReadProcessMemory(other->info.hProcess, (void *)(ULONG_PTR)(its + 40 * K), &value, sizeof(value), &done) && value == 55, "error %lu\n", GetLastError());
        ok(!ReadProcessMemory(other->info.hProcess, (void *)(ULONG_PTR)(its + 50 * K), &value, sizeof(value), &done), "read what is reserved\n");
    }

    /* a view that is made from here, with the commit size of the call */
    {
        MEMORY_BASIC_INFORMATION info;
        SIZE_T size = 0;

        remote = NULL;
        ok(!NtMapViewOfSection(section, other->info.hProcess, (void **)&remote, 0, 52 * K, NULL, &size, ViewUnmap, 0, PAGE_READWRITE), "remote map\n");
        ok(VirtualQueryEx(other->info.hProcess, remote, &info, sizeof(info)) && info.State == MEM_COMMIT && info.RegionSize == 52 * K, "size %Ix\n", info.RegionSize);
        ok(query(view + 51 * K).State == MEM_COMMIT && query(view + 52 * K).State == MEM_RESERVE, "which commits here\n");
    }

    /* the section lives on there */
    UnmapViewOfFile(view);
    CloseHandle(section);
    ok(!other_call(other, COMMIT, NULL, its + 60 * K, K, PAGE_READWRITE) && other_call(other, POKE, NULL, (ULONG_PTR)remote + 60 * K, 66) == 66 &&
       other_call(other, PEEK, NULL, its + 60 * K) == 66, "without us\n");
    ok(other_call(other, UNMAP, NULL, its) && other_call(other, UNMAP, NULL, (ULONG_PTR)remote) && other_call(other, CLOSE, NULL, there), "unmap\n");
}

static HANDLE make(DWORD size)
{
    HANDLE file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, 7, NULL, CREATE_ALWAYS, 0, NULL);

    ok(file != INVALID_HANDLE_VALUE, "error %lu\n", GetLastError());
    SetFilePointer(file, size, NULL, FILE_BEGIN);
    ok(SetEndOfFile(file), "error %lu\n", GetLastError());
    return file;
}

static void test_extend(struct other *other)
{
    HANDLE file = make(0x400), section;
    LARGE_INTEGER size = { .QuadPart = 0x3456 };
    SIZE_T view_size = 16 * K;
    char *view = NULL;
    ULONG64 there, its;

    ok(!NtCreateSection(&section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READWRITE, SEC_RESERVE, file), "NtCreateSection\n");
    there = give(other, section);
    its = other_call(other, MAP, NULL, there, 16 * K, MEM_RESERVE, PAGE_READWRITE);
    ok(!NtMapViewOfSection(section, GetCurrentProcess(), (void **)&view, 0, 0, NULL, &view_size, ViewUnmap, MEM_RESERVE, PAGE_READWRITE), "map\n");
    ok(its && view, "not mapped\n");
    ok(other_call(other, STATE, NULL, its + K) == MEM_RESERVE, "behind the end\n");

    ok(!NtExtendSection(section, &size), "extend\n");
    ok(other_call(other, SECTION_SIZE, NULL, there) == 0x3456, "size %#I64x\n", other_call(other, SECTION_SIZE, NULL, there));
    ok(GetFileSize(file, NULL) == 0x3456, "file size %#lx\n", GetFileSize(file, NULL));
    ok(other_call(other, STATE, NULL, its + K) == MEM_COMMIT && other_call(other, RUN, NULL, its) == 4 * K, "it shows there\n");
    *(LONG *)(view + 3 * K) = 77;
    ok(other_call(other, PEEK, NULL, its + 3 * K) == 77, "contents\n");

    ok(other_call(other, EXTEND, NULL, there, 0x2000) == 0x3456, "smaller changes nothing\n");
    ok(other_call(other, EXTEND, NULL, there, 0x6000) == 0x6000, "extended there\n");
    size.QuadPart = 0;
    ok(!NtExtendSection(section, &size) && size.QuadPart == 0x6000, "size %#I64x\n", size.QuadPart);
    ok(query(view).RegionSize == 6 * K, "it shows here: %#Ix\n", query(view).RegionSize);
    ok(!other_call(other, COMMIT, NULL, its + 8 * K, 1, PAGE_READWRITE), "committed there\n");
    ok(GetFileSize(file, NULL) == 9 * K && query(view + 8 * K).State == MEM_COMMIT && f_section_size((ULONG64[]){ (ULONG_PTR)section }, NULL) == 9 * K, "which extends all\n");

    /* a file that is written to grows in the views, not the section */
    SetFilePointer(file, 11 * K, NULL, FILE_BEGIN);
    {
        LONG value = 88;
        DWORD done;

        ok(WriteFile(file, &value, sizeof(value), &done, NULL), "error %lu\n", GetLastError());
    }
    ok(other_call(other, PEEK, NULL, its + 11 * K) == 88 && *(LONG *)(view + 11 * K) == 88, "written behind the end\n");
    ok(other_call(other, SECTION_SIZE, NULL, there) == 9 * K, "section size\n");
    ok(other_call(other, UNMAP, NULL, its) && other_call(other, CLOSE, NULL, there), "unmap\n");
    UnmapViewOfFile(view);
    CloseHandle(section);
    CloseHandle(file);
    DeleteFileA(path);
}

static void test_image(struct other *other)
{
    ULONG64 word = (ULONG_PTR)&shared_word, own = (ULONG_PTR)&own_word, there, its;
    MEMORY_BASIC_INFORMATION info;
    HANDLE file, section;
    char self[MAX_PATH], *image = (char *)GetModuleHandleA(NULL), *remote = NULL;
    SIZE_T size = 0;
    LONG value = 0;
    NTSTATUS status;

    /* the program itself, in two processes */
    ok(shared_word == 5 && other_call(other, PEEK, NULL, word) == 5, "as the file has it\n");
    shared_word = 6;
    ok(other_call(other, PEEK, NULL, word) == 6, "written here, read there: %I64d\n", other_call(other, PEEK, NULL, word));
    ok(other_call(other, POKE, NULL, word, 8) == 8 && shared_word == 8, "written there, read here: %ld\n", shared_word);
    ok(query((void *)&shared_word).Protect == PAGE_READWRITE && query((void *)&shared_word).Type == MEM_IMAGE, "protection %lx\n", query((void *)&shared_word).Protect);
    own_word = 9;
    ok(other_call(other, PEEK, NULL, own) == 7, "what is not shared is each one's own\n");
    other_call(other, POKE, NULL, own, 10);
    ok(own_word == 9 && other_call(other, PROTECT, NULL, own) == PAGE_READWRITE, "copied there too\n");

    /* one more view of it, made there from here */
    GetModuleFileNameA(NULL, self, sizeof(self));
    file = CreateFileA(self, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    status = NtCreateSection(&section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READONLY, SEC_IMAGE, file);
    ok(!status, "status %lx\n", status);
    status = NtMapViewOfSection(section, other->info.hProcess, (void **)&remote, 0, 0, NULL, &size, ViewUnmap, 0, PAGE_READONLY);
    ok(status == STATUS_IMAGE_NOT_AT_BASE, "status %lx\n", status);
    ok(ReadProcessMemory(other->info.hProcess, remote + ((char *)&shared_word - image), &value, sizeof(value), NULL) && value == 8, "%ld\n", value);
    ok(ReadProcessMemory(other->info.hProcess, remote + ((char *)&own_word - image), &value, sizeof(value), NULL) && value == 7, "%ld\n", value);
    ok(VirtualQueryEx(other->info.hProcess, remote + ((char *)&own_word - image), &info, sizeof(info)) && info.Protect == PAGE_WRITECOPY && info.Type == MEM_IMAGE,
       "protection %lx\n", info.Protect);
    ok(other_call(other, POKE, NULL, (ULONG_PTR)remote + ((char *)&own_word - image), 12) == 12, "write\n");
    ok(VirtualQueryEx(other->info.hProcess, remote + ((char *)&own_word - image), &info, sizeof(info)) == sizeof(info), "error %lu\n", GetLastError());
    ok(info.Protect == PAGE_READWRITE && info.RegionSize <= 2 * K, "protection %lx, size %Ix\n", info.Protect, info.RegionSize);
    ok(other_call(other, PEEK, NULL, own) == 10 && own_word == 9, "the views' copies are their own\n");
    ok(other_call(other, UNMAP, NULL, (ULONG_PTR)remote), "unmap\n");

    /* a section that was handed over */
    there = give(other, section);
    its = other_call(other, MAP, NULL, there, 0, 0, PAGE_READONLY);
    ok(its && other_call(other, PEEK, NULL, its + ((char *)&shared_word - image)) == 8, "shared\n");
    ok(other_call(other, UNMAP, NULL, its) && other_call(other, CLOSE, NULL, there), "unmap\n");
    CloseHandle(section);
    CloseHandle(file);
    shared_word = 5;
}

static void test_copies(struct other *other)
{
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4 * K, NULL);
    LONG *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    ULONG64 there = give(other, section), its = other_call(other, MAP, NULL, there, 0, 0, PAGE_WRITECOPY);

    view[0] = 1;
    ok(its && other_call(other, PEEK, NULL, its) == 1 && other_call(other, RUN, NULL, its) == 4 * K, "not written yet\n");
    ok(other_call(other, POKE, NULL, its + K, 2) == 2 && view[K / 4] == 0, "a copy\n");
    ok(other_call(other, PROTECT, NULL, its) == PAGE_WRITECOPY && other_call(other, RUN, NULL, its) == K, "page by page\n");
    ok(other_call(other, PROTECT, NULL, its + K) == PAGE_READWRITE && other_call(other, RUN, NULL, its + K) == K, "page by page\n");
    view[0] = 3;
    view[K / 4] = 4;
    ok(other_call(other, PEEK, NULL, its) == 3 && other_call(other, PEEK, NULL, its + K) == 2, "what is not copied follows\n");
    ok(other_call(other, UNMAP, NULL, its) && other_call(other, CLOSE, NULL, there), "unmap\n");
    UnmapViewOfFile(view);
    CloseHandle(section);
}

static ULONG64 env(struct other *other, unsigned int function, const ULONG64 *args)
{
    return other ? other_do(other, function, path, args) : functions[function](args, path);
}

static void test_database(struct other *first)
{
    struct other second, *all[3] = { NULL, first, &second };
    unsigned int pages = 1;

    CloseHandle(make(0));
    {
        HANDLE file = CreateFileA(path, GENERIC_WRITE, 7, NULL, OPEN_EXISTING, 0, NULL);
        LONG buffer[K / 4];
        DWORD done;

        for (unsigned int i = 0; i < K / 4; i++) buffer[i] = 1000 + i;
        ok(WriteFile(file, buffer, K, &done, NULL), "error %lu\n", GetLastError());
        CloseHandle(file);
    }
    ok(other_start(&second, "shared_section"), "error %lu\n", GetLastError());
    for (unsigned int i = 0; i < 3; i++)
    {
        ULONG64 result = env(all[i], ENV_OPEN, (const ULONG64[6]){ i != 1 });   /* one without MDB_WRITEMAP */

        ok(!result, "%u: %I64u\n", i, result);
    }
    for (unsigned int round = 0; round < 300; round++)
    {
        unsigned int writer = round % 3, page = pages + round % 5 / 4;          /* now and then a page is left out */
        ULONG64 result = env(all[writer], STORE, (const ULONG64[6]){ page, round * 7 });

        ok(!result, "round %u: %I64u\n", round, result);
        for (unsigned int i = 0; i < 3; i++)
        {
            result = env(all[i], FETCH, (const ULONG64[6]){ page });
            ok(result == round * 7, "round %u: %u reads %I64d\n", round, i, result);
        }
        if (page != pages) ok(!env(all[(writer + 1) % 3], STORE, (const ULONG64[6]){ pages, 42 }), "the page between\n");
        pages = page + 1;
    }
    for (unsigned int i = 0; i < 3; i++) ok(env(all[i], FETCH, (const ULONG64[6]){ 0 }) == 1000, "the first page\n");
    {
        HANDLE file = CreateFileA(path, GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL);

        ok(GetFileSize(file, NULL) == pages * K, "size %lu, %u pages\n", GetFileSize(file, NULL), pages);
        CloseHandle(file);
    }
    ok(query(env_map).RegionSize == pages * K && query(env_map + pages * K).State == MEM_RESERVE, "the map knows its end: %Ix\n", query(env_map).RegionSize);
    for (unsigned int i = 0; i < 3; i++) ok(env(all[i], ENV_CLOSE, (const ULONG64[6]){ 0 }), "close\n");
    other_end(&second);
    ok(DeleteFileA(path), "error %lu\n", GetLastError());
}

START_TEST(shared_section)
{
    struct other other;

    if (other_serve(functions)) return;
    GetTempPathA(sizeof(path), path);
    snprintf(path + strlen(path), sizeof(path) - strlen(path), "oriel-shared-section-%lu", GetCurrentProcessId());
    ok(other_start(&other, "shared_section"), "error %lu\n", GetLastError());
    test_reserve(&other);
    test_extend(&other);
    test_image(&other);
    test_copies(&other);
    test_database(&other);
    other_end(&other);
}
