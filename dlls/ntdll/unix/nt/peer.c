/* What other processes may ask of this one. */
#include "nt/peer.h"
#include "ob/transfer.h"

const struct peer_service peer_services[PEER_OPERATIONS] =
{
    [PEER_ALLOCATE] = { peer_allocate, 0, 0, 0 },
    [PEER_FREE]     = { peer_free, 0, 0, 0 },
    [PEER_PROTECT]  = { peer_protect, 0, 0, 0 },
    [PEER_QUERY]    = { peer_query, PEER_DATA_MAX, 0, 0 },
    [PEER_LOCK]     = { peer_lock, 0, 0, 0 },
    [PEER_UNLOCK]   = { peer_unlock, 0, 0, 0 },
    [PEER_FLUSH]    = { peer_flush, 0, 0, 0 },
    [PEER_PREFETCH] = { peer_prefetch, 0, 0, 0 },
    [PEER_MAP]      = { peer_map, 0, 1, 2 },
    [PEER_UNMAP]    = { peer_unmap, 0, 0, 0 },
    [PEER_WATCH]    = { peer_watch, 0, 0, 0 },
    [PEER_READ]     = { peer_read, 0, 0, 0 },
    [PEER_WRITE]    = { peer_write, PEER_DATA_MAX, 0, 0 },

    [PEER_PROCESS_QUERY] = { peer_process_query, 0, 0, 0 },
    [PEER_PROCESS_SET]   = { peer_process_set, PEER_DATA_MAX, 0, 0 },

    [PEER_HANDLE_GET]   = { peer_handle_get, 0, 0, 0 },
    [PEER_HANDLE_PUT]   = { peer_handle_put, TRANSFER_DATA, 0, TRANSFER_FDS },
    [PEER_HANDLE_CLOSE] = { peer_handle_close, 0, 0, 0 },

    [PEER_SPAWN]        = { peer_spawn, 0, 1, PEER_FDS_MAX },

    [PEER_DEBUG_ATTACH]   = { peer_debug_attach, 0, 1, 1 },
    [PEER_DEBUG_DETACH]   = { peer_debug_detach, 0, 0, 0 },
    [PEER_DEBUG_CONTINUE] = { peer_debug_continue, 0, 0, 0 },
    [PEER_DEBUG_SET]      = { peer_debug_set, 0, 0, 0 },
    [PEER_JOB_JOIN]     = { peer_job_join, 0, 3, PEER_FDS_MAX - 1 },
    [PEER_JOB_FIND]     = { peer_job_find, 0, 0, 0 },

    [PEER_THREAD_CREATE]    = { peer_thread_create, 0, 0, 0 },
    [PEER_THREAD_OPEN]      = { peer_thread_open, 0, 0, 0 },
    [PEER_THREAD_NEXT]      = { peer_thread_next, 0, 0, 0 },
    [PEER_THREAD_SUSPEND]   = { peer_thread, 0, 0, 0 },
    [PEER_THREAD_RESUME]    = { peer_thread, 0, 0, 0 },
    [PEER_THREAD_TERMINATE] = { peer_thread, 0, 0, 0 },
    [PEER_THREAD_ALERT]     = { peer_thread, 0, 0, 0 },
    [PEER_THREAD_QUERY]     = { peer_thread, 0, 0, 0 },
    [PEER_THREAD_SET]       = { peer_thread, PEER_DATA_MAX, 0, 0 },
    [PEER_CONTEXT_GET]      = { peer_thread, 0, 0, 0 },
    [PEER_CONTEXT_SET]      = { peer_thread, PEER_DATA_MAX, 0, 0 },
    [PEER_APC]              = { peer_thread, 0, 0, 0 },
};
