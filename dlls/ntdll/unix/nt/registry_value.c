/* Registry values. */
#include "nt/registry.h"

union value_info
{
    KEY_VALUE_BASIC_INFORMATION   basic;
    KEY_VALUE_FULL_INFORMATION    full;
    KEY_VALUE_PARTIAL_INFORMATION partial;
    struct { ULONG Type, DataLength; } aligned;         /* KEY_VALUE_PARTIAL_INFORMATION_ALIGN64 */
};

/* The answer in one piece, malloc'd. */
static NTSTATUS value_answer(const struct reg_value *value, KEY_VALUE_INFORMATION_CLASS class, char **answer,
                             size_t *fixed, size_t *total)
{
    union value_info info;
    size_t name = value->length * sizeof(WCHAR), data = value->size, gap = 0;

    memset(&info, 0, sizeof(info));
    switch (class)
    {
    case KeyValueBasicInformation:
        *fixed = offsetof(KEY_VALUE_BASIC_INFORMATION, Name);
        info.basic.Type = value->type;
        info.basic.NameLength = name;
        data = 0;
        break;
    case KeyValueFullInformation: case KeyValueFullInformationAlign64:
        *fixed = offsetof(KEY_VALUE_FULL_INFORMATION, Name);
        if (class == KeyValueFullInformationAlign64) gap = -(*fixed + name) & 7;
        info.full.Type = value->type;
        info.full.NameLength = name;
        info.full.DataLength = data;
        info.full.DataOffset = data ? *fixed + name + gap : ~0u;
        break;
    case KeyValuePartialInformation:
        *fixed = offsetof(KEY_VALUE_PARTIAL_INFORMATION, Data);
        info.partial.Type = value->type;
        info.partial.DataLength = data;
        name = 0;
        break;
    case KeyValuePartialInformationAlign64:
        *fixed = sizeof(info.aligned);
        info.aligned.Type = value->type;
        info.aligned.DataLength = data;
        name = 0;
        break;
    default:
        return STATUS_INVALID_PARAMETER;
    }
    *total = *fixed + name + gap + data;
    if (!(*answer = calloc(1, *total))) return STATUS_NO_MEMORY;
    memcpy(*answer, &info, *fixed);
    if (name) memcpy(*answer + *fixed, value->name, name);
    if (data) memcpy(*answer + *fixed + name + gap, value->data, data);
    return STATUS_SUCCESS;
}

/* A value's name, malloc'd; length in characters. */
static NTSTATUS read_value_name(const UNICODE_STRING *user, WCHAR **name, size_t *length)
{
    NTSTATUS status = user_read_unicode_string(name, length, user);

    if (status) return status;
    *length /= sizeof(WCHAR);
    if (*length <= REG_VALUE_NAME_MAX) return STATUS_SUCCESS;
    free(*name);
    return STATUS_INVALID_PARAMETER;
}

NT_CALL(nt_query_value_key, HANDLE handle, const UNICODE_STRING *user_name, KEY_VALUE_INFORMATION_CLASS class, void *out,
        ULONG size, ULONG *return_size)
{
    struct key_object *object;
    struct reg_value *value;
    size_t length, fixed, total;
    char *answer;
    WCHAR *name;
    NTSTATUS status;

    if ((status = read_value_name(user_name, &name, &length))) return status;
    if (!(status = registry_enter(handle, KEY_QUERY_VALUE, &object)))
    {
        if (!(value = key_find_value(object->key, name, length))) status = STATUS_OBJECT_NAME_NOT_FOUND;
        else status = value_answer(value, class, &answer, &fixed, &total);
        registry_leave(object);
    }
    free(name);
    if (status) return status;
    status = registry_answer(answer, fixed, total, out, size, return_size);
    free(answer);
    return status;
}

NT_CALL(nt_enumerate_value_key, HANDLE handle, ULONG index, KEY_VALUE_INFORMATION_CLASS class, void *out, ULONG size,
        ULONG *return_size)
{
    struct key_object *object;
    size_t fixed, total;
    char *answer;
    NTSTATUS status = registry_enter(handle, KEY_QUERY_VALUE, &object);

    if (status) return status;
    if (index >= object->key->value_count) status = STATUS_NO_MORE_ENTRIES;
    else status = value_answer(&object->key->values[index], class, &answer, &fixed, &total);
    registry_leave(object);
    if (status) return status;
    status = registry_answer(answer, fixed, total, out, size, return_size);
    free(answer);
    return status;
}

NT_CALL(nt_query_multiple_value_key, HANDLE handle, KEY_VALUE_ENTRY *user_entries, ULONG count, void *out,
        ULONG *user_size, ULONG *return_size)
{
    struct key_object *object;
    KEY_VALUE_ENTRY entry;
    ULONG room, used = 0, i;
    NTSTATUS status, overflow = STATUS_SUCCESS;

    if ((status = user_get(room, user_size))) return status;
    for (i = 0; i < count; i++)
    {
        struct reg_value *value;
        size_t length;
        WCHAR *name;

        if ((status = user_get(entry, &user_entries[i]))) return status;
        if ((status = read_value_name(entry.ValueName, &name, &length))) return status;
        if (!(status = registry_enter(handle, KEY_QUERY_VALUE, &object)))
        {
            if (!(value = key_find_value(object->key, name, length))) status = STATUS_OBJECT_NAME_NOT_FOUND;
            else
            {
                used = (used + 3) & ~3u;
                entry.Type = value->type;
                entry.DataLength = value->size;
                entry.DataOffset = used;
                if (value->size > room || used > room - value->size) overflow = STATUS_BUFFER_OVERFLOW;
                else status = user_write((char *)out + used, value->data, value->size);
                used += value->size;
            }
            registry_leave(object);
        }
        free(name);
        if (!status && !overflow) status = user_put(&user_entries[i], entry);
        if (status) return status;
    }
    if (return_size && (status = user_put(return_size, used))) return status;
    if (!overflow) status = user_put(user_size, used);
    return status ? status : overflow;
}

NT_CALL(nt_set_value_key, HANDLE handle, const UNICODE_STRING *user_name, ULONG title, ULONG type, const void *user_data,
        ULONG size)
{
    struct key_object *object;
    size_t length;
    WCHAR *name;
    void *data;
    NTSTATUS status;

    (void)title;
    if (size > 0x1000000) return STATUS_INSUFFICIENT_RESOURCES;
    if ((status = read_value_name(user_name, &name, &length))) return status;
    if (!(data = malloc(size + 1))) status = STATUS_NO_MEMORY;
    else if (!size || !(status = user_read(data, user_data, size)))
    {
        if (!(status = registry_enter(handle, KEY_SET_VALUE, &object)))
        {
            status = key_set_value(object->key, name, length, type, data, size);
            registry_leave(object);
        }
    }
    free(data);
    free(name);
    return status;
}

NT_CALL(nt_delete_value_key, HANDLE handle, const UNICODE_STRING *user_name)
{
    struct key_object *object;
    struct reg_value *value;
    size_t length;
    WCHAR *name;
    NTSTATUS status;

    if ((status = read_value_name(user_name, &name, &length))) return status;
    if (!(status = registry_enter(handle, KEY_SET_VALUE, &object)))
    {
        if (!(value = key_find_value(object->key, name, length))) status = STATUS_OBJECT_NAME_NOT_FOUND;
        else key_delete_value(object->key, value);
        registry_leave(object);
    }
    free(name);
    return status;
}
