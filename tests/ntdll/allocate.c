/* NtAllocateVirtualMemory, NtFreeVirtualMemory, NtProtectVirtualMemory: statuses and outputs (§3.3, §12, §13). */
#include "memory.h"

static NTSTATUS allocate(void *base, ULONG_PTR zero_bits, SIZE_T size, ULONG type, ULONG protect)
{
    void *p = base;
    SIZE_T s = size;
    NTSTATUS status = NtAllocateVirtualMemory(ME, &p, zero_bits, &s, type, protect);

    if (status) ok(p == base && s == size, "a failure wrote %p %#Ix\n", p, s);                          /* §12: outputs untouched */
    else
    {
        s = 0;
        NtFreeVirtualMemory(ME, &p, &s, MEM_RELEASE);
    }
    return status;
}

/* §12.3-2 */
static void test_order(void)
{
    void *base = NULL;
    SIZE_T size = K;

    ok_status(allocate(NULL, 0, K, 0, 0), STATUS_INVALID_PARAMETER_5);                                  /* type first */
    ok_status(allocate(NULL, 30, 0, MEM_COMMIT, 0), STATUS_INVALID_PAGE_PROTECTION);                    /* then protection */
    ok_status2(allocate(NULL, 30, 0, MEM_COMMIT, PAGE_READWRITE), STATUS_INVALID_PARAMETER_3, STATUS_INVALID_PARAMETER);
    ok_status(allocate((void *)0x1000, 0, 0, MEM_RESERVE, PAGE_READWRITE), STATUS_INVALID_PARAMETER_2); /* base */
    ok_status(allocate((void *)(ULONG_PTR)0xffff800000000000, 0, K, MEM_RESERVE, PAGE_READWRITE), STATUS_INVALID_PARAMETER_2);
    ok_status(allocate(NULL, 0, 0, MEM_COMMIT, PAGE_READWRITE), STATUS_INVALID_PARAMETER_4);            /* size */
    ok_status2(allocate(NULL, 0, ~(SIZE_T)0, MEM_COMMIT, PAGE_READWRITE), STATUS_INVALID_PARAMETER_4, STATUS_NO_MEMORY);
    ok_status(NtAllocateVirtualMemory(NULL, &base, 0, &size, MEM_COMMIT, PAGE_READWRITE), STATUS_INVALID_HANDLE);   /* §3.4-1 */
    ok_status(NtAllocateVirtualMemory(GetCurrentThread(), &base, 0, &size, MEM_COMMIT, PAGE_READWRITE), STATUS_OBJECT_TYPE_MISMATCH);
    ok_status(NtAllocateVirtualMemory(ME, NULL, 0, &size, MEM_COMMIT, PAGE_READWRITE), STATUS_ACCESS_VIOLATION);
    ok_status(NtAllocateVirtualMemory(ME, &base, 0, NULL, MEM_COMMIT, PAGE_READWRITE), STATUS_ACCESS_VIOLATION);
}

/* §3.3-2 */
static void test_zero_bits(void)
{
    void *p;
    SIZE_T size;

    for (ULONG_PTR bits = 1; bits <= 15; bits++)                                                        /* of a 32-bit address */
    {
        p = NULL;
        size = K;
        NTSTATUS status = NtAllocateVirtualMemory(ME, &p, bits, &size, MEM_RESERVE, PAGE_NOACCESS);

        ok(!status || status == STATUS_NO_MEMORY, "bits %Iu: status %#lx\n", bits, status);
        if (status) continue;
        ok(!((ULONG_PTR)p >> (32 - bits)), "bits %Iu: %p\n", bits, p);
        size = 0;
        NtFreeVirtualMemory(ME, &p, &size, MEM_RELEASE);
    }
    ok_status2(allocate(NULL, 21, K, MEM_RESERVE, PAGE_NOACCESS), STATUS_NO_MEMORY, STATUS_INVALID_PARAMETER);
    ok_status2(allocate(NULL, 22, K, MEM_RESERVE, PAGE_NOACCESS), STATUS_INVALID_PARAMETER_3, STATUS_INVALID_PARAMETER);
    ok_status2(allocate(NULL, 31, K, MEM_RESERVE, PAGE_NOACCESS), STATUS_INVALID_PARAMETER_3, STATUS_INVALID_PARAMETER);
    p = NULL;
    size = K;
    ok_status(NtAllocateVirtualMemory(ME, &p, 0x1aaaaaaa, &size, MEM_RESERVE, PAGE_NOACCESS), STATUS_SUCCESS);   /* §3.3-3: a mask */
    ok((ULONG_PTR)p < 0x20000000, "%p is not below the mask\n", p);
    size = 0;
    NtFreeVirtualMemory(ME, &p, &size, MEM_RELEASE);
}

/* §13.1-5 */
static void test_rounding(void)
{
    char *free_base;
    void *p = NULL;
    SIZE_T size = 0x40000;

    ok_status(NtAllocateVirtualMemory(ME, &p, 0, &size, MEM_RESERVE, PAGE_NOACCESS), STATUS_SUCCESS);
    ok(size == 0x40000 && !((ULONG_PTR)p & 0xffff), "%p %#Ix\n", p, size);
    free_base = p;
    size = 0;
    ok_status(NtFreeVirtualMemory(ME, &p, &size, MEM_RELEASE), STATUS_SUCCESS);
    ok(p == free_base && size == 0x40000, "freed %p %#Ix\n", p, size);                                  /* §13.1: outputs */

    p = free_base + 0x8000;                                                                             /* §12.3-4 */
    size = 1;
    ok_status(NtAllocateVirtualMemory(ME, &p, 0, &size, MEM_RESERVE, PAGE_NOACCESS), STATUS_SUCCESS);
    ok(p == free_base && size == 0x9000, "reserved %p %#Ix\n", p, size);
    p = free_base + 0x1fff;
    size = 2;
    ok_status(NtAllocateVirtualMemory(ME, &p, 0, &size, MEM_COMMIT, PAGE_READWRITE), STATUS_SUCCESS);   /* §12.3-5 */
    ok(p == free_base + 0x1000 && size == 0x2000, "committed %p %#Ix\n", p, size);
    p = free_base + 0x1fff;
    size = 2;
    ok_status(NtFreeVirtualMemory(ME, &p, &size, MEM_DECOMMIT), STATUS_SUCCESS);                        /* §13.1-2 */
    ok(p == free_base + 0x1000 && size == 0x2000, "decommitted %p %#Ix\n", p, size);
    p = free_base + 0x10;                                                                               /* §13.1-3 */
    size = 0;
    ok_status(NtFreeVirtualMemory(ME, &p, &size, MEM_DECOMMIT), STATUS_SUCCESS);
    ok(p == free_base && (!size || broken(size == 0x9000)), "decommitted %p %#Ix\n", p, size);          /* 0 since 1803 */
    p = free_base + 0x1000;
    ok_status(NtFreeVirtualMemory(ME, &p, &size, MEM_DECOMMIT), STATUS_FREE_VM_NOT_AT_BASE);
    ok_status(NtFreeVirtualMemory(ME, &p, &size, MEM_RELEASE), STATUS_FREE_VM_NOT_AT_BASE);
    size = 0x9000;
    ok_status(NtFreeVirtualMemory(ME, &p, &size, MEM_DECOMMIT), STATUS_UNABLE_TO_FREE_VM);              /* §13.1-4: beyond the end */
    ok_status(NtFreeVirtualMemory(ME, &p, &size, MEM_RELEASE), STATUS_UNABLE_TO_FREE_VM);
    p = free_base;
    ok_status(NtFreeVirtualMemory(ME, &p, &size, 0), STATUS_INVALID_PARAMETER_4);                       /* §13.1-1 */
    ok_status(NtFreeVirtualMemory(ME, &p, &size, MEM_RELEASE | MEM_DECOMMIT), STATUS_INVALID_PARAMETER_4);
    ok_status(NtFreeVirtualMemory(ME, &p, &size, MEM_FREE), STATUS_INVALID_PARAMETER_4);
    ok_status(NtFreeVirtualMemory(NULL, &p, &size, MEM_RELEASE), STATUS_INVALID_HANDLE);                /* §3.4-1 */
    size = 0;
    ok_status(NtFreeVirtualMemory(ME, &p, &size, MEM_RELEASE), STATUS_SUCCESS);
    ok_status(NtFreeVirtualMemory(ME, &p, &size, MEM_RELEASE), STATUS_MEMORY_NOT_ALLOCATED);            /* §13.1-7 */
}

/* The Nt call frees parts; what is left are allocations of their own (§13.1-6, §3.1-1). */
static void test_partial_release(void)
{
    MEMORY_BASIC_INFORMATION info;
    char *base = NULL;
    void *p = NULL;
    SIZE_T size = 8 * K;

    ok_status(NtAllocateVirtualMemory(ME, &p, 0, &size, MEM_COMMIT, PAGE_READWRITE), STATUS_SUCCESS);
    base = p;
    base[0] = base[7 * K] = 1;
    p = base + 3 * K;
    size = 2 * K;
    ok_status(NtFreeVirtualMemory(ME, &p, &size, MEM_RELEASE), STATUS_SUCCESS);
    ok_status(NtQueryVirtualMemory(ME, base, MemoryBasicInformation, &info, sizeof(info), NULL), STATUS_SUCCESS);
    ok(info.RegionSize == 3 * K && info.AllocationBase == base, "head %#Ix at %p\n", info.RegionSize, info.AllocationBase);
    ok_status(NtQueryVirtualMemory(ME, base + 3 * K, MemoryBasicInformation, &info, sizeof(info), NULL), STATUS_SUCCESS);
    ok(info.State == MEM_FREE && info.RegionSize == 2 * K, "hole %#lx %#Ix\n", info.State, info.RegionSize);
    ok_status(NtQueryVirtualMemory(ME, base + 5 * K, MemoryBasicInformation, &info, sizeof(info), NULL), STATUS_SUCCESS);
    ok(info.AllocationBase == base + 5 * K && info.RegionSize == 3 * K, "tail %#Ix at %p\n", info.RegionSize, info.AllocationBase);
    ok(base[0] == 1 && base[7 * K] == 1, "contents were lost\n");
    p = base + 5 * K;
    size = 0;
    ok_status(NtFreeVirtualMemory(ME, &p, &size, MEM_RELEASE), STATUS_SUCCESS);
    ok(size == 3 * K, "freed %#Ix\n", size);
    p = base;
    size = K;
    ok_status(NtFreeVirtualMemory(ME, &p, &size, MEM_RELEASE), STATUS_SUCCESS);                         /* the head's head */
    p = base + K;
    size = 0;
    ok_status(NtFreeVirtualMemory(ME, &p, &size, MEM_RELEASE), STATUS_SUCCESS);
    ok(p == base + K && size == 2 * K, "freed %p %#Ix\n", p, size);
}

/* §12.3-6, §12.3-11 */
static void test_conflicts(void)
{
    void *p = NULL, *q;
    SIZE_T size = 4 * K;
    ULONG old;

    ok_status(NtAllocateVirtualMemory(ME, &p, 0, &size, MEM_RESERVE, PAGE_NOACCESS), STATUS_SUCCESS);
    ok_status(allocate(p, 0, K, MEM_RESERVE, PAGE_NOACCESS), STATUS_CONFLICTING_ADDRESSES);
    ok_status(allocate((char *)p + 4 * K, 0, K, MEM_RESERVE, PAGE_NOACCESS), STATUS_CONFLICTING_ADDRESSES);   /* §3.1-2: granule's tail */
    ok_status(allocate(p, 0, 5 * K, MEM_COMMIT, PAGE_READWRITE), STATUS_CONFLICTING_ADDRESSES);
    ok_status(allocate((char *)p + 4 * K, 0, K, MEM_COMMIT, PAGE_READWRITE), STATUS_CONFLICTING_ADDRESSES);
    ok_status(allocate(p, 0, K, MEM_COMMIT, PAGE_WRITECOPY), STATUS_INVALID_PAGE_PROTECTION);

    q = p;
    size = K;
    old = 0xdead;
    ok_status(NtProtectVirtualMemory(ME, &q, &size, PAGE_READONLY, &old), STATUS_NOT_COMMITTED);        /* §13.2-1, §13.2-2 */
    ok(old == PAGE_NOACCESS || broken(old == 0xdead), "old %#lx\n", old);
    ok_status(NtAllocateVirtualMemory(ME, &q, 0, &size, MEM_COMMIT, PAGE_READWRITE), STATUS_SUCCESS);
    q = (char *)p + 1;                                                                                  /* §13.2-3 */
    size = 1;
    ok_status(NtProtectVirtualMemory(ME, &q, &size, PAGE_READONLY, &old), STATUS_SUCCESS);
    ok(q == p && size == K && old == PAGE_READWRITE, "%p %#Ix %#lx\n", q, size, old);
    size = 0x20000;                                                                                     /* §13.2-1 */
    ok_status2(NtProtectVirtualMemory(ME, &q, &size, PAGE_READONLY, &old), STATUS_CONFLICTING_ADDRESSES, STATUS_NOT_COMMITTED);
    size = K;
    ok_status(NtProtectVirtualMemory(ME, &q, &size, PAGE_READONLY, NULL), STATUS_ACCESS_VIOLATION);     /* §13.2-2 */
    ok_status(NtProtectVirtualMemory(ME, &q, &size, 0, &old), STATUS_INVALID_PAGE_PROTECTION);          /* §13.2-4, §4-1, §4-2 */
    ok_status(NtProtectVirtualMemory(ME, &q, &size, PAGE_WRITECOPY, &old), STATUS_INVALID_PAGE_PROTECTION);
    ok_status(NtProtectVirtualMemory(NULL, &q, &size, PAGE_READONLY, &old), STATUS_INVALID_HANDLE);     /* §3.4-1 */
    size = 0;
    NtFreeVirtualMemory(ME, &p, &size, MEM_RELEASE);
}

/* §12.4-1 */
static void test_ex(void)
{
    MEM_EXTENDED_PARAMETER params[2];
    MEM_ADDRESS_REQUIREMENTS req = { 0 };
    void *p = NULL;
    SIZE_T size = K;

    if (!pNtAllocateVirtualMemoryEx)
    {
        win_skip("no NtAllocateVirtualMemoryEx\n");
        return;
    }
    memset(params, 0, sizeof(params));
    ok_status(pNtAllocateVirtualMemoryEx(ME, &p, &size, 0, PAGE_READWRITE, NULL, 0), STATUS_INVALID_PARAMETER);
    ok_status(pNtAllocateVirtualMemoryEx(NULL, &p, &size, MEM_RESERVE, PAGE_READWRITE, NULL, 0), STATUS_INVALID_HANDLE);
    ok_status(pNtAllocateVirtualMemoryEx(ME, &p, &size, MEM_RESERVE, PAGE_READWRITE, NULL, 1), STATUS_INVALID_PARAMETER);
    ok_status(pNtAllocateVirtualMemoryEx(ME, &p, &size, MEM_RESERVE, PAGE_READWRITE, params, 1), STATUS_INVALID_PARAMETER);
    params[0].Type = params[1].Type = MemExtendedParameterAttributeFlags;
    ok_status(pNtAllocateVirtualMemoryEx(ME, &p, &size, MEM_RESERVE, PAGE_READWRITE, params, 2), STATUS_INVALID_PARAMETER);
    ok_status(pNtAllocateVirtualMemoryEx(ME, &p, &size, MEM_RESERVE, PAGE_READWRITE, params, 1), STATUS_SUCCESS);
    size = 0;
    NtFreeVirtualMemory(ME, &p, &size, MEM_RELEASE);
    params[0].ULong64 = MEM_EXTENDED_PARAMETER_EC_CODE;                                                 /* §12.4-6 */
    p = NULL;
    size = K;
    ok_status2(pNtAllocateVirtualMemoryEx(ME, &p, &size, MEM_RESERVE, PAGE_READWRITE, params, 1), STATUS_INVALID_PARAMETER,
               STATUS_NOT_SUPPORTED);
    params[0].Type = MemExtendedParameterAddressRequirements;
    params[0].Pointer = &req;
    req.HighestEndingAddress = (void *)0x7fffffff;                                                      /* §12.4-3 */
    req.Alignment = 0x100000;
    ok_status(pNtAllocateVirtualMemoryEx(ME, &p, &size, MEM_RESERVE | MEM_TOP_DOWN, PAGE_READWRITE, params, 1), STATUS_SUCCESS);
    ok((ULONG_PTR)p + size - 1 <= 0x7fffffff && !((ULONG_PTR)p % 0x100000), "%p\n", p);
    size = 0;
    NtFreeVirtualMemory(ME, &p, &size, MEM_RELEASE);
}

/* Parts of placeholders, and several of them (§14-8, §14-4) */
static void test_placeholders(void)
{
    MEMORY_BASIC_INFORMATION info;
    void *p = NULL, *at;
    char *base;
    SIZE_T size = 8 * K;

    if (!pNtAllocateVirtualMemoryEx) return;
    if (pNtAllocateVirtualMemoryEx(ME, &p, &size, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS, NULL, 0))
    {
        win_skip("no placeholders\n");
        return;
    }
    base = p;
    at = base + 5 * K + 5;
    size = 3 * K - 10;
    ok_status(NtFreeVirtualMemory(ME, &at, &size, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER), STATUS_SUCCESS);      /* §14-4: rounded, and told */
    ok(at == base + 5 * K && size == 3 * K, "%p %#Ix\n", at, size);
    size = 0;
    ok_status(NtFreeVirtualMemory(ME, &at, &size, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER), STATUS_INVALID_PARAMETER_3);
    ok_status(NtFreeVirtualMemory(ME, &at, &size, MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS), STATUS_INVALID_PARAMETER_3);         /* §14-7 */
    size = 8 * K;
    ok_status(NtFreeVirtualMemory(ME, &at, &size, MEM_COALESCE_PLACEHOLDERS), STATUS_INVALID_PARAMETER_4);
    ok_status(NtFreeVirtualMemory(ME, &at, &size, MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS | MEM_PRESERVE_PLACEHOLDER), STATUS_INVALID_PARAMETER_4);
    at = base;
    ok_status(NtFreeVirtualMemory(ME, &at, &size, MEM_RELEASE), STATUS_UNABLE_TO_FREE_VM);              /* §14-8: two pieces */
    at = base + K;
    size = 2 * K;
    ok_status(NtFreeVirtualMemory(ME, &at, &size, MEM_RELEASE), STATUS_SUCCESS);                        /* a part of one */
    NtQueryVirtualMemory(ME, base, MemoryBasicInformation, &info, sizeof(info), NULL);
    ok(info.State == MEM_RESERVE && info.RegionSize == K && info.AllocationBase == base, "head: %#lx %#Ix\n", info.State, info.RegionSize);
    NtQueryVirtualMemory(ME, base + K, MemoryBasicInformation, &info, sizeof(info), NULL);
    ok(info.State == MEM_FREE && info.RegionSize == 2 * K, "hole: %#lx %#Ix\n", info.State, info.RegionSize);
    NtQueryVirtualMemory(ME, base + 3 * K, MemoryBasicInformation, &info, sizeof(info), NULL);
    ok(info.State == MEM_RESERVE && info.RegionSize == 2 * K && info.AllocationBase == base + 3 * K, "tail: %#lx %#Ix\n", info.State, info.RegionSize);
    at = base;
    size = 8 * K;
    ok_status(NtFreeVirtualMemory(ME, &at, &size, MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS), STATUS_CONFLICTING_ADDRESSES);       /* §14-7: a hole */
    at = base + 3 * K;
    size = 5 * K;
    ok_status(NtFreeVirtualMemory(ME, &at, &size, MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS), STATUS_SUCCESS);
    ok(at == base + 3 * K && size == 5 * K, "%p %#Ix\n", at, size);
    size = 0;
    ok_status(NtFreeVirtualMemory(ME, &at, &size, MEM_RELEASE), STATUS_SUCCESS);                        /* §14-8 */
    ok(size == 5 * K, "%#Ix\n", size);
    ok_status(NtFreeVirtualMemory(ME, &at, &size, MEM_RELEASE), STATUS_MEMORY_NOT_ALLOCATED);
    at = base;
    size = 0;
    ok_status(NtFreeVirtualMemory(ME, &at, &size, MEM_RELEASE), STATUS_SUCCESS);
}

START_TEST(allocate)
{
    load_memory_functions();
    test_order();
    test_zero_bits();
    test_rounding();
    test_partial_release();
    test_conflicts();
    test_ex();
    test_placeholders();
}
