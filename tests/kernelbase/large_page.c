/* Large pages: who may have them, and how they come (§5.1, §5.3, §12.3). */
#include "memory.h"

WINADVAPI BOOL WINAPI OpenProcessToken(HANDLE, DWORD, HANDLE *);
WINADVAPI BOOL WINAPI AdjustTokenPrivileges(HANDLE, BOOL, TOKEN_PRIVILEGES *, DWORD, TOKEN_PRIVILEGES *, DWORD *);

#define LARGE 0x200000

static BOOL set_privilege(BOOL on)
{
    TOKEN_PRIVILEGES privileges = { 1, { { { 4, 0 }, on ? SE_PRIVILEGE_ENABLED : 0 } } };      /* SeLockMemoryPrivilege */
    HANDLE token;
    BOOL ret;

    OpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, &token);
    ret = AdjustTokenPrivileges(token, FALSE, &privileges, 0, NULL, NULL) && GetLastError() == ERROR_SUCCESS;
    CloseHandle(token);
    return ret;
}

static void test_private(void)
{
    char *p;
    DWORD old;

    fails(VirtualAlloc(NULL, LARGE + K, MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES, PAGE_READWRITE), ERROR_INVALID_PARAMETER);   /* §12.3-15 */
    fails(VirtualAlloc(NULL, LARGE, MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES, PAGE_READWRITE | PAGE_GUARD), ERROR_INVALID_PARAMETER);
    fails(VirtualAlloc(NULL, LARGE, MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES, PAGE_READWRITE | PAGE_NOCACHE), ERROR_INVALID_PARAMETER);
    fails(VirtualAlloc(NULL, LARGE, MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES, PAGE_NOACCESS), ERROR_INVALID_PARAMETER);
    fails(VirtualAlloc(NULL, LARGE, MEM_RESERVE | MEM_LARGE_PAGES, PAGE_READWRITE), ERROR_INVALID_PARAMETER);
    fails(VirtualAlloc(NULL, LARGE, MEM_COMMIT | MEM_LARGE_PAGES, PAGE_READWRITE), ERROR_INVALID_PARAMETER);
    fails(VirtualAlloc((void *)0x123450000, LARGE, MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES, PAGE_READWRITE), ERROR_INVALID_PARAMETER);

    SetLastError(UNTOUCHED);
    if (!(p = VirtualAlloc(NULL, LARGE, MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES, PAGE_READWRITE)))
    {
        ok(GetLastError() == ERROR_NO_SYSTEM_RESOURCES, "error %lu\n", GetLastError());
        skip("the system has no large pages to give\n");
        return;
    }
    ok(!((ULONG_PTR)p % LARGE), "at %p\n", p);
    check_query(p, p, PAGE_READWRITE, LARGE, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE);
    ok(!p[0] && !p[LARGE - 1], "not zero\n");
    p[LARGE - 1] = 1;
    ok(!VirtualProtect(p, K, PAGE_READONLY, &old), "a part of a large page was protected\n");
    works(VirtualProtect(p, LARGE, PAGE_READONLY, &old));
    ok(!VirtualFree(p, LARGE, MEM_DECOMMIT), "decommitted\n");
    works(VirtualFree(p, 0, MEM_RELEASE));
}

static void test_section(void)
{
    HANDLE h;
    char *p;

    fails(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | SEC_COMMIT | SEC_LARGE_PAGES, 0, LARGE + K, NULL),     /* §5.1-8 */
          ERROR_INVALID_PARAMETER);
    SetLastError(UNTOUCHED);
    if (!(h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | SEC_COMMIT | SEC_LARGE_PAGES, 0, 2 * LARGE, NULL)))
    {
        ok(GetLastError() == ERROR_NO_SYSTEM_RESOURCES, "error %lu\n", GetLastError());
        return;
    }
    works(p = MapViewOfFile(h, FILE_MAP_WRITE | FILE_MAP_LARGE_PAGES, 0, 0, LARGE));                    /* §5.3-3 */
    ok(!((ULONG_PTR)p % LARGE), "at %p\n", p);
    UnmapViewOfFile(p);
    fails(MapViewOfFile(h, FILE_MAP_WRITE | FILE_MAP_LARGE_PAGES, 0, G, LARGE), ERROR_MAPPED_ALIGNMENT);
    fails(MapViewOfFile(h, FILE_MAP_WRITE | FILE_MAP_LARGE_PAGES, 0, 0, LARGE + K), ERROR_INVALID_PARAMETER);
    CloseHandle(h);
}

START_TEST(large_page)
{
    HANDLE h;

    ok(GetLargePageMinimum() == LARGE, "large pages of %#Ix\n", GetLargePageMinimum());                 /* §12.3-15 */

    /* Nobody has the privilege unless it is enabled. */
    set_privilege(FALSE);
    fails(VirtualAlloc(NULL, LARGE, MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES, PAGE_READWRITE), ERROR_PRIVILEGE_NOT_HELD);      /* §12.3-15 */
    fails(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | SEC_COMMIT | SEC_LARGE_PAGES, 0, LARGE, NULL),         /* §5.1-8 */
          ERROR_PRIVILEGE_NOT_HELD);

    /* A view of large pages wants a section of large pages. */
    h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, LARGE, NULL);
    fails(MapViewOfFile(h, FILE_MAP_READ | FILE_MAP_LARGE_PAGES, 0, 0, 0), ERROR_INVALID_PARAMETER);    /* §7.3-2, §5.3-3 */
    fails(MapViewOfFile(h, FILE_MAP_READ | FILE_MAP_RESERVE, 0, 0, 0), ERROR_INVALID_PARAMETER);        /* §7.3-2: page file */
    CloseHandle(h);
    if (!set_privilege(TRUE))
    {
        skip("no privilege to lock memory\n");
        return;
    }
    test_private();
    test_section();
    set_privilege(FALSE);
}
