/* Makes small DLLs: see loader_image.h. One section holds everything, with the first page for the headers. */

#include <stdio.h>
#include "loader_image.h"
#include "wine/test.h"

enum { IMAGE_PAGES = 3, IMAGE_BYTES = IMAGE_PAGES * 0x1000 };

static BYTE file[IMAGE_BYTES];
static DWORD used;              /* file offset = RVA */

static DWORD put(const void *data, DWORD size)
{
    DWORD at = used;

    if (data) memcpy(file + at, data, size);
    used = (used + size + 15) & ~15u;
    return at;
}

static DWORD put_string(const char *s)
{
    return put(s, strlen(s) + 1);
}

static DWORD put_by_name(const char *s)
{
    DWORD at = put(NULL, 2 + strlen(s) + 1);

    strcpy((char *)file + at + 2, s);
    return at;
}

/* One descriptor an import. Returns the RVA of the first slot of the first name asked for, if it is found. */
static void put_imports(const struct image *image, IMAGE_DATA_DIRECTORY *directory, DWORD *entry_slot, DWORD *tls_slot)
{
    struct image_import all[8] = { { 0 } };
    unsigned int count = 0, i;
    DWORD at;

    for (i = 0; image->imports[i].dll; i++) all[count++] = image->imports[i];
    if (image->entry) all[count++] = (struct image_import){ test_program, "loader_test_entry", 0 };
    if (image->tls) all[count++] = (struct image_import){ test_program, "loader_test_tls", 0 };
    at = put(NULL, (count + 1) * sizeof(IMAGE_IMPORT_DESCRIPTOR));
    for (i = 0; i < count; i++)
    {
        IMAGE_IMPORT_DESCRIPTOR descriptor = { .Name = put_string(all[i].dll) };
        ULONG64 thunks[2] = { IMAGE_ORDINAL_FLAG64 | all[i].ordinal, 0 };

        if (all[i].name) thunks[0] = put_by_name(all[i].name);
        descriptor.OriginalFirstThunk = put(thunks, sizeof(thunks));
        descriptor.FirstThunk = put(thunks, sizeof(thunks));
        if (all[i].name && !strcmp(all[i].name, "loader_test_entry")) *entry_slot = descriptor.FirstThunk;
        if (all[i].name && !strcmp(all[i].name, "loader_test_tls")) *tls_slot = descriptor.FirstThunk;
        memcpy(file + at + i * sizeof(descriptor), &descriptor, sizeof(descriptor));
    }
    if (!count) return;
    directory->VirtualAddress = at;
    directory->Size = (count + 1) * sizeof(IMAGE_IMPORT_DESCRIPTOR);
}

static void put_exports(const struct image *image, IMAGE_DATA_DIRECTORY *directory)
{
    IMAGE_EXPORT_DIRECTORY exports = { .Base = image->export_base ? image->export_base : 1 };
    DWORD functions[6], names[6], at, i;
    WORD ordinals[6];

    for (i = 0; i < 6 && (image->exports[i].name || image->exports[i].forwarder || image->exports[i].value); i++) exports.NumberOfFunctions++;
    if (!exports.NumberOfFunctions) return;
    for (i = 0; i < exports.NumberOfFunctions; i++)
        if (!image->exports[i].forwarder) functions[i] = put(&image->exports[i].value, sizeof(DWORD));
    /* Forwarders are told from addresses by lying inside the directory. */
    at = put(NULL, sizeof(exports));
    for (i = 0; i < exports.NumberOfFunctions; i++)
    {
        if (image->exports[i].forwarder) functions[i] = put_string(image->exports[i].forwarder);
        if (!image->exports[i].name) continue;
        ordinals[exports.NumberOfNames] = i;
        names[exports.NumberOfNames++] = put_string(image->exports[i].name);
    }
    exports.Name = put_string(image->name);
    exports.AddressOfFunctions = put(functions, exports.NumberOfFunctions * sizeof(DWORD));
    exports.AddressOfNames = put(names, exports.NumberOfNames * sizeof(DWORD));
    exports.AddressOfNameOrdinals = put(ordinals, exports.NumberOfNames * sizeof(WORD));
    memcpy(file + at, &exports, sizeof(exports));
    directory->VirtualAddress = at;
    directory->Size = used - at;
}

/* jmp *slot(%rip) */
static DWORD put_jump(DWORD slot)
{
    BYTE code[6] = { 0xff, 0x25 };
    DWORD at = used, displacement = slot - (at + 6);

    memcpy(code + 2, &displacement, 4);
    return put(code, sizeof(code));
}

static void put_tls(DWORD slot, ULONG64 base, IMAGE_DATA_DIRECTORY *directory)
{
    ULONG64 template = IMAGE_TLS_TEMPLATE, callbacks[2] = { base + put_jump(slot), 0 };
    DWORD data = put(&template, sizeof(template)), index = put(NULL, 4);
    IMAGE_TLS_DIRECTORY64 tls =
    {
        .StartAddressOfRawData = base + data,
        .EndAddressOfRawData = base + data + sizeof(template),
        .AddressOfIndex = base + index,
        .AddressOfCallBacks = base + put(callbacks, sizeof(callbacks)),
        .SizeOfZeroFill = 8,
    };

    directory->VirtualAddress = put(&tls, sizeof(tls));
    directory->Size = sizeof(tls);
}

/* A directory of count entries, to be filled in. */
static IMAGE_RESOURCE_DIRECTORY_ENTRY *put_directory(unsigned int names, unsigned int ids, DWORD *at)
{
    IMAGE_RESOURCE_DIRECTORY directory = { .NumberOfNamedEntries = names, .NumberOfIdEntries = ids };

    *at = put(NULL, sizeof(directory) + (names + ids) * sizeof(IMAGE_RESOURCE_DIRECTORY_ENTRY));
    memcpy(file + *at, &directory, sizeof(directory));
    return (IMAGE_RESOURCE_DIRECTORY_ENTRY *)(file + *at + sizeof(directory));
}

static void put_resources(IMAGE_DATA_DIRECTORY *directory)
{
    static const struct { WORD length; WCHAR text[4]; } name = { 4, L"DATA" };
    static const struct { BOOL named; WORD language; const char *text; } leaves[] =
        { { TRUE, 0x407, "deutsch" }, { TRUE, 0x409, "english" }, { FALSE, 0, "neutral" } };
    IMAGE_RESOURCE_DIRECTORY_ENTRY *root, *names, *languages[2], *leaf;
    DWORD root_at, names_at, languages_at[2], string_at;
    unsigned int i;

    root = put_directory(0, 1, &root_at);
    names = put_directory(1, 1, &names_at);
    languages[0] = put_directory(0, 2, &languages_at[0]);
    languages[1] = put_directory(0, 1, &languages_at[1]);
    string_at = put(&name, sizeof(name));
    root->Id = 10;                      /* RT_RCDATA */
    root->OffsetToData = IMAGE_RESOURCE_DATA_IS_DIRECTORY | (names_at - root_at);
    names[0].Name = IMAGE_RESOURCE_NAME_IS_STRING | (string_at - root_at);
    names[1].Id = 5;
    for (i = 0; i < 2; i++) names[i].OffsetToData = IMAGE_RESOURCE_DATA_IS_DIRECTORY | (languages_at[i] - root_at);
    for (i = 0; i < ARRAY_SIZE(leaves); i++)
    {
        IMAGE_RESOURCE_DATA_ENTRY entry = { .OffsetToData = put_string(leaves[i].text), .Size = strlen(leaves[i].text) };

        leaf = leaves[i].named ? &languages[0][i] : languages[1];
        leaf->Id = leaves[i].language;
        leaf->OffsetToData = put(&entry, sizeof(entry)) - root_at;
    }
    directory->VirtualAddress = root_at;
    directory->Size = used - root_at;
}

DWORD image_write(const struct image *image, const WCHAR *folder)
{
    IMAGE_DOS_HEADER *dos = (IMAGE_DOS_HEADER *)file;
    IMAGE_NT_HEADERS64 *nt = (IMAGE_NT_HEADERS64 *)(file + sizeof(*dos));
    IMAGE_SECTION_HEADER *section = (IMAGE_SECTION_HEADER *)(nt + 1);
    DWORD entry_slot = 0, tls_slot = 0, written = 0;
    ULONG64 base = 0x100000000ull | image->base_low;
    WCHAR path[MAX_PATH];
    HANDLE handle;

    memset(file, 0, sizeof(file));
    used = 0x1000;
    dos->e_magic = IMAGE_DOS_SIGNATURE;
    dos->e_lfanew = sizeof(*dos);
    nt->Signature = IMAGE_NT_SIGNATURE;
    nt->FileHeader.Machine = IMAGE_FILE_MACHINE_AMD64;
    nt->FileHeader.NumberOfSections = 1;
    nt->FileHeader.SizeOfOptionalHeader = sizeof(nt->OptionalHeader);
    nt->FileHeader.Characteristics = IMAGE_FILE_EXECUTABLE_IMAGE | IMAGE_FILE_LARGE_ADDRESS_AWARE | IMAGE_FILE_DLL | IMAGE_FILE_RELOCS_STRIPPED;
    nt->OptionalHeader.Magic = IMAGE_NT_OPTIONAL_HDR64_MAGIC;
    nt->OptionalHeader.ImageBase = base;
    nt->OptionalHeader.SectionAlignment = nt->OptionalHeader.FileAlignment = 0x1000;
    nt->OptionalHeader.MajorOperatingSystemVersion = nt->OptionalHeader.MajorSubsystemVersion = 6;
    nt->OptionalHeader.SizeOfImage = IMAGE_BYTES;
    nt->OptionalHeader.SizeOfHeaders = 0x1000;
    nt->OptionalHeader.Subsystem = IMAGE_SUBSYSTEM_WINDOWS_CUI;
    nt->OptionalHeader.NumberOfRvaAndSizes = IMAGE_NUMBEROF_DIRECTORY_ENTRIES;
    memcpy(section->Name, ".all", 4);
    section->VirtualAddress = section->PointerToRawData = 0x1000;
    section->Misc.VirtualSize = section->SizeOfRawData = IMAGE_BYTES - 0x1000;
    section->Characteristics = IMAGE_SCN_CNT_CODE | IMAGE_SCN_MEM_EXECUTE | IMAGE_SCN_MEM_READ | IMAGE_SCN_MEM_WRITE;

    put_imports(image, &nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT], &entry_slot, &tls_slot);
    put_exports(image, &nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_EXPORT]);
    if (image->entry) nt->OptionalHeader.AddressOfEntryPoint = put_jump(entry_slot);
    if (image->tls) put_tls(tls_slot, base, &nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_TLS]);
    if (image->resources) put_resources(&nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_RESOURCE]);
    ok(used <= IMAGE_BYTES, "the image is too big: %#lx\n", used);

    swprintf(path, MAX_PATH, L"%ls\\%hs", folder, image->name);
    handle = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    ok(handle != INVALID_HANDLE_VALUE, "cannot create %ls: %lu\n", path, GetLastError());
    ok(WriteFile(handle, file, sizeof(file), &written, NULL) && written == sizeof(file), "wrote %lu bytes: %lu\n", written, GetLastError());
    CloseHandle(handle);
    return written;
}
