/* Internet addresses, once for CHAR = char and once for CHAR = WCHAR (inet.c). */

/* One part of an IPv4 address. *end: where reading stopped. A number that wraps round is noticed only if it gets
 * smaller. */
static bool NAME(part)(const CHAR *s, bool strict, const CHAR **end, ULONG *value)
{
    unsigned int base = 10;
    const CHAR *start = s;
    ULONG n = 0;

    if (*s == '0' && !strict)
    {
        if ((s[1] | 32) == 'x')
        {
            base = 16;
            start = s += 2;
        }
        else
        {
            base = 8;
            if (s[1] == '8' || s[1] == '9')
            {
                *end = s + 1;
                return false;
            }
        }
    }
    /* In strict notation nothing follows a leading zero. */
    else if (*s == '0')
    {
        *value = 0;
        *end = (s[1] | 32) == 'x' ? s + 2 : s + 1;
        return !((s[1] >= '0' && s[1] <= '9') || (s[1] | 32) == 'x');
    }
    for (; digit_of(*s) < base; s++)
    {
        ULONG next = n * base + digit_of(*s);

        *end = s;
        if (next < n) return false;
        n = next;
    }
    *value = n;
    *end = s > start || *s != '.' ? s : s + 1;
    return s > start;
}

/* One to four parts; the last fills what the others leave. Strict: four decimal ones. */
static NTSTATUS NAME(parse4)(const CHAR *s, bool strict, const CHAR **end, IN_ADDR *address)
{
    ULONG parts[4];
    ULONG result = 0;
    int n = 0;

    for (;;)
    {
        if (!NAME(part)(s, strict, end, &parts[n])) return STATUS_INVALID_PARAMETER;
        s = *end;
        n++;
        if (*s != '.') break;
        if (n == 4) return STATUS_INVALID_PARAMETER;
        s++;
        *end = s;
    }
    if (strict && n < 4) return STATUS_INVALID_PARAMETER;
    for (int i = 0; i < n; i++)
    {
        ULONG max = i < n - 1 ? 0xff : 0xffffffffu >> 8 * (n - 1);

        if (parts[i] > max) return STATUS_INVALID_PARAMETER;
        result |= parts[i] << (i < n - 1 ? 24 - 8 * i : 0);
    }
    address->S_un.S_addr = __builtin_bswap32(result);
    return STATUS_SUCCESS;
}

/* A port or a scope: decimal, or for a port octal and hexadecimal too, up to the end or `stop`. */
static bool NAME(number)(const CHAR **s, bool prefixes, ULONG max, ULONG *value)
{
    ULONG n;
    const CHAR *end;

    if (!NAME(part)(*s, false, &end, &n) || n > max) return false;
    if (!prefixes && **s == '0' && end - *s > 1) return false;
    *s = end;
    *value = n;
    return true;
}

static NTSTATUS NAME(parse4_ex)(const CHAR *s, bool strict, IN_ADDR *address, USHORT *port)
{
    const CHAR *end;
    ULONG value = 0;
    NTSTATUS status;

    if (!s || !address || !port) return STATUS_INVALID_PARAMETER;
    if ((status = NAME(parse4)(s, strict, &end, address))) return status;
    if (*end == ':')
    {
        end++;
        if (!NAME(number)(&end, true, 0xffff, &value) || !value) return STATUS_INVALID_PARAMETER;
    }
    if (*end) return STATUS_INVALID_PARAMETER;
    *port = __builtin_bswap16((USHORT)value);
    return STATUS_SUCCESS;
}

/* Groups of up to four digits, one :: for a row of zeros, an IPv4 address for the last two. */
static NTSTATUS NAME(parse6)(const CHAR *s, const CHAR **end, IN6_ADDR *address)
{
    USHORT groups[8] = { 0 };
    int n = 0, gap = -1;

    *end = s;
    if (s[0] == ':')
    {
        if (s[1] != ':') return STATUS_INVALID_PARAMETER;
        gap = 0;
        s += 2;
        *end = s;
    }
    while (n < 8)
    {
        const CHAR *start = s;
        ULONG value = 0;

        while (digit_of(*s) < 16 && s - start < 5) value = value * 16 + digit_of(*s++);
        *end = s;
        if (s == start)
        {
            if (gap == n) break;
            return STATUS_INVALID_PARAMETER;
        }
        if (s - start > 4) return STATUS_INVALID_PARAMETER;
        if (*s == '.' && n <= 6 && (n == 6 || gap >= 0))
        {
            IN_ADDR v4;

            if (NAME(parse4)(start, true, end, &v4)) return STATUS_INVALID_PARAMETER;
            groups[n++] = __builtin_bswap16((USHORT)v4.S_un.S_addr);
            groups[n++] = __builtin_bswap16((USHORT)(v4.S_un.S_addr >> 16));
            break;
        }
        if (gap < 0) address->u.Word[n] = __builtin_bswap16((USHORT)value);     /* even if the rest is no good */
        groups[n++] = (USHORT)value;
        if (n == 8 || *s != ':') break;
        if (s[1] == ':')
        {
            if (gap >= 0) break;
            gap = n;
            s += 2;
            *end = s;
        }
        else if (digit_of(s[1]) < 16)
        {
            s++;
            *end = s;
        }
        else
        {
            *end = s + 1;
            return STATUS_INVALID_PARAMETER;
        }
    }
    if (gap < 0 && n < 8) return STATUS_INVALID_PARAMETER;
    if (gap >= 0)
    {
        memmove(groups + gap + 8 - n, groups + gap, (n - gap) * sizeof(*groups));
        memset(groups + gap, 0, (8 - n) * sizeof(*groups));
    }
    for (int i = 0; i < 8; i++) address->u.Word[i] = __builtin_bswap16(groups[i]);
    return STATUS_SUCCESS;
}

/* [address%scope]:port, the brackets only with a port. */
static NTSTATUS NAME(parse6_ex)(const CHAR *s, IN6_ADDR *address, ULONG *scope, USHORT *port)
{
    ULONG scope_value = 0, port_value = 0;
    const CHAR *end;
    bool bracket;

    if (!s || !address || !scope || !port) return STATUS_INVALID_PARAMETER;
    if ((bracket = *s == '[')) s++;
    if (NAME(parse6)(s, &end, address)) return STATUS_INVALID_PARAMETER;
    if (*end == '%')
    {
        end++;
        if (!NAME(number)(&end, false, ~0u, &scope_value)) return STATUS_INVALID_PARAMETER;
    }
    if (bracket)
    {
        if (*end++ != ']') return STATUS_INVALID_PARAMETER;
        if (*end == ':')
        {
            end++;
            if (!NAME(number)(&end, true, 0xffff, &port_value)) return STATUS_INVALID_PARAMETER;
        }
    }
    if (*end) return STATUS_INVALID_PARAMETER;
    *scope = scope_value;
    *port = __builtin_bswap16((USHORT)port_value);
    return STATUS_SUCCESS;
}

/* Copies text if it fits, and says how long it is with its terminator. */
static NTSTATUS NAME(give)(const char *text, CHAR *buffer, ULONG *size)
{
    ULONG need = (ULONG)strlen(text) + 1;

    if (*size < need)
    {
        *size = need;
        return STATUS_INVALID_PARAMETER;
    }
    for (ULONG i = 0; i < need; i++) buffer[i] = text[i];
    *size = need;
    return STATUS_SUCCESS;
}

static CHAR *NAME(copy)(const char *text, CHAR *buffer)
{
    if (!buffer) return (CHAR *)~(ULONG_PTR)0;
    while (*text) *buffer++ = *text++;
    *buffer = 0;
    return buffer;
}
