/* NtQuerySystemInformation: processors, their times, cores and caches. */
#define __WINESRC__
#include <cpuid.h>
#include "nt/nt.h"
#include "nt/system.h"
#include "ps/cpu.h"
#include "ps/topology.h"

NTSTATUS system_processor_times(const struct reply *reply)
{
    size_t count = reply->size / sizeof(SYSTEM_PROCESSOR_PERFORMANCE_INFORMATION), i;
    SYSTEM_PROCESSOR_PERFORMANCE_INFORMATION *info;
    struct cpu_times times[64];
    NTSTATUS status;

    if (!reply->size || reply->size % sizeof(*info))
        return reply_mismatch(reply, cpu_count() * sizeof(*info));
    if (count > cpu_count())
        count = cpu_count();
    if (!(info = calloc(count, sizeof(*info))))
        return STATUS_NO_MEMORY;
    cpu_times(times);
    for (i = 0; i < count; i++)
    {
        info[i].IdleTime.QuadPart = (LONGLONG)times[i].idle;
        info[i].KernelTime.QuadPart = (LONGLONG)(times[i].kernel + times[i].idle);      /* Windows counts idling there */
        info[i].UserTime.QuadPart = (LONGLONG)times[i].user;
    }
    status = reply_write(reply, info, count * sizeof(*info));
    free(info);
    return status;
}

NTSTATUS system_logical_processors(const struct reply *reply)
{
    const struct topology *top = topology();
    unsigned int i, n = 0, total = top->core_count + top->node_count + top->cache_count + top->package_count;
    SYSTEM_LOGICAL_PROCESSOR_INFORMATION *info;
    NTSTATUS status;

    if (!(info = calloc(total, sizeof(*info))))
        return STATUS_NO_MEMORY;
    for (i = 0; i < top->core_count; i++, n++)
    {
        info[n].ProcessorMask = top->cores[i];
        info[n].Relationship = RelationProcessorCore;
        info[n].ProcessorCore.Flags = (top->cores[i] & (top->cores[i] - 1)) != 0;
    }
    for (i = 0; i < top->package_count; i++, n++)
    {
        info[n].ProcessorMask = top->packages[i];
        info[n].Relationship = RelationProcessorPackage;
    }
    for (i = 0; i < top->cache_count; i++, n++)
    {
        info[n].ProcessorMask = top->caches[i].mask;
        info[n].Relationship = RelationCache;
        info[n].Cache.Level = top->caches[i].level;
        info[n].Cache.Associativity = top->caches[i].associativity;
        info[n].Cache.LineSize = top->caches[i].line;
        info[n].Cache.Size = top->caches[i].size;
        info[n].Cache.Type = top->caches[i].type;
    }
    for (i = 0; i < top->node_count; i++, n++)
    {
        info[n].ProcessorMask = top->nodes[i];
        info[n].Relationship = RelationNumaNode;
        info[n].NumaNode.NodeNumber = top->node_numbers[i];
    }
    status = reply_at_least(reply, info, total * sizeof(*info));
    free(info);
    return status;
}

/* ---- the extended form -------------------------------------------------------------------------------------- */

#define EX_SIZE(member) ((offsetof(SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX, member) + \
                          sizeof(((SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX *)0)->member) + 7) & ~(size_t)7)

struct ex_list
{
    char *data;
    size_t size;
};

static SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX *add(struct ex_list *list, LOGICAL_PROCESSOR_RELATIONSHIP kind, size_t size)
{
    SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX *entry = (void *)(list->data + list->size);

    entry->Relationship = kind;
    entry->Size = (DWORD)size;
    list->size += size;
    return entry;
}

static void add_processors(struct ex_list *list, LOGICAL_PROCESSOR_RELATIONSHIP kind, uint64_t mask)
{
    SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX *entry = add(list, kind, EX_SIZE(Processor));

    entry->Processor.Flags = kind == RelationProcessorCore && (mask & (mask - 1));
    entry->Processor.GroupCount = 1;
    entry->Processor.GroupMask[0].Mask = mask;
}

static void add_cache(struct ex_list *list, const struct cpu_cache *cache)
{
    SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX *entry = add(list, RelationCache, EX_SIZE(Cache));

    entry->Cache.Level = cache->level;
    entry->Cache.Associativity = cache->associativity;
    entry->Cache.LineSize = cache->line;
    entry->Cache.CacheSize = cache->size;
    entry->Cache.Type = cache->type;
    entry->Cache.GroupMask.Mask = cache->mask;
}

static void add_node(struct ex_list *list, uint32_t number, uint64_t mask)
{
    SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX *entry = add(list, RelationNumaNode, EX_SIZE(NumaNode));

    entry->NumaNode.NodeNumber = number;
    entry->NumaNode.GroupMask.Mask = mask;
}

static void add_group(struct ex_list *list)
{
    SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX *entry = add(list, RelationGroup, EX_SIZE(Group));

    entry->Group.MaximumGroupCount = entry->Group.ActiveGroupCount = 1;
    entry->Group.GroupInfo[0].MaximumProcessorCount = entry->Group.GroupInfo[0].ActiveProcessorCount = (BYTE)cpu_count();
    entry->Group.GroupInfo[0].ActiveProcessorMask = cpu_mask();
}

NTSTATUS system_logical_processors_ex(const struct reply *reply, ULONG relationship)
{
    const struct topology *top = topology();
    size_t most = (top->core_count + top->package_count) * EX_SIZE(Processor) + top->cache_count * EX_SIZE(Cache) +
                  top->node_count * EX_SIZE(NumaNode) + EX_SIZE(Group);
    struct ex_list list = { calloc(1, most), 0 };
    bool all = relationship == RelationAll;
    NTSTATUS status;
    unsigned int i;

    if (!list.data)
        return STATUS_NO_MEMORY;
    if (all || relationship == RelationProcessorCore)
        for (i = 0; i < top->core_count; i++)
            add_processors(&list, RelationProcessorCore, top->cores[i]);
    if (all || relationship == RelationProcessorPackage)
        for (i = 0; i < top->package_count; i++)
            add_processors(&list, RelationProcessorPackage, top->packages[i]);
    if (all || relationship == RelationCache)
        for (i = 0; i < top->cache_count; i++)
            add_cache(&list, &top->caches[i]);
    if (all || relationship == RelationNumaNode)
        for (i = 0; i < top->node_count; i++)
            add_node(&list, top->node_numbers[i], top->nodes[i]);
    if (all || relationship == RelationGroup)
        add_group(&list);
    status = list.size ? reply_at_least(reply, list.data, list.size)
                       : relationship > RelationProcessorModule ? STATUS_INVALID_PARAMETER : STATUS_UNSUCCESSFUL;
    free(list.data);
    return status;
}

NTSTATUS system_cpu_sets(const struct reply *reply)
{
    size_t size = cpu_count() * sizeof(SYSTEM_CPU_SET_INFORMATION);
    const struct topology *top = topology();
    SYSTEM_CPU_SET_INFORMATION *info;
    unsigned int i, j;
    NTSTATUS status;

    if (reply->size < size)
    {
        reply_mismatch(reply, size);
        return STATUS_BUFFER_TOO_SMALL;
    }
    if (!(info = calloc(1, size)))
        return STATUS_NO_MEMORY;
    for (i = 0; i < cpu_count(); i++)
    {
        info[i].Size = sizeof(*info);
        info[i].Type = CpuSetInformation;
        info[i].CpuSet.Id = 0x100 + i;
        info[i].CpuSet.LogicalProcessorIndex = (BYTE)i;
        for (j = 0; j < top->core_count; j++)           /* named by the first processor in it */
            if (top->cores[j] >> i & 1)
                info[i].CpuSet.CoreIndex = (BYTE)__builtin_ctzll(top->cores[j]);
        for (j = 0; j < top->cache_count; j++)
            if (top->caches[j].level == 3 && (top->caches[j].mask >> i & 1))
                info[i].CpuSet.LastLevelCacheIndex = (BYTE)__builtin_ctzll(top->caches[j].mask);
        for (j = 0; j < top->node_count; j++)
            if (top->nodes[j] >> i & 1)
                info[i].CpuSet.NumaNodeIndex = (BYTE)top->node_numbers[j];
    }
    status = reply_write(reply, info, size);
    free(info);
    return status;
}

/* SYSTEM_NUMA_INFORMATION: the highest node, then a group affinity for each. */
NTSTATUS system_numa_map(const struct reply *reply)
{
    struct { ULONG highest, reserved; GROUP_AFFINITY nodes[64]; } info;
    const struct topology *top = topology();
    size_t size;
    unsigned int i;

    memset(&info, 0, sizeof(info));
    for (i = 0; i < top->node_count; i++)
    {
        info.nodes[top->node_numbers[i]].Mask = top->nodes[i];
        if (info.highest < top->node_numbers[i])
            info.highest = top->node_numbers[i];
    }
    if (reply->size < 2 * sizeof(ULONG))
        return reply_mismatch(reply, 2 * sizeof(ULONG));
    size = 2 * sizeof(ULONG) + (info.highest + 1) * sizeof(info.nodes[0]);
    return reply_write(reply, &info, reply->size < size ? reply->size : size);
}

NTSTATUS system_brand_string(const struct reply *reply)
{
    unsigned int text[13] = { 0 }, i;

    if ((unsigned int)__get_cpuid_max(0x80000000, NULL) < 0x80000004u)
        return STATUS_NOT_SUPPORTED;
    for (i = 0; i < 3; i++)
        __cpuid(0x80000002 + i, text[i * 4], text[i * 4 + 1], text[i * 4 + 2], text[i * 4 + 3]);
    return reply_at_least(reply, text, strlen((char *)text) + 1);
}
