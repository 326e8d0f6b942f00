/* Object directories: names and what they name, in one place. The tree that they make is name.c's. */
#include "ob/directory.h"
#include "ob/types.h"
#include "ob/upcase.h"

/* Spelling does not matter to the hash, so that both kinds of look-up use it. */
static uint32_t hash_name(const WCHAR *text, size_t length)
{
    uint32_t hash = 2166136261u;

    while (length--) hash = (hash ^ upcase(*text++)) * 16777619u;
    return hash;
}

static bool same_name(const struct name *name, const WCHAR *text, size_t length, bool ignore_case)
{
    size_t i;

    if (name->length != length) return false;
    if (!ignore_case) return !memcmp(name->text, text, length * sizeof(WCHAR));
    for (i = 0; i < length; i++)
        if (upcase(name->text[i]) != upcase(text[i])) return false;
    return true;
}

struct name *directory_find_locked(struct directory *directory, const WCHAR *text, size_t length, bool ignore_case)
{
    uint32_t hash = hash_name(text, length);
    struct name *name;

    if (!directory->bucket_count) return NULL;
    for (name = directory->buckets[hash & (directory->bucket_count - 1)]; name; name = name->next)
        if (name->hash == hash && same_name(name, text, length, ignore_case)) return name;
    return NULL;
}

/* The newest name is found first: ntdll:om, test_case_sensitive. Growing keeps that order. */
static bool grow_locked(struct directory *directory)
{
    size_t i, count = directory->bucket_count ? 2 * directory->bucket_count : 8;
    struct name **buckets = calloc(count, sizeof(*buckets));

    if (!buckets) return directory->bucket_count != 0;
    for (i = 0; i < directory->bucket_count; i++)
    {
        struct name *name = directory->buckets[i], *next, **low = &buckets[i];
        struct name **high = &buckets[i + directory->bucket_count];

        for (; name; name = next)
        {
            struct name ***end = name->hash & directory->bucket_count ? &high : &low;

            next = name->next;
            name->next = NULL;
            **end = name;
            *end = &name->next;
        }
    }
    free(directory->buckets);
    directory->buckets = buckets;
    directory->bucket_count = count;
    return true;
}

NTSTATUS directory_link_locked(struct directory *parent, struct object *object, const WCHAR *text, size_t length,
                            bool permanent)
{
    struct name *name, **bucket;

    if (parent->name_count >= parent->bucket_count && !grow_locked(parent)) return STATUS_NO_MEMORY;
    if (!(name = malloc(sizeof(*name) + length * sizeof(WCHAR)))) return STATUS_NO_MEMORY;
    name->object = object_ref(object);
    name->parent = object_ref(parent);
    name->length = length;
    name->hash = hash_name(text, length);
    name->permanent = permanent;
    name->standard = false;
    name->file = NULL;
    memcpy(name->text, text, length * sizeof(WCHAR));
    bucket = &parent->buckets[name->hash & (parent->bucket_count - 1)];
    name->next = *bucket;
    *bucket = name;
    parent->name_count++;
    object->name = name;
    return STATUS_SUCCESS;
}

void directory_unlink_locked(struct name *name)
{
    struct directory *parent = name->parent;
    struct name **link = &parent->buckets[name->hash & (parent->bucket_count - 1)];

    while (*link != name) link = &(*link)->next;
    *link = name->next;
    parent->name_count--;
    name->object->name = NULL;
}

/* ---- the type ---------------------------------------------------------------------------------------------- */

static void directory_destroy(struct object *object)
{
    struct directory *directory = (struct directory *)object;

    free(directory->buckets);           /* empty: every name in it had a reference on it */
    free(directory);
}

const struct object_type directory_type =
{
    .name = "Directory",
    .mapping = { STANDARD_RIGHTS_READ | DIRECTORY_TRAVERSE | DIRECTORY_QUERY,
                 STANDARD_RIGHTS_WRITE | DIRECTORY_CREATE_SUBDIRECTORY | DIRECTORY_CREATE_OBJECT,
                 STANDARD_RIGHTS_EXECUTE | DIRECTORY_TRAVERSE | DIRECTORY_QUERY, DIRECTORY_ALL_ACCESS },
    .valid_access = DIRECTORY_ALL_ACCESS,
    .destroy = directory_destroy,
};

struct object *directory_alloc(void)
{
    return object_alloc(&directory_type, sizeof(struct directory));
}

bool directory_entry(struct directory *directory, ULONG index, WCHAR **text, size_t *length, const char **type)
{
    struct name *name = NULL;
    size_t i;

    *text = NULL;
    pthread_mutex_lock(&name_lock);
    for (i = 0; !name && i < directory->bucket_count; i++)
        for (name = directory->buckets[i]; name && index; name = name->next) index--;
    if (name && (*text = malloc((name->length + 1) * sizeof(WCHAR))))
    {
        memcpy(*text, name->text, name->length * sizeof(WCHAR));
        (*text)[name->length] = 0;
        *length = name->length;
        *type = name->object->type->name;
    }
    pthread_mutex_unlock(&name_lock);
    return *text != NULL;
}
