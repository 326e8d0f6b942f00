/* Linux signals of the terminal and of who wants us to end, as console control events.
 *
 * A program that has no handler is ended by the signal itself, so nothing of this exists until kernelbase asks for it
 * (include/oriel/control.h). Then a handler passes the signal's number through a pipe to a helper thread, which can do
 * what a handler cannot: make a Windows thread. Where Windows ends the process after the event in any case (close), or
 * the routine says so (exit code STATUS_CONTROL_C_EXIT), the signal ends us as it would have.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#include "nt/nt.h"
#include "ob/cell.h"
#include "ps/control_event.h"
#include "nt/thread.h"
#include "wincon.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/thread.h"

#define CLOSE_PATIENCE_MS 5000          /* as long as Windows waits for a handler of CTRL_CLOSE_EVENT */

static const struct { int signal; uint32_t event; } events[] =
{
    { SIGINT, CTRL_C_EVENT }, { SIGQUIT, CTRL_BREAK_EVENT }, { SIGTERM, CTRL_CLOSE_EVENT }, { SIGHUP, CTRL_CLOSE_EVENT },
};

static uint64_t control_routine;
static int queue[2] = { -1, -1 };
static volatile int last_signal = SIGINT;
static bool ignored_at_birth;           /* because the creator said so: no reason to ignore it for ever */

static void note_signal(int signal)
{
    int saved_errno = errno;
    unsigned char number = (unsigned char)signal;

    if (write(queue[1], &number, 1) < 0)        /* full: there are enough of them */
        errno = 0;
    errno = saved_errno;
}

static uint32_t event_of(int signal)
{
    size_t i;

    for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        if (events[i].signal == signal)
            return events[i].event;
    return CTRL_CLOSE_EVENT;
}

static void *deliver(void *arg)
{
    unsigned char number;

    for (;;)
    {
        struct thread_create create = { .start = control_routine };
        struct thread_object *object;
        uint32_t event;

        if (read(queue[0], &number, 1) != 1)
        {
            if (errno == EINTR)
                continue;
            return arg;
        }
        last_signal = number;
        event = event_of(number);
        create.parameter = event;
        if (thread_make(&create, 0, 0, NULL, &object))
            process_exit_signal(number);
        if (event == CTRL_CLOSE_EVENT)
        {
            cell_wait(&object->cell, 1, false, false, monotonic_now() + CLOSE_PATIENCE_MS * 1000000ull);
            process_exit_signal(number);
        }
        object_unref(&object->header);
    }
}

int control_event_signal(void)
{
    return last_signal;
}

void control_events_ignore(void)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };

    ignored_at_birth = true;
    sigaction(SIGINT, &ignore, NULL);
}

NTSTATUS control_events_enable(uint64_t routine)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct sigaction action = { .sa_handler = note_signal, .sa_flags = SA_RESTART | SA_ONSTACK }, old;
    NTSTATUS status = STATUS_SUCCESS;
    size_t i;

    pthread_mutex_lock(&lock);
    if (!control_routine)
    {
        control_routine = routine;
        if (pipe2(queue, O_CLOEXEC) || fcntl(queue[1], F_SETFL, O_NONBLOCK) || !helper_thread_start(deliver, NULL))
        {
            control_routine = 0;
            status = STATUS_INSUFFICIENT_RESOURCES;
        }
        else
            for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
            {
                /* What our parent ignores (nohup) stays ignored. */
                sigaction(events[i].signal, NULL, &old);
                if (old.sa_handler != SIG_IGN || (events[i].signal == SIGINT && ignored_at_birth))
                    sigaction(events[i].signal, &action, NULL);
            }
        if (control_routine)
            __atomic_store_n(&current_process->block->control_events, 1, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&lock);
    return status;
}
