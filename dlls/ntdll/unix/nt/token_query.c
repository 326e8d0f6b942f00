/* NtQueryInformationToken. An answer is put together here as it will lie in the program's buffer: pointers in it
 * are already the program's. */
#include "ob/token.h"

struct answer
{
    char  *user;                        /* where it goes */
    size_t used;
    char   bytes[4096];                 /* more than any token's answer needs */
};

static void *answer_add(struct answer *answer, size_t size)
{
    void *where = answer->bytes + answer->used;

    memset(where, 0, size);
    answer->used += size;
    return where;
}

/* Adds a SID; returns where the program will find it. */
static PSID answer_sid(struct answer *answer, const struct token_sid *sid)
{
    PSID where = answer->user + answer->used;

    memcpy(answer_add(answer, token_sid_size(sid)), sid, token_sid_size(sid));
    return where;
}

static void answer_dword(struct answer *answer, DWORD value)
{
    *(DWORD *)answer_add(answer, sizeof(DWORD)) = value;
}

static LUID luid(uint64_t value)
{
    return (LUID){ (DWORD)value, (LONG)(value >> 32) };
}

/* ---- one function for each kind of answer --------------------------------------------------------------- */

/* A SID_AND_ATTRIBUTES array alone, and its SIDs behind it; room is left for count of them in the array at at. */
static void fill_groups(struct answer *answer, SID_AND_ATTRIBUTES *at, struct token *token, uint32_t only)
{
    unsigned int i;

    for (i = 0; i < token->group_count; i++)
    {
        if (only && !(token->groups[i].attributes & only)) continue;
        at->Sid = answer_sid(answer, &token->groups[i].sid);
        at++->Attributes = token->groups[i].attributes;
    }
}

static void answer_groups(struct answer *answer, struct token *token, uint32_t only)
{
    unsigned int i, count = 0;
    TOKEN_GROUPS *groups;

    for (i = 0; i < token->group_count; i++) if (!only || token->groups[i].attributes & only) count++;
    groups = answer_add(answer, offsetof(TOKEN_GROUPS, Groups) + count * sizeof(SID_AND_ATTRIBUTES));
    groups->GroupCount = count;
    fill_groups(answer, groups->Groups, token, only);
}

static void answer_one_sid(struct answer *answer, const struct token_sid *sid, const DWORD *attributes)
{
    SID_AND_ATTRIBUTES *at = answer_add(answer, attributes ? sizeof(*at) : sizeof(PSID));

    if (attributes) at->Attributes = *attributes;
    at->Sid = answer_sid(answer, sid);
}

static void answer_privileges(struct answer *answer, struct token *token)
{
    LUID_AND_ATTRIBUTES list[TOKEN_PRIVILEGES_MAX];
    unsigned int i, count = 0;
    TOKEN_PRIVILEGES *out;

    for (i = 0; i < token->privilege_count; i++)
    {
        uint32_t attributes = token_privilege_attributes(token, i);

        if (!(attributes & SE_PRIVILEGE_REMOVED))
            list[count++] = (LUID_AND_ATTRIBUTES){ luid(token->privileges[i].luid), attributes };
    }
    out = answer_add(answer, offsetof(TOKEN_PRIVILEGES, Privileges) + count * sizeof(list[0]));
    out->PrivilegeCount = count;
    memcpy(out->Privileges, list, count * sizeof(list[0]));
}

static void answer_statistics(struct answer *answer, struct token *token)
{
    TOKEN_STATISTICS *out = answer_add(answer, sizeof(*out));

    out->TokenId = luid(token->id);
    out->AuthenticationId = luid(0x3e8 + token->user.parts[4]);
    out->ExpirationTime.QuadPart = INT64_MAX;
    out->TokenType = token->type;
    out->ImpersonationLevel = token->level;
    out->DynamicCharged = 4096;
    out->GroupCount = token->group_count;
    out->PrivilegeCount = token_count_privileges(token);
    out->ModifiedId = luid(token_modified_id(token));
}

static void answer_integrity(struct answer *answer, struct token *token)
{
    static const DWORD attributes = SE_GROUP_INTEGRITY | SE_GROUP_INTEGRITY_ENABLED;
    struct token_sid label = { 1, 1, { 0, 0, 0, 0, 0, 16 }, { token->integrity } };

    answer_one_sid(answer, &label, &attributes);
}

/* The DACL that new objects get: everything for the owner and for SYSTEM. */
static void answer_default_dacl(struct answer *answer, struct token *token)
{
    static const struct token_sid system = { 1, 1, { 0, 0, 0, 0, 0, 5 }, { 18 } };
    const struct token_sid *sids[2] = { &token->owner, &system };
    TOKEN_DEFAULT_DACL *out = answer_add(answer, sizeof(*out));
    size_t start = answer->used;
    ACL *acl = answer_add(answer, sizeof(*acl));
    unsigned int i;

    out->DefaultDacl = (ACL *)(answer->user + start);
    for (i = 0; i < 2; i++)
    {
        ACCESS_ALLOWED_ACE *ace = answer_add(answer, offsetof(ACCESS_ALLOWED_ACE, SidStart));

        ace->Header.AceType = ACCESS_ALLOWED_ACE_TYPE;
        ace->Header.AceSize = offsetof(ACCESS_ALLOWED_ACE, SidStart) + token_sid_size(sids[i]);
        ace->Mask = GENERIC_ALL;
        answer_sid(answer, sids[i]);
    }
    acl->AclRevision = ACL_REVISION;
    acl->AceCount = 2;
    acl->AclSize = answer->used - start;
}

static NTSTATUS answer_make(struct answer *answer, struct token *token, TOKEN_INFORMATION_CLASS class)
{
    static const DWORD zero = 0;

    switch (class)
    {
    case TokenUser:          answer_one_sid(answer, &token->user, &zero); break;
    case TokenOwner:         answer_one_sid(answer, &token->owner, NULL); break;
    case TokenPrimaryGroup:  answer_one_sid(answer, &token->primary_group, NULL); break;
    case TokenGroups:        answer_groups(answer, token, 0); break;
    case TokenLogonSid:      answer_groups(answer, token, SE_GROUP_LOGON_ID); break;
    case TokenPrivileges:    answer_privileges(answer, token); break;
    case TokenDefaultDacl:   answer_default_dacl(answer, token); break;
    case TokenStatistics:    answer_statistics(answer, token); break;
    case TokenIntegrityLevel: answer_integrity(answer, token); break;
    case TokenType:          answer_dword(answer, token->type); break;
    case TokenSessionId:     answer_dword(answer, OBJECT_SESSION_ID); break;
    case TokenElevation:     answer_dword(answer, token->elevated); break;
    case TokenElevationType: answer_dword(answer, TokenElevationTypeDefault); break;
    case TokenMandatoryPolicy:
        answer_dword(answer, TOKEN_MANDATORY_POLICY_NO_WRITEUP | TOKEN_MANDATORY_POLICY_NEW_PROCESS_MIN);
        break;
    case TokenSandBoxInert: case TokenHasRestrictions: case TokenVirtualizationAllowed:
    case TokenVirtualizationEnabled: case TokenUIAccess: case TokenIsAppContainer: case TokenAppContainerNumber:
    case TokenIsRestricted:
        answer_dword(answer, 0);
        break;
    case TokenRestrictedSids: case TokenCapabilities:           /* empty groups */
        answer_add(answer, offsetof(TOKEN_GROUPS, Groups));
        break;
    case TokenAppContainerSid:
        answer_add(answer, sizeof(PSID));
        break;
    case TokenOrigin:
        answer_add(answer, sizeof(TOKEN_ORIGIN));
        break;
    case TokenSource:
        memcpy(((TOKEN_SOURCE *)answer_add(answer, sizeof(TOKEN_SOURCE)))->SourceName, "User32 ", 8);
        break;
    case TokenImpersonationLevel:
        if (token->type != TokenImpersonation) return STATUS_INVALID_INFO_CLASS;
        answer_dword(answer, token->level);
        break;
    case TokenLinkedToken:                                      /* nobody has an elevated twin */
        return STATUS_NO_SUCH_LOGON_SESSION;
    default:
        return STATUS_INVALID_INFO_CLASS;
    }
    return STATUS_SUCCESS;
}

NT_CALL(nt_query_information_token, HANDLE handle, TOKEN_INFORMATION_CLASS class, void *out, ULONG size,
        ULONG *return_size)
{
    struct answer answer;
    struct token *token;
    NTSTATUS status, fault;

    status = handle_lookup(handle, &token_type, class == TokenSource ? TOKEN_QUERY_SOURCE : TOKEN_QUERY, &token, NULL);
    if (status) return status;
    answer.user = out;
    answer.used = 0;
    pthread_mutex_lock(&token->lock);
    status = answer_make(&answer, token, class);
    pthread_mutex_unlock(&token->lock);
    object_unref(token);
    if (status) return status;

    if (return_size && (fault = user_put(return_size, (ULONG)answer.used))) return fault;
    if (size < answer.used) return STATUS_BUFFER_TOO_SMALL;
    return user_write(out, answer.bytes, answer.used);
}
