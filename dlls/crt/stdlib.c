/* Numbers and text, sorting, random numbers, and what else <stdlib.h> has. */
#include "crt.h"

double __mingw_strtod(const char *s, char **end);
double __mingw_wcstod(const crt_wchar *s, crt_wchar **end);
int isspace(int c), iswspace(crt_wchar c);

/* ---- text to number; one body for both kinds of character, and for every width ------------------------------- */
static unsigned long long parse(const void *text, void *end, int base, bool wide, bool is_signed, unsigned long long most)
{
#define AT(i) (wide ? ((const crt_wchar *)text)[i] : ((const unsigned char *)text)[i])
    unsigned long long value = 0, limit = most;
    size_t i = 0, digits;
    bool negative = false, overflow = false;

    if (base < 0 || base == 1 || base > 36) { errno = E_INVAL; base = 0; if (end) *(const void **)end = text; return 0; }
    while (wide ? iswspace(AT(i)) : isspace(AT(i))) i++;
    if (AT(i) == '-') { negative = true; i++; }
    else if (AT(i) == '+') i++;
    if ((base == 0 || base == 16) && AT(i) == '0' && (AT(i + 1) | 32) == 'x') { base = 16; i += 2; }
    else if (base == 0) base = AT(i) == '0' ? 8 : 10;
    if (is_signed && negative) limit++;
    for (digits = i; ; i++)
    {
        unsigned int c = AT(i), d = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'z' ? (c | 32) - 'a' + 10 : 99;
        if (d >= (unsigned int)base) break;
        if (value > (limit - d) / base) overflow = true;
        else value = value * base + d;
    }
    if (end) *(const void **)end = i == digits && !(i && base == 16 && (AT(i - 1) | 32) == 'x') ? text
                                 : i == digits ? (const char *)text + (i - 1) * (wide ? 2 : 1)
                                 : (const char *)text + i * (wide ? 2 : 1);
    if (overflow) { errno = E_RANGE; return is_signed && negative ? -limit : limit; }
    return negative ? -value : value;
#undef AT
}
CRT_API(long, strtol, const char *s, char **end, int base) { return parse(s, end, base, false, true, LONG_MAX); }
CRT_API(unsigned long, strtoul, const char *s, char **end, int base) { return parse(s, end, base, false, false, ULONG_MAX); }
CRT_API(long long, _strtoi64, const char *s, char **end, int base) { return parse(s, end, base, false, true, LLONG_MAX); }
CRT_API(unsigned long long, _strtoui64, const char *s, char **end, int base) { return parse(s, end, base, false, false, ULLONG_MAX); }
CRT_API(long, wcstol, const crt_wchar *s, crt_wchar **end, int base) { return parse(s, end, base, true, true, LONG_MAX); }
CRT_API(unsigned long, wcstoul, const crt_wchar *s, crt_wchar **end, int base) { return parse(s, end, base, true, false, ULONG_MAX); }
CRT_API(long long, _wcstoi64, const crt_wchar *s, crt_wchar **end, int base) { return parse(s, end, base, true, true, LLONG_MAX); }
CRT_API(unsigned long long, _wcstoui64, const crt_wchar *s, crt_wchar **end, int base) { return parse(s, end, base, true, false, ULLONG_MAX); }
CRT_API(int, atoi, const char *s) { return parse(s, NULL, 10, false, true, LONG_MAX); }
CRT_API(long, atol, const char *s) { return parse(s, NULL, 10, false, true, LONG_MAX); }
CRT_API(long long, _atoi64, const char *s) { return parse(s, NULL, 10, false, true, LLONG_MAX); }
CRT_API(int, _wtoi, const crt_wchar *s) { return parse(s, NULL, 10, true, true, LONG_MAX); }
CRT_API(long, _wtol, const crt_wchar *s) { return parse(s, NULL, 10, true, true, LONG_MAX); }
CRT_API(long long, _wtoi64, const crt_wchar *s) { return parse(s, NULL, 10, true, true, LLONG_MAX); }
CRT_API(double, strtod, const char *s, char **end) { return __mingw_strtod(s, end); }
CRT_API(double, atof, const char *s) { return __mingw_strtod(s, NULL); }
CRT_API(double, wcstod, const crt_wchar *s, crt_wchar **end)
{
    /* what a number may be made of is ASCII: convert that much and count */
    char small[512], *stop;
    size_t i, lead = 0, n;
    double value;

    while (iswspace(s[lead])) lead++;
    for (n = 0; n < sizeof(small) - 1 && s[lead + n] && s[lead + n] < 128; n++) small[n] = s[lead + n];
    small[n] = 0;
    value = __mingw_strtod(small, &stop);
    i = stop - small;
    if (end) *end = (crt_wchar *)(i ? s + lead + i : s);
    return value;
}
CRT_API(double, _wtof, const crt_wchar *s) { return wcstod(s, NULL); }

/* ---- number to text --------------------------------------------------------------------------------------------- */
static int digits_of(char *out, unsigned long long value, int base, bool negative)
{
    char reversed[66];
    int n = 0, i = 0;

    do reversed[n++] = "0123456789abcdefghijklmnopqrstuvwxyz"[value % base]; while (value /= base);
    if (negative) out[i++] = '-';
    while (n) out[i++] = reversed[--n];
    out[i] = 0;
    return i;
}
static void *to_text(void *out, unsigned long long value, int base, bool negative, bool wide)
{
    char text[68];
    int n = digits_of(text, negative ? -value : value, base, negative);

    if (!wide) return memcpy(out, text, n + 1);
    for (; n >= 0; n--) ((crt_wchar *)out)[n] = text[n];
    return out;
}
#define NEGATIVE(v) (base == 10 && (v) < 0)
CRT_API(char *, _itoa, int v, char *out, int base) { return to_text(out, NEGATIVE(v) ? (long long)v : (unsigned int)v, base, NEGATIVE(v), false); }
CRT_API(char *, _ltoa, long v, char *out, int base) { return _itoa(v, out, base); }
CRT_API(char *, _ultoa, unsigned long v, char *out, int base) { return to_text(out, v, base, false, false); }
CRT_API(char *, _i64toa, long long v, char *out, int base) { return to_text(out, v, base, NEGATIVE(v), false); }
CRT_API(char *, _ui64toa, unsigned long long v, char *out, int base) { return to_text(out, v, base, false, false); }
CRT_API(crt_wchar *, _itow, int v, crt_wchar *out, int base) { return to_text(out, NEGATIVE(v) ? (long long)v : (unsigned int)v, base, NEGATIVE(v), true); }
CRT_API(crt_wchar *, _ltow, long v, crt_wchar *out, int base) { return _itow(v, out, base); }
CRT_API(crt_wchar *, _ultow, unsigned long v, crt_wchar *out, int base) { return to_text(out, v, base, false, true); }
CRT_API(crt_wchar *, _i64tow, long long v, crt_wchar *out, int base) { return to_text(out, v, base, NEGATIVE(v), true); }
CRT_API(crt_wchar *, _ui64tow, unsigned long long v, crt_wchar *out, int base) { return to_text(out, v, base, false, true); }
static int to_text_s(char *out, size_t size, unsigned long long value, int base, bool negative)
{
    char text[68];
    int n;

    if (!out || !size) { errno = E_INVAL; return E_INVAL; }
    out[0] = 0;
    if (base < 2 || base > 36) { errno = E_INVAL; return E_INVAL; }
    n = digits_of(text, negative ? -value : value, base, negative);
    if ((size_t)n >= size) { errno = E_RANGE; return E_RANGE; }
    memcpy(out, text, n + 1);
    return 0;
}
CRT_API(int, _itoa_s, int v, char *out, size_t size, int base) { return to_text_s(out, size, NEGATIVE(v) ? (long long)v : (unsigned int)v, base, NEGATIVE(v)); }
CRT_API(int, _i64toa_s, long long v, char *out, size_t size, int base) { return to_text_s(out, size, v, base, NEGATIVE(v)); }
CRT_API(int, _ui64toa_s, unsigned long long v, char *out, size_t size, int base) { return to_text_s(out, size, v, base, false); }

/* ---- sorting and searching --------------------------------------------------------------------------------------- */
typedef int (*compare)(const void *, const void *);

static void swap_bytes(char *a, char *b, size_t n)
{
    while (n--) { char t = *a; *a++ = *b; *b++ = t; }
}
/* heapsort: no recursion, no worst case */
CRT_API(void, qsort, void *base, size_t count, size_t size, compare cmp)
{
    char *a = base;
    size_t start = count / 2, end = count;

    if (count < 2 || !size) return;
    while (end > 1)
    {
        size_t root, child;
        if (start) start--;
        else swap_bytes(a, a + --end * size, size);
        for (root = start; (child = 2 * root + 1) < end; root = child)
        {
            if (child + 1 < end && cmp(a + child * size, a + (child + 1) * size) < 0) child++;
            if (cmp(a + root * size, a + child * size) >= 0) break;
            swap_bytes(a + root * size, a + child * size, size);
        }
    }
}
CRT_API(void *, bsearch, const void *key, const void *base, size_t count, size_t size, compare cmp)
{
    const char *a = base;
    while (count)
    {
        const char *middle = a + count / 2 * size;
        int order = cmp(key, middle);
        if (!order) return (void *)middle;
        if (order > 0) { a = middle + size; count -= count / 2 + 1; }
        else count /= 2;
    }
    return NULL;
}
CRT_API(void *, _lfind, const void *key, const void *base, unsigned int *count, unsigned int size, compare cmp)
{
    const char *a = base;
    unsigned int i;
    for (i = 0; i < *count; i++, a += size) if (!cmp(key, a)) return (void *)a;
    return NULL;
}

/* ---- random numbers: the sequence that programs of msvcrt have always seen --------------------------------------- */
CRT_API(void, srand, unsigned int seed) { crt_thread()->rand_seed = seed; }
CRT_API(int, rand, void)
{
    struct crt_thread *t = crt_thread();
    t->rand_seed = t->rand_seed * 214013 + 2531011;
    return (t->rand_seed >> 16) & 0x7fff;
}

CRT_API(int, abs, int v) { return v < 0 ? -v : v; }
CRT_API(long, labs, long v) { return v < 0 ? -v : v; }
CRT_API(long long, _abs64, long long v) { return v < 0 ? -v : v; }
struct div { int quot, rem; };
struct lldiv { long long quot, rem; };
CRT_API(struct div, div, int a, int b) { struct div d = { a / b, a % b }; return d; }
CRT_API(struct div, ldiv, long a, long b) { struct div d = { a / b, a % b }; return d; }
CRT_API(unsigned int, _rotl, unsigned int v, int n) { n &= 31; return n ? (v << n) | (v >> (32 - n)) : v; }
CRT_API(unsigned int, _rotr, unsigned int v, int n) { n &= 31; return n ? (v >> n) | (v << (32 - n)) : v; }
CRT_API(unsigned long, _lrotl, unsigned long v, int n) { return _rotl(v, n); }
CRT_API(unsigned long, _lrotr, unsigned long v, int n) { return _rotr(v, n); }
CRT_API(unsigned short, _byteswap_ushort, unsigned short v) { return __builtin_bswap16(v); }
CRT_API(unsigned long, _byteswap_ulong, unsigned long v) { return __builtin_bswap32(v); }
CRT_API(unsigned long long, _byteswap_uint64, unsigned long long v) { return __builtin_bswap64(v); }
CRT_API(void, _swab, char *from, char *to, int n)
{
    for (; n > 1; n -= 2, from += 2, to += 2) { char a = from[0]; to[0] = from[1]; to[1] = a; }
}
CRT_API(void, _sleep, unsigned long ms) { Sleep(ms); }
CRT_API(int, rand_s, unsigned int *out)
{
    typedef BOOLEAN (WINAPI *random_function)(void *, ULONG);
    static random_function generate;

    if (!out) { errno = E_INVAL; return E_INVAL; }
    if (!generate)
    {
        HMODULE advapi = LoadLibraryW(L"advapi32.dll");
        if (advapi) generate = (random_function)(void *)GetProcAddress(advapi, "SystemFunction036");
    }
    if (!generate || !generate(out, sizeof(*out))) { errno = E_NOMEM; return E_NOMEM; }
    return 0;
}

CRT_API(void *, _lsearch, const void *key, void *base, unsigned int *count, unsigned int size, compare cmp)
{
    void *found = _lfind(key, base, count, size, cmp);
    if (found) return found;
    found = (char *)base + (size_t)*count * size;
    ++*count;
    return memcpy(found, key, size);
}
CRT_API(unsigned long long, _rotl64, unsigned long long v, int n) { n &= 63; return n ? v << n | v >> (64 - n) : v; }
CRT_API(unsigned long long, _rotr64, unsigned long long v, int n) { n &= 63; return n ? v >> n | v << (64 - n) : v; }
