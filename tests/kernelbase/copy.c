/* ReadProcessMemory, WriteProcessMemory, on this process (§18). */
#include "memory.h"

/* §18-1 */
static void test_read(void)
{
    char *from = VirtualAlloc(NULL, 4 * K, MEM_COMMIT, PAGE_READWRITE), *to = VirtualAlloc(NULL, 4 * K, MEM_COMMIT, PAGE_READWRITE);
    HANDLE me = GetCurrentProcess();
    SIZE_T done;
    DWORD old;

    memset(from, 'r', 4 * K);
    done = 1;
    works(ReadProcessMemory(me, from, to, 0, &done));
    ok(!done, "done %#Ix\n", done);
    works(ReadProcessMemory(me, from + 1, to, 2 * K, &done));
    ok(done == 2 * K && to[0] == 'r' && to[2 * K - 1] == 'r' && !to[2 * K], "done %#Ix\n", done);
    works(ReadProcessMemory(me, from, to, 1, NULL));
    done = 1;
    fails(ReadProcessMemory(NULL, from, to, 1, &done), ERROR_INVALID_HANDLE);
    ok(!done, "done %#Ix\n", done);

    VirtualProtect(from + K, K, PAGE_NOACCESS, &old);                                                   /* §18-2 */
    done = 1;
    fails(ReadProcessMemory(me, from + K, to, K, &done), ERROR_PARTIAL_COPY);                           /* bad from the start */
    ok(!done, "done %#Ix\n", done);
    done = 1;
    fails(ReadProcessMemory(me, from, to, 2 * K, &done), ERROR_PARTIAL_COPY);                           /* second page bad: none copied */
    ok(!done, "done %#Ix\n", done);
    VirtualProtect(from + K, K, PAGE_READWRITE, &old);
    VirtualProtect(to + 2 * K, 2 * K, PAGE_READONLY, &old);                                             /* §18-3 */
    fails(ReadProcessMemory(me, from, to, 4 * K, &done), ERROR_PARTIAL_COPY);                           /* buffer good for two pages */
    ok(done == 2 * K || broken(!done), "done %#Ix\n", done);
    VirtualFree(from, 0, MEM_RELEASE);
    VirtualFree(to, 0, MEM_RELEASE);
}

/* §18-5 */
static void test_write(void)
{
    char *p = VirtualAlloc(NULL, 8 * K, MEM_COMMIT, PAGE_READWRITE), buffer[16] = "written";
    HANDLE me = GetCurrentProcess();
    SIZE_T done;
    DWORD old;

    works(WriteProcessMemory(me, p, buffer, 8, &done));
    ok(done == 8 && !strcmp(p, "written"), "done %#Ix\n", done);
    fails(WriteProcessMemory(NULL, p, buffer, 8, &done), ERROR_INVALID_HANDLE);                         /* §18-1 */

    VirtualProtect(p, K, PAGE_READONLY, &old);
    done = 1234;
    fails(WriteProcessMemory(me, p, buffer, 8, &done), ERROR_NOACCESS);                                 /* the count is untouched */
    ok(done == 1234, "done %#Ix\n", done);
    VirtualProtect(p, K, PAGE_NOACCESS, &old);
    fails(WriteProcessMemory(me, p, buffer, 8, &done), ERROR_NOACCESS);
    VirtualProtect(p, K, PAGE_EXECUTE_READ, &old);
    works(WriteProcessMemory(me, p, "patched", 8, &done));                                              /* code is patched */
    ok(done == 8 && !strcmp(p, "patched"), "done %#Ix\n", done);
    ok(page_protect(p) == PAGE_EXECUTE_READ, "protection %#lx\n", page_protect(p));
    VirtualProtect(p, 2 * K, PAGE_EXECUTE_READWRITE, &old);
    VirtualProtect(p + 2 * K, 2 * K, PAGE_READONLY, &old);
    {
        static char big[4 * K];
        SetLastError(UNTOUCHED);
        ok(!WriteProcessMemory(me, p, big, sizeof(big), &done), "wrote over a read-only page\n");
    }
    VirtualFree(p, 0, MEM_RELEASE);
}

START_TEST(copy)
{
    test_read();
    test_write();
}
