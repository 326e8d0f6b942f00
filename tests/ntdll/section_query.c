/* NtQuerySection's classes, NtExtendSection, NtFlushVirtualMemory, views of files that are reserved (§8, §11, §7.1). */
#include "memory.h"

NTSYSAPI NTSTATUS WINAPI flush_virtual_memory(HANDLE, LPCVOID *, SIZE_T *, IO_STATUS_BLOCK *) __asm__("NtFlushVirtualMemory");

static HANDLE image_section(ACCESS_MASK access)
{
    char path[MAX_PATH];
    HANDLE file, h = NULL;

    GetSystemDirectoryA(path, sizeof(path));
    strcat(path, "\\kernelbase.dll");
    file = CreateFileA(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    ok_status(NtCreateSection(&h, access, NULL, NULL, PAGE_READONLY, SEC_IMAGE, file), STATUS_SUCCESS);
    CloseHandle(file);
    return h;
}

/* (§11-2, §11-1) */
static void test_classes(void)
{
    static const struct { unsigned class; SIZE_T size; BOOL image; } classes[] =
    {
        { 0, sizeof(SECTION_BASIC_INFORMATION), FALSE }, { 1, sizeof(SECTION_IMAGE_INFORMATION), TRUE }, { 2, 8, TRUE }, { 3, 8, TRUE },
        { 4, sizeof(SECTION_IMAGE_INFORMATION) + 8, TRUE },
    };
    LARGE_INTEGER size = { .QuadPart = K };
    HANDLE image = image_section(SECTION_QUERY | SECTION_MAP_READ), plain, blind;
    BYTE buffer[256], first[256];
    SIZE_T ret;

    NtCreateSection(&plain, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE, SEC_COMMIT, NULL);
    NtDuplicateObject(ME, image, ME, &blind, SECTION_MAP_READ, 0, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(classes); i++)
    {
        SIZE_T length = classes[i].size;

        winetest_push_context("class %u", classes[i].class);
        ret = 77;
        ok_status(NtQuerySection(image, classes[i].class, buffer, length - 1 - 4 * (i == 4), &ret), STATUS_INFO_LENGTH_MISMATCH);
        ok_status(NtQuerySection(plain, classes[i].class, buffer, 1, &ret), STATUS_INFO_LENGTH_MISMATCH);        /* before what it is */
        ok_status(NtQuerySection(blind, classes[i].class, buffer, 1, &ret), STATUS_INFO_LENGTH_MISMATCH);        /* and before rights */
        ok(ret == 77, "ret %Iu\n", ret);
        ok_status(NtQuerySection(image, classes[i].class, buffer, sizeof(buffer), &ret), STATUS_SUCCESS);
        ok(ret <= length && ret >= length - 4, "ret %Iu\n", ret);
        ok_status(NtQuerySection(image, classes[i].class, buffer, sizeof(buffer), NULL), STATUS_SUCCESS);
        ok_status(NtQuerySection(plain, classes[i].class, buffer, sizeof(buffer), NULL), classes[i].image ? STATUS_SECTION_NOT_IMAGE : STATUS_SUCCESS);
        ok_status(NtQuerySection(blind, classes[i].class, buffer, sizeof(buffer), NULL), STATUS_ACCESS_DENIED);
        ok_status(NtQuerySection(image, classes[i].class, (void *)8, sizeof(buffer), NULL), STATUS_ACCESS_VIOLATION);
        winetest_pop_context();
    }
    ok_status(NtQuerySection(image, 5, buffer, sizeof(buffer), NULL), STATUS_INVALID_INFO_CLASS);
    ok_status(NtQuerySection(image, 99, buffer, 0, NULL), STATUS_INVALID_INFO_CLASS);

    memset(first, 0, sizeof(first));
    NtQuerySection(image, 1, first, sizeof(first), NULL);
    NtQuerySection(image, 4, buffer, sizeof(buffer), NULL);
    ok(!memcmp(buffer, first, sizeof(SECTION_IMAGE_INFORMATION)), "class 4 begins otherwise than class 1\n");
    {
        ULONG_PTR delta, original;
        void *transfer = *(void **)first;
        IMAGE_NT_HEADERS *nt = RtlImageNtHeader(GetModuleHandleA("kernelbase.dll"));

        NtQuerySection(image, 2, &delta, sizeof(delta), NULL);
        NtQuerySection(image, 3, &original, sizeof(original), NULL);
        ok((ULONG_PTR)transfer == original + delta + nt->OptionalHeader.AddressOfEntryPoint, "entry %p, base %#Ix, moved by %#Ix\n", transfer,
           original, delta);
    }
    NtClose(blind);
    NtClose(plain);
    NtClose(image);
}

/* (§11-3) */
static void test_extend(void)
{
    LARGE_INTEGER size = { .QuadPart = K }, more;
    SECTION_BASIC_INFORMATION info;
    HANDLE file = memory_temp_file(GENERIC_READ | GENERIC_WRITE, "0123456789", 10), h, limited, image;
    char *view, *larger;

    if (!pNtExtendSection)
    {
        win_skip("no NtExtendSection\n");
        CloseHandle(file);
        return;
    }
    NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READWRITE, SEC_COMMIT, file);
    view = MapViewOfFile(h, FILE_MAP_READ, 0, 0, 0);
    more.QuadPart = 2 * K + 5;
    NtDuplicateObject(ME, h, ME, &limited, SECTION_ALL_ACCESS & ~SECTION_EXTEND_SIZE, 0, 0);
    ok_status(pNtExtendSection(limited, &more), STATUS_ACCESS_DENIED);
    ok_status(pNtExtendSection(NULL, &more), STATUS_INVALID_HANDLE);
    ok_status(pNtExtendSection(h, NULL), STATUS_ACCESS_VIOLATION);
    ok(more.QuadPart == 2 * K + 5 && GetFileSize(file, NULL) == 10, "size %#I64x\n", more.QuadPart);
    ok_status(pNtExtendSection(h, &more), STATUS_SUCCESS);
    ok(more.QuadPart == 2 * K + 5 && GetFileSize(file, NULL) == 2 * K + 5, "size %#I64x\n", more.QuadPart);
    NtQuerySection(h, SectionBasicInformation, &info, sizeof(info), NULL);
    ok(info.Size.QuadPart == 2 * K + 5, "size %#I64x\n", info.Size.QuadPart);
    {
        MEMORY_BASIC_INFORMATION basic;

        VirtualQuery(view, &basic, sizeof(basic));
        ok(basic.RegionSize == K, "an existing view has grown: %#Ix\n", basic.RegionSize);
    }
    larger = MapViewOfFile(h, FILE_MAP_READ, 0, 0, 2 * K + 5);
    ok(larger && !memcmp(larger, "0123456789", 11) && !larger[2 * K + 4], "error %lu\n", GetLastError());
    UnmapViewOfFile(larger);
    more.QuadPart = 3;
    ok_status(pNtExtendSection(h, &more), STATUS_SUCCESS);
    ok(more.QuadPart == 2 * K + 5, "size %#I64x\n", more.QuadPart);
    UnmapViewOfFile(view);
    NtClose(limited);
    NtClose(h);

    NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READONLY, SEC_COMMIT, file);       /* not writable */
    more.QuadPart = 5 * K;
    ok_status(pNtExtendSection(h, &more), STATUS_SECTION_NOT_EXTENDED);
    NtClose(h);
    CloseHandle(file);
    NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE, SEC_COMMIT, NULL);
    ok_status(pNtExtendSection(h, &more), STATUS_SECTION_NOT_EXTENDED);
    NtClose(h);
    image = image_section(SECTION_EXTEND_SIZE);
    ok_status(pNtExtendSection(image, &more), STATUS_SECTION_NOT_EXTENDED);
    NtClose(image);
}

static NTSTATUS map(HANDLE section, SIZE_T commit, SIZE_T size, ULONG type, ULONG protect)
{
    void *p = NULL;
    NTSTATUS status = NtMapViewOfSection(section, ME, &p, 0, commit, NULL, &size, ViewUnmap, type, protect);

    if (status >= 0) NtUnmapViewOfSection(ME, p);
    return status;
}

/* (§7.1-7, §8.4-2) */
static void test_reserved_views(void)
{
    HANDLE file = memory_temp_file(GENERIC_READ | GENERIC_WRITE, "0123456789", 10), h;
    LARGE_INTEGER size = { .QuadPart = G };

    NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READWRITE, SEC_COMMIT, file);
    ok_status(map(h, K, 0, 0, PAGE_READONLY), STATUS_INVALID_PARAMETER_5);
    ok_status(map(h, 1, 10, 0, PAGE_READONLY), STATUS_INVALID_PARAMETER_5);
    ok_status(map(h, 0, 11, 0, PAGE_READONLY), STATUS_INVALID_VIEW_SIZE);
    ok_status(map(h, 0, 11, MEM_RESERVE, PAGE_READONLY), STATUS_SUCCESS);
    ok_status(map(h, 0, G, MEM_RESERVE, PAGE_READWRITE), STATUS_SUCCESS);
    ok(GetFileSize(file, NULL) == 10, "size %lu\n", GetFileSize(file, NULL));
    NtClose(h);
    NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READONLY, SEC_RESERVE, file);
    ok_status(map(h, 0, 0, MEM_RESERVE, PAGE_READONLY), STATUS_SECTION_PROTECTION);
    ok_status(map(h, 0, 0, 0, PAGE_READONLY), STATUS_SUCCESS);
    NtClose(h);
    CloseHandle(file);
    NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE, SEC_RESERVE, NULL);
    ok_status(map(h, 0, 0, MEM_RESERVE, PAGE_READWRITE), STATUS_INVALID_PARAMETER_9);
    ok_status(map(h, 2 * K, K, 0, PAGE_READWRITE), STATUS_INVALID_PARAMETER_5);
    ok_status(map(h, K, 2 * K, 0, PAGE_READWRITE), STATUS_SUCCESS);
    NtClose(h);
}

/* (§8.8-1, §8.8-2) */
static void test_flush(void)
{
    HANDLE file = memory_temp_file(GENERIC_READ | GENERIC_WRITE, NULL, 0), h;
    LARGE_INTEGER size = { .QuadPart = 3 * K + 5 };
    IO_STATUS_BLOCK io = { { 77 }, 77 };
    char *view;
    LPCVOID base;
    SIZE_T bytes;

    NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE, SEC_COMMIT, file);
    view = MapViewOfFile(h, FILE_MAP_WRITE, 0, 0, 0);
    view[K + 5] = 'f';
    base = view + K + 5;
    bytes = K;
    ok_status(flush_virtual_memory(ME, &base, &bytes, &io), STATUS_SUCCESS);
    ok(base == view + K && bytes == 2 * K, "%p %#Ix\n", base, bytes);
    ok(!io.Status, "status %#lx\n", io.Status);
    base = view + K;
    bytes = 0;
    ok_status(flush_virtual_memory(ME, &base, &bytes, &io), STATUS_SUCCESS);
    ok(base == view + K && bytes == 3 * K, "%p %#Ix\n", base, bytes);
    bytes = 4 * K;
    ok(flush_virtual_memory(ME, &base, &bytes, &io) < 0, "flushed what is behind the view\n");          /* §8.8-2 */
    ok(base == view + K && bytes == 4 * K, "%p %#Ix\n", base, bytes);
    base = (void *)0x12345;
    bytes = 0;
    ok_status(flush_virtual_memory(ME, &base, &bytes, &io), STATUS_NOT_MAPPED_VIEW);
    ok_status(flush_virtual_memory(ME, NULL, &bytes, &io), STATUS_ACCESS_VIOLATION);
    base = view;
    ok_status(flush_virtual_memory(ME, &base, &bytes, NULL), STATUS_ACCESS_VIOLATION);
    ok_status(flush_virtual_memory(NULL, &base, &bytes, &io), STATUS_INVALID_HANDLE);
    UnmapViewOfFile(view);
    NtClose(h);
    CloseHandle(file);
}

START_TEST(section_query)
{
    load_memory_functions();
    test_classes();
    test_extend();
    test_reserved_views();
    test_flush();
}
