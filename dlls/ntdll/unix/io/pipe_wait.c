/* FSCTL_PIPE_WAIT: until an instance of a name listens, in this process or another. */
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "io/ntfile.h"
#include "io/pipe.h"
#include "io/pipe_meet.h"
#include "ob/cell.h"
#include "ps/thread.h"

/* Other processes do not tell when an instance of theirs begins to listen: they are asked again, soon at first, for most
 * servers are busy for a moment only. The longest slice is also how soon the end of the thread is noticed. */
#define FIRST_SLICE_NS 100000
#define SLICE_NS       10000000

static uint32_t listen_sequence;        /* futex: changes when an instance begins to listen */

void pipe_listening(void)
{
    __atomic_add_fetch(&listen_sequence, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &listen_sequence, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

/* STATUS_PENDING: there are instances, and none listens. */
static NTSTATUS look(const WCHAR *name, size_t length, int64_t *timeout)
{
    NTSTATUS status = STATUS_OBJECT_NAME_NOT_FOUND, asked;
    struct pipe_reply others;
    struct pipe_name *pipe;

    pthread_mutex_lock(&pipe_lock);
    if ((pipe = pipe_find_name_locked(name, length)))
    {
        *timeout = pipe->timeout;
        status = pipe_find_listening_locked(pipe) ? STATUS_SUCCESS : STATUS_PENDING;
    }
    pthread_mutex_unlock(&pipe_lock);
    if (!status) return status;
    asked = pipe_look(name, length, &others);
    if (asked || !others.instances) return asked ? asked : status;
    if (status == STATUS_OBJECT_NAME_NOT_FOUND) *timeout = others.timeout;
    return others.listening ? STATUS_SUCCESS : STATUS_PENDING;
}

NTSTATUS pipe_wait_for_instance(struct io *io)
{
    FILE_PIPE_WAIT_FOR_BUFFER wait;
    const size_t fixed = offsetof(FILE_PIPE_WAIT_FOR_BUFFER, Name);
    struct timespec slice = { 0, FIRST_SLICE_NS };
    bool have_deadline = false;
    uint64_t deadline = 0;
    WCHAR *name;
    NTSTATUS status;

    if (io->in_length < fixed) return STATUS_INVALID_PARAMETER;
    if ((status = user_read(&wait, io->in, fixed))) return status;
    if (wait.NameLength > io->in_length - fixed || (wait.NameLength & 1)) return STATUS_INVALID_PARAMETER;
    if (!(name = malloc(wait.NameLength + 1))) return STATUS_NO_MEMORY;
    status = user_read(name, (const char *)io->in + fixed, wait.NameLength);
    while (!status)
    {
        uint32_t sequence = __atomic_load_n(&listen_sequence, __ATOMIC_SEQ_CST);
        LARGE_INTEGER timeout;

        if ((status = look(name, wait.NameLength / sizeof(WCHAR), &timeout.QuadPart)) != STATUS_PENDING) break;
        if (!have_deadline)
        {
            if (wait.TimeoutSpecified) timeout = wait.Timeout;
            deadline = deadline_from_timeout(&timeout);
            have_deadline = true;
        }
        if (monotonic_now() >= deadline) status = STATUS_IO_TIMEOUT;
        else if (!(status = thread_check_alert(false)))
            syscall(SYS_futex, &listen_sequence, FUTEX_WAIT_PRIVATE, sequence, &slice, NULL, 0);
        if (slice.tv_nsec < SLICE_NS / 2) slice.tv_nsec *= 2;
        else slice.tv_nsec = SLICE_NS;
    }
    free(name);
    return status;
}
