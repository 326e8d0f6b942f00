/* The registry: a tree in memory that begins with the few keys which programs expect and lasts as long as the
 * process. Names compare without regard to case, always. One lock, registry_lock, guards all of it.
 */
#pragma once

#include "ob/object.h"
#include "ob/types.h"

struct reg_value
{
    WCHAR   *name;                      /* malloc'd */
    size_t   length;                    /* characters */
    uint32_t type;                      /* REG_x */
    uint32_t size;
    void    *data;                      /* malloc'd */
};

struct key
{
    unsigned int refs;                  /* its parent has one, each key object one */
    struct key  *parent;                /* NULL: the root, or deleted */
    struct key **children;              /* sorted by name */
    size_t       child_count, child_room;
    struct reg_value *values;           /* in order of creation */
    size_t       value_count, value_room;
    WCHAR       *class;                 /* malloc'd; NULL if none */
    size_t       class_length;
    int64_t      last_write;            /* 100 ns since 1601 */
    bool         is_volatile, deleted;
    size_t       length;                /* of the name, characters */
    WCHAR        name[];
};

struct key_object
{
    struct object header;
    struct key   *key;                  /* a reference; never changes */
};

/* Somebody who waits for a change of a key, or of what is below it. */
struct key_watch
{
    struct key_watch  *next;
    struct key_object *object;          /* no reference: when it goes, the watch ends */
    uint32_t           filter;          /* REG_NOTIFY_CHANGE_x */
    bool               tree;
    /* Called once, with the lock held, the watch no longer in the list: it is the callee's. */
    void             (*changed)(struct key_watch *watch, NTSTATUS status);
};

#define REG_NAME_MAX       256          /* characters of a key's name */
#define REG_VALUE_NAME_MAX 16383

/* Makes the initial tree if that has not been done. STATUS_NO_MEMORY. */
NTSTATUS registry_lock(void);
void     registry_unlock(void);

/* ---- all of these with the lock held ------------------------------------------------------------------------ */

struct key *registry_root(void);        /* \REGISTRY */

/* Walks path from key. STATUS_OBJECT_NAME_NOT_FOUND: *found is how far it came, and *rest what is left of the path if
 * that is one component (which could be created), else NULL. */
NTSTATUS key_walk(struct key *from, const WCHAR *path, size_t length, struct key **found, const WCHAR **rest,
                  size_t *rest_length);
struct key *key_create(struct key *parent, const WCHAR *name, size_t length);   /* NULL: no memory */
NTSTATUS key_delete(struct key *key);
NTSTATUS key_rename(struct key *key, const WCHAR *name, size_t length, struct key **renamed);

struct reg_value *key_find_value(struct key *key, const WCHAR *name, size_t length);
NTSTATUS key_set_value(struct key *key, const WCHAR *name, size_t length, uint32_t type, const void *data, uint32_t size);
void     key_delete_value(struct key *key, struct reg_value *value);

void     key_watch_add(struct key_watch *watch);

/* The full path, malloc'd; NULL: no memory. */
WCHAR *key_path(const struct key *key, size_t *length);

/* A key object with a reference of its own on key. */
struct object *key_object_alloc(struct key *key);

/* ob/registry_seed.c: what is there from the start. */
NTSTATUS registry_seed(struct key *root);
