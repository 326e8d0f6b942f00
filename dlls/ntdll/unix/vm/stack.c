/* Stacks.
 *
 *     DeallocationStack        ...        StackLimit                     StackBase
 *     |      reserved      |  guard  |           committed               |
 *
 * One private region; the guard page moves down as the stack grows, which is when it is touched. Below the guard lies
 * reserved memory: a function that skips the guard without probing crashes, as on Windows. The last page is never
 * committed; when the guard would come nearer to it than the guaranteed bytes, what is guaranteed becomes accessible
 * and the touch is a stack overflow.
 */
#include "vm/vm_private.h"

/* Commits [start, end) of a stack with this protection. */
static vm_status stack_commit(struct region *region, uintptr_t start, uintptr_t end, uint32_t protect)
{
    size_t missing = end - start - region_count(region, start, end, VALUE_COMMITTED);
    vm_status status;

    if (!runs_reserve(1)) return STATUS_NO_MEMORY;
    if ((status = charge_take(missing))) return status;
    if ((status = push(region, start, end, PAGE_MASK, VALUE_COMMITTED | protect, "stack")))
    {
        charge_return(missing);
        return status;
    }
    region_change(region, start, end, PAGE_MASK, VALUE_COMMITTED | protect);
    return STATUS_SUCCESS;
}

vm_status stack_grow(struct region *region, uintptr_t page, struct vm_stack *stack)
{
    uintptr_t bottom = stack->deallocation_base, lowest, end;
    size_t guarantee = page_up(stack->guarantee);
    uint32_t protect;

    if (bottom < region_start(region)) bottom = region_start(region);
    protect = region_run(region, page, &end) & PAGE_MASK & ~PAGE_GUARD;

    /* At least two pages are left for the handler of a stack overflow on x64. */
    if (guarantee < 2 * page_size) guarantee = 2 * page_size;
    lowest = bottom + page_size + guarantee;

    /* The touched page, and guard pages above it that were skipped, become ordinary. */
    for (end = page + page_size; end < region->end && end < stack->base; end += page_size)
    {
        uintptr_t run_end;

        if (!(region_run(region, end, &run_end) & PAGE_GUARD)) break;
    }
    if (page >= lowest)
    {
        if (stack_commit(region, page - page_size, page, protect | PAGE_GUARD)) return STATUS_STACK_OVERFLOW;
        if (stack_commit(region, page, end, protect)) return STATUS_STACK_OVERFLOW;
        stack->limit = page;
        return STATUS_SUCCESS;
    }
    lowest = bottom + page_size;
    if (lowest > page) lowest = page;
    if (stack_commit(region, lowest, end, protect)) return STATUS_ACCESS_VIOLATION;
    stack->limit = lowest;
    return STATUS_STACK_OVERFLOW;
}

vm_status vm_create_stack(size_t reserve, size_t commit, const struct vm_limits *limits, struct vm_stack *stack)
{
    uintptr_t base = 0, guard;
    vm_status status;

    reserve = round_up(reserve, VM_GRANULARITY);
    commit = page_up(commit);
    if (reserve < VM_GRANULARITY) reserve = VM_GRANULARITY;
    if (commit < page_size) commit = page_size;
    if (commit > reserve - 2 * page_size) commit = reserve - 2 * page_size;
    if ((status = vm_allocate(&base, &reserve, MEM_RESERVE, PAGE_READWRITE, limits, ~0u))) return status;

    vm_enter();
    guard = base + reserve - commit - page_size;
    status = stack_commit(region_find(base), guard + page_size, base + reserve, PAGE_READWRITE);
    if (!status) status = stack_commit(region_find(base), guard, guard + page_size, PAGE_READWRITE | PAGE_GUARD);
    vm_leave();
    if (status)
    {
        size_t whole = 0;

        vm_free(&base, &whole, MEM_RELEASE);
        return status;
    }
    *stack = (struct vm_stack){ .deallocation_base = base, .limit = guard + page_size, .base = base + reserve };
    return STATUS_SUCCESS;
}
