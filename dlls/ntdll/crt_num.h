/* Numbers from and to text, once for CHAR = char and once for CHAR = wchar_t (crt_num.c). */

/* The digits from the end of a buffer downwards; returns where they start. */
static CHAR *NAME(digits)(CHAR *end, ULONGLONG value, unsigned int base)
{
    do
    {
        unsigned int digit = (unsigned int)(value % base);

        *--end = (CHAR)(digit < 10 ? '0' + digit : 'a' + digit - 10);
    } while (value /= base);
    return end;
}

static CHAR *NAME(put)(CHAR *dst, ULONGLONG value, bool negative, unsigned int base)
{
    CHAR buffer[66], *end = buffer + 65, *p;

    *end = 0;
    p = NAME(digits)(end, value, base);
    if (negative) *--p = '-';
    memcpy(dst, p, (end + 1 - p) * sizeof(*p));
    return dst;
}

static errno_t NAME(put_s)(CHAR *dst, size_t size, ULONGLONG value, bool negative, int base)
{
    CHAR buffer[66], *end = buffer + 65, *p;

    if (!dst || !size) return EINVAL;
    *dst = 0;
    if (base < 2 || base > 36) return EINVAL;
    *end = 0;
    p = NAME(digits)(end, value, base);
    if (negative) *--p = '-';
    if ((size_t)(end + 1 - p) > size) return ERANGE;
    memcpy(dst, p, (end + 1 - p) * sizeof(*p));
    return 0;
}

/* Skips space, sign and prefix. *end stays at the start if there is no digit. Overflow saturates. */
static ULONGLONG NAME(get)(const CHAR *s, CHAR **end, int base, bool *negative, bool *overflow)
{
    const CHAR *start = s;
    ULONGLONG value = 0;
    bool any = false;

    *negative = *overflow = false;
    while (NAME(space)(*s)) s++;
    if (*s == '-' || *s == '+') *negative = *s++ == '-';
    if ((base == 0 || base == 16) && !NAME(digit)(s[0]) && (s[1] | 32) == 'x' && NAME(digit)(s[2]) < 16)
    {
        s += 2;
        base = 16;
    }
    else if (base == 0) base = NAME(digit)(*s) ? 10 : 8;

    for (int digit; (digit = NAME(digit)(*s)) < base; s++)
    {
        any = true;
        if (value > (~0ULL - digit) / base) *overflow = true;
        else value = value * base + digit;
    }
    if (end) *end = (CHAR *)(any ? s : start);
    return value;
}

static LONG NAME(get_long)(const CHAR *s, CHAR **end, int base)
{
    bool negative, overflow;
    ULONGLONG value = NAME(get)(s, end, base, &negative, &overflow);

    if (negative) return overflow || value > 0x80000000u ? LONG_MIN : (LONG)-(LONGLONG)value;
    return overflow || value > LONG_MAX ? LONG_MAX : (LONG)value;
}

static ULONG NAME(get_ulong)(const CHAR *s, CHAR **end, int base)
{
    bool negative, overflow;
    ULONGLONG value = NAME(get)(s, end, base, &negative, &overflow);

    if (overflow || value > ULONG_MAX) value = ULONG_MAX;
    return negative ? -(ULONG)value : (ULONG)value;
}

static LONGLONG NAME(get_int64)(const CHAR *s, CHAR **end, int base)
{
    bool negative, overflow;
    ULONGLONG value = NAME(get)(s, end, base, &negative, &overflow);

    if (negative) return overflow || value > 1ULL << 63 ? LLONG_MIN : (LONGLONG)-value;
    return overflow || value > LLONG_MAX ? LLONG_MAX : (LONGLONG)value;
}

static ULONGLONG NAME(get_uint64)(const CHAR *s, CHAR **end, int base)
{
    bool negative, overflow;
    ULONGLONG value = NAME(get)(s, end, base, &negative, &overflow);

    if (overflow) return ULLONG_MAX;
    return negative ? -value : value;
}

/* atoi and relatives: decimal, wrapping round. */
static ULONGLONG NAME(get_wrapping)(const CHAR *s)
{
    ULONGLONG value = 0;
    bool negative;

    while (NAME(space)(*s)) s++;
    negative = *s == '-';
    if (*s == '-' || *s == '+') s++;
    for (; NAME(digit)(*s) < 10; s++) value = value * 10 + NAME(digit)(*s);
    return negative ? -value : value;
}
