/* Numbers: from and to text, random ones, checksums, and 64-bit arithmetic by name. */

#include "rtl.h"

extern NTSTATUS WINAPI RtlLargeIntegerToChar(const ULONGLONG *value, ULONG base, ULONG size, PCHAR str);
extern LONGLONG WINAPI RtlLargeIntegerAdd(LONGLONG a, LONGLONG b);
extern LONGLONG WINAPI RtlLargeIntegerSubtract(LONGLONG a, LONGLONG b);
extern LONGLONG WINAPI RtlLargeIntegerNegate(LONGLONG a);
extern LONGLONG WINAPI RtlLargeIntegerShiftLeft(LONGLONG a, INT n);
extern LONGLONG WINAPI RtlLargeIntegerShiftRight(LONGLONG a, INT n);
extern LONGLONG WINAPI RtlLargeIntegerArithmeticShift(LONGLONG a, INT n);
extern ULONGLONG WINAPI RtlLargeIntegerDivide(ULONGLONG a, ULONGLONG b, ULONGLONG *rest);

extern NTSTATUS WINAPI RtlInt64ToUnicodeString(ULONGLONG value, ULONG base, UNICODE_STRING *str);
extern ULONGLONG WINAPI RtlCrc64(const void *data, SIZE_T size, ULONGLONG crc);
extern ULONG WINAPI RtlRandomEx(ULONG *seed);
extern ULONGLONG WINAPI RtlEnlargedUnsignedMultiply(ULONG a, ULONG b);
extern LONGLONG WINAPI RtlEnlargedIntegerMultiply(INT a, INT b);
extern UINT WINAPI RtlEnlargedUnsignedDivide(ULONGLONG a, UINT b, UINT *rest);
extern LONGLONG WINAPI RtlExtendedIntegerMultiply(LONGLONG a, INT b);
extern LONGLONG WINAPI RtlExtendedLargeIntegerDivide(LONGLONG a, INT b, INT *rest);
extern LONGLONG WINAPI RtlExtendedMagicDivide(LONGLONG a, LONGLONG magic, INT shift);
extern LONGLONG WINAPI RtlConvertLongToLargeInteger(LONG a);
extern ULONGLONG WINAPI RtlConvertUlongToLargeInteger(ULONG a);
extern LONGLONG WINAPI RtlInterlockedCompareExchange64(LONGLONG *dst, LONGLONG new, LONGLONG old);

static bool is_base(ULONG base)
{
    return base == 2 || base == 8 || base == 10 || base == 16;
}

/* ---- from text; a byte and a WCHAR look alike below 0x80 ---- */

struct text
{
    const void *p;
    bool wide;
    SIZE_T len;
};

static WCHAR at(const struct text *t, SIZE_T i)
{
    if (i >= t->len) return 0;
    return t->wide ? ((const WCHAR *)t->p)[i] : ((const unsigned char *)t->p)[i];
}

static ULONG digit(WCHAR c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
    if (c >= 'a' && c <= 'z') return c - 'a' + 10;
    return ~0u;
}

/* Anything up to a blank is skipped; a prefix counts only if no base is given. */
static NTSTATUS parse(const struct text *t, ULONG base, ULONG *value)
{
    SIZE_T i = 0;
    ULONG n = 0, d;
    bool negative;

    while (i < t->len && at(t, i) && at(t, i) <= ' ') i++;
    negative = at(t, i) == '-';
    if (at(t, i) == '-' || at(t, i) == '+') i++;
    if (!base)
    {
        base = 10;
        if (at(t, i) == '0')
        {
            switch (at(t, i + 1))
            {
            case 'b': base = 2; i += 2; break;
            case 'o': base = 8; i += 2; break;
            case 'x': base = 16; i += 2; break;
            }
        }
    }
    else if (!is_base(base)) return STATUS_INVALID_PARAMETER;
    if (!value) return STATUS_ACCESS_VIOLATION;

    for (; (d = digit(at(t, i))) < base; i++) n = n * base + d;
    *value = negative ? -n : n;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlCharToInteger(PCSZ str, ULONG base, ULONG *value)
{
    struct text t = { str, false, strlen(str) };

    return parse(&t, base, value);
}

NTSTATUS WINAPI RtlUnicodeStringToInteger(const UNICODE_STRING *str, ULONG base, ULONG *value)
{
    struct text t = { str->Buffer, true, str->Length / sizeof(WCHAR) };

    return parse(&t, base, value);
}

/* ---- to text ---- */

static char *digits(char *end, ULONGLONG value, ULONG base)
{
    do *--end = "0123456789ABCDEF"[value % base];
    while (value /= base);
    return end;
}

/* The terminator is written only if there is room. */
static NTSTATUS to_chars(ULONGLONG value, ULONG base, ULONG size, char *str)
{
    char buffer[65], *end = buffer + sizeof(buffer) - 1, *p;
    SIZE_T len;

    if (!base) base = 10;
    if (!is_base(base)) return STATUS_INVALID_PARAMETER;
    *end = 0;
    p = digits(end, value, base);
    len = end - p;
    if (len > size) return STATUS_BUFFER_OVERFLOW;
    if (!str) return STATUS_ACCESS_VIOLATION;
    memcpy(str, p, len < size ? len + 1 : len);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlIntegerToChar(ULONG value, ULONG base, ULONG size, PCHAR str)
{
    return to_chars(value, base, size, str);
}

NTSTATUS WINAPI RtlLargeIntegerToChar(const ULONGLONG *value, ULONG base, ULONG size, PCHAR str)
{
    return to_chars(*value, base, size, str);
}

NTSTATUS WINAPI RtlInt64ToUnicodeString(ULONGLONG value, ULONG base, UNICODE_STRING *str)
{
    char buffer[65], *end = buffer + sizeof(buffer), *p;
    SIZE_T len;

    if (!base) base = 10;
    if (!is_base(base)) return STATUS_INVALID_PARAMETER;
    p = digits(end, value, base);
    len = end - p;
    str->Length = (USHORT)(len * sizeof(WCHAR));
    if (str->Length >= str->MaximumLength) return STATUS_BUFFER_OVERFLOW;
    for (SIZE_T i = 0; i < len; i++) str->Buffer[i] = p[i];
    str->Buffer[len] = 0;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlIntegerToUnicodeString(ULONG value, ULONG base, UNICODE_STRING *str)
{
    return RtlInt64ToUnicodeString(value, base, str);
}

/* ---- random numbers: Windows' own since Vista, which some programs expect ---- */

ULONG WINAPI RtlUniform(ULONG *seed)
{
    return *seed = (ULONG)((*seed * 0x7fffffedULL + 0x7fffffc3) % 0x7fffffff);
}

/* A table stirred by the numbers it gives (Knuth's algorithm B). */
static ULONG shuffled(ULONG *seed, ULONG *table, ULONG size, bool *filled)
{
    static LONG lock;
    ULONG index, result;

    tiny_lock(&lock);
    if (!*filled)
    {
        ULONG s = 0x2b6d29f7;

        for (ULONG i = 0; i < size; i++) table[i] = RtlUniform(&s);
        *filled = true;
    }
    index = RtlUniform(seed) % size;
    result = table[index];
    table[index] = RtlUniform(seed);
    tiny_unlock(&lock);
    return result;
}

ULONG WINAPI RtlRandom(ULONG *seed)
{
    static ULONG table[128];
    static bool filled;

    return shuffled(seed, table, ARRAY_COUNT(table), &filled);
}

ULONG WINAPI RtlRandomEx(ULONG *seed)
{
    static ULONG table[128];
    static bool filled;

    return shuffled(seed, table, ARRAY_COUNT(table), &filled);
}

/* ---- checksums, computed bit by bit: nobody sums much with them ---- */

DWORD WINAPI RtlComputeCrc32(DWORD crc, const BYTE *data, INT size)
{
    crc = ~crc;
    while (size-- > 0)
    {
        crc ^= *data++;
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

ULONGLONG WINAPI RtlCrc64(const void *data, SIZE_T size, ULONGLONG crc)
{
    const BYTE *p = data;

    crc = ~crc;
    while (size--)
    {
        crc ^= *p++;
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x9a6c9329ac4bc9b5ULL : 0);
    }
    return ~crc;
}

/* ---- 64-bit arithmetic ---- */

LONGLONG WINAPI RtlLargeIntegerAdd(LONGLONG a, LONGLONG b) { return (LONGLONG)((ULONGLONG)a + b); }
LONGLONG WINAPI RtlLargeIntegerSubtract(LONGLONG a, LONGLONG b) { return (LONGLONG)((ULONGLONG)a - b); }
LONGLONG WINAPI RtlLargeIntegerNegate(LONGLONG a) { return (LONGLONG)-(ULONGLONG)a; }
LONGLONG WINAPI RtlLargeIntegerShiftLeft(LONGLONG a, INT n) { return (LONGLONG)((ULONGLONG)a << (n & 63)); }
LONGLONG WINAPI RtlLargeIntegerShiftRight(LONGLONG a, INT n) { return (LONGLONG)((ULONGLONG)a >> (n & 63)); }
LONGLONG WINAPI RtlLargeIntegerArithmeticShift(LONGLONG a, INT n) { return a >> (n & 63); }
ULONGLONG WINAPI RtlEnlargedUnsignedMultiply(ULONG a, ULONG b) { return (ULONGLONG)a * b; }
LONGLONG WINAPI RtlEnlargedIntegerMultiply(INT a, INT b) { return (LONGLONG)a * b; }
LONGLONG WINAPI RtlExtendedIntegerMultiply(LONGLONG a, INT b) { return (LONGLONG)((ULONGLONG)a * (ULONGLONG)(LONGLONG)b); }
LONGLONG WINAPI RtlConvertLongToLargeInteger(LONG a) { return a; }
ULONGLONG WINAPI RtlConvertUlongToLargeInteger(ULONG a) { return a; }

ULONGLONG WINAPI RtlLargeIntegerDivide(ULONGLONG a, ULONGLONG b, ULONGLONG *rest)
{
    if (rest) *rest = a % b;
    return a / b;
}

UINT WINAPI RtlEnlargedUnsignedDivide(ULONGLONG a, UINT b, UINT *rest)
{
    if (rest) *rest = (UINT)(a % b);
    return (UINT)(a / b);
}

LONGLONG WINAPI RtlExtendedLargeIntegerDivide(LONGLONG a, INT b, INT *rest)
{
    if (rest) *rest = (INT)(a % b);
    return a / b;
}

/* The high half of the product, shifted: division by a constant that somebody turned into a multiplication. */
LONGLONG WINAPI RtlExtendedMagicDivide(LONGLONG a, LONGLONG magic, INT shift)
{
    ULONGLONG u = a < 0 ? -(ULONGLONG)a : (ULONGLONG)a;
    ULONGLONG q = (ULONGLONG)((unsigned __int128)u * (ULONGLONG)magic >> 64) >> shift;

    return a < 0 ? -(LONGLONG)q : (LONGLONG)q;
}

LONGLONG WINAPI RtlInterlockedCompareExchange64(LONGLONG *dst, LONGLONG new, LONGLONG old)
{
    __atomic_compare_exchange_n(dst, &old, new, FALSE, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return old;
}


/* winternl.h has these as inline functions; ntdll exports them all the same. */
extern USHORT WINAPI rtl_ushort_byte_swap(USHORT v);
extern ULONG WINAPI rtl_ulong_byte_swap(ULONG v);
extern ULONGLONG WINAPI rtl_ulonglong_byte_swap(ULONGLONG v);

USHORT WINAPI rtl_ushort_byte_swap(USHORT v) { return __builtin_bswap16(v); }
ULONG WINAPI rtl_ulong_byte_swap(ULONG v) { return __builtin_bswap32(v); }
ULONGLONG WINAPI rtl_ulonglong_byte_swap(ULONGLONG v) { return __builtin_bswap64(v); }
