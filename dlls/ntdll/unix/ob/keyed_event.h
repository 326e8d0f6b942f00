/* Keyed events: a waiter and a releaser meet at a key; each waits for the other. */
#pragma once

#include "ob/object.h"
#include "ob/types.h"

struct object *keyed_event_alloc(void);

/* The event that a NULL handle means; borrowed. NULL: no memory. */
struct object *keyed_event_global(void);

/* STATUS_SUCCESS: both met. Else what ended the wait. */
NTSTATUS keyed_event_meet(struct object *event, uintptr_t key, bool release, bool alertable, uint64_t deadline);
