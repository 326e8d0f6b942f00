/* Operations that wait, and how their end is told. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "io/async.h"
#include "io/errno.h"
#include "ob/cell.h"
#include "ob/completion.h"
#include "ob/dispatcher.h"
#include "dispatch.h"
#include "ps/thread.h"

/* ---- beginning ------------------------------------------------------------------------------------------ */

NTSTATUS io_begin(struct io *io, HANDLE handle, ACCESS_MASK any_access, HANDLE event, void *apc,
                  void *apc_context, IO_STATUS_BLOCK *iosb)
{
    ACCESS_MASK granted;
    NTSTATUS status;

    memset(io, 0, sizeof(*io));
    if ((status = handle_lookup(handle, &file_type, 0, &io->file, &granted))) return status;
    if (any_access && !(granted & any_access)) status = STATUS_ACCESS_DENIED;
    else status = user_probe_for_write(iosb, sizeof(*iosb));
    if (!status && event) status = handle_lookup(event, &event_type, EVENT_MODIFY_STATE, &io->event, NULL);
    if (!status && apc && __atomic_load_n(&io->file->port, __ATOMIC_RELAXED)) status = STATUS_INVALID_PARAMETER;
    if (status)
    {
        object_unref(io->event);
        object_unref((struct object *)io->file);
        return status;
    }
    io->iosb = iosb;
    io->apc = apc;
    io->apc_context = apc_context;
    io->tid = current_thread()->tid;
    if (apc) io->thread = object_ref(current_thread()->object);
    io->fd = io->file->fd;
    return STATUS_SUCCESS;
}

void io_start(struct io *io)
{
    if (io->event) cell_reset(dispatcher_cell(io->event));
    cell_reset(io->file->signal);
}

/* ---- telling -------------------------------------------------------------------------------------------- */

static void io_drop(struct io *io)
{
    if (io->drop_state && io->state) io->drop_state(io);
    free(io->state);
    object_unref((struct object *)io->thread);
    object_unref(io->event);
    object_unref((struct object *)io->file);
}

static void io_signal(struct io *io)
{
    struct file *file = io->file;

    if (io->event) cell_set(dispatcher_cell(io->event));
    if (file_is_synchronous(file) ||
        (!io->event && !(__atomic_load_n(&file->completion_flags, __ATOMIC_RELAXED) & FILE_SKIP_SET_EVENT_ON_HANDLE)))
        cell_set(file->signal);
}

static void io_write_block(struct io *io, NTSTATUS status)
{
    /* Programs poll Status: it changes last. */
    user_put(&io->iosb->Information, io->information);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    user_put((LONG *)&io->iosb->Status, status);
}

/* Windows tells nobody but the caller of an operation that failed before it was pending. */
static void io_tell(struct io *io, NTSTATUS status)
{
    struct file *file = io->file;
    bool failed = (ULONG)status >> 30 == 3, quick = !io->told_late && io->quick && file_is_synchronous(file);
    struct object *port = NULL;

    if (failed && !io->told_late && !(quick && status == STATUS_END_OF_FILE)) return;
    if (io->iosb) io_write_block(io, status);
    io_signal(io);
    if (quick) return;          /* the cache manager's way for a synchronous file: no APC */
    if (io->apc)
    {
        if (io->thread)
            thread_queue_apc(io->thread, io->apc, (uint64_t)io->apc_context, (uint64_t)io->iosb, 0);
        return;
    }
    if (!io->apc_context) return;
    pthread_mutex_lock(&file->lock);
    if (file->port && !(!io->told_late && (file->completion_flags & FILE_SKIP_COMPLETION_PORT_ON_SUCCESS)))
        port = object_ref(file->port);
    pthread_mutex_unlock(&file->lock);
    if (port)
    {
        completion_post(port, file->key, (ULONG_PTR)io->apc_context, status, io->information);
        object_unref(port);
    }
}

NTSTATUS io_return(struct io *io, NTSTATUS status)
{
    const ULONG uncached = FILE_NO_INTERMEDIATE_BUFFERING;

    if (status == STATUS_PENDING) return status;        /* the queued copy has the references */
    if (!status && io->file->kind == FILE_KIND_DISK && !file_is_synchronous(io->file) &&
        (io->file->options & uncached) && io->length)
    {
        /* What goes to the disk itself is always pending, be it for no time at all. */
        io->told_late = true;
        status = STATUS_PENDING;
        io_tell(io, STATUS_SUCCESS);
    }
    else io_tell(io, status);
    io_drop(io);
    return status;
}

static pthread_mutex_t parked_lock = PTHREAD_MUTEX_INITIALIZER;    /* io_finish() and the thread that it wakes */

void io_finish(struct io *io, NTSTATUS status)
{
    if (io->parked)             /* its thread is waiting for this, and returns it */
    {
        pthread_mutex_lock(&parked_lock);
        io->code = (ULONG)status;
        io->told_late = false;
        cell_set(io->parked);
        pthread_mutex_unlock(&parked_lock);
        return;
    }
    if (!io->silent) io_tell(io, status);
    io_drop(io);
    free(io);
}

static void io_finish_list(struct io *list)
{
    while (list)
    {
        struct io *next = list->next;

        io_finish(list, (NTSTATUS)list->code);
        list = next;
    }
}

/* ---- the epoll thread -------------------------------------------------------------------------------------- */

/* A file with queued operations is registered here by a number that is never used again, so that an event which the
 * thread already holds cannot reach a file that is gone. */
struct registration
{
    struct registration *next;
    struct file *file;          /* its operations hold references */
    uint64_t number;
    int      fd;
    void   (*ready)(void *arg); /* io_watch(); file is NULL then */
    bool     always;            /* not once only */
    void    *arg;
    void   (*woken)(struct file *file);         /* io_watch_file() */
};

static pthread_mutex_t poller_lock = PTHREAD_MUTEX_INITIALIZER;     /* taken inside file.lock */
static struct registration *registrations;
static uint64_t last_number;
static int epoll_fd = -1;

static void *poller(void *arg);

static bool poller_start_locked(void)
{
    if (epoll_fd >= 0) return true;
    if ((epoll_fd = epoll_create1(EPOLL_CLOEXEC)) < 0) return false;
    if (helper_thread_start(poller, NULL)) return true;
    close(epoll_fd);
    epoll_fd = -1;
    return false;
}

/* Asks for the events that fd's queued operations wait for; none: forgets it. Under file.lock. */
static NTSTATUS poller_arm(struct file *file, int fd)
{
    struct epoll_event event = { 0 };
    struct registration **p, *registration;
    NTSTATUS status = STATUS_SUCCESS;

    if (fd < 0) return STATUS_SUCCESS;
    for (struct io *io = file->pending; io; io = io->next)
        if (io->fd == fd) event.events |= (uint32_t)io->events;

    pthread_mutex_lock(&poller_lock);
    for (p = &registrations; (registration = *p); p = &registration->next)
        if (registration->file == file && registration->fd == fd && !registration->woken) break;
    if (!event.events)
    {
        if (registration)
        {
            epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
            *p = registration->next;
            free(registration);
        }
    }
    else if (!poller_start_locked()) status = STATUS_INSUFFICIENT_RESOURCES;
    else
    {
        bool fresh = !registration;

        if (fresh && !(registration = malloc(sizeof(*registration)))) status = STATUS_NO_MEMORY;
        else
        {
            if (fresh) *registration = (struct registration){ .file = file, .number = ++last_number, .fd = fd };
            event.events |= EPOLLONESHOT;
            event.data.u64 = registration->number;
            if (epoll_ctl(epoll_fd, fresh ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event))
            {
                status = status_from_errno(errno);
                if (fresh) free(registration);
            }
            else if (fresh)
            {
                registration->next = registrations;
                registrations = registration;
            }
        }
    }
    pthread_mutex_unlock(&poller_lock);
    return status;
}

void io_rearm(struct file *file, int fd)
{
    poller_arm(file, fd);
}

/* Tries what is queued for fd, oldest first; one that must go on waiting holds back those behind it that wait for the
 * same event. Those that ended are returned as a list. Programs queue writes by the thousand: of those that only wait to
 * be read, one is asked. */
static struct io *poller_attempt(struct file *file, int fd)
{
    struct io *ended = NULL, **last = &ended, **p = &file->pending, *io;
    const struct io *first = NULL;      /* of the settled ones that were tried */
    short blocked = 0;

    while ((io = *p))
    {
        NTSTATUS status = STATUS_PENDING;
        bool held = !io->events || io->events & blocked;

        if (io->unordered) held = io->settled && first && (int64_t)(io->offset - first->offset) > 0;
        if (io->fd == fd && (io->silent || !held)) status = io->attempt(io);
        if (status == STATUS_PENDING)
        {
            if (io->fd == fd && io->settled && !held) first = io;
            if (io->fd == fd && !io->silent && !io->unordered) blocked |= io->events;
            p = &io->next;
            continue;
        }
        *p = io->next;
        io->next = NULL;
        io->code = (ULONG)status;       /* of no more use to the operation */
        *last = io;
        last = &io->next;
    }
    return ended;
}

static bool watch_fd(int fd, void (*ready)(void *arg), void *arg, bool always)
{
    struct registration *registration = malloc(sizeof(*registration));
    struct epoll_event event = { .events = always ? EPOLLIN : EPOLLIN | EPOLLONESHOT };
    bool ok;

    if (!registration) return false;
    pthread_mutex_lock(&poller_lock);
    *registration = (struct registration){ .next = registrations, .number = ++last_number, .fd = fd, .ready = ready,
                                           .always = always, .arg = arg };
    event.data.u64 = registration->number;
    if ((ok = poller_start_locked() && !epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event))) registrations = registration;
    pthread_mutex_unlock(&poller_lock);
    if (!ok) free(registration);
    return ok;
}

bool io_watch(int fd, void (*ready)(void *arg), void *arg)
{
    return watch_fd(fd, ready, arg, false);
}

bool io_watch_always(int fd, void (*ready)(void *arg), void *arg)
{
    return watch_fd(fd, ready, arg, true);
}

void io_watch_end(int fd)
{
    struct registration **p, *registration;

    pthread_mutex_lock(&poller_lock);
    for (p = &registrations; (registration = *p) && !(registration->always && registration->fd == fd); p = &registration->next) ;
    if (registration)
    {
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
        *p = registration->next;
        free(registration);
    }
    pthread_mutex_unlock(&poller_lock);
}

bool io_watch_file(struct file *file, int fd, void (*woken)(struct file *file))
{
    struct registration *registration = malloc(sizeof(*registration));
    struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET };
    bool ok;

    if (!registration) return false;
    pthread_mutex_lock(&poller_lock);
    *registration = (struct registration){ .next = registrations, .file = file, .number = ++last_number, .fd = fd, .woken = woken };
    event.data.u64 = registration->number;
    if ((ok = poller_start_locked() && !epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event))) registrations = registration;
    pthread_mutex_unlock(&poller_lock);
    if (!ok) free(registration);
    return ok;
}

void io_watch_file_end(struct file *file)
{
    struct registration **p, *registration;

    pthread_mutex_lock(&poller_lock);
    for (p = &registrations; (registration = *p); )
    {
        if (registration->file != file || !registration->woken)
        {
            p = &registration->next;
            continue;
        }
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, registration->fd, NULL);
        *p = registration->next;
        free(registration);
    }
    pthread_mutex_unlock(&poller_lock);
}

/* Under poller_lock, which it lets go of. */
static void watch_ready(struct registration *registration)
{
    void (*ready)(void *arg) = registration->ready;
    void *arg = registration->arg;
    struct registration **p;

    if (registration->always)
    {
        pthread_mutex_unlock(&poller_lock);
        ready(arg);
        return;
    }
    for (p = &registrations; *p != registration; p = &(*p)->next) ;
    *p = registration->next;
    epoll_ctl(epoll_fd, EPOLL_CTL_DEL, registration->fd, NULL);
    pthread_mutex_unlock(&poller_lock);
    ready(arg);
    free(registration);
}

static void *poller(void *arg)
{
    (void)arg;
    for (;;)
    {
        void (*woken)(struct file *file) = NULL;
        struct registration *registration;
        struct epoll_event event;
        struct file *file = NULL;
        struct io *ended;
        int fd = -1;

        if (epoll_wait(epoll_fd, &event, 1, -1) != 1) continue;
        pthread_mutex_lock(&poller_lock);
        for (registration = registrations; registration; registration = registration->next)
        {
            if (registration->number != event.data.u64) continue;
            if (registration->ready) break;
            if (object_try_ref(&registration->file->object)) file = registration->file;     /* a watch has no reference */
            woken = registration->woken;
            fd = registration->fd;
            break;
        }
        if (registration && registration->ready)
        {
            watch_ready(registration);
            continue;
        }
        pthread_mutex_unlock(&poller_lock);
        if (!file) continue;
        if (woken)
        {
            woken(file);
            object_unref((struct object *)file);
            continue;
        }

        pthread_mutex_lock(&file->lock);
        ended = poller_attempt(file, fd);
        poller_arm(file, fd);
        pthread_mutex_unlock(&file->lock);
        io_finish_list(ended);
        object_unref((struct object *)file);
    }
    return NULL;
}

void io_kick(struct file *file, int fd)
{
    struct io *ended;

    pthread_mutex_lock(&file->lock);    /* even if nothing waits: somebody may have looked and be about to */
    ended = poller_attempt(file, fd);
    if (ended) poller_arm(file, fd);
    pthread_mutex_unlock(&file->lock);
    io_finish_list(ended);
}

static struct io *io_copy(const struct io *io)
{
    struct io *copy = malloc(sizeof(*copy));

    if (!copy) return NULL;
    *copy = *io;
    copy->told_late = true;
    copy->next = NULL;
    return copy;
}

static struct io **pending_tail(struct file *file)
{
    struct io **tail = &file->pending;

    while (*tail) tail = &(*tail)->next;
    return tail;
}

/* Takes what matches out of the queue; fd as well if it was polled for. Under file.lock. */
static struct io *take_pending(struct file *file, uint32_t tid, const IO_STATUS_BLOCK *iosb, NTSTATUS status)
{
    struct io *taken = NULL, **last = &taken, **p, *io;

    for (p = &file->pending; (io = *p); )
    {
        if ((tid && io->tid != tid) || (iosb && io->iosb != iosb) || (io->silent && !file->closing))
        {
            p = &io->next;
            continue;
        }
        *p = io->next;
        io->next = NULL;
        if (io->withdraw) io->withdraw(io);
        io->information = 0;
        io->code = (ULONG)status;
        *last = io;
        last = &io->next;
    }
    for (io = taken; io; io = io->next)
        if (io->events) poller_arm(file, io->fd);
    return taken;
}

bool io_end_all(struct file *file, uint32_t tid, const IO_STATUS_BLOCK *iosb, NTSTATUS status)
{
    struct io *taken;

    pthread_mutex_lock(&file->lock);    /* even if nothing waits: as in io_kick() */
    taken = take_pending(file, tid, iosb, status);
    pthread_mutex_unlock(&file->lock);
    io_finish_list(taken);
    if (taken && file->pipe) io_kick(file, -1);         /* what has been withdrawn makes room */
    return taken != NULL;
}

bool io_cancel(struct file *file, uint32_t tid, const IO_STATUS_BLOCK *iosb)
{
    return io_end_all(file, tid, iosb, STATUS_CANCELLED);
}

/* ---- waiting in place --------------------------------------------------------------------------------------- */

/* A thread that waits for its own synchronous operation, in poll() or for a cell. */
struct blocked
{
    struct blocked *next;
    struct thread_object *thread;
    const IO_STATUS_BLOCK *iosb;
    int  wake_fd;               /* -1: cell */
    struct cell *cell;
    bool cancelled;
};

static pthread_mutex_t blocked_lock = PTHREAD_MUTEX_INITIALIZER;        /* a leaf */
static struct blocked *blocked_list;
static __thread int wake_fd = -1;

static void blocked_add(struct blocked *self)
{
    pthread_mutex_lock(&blocked_lock);
    self->next = blocked_list;
    blocked_list = self;
    pthread_mutex_unlock(&blocked_lock);
}

static void blocked_remove(struct blocked *self)
{
    struct blocked **p;

    pthread_mutex_lock(&blocked_lock);
    for (p = &blocked_list; *p != self; p = &(*p)->next) ;
    *p = self->next;
    pthread_mutex_unlock(&blocked_lock);
}

bool io_cancel_synchronous(struct thread_object *thread, const IO_STATUS_BLOCK *iosb)
{
    static const uint64_t one = 1;
    bool found = false;

    pthread_mutex_lock(&blocked_lock);
    for (struct blocked *b = blocked_list; b; b = b->next)
    {
        if (b->thread != thread || (iosb && b->iosb != iosb)) continue;
        b->cancelled = found = true;
        if (b->cell) cell_set(b->cell);
        else if (write(b->wake_fd, &one, sizeof(one)) < 0) continue;   /* it is awake already */
    }
    pthread_mutex_unlock(&blocked_lock);
    return found;
}

void file_cancel_thread(struct thread *thread)
{
    io_cancel_synchronous(thread->object, NULL);
}

static uint64_t monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static NTSTATUS io_wait_in_place(struct io *io)
{
    struct blocked self = { .thread = current_thread()->object, .iosb = io->iosb };
    uint64_t deadline = io->timeout_ms ? monotonic_ms() + io->timeout_ms : 0;
    int left = -1;
    NTSTATUS status;

    if (wake_fd < 0 && (wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0) return status_from_errno(errno);
    self.wake_fd = wake_fd;
    blocked_add(&self);
    do
    {
        struct pollfd fds[2] = { { io->fd, io->events, 0 }, { wake_fd, POLLIN, 0 } };

        if ((status = thread_check_alert(false))) break;
        if (io->timeout_ms)
        {
            uint64_t now = monotonic_ms();

            left = now < deadline ? (int)(deadline - now) : 0;
            if (!left)
            {
                status = STATUS_IO_TIMEOUT;
                break;
            }
        }
        poll(fds, 2, left);
        status = __atomic_load_n(&self.cancelled, __ATOMIC_RELAXED) ? STATUS_CANCELLED : io->attempt(io);
    } while (status == STATUS_PENDING);
    blocked_remove(&self);
    if (self.cancelled)
    {
        uint64_t count;

        if (read(wake_fd, &count, sizeof(count)) < 0) return status;    /* nobody wrote: nothing to take */
    }
    return status;
}

/* The thread sleeps until somebody takes its operation out of the queue and ends it. An APC or an alert ends it, too,
 * if the file was opened for that; the call then returns as if cancelled, and the APC runs. */
static NTSTATUS wait_parked(struct io *copy)
{
    struct file *file = copy->file;
    struct blocked self = { .thread = current_thread()->object, .iosb = copy->iosb, .wake_fd = -1, .cell = copy->parked };
    bool alertable = file->options & FILE_SYNCHRONOUS_IO_ALERT, mine;
    struct io **p;
    NTSTATUS status;

    blocked_add(&self);
    status = cell_wait(&copy->parked, 1, false, alertable, ~0ull);
    blocked_remove(&self);

    pthread_mutex_lock(&file->lock);
    for (p = &file->pending; *p && *p != copy; p = &(*p)->next) ;
    if ((mine = *p != NULL))
    {
        *p = copy->next;
        if (copy->events) poller_arm(file, copy->fd);
    }
    pthread_mutex_unlock(&file->lock);
    if (mine)
    {
        if (copy->withdraw)
        {
            copy->withdraw(copy);
            io_kick(file, -1);          /* that makes room */
        }
        if (status == STATUS_THREAD_IS_TERMINATING) return status;
        if (status == STATUS_USER_APC) current_thread()->frame->alertable = true;
        return STATUS_CANCELLED;
    }
    for (bool ended = false; !ended; )          /* whoever took it is about to end it */
    {
        pthread_mutex_lock(&parked_lock);
        ended = !copy->told_late;
        pthread_mutex_unlock(&parked_lock);
        if (!ended) sched_yield();
    }
    return (NTSTATUS)copy->code;
}

NTSTATUS io_park(struct io *io)
{
    struct file *file = io->file;
    struct io *copy = io_copy(io), **tail;
    NTSTATUS status = STATUS_NO_MEMORY;

    if (copy)
    {
        copy->parked = NULL;
        if (!file_is_synchronous(file) || (copy->parked = cell_alloc(CELL_MANUAL, 0, 0))) status = STATUS_PENDING;
    }
    if (status == STATUS_PENDING)
    {
        tail = pending_tail(file);
        *tail = copy;
        if (copy->events && (status = poller_arm(file, copy->fd))) *tail = NULL;
        else status = STATUS_PENDING;
    }
    pthread_mutex_unlock(&file->lock);
    if (status == STATUS_PENDING && !copy->parked) return status;
    if (status == STATUS_PENDING)
    {
        status = wait_parked(copy);
        io->information = copy->information;
    }
    if (copy && copy->parked) cell_free(copy->parked);
    free(copy);
    return status;
}

void io_thread_exit(void)
{
    if (wake_fd >= 0) close(wake_fd);
    wake_fd = -1;
}

/* Behind operations that wait already, it waits too. */
static NTSTATUS io_try(struct io *io)
{
    bool behind = false;

    if (__atomic_load_n(&io->file->pending, __ATOMIC_RELAXED))
    {
        pthread_mutex_lock(&io->file->lock);
        for (const struct io *other = io->file->pending; other && !behind; other = other->next)
            behind = other->fd == io->fd && (other->events & io->events) && !other->silent;
        pthread_mutex_unlock(&io->file->lock);
    }
    return behind ? STATUS_PENDING : io->attempt(io);
}

NTSTATUS io_run_in_place(struct io *io)
{
    NTSTATUS status = io_try(io);

    return status == STATUS_PENDING ? io_wait_in_place(io) : status;
}

NTSTATUS io_run(struct io *io)
{
    NTSTATUS status = io_try(io);

    if (status != STATUS_PENDING) return status;
    if (io->file->options & FILE_SYNCHRONOUS_IO_NONALERT) return io_wait_in_place(io);
    pthread_mutex_lock(&io->file->lock);
    return io_park(io);
}
