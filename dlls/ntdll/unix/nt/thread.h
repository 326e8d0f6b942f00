/* Threads, once it is known which: what the Nt calls do with those of this process, for itself and for others. */
#pragma once

#include "nt/nt.h"
#include "ps/thread.h"

struct thread_create            /* NtCreateThreadEx, decoded */
{
    uint64_t start, parameter, zero_bits, commit, reserve;
    ULONG    flags;             /* CREATE_FLAG_x */
};
#define THREAD_CREATE_FLAGS 0x77

/* A thread that runs, unless it was to be suspended; the object is a new reference. handle: NULL, or where one on it is
 * put before it runs. */
NTSTATUS thread_make(const struct thread_create *create, ACCESS_MASK access, ULONG attributes, HANDLE *handle,
                     struct thread_object **object);

NTSTATUS thread_object_suspend(struct thread_object *object, uint32_t *previous);
void     thread_object_resume(struct thread_object *object, uint32_t *previous);
void     thread_object_alert(struct thread_object *object);
/* extended has FRAME_XSAVE_SIZE bytes; NULL in the second: none. */
NTSTATUS thread_object_get_context(struct thread_object *object, CONTEXT *context, void *extended, bool *has_extended);
NTSTATUS thread_object_set_context(struct thread_object *object, const CONTEXT *context, const void *extended);

/* ---- of another process (remote_thread.c): object->process is not NULL ------------------------------------------ */

/* The thread tid of a process, a new reference: one object for each that is known here. STATUS_INVALID_CID. */
NTSTATUS remote_thread_open(struct process_object *process, uint32_t tid, struct thread_object **object);
/* The initial thread of a child, which has the other end of the pipe. Takes the pipe, also on failure. */
NTSTATUS remote_thread_born(struct process_object *process, int pipe, struct thread_object **object);
/* The one after tid (0: the first), or before it. STATUS_NO_MORE_ENTRIES. */
NTSTATUS remote_thread_next(struct process_object *process, uint32_t tid, bool backwards, struct thread_object **object);
NTSTATUS remote_thread_create(struct process_object *process, const struct thread_create *create,
                              struct thread_object **object);

NTSTATUS remote_thread_suspend(struct thread_object *object, uint32_t *previous);
NTSTATUS remote_thread_resume(struct thread_object *object, uint32_t *previous);
NTSTATUS remote_thread_alert(struct thread_object *object);
NTSTATUS remote_thread_terminate(struct thread_object *object, uint32_t code);
NTSTATUS remote_thread_get_context(struct thread_object *object, CONTEXT *context, void *extended, bool *has_extended);
NTSTATUS remote_thread_set_context(struct thread_object *object, const CONTEXT *context, const void *extended);
NTSTATUS remote_thread_queue_apc(struct thread_object *object, void *routine, uint64_t arg1, uint64_t arg2, uint64_t arg3);

/* NtQueryInformationThread and NtSetInformationThread once the handle's rights are known to be enough. A thread that
 * cannot be asked any more: STATUS_THREAD_IS_TERMINATING. */
NTSTATUS remote_thread_query(struct thread_object *object, uint32_t class, void *buffer, ULONG size, ULONG *return_size);
NTSTATUS remote_thread_set(struct thread_object *object, uint32_t class, const void *data, ULONG size);
