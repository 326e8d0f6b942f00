/* COM without classes: apartments, task memory, GUIDs. No class is registered here, so none can be created; what a
 * program makes itself (streams, its own objects) works. */
#include <stdarg.h>
#include <string.h>

#define _OLE32_
#define COBJMACROS
#include "windef.h"
#include "winbase.h"
#include "winternl.h"
#include "objbase.h"

BOOL WINAPI ProcessPrng(BYTE *buffer, SIZE_T length);

/* ---- apartments ------------------------------------------------------------------------------------- */

/* What a thread has entered, in TEB.ReservedForOle: how often, and as what. */
struct apartment
{
    DWORD count;
    DWORD model;            /* COINIT_APARTMENTTHREADED or 0, multithreaded */
};

static struct apartment *thread_apartment(void)
{
    return NtCurrentTeb()->ReservedForOle;
}

HRESULT WINAPI CoInitializeEx(void *reserved, DWORD flags)
{
    struct apartment *apartment = thread_apartment();

    if (reserved) return E_INVALIDARG;
    if (!apartment)
    {
        if (!(apartment = HeapAlloc(GetProcessHeap(), 0, sizeof(*apartment)))) return E_OUTOFMEMORY;
        apartment->count = 0;
        NtCurrentTeb()->ReservedForOle = apartment;
    }
    if (apartment->count && apartment->model != (flags & COINIT_APARTMENTTHREADED)) return RPC_E_CHANGED_MODE;
    apartment->model = flags & COINIT_APARTMENTTHREADED;
    return apartment->count++ ? S_FALSE : S_OK;
}

HRESULT WINAPI CoInitialize(void *reserved)
{
    return CoInitializeEx(reserved, COINIT_APARTMENTTHREADED);
}

void WINAPI CoUninitialize(void)
{
    struct apartment *apartment = thread_apartment();

    if (!apartment || !apartment->count || --apartment->count) return;
    NtCurrentTeb()->ReservedForOle = NULL;
    HeapFree(GetProcessHeap(), 0, apartment);
}

HRESULT WINAPI CoGetApartmentType(APTTYPE *type, APTTYPEQUALIFIER *qualifier)
{
    struct apartment *apartment = thread_apartment();

    if (!type || !qualifier) return E_INVALIDARG;
    *qualifier = APTTYPEQUALIFIER_NONE;
    if (!apartment || !apartment->count)
    {
        *type = APTTYPE_CURRENT;
        return CO_E_NOTINITIALIZED;
    }
    *type = apartment->model & COINIT_APARTMENTTHREADED ? APTTYPE_MAINSTA : APTTYPE_MTA;
    return S_OK;
}

DWORD WINAPI CoGetCurrentProcess(void)
{
    return GetCurrentProcessId();
}

void WINAPI CoFreeUnusedLibraries(void)
{
    /* No server was ever loaded. */
}

void WINAPI CoFreeUnusedLibrariesEx(DWORD delay, DWORD reserved)
{
    (void)delay;
    (void)reserved;
}

/* ---- classes ---------------------------------------------------------------------------------------- */
static HRESULT no_class(void **object)
{
    struct apartment *apartment = thread_apartment();

    if (!object) return E_POINTER;
    *object = NULL;
    return apartment && apartment->count ? REGDB_E_CLASSNOTREG : CO_E_NOTINITIALIZED;
}

HRESULT WINAPI CoCreateInstance(REFCLSID class, IUnknown *outer, DWORD context, REFIID id, void **object)
{
    (void)class;
    (void)outer;
    (void)context;
    (void)id;
    return no_class(object);
}

HRESULT WINAPI CoGetClassObject(REFCLSID class, DWORD context, COSERVERINFO *server, REFIID id, void **object)
{
    (void)class;
    (void)context;
    (void)server;
    (void)id;
    return no_class(object);
}

HRESULT WINAPI CoCreateInstanceEx(REFCLSID class, IUnknown *outer, DWORD context, COSERVERINFO *server, ULONG count, MULTI_QI *results)
{
    void *object;
    HRESULT result;

    (void)class;
    (void)outer;
    (void)context;
    (void)server;
    if (!count || !results) return E_INVALIDARG;
    result = no_class(&object);
    for (ULONG i = 0; i < count; i++)
    {
        results[i].pItf = NULL;
        results[i].hr = result;
    }
    return result;
}

/* ---- task memory ------------------------------------------------------------------------------------ */
void *WINAPI CoTaskMemAlloc(SIZE_T size)
{
    return HeapAlloc(GetProcessHeap(), 0, size);
}

void *WINAPI CoTaskMemRealloc(void *block, SIZE_T size)
{
    if (!block) return CoTaskMemAlloc(size);
    if (size) return HeapReAlloc(GetProcessHeap(), 0, block, size);
    CoTaskMemFree(block);
    return NULL;
}

void WINAPI CoTaskMemFree(void *block)
{
    if (block) HeapFree(GetProcessHeap(), 0, block);
}

/* ---- GUIDs ------------------------------------------------------------------------------------------ */
HRESULT WINAPI CoCreateGuid(GUID *guid)
{
    if (!guid) return E_INVALIDARG;
    if (!ProcessPrng((BYTE *)guid, sizeof(*guid))) return E_FAIL;
    /* Version 4, the variant of RFC 9562. */
    guid->Data3 = (WORD)((guid->Data3 & 0x0fff) | 0x4000);
    guid->Data4[0] = (BYTE)((guid->Data4[0] & 0x3f) | 0x80);
    return S_OK;
}

INT WINAPI StringFromGUID2(REFGUID guid, LPOLESTR buffer, INT size)
{
    static const WCHAR digits[] = L"0123456789ABCDEF";
    static const BYTE order[] = { 3, 2, 1, 0, 0xff, 5, 4, 0xff, 7, 6, 0xff, 8, 9, 0xff, 10, 11, 12, 13, 14, 15 };
    const BYTE *bytes = (const BYTE *)guid;
    WCHAR *p = buffer;

    if (!buffer || size < 39) return 0;
    *p++ = '{';
    for (size_t i = 0; i < sizeof(order); i++)
    {
        if (order[i] == 0xff)
        {
            *p++ = '-';
            continue;
        }
        *p++ = digits[bytes[order[i]] >> 4];
        *p++ = digits[bytes[order[i]] & 15];
    }
    *p++ = '}';
    *p = 0;
    return 39;
}

HRESULT WINAPI StringFromCLSID(REFCLSID class, LPOLESTR *string)
{
    if (!string) return E_INVALIDARG;
    if (!(*string = CoTaskMemAlloc(39 * sizeof(WCHAR)))) return E_OUTOFMEMORY;
    StringFromGUID2(class, *string, 39);
    return S_OK;
}

HRESULT WINAPI StringFromIID(REFIID id, LPOLESTR *string)
{
    return StringFromCLSID(id, string);
}

static int hex_digit(WCHAR c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* "{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}" */
static BOOL parse_guid(const WCHAR *p, GUID *guid)
{
    static const BYTE order[] = { 3, 2, 1, 0, 0xff, 5, 4, 0xff, 7, 6, 0xff, 8, 9, 0xff, 10, 11, 12, 13, 14, 15 };
    BYTE *bytes = (BYTE *)guid;

    if (*p++ != '{') return FALSE;
    for (size_t i = 0; i < sizeof(order); i++)
    {
        int high, low;

        if (order[i] == 0xff)
        {
            if (*p++ != '-') return FALSE;
            continue;
        }
        if ((high = hex_digit(p[0])) < 0 || (low = hex_digit(p[1])) < 0) return FALSE;
        bytes[order[i]] = (BYTE)(high << 4 | low);
        p += 2;
    }
    return p[0] == '}' && !p[1];
}

HRESULT WINAPI CLSIDFromString(LPCOLESTR string, CLSID *class)
{
    GUID guid;

    if (!class) return E_INVALIDARG;
    memset(class, 0, sizeof(*class));
    if (!string) return S_OK;
    if (string[0] != '{') return CO_E_CLASSSTRING;      /* a ProgID, and none is registered */
    if (!parse_guid(string, &guid)) return CO_E_CLASSSTRING;
    *class = guid;
    return S_OK;
}

HRESULT WINAPI IIDFromString(LPCOLESTR string, IID *id)
{
    GUID guid;

    if (!id) return E_INVALIDARG;
    memset(id, 0, sizeof(*id));
    if (!string) return S_OK;
    if (!parse_guid(string, &guid)) return lstrlenW(string) == 38 ? CO_E_IIDSTRING : E_INVALIDARG;
    *id = guid;
    return S_OK;
}

#undef IsEqualGUID
BOOL WINAPI IsEqualGUID(REFGUID first, REFGUID second);
BOOL WINAPI IsEqualGUID(REFGUID first, REFGUID second)
{
    return !memcmp(first, second, sizeof(GUID));
}
