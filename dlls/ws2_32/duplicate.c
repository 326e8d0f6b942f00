/* WSADuplicateSocket: a handle for another process, which WSASocket there finds in the protocol's description. */
#include "ws2_32.h"

/* The same for both widths; the text at the end is the caller's. */
static int duplicate(SOCKET s, DWORD id, const WSAPROTOCOL_INFOW **found, DWORD *value)
{
    HANDLE process, there;
    BOOL fine;

    if (!is_started()) return fail(WSANOTINITIALISED);
    if (!(*found = protocol_of(s))) return fail(is_socket(s) ? WSAEOPNOTSUPP : WSAENOTSOCK);
    if (!(process = OpenProcess(PROCESS_DUP_HANDLE, FALSE, id))) return fail(WSAEINVAL);
    if (!value)
    {
        CloseHandle(process);
        return fail(WSAEFAULT);
    }
    fine = DuplicateHandle(GetCurrentProcess(), (HANDLE)s, process, &there, 0, FALSE, DUPLICATE_SAME_ACCESS);
    CloseHandle(process);
    if (!fine) return fail(GetLastError() == ERROR_ACCESS_DENIED ? WSAEINVAL : WSAENOBUFS);
    *value = HandleToULong(there);
    return 0;
}

int WINAPI WSADuplicateSocketW(SOCKET s, DWORD id, WSAPROTOCOL_INFOW *info)
{
    const WSAPROTOCOL_INFOW *found;
    DWORD value;

    if (duplicate(s, id, &found, info ? &value : NULL)) return SOCKET_ERROR;
    *info = *found;
    info->dwProviderReserved = value;
    return 0;
}

int WINAPI WSADuplicateSocketA(SOCKET s, DWORD id, WSAPROTOCOL_INFOA *info)
{
    const WSAPROTOCOL_INFOW *found;
    DWORD value;

    if (duplicate(s, id, &found, info ? &value : NULL)) return SOCKET_ERROR;
    protocol_narrow(info, found);
    info->dwProviderReserved = value;
    return 0;
}
