/* BSTRs: counted strings, their length in bytes in front of them. They live in the process heap, as CoTaskMemAlloc's
 * blocks do. */
#include <stdarg.h>

#define _OLEAUT32_
#include "windef.h"
#include "winbase.h"
#include "oleauto.h"

struct bstr
{
    DWORD padding;          /* the string is aligned like a pointer */
    DWORD bytes;
    WCHAR text[];
};

static struct bstr *bstr_of(BSTR string)
{
    return CONTAINING_RECORD(string, struct bstr, text);
}

/* A string of so many bytes and a terminator, which is not counted; odd counts get a longer one. */
static BSTR bstr_alloc(const void *bytes, UINT count)
{
    struct bstr *bstr;

    if (count > 0x7ffffff0) return NULL;
    if (!(bstr = HeapAlloc(GetProcessHeap(), 0, sizeof(*bstr) + count + sizeof(WCHAR) + 1))) return NULL;
    bstr->padding = 0;
    bstr->bytes = count;
    if (bytes) memcpy(bstr->text, bytes, count);
    memset((BYTE *)bstr->text + count, 0, sizeof(WCHAR) + 1);
    return bstr->text;
}

UINT WINAPI SysStringByteLen(BSTR string)
{
    return string ? bstr_of(string)->bytes : 0;
}

UINT WINAPI SysStringLen(BSTR string)
{
    return SysStringByteLen(string) / sizeof(WCHAR);
}

BSTR WINAPI SysAllocStringByteLen(LPCSTR bytes, UINT count)
{
    return bstr_alloc(bytes, count);
}

BSTR WINAPI SysAllocStringLen(const OLECHAR *text, UINT length)
{
    if (length > 0x7ffffff0 / sizeof(WCHAR)) return NULL;
    return bstr_alloc(text, length * sizeof(WCHAR));
}

BSTR WINAPI SysAllocString(LPCOLESTR text)
{
    return text ? SysAllocStringLen(text, (UINT)lstrlenW(text)) : NULL;
}

void WINAPI SysFreeString(BSTR string)
{
    if (string) HeapFree(GetProcessHeap(), 0, bstr_of(string));
}

/* The new text may be part of the old string, which therefore goes last. */
INT WINAPI SysReAllocStringLen(BSTR *string, const OLECHAR *text, UINT length)
{
    BSTR old = *string, new = SysAllocStringLen(NULL, length);

    if (!new) return FALSE;
    if (text) memmove(new, text, length * sizeof(WCHAR));
    else if (old)
    {
        UINT keep = SysStringLen(old) < length ? SysStringLen(old) : length;

        memcpy(new, old, keep * sizeof(WCHAR));
    }
    *string = new;
    SysFreeString(old);
    return TRUE;
}

INT WINAPI SysReAllocString(LPBSTR string, LPCOLESTR text)
{
    BSTR old = *string, new = NULL;

    if (text && !(new = SysAllocString(text))) return FALSE;
    *string = new;
    SysFreeString(old);
    return TRUE;
}
