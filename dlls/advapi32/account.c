/* Accounts: names of security identifiers. There are those that are the same everywhere, and one user on one machine. */
#include <stdarg.h>
#include <string.h>
#include <wchar.h>

#define _ADVAPI32_
#include "windef.h"
#include "winbase.h"
#include "winnls.h"
#include "winternl.h"
#include "account.h"

#define GROUP SidTypeWellKnownGroup
#define ALIAS SidTypeAlias
#define LABEL ((SID_NAME_USE)10)     /* SidTypeLabel, which the headers do not have */
#define NT L"NT AUTHORITY"
#define BUILTIN L"BUILTIN"
#define MANDATORY L"Mandatory Label"

static const struct account accounts[] =
{
    { 0, 1, { 0 }, GROUP, L"", L"", L"NULL SID" },
    { 1, 1, { 0 }, GROUP, L"WD", L"", L"Everyone" },
    { 2, 1, { 0 }, GROUP, L"", L"", L"LOCAL" },
    { 2, 1, { 1 }, GROUP, L"", L"", L"CONSOLE LOGON" },
    { 3, 1, { 0 }, GROUP, L"CO", L"", L"CREATOR OWNER" },
    { 3, 1, { 1 }, GROUP, L"CG", L"", L"CREATOR GROUP" },
    { 3, 1, { 2 }, GROUP, L"", L"", L"CREATOR OWNER SERVER" },
    { 3, 1, { 3 }, GROUP, L"", L"", L"CREATOR GROUP SERVER" },
    { 3, 1, { 4 }, GROUP, L"OW", L"", L"OWNER RIGHTS" },
    { 5, 1, { 1 }, GROUP, L"", NT, L"DIALUP" },
    { 5, 1, { 2 }, GROUP, L"NU", NT, L"NETWORK" },
    { 5, 1, { 3 }, GROUP, L"", NT, L"BATCH" },
    { 5, 1, { 4 }, GROUP, L"IU", NT, L"INTERACTIVE" },
    { 5, 1, { 6 }, GROUP, L"SU", NT, L"SERVICE" },
    { 5, 1, { 7 }, GROUP, L"AN", NT, L"ANONYMOUS LOGON" },
    { 5, 1, { 8 }, GROUP, L"", NT, L"PROXY" },
    { 5, 1, { 9 }, GROUP, L"ED", NT, L"ENTERPRISE DOMAIN CONTROLLERS" },
    { 5, 1, { 10 }, GROUP, L"PS", NT, L"SELF" },
    { 5, 1, { 11 }, GROUP, L"AU", NT, L"Authenticated Users" },
    { 5, 1, { 12 }, GROUP, L"RC", NT, L"RESTRICTED" },
    { 5, 1, { 13 }, GROUP, L"", NT, L"TERMINAL SERVER USER" },
    { 5, 1, { 14 }, GROUP, L"", NT, L"REMOTE INTERACTIVE LOGON" },
    { 5, 1, { 15 }, GROUP, L"", NT, L"This Organization" },
    { 5, 1, { 17 }, GROUP, L"", NT, L"IUSR" },
    { 5, 1, { 18 }, GROUP, L"SY", NT, L"SYSTEM" },
    { 5, 1, { 19 }, GROUP, L"LS", NT, L"LOCAL SERVICE" },
    { 5, 1, { 20 }, GROUP, L"NS", NT, L"NETWORK SERVICE" },
    { 5, 1, { 33 }, GROUP, L"WR", NT, L"WRITE RESTRICTED" },
    { 5, 1, { 113 }, GROUP, L"", NT, L"Local account" },
    { 5, 1, { 1000 }, GROUP, L"", NT, L"Other Organization" },
    { 5, 2, { 64, 10 }, GROUP, L"", NT, L"NTLM Authentication" },
    { 5, 2, { 64, 14 }, GROUP, L"", NT, L"SChannel Authentication" },
    { 5, 2, { 64, 21 }, GROUP, L"", NT, L"Digest Authentication" },
    { 5, 1, { 32 }, SidTypeDomain, L"", BUILTIN, L"BUILTIN" },
    { 5, 2, { 32, 544 }, ALIAS, L"BA", BUILTIN, L"Administrators" },
    { 5, 2, { 32, 545 }, ALIAS, L"BU", BUILTIN, L"Users" },
    { 5, 2, { 32, 546 }, ALIAS, L"BG", BUILTIN, L"Guests" },
    { 5, 2, { 32, 547 }, ALIAS, L"PU", BUILTIN, L"Power Users" },
    { 5, 2, { 32, 548 }, ALIAS, L"AO", BUILTIN, NULL },
    { 5, 2, { 32, 549 }, ALIAS, L"SO", BUILTIN, NULL },
    { 5, 2, { 32, 550 }, ALIAS, L"PO", BUILTIN, NULL },
    { 5, 2, { 32, 551 }, ALIAS, L"BO", BUILTIN, L"Backup Operators" },
    { 5, 2, { 32, 552 }, ALIAS, L"RE", BUILTIN, L"Replicator" },
    { 5, 2, { 32, 554 }, ALIAS, L"RU", BUILTIN, NULL },
    { 5, 2, { 32, 555 }, ALIAS, L"RD", BUILTIN, L"Remote Desktop Users" },
    { 5, 2, { 32, 556 }, ALIAS, L"NO", BUILTIN, L"Network Configuration Operators" },
    { 5, 2, { 32, 558 }, ALIAS, L"MU", BUILTIN, L"Performance Monitor Users" },
    { 5, 2, { 32, 559 }, ALIAS, L"LU", BUILTIN, L"Performance Log Users" },
    { 5, 2, { 32, 562 }, ALIAS, L"", BUILTIN, L"Distributed COM Users" },
    { 5, 2, { 32, 568 }, ALIAS, L"IS", BUILTIN, L"IIS_IUSRS" },
    { 5, 2, { 32, 569 }, ALIAS, L"CY", BUILTIN, L"Cryptographic Operators" },
    { 5, 2, { 32, 573 }, ALIAS, L"ER", BUILTIN, L"Event Log Readers" },
    { 15, 2, { 2, 1 }, GROUP, L"AC", L"APPLICATION PACKAGE AUTHORITY", L"ALL APPLICATION PACKAGES" },
    { 16, 1, { 0 }, LABEL, L"", MANDATORY, L"Untrusted Mandatory Level" },
    { 16, 1, { 4096 }, LABEL, L"LW", MANDATORY, L"Low Mandatory Level" },
    { 16, 1, { 8192 }, LABEL, L"ME", MANDATORY, L"Medium Mandatory Level" },
    { 16, 1, { 8448 }, LABEL, L"MP", MANDATORY, L"Medium Plus Mandatory Level" },
    { 16, 1, { 12288 }, LABEL, L"HI", MANDATORY, L"High Mandatory Level" },
    { 16, 1, { 16384 }, LABEL, L"SI", MANDATORY, L"System Mandatory Level" },
};

const struct account *account_of_sid(PSID sid)
{
    const SID *s = sid;
    unsigned int i, j;

    for (i = 0; i < 5; i++)
        if (s->IdentifierAuthority.Value[i]) return NULL;
    for (i = 0; i < ARRAY_SIZE(accounts); i++)
    {
        if (accounts[i].authority != s->IdentifierAuthority.Value[5] || accounts[i].count != s->SubAuthorityCount) continue;
        for (j = 0; j < accounts[i].count && accounts[i].subs[j] == s->SubAuthority[j]; j++) {}
        if (j == accounts[i].count) return &accounts[i];
    }
    return NULL;
}

const struct account *account_of_sddl(const WCHAR *letters)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(accounts); i++)
        if (accounts[i].sddl[0] && !_wcsnicmp(accounts[i].sddl, letters, 2)) return &accounts[i];
    return NULL;
}

void account_sid(const struct account *account, PSID sid)
{
    SID_IDENTIFIER_AUTHORITY authority = { { 0, 0, 0, 0, 0, account->authority } };

    RtlInitializeSid(sid, &authority, account->count);
    for (BYTE i = 0; i < account->count; i++) *RtlSubAuthoritySid(sid, i) = account->subs[i];
}

/* ---- this machine and its user ------------------------------------------------------------------------ */
union any_sid
{
    SID  sid;
    BYTE bytes[SECURITY_MAX_SID_SIZE];
};

static BOOL user_sid(PSID sid)
{
    union
    {
        TOKEN_USER user;
        BYTE bytes[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } info;
    DWORD size;
    HANDLE token;
    BOOL ok;

    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) return FALSE;
    ok = GetTokenInformation(token, TokenUser, &info, sizeof(info), &size) && CopySid(SECURITY_MAX_SID_SIZE, sid, info.user.User.Sid);
    CloseHandle(token);
    return ok;
}

/* The user's without its last part. */
BOOL machine_sid(PSID sid)
{
    if (!user_sid(sid)) return FALSE;
    --*RtlSubAuthorityCountSid(sid);
    return TRUE;
}

static BOOL failed(DWORD error)
{
    SetLastError(error);
    return FALSE;
}

struct found
{
    union any_sid sid;
    SID_NAME_USE use;
    WCHAR name[257], domain[MAX_COMPUTERNAME_LENGTH + 40];
};

static BOOL this_machine(const WCHAR *system, WCHAR *name)
{
    DWORD size = MAX_COMPUTERNAME_LENGTH + 1;

    if (!GetComputerNameW(name, &size)) return FALSE;
    if (system && system[0] == '\\' && system[1] == '\\') system += 2;
    return !system || !system[0] || !lstrcmpiW(system, name) || failed(RPC_S_SERVER_UNAVAILABLE);
}

/* Gives a text and the length without terminator, or the size that it needs. Nobody needs the text: no buffer, but a size. */
static BOOL give(const WCHAR *text, WCHAR *buffer, DWORD *size)
{
    DWORD length = (DWORD)wcslen(text);
    BOOL ok = *size > length;

    if (ok && buffer) memcpy(buffer, text, (length + 1) * sizeof(WCHAR));
    *size = ok ? length : length + 1;
    return ok;
}

static BOOL give_both(const WCHAR *a, WCHAR *a_buffer, DWORD *a_size, const WCHAR *b, WCHAR *b_buffer, DWORD *b_size)
{
    /* If one does not fit, the other's size has to count the terminator, too. */
    if (*a_size <= wcslen(a) || *b_size <= wcslen(b))
    {
        *a_size = (DWORD)wcslen(a) + 1;
        *b_size = (DWORD)wcslen(b) + 1;
        return failed(ERROR_INSUFFICIENT_BUFFER);
    }
    return give(a, a_buffer, a_size) && give(b, b_buffer, b_size);
}

/* ---- from a SID to the name ---------------------------------------------------------------------------- */
static BOOL find_sid(PSID sid, const WCHAR *machine, struct found *found)
{
    const struct account *account = account_of_sid(sid);
    union any_sid own;
    DWORD size, *last;

    if (account)
    {
        if (!account->name) return failed(ERROR_NONE_MAPPED);
        found->use = account->use;
        wcscpy(found->name, account->name);
        wcscpy(found->domain, account->domain);
        return TRUE;
    }
    if (!user_sid(&own)) return FALSE;
    wcscpy(found->domain, machine);
    if (RtlEqualSid(sid, &own))
    {
        found->use = SidTypeUser;
        size = ARRAY_SIZE(found->name);
        return GetUserNameW(found->name, &size);
    }
    last = RtlSubAuthoritySid(&own, --own.sid.SubAuthorityCount);
    if (RtlEqualSid(sid, &own))
    {
        found->use = SidTypeDomain;
        wcscpy(found->name, machine);
        return TRUE;
    }
    own.sid.SubAuthorityCount++;
    *last = DOMAIN_GROUP_RID_USERS;
    if (RtlEqualSid(sid, &own))
    {
        found->use = SidTypeGroup;
        wcscpy(found->name, L"None");
        return TRUE;
    }
    return failed(ERROR_NONE_MAPPED);
}

BOOL WINAPI LookupAccountSidW(const WCHAR *system, PSID sid, WCHAR *name, DWORD *name_size, WCHAR *domain, DWORD *domain_size, SID_NAME_USE *use)
{
    WCHAR machine[MAX_COMPUTERNAME_LENGTH + 1];
    struct found found;

    if (!this_machine(system, machine)) return FALSE;
    if (!RtlValidSid(sid)) return failed(ERROR_INVALID_PARAMETER);
    if (!find_sid(sid, machine, &found) || !give_both(found.name, name, name_size, found.domain, domain, domain_size)) return FALSE;
    *use = found.use;
    return TRUE;
}

static DWORD narrow(const WCHAR *text, char *buffer, DWORD size)
{
    return (DWORD)WideCharToMultiByte(CP_ACP, 0, text, -1, buffer, (INT)size, NULL, NULL);
}

BOOL WINAPI LookupAccountSidA(const char *system, PSID sid, char *name, DWORD *name_size, char *domain, DWORD *domain_size, SID_NAME_USE *use)
{
    WCHAR machine[MAX_COMPUTERNAME_LENGTH + 1], wide_system[MAX_COMPUTERNAME_LENGTH + 3];
    DWORD name_needed, domain_needed;
    struct found found;

    if (system && !MultiByteToWideChar(CP_ACP, 0, system, -1, wide_system, ARRAY_SIZE(wide_system))) return failed(RPC_S_SERVER_UNAVAILABLE);
    if (!this_machine(system ? wide_system : NULL, machine)) return FALSE;
    if (!RtlValidSid(sid)) return failed(ERROR_INVALID_PARAMETER);
    if (!find_sid(sid, machine, &found)) return FALSE;
    name_needed = narrow(found.name, NULL, 0);
    domain_needed = narrow(found.domain, NULL, 0);
    if (*name_size < name_needed || *domain_size < domain_needed)
    {
        *name_size = name_needed;
        *domain_size = domain_needed;
        return failed(ERROR_INSUFFICIENT_BUFFER);
    }
    if (name) narrow(found.name, name, name_needed);
    if (domain) narrow(found.domain, domain, domain_needed);
    *name_size = name_needed - 1;
    *domain_size = domain_needed - 1;
    *use = found.use;
    return TRUE;
}

/* ---- from the name to a SID ---------------------------------------------------------------------------- */

/* "LocalService" is "LOCAL SERVICE"; no other space may be left out. */
static BOOL same_name(const WCHAR *name, const struct account *account)
{
    if (!account->name) return FALSE;
    if (!lstrcmpiW(name, account->name)) return TRUE;
    if (account->authority != 5 || account->count != 1) return FALSE;
    return (account->subs[0] == 19 && !lstrcmpiW(name, L"LocalService")) || (account->subs[0] == 20 && !lstrcmpiW(name, L"NetworkService"));
}

static BOOL find_name(const WCHAR *full_name, const WCHAR *machine, struct found *found)
{
    const WCHAR *name = wcschr(full_name, '\\');
    WCHAR domain[64], user[257];
    size_t length = name ? (size_t)(name - full_name) : 0;
    DWORD size = ARRAY_SIZE(user);

    if (length >= ARRAY_SIZE(domain)) return failed(ERROR_NONE_MAPPED);
    memcpy(domain, full_name, length * sizeof(WCHAR));
    domain[length] = 0;
    name = name ? name + 1 : full_name;
    if (length == 1 && domain[0] == '.') wcscpy(domain, machine);

    for (unsigned int i = 0; i < ARRAY_SIZE(accounts); i++)
    {
        if (!same_name(name, &accounts[i]) || (domain[0] && lstrcmpiW(domain, accounts[i].domain))) continue;
        account_sid(&accounts[i], &found->sid);
        found->use = accounts[i].use;
        wcscpy(found->domain, accounts[i].domain);
        return TRUE;
    }
    wcscpy(found->domain, machine);
    if (!user_sid(&found->sid)) return FALSE;
    if (domain[0] && lstrcmpiW(domain, machine)) return failed(ERROR_NONE_MAPPED);
    if (GetUserNameW(user, &size) && !lstrcmpiW(name, user)) found->use = SidTypeUser;
    else if (!lstrcmpiW(name, L"None"))
    {
        *RtlSubAuthoritySid(&found->sid, (DWORD)found->sid.sid.SubAuthorityCount - 1) = DOMAIN_GROUP_RID_USERS;
        found->use = SidTypeGroup;
    }
    else if (!lstrcmpiW(name, machine))
    {
        found->sid.sid.SubAuthorityCount--;
        found->use = SidTypeDomain;
    }
    else return failed(ERROR_NONE_MAPPED);
    return TRUE;
}

BOOL WINAPI LookupAccountNameW(const WCHAR *system, const WCHAR *name, PSID sid, DWORD *sid_size, WCHAR *domain, DWORD *domain_size, SID_NAME_USE *use)
{
    WCHAR machine[MAX_COMPUTERNAME_LENGTH + 1];
    struct found found;
    DWORD length;

    if (!this_machine(system, machine) || !find_name(name ? name : BUILTIN, machine, &found)) return FALSE;
    length = RtlLengthSid(&found.sid);
    if (*sid_size < length || *domain_size <= wcslen(found.domain))
    {
        *sid_size = length;
        *domain_size = (DWORD)wcslen(found.domain) + 1;
        return failed(ERROR_INSUFFICIENT_BUFFER);
    }
    if (!sid) return failed(ERROR_INVALID_PARAMETER);
    memcpy(sid, &found.sid, length);
    *sid_size = length;
    give(found.domain, domain, domain_size);
    *use = found.use;
    return TRUE;
}

BOOL WINAPI LookupAccountNameA(const char *system, const char *name, PSID sid, DWORD *sid_size, char *domain, DWORD *domain_size, SID_NAME_USE *use)
{
    WCHAR wide_system[MAX_COMPUTERNAME_LENGTH + 3], wide_name[512], wide_domain[MAX_COMPUTERNAME_LENGTH + 40];
    DWORD wide_size = ARRAY_SIZE(wide_domain), needed, size = *sid_size;
    union any_sid own;
    DWORD own_size = sizeof(own);
    SID_NAME_USE own_use;

    if (system && !MultiByteToWideChar(CP_ACP, 0, system, -1, wide_system, ARRAY_SIZE(wide_system))) return failed(RPC_S_SERVER_UNAVAILABLE);
    if (name && !MultiByteToWideChar(CP_ACP, 0, name, -1, wide_name, ARRAY_SIZE(wide_name))) return failed(ERROR_NONE_MAPPED);
    if (!LookupAccountNameW(system ? wide_system : NULL, name ? wide_name : NULL, &own, &own_size, wide_domain, &wide_size, &own_use)) return FALSE;
    needed = narrow(wide_domain, NULL, 0);
    *sid_size = own_size;
    if (size < own_size || *domain_size < needed)
    {
        *domain_size = needed;
        return failed(ERROR_INSUFFICIENT_BUFFER);
    }
    if (!sid) return failed(ERROR_INVALID_PARAMETER);
    memcpy(sid, &own, own_size);
    if (domain) narrow(wide_domain, domain, needed);
    *domain_size = needed - 1;
    *use = own_use;
    return TRUE;
}
