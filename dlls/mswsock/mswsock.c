/* mswsock: Winsock's extensions by name. They are ws2_32's, which gives them out by GUID. */
#include <stdarg.h>

#define WINSOCK_API_LINKAGE
#include "windef.h"
#include "winbase.h"
#include "winsock2.h"
#include "mswsock.h"

static void *extension(SOCKET s, const GUID *guid)
{
    void *function = NULL;
    DWORD size;

    WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, (void *)guid, sizeof(*guid), &function, sizeof(function), &size, NULL, NULL);
    return function;
}

BOOL WINAPI AcceptEx(SOCKET listener, SOCKET s, void *buffer, DWORD data_length, DWORD local_length, DWORD peer_length,
                     DWORD *received, OVERLAPPED *overlapped)
{
    static const GUID guid = WSAID_ACCEPTEX;
    LPFN_ACCEPTEX function = extension(listener, &guid);

    return function && function(listener, s, buffer, data_length, local_length, peer_length, received, overlapped);
}

/* Knows no socket: the layout is that of AcceptEx. */
void WINAPI GetAcceptExSockaddrs(void *buffer, DWORD data_length, DWORD local_length, DWORD peer_length, struct sockaddr **local,
                                 int *local_size, struct sockaddr **peer, int *peer_size)
{
    (void)peer_length;
    *local = (struct sockaddr *)((char *)buffer + data_length);
    *peer = (struct sockaddr *)((char *)buffer + data_length + local_length);
    *local_size = (*local)->sa_family == AF_INET ? 16 : 28;
    *peer_size = (*peer)->sa_family == AF_INET ? 16 : 28;
}

BOOL WINAPI TransmitFile(SOCKET s, HANDLE file, DWORD length, DWORD chunk, OVERLAPPED *overlapped, TRANSMIT_FILE_BUFFERS *buffers,
                         DWORD flags)
{
    static const GUID guid = WSAID_TRANSMITFILE;
    LPFN_TRANSMITFILE function = extension(s, &guid);

    return function && function(s, file, length, chunk, overlapped, buffers, flags);
}
