/* Arguments and results of the ...A functions. */
#include "kernelbase.h"

static BOOL file_names_are_oem;

BOOL WINAPI AreFileApisANSI(void)
{
    return !file_names_are_oem;
}

void WINAPI SetFileApisToANSI(void)
{
    file_names_are_oem = FALSE;
}

void WINAPI SetFileApisToOEM(void)
{
    file_names_are_oem = TRUE;
}

static BOOL wide_from(UNICODE_STRING *out, const char *ansi, BOOL oem)
{
    ANSI_STRING string;
    NTSTATUS status;

    memset(out, 0, sizeof(*out));
    if (!ansi) return TRUE;
    RtlInitAnsiString(&string, ansi);
    status = oem ? RtlOemStringToUnicodeString(out, &string, TRUE) : RtlAnsiStringToUnicodeString(out, &string, TRUE);
    if (status >= 0) return TRUE;
    memset(out, 0, sizeof(*out));
    /* A name that a UNICODE_STRING cannot hold is a name too long. */
    set_error(status == STATUS_BUFFER_OVERFLOW || status == STATUS_INVALID_PARAMETER_2 ? ERROR_FILENAME_EXCED_RANGE
                                                                                      : RtlNtStatusToDosError(status));
    return FALSE;
}

BOOL wide_from_ansi(UNICODE_STRING *out, const char *ansi)
{
    return wide_from(out, ansi, FALSE);
}

BOOL wide_from_file_name(UNICODE_STRING *out, const char *ansi)
{
    return wide_from(out, ansi, file_names_are_oem);
}

static DWORD result_in(const WCHAR *wide, DWORD length, char *buffer, DWORD size, BOOL oem)
{
    DWORD needed = 0;

    if (oem && oem_code_page() != ansi_code_page())
        needed = (DWORD)WideCharToMultiByte(CP_OEMCP, 0, wide, (int)length, NULL, 0, NULL, NULL);
    else
        RtlUnicodeToMultiByteSize(&needed, wide, length * sizeof(WCHAR));
    if (!buffer || needed + 1 > size) return needed + 1;
    if (oem && oem_code_page() != ansi_code_page())
        WideCharToMultiByte(CP_OEMCP, 0, wide, (int)length, buffer, (int)needed, NULL, NULL);
    else
        RtlUnicodeToMultiByteN(buffer, needed, NULL, wide, length * sizeof(WCHAR));
    buffer[needed] = 0;
    return needed;
}

DWORD ansi_result(const WCHAR *wide, DWORD length, char *buffer, DWORD size)
{
    return result_in(wide, length, buffer, size, FALSE);
}

DWORD file_name_result(const WCHAR *wide, DWORD length, char *buffer, DWORD size)
{
    return result_in(wide, length, buffer, size, file_names_are_oem);
}

DWORD wide_result(const WCHAR *wide, DWORD length, WCHAR *buffer, DWORD size)
{
    if (!buffer || length + 1 > size) return length + 1;
    memcpy(buffer, wide, length * sizeof(WCHAR));
    buffer[length] = 0;
    return length;
}
