/* Small things: pointers that are not what they seem, flags, LUIDs, activation frames, error modes, text or not. */

#include "rtl.h"

extern void * WINAPI RtlEncodeSystemPointer(void *ptr);
extern void * WINAPI RtlDecodeSystemPointer(void *ptr);
extern HANDLE WINAPI RtlGetCurrentTransaction(void);
extern BOOL WINAPI RtlSetCurrentTransaction(HANDLE transaction);
extern BOOL WINAPI RtlIsCurrentThread(HANDLE thread);

PEB * WINAPI RtlGetCurrentPeb(void)
{
    return current_peb();
}

ULONG WINAPI RtlGetNtGlobalFlags(void)
{
    return current_peb()->NtGlobalFlag;
}

/* ---- encoded pointers ---- */

static ULONG_PTR rotate(ULONG_PTR v, unsigned int n)
{
    return n ? v >> n | v << (64 - n) : v;
}

/* The process's cookie, which no address of ours can be guessed from. */
static ULONG_PTR process_cookie(void)
{
    static ULONG_PTR cookie;
    ULONG value;

    if (cookie) return cookie;
    if (NtQueryInformationProcess(GetCurrentProcess(), ProcessCookie, &value, sizeof(value), NULL))
    {
        LARGE_INTEGER counter;

        NtQueryPerformanceCounter(&counter, NULL);
        value = (ULONG)(counter.QuadPart * 0x9e3779b97f4a7c15ULL >> 32 ^ (ULONG_PTR)current_peb() >> 12) | 1;
    }
    __sync_val_compare_and_swap(&cookie, 0, (ULONG_PTR)value << 32 | (ULONG)~value);
    return cookie;
}

void * WINAPI RtlEncodePointer(void *ptr)
{
    ULONG_PTR cookie = process_cookie();

    return (void *)rotate((ULONG_PTR)ptr ^ cookie, cookie & 63);
}

void * WINAPI RtlDecodePointer(void *ptr)
{
    ULONG_PTR cookie = process_cookie();

    return (void *)(rotate((ULONG_PTR)ptr, (64 - (cookie & 63)) & 63) ^ cookie);
}

void * WINAPI RtlEncodeSystemPointer(void *ptr)
{
    return RtlEncodePointer(ptr);
}

void * WINAPI RtlDecodeSystemPointer(void *ptr)
{
    return RtlDecodePointer(ptr);
}

/* ---- LUIDs, access masks ---- */

void WINAPI RtlCopyLuid(LUID *dst, const LUID *src)
{
    *dst = *src;
}

BOOLEAN WINAPI RtlEqualLuid(const LUID *a, const LUID *b)
{
    return a->LowPart == b->LowPart && a->HighPart == b->HighPart;
}

void WINAPI RtlCopyLuidAndAttributesArray(ULONG n, const LUID_AND_ATTRIBUTES *src, LUID_AND_ATTRIBUTES *dst)
{
    memmove(dst, src, n * sizeof(*src));
}

BOOLEAN WINAPI RtlAreAllAccessesGranted(ACCESS_MASK granted, ACCESS_MASK wanted)
{
    return (granted & wanted) == wanted;
}

BOOLEAN WINAPI RtlAreAnyAccessesGranted(ACCESS_MASK granted, ACCESS_MASK wanted)
{
    return (granted & wanted) != 0;
}

void WINAPI RtlMapGenericMask(ACCESS_MASK *mask, const GENERIC_MAPPING *mapping)
{
    if (*mask & GENERIC_READ) *mask |= mapping->GenericRead;
    if (*mask & GENERIC_WRITE) *mask |= mapping->GenericWrite;
    if (*mask & GENERIC_EXECUTE) *mask |= mapping->GenericExecute;
    if (*mask & GENERIC_ALL) *mask |= mapping->GenericAll;
    *mask &= 0x0fffffff;
}

/* ---- the thread's frames, error mode, transaction ---- */

void WINAPI RtlPushFrame(TEB_ACTIVE_FRAME *frame)
{
    frame->Previous = NtCurrentTeb()->ActiveFrame;
    NtCurrentTeb()->ActiveFrame = frame;
}

void WINAPI RtlPopFrame(TEB_ACTIVE_FRAME *frame)
{
    NtCurrentTeb()->ActiveFrame = frame->Previous;
}

TEB_ACTIVE_FRAME * WINAPI RtlGetFrame(void)
{
    return NtCurrentTeb()->ActiveFrame;
}

DWORD WINAPI RtlGetThreadErrorMode(void)
{
    return NtCurrentTeb()->HardErrorDisabled;
}

NTSTATUS WINAPI RtlSetThreadErrorMode(DWORD mode, DWORD *old)
{
    if (mode & ~0x70) return STATUS_INVALID_PARAMETER_1;
    if (old) *old = NtCurrentTeb()->HardErrorDisabled;
    NtCurrentTeb()->HardErrorDisabled = mode;
    return STATUS_SUCCESS;
}

HANDLE WINAPI RtlGetCurrentTransaction(void)
{
    return NtCurrentTeb()->CurrentTransactionHandle;
}

BOOL WINAPI RtlSetCurrentTransaction(HANDLE transaction)
{
    NtCurrentTeb()->CurrentTransactionHandle = transaction;
    return TRUE;
}

BOOL WINAPI RtlIsCurrentThread(HANDLE thread)
{
    THREAD_BASIC_INFORMATION info;

    if (thread == GetCurrentThread()) return TRUE;
    return !NtQueryInformationThread(thread, ThreadBasicInformation, &info, sizeof(info), NULL) &&
           info.ClientId.UniqueThread == current_tid();
}

/* ---- is it text? ---- */

/* Flags as IsTextUnicode has them. The statistical test asks whether the high bytes vary less than the low ones. */
BOOLEAN WINAPI RtlIsTextUnicode(LPCVOID buffer, INT size, INT *flags)
{
    const WCHAR *s = buffer;
    unsigned int wanted = flags ? (unsigned int)*flags : ~0u, found = 0;
    int n = size / (int)sizeof(WCHAR), high = 0, low = 0, prev_high = 0, prev_low = 0;
    bool reverse_ascii = true;

    if (size < (int)sizeof(WCHAR))
    {
        if (flags) *flags = 0;
        return FALSE;
    }
    if (size & 1) found |= IS_TEXT_UNICODE_ODD_LENGTH;
    if (s[0] == 0xfeff) found |= IS_TEXT_UNICODE_SIGNATURE;
    if (s[0] == 0xfffe) found |= IS_TEXT_UNICODE_REVERSE_SIGNATURE;
    if (n > 256) n = 256;
    for (int i = 0; i < n; i++)
    {
        switch (s[i])
        {
        case 0: found |= IS_TEXT_UNICODE_NULL_BYTES; break;
        case 0xffff: case 0x0a0d: case 0xfffe: found |= IS_TEXT_UNICODE_ILLEGAL_CHARS; break;
        case '\t': case '\n': case '\r': case ' ': case 0x3000: found |= IS_TEXT_UNICODE_CONTROLS; break;
        case 0x0900: case 0x0a00: case 0x0d00: case 0x2000: found |= IS_TEXT_UNICODE_REVERSE_CONTROLS; break;
        }
        if (s[i] & 0xff) reverse_ascii = false;
        high += abs((s[i] >> 8) - prev_high);
        low += abs((s[i] & 0xff) - prev_low);
        prev_high = s[i] >> 8;
        prev_low = s[i] & 0xff;
    }
    if (reverse_ascii) found |= IS_TEXT_UNICODE_REVERSE_ASCII16;
    if (3 * high < low) found |= IS_TEXT_UNICODE_STATISTICS;
    if (3 * low < high) found |= IS_TEXT_UNICODE_REVERSE_STATISTICS;

    found &= wanted;
    if (flags) *flags = (INT)found;
    if (found & (IS_TEXT_UNICODE_ODD_LENGTH | IS_TEXT_UNICODE_ILLEGAL_CHARS)) return FALSE;
    if (found & IS_TEXT_UNICODE_SIGNATURE) return TRUE;
    if (found & IS_TEXT_UNICODE_REVERSE_MASK) return FALSE;
    return (found & (IS_TEXT_UNICODE_STATISTICS | IS_TEXT_UNICODE_CONTROLS | IS_TEXT_UNICODE_ASCII16)) != 0;
}

/* ---- the machine ---- */

extern ULONG WINAPI NtGetCurrentProcessorNumberEx(PROCESSOR_NUMBER *number);
extern void WINAPI RtlGetCurrentProcessorNumberEx(PROCESSOR_NUMBER *number);
extern NTSTATUS WINAPI RtlGetNativeSystemInformation(SYSTEM_INFORMATION_CLASS class, void *info, ULONG size, ULONG *needed);

void WINAPI RtlGetCurrentProcessorNumberEx(PROCESSOR_NUMBER *number)
{
    NtGetCurrentProcessorNumberEx(number);
}

/* There is no other system around this one for a 64-bit process. */
NTSTATUS WINAPI RtlGetNativeSystemInformation(SYSTEM_INFORMATION_CLASS class, void *info, ULONG size, ULONG *needed)
{
    return NtQuerySystemInformation(class, info, size, needed);
}
