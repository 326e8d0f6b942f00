/* Random bytes: the kernel's, by way of \Device\Random. */
#include <stdarg.h>

#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#include "winbase.h"
#include "winternl.h"

BOOL WINAPI ProcessPrng(BYTE *buffer, SIZE_T length);

/* One handle for the life of the process; a thread that loses the race closes its own. */
static HANDLE random_device(void)
{
    static HANDLE device;
    HANDLE handle = __atomic_load_n(&device, __ATOMIC_ACQUIRE), expected = NULL;
    WCHAR text[] = L"\\Device\\Random";
    UNICODE_STRING name = { sizeof(text) - sizeof(WCHAR), sizeof(text), text };
    OBJECT_ATTRIBUTES attr;
    IO_STATUS_BLOCK io;

    if (handle) return handle;
    InitializeObjectAttributes(&attr, &name, 0, NULL, NULL);
    if (NtOpenFile(&handle, FILE_READ_DATA | SYNCHRONIZE, &attr, &io, FILE_SHARE_READ | FILE_SHARE_WRITE,
                   FILE_SYNCHRONOUS_IO_NONALERT)) return NULL;
    if (__atomic_compare_exchange_n(&device, &expected, handle, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return handle;
    NtClose(handle);
    return expected;
}

BOOL WINAPI ProcessPrng(BYTE *buffer, SIZE_T length)
{
    HANDLE device = random_device();
    IO_STATUS_BLOCK io;

    while (length)
    {
        ULONG count = length < 0x10000000 ? length : 0x10000000;

        if (NtReadFile(device, NULL, NULL, NULL, &io, buffer, count, NULL, NULL)) return FALSE;
        buffer += count;
        length -= count;
    }
    return TRUE;
}
