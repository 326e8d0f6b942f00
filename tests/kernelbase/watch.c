/* Write watch (§17). */
#include "memory.h"

FUNCTION(VirtualAlloc2);

static ULONG_PTR pages_written(DWORD flags, char *base, SIZE_T size, void **pages, ULONG_PTR room)
{
    ULONG_PTR count = room;
    DWORD unit = 0;
    UINT ret = GetWriteWatch(flags, base, size, pages, &count, &unit);

    ok(!ret, "GetWriteWatch returned %u, error %lu\n", ret, GetLastError());
    ok(unit == K, "granularity %#lx\n", unit);
    return count;
}

/* §17-2 */
static void test_pages(void)
{
    char *p = VirtualAlloc(NULL, 16 * K, MEM_RESERVE | MEM_WRITE_WATCH, PAGE_READWRITE);
    void *pages[64];
    DWORD old;

    ok(p != NULL, "MEM_WRITE_WATCH failed with %lu\n", GetLastError());
    ok(!pages_written(0, p, 16 * K, pages, 64), "reserved pages are written\n");                        /* §17-4 */
    VirtualAlloc(p, 16 * K, MEM_COMMIT, PAGE_READWRITE);
    ok(!pages_written(0, p, 16 * K, pages, 64), "fresh pages are written\n");
    ok(!p[5 * K], "not zero\n");
    ok(!pages_written(0, p, 16 * K, pages, 64), "reading dirties\n");

    p[3 * K + 7] = 1;
    p[8 * K] = 1;
    ok(pages_written(0, p, 16 * K, pages, 64) == 2 && pages[0] == p + 3 * K && pages[1] == p + 8 * K, "two pages, ascending\n");   /* §17-2 */
    ok(pages_written(0, p, 16 * K, pages, 1) == 1 && pages[0] == p + 3 * K, "no more than there is room for\n");
    ok(pages_written(WRITE_WATCH_FLAG_RESET, p, 16 * K, pages, 1) == 1, "reset\n");                     /* §17-3: only what is returned */
    ok(pages_written(0, p, 16 * K, pages, 64) == 1 && pages[0] == p + 8 * K, "reset went too far\n");
    *(USHORT *)(p + 10 * K - 1) = 1;                                                                    /* §17-2: across a boundary */
    ok(pages_written(0, p + 9 * K, 2 * K, pages, 64) == 2, "unaligned write\n");
    ok(!ResetWriteWatch(p, 16 * K), "ResetWriteWatch failed\n");                                        /* §17-3 */
    ok(!pages_written(0, p, 16 * K, pages, 64), "not reset\n");

    p[K] = 1;                                                                                           /* §17-6: protection changes nothing */
    VirtualProtect(p, 16 * K, PAGE_READONLY, &old);
    ok(pages_written(0, p, 16 * K, pages, 64) == 1, "VirtualProtect lost a page\n");
    VirtualProtect(p, 16 * K, PAGE_READWRITE, &old);
    ok(pages_written(0, p, 16 * K, pages, 64) == 1, "VirtualProtect dirtied\n");
    ResetWriteWatch(p, 16 * K);
    p[2 * K] = 1;                                                                                       /* §17-3 */
    p[K] = 2;
    ok(pages_written(0, p, 16 * K, pages, 64) == 2, "writes after a reset\n");
    VirtualFree(p + 2 * K, K, MEM_DECOMMIT);                                                            /* §17-8: decommit forgets */
    ok(pages_written(0, p, 16 * K, pages, 64) == 1 && pages[0] == p + K, "decommitted page is written\n");
    VirtualFree(p, 0, MEM_RELEASE);
}

/* §17-7 */
static void test_kernel_writes(void)
{
    char *p = VirtualAlloc(NULL, 16 * K, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE);
    HANDLE file = temp_file(GENERIC_READ, 2 * K, 'x');
    void *pages[64];
    DWORD done;

    ok(ReadFile(file, p + 4 * K, 2 * K, &done, NULL) && done == 2 * K, "ReadFile failed\n");
    ok(p[4 * K] == 'x', "nothing was read\n");
    ok(pages_written(WRITE_WATCH_FLAG_RESET, p, 16 * K, pages, 64) == 2 && pages[0] == p + 4 * K, "ReadFile is not seen\n");
    ok(!ReadFile((HANDLE)0x12340, p, K, &done, NULL), "ReadFile succeeded\n");
    ok(!pages_written(0, p, 16 * K, pages, 64), "a failed call dirtied\n");
    CloseHandle(file);
    VirtualFree(p, 0, MEM_RELEASE);
}

/* §17-9 */
static void test_many(void)
{
    const ULONG_PTR count = 2048;
    char *p = VirtualAlloc(NULL, count * K, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE);
    void **pages = malloc(count * sizeof(*pages));
    ULONG_PTR found, i;

    for (i = 0; i < count; i += 2) p[i * K] = 1;
    found = pages_written(WRITE_WATCH_FLAG_RESET, p, count * K, pages, count);
    ok(found == count / 2, "%Iu pages\n", found);
    for (i = 0; i < found; i++) if (pages[i] != p + 2 * i * K) break;
    ok(i == found, "page %Iu is %p\n", i, pages[i]);
    ok(!pages_written(0, p, count * K, pages, count), "not reset\n");
    free(pages);
    VirtualFree(p, 0, MEM_RELEASE);
}

/* §17-1 */
static void test_errors(void)
{
    char *p = VirtualAlloc(NULL, 4 * K, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE);
    char *plain = VirtualAlloc(NULL, 4 * K, MEM_COMMIT, PAGE_READWRITE);
    void *pages[8];
    ULONG_PTR count = 8, none = 0;
    DWORD unit;

#define refused(call, error) \
    do { SetLastError(UNTOUCHED); ok((call) == ~0u, "%s succeeded\n", #call); \
         ok(GetLastError() == (error), "%s: error %lu\n", #call, GetLastError()); } while (0)
    refused(GetWriteWatch(0, plain, K, pages, &count, &unit), ERROR_INVALID_PARAMETER);
    refused(GetWriteWatch(2, p, K, pages, &count, &unit), ERROR_INVALID_PARAMETER);
    refused(GetWriteWatch(0, p, 0, pages, &count, &unit), ERROR_INVALID_PARAMETER);
    refused(GetWriteWatch(0, NULL, K, pages, &count, &unit), ERROR_INVALID_PARAMETER);
    refused(GetWriteWatch(0, p, 4 * K + 1, pages, &count, &unit), ERROR_INVALID_PARAMETER);
    refused(GetWriteWatch(0, p + 4 * K - 1, 2, pages, &count, &unit), ERROR_INVALID_PARAMETER);
    refused(GetWriteWatch(0, p, K, pages, &none, &unit), ERROR_INVALID_PARAMETER);
    refused(GetWriteWatch(0, p, K, NULL, &none, &unit), ERROR_INVALID_PARAMETER);
    refused(GetWriteWatch(0, p, K, NULL, &count, &unit), ERROR_NOACCESS);
    refused(GetWriteWatch(0, p, K, pages, NULL, &unit), ERROR_NOACCESS);
    refused(GetWriteWatch(0, p, K, pages, &count, NULL), ERROR_NOACCESS);
    refused(ResetWriteWatch(plain, K), ERROR_INVALID_PARAMETER);
    refused(ResetWriteWatch(p, 0), ERROR_INVALID_PARAMETER);
    refused(ResetWriteWatch(NULL, K), ERROR_INVALID_PARAMETER);
    refused(ResetWriteWatch(p, 5 * K), ERROR_INVALID_PARAMETER);
#undef refused
    VirtualFree(p, 0, MEM_RELEASE);
    VirtualFree(plain, 0, MEM_RELEASE);
}

/* A guard page comes before the watch (§17-5) */
static void test_guard(void)
{
    char *p = VirtualAlloc(NULL, 2 * K, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE | PAGE_GUARD);
    HANDLE file = temp_file(GENERIC_READ, K, 'x');
    void *pages[2];
    DWORD done;

    ok(!ReadFile(file, p, 16, &done, NULL), "read into a guard page\n");
    ok(page_protect(p) == PAGE_READWRITE, "protection %#lx\n", page_protect(p));
    ok(!pages_written(0, p, 2 * K, pages, 2), "written in spite of the guard\n");
    ok(ReadFile(file, p, 16, &done, NULL), "error %lu\n", GetLastError());
    ok(pages_written(0, p, 2 * K, pages, 2) == 1 && pages[0] == p, "the second write is not seen\n");
    SetLastError(UNTOUCHED);
    ok(!VirtualLock(p + K, K), "locked a guard page\n");                                                /* §17-5, §15-2 */
    ok(pages_written(0, p, 2 * K, pages, 2) == 1, "written in spite of the guard\n");
    works(VirtualLock(p + K, K));                               /* which counts as a write */
    ok(pages_written(0, p, 2 * K, pages, 2) == 2, "locking is no write\n");
    CloseHandle(file);
    VirtualFree(p, 0, MEM_RELEASE);
}

/* Written, then protected: such pages are told even after they were decommitted (§17-8) */
static void test_latch(void)
{
    char *p = VirtualAlloc(NULL, 4 * K, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE);
    void *pages[4];
    DWORD old;

    p[0] = p[K] = 1;
    VirtualProtect(p, K, PAGE_READONLY, &old);
    VirtualProtect(p, K, PAGE_READWRITE, &old);
    VirtualFree(p, 4 * K, MEM_DECOMMIT);
    ok(pages_written(0, p, 4 * K, pages, 4) == 1 && pages[0] == p, "decommitted\n");
    VirtualAlloc(p, 4 * K, MEM_COMMIT, PAGE_READWRITE);
    ok(!p[0] && !p[K], "not zero\n");
    ok(pages_written(WRITE_WATCH_FLAG_RESET, p, 4 * K, pages, 4) == 1 && pages[0] == p, "committed again\n");
    ok(!pages_written(0, p, 4 * K, pages, 4), "not reset\n");
    VirtualFree(p, 0, MEM_RELEASE);
}

/* (§17-10) */
static void test_placeholder(void)
{
    char *p;
    void *pages[4];

    if (!pVirtualAlloc2)
    {
        win_skip("no VirtualAlloc2\n");
        return;
    }
    p = pVirtualAlloc2(NULL, NULL, 4 * K, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS, NULL, 0);
    if (!p)
    {
        win_skip("no placeholders\n");
        return;
    }
    works(pVirtualAlloc2(NULL, p, 4 * K, MEM_RESERVE | MEM_COMMIT | MEM_REPLACE_PLACEHOLDER | MEM_WRITE_WATCH, PAGE_READWRITE, NULL, 0));
    ok(!pages_written(0, p, 4 * K, pages, 4), "fresh pages are written\n");
    p[2 * K] = 1;
    ok(pages_written(0, p, 4 * K, pages, 4) == 1 && pages[0] == p + 2 * K, "not seen\n");
    works(VirtualFree(p, 4 * K, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER));
    works(pVirtualAlloc2(NULL, p, 4 * K, MEM_RESERVE | MEM_COMMIT | MEM_REPLACE_PLACEHOLDER | MEM_WRITE_WATCH, PAGE_READWRITE, NULL, 0));
    ok(!pages_written(0, p, 4 * K, pages, 4), "what was written before the replacement\n");
    VirtualFree(p, 0, MEM_RELEASE);
}

/* Nothing was read at the end of a file, and still all of the buffer counts as written; so do the results (§17-7) */
static void test_requests(void)
{
    char *p = VirtualAlloc(NULL, 8 * K, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE);
    HANDLE file = temp_file(GENERIC_READ, K, 'x');
    DWORD done;
    void *pages[8];

    SetFilePointer(file, K, NULL, FILE_BEGIN);
    ok(ReadFile(file, p, 2 * K, &done, NULL) && !done, "read %lu\n", done);
    ok(pages_written(WRITE_WATCH_FLAG_RESET, p, 8 * K, pages, 8) == 2, "the whole buffer\n");
    SetFilePointer(file, 0, NULL, FILE_BEGIN);
    ok(ReadFile(file, p + 2 * K + 5, 3 * K, &done, NULL) && done == K, "read %lu\n", done);
    ok(pages_written(WRITE_WATCH_FLAG_RESET, p, 8 * K, pages, 8) == 4 && pages[0] == p + 2 * K, "the whole buffer\n");
    works(VirtualQuery(p, (MEMORY_BASIC_INFORMATION *)(p + 6 * K), sizeof(MEMORY_BASIC_INFORMATION)));
    ok(pages_written(WRITE_WATCH_FLAG_RESET, p, 8 * K, pages, 8) == 1 && pages[0] == p + 6 * K, "results\n");
    ok(ReadProcessMemory(GetCurrentProcess(), pages, p + 7 * K, 8, NULL), "error %lu\n", GetLastError());
    ok(pages_written(WRITE_WATCH_FLAG_RESET, p, 8 * K, pages, 8) == 1 && pages[0] == p + 7 * K, "copies\n");
    CloseHandle(file);
    VirtualFree(p, 0, MEM_RELEASE);
}

START_TEST(watch)
{
    LOAD(VirtualAlloc2);
    test_guard();
    test_latch();
    test_placeholder();
    test_requests();
    test_pages();
    test_kernel_writes();
    test_many();
    test_errors();
}
