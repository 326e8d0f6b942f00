/* NtQuerySystemInformation: what its files share. */
#pragma once

#include "nt/reply.h"

NTSTATUS system_processes(const struct reply *reply, bool extended);
NTSTATUS system_handles(const struct reply *reply);
NTSTATUS system_handles_ex(const struct reply *reply);
NTSTATUS system_process_name(const struct reply *reply);

NTSTATUS system_logical_processors(const struct reply *reply);
NTSTATUS system_logical_processors_ex(const struct reply *reply, ULONG relationship);
NTSTATUS system_processor_times(const struct reply *reply);
NTSTATUS system_cpu_sets(const struct reply *reply);
NTSTATUS system_numa_map(const struct reply *reply);
NTSTATUS system_brand_string(const struct reply *reply);
