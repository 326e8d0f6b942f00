/* user32's text functions: case and kinds of characters, OEM conversions, string resources (resource.c), wsprintf. */
#include "libraries.h"

static void test_char(void)
{
    WCHAR wide[] = L"aB\x00e9\x03b1";
    char ansi[] = "aB1", utf8[] = "a\xc3\xa9z";

    CharUpperW(wide);
    ok(!wcscmp(wide, L"AB\x00c9\x0391"), "%s\n", wine_dbgstr_w(wide));
    CharLowerW(wide);
    ok(!wcscmp(wide, L"ab\x00e9\x03b1"), "%s\n", wine_dbgstr_w(wide));
    returns(LOWORD(CharUpperW((WCHAR *)0xe9)), 0xc9);               /* a character instead of a pointer */
    returns(LOWORD(CharLowerW((WCHAR *)'Q')), 'q');
    returns(CharUpperBuffW(wide, 1), 1);
    ok(!wcscmp(wide, L"Ab\x00e9\x03b1"), "%s\n", wine_dbgstr_w(wide));
    returns(CharLowerBuffW(wide, 4), 4);
    returns(CharUpperBuffW(NULL, 4), 0);
    CharUpperA(ansi);
    ok(!strcmp(ansi, "AB1"), "%s\n", ansi);
    CharLowerA(ansi);
    ok(!strcmp(ansi, "ab1"), "%s\n", ansi);
    returns((ULONG_PTR)CharUpperA((char *)'q'), 'Q');
    returns(CharUpperBuffA(ansi, 2), 2);
    ok(!strcmp(ansi, "AB1"), "%s\n", ansi);
    returns(CharLowerBuffA(ansi, 3), 3);

    ok(CharNextW(wide) == wide + 1 && CharNextW(wide + 4) == wide + 4, "next\n");
    ok(CharPrevW(wide, wide + 2) == wide + 1 && CharPrevW(wide, wide) == wide, "previous\n");
    ok(CharNextA(ansi) == ansi + 1 && CharNextA(ansi + 3) == ansi + 3, "next\n");
    ok(CharPrevA(ansi, ansi + 2) == ansi + 1 && CharPrevA(ansi, ansi) == ansi, "previous\n");
    ok(CharNextExA(1252, ansi, 0) == ansi + 1 && CharPrevExA(1252, ansi, ansi + 1, 0) == ansi, "with a code page\n");
    ok(CharNextA(utf8 + 3) == utf8 + 4, "next\n");

    ok(IsCharAlphaW(0xe9) && IsCharAlphaW('a') && !IsCharAlphaW('1') && !IsCharAlphaW(' '), "letters\n");
    ok(IsCharAlphaNumericW('1') && IsCharAlphaNumericW('a') && !IsCharAlphaNumericW('-'), "letters and digits\n");
    ok(IsCharUpperW(0xc9) && !IsCharUpperW(0xe9) && IsCharLowerW(0xe9) && !IsCharLowerW('1'), "case\n");
    ok(IsCharAlphaA('a') && !IsCharAlphaA('1') && IsCharAlphaNumericA('1') && !IsCharAlphaNumericA('-'), "letters\n");
    ok(IsCharUpperA('A') && !IsCharUpperA('a') && IsCharLowerA('a') && !IsCharLowerA('A'), "case\n");
}

static void test_oem(void)
{
    char bytes[16];
    WCHAR wide[16];

    ok(CharToOemW(L"ab", bytes) && !strcmp(bytes, "ab"), "%s\n", bytes);
    ok(CharToOemA("ab", bytes) && !strcmp(bytes, "ab"), "%s\n", bytes);
    ok(OemToCharW("ab", wide) && !wcscmp(wide, L"ab"), "%s\n", wine_dbgstr_w(wide));
    ok(OemToCharA("ab", bytes) && !strcmp(bytes, "ab"), "%s\n", bytes);
    memset(bytes, 'x', sizeof(bytes));
    ok(CharToOemBuffW(L"abc", bytes, 2) && !memcmp(bytes, "abx", 3), "%.3s\n", bytes);
    ok(CharToOemBuffA("ABC", bytes, 2) && !memcmp(bytes, "ABx", 3), "%.3s\n", bytes);
    ok(OemToCharBuffA("cd", bytes, 2) && !memcmp(bytes, "cdx", 3), "%.3s\n", bytes);
    wide[2] = 'x';
    ok(OemToCharBuffW("ab", wide, 2) && !memcmp(wide, L"abx", 6), "%s\n", wine_dbgstr_wn(wide, 3));
    ok(!CharToOemW(NULL, bytes) && !CharToOemW(L"a", NULL) && !CharToOemA(NULL, bytes) && !CharToOemA("a", NULL), "without a buffer\n");
    ok(!OemToCharW(NULL, wide) && !OemToCharW("a", NULL) && !OemToCharA(NULL, bytes) && !OemToCharA("a", NULL), "without a buffer\n");
    ok(!CharToOemBuffW(NULL, bytes, 1) && !CharToOemBuffA("a", NULL, 1) && !OemToCharBuffW(NULL, wide, 1) && !OemToCharBuffA("a", NULL, 1),
       "without a buffer\n");
}

static void test_resource(void)
{
    WCHAR wide[16], *pointer = NULL;
    char ansi[16];

    returns(LoadStringW(NULL, 16, wide, 16), 7);
    ok(!wcscmp(wide, L"sixteen"), "%s\n", wine_dbgstr_w(wide));
    returns(LoadStringW(NULL, 18, wide, 16), 2);
    ok(!wcscmp(wide, L"\x00e9\x2603"), "%s\n", wine_dbgstr_w(wide));
    returns(LoadStringW(NULL, 19, wide, 5), 4);                     /* cut */
    ok(!wcscmp(wide, L"nine"), "%s\n", wine_dbgstr_w(wide));
    returns(LoadStringW(NULL, 19, (WCHAR *)&pointer, 0), 8);        /* a pointer to the resource */
    ok(pointer && !memcmp(pointer, L"nineteen", 16), "%s\n", wine_dbgstr_wn(pointer, 8));
    returns(LoadStringW(NULL, 17, wide, 16), 0);
    returns(LoadStringW(NULL, 16, NULL, 16), 0);
    returns(LoadStringW(NULL, 4711, wide, 16), 0);
    returns(LoadStringW(GetModuleHandleW(L"kernel32.dll"), 16, wide, 16), 0);

    returns(LoadStringA(NULL, 16, ansi, 16), 7);
    ok(!strcmp(ansi, "sixteen"), "%s\n", ansi);
    returns(LoadStringA(NULL, 18, ansi, 16), 5);
    ok(!strcmp(ansi, "\xc3\xa9\xe2\x98\x83"), "%s\n", ansi);
    returns(LoadStringA(NULL, 18, ansi, 5), 2);                     /* no half character */
    ok(!strcmp(ansi, "\xc3\xa9"), "%s\n", ansi);
    returns(LoadStringA(NULL, 16, ansi, 0), -1);
    returns(LoadStringA(NULL, 4711, ansi, 16), 0);
    ok(!ansi[0], "%s\n", ansi);
}

static void test_print(void)
{
    static const struct { const char *format; ULONG_PTR argument; const char *text; } tests[] =
    {
        { "%d|", (ULONG_PTR)-5, "-5|" }, { "%5d|", 42, "   42|" }, { "%-5d|", 42, "42   |" }, { "%05d|", (ULONG_PTR)-42, "-0042|" },
        { "%.4d|", 42, "0042|" }, { "%u|", 0xffffffff, "4294967295|" }, { "%x|", 0xbeef, "beef|" }, { "%#X|", 0xbeef, "0XBEEF|" },
        { "%08lx|", 0xbeef, "0000beef|" }, { "%c|", 'q', "q|" }, { "%s|", (ULONG_PTR)"text", "text|" }, { "%.2s|", (ULONG_PTR)"text", "te|" },
        { "%6s|", (ULONG_PTR)"text", "  text|" }, { "%-6s|", (ULONG_PTR)"text", "text  |" }, { "%S|", (ULONG_PTR)L"wide", "wide|" },
        { "%ls|", (ULONG_PTR)L"wide", "wide|" }, { "%hs|", (ULONG_PTR)"narrow", "narrow|" }, { "%p|", 0xbeef, "000000000000BEEF|" },
        { "%I64d|", (ULONG_PTR)-123456789012345ll, "-123456789012345|" }, { "%I64x|", 0x123456789abcull, "123456789abc|" },
        { "%Ix|", 0x123456789abcull, "123456789abc|" }, { "%hd|", 0x1ffff, "-1|" }, { "%s|", 0, "(null)|" }, { "100%%|", 0, "100%|" },
        { "%f|", 1, "f|" },                                 /* no conversion: its letter is text */
    };
    char ansi[1200];
    WCHAR wide[1200], format[64];
    int length;

    for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
    {
        winetest_push_context("%s", tests[i].format);
        length = wsprintfA(ansi, tests[i].format, tests[i].argument);
        ok(length == (int)strlen(tests[i].text) && !strcmp(ansi, tests[i].text), "%d: %s\n", length, ansi);
        MultiByteToWideChar(CP_ACP, 0, tests[i].format, -1, format, ARRAY_SIZE(format));
        if (!strcmp(tests[i].format, "%S|")) wcscpy(format, L"%s|");    /* the other width, there */
        if (!strstr(tests[i].format, "s|") || tests[i].format[1] == 'l' || tests[i].format[1] == 'h')
        {
            length = wsprintfW(wide, format, tests[i].argument);
            WideCharToMultiByte(CP_ACP, 0, wide, -1, ansi, sizeof(ansi), NULL, NULL);
            ok(length == (int)strlen(tests[i].text) && !strcmp(ansi, tests[i].text), "wide: %d: %s\n", length, ansi);
        }
        winetest_pop_context();
    }
    returns(wsprintfW(wide, L"%s %d", L"x", 7), 3);
    ok(!wcscmp(wide, L"x 7"), "%s\n", wine_dbgstr_w(wide));
    returns(wsprintfA(ansi, "%1100d", 1), 1023);                        /* the longest */
    ok(strlen(ansi) == 1023, "%Iu characters\n", strlen(ansi));
}

static int print_list_a(char *buffer, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = wvsprintfA(buffer, format, arguments);
    va_end(arguments);
    return length;
}

static int print_list_w(WCHAR *buffer, const WCHAR *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = wvsprintfW(buffer, format, arguments);
    va_end(arguments);
    return length;
}

static void test_print_list(void)
{
    WCHAR wide[64];
    char ansi[64];

    returns(print_list_a(ansi, "%d %s %x", 1, "two", 3), 7);
    ok(!strcmp(ansi, "1 two 3"), "%s\n", ansi);
    returns(print_list_w(wide, L"%d %s %x", 1, L"two", 3), 7);
    ok(!wcscmp(wide, L"1 two 3"), "%s\n", wine_dbgstr_w(wide));
}

START_TEST(text)
{
    test_char();
    test_oem();
    test_resource();
    test_print();
    test_print_list();
}
