/* How much memory and input/output this process and this machine have used. */
#pragma once

#include "nt/nt.h"

struct memory_use               /* bytes */
{
    uint64_t virtual, peak_virtual, resident, resident_shared, peak_resident, commit, peak_commit;
    uint32_t page_faults;
};
void memory_use(struct memory_use *use);
void memory_use_of_other(int linux_pid, struct memory_use *use);        /* no page faults */

struct memory_total             /* bytes, of the machine or of the container if that has less */
{
    uint64_t physical, available, commit, commit_limit, cached;
};
void memory_total(struct memory_total *total);

void io_counters(int linux_pid, IO_COUNTERS *counters);

/* Pages of files that are nowhere mapped and written already; false: not allowed to. Needs root. */
bool memory_drop_file_cache(void);
