/* The queues of pipe_queue.h. */
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "io/pipe_queue.h"
#include "ps/process_object.h"

#define ENTRY_SIZE   16u
#define LOCK_WAITERS 0x80000000ull
#define LOCK_SLICE_NS 10000000
#define LOCK_SLICES  200                /* two seconds: nobody holds it that long who is not stopped */

struct entry
{
    uint32_t size;
    uint32_t taken;                     /* of it, by readers */
    uint16_t flags;
    uint16_t owner_start;               /* a part of it */
    uint32_t owner;                     /* the process that waits for its end; 0: none */
};
#define OWNER_MASK 0xffffffffffffull    /* of own_identity() */
#define ENTRY_DEAD 1u                   /* withdrawn */
#define ENTRY_MORE 2u                   /* the message goes on in the next entry */

/* ---- the lock ---------------------------------------------------------------------------------------------------- */

/* Who a process is: its id, and above that when it was started (0: nobody says). This program never forks without exec; and
 * getpid() is a system call. */
static uint64_t own_identity(void)
{
    static uint64_t identity;           /* atomic */
    uint64_t self = __atomic_load_n(&identity, __ATOMIC_RELAXED);

    if (self) return self;
    self = (uint32_t)getpid();
    self |= process_start_time((int)self) << 32;
    __atomic_store_n(&identity, self, __ATOMIC_RELAXED);
    return self;
}

/* start: of the bits of mask that are known. */
static bool is_alive(uint32_t pid, uint32_t start, uint32_t mask)
{
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd ended = { pidfd, POLLIN, 0 };
    uint32_t found;
    bool alive;

    if (pidfd < 0) return errno != ESRCH && errno != EINVAL;
    found = (uint32_t)process_start_time((int)pid);
    alive = poll(&ended, 1, 0) <= 0;    /* a zombie has ended, too */
    close(pidfd);
    return alive && (!start || !found || !((found ^ start) & mask));
}

static bool holder_is_alive(uint64_t lock)
{
    return is_alive((uint32_t)(lock & ~LOCK_WAITERS), (uint32_t)(lock >> 32), ~0u);
}

static void repair(struct pipe_queues *queues);

bool pipe_lock_queues(struct pipe_queues *queues)
{
    static const struct timespec slice = { 0, LOCK_SLICE_NS };
    const uint64_t self = own_identity();

    for (unsigned int slices = 0; ; )
    {
        uint64_t old = 0;

        if (__atomic_compare_exchange_n(&queues->lock, &old, slices ? self | LOCK_WAITERS : self, false, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED)) break;
        if (slices && (old & ~LOCK_WAITERS) != self && !holder_is_alive(old) &&
            __atomic_compare_exchange_n(&queues->lock, &old, self | LOCK_WAITERS, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            break;
        if (slices++ == LOCK_SLICES) return false;
        if (!(old & LOCK_WAITERS) && !__atomic_compare_exchange_n(&queues->lock, &old, old | LOCK_WAITERS, false,
                                                                  __ATOMIC_RELAXED, __ATOMIC_RELAXED)) continue;
        syscall(SYS_futex, &queues->lock, FUTEX_WAIT, (uint32_t)(old | LOCK_WAITERS), &slice, NULL, 0);
    }
    if (queues->busy) repair(queues);
    if (queues->broken)
    {
        pipe_unlock_queues(queues);
        return false;
    }
    __atomic_store_n(&queues->busy, 1, __ATOMIC_RELAXED);
    return true;
}

void pipe_unlock_queues(struct pipe_queues *queues)
{
    __atomic_store_n(&queues->busy, 0, __ATOMIC_RELEASE);
    if (__atomic_exchange_n(&queues->lock, 0, __ATOMIC_RELEASE) & LOCK_WAITERS)
        syscall(SYS_futex, &queues->lock, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* ---- entries ---------------------------------------------------------------------------------------------------------- */

void pipe_queues_init(struct pipe_queues *queues, uint32_t inbound_quota, uint32_t outbound_quota)
{
    queues->queue[0].quota = inbound_quota;     /* the rest is zero: it is fresh memory */
    queues->queue[1].quota = outbound_quota;
}

static char *ring_of(struct pipe_queues *queues, int queue)
{
    return (char *)queues + 4096 + (size_t)queue * PIPE_RING;
}

static struct entry *entry_at(struct pipe_queues *queues, int queue, uint64_t at)
{
    return (struct entry *)(ring_of(queues, queue) + at % PIPE_RING);
}

static uint64_t footprint(uint32_t size)
{
    return ENTRY_SIZE + ((uint64_t)size + ENTRY_SIZE - 1) / ENTRY_SIZE * ENTRY_SIZE;
}

/* The positions, once, and checked. */
static bool bounds(struct pipe_queues *queues, int queue, uint64_t *head, uint64_t *tail)
{
    *head = queues->queue[queue].head;
    *tail = queues->queue[queue].tail;
    if (*tail - *head <= PIPE_RING && *head % ENTRY_SIZE == 0 && *tail % ENTRY_SIZE == 0) return true;
    queues->broken = 1;
    return false;
}

/* A copy of the entry at a position before tail; false: it cannot be one. */
static bool read_entry(struct pipe_queues *queues, int queue, uint64_t at, uint64_t tail, struct entry *entry)
{
    memcpy(entry, entry_at(queues, queue, at), sizeof(*entry));
    if (tail - at <= PIPE_RING && entry->size <= PIPE_RING && footprint(entry->size) <= tail - at && entry->taken <= entry->size)
        return true;
    queues->broken = 1;
    return false;
}

static uint32_t left_of(const struct entry *entry)
{
    return entry->flags & ENTRY_DEAD ? 0 : entry->size - entry->taken;
}

/* Where the writes begin that are not over: at head, if what was pending has been read. */
static uint64_t pending_of(const struct pipe_queue *q, uint64_t head, uint64_t tail)
{
    uint64_t pending = q->pending;

    return pending - head > tail - head || pending % ENTRY_SIZE ? head : pending;
}

/* Writes that fit the quota now are over. */
static void settle(struct pipe_queues *queues, int queue)
{
    struct pipe_queue *q = &queues->queue[queue];
    uint64_t head, tail, at;
    struct entry entry;

    if (!bounds(queues, queue, &head, &tail)) return;
    for (at = pending_of(q, head, tail); at != tail && read_entry(queues, queue, at, tail, &entry); at += footprint(entry.size))
    {
        uint32_t left = left_of(&entry);

        if (left && q->unread - q->over + left > q->quota) break;
        entry_at(queues, queue, at)->owner = 0;
        q->over -= left;
    }
    q->pending = at;
}

static void count(struct pipe_queues *queues, int queue)
{
    struct pipe_queue *q = &queues->queue[queue];
    uint64_t head, tail, at;
    struct entry entry;
    bool pending = false;

    q->unread = q->over = q->entries = 0;
    if (!bounds(queues, queue, &head, &tail)) return;
    q->pending = pending_of(q, head, tail);
    for (at = head; at != tail && read_entry(queues, queue, at, tail, &entry); at += footprint(entry.size))
    {
        if (at == q->pending) pending = true;
        q->unread += left_of(&entry);
        if (pending) q->over += left_of(&entry);
        if (!(entry.flags & (ENTRY_DEAD | ENTRY_MORE))) q->entries++;
    }
}

static void repair(struct pipe_queues *queues)
{
    for (int i = 0; i < 2; i++)
    {
        struct pipe_queue *q = &queues->queue[i];

        if (q->head - q->tail - 1 < PIPE_RING) q->tail = q->head;       /* it was being moved to the start of the ring */
        count(queues, i);
    }
}

/* The first entry that can be read; dead ones before it go. */
static bool first_entry(struct pipe_queues *queues, int queue, struct entry *entry, uint64_t *head, uint64_t *tail)
{
    if (!bounds(queues, queue, head, tail)) return false;
    while (*head != *tail)
    {
        if (!read_entry(queues, queue, *head, *tail, entry)) return false;
        if (!(entry->flags & ENTRY_DEAD)) return true;
        *head += footprint(entry->size);
        __atomic_store_n(&queues->queue[queue].head, *head, __ATOMIC_RELEASE);
    }
    return false;
}

/* ---- writing ------------------------------------------------------------------------------------------------------------ */

static bool copy_in(struct pipe_queues *queues, int queue, uint64_t at, const void *data, size_t size)
{
    size_t offset = at % PIPE_RING, first = PIPE_RING - offset < size ? PIPE_RING - offset : size;

    if (user_read(ring_of(queues, queue) + offset, data, first)) return false;
    return size == first || !user_read(ring_of(queues, queue), (const char *)data + first, size - first);
}

int64_t pipe_queue_put(struct pipe_queues *queues, int queue, const void *data, size_t size, bool message, bool kept,
                       uint64_t *at)
{
    struct pipe_queue *q = &queues->queue[queue];
    uint64_t head, tail, room;
    struct entry entry;

    first_entry(queues, queue, &entry, &head, &tail);   /* what was withdrawn makes room */
    if (!bounds(queues, queue, &head, &tail)) return PIPE_NO_ROOM;
    entry = (struct entry){ 0 };
    if (head == tail && head % PIPE_RING)       /* a pipe that is mostly empty uses few pages */
    {
        head = tail = (head / PIPE_RING + 1) * PIPE_RING;
        q->pending = q->head = head;            /* and, should we be killed here, tail: repair() */
        q->tail = tail;
    }
    room = PIPE_RING - (tail - head);
    if (room < footprint(size ? 1 : 0)) return PIPE_NO_ROOM;
    entry.size = (uint32_t)(size < room - ENTRY_SIZE ? size : room - ENTRY_SIZE);
    if (message && entry.size < size) entry.flags = ENTRY_MORE;
    entry.owner = kept ? 0 : (uint32_t)own_identity();
    entry.owner_start = kept ? 0 : (uint16_t)(own_identity() >> 32);
    if (!copy_in(queues, queue, tail + ENTRY_SIZE, data, entry.size)) return PIPE_FAULT;
    memcpy(entry_at(queues, queue, tail), &entry, sizeof(entry));
    __atomic_store_n(&q->tail, tail + footprint(entry.size), __ATOMIC_RELEASE);
    q->unread += entry.size;
    q->over += entry.size;
    if (!(entry.flags & ENTRY_MORE)) q->entries++;
    *at = tail;
    settle(queues, queue);
    return entry.size;
}

bool pipe_queue_is_over(const struct pipe_queues *queues, int queue, uint64_t at)
{
    const struct pipe_queue *q = &queues->queue[queue];

    return (int64_t)(q->pending - at) > 0 || (int64_t)(q->head - at) > 0;
}

static void kill_entry(struct pipe_queues *queues, int queue, uint64_t at, const struct entry *entry)
{
    struct pipe_queue *q = &queues->queue[queue];

    entry_at(queues, queue, at)->flags = entry->flags | ENTRY_DEAD;
    q->unread -= left_of(entry);
    q->over -= left_of(entry);
    if (!(entry->flags & ENTRY_MORE) && q->entries) q->entries--;
}

void pipe_queue_withdraw(struct pipe_queues *queues, int queue, uint64_t at)
{
    uint64_t head, tail;
    struct entry entry;

    if (pipe_queue_is_over(queues, queue, at) || !bounds(queues, queue, &head, &tail) || at - head >= tail - head ||
        !read_entry(queues, queue, at, tail, &entry) || entry.flags & ENTRY_DEAD) return;
    kill_entry(queues, queue, at, &entry);
    settle(queues, queue);
}

bool pipe_queue_drop_orphans(struct pipe_queues *queues, int queue)
{
    const uint64_t self = own_identity() & OWNER_MASK;
    uint64_t alive = self;              /* whom we know to be */
    uint64_t head, tail, at;
    struct entry entry;
    bool dropped = false;

    if (!queues->queue[queue].over || !bounds(queues, queue, &head, &tail)) return false;
    settle(queues, queue);
    for (at = pending_of(&queues->queue[queue], head, tail); at != tail && read_entry(queues, queue, at, tail, &entry); at += footprint(entry.size))
    {
        uint64_t owner = (uint64_t)entry.owner_start << 32 | entry.owner;

        if (!entry.owner || owner == alive || owner == self || entry.flags & ENTRY_DEAD) continue;
        if (is_alive(entry.owner, entry.owner_start, 0xffff)) alive = owner;
        else
        {
            kill_entry(queues, queue, at, &entry);
            dropped = true;
        }
    }
    if (dropped) settle(queues, queue);
    return dropped;
}

/* ---- reading ----------------------------------------------------------------------------------------------------------------- */

static bool copy_out(struct pipe_queues *queues, int queue, uint64_t at, void *to, size_t size)
{
    size_t offset = at % PIPE_RING, first = PIPE_RING - offset < size ? PIPE_RING - offset : size;

    if (user_write(to, ring_of(queues, queue) + offset, first)) return false;
    return size == first || !user_write((char *)to + first, ring_of(queues, queue), size - first);
}

static void consume(struct pipe_queues *queues, int queue, uint64_t at, const struct entry *entry, uint32_t size)
{
    struct pipe_queue *q = &queues->queue[queue];

    if (entry->taken + size == entry->size)
    {
        __atomic_store_n(&q->head, at + footprint(entry->size), __ATOMIC_RELEASE);
        if (!(entry->flags & ENTRY_MORE) && q->entries) q->entries--;
    }
    else __atomic_store_n(&entry_at(queues, queue, at)->taken, entry->taken + size, __ATOMIC_RELEASE);
    q->unread -= size;
    if (at - q->pending < PIPE_RING) q->over -= size;           /* the write was not over */
}

struct pipe_taken pipe_queue_take(struct pipe_queues *queues, int queue, void *to, size_t room, bool by_message, bool take)
{
    struct pipe_taken taken = { 0 };
    struct entry entry;
    uint64_t head, tail, at;

    settle(queues, queue);
    if (!first_entry(queues, queue, &entry, &head, &tail)) return taken;
    for (at = head; ; )
    {
        uint32_t left = left_of(&entry);
        size_t size = left < room - taken.size ? left : room - taken.size;

        if (!(entry.flags & ENTRY_DEAD))
        {
            /* A read that is full leaves what is next alone, be it empty; a read of no bytes takes an empty message. */
            if (taken.any && taken.size == room) break;
            if (!copy_out(queues, queue, at + ENTRY_SIZE + entry.taken, (char *)to + taken.size, size))
            {
                taken.fault = !taken.any;
                break;
            }
            if (take && (size || !left)) consume(queues, queue, at, &entry, (uint32_t)size);
            taken.any = true;
            taken.size += size;
            taken.left = size < left || entry.flags & ENTRY_MORE;
            if (size < left || (by_message && !taken.left)) break;
        }
        at += footprint(entry.size);
        if (at == tail || !read_entry(queues, queue, at, tail, &entry)) break;
    }
    if (take) settle(queues, queue);
    return taken;
}

size_t pipe_queue_first(struct pipe_queues *queues, int queue)
{
    struct entry entry;
    uint64_t head, tail;
    size_t size = 0;

    if (!first_entry(queues, queue, &entry, &head, &tail)) return 0;
    for (;;)
    {
        size += left_of(&entry);
        if (!(entry.flags & ENTRY_MORE)) return size;
        head += footprint(entry.size);
        if (head == tail || !read_entry(queues, queue, head, tail, &entry)) return size;
    }
}
