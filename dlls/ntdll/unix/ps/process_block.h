/* The process block: one page, shared by a process and all who have a handle on it.
 *
 * A memfd that the parent makes (or the process itself, if a shell started it). Who holds it can read what is left of
 * a process that is dead. Written by the process itself, but for exit_status and state, which somebody who kills it
 * writes before the kill: process_block_end(). Readers believe no number in it that could hurt them.
 */
#pragma once

#include <stdint.h>

#define PROCESS_BLOCK_MAGIC 0x4b4c4250u         /* "PBLK" */
#define PROCESS_BLOCK_SIZE  4096

enum process_block_state
{
    PROCESS_STARTING,                   /* peb, first_thread and the like are not there yet */
    PROCESS_RUNNING,
    PROCESS_ENDED,                      /* exit_status is final; it may still be on its way out */
};

/* What others are told of threads without asking; there may be more threads than room for them. */
struct process_block_thread
{
    uint32_t linux_tid;                 /* atomic, written last; 0: none */
    uint32_t unused;
    uint64_t teb, start;
};
#define PROCESS_BLOCK_THREADS 60

struct process_block
{
    uint32_t magic;
    uint32_t state;                     /* atomic, enum process_block_state */
    uint32_t exit_status;               /* STATUS_PENDING until state is PROCESS_ENDED */
    uint32_t linux_pid;
    uint32_t parent_id;                 /* Windows id of the creator */
    uint32_t first_thread;              /* Windows id of the initial thread */
    uint64_t peb;
    uint64_t first_teb;
    uint64_t image_base;
    uint64_t create_time, exit_time;    /* 100 ns since 1601 */
    uint64_t user_time, kernel_time;    /* once it has ended by itself */
    uint64_t affinity;
    uint32_t base_priority;
    uint32_t priority_class;
    uint32_t answers;                   /* atomic: its control thread runs (ps/peer.h) */
    uint32_t session_id;
    uint8_t  image_info[64];            /* SECTION_IMAGE_INFORMATION */
    uint64_t first_start;               /* where the initial thread starts */
    uint32_t handle_count;
    uint32_t jobs;                      /* how many it is in */
    uint32_t native;                    /* the program is one of the host's (ps/native.h): there is no memory to look at */
    uint32_t console;                   /* Windows id of the process that it began with; 0: it has none */
    uint32_t console_group;             /* of the first process of its group (CREATE_NEW_PROCESS_GROUP) */
    uint32_t control_events;            /* atomic: SIGQUIT is an event for it (ps/control_event.h) */
    uint64_t reserved[29];
    char     image_path[2048];          /* Unix path of the program, NUL-terminated; empty if it is longer */
    struct process_block_thread threads[PROCESS_BLOCK_THREADS];
};
_Static_assert(sizeof(struct process_block) <= PROCESS_BLOCK_SIZE, "process block");
