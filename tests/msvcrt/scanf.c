/* The scanf family: Microsoft's modifiers, sets, the _s forms, and where a scan stops. */
#include "msvcrt.h"

CRT(int, sscanf, (const char *, const char *, ...));
CRT(int, swscanf, (const wchar_t *, const wchar_t *, ...));
CRT(int, sscanf_s, (const char *, const char *, ...));
CRT(int, _snscanf, (const char *, size_t, const char *, ...));

static void test_numbers(void)
{
    int a = 0, b = 0, n;
    long long big = 0;
    short s[2] = { 0, 77 };
    float f = 0;
    double d = 0;
    void *p;

    n = p_sscanf("12 -34", "%d%d", &a, &b);
    ok(n == 2 && a == 12 && b == -34, "%d: %d %d\n", n, a, b);
    n = p_sscanf("0x1f 017 9", "%i %i %i", &a, &b, &n);
    ok(a == 31 && b == 15 && n == 3, "%d %d %d\n", a, b, n);
    n = p_sscanf("ff", "%x", &a);
    ok(n == 1 && a == 255, "%d\n", a);
    n = p_sscanf("12345", "%2d%3d", &a, &b);
    ok(n == 2 && a == 12 && b == 345, "%d %d\n", a, b);
    n = p_sscanf("-9223372036854775807", "%I64d", &big);
    ok(n == 1 && big == -9223372036854775807ll, "%I64d\n", big);
    n = p_sscanf("-5", "%lld", &big);
    ok(n == 1 && big == -5, "%I64d\n", big);
    n = p_sscanf("7", "%hd", &s[0]);
    ok(n == 1 && s[0] == 7 && s[1] == 77, "%d %d\n", s[0], s[1]);
    n = p_sscanf("000000000046F170", "%p", &p);
    ok(n == 1 && p == (void *)0x46f170, "%p\n", p);
    n = p_sscanf("1.5 -2e3 .25x", "%f %lf %lf", &f, &d, &d);
    ok(n == 3 && f == 1.5f && d == .25, "%d %f %f\n", n, f, d);
    n = p_sscanf("3.", "%lf", &d);
    ok(n == 1 && d == 3, "%f\n", d);
    n = p_sscanf("", "%d", &a);
    ok(n == EOF, "%d\n", n);
    n = p_sscanf("   ", "%d", &a);
    ok(n == EOF, "%d\n", n);
    n = p_sscanf("x", "%d", &a);
    ok(n == 0, "%d\n", n);
    n = p_sscanf("1,2", "%*d,%d", &a);
    ok(n == 1 && a == 2, "%d\n", a);
    n = p_sscanf("12ab", "%d%n", &a, &b);
    ok(n == 1 && b == 2, "%d %d\n", n, b);
    n = p_sscanf("50%", "%d%%%n", &a, &b);
    ok(n == 1 && b == 3, "%d %d\n", n, b);
}
static void test_text(void)
{
    char a[32], b[32];
    wchar_t w[32];
    int n, x;

    n = p_sscanf("  hello world", "%s %s", a, b);
    ok(n == 2 && !strcmp(a, "hello") && !strcmp(b, "world"), "%d '%s' '%s'\n", n, a, b);
    memset(a, 0, sizeof(a));
    n = p_sscanf("ab c", "%3c", a);
    ok(n == 1 && !memcmp(a, "ab ", 3), "'%.3s'\n", a);
    n = p_sscanf("key=value;", "%[^=]=%[a-z]", a, b);
    ok(n == 2 && !strcmp(a, "key") && !strcmp(b, "value"), "'%s' '%s'\n", a, b);
    n = p_sscanf("-412x", "%[1-2-4]", a);
    ok(n == 1 && !strcmp(a, "-412"), "'%s'\n", a);
    n = p_sscanf("]x", "%[]x]", a);
    ok(n == 1 && !strcmp(a, "]x"), "'%s'\n", a);
    n = p_sscanf("w\xc3\xa9", "%S", w);
    ok(n == 1 && !wcscmp(w, L"w\xe9"), "%s\n", wine_dbgstr_w(w));
    n = p_swscanf(L"12 ab cd", L"%d %s %hs", &x, w, a);
    ok(n == 3 && x == 12 && !wcscmp(w, L"ab") && !strcmp(a, "cd"), "%d %s %s\n", n, wine_dbgstr_w(w), a);
    n = p_sscanf_s("abc def", "%s %s", a, 4u, b, 3u);
    ok(n == 1 && !strcmp(a, "abc") && !b[0], "no room for 'def': %d '%s' '%s'\n", n, a, b);
    n = p__snscanf("12345", 3, "%d", &x);
    ok(n == 1 && x == 123, "%d\n", x);
}
static void test_stream(void)
{
    FILE *(__cdecl *p_tmpfile)(void) = (void *)GetProcAddress(GetModuleHandleA("msvcrt.dll"), "tmpfile");
    int (__cdecl *p_fscanf)(FILE *, const char *, ...) = (void *)GetProcAddress(GetModuleHandleA("msvcrt.dll"), "fscanf");
    FILE *f = p_tmpfile();
    int a = 0, b = 0, n;
    char word[16] = "";

    ok(!!f, "tmpfile\n");
    if (!f) return;
    fputs("17 4\nword", f);
    rewind(f);
    n = p_fscanf(f, "%d%d", &a, &b);
    ok(n == 2 && a == 17 && b == 4, "%d %d %d\n", n, a, b);
    ok(fgetc(f) == '\n', "the character that ended the number is still there\n");
    n = p_fscanf(f, "%s", word);
    ok(n == 1 && !strcmp(word, "word"), "'%s'\n", word);
    n = p_fscanf(f, "%s", word);
    ok(n == EOF, "%d\n", n);
    fclose(f);
}

START_TEST(scanf)
{
    GET(sscanf); GET(swscanf); GET(sscanf_s); GET(_snscanf);
    test_numbers();
    test_text();
    test_stream();
}
