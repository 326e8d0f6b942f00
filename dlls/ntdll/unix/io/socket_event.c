/* Waiting for many sockets: WSAPoll and select, and WSAEventSelect. */
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <time.h>

#include "io/socket.h"
#include "ob/cell.h"
#include "ob/dispatcher.h"
#include "ps/thread.h"

/* ---- WSAPoll ------------------------------------------------------------------------------------------------------- */

#define W_POLLERR    0x001
#define W_POLLHUP    0x002
#define W_POLLNVAL   0x004
#define W_POLLWRNORM 0x010
#define W_POLLRDNORM 0x100
#define W_POLLRDBAND 0x200
#define W_POLLPRI    0x400

#define MAX_ENTRIES 0x10000
#define SLICE_MS    50                  /* between looks at whether the thread is to end */

static short events_to_linux(short events)
{
    return (events & W_POLLRDNORM ? POLLIN : 0) | (events & (W_POLLRDBAND | W_POLLPRI) ? POLLPRI : 0) |
           (events & W_POLLWRNORM ? POLLOUT : 0);
}

static short events_to_windows(short events, short wanted)
{
    return (events & POLLIN ? wanted & W_POLLRDNORM : 0) | (events & POLLPRI ? wanted & (W_POLLRDBAND | W_POLLPRI) : 0) |
           (events & POLLOUT ? wanted & W_POLLWRNORM : 0) | (events & POLLERR ? W_POLLERR : 0) |
           (events & POLLHUP ? W_POLLHUP : 0);
}

struct polled
{
    int count;
    struct oriel_socket_poll_entry *entries;
    struct pollfd *fds;
    struct file **files;
};

static void polled_free(struct polled *polled)
{
    for (int i = 0; polled->files && i < polled->count; i++) object_unref((struct object *)polled->files[i]);
    free(polled->entries);
    free(polled->fds);
    free(polled->files);
}

/* A handle that is no socket is told as such at once. */
static int find_files(struct polled *polled)
{
    int bad = 0;

    for (int i = 0; i < polled->count; i++)
    {
        struct oriel_socket_poll_entry *entry = &polled->entries[i];
        struct file *file = NULL;

        entry->returned = 0;
        polled->fds[i].fd = -1;
        if (entry->handle == ~0ull) continue;           /* INVALID_SOCKET is passed over */
        if (handle_lookup((HANDLE)(uintptr_t)entry->handle, &file_type, 0, &file, NULL) ||
            file->kind != FILE_KIND_SOCKET || file->fd < 0)
        {
            if (file) object_unref((struct object *)file);
            entry->returned = W_POLLNVAL;
            bad++;
            continue;
        }
        polled->files[i] = file;
        polled->fds[i].fd = file->fd;
        polled->fds[i].events = events_to_linux(entry->events);
    }
    return bad;
}

NTSTATUS socket_poll(struct io *io)
{
    const size_t fixed = offsetof(struct oriel_socket_poll, entries);
    struct oriel_socket_poll request;
    struct polled polled = { 0 };
    size_t bytes;
    int ready = 0, left;
    NTSTATUS status;

    if (io->in_length < fixed) return STATUS_INVALID_PARAMETER;
    if ((status = user_read(&request, io->in, fixed))) return status;
    if (request.count < 0 || request.count > MAX_ENTRIES) return STATUS_INVALID_PARAMETER;
    polled.count = request.count;
    bytes = polled.count * sizeof(*polled.entries);
    if (io->in_length < fixed + bytes || io->length < fixed + bytes) return STATUS_INVALID_PARAMETER;
    polled.entries = malloc(bytes + 1);
    polled.fds = calloc(polled.count + 1, sizeof(*polled.fds));
    polled.files = calloc(polled.count + 1, sizeof(*polled.files));
    if (!polled.entries || !polled.fds || !polled.files) status = STATUS_NO_MEMORY;
    else status = user_read(polled.entries, (const char *)io->in + fixed, bytes);
    if (!status)
    {
        int bad = find_files(&polled);

        left = bad ? 0 : request.timeout;
        for (;;)
        {
            int slice = left < 0 || left > SLICE_MS ? SLICE_MS : left;

            ready = poll(polled.fds, polled.count, slice);
            if (ready > 0 || !left || (status = thread_check_alert(false))) break;
            if (left > 0) left -= slice;
        }
        if (ready < 0) ready = 0;
        for (int i = 0; i < polled.count; i++)
            if (polled.files[i]) polled.entries[i].returned = events_to_windows(polled.fds[i].revents, polled.entries[i].events);
        request.count = 0;
        for (int i = 0; i < polled.count; i++) request.count += polled.entries[i].returned != 0;
    }
    if (!status) status = user_write(io->buffer, &request, fixed);
    if (!status) status = user_write((char *)io->buffer + fixed, polled.entries, bytes);
    io->information = fixed + bytes;
    polled_free(&polled);
    return status;
}

/* ---- WSAEventSelect ---------------------------------------------------------------------------------------------------- */

#define W_FD_READ    0x01
#define W_FD_WRITE   0x02
#define W_FD_OOB     0x04
#define W_FD_ACCEPT  0x08
#define W_FD_CONNECT 0x10
#define W_FD_CLOSE   0x20

/* Of this process, and the last that anybody has made. Under file.lock. */
static bool is_in_force(const struct socket *s)
{
    return s->selection && s->selection == s->state->selection;
}

/* What the socket could tell now, of what was not told yet. Under file.lock. */
static unsigned int look(struct file *file, short *wait_for)
{
    struct socket *s = file->socket;
    struct socket_state *state = s->state;
    unsigned int open_ = state->mask & ~state->reported, found = 0;
    struct pollfd fd = { file->fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0 };
    bool at_end = false;
    int error = 0;
    socklen_t length = sizeof(error);

    poll(&fd, 1, 0);
    if (state->connecting && (fd.revents & (POLLOUT | POLLERR | POLLHUP)))
    {
        getsockopt(file->fd, SOL_SOCKET, SO_ERROR, &error, &length);
        state->connecting = false;
        state->connected = !error;
        state->error = error;
        state->errors[4] = wsa_error_from_errno(error);
        found |= W_FD_CONNECT;
    }
    if (state->listening) found |= fd.revents & POLLIN ? W_FD_ACCEPT : 0;
    else if (!state->connecting)
    {
        if (fd.revents & POLLIN) found |= W_FD_READ;
        if (fd.revents & POLLPRI) found |= W_FD_OOB;
        if ((fd.revents & POLLOUT) && (state->connected || s->type == SOCK_DGRAM)) found |= W_FD_WRITE;
        if ((fd.revents & (POLLRDHUP | POLLHUP)) && state->connected)
        {
            char byte;

            /* Closed is told when everything was read. */
            at_end = recv(file->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
            if (at_end) found = (found & ~W_FD_READ) | W_FD_CLOSE;
        }
    }
    *wait_for = 0;
    if (open_ & ~found & (W_FD_READ | W_FD_ACCEPT | W_FD_CLOSE)) *wait_for |= POLLIN;
    if (open_ & ~found & W_FD_WRITE) *wait_for |= POLLOUT;
    if (state->connecting) *wait_for |= POLLOUT;
    /* These stay ready for ever: nothing more will come. */
    else if (fd.revents & (POLLHUP | POLLERR)) *wait_for = 0;
    else if (at_end) *wait_for &= ~POLLIN;
    return found & open_;
}

/* Tells what there is; never ends. Called under file.lock, which sharing the state takes too, by the epoll thread. */
static NTSTATUS attempt_watch(struct io *io)
{
    struct socket *s = io->file->socket;
    struct socket_state *state = s->state;
    unsigned int found;

    io->events = 0;
    if (!is_in_force(s)) return STATUS_PENDING;
    found = look(io->file, &io->events);
    state->reported |= found;
    state->fresh |= found;
    if (found && s->event) cell_set(dispatcher_cell(s->event));
    return STATUS_PENDING;
}

/* The watch is an operation that nobody waits for: it goes when the socket closes. Under file.lock, which it lets go. */
static NTSTATUS watch(struct file *file)
{
    struct io io = { .file = object_ref(file), .attempt = attempt_watch, .fd = file->fd, .silent = true };

    attempt_watch(&io);
    return io_park(&io);
}

void socket_look_again(struct file *file)
{
    pthread_mutex_lock(&file->lock);
    for (struct io *io = file->pending; io; io = io->next)
        if (io->attempt == attempt_watch)
        {
            attempt_watch(io);
            io_rearm(file, file->fd);
        }
    pthread_mutex_unlock(&file->lock);
}

void socket_enable(struct file *file, unsigned int events)
{
    struct socket *s = file->socket;

    if (!s->state->mask) return;
    socket_state_begin(s)->reported &= ~events;
    socket_state_end();
    if (s->selection) socket_look_again(file);
    if (s->bell >= 0 && s->selection != s->state->selection) eventfd_write(s->bell, 1);
}

static bool is_watched(const struct file *file)
{
    for (const struct io *io = file->pending; io; io = io->next)
        if (io->attempt == attempt_watch) return true;
    return false;
}

NTSTATUS socket_select(struct io *io)
{
    struct socket *s = io->file->socket;
    struct oriel_socket_select request;
    struct object *event = NULL, *old;
    struct socket_state *state;
    bool watched;
    NTSTATUS status;

    if (io->in_length < sizeof(request)) return STATUS_INVALID_PARAMETER;
    if ((status = user_read(&request, io->in, sizeof(request)))) return status;
    if (request.event && (status = handle_lookup((HANDLE)(uintptr_t)request.event, &event_type, EVENT_MODIFY_STATE, &event, NULL)))
        return status;
    pthread_mutex_lock(&io->file->lock);
    old = s->event;
    s->event = event;
    state = s->state;
    s->selection = ++state->selection;
    state->mask = request.mask & 0x3f;
    state->reported = state->fresh = 0;
    for (int i = 0; i < 10; i++) state->errors[i] = 0;
    if (state->mask || event) state->nonblocking = true;        /* as WSAEventSelect does */
    if (state->mask) socket_listen_to_bell(io->file);
    watched = is_watched(io->file);
    if (state->mask && !watched) watch(io->file);
    else
    {
        pthread_mutex_unlock(&io->file->lock);
        socket_look_again(io->file);
    }
    object_unref(old);
    return STATUS_SUCCESS;
}

NTSTATUS socket_events(struct io *io)
{
    struct socket *s = io->file->socket;
    struct oriel_socket_events events;
    struct object *event = NULL;
    uint64_t handle = 0;
    NTSTATUS status;

    if (io->length < sizeof(events)) return STATUS_INVALID_PARAMETER;
    if (io->in_length >= sizeof(handle) && (status = user_read(&handle, io->in, sizeof(handle)))) return status;
    if (handle && (status = handle_lookup((HANDLE)(uintptr_t)handle, &event_type, EVENT_MODIFY_STATE, &event, NULL))) return status;
    pthread_mutex_lock(&io->file->lock);
    events.mask = atomic_exchange(&s->state->fresh, 0);
    for (int i = 0; i < 10; i++) events.errors[i] = s->state->errors[i];
    if (event) cell_reset(dispatcher_cell(event));
    pthread_mutex_unlock(&io->file->lock);
    object_unref(event);
    io->information = sizeof(events);
    return user_write(io->buffer, &events, sizeof(events));
}
