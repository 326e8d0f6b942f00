/* Addresses as text. */
#include "ws2_32.h"

#undef htonl
#undef htons

/* ---- to text ------------------------------------------------------------------------------------------------------- */

static char *put_number(char *out, unsigned int value, unsigned int base)
{
    char digits[10];
    int n = 0;

    do digits[n++] = "0123456789abcdef"[value % base];
    while (value /= base);
    while (n) *out++ = digits[--n];
    return out;
}

static char *put_v4(char *out, const unsigned char *bytes)
{
    for (int i = 0; i < 4; i++)
    {
        if (i) *out++ = '.';
        out = put_number(out, bytes[i], 10);
    }
    return out;
}

/* RFC 5952: the longest run of zero groups, of two or more, is "::". */
static char *put_v6(char *out, const unsigned char *bytes)
{
    int best = -1, best_length = 1, groups[8];
    BOOL v4;

    for (int i = 0; i < 8; i++) groups[i] = bytes[2 * i] << 8 | bytes[2 * i + 1];
    for (int i = 0; i < 8; i++)
    {
        int length = 0;

        while (i + length < 8 && !groups[i + length]) length++;
        if (length > best_length)
        {
            best = i;
            best_length = length;
        }
    }
    v4 = best == 0 && ((best_length == 5 && groups[5] == 0xffff) || (best_length == 6 && groups[6]));
    for (int i = 0; i < 8; )
    {
        if (i == best)
        {
            *out++ = ':';
            *out++ = ':';
            i += best_length;
            continue;
        }
        if (i && out[-1] != ':') *out++ = ':';
        if (v4 && i == 6) return put_v4(out, bytes + 12);
        out = put_number(out, groups[i++], 16);
    }
    return out;
}

const char * WINAPI inet_ntop(int family, void *address, char *buffer, SIZE_T size)
{
    char text[64], *end;

    if (family == AF_INET) end = put_v4(text, address);
    else if (family == AF_INET6) end = put_v6(text, address);
    else return fail(WSAEAFNOSUPPORT), NULL;
    *end++ = 0;
    if ((SIZE_T)(end - text) > size) return fail(STATUS_INVALID_PARAMETER), NULL;
    return memcpy(buffer, text, end - text);
}

const WCHAR * WINAPI InetNtopW(int family, void *address, WCHAR *buffer, SIZE_T size)
{
    char text[64];
    SIZE_T i = 0;

    if (!inet_ntop(family, address, text, sizeof(text))) return NULL;
    if (strlen(text) >= size) return fail(STATUS_INVALID_PARAMETER), NULL;
    do buffer[i] = text[i];
    while (text[i++]);
    return buffer;
}

char * WINAPI inet_ntoa(struct in_addr address)
{
    struct thread_data *data = thread_data();

    if (!data) return fail(WSAENOBUFS), NULL;
    *put_v4(data->address_text, (const unsigned char *)&address) = 0;
    return data->address_text;
}

/* ---- from text ------------------------------------------------------------------------------------------------------- */

/* Four decimal numbers; where it ends. */
static const char *get_v4(const char *text, unsigned char *bytes)
{
    for (int i = 0; i < 4; i++)
    {
        unsigned int value = 0, digits = 0;

        if (i && *text++ != '.') return NULL;
        while (*text >= '0' && *text <= '9' && digits < 3) value = value * 10 + (*text++ - '0'), digits++;
        if (!digits || value > 255) return NULL;
        bytes[i] = value;
    }
    return text;
}

static const char *get_v6(const char *text, unsigned char *bytes)
{
    unsigned char groups[16] = { 0 };
    int count = 0, gap = -1;

    if (text[0] == ':' && text[1] != ':') return NULL;
    while (count < 16)
    {
        unsigned int value = 0, digits = 0;
        const char *start = text, *end;

        if (text[0] == ':' && text[1] == ':')
        {
            if (gap >= 0) return NULL;
            gap = count;
            text += 2;
            start = text;
        }
        else if (count)
        {
            if (*text != ':') break;
            start = ++text;
        }
        while (digits < 4)
        {
            char c = *text;

            if (c >= '0' && c <= '9') value = value << 4 | (c - '0');
            else if ((c | 32) >= 'a' && (c | 32) <= 'f') value = value << 4 | ((c | 32) - 'a' + 10);
            else break;
            text++;
            digits++;
        }
        if (*text == '.' && count <= 12 && (end = get_v4(start, groups + count)))
        {
            count += 4;
            text = end;
            break;
        }
        if (!digits)
        {
            if (gap == count) break;    /* "::" at the end */
            return NULL;
        }
        groups[count++] = value >> 8;
        groups[count++] = value;
    }
    if (gap < 0 ? count != 16 : count > 14) return NULL;
    memset(bytes, 0, 16);
    if (gap < 0) memcpy(bytes, groups, 16);
    else
    {
        memcpy(bytes, groups, gap);
        memcpy(bytes + 16 - (count - gap), groups + gap, count - gap);
    }
    return text;
}

int WINAPI inet_pton(int family, const char *text, void *address)
{
    unsigned char bytes[16];
    const char *end;

    if (family != AF_INET && family != AF_INET6) return fail(WSAEAFNOSUPPORT);
    if (!text || !address) return fail(WSAEFAULT);
    end = family == AF_INET ? get_v4(text, bytes) : get_v6(text, bytes);
    if (!end || *end) return 0;
    memcpy(address, bytes, family == AF_INET ? 4 : 16);
    return 1;
}

static BOOL narrow(const WCHAR *text, char *out, size_t size)
{
    size_t i = 0;

    do
    {
        if (i == size || text[i] > 127) return FALSE;
        out[i] = (char)text[i];
    } while (text[i++]);
    return TRUE;
}

int WINAPI InetPtonW(int family, const WCHAR *text, void *address)
{
    char copy[64];

    if (!text) return fail(WSAEFAULT);
    return narrow(text, copy, sizeof(copy)) ? inet_pton(family, copy, address) : 0;
}

/* ---- with ports --------------------------------------------------------------------------------------------------------- */

int WINAPI WSAAddressToStringA(struct sockaddr *address, DWORD length, WSAPROTOCOL_INFOA *info, char *buffer, DWORD *size)
{
    char text[96], *p = text;
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
    u_short port;

    (void)info;
    if (!address || !size) return fail(WSAEFAULT);
    if (address->sa_family == AF_INET)
    {
        if (length < sizeof(*v4)) return fail(WSAEINVAL);
        p = put_v4(p, (const unsigned char *)&v4->sin_addr);
        port = v4->sin_port;
    }
    else if (address->sa_family == AF_INET6)
    {
        if (length < sizeof(*v6)) return fail(WSAEINVAL);
        port = v6->sin6_port;
        if (port) *p++ = '[';
        p = put_v6(p, (const unsigned char *)&v6->sin6_addr);
        if (v6->sin6_scope_id)
        {
            *p++ = '%';
            p = put_number(p, v6->sin6_scope_id, 10);
        }
        if (port) *p++ = ']';
    }
    else return fail(WSAEINVAL);
    if (port)
    {
        *p++ = ':';
        p = put_number(p, (u_short)(port >> 8 | port << 8), 10);
    }
    *p++ = 0;
    if (*size < (DWORD)(p - text))
    {
        *size = p - text;
        return fail(WSAEFAULT);
    }
    *size = p - text;
    memcpy(buffer, text, *size);
    return 0;
}

int WINAPI WSAAddressToStringW(struct sockaddr *address, DWORD length, WSAPROTOCOL_INFOW *info, WCHAR *buffer, DWORD *size)
{
    char text[96];
    DWORD needed = sizeof(text);

    (void)info;
    if (!size) return fail(WSAEFAULT);
    if (WSAAddressToStringA(address, length, NULL, text, &needed)) return SOCKET_ERROR;
    if (*size < needed)
    {
        *size = needed;
        return fail(WSAEFAULT);
    }
    for (DWORD i = 0; i < needed; i++) buffer[i] = text[i];
    *size = needed;
    return 0;
}

static BOOL get_port(const char *text, u_short *port)
{
    unsigned int value = 0;

    *port = 0;
    if (!*text) return TRUE;
    if (*text++ != ':' || !*text) return FALSE;
    for (; *text; text++)
    {
        if (*text < '0' || *text > '9' || (value = value * 10 + (*text - '0')) > 65535) return FALSE;
    }
    *port = (u_short)(value >> 8 | value << 8);
    return TRUE;
}

int WINAPI WSAStringToAddressA(char *text, int family, WSAPROTOCOL_INFOA *info, struct sockaddr *address, int *length)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    const char *end = NULL;
    int size = family == AF_INET ? sizeof(v4) : sizeof(v6);
    BOOL bracket;

    (void)info;
    if (!text || !address || !length) return fail(WSAEFAULT);
    if (family != AF_INET && family != AF_INET6) return fail(WSAEINVAL);
    if (*length < size)
    {
        *length = size;
        return fail(WSAEFAULT);
    }
    bracket = family == AF_INET6 && *text == '[';
    if (family == AF_INET) end = get_v4(text, (unsigned char *)&v4.sin_addr);
    else end = get_v6(text + bracket, (unsigned char *)&v6.sin6_addr);
    if (end && family == AF_INET6 && *end == '%')
        for (end++; *end >= '0' && *end <= '9'; end++) v6.sin6_scope_id = v6.sin6_scope_id * 10 + (*end - '0');
    if (!end || (bracket && *end++ != ']') || (!bracket && family == AF_INET6 && *end) ||
        !get_port(end, family == AF_INET ? &v4.sin_port : &v6.sin6_port)) return fail(WSAEINVAL);
    memcpy(address, family == AF_INET ? (void *)&v4 : (void *)&v6, size);
    *length = size;
    return 0;
}

int WINAPI WSAStringToAddressW(WCHAR *text, int family, WSAPROTOCOL_INFOW *info, struct sockaddr *address, int *length)
{
    char copy[128];

    (void)info;
    if (!text) return fail(WSAEFAULT);
    if (!narrow(text, copy, sizeof(copy))) return fail(WSAEINVAL);
    return WSAStringToAddressA(copy, family, NULL, address, length);
}
