/* Sockets: \Device\Afd. */
#pragma once

#include <sys/socket.h>

#include "io/async.h"
#include "oriel/socket.h"

struct socket
{
    int  family, type, protocol;        /* Linux' */
    bool nonblocking;                   /* FIONBIO; the fd itself never blocks */
    bool connecting;                    /* connect() is under way */
    bool connected, listening;
    uint32_t receive_timeout, send_timeout;     /* ms; 0 = none */
    int  error;                         /* errno of the connect() that failed, until somebody asks */

    /* WSAEventSelect; under file.lock */
    struct object *event;
    unsigned int mask;                  /* FD_x that are wanted */
    unsigned int reported;              /* ... that were told, and not enabled again */
    unsigned int fresh;                 /* ... that NtEnumNetworkEvents has not given out */
    int  errors[10];
    bool watching;                      /* an operation of ours is among file.pending */
};

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

/* A call that Windows takes as leave to tell of these events again. */
void     socket_enable(struct file *file, unsigned int events);

/* Waits as the request says. */
NTSTATUS socket_run(struct io *io, int wait, uint32_t timeout_ms);
