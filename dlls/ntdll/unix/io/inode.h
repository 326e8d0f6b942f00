/* What all opens of one file have in common in this process: share modes, delete pending, sections. What other
 * processes do with it, share.h tells; the functions here ask it too.
 *
 * Keyed by device and inode number, so that all names of a file lead to the same state. inode_lock is
 * the one lock; the functions here take it.
 */
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include "io/file.h"

struct byte_lock;

extern pthread_mutex_t inode_lock;

struct pending                  /* a name that goes with the last open that was made by it */
{
    struct pending *next;
    char *name;
    bool  only_name;            /* the file has no other: all opens count */
    bool  deleted;              /* gone already (POSIX semantics) */
};

struct inode                    /* all under inode_lock */
{
    dev_t dev;
    ino_t ino;
    struct inode *next;         /* in its bucket */
    unsigned int refs;          /* opens and sections */
    struct file *opens;
    unsigned int data_sections; /* writable ones among them */
    unsigned int writable_sections;
    unsigned int image_sections;
    bool  folder;
    struct pending *pending;
    struct byte_lock *locks;
};

/* Counts file among the opens of what st describes, with the checks of IoCheckShareAccess, of a pending deletion
 * and of the sections there are: STATUS_SHARING_VIOLATION, STATUS_DELETE_PENDING, STATUS_CANNOT_DELETE;
 * overwrite: STATUS_USER_MAPPED_FILE. On failure nothing was counted. */
NTSTATUS inode_open(struct file *file, const struct stat *st, bool overwrite);

/* Counts it without a check: an open that was made by somebody else and handed over. */
NTSTATUS inode_adopt(struct file *file, const struct stat *st);

/* A reference. NULL: no memory. */
struct inode *inode_get(const struct stat *st);

/* The last handle of file is gone: its share modes and locks go, and the file with them if it is to be deleted. */
void inode_cleanup(struct file *file);

/* The file object itself goes. */
void inode_release(struct inode *inode);

/* FILE_DISPOSITION_x flags. STATUS_CANNOT_DELETE, STATUS_DIRECTORY_NOT_EMPTY. */
NTSTATUS inode_set_disposition(struct file *file, ULONG flags);
bool     inode_is_delete_pending(struct file *file);
bool     inode_is_pending(dev_t dev, ino_t ino, const char *name);       /* the same, of what has that number */

/* May the file become size bytes long? STATUS_USER_MAPPED_FILE if a section forbids it. */
NTSTATUS inode_check_truncate(struct file *file, uint64_t size);

/* May something be renamed over the file of this name? STATUS_ACCESS_DENIED if it is open or mapped. */
NTSTATUS inode_check_replace(const char *name, const struct stat *st, bool posix);

/* Is a file or folder below this folder open? */
bool inode_has_open_below(const char *folder);

/* file has a new name. Consumes it. */
void inode_renamed(struct file *file, const struct mount *mount, char *unix_name);

/* The name of an open file of that number, malloc'd; NULL: none is open. */
char *inode_name_of(dev_t dev, ino_t ino, const struct mount **mount);

/* A copy of file's name, malloc'd; NULL: it has none, or no memory. */
char *inode_name(struct file *file, const struct mount **mount);
