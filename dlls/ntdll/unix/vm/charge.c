/* Commit charge: what the process may still turn into memory.
 *
 * The host's mappings reserve nothing (Windows programs reserve terabytes), so the promise that committed memory can be
 * written is kept here: private committed pages, copy-on-write views and page-file sections count, and beyond the
 * host's memory and swap (or the control group's limit) a commit fails at once instead of a process dying later.
 */
#include "vm/vm_private.h"

#define SURELY (64ull << 20)

static uint64_t used, peak, limit;      /* vm lock */

static uint64_t get_limit(void)
{
    if (!limit) limit = host->memory_limit();
    return limit;
}

vm_status charge_take(uint64_t bytes)
{
    /* Every machine has this much: a small program never asks for the limit, which costs a few system calls. */
    if (bytes > SURELY || used > SURELY - bytes)
    {
        if (bytes > get_limit() || used > limit - bytes) return STATUS_COMMITMENT_LIMIT;
    }
    used += bytes;
    if (used > peak) peak = used;
    return STATUS_SUCCESS;
}

void charge_return(uint64_t bytes)
{
    used -= bytes;
}

uint64_t charge_room(void)
{
    uint64_t all = get_limit() > SURELY ? limit : SURELY;

    return used < all ? all - used : 0;
}

uint64_t charge_used(void)
{
    return used;
}

void vm_commit_charge(uint64_t *used_out, uint64_t *limit_out, uint64_t *peak_out)
{
    vm_enter();
    *limit_out = get_limit();
    *used_out = used;
    *peak_out = peak;
    vm_leave();
}
