/* \KernelObjects\LowMemoryCondition and HighMemoryCondition: events that follow how much memory the system has.
 * MemoryErrors: set when a page of memory was found bad. */
#pragma once

#include "ob/object.h"

enum memory_condition { MEMORY_LOW, MEMORY_HIGH, MEMORY_ERRORS, MEMORY_CONDITIONS };

/* The event, made when first asked for; borrowed. NULL: no memory. */
struct object *memory_condition(enum memory_condition which);

/* The kernel says that a page is bad. Async-signal-safe. */
void memory_condition_error(void);

/* Somebody opened one of them: from now on it is kept up to date. */
void memory_condition_opened(struct object *object);
