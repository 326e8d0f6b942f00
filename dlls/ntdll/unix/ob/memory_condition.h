/* \KernelObjects\LowMemoryCondition and HighMemoryCondition: events that follow how much memory the system has. */
#pragma once

#include "ob/object.h"

/* The event, made when first asked for; borrowed. NULL: no memory. */
struct object *memory_condition(bool high);

/* Somebody opened one of them: from now on it is kept up to date. */
void memory_condition_opened(struct object *object);
