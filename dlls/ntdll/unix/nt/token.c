/* Opening, duplicating and adjusting tokens. Queries are in token_query.c. */
#include "nt/remote_handle.h"
#include "ob/name.h"
#include "ob/token.h"
#include "ps/thread.h"

/* ---- opening ------------------------------------------------------------------------------------------- */

static NTSTATUS deliver(struct object *token, ACCESS_MASK access, ULONG attributes, HANDLE *out)
{
    HANDLE handle;
    NTSTATUS status = handle_create(token, access, attributes, &handle);

    if (!status && (status = user_put(out, handle))) handle_close(handle);
    return status;
}

static NTSTATUS open_process_token(HANDLE process, ACCESS_MASK access, ULONG attributes, HANDLE *out)
{
    struct object *object, *token = NULL;
    NTSTATUS status;

    if ((status = user_put(out, NULL))) return status;
    if ((status = handle_lookup(process, &process_type, PROCESS_QUERY_LIMITED_INFORMATION, &object, NULL))) return status;
    if (object != process_current_object())
    {
        if (!(status = remote_token((struct process_object *)object, &token))) status = deliver(token, access, attributes, out);
        object_unref(token);
    }
    else if (!(token = token_of_process())) status = STATUS_NO_MEMORY;
    else status = deliver(token, access, attributes, out);
    object_unref(object);
    return status;
}

NT_CALL(nt_open_process_token, HANDLE process, ACCESS_MASK access, HANDLE *token)
{
    return open_process_token(process, access, 0, token);
}

NT_CALL(nt_open_process_token_ex, HANDLE process, ACCESS_MASK access, ULONG attributes, HANDLE *token)
{
    return open_process_token(process, access, attributes, token);
}

static NTSTATUS open_thread_token(HANDLE thread, ACCESS_MASK access, ULONG attributes, HANDLE *out)
{
    struct object *object, *token;
    NTSTATUS status;

    if ((status = user_put(out, NULL))) return status;
    if ((status = handle_lookup(thread, &thread_type, THREAD_QUERY_LIMITED_INFORMATION, &object, NULL))) return status;
    token = object == thread_current_object() ? token_of_thread(current_thread()) : NULL;
    if (!token) status = STATUS_NO_TOKEN;
    else if (((struct token *)token)->level == SecurityAnonymous) status = STATUS_CANT_OPEN_ANONYMOUS;
    else status = deliver(token, access, attributes, out);
    object_unref(object);
    return status;
}

NT_CALL(nt_open_thread_token, HANDLE thread, ACCESS_MASK access, BOOLEAN as_self, HANDLE *token)
{
    (void)as_self;
    return open_thread_token(thread, access, 0, token);
}

NT_CALL(nt_open_thread_token_ex, HANDLE thread, ACCESS_MASK access, BOOLEAN as_self, ULONG attributes, HANDLE *token)
{
    (void)as_self;
    return open_thread_token(thread, access, attributes, token);
}

/* ---- NtDuplicateToken ---------------------------------------------------------------------------------- */

/* The level comes with the quality of service in the object attributes; without it, an impersonation token keeps its. */
static NTSTATUS read_level(const OBJECT_ATTRIBUTES *user_attr, SECURITY_IMPERSONATION_LEVEL *level)
{
    OBJECT_ATTRIBUTES attr;
    SECURITY_QUALITY_OF_SERVICE qos;
    NTSTATUS status;

    if (!user_attr) return STATUS_SUCCESS;
    if ((status = user_get(attr, user_attr))) return status;
    if (!attr.SecurityQualityOfService) return STATUS_SUCCESS;
    if ((status = user_get(qos, (SECURITY_QUALITY_OF_SERVICE *)attr.SecurityQualityOfService))) return status;
    if (qos.ImpersonationLevel > SecurityDelegation) return STATUS_BAD_IMPERSONATION_LEVEL;
    *level = qos.ImpersonationLevel;
    return STATUS_SUCCESS;
}

NT_CALL(nt_duplicate_token, HANDLE handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attr, BOOLEAN effective_only,
        TOKEN_TYPE type, HANDLE *out)
{
    struct object_attributes attributes;
    SECURITY_IMPERSONATION_LEVEL level;
    struct token *token;
    ACCESS_MASK granted;
    NTSTATUS status;

    (void)effective_only;               /* no group is disabled here, and privileges that are off give nothing */
    if (type != TokenPrimary && type != TokenImpersonation) return STATUS_INVALID_PARAMETER;
    if ((status = object_create_begin(&attributes, attr, out))) return status;
    if (!(status = handle_lookup(handle, &token_type, TOKEN_DUPLICATE, &token, &granted)))
    {
        level = token->type == TokenImpersonation ? token->level : SecurityAnonymous;
        if (!(status = read_level(attr, &level)))
        {
            if (token->type == TokenImpersonation && (type == TokenPrimary ? token->level < SecurityImpersonation
                                                                           : level > token->level))
                status = STATUS_BAD_IMPERSONATION_LEVEL;
            else
                status = object_create(token_duplicate(token, type, level), &attributes, access ? access : granted, out);
        }
        object_unref(token);
    }
    object_attributes_release(&attributes);
    return status;
}

/* ---- privileges ------------------------------------------------------------------------------------------- */

struct wanted { ULONG count; LUID_AND_ATTRIBUTES *list; };

static NTSTATUS read_privileges(struct wanted *wanted, const TOKEN_PRIVILEGES *user)
{
    NTSTATUS status = user_get(wanted->count, &user->PrivilegeCount);

    wanted->list = NULL;
    if (status) return status;
    if (wanted->count > 1000) return STATUS_INVALID_PARAMETER;
    if (!(wanted->list = malloc((wanted->count + 1) * sizeof(*wanted->list)))) return STATUS_NO_MEMORY;
    if (!(status = user_read(wanted->list, user->Privileges, wanted->count * sizeof(*wanted->list)))) return status;
    free(wanted->list);
    return status;
}

/* What attributes privilege would get; false: it is not asked for. */
static bool new_attributes(const struct token *token, unsigned int index, uint32_t old, bool disable_all,
                           const struct wanted *wanted, uint32_t *attributes)
{
    ULONG i;

    if (old & SE_PRIVILEGE_REMOVED) return false;
    if (disable_all)
    {
        *attributes = old & ~SE_PRIVILEGE_ENABLED;
        return true;
    }
    for (i = 0; i < wanted->count; i++)
    {
        const LUID_AND_ATTRIBUTES *want = &wanted->list[i];

        if (want->Luid.HighPart || want->Luid.LowPart != token->privileges[index].luid) continue;
        if (want->Attributes & SE_PRIVILEGE_REMOVED) *attributes = SE_PRIVILEGE_REMOVED;
        else *attributes = (old & ~SE_PRIVILEGE_ENABLED) | (want->Attributes & SE_PRIVILEGE_ENABLED);
        return true;
    }
    return false;
}

static NTSTATUS adjust_locked(struct token *token, bool disable_all, const struct wanted *wanted, ULONG room,
                              TOKEN_PRIVILEGES *previous, ULONG *needed, ULONG *found)
{
    LUID_AND_ATTRIBUTES changed[TOKEN_PRIVILEGES_MAX];
    uint32_t old[TOKEN_PRIVILEGES_MAX], attributes;
    ULONG count = 0, i;
    NTSTATUS status;

    *found = 0;
    for (i = 0; i < token->privilege_count; i++)
    {
        old[i] = token_privilege_attributes(token, i);
        if (!new_attributes(token, i, old[i], disable_all, wanted, &attributes)) continue;
        ++*found;
        if (attributes == old[i]) continue;
        changed[count].Luid = (LUID){ token->privileges[i].luid, 0 };
        changed[count++].Attributes = old[i];
    }
    *needed = offsetof(TOKEN_PRIVILEGES, Privileges) + count * sizeof(changed[0]);
    if (previous)
    {
        if (room < *needed) return STATUS_BUFFER_TOO_SMALL;
        if ((status = user_put(&previous->PrivilegeCount, count))) return status;
        if ((status = user_write(previous->Privileges, changed, count * sizeof(changed[0])))) return status;
    }
    for (i = 0; i < token->privilege_count; i++)
        if (new_attributes(token, i, old[i], disable_all, wanted, &attributes) && attributes != old[i])
            token_set_privilege(token, i, attributes);
    if (count) token_modified(token);
    return STATUS_SUCCESS;
}

NT_CALL(nt_adjust_privileges_token, HANDLE handle, BOOLEAN disable_all, TOKEN_PRIVILEGES *new_state, ULONG room,
        TOKEN_PRIVILEGES *previous, ULONG *return_size)
{
    struct wanted wanted = { 0, NULL };
    struct token *token;
    ULONG needed = 0, found = 0;
    NTSTATUS status;

    if (!disable_all && !new_state) return STATUS_INVALID_PARAMETER;
    if (!disable_all && (status = read_privileges(&wanted, new_state))) return status;
    status = handle_lookup(handle, &token_type, TOKEN_ADJUST_PRIVILEGES | (previous ? TOKEN_QUERY : 0), &token, NULL);
    if (!status)
    {
        pthread_mutex_lock(&token->lock);
        status = adjust_locked(token, disable_all, &wanted, room, previous, &needed, &found);
        pthread_mutex_unlock(&token->lock);
        object_unref(token);
        if (previous && return_size && (!status || status == STATUS_BUFFER_TOO_SMALL))
        {
            NTSTATUS fault = user_put(return_size, needed);

            if (fault) status = fault;
        }
        if (!status && !disable_all && found < wanted.count) status = STATUS_NOT_ALL_ASSIGNED;
    }
    free(wanted.list);
    return status;
}

NT_CALL(nt_privilege_check, HANDLE handle, PRIVILEGE_SET *user_set, BOOLEAN *result)
{
    PRIVILEGE_SET head;
    LUID_AND_ATTRIBUTES *list;
    struct token *token;
    ULONG i, j, held = 0;
    NTSTATUS status;

    if ((status = user_read(&head, user_set, offsetof(PRIVILEGE_SET, Privilege)))) return status;
    if (head.PrivilegeCount > 1000) return STATUS_INVALID_PARAMETER;
    if (!(list = malloc((head.PrivilegeCount + 1) * sizeof(*list)))) return STATUS_NO_MEMORY;
    if (!(status = user_read(list, user_set->Privilege, head.PrivilegeCount * sizeof(*list))) &&
        !(status = handle_lookup(handle, &token_type, TOKEN_QUERY, &token, NULL)))
    {
        pthread_mutex_lock(&token->lock);
        for (i = 0; i < head.PrivilegeCount; i++)
        {
            list[i].Attributes &= ~SE_PRIVILEGE_USED_FOR_ACCESS;
            for (j = 0; j < token->privilege_count; j++)
            {
                if (list[i].Luid.HighPart || token->privileges[j].luid != list[i].Luid.LowPart ||
                    !(token_privilege_attributes(token, j) & SE_PRIVILEGE_ENABLED)) continue;
                list[i].Attributes |= SE_PRIVILEGE_USED_FOR_ACCESS;
                held++;
                break;
            }
        }
        pthread_mutex_unlock(&token->lock);
        object_unref(token);
        status = user_write(user_set->Privilege, list, head.PrivilegeCount * sizeof(*list));
        if (!status)
            status = user_put(result, (BOOLEAN)(head.Control & PRIVILEGE_SET_ALL_NECESSARY ? held == head.PrivilegeCount
                                                                                          : held != 0));
    }
    free(list);
    return status;
}

NT_CALL(nt_allocate_locally_unique_id, LUID *out)
{
    uint64_t value = luid_allocate();
    LUID luid = { (DWORD)value, (LONG)(value >> 32) };

    return user_put(out, luid);
}
