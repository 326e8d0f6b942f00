/* Completions of files bound by RtlSetIoCompletionCallback: their key is a tagged pointer. */
#pragma once

#include "tp.h"

#define OLD_CALLBACK_TAG 1

extern void old_file_completed(ULONG_PTR key, void *overlapped, const IO_STATUS_BLOCK *iosb);
