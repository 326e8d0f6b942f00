/* ORIEL_TRACE: one line per Nt call on stderr, in the manner of strace.
 *
 *     [thread] NtName(arguments) = STATUS <microseconds>
 *
 * The name table is the system call table itself; a call belongs to the first family of which a word is in its name.
 * Arguments are shown as the call gets them, in hex. Who traces pays for it: the other dispatcher knows nothing of this.
 */
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include "nt/nt.h"
#include "dispatch.h"
#include "ps/process.h"
#include "ps/trace.h"

#define MAX_ARGS 20

bool trace_enabled;

static const struct family { const char *name, *words[14]; } families[] =
{
    { "virtual", { "VirtualMemory", "WriteWatch", "UserPhysicalPages", "InstructionCache" } },
    { "section", { "Section", "MappedFilesTheSame" } },
    { "token", { "Token", "Privilege", "AccessCheck" } },
    { "registry", { "Key", "Registry" } },
    { "sync", { "Wait", "Event", "Mutant", "Semaphore", "Timer", "IoCompletion", "Alert", "DelayExecution", "Yield" } },
    { "file", { "File", "Pipe", "EaFile", "Volume", "IoControl", "FsControl" } },
    { "thread", { "Thread", "Continue", "Exception", "ProcessorNumber", "Callback" } },
    { "process", { "Process", "Job", "Debug" } },
    { "object", { "Object", "NtClose", "SymbolicLink" } },
    { "system", { "System", "Time", "Tick", "PerformanceCounter", "HardError", "DisplayString", "Locally", "Locale" } },
};
#define FAMILIES (sizeof(families) / sizeof(families[0]))
#define OTHER FAMILIES                  /* calls of no family: shown with all */

static uint32_t wanted;                 /* one bit a family, and OTHER */

static unsigned int family_of(const char *name)
{
    unsigned int i, j;

    for (i = 0; i < FAMILIES; i++)
        for (j = 0; families[i].words[j]; j++)
            if (strstr(name, families[i].words[j]))
                return i;
    return OTHER;
}

bool trace_init(void)
{
    const char *list = getenv("ORIEL_TRACE"), *end;
    unsigned int i;

    for (; list && *list; list = *end ? end + 1 : end)
    {
        size_t length;

        end = strchrnul(list, ',');
        length = (size_t)(end - list);
        if (length == 3 && !strncmp(list, "all", 3))
        {
            wanted = ~0u;
            continue;
        }
        for (i = 0; i < FAMILIES; i++)
            if (strlen(families[i].name) == length && !strncmp(families[i].name, list, length))
                break;
        if (length && i == FAMILIES)
        {
            message("ORIEL_TRACE: there is no \"%.*s\"; all, virtual, section, file, object, sync, thread, process, "
                    "token, registry and system are there", (int)length, list);
            return false;
        }
        if (length)
            wanted |= 1u << i;
    }
    trace_enabled = wanted != 0;
    return true;
}

static const char *status_find(uint32_t status)
{
    unsigned int low = 0, high = status_name_count;

    while (low < high)
    {
        unsigned int mid = (low + high) / 2;

        if (status_names[mid].code == status)
            return status_text + status_names[mid].offset;
        if (status_names[mid].code < status)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

/* The call and its arguments; returns the length. */
static int format_call(char *line, size_t size, const struct syscall_entry *entry, const uint64_t *args)
{
    int n = snprintf(line, size, "[%u] %s(", thread_self->tid, entry->name);
    unsigned int i;

    for (i = 0; i < entry->args; i++)
        n += snprintf(line + n, size - (size_t)n, "%s0x%llx", i ? ", " : "", (unsigned long long)args[i]);
    return n + snprintf(line + n, size - (size_t)n, ")");
}

static void show(const char *line, int length)
{
    if (write(2, line, (size_t)length) < 0)
        trace_enabled = false;          /* nobody reads it any more */
}

static uint64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

uint64_t syscall_traced(uint32_t number, const uint64_t *registers, const void *user_rsp)
{
    const struct syscall_entry *entry = &syscall_entries[number];
    uint64_t args[MAX_ARGS] = { 0 }, start, taken;
    const char *name;
    char line[1024];
    NTSTATUS status;
    int n;

    if (number >= syscall_count)
    {
        n = snprintf(line, sizeof(line), "[%u] call %u = INVALID_SYSTEM_SERVICE\n", thread_self->tid, number);
        show(line, n);
        return (uint32_t)STATUS_INVALID_SYSTEM_SERVICE;
    }
    memcpy(args, registers, 4 * sizeof(args[0]));
    if (entry->args > 4 && (status = user_read(args + 4, (const char *)user_rsp + 0x28, (entry->args - 4) * sizeof(args[0]))))
        return (uint32_t)status;
    if (!(wanted >> family_of(entry->name) & 1))
        return (uint32_t)syscall_invoke(entry->handler, args, entry->args);

    n = format_call(line, sizeof(line), entry, args);
    if (strstr(entry->name, "NtTerminate"))     /* it may not return */
    {
        line[n++] = '\n';
        show(line, n--);
    }
    start = now_ns();
    status = syscall_invoke(entry->handler, args, entry->args);
    taken = now_ns() - start;
    if ((name = status_find((uint32_t)status)))
        n += snprintf(line + n, sizeof(line) - (size_t)n, " = %s", name);
    else
        n += snprintf(line + n, sizeof(line) - (size_t)n, " = 0x%x", (uint32_t)status);
    n += snprintf(line + n, sizeof(line) - (size_t)n, " <%llu.%03llu>\n", (unsigned long long)taken / 1000,
                  (unsigned long long)taken % 1000);
    show(line, n);
    return (uint32_t)status;
}
