/* Streams that somebody else made, as pipes (stream_pipe.c): what stream_ops is made of. */
#pragma once

#include "io/async.h"

NTSTATUS stream_control(struct io *io);
NTSTATUS stream_query(struct file *file, FILE_INFORMATION_CLASS class, void *buffer, ULONG length, ULONG_PTR *information);
NTSTATUS stream_set(struct file *file, FILE_INFORMATION_CLASS class, const void *buffer, ULONG length);
