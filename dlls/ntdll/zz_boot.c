/* What the loader needs of the run-time library, until that has all of it: first definitions win, and this file comes last. To be deleted, with --allow-multiple-definition. */

#include "ntdll_private.h"


void *memcpy(void *to, const void *from, size_t n)
{
    for (size_t i = 0; i < n; i++) ((volatile char *)to)[i] = ((const char *)from)[i];
    return to;
}
void *memmove(void *to, const void *from, size_t n)
{
    if ((char *)to <= (const char *)from) return memcpy(to, from, n);
    while (n--) ((volatile char *)to)[n] = ((const char *)from)[n];
    return to;
}
void *memset(void *to, int c, size_t n)
{
    for (size_t i = 0; i < n; i++) ((volatile char *)to)[i] = c;
    return to;
}
int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b) a++, b++;
    return (unsigned char)*a - (unsigned char)*b;
}
size_t strlen(const char *s)
{
    size_t n = 0;
    while (s[n]) n++;
    return n;
}
size_t wcslen(const WCHAR *s)
{
    size_t n = 0;
    while (s[n]) n++;
    return n;
}
void WINAPI RtlInitUnicodeString(UNICODE_STRING *s, const WCHAR *text)
{
    s->Buffer = (WCHAR *)text;
    s->Length = text ? wcslen(text) * sizeof(WCHAR) : 0;
    s->MaximumLength = text ? s->Length + sizeof(WCHAR) : 0;
}
WCHAR WINAPI RtlDowncaseUnicodeChar(WCHAR c) { return c; }
ULONG WINAPI RtlGetFullPathName_U(const WCHAR *name, ULONG size, WCHAR *buffer, WCHAR **file)
{
    ULONG n = wcslen(name) * sizeof(WCHAR);
    (void)file;
    if (size < n + sizeof(WCHAR)) return n + sizeof(WCHAR);
    memcpy(buffer, name, n + sizeof(WCHAR));
    return n;
}
HANDLE WINAPI RtlCreateHeap(ULONG flags, void *base, SIZE_T reserve, SIZE_T commit, void *lock, RTL_HEAP_DEFINITION *def)
{
    void *block = NULL;
    SIZE_T size = 0x100000;
    (void)flags, (void)base, (void)reserve, (void)commit, (void)lock, (void)def;
    if (NtAllocateVirtualMemory(NtCurrentProcess(), &block, 0, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE)) return NULL;
    *(char **)block = (char *)block + 16;
    return block;
}
void * WINAPI RtlAllocateHeap(HANDLE heap, ULONG flags, SIZE_T size)
{
    char *block = *(char **)heap;
    (void)flags;
    *(char **)heap = block + ((size + 15) & ~15ull);
    return block;
}
BOOLEAN WINAPI RtlFreeHeap(HANDLE heap, ULONG flags, void *block) { (void)heap, (void)flags, (void)block; return TRUE; }
BOOLEAN WINAPI RtlLockHeap(HANDLE heap) { (void)heap; return TRUE; }
BOOLEAN WINAPI RtlUnlockHeap(HANDLE heap) { (void)heap; return TRUE; }
NTSTATUS WINAPI RtlEnterCriticalSection(RTL_CRITICAL_SECTION *cs) { (void)cs; return 0; }
NTSTATUS WINAPI RtlLeaveCriticalSection(RTL_CRITICAL_SECTION *cs) { (void)cs; return 0; }
void rtl_process_init(void) { }
void rtl_thread_exit(void) { }
BOOL WINAPI RtlTryEnterCriticalSection(RTL_CRITICAL_SECTION *cs) { (void)cs; return TRUE; }
void WINAPI RtlInitAnsiString(ANSI_STRING *s, const char *text) { s->Buffer = (char *)text; s->Length = strlen(text); s->MaximumLength = s->Length + 1; }
ULONG WINAPI RtlNtStatusToDosError(NTSTATUS status) { return status; }
void WINAPI RtlFreeUnicodeString(UNICODE_STRING *s) { (void)s; }
BOOLEAN WINAPI RtlDosPathNameToNtPathName_U(const WCHAR *dos, UNICODE_STRING *nt, WCHAR **file, CURDIR *cd) { (void)dos, (void)nt, (void)file, (void)cd; return FALSE; }
NTSTATUS WINAPI RtlQueryEnvironmentVariable_U(WCHAR *env, UNICODE_STRING *name, UNICODE_STRING *value) { (void)env, (void)name, (void)value; return STATUS_VARIABLE_NOT_FOUND; }
