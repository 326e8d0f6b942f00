/* What a process tells its child at birth: the start block.
 *
 * The creator makes a socket pair and starts this executable with --child=FD. On the socket come
 *     struct start_hello with three fds: the process block, a memfd that holds the start block, and the pipe through which
 *     the initial thread tells its end,
 *     then as many messages of one byte as it takes to bring the fds of the handles,
 * and struct start_result goes back, before the program's first instruction. From then on the socket carries requests
 * to the child's control thread (ps/peer.h).
 */
#pragma once

#include "nt/nt.h"
#include "ob/object.h"
#include "ps/job.h"

#define START_MAGIC   0x5452544fu       /* "OTRT": goes up when a structure here changes */
#define START_FDS     128               /* in one message; the kernel takes up to 253 */

struct start_hello { uint32_t magic, fd_count; uint64_t size; };
struct start_result { uint32_t magic; int32_t status; };

enum start_string { START_FOLDER, START_DLLS, START_IMAGE, START_COMMAND, START_TITLE, START_DESKTOP, START_SHELL,
                    START_RUNTIME, START_STRINGS };

#define START_SUSPENDED 1
#define START_NO_OUTPUT 2               /* standard handles that it has not lead nowhere */
#define START_CHILDLESS 4               /* may not create processes: PROC_THREAD_ATTRIBUTE_CHILD_PROCESS_POLICY */
#define START_NATIVE    8               /* a program of the host (ps/native.h) */
#define START_NEW_CONSOLE 16            /* not that of its creator */
#define START_NO_CONSOLE 32

struct start_block                      /* then: program, strings, environment, handles; each at a multiple of 8 */
{
    uint32_t magic, flags;
    uint32_t program_size;              /* Unix path, with NUL */
    uint32_t handle_count;
    uint32_t string_size[START_STRINGS];/* bytes, without NUL */
    uint64_t environment_size;
    uint64_t handles_size;
    uint64_t std[3];
    uint32_t scalars[9];                /* dwX ... wShowWindow */
    uint32_t process_group;             /* 0: it is the first of its own */
    uint32_t console_flags;             /* 1: Ctrl-C is nothing to it */
    uint32_t error_mode, priority_class;
    uint64_t affinity;                  /* 0: as it comes */
    uint32_t console;                   /* that of the creator; process_spawn() fills it in */
    uint32_t reserved[5];
};

struct start_handle                     /* then its data */
{
    uint64_t value;                     /* 0: no handle, but a job, access 1: that the process is in from its birth, */
    uint32_t access, attributes;        /* 0: that such a one is within; or the token that it has */
    uint32_t same;                      /* ~0, or the number of an earlier one: another handle on that object */
    uint32_t type, fd_count, size;      /* of its transfer; type START_ABSENT: it could not go, and nobody is to get its value */
};
#define START_ABSENT ~0u

/* ---- the creator (spawn.c) -------------------------------------------------------------------------------- */

struct spawn
{
    const char *program;                /* absolute Unix path */
    struct start_block block;           /* all but the sizes of handles */
    void       *strings[START_STRINGS];
    void       *environment;
    bool        inherit;                /* all handles with OBJ_INHERIT, or */
    const HANDLE *list;                 /* these alone */
    size_t      list_count;
    bool        std;                    /* the three standard handles whatever their attributes */
    struct job_set jobs;                /* that the child is in */
};

struct process_object;
/* thread_pipe: what the initial thread tells its end through. */
NTSTATUS process_spawn(struct spawn *spawn, struct process_object **process, int *thread_pipe);

/* Writes all of it, or returns false. */
bool block_append(int fd, const void *data, size_t size);

/* All of it but the jobs as a memfd, for a process that is to be the parent in our place, with the list of handles for the
 * handles themselves. -1: no memory. */
int spawn_pack(struct spawn *spawn);

/* ---- the child (start_child.c) -------------------------------------------------------------------------------- */

/* Is everything where the sizes say? Then this is where: a string, START_STRINGS: the environment, one more: the handles. */
bool start_block_fits(const struct start_block *block, uint64_t size);
char *start_block_part(struct start_block *block, int number);

/* Everything that came; program is the Unix path. Says on stderr why it cannot. */
struct start_block *start_receive(int socket, const char **program);

/* After the objects of this process are there: the handles, at their values. */
NTSTATUS start_handles(struct start_block *block);
NTSTATUS start_parameters(struct start_block *block, RTL_USER_PROCESS_PARAMETERS **parameters);

/* The end of the pipe that the initial thread writes to; -1: nobody wants to know. */
extern int start_thread_pipe;

/* The end of the beginning: the creator's wait ends. */
void start_tell(NTSTATUS status);
