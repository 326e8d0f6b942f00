/* NtQuerySystemTime, NtQueryPerformanceCounter, NtGetTickCount, NtSetSystemTime. */
#include "nt/nt.h"
#include "ps/times.h"

NT_CALL(nt_query_system_time, LARGE_INTEGER *time)
{
    LARGE_INTEGER now = { .QuadPart = (LONGLONG)system_time() };

    return user_put(time, now);
}

NT_CALL(nt_query_performance_counter, LARGE_INTEGER *counter, LARGE_INTEGER *frequency)
{
    LARGE_INTEGER now = { .QuadPart = (LONGLONG)performance_counter() }, rate = { .QuadPart = PERFORMANCE_FREQUENCY };
    NTSTATUS status = user_put(counter, now);

    return status || !frequency ? status : user_put(frequency, rate);
}

NT_CALL(nt_get_tick_count, void)
{
    return (NTSTATUS)(interrupt_time() / 10000);
}

NT_CALL(nt_set_system_time, const LARGE_INTEGER *time, LARGE_INTEGER *old)
{
    LARGE_INTEGER value;
    NTSTATUS status = user_get(value, time);

    (void)old;
    return status ? status : STATUS_PRIVILEGE_NOT_HELD;         /* the clock belongs to the host */
}
