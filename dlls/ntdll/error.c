/* The last error, and what Win32 error an NTSTATUS is. */

#include "rtl.h"
#include "status_table.h"

ULONG WINAPI RtlNtStatusToDosErrorNoTeb(NTSTATUS status)
{
    ULONG s = (ULONG)status;
    unsigned int low = 0, high = ARRAY_COUNT(status_table);

    /* The customer bit: not ours to translate. */
    if (!s || s & 0x20000000) return s;
    /* HRESULT_FROM_NT of an error is that error. */
    if ((s & 0xf0000000) == 0xd0000000) s &= ~0x10000000u;

    while (low < high)
    {
        unsigned int mid = (low + high) / 2;

        if (status_table[mid].status == s) return status_table[mid].error;
        if (status_table[mid].status < s) low = mid + 1;
        else high = mid;
    }
    /* A Win32 error in an NTSTATUS or HRESULT. */
    if (s >> 16 == 0xc001 || s >> 16 == 0x8007) return s & 0xffff;
    return ERROR_MR_MID_NOT_FOUND;
}

ULONG WINAPI RtlNtStatusToDosError(NTSTATUS status)
{
    NtCurrentTeb()->LastStatusValue = status;
    return RtlNtStatusToDosErrorNoTeb(status);
}

NTSTATUS WINAPI RtlGetLastNtStatus(void)
{
    return NtCurrentTeb()->LastStatusValue;
}

DWORD WINAPI RtlGetLastWin32Error(void)
{
    return NtCurrentTeb()->LastErrorValue;
}

void WINAPI RtlSetLastWin32Error(DWORD error)
{
    NtCurrentTeb()->LastErrorValue = error;
}

extern void WINAPI RtlRestoreLastWin32Error(DWORD error);

void WINAPI RtlRestoreLastWin32Error(DWORD error)
{
    RtlSetLastWin32Error(error);
}

void WINAPI RtlSetLastWin32ErrorAndNtStatusFromNtStatus(NTSTATUS status)
{
    RtlSetLastWin32Error(RtlNtStatusToDosError(status));
}
