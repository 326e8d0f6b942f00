/* Handles and names under many threads: a handle means one object or none, and a name lives as long as its handles. */
#include <pthread.h>
#include <stdio.h>

#include "ob/dispatcher.h"
#include "ob/name.h"
#include "ob_stubs.h"
#include "tap.h"

/* ---- objects that are counted -------------------------------------------------------------------------------- */

static unsigned int alive;

static void counted_destroy(struct object *object)
{
    __atomic_sub_fetch(&alive, 1, __ATOMIC_SEQ_CST);
    free(object);
}

static const struct object_type counted_type =
{
    .name = "Counted", .mapping = { 1, 2, 4, 0x1f0007 }, .valid_access = 0x1f0007, .destroy = counted_destroy,
};

struct counted { struct object header; unsigned int mark; };

static struct counted *counted_alloc(unsigned int mark)
{
    struct counted *object = object_alloc(&counted_type, sizeof(*object));

    __atomic_add_fetch(&alive, 1, __ATOMIC_SEQ_CST);
    object->mark = mark;
    return object;
}

static void test_one_thread(void)
{
    struct counted *object = counted_alloc(7), *found;
    ACCESS_MASK granted;
    HANDLE a, b;

    ok(!handle_create(&object->header, GENERIC_READ, OBJ_INHERIT, &a), "a handle");
    object_unref(object);
    ok(!handle_lookup(a, &counted_type, 1, &found, &granted) && found == object && granted == 1, "leads to its object");
    object_unref(found);
    ok(handle_lookup(a, &event_type, 1, &found, NULL) == STATUS_OBJECT_TYPE_MISMATCH, "of its type");
    ok(handle_lookup(a, &counted_type, 3, &found, NULL) == STATUS_ACCESS_DENIED, "with its rights");
    ok(!handle_duplicate(a, 0, 0, DUPLICATE_SAME_ACCESS, &b) && a != b && object->header.handles == 2, "a second handle");
    ok(!handle_close(a) && handle_close(a) == STATUS_INVALID_HANDLE && alive == 1, "is not closed with the first");
    ok(!handle_close(b) && !alive, "the last one ends the object");
    ok(handle_lookup(CURRENT_PROCESS_HANDLE, &process_type, PROCESS_ALL_ACCESS, &found, NULL) == 0, "a pseudo handle");
    object_unref(found);
    ok(handle_create(&process, 0x0ce00000, 0, &a) == STATUS_ACCESS_DENIED, "rights that nothing has");
}

/* ---- many threads -------------------------------------------------------------------------------------------------- */

enum { THREADS = 6, SLOTS = 32, ROUNDS = 30000 };
static HANDLE slots[SLOTS];             /* atomic; whoever takes one out closes it */
static unsigned int wrong;

static unsigned int next_random(unsigned int *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static void *churn(void *arg)
{
    unsigned int random = (uintptr_t)arg * 7919 + 1, i;

    for (i = 0; i < ROUNDS; i++)
    {
        unsigned int slot = next_random(&random) % SLOTS;
        HANDLE handle = NULL, old;
        struct counted *object;

        switch (next_random(&random) % 3)
        {
        case 0:                         /* put a new one there */
            object = counted_alloc(0x5a5a0000);
            if (handle_create(&object->header, GENERIC_ALL, 0, &handle)) __atomic_add_fetch(&wrong, 1, __ATOMIC_SEQ_CST);
            object_unref(object);
            old = __atomic_exchange_n(&slots[slot], handle, __ATOMIC_SEQ_CST);
            if (old && handle_close(old)) __atomic_add_fetch(&wrong, 1, __ATOMIC_SEQ_CST);
            break;
        case 1:                         /* use one that may be closed meanwhile, and its number given to another */
            handle = __atomic_load_n(&slots[slot], __ATOMIC_SEQ_CST);
            if (!handle || handle_lookup(handle, &counted_type, 1, &object, NULL)) break;
            if (object->mark != 0x5a5a0000) __atomic_add_fetch(&wrong, 1, __ATOMIC_SEQ_CST);
            object_unref(object);
            break;
        default:                        /* a second handle, for a moment */
            old = __atomic_load_n(&slots[slot], __ATOMIC_SEQ_CST);
            if (!old || handle_duplicate(old, 1, 0, 0, &handle)) break;
            if (handle_close(handle)) __atomic_add_fetch(&wrong, 1, __ATOMIC_SEQ_CST);
            break;
        }
    }
    return NULL;
}

static void run(void *(*routine)(void *))
{
    pthread_t threads[THREADS];
    uintptr_t i;

    for (i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, routine, (void *)i);
    for (i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
}

static void test_churn(void)
{
    unsigned int i;

    run(churn);
    for (i = 0; i < SLOTS; i++) if (slots[i]) handle_close(slots[i]);
    ok(!wrong, "every handle meant what it was made for");
    ok(!alive, "every object ended with its last handle");
}

static WCHAR path[] = { '\\', 'B', 'a', 's', 'e', 'N', 'a', 'm', 'e', 'd', 'O', 'b', 'j', 'e', 'c', 't', 's', '\\', 'x', 0 };
static unsigned int created, found;

static void *create_or_open(void *arg)
{
    struct object_attributes attributes = { .name = path, .length = 19, .attributes = OBJ_OPENIF, .given = true, .named = true };
    unsigned int i;

    (void)arg;
    for (i = 0; i < ROUNDS / 3; i++)
    {
        HANDLE handle;
        NTSTATUS status = object_insert(&counted_alloc(1)->header, &attributes, GENERIC_ALL, &handle);

        if (!status) __atomic_add_fetch(&created, 1, __ATOMIC_SEQ_CST);
        else if (status == STATUS_OBJECT_NAME_EXISTS) __atomic_add_fetch(&found, 1, __ATOMIC_SEQ_CST);
        else __atomic_add_fetch(&wrong, 1, __ATOMIC_SEQ_CST);
        if (NT_SUCCESS(status) && handle_close(handle)) __atomic_add_fetch(&wrong, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

static void test_names(void)
{
    struct object_attributes attributes = { .name = path, .length = 19, .given = true, .named = true };
    HANDLE handle;

    run(create_or_open);
    ok(!wrong && created + found == THREADS * (ROUNDS / 3), "each created it or found it");
    ok(object_open(&counted_type, &attributes, 1, &handle) == STATUS_OBJECT_NAME_NOT_FOUND, "the name went with the last handle");
    ok(!alive, "and so did every object");
}

int main(void)
{
    test_one_thread();
    test_churn();
    test_names();
    printf("# created %u, found %u\n", created, found);
    return tap_done();
}
