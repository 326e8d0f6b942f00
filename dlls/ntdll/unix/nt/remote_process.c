/* What another process knows of itself (nt/peer_process.c answers). */
#include "nt/remote.h"

NTSTATUS remote_process_query(struct process_object *process, uint32_t class, void *data, uint32_t size)
{
    struct peer_io io = { .message.information = { class, size }, .reply = data, .reply_room = size };
    NTSTATUS status = peer_call(process, PEER_PROCESS_QUERY, &io);

    return !status && io.reply_size != size ? STATUS_REPLY_MESSAGE_MISMATCH : status;
}

NTSTATUS remote_process_set(struct process_object *process, uint32_t class, const void *data, uint32_t size)
{
    struct peer_io io = { .message = { .data_size = size, .information = { class, size } }, .data = data };

    return peer_call(process, PEER_PROCESS_SET, &io);
}
