/* CreateMemoryResourceNotification, QueryMemoryResourceNotification (specification 19). */
#include "memory.h"

/* §19-1 */
START_TEST(notification)
{
    MEMORY_RESOURCE_NOTIFICATION_TYPE type;
    BOOL low = 77, high = 77, state;
    HANDLE handle, event;

    SetLastError(0xdeadbeef);
    handle = CreateMemoryResourceNotification(HighMemoryResourceNotification + 1);
    ok(!handle && GetLastError() == ERROR_INVALID_PARAMETER, "handle %p, error %lu\n", handle, GetLastError());
    SetLastError(0xdeadbeef);
    ok(!QueryMemoryResourceNotification(NULL, &state) && GetLastError() == ERROR_INVALID_PARAMETER, "error %lu\n",
       GetLastError());

    for (type = LowMemoryResourceNotification; type <= HighMemoryResourceNotification; type++)
    {
        handle = CreateMemoryResourceNotification(type);
        ok(handle != NULL, "error %lu\n", GetLastError());
        state = 77;
        ok(QueryMemoryResourceNotification(handle, &state) && (state == TRUE || state == FALSE), "state %d\n", state);
        ok(WaitForSingleObject(handle, 0) == (state ? WAIT_OBJECT_0 : WAIT_TIMEOUT), "state %d\n", state);
        ok(!SetEvent(handle) && GetLastError() == ERROR_ACCESS_DENIED, "error %lu\n", GetLastError());
        if (type == LowMemoryResourceNotification) low = state;
        else high = state;
        CloseHandle(handle);
    }
    ok(!low || !high, "both too little and much memory\n");

    event = CreateEventW(NULL, FALSE, TRUE, NULL);
    ok(QueryMemoryResourceNotification(event, &state) && state == TRUE, "state %d\n", state);
    CloseHandle(event);
}
