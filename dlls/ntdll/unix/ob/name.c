/* The tree of names.
 *
 * A directory maps names to objects; the link between the two is a struct name, which holds a reference on
 * both, so a name keeps its directory alive and a permanent name its object. One lock, name_lock, guards all
 * of it; it is taken before the handle table's.
 *
 * A path is walked from the root or from a root directory handle; a symbolic link on the way is replaced by its
 * target and the walk starts again. The statuses are those that ntdll:om (test_directory, test_symboliclink,
 * test_name_limits) checks on Windows.
 *
 * In two directories names are seen by other processes too, if the object's type knows how: there a name has a file
 * (name_file.h) as long as this process has handles on the object. This tree is asked first, so a process has one
 * object for a name; name_lock is held while files are made, opened and read, which takes microseconds.
 */
#include "ob/directory.h"
#include "ob/memory_condition.h"
#include "ob/partition.h"
#include "ob/name_path.h"
#include "ob/security.h"
#include "ob/transfer.h"
#include "ob/types.h"

#define MAX_REPARSE 32

pthread_mutex_t name_lock = PTHREAD_MUTEX_INITIALIZER;
static struct directory *root_directory;        /* under name_lock; made when first needed */

static void name_free(struct name *name)
{
    if (!name) return;
    name_file_close(name->file);
    object_unref(name->object);
    object_unref(name->parent);
    free(name);
}

/* ---- the standard tree ------------------------------------------------------------------------------------ */

/* What has a | is a link to what follows; parents come first. Session 1's Local is its own directory. */
static const char *const standard_tree[] =
{
    "\\BaseNamedObjects", "\\Device", "\\KernelObjects", "\\ObjectTypes", "\\RPC Control", "\\Security",
    "\\Windows", "\\??", "\\GLOBAL??|\\??", "\\DosDevices|\\??", "\\??\\GLOBALROOT|", "\\??\\Global|\\??",
    "\\??\\C:|\\Device\\HarddiskVolume1", "\\??\\Z:|\\Device\\HarddiskVolume2", "\\??\\PIPE|\\Device\\NamedPipe", "\\??\\NUL|\\Device\\Null",
    "\\Sessions", "\\Sessions\\0", "\\Sessions\\0\\DosDevices", "\\Sessions\\1", "\\Sessions\\1\\BaseNamedObjects",
    "\\Sessions\\1\\Windows", "\\Sessions\\BNOLINKS", "\\Sessions\\BNOLINKS\\0|\\BaseNamedObjects",
    "\\Sessions\\BNOLINKS\\1|\\Sessions\\1\\BaseNamedObjects",
    "\\BaseNamedObjects\\Global|\\BaseNamedObjects", "\\BaseNamedObjects\\Local|\\BaseNamedObjects",
    "\\BaseNamedObjects\\Session|\\Sessions\\BNOLINKS",
    "\\Sessions\\1\\BaseNamedObjects\\Global|\\BaseNamedObjects",
    "\\Sessions\\1\\BaseNamedObjects\\Local|\\Sessions\\1\\BaseNamedObjects",
    "\\Sessions\\1\\BaseNamedObjects\\Session|\\Sessions\\BNOLINKS",
};

static size_t widen(WCHAR *to, size_t room, const char *from, char end)
{
    size_t i;

    for (i = 0; from[i] && from[i] != end && i < room; i++) to[i] = (unsigned char)from[i];
    return i;
}

/* Links a new permanent object at a path whose parents are there already. */
static NTSTATUS add_standard_locked(const char *path, size_t path_length, struct object *object)
{
    struct directory *directory = root_directory;
    WCHAR text[64];
    const char *part = path + 1, *end = path + path_length, *slash;
    NTSTATUS status = STATUS_NO_MEMORY;

    if (!object) return STATUS_NO_MEMORY;
    while ((slash = memchr(part, '\\', end - part)))
    {
        size_t length = widen(text, 64, part, '\\');
        struct name *name = directory_find_locked(directory, text, length, true);

        if (!name || name->object->type != &directory_type)
        {
            object_unref(object);
            return STATUS_OBJECT_PATH_NOT_FOUND;
        }
        directory = (struct directory *)name->object;
        part = slash + 1;
    }
    status = directory_link_locked(directory, object, text, widen(text, end - part < 64 ? end - part : 64, part, 0), true);
    if (!status) object->name->standard = true;
    object_unref(object);
    return status;
}

static struct object *link_to(const char *target)
{
    WCHAR text[128];

    return symbolic_link_alloc(text, widen(text, 128, target, 0));
}

static NTSTATUS root_make_locked(void)
{
    size_t i;

    if (root_directory) return STATUS_SUCCESS;
    if (!(root_directory = (struct directory *)directory_alloc())) return STATUS_NO_MEMORY;
    for (i = 0; i < sizeof(standard_tree) / sizeof(standard_tree[0]); i++)
    {
        const char *path = standard_tree[i], *target = strchr(path, '|');
        struct object *object = target ? link_to(target + 1) : directory_alloc();
        NTSTATUS status = add_standard_locked(path, target ? (size_t)(target - path) : strlen(path), object);

        if (!status && !strcmp(path, "\\BaseNamedObjects")) ((struct directory *)object)->shared = GLOBAL;
        if (!status && !strcmp(path, "\\Sessions\\1\\BaseNamedObjects")) ((struct directory *)object)->shared = LOCAL;
        if (status) return status;      /* the rest is missing: so little memory that nothing else works either */
    }
    {
        static const char partition[] = "\\KernelObjects\\MemoryPartition0";
        NTSTATUS status = add_standard_locked(partition, strlen(partition), partition_alloc());

        if (status) return status;
    }
    for (i = 0; i < MEMORY_CONDITIONS; i++)
    {
        static const char *const names[MEMORY_CONDITIONS] = {
            "\\KernelObjects\\LowMemoryCondition", "\\KernelObjects\\HighMemoryCondition", "\\KernelObjects\\MemoryErrors",
        };
        struct object *condition = memory_condition(i);
        NTSTATUS status = add_standard_locked(names[i], strlen(names[i]), condition ? object_ref(condition) : NULL);

        if (status) return status;
    }
    return STATUS_SUCCESS;
}

NTSTATUS name_add_symbolic_link(const char *path, const char *target)
{
    NTSTATUS status;

    pthread_mutex_lock(&name_lock);
    if (!(status = root_make_locked())) status = add_standard_locked(path, strlen(path), link_to(target));
    pthread_mutex_unlock(&name_lock);
    return status;
}

/* ---- walking ------------------------------------------------------------------------------------------------ */

struct walk
{
    struct object    *found;            /* NULL: there is no such name in parent */
    struct directory *parent;           /* NULL: found is the root or was the root handle itself */
    const WCHAR      *leaf;             /* points into the path or into buffer */
    size_t            leaf_length;
    WCHAR            *buffer;           /* malloc'd path, once a link was followed */
};

/* target + rest becomes the path; the old one may be part of rest. */
static NTSTATUS walk_reparse(struct walk *walk, struct object *link, const WCHAR *rest,
                             size_t rest_length, const WCHAR **path, size_t *length)
{
    size_t target_length;
    const WCHAR *target = symbolic_link_target(link, &target_length);
    WCHAR *buffer = malloc((target_length + rest_length + 1) * sizeof(WCHAR));

    if (!buffer) return STATUS_NO_MEMORY;
    memcpy(buffer, target, target_length * sizeof(WCHAR));
    if (rest_length) memcpy(buffer + target_length, rest, rest_length * sizeof(WCHAR));
    free(walk->buffer);
    walk->buffer = buffer;
    *path = buffer;
    *length = target_length + rest_length;
    return STATUS_SUCCESS;
}

/* type: what the caller wants there; only those who want a link get one that stands at the end of the path. */
static NTSTATUS resolve_locked(struct walk *walk, const struct object_type *type, struct object *root,
                               const WCHAR *path, size_t length, bool ignore_case)
{
    struct directory *directory;
    unsigned int reparsed = 0;
    size_t pos;

    memset(walk, 0, sizeof(*walk));
    if (root)
    {
        if (root->type != &directory_type) return STATUS_OBJECT_TYPE_MISMATCH;
        if (length && path[0] == '\\') return STATUS_OBJECT_PATH_SYNTAX_BAD;
        directory = (struct directory *)root;
        pos = 0;
    }
    else
    {
        if (!length || path[0] != '\\') return STATUS_OBJECT_PATH_SYNTAX_BAD;
        directory = root_directory;
        pos = 1;
    }
    walk->found = &directory->header;
    if (pos == length) return STATUS_SUCCESS;

    for (;;)
    {
        size_t start = pos;
        struct name *name;
        NTSTATUS status;
        bool last;

        while (pos < length && path[pos] != '\\') pos++;
        if (pos == start) return STATUS_OBJECT_NAME_INVALID;
        last = pos == length;
        name = directory_find_locked(directory, path + start, pos - start, ignore_case);
        walk->parent = directory;
        walk->leaf = path + start;
        walk->leaf_length = pos - start;
        walk->found = name ? name->object : NULL;
        if (!name) return last ? STATUS_SUCCESS : STATUS_OBJECT_PATH_NOT_FOUND;

        if (walk->found->type == &symbolic_link_type && !(last && type == &symbolic_link_type))
        {
            if (++reparsed > MAX_REPARSE) return STATUS_OBJECT_PATH_NOT_FOUND;
            if ((status = walk_reparse(walk, walk->found, path + pos, length - pos,
                                       &path, &length))) return status;
            if (length && path[0] != '\\') return STATUS_OBJECT_PATH_SYNTAX_BAD;
            directory = root_directory;
            walk->parent = NULL;
            walk->found = &directory->header;
            if (length <= 1) return STATUS_SUCCESS;
            pos = 1;
            continue;
        }
        if (last) return STATUS_SUCCESS;
        if (walk->found->type != &directory_type) return STATUS_OBJECT_TYPE_MISMATCH;
        directory = (struct directory *)walk->found;
        pos++;
    }
}

/* ---- creating and opening -------------------------------------------------------------------------------------- */

/* A new handle on an object that was there already. Its creator's rights are everybody's here, but no more than those
 * (kernel32:sync, test_mutex: rights that the type does not have, and none at all, are refused). */
static NTSTATUS open_existing(struct object *object, ACCESS_MASK access, ULONG attributes, HANDLE *handle)
{
    const struct object_type *type = object->type;
    ACCESS_MASK allowed = type->valid_access | ACCESS_SYSTEM_SECURITY;
    struct security *security;
    NTSTATUS status;
    size_t i;

    for (i = 0; i < sizeof(type->implied) / sizeof(type->implied[0]); i++) allowed |= type->implied[i].right;
    if (!access || access_map(type, access) & ~allowed) return STATUS_ACCESS_DENIED;
    if ((security = object_get_security(object)))
    {
        access = access_map(type, access & ~MAXIMUM_ALLOWED) | (access & MAXIMUM_ALLOWED);
        status = security_check(security, (struct token *)token_of_process(), access, &type->mapping, &access);
        security_unref(security);
        if (status) return status;
    }
    memory_condition_opened(object);
    return handle_create(object, access, attributes, handle);
}

/* ---- names that other processes see ------------------------------------------------------------------------------ */

static struct name_key key_of(const struct walk *walk)
{
    return (struct name_key){ walk->parent->shared == GLOBAL, walk->leaf, walk->leaf_length };
}

/* Makes the object of a name that other processes have one of our own, with that name. Takes file. */
static NTSTATUS adopt_locked(struct directory *parent, const struct object_type *type, const WCHAR *text, size_t length,
                             struct name_file *file, const struct name_header *header, struct object **out)
{
    struct object *object = NULL;
    NTSTATUS status = name_object_adopt(type, file, header, &object);

    if (!status && !(status = directory_link_locked(parent, object, text, length, false))) object->name->file = file;
    else name_file_close(file);
    if (status) object_unref(object);
    else *out = object;
    return status;
}

/* walk->found becomes the object of that name in another process (and the caller gets a reference on it); only a look,
 * and STATUS_SUCCESS without one, if there is none. */
static NTSTATUS find_shared_locked(struct walk *walk, const struct object_type *type, bool ignore_case)
{
    struct name_key key;
    struct name_header header;
    struct name_file *file;
    WCHAR *spelt = NULL;
    size_t length;
    NTSTATUS status;

    if (walk->found || !walk->parent || !walk->parent->shared) return STATUS_SUCCESS;
    key = key_of(walk);
    status = name_file_open(&key, ignore_case, false, &file, &header);
    if (status == STATUS_OBJECT_NAME_NOT_FOUND || status == STATUS_NOT_SUPPORTED) return STATUS_SUCCESS;
    if (status) return status;
    if (header.kind != type->name_kind) status = STATUS_OBJECT_TYPE_MISMATCH;
    else if (ignore_case) status = name_file_text(file, &header, &spelt, &length);
    if (status)
    {
        name_file_close(file);
        return status;
    }
    status = adopt_locked(walk->parent, type, spelt ? spelt : walk->leaf, spelt ? length : walk->leaf_length, file, &header,
                          &walk->found);
    free(spelt);
    return status == STATUS_OBJECT_NAME_NOT_FOUND ? STATUS_SUCCESS : status;    /* it came to its end meanwhile */
}

/* What was found in another process is ours by its handles only. */
static void leave_shared_locked(struct object *object, struct name **undo)
{
    if (object->name && !__atomic_load_n(&object->handles, __ATOMIC_RELAXED)) directory_unlink_locked(*undo = object->name);
}

/* What it keeps for its handles, it keeps for none (it may be known here without: a job that this process is in). */
static void left_shared(struct object *object, struct name *undo)
{
    if (object && undo && object->type->handle_closed) object->type->handle_closed(object, true);
}

/* A new object's name, as far as others shall see it. Should they have one of that name already, that is *adopted, with
 * a reference, and the status is STATUS_OBJECT_NAME_COLLISION. */
static NTSTATUS publish_locked(struct walk *walk, struct object *object, bool ignore_case, struct name_file **file,
                               struct object **adopted)
{
    struct name_key key;
    unsigned int i;
    NTSTATUS status = STATUS_OBJECT_NAME_COLLISION;

    for (i = 0; i < 1000 && status == STATUS_OBJECT_NAME_COLLISION; i++)
    {
        if ((status = find_shared_locked(walk, object->type, ignore_case))) return status;
        if ((*adopted = walk->found)) return STATUS_OBJECT_NAME_COLLISION;
        if (!walk->parent->shared || !object->type->name_kind) return STATUS_SUCCESS;
        key = key_of(walk);
        status = name_object_publish(object, &key, file);
    }
    return status == STATUS_NOT_SUPPORTED ? STATUS_SUCCESS : status;    /* then this process alone knows it */
}

NTSTATUS object_insert(struct object *object, const struct object_attributes *attributes, ACCESS_MASK access,
                       HANDLE *handle)
{
    struct walk walk;
    struct name *undo = NULL;
    struct name_file *file = NULL;
    struct object *adopted = NULL;
    NTSTATUS status;

    if (attributes->security) object_set_security(object, attributes->security);
    if (!attributes->name)
    {
        status = handle_create(object, access, attributes->attributes, handle);
        object_unref(object);
        return status;
    }

    pthread_mutex_lock(&name_lock);
    if (!(status = root_make_locked()))
    {
        status = resolve_locked(&walk, object->type, attributes->root, attributes->name, attributes->length,
                                attributes->attributes & OBJ_CASE_INSENSITIVE);
        if (status) { /* nothing to do */ }
        else if (walk.found)
        {
            if (walk.found->type != object->type) status = STATUS_OBJECT_TYPE_MISMATCH;
            else if (!(attributes->attributes & OBJ_OPENIF)) status = STATUS_OBJECT_NAME_COLLISION;
            else if (!(status = open_existing(walk.found, access, attributes->attributes, handle)))
                status = STATUS_OBJECT_NAME_EXISTS;
        }
        else if (!(status = publish_locked(&walk, object, attributes->attributes & OBJ_CASE_INSENSITIVE, &file, &adopted)) &&
                 !(status = directory_link_locked(walk.parent, object, walk.leaf, walk.leaf_length,
                                        attributes->attributes & OBJ_PERMANENT)))
        {
            object->name->file = file;
            file = NULL;
            status = handle_create(object, access, attributes->attributes, handle);
            if (status) directory_unlink_locked(undo = object->name);
        }
        else if (adopted)
        {
            if (!(attributes->attributes & OBJ_OPENIF)) status = STATUS_OBJECT_NAME_COLLISION;
            else if (!(status = open_existing(adopted, access, attributes->attributes, handle)))
                status = STATUS_OBJECT_NAME_EXISTS;
            leave_shared_locked(adopted, &undo);
        }
        free(walk.buffer);
    }
    pthread_mutex_unlock(&name_lock);
    name_file_close(file);
    left_shared(adopted, undo);
    name_free(undo);
    object_unref(adopted);
    object_unref(object);
    return status;
}

NTSTATUS object_open(const struct object_type *type, const struct object_attributes *attributes, ACCESS_MASK access,
                     HANDLE *handle)
{
    struct walk walk;
    struct name *undo = NULL;
    struct object *adopted = NULL;
    NTSTATUS status;

    if (!attributes->given) return STATUS_INVALID_PARAMETER;
    if (attributes->root_status) return attributes->root_status;
    if (!attributes->name)
    {
        /* An empty name is the root directory object itself; a missing one is nothing. */
        if (!attributes->root) return STATUS_OBJECT_PATH_SYNTAX_BAD;
        if (!attributes->named) return STATUS_OBJECT_NAME_INVALID;
        /* Only these two kinds can be opened through themselves: ntdll:om, test_name_limits. */
        if (attributes->root->type != type || (type != &directory_type && type != &symbolic_link_type))
            return STATUS_OBJECT_TYPE_MISMATCH;
        return open_existing(attributes->root, access, attributes->attributes, handle);
    }

    pthread_mutex_lock(&name_lock);
    if (!(status = root_make_locked()))
    {
        status = resolve_locked(&walk, type, attributes->root, attributes->name, attributes->length,
                                attributes->attributes & OBJ_CASE_INSENSITIVE);
        if (!status && !walk.found && !(status = find_shared_locked(&walk, type, attributes->attributes & OBJ_CASE_INSENSITIVE)))
            adopted = walk.found;
        if (status) { /* nothing to do */ }
        else if (!walk.found) status = STATUS_OBJECT_NAME_NOT_FOUND;
        else if (walk.found->type != type) status = STATUS_OBJECT_TYPE_MISMATCH;
        else status = open_existing(walk.found, access, attributes->attributes, handle);
        if (adopted) leave_shared_locked(adopted, &undo);
        free(walk.buffer);
    }
    pthread_mutex_unlock(&name_lock);
    left_shared(adopted, undo);
    name_free(undo);
    object_unref(adopted);
    return status;
}

/* ---- on the way to other processes ---------------------------------------------------------------------------------- */

NTSTATUS name_send(struct object *object, char base[NAME_BASE_MAX], int *fd)
{
    NTSTATUS status = STATUS_OBJECT_NAME_NOT_FOUND;

    if (!__atomic_load_n(&object->name, __ATOMIC_RELAXED)) return status;
    pthread_mutex_lock(&name_lock);
    if (object->name && object->name->file &&
        (object->flight || !(status = name_file_flight(object->name->file, &object->flight))))
    {
        status = STATUS_SUCCESS;
        *fd = object->flight->fd;
        strcpy(base, object->flight->base);
    }
    pthread_mutex_unlock(&name_lock);
    return status;
}

/* Where a name of that base goes in the tree. */
static NTSTATUS place_locked(bool global, struct directory **directory)
{
    static const WCHAR parents[2][32] = { u"\\Sessions\\1\\BaseNamedObjects", u"\\BaseNamedObjects" };
    const WCHAR *path = parents[global];
    struct walk walk;
    size_t length = 0;
    NTSTATUS status;

    while (path[length]) length++;
    if ((status = root_make_locked()) || (status = resolve_locked(&walk, &directory_type, NULL, path, length, false))) return status;
    free(walk.buffer);
    if (!walk.found || walk.found->type != &directory_type) return STATUS_OBJECT_PATH_NOT_FOUND;
    *directory = (struct directory *)walk.found;
    return STATUS_SUCCESS;
}

NTSTATUS name_receive(const char *base, uint64_t device, uint64_t inode, const struct object_type *type,
                      struct object **object)
{
    struct name_file *file = NULL;
    struct directory *directory;
    struct name_header header;
    struct name *name;
    WCHAR *text = NULL;
    size_t length;
    NTSTATUS status;

    pthread_mutex_lock(&name_lock);
    if (!(status = place_locked(!strncmp(base, "global.", 7), &directory)) &&
        !(status = name_file_open_base(base, &file, &header)) &&
        !(status = name_file_text(file, &header, &text, &length)))
    {
        /* The sender's file keeps the name alive until here: if this is another, he lied. */
        if (!name_file_identify(file) || file->device != device || file->inode != inode) status = STATUS_OBJECT_NAME_NOT_FOUND;
        else if (!(name = directory_find_locked(directory, text, length, false)))
        {
            status = adopt_locked(directory, type, text, length, file, &header, object);
            file = NULL;
        }
        else if (!name->file || !name_file_identify(name->file) || name->file->device != device || name->file->inode != inode || name->object->type != type)
            status = STATUS_OBJECT_NAME_COLLISION;
        else *object = object_ref(name->object);
    }
    pthread_mutex_unlock(&name_lock);
    name_file_close(file);
    free(text);
    return status;
}

void name_forget_unused(struct object *object)
{
    struct name *gone = NULL;

    pthread_mutex_lock(&name_lock);
    if (object->name && !object->name->permanent && !__atomic_load_n(&object->handles, __ATOMIC_RELAXED))
        directory_unlink_locked(gone = object->name);
    pthread_mutex_unlock(&name_lock);
    name_free(gone);
}

static bool is_standard_locked(const struct object *object)
{
    return object == &root_directory->header || (object->name && object->name->standard);
}

NTSTATUS name_standard_path(struct object *object, WCHAR *path, size_t room, size_t *length)
{
    NTSTATUS status = STATUS_OBJECT_NAME_NOT_FOUND;
    bool standard;
    WCHAR *full;

    pthread_mutex_lock(&name_lock);
    standard = root_directory && is_standard_locked(object);
    pthread_mutex_unlock(&name_lock);
    if (!standard || (status = name_query(object, &full, length))) return status;
    if (!full) return STATUS_OBJECT_NAME_NOT_FOUND;     /* somebody took its name away */
    if (*length > room) status = STATUS_NAME_TOO_LONG;
    else memcpy(path, full, *length * sizeof(WCHAR));
    free(full);
    return status;
}

NTSTATUS name_standard_find(const WCHAR *path, size_t length, const struct object_type *type, struct object **object)
{
    struct walk walk;
    NTSTATUS status;

    pthread_mutex_lock(&name_lock);
    if (!(status = root_make_locked()) && !(status = resolve_locked(&walk, type, NULL, path, length, false)))
    {
        if (!walk.found || !is_standard_locked(walk.found) || walk.found->type != type) status = STATUS_OBJECT_NAME_NOT_FOUND;
        else
        {
            memory_condition_opened(walk.found);
            *object = object_ref(walk.found);
        }
        free(walk.buffer);
    }
    pthread_mutex_unlock(&name_lock);
    return status;
}

/* ---- what handles and queries need -------------------------------------------------------------------------------- */

bool name_handle_closed(struct object *object)
{
    struct name *name = NULL;
    bool last;

    /* Only a name lets the count rise from 0 again, and an object gets its name before its first handle. */
    if (!__atomic_load_n(&object->name, __ATOMIC_RELAXED))
        return !__atomic_sub_fetch(&object->handles, 1, __ATOMIC_ACQ_REL);

    pthread_mutex_lock(&name_lock);
    last = !__atomic_sub_fetch(&object->handles, 1, __ATOMIC_ACQ_REL);
    if (last && object->name && !object->name->permanent) directory_unlink_locked(name = object->name);
    pthread_mutex_unlock(&name_lock);
    name_free(name);
    return last;
}

void name_set_permanent(struct object *object, bool permanent)
{
    struct name *gone = NULL;

    pthread_mutex_lock(&name_lock);
    if (object->name)
    {
        object->name->permanent = permanent;
        if (!permanent && !__atomic_load_n(&object->handles, __ATOMIC_RELAXED)) directory_unlink_locked(gone = object->name);
    }
    pthread_mutex_unlock(&name_lock);
    name_free(gone);
}

bool name_is_permanent(struct object *object)
{
    bool permanent;

    pthread_mutex_lock(&name_lock);
    permanent = object->name && object->name->permanent;
    pthread_mutex_unlock(&name_lock);
    return permanent;
}

NTSTATUS name_query(struct object *object, WCHAR **path, size_t *length)
{
    NTSTATUS status = STATUS_SUCCESS;
    size_t total = 0;
    struct name *name;

    *path = NULL;
    *length = 0;
    pthread_mutex_lock(&name_lock);
    for (name = object->name; name; name = name->parent->header.name) total += 1 + name->length;
    if (!total && root_directory && object == &root_directory->header) total = 1;
    if (total && !(*path = malloc((total + 1) * sizeof(WCHAR)))) status = STATUS_NO_MEMORY;
    else if (total)
    {
        WCHAR *p = *path + total;

        *p = 0;
        for (name = object->name; name; name = name->parent->header.name)
        {
            p -= name->length;
            memcpy(p, name->text, name->length * sizeof(WCHAR));
            *--p = '\\';
        }
        (*path)[0] = '\\';
        *length = total;
    }
    pthread_mutex_unlock(&name_lock);
    return status;
}
