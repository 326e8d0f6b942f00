/* Text: what becomes of bytes that are not UTF-8 and back, counted strings, case, and the C functions of ntdll. */
#include <stdio.h>
#include <wchar.h>
#include "objects.h"

extern NTSTATUS WINAPI RtlHashUnicodeString(const UNICODE_STRING *str, BOOLEAN fold, ULONG algorithm, ULONG *hash);

/* ntdll's own, not the C run-time library's. */
static int (WINAPIV *p_snprintf)(char *, size_t, const char *, ...);
static int (WINAPIV *p_snwprintf)(WCHAR *, size_t, const WCHAR *, ...);
static int (WINAPIV *p_sscanf)(const char *, const char *, ...);
static ULONG (__cdecl *p_strtoul)(const char *, char **, int);
static LONG (__cdecl *p_wcstol)(const WCHAR *, WCHAR **, int);
static int (__cdecl *p_wcsicmp)(const WCHAR *, const WCHAR *);
static void (__cdecl *p_qsort)(void *, size_t, size_t, int (__cdecl *)(const void *, const void *));
static void *(__cdecl *p_bsearch)(const void *, const void *, size_t, size_t, int (__cdecl *)(const void *, const void *));
static void *(__cdecl *p_memmove)(void *, const void *, size_t);
static void *(__cdecl *p_memset)(void *, int, size_t);
static int (__cdecl *p_memcmp)(const void *, const void *, size_t);

static void *function(const char *name)
{
    static const WCHAR ntdll[] = L"ntdll.dll";
    UNICODE_STRING module;
    ANSI_STRING entry;
    void *address = NULL;
    HMODULE base;

    RtlInitUnicodeString(&module, ntdll);
    RtlInitAnsiString(&entry, name);
    ok_status(LdrGetDllHandle(NULL, 0, &module, &base), STATUS_SUCCESS);
    ok_status(LdrGetProcedureAddress(base, &entry, 0, &address), STATUS_SUCCESS);
    return address;
}

/* ---- bytes and characters ---- */

/* Names of files are bytes: any of them survive the way through UTF-16. */
static void test_bytes(void)
{
    static const struct { const char *bytes; const WCHAR *text; } cases[] =
    {
        { "plain", L"plain" },
        { "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", L"\xe4\x20ac\xd83d\xde00" },
        { "\xff", L"\xdcff" },
        { "a\xc3", L"a\xdcc3" },                                /* cut off */
        { "\xc0\x80", L"\xdcc0\xdc80" },                        /* too long */
        { "\xed\xb2\x80", L"\xdced\xdcb2\xdc80" },              /* a surrogate: not taken for an escape on the way back */
        { "\xf4\x90\x80\x80", L"\xdcf4\xdc90\xdc80\xdc80" },    /* beyond Unicode */
        { "\xe2\x82x", L"\xdce2\xdc82x" },
    };
    unsigned int seed = 1, wrong = 0;

    for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++)
    {
        WCHAR wide[32];
        char bytes[32];
        DWORD size, length = (DWORD)strlen(cases[i].bytes) + 1;

        ok_status(RtlMultiByteToUnicodeN(wide, sizeof(wide), &size, cases[i].bytes, length), STATUS_SUCCESS);
        ok(size == (wcslen(cases[i].text) + 1) * sizeof(WCHAR), "%u: %lu bytes\n", i, size);
        ok(!wcscmp(wide, cases[i].text), "%u: got %s\n", i, wine_dbgstr_w(wide));
        ok_status(RtlMultiByteToUnicodeSize(&size, cases[i].bytes, length), STATUS_SUCCESS);
        ok(size == (wcslen(cases[i].text) + 1) * sizeof(WCHAR), "%u: size %lu\n", i, size);
        ok_status(RtlUnicodeToMultiByteN(bytes, sizeof(bytes), &size, wide, (DWORD)(wcslen(wide) + 1) * sizeof(WCHAR)), STATUS_SUCCESS);
        ok(size == length && !memcmp(bytes, cases[i].bytes, length), "%u: %lu other bytes\n", i, size);
    }
    for (int n = 0; n < 20000; n++)
    {
        char bytes[40], back[128];
        WCHAR wide[40];
        DWORD size, length = n % 40;

        for (DWORD i = 0; i < length; i++)
        {
            static const BYTE leads[] = { 0xc3, 0xe2, 0xed, 0xf0, 0x80, 0xbf, 0xb2, 0x41 };

            seed = seed * 1103515245 + 12345;
            bytes[i] = seed >> 30 ? (char)leads[seed >> 16 & 7] : (char)(seed >> 16);
        }
        wrong += RtlMultiByteToUnicodeN(wide, sizeof(wide), &size, bytes, length) != STATUS_SUCCESS;
        wrong += RtlUnicodeToMultiByteN(back, sizeof(back), &size, wide, size) != STATUS_SUCCESS;
        wrong += size != length || memcmp(back, bytes, length);
    }
    ok(!wrong, "%u strings came back as others\n", wrong);
}

static void test_counted(void)
{
    UNICODE_STRING a, b, prefix;
    WCHAR buffer[16] = L"", longer[] = L"0123456789abcdef0123456789";
    ANSI_STRING narrow;
    ULONG hash, folded;

    RtlInitUnicodeString(&b, L"ABCdef");
    a = (UNICODE_STRING){ 0, sizeof(buffer), buffer };
    ok_status(RtlAppendUnicodeToString(&a, L"abc"), STATUS_SUCCESS);
    ok_status(RtlAppendUnicodeStringToString(&a, &b), STATUS_SUCCESS);
    ok(a.Length == 18 && !wcscmp(buffer, L"abcABCdef"), "got %s\n", wine_dbgstr_w(buffer));
    ok_status(RtlAppendUnicodeToString(&a, L"0123456"), STATUS_SUCCESS);
    ok(a.Length == 32, "length %u\n", a.Length);
    ok_status(RtlAppendUnicodeToString(&a, L"x"), STATUS_BUFFER_TOO_SMALL);
    ok(a.Length == 32, "length %u after a failure\n", a.Length);
    RtlInitUnicodeString(&b, longer);
    RtlCopyUnicodeString(&a, &b);
    ok(a.Length == 32 && !memcmp(buffer, longer, 32), "length %u\n", a.Length);

    RtlInitUnicodeString(&a, L"Stra\xdf" L"e");
    RtlInitUnicodeString(&b, L"sTRA\xdf" L"E and more");
    RtlInitUnicodeString(&prefix, L"stra\xdf");
    ok(RtlCompareUnicodeString(&a, &b, TRUE) < 0 && RtlCompareUnicodeString(&a, &b, FALSE) < 0, "order\n");
    ok(RtlCompareUnicodeString(&b, &a, FALSE) > 0, "order\n");
    ok(RtlPrefixUnicodeString(&prefix, &a, TRUE) && !RtlPrefixUnicodeString(&prefix, &a, FALSE), "prefix\n");
    ok(!RtlEqualUnicodeString(&a, &b, TRUE), "equal\n");
    b.Length = a.Length;
    ok(RtlEqualUnicodeString(&a, &b, TRUE) && !RtlEqualUnicodeString(&a, &b, FALSE), "not equal\n");
    ok_status(RtlHashUnicodeString(&a, TRUE, 0, &hash), STATUS_SUCCESS);
    ok_status(RtlHashUnicodeString(&b, TRUE, 0, &folded), STATUS_SUCCESS);
    ok(hash == folded, "%lx and %lx for equal strings\n", hash, folded);

    ok_status(RtlUnicodeStringToAnsiString(&narrow, &a, TRUE), STATUS_SUCCESS);
    ok(narrow.Length == 7 && !strcmp(narrow.Buffer, "Stra\xc3\x9f" "e"), "got %s\n", narrow.Buffer);
    ok_status(RtlAnsiStringToUnicodeString(&b, &narrow, TRUE), STATUS_SUCCESS);
    ok(RtlEqualUnicodeString(&a, &b, FALSE), "another string\n");
    RtlFreeUnicodeString(&b);
    RtlFreeAnsiString(&narrow);
    ok(!b.Buffer && !narrow.Buffer, "%p %p\n", b.Buffer, narrow.Buffer);
}

/* Case changes length nowhere, and settles. */
static void test_case(void)
{
    static const WCHAR pairs[][2] = { { 'a', 'A' }, { 0xe4, 0xc4 }, { 0x3c3, 0x3a3 }, { 0x436, 0x416 }, { 0xff, 0x178 },
                                      { 0x1e01, 0x1e00 }, { 0x2170, 0x2160 }, { 0xff41, 0xff21 }, { 0x561, 0x531 } };
    static const WCHAR alone[] = { 0xdf, 0x131, '1', 0x4e00, 0xd83d, 0xffff };
    unsigned int restless = 0;

    for (unsigned int i = 0; i < ARRAY_SIZE(pairs); i++)
    {
        ok(RtlUpcaseUnicodeChar(pairs[i][0]) == pairs[i][1], "%04x becomes %04x\n", pairs[i][0], RtlUpcaseUnicodeChar(pairs[i][0]));
        ok(RtlDowncaseUnicodeChar(pairs[i][1]) == pairs[i][0], "%04x becomes %04x\n", pairs[i][1], RtlDowncaseUnicodeChar(pairs[i][1]));
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(alone); i++)
        ok(RtlUpcaseUnicodeChar(alone[i]) == alone[i], "%04x becomes %04x\n", alone[i], RtlUpcaseUnicodeChar(alone[i]));
    for (unsigned int c = 0; c < 0x10000; c++)
    {
        WCHAR up = RtlUpcaseUnicodeChar((WCHAR)c), down = RtlDowncaseUnicodeChar((WCHAR)c);

        restless += RtlUpcaseUnicodeChar(up) != up || RtlDowncaseUnicodeChar(down) != down;
    }
    ok(!restless, "%u characters change twice\n", restless);
}

/* ---- C functions ---- */

static int __cdecl compare_ints(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void test_sort(void)
{
    int numbers[3000], key;
    unsigned int seed = 5, wrong = 0;

    for (int kind = 0; kind < 4; kind++)
    {
        for (int i = 0; i < (int)ARRAY_SIZE(numbers); i++)
        {
            seed = seed * 1103515245 + 12345;
            numbers[i] = kind == 0 ? (int)(seed >> 8) : kind == 1 ? i : kind == 2 ? -i : (int)(seed >> 30);
        }
        p_qsort(numbers, ARRAY_SIZE(numbers), sizeof(*numbers), compare_ints);
        for (unsigned int i = 1; i < ARRAY_SIZE(numbers); i++) wrong += numbers[i - 1] > numbers[i];
        for (unsigned int i = 0; i < ARRAY_SIZE(numbers); i += 100)
        {
            int *found = p_bsearch(&numbers[i], numbers, ARRAY_SIZE(numbers), sizeof(*numbers), compare_ints);

            wrong += !found || *found != numbers[i];
        }
    }
    key = 0x7fffffff;
    wrong += p_bsearch(&key, numbers, ARRAY_SIZE(numbers), sizeof(*numbers), compare_ints) != NULL;
    ok(!wrong, "%u times wrong\n", wrong);
}

/* Every length and alignment that the fast paths may treat otherwise. */
static void test_memory(void)
{
    static BYTE area[700], expected[700];
    unsigned int wrong = 0;

    for (size_t n = 0; n < 300; n += n < 80 ? 1 : 13)
        for (size_t from = 0; from < 20; from++)
            for (size_t to = 0; to < 20; to += 3)
            {
                for (size_t i = 0; i < sizeof(area); i++) area[i] = expected[i] = (BYTE)(i * 31);
                for (size_t i = 0; i < n; i++) expected[100 + to + i] = area[100 + from + i];
                wrong += p_memmove(area + 100 + to, area + 100 + from, n) != area + 100 + to;
                for (size_t i = 0; i < sizeof(area); i++) wrong += area[i] != expected[i];
                p_memset(area + to, 0x5a, n);
                for (size_t i = 0; i < n; i++) wrong += area[to + i] != 0x5a;
                wrong += area[to + n] == 0x5a && expected[to + n] != 0x5a;
                if (!n) continue;
                area[to + n - 1] = 0x5b;
                wrong += p_memcmp(area + to, area + to, n) != 0;
                p_memset(expected, 0x5a, n);
                wrong += p_memcmp(area + to, expected, n) <= 0 || p_memcmp(expected, area + to, n) >= 0;
            }
    ok(!wrong, "%u times wrong\n", wrong);
}

static void test_format(void)
{
    char text[64];
    WCHAR wide[64];
    int n, a, b;
    char word[16];

    n = p_snprintf(text, sizeof(text), "%d|%5u|%-5x|%05d|%+d|%#x|%s|%.2s|%c", -7, 42, 0xabc, -42, 5, 255, "text", "text", 'z');
    ok(!strcmp(text, "-7|   42|abc  |-0042|+5|0xff|text|te|z") && n == (int)strlen(text), "got %s\n", text);
    p_snprintf(text, sizeof(text), "%I64x|%lld|%Iu|%p|%ws|%S", 0x123456789abcdefull, -1ll, (SIZE_T)77, (void *)0x1f, L"wide", L"too");
    ok(!strcmp(text, "123456789abcdef|-1|77|000000000000001F|wide|too"), "got %s\n", text);
    n = p_snprintf(text, 5, "%s", "123456");
    ok(n == -1 && !memcmp(text, "12345", 5), "%d, %.5s\n", n, text);
    n = p_snwprintf(wide, ARRAY_SIZE(wide), L"%s|%S|%hs|%08lX|%*d", L"wide", "narrow", "n", 0xbeef, 4, 3);
    ok(!wcscmp(wide, L"wide|narrow|n|0000BEEF|   3") && n == (int)wcslen(wide), "got %s\n", wine_dbgstr_w(wide));

    n = p_sscanf("12 0x1f  word]", "%d %x %15[a-z]", &a, &b, word);
    ok(n == 3 && a == 12 && b == 0x1f && !strcmp(word, "word"), "%d: %d %d %s\n", n, a, b, word);
    n = p_sscanf("x", "%d", &a);
    ok(n == 0, "%d\n", n);
}

static void test_numbers(void)
{
    static const struct { const char *text; int base; ULONG value; int used; } cases[] =
    {
        { "0", 0, 0, 1 }, { "  42x", 10, 42, 4 }, { "0x1F", 0, 31, 4 }, { "077", 0, 63, 3 }, { "-1", 10, 0xffffffff, 2 },
        { "4294967295", 10, 0xffffffff, 10 }, { "4294967296", 10, 0xffffffff, 10 }, { "zz", 36, 1295, 2 }, { "x", 10, 0, 0 },
        { "0xg", 16, 0, 1 },
    };
    char *end;
    WCHAR *wide_end;

    for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++)
    {
        ULONG value = p_strtoul(cases[i].text, &end, cases[i].base);

        ok(value == cases[i].value, "%s: %lx\n", cases[i].text, value);
        ok(end - cases[i].text == cases[i].used, "%s: %d used\n", cases[i].text, (int)(end - cases[i].text));
    }
    ok(p_wcstol(L" -2147483649", &wide_end, 10) == (LONG)0x80000000, "no lowest value\n");
    ok(!*wide_end, "left: %s\n", wine_dbgstr_w(wide_end));
    ok(!p_wcsicmp(L"AbC", L"aBc") && p_wcsicmp(L"abc", L"abd") < 0 && p_wcsicmp(L"B", L"a") > 0, "_wcsicmp\n");
}

START_TEST(text)
{
    p_snprintf = function("_snprintf");
    p_snwprintf = function("_snwprintf");
    p_sscanf = function("sscanf");
    p_strtoul = function("strtoul");
    p_wcstol = function("wcstol");
    p_wcsicmp = function("_wcsicmp");
    p_qsort = function("qsort");
    p_bsearch = function("bsearch");
    p_memmove = function("memmove");
    p_memset = function("memset");
    p_memcmp = function("memcmp");
    test_bytes();
    test_counted();
    test_case();
    test_sort();
    test_memory();
    test_format();
    test_numbers();
}
