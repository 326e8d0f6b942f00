/* GUIDs as text: {XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX}. */

#include "rtl.h"

#define GUID_LEN 38

/* Where the hexadecimal digits of each byte of a GUID stand. */
static const BYTE places[16] = { 7, 5, 3, 1, 12, 10, 17, 15, 20, 22, 25, 27, 29, 31, 33, 35 };

NTSTATUS WINAPI RtlStringFromGUID(REFGUID guid, UNICODE_STRING *str)
{
    static const WCHAR hex[] = L"0123456789ABCDEF";
    const BYTE *bytes = (const BYTE *)guid;
    WCHAR *p;

    if (!(p = heap_alloc((GUID_LEN + 1) * sizeof(WCHAR)))) return STATUS_NO_MEMORY;
    wcscpy(p, L"{00000000-0000-0000-0000-000000000000}");
    for (int i = 0; i < 16; i++)
    {
        p[places[i]] = hex[bytes[i] >> 4];
        p[places[i] + 1] = hex[bytes[i] & 15];
    }
    str->Buffer = p;
    str->Length = GUID_LEN * sizeof(WCHAR);
    str->MaximumLength = (GUID_LEN + 1) * sizeof(WCHAR);
    return STATUS_SUCCESS;
}

static int hex_value(WCHAR c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

NTSTATUS WINAPI RtlGUIDFromString(UNICODE_STRING *str, GUID *guid)
{
    const WCHAR *p = str->Buffer;
    BYTE bytes[16];

    if (str->Length < GUID_LEN * sizeof(WCHAR) || p[0] != '{' || p[9] != '-' || p[14] != '-' || p[19] != '-' ||
        p[24] != '-' || p[37] != '}')
        return STATUS_INVALID_PARAMETER;
    for (int i = 0; i < 16; i++)
    {
        int high = hex_value(p[places[i]]), low = hex_value(p[places[i] + 1]);

        if (high < 0 || low < 0) return STATUS_INVALID_PARAMETER;
        bytes[i] = (BYTE)(high << 4 | low);
    }
    memcpy(guid, bytes, sizeof(bytes));
    return STATUS_SUCCESS;
}
