/* ORIEL_TRACE: one line per Nt call on stderr, in the manner of strace.
 *
 * The name table is the system call table itself; families are prefixes of names. Arguments are shown as the call
 * gets them, in hex, without the zeros that say nothing.
 */
#include <stdio.h>
#include <unistd.h>
#include "nt/nt.h"
#include "dispatch.h"
#include "ps/trace.h"

bool trace_enabled;

void trace_init(void)
{
    const char *list = getenv("ORIEL_TRACE");

    trace_enabled = list && *list;
}

#define MAX_ARGS 20

uint64_t syscall_traced(uint32_t number, const uint64_t *registers, const void *user_rsp)
{
    const struct syscall_entry *entry = &syscall_entries[number];
    uint64_t args[MAX_ARGS] = { 0 };
    char line[1024];
    NTSTATUS status;
    unsigned int i;
    int n;

    if (number >= syscall_count)
    {
        n = snprintf(line, sizeof(line), "[%u] call %u = 0x%08x\n", thread_self->tid, number,
                     (uint32_t)STATUS_INVALID_SYSTEM_SERVICE);
        return write(2, line, (size_t)n) < 0 ? STATUS_INVALID_SYSTEM_SERVICE : STATUS_INVALID_SYSTEM_SERVICE;
    }
    memcpy(args, registers, 4 * sizeof(args[0]));
    if (entry->args > 4 && (status = user_read(args + 4, (const char *)user_rsp + 0x28, (entry->args - 4) * sizeof(args[0]))))
        return (uint32_t)status;
    status = syscall_invoke(entry->handler, args, entry->args);
    n = snprintf(line, sizeof(line), "[%u] %s(", thread_self->tid, entry->name);
    for (i = 0; i < entry->args; i++)
        n += snprintf(line + n, sizeof(line) - (size_t)n, "%s0x%llx", i ? ", " : "", (unsigned long long)args[i]);
    n += snprintf(line + n, sizeof(line) - (size_t)n, ") = 0x%08x\n", (uint32_t)status);
    if (write(2, line, (size_t)n) < 0)
        return (uint32_t)status;
    return (uint32_t)status;
}
