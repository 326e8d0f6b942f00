/* What ob/ needs of the rest, for its unit tests. */
#pragma once

#include "ps/thread.h"

__thread struct thread *thread_self;
static struct object process = { .type = &process_type, .refs = 1 };
const struct object_type process_type = { .name = "Process", .valid_access = PROCESS_ALL_ACCESS };
const struct object_type thread_type = { .name = "Thread", .valid_access = THREAD_ALL_ACCESS };
const struct object_type job_type = { .name = "Job" }, key_type = { .name = "Key" };

struct object *process_current_object(void) { return &process; }
struct object *thread_current_object(void) { return &process; }
NTSTATUS thread_check_alert(bool alertable) { (void)alertable; return STATUS_SUCCESS; }
NTSTATUS thread_queue_apc(struct thread_object *object, void *routine, uint64_t a, uint64_t b, uint64_t c)
{
    (void)object; (void)routine; (void)a; (void)b; (void)c;
    return STATUS_UNSUCCESSFUL;
}
NTSTATUS user_read(void *to, const void *from, size_t size)
{
    memcpy(to, from, size);
    return STATUS_SUCCESS;
}
