/* Numbers to text beyond printf: _ecvt, _fcvt, _gcvt and the _s forms of _itoa's family. */
#include "crt.h"

int sprintf(char *buffer, const char *format, ...);

/* The digits of value: count of them, or (after) count after the point. 309 digits come before the point at most. */
static int cvt(char *out, size_t size, double value, int count, bool after, int *point, int *negative)
{
    char digits[40];
    int n, i, wanted;
    union { double d; unsigned long long u; } bits = { value };

    *negative = (int)(bits.u >> 63);
    value = __builtin_fabs(value);
    if (!__builtin_isfinite(value))
    {
        int keep = after ? count + 1 : count;
        strcpy(digits, !__builtin_isnan(value) ? "1#INF" : *negative ? "1#IND" : "1#QNAN");
        n = strlen(digits);
        *point = 1;
        if (keep > 0 && keep < n && digits[keep] >= '5') digits[keep - 1]++;     /* rounded, like digits */
    }
    else if (value == 0) n = *point = 0;
    else n = crt_float_digits(value, digits, point, after || count > 0 ? count : 0, after);
    wanted = after ? *point + count : count;
    if (after && !n && value != 0) wanted = 0;
    if (wanted < 0) wanted = 0;
    if ((size_t)wanted >= size) return E_RANGE;
    for (i = 0; i < wanted; i++) out[i] = i < n ? digits[i] : '0';
    out[wanted] = 0;
    return 0;
}
CRT_API(char *, _ecvt, double value, int count, int *point, int *negative)
{
    char *out = crt_thread()->cvt;
    cvt(out, sizeof(crt_thread()->cvt), value, count > 80 ? 80 : count, false, point, negative);
    return out;
}
CRT_API(char *, _fcvt, double value, int count, int *point, int *negative)
{
    char *out = crt_thread()->cvt;
    cvt(out, sizeof(crt_thread()->cvt), value, count > 80 ? 80 : count, true, point, negative);
    return out;
}
static int cvt_s(char *out, size_t size, double value, int count, bool after, int *point, int *negative)
{
    int ret;
    if (!out || !size) { errno = E_INVAL; return E_INVAL; }
    *out = 0;
    if (!point || !negative) { errno = E_INVAL; return E_INVAL; }
    if ((ret = cvt(out, size, value, count, after, point, negative))) { *out = 0; errno = ret; }
    return ret;
}
CRT_API(int, _ecvt_s, char *out, size_t size, double value, int count, int *point, int *negative) { return cvt_s(out, size, value, count, false, point, negative); }
CRT_API(int, _fcvt_s, char *out, size_t size, double value, int count, int *point, int *negative) { return cvt_s(out, size, value, count, true, point, negative); }

/* as %.*g, but "1." has its point and numbers below 0.1 have an exponent */
static void gcvt_text(char *text, double value, int count)
{
    char *e, *p, *end;

    if (count < 1) count = 1;
    if (count > 17) count = 17;
    if (__builtin_isfinite(value) && value != 0 && __builtin_fabs(value) < 0.1)
    {
        sprintf(text, "%.*e", count - 1, value);
        e = strchr(text, 'e');
        for (p = e; p > text && p[-1] == '0'; p--) {}
        if (strchr(text, '.')) memmove(p, e, strlen(e) + 1);
    }
    else sprintf(text, "%.*g", count, value);
    if (strchr(text, '.')) return;
    end = text + strlen(text);
    e = strchr(text, 'e') ? strchr(text, 'e') : end;
    memmove(e + 1, e, end - e + 1);
    *e = '.';
}
CRT_API(char *, _gcvt, double value, int count, char *out)
{
    char text[64];
    gcvt_text(text, value, count);
    return strcpy(out, text);
}
CRT_API(int, _gcvt_s, char *out, size_t size, double value, int count)
{
    char text[64];
    if (!out || !size) { errno = E_INVAL; return E_INVAL; }
    gcvt_text(text, value, count);
    if (strlen(text) >= size || (size_t)count >= size) { *out = 0; errno = E_RANGE; return E_RANGE; }
    strcpy(out, text);
    return 0;
}

/* ---- strings to floats: struct of one member, as <stdlib.h> declares it ------------------------------------ */
double strtod(const char *s, char **end);
CRT_API(int, _atodbl, double *out, const char *s) { *out = strtod(s, NULL); return __builtin_isinf(*out) ? 3 : 0; }     /* _OVERFLOW */
CRT_API(int, _atoflt_l, float *out, const char *s, void *locale)
{
    double value = strtod(s, NULL);
    (void)locale;
    *out = (float)value;
    return __builtin_isinf(*out) ? 3 : value != 0 && *out == 0 ? 4 : 0;
}
