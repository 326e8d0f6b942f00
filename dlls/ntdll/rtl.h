/* What the run-time half of ntdll (strings, heap, locks, paths ...) shares. The loader has its own header. */
#pragma once

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <wchar.h>

#include "ntdll_private.h"

#define ALIGN_UP(n, a) (((n) + (a) - 1) & ~((a) - 1))

static inline HANDLE process_heap(void)
{
    return current_peb()->ProcessHeap;
}

static inline void *heap_alloc(SIZE_T size)
{
    return RtlAllocateHeap(process_heap(), 0, size);
}

static inline void *heap_alloc_zero(SIZE_T size)
{
    return RtlAllocateHeap(process_heap(), HEAP_ZERO_MEMORY, size);
}

static inline void heap_free(void *block)
{
    RtlFreeHeap(process_heap(), 0, block);
}

/* The thread's id, as the alert calls and the locks want it. */
static inline HANDLE current_tid(void)
{
    HANDLE tid;
    __asm__("movq %%gs:0x48,%0" : "=r"(tid));
    return tid;
}

static inline void cpu_relax(void)
{
    __builtin_ia32_pause();
}

/* A lock for a few instructions, in 4 bytes; zero is free. Whoever holds it makes no Nt call. */
extern void tiny_lock_slow(LONG *lock);

static inline void tiny_lock(LONG *lock)
{
    if (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE)) tiny_lock_slow(lock);
}

static inline void tiny_unlock(LONG *lock)
{
    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

/* True while a single thread runs the process down: the others are dead, and what they held stays held. */
static inline bool process_is_dying(void)
{
    return current_peb()->LdrData && current_peb()->LdrData->ShutdownInProgress;
}

/* waitaddr.c: like RtlWakeAddressSingle/All, and tells how many waiters there were. */
extern unsigned int wake_address(const void *address, unsigned int max);

extern NTSTATUS WINAPI RtlHashUnicodeString(const UNICODE_STRING *str, BOOLEAN ignore_case, ULONG algorithm, ULONG *hash);

/* env.c: WCHARs of an environment block, with its end. */
extern SIZE_T env_length(const WCHAR *env);
/* What each subject sets up at start, and undoes when a thread ends; called from init.c. */
extern void env_process_init(void);
extern void params_process_init(void);
extern void tls_process_init(void);
extern void fls_thread_begin(void);
extern void fls_thread_exit(void);      /* the callbacks */
extern void fls_thread_free(void);
