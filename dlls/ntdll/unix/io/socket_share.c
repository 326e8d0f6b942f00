/* Sockets on their way to another process. The kernel's socket is one for all of them; what it keeps no account of (struct
 * socket_state) moves into a page of memory that goes along when the socket first leaves its process. What waits, whom events
 * are told to, and the completion port belong to one process.
 *
 *     fds[0]   the socket
 *     fds[1]   the memory of its state
 *     fds[2]   its bell: rung by who changes what is reported, for the process whose WSAEventSelect is in force
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/seal.h"
#include "io/socket.h"
#include "ob/transfer.h"

#define SOCKET_TAG 0x4b434f53u          /* "SOCK"; where descriptions of other files have a small number */
#define STATE_SIZE 4096
_Static_assert(sizeof(struct socket_state) <= STATE_SIZE, "state");

struct description { uint32_t tag, access, sharing, options; };

/* Held for reading while a state changes, for writing while it moves. Taken inside file.lock. */
static pthread_rwlock_t move_lock = PTHREAD_RWLOCK_INITIALIZER;

struct socket_state *socket_state_begin(struct socket *s)
{
    pthread_rwlock_rdlock(&move_lock);
    return s->state;
}

void socket_state_end(void)
{
    pthread_rwlock_unlock(&move_lock);
}

static struct socket_state *map_state(int fd)
{
    void *page = mmap(NULL, STATE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    return page == MAP_FAILED ? NULL : page;
}

void socket_state_free(struct socket *s)
{
    if (s->state != &s->own) munmap(s->state, STATE_SIZE);
    if (s->old_page) munmap(s->old_page, STATE_SIZE);
    if (s->state_fd >= 0) close(s->state_fd);
    if (s->bell >= 0) close(s->bell);
}

/* Only what was never connected becomes another socket, so this happens once. */
void socket_renew(struct socket *s)
{
    pthread_rwlock_wrlock(&move_lock);
    if (s->state != &s->own && !s->old_page)
    {
        s->old_page = s->state;         /* somebody may be reading it */
        memset(&s->own, 0, sizeof(s->own));
        s->state = &s->own;
        close(s->state_fd);
        s->state_fd = -1;
    }
    pthread_rwlock_unlock(&move_lock);
}

/* ---- the bell --------------------------------------------------------------------------------------------------- */

void socket_listen_to_bell(struct file *file)
{
    struct socket *s = file->socket;

    if (s->bell >= 0 && !s->bell_heard) s->bell_heard = io_watch_file(file, s->bell, socket_look_again);
}

/* ---- sharing ---------------------------------------------------------------------------------------------------- */

/* Under file.lock. */
static bool share_locked(struct file *file)
{
    struct socket *s = file->socket;
    struct socket_state *state = NULL;
    int fd;

    if (s->state_fd >= 0) return true;
    if (s->bell < 0 && (s->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0) return false;
    if ((fd = memfd_create("oriel-socket", MFD_CLOEXEC | MFD_ALLOW_SEALING)) < 0) return false;
    if (ftruncate(fd, STATE_SIZE) || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) || !(state = map_state(fd)))
    {
        close(fd);
        return false;
    }
    pthread_rwlock_wrlock(&move_lock);
    memcpy(state, &s->own, sizeof(*state));
    s->state = state;
    s->state_fd = fd;
    pthread_rwlock_unlock(&move_lock);
    if (s->selection) socket_listen_to_bell(file);
    return true;
}

NTSTATUS socket_pack(struct file *file, struct transfer *transfer)
{
    struct description d = { SOCKET_TAG, file->access, file->sharing, __atomic_load_n(&file->options, __ATOMIC_RELAXED) };
    struct socket *s = file->socket;
    bool shared;

    if (file->fd < 0) return STATUS_NOT_SUPPORTED;      /* an open of the device that is no socket yet */
    pthread_mutex_lock(&file->lock);
    shared = share_locked(file);
    pthread_mutex_unlock(&file->lock);
    if (!shared) return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(transfer->data, &d, sizeof(d));
    transfer->size = sizeof(d);
    transfer->fds[0] = file->fd;
    transfer->fds[1] = s->state_fd;
    transfer->fds[2] = s->bell;
    transfer->fd_count = 3;
    return STATUS_SUCCESS;
}

bool socket_is_packed(const struct transfer *transfer)
{
    static const uint32_t tag = SOCKET_TAG;

    return transfer->size >= sizeof(tag) && !memcmp(transfer->data, &tag, sizeof(tag));
}

static int kernel_option(int fd, int name)
{
    int value = -1;
    socklen_t length = sizeof(value);

    return getsockopt(fd, SOL_SOCKET, name, &value, &length) ? -1 : value;
}

/* What the kernel says of it is not for a stranger to say. One that was closed on the way is /dev/null by now
 * (socket_closed): it arrives closed. */
static bool describe(struct file *file, int fd)
{
    struct socket *s = file->socket;
    int flags = fcntl(fd, F_GETFL);

    s->family = kernel_option(fd, SO_DOMAIN);
    s->type = kernel_option(fd, SO_TYPE);
    s->protocol = kernel_option(fd, SO_PROTOCOL);
    if (s->family < 0) return true;
    return (s->family == AF_INET || s->family == AF_INET6 || s->family == AF_UNIX) &&
           (flags & O_NONBLOCK || !fcntl(fd, F_SETFL, flags | O_NONBLOCK));
}

NTSTATUS socket_unpack(struct transfer *transfer, struct file **out)
{
    struct socket_state *state;
    struct description d;
    struct file *file;
    struct stat st;
    int flags;

    if (transfer->size != sizeof(d) || transfer->fd_count != 3) return STATUS_INVALID_PARAMETER;
    memcpy(&d, transfer->data, sizeof(d));
    if ((d.access & ~FILE_ALL_ACCESS) || (d.sharing & ~7u) || (d.options & FILE_DELETE_ON_CLOSE) ||
        fstat(transfer->fds[1], &st) || st.st_size != STATE_SIZE || !fd_cannot_shrink(transfer->fds[1]) ||
        (flags = fcntl(transfer->fds[2], F_GETFL)) < 0 || !(flags & O_NONBLOCK)) return STATUS_INVALID_PARAMETER;
    if (!(file = socket_file_alloc(d.access, d.options))) return STATUS_NO_MEMORY;
    if (!describe(file, transfer->fds[0]) || !(state = map_state(transfer->fds[1])))
    {
        object_unref(&file->object);
        return STATUS_INVALID_PARAMETER;
    }
    file->sharing = d.sharing;
    file->socket->state = state;
    file->socket->state_fd = transfer->fds[1];
    file->socket->bell = transfer->fds[2];
    transfer->fds[1] = transfer->fds[2] = -1;
    if (file->socket->family >= 0)
    {
        file->fd = transfer->fds[0];
        transfer->fds[0] = -1;
    }
    *out = file;
    return STATUS_SUCCESS;
}
