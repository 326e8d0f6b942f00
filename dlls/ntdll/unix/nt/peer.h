/* The answers to other processes; nt/peer.c lists them. Each checks all that came. */
#pragma once

#include "ps/peer.h"

NTSTATUS peer_allocate(struct peer_io *io);
NTSTATUS peer_free(struct peer_io *io);
NTSTATUS peer_protect(struct peer_io *io);
NTSTATUS peer_lock(struct peer_io *io);
NTSTATUS peer_unlock(struct peer_io *io);
NTSTATUS peer_flush(struct peer_io *io);
NTSTATUS peer_prefetch(struct peer_io *io);
NTSTATUS peer_map(struct peer_io *io);
NTSTATUS peer_unmap(struct peer_io *io);
NTSTATUS peer_watch(struct peer_io *io);
NTSTATUS peer_query(struct peer_io *io);
NTSTATUS peer_read(struct peer_io *io);
NTSTATUS peer_write(struct peer_io *io);

NTSTATUS peer_process_query(struct peer_io *io);
NTSTATUS peer_process_set(struct peer_io *io);

NTSTATUS peer_handle_get(struct peer_io *io);
NTSTATUS peer_handle_put(struct peer_io *io);
NTSTATUS peer_handle_close(struct peer_io *io);

NTSTATUS peer_spawn(struct peer_io *io);

NTSTATUS peer_debug_attach(struct peer_io *io);
NTSTATUS peer_debug_detach(struct peer_io *io);
NTSTATUS peer_debug_continue(struct peer_io *io);
NTSTATUS peer_debug_set(struct peer_io *io);
NTSTATUS peer_job_join(struct peer_io *io);
NTSTATUS peer_job_find(struct peer_io *io);

NTSTATUS peer_thread_create(struct peer_io *io);
NTSTATUS peer_thread_open(struct peer_io *io);
NTSTATUS peer_thread_next(struct peer_io *io);
NTSTATUS peer_thread(struct peer_io *io);       /* whatever is done to a given one */
