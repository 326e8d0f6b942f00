/* Registry keys. Values are in registry_value.c. */
#include "nt/registry.h"
#include "ob/upcase.h"

/* ---- common ------------------------------------------------------------------------------------------------- */

NTSTATUS registry_enter(HANDLE handle, ACCESS_MASK access, struct key_object **object)
{
    NTSTATUS status = handle_lookup(handle, &key_type, access, object, NULL);

    if (status) return status;
    if (!(status = registry_lock()))
    {
        if (!(*object)->key->deleted) return STATUS_SUCCESS;
        registry_unlock();
        status = STATUS_KEY_DELETED;
    }
    object_unref(*object);
    return status;
}

void registry_leave(struct key_object *object)
{
    registry_unlock();
    object_unref(object);
}

NTSTATUS registry_answer(const void *answer, size_t fixed, size_t total, void *out, ULONG size, ULONG *return_size)
{
    NTSTATUS status = user_put(return_size, (ULONG)total);

    if (status) return status;
    if (size < fixed) return STATUS_BUFFER_TOO_SMALL;
    if ((status = user_write(out, answer, size < total ? size : total))) return status;
    return size < total ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

/* ---- opening and creating -------------------------------------------------------------------------------------- */

/* Where a path starts: at the root directory's key or behind \REGISTRY. false: it is no path of ours. */
static bool path_start(const struct object_attributes *attributes, struct key **start, size_t *skip)
{
    static const char prefix[] = "\\REGISTRY";
    size_t i;

    *skip = 0;
    if (attributes->root)
    {
        if (attributes->root->type != &key_type) return false;
        *start = ((struct key_object *)attributes->root)->key;
        return !attributes->length || attributes->name[0] != '\\';
    }
    for (i = 0; prefix[i]; i++)
        if (i >= attributes->length || upcase(attributes->name[i]) != prefix[i]) return false;
    if (i < attributes->length && attributes->name[i] != '\\') return false;
    *start = registry_root();
    *skip = i;
    return true;
}

/* What is at the path, or a new key there. *created tells which. Registry locked. */
static NTSTATUS find_or_create_locked(const struct object_attributes *attributes, bool create, struct key **found,
                                      bool *created)
{
    const WCHAR *rest;
    size_t skip, rest_length;
    struct key *start, *parent;
    NTSTATUS status;

    *created = false;
    if (!path_start(attributes, &start, &skip)) return STATUS_OBJECT_PATH_SYNTAX_BAD;
    if (start->deleted) return STATUS_KEY_DELETED;
    status = key_walk(start, attributes->name + skip, attributes->length - skip, &parent, &rest, &rest_length);
    *found = parent;
    if (!create || status != STATUS_OBJECT_NAME_NOT_FOUND || !rest) return status;
    if (parent == registry_root()) return STATUS_ACCESS_DENIED;
    *created = true;
    return (*found = key_create(parent, rest, rest_length)) ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

/* A path that is not the registry's names something else, or nothing: the object tree knows which. */
static bool is_registry_path(const struct object_attributes *attributes)
{
    struct key *start;
    size_t skip;

    return path_start(attributes, &start, &skip) || (attributes->root && attributes->root->type == &key_type);
}

static NTSTATUS new_handle_locked(struct key *key, ACCESS_MASK access, ULONG attributes, HANDLE *handle,
                                  struct object **object)
{
    if (!(*object = key_object_alloc(key))) return STATUS_NO_MEMORY;
    /* KEY_WOW64_32KEY and KEY_WOW64_64KEY choose a view of which we have but one. */
    return handle_create(*object, access & ~0x300u, attributes, handle);
}

static NTSTATUS open_key(HANDLE *out, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr, ULONG options)
{
    struct object_attributes attributes = { 0 };
    struct object *object = NULL;
    struct key *key;
    HANDLE handle;
    bool created;
    NTSTATUS status = object_create_begin(&attributes, attr, out);

    if (!attributes.named && (!status || status == STATUS_OBJECT_NAME_INVALID)) status = STATUS_ACCESS_VIOLATION;
    if (status) return status;
    if (options & ~(REG_OPTION_OPEN_LINK | REG_OPTION_BACKUP_RESTORE | 0x10)) status = STATUS_INVALID_PARAMETER;
    else if (attributes.root_status) status = attributes.root_status;
    else if (!is_registry_path(&attributes))
    {
        if (!(status = object_open(&key_type, &attributes, access, &handle))) handle_close(handle);
    }
    else if (!(status = registry_lock()))
    {
        if (!(status = find_or_create_locked(&attributes, false, &key, &created)))
            status = new_handle_locked(key, access, attributes.attributes, &handle, &object);
        registry_unlock();
        if (!status && (status = user_put(out, handle))) handle_close(handle);
        object_unref(object);
    }
    object_attributes_release(&attributes);
    return status;
}

NT_CALL(nt_open_key, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr)
{
    return open_key(handle, access, attr, 0);
}

NT_CALL(nt_open_key_ex, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr, ULONG options)
{
    return open_key(handle, access, attr, options);
}

NT_CALL(nt_create_key, HANDLE *out, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr, ULONG title,
        const UNICODE_STRING *user_class, ULONG options, ULONG *disposition)
{
    struct object_attributes attributes = { 0 };
    struct object *object = NULL;
    WCHAR *class = NULL;
    size_t class_length = 0;
    struct key *key;
    HANDLE handle = NULL;
    bool created = false;
    NTSTATUS status = object_create_begin(&attributes, attr, out);

    (void)title;
    if (!attributes.named && (!status || status == STATUS_OBJECT_NAME_INVALID)) status = STATUS_ACCESS_VIOLATION;
    if (status) return status;
    if (disposition) status = user_probe_for_write(disposition, sizeof(*disposition));
    if (!status && user_class) status = user_read_unicode_string(&class, &class_length, user_class);
    if (status) { /* nothing to do */ }
    else if (options & REG_OPTION_CREATE_LINK) status = STATUS_NOT_SUPPORTED;
    else if (attributes.root_status) status = attributes.root_status;
    else if (!is_registry_path(&attributes))
    {
        if (!(status = object_open(&key_type, &attributes, access, &handle))) handle_close(handle);
    }
    else if (!(status = registry_lock()))
    {
        if (!(status = find_or_create_locked(&attributes, true, &key, &created)))
        {
            status = new_handle_locked(key, access, attributes.attributes, &handle, &object);
            if (created && !status && !(options & REG_OPTION_VOLATILE) && key->parent && key->parent->is_volatile)
                status = STATUS_CHILD_MUST_BE_VOLATILE;
            if (created && status) key_delete(key);
            else if (created)
            {
                key->is_volatile = options & REG_OPTION_VOLATILE;
                key->class = class_length ? class : NULL;
                key->class_length = class_length / sizeof(WCHAR);
                if (class_length) class = NULL;
            }
        }
        registry_unlock();
        if (!status && disposition)
            status = user_put(disposition, (ULONG)(created ? REG_CREATED_NEW_KEY : REG_OPENED_EXISTING_KEY));
        if (!status) status = user_put(out, handle);
        if (status && object && handle) handle_close(handle);
        object_unref(object);
    }
    free(class);
    object_attributes_release(&attributes);
    return status;
}

NT_CALL(nt_delete_key, HANDLE handle)
{
    struct key_object *object;
    NTSTATUS status = handle_lookup(handle, &key_type, DELETE, &object, NULL);

    if (status) return status;
    if (!(status = registry_lock()))
    {
        status = key_delete(object->key);
        registry_unlock();
    }
    object_unref(object);
    return status;
}

NT_CALL(nt_rename_key, HANDLE handle, UNICODE_STRING *user_name)
{
    struct key_object *object;
    struct key *renamed;
    WCHAR *name;
    size_t length, i;
    NTSTATUS status;

    if ((status = user_read_unicode_string(&name, &length, user_name))) return status;
    length /= sizeof(WCHAR);
    for (i = 0; i < length; i++) if (name[i] == '\\') status = STATUS_INVALID_PARAMETER;
    if (!length || length > REG_NAME_MAX) status = STATUS_INVALID_PARAMETER;
    if (!status && !(status = registry_enter(handle, KEY_WRITE, &object)))
    {
        if (!(status = key_rename(object->key, name, length, &renamed)))
        {
            struct key *old = object->key;

            renamed->refs++;
            object->key = renamed;
            if (!--old->refs) free(old);        /* empty, and nobody else had it */
        }
        registry_leave(object);
    }
    free(name);
    return status;
}

NT_CALL(nt_flush_key, HANDLE handle)
{
    struct key_object *object;
    NTSTATUS status = registry_enter(handle, 0, &object);

    if (!status) registry_leave(object);        /* there is nothing that could be written anywhere */
    return status;
}

/* ---- queries --------------------------------------------------------------------------------------------------- */

static void longest(const struct key *key, ULONG *name, ULONG *class, ULONG *value_name, ULONG *data)
{
    size_t i;

    *name = *class = *value_name = *data = 0;
    for (i = 0; i < key->child_count; i++)
    {
        if (key->children[i]->length * sizeof(WCHAR) > *name) *name = key->children[i]->length * sizeof(WCHAR);
        if (key->children[i]->class_length * sizeof(WCHAR) > *class)
            *class = key->children[i]->class_length * sizeof(WCHAR);
    }
    for (i = 0; i < key->value_count; i++)
    {
        if (key->values[i].length * sizeof(WCHAR) > *value_name) *value_name = key->values[i].length * sizeof(WCHAR);
        if (key->values[i].size > *data) *data = key->values[i].size;
    }
}

union key_info
{
    KEY_BASIC_INFORMATION  basic;
    KEY_NODE_INFORMATION   node;
    KEY_FULL_INFORMATION   full;
    KEY_NAME_INFORMATION   name;
    KEY_CACHED_INFORMATION cached;
};

/* What follows the fixed part: a name, then a class. */
struct tail { const WCHAR *text; size_t bytes; };

static NTSTATUS describe_key(const struct key *key, KEY_INFORMATION_CLASS class, union key_info *info, size_t *fixed,
                             struct tail tails[2], WCHAR **path)
{
    size_t name_bytes = key->length * sizeof(WCHAR), class_bytes = key->class_length * sizeof(WCHAR), length;

    memset(info, 0, sizeof(*info));
    tails[0] = (struct tail){ key->name, name_bytes };
    tails[1] = (struct tail){ NULL, 0 };
    switch (class)
    {
    case KeyBasicInformation:
        info->basic.LastWriteTime.QuadPart = key->last_write;
        info->basic.NameLength = name_bytes;
        *fixed = offsetof(KEY_BASIC_INFORMATION, Name);
        return STATUS_SUCCESS;
    case KeyNodeInformation:
        info->node.LastWriteTime.QuadPart = key->last_write;
        info->node.NameLength = name_bytes;
        info->node.ClassLength = class_bytes;
        *fixed = offsetof(KEY_NODE_INFORMATION, Name);
        info->node.ClassOffset = class_bytes ? *fixed + name_bytes : ~0u;
        tails[1] = (struct tail){ key->class, class_bytes };
        return STATUS_SUCCESS;
    case KeyFullInformation:
        info->full.LastWriteTime.QuadPart = key->last_write;
        info->full.ClassLength = class_bytes;
        *fixed = offsetof(KEY_FULL_INFORMATION, Class);
        info->full.ClassOffset = class_bytes ? *fixed : ~0u;
        info->full.SubKeys = key->child_count;
        info->full.Values = key->value_count;
        longest(key, &info->full.MaxNameLen, &info->full.MaxClassLen, &info->full.MaxValueNameLen,
                &info->full.MaxValueDataLen);
        tails[0] = (struct tail){ key->class, class_bytes };
        return STATUS_SUCCESS;
    case KeyCachedInformation:
        info->cached.LastWriteTime.QuadPart = key->last_write;
        info->cached.SubKeys = key->child_count;
        info->cached.Values = key->value_count;
        info->cached.NameLength = name_bytes;
        longest(key, &info->cached.MaxNameLen, &(ULONG){ 0 }, &info->cached.MaxValueNameLen,
                &info->cached.MaxValueDataLen);
        *fixed = sizeof(KEY_CACHED_INFORMATION);
        tails[0].bytes = 0;
        return STATUS_SUCCESS;
    case KeyNameInformation:
        if (!(*path = key_path(key, &length))) return STATUS_NO_MEMORY;
        info->name.NameLength = length * sizeof(WCHAR);
        *fixed = offsetof(KEY_NAME_INFORMATION, Name);
        tails[0] = (struct tail){ *path, length * sizeof(WCHAR) };
        return STATUS_SUCCESS;
    default:
        return STATUS_INVALID_PARAMETER;
    }
}

/* The answer in one piece, malloc'd. */
static NTSTATUS key_answer(const struct key *key, KEY_INFORMATION_CLASS class, char **answer, size_t *fixed, size_t *total)
{
    union key_info info;
    struct tail tails[2];
    WCHAR *path = NULL;
    NTSTATUS status = describe_key(key, class, &info, fixed, tails, &path);

    if (status) return status;
    *total = *fixed + tails[0].bytes + tails[1].bytes;
    if ((*answer = malloc(*total)))
    {
        memcpy(*answer, &info, *fixed);
        if (tails[0].bytes) memcpy(*answer + *fixed, tails[0].text, tails[0].bytes);
        if (tails[1].bytes) memcpy(*answer + *fixed + tails[0].bytes, tails[1].text, tails[1].bytes);
    }
    free(path);
    return *answer ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

NT_CALL(nt_query_key, HANDLE handle, KEY_INFORMATION_CLASS class, void *out, ULONG size, ULONG *return_size)
{
    struct key_object *object;
    size_t fixed, total;
    char *answer;
    NTSTATUS status = registry_enter(handle, class == KeyNameInformation ? 0 : KEY_QUERY_VALUE, &object);

    if (status) return status;
    status = key_answer(object->key, class, &answer, &fixed, &total);
    registry_leave(object);
    if (status) return status;
    status = registry_answer(answer, fixed, total, out, size, return_size);
    free(answer);
    return status;
}

NT_CALL(nt_enumerate_key, HANDLE handle, ULONG index, KEY_INFORMATION_CLASS class, void *out, ULONG size,
        ULONG *return_size)
{
    struct key_object *object;
    size_t fixed, total;
    char *answer;
    NTSTATUS status = registry_enter(handle, KEY_ENUMERATE_SUB_KEYS, &object);

    if (status) return status;
    if (index >= object->key->child_count) status = STATUS_NO_MORE_ENTRIES;
    else status = key_answer(object->key->children[index], class, &answer, &fixed, &total);
    registry_leave(object);
    if (status) return status;
    status = registry_answer(answer, fixed, total, out, size, return_size);
    free(answer);
    return status;
}
