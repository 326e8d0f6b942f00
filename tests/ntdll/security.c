/* Security descriptors of objects, and access checks. */
#include "objects.h"

static BYTE user_sid[SECURITY_MAX_SID_SIZE];
static const SID everyone = { SID_REVISION, 1, { { 0, 0, 0, 0, 0, 1 } }, { 0 } };
static const SID nobody = { SID_REVISION, 1, { { 0, 0, 0, 0, 0, 0 } }, { 0 } };

static void get_user(void)
{
    char buffer[256];
    const SID *sid;
    HANDLE token;
    ULONG size;

    ok_status(NtOpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token), STATUS_SUCCESS);
    ok_status(NtQueryInformationToken(token, TokenUser, buffer, sizeof(buffer), &size), STATUS_SUCCESS);
    NtClose(token);
    sid = ((TOKEN_USER *)buffer)->User.Sid;
    memcpy(user_sid, sid, 8 + 4 * sid->SubAuthorityCount);
}

/* An absolute descriptor whose list has up to two entries. */
struct descriptor
{
    SECURITY_DESCRIPTOR sd;
    union { ACL acl; BYTE bytes[128]; } list;
};

static void *describe(struct descriptor *d, BYTE type1, ACCESS_MASK mask1, const void *sid1, BYTE type2, ACCESS_MASK mask2,
                      const void *sid2)
{
    const struct { BYTE type; ACCESS_MASK mask; const void *sid; } entries[2] = { { type1, mask1, sid1 }, { type2, mask2, sid2 } };
    BYTE *p = d->list.bytes + sizeof(ACL);
    unsigned int i;

    memset(d, 0, sizeof(*d));
    d->list.acl.AclRevision = ACL_REVISION;
    for (i = 0; i < 2 && entries[i].sid; i++)
    {
        ACCESS_ALLOWED_ACE *ace = (ACCESS_ALLOWED_ACE *)p;
        USHORT size = 8 + 4 * ((const SID *)entries[i].sid)->SubAuthorityCount;

        ace->Header.AceType = entries[i].type;
        ace->Header.AceSize = FIELD_OFFSET(ACCESS_ALLOWED_ACE, SidStart) + size;
        ace->Mask = entries[i].mask;
        memcpy(&ace->SidStart, entries[i].sid, size);
        p += ace->Header.AceSize;
        d->list.acl.AceCount++;
    }
    d->list.acl.AclSize = p - d->list.bytes;
    d->sd.Revision = SECURITY_DESCRIPTOR_REVISION;
    d->sd.Control = SE_DACL_PRESENT;
    d->sd.Dacl = &d->list.acl;
    d->sd.Owner = user_sid;
    d->sd.Group = (PSID)&everyone;
    return &d->sd;
}

static void test_object(void)
{
    static const WCHAR path[] = L"\\BaseNamedObjects\\security.c";
    struct descriptor d;
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    HANDLE event, second;

    named(&attr, &string, NULL, path, 0);
    attr.SecurityDescriptor = describe(&d, 0, 0, NULL, 0, 0, NULL);     /* an empty list: nobody may anything */
    ok_status(NtCreateEvent(&event, EVENT_ALL_ACCESS, &attr, NotificationEvent, FALSE), STATUS_SUCCESS);
    attr.SecurityDescriptor = NULL;
    ok_status(NtOpenEvent(&second, SYNCHRONIZE, &attr), STATUS_ACCESS_DENIED);
    ok_status(NtOpenEvent(&second, EVENT_MODIFY_STATE | WRITE_DAC, &attr), STATUS_ACCESS_DENIED);
    ok_status(NtOpenEvent(&second, WRITE_DAC, &attr), STATUS_SUCCESS);  /* its owner may change that */

    describe(&d, ACCESS_ALLOWED_ACE_TYPE, GENERIC_EXECUTE, &everyone, 0, 0, NULL);
    ok_status(NtSetSecurityObject(second, DACL_SECURITY_INFORMATION, &d.sd), STATUS_SUCCESS);
    ok_status(NtSetSecurityObject(second, OWNER_SECURITY_INFORMATION, &d.sd), STATUS_ACCESS_DENIED);
    NtClose(second);
    ok_status(NtOpenEvent(&second, SYNCHRONIZE, &attr), STATUS_SUCCESS);
    NtClose(second);
    ok_status(NtOpenEvent(&second, EVENT_MODIFY_STATE, &attr), STATUS_ACCESS_DENIED);
    ok_status(NtOpenEvent(&second, MAXIMUM_ALLOWED, &attr), STATUS_SUCCESS);
    ok_status(poll_handle(second), STATUS_TIMEOUT);
    ok_status(NtSetEvent(second, NULL), STATUS_ACCESS_DENIED);
    NtClose(second);

    describe(&d, 0, 0, NULL, 0, 0, NULL);
    d.sd.Dacl = NULL;                                                   /* no list: everybody may all */
    ok_status(NtSetSecurityObject(event, DACL_SECURITY_INFORMATION, &d.sd), STATUS_SUCCESS);
    ok_status(NtOpenEvent(&second, EVENT_ALL_ACCESS, &attr), STATUS_SUCCESS);
    NtClose(second);
    NtClose(event);
}

static void test_query(void)
{
    char buffer[512];
    SECURITY_DESCRIPTOR_RELATIVE *sd = (SECURITY_DESCRIPTOR_RELATIVE *)buffer;
    HANDLE event = new_event(NotificationEvent, FALSE), weak;
    ULONG needed = 0, size;
    const ACL *acl;

    ok_status(NtQuerySecurityObject(event, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, NULL, 0, &needed),
              STATUS_BUFFER_TOO_SMALL);
    ok(needed > sizeof(*sd), "needed %lu\n", needed);
    ok_status(NtQuerySecurityObject(event, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, sd, needed, &size),
              STATUS_SUCCESS);
    ok(sd->Control & SE_SELF_RELATIVE && sd->Control & SE_DACL_PRESENT, "control %x\n", sd->Control);
    ok(sd->Owner && !sd->Group && sd->Dacl, "%lx %lx %lx\n", sd->Owner, sd->Group, sd->Dacl);
    acl = (const ACL *)(buffer + sd->Dacl);
    ok(acl->AclRevision == ACL_REVISION && acl->AceCount, "revision %u, %u entries\n", acl->AclRevision, acl->AceCount);
    NtDuplicateObject(ME, event, ME, &weak, SYNCHRONIZE, 0, 0);
    ok_status(NtQuerySecurityObject(weak, OWNER_SECURITY_INFORMATION, sd, sizeof(buffer), &size), STATUS_ACCESS_DENIED);
    ok_status(NtSetSecurityObject(weak, DACL_SECURITY_INFORMATION, sd), STATUS_ACCESS_DENIED);
    NtClose(weak);
    NtClose(event);
}

static void test_access_check(void)
{
    static GENERIC_MAPPING mapping = { 0x1, 0x2, 0x4, 0xffff };
    SECURITY_QUALITY_OF_SERVICE qos = { sizeof(qos), SecurityImpersonation, SECURITY_STATIC_TRACKING, FALSE };
    OBJECT_ATTRIBUTES attr = { .Length = sizeof(attr), .SecurityQualityOfService = &qos };
    struct descriptor d;
    PRIVILEGE_SET privileges;
    NTSTATUS result;
    ULONG granted, size;
    HANDLE primary, token;

    ok_status(NtOpenProcessToken(GetCurrentProcess(), TOKEN_DUPLICATE | TOKEN_QUERY, &primary), STATUS_SUCCESS);
    ok_status(NtDuplicateToken(primary, TOKEN_QUERY, &attr, FALSE, TokenImpersonation, &token), STATUS_SUCCESS);

#define check(desired, expected, rights) \
    do { \
        size = sizeof(privileges); \
        granted = 0xdead; \
        result = 0xdead; \
        ok_status(NtAccessCheck(&d.sd, token, desired, &mapping, &privileges, &size, &granted, &result), STATUS_SUCCESS); \
        ok(result == (NTSTATUS)(expected) && granted == (rights), "%lx: result %lx, granted %lx\n", (ULONG)(desired), \
           (ULONG)result, granted); \
    } while (0)

    describe(&d, ACCESS_ALLOWED_ACE_TYPE, 3, &everyone, ACCESS_ALLOWED_ACE_TYPE, 0xff00, &nobody);
    check(1, STATUS_SUCCESS, 1);
    check(3, STATUS_SUCCESS, 3);
    check(4, STATUS_ACCESS_DENIED, 0);
    check(0x100, STATUS_ACCESS_DENIED, 0);
    check(MAXIMUM_ALLOWED, STATUS_SUCCESS, 3 | READ_CONTROL | WRITE_DAC);
    describe(&d, ACCESS_DENIED_ACE_TYPE, 2, &everyone, ACCESS_ALLOWED_ACE_TYPE, 7, user_sid);
    check(1, STATUS_SUCCESS, 1);
    check(2, STATUS_ACCESS_DENIED, 0);
    check(MAXIMUM_ALLOWED, STATUS_SUCCESS, 5 | READ_CONTROL | WRITE_DAC);
    describe(&d, ACCESS_ALLOWED_ACE_TYPE, 7, user_sid, ACCESS_DENIED_ACE_TYPE, 2, &everyone);
    check(2, STATUS_SUCCESS, 2);                        /* the first that speaks of a right decides */

    size = sizeof(privileges);
    ok_status(NtAccessCheck(&d.sd, primary, 1, &mapping, &privileges, &size, &granted, &result), STATUS_NO_IMPERSONATION_TOKEN);
    ok_status(NtAccessCheck(&d.sd, token, GENERIC_READ, &mapping, &privileges, &size, &granted, &result),
              STATUS_GENERIC_NOT_MAPPED);
    d.sd.Owner = NULL;
    ok_status(NtAccessCheck(&d.sd, token, 1, &mapping, &privileges, &size, &granted, &result), STATUS_INVALID_SECURITY_DESCR);
    d.list.acl.AclSize = 4;
    ok(NtAccessCheck(&d.sd, token, 1, &mapping, &privileges, &size, &granted, &result) < 0, "a list of 4 bytes\n");
    NtClose(token);
    NtClose(primary);
}

START_TEST(security)
{
    get_user();
    test_object();
    test_query();
    test_access_check();
}
