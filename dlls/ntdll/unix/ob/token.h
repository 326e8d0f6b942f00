/* Access tokens: who the Unix user is, in Windows' terms.
 *
 * A user is S-1-5-21-0-0-0-UID. Root is an administrator who is elevated, with high integrity; anybody else is
 * an ordinary user with medium integrity and no elevated twin.
 */
#pragma once

#include <pthread.h>

#include "ob/object.h"
#include "ob/types.h"

#define SID_PARTS_MAX 6

struct token_sid                        /* a SID as Windows lays it out, with room for the longest we use */
{
    uint8_t  revision, count, authority[6];
    uint32_t parts[SID_PARTS_MAX];
};
static inline size_t token_sid_size(const struct token_sid *sid) { return 8 + 4 * sid->count; }

struct token_group
{
    struct token_sid sid;
    uint32_t attributes;                /* SE_GROUP_x */
};

struct token_privilege
{
    uint32_t luid;                      /* SE_x_PRIVILEGE */
    uint32_t attributes;                /* SE_PRIVILEGE_x */
};

#define TOKEN_PRIVILEGES_MAX 40
#define TOKEN_GROUPS_MAX     16

struct token
{
    struct object header;
    pthread_mutex_t lock;
    TOKEN_TYPE type;
    SECURITY_IMPERSONATION_LEVEL level;
    bool      elevated;
    uint32_t  integrity;                /* SECURITY_MANDATORY_x_RID */
    uint64_t  id, modified_id;          /* LUIDs; modified_id under lock */
    struct token_sid user, owner, primary_group;
    unsigned int group_count, privilege_count;
    struct token_group groups[TOKEN_GROUPS_MAX];
    struct token_privilege privileges[TOKEN_PRIVILEGES_MAX];    /* under lock, with the count */
};

/* A copy; type TokenImpersonation takes the level. NULL: no memory. */
struct object *token_duplicate(struct token *token, TOKEN_TYPE type, SECURITY_IMPERSONATION_LEVEL level);

/* What the calling thread acts as from now on; NULL: as its process. */
void token_impersonate(struct object *token);

/* Is a privilege enabled for the calling thread? For vm's callers: SE_LOCK_MEMORY_PRIVILEGE and such. */
bool token_privilege_enabled(uint32_t luid);

uint64_t luid_allocate(void);
