/* Listing a folder: its names, sorted as NTFS sorts them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "io/directory.h"
#include "io/errno.h"
#include "io/path.h"
#include "io/text.h"
#include "ob/upcase.h"

#define DOS_STAR '<'
#define DOS_QM   '>'
#define DOS_DOT  '"'

/* ---- matching ----------------------------------------------------------------------------------------------------- */

/* One state for each place in the expression; all that are alive advance together over the name. */
static void follow_empty(const WCHAR *expression, size_t count, bool *alive, bool at_dot, bool at_end)
{
    for (size_t i = 0; i < count; i++)
    {
        if (!alive[i]) continue;
        switch (expression[i])
        {
        case '*':
        case DOS_STAR: alive[i + 1] = true; break;
        case DOS_QM:   if (at_dot || at_end) alive[i + 1] = true; break;
        case DOS_DOT:  if (at_end) alive[i + 1] = true; break;
        }
    }
}

bool name_matches(const WCHAR *expression, size_t count, const WCHAR *name, size_t length)
{
    bool small[256], *alive = count < 256 ? small : malloc(count + 1), result;
    size_t last_dot = length, dots = 0;

    if (!alive) return false;
    memset(alive, 0, count + 1);
    alive[0] = true;
    /* The dot before the extension: those a name begins with do not count (kernel32:file, "*."). */
    while (dots < length && name[dots] == '.') dots++;
    for (size_t i = dots; i < length; i++)
        if (name[i] == '.') last_dot = i;

    for (size_t j = 0; j < length; j++)
    {
        follow_empty(expression, count, alive, name[j] == '.', false);
        alive[count] = false;
        for (size_t i = count; i-- > 0; )
        {
            bool stays = false, goes = false;

            if (!alive[i]) continue;
            switch (expression[i])
            {
            case '*':      stays = true; break;
            case DOS_STAR: stays = j != last_dot; goes = j == last_dot; break;     /* it ends with the last dot */
            case '?':      goes = true; break;
            case DOS_QM:   goes = name[j] != '.'; break;
            case DOS_DOT:  goes = name[j] == '.'; break;
            default:       goes = upcase(expression[i]) == upcase(name[j]); break;
            }
            alive[i] = stays;
            if (goes) alive[i + 1] = true;
        }
    }
    follow_empty(expression, count, alive, false, true);
    result = alive[count];
    if (alive != small) free(alive);
    return result;
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

static void names_free(struct enumeration *enumeration)
{
    for (size_t i = 0; i < enumeration->count; i++)
    {
        free(enumeration->names[i].units);
        free(enumeration->names[i].bytes);
    }
    free(enumeration->names);
    enumeration->names = NULL;
    enumeration->count = enumeration->next = 0;
}

void enumeration_free(struct enumeration *enumeration)
{
    if (!enumeration) return;
    names_free(enumeration);
    free(enumeration->mask);
    free(enumeration);
}

/* "." and ".." come together: if the mask fits "." or no name at all (kernel32:file, test_FindFirstFile_wildcards). */
static bool is_listed(const struct enumeration *enumeration, const WCHAR *name, size_t length)
{
    const WCHAR *mask = enumeration->mask;

    if (!mask) return true;
    if (length == 1 + (name[1] == '.') && name[0] == '.')
        return name_matches(mask, enumeration->mask_length, u".", 1) || name_matches(mask, enumeration->mask_length, u"", 0);
    return name_matches(mask, enumeration->mask_length, name, length);
}

static NTSTATUS add_name(struct enumeration *enumeration, size_t *room, const char *bytes)
{
    size_t length = strlen(bytes);
    struct entry_name name, *grown;

    if (enumeration->count == *room)
    {
        *room = *room ? *room * 2 : 32;
        if (!(grown = realloc(enumeration->names, *room * sizeof(*grown)))) return STATUS_NO_MEMORY;
        enumeration->names = grown;
    }
    if (!(name.units = malloc((length + 1) * sizeof(WCHAR)))) return STATUS_NO_MEMORY;
    name.length = text_from_file_name(name.units, bytes, length);
    if (!is_listed(enumeration, name.units, name.length))
    {
        free(name.units);
        return STATUS_SUCCESS;
    }
    if (!(name.bytes = strdup(bytes)))
    {
        free(name.units);
        return STATUS_NO_MEMORY;
    }
    enumeration->names[enumeration->count++] = name;
    return STATUS_SUCCESS;
}

static bool is_dots(const struct entry_name *name)
{
    return name->bytes[0] == '.' && (!name->bytes[1] || (name->bytes[1] == '.' && !name->bytes[2]));
}

/* "." and ".." first, then without regard to case; names that differ in case alone by their units. */
static int compare_names(const void *left, const void *right)
{
    const struct entry_name *a = left, *b = right;
    size_t common = a->length < b->length ? a->length : b->length;

    if (is_dots(a) != is_dots(b)) return is_dots(a) ? -1 : 1;
    for (size_t i = 0; i < common; i++)
    {
        WCHAR x = upcase(a->units[i]), y = upcase(b->units[i]);

        if (x != y) return x < y ? -1 : 1;
    }
    if (a->length != b->length) return a->length < b->length ? -1 : 1;
    return strcmp(a->bytes, b->bytes);
}

static NTSTATUS read_virtual(struct file *file, struct enumeration *enumeration)
{
    size_t room = 0;
    const char *child;
    NTSTATUS status = STATUS_SUCCESS;

    if (file->unix_name[0] && !(status = add_name(enumeration, &room, "."))) status = add_name(enumeration, &room, "..");
    for (unsigned int i = 0; !status && (child = path_virtual_child(file->unix_name, i)); i++)
        status = add_name(enumeration, &room, child);
    return status;
}

static NTSTATUS read_folder(struct file *file, struct enumeration *enumeration)
{
    bool is_root = file->unix_name && !strcmp(file->unix_name, "/");    /* the root of a drive lists no dots */
    int fd = openat(file->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct dirent *entry;
    size_t room = 0;
    NTSTATUS status = STATUS_SUCCESS;
    DIR *dir;

    if (fd < 0) return status_from_errno(errno);
    if (!(dir = fdopendir(fd)))
    {
        close(fd);
        return STATUS_NO_MEMORY;
    }
    while (!status && (entry = readdir(dir)))
    {
        if (is_root && entry->d_name[0] == '.' &&
            (!entry->d_name[1] || (entry->d_name[1] == '.' && !entry->d_name[2]))) continue;
        status = add_name(enumeration, &room, entry->d_name);
    }
    closedir(dir);
    return status;
}

NTSTATUS enumeration_read(struct file *file, struct enumeration *enumeration)
{
    NTSTATUS status;

    names_free(enumeration);
    status = file->fd < 0 ? read_virtual(file, enumeration) : read_folder(file, enumeration);
    if (status) names_free(enumeration);
    else if (enumeration->count)
        qsort(enumeration->names, enumeration->count, sizeof(*enumeration->names), compare_names);
    return status;
}
