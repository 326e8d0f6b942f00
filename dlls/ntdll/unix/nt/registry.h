/* Answers of the registry's queries: a fixed part, then what is as long as it is. */
#pragma once

#include "ob/registry.h"

/* The key behind a handle, with the registry locked; STATUS_KEY_DELETED if it is gone. On success the caller unlocks
 * and drops the reference on *object: registry_leave(). */
NTSTATUS registry_enter(HANDLE handle, ACCESS_MASK access, struct key_object **object);
void     registry_leave(struct key_object *object);

/* Copies as much of an answer as fits: STATUS_BUFFER_TOO_SMALL if not even its fixed part does, else
 * STATUS_BUFFER_OVERFLOW. The whole size is told in any case. */
NTSTATUS registry_answer(const void *answer, size_t fixed, size_t total, void *out, ULONG size, ULONG *return_size);
