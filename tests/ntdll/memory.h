/* What the suites of the Nt memory calls share. "§" cites the specification. */
#pragma once

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#include "winbase.h"
#include "winternl.h"
#include "memoryapi.h"
#include "wine/test.h"

#define K 0x1000u
#define G 0x10000u
#define ME GetCurrentProcess()

#define ok_status(call, expected) \
    do { \
        NTSTATUS status_ = (call); \
        ok(status_ == (NTSTATUS)(expected), "%s: status %#lx, expected %#lx\n", #call, (ULONG)status_, (ULONG)(expected)); \
    } while (0)
/* Two builds of Windows answer differently. */
#define ok_status2(call, expected, other) \
    do { \
        NTSTATUS status_ = (call); \
        ok(status_ == (NTSTATUS)(expected) || status_ == (NTSTATUS)(other), "%s: status %#lx, expected %#lx or %#lx\n", #call, \
           (ULONG)status_, (ULONG)(expected), (ULONG)(other)); \
    } while (0)

/* Newer than the headers, or than some Windows. */
extern NTSTATUS (WINAPI *pNtAllocateVirtualMemoryEx)(HANDLE, PVOID *, SIZE_T *, ULONG, ULONG, MEM_EXTENDED_PARAMETER *, ULONG);
extern NTSTATUS (WINAPI *pNtMapViewOfSectionEx)(HANDLE, HANDLE, PVOID *, const LARGE_INTEGER *, SIZE_T *, ULONG, ULONG,
                                                MEM_EXTENDED_PARAMETER *, ULONG);
extern NTSTATUS (WINAPI *pNtUnmapViewOfSectionEx)(HANDLE, PVOID, ULONG);
extern NTSTATUS (WINAPI *pNtExtendSection)(HANDLE, LARGE_INTEGER *);
void load_memory_functions(void);

/* A temporary file of size bytes, which goes with its handle. */
HANDLE memory_temp_file(DWORD access, const void *bytes, DWORD size);
