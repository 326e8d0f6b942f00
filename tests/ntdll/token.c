/* Tokens: opening, queries, privileges, duplicates. */
#include "objects.h"

static HANDLE own_token(ACCESS_MASK access)
{
    HANDLE token = NULL;

    ok_status(NtOpenProcessToken(GetCurrentProcess(), access, &token), STATUS_SUCCESS);
    return token;
}

static BOOL valid_sid(const SID *sid)
{
    return sid->Revision == SID_REVISION && sid->SubAuthorityCount <= SID_MAX_SUB_AUTHORITIES;
}

static ULONG sid_size(const SID *sid)
{
    return FIELD_OFFSET(SID, SubAuthority) + 4 * sid->SubAuthorityCount;
}

static void test_open(void)
{
    HANDLE token = (HANDLE)0xdead, weak;
    char buffer[256];
    ULONG size;

    ok_status(NtOpenThreadToken(GetCurrentThread(), TOKEN_QUERY, FALSE, &token), STATUS_NO_TOKEN);
    ok(!token, "token %p\n", token);
    ok_status(NtOpenProcessToken((HANDLE)0xdead, TOKEN_QUERY, &token), STATUS_INVALID_HANDLE);
    ok_status(NtOpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, (HANDLE *)0xdead0), STATUS_ACCESS_VIOLATION);
    weak = own_token(TOKEN_DUPLICATE);
    ok_status(NtQueryInformationToken(weak, TokenUser, buffer, sizeof(buffer), &size), STATUS_ACCESS_DENIED);
    NtClose(weak);
}

static void test_sids(void)
{
    char buffer[2048];
    TOKEN_USER *user = (TOKEN_USER *)buffer;
    TOKEN_GROUPS *groups = (TOKEN_GROUPS *)buffer;
    TOKEN_MANDATORY_LABEL *label = (TOKEN_MANDATORY_LABEL *)buffer;
    HANDLE token = own_token(TOKEN_QUERY);
    ULONG size = 0, needed = 0, i, everyone = 0, logon = 0;
    const SID *sid;

    ok_status(NtQueryInformationToken(token, TokenUser, NULL, 0, &needed), STATUS_BUFFER_TOO_SMALL);
    ok_status(NtQueryInformationToken(token, TokenUser, buffer, needed, &size), STATUS_SUCCESS);
    ok(size == needed, "size %lu, needed %lu\n", size, needed);
    sid = user->User.Sid;
    ok((char *)sid == buffer + sizeof(*user), "the SID is at %p\n", sid);
    ok(valid_sid(sid) && sid->IdentifierAuthority.Value[5] == 5 && sid->SubAuthority[0] == 21, "not a user\n");
    ok(size == sizeof(*user) + sid_size(sid), "size %lu\n", size);

    ok_status(NtQueryInformationToken(token, TokenGroups, buffer, sizeof(buffer), &size), STATUS_SUCCESS);
    ok(groups->GroupCount > 4, "%lu groups\n", groups->GroupCount);
    for (i = 0; i < groups->GroupCount; i++)
    {
        sid = groups->Groups[i].Sid;
        ok(valid_sid(sid), "group %lu\n", i);
        if (sid->SubAuthorityCount == 1 && sid->IdentifierAuthority.Value[5] == 1 && !sid->SubAuthority[0]) everyone++;
        if ((groups->Groups[i].Attributes & SE_GROUP_LOGON_ID) == SE_GROUP_LOGON_ID) logon++;
    }
    ok(everyone == 1, "Everyone is there %lu times\n", everyone);
    ok(logon == 1, "%lu logon sessions\n", logon);

    ok_status(NtQueryInformationToken(token, TokenIntegrityLevel, buffer, sizeof(buffer), &size), STATUS_SUCCESS);
    sid = label->Label.Sid;
    ok(sid->IdentifierAuthority.Value[5] == 16 && sid->SubAuthority[0] >= SECURITY_MANDATORY_MEDIUM_RID, "level %lx\n",
       sid->SubAuthority[0]);
    NtClose(token);
}

static void test_numbers(void)
{
    HANDLE token = own_token(TOKEN_QUERY | TOKEN_QUERY_SOURCE);
    TOKEN_STATISTICS statistics;
    TOKEN_SOURCE source;
    DWORD value, size;

    ok_status(NtQueryInformationToken(token, TokenElevation, &value, sizeof(value), &size), STATUS_SUCCESS);
    ok(value <= 1 && size == sizeof(value), "elevation %lu, size %lu\n", value, size);
    ok_status(NtQueryInformationToken(token, TokenType, &value, sizeof(value), &size), STATUS_SUCCESS);
    ok(value == TokenPrimary, "type %lu\n", value);
    ok_status(NtQueryInformationToken(token, TokenSessionId, &value, sizeof(value), &size), STATUS_SUCCESS);
    ok(value == NtCurrentTeb()->Peb->SessionId, "session %lu\n", value);
    ok_status(NtQueryInformationToken(token, TokenIsAppContainer, &value, sizeof(value), &size), STATUS_SUCCESS);
    ok(!value, "app container %lu\n", value);
    ok_status(NtQueryInformationToken(token, TokenImpersonationLevel, &value, sizeof(value), &size), STATUS_INVALID_INFO_CLASS);
    ok_status(NtQueryInformationToken(token, 0, &value, sizeof(value), &size), STATUS_INVALID_INFO_CLASS);
    ok_status(NtQueryInformationToken(token, TokenStatistics, &statistics, sizeof(statistics), &size), STATUS_SUCCESS);
    ok(statistics.TokenType == TokenPrimary && statistics.PrivilegeCount, "%d %lu\n", statistics.TokenType,
       statistics.PrivilegeCount);
    ok_status(NtQueryInformationToken(token, TokenSource, &source, sizeof(source), &size), STATUS_SUCCESS);
    NtClose(token);
}

static BOOLEAN is_enabled(HANDLE token, ULONG luid)
{
    PRIVILEGE_SET set = { .PrivilegeCount = 1, .Control = PRIVILEGE_SET_ALL_NECESSARY };
    BOOLEAN result = 77;

    set.Privilege[0].Luid.LowPart = luid;
    ok_status(NtPrivilegeCheck(token, &set, &result), STATUS_SUCCESS);
    return result;
}

static void test_privileges(void)
{
    HANDLE token = own_token(TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES | TOKEN_DUPLICATE), copy, weak;
    TOKEN_PRIVILEGES new_state = { .PrivilegeCount = 1 }, previous;
    DWORD size = 0;

    ok(is_enabled(token, SE_CHANGE_NOTIFY_PRIVILEGE), "who may not traverse?\n");
    ok(!is_enabled(token, SE_SHUTDOWN_PRIVILEGE), "enabled before it was asked for\n");

    ok_status(NtDuplicateToken(token, 0, NULL, FALSE, TokenPrimary, &copy), STATUS_SUCCESS);
    new_state.Privileges[0].Luid.LowPart = SE_SHUTDOWN_PRIVILEGE;
    new_state.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
    memset(&previous, 0xcc, sizeof(previous));
    ok_status(NtAdjustPrivilegesToken(copy, FALSE, &new_state, sizeof(previous), &previous, &size), STATUS_SUCCESS);
    ok(previous.PrivilegeCount == 1 && previous.Privileges[0].Luid.LowPart == SE_SHUTDOWN_PRIVILEGE &&
       !(previous.Privileges[0].Attributes & SE_PRIVILEGE_ENABLED), "%lu %lu %lx\n", previous.PrivilegeCount,
       previous.Privileges[0].Luid.LowPart, previous.Privileges[0].Attributes);
    ok(is_enabled(copy, SE_SHUTDOWN_PRIVILEGE), "still disabled\n");
    ok(!is_enabled(token, SE_SHUTDOWN_PRIVILEGE), "the original was changed\n");
    ok_status(NtAdjustPrivilegesToken(copy, FALSE, &new_state, sizeof(previous), &previous, &size), STATUS_SUCCESS);
    ok(!previous.PrivilegeCount, "nothing changed, but %lu\n", previous.PrivilegeCount);
    ok_status(NtAdjustPrivilegesToken(copy, TRUE, NULL, 0, NULL, NULL), STATUS_SUCCESS);
    ok(!is_enabled(copy, SE_SHUTDOWN_PRIVILEGE) && !is_enabled(copy, SE_CHANGE_NOTIFY_PRIVILEGE), "still enabled\n");
    new_state.Privileges[0].Attributes = SE_PRIVILEGE_REMOVED;
    ok_status(NtAdjustPrivilegesToken(copy, FALSE, &new_state, 0, NULL, NULL), STATUS_SUCCESS);
    new_state.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
    ok_status(NtAdjustPrivilegesToken(copy, FALSE, &new_state, 0, NULL, NULL), STATUS_NOT_ALL_ASSIGNED);
    new_state.Privileges[0].Luid.LowPart = SE_TCB_PRIVILEGE;
    ok_status(NtAdjustPrivilegesToken(token, FALSE, &new_state, 0, NULL, NULL), STATUS_NOT_ALL_ASSIGNED);
    weak = own_token(TOKEN_QUERY);
    ok_status(NtAdjustPrivilegesToken(weak, TRUE, NULL, 0, NULL, NULL), STATUS_ACCESS_DENIED);
    NtClose(weak);
    NtClose(copy);
    NtClose(token);
}

static void test_duplicate(void)
{
    SECURITY_QUALITY_OF_SERVICE qos = { sizeof(qos), SecurityIdentification, SECURITY_STATIC_TRACKING, FALSE };
    OBJECT_ATTRIBUTES attr = { .Length = sizeof(attr), .SecurityQualityOfService = &qos };
    HANDLE token = own_token(TOKEN_DUPLICATE), copy, second;
    DWORD value, size;

    ok_status(NtDuplicateToken(token, TOKEN_ALL_ACCESS, &attr, FALSE, TokenImpersonation, &copy), STATUS_SUCCESS);
    ok_status(NtQueryInformationToken(copy, TokenImpersonationLevel, &value, sizeof(value), &size), STATUS_SUCCESS);
    ok(value == SecurityIdentification, "level %lu\n", value);
    qos.ImpersonationLevel = SecurityImpersonation;
    ok_status(NtDuplicateToken(copy, TOKEN_ALL_ACCESS, &attr, FALSE, TokenImpersonation, &second),
              STATUS_BAD_IMPERSONATION_LEVEL);
    ok_status(NtDuplicateToken(copy, TOKEN_ALL_ACCESS, NULL, FALSE, TokenPrimary, &second), STATUS_BAD_IMPERSONATION_LEVEL);
    ok_status(NtDuplicateToken(token, TOKEN_ALL_ACCESS, NULL, FALSE, 7, &second), STATUS_INVALID_PARAMETER);
    NtClose(copy);
    NtClose(token);
}

START_TEST(token)
{
    test_open();
    test_sids();
    test_numbers();
    test_privileges();
    test_duplicate();
}
