/* NtAllocateVirtualMemory(Ex): every type, extended parameters (§12.3, §12.4); locking (§15); NtWriteVirtualMemory (§18). */
#include "memory.h"

NTSYSAPI NTSTATUS WINAPI NtLockVirtualMemory(HANDLE, PVOID *, SIZE_T *, ULONG);
NTSYSAPI NTSTATUS WINAPI NtUnlockVirtualMemory(HANDLE, PVOID *, SIZE_T *, ULONG);

#ifndef MEM_RESET_UNDO
#define MEM_RESET_UNDO 0x1000000
#endif

static NTSTATUS allocate(ULONG type, ULONG protect)
{
    void *p = NULL;
    SIZE_T size = K, whole = 0;
    NTSTATUS status = NtAllocateVirtualMemory(ME, &p, 0, &size, type, protect);

    if (!status) NtFreeVirtualMemory(ME, &p, &whole, MEM_RELEASE);
    return status;
}

static NTSTATUS allocate_ex(void *base, ULONG type, ULONG protect, MEM_EXTENDED_PARAMETER *params, ULONG count)
{
    void *p = base;
    SIZE_T size = K, whole = 0;
    NTSTATUS status = pNtAllocateVirtualMemoryEx(ME, &p, &size, type, protect, params, count);

    if (status) ok(p == base && size == K, "a failure wrote %p %#Ix\n", p, size);                       /* §12.3-11 */
    else if (!base) NtFreeVirtualMemory(ME, &p, &whole, MEM_RELEASE);
    return status;
}

/* The table of §12.3, as a rule. */
static BOOL type_valid(ULONG type, BOOL ex)
{
    ULONG primary = type & (MEM_RESERVE | MEM_COMMIT | MEM_RESET | MEM_RESET_UNDO), with = type & ~primary;
    ULONG replace = ex ? MEM_REPLACE_PLACEHOLDER : 0;

    if (primary == (MEM_RESERVE | MEM_COMMIT)) return !(with & ~(MEM_TOP_DOWN | MEM_WRITE_WATCH | MEM_LARGE_PAGES | replace));
    if (primary == MEM_COMMIT) return !(with & ~MEM_TOP_DOWN);
    if (primary == MEM_RESET || primary == MEM_RESET_UNDO) return !with;
    if (primary != MEM_RESERVE) return FALSE;
    if (with == MEM_PHYSICAL) return TRUE;
    if (ex && (with & ~MEM_TOP_DOWN) == MEM_RESERVE_PLACEHOLDER) return TRUE;
    return !(with & ~(MEM_TOP_DOWN | MEM_WRITE_WATCH | replace));
}

/* Each set of types; the protection, which is wrong, is looked at next (§12.3-1, §12.3-2) */
static void test_types(void)
{
    static const ULONG bits[] = { MEM_COMMIT, MEM_RESERVE, MEM_REPLACE_PLACEHOLDER, MEM_RESERVE_PLACEHOLDER, MEM_RESET, MEM_TOP_DOWN,
                                  MEM_WRITE_WATCH, MEM_PHYSICAL, MEM_RESET_UNDO, MEM_LARGE_PAGES, 0x40000000, MEM_RELEASE };
    unsigned wrong = 0, wrong_ex = 0;

    for (unsigned set = 0; set < 1u << ARRAY_SIZE(bits); set++)
    {
        ULONG type = 0;
        NTSTATUS status, expected;

        for (unsigned i = 0; i < ARRAY_SIZE(bits); i++) if (set & (1u << i)) type |= bits[i];
        expected = type_valid(type, FALSE) ? STATUS_INVALID_PAGE_PROTECTION : STATUS_INVALID_PARAMETER_5;
        status = allocate(type, 0);
        if (type & MEM_RESERVE_PLACEHOLDER ? !status : status != expected)
            if (++wrong < 10) trace("type %#lx: %#lx, expected %#lx\n", type, status, expected);
        if (!pNtAllocateVirtualMemoryEx) continue;
        expected = type_valid(type, TRUE) ? STATUS_INVALID_PAGE_PROTECTION : STATUS_INVALID_PARAMETER;
        status = allocate_ex(NULL, type, 0, NULL, 0);
        if (status != expected && ++wrong_ex < 10) trace("Ex, type %#lx: %#lx, expected %#lx\n", type, status, expected);
    }
    ok(!wrong, "%u sets of types\n", wrong);
    ok(!wrong_ex, "%u sets of types, Ex\n", wrong_ex);
}

static void test_ex(void)
{
    MEM_EXTENDED_PARAMETER params[2];
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    MEM_ADDRESS_REQUIREMENTS req = { NULL, NULL, G };
    char *p = VirtualAlloc(NULL, 4 * K, MEM_RESERVE, PAGE_READWRITE);

    memset(params, 0, sizeof(params));
    params[0].Type = MemExtendedParameterNumaNode;                                                      /* §12.4-4 */
    ok_status(allocate_ex(NULL, MEM_RESERVE, PAGE_READWRITE, params, 1), STATUS_SUCCESS);
    params[0].ULong = NUMA_NO_PREFERRED_NODE;
    ok_status(allocate_ex(NULL, MEM_RESERVE, PAGE_READWRITE, params, 1), STATUS_SUCCESS);
    params[0].ULong = 1000;
    ok_status(allocate_ex(NULL, MEM_RESERVE, PAGE_READWRITE, params, 1), STATUS_INVALID_PARAMETER);

    params[0].Type = MemExtendedParameterPartitionHandle;                                               /* §12.4-5 */
    for (int pseudo = 1; pseudo <= 3; pseudo++)
    {
        params[0].Handle = (HANDLE)(LONG_PTR)-pseudo;
        ok_status(allocate_ex(NULL, MEM_RESERVE, PAGE_READWRITE, params, 1), STATUS_SUCCESS);
    }
    params[0].Handle = (HANDLE)0x12340;
    ok_status(allocate_ex(NULL, MEM_RESERVE, PAGE_READWRITE, params, 1), STATUS_INVALID_HANDLE);
    params[0].Handle = event;
    ok_status2(allocate_ex(NULL, MEM_RESERVE, PAGE_READWRITE, params, 1), STATUS_OBJECT_TYPE_MISMATCH, STATUS_INVALID_HANDLE);

    params[0].Type = MemExtendedParameterAttributeFlags;                                                /* §12.4-6 */
    params[0].ULong64 = 0;
    ok_status(allocate_ex(NULL, MEM_RESERVE, PAGE_READWRITE, params, 1), STATUS_SUCCESS);
    params[0].ULong64 = MEM_EXTENDED_PARAMETER_NONPAGED;
    ok_status(allocate_ex(NULL, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, params, 1), STATUS_PRIVILEGE_NOT_HELD);
    params[0].ULong64 = (ULONG64)1 << 40;
    ok_status(allocate_ex(NULL, MEM_RESERVE, PAGE_READWRITE, params, 1), STATUS_INVALID_PARAMETER);

    params[0].Type = 6;                                         /* image machine */                     /* §12.4-7 */
    params[0].ULong64 = 0;
    ok_status(allocate_ex(NULL, MEM_RESERVE, PAGE_READWRITE, params, 1), STATUS_INVALID_PARAMETER);
    params[0].Type = MemExtendedParameterUserPhysicalHandle;
    params[0].Handle = (HANDLE)0x12340;
    ok_status(allocate_ex(NULL, MEM_RESERVE | MEM_PHYSICAL, PAGE_READWRITE, params, 1), STATUS_INVALID_HANDLE);
    memset(params, 0, sizeof(params));
    *(ULONG64 *)params = 0x100 | MemExtendedParameterNumaNode;  /* a reserved bit */
    ok_status(allocate_ex(NULL, MEM_RESERVE, PAGE_READWRITE, params, 1), STATUS_INVALID_PARAMETER);

    memset(params, 0, sizeof(params));
    ok_status(allocate_ex(NULL, MEM_RESERVE, PAGE_READWRITE, NULL, 1), STATUS_INVALID_PARAMETER);       /* §12.4-1 */
    for (unsigned type = 0; type < 16; type++)
    {
        if (type && type < 7) continue;
        params[0].Type = type;
        ok_status(allocate_ex(NULL, MEM_RESERVE, PAGE_READWRITE, params, 1), STATUS_INVALID_PARAMETER);
    }
    for (unsigned type = 1; type < 6; type++)
    {
        params[0].Type = params[1].Type = type;
        params[0].Pointer = params[1].Pointer = type == MemExtendedParameterAddressRequirements ? &req : NULL;
        if (type == MemExtendedParameterPartitionHandle) params[0].Handle = params[1].Handle = (HANDLE)~(ULONG_PTR)0;
        if (type == MemExtendedParameterUserPhysicalHandle) continue;
        ok_status(allocate_ex(NULL, MEM_RESERVE, PAGE_READWRITE, params, 2), STATUS_INVALID_PARAMETER);
    }
    params[0].Type = MemExtendedParameterAddressRequirements;
    params[0].Pointer = (void *)8;
    ok_status(allocate_ex(NULL, MEM_RESERVE, PAGE_READWRITE, params, 1), STATUS_ACCESS_VIOLATION);
    params[0].Pointer = &req;
    ok_status(allocate_ex(p, MEM_COMMIT, PAGE_READWRITE, params, 1), STATUS_INVALID_PARAMETER);         /* §12.4-2: with a base */
    req.Alignment = 0;
    ok_status(allocate_ex(p, MEM_COMMIT, PAGE_READWRITE, params, 1), STATUS_SUCCESS);
    VirtualFree(p, 0, MEM_RELEASE);
    CloseHandle(event);
}

/* MEM_RESET, MEM_RESET_UNDO: where they may, and that nothing is lost unless the second says so (§12.3-14) */
static void test_reset(void)
{
    char *p = VirtualAlloc(NULL, 4 * K, MEM_RESERVE, PAGE_NOACCESS);
    HANDLE file = memory_temp_file(GENERIC_READ | GENERIC_WRITE, "0123456789", 10), h;
    char *view;
    DWORD old;
    NTSTATUS status;
    void *base;
    SIZE_T size;

    VirtualAlloc(p, 2 * K, MEM_COMMIT, PAGE_READWRITE);
    memset(p, 'r', 2 * K);
    base = p + 5;
    size = K;
    ok_status(NtAllocateVirtualMemory(ME, &base, 0, &size, MEM_RESET, PAGE_READONLY), STATUS_SUCCESS);
    ok(base == p && size == 2 * K, "%p %#Ix\n", base, size);                                            /* §12.3-5, §12.3-13 */
    status = NtAllocateVirtualMemory(ME, &base, 0, &size, MEM_RESET_UNDO, PAGE_READONLY);               /* §12.3-14 */
    if (!status) ok(p[0] == 'r' && p[2 * K - 1] == 'r', "contents are lost, and it says they are not\n");
    ok(VirtualProtect(p, K, PAGE_READWRITE, &old) && old == PAGE_READWRITE, "protection %#lx\n", old);
    size = K;
    ok_status(NtAllocateVirtualMemory(ME, &base, 0, &size, MEM_RESET, 0), STATUS_INVALID_PAGE_PROTECTION);      /* §12.3-13: must be one */
    ok_status(NtAllocateVirtualMemory(ME, &base, 0, &size, MEM_RESET | MEM_COMMIT, PAGE_READWRITE), STATUS_INVALID_PARAMETER_5);
    size = 5 * K;
    ok_status(NtAllocateVirtualMemory(ME, &base, 0, &size, MEM_RESET, PAGE_READWRITE), STATUS_CONFLICTING_ADDRESSES);
    ok_status(NtAllocateVirtualMemory(ME, &base, 0, &size, MEM_RESET_UNDO, PAGE_READWRITE), STATUS_CONFLICTING_ADDRESSES);       /* §12.3-14 */
    VirtualFree(p, 0, MEM_RELEASE);
    size = K;
    ok_status(NtAllocateVirtualMemory(ME, &base, 0, &size, MEM_RESET, PAGE_READWRITE), STATUS_CONFLICTING_ADDRESSES);            /* §12.3-13: free */

    h = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    base = view = MapViewOfFile(h, FILE_MAP_WRITE, 0, 0, 0);
    status = NtAllocateVirtualMemory(ME, &base, 0, &size, MEM_RESET, PAGE_READWRITE);                   /* §8.3-3, §12.3-13 */
    ok(status < 0 && view[0] == '0', "a file's view was reset: %#lx\n", status);
    UnmapViewOfFile(view);
    CloseHandle(h);
    CloseHandle(file);
}

static NTSTATUS lock(void *base, SIZE_T size, ULONG map)
{
    return NtLockVirtualMemory(ME, &base, &size, map);
}

/* §15-4 */
static void test_lock(void)
{
    char *p = VirtualAlloc(NULL, 2 * G, MEM_RESERVE, PAGE_NOACCESS), *q = p + G;
    void *base;
    SIZE_T size;

    VirtualFree(p, 0, MEM_RELEASE);
    p = VirtualAlloc(p, G, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    q = VirtualAlloc(q, G, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    ok(p && q == p + G, "%p %p\n", p, q);
    base = q - 1;
    size = 2;
    ok_status(NtLockVirtualMemory(ME, &base, &size, 1), STATUS_SUCCESS);        /* over two allocations */
    ok(base == q - K && size == 2 * K, "%p %#Ix\n", base, size);
    ok_status(NtLockVirtualMemory(ME, &base, &size, 1), STATUS_WAS_LOCKED);                             /* §15-3 */
    ok_status(NtUnlockVirtualMemory(ME, &base, &size, 1), STATUS_SUCCESS);
    ok_status(NtUnlockVirtualMemory(ME, &base, &size, 1), STATUS_NOT_LOCKED);
    ok_status(lock(p, K, 0), STATUS_INVALID_PARAMETER);                                                 /* §15-4 */
    ok_status(lock(p, K, 4), STATUS_INVALID_PARAMETER);
    ok_status(lock(p, K, 2), STATUS_PRIVILEGE_NOT_HELD);
    ok_status(NtLockVirtualMemory(ME, NULL, &size, 1), STATUS_ACCESS_VIOLATION);
    ok_status(NtLockVirtualMemory(NULL, &base, &size, 1), STATUS_INVALID_HANDLE);

    ok_status(lock(p, K, 1), STATUS_SUCCESS);                                                           /* §13.1-9 */
    VirtualFree(p, 0, MEM_RELEASE);
    p = VirtualAlloc(p, G, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    base = p;
    size = K;
    ok_status(NtUnlockVirtualMemory(ME, &base, &size, 1), STATUS_NOT_LOCKED);
    ok_status(lock(p, K, 1), STATUS_SUCCESS);
    ok(VirtualFree(p, K, MEM_DECOMMIT), "a locked page is not decommitted: %lu\n", GetLastError());
    ok(VirtualAlloc(p, K, MEM_COMMIT, PAGE_READWRITE) != NULL, "error %lu\n", GetLastError());
    ok_status(NtUnlockVirtualMemory(ME, &base, &size, 1), STATUS_NOT_LOCKED);
    VirtualFree(p, 0, MEM_RELEASE);
    VirtualFree(q, 0, MEM_RELEASE);
}

/* §15-5: a process locks no more than its smallest working set, less a few pages */
static void test_lock_limit(void)
{
    SIZE_T min, max;
    char *p = VirtualAlloc(NULL, 0x400000, MEM_COMMIT, PAGE_READWRITE);

    ok(GetProcessWorkingSetSize(ME, &min, &max), "error %lu\n", GetLastError());
    ok_status(lock(p, min, 1), STATUS_WORKING_SET_QUOTA);
    ok_status(lock(p, 16 * K, 1), STATUS_SUCCESS);
    ok_status(lock(p + 16 * K, min - 16 * K, 1), STATUS_WORKING_SET_QUOTA);     /* together */
    ok(VirtualUnlock(p, 16 * K), "error %lu\n", GetLastError());
    ok(SetProcessWorkingSetSize(ME, min + 0x400000, max + 0x400000), "error %lu\n", GetLastError());
    ok_status2(lock(p, min + 16 * K, 1), STATUS_SUCCESS, STATUS_WORKING_SET_QUOTA);     /* the host may have a limit of its own */
    VirtualUnlock(p, min + 16 * K);
    ok(SetProcessWorkingSetSize(ME, min, max), "error %lu\n", GetLastError());
    VirtualFree(p, 0, MEM_RELEASE);
}

/* §18-4 */
static void test_write(void)
{
    static const ULONG protections[] = { PAGE_READONLY, PAGE_EXECUTE_READ, PAGE_EXECUTE, PAGE_NOACCESS };
    char *p = VirtualAlloc(NULL, 4 * K, MEM_COMMIT, PAGE_READWRITE), *from = VirtualAlloc(NULL, 8 * K, MEM_COMMIT, PAGE_READWRITE);
    SIZE_T done;
    DWORD old;

    for (unsigned i = 0; i < ARRAY_SIZE(protections); i++)
    {
        winetest_push_context("protection %#lx", protections[i]);
        VirtualProtect(p, 4 * K, protections[i], &old);
        done = 77;
        ok_status(NtWriteVirtualMemory(ME, p, "abc", 4, &done), STATUS_PARTIAL_COPY);
        ok(!done, "wrote %Iu\n", done);
        VirtualProtect(p, 2 * K, PAGE_READWRITE, &old);
        ok_status(NtWriteVirtualMemory(ME, p, from, 4 * K, &done), STATUS_PARTIAL_COPY);
        ok(done == 2 * K, "wrote %#Ix\n", done);
        winetest_pop_context();
    }
    VirtualProtect(p, 4 * K, PAGE_READWRITE, &old);
    VirtualProtect(from + 4 * K, K, PAGE_NOACCESS, &old);                                               /* §18-3 */
    done = 77;
    ok_status(NtWriteVirtualMemory(ME, p, from + 2 * K, 4 * K, &done), STATUS_PARTIAL_COPY);
    ok(!done, "wrote %#Ix\n", done);
    ok_status(NtWriteVirtualMemory(ME, p, from, 0, &done), STATUS_SUCCESS);                             /* §18-1 */
    ok(!done, "wrote %#Ix\n", done);
    ok_status(NtReadVirtualMemory(ME, p, from, 0, &done), STATUS_SUCCESS);
    ok_status(NtReadVirtualMemory((HANDLE)0x12340, p, from, 4, &done), STATUS_INVALID_HANDLE);
    ok_status(NtReadVirtualMemory(ME, p, from, 4, NULL), STATUS_SUCCESS);

    VirtualProtect(p, K, PAGE_READWRITE | PAGE_GUARD, &old);                                            /* §18-6 */
    ok(NtReadVirtualMemory(ME, p, from, 4, &done) < 0 && !done, "read through a guard\n");
    ok_status(NtReadVirtualMemory(ME, p, from, 4, &done), STATUS_SUCCESS);
    VirtualProtect(p, K, PAGE_READWRITE | PAGE_GUARD, &old);
    ok(NtWriteVirtualMemory(ME, p, from, 4, &done) < 0 && !done, "wrote through a guard\n");
    ok_status(NtWriteVirtualMemory(ME, p, from, 4, &done), STATUS_SUCCESS);
    VirtualFree(p, 0, MEM_RELEASE);
    VirtualFree(from, 0, MEM_RELEASE);
}

/* §18-7 */
static void test_write_copy(void)
{
    HANDLE h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 2 * K, NULL);
    char *shared = MapViewOfFile(h, FILE_MAP_WRITE, 0, 0, 0), *copy = MapViewOfFile(h, FILE_MAP_COPY, 0, 0, 0);
    MEMORY_BASIC_INFORMATION info;
    SIZE_T done;

    ok_status(NtWriteVirtualMemory(ME, copy, "abc", 4, &done), STATUS_SUCCESS);
    ok(done == 4 && !memcmp(copy, "abc", 4) && !shared[0], "not copied\n");
    ok(VirtualQuery(copy, &info, sizeof(info)) && info.Protect == PAGE_READWRITE && info.RegionSize == K, "protect %#lx\n", info.Protect);
    ok(WriteProcessMemory(ME, copy + K, "def", 4, &done) && !shared[K] && copy[K] == 'd', "not copied\n");
    UnmapViewOfFile(shared);
    UnmapViewOfFile(copy);
    CloseHandle(h);
}

/* A base with zero bits that it does not have; addresses that nobody has (§3.3-4, §12.3-3) */
static void test_bases(void)
{
    char *p = VirtualAlloc(NULL, G, MEM_RESERVE, PAGE_NOACCESS);
    void *base = p;
    SIZE_T size = K;
    SYSTEM_INFO si;

    ok_status(NtAllocateVirtualMemory(ME, &base, 1, &size, MEM_RESERVE, PAGE_NOACCESS), STATUS_CONFLICTING_ADDRESSES);   /* §3.3-4 */
    ok_status(NtAllocateVirtualMemory(ME, &base, 1, &size, MEM_COMMIT, PAGE_READWRITE), STATUS_SUCCESS);
    VirtualFree(p, 0, MEM_RELEASE);
    GetSystemInfo(&si);
    ok(si.lpMinimumApplicationAddress == (void *)0x10000 && si.lpMaximumApplicationAddress == (void *)0x7ffffffeffff, "%p to %p\n",
       si.lpMinimumApplicationAddress, si.lpMaximumApplicationAddress);                                 /* §3.2-1 */

    base = (char *)si.lpMaximumApplicationAddress + 1 - G;                                              /* §12.3-3 */
    size = G + 1;
    ok_status2(NtAllocateVirtualMemory(ME, &base, 0, &size, MEM_RESERVE, PAGE_NOACCESS), STATUS_INVALID_PARAMETER_4, STATUS_INVALID_PARAMETER_2);
    base = NULL;
    size = (SIZE_T)1 << 47;
    ok_status2(NtAllocateVirtualMemory(ME, &base, 0, &size, MEM_RESERVE, PAGE_NOACCESS), STATUS_INVALID_PARAMETER_4, STATUS_NO_MEMORY);
    size = ((SIZE_T)1 << 47) - 4 * G;
    ok_status(NtAllocateVirtualMemory(ME, &base, 0, &size, MEM_RESERVE, PAGE_NOACCESS), STATUS_NO_MEMORY);       /* §3.3-5 */
    base = (void *)0x12345;
    ok_status(NtFreeVirtualMemory(ME, &base, &(SIZE_T){ 0 }, MEM_RELEASE), STATUS_MEMORY_NOT_ALLOCATED);         /* §13.1-7 */
    base = (void *)0xffff800000000000;
    ok_status(NtFreeVirtualMemory(ME, &base, &(SIZE_T){ 0 }, MEM_RELEASE), STATUS_INVALID_PARAMETER_2);
    ok(base == (void *)0xffff800000000000, "%p\n", base);
}

START_TEST(memory_params)
{
    load_memory_functions();
    test_types();
    if (pNtAllocateVirtualMemoryEx) test_ex();
    else win_skip("no NtAllocateVirtualMemoryEx\n");
    test_reset();
    test_lock();
    test_lock_limit();
    test_write();
    test_write_copy();
    test_bases();
}
