/* GetBinaryType: what kind of program a file is. */
#include <stdarg.h>

#define _KERNEL32_
#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#include "winbase.h"
#include "winnt.h"
#include "winternl.h"

static BOOL fail(DWORD error)
{
    SetLastError(error);
    return FALSE;
}

static BOOL read_at(HANDLE file, DWORD offset, void *to, DWORD size)
{
    OVERLAPPED at = { .Offset = offset };
    DWORD n;

    return ReadFile(file, to, size, &n, &at) && n == size;
}

static BOOL find_type(HANDLE file, DWORD *type)
{
    IMAGE_DOS_HEADER dos;
    IMAGE_NT_HEADERS headers;

    if (!read_at(file, 0, &dos, sizeof(dos)) || dos.e_magic != IMAGE_DOS_SIGNATURE) return FALSE;
    if (!read_at(file, dos.e_lfanew, &headers, FIELD_OFFSET(IMAGE_NT_HEADERS, OptionalHeader.SizeOfCode)))
    {
        *type = SCS_DOS_BINARY;
        return TRUE;
    }
    switch (headers.Signature & 0xffff)
    {
    case IMAGE_OS2_SIGNATURE: *type = SCS_WOW_BINARY; return TRUE;
    default:                  *type = SCS_DOS_BINARY; return TRUE;
    case IMAGE_NT_SIGNATURE:  break;
    }
    if (headers.FileHeader.Characteristics & IMAGE_FILE_DLL) return FALSE;
    *type = headers.OptionalHeader.Magic == IMAGE_NT_OPTIONAL_HDR64_MAGIC ? SCS_64BIT_BINARY : SCS_32BIT_BINARY;
    return TRUE;
}

BOOL WINAPI GetBinaryTypeW(const WCHAR *path, DWORD *type)
{
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    DWORD found = 0;
    BOOL ok;

    if (file == INVALID_HANDLE_VALUE) return FALSE;
    ok = find_type(file, &found);
    CloseHandle(file);
    if (!ok) return fail(ERROR_BAD_EXE_FORMAT);
    *type = found;
    return TRUE;
}

BOOL WINAPI GetBinaryTypeA(const char *path, DWORD *type)
{
    UNICODE_STRING wide;
    BOOL ok;

    if (!RtlCreateUnicodeStringFromAsciiz(&wide, path)) return fail(ERROR_NOT_ENOUGH_MEMORY);
    ok = GetBinaryTypeW(wide.Buffer, type);
    RtlFreeUnicodeString(&wide);
    return ok;
}
