/* How much memory and input/output this process and this machine have used, from /proc. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>
#include "nt/nt.h"
#include "vm/vm.h"
#include "ps/memory_use.h"

/* The whole of a small file of /proc; empty if it cannot be read. */
static void read_text(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);

    text[n > 0 ? n : 0] = 0;
    if (fd >= 0)
        close(fd);
}

/* The number after a label at the start of a line; 0 if it is not there. */
static uint64_t number_after(const char *text, const char *label)
{
    size_t length = strlen(label);
    const char *line = text;

    while (line && strncmp(line, label, length))
        if ((line = strchr(line, '\n')))
            line++;
    return line ? strtoull(line + length, NULL, 10) : 0;
}

static void read_status(const char *process, struct memory_use *use)
{
    char path[48], text[4096];

    memset(use, 0, sizeof(*use));
    snprintf(path, sizeof(path), "/proc/%s/status", process);
    read_text(path, text, sizeof(text));
    use->virtual = number_after(text, "VmSize:") << 10;
    use->peak_virtual = number_after(text, "VmPeak:") << 10;
    use->resident = number_after(text, "VmRSS:") << 10;
    use->peak_resident = number_after(text, "VmHWM:") << 10;
    use->resident_shared = (number_after(text, "RssFile:") + number_after(text, "RssShmem:")) << 10;
    use->commit = use->peak_commit = (number_after(text, "RssAnon:") + number_after(text, "VmSwap:")) << 10;
}

/* What it has committed is known to the process alone; what it uses of that is known to the system. */
void memory_use_of_other(int linux_pid, struct memory_use *use)
{
    char number[16];

    snprintf(number, sizeof(number), "%d", linux_pid);
    read_status(number, use);
}

void memory_use(struct memory_use *use)
{
    uint64_t charge_limit;
    struct rusage usage = { 0 };

    read_status("self", use);
    vm_commit_charge(&use->commit, &charge_limit, &use->peak_commit);
    getrusage(RUSAGE_SELF, &usage);
    use->page_faults = (uint32_t)(usage.ru_minflt + usage.ru_majflt);
}

void memory_total(struct memory_total *total)
{
    uint64_t used, limit, peak;
    char text[4096];

    read_text("/proc/meminfo", text, sizeof(text));
    total->physical = number_after(text, "MemTotal:") << 10;
    total->available = number_after(text, "MemAvailable:") << 10;
    total->cached = number_after(text, "Cached:") << 10;
    total->commit = number_after(text, "Committed_AS:") << 10;
    total->commit_limit = total->physical + (number_after(text, "SwapTotal:") << 10);
    vm_commit_charge(&used, &limit, &peak);
    if (limit && limit < total->commit_limit)           /* the container's */
    {
        total->commit_limit = limit;
        if (limit < total->physical)
            total->physical = limit;
        if (total->available > limit - (used < limit ? used : limit))
            total->available = limit - (used < limit ? used : limit);
    }
    if (total->commit > total->commit_limit)            /* Linux overcommits */
        total->commit = total->commit_limit - (total->available < total->commit_limit ? total->available : 0);
}

void io_counters(int linux_pid, IO_COUNTERS *counters)
{
    char path[48], text[1024];

    snprintf(path, sizeof(path), "/proc/%d/io", linux_pid);
    read_text(path, text, sizeof(text));
    memset(counters, 0, sizeof(*counters));
    counters->ReadTransferCount = number_after(text, "rchar:");
    counters->WriteTransferCount = number_after(text, "wchar:");
    counters->ReadOperationCount = number_after(text, "syscr:");
    counters->WriteOperationCount = number_after(text, "syscw:");
}

bool memory_drop_file_cache(void)
{
    int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
    ssize_t done;

    if (fd < 0) return false;
    done = write(fd, "1", 1);
    close(fd);
    return done == 1;
}
