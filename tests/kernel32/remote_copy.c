/* ReadProcessMemory and WriteProcessMemory on whatever another process may have in its memory (specification 18): how much
 * is copied, what is said, and what became of the pages. Every case by this process's own handle, too. */
#include "target.h"
#include <stdlib.h>

static HANDLE process;
static char source[6 * K], back[6 * K];

static void *at_there(SIZE_T size, DWORD type, DWORD protect)
{
    void *p = VirtualAllocEx(process, NULL, size, type, protect);

    ok(p != NULL, "VirtualAllocEx failed with %lu\n", GetLastError());
    return p;
}

static DWORD protect_of(const void *p)
{
    MEMORY_BASIC_INFORMATION info;

    return VirtualQueryEx(process, p, &info, sizeof(info)) ? info.State == MEM_COMMIT ? info.Protect : info.State : 0;
}

static void set_protect(void *p, SIZE_T size, DWORD protect)
{
    DWORD old;

    ok(VirtualProtectEx(process, p, size, protect, &old), "VirtualProtectEx failed with %lu\n", GetLastError());
}

/* ---- a table of pages --------------------------------------------------------------------------------------------- */

#define NOTHING 0xffffffffu             /* decommitted */

static const struct copy_case
{
    DWORD page[2];                      /* protections of two pages; the copy is of both, from the middle of the first */
    DWORD read, write;                  /* errors */
    SIZE_T read_done, write_done;       /* of K bytes; NOTHING: left alone */
    DWORD after[2];
} cases[] =
{
    { { PAGE_READWRITE, PAGE_READWRITE }, 0, 0, K, K, { PAGE_READWRITE, PAGE_READWRITE } },
    { { PAGE_EXECUTE_READWRITE, PAGE_EXECUTE_READWRITE }, 0, 0, K, K, { PAGE_EXECUTE_READWRITE, PAGE_EXECUTE_READWRITE } },
    { { PAGE_READONLY, PAGE_READONLY }, 0, ERROR_NOACCESS, K, NOTHING, { PAGE_READONLY, PAGE_READONLY } },
    { { PAGE_EXECUTE_READ, PAGE_EXECUTE_READ }, 0, 0, K, K, { PAGE_EXECUTE_READ, PAGE_EXECUTE_READ } },
    { { PAGE_EXECUTE, PAGE_EXECUTE }, 0, 0, K, K, { PAGE_EXECUTE, PAGE_EXECUTE } },
    { { PAGE_NOACCESS, PAGE_NOACCESS }, ERROR_PARTIAL_COPY, ERROR_NOACCESS, 0, NOTHING, { PAGE_NOACCESS, PAGE_NOACCESS } },
    { { PAGE_READWRITE, PAGE_NOACCESS }, ERROR_PARTIAL_COPY, ERROR_PARTIAL_COPY, 0, K / 2, { PAGE_READWRITE, PAGE_NOACCESS } },
    { { PAGE_READWRITE, PAGE_READONLY }, 0, ERROR_PARTIAL_COPY, K, K / 2, { PAGE_READWRITE, PAGE_READONLY } },
    { { PAGE_READONLY, PAGE_READWRITE }, 0, ERROR_NOACCESS, K, NOTHING, { PAGE_READONLY, PAGE_READWRITE } },
    { { PAGE_READWRITE, NOTHING }, ERROR_PARTIAL_COPY, ERROR_PARTIAL_COPY, 0, K / 2, { PAGE_READWRITE, MEM_RESERVE } },
    { { NOTHING, PAGE_READWRITE }, ERROR_PARTIAL_COPY, ERROR_NOACCESS, 0, NOTHING, { MEM_RESERVE, PAGE_READWRITE } },
    { { PAGE_EXECUTE_READ, NOTHING }, ERROR_PARTIAL_COPY, ~0u, 0, NOTHING, { PAGE_EXECUTE_READ, MEM_RESERVE } },
};

static void test_pages(void)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        const struct copy_case *c = &cases[i];
        char *p = at_there(2 * K, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE), text[K];
        SIZE_T done;
        DWORD error;
        BOOL good;

        winetest_push_context("%#lx and %#lx", c->page[0], c->page[1]);
        memset(source, 'A' + (int)i, sizeof(source));
        ok(WriteProcessMemory(process, p, source, 2 * K, NULL), "WriteProcessMemory failed with %lu\n", GetLastError());
        for (int j = 0; j < 2; j++)
            if (c->page[j] == NOTHING) VirtualFreeEx(process, p + j * K, K, MEM_DECOMMIT);
            else set_protect(p + j * K, K, c->page[j]);

        memset(back, '?', sizeof(back));
        done = NOTHING;
        SetLastError(0);
        good = ReadProcessMemory(process, p + K / 2, back, K, &done);
        ok(good == !c->read && GetLastError() == c->read, "read: %d, error %lu\n", good, GetLastError());
        ok(done == c->read_done, "read: %#Ix bytes\n", done);
        ok(back[0] == (c->read_done ? 'A' + (int)i : '?') && back[K - 1] == back[0] && back[K] == '?', "read: %c ... %c, %c\n", back[0],
           back[K - 1], back[K]);

        memset(text, 'z', sizeof(text));
        done = NOTHING;
        SetLastError(0);
        good = WriteProcessMemory(process, p + K / 2, text, K, &done);
        error = GetLastError();
        if (c->write == ~0u) ok(!good && error, "written\n");
        else
        {
            ok(good == !c->write && error == c->write, "write: %d, error %lu\n", good, error);
            ok(done == c->write_done, "write: %#Ix bytes\n", done);
        }
        ok(protect_of(p) == c->after[0] && protect_of(p + K) == c->after[1], "then %#lx and %#lx\n", protect_of(p), protect_of(p + K));

        /* what was written, and nothing else */
        for (int j = 0; j < 2; j++) if (c->page[j] != NOTHING) set_protect(p + j * K, K, PAGE_READWRITE);
        if (c->page[0] != NOTHING && c->write != ~0u)
        {
            ok(ReadProcessMemory(process, p, back, K, &done), "ReadProcessMemory failed with %lu\n", GetLastError());
            ok(back[0] == 'A' + (int)i && back[K / 2 - 1] == 'A' + (int)i, "before it: %c\n", back[0]);
            ok(back[K / 2] == (c->write_done == NOTHING ? 'A' + (int)i : 'z') && back[K - 1] == back[K / 2], "in it: %c ... %c\n",
               back[K / 2], back[K - 1]);
        }
        if (c->page[1] != NOTHING)
        {
            ok(ReadProcessMemory(process, p + K, back, K, &done), "ReadProcessMemory failed with %lu\n", GetLastError());
            ok(back[0] == (c->write_done == K ? 'z' : 'A' + (int)i) && back[K / 2] == 'A' + (int)i, "in the second: %c, %c\n", back[0],
               back[K / 2]);
        }
        VirtualFreeEx(process, p, 0, MEM_RELEASE);
        winetest_pop_context();
    }
}

/* ---- particular ones ------------------------------------------------------------------------------------------------ */

/* The guard is taken away by whoever comes first, and the copy fails. */
static void test_guard(void)
{
    char *p = at_there(2 * K, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    SIZE_T done;

    set_protect(p, K, PAGE_READWRITE | PAGE_GUARD);
    ok(!ReadProcessMemory(process, p, back, 8, &done), "read\n");
    ok(!done && protect_of(p) == PAGE_READWRITE, "%#Ix bytes, then %#lx\n", done, protect_of(p));
    works(ReadProcessMemory(process, p, back, 8, &done));
    set_protect(p, K, PAGE_READWRITE | PAGE_GUARD);
    ok(!WriteProcessMemory(process, p, "guarded", 8, &done), "written\n");
    ok(!done && protect_of(p) == PAGE_READWRITE, "%#Ix bytes, then %#lx\n", done, protect_of(p));
    works(WriteProcessMemory(process, p, "guarded", 8, &done));
    set_protect(p + K, K, PAGE_READWRITE | PAGE_GUARD);
    ok(!WriteProcessMemory(process, p + K - 4, "guarded", 8, &done), "written\n");
    ok(done == 4 && protect_of(p + K) == PAGE_READWRITE, "%#Ix bytes, then %#lx\n", done, protect_of(p + K));
    VirtualFreeEx(process, p, 0, MEM_RELEASE);
}

/* A copy that is written becomes the target's own, page by page. */
static void test_copy_on_write(void)
{
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 3 * K, NULL);
    char *here = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0), *far, *again;
    SIZE_T done;
    FUNCTION(MapViewOfFileNuma2);
    FUNCTION(UnmapViewOfFile2);

    LOAD(MapViewOfFileNuma2);
    LOAD(UnmapViewOfFile2);
    memset(here, 'o', 3 * K);
    far = pMapViewOfFileNuma2(section, process, 0, NULL, 0, 0, PAGE_WRITECOPY, NUMA_NO_PREFERRED_NODE);
    again = pMapViewOfFileNuma2(section, process, 0, NULL, 0, 0, PAGE_READONLY, NUMA_NO_PREFERRED_NODE);
    ok(far && again, "MapViewOfFileNuma2 failed with %lu\n", GetLastError());
    works(WriteProcessMemory(process, far + 2 * K - 2, "copy", 4, &done));
    ok(done == 4, "%#Ix bytes\n", done);
    ok(protect_of(far) == PAGE_WRITECOPY && protect_of(far + K) == PAGE_READWRITE && protect_of(far + 2 * K) == PAGE_READWRITE,
       "then %#lx, %#lx, %#lx\n", protect_of(far), protect_of(far + K), protect_of(far + 2 * K));
    ok(here[2 * K - 1] == 'o' && here[2 * K] == 'o', "it went through\n");
    works(ReadProcessMemory(process, far + 2 * K - 4, back, 8, &done));
    ok(!memcmp(back, "oocopyoo", 8), "read %.8s\n", back);
    here[0] = 'n';                      /* the first page is still everybody's */
    works(ReadProcessMemory(process, far, back, 1, &done));
    ok(back[0] == 'n', "read %c\n", back[0]);
    fails(WriteProcessMemory(process, again, "x", 1, &done), ERROR_NOACCESS);
    ok(here[0] == 'n', "written\n");
    works(pUnmapViewOfFile2(process, far, 0));
    works(pUnmapViewOfFile2(process, again, 0));
    UnmapViewOfFile(here);
    CloseHandle(section);
}

/* Reserved pages of a section are there for all once anybody commits them. */
static void test_reserve(void)
{
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | SEC_RESERVE, 0, 4 * K, NULL);
    char *here = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0), *far;
    SIZE_T done;
    FUNCTION(MapViewOfFileNuma2);
    FUNCTION(UnmapViewOfFile2);

    LOAD(MapViewOfFileNuma2);
    LOAD(UnmapViewOfFile2);
    far = pMapViewOfFileNuma2(section, process, 0, NULL, 0, 0, PAGE_READWRITE, NUMA_NO_PREFERRED_NODE);
    ok(far != NULL, "MapViewOfFileNuma2 failed with %lu\n", GetLastError());
    fails(WriteProcessMemory(process, far, "x", 1, &done), ERROR_NOACCESS);
    fails(ReadProcessMemory(process, far, back, 1, &done), ERROR_PARTIAL_COPY);
    ok(VirtualAlloc(here + K, K, MEM_COMMIT, PAGE_READWRITE) == here + K, "VirtualAlloc failed with %lu\n", GetLastError());
    strcpy(here + K, "committed here");
    works(ReadProcessMemory(process, far + K, back, 15, &done));
    ok(!strcmp(back, "committed here"), "read %s\n", back);
    works(WriteProcessMemory(process, far + K, "written there", 14, &done));
    ok(!strcmp(here + K, "written there"), "here is %s\n", here + K);
    ok(VirtualAllocEx(process, far + 2 * K, K, MEM_COMMIT, PAGE_READWRITE) == far + 2 * K, "VirtualAllocEx failed with %lu\n",
       GetLastError());
    here[2 * K] = 'h';
    works(ReadProcessMemory(process, far + 2 * K, back, 1, &done));
    ok(back[0] == 'h', "read %c\n", back[0]);
    works(ReadProcessMemory(process, far + K, back, 2 * K, &done));
    ok(done == 2 * K, "%#Ix bytes\n", done);
    fails(ReadProcessMemory(process, far + K, back, 3 * K, &done), ERROR_PARTIAL_COPY);
    works(pUnmapViewOfFile2(process, far, 0));
    UnmapViewOfFile(here);
    CloseHandle(section);
}

/* The buffers at this end, lengths, and addresses that are none. */
static void test_ends(void)
{
    char *p = at_there(3 * G, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    char *few = VirtualAlloc(NULL, 2 * K, MEM_RESERVE, PAGE_READWRITE);
    SIZE_T done = 5;

    VirtualAlloc(few, K, MEM_COMMIT, PAGE_READWRITE);
    works(ReadProcessMemory(process, p, back, 0, &done));
    ok(!done, "%#Ix bytes\n", done);
    works(WriteProcessMemory(process, p, source, 0, &done));
    works(ReadProcessMemory(process, p, back, 8, NULL));
    works(WriteProcessMemory(process, p, source, 8, NULL));
    memset(few, 'f', K);
    done = 5;
    fails(WriteProcessMemory(process, p, few, 2 * K, &done), ERROR_PARTIAL_COPY);
    ok(!done, "%#Ix bytes\n", done);
    done = 5;
    fails(ReadProcessMemory(process, p, few, 2 * K, &done), ERROR_PARTIAL_COPY);
    ok(done == K, "%#Ix bytes\n", done);
    done = 5;
    fails(ReadProcessMemory(process, (void *)0x10, back, 8, &done), ERROR_PARTIAL_COPY);
    ok(!done, "%#Ix bytes\n", done);
    done = 5;
    fails(ReadProcessMemory(process, NULL, back, 8, &done), ERROR_PARTIAL_COPY);
    fails(ReadProcessMemory(process, (void *)0x7fffffff0000, back, 8, &done), ERROR_NOACCESS);
    fails(ReadProcessMemory(process, (void *)0xffff800000000000, back, 8, &done), ERROR_NOACCESS);
    fails(ReadProcessMemory(process, p, (void *)0xffff800000000000, 8, &done), ERROR_NOACCESS);
    fails(ReadProcessMemory(process, p, back, ~(SIZE_T)0, &done), ERROR_NOACCESS);
    VirtualFree(few, 0, MEM_RELEASE);
    VirtualFreeEx(process, p, 0, MEM_RELEASE);
}

/* The program itself: its code can be patched, its constants not, its data are copies. */
static const char constant[] = "constant";
static char data[] = "data";

static DWORD CALLBACK __attribute__((noinline, aligned(64))) code(void *arg)
{
    return (DWORD)(ULONG_PTR)arg + strtoul("1", NULL, 10);      /* longer than what is put over it */
}

static void test_image(const struct target *target)
{
    static const unsigned char returns_77[] = { 0xb8, 77, 0, 0, 0, 0xc3 };
    DWORD (CALLBACK *far)(void *) = target_address(target, (void *)code);
    char *far_data = target_address(target, data), *far_constant = target_address(target, constant);
    HANDLE thread;
    DWORD result, was = protect_of((void *)far);
    SIZE_T done;

    ok(was == PAGE_EXECUTE_READ, "code is %#lx\n", was);
    works(WriteProcessMemory(process, (void *)far, returns_77, sizeof(returns_77), &done));
    works(FlushInstructionCache(process, (void *)far, sizeof(returns_77)));
    ok(protect_of((void *)far) == PAGE_EXECUTE_READ, "then %#lx\n", protect_of((void *)far));
    thread = CreateRemoteThread(process, NULL, 0, far, NULL, 0, NULL);
    ok(!WaitForSingleObject(thread, 5000) && GetExitCodeThread(thread, &result) && result == 77, "it returned %lu\n", result);
    CloseHandle(thread);
    ok(code((void *)1) == 2, "it was patched here\n");
    fails(WriteProcessMemory(process, far_constant, "x", 1, &done), ERROR_NOACCESS);
    works(WriteProcessMemory(process, far_data, "DATA", 4, &done));
    works(ReadProcessMemory(process, far_data, back, 5, &done));
    ok(!strcmp(back, "DATA") && !strcmp(data, "data"), "there %s, here %s\n", back, data);
    ok(protect_of(far_data) == PAGE_READWRITE, "then %#lx\n", protect_of(far_data));
}

START_TEST(remote_copy)
{
    struct target target;

    if (!target_is_parent()) return;
    for (enum target_state state = RUNNING; state < DEAD; state++)
    {
        if (!target_start(&target, "remote_copy", state)) continue;
        process = target.info.hProcess;
        winetest_push_context("%s", target_state_names[state]);
        test_pages();
        test_guard();
        test_copy_on_write();
        test_reserve();
        test_ends();
        if (state != EXITING) test_image(&target);
        winetest_pop_context();
        target_kill(&target);
        target_close(&target);
    }
    winetest_push_context("this process");
    process = GetCurrentProcess();
    test_pages();
    test_guard();
    test_copy_on_write();
    test_reserve();
    test_ends();
    winetest_pop_context();
}
