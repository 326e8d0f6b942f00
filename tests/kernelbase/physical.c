/* Address Windowing Extensions (specification 20). */
#include "memory.h"
#include "winsvc.h"

WINADVAPI BOOL WINAPI OpenProcessToken(HANDLE, DWORD, HANDLE *);
WINADVAPI BOOL WINAPI AdjustTokenPrivileges(HANDLE, BOOL, TOKEN_PRIVILEGES *, DWORD, TOKEN_PRIVILEGES *, DWORD *);

FUNCTION(AllocateUserPhysicalPages2);
FUNCTION(MapUserPhysicalPagesScatter);

/* SeLockMemoryPrivilege is 4 everywhere. False: the token has none. */
static BOOL set_privilege(BOOL on)
{
    TOKEN_PRIVILEGES privileges = { 1, { { { 4, 0 }, on ? SE_PRIVILEGE_ENABLED : 0 } } };
    HANDLE token;
    BOOL ret;

    OpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, &token);
    ret = AdjustTokenPrivileges(token, FALSE, &privileges, 0, NULL, NULL) && GetLastError() == ERROR_SUCCESS;
    CloseHandle(token);
    return ret;
}

static BOOL can_copy(const void *at)
{
    char c;

    return ReadProcessMemory(GetCurrentProcess(), at, &c, 1, NULL);
}

/* §20-2, §12.3-8 */
static void test_window(void)
{
    char *p;
    DWORD old;

    fails(VirtualAlloc(NULL, 4 * K, MEM_RESERVE | MEM_PHYSICAL, PAGE_READONLY), ERROR_INVALID_PARAMETER);
    fails(VirtualAlloc(NULL, 4 * K, MEM_RESERVE | MEM_COMMIT | MEM_PHYSICAL, PAGE_READWRITE), ERROR_INVALID_PARAMETER);
    fails(VirtualAlloc(NULL, 4 * K, MEM_PHYSICAL, PAGE_READWRITE), ERROR_INVALID_PARAMETER);
    p = VirtualAlloc(NULL, 4 * K, MEM_RESERVE | MEM_PHYSICAL, PAGE_READWRITE);
    ok(p != NULL, "error %lu\n", GetLastError());
    check_query(p, p, PAGE_READWRITE, 4 * K, MEM_RESERVE, 0, MEM_PRIVATE);
    ok(!VirtualAlloc(p, K, MEM_COMMIT, PAGE_READWRITE), "committed in a window\n");
    ok(!VirtualProtect(p, K, PAGE_READONLY, &old), "protected a window\n");
    ok(!VirtualFree(p, K, MEM_DECOMMIT), "decommitted in a window\n");                                  /* §20-2, §13.1-8 */
    works(VirtualFree(p, 0, MEM_RELEASE));
}

/* §20-3 */
static void test_pages(void)
{
    ULONG_PTR pages[8], count = 8, some[4], n;
    char *p = VirtualAlloc(NULL, 8 * K, MEM_RESERVE | MEM_PHYSICAL, PAGE_READWRITE);
    char *q = VirtualAlloc(NULL, 8 * K, MEM_RESERVE | MEM_PHYSICAL, PAGE_READWRITE), private[2 * K];
    void *places[3];
    MEMORY_BASIC_INFORMATION info;

    works(AllocateUserPhysicalPages(GetCurrentProcess(), &count, pages));
    ok(count == 8, "count %Iu\n", count);                                                               /* §20-1 */
    works(MapUserPhysicalPages(p, 4, pages));
    check_query(p, p, PAGE_READWRITE, 4 * K, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE);                  /* §13.3-3, §20-3 */
    ok(p[0] == 0 && p[4 * K - 1] == 0, "not zero\n");                                                   /* §20-6 */
    memset(p, 'a', K);
    memset(p + K, 'b', K);
    works(MapUserPhysicalPages(p, 4, NULL));                                                            /* §20-3 */
    ok(!can_copy(p), "still there\n");
    some[0] = pages[1];
    some[1] = pages[0];
    works(MapUserPhysicalPages(q + 2 * K, 2, some));
    ok(q[2 * K] == 'b' && q[3 * K] == 'a', "the pages are others\n");

    /* One place at a time; nothing half done. */
    fails(MapUserPhysicalPages(p, 4, pages), ERROR_INVALID_PARAMETER);
    ok(!can_copy(p + 2 * K), "half done\n");
    some[0] = pages[4];
    some[1] = pages[4];
    fails(MapUserPhysicalPages(p, 2, some), ERROR_INVALID_PARAMETER);
    some[1] = pages[7] + 1000;
    fails(MapUserPhysicalPages(p, 2, some), ERROR_INVALID_PARAMETER);
    fails(MapUserPhysicalPages(p, 9, NULL), ERROR_INVALID_PARAMETER);
    fails(MapUserPhysicalPages(private, 1, pages), ERROR_INVALID_PARAMETER);
    fails(MapUserPhysicalPages(NULL, 1, pages), ERROR_INVALID_PARAMETER);

    /* Scattered over two windows; 0 unmaps. */
    if (pMapUserPhysicalPagesScatter)
    {
        places[0] = p + 5 * K;                                                                          /* §20-4 */
        places[1] = q + 2 * K;
        places[2] = q;
        some[0] = pages[1];
        some[1] = 0;
        some[2] = pages[2];
        works(pMapUserPhysicalPagesScatter(places, 3, some));
        ok(p[5 * K] == 'b' && !can_copy(q + 2 * K) && q[0] == 0 && q[3 * K] == 'a', "scattered wrongly\n");
        works(pMapUserPhysicalPagesScatter(places, 3, NULL));
        ok(!can_copy(p + 5 * K) && !can_copy(q) && can_copy(q + 3 * K), "scattered wrongly\n");
        places[1] = private;
        fails(pMapUserPhysicalPagesScatter(places, 3, NULL), ERROR_INVALID_PARAMETER);
    }

    /* Freeing unmaps, and stops at a page that is not ours. */                                         /* §20-5 */
    some[0] = pages[0];
    some[1] = pages[0];
    n = 2;
    fails(FreeUserPhysicalPages(GetCurrentProcess(), &n, some), ERROR_INVALID_PARAMETER);
    ok(n == 1 && !can_copy(q + 3 * K), "%Iu freed\n", n);
    n = 7;
    works(FreeUserPhysicalPages(GetCurrentProcess(), &n, pages + 1));
    ok(n == 7, "%Iu freed\n", n);

    /* Pages outlive their window. */                                                                   /* §20-6, §13.1-8 */
    count = 1;
    works(AllocateUserPhysicalPages(GetCurrentProcess(), &count, pages));
    works(MapUserPhysicalPages(q, 1, pages));
    ok(q[0] == 0, "not zeroed\n");
    q[0] = 'c';
    works(VirtualFree(q, 0, MEM_RELEASE));
    works(MapUserPhysicalPages(p, 1, pages));
    ok(p[0] == 'c', "lost\n");
    works(FreeUserPhysicalPages(GetCurrentProcess(), &count, pages));
    ok(VirtualQuery(p, &info, sizeof(info)) && info.State == MEM_RESERVE, "still mapped\n");
    works(VirtualFree(p, 0, MEM_RELEASE));
}

START_TEST(physical)
{
    MEM_EXTENDED_PARAMETER parameter = { .Type = MemExtendedParameterNumaNode, .ULong = 0 };
    ULONG_PTR pages[2], count = 1;

    LOAD(AllocateUserPhysicalPages2);
    pMapUserPhysicalPagesScatter = (void *)GetProcAddress(GetModuleHandleA("kernel32.dll"), "MapUserPhysicalPagesScatter");

    test_window();
    set_privilege(FALSE);
    fails(AllocateUserPhysicalPages(GetCurrentProcess(), &count, pages), ERROR_PRIVILEGE_NOT_HELD);     /* §20-1 */
    fails(AllocateUserPhysicalPages(NULL, &count, pages), ERROR_INVALID_HANDLE);                        /* §20-1 */
    ok(count == 1, "count %Iu\n", count);
    if (!set_privilege(TRUE))
    {
        skip("no privilege to lock memory\n");
        return;
    }
    test_pages();
    {
        ULONG_PTR none = 0;

        works(AllocateUserPhysicalPages(GetCurrentProcess(), &none, pages));                            /* §20-1: none is easy */
        ok(!none, "count %Iu\n", none);
    }
    fails(AllocateUserPhysicalPagesNuma(GetCurrentProcess(), &count, pages, 1000), ERROR_INVALID_PARAMETER);   /* §20-7 */
    works(AllocateUserPhysicalPagesNuma(GetCurrentProcess(), &count, pages, 0));
    works(FreeUserPhysicalPages(GetCurrentProcess(), &count, pages));
    fails(AllocateUserPhysicalPages(GetCurrentProcess(), &count, NULL), ERROR_NOACCESS);                /* §20-1 */
    if (pAllocateUserPhysicalPages2)
    {
        works(pAllocateUserPhysicalPages2(GetCurrentProcess(), &count, pages, NULL, 0));                /* §20-7 */
        works(FreeUserPhysicalPages(GetCurrentProcess(), &count, pages));
        works(pAllocateUserPhysicalPages2(GetCurrentProcess(), &count, pages, &parameter, 1));
        works(FreeUserPhysicalPages(GetCurrentProcess(), &count, pages));
        fails(pAllocateUserPhysicalPages2(GetCurrentProcess(), &count, pages, NULL, 1), ERROR_INVALID_PARAMETER);
    }
    set_privilege(FALSE);
}
