/* Code pages, kinds and order of characters, case, lstr functions. */
#include "win32.h"

static void test_utf8(void)
{
    static const struct { const char *bytes; const WCHAR *wide; } tests[] =
    {
        { "abc", L"abc" }, { "\xc3\xa4", L"\x00e4" }, { "\xe2\x82\xac", L"\x20ac" }, { "\xf0\x9f\x98\x80", L"\xd83d\xde00" },
        /* what is ill-formed is U+FFFD, one for each maximal subpart */
        { "\xff", L"\xfffd" }, { "\xc0\x80", L"\xfffd\xfffd" }, { "\xe2\x82", L"\xfffd" }, { "\xe2\x82z", L"\xfffdz" }, { "\xed\xa0\x80", L"\xfffd\xfffd" },
        { "\xf4\x90\x80\x80", L"\xfffd\xfffd\xfffd" }, { "\xf0\x9f\x98", L"\xfffd" }, { "a\x80z", L"a\xfffdz" },
    };
    WCHAR wide[16];
    char bytes[16];
    int length;

    for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
    {
        length = MultiByteToWideChar(CP_UTF8, 0, tests[i].bytes, -1, wide, 16);
        ok(length == (int)wcslen(tests[i].wide) + 1 && !wcscmp(wide, tests[i].wide), "%s: %s\n", wine_dbgstr_a(tests[i].bytes), wine_dbgstr_w(wide));
        ok(MultiByteToWideChar(CP_UTF8, 0, tests[i].bytes, -1, NULL, 0) == length, "%s: another length\n", wine_dbgstr_a(tests[i].bytes));
        if (i < 4)
        {
            length = WideCharToMultiByte(CP_UTF8, 0, tests[i].wide, -1, bytes, 16, NULL, NULL);
            ok(length == (int)strlen(tests[i].bytes) + 1 && !strcmp(bytes, tests[i].bytes), "%s\n", wine_dbgstr_a(bytes));
        }
        else fails(MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, tests[i].bytes, -1, wide, 16), ERROR_NO_UNICODE_TRANSLATION);
    }
    length = WideCharToMultiByte(CP_UTF8, 0, L"\xd800z", -1, bytes, 16, NULL, NULL);
    ok(length == 5 && !strcmp(bytes, "\xef\xbf\xbdz"), "%d\n", length);
    fails(WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, L"\xdc00", -1, bytes, 16, NULL, NULL), ERROR_NO_UNICODE_TRANSLATION);
    fails(MultiByteToWideChar(CP_UTF8, 0, "abc", -1, wide, 3), ERROR_INSUFFICIENT_BUFFER);
    fails(WideCharToMultiByte(CP_UTF8, 0, L"\x20ac", 1, bytes, 2, NULL, NULL), ERROR_INSUFFICIENT_BUFFER);
    fails(MultiByteToWideChar(CP_UTF8, MB_PRECOMPOSED, "a", -1, wide, 16), ERROR_INVALID_FLAGS);
    fails(MultiByteToWideChar(CP_UTF8, 0, "a", 0, wide, 16), ERROR_INVALID_PARAMETER);
    fails(MultiByteToWideChar(CP_UTF8, 0, NULL, 1, wide, 16), ERROR_INVALID_PARAMETER);
    fails(MultiByteToWideChar(12345, 0, "a", -1, wide, 16), ERROR_INVALID_PARAMETER);
    fails(WideCharToMultiByte(CP_UTF8, 0, L"a", -1, bytes, 16, "?", NULL), ERROR_INVALID_PARAMETER);
}

static void test_single(void)
{
    WCHAR wide[256];
    char bytes[256], all[256];
    CPINFO info;
    BOOL used;
    int length;

    for (int i = 0; i < 256; i++) all[i] = (char)i;
    length = MultiByteToWideChar(1252, 0, all, 256, wide, 256);
    ok(length == 256 && wide[0x80] == 0x20ac && wide[0x9f] == 0x178 && wide[0x81] == 0x81 && wide[0xe4] == 0xe4, "%d\n", length);
    length = WideCharToMultiByte(1252, 0, wide, 256, bytes, 256, NULL, &used);
    ok(length == 256 && !memcmp(all, bytes, 256) && !used, "%d %d\n", length, used);
    length = MultiByteToWideChar(437, 0, "\x84\xe1\xb3", 3, wide, 256);
    ok(length == 3 && wide[0] == 0xe4 && wide[1] == 0xdf && wide[2] == 0x2502, "%d\n", length);
    length = WideCharToMultiByte(1252, WC_NO_BEST_FIT_CHARS, L"a\x4e00z", 3, bytes, 256, NULL, &used);
    ok(length == 3 && !memcmp(bytes, "a?z", 3) && used, "%d\n", length);
    length = WideCharToMultiByte(1252, WC_NO_BEST_FIT_CHARS, L"\x4e00", 1, bytes, 256, "!", &used);
    ok(length == 1 && bytes[0] == '!' && used, "%d\n", length);
    works(GetCPInfo(1252, &info));
    ok(info.MaxCharSize == 1, "size %u\n", info.MaxCharSize);
    works(GetCPInfo(CP_UTF8, &info));
    ok(info.MaxCharSize == 4 && !info.LeadByte[0], "size %u\n", info.MaxCharSize);
    fails(GetCPInfo(12345, &info), ERROR_INVALID_PARAMETER);
    ok(IsValidCodePage(1252) && IsValidCodePage(CP_UTF8) && !IsValidCodePage(CP_ACP) && !IsValidCodePage(12345), "valid code pages\n");
}

static void test_compare(void)
{
    /* in order */
    static const WCHAR *const words[] = { L"", L" a", L"_a", L"$", L"1", L"a", L"A", L"\x00e4", L"ab", L"co-op", L"coop", L"cop", L"Zebra", L"\x03b1" };

    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        for (size_t j = 0; j < ARRAY_SIZE(words); j++)
        {
            int result = CompareStringW(LOCALE_INVARIANT, 0, words[i], -1, words[j], -1);
            BOOL hyphen = (i == 9 && j == 10) || (i == 10 && j == 9);

            if (hyphen) ok(result != CSTR_EQUAL, "a hyphen does not count\n");
            else ok(result == (i < j ? CSTR_LESS_THAN : i > j ? CSTR_GREATER_THAN : CSTR_EQUAL), "%s, %s: %d\n", wine_dbgstr_w(words[i]), wine_dbgstr_w(words[j]), result);
        }
    ok(CompareStringW(LOCALE_INVARIANT, NORM_IGNORECASE, L"ABC", -1, L"abc", -1) == CSTR_EQUAL, "case counts\n");
    ok(CompareStringW(LOCALE_INVARIANT, NORM_IGNORENONSPACE, L"a\x0308", -1, L"a", -1) == CSTR_EQUAL, "accents count\n");
    ok(CompareStringW(LOCALE_INVARIANT, 0, L"a\x0308", -1, L"\x00e4", -1) == CSTR_EQUAL, "composition counts\n");
    ok(CompareStringOrdinal(L"a", -1, L"B", -1, FALSE) == CSTR_GREATER_THAN, "ordinal\n");
    ok(CompareStringOrdinal(L"a", -1, L"B", -1, TRUE) == CSTR_LESS_THAN, "ordinal, ignoring case\n");
    ok(CompareStringOrdinal(L"\x00e4", -1, L"\x00c4", -1, TRUE) == CSTR_EQUAL, "ordinal, ignoring case\n");
    fails(CompareStringW(LOCALE_INVARIANT, 0, NULL, -1, L"a", -1), ERROR_INVALID_PARAMETER);
    ok(lstrcmpiA("Hello", "hELLO") == 0 && lstrcmpA("a", "b") < 0 && lstrcmpW(NULL, L"") < 0 && lstrcmpW(NULL, NULL) == 0, "lstrcmp\n");
}

static void test_kinds(void)
{
    WORD types[4];
    WCHAR text[8];
    char keys[2][64];
    int length;

    works(GetStringTypeW(CT_CTYPE1, L"aZ5 ", 4, types));
    ok(types[0] == (C1_DEFINED | C1_ALPHA | C1_LOWER | C1_XDIGIT), "a: %#x\n", types[0]);
    ok(types[1] == (C1_DEFINED | C1_ALPHA | C1_UPPER), "Z: %#x\n", types[1]);
    ok(types[2] == (C1_DEFINED | C1_DIGIT | C1_XDIGIT), "5: %#x\n", types[2]);
    ok(types[3] == (C1_DEFINED | C1_SPACE | C1_BLANK), "space: %#x\n", types[3]);
    works(GetStringTypeW(CT_CTYPE2, L"a\x05d0", 2, types));
    ok(types[0] == C2_LEFTTORIGHT && types[1] == C2_RIGHTTOLEFT, "%u %u\n", types[0], types[1]);
    fails(GetStringTypeW(8, L"a", 1, types), ERROR_INVALID_PARAMETER);

    length = LCMapStringW(LOCALE_INVARIANT, LCMAP_UPPERCASE, L"stra\x00df" L"e\x00e4", -1, text, 8);
    ok(length == 8 && !wcscmp(text, L"STRA\x00df" L"E\x00c4"), "%s\n", wine_dbgstr_w(text));
    ok(LCMapStringW(LOCALE_INVARIANT, LCMAP_LOWERCASE, L"ABC", 3, NULL, 0) == 3, "a length\n");
    fails(LCMapStringW(LOCALE_INVARIANT, LCMAP_LOWERCASE, L"ABC", 3, text, 2), ERROR_INSUFFICIENT_BUFFER);
    fails(LCMapStringW(LOCALE_INVARIANT, 0, L"ABC", 3, text, 8), ERROR_INVALID_FLAGS);
    length = LCMapStringW(LOCALE_INVARIANT, LCMAP_SORTKEY, L"abc", -1, (WCHAR *)keys[0], 64);
    ok(length > 0 && length == LCMapStringW(LOCALE_INVARIANT, LCMAP_SORTKEY, L"abc", -1, NULL, 0), "length %d\n", length);
    LCMapStringW(LOCALE_INVARIANT, LCMAP_SORTKEY, L"abd", -1, (WCHAR *)keys[1], 64);
    ok(strcmp(keys[0], keys[1]) < 0, "sort keys are out of order\n");
    LCMapStringW(LOCALE_INVARIANT, LCMAP_SORTKEY | NORM_IGNORECASE, L"ABC", -1, (WCHAR *)keys[1], 64);
    LCMapStringW(LOCALE_INVARIANT, LCMAP_SORTKEY | NORM_IGNORECASE, L"abc", -1, (WCHAR *)keys[0], 64);
    ok(!strcmp(keys[0], keys[1]), "sort keys count case\n");

    length = FoldStringW(MAP_COMPOSITE, L"\x00e4", -1, text, 8);
    ok(length == 3 && !wcscmp(text, L"a\x0308"), "%s\n", wine_dbgstr_w(text));
    length = FoldStringW(MAP_PRECOMPOSED, L"a\x0308", -1, text, 8);
    ok(length == 2 && !wcscmp(text, L"\x00e4"), "%s\n", wine_dbgstr_w(text));
    length = FoldStringW(MAP_FOLDDIGITS, L"\x0663", -1, text, 8);
    ok(length == 2 && text[0] == '3', "%s\n", wine_dbgstr_w(text));
}

static void test_lstr(void)
{
    char buffer[8];
    char *page = VirtualAlloc(NULL, 0x2000, MEM_RESERVE, PAGE_NOACCESS);

    VirtualAlloc(page, 0x1000, MEM_COMMIT, PAGE_READWRITE);
    memset(page, 'x', 0x1000);
    ok(lstrlenA(page) == 0, "an endless string has a length\n");
    ok(lstrlenA(NULL) == 0 && lstrlenW(NULL) == 0 && lstrlenA("abc") == 3, "lengths\n");
    ok(lstrcpynA(buffer, "abcdefgh", 4) == buffer && !strcmp(buffer, "abc"), "%s\n", buffer);
    ok(!lstrcpyA(NULL, "a") && !lstrcpyA(buffer, NULL) && !lstrcpyA(buffer, page), "a bad pointer was taken\n");
    lstrcpyA(buffer, "ab");
    ok(lstrcatA(buffer, "cd") == buffer && !strcmp(buffer, "abcd"), "%s\n", buffer);
    VirtualFree(page, 0, MEM_RELEASE);
    ok(MulDiv(7, 3, 2) == 11 && MulDiv(-7, 3, 2) == -11 && MulDiv(1, 1, 0) == -1 && MulDiv(0x7fffffff, 2, 1) == -1, "MulDiv\n");
}

static void test_nation(void)
{
    GEOID id = GetUserGeoID(GEOCLASS_NATION);
    WCHAR text[32] = L"";
    char ansi[32] = "";

    ok(GetGeoInfoW(id, GEO_ISO2, NULL, 0, 0) == 3, "error %lu\n", GetLastError());
    ok(GetGeoInfoW(id, GEO_ISO2, text, ARRAY_SIZE(text), 0) == 3 && !wcscmp(text, L"US"), "%s\n", wine_dbgstr_w(text));
    ok(GetGeoInfoA(id, GEO_ISO3, ansi, sizeof(ansi), 0) == 4 && !strcmp(ansi, "USA"), "%s\n", ansi);
    fails(GetGeoInfoW(id, GEO_ISO3, text, 3, 0), ERROR_INSUFFICIENT_BUFFER);
    ok(!wcsncmp(text, L"USA", 3), "%s\n", wine_dbgstr_wn(text, 3));
    fails(GetGeoInfoW(id, 0xffff, text, ARRAY_SIZE(text), 0), ERROR_INVALID_FLAGS);
    fails(GetGeoInfoW(-1, GEO_ISO2, text, ARRAY_SIZE(text), 0), ERROR_INVALID_PARAMETER);
}

START_TEST(string)
{
    test_nation();
    test_utf8();
    test_single();
    test_compare();
    test_kinds();
    test_lstr();
}
