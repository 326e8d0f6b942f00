/* Pipe ends on their way to another process: inherited, duplicated, or a client's of a server elsewhere. */
#include <sys/socket.h>
#include <unistd.h>

#include "io/ntfile.h"
#include "io/pipe.h"
#include "ob/transfer.h"

#define PIPE_TAG 0x45504950u            /* "PIPE"; where descriptions of other files have a small number */

struct description
{
    uint32_t tag;
    uint32_t access, sharing, options, read_mode, completion_mode;
    uint32_t server, type, pipe_sharing, max_instances, inbound_quota, outbound_quota;
    uint32_t client_id, server_id;
    uint32_t length;                    /* units of the name that follows */
};

static bool is_socket(int fd)
{
    int value;
    socklen_t size = sizeof(value);

    return fd >= 0 && !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &value, &size) && value == AF_UNIX;
}

struct file *pipe_from_fds(const int fds[PIPE_FDS], const struct pipe_origin *origin, ACCESS_MASK access, ULONG options)
{
    bool sound = is_socket(fds[0]) && origin->type <= FILE_PIPE_TYPE_MESSAGE && origin->sharing &&
                 origin->sharing <= (FILE_SHARE_READ | FILE_SHARE_WRITE);
    struct pipe_link *link = pipe_link_import(fds[1], fds[2]);
    struct pipe_name *name = pipe_name_alloc(origin->name, origin->length);
    struct file *file = NULL;

    if (!sound || !link || !name || !(file = pipe_end_alloc(name, origin->server, fds[0], access, options)))
    {
        if (fds[0] >= 0 && !(sound && link && name)) close(fds[0]);     /* else pipe_end_alloc() has */
        pipe_link_unref(link);
        if (name) free(name->name);
        free(name);
        return NULL;
    }
    name->refs = name->instances = 1;
    name->elsewhere = true;
    name->max_instances = origin->max_instances;
    name->type = origin->type;
    name->sharing = origin->sharing;
    name->inbound_quota = origin->inbound_quota;
    name->outbound_quota = origin->outbound_quota;
    file->pipe->link = link;
    file->pipe->client_id = origin->client_id;
    file->pipe->server_id = origin->server_id;
    file->pipe->state = FILE_PIPE_CONNECTED_STATE;
    return file;
}

NTSTATUS pipe_pack(struct file *file, struct transfer *transfer)
{
    struct pipe_end *end = file->pipe;
    const struct pipe_name *name = end->name;
    struct description d;
    int other = -1;
    bool ok;

    if (!name || name->length * sizeof(WCHAR) > TRANSFER_DATA - sizeof(d)) return STATUS_NOT_SUPPORTED;
    pthread_mutex_lock(&pipe_lock);
    ok = pipe_end_state(end) == FILE_PIPE_CONNECTED_STATE && pipe_share_locked(end, &other);
    d = (struct description)
    {
        PIPE_TAG, file->access, file->sharing, __atomic_load_n(&file->options, __ATOMIC_RELAXED),
        __atomic_load_n(&end->read_mode, __ATOMIC_RELAXED), __atomic_load_n(&end->completion_mode, __ATOMIC_RELAXED),
        end->server, name->type, name->sharing, name->max_instances, name->inbound_quota, name->outbound_quota,
        end->client_id, end->server_id, (uint32_t)name->length,
    };
    pthread_mutex_unlock(&pipe_lock);
    if (other >= 0) close(other);               /* the other end is closed: that is how this one sees it */
    if (!ok) return STATUS_NOT_SUPPORTED;
    memcpy(transfer->data, &d, sizeof(d));
    if (name->length) memcpy(transfer->data + sizeof(d), name->name, name->length * sizeof(WCHAR));
    transfer->size = (uint32_t)(sizeof(d) + name->length * sizeof(WCHAR));
    transfer->fds[0] = file->fd;
    transfer->fds[1] = end->link->memfd;
    transfer->fds[2] = end->link->bell;
    transfer->fd_count = PIPE_FDS;
    return STATUS_SUCCESS;
}

bool pipe_is_packed(const struct transfer *transfer)
{
    static const uint32_t tag = PIPE_TAG;

    return transfer->size >= sizeof(tag) && !memcmp(transfer->data, &tag, sizeof(tag));
}

NTSTATUS pipe_unpack(struct transfer *transfer, struct file **out)
{
    struct pipe_origin origin;
    struct description d;
    struct file *file;

    if (transfer->size < sizeof(d) || transfer->fd_count != PIPE_FDS) return STATUS_INVALID_PARAMETER;
    memcpy(&d, transfer->data, sizeof(d));
    if ((d.access & ~FILE_ALL_ACCESS) || (d.sharing & ~7u) || d.server > 1 || (d.options & FILE_DELETE_ON_CLOSE))
        return STATUS_INVALID_PARAMETER;
    if (d.length != (transfer->size - sizeof(d)) / sizeof(WCHAR) || d.read_mode > FILE_PIPE_MESSAGE_MODE ||
        d.completion_mode > FILE_PIPE_COMPLETE_OPERATION || (d.read_mode == FILE_PIPE_MESSAGE_MODE && d.type != FILE_PIPE_TYPE_MESSAGE))
        return STATUS_INVALID_PARAMETER;
    origin = (struct pipe_origin)
    {
        (const WCHAR *)(transfer->data + sizeof(d)), d.length, d.server, d.type, d.pipe_sharing, d.max_instances,
        d.inbound_quota, d.outbound_quota, d.client_id, d.server_id,
    };
    file = pipe_from_fds(transfer->fds, &origin, d.access, d.options);
    transfer->fds[0] = transfer->fds[1] = transfer->fds[2] = -1;
    if (!file) return STATUS_INVALID_PARAMETER;
    file->sharing = d.sharing;
    file->pipe->read_mode = d.read_mode;
    file->pipe->completion_mode = d.completion_mode;
    *out = file;
    return STATUS_SUCCESS;
}
