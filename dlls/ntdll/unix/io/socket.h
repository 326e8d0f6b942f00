/* Sockets: \Device\Afd. */
#pragma once

#include <sys/socket.h>

#include "io/async.h"
#include "oriel/socket.h"

/* What belongs to the socket and not to who uses it, of which the kernel keeps no account. A socket that has gone to other
 * processes has it in memory of theirs, too (socket_share.c): any word may change at any time, and nothing depends on two of
 * them together. */
struct socket_state
{
    _Atomic uint32_t nonblocking;       /* FIONBIO; the fd itself never blocks */
    _Atomic uint32_t connecting;        /* connect() is under way */
    _Atomic uint32_t connected, listening;
    _Atomic uint32_t receive_timeout, send_timeout;     /* ms; 0 = none */
    _Atomic int32_t  error;             /* errno of the connect() that failed, until somebody asks */

    /* WSAEventSelect */
    _Atomic uint32_t selection;         /* goes up with every call: the last one is in force */
    _Atomic uint32_t mask;              /* FD_x that are wanted */
    _Atomic uint32_t reported;          /* ... that were told, and not enabled again */
    _Atomic uint32_t fresh;             /* ... that NtEnumNetworkEvents has not given out */
    _Atomic int32_t  errors[10];
};

struct socket
{
    int  family, type, protocol;        /* Linux' */
    struct socket_state *_Atomic state; /* &own until it is shared */
    struct socket_state own;
    int  state_fd, bell;                /* of a shared one, else -1: its memory; an eventfd that is rung for who watches */
    bool bell_heard;                    /* under file.lock */
    void *old_page;                     /* of a state that is not shared any more */

    /* This process's selection, if state.selection is its number; under file.lock */
    struct object *event;
    uint32_t selection;                 /* 0: none */
};

/* Around a change of the state, which is elsewhere afterwards if it becomes shared meanwhile. To be held for moments. */
struct socket_state *socket_state_begin(struct socket *s);
void                 socket_state_end(void);
#define SOCKET_SET(socket, field, value) do { socket_state_begin(socket)->field = (value); socket_state_end(); } while (0)

extern const struct file_ops socket_ops;

NTSTATUS socket_open_device(const WCHAR *name, size_t length, struct file_open *open, struct file **file);

NTSTATUS status_from_socket_errno(int error);
int      wsa_error_from_errno(int error);

/* Addresses: Windows' at the program, Linux' here. */
NTSTATUS address_read(struct sockaddr_storage *to, socklen_t *length, const void *from, int from_length);
/* As many bytes as fit; *length becomes what the whole address has. */
NTSTATUS address_write(void *to, size_t room, const struct sockaddr_storage *from, socklen_t from_length, size_t *length);
int      family_to_linux(int family);
int      family_to_windows(int family);

NTSTATUS socket_receive(struct io *io);
NTSTATUS socket_send(struct io *io);
NTSTATUS socket_send_file(struct io *io);
NTSTATUS socket_get_option(struct io *io);
NTSTATUS socket_set_option(struct io *io);
NTSTATUS socket_poll(struct io *io);
NTSTATUS socket_select(struct io *io);
NTSTATUS socket_events(struct io *io);
NTSTATUS socket_resolve(struct io *io);
NTSTATUS socket_reverse(struct io *io);
NTSTATUS socket_interfaces(struct io *io);
NTSTATUS socket_name_servers(struct io *io);
NTSTATUS socket_route(struct io *io);

/* A call that Windows takes as leave to tell of these events again. */
void     socket_enable(struct file *file, unsigned int events);

/* The same, for a selection of this process, after somebody may have changed what is reported. */
void     socket_look_again(struct file *file);

/* The socket in other processes (io/transfer.c). */
NTSTATUS socket_pack(struct file *file, struct transfer *transfer);
bool     socket_is_packed(const struct transfer *transfer);
NTSTATUS socket_unpack(struct transfer *transfer, struct file **out);

/* It becomes another: it leaves the state to those who share it, and begins with a new one. */
void     socket_renew(struct socket *s);
/* Under file.lock: this process wants to know what others do to the events. */
void     socket_listen_to_bell(struct file *file);
void     socket_state_free(struct socket *s);

struct file *socket_file_alloc(ACCESS_MASK access, ULONG options);

/* Waits as the request says. */
NTSTATUS socket_run(struct io *io, int wait, uint32_t timeout_ms);
