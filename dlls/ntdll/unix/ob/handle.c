/* The handle table.
 *
 * Entries live in blocks that are never moved or freed, so a lookup takes no table lock: it locks the one
 * entry with the low bit of its object pointer, takes its reference, and lets go. Making and closing
 * handles takes table_lock, which guards the free list and the growth of the table; what a closed handle
 * sets off (destroy, handle_closed) happens outside of it.
 *
 *   entry in use:  object = pointer, access and attributes say what the handle may
 *   entry free:    object = 0, access = index of the next free entry
 *
 * The list of free entries is last in, first out, as on Windows: a closed handle's value comes back soon.
 */
#include <pthread.h>
#include <sched.h>

#include "ob/object.h"
#include "ob/name.h"
#include "ob/token.h"
#include "ob/transfer.h"
#include "ps/thread.h"

#define BLOCK_ENTRIES 512u
#define MAX_BLOCKS    32704u            /* Windows' limit: some 16.7 million handles */
#define NO_ENTRY      ~0u
#define ENTRY_LOCKED  ((uintptr_t)1)

struct entry
{
    uintptr_t object;                   /* atomic; bit 0 is the lock */
    uint32_t  access;                   /* under the entry's lock */
    uint32_t  attributes;               /* OBJ_INHERIT, OBJ_PROTECT_CLOSE; under the entry's lock */
};

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry *blocks[MAX_BLOCKS];
static uint32_t own_count;
uint32_t *handle_count = &own_count;
static uint32_t entry_count;            /* entries in blocks; atomic, written under table_lock */
static uint32_t first_free = NO_ENTRY;  /* under table_lock */

/* ---- entries ----------------------------------------------------------------------------------------- */

static struct entry *entry_at(uint32_t index)
{
    return &blocks[index / BLOCK_ENTRIES][index % BLOCK_ENTRIES];
}

/* The tag bits of a handle are the program's; a value above 32 bits is nobody's handle. */
static struct entry *entry_from_handle(HANDLE handle)
{
    uintptr_t value = (uintptr_t)handle;
    uintptr_t index = (value >> 2) - 1;

    if (value > 0xffffffffu || index >= __atomic_load_n(&entry_count, __ATOMIC_ACQUIRE)) return NULL;
    return entry_at(index);
}

/* Returns the object, or NULL (and nothing is locked) if the entry is free. */
static struct object *entry_lock(struct entry *entry)
{
    for (;;)
    {
        uintptr_t object = __atomic_load_n(&entry->object, __ATOMIC_RELAXED);

        if (!object) return NULL;
        if (!(object & ENTRY_LOCKED) &&
            __atomic_compare_exchange_n(&entry->object, &object, object | ENTRY_LOCKED, true,
                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return (struct object *)object;
        if (object & ENTRY_LOCKED) sched_yield();
    }
}

static void entry_unlock(struct entry *entry, struct object *object)
{
    __atomic_store_n(&entry->object, (uintptr_t)object, __ATOMIC_RELEASE);
}

static bool table_grow_locked(void)
{
    uint32_t i, block = entry_count / BLOCK_ENTRIES;
    struct entry *entries;

    if (block == MAX_BLOCKS || !(entries = calloc(BLOCK_ENTRIES, sizeof(*entries)))) return false;
    for (i = 0; i < BLOCK_ENTRIES; i++)
        entries[i].access = i + 1 < BLOCK_ENTRIES ? entry_count + i + 1 : first_free;
    first_free = entry_count;
    blocks[block] = entries;
    __atomic_store_n(&entry_count, entry_count + BLOCK_ENTRIES, __ATOMIC_RELEASE);
    return true;
}

/* ---- access ------------------------------------------------------------------------------------------- */

ACCESS_MASK access_map(const struct object_type *type, ACCESS_MASK access)
{
    if (access & GENERIC_READ) access |= type->mapping.GenericRead;
    if (access & GENERIC_WRITE) access |= type->mapping.GenericWrite;
    if (access & GENERIC_EXECUTE) access |= type->mapping.GenericExecute;
    if (access & GENERIC_ALL) access |= type->mapping.GenericAll;
    if (access & MAXIMUM_ALLOWED) access |= type->mapping.GenericAll;
    return access & ~(GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE | GENERIC_ALL | MAXIMUM_ALLOWED);
}

/* Bits that no kind of object has are refused, standard rights which this type lacks are not granted. Specific rights
 * are, even unknown ones, as to the creator of an object on Windows. */
static NTSTATUS access_grant(const struct object_type *type, ACCESS_MASK *access)
{
    size_t i;

    if (*access & 0x0ce00000) return STATUS_ACCESS_DENIED;
    if (*access & ACCESS_SYSTEM_SECURITY && !token_privilege_enabled(SE_SECURITY_PRIVILEGE))
        return STATUS_PRIVILEGE_NOT_HELD;
    *access = access_map(type, *access) & (type->valid_access | SPECIFIC_RIGHTS_ALL | ACCESS_SYSTEM_SECURITY);
    for (i = 0; i < sizeof(type->implied) / sizeof(type->implied[0]); i++)
        if (*access & type->implied[i].right) *access |= type->implied[i].brings;
    return STATUS_SUCCESS;
}

/* ---- handles ------------------------------------------------------------------------------------------- */

static NTSTATUS handle_insert(struct object *object, ACCESS_MASK access, ULONG attributes, HANDLE *handle)
{
    struct entry *entry;
    uint32_t index;

    pthread_mutex_lock(&table_lock);
    if (first_free == NO_ENTRY && !table_grow_locked())
    {
        pthread_mutex_unlock(&table_lock);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    index = first_free;
    entry = entry_at(index);
    first_free = entry->access;
    entry->access = access;
    entry->attributes = attributes & (OBJ_INHERIT | OBJ_PROTECT_CLOSE);
    object_ref(object);
    __atomic_add_fetch(&object->handles, 1, __ATOMIC_RELAXED);
    entry_unlock(entry, object);
    ++*handle_count;
    pthread_mutex_unlock(&table_lock);

    *handle = (HANDLE)(((uintptr_t)index + 1) << 2);
    return STATUS_SUCCESS;
}

NTSTATUS handle_create(struct object *object, ACCESS_MASK access, ULONG attributes, HANDLE *handle)
{
    NTSTATUS status = access_grant(object->type, &access);

    if (status) return status;
    return handle_insert(object, access, attributes, handle);
}

/* Takes entry index, which is free, off the list. */
static void free_list_remove_locked(uint32_t index)
{
    uint32_t *link = &first_free;

    while (*link != index) link = &entry_at(*link)->access;
    *link = entry_at(index)->access;
}

/* Takes the entry of that value, which must be free, off the list. */
static NTSTATUS take_entry_locked(HANDLE handle, struct entry **entry)
{
    uintptr_t value = (uintptr_t)handle, index = (value >> 2) - 1;

    if ((value & 3) || value < 4 || index >= (uintptr_t)MAX_BLOCKS * BLOCK_ENTRIES) return STATUS_INVALID_HANDLE;
    while (index >= entry_count)
        if (!table_grow_locked()) return STATUS_INSUFFICIENT_RESOURCES;
    *entry = entry_at((uint32_t)index);
    if (__atomic_load_n(&(*entry)->object, __ATOMIC_RELAXED)) return STATUS_INVALID_HANDLE;
    free_list_remove_locked((uint32_t)index);
    return STATUS_SUCCESS;
}

NTSTATUS handle_create_at(HANDLE handle, struct object *object, ACCESS_MASK access, ULONG attributes)
{
    struct entry *entry;
    NTSTATUS status;

    pthread_mutex_lock(&table_lock);
    if (!(status = take_entry_locked(handle, &entry)))
    {
        entry->access = access;
        entry->attributes = attributes & (OBJ_INHERIT | OBJ_PROTECT_CLOSE);
        object_ref(object);
        __atomic_add_fetch(&object->handles, 1, __ATOMIC_RELAXED);
        entry_unlock(entry, object);
        ++*handle_count;
    }
    pthread_mutex_unlock(&table_lock);
    return status;
}

NTSTATUS handle_reserve(HANDLE handle)
{
    struct entry *entry;
    NTSTATUS status;

    pthread_mutex_lock(&table_lock);
    status = take_entry_locked(handle, &entry);
    pthread_mutex_unlock(&table_lock);
    return status;
}

/* What a pseudo handle stands for, with a new reference. NULL: it is not one. */
static struct object *pseudo_handle_object(HANDLE handle, NTSTATUS *status)
{
    struct object *object = NULL;

    *status = STATUS_INVALID_HANDLE;
    if (handle == CURRENT_PROCESS_HANDLE) object = process_current_object();
    else if (handle == CURRENT_THREAD_HANDLE) object = thread_current_object();
    else if (handle == PROCESS_TOKEN_HANDLE) object = token_of_process();
    else if (handle == THREAD_TOKEN_HANDLE)
    {
        if (!(object = token_of_thread(current_thread()))) *status = STATUS_NO_TOKEN;
    }
    else if (handle == EFFECTIVE_TOKEN_HANDLE)
    {
        if (!(object = token_of_thread(current_thread()))) object = token_of_process();
    }
    return object ? object_ref(object) : NULL;
}

NTSTATUS handle_lookup(HANDLE handle, const struct object_type *type, ACCESS_MASK access,
                       void *result, ACCESS_MASK *granted)
{
    struct object *object;
    ACCESS_MASK have;
    NTSTATUS status;

    if (handle_is_pseudo(handle))
    {
        if (!(object = pseudo_handle_object(handle, &status))) return status;
        if (type && object->type != type)
        {
            object_unref(object);
            return STATUS_OBJECT_TYPE_MISMATCH;
        }
        have = object->type->valid_access;
    }
    else
    {
        struct entry *entry = entry_from_handle(handle);

        if (!entry || !(object = entry_lock(entry))) return STATUS_INVALID_HANDLE;
        have = entry->access;
        if (type && object->type != type) status = STATUS_OBJECT_TYPE_MISMATCH;
        else if (access & ~have) status = STATUS_ACCESS_DENIED;
        else
        {
            status = STATUS_SUCCESS;
            object_ref(object);
        }
        entry_unlock(entry, object);
        if (status) return status;
    }
    *(struct object **)result = object;
    if (granted) *granted = have;
    return STATUS_SUCCESS;
}

NTSTATUS handle_close(HANDLE handle)
{
    struct entry *entry;
    struct object *object;
    uint32_t index;
    bool last;

    if (handle_is_pseudo(handle)) return STATUS_SUCCESS;        /* kernel32:process, test_CloseHandle: no error */

    if (!(entry = entry_from_handle(handle))) return STATUS_INVALID_HANDLE;
    index = ((uintptr_t)handle >> 2) - 1;

    pthread_mutex_lock(&table_lock);
    if (!(object = entry_lock(entry)))
    {
        pthread_mutex_unlock(&table_lock);
        return STATUS_INVALID_HANDLE;
    }
    if (entry->attributes & OBJ_PROTECT_CLOSE)
    {
        entry_unlock(entry, object);
        pthread_mutex_unlock(&table_lock);
        return STATUS_HANDLE_NOT_CLOSABLE;
    }
    entry->access = first_free;
    first_free = index;
    entry_unlock(entry, NULL);
    --*handle_count;
    pthread_mutex_unlock(&table_lock);

    last = name_handle_closed(object);
    if (object->type->handle_closed) object->type->handle_closed(object, last);
    object_unref(object);
    return STATUS_SUCCESS;
}

NTSTATUS handle_get_attributes(HANDLE handle, ULONG *attributes)
{
    struct entry *entry;
    struct object *object;

    if (handle_is_pseudo(handle))
    {
        *attributes = 0;
        return STATUS_SUCCESS;
    }
    if (!(entry = entry_from_handle(handle)) || !(object = entry_lock(entry))) return STATUS_INVALID_HANDLE;
    *attributes = entry->attributes;
    entry_unlock(entry, object);
    return STATUS_SUCCESS;
}

NTSTATUS handle_set_attributes(HANDLE handle, ULONG mask, ULONG value)
{
    struct entry *entry = entry_from_handle(handle);
    struct object *object;

    if (!entry || !(object = entry_lock(entry))) return STATUS_INVALID_HANDLE;
    mask &= OBJ_INHERIT | OBJ_PROTECT_CLOSE;
    entry->attributes = (entry->attributes & ~mask) | (value & mask);
    entry_unlock(entry, object);
    return STATUS_SUCCESS;
}

NTSTATUS access_duplicate(const struct object_type *type, ACCESS_MASK have, ACCESS_MASK *access)
{
    bool maximum = *access & MAXIMUM_ALLOWED;
    NTSTATUS status = access_grant(type, access);

    if (status || !type->rights_fixed) return status;
    if (maximum) *access &= have;
    return *access & ~have ? STATUS_ACCESS_DENIED : STATUS_SUCCESS;
}

NTSTATUS handle_duplicate(HANDLE source, ACCESS_MASK access, ULONG attributes, ULONG options, HANDLE *handle)
{
    struct object *object;
    ULONG have_attributes = 0;
    ACCESS_MASK have;
    NTSTATUS status;

    if ((status = handle_lookup(source, NULL, 0, &object, &have))) return status;
    if (options & DUPLICATE_SAME_ATTRIBUTES) status = handle_get_attributes(source, &have_attributes);
    if (!status && !(options & DUPLICATE_SAME_ACCESS))
    {
        status = access_duplicate(object->type, have, &access);
        have = access;
    }
    if (!status)
        status = handle_insert(object, have, options & DUPLICATE_SAME_ATTRIBUTES ? have_attributes : attributes,
                               handle);
    object_unref(object);
    return status;
}

NTSTATUS handle_change(HANDLE handle, ACCESS_MASK access, ULONG attributes, ULONG options)
{
    struct entry *entry = entry_from_handle(handle);
    NTSTATUS status = STATUS_SUCCESS;
    struct object *object;

    if (!entry || !(object = entry_lock(entry))) return STATUS_INVALID_HANDLE;
    if (entry->attributes & OBJ_PROTECT_CLOSE) status = STATUS_HANDLE_NOT_CLOSABLE;
    else if (options & DUPLICATE_SAME_ACCESS || !(status = access_duplicate(object->type, entry->access, &access)))
    {
        if (!(options & DUPLICATE_SAME_ACCESS)) entry->access = access;
        if (!(options & DUPLICATE_SAME_ATTRIBUTES)) entry->attributes = attributes & (OBJ_INHERIT | OBJ_PROTECT_CLOSE);
    }
    entry_unlock(entry, object);
    return status;
}

void handle_enumerate(bool (*callback)(HANDLE, struct object *, ACCESS_MASK, ULONG, void *), void *arg)
{
    uint32_t index, count = __atomic_load_n(&entry_count, __ATOMIC_ACQUIRE);
    bool more = true;

    for (index = 0; more && index < count; index++)
    {
        struct entry *entry = entry_at(index);
        struct object *object = entry_lock(entry);
        ACCESS_MASK access;
        ULONG attributes;

        if (!object) continue;
        access = entry->access;
        attributes = entry->attributes;
        object_ref(object);
        entry_unlock(entry, object);
        more = callback((HANDLE)(((uintptr_t)index + 1) << 2), object, access, attributes, arg);
        object_unref(object);
    }
}

static bool close_one(HANDLE handle, struct object *object, ACCESS_MASK access, ULONG attributes, void *arg)
{
    (void)object; (void)access; (void)arg;
    if (attributes & OBJ_PROTECT_CLOSE) handle_set_attributes(handle, OBJ_PROTECT_CLOSE, 0);
    handle_close(handle);
    return true;
}

static bool closing_all;                /* set by the one thread that ends the process */

bool handle_closing_all(void)
{
    return closing_all;
}

void handle_close_all(void)
{
    closing_all = true;
    handle_enumerate(close_one, NULL);
}
