/* Directory and symbolic link objects. */
#include "ob/name.h"
#include "ob/types.h"

NT_CALL(nt_create_directory_object, HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attr)
{
    struct object_attributes attributes;
    NTSTATUS status = object_create_begin(&attributes, attr, handle);

    if (status) return status;
    status = object_create(directory_alloc(), &attributes, access, handle);
    object_attributes_release(&attributes);
    return status;
}

NT_CALL(nt_open_directory_object, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr)
{
    return object_open_user(&directory_type, attr, access, handle);
}

/* ---- NtQueryDirectoryObject ----------------------------------------------------------------------------- */

/* What the answer is made of: an array of entries that an empty one ends, then their strings. */
struct listing
{
    ULONG count, room;
    size_t bytes;                       /* of array and strings */
    struct { WCHAR *name; size_t length; const char *type; } *entries;
};

static size_t entry_bytes(size_t name_length, const char *type)
{
    return sizeof(DIRECTORY_BASIC_INFORMATION) + (name_length + 1 + strlen(type) + 1) * sizeof(WCHAR);
}

static void listing_release(struct listing *listing)
{
    while (listing->count) free(listing->entries[--listing->count].name);
    free(listing->entries);
}

static NTSTATUS listing_write(const struct listing *listing, char *out)
{
    DIRECTORY_BASIC_INFORMATION *info;
    char *buffer = calloc(1, listing->bytes);
    NTSTATUS status;
    WCHAR *text;
    ULONG i;

    if (!buffer) return STATUS_NO_MEMORY;
    info = (DIRECTORY_BASIC_INFORMATION *)buffer;
    text = (WCHAR *)(info + listing->count + 1);
    for (i = 0; i < listing->count; i++)
    {
        size_t j, length = listing->entries[i].length;
        const char *type = listing->entries[i].type;

        info[i].ObjectName.Length = length * sizeof(WCHAR);
        info[i].ObjectName.MaximumLength = (length + 1) * sizeof(WCHAR);
        info[i].ObjectName.Buffer = (WCHAR *)(out + ((char *)text - buffer));
        memcpy(text, listing->entries[i].name, (length + 1) * sizeof(WCHAR));
        text += length + 1;
        length = strlen(type);
        info[i].ObjectTypeName.Length = length * sizeof(WCHAR);
        info[i].ObjectTypeName.MaximumLength = (length + 1) * sizeof(WCHAR);
        info[i].ObjectTypeName.Buffer = (WCHAR *)(out + ((char *)text - buffer));
        for (j = 0; j <= length; j++) text[j] = type[j];
        text += length + 1;
    }
    status = user_write(out, buffer, listing->bytes);
    free(buffer);
    return status;
}

/* Takes entries from *index on until size is full or, with single, one was taken. */
static NTSTATUS listing_collect(struct listing *listing, struct directory *directory, ULONG *index, ULONG size,
                                bool single, size_t *wanted)
{
    const char *type;
    size_t length;
    WCHAR *name;

    listing->bytes = sizeof(DIRECTORY_BASIC_INFORMATION);
    *wanted = listing->bytes;
    while (!(single && listing->count) && directory_entry(directory, *index, &name, &length, &type))
    {
        size_t bytes = listing->bytes + entry_bytes(length, type);

        if (bytes > size)
        {
            free(name);
            if (!single) return STATUS_MORE_ENTRIES;
            *wanted = bytes;
            return STATUS_BUFFER_TOO_SMALL;
        }
        if (listing->count == listing->room)
        {
            void *entries = realloc(listing->entries, (listing->room + 32) * sizeof(listing->entries[0]));

            if (!entries)
            {
                free(name);
                return STATUS_NO_MEMORY;
            }
            listing->entries = entries;
            listing->room += 32;
        }
        listing->entries[listing->count].name = name;
        listing->entries[listing->count].length = length;
        listing->entries[listing->count++].type = type;
        listing->bytes = bytes;
        ++*index;
    }
    *wanted = listing->bytes;
    return listing->count ? STATUS_SUCCESS : STATUS_NO_MORE_ENTRIES;
}

NT_CALL(nt_query_directory_object, HANDLE handle, void *out, ULONG size, BOOLEAN single, BOOLEAN restart,
        ULONG *context, ULONG *return_size)
{
    struct listing listing = { 0 };
    struct directory *directory;
    ULONG index = 0;
    NTSTATUS status, fault = STATUS_SUCCESS;
    size_t wanted;

    if ((status = user_get(index, context))) return status;
    if ((status = handle_lookup(handle, &directory_type, DIRECTORY_QUERY, &directory, NULL))) return status;
    if (restart) index = 0;

    status = listing_collect(&listing, directory, &index, size, single, &wanted);
    if (status != STATUS_BUFFER_TOO_SMALL && status != STATUS_NO_MEMORY && size >= listing.bytes)
        fault = listing_write(&listing, out);
    if (!fault && (status == STATUS_SUCCESS || status == STATUS_MORE_ENTRIES)) fault = user_put(context, index);
    if (!fault && return_size && status != STATUS_NO_MEMORY) fault = user_put(return_size, wanted);
    listing_release(&listing);
    object_unref(directory);
    return fault ? fault : status;
}

/* ---- symbolic links ----------------------------------------------------------------------------------------- */

NT_CALL(nt_create_symbolic_link_object, HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attr,
        UNICODE_STRING *target)
{
    struct object_attributes attributes;
    UNICODE_STRING string;
    WCHAR *text = NULL;
    size_t length;
    NTSTATUS status;

    if ((status = user_put(handle, NULL))) return status;
    if ((status = user_get(string, target))) return status;
    if (!string.MaximumLength || string.Length & 1) return STATUS_INVALID_PARAMETER;
    if ((status = object_attributes_read(&attributes, attr))) return status;
    status = user_read_unicode_string(&text, &length, target);
    if (!status) status = object_create(symbolic_link_alloc(text, length / sizeof(WCHAR)), &attributes, access, handle);
    free(text);
    object_attributes_release(&attributes);
    return status;
}

NT_CALL(nt_open_symbolic_link_object, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr)
{
    return object_open_user(&symbolic_link_type, attr, access, handle);
}

NT_CALL(nt_query_symbolic_link_object, HANDLE handle, UNICODE_STRING *target, ULONG *return_size)
{
    UNICODE_STRING string;
    struct object *link;
    const WCHAR *text;
    size_t length, bytes;
    NTSTATUS status;

    if ((status = user_get(string, target))) return status;
    if ((status = handle_lookup(handle, &symbolic_link_type, SYMBOLIC_LINK_QUERY, &link, NULL))) return status;
    text = symbolic_link_target(link, &length);
    bytes = length * sizeof(WCHAR);

    /* Only who asks for the size gets the terminating zero (and must have room for it). */
    if (string.MaximumLength < bytes + (return_size ? sizeof(WCHAR) : 0)) status = STATUS_BUFFER_TOO_SMALL;
    else
    {
        string.Length = bytes;
        status = user_write(string.Buffer, text, bytes + (string.MaximumLength > bytes + 1 ? sizeof(WCHAR) : 0));
        if (!status) status = user_put(target, string);
    }
    if (return_size && (!status || status == STATUS_BUFFER_TOO_SMALL))
    {
        NTSTATUS fault = user_put(return_size, (ULONG)(bytes + sizeof(WCHAR)));

        if (fault) status = fault;
    }
    object_unref(link);
    return status;
}
