/* The system's memory: file cache, hardware errors, call targets, partitions, NUMA (specification 19, 21). */
#include "memory.h"

WINBASEAPI BOOL WINAPI GetNumaHighestNodeNumber(ULONG *);

FUNCTION(SetProcessValidCallTargets);
FUNCTION(SetProcessValidCallTargetsForMappedView);
FUNCTION(OpenDedicatedMemoryPartition);
FUNCTION(QueryPartitionInformation);
FUNCTION(GetMemoryNumaClosestInitiatorNode);
FUNCTION(GetMemoryNumaPerformanceInformation);
FUNCTION(GetMemoryErrorHandlingCapabilities);
FUNCTION(RegisterBadMemoryNotification);
FUNCTION(UnregisterBadMemoryNotification);
FUNCTION(GetSystemFileCacheSize);
FUNCTION(SetSystemFileCacheSize);

/* §19-2 */
static void test_file_cache(void)
{
    SIZE_T minimum = 77, maximum = 77;
    DWORD flags = 77;

    works(pGetSystemFileCacheSize(&minimum, &maximum, &flags));
    ok(minimum <= maximum && maximum && !(flags & ~(FILE_CACHE_MAX_HARD_ENABLE | FILE_CACHE_MIN_HARD_ENABLE)), "%#Ix %#Ix %#lx\n",
       minimum, maximum, flags);
    fails(pSetSystemFileCacheSize(minimum, maximum, FILE_CACHE_MAX_HARD_ENABLE | FILE_CACHE_MAX_HARD_DISABLE), ERROR_INVALID_PARAMETER);
    fails(pSetSystemFileCacheSize(minimum, maximum, FILE_CACHE_MIN_HARD_ENABLE | FILE_CACHE_MIN_HARD_DISABLE), ERROR_INVALID_PARAMETER);
    /* SeIncreaseQuotaPrivilege is not enabled unless somebody does it */
    fails(pSetSystemFileCacheSize(minimum, maximum, 0), ERROR_PRIVILEGE_NOT_HELD);
    fails(pSetSystemFileCacheSize(~(SIZE_T)0, ~(SIZE_T)0, 0), ERROR_PRIVILEGE_NOT_HELD);
}

static void WINAPI never(void)
{
    ok(0, "a page went bad\n");
}

/* §19-3 */
static void test_errors(void)
{
    ULONG capabilities = 77;
    void *a, *b;

    works(pGetMemoryErrorHandlingCapabilities(&capabilities));
    ok(!(capabilities & ~MEHC_PATROL_SCRUBBER_PRESENT), "capabilities %#lx\n", capabilities);
    fails(pRegisterBadMemoryNotification(NULL), ERROR_INVALID_PARAMETER);
    a = pRegisterBadMemoryNotification(never);
    b = pRegisterBadMemoryNotification(never);
    ok(a && b && a != b, "%p %p\n", a, b);
    works(pUnregisterBadMemoryNotification(a));
    works(pUnregisterBadMemoryNotification(b));
    fails(pUnregisterBadMemoryNotification(NULL), ERROR_INVALID_PARAMETER);
}

/* §21-1 */
static void test_call_targets(void)
{
    CFG_CALL_TARGET_INFO targets[2] = { { 0, CFG_CALL_TARGET_VALID }, { 16, CFG_CALL_TARGET_VALID } };
    char *p = VirtualAlloc(NULL, K, MEM_COMMIT, PAGE_EXECUTE_READWRITE);
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_EXECUTE_READWRITE, 0, K, NULL);

    fails(pSetProcessValidCallTargets(GetCurrentProcess(), p, K, 2, targets), ERROR_INVALID_PARAMETER);        /* no guard */
    fails(pSetProcessValidCallTargets(GetCurrentProcess(), p + 1, K, 2, targets), ERROR_INVALID_PARAMETER);
    fails(pSetProcessValidCallTargets(GetCurrentProcess(), p, 0, 2, targets), ERROR_INVALID_PARAMETER);
    fails(pSetProcessValidCallTargets(GetCurrentProcess(), p, K, 0, targets), ERROR_INVALID_PARAMETER);
    fails(pSetProcessValidCallTargets(NULL, p, K, 2, targets), ERROR_INVALID_HANDLE);
    fails(pSetProcessValidCallTargetsForMappedView(GetCurrentProcess(), p, K, 2, targets, section, 0), ERROR_INVALID_PARAMETER);
    targets[1].Offset = 8;
    fails(pSetProcessValidCallTargets(GetCurrentProcess(), p, K, 2, targets), ERROR_INVALID_PARAMETER);
    CloseHandle(section);
    VirtualFree(p, 0, MEM_RELEASE);
}

/* §21-2 */
static void test_partitions(void)
{
    WIN32_MEMORY_PARTITION_INFORMATION info = { .NumaNode = ~0u, .Channel = ~0u };
    MEMORY_PARTITION_DEDICATED_MEMORY_INFORMATION list = { .NextEntryOffset = 77 };
    MEMORYSTATUSEX memory = { .dwLength = sizeof(memory) };

    works(pQueryPartitionInformation(MEMORY_CURRENT_PARTITION_HANDLE, MemoryPartitionInfo, &info, sizeof(info)));
    GlobalMemoryStatusEx(&memory);
    ok(info.TotalNumberOfPages * K == memory.ullTotalPhys, "%#I64x, %#I64x\n", info.TotalNumberOfPages * K, memory.ullTotalPhys);
    ok(info.NumberOfNumaNodes >= 1 && info.AvailablePages && info.AvailablePages <= info.TotalNumberOfPages, "%lu nodes\n", info.NumberOfNumaNodes);
    ok(info.CommittedPages && info.CommittedPages <= info.PeakCommitment && info.CommitLimit <= info.MaximumCommitLimit, "commit %I64u\n", info.CommittedPages);
    info.NumaNode = 0;
    works(pQueryPartitionInformation(MEMORY_SYSTEM_PARTITION_HANDLE, MemoryPartitionInfo, &info, sizeof(info)));
    ok(!info.CommittedPages && !info.CommitLimit && !info.NumberOfNumaNodes, "commit %I64u of one node\n", info.CommittedPages);
    info.NumaNode = 1000;
    fails(pQueryPartitionInformation(MEMORY_SYSTEM_PARTITION_HANDLE, MemoryPartitionInfo, &info, sizeof(info)), ERROR_INVALID_PARAMETER);
    fails(pQueryPartitionInformation(MEMORY_SYSTEM_PARTITION_HANDLE, MemoryPartitionInfo, &info, sizeof(info) - 8), ERROR_BAD_LENGTH);
    fails(pQueryPartitionInformation(MEMORY_SYSTEM_PARTITION_HANDLE, 7, &info, sizeof(info)), ERROR_INVALID_PARAMETER);
    fails(pQueryPartitionInformation(NULL, MemoryPartitionInfo, &info, sizeof(info)), ERROR_INVALID_HANDLE);
    works(pQueryPartitionInformation(MEMORY_CURRENT_PARTITION_HANDLE, MemoryPartitionDedicatedMemoryInfo, &list, sizeof(list)));
    ok(!list.NextEntryOffset && !list.AttributeCount, "there is dedicated memory\n");
    fails(pOpenDedicatedMemoryPartition(MEMORY_CURRENT_PARTITION_HANDLE, 1, MAXIMUM_ALLOWED, FALSE), ERROR_NOT_FOUND);
}

/* §21-3 */
static void test_numa(void)
{
    WIN32_MEMORY_NUMA_PERFORMANCE_INFORMATION_OUTPUT *output;
    ULONG initiator = 77, highest;
    HANDLE section;

    works(pGetMemoryNumaClosestInitiatorNode(0, &initiator));
    ok(GetNumaHighestNodeNumber(&highest) && initiator <= highest, "initiator %lu\n", initiator);
    fails(pGetMemoryNumaClosestInitiatorNode(1000, &initiator), ERROR_INVALID_PARAMETER);
    fails(pGetMemoryNumaPerformanceInformation(1000, 1, &output), ERROR_INVALID_PARAMETER);
    fails(pGetMemoryNumaPerformanceInformation(0, 0, &output), ERROR_INVALID_PARAMETER);
    SetLastError(UNTOUCHED);
    if (pGetMemoryNumaPerformanceInformation(0, 1, &output)) ok(output != NULL, "no output\n");
    else ok(GetLastError() == ERROR_NOT_FOUND || GetLastError() == ERROR_NOT_SUPPORTED, "error %lu\n", GetLastError());

    /* A node that does not exist, everywhere. */                                                       /* §12.3-16, §5.2-7, §7.4-1 */
    fails(VirtualAllocExNuma(GetCurrentProcess(), NULL, K, MEM_COMMIT, PAGE_READWRITE, 1000), ERROR_INVALID_PARAMETER);
    fails(CreateFileMappingNumaA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, K, NULL, 1000), ERROR_INVALID_PARAMETER);
    section = CreateFileMappingNumaA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, K, NULL, 0);
    ok(section != NULL, "error %lu\n", GetLastError());
    fails(MapViewOfFileExNuma(section, FILE_MAP_READ, 0, 0, 0, NULL, 1000), ERROR_INVALID_PARAMETER);
    CloseHandle(section);
}

#define HAVE(name) (LOAD(name), p##name ? 1 : (win_skip("%s is missing\n", #name), 0))

START_TEST(system_memory)
{
    if (HAVE(GetSystemFileCacheSize) & HAVE(SetSystemFileCacheSize)) test_file_cache();
    if (HAVE(GetMemoryErrorHandlingCapabilities) & HAVE(RegisterBadMemoryNotification) & HAVE(UnregisterBadMemoryNotification))
        test_errors();
    if (HAVE(SetProcessValidCallTargets) & HAVE(SetProcessValidCallTargetsForMappedView)) test_call_targets();
    if (HAVE(OpenDedicatedMemoryPartition) & HAVE(QueryPartitionInformation)) test_partitions();
    if (HAVE(GetMemoryNumaClosestInitiatorNode) & HAVE(GetMemoryNumaPerformanceInformation)) test_numa();
}
