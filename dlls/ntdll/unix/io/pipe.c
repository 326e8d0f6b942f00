/* Named pipes: names, instances, and who is connected to whom. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/errno.h"
#include "io/ntfile.h"
#include "io/pipe.h"
#include "io/pipe_meet.h"
#include "io/text.h"
#include "ob/security.h"
#include "ps/thread.h"

pthread_mutex_t pipe_lock = PTHREAD_MUTEX_INITIALIZER;
static struct pipe_name *pipe_names;
static uint64_t listen_counter;         /* clients come to who listens longest */

/* ---- names and ends ------------------------------------------------------------------------------------------- */

struct pipe_name *pipe_find_name_locked(const WCHAR *name, size_t length)
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
    security_unref(name->security);
    free(name->name);
    free(name);
}

static uint32_t own_id(void)
{
    return (uint32_t)getpid() * 4;
}

/* A name without instances is free for somebody else, even if clients of old still have their ends. */
static void name_hide_locked(struct pipe_name *name)
{
    struct pipe_name **p;

    for (p = &pipe_names; *p && *p != name; p = &(*p)->next) ;
    if (*p) *p = name->next;
    name->next = NULL;
    meeting_unpublish(name->meeting);
    name->meeting = NULL;
}

struct file *pipe_end_alloc(struct pipe_name *name, bool server, int fd, ACCESS_MASK access, ULONG options)
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
    end->bell = -1;
    pthread_mutex_init(&end->link_lock, NULL);
    file->pipe = end;
    return file;
}

uint32_t pipe_end_state_locked(struct pipe_end *end)
{
    uint32_t state = __atomic_load_n(&end->state, __ATOMIC_ACQUIRE);

    if (state != FILE_PIPE_CONNECTED_STATE) return state;
    return __atomic_load_n(&end->link->queues->disconnected, __ATOMIC_ACQUIRE) ? FILE_PIPE_DISCONNECTED_STATE : state;
}

uint32_t pipe_end_state(struct pipe_end *end)
{
    uint32_t state;

    pthread_mutex_lock(&end->link_lock);
    state = pipe_end_state_locked(end);
    pthread_mutex_unlock(&end->link_lock);
    return state;
}

bool pipe_peer_is_gone(struct pipe_end *end)
{
    struct pollfd fd = { __atomic_load_n(&end->file->fd, __ATOMIC_ACQUIRE), 0, 0 };

    if (fd.fd < 0) return !__atomic_load_n(&end->peer, __ATOMIC_ACQUIRE);
    return poll(&fd, 1, 0) > 0 && (fd.revents & (POLLHUP | POLLERR));
}

ULONG pipe_state(struct pipe_end *end)
{
    uint32_t state = pipe_end_state(end);

    return state == FILE_PIPE_CONNECTED_STATE && pipe_peer_is_gone(end) ? FILE_PIPE_CLOSING_STATE : state;
}

/* ---- creating ------------------------------------------------------------------------------------------------------ */

/* all: instances in all processes. */
static NTSTATUS check_existing(const struct pipe_name *name, unsigned int all, const struct pipe_create *create)
{
    if (all >= name->max_instances) return STATUS_INSTANCE_NOT_AVAILABLE;
    if (create->disposition == FILE_CREATE) return STATUS_ACCESS_DENIED;
    if (name->sharing != create->sharing) return STATUS_ACCESS_DENIED;
    /* The type of the first instance is that of all. */
    if (create->read_mode == FILE_PIPE_MESSAGE_MODE && name->type != FILE_PIPE_TYPE_MESSAGE) return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

struct pipe_name *pipe_name_alloc(const WCHAR *name, size_t length)
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

static void describe_as(struct pipe_name *name, const struct pipe_create *create, const struct pipe_reply *others)
{
    bool first = !others->instances;

    name->type = first ? create->type : others->type;
    name->sharing = first ? create->sharing : others->sharing;
    name->max_instances = first ? create->max_instances : others->max_instances;
    name->inbound_quota = first ? create->inbound_quota : others->inbound_quota;
    name->outbound_quota = first ? create->outbound_quota : others->outbound_quota;
    name->timeout = first ? create->timeout : others->timeout;
}

/* A new instance of the name that is known here already, or of *fresh, which is used up then. others: what other processes
 * have of it. Under pipe_lock. */
static NTSTATUS add_instance_locked(struct pipe_end *end, struct pipe_name **fresh, struct pipe_create *create,
                                    const struct pipe_reply *others)
{
    struct pipe_name *name = (*fresh)->length ? pipe_find_name_locked((*fresh)->name, (*fresh)->length) : NULL;
    bool known = name != NULL;
    NTSTATUS status;

    if (!known)
    {
        name = *fresh;
        describe_as(name, create, others);
    }
    if (known || others->instances)
    {
        if ((status = check_existing(name, name->instances + others->instances, create))) return status;
        create->result = FILE_OPENED;
    }
    else if (create->disposition == FILE_OPEN) return STATUS_OBJECT_NAME_NOT_FOUND;
    else create->result = FILE_CREATED;
    if (name->length && !name->meeting &&
        (status = meeting_publish(MEETING_PIPES, name->name, name->length, &name->meeting))) return status;

    if (!known)
    {
        if (create->security) name->security = security_ref(create->security);
        *fresh = NULL;
        if (name->length)
        {
            name->next = pipe_names;
            pipe_names = name;
        }
    }
    name->refs++;
    name->instances++;
    end->name = name;
    end->server_id = own_id();
    end->state = FILE_PIPE_LISTENING_STATE;
    end->listens_since = ++listen_counter;
    end->next = name->servers;
    name->servers = end;
    pipe_listening();
    return STATUS_SUCCESS;
}

NTSTATUS pipe_create(const WCHAR *name, size_t length, struct pipe_create *create, struct file **out)
{
    struct pipe_reply others = { 0 };
    struct pipe_name *fresh = NULL;
    struct file *file;
    NTSTATUS status = STATUS_SUCCESS;
    unsigned int tries = 0;
    int lock = -1;

    if (length)                 /* the backslash */
    {
        name++;
        if (!--length) return STATUS_OBJECT_NAME_INVALID;
    }
    else if (create->disposition != FILE_CREATE) return STATUS_OBJECT_NAME_NOT_FOUND;
    if (!(fresh = pipe_name_alloc(name, length))) return STATUS_NO_MEMORY;
    if (!(file = pipe_end_alloc(NULL, true, -1, create->access, create->options))) status = STATUS_NO_MEMORY;
    else
    {
        file->pipe->read_mode = create->read_mode;
        file->pipe->completion_mode = create->completion_mode;
        if (length)
        {
            lock = pipe_meet_lock(MEETING_PIPES, name, length);
            status = pipe_look(name, length, &others);
        }
        if (!status) do
        {
            pthread_mutex_lock(&pipe_lock);
            status = add_instance_locked(file->pipe, &fresh, create, &others);
            pthread_mutex_unlock(&pipe_lock);
        } while ((status = meeting_retry(status, &tries)) == STATUS_RETRY);
        pipe_meet_unlock(lock);
    }
    if (fresh)
    {
        free(fresh->name);
        free(fresh);
    }
    if (!status) *out = file;
    else if (file) object_unref((struct object *)file);
    return status;
}

/* ---- connecting -------------------------------------------------------------------------------------------------------- */

static NTSTATUS check_client_access(const struct pipe_name *name, ACCESS_MASK access)
{
    if ((access & FILE_READ_DATA) && !(name->sharing & FILE_SHARE_READ)) return STATUS_ACCESS_DENIED;
    if ((access & FILE_WRITE_DATA) && !(name->sharing & FILE_SHARE_WRITE)) return STATUS_ACCESS_DENIED;
    return STATUS_SUCCESS;
}

static void set_link(struct pipe_end *end, struct pipe_link *link)
{
    struct pipe_link *old;

    pthread_mutex_lock(&end->link_lock);
    old = end->link;
    end->link = link ? pipe_link_ref(link) : NULL;
    __atomic_store_n(&end->state, FILE_PIPE_CONNECTED_STATE, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&end->link_lock);
    pipe_link_unref(old);
}

/* What is left of the connection before. */
static void forget_socket(struct pipe_end *server)
{
    pipe_unwatch(server);
    if (server->file->fd >= 0) close(server->file->fd);
    __atomic_store_n(&server->file->fd, -1, __ATOMIC_RELEASE);
    server->partial = false;
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

struct pipe_end *pipe_find_listening_locked(const struct pipe_name *name)
{
    struct pipe_end *found = NULL;

    for (struct pipe_end *end = name->servers; end; end = end->next)
        if (end->state == FILE_PIPE_LISTENING_STATE && (!found || end->listens_since < found->listens_since)) found = end;
    return found;
}

/* The server's end is connected; the caller gives the client its link. Under pipe_lock. */
static NTSTATUS connect_server_locked(struct pipe_end *server, ACCESS_MASK access, const struct pipe_qos *qos,
                                      uint32_t client_id, struct pipe_link **link)
{
    NTSTATUS status = check_client_access(server->name, access);

    if (status) return status;
    if (!(*link = pipe_link_create(server->name->inbound_quota, server->name->outbound_quota))) return STATUS_NO_MEMORY;
    forget_socket(server);
    server->client_id = client_id;
    pipe_keep_client_locked(server, qos, client_id == own_id());
    return STATUS_SUCCESS;
}

/* An instance of another process. */
struct open_elsewhere
{
    const WCHAR *name;
    size_t   length;
    const struct file_open *open;
    struct file *file;
    NTSTATUS status;            /* the best that anybody said */
};

static bool open_answer(const struct pipe_reply *reply, int fds[PIPE_FDS], void *arg)
{
    struct open_elsewhere *o = arg;
    struct pipe_origin origin =
    {
        o->name, o->length, false, reply->type, reply->sharing, reply->max_instances, reply->inbound_quota,
        reply->outbound_quota, own_id(), reply->server_id,
    };

    if (reply->status == STATUS_OBJECT_NAME_NOT_FOUND) return true;
    o->status = reply->status;
    if (reply->status) return reply->status == STATUS_PIPE_NOT_AVAILABLE;
    /* It may lie or have died: no pipe then. */
    o->file = pipe_from_fds(fds, &origin, o->open->access, o->open->options);
    fds[0] = fds[1] = fds[2] = -1;
    if (!o->file) o->status = STATUS_PIPE_NOT_AVAILABLE;
    return !o->file;
}

static NTSTATUS open_elsewhere(const WCHAR *name, size_t length, const struct file_open *open_, NTSTATUS here,
                               struct file **out)
{
    struct open_elsewhere o = { name, length, open_, NULL, here };
    NTSTATUS status = pipe_ask(MEETING_PIPES, name, length, PIPE_REQUEST_OPEN, open_->access, open_answer, &o);

    *out = o.file;
    if (o.file) return STATUS_SUCCESS;
    return status ? status : o.status;
}

NTSTATUS pipe_open(const WCHAR *name, size_t length, const struct file *server_file, struct file_open *open_,
                   struct file **out)
{
    struct pipe_end *server = NULL;
    struct pipe_name *pipe;
    struct pipe_qos qos = open_->qos ? *open_->qos : PIPE_QOS_DEFAULT;
    struct pipe_link *link = NULL;
    struct io *listens = NULL;
    struct file *file;
    NTSTATUS status;

    if (open_->options & FILE_DIRECTORY_FILE) return STATUS_NOT_A_DIRECTORY;
    if (open_->disposition == FILE_CREATE) return STATUS_ACCESS_DENIED;
    if (!(file = pipe_end_alloc(NULL, false, -1, open_->access, open_->options))) return STATUS_NO_MEMORY;

    pthread_mutex_lock(&pipe_lock);
    if (server_file)
    {
        pipe = server_file->pipe->name;
        if (server_file->pipe->state == FILE_PIPE_LISTENING_STATE) server = server_file->pipe;
    }
    else if ((pipe = pipe_find_name_locked(name + 1, length - 1))) server = pipe_find_listening_locked(pipe);
    if (!pipe) status = STATUS_OBJECT_NAME_NOT_FOUND;
    else if (!server) status = STATUS_PIPE_NOT_AVAILABLE;
    else if (!(status = connect_server_locked(server, open_->access, &qos, own_id(), &link)))
    {
        file->pipe->name = pipe;
        pipe->refs++;
        file->pipe->peer = server;
        file->pipe->qos = qos;
        file->pipe->client_id = own_id();
        file->pipe->server_id = own_id();
        __atomic_store_n(&server->peer, file->pipe, __ATOMIC_RELEASE);
        set_link(file->pipe, link);
        set_link(server, link);
        listens = take_listens(server->file);
    }
    pthread_mutex_unlock(&pipe_lock);
    pipe_link_unref(link);
    if (status)
    {
        object_unref((struct object *)file);
        if (server_file || server) return status;
        if ((status = open_elsewhere(name + 1, length - 1, open_, status, &file))) return status;
    }
    else finish_listens(listens, STATUS_SUCCESS);
    file->sharing = open_->sharing;
    open_->result = FILE_OPENED;
    *out = file;
    return STATUS_SUCCESS;
}

/* ---- other processes' clients ----------------------------------------------------------------------------------------- */

static void share_end(struct pipe_end *end, int socket)
{
    struct file *file = end->file;

    __atomic_store_n(&file->fd, socket, __ATOMIC_RELEASE);
    pthread_mutex_lock(&file->lock);            /* what sleeps already must hear the bell */
    if (file->pending && pipe_watch_locked(end, end->link)) pipe_link_expect_ring(end->link);
    pthread_mutex_unlock(&file->lock);
}

bool pipe_share_locked(struct pipe_end *end, int *other)
{
    int sockets[2];

    *other = -1;
    if (!pipe_link_share(end->link, sockets)) return false;
    if (sockets[0] < 0) return true;
    share_end(end, sockets[0]);
    if (end->peer) share_end(end->peer, sockets[1]);
    else *other = sockets[1];
    return true;
}

void pipe_serve(const WCHAR *name, size_t length, enum pipe_request_kind kind, ACCESS_MASK access, uint32_t process_id,
                struct pipe_reply *reply, int fds[PIPE_FDS])
{
    struct pipe_link *link = NULL;
    struct pipe_name *pipe;
    struct pipe_end *server = NULL;
    struct io *listens = NULL;

    pthread_mutex_lock(&pipe_lock);
    if (!(pipe = pipe_find_name_locked(name, length)))
    {
        reply->status = STATUS_OBJECT_NAME_NOT_FOUND;
        pthread_mutex_unlock(&pipe_lock);
        return;
    }
    reply->type = pipe->type;
    reply->sharing = pipe->sharing;
    reply->max_instances = pipe->max_instances;
    reply->instances = pipe->instances;
    reply->inbound_quota = pipe->inbound_quota;
    reply->outbound_quota = pipe->outbound_quota;
    reply->timeout = pipe->timeout;
    for (struct pipe_end *end = pipe->servers; end; end = end->next)
        reply->listening += end->state == FILE_PIPE_LISTENING_STATE;
    if (kind == PIPE_REQUEST_OPEN)
    {
        if (!(server = pipe_find_listening_locked(pipe))) reply->status = STATUS_PIPE_NOT_AVAILABLE;
        else reply->status = connect_server_locked(server, access, &PIPE_QOS_DEFAULT, process_id, &link);
        if (!reply->status)
        {
            struct pipe_link *old = server->link;

            /* Connected once the other end has its socket, so that nobody takes it for gone. */
            server->link = link;
            if (!pipe_share_locked(server, &fds[0])) reply->status = STATUS_INSUFFICIENT_RESOURCES;
            server->link = old;
        }
        if (!reply->status)
        {
            set_link(server, link);
            listens = take_listens(server->file);
            fds[1] = fcntl(link->memfd, F_DUPFD_CLOEXEC, 3);
            fds[2] = fcntl(link->bell, F_DUPFD_CLOEXEC, 3);
        }
    }
    pthread_mutex_unlock(&pipe_lock);
    pipe_link_unref(link);
    finish_listens(listens, STATUS_SUCCESS);
}

/* ---- listening and disconnecting ---------------------------------------------------------------------------------------- */

NTSTATUS pipe_listen(struct io *io)
{
    struct pipe_end *end = io->file->pipe;
    bool wait = end->completion_mode == FILE_PIPE_QUEUE_OPERATION;

    if (!end->server) return STATUS_ILLEGAL_FUNCTION;
    pthread_mutex_lock(&pipe_lock);
    if (end->name->elsewhere && pipe_end_state(end) == FILE_PIPE_DISCONNECTED_STATE)
    {
        pthread_mutex_unlock(&pipe_lock);       /* it listens in the process that made it */
        return STATUS_NOT_SUPPORTED;
    }
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
        end->listens_since = ++listen_counter;
        pipe_listening();
        break;
    }
    if (!wait)
    {
        pthread_mutex_unlock(&pipe_lock);
        return STATUS_PIPE_LISTENING;
    }
    pthread_mutex_lock(&io->file->lock);        /* no client can come between the state and the queue */
    pthread_mutex_unlock(&pipe_lock);
    return io_park(io);
}

/* The client loses what it has not read. Under pipe_lock. */
static struct file *disconnect_locked(struct pipe_end *server)
{
    struct pipe_end *client = server->peer;

    if (pipe_end_state(server) == FILE_PIPE_CONNECTED_STATE)
        __atomic_store_n(&server->link->queues->disconnected, 1, __ATOMIC_RELEASE);
    __atomic_store_n(&server->state, FILE_PIPE_DISCONNECTED_STATE, __ATOMIC_RELEASE);
    server->peer = NULL;
    pipe_forget_client_locked(server);
    server->client_id = 0;
    if (client)
    {
        client->peer = NULL;
        __atomic_store_n(&client->state, FILE_PIPE_DISCONNECTED_STATE, __ATOMIC_RELEASE);
        object_ref(client->file);
    }
    if (server->link) pipe_link_ring(server->link);
    return client ? client->file : NULL;
}

NTSTATUS pipe_disconnect(struct io *io)
{
    struct pipe_end *end = io->file->pipe;
    struct file *client = NULL;
    NTSTATUS status = STATUS_SUCCESS;

    if (!end->server) return STATUS_ILLEGAL_FUNCTION;
    pthread_mutex_lock(&pipe_lock);
    if (pipe_end_state(end) == FILE_PIPE_DISCONNECTED_STATE) status = STATUS_PIPE_DISCONNECTED;
    else client = disconnect_locked(end);
    pthread_mutex_unlock(&pipe_lock);
    if (status) return status;
    io_end_all(io->file, 0, NULL, STATUS_PIPE_DISCONNECTED);
    if (client)
    {
        io_end_all(client, 0, NULL, STATUS_PIPE_DISCONNECTED);
        object_unref((struct object *)client);
    }
    return STATUS_SUCCESS;
}

static void instance_gone_locked(struct pipe_end *end)
{
    struct pipe_end **p;

    for (p = &end->name->servers; *p && *p != end; p = &(*p)->next) ;
    if (!*p) return;
    *p = end->next;
    if (!--end->name->instances) name_hide_locked(end->name);
}

/* The last handle is gone. The other end sees it by its socket, once nobody else has this one. */
void pipe_closed(struct file *file)
{
    struct pipe_end *end = file->pipe;
    struct file *peer = NULL;
    int nothing;

    if (!end->name) return;
    pthread_mutex_lock(&pipe_lock);
    if (end->peer)
    {
        peer = object_ref(end->peer->file);
        __atomic_store_n(&end->peer->peer, NULL, __ATOMIC_RELEASE);
        __atomic_store_n(&end->peer, NULL, __ATOMIC_RELEASE);
    }
    if (end->server)
    {
        instance_gone_locked(end);
        if (end->state != FILE_PIPE_CONNECTED_STATE)
            __atomic_store_n(&end->state, FILE_PIPE_DISCONNECTED_STATE, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&pipe_lock);

    /* Now, not when the last operation lets go of the file: fd stays a number that is taken. */
    pipe_unwatch(end);
    if (file->fd >= 0 && (nothing = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0)
    {
        dup3(nothing, file->fd, O_CLOEXEC);
        close(nothing);
    }
    if (peer)
    {
        io_kick(peer, -1);
        object_unref((struct object *)peer);
    }
}

void pipe_destroyed(struct file *file)
{
    struct pipe_end *end = file->pipe;

    if (end->name)
    {
        pthread_mutex_lock(&pipe_lock);
        instance_gone_locked(end);              /* if it never got a handle */
        name_unref_locked(end->name);
        pthread_mutex_unlock(&pipe_lock);
    }
    object_unref(end->client_token);
    pipe_unwatch(end);
    pipe_link_unref(end->link);
    pthread_mutex_destroy(&end->link_lock);
    free(end);
}

