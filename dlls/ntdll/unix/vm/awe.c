/* Physical pages and the windows they are seen through: Address Windowing Extensions (specification 20).
 *
 * The pages are pages of one memory file. A page's number is its place in the file, counted from 1; to programs it is
 * just a number. The file's memory is taken when a page is given out and given back when it is freed, so a page is all
 * zero when it comes and no touch of a window can fail. A window is a region whose pages are reserved until one of the
 * numbered pages is mapped there.
 */
#include "vm/vm_private.h"

struct physical_page
{
    struct tree_node by_number;         /* in `numbers`; key: number */
    struct tree_node by_use;            /* in `addresses` while mapped, key: where; in `free_pages` while free, key: number */
    bool owned;                         /* given out, else free */
    bool mapped;
    bool leaving, arriving;             /* while a call is looked at: see check_entries() */
};

struct slab physical_slab = { .size = sizeof(struct physical_page), .why = "manager: physical pages" };
static struct tree numbers, addresses, free_pages;
static size_t free_count, page_count;   /* all that there ever were: numbers 1 to page_count */
static size_t file_pages;
static int file = -1;

static struct physical_page *page_of_use(struct tree_node *node)
{
    return node ? (struct physical_page *)((char *)node - offsetof(struct physical_page, by_use)) : NULL;
}

static struct physical_page *page_mapped_at(uintptr_t address)
{
    struct tree_node *node = tree_at_or_below(&addresses, address);

    return node && node->key == address ? page_of_use(node) : NULL;
}

static struct physical_page *page_numbered(uint64_t number)
{
    struct tree_node *node = tree_at_or_below(&numbers, number);

    return node && node->key == number ? (struct physical_page *)node : NULL;
}

static uint64_t file_offset(uint64_t number)
{
    return (number - 1) * page_size;
}

static void page_unmapped(struct physical_page *page)
{
    if (!page || !page->mapped) return;
    tree_remove(&addresses, &page->by_use);
    page->mapped = false;
}

/* ---- allocate, free -------------------------------------------------------------------------------------- */

/* Gives the memory of the first `count` free pages back to the file. */
static void punch(size_t count)
{
    for (struct tree_node *node = tree_first(&free_pages); count--; node = tree_next(node))
        host->file_punch(file, file_offset(node->key), page_size);
}

/* Memory for `reused` of the free pages and `fresh` new ones. */
static vm_status take_memory(size_t reused, size_t fresh)
{
    struct tree_node *node = tree_first(&free_pages);
    size_t done, n;
    vm_status status;

    if (file < 0 && (status = host->memory_create(&file, 0, "physical pages", false))) return status;
    if (page_count + fresh > file_pages)
    {
        if ((status = host->file_grow(file, file_pages * page_size, (page_count + fresh) * page_size))) return status;
        file_pages = page_count + fresh;
    }
    for (done = 0; done < reused; done += n)
    {
        uint64_t first = node->key;

        for (n = 1, node = tree_next(node); done + n < reused && node->key == first + n; n++) node = tree_next(node);
        if ((status = host->file_fill(file, file_offset(first), n * page_size)))
        {
            punch(done);
            return status;
        }
    }
    if (fresh && (status = host->file_fill(file, page_count * page_size, fresh * page_size)))
    {
        punch(reused);
        return status;
    }
    return STATUS_SUCCESS;
}

static vm_status allocate(size_t *count, uintptr_t *out)
{
    uint64_t room = charge_room() / page_size;
    size_t want = *count < room ? *count : room, reused = want < free_count ? want : free_count, fresh = want - reused;
    vm_status status;

    if (!want) return STATUS_NO_MEMORY;
    if (!slab_reserve(&physical_slab, fresh)) return STATUS_NO_MEMORY;
    if ((status = charge_take(want * page_size))) return status;
    if ((status = take_memory(reused, fresh)))
    {
        charge_return(want * page_size);
        return STATUS_NO_MEMORY;
    }
    for (size_t i = 0; i < want; i++)
    {
        struct physical_page *page = page_of_use(tree_first(&free_pages));

        if (i < reused)
        {
            tree_remove(&free_pages, &page->by_use);
            free_count--;
        }
        else
        {
            page = slab_alloc(&physical_slab);
            page->by_number.key = ++page_count;
            tree_insert(&numbers, &page->by_number);
        }
        page->owned = true;
        out[i] = page->by_number.key;
    }
    *count = want;
    return STATUS_SUCCESS;
}

vm_status vm_physical_allocate(size_t *count, uintptr_t *out)
{
    vm_status status;

    if (!*count) return STATUS_SUCCESS;
    vm_enter();
    status = allocate(count, out);
    vm_leave();
    return status;
}

static void page_free(struct physical_page *page)
{
    page->owned = false;
    page->by_use = (struct tree_node){ .key = page->by_number.key };
    tree_insert(&free_pages, &page->by_use);
    free_count++;
}

static void show(uintptr_t address, uint64_t number, size_t pages)
{
    size_t size = pages * page_size;

    if (number) region_change(region_find(address), address, address + size, ~0u, VALUE_COMMITTED | PAGE_READWRITE);
    else region_change(region_find(address), address, address + size, ~0u, 0);
}

static vm_status host_show(uintptr_t address, uint64_t number, size_t pages, const char *why)
{
    size_t size = pages * page_size;

    if (!number) return host->map(address, size, 0, HOST_REPLACE, -1, 0, why);
    return host->map(address, size, HOST_READ | HOST_WRITE, HOST_REPLACE | HOST_SHARED, file, file_offset(number), why);
}

/* Stretches of pages that follow each other in number and in place go together. */
static vm_status free_stretch(const uintptr_t *in, size_t count, size_t *done)
{
    struct physical_page *first = page_numbered(in[0]);
    uintptr_t address;
    size_t n;
    vm_status status;

    if (!first || !first->owned) return STATUS_INVALID_PARAMETER_3;
    address = first->by_use.key;
    for (n = 1; n < count && in[n] == in[0] + n; n++)
    {
        struct physical_page *page = page_numbered(in[n]);

        if (!page || !page->owned || page->mapped != first->mapped) break;
        if (page->mapped && (page->by_use.key != address + n * page_size || region_find(page->by_use.key) != region_find(address))) break;
    }
    if (!runs_reserve(1)) return STATUS_NO_MEMORY;
    if (first->mapped && (status = host_show(address, 0, n, "physical pages freed"))) return status;
    if ((status = host->file_punch(file, file_offset(in[0]), n * page_size)))
    {
        if (first->mapped) host_show(address, in[0], n, "undo");
        return status;
    }
    if (first->mapped) show(address, 0, n);
    for (size_t i = 0; i < n; i++)
    {
        struct physical_page *page = page_numbered(in[i]);

        page_unmapped(page);
        page_free(page);
    }
    charge_return(n * page_size);
    *done = n;
    return STATUS_SUCCESS;
}

vm_status vm_physical_free(size_t *count, const uintptr_t *in)
{
    size_t done = 0, n;
    vm_status status = STATUS_SUCCESS;

    vm_enter();
    for (; done < *count; done += n)
        if ((status = free_stretch(in + done, *count - done, &n))) break;
    vm_leave();
    *count = done;
    return status;
}

/* ---- windows ---------------------------------------------------------------------------------------------- */

/* What a call asks for: number i (0: none) at address i. */
struct request
{
    uintptr_t base;             /* addresses NULL: consecutive pages from here */
    const uintptr_t *addresses;
    const uintptr_t *numbers;   /* NULL: unmap all */
    size_t count;
};

static uintptr_t address_of(const struct request *r, size_t i)
{
    return r->addresses ? page_down(r->addresses[i]) : r->base + i * page_size;
}

static uint64_t number_of(const struct request *r, size_t i)
{
    return r->numbers ? r->numbers[i] : 0;
}

/* How many entries from i on follow each other in place and in number, in one region. */
static size_t stretch(const struct request *r, size_t i)
{
    uintptr_t address = address_of(r, i);
    uint64_t number = number_of(r, i);
    const struct region *region = region_find(address);
    size_t n;

    for (n = 1; i + n < r->count; n++)
    {
        if (address_of(r, i + n) != address + n * page_size || address + n * page_size >= region->end) break;
        if (number_of(r, i + n) != (number ? number + n : 0)) break;
    }
    return n;
}

/* Marks what the call would take away and bring, and sees that no page is brought that is not ours or that stays
 * elsewhere. The caller takes the marks off again. */
static vm_status mark_entries(const struct request *r)
{
    const struct region *window = NULL;

    for (size_t i = 0; i < r->count; i++)
    {
        uintptr_t address = address_of(r, i);
        struct physical_page *old;

        if (!window || address < region_start(window) || address >= window->end)
        {
            if (window && !r->addresses) return STATUS_INVALID_PARAMETER_1;     /* a range lies in one window */
            window = address <= VM_HIGHEST_USER ? region_find(address) : NULL;
            if (!window || window->kind != REGION_PHYSICAL) return STATUS_INVALID_PARAMETER_1;
        }
        if ((old = page_mapped_at(address))) old->leaving = true;
    }
    for (size_t i = 0; i < r->count; i++)
    {
        uint64_t number = number_of(r, i);
        struct physical_page *page;

        if (!number) continue;
        page = page_numbered(number);
        if (!page || !page->owned || page->arriving || (page->mapped && !page->leaving)) return STATUS_INVALID_PARAMETER_3;
        page->arriving = true;
    }
    return STATUS_SUCCESS;
}

static void unmark_entries(const struct request *r)
{
    for (size_t i = 0; i < r->count; i++)
    {
        struct physical_page *old = page_mapped_at(address_of(r, i)), *page = page_numbered(number_of(r, i));

        if (old) old->leaving = false;
        if (page) page->arriving = false;
    }
}

/* The host shows again what the books still say. */
static void restore(const struct request *r, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        uintptr_t address = address_of(r, i);
        const struct physical_page *page = page_mapped_at(address);

        host_show(address, page ? page->by_number.key : 0, 1, "undo");
    }
}

static void book(const struct request *r, size_t i)
{
    uintptr_t address = address_of(r, i);
    struct physical_page *page = page_numbered(number_of(r, i));

    page_unmapped(page_mapped_at(address));
    page_unmapped(page);
    if (!page) return;
    page->by_use = (struct tree_node){ .key = address };
    page->mapped = true;
    tree_insert(&addresses, &page->by_use);
}

static vm_status map(const struct request *r)
{
    unsigned changes = 0;
    vm_status status = mark_entries(r);

    unmark_entries(r);
    if (status) return status;
    for (size_t i = 0; i < r->count; i += stretch(r, i)) changes++;
    if (!runs_reserve(changes)) return STATUS_NO_MEMORY;
    for (size_t i = 0, n; i < r->count; i += n)
    {
        n = stretch(r, i);
        if ((status = host_show(address_of(r, i), number_of(r, i), n, "physical pages")))
        {
            restore(r, i);
            return status;
        }
    }
    for (size_t i = 0, n; i < r->count; i += n)
    {
        n = stretch(r, i);
        show(address_of(r, i), number_of(r, i), n);
        for (size_t k = i; k < i + n; k++) book(r, k);
    }
    return STATUS_SUCCESS;
}

vm_status vm_physical_map(uintptr_t address, const uintptr_t *page_addresses, size_t count, const uintptr_t *in)
{
    struct request request = { page_down(address), page_addresses, in, count };
    vm_status status;

    if (!page_addresses && (address > VM_HIGHEST_USER || count > (VM_USER_END - page_down(address)) / page_size))
        return STATUS_INVALID_PARAMETER_1;
    vm_enter();
    status = map(&request);
    vm_leave();
    return status;
}

void physical_window_gone(const struct region *region)
{
    struct tree_node *node;

    while ((node = tree_at_or_below(&addresses, region->end - 1)) && node->key >= region_start(region)) page_unmapped(page_of_use(node));
}

bool physical_check(void)
{
    size_t mapped = 0, shown = 0, given_out = 0, marked = 0;
    const struct region *window = NULL;
    uintptr_t end;

    for (struct tree_node *node = tree_first(&numbers); node; node = tree_next(node))
    {
        const struct physical_page *page = (struct physical_page *)node;

        given_out += page->owned;
        marked += page->mapped;
        if (page->leaving || page->arriving || (page->mapped && !page->owned)) return false;
    }
    for (struct tree_node *node = tree_first(&addresses); node; node = tree_next(node), mapped++)
    {
        if (!window || node->key >= window->end) window = region_find(node->key);
        if (!window || window->kind != REGION_PHYSICAL || !page_of_use(node)->mapped) return false;
        if (!(region_value(window, node->key, &end) & VALUE_COMMITTED)) return false;
    }
    for (struct tree_node *node = tree_first(&regions); node; node = tree_next(node))
    {
        const struct region *r = (struct region *)node;

        if (r->kind == REGION_PHYSICAL) shown += region_count(r, region_start(r), r->end, VALUE_COMMITTED);
    }
    return shown == mapped * page_size && mapped == marked && given_out + free_count == page_count;
}
