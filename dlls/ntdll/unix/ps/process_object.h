/* The process as an object, for handles and waits. */
#pragma once

#include "ob/object.h"

struct process_object
{
    struct object header;
    struct cell  *cell;         /* set when it has ended */
    uint32_t      id;
    uint32_t      exit_status;  /* STATUS_PENDING while it runs */
    uint64_t      create_time;
    uint64_t      affinity;
    uint64_t      min_working_set, max_working_set;
    uint32_t      working_set_flags;    /* QUOTA_LIMITS_HARDWS_x */
    uint32_t      priority_class;       /* PROCESS_PRIORITY_CLASS_x */
    bool          no_boost;
    uint32_t      error_mode;
    uint32_t      io_priority, page_priority;
};

extern struct process_object *current_process;
NTSTATUS process_object_init(void);

/* The priority that relative priority 0 means in the process's class. */
int process_base_priority(void);
