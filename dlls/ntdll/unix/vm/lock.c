/* The one lock of the section manager, and its rules.
 *
 * It is plain: not recursive, a word and a futex (free, taken, taken and somebody waits). It protects all
 * state of vm/ that is not called immutable or atomic.
 *
 *  1. vm_fault() takes it in a SIGSEGV or SIGBUS handler. So code that holds it touches only the manager's
 *     own memory (nodes from slab.c, its stack, its static data), which never faults: no pointer of the
 *     program, no memory of a view, no callback out of vm/.
 *  2. Code that holds it calls nothing that takes a lock of its own: not malloc, not stdio. The host
 *     functions are bare system calls.
 *  3. A handler of an asynchronous signal may interrupt a holder, so it calls no function of vm/ at all.
 *     It sets a flag and lets the interrupted thread get on.
 *  4. Nobody exits a thread or jumps out of a handler while holding it.
 *  5. It is the innermost lock: whoever holds it takes no other.
 */
#include "vm/vm_private.h"

static uint32_t lock_word;
enum { LOCK_FREE, LOCK_TAKEN, LOCK_CONTENDED };

void vm_enter(void)
{
    uint32_t seen = LOCK_FREE;

    if (__atomic_compare_exchange_n(&lock_word, &seen, LOCK_TAKEN, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;

    /* Most critical sections are a system call at most: look a few times before going to sleep. */
    for (int i = 0; i < 100; i++)
    {
        seen = LOCK_FREE;
        if (__atomic_load_n(&lock_word, __ATOMIC_RELAXED) == LOCK_FREE &&
            __atomic_compare_exchange_n(&lock_word, &seen, LOCK_TAKEN, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
        __builtin_ia32_pause();
    }
    while (__atomic_exchange_n(&lock_word, LOCK_CONTENDED, __ATOMIC_ACQUIRE) != LOCK_FREE)
        host_wait(&lock_word, LOCK_CONTENDED);
}

void vm_leave(void)
{
    if (__atomic_exchange_n(&lock_word, LOCK_FREE, __ATOMIC_RELEASE) == LOCK_CONTENDED) host_wake(&lock_word, 1);
}
