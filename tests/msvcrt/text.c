/* Strings, numbers as text, locales, paths, times. */
#include "msvcrt.h"

CRT(char *, setlocale, (int, const char *));
CRT(size_t, mbstowcs, (wchar_t *, const char *, size_t));
CRT(size_t, wcstombs, (char *, const wchar_t *, size_t));
CRT(int, mbtowc, (wchar_t *, const char *, size_t));
CRT(size_t, mbrtowc, (wchar_t *, const char *, size_t, int *));
CRT(int, wcstombs_s, (size_t *, char *, size_t, const wchar_t *, size_t));
CRT(double, strtod, (const char *, char **));
CRT(long, strtol, (const char *, char **, int));
CRT(char *, _ecvt, (double, int, int *, int *));
CRT(char *, _fcvt, (double, int, int *, int *));
CRT(char *, _gcvt, (double, int, char *));
CRT(int, strcpy_s, (char *, size_t, const char *));
CRT(int, strncpy_s, (char *, size_t, const char *, size_t));
CRT(char *, strtok_s, (char *, const char *, char **));
CRT(void, _splitpath, (const char *, char *, char *, char *, char *));
CRT(int, _splitpath_s, (const char *, char *, size_t, char *, size_t, char *, size_t, char *, size_t));
CRT(void, _makepath, (char *, const char *, const char *, const char *, const char *));
CRT(unsigned char *, _mbsinc, (const unsigned char *));
CRT(size_t, _mbslen, (const unsigned char *));

static void test_locale(void)
{
    static const wchar_t wide[] = L"\xe9\x20ac\xd83d\xde00";
    static const char utf8[] = "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
    wchar_t w[16];
    char s[16], *name;
    size_t n;
    int state = 0;

    ok(!strcmp(p_setlocale(LC_ALL, NULL), "C"), "a program starts in C\n");
    ok(p_mbstowcs(w, "\xe9", 16) == 1 && w[0] == 0xe9, "where a byte is a character\n");
    GIVES(p_wcstombs(s, L"\x20ac", 16), -1);
    ok(!p_setlocale(LC_ALL, "Klingon_Kronos.1"), "a locale that is not there\n");
    if (GetACP() != CP_UTF8) { skip("the ANSI code page is %u\n", GetACP()); return; }
    name = p_setlocale(LC_ALL, "");
    ok(name && strstr(name, ".65001"), "%s\n", name);
    n = p_mbstowcs(w, utf8, 16);
    ok(n == 4 && !wcscmp(w, wide), "%Iu\n", n);
    n = p_wcstombs(s, wide, 16);
    ok(n == 9 && !strcmp(s, utf8), "%Iu\n", n);
    GIVES(p_mbtowc(w, utf8, 9), 2);
    GIVES(p_mbtowc(w, "\xff", 1), -1);
    GIVES(p_mbrtowc(w, "\xe2", 1, &state), (size_t)-2);
    GIVES(p_mbrtowc(w, "\x82\xac", 2, &state), 2);
    ok(w[0] == 0x20ac, "%x\n", w[0]);
    GIVES(p_wcstombs_s(&n, s, 4, wide, _TRUNCATE), STRUNCATE);
    ok(!strcmp(s, "\xc3\xa9"), "whole characters alone are cut: %s\n", s);
    name = _strdup(p_setlocale(LC_NUMERIC, "C") ? p_setlocale(LC_ALL, NULL) : "");
    ok(!strncmp(name, "LC_COLLATE=", 11), "%s\n", name);
    ok(p_setlocale(LC_ALL, "C") && p_setlocale(LC_ALL, name), "what setlocale gave it takes\n");
    free(name);
    p_setlocale(LC_ALL, "C");
    ok(p__mbslen((unsigned char *)utf8) == 9 && *p__mbsinc((unsigned char *)utf8) == 0xa9, "_mbs* count bytes\n");
}
static void test_numbers(void)
{
    int point, negative;
    char text[64], *end, *s;

    ok(p_strtod("1.5e3x", &end) == 1500 && *end == 'x', "%s\n", end);
    ok(p_strtod(" -.5", NULL) == -.5 && p_strtod("1e400", NULL) > 1e308, "strtod\n");
    ok(p_strtod("abc", &end) == 0 && *end == 'a', "nothing is taken\n");
    ok(p_strtol("0x1fz", &end, 0) == 31 && *end == 'z', "%s\n", end);
    errno = 0;
    ok(p_strtol("99999999999", NULL, 10) == LONG_MAX && *_errno() == ERANGE, "long has 32 bits\n");
    s = p__ecvt(-3.14159, 3, &point, &negative);
    ok(!strcmp(s, "314") && point == 1 && negative, "%s %d %d\n", s, point, negative);
    s = p__fcvt(99.99, 1, &point, &negative);
    ok(!strcmp(s, "1000") && point == 3, "%s %d\n", s, point);
    s = p__fcvt(0.0063, 2, &point, &negative);
    ok(!strcmp(s, "1") && point == -1, "%s %d\n", s, point);
    s = p__fcvt(0.0001, 1, &point, &negative);
    ok(!*s && point == -3, "%s %d\n", s, point);
    s = p__ecvt(0, 3, &point, &negative);
    ok(!strcmp(s, "000") && !point, "%s %d\n", s, point);
    ok(!strcmp(p__gcvt(1.5, 5, text), "1.5") && !strcmp(p__gcvt(3, 5, text), "3."), "%s\n", text);
}
static void test_strings(void)
{
    char text[8], list[] = "a,,b", *next;

    GIVES(p_strcpy_s(text, 4, "abcd"), ERANGE);
    ok(!text[0], "it is empty then\n");
    GIVES(p_strcpy_s(text, 4, "abc"), 0);
    GIVES(p_strncpy_s(text, 8, "abcdef", 3), 0);
    ok(!strcmp(text, "abc"), "%s\n", text);
    ok(!strcmp(p_strtok_s(list, ",", &next), "a") && !strcmp(p_strtok_s(NULL, ",", &next), "b") && !p_strtok_s(NULL, ",", &next), "strtok_s\n");
}
static void test_paths(void)
{
    char drive[3], dir[32], file[32], ext[8], path[MAX_PATH];

    p__splitpath("c:\\a\\b.c\\d.tar.gz", drive, dir, file, ext);
    ok(!strcmp(drive, "c:") && !strcmp(dir, "\\a\\b.c\\") && !strcmp(file, "d.tar") && !strcmp(ext, ".gz"), "%s %s %s %s\n", drive, dir, file, ext);
    GIVES(p__splitpath_s("c:\\long", drive, 3, dir, 32, file, 3, ext, 8), ERANGE);
    ok(!drive[0] && !dir[0] && !file[0], "all are empty then\n");
    p__makepath(path, "c", "x\\y", "n", "e");
    ok(!strcmp(path, "c:x\\y\\n.e"), "%s\n", path);
}

START_TEST(text)
{
    GET(setlocale); GET(mbstowcs); GET(wcstombs); GET(mbtowc); GET(mbrtowc); GET(wcstombs_s); GET(strtod); GET(strtol); GET(_ecvt); GET(_fcvt);
    GET(_gcvt); GET(strcpy_s); GET(strncpy_s); GET(strtok_s); GET(_splitpath); GET(_splitpath_s); GET(_makepath); GET(_mbsinc); GET(_mbslen);
    test_locale();
    test_numbers();
    test_strings();
    test_paths();
}
