/* Where every thread of a Win32 process begins: ntdll hands over here. */
#include <stdarg.h>

#define _KERNEL32_
#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#undef __WINESRC__
#include "winbase.h"
#define __WINESRC__
#include "winternl.h"

/* ntdll's thread start calls this through a pointer; the unused first argument is what Windows passes there. */
void WINAPI BaseThreadInitThunk(DWORD unused, LPTHREAD_START_ROUTINE start, void *parameter);

void WINAPI BaseThreadInitThunk(DWORD unused, LPTHREAD_START_ROUTINE start, void *parameter)
{
    (void)unused;
    RtlExitUserThread(start(parameter));
}
