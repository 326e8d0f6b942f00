/* version.dll: the version of this program (resource.c) and of a DLL. */
#include "libraries.h"
#include "winver.h"

static WCHAR self[MAX_PATH];
static char self_ansi[MAX_PATH];

static void test_size(void)
{
    DWORD handle, size;

    handle = 0xdeadbeef;
    size = GetFileVersionInfoSizeW(self, &handle);
    ok(size > 2 * 52 && !handle, "size %lu, handle %#lx\n", size, handle);
    ok(GetLastError() == ERROR_SUCCESS, "error %lu\n", GetLastError());
    returns(GetFileVersionInfoSizeA(self_ansi, NULL), size);
    returns(GetFileVersionInfoSizeExW(FILE_VER_GET_NEUTRAL, self, &handle), size);
    returns(GetFileVersionInfoSizeExA(FILE_VER_GET_LOCALISED, self_ansi, &handle), size);
    works(GetFileVersionInfoSizeW(L"ntdll.dll", &handle));          /* looked for as a library is */
    handle = 0xdeadbeef;
    fails(GetFileVersionInfoSizeW(NULL, &handle), ERROR_INVALID_PARAMETER);
    ok(!handle, "handle %#lx\n", handle);
    fails(GetFileVersionInfoSizeW(L"", &handle), ERROR_BAD_PATHNAME);
    fails(GetFileVersionInfoSizeA("", &handle), ERROR_BAD_PATHNAME);
    fails(GetFileVersionInfoSizeW(L"no such file", &handle), ERROR_FILE_NOT_FOUND);
    fails(GetFileVersionInfoSizeA("no such file", &handle), ERROR_FILE_NOT_FOUND);
}

static void test_query(void)
{
    DWORD size = GetFileVersionInfoSizeW(self, NULL);
    BYTE *data = malloc(size);
    const VS_FIXEDFILEINFO *fixed;
    const WCHAR *text;
    const WORD *words;
    const char *ansi;
    UINT length;

    fails(GetFileVersionInfoW(self, 0, size, NULL), ERROR_INVALID_DATA);
    fails(GetFileVersionInfoW(L"no such file", 0, size, data), ERROR_FILE_NOT_FOUND);
    works(GetFileVersionInfoW(self, 1234, size, data));             /* the second parameter is ignored */
    works(VerQueryValueW(data, L"\\", (void **)&fixed, &length));
    ok(length == sizeof(*fixed), "length %u\n", length);
    ok(fixed->dwSignature == VS_FFI_SIGNATURE && fixed->dwFileVersionMS == 0x10002 && fixed->dwFileVersionLS == 0x30004 &&
       fixed->dwProductVersionMS == 0x50006 && fixed->dwProductVersionLS == 0x70008, "wrong versions\n");
    works(VerQueryValueW(data, L"", (void **)&fixed, &length));
    ok(length == sizeof(*fixed), "length %u\n", length);
    works(VerQueryValueW(data, L"\\VarFileInfo\\Translation", (void **)&words, &length));
    ok(length == 4 && words[0] == 0x409 && words[1] == 1200, "length %u: %#x %u\n", length, words[0], words[1]);
    works(VerQueryValueW(data, L"\\StringFileInfo\\040904B0\\companyname", (void **)&text, &length));
    ok(length == 6 && !wcscmp(text, L"Oriel"), "length %u: %s\n", length, wine_dbgstr_w(text));
    works(VerQueryValueW(data, L"\\StringFileInfo\\040904b0\\Empty", (void **)&text, &length));
    ok(!length, "length %u\n", length);
    length = 1;
    fails(VerQueryValueW(data, L"\\StringFileInfo\\040904b0\\Company", (void **)&text, &length), ERROR_RESOURCE_TYPE_NOT_FOUND);
    ok(!length, "length %u\n", length);
    fails(VerQueryValueW(data, L"\\StringFileInfo\\040704b0\\CompanyName", (void **)&text, &length), ERROR_RESOURCE_TYPE_NOT_FOUND);
    ok(!VerQueryValueW(NULL, L"\\", (void **)&text, &length), "without data\n");

    works(GetFileVersionInfoA(self_ansi, 0, size, data));
    works(VerQueryValueA(data, "\\StringFileInfo\\040904b0\\CompanyName", (void **)&ansi, &length));
    ok(length == 6 && !strcmp(ansi, "Oriel"), "length %u: %s\n", length, wine_dbgstr_a(ansi));
    works(VerQueryValueA(data, "\\StringFileInfo\\040904b0\\Comments", (void **)&ansi, &length));
    ok(length == 6 && !strcmp(ansi, "\xc3\xa9\xe2\x98\x83"), "length %u: %s\n", length, wine_dbgstr_a(ansi));
    works(VerQueryValueA(data, "\\", (void **)&fixed, &length));
    ok(length == sizeof(*fixed) && fixed->dwSignature == VS_FFI_SIGNATURE, "length %u\n", length);
    fails(VerQueryValueA(data, "\\x", (void **)&ansi, &length), ERROR_RESOURCE_TYPE_NOT_FOUND);
    ok(!VerQueryValueA(NULL, "\\", (void **)&ansi, &length), "without data\n");

    memset(data, 0x55, size);
    works(GetFileVersionInfoExW(FILE_VER_GET_NEUTRAL, self, 0, 8, data));       /* a small buffer is no error */
    ok(data[7] != 0x55 && data[8] == 0x55, "%#x %#x\n", data[7], data[8]);
    works(GetFileVersionInfoExA(FILE_VER_GET_NEUTRAL, self_ansi, 0, size, data));
    works(VerQueryValueW(data, L"\\", (void **)&fixed, &length));
    free(data);
}

START_TEST(version)
{
    GetModuleFileNameW(NULL, self, MAX_PATH);
    GetModuleFileNameA(NULL, self_ansi, MAX_PATH);
    test_size();
    test_query();
}
