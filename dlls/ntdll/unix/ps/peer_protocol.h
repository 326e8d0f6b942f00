/* What one Oriel process asks of another, on a socket between them.
 *
 * The socket is SOCK_SEQPACKET: a message arrives whole or not at all. A request is one struct peer_message, some data
 * behind it and some file descriptors beside it, as many of each as its operation takes; it gets one reply of the same
 * shape, and the next request is sent after that. Both ends are the same executable as a rule, but neither believes
 * it: a message is as the receiver's table says or is refused, and arguments are checked like those of an Nt call.
 */
#pragma once

#include <stdint.h>

#define PEER_MAGIC 0x324c524fu          /* "ORL2": goes up when a structure here changes */
#define PEER_DATA_MAX 0x10000u          /* bytes behind a message */
#define PEER_FDS_MAX 25u                /* a file, and all the jobs that a process can be in (ps/job.h) */

enum peer_operation
{
    PEER_ALLOCATE, PEER_FREE, PEER_PROTECT, PEER_QUERY, PEER_LOCK, PEER_UNLOCK, PEER_FLUSH, PEER_PREFETCH,
    PEER_MAP, PEER_UNMAP, PEER_WATCH, PEER_READ, PEER_WRITE,
    PEER_THREAD_CREATE, PEER_THREAD_OPEN, PEER_THREAD_NEXT, PEER_THREAD_SUSPEND, PEER_THREAD_RESUME,
    PEER_THREAD_TERMINATE, PEER_THREAD_ALERT, PEER_THREAD_QUERY, PEER_THREAD_SET, PEER_CONTEXT_GET, PEER_CONTEXT_SET, PEER_APC,
    PEER_PROCESS_QUERY, PEER_PROCESS_SET, PEER_HANDLE_GET, PEER_HANDLE_PUT, PEER_HANDLE_CLOSE, PEER_JOB_JOIN,
    PEER_JOB_FIND,
    PEER_SPAWN,
    PEER_DEBUG_ATTACH, PEER_DEBUG_DETACH, PEER_DEBUG_CONTINUE, PEER_DEBUG_SET,
    PEER_OPERATIONS
};

struct peer_range { uint64_t base, size; };

struct peer_section                     /* struct vm_section_description, its files go along */
{
    uint64_t size, state_offset;
    uint32_t protect, attributes, node;
    uint8_t  is_file, is_image, file_writable, fills;
};

/* Flags of PEER_SPAWN. */
#define PEER_SPAWN_INHERIT   1u
#define PEER_SPAWN_STD       2u
#define PEER_SPAWN_LIST      4u
#define PEER_SPAWN_BREAKAWAY 8u

struct peer_message
{
    uint32_t magic;
    uint32_t operation;
    int32_t  status;                    /* of a reply; 0 in a request */
    uint32_t data_size;                 /* bytes behind this structure */
    union
    {
        struct { struct peer_range range; uint64_t lowest, highest, alignment; uint32_t type, protect, node; } allocate;
        struct { struct peer_range range; uint32_t type; } free;
        struct { struct peer_range range; uint32_t protect, old; } protect;
        struct peer_range range;        /* lock, unlock, flush, prefetch */
        struct { uint64_t address, length, returned; uint32_t class; } query;
        struct
        {
            struct peer_section section;
            uint64_t base, size, offset, commit_size, lowest, highest, alignment;
            uint32_t type, protect, inherit, node;
        } map;
        struct { uint64_t address; uint32_t flags; } unmap;
        struct { struct peer_range range; uint64_t count; uint32_t flags; } watch;     /* 1: reset; 2: nothing else */
        struct { struct peer_range range; uint64_t done; } copy;
        struct { uint64_t start, parameter, zero_bits, commit, reserve, teb; uint32_t flags, tid; } create;
        struct { uint32_t tid, value; uint64_t more; } thread;         /* value: count, exit status, class */
        struct { uint32_t class, size; } information;
        struct { uint32_t tid; uint64_t routine, args[3]; } apc;
        struct { uint64_t handle; uint32_t access, attributes, options, type, granted; } handle;
        struct { uint32_t flags, linux_pid, joins; } spawn;      /* joins: struct job_set */
        struct { uint64_t id; uint32_t joins; } job;
        struct { uint32_t tid, status, flags; } debug;
        uint64_t size[32];              /* room to grow without another magic */
    };
};
_Static_assert(sizeof(struct peer_message) == 16 + 256, "peer_message");
