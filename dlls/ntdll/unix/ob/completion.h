/* I/O completion ports, and the packets that bring waits to them. */
#pragma once

#include "ob/object.h"
#include "ob/types.h"

struct completion
{
    ULONG_PTR key, value;
    NTSTATUS  status;
    ULONG_PTR information;
};

struct object *completion_alloc(void);

/* Queues a completion. STATUS_NO_MEMORY: it is lost. May be called with locks of io/ held. */
NTSTATUS completion_post(struct object *port, ULONG_PTR key, ULONG_PTR value, NTSTATUS status, ULONG_PTR information);

/* Takes up to count completions (*count becomes how many); sleeps for the first only. STATUS_ABANDONED_WAIT_0: the
 * last handle on the port was closed. */
NTSTATUS completion_remove(struct object *port, struct completion *out, ULONG *count, bool alertable,
                           uint64_t deadline);
ULONG completion_depth(struct object *port);

/* ---- wait completion packets --------------------------------------------------------------------------- */

struct object *wait_packet_alloc(void);

/* When target, whose cell is given, is signalled (and then taken as a wait does), packet is queued to port.
 * *signaled: that happened at once. STATUS_INVALID_PARAMETER_1: the packet is in use. */
NTSTATUS wait_packet_associate(struct object *packet, struct object *port, struct object *target, struct cell *cell,
                               const struct completion *completion, bool *signaled);

/* STATUS_SUCCESS: it will not come. STATUS_PENDING: it is in the queue (and remove_queued was not given).
 * STATUS_CANCELLED: it was idle. */
NTSTATUS wait_packet_cancel(struct object *packet, bool remove_queued);
