/* One message of the peer protocol over a socket. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include "ps/peer.h"

union fd_room
{
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int) * PEER_FDS_MAX)];
};

/* All descriptors that came, also those nobody wants: who knows of them can close them. */
static void take_fds(struct msghdr *header, int *fds, unsigned int *count)
{
    struct cmsghdr *c;

    *count = 0;
    for (c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c))
    {
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int), i;
        int fd;

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (i = 0; i < n; i++)
        {
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
            if (*count < PEER_FDS_MAX)
                fds[(*count)++] = fd;
            else
                close(fd);
        }
    }
}

enum peer_received peer_receive(int socket, bool wait, struct peer_message *message, void *data, uint32_t room, int *fds,
                                unsigned int *fd_count)
{
    struct iovec parts[2] = { { message, sizeof(*message) }, { data, room } };
    union fd_room control;
    struct msghdr header = { .msg_iov = parts, .msg_iovlen = 2, .msg_control = &control,
                             .msg_controllen = sizeof(control) };
    ssize_t size;

    *fd_count = 0;
    while ((size = recvmsg(socket, &header, (wait ? 0 : MSG_DONTWAIT) | MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
        ;
    if (size < 0)
        return errno == EAGAIN ? PEER_NOTHING : PEER_CLOSED;
    take_fds(&header, fds, fd_count);
    if (!size)                          /* the end, or an empty message, which nobody has reason to send */
        return PEER_CLOSED;
    if (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
        return PEER_GARBAGE;
    if ((size_t)size < sizeof(*message) || message->magic != PEER_MAGIC ||
        message->data_size != (size_t)size - sizeof(*message))
        return PEER_GARBAGE;
    return PEER_RECEIVED;
}

bool peer_send(int socket, struct peer_message *message, const void *data, const int *fds, unsigned int fd_count,
               bool wait)
{
    struct iovec parts[2] = { { message, sizeof(*message) }, { (void *)data, message->data_size } };
    union fd_room control;
    struct msghdr header = { .msg_iov = parts, .msg_iovlen = 2 };
    ssize_t size;

    message->magic = PEER_MAGIC;
    if (fd_count)
    {
        memset(&control, 0, sizeof(control));
        header.msg_control = &control;
        header.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
        memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * fd_count);
    }
    while ((size = sendmsg(socket, &header, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT))) < 0 && errno == EINTR)
        ;
    return size >= 0;
}
