/* What the loader needs of the run-time library, until that has all of it: first definitions win, and this file comes last. To be deleted, with --allow-multiple-definition. */

#include "ntdll_private.h"

void heap_thread_exit(void);


ULONG WINAPI RtlGetFullPathName_U(const WCHAR *name, ULONG size, WCHAR *buffer, WCHAR **file)
{
    ULONG n = wcslen(name) * sizeof(WCHAR);
    (void)file;
    if (size < n + sizeof(WCHAR)) return n + sizeof(WCHAR);
    memcpy(buffer, name, n + sizeof(WCHAR));
    return n;
}
BOOLEAN WINAPI RtlDosPathNameToNtPathName_U(const WCHAR *dos, UNICODE_STRING *nt, WCHAR **file, CURDIR *cd) { (void)dos, (void)nt, (void)file, (void)cd; return FALSE; }
NTSTATUS WINAPI RtlQueryEnvironmentVariable_U(WCHAR *env, UNICODE_STRING *name, UNICODE_STRING *value) { (void)env, (void)name, (void)value; return STATUS_VARIABLE_NOT_FOUND; }
void rtl_process_init(void) { }
void rtl_thread_exit(void) { heap_thread_exit(); }
