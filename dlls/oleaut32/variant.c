/* VARIANTs: starting, clearing and copying them. */
#include <stdarg.h>

#define _OLEAUT32_
#define COBJMACROS
#include "windef.h"
#include "winbase.h"
#include "winnt.h"
#include "oleauto.h"

void WINAPI VariantInit(VARIANTARG *variant)
{
    variant->n1.n2.vt = VT_EMPTY;
}

/* Whether a type, with its flags, is one that a VARIANT can hold. */
static HRESULT check_type(VARTYPE type)
{
    VARTYPE flags = type & ~VT_TYPEMASK;

    type &= VT_TYPEMASK;
    if (flags & (VT_VECTOR | VT_RESERVED)) return DISP_E_BADVARTYPE;
    if ((flags & VT_BYREF) && type <= VT_NULL && !(flags & VT_ARRAY)) return DISP_E_BADVARTYPE;
    if (type <= VT_UINT && type != (VARTYPE)15) return S_OK;
    if (type == VT_RECORD || type == VT_INT || type == VT_UINT) return S_OK;
    return DISP_E_BADVARTYPE;
}

/* Arrays and records are not made here, so none can be held that would have to be freed. */
HRESULT WINAPI VariantClear(VARIANTARG *variant)
{
    VARTYPE type = variant->n1.n2.vt;
    HRESULT result = check_type(type);

    if (FAILED(result)) return result;
    if (!(type & VT_BYREF))
    {
        if ((type & VT_ARRAY) || type == VT_RECORD) return DISP_E_BADVARTYPE;
        if (type == VT_BSTR) SysFreeString(variant->n1.n2.n3.bstrVal);
        else if ((type == VT_UNKNOWN || type == VT_DISPATCH) && variant->n1.n2.n3.punkVal) IUnknown_Release(variant->n1.n2.n3.punkVal);
    }
    variant->n1.n2.vt = VT_EMPTY;
    return S_OK;
}

HRESULT WINAPI VariantCopy(VARIANTARG *dest, const VARIANTARG *source)
{
    VARTYPE type = source->n1.n2.vt;
    VARIANTARG copy;
    HRESULT result;

    if (FAILED(result = check_type(type))) return result;
    if (dest == source) return S_OK;
    copy = *source;
    if (!(type & VT_BYREF))
    {
        if ((type & VT_ARRAY) || type == VT_RECORD) return DISP_E_BADVARTYPE;
        if (type == VT_BSTR && source->n1.n2.n3.bstrVal)
        {
            BSTR string = source->n1.n2.n3.bstrVal;

            copy.n1.n2.n3.bstrVal = SysAllocStringByteLen((const char *)string, SysStringByteLen(string));
            if (!copy.n1.n2.n3.bstrVal) return E_OUTOFMEMORY;
        }
        else if ((type == VT_UNKNOWN || type == VT_DISPATCH) && copy.n1.n2.n3.punkVal) IUnknown_AddRef(copy.n1.n2.n3.punkVal);
    }
    if (FAILED(result = VariantClear(dest)))
    {
        VariantClear(&copy);
        return result;
    }
    *dest = copy;
    return S_OK;
}

/* ---- dates: days since 30 December 1899, the time of day as a fraction; before that day, the fraction still counts
 * forward ---------------------------------------------------------------------------------------------------------- */
#define DAY_TICKS 864000000000LL

static LONGLONG epoch(void)
{
    SYSTEMTIME time = { 1899, 12, 0, 30, 0, 0, 0, 0 };
    FILETIME ticks;

    SystemTimeToFileTime(&time, &ticks);
    return (LONGLONG)((ULONGLONG)ticks.dwHighDateTime << 32 | ticks.dwLowDateTime);
}

INT WINAPI SystemTimeToVariantTime(SYSTEMTIME *time, double *date)
{
    SYSTEMTIME fields = *time;
    FILETIME ticks;
    LONGLONG value, days, rest;

    if (fields.wYear > 9999 || !fields.wYear) return FALSE;
    fields.wMilliseconds = 0;
    if (!SystemTimeToFileTime(&fields, &ticks)) return FALSE;
    value = (LONGLONG)((ULONGLONG)ticks.dwHighDateTime << 32 | ticks.dwLowDateTime) - epoch();
    days = value / DAY_TICKS;
    rest = value % DAY_TICKS;
    if (rest < 0)
    {
        days--;
        rest += DAY_TICKS;
    }
    *date = (double)days + (days < 0 ? -1.0 : 1.0) * (double)(rest / 10000000) / 86400.0;
    return TRUE;
}

INT WINAPI VariantTimeToSystemTime(double date, SYSTEMTIME *time)
{
    LONGLONG days, seconds, value;
    double fraction;
    FILETIME ticks;

    if (date <= -657435.0 || date >= 2958466.0) return FALSE;
    days = (LONGLONG)date;
    fraction = date - (double)days;
    if (fraction < 0) fraction = -fraction;
    seconds = (LONGLONG)(fraction * 86400.0 + 0.5);
    value = epoch() + days * DAY_TICKS + seconds * 10000000;
    ticks.dwLowDateTime = (DWORD)value;
    ticks.dwHighDateTime = (DWORD)((ULONGLONG)value >> 32);
    return FileTimeToSystemTime(&ticks, time);
}
