/* Random numbers as the old CryptoAPI has them: a provider without keys. Key containers do not exist here. */
#include <stdarg.h>

#define _ADVAPI32_
#include "windef.h"
#include "winbase.h"
#include "winerror.h"
#include "wincrypt.h"

#define MAGIC 0x70726f76

struct provider
{
    DWORD magic;
};

static BOOL fail(DWORD error)
{
    SetLastError(error);
    return FALSE;
}

static struct provider *find(HCRYPTPROV handle)
{
    struct provider *provider = (struct provider *)handle;

    return provider && provider->magic == MAGIC ? provider : NULL;
}

static BOOL acquire(HCRYPTPROV *handle, DWORD type, DWORD flags)
{
    struct provider *provider;

    if (!handle) return fail(ERROR_INVALID_PARAMETER);
    if (!type || type > 999) return fail((DWORD)NTE_BAD_PROV_TYPE);
    if (type != PROV_RSA_FULL && type != PROV_RSA_AES && type != PROV_RSA_SCHANNEL) return fail((DWORD)NTE_PROV_TYPE_NOT_DEF);
    if (flags & (CRYPT_NEWKEYSET | CRYPT_DELETEKEYSET)) return fail((DWORD)NTE_PERM);
    if (!(flags & CRYPT_VERIFYCONTEXT)) return fail((DWORD)NTE_BAD_KEYSET);
    if (!(provider = HeapAlloc(GetProcessHeap(), 0, sizeof(*provider)))) return fail(ERROR_NOT_ENOUGH_MEMORY);
    provider->magic = MAGIC;
    *handle = (HCRYPTPROV)provider;
    return TRUE;
}

BOOL WINAPI CryptAcquireContextW(HCRYPTPROV *handle, const WCHAR *container, const WCHAR *name, DWORD type, DWORD flags)
{
    (void)container;
    (void)name;             /* each of Microsoft's is that of the type */
    return acquire(handle, type, flags);
}

BOOL WINAPI CryptAcquireContextA(HCRYPTPROV *handle, const char *container, const char *name, DWORD type, DWORD flags)
{
    (void)container;
    (void)name;
    return acquire(handle, type, flags);
}

BOOL WINAPI CryptReleaseContext(HCRYPTPROV handle, DWORD flags)
{
    struct provider *provider = find(handle);

    if (!provider) return fail(ERROR_INVALID_PARAMETER);
    provider->magic = 0;
    HeapFree(GetProcessHeap(), 0, provider);
    return !flags || fail((DWORD)NTE_BAD_FLAGS);    /* "returns FALSE but the CSP is released", says the documentation */
}

BOOL WINAPI CryptGenRandom(HCRYPTPROV handle, DWORD length, BYTE *buffer)
{
    BOOLEAN (WINAPI *generate)(void *, ULONG);

    if (!find(handle)) return fail(ERROR_INVALID_PARAMETER);
    /* RtlGenRandom, an export of this DLL that leads to another, which is not needed until now */
    generate = (BOOLEAN (WINAPI *)(void *, ULONG))(void *)GetProcAddress(GetModuleHandleW(L"advapi32.dll"), "SystemFunction036");
    return (generate && generate(buffer, length)) || fail((DWORD)NTE_FAIL);
}
