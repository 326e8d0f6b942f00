/* Thread-local storage that the compiler laid out (__declspec(thread), _Thread_local on MSVC's ABI).
 *
 * Each module with a TLS directory has an index; TEB.ThreadLocalStoragePointer is a vector of blocks by
 * index. Compiled code reads it without a lock. When a DLL that is loaded late needs an index the vectors
 * have no room for, every thread gets a longer copy; the old ones stay until their thread ends, because
 * the thread may hold their address in a register at that very moment.
 *
 * Lock: loader_lock. TEB.TlsLinks chains the threads that have vectors.
 */

#include "ldr.h"

struct tls_vector
{
    struct tls_vector *older;
    unsigned int capacity;
    void *blocks[];
};

static struct module **owners;          /* by index; NULL = free */
static unsigned int owner_count, owner_capacity;
static LIST_ENTRY threads = { &threads, &threads };

static struct tls_vector *vector_of(const TEB *teb)
{
    if (!teb->ThreadLocalStoragePointer) return NULL;
    return CONTAINING_RECORD(teb->ThreadLocalStoragePointer, struct tls_vector, blocks);
}

static const IMAGE_TLS_DIRECTORY *tls_directory(const struct module *module)
{
    ULONG size;
    return RtlImageDirectoryEntryToData(module->ldr.DllBase, TRUE, IMAGE_DIRECTORY_ENTRY_TLS, &size);
}

static void *block_new(const struct module *module)
{
    const IMAGE_TLS_DIRECTORY *directory = tls_directory(module);
    size_t template_size = directory->EndAddressOfRawData - directory->StartAddressOfRawData;
    unsigned int code = (directory->Characteristics & IMAGE_SCN_ALIGN_MASK) >> 20;
    size_t align = code > 5 ? (size_t)1 << (code - 1) : 16;
    char *raw = ldr_alloc(template_size + directory->SizeOfZeroFill + align + sizeof(void *));
    char *block;

    if (!raw) return NULL;
    block = (char *)(((uintptr_t)raw + sizeof(void *) + align - 1) & ~(uintptr_t)(align - 1));
    ((void **)block)[-1] = raw;
    memcpy(block, (const void *)directory->StartAddressOfRawData, template_size);
    return block;
}

static void block_free(void *block)
{
    if (block) ldr_free(((void **)block)[-1]);
}

static bool vector_grow(TEB *teb, unsigned int capacity)
{
    struct tls_vector *old = vector_of(teb), *vector = ldr_alloc(sizeof(*vector) + capacity * sizeof(void *));

    if (!vector) return false;
    vector->capacity = capacity;
    vector->older = old;
    if (old) memcpy(vector->blocks, old->blocks, old->capacity * sizeof(void *));
    __atomic_store_n(&teb->ThreadLocalStoragePointer, vector->blocks, __ATOMIC_RELEASE);
    return true;
}

static unsigned int index_new(void)
{
    unsigned int i;

    for (i = 0; i < owner_count; i++) if (!owners[i]) return i;
    if (owner_count == owner_capacity)
    {
        unsigned int capacity = owner_capacity ? 2 * owner_capacity : 8;
        struct module **grown = ldr_alloc(capacity * sizeof(*grown));

        if (!grown) return NO_TLS_INDEX;
        if (owners) memcpy(grown, owners, owner_count * sizeof(*grown));
        ldr_free(owners);
        owners = grown;
        owner_capacity = capacity;
    }
    return owner_count++;
}

/* Gives the module an index, and a block to every thread there is. */
NTSTATUS tls_add_module(struct module *module)
{
    const IMAGE_TLS_DIRECTORY *directory = tls_directory(module);
    unsigned int index;
    LIST_ENTRY *link;

    if (!directory) return STATUS_SUCCESS;
    if (!directory->AddressOfIndex) return STATUS_SUCCESS;
    if ((index = index_new()) == NO_TLS_INDEX) return STATUS_NO_MEMORY;
    for (link = threads.Flink; link != &threads; link = link->Flink)
    {
        TEB *teb = CONTAINING_RECORD(link, TEB, TlsLinks);
        void *block;

        if ((!vector_of(teb) || vector_of(teb)->capacity <= index) && !vector_grow(teb, owner_capacity)) break;
        if (!(block = block_new(module))) break;
        vector_of(teb)->blocks[index] = block;
    }
    owners[index] = module;
    module->tls_index = index;
    module->ldr.TlsIndex = -1;          /* as Windows marks a module that has an index */
    if (link != &threads)
    {
        tls_remove_module(module);
        return STATUS_NO_MEMORY;
    }
    *(DWORD *)directory->AddressOfIndex = index;
    return STATUS_SUCCESS;
}

void tls_remove_module(struct module *module)
{
    LIST_ENTRY *link;

    if (module->tls_index == NO_TLS_INDEX) return;
    for (link = threads.Flink; link != &threads; link = link->Flink)
    {
        struct tls_vector *vector = vector_of(CONTAINING_RECORD(link, TEB, TlsLinks));

        if (!vector || vector->capacity <= module->tls_index) continue;
        block_free(vector->blocks[module->tls_index]);
        vector->blocks[module->tls_index] = NULL;
    }
    owners[module->tls_index] = NULL;
    module->tls_index = NO_TLS_INDEX;
}

NTSTATUS tls_thread_init(void)
{
    TEB *teb = NtCurrentTeb();
    unsigned int i;

    if (teb->TlsLinks.Flink) return STATUS_SUCCESS;
    if (owner_count && !vector_grow(teb, owner_capacity)) return STATUS_NO_MEMORY;
    for (i = 0; i < owner_count; i++)
        if (owners[i] && !(vector_of(teb)->blocks[i] = block_new(owners[i]))) return STATUS_NO_MEMORY;
    teb->TlsLinks.Flink = &threads;
    teb->TlsLinks.Blink = threads.Blink;
    threads.Blink->Flink = &teb->TlsLinks;
    threads.Blink = &teb->TlsLinks;
    return STATUS_SUCCESS;
}

void tls_thread_exit(void)
{
    TEB *teb = NtCurrentTeb();
    struct tls_vector *vector = vector_of(teb), *older;
    unsigned int i;

    if (teb->TlsLinks.Flink)
    {
        teb->TlsLinks.Flink->Blink = teb->TlsLinks.Blink;
        teb->TlsLinks.Blink->Flink = teb->TlsLinks.Flink;
        teb->TlsLinks.Flink = teb->TlsLinks.Blink = NULL;
    }
    teb->ThreadLocalStoragePointer = NULL;
    for (i = 0; vector && i < vector->capacity; i++) block_free(vector->blocks[i]);
    for (; vector; vector = older)
    {
        older = vector->older;
        ldr_free(vector);
    }
}
