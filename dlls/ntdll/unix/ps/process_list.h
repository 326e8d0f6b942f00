/* The processes of this user that run Windows programs. */
#pragma once

#include <stdbool.h>
#include "ps/process_block.h"

/* All but the calling one; each returns whether to go on. */
void processes_list(bool (*each)(int linux_pid, const struct process_block *block, void *arg), void *arg);

/* The process of a thread that is not ours, by its Windows id: thread ids are unique in the system. 0: there is none. */
int process_of_thread(uint32_t tid);

/* False: it is not one of them. */
bool process_listed(int linux_pid, struct process_block *block);

struct thread_listed
{
    int      linux_tid;
    bool     running;
    uint64_t user_time, kernel_time, create_time;       /* 100 ns */
    uint64_t teb, start, stack_base, stack_limit;       /* 0: not known */
};

/* The threads of one of them that run Windows code. */
void process_threads_list(int linux_pid, const struct process_block *block,
                          bool (*each)(const struct thread_listed *thread, void *arg), void *arg);
