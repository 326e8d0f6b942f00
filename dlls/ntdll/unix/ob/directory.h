/* The inside of an object directory, for name.c, which owns the lock. */
#pragma once

#include <pthread.h>

#include "ob/name.h"
#include "ob/name_object.h"

extern pthread_mutex_t name_lock;       /* over all directories and names; taken before the handle table's */

struct name
{
    struct object    *object;
    struct directory *parent;           /* NULL: the root */
    struct name      *next;             /* in its bucket */
    size_t            length;
    uint32_t          hash;
    bool              permanent;
    bool              standard;         /* every process has this one from the beginning */
    struct name_file *file;             /* how others see it; NULL: they do not */
    WCHAR             text[];
};

struct directory
{
    struct object header;
    struct name **buckets;              /* under name_lock, as all below; NULL while empty */
    size_t        bucket_count;         /* a power of two */
    size_t        name_count;
    enum { PRIVATE, LOCAL, GLOBAL } shared;     /* its names are seen by other processes, as local.NAME or global.NAME */
};

struct name *directory_find_locked(struct directory *directory, const WCHAR *text, size_t length, bool ignore_case);

/* Takes references on both; the name is object->name then. STATUS_NO_MEMORY. */
NTSTATUS directory_link_locked(struct directory *parent, struct object *object, const WCHAR *text, size_t length, bool permanent);

/* The references that the name held are the caller's to drop, outside the lock. */
void directory_unlink_locked(struct name *name);
