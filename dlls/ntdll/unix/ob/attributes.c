/* OBJECT_ATTRIBUTES of the program, and the frame that every NtCreateX and NtOpenX has in common.
 *
 * The order of the checks is Windows' (ntdll:om, test_name_limits): the handle pointer, the structure's length,
 * the name's alignment, the name's bytes, its length, the security descriptor, the root directory.
 */
#include "ob/object.h"
#include "ob/security.h"

#define ATTRIBUTES_VALID 0x1ff2u        /* Windows 11; the header's OBJ_VALID_ATTRIBUTES is older */

static NTSTATUS read_name(struct object_attributes *out, const UNICODE_STRING *from)
{
    UNICODE_STRING string;
    NTSTATUS status;

    if ((status = user_get(string, from))) return status;
    out->named = true;
    if (!string.Length) return STATUS_SUCCESS;
    if ((uintptr_t)string.Buffer & 1) return STATUS_DATATYPE_MISALIGNMENT;
    if (!(out->name = malloc(string.Length + 2 * sizeof(WCHAR)))) return STATUS_NO_MEMORY;
    if ((status = user_read(out->name, string.Buffer, string.Length))) return status;
    if (string.Length & 1 || string.Length == 0xfffe) return STATUS_OBJECT_NAME_INVALID;
    out->length = string.Length / sizeof(WCHAR);
    out->name[out->length] = 0;
    return STATUS_SUCCESS;
}

NTSTATUS object_attributes_read(struct object_attributes *out, const OBJECT_ATTRIBUTES *from)
{
    OBJECT_ATTRIBUTES attr;
    NTSTATUS status;

    memset(out, 0, sizeof(*out));
    if (!from) return STATUS_SUCCESS;
    if ((status = user_get(attr, from))) return status;
    if (attr.Length != sizeof(attr) || attr.Attributes & ~ATTRIBUTES_VALID) return STATUS_INVALID_PARAMETER;
    out->given = true;
    out->attributes = attr.Attributes;
    if (attr.ObjectName && (status = read_name(out, attr.ObjectName)))
    {
        object_attributes_release(out);
        return status;
    }
    if (attr.SecurityDescriptor && (status = security_read(&out->security, attr.SecurityDescriptor)))
    {
        object_attributes_release(out);
        return status;
    }
    if (!attr.RootDirectory) return STATUS_SUCCESS;
    if (!out->named)
    {
        object_attributes_release(out);
        return STATUS_OBJECT_NAME_INVALID;
    }

    status = handle_lookup(attr.RootDirectory, NULL, 0, &out->root, NULL);
    if (status && !out->length)
    {
        out->root_status = status;      /* a new object without a name does not ask for its root */
        return STATUS_SUCCESS;
    }
    if (status) object_attributes_release(out);
    return status;
}

void object_attributes_release(struct object_attributes *attributes)
{
    object_unref(attributes->root);
    free(attributes->name);
    security_unref(attributes->security);
    attributes->security = NULL;
    attributes->root = NULL;
    attributes->name = NULL;
}

NTSTATUS object_create_begin(struct object_attributes *attributes, const OBJECT_ATTRIBUTES *attr, HANDLE *user_handle)
{
    NTSTATUS status = user_put(user_handle, NULL);

    if (status) return status;
    return object_attributes_read(attributes, attr);
}

/* The handle is given to the program, or closed if it cannot be told of it. */
static NTSTATUS handle_deliver(NTSTATUS status, HANDLE handle, HANDLE *user_handle)
{
    NTSTATUS fault;

    if (!NT_SUCCESS(status)) return status;
    if ((fault = user_put(user_handle, handle)))
    {
        handle_close(handle);
        return fault;
    }
    return status;
}

NTSTATUS object_create(struct object *object, const struct object_attributes *attributes, ACCESS_MASK access,
                       HANDLE *user_handle)
{
    HANDLE handle;
    NTSTATUS status;

    if (!object) return STATUS_NO_MEMORY;
    status = object_insert(object, attributes, access, &handle);
    return handle_deliver(status, handle, user_handle);
}

NTSTATUS object_open_user(const struct object_type *type, const OBJECT_ATTRIBUTES *attr, ACCESS_MASK access,
                          HANDLE *user_handle)
{
    struct object_attributes attributes;
    NTSTATUS status = object_create_begin(&attributes, attr, user_handle);
    HANDLE handle;

    if (status) return status;
    status = object_open(type, &attributes, access, &handle);
    object_attributes_release(&attributes);
    return handle_deliver(status, handle, user_handle);
}
