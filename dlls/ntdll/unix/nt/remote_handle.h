/* Handles between processes, at least one of which is another. */
#pragma once

#include "ob/object.h"

struct process_object;

struct remote_duplicate         /* NtDuplicateObject, decoded */
{
    struct process_object *source, *target;
    ACCESS_MASK access;
    ULONG attributes, options;
};
/* *handle is one of the target's. The source stays open. */
NTSTATUS remote_duplicate(HANDLE source, const struct remote_duplicate *how, HANDLE *handle);

/* The token of that process, with a reference. */
NTSTATUS remote_token(struct process_object *process, struct object **token);

NTSTATUS remote_close(struct process_object *process, HANDLE handle);
