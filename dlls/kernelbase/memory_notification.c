/* Notifications of memory conditions: the two events that the system keeps. */
#include "kernelbase.h"

HANDLE WINAPI CreateMemoryResourceNotification(MEMORY_RESOURCE_NOTIFICATION_TYPE type)
{
    static const WCHAR *const names[2] = { L"\\KernelObjects\\LowMemoryCondition", L"\\KernelObjects\\HighMemoryCondition" };
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING name;
    HANDLE event;

    if (type != LowMemoryResourceNotification && type != HighMemoryResourceNotification)
    {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    RtlInitUnicodeString(&name, names[type]);
    InitializeObjectAttributes(&attr, &name, 0, NULL, NULL);
    return nt_result(NtOpenEvent(&event, EVENT_QUERY_STATE | SYNCHRONIZE, &attr)) ? event : NULL;
}

BOOL WINAPI QueryMemoryResourceNotification(HANDLE handle, BOOL *state)
{
    EVENT_BASIC_INFORMATION info;

    if (!state || NtQueryEvent(handle, EventBasicInformation, &info, sizeof(info), NULL))
    {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    *state = info.EventState != 0;
    return TRUE;
}
