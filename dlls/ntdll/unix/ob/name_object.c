/* Objects and the files that name them. */
#include <unistd.h>

#include "ob/name_object.h"
#include "ob/security.h"

static NTSTATUS make(struct object *object, const struct name_key *key, struct name_header *header,
                     const struct security *security, const struct name_parts *parts, struct name_file **out)
{
    struct name_file *file;
    NTSTATUS status;

    header->kind = object->type->name_kind;
    header->security_size = security ? security->size : 0;
    header->section.path_size = parts->path ? (uint32_t)strlen(parts->path) : 0;
    if ((status = name_file_create(key, header, security ? &security->sd : NULL, parts->path, &file))) return status;
    if (parts->bytes_fd >= 0) status = name_file_attach(file, parts->bytes_fd, "");
    if (!status && parts->state_fd >= 0) status = name_file_attach(file, parts->state_fd, "~state");
    if (!status) status = object->type->name_made(object, file);
    if (!status) status = name_file_finish(file);
    if (status) name_file_abort(file);
    else *out = file;
    return status;
}

NTSTATUS name_object_publish(struct object *object, const struct name_key *key, struct name_file **file)
{
    struct name_header header = { .section.bytes = NAME_BYTES_OWN };
    struct name_parts parts = { -1, -1, NULL };
    struct security *security = object_get_security(object);
    NTSTATUS status = object->type->name_describe(object, &header, &parts);

    if (!status) status = make(object, key, &header, security, &parts, file);
    if (parts.bytes_fd >= 0) close(parts.bytes_fd);
    if (parts.state_fd >= 0) close(parts.state_fd);
    free(parts.path);
    security_unref(security);
    return status;
}

/* The rules are a stranger's bytes: security_read() checks them as it does a program's. */
static NTSTATUS adopt_security(struct object *object, const struct name_file *file, const struct name_header *header)
{
    struct security *security = NULL;
    SECURITY_DESCRIPTOR_RELATIVE *bytes;
    NTSTATUS status;

    if (!header->security_size) return STATUS_SUCCESS;
    if (header->security_size < sizeof(*bytes)) return STATUS_FILE_CORRUPT_ERROR;
    if ((status = name_file_security(file, header, (void **)&bytes))) return status;
    if (!(bytes->Control & SE_SELF_RELATIVE) || security_read(&security, bytes)) status = STATUS_FILE_CORRUPT_ERROR;
    else object_set_security(object, security);
    security_unref(security);
    free(bytes);
    return status;
}

NTSTATUS name_object_adopt(const struct object_type *type, struct name_file *file, const struct name_header *header,
                           struct object **out)
{
    struct object *object = NULL;
    NTSTATUS status;

    if (header->kind != type->name_kind) return STATUS_OBJECT_TYPE_MISMATCH;
    if ((status = type->name_adopt(file, header, &object))) return status;
    if ((status = adopt_security(object, file, header))) object_unref(object);
    else *out = object;
    return status;
}
