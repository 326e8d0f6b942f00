/* Creating and opening sections (§5, §6). */
#include "memory.h"

FUNCTION(CreateFileMapping2);
FUNCTION(CreateFileMappingFromApp);
FUNCTION(CreateFileMappingNumaW);
FUNCTION(OpenFileMappingFromApp);

static NTSTATUS (WINAPI *pNtQuerySection)(HANDLE, SECTION_INFORMATION_CLASS, void *, SIZE_T, SIZE_T *);
static NTSTATUS (WINAPI *pNtQueryObject)(HANDLE, OBJECT_INFORMATION_CLASS, void *, ULONG, ULONG *);

static ULONG granted(HANDLE handle)
{
    OBJECT_BASIC_INFORMATION info = { 0 };

    pNtQueryObject(handle, ObjectBasicInformation, &info, sizeof(info), NULL);
    return info.GrantedAccess;
}

static void check_section_(int line, HANDLE section, ULONG attributes, LONGLONG size)
{
    SECTION_BASIC_INFORMATION info;
    SIZE_T ret;
    NTSTATUS status = pNtQuerySection(section, SectionBasicInformation, &info, sizeof(info), &ret);

    ok_(__FILE__, line)(!status && ret == sizeof(info), "status %#lx\n", status);
    ok_(__FILE__, line)(!info.BaseAddress, "base %p\n", info.BaseAddress);
    ok_(__FILE__, line)(info.Attributes == attributes, "attributes %#lx, expected %#lx\n", info.Attributes, attributes);
    ok_(__FILE__, line)(info.Size.QuadPart == size, "size %#I64x, expected %#I64x\n", info.Size.QuadPart, size);
}
#define check_section(...) check_section_(__LINE__, __VA_ARGS__)

/* §5.2-2, §5.1-3 */
static void test_protections(void)
{
    static const struct { DWORD protect, access; } good[] =                                             /* §5.2, 2 */
    {
        { PAGE_READONLY, SECTION_MAP_READ }, { PAGE_WRITECOPY, SECTION_MAP_READ }, { PAGE_READWRITE, SECTION_MAP_READ | SECTION_MAP_WRITE },
        { PAGE_EXECUTE_READ, SECTION_MAP_READ | SECTION_MAP_EXECUTE }, { PAGE_EXECUTE_WRITECOPY, SECTION_MAP_READ | SECTION_MAP_EXECUTE },
        { PAGE_EXECUTE_READWRITE, SECTION_MAP_READ | SECTION_MAP_WRITE | SECTION_MAP_EXECUTE },
    };
    static const DWORD bad[] =
    {
        0, PAGE_NOACCESS, PAGE_EXECUTE, PAGE_READONLY | PAGE_READWRITE, PAGE_READWRITE | PAGE_GUARD, PAGE_READWRITE | PAGE_NOCACHE,   /* §5.2-2, §4-4 */
        PAGE_READWRITE | PAGE_WRITECOMBINE,
    };
    HANDLE h;

    for (unsigned i = 0; i < ARRAY_SIZE(good); i++)
    {
        winetest_push_context("protection %#lx", good[i].protect);
        h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, good[i].protect, 0, K, NULL);
        ok(h != NULL, "failed with %lu\n", GetLastError());
        ok(granted(h) == (STANDARD_RIGHTS_REQUIRED | SECTION_QUERY | good[i].access), "granted %#lx\n", granted(h));   /* §5.2-2 */
        CloseHandle(h);
        winetest_pop_context();
    }
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
    {
        winetest_push_context("protection %#lx", bad[i]);
        fails(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, bad[i], 0, K, NULL), ERROR_INVALID_PARAMETER);
        fails(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, bad[i] | SEC_COMMIT, 0, K, NULL), ERROR_INVALID_PARAMETER);
        winetest_pop_context();
    }
}

/* §5.1-2, §5.2-1 */
static void test_attributes(void)
{
    static const DWORD bad[] =                                                                          /* §5.1 */
    {
        SEC_COMMIT | SEC_RESERVE, SEC_IMAGE | SEC_COMMIT, SEC_IMAGE | SEC_RESERVE, SEC_IMAGE | SEC_LARGE_PAGES, SEC_IMAGE | 0x40000000,
        SEC_FILE, SEC_FILE | SEC_COMMIT, SEC_NOCACHE, 0x40000000, SEC_LARGE_PAGES, SEC_RESERVE | SEC_LARGE_PAGES,
    };
    static const struct { DWORD given, told; } good[] =
    {
        { 0, SEC_COMMIT }, { SEC_COMMIT, SEC_COMMIT }, { SEC_RESERVE, SEC_RESERVE }, { SEC_COMMIT | SEC_NOCACHE, SEC_COMMIT | SEC_NOCACHE },
        { SEC_RESERVE | SEC_NOCACHE, SEC_RESERVE | SEC_NOCACHE }, { SEC_COMMIT | 0x40000000, SEC_COMMIT | 0x40000000 },
        { SEC_RESERVE | 0x40000000, SEC_RESERVE | 0x40000000 },                                         /* SEC_WRITECOMBINE */
    };
    HANDLE h;

    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
    {
        winetest_push_context("attributes %#lx", bad[i]);
        fails(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | bad[i], 0, K, NULL), ERROR_INVALID_PARAMETER);
        winetest_pop_context();
    }
    for (unsigned i = 0; i < ARRAY_SIZE(good); i++)
    {
        winetest_push_context("attributes %#lx", good[i].given);
        h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | good[i].given, 0, K, NULL);
        ok(h != NULL, "failed with %lu\n", GetLastError());
        check_section(h, good[i].told, K);                                                              /* §5.2-1, §5.3-2 */
        CloseHandle(h);
        winetest_pop_context();
    }
    fails(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READONLY | SEC_IMAGE, 0, K, NULL), ERROR_BAD_EXE_FORMAT);   /* §5.1-7 */
}

static void test_sizes(void)
{
    HANDLE h, file;

    fails(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0, NULL), ERROR_INVALID_PARAMETER);   /* §5.2-3, §5.1-4 */
    h = CreateFileMappingA(NULL, NULL, PAGE_READWRITE, 0, 0x3452, NULL);                                /* §5.2-3: NULL file too */
    ok(h != NULL, "failed with %lu\n", GetLastError());
    check_section(h, SEC_COMMIT, 0x4000);                                                               /* §5.1-5: page rounded */
    CloseHandle(h);

    file = temp_file(GENERIC_READ | GENERIC_WRITE, 0, 0);
    fails(CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL), ERROR_FILE_INVALID);              /* §5.1-11: empty file */
    fails(CreateFileMappingA(file, NULL, PAGE_READONLY | SEC_IMAGE, 0, 0, NULL), ERROR_BAD_EXE_FORMAT);
    h = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0x3456, NULL);                                /* §5.1-12: extended at once */
    ok(h != NULL, "failed with %lu\n", GetLastError());
    ok(GetFileSize(file, NULL) == 0x3456, "file size %#lx\n", GetFileSize(file, NULL));
    check_section(h, SEC_FILE, 0x3456);                                                                 /* §5.1-13: not rounded */
    CloseHandle(h);
    h = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 36, NULL);
    check_section(h, SEC_FILE, 36);                                                                     /* §5.1-12, §5.1-13: smaller than the file */
    CloseHandle(h);
    h = CreateFileMappingA(file, NULL, PAGE_READONLY | SEC_RESERVE | SEC_NOCACHE, 0, 0, NULL);
    check_section(h, SEC_FILE | SEC_NOCACHE, 0x3456);                                                   /* §5.1-13, §5.3-2 */
    CloseHandle(h);
    fails(CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0x3457, NULL), ERROR_NOT_ENOUGH_MEMORY);     /* §5.1-12: by one byte */
    fails(CreateFileMappingA(file, NULL, PAGE_WRITECOPY, 0, 0x3457, NULL), ERROR_NOT_ENOUGH_MEMORY);
    ok(GetFileSize(file, NULL) == 0x3456, "file size %#lx\n", GetFileSize(file, NULL));
    fails(CreateFileMappingA(file, NULL, PAGE_READWRITE | SEC_LARGE_PAGES | SEC_COMMIT, 0, 0, NULL), ERROR_INVALID_PARAMETER);   /* §5.1-2 */
    CloseHandle(file);

    file = temp_file(GENERIC_READ, K, 'x');                                                             /* §5.1: file access */
    fails(CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL), ERROR_ACCESS_DENIED);             /* §5.1-10 */
    fails(CreateFileMappingA(file, NULL, PAGE_EXECUTE_READ, 0, 0, NULL), ERROR_ACCESS_DENIED);
    fails(CreateFileMappingA(file, NULL, PAGE_EXECUTE_WRITECOPY, 0, 0, NULL), ERROR_ACCESS_DENIED);
    h = CreateFileMappingA(file, NULL, PAGE_WRITECOPY, 0, 0, NULL);
    ok(h != NULL, "WRITECOPY of a read-only file failed with %lu\n", GetLastError());
    CloseHandle(h);
    fails(CreateFileMappingA(file, NULL, PAGE_READONLY | SEC_IMAGE, 0, 0, NULL), ERROR_BAD_EXE_FORMAT); /* §9.1-1: not MZ */
    CloseHandle(file);
    fails(CreateFileMappingA((HANDLE)0x12340, NULL, PAGE_READONLY, 0, 0, NULL), ERROR_INVALID_HANDLE);  /* §5.1-9 */
}

static void test_names(void)
{
    char name[64];
    HANDLE h, again, event;
    char *view;

    sprintf(name, "oriel-mapping-%lu", GetCurrentProcessId());
    fails(OpenFileMappingA(FILE_MAP_READ, FALSE, name), ERROR_FILE_NOT_FOUND);                          /* §6-3 */
    SetLastError(UNTOUCHED);
    h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 2 * K, name);
    ok(h && !GetLastError(), "fresh: %p, error %lu\n", h, GetLastError());                              /* §5.2-5 */
    again = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READONLY, 0, K, name);
    ok(again && GetLastError() == ERROR_ALREADY_EXISTS, "existing: %p, error %lu\n", again, GetLastError());
    check_section(again, SEC_COMMIT, 2 * K);                                                            /* §5.1-19: the existing one */
    CloseHandle(again);

    again = OpenFileMappingA(FILE_MAP_READ, FALSE, name);
    ok(again != NULL, "open failed with %lu\n", GetLastError());
    ok(granted(again) == SECTION_MAP_READ, "granted %#lx\n", granted(again));                           /* §6-4 */
    {
        SECTION_BASIC_INFORMATION info;
        ok(pNtQuerySection(again, SectionBasicInformation, &info, sizeof(info), NULL) == STATUS_ACCESS_DENIED, "no SECTION_QUERY\n");
    }
    CloseHandle(again);
    again = OpenFileMappingA(FILE_MAP_COPY, FALSE, name);
    ok(granted(again) == SECTION_MAP_READ, "FILE_MAP_COPY alone is for reading, granted %#lx\n", granted(again));   /* §6-2 */
    CloseHandle(again);
    again = OpenFileMappingA(FILE_MAP_ALL_ACCESS, TRUE, name);
    ok(granted(again) == SECTION_ALL_ACCESS, "granted %#lx\n", granted(again));                         /* §6-4 */
    CloseHandle(again);
    again = OpenFileMappingA(FILE_MAP_EXECUTE, FALSE, name);
    ok(granted(again) == SECTION_MAP_EXECUTE, "granted %#lx\n", granted(again));                        /* §6-2 */
    CloseHandle(again);
    if (pOpenFileMappingFromApp)
    {
        WCHAR wide[64];
        MultiByteToWideChar(CP_ACP, 0, name, -1, wide, ARRAY_SIZE(wide));
        again = pOpenFileMappingFromApp(FILE_MAP_EXECUTE, FALSE, wide);
        ok(granted(again) == SECTION_MAP_EXECUTE, "granted %#lx\n", granted(again));
        CloseHandle(again);
    }

    fails(OpenEventA(EVENT_ALL_ACCESS, FALSE, name), ERROR_INVALID_HANDLE);                             /* §5.1-19: one name space */
    fails(CreateEventA(NULL, FALSE, FALSE, name), ERROR_INVALID_HANDLE);

    view = MapViewOfFile(h, FILE_MAP_WRITE, 0, 0, 0);                                                   /* §5.1-20: views keep no name */
    view[0] = 1;
    CloseHandle(h);
    fails(OpenFileMappingA(FILE_MAP_READ, FALSE, name), ERROR_FILE_NOT_FOUND);
    view[1] = 2;
    h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, K, name);
    ok(h && !GetLastError(), "the name is free: %p, error %lu\n", h, GetLastError());
    check_section(h, SEC_COMMIT, K);
    CloseHandle(h);
    ok(view[0] == 1 && view[1] == 2, "the view lost its contents\n");
    UnmapViewOfFile(view);

    event = CreateEventA(NULL, FALSE, FALSE, name);                                                     /* §5.1-19, §6-3 */
    fails(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, K, name), ERROR_INVALID_HANDLE);
    fails(OpenFileMappingA(FILE_MAP_READ, FALSE, name), ERROR_INVALID_HANDLE);
    CloseHandle(event);

    h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, K, "Local\\oriel-mapping-local");   /* §5.1-18: prefixes */
    again = OpenFileMappingA(FILE_MAP_READ, FALSE, "oriel-mapping-local");
    ok(again != NULL, "Local\\ is not the plain name space: %lu\n", GetLastError());
    fails(OpenFileMappingA(FILE_MAP_READ, FALSE, "Oriel-Mapping-Local"), ERROR_FILE_NOT_FOUND);         /* case counts */
    CloseHandle(again);
    CloseHandle(h);
    fails(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, K, "nowhere\\oriel"), ERROR_PATH_NOT_FOUND);
}

static void test_newer(void)
{
    HANDLE h;
    void *view;

    if (pCreateFileMappingFromApp)
    {
        h = pCreateFileMappingFromApp(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | SEC_RESERVE, 0x200000000ull, NULL);   /* §5.2-6 */
        ok(h != NULL, "failed with %lu\n", GetLastError());
        check_section(h, SEC_RESERVE, 0x200000000ll);                                                   /* §24, 30: 64-bit sizes */
        CloseHandle(h);
        h = pCreateFileMappingFromApp(INVALID_HANDLE_VALUE, NULL, PAGE_EXECUTE_READWRITE, K, NULL);
        ok(h && (granted(h) & SECTION_MAP_EXECUTE), "granted %#lx\n", granted(h));
        CloseHandle(h);
    }
    else win_skip("no CreateFileMappingFromApp\n");

    if (pCreateFileMappingNumaW)
    {
        h = pCreateFileMappingNumaW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, K, NULL, 0);         /* §5.2-7 */
        ok(h != NULL, "node 0 failed with %lu\n", GetLastError());
        CloseHandle(h);
    }
    if (pCreateFileMapping2)
    {
        h = pCreateFileMapping2(INVALID_HANDLE_VALUE, NULL, SECTION_ALL_ACCESS, PAGE_READONLY, 0, K, NULL, NULL, 0);   /* §5.2-8 */
        ok(h && granted(h) == SECTION_ALL_ACCESS, "granted %#lx, error %lu\n", granted(h), GetLastError());
        check_section(h, SEC_COMMIT, K);
        fails(MapViewOfFile(h, FILE_MAP_WRITE, 0, 0, 0), ERROR_INVALID_PARAMETER);                      /* §7.3-5: the section forbids */
        view = MapViewOfFile(h, FILE_MAP_READ, 0, 0, 0);
        ok(view != NULL, "map failed with %lu\n", GetLastError());
        UnmapViewOfFile(view);
        CloseHandle(h);
        fails(pCreateFileMapping2(INVALID_HANDLE_VALUE, NULL, SECTION_ALL_ACCESS, PAGE_READONLY | SEC_COMMIT, 0, K, NULL, NULL, 0),   /* §5.2-8 */
              ERROR_INVALID_PARAMETER);                                                                 /* attributes go elsewhere */
    }
    else win_skip("no CreateFileMapping2\n");
}

/* (§5.2-4, §6-3) */
static void test_inheritance(void)
{
    SECURITY_ATTRIBUTES attributes = { sizeof(attributes), NULL, TRUE };
    DWORD flags;
    HANDLE h, again;

    h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, K, "oriel-mapping-inherit");
    ok(GetHandleInformation(h, &flags) && !(flags & HANDLE_FLAG_INHERIT), "flags %#lx\n", flags);
    again = OpenFileMappingA(FILE_MAP_READ, TRUE, "oriel-mapping-inherit");
    ok(GetHandleInformation(again, &flags) && (flags & HANDLE_FLAG_INHERIT), "flags %#lx\n", flags);
    CloseHandle(again);
    again = CreateFileMappingA(INVALID_HANDLE_VALUE, &attributes, PAGE_READWRITE, 0, K, "oriel-mapping-inherit");
    ok(GetHandleInformation(again, &flags) && (flags & HANDLE_FLAG_INHERIT), "flags %#lx\n", flags);
    CloseHandle(again);
    attributes.bInheritHandle = FALSE;
    again = CreateFileMappingA(INVALID_HANDLE_VALUE, &attributes, PAGE_READWRITE, 0, K, NULL);
    ok(GetHandleInformation(again, &flags) && !(flags & HANDLE_FLAG_INHERIT), "flags %#lx\n", flags);
    CloseHandle(again);
    CloseHandle(h);
    fails(OpenFileMappingA(FILE_MAP_READ, FALSE, NULL), ERROR_INVALID_PARAMETER);                       /* §6-3 */
    fails(OpenFileMappingW(FILE_MAP_READ, FALSE, NULL), ERROR_INVALID_PARAMETER);
}

/* §5.1-18 */
static void test_prefixes(void)
{
    static const struct { const char *name; DWORD error; } bad[] =
    {
        { "nowhere\\oriel", ERROR_PATH_NOT_FOUND }, { "Local\\nowhere\\oriel", ERROR_PATH_NOT_FOUND },
    };
    HANDLE h, again;

    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
        fails(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, K, bad[i].name), bad[i].error);  /* §5.1-18 */
    SetLastError(UNTOUCHED);
    ok(!CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, K, "\\oriel"), "a name from the root\n");
    ok(GetLastError() == ERROR_BAD_PATHNAME || GetLastError() == ERROR_PATH_NOT_FOUND || GetLastError() == ERROR_INVALID_NAME ||
       GetLastError() == ERROR_ACCESS_DENIED, "error %lu\n", GetLastError());
    h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, K, "Global\\oriel-mapping-global");
    ok(h || GetLastError() == ERROR_ACCESS_DENIED, "error %lu\n", GetLastError());
    if (!h) return;
    again = OpenFileMappingA(FILE_MAP_READ, FALSE, "Global\\oriel-mapping-global");
    ok(again != NULL, "error %lu\n", GetLastError());
    CloseHandle(again);
    CloseHandle(h);
}

/* Who may have what of an existing section is in its security descriptor (§5.2-5, §6-4) */
static void test_security(void)
{
    SECURITY_DESCRIPTOR descriptor;
    SECURITY_ATTRIBUTES attributes = { sizeof(attributes), &descriptor, FALSE };
    ACL nobody;
    HANDLE h;

    InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION);
    InitializeAcl(&nobody, sizeof(nobody), ACL_REVISION);
    SetSecurityDescriptorDacl(&descriptor, TRUE, &nobody, FALSE);
    h = CreateFileMappingA(INVALID_HANDLE_VALUE, &attributes, PAGE_READWRITE, 0, K, "oriel-mapping-secure");
    ok(h != NULL, "error %lu\n", GetLastError());
    fails(OpenFileMappingA(FILE_MAP_READ, FALSE, "oriel-mapping-secure"), ERROR_ACCESS_DENIED);
    fails(OpenFileMappingA(FILE_MAP_ALL_ACCESS, FALSE, "oriel-mapping-secure"), ERROR_ACCESS_DENIED);
    fails(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READONLY, 0, K, "oriel-mapping-secure"), ERROR_ACCESS_DENIED);
    CloseHandle(h);
}

/* §5.2-8 */
static void test_mapping2(void)
{
    MEM_EXTENDED_PARAMETER param = { .Type = MemExtendedParameterNumaNode, .ULong = 0 };
    MEM_ADDRESS_REQUIREMENTS req = { NULL, (void *)0x7fffffff, 0 };
    HANDLE h, again;

    if (!pCreateFileMapping2) return;
#define MAPPING2(protect, attributes, size, name, params, count) \
    pCreateFileMapping2(INVALID_HANDLE_VALUE, NULL, SECTION_MAP_READ | SECTION_QUERY, protect, attributes, size, name, params, count)
    SetLastError(UNTOUCHED);
    h = MAPPING2(PAGE_READWRITE, SEC_RESERVE, 3 * K, L"oriel-mapping-2", &param, 1);
    ok(h && !GetLastError() && granted(h) == (SECTION_MAP_READ | SECTION_QUERY), "error %lu, granted %#lx\n", GetLastError(), granted(h));
    check_section(h, SEC_RESERVE, 3 * K);
    again = MAPPING2(PAGE_READWRITE, 0, K, L"oriel-mapping-2", NULL, 0);
    ok(again && GetLastError() == ERROR_ALREADY_EXISTS, "error %lu\n", GetLastError());
    check_section(again, SEC_RESERVE, 3 * K);
    CloseHandle(again);
    CloseHandle(h);
    fails(MAPPING2(PAGE_READWRITE, SEC_COMMIT | SEC_RESERVE, K, NULL, NULL, 0), ERROR_INVALID_PARAMETER);
    fails(MAPPING2(PAGE_NOACCESS, 0, K, NULL, NULL, 0), ERROR_INVALID_PARAMETER);
    fails(MAPPING2(PAGE_READWRITE, 0, 0, NULL, NULL, 0), ERROR_INVALID_PARAMETER);
    fails(MAPPING2(PAGE_READWRITE, 0, K, NULL, NULL, 1), ERROR_INVALID_PARAMETER);
    param.ULong = 1000;
    fails(MAPPING2(PAGE_READWRITE, 0, K, NULL, &param, 1), ERROR_INVALID_PARAMETER);
    param.Type = MemExtendedParameterAddressRequirements;
    param.Pointer = &req;
    fails(MAPPING2(PAGE_READWRITE, 0, K, NULL, &param, 1), ERROR_INVALID_PARAMETER);
#undef MAPPING2
}

START_TEST(mapping)
{
    pNtQuerySection = (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "NtQuerySection");
    pNtQueryObject = (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "NtQueryObject");
    LOAD(CreateFileMapping2);
    LOAD(CreateFileMappingFromApp);
    LOAD(CreateFileMappingNumaW);
    LOAD(OpenFileMappingFromApp);
    test_protections();
    test_attributes();
    test_sizes();
    test_names();
    test_newer();
    test_inheritance();
    test_prefixes();
    test_security();
    test_mapping2();
}
