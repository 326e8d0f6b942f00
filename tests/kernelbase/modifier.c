/* What goes with a protection: guard, no cache, write combine, call targets, back to the file (§4). */
#include "memory.h"

FUNCTION(VirtualProtectFromApp);
FUNCTION(MapViewOfFileNuma2);

#ifndef PAGE_REVERT_TO_FILE_MAP
#define PAGE_REVERT_TO_FILE_MAP 0x80000000
#endif

static const DWORD bases[] =
    { PAGE_NOACCESS, PAGE_READONLY, PAGE_READWRITE, PAGE_EXECUTE, PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE };

static BOOL goes_with(DWORD base, DWORD modifiers)
{
    return !modifiers || (base != PAGE_NOACCESS && !(modifiers & (modifiers - 1)));
}

/* All sets of modifiers with all protections, to reserve, commit and protect (§4-1, §4-3) */
static void test_sets(void)
{
    char *page = VirtualAlloc(NULL, K, MEM_COMMIT, PAGE_READWRITE), *p;
    DWORD old;

    for (DWORD modifiers = 0; modifiers < 0x800; modifiers += 0x100)
        for (unsigned i = 0; i < ARRAY_SIZE(bases); i++)
        {
            DWORD protect = bases[i] | modifiers;

            winetest_push_context("protection %#lx", protect);
            if (goes_with(bases[i], modifiers))
            {
                works(p = VirtualAlloc(NULL, K, MEM_COMMIT, protect));
                check_query(p, p, protect, K, MEM_COMMIT, protect, MEM_PRIVATE);
                VirtualFree(p, 0, MEM_RELEASE);
                works(p = VirtualAlloc(NULL, K, MEM_RESERVE, protect));
                check_query(p, p, protect, K, MEM_RESERVE, 0, MEM_PRIVATE);
                VirtualFree(p, 0, MEM_RELEASE);
                works(VirtualProtect(page, K, protect, &old));
            }
            else
            {
                fails(VirtualAlloc(NULL, K, MEM_COMMIT, protect), ERROR_INVALID_PARAMETER);
                fails(VirtualAlloc(NULL, K, MEM_RESERVE, protect), ERROR_INVALID_PARAMETER);
                fails(VirtualProtect(page, K, protect, &old), ERROR_INVALID_PARAMETER);
            }
            winetest_pop_context();
        }
    for (DWORD modifiers = 0x100; modifiers < 0x800; modifiers += 0x100)
        fails(VirtualProtect(page, K, modifiers, &old), ERROR_INVALID_PARAMETER);                       /* §4-1, §4-3: no base */
    VirtualFree(page, 0, MEM_RELEASE);
}

/* The cache belongs to the allocation: what is asked later changes nothing (§4-6, §4-8) */
static void test_cache(DWORD cache)
{
    char *p;
    DWORD old;

    winetest_push_context("cache %#lx", cache);
    p = VirtualAlloc(NULL, 4 * K, MEM_RESERVE, PAGE_READWRITE | cache);
    check_query(p, p, PAGE_READWRITE | cache, 4 * K, MEM_RESERVE, 0, MEM_PRIVATE);
    works(VirtualAlloc(p, 2 * K, MEM_COMMIT, PAGE_READWRITE));
    check_query(p, p, PAGE_READWRITE | cache, 2 * K, MEM_COMMIT, PAGE_READWRITE | cache, MEM_PRIVATE);
    works(VirtualProtect(p, K, PAGE_READWRITE, &old));
    ok(old == (PAGE_READWRITE | cache), "old %#lx\n", old);
    ok(page_protect(p) == (PAGE_READWRITE | cache), "protection %#lx\n", page_protect(p));
    works(VirtualProtect(p, K, PAGE_READONLY, &old));
    ok(page_protect(p) == (PAGE_READONLY | cache), "protection %#lx\n", page_protect(p));
    VirtualFree(p, 0, MEM_RELEASE);

    p = VirtualAlloc(NULL, K, MEM_COMMIT, PAGE_READWRITE);
    works(VirtualProtect(p, K, PAGE_READONLY | cache, &old));
    ok(old == PAGE_READWRITE && page_protect(p) == PAGE_READONLY, "old %#lx, protection %#lx\n", old, page_protect(p));
    works(VirtualAlloc(p, K, MEM_COMMIT, PAGE_READWRITE | cache));
    ok(page_protect(p) == PAGE_READWRITE, "protection %#lx\n", page_protect(p));
    VirtualFree(p, 0, MEM_RELEASE);
    winetest_pop_context();
}

/* Views have the section's (§4-7, §4-8) */
static void test_cached_view(DWORD attribute, DWORD cache)
{
    HANDLE h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | SEC_RESERVE | attribute, 0, 4 * K, NULL);
    char *p;
    DWORD old;

    winetest_push_context("attribute %#lx", attribute);
    ok(h != NULL, "cannot create: %lu\n", GetLastError());
    works(p = MapViewOfFile(h, FILE_MAP_WRITE, 0, 0, 0));
    check_query(p, p, PAGE_READWRITE | cache, 4 * K, MEM_RESERVE, 0, MEM_MAPPED);
    works(VirtualAlloc(p, 2 * K, MEM_COMMIT, PAGE_READONLY));
    check_query(p, p, PAGE_READWRITE | cache, 2 * K, MEM_COMMIT, PAGE_READONLY | cache, MEM_MAPPED);
    works(VirtualProtect(p, K, PAGE_READWRITE, &old));
    ok(old == (PAGE_READONLY | cache) && page_protect(p) == (PAGE_READWRITE | cache), "old %#lx, protection %#lx\n", old, page_protect(p));
    UnmapViewOfFile(p);
    CloseHandle(h);
    winetest_pop_context();
}

/* §4-9 */
static void test_targets(void)
{
    char *p, *page = VirtualAlloc(NULL, K, MEM_COMMIT, PAGE_READWRITE);
    HANDLE h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_EXECUTE_READWRITE, 0, K, NULL);
    DWORD old;

    for (unsigned i = 0; i < ARRAY_SIZE(bases); i++)
    {
        winetest_push_context("protection %#lx", bases[i]);
        if (bases[i] >= PAGE_EXECUTE)
        {
            works(p = VirtualAlloc(NULL, K, MEM_COMMIT, bases[i] | PAGE_TARGETS_INVALID));
            check_query(p, p, bases[i], K, MEM_COMMIT, bases[i], MEM_PRIVATE);                          /* not told */
            VirtualFree(p, 0, MEM_RELEASE);
            works(VirtualProtect(page, K, bases[i] | PAGE_TARGETS_NO_UPDATE, &old));
            ok(page_protect(page) == bases[i], "protection %#lx\n", page_protect(page));
        }
        else
        {
            fails(VirtualAlloc(NULL, K, MEM_COMMIT, bases[i] | PAGE_TARGETS_INVALID), ERROR_INVALID_PARAMETER);
            fails(VirtualProtect(page, K, bases[i] | PAGE_TARGETS_NO_UPDATE, &old), ERROR_INVALID_PARAMETER);
        }
        winetest_pop_context();
    }
    works(p = MapViewOfFile(h, FILE_MAP_READ | FILE_MAP_EXECUTE | FILE_MAP_TARGETS_INVALID, 0, 0, 0));  /* §7.3-2, §4-9 */
    check_query(p, p, PAGE_EXECUTE_READ, K, MEM_COMMIT, PAGE_EXECUTE_READ, MEM_MAPPED);
    UnmapViewOfFile(p);
    fails(MapViewOfFile(h, FILE_MAP_READ | FILE_MAP_TARGETS_INVALID, 0, 0, 0), ERROR_INVALID_PARAMETER);
    CloseHandle(h);
    fails(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_EXECUTE_READ | PAGE_TARGETS_INVALID, 0, K, NULL),      /* §4-9 */
          ERROR_INVALID_PARAMETER);
    VirtualFree(page, 0, MEM_RELEASE);
}

/* §4-10 */
static void test_revert(void)
{
    HANDLE file = temp_file(GENERIC_READ, 2 * K, 'f'), h = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
    char *p = MapViewOfFile(h, FILE_MAP_COPY, 0, 0, 0);
    DWORD old;

    p[0] = p[K] = 'c';
    ok(page_protect(p) == PAGE_READWRITE, "protection %#lx\n", page_protect(p));
    works(VirtualProtect(p, K, PAGE_WRITECOPY | PAGE_REVERT_TO_FILE_MAP, &old));
    ok(p[0] == 'f', "the copy is still there\n");
    ok(p[K] == 'c', "another page's copy went\n");
    check_query(p, p, PAGE_WRITECOPY, K, MEM_COMMIT, PAGE_WRITECOPY, MEM_MAPPED);
    p[0] = 'd';
    ok(p[0] == 'd' && page_protect(p) == PAGE_READWRITE, "not copied again: %#lx\n", page_protect(p));
    UnmapViewOfFile(p);
    CloseHandle(h);
    CloseHandle(file);
}

/* §4-2, §4-5: views, with the protections that private memory has not, and with a guard */
static void test_views(void)
{
    HANDLE h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_EXECUTE_READWRITE | SEC_RESERVE, 0, 4 * K, NULL);
    char *p = MapViewOfFile(h, FILE_MAP_WRITE | FILE_MAP_EXECUTE, 0, 0, 0);
    DWORD old;

    works(VirtualAlloc(p, K, MEM_COMMIT, PAGE_WRITECOPY));
    ok(page_protect(p) == PAGE_WRITECOPY, "protection %#lx\n", page_protect(p));
    works(VirtualAlloc(p, K, MEM_COMMIT, PAGE_EXECUTE_WRITECOPY));
    works(VirtualProtect(p, K, PAGE_WRITECOPY, &old));
    ok(old == PAGE_EXECUTE_WRITECOPY, "old %#lx\n", old);
    works(VirtualProtect(p, K, PAGE_READWRITE | PAGE_GUARD, &old));
    ok(page_protect(p) == (PAGE_READWRITE | PAGE_GUARD), "protection %#lx\n", page_protect(p));
    UnmapViewOfFile(p);
    CloseHandle(h);
    if (!pMapViewOfFileNuma2) return;
    h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, K, NULL);
    works(p = pMapViewOfFileNuma2(h, GetCurrentProcess(), 0, NULL, 0, 0, PAGE_READWRITE | PAGE_GUARD, NUMA_NO_PREFERRED_NODE));   /* §4-5 */
    check_query(p, p, PAGE_READWRITE | PAGE_GUARD, K, MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD, MEM_MAPPED);
    ok(!ReadProcessMemory(GetCurrentProcess(), p, &(char){ 0 }, 1, NULL), "no guard\n");
    check_query(p, p, PAGE_READWRITE | PAGE_GUARD, K, MEM_COMMIT, PAGE_READWRITE, MEM_MAPPED);
    UnmapViewOfFile(p);
    CloseHandle(h);
}

START_TEST(modifier)
{
    LOAD(VirtualProtectFromApp);
    LOAD(MapViewOfFileNuma2);
    test_sets();
    test_cache(PAGE_NOCACHE);
    test_cache(PAGE_WRITECOMBINE);
    test_cached_view(SEC_NOCACHE, PAGE_NOCACHE);
    test_cached_view(0x40000000, PAGE_WRITECOMBINE);
    test_targets();
    test_revert();
    test_views();
}
