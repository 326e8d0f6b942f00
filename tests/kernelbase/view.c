/* Mapping views, and how they behave (§7, §8). */
#include "memory.h"
#define PSAPI_VERSION 2
#include "psapi.h"

FUNCTION(MapViewOfFileNuma2);
FUNCTION(MapViewOfFile3);
FUNCTION(MapViewOfFile3FromApp);
FUNCTION(MapViewOfFileFromApp);
FUNCTION(UnmapViewOfFile2);

static PVOID map2(HANDLE section, HANDLE process, ULONG64 offset, PVOID base, SIZE_T size, ULONG type, ULONG protect)
{
    return pMapViewOfFileNuma2(section, process, offset, base, size, type, protect, NUMA_NO_PREFERRED_NODE);
}

/* ---- which view of which section (§7.3) ----------------------------------------------------------------- */

static const DWORD section_protections[] =
    { PAGE_READONLY, PAGE_READWRITE, PAGE_WRITECOPY, PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE, PAGE_EXECUTE_WRITECOPY };

/* Bits: allowed on the sections above. */
static const struct { DWORD access, protect; unsigned allowed; } views[] =
{
    { 0, PAGE_NOACCESS, 0x3f },
    { SECTION_MAP_EXECUTE, PAGE_NOACCESS, 0x3f },
    { FILE_MAP_EXECUTE, PAGE_NOACCESS, 0x3f },
    { FILE_MAP_COPY | SECTION_MAP_EXECUTE, PAGE_NOACCESS, 0x3f },
    { FILE_MAP_READ, PAGE_READONLY, 0x3f },
    { FILE_MAP_READ | FILE_MAP_COPY, PAGE_READONLY, 0x3f },
    { FILE_MAP_COPY, PAGE_WRITECOPY, 0x3f },
    { FILE_MAP_WRITE, PAGE_READWRITE, 0x12 },
    { FILE_MAP_WRITE | FILE_MAP_COPY, PAGE_READWRITE, 0x12 },
    { FILE_MAP_ALL_ACCESS, PAGE_READWRITE, 0x12 },
    { FILE_MAP_READ | FILE_MAP_EXECUTE, PAGE_EXECUTE_READ, 0x38 },
    { FILE_MAP_COPY | FILE_MAP_EXECUTE, PAGE_EXECUTE_WRITECOPY, 0x38 },
    { FILE_MAP_WRITE | FILE_MAP_EXECUTE, PAGE_EXECUTE_READWRITE, 0x10 },
};

/* §7.3-1, §7.3-4, §8.1-1 */
static void test_access(HANDLE file)
{
    for (unsigned s = 0; s < ARRAY_SIZE(section_protections); s++)
    {
        HANDLE h = CreateFileMappingA(file, NULL, section_protections[s], 0, 2 * K, NULL);

        ok(h != NULL, "section %#lx failed with %lu\n", section_protections[s], GetLastError());
        for (unsigned v = 0; v < ARRAY_SIZE(views); v++)
        {
            void *p;

            winetest_push_context("section %#lx view %#lx", section_protections[s], views[v].access);
            if (views[v].allowed & (1u << s))
            {
                works(p = MapViewOfFile(h, views[v].access, 0, 0, 0));
                if (p) check_query(p, p, views[v].protect, 2 * K, MEM_COMMIT, views[v].protect, MEM_MAPPED);
                UnmapViewOfFile(p);
                if (pMapViewOfFileNuma2)
                {
                    works(p = map2(h, GetCurrentProcess(), 0, NULL, 0, 0, views[v].protect));
                    UnmapViewOfFile(p);
                }
            }
            else
            {
                SetLastError(UNTOUCHED);
                p = MapViewOfFile(h, views[v].access, 0, 0, 0);
                ok(!p, "mapped\n");
                ok(GetLastError() == ERROR_ACCESS_DENIED || broken(GetLastError() == ERROR_INVALID_PARAMETER), "error %lu\n", GetLastError());
            }
            winetest_pop_context();
        }
        CloseHandle(h);
    }
}

/* Every set of the five bits, by the rule (§7.3-1) */
static void test_all_access(void)
{
    static const DWORD bits[] = { FILE_MAP_COPY, FILE_MAP_WRITE, FILE_MAP_READ, SECTION_MAP_EXECUTE, FILE_MAP_EXECUTE };
    HANDLE h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_EXECUTE_READWRITE, 0, K, NULL);

    for (unsigned set = 0; set < 32; set++)
    {
        DWORD access = 0, expected;
        BOOL execute;
        void *p;

        for (unsigned i = 0; i < 5; i++) if (set & (1u << i)) access |= bits[i];
        execute = (access & FILE_MAP_EXECUTE) != 0;
        if ((access & ~FILE_MAP_EXECUTE) == FILE_MAP_COPY) expected = execute ? PAGE_EXECUTE_WRITECOPY : PAGE_WRITECOPY;
        else if (access & FILE_MAP_WRITE) expected = execute ? PAGE_EXECUTE_READWRITE : PAGE_READWRITE;
        else if (access & FILE_MAP_READ) expected = execute ? PAGE_EXECUTE_READ : PAGE_READONLY;
        else expected = PAGE_NOACCESS;
        winetest_push_context("access %#lx", access);
        works(p = MapViewOfFile(h, access, 0, 0, 0));
        ok(page_protect(p) == expected, "protection %#lx, expected %#lx\n", page_protect(p), expected);
        UnmapViewOfFile(p);
        winetest_pop_context();
    }
    CloseHandle(h);
}

/* What VirtualProtect may make of a view (§8.2-1). */
static void test_protect(void)
{
    static const DWORD all[] = { PAGE_NOACCESS, PAGE_READONLY, PAGE_READWRITE, PAGE_WRITECOPY, PAGE_EXECUTE, PAGE_EXECUTE_READ,
                                 PAGE_EXECUTE_READWRITE, PAGE_EXECUTE_WRITECOPY };
    static const struct { DWORD access; unsigned allowed; } table[] =
    {
        { 0, 0x01 }, { FILE_MAP_READ, 0x0b }, { FILE_MAP_COPY, 0x0b }, { FILE_MAP_WRITE, 0x0f },
        { FILE_MAP_READ | FILE_MAP_EXECUTE, 0xbb }, { FILE_MAP_COPY | FILE_MAP_EXECUTE, 0xbb }, { FILE_MAP_WRITE | FILE_MAP_EXECUTE, 0xff },
    };
    HANDLE h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_EXECUTE_READWRITE, 0, K, NULL);

    for (unsigned v = 0; v < ARRAY_SIZE(table); v++)
    {
        void *p = MapViewOfFile(h, table[v].access, 0, 0, 0);
        DWORD before = page_protect(p), old;

        for (unsigned i = 0; i < ARRAY_SIZE(all); i++)
        {
            winetest_push_context("view %#lx protection %#lx", table[v].access, all[i]);
            if (table[v].allowed & (1u << i))
            {
                works(VirtualProtect(p, K, all[i], &old));
                ok(old == before, "old %#lx, expected %#lx\n", old, before);
                ok(page_protect(p) == all[i], "protection %#lx\n", page_protect(p));
                before = all[i];
            }
            else
            {
                fails(VirtualProtect(p, K, all[i], &old), ERROR_INVALID_PARAMETER);
                ok(page_protect(p) == before, "a failure changed it\n");
            }
            winetest_pop_context();
        }
        UnmapViewOfFile(p);
    }
    CloseHandle(h);
}

/* ---- places and sizes (§7.1, §7.4) ------------------------------------------------------------------------- */

static void test_places(void)
{
    HANDLE h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4 * G, NULL);
    char *p, *q, *free;

    works(p = MapViewOfFile(h, FILE_MAP_WRITE, 0, G, 0));                                               /* §7.1-10, §8.1-1: size 0: to the end */
    check_query(p, p, PAGE_READWRITE, 3 * G, MEM_COMMIT, PAGE_READWRITE, MEM_MAPPED);
    works(q = MapViewOfFile(h, FILE_MAP_READ, 0, 0, 2 * G));                                            /* §8.9-1 */
    p[0] = 'a';
    ok(q[G] == 'a', "views of one section differ\n");
    fails(MapViewOfFile(h, FILE_MAP_READ, 0, K, K), ERROR_MAPPED_ALIGNMENT);                            /* §7.4-1, §7.1-6 */
    fails(MapViewOfFile(h, FILE_MAP_READ, 0, 1, K), ERROR_MAPPED_ALIGNMENT);
    fails(MapViewOfFile(h, FILE_MAP_READ, 0, 4 * G, 0), ERROR_ACCESS_DENIED);                           /* §7.4-1, §7.1-8 */
    fails(MapViewOfFile(h, FILE_MAP_READ, 0, 0, 4 * G + 1), ERROR_ACCESS_DENIED);
    fails(MapViewOfFile(h, FILE_MAP_READ, 0, 3 * G, G + 1), ERROR_ACCESS_DENIED);
    fails(MapViewOfFileEx(h, FILE_MAP_READ, 0, 0, K, p), ERROR_INVALID_ADDRESS);                        /* §7.4-1, §7.1-9: occupied */
    fails(MapViewOfFile(NULL, FILE_MAP_READ, 0, 0, 0), ERROR_INVALID_HANDLE);
    fails(MapViewOfFile(GetCurrentProcess(), FILE_MAP_READ, 0, 0, 0), ERROR_INVALID_HANDLE);
    UnmapViewOfFile(q);
    UnmapViewOfFile(p);

    free = VirtualAlloc(NULL, 4 * G, MEM_RESERVE, PAGE_NOACCESS);
    VirtualFree(free, 0, MEM_RELEASE);
    works(p = MapViewOfFileEx(h, FILE_MAP_READ, 0, 0, 0, free));                                        /* §7.4-1 */
    ok(p == free, "mapped at %p\n", p);
    UnmapViewOfFile(p);
    fails(MapViewOfFileEx(h, FILE_MAP_READ, 0, 0, 0, free + K), ERROR_MAPPED_ALIGNMENT);                /* §7.4-1, §7.1-6: strict */

    if (pMapViewOfFileNuma2)
    {
        HANDLE me = GetCurrentProcess();

        works(p = map2(h, me, 0, free + K + 1, 0, 0, PAGE_READWRITE));                                  /* §7.4-5: rounded down */
        ok(p == free, "mapped at %p, expected %p\n", p, free);
        UnmapViewOfFile(p);
        works(p = map2(h, me, G, NULL, G, 0, PAGE_READONLY));                                           /* §7.4-3 */
        check_query(p, p, PAGE_READONLY, G, MEM_COMMIT, PAGE_READONLY, MEM_MAPPED);
        UnmapViewOfFile(p);
        fails(map2(h, me, 0, (void *)0x1234, 0, 0, PAGE_READONLY), ERROR_INVALID_PARAMETER);            /* §7.4-5: rounds to nothing */
        fails(map2(h, NULL, 0, NULL, 0, 0, PAGE_READONLY), ERROR_INVALID_HANDLE);                       /* §7.4-3, §3.4-5: NULL is nobody */
        fails(map2(h, me, K, NULL, 0, 0, PAGE_READONLY), ERROR_MAPPED_ALIGNMENT);                       /* §7.4-3 */
        fails(map2(h, me, 0, NULL, 0, MEM_COMMIT, PAGE_READONLY), ERROR_INVALID_PARAMETER);
        fails(map2(h, me, 0, NULL, 0, MEM_REPLACE_PLACEHOLDER, PAGE_READONLY), ERROR_INVALID_PARAMETER);
        fails(map2(h, me, 0, NULL, 0, MEM_RESERVE, PAGE_READONLY), ERROR_INVALID_PARAMETER);            /* pagefile section */
        fails(map2(h, me, 0, NULL, 0, 0, PAGE_READONLY | PAGE_READWRITE), ERROR_INVALID_PARAMETER);
        fails(map2(h, me, 0, NULL, 0, 0, 0), ERROR_INVALID_PARAMETER);
        fails(map2(h, me, 0, NULL, 4 * G + 1, 0, PAGE_READONLY), ERROR_ACCESS_DENIED);
        fails(map2(h, me, 0, NULL, 0, 0, PAGE_EXECUTE_READ), ERROR_ACCESS_DENIED);
        fails(map2(NULL, me, 0, NULL, 0, 0, PAGE_READONLY), ERROR_INVALID_HANDLE);
        works(p = pMapViewOfFileNuma2(h, me, 0, NULL, 0, 0, PAGE_READONLY, 0));                         /* node 0 is always there */
        UnmapViewOfFile(p);
    }
    else win_skip("no MapViewOfFileNuma2\n");

    if (pMapViewOfFile3)
    {
        works(p = pMapViewOfFile3(h, NULL, NULL, 0, 0, 0, PAGE_READWRITE, NULL, 0));                    /* §7.4-4, §3.4-5: NULL is this process */
        UnmapViewOfFile(p);
        fails(pMapViewOfFile3(h, NULL, NULL, K, 0, 0, PAGE_READWRITE, NULL, 0), ERROR_MAPPED_ALIGNMENT);
        fails(pMapViewOfFile3(h, NULL, NULL, 0, 0, 0, PAGE_READWRITE, NULL, 1), ERROR_INVALID_PARAMETER);
    }
    if (pMapViewOfFileFromApp)
    {
        works(p = pMapViewOfFileFromApp(h, PAGE_EXECUTE_READWRITE, 0, 0));                              /* §7.4-2: 0x40 is no access */
        ok(page_protect(p) == PAGE_NOACCESS, "protection %#lx\n", page_protect(p));
        UnmapViewOfFile(p);
        fails(pMapViewOfFileFromApp(h, FILE_MAP_READ, 0x100000000ull, 0), ERROR_ACCESS_DENIED);         /* 64-bit offset */
    }
    CloseHandle(h);
}

/* §7.3-3 */
static void test_handle_rights(void)
{
    HANDLE h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, K, NULL), limited;
    void *p;

    DuplicateHandle(GetCurrentProcess(), h, GetCurrentProcess(), &limited, SECTION_MAP_READ, FALSE, 0);
    works(p = MapViewOfFile(limited, FILE_MAP_READ, 0, 0, 0));
    UnmapViewOfFile(p);
    fails(MapViewOfFile(limited, FILE_MAP_WRITE, 0, 0, 0), ERROR_ACCESS_DENIED);                        /* §7.3 b */
    works(p = MapViewOfFile(limited, 0, 0, 0, 0));
    UnmapViewOfFile(p);
    CloseHandle(limited);
    DuplicateHandle(GetCurrentProcess(), h, GetCurrentProcess(), &limited, SECTION_MAP_WRITE, FALSE, 0);
    works(p = MapViewOfFile(limited, FILE_MAP_WRITE, 0, 0, 0));
    UnmapViewOfFile(p);
    fails(MapViewOfFile(limited, FILE_MAP_READ, 0, 0, 0), ERROR_ACCESS_DENIED);
    CloseHandle(limited);
    DuplicateHandle(GetCurrentProcess(), h, GetCurrentProcess(), &limited, SECTION_QUERY, FALSE, 0);
    fails(MapViewOfFile(limited, 0, 0, 0, 0), ERROR_ACCESS_DENIED);
    CloseHandle(limited);
    CloseHandle(h);
}

/* ---- unmap, flush (§8.7, §8.8) -------------------------------------------------------------------------------- */

static void test_unmap(void)
{
    HANDLE h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4 * K, NULL);
    char *p, *private;

    works(p = MapViewOfFile(h, FILE_MAP_WRITE, 0, 0, 0));
    CloseHandle(h);                                                                                     /* §8.7-4: the view lives on */
    p[0] = 1;
    works(UnmapViewOfFile(p + 0x1050));                                                                 /* §8.7-1: anywhere inside */
    check_free(p);                                                                                      /* §8.7-4 */
    fails(UnmapViewOfFile(p), ERROR_INVALID_ADDRESS);                                                   /* §8.7-1 */
    fails(UnmapViewOfFile((void *)0xdeadbeef), ERROR_INVALID_ADDRESS);
    fails(UnmapViewOfFile(NULL), ERROR_INVALID_ADDRESS);
    private = VirtualAlloc(NULL, K, MEM_COMMIT, PAGE_READWRITE);
    fails(UnmapViewOfFile(private), ERROR_INVALID_ADDRESS);
    fails(FlushViewOfFile(private, 0), ERROR_INVALID_ADDRESS);                                          /* §8.8-2 */
    VirtualFree(private, 0, MEM_RELEASE);

    h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4 * K, NULL);
    p = MapViewOfFile(h, FILE_MAP_WRITE, 0, 0, 0);
    works(FlushViewOfFile(p, 0));                                                                       /* §8.8-1 */
    works(FlushViewOfFile(p + 1, 10));
    fails(VirtualFree(p, 0, MEM_RELEASE), ERROR_INVALID_PARAMETER);                                     /* §8.3-4, §13.1-7 */
    fails(VirtualFree(p, K, MEM_DECOMMIT), ERROR_INVALID_PARAMETER);
    if (pUnmapViewOfFile2)
    {
        fails(pUnmapViewOfFile2(GetCurrentProcess(), p, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER), ERROR_INVALID_PARAMETER);   /* §8.7-2 */
        fails(pUnmapViewOfFile2(GetCurrentProcess(), p, 4), ERROR_INVALID_PARAMETER);
        fails(pUnmapViewOfFile2(NULL, p, 0), ERROR_INVALID_HANDLE);
        fails(pUnmapViewOfFile2(GetCurrentProcess(), p, MEM_PRESERVE_PLACEHOLDER), ERROR_INVALID_ADDRESS);   /* §8.7-3 */
        works(pUnmapViewOfFile2(GetCurrentProcess(), p, MEM_UNMAP_WITH_TRANSIENT_BOOST));               /* §8.7-2 */
    }
    else UnmapViewOfFile(p);
    CloseHandle(h);
}

/* ---- SEC_RESERVE (§8.3) ------------------------------------------------------------------------------------------ */

/* §8.3-2, §5.3-1 */
static void test_commit(void)
{
    HANDLE h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | SEC_RESERVE, 0, 4 * G, NULL);
    char *p, *q;

    works(p = MapViewOfFile(h, FILE_MAP_WRITE, 0, 0, 0));
    works(q = MapViewOfFile(h, FILE_MAP_READ, 0, G, 0));
    check_query(p, p, PAGE_READWRITE, 4 * G, MEM_RESERVE, 0, MEM_MAPPED);
    check_query(q, q, PAGE_READONLY, 3 * G, MEM_RESERVE, 0, MEM_MAPPED);
    works(VirtualAlloc(p + G, 2 * K, MEM_COMMIT, PAGE_READWRITE));
    check_query(p, p, PAGE_READWRITE, G, MEM_RESERVE, 0, MEM_MAPPED);
    check_query(p + G, p, PAGE_READWRITE, 2 * K, MEM_COMMIT, PAGE_READWRITE, MEM_MAPPED);
    check_query(q, q, PAGE_READONLY, 2 * K, MEM_COMMIT, PAGE_READONLY, MEM_MAPPED);                     /* seen by the other, its own way */
    check_query(q + 2 * K, q, PAGE_READONLY, 3 * G - 2 * K, MEM_RESERVE, 0, MEM_MAPPED);
    p[G] = 'c';
    ok(q[0] == 'c', "committed page is not shared\n");
    works(VirtualAlloc(p + 4 * G - K, K, MEM_COMMIT, PAGE_READWRITE));                                  /* the last page too */
    check_query(q + 3 * G - K, q, PAGE_READONLY, K, MEM_COMMIT, PAGE_READONLY, MEM_MAPPED);
    fails(VirtualAlloc(p + 4 * G - K, 2 * K, MEM_COMMIT, PAGE_READWRITE), ERROR_INVALID_ADDRESS);       /* §8.3-3: beyond the view */
    fails(VirtualAlloc(q, K, MEM_COMMIT, PAGE_READWRITE), ERROR_INVALID_PARAMETER);                     /* §8.3-1: more than the view may */
    works(VirtualAlloc(p + G, K, MEM_COMMIT, PAGE_READONLY));                                           /* again: protection of this view */
    ok(page_protect(p + G) == PAGE_READONLY && page_protect(q) == PAGE_READONLY, "protections\n");
    fails(VirtualFree(p + G, K, MEM_DECOMMIT), ERROR_INVALID_PARAMETER);                                /* §8.3-4 */
    works(VirtualAlloc(p, 2 * G, MEM_RESET, PAGE_READWRITE));                                           /* §8.3-3, §12.3-13 */
    UnmapViewOfFile(p);
    UnmapViewOfFile(q);
    CloseHandle(h);
}

/* ---- copy on write (§8.6) ------------------------------------------------------------------------------------------- */

/* §8.6-1 */
static void test_copy_on_write(HANDLE file, const char *what)
{
    HANDLE h = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 4 * K, NULL);
    char *shared, *copy;
    DWORD old;

    winetest_push_context("%s", what);
    works(shared = MapViewOfFile(h, FILE_MAP_WRITE, 0, 0, 0));
    works(copy = MapViewOfFile(h, FILE_MAP_COPY, 0, 0, 0));
    shared[0] = shared[K] = shared[2 * K] = 's';
    ok(copy[K] == 's', "a copy-on-write view does not follow\n");
    check_query(copy, copy, PAGE_WRITECOPY, 4 * K, MEM_COMMIT, PAGE_WRITECOPY, MEM_MAPPED);             /* reading copies nothing */
    copy[K] = 'c';
    check_query(copy, copy, PAGE_WRITECOPY, K, MEM_COMMIT, PAGE_WRITECOPY, MEM_MAPPED);
    check_query(copy + K, copy, PAGE_WRITECOPY, K, MEM_COMMIT, PAGE_READWRITE, MEM_MAPPED);             /* that page alone */
    check_query(copy + 2 * K, copy, PAGE_WRITECOPY, 2 * K, MEM_COMMIT, PAGE_WRITECOPY, MEM_MAPPED);
    ok(shared[K] == 's', "the section was written\n");                                                  /* §8.6-3 */
    shared[K] = 't';
    shared[2 * K] = 'u';
    ok(copy[K] == 'c' && copy[2 * K] == 'u', "written page follows, or unwritten does not\n");

    works(VirtualProtect(copy + K, K, PAGE_READONLY, &old));                                            /* §8.6-2: "written" is sticky */
    ok(old == PAGE_READWRITE, "old %#lx\n", old);
    works(VirtualProtect(copy + K, K, PAGE_WRITECOPY, &old));
    ok(page_protect(copy + K) == PAGE_READWRITE, "protection %#lx\n", page_protect(copy + K));
    ok(copy[K] == 'c', "contents were lost\n");
    works(VirtualProtect(copy, 4 * K, PAGE_READONLY, &old));
    works(VirtualProtect(copy, 4 * K, PAGE_WRITECOPY, &old));
    ok(copy[K] == 'c' && page_protect(copy) == PAGE_WRITECOPY, "protecting it all lost something\n");

    works(VirtualProtect(shared, K, PAGE_WRITECOPY, &old));                                             /* §8.2-3, §8.6-4: an RW view turned private */
    shared[0] = 'p';
    ok(copy[0] == 's', "a write after WRITECOPY went to the section\n");
    ok(page_protect(shared) == PAGE_READWRITE, "protection %#lx\n", page_protect(shared));
    UnmapViewOfFile(copy);
    UnmapViewOfFile(shared);
    works(copy = MapViewOfFile(h, FILE_MAP_READ, 0, 0, 0));                                             /* §8.6-3 */
    ok(copy[0] == 's' && copy[K] == 't', "private stores reached the section\n");
    UnmapViewOfFile(copy);
    CloseHandle(h);
    winetest_pop_context();
}

/* ---- views of files (§8.4, §8.5, §8.9) ---------------------------------------------------------------------------------- */

static void test_file_views(void)
{
    HANDLE file = temp_file(GENERIC_READ | GENERIC_WRITE, 0x3452, 'f'), h;
    char *p, *q, byte;
    DWORD done;

    h = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    works(p = MapViewOfFile(h, FILE_MAP_WRITE, 0, 0, 0x3452));                                          /* §7.1-8: bytes count */
    check_query(p, p, PAGE_READWRITE, 0x4000, MEM_COMMIT, PAGE_READWRITE, MEM_MAPPED);
    fails(MapViewOfFile(h, FILE_MAP_WRITE, 0, 0, 0x3453), ERROR_ACCESS_DENIED);
    ok(p[0x3451] == 'f' && !p[0x3452] && !p[0x3fff], "tail of the last page\n");                        /* §8.5-1 */
    works(q = MapViewOfFile(h, FILE_MAP_READ, 0, 0, 0));                                                /* §8.9-1 */
    p[0x100] = 'g';
    p[0x3460] = 't';
    ok(q[0x100] == 'g' && q[0x3460] == 't', "views of one file differ\n");                              /* §8.5-1, §8.9-1 */
    SetFilePointer(file, 0x100, NULL, FILE_BEGIN);
    ok(ReadFile(file, &byte, 1, &done, NULL) && byte == 'g', "the file was not written\n");
    works(FlushViewOfFile(p, 0));
    ok(GetFileSize(file, NULL) == 0x3452, "file size %#lx\n", GetFileSize(file, NULL));
    fails(VirtualAlloc(p, K, MEM_COMMIT, PAGE_READWRITE), ERROR_ACCESS_DENIED);                         /* §8.4-1 */
    SetLastError(UNTOUCHED);
    ok(!VirtualAlloc(p, K, MEM_RESET, PAGE_READWRITE), "reset of a file view\n");                       /* §8.3-3 */

    SetFilePointer(file, 0x1000, NULL, FILE_BEGIN);                                                     /* §10: no shrinking */
    fails(SetEndOfFile(file), ERROR_USER_MAPPED_FILE);                                                  /* §10-1 */
    UnmapViewOfFile(q);
    CloseHandle(h);
    fails(SetEndOfFile(file), ERROR_USER_MAPPED_FILE);                                                  /* a view is enough */
    UnmapViewOfFile(p);
    works(SetEndOfFile(file));
    ok(GetFileSize(file, NULL) == 0x1000, "file size %#lx\n", GetFileSize(file, NULL));
    CloseHandle(file);
}

/* Which pages were written is told by the working set, too (§8.6-6, §13.4-6) */
static void test_shared_pages(void)
{
    HANDLE h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 2 * K, NULL);
    char *shared = MapViewOfFile(h, FILE_MAP_WRITE, 0, 0, 0), *copy = MapViewOfFile(h, FILE_MAP_COPY, 0, 0, 0);
    PSAPI_WORKING_SET_EX_INFORMATION info[4] = {
        { .VirtualAddress = shared }, { .VirtualAddress = copy }, { .VirtualAddress = copy + K }, { .VirtualAddress = (char *)8 },
    };

    shared[0] = shared[K] = 's';
    copy[0] = 'c';
    ok(copy[K] == 's', "contents\n");
    ok(QueryWorkingSetEx(GetCurrentProcess(), info, sizeof(info)), "error %lu\n", GetLastError());
    ok(info[0].VirtualAttributes.Valid && info[0].VirtualAttributes.Shared && info[0].VirtualAttributes.Win32Protection == PAGE_READWRITE,
       "shared page: %#Ix\n", info[0].VirtualAttributes.Flags);
    ok(info[1].VirtualAttributes.Valid && !info[1].VirtualAttributes.Shared && info[1].VirtualAttributes.Win32Protection == PAGE_READWRITE,
       "written page: %#Ix\n", info[1].VirtualAttributes.Flags);
    ok(info[2].VirtualAttributes.Valid && info[2].VirtualAttributes.Shared && info[2].VirtualAttributes.Win32Protection == PAGE_WRITECOPY,
       "page that was read: %#Ix\n", info[2].VirtualAttributes.Flags);
    ok(!info[3].VirtualAttributes.Flags, "free page: %#Ix\n", info[3].VirtualAttributes.Flags);
    UnmapViewOfFile(shared);
    UnmapViewOfFile(copy);
    CloseHandle(h);
}

/* §7.4-4, §7.4-5 */
static void test_map3(void)
{
    HANDLE h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_EXECUTE_READWRITE, 0, 2 * G, NULL);
    MEM_ADDRESS_REQUIREMENTS req = { (void *)0x10000000, (void *)0x7fffffff, 0 };
    MEM_EXTENDED_PARAMETER param = { .Type = MemExtendedParameterAddressRequirements, .Pointer = &req };
    char *p, *free;

    if (!pMapViewOfFile3 || !pMapViewOfFile3FromApp)
    {
        win_skip("no MapViewOfFile3FromApp\n");
        return;
    }
    works(p = pMapViewOfFile3FromApp(h, NULL, NULL, 0, 0, 0, PAGE_EXECUTE_READ, NULL, 0));
    check_query(p, p, PAGE_EXECUTE_READ, 2 * G, MEM_COMMIT, PAGE_EXECUTE_READ, MEM_MAPPED);
    UnmapViewOfFile(p);
    works(p = pMapViewOfFile3(h, GetCurrentProcess(), NULL, G, K, 0, PAGE_READWRITE, NULL, 0));
    check_query(p, p, PAGE_READWRITE, K, MEM_COMMIT, PAGE_READWRITE, MEM_MAPPED);
    UnmapViewOfFile(p);
    works(p = pMapViewOfFile3(h, NULL, NULL, 0, 0, 0, PAGE_READWRITE, &param, 1));
    ok((ULONG_PTR)p >= 0x10000000 && (ULONG_PTR)p + 2 * G - 1 <= 0x7fffffff, "at %p\n", p);
    fails(pMapViewOfFile3(h, NULL, p, 0, 0, 0, PAGE_READWRITE, &param, 1), ERROR_INVALID_PARAMETER);
    fails(pMapViewOfFile3(h, NULL, p, 0, 0, 0, PAGE_READWRITE, NULL, 0), ERROR_INVALID_ADDRESS);
    UnmapViewOfFile(p);
    req.Alignment = G;
    fails(pMapViewOfFile3(h, NULL, NULL, 0, 0, 0, PAGE_READWRITE, &param, 1), ERROR_INVALID_PARAMETER);
    fails(pMapViewOfFile3(h, NULL, NULL, 0, 2 * G + 1, 0, PAGE_READWRITE, NULL, 0), ERROR_ACCESS_DENIED);
    fails(pMapViewOfFile3(h, NULL, NULL, 0, 0, MEM_COMMIT, PAGE_READWRITE, NULL, 0), ERROR_INVALID_PARAMETER);
    fails(pMapViewOfFile3(h, NULL, NULL, 0, 0, 0, 0, NULL, 0), ERROR_INVALID_PARAMETER);
    free = VirtualAlloc(NULL, 4 * G, MEM_RESERVE, PAGE_NOACCESS);
    VirtualFree(free, 0, MEM_RELEASE);
    works(p = pMapViewOfFile3(h, NULL, free + G + K + 1, 0, 0, 0, PAGE_READONLY, NULL, 0));             /* §7.4-5 */
    ok(p == free + G, "at %p, expected %p\n", p, free + G);
    UnmapViewOfFile(p);
    fails(pMapViewOfFile3(h, NULL, (void *)0x1234, 0, 0, 0, PAGE_READONLY, NULL, 0), ERROR_INVALID_PARAMETER);
    CloseHandle(h);
}

/* §8.1-1, §8.7-1, §8.8: pieces of a view, of several allocations and of none */
static void test_edges(void)
{
    HANDLE h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 2 * K + 5, NULL), file;
    char *p;
    DWORD old;

    works(p = MapViewOfFile(h, FILE_MAP_WRITE, 0, 0, 0));                                               /* §8.1-1 */
    check_query(p, p, PAGE_READWRITE, 3 * K, MEM_COMMIT, PAGE_READWRITE, MEM_MAPPED);
    check_query(p + 2 * K + 7, p, PAGE_READWRITE, K, MEM_COMMIT, PAGE_READWRITE, MEM_MAPPED);
    check_free(p + 3 * K);
    works(VirtualProtect(p + K, K, PAGE_READONLY, &old));
    check_query(p, p, PAGE_READWRITE, K, MEM_COMMIT, PAGE_READWRITE, MEM_MAPPED);
    check_query(p + K, p, PAGE_READWRITE, K, MEM_COMMIT, PAGE_READONLY, MEM_MAPPED);
    fails(VirtualAlloc(p + 3 * K, K, MEM_RESERVE, PAGE_NOACCESS), ERROR_INVALID_ADDRESS);               /* §3.1-2 */
    fails(VirtualFree(p + K, 0, MEM_RELEASE), ERROR_INVALID_PARAMETER);                                 /* §8.3-4 */
    fails(VirtualFree(p, K, MEM_DECOMMIT), ERROR_INVALID_PARAMETER);
    fails(FlushViewOfFile(NULL, K), ERROR_INVALID_ADDRESS);                                             /* §8.8-2 */
    fails(FlushViewOfFile(p + 3 * K, K), ERROR_INVALID_ADDRESS);
    SetLastError(UNTOUCHED);
    ok(!FlushViewOfFile(p, 4 * K), "flushed what is behind the view\n");
    works(UnmapViewOfFile(p + 3 * K - 1));                                                              /* §8.7-1 */
    fails(UnmapViewOfFile(p), ERROR_INVALID_ADDRESS);
    CloseHandle(h);

    file = temp_file(GENERIC_READ | GENERIC_WRITE, K, 'e');                                             /* §7.3-2: pages of a file may be reserved */
    h = CreateFileMappingA(file, NULL, PAGE_READWRITE | SEC_RESERVE, 0, 0, NULL);
    works(p = MapViewOfFile(h, FILE_MAP_WRITE | FILE_MAP_RESERVE, 0, 0, 4 * K));
    check_query(p, p, PAGE_READWRITE, K, MEM_COMMIT, PAGE_READWRITE, MEM_MAPPED);
    check_query(p + K, p, PAGE_READWRITE, 3 * K, MEM_RESERVE, 0, MEM_MAPPED);                           /* §8.4-2 */
    works(VirtualAlloc(p, 2 * K, MEM_COMMIT, PAGE_READWRITE));
    ok(GetFileSize(file, NULL) == 2 * K, "size %lu\n", GetFileSize(file, NULL));
    UnmapViewOfFile(p);
    CloseHandle(h);
    CloseHandle(file);
}

START_TEST(view)
{
    HANDLE file;

    LOAD(MapViewOfFileNuma2);
    LOAD(MapViewOfFile3);
    LOAD(MapViewOfFile3FromApp);
    LOAD(MapViewOfFileFromApp);
    LOAD(UnmapViewOfFile2);

    test_access(INVALID_HANDLE_VALUE);
    test_all_access();
    file = temp_file(GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE, 2 * K, 'x');
    test_access(file);
    CloseHandle(file);
    test_protect();
    test_places();
    test_handle_rights();
    test_unmap();
    test_commit();
    test_copy_on_write(INVALID_HANDLE_VALUE, "page file");
    file = temp_file(GENERIC_READ | GENERIC_WRITE, 4 * K, 'x');
    test_copy_on_write(file, "file");
    CloseHandle(file);
    test_file_views();
    test_shared_pages();
    test_map3();
    test_edges();
}
