/* Share modes, pending deletion and what sections forbid, between processes.
 *
 * Each open of a file, and each section on one, says what it does by a lock on a byte that no file has (host/lock_map.h),
 * and asks for those of others. Nobody owns the state, and nobody can leave any behind.
 *
 * A file system that refuses such locks, or is not worth asking (network, /proc, read-only), is left alone: there the
 * rules hold inside each process only, as inode.c keeps them. The same goes for files that may not be opened for
 * reading or writing at all, and for folders.
 */
#pragma once

#include <sys/stat.h>

#include "io/file.h"

/* Says that file is open with its access and sharing, and asks whether others allow it: STATUS_SHARING_VIOLATION,
 * STATUS_DELETE_PENDING, STATUS_CANNOT_DELETE, STATUS_USER_MAPPED_FILE (as inode_open()). What it said goes with its fd. */
NTSTATUS share_open(struct file *file, const struct stat *st, bool overwrite);

/* No longer: for an fd that goes on being open. */
void share_close(int fd);

/* Can files of that device be asked? If so an open that touches no data wants an fd of its own. */
bool share_matters(int fd, const struct stat *st);

/* The fd belongs to a section of this kind, and says so as long as it is open anywhere. */
void share_section(int fd, enum file_section kind);

/* Is there a section of another process (data: of either kind; else: an image)? */
bool share_has_section(int fd, bool data);

/* The file goes when its last open does, or not. */
void share_pending(int fd, bool pending);

/* Has anybody else the file open, or mapped as an image (all that counts with images_only)? */
bool share_in_use(int fd, bool images_only);
