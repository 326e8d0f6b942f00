/* The control thread: answers other processes. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "ps/debuggee.h"
#include "ps/peer.h"
#include "ps/process_object.h"
#include "ps/thread_private.h"

#define CONNECTIONS_MAX 1024u           /* more are turned away: each is another process of this user */

#define FULL_PATIENCE_MS 20             /* without another connection, when there is no room for its file */

struct server
{
    struct pollfd *fds;                 /* the first is the listening socket, the second the debug channel (or -1) */
    unsigned int count, room;
};

/* What the operation takes, no more and no less. */
static NTSTATUS check_request(const struct peer_io *io, const struct peer_service **service)
{
    const struct peer_message *message = &io->message;

    if (message->operation >= PEER_OPERATIONS || !peer_services[message->operation].serve)
        return STATUS_NOT_IMPLEMENTED;
    *service = &peer_services[message->operation];
    if (message->status || message->data_size > (*service)->data_max)
        return STATUS_INVALID_PARAMETER;
    if (io->fd_count < (*service)->fds_min || io->fd_count > (*service)->fds_max)
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

static void close_fds(const int *fds, unsigned int count)
{
    while (count)
        close(fds[--count]);
}

bool peer_serve_one(int connection)
{
    static char request[PEER_DATA_MAX], reply[PEER_DATA_MAX];   /* there is one control thread */
    const struct peer_service *service;
    struct peer_io io = { .data = request, .reply = reply, .reply_room = sizeof(reply) };
    NTSTATUS status = STATUS_INVALID_PARAMETER;
    bool sent;

    switch (peer_receive(connection, false, &io.message, request, sizeof(request), io.fds, &io.fd_count))
    {
    case PEER_NOTHING: return true;
    case PEER_CLOSED:
        close_fds(io.fds, io.fd_count);
        return false;
    case PEER_GARBAGE: memset(&io.message, 0, sizeof(io.message)); break;
    case PEER_RECEIVED:
        if (!(status = check_request(&io, &service)))
            status = service->serve(&io);
        break;
    }
    io.message.status = status;
    io.message.data_size = io.reply_size;
    /* A client has room for the one reply it waits for; one that has not does not wait. */
    sent = peer_send(connection, &io.message, reply, io.reply_fds, io.reply_fd_count, false);
    close_fds(io.reply_fds, io.reply_fd_count);
    close_fds(io.fds, io.fd_count);     /* while who asked reads the reply */
    return sent;
}

static bool add_connection(struct server *server, int fd)
{
    if (server->count == server->room)
    {
        unsigned int room = server->room ? 2 * server->room : 4;
        struct pollfd *fds = room > 2 * CONNECTIONS_MAX ? NULL : realloc(server->fds, room * sizeof(*fds));

        if (!fds)
            return false;
        server->fds = fds;
        server->room = room;
    }
    server->fds[server->count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
    return true;
}

/* The first thing that who connects is told: which process this is, and its block. */
static bool say_hello(int fd)
{
    struct process_hello hello = { PROCESS_HELLO_MAGIC, PROCESS_PROTOCOL, (uint32_t)getpid(), 0 };
    struct iovec part = { &hello, sizeof(hello) };
    union { struct cmsghdr header; char bytes[CMSG_SPACE(sizeof(int))]; } control = { .header = {
        .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };

    memcpy(CMSG_DATA(&control.header), &current_process->block_fd, sizeof(int));
    return sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)sizeof(hello);
}

/* False: there is no room for another file now. The one who waits stays there, and would wake us for nothing. */
static bool accept_connection(struct server *server)
{
    struct ucred other;
    socklen_t size = sizeof(other);
    int fd = accept4(server->fds[0].fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &other, &size) || other.uid != geteuid() ||
        server->count > CONNECTIONS_MAX || !say_hello(fd) || !add_connection(server, fd))
        close(fd);
    return true;
}

static int listen_socket(void)
{
    struct sockaddr_un address;
    unsigned int size;
    int fd;

    process_control_name(getpid(), &address, &size);
    if ((fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0)
        return -1;
    if (!bind(fd, (struct sockaddr *)&address, size) && !listen(fd, 16))
        return fd;
    close(fd);
    return -1;
}

/* Waits for something to do. Who has asked for one thing often asks for another at once. */
static int wait_for_requests(struct server *server, bool asked, int patience)
{
    static struct spin spin;
    int count;

    if (asked)
        for (spin_start(&spin, SPIN_REQUEST_NS); spin_on(&spin);)
            if ((count = poll(server->fds, server->count, 0)))
                return count;
    return poll(server->fds, server->count, patience);
}

static void *serve(void *arg)
{
    struct server *server = arg;
    bool asked = false;
    int listening;
    unsigned int i;

    peer_is_answering = true;
    if (!add_connection(server, listen_socket()) || !add_connection(server, -1) ||
        (process_creator_socket >= 0 && !add_connection(server, process_creator_socket)))
        return NULL;
    listening = server->fds[0].fd;
    __atomic_store_n(&current_process->block->answers, 1, __ATOMIC_RELEASE);
    for (;;)
    {
        server->fds[1].fd = debuggee_channel();
        if (wait_for_requests(server, asked, server->fds[0].fd == listening ? -1 : FULL_PATIENCE_MS) < 0)
        {
            if (errno == EINTR || errno == EAGAIN || errno == ENOMEM)
                continue;
            return NULL;
        }
        asked = false;
        for (i = server->count; --i > 1;)
        {
            if (!server->fds[i].revents)
                continue;
            asked = true;
            if (peer_serve_one(server->fds[i].fd))
                continue;
            close(server->fds[i].fd);
            server->fds[i] = server->fds[--server->count];
        }
        if (server->fds[1].revents && server->fds[1].fd == debuggee_channel())
            debuggee_channel_ended();   /* nothing else is ever said there */
        if (server->fds[0].fd != listening)
            server->fds[0].fd = listening;
        else if (server->fds[0].revents && !accept_connection(server))
            server->fds[0].fd = -1;
    }
}

/* ---- starting it ------------------------------------------------------------------------------------------------- */

static bool knocking;

void peer_server_start(void)
{
    static struct server server;
    static bool started;
    int saved_errno = errno;

    if (!__atomic_load_n(&started, __ATOMIC_RELAXED) && !__atomic_exchange_n(&started, true, __ATOMIC_SEQ_CST) &&
        !helper_thread_start(serve, &server))
        __atomic_store_n(&started, false, __ATOMIC_SEQ_CST);    /* who knocks will knock again */
    errno = saved_errno;
}

void peer_knocked(bool is_safe)
{
    __atomic_store_n(&knocking, true, __ATOMIC_RELAXED);
    if (is_safe)
        peer_server_start();
}

bool peer_is_knocking(void)
{
    return __atomic_load_n(&knocking, __ATOMIC_RELAXED);
}
