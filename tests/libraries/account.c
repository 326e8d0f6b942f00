/* advapi32: accounts, security identifiers as text, privileges, the user. */
#include "libraries.h"
#include "sddl.h"

static void make_sid(SID *sid, BYTE authority, BYTE count, DWORD first, DWORD second)
{
    SID_IDENTIFIER_AUTHORITY value = { { 0, 0, 0, 0, 0, authority } };

    works(InitializeSid(sid, &value, count));
    *GetSidSubAuthority(sid, 0) = first;
    if (count > 1) *GetSidSubAuthority(sid, 1) = second;
}

static const struct
{
    BYTE authority, count;
    DWORD first, second;
    const WCHAR *text, *name, *domain;
    SID_NAME_USE use;
} known[] =
{
    { 1, 1, 0, 0, L"S-1-1-0", L"Everyone", L"", SidTypeWellKnownGroup },
    { 3, 1, 0, 0, L"S-1-3-0", L"CREATOR OWNER", L"", SidTypeWellKnownGroup },
    { 5, 1, 18, 0, L"S-1-5-18", L"SYSTEM", L"NT AUTHORITY", SidTypeWellKnownGroup },
    { 5, 1, 11, 0, L"S-1-5-11", L"Authenticated Users", L"NT AUTHORITY", SidTypeWellKnownGroup },
    { 5, 2, 32, 544, L"S-1-5-32-544", L"Administrators", L"BUILTIN", SidTypeAlias },
    { 5, 2, 32, 545, L"S-1-5-32-545", L"Users", L"BUILTIN", SidTypeAlias },
    { 5, 1, 32, 0, L"S-1-5-32", L"BUILTIN", L"BUILTIN", SidTypeDomain },
};

static void test_known(void)
{
    union { SID sid; BYTE bytes[SECURITY_MAX_SID_SIZE]; } sid, found;
    WCHAR name[64], domain[64], *text;
    char name_a[64], domain_a[64];
    DWORD name_size, domain_size, sid_size;
    SID_NAME_USE use;

    for (size_t i = 0; i < ARRAY_SIZE(known); i++)
    {
        winetest_push_context("%s", wine_dbgstr_w(known[i].text));
        make_sid(&sid.sid, known[i].authority, known[i].count, known[i].first, known[i].second);
        works(ConvertSidToStringSidW(&sid, &text));
        ok(!wcscmp(text, known[i].text), "%s\n", wine_dbgstr_w(text));
        LocalFree(text);

        name_size = domain_size = 64;
        works(LookupAccountSidW(NULL, &sid, name, &name_size, domain, &domain_size, &use));
        ok(!wcscmp(name, known[i].name) && !wcscmp(domain, known[i].domain) && use == known[i].use, "%s\\%s, %d\n",
           wine_dbgstr_w(domain), wine_dbgstr_w(name), use);
        ok(name_size == wcslen(name) && domain_size == wcslen(domain), "sizes %lu, %lu\n", name_size, domain_size);
        name_size = domain_size = 0;
        fails(LookupAccountSidW(NULL, &sid, NULL, &name_size, NULL, &domain_size, &use), ERROR_INSUFFICIENT_BUFFER);
        ok(name_size == wcslen(name) + 1 && domain_size == wcslen(domain) + 1, "sizes %lu, %lu\n", name_size, domain_size);
        name_size = domain_size = 64;
        works(LookupAccountSidA("", &sid, name_a, &name_size, domain_a, &domain_size, &use));
        ok(name_size == wcslen(name) && domain_size == wcslen(domain), "sizes %lu, %lu\n", name_size, domain_size);
        name_size = 0;
        fails(LookupAccountSidA(NULL, &sid, name_a, &name_size, domain_a, &domain_size, &use), ERROR_INSUFFICIENT_BUFFER);
        returns(name_size, wcslen(name) + 1);

        sid_size = sizeof(found);
        domain_size = 64;
        works(LookupAccountNameW(NULL, known[i].name, &found, &sid_size, domain, &domain_size, &use));
        ok(EqualSid(&found, &sid) && sid_size == GetLengthSid(&sid) && use == known[i].use, "another one, %d\n", use);
        sid_size = sizeof(found);
        domain_size = 64;
        works(LookupAccountNameA(NULL, name_a, &found, &sid_size, domain_a, &domain_size, &use));
        ok(EqualSid(&found, &sid), "another one\n");
        sid_size = domain_size = 0;
        fails(LookupAccountNameW(NULL, known[i].name, NULL, &sid_size, NULL, &domain_size, &use), ERROR_INSUFFICIENT_BUFFER);
        ok(sid_size == GetLengthSid(&sid) && domain_size == wcslen(known[i].domain) + 1, "sizes %lu, %lu\n", sid_size, domain_size);
        winetest_pop_context();
    }
    sid_size = sizeof(found);
    domain_size = 64;
    works(LookupAccountNameW(NULL, L"nt authority\\system", &found, &sid_size, domain, &domain_size, &use));
    ok(!wcscmp(domain, L"NT AUTHORITY"), "%s\n", wine_dbgstr_w(domain));
    sid_size = sizeof(found);
    domain_size = 64;
    fails(LookupAccountNameW(NULL, L"BUILTIN\\SYSTEM", &found, &sid_size, domain, &domain_size, &use), ERROR_NONE_MAPPED);
    fails(LookupAccountNameW(NULL, L"no such account", &found, &sid_size, domain, &domain_size, &use), ERROR_NONE_MAPPED);
    fails(LookupAccountNameA(NULL, "no such account", &found, &sid_size, domain_a, &domain_size, &use), ERROR_NONE_MAPPED);
    fails(LookupAccountNameW(L"no such machine", L"Everyone", &found, &sid_size, domain, &domain_size, &use), RPC_S_SERVER_UNAVAILABLE);
    make_sid(&sid.sid, 5, 2, 77, 78);
    name_size = domain_size = 64;
    fails(LookupAccountSidW(NULL, &sid, name, &name_size, domain, &domain_size, &use), ERROR_NONE_MAPPED);
    fails(LookupAccountSidW(L"no such machine", &sid, name, &name_size, domain, &domain_size, &use), RPC_S_SERVER_UNAVAILABLE);
    sid.sid.Revision = 9;
    fails(LookupAccountSidW(NULL, &sid, name, &name_size, domain, &domain_size, &use), ERROR_INVALID_PARAMETER);
}

static void test_user(void)
{
    union { TOKEN_USER user; BYTE bytes[256]; } info;
    BYTE found[SECURITY_MAX_SID_SIZE];
    WCHAR name[257], domain[64], user[257], machine[64];
    DWORD size, name_size, domain_size, sid_size;
    char ansi[257];
    SID_NAME_USE use;
    HANDLE token;

    works(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token));
    works(GetTokenInformation(token, TokenUser, &info, sizeof(info), &size));
    CloseHandle(token);
    size = ARRAY_SIZE(user);
    works(GetUserNameW(user, &size));
    returns(size, wcslen(user) + 1);
    size = 1;
    fails(GetUserNameW(user, &size), ERROR_INSUFFICIENT_BUFFER);
    size = sizeof(ansi);
    works(GetUserNameA(ansi, &size));
    returns(size, strlen(ansi) + 1);
    size = 1;
    fails(GetUserNameA(ansi, &size), ERROR_INSUFFICIENT_BUFFER);
    size = ARRAY_SIZE(user);
    works(GetUserNameW(user, &size));
    size = ARRAY_SIZE(machine);
    works(GetComputerNameW(machine, &size));

    name_size = ARRAY_SIZE(name);
    domain_size = ARRAY_SIZE(domain);
    works(LookupAccountSidW(NULL, info.user.User.Sid, name, &name_size, domain, &domain_size, &use));
    ok(!wcscmp(name, user) && !lstrcmpiW(domain, machine) && use == SidTypeUser, "%s\\%s, %d\n", wine_dbgstr_w(domain), wine_dbgstr_w(name), use);
    sid_size = sizeof(found);
    domain_size = ARRAY_SIZE(domain);
    works(LookupAccountNameW(machine, user, found, &sid_size, domain, &domain_size, &use));
    ok(EqualSid(found, info.user.User.Sid) && use == SidTypeUser, "another one, %d\n", use);
}

static void test_text(void)
{
    static const WCHAR *const bad[] = { L"", L"S", L"S-", L"S-1", L"S-1-", L"S-1-5", L"S-1-5-", L"S-2-5-18", L"S-1-5-18x", L"X-1-5-18", L"QQ", L"BAx" };
    static const struct { const WCHAR *letters, *text; } short_names[] =
    {
        { L"WD", L"S-1-1-0" }, { L"SY", L"S-1-5-18" }, { L"BA", L"S-1-5-32-544" }, { L"BU", L"S-1-5-32-545" }, { L"AU", L"S-1-5-11" },
        { L"CO", L"S-1-3-0" }, { L"LS", L"S-1-5-19" }, { L"NS", L"S-1-5-20" }, { L"LW", L"S-1-16-4096" }, { L"AC", L"S-1-15-2-1" },
        { L"S-1-5-21-1-2-3-500", L"S-1-5-21-1-2-3-500" }, { L"s-1-0x5-0x20", L"S-1-5-32" },
    };
    char *narrow;
    WCHAR *text;
    PSID sid;

    for (size_t i = 0; i < ARRAY_SIZE(short_names); i++)
    {
        winetest_push_context("%s", wine_dbgstr_w(short_names[i].letters));
        works(ConvertStringSidToSidW(short_names[i].letters, &sid));
        works(ConvertSidToStringSidW(sid, &text));
        ok(!wcscmp(text, short_names[i].text), "%s\n", wine_dbgstr_w(text));
        LocalFree(text);
        LocalFree(sid);
        winetest_pop_context();
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
    {
        winetest_push_context("%s", wine_dbgstr_w(bad[i]));
        fails(ConvertStringSidToSidW(bad[i], &sid), ERROR_INVALID_SID);
        winetest_pop_context();
    }
    works(ConvertStringSidToSidA("S-1-5-18", &sid));
    works(ConvertSidToStringSidA(sid, &narrow));
    ok(!strcmp(narrow, "S-1-5-18"), "%s\n", narrow);
    LocalFree(narrow);
    fails(ConvertSidToStringSidA(sid, NULL), ERROR_INVALID_PARAMETER);
    fails(ConvertSidToStringSidW(sid, NULL), ERROR_INVALID_PARAMETER);
    LocalFree(sid);
    fails(ConvertStringSidToSidA(NULL, &sid), ERROR_INVALID_PARAMETER);
    fails(ConvertStringSidToSidA("S-1-5-18", NULL), ERROR_INVALID_PARAMETER);
    fails(ConvertStringSidToSidA("x", &sid), ERROR_INVALID_SID);
    fails(ConvertStringSidToSidW(NULL, &sid), ERROR_INVALID_PARAMETER);
    fails(ConvertSidToStringSidW(NULL, &text), ERROR_INVALID_SID);
}

static void test_privilege(void)
{
    LUID luid, other;
    WCHAR name[64];
    char ansi[64];
    DWORD size;

    works(LookupPrivilegeValueW(NULL, L"SeDebugPrivilege", &luid));
    ok(luid.LowPart == 20 && !luid.HighPart, "%lu\n", luid.LowPart);
    works(LookupPrivilegeValueA(NULL, "seDEBUGprivilege", &other));
    returns(other.LowPart, 20);
    works(LookupPrivilegeValueW(NULL, L"SeLockMemoryPrivilege", &other));
    returns(other.LowPart, 4);
    fails(LookupPrivilegeValueW(NULL, L"SeNoSuchPrivilege", &other), ERROR_NO_SUCH_PRIVILEGE);
    fails(LookupPrivilegeValueA(NULL, "SeNoSuchPrivilege", &other), ERROR_NO_SUCH_PRIVILEGE);
    fails(LookupPrivilegeValueW(L"no such machine", L"SeDebugPrivilege", &other), RPC_S_SERVER_UNAVAILABLE);
    size = ARRAY_SIZE(name);
    works(LookupPrivilegeNameW(NULL, &luid, name, &size));
    ok(!wcscmp(name, L"SeDebugPrivilege") && size == wcslen(name), "%s, %lu\n", wine_dbgstr_w(name), size);
    size = 16;
    fails(LookupPrivilegeNameW(NULL, &luid, name, &size), ERROR_INSUFFICIENT_BUFFER);
    returns(size, 17);
    size = sizeof(ansi);
    works(LookupPrivilegeNameA(NULL, &luid, ansi, &size));
    ok(!strcmp(ansi, "SeDebugPrivilege") && size == 16, "%s, %lu\n", ansi, size);
    size = 16;
    fails(LookupPrivilegeNameA(NULL, &luid, ansi, &size), ERROR_INSUFFICIENT_BUFFER);
    returns(size, 17);
    luid.LowPart = 4711;
    fails(LookupPrivilegeNameW(NULL, &luid, name, &size), ERROR_NO_SUCH_PRIVILEGE);
    fails(LookupPrivilegeNameA(NULL, &luid, ansi, &size), ERROR_NO_SUCH_PRIVILEGE);
}

START_TEST(account)
{
    test_known();
    test_user();
    test_text();
    test_privilege();
}
