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

/* What may change is a bit for each privilege, in a cell that all processes with the token share. The rest is the same
 * everywhere, and for ever. */
enum token_word { TOKEN_ENABLED, TOKEN_REMOVED, TOKEN_MODIFIED_ID };

struct token
{
    struct object header;
    pthread_mutex_t lock;               /* who adjusts it in this process */
    struct cell *shared;                /* its words: token_word */
    TOKEN_TYPE type;                    /* from here on: what another process is told */
    SECURITY_IMPERSONATION_LEVEL level;
    uint8_t   elevated;                 /* 0 or 1; not bool, which a stranger could fill with something else */
    uint32_t  integrity;                /* SECURITY_MANDATORY_x_RID */
    uint64_t  id;                       /* a LUID */
    struct token_sid user, owner, primary_group;
    unsigned int group_count, privilege_count;
    struct token_group groups[TOKEN_GROUPS_MAX];
    struct token_privilege privileges[TOKEN_PRIVILEGES_MAX];    /* SE_PRIVILEGE_ENABLED_BY_DEFAULT or not */
};

/* Of a privilege, now: SE_PRIVILEGE_ENABLED, or SE_PRIVILEGE_REMOVED if it has been. */
uint32_t token_privilege_attributes(const struct token *token, unsigned int index);
void     token_set_privilege(struct token *token, unsigned int index, uint32_t attributes);
unsigned int token_count_privileges(const struct token *token);         /* that have not been removed */
uint64_t token_modified_id(const struct token *token);
void     token_modified(struct token *token);

/* The token of this process if it is not as it was in the beginning, for a child; else NULL. No new reference. */
struct object *token_to_inherit(void);
/* Before anybody has asked for it: the process's token is a copy of the one that it inherits. */
NTSTATUS token_inherit(struct object *token);

/* A copy; type TokenImpersonation takes the level. NULL: no memory. */
struct object *token_duplicate(struct token *token, TOKEN_TYPE type, SECURITY_IMPERSONATION_LEVEL level);

/* What the calling thread acts as from now on; NULL: as its process. */
void token_impersonate(struct object *token);

/* Is a privilege enabled for the calling thread? For vm's callers: SE_LOCK_MEMORY_PRIVILEGE and such. */
bool token_privilege_enabled(uint32_t luid);

uint64_t luid_allocate(void);
