/* TEBs, the PEB, and what the GS register points to.
 *
 * Like Windows, one reservation holds the PEB and the TEBs of many threads; each is committed when it is first
 * needed and reused after that, so a thread costs no region of its own.
 */
#include <asm/prctl.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "nt/nt.h"
#include "host/host.h"
#include "vm/vm.h"
#include "dispatch.h"
#include "ps/process.h"
#include "ps/teb.h"
#include "ps/trace.h"

#define TEB_SIZE   0x2000               /* sizeof(TEB) is 0x1838; then what the loader and C runtimes may want */
#define BLOCK_SIZE 0x100000
#define PEB_SIZE   0x2000               /* the PEB, and room for what grows after it in newer versions */

#ifndef HWCAP2_FSGSBASE
#define HWCAP2_FSGSBASE 2
#endif

PEB *process_peb;

static bool have_wrgsbase;
static pthread_mutex_t teb_lock = PTHREAD_MUTEX_INITIALIZER;
static uintptr_t block_next, block_end; /* what was never used of the newest block */
static TEB *free_list;                  /* through EnvironmentPointer */

static bool block_reserve(void)
{
    struct vm_limits limits = { 0 };
    uintptr_t base = 0;
    size_t size = BLOCK_SIZE;

    if (vm_allocate(&base, &size, MEM_RESERVE, PAGE_READWRITE, &limits, ~0u))
        return false;
    block_next = base;
    block_end = base + size;
    return true;
}

static void *block_take(size_t size)
{
    uintptr_t where;

    if (block_end - block_next < size && !block_reserve())
        return NULL;
    where = block_next;
    if (vm_allocate(&where, &size, MEM_COMMIT, PAGE_READWRITE, &(struct vm_limits){ 0 }, ~0u))
        return NULL;
    block_next = where + size;
    return (void *)where;
}

NTSTATUS teb_init(void)
{
    have_wrgsbase = (getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE) && !host_disabled("fsgsbase");
    if (!(process_peb = block_take(PEB_SIZE)))
        return STATUS_NO_MEMORY;
    return STATUS_SUCCESS;
}

TEB *teb_alloc(void)
{
    TEB *teb;

    pthread_mutex_lock(&teb_lock);
    if ((teb = free_list))
    {
        free_list = teb->EnvironmentPointer;
        memset(teb, 0, TEB_SIZE);
    }
    else
        teb = block_take(TEB_SIZE);
    pthread_mutex_unlock(&teb_lock);
    if (!teb)
        return NULL;

    teb->Tib.ExceptionList = (void *)~(uintptr_t)0;
    teb->Tib.Version = 0x1e00;                        /* FiberData of a thread that is no fiber */
    teb->Tib.Self = &teb->Tib;
    teb->Peb = process_peb;
    teb->ClientId.UniqueProcess = teb->RealClientId.UniqueProcess = (HANDLE)(uintptr_t)process_id;
    teb->StaticUnicodeString.Buffer = teb->StaticUnicodeBuffer;
    teb->StaticUnicodeString.MaximumLength = sizeof(teb->StaticUnicodeBuffer);
    teb->WOW32Reserved = trace_enabled ? (void *)syscall_dispatcher_trace : (void *)syscall_dispatcher;
    teb->ActivationContextStackPointer = &teb->ActivationContextStack;
    teb->ActivationContextStack.FrameListCache.Flink = teb->ActivationContextStack.FrameListCache.Blink =
        &teb->ActivationContextStack.FrameListCache;
    teb->ActivationContextStack.NextCookieSequenceNumber = 1;
    return teb;
}

void teb_free(TEB *teb)
{
    pthread_mutex_lock(&teb_lock);
    teb->EnvironmentPointer = free_list;
    free_list = teb;
    pthread_mutex_unlock(&teb_lock);
}

bool teb_load(TEB *teb)
{
    TEB *seen;

    unsigned long base = 0;

    if (have_wrgsbase)
        __asm__ volatile("wrgsbase %0" : : "r"(teb));
    else
        syscall(SYS_arch_prctl, ARCH_SET_GS, teb);
    if (!teb)
        return true;
    /* gVisor's arch_prctl says 0 and does nothing: look. A base that is not set at all would fault below. */
    if (!have_wrgsbase && (syscall(SYS_arch_prctl, ARCH_GET_GS, &base) || base != (unsigned long)teb))
        return false;
    __asm__ volatile("movq %%gs:0x30,%0" : "=r"(seen));
    return seen == teb;
}
