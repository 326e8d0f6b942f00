/* Answers to other processes about this one (nt/remote_process.c asks). Only what has one size and no pointers or
 * handles in it, for they would mean nothing here. */
#include "nt/peer.h"
#include "ob/object.h"
#include "oriel/control.h"

NTSTATUS nt_query_information_process(HANDLE, PROCESSINFOCLASS, void *, ULONG, ULONG *);
NTSTATUS nt_set_information_process(HANDLE, PROCESSINFOCLASS, const void *, ULONG);

NTSTATUS peer_process_query(struct peer_io *io)
{
    uint32_t size = io->message.information.size;
    NTSTATUS status;

    if (size > io->reply_room) return STATUS_INVALID_PARAMETER;
    switch ((int)io->message.information.class)
    {
    case ProcessImageFileName:          /* strings, which point into the buffer */
    case ProcessImageFileNameWin32:
    case ProcessOrielDesktop:           /* handles */
    case ProcessDebugObjectHandle:
        return STATUS_NOT_SUPPORTED;
    }
    memset(io->reply, 0, size);
    status = nt_query_information_process(CURRENT_PROCESS_HANDLE, io->message.information.class, io->reply, size, NULL);
    if (!status) io->reply_size = size;
    return status;
}

NTSTATUS peer_process_set(struct peer_io *io)
{
    switch ((int)io->message.information.class)
    {
    case ProcessAccessToken:            /* handles and addresses */
    case ProcessInstrumentationCallback:
    case ProcessOrielControlRoutine:
    case ProcessOrielConsole:
        return STATUS_NOT_SUPPORTED;
    }
    return nt_set_information_process(CURRENT_PROCESS_HANDLE, io->message.information.class, io->data, io->message.data_size);
}
