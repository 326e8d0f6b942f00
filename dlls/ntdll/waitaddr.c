/* RtlWaitOnAddress: the wait under every lock of this DLL.
 *
 * A waiter is a node on its own stack, queued in the bucket of its address; who wakes it takes it out of the queue
 * and alerts its thread. Invariants:
 *  1. A node is touched by others only under its bucket's lock and only while it is queued (node.address non-null).
 *  2. Every dequeued node is owed exactly one alert. The waiter consumes it before it returns, unless an alert from
 *     elsewhere came first; then one is left over, which ends a later wait early: all callers look again.
 *  3. Nobody waits while holding a bucket's lock.
 *  4. Nodes of threads that an exiting process has ended are gone with their stacks: waiters_forget() drops them all. */

#include "rtl.h"

#define BUCKETS 64
#define BATCH 32

struct waiter
{
    LIST_ENTRY entry;           /* bucket.lock */
    const void *address;        /* bucket.lock; NULL once dequeued */
    HANDLE tid;
};

struct bucket
{
    LONG lock;
    LIST_ENTRY queue;           /* Flink is NULL before first use */
} __attribute__((aligned(64)));

static struct bucket buckets[BUCKETS];

void tiny_lock_slow(LONG *lock)
{
    static LARGE_INTEGER nap = { .QuadPart = -1 };

    for (unsigned int round = 0;; round++)
    {
        for (int i = 0; i < 100; i++)
        {
            if (!__atomic_load_n(lock, __ATOMIC_RELAXED) && !__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE)) return;
            cpu_relax();
        }
        /* The holder is not running: yield, then sleep. If it was killed while holding, nobody can go on. */
        if (round < 10) NtYieldExecution();
        else if (process_is_dying()) NtTerminateProcess(GetCurrentProcess(), process_exit_status);
        else NtDelayExecution(FALSE, &nap);
    }
}

static struct bucket *bucket_of(const void *address)
{
    ULONG_PTR h = (ULONG_PTR)address >> 2;

    return &buckets[(h ^ h >> 6 ^ h >> 12) % BUCKETS];
}

static void enqueue_locked(struct bucket *b, struct waiter *w)
{
    if (!b->queue.Flink) b->queue.Flink = b->queue.Blink = &b->queue;
    w->entry.Flink = &b->queue;
    w->entry.Blink = b->queue.Blink;
    b->queue.Blink->Flink = &w->entry;
    b->queue.Blink = &w->entry;
}

static void dequeue_locked(struct waiter *w)
{
    w->entry.Flink->Blink = w->entry.Blink;
    w->entry.Blink->Flink = w->entry.Flink;
    w->address = NULL;
}

static bool is_equal(const void *address, const void *compare, SIZE_T size)
{
    switch (size)
    {
    case 1: return *(const volatile BYTE *)address == *(const BYTE *)compare;
    case 2: return *(const volatile WORD *)address == *(const WORD *)compare;
    case 4: return *(const volatile DWORD *)address == *(const DWORD *)compare;
    default: return *(const volatile ULONGLONG *)address == *(const ULONGLONG *)compare;
    }
}

NTSTATUS WINAPI RtlWaitOnAddress(const void *address, const void *compare, SIZE_T size, const LARGE_INTEGER *timeout)
{
    struct bucket *b = bucket_of(address);
    struct waiter w = { .address = address, .tid = current_tid() };
    LARGE_INTEGER now, due;
    NTSTATUS status;
    bool queued;

    if (size != 1 && size != 2 && size != 4 && size != 8) return STATUS_INVALID_PARAMETER;

    /* Touched before the lock is taken: a fault may raise an exception. */
    if (!is_equal(address, compare, size)) return STATUS_SUCCESS;

    /* A relative time is made absolute once, so that waiting again after a stray alert does not stretch it. */
    if (timeout && timeout->QuadPart < 0)
    {
        NtQuerySystemTime(&now);
        due.QuadPart = now.QuadPart - timeout->QuadPart;
        timeout = &due;
    }

    tiny_lock(&b->lock);
    if (!is_equal(address, compare, size))
    {
        tiny_unlock(&b->lock);
        return STATUS_SUCCESS;
    }
    enqueue_locked(b, &w);
    tiny_unlock(&b->lock);

    status = NtWaitForAlertByThreadId(address, timeout);

    tiny_lock(&b->lock);
    if ((queued = w.address != NULL)) dequeue_locked(&w);
    tiny_unlock(&b->lock);
    if (status == STATUS_TIMEOUT && !queued)
    {
        NtWaitForAlertByThreadId(address, NULL);    /* invariant 2 */
        status = STATUS_ALERTED;
    }
    return status == STATUS_ALERTED ? STATUS_SUCCESS : status;
}

/* Wakes up to `max` waiters of the address, oldest first. Returns how many there were to wake. */
unsigned int wake_address(const void *address, unsigned int max)
{
    struct bucket *b = bucket_of(address);
    unsigned int total = 0, n;

    do
    {
        HANDLE tids[BATCH];
        LIST_ENTRY *e;

        n = 0;
        tiny_lock(&b->lock);
        for (e = b->queue.Flink; e && e != &b->queue && n < BATCH && total < max; )
        {
            struct waiter *w = CONTAINING_RECORD(e, struct waiter, entry);

            e = e->Flink;
            if (w->address != address) continue;
            tids[n++] = w->tid;
            total++;
            dequeue_locked(w);
        }
        tiny_unlock(&b->lock);
        for (unsigned int i = 0; i < n; i++) NtAlertThreadByThreadId(tids[i]);
    } while (n == BATCH);
    return total;
}

/* There is one thread left, and it does not wait. Locks that the others died with are open. */
void waiters_forget(void)
{
    memset(buckets, 0, sizeof(buckets));
}

void WINAPI RtlWakeAddressSingle(const void *address)
{
    if (address) wake_address(address, 1);
}

void WINAPI RtlWakeAddressAll(const void *address)
{
    if (address) wake_address(address, ~0u);
}
