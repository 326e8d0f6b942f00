/* How NtQueryInformationX answers: the length first, then the buffer, then the handle. */
#pragma once

#include "nt/nt.h"

struct reply                    /* the program's arguments */
{
    void  *out;
    ULONG  size;
    ULONG *return_size;         /* may be NULL */
};

/* Writes size bytes and the length. */
static inline NTSTATUS reply_write(const struct reply *reply, const void *data, size_t size)
{
    NTSTATUS status = user_write(reply->out, data, size);

    if (!status && reply->return_size)
        status = user_put(reply->return_size, (ULONG)size);
    return status;
}

/* The buffer is too small (or not exactly right): says how long it should be. */
static inline NTSTATUS reply_mismatch(const struct reply *reply, size_t size)
{
    if (reply->return_size)
        user_put(reply->return_size, (ULONG)size);
    return STATUS_INFO_LENGTH_MISMATCH;
}

/* A structure of one length. */
static inline NTSTATUS reply_exact(const struct reply *reply, const void *data, size_t size)
{
    return reply->size == size ? reply_write(reply, data, size) : reply_mismatch(reply, size);
}

/* One that a longer buffer may take, too. */
static inline NTSTATUS reply_at_least(const struct reply *reply, const void *data, size_t size)
{
    return reply->size >= size ? reply_write(reply, data, size) : reply_mismatch(reply, size);
}
