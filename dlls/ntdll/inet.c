/* Internet addresses from and to text (ntdll:rtl test_RtlIpv4..., test_RtlIpv6...). */

#include "rtl.h"
#include "winsock2.h"
#include "ws2tcpip.h"
#include "in6addr.h"

/* Long enough for any of them: eight groups, an IPv4 tail, scope, brackets and port. */
#define TEXT_MAX 72

extern int __cdecl sprintf(char *buffer, const char *format, ...);

static unsigned int digit_of(unsigned int c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

#define CHAR char
#define NAME(n) a_##n
#include "inet.h"
#undef CHAR
#undef NAME
#define CHAR WCHAR
#define NAME(n) w_##n
#include "inet.h"

extern NTSTATUS WINAPI RtlIpv4StringToAddressA(const char *s, BOOLEAN strict, const char **end, IN_ADDR *address);
extern NTSTATUS WINAPI RtlIpv4StringToAddressW(const WCHAR *s, BOOLEAN strict, const WCHAR **end, IN_ADDR *address);
extern NTSTATUS WINAPI RtlIpv4StringToAddressExA(const char *s, BOOLEAN strict, IN_ADDR *address, USHORT *port);
extern NTSTATUS WINAPI RtlIpv4StringToAddressExW(const WCHAR *s, BOOLEAN strict, IN_ADDR *address, USHORT *port);
extern NTSTATUS WINAPI RtlIpv6StringToAddressA(const char *s, const char **end, IN6_ADDR *address);
extern NTSTATUS WINAPI RtlIpv6StringToAddressW(const WCHAR *s, const WCHAR **end, IN6_ADDR *address);
extern NTSTATUS WINAPI RtlIpv6StringToAddressExA(const char *s, IN6_ADDR *address, ULONG *scope, USHORT *port);
extern NTSTATUS WINAPI RtlIpv6StringToAddressExW(const WCHAR *s, IN6_ADDR *address, ULONG *scope, USHORT *port);
extern char * WINAPI RtlIpv4AddressToStringA(const IN_ADDR *address, char *buffer);
extern WCHAR * WINAPI RtlIpv4AddressToStringW(const IN_ADDR *address, WCHAR *buffer);
extern char * WINAPI RtlIpv6AddressToStringA(const IN6_ADDR *address, char *buffer);
extern WCHAR * WINAPI RtlIpv6AddressToStringW(const IN6_ADDR *address, WCHAR *buffer);
extern NTSTATUS WINAPI RtlIpv4AddressToStringExA(const IN_ADDR *address, USHORT port, char *buffer, ULONG *size);
extern NTSTATUS WINAPI RtlIpv4AddressToStringExW(const IN_ADDR *address, USHORT port, WCHAR *buffer, ULONG *size);
extern NTSTATUS WINAPI RtlIpv6AddressToStringExA(const IN6_ADDR *address, ULONG scope, USHORT port, char *buffer,
    ULONG *size);
extern NTSTATUS WINAPI RtlIpv6AddressToStringExW(const IN6_ADDR *address, ULONG scope, USHORT port, WCHAR *buffer,
    ULONG *size);
#undef CHAR
#define CHAR char

/* ---- to text ---- */

static void format4(const IN_ADDR *address, USHORT port, char *text)
{
    const BYTE *b = (const BYTE *)address;

    text += sprintf(text, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
    if (port) sprintf(text, ":%u", __builtin_bswap16(port));
}

/* The first of the longest rows of two or more zero groups. */
static int longest_gap(const USHORT *groups, int count, int *length)
{
    int best = -1;

    *length = 1;
    for (int i = 0; i < count; )
    {
        int n = 0;

        while (i + n < count && !groups[i + n]) n++;
        if (n > *length)
        {
            best = i;
            *length = n;
        }
        i += n ? n : 1;
    }
    return best;
}

/* Mapped, compatible, translated and ISATAP addresses end like IPv4 ones. */
static bool has_v4_tail(const USHORT *g)
{
    if (!(g[4] & ~0x2) && g[5] == 0xfe5e) return true;
    if (g[0] || g[1] || g[2] || g[3] || !g[6]) return false;
    return (g[4] == 0xffff && !g[5]) || (!g[4] && (g[5] == 0xffff || !g[5]));
}

static char *format6(const IN6_ADDR *address, char *text)
{
    USHORT groups[8];
    bool v4;
    int count, gap, length;

    for (int i = 0; i < 8; i++) groups[i] = address->u.Word[i];
    v4 = has_v4_tail(groups);
    for (int i = 0; i < 8; i++) groups[i] = __builtin_bswap16(groups[i]);
    count = v4 ? 6 : 8;
    gap = longest_gap(groups, count, &length);
    for (int i = 0; i < count; )
    {
        if (i == gap)
        {
            text += sprintf(text, "::");
            i += length;
            continue;
        }
        if (i && i != gap + length) *text++ = ':';
        text += sprintf(text, "%x", groups[i++]);
    }
    if (v4)
    {
        if (gap < 0 || gap + length != count) *text++ = ':';
        format4((const IN_ADDR *)&address->u.Word[6], 0, text);
        text += strlen(text);
    }
    *text = 0;
    return text;
}

static void format6_ex(const IN6_ADDR *address, ULONG scope, USHORT port, char *text)
{
    if (port) *text++ = '[';
    text = format6(address, text);
    if (scope) text += sprintf(text, "%%%u", scope);
    if (port) sprintf(text, "]:%u", __builtin_bswap16(port));
}

/* ---- the API; *Ex sizes are in characters ---- */

NTSTATUS WINAPI RtlIpv4StringToAddressA(const char *s, BOOLEAN strict, const char **end, IN_ADDR *address)
{
    return a_parse4(s, strict, end, address);
}

NTSTATUS WINAPI RtlIpv4StringToAddressW(const WCHAR *s, BOOLEAN strict, const WCHAR **end, IN_ADDR *address)
{
    return w_parse4(s, strict, end, address);
}

NTSTATUS WINAPI RtlIpv4StringToAddressExA(const char *s, BOOLEAN strict, IN_ADDR *address, USHORT *port)
{
    return a_parse4_ex(s, strict, address, port);
}

NTSTATUS WINAPI RtlIpv4StringToAddressExW(const WCHAR *s, BOOLEAN strict, IN_ADDR *address, USHORT *port)
{
    return w_parse4_ex(s, strict, address, port);
}

NTSTATUS WINAPI RtlIpv6StringToAddressA(const char *s, const char **end, IN6_ADDR *address)
{
    return a_parse6(s, end, address);
}

NTSTATUS WINAPI RtlIpv6StringToAddressW(const WCHAR *s, const WCHAR **end, IN6_ADDR *address)
{
    return w_parse6(s, end, address);
}

NTSTATUS WINAPI RtlIpv6StringToAddressExA(const char *s, IN6_ADDR *address, ULONG *scope, USHORT *port)
{
    return a_parse6_ex(s, address, scope, port);
}

NTSTATUS WINAPI RtlIpv6StringToAddressExW(const WCHAR *s, IN6_ADDR *address, ULONG *scope, USHORT *port)
{
    return w_parse6_ex(s, address, scope, port);
}

/* The short forms return where the text ends. */
char * WINAPI RtlIpv4AddressToStringA(const IN_ADDR *address, char *buffer)
{
    char text[TEXT_MAX];

    format4(address, 0, text);
    return a_copy(text, buffer);
}

WCHAR * WINAPI RtlIpv4AddressToStringW(const IN_ADDR *address, WCHAR *buffer)
{
    char text[TEXT_MAX];

    format4(address, 0, text);
    return w_copy(text, buffer);
}

char * WINAPI RtlIpv6AddressToStringA(const IN6_ADDR *address, char *buffer)
{
    char text[TEXT_MAX];

    format6(address, text);
    return a_copy(text, buffer);
}

WCHAR * WINAPI RtlIpv6AddressToStringW(const IN6_ADDR *address, WCHAR *buffer)
{
    char text[TEXT_MAX];

    format6(address, text);
    return w_copy(text, buffer);
}

NTSTATUS WINAPI RtlIpv4AddressToStringExA(const IN_ADDR *address, USHORT port, char *buffer, ULONG *size)
{
    char text[TEXT_MAX];

    if (!address || !buffer || !size) return STATUS_INVALID_PARAMETER;
    format4(address, port, text);
    return a_give(text, buffer, size);
}

NTSTATUS WINAPI RtlIpv4AddressToStringExW(const IN_ADDR *address, USHORT port, WCHAR *buffer, ULONG *size)
{
    char text[TEXT_MAX];

    if (!address || !buffer || !size) return STATUS_INVALID_PARAMETER;
    format4(address, port, text);
    return w_give(text, buffer, size);
}

NTSTATUS WINAPI RtlIpv6AddressToStringExA(const IN6_ADDR *address, ULONG scope, USHORT port, char *buffer, ULONG *size)
{
    char text[TEXT_MAX];

    if (!address || !buffer || !size) return STATUS_INVALID_PARAMETER;
    format6_ex(address, scope, port, text);
    return a_give(text, buffer, size);
}

NTSTATUS WINAPI RtlIpv6AddressToStringExW(const IN6_ADDR *address, ULONG scope, USHORT port, WCHAR *buffer, ULONG *size)
{
    char text[TEXT_MAX];

    if (!address || !buffer || !size) return STATUS_INVALID_PARAMETER;
    format6_ex(address, scope, port, text);
    return w_give(text, buffer, size);
}
