/* printf's texts as msvcrt.dll has them: three exponent digits, 17 digits of a number, halves up, 1.#INF, I64 and w. */
#include "msvcrt.h"

CRT(int, sprintf, (char *, const char *, ...));
CRT(int, swprintf, (wchar_t *, const wchar_t *, ...));
CRT(int, _snprintf, (char *, size_t, const char *, ...));
CRT(int, _snwprintf, (wchar_t *, size_t, const wchar_t *, ...));
CRT(int, _snprintf_s, (char *, size_t, size_t, const char *, ...));
CRT(int, sprintf_s, (char *, size_t, const char *, ...));
CRT(int, _scprintf, (const char *, ...));

#define IS(expected, ...) do { char out_[512]; int n_ = p_sprintf(out_, __VA_ARGS__); \
    ok(!strcmp(out_, expected), "got '%s', expected '%s'\n", out_, expected); \
    ok(n_ == (int)strlen(expected), "returned %d for '%s'\n", n_, expected); } while (0)

static void test_integers(void)
{
    IS("42", "%d", 42);
    IS("  +7", "%+4d", 7);
    IS("7   |", "%-4d|", 7);
    IS("-0007", "%05d", -7);
    IS("  007", "%5.3d", 7);
    IS("", "%.0d", 0);
    IS("0x1f", "%#x", 31);
    IS("0X1F", "%#X", 31);
    IS("037", "%#o", 31);
    IS("4294967295", "%u", -1);
    IS("-8589934591", "%I64d", -8589934591ll);
    IS("18446744073709551615", "%I64u", ~0ull);
    IS("18446744073709551615", "%llu", ~0ull);
    IS("18446744073709551615", "%Iu", ~(size_t)0);
    IS("1", "%I32d", 1);
    IS("2345", "%hx", 0x12345);
    IS("2345", "%hhx", 0x12345);                /* hh is h */
    IS("0000000000000039", "%p", (void *)57);
    IS("5 ab", "%*d%3s", 1, 5, "ab");
    IS("2   ", "%*d", -4, 2);
}
static void test_odd_formats(void)
{
    IS("I", "%I", 1);
    IS("Iq", "%Iq", 1);
    IS("b", "%b", 1);
    IS("z", "%z", 1);
    IS("", "%h", 1);
    IS("100%", "%d%%", 100);
    IS("_1d", "%_1d", 1);
}
static void test_text(void)
{
    IS("(null)", "%s", NULL);
    IS("f", "%.1s", "foo");
    IS("  foo|foo  ", "%5s|%-5s", "foo", "foo");
    IS("0foo", "%04s", "foo");
    IS("wide", "%S", L"wide");
    IS("wide", "%ls", L"wide");
    IS("wide", "%ws", L"wide");
    IS("narrow", "%hs", "narrow");
    IS("narrow", "%hS", "narrow");
    IS("X", "%c", 0x100 + 'X');
    IS("\xc3\xa9", "%S", L"\xe9");               /* the ANSI code page is UTF-8 */
}
static void test_floats(void)
{
    double zero = 0, inf = 1 / zero, nan = inf * zero;

    IS("0.600000", "%f", 0.6);
    IS("8.6000e+000", "%.4e", 8.6);
    IS("1.000000e-005", "%e", 1e-5);
    IS("1.797693e+308", "%e", 1.7976931348623157e308);
    IS("1e+010", "%g", 1e10);
    IS("1E-010", "%G", 1e-10);
    IS("100000", "%g", 1e5);
    IS("1e+006", "%g", 1e6);
    IS("0.0001", "%g", 1e-4);
    IS("1e-005", "%g", 1e-5);
    IS("1.50000", "%#g", 1.5);
    IS("8.e+008", "%#1.1g", 789456123.0);
    IS("1", "%.0f", 0.5);                       /* halves go up */
    IS("2", "%.0f", 1.5);
    IS("3", "%.0f", 2.5);
    IS("-1", "%.0f", -0.5);
    IS("0", "%.0f", 0.4);
    IS("10", "%.0f", 9.5);
    IS("9.99", "%.2f", 9.99);
    IS("10.0", "%.1f", 9.99);
    IS("1.00e+001", "%.2e", 9.999);
    IS("0.33333333333333331000", "%.20f", 1.0 / 3);     /* 17 digits are known */
    IS("100000000000000000000", "%.0f", 1e20);
    IS("0.000000", "%f", 1e-10);
    IS("0.000001", "%f", 6e-7);
    IS("-0.000000", "%f", -zero);
    IS("4.940656e-324", "%e", 4.9406564584124654e-324);
    IS(" 008.6000e+000", "% 014.4e", 8.6);
    IS("3.", "%#.0f", 3.0);
    IS("1.#INF00", "%f", inf);
    IS("-1.#INF00", "%f", -inf);
    IS("1.#INF00e+000", "%e", inf);
    IS("1.#INF", "%g", inf);
    IS("1.#J", "%.2f", inf);
    IS("0000001.#J", "%010.2f", inf);
    nan = -nan < 0 ? nan : nan;
    {
        char out[64];
        p_sprintf(out, "%f", nan);
        ok(!strcmp(out, "-1.#IND00") || !strcmp(out, "1.#QNAN0"), "got '%s'\n", out);
    }
    IS("0x1.8000000000000p+0", "%a", 1.5);
    IS("0x1.8p+0", "%.1a", 1.5);
}
static void test_buffers(void)
{
    wchar_t wide[8];
    char out[8];
    int n;

    memset(out, 'x', sizeof(out));
    n = p__snprintf(out, 4, "%s", "abc");
    ok(n == 3 && !memcmp(out, "abc", 4), "%d\n", n);
    memset(out, 'x', sizeof(out));
    n = p__snprintf(out, 3, "%s", "abc");
    ok(n == 3 && !memcmp(out, "abcx", 4), "no terminator where it just fits: %d '%.4s'\n", n, out);
    n = p__snprintf(out, 2, "%s", "abc");
    ok(n == -1 && !memcmp(out, "ab", 2), "%d\n", n);
    n = p__snprintf(NULL, 0, "%d", 1234);
    ok(n == 4, "%d\n", n);
    n = p__scprintf("%d %s", 12, "abc");
    ok(n == 6, "%d\n", n);
    n = p__snprintf_s(out, 4, (size_t)-1, "%s", "abcdef");
    ok(n == -1 && !strcmp(out, "abc"), "_TRUNCATE: %d '%s'\n", n, out);
    n = p__snprintf_s(out, 8, 2, "%s", "abcdef");
    ok(n == -1 && !strcmp(out, "ab"), "%d '%s'\n", n, out);
    n = p_sprintf_s(out, sizeof(out), "%s", "1234567");
    ok(n == 7 && !strcmp(out, "1234567"), "%d\n", n);
    memset(wide, 0xff, sizeof(wide));
    n = p__snwprintf(wide, 8, L"%s-%S", L"ab", "cd");
    ok(n == 5 && !wcscmp(wide, L"ab-cd"), "%d\n", n);
    n = p_swprintf(wide, L"%hs%ls", "a", L"b");
    ok(n == 2 && !wcscmp(wide, L"ab"), "%d\n", n);
    n = 0;
    p_sprintf(out, "abc%n", &n);
    ok(n == 3, "%d\n", n);
}

START_TEST(printf)
{
    GET(sprintf); GET(swprintf); GET(_snprintf); GET(_snwprintf); GET(_snprintf_s); GET(sprintf_s); GET(_scprintf);
    test_integers();
    test_odd_formats();
    test_text();
    test_floats();
    test_buffers();
}
