/* The types of objects there are, in the order of their TypeIndex. */
#pragma once

#include "ob/object.h"

extern const struct object_type directory_type, symbolic_link_type, token_type, job_type, process_type, thread_type,
                                event_type, mutant_type, semaphore_type, timer_type, keyed_event_type, completion_type,
                                wait_packet_type, key_type;

/* These belong to other layers and need not be linked into a unit test. */
extern const struct object_type section_type __attribute__((weak));
extern const struct object_type file_type __attribute__((weak));
extern const struct object_type debug_type __attribute__((weak));
extern const struct object_type window_station_type __attribute__((weak)), desktop_type __attribute__((weak));

extern const struct object_type *const object_types[];      /* entries may be NULL */
extern const unsigned int object_type_count;
