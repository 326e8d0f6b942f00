/* The socket protocol between ws2_32 and the Unix side: codes for NtDeviceIoControlFile on a file of \Device\Afd.
 *
 * A socket begins as an open of \Device\Afd without the synchronous options, and becomes one with CREATE. Families,
 * types, levels, options and addresses are Windows' (AF_INET6 is 23). Pointers in requests are the program's.
 *
 * Operations that may wait say how in their wait field: as overlapped I/O does (STATUS_PENDING, then status block,
 * event, APC or port), in place, or not at all. PLAIN is in place unless FIONBIO made the socket non-blocking; what
 * would have to wait then fails with STATUS_DEVICE_NOT_READY.
 */
#pragma once

#define ORIEL_SOCKET_CODE(n) (0x00120000u | (0x800u + (n)) << 2)    /* FILE_DEVICE_NETWORK, buffered, any access */

#define ORIEL_SOCKET_CREATE       ORIEL_SOCKET_CODE(0)      /* in: struct oriel_socket_create */
#define ORIEL_SOCKET_BIND         ORIEL_SOCKET_CODE(1)      /* in: address */
#define ORIEL_SOCKET_LISTEN       ORIEL_SOCKET_CODE(2)      /* in: int backlog */
#define ORIEL_SOCKET_CONNECT      ORIEL_SOCKET_CODE(3)      /* in: struct oriel_socket_connect */
#define ORIEL_SOCKET_ACCEPT       ORIEL_SOCKET_CODE(4)      /* in: struct oriel_socket_accept; out: address of the peer */
#define ORIEL_SOCKET_RECEIVE      ORIEL_SOCKET_CODE(5)      /* in: struct oriel_socket_transfer */
#define ORIEL_SOCKET_SEND         ORIEL_SOCKET_CODE(6)      /* in: struct oriel_socket_transfer */
#define ORIEL_SOCKET_SHUTDOWN     ORIEL_SOCKET_CODE(7)      /* in: int how: 0 receive, 1 send, 2 both */
#define ORIEL_SOCKET_GET_NAME     ORIEL_SOCKET_CODE(8)      /* in: int, 1 = the peer's; out: address */
#define ORIEL_SOCKET_GET_OPTION   ORIEL_SOCKET_CODE(9)      /* in: struct oriel_socket_option; out: value */
#define ORIEL_SOCKET_SET_OPTION   ORIEL_SOCKET_CODE(10)     /* in: struct oriel_socket_option, then the value */
#define ORIEL_SOCKET_NONBLOCKING  ORIEL_SOCKET_CODE(11)     /* in: int; STATUS_INVALID_PARAMETER while events are selected */
#define ORIEL_SOCKET_READABLE     ORIEL_SOCKET_CODE(12)     /* out: unsigned int, bytes */
#define ORIEL_SOCKET_POLL         ORIEL_SOCKET_CODE(13)     /* in and out: struct oriel_socket_poll, entries */
#define ORIEL_SOCKET_SELECT       ORIEL_SOCKET_CODE(14)     /* in: struct oriel_socket_select */
#define ORIEL_SOCKET_EVENTS       ORIEL_SOCKET_CODE(15)     /* in: uint64 event handle to reset, or 0; out: struct oriel_socket_events */
#define ORIEL_SOCKET_RESOLVE      ORIEL_SOCKET_CODE(16)     /* in: struct oriel_socket_resolve; out: oriel_socket_resolved[] */
#define ORIEL_SOCKET_REVERSE      ORIEL_SOCKET_CODE(17)     /* in: int flags, address; out: char host[1025], service[32] */
#define ORIEL_SOCKET_HOST_NAME    ORIEL_SOCKET_CODE(18)     /* out: char[256] */
#define ORIEL_SOCKET_SEND_FILE    ORIEL_SOCKET_CODE(19)     /* in: struct oriel_socket_send_file */

#define ORIEL_SOCKET_INTERFACES   ORIEL_SOCKET_CODE(32)     /* out: struct oriel_interface[]; it needs no socket, as the next two */
#define ORIEL_SOCKET_NAME_SERVERS ORIEL_SOCKET_CODE(33)     /* out: struct oriel_address[] */
#define ORIEL_SOCKET_ROUTE        ORIEL_SOCKET_CODE(34)     /* in: address; out: struct oriel_route, the way there */

enum oriel_socket_wait { ORIEL_SOCKET_OVERLAPPED, ORIEL_SOCKET_PLAIN };

struct oriel_socket_create
{
    int family, type, protocol;
};

struct oriel_socket_connect
{
    int  wait;
    int  length;
    char address[128];
};

struct oriel_socket_accept
{
    int  wait;
    int  local_length;              /* AcceptEx: so many bytes of the output are for the local address, before the peer's */
    unsigned long long handle;      /* an open of \Device\Afd that is no socket yet: it becomes the connection */
};

struct oriel_socket_buffer          /* WSABUF */
{
    unsigned int length;
    unsigned int reserved;
    unsigned long long data;        /* char * */
};

struct oriel_socket_transfer
{
    int  wait;
    unsigned int flags;             /* MSG_x of Windows */
    unsigned long long buffers;     /* struct oriel_socket_buffer * */
    unsigned int count;
    int  address_length;            /* send: of address */
    unsigned long long address;     /* sockaddr *: send, to; receive, from (or 0) */
    unsigned long long address_length_out;      /* receive: int *, or 0 */
};

struct oriel_socket_send_file       /* TransmitFile: head, then a piece of a file, then tail */
{
    int  wait;
    int  disconnect;                /* no more is to be sent afterwards */
    unsigned long long file;        /* HANDLE with FILE_READ_DATA; 0: none */
    unsigned long long offset, length;          /* length 0: to the end of the file */
    unsigned long long head, tail;  /* const void * */
    unsigned int head_length, tail_length;
};

struct oriel_socket_option
{
    int level, name;
};

struct oriel_socket_poll_entry
{
    unsigned long long handle;
    short events, returned;         /* POLLx of Windows */
    int   reserved;
};

struct oriel_socket_poll
{
    int timeout;                    /* ms; -1 = for ever */
    int count;                      /* in: entries; out: those with returned != 0 */
    struct oriel_socket_poll_entry entries[1];
};

struct oriel_socket_select          /* WSAEventSelect */
{
    unsigned long long event;       /* HANDLE, 0 with mask 0 */
    unsigned int mask;              /* FD_x */
    unsigned int reserved;
};

struct oriel_socket_events
{
    unsigned int mask;
    int errors[10];                 /* WSAEx, by bit */
};

struct oriel_socket_resolve         /* getaddrinfo; both strings are UTF-8, empty: not given */
{
    int  flags, family, type, protocol;         /* AI_x, AF_x ... of Windows */
    char node[256], service[64];
};

struct oriel_socket_resolved
{
    int  family, type, protocol, length;
    char address[128];
    char canonical_name[256];       /* of the first, if it was asked for */
};

#define ORIEL_INTERFACE_UP        1
#define ORIEL_INTERFACE_MULTICAST 2

struct oriel_interface              /* an interface, or one of its addresses */
{
    unsigned int index;
    int  family;                    /* 0: the interface itself */
    unsigned int flags;             /* ORIEL_INTERFACE_x */
    unsigned int type, mtu;         /* of the interface itself: IF_TYPE_x of Windows */
    int  prefix;                    /* of an address: bits of its network */
    int  length;
    char address[128];              /* the interface's own: of the hardware */
    char name[16];
};

struct oriel_address
{
    int  length;
    char address[128];
};

struct oriel_route
{
    unsigned int index;             /* of the interface that it begins with */
    unsigned int metric;
    int  prefix;                    /* of the destination, which is that of the table's entry */
    struct oriel_address destination, gateway, source;      /* a gateway of zeros: there is none on the way */
};
