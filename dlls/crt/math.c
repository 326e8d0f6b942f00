/* <math.h> of msvcrt: the functions libmingwex leaves to the DLL, by way of its long double ones (x87, which
 * round once more than needed and so are right to the last place nearly always). */
#include "crt.h"

long double acosl(long double), asinl(long double), atanl(long double), tanl(long double), coshl(long double),
            sinhl(long double), tanhl(long double), log10l(long double), frexpl(long double, int *), ldexpl(long double, int), modfl(long double, long double *);
double sqrt(double), pow(double, double), exp(double), log(double), ceil(double), floor(double), fabs(double), hypot(double, double);
double logb(double), copysign(double, double), scalbn(double, int);

/* outside of what a function is for: no number, by way of an SSE operation whose flag _statusfp() knows */
static double domain_error(double x) { errno = E_DOM; return (x - x) / (x - x); }
CRT_API(double, acos, double x) { return x < -1 || x > 1 ? domain_error(x) : acosl(x); }
CRT_API(double, asin, double x) { return x < -1 || x > 1 ? domain_error(x) : asinl(x); }
/* no number is a domain error everywhere */
static double checked(double x, double r) { if (__builtin_isnan(x)) errno = E_DOM; return r; }
CRT_API(double, atan, double x) { return checked(x, atanl(x)); }
CRT_API(double, tan, double x) { if (__builtin_isinf(x)) errno = E_DOM; return checked(x, tanl(x)); }
CRT_API(double, cosh, double x) { double r = coshl(x); if (__builtin_isinf(r) && !__builtin_isinf(x)) errno = E_RANGE; return r; }
CRT_API(double, sinh, double x) { double r = sinhl(x); if (__builtin_isinf(r) && !__builtin_isinf(x)) errno = E_RANGE; return r; }
CRT_API(double, tanh, double x) { return checked(x, tanhl(x)); }
CRT_API(double, log10, double x) { if (x < 0) errno = E_DOM; else if (x == 0) errno = E_RANGE; return log10l(x); }
CRT_API(double, frexp, double x, int *exponent) { return frexpl(x, exponent); }


CRT_API(double, _copysign, double x, double y) { return copysign(x, y); }
CRT_API(double, _chgsign, double x) { return -x; }
CRT_API(double, _logb, double x) { return logb(x); }
CRT_API(double, _scalb, double x, long n) { return scalbn(x, n); }
CRT_API(double, _hypot, double x, double y) { return hypot(x, y); }
CRT_API(int, _finite, double x) { return __builtin_isfinite(x); }
CRT_API(int, _isnan, double x) { return __builtin_isnan(x); }
CRT_API(double, _nextafter, double x, double to)
{
    union { double d; long long i; } u = { x };
    if (__builtin_isnan(x) || __builtin_isnan(to)) return x + to;
    if (x == to) return to;
    if (x == 0) { u.i = 1; return copysign(u.d, to); }
    u.i += (x < to) == (x > 0) ? 1 : -1;
    return u.d;
}
CRT_API(int, _fpclass, double x)
{
    union { double d; unsigned long long i; } u = { x };
    bool negative = u.i >> 63;

    switch (__builtin_fpclassify(0, 1, 2, 3, 4, x))
    {
    case 0: return u.i & 0x8000000000000ull ? 2 : 1;
    case 1: return negative ? 4 : 0x200;
    case 2: return negative ? 8 : 0x100;
    case 3: return negative ? 0x10 : 0x80;
    default: return negative ? 0x20 : 0x40;
    }
}

/* ---- the floating point environment: MXCSR (and x87 for mingw's long double) in _control87's words ---------------- */
static unsigned int get_mxcsr(void) { unsigned int v; __asm__ volatile("stmxcsr %0" : "=m"(v)); return v; }
static void set_mxcsr(unsigned int v) { __asm__ volatile("ldmxcsr %0" : : "m"(v)); }

static unsigned int control_word(unsigned int mxcsr)
{
    unsigned int v = 0;
    if (mxcsr & 0x80) v |= 0x10;        /* _EM_INVALID */
    if (mxcsr & 0x100) v |= 0x80000;    /* _EM_DENORMAL */
    if (mxcsr & 0x200) v |= 8;          /* _EM_ZERODIVIDE */
    if (mxcsr & 0x400) v |= 4;
    if (mxcsr & 0x800) v |= 2;
    if (mxcsr & 0x1000) v |= 1;
    if (mxcsr & 0x2000) v |= 0x100;     /* _RC_DOWN */
    if (mxcsr & 0x4000) v |= 0x200;     /* _RC_UP */
    if (mxcsr & 0x8000) v |= 0x1000000; /* _DN_FLUSH */
    return v;
}
CRT_API(unsigned int, _control87, unsigned int value, unsigned int mask)
{
    unsigned int mxcsr = get_mxcsr(), word = control_word(mxcsr);

    if (!mask) return word;
    word = (word & ~mask) | (value & mask);
    mxcsr &= ~0xff80u;
    if (word & 0x10) mxcsr |= 0x80;
    if (word & 0x80000) mxcsr |= 0x100;
    if (word & 8) mxcsr |= 0x200;
    if (word & 4) mxcsr |= 0x400;
    if (word & 2) mxcsr |= 0x800;
    if (word & 1) mxcsr |= 0x1000;
    if (word & 0x100) mxcsr |= 0x2000;
    if (word & 0x200) mxcsr |= 0x4000;
    if (word & 0x1000000) mxcsr |= 0x8000;
    set_mxcsr(mxcsr);
    return word;
}
CRT_API(unsigned int, _controlfp, unsigned int value, unsigned int mask) { return _control87(value, mask & ~0x80000u); }
CRT_API(int, _controlfp_s, unsigned int *now, unsigned int value, unsigned int mask)
{
    unsigned int word = _controlfp(value, mask);
    if (now) *now = word;
    return 0;
}
CRT_API(unsigned int, _statusfp, void)
{
    unsigned int m = get_mxcsr();
    return (m & 1 ? 0x10 : 0) | (m & 2 ? 0x80000 : 0) | (m & 4 ? 8 : 0) | (m & 8 ? 4 : 0) | (m & 16 ? 2 : 0) | (m & 32 ? 1 : 0);
}
CRT_API(unsigned int, _clearfp, void)
{
    unsigned int status = _statusfp();
    set_mxcsr(get_mxcsr() & ~0x3fu);
    return status;
}
/* The state that a thread starts with: all exceptions masked, the x87 rounds to 53 bits. (What mingw-w64 links statically
 * for programs that want 64 bits is an _fpreset of its own.) */
CRT_API(void, _fpreset, void)
{
    static const unsigned short control = 0x27f;

    __asm__ volatile("fninit; fldcw %0" : : "m"(control));
    set_mxcsr(0x1f80);
}
CRT_API(void, __setusermatherr, void *handler) { (void)handler; }      /* errors set errno; _matherr is never called */

/* libmingwex calls this where a user's _matherr could be asked; errno is set by then. */
void __mingw_raise_matherr(int type, const char *name, double a, double b, double result);
void __mingw_raise_matherr(int type, const char *name, double a, double b, double result)
{
    (void)type; (void)name; (void)a; (void)b; (void)result;
}
