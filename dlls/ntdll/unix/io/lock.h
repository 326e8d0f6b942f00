/* Byte range locks with Windows' rules, and OFD locks under them so that other processes see them too.
 *
 * A lock belongs to the file object and key that took it. An exclusive one excludes every other lock, the owner's
 * own included; the owner alone may read and write there. A shared one lets everybody read and nobody write.
 */
#pragma once

#include "io/file.h"

struct inode;
struct io;

struct byte_range
{
    uint64_t start, length;
    ULONG    key;
    bool     exclusive;
};

/* STATUS_LOCK_NOT_GRANTED, STATUS_INVALID_LOCK_RANGE. */
NTSTATUS lock_take(struct file *file, const struct byte_range *range);
NTSTATUS lock_wait(struct io *io, const struct byte_range *range);          /* until it is free; overlapped: STATUS_PENDING */
NTSTATUS lock_drop(struct file *file, const struct byte_range *range);      /* STATUS_RANGE_NOT_LOCKED */

/* May file read (write) there? STATUS_FILE_LOCK_CONFLICT. */
NTSTATUS lock_check(struct file *file, uint64_t start, uint64_t length, ULONG key, bool write);

/* file is closing: its locks go. Under inode_lock. */
void locks_drop_locked(struct inode *inode, struct file *file);

/* A word that changes whenever a lock of this process goes: what a waiter sleeps on. */
extern uint32_t lock_sequence;
