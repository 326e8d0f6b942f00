/* Private memory: allocate, free, protect, query, lock (§3, §4, §12, §13, §15, §16). */
#include "memory.h"

FUNCTION(VirtualAlloc2);
FUNCTION(VirtualAlloc2FromApp);
FUNCTION(VirtualAllocFromApp);
FUNCTION(VirtualProtectFromApp);
FUNCTION(VirtualUnlockEx);
FUNCTION(QueryVirtualMemoryInformation);
FUNCTION(PrefetchVirtualMemory);
FUNCTION(DiscardVirtualMemory);

/* A free stretch of address space, aligned, to make claims about. */
static char *free_range(SIZE_T size)
{
    char *p = VirtualAlloc(NULL, size, MEM_RESERVE, PAGE_NOACCESS);

    VirtualFree(p, 0, MEM_RELEASE);
    return p;
}

static void test_reserve_commit(void)
{
    char *p, *q;
    DWORD old;

    works(p = VirtualAlloc(NULL, 0x12345, MEM_RESERVE, PAGE_NOACCESS));
    ok(!((ULONG_PTR)p & (G - 1)), "base %p is not on a granule\n", p);                                  /* §3.1-1, §3.3-1 */
    check_query(p, p, PAGE_NOACCESS, 0x13000, MEM_RESERVE, 0, MEM_PRIVATE);                             /* §12.3-12, §13.3-3: Protect 0 */
    check_query(p + 0x5000, p, PAGE_NOACCESS, 0xe000, MEM_RESERVE, 0, MEM_PRIVATE);                     /* §13.3-2: from the asked page on */

    works(q = VirtualAlloc(p + 0x2001, 0x1000, MEM_COMMIT, PAGE_READWRITE));                            /* §12.3-5: page rounding */
    ok(q == p + 0x2000, "commit at %p, expected %p\n", q, p + 0x2000);
    check_query(p + 0x2000, p, PAGE_NOACCESS, 0x2000, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE);         /* both pages touched */
    check_query(p, p, PAGE_NOACCESS, 0x2000, MEM_RESERVE, 0, MEM_PRIVATE);                              /* §13.3-2 */
    ok(!p[0x2000] && !p[0x3fff], "committed memory is not zero\n");                                     /* §12.3-10 */
    p[0x2000] = 1;
    works(VirtualAlloc(p + 0x2000, 1, MEM_COMMIT, PAGE_READONLY));                                      /* §12.3-7: again: new protection, old bytes */
    ok(p[0x2000] == 1, "recommit lost the contents\n");
    ok(page_protect(p + 0x2000) == PAGE_READONLY && page_protect(p + 0x3000) == PAGE_READWRITE, "wrong protections\n");

    works(VirtualFree(p + 0x2000, 0x1000, MEM_DECOMMIT));                                               /* §13.1-2 */
    check_query(p, p, PAGE_NOACCESS, 0x3000, MEM_RESERVE, 0, MEM_PRIVATE);
    works(VirtualFree(p + 0x2000, 0x1000, MEM_DECOMMIT));                                               /* §13.1: reserved pages are fine */
    works(VirtualAlloc(p + 0x2000, 1, MEM_COMMIT, PAGE_READWRITE));
    ok(!p[0x2000], "memory is not zero after decommit and commit\n");                                   /* §12.3-10 */

    fails(VirtualAlloc(p + 0x12000, 0x2000, MEM_COMMIT, PAGE_READWRITE), ERROR_INVALID_ADDRESS);        /* §12.3-6: past the end */
    fails(VirtualFree(p + 0x12000, 0x2000, MEM_DECOMMIT), ERROR_INVALID_PARAMETER);                     /* §13.1-4: UNABLE_TO_FREE_VM */
    fails(VirtualFree(p + 0x1000, 0, MEM_RELEASE), ERROR_INVALID_ADDRESS);                              /* §13.1-3: not the base */
    fails(VirtualFree(p, 0x13000, MEM_RELEASE), ERROR_INVALID_PARAMETER);                               /* §13.1-6: a size */
    fails(VirtualFree(p, 0, 0), ERROR_INVALID_PARAMETER);                                               /* §13.1-1 */
    fails(VirtualFree(p, 0, MEM_RELEASE | MEM_DECOMMIT), ERROR_INVALID_PARAMETER);
    fails(VirtualFree(p, 0, MEM_FREE), ERROR_INVALID_PARAMETER);
    fails(VirtualAlloc(p, 0x1000, MEM_RESERVE, PAGE_NOACCESS), ERROR_INVALID_ADDRESS);                  /* §12.3-8: not free */
    works(VirtualFree(p, 0, MEM_DECOMMIT));                                                             /* §13.1-3: all of it */
    check_query(p, p, PAGE_NOACCESS, 0x13000, MEM_RESERVE, 0, MEM_PRIVATE);
    works(VirtualFree(p, 0, MEM_RELEASE));                                                              /* §13.1-5 */
    check_free(p);
    fails(VirtualFree(p, 0, MEM_RELEASE), ERROR_INVALID_ADDRESS);                                       /* §13.1-7 */
    fails(VirtualProtect(p, K, PAGE_READONLY, &old), ERROR_INVALID_ADDRESS);

    works(p = VirtualAlloc(NULL, 1, MEM_COMMIT, PAGE_READWRITE));                                       /* §12.3-1: NULL base reserves too */
    check_query(p, p, PAGE_READWRITE, 0x1000, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE);
    check_free(p + 0x1000);                                                                             /* §3.1-3: the granule's tail */
    fails(VirtualAlloc(p + 0x1000, 0x1000, MEM_RESERVE, PAGE_NOACCESS), ERROR_INVALID_ADDRESS);         /* §3.1-2: ... holds no allocation */
    works(VirtualFree(p, 0, MEM_RELEASE));
}

static void test_rounding(void)
{
    char *p = free_range(0x40000), *q;

    works(q = VirtualAlloc(p + 0x8000, 1, MEM_RESERVE, PAGE_NOACCESS));                                 /* §12.3-4: base down, end up */
    ok(q == p, "reserved %p, expected %p\n", q, p);
    check_query(p, p, PAGE_NOACCESS, 0x9000, MEM_RESERVE, 0, MEM_PRIVATE);
    works(VirtualFree(p, 0, MEM_RELEASE));
    works(q = VirtualAlloc(p + 0xffff, 0x3000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    ok(q == p, "reserved %p, expected %p\n", q, p);
    check_query(p, p, PAGE_READWRITE, 0x13000, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE);
    works(VirtualFree(p + 0xfff, 0, MEM_RELEASE));                                                      /* §13.1-3: anywhere in the first page */
    works(p = VirtualAlloc(NULL, 0x30000, MEM_RESERVE | MEM_TOP_DOWN, PAGE_NOACCESS));                  /* §3.3-1 */
    ok(!((ULONG_PTR)p & (G - 1)), "top down base %p\n", p);
    works(VirtualFree(p, 0, MEM_RELEASE));
}

static void test_alloc_parameters(void)
{
    static const DWORD bad_types[] =
    {
        0, MEM_TOP_DOWN, MEM_WRITE_WATCH, MEM_WRITE_WATCH | MEM_COMMIT, MEM_PHYSICAL, MEM_PHYSICAL | MEM_COMMIT,
        MEM_COMMIT | MEM_RESET, MEM_RESERVE | MEM_COMMIT | MEM_RESET, MEM_TOP_DOWN | MEM_RESET, MEM_LARGE_PAGES | MEM_RESERVE,
        0x40000000 | MEM_RESERVE, MEM_RELEASE | MEM_RESERVE, ~0u, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER,
    };
    static const DWORD bad_protections[] =
    {
        0, PAGE_NOACCESS | PAGE_READONLY, PAGE_READWRITE | PAGE_EXECUTE, PAGE_WRITECOPY, PAGE_EXECUTE_WRITECOPY, PAGE_GUARD,
        PAGE_NOACCESS | PAGE_GUARD, PAGE_NOACCESS | PAGE_NOCACHE, PAGE_NOACCESS | PAGE_WRITECOMBINE,
        PAGE_READONLY | PAGE_GUARD | PAGE_NOCACHE, PAGE_READONLY | PAGE_NOCACHE | PAGE_WRITECOMBINE,
    };
    static const DWORD good_protections[] =
    {
        PAGE_NOACCESS, PAGE_READONLY, PAGE_READWRITE, PAGE_EXECUTE, PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE,
        PAGE_READWRITE | PAGE_GUARD, PAGE_READONLY | PAGE_NOCACHE, PAGE_READONLY | PAGE_WRITECOMBINE,
    };
    SYSTEM_INFO si;
    void *p;

    GetSystemInfo(&si);
    for (unsigned i = 0; i < ARRAY_SIZE(bad_types); i++)                                                /* §12.3-1 */
    {
        winetest_push_context("type %#lx", bad_types[i]);
        fails(VirtualAlloc(NULL, K, bad_types[i], PAGE_READWRITE), ERROR_INVALID_PARAMETER);
        winetest_pop_context();
    }
    for (unsigned i = 0; i < ARRAY_SIZE(bad_protections); i++)                                          /* §4-1, §4-2, §4-3 */
    {
        winetest_push_context("protection %#lx", bad_protections[i]);
        fails(VirtualAlloc(NULL, K, MEM_RESERVE, bad_protections[i]), ERROR_INVALID_PARAMETER);
        fails(VirtualAlloc(NULL, K, MEM_COMMIT, bad_protections[i]), ERROR_INVALID_PARAMETER);
        winetest_pop_context();
    }
    for (unsigned i = 0; i < ARRAY_SIZE(good_protections); i++)                                         /* §4-1, §4-3 */
    {
        winetest_push_context("protection %#lx", good_protections[i]);
        works(p = VirtualAlloc(NULL, K, MEM_COMMIT, good_protections[i]));
        check_query(p, p, good_protections[i], K, MEM_COMMIT, good_protections[i], MEM_PRIVATE);
        VirtualFree(p, 0, MEM_RELEASE);
        winetest_pop_context();
    }
    fails(VirtualAlloc(NULL, 0, MEM_COMMIT, PAGE_READWRITE), ERROR_INVALID_PARAMETER);                  /* §12.3-3 */
    fails(VirtualAlloc((void *)0x1000, K, MEM_RESERVE, PAGE_READWRITE), ERROR_INVALID_PARAMETER);       /* below 64 KiB */
    fails(VirtualAlloc((char *)si.lpMaximumApplicationAddress + 1, K, MEM_RESERVE, PAGE_READWRITE), ERROR_INVALID_PARAMETER);
    fails(VirtualAlloc((void *)~(ULONG_PTR)0xffff, K, MEM_RESERVE, PAGE_READWRITE), ERROR_INVALID_PARAMETER);
    fails(VirtualAllocEx(NULL, NULL, K, MEM_COMMIT, PAGE_READWRITE), ERROR_INVALID_HANDLE);             /* §3.4-5, §3.4-1 */
    fails(VirtualFreeEx(NULL, NULL, 0, MEM_RELEASE), ERROR_INVALID_HANDLE);
    fails(VirtualAlloc(NULL, (SIZE_T)1 << 46, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE), ERROR_COMMITMENT_LIMIT);   /* §12.3-9 */
}

static void test_protect(void)
{
    char *p = VirtualAlloc(NULL, 0x4000, MEM_RESERVE, PAGE_NOACCESS), *q;
    DWORD old;

    q = VirtualAlloc(p + 0x1000, 0x2000, MEM_COMMIT, PAGE_READWRITE);
    ok(q == p + 0x1000, "commit failed\n");
    works(VirtualProtect(p + 0x1001, 1, PAGE_READONLY, &old));                                          /* §13.2-3 */
    ok(old == PAGE_READWRITE, "old %#lx\n", old);
    ok(page_protect(p + 0x1000) == PAGE_READONLY && page_protect(p + 0x2000) == PAGE_READWRITE, "wrong pages\n");
    works(VirtualProtect(p + 0x1000, 0x2000, PAGE_EXECUTE_READ, &old));                                 /* §13.2-2 */
    ok(old == PAGE_READONLY, "old is that of the first page, got %#lx\n", old);

    old = UNTOUCHED;
    fails(VirtualProtect(p, 0x2000, PAGE_READWRITE, &old), ERROR_INVALID_ADDRESS);                      /* §13.2-1: a reserved page */
    ok(old == PAGE_NOACCESS || broken(old == UNTOUCHED), "old %#lx after a failure\n", old);            /* §13.2-2 */
    ok(page_protect(p + 0x1000) == PAGE_EXECUTE_READ, "a failure changed something\n");
    fails(VirtualProtect(p + 0x2000, 0x2000, PAGE_READWRITE, &old), ERROR_INVALID_ADDRESS);             /* §13.2-1 */
    fails(VirtualProtect(p + 0x3000, 0x10000, PAGE_READWRITE, &old), ERROR_INVALID_ADDRESS);
    fails(VirtualProtect(p + 0x1000, K, PAGE_READWRITE, NULL), ERROR_NOACCESS);                         /* §13.2-2 */
    ok(page_protect(p + 0x1000) == PAGE_EXECUTE_READ, "a failure changed something\n");
    fails(VirtualProtect(p + 0x1000, K, PAGE_READWRITE | PAGE_READONLY, &old), ERROR_INVALID_PARAMETER);   /* §4-1, §4-2, §13.2-4 */
    fails(VirtualProtect(p + 0x1000, K, 0, &old), ERROR_INVALID_PARAMETER);
    fails(VirtualProtect(p + 0x1000, K, PAGE_WRITECOPY, &old), ERROR_INVALID_PARAMETER);                /* §4: private */
    fails(VirtualProtect(p + 0x1000, K, PAGE_EXECUTE_WRITECOPY, &old), ERROR_INVALID_PARAMETER);
    fails(VirtualProtectEx(NULL, p + 0x1000, K, PAGE_READONLY, &old), ERROR_INVALID_HANDLE);            /* §3.4-1 */
    if (pVirtualProtectFromApp)
    {
        works(pVirtualProtectFromApp(p + 0x1000, K, PAGE_EXECUTE_READWRITE, &old));                     /* §13.2-5: works on desktop */
        ok(old == PAGE_EXECUTE_READ, "old %#lx\n", old);
        old = UNTOUCHED;
        fails(pVirtualProtectFromApp(p + 0x1000, K, PAGE_GUARD, &old), ERROR_INVALID_PARAMETER);
    }
    else win_skip("no VirtualProtectFromApp\n");
    VirtualFree(p, 0, MEM_RELEASE);

    /* NOCACHE belongs to the allocation for ever (§4) */
    p = VirtualAlloc(NULL, K, MEM_COMMIT, PAGE_READWRITE | PAGE_NOCACHE);                               /* §4-6 */
    works(VirtualProtect(p, K, PAGE_READONLY, &old));
    ok(old == (PAGE_READWRITE | PAGE_NOCACHE), "old %#lx\n", old);
    check_query(p, p, PAGE_READWRITE | PAGE_NOCACHE, K, MEM_COMMIT, PAGE_READONLY | PAGE_NOCACHE, MEM_PRIVATE);
    VirtualFree(p, 0, MEM_RELEASE);
    p = VirtualAlloc(NULL, K, MEM_COMMIT, PAGE_READWRITE);
    works(VirtualProtect(p, K, PAGE_READONLY | PAGE_NOCACHE, &old));
    ok(page_protect(p) == PAGE_READONLY, "a cached allocation became uncached: %#lx\n", page_protect(p));
    VirtualFree(p, 0, MEM_RELEASE);
}

static void test_query(void)
{
    MEMORY_BASIC_INFORMATION info;
    SYSTEM_INFO si;
    char *p;

    GetSystemInfo(&si);
    p = VirtualAlloc(NULL, 2 * K, MEM_COMMIT, PAGE_READWRITE);
    fails(VirtualQuery(p, &info, sizeof(info) - 1), ERROR_BAD_LENGTH);                                  /* §13.3-1 */
    ok(VirtualQuery(p + 5, &info, sizeof(info) + 8) == sizeof(info), "a longer buffer is fine\n");
    ok(info.BaseAddress == p, "base %p\n", info.BaseAddress);
    fails(VirtualQuery((char *)si.lpMaximumApplicationAddress + 1, &info, sizeof(info)), ERROR_INVALID_PARAMETER);   /* §3.2-1 */
    works(VirtualQuery(si.lpMaximumApplicationAddress, &info, sizeof(info)));
    works(VirtualQuery(NULL, &info, sizeof(info)));                                                     /* §3.2-1, §13.3-3 */
    ok(info.State == MEM_FREE && info.Protect == PAGE_NOACCESS && !info.AllocationBase && !info.Type, "NULL is not free\n");
    fails(VirtualQueryEx(NULL, p, &info, sizeof(info)), ERROR_INVALID_HANDLE);                          /* §3.4-1 */
    check_query((void *)0x7ffe0000, (void *)0x7ffe0000, PAGE_READONLY, K, MEM_COMMIT, PAGE_READONLY, MEM_PRIVATE);   /* §3.2-2 */
    VirtualFree(p, 0, MEM_RELEASE);

    if (pQueryVirtualMemoryInformation)
    {
        WIN32_MEMORY_REGION_INFORMATION region;
        SIZE_T ret = 0;

        p = VirtualAlloc(NULL, 0x10000, MEM_RESERVE, PAGE_READONLY);
        VirtualAlloc(p + 0x2000, 0x3000, MEM_COMMIT, PAGE_NOACCESS);
        works(pQueryVirtualMemoryInformation(GetCurrentProcess(), p + 0x3000, MemoryRegionInfo, &region, sizeof(region), &ret));   /* §13.4-5 */
        ok(ret == sizeof(region), "returned %#Ix\n", ret);                                              /* §13.4 class 3 */
        ok(region.AllocationBase == p && region.AllocationProtect == PAGE_READONLY && region.RegionSize == 0x10000,
           "base %p protect %#lx size %#Ix\n", region.AllocationBase, region.AllocationProtect, region.RegionSize);
        ok(region.CommitSize == 0x3000, "commit %#Ix\n", region.CommitSize);                            /* NOACCESS pages count */
        fails(pQueryVirtualMemoryInformation(GetCurrentProcess(), p, MemoryRegionInfo, &region, sizeof(region) - 1, &ret),
              ERROR_BAD_LENGTH);
        fails(pQueryVirtualMemoryInformation(GetCurrentProcess(), p, 1, &region, sizeof(region), &ret), ERROR_INVALID_PARAMETER);
        VirtualFree(p, 0, MEM_RELEASE);
    }
    else win_skip("no QueryVirtualMemoryInformation\n");
}

/* §12.3-13 */
static void test_reset(void)
{
    char *p = VirtualAlloc(NULL, 0x4000, MEM_RESERVE, PAGE_NOACCESS);

    VirtualAlloc(p, K, MEM_COMMIT, PAGE_READWRITE);
    works(VirtualAlloc(p, 0x2000, MEM_RESET, PAGE_NOACCESS));                                           /* §12: reserved pages too */
    check_query(p, p, PAGE_NOACCESS, K, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE);                       /* protection is kept */
    fails(VirtualAlloc(p, 0x5000, MEM_RESET, PAGE_NOACCESS), ERROR_INVALID_ADDRESS);
    p[0] = 1;
    ok(p[0] == 1, "memory is unusable after a reset\n");
    if (pDiscardVirtualMemory)
    {
        ok(!pDiscardVirtualMemory(p, K), "discard failed\n");                                           /* §16-3 */
        ok(pDiscardVirtualMemory(p + 1, K) == ERROR_INVALID_PARAMETER, "unaligned discard\n");
        ok(pDiscardVirtualMemory(p, K + 1) == ERROR_INVALID_PARAMETER, "odd size\n");
        ok(pDiscardVirtualMemory(p, 2 * K), "uncommitted page\n");
        p[0] = 2;
        ok(p[0] == 2, "memory is unusable after a discard\n");
    }
    else win_skip("no DiscardVirtualMemory\n");
    VirtualFree(p, 0, MEM_RELEASE);
}

/* §15-1 */
static void test_lock(void)
{
    char *p = VirtualAlloc(NULL, 4 * K, MEM_RESERVE, PAGE_NOACCESS);

    VirtualAlloc(p, 2 * K, MEM_COMMIT, PAGE_READWRITE);
    fails(VirtualUnlock(p, K), ERROR_NOT_LOCKED);                                                       /* §15-3 */
    works(VirtualLock(p, K));
    works(VirtualLock(p, K));                                                                           /* no count */
    works(VirtualUnlock(p, K));
    fails(VirtualUnlock(p, K), ERROR_NOT_LOCKED);
    SetLastError(UNTOUCHED);
    ok(!VirtualLock(p + 2 * K, K), "locked a reserved page\n");                                         /* §15-1 */
    ok(GetLastError() == ERROR_NOACCESS || GetLastError() == ERROR_INVALID_ADDRESS, "error %lu\n", GetLastError());
    if (pVirtualUnlockEx)
    {
        works(VirtualLock(p, K));
        works(pVirtualUnlockEx(NULL, p, K));                                                            /* §3.4-5 */
    }
    else win_skip("no VirtualUnlockEx\n");
    VirtualFree(p, 0, MEM_RELEASE);
}

/* §12.3-17 */
static void test_from_app(void)
{
    static const DWORD executable[] = { PAGE_EXECUTE, PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE, PAGE_EXECUTE_WRITECOPY };
    void *p;

    if (!pVirtualAllocFromApp || !pVirtualAlloc2FromApp)
    {
        win_skip("no VirtualAllocFromApp\n");
        return;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(executable); i++)                                               /* §12 FromApp */
    {
        fails(pVirtualAllocFromApp(NULL, K, MEM_RESERVE, executable[i]), ERROR_INVALID_PARAMETER);
        fails(pVirtualAlloc2FromApp(NULL, NULL, K, MEM_COMMIT, executable[i], NULL, 0), ERROR_INVALID_PARAMETER);
    }
    works(p = pVirtualAllocFromApp(NULL, K, MEM_COMMIT, PAGE_READWRITE));
    VirtualFree(p, 0, MEM_RELEASE);
    works(p = pVirtualAlloc2FromApp(NULL, NULL, K, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE, NULL, 0));
    VirtualFree(p, 0, MEM_RELEASE);
}

/* §12.4-2, §12.4-3 */
static void test_requirements(void)
{
    MEM_ADDRESS_REQUIREMENTS req = { 0 };
    MEM_EXTENDED_PARAMETER params[2];
    SYSTEM_INFO si;
    char *p;
    static const struct { ULONG_PTR low, high, align; BOOL good; } cases[] =                            /* §12.4 */
    {
        { 0, 0, 0, TRUE },
        { 0, 0x20001000 - 1, 0, TRUE }, { 0, 0x20001000 + 1, 0, FALSE }, { 0, 0x20001000 - 2, 0, FALSE }, { 0, 0x200007ff, 0, FALSE },
        { 0x20000000, 0, 0, TRUE }, { 0x20001000, 0, 0, FALSE }, { 0x20000001, 0, 0, FALSE },
        { 0x30000000, 0x20000fff, 0, FALSE },
        { 0, 0, 0x10000, TRUE }, { 0, 0, 0x100000, TRUE }, { 0, 0, 0x8000, FALSE }, { 0, 0, 0x30000, FALSE },
    };

    if (!pVirtualAlloc2)
    {
        win_skip("no VirtualAlloc2\n");
        return;
    }
    GetSystemInfo(&si);
    memset(params, 0, sizeof(params));
    params[0].Type = MemExtendedParameterAddressRequirements;
    params[0].Pointer = &req;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++)
    {
        winetest_push_context("case %u", i);
        req.LowestStartingAddress = (void *)cases[i].low;
        req.HighestEndingAddress = (void *)cases[i].high;
        req.Alignment = cases[i].align;
        SetLastError(UNTOUCHED);
        p = pVirtualAlloc2(NULL, NULL, 0x2000, MEM_RESERVE, PAGE_NOACCESS, params, 1);
        ok(!p == !cases[i].good, "got %p\n", p);
        if (!p) ok(GetLastError() == ERROR_INVALID_PARAMETER, "error %lu\n", GetLastError());
        else
        {
            ok((ULONG_PTR)p >= cases[i].low, "%p is too low\n", p);
            ok(!cases[i].high || (ULONG_PTR)p + 0x1fff <= cases[i].high, "%p is too high\n", p);
            ok(!cases[i].align || !((ULONG_PTR)p % cases[i].align), "%p is not aligned\n", p);
            VirtualFree(p, 0, MEM_RELEASE);
        }
        winetest_pop_context();
    }
    req = (MEM_ADDRESS_REQUIREMENTS){ NULL, si.lpMaximumApplicationAddress, 0 };
    works(p = pVirtualAlloc2(NULL, NULL, K, MEM_RESERVE, PAGE_NOACCESS, params, 1));
    VirtualFree(p, 0, MEM_RELEASE);
    req.HighestEndingAddress = (char *)si.lpMaximumApplicationAddress + 0x1000;
    fails(pVirtualAlloc2(NULL, NULL, K, MEM_RESERVE, PAGE_NOACCESS, params, 1), ERROR_INVALID_PARAMETER);

    p = VirtualAlloc(NULL, 0x10000, MEM_RESERVE, PAGE_NOACCESS);
    req = (MEM_ADDRESS_REQUIREMENTS){ NULL, NULL, 0x10000 };
    fails(pVirtualAlloc2(NULL, p, K, MEM_COMMIT, PAGE_READWRITE, params, 1), ERROR_INVALID_PARAMETER);  /* §12.4-2: with a base */
    req.Alignment = 0;
    works(pVirtualAlloc2(NULL, p, K, MEM_COMMIT, PAGE_READWRITE, params, 1));
    params[1] = params[0];
    fails(pVirtualAlloc2(NULL, p, K, MEM_COMMIT, PAGE_READWRITE, params, 2), ERROR_INVALID_PARAMETER);  /* §12.4-1: twice the same */
    fails(pVirtualAlloc2(NULL, p, K, MEM_COMMIT, PAGE_READWRITE, NULL, 1), ERROR_INVALID_PARAMETER);
    params[0].Type = 0;
    fails(pVirtualAlloc2(NULL, p, K, MEM_COMMIT, PAGE_READWRITE, params, 1), ERROR_INVALID_PARAMETER);
    params[0].Type = 7;
    fails(pVirtualAlloc2(NULL, p, K, MEM_COMMIT, PAGE_READWRITE, params, 1), ERROR_INVALID_PARAMETER);
    VirtualFree(p, 0, MEM_RELEASE);

    req = (MEM_ADDRESS_REQUIREMENTS){ NULL, (void *)0x20000fff, 0x20000000 };                           /* cannot be had */
    params[0].Type = MemExtendedParameterAddressRequirements;
    params[0].Pointer = &req;
    fails(pVirtualAlloc2(NULL, NULL, 0x2000, MEM_RESERVE, PAGE_NOACCESS, params, 1), ERROR_NOT_ENOUGH_MEMORY);
}

/* §16-4 */
static void test_prefetch(void)
{
    WIN32_MEMORY_RANGE_ENTRY range;

    if (!pPrefetchVirtualMemory)
    {
        win_skip("no PrefetchVirtualMemory\n");
        return;
    }
    range.VirtualAddress = (void *)test_prefetch;
    range.NumberOfBytes = K;
    works(pPrefetchVirtualMemory(GetCurrentProcess(), 1, &range, 0));                                   /* §16 */
    fails(pPrefetchVirtualMemory(GetCurrentProcess(), 0, &range, 0), ERROR_INVALID_PARAMETER);
    fails(pPrefetchVirtualMemory(GetCurrentProcess(), 1, NULL, 0), ERROR_NOACCESS);
    fails(pPrefetchVirtualMemory(GetCurrentProcess(), 1, &range, 0x80), ERROR_INVALID_PARAMETER);
    range.NumberOfBytes = 0;
    fails(pPrefetchVirtualMemory(GetCurrentProcess(), 1, &range, 0), ERROR_INVALID_PARAMETER);
    range.VirtualAddress = NULL;
    range.NumberOfBytes = K;
    works(pPrefetchVirtualMemory(GetCurrentProcess(), 1, &range, 0));                                   /* unmapped is no failure */
}

/* §13.3-2, §12.3-12 */
static void test_sizes(void)
{
    SIZE_T huge = (SIZE_T)1 << 40;
    char *p;

    works(p = VirtualAlloc(NULL, huge, MEM_RESERVE, PAGE_READWRITE));                                   /* 1 TB costs nothing */
    check_query(p, p, PAGE_READWRITE, huge, MEM_RESERVE, 0, MEM_PRIVATE);
    works(VirtualAlloc(p + huge / 2, K, MEM_COMMIT, PAGE_READWRITE));
    p[huge / 2] = 1;
    check_query(p, p, PAGE_READWRITE, huge / 2, MEM_RESERVE, 0, MEM_PRIVATE);
    works(VirtualFree(p, 0, MEM_RELEASE));
    ok(GetLargePageMinimum() == 0 || GetLargePageMinimum() == 0x200000, "large page %#Ix\n", GetLargePageMinimum());   /* §12.3-15 */
}

static void test_working_set(void)
{
    SIZE_T min = 0, max = 0;
    DWORD flags = 0;

    works(GetProcessWorkingSetSizeEx(GetCurrentProcess(), &min, &max, &flags));                         /* §15-6 */
    ok(min == 50 * K && max == 345 * K, "limits %Iu %Iu\n", min, max);
    ok(flags == (QUOTA_LIMITS_HARDWS_MIN_DISABLE | QUOTA_LIMITS_HARDWS_MAX_DISABLE), "flags %#lx\n", flags);
    fails(SetProcessWorkingSetSize(GetCurrentProcess(), 0, 0), ERROR_INVALID_PARAMETER);                /* §15-7 */
    fails(SetProcessWorkingSetSize(GetCurrentProcess(), 0, 100 * K), ERROR_INVALID_PARAMETER);
    fails(SetProcessWorkingSetSize(GetCurrentProcess(), 100 * K, 60 * K), ERROR_INVALID_PARAMETER);
    fails(SetProcessWorkingSetSizeEx(GetCurrentProcess(), 60 * K, 100 * K, 3), ERROR_INVALID_PARAMETER);
    fails(GetProcessWorkingSetSize(NULL, &min, &max), ERROR_INVALID_HANDLE);                            /* §3.4-4 */
    works(SetProcessWorkingSetSize(GetCurrentProcess(), 60 * K, 400 * K));                              /* §15-7 */
    works(GetProcessWorkingSetSize(GetCurrentProcess(), &min, &max));
    ok(min == 60 * K && max == 400 * K, "limits %Iu %Iu\n", min, max);
    works(SetProcessWorkingSetSize(GetCurrentProcess(), ~(SIZE_T)0, ~(SIZE_T)0));                       /* §15-8: empty it */
}

/* §13.4-5 */
static void test_region_flags(void)
{
    enum { PRIVATE = 1, DATA_FILE = 2, IMAGE = 4, PAGE_FILE = 8 };
    HANDLE memory = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 3 * K, NULL), file = temp_file(GENERIC_READ, K, 'f');
    HANDLE mapping = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
    char *private = VirtualAlloc(NULL, 5 * K, MEM_RESERVE, PAGE_READWRITE), *paged = MapViewOfFile(memory, FILE_MAP_READ, 0, 0, 0);
    char *data = MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0);
    const struct { const char *name; void *at, *base; DWORD protect, flags; SIZE_T size, commit; } regions[] =
    {
        { "private", private + K, private, PAGE_READWRITE, PRIVATE, 5 * K, 0 },
        { "page file", paged + K, paged, PAGE_READONLY, PAGE_FILE, 3 * K, 0 },
        { "file", data, data, PAGE_READONLY, DATA_FILE, K, 0 },
        { "image", (char *)GetModuleHandleA("ntdll.dll") + K, GetModuleHandleA("ntdll.dll"), PAGE_EXECUTE_WRITECOPY, IMAGE, 0, 0 },
    };
    WIN32_MEMORY_REGION_INFORMATION info;
    SIZE_T ret;

    for (unsigned i = 0; pQueryVirtualMemoryInformation && i < ARRAY_SIZE(regions); i++)
    {
        winetest_push_context("%s", regions[i].name);
        works(pQueryVirtualMemoryInformation(GetCurrentProcess(), regions[i].at, MemoryRegionInfo, &info, sizeof(info), &ret));
        ok(info.AllocationBase == regions[i].base && info.AllocationProtect == regions[i].protect, "base %p, protect %#lx\n", info.AllocationBase,
           info.AllocationProtect);
        ok(info.Flags == regions[i].flags, "flags %#lx\n", info.Flags);
        if (regions[i].size) ok(info.RegionSize == regions[i].size && info.CommitSize == regions[i].commit, "size %#Ix, commit %#Ix\n",
                                info.RegionSize, info.CommitSize);
        winetest_pop_context();
    }
    VirtualFree(private, 0, MEM_RELEASE);
    if (pQueryVirtualMemoryInformation)
    {
        fails(pQueryVirtualMemoryInformation(GetCurrentProcess(), private, MemoryRegionInfo, &info, sizeof(info), &ret), ERROR_UNEXP_NET_ERR);
        fails(pQueryVirtualMemoryInformation(GetCurrentProcess(), paged, MemoryRegionInfo, NULL, sizeof(info), &ret), ERROR_NOACCESS);
        works(pQueryVirtualMemoryInformation(GetCurrentProcess(), paged, MemoryRegionInfo, &info, sizeof(info), NULL));
    }
    UnmapViewOfFile(paged);
    UnmapViewOfFile(data);
    CloseHandle(memory);
    CloseHandle(mapping);
    CloseHandle(file);
}

/* What becomes of limits that make no sense, and of ones that almost do (§15-7) */
static void test_limits(void)
{
    static const struct { SIZE_T min, max; DWORD flags, error; SIZE_T told_min, told_max; } limits[] =
    {
        { 10 * K, 100 * K, 0, 0, 20 * K, 100 * K }, { 50 * K + 5, 100 * K + 5, 0, 0, 50 * K, 100 * K },
        { 10 * K, 12 * K, 0, ERROR_INVALID_PARAMETER, 0, 0 }, { 60 * K, 59 * K, 0, ERROR_INVALID_PARAMETER, 0, 0 },
        { 0, 100 * K, 0, ERROR_INVALID_PARAMETER, 0, 0 }, { 50 * K, 0, 0, ERROR_INVALID_PARAMETER, 0, 0 },
        { ~(SIZE_T)0, 100 * K, 0, ERROR_INVALID_PARAMETER, 0, 0 },
        { ~(SIZE_T)0, ~(SIZE_T)0, QUOTA_LIMITS_HARDWS_MIN_ENABLE, ERROR_INVALID_PARAMETER, 0, 0 },
        { 50 * K, 100 * K, QUOTA_LIMITS_HARDWS_MAX_ENABLE | QUOTA_LIMITS_HARDWS_MAX_DISABLE, ERROR_INVALID_PARAMETER, 0, 0 },
        { 50 * K, 100 * K, QUOTA_LIMITS_HARDWS_MIN_ENABLE | QUOTA_LIMITS_HARDWS_MIN_DISABLE, ERROR_INVALID_PARAMETER, 0, 0 },
        { 50 * K, 100 * K, 0x10, ERROR_INVALID_PARAMETER, 0, 0 },
        { (SIZE_T)1 << 45, (SIZE_T)1 << 46, 0, ERROR_NO_SYSTEM_RESOURCES, 0, 0 },
        { 50 * K, 345 * K, QUOTA_LIMITS_HARDWS_MIN_ENABLE | QUOTA_LIMITS_HARDWS_MAX_ENABLE, 0, 50 * K, 345 * K },
        { 50 * K, 345 * K, QUOTA_LIMITS_HARDWS_MIN_DISABLE | QUOTA_LIMITS_HARDWS_MAX_DISABLE, 0, 50 * K, 345 * K },
    };
    SIZE_T min, max;
    DWORD flags;

    for (unsigned i = 0; i < ARRAY_SIZE(limits); i++)
    {
        winetest_push_context("case %u", i);
        if (limits[i].error) fails(SetProcessWorkingSetSizeEx(GetCurrentProcess(), limits[i].min, limits[i].max, limits[i].flags), limits[i].error);
        else
        {
            works(SetProcessWorkingSetSizeEx(GetCurrentProcess(), limits[i].min, limits[i].max, limits[i].flags));
            works(GetProcessWorkingSetSizeEx(GetCurrentProcess(), &min, &max, &flags));
            ok(min == limits[i].told_min && max == limits[i].told_max, "limits %Iu %Iu\n", min / K, max / K);
            if (limits[i].flags) ok(flags == limits[i].flags, "flags %#lx\n", flags);
        }
        winetest_pop_context();
    }
}

/* Neighbours are not one: ranges over two allocations (§12.3-6, §13.1-4, §13.2-1, §3.3-1) */
static void test_neighbours(void)
{
    char *p = free_range(2 * G), *q, *top;
    DWORD old;

    p = VirtualAlloc(p, G, MEM_RESERVE, PAGE_NOACCESS);
    q = VirtualAlloc(p + G, G, MEM_RESERVE, PAGE_NOACCESS);
    ok(p && q == p + G, "%p %p\n", p, q);
    fails(VirtualAlloc(p + G - K, 2 * K, MEM_COMMIT, PAGE_READWRITE), ERROR_INVALID_ADDRESS);
    works(VirtualAlloc(p, G, MEM_COMMIT, PAGE_READWRITE));
    works(VirtualAlloc(q, G, MEM_COMMIT, PAGE_READWRITE));
    check_query(p, p, PAGE_NOACCESS, G, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE);                       /* §13.3-2: a run ends with its allocation */
    fails(VirtualProtect(p + G - K, 2 * K, PAGE_READONLY, &old), ERROR_INVALID_ADDRESS);                /* §13.2-1 */
    ok(page_protect(p + G - K) == PAGE_READWRITE, "a failure changed it\n");
    fails(VirtualFree(p + G - K, 2 * K, MEM_DECOMMIT), ERROR_INVALID_PARAMETER);                        /* §13.1-4 */
    ok(page_protect(p + G - K) == PAGE_READWRITE, "a failure changed it\n");
    fails(VirtualAlloc(p + K, G, MEM_RESET, PAGE_READWRITE), ERROR_INVALID_ADDRESS);                    /* §12.3-13 */
    VirtualFree(q, 0, MEM_RELEASE);
    VirtualFree(p, 0, MEM_RELEASE);
    works(p = VirtualAlloc(NULL, G, MEM_RESERVE, PAGE_NOACCESS));                                       /* §3.3-1 */
    works(top = VirtualAlloc(NULL, G, MEM_RESERVE | MEM_TOP_DOWN, PAGE_NOACCESS));
    ok(top > p, "top down %p is not above %p\n", top, p);
    works(q = VirtualAlloc(NULL, G, MEM_RESERVE | MEM_TOP_DOWN, PAGE_NOACCESS));
    ok(q < top, "the next one %p is not below %p\n", q, top);
    VirtualFree(p, 0, MEM_RELEASE);
    VirtualFree(q, 0, MEM_RELEASE);
    VirtualFree(top, 0, MEM_RELEASE);

    p = VirtualAlloc(NULL, 2 * K, MEM_COMMIT, PAGE_READWRITE);                                          /* §15-1 */
    VirtualProtect(p + K, K, PAGE_NOACCESS, &old);
    fails(VirtualLock(p, 2 * K), ERROR_NOACCESS);
    fails(VirtualUnlock(p, K), ERROR_NOT_LOCKED);                                                       /* §15-3: nor a part of it */
    VirtualFree(p, 0, MEM_RELEASE);
}

START_TEST(virtual)
{
    LOAD(VirtualAlloc2);
    LOAD(VirtualAlloc2FromApp);
    LOAD(VirtualAllocFromApp);
    LOAD(VirtualProtectFromApp);
    LOAD(VirtualUnlockEx);
    LOAD(QueryVirtualMemoryInformation);
    LOAD(PrefetchVirtualMemory);
    LOAD(DiscardVirtualMemory);

    test_reserve_commit();
    test_rounding();
    test_alloc_parameters();
    test_protect();
    test_query();
    test_reset();
    test_lock();
    test_from_app();
    test_requirements();
    test_prefetch();
    test_sizes();
    test_working_set();
    test_region_flags();
    test_limits();
    test_neighbours();
}
