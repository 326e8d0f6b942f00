/* Answers to our debugger (nt/debug_process.c asks). */
#include "nt/peer.h"
#include "ps/debug_protocol.h"
#include "ps/debuggee.h"
#include "ps/native.h"

NTSTATUS peer_debug_attach(struct peer_io *io)
{
    NTSTATUS status;

    if (process_is_native) return STATUS_NOT_SUPPORTED;
    if (io->message.debug.flags & ~DEBUGGEE_FLAGS) return STATUS_INVALID_PARAMETER;
    if (!(status = debuggee_attach(io->fds[0], io->message.debug.flags))) io->fd_count = 0;     /* it is in use now */
    return status;
}

NTSTATUS peer_debug_detach(struct peer_io *io)
{
    (void)io;
    return debuggee_detach();
}

NTSTATUS peer_debug_continue(struct peer_io *io)
{
    return debuggee_continue(io->message.debug.tid, io->message.debug.status);
}

NTSTATUS peer_debug_set(struct peer_io *io)
{
    if (io->message.debug.flags & ~DEBUGGEE_FLAGS) return STATUS_INVALID_PARAMETER;
    debuggee_set_flags(io->message.debug.flags);
    return STATUS_SUCCESS;
}
