/* UUIDs. Remote procedure calls are not there. */
#include <stdarg.h>
#include <string.h>

#define _RPCRT4_
#include "windef.h"
#include "winbase.h"
#include "rpc.h"

BOOL WINAPI ProcessPrng(BYTE *buffer, SIZE_T length);

RPC_STATUS WINAPI UuidCreate(UUID *uuid)
{
    if (!ProcessPrng((BYTE *)uuid, sizeof(*uuid))) return RPC_S_OUT_OF_MEMORY;
    /* Version 4, the variant of RFC 9562. */
    uuid->Data3 = (unsigned short)((uuid->Data3 & 0x0fff) | 0x4000);
    uuid->Data4[0] = (unsigned char)((uuid->Data4[0] & 0x3f) | 0x80);
    return RPC_S_OK;
}

RPC_STATUS WINAPI UuidCreateNil(UUID *uuid)
{
    memset(uuid, 0, sizeof(*uuid));
    return RPC_S_OK;
}

static const UUID nil;

int WINAPI UuidIsNil(UUID *uuid, RPC_STATUS *status)
{
    *status = RPC_S_OK;
    return !uuid || !memcmp(uuid, &nil, sizeof(nil));
}

int WINAPI UuidEqual(UUID *first, UUID *second, RPC_STATUS *status)
{
    *status = RPC_S_OK;
    return !memcmp(first ? first : &nil, second ? second : &nil, sizeof(UUID));
}

/* By their parts, as numbers. */
int WINAPI UuidCompare(UUID *first, UUID *second, RPC_STATUS *status)
{
    const UUID *a = first ? first : &nil, *b = second ? second : &nil;

    *status = RPC_S_OK;
    if (a->Data1 != b->Data1) return a->Data1 < b->Data1 ? -1 : 1;
    if (a->Data2 != b->Data2) return a->Data2 < b->Data2 ? -1 : 1;
    if (a->Data3 != b->Data3) return a->Data3 < b->Data3 ? -1 : 1;
    for (int i = 0; i < 8; i++) if (a->Data4[i] != b->Data4[i]) return a->Data4[i] < b->Data4[i] ? -1 : 1;
    return 0;
}

/* The order of the bytes in the text; 0xff is a hyphen. */
static const unsigned char text_order[] = { 3, 2, 1, 0, 0xff, 5, 4, 0xff, 7, 6, 0xff, 8, 9, 0xff, 10, 11, 12, 13, 14, 15 };

enum { text_length = 36 };

static void format(const UUID *uuid, char text[text_length + 1])
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *bytes = (const unsigned char *)(uuid ? uuid : &nil);

    for (size_t i = 0; i < sizeof(text_order); i++)
    {
        if (text_order[i] == 0xff)
        {
            *text++ = '-';
            continue;
        }
        *text++ = digits[bytes[text_order[i]] >> 4];
        *text++ = digits[bytes[text_order[i]] & 15];
    }
    *text = 0;
}

static int digit(unsigned int c)
{
    if (c >= '0' && c <= '9') return (int)(c - '0');
    c |= 32;
    return c >= 'a' && c <= 'f' ? (int)(c - 'a' + 10) : -1;
}

static RPC_STATUS parse(const WCHAR *text, UUID *uuid)
{
    unsigned char bytes[sizeof(UUID)];

    for (size_t i = 0; i < sizeof(text_order); i++)
    {
        int high, low;

        if (text_order[i] == 0xff)
        {
            if (*text++ != '-') return RPC_S_INVALID_STRING_UUID;
            continue;
        }
        if ((high = digit(text[0])) < 0 || (low = digit(text[1])) < 0) return RPC_S_INVALID_STRING_UUID;
        bytes[text_order[i]] = (unsigned char)(high << 4 | low);
        text += 2;
    }
    if (*text) return RPC_S_INVALID_STRING_UUID;
    memcpy(uuid, bytes, sizeof(*uuid));
    return RPC_S_OK;
}

RPC_STATUS WINAPI UuidToStringA(UUID *uuid, RPC_CSTR *string)
{
    if (!(*string = HeapAlloc(GetProcessHeap(), 0, text_length + 1))) return RPC_S_OUT_OF_MEMORY;
    format(uuid, (char *)*string);
    return RPC_S_OK;
}

RPC_STATUS WINAPI UuidToStringW(UUID *uuid, RPC_WSTR *string)
{
    char text[text_length + 1];
    WCHAR *wide = HeapAlloc(GetProcessHeap(), 0, sizeof(text) * sizeof(WCHAR));

    if (!wide) return RPC_S_OUT_OF_MEMORY;
    format(uuid, text);
    for (size_t i = 0; i < sizeof(text); i++) wide[i] = (unsigned char)text[i];
    *string = wide;
    return RPC_S_OK;
}

RPC_STATUS WINAPI UuidFromStringW(RPC_WSTR string, UUID *uuid)
{
    return string ? parse(string, uuid) : UuidCreateNil(uuid);
}

RPC_STATUS WINAPI UuidFromStringA(RPC_CSTR string, UUID *uuid)
{
    WCHAR wide[text_length + 2];
    size_t i;

    if (!string) return UuidCreateNil(uuid);
    for (i = 0; string[i] && i <= text_length; i++) wide[i] = string[i];
    wide[i] = 0;
    return parse(wide, uuid);
}

RPC_STATUS WINAPI RpcStringFreeA(RPC_CSTR *string)
{
    HeapFree(GetProcessHeap(), 0, *string);
    *string = NULL;
    return RPC_S_OK;
}

RPC_STATUS WINAPI RpcStringFreeW(RPC_WSTR *string)
{
    HeapFree(GetProcessHeap(), 0, *string);
    *string = NULL;
    return RPC_S_OK;
}
