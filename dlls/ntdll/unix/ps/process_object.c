/* The process as an object, and its end. */
#include <stdio.h>
#include <unistd.h>
#include "nt/nt.h"
#include "ob/cell.h"
#include "ps/cpu.h"
#include "ps/process.h"
#include "io/console.h"
#include "ps/process_object.h"
#include "ps/thread.h"
#include "ps/times.h"

struct process_object *current_process;

static void process_destroy(struct object *header)
{
    struct process_object *process = (struct process_object *)header;

    cell_free(process->cell);
    free(process);
}

static struct cell *process_wait_cell(struct object *header)
{
    return ((struct process_object *)header)->cell;
}

const struct object_type process_type =
{
    .name = "Process",
    .mapping = { STANDARD_RIGHTS_READ | PROCESS_VM_READ | PROCESS_QUERY_INFORMATION,
                 STANDARD_RIGHTS_WRITE | PROCESS_SUSPEND_RESUME | PROCESS_SET_INFORMATION | PROCESS_SET_QUOTA |
                     PROCESS_CREATE_PROCESS | PROCESS_DUP_HANDLE | PROCESS_VM_WRITE | PROCESS_VM_OPERATION |
                     PROCESS_CREATE_THREAD,
                 STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE | PROCESS_TERMINATE | PROCESS_QUERY_LIMITED_INFORMATION,
                 PROCESS_ALL_ACCESS },
    .valid_access = PROCESS_ALL_ACCESS,
    .implied = { { PROCESS_QUERY_INFORMATION, PROCESS_QUERY_LIMITED_INFORMATION } },
    .destroy = process_destroy,
    .wait_cell = process_wait_cell,
};

NTSTATUS process_object_init(void)
{
    struct process_object *process = object_alloc(&process_type, sizeof(*process));

    if (!process || !(process->cell = cell_alloc(CELL_MANUAL, 0, 0)))
        return STATUS_NO_MEMORY;
    process->id = process_id;
    process->exit_status = STATUS_PENDING;
    process->create_time = (uint64_t)system_time();
    process->affinity = cpu_mask();
    process->priority_class = PROCESS_PRIOCLASS_NORMAL;
    process->min_working_set = 50 * 4096;       /* Windows' defaults */
    process->max_working_set = 345 * 4096;
    process->working_set_flags = QUOTA_LIMITS_HARDWS_MIN_DISABLE | QUOTA_LIMITS_HARDWS_MAX_DISABLE;
    process->io_priority = 2;
    process->page_priority = 5;
    current_process = process;
    return STATUS_SUCCESS;
}

int process_base_priority(void)
{
    switch (current_process->priority_class)
    {
    case PROCESS_PRIOCLASS_IDLE: return 4;
    case PROCESS_PRIOCLASS_BELOW_NORMAL: return 6;
    case PROCESS_PRIOCLASS_ABOVE_NORMAL: return 10;
    case PROCESS_PRIOCLASS_HIGH: return 13;
    case PROCESS_PRIOCLASS_REALTIME: return 24;
    default: return 8;
    }
}

struct object *process_current_object(void)
{
    return &current_process->header;
}

void process_exit_status(uint32_t code, int host_status)
{
    static uint32_t exiting;

    if (__atomic_exchange_n(&exiting, 1, __ATOMIC_SEQ_CST))
        for (;;)                        /* another thread is at it, or this one crashed in it */
            host_status < 128 ? pause() : (_exit(host_status), 0);
    current_process->exit_status = code;
    if (host_status < 128)
        handle_close_all();
    console_restore();
    _exit(host_status);
}

void process_exit(uint32_t code)
{
    process_exit_status(code, process_host_status(code));
}
