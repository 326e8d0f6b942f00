/* IsBadReadPtr and its family: whether memory can be touched, found out by touching it.
 *
 * Through the Nt calls that copy, so that a fault is a status. A guard page is bad, and is one no more afterwards.
 */
#include "kernelbase.h"

#define CURRENT_PROCESS ((HANDLE)~(ULONG_PTR)0)
#define PAGE 0x1000

static BOOL can_read(const char *at)
{
    char byte;

    return !NtReadVirtualMemory(CURRENT_PROCESS, at, &byte, 1, NULL);
}

static BOOL can_write(char *at)
{
    char byte;

    return !NtReadVirtualMemory(CURRENT_PROCESS, at, &byte, 1, NULL) && !NtWriteVirtualMemory(CURRENT_PROCESS, at, &byte, 1, NULL);
}

/* One byte a page, and the last one. */
static BOOL is_bad(char *base, UINT_PTR size, BOOL writing)
{
    char *last = base + size - 1, *at = base;

    if (!size) return FALSE;
    if (!base || last < base) return TRUE;
    for (;;)
    {
        if (writing ? !can_write(at) : !can_read(at)) return TRUE;
        at = (char *)((ULONG_PTR)at & ~(ULONG_PTR)(PAGE - 1)) + PAGE;
        if (at > last || at < base) return FALSE;
    }
}

BOOL WINAPI IsBadReadPtr(LPCVOID base, UINT_PTR size)
{
    return is_bad((char *)base, size, FALSE);
}

BOOL WINAPI IsBadWritePtr(LPVOID base, UINT_PTR size)
{
    return is_bad(base, size, TRUE);
}

BOOL WINAPI IsBadCodePtr(FARPROC code)
{
    return is_bad((char *)code, 1, FALSE);
}

BOOL WINAPI IsBadStringPtrA(LPCSTR string, UINT_PTR max)
{
    char c = 1;

    for (; max && c; max--, string++)
        if (NtReadVirtualMemory(CURRENT_PROCESS, string, &c, sizeof(c), NULL)) return TRUE;
    return FALSE;
}

BOOL WINAPI IsBadStringPtrW(LPCWSTR string, UINT_PTR max)
{
    WCHAR c = 1;

    for (; max && c; max--, string++)
        if (NtReadVirtualMemory(CURRENT_PROCESS, string, &c, sizeof(c), NULL)) return TRUE;
    return FALSE;
}
