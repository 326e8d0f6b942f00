/* NtClose and the other calls that work on any object. */
#include "nt/remote_handle.h"
#include "ob/name.h"
#include "ob/types.h"
#include "ps/debuggee.h"
#include "ps/exception.h"
#include "ps/process_object.h"
#include "ps/thread.h"

NT_CALL(nt_close, HANDLE handle)
{
    NTSTATUS status = handle_close(handle);

    /* A debugger is told of a mistake like this; so are the program's handlers if it does not mind. */
    if (status == STATUS_INVALID_HANDLE && handle && debuggee_attached)
        return exception_raise_on_leave(status);
    return status;
}

/* ---- NtDuplicateObject ------------------------------------------------------------------------------- */

static NTSTATUS close_source(struct process_object *process, HANDLE source)
{
    return process_is_other(process) ? remote_close(process, source) : handle_close(source);
}

NT_CALL(nt_duplicate_object, HANDLE source_process, HANDLE source, HANDLE target_process, HANDLE *target,
        ACCESS_MASK access, ULONG attributes, ULONG options)
{
    struct remote_duplicate how = { .access = access, .attributes = attributes, .options = options };
    bool bad_target = false;
    HANDLE handle = NULL;
    NTSTATUS status;

    if (target && (status = user_put(target, NULL))) return status;
    if ((status = process_target(source_process, PROCESS_DUP_HANDLE, &how.source))) return status;

    if (target_process)
    {
        if ((status = process_target(target_process, PROCESS_DUP_HANDLE, &how.target)))
        {
            how.target = NULL;
            bad_target = true;
        }
        else if (process_is_other(how.source) || process_is_other(how.target))
            status = remote_duplicate(source, &how, &handle);
        else if (options & DUPLICATE_CLOSE_SOURCE && target && !handle_is_pseudo(source) &&
                 !(status = handle_change(source, access, attributes, options)))
        {
            handle = source;            /* the same value: kernel32:process, test_DuplicateHandle */
            options &= ~(ULONG)DUPLICATE_CLOSE_SOURCE;
        }
        else status = handle_duplicate(source, access, attributes, options, &handle);
    }
    else if (!(options & DUPLICATE_CLOSE_SOURCE)) status = STATUS_INVALID_HANDLE;

    /* The source goes whatever became of the target. */
    if (options & DUPLICATE_CLOSE_SOURCE && (status != STATUS_INVALID_HANDLE || bad_target))
    {
        NTSTATUS closed = close_source(how.source, source);

        if (!target_process) status = closed;
    }
    if (!status && target && handle && (status = user_put(target, handle))) close_source(how.target, handle);
    object_unref((struct object *)how.source);
    object_unref((struct object *)how.target);
    return status;
}

/* ---- NtQueryObject ------------------------------------------------------------------------------------- */

struct type_count
{
    const struct object_type *type;
    ULONG handles, objects;
    struct object **seen;               /* objects of that type, for counting each once */
    size_t room;
};

static bool count_type(HANDLE handle, struct object *object, ACCESS_MASK access, ULONG attributes, void *arg)
{
    struct type_count *count = arg;
    ULONG i;

    (void)handle; (void)access; (void)attributes;
    if (object->type != count->type) return true;
    count->handles++;
    if (__atomic_load_n(&object->handles, __ATOMIC_RELAXED) > 1)
    {
        for (i = 0; i < count->objects; i++) if (count->seen[i] == object) return true;
    }
    if (count->objects == count->room)
    {
        struct object **seen = realloc(count->seen, (count->room + 64) * sizeof(*seen));

        if (!seen) return false;
        count->seen = seen;
        count->room += 64;
    }
    count->seen[count->objects++] = object;
    return true;
}

static size_t type_info_size(const struct object_type *type)
{
    return sizeof(OBJECT_TYPE_INFORMATION) + (strlen(type->name) + 1) * sizeof(WCHAR);
}

/* Fills in info, which will lie at address in the program. */
static void fill_type_info(OBJECT_TYPE_INFORMATION *info, const struct object_type *type, void *address)
{
    struct type_count count = { .type = type };
    WCHAR *name = (WCHAR *)(info + 1);
    size_t i, length = strlen(type->name);
    ULONG index = 0;

    handle_enumerate(count_type, &count);
    free(count.seen);
    while (index < object_type_count && object_types[index] != type) index++;

    memset(info, 0, sizeof(*info));
    for (i = 0; i <= length; i++) name[i] = type->name[i];
    info->TypeName.Length = length * sizeof(WCHAR);
    info->TypeName.MaximumLength = (length + 1) * sizeof(WCHAR);
    info->TypeName.Buffer = (WCHAR *)((OBJECT_TYPE_INFORMATION *)address + 1);
    info->TotalNumberOfObjects = info->HighWaterNumberOfObjects = count.objects;
    info->TotalNumberOfHandles = info->HighWaterNumberOfHandles = count.handles;
    info->GenericMapping = type->mapping;
    info->ValidAccessMask = type->valid_access;
    info->TypeIndex = index;
}

static NTSTATUS query_type(struct object *object, void *out, ULONG size, ULONG *needed)
{
    OBJECT_TYPE_INFORMATION *info;
    NTSTATUS status;

    *needed = type_info_size(object->type);
    if (size < *needed) return STATUS_INFO_LENGTH_MISMATCH;
    if (!(info = malloc(*needed))) return STATUS_NO_MEMORY;
    fill_type_info(info, object->type, out);
    status = user_write(out, info, *needed);
    free(info);
    return status;
}

static NTSTATUS query_types(void *out, ULONG size, ULONG *needed)
{
    size_t total = (sizeof(OBJECT_TYPES_INFORMATION) + 7) & ~(size_t)7, offset = total;
    unsigned int i, count = 0;
    NTSTATUS status;
    char *buffer;

    for (i = 0; i < object_type_count; i++)
    {
        if (!object_types[i]) continue;
        total += (type_info_size(object_types[i]) + 7) & ~(size_t)7;
        count++;
    }
    *needed = total;
    if (size < sizeof(OBJECT_TYPES_INFORMATION)) return STATUS_INFO_LENGTH_MISMATCH;
    if (size < total)
    {
        if ((status = user_put(&((OBJECT_TYPES_INFORMATION *)out)->NumberOfTypes, count))) return status;
        return STATUS_INFO_LENGTH_MISMATCH;
    }
    if (!(buffer = calloc(1, total))) return STATUS_NO_MEMORY;
    ((OBJECT_TYPES_INFORMATION *)buffer)->NumberOfTypes = count;
    for (i = 0; i < object_type_count; i++)
    {
        if (!object_types[i]) continue;
        fill_type_info((OBJECT_TYPE_INFORMATION *)(buffer + offset), object_types[i], (char *)out + offset);
        offset += (type_info_size(object_types[i]) + 7) & ~(size_t)7;
    }
    status = user_write(out, buffer, total);
    free(buffer);
    return status;
}

static NTSTATUS object_name(struct object *object, WCHAR **name, size_t *length)
{
    *name = NULL;
    *length = 0;
    if (object->type->query_name) return object->type->query_name(object, name, length);
    return name_query(object, name, length);
}

static NTSTATUS query_name(struct object *object, void *out, ULONG size, ULONG *needed)
{
    UNICODE_STRING string = { 0 };
    NTSTATUS status;
    size_t length;
    WCHAR *name;

    if ((status = object_name(object, &name, &length))) return status;
    *needed = sizeof(string) + (name ? (length + 1) * sizeof(WCHAR) : 0);
    if (size < *needed)
    {
        /* Files tell what fits: ntdll:om, test_query_object. */
        status = size >= sizeof(string) && object->type->query_name ? STATUS_BUFFER_OVERFLOW
                                                                    : STATUS_INFO_LENGTH_MISMATCH;
        if (status == STATUS_BUFFER_OVERFLOW)
        {
            NTSTATUS fault = user_put((UNICODE_STRING *)out, string);

            if (fault) status = fault;
        }
        free(name);
        return status;
    }
    if (name)
    {
        string.Length = length * sizeof(WCHAR);
        string.MaximumLength = string.Length + sizeof(WCHAR);
        string.Buffer = (WCHAR *)((UNICODE_STRING *)out + 1);
        name[length] = 0;
        status = user_write(string.Buffer, name, string.MaximumLength);
    }
    if (!status) status = user_put((UNICODE_STRING *)out, string);
    free(name);
    return status;
}

static NTSTATUS query_basic(struct object *object, HANDLE handle, ACCESS_MASK access, void *out, ULONG size,
                            ULONG *needed)
{
    OBJECT_BASIC_INFORMATION info = { 0 };
    NTSTATUS status;
    size_t length;
    WCHAR *name;

    *needed = sizeof(info);
    if (size != sizeof(info)) return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = handle_get_attributes(handle, &info.Attributes))) return status;
    if (object_name(object, &name, &length)) name = NULL;      /* a pipe without one, say */
    info.NameInformationLength = name ? sizeof(UNICODE_STRING) + (length + 1) * sizeof(WCHAR) : 0;
    free(name);
    if (name_is_permanent(object)) info.Attributes |= OBJ_PERMANENT;
    info.GrantedAccess = access;
    info.HandleCount = __atomic_load_n(&object->handles, __ATOMIC_RELAXED);
    info.PointerCount = __atomic_load_n(&object->refs, __ATOMIC_RELAXED) - 1;   /* not the one of this call */
    info.TypeInformationLength = type_info_size(object->type);
    return user_put((OBJECT_BASIC_INFORMATION *)out, info);
}

static NTSTATUS query_flags(HANDLE handle, void *out, ULONG size, ULONG *needed)
{
    OBJECT_DATA_INFORMATION info;
    ULONG attributes;
    NTSTATUS status;

    *needed = sizeof(info);
    if (size != sizeof(info)) return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = handle_get_attributes(handle, &attributes))) return status;
    info.InheritHandle = !!(attributes & OBJ_INHERIT);
    info.ProtectFromClose = !!(attributes & OBJ_PROTECT_CLOSE);
    return user_put((OBJECT_DATA_INFORMATION *)out, info);
}

NT_CALL(nt_query_object, HANDLE handle, OBJECT_INFORMATION_CLASS class, void *out, ULONG size, ULONG *return_size)
{
    struct object *object = NULL;
    ACCESS_MASK access;
    ULONG needed = 0;
    NTSTATUS status, fault;

    if (class != ObjectTypesInformation && (status = handle_lookup(handle, NULL, 0, &object, &access))) return status;
    switch (class)
    {
    case ObjectBasicInformation: status = query_basic(object, handle, access, out, size, &needed); break;
    case ObjectNameInformation:  status = query_name(object, out, size, &needed); break;
    case ObjectTypeInformation:  status = query_type(object, out, size, &needed); break;
    case ObjectTypesInformation: status = query_types(out, size, &needed); break;
    case ObjectDataInformation:  status = query_flags(handle, out, size, &needed); break;
    default:                     status = STATUS_INVALID_INFO_CLASS; break;
    }
    object_unref(object);
    if (return_size && needed && (fault = user_put(return_size, needed))) return fault;
    return status;
}

NT_CALL(nt_set_information_object, HANDLE handle, OBJECT_INFORMATION_CLASS class, void *in, ULONG size)
{
    OBJECT_DATA_INFORMATION info;
    NTSTATUS status;

    if (class != ObjectDataInformation) return STATUS_INVALID_INFO_CLASS;
    if (size != sizeof(info)) return STATUS_INVALID_BUFFER_SIZE;
    if ((status = user_get(info, (OBJECT_DATA_INFORMATION *)in))) return status;
    return handle_set_attributes(handle, OBJ_INHERIT | OBJ_PROTECT_CLOSE,
                                 (info.InheritHandle ? OBJ_INHERIT : 0) |
                                 (info.ProtectFromClose ? OBJ_PROTECT_CLOSE : 0));
}

/* ---- the rest --------------------------------------------------------------------------------------------- */

NT_CALL(nt_compare_objects, HANDLE first, HANDLE second)
{
    struct object *a, *b;
    NTSTATUS status;

    if ((status = handle_lookup(first, NULL, 0, &a, NULL))) return status;
    if (!(status = handle_lookup(second, NULL, 0, &b, NULL)))
    {
        status = a == b ? STATUS_SUCCESS : STATUS_NOT_SAME_OBJECT;
        object_unref(b);
    }
    object_unref(a);
    return status;
}

static NTSTATUS set_permanent(HANDLE handle, bool permanent)
{
    struct object *object;
    NTSTATUS status = handle_lookup(handle, NULL, permanent ? 0 : DELETE, &object, NULL);

    if (status) return status;
    name_set_permanent(object, permanent);
    object_unref(object);
    return STATUS_SUCCESS;
}

NT_CALL(nt_make_temporary_object, HANDLE handle)
{
    return set_permanent(handle, false);
}

NT_CALL(nt_make_permanent_object, HANDLE handle)
{
    return set_permanent(handle, true);
}
