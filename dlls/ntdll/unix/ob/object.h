/* Objects, handles and names: what every kind of object has in common.
 *
 * An object is a refcounted struct that begins with struct object. Handles index one table in the
 * process; a handle value is 4 * (index + 1), carries a granted access mask, and that mask is checked at
 * every use. Lock order: name lock, handle table lock, then the object's own lock; no call-outs under
 * the table lock.
 */
#pragma once

#include "nt/nt.h"
#include "ob/rights.h"

struct object;
struct cell;
struct transfer;
struct name_header;
struct name_file;
struct name_flight;
struct name_parts;

struct object_type
{
    const char     *name;               /* "Event", as NtQueryObject tells it */
    GENERIC_MAPPING mapping;            /* GENERIC_x to specific rights */
    ACCESS_MASK     valid_access;       /* what GENERIC_ALL / MAXIMUM_ALLOWED may give */
    struct { ACCESS_MASK right, brings; } implied[2];           /* a right that brings a lesser one along */
    bool            rights_fixed;       /* when it is opened: a duplicate gets none that its source lacks */
    void          (*destroy)(struct object *object);            /* last reference gone: free it */
    void          (*handle_closed)(struct object *object, bool last);  /* a handle went; may be NULL */
    struct cell  *(*wait_cell)(struct object *object);          /* NULL: cannot be waited on */
    /* The name that NtQueryObject tells, for objects named outside the directory tree (files, keys). *name is
     * malloc'd, length in characters; may be NULL. */
    NTSTATUS      (*query_name)(struct object *object, WCHAR **name, size_t *length);
    /* To and from another process (transfer.h); NULL: it stays in this one. unpack() sets the fds that it keeps to -1. */
    NTSTATUS      (*pack)(struct object *object, struct transfer *transfer);
    NTSTATUS      (*unpack)(struct transfer *transfer, struct object **object);
    /* Names that other processes see (name_object.h); 0: names of such objects stay in this one. */
    uint32_t        name_kind;
    NTSTATUS      (*name_describe)(struct object *object, struct name_header *header, struct name_parts *parts);
    NTSTATUS      (*name_made)(struct object *object, struct name_file *file);
    NTSTATUS      (*name_adopt)(struct name_file *file, const struct name_header *header, struct object **object);
    /* What has to stay open while the name is on its way to another process, borrowed; -1: nothing. May be NULL. */
    int           (*name_escort)(struct object *object);
};

struct object
{
    const struct object_type *type;
    unsigned int  refs;                 /* atomic */
    unsigned int  handles;              /* atomic; of a named object it changes under the name lock */
    struct name  *name;                 /* under the name lock; NULL if it has none */
    struct name_flight *flight;         /* under the name lock: what keeps its name on the way to others; NULL: not yet */
    struct security *security;          /* a reference, under security_lock (object.c); NULL: the default */
};

/* ---- life ------------------------------------------------------------------------------------------ */
void *object_alloc(const struct object_type *type, size_t size);        /* zeroed, one reference; NULL: no memory */
void *object_ref(void *object);
void  object_unref(void *object);
bool  object_try_ref(struct object *object);    /* for lists without references: false, it is on its way out */

/* The descriptor an object was given, with a new reference (NULL: none), and a new one in its place. */
struct security *object_get_security(struct object *object);
void             object_set_security(struct object *object, struct security *security);

/* ---- handles --------------------------------------------------------------------------------------- */
#define CURRENT_PROCESS_HANDLE ((HANDLE)~(ULONG_PTR)0)
#define CURRENT_THREAD_HANDLE  ((HANDLE)~(ULONG_PTR)1)
#define PROCESS_TOKEN_HANDLE   ((HANDLE)~(ULONG_PTR)3)  /* NtCurrentProcessToken() */
#define THREAD_TOKEN_HANDLE    ((HANDLE)~(ULONG_PTR)4)
#define EFFECTIVE_TOKEN_HANDLE ((HANDLE)~(ULONG_PTR)5)
static inline bool handle_is_pseudo(HANDLE handle) { return (uintptr_t)handle >= (uintptr_t)EFFECTIVE_TOKEN_HANDLE; }

/* A new handle on object (which keeps its own reference). access is mapped (GENERIC_x, MAXIMUM_ALLOWED) and
 * checked against the type; attributes are OBJ_x (OBJ_INHERIT and OBJ_PROTECT_CLOSE count). */
NTSTATUS handle_create(struct object *object, ACCESS_MASK access, ULONG attributes, HANDLE *handle);

/* The object behind a handle, with a new reference. type NULL = any (else STATUS_OBJECT_TYPE_MISMATCH); every
 * bit of access must have been granted (else STATUS_ACCESS_DENIED). Pseudo handles work and grant everything.
 * object points to a pointer to the object's struct; granted may be NULL. */
NTSTATUS handle_lookup(HANDLE handle, const struct object_type *type, ACCESS_MASK access,
                       void *object, ACCESS_MASK *granted);
NTSTATUS handle_close(HANDLE handle);

/* OBJ_INHERIT and OBJ_PROTECT_CLOSE of a handle: those in mask become those in value. */
NTSTATUS handle_get_attributes(HANDLE handle, ULONG *attributes);
NTSTATUS handle_set_attributes(HANDLE handle, ULONG mask, ULONG value);

/* A second handle; options are DUPLICATE_SAME_ACCESS and DUPLICATE_SAME_ATTRIBUTES. */
NTSTATUS handle_duplicate(HANDLE source, ACCESS_MASK access, ULONG attributes, ULONG options, HANDLE *handle);

/* How many handles there are; where that is kept may be changed (ps/process_object.c) before there are any threads. */
extern uint32_t *handle_count;

/* What duplicating and closing the source comes to within a process: the handle stays, with other rights and attributes.
 * STATUS_HANDLE_NOT_CLOSABLE: it is protected. */
NTSTATUS handle_change(HANDLE handle, ACCESS_MASK access, ULONG attributes, ULONG options);

/* Calls back for every open handle, without a lock held; object is referenced during the call. Stops when the
 * callback returns false. */
void handle_enumerate(bool (*callback)(HANDLE handle, struct object *object, ACCESS_MASK access, ULONG attributes,
                                       void *arg), void *arg);

/* Closes all handles: what the end of the process does, so that handle_closed() is called for files that are to
 * be deleted on close. */
void handle_close_all(void);
bool handle_closing_all(void);           /* for handle_closed(): it is on */

/* The rights that a second handle gets which asks for *access, beside one with have. */
NTSTATUS access_duplicate(const struct object_type *type, ACCESS_MASK have, ACCESS_MASK *access);

/* Generic rights and MAXIMUM_ALLOWED to the type's own. */
ACCESS_MASK access_map(const struct object_type *type, ACCESS_MASK access);

/* ---- names ----------------------------------------------------------------------------------------- */

#define OBJECT_SESSION_ID 1     /* the session that this process says it is in: PEB.SessionId */

/* Object attributes, copied in and checked. root is a directory object or NULL. Free with
 * object_attributes_release(). A NULL attr gives attributes 0 and no name. */
struct object_attributes
{
    struct object *root;
    WCHAR  *name;               /* malloc'd, NUL-terminated; NULL if there is none or it is empty */
    size_t  length;             /* characters */
    ULONG   attributes;         /* OBJ_x */
    bool    given;              /* attr was not NULL */
    bool    named;              /* ObjectName was not NULL */
    struct security *security;  /* NULL: none was given */
    NTSTATUS root_status;       /* with an empty name a bad root matters to object_open() only */
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

/* The whole of NtCreateX's and NtOpenX's work with handle and attributes, both of them the program's pointers:
 * *handle becomes 0 first, as on Windows. object_create() consumes object. Windows' order is: handle pointer,
 * parameters of the kind (count, type ...), attributes. */
NTSTATUS object_create(struct object *object, const struct object_attributes *attributes, ACCESS_MASK access,
                       HANDLE *user_handle);
NTSTATUS object_open_user(const struct object_type *type, const OBJECT_ATTRIBUTES *attr, ACCESS_MASK access,
                          HANDLE *user_handle);

/* The handle is set to 0 and the attributes are read: how a NtCreateX begins that has no parameters to check. */
NTSTATUS object_create_begin(struct object_attributes *attributes, const OBJECT_ATTRIBUTES *attr, HANDLE *user_handle);
