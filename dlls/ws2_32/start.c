/* Windows Sockets: starting up, errors, byte order. */
#include "ws2_32.h"

static LONG started;        /* calls of WSAStartup that WSACleanup has not undone */

int WINAPI WSAStartup(WORD wanted, WSADATA *data)
{
    WORD version = wanted;

    if (!LOBYTE(wanted)) return WSAVERNOTSUPPORTED;
    if (!data) return WSAEFAULT;
    /* The highest version both sides know. */
    if (LOBYTE(wanted) > 2 || wanted == MAKEWORD(2, HIBYTE(wanted))) version = MAKEWORD(2, HIBYTE(wanted) < 2 && LOBYTE(wanted) == 2 ? HIBYTE(wanted) : 2);
    else if (LOBYTE(wanted) == 1 && HIBYTE(wanted) > 1) version = MAKEWORD(1, 1);
    memset(data, 0, sizeof(*data));
    data->wVersion = version;
    data->wHighVersion = MAKEWORD(2, 2);
    strcpy(data->szDescription, "WinSock 2.0");
    strcpy(data->szSystemStatus, "Running");
    InterlockedIncrement(&started);
    return 0;
}

int WINAPI WSACleanup(void)
{
    LONG count = started;

    while (count > 0)
    {
        LONG seen = InterlockedCompareExchange(&started, count - 1, count);

        if (seen == count) return 0;
        count = seen;
    }
    SetLastError(WSANOTINITIALISED);
    return SOCKET_ERROR;
}

int WINAPI WSAGetLastError(void)
{
    return (int)GetLastError();
}

void WINAPI WSASetLastError(int error)
{
    SetLastError((DWORD)error);
}

BOOL WINAPI WSAIsBlocking(void)
{
    return FALSE;
}

BOOL is_started(void)
{
    return __atomic_load_n(&started, __ATOMIC_RELAXED) > 0;
}

/* ---- what a thread has ------------------------------------------------------------------------------ */

static DWORD thread_slot = TLS_OUT_OF_INDEXES;

struct thread_data *thread_data(void)
{
    struct thread_data *data = TlsGetValue(thread_slot);

    if (!data && (data = RtlAllocateHeap(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*data)))) TlsSetValue(thread_slot, data);
    return data;
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved);

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
    (void)instance;
    switch (reason)
    {
    case DLL_PROCESS_ATTACH:
        return (thread_slot = TlsAlloc()) != TLS_OUT_OF_INDEXES;
    case DLL_PROCESS_DETACH:
        if (!reserved) TlsFree(thread_slot);
        break;
    case DLL_THREAD_DETACH:
        RtlFreeHeap(GetProcessHeap(), 0, TlsGetValue(thread_slot));
        break;
    }
    return TRUE;
}

/* ---- byte order ------------------------------------------------------------------------------------- */
#undef htonl
#undef htons
#undef ntohl
#undef ntohs
u_long WINAPI htonl(u_long value);
u_long WINAPI ntohl(u_long value);
u_short WINAPI htons(u_short value);
u_short WINAPI ntohs(u_short value);

u_long WINAPI htonl(u_long value)
{
    return __builtin_bswap32(value);
}

u_long WINAPI ntohl(u_long value)
{
    return __builtin_bswap32(value);
}

u_short WINAPI htons(u_short value)
{
    return __builtin_bswap16(value);
}

u_short WINAPI ntohs(u_short value)
{
    return __builtin_bswap16(value);
}

/* "a.b.c.d", or with fewer parts, the last of which then fills what is left; decimal, octal or hexadecimal. */
u_long WINAPI inet_addr(const char *text)
{
    unsigned long long parts[4], value;
    int count = 0;

    if (!text || !*text) return INADDR_NONE;
    if (text[0] == ' ' && !text[1]) return 0;
    for (;;)
    {
        unsigned int base = 10;
        const char *start;

        if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        {
            base = 16;
            text += 2;
        }
        else if (text[0] == '0') base = 8;
        value = 0;
        for (start = text;; text++)
        {
            unsigned int digit;

            if (*text >= '0' && *text <= '9') digit = (unsigned int)(*text - '0');
            else if ((*text | 32) >= 'a' && (*text | 32) <= 'f') digit = (unsigned int)((*text | 32) - 'a' + 10);
            else break;
            if (digit >= base) return INADDR_NONE;
            value = value * base + digit;
            if (value > 0xffffffff) return INADDR_NONE;
        }
        if (text == start) return INADDR_NONE;
        parts[count++] = value;
        if (*text != '.') break;
        if (count == 4) return INADDR_NONE;
        text++;
    }
    if (*text && *text != ' ') return INADDR_NONE;
    for (int i = 0; i + 1 < count; i++) if (parts[i] > 255) return INADDR_NONE;
    if (parts[count - 1] >> (8 * (5 - count)) != 0 && count > 1) return INADDR_NONE;
    value = parts[count - 1];
    for (int i = 0; i + 1 < count; i++) value |= parts[i] << (24 - 8 * i);
    return htonl((u_long)value);
}
