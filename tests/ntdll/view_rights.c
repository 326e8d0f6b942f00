/* Which view of which section, with which handle (§7.3 b and d); parameters of NtMapViewOfSectionEx (§7.2). */
#include "memory.h"

static const ULONG protections[] =
{
    PAGE_NOACCESS, PAGE_READONLY, PAGE_READWRITE, PAGE_WRITECOPY, PAGE_EXECUTE, PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE,
    PAGE_EXECUTE_WRITECOPY,
};

static NTSTATUS map(HANDLE section, ULONG type, ULONG protect)
{
    void *p = NULL;
    SIZE_T size = 0;
    NTSTATUS status = NtMapViewOfSection(section, ME, &p, 0, 0, NULL, &size, ViewShare, type, protect);

    if (status >= 0) NtUnmapViewOfSection(ME, p);
    return status;
}

enum { R = 1, W = 2, X = 4 };

/* §4, the algebra */
static unsigned rights(ULONG protect)
{
    switch (protect)
    {
    case PAGE_READONLY: case PAGE_WRITECOPY: return R;
    case PAGE_READWRITE: return R | W;
    case PAGE_EXECUTE: case PAGE_EXECUTE_READ: case PAGE_EXECUTE_WRITECOPY: return R | X;
    case PAGE_EXECUTE_READWRITE: return R | W | X;
    }
    return 0;
}

static ACCESS_MASK wants(ULONG protect)
{
    switch (protect)
    {
    case PAGE_READWRITE: return SECTION_MAP_WRITE;
    case PAGE_EXECUTE: return SECTION_MAP_EXECUTE;
    case PAGE_EXECUTE_READ: case PAGE_EXECUTE_WRITECOPY: return SECTION_MAP_READ | SECTION_MAP_EXECUTE;
    case PAGE_EXECUTE_READWRITE: return SECTION_MAP_WRITE | SECTION_MAP_EXECUTE;
    }
    return SECTION_MAP_READ;
}

/* All sections with all rights (§7.3-5, §4-2) */
static void test_sections(HANDLE file)
{
    LARGE_INTEGER size = { .QuadPart = 2 * K };

    for (unsigned s = 1; s < ARRAY_SIZE(protections); s++)
    {
        HANDLE h;

        ok_status(NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, &size, protections[s], SEC_COMMIT, file), STATUS_SUCCESS);
        for (unsigned v = 0; v < ARRAY_SIZE(protections); v++)
        {
            BOOL allowed = !(rights(protections[v]) & ~rights(protections[s]));

            if (protections[s] == PAGE_EXECUTE) allowed = protections[v] == PAGE_EXECUTE;
            winetest_push_context("section %#lx view %#lx", protections[s], protections[v]);
            ok_status(map(h, 0, protections[v]), allowed ? STATUS_SUCCESS : STATUS_SECTION_PROTECTION);
            winetest_pop_context();
        }
        NtClose(h);
    }
}

/* All handles to a section that allows everything (§7.3-3) */
static void test_handles(void)
{
    static const ACCESS_MASK bits[] = { SECTION_MAP_READ, SECTION_MAP_WRITE, SECTION_MAP_EXECUTE, SECTION_QUERY };
    LARGE_INTEGER size = { .QuadPart = K };
    HANDLE all, h;

    NtCreateSection(&all, SECTION_ALL_ACCESS, NULL, &size, PAGE_EXECUTE_READWRITE, SEC_COMMIT, NULL);
    for (unsigned set = 0; set < 16; set++)
    {
        ACCESS_MASK access = 0;

        for (unsigned i = 0; i < 4; i++) if (set & (1u << i)) access |= bits[i];
        NtDuplicateObject(ME, all, ME, &h, access, 0, 0);
        for (unsigned v = 0; v < ARRAY_SIZE(protections); v++)
        {
            ACCESS_MASK need = wants(protections[v]);

            winetest_push_context("access %#lx view %#lx", access, protections[v]);
            ok_status(map(h, 0, protections[v]), (access & need) == need ? STATUS_SUCCESS : STATUS_ACCESS_DENIED);
            winetest_pop_context();
        }
        NtClose(h);
    }
    NtClose(all);
}

/* Every bit of a type by itself (§7.1-2) */
static void test_types(void)
{
    LARGE_INTEGER size = { .QuadPart = K };
    HANDLE h;

    NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE, SEC_COMMIT, NULL);
    for (unsigned bit = 8; bit < 32; bit++)
    {
        ULONG type = 1u << bit;
        NTSTATUS expected = STATUS_INVALID_PARAMETER_9;

        if (type == MEM_TOP_DOWN || type == 0x800000 /* MEM_DIFFERENT_IMAGE_BASE_OK */) expected = STATUS_SUCCESS;
        winetest_push_context("type %#lx", type);
        ok_status2(map(h, type, PAGE_READONLY), expected, type == MEM_LARGE_PAGES ? STATUS_INVALID_PARAMETER : expected);
        winetest_pop_context();
    }
    NtClose(h);
}

static NTSTATUS map_ex(HANDLE section, void *base, ULONG type, MEM_EXTENDED_PARAMETER *params, ULONG count, void **out)
{
    LARGE_INTEGER zero = { .QuadPart = 0 };
    void *p = base;
    SIZE_T size = 0;
    NTSTATUS status = pNtMapViewOfSectionEx(section, ME, &p, &zero, &size, type, PAGE_READWRITE, params, count);

    if (out) *out = p;
    if (status < 0) ok(p == base && !size, "a failure wrote %p %#Ix\n", p, size);                       /* §7.1-10 */
    else NtUnmapViewOfSection(ME, p);
    return status;
}

static void test_ex(void)
{
    LARGE_INTEGER bytes = { .QuadPart = G };
    MEM_EXTENDED_PARAMETER params[2];
    MEM_ADDRESS_REQUIREMENTS req;
    SYSTEM_INFO si;
    HANDLE h;
    void *p;
    static const struct { ULONG_PTR low, high; NTSTATUS status; } requirements[] =
    {
        { 0, 0, STATUS_SUCCESS },                                                                       /* §7.2-3 */
        { 0x10000000, 0, STATUS_SUCCESS }, { 0x10001000, 0, STATUS_INVALID_PARAMETER }, { 0x10000001, 0, STATUS_INVALID_PARAMETER },
        { 0, 0x7fffffff, STATUS_SUCCESS }, { 0, 0x80000000, STATUS_INVALID_PARAMETER }, { 0, 0x7ffffffe, STATUS_INVALID_PARAMETER },
        { 0x10000000, 0x7fffffff, STATUS_SUCCESS }, { 0x70000000, 0x6fffffff, STATUS_INVALID_PARAMETER },
        { 0, 0xfff, STATUS_NO_MEMORY }, { 0x10000000, 0x10000fff, STATUS_NO_MEMORY },
    };

    if (!pNtMapViewOfSectionEx)
    {
        win_skip("no NtMapViewOfSectionEx\n");
        return;
    }
    GetSystemInfo(&si);
    memset(params, 0, sizeof(params));
    NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, &bytes, PAGE_READWRITE, SEC_COMMIT, NULL);
    ok_status(map_ex(h, NULL, 0, NULL, 1, NULL), STATUS_INVALID_PARAMETER);                             /* §7.2-2 */
    for (unsigned type = 0; type < 16; type++)
    {
        if (type && type < 7) continue;
        params[0].Type = type;
        ok_status(map_ex(h, NULL, 0, params, 1, NULL), STATUS_INVALID_PARAMETER);
    }
    params[0].Type = MemExtendedParameterNumaNode;                                                      /* §7.2-5 */
    ok_status(map_ex(h, NULL, 0, params, 1, NULL), STATUS_SUCCESS);
    params[0].ULong = NUMA_NO_PREFERRED_NODE;
    ok_status(map_ex(h, NULL, 0, params, 1, NULL), STATUS_SUCCESS);
    params[0].ULong = 1000;
    ok_status(map_ex(h, NULL, 0, params, 1, NULL), STATUS_INVALID_PARAMETER);
    params[0].Type = MemExtendedParameterAttributeFlags;
    params[0].ULong64 = 0;
    ok_status(map_ex(h, NULL, 0, params, 1, NULL), STATUS_SUCCESS);
    params[0].ULong64 = (ULONG64)1 << 40;
    ok_status(map_ex(h, NULL, 0, params, 1, NULL), STATUS_INVALID_PARAMETER);

    params[0].Type = MemExtendedParameterAddressRequirements;                                           /* §7.2-3 */
    params[0].Pointer = &req;
    for (unsigned i = 0; i < ARRAY_SIZE(requirements); i++)
    {
        winetest_push_context("%#Ix %#Ix", requirements[i].low, requirements[i].high);
        req = (MEM_ADDRESS_REQUIREMENTS){ (void *)requirements[i].low, (void *)requirements[i].high, 0 };
        p = NULL;
        ok_status(map_ex(h, NULL, 0, params, 1, &p), requirements[i].status);                           /* §7.2-3, §3.3-5 */
        if (p) ok((ULONG_PTR)p >= requirements[i].low && (!requirements[i].high || (ULONG_PTR)p + G - 1 <= requirements[i].high), "at %p\n", p);
        winetest_pop_context();
    }
    req = (MEM_ADDRESS_REQUIREMENTS){ NULL, si.lpMaximumApplicationAddress, 0 };                        /* §7.2-3 */
    ok_status(map_ex(h, NULL, 0, params, 1, NULL), STATUS_SUCCESS);
    req.HighestEndingAddress = (char *)si.lpMaximumApplicationAddress + K;
    ok_status(map_ex(h, NULL, 0, params, 1, NULL), STATUS_INVALID_PARAMETER);
    params[0].Pointer = (void *)8;
    ok_status(map_ex(h, NULL, 0, params, 1, NULL), STATUS_ACCESS_VIOLATION);

    params[0].Type = params[1].Type = MemExtendedParameterImageMachine;                                 /* §7.2-4, §7.2-2 */
    params[0].ULong64 = params[1].ULong64 = 0;
    ok_status(map_ex(h, NULL, 0, params, 2, NULL), STATUS_INVALID_PARAMETER);
    ok_status(map_ex(h, NULL, MEM_COMMIT, NULL, 0, NULL), STATUS_INVALID_PARAMETER);                    /* §7.2-1 */
    ok_status(map_ex(h, (void *)0x20000001, 0, NULL, 0, NULL), STATUS_MAPPED_ALIGNMENT);                /* §7.1-6 */
    ok_status(map_ex(h, (void *)0x20001000, 0, NULL, 0, NULL), STATUS_MAPPED_ALIGNMENT);
    NtClose(h);
}

START_TEST(view_rights)
{
    HANDLE file = memory_temp_file(GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE, NULL, 0);
    LARGE_INTEGER size = { .QuadPart = 2 * K };
    HANDLE grow;

    load_memory_functions();
    NtCreateSection(&grow, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE, SEC_COMMIT, file);
    NtClose(grow);
    test_sections(NULL);
    test_sections(file);
    CloseHandle(file);
    test_handles();
    test_types();
    test_ex();
}
