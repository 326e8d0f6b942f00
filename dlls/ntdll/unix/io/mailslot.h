/* Mailslots: \Device\Mailslot.
 *
 * A mailslot is a pair of datagram sockets. One is the server's; of the other every client has a duplicate, in this process or
 * another (pipe_meet.h), so messages come in one order and the kernel says when the server is gone. The server's process takes
 * messages out of the socket as they come, for a socket holds few and a mailslot any number.
 */
#pragma once

#include "io/async.h"

extern const struct file_ops mailslot_ops, mailslot_client_ops, mailslot_root_ops;

/* name has a backslash before it. timeout: of reads, relative; MAILSLOT_FOREVER. */
#define MAILSLOT_FOREVER (-1ll)
NTSTATUS mailslot_create(const WCHAR *name, size_t length, ACCESS_MASK access, ULONG options, ULONG max_size, int64_t timeout,
                         struct file **file);

/* A client's end in other processes (io/transfer.c); a server's stays where it is. */
NTSTATUS mailslot_pack(struct file *file, struct transfer *transfer);
bool     mailslot_is_packed(const struct transfer *transfer);
NTSTATUS mailslot_unpack(struct transfer *transfer, struct file **file);

NTSTATUS mailslot_open(const WCHAR *name, size_t length, struct file_open *open, struct file **file);
