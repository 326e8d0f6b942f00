/* Image sections (§9): what is refused, what is reported, what views are made of. */
#include "memory.h"

struct pe
{
    IMAGE_DOS_HEADER dos;
    IMAGE_NT_HEADERS64 nt;
    IMAGE_SECTION_HEADER sections[3];
    char padding[0x400 - sizeof(IMAGE_DOS_HEADER) - sizeof(IMAGE_NT_HEADERS64) - 3 * sizeof(IMAGE_SECTION_HEADER)];
    char text[0x200], data[0x200], reloc[0x200];
};

/* .text (RX), .data (RW, one pointer into .text, 0x1800 bytes), .reloc (R); 512-byte file alignment. */
static void make(struct pe *pe)
{
    struct { ULONG page, size; USHORT fixups[2]; } *block = (void *)pe->reloc;

    memset(pe, 0, sizeof(*pe));
    pe->dos.e_magic = IMAGE_DOS_SIGNATURE;
    pe->dos.e_lfanew = offsetof(struct pe, nt);
    pe->nt.Signature = IMAGE_NT_SIGNATURE;
    pe->nt.FileHeader.Machine = IMAGE_FILE_MACHINE_AMD64;
    pe->nt.FileHeader.NumberOfSections = 3;
    pe->nt.FileHeader.SizeOfOptionalHeader = sizeof(pe->nt.OptionalHeader);
    pe->nt.FileHeader.Characteristics = IMAGE_FILE_EXECUTABLE_IMAGE | IMAGE_FILE_DLL;
    pe->nt.OptionalHeader.Magic = IMAGE_NT_OPTIONAL_HDR64_MAGIC;
    pe->nt.OptionalHeader.ImageBase = 0x123450000;
    pe->nt.OptionalHeader.SectionAlignment = 0x1000;
    pe->nt.OptionalHeader.FileAlignment = 0x200;
    pe->nt.OptionalHeader.MajorSubsystemVersion = 6;
    pe->nt.OptionalHeader.MajorOperatingSystemVersion = 6;
    pe->nt.OptionalHeader.SizeOfImage = 0x5000;
    pe->nt.OptionalHeader.SizeOfHeaders = 0x400;
    pe->nt.OptionalHeader.Subsystem = IMAGE_SUBSYSTEM_WINDOWS_CUI;
    pe->nt.OptionalHeader.SizeOfStackReserve = 0x321000;
    pe->nt.OptionalHeader.SizeOfStackCommit = 0x2000;
    pe->nt.OptionalHeader.AddressOfEntryPoint = 0x1000;
    pe->nt.OptionalHeader.CheckSum = 0xabcd;
    pe->nt.OptionalHeader.NumberOfRvaAndSizes = 16;
    pe->nt.OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_BASERELOC] = (IMAGE_DATA_DIRECTORY){ 0x4000, 12 };
    for (int i = 0; i < 3; i++)
    {
        static const ULONG flags[] = { IMAGE_SCN_MEM_READ | IMAGE_SCN_MEM_EXECUTE, IMAGE_SCN_MEM_READ | IMAGE_SCN_MEM_WRITE, IMAGE_SCN_MEM_READ };
        static const ULONG rvas[] = { 0x1000, 0x2000, 0x4000 }, sizes[] = { 0x200, 0x1800, 0x200 };

        pe->sections[i].VirtualAddress = rvas[i];
        pe->sections[i].Misc.VirtualSize = sizes[i];
        pe->sections[i].PointerToRawData = 0x400 + 0x200 * i;
        pe->sections[i].SizeOfRawData = 0x200;
        pe->sections[i].Characteristics = flags[i];
    }
    memset(pe->text, 0xc3, sizeof(pe->text));
    *(ULONG64 *)pe->data = pe->nt.OptionalHeader.ImageBase + 0x1000;
    memset(pe->data + 8, 'd', sizeof(pe->data) - 8);
    block->page = 0x2000;
    block->size = 12;
    block->fixups[0] = IMAGE_REL_BASED_DIR64 << 12;
}

static NTSTATUS create_sized(const struct pe *pe, ULONG length, LARGE_INTEGER *size, ULONG attributes, HANDLE *h)
{
    HANDLE file = memory_temp_file(GENERIC_READ, pe, length);
    NTSTATUS status = NtCreateSection(h, STANDARD_RIGHTS_REQUIRED | SECTION_MAP_READ | SECTION_QUERY, NULL, size, PAGE_READONLY,
                                      attributes, file);

    CloseHandle(file);
    return status;
}

static NTSTATUS refused(const struct pe *pe)
{
    HANDLE h;
    NTSTATUS status = create_sized(pe, sizeof(*pe), NULL, SEC_IMAGE, &h);

    if (!status) NtClose(h);
    return status;
}

/* §9.1-1 */
static void test_refusals(void)
{
    struct pe pe;

#define BEND(what, status) do { make(&pe); what; ok_status(refused(&pe), status); } while (0)
    BEND((void)0, STATUS_SUCCESS);
    BEND(pe.dos.e_magic = 0, STATUS_INVALID_IMAGE_NOT_MZ);                                              /* §9.1 */
    BEND(pe.dos.e_lfanew = 0x98760000, STATUS_INVALID_IMAGE_PROTECT);
    BEND(pe.nt.Signature = 0xdeadbeef, STATUS_INVALID_IMAGE_PROTECT);
    BEND(pe.nt.Signature = IMAGE_OS2_SIGNATURE, STATUS_INVALID_IMAGE_NE_FORMAT);
    BEND(pe.nt.OptionalHeader.Magic = 0xdead, STATUS_INVALID_IMAGE_FORMAT);
    BEND(pe.nt.FileHeader.Machine = 0xdead, STATUS_INVALID_IMAGE_FORMAT);
    BEND(pe.nt.FileHeader.Machine = IMAGE_FILE_MACHINE_I386, STATUS_INVALID_IMAGE_FORMAT);
    BEND(pe.nt.OptionalHeader.SizeOfImage = 0, STATUS_INVALID_IMAGE_FORMAT);
    BEND(pe.sections[1].VirtualAddress = 0x1000, STATUS_INVALID_IMAGE_FORMAT);
    BEND(pe.sections[2].PointerToRawData = 0x10000, STATUS_INVALID_IMAGE_FORMAT);
#undef BEND
}

/* §9.2-1 */
/* Other executables, and files that end early (§9.1-1) */
static void test_other_formats(void)
{
    static const struct { USHORT signature; BYTE type; NTSTATUS status; } formats[] =
    {
        { IMAGE_OS2_SIGNATURE, 0, STATUS_INVALID_IMAGE_NE_FORMAT }, { IMAGE_OS2_SIGNATURE, 1, STATUS_INVALID_IMAGE_NE_FORMAT },
        { IMAGE_OS2_SIGNATURE, 2, STATUS_INVALID_IMAGE_WIN_16 }, { IMAGE_OS2_SIGNATURE, 5, STATUS_INVALID_IMAGE_PROTECT },
        { IMAGE_OS2_SIGNATURE_LE, 0, STATUS_INVALID_IMAGE_LE_FORMAT },
    };
    static const struct { ULONG length; NTSTATUS status; } lengths[] =
    {
        { 1, STATUS_INVALID_IMAGE_NOT_MZ }, { 2, STATUS_INVALID_IMAGE_NOT_MZ }, { sizeof(IMAGE_DOS_HEADER) - 1, STATUS_INVALID_IMAGE_NOT_MZ },
        { sizeof(IMAGE_DOS_HEADER), STATUS_INVALID_IMAGE_PROTECT }, { sizeof(IMAGE_DOS_HEADER) + 60, STATUS_INVALID_IMAGE_FORMAT },
    };
    struct pe pe;
    LARGE_INTEGER none = { .QuadPart = 0 };
    HANDLE h;

    for (unsigned i = 0; i < ARRAY_SIZE(formats); i++)
    {
        winetest_push_context("signature %#x type %u", formats[i].signature, formats[i].type);
        make(&pe);
        memset(&pe.nt, 0, sizeof(pe.nt));
        pe.nt.Signature = formats[i].signature;
        ((IMAGE_OS2_HEADER *)&pe.nt)->ne_exetyp = formats[i].type;
        ok_status(refused(&pe), formats[i].status);
        winetest_pop_context();
    }
    for (unsigned i = 0; i < ARRAY_SIZE(lengths); i++)
    {
        NTSTATUS status;

        make(&pe);
        status = create_sized(&pe, lengths[i].length, &none, SEC_IMAGE, &h);
        ok(status == lengths[i].status, "length %lu: %#lx, expected %#lx\n", lengths[i].length, status, lengths[i].status);
    }
    make(&pe);
    ok_status(create_sized(&pe, sizeof(pe), &none, SEC_IMAGE | SEC_COMMIT, &h), STATUS_INVALID_PARAMETER_6);      /* attributes come first */
    memset(&pe, 0, sizeof(pe));
    ok_status(create_sized(&pe, sizeof(pe), &none, SEC_IMAGE | SEC_COMMIT, &h), STATUS_INVALID_PARAMETER_6);
}

/* What depends on several fields (§9.2-1) */
static void test_flags(void)
{
    enum { CODE = 1, DYNAMIC = 2, LOADER = 4 };
    static const struct { ULONG size_of_code, entry; USHORT dll_characteristics; BOOL com; unsigned flags; } cases[] =
    {
        { 0, 0x1000, 0, FALSE, CODE }, { 0x200, 0, 0, FALSE, CODE }, { 0, 0, 0, FALSE, 0 },
        { 0, 0x1000, IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE, FALSE, CODE | DYNAMIC },
        { 0, 0, IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE, FALSE, 0 },
        { 0, 0x1000, IMAGE_DLLCHARACTERISTICS_NX_COMPAT, FALSE, CODE },
        { 0, 0x1000, 0, TRUE, CODE | LOADER }, { 0, 0x1000, IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE, TRUE, CODE | LOADER },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++)
    {
        SECTION_IMAGE_INFORMATION image;
        struct pe pe;
        HANDLE h;

        winetest_push_context("case %u", i);
        make(&pe);
        if (!(cases[i].flags & CODE)) pe.sections[0].Characteristics = IMAGE_SCN_MEM_READ;
        pe.nt.OptionalHeader.SizeOfCode = cases[i].size_of_code;
        pe.nt.OptionalHeader.AddressOfEntryPoint = cases[i].entry;
        pe.nt.OptionalHeader.DllCharacteristics = cases[i].dll_characteristics;
        if (cases[i].com) pe.nt.OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR] = (IMAGE_DATA_DIRECTORY){ 0x2100, 72 };
        ok_status(create_sized(&pe, sizeof(pe), NULL, SEC_IMAGE, &h), STATUS_SUCCESS);
        ok_status(NtQuerySection(h, SectionImageInformation, &image, sizeof(image), NULL), STATUS_SUCCESS);
        ok(image.ImageContainsCode == !!(cases[i].flags & CODE), "code %u\n", image.ImageContainsCode);
        ok(image.ImageDynamicallyRelocated == !!(cases[i].flags & DYNAMIC), "flags %#x\n", image.ImageFlags);
        ok(image.LoaderFlags == !!(cases[i].flags & LOADER), "loader flags %#lx\n", image.LoaderFlags);
        ok(image.DllCharacteristics == cases[i].dll_characteristics && !image.ZeroBits, "characteristics %#x\n", image.DllCharacteristics);
        ok(LOWORD(image.TransferAddress) == cases[i].entry, "entry %p\n", image.TransferAddress);
        NtClose(h);
        winetest_pop_context();
    }
}

static void test_information(void)
{
    SECTION_IMAGE_INFORMATION image;
    SECTION_BASIC_INFORMATION basic;
    LARGE_INTEGER size;
    struct pe pe;
    SIZE_T ret;
    HANDLE h;

    make(&pe);
    ok_status(create_sized(&pe, sizeof(pe), NULL, SEC_IMAGE, &h), STATUS_SUCCESS);
    ok_status(NtQuerySection(h, SectionImageInformation, &image, sizeof(image), &ret), STATUS_SUCCESS); /* §9.2 */
    ok(ret == sizeof(image), "ret %Iu\n", ret);
    ok(LOWORD(image.TransferAddress) == 0x1000, "entry %p\n", image.TransferAddress);
    ok(image.MaximumStackSize == 0x321000 && image.CommittedStackSize == 0x2000, "stack %#Ix %#Ix\n", image.MaximumStackSize, image.CommittedStackSize);
    ok(image.SubSystemType == IMAGE_SUBSYSTEM_WINDOWS_CUI && image.MajorSubsystemVersion == 6, "subsystem %lu\n", image.SubSystemType);
    ok(image.ImageCharacteristics == pe.nt.FileHeader.Characteristics && image.Machine == IMAGE_FILE_MACHINE_AMD64, "machine %#x\n", image.Machine);
    ok(image.ImageContainsCode && image.ImageFileSize == sizeof(pe) && image.CheckSum == 0xabcd && !image.LoaderFlags, "code %u size %#lx\n",
       image.ImageContainsCode, image.ImageFileSize);
    ok(!image.ImageMappedFlat && !image.ImageDynamicallyRelocated, "flags %#x\n", image.ImageFlags);
    ok_status(NtQuerySection(h, SectionBasicInformation, &basic, sizeof(basic), NULL), STATUS_SUCCESS);
    ok(basic.Attributes == (SEC_FILE | SEC_IMAGE) && basic.Size.QuadPart == 0x5000, "%#lx %#I64x\n", basic.Attributes, basic.Size.QuadPart);
    NtClose(h);
    size.QuadPart = 0x5001;                                                                             /* §5.1-16 */
    ok_status(create_sized(&pe, sizeof(pe), &size, SEC_IMAGE, &h), STATUS_SECTION_TOO_BIG);             /* §5.1 */
    size.QuadPart = 1;
    ok_status(create_sized(&pe, sizeof(pe), &size, SEC_IMAGE, &h), STATUS_SUCCESS);
    NtQuerySection(h, SectionBasicInformation, &basic, sizeof(basic), NULL);
    ok(basic.Size.QuadPart == 1, "size %#I64x\n", basic.Size.QuadPart);
    NtClose(h);
}

static void check_protect_(int line, char *address, ULONG protect, SIZE_T size)
{
    MEMORY_BASIC_INFORMATION info;

    NtQueryVirtualMemory(ME, address, MemoryBasicInformation, &info, sizeof(info), NULL);
    ok_(__FILE__, line)(info.Protect == protect && info.RegionSize == size, "protect %#lx size %#Ix, expected %#lx %#Ix\n", info.Protect,
                        info.RegionSize, protect, size);
    ok_(__FILE__, line)(info.AllocationProtect == PAGE_EXECUTE_WRITECOPY && info.Type == MEM_IMAGE && info.State == MEM_COMMIT,
                        "allocation protect %#lx type %#lx state %#lx\n", info.AllocationProtect, info.Type, info.State);
}
#define check_protect(...) check_protect_(__LINE__, __VA_ARGS__)

/* §9.3-1 */
static void test_views(void)
{
    struct pe pe;
    char *one = NULL, *two = NULL;
    SIZE_T size = 0;
    HANDLE h;
    BOOL zero = TRUE;
    ULONG old;

    make(&pe);
    ok_status(create_sized(&pe, sizeof(pe), NULL, SEC_IMAGE, &h), STATUS_SUCCESS);
    ok_status(NtMapViewOfSection(h, ME, (void **)&one, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY), STATUS_SUCCESS);        /* §9.3 */
    ok(one == (char *)pe.nt.OptionalHeader.ImageBase && size == 0x5000, "%p %#Ix\n", one, size);
    check_protect(one, PAGE_READONLY, 0x1000);                                                          /* §9.3-4 */
    check_protect(one + 0x1000, PAGE_EXECUTE_READ, 0x1000);
    check_protect(one + 0x2000, PAGE_WRITECOPY, 0x2000);
    check_protect(one + 0x4000, PAGE_READONLY, 0x1000);
    ok(one[0] == 'M' && (BYTE)one[0x1000] == 0xc3 && one[0x2008] == 'd', "contents\n");
    for (unsigned i = 0x400; i < 0x1000; i++) zero &= !one[i];
    for (unsigned i = 0x200; i < 0x2000; i++) zero &= !one[0x2000 + i];
    ok(zero, "no zeros after the raw data\n");                                                          /* §9.3-6 */
    check_protect(one + 0x2000, PAGE_WRITECOPY, 0x2000);                                                /* §9.3-4, §8.6-4: reading changes nothing */
    one[0x3000] = 1;
    check_protect(one + 0x2000, PAGE_WRITECOPY, 0x1000);
    check_protect(one + 0x3000, PAGE_READWRITE, 0x1000);
    ok(VirtualProtect(one + 0x1000, K, PAGE_READWRITE, &old) && old == PAGE_EXECUTE_READ, "protect: %lu\n", GetLastError());   /* §8.2-2 */
    check_protect(one + 0x1000, PAGE_WRITECOPY, 0x2000);                                                /* §8.2: RW is stored as WC */
    SetLastError(0xdeadbeef);
    ok(!VirtualAlloc(one, K, MEM_COMMIT, PAGE_READWRITE) && GetLastError() == ERROR_ACCESS_DENIED, "commit: %lu\n", GetLastError());   /* §8.4-1 */

    size = 0;
    ok_status(NtMapViewOfSection(h, ME, (void **)&two, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY), STATUS_IMAGE_NOT_AT_BASE);
    ok(two && two != one, "second view at %p\n", two);
    ok(!two[0x3000], "the second view has the first one's stores\n");
    ok(!memcmp(two + 0x2000, one + 0x2000, 8), "views of one file differ\n");                           /* test_syscalls in Wine's suite */
    check_protect(two + 0x2000, PAGE_WRITECOPY, 0x2000);
    ok_status(NtUnmapViewOfSection(ME, two), STATUS_SUCCESS);
    ok_status(NtUnmapViewOfSection(ME, one), STATUS_SUCCESS);

    size = 0x3000;                                                                                      /* §9.3-3: a part of it */
    one = NULL;
    ok_status(NtMapViewOfSection(h, ME, (void **)&one, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY), STATUS_SUCCESS);
    ok(size == 0x3000, "size %#Ix\n", size);
    {
        struct { void *base; SIZE_T size; ULONG flags; } info = { 0 };

        ok_status(NtQueryVirtualMemory(ME, one, MemoryImageInformation, &info, sizeof(info), NULL), STATUS_SUCCESS);   /* §13.4-8, §9.3-3 */
        ok(info.base == one && info.size == 0x5000 && (info.flags & 1), "%p %#Ix %#lx\n", info.base, info.size, info.flags);
    }
    NtUnmapViewOfSection(ME, one);
    ok(!MapViewOfFile(h, FILE_MAP_WRITE, 0, 0, 0) && GetLastError() == ERROR_ACCESS_DENIED, "write access: %lu\n", GetLastError());   /* §9.3-7 */
    one = MapViewOfFile(h, 0, 0, 0, 0);                                                                 /* access 0 is legal */
    ok(one != NULL, "access 0: %lu\n", GetLastError());
    check_protect(one + 0x1000, PAGE_EXECUTE_READ, 0x1000);
    UnmapViewOfFile(one);
    NtClose(h);
}

/* A fixed image without relocations: old Go programs sit at 0x400000 (§9.3-1). */
static void test_fixed(void)
{
    struct pe pe;
    char *view = NULL;
    SIZE_T size = 0;
    HANDLE h;

    make(&pe);
    pe.nt.OptionalHeader.ImageBase = 0x2e0000000;
    pe.nt.FileHeader.Characteristics |= IMAGE_FILE_RELOCS_STRIPPED;
    ok_status(create_sized(&pe, sizeof(pe), NULL, SEC_IMAGE, &h), STATUS_SUCCESS);
    ok_status(NtMapViewOfSection(h, ME, (void **)&view, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY), STATUS_SUCCESS);
    ok(view == (char *)0x2e0000000, "at %p\n", view);
    NtUnmapViewOfSection(ME, view);
    NtClose(h);
}

/* A DLL whose place is taken: relocated by the loader, or refused if it cannot be (§9.3-1). */
static void test_load(BOOL stripped, ULONG dll_characteristics)
{
    char folder[MAX_PATH], path[MAX_PATH];
    struct pe pe;
    char *view = NULL;
    HMODULE module;
    SIZE_T size = 0;
    HANDLE h, file;
    DWORD done;

    winetest_push_context("stripped %d characteristics %#lx", stripped, dll_characteristics);
    make(&pe);
    pe.nt.OptionalHeader.ImageBase = 0x2f0000000;
    *(ULONG64 *)pe.data = pe.nt.OptionalHeader.ImageBase + 0x1000;
    pe.nt.OptionalHeader.AddressOfEntryPoint = 0;
    pe.nt.OptionalHeader.DllCharacteristics = dll_characteristics;
    if (stripped) pe.nt.FileHeader.Characteristics |= IMAGE_FILE_RELOCS_STRIPPED;
    GetTempPathA(sizeof(folder), folder);
    GetTempFileNameA(folder, "nt", 0, path);
    file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS, 0, 0);
    WriteFile(file, &pe, sizeof(pe), &done, NULL);
    CloseHandle(file);
    file = CreateFileA(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, 0);
    ok_status(NtCreateSection(&h, SECTION_MAP_READ, NULL, NULL, PAGE_READONLY, SEC_IMAGE, file), STATUS_SUCCESS);
    CloseHandle(file);
    ok_status(NtMapViewOfSection(h, ME, (void **)&view, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY), STATUS_SUCCESS);

    SetLastError(0xdeadbeef);
    module = LoadLibraryExA(path, NULL, DONT_RESOLVE_DLL_REFERENCES);
    if (stripped) ok(!module && GetLastError() == ERROR_INVALID_ADDRESS, "module %p, error %lu\n", module, GetLastError());
    else
    {
        ok(module && (char *)module != view, "module %p, view %p, error %lu\n", module, view, GetLastError());
        ok(*(char **)((char *)module + 0x2000) == (char *)module + 0x1000, "pointer %p, module %p\n", *(char **)((char *)module + 0x2000), module);
        ok(RtlImageNtHeader(module)->OptionalHeader.ImageBase == (ULONG_PTR)module, "ImageBase\n");
        ok(*(char **)(view + 0x2000) == view + 0x1000, "the view was changed\n");
    }
    if (module) FreeLibrary(module);
    NtUnmapViewOfSection(ME, view);
    NtClose(h);
    ok(DeleteFileA(path), "cannot delete %s: %lu\n", path, GetLastError());
    winetest_pop_context();
}

/* §5.3-6 */
static void test_no_execute(void)
{
    SECTION_BASIC_INFORMATION basic;
    struct pe pe;
    char *view = NULL;
    SIZE_T size = 0;
    HANDLE h;

    make(&pe);
    ok_status(create_sized(&pe, sizeof(pe), NULL, SEC_IMAGE_NO_EXECUTE, &h), STATUS_SUCCESS);           /* §5.3 */
    NtQuerySection(h, SectionBasicInformation, &basic, sizeof(basic), NULL);
    ok(basic.Attributes == (SEC_FILE | SEC_IMAGE), "attributes %#lx\n", basic.Attributes);
    ok_status(NtMapViewOfSection(h, ME, (void **)&view, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY), STATUS_SUCCESS);
    ok((BYTE)view[0x1000] == 0xc3, "contents\n");
    {
        struct { void *base; SIZE_T size; ULONG flags; } info = { 0 };
        MEMORY_BASIC_INFORMATION page;

        ok_status(NtQueryVirtualMemory(ME, view, MemoryImageInformation, &info, sizeof(info), NULL), STATUS_SUCCESS);
        ok((info.flags & 2) && info.size == 0x5000, "flags %#lx\n", info.flags);                        /* not to be executed */
        VirtualQuery(view + 0x1000, &page, sizeof(page));
        ok(page.Protect == PAGE_READONLY, "protection %#lx\n", page.Protect);
    }
    NtUnmapViewOfSection(ME, view);
    NtClose(h);
}

/* A section that all views share: not copied, told as writable (§9.3-5) */
static void test_shared(void)
{
    struct pe pe;
    char *one = NULL, *two = NULL;
    SIZE_T size = 0;
    HANDLE h;

    make(&pe);
    pe.nt.OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_BASERELOC] = (IMAGE_DATA_DIRECTORY){ 0, 0 };
    pe.sections[1].Characteristics |= IMAGE_SCN_MEM_SHARED;
    ok_status(create_sized(&pe, sizeof(pe), NULL, SEC_IMAGE, &h), STATUS_SUCCESS);
    ok(NtMapViewOfSection(h, ME, (void **)&one, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY) >= 0, "cannot map\n");
    size = 0;
    ok(NtMapViewOfSection(h, ME, (void **)&two, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY) >= 0, "cannot map\n");
    check_protect(one + 0x2000, PAGE_READWRITE, 0x2000);
    ok(one[0x2008] == 'd' && !one[0x3000], "contents\n");
    one[0x2010] = 's';
    ok(two[0x2010] == 's', "not shared\n");
    check_protect(two + 0x2000, PAGE_READWRITE, 0x2000);
    NtUnmapViewOfSection(ME, one);
    one = NULL;
    size = 0;
    ok(NtMapViewOfSection(h, ME, (void **)&one, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY) >= 0, "cannot map\n");
    ok(one[0x2010] == 's', "the section forgot\n");
    NtUnmapViewOfSection(ME, one);
    NtUnmapViewOfSection(ME, two);
    NtClose(h);
}

/* All eight sets of rights a section may ask for, before and after a store (§9.3-4, §8.2-2) */
static void test_section_protections(void)
{
    static const struct { ULONG flags, protect, written; } sections[] =
    {
        { 0, PAGE_NOACCESS, 0 }, { IMAGE_SCN_MEM_READ, PAGE_READONLY, 0 }, { IMAGE_SCN_MEM_WRITE, PAGE_WRITECOPY, PAGE_READWRITE },
        { IMAGE_SCN_MEM_READ | IMAGE_SCN_MEM_WRITE, PAGE_WRITECOPY, PAGE_READWRITE }, { IMAGE_SCN_MEM_EXECUTE, PAGE_EXECUTE, 0 },
        { IMAGE_SCN_MEM_EXECUTE | IMAGE_SCN_MEM_READ, PAGE_EXECUTE_READ, 0 },
        { IMAGE_SCN_MEM_EXECUTE | IMAGE_SCN_MEM_WRITE, PAGE_EXECUTE_WRITECOPY, PAGE_EXECUTE_READWRITE },
        { IMAGE_SCN_MEM_EXECUTE | IMAGE_SCN_MEM_READ | IMAGE_SCN_MEM_WRITE, PAGE_EXECUTE_WRITECOPY, PAGE_EXECUTE_READWRITE },
    };
    static const struct { ULONG asked, told; } protections[] =
    {
        { PAGE_NOACCESS, PAGE_NOACCESS }, { PAGE_READONLY, PAGE_READONLY }, { PAGE_READWRITE, PAGE_WRITECOPY },
        { PAGE_WRITECOPY, PAGE_WRITECOPY }, { PAGE_EXECUTE, PAGE_EXECUTE }, { PAGE_EXECUTE_READ, PAGE_EXECUTE_READ },
        { PAGE_EXECUTE_READWRITE, PAGE_EXECUTE_WRITECOPY }, { PAGE_EXECUTE_WRITECOPY, PAGE_EXECUTE_WRITECOPY },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(sections); i++)
    {
        struct pe pe;
        char *view = NULL;
        SIZE_T size = 0;
        ULONG old;
        HANDLE h;

        winetest_push_context("characteristics %#lx", sections[i].flags);
        make(&pe);
        pe.nt.FileHeader.Characteristics |= IMAGE_FILE_RELOCS_STRIPPED;
        pe.nt.OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_BASERELOC] = (IMAGE_DATA_DIRECTORY){ 0, 0 };
        pe.sections[1].Characteristics = sections[i].flags;
        ok_status(create_sized(&pe, sizeof(pe), NULL, SEC_IMAGE, &h), STATUS_SUCCESS);
        ok(NtMapViewOfSection(h, ME, (void **)&view, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY) >= 0, "cannot map\n");
        check_protect(view + 0x2000, sections[i].protect, sections[i].protect == PAGE_READONLY ? 0x3000 : 0x2000);
        if (sections[i].written)
        {
            view[0x2000] = 1;
            check_protect(view + 0x2000, sections[i].written, 0x1000);
            check_protect(view + 0x3000, sections[i].protect, 0x1000);
        }
        for (unsigned j = 0; j < ARRAY_SIZE(protections); j++)
        {
            MEMORY_BASIC_INFORMATION info;

            ok(VirtualProtect(view + 0x3000, K, protections[j].asked, &old), "protection %#lx: %lu\n", protections[j].asked, GetLastError());
            VirtualQuery(view + 0x3000, &info, sizeof(info));
            ok(info.Protect == protections[j].told, "%#lx became %#lx\n", protections[j].asked, info.Protect);
        }
        NtUnmapViewOfSection(ME, view);
        NtClose(h);
        winetest_pop_context();
    }
}

/* A 32-bit image is mapped, and the caller told (§9.3-2) */
static void test_machine(void)
{
    struct
    {
        IMAGE_DOS_HEADER dos;
        IMAGE_NT_HEADERS32 nt;
        IMAGE_SECTION_HEADER section;
        char padding[0x200 - sizeof(IMAGE_DOS_HEADER) - sizeof(IMAGE_NT_HEADERS32) - sizeof(IMAGE_SECTION_HEADER)];
        char text[0x200];
    } pe;
    SECTION_IMAGE_INFORMATION image;
    char *view = NULL;
    SIZE_T size = 0;
    HANDLE h, file;

    memset(&pe, 0, sizeof(pe));
    pe.dos.e_magic = IMAGE_DOS_SIGNATURE;
    pe.dos.e_lfanew = sizeof(pe.dos);
    pe.nt.Signature = IMAGE_NT_SIGNATURE;
    pe.nt.FileHeader.Machine = IMAGE_FILE_MACHINE_I386;
    pe.nt.FileHeader.NumberOfSections = 1;
    pe.nt.FileHeader.SizeOfOptionalHeader = sizeof(pe.nt.OptionalHeader);
    pe.nt.FileHeader.Characteristics = IMAGE_FILE_EXECUTABLE_IMAGE | IMAGE_FILE_DLL | IMAGE_FILE_32BIT_MACHINE;
    pe.nt.OptionalHeader.Magic = IMAGE_NT_OPTIONAL_HDR32_MAGIC;
    pe.nt.OptionalHeader.ImageBase = 0x12340000;
    pe.nt.OptionalHeader.SectionAlignment = 0x1000;
    pe.nt.OptionalHeader.FileAlignment = 0x200;
    pe.nt.OptionalHeader.MajorSubsystemVersion = 6;
    pe.nt.OptionalHeader.SizeOfImage = 0x2000;
    pe.nt.OptionalHeader.SizeOfHeaders = 0x200;
    pe.nt.OptionalHeader.Subsystem = IMAGE_SUBSYSTEM_WINDOWS_CUI;
    pe.nt.OptionalHeader.NumberOfRvaAndSizes = 16;
    pe.section.VirtualAddress = 0x1000;
    pe.section.Misc.VirtualSize = 0x200;
    pe.section.PointerToRawData = 0x200;
    pe.section.SizeOfRawData = 0x200;
    pe.section.Characteristics = IMAGE_SCN_MEM_READ | IMAGE_SCN_MEM_EXECUTE;
    file = memory_temp_file(GENERIC_READ, &pe, sizeof(pe));
    ok_status(NtCreateSection(&h, SECTION_MAP_READ | SECTION_QUERY, NULL, NULL, PAGE_READONLY, SEC_IMAGE, file), STATUS_SUCCESS);
    ok_status(NtQuerySection(h, SectionImageInformation, &image, sizeof(image), NULL), STATUS_SUCCESS);
    ok(image.Machine == IMAGE_FILE_MACHINE_I386, "machine %#x\n", image.Machine);
    ok_status(NtMapViewOfSection(h, ME, (void **)&view, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY), STATUS_IMAGE_MACHINE_TYPE_MISMATCH);
    ok(view && size == 0x2000, "view %p, size %#Ix\n", view, size);
    NtUnmapViewOfSection(ME, view);
    NtClose(h);
    CloseHandle(file);
}

/* What a second view of an image without code says of its place (§9.3-1) */
static void test_data_image(void)
{
    for (int dynamic = 0; dynamic < 2; dynamic++)
    {
        struct pe pe;
        char *one = NULL, *two = NULL;
        SIZE_T size = 0;
        NTSTATUS status;
        HANDLE h;

        winetest_push_context("dynamic %d", dynamic);
        make(&pe);
        pe.nt.OptionalHeader.ImageBase = 0x2c0000000;
        pe.nt.OptionalHeader.AddressOfEntryPoint = 0;
        pe.sections[0].Characteristics = IMAGE_SCN_MEM_READ;
        if (dynamic) pe.nt.OptionalHeader.DllCharacteristics = IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE;
        ok_status(create_sized(&pe, sizeof(pe), NULL, SEC_IMAGE, &h), STATUS_SUCCESS);
        status = NtMapViewOfSection(h, ME, (void **)&one, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY);
        ok(!status, "first: %#lx\n", status);
        size = 0;
        status = NtMapViewOfSection(h, ME, (void **)&two, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY);
        ok(status == (dynamic ? STATUS_SUCCESS : STATUS_IMAGE_NOT_AT_BASE), "second: %#lx\n", status);
        ok(two && one != two, "views at %p and %p\n", one, two);
        NtUnmapViewOfSection(ME, one);
        NtUnmapViewOfSection(ME, two);
        NtClose(h);
        winetest_pop_context();
    }
}

/* A view from an offset on: the tail (§9.3-3) */
static void test_offset(void)
{
    LARGE_INTEGER offset = { .QuadPart = 0x10000 };
    IMAGE_NT_HEADERS *nt = RtlImageNtHeader(GetModuleHandleA("ntdll.dll"));
    char folder[MAX_PATH], *whole = NULL, *tail = NULL;
    SIZE_T size = 0, rest = 0;
    HANDLE file, h;
    NTSTATUS status;

    GetSystemDirectoryA(folder, sizeof(folder));
    strcat(folder, "\\ntdll.dll");
    file = CreateFileA(folder, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, 0);
    ok_status(NtCreateSection(&h, SECTION_MAP_READ | SECTION_QUERY, NULL, NULL, PAGE_READONLY, SEC_IMAGE, file), STATUS_SUCCESS);
    status = NtMapViewOfSection(h, ME, (void **)&whole, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY);
    ok(status >= 0 && size == ((nt->OptionalHeader.SizeOfImage + K - 1) & ~(SIZE_T)(K - 1)), "status %#lx, size %#Ix\n", status, size);
    status = NtMapViewOfSection(h, ME, (void **)&tail, 0, 0, &offset, &rest, ViewShare, 0, PAGE_READONLY);
    ok(status >= 0 && rest == size - 0x10000, "status %#lx, size %#Ix\n", status, rest);
    ok(!memcmp(whole + 0x10000, tail, K), "other bytes\n");
    NtUnmapViewOfSection(ME, tail);
    offset.QuadPart = 0x1000;
    tail = NULL;
    rest = 0;
    ok_status(NtMapViewOfSection(h, ME, (void **)&tail, 0, 0, &offset, &rest, ViewShare, 0, PAGE_READONLY), STATUS_MAPPED_ALIGNMENT);
    NtUnmapViewOfSection(ME, whole);
    NtClose(h);
    CloseHandle(file);
}

START_TEST(image)
{
    load_memory_functions();
    test_refusals();
    test_other_formats();
    test_flags();
    test_information();
    test_views();
    test_fixed();
    test_load(FALSE, 0);
    test_load(FALSE, IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE);
    test_load(TRUE, 0);
    test_no_execute();
    test_shared();
    test_section_protections();
    test_machine();
    test_offset();
    test_data_image();
}
