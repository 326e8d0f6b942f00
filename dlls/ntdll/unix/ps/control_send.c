/* Console control events for other processes: which share a console is told by their blocks.
 *
 * Windows' consoles know their processes. Here the first process of a family, which a shell started, stands for the console:
 * its children have it, too, unless they were to have a new one or none. An event is the signal that a terminal would send,
 * so a program without handlers is ended by it. SIGQUIT would leave a core file behind: who does not listen is terminated.
 */
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "nt/nt.h"
#include "wincon.h"
#include "ps/control_event.h"
#include "ps/process.h"
#include "ps/process_list.h"
#include "ps/process_object.h"

struct sending
{
    uint32_t event, console, group;
    bool found;
};

static bool is_meant(const struct sending *sending, const struct process_block *block)
{
    return block->console == sending->console && (!sending->group || block->console_group == sending->group);
}

static void end_process(int linux_pid)
{
    struct process_object *process;

    if (process_open_other(linux_pid, &process))
        return;
    process_kill(process, (uint32_t)STATUS_CONTROL_C_EXIT);
    object_unref(&process->header);
}

/* Looked at again when its number cannot become somebody else's any more. */
static bool send_to(int linux_pid, const struct process_block *block, void *arg)
{
    struct sending *sending = arg;
    struct process_block again;
    int pidfd;

    if (!is_meant(sending, block) || (pidfd = (int)syscall(SYS_pidfd_open, linux_pid, 0)) < 0)
        return true;
    if (process_listed(linux_pid, &again) && is_meant(sending, &again) && again.create_time == block->create_time)
    {
        sending->found = true;
        if (sending->event == CTRL_C_EVENT || again.control_events)
            syscall(SYS_pidfd_send_signal, pidfd, sending->event == CTRL_C_EVENT ? SIGINT : SIGQUIT, NULL, 0);
        else
            end_process(linux_pid);
    }
    close(pidfd);
    return true;
}

NTSTATUS control_event_send(uint32_t event, uint32_t group)
{
    struct sending sending = { event, current_process->block->console, group, false };

    if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT)
        return STATUS_INVALID_PARAMETER;
    if (!sending.console)
        return STATUS_INVALID_HANDLE;
    processes_list(send_to, &sending);
    if (is_meant(&sending, current_process->block))     /* at last: it may be the end of us */
    {
        sending.found = true;
        kill(getpid(), event == CTRL_C_EVENT ? SIGINT : SIGQUIT);
    }
    return sending.found ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}
