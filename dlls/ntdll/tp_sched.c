/* The scheduler: one thread that waits for everything the pool waits for.
 *
 * What arrives at its port: the packets of waits (key: the object), completions of files (key: the object, or a tagged
 * callback of old, see tp_old.c), and pokes (key 0) that only make it look at the clock again. Timers are a binary heap
 * by due time. */

#include "tp.h"
#include "tp_old.h"

#define STARVING_TICK (20 * 10000)
#define IDLE_EXIT     (10ULL * 10000000)
#define ENTRIES       16
#define DELIVER       1         /* value of a completion: run the object, nothing was waited for */

static HANDLE port;
static bool running;
static ULONGLONG wakes_at;              /* when the scheduler looks next; 0: it is looking now */
static ULONG bound;                     /* files, waits: reasons to stay */
static LIST_ENTRY starving = { &starving, &starving };

/* ---- the heap of timers: heap[1] is due first ---- */

static struct tp_object **heap;
static ULONG heap_count, heap_size;

static void heap_place(struct tp_object *o, ULONG i)
{
    heap[i] = o;
    o->heap_index = i;
}

static void heap_up(struct tp_object *o, ULONG i)
{
    for (; i > 1 && heap[i / 2]->due > o->due; i /= 2) heap_place(heap[i / 2], i);
    heap_place(o, i);
}

static void heap_down(struct tp_object *o, ULONG i)
{
    for (ULONG child; (child = 2 * i) <= heap_count; i = child)
    {
        if (child < heap_count && heap[child + 1]->due < heap[child]->due) child++;
        if (heap[child]->due >= o->due) break;
        heap_place(heap[child], i);
    }
    heap_place(o, i);
}

static void heap_remove(struct tp_object *o)
{
    ULONG i = o->heap_index;
    struct tp_object *last = heap[heap_count--];

    o->heap_index = 0;
    if (last == o) return;
    if (i > 1 && heap[i / 2]->due > last->due) heap_up(last, i);
    else heap_down(last, i);
}

static bool heap_add(struct tp_object *o)
{
    if (heap_count + 2 > heap_size)
    {
        ULONG size = heap_size ? 2 * heap_size : 16;
        void *bigger = heap ? RtlReAllocateHeap(process_heap(), 0, heap, size * sizeof(*heap))
                            : heap_alloc(size * sizeof(*heap));

        if (!bigger) return false;
        heap = bigger;
        heap_size = size;
    }
    heap_up(o, ++heap_count);
    return true;
}

/* ---- the thread ---- */

static void poke_locked(void)
{
    wakes_at = 0;
    NtSetIoCompletion(port, 0, 0, STATUS_SUCCESS, 0);
}

static void expire_locked(ULONGLONG now)
{
    while (heap_count && heap[1]->due <= now)
    {
        struct tp_object *o = heap[1];

        heap_remove(o);
        timer_expired_locked(o, now);
        object_unref_locked(o);
    }
}

static void feed_starving_locked(void)
{
    for (LIST_ENTRY *e = starving.Flink, *next; e != &starving; e = next)
    {
        struct pool *pool = CONTAINING_RECORD(e, struct pool, starving_entry);

        next = e->Flink;
        sched_unwatch_locked(pool);
        pool_feed_locked(pool);         /* may come back */
    }
}

static void arrived_locked(const FILE_IO_COMPLETION_INFORMATION *entry)
{
    ULONG_PTR key = entry->CompletionKey;
    struct tp_object *o;

    if (!key) return;
    if (key & OLD_CALLBACK_TAG)
    {
        old_file_completed(key, (void *)entry->CompletionValue, &entry->IoStatusBlock);
        return;
    }
    o = (struct tp_object *)key;
    if (o->kind == TP_KIND_WAIT)
    {
        if (entry->CompletionValue == DELIVER) run_or_post_locked(o);
        else if (o->stale) o->stale--;
        else
        {
            o->waiting = false;
            bound--;
            wait_signaled_locked(o);
        }
        object_unref_locked(o);
    }
    else io_completed_locked(o, (void *)entry->CompletionValue, &entry->IoStatusBlock);
}

static void CALLBACK scheduler(void *arg)
{
    ULONGLONG idle_since = 0;

    (void)arg;
    lock_tp();
    for (;;)
    {
        FILE_IO_COMPLETION_INFORMATION entries[ENTRIES];
        ULONGLONG now = clock_now(), next = ~0ULL;
        LARGE_INTEGER timeout;
        NTSTATUS status;
        ULONG n = 0;

        wakes_at = 0;
        expire_locked(now);
        feed_starving_locked();

        if (heap_count) next = heap[1]->due;
        if (starving.Flink != &starving && now + STARVING_TICK < next) next = now + STARVING_TICK;
        if (next == ~0ULL && !bound)
        {
            if (!idle_since) idle_since = now;
            else if (now - idle_since >= IDLE_EXIT) break;
            next = now + IDLE_EXIT;
        }
        else idle_since = 0;

        wakes_at = next;
        timeout.QuadPart = next > now ? -(LONGLONG)(next - now) : 0;
        unlock_tp();
        /* Alertable: callbacks that asked for an I/O thread may queue APCs to it. */
        status = NtRemoveIoCompletionEx(port, entries, ENTRIES, &n, next == ~0ULL ? NULL : &timeout, TRUE);
        lock_tp();
        if (status != STATUS_SUCCESS) continue;
        for (ULONG i = 0; i < n; i++) arrived_locked(&entries[i]);
    }
    running = false;
    unlock_tp();
    RtlExitUserThread(0);
}

NTSTATUS sched_start_locked(void)
{
    HANDLE thread;
    NTSTATUS status;

    if (!port && (status = NtCreateIoCompletion(&port, IO_COMPLETION_ALL_ACCESS, NULL, 0))) return status;
    if (running) return STATUS_SUCCESS;
    status = RtlCreateUserThread(GetCurrentProcess(), NULL, FALSE, 0, 0, 0, (PRTL_THREAD_START_ROUTINE)scheduler, NULL,
                                 &thread, NULL);
    if (status) return status;
    NtClose(thread);
    running = true;
    return STATUS_SUCCESS;
}

void sched_watch_locked(struct pool *pool)
{
    if (pool->starving || sched_start_locked()) return;
    pool->starving = true;
    pool->starving_entry.Flink = &starving;
    pool->starving_entry.Blink = starving.Blink;
    starving.Blink->Flink = &pool->starving_entry;
    starving.Blink = &pool->starving_entry;
    if (wakes_at && wakes_at > clock_now() + STARVING_TICK) poke_locked();
}

void sched_unwatch_locked(struct pool *pool)
{
    if (!pool->starving) return;
    pool->starving = false;
    pool->starving_entry.Flink->Blink = pool->starving_entry.Blink;
    pool->starving_entry.Blink->Flink = pool->starving_entry.Flink;
}

/* Holds a reference until it expires or is disarmed. */
void sched_arm_locked(struct tp_object *o, ULONGLONG due)
{
    sched_disarm_locked(o);
    o->due = due;
    if (sched_start_locked() || !heap_add(o)) return;
    o->refs++;
    if (wakes_at && due < wakes_at) poke_locked();
}

void sched_disarm_locked(struct tp_object *o)
{
    if (!o->heap_index) return;
    heap_remove(o);
    object_unref_locked(o);
}

/* Holds a reference until it is signaled or taken back. */
NTSTATUS sched_wait_locked(struct tp_object *o, HANDLE handle)
{
    NTSTATUS status;

    if ((status = sched_start_locked())) return status;
    if (!o->packet && (status = NtCreateWaitCompletionPacket(&o->packet, GENERIC_ALL, NULL))) return status;
    o->refs++;
    bound++;
    o->waiting = true;
    o->handle = handle;
    if ((status = NtAssociateWaitCompletionPacket(o->packet, port, handle, o, NULL, STATUS_SUCCESS, 0, NULL)))
    {
        o->waiting = false;
        bound--;
        object_unref_locked(o);
        return status;
    }
    return STATUS_SUCCESS;
}

/* A packet that the scheduler holds already arrives late: the reference stays until then. */
void sched_unwait_locked(struct tp_object *o)
{
    if (!o->waiting) return;
    o->waiting = false;
    bound--;
    if (NtCancelWaitCompletionPacket(o->packet, TRUE)) o->stale++;
    else object_unref_locked(o);
}

/* For a time-out: only if it has not been signaled. */
bool sched_unwait_if_silent_locked(struct tp_object *o)
{
    if (!o->waiting || NtCancelWaitCompletionPacket(o->packet, FALSE)) return false;
    o->waiting = false;
    bound--;
    object_unref_locked(o);
    return true;
}

/* What is decided already still has to run on this thread. */
void sched_deliver_locked(struct tp_object *o)
{
    if (sched_start_locked()) return;
    o->refs++;
    NtSetIoCompletion(port, (ULONG_PTR)o, DELIVER, STATUS_SUCCESS, 0);
}

NTSTATUS sched_bind_file(HANDLE file, void *key)
{
    FILE_COMPLETION_INFORMATION info;
    IO_STATUS_BLOCK io;
    NTSTATUS status;

    lock_tp();
    status = sched_start_locked();
    unlock_tp();
    if (status) return status;
    info.CompletionPort = port;
    info.CompletionKey = (ULONG_PTR)key;
    return NtSetInformationFile(file, &io, &info, sizeof(info), FileCompletionInformation);
}

void sched_count_locked(int delta)
{
    bound += delta;
}
