/* What the run-time half of ntdll (strings, heap, locks, paths ...) shares. The loader has its own header. */
#pragma once

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#include "winbase.h"
#include "winternl.h"

#define ALIGN_UP(n, a) (((n) + (a) - 1) & ~((a) - 1))

static inline HANDLE process_heap(void)
{
    return NtCurrentTeb()->Peb->ProcessHeap;
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
