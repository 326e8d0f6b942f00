/* Objects on their way to another process: what inheritance and DuplicateHandle have in common.
 *
 * object_pack() describes an object in bytes and fds, object_unpack() makes an object of the same meaning in the
 * receiving process: the same open file, the same memory, the same cell. An object with a name that processes share is
 * opened by that name, one that every process has from the beginning is the receiver's own. What only exists once (a
 * completion port) stays where it is: STATUS_NOT_SUPPORTED.
 */
#pragma once

#include "ob/object.h"

#define TRANSFER_FDS  4
#define TRANSFER_DATA 8192

#define TRANSFER_NAMED    0x8000u       /* in type: data is the base of its name file, fds[0] an open one */
#define TRANSFER_STANDARD 0x4000u       /* in type: data is its path, the same in every process (name.h) */

struct transfer
{
    uint32_t type;                      /* index in object_types; TRANSFER_x */
    uint32_t fd_count;
    uint32_t size;                      /* of data */
    uint32_t reserved;
    int      fds[TRANSFER_FDS];         /* packed: the object's own, borrowed while there is a reference on it */
    uint8_t  data[TRANSFER_DATA] __attribute__((aligned(8)));
};

/* STATUS_NOT_SUPPORTED: objects like this one do not leave their process. */
NTSTATUS object_pack(struct object *object, struct transfer *transfer);

/* NULL: there is no such. */
const struct object_type *transfer_type(const struct transfer *transfer);

/* Takes all fds, also on failure. The data is checked as a stranger's. */
NTSTATUS object_unpack(struct transfer *transfer, struct object **object);

/* Closes the fds of one that was received and is not unpacked, or not here. */
void transfer_close(struct transfer *transfer);

/* handle_create() at a value of its own: a handle that is inherited has the same value in the child. access is final.
 * STATUS_INVALID_HANDLE: the value cannot be, or is taken. */
NTSTATUS handle_create_at(HANDLE handle, struct object *object, ACCESS_MASK access, ULONG attributes);

/* No handle gets this value from now on. */
NTSTATUS handle_reserve(HANDLE handle);
