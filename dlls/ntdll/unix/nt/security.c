/* NtQuerySecurityObject, NtSetSecurityObject, NtAccessCheck. */
#include "io/async.h"
#include "ob/name.h"
#include "ob/security.h"
#include "ob/token.h"

#define ALL_PARTS (OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION | \
                   SACL_SECURITY_INFORMATION | LABEL_SECURITY_INFORMATION)

/* The object's descriptor or what stands for it: a reference. Files have owners and modes of their own: io/. */
static NTSTATUS object_security(struct object *object, struct security **security)
{
    NTSTATUS status;

    if (&file_type && object->type == &file_type)
    {
        struct file *file = (struct file *)object;

        if (!file->ops->get_security) return STATUS_NOT_SUPPORTED;
        if ((status = file->ops->get_security(file, security))) return status;
    }
    else *security = object_get_security(object);
    if (*security) return STATUS_SUCCESS;
    *security = security_default((struct token *)token_of_process(), object->type->mapping.GenericAll);
    return *security ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

static NTSTATUS set_security(struct object *object, struct security *security)
{
    if (&file_type && object->type == &file_type)
        return ((struct file *)object)->ops->set_security((struct file *)object, security);
    object_set_security(object, security);
    return STATUS_SUCCESS;
}

NT_CALL(nt_query_security_object, HANDLE handle, SECURITY_INFORMATION information, void *out, ULONG size, ULONG *needed)
{
    SECURITY_DESCRIPTOR_RELATIVE empty_sd = { .Revision = SECURITY_DESCRIPTOR_REVISION };
    struct security empty = { .refs = 1, .size = sizeof(empty_sd), .sd = empty_sd };
    struct security *all, *asked = NULL;
    ACCESS_MASK access = 0;
    struct object *object;
    NTSTATUS status, fault;

    if (information & ~SACL_SECURITY_INFORMATION) access |= READ_CONTROL;
    if (information & SACL_SECURITY_INFORMATION) access |= ACCESS_SYSTEM_SECURITY;
    if ((status = handle_lookup(handle, NULL, access, &object, NULL))) return status;
    if (!(status = object_security(object, &all)))
    {
        if (!(asked = security_merge(&empty, all, information & ALL_PARTS))) status = STATUS_NO_MEMORY;
        security_unref(all);
    }
    object_unref(object);
    if (status) return status;
    if ((fault = user_put(needed, asked->size))) status = fault;
    else if (size < asked->size) status = STATUS_BUFFER_TOO_SMALL;
    else status = user_write(out, &asked->sd, asked->size);
    security_unref(asked);
    return status;
}

NT_CALL(nt_set_security_object, HANDLE handle, SECURITY_INFORMATION information, void *user_sd)
{
    struct security *changes, *old, *merged = NULL;
    ACCESS_MASK access = 0;
    struct object *object;
    NTSTATUS status;

    if (!user_sd) return STATUS_ACCESS_VIOLATION;
    if (information & (OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION)) access |= WRITE_OWNER;
    if (information & DACL_SECURITY_INFORMATION) access |= WRITE_DAC;
    if (information & SACL_SECURITY_INFORMATION) access |= ACCESS_SYSTEM_SECURITY;
    if ((status = handle_lookup(handle, NULL, access, &object, NULL))) return status;
    if (!(status = security_read(&changes, user_sd)))
    {
        if ((information & OWNER_SECURITY_INFORMATION && !changes->sd.Owner) ||
            (information & GROUP_SECURITY_INFORMATION && !changes->sd.Group)) status = STATUS_INVALID_SECURITY_DESCR;
        else if (!(status = object_security(object, &old)))
        {
            if (!(merged = security_merge(old, changes, information & ALL_PARTS))) status = STATUS_NO_MEMORY;
            else status = set_security(object, merged);
            security_unref(old);
        }
        security_unref(changes);
    }
    security_unref(merged);
    object_unref(object);
    return status;
}

NT_CALL(nt_access_check, void *user_sd, HANDLE token_handle, ACCESS_MASK desired, GENERIC_MAPPING *user_mapping,
        PRIVILEGE_SET *privileges, ULONG *user_size, ULONG *user_granted, NTSTATUS *user_status)
{
    GENERIC_MAPPING mapping;
    struct security *security;
    struct token *token;
    ACCESS_MASK granted = 0;
    NTSTATUS status, result;
    ULONG size;

    if ((status = user_get(mapping, user_mapping)) || (status = user_get(size, user_size))) return status;
    if (!privileges && size) return STATUS_ACCESS_VIOLATION;
    if (desired & (GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE | GENERIC_ALL)) return STATUS_GENERIC_NOT_MAPPED;
    if (size < sizeof(PRIVILEGE_SET))
    {
        if ((status = user_put(user_size, (ULONG)sizeof(PRIVILEGE_SET)))) return status;
        return STATUS_BUFFER_TOO_SMALL;
    }
    if ((status = user_zero(privileges, sizeof(PRIVILEGE_SET)))) return status;
    if ((status = handle_lookup(token_handle, &token_type, TOKEN_QUERY, &token, NULL))) return status;
    if (token->type != TokenImpersonation) status = STATUS_NO_IMPERSONATION_TOKEN;
    else if (token->level < SecurityIdentification) status = STATUS_BAD_IMPERSONATION_LEVEL;
    else if (!user_sd) status = STATUS_INVALID_SECURITY_DESCR;
    else if (!(status = security_read(&security, user_sd)))
    {
        if (!security->sd.Owner || !security->sd.Group) status = STATUS_INVALID_SECURITY_DESCR;
        else result = security_check(security, token, desired, &mapping, &granted);
        security_unref(security);
    }
    object_unref(token);
    if (status) return status;
    /* The one right that nothing but a privilege grants. */
    if (!result && (granted & ACCESS_SYSTEM_SECURITY))
    {
        PRIVILEGE_SET used = { 1, 0, { { { SE_SECURITY_PRIVILEGE, 0 }, SE_PRIVILEGE_USED_FOR_ACCESS } } };

        if ((status = user_put(privileges, used))) return status;
    }
    if ((status = user_put(user_granted, granted))) return status;
    return user_put(user_status, result);
}
