/* Answers to other processes that ask about, or change, our address space (nt/remote_memory.c asks).
 *
 * The one who asks has checked its arguments in Windows' order already. Whatever arrives here is checked again, for
 * what the section manager takes for granted; what a wrong value would get as an answer does not matter.
 */
#include <sys/mman.h>
#include <unistd.h>
#include "nt/peer.h"
#include "nt/memory.h"

#define PAGE_BITS 0x7ffu
#define LARGE_ANSWER 0x8000000u         /* the working set of 64 GiB */
#define WATCH_RESET 1u
#define WATCH_ONLY_RESET 2u

static bool range_valid(const struct peer_range *range)
{
    return range->base <= VM_HIGHEST_USER && range_in_user_space(range->base, range->size);
}

NTSTATUS peer_allocate(struct peer_io *io)
{
    struct peer_range *range = &io->message.allocate.range;
    struct vm_limits limits = { io->message.allocate.lowest, io->message.allocate.highest, io->message.allocate.alignment };
    uint32_t type = io->message.allocate.type, protect = io->message.allocate.protect;

    if (!range_valid(range) || !range->size || !memory_allocation_type_valid(type, true) || !memory_protect_valid(protect))
        return STATUS_INVALID_PARAMETER;
    if (range->base && range->base < VM_LOWEST_USER && (type & MEM_RESERVE)) return STATUS_INVALID_PARAMETER;
    if (!range->base && !(type & MEM_RESERVE)) return STATUS_INVALID_PARAMETER;
    if ((type & MEM_LARGE_PAGES) && range->size % VM_LARGE_PAGE) return STATUS_INVALID_PARAMETER;
    if (limits.highest > VM_HIGHEST_USER || limits.lowest > VM_HIGHEST_USER) return STATUS_INVALID_PARAMETER;
    if (limits.alignment && (limits.alignment < VM_GRANULARITY || (limits.alignment & (limits.alignment - 1))))
        return STATUS_INVALID_PARAMETER;
    return vm_allocate(&range->base, &range->size, type, protect & PAGE_BITS, &limits, io->message.allocate.node);
}

NTSTATUS peer_free(struct peer_io *io)
{
    struct peer_range *range = &io->message.free.range;

    if (!range_valid(range) || !memory_free_type_valid(io->message.free.type)) return STATUS_INVALID_PARAMETER;
    return vm_free(&range->base, &range->size, io->message.free.type);
}

NTSTATUS peer_protect(struct peer_io *io)
{
    struct peer_range *range = &io->message.protect.range;
    uint32_t protect = io->message.protect.protect;

    if (!range_valid(range) || !range->size || !memory_protect_valid(protect & ~PAGE_REVERT_TO_FILE_MAP))
        return STATUS_INVALID_PARAMETER;
    return vm_protect(&range->base, &range->size, protect & (PAGE_BITS | PAGE_REVERT_TO_FILE_MAP),
                      &io->message.protect.old);
}

/* ---- ranges ------------------------------------------------------------------------------------------------------- */

NTSTATUS peer_lock(struct peer_io *io)
{
    struct peer_range *range = &io->message.range;

    if (!range_valid(range) || !range->size) return STATUS_INVALID_PARAMETER;
    return vm_lock_range(&range->base, &range->size);
}

NTSTATUS peer_unlock(struct peer_io *io)
{
    struct peer_range *range = &io->message.range;

    if (!range_valid(range) || !range->size) return STATUS_INVALID_PARAMETER;
    return vm_unlock_range(&range->base, &range->size);
}

NTSTATUS peer_flush(struct peer_io *io)
{
    struct peer_range *range = &io->message.range;

    if (!range_valid(range)) return STATUS_INVALID_PARAMETER;
    return view_flush(&range->base, &range->size);
}

NTSTATUS peer_prefetch(struct peer_io *io)
{
    if (!range_valid(&io->message.range)) return STATUS_INVALID_PARAMETER;
    vm_prefetch(io->message.range.base, io->message.range.size);
    return STATUS_SUCCESS;
}

/* ---- views ------------------------------------------------------------------------------------------------------------ */

NTSTATUS peer_map(struct peer_io *io)
{
    const struct peer_section *s = &io->message.map.section;
    struct vm_section_description description = { s->size, s->state_offset, s->protect, s->attributes, s->node, s->is_file,
                                                  s->is_image, s->file_writable, s->fills };
    struct vm_section_fds fds = { io->fds[0], io->fd_count > 1 ? io->fds[1] : -1, .take = true };
    struct vm_map map =
    {
        .base = io->message.map.base, .size = io->message.map.size, .offset = io->message.map.offset,
        .commit_size = io->message.map.commit_size, .type = io->message.map.type, .protect = io->message.map.protect,
        .inherit = io->message.map.inherit, .node = io->message.map.node,
        .limits = { io->message.map.lowest, io->message.map.highest, 0 },
    };
    struct section *section;
    NTSTATUS status;

    if (!range_in_user_space(map.base, map.size) || !memory_protect_valid(map.protect)) return STATUS_INVALID_PARAMETER;
    if (map.type & ~(MEM_RESERVE | MEM_TOP_DOWN | MEM_LARGE_PAGES | MEM_REPLACE_PLACEHOLDER)) return STATUS_INVALID_PARAMETER;
    if (map.inherit != ViewShare && map.inherit != ViewUnmap) return STATUS_INVALID_PARAMETER;
    if (map.limits.highest > VM_HIGHEST_USER || map.limits.lowest > VM_HIGHEST_USER) return STATUS_INVALID_PARAMETER;
    map.protect &= PAGE_BITS;
    if ((status = section_receive(&description, &fds, &section))) return status;
    io->fd_count = 0;
    status = view_map(section, &map);
    section_unref(section);
    io->message.map.base = map.base;
    io->message.map.size = map.size;
    return status;
}

NTSTATUS peer_unmap(struct peer_io *io)
{
    if (io->message.unmap.flags & ~(MEM_UNMAP_WITH_TRANSIENT_BOOST | MEM_PRESERVE_PLACEHOLDER)) return STATUS_INVALID_PARAMETER;
    if (io->message.unmap.address > VM_HIGHEST_USER) return STATUS_NOT_MAPPED_VIEW;
    return view_unmap(io->message.unmap.address, io->message.unmap.flags);
}

/* ---- looking ------------------------------------------------------------------------------------------------------------ */

NTSTATUS peer_watch(struct peer_io *io)
{
    const struct peer_range *range = &io->message.watch.range;
    size_t count = io->message.watch.count;
    NTSTATUS status;

    if (!range_valid(range) || !range->size || (io->message.watch.flags & ~(WATCH_RESET | WATCH_ONLY_RESET)))
        return STATUS_INVALID_PARAMETER;
    if (io->message.watch.flags & WATCH_ONLY_RESET) return vm_reset_write_watch(range->base, range->size);
    if (!count || count > io->reply_room / sizeof(uintptr_t)) return STATUS_INVALID_PARAMETER;
    if ((status = vm_get_write_watch(range->base, range->size, io->message.watch.flags & WATCH_RESET, io->reply, &count)))
        return status;
    io->reply_size = (uint32_t)(count * sizeof(uintptr_t));
    return STATUS_SUCCESS;
}

NTSTATUS nt_query_virtual_memory(HANDLE, const void *, MEMORY_INFORMATION_CLASS, void *, SIZE_T, SIZE_T *);

/* An answer that is too long for a message comes in a memory file. */
static NTSTATUS query_large(struct peer_io *io)
{
    size_t length = io->message.query.length;
    SIZE_T returned = 0;
    char *buffer;
    NTSTATUS status;
    int fd;

    if (length > LARGE_ANSWER) length = LARGE_ANSWER;
    if (!(buffer = calloc(1, length))) return STATUS_NO_MEMORY;
    status = nt_query_virtual_memory(CURRENT_PROCESS_HANDLE, NULL, MemoryWorkingSetInformation, buffer, length, &returned);
    io->message.query.returned = returned;
    if (status)
    {
        memcpy(io->reply, buffer, sizeof(ULONG_PTR));
        io->reply_size = sizeof(ULONG_PTR);
    }
    else if ((fd = memfd_create("oriel-answer", MFD_CLOEXEC)) < 0) status = STATUS_INSUFFICIENT_RESOURCES;
    else
    {
        io->reply_fds[io->reply_fd_count++] = fd;
        if (pwrite(fd, buffer, returned, 0) != (ssize_t)returned) status = STATUS_INSUFFICIENT_RESOURCES;
    }
    free(buffer);
    return status;
}

/* The call itself, on ourselves. Its buffer is the reply. */
NTSTATUS peer_query(struct peer_io *io)
{
    size_t length = io->message.query.length;
    SIZE_T returned = 0;
    NTSTATUS status;

    if (io->message.query.class == MemoryWorkingSetInformation && length > io->reply_room) return query_large(io);
    if (length > io->reply_room) return STATUS_INVALID_PARAMETER;
    if (io->message.query.class == MemoryWorkingSetExInformation)
    {
        if (io->message.data_size != length) return STATUS_INVALID_PARAMETER;
        memcpy(io->reply, io->data, length);
    }
    else memset(io->reply, 0, length);          /* what an answer leaves out is not what was there before */
    status = nt_query_virtual_memory(CURRENT_PROCESS_HANDLE, (void *)(uintptr_t)io->message.query.address,
                                     io->message.query.class, io->reply, length, &returned);
    io->message.query.returned = returned;
    if (!status) io->reply_size = (uint32_t)(returned < length ? returned : length);
    else if (io->message.query.class == MemoryWorkingSetInformation && length >= sizeof(ULONG_PTR))
        io->reply_size = sizeof(ULONG_PTR);     /* how many entries there would be */
    return status;
}

NTSTATUS peer_read(struct peer_io *io)
{
    const struct peer_range *range = &io->message.copy.range;

    if (!range_valid(range) || range->size > io->reply_room) return STATUS_INVALID_PARAMETER;
    if (user_read(io->reply, (void *)range->base, range->size)) return STATUS_PARTIAL_COPY;
    io->reply_size = (uint32_t)range->size;
    return STATUS_SUCCESS;
}

NTSTATUS peer_write(struct peer_io *io)
{
    const struct peer_range *range = &io->message.copy.range;

    if (!range_valid(range) || range->size != io->message.data_size) return STATUS_INVALID_PARAMETER;
    io->message.copy.done = memory_write_pages((char *)range->base, io->data, range->size);
    return io->message.copy.done == range->size ? STATUS_SUCCESS : STATUS_PARTIAL_COPY;
}
