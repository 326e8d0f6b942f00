/* The protocol is glibc's for its robust mutexes: list_op_pending names the word while it changes hands, so that there is
 * no instant at which the kernel would not know of it. */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ob/robust.h"

#define LOCK_NAPS 75                    /* of 20 ms */

struct node                             /* begins as the kernel's struct robust_list */
{
    struct node *next;                  /* NULL: in no list */
    struct node *prev;                  /* NULL: the head */
};

static __thread struct robust_list_head head;   /* head.list.next: struct node, &head at the end */
static __thread int self_tid;

static struct node *node_of(const uint32_t *word)
{
    return (struct node *)((char *)(uintptr_t)word + ROBUST_DISTANCE);
}

static struct node *list_end(void)
{
    return (struct node *)&head;
}

/* The compiler keeps to the order of stores; the kernel looks when this thread is gone. */
static void ordered(void)
{
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

int robust_tid(void)
{
    if (!self_tid) self_tid = (int)syscall(SYS_gettid);
    return self_tid;
}

static void register_list(void)
{
    head.list.next = &head.list;
    head.futex_offset = -(long)ROBUST_DISTANCE;
    head.list_op_pending = NULL;
    syscall(SYS_set_robust_list, &head, sizeof(head));
}

static void begin(const uint32_t *word)
{
    if (!head.list.next) register_list();
    head.list_op_pending = (struct robust_list *)node_of(word);
    ordered();
}

static void end(void)
{
    ordered();
    head.list_op_pending = NULL;
}

static void node_link(struct node *node)
{
    struct node *next = (struct node *)head.list.next;

    node->next = next;
    node->prev = NULL;
    ordered();
    if (next != list_end()) next->prev = node;
    head.list.next = (struct robust_list *)node;
}

static void node_unlink(struct node *node)
{
    if (!node->next) return;
    if (node->prev) node->prev->next = node->next;
    else head.list.next = (struct robust_list *)node->next;
    if (node->next != list_end()) node->next->prev = node->prev;
    ordered();
    node->next = NULL;
}

static void wake(uint32_t *word, int count)
{
    syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0);
}

bool robust_try(uint32_t *word, bool waiters, bool *died)
{
    uint32_t old = __atomic_load_n(word, __ATOMIC_RELAXED), new;

    begin(word);
    do
    {
        if (!robust_is_free(old))
        {
            end();
            return false;
        }
        new = (uint32_t)robust_tid() | (old & FUTEX_WAITERS) | (waiters ? FUTEX_WAITERS : 0);
    } while (!__atomic_compare_exchange_n(word, &old, new, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
    node_link(node_of(word));
    end();
    *died = old & FUTEX_OWNER_DIED;
    return true;
}

void robust_release(uint32_t *word, bool waiters, int count)
{
    uint32_t old;

    begin(word);
    node_unlink(node_of(word));
    old = __atomic_exchange_n(word, 0, __ATOMIC_SEQ_CST);
    if (old & FUTEX_WAITERS || waiters) wake(word, count);
    end();
}

void robust_lock(uint32_t *word)
{
    static const struct timespec nap = { 0, 20000000 };
    unsigned int tries;
    bool died;

    for (tries = 0; !robust_try(word, false, &died); tries++)
    {
        uint32_t value;

        if (tries < 64)
        {
            sched_yield();
            continue;
        }
        value = robust_sleep_value(word);       /* who has it was stopped or put off */
        if (robust_is_free(value)) continue;
        syscall(SYS_futex, word, FUTEX_WAIT, value, &nap, NULL, 0);
        /* An id that is nobody's: somebody scribbled there. Or one who was stopped for seconds: that nothing is waited
         * for for ever is worth more than that his wait for several objects is one step. */
        if (tries > 64 + LOCK_NAPS || (kill((pid_t)(value & FUTEX_TID_MASK), 0) && errno == ESRCH))
            __atomic_compare_exchange_n(word, &value, FUTEX_OWNER_DIED, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
    }
}

void robust_unlock(uint32_t *word)
{
    robust_release(word, false, INT_MAX);
}

bool robust_abandon(uint32_t *word, uint32_t tid)
{
    uint32_t old = __atomic_load_n(word, __ATOMIC_RELAXED);

    do
        if ((old & FUTEX_TID_MASK) != tid) return false;
    while (!__atomic_compare_exchange_n(word, &old, (old & FUTEX_WAITERS) | FUTEX_OWNER_DIED, true,
                                        __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
    if (tid == (uint32_t)robust_tid()) node_unlink(node_of(word));
    else node_of(word)->next = NULL;            /* the thread is gone, and with it its list */
    wake(word, INT_MAX);
    return true;
}

bool robust_is_listed(const uint32_t *word)
{
    return node_of(word)->next != NULL;
}

uint32_t robust_sleep_value(uint32_t *word)
{
    uint32_t value = __atomic_load_n(word, __ATOMIC_SEQ_CST);

    while (!robust_is_free(value) && !(value & FUTEX_WAITERS))
        if (__atomic_compare_exchange_n(word, &value, value | FUTEX_WAITERS, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
            return value | FUTEX_WAITERS;
    return value;
}

void robust_after_fork(void)
{
    self_tid = 0;
    head.list.next = NULL;
}
