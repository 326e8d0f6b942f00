/* API sets: contract names (api-ms-win-core-memory-l1-1-6.dll) that stand for whichever DLL has the functions.
 *
 * One table of prefixes, first match wins. The version at a contract's end says which functions a program
 * expects, not where they are, so it does not matter here. Families that Windows spreads over kernelbase and
 * kernel32 are kernelbase's here; import binding asks kernel32 for what kernelbase lacks.
 */

#include "ldr.h"

static const struct apiset
{
    const char *prefix;                 /* after api-ms-win- or ext-ms-win- */
    const WCHAR *host;
} apisets[] =
{
    { "crt-",                       L"ucrtbase.dll" },
    { "core-com-",                  L"combase.dll" },
    { "core-winrt-",                L"combase.dll" },
    { "core-rtlsupport-",           L"ntdll.dll" },
    { "core-shlwapi-",              L"kernelbase.dll" },
    { "core-version-",              L"kernelbase.dll" },
    { "core-psapi-",                L"kernelbase.dll" },
    { "core-registry-",             L"kernelbase.dll" },
    { "core-marshal-",              L"combase.dll" },
    { "core-",                      L"kernelbase.dll" },
    { "eventing-",                  L"advapi32.dll" },
    { "security-cryptoapi-",        L"advapi32.dll" },
    { "security-lsalookup-",        L"advapi32.dll" },
    { "security-sddl-",             L"advapi32.dll" },
    { "security-provider-",         L"advapi32.dll" },
    { "security-systemfunctions-",  L"advapi32.dll" },
    { "security-",                  L"kernelbase.dll" },
    { "service-",                   L"advapi32.dll" },
    { "advapi32-",                  L"advapi32.dll" },
    { "ntuser-",                    L"user32.dll" },
    { "rtcore-ntuser-",             L"user32.dll" },
    { "rtcore-gdi-",                L"gdi32.dll" },
    { "gdi-",                       L"gdi32.dll" },
    { "shell-shellfolders-",        L"shell32.dll" },
    { "shell-shdirectory-",         L"shell32.dll" },
    { "shcore-",                    L"shcore.dll" },
    { "shell32-",                   L"shell32.dll" },
    { "devices-config-",            L"cfgmgr32.dll" },
    { "mm-",                        L"winmm.dll" },
    { "power-",                     L"powrprof.dll" },
    { "oleacc-",                    L"oleacc.dll" },
    { "kernel32-",                  L"kernel32.dll" },
};

static bool has_prefix(const WCHAR *name, unsigned int length, const char *prefix, unsigned int *used)
{
    unsigned int i;

    for (i = 0; prefix[i]; i++)
    {
        WCHAR c = i < length ? name[i] : 0;
        if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
        if (c != (WCHAR)prefix[i]) return false;
    }
    *used = i;
    return true;
}

static bool apiset_split(const UNICODE_STRING *name, const WCHAR **rest, unsigned int *length)
{
    unsigned int used;

    *rest = name->Buffer;
    *length = name->Length / sizeof(WCHAR);
    if (!has_prefix(*rest, *length, "api-ms-win-", &used) && !has_prefix(*rest, *length, "ext-ms-win-", &used)) return false;
    *rest += used;
    *length -= used;
    return true;
}

bool name_is_apiset(const UNICODE_STRING *name)
{
    const WCHAR *rest;
    unsigned int length;

    return apiset_split(name, &rest, &length);
}

const WCHAR *apiset_host(const UNICODE_STRING *name)
{
    const WCHAR *rest;
    unsigned int length, used, i;

    if (!apiset_split(name, &rest, &length)) return NULL;
    for (i = 0; i < ARRAY_COUNT(apisets); i++)
        if (has_prefix(rest, length, apisets[i].prefix, &used)) return apisets[i].host;
    return NULL;
}

/* ---- asking ------------------------------------------------------------------------------------ */

/* "-l1-1-0" */
static bool has_version(const WCHAR *name, unsigned int length)
{
    unsigned int numbers = 0;

    while (length && name[length - 1] != 'l' && name[length - 1] != 'L')
    {
        unsigned int digits = 0;

        while (length && name[length - 1] >= '0' && name[length - 1] <= '9') length--, digits++;
        if (!digits || !length) return false;
        numbers++;
        if (name[length - 1] == '-') length--;
    }
    return numbers == 3 && length > 1 && name[length - 2] == '-';
}

/* A contract is there if the DLL behind it is. */
static BOOLEAN apiset_present(const UNICODE_STRING *name)
{
    UNICODE_STRING contract = *name, dll;
    struct load_context context = { .path = system_dir };
    struct found_file found;
    const WCHAR *host;
    BOOLEAN present;
    unsigned int i;

    for (i = 0; i < name->Length / sizeof(WCHAR); i++)
        if (name->Buffer[i] == '.') contract.Length = i * sizeof(WCHAR);
    if (!(host = apiset_host(&contract)) || !has_version(contract.Buffer, contract.Length / sizeof(WCHAR))) return FALSE;
    RtlInitUnicodeString(&dll, host);
    RtlEnterCriticalSection(&loader_lock);
    if (!(present = module_find_name(&dll) != NULL) && !search_open(&context, &dll, &found))
    {
        NtClose(found.file);
        ldr_free(found.full_name.Buffer);
        present = TRUE;
    }
    RtlLeaveCriticalSection(&loader_lock);
    return present;
}

NTSTATUS WINAPI ApiSetQueryApiSetPresence(const UNICODE_STRING *name, BOOLEAN *present);
NTSTATUS WINAPI ApiSetQueryApiSetPresence(const UNICODE_STRING *name, BOOLEAN *present)
{
    *present = apiset_present(name);
    return STATUS_SUCCESS;
}

/* The schema is whatever the table covers, so what is in it is there. */
NTSTATUS WINAPI ApiSetQueryApiSetPresenceEx(const UNICODE_STRING *name, BOOLEAN *in_schema, BOOLEAN *present);
NTSTATUS WINAPI ApiSetQueryApiSetPresenceEx(const UNICODE_STRING *name, BOOLEAN *in_schema, BOOLEAN *present)
{
    unsigned int i;

    if (!name_is_apiset(name)) return STATUS_INVALID_PARAMETER;
    for (i = 0; i < name->Length / sizeof(WCHAR); i++) if (name->Buffer[i] == '.') return STATUS_INVALID_PARAMETER;
    *present = *in_schema = apiset_present(name);
    return STATUS_SUCCESS;
}
