/* Being told of changes in the registry. */
#include "kernelbase.h"
#include "winreg.h"
#include "registry.h"

LSTATUS WINAPI RegNotifyChangeKeyValue(HKEY key, BOOL tree, DWORD filter, HANDLE event, BOOL async)
{
    /* Nobody reads it, and it has to outlive the call: a place for all of them. */
    static IO_STATUS_BLOCK io;
    HANDLE handle;
    NTSTATUS status;

    if (async && !event) return ERROR_INVALID_PARAMETER;
    status = registry_handle(key, &handle);
    if (status >= 0) status = NtNotifyChangeKey(handle, event, NULL, NULL, &io, filter, (BOOLEAN)(tree != 0), NULL, 0, (BOOLEAN)(async != 0));
    return status == STATUS_PENDING || status == STATUS_NOTIFY_ENUM_DIR ? ERROR_SUCCESS : (LSTATUS)RtlNtStatusToDosError(status);
}
