/* NtNotifyChangeDirectoryFile: a folder tells what changes in it. */
#pragma once

#include "io/async.h"

struct notify;

/* io.buffer and io.length are the program's. The first call on a file says what is watched from then on. */
NTSTATUS notify_wait(struct io *io, ULONG filter, bool tree);
void     notify_free(struct notify *notify);
