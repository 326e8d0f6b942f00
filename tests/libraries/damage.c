/* Copies of this program with damaged resources (resource.c): they are refused, whatever their tables say. */
#include "libraries.h"
#include "winver.h"

static const WCHAR type_name[] = L"\x0005NAMED";            /* with its length, as in the directory */

static const BYTE *directory(void)
{
    ULONG size;

    return RtlImageDirectoryEntryToData(GetModuleHandleW(NULL), TRUE, IMAGE_DIRECTORY_ENTRY_RESOURCE, &size);
}

/* Writes a copy of this program in which the 32-bit words at an offset of the resource directory are others. */
static void write_copy(const WCHAR *name, ULONG offset, const ULONG *words, unsigned int count)
{
    HMODULE self = GetModuleHandleW(NULL);
    const IMAGE_NT_HEADERS *nt = RtlImageNtHeader(self);
    const IMAGE_SECTION_HEADER *section = IMAGE_FIRST_SECTION(nt);
    WCHAR path[MAX_PATH];
    HANDLE file;
    DWORD done;

    while (memcmp(section->Name, ".rsrc", 6)) section++;
    GetModuleFileNameW(NULL, path, MAX_PATH);
    works(CopyFileW(path, name, FALSE));
    file = CreateFileW(name, GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    SetFilePointer(file, (LONG)(section->PointerToRawData + (directory() - (BYTE *)self - section->VirtualAddress) + offset), NULL, FILE_BEGIN);
    works(WriteFile(file, words, count * sizeof(*words), &done, NULL));
    CloseHandle(file);
}

static unsigned int seen;

static BOOL CALLBACK see_type(HMODULE module, WCHAR *type, LONG_PTR parameter)
{
    (void)module;
    (void)parameter;
    if ((ULONG_PTR)type >> 16) ok(!wcscmp(type, L"NAMED"), "%s\n", wine_dbgstr_w(type));
    seen++;
    return TRUE;
}

/* The offset of a resource's data entry in the directory. */
static ULONG entry_offset(const WCHAR *type, ULONG_PTR name)
{
    HRSRC resource = FindResourceW(NULL, (const WCHAR *)name, type);

    ok(resource != NULL, "no resource\n");
    return (ULONG)((const BYTE *)resource - directory());
}

static void test_whole(void)
{
    HMODULE module;

    write_copy(L"whole.exe", 0, NULL, 0);
    for (int flat = 0; flat < 2; flat++)
    {
        module = LoadLibraryExW(L"whole.exe", NULL, flat ? LOAD_LIBRARY_AS_DATAFILE : LOAD_LIBRARY_AS_IMAGE_RESOURCE);
        seen = 0;
        works(EnumResourceTypesW(module, see_type, 0));
        returns(seen, 3);
        works(FindResourceW(module, (const WCHAR *)2, L"named"));
        FreeLibrary(module);
    }
    works(GetFileVersionInfoSizeW(L"whole.exe", NULL));
    works(DeleteFileW(L"whole.exe"));
}

static void test_name(void)
{
    static const ULONG offsets[] = { 0x7ffffffe, 0x00ffffff, 0x00100000 };
    HMODULE module;

    ok(!memcmp(directory() + (((const ULONG *)directory())[4] & 0x7fffffff), type_name, sizeof(type_name) - sizeof(WCHAR)), "another directory\n");
    for (size_t i = 0; i < ARRAY_SIZE(offsets); i++)
    {
        ULONG word = 0x80000000 | offsets[i];

        write_copy(L"name.exe", 16, &word, 1);
        for (int flat = 0; flat < 2; flat++)
        {
            module = LoadLibraryExW(L"name.exe", NULL, flat ? LOAD_LIBRARY_AS_DATAFILE : LOAD_LIBRARY_AS_IMAGE_RESOURCE);
            ok(module != NULL, "not loaded\n");
            seen = 0;
            fails(EnumResourceTypesW(module, see_type, 0), ERROR_BAD_EXE_FORMAT);
            returns(seen, 0);
            ok(!FindResourceW(module, (const WCHAR *)2, L"named"), "found\n");
            works(FindResourceW(module, (const WCHAR *)1, (const WCHAR *)RT_VERSION));
            FreeLibrary(module);
        }
        works(DeleteFileW(L"name.exe"));
    }
}

static void test_data(void)
{
    static const ULONG entries[][2] = { { 0x1000, 0x7fffffff }, { 0x7ffff000, 16 }, { 0xfffffff0, 0x1000 }, { 0x1000, 0xffffffff } };
    ULONG offset = entry_offset((const WCHAR *)RT_VERSION, 1);
    HMODULE module;
    HRSRC resource;

    for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
    {
        write_copy(L"data.exe", offset, entries[i], 2);
        for (int flat = 0; flat < 2; flat++)
        {
            module = LoadLibraryExW(L"data.exe", NULL, flat ? LOAD_LIBRARY_AS_DATAFILE : LOAD_LIBRARY_AS_IMAGE_RESOURCE);
            works(resource = FindResourceW(module, (const WCHAR *)1, (const WCHAR *)RT_VERSION));
            ok(!LoadResource(module, resource) && !SizeofResource(module, resource), "%Iu: there\n", i);
            FreeLibrary(module);
        }
        ok(!GetFileVersionInfoSizeW(L"data.exe", NULL), "a version\n");
        works(DeleteFileW(L"data.exe"));
    }
}

START_TEST(damage)
{
    scratch_enter();
    test_whole();
    test_name();
    test_data();
    scratch_leave();
}
