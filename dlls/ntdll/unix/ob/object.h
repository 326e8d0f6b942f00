/* Objects, handles and names: what every kind of object has in common.
 *
 * An object is a refcounted struct that begins with struct object. Handles index one table in the
 * process; a handle value is 4 * (index + 1), carries a granted access mask, and that mask is checked at
 * every use. Lock order: name lock, handle table lock, then the object's own lock; no call-outs under
 * the table lock.
 */
#pragma once

#include "nt/nt.h"

struct object;
struct cell;

struct object_type
{
    const char     *name;               /* "Event", as NtQueryObject tells it */
    GENERIC_MAPPING mapping;            /* GENERIC_x to specific rights */
    ACCESS_MASK     valid_access;       /* what GENERIC_ALL / MAXIMUM_ALLOWED may give */
    void          (*destroy)(struct object *object);            /* last reference gone: free it */
    void          (*handle_closed)(struct object *object, bool last);  /* a handle went; may be NULL */
    struct cell  *(*wait_cell)(struct object *object);          /* NULL: cannot be waited on */
};

struct object
{
    const struct object_type *type;
    unsigned int  refs;                 /* atomic */
    unsigned int  handles;              /* under the table lock */
    struct name  *name;                 /* under the name lock; NULL if it has none */
};

/* ---- life ------------------------------------------------------------------------------------------ */
void *object_alloc(const struct object_type *type, size_t size);        /* zeroed, one reference; NULL: no memory */
void *object_ref(void *object);
void  object_unref(void *object);

/* ---- handles --------------------------------------------------------------------------------------- */
#define CURRENT_PROCESS_HANDLE ((HANDLE)~(ULONG_PTR)0)
#define CURRENT_THREAD_HANDLE  ((HANDLE)~(ULONG_PTR)1)

/* A new handle on object (which keeps its own reference). access is mapped (GENERIC_x, MAXIMUM_ALLOWED) and
 * checked against the type; attributes are OBJ_x (OBJ_INHERIT counts). */
NTSTATUS handle_create(struct object *object, ACCESS_MASK access, ULONG attributes, HANDLE *handle);

/* The object behind a handle, with a new reference. type NULL = any (else STATUS_OBJECT_TYPE_MISMATCH); every
 * bit of access must have been granted (else STATUS_ACCESS_DENIED). Pseudo handles of the current process and
 * thread work. granted may be NULL. */
NTSTATUS handle_lookup(HANDLE handle, const struct object_type *type, ACCESS_MASK access,
                       void *object, ACCESS_MASK *granted);
NTSTATUS handle_close(HANDLE handle);

/* ---- names ----------------------------------------------------------------------------------------- */

/* Object attributes, copied in and checked. root is a directory object or NULL. Free with
 * object_attributes_release(). A NULL attr gives attributes 0 and no name. */
struct object_attributes
{
    struct object *root;
    WCHAR  *name;               /* malloc'd, NUL-terminated; NULL if there is none */
    size_t  length;             /* characters */
    ULONG   attributes;         /* OBJ_x */
};
NTSTATUS object_attributes_read(struct object_attributes *out, const OBJECT_ATTRIBUTES *attr);
void     object_attributes_release(struct object_attributes *attributes);

/* Creates a handle on a new object, or on the existing one of that name and type (STATUS_OBJECT_NAME_EXISTS
 * if OBJ_OPENIF, else STATUS_OBJECT_NAME_COLLISION; other type: STATUS_OBJECT_TYPE_MISMATCH). object is
 * consumed: its reference is the caller's no more, whatever happens. */
NTSTATUS object_insert(struct object *object, const struct object_attributes *attributes, ACCESS_MASK access,
                       HANDLE *handle);
NTSTATUS object_open(const struct object_type *type, const struct object_attributes *attributes, ACCESS_MASK access,
                     HANDLE *handle);
