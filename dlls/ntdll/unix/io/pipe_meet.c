/* Pipes across processes: the sockets of pipe_meet.h. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "io/errno.h"
#include "io/pipe_meet.h"
#include "ob/upcase.h"
#include "ps/thread.h"

#define PROCESSES       16              /* that can have instances of one name at a time */
#define NAME_MAX_UNITS  32767
#define LOCK_TRIES_MS   2000
#define SLICE_MS        20              /* between looks at whether the thread is to end */
#define PUBLISH_TRIES   100             /* a millisecond each */
#define FULL_PAUSE_NS   5000000
#define STRANGERS_MAX   64              /* connections that have not said what they want */

#define REQUEST_MAGIC   0x31504950u     /* "PIP1" */
#define REPLY_MAGIC     0x31525050u

struct pipe_request
{
    uint32_t magic;
    uint32_t kind;
    uint32_t access;
    uint32_t length;                    /* units of the name that follows */
};

/* ---- addresses --------------------------------------------------------------------------------------------------- */

static uint64_t hash_units(const WCHAR *name, size_t length, uint64_t hash)
{
    for (size_t i = 0; i < length; i++) hash = (hash ^ upcase(name[i])) * 0x100000001b3ull;
    return hash;
}

static const char *const places[] = { [MEETING_PIPES] = "pipe", [MEETING_MAILSLOTS] = "mailslot" };

/* Two hashes of 64 bits; names that still collide are told apart by the request, which has the name. */
struct meeting_name
{
    const char *place;
    uint64_t hash[2];
};

static struct meeting_name meeting_name(enum meeting_place place, const WCHAR *name, size_t length)
{
    const char *runtime = getenv("ORIEL_RUNTIME");
    uint64_t start = 0xcbf29ce484222325ull;

    for (; runtime && *runtime; runtime++) start = (start ^ (unsigned char)*runtime) * 0x100000001b3ull;
    return (struct meeting_name)
    {
        places[place], { hash_units(name, length, start), hash_units(name, length, start + 0x9e3779b97f4a7c15ull) },
    };
}

enum address_kind
{
    ADDRESS_LOCK,               /* held while an instance is created */
    ADDRESS_MARK,               /* a datagram socket that does nothing but exist: trying to connect to it is far cheaper */
    ADDRESS_LISTENER,
};

static socklen_t address(struct sockaddr_un *out, const struct meeting_name *name, enum address_kind kind, int number)
{
    int length;

    memset(out, 0, sizeof(*out));
    out->sun_family = AF_UNIX;
    length = snprintf(out->sun_path + 1, sizeof(out->sun_path) - 1, "oriel-%u-%s-%016llx%016llx", (unsigned int)geteuid(),
                      name->place, (unsigned long long)name->hash[0], (unsigned long long)name->hash[1]);
    if (kind != ADDRESS_LOCK)
        length += snprintf(out->sun_path + 1 + length, sizeof(out->sun_path) - 1 - length, "%c%d",
                           kind == ADDRESS_MARK ? '+' : '-', number);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
}

/* The Linux process at the other end; 0: another user's. */
static pid_t peer_of(int fd)
{
    struct ucred who;
    socklen_t size = sizeof(who);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) || who.uid != geteuid()) return 0;
    return who.pid;
}

/* ---- creating -------------------------------------------------------------------------------------------------------- */

int pipe_meet_lock(enum meeting_place place, const WCHAR *name, size_t length)
{
    struct meeting_name meeting = meeting_name(place, name, length);
    struct timespec pause = { 0, 50000 };
    struct sockaddr_un at;
    socklen_t size = address(&at, &meeting, ADDRESS_LOCK, 0);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    /* A holder goes within microseconds, or is stopped, or another user's: neither may hold us up for ever. */
    for (int64_t left = LOCK_TRIES_MS * 1000000ll; fd >= 0 && bind(fd, (struct sockaddr *)&at, size); left -= pause.tv_nsec)
    {
        if (errno != EADDRINUSE || left <= 0)
        {
            close(fd);
            return -1;
        }
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 2000000) pause.tv_nsec *= 2;
    }
    return fd;
}

void pipe_meet_unlock(int lock)
{
    if (lock >= 0) close(lock);
}

/* ---- answering, on the epoll thread ---------------------------------------------------------------------------------- */

struct meeting
{
    struct meeting *next;
    uintptr_t number;                   /* by which the epoll thread finds it, or not any more */
    int  fd, mark;
};

static pthread_mutex_t meetings_lock = PTHREAD_MUTEX_INITIALIZER;       /* a leaf, but for the epoll thread's lock */
static struct meeting *meetings;
static uintptr_t last_meeting;

struct stranger
{
    int fd;
};

static unsigned int strangers;          /* atomic */

static void send_reply(int fd, const struct pipe_reply *reply, const int *fds, size_t count)
{
    union { struct cmsghdr header; char room[CMSG_SPACE(PIPE_FDS * sizeof(int))]; } control;
    struct iovec vector = { (void *)reply, sizeof(*reply) };
    struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };

    if (count)
    {
        memset(&control, 0, sizeof(control));
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
    }
    /* Should it fail, the client is gone, and its end goes with it. */
    while (sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno == EINTR) ;
}

/* False: there is nothing to read yet. */
static bool serve(int fd)
{
    static WCHAR name[NAME_MAX_UNITS];          /* one thread */
    struct pipe_request request;
    struct iovec vectors[2] = { { &request, sizeof(request) }, { name, sizeof(name) } };
    struct msghdr message = { .msg_iov = vectors, .msg_iovlen = 2 };     /* fds that somebody sends are closed by the kernel */
    struct pipe_reply reply = { .magic = REPLY_MAGIC };
    ssize_t size;
    int fds[PIPE_FDS] = { -1, -1, -1 };

    while ((size = recvmsg(fd, &message, MSG_DONTWAIT)) < 0 && errno == EINTR) ;
    if (size < 0 && errno == EAGAIN) return false;
    if (size < (ssize_t)sizeof(request) || request.magic != REQUEST_MAGIC || request.kind > PIPE_REQUEST_MAILSLOT ||
        request.length > NAME_MAX_UNITS || request.length * sizeof(WCHAR) != (size_t)size - sizeof(request) || !request.length)
        return true;
    if (request.kind == PIPE_REQUEST_MAILSLOT) mailslot_serve(name, request.length, &reply, fds);
    else pipe_serve(name, request.length, request.kind, request.access, (uint32_t)peer_of(fd) * 4, &reply, fds);
    send_reply(fd, &reply, fds, fds[0] < 0 ? 0 : fds[1] < 0 ? 1 : PIPE_FDS);
    for (int i = 0; i < PIPE_FDS; i++)
        if (fds[i] >= 0) close(fds[i]);
    return true;
}

static void stranger_ready(void *arg)
{
    struct stranger *stranger = arg;

    serve(stranger->fd);                /* it has something to say, or has gone */
    close(stranger->fd);
    free(stranger);
    __atomic_sub_fetch(&strangers, 1, __ATOMIC_RELAXED);
}

/* Until it says what it wants. */
static void keep_stranger(int fd)
{
    struct stranger *stranger = NULL;

    if (__atomic_add_fetch(&strangers, 1, __ATOMIC_RELAXED) <= STRANGERS_MAX && (stranger = malloc(sizeof(*stranger))))
    {
        stranger->fd = fd;
        if (io_watch(fd, stranger_ready, stranger)) return;
    }
    free(stranger);
    close(fd);
    __atomic_sub_fetch(&strangers, 1, __ATOMIC_RELAXED);
}

/* The next connection; -1: none, or it is a meeting no more. *full: there is no room for its file. */
static int accept_stranger(uintptr_t number, bool *full)
{
    struct meeting *meeting;
    int fd = -1;

    *full = false;
    pthread_mutex_lock(&meetings_lock);
    for (meeting = meetings; meeting && meeting->number != number; meeting = meeting->next) ;
    if (meeting && (fd = accept4(meeting->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) < 0)
        *full = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    pthread_mutex_unlock(&meetings_lock);
    return fd;
}

static void meeting_ready(void *arg)
{
    static const struct timespec pause = { 0, FULL_PAUSE_NS };
    bool full;
    int fd;

    while ((fd = accept_stranger((uintptr_t)arg, &full)) >= 0)
    {
        if (!peer_of(fd) || serve(fd)) close(fd);
        else keep_stranger(fd);
    }
    if (full) nanosleep(&pause, NULL);  /* whoever is there stays there, and would wake us for nothing */
}

/* The first number that is free. */
static int bind_listener(const struct meeting *meeting, const struct meeting_name *name)
{
    struct sockaddr_un at;
    socklen_t size;

    for (int number = 0; number < PROCESSES; number++)
    {
        size = address(&at, name, ADDRESS_LISTENER, number);
        if (bind(meeting->fd, (struct sockaddr *)&at, size))
        {
            if (errno == EADDRINUSE) continue;
            return errno;
        }
        size = address(&at, name, ADDRESS_MARK, number);
        return bind(meeting->mark, (struct sockaddr *)&at, size) || listen(meeting->fd, SOMAXCONN) ? errno : 0;
    }
    return EADDRINUSE;
}

NTSTATUS meeting_publish(enum meeting_place place, const WCHAR *units, size_t length, struct meeting **out)
{
    struct meeting_name name = meeting_name(place, units, length);
    struct meeting *meeting;
    int error;

    if (!(meeting = calloc(1, sizeof(*meeting)))) return STATUS_NO_MEMORY;
    meeting->mark = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    meeting->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    error = meeting->mark < 0 || meeting->fd < 0 ? errno : bind_listener(meeting, &name);
    if (!error)
    {
        pthread_mutex_lock(&meetings_lock);
        meeting->number = ++last_meeting;
        if (!io_watch_always(meeting->fd, meeting_ready, (void *)meeting->number)) error = ENOMEM;
        else
        {
            meeting->next = meetings;
            meetings = *out = meeting;
        }
        pthread_mutex_unlock(&meetings_lock);
        if (!error) return STATUS_SUCCESS;
    }
    if (meeting->fd >= 0) close(meeting->fd);
    if (meeting->mark >= 0) close(meeting->mark);
    free(meeting);
    return error == EADDRINUSE ? STATUS_RETRY : status_from_errno(error);
}

/* At once: whoever makes the name again finds the addresses free. The mark goes first, for a listener has one. */
void meeting_unpublish(struct meeting *meeting)
{
    struct meeting **p;

    if (!meeting) return;
    pthread_mutex_lock(&meetings_lock);
    for (p = &meetings; *p != meeting; p = &(*p)->next) ;
    *p = meeting->next;
    io_watch_end(meeting->fd);
    close(meeting->mark);
    close(meeting->fd);
    pthread_mutex_unlock(&meetings_lock);
    free(meeting);
}

NTSTATUS meeting_retry(NTSTATUS status, unsigned int *tries)
{
    static const struct timespec pause = { 0, 1000000 };

    if (status != STATUS_RETRY) return status;
    if (++*tries > PUBLISH_TRIES) return STATUS_INSTANCE_NOT_AVAILABLE;
    nanosleep(&pause, NULL);
    return STATUS_RETRY;
}

/* ---- asking -------------------------------------------------------------------------------------------------------------- */

/* What a process says within reason is small and comes at once; a process that is stopped is waited for. */
static NTSTATUS receive_reply(int fd, struct pipe_reply *reply, int fds[PIPE_FDS], bool *answered)
{
    union { struct cmsghdr header; char room[CMSG_SPACE(PIPE_FDS * sizeof(int))]; } control;
    struct iovec vector = { reply, sizeof(*reply) };
    /* Not sizeof(control): in its padding there is room for one more. */
    struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control,
                              .msg_controllen = CMSG_LEN(PIPE_FDS * sizeof(int)) };
    struct pollfd ready = { fd, POLLIN, 0 };
    NTSTATUS status;
    ssize_t size;

    *answered = false;
    fds[0] = fds[1] = fds[2] = -1;
    while (poll(&ready, 1, SLICE_MS) <= 0)
        if ((status = thread_check_alert(false))) return status;
    while ((size = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) ;
    if (size < 0) return STATUS_SUCCESS;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
            memcpy(fds, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));       /* as many as there is room for, at most */
    *answered = size == sizeof(*reply) && reply->magic == REPLY_MAGIC && !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC));
    return STATUS_SUCCESS;
}

/* Whether a process listens there; one that has no time to accept is waited for. */
static bool reach(int fd, const struct sockaddr_un *at, socklen_t size, NTSTATUS *status)
{
    *status = STATUS_SUCCESS;
    while (connect(fd, (const struct sockaddr *)at, size))
    {
        static const struct timespec pause = { 0, 1000000 };

        if (errno != EAGAIN && errno != EINTR) return false;
        if ((*status = thread_check_alert(false))) return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

NTSTATUS pipe_ask(enum meeting_place place, const WCHAR *name, size_t length, enum pipe_request_kind kind, ACCESS_MASK access,
                  bool (*answer)(const struct pipe_reply *reply, int fds[PIPE_FDS], void *arg), void *arg)
{
    struct meeting_name meeting = meeting_name(place, name, length);
    struct pipe_request request = { REQUEST_MAGIC, kind, access, (uint32_t)length };
    struct iovec vectors[2] = { { &request, sizeof(request) }, { (void *)name, length * sizeof(WCHAR) } };
    struct msghdr message = { .msg_iov = vectors, .msg_iovlen = 2 };
    NTSTATUS status = STATUS_SUCCESS;
    int mark = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool on = true;

    if (mark < 0) return status_from_errno(errno);
    for (int number = 0; number < PROCESSES && on && !status; number++)
    {
        struct pipe_reply reply;
        struct sockaddr_un at;
        socklen_t size = address(&at, &meeting, ADDRESS_MARK, number);
        int fd, fds[PIPE_FDS] = { -1, -1, -1 };
        bool answered;
        pid_t pid;

        if (connect(mark, (struct sockaddr *)&at, size)) continue;
        if ((fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0)
        {
            status = status_from_errno(errno);
            break;
        }
        size = address(&at, &meeting, ADDRESS_LISTENER, number);
        if (reach(fd, &at, size, &status) && (pid = peer_of(fd)) && pid != getpid() && sendmsg(fd, &message, MSG_NOSIGNAL) >= 0)
        {
            status = receive_reply(fd, &reply, fds, &answered);
            reply.server_id = (uint32_t)pid * 4;
            if (!status && answered) on = answer(&reply, fds, arg);
            for (int i = 0; i < PIPE_FDS; i++)
                if (fds[i] >= 0) close(fds[i]);
        }
        close(fd);
    }
    close(mark);
    return status;
}

static bool add_up(const struct pipe_reply *reply, int fds[PIPE_FDS], void *arg)
{
    struct pipe_reply *all = arg;
    uint32_t instances = all->instances, listening = all->listening;

    (void)fds;
    if (reply->status || !reply->instances) return true;
    *all = *reply;
    all->instances += instances;
    all->listening += listening;
    return true;
}

NTSTATUS pipe_look(const WCHAR *name, size_t length, struct pipe_reply *all)
{
    memset(all, 0, sizeof(*all));
    return pipe_ask(MEETING_PIPES, name, length, PIPE_REQUEST_LOOK, 0, add_up, all);
}
