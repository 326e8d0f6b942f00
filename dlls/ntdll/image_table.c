/* Which image is at an address?
 *
 * The unwinder asks this for every frame, in any thread, perhaps while another thread holds the loader
 * lock, so a reader takes no lock: a sorted array under a sequence counter, read again if it changed
 * meanwhile. Writers hold the loader lock. An array that got too small stays allocated, since a reader
 * may still be in it; arrays double, so what is lost is less than what is in use.
 */

#include "ldr.h"

struct image_array
{
    unsigned int capacity, count;
    struct image_entry entries[];
};

static struct { struct image_array array; struct image_entry entries[32]; } first_array =
{
    .array = { .capacity = 32 },
};
static struct image_array *images = &first_array.array;
static unsigned int sequence;           /* odd while a writer is at work */

static void write_begin(void)
{
    __atomic_store_n(&sequence, sequence + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void write_end(void)
{
    __atomic_store_n(&sequence, sequence + 1, __ATOMIC_RELEASE);
}

/* The first entry that begins above the address. */
static unsigned int upper_bound(const struct image_array *array, unsigned int count, uintptr_t address)
{
    unsigned int low = 0, high = count;

    while (low < high)
    {
        unsigned int middle = (low + high) / 2;
        if (array->entries[middle].base <= address) low = middle + 1;
        else high = middle;
    }
    return low;
}

bool image_table_add(const struct module *module)
{
    const IMAGE_DATA_DIRECTORY *directory = &module->nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_EXCEPTION];
    struct image_array *array = images;
    struct image_entry entry =
    {
        .base = (uintptr_t)module->ldr.DllBase,
        .size = module->ldr.SizeOfImage,
    };
    unsigned int at, i;

    if (module->nt->OptionalHeader.NumberOfRvaAndSizes > IMAGE_DIRECTORY_ENTRY_EXCEPTION && directory->VirtualAddress
        && module_at(module, directory->VirtualAddress, directory->Size))
    {
        entry.functions = (const RUNTIME_FUNCTION *)(entry.base + directory->VirtualAddress);
        entry.function_count = directory->Size / sizeof(RUNTIME_FUNCTION);
    }

    if (array->count == array->capacity)
    {
        array = ldr_alloc(sizeof(*array) + 2 * images->capacity * sizeof(array->entries[0]));
        if (!array) return false;
        array->capacity = 2 * images->capacity;
        array->count = images->count;
        memcpy(array->entries, images->entries, images->count * sizeof(array->entries[0]));
    }

    write_begin();
    images = array;
    at = upper_bound(array, array->count, entry.base);
    for (i = array->count++; i > at; i--) array->entries[i] = array->entries[i - 1];
    array->entries[at] = entry;
    write_end();
    return true;
}

void image_table_remove(const void *base)
{
    struct image_array *array = images;
    unsigned int at = upper_bound(array, array->count, (uintptr_t)base);

    if (!at || array->entries[at - 1].base != (uintptr_t)base) return;
    write_begin();
    for (array->count--; at <= array->count; at++) array->entries[at - 1] = array->entries[at];
    write_end();
}

bool image_table_find(uintptr_t address, struct image_entry *entry)
{
    for (;;)
    {
        unsigned int before = __atomic_load_n(&sequence, __ATOMIC_ACQUIRE);
        const struct image_array *array = __atomic_load_n(&images, __ATOMIC_ACQUIRE);
        unsigned int count = __atomic_load_n(&array->count, __ATOMIC_RELAXED);
        unsigned int at;
        bool found = false;

        if (before & 1)
        {
            __builtin_ia32_pause();
            continue;
        }
        if (count > array->capacity) continue;
        if ((at = upper_bound(array, count, address)))
        {
            *entry = array->entries[at - 1];
            found = address - entry->base < entry->size;
        }
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (__atomic_load_n(&sequence, __ATOMIC_RELAXED) == before) return found;
    }
}
