/* The window station and the desktop of the process. There are no windows on them, and nobody sees them. */
#include <stdarg.h>
#include <string.h>

#define _USER32_
#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#undef __WINESRC__
#include "winbase.h"
#define __WINESRC__
#include "winnls.h"
#include "winuser.h"
#include "winternl.h"
#include "oriel/control.h"

static HANDLE find(int which)
{
    HANDLE handles[2];
    NTSTATUS status = NtQueryInformationProcess(NtCurrentProcess(), ProcessOrielDesktop, handles, sizeof(handles), NULL);

    if (status >= 0) return handles[which];
    SetLastError(RtlNtStatusToDosError(status));
    return NULL;
}

HWINSTA WINAPI GetProcessWindowStation(void)
{
    return (HWINSTA)find(0);
}

/* All threads of the process have the one that there is. */
HDESK WINAPI GetThreadDesktop(DWORD id)
{
    HANDLE thread;

    if (id != GetCurrentThreadId())
    {
        if (!(thread = OpenThread(THREAD_QUERY_LIMITED_INFORMATION, FALSE, id)))
        {
            SetLastError(ERROR_INVALID_PARAMETER);
            return NULL;
        }
        CloseHandle(thread);
    }
    return (HDESK)find(1);
}

static BOOL give(const void *data, DWORD size, void *out, DWORD room, DWORD *needed)
{
    if (needed) *needed = size;
    if (room < size)
    {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    memcpy(out, data, size);
    return TRUE;
}

/* The last part of the name, or the type. */
static BOOL get_string(HANDLE object, INT index, WCHAR text[128])
{
    union { UNICODE_STRING string; OBJECT_TYPE_INFORMATION type; char room[512]; } info;
    const WCHAR *from;
    NTSTATUS status = NtQueryObject(object, index == UOI_NAME ? ObjectNameInformation : ObjectTypeInformation, &info, sizeof(info), NULL);

    if (status < 0 || !info.string.Buffer)
    {
        SetLastError(status < 0 ? RtlNtStatusToDosError(status) : ERROR_INVALID_HANDLE);
        return FALSE;
    }
    from = index == UOI_NAME && wcsrchr(info.string.Buffer, '\\') ? wcsrchr(info.string.Buffer, '\\') + 1 : info.string.Buffer;
    lstrcpynW(text, from, 128);
    return TRUE;
}

BOOL WINAPI GetUserObjectInformationW(HANDLE object, INT index, void *out, DWORD size, DWORD *needed)
{
    USEROBJECTFLAGS flags = { FALSE, FALSE, 0 };        /* not WSF_VISIBLE */
    WCHAR text[128];

    switch (index)
    {
    case UOI_FLAGS:
        return give(&flags, sizeof(flags), out, size, needed);
    case UOI_NAME:
    case UOI_TYPE:
        return get_string(object, index, text) && give(text, (DWORD)((wcslen(text) + 1) * sizeof(WCHAR)), out, size, needed);
    case UOI_USER_SID:
        return give(NULL, 0, out, size, needed);        /* nobody is logged on there */
    default:
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
}

BOOL WINAPI GetUserObjectInformationA(HANDLE object, INT index, void *out, DWORD size, DWORD *needed)
{
    WCHAR text[128];
    char bytes[256];
    int length;

    if (index != UOI_NAME && index != UOI_TYPE) return GetUserObjectInformationW(object, index, out, size, needed);
    if (!get_string(object, index, text)) return FALSE;
    length = WideCharToMultiByte(CP_ACP, 0, text, -1, bytes, sizeof(bytes), NULL, NULL);
    return give(bytes, (DWORD)length, out, size, needed);
}
