/* Security descriptors and access checks. */
#include "ob/security.h"
#include "ob/token.h"

#define MAX_SUBAUTHORITIES 15

enum { OWNER, GROUP, SACL, DACL, PARTS };

struct part { void *bytes; uint32_t size; };

/* ---- reading -------------------------------------------------------------------------------------------- */

static NTSTATUS read_sid(struct part *part, const void *user)
{
    struct { uint8_t revision, count, authority[6]; } head;
    NTSTATUS status = user_get(head, (const __typeof__(head) *)user);

    if (status) return status;
    if (head.revision != SID_REVISION || head.count > MAX_SUBAUTHORITIES) return STATUS_INVALID_SID;
    part->size = sizeof(head) + 4 * head.count;
    if (!(part->bytes = malloc(part->size))) return STATUS_NO_MEMORY;
    return user_read(part->bytes, user, part->size);
}

static bool acl_valid(const ACL *acl, uint32_t size)
{
    uint32_t at = sizeof(*acl);
    unsigned int i;

    if (acl->AclRevision < 2 || acl->AclRevision > 4 || acl->AclSize != size) return false;
    for (i = 0; i < acl->AceCount; i++)
    {
        const ACE_HEADER *ace = (const ACE_HEADER *)((const char *)acl + at);

        if (size - at < sizeof(*ace) || ace->AceSize < sizeof(*ace) || ace->AceSize > size - at || ace->AceSize & 3)
            return false;
        at += ace->AceSize;
    }
    return true;
}

static NTSTATUS read_acl(struct part *part, const void *user)
{
    NTSTATUS status;
    ACL head;

    if ((status = user_get(head, (const ACL *)user))) return status;
    if (head.AclSize < sizeof(head)) return STATUS_INVALID_ACL;
    part->size = head.AclSize;
    if (!(part->bytes = malloc((part->size + 3) & ~3u))) return STATUS_NO_MEMORY;
    if ((status = user_read(part->bytes, user, part->size))) return status;
    return acl_valid(part->bytes, part->size) ? STATUS_SUCCESS : STATUS_INVALID_ACL;
}

/* Puts the parts together, each on a multiple of 4. */
static struct security *assemble(uint16_t control, const struct part *parts)
{
    static const size_t offsets[PARTS] =
    {
        offsetof(SECURITY_DESCRIPTOR_RELATIVE, Owner), offsetof(SECURITY_DESCRIPTOR_RELATIVE, Group),
        offsetof(SECURITY_DESCRIPTOR_RELATIVE, Sacl), offsetof(SECURITY_DESCRIPTOR_RELATIVE, Dacl),
    };
    uint32_t size = sizeof(SECURITY_DESCRIPTOR_RELATIVE);
    struct security *security;
    int i;

    for (i = 0; i < PARTS; i++) size += (parts[i].size + 3) & ~3u;
    if (!(security = calloc(1, offsetof(struct security, sd) + size))) return NULL;
    security->refs = 1;
    security->size = size;
    security->sd.Revision = SECURITY_DESCRIPTOR_REVISION;
    security->sd.Control = control | SE_SELF_RELATIVE;
    size = sizeof(SECURITY_DESCRIPTOR_RELATIVE);
    for (i = 0; i < PARTS; i++)
    {
        if (!parts[i].size) continue;
        memcpy((char *)&security->sd + offsets[i], &size, sizeof(size));
        memcpy((char *)&security->sd + size, parts[i].bytes, parts[i].size);
        size += (parts[i].size + 3) & ~3u;
    }
    return security;
}

/* Where the parts are in the program; NULL for those that are not. */
static NTSTATUS locate(const char *user, const char *at[PARTS], uint16_t *control)
{
    SECURITY_DESCRIPTOR_RELATIVE relative;
    SECURITY_DESCRIPTOR absolute;
    NTSTATUS status;

    memset(at, 0, PARTS * sizeof(*at));
    if ((status = user_get(relative, (const SECURITY_DESCRIPTOR_RELATIVE *)user))) return status;
    if (relative.Revision != SECURITY_DESCRIPTOR_REVISION) return STATUS_UNKNOWN_REVISION;
    *control = relative.Control;
    if (relative.Control & SE_SELF_RELATIVE)
    {
        if (relative.Owner) at[OWNER] = user + relative.Owner;
        if (relative.Group) at[GROUP] = user + relative.Group;
        if (relative.Sacl) at[SACL] = user + relative.Sacl;
        if (relative.Dacl) at[DACL] = user + relative.Dacl;
    }
    else
    {
        if ((status = user_get(absolute, (const SECURITY_DESCRIPTOR *)user))) return status;
        at[OWNER] = absolute.Owner;
        at[GROUP] = absolute.Group;
        at[SACL] = (const char *)absolute.Sacl;
        at[DACL] = (const char *)absolute.Dacl;
    }
    if (!(*control & SE_SACL_PRESENT)) at[SACL] = NULL;
    if (!(*control & SE_DACL_PRESENT)) at[DACL] = NULL;
    return STATUS_SUCCESS;
}

NTSTATUS security_read(struct security **out, const void *user)
{
    struct part parts[PARTS] = { { 0 } };
    const char *at[PARTS];
    uint16_t control;
    NTSTATUS status = locate(user, at, &control);
    int i;

    for (i = 0; !status && i < PARTS; i++)
        if (at[i]) status = i < SACL ? read_sid(&parts[i], at[i]) : read_acl(&parts[i], at[i]);
    if (!status && !(*out = assemble(control, parts))) status = STATUS_NO_MEMORY;
    for (i = 0; i < PARTS; i++) free(parts[i].bytes);
    return status;
}

/* ---- life, defaults, changes ------------------------------------------------------------------------------ */

struct security *security_ref(struct security *security)
{
    __atomic_add_fetch(&security->refs, 1, __ATOMIC_RELAXED);
    return security;
}

void security_unref(struct security *security)
{
    if (security && !__atomic_sub_fetch(&security->refs, 1, __ATOMIC_ACQ_REL)) free(security);
}

static struct part part_of(const struct security *security, uint32_t offset, bool is_sid)
{
    struct part part = { (void *)security_part(security, offset), 0 };

    if (part.bytes) part.size = is_sid ? token_sid_size(part.bytes) : ((ACL *)part.bytes)->AclSize;
    return part;
}

struct security *security_default(struct token *token, ACCESS_MASK all)
{
    static const struct token_sid system = { 1, 1, { 0, 0, 0, 0, 0, 5 }, { 18 } };
    struct part parts[PARTS] = { { &token->owner, token_sid_size(&token->owner) },
                                 { &token->primary_group, token_sid_size(&token->primary_group) } };
    const struct token_sid *sids[2] = { &token->owner, &system };
    char buffer[128] __attribute__((aligned(4))) = { 0 };
    ACL *acl = (ACL *)buffer;
    size_t at = sizeof(*acl);
    int i;

    for (i = 0; i < 2; i++)
    {
        ACCESS_ALLOWED_ACE *ace = (ACCESS_ALLOWED_ACE *)(buffer + at);

        ace->Header.AceType = ACCESS_ALLOWED_ACE_TYPE;
        ace->Header.AceSize = offsetof(ACCESS_ALLOWED_ACE, SidStart) + token_sid_size(sids[i]);
        ace->Mask = all;
        memcpy(&ace->SidStart, sids[i], token_sid_size(sids[i]));
        at += ace->Header.AceSize;
    }
    acl->AclRevision = ACL_REVISION;
    acl->AclSize = at;
    acl->AceCount = 2;
    parts[DACL] = (struct part){ acl, at };
    return assemble(SE_DACL_PRESENT, parts);
}

struct security *security_merge(const struct security *base, const struct security *changes,
                                SECURITY_INFORMATION information)
{
    uint16_t control = base->sd.Control;
    const struct security *from;
    struct part parts[PARTS];

    from = information & OWNER_SECURITY_INFORMATION ? changes : base;
    parts[OWNER] = part_of(from, from->sd.Owner, true);
    from = information & GROUP_SECURITY_INFORMATION ? changes : base;
    parts[GROUP] = part_of(from, from->sd.Group, true);
    from = information & SACL_SECURITY_INFORMATION ? changes : base;
    parts[SACL] = part_of(from, from->sd.Sacl, false);
    if (from == changes) control = (control & ~SE_SACL_PRESENT) | (changes->sd.Control & SE_SACL_PRESENT);
    from = information & DACL_SECURITY_INFORMATION ? changes : base;
    parts[DACL] = part_of(from, from->sd.Dacl, false);
    if (from == changes) control = (control & ~SE_DACL_PRESENT) | (changes->sd.Control & SE_DACL_PRESENT);
    return assemble(control, parts);
}

/* ---- checking ------------------------------------------------------------------------------------------------ */

static bool same_sid(const struct token_sid *a, const void *sid)
{
    return !memcmp(a, sid, 2) && !memcmp(a, sid, token_sid_size(a));
}

/* Does the token stand for sid? A group that is only there to deny counts for denying. */
static bool token_has_sid(struct token *token, const void *sid, bool deny)
{
    uint32_t wanted = SE_GROUP_ENABLED | (deny ? SE_GROUP_USE_FOR_DENY_ONLY : 0);
    unsigned int i;

    if (same_sid(&token->user, sid)) return true;
    for (i = 0; i < token->group_count; i++)
        if (token->groups[i].attributes & wanted && same_sid(&token->groups[i].sid, sid)) return true;
    return false;
}

/* Does an entry of this type apply, and where is its SID? */
static bool ace_applies(const ACE_HEADER *ace, uint8_t type)
{
    size_t head = offsetof(ACCESS_ALLOWED_ACE, SidStart);

    if (ace->AceType != type || ace->AceFlags & INHERIT_ONLY_ACE || ace->AceSize < head + 8) return false;
    return ace->AceSize >= head + token_sid_size((const struct token_sid *)((const char *)ace + head));
}

static ACCESS_MASK map_generic(ACCESS_MASK mask, const GENERIC_MAPPING *mapping)
{
    if (mask & GENERIC_READ) mask |= mapping->GenericRead;
    if (mask & GENERIC_WRITE) mask |= mapping->GenericWrite;
    if (mask & GENERIC_EXECUTE) mask |= mapping->GenericExecute;
    if (mask & GENERIC_ALL) mask |= mapping->GenericAll;
    return mask & ~(GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE | GENERIC_ALL);
}

static ACCESS_MASK walk_dacl(const ACL *dacl, struct token *token, const GENERIC_MAPPING *mapping, ACCESS_MASK have,
                             ACCESS_MASK wanted)
{
    const char *at = (const char *)(dacl + 1);
    ACCESS_MASK denied = 0;
    unsigned int i;

    for (i = 0; i < dacl->AceCount; i++, at += ((const ACE_HEADER *)at)->AceSize)
    {
        const ACCESS_ALLOWED_ACE *ace = (const ACCESS_ALLOWED_ACE *)at;

        if (ace_applies(&ace->Header, ACCESS_ALLOWED_ACE_TYPE) && token_has_sid(token, &ace->SidStart, false))
            have |= map_generic(ace->Mask, mapping) & ~denied;
        else if (ace_applies(&ace->Header, ACCESS_DENIED_ACE_TYPE) && token_has_sid(token, &ace->SidStart, true))
            denied |= map_generic(ace->Mask, mapping) & ~have;
        if (!(wanted & ~have)) break;
    }
    return have;
}

NTSTATUS security_check(const struct security *security, struct token *token, ACCESS_MASK desired,
                        const GENERIC_MAPPING *mapping, ACCESS_MASK *granted)
{
    const ACL *dacl = security_part(security, security->sd.Dacl);
    const void *owner = security_part(security, security->sd.Owner);
    ACCESS_MASK have = 0, wanted = desired & ~MAXIMUM_ALLOWED;

    if (desired & ACCESS_SYSTEM_SECURITY)
    {
        if (!token_privilege_enabled(SE_SECURITY_PRIVILEGE)) return STATUS_PRIVILEGE_NOT_HELD;
        have |= ACCESS_SYSTEM_SECURITY;
    }
    if (desired & WRITE_OWNER && token_privilege_enabled(SE_TAKE_OWNERSHIP_PRIVILEGE)) have |= WRITE_OWNER;
    if (!(security->sd.Control & SE_DACL_PRESENT) || !dacl)     /* no list: nothing is forbidden */
    {
        *granted = wanted | have | (desired & MAXIMUM_ALLOWED ? mapping->GenericAll : 0);
        return STATUS_SUCCESS;
    }
    pthread_mutex_lock(&token->lock);
    if (owner && token_has_sid(token, owner, false)) have |= READ_CONTROL | WRITE_DAC;
    have = walk_dacl(dacl, token, mapping, have, desired & MAXIMUM_ALLOWED ? ~0u : wanted);
    pthread_mutex_unlock(&token->lock);
    if (wanted & ~have) return STATUS_ACCESS_DENIED;
    *granted = desired & MAXIMUM_ALLOWED ? have : wanted;
    return *granted ? STATUS_SUCCESS : STATUS_ACCESS_DENIED;
}
