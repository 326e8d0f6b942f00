/* What name_file.c and name_make.c have in common. */
#pragma once

#include "ob/name_file.h"

#define NAME_SUFFIX      "~name"
#define STATE_SUFFIX     "~state"
#define NAME_SUFFIX_MAX  12             /* the longest suffix and a NUL fit */
#define TEMPORARY_PREFIX "~new."        /* where files without a name cannot be had */

static inline uint64_t name_file_padded(uint64_t size)
{
    return (size + 7) & ~7ull;
}

NTSTATUS name_file_error(int error);
NTSTATUS name_file_directory(int *dir, bool make);
struct name_file *name_file_alloc(const char *base, int fd);
/* The caller has the exclusive lock of fd. */
void name_file_remove_locked(int dir, int fd, const char *base);
/* Gives up its lock, should it have one, and its memory; NULL is allowed. */
void name_file_drop(struct name_file *file);

/* Keeps an unlocked file for a while (name_park.c); NULL: an older one goes. */
void name_park(struct name_file *file);
/* The one with that base, if it was kept. */
struct name_file *name_unpark(const char *base);
