/* oleaut32: BSTRs, VARIANTs, dates. */
#include <math.h>
#include "libraries.h"
#include "oleauto.h"

static void test_string(void)
{
    BSTR string, other;
    WCHAR *part;

    ok(!SysAllocString(NULL), "a string out of nothing\n");
    string = SysAllocString(L"abc");
    ok(SysStringLen(string) == 3 && SysStringByteLen(string) == 6 && !wcscmp(string, L"abc"), "%s\n", wine_dbgstr_w(string));
    ok(((DWORD *)string)[-1] == 6, "the length in front is %lu\n", ((DWORD *)string)[-1]);
    SysFreeString(string);
    string = SysAllocString(L"");
    ok(string && !*string && !SysStringLen(string), "an empty one\n");
    SysFreeString(string);
    string = SysAllocStringLen(L"ab\0cd", 4);
    ok(SysStringLen(string) == 4 && !memcmp(string, L"ab\0c", 5 * sizeof(WCHAR)), "counted\n");
    SysFreeString(string);
    string = SysAllocStringLen(NULL, 100);
    ok(SysStringLen(string) == 100 && !string[100], "without text\n");
    SysFreeString(string);
    ok(!SysAllocStringLen(L"a", 0x80000000), "too long\n");
    ok(!SysAllocStringLen(L"a", 0xffffffff), "too long\n");
    string = SysAllocStringByteLen("abc", 3);
    ok(SysStringByteLen(string) == 3 && SysStringLen(string) == 1 && !memcmp(string, "abc\0\0", 5), "odd\n");
    SysFreeString(string);
    string = SysAllocStringByteLen(NULL, 3);
    ok(SysStringByteLen(string) == 3 && !((BYTE *)string)[3], "odd, without text\n");
    SysFreeString(string);
    ok(!SysAllocStringByteLen("a", 0xffffffff), "too long\n");
    ok(!SysStringLen(NULL) && !SysStringByteLen(NULL), "the length of none\n");
    SysFreeString(NULL);

    string = SysAllocString(L"first");
    works(SysReAllocString(&string, L"the second"));
    ok(!wcscmp(string, L"the second") && SysStringLen(string) == 10, "%s\n", wine_dbgstr_w(string));
    part = string + 4;
    works(SysReAllocString(&string, part));                         /* a part of itself */
    ok(!wcscmp(string, L"second") && SysStringLen(string) == 6, "%s\n", wine_dbgstr_w(string));
    works(SysReAllocStringLen(&string, string + 1, 3));
    ok(!wcscmp(string, L"eco") && SysStringLen(string) == 3, "%s\n", wine_dbgstr_w(string));
    works(SysReAllocStringLen(&string, NULL, 2));                   /* what was there stays */
    ok(!wcscmp(string, L"ec") && SysStringLen(string) == 2, "%s\n", wine_dbgstr_w(string));
    other = string;
    ok(!SysReAllocStringLen(&string, L"a", 0xffffffff) && string == other, "too long\n");
    works(SysReAllocString(&string, NULL) || !string);
    ok(!string, "%s\n", wine_dbgstr_w(string));
}

/* An object that counts who holds it. */
struct counted
{
    IUnknown iface;
    LONG refs;
};

static HRESULT STDMETHODCALLTYPE counted_query(IUnknown *iface, REFIID id, void **object)
{
    (void)iface;
    (void)id;
    *object = NULL;
    return E_NOINTERFACE;
}

static ULONG STDMETHODCALLTYPE counted_add_ref(IUnknown *iface)
{
    return (ULONG)++CONTAINING_RECORD(iface, struct counted, iface)->refs;
}

static ULONG STDMETHODCALLTYPE counted_release(IUnknown *iface)
{
    return (ULONG)--CONTAINING_RECORD(iface, struct counted, iface)->refs;
}

static void test_variant(void)
{
    static IUnknownVtbl vtable = { counted_query, counted_add_ref, counted_release };
    static const VARTYPE bad[] = { 15, 24, 35, VT_BYREF, VT_BYREF | VT_NULL, VT_VECTOR | VT_I4, VT_RESERVED | VT_I4, 0xffff };
    struct counted object = { { &vtable }, 1 };
    VARIANT first, second;
    LONG number = 7;

    memset(&first, 0x55, sizeof(first));
    VariantInit(&first);
    ok(V_VT(&first) == VT_EMPTY, "type %u\n", V_VT(&first));
    gives(VariantClear(&first), S_OK);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
    {
        winetest_push_context("type %#x", bad[i]);
        V_VT(&first) = bad[i];
        VariantInit(&second);
        gives(VariantClear(&first), DISP_E_BADVARTYPE);
        gives(VariantCopy(&second, &first), DISP_E_BADVARTYPE);
        ok(V_VT(&first) == bad[i] && V_VT(&second) == VT_EMPTY, "types %#x, %#x\n", V_VT(&first), V_VT(&second));
        winetest_pop_context();
    }

    VariantInit(&first);
    V_VT(&first) = VT_I4;
    V_I4(&first) = 42;
    V_VT(&second) = VT_BSTR;
    V_BSTR(&second) = SysAllocString(L"freed by what comes in");
    gives(VariantCopy(&second, &first), S_OK);
    ok(V_VT(&second) == VT_I4 && V_I4(&second) == 42, "type %u\n", V_VT(&second));
    gives(VariantCopy(&second, &second), S_OK);
    ok(V_VT(&second) == VT_I4, "type %u\n", V_VT(&second));

    V_VT(&first) = VT_BSTR;
    V_BSTR(&first) = SysAllocStringLen(L"a\0b", 3);
    gives(VariantCopy(&second, &first), S_OK);
    ok(V_VT(&second) == VT_BSTR && V_BSTR(&second) != V_BSTR(&first) && SysStringLen(V_BSTR(&second)) == 3 &&
       !memcmp(V_BSTR(&second), L"a\0b", 8), "the string is not copied\n");
    gives(VariantClear(&first), S_OK);
    ok(V_VT(&first) == VT_EMPTY, "type %u\n", V_VT(&first));
    gives(VariantClear(&second), S_OK);

    V_VT(&first) = VT_UNKNOWN;
    V_UNKNOWN(&first) = &object.iface;
    gives(VariantCopy(&second, &first), S_OK);
    returns(object.refs, 2);
    gives(VariantClear(&second), S_OK);
    returns(object.refs, 1);
    V_VT(&first) = VT_UNKNOWN | VT_BYREF;                           /* what it refers to is not its own */
    V_UNKNOWNREF(&first) = &V_UNKNOWN(&second);
    gives(VariantClear(&first), S_OK);
    returns(object.refs, 1);
    V_VT(&first) = VT_UNKNOWN;
    V_UNKNOWN(&first) = NULL;
    gives(VariantClear(&first), S_OK);

    V_VT(&first) = VT_I4 | VT_BYREF;
    V_I4REF(&first) = &number;
    gives(VariantCopy(&second, &first), S_OK);
    ok(V_VT(&second) == (VT_I4 | VT_BYREF) && V_I4REF(&second) == &number, "type %#x\n", V_VT(&second));
}

static void test_date(void)
{
    static const struct { double date; SYSTEMTIME time; } tests[] =
    {
        { 0.0, { 1899, 12, 6, 30, 0, 0, 0, 0 } }, { 1.0, { 1899, 12, 0, 31, 0, 0, 0, 0 } }, { 2.25, { 1900, 1, 1, 1, 6, 0, 0, 0 } },
        { -1.25, { 1899, 12, 5, 29, 6, 0, 0, 0 } }, { 25569.0, { 1970, 1, 4, 1, 0, 0, 0, 0 } }, { 36585.5, { 2000, 2, 2, 29, 12, 0, 0, 0 } },
        { -657434.0, { 100, 1, 5, 1, 0, 0, 0, 0 } }, { 2958465.0, { 9999, 12, 5, 31, 0, 0, 0, 0 } },
        { 40000.0 + 1.0 / 86400, { 2009, 7, 1, 6, 0, 0, 1, 0 } },
    };
    SYSTEMTIME time;
    double date;

    for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
    {
        winetest_push_context("%f", tests[i].date);
        if (tests[i].time.wYear >= 1601)
        {
            works(VariantTimeToSystemTime(tests[i].date, &time));
            ok(!memcmp(&time, &tests[i].time, sizeof(time)), "%u-%u-%u (%u) %u:%u:%u.%u\n", time.wYear, time.wMonth, time.wDay, time.wDayOfWeek,
               time.wHour, time.wMinute, time.wSecond, time.wMilliseconds);
            time = tests[i].time;
            works(SystemTimeToVariantTime(&time, &date));
            ok(fabs(date - tests[i].date) < 1e-9, "%f\n", date);
        }
        winetest_pop_context();
    }
    ok(!VariantTimeToSystemTime(-657435.0, &time), "before the year 100\n");
    ok(!VariantTimeToSystemTime(2958466.0, &time), "after the year 9999\n");
    time = tests[4].time;
    time.wMonth = 13;
    ok(!SystemTimeToVariantTime(&time, &date), "month 13\n");
}

START_TEST(automation)
{
    test_string();
    test_variant();
    test_date();
}
