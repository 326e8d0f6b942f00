/* NtCreateSection, NtCreateSectionEx: every set of attributes, every protection, sizes, names, parameters (§5.1). */
#include "memory.h"

#ifndef SEC_WRITECOMBINE
#define SEC_WRITECOMBINE 0x40000000
#endif
#define SEC_BASED_     0x200000
#define SEC_NO_CHANGE_ 0x400000

static NTSTATUS (WINAPI *pNtCreateSectionEx)(HANDLE *, ACCESS_MASK, const OBJECT_ATTRIBUTES *, const LARGE_INTEGER *, ULONG, ULONG, HANDLE,
                                             MEM_EXTENDED_PARAMETER *, ULONG);

static NTSTATUS create(ULONG protect, ULONG attributes, LONGLONG size, HANDLE file)
{
    LARGE_INTEGER max = { .QuadPart = size };
    HANDLE h = (HANDLE)1;
    NTSTATUS status = NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, &max, protect, attributes, file);

    if (!status) NtClose(h);
    else if (status == STATUS_INVALID_PARAMETER_6 || status == STATUS_INVALID_PAGE_PROTECTION) return status;   /* before the pointer is looked at */
    else ok(!h, "handle %p after %#lx\n", h, status);                                                   /* §5.1-21 */
    return status;
}

/* The table of §5.1, as a rule. */
static BOOL attributes_valid(ULONG attributes)
{
    ULONG any = SEC_NOCACHE | SEC_WRITECOMBINE | SEC_NO_CHANGE_ | SEC_BASED_;

    switch (attributes & (SEC_COMMIT | SEC_RESERVE | SEC_IMAGE))
    {
    case SEC_COMMIT: return !(attributes & ~(SEC_COMMIT | SEC_LARGE_PAGES | any));
    case SEC_RESERVE: return !(attributes & ~(SEC_RESERVE | any));
    case SEC_IMAGE: return !(attributes & ~(SEC_IMAGE | SEC_NOCACHE));
    }
    return FALSE;
}

/* Each set of ten attributes; a protection that is wrong too comes second (§5.1-2, §5.1-1) */
static void test_attributes(void)
{
    static const ULONG bits[] = { SEC_COMMIT, SEC_RESERVE, SEC_IMAGE, SEC_NOCACHE, SEC_WRITECOMBINE, SEC_LARGE_PAGES, SEC_NO_CHANGE_,
                                  SEC_BASED_, SEC_FILE, 0x2000000 };
    unsigned wrong = 0;

    for (unsigned set = 0; set < 1u << ARRAY_SIZE(bits); set++)
    {
        ULONG attributes = 0;
        NTSTATUS status, expected;

        for (unsigned i = 0; i < ARRAY_SIZE(bits); i++) if (set & (1u << i)) attributes |= bits[i];
        expected = attributes_valid(attributes) ? STATUS_INVALID_PAGE_PROTECTION : STATUS_INVALID_PARAMETER_6;
        status = create(PAGE_NOACCESS, attributes, K, NULL);
        if (status == expected) continue;
        if (++wrong < 10) trace("attributes %#lx: %#lx, expected %#lx\n", attributes, status, expected);
    }
    ok(!wrong, "%u sets of attributes\n", wrong);
    ok_status(create(PAGE_READWRITE, SEC_COMMIT | SEC_LARGE_PAGES, K, NULL), STATUS_PRIVILEGE_NOT_HELD);        /* §5.1-8 */
}

/* Every value of eight bits, and modifiers (§5.1-3, §4-4) */
static void test_protections(void)
{
    for (ULONG protect = 0; protect < 0x800; protect++)
    {
        BOOL valid = protect >= PAGE_READONLY && protect <= PAGE_EXECUTE_WRITECOPY && !(protect & (protect - 1));
        NTSTATUS status = create(protect, SEC_COMMIT, K, NULL);

        if (status != (valid ? STATUS_SUCCESS : STATUS_INVALID_PAGE_PROTECTION))
            ok(0, "protection %#lx: %#lx\n", protect, status);                                          /* §5.1-3, §4-4 */
    }
}

static void test_sizes(void)
{
    static const struct { LONGLONG size; ULONG attributes; NTSTATUS status; } sizes[] =
    {
        { 0, SEC_COMMIT, STATUS_INVALID_PARAMETER_4 },                                                  /* §5.1-4 */
        { 0, SEC_RESERVE, STATUS_INVALID_PARAMETER_4 },
        { -1, SEC_COMMIT, STATUS_SECTION_TOO_BIG },
        { (LONGLONG)0x8000000000000000, SEC_COMMIT, STATUS_SECTION_TOO_BIG },
        { 0x800000000000, SEC_RESERVE, STATUS_SECTION_TOO_BIG },                                        /* §5.1-6 */
        { 0x80000000000, SEC_RESERVE, STATUS_INSUFFICIENT_RESOURCES },
        { 0x40000000000, SEC_RESERVE, STATUS_SUCCESS },
        { 0x8000000000, SEC_COMMIT, STATUS_COMMITMENT_LIMIT },
    };
    static const struct { LONGLONG size, told; } rounded[] =
    {
        { 1, K }, { K - 1, K }, { K, K }, { K + 1, 2 * K }, { 0x3452, 0x4000 }, { 4090, K },            /* §5.1-5 */
    };
    SECTION_BASIC_INFORMATION info;
    HANDLE h, file;

    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++)
    {
        winetest_push_context("size %#I64x", sizes[i].size);
        ok_status(create(PAGE_READWRITE, sizes[i].attributes, sizes[i].size, NULL), sizes[i].status);   /* §5.1-4, §5.1-6 */
        winetest_pop_context();
    }
    for (unsigned i = 0; i < ARRAY_SIZE(rounded); i++)
    {
        LARGE_INTEGER size = { .QuadPart = rounded[i].size };

        NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, &size, PAGE_READONLY, i & 1 ? SEC_COMMIT : SEC_RESERVE, NULL);
        ok_status(NtQuerySection(h, SectionBasicInformation, &info, sizeof(info), NULL), STATUS_SUCCESS);       /* §5.1-5 */
        ok(info.Size.QuadPart == rounded[i].told, "size %#I64x is told as %#I64x\n", rounded[i].size, info.Size.QuadPart);
        NtClose(h);
    }

    file = memory_temp_file(GENERIC_READ | GENERIC_WRITE, "0123456789", 10);
    ok_status(create(PAGE_READONLY, SEC_COMMIT, 11, file), STATUS_SECTION_TOO_BIG);                     /* §5.1-12 */
    ok_status(create(PAGE_WRITECOPY, SEC_COMMIT, 11, file), STATUS_SECTION_TOO_BIG);
    ok_status(create(PAGE_READWRITE, SEC_COMMIT, -1, file), STATUS_SECTION_TOO_BIG);
    ok_status2(create(PAGE_READWRITE, SEC_COMMIT, 0x0800000000010000, file), STATUS_SECTION_TOO_BIG, STATUS_DISK_FULL);
    ok_status(create(PAGE_READONLY, SEC_COMMIT, 3, file), STATUS_SUCCESS);
    ok(GetFileSize(file, NULL) == 10, "size %lu\n", GetFileSize(file, NULL));
    ok_status(create(PAGE_READWRITE, SEC_COMMIT | SEC_LARGE_PAGES, 0, file), STATUS_INVALID_PARAMETER_6);       /* §5.1-8 */
    ok_status(NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READONLY, SEC_COMMIT, file), STATUS_SUCCESS);     /* §5.1-11 */
    ok_status(NtQuerySection(h, SectionBasicInformation, &info, sizeof(info), NULL), STATUS_SUCCESS);
    ok(info.Size.QuadPart == 10 && info.Attributes == SEC_FILE, "size %#I64x attributes %#lx\n", info.Size.QuadPart, info.Attributes);
    NtClose(h);
    CloseHandle(file);
}

/* §5.1-19, §5.1-21 */
static void test_names(void)
{
    LARGE_INTEGER size = { .QuadPart = K }, more = { .QuadPart = 4 * K };
    SECTION_BASIC_INFORMATION info;
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING name;
    HANDLE h, again, event;

    RtlInitUnicodeString(&name, L"\\BaseNamedObjects\\oriel-section-create");
    InitializeObjectAttributes(&attr, &name, OBJ_OPENIF, NULL, NULL);
    ok_status(NtCreateSection(&h, SECTION_ALL_ACCESS, &attr, &size, PAGE_READONLY, SEC_COMMIT, NULL), STATUS_SUCCESS);
    ok_status(NtCreateSection(&again, SECTION_QUERY, &attr, &more, PAGE_READWRITE, SEC_RESERVE, NULL), STATUS_OBJECT_NAME_EXISTS);
    ok_status(NtQuerySection(again, SectionBasicInformation, &info, sizeof(info), NULL), STATUS_SUCCESS);
    ok(info.Size.QuadPart == K && info.Attributes == SEC_COMMIT, "not the existing one: %#I64x\n", info.Size.QuadPart);
    NtClose(again);
    attr.Attributes = 0;
    again = (HANDLE)1;
    ok_status(NtCreateSection(&again, SECTION_ALL_ACCESS, &attr, &size, PAGE_READONLY, SEC_COMMIT, NULL), STATUS_OBJECT_NAME_COLLISION);
    ok(!again, "handle %p\n", again);                                                                   /* §5.1-21 */
    NtClose(h);

    ok_status(NtCreateEvent(&event, EVENT_ALL_ACCESS, &attr, NotificationEvent, FALSE), STATUS_SUCCESS);        /* §5.1-19 */
    attr.Attributes = OBJ_OPENIF;
    ok_status(NtCreateSection(&again, SECTION_ALL_ACCESS, &attr, &size, PAGE_READONLY, SEC_COMMIT, NULL), STATUS_OBJECT_TYPE_MISMATCH);
    ok_status(NtOpenSection(&again, SECTION_QUERY, &attr), STATUS_OBJECT_TYPE_MISMATCH);                /* §6-3 */
    NtClose(event);
    RtlInitUnicodeString(&name, L"\\BaseNamedObjects\\oriel-nowhere\\section");
    ok_status(NtCreateSection(&again, SECTION_ALL_ACCESS, &attr, &size, PAGE_READONLY, SEC_COMMIT, NULL), STATUS_OBJECT_PATH_NOT_FOUND); /* §5.1-18 */
    RtlInitUnicodeString(&name, L"oriel-section");
    ok_status(NtCreateSection(&again, SECTION_ALL_ACCESS, &attr, &size, PAGE_READONLY, SEC_COMMIT, NULL), STATUS_OBJECT_PATH_SYNTAX_BAD);
    RtlInitUnicodeString(&name, L"\\BaseNamedObjects");
    ok_status(NtOpenSection(&again, SECTION_QUERY, &attr), STATUS_OBJECT_TYPE_MISMATCH);                /* §6-3 */
}

/* §5.1-22 */
static void test_ex(void)
{
    LARGE_INTEGER size = { .QuadPart = K };
    MEM_EXTENDED_PARAMETER params[2];
    HANDLE h;

    if (!pNtCreateSectionEx)
    {
        win_skip("no NtCreateSectionEx\n");
        return;
    }
#define EX(parameters, count) pNtCreateSectionEx(&h, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE, SEC_COMMIT, NULL, parameters, count)
    memset(params, 0, sizeof(params));
    ok_status(EX(NULL, 0), STATUS_SUCCESS);
    NtClose(h);
    ok_status(EX(params, 0), STATUS_SUCCESS);
    NtClose(h);
    ok_status(EX(NULL, 1), STATUS_INVALID_PARAMETER);
    ok_status(EX(params, 1), STATUS_INVALID_PARAMETER);
    params[0].Type = 4;
    ok_status(EX(params, 1), STATUS_INVALID_PARAMETER);
    params[0].Type = params[1].Type = 2;                        /* the node */
    ok_status(EX(params, 1), STATUS_SUCCESS);
    NtClose(h);
    ok_status(EX(params, 2), STATUS_INVALID_PARAMETER);
    params[0].ULong = 1000;
    ok_status(EX(params, 1), STATUS_INVALID_PARAMETER);
    params[0].ULong = NUMA_NO_PREFERRED_NODE;
    ok_status(EX(params, 1), STATUS_SUCCESS);
    NtClose(h);
    ok_status(EX((MEM_EXTENDED_PARAMETER *)8, 1), STATUS_ACCESS_VIOLATION);
    ok_status(pNtCreateSectionEx(&h, SECTION_ALL_ACCESS, NULL, &size, 0, 0, NULL, NULL, 0), STATUS_INVALID_PARAMETER_6);
#undef EX
}

START_TEST(section_create)
{
    pNtCreateSectionEx = (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "NtCreateSectionEx");
    test_attributes();
    test_protections();
    test_sizes();
    test_names();
    test_ex();
}
