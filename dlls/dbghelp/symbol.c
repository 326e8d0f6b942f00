/* Symbols of the calling process' own modules: what they export. There are no symbol files, so that a search path leads
 * nowhere, and no modules of other processes. */
#include <stdarg.h>
#include <string.h>

#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#include "winbase.h"
#include "winternl.h"
#include "winver.h"
#include "dbghelp.h"

static LONG  sessions;          /* SymInitialize without SymCleanup; all are of this process */
static DWORD options = SYMOPT_UNDNAME;

static BOOL fail(DWORD error)
{
    SetLastError(error);
    return FALSE;
}

DWORD WINAPI SymSetOptions(DWORD value)
{
    return options = value;
}

DWORD WINAPI SymGetOptions(void)
{
    return options;
}

/* Windows takes any number for the process; it stands for a real one only if invade asks for the modules. */
static BOOL is_own(HANDLE process)
{
    return process == GetCurrentProcess() || GetProcessId(process) == GetCurrentProcessId();
}

BOOL WINAPI SymInitializeW(HANDLE process, const WCHAR *path, BOOL invade)
{
    (void)path;
    (void)invade;
    if (!is_own(process)) return fail(ERROR_NOT_SUPPORTED);
    if (!InterlockedCompareExchange(&sessions, 1, 0)) return TRUE;
    return fail(ERROR_INVALID_PARAMETER);           /* once is enough */
}

BOOL WINAPI SymInitialize(HANDLE process, const char *path, BOOL invade)
{
    (void)path;
    return SymInitializeW(process, NULL, invade);
}

BOOL WINAPI SymCleanup(HANDLE process)
{
    if (!is_own(process) || !InterlockedCompareExchange(&sessions, 0, 1)) return fail(ERROR_INVALID_HANDLE);
    return TRUE;
}

DWORD64 WINAPI SymGetModuleBase64(HANDLE process, DWORD64 address)
{
    void *base = NULL;

    if (!is_own(process) || !sessions) return fail(ERROR_INVALID_HANDLE);
    if (!RtlPcToFileHeader((void *)address, &base)) SetLastError(ERROR_MOD_NOT_FOUND);
    return (DWORD64)base;
}

void *WINAPI SymFunctionTableAccess64(HANDLE process, DWORD64 address)
{
    DWORD64 base;

    if (!is_own(process) || !sessions)
    {
        fail(ERROR_INVALID_HANDLE);
        return NULL;
    }
    return RtlLookupFunctionEntry(address, &base, NULL);
}

/* The exported function that starts at the offset or nearest before it: its index in the table of names, or -1. */
static int nearest(const char *base, const IMAGE_EXPORT_DIRECTORY *exports, ULONG size, DWORD offset, DWORD *start)
{
    const DWORD *functions = (const DWORD *)(base + exports->AddressOfFunctions);
    const WORD *ordinals = (const WORD *)(base + exports->AddressOfNameOrdinals);
    DWORD table = (DWORD)((const char *)exports - base);
    int best = -1;

    for (DWORD i = 0; i < exports->NumberOfNames; i++)
    {
        DWORD at = ordinals[i] < exports->NumberOfFunctions ? functions[ordinals[i]] : 0;

        if (!at || at > offset || (at >= table && at < table + size)) continue;     /* the last: a forwarder's text */
        if (best < 0 || at > *start) best = (int)i, *start = at;
    }
    return best;
}

BOOL WINAPI SymFromAddr(HANDLE process, DWORD64 address, DWORD64 *displacement, SYMBOL_INFO *symbol)
{
    char *base = (char *)SymGetModuleBase64(process, address);
    const IMAGE_EXPORT_DIRECTORY *exports;
    const char *name;
    DWORD start = 0;
    ULONG size;
    int i;

    if (!base) return FALSE;
    if (symbol->SizeOfStruct < sizeof(*symbol)) return fail(ERROR_INVALID_PARAMETER);
    exports = RtlImageDirectoryEntryToData((HMODULE)base, TRUE, IMAGE_DIRECTORY_ENTRY_EXPORT, &size);
    if (!exports || (i = nearest(base, exports, size, (DWORD)(address - (DWORD64)base), &start)) < 0) return fail(ERROR_INVALID_ADDRESS);
    name = base + ((const DWORD *)(base + exports->AddressOfNames))[i];
    symbol->TypeIndex = 0;
    symbol->Index = 0;
    symbol->Size = 0;
    symbol->ModBase = (DWORD64)base;
    symbol->Flags = SYMFLAG_EXPORT;
    symbol->Value = 0;
    symbol->Address = (DWORD64)base + start;
    symbol->Register = 0;
    symbol->Scope = 0;
    symbol->Tag = 10 /* SymTagPublicSymbol */;
    symbol->NameLen = (ULONG)strlen(name);
    if (symbol->MaxNameLen)
    {
        ULONG n = symbol->NameLen < symbol->MaxNameLen ? symbol->NameLen : symbol->MaxNameLen - 1;

        memcpy(symbol->Name, name, n);
        symbol->Name[n] = 0;
    }
    if (displacement) *displacement = address - symbol->Address;
    return TRUE;
}
