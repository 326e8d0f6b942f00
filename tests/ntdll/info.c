/* What NtQueryInformationProcess, ...Thread and NtQuerySystemInformation tell: lengths, rights, sense. */

#include <stdio.h>
#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#include "winbase.h"
#include "winternl.h"
#include "wine/test.h"

/* ---- lengths: the same rules for all classes of one structure --------------------------------------------- */

static void test_process_lengths(void)
{
    static const struct { PROCESSINFOCLASS class; ULONG size; } classes[] =
    {
        { ProcessBasicInformation, sizeof(PROCESS_BASIC_INFORMATION) }, { ProcessIoCounters, sizeof(IO_COUNTERS) },
        { ProcessTimes, sizeof(KERNEL_USER_TIMES) }, { ProcessDebugPort, sizeof(void *) },
        { ProcessDefaultHardErrorMode, 4 }, { ProcessPriorityClass, 2 }, { ProcessHandleCount, 4 },
        { ProcessPriorityBoost, 4 }, { ProcessSessionInformation, 4 }, { ProcessWow64Information, sizeof(void *) },
        { ProcessDebugFlags, 4 }, { ProcessExecuteFlags, 4 }, { ProcessCookie, 4 },
        { ProcessImageInformation, sizeof(SECTION_IMAGE_INFORMATION) },
    };
    ULONG64 buffer[64];
    NTSTATUS status;
    unsigned int i;
    ULONG length;

    for (i = 0; i < ARRAY_SIZE(classes); i++)
    {
        winetest_push_context("class %u", classes[i].class);
        length = 0xdeadbeef;
        status = NtQueryInformationProcess(NtCurrentProcess(), classes[i].class, buffer, classes[i].size, &length);
        ok(!status && length == classes[i].size, "%#lx, length %lu\n", status, length);
        status = NtQueryInformationProcess(NtCurrentProcess(), classes[i].class, buffer, classes[i].size, NULL);
        ok(!status, "no length pointer: %#lx\n", status);
        length = 0;
        status = NtQueryInformationProcess(NtCurrentProcess(), classes[i].class, buffer, classes[i].size - 1, &length);
        ok(status == STATUS_INFO_LENGTH_MISMATCH, "too short: %#lx\n", status);
        status = NtQueryInformationProcess(NtCurrentProcess(), classes[i].class, NULL, classes[i].size, NULL);
        ok(status == STATUS_ACCESS_VIOLATION, "no buffer: %#lx\n", status);
        status = NtQueryInformationProcess((HANDLE)0xdead0, classes[i].class, buffer, classes[i].size, NULL);
        ok(status == STATUS_INVALID_HANDLE, "bad handle: %#lx\n", status);
        status = NtQueryInformationProcess(NtCurrentThread(), classes[i].class, buffer, classes[i].size, NULL);
        ok(status == STATUS_OBJECT_TYPE_MISMATCH, "a thread: %#lx\n", status);
        winetest_pop_context();
    }
    status = NtQueryInformationProcess(NtCurrentProcess(), 9999, buffer, sizeof(buffer), NULL);
    ok(status == STATUS_INVALID_INFO_CLASS, "class 9999: %#lx\n", status);
}

static HANDLE open_self(ACCESS_MASK access)
{
    OBJECT_ATTRIBUTES attr = { .Length = sizeof(attr) };
    CLIENT_ID id = { NtCurrentTeb()->ClientId.UniqueProcess, NULL };
    HANDLE handle = NULL;
    NTSTATUS status = NtOpenProcess(&handle, access, &attr, &id);

    ok(!status, "NtOpenProcess(%#lx) %#lx\n", access, status);
    return handle;
}

static void test_process_rights(void)
{
    PROCESS_BASIC_INFORMATION info;
    OBJECT_ATTRIBUTES attr = { .Length = sizeof(attr) };
    CLIENT_ID id = { (HANDLE)0xffffff00, NULL };
    NTSTATUS status;
    HANDLE handle;

    handle = open_self(PROCESS_VM_READ);
    status = NtQueryInformationProcess(handle, ProcessBasicInformation, &info, sizeof(info), NULL);
    ok(status == STATUS_ACCESS_DENIED, "without the right: %#lx\n", status);
    NtClose(handle);
    handle = open_self(PROCESS_QUERY_LIMITED_INFORMATION);
    status = NtQueryInformationProcess(handle, ProcessBasicInformation, &info, sizeof(info), NULL);
    ok(!status, "limited: %#lx\n", status);
    NtClose(handle);
    handle = open_self(PROCESS_QUERY_INFORMATION);
    status = NtQueryInformationProcess(handle, ProcessBasicInformation, &info, sizeof(info), NULL);
    ok(!status, "full, which brings limited: %#lx\n", status);
    NtClose(handle);

    handle = (HANDLE)0xdeadbeef;
    status = NtOpenProcess(&handle, PROCESS_ALL_ACCESS, &attr, &id);
    ok(status == STATUS_INVALID_CID && !handle, "no such process: %#lx, %p\n", status, handle);
    status = NtOpenProcess(&handle, PROCESS_ALL_ACCESS, &attr, NULL);
    ok(status == STATUS_INVALID_PARAMETER_MIX, "no id: %#lx\n", status);
}

static void test_process_sense(void)
{
    WCHAR buffer[512];
    UNICODE_STRING *name = (UNICODE_STRING *)buffer;
    PROCESS_BASIC_INFORMATION info;
    VM_COUNTERS_EX before, after;
    KERNEL_USER_TIMES times;
    SIZE_T size = 32 << 20;
    ULONG length, count, more;
    NTSTATUS status;
    HANDLE event;
    void *block = NULL;

    status = NtQueryInformationProcess(NtCurrentProcess(), ProcessBasicInformation, &info, sizeof(info), NULL);
    ok(!status && info.PebBaseAddress == NtCurrentTeb()->Peb, "PEB %p\n", info.PebBaseAddress);
    ok(info.UniqueProcessId == (ULONG_PTR)NtCurrentTeb()->ClientId.UniqueProcess, "id %Ix\n", info.UniqueProcessId);
    ok(info.ExitStatus == STATUS_PENDING, "exit status %#lx\n", info.ExitStatus);
    ok(!(info.UniqueProcessId & 3), "id %Ix\n", info.UniqueProcessId);

    status = NtQueryInformationProcess(NtCurrentProcess(), ProcessTimes, &times, sizeof(times), NULL);
    ok(!status && times.CreateTime.QuadPart > 130000000000000000ll, "%#lx\n", status);

    NtQueryInformationProcess(NtCurrentProcess(), ProcessHandleCount, &count, sizeof(count), NULL);
    NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
    NtQueryInformationProcess(NtCurrentProcess(), ProcessHandleCount, &more, sizeof(more), NULL);
    ok(more == count + 1, "%lu handles, then %lu\n", count, more);
    NtClose(event);

    status = NtQueryInformationProcess(NtCurrentProcess(), ProcessVmCounters, &before, sizeof(before), NULL);
    ok(!status && before.WorkingSetSize && before.PagefileUsage == before.PrivateUsage, "%#lx\n", status);
    NtAllocateVirtualMemory(NtCurrentProcess(), &block, 0, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    status = NtQueryInformationProcess(NtCurrentProcess(), ProcessVmCounters, &after, sizeof(after), NULL);
    ok(!status && after.VirtualSize >= before.VirtualSize + size, "virtual size %Iu, then %Iu\n", before.VirtualSize, after.VirtualSize);
    ok(after.PrivateUsage >= before.PrivateUsage + size, "private %Iu, then %Iu\n", before.PrivateUsage, after.PrivateUsage);
    size = 0;
    NtFreeVirtualMemory(NtCurrentProcess(), &block, &size, MEM_RELEASE);

    status = NtQueryInformationProcess(NtCurrentProcess(), ProcessImageFileName, buffer, sizeof(buffer), &length);
    ok(!status && !memcmp(name->Buffer, L"\\Device\\", 16), "%#lx\n", status);
    ok(length == sizeof(*name) + name->MaximumLength && name->MaximumLength == name->Length + 2, "length %lu\n", length);
    status = NtQueryInformationProcess(NtCurrentProcess(), ProcessImageFileName, buffer, sizeof(*name), &more);
    ok(status == STATUS_INFO_LENGTH_MISMATCH && more == length, "%#lx, %lu\n", status, more);
    status = NtQueryInformationProcess(NtCurrentProcess(), ProcessImageFileNameWin32, buffer, sizeof(buffer), &length);
    ok(!status && name->Buffer[1] == ':', "%#lx\n", status);
    status = NtQueryInformationProcess(NtCurrentProcess(), ProcessDebugObjectHandle, &event, sizeof(event), NULL);
    ok(status == STATUS_PORT_NOT_SET && !event, "%#lx\n", status);
}

/* ---- threads ------------------------------------------------------------------------------------------------------ */

static void test_thread(void)
{
    WCHAR text[] = L"a thread of mine";
    UNICODE_STRING name = { sizeof(text) - sizeof(WCHAR), sizeof(text), text };
    char buffer[128];
    UNICODE_STRING *out = (UNICODE_STRING *)buffer;
    THREAD_BASIC_INFORMATION info;
    KERNEL_USER_TIMES times;
    ULONG value, length;
    NTSTATUS status;
    LONG priority;

    status = NtQueryInformationThread(NtCurrentThread(), ThreadBasicInformation, &info, sizeof(info), &length);
    ok(!status && length == sizeof(info), "%#lx, length %lu\n", status, length);
    ok(info.TebBaseAddress == NtCurrentTeb(), "TEB %p\n", info.TebBaseAddress);
    ok(info.ClientId.UniqueThread == NtCurrentTeb()->ClientId.UniqueThread, "id %p\n", info.ClientId.UniqueThread);
    length = 0xdeadbeef;
    status = NtQueryInformationThread(NtCurrentThread(), ThreadBasicInformation, &info, sizeof(info) + 8, &length);
    ok(status == STATUS_INFO_LENGTH_MISMATCH && length == 0xdeadbeef, "%#lx, length %lx\n", status, length);
    for (volatile int i = 0; i < 20000000; i++) continue;
    status = NtQueryInformationThread(NtCurrentThread(), ThreadTimes, &times, sizeof(times), NULL);
    ok(!status && times.UserTime.QuadPart > 0, "%#lx, user %I64d\n", status, times.UserTime.QuadPart);

    status = NtQueryInformationThread(NtCurrentThread(), ThreadNameInformation, buffer, sizeof(buffer), &length);
    ok(!status && !out->Length && length == sizeof(*out), "%#lx, %u\n", status, out->Length);
    status = NtSetInformationThread(NtCurrentThread(), ThreadNameInformation, &name, sizeof(name));
    ok(!status, "%#lx\n", status);
    status = NtQueryInformationThread(NtCurrentThread(), ThreadNameInformation, buffer, sizeof(buffer), &length);
    ok(!status && out->Length == name.Length && !memcmp(out->Buffer, name.Buffer, name.Length), "%#lx, %u\n", status, out->Length);
    status = NtQueryInformationThread(NtCurrentThread(), ThreadNameInformation, buffer, sizeof(*out) + 4, &length);
    ok(status == STATUS_BUFFER_TOO_SMALL && length == sizeof(*out) + name.Length, "%#lx, %lu\n", status, length);

    priority = 2;
    status = NtSetInformationThread(NtCurrentThread(), ThreadBasePriority, &priority, sizeof(priority));
    ok(!status, "%#lx\n", status);
    NtQueryInformationThread(NtCurrentThread(), ThreadBasicInformation, &info, sizeof(info), NULL);
    ok(info.BasePriority == 2, "priority %ld\n", info.BasePriority);
    priority = 5;
    status = NtSetInformationThread(NtCurrentThread(), ThreadBasePriority, &priority, sizeof(priority));
    ok(status == STATUS_INVALID_PARAMETER, "%#lx\n", status);
    priority = 0;
    NtSetInformationThread(NtCurrentThread(), ThreadBasePriority, &priority, sizeof(priority));

    NtCurrentTeb()->TlsSlots[63] = (void *)0x1234;
    value = 63;
    status = NtSetInformationThread(NtCurrentThread(), ThreadZeroTlsCell, &value, sizeof(value));
    ok(!status && !NtCurrentTeb()->TlsSlots[63], "%#lx, slot %p\n", status, NtCurrentTeb()->TlsSlots[63]);
}

static void test_affinity(void)
{
    SYSTEM_BASIC_INFORMATION system;
    THREAD_BASIC_INFORMATION info;
    ULONG_PTR mask, all;
    NTSTATUS status;
    ULONG i;

    NtQuerySystemInformation(SystemBasicInformation, &system, sizeof(system), NULL);
    all = system.ActiveProcessorsAffinityMask;
    for (i = 0; i < (ULONG)system.NumberOfProcessors; i++)
    {
        mask = (ULONG_PTR)1 << i;
        status = NtSetInformationThread(NtCurrentThread(), ThreadAffinityMask, &mask, sizeof(mask));
        ok(!status, "processor %lu: %#lx\n", i, status);
        NtYieldExecution();
        ok(NtGetCurrentProcessorNumber() == i, "on %lu, not %lu\n", NtGetCurrentProcessorNumber(), i);
        NtQueryInformationThread(NtCurrentThread(), ThreadBasicInformation, &info, sizeof(info), NULL);
        ok(info.AffinityMask == mask, "mask %Ix, not %Ix\n", info.AffinityMask, mask);
    }
    mask = 0;
    status = NtSetInformationThread(NtCurrentThread(), ThreadAffinityMask, &mask, sizeof(mask));
    ok(status == STATUS_INVALID_PARAMETER, "none: %#lx\n", status);
    status = NtSetInformationThread(NtCurrentThread(), ThreadAffinityMask, &all, sizeof(all));
    ok(!status, "all: %#lx\n", status);
}

/* ---- the system ----------------------------------------------------------------------------------------------------- */

static void test_system(void)
{
    SYSTEM_TIMEOFDAY_INFORMATION now = { .TimeZoneId = 0 };
    SYSTEM_PERFORMANCE_INFORMATION performance;
    SYSTEM_LOGICAL_PROCESSOR_INFORMATION *cores;
    SYSTEM_BASIC_INFORMATION info;
    LARGE_INTEGER time, counter, later, frequency;
    ULONG length, i, count = 0;
    ULONG_PTR mask = 0;
    NTSTATUS status;

    status = NtQuerySystemInformation(SystemBasicInformation, &info, sizeof(info), &length);
    ok(!status && length == sizeof(info), "%#lx, length %lu\n", status, length);
    ok(info.PageSize == 4096 && (ULONG)info.AllocationGranularity == 0x10000, "page %lu, granularity %Ix\n", info.PageSize, info.AllocationGranularity);
    ok(info.LowestUserAddress == (void *)0x10000 && info.HighestUserAddress == (void *)0x7ffffffeffff, "%p-%p\n",
       info.LowestUserAddress, info.HighestUserAddress);
    ok(info.NumberOfProcessors > 0 && info.MmNumberOfPhysicalPages > 1000, "%d processors\n", info.NumberOfProcessors);
    status = NtQuerySystemInformation(SystemBasicInformation, &info, sizeof(info) + 1, &length);
    ok(status == STATUS_INFO_LENGTH_MISMATCH, "%#lx\n", status);

    status = NtQuerySystemInformation(SystemPerformanceInformation, &performance, sizeof(performance), NULL);
    ok(!status && performance.AvailablePages && performance.AvailablePages <= info.MmNumberOfPhysicalPages, "%#lx, %lu available\n",
       status, performance.AvailablePages);
    ok(performance.TotalCommittedPages <= performance.TotalCommitLimit, "%lu of %lu committed\n", performance.TotalCommittedPages,
       performance.TotalCommitLimit);

    status = NtQuerySystemInformation(SystemTimeOfDayInformation, &now, 24, &length);
    ok(!status && length == 24, "%#lx, length %lu\n", status, length);
    NtQuerySystemTime(&time);
    ok(time.QuadPart >= now.SystemTime.QuadPart && time.QuadPart - now.SystemTime.QuadPart < 600000000, "times differ\n");

    NtQueryPerformanceCounter(&counter, &frequency);
    ok(frequency.QuadPart == 10000000, "frequency %I64d\n", frequency.QuadPart);
    NtQueryPerformanceCounter(&later, NULL);
    ok(later.QuadPart >= counter.QuadPart, "the counter runs backwards\n");

    status = NtQuerySystemInformation(SystemLogicalProcessorInformation, NULL, 0, &length);
    ok(status == STATUS_INFO_LENGTH_MISMATCH && length && !(length % sizeof(*cores)), "%#lx, length %lu\n", status, length);
    cores = malloc(length);
    status = NtQuerySystemInformation(SystemLogicalProcessorInformation, cores, length, &length);
    ok(!status, "%#lx\n", status);
    for (i = 0; i < length / sizeof(*cores); i++)
        if (cores[i].Relationship == RelationProcessorCore)
        {
            ok(!(mask & cores[i].ProcessorMask), "a processor is in two cores\n");
            mask |= cores[i].ProcessorMask;
            count++;
        }
    ok(count > 0 && mask == info.ActiveProcessorsAffinityMask, "%lu cores, mask %Ix\n", count, mask);
    free(cores);
}

static void test_processes(void)
{
    SYSTEM_PROCESS_INFORMATION *list, *p;
    BOOL process = FALSE, thread = FALSE;
    NTSTATUS status;
    ULONG length, i;

    status = NtQuerySystemInformation(SystemProcessInformation, NULL, 0, &length);
    ok(status == STATUS_INFO_LENGTH_MISMATCH && length, "%#lx, length %lu\n", status, length);
    list = malloc(length += 0x10000);
    status = NtQuerySystemInformation(SystemProcessInformation, list, length, &length);
    ok(!status, "%#lx\n", status);
    for (p = list;; p = (SYSTEM_PROCESS_INFORMATION *)((char *)p + p->NextEntryOffset))
    {
        if (p->UniqueProcessId == NtCurrentTeb()->ClientId.UniqueProcess)
        {
            process = TRUE;
            ok(p->ProcessName.Length && p->HandleCount, "no name or no handles\n");
            for (i = 0; i < p->dwThreadCount; i++)
                if (p->ti[i].ClientId.UniqueThread == NtCurrentTeb()->ClientId.UniqueThread) thread = TRUE;
        }
        if (!p->NextEntryOffset) break;
    }
    ok(process && thread, "process %d, thread %d\n", process, thread);
    free(list);
}

/* The page that tells the version and the time, and its clocks, which tick once somebody looks. */
static void test_shared_data(void)
{
    volatile const BYTE *page = (void *)0x7ffe0000;
    ULONG64 start, now;
    LARGE_INTEGER time;
    MEMORY_BASIC_INFORMATION info;
    int i;

    ok(*(ULONG *)(page + 0x26c) == 10 && *(ULONG *)(page + 0x270) == 0, "version %lu.%lu\n", *(ULONG *)(page + 0x26c), *(ULONG *)(page + 0x270));
    ok((*(ULONG *)(page + 0x260) & 0xffff) >= 22000, "build %lu\n", *(ULONG *)(page + 0x260) & 0xffff);
    ok(!memcmp((void *)(page + 0x30), L"C:\\", 6), "system root\n");
    start = *(ULONG64 *)(page + 0x14);
    NtQuerySystemTime(&time);
    ok(time.QuadPart - start < 10000000, "system time is %I64d behind\n", time.QuadPart - start);
    for (i = 0; i < 200 && (now = *(ULONG64 *)(page + 0x14)) == start; i++)
    {
        LARGE_INTEGER wait = { .QuadPart = -10000 };
        NtDelayExecution(FALSE, &wait);
    }
    ok(now > start, "the clock stands still\n");
    ok(!NtQueryVirtualMemory(NtCurrentProcess(), (void *)page, MemoryBasicInformation, &info, sizeof(info), NULL), "query failed\n");
    ok(info.State == MEM_COMMIT && info.Protect == PAGE_READONLY && info.Type == MEM_PRIVATE, "%#lx %#lx %#lx\n", info.State, info.Protect, info.Type);
}

START_TEST(info)
{
    test_process_lengths();
    test_process_rights();
    test_process_sense();
    test_thread();
    test_affinity();
    test_system();
    test_processes();
    test_shared_data();
}
