/* NtCreateSection, NtMapViewOfSection and relatives: statuses (§5, §6, §7, §8, §11). */
#include "memory.h"

static NTSTATUS create(ULONG protect, ULONG attributes, LONGLONG size, HANDLE file)
{
    LARGE_INTEGER max = { .QuadPart = size };
    HANDLE h = (HANDLE)1;
    NTSTATUS status = NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, &max, protect, attributes, file);

    if (!status) NtClose(h);
    return status;
}

/* §5.1-1 */
static void test_create(void)
{
    static const ULONG good[] = { PAGE_READONLY, PAGE_READWRITE, PAGE_WRITECOPY, PAGE_EXECUTE, PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE,
                                  PAGE_EXECUTE_WRITECOPY };
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING name;
    HANDLE file, h, again;
    LARGE_INTEGER size = { .QuadPart = K };

    for (unsigned i = 0; i < ARRAY_SIZE(good); i++) ok_status(create(good[i], SEC_COMMIT, K, NULL), STATUS_SUCCESS);   /* §5.1-3 */
    ok_status(create(0, 0, K, NULL), STATUS_INVALID_PARAMETER_6);                                       /* §5.1: attributes first */
    ok_status(create(PAGE_NOACCESS, SEC_COMMIT, 0, NULL), STATUS_INVALID_PAGE_PROTECTION);              /* §5.1-1, §5.1-3, §4-4: then protection */
    ok_status(create(0, SEC_COMMIT, K, NULL), STATUS_INVALID_PAGE_PROTECTION);
    ok_status(create(PAGE_READONLY | PAGE_GUARD, SEC_COMMIT, K, NULL), STATUS_INVALID_PAGE_PROTECTION);
    ok_status(create(PAGE_READWRITE, SEC_COMMIT | SEC_RESERVE, K, NULL), STATUS_INVALID_PARAMETER_6);   /* §5.1-2 */
    ok_status(create(PAGE_READWRITE, SEC_IMAGE | SEC_COMMIT, K, NULL), STATUS_INVALID_PARAMETER_6);
    ok_status(create(PAGE_READWRITE, ~0u, K, NULL), STATUS_INVALID_PARAMETER_6);
    ok_status(create(PAGE_READWRITE, SEC_COMMIT, 0, NULL), STATUS_INVALID_PARAMETER_4);                 /* §5.1-4 */
    ok_status(create(PAGE_READWRITE, SEC_COMMIT, -1, NULL), STATUS_SECTION_TOO_BIG);
    ok_status(create(PAGE_READWRITE, SEC_RESERVE, 0x800000000000, NULL), STATUS_SECTION_TOO_BIG);       /* §5.1-6 */
    ok_status(create(PAGE_READONLY, SEC_IMAGE, K, NULL), STATUS_INVALID_FILE_FOR_SECTION);              /* §5.1-7 */
    ok_status(NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READWRITE, SEC_COMMIT, NULL), STATUS_ACCESS_VIOLATION);   /* §5.1-4 */
    ok_status(NtCreateSection(NULL, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE, SEC_COMMIT, NULL), STATUS_ACCESS_VIOLATION);   /* §5.1-1 */
    ok_status(create(PAGE_READWRITE, SEC_COMMIT, K, ME), STATUS_OBJECT_TYPE_MISMATCH);                  /* §5.1-9 */

    file = memory_temp_file(GENERIC_READ | GENERIC_WRITE, NULL, 0);
    ok_status(create(PAGE_READWRITE, SEC_COMMIT, 0, file), STATUS_MAPPED_FILE_SIZE_ZERO);               /* §5.1-11 */
    ok_status(create(PAGE_READONLY, SEC_IMAGE, 0, file), STATUS_INVALID_FILE_FOR_SECTION);
    ok_status(create(PAGE_READONLY, SEC_COMMIT, 1, file), STATUS_SECTION_TOO_BIG);                      /* §5.1-12 */
    ok_status(create(PAGE_READWRITE, SEC_COMMIT, -1, file), STATUS_SECTION_TOO_BIG);
    ok_status(create(PAGE_READWRITE, SEC_COMMIT, 10, file), STATUS_SUCCESS);
    ok(GetFileSize(file, NULL) == 10, "size %lu\n", GetFileSize(file, NULL));
    ok_status(create(PAGE_READONLY, SEC_IMAGE, 0, file), STATUS_INVALID_IMAGE_NOT_MZ);                  /* §9.1-1 */
    CloseHandle(file);

    RtlInitUnicodeString(&name, L"\\BaseNamedObjects\\oriel-nt-section");
    InitializeObjectAttributes(&attr, &name, 0, NULL, NULL);
    h = (HANDLE)1;
    ok_status(NtOpenSection(&h, SECTION_QUERY, &attr), STATUS_OBJECT_NAME_NOT_FOUND);                   /* §6-1, §6-3 */
    ok(!h, "handle %p\n", h);
    ok_status(NtOpenSection(&h, SECTION_QUERY, NULL), STATUS_INVALID_PARAMETER);
    ok_status(NtOpenSection(NULL, SECTION_QUERY, NULL), STATUS_ACCESS_VIOLATION);
    ok_status(NtCreateSection(&h, SECTION_ALL_ACCESS, &attr, &size, PAGE_READWRITE, SEC_COMMIT, NULL), STATUS_SUCCESS);   /* §5.1-19 */
    again = (HANDLE)1;
    ok_status(NtCreateSection(&again, SECTION_ALL_ACCESS, &attr, &size, PAGE_READWRITE, SEC_COMMIT, NULL), STATUS_OBJECT_NAME_COLLISION);
    ok(!again, "handle %p\n", again);                                                                   /* §5.1-21: NULL on failure */
    attr.Attributes = OBJ_OPENIF;                                                                       /* §5.1-19 */
    ok_status(NtCreateSection(&again, SECTION_ALL_ACCESS, &attr, &size, PAGE_READWRITE, SEC_COMMIT, NULL), STATUS_OBJECT_NAME_EXISTS);
    NtClose(again);
    ok_status(NtCreateSection(&again, 0, &attr, &size, PAGE_READWRITE, SEC_COMMIT, NULL), STATUS_ACCESS_DENIED);   /* §5.1-21 */
    ok_status(NtOpenSection(&again, 0, &attr), STATUS_ACCESS_DENIED);                                   /* §6-1 */
    ok_status(NtOpenSection(&again, SECTION_MAP_READ, &attr), STATUS_SUCCESS);
    NtClose(again);
    NtClose(h);
    h = NULL;
    ok_status(NtCreateSection(&h, 0, NULL, &size, PAGE_READWRITE, SEC_COMMIT, NULL), STATUS_SUCCESS);   /* §5.1-21: no rights at all */
    NtClose(h);
}

static NTSTATUS map(HANDLE section, void *base, ULONG_PTR zero_bits, SIZE_T commit, LONGLONG offset, SIZE_T size, ULONG inherit,
                    ULONG type, ULONG protect)
{
    LARGE_INTEGER off = { .QuadPart = offset };
    void *p = base;
    SIZE_T s = size;
    NTSTATUS status = NtMapViewOfSection(section, ME, &p, zero_bits, commit, &off, &s, inherit, type, protect);

    if (status < 0) ok(p == base && s == size, "a failure wrote %p %#Ix\n", p, s);
    else NtUnmapViewOfSection(ME, p);
    return status;
}

/* §7.1-1 */
static void test_map(void)
{
    LARGE_INTEGER size = { .QuadPart = 4 * G };
    HANDLE h;
    void *p;
    SIZE_T s;

    NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE, SEC_COMMIT, NULL);
    ok_status(map(h, NULL, 0, 0, 0, 0, ViewShare, 0, PAGE_READWRITE), STATUS_SUCCESS);                  /* §7.5-1, §7.1-10 */
    ok_status(map(h, NULL, 0, 0, 0, 0, ViewUnmap, MEM_TOP_DOWN, PAGE_READONLY), STATUS_SUCCESS);        /* §7.5-1, §7.1-2 */
    /* the order of §7.1: each call has this fault and all later ones */                                /* §7.1-1 */
    ok_status(map((HANDLE)0x1230, (void *)1, 30, 0, 1, 0, 7, MEM_COMMIT, 0), STATUS_INVALID_PAGE_PROTECTION);
    ok_status(map((HANDLE)0x1230, (void *)1, 30, 0, 1, 0, 7, MEM_COMMIT, PAGE_READONLY), STATUS_INVALID_PARAMETER_9);   /* §7.1-1, §7.1-2 */
    ok_status(map((HANDLE)0x1230, (void *)1, 30, 0, 1, 0, 7, 0, PAGE_READONLY), STATUS_INVALID_PARAMETER_8);   /* §7.1-1, §7.1-3 */
    ok_status2(map((HANDLE)0x1230, (void *)1, 30, 0, 1, 0, ViewShare, 0, PAGE_READONLY), STATUS_INVALID_PARAMETER_4, STATUS_INVALID_PARAMETER);   /* §3.3-2, §3.3-4 */
    ok_status2(map(h, (void *)0x100000001, 1, 0, 1, 0, ViewShare, 0, PAGE_READONLY), STATUS_INVALID_PARAMETER_4, STATUS_INVALID_PARAMETER);
    ok_status(map((HANDLE)0x1230, (void *)1, 0, 0, 1, ~(SIZE_T)0, ViewShare, 0, PAGE_READONLY), STATUS_INVALID_PARAMETER_3);   /* §7.1-1, §7.1-4 */
    ok_status(map((HANDLE)0x1230, (void *)1, 0, 0, 1, 0, ViewShare, 0, PAGE_READONLY), STATUS_INVALID_HANDLE);   /* §7.1-1, §7.1-5 */
    ok_status(map(ME, (void *)1, 0, 0, 1, 0, ViewShare, 0, PAGE_READONLY), STATUS_OBJECT_TYPE_MISMATCH);
    ok_status(map(h, (void *)0x20000001, 0, 0, 0, 0, ViewShare, 0, PAGE_READONLY), STATUS_MAPPED_ALIGNMENT);   /* §7.1-1, §7.1-6 */
    ok_status(map(h, (void *)0x2000002a, 0, 0, 0, 0, ViewShare, 0, PAGE_READONLY), STATUS_MAPPED_ALIGNMENT);
    ok_status(map(h, (void *)0x20001000, 0, 0, 0, 0, ViewShare, 0, PAGE_READONLY), STATUS_MAPPED_ALIGNMENT);
    ok_status(map(h, NULL, 0, 0, K, 0, ViewShare, 0, PAGE_EXECUTE_READ), STATUS_MAPPED_ALIGNMENT);
    ok_status(map(h, NULL, 0, 2 * K, 0, K, ViewShare, 0, PAGE_EXECUTE_READ), STATUS_INVALID_PARAMETER_5);   /* §7.1-1, §7.1-7 */
    ok_status(map(h, NULL, 0, 0, 0, 0, ViewShare, MEM_RESERVE, PAGE_EXECUTE_READ), STATUS_INVALID_PARAMETER_9);
    ok_status(map(h, NULL, 0, 0, 0x100000000, 0, ViewShare, 0, PAGE_EXECUTE_READ), STATUS_SECTION_PROTECTION);   /* §7.1-1, §7.3-5 */
    ok_status(map(h, NULL, 0, 0, 0x100000000, 0, ViewShare, 0, PAGE_READONLY), STATUS_INVALID_VIEW_SIZE);   /* §7.1-1, §7.1-8 */
    ok_status(map(h, NULL, 0, 0, 0, 4 * G + 1, ViewShare, 0, PAGE_READONLY), STATUS_INVALID_VIEW_SIZE);
    ok_status(map(h, NULL, 0, 0, 0, 0, ViewShare, 0x40000000, PAGE_READONLY), STATUS_INVALID_PARAMETER_9);   /* §3.3-6: AT_ROUND_TO_PAGE */

    p = NULL;
    s = 0;
    ok_status(NtMapViewOfSection(h, ME, &p, 0, 0, NULL, &s, ViewShare, 0, PAGE_READWRITE), STATUS_SUCCESS);   /* §7.1-10: no offset is 0 */
    ok(s == 4 * G, "size %#Ix\n", s);
    ok_status(map(h, p, 0, 0, 0, 0, ViewShare, 0, PAGE_READWRITE), STATUS_CONFLICTING_ADDRESSES);       /* §7.1-9 */
    ok_status(NtUnmapViewOfSection(ME, (char *)p + 4196), STATUS_SUCCESS);                              /* §8.7-1 */
    ok_status(NtUnmapViewOfSection(ME, p), STATUS_NOT_MAPPED_VIEW);
    ok_status(NtUnmapViewOfSection(NULL, p), STATUS_INVALID_HANDLE);                                    /* §3.4-1 */
    ok_status(NtUnmapViewOfSection(ME, (void *)0xdeadbeef), STATUS_NOT_MAPPED_VIEW);                    /* §8.7-1 */
    if (pNtUnmapViewOfSectionEx) ok_status(pNtUnmapViewOfSectionEx(ME, p, MEM_RELEASE), STATUS_INVALID_PARAMETER);   /* §8.7-2 */
    NtClose(h);

    /* PAGE_EXECUTE sections admit nothing else (§7.3 d) */
    NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, &size, PAGE_EXECUTE, SEC_COMMIT, NULL);
    ok_status(map(h, NULL, 0, 0, 0, 0, ViewShare, 0, PAGE_EXECUTE), STATUS_SUCCESS);                    /* §7.3-5 */
    ok_status(map(h, NULL, 0, 0, 0, 0, ViewShare, 0, PAGE_READONLY), STATUS_SECTION_PROTECTION);
    NtClose(h);

    /* commit size of a reserved section (§8.3) */
    NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE, SEC_RESERVE, NULL);
    p = NULL;
    s = 0;
    ok_status(NtMapViewOfSection(h, ME, &p, 0, K + 1, NULL, &s, ViewShare, 0, PAGE_READWRITE), STATUS_SUCCESS);   /* §8.3-5 */
    if (p)
    {
        MEMORY_BASIC_INFORMATION info;

        NtQueryVirtualMemory(ME, p, MemoryBasicInformation, &info, sizeof(info), NULL);
        ok(info.State == MEM_COMMIT && info.RegionSize == 2 * K, "state %#lx size %#Ix\n", info.State, info.RegionSize);
        NtUnmapViewOfSection(ME, p);
    }
    NtClose(h);
}

/* §7.2-2 */
static void test_map_ex(void)
{
    LARGE_INTEGER size = { .QuadPart = 2 * G }, zero = { .QuadPart = 0 };
    MEM_EXTENDED_PARAMETER params[2];
    MEM_ADDRESS_REQUIREMENTS req = { 0 };
    HANDLE h;
    void *p = NULL;
    SIZE_T s = 0;

    if (!pNtMapViewOfSectionEx)
    {
        win_skip("no NtMapViewOfSectionEx\n");
        return;
    }
    memset(params, 0, sizeof(params));
    NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE, SEC_COMMIT, NULL);
    ok_status(pNtMapViewOfSectionEx(h, NULL, &p, &zero, &s, 0, PAGE_READWRITE, NULL, 0), STATUS_INVALID_HANDLE);   /* §7.2-1 */
    ok_status(pNtMapViewOfSectionEx(h, ME, &p, &zero, &s, 0, PAGE_READWRITE, params, 1), STATUS_INVALID_PARAMETER);
    params[0].Type = params[1].Type = MemExtendedParameterAddressRequirements;                          /* §7.2-2 */
    params[0].Pointer = params[1].Pointer = &req;
    ok_status(pNtMapViewOfSectionEx(h, ME, &p, &zero, &s, 0, PAGE_READWRITE, params, 2), STATUS_INVALID_PARAMETER);
    ok_status(pNtMapViewOfSectionEx(h, ME, &p, &zero, &s, 0, PAGE_READWRITE, params, 1), STATUS_SUCCESS);   /* §7.2-3 */
    NtUnmapViewOfSection(ME, p);
    for (SIZE_T alignment = 1; alignment; alignment <<= 1)                                              /* §7.2-3: none will do */
    {
        req.Alignment = alignment;
        p = NULL;
        s = 0;
        NTSTATUS status = pNtMapViewOfSectionEx(h, ME, &p, &zero, &s, 0, PAGE_READWRITE, params, 1);
        ok(status == STATUS_INVALID_PARAMETER, "alignment %#Ix: %#lx\n", alignment, status);
        if (!status) NtUnmapViewOfSection(ME, p);
    }
    req = (MEM_ADDRESS_REQUIREMENTS){ (void *)0x10000000, (void *)0x7fffffff, 0 };
    ok_status(pNtMapViewOfSectionEx(h, ME, &p, &zero, &s, 0, PAGE_READWRITE, params, 1), STATUS_SUCCESS);
    ok((ULONG_PTR)p >= 0x10000000 && (ULONG_PTR)p + s - 1 <= 0x7fffffff, "%p\n", p);
    NtUnmapViewOfSection(ME, p);
    ok_status(pNtMapViewOfSectionEx(h, ME, &p, &zero, &s, 0, PAGE_READWRITE, params, 1), STATUS_INVALID_PARAMETER);     /* with a base */
    p = NULL;
    s = 0;
    ok_status(pNtMapViewOfSectionEx(h, ME, &p, &zero, &s, 0x40000000, PAGE_READWRITE, NULL, 0), STATUS_INVALID_PARAMETER);   /* §3.3-6, §7.2-1 */
    params[0].Type = MemExtendedParameterImageMachine;                                                  /* §7.2-4 */
    params[0].ULong64 = 0;
    ok_status(pNtMapViewOfSectionEx(h, ME, &p, &zero, &s, 0, PAGE_READWRITE, params, 1), STATUS_SUCCESS);
    NtUnmapViewOfSection(ME, p);
    p = NULL;
    s = 0;
    params[0].ULong64 = 0xaa64;
    ok_status(pNtMapViewOfSectionEx(h, ME, &p, &zero, &s, 0, PAGE_READWRITE, params, 1), STATUS_NOT_SUPPORTED);
    NtClose(h);
}

/* §11-1 */
static void test_query(void)
{
    LARGE_INTEGER size = { .QuadPart = 100 };
    SECTION_BASIC_INFORMATION info;
    SECTION_IMAGE_INFORMATION image;
    SIZE_T ret = 77;
    HANDLE h, limited;

    NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE, SEC_COMMIT, NULL);
    ok_status(NtQuerySection(h, SectionBasicInformation, &info, sizeof(info) - 1, &ret), STATUS_INFO_LENGTH_MISMATCH);  /* §11 */
    ok(ret == 77, "ret %Iu\n", ret);
    ok_status(NtQuerySection(h, SectionBasicInformation, &info, sizeof(info) + 1, &ret), STATUS_SUCCESS);
    ok(ret == sizeof(info), "ret %Iu\n", ret);
    ok(info.Attributes == SEC_COMMIT && info.Size.QuadPart == K && !info.BaseAddress, "%#lx %#I64x\n", info.Attributes, info.Size.QuadPart);   /* §11-2 */
    ok_status(NtQuerySection(h, SectionImageInformation, &image, sizeof(image) - 1, NULL), STATUS_INFO_LENGTH_MISMATCH);
    ok_status(NtQuerySection(h, SectionImageInformation, &image, sizeof(image), NULL), STATUS_SECTION_NOT_IMAGE);
    ok_status(NtQuerySection(h, 99, &info, sizeof(info), NULL), STATUS_INVALID_INFO_CLASS);
    ok_status(NtQuerySection(NULL, SectionBasicInformation, &info, sizeof(info), NULL), STATUS_INVALID_HANDLE);
    ok_status(NtQuerySection(h, SectionBasicInformation, &info, ~(SIZE_T)0, NULL), STATUS_ACCESS_VIOLATION);
    NtDuplicateObject(ME, h, ME, &limited, SECTION_MAP_READ, 0, 0);
    ok_status(NtQuerySection(limited, SectionBasicInformation, &info, sizeof(info), NULL), STATUS_ACCESS_DENIED);
    NtClose(limited);
    NtClose(h);
}

/* Views that grow with their file, and NtExtendSection (§8.4-2). */
static void test_growth(void)
{
    char bytes[0x400];
    HANDLE file, h;
    LARGE_INTEGER size = { .QuadPart = 0 };
    MEMORY_BASIC_INFORMATION info;
    void *p = NULL, *q;
    SIZE_T s = 0x10000, c;

    memset(bytes, 'g', sizeof(bytes));
    file = memory_temp_file(GENERIC_READ | GENERIC_WRITE, bytes, sizeof(bytes));
    ok_status(NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE, SEC_RESERVE, file), STATUS_SUCCESS);
    ok_status(map(h, NULL, 0, 0, 0, 0x10000, ViewUnmap, 0, PAGE_READONLY), STATUS_INVALID_VIEW_SIZE);
    ok_status(NtMapViewOfSection(h, ME, &p, 0, 0, NULL, &s, ViewUnmap, MEM_RESERVE, PAGE_READONLY), STATUS_SUCCESS);
    if (!p)
    {
        NtClose(h);
        CloseHandle(file);
        return;
    }
    ok(s == 0x10000 && GetFileSize(file, NULL) == 0x400, "view %#Ix file %#lx\n", s, GetFileSize(file, NULL));
    ok(*(char *)p == 'g', "contents\n");
    q = p;
    c = 0x500;
    ok_status(NtAllocateVirtualMemory(ME, &q, 0, &c, MEM_COMMIT, PAGE_READONLY), STATUS_SUCCESS);
    ok(GetFileSize(file, NULL) == 0x1000, "file %#lx\n", GetFileSize(file, NULL));
    c = 0x1100;
    ok_status(NtAllocateVirtualMemory(ME, &q, 0, &c, MEM_COMMIT, PAGE_READONLY), STATUS_SUCCESS);
    ok(GetFileSize(file, NULL) == 0x2000, "file %#lx\n", GetFileSize(file, NULL));
    NtQueryVirtualMemory(ME, p, MemoryBasicInformation, &info, sizeof(info), NULL);
    ok(info.State == MEM_COMMIT && info.RegionSize == 0x2000, "state %#lx size %#Ix\n", info.State, info.RegionSize);
    ok(!((char *)p)[0x1800], "grown part is not zero\n");

    if (pNtExtendSection)
    {
        size.QuadPart = 0x3456;                                                                         /* §11-3 */
        ok_status(pNtExtendSection(h, &size), STATUS_SUCCESS);
        ok(GetFileSize(file, NULL) == 0x3456 && size.QuadPart == 0x3456, "file %#lx\n", GetFileSize(file, NULL));
        size.QuadPart = 0x10;
        ok_status(pNtExtendSection(h, &size), STATUS_SUCCESS);
        ok(size.QuadPart == 0x3456 && GetFileSize(file, NULL) == 0x3456, "size %#I64x\n", size.QuadPart);
    }
    else skip("no NtExtendSection\n");
    NtUnmapViewOfSection(ME, p);
    NtClose(h);
    CloseHandle(file);
    size.QuadPart = K;
    NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE, SEC_COMMIT, NULL);
    if (pNtExtendSection) ok_status(pNtExtendSection(h, &size), STATUS_SECTION_NOT_EXTENDED);           /* §11-3 */
    NtClose(h);
}

/* §11-4 */
static void test_same_files(void)
{
    char folder[MAX_PATH];
    HANDLE file, map_handle, image_handle;
    char *data, *other, *image, *again;
    void *private;

    GetSystemDirectoryA(folder, sizeof(folder));
    strcat(folder, "\\kernel32.dll");
    file = CreateFileA(folder, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, 0);
    ok(file != INVALID_HANDLE_VALUE, "cannot open %s\n", folder);
    map_handle = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
    image_handle = CreateFileMappingA(file, NULL, PAGE_READONLY | SEC_IMAGE, 0, 0, NULL);
    data = MapViewOfFile(map_handle, FILE_MAP_READ, 0, 0, 0);
    other = MapViewOfFile(map_handle, FILE_MAP_READ, 0, 0, 0);
    image = MapViewOfFile(image_handle, FILE_MAP_READ, 0, 0, 0);
    again = (char *)GetModuleHandleA("kernel32.dll");
    private = VirtualAlloc(NULL, K, MEM_COMMIT, PAGE_READWRITE);
    ok(data && other && image, "cannot map\n");
    ok_status(NtAreMappedFilesTheSame(data, data + 8), STATUS_SUCCESS);                                 /* §11 */
    ok_status(NtAreMappedFilesTheSame(data, other), STATUS_NOT_SAME_DEVICE);
    ok_status(NtAreMappedFilesTheSame(image, again), STATUS_SUCCESS);
    ok_status(NtAreMappedFilesTheSame(image, data), STATUS_SUCCESS);
    ok_status(NtAreMappedFilesTheSame(data, image), STATUS_NOT_SAME_DEVICE);
    ok_status(NtAreMappedFilesTheSame(image, GetModuleHandleA("ntdll.dll")), STATUS_NOT_SAME_DEVICE);
    ok_status(NtAreMappedFilesTheSame(image, private), STATUS_CONFLICTING_ADDRESSES);
    ok_status(NtAreMappedFilesTheSame(private, image), STATUS_CONFLICTING_ADDRESSES);
    ok_status2(NtAreMappedFilesTheSame(image, (void *)0x12345), STATUS_INVALID_ADDRESS, STATUS_CONFLICTING_ADDRESSES);  /* free */
    ok_status2(NtAreMappedFilesTheSame((void *)0x12345, image), STATUS_INVALID_ADDRESS, STATUS_CONFLICTING_ADDRESSES);
    ok_status(NtAreMappedFilesTheSame(NULL, image), STATUS_INVALID_ADDRESS);
    ok_status(NtAreMappedFilesTheSame(image, NULL), STATUS_INVALID_ADDRESS);
    VirtualFree(private, 0, MEM_RELEASE);
    UnmapViewOfFile(data);
    UnmapViewOfFile(other);
    UnmapViewOfFile(image);
    CloseHandle(map_handle);
    CloseHandle(image_handle);
    CloseHandle(file);
}

START_TEST(section)
{
    load_memory_functions();
    test_create();
    test_map();
    test_map_ex();
    test_query();
    test_growth();
    test_same_files();
}
