/* KUSER_SHARED_DATA: the page of facts and clocks at 0x7ffe0000.
 *
 * Many programs never look at it, so it is an inaccessible page until somebody does. The first touch fills it and
 * starts the thread that moves its clocks every millisecond; Go's timers, for one, stand still with them.
 */
#include <cpuid.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>
#include "nt/nt.h"
#include "ddk/wdm.h"
#undef DIRECTORY_ALL_ACCESS             /* ob/ has its own spelling of these */
#undef SYMBOLIC_LINK_ALL_ACCESS
#include "vm/vm.h"
#include "ob/cell.h"
#include "ps/context.h"
#include "ps/cpu.h"
#include "ps/shared_data.h"
#include "ps/times.h"
#include "ps/version.h"

enum { UNTOUCHED, FILLING, TICKING };

static uint32_t state;
static KSHARED_USER_DATA *data;         /* our own, writable mapping */

NTSTATUS shared_data_init(void)
{
    size_t size = (size_t)getpagesize();

    if (mmap((void *)SHARED_DATA_ADDRESS, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) !=
        (void *)SHARED_DATA_ADDRESS)
        return STATUS_CONFLICTING_ADDRESSES;
    return vm_adopt(SHARED_DATA_ADDRESS, size, PAGE_READONLY);
}

/* Readers take High1, Low, High2 and start over if the highs differ. Low and High1 are one aligned store at
 * offsets 8 and 0x320, but not at 0x14. */
static void set_time(volatile KSYSTEM_TIME *time, uint64_t value)
{
    __atomic_store_n(&time->High2Time, (LONG)(value >> 32), __ATOMIC_RELEASE);
    __atomic_store_n(&time->LowPart, (ULONG)value, __ATOMIC_RELEASE);
    __atomic_store_n(&time->High1Time, (LONG)(value >> 32), __ATOMIC_RELEASE);
}

static void tick(void)
{
    uint64_t now = interrupt_time();

    set_time(&data->InterruptTime, now);
    set_time(&data->SystemTime, (uint64_t)system_time());
    set_time(&data->TickCount, now / 10000);
    data->TickCountLowDeprecated = (ULONG)(now / 10000);
}

static void *ticker(void *arg)
{
    const struct timespec period = { 0, 1000000 };

    for (;;)
    {
        tick();
        nanosleep(&period, NULL);
    }
    return arg;
}

static void fill_xstate(XSTATE_CONFIGURATION *xstate)
{
    unsigned int i, a, b, c, d;

    if (!xsave_mask)
        return;
    xstate->EnabledFeatures = xstate->EnabledVolatileFeatures = xsave_mask;
    xstate->Size = xsave_size;
    __cpuid_count(0xd, 1, a, b, c, d);
    xstate->OptimizedSave = a & 1;
    xstate->CompactionEnabled = xsave_compaction != 0;
    xstate->Features[0].Size = 160;
    xstate->Features[1].Offset = 160;
    xstate->Features[1].Size = 256;
    for (i = 2; i < 8; i++)
        if (xsave_mask >> i & 1)
        {
            __cpuid_count(0xd, i, a, b, c, d);
            xstate->Features[i].Offset = b;
            xstate->Features[i].Size = a;
        }
}

static void fill(void)
{
    static const WCHAR system_root[] = u"C:\\windows";
    struct tm local;
    time_t now = time(NULL);
    long pages = sysconf(_SC_PHYS_PAGES);

    data->TickCountMultiplier = 1 << 24;        /* TickCount is in milliseconds */
    data->ImageNumberLow = data->ImageNumberHigh = IMAGE_FILE_MACHINE_AMD64;
    memcpy(data->NtSystemRoot, system_root, sizeof(system_root));
    data->LargePageMinimum = VM_LARGE_PAGE;
    data->NtBuildNumber = WINDOWS_BUILD | 0xf0000000;
    data->NtProductType = NtProductWinNt;
    data->ProductTypeIsValid = TRUE;
    data->NativeProcessorArchitecture = PROCESSOR_ARCHITECTURE_AMD64;
    data->NtMajorVersion = WINDOWS_MAJOR;
    data->NtMinorVersion = WINDOWS_MINOR;
    cpu_features(data->ProcessorFeatures, PROCESSOR_FEATURE_MAX);
    data->SuiteMask = VER_SUITE_TERMINAL | VER_SUITE_SINGLEUSERTS;
    data->NXSupportPolicy = 3;                  /* always on */
    data->ActiveConsoleId = OBJECT_SESSION_ID;
    data->NumberOfPhysicalPages = pages > 0 && pages < UINT32_MAX ? (ULONG)pages : UINT32_MAX;
    data->TestRetInstruction = 0xc3;
    data->QpcFrequency = PERFORMANCE_FREQUENCY;
    data->SystemCall = 1;                       /* the stubs then call instead of entering a kernel */
    data->ActiveProcessorCount = data->UnparkedProcessorCount = (ULONG)cpu_count();
    data->ActiveGroupCount = 1;
    getrandom(&data->Cookie, sizeof(data->Cookie), GRND_NONBLOCK);
    if (localtime_r(&now, &local))
        set_time(&data->TimeZoneBias, (uint64_t)(-local.tm_gmtoff * 10000000ll));
    fill_xstate(&data->XState);
    tick();
}

bool shared_data_fault(uintptr_t address)
{
    size_t size = (size_t)getpagesize();
    uint32_t expected = UNTOUCHED;
    void *page;

    if (address < SHARED_DATA_ADDRESS || address >= SHARED_DATA_ADDRESS + size)
        return false;
    if (!__atomic_compare_exchange_n(&state, &expected, FILLING, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
    {
        static __thread unsigned int seen_ready;

        /* Another thread is at it (come back), or the page is there and this was a store to it (once may have been
         * the race with the other thread). */
        return expected == FILLING || !seen_ready++;
    }
    if ((page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) == MAP_FAILED)
        return false;
    data = page;
    fill();
    /* Old size 0: a second mapping of the same memory. */
    if (mremap(page, 0, size, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)SHARED_DATA_ADDRESS) == MAP_FAILED ||
        mprotect((void *)SHARED_DATA_ADDRESS, size, PROT_READ))
        return false;
    __atomic_store_n(&state, TICKING, __ATOMIC_SEQ_CST);
    helper_thread_start(ticker, NULL);
    return true;
}
