/* Mailslots: names, messages, and mailslots as files. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "io/attributes.h"
#include "io/errno.h"
#include "io/mailslot.h"
#include "io/ntfile.h"
#include "io/pipe_meet.h"
#include "io/text.h"
#include "ob/cell.h"
#include "ob/transfer.h"

struct message
{
    struct message *next;
    size_t size;
    char   data[];
};

struct mailslot                         /* of a server's file, or of a client's */
{
    struct mailslot *next;              /* servers, under slots_lock */
    struct file *file;
    WCHAR   *name;
    size_t   length;
    ULONG    max_size;                  /* of a message; 0: any */
    struct meeting *meeting;            /* of a server's */
    int      sender;                    /* what clients get a duplicate of */

    pthread_mutex_t lock;               /* a leaf */
    int64_t  timeout;
    struct message *first, **last;
    ULONG    count;
};

static pthread_mutex_t slots_lock = PTHREAD_MUTEX_INITIALIZER;  /* taken before file.lock */
static struct mailslot *slots;

static struct mailslot *find_locked(const WCHAR *name, size_t length)
{
    struct mailslot *slot = slots;

    while (slot && !text_units_equal(slot->name, slot->length, name, length)) slot = slot->next;
    return slot;
}

static struct file *slot_alloc(const WCHAR *name, size_t length, const struct file_ops *ops, int fd, ACCESS_MASK access,
                               ULONG options)
{
    struct mailslot *slot = calloc(1, sizeof(*slot));
    WCHAR *copy = malloc(length * sizeof(WCHAR));
    struct file *file;

    if (!slot || !copy || !(file = file_alloc(FILE_KIND_MAILSLOT, ops, fd, access, options)))
    {
        if (fd >= 0 && !(slot && copy)) close(fd);
        free(slot);
        free(copy);
        return NULL;
    }
    memcpy(copy, name, length * sizeof(WCHAR));
    *slot = (struct mailslot){ .file = file, .name = copy, .length = length, .sender = -1, .last = &slot->first };
    pthread_mutex_init(&slot->lock, NULL);
    file->mailslot = slot;
    return file;
}

/* ---- messages --------------------------------------------------------------------------------------------------------- */

/* Takes out of the socket what is there. Under slot.lock. */
static void drain(struct mailslot *slot)
{
    for (;;)
    {
        ssize_t size = recv(slot->file->fd, NULL, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
        struct message *message;

        if (size < 0 && errno == EINTR) continue;
        if (size < 0 || !(message = malloc(sizeof(*message) + size))) return;
        message->next = NULL;
        size = recv(slot->file->fd, message->data, size, MSG_DONTWAIT);
        if (size < 0)
        {
            free(message);
            return;
        }
        message->size = size;
        *slot->last = message;
        slot->last = &message->next;
        slot->count++;
    }
}

/* Something has come, on the epoll thread. Reads with a timeout wait for fds of their own. */
static void slot_woken(struct file *file)
{
    int fds[32];
    unsigned int count = 0;

    pthread_mutex_lock(&file->mailslot->lock);
    drain(file->mailslot);
    pthread_mutex_unlock(&file->mailslot->lock);
    pthread_mutex_lock(&file->lock);
    for (const struct io *io = file->pending; io && count < 32; io = io->next) fds[count++] = io->fd;
    pthread_mutex_unlock(&file->lock);
    for (unsigned int i = 0; i < count; i++) io_kick(file, fds[i]);
}

static NTSTATUS attempt_read(struct io *io)
{
    struct mailslot *slot = io->file->mailslot;
    NTSTATUS status = user_probe_for_write(io->buffer, io->length);
    struct message *message;
    uint64_t ticks;

    if (status) return status;
    pthread_mutex_lock(&slot->lock);
    drain(slot);
    if (!(message = slot->first)) status = STATUS_PENDING;
    else if (message->size > io->length) status = STATUS_BUFFER_TOO_SMALL;
    else if (!(status = user_write(io->buffer, message->data, message->size)))
    {
        io->information = message->size;
        if (!(slot->first = message->next)) slot->last = &slot->first;
        slot->count--;
        free(message);
    }
    pthread_mutex_unlock(&slot->lock);
    if (status == STATUS_PENDING && io->fd >= 0 && read(io->fd, &ticks, sizeof(ticks)) > 0) return STATUS_IO_TIMEOUT;
    return status;
}

static void close_timer(struct io *io)
{
    close(*(int *)io->state);
}

static NTSTATUS start_timer(struct io *io, int64_t timeout)
{
    struct itimerspec due = { { 0, 0 }, { -timeout / 10000000, -timeout % 10000000 * 100 } };

    if (!(io->state = malloc(sizeof(int)))) return STATUS_NO_MEMORY;
    if ((io->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) < 0)
    {
        free(io->state);
        io->state = NULL;
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    *(int *)io->state = io->fd;
    io->drop_state = close_timer;
    timerfd_settime(io->fd, 0, &due, NULL);
    return STATUS_SUCCESS;
}

static NTSTATUS slot_read(struct io *io)
{
    struct mailslot *slot = io->file->mailslot;
    int64_t timeout;
    NTSTATUS status;

    io->fd = -1;
    io->attempt = attempt_read;
    io->events = POLLIN;
    if ((status = attempt_read(io)) != STATUS_PENDING) return status;
    pthread_mutex_lock(&slot->lock);
    timeout = slot->timeout;
    pthread_mutex_unlock(&slot->lock);
    if (!timeout) return STATUS_IO_TIMEOUT;
    if (timeout != MAILSLOT_FOREVER && (status = start_timer(io, timeout))) return status;
    pthread_mutex_lock(&io->file->lock);
    if ((status = attempt_read(io)) == STATUS_PENDING) return io_park(io);
    pthread_mutex_unlock(&io->file->lock);
    return status;
}

static NTSTATUS attempt_send(struct io *io)
{
    NTSTATUS status = user_probe_for_read(io->buffer, io->length);

    if (status) return status;
    while (send(io->fd, io->buffer, io->length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
    {
        if (errno == EINTR) continue;
        if (errno == EAGAIN) return STATUS_PENDING;
        return errno == EPIPE || errno == ECONNRESET || errno == ECONNREFUSED || errno == ENOTCONN ? STATUS_FILE_FORCED_CLOSED
                                                                                                  : status_from_errno(errno);
    }
    io->information = io->length;
    return STATUS_SUCCESS;
}

static NTSTATUS client_write(struct io *io)
{
    ULONG max_size = io->file->mailslot->max_size;

    if (max_size && io->length > max_size) return STATUS_INVALID_PARAMETER;
    io->attempt = attempt_send;
    io->fd = io->file->fd;
    io->events = POLLOUT;
    return io_run(io);
}

static NTSTATUS client_read(struct io *io)
{
    (void)io;
    return STATUS_INVALID_PARAMETER;
}

/* ---- names ---------------------------------------------------------------------------------------------------------------- */

static bool there_is_one(const struct pipe_reply *reply, int fds[PIPE_FDS], void *arg)
{
    (void)fds;
    if (!reply->status) *(bool *)arg = true;
    return reply->status != STATUS_SUCCESS;
}

/* Under the lock of the name. */
static NTSTATUS publish(struct mailslot *slot)
{
    unsigned int tries = 0;
    bool exists = false;
    NTSTATUS status = pipe_ask(MEETING_MAILSLOTS, slot->name, slot->length, PIPE_REQUEST_MAILSLOT, 0, there_is_one, &exists);

    if (status) return status;
    do
    {
        pthread_mutex_lock(&slots_lock);
        if (exists || find_locked(slot->name, slot->length)) status = STATUS_OBJECT_NAME_COLLISION;
        else if (!(status = meeting_publish(MEETING_MAILSLOTS, slot->name, slot->length, &slot->meeting)))
        {
            slot->next = slots;
            slots = slot;
        }
        pthread_mutex_unlock(&slots_lock);
    } while ((status = meeting_retry(status, &tries)) == STATUS_RETRY);
    return status;
}

NTSTATUS mailslot_create(const WCHAR *name, size_t length, ACCESS_MASK access, ULONG options, ULONG max_size, int64_t timeout,
                         struct file **out)
{
    struct file *file;
    int fds[2], lock;
    NTSTATUS status;

    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds)) return status_from_errno(errno);
    if (!(file = slot_alloc(name + 1, length - 1, &mailslot_ops, fds[0], access, options)))
    {
        close(fds[1]);
        return STATUS_NO_MEMORY;
    }
    file->mailslot->sender = fds[1];
    file->mailslot->max_size = max_size;
    file->mailslot->timeout = timeout;
    if (!io_watch_file(file, file->fd, slot_woken)) status = STATUS_NO_MEMORY;
    else
    {
        lock = pipe_meet_lock(MEETING_MAILSLOTS, name + 1, length - 1);
        status = publish(file->mailslot);
        pipe_meet_unlock(lock);
    }
    if (status) object_unref((struct object *)file);
    else *out = file;
    return status;
}

void mailslot_serve(const WCHAR *name, size_t length, struct pipe_reply *reply, int fds[PIPE_FDS])
{
    struct mailslot *slot;

    pthread_mutex_lock(&slots_lock);
    if (!(slot = find_locked(name, length))) reply->status = STATUS_OBJECT_NAME_NOT_FOUND;
    else if ((fds[0] = fcntl(slot->sender, F_DUPFD_CLOEXEC, 3)) < 0) reply->status = STATUS_TOO_MANY_OPENED_FILES;
    else reply->inbound_quota = slot->max_size;
    pthread_mutex_unlock(&slots_lock);
}

struct found
{
    int fd;
    ULONG max_size;
};

static bool is_sender(int fd)
{
    int value;
    socklen_t size = sizeof(value);

    return fd >= 0 && !getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &size) && value == SOCK_DGRAM;
}

static bool take_sender(const struct pipe_reply *reply, int fds[PIPE_FDS], void *arg)
{
    struct found *found = arg;

    if (reply->status || !is_sender(fds[0])) return true;
    found->fd = fds[0];
    found->max_size = reply->inbound_quota;
    fds[0] = -1;
    return false;
}

NTSTATUS mailslot_open(const WCHAR *name, size_t length, struct file_open *open_, struct file **out)
{
    struct found found = { -1, 0 };
    struct mailslot *slot;
    NTSTATUS status;

    if (length <= 1)
    {
        if (!(*out = file_alloc(FILE_KIND_MAILSLOT, &mailslot_root_ops, -1, open_->access, open_->options))) return STATUS_NO_MEMORY;
        open_->result = FILE_OPENED;
        return STATUS_SUCCESS;
    }
    if (open_->options & FILE_DIRECTORY_FILE) return STATUS_NOT_A_DIRECTORY;
    if (open_->disposition == FILE_CREATE) return STATUS_ACCESS_DENIED;
    name++;
    length--;
    pthread_mutex_lock(&slots_lock);
    if ((slot = find_locked(name, length)))
    {
        found.max_size = slot->max_size;
        found.fd = fcntl(slot->sender, F_DUPFD_CLOEXEC, 3);
    }
    pthread_mutex_unlock(&slots_lock);
    if (slot && found.fd < 0) return STATUS_TOO_MANY_OPENED_FILES;
    if (!slot && (status = pipe_ask(MEETING_MAILSLOTS, name, length, PIPE_REQUEST_MAILSLOT, 0, take_sender, &found))) return status;
    if (found.fd < 0) return STATUS_OBJECT_NAME_NOT_FOUND;
    if (!(*out = slot_alloc(name, length, &mailslot_client_ops, found.fd, open_->access, open_->options))) return STATUS_NO_MEMORY;
    (*out)->mailslot->max_size = found.max_size;
    (*out)->sharing = open_->sharing;
    open_->result = FILE_OPENED;
    return STATUS_SUCCESS;
}

/* ---- a client's end in another process ------------------------------------------------------------------------------------- */

#define MAILSLOT_TAG 0x544f4c53u        /* "SLOT"; where descriptions of other files have a small number */

struct description
{
    uint32_t tag, access, sharing, options, max_size;
    uint32_t length;                    /* units of the name that follows */
};

NTSTATUS mailslot_pack(struct file *file, struct transfer *transfer)
{
    const struct mailslot *slot = file->mailslot;
    struct description d;

    if (file->ops != &mailslot_client_ops || slot->length * sizeof(WCHAR) > TRANSFER_DATA - sizeof(d)) return STATUS_NOT_SUPPORTED;
    d = (struct description){ MAILSLOT_TAG, file->access, file->sharing, __atomic_load_n(&file->options, __ATOMIC_RELAXED),
                              slot->max_size, (uint32_t)slot->length };
    memcpy(transfer->data, &d, sizeof(d));
    memcpy(transfer->data + sizeof(d), slot->name, slot->length * sizeof(WCHAR));
    transfer->size = (uint32_t)(sizeof(d) + slot->length * sizeof(WCHAR));
    transfer->fds[0] = file->fd;
    transfer->fd_count = 1;
    return STATUS_SUCCESS;
}

bool mailslot_is_packed(const struct transfer *transfer)
{
    static const uint32_t tag = MAILSLOT_TAG;

    return transfer->size >= sizeof(tag) && !memcmp(transfer->data, &tag, sizeof(tag));
}

NTSTATUS mailslot_unpack(struct transfer *transfer, struct file **file)
{
    struct description d;
    int fd = transfer->fds[0];

    if (transfer->size < sizeof(d) || transfer->fd_count != 1 || !is_sender(fd)) return STATUS_INVALID_PARAMETER;
    memcpy(&d, transfer->data, sizeof(d));
    if ((d.access & ~FILE_ALL_ACCESS) || (d.sharing & ~7u) || (d.options & FILE_DELETE_ON_CLOSE) ||
        d.length != (transfer->size - sizeof(d)) / sizeof(WCHAR)) return STATUS_INVALID_PARAMETER;
    transfer->fds[0] = -1;
    if (!(*file = slot_alloc((const WCHAR *)(transfer->data + sizeof(d)), d.length, &mailslot_client_ops, fd, d.access, d.options)))
        return STATUS_NO_MEMORY;
    (*file)->mailslot->max_size = d.max_size;
    (*file)->sharing = d.sharing;
    return STATUS_SUCCESS;
}

/* ---- as a file -------------------------------------------------------------------------------------------------------------- */

/* From here on the name is free, and clients see that nobody reads any more. */
static void slot_closed(struct file *file)
{
    struct mailslot *slot = file->mailslot, **p;

    pthread_mutex_lock(&slots_lock);
    for (p = &slots; *p && *p != slot; p = &(*p)->next) ;
    if (*p) *p = slot->next;
    meeting_unpublish(slot->meeting);
    slot->meeting = NULL;
    if (slot->sender >= 0) close(slot->sender);
    slot->sender = -1;
    pthread_mutex_unlock(&slots_lock);
    io_watch_file_end(file);
    shutdown(file->fd, SHUT_RDWR);
}

static void slot_destroyed(struct file *file)
{
    struct mailslot *slot = file->mailslot;
    struct message *message;

    if (file->ops == &mailslot_ops) slot_closed(file);          /* it may never have got a handle */
    while ((message = slot->first))
    {
        slot->first = message->next;
        free(message);
    }
    pthread_mutex_destroy(&slot->lock);
    free(slot->name);
    free(slot);
}

static NTSTATUS slot_query(struct file *file, FILE_INFORMATION_CLASS class, void *buffer, ULONG length, ULONG_PTR *information)
{
    struct mailslot *slot = file->mailslot;
    FILE_MAILSLOT_QUERY_INFORMATION info = { 0 };

    (void)length;
    if (class != FileMailslotQueryInformation) return STATUS_NOT_SUPPORTED;
    pthread_mutex_lock(&slot->lock);
    drain(slot);
    info.MaximumMessageSize = slot->max_size;
    info.NextMessageSize = slot->first ? (ULONG)slot->first->size : ~0u;
    info.MessagesAvailable = slot->count;
    info.ReadTimeout.QuadPart = slot->timeout;
    pthread_mutex_unlock(&slot->lock);
    *information = sizeof(info);
    return user_write(buffer, &info, sizeof(info));
}

static NTSTATUS slot_set(struct file *file, FILE_INFORMATION_CLASS class, const void *buffer, ULONG length)
{
    FILE_MAILSLOT_SET_INFORMATION info;
    NTSTATUS status;

    (void)length;
    if (class != FileMailslotSetInformation) return STATUS_NOT_SUPPORTED;
    if ((status = user_read(&info, buffer, sizeof(info)))) return status;
    if (info.ReadTimeout.QuadPart > 0) return STATUS_INVALID_PARAMETER;
    pthread_mutex_lock(&file->mailslot->lock);
    file->mailslot->timeout = info.ReadTimeout.QuadPart;
    pthread_mutex_unlock(&file->mailslot->lock);
    return STATUS_SUCCESS;
}

static NTSTATUS slot_facts(struct file *file, struct file_facts *facts)
{
    memset(facts, 0, sizeof(*facts));
    facts->links = 1;
    facts->attributes = FILE_ATTRIBUTE_NORMAL;
    facts->ino = (uintptr_t)file->mailslot;
    return STATUS_SUCCESS;
}

static NTSTATUS slot_query_name(struct file *file, WCHAR **out, size_t *length)
{
    static const WCHAR prefix[] = u"\\Device\\Mailslot\\";
    const struct mailslot *slot = file->mailslot;
    size_t prefix_length = sizeof(prefix) / sizeof(WCHAR) - 1;
    WCHAR *text;

    if (!slot) prefix_length--;         /* the device itself */
    *length = prefix_length + (slot ? slot->length : 0);
    if (!(text = malloc((*length + 1) * sizeof(WCHAR)))) return STATUS_NO_MEMORY;
    memcpy(text, prefix, prefix_length * sizeof(WCHAR));
    if (slot) memcpy(text + prefix_length, slot->name, slot->length * sizeof(WCHAR));
    text[*length] = 0;
    *out = text;
    return STATUS_SUCCESS;
}

const struct file_ops mailslot_ops =
{
    .read = slot_read, .facts = slot_facts, .query = slot_query, .set = slot_set, .query_name = slot_query_name,
    .closed = slot_closed, .destroyed = slot_destroyed,
};
const struct file_ops mailslot_client_ops =
{
    .read = client_read, .write = client_write, .facts = slot_facts, .query_name = slot_query_name, .destroyed = slot_destroyed,
};
const struct file_ops mailslot_root_ops = { .query_name = slot_query_name };
