/* The scanf family, on libmingwex's scanners. Formats are Microsoft's: they are first put into the C standard's
 * terms (%I64d is %lld; %s in a wide format is a wide string, %S the other kind). */
#include "crt.h"

int __mingw_vsscanf(const char *text, const char *format, va_list args);
int __mingw_vfscanf(FILE *file, const char *format, va_list args);
int __mingw_vfwscanf(FILE *file, const crt_wchar *format, va_list args);
int __mingw_vswscanf(const crt_wchar *text, const crt_wchar *format, va_list args);

/* Returns a malloc'd format of the same kind. It can only grow by one character a conversion. */
static void *translate(const void *format, bool wide)
{
#define F(i) (wide ? ((const crt_wchar *)format)[i] : ((const unsigned char *)format)[i])
#define PUT(c) do { if (wide) ((crt_wchar *)out)[n++] = (c); else ((char *)out)[n++] = (c); } while (0)
    size_t length = wide ? wcslen(format) : strlen(format), i = 0, n = 0;
    void *out = malloc((length * 2 + 1) * (wide ? 2 : 1));

    if (!out) return NULL;
    while (F(i))
    {
        bool sized = false;
        if (F(i) != '%') { PUT(F(i)); i++; continue; }
        PUT('%');
        i++;
        if (F(i) == '%') { PUT('%'); i++; continue; }
        while (F(i) == '*' || (F(i) >= '0' && F(i) <= '9')) { PUT(F(i)); i++; }
        for (;;)
        {
            if (F(i) == 'I' && F(i + 1) == '6' && F(i + 2) == '4') { PUT('l'); PUT('l'); i += 3; sized = true; }
            else if (F(i) == 'I' && F(i + 1) == '3' && F(i + 2) == '2') i += 3;
            else if (F(i) == 'I') { PUT('l'); PUT('l'); i++; sized = true; }
            else if (F(i) == 'w') { PUT('l'); i++; sized = true; }
            else if (F(i) == 'h' || F(i) == 'l' || F(i) == 'L')
            {
                sized = true;
                if (F(i) == 'h' && (F(i + 1) == 's' || F(i + 1) == 'c' || F(i + 1) == '[')) i++;       /* narrow: the plain form */
                else if (F(i) == 'L') { i++; sized = false; }                                           /* long double is double */
                else { PUT(F(i)); i++; }
            }
            else break;
        }
        switch (F(i))
        {
        case 0: break;
        case 's': case 'c': if (wide && !sized) PUT('l'); PUT(F(i)); i++; break;
        case 'S': case 'C': if (!wide && !sized) PUT('l'); PUT(F(i) | 32); i++; break;
        case '[':
            if (wide && !sized) PUT('l');
            PUT('[');
            i++;
            if (F(i) == '^') { PUT('^'); i++; }
            if (F(i) == ']') { PUT(']'); i++; }
            while (F(i) && F(i) != ']') { PUT(F(i)); i++; }
            if (F(i)) { PUT(']'); i++; }
            break;
        default: PUT(F(i)); i++;
        }
    }
    PUT(0);
    return out;
#undef F
#undef PUT
}

CRT_API(int, vsscanf, const char *text, const char *format, va_list args)
{
    char *f = format ? translate(format, false) : NULL;
    int n = f && text ? __mingw_vsscanf(text, f, args) : crt_fail(E_INVAL);
    free(f);
    return n;
}
CRT_API(int, vswscanf, const crt_wchar *text, const crt_wchar *format, va_list args)
{
    crt_wchar *f = format ? translate(format, true) : NULL;
    int n = f && text ? __mingw_vswscanf(text, f, args) : crt_fail(E_INVAL);
    free(f);
    return n;
}
CRT_API(int, vfscanf, FILE *file, const char *format, va_list args)
{
    char *f = format ? translate(format, false) : NULL;
    int n;

    if (!f || !file) return crt_fail(E_INVAL);
    crt_stream_lock(file);
    n = __mingw_vfscanf(file, f, args);
    crt_stream_unlock(file);
    free(f);
    return n;
}
CRT_API(int, vfwscanf, FILE *file, const crt_wchar *format, va_list args)
{
    crt_wchar *f = format ? translate(format, true) : NULL;
    int n;

    if (!f || !file) return crt_fail(E_INVAL);
    crt_stream_lock(file);
    n = __mingw_vfwscanf(file, f, args);
    crt_stream_unlock(file);
    free(f);
    return n;
}
#define VARIADIC(call, last) { va_list args; int n; va_start(args, last); n = call; va_end(args); return n; }
CRT_API(int, scanf, const char *format, ...) VARIADIC(vfscanf(stdin, format, args), format)
CRT_API(int, wscanf, const crt_wchar *format, ...) VARIADIC(vfwscanf(stdin, format, args), format)
CRT_API(int, fscanf, FILE *file, const char *format, ...) VARIADIC(vfscanf(file, format, args), format)
CRT_API(int, fwscanf, FILE *file, const crt_wchar *format, ...) VARIADIC(vfwscanf(file, format, args), format)
CRT_API(int, sscanf, const char *text, const char *format, ...) VARIADIC(vsscanf(text, format, args), format)
CRT_API(int, swscanf, const crt_wchar *text, const crt_wchar *format, ...) VARIADIC(vswscanf(text, format, args), format)
