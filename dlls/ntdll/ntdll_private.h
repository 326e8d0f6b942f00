/* What the files of the PE side of ntdll share.
 *
 * Two halves meet here: the loader and the exceptions (ldr_*.c, exception.c, unwind*.c), and the
 * run-time library (heap, strings, locks, environment ...). What one needs of the other is declared
 * here if winternl.h does not declare it. Nothing is linked in but libgcc and libmingwex, so memcpy
 * and its kind are ours too.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <string.h>

#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#include "winbase.h"
#include "winternl.h"

#define ARRAY_COUNT(a) (sizeof(a) / sizeof((a)[0]))
/* An initialiser of a UNICODE_STRING for a literal or an array of WCHAR. */
#define CONSTANT_STRING(s) { sizeof(s) - sizeof((s)[0]), sizeof(s), (WCHAR *)(s) }

static inline PEB *current_peb(void)
{
    PEB *peb;
    __asm__("movq %%gs:0x60,%0" : "=r"(peb));
    return peb;
}

/* ---- provided by the run-time library, used by the loader ---------------------------------- */

/* Called once, by LdrInitializeThunk on the first thread, after the process heap exists and before
 * any DLL is loaded: whatever the run-time library must set up in the PEB (locks, TLS bitmaps ...). */
void rtl_process_init(void);
/* Called by LdrShutdownThread and LdrShutdownProcess before any DLL is told: runs the callbacks of the thread's
 * FLS data and frees it. (TEB.TlsExpansionSlots, a block of the process heap, the loader frees, later.) */
void rtl_thread_begin(void);
void rtl_thread_exit(void);      /* while DLLs have not heard of it */
void rtl_thread_free(void);      /* when they have */
/* The last that LdrShutdownThread does: gives the blocks back that the thread kept for itself. */
void heap_thread_exit(void);
/* What the process is going to end with: set by RtlExitUserProcess before it kills the other threads. The last thread
 * ends the process with it at once when it needs a lock that a killed thread holds. */
extern NTSTATUS process_exit_status;
/* waitaddr.c: the other threads are gone, and so are their waits. */
extern void waiters_forget(void);

/* ---- provided by the loader, used by the run-time library ---------------------------------- */

extern RTL_CRITICAL_SECTION loader_lock;
/* The address space of our own DLLs' folder as programs name it, without a final backslash. */
extern const WCHAR system_dir[20];
