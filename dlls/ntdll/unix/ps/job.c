/* Jobs: the page, and the object. Members: job_member.c. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "host/seal.h"
#include "nt/nt.h"
#include "io/async.h"
#include "ob/cell.h"
#include "ob/name_object.h"
#include "ob/transfer.h"
#include "ob/types.h"
#include "ps/job.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/thread.h"
#include "ps/times.h"

#define JOB_MAGIC 0x32424f4au           /* "JOB2" */
#define LOCK_PATIENCE_MS 2000           /* it is held for microseconds; who is stopped with it may hold it longer */

static pthread_mutex_t known_lock = PTHREAD_MUTEX_INITIALIZER;
static struct job *known;               /* all there are, without a reference: under known_lock */

static pthread_mutex_t page_lock = PTHREAD_MUTEX_INITIALIZER;   /* threads of this process at pages */

/* ---- the page ------------------------------------------------------------------------------------------------ */

static bool lock_file(int fd, short type)
{
    struct flock lock = { .l_type = type, .l_whence = SEEK_SET };
    int waited;

    for (waited = 0; fcntl(fd, F_OFD_SETLK, &lock); waited++)
    {
        if ((errno != EAGAIN && errno != EACCES && errno != EINTR) || waited > LOCK_PATIENCE_MS)
            return false;
        nanosleep(&(struct timespec){ 0, waited < 20 ? 50000 : 1000000 }, NULL);
    }
    return true;
}

bool job_lock_all(struct job *const *jobs, unsigned int count)
{
    unsigned int i;

    pthread_mutex_lock(&page_lock);
    for (i = 0; i < count && lock_file(jobs[i]->page_fd, F_WRLCK); i++)
        ;
    if (i == count)
        return true;
    while (i)
        lock_file(jobs[--i]->page_fd, F_UNLCK);
    pthread_mutex_unlock(&page_lock);
    return false;
}

void job_unlock_all(struct job *const *jobs, unsigned int count)
{
    while (count)
        lock_file(jobs[--count]->page_fd, F_UNLCK);
    pthread_mutex_unlock(&page_lock);
}

bool job_lock(struct job *job)
{
    return job_lock_all(&job, 1);
}

void job_unlock(struct job *job)
{
    job_unlock_all(&job, 1);
}

bool job_slot_lives(const struct job_slot *slot)
{
    return slot->sequence && slot->start && process_start_time((int)slot->linux_pid) == slot->start;
}

uint32_t job_count_others_locked(const struct job *job, uint32_t linux_pid)
{
    uint32_t i, count = 0;

    for (i = 0; i < JOB_SLOTS; i++)
        count += job->page->slots[i].linux_pid != linux_pid && job_slot_lives(&job->page->slots[i]);
    return count;
}

uint32_t job_count_locked(const struct job *job)
{
    return job_count_others_locked(job, 0);
}

struct job_slot *job_slot_locked(const struct job *job, int linux_pid)
{
    uint32_t i;

    for (i = 0; i < JOB_SLOTS; i++)
        if ((int)job->page->slots[i].linux_pid == linux_pid && job_slot_lives(&job->page->slots[i]))
            return &job->page->slots[i];
    return NULL;
}

void job_tell_change(const struct job *job)
{
    uint64_t one = 1;

    if (write(job->changed, &one, sizeof(one)) < 0)
        errno = 0;                      /* it is told already, more often than anybody can count */
}

/* ---- objects -------------------------------------------------------------------------------------------------- */

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void job_destroy(struct object *object)
{
    struct job *job = (struct job *)object, **p;

    pthread_mutex_lock(&known_lock);
    for (p = &known; *p && *p != job; p = &(*p)->next_known)
        ;
    if (*p)
        *p = job->next_known;
    pthread_mutex_unlock(&known_lock);
    if (job->page)
        munmap(job->page, sizeof(*job->page));
    close_fd(&job->page_fd);
    close_fd(&job->alive);
    close_fd(&job->handles);
    close_fd(&job->changed);
    object_unref(job->port);
    object_unref(job->parent);
    cell_free(job->cell);
    free(job);
}

static bool is_abandoned(const struct job *job)
{
    struct pollfd fd = { .fd = job->alive };

    return poll(&fd, 1, 0) > 0 && (fd.revents & POLLHUP);
}

/* The last handle of all is closed. Who looks first ends all, so that whoever waits for one waits for all. */
bool job_end_if_abandoned(struct job *job)
{
    bool closed = is_abandoned(job) &&
                  (__atomic_load_n(&job->page->flags, __ATOMIC_RELAXED) & JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE);

    /* Somebody may be opening it by its name: he keeps it open before he asks, so one of us sees the other. */
    if (closed && job_lock(job))
    {
        if ((closed = is_abandoned(job)))
            job->page->closed = 1;
        job_unlock(job);
    }
    return closed && job_terminate(job, 0);
}

static void job_handle_closed(struct object *object, bool last)
{
    struct job *job = (struct job *)object;
    bool closed;

    if (!last)
        return;
    pthread_mutex_lock(&known_lock);
    /* Another handle may have come meanwhile. */
    if ((closed = !__atomic_load_n(&object->handles, __ATOMIC_SEQ_CST)))
        close_fd(&job->handles);
    pthread_mutex_unlock(&known_lock);
    job_tell_change(job);               /* who has the port may let go */
    if (closed && job_end_if_abandoned(job) && !handle_closing_all())       /* else we end already */
        process_exit(0);
}

static struct cell *job_cell(struct object *object)
{
    return ((struct job *)object)->cell;
}

static NTSTATUS pack(struct job *job, struct transfer *transfer, bool handle)
{
    transfer->fds[0] = job->page_fd;
    transfer->fds[1] = job->alive;
    transfer->fds[2] = job->changed;
    transfer->fds[3] = job->handles;
    transfer->fd_count = handle ? 4 : 3;
    return handle && job->handles < 0 ? STATUS_INVALID_HANDLE : STATUS_SUCCESS;
}

static NTSTATUS job_pack(struct object *object, struct transfer *transfer)
{
    return pack((struct job *)object, transfer, true);
}

/* Whoever is opened by its name has to be one with a handle before the sender may be none. */
static int job_escort(struct object *object)
{
    return ((struct job *)object)->handles;
}

NTSTATUS job_pack_membership(struct job *job, struct transfer *transfer)
{
    uint32_t i;

    for (i = 0; object_types[i] != &job_type; i++)
        ;
    transfer->type = i;
    transfer->size = transfer->reserved = 0;
    return pack(job, transfer, false);
}

/* Nobody but this user can make it shorter: it was sealed, or lies in the runtime directory. */
static bool is_safe(int fd, const struct stat *st)
{
    return fd_cannot_shrink(fd) || (st->st_uid == geteuid() && !(st->st_mode & 077));
}

/* A file of its own for locks, and the page. */
static bool open_page(struct job *job, int fd)
{
    struct stat st;
    char path[32];
    void *page;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(*job->page) || !is_safe(fd, &st) ||
        (job->page_fd = open(path, O_RDWR | O_CLOEXEC)) < 0 ||
        (page = mmap(NULL, sizeof(*job->page), PROT_READ | PROT_WRITE, MAP_SHARED, job->page_fd, 0)) == MAP_FAILED)
        return false;
    job->page = page;
    return job->page->magic == JOB_MAGIC;
}

static struct job *find_known_locked(int page_fd)
{
    struct stat wanted, other;
    struct job *job;

    if (fstat(page_fd, &wanted))
        return NULL;
    for (job = known; job; job = job->next_known)
        if (!fstat(job->page_fd, &other) && other.st_ino == wanted.st_ino && other.st_dev == wanted.st_dev &&
            object_try_ref(&job->header))
            return job;
    return NULL;
}

struct job *job_find(uint64_t id)
{
    struct job *job;

    pthread_mutex_lock(&known_lock);
    for (job = known; job; job = job->next_known)
        if (job->page->id == id && object_try_ref(&job->header))
            break;
    pthread_mutex_unlock(&known_lock);
    return job;
}

unsigned int job_find_inner(const struct job *job, struct job **inner, unsigned int max)
{
    unsigned int count = 0, steps;
    const struct job *at;
    struct job *other;
    uint64_t parent;

    pthread_mutex_lock(&known_lock);
    for (other = known; other && count < max; other = other->next_known)
    {
        for (at = other, steps = 0; at && at != job && steps < JOBS_NESTED_MAX; steps++)
        {
            parent = __atomic_load_n(&at->page->parent, __ATOMIC_RELAXED);
            for (at = parent ? known : NULL; at && at->page->id != parent; at = at->next_known)
                ;
        }
        if (at == job && other != job && object_try_ref(&other->header))
            inner[count++] = other;
    }
    pthread_mutex_unlock(&known_lock);
    return count;
}

static struct job *job_new(void)
{
    struct job *job = object_alloc(&job_type, sizeof(*job));

    if (!job)
        return NULL;
    job->page_fd = job->alive = job->handles = job->changed = -1;
    if ((job->cell = cell_alloc(CELL_MANUAL, 0, 1)))
        return job;
    object_unref(job);
    return NULL;
}

/* Its slots are zero already. */
static struct job_page first_page(void)
{
    struct job_page page = { .magic = JOB_MAGIC };

    while (getrandom(&page.id, sizeof(page.id), 0) != sizeof(page.id) || !page.id)
        ;
    return page;
}

bool job_move_page(struct job *job, int fd)
{
    const struct job_page first = first_page();
    struct job_page *page = job->page;
    int page_fd = job->page_fd;

    if (pwrite(fd, &first, offsetof(struct job_page, slots), 0) != offsetof(struct job_page, slots))
        return false;
    pthread_mutex_lock(&known_lock);    /* whoever looks for a job looks at this one too */
    job->page = NULL;
    if (open_page(job, fd))
    {
        munmap(page, sizeof(*page));
        close(page_fd);
        page = NULL;
    }
    else
    {
        if (job->page)
            munmap(job->page, sizeof(*job->page));
        if (job->page_fd != page_fd)
            close_fd(&job->page_fd);
        job->page = page;
        job->page_fd = page_fd;
    }
    pthread_mutex_unlock(&known_lock);
    return !page;
}

static void make_known_locked(struct job *job)
{
    job->next_known = known;
    known = job;
}

struct job *job_alloc(void)
{
    const struct job_page first = first_page();
    int fd = memfd_create("oriel-job", MFD_CLOEXEC | MFD_ALLOW_SEALING), ends[2];
    struct job *job = NULL;

    if (fd < 0)
        return NULL;
    if (!ftruncate(fd, sizeof(struct job_page)) && !fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) &&
        pwrite(fd, &first, offsetof(struct job_page, slots), 0) > 0 && (job = job_new()))
    {
        if (!pipe2(ends, O_CLOEXEC))
        {
            job->alive = ends[0];
            job->handles = ends[1];
        }
        if (job->alive < 0 || !open_page(job, fd) || (job->changed = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0)
        {
            object_unref(job);
            job = NULL;
        }
        else
        {
            pthread_mutex_lock(&known_lock);
            make_known_locked(job);
            pthread_mutex_unlock(&known_lock);
        }
    }
    close(fd);
    return job;
}

NTSTATUS job_unpack(struct transfer *transfer, struct object **object)
{
    struct job *fresh, *job;

    if (transfer->fd_count < 3 || transfer->size)
        return STATUS_INVALID_PARAMETER;
    if (!(fresh = job_new()))
        return STATUS_NO_MEMORY;
    pthread_mutex_lock(&known_lock);
    if (!(job = find_known_locked(transfer->fds[0])) && open_page(fresh, transfer->fds[0]))
    {
        job = fresh;
        job->alive = transfer->fds[1];
        job->changed = transfer->fds[2];
        transfer->fds[1] = transfer->fds[2] = -1;
        make_known_locked(job);
    }
    if (job && job->handles < 0 && transfer->fd_count == 4)
    {
        job->handles = transfer->fds[3];
        transfer->fds[3] = -1;
    }
    pthread_mutex_unlock(&known_lock);
    if (job != fresh)
        object_unref(fresh);
    *object = job ? &job->header : NULL;
    return job ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

const struct object_type job_type =
{
    .name = "Job",
    .mapping = { STANDARD_RIGHTS_READ | JOB_OBJECT_QUERY,
                 STANDARD_RIGHTS_WRITE | JOB_OBJECT_TERMINATE | JOB_OBJECT_SET_ATTRIBUTES |
                     JOB_OBJECT_ASSIGN_PROCESS,
                 STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE, JOB_OBJECT_ALL_ACCESS },
    .valid_access = JOB_OBJECT_ALL_ACCESS,
    .destroy = job_destroy,
    .handle_closed = job_handle_closed,
    .wait_cell = job_cell,
    .pack = job_pack,
    .unpack = job_unpack,
    .name_kind = NAME_JOB,
    .name_describe = job_name_describe,
    .name_made = job_name_made,
    .name_adopt = job_name_adopt,
    .name_escort = job_escort,
};
