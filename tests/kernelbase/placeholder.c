/* Placeholders: reserve, split, coalesce, replace, preserve (§14). */
#include "memory.h"

FUNCTION(VirtualAlloc2);
FUNCTION(MapViewOfFile3);
FUNCTION(UnmapViewOfFile2);

#define RESERVE  (MEM_RESERVE | MEM_RESERVE_PLACEHOLDER)
#define REPLACE  (MEM_RESERVE | MEM_REPLACE_PLACEHOLDER)
#define PRESERVE (MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER)
#define COALESCE (MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS)

static char *reserve(void *base, SIZE_T size)
{
    return pVirtualAlloc2(NULL, base, size, RESERVE, PAGE_NOACCESS, NULL, 0);
}

#define is_placeholder(address, size) check_query(address, address, PAGE_NOACCESS, size, MEM_RESERVE, 0, MEM_PRIVATE)

/* §14-1 */
static void test_create(void)
{
    char *p;
    DWORD old;

    works(p = reserve(NULL, 4 * K));                                                                    /* A */
    is_placeholder(p, 4 * K);
    fails(pVirtualAlloc2(NULL, NULL, K, RESERVE, PAGE_READWRITE, NULL, 0), ERROR_INVALID_PARAMETER);
    fails(pVirtualAlloc2(NULL, NULL, K, MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS, NULL, 0), ERROR_INVALID_PARAMETER);
    fails(pVirtualAlloc2(NULL, NULL, K, RESERVE | MEM_COMMIT, PAGE_NOACCESS, NULL, 0), ERROR_INVALID_PARAMETER);
    fails(pVirtualAlloc2(NULL, NULL, K, RESERVE | MEM_REPLACE_PLACEHOLDER, PAGE_NOACCESS, NULL, 0), ERROR_INVALID_PARAMETER);
    fails(VirtualAlloc(NULL, K, RESERVE, PAGE_NOACCESS), ERROR_INVALID_PARAMETER);
    fails(reserve(p, 4 * K), ERROR_INVALID_ADDRESS);                                                    /* over itself */
    fails(VirtualAlloc(p, K, MEM_COMMIT, PAGE_READWRITE), ERROR_INVALID_ADDRESS);                       /* §14-2, §12.3-8: commit on one */
    fails(VirtualAlloc(p, 4 * K, MEM_RESERVE, PAGE_READWRITE), ERROR_INVALID_ADDRESS);
    fails(VirtualProtect(p, K, PAGE_READONLY, &old), ERROR_INVALID_ADDRESS);                            /* §14-9 */
    ok(!VirtualFree(p, K, MEM_DECOMMIT), "decommitted a placeholder\n");
    is_placeholder(p, 4 * K);
    works(VirtualFree(p, 0, MEM_RELEASE));                                                              /* §14-8 */
    check_free(p);
}

static void test_split_coalesce(void)
{
    char *p = reserve(NULL, 8 * K);

    fails(VirtualFree(p, 0, PRESERVE), ERROR_INVALID_PARAMETER);                                        /* §14-4: size 0 */
    fails(VirtualFree(p, 8 * K, PRESERVE), ERROR_INVALID_ADDRESS);                                      /* nothing to do */
    works(VirtualFree(p + 2 * K, 3 * K, PRESERVE));                                                     /* middle: three pieces */
    is_placeholder(p, 2 * K);
    is_placeholder(p + 2 * K, 3 * K);
    is_placeholder(p + 5 * K, 3 * K);
    works(VirtualFree(p, K, PRESERVE));                                                                 /* head */
    works(VirtualFree(p + 7 * K, K, PRESERVE));                                                         /* tail */
    is_placeholder(p, K);
    is_placeholder(p + K, K);
    is_placeholder(p + 7 * K, K);
    fails(VirtualFree(p + K, 4 * K, PRESERVE), ERROR_INVALID_ADDRESS);                                  /* spans two */

    fails(VirtualFree(p, 0, COALESCE), ERROR_INVALID_PARAMETER);                                        /* §14-7 */
    fails(VirtualFree(p, K, COALESCE), ERROR_INVALID_ADDRESS);                                          /* one piece */
    fails(VirtualFree(p, 3 * K, COALESCE), ERROR_INVALID_ADDRESS);                                      /* ends inside */
    fails(VirtualFree(p + 3 * K, 2 * K, COALESCE), ERROR_INVALID_ADDRESS);                              /* starts inside */
    fails(VirtualFree(p, 9 * K, COALESCE), ERROR_INVALID_ADDRESS);                                      /* one page more */
    fails(VirtualFree(p, 8 * K, MEM_COALESCE_PLACEHOLDERS), ERROR_INVALID_PARAMETER);
    fails(VirtualFree(p, 8 * K, COALESCE | MEM_PRESERVE_PLACEHOLDER), ERROR_INVALID_PARAMETER);
    works(VirtualFree(p, 2 * K, COALESCE));
    is_placeholder(p, 2 * K);
    works(VirtualFree(p, 8 * K, COALESCE));
    is_placeholder(p, 8 * K);
    works(VirtualFree(p, 0, MEM_RELEASE));

    p = VirtualAlloc(NULL, 4 * K, MEM_RESERVE, PAGE_NOACCESS);                                          /* §14-4, §14-7: a plain reservation */
    fails(VirtualFree(p, K, PRESERVE), ERROR_INVALID_ADDRESS);
    fails(VirtualFree(p, 4 * K, PRESERVE), ERROR_INVALID_ADDRESS);
    fails(VirtualFree(p, 4 * K, COALESCE), ERROR_INVALID_ADDRESS);
    works(VirtualFree(p, 0, MEM_RELEASE));
}

static void test_replace_private(void)
{
    char *p = reserve(NULL, 4 * K), *q;

    works(VirtualFree(p + K, 2 * K, PRESERVE));
    fails(pVirtualAlloc2(NULL, p + K, K, REPLACE, PAGE_READWRITE, NULL, 0), ERROR_INVALID_ADDRESS);     /* §14-2, §3.1-1: not exact */
    fails(pVirtualAlloc2(NULL, p + K, 3 * K, REPLACE, PAGE_READWRITE, NULL, 0), ERROR_INVALID_ADDRESS);
    fails(pVirtualAlloc2(NULL, p + K, 2 * K, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0), ERROR_INVALID_PARAMETER);
    fails(pVirtualAlloc2(NULL, p + K, 2 * K, MEM_REPLACE_PLACEHOLDER | MEM_COMMIT, PAGE_READWRITE, NULL, 0), ERROR_INVALID_PARAMETER);
    works(q = pVirtualAlloc2(NULL, p + K, 2 * K, REPLACE | MEM_COMMIT, PAGE_READWRITE, NULL, 0));       /* page aligned is enough */
    ok(q == p + K, "replaced %p\n", q);
    check_query(q, q, PAGE_READWRITE, 2 * K, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE);
    ok(!q[0], "not zero\n");
    q[0] = 1;
    fails(VirtualFree(p, 4 * K, COALESCE), ERROR_INVALID_ADDRESS);                                      /* §14-7: a replacement inside */
    fails(VirtualFree(q, K, PRESERVE), ERROR_INVALID_ADDRESS);                                          /* §14-5: not exact */
    works(VirtualFree(q, 2 * K, PRESERVE));
    is_placeholder(q, 2 * K);
    works(pVirtualAlloc2(NULL, q, 2 * K, REPLACE | MEM_COMMIT, PAGE_READWRITE, NULL, 0));
    ok(!q[0], "contents survived\n");
    works(VirtualFree(q, 0, MEM_RELEASE));                                                              /* §14-8: goes completely */
    check_free(q);
    check_query(p, p, PAGE_NOACCESS, K, MEM_RESERVE, 0, MEM_PRIVATE);
    works(VirtualFree(p, 0, MEM_RELEASE));
    works(VirtualFree(p + 3 * K, 0, MEM_RELEASE));
}

static void test_replace_view(void)
{
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 2 * G, NULL);
    char *p, *view, *other;

    p = reserve(NULL, 2 * G);
    works(VirtualFree(p, G, PRESERVE));
    fails(pMapViewOfFile3(section, NULL, p + 1, 0, G, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0), ERROR_MAPPED_ALIGNMENT);   /* §14-3 */
    fails(pMapViewOfFile3(section, NULL, p, 1, G, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0), ERROR_MAPPED_ALIGNMENT);
    fails(pMapViewOfFile3(section, NULL, p, 0, K, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0), ERROR_INVALID_ADDRESS);
    works(view = pMapViewOfFile3(section, NULL, p, K, G, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0));  /* page offsets are enough */
    ok(view == p, "view %p\n", view);
    check_query(p, p, PAGE_READWRITE, G, MEM_COMMIT, PAGE_READWRITE, MEM_MAPPED);
    fails(VirtualFree(p, G, PRESERVE), ERROR_INVALID_PARAMETER);                                        /* §14-5: a view */
    fails(pUnmapViewOfFile2(GetCurrentProcess(), p, PRESERVE), ERROR_INVALID_PARAMETER);                /* §14-6, §8.7-2: bad flags */
    fails(pUnmapViewOfFile2(NULL, p, MEM_PRESERVE_PLACEHOLDER), ERROR_INVALID_HANDLE);
    works(pUnmapViewOfFile2(GetCurrentProcess(), p, MEM_PRESERVE_PLACEHOLDER | MEM_UNMAP_WITH_TRANSIENT_BOOST));
    is_placeholder(p, G);
    fails(pUnmapViewOfFile2(GetCurrentProcess(), p, MEM_PRESERVE_PLACEHOLDER), ERROR_INVALID_ADDRESS);
    fails(UnmapViewOfFile(p), ERROR_INVALID_ADDRESS);                                                   /* §14-8: a placeholder is no view */

    view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    fails(pUnmapViewOfFile2(GetCurrentProcess(), view, MEM_PRESERVE_PLACEHOLDER), ERROR_INVALID_ADDRESS);   /* §14-6, §8.7-3: another view */
    check_query(view, view, PAGE_READWRITE, 2 * G, MEM_COMMIT, PAGE_READWRITE, MEM_MAPPED);
    works(UnmapViewOfFile(view));

    /* the ring buffer of the documentation: one section, twice, side by side */
    works(view = pMapViewOfFile3(section, NULL, p, 0, G, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0));   /* §14-3 */
    works(other = pMapViewOfFile3(section, NULL, p + G, 0, G, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0));
    memcpy(view + G - 2, "ring", 4);
    ok(!memcmp(view, "ng", 2) && !memcmp(other, "ng", 2) && !memcmp(other + G - 2, "ri", 2), "no ring\n");
    works(UnmapViewOfFile(view));                                                                       /* §14-8: goes completely */
    check_free(p);
    works(pUnmapViewOfFile2(GetCurrentProcess(), other, MEM_PRESERVE_PLACEHOLDER));
    works(VirtualFree(p + G, 0, MEM_RELEASE));
    CloseHandle(section);
}

static void test_refusals(void)
{
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 2 * G, NULL), image, file;
    char *p = reserve(NULL, 4 * K), *q, dll[MAX_PATH];
    DWORD old;

    fails(pMapViewOfFile3(section, NULL, p, 0, 8 * K, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0), ERROR_INVALID_ADDRESS);  /* §14-3 */
    fails(pMapViewOfFile3(section, NULL, p + K, 0, 3 * K, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0), ERROR_INVALID_ADDRESS);
    fails(pMapViewOfFile3(section, NULL, p, 0, 0, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0), ERROR_INVALID_PARAMETER);
    fails(pMapViewOfFile3(section, NULL, NULL, 0, 4 * K, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0), ERROR_INVALID_PARAMETER);
    fails(pMapViewOfFile3(section, NULL, p, 2 * G, 4 * K, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0), ERROR_ACCESS_DENIED);
    GetSystemDirectoryA(dll, MAX_PATH);
    strcat(dll, "\\kernelbase.dll");
    file = CreateFileA(dll, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    image = CreateFileMappingA(file, NULL, PAGE_READONLY | SEC_IMAGE, 0, 0, NULL);
    fails(pMapViewOfFile3(image, NULL, p, 0, 4 * K, MEM_REPLACE_PLACEHOLDER, PAGE_READONLY, NULL, 0), ERROR_INVALID_PARAMETER);
    CloseHandle(image);
    CloseHandle(file);
    is_placeholder(p, 4 * K);
    fails(pVirtualAlloc2(NULL, p, 8 * K, REPLACE, PAGE_READWRITE, NULL, 0), ERROR_INVALID_ADDRESS);     /* §14-2 */
    fails(pVirtualAlloc2(NULL, p + 16 * K, 4 * K, REPLACE, PAGE_READWRITE, NULL, 0), ERROR_INVALID_ADDRESS);
    q = VirtualAlloc(NULL, 4 * K, MEM_RESERVE, PAGE_NOACCESS);
    fails(pVirtualAlloc2(NULL, q, 4 * K, REPLACE, PAGE_READWRITE, NULL, 0), ERROR_INVALID_ADDRESS);
    fails(pMapViewOfFile3(section, NULL, q, 0, 4 * K, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0), ERROR_INVALID_ADDRESS);  /* §14-3 */
    VirtualFree(q, 0, MEM_RELEASE);

    works(VirtualFree(p + 2 * K, 2 * K, PRESERVE));
    works(pVirtualAlloc2(NULL, p, 2 * K, REPLACE, PAGE_READWRITE, NULL, 0));
    fails(pVirtualAlloc2(NULL, p, 2 * K, REPLACE, PAGE_READWRITE, NULL, 0), ERROR_INVALID_ADDRESS);     /* §14-2: replaced already */
    check_query(p, p, PAGE_READWRITE, 2 * K, MEM_RESERVE, 0, MEM_PRIVATE);
    works(VirtualAlloc(p, K, MEM_COMMIT, PAGE_READONLY));       /* an allocation like any other */
    works(VirtualProtect(p, K, PAGE_READWRITE, &old));
    fails(VirtualFree(p, 2 * K, COALESCE), ERROR_INVALID_ADDRESS);                                      /* §14-7 */
    fails(VirtualFree(p, 4 * K, PRESERVE), ERROR_INVALID_ADDRESS);                                      /* §14-5: it and a neighbour */
    works(VirtualFree(p, 2 * K, PRESERVE));
    works(VirtualFree(p, 4 * K, COALESCE));                                                             /* §14-7 */
    is_placeholder(p, 4 * K);
    ok(!ReadProcessMemory(GetCurrentProcess(), p, &(char){ 0 }, 1, NULL), "a placeholder can be read\n");        /* §14-9 */
    works(VirtualFree(p, 0, MEM_RELEASE));
    CloseHandle(section);
}

START_TEST(placeholder)
{
    LOAD(VirtualAlloc2);
    LOAD(MapViewOfFile3);
    LOAD(UnmapViewOfFile2);
    if (!pVirtualAlloc2 || !reserve(NULL, K))
    {
        win_skip("no placeholders\n");
        return;
    }
    test_create();
    test_split_coalesce();
    test_replace_private();
    test_replace_view();
    test_refusals();
}
