/* Named pipes: names, instances, and who is connected to whom. */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "io/attributes.h"
#include "io/errno.h"
#include "io/ntfile.h"
#include "io/pipe.h"
#include "io/text.h"
#include "ob/cell.h"
#include "ps/thread.h"

pthread_mutex_t pipe_lock = PTHREAD_MUTEX_INITIALIZER;
static struct pipe_name *pipe_names;
static uint32_t listen_sequence;        /* futex: changes when an instance begins to listen */

/* ---- names and ends ------------------------------------------------------------------------------------------- */

static struct pipe_name *find_name_locked(const WCHAR *name, size_t length)
{
    struct pipe_name *p = pipe_names;

    while (p && !text_units_equal(p->name, p->length, name, length)) p = p->next;
    return p;
}

static void name_unref_locked(struct pipe_name *name)
{
    struct pipe_name **p;

    if (--name->refs) return;
    for (p = &pipe_names; *p && *p != name; p = &(*p)->next) ;
    if (*p) *p = name->next;
    free(name->name);
    free(name);
}

/* A name without instances is free for somebody else, even if clients of old still have their ends. */
static void name_hide_locked(struct pipe_name *name)
{
    struct pipe_name **p;

    for (p = &pipe_names; *p && *p != name; p = &(*p)->next) ;
    if (*p) *p = name->next;
    name->next = NULL;
}

static void listening_locked(void)
{
    __atomic_add_fetch(&listen_sequence, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &listen_sequence, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

static struct file *end_alloc(struct pipe_name *name, bool server, int fd, ACCESS_MASK access, ULONG options)
{
    struct pipe_end *end = calloc(1, sizeof(*end));
    struct file *file;

    if (!end)
    {
        if (fd >= 0) close(fd);
        return NULL;
    }
    if (!(file = file_alloc(FILE_KIND_PIPE, &pipe_ops, fd, access, options)))
    {
        free(end);
        return NULL;
    }
    end->file = file;
    end->name = name;
    end->server = server;
    pthread_mutex_init(&end->write_lock, NULL);
    pthread_mutex_init(&end->read_lock, NULL);
    file->pipe = end;
    return file;
}

ULONG pipe_state(struct pipe_end *end)
{
    uint32_t state = __atomic_load_n(&end->state, __ATOMIC_ACQUIRE);
    struct pollfd fd = { end->file->fd, 0, 0 };

    if (state != FILE_PIPE_CONNECTED_STATE) return state;
    return poll(&fd, 1, 0) > 0 && (fd.revents & (POLLHUP | POLLERR)) ? FILE_PIPE_CLOSING_STATE : state;
}

/* ---- creating ------------------------------------------------------------------------------------------------------ */

static NTSTATUS check_existing(const struct pipe_name *name, const struct pipe_create *create)
{
    if (name->instances >= name->max_instances) return STATUS_INSTANCE_NOT_AVAILABLE;
    if (create->disposition == FILE_CREATE) return STATUS_ACCESS_DENIED;
    if (name->sharing != create->sharing) return STATUS_ACCESS_DENIED;
    /* The type of the first instance is that of all. */
    if (create->read_mode == FILE_PIPE_MESSAGE_MODE && name->type != FILE_PIPE_TYPE_MESSAGE) return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

static struct pipe_name *name_alloc(const WCHAR *name, size_t length)
{
    struct pipe_name *fresh = calloc(1, sizeof(*fresh));

    if (!fresh || !length) return fresh;
    if (!(fresh->name = malloc(length * sizeof(WCHAR))))
    {
        free(fresh);
        return NULL;
    }
    memcpy(fresh->name, name, length * sizeof(WCHAR));
    fresh->length = length;
    return fresh;
}

NTSTATUS pipe_create(const WCHAR *name, size_t length, struct pipe_create *create, struct file **out)
{
    struct pipe_name *existing = NULL, *fresh = NULL;
    struct file *file;
    struct pipe_end *end;
    NTSTATUS status = STATUS_SUCCESS;

    if (length)                 /* the backslash */
    {
        name++;
        if (!--length) return STATUS_OBJECT_NAME_INVALID;
    }
    else if (create->disposition != FILE_CREATE) return STATUS_OBJECT_NAME_NOT_FOUND;
    if (!(fresh = name_alloc(name, length))) return STATUS_NO_MEMORY;
    if (!(file = end_alloc(NULL, true, -1, create->access, create->options)))
    {
        free(fresh->name);
        free(fresh);
        return STATUS_NO_MEMORY;
    }
    end = file->pipe;
    end->read_mode = create->read_mode;
    end->completion_mode = create->completion_mode;

    pthread_mutex_lock(&pipe_lock);
    if (length) existing = find_name_locked(name, length);
    if (existing) status = check_existing(existing, create);
    else if (create->disposition == FILE_OPEN) status = STATUS_OBJECT_NAME_NOT_FOUND;
    else
    {
        existing = fresh;
        fresh = NULL;
        existing->type = create->type;
        existing->sharing = create->sharing;
        existing->max_instances = create->max_instances;
        existing->inbound_quota = create->inbound_quota;
        existing->outbound_quota = create->outbound_quota;
        existing->timeout = create->timeout;
        if (length)
        {
            existing->next = pipe_names;
            pipe_names = existing;
        }
        create->result = FILE_CREATED;
    }
    if (!status)
    {
        if (existing->instances) create->result = FILE_OPENED;
        existing->refs++;
        existing->instances++;
        end->name = existing;
        end->state = FILE_PIPE_LISTENING_STATE;
        end->next = existing->servers;
        existing->servers = end;
        listening_locked();
    }
    pthread_mutex_unlock(&pipe_lock);
    if (fresh)
    {
        free(fresh->name);
        free(fresh);
    }
    if (status) object_unref((struct object *)file);
    else *out = file;
    return status;
}

/* ---- connecting -------------------------------------------------------------------------------------------------------- */

static NTSTATUS check_client_access(const struct pipe_name *name, ACCESS_MASK access)
{
    if ((access & FILE_READ_DATA) && !(name->sharing & FILE_SHARE_READ)) return STATUS_ACCESS_DENIED;
    if ((access & FILE_WRITE_DATA) && !(name->sharing & FILE_SHARE_WRITE)) return STATUS_ACCESS_DENIED;
    return STATUS_SUCCESS;
}

static void set_buffer(int fd, ULONG quota)
{
    int size = quota > 0x8000000 ? 0x8000000 : (int)quota;

    if (quota > 65536) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));     /* less than asked is fine */
}

/* The server's fd keeps its number over all its connections: whoever polls it goes on with the new one. */
static NTSTATUS connect_locked(struct pipe_end *server, int *client_fd)
{
    struct pipe_name *name = server->name;
    int fds[2], type = name->type == FILE_PIPE_TYPE_MESSAGE ? SOCK_SEQPACKET : SOCK_STREAM;

    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds)) return status_from_errno(errno);
    set_buffer(fds[0], name->outbound_quota);
    set_buffer(fds[1], name->inbound_quota);
    if (server->file->fd < 0) server->file->fd = fds[0];
    else
    {
        dup3(fds[0], server->file->fd, O_CLOEXEC);
        close(fds[0]);
    }
    *client_fd = fds[1];
    return STATUS_SUCCESS;
}

static bool is_listen(const struct io *io)
{
    return io->code == FSCTL_PIPE_LISTEN && !io->events;
}

/* Takes the FSCTL_PIPE_LISTENs of server out of its queue. */
static struct io *take_listens(struct file *file)
{
    struct io *taken = NULL, **p, *io;

    pthread_mutex_lock(&file->lock);
    for (p = &file->pending; (io = *p); )
    {
        if (!is_listen(io))
        {
            p = &io->next;
            continue;
        }
        *p = io->next;
        io->next = taken;
        taken = io;
    }
    pthread_mutex_unlock(&file->lock);
    return taken;
}

static void finish_listens(struct io *list, NTSTATUS status)
{
    while (list)
    {
        struct io *next = list->next;

        io_finish(list, status);
        list = next;
    }
}

static struct pipe_end *find_listening_locked(const struct pipe_name *name)
{
    struct pipe_end *found = NULL;

    for (struct pipe_end *end = name->servers; end; end = end->next)
        if (end->state == FILE_PIPE_LISTENING_STATE) found = end;       /* the oldest */
    return found;
}

NTSTATUS pipe_open(const WCHAR *name, size_t length, const struct file *server_file, struct file_open *open_,
                   struct file **out)
{
    struct pipe_end *server = NULL;
    struct pipe_name *pipe;
    struct io *listens = NULL;
    struct file *file;
    NTSTATUS status;
    int fd = -1;

    if (open_->options & FILE_DIRECTORY_FILE) return STATUS_NOT_A_DIRECTORY;
    if (open_->disposition == FILE_CREATE) return STATUS_ACCESS_DENIED;
    if (!(file = end_alloc(NULL, false, -1, open_->access, open_->options))) return STATUS_NO_MEMORY;
    file->sharing = open_->sharing;

    pthread_mutex_lock(&pipe_lock);
    if (server_file)
    {
        pipe = server_file->pipe->name;
        if (server_file->pipe->state == FILE_PIPE_LISTENING_STATE) server = server_file->pipe;
    }
    else if ((pipe = find_name_locked(name + 1, length - 1))) server = find_listening_locked(pipe);
    if (!pipe) status = STATUS_OBJECT_NAME_NOT_FOUND;
    else if (!server) status = STATUS_PIPE_NOT_AVAILABLE;
    else if (!(status = check_client_access(pipe, open_->access)) && !(status = connect_locked(server, &fd)))
    {
        file->fd = fd;
        file->pipe->name = pipe;
        pipe->refs++;
        file->pipe->peer = server;
        server->peer = file->pipe;
        __atomic_store_n(&file->pipe->state, FILE_PIPE_CONNECTED_STATE, __ATOMIC_RELEASE);
        __atomic_store_n(&server->state, FILE_PIPE_CONNECTED_STATE, __ATOMIC_RELEASE);
        listens = take_listens(server->file);
    }
    pthread_mutex_unlock(&pipe_lock);
    if (status)
    {
        object_unref((struct object *)file);
        return status;
    }
    finish_listens(listens, STATUS_SUCCESS);
    open_->result = FILE_OPENED;
    *out = file;
    return STATUS_SUCCESS;
}

/* ---- listening and disconnecting ---------------------------------------------------------------------------------------- */

static NTSTATUS pipe_listen(struct io *io)
{
    struct pipe_end *end = io->file->pipe;
    bool wait = end->completion_mode == FILE_PIPE_QUEUE_OPERATION;

    if (!end->server) return STATUS_ILLEGAL_FUNCTION;
    pthread_mutex_lock(&pipe_lock);
    switch (pipe_state(end))
    {
    case FILE_PIPE_CONNECTED_STATE:
        pthread_mutex_unlock(&pipe_lock);
        return STATUS_PIPE_CONNECTED;
    case FILE_PIPE_CLOSING_STATE:
        pthread_mutex_unlock(&pipe_lock);
        return STATUS_PIPE_CLOSING;
    case FILE_PIPE_DISCONNECTED_STATE:
        __atomic_store_n(&end->state, FILE_PIPE_LISTENING_STATE, __ATOMIC_RELEASE);
        listening_locked();
        if (!wait)
        {
            pthread_mutex_unlock(&pipe_lock);
            return STATUS_SUCCESS;
        }
        break;
    default:
        if (!wait)
        {
            pthread_mutex_unlock(&pipe_lock);
            return STATUS_PIPE_LISTENING;
        }
    }
    pthread_mutex_lock(&io->file->lock);        /* no client can come between the state and the queue */
    pthread_mutex_unlock(&pipe_lock);
    return io_park(io);
}

/* The client loses what it has not read. Under pipe_lock. */
static struct file *disconnect_locked(struct pipe_end *server)
{
    struct pipe_end *client = server->peer;

    __atomic_store_n(&server->state, FILE_PIPE_DISCONNECTED_STATE, __ATOMIC_RELEASE);
    server->peer = NULL;
    if (client)
    {
        client->peer = NULL;
        __atomic_store_n(&client->state, FILE_PIPE_DISCONNECTED_STATE, __ATOMIC_RELEASE);
        object_ref(client->file);
    }
    if (server->file->fd >= 0) shutdown(server->file->fd, SHUT_RDWR);
    return client ? client->file : NULL;
}

static NTSTATUS pipe_disconnect(struct io *io)
{
    struct pipe_end *end = io->file->pipe;
    struct file *client = NULL;
    NTSTATUS status = STATUS_SUCCESS;

    if (!end->server) return STATUS_ILLEGAL_FUNCTION;
    pthread_mutex_lock(&pipe_lock);
    if (end->state == FILE_PIPE_DISCONNECTED_STATE) status = STATUS_PIPE_DISCONNECTED;
    else client = disconnect_locked(end);
    pthread_mutex_unlock(&pipe_lock);
    if (status) return status;
    io_end_all(io->file, 0, NULL, STATUS_PIPE_DISCONNECTED);
    pipe_discard_rest(end);
    if (client)
    {
        io_end_all(client, 0, NULL, STATUS_PIPE_DISCONNECTED);
        pipe_discard_rest(client->pipe);
        object_unref((struct object *)client);
    }
    return STATUS_SUCCESS;
}

/* The last handle is gone. The other end sees it by its socket, once nobody else has this one. */
static void pipe_closed(struct file *file)
{
    struct pipe_end *end = file->pipe, **p;
    struct file *peer = NULL;
    int nothing;

    if (!end->name) return;
    pthread_mutex_lock(&pipe_lock);
    if (end->peer)
    {
        peer = object_ref(end->peer->file);
        end->peer->peer = NULL;
        end->peer = NULL;
    }
    if (end->server)
    {
        for (p = &end->name->servers; *p && *p != end; p = &(*p)->next) ;
        if (*p) *p = end->next;
        if (!--end->name->instances) name_hide_locked(end->name);
        if (end->state != FILE_PIPE_CONNECTED_STATE)
            __atomic_store_n(&end->state, FILE_PIPE_DISCONNECTED_STATE, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&pipe_lock);

    /* Now, not when the last operation lets go of the file: fd stays a number that is taken. */
    if (file->fd >= 0 && (nothing = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0)
    {
        dup3(nothing, file->fd, O_CLOEXEC);
        close(nothing);
    }
    if (peer)
    {
        io_kick(peer, peer->fd);
        object_unref((struct object *)peer);
    }
}

static void pipe_destroyed(struct file *file)
{
    struct pipe_end *end = file->pipe;

    if (end->name)
    {
        pthread_mutex_lock(&pipe_lock);
        name_unref_locked(end->name);
        pthread_mutex_unlock(&pipe_lock);
    }
    free(end->packet);
    pthread_mutex_destroy(&end->write_lock);
    pthread_mutex_destroy(&end->read_lock);
    free(end);
}

/* ---- other processes --------------------------------------------------------------------------------------------- */

bool pipe_describe(struct pipe_end *end, uint32_t *type, uint32_t *sharing, uint32_t *inbound, uint32_t *outbound)
{
    const struct pipe_name *name = end->name;

    if (!name || end->file->fd < 0 || end->rest_at < end->rest_size ||
        __atomic_load_n(&end->state, __ATOMIC_ACQUIRE) != FILE_PIPE_CONNECTED_STATE)
        return false;
    *type = name->type;
    *sharing = name->sharing;
    *inbound = name->inbound_quota;
    *outbound = name->outbound_quota;
    return true;
}

struct file *pipe_from_fd(int fd, bool server, ACCESS_MASK access, ULONG options, uint32_t type, uint32_t sharing,
                          uint32_t inbound, uint32_t outbound)
{
    struct pipe_name *name = name_alloc(NULL, 0);
    struct file *file;

    if (!name || !(file = end_alloc(name, server, fd, access, options)))
    {
        if (!name) close(fd);
        free(name);
        return NULL;
    }
    name->refs = name->max_instances = 1;
    name->instances = server;
    name->type = type;
    name->sharing = sharing;
    name->inbound_quota = inbound;
    name->outbound_quota = outbound;
    file->pipe->state = FILE_PIPE_CONNECTED_STATE;
    if (server) name->servers = file->pipe;
    return file;
}

/* ---- waiting for an instance ---------------------------------------------------------------------------------------------- */

#define WAIT_SLICE_NS 20000000          /* between looks at whether the thread is to end */

static NTSTATUS wait_for_instance(struct io *io)
{
    FILE_PIPE_WAIT_FOR_BUFFER wait;
    const size_t fixed = offsetof(FILE_PIPE_WAIT_FOR_BUFFER, Name);
    uint64_t deadline = 0;
    bool have_deadline = false;
    WCHAR *name;
    NTSTATUS status;

    if (io->in_length < fixed) return STATUS_INVALID_PARAMETER;
    if ((status = user_read(&wait, io->in, fixed))) return status;
    if (wait.NameLength > io->in_length - fixed || (wait.NameLength & 1)) return STATUS_INVALID_PARAMETER;
    if (!(name = malloc(wait.NameLength + 1))) return STATUS_NO_MEMORY;
    status = user_read(name, (const char *)io->in + fixed, wait.NameLength);
    while (!status)
    {
        uint32_t sequence = __atomic_load_n(&listen_sequence, __ATOMIC_SEQ_CST);
        struct timespec slice = { 0, WAIT_SLICE_NS }, now;
        struct pipe_name *pipe;
        bool listening = false;

        pthread_mutex_lock(&pipe_lock);
        if ((pipe = find_name_locked(name, wait.NameLength / sizeof(WCHAR))))
        {
            listening = find_listening_locked(pipe) != NULL;
            if (!have_deadline)
            {
                LARGE_INTEGER timeout = wait.Timeout;

                if (!wait.TimeoutSpecified) timeout.QuadPart = pipe->timeout;
                deadline = deadline_from_timeout(&timeout);
                have_deadline = true;
            }
        }
        pthread_mutex_unlock(&pipe_lock);
        if (!pipe) status = STATUS_OBJECT_NAME_NOT_FOUND;
        if (!pipe || listening) break;
        clock_gettime(CLOCK_MONOTONIC, &now);
        if ((uint64_t)now.tv_sec * 1000000000 + now.tv_nsec >= deadline) status = STATUS_IO_TIMEOUT;
        else if (!(status = thread_check_alert(false)))
            syscall(SYS_futex, &listen_sequence, FUTEX_WAIT_PRIVATE, sequence, &slice, NULL, 0);
    }
    free(name);
    return status;
}

/* ---- as a file --------------------------------------------------------------------------------------------------------------- */

static NTSTATUS pipe_control(struct io *io)
{
    switch (io->code)
    {
    case FSCTL_PIPE_LISTEN:     return pipe_listen(io);
    case FSCTL_PIPE_DISCONNECT: return pipe_disconnect(io);
    case FSCTL_PIPE_PEEK:       return pipe_peek(io);
    case FSCTL_PIPE_TRANSCEIVE: return pipe_transceive(io);
    case FSCTL_PIPE_WAIT:       return STATUS_ILLEGAL_FUNCTION;
    default:                    return STATUS_NOT_SUPPORTED;
    }
}

static NTSTATUS root_control(struct io *io)
{
    switch (io->code)
    {
    case FSCTL_PIPE_WAIT:       return io->file->is_device ? STATUS_ILLEGAL_FUNCTION : wait_for_instance(io);
    case FSCTL_PIPE_LISTEN:
    case FSCTL_PIPE_IMPERSONATE:
        return STATUS_ILLEGAL_FUNCTION;
    case FSCTL_PIPE_DISCONNECT:
    case FSCTL_PIPE_TRANSCEIVE:
        return STATUS_PIPE_DISCONNECTED;
    case FSCTL_PIPE_PEEK:
    case FSCTL_PIPE_QUERY_CLIENT_PROCESS:
    case FSCTL_PIPE_GET_CONNECTION_ATTRIBUTE:
        return STATUS_INVALID_PARAMETER;
    default:
        return STATUS_NOT_SUPPORTED;
    }
}

static NTSTATUS root_transfer(struct io *io)
{
    (void)io;
    return STATUS_INVALID_PARAMETER;
}

static bool is_cut_off(const struct pipe_end *end)
{
    return !end->server && __atomic_load_n(&end->state, __ATOMIC_ACQUIRE) == FILE_PIPE_DISCONNECTED_STATE;
}

static NTSTATUS local_info(struct pipe_end *end, FILE_PIPE_LOCAL_INFORMATION *info)
{
    struct pipe_name *name = end->name;
    struct pipe_end *peer;
    size_t unread = 0;

    memset(info, 0, sizeof(*info));
    pthread_mutex_lock(&pipe_lock);
    info->NamedPipeType = name->type;
    info->NamedPipeConfiguration = name->sharing == FILE_SHARE_READ ? FILE_PIPE_OUTBOUND
                                 : name->sharing == FILE_SHARE_WRITE ? FILE_PIPE_INBOUND : FILE_PIPE_FULL_DUPLEX;
    info->MaximumInstances = name->max_instances;
    info->CurrentInstances = name->instances;
    info->InboundQuota = name->inbound_quota;
    info->OutboundQuota = name->outbound_quota;
    info->NamedPipeState = pipe_state(end);
    info->NamedPipeEnd = end->server ? FILE_PIPE_SERVER_END : FILE_PIPE_CLIENT_END;
    info->ReadDataAvailable = pipe_readable(end);
    if ((peer = end->peer)) unread = pipe_readable(peer);
    info->WriteQuotaAvailable = end->server ? name->outbound_quota : name->inbound_quota;
    info->WriteQuotaAvailable -= unread < info->WriteQuotaAvailable ? unread : info->WriteQuotaAvailable;
    pthread_mutex_unlock(&pipe_lock);
    return STATUS_SUCCESS;
}

static NTSTATUS pipe_query(struct file *file, FILE_INFORMATION_CLASS class, void *buffer, ULONG length,
                           ULONG_PTR *information)
{
    struct pipe_end *end = file->pipe;
    FILE_PIPE_LOCAL_INFORMATION local;
    FILE_PIPE_INFORMATION info;

    (void)length;
    switch (class)
    {
    case FilePipeInformation:
        if (is_cut_off(end)) return STATUS_PIPE_DISCONNECTED;
        info.ReadMode = __atomic_load_n(&end->read_mode, __ATOMIC_RELAXED);
        info.CompletionMode = __atomic_load_n(&end->completion_mode, __ATOMIC_RELAXED);
        *information = sizeof(info);
        return user_write(buffer, &info, sizeof(info));
    case FilePipeLocalInformation:
        if (is_cut_off(end)) return STATUS_PIPE_DISCONNECTED;
        local_info(end, &local);
        *information = sizeof(local);
        return user_write(buffer, &local, sizeof(local));
    default:
        return STATUS_NOT_SUPPORTED;
    }
}

static NTSTATUS pipe_set(struct file *file, FILE_INFORMATION_CLASS class, const void *buffer, ULONG length)
{
    struct pipe_end *end = file->pipe;
    FILE_PIPE_INFORMATION info;
    NTSTATUS status;

    (void)length;
    if (class != FilePipeInformation) return STATUS_NOT_SUPPORTED;
    if ((status = user_read(&info, buffer, sizeof(info)))) return status;
    if (is_cut_off(end)) return STATUS_PIPE_DISCONNECTED;
    if (info.ReadMode > FILE_PIPE_MESSAGE_MODE || info.CompletionMode > FILE_PIPE_COMPLETE_OPERATION ||
        (info.ReadMode == FILE_PIPE_MESSAGE_MODE && end->name->type != FILE_PIPE_TYPE_MESSAGE))
        return STATUS_INVALID_PARAMETER;
    __atomic_store_n(&end->read_mode, info.ReadMode, __ATOMIC_RELAXED);
    __atomic_store_n(&end->completion_mode, info.CompletionMode, __ATOMIC_RELAXED);
    return STATUS_SUCCESS;
}

static NTSTATUS pipe_facts(struct file *file, struct file_facts *facts)
{
    struct pipe_end *end = file->pipe;

    if (is_cut_off(end)) return STATUS_PIPE_DISCONNECTED;
    memset(facts, 0, sizeof(*facts));
    facts->links = 1;
    facts->size = pipe_readable(end);
    facts->allocation = end->name->inbound_quota + end->name->outbound_quota;
    facts->attributes = FILE_ATTRIBUTE_NORMAL;
    facts->ino = (uintptr_t)end->name;
    return STATUS_SUCCESS;
}

static NTSTATUS pipe_query_name(struct file *file, WCHAR **out, size_t *length)
{
    static const WCHAR prefix[] = u"\\Device\\NamedPipe\\";
    const size_t prefix_length = sizeof(prefix) / sizeof(WCHAR) - 1;
    const struct pipe_name *name = file->pipe->name;
    WCHAR *text;

    if (is_cut_off(file->pipe)) return STATUS_PIPE_DISCONNECTED;
    if (!name->name) return STATUS_OBJECT_PATH_INVALID;
    if (!(text = malloc((prefix_length + name->length + 1) * sizeof(WCHAR)))) return STATUS_NO_MEMORY;
    memcpy(text, prefix, prefix_length * sizeof(WCHAR));
    memcpy(text + prefix_length, name->name, name->length * sizeof(WCHAR));
    *length = prefix_length + name->length;
    text[*length] = 0;
    *out = text;
    return STATUS_SUCCESS;
}

static NTSTATUS root_query_name(struct file *file, WCHAR **out, size_t *length)
{
    static const WCHAR name[] = u"\\Device\\NamedPipe";

    (void)file;
    if (!(*out = malloc(sizeof(name)))) return STATUS_NO_MEMORY;
    memcpy(*out, name, sizeof(name));
    *length = sizeof(name) / sizeof(WCHAR) - 1;
    return STATUS_SUCCESS;
}

const struct file_ops pipe_ops =
{
    .read = pipe_read, .write = pipe_write, .control = pipe_control, .flush = pipe_flush,
    .facts = pipe_facts, .query = pipe_query, .set = pipe_set, .query_name = pipe_query_name,
    .closed = pipe_closed, .destroyed = pipe_destroyed,
};
const struct file_ops pipe_root_ops =
{
    .read = root_transfer, .write = root_transfer, .control = root_control, .query_name = root_query_name,
};
