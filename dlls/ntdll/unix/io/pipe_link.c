/* The links of pipe_link.h. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/seal.h"
#include "io/pipe_link.h"

/* Links that never left this process, for the next: making one is some thirty microseconds of system calls. */
#define POOL_SIZE 8

static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static struct pipe_link *pool[POOL_SIZE];
static unsigned int pooled;

static struct pipe_link *take_pooled(void)
{
    struct pipe_link *link;

    pthread_mutex_lock(&pool_lock);
    link = pooled ? pool[--pooled] : NULL;
    pthread_mutex_unlock(&pool_lock);
    if (!link) return NULL;
    memset(link->queues, 0, sizeof(*link->queues));
    link->refs = 1;
    return link;
}

/* One that has become large is not worth keeping. */
static bool keep_pooled(struct pipe_link *link)
{
    const struct pipe_queue *q = link->queues->queue;
    bool kept;

    if (pipe_link_is_shared(link) || q[0].tail > 65536 || q[1].tail > 65536) return false;
    pthread_mutex_lock(&pool_lock);
    if ((kept = pooled < POOL_SIZE)) pool[pooled++] = link;
    pthread_mutex_unlock(&pool_lock);
    return kept;
}

static struct pipe_link *link_around(int memfd, int bell)
{
    struct pipe_link *link = malloc(sizeof(*link));
    void *queues = link ? mmap(NULL, PIPE_QUEUES_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0) : MAP_FAILED;

    if (queues == MAP_FAILED)
    {
        free(link);
        if (memfd >= 0) close(memfd);
        if (bell >= 0) close(bell);
        return NULL;
    }
    *link = (struct pipe_link){ 1, queues, memfd, bell, 0 };
    return link;
}

struct pipe_link *pipe_link_create(uint32_t inbound_quota, uint32_t outbound_quota)
{
    struct pipe_link *link = take_pooled();
    int memfd;

    if (link)
    {
        pipe_queues_init(link->queues, inbound_quota, outbound_quota);
        return link;
    }
    if ((memfd = memfd_create("oriel-pipe", MFD_CLOEXEC | MFD_ALLOW_SEALING)) < 0) return NULL;
    if (ftruncate(memfd, PIPE_QUEUES_SIZE) || fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW))   /* others rely on it */
    {
        close(memfd);
        return NULL;
    }
    if ((link = link_around(memfd, -1))) pipe_queues_init(link->queues, inbound_quota, outbound_quota);
    return link;
}

struct pipe_link *pipe_link_ref(struct pipe_link *link)
{
    __atomic_add_fetch(&link->refs, 1, __ATOMIC_RELAXED);
    return link;
}

void pipe_link_unref(struct pipe_link *link)
{
    if (!link || __atomic_sub_fetch(&link->refs, 1, __ATOMIC_ACQ_REL) || keep_pooled(link)) return;
    munmap(link->queues, PIPE_QUEUES_SIZE);
    close(link->memfd);
    if (link->bell >= 0) close(link->bell);
    free(link);
}

bool pipe_link_share(struct pipe_link *link, int sockets[2])
{
    int bell;

    sockets[0] = sockets[1] = -1;
    if (pipe_link_is_shared(link)) return true;
    if ((bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0) return false;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets))
    {
        close(bell);
        return false;
    }
    __atomic_store_n(&link->bell, bell, __ATOMIC_RELEASE);
    return true;
}

/* What write() to it could do is nothing that an eventfd does not do. */
static bool is_eventfd(int fd)
{
    char path[32], target[32];
    ssize_t size;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    size = readlink(path, target, sizeof(target));
    return size == sizeof("anon_inode:[eventfd]") - 1 && !memcmp(target, "anon_inode:[eventfd]", size);
}

struct pipe_link *pipe_link_import(int memfd, int bell)
{
    struct stat st;

    if (!fd_cannot_shrink(memfd) || fstat(memfd, &st) || (uint64_t)st.st_size < PIPE_QUEUES_SIZE ||
        bell < 0 || !is_eventfd(bell))
    {
        if (memfd >= 0) close(memfd);
        if (bell >= 0) close(bell);
        return NULL;
    }
    return link_around(memfd, bell);
}

bool pipe_link_is_shared(const struct pipe_link *link)
{
    return __atomic_load_n(&link->bell, __ATOMIC_ACQUIRE) >= 0;
}

void pipe_link_expect_ring(struct pipe_link *link)
{
    __atomic_store_n(&link->queues->sleepers, 1, __ATOMIC_SEQ_CST);
}

void pipe_link_ring(struct pipe_link *link)
{
    static const uint64_t one = 1;

    if (!pipe_link_is_shared(link)) return;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_load_n(&link->queues->sleepers, __ATOMIC_RELAXED) &&
        __atomic_exchange_n(&link->queues->sleepers, 0, __ATOMIC_SEQ_CST) && write(link->bell, &one, sizeof(one)) < 0)
        return;                         /* only if somebody filled it; then all are awake */
}
