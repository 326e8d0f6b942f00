/* Access tokens. */
#include <unistd.h>

#include "ob/cell.h"
#include "ob/name.h"
#include "ob/token.h"
#include "ob/transfer.h"
#include "ps/thread.h"

#define SID(authority, ...) { 1, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4, { 0, 0, 0, 0, 0, authority }, { __VA_ARGS__ } }
#define GROUP_ON (SE_GROUP_MANDATORY | SE_GROUP_ENABLED_BY_DEFAULT | SE_GROUP_ENABLED)

#define ON  (SE_PRIVILEGE_ENABLED | SE_PRIVILEGE_ENABLED_BY_DEFAULT)
#define OFF 0

/* What everybody has. SeLockMemoryPrivilege is on the list because Linux asks for none: whether there are large
 * pages is for the system to say, once a program has enabled it. */
static const struct token_privilege user_privileges[] =
{
    { SE_LOCK_MEMORY_PRIVILEGE, OFF }, { SE_SHUTDOWN_PRIVILEGE, OFF }, { SE_CHANGE_NOTIFY_PRIVILEGE, ON },
    { SE_UNDOCK_PRIVILEGE, OFF }, { SE_CREATE_GLOBAL_PRIVILEGE, ON }, { 33, OFF }, { 34, OFF }, { 35, OFF },
};
static const struct token_privilege admin_privileges[] =
{
    { SE_INCREASE_QUOTA_PRIVILEGE, OFF }, { SE_SECURITY_PRIVILEGE, OFF }, { SE_TAKE_OWNERSHIP_PRIVILEGE, OFF },
    { SE_LOAD_DRIVER_PRIVILEGE, OFF }, { SE_SYSTEM_PROFILE_PRIVILEGE, OFF }, { SE_SYSTEMTIME_PRIVILEGE, OFF },
    { SE_PROF_SINGLE_PROCESS_PRIVILEGE, OFF }, { SE_INC_BASE_PRIORITY_PRIVILEGE, OFF },
    { SE_CREATE_PAGEFILE_PRIVILEGE, OFF }, { SE_BACKUP_PRIVILEGE, OFF }, { SE_RESTORE_PRIVILEGE, OFF },
    { SE_DEBUG_PRIVILEGE, OFF }, { SE_SYSTEM_ENVIRONMENT_PRIVILEGE, OFF }, { SE_REMOTE_SHUTDOWN_PRIVILEGE, OFF },
    { SE_MANAGE_VOLUME_PRIVILEGE, OFF }, { SE_IMPERSONATE_PRIVILEGE, ON },
};

static const struct token_group user_groups[] =
{
    { SID(1, 0), GROUP_ON },                            /* Everyone */
    { SID(5, 32, 545), GROUP_ON },                      /* BUILTIN\Users */
    { SID(5, 4), GROUP_ON },                            /* INTERACTIVE */
    { SID(2, 1), GROUP_ON },                            /* CONSOLE LOGON */
    { SID(5, 11), GROUP_ON },                           /* Authenticated Users */
    { SID(5, 15), GROUP_ON },                           /* This Organization */
    { SID(5, 113), GROUP_ON },                          /* Local account */
    { SID(2, 0), GROUP_ON },                            /* LOCAL */
};
static const struct token_sid administrators = SID(5, 32, 544);

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct token *process_token;
static __thread struct object *impersonation;           /* a reference */

/* Not the same in two processes, whose tokens may meet. */
uint64_t luid_allocate(void)
{
    static uint32_t last = 0x10000;                     /* those below are Windows' own */

    return (uint64_t)getpid() << 32 | __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
}

/* ---- what may change ----------------------------------------------------------------------------------------------- */

static uint64_t word(const struct token *token, enum token_word which)
{
    return __atomic_load_n(&token->shared->words[which], __ATOMIC_RELAXED);
}

static void set_bit(struct token *token, enum token_word which, unsigned int index, bool on)
{
    uint64_t *at = &token->shared->words[which], bit = 1ull << index;

    if (on) __atomic_fetch_or(at, bit, __ATOMIC_RELAXED);
    else __atomic_fetch_and(at, ~bit, __ATOMIC_RELAXED);
}

uint32_t token_privilege_attributes(const struct token *token, unsigned int index)
{
    if (word(token, TOKEN_REMOVED) >> index & 1) return SE_PRIVILEGE_REMOVED;
    return (token->privileges[index].attributes & ~SE_PRIVILEGE_ENABLED) |
           (word(token, TOKEN_ENABLED) >> index & 1 ? SE_PRIVILEGE_ENABLED : 0);
}

void token_set_privilege(struct token *token, unsigned int index, uint32_t attributes)
{
    if (attributes & SE_PRIVILEGE_REMOVED) set_bit(token, TOKEN_REMOVED, index, true);
    else set_bit(token, TOKEN_ENABLED, index, attributes & SE_PRIVILEGE_ENABLED);
}

unsigned int token_count_privileges(const struct token *token)
{
    return token->privilege_count - (unsigned int)__builtin_popcountll(word(token, TOKEN_REMOVED) & ((1ull << token->privilege_count) - 1));
}

uint64_t token_modified_id(const struct token *token)
{
    return word(token, TOKEN_MODIFIED_ID);
}

void token_modified(struct token *token)
{
    __atomic_store_n(&token->shared->words[TOKEN_MODIFIED_ID], luid_allocate(), __ATOMIC_RELAXED);
}

static void add_group(struct token *token, const struct token_sid *sid, uint32_t attributes)
{
    token->groups[token->group_count++] = (struct token_group){ *sid, attributes };
}

static void add_privileges(struct token *token, const struct token_privilege *list, size_t count)
{
    memcpy(&token->privileges[token->privilege_count], list, count * sizeof(*list));
    while (count--)
    {
        token_set_privilege(token, token->privilege_count, token->privileges[token->privilege_count].attributes);
        token->privilege_count++;
    }
}

/* shared becomes the token's; NULL (and no token): no memory. */
static struct token *token_around(struct cell *shared)
{
    struct token *token = shared ? object_alloc(&token_type, sizeof(*token)) : NULL;

    if (!token)
    {
        cell_free(shared);
        return NULL;
    }
    pthread_mutex_init(&token->lock, NULL);
    token->shared = shared;
    return token;
}

static struct token *token_alloc(TOKEN_TYPE type, SECURITY_IMPERSONATION_LEVEL level)
{
    struct token *token = token_around(cell_alloc(CELL_WORDS, 0, 0));

    if (!token) return NULL;
    token->type = type;
    token->level = level;
    token->id = luid_allocate();
    token_modified(token);
    return token;
}

static void make_process_token(void)
{
    struct token *token = token_alloc(TokenPrimary, SecurityAnonymous);
    struct token_sid user = SID(5, 21, 0, 0, 0, 0), group = SID(5, 21, 0, 0, 0, 513), logon = SID(5, 5, 0, 0);
    struct token_sid label = SID(16, 0);
    size_t i;

    if (!token) return;
    user.parts[4] = getuid();
    logon.parts[2] = 0x3e8 + getuid();
    token->user = token->owner = user;
    token->primary_group = group;
    token->elevated = geteuid() == 0;
    token->integrity = token->elevated ? SECURITY_MANDATORY_HIGH_RID : SECURITY_MANDATORY_MEDIUM_RID;

    add_group(token, &group, GROUP_ON);
    for (i = 0; i < sizeof(user_groups) / sizeof(user_groups[0]); i++)
        add_group(token, &user_groups[i].sid, user_groups[i].attributes);
    add_group(token, &logon, GROUP_ON | SE_GROUP_LOGON_ID);
    if (token->elevated)
    {
        add_group(token, &administrators, GROUP_ON | SE_GROUP_OWNER);
        token->owner = administrators;
    }
    label.parts[0] = token->integrity;
    add_group(token, &label, SE_GROUP_INTEGRITY | SE_GROUP_INTEGRITY_ENABLED);

    add_privileges(token, user_privileges, sizeof(user_privileges) / sizeof(user_privileges[0]));
    if (token->elevated) add_privileges(token, admin_privileges, sizeof(admin_privileges) / sizeof(admin_privileges[0]));
    process_token = token;
}

struct object *token_of_process(void)
{
    pthread_once(&once, make_process_token);
    return (struct object *)process_token;
}

struct object *token_of_thread(struct thread *thread)
{
    return thread == current_thread() ? impersonation : NULL;
}

void token_impersonate(struct object *token)
{
    struct object *old = impersonation;

    impersonation = token ? object_ref(token) : NULL;
    object_unref(old);
}

struct object *token_duplicate(struct token *token, TOKEN_TYPE type, SECURITY_IMPERSONATION_LEVEL level)
{
    struct token *copy = token_alloc(type, level);

    if (!copy) return NULL;
    copy->elevated = token->elevated;
    copy->integrity = token->integrity;
    copy->user = token->user;
    pthread_mutex_lock(&token->lock);
    copy->owner = token->owner;
    copy->primary_group = token->primary_group;
    memcpy(copy->shared->words, token->shared->words, sizeof(copy->shared->words));
    copy->group_count = token->group_count;
    copy->privilege_count = token->privilege_count;
    memcpy(copy->groups, token->groups, sizeof(copy->groups));
    memcpy(copy->privileges, token->privileges, sizeof(copy->privileges));
    pthread_mutex_unlock(&token->lock);
    return &copy->header;
}

bool token_privilege_enabled(uint32_t luid)
{
    struct token *token = (struct token *)(impersonation ? impersonation : token_of_process());
    bool enabled = false;
    unsigned int i;

    if (!token) return false;
    pthread_mutex_lock(&token->lock);
    for (i = 0; i < token->privilege_count; i++)
        if (token->privileges[i].luid == luid) enabled = token_privilege_attributes(token, i) & SE_PRIVILEGE_ENABLED;
    pthread_mutex_unlock(&token->lock);
    return enabled;
}

static void token_destroy(struct object *object)
{
    struct token *token = (struct token *)object;

    pthread_mutex_destroy(&token->lock);
    cell_free(token->shared);
    free(token);
}

/* ---- in other processes ------------------------------------------------------------------------------------------------- */

#define TOLD offsetof(struct token, type)
_Static_assert(sizeof(uint64_t) + sizeof(struct token) - TOLD <= TRANSFER_DATA, "a token fits");

static NTSTATUS token_pack(struct object *object, struct transfer *transfer)
{
    struct token *token = (struct token *)object;
    uint64_t offset;

    if (!cell_share(token->shared, &transfer->fds[0], &offset)) return STATUS_NOT_SUPPORTED;
    transfer->fd_count = 1;
    transfer->size = sizeof(offset) + sizeof(*token) - TOLD;
    memcpy(transfer->data, &offset, sizeof(offset));
    memcpy(transfer->data + sizeof(offset), &token->type, sizeof(*token) - TOLD);
    return STATUS_SUCCESS;
}

static bool is_sid(const struct token_sid *sid)
{
    return sid->revision == 1 && sid->count && sid->count <= SID_PARTS_MAX;
}

/* A stranger's: nobody is told that he is more than this user. */
static bool is_possible(const struct token *token)
{
    const struct token *own = (struct token *)token_of_process();
    unsigned int i;

    if (!own || token->group_count > TOKEN_GROUPS_MAX || token->privilege_count > TOKEN_PRIVILEGES_MAX ||
        (token->type != TokenPrimary && token->type != TokenImpersonation) || (unsigned int)token->level > SecurityDelegation ||
        memcmp(&token->user, &own->user, sizeof(own->user)) || token->elevated > own->elevated || token->integrity > own->integrity ||
        !is_sid(&token->owner) || !is_sid(&token->primary_group)) return false;
    for (i = 0; i < token->group_count; i++)
        if (!is_sid(&token->groups[i].sid)) return false;
    return true;
}

static NTSTATUS token_unpack(struct transfer *transfer, struct object **object)
{
    struct token *token;
    struct cell *shared;
    uint64_t offset;
    bool taken;

    if (transfer->fd_count != 1 || transfer->size != sizeof(offset) + sizeof(*token) - TOLD) return STATUS_INVALID_PARAMETER;
    memcpy(&offset, transfer->data, sizeof(offset));
    shared = cell_import(transfer->fds[0], offset, &taken);
    if (taken) transfer->fds[0] = -1;
    if (!shared || shared->kind != CELL_WORDS)
    {
        cell_free(shared);
        return STATUS_INVALID_PARAMETER;
    }
    if (!(token = token_around(shared))) return STATUS_NO_MEMORY;
    memcpy(&token->type, transfer->data + sizeof(offset), sizeof(*token) - TOLD);
    if (!is_possible(token))
    {
        object_unref(&token->header);
        return STATUS_INVALID_PARAMETER;
    }
    *object = &token->header;
    return STATUS_SUCCESS;
}

struct object *token_to_inherit(void)
{
    const struct token *token = __atomic_load_n(&process_token, __ATOMIC_ACQUIRE);
    unsigned int i;

    for (i = 0; token && i < token->privilege_count; i++)
        if (token_privilege_attributes(token, i) != token->privileges[i].attributes) return (struct object *)process_token;
    return NULL;
}

NTSTATUS token_inherit(struct object *object)
{
    struct token *own = (struct token *)token_of_process(), *token = (struct token *)object;

    if (!own) return STATUS_NO_MEMORY;
    if (token->privilege_count == own->privilege_count) memcpy(own->shared->words, token->shared->words, sizeof(own->shared->words));
    return STATUS_SUCCESS;
}

const struct object_type token_type =
{
    .name = "Token",
    .mapping = { STANDARD_RIGHTS_READ | TOKEN_QUERY_SOURCE | TOKEN_QUERY | TOKEN_DUPLICATE,
                 STANDARD_RIGHTS_WRITE | TOKEN_ADJUST_SESSIONID | TOKEN_ADJUST_DEFAULT | TOKEN_ADJUST_GROUPS |
                     TOKEN_ADJUST_PRIVILEGES,
                 STANDARD_RIGHTS_EXECUTE | TOKEN_IMPERSONATE | TOKEN_ASSIGN_PRIMARY, TOKEN_ALL_ACCESS },
    .valid_access = TOKEN_ALL_ACCESS | SYNCHRONIZE,
    .destroy = token_destroy,
    .pack = token_pack,
    .unpack = token_unpack,
};
