/* Path names: what path.c and curdir.c share. */
#pragma once

#include <limits.h>

#include "rtl.h"

#define LOCAL_PATH 1024         /* WCHARs on the stack before the heap is asked */

/* Ends with a backslash. Changes under the PEB lock. */
static inline const UNICODE_STRING *current_directory(void)
{
    return &current_peb()->ProcessParameters->CurrentDirectory.DosPath;
}

/* WCHARs that the full form of a name may need. */
extern SIZE_T path_full_size(const WCHAR *name);
/* The full form, and where in it the last component starts (0: it has none). Returns the length. */
extern SIZE_T path_make_full(const WCHAR *name, WCHAR *out, SIZE_T *file);

extern NTSTATUS WINAPI RtlDosPathNameToRelativeNtPathName_U_WithStatus(PCWSTR name, UNICODE_STRING *nt,
                                                                       PWSTR *file_part, RTL_RELATIVE_NAME *relative);
extern BOOLEAN WINAPI RtlDosPathNameToRelativeNtPathName_U(PCWSTR name, UNICODE_STRING *nt, PWSTR *file_part,
                                                           RTL_RELATIVE_NAME *relative);
extern void WINAPI RtlReleaseRelativeName(RTL_RELATIVE_NAME *relative);
extern ULONG WINAPI RtlGetLongestNtPathLength(void);
