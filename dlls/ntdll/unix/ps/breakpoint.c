/* Debug registers: hardware breakpoints of one thread, by the host's perf events.
 *
 * The host keeps the real registers; an event of type breakpoint with sigtrap (Linux 5.13) raises SIGTRAP in the thread
 * that hits it, before the instruction (execution) or after it (data), as the processor does.
 */
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "nt/nt.h"
#include "ps/breakpoint.h"

#ifndef TRAP_PERF
#define TRAP_PERF 6
#endif
#define SLOTS 4
#define DR7_ENABLED(dr7, slot) ((dr7) >> (slot) * 2 & 3)
#define DR7_KIND(dr7, slot)    ((dr7) >> (16 + (slot) * 4) & 15)
#define DR6_SINGLE_STEP 0x4000

/* -1: the host refuses. */
static int open_event(int linux_tid, unsigned int slot, uint64_t address, unsigned int kind)
{
    static const uint32_t types[] = { HW_BREAKPOINT_X, HW_BREAKPOINT_W, 0, HW_BREAKPOINT_RW };
    static const uint32_t lengths[] = { HW_BREAKPOINT_LEN_1, HW_BREAKPOINT_LEN_2, HW_BREAKPOINT_LEN_8, HW_BREAKPOINT_LEN_4 };
    struct perf_event_attr attr = { .type = PERF_TYPE_BREAKPOINT, .size = sizeof(attr), .sample_period = 1 };

    attr.bp_type = types[kind & 3];
    attr.bp_addr = address;
    attr.bp_len = attr.bp_type == HW_BREAKPOINT_X ? sizeof(long) : lengths[kind >> 2];
    attr.exclude_kernel = attr.exclude_hv = attr.remove_on_exec = attr.sigtrap = 1;
    attr.sig_data = slot;
    if (!attr.bp_type)                  /* input and output ports */
        return -1;
    return (int)syscall(SYS_perf_event_open, &attr, linux_tid, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static void close_events(struct debug_registers *dr)
{
    unsigned int i;

    for (i = 0; i < SLOTS; i++)
        if (dr->event[i])
            close(dr->event[i] - 1);
    memset(dr->event, 0, sizeof(dr->event));
}

static bool open_events(int linux_tid, struct debug_registers *dr)
{
    unsigned int i;
    int fd;

    for (i = 0; i < SLOTS; i++)
    {
        if (!DR7_ENABLED(dr->control, i))
            continue;
        if ((fd = open_event(linux_tid, i, dr->address[i], DR7_KIND(dr->control, i))) < 0)
        {
            close_events(dr);
            return false;
        }
        dr->event[i] = fd + 1;
    }
    return true;
}

NTSTATUS breakpoints_set(struct thread *thread, const CONTEXT *context)
{
    struct debug_registers wanted = { { context->Dr0, context->Dr1, context->Dr2, context->Dr3 }, context->Dr6, context->Dr7,
                                      { 0 } };
    struct debug_registers *dr = &thread->debug;

    if (!memcmp(wanted.address, dr->address, sizeof(dr->address)) && wanted.control == dr->control)
    {
        dr->status = wanted.status;
        return STATUS_SUCCESS;
    }
    close_events(dr);                   /* first: the processor has just as many as Windows */
    if (!open_events(thread->linux_tid, &wanted))
    {
        if (!open_events(thread->linux_tid, dr))        /* somebody else took them in between */
            dr->control = 0;
        return STATUS_NOT_SUPPORTED;
    }
    *dr = wanted;
    return STATUS_SUCCESS;
}

void breakpoints_get(const struct thread *thread, CONTEXT *context)
{
    const struct debug_registers *dr = &thread->debug;

    context->Dr0 = dr->address[0];
    context->Dr1 = dr->address[1];
    context->Dr2 = dr->address[2];
    context->Dr3 = dr->address[3];
    context->Dr6 = dr->status;
    context->Dr7 = dr->control;
}

void breakpoints_free(struct thread *thread)
{
    close_events(&thread->debug);
    memset(&thread->debug, 0, sizeof(thread->debug));
}

void breakpoint_hit(struct thread *thread, int signal, const siginfo_t *info)
{
    if (signal == SIGTRAP && info->si_code == TRAP_TRACE)
        thread->debug.status = DR6_SINGLE_STEP;
    else if (signal == SIGTRAP && info->si_code == TRAP_PERF)   /* si_perf_data follows si_addr; older headers lack it */
        thread->debug.status = (uint64_t)1 << (*(const uint64_t *)(&info->si_addr + 1) & 3);
}
