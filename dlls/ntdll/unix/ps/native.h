/* Programs of the host as children of Windows programs: executables in ELF, scripts with "#!" (doc/processes.md).
 *
 * Three processes: the *deputy*, an ordinary process of ours without Windows code, which is what handles, waits, jobs and
 * exit codes are about (native.c); its child, the *keeper*, which copies between our pipes and the host's, passes signals
 * on, and may outlive the deputy (native_keeper.c); and the keeper's child, the program itself.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>
#include "nt/nt.h"

/* Is the file such a program, and may it be run? STATUS_SUCCESS; STATUS_INVALID_IMAGE_NOT_MZ: it is none;
 * STATUS_ACCESS_DENIED: it has no execute permission; STATUS_INVALID_IMAGE_FORMAT: it is for another processor. */
NTSTATUS native_check(const char *program);

/* What others are told of its image. */
void native_image_info(SECTION_IMAGE_INFORMATION *info);

extern bool process_is_native;          /* this process is a deputy */

/* The deputy's first thread, when it would begin with Windows code. */
void native_run(void) __attribute__((noreturn));

/* ---- strings for exec (native_arguments.c) -------------------------------------------------------------------- */

struct native_strings           /* NUL-terminated, one after the other */
{
    char  *text;
    size_t size, room;
    uint32_t count;
    bool   failed;              /* no memory */
};

/* A Windows command line, split as a C runtime does. An argv[0] with a folder is replaced by program. */
void native_arguments(struct native_strings *out, const WCHAR *line, size_t length, const char *program);

/* An environment block: PATH and the variables that name one folder become the host's. */
void native_environment(struct native_strings *out, const WCHAR *block, size_t length);

/* ---- the deputy and its keeper ---------------------------------------------------------------------------------- */

enum native_kind { NATIVE_NULL, NATIVE_FD, NATIVE_PIPE, NATIVE_AS_OUTPUT };

struct native_std
{
    uint32_t kind;
    int32_t  fd;                /* NATIVE_PIPE: the socket that tells of the other end */
    int32_t  memfd, bell;       /* NATIVE_PIPE: of its queues (io/pipe_link.h) */
    uint32_t is_server, has_messages;
};

#define NATIVE_MAGIC 0x564e524fu        /* "ORNV" */

struct native_block                     /* a memfd; then program, arguments, environment */
{
    uint32_t magic;
    int32_t  control, process_block;    /* fds */
    uint32_t ignore_interrupt;
    struct native_std std[3];
    uint32_t argument_count, variable_count;
    uint64_t program_size, arguments_size, environment_size;
};

enum native_message_kind
{
    NATIVE_FAILED,              /* keeper: it could not be started; value: errno */
    NATIVE_EXITED,              /* keeper: it has ended; value: the exit code */
    NATIVE_SIGNAL,              /* deputy: value is for the program */
    NATIVE_GOODBYE,             /* deputy: it ends, too. With two fds for each job: the pipe of its handles, its page */
};

struct native_message
{
    uint32_t kind;
    int32_t  value;
    uint64_t user_time, kernel_time;    /* NATIVE_EXITED */
};

#define KEEPER_THREAD_NAME "oriel-keeper"

/* oriel --keep=FD: FD is that of the block. */
int native_keep(int fd);

/* ---- pumps (native_pump.c) ---------------------------------------------------------------------------------------- */

struct native_pump
{
    struct pipe_link *link;     /* NULL: it is done */
    int      alive;             /* hung up: the other end is gone */
    int      fd;                /* our end of the program's pipe, non-blocking */
    bool     output;            /* of the program */
    bool     is_server, has_messages;
    bool     waits_for_fd;      /* else for the other end */
    bool     again;             /* for nothing: it has been busy for long enough */
    size_t   start, end;        /* what is in the buffer */
    int64_t  drain;             /* bytes that the program has left behind and that are still to go out */
    bool     has_put;
    uint64_t last;              /* the last entry that was put in */
    char     buffer[65536];
};

/* Does what can be done without waiting. */
void native_pump_run(struct native_pump *pump);
void native_pump_end(struct native_pump *pump);
