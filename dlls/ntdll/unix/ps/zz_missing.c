/* Until the other layers have these: without a definition the executable does not start at all. To be deleted. */
#include "ob/object.h"

#define MISSING(name) __attribute__((weak)) NTSTATUS name(void); NTSTATUS name(void) { return STATUS_NOT_IMPLEMENTED; }
MISSING(disk_control)
MISSING(enumeration_free)
#define NOTHING(name) __attribute__((weak)) void *name(void); void *name(void) { return NULL; }
NOTHING(token_of_process)
NOTHING(token_of_thread)
__attribute__((weak)) const struct object_type token_type, job_type, key_type;
