/* What the files of ws2_32 share. A socket is a handle of \Device\Afd; include/oriel/socket.h is what it understands. */
#pragma once

#include <stdarg.h>
#include <string.h>

#include "ntstatus.h"
#define WIN32_NO_STATUS
#define WINSOCK_API_LINKAGE
#include "windef.h"
#include "winbase.h"
#include "winternl.h"
#include "winsock2.h"
#include "ws2tcpip.h"
#include "mswsock.h"
#include "oriel/socket.h"

/* Winsock's error for a status. */
int error_from_status(NTSTATUS status);

/* Sets the error; returns SOCKET_ERROR. */
int fail(int error);

/* 0, or SOCKET_ERROR with the error set. */
int result(NTSTATUS status);

/* One request; nothing of it waits but as the request itself says. *done may be NULL. */
NTSTATUS request(SOCKET s, unsigned int code, const void *in, size_t in_size, void *out, size_t out_size, ULONG_PTR *done);

/* The same as overlapped I/O, if overlapped is not NULL. */
NTSTATUS request_overlapped(SOCKET s, unsigned int code, const void *in, size_t in_size, void *out, size_t out_size,
                            WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, ULONG_PTR *done);

/* An open of the device that is no socket yet. */
NTSTATUS device_open(SOCKET *s, BOOL inherit);

/* The protocols that there are; NULL: none such. */
const WSAPROTOCOL_INFOW *protocol_find(int family, int type, int protocol);
const WSAPROTOCOL_INFOW *protocol_of(SOCKET s);         /* NULL: no socket, or of no protocol that is described */
void protocol_narrow(WSAPROTOCOL_INFOA *to, const WSAPROTOCOL_INFOW *from);
BOOL is_socket(SOCKET s);

/* SIO_GET_EXTENSION_FUNCTION_POINTER */
void *extension_find(const GUID *guid);

BOOL is_started(void);

#define MAX_ANSWERS 32
struct thread_data              /* what calls of old return pointers to: the next call of the thread overwrites it */
{
    char address_text[16];
    struct hostent host;
    char  name[256];
    char *aliases[1];
    char *list[MAX_ANSWERS + 1];
    unsigned char addresses[MAX_ANSWERS][4];
};
struct thread_data *thread_data(void);  /* NULL: no memory */

#ifndef WSASendMsg
int WINAPI WSASendMsg(SOCKET s, WSAMSG *message, DWORD flags, DWORD *done, WSAOVERLAPPED *overlapped,
                      LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
#endif
