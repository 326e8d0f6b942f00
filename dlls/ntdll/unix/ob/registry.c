/* The registry's tree. */
#include <pthread.h>

#include "ob/cell.h"
#include "ob/registry.h"
#include "ob/upcase.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct key *root;                /* under lock; made when first asked for */

/* ---- names -------------------------------------------------------------------------------------------------- */

static int compare(const WCHAR *a, size_t a_length, const WCHAR *b, size_t b_length)
{
    size_t i;

    for (i = 0; i < a_length && i < b_length; i++)
    {
        int difference = upcase(a[i]) - upcase(b[i]);

        if (difference) return difference;
    }
    return (a_length > b_length) - (a_length < b_length);
}

/* Where name is among the children, or where it would have to be inserted. */
static bool find_child(const struct key *key, const WCHAR *name, size_t length, size_t *index)
{
    size_t low = 0, high = key->child_count;

    while (low < high)
    {
        size_t mid = (low + high) / 2;
        int order = compare(name, length, key->children[mid]->name, key->children[mid]->length);

        if (!order)
        {
            *index = mid;
            return true;
        }
        if (order < 0) high = mid;
        else low = mid + 1;
    }
    *index = low;
    return false;
}

/* ---- keys --------------------------------------------------------------------------------------------------- */

static void touch(struct key *key)
{
    key->last_write = system_time_now();
}

/* ---- who wants to be told ---- */

static struct key_watch *watches;

void key_watch_add(struct key_watch *watch)
{
    watch->next = watches;
    watches = watch;
}

static bool is_below(const struct key *key, const struct key *ancestor)
{
    while (key && key != ancestor) key = key->parent;
    return key;
}

/* Ends the watches of a key that changed, or of a key object that goes. */
static void tell(const struct key *key, uint32_t what, const struct key_object *gone, NTSTATUS status)
{
    struct key_watch **at = &watches, *watch;

    while ((watch = *at))
    {
        const struct key *watched = watch->object->key;

        if (gone ? watch->object == gone : (watch->filter & what) && (watched == key || (watch->tree && is_below(key, watched))))
        {
            *at = watch->next;
            watch->changed(watch, status);
        }
        else at = &watch->next;
    }
}

static void changed(struct key *key, uint32_t what)
{
    touch(key);
    if (watches) tell(key, what, NULL, STATUS_NOTIFY_ENUM_DIR);
}

static struct key *key_alloc(const WCHAR *name, size_t length)
{
    struct key *key = calloc(1, sizeof(*key) + length * sizeof(WCHAR));

    if (!key) return NULL;
    key->refs = 1;
    key->length = length;
    memcpy(key->name, name, length * sizeof(WCHAR));
    touch(key);
    return key;
}

static void key_unref(struct key *key)
{
    if (--key->refs) return;            /* a key without references has no children: those count */
    while (key->value_count) key_delete_value(key, &key->values[key->value_count - 1]);
    free(key->values);
    free(key->children);
    free(key->class);
    free(key);
}

static bool child_insert(struct key *parent, struct key *key, size_t index)
{
    if (parent->child_count == parent->child_room)
    {
        size_t room = parent->child_room ? 2 * parent->child_room : 4;
        struct key **children = realloc(parent->children, room * sizeof(*children));

        if (!children) return false;
        parent->children = children;
        parent->child_room = room;
    }
    memmove(parent->children + index + 1, parent->children + index,
            (parent->child_count++ - index) * sizeof(*parent->children));
    parent->children[index] = key;
    key->parent = parent;
    return true;
}

static void child_remove(struct key *key)
{
    struct key *parent = key->parent;
    size_t index;

    find_child(parent, key->name, key->length, &index);
    memmove(parent->children + index, parent->children + index + 1,
            (--parent->child_count - index) * sizeof(*parent->children));
    changed(parent, REG_NOTIFY_CHANGE_NAME);
    key->parent = NULL;
}

struct key *key_create(struct key *parent, const WCHAR *name, size_t length)
{
    struct key *key = key_alloc(name, length);
    size_t index;

    if (!key) return NULL;
    find_child(parent, name, length, &index);
    if (child_insert(parent, key, index))
    {
        changed(parent, REG_NOTIFY_CHANGE_NAME);
        return key;
    }
    key_unref(key);
    return NULL;
}

NTSTATUS key_walk(struct key *from, const WCHAR *path, size_t length, struct key **found, const WCHAR **rest,
                  size_t *rest_length)
{
    size_t pos = 0, start, index;

    *rest = NULL;
    for (;;)
    {
        while (pos < length && path[pos] == '\\') pos++;        /* one or several: ntdll:reg, test_NtCreateKey */
        *found = from;
        if (pos == length) return STATUS_SUCCESS;
        for (start = pos; pos < length && path[pos] != '\\'; pos++) continue;
        if (pos - start > REG_NAME_MAX) return STATUS_INVALID_PARAMETER;
        if (!find_child(from, path + start, pos - start, &index)) break;
        from = from->children[index];
    }
    *rest_length = pos - start;
    while (pos < length && path[pos] == '\\') pos++;
    if (pos == length) *rest = path + start;
    return STATUS_OBJECT_NAME_NOT_FOUND;
}

NTSTATUS key_delete(struct key *key)
{
    if (key->deleted) return STATUS_SUCCESS;
    if (key->child_count || !key->parent) return STATUS_CANNOT_DELETE;
    child_remove(key);
    key->deleted = true;
    if (watches) tell(key, ~0u, NULL, STATUS_KEY_DELETED);
    key_unref(key);
    return STATUS_SUCCESS;
}

/* The name is part of the struct, so the key is made anew; whoever has a handle on the old one finds it deleted only
 * if there is one besides the caller's: the contents move over, and *renamed is what the caller's shall mean. */
NTSTATUS key_rename(struct key *key, const WCHAR *name, size_t length, struct key **renamed)
{
    struct key *parent = key->parent, *copy;
    size_t index, i;

    if (!parent || key->refs > 2) return STATUS_ACCESS_DENIED;
    if (find_child(parent, name, length, &index) && parent->children[index] != key) return STATUS_OBJECT_NAME_COLLISION;
    if (!(copy = key_alloc(name, length))) return STATUS_NO_MEMORY;
    copy->children = key->children;
    copy->child_count = key->child_count;
    copy->child_room = key->child_room;
    copy->values = key->values;
    copy->value_count = key->value_count;
    copy->value_room = key->value_room;
    copy->class = key->class;
    copy->class_length = key->class_length;
    copy->is_volatile = key->is_volatile;
    for (i = 0; i < copy->child_count; i++) copy->children[i]->parent = copy;
    child_remove(key);
    find_child(parent, name, length, &index);
    child_insert(parent, copy, index);  /* the room of the old one is there */
    key->children = NULL;
    key->values = NULL;
    key->class = NULL;
    key->child_count = key->child_room = key->value_count = key->value_room = 0;
    key->deleted = true;
    key_unref(key);
    *renamed = copy;
    return STATUS_SUCCESS;
}

WCHAR *key_path(const struct key *key, size_t *length)
{
    const struct key *k;
    WCHAR *path, *p;

    *length = 0;
    for (k = key; k; k = k->parent) *length += 1 + k->length;
    if (!(path = malloc((*length + 1) * sizeof(WCHAR)))) return NULL;
    p = path + *length;
    *p = 0;
    for (k = key; k; k = k->parent)
    {
        p -= k->length;
        memcpy(p, k->name, k->length * sizeof(WCHAR));
        *--p = '\\';
    }
    return path;
}

/* ---- values --------------------------------------------------------------------------------------------------- */

struct reg_value *key_find_value(struct key *key, const WCHAR *name, size_t length)
{
    size_t i;

    for (i = 0; i < key->value_count; i++)
        if (!compare(key->values[i].name, key->values[i].length, name, length)) return &key->values[i];
    return NULL;
}

NTSTATUS key_set_value(struct key *key, const WCHAR *name, size_t length, uint32_t type, const void *data, uint32_t size)
{
    struct reg_value *value = key_find_value(key, name, length);
    void *copy = malloc(size ? size : 1);

    if (!copy) return STATUS_NO_MEMORY;
    memcpy(copy, data, size);
    if (!value)
    {
        WCHAR *text = malloc(length * sizeof(WCHAR) + 1);

        if (text && key->value_count == key->value_room)
        {
            size_t room = key->value_room ? 2 * key->value_room : 4;
            struct reg_value *values = realloc(key->values, room * sizeof(*values));

            if (values)
            {
                key->values = values;
                key->value_room = room;
            }
        }
        if (!text || key->value_count == key->value_room)
        {
            free(text);
            free(copy);
            return STATUS_NO_MEMORY;
        }
        value = &key->values[key->value_count++];
        memcpy(text, name, length * sizeof(WCHAR));
        *value = (struct reg_value){ .name = text, .length = length };
    }
    free(value->data);
    value->data = copy;
    value->size = size;
    value->type = type;
    changed(key, REG_NOTIFY_CHANGE_LAST_SET);
    return STATUS_SUCCESS;
}

void key_delete_value(struct key *key, struct reg_value *value)
{
    free(value->name);
    free(value->data);
    memmove(value, value + 1, (key->values + --key->value_count - value) * sizeof(*value));
    changed(key, REG_NOTIFY_CHANGE_LAST_SET);
}

/* ---- the lock and the root ---------------------------------------------------------------------------------------- */

NTSTATUS registry_lock(void)
{
    static const WCHAR name[] = { 'R', 'E', 'G', 'I', 'S', 'T', 'R', 'Y' };
    NTSTATUS status = STATUS_NO_MEMORY;

    pthread_mutex_lock(&lock);
    if (root) return STATUS_SUCCESS;
    if ((root = key_alloc(name, 8)) && !(status = registry_seed(root))) return STATUS_SUCCESS;
    root = NULL;                        /* what was made is lost with it: there was no memory for more */
    pthread_mutex_unlock(&lock);
    return status;
}

void registry_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

struct key *registry_root(void)
{
    return root;
}

/* ---- the type ------------------------------------------------------------------------------------------------------- */

static void key_object_destroy(struct object *object)
{
    pthread_mutex_lock(&lock);
    if (watches) tell(NULL, 0, (struct key_object *)object, STATUS_NOTIFY_CLEANUP);
    key_unref(((struct key_object *)object)->key);
    pthread_mutex_unlock(&lock);
    free(object);
}

static NTSTATUS key_query_name(struct object *object, WCHAR **name, size_t *length)
{
    struct key *key = ((struct key_object *)object)->key;
    NTSTATUS status = STATUS_KEY_DELETED;

    pthread_mutex_lock(&lock);
    if (!key->deleted) status = (*name = key_path(key, length)) ? STATUS_SUCCESS : STATUS_NO_MEMORY;
    pthread_mutex_unlock(&lock);
    return status;
}

const struct object_type key_type =
{
    .name = "Key",
    .rights_fixed = true,
    .mapping = { STANDARD_RIGHTS_READ | KEY_NOTIFY | KEY_ENUMERATE_SUB_KEYS | KEY_QUERY_VALUE,
                 STANDARD_RIGHTS_WRITE | KEY_CREATE_SUB_KEY | KEY_SET_VALUE,
                 STANDARD_RIGHTS_EXECUTE | KEY_CREATE_LINK | KEY_NOTIFY | KEY_ENUMERATE_SUB_KEYS | KEY_QUERY_VALUE,
                 KEY_ALL_ACCESS },
    .valid_access = KEY_ALL_ACCESS | SYNCHRONIZE,
    .destroy = key_object_destroy,
    .query_name = key_query_name,
};

struct object *key_object_alloc(struct key *key)
{
    struct key_object *object = object_alloc(&key_type, sizeof(*object));

    if (!object) return NULL;
    key->refs++;
    object->key = key;
    return &object->header;
}
