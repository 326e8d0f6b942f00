/* Random numbers. Other algorithms are not there: opening one fails with STATUS_NOT_FOUND. */
#include <stdarg.h>
#include <wchar.h>

#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#include "bcrypt.h"

BOOL WINAPI ProcessPrng(BYTE *buffer, SIZE_T length);

/* The one algorithm there is; its handle is its address. */
static const char random_algorithm[] = "RNG";

NTSTATUS WINAPI BCryptOpenAlgorithmProvider(BCRYPT_ALG_HANDLE *handle, const WCHAR *id, const WCHAR *implementation, ULONG flags)
{
    if (!handle || !id) return STATUS_INVALID_PARAMETER;
    *handle = NULL;
    if (implementation && wcscmp(implementation, MS_PRIMITIVE_PROVIDER)) return STATUS_NOT_FOUND;
    if (flags) return STATUS_NOT_SUPPORTED;
    if (wcscmp(id, BCRYPT_RNG_ALGORITHM)) return STATUS_NOT_FOUND;
    *handle = (BCRYPT_ALG_HANDLE)random_algorithm;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI BCryptCloseAlgorithmProvider(BCRYPT_ALG_HANDLE handle, ULONG flags)
{
    (void)flags;
    return handle == (BCRYPT_ALG_HANDLE)random_algorithm ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
}

NTSTATUS WINAPI BCryptGenRandom(BCRYPT_ALG_HANDLE handle, UCHAR *buffer, ULONG count, ULONG flags)
{
    if (handle && handle != (BCRYPT_ALG_HANDLE)random_algorithm && handle != (BCRYPT_ALG_HANDLE)0x81 /* BCRYPT_RNG_ALG_HANDLE */)
        return STATUS_INVALID_HANDLE;
    if (!handle && !(flags & BCRYPT_USE_SYSTEM_PREFERRED_RNG)) return STATUS_INVALID_HANDLE;
    if (!buffer) return STATUS_INVALID_PARAMETER;
    return ProcessPrng(buffer, count) ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

/* No policy of this system asks for validated algorithms only. */
NTSTATUS WINAPI BCryptGetFipsAlgorithmMode(BOOLEAN *enabled)
{
    if (!enabled) return STATUS_INVALID_PARAMETER;
    *enabled = FALSE;
    return STATUS_SUCCESS;
}
