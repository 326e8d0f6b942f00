/* advapi32: security identifiers and descriptors in memory, tokens, masks. */
#include "libraries.h"

static SID_IDENTIFIER_AUTHORITY nt_authority = { SECURITY_NT_AUTHORITY };

static void test_sid(void)
{
    BYTE buffer[SECURITY_MAX_SID_SIZE], copy[SECURITY_MAX_SID_SIZE];
    PSID admins, users;
    DWORD size;

    works(AllocateAndInitializeSid(&nt_authority, 2, 32, 544, 0, 0, 0, 0, 0, 0, &admins));
    works(AllocateAndInitializeSid(&nt_authority, 2, 32, 545, 0, 0, 0, 0, 0, 0, &users));
    fails(AllocateAndInitializeSid(&nt_authority, 9, 1, 2, 3, 4, 5, 6, 7, 8, (PSID *)buffer), ERROR_INVALID_SID);
    returns(GetLengthSid(admins), 16);
    returns(GetSidLengthRequired(2), 16);
    returns(*GetSidSubAuthorityCount(admins), 2);
    returns(*GetSidSubAuthority(admins, 1), 544);
    returns(GetSidIdentifierAuthority(admins)->Value[5], 5);
    ok(IsValidSid(admins) && !EqualSid(admins, users) && EqualPrefixSid(admins, users), "comparison\n");
    works(CopySid(sizeof(copy), copy, admins));
    ok(EqualSid(copy, admins), "another one\n");
    fails(CopySid(15, copy, admins), ERROR_INSUFFICIENT_BUFFER);
    *GetSidSubAuthorityCount(copy) = 16;
    ok(!IsValidSid(copy), "16 parts\n");
    ok(IsWellKnownSid(admins, WinBuiltinAdministratorsSid) && !IsWellKnownSid(users, WinBuiltinAdministratorsSid), "well known\n");
    size = sizeof(buffer);
    works(CreateWellKnownSid(WinBuiltinUsersSid, NULL, buffer, &size));
    ok(EqualSid(buffer, users) && size == 16, "size %lu\n", size);
    size = 4;
    fails(CreateWellKnownSid(WinBuiltinUsersSid, NULL, buffer, &size), ERROR_INSUFFICIENT_BUFFER);
    returns(size, 16);
    size = sizeof(buffer);
    fails(CreateWellKnownSid((WELL_KNOWN_SID_TYPE)4711, NULL, buffer, &size), ERROR_INVALID_PARAMETER);
    ok(!FreeSid(admins) && !FreeSid(users), "not freed\n");
}

static void test_descriptor(void)
{
    SID everyone = { SID_REVISION, 1, { SECURITY_WORLD_SID_AUTHORITY }, { 0 } };
    SECURITY_DESCRIPTOR_CONTROL control;
    union { ACL acl; BYTE bytes[64]; } list;
    SECURITY_DESCRIPTOR sd;
    BOOL present, defaulted;
    DWORD revision, size;
    BYTE relative[256];
    PSID sid;
    ACL *acl;

    fails(InitializeSecurityDescriptor(&sd, 9), ERROR_UNKNOWN_REVISION);
    works(InitializeSecurityDescriptor(&sd, SECURITY_DESCRIPTOR_REVISION));
    works(GetSecurityDescriptorControl(&sd, &control, &revision));
    ok(!control && revision == SECURITY_DESCRIPTOR_REVISION, "control %#x, revision %lu\n", control, revision);
    works(GetSecurityDescriptorOwner(&sd, &sid, &defaulted));
    ok(!sid, "owner %p\n", sid);
    works(GetSecurityDescriptorDacl(&sd, &present, &acl, &defaulted));
    ok(!present, "a list\n");
    works(InitializeAcl(&list.acl, sizeof(list), ACL_REVISION));
    works(SetSecurityDescriptorOwner(&sd, &everyone, FALSE));
    works(SetSecurityDescriptorGroup(&sd, &everyone, TRUE));
    works(SetSecurityDescriptorDacl(&sd, TRUE, &list.acl, FALSE));
    works(SetSecurityDescriptorSacl(&sd, TRUE, &list.acl, TRUE));
    works(SetSecurityDescriptorControl(&sd, SE_DACL_PROTECTED, SE_DACL_PROTECTED));
    fails(SetSecurityDescriptorControl(&sd, SE_DACL_PRESENT, SE_DACL_PRESENT), ERROR_INVALID_PARAMETER);
    works(GetSecurityDescriptorControl(&sd, &control, &revision));
    ok(control == (SE_GROUP_DEFAULTED | SE_DACL_PRESENT | SE_SACL_PRESENT | SE_SACL_DEFAULTED | SE_DACL_PROTECTED), "control %#x\n", control);
    works(GetSecurityDescriptorOwner(&sd, &sid, &defaulted));
    ok(sid == &everyone && !defaulted, "owner %p\n", sid);
    works(GetSecurityDescriptorGroup(&sd, &sid, &defaulted));
    ok(sid == &everyone && defaulted, "group %p\n", sid);
    works(GetSecurityDescriptorDacl(&sd, &present, &acl, &defaulted));
    ok(present && acl == &list.acl && !defaulted, "list %p\n", acl);
    works(GetSecurityDescriptorSacl(&sd, &present, &acl, &defaulted));
    ok(present && acl == &list.acl && defaulted, "list %p\n", acl);
    works(IsValidSecurityDescriptor(&sd));
    size = sizeof(relative);
    fails(MakeSelfRelativeSD(&sd, relative, &(DWORD){ 4 }), ERROR_INSUFFICIENT_BUFFER);
    works(MakeSelfRelativeSD(&sd, relative, &size));
    fails(MakeSelfRelativeSD(relative, &sd, &size), ERROR_BAD_DESCRIPTOR_FORMAT);
    fails(SetSecurityDescriptorOwner(relative, &everyone, FALSE), ERROR_INVALID_SECURITY_DESCR);
    sd.Revision = 9;
    ok(!IsValidSecurityDescriptor(&sd), "revision 9\n");
}

static void test_token(void)
{
    TOKEN_PRIVILEGES enable = { 1, { { { 0, 0 }, SE_PRIVILEGE_ENABLED } } }, old;
    PRIVILEGE_SET set = { 1, PRIVILEGE_SET_ALL_NECESSARY, { { { 0, 0 }, 0 } } };
    HANDLE token, copy;
    TOKEN_TYPE type;
    DWORD size;
    LUID luid, second;
    BOOL has;

    fails(OpenProcessToken(NULL, TOKEN_QUERY, &token), ERROR_INVALID_HANDLE);
    works(OpenProcessToken(GetCurrentProcess(), TOKEN_ALL_ACCESS, &token));
    works(GetTokenInformation(token, TokenType, &type, sizeof(type), &size));
    ok(type == TokenPrimary && size == sizeof(type), "type %d\n", type);
    fails(GetTokenInformation(token, TokenType, &type, 1, &size), ERROR_INSUFFICIENT_BUFFER);
    fails(GetTokenInformation(token, (TOKEN_INFORMATION_CLASS)4711, &type, sizeof(type), &size), ERROR_INVALID_PARAMETER);
    works(DuplicateTokenEx(token, TOKEN_QUERY, NULL, SecurityImpersonation, TokenImpersonation, &copy));
    works(GetTokenInformation(copy, TokenType, &type, sizeof(type), &size));
    returns(type, TokenImpersonation);
    fails(DuplicateToken(copy, SecurityImpersonation, &copy), ERROR_ACCESS_DENIED);         /* TOKEN_DUPLICATE is not there */
    CloseHandle(copy);
    works(DuplicateToken(token, SecurityIdentification, &copy));
    CloseHandle(copy);

    works(LookupPrivilegeValueA(NULL, "SeChangeNotifyPrivilege", &luid));
    enable.Privileges[0].Luid = set.Privilege[0].Luid = luid;
    works(AdjustTokenPrivileges(token, FALSE, &enable, sizeof(old), &old, &size));
    returns(GetLastError(), ERROR_SUCCESS);
    works(PrivilegeCheck(token, &set, &has));
    ok(has, "not enabled\n");
    enable.Privileges[0].Attributes = 0;
    works(AdjustTokenPrivileges(token, FALSE, &enable, 0, NULL, NULL));
    works(PrivilegeCheck(token, &set, &has));
    ok(!has, "still enabled\n");
    enable.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
    works(AdjustTokenPrivileges(token, FALSE, &enable, 0, NULL, NULL));
    enable.Privileges[0].Luid.LowPart = 4711;
    works(AdjustTokenPrivileges(token, FALSE, &enable, 0, NULL, NULL));
    returns(GetLastError(), ERROR_NOT_ALL_ASSIGNED);
    CloseHandle(token);
    works(AllocateLocallyUniqueId(&luid));
    works(AllocateLocallyUniqueId(&second));
    ok(luid.LowPart != second.LowPart, "twice the same\n");
}

static void test_mask(void)
{
    GENERIC_MAPPING mapping = { 0x1, 0x2, 0x4, 0xff };
    DWORD mask = GENERIC_READ | GENERIC_WRITE | 0x100;

    MapGenericMask(&mask, &mapping);
    returns(mask, 0x103);
    mask = GENERIC_ALL;
    MapGenericMask(&mask, &mapping);
    returns(mask, 0xff);
    ok(AreAllAccessesGranted(7, 3) && !AreAllAccessesGranted(3, 7) && AreAllAccessesGranted(0, 0), "all\n");
    ok(AreAnyAccessesGranted(1, 3) && !AreAnyAccessesGranted(4, 3) && !AreAnyAccessesGranted(7, 0), "any\n");
}

START_TEST(token)
{
    test_sid();
    test_descriptor();
    test_token();
    test_mask();
}
