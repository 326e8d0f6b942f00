/* Pools of worker threads.
 *
 * A post starts a thread if more is queued than threads are idle or starting. Up to two threads a processor (not
 * counting those that said they run long) that happens at once; beyond, at most one every 20 ms, and the scheduler
 * keeps watch while anything is queued, so that callbacks which wait for each other cannot starve. */

#include "tp.h"

#define DEFAULT_MAX   500
#define IDLE_TIMEOUT  (-5LL * 10000000)
#define START_PAUSE   (20 * 10000)

RTL_SRWLOCK tp_lock;

extern NTSTATUS WINAPI TpSetDefaultPoolMaxThreads(ULONG max);

static struct pool *create_pool(void)
{
    struct pool *pool = heap_alloc_zero(sizeof(*pool));

    if (!pool) return NULL;
    pool->refs = 1;
    pool->max = DEFAULT_MAX;
    for (int i = 0; i < 3; i++) pool->ready[i].Flink = pool->ready[i].Blink = &pool->ready[i];
    return pool;
}

struct pool *pool_get_default_locked(void)
{
    static struct pool *pool;

    if (!pool) pool = create_pool();
    return pool;
}

static void free_pool_locked(struct pool *pool)
{
    sched_unwatch_locked(pool);
    heap_free(pool);
}

void pool_unref_locked(struct pool *pool)
{
    if (--pool->refs) return;
    pool->shutdown = true;
    if (pool->threads) RtlWakeAllConditionVariable(&pool->wake);
    else free_pool_locked(pool);
}

/* The next object to run, with one post less. */
static struct tp_object *take_locked(struct pool *pool)
{
    for (int i = 0; i < 3; i++)
    {
        LIST_ENTRY *head = &pool->ready[i], *e = head->Flink;
        struct tp_object *o = CONTAINING_RECORD(e, struct tp_object, ready_entry);

        if (e == head) continue;
        head->Flink = e->Flink;
        e->Flink->Blink = head;
        pool->queued--;
        if (--o->pending)
        {
            /* To the end: the others want to run, too. */
            e->Flink = head;
            e->Blink = head->Blink;
            head->Blink->Flink = e;
            head->Blink = e;
        }
        return o;
    }
    return NULL;
}

static void CALLBACK worker(void *arg)
{
    static const LARGE_INTEGER timeout = { .QuadPart = IDLE_TIMEOUT };
    struct pool *pool = arg;
    struct tp_object *o;

    lock_tp();
    pool->starting--;
    for (;;)
    {
        NTSTATUS status;

        while ((o = take_locked(pool)))
        {
            pool_feed_locked(pool);
            object_run_locked(o);
        }
        if (pool->shutdown) break;
        pool->idle++;
        status = RtlSleepConditionVariableSRW(&pool->wake, &tp_lock, &timeout, 0);
        pool->idle--;
        if (status == STATUS_TIMEOUT && !pool->queued && !pool->shutdown && pool->threads > pool->min) break;
    }
    if (!--pool->threads && pool->shutdown) free_pool_locked(pool);
    unlock_tp();
    RtlExitUserThread(0);
}

static NTSTATUS start_worker_locked(struct pool *pool)
{
    HANDLE thread;
    NTSTATUS status = RtlCreateUserThread(GetCurrentProcess(), NULL, FALSE, 0, pool->stack_reserve, pool->stack_commit,
                                          (PRTL_THREAD_START_ROUTINE)worker, pool, &thread, NULL);

    if (status) return status;
    NtClose(thread);
    pool->threads++;
    pool->starting++;
    pool->last_start = clock_now();
    return STATUS_SUCCESS;
}

/* There may be more to do than threads to do it. Also called by the scheduler for a starving pool. */
void pool_feed_locked(struct pool *pool)
{
    ULONG soft = 2 * current_peb()->NumberOfProcessors + pool->running_long;

    if (pool->queued && pool->idle) RtlWakeConditionVariable(&pool->wake);
    if (pool->queued <= pool->idle + pool->starting || pool->threads >= pool->max) return;
    if (pool->threads < soft || clock_now() - pool->last_start >= START_PAUSE)
    {
        if (!start_worker_locked(pool) || pool->threads) return;
    }
    sched_watch_locked(pool);
}

/* ---- the API ---- */

NTSTATUS WINAPI TpAllocPool(TP_POOL **out, void *reserved)
{
    struct pool *pool;

    if (reserved) return STATUS_INVALID_PARAMETER;
    if (!(pool = create_pool())) return STATUS_NO_MEMORY;
    *out = (TP_POOL *)pool;
    return STATUS_SUCCESS;
}

void WINAPI TpReleasePool(TP_POOL *pool)
{
    lock_tp();
    pool_unref_locked((struct pool *)pool);
    unlock_tp();
}

void WINAPI TpSetPoolMaxThreads(TP_POOL *handle, DWORD max)
{
    struct pool *pool = (struct pool *)handle;

    lock_tp();
    pool->max = max ? max : 1;
    if (pool->min > pool->max) pool->min = pool->max;
    unlock_tp();
}

BOOL WINAPI TpSetPoolMinThreads(TP_POOL *handle, DWORD min)
{
    struct pool *pool = (struct pool *)handle;
    NTSTATUS status = STATUS_SUCCESS;

    lock_tp();
    while (pool->threads < min && !status) status = start_worker_locked(pool);
    if (!status)
    {
        pool->min = min;
        if (pool->max < min) pool->max = min;
    }
    unlock_tp();
    return !status;
}

NTSTATUS WINAPI TpSetDefaultPoolMaxThreads(ULONG max)
{
    lock_tp();
    if (pool_get_default_locked()) pool_get_default_locked()->max = max ? max : 1;
    unlock_tp();
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI TpSetPoolStackInformation(TP_POOL *handle, TP_POOL_STACK_INFORMATION *info)
{
    struct pool *pool = (struct pool *)handle;

    if (!info) return STATUS_INVALID_PARAMETER;
    lock_tp();
    pool->stack_reserve = info->StackReserve;
    pool->stack_commit = info->StackCommit;
    unlock_tp();
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI TpQueryPoolStackInformation(TP_POOL *handle, TP_POOL_STACK_INFORMATION *info)
{
    struct pool *pool = (struct pool *)handle;
    const IMAGE_NT_HEADERS *nt = RtlImageNtHeader(current_peb()->ImageBaseAddress);

    if (!info) return STATUS_INVALID_PARAMETER;
    lock_tp();
    info->StackReserve = pool->stack_reserve ? pool->stack_reserve : nt->OptionalHeader.SizeOfStackReserve;
    info->StackCommit = pool->stack_commit ? pool->stack_commit : nt->OptionalHeader.SizeOfStackCommit;
    unlock_tp();
    return STATUS_SUCCESS;
}
