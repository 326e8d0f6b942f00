/* The life of objects: references, and the list of types. */
#include <pthread.h>

#include "ob/name_file.h"
#include "ob/security.h"
#include "ob/types.h"

/* TypeIndex is what NtQueryObject and SystemExtendedHandleInformation tell; 0 and 1 are never used. */
const struct object_type *const object_types[] =
{
    NULL, NULL,
    &directory_type, &symbolic_link_type, &token_type, &job_type, &process_type, &thread_type, &event_type,
    &mutant_type, &semaphore_type, &timer_type, &keyed_event_type, &completion_type, &wait_packet_type,
    &section_type, &key_type, &file_type, &debug_type, &window_station_type, &desktop_type,
};
const unsigned int object_type_count = sizeof(object_types) / sizeof(object_types[0]);

void *object_alloc(const struct object_type *type, size_t size)
{
    struct object *object = calloc(1, size);

    if (!object) return NULL;
    object->type = type;
    object->refs = 1;
    return object;
}

void *object_ref(void *ptr)
{
    struct object *object = ptr;

    __atomic_add_fetch(&object->refs, 1, __ATOMIC_RELAXED);
    return object;
}

bool object_try_ref(struct object *object)
{
    unsigned int refs = __atomic_load_n(&object->refs, __ATOMIC_RELAXED);

    while (refs && !__atomic_compare_exchange_n(&object->refs, &refs, refs + 1, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) ;
    return refs != 0;
}

void object_unref(void *ptr)
{
    struct object *object = ptr;

    if (!object || __atomic_sub_fetch(&object->refs, 1, __ATOMIC_ACQ_REL)) return;
    if (object->security) security_unref(object->security);
    name_flight_end(object->flight);
    if (object->type->destroy) object->type->destroy(object);
    else free(object);
}

static pthread_mutex_t security_lock = PTHREAD_MUTEX_INITIALIZER;

struct security *object_get_security(struct object *object)
{
    struct security *security = NULL;

    if (!__atomic_load_n(&object->security, __ATOMIC_RELAXED)) return NULL;
    pthread_mutex_lock(&security_lock);
    if (object->security) security = security_ref(object->security);
    pthread_mutex_unlock(&security_lock);
    return security;
}

void object_set_security(struct object *object, struct security *security)
{
    struct security *old;

    pthread_mutex_lock(&security_lock);
    old = object->security;
    __atomic_store_n(&object->security, security ? security_ref(security) : NULL, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&security_lock);
    security_unref(old);
}
