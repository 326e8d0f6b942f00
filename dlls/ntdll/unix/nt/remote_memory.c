/* Memory of other processes: requests to their control threads (nt/peer_memory.c answers them). */
#include <errno.h>
#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>
#include "host/host.h"
#include "nt/remote.h"

static NTSTATUS call(struct process_object *process, enum peer_operation operation, struct peer_io *io)
{
    NTSTATUS status = peer_call(process, operation, io);

    object_unref(&process->header);
    return status;
}

/* What a range became there; a peer that speaks nonsense is not to be believed. */
static NTSTATUS take_range(NTSTATUS status, const struct peer_range *range, uintptr_t *base, size_t *size)
{
    if (!NT_SUCCESS(status)) return status;
    if (!range_in_user_space(range->base, range->size)) return STATUS_REPLY_MESSAGE_MISMATCH;
    *base = range->base;
    *size = range->size;
    return status;
}

/* ---- private memory -------------------------------------------------------------------------------------------- */

NTSTATUS remote_allocate(struct process_object *process, uintptr_t *base, size_t *size, uint32_t type, uint32_t protect,
                         const struct vm_limits *limits, uint32_t node)
{
    struct peer_io io = { .message.allocate = { { *base, *size }, limits->lowest, limits->highest, limits->alignment,
                                                type, protect, node } };

    return take_range(call(process, PEER_ALLOCATE, &io), &io.message.allocate.range, base, size);
}

NTSTATUS remote_free(struct process_object *process, uintptr_t *base, size_t *size, uint32_t type)
{
    struct peer_io io = { .message.free = { { *base, *size }, type } };

    return take_range(call(process, PEER_FREE, &io), &io.message.free.range, base, size);
}

NTSTATUS remote_protect(struct process_object *process, uintptr_t *base, size_t *size, uint32_t protect, uint32_t *old)
{
    struct peer_io io = { .message.protect = { { *base, *size }, protect, 0 } };
    NTSTATUS status = take_range(call(process, PEER_PROTECT, &io), &io.message.protect.range, base, size);

    if (!status) *old = io.message.protect.old;
    return status;
}

NTSTATUS remote_range(struct process_object *process, enum peer_operation operation, uintptr_t *base, size_t *size)
{
    struct peer_io io = { .message.range = { *base, *size } };

    return take_range(call(process, operation, &io), &io.message.range, base, size);
}

/* ---- views -------------------------------------------------------------------------------------------------------- */

NTSTATUS remote_map(struct process_object *process, struct section *section, struct vm_map *map)
{
    struct vm_section_description d;
    struct vm_section_fds fds;
    struct peer_io io = { .fd_count = 1 };
    struct peer_range range;
    NTSTATUS status;

    if ((status = section_export(section, &d, &fds)))
    {
        object_unref(&process->header);
        return status;
    }
    io.fds[0] = fds.fd;
    if (fds.state >= 0) io.fds[io.fd_count++] = fds.state;
    io.message.map.section = (struct peer_section){ d.size, d.state_offset, d.protect, d.attributes, d.node, d.is_file,
                                                    d.is_image, d.file_writable, d.fills };
    io.message.map.base = map->base;
    io.message.map.size = map->size;
    io.message.map.offset = map->offset;
    io.message.map.commit_size = map->commit_size;
    io.message.map.lowest = map->limits.lowest;
    io.message.map.highest = map->limits.highest;
    io.message.map.type = map->type;
    io.message.map.protect = map->protect;
    io.message.map.inherit = map->inherit;
    io.message.map.node = map->node;
    status = call(process, PEER_MAP, &io);
    range = (struct peer_range){ io.message.map.base, io.message.map.size };
    return take_range(status, &range, &map->base, &map->size);
}

NTSTATUS remote_unmap(struct process_object *process, uintptr_t address, uint32_t flags)
{
    struct peer_io io = { .message.unmap = { address, flags } };

    return call(process, PEER_UNMAP, &io);
}

/* ---- write watch ---------------------------------------------------------------------------------------------------- */

#define PAGE 0x1000u
#define WATCH_RESET 1u
#define WATCH_ONLY_RESET 2u

/* As many addresses at a time as fit a message. */
NTSTATUS remote_get_write_watch(struct process_object *process, uintptr_t base, size_t size, bool reset,
                                uintptr_t *addresses, size_t *count)
{
    size_t found = 0, step;
    uintptr_t end = base + size, at = base;
    NTSTATUS status = STATUS_SUCCESS;

    while (!status && at < end && found < *count)
    {
        struct peer_io io = { .reply = addresses + found };

        step = *count - found < PEER_DATA_MAX / sizeof(*addresses) ? *count - found : PEER_DATA_MAX / sizeof(*addresses);
        io.reply_room = step * sizeof(*addresses);
        io.message.watch.range = (struct peer_range){ at, end - at };
        io.message.watch.count = step;
        io.message.watch.flags = reset ? WATCH_RESET : 0;
        if ((status = peer_call(process, PEER_WATCH, &io))) break;
        found += io.reply_size / sizeof(*addresses);
        if (io.reply_size < io.reply_room) break;
        at = (addresses[found - 1] & ~(uintptr_t)(PAGE - 1)) + PAGE;
    }
    object_unref(&process->header);
    if (!status) *count = found;
    return status;
}

NTSTATUS remote_reset_write_watch(struct process_object *process, uintptr_t base, size_t size)
{
    struct peer_io io = { .message.watch = { { base, size }, 0, WATCH_ONLY_RESET } };

    return call(process, PEER_WATCH, &io);
}

/* ---- queries ---------------------------------------------------------------------------------------------------------- */

#define WORKING_SET 1
#define WORKING_SET_EX 4                /* NtQueryVirtualMemory class: an array that goes both ways */
#define MAPPED_FILE_NAME 2
#define REGION 3
#define REGION_EX 7
#define REGION_SIZE 0x30                /* the largest there is */

void remote_string(void *reply, size_t size, void *buffer)
{
    UNICODE_STRING *string = reply;

    if (size < sizeof(*string)) return;
    if (string->Length > size - sizeof(*string)) string->Length = 0;
    if (string->MaximumLength > size - sizeof(*string)) string->MaximumLength = string->Length;
    string->Buffer = (WCHAR *)((char *)buffer + sizeof(*string));
}

/* Only of regions is more told than was asked for: how much there is. */
static bool is_size_of_reply(uint32_t class, size_t returned, size_t got, size_t length)
{
    if (returned == got) return true;
    return (class == REGION || class == REGION_EX) && got == length && returned > length && returned <= REGION_SIZE;
}

static NTSTATUS query_once(struct process_object *process, uint32_t class, uintptr_t address, char *buffer, size_t length,
                           size_t *returned)
{
    char *data = malloc(length ? length : 1);
    struct peer_io io = { .message.query = { address, length, 0, class }, .data = data, .reply = data,
                          .reply_room = (uint32_t)length };
    NTSTATUS status, fault;

    if (!data) return STATUS_NO_MEMORY;
    if (class == WORKING_SET_EX)
    {
        if ((status = user_read(data, buffer, length))) goto done;
        io.message.data_size = (uint32_t)length;
    }
    status = peer_call(process, PEER_QUERY, &io);
    if (!status && !is_size_of_reply(class, io.message.query.returned, io.reply_size, length))
    {
        status = STATUS_REPLY_MESSAGE_MISMATCH;
        goto done;
    }
    if (class == MAPPED_FILE_NAME) remote_string(data, io.reply_size, buffer);
    if (io.reply_size && (fault = user_write(buffer, data, io.reply_size))) status = fault;
    *returned = io.message.query.returned;
done:
    free(data);
    return status;
}

/* A working set that is too long for a message comes in a memory file. */
static NTSTATUS query_large(struct process_object *process, char *buffer, size_t length, size_t *returned)
{
    ULONG_PTR count = 0;
    struct peer_io io = { .message.query = { 0, length, 0, WORKING_SET }, .reply = &count, .reply_room = sizeof(count),
                          .reply_fds_max = 1 };
    NTSTATUS status = peer_call(process, PEER_QUERY, &io), fault;
    size_t done = 0;
    char piece[0x4000];
    ssize_t n;

    *returned = io.message.query.returned;
    if (!status && *returned > length) status = STATUS_REPLY_MESSAGE_MISMATCH;
    if (io.reply_size == sizeof(count) && (fault = user_write(buffer, &count, sizeof(count)))) status = fault;
    while (!status && io.reply_fd_count == 1 && done < *returned)
    {
        n = pread(io.reply_fds[0], piece, *returned - done < sizeof(piece) ? *returned - done : sizeof(piece), (off_t)done);
        if (n <= 0) status = STATUS_REPLY_MESSAGE_MISMATCH;
        else if (!(status = user_write(buffer + done, piece, (size_t)n))) done += (size_t)n;
    }
    while (io.reply_fd_count) close(io.reply_fds[--io.reply_fd_count]);
    return status;
}

NTSTATUS remote_query(struct process_object *process, uint32_t class, uintptr_t address, void *buffer, size_t length,
                      SIZE_T *returned)
{
    size_t told = 0, done = 0, step;
    NTSTATUS status;

    if (class == WORKING_SET && length > PEER_DATA_MAX)
        status = query_large(process, buffer, length, &told);
    else do
    {
        step = length - done < PEER_DATA_MAX ? length - done : PEER_DATA_MAX;
        status = query_once(process, class, address, (char *)buffer + done, step, &told);
        done += step;
    } while (class == WORKING_SET_EX && !status && done < length);
    object_unref(&process->header);
    if (class == WORKING_SET_EX) told = done;
    if (told && returned && (!status || class == MAPPED_FILE_NAME))
    {
        NTSTATUS fault = user_put(returned, (SIZE_T)told);

        if (fault && !status) status = fault;
    }
    return status;
}

/* ---- copies -------------------------------------------------------------------------------------------------------------- */

/* Its id may belong to somebody else once it is dead and buried. */
bool remote_has_ended(const struct process_object *process)
{
    struct pollfd fd = { .fd = process->pidfd, .events = POLLIN };

    return poll(&fd, 1, 0) == 1;
}

static ssize_t copy_from(pid_t pid, const struct iovec *local, const struct iovec *remote)
{
    return host_disabled("process_vm") ? (errno = ENOSYS, -1) : process_vm_readv(pid, local, 1, remote, 1, 0);
}

static ssize_t copy_to(pid_t pid, const struct iovec *local, const struct iovec *remote)
{
    return host_disabled("process_vm") ? (errno = ENOSYS, -1) : process_vm_writev(pid, local, 1, remote, 1, 0);
}

/* The kernel copies what is simply there. What it refuses may be a page that is guarded, watched, or committed
 * elsewhere, which only its own process can tell; or we may not look at that process at all. */
NTSTATUS remote_read(struct process_object *process, void *to, uintptr_t from, size_t size)
{
    struct iovec local = { to, size }, remote = { (void *)from, size };
    struct peer_io io = { .message.copy = { { from, size }, 0 }, .reply = to, .reply_room = (uint32_t)size };
    NTSTATUS status;
    ssize_t got;

    got = copy_from(process->linux_pid, &local, &remote);
    if (remote_has_ended(process)) return STATUS_PROCESS_IS_TERMINATING;      /* asked afterwards: whose memory it was is certain */
    if (got == (ssize_t)size) return STATUS_SUCCESS;
    status = peer_call(process, PEER_READ, &io);
    return !status && io.reply_size != size ? STATUS_REPLY_MESSAGE_MISMATCH : status;
}

NTSTATUS remote_write(struct process_object *process, uintptr_t to, const void *from, size_t size, size_t *done)
{
    struct iovec local = { (void *)from, size }, remote = { (void *)to, size };
    struct peer_io io = { .reply = NULL };
    ssize_t written;
    NTSTATUS status;

    *done = 0;
    if (remote_has_ended(process)) return STATUS_PROCESS_IS_TERMINATING;
    if ((written = copy_to(process->linux_pid, &local, &remote)) < 0 && errno == ESRCH)
        return STATUS_PROCESS_IS_TERMINATING;
    if (written > 0) *done = written;
    if (*done == size) return STATUS_SUCCESS;
    io.message.copy.range = (struct peer_range){ to + *done, size - *done };
    io.message.data_size = (uint32_t)(size - *done);
    io.data = (const char *)from + *done;
    status = peer_call(process, PEER_WRITE, &io);
    if (io.message.copy.done <= size - *done && status != STATUS_PROCESS_IS_TERMINATING) *done += io.message.copy.done;
    return status;
}
