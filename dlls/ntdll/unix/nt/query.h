/* What the NtQueryX calls that fill one fixed structure have in common. */
#pragma once

#include "nt/nt.h"

/* The checks that come before the handle is looked at. */
static inline NTSTATUS query_check(unsigned int class, ULONG size, size_t expected)
{
    if (class != 0) return STATUS_INVALID_INFO_CLASS;
    return size == expected ? STATUS_SUCCESS : STATUS_INFO_LENGTH_MISMATCH;
}

static inline NTSTATUS query_deliver(void *out, ULONG *return_size, const void *info, size_t size)
{
    NTSTATUS status = user_write(out, info, size);

    if (!status && return_size) status = user_put(return_size, (ULONG)size);
    return status;
}
