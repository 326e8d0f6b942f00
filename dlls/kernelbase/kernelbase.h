/* What every file of kernelbase sees: Windows' types, and the few helpers that turn Nt into Win32.
 *
 * kernelbase implements, kernel32 forwards. Everything here stands on ntdll's documented Nt, Rtl and Ldr
 * functions; C functions (memcpy, wcslen ...) are ntdll's too.
 */
#pragma once

/* The SDK headers then declare what we define, instead of importing it. */
#define _KERNEL32_
#define _ADVAPI32_
#define _NORMALIZE_
#define _SHLWAPI_
#define _USER32_
#define _VERSION_

#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
/* Wine's winbase.h makes what we have to define inline functions for Wine's own sources. */
#undef __WINESRC__
#include "winbase.h"
#define __WINESRC__
#include "winnls.h"
#include "wincon.h"
#include "winioctl.h"
#include "winternl.h"

#include "sdk.h"

/* ---- results ---------------------------------------------------------------------------------------- */
static inline void set_error(DWORD error)
{
    NtCurrentTeb()->LastErrorValue = error;
}

static inline DWORD get_error(void)
{
    return NtCurrentTeb()->LastErrorValue;
}

static inline BOOL fail(DWORD error)
{
    set_error(error);
    return FALSE;
}

/* TRUE, or FALSE with the last error set. Success leaves the last error alone; a warning (0x8...) fails. */
static inline BOOL nt_result(NTSTATUS status)
{
    if (status >= 0) return TRUE;
    set_error(RtlNtStatusToDosError(status));
    return FALSE;
}

/* ---- memory ----------------------------------------------------------------------------------------- */
static inline HANDLE process_heap(void)
{
    return NtCurrentTeb()->Peb->ProcessHeap;
}

static inline void *heap_alloc(SIZE_T size)
{
    return RtlAllocateHeap(process_heap(), 0, size);
}

static inline void *heap_zalloc(SIZE_T size)
{
    return RtlAllocateHeap(process_heap(), HEAP_ZERO_MEMORY, size);
}

static inline void heap_free(void *block)
{
    RtlFreeHeap(process_heap(), 0, block);
}

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static inline RTL_USER_PROCESS_PARAMETERS *process_parameters(void)
{
    return NtCurrentTeb()->Peb->ProcessParameters;
}

/* ---- strings (ansi.c) ------------------------------------------------------------------------------- */

/* An argument of a ...A function as UTF-16; free with RtlFreeUnicodeString (harmless on failure). NULL
 * becomes an empty string with a NULL Buffer. FALSE has the last error set. */
BOOL wide_from_ansi(UNICODE_STRING *out, const char *ansi);
/* The same for file names, which SetFileApisToOEM() may have switched to the OEM code page. */
BOOL wide_from_file_name(UNICODE_STRING *out, const char *ansi);

/* path.c: the folders that programs and DLLs are searched in, in 32768 characters. */
void program_search_path(WCHAR *buffer, BOOL current);

/* The result of a ...A function that follows the rule "length copied, or the size needed, NUL included":
 * wide[0, length) goes to buffer[size]. Never sets the last error. */
DWORD ansi_result(const WCHAR *wide, DWORD length, char *buffer, DWORD size);
DWORD file_name_result(const WCHAR *wide, DWORD length, char *buffer, DWORD size);
/* The same rule for UTF-16. */
DWORD wide_result(const WCHAR *wide, DWORD length, WCHAR *buffer, DWORD size);

/* ---- objects ---------------------------------------------------------------------------------------- */

/* The directory that Win32 object names are relative to; NULL while there are no names (sync.c). */
HANDLE named_objects_directory(void);

/* attr describes an object called name (may be NULL) with the inheritance and security of sa (may be NULL).
 * FALSE with the last error set if the name cannot be. */
BOOL named_attributes(OBJECT_ATTRIBUTES *attr, UNICODE_STRING *string, const WCHAR *name,
                      const SECURITY_ATTRIBUTES *sa, ULONG flags);

/* What CreateX with a name returns: the last error is 0, ERROR_ALREADY_EXISTS or the failure. */
HANDLE created_object(NTSTATUS status, HANDLE handle);

/* STD_x_HANDLE stands for the handle itself wherever a handle is expected. Programs make 64 bits of it with and without
 * its sign. NULL: not one of them. */
static inline HANDLE *standard_handle_slot(HANDLE handle)
{
    RTL_USER_PROCESS_PARAMETERS *params = process_parameters();

    /* Quickly: all others are below -12 as 32 or as 64 bits. */
    if ((DWORD)(ULONG_PTR)handle < STD_ERROR_HANDLE) return NULL;
    if ((ULONG_PTR)handle >> 32 != 0 && (ULONG_PTR)handle >> 32 != 0xffffffff) return NULL;
    switch ((DWORD)(ULONG_PTR)handle)
    {
    case STD_INPUT_HANDLE: return &params->hStdInput;
    case STD_OUTPUT_HANDLE: return &params->hStdOutput;
    case STD_ERROR_HANDLE: return &params->hStdError;
    }
    return NULL;
}

static inline HANDLE real_handle(HANDLE handle)
{
    HANDLE *slot = standard_handle_slot(handle);

    return slot ? *slot : handle;
}

/* Milliseconds to a relative NT time; NULL for INFINITE. */
static inline LARGE_INTEGER *nt_timeout(LARGE_INTEGER *time, DWORD milliseconds)
{
    if (milliseconds == INFINITE) return NULL;
    time->QuadPart = (LONGLONG)milliseconds * -10000;
    return time;
}

/* ---- code pages (codepage.c) ------------------------------------------------------------------------ */
UINT ansi_code_page(void);
UINT oem_code_page(void);

/* ---- collation (compare.c) -------------------------------------------------------------------------- */

/* The sort key of a string; returns its length in bytes, of which at most size are written. */
INT sort_key(const WCHAR *string, INT length, DWORD flags, BYTE *bytes, INT size);

/* ---- files ------------------------------------------------------------------------------------------ */
static inline ULONGLONG make_u64(DWORD low, DWORD high)
{
    return (ULONGLONG)high << 32 | low;
}
