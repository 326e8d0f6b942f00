/* advapi32: security descriptors and their text, access control lists, objects' security, access checks, impersonation. */
#include "libraries.h"
#include "aclapi.h"
#include "sddl.h"

static const SID everyone = { SID_REVISION, 1, { SECURITY_WORLD_SID_AUTHORITY }, { 0 } };
static const SID system_sid = { SID_REVISION, 1, { SECURITY_NT_AUTHORITY }, { 18 } };

/* ---- text ------------------------------------------------------------------------------------------------ */
static void test_sddl(void)
{
    static const char *const same[] =
    {
        "", "O:SY", "G:BA", "O:SYG:BA", "D:", "D:P", "D:(A;;GA;;;WD)", "D:P(D;OICI;GR;;;BU)(A;NPIO;GWGR;;;SY)", "D:(A;;FA;;;SY)", "D:(A;;KA;;;SY)",
        "D:(A;;CCDCLCSWRPWPDTLOCR;;;SY)", "D:(A;;SDRCWDWO;;;SY)", "D:(A;;0x1f;;;S-1-5-21-1-2-3-1000)", "S:(AU;SAFA;GA;;;WD)", "S:(ML;;NW;;;LW)",
        "O:SYG:SYD:AI(A;ID;GX;;;AU)S:P(AU;FA;GR;;;WD)", "D:NO_ACCESS_CONTROL",
    };
    static const struct { const char *text; DWORD error; } bad[] =
    {
        { "X", ERROR_INVALID_PARAMETER }, { "O:", ERROR_INVALID_PARAMETER }, { "O:QQ", ERROR_INVALID_PARAMETER }, { "O:SYO:SY", ERROR_INVALID_PARAMETER },
        { "X:SY", ERROR_INVALID_PARAMETER }, { "D:D:", ERROR_INVALID_PARAMETER }, { "D:(A;;GA;;;)", ERROR_INVALID_ACL },
        { "D:(A;;GA;;;WD", ERROR_INVALID_ACL }, { "D:(Q;;GA;;;WD)", ERROR_INVALID_ACL }, { "D:(A;QQ;GA;;;WD)", ERROR_INVALID_ACL },
        { "D:(A;;QQ;;;WD)", ERROR_INVALID_ACL }, { "D:(A;;GA)", ERROR_INVALID_ACL },
    };
    SECURITY_INFORMATION all = OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION | SACL_SECURITY_INFORMATION;
    PSECURITY_DESCRIPTOR sd;
    WCHAR *wide;
    ULONG size, length;
    char *text;

    for (size_t i = 0; i < ARRAY_SIZE(same); i++)
    {
        winetest_push_context("%s", same[i]);
        works(ConvertStringSecurityDescriptorToSecurityDescriptorA(same[i], SDDL_REVISION_1, &sd, &size));
        works(IsValidSecurityDescriptor(sd));
        returns(GetSecurityDescriptorLength(sd), size);
        works(ConvertSecurityDescriptorToStringSecurityDescriptorA(sd, SDDL_REVISION_1, all, &text, &length));
        if (strcmp(same[i], "D:(A;;0x1f;;;S-1-5-21-1-2-3-1000)")) ok(!strcmp(text, same[i]), "%s\n", text);
        else ok(!strcmp(text, "D:(A;;CCDCLCSWRP;;;S-1-5-21-1-2-3-1000)"), "%s\n", text);
        ok(length == strlen(text) + 1, "length %lu\n", length);
        LocalFree(text);
        LocalFree(sd);
        winetest_pop_context();
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
    {
        winetest_push_context("%s", bad[i].text);
        fails(ConvertStringSecurityDescriptorToSecurityDescriptorA(bad[i].text, SDDL_REVISION_1, &sd, NULL), bad[i].error);
        winetest_pop_context();
    }
    works(ConvertStringSecurityDescriptorToSecurityDescriptorW(L"O:SYD: (A;;GA;;;WD)", SDDL_REVISION_1, &sd, NULL));
    works(ConvertSecurityDescriptorToStringSecurityDescriptorW(sd, SDDL_REVISION_1, OWNER_SECURITY_INFORMATION, &wide, NULL));
    ok(!wcscmp(wide, L"O:SY"), "%s\n", wine_dbgstr_w(wide));           /* what was asked for */
    LocalFree(wide);
    fails(ConvertSecurityDescriptorToStringSecurityDescriptorW(sd, 2, all, &wide, NULL), ERROR_UNKNOWN_REVISION);
    fails(ConvertSecurityDescriptorToStringSecurityDescriptorA(sd, SDDL_REVISION_1, all, NULL, NULL), ERROR_INVALID_PARAMETER);
    LocalFree(sd);
    fails(ConvertSecurityDescriptorToStringSecurityDescriptorW(NULL, SDDL_REVISION_1, all, &wide, NULL), ERROR_INVALID_PARAMETER);
    fails(ConvertStringSecurityDescriptorToSecurityDescriptorW(L"O:SY", 2, &sd, NULL), ERROR_UNKNOWN_REVISION);
    fails(ConvertStringSecurityDescriptorToSecurityDescriptorW(NULL, SDDL_REVISION_1, &sd, NULL), ERROR_INVALID_PARAMETER);
    fails(ConvertStringSecurityDescriptorToSecurityDescriptorA("O:SY", SDDL_REVISION_1, NULL, NULL), ERROR_INVALID_PARAMETER);
}

static void test_absolute(void)
{
    DWORD sd_size = 0, dacl_size = 0, sacl_size = 0, owner_size = 0, group_size = 0, size = 0;
    union { SECURITY_DESCRIPTOR sd; BYTE bytes[64]; } absolute;
    BYTE owner[64], group[64], dacl[256], relative[512];
    PSECURITY_DESCRIPTOR sd;

    works(ConvertStringSecurityDescriptorToSecurityDescriptorA("O:SYG:BAD:(A;;GA;;;WD)", SDDL_REVISION_1, &sd, NULL));
    fails(MakeAbsoluteSD(sd, NULL, &sd_size, NULL, &dacl_size, NULL, &sacl_size, NULL, &owner_size, NULL, &group_size), ERROR_INSUFFICIENT_BUFFER);
    ok(sd_size == sizeof(SECURITY_DESCRIPTOR) && owner_size == 12 && group_size == 16 && dacl_size == 28 && !sacl_size,
       "sizes %lu, %lu, %lu, %lu, %lu\n", sd_size, owner_size, group_size, dacl_size, sacl_size);
    works(MakeAbsoluteSD(sd, &absolute.sd, &sd_size, (ACL *)dacl, &dacl_size, NULL, &sacl_size, owner, &owner_size, group, &group_size));
    ok(EqualSid(owner, (PSID)&system_sid), "another owner\n");
    fails(MakeSelfRelativeSD(&absolute.sd, NULL, &size), ERROR_INSUFFICIENT_BUFFER);
    returns(size, GetSecurityDescriptorLength(sd));
    works(MakeSelfRelativeSD(&absolute.sd, relative, &size));
    ok(!memcmp(relative, sd, 4), "other flags\n");
    fails(MakeAbsoluteSD(&absolute.sd, &absolute.sd, &sd_size, NULL, &dacl_size, NULL, &sacl_size, NULL, &owner_size, NULL, &group_size),
          ERROR_BAD_DESCRIPTOR_FORMAT);
    LocalFree(sd);
}

/* ---- lists ----------------------------------------------------------------------------------------------- */
static EXPLICIT_ACCESSW entry_for(ACCESS_MODE mode, DWORD mask, const SID *sid)
{
    EXPLICIT_ACCESSW entry = { mask, mode, NO_INHERITANCE, { NULL, NO_MULTIPLE_TRUSTEE, TRUSTEE_IS_SID, TRUSTEE_IS_UNKNOWN, NULL } };

    entry.grfAccessPermissions = mask;
    entry.grfAccessMode = mode;
    BuildTrusteeWithSidW(&entry.Trustee, (PSID)sid);
    return entry;
}

static void check_ace(ACL *acl, DWORD index, BYTE type, DWORD mask, const SID *sid)
{
    ACCESS_ALLOWED_ACE *ace;

    works(GetAce(acl, index, (void **)&ace));
    ok(ace->Header.AceType == type && ace->Mask == mask && EqualSid(&ace->SidStart, (PSID)sid), "%lu: type %u, mask %#lx\n", index,
       ace->Header.AceType, ace->Mask);
}

static void test_entries(void)
{
    EXPLICIT_ACCESSA ansi = { GENERIC_READ, GRANT_ACCESS, NO_INHERITANCE, { NULL, NO_MULTIPLE_TRUSTEE, TRUSTEE_IS_NAME, TRUSTEE_IS_UNKNOWN, NULL } };
    EXPLICIT_ACCESSW entries[2];
    ACL *acl = (ACL *)1, *second;

    returns(SetEntriesInAclW(0, NULL, NULL, NULL), ERROR_INVALID_PARAMETER);
    returns(SetEntriesInAclW(0, NULL, NULL, &acl), ERROR_SUCCESS);
    ok(!acl, "a list of nothing\n");
    entries[0] = entry_for(GRANT_ACCESS, 0x1, &everyone);
    entries[1] = entry_for(DENY_ACCESS, 0x2, &system_sid);
    returns(SetEntriesInAclW(2, entries, NULL, &acl), ERROR_SUCCESS);
    returns(acl->AceCount, 2);
    check_ace(acl, 0, ACCESS_DENIED_ACE_TYPE, 0x2, &system_sid);            /* what denies comes first */
    check_ace(acl, 1, ACCESS_ALLOWED_ACE_TYPE, 0x1, &everyone);
    entries[0] = entry_for(GRANT_ACCESS, 0x4, &everyone);                   /* more for one who has some */
    returns(SetEntriesInAclW(1, entries, acl, &second), ERROR_SUCCESS);
    returns(second->AceCount, 2);
    check_ace(second, 1, ACCESS_ALLOWED_ACE_TYPE, 0x5, &everyone);
    LocalFree(second);
    entries[0] = entry_for(SET_ACCESS, 0x8, &everyone);                     /* that and no other */
    returns(SetEntriesInAclW(1, entries, acl, &second), ERROR_SUCCESS);
    returns(second->AceCount, 2);
    check_ace(second, 1, ACCESS_ALLOWED_ACE_TYPE, 0x8, &everyone);
    LocalFree(second);
    entries[0] = entry_for(REVOKE_ACCESS, 0, &everyone);
    returns(SetEntriesInAclW(1, entries, acl, &second), ERROR_SUCCESS);
    returns(second->AceCount, 1);
    check_ace(second, 0, ACCESS_DENIED_ACE_TYPE, 0x2, &system_sid);
    LocalFree(second);
    entries[0] = entry_for((ACCESS_MODE)77, 0, &everyone);
    returns(SetEntriesInAclW(1, entries, acl, &second), ERROR_INVALID_PARAMETER);
    ok(!second, "%p\n", second);

    BuildTrusteeWithNameA(&ansi.Trustee, (char *)"Everyone");
    returns(SetEntriesInAclA(1, &ansi, acl, &second), ERROR_SUCCESS);
    returns(second->AceCount, 2);
    check_ace(second, 1, ACCESS_ALLOWED_ACE_TYPE, GENERIC_READ | 1, &everyone);
    LocalFree(second);
    BuildTrusteeWithNameA(&ansi.Trustee, (char *)"no such account");
    returns(SetEntriesInAclA(1, &ansi, acl, &second), ERROR_NONE_MAPPED);
    BuildTrusteeWithSidA(&ansi.Trustee, (PSID)&everyone);
    returns(SetEntriesInAclA(1, &ansi, NULL, &second), ERROR_SUCCESS);
    check_ace(second, 0, ACCESS_ALLOWED_ACE_TYPE, GENERIC_READ, &everyone);
    LocalFree(second);
    BuildTrusteeWithNameW(&entries[0].Trustee, (WCHAR *)L"CURRENT_USER");
    entries[0].grfAccessMode = GRANT_ACCESS;
    returns(SetEntriesInAclW(1, entries, NULL, &second), ERROR_SUCCESS);
    returns(second->AceCount, 1);
    LocalFree(second);
    LocalFree(acl);
}

static void test_list(void)
{
    union { ACL acl; BYTE bytes[256]; } list;
    SID label = { SID_REVISION, 1, { SECURITY_MANDATORY_LABEL_AUTHORITY }, { SECURITY_MANDATORY_LOW_RID } };
    ACL_SIZE_INFORMATION info;
    ACE_HEADER *ace;
    void *end;

    works(InitializeAcl(&list.acl, sizeof(list), ACL_REVISION));
    fails(InitializeAcl(&list.acl, sizeof(ACL) - 1, ACL_REVISION), ERROR_INSUFFICIENT_BUFFER);
    fails(InitializeAcl(&list.acl, sizeof(list), 9), ERROR_INVALID_PARAMETER);
    works(AddAccessAllowedAce(&list.acl, ACL_REVISION, 0x1, (PSID)&everyone));
    works(AddAccessAllowedAceEx(&list.acl, ACL_REVISION, OBJECT_INHERIT_ACE, 0x2, (PSID)&everyone));
    works(AddAccessDeniedAce(&list.acl, ACL_REVISION, 0x4, (PSID)&system_sid));
    works(AddAccessDeniedAceEx(&list.acl, ACL_REVISION, CONTAINER_INHERIT_ACE, 0x8, (PSID)&system_sid));
    works(AddAuditAccessAce(&list.acl, ACL_REVISION, 0x10, (PSID)&everyone, TRUE, FALSE));
    works(AddAuditAccessAceEx(&list.acl, ACL_REVISION, OBJECT_INHERIT_ACE, 0x20, (PSID)&everyone, FALSE, TRUE));
    works(AddMandatoryAce(&list.acl, ACL_REVISION, 0, SYSTEM_MANDATORY_LABEL_NO_WRITE_UP, &label));
    works(GetAclInformation(&list.acl, &info, sizeof(info), AclSizeInformation));
    returns(info.AceCount, 7);
    check_ace(&list.acl, 3, ACCESS_DENIED_ACE_TYPE, 0x8, &system_sid);
    works(GetAce(&list.acl, 4, (void **)&ace));
    ok(ace->AceType == SYSTEM_AUDIT_ACE_TYPE && ace->AceFlags == SUCCESSFUL_ACCESS_ACE_FLAG, "type %u, flags %#x\n", ace->AceType, ace->AceFlags);
    works(GetAce(&list.acl, 5, (void **)&ace));
    ok(ace->AceFlags == (FAILED_ACCESS_ACE_FLAG | OBJECT_INHERIT_ACE), "flags %#x\n", ace->AceFlags);
    works(GetAce(&list.acl, 6, (void **)&ace));
    ok(ace->AceType == SYSTEM_MANDATORY_LABEL_ACE_TYPE, "type %u\n", ace->AceType);
    fails(GetAce(&list.acl, 7, (void **)&ace), ERROR_INVALID_PARAMETER);
    works(FindFirstFreeAce(&list.acl, &end));
    ok((BYTE *)end == list.bytes + info.AclBytesInUse, "%Id, %lu\n", (BYTE *)end - list.bytes, info.AclBytesInUse);
    works(DeleteAce(&list.acl, 0));
    check_ace(&list.acl, 0, ACCESS_ALLOWED_ACE_TYPE, 0x2, &everyone);
    works(GetAce(&list.acl, 0, (void **)&ace));
    works(AddAce(&list.acl, 1, MAXDWORD, ace, ace->AceSize));               /* revision 1 will do */
    returns(list.acl.AceCount, 7);
    fails(AddAce(&list.acl, 9, MAXDWORD, ace, ace->AceSize), ERROR_REVISION_MISMATCH);
    while (AddAccessAllowedAce(&list.acl, ACL_REVISION, 0x1, (PSID)&everyone)) {}
    returns(GetLastError(), ERROR_ALLOTTED_SPACE_EXCEEDED);
    works(IsValidAcl(&list.acl));
}

/* ---- objects --------------------------------------------------------------------------------------------- */
static void test_object(void)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL), other;
    PSECURITY_DESCRIPTOR sd;
    EXPLICIT_ACCESSW entry = entry_for(GRANT_ACCESS, EVENT_MODIFY_STATE, &everyone);
    PSID owner = NULL, group = NULL;
    ACL *dacl = NULL, *acl;
    BYTE buffer[512];
    DWORD size;
    HKEY key;

    returns(GetSecurityInfo(event, SE_KERNEL_OBJECT, OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &owner, &group,
                            &dacl, NULL, &sd), ERROR_SUCCESS);
    ok(IsValidSecurityDescriptor(sd) && owner && IsValidSid(owner) && group && IsValidSid(group), "owner %p, group %p\n", owner, group);
    LocalFree(sd);
    returns(GetSecurityInfo(event, SE_UNKNOWN_OBJECT_TYPE, OWNER_SECURITY_INFORMATION, &owner, NULL, NULL, NULL, &sd), ERROR_INVALID_PARAMETER);
    returns(GetSecurityInfo(NULL, SE_KERNEL_OBJECT, OWNER_SECURITY_INFORMATION, &owner, NULL, NULL, NULL, &sd), ERROR_INVALID_HANDLE);
    returns(SetEntriesInAclW(1, &entry, NULL, &acl), ERROR_SUCCESS);
    returns(SetSecurityInfo(event, SE_UNKNOWN_OBJECT_TYPE, DACL_SECURITY_INFORMATION, NULL, NULL, acl, NULL), ERROR_INVALID_PARAMETER);
    returns(SetSecurityInfo(event, SE_KERNEL_OBJECT, DACL_SECURITY_INFORMATION, NULL, NULL, acl, NULL), ERROR_SUCCESS);
    returns(GetSecurityInfo(event, SE_KERNEL_OBJECT, DACL_SECURITY_INFORMATION, NULL, NULL, &dacl, NULL, &sd), ERROR_SUCCESS);
    returns(dacl->AceCount, 1);
    check_ace(dacl, 0, ACCESS_ALLOWED_ACE_TYPE, EVENT_MODIFY_STATE, &everyone);
    LocalFree(sd);
    LocalFree(acl);

    size = 0;
    fails(GetKernelObjectSecurity(event, DACL_SECURITY_INFORMATION, NULL, 0, &size), ERROR_INSUFFICIENT_BUFFER);
    works(GetKernelObjectSecurity(event, DACL_SECURITY_INFORMATION, buffer, sizeof(buffer), &size));
    returns(GetSecurityDescriptorLength(buffer), size);
    works(SetKernelObjectSecurity(event, DACL_SECURITY_INFORMATION, buffer));
    works(DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), &other, EVENT_MODIFY_STATE, FALSE, 0));
    fails(GetKernelObjectSecurity(other, DACL_SECURITY_INFORMATION, buffer, sizeof(buffer), &size), ERROR_ACCESS_DENIED);
    fails(SetKernelObjectSecurity(other, DACL_SECURITY_INFORMATION, buffer), ERROR_ACCESS_DENIED);
    CloseHandle(other);
    CloseHandle(event);

    returns(RegOpenKeyExA(HKEY_LOCAL_MACHINE, "Software", 0, KEY_READ, &key), ERROR_SUCCESS);
    size = 0;
    returns(RegGetKeySecurity(key, OWNER_SECURITY_INFORMATION, NULL, &size), ERROR_INSUFFICIENT_BUFFER);
    returns(RegGetKeySecurity(key, OWNER_SECURITY_INFORMATION, buffer, &size), ERROR_SUCCESS);
    returns(RegSetKeySecurity(key, OWNER_SECURITY_INFORMATION, buffer), ERROR_ACCESS_DENIED);
    returns(RegSetKeySecurity(key, OWNER_SECURITY_INFORMATION, NULL), ERROR_INVALID_PARAMETER);
    returns(RegGetKeySecurity(NULL, OWNER_SECURITY_INFORMATION, buffer, &size), ERROR_INVALID_HANDLE);
    returns(GetSecurityInfo(key, SE_REGISTRY_KEY, OWNER_SECURITY_INFORMATION, &owner, NULL, NULL, NULL, &sd), ERROR_SUCCESS);
    LocalFree(sd);
    RegCloseKey(key);
}

/* ---- tokens ---------------------------------------------------------------------------------------------- */
static void test_check(void)
{
    GENERIC_MAPPING mapping = { 1, 2, 4, 7 };
    PRIVILEGE_SET privileges;
    DWORD size = sizeof(privileges), granted;
    PSECURITY_DESCRIPTOR sd;
    HANDLE process, token;
    BOOL allowed;

    works(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY | TOKEN_DUPLICATE | TOKEN_IMPERSONATE, &process));
    works(DuplicateToken(process, SecurityImpersonation, &token));
    works(ConvertStringSecurityDescriptorToSecurityDescriptorA("O:SYG:SYD:(A;;GR;;;WD)(D;;0x2;;;WD)", SDDL_REVISION_1, &sd, NULL));
    works(AccessCheck(sd, token, 0, &mapping, &privileges, &size, &granted, &allowed));
    allowed = -1;
    fails(AccessCheck(sd, token, GENERIC_READ, &mapping, &privileges, &size, &granted, &allowed), ERROR_GENERIC_NOT_MAPPED);
    fails(AccessCheck(sd, process, 1, &mapping, &privileges, &size, &granted, &allowed), ERROR_NO_IMPERSONATION_TOKEN);
    works(AccessCheck(sd, token, 2, &mapping, &privileges, &size, &granted, &allowed));
    ok(!allowed && !granted && GetLastError() == ERROR_ACCESS_DENIED, "allowed %d, granted %#lx\n", allowed, granted);
    LocalFree(sd);
    works(ConvertStringSecurityDescriptorToSecurityDescriptorA("O:SYG:SYD:(A;;0x1;;;WD)", SDDL_REVISION_1, &sd, NULL));
    works(AccessCheck(sd, token, 1, &mapping, &privileges, &size, &granted, &allowed));
    ok(allowed == TRUE && granted == 1, "allowed %d, granted %#lx\n", allowed, granted);
    works(AccessCheck(sd, token, MAXIMUM_ALLOWED, &mapping, &privileges, &size, &granted, &allowed));
    ok(allowed == TRUE && (granted & 7) == 1, "allowed %d, granted %#lx\n", allowed, granted);
    LocalFree(sd);
    CloseHandle(token);
    CloseHandle(process);
}

static void test_impersonation(void)
{
    HANDLE token, process;
    BOOL member;

    fails(OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token), ERROR_NO_TOKEN);
    works(ImpersonateSelf(SecurityImpersonation));
    works(OpenThreadToken(GetCurrentThread(), TOKEN_QUERY | TOKEN_IMPERSONATE, TRUE, &token));
    works(RevertToSelf());
    fails(OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &process), ERROR_NO_TOKEN);
    works(SetThreadToken(NULL, token));
    works(OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &process));
    CloseHandle(process);
    works(SetThreadToken(NULL, NULL));
    works(CheckTokenMembership(token, (PSID)&everyone, &member));
    ok(member, "not one of everyone\n");
    works(CheckTokenMembership(NULL, (PSID)&system_sid, &member));
    ok(!member, "the system\n");
    CloseHandle(token);

    works(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY | TOKEN_DUPLICATE, &process));
    fails(CheckTokenMembership(process, (PSID)&everyone, &member), ERROR_NO_IMPERSONATION_TOKEN);
    works(ImpersonateLoggedOnUser(process));                                /* a primary token is copied */
    works(OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token));
    CloseHandle(token);
    works(RevertToSelf());
    fails(ImpersonateLoggedOnUser(NULL), ERROR_INVALID_HANDLE);
    CloseHandle(process);
}

START_TEST(security)
{
    test_sddl();
    test_absolute();
    test_entries();
    test_list();
    test_object();
    test_check();
    test_impersonation();
}
