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

/* Copies what the module's TLS directory says into module->tls. Success, and no *index, if there is none. */
static NTSTATUS tls_read(struct load_context *context, struct module *module, DWORD **index)
{
    static const WCHAR damaged[] = L"its TLS table is damaged";
    const IMAGE_TLS_DIRECTORY *tls;
    IMAGE_DATA_DIRECTORY directory;
    unsigned int code;
    ULONG64 rva, size;
    SIZE_T i, room;

    *index = NULL;
    if (!module_directory(module, IMAGE_DIRECTORY_ENTRY_TLS, &directory)) return STATUS_SUCCESS;
    if (!(tls = module_at(module, directory.VirtualAddress, sizeof(*tls)))) return module_damaged(context, module, damaged);
    if (!tls->AddressOfIndex) return STATUS_SUCCESS;
    size = tls->EndAddressOfRawData - tls->StartAddressOfRawData;
    if (size && !module_at_address(module, tls->StartAddressOfRawData, size)) return module_damaged(context, module, damaged);
    if (!module_writable(module, (void *)tls->AddressOfIndex, sizeof(**index))) return module_damaged(context, module, damaged);
    if (tls->AddressOfCallBacks)
    {
        rva = tls->AddressOfCallBacks - (ULONG64)module->ldr.DllBase;
        room = module_room(module, rva) / sizeof(*module->tls.callbacks);
        module->tls.callbacks = (const PIMAGE_TLS_CALLBACK *)tls->AddressOfCallBacks;
        module->tls.callbacks_end = module->tls.callbacks + room;
        /* They may lie in another module, but not where no address is: that call would be our own fault. */
        for (i = 0; i < room && module->tls.callbacks[i]; i++)
            if ((ULONG64)module->tls.callbacks[i] >> 47) return module_damaged(context, module, damaged);
        if (i == room) return module_damaged(context, module, damaged);
    }
    code = (tls->Characteristics & IMAGE_SCN_ALIGN_MASK) >> 20;
    module->tls.align = code > 5 ? (size_t)1 << (code - 1) : 16;
    module->tls.data = (const char *)tls->StartAddressOfRawData;
    module->tls.size = size;
    module->tls.zero_fill = tls->SizeOfZeroFill;
    *index = (DWORD *)tls->AddressOfIndex;
    return STATUS_SUCCESS;
}

static void *block_new(const struct module *module)
{
    size_t align = module->tls.align;
    char *raw = ldr_alloc(module->tls.size + module->tls.zero_fill + align + sizeof(void *));
    char *block;

    if (!raw) return NULL;
    block = (char *)(((uintptr_t)raw + sizeof(void *) + align - 1) & ~(uintptr_t)(align - 1));
    ((void **)block)[-1] = raw;
    memcpy(block, module->tls.data, module->tls.size);
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
NTSTATUS tls_add_module(struct load_context *context, struct module *module)
{
    unsigned int index;
    DWORD *index_in_image;
    NTSTATUS status;
    LIST_ENTRY *link;

    if ((status = tls_read(context, module, &index_in_image)) || !index_in_image) return status;
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
    *index_in_image = index;
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
