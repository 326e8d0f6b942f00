/* Stores of certificates. The system's stores are in the registry, which has none, and nothing here puts one into a store: all
 * are empty, and no certificate exists. Programs that look for roots in them fall back on those they carry with them. */
#include <stdarg.h>

#include "windef.h"
#include "winbase.h"
#include "winerror.h"
#define _CRYPT32_
#include "wincrypt.h"

#define MAGIC 0x65726f74

struct store
{
    DWORD magic;
    LONG  refs;
};

/* The provider is a number, or a name (of those numbers "Memory" and "System" have one); the letters' case does not count. */
static BOOL is_provider(const char *provider, DWORD number, DWORD number_w, const char *name)
{
    if ((ULONG_PTR)provider >> 16) return !lstrcmpiA(provider, name);
    return (ULONG_PTR)provider == number || (ULONG_PTR)provider == number_w;
}

static struct store *find_store(HCERTSTORE handle)
{
    struct store *store = handle;

    return store && store->magic == MAGIC ? store : NULL;
}

HCERTSTORE WINAPI CertOpenStore(const char *provider, DWORD encoding, HCRYPTPROV_LEGACY crypt, DWORD flags, const void *arg)
{
    struct store *store;

    (void)encoding;
    (void)crypt;
    if (is_provider(provider, (DWORD)(ULONG_PTR)CERT_STORE_PROV_SYSTEM_A, (DWORD)(ULONG_PTR)CERT_STORE_PROV_SYSTEM_W, sz_CERT_STORE_PROV_SYSTEM) ||
        is_provider(provider, (DWORD)(ULONG_PTR)CERT_STORE_PROV_SYSTEM_REGISTRY_A, (DWORD)(ULONG_PTR)CERT_STORE_PROV_SYSTEM_REGISTRY_W,
                    sz_CERT_STORE_PROV_SYSTEM_REGISTRY))
    {
        DWORD location = (flags & CERT_SYSTEM_STORE_LOCATION_MASK) >> CERT_SYSTEM_STORE_LOCATION_SHIFT;

        if (!arg || !location || location > CERT_SYSTEM_STORE_LOCAL_MACHINE_ENTERPRISE_ID)
        {
            SetLastError(arg ? ERROR_FILE_NOT_FOUND : ERROR_INVALID_PARAMETER);
            return NULL;
        }
    }
    else if (!is_provider(provider, (DWORD)(ULONG_PTR)CERT_STORE_PROV_MEMORY, (DWORD)(ULONG_PTR)CERT_STORE_PROV_MEMORY, sz_CERT_STORE_PROV_MEMORY))
    {
        SetLastError(ERROR_FILE_NOT_FOUND);         /* so the documentation: the provider was not found */
        return NULL;
    }
    if (!(store = HeapAlloc(GetProcessHeap(), 0, sizeof(*store))))
    {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    store->magic = MAGIC;
    store->refs = 1;
    return store;
}

HCERTSTORE WINAPI CertOpenSystemStoreW(HCRYPTPROV_LEGACY crypt, const WCHAR *name)
{
    if (!name)
    {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, crypt, CERT_SYSTEM_STORE_CURRENT_USER, name);
}

HCERTSTORE WINAPI CertOpenSystemStoreA(HCRYPTPROV_LEGACY crypt, const char *name)
{
    if (!name)
    {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, crypt, CERT_SYSTEM_STORE_CURRENT_USER, name);
}

HCERTSTORE WINAPI CertDuplicateStore(HCERTSTORE handle)
{
    struct store *store = find_store(handle);

    if (store) InterlockedIncrement(&store->refs);
    return store;
}

BOOL WINAPI CertCloseStore(HCERTSTORE handle, DWORD flags)
{
    struct store *store = find_store(handle);
    LONG left;

    if (!handle) return TRUE;
    if (!store)
    {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    if (!(left = InterlockedDecrement(&store->refs)))
    {
        store->magic = 0;
        HeapFree(GetProcessHeap(), 0, store);
    }
    if (!left || !(flags & CERT_CLOSE_STORE_CHECK_FLAG)) return TRUE;
    SetLastError((DWORD)CRYPT_E_PENDING_CLOSE);
    return FALSE;
}

const CERT_CONTEXT *WINAPI CertEnumCertificatesInStore(HCERTSTORE handle, const CERT_CONTEXT *previous)
{
    (void)previous;
    SetLastError(find_store(handle) ? (DWORD)CRYPT_E_NOT_FOUND : ERROR_INVALID_PARAMETER);
    return NULL;
}

const CERT_CONTEXT *WINAPI CertFindCertificateInStore(HCERTSTORE handle, DWORD encoding, DWORD flags, DWORD type, const void *what,
                                                      const CERT_CONTEXT *previous)
{
    (void)encoding;
    (void)flags;
    (void)type;
    (void)what;
    (void)previous;
    SetLastError(find_store(handle) ? (DWORD)CRYPT_E_NOT_FOUND : ERROR_INVALID_PARAMETER);
    return NULL;
}

/* There is no certificate that these could be given. */
const CERT_CONTEXT *WINAPI CertDuplicateCertificateContext(const CERT_CONTEXT *context)
{
    return context;
}

BOOL WINAPI CertFreeCertificateContext(const CERT_CONTEXT *context)
{
    (void)context;
    return TRUE;
}
