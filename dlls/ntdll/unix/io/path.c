/* Where an NT name leads: \??\Z:\x to /x, \??\C:\windows\system32 to our DLLs, device names to devices. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "io/errno.h"
#include "io/file.h"
#include "io/path.h"
#include "io/text.h"
#include "ob/upcase.h"

extern const char *process_dll_folder;  /* ps/: the Unix path of our DLLs */

static const struct mount root_mount = { "", "", 'Z', false };

const struct mount *path_root_mount(void)
{
    return &root_mount;
}

const char *temp_directory(void)
{
    const char *dir = getenv("TMPDIR");

    return dir && dir[0] == '/' ? dir : "/tmp";
}

/* ---- the virtual drive ------------------------------------------------------------------------------ */

/* A folder of C:. Those with a mount are folders of Linux; parents come before children. */
struct virtual_folder
{
    const char *inside;
    struct mount mount;         /* mount.target NULL: there is nothing behind it */
};

static struct virtual_folder c_drive[] =
{
    { "", { 0 } },
    { "Program Files", { 0 } },
    { "ProgramData", { 0 } },
    { "Users", { 0 } },
    { "Users/Public", { 0 } },
    { NULL, { 0 } },            /* Users/NAME */
    { NULL, { 0 } },            /* Users/NAME/AppData */
    { NULL, { 0 } },            /* Users/NAME/AppData/Local */
    { NULL, { 0 } },            /* Users/NAME/AppData/Local/Temp */
    { NULL, { 0 } },            /* Users/NAME/AppData/Roaming */
    { "Windows", { 0 } },
    { "Windows/System32", { 0 } },
    { "Windows/Temp", { 0 } },
};
#define C_DRIVE_COUNT (sizeof(c_drive) / sizeof(c_drive[0]))

static void c_drive_mount(struct virtual_folder *folder, const char *target, bool read_only)
{
    size_t length = strlen(target);
    char *copy;

    while (length && target[length - 1] == '/') length--;
    if (!(copy = strndup(target, length))) return;
    folder->mount = (struct mount){ folder->inside, copy, 'C', read_only };
}

static void c_drive_build(void)
{
    static const char *const home[] = { "", "/AppData", "/AppData/Local", "/AppData/Local/Temp", "/AppData/Roaming" };
    const char *user = getenv("USER");
    unsigned int n = 0;

    if (!user || !user[0] || strpbrk(user, "/\\:*?\"<>|")) user = "user";
    for (size_t i = 0; i < C_DRIVE_COUNT; i++)
    {
        struct virtual_folder *folder = &c_drive[i];
        char *path;

        if (!folder->inside)
        {
            if (asprintf(&path, "Users/%s%s", user, home[n++]) < 0) abort();
            folder->inside = path;
            if (n == 4) c_drive_mount(folder, temp_directory(), false);
        }
        else if (!strcmp(folder->inside, "Windows/System32")) c_drive_mount(folder, process_dll_folder, true);
        else if (!strcmp(folder->inside, "Windows/Temp")) c_drive_mount(folder, temp_directory(), false);
    }
}

static void c_drive_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, c_drive_build);
}

unsigned int path_mount_number(const struct mount *mount)
{
    if (!mount) return 0;
    for (unsigned int i = 0; i < C_DRIVE_COUNT; i++)
        if (mount == &c_drive[i].mount) return i + 2;
    return 1;
}

const struct mount *path_mount(unsigned int number, const char *unix_name)
{
    const struct mount *mount;
    size_t length;

    if (!number) return NULL;
    if (number < 2 || number >= C_DRIVE_COUNT + 2) return &root_mount;
    c_drive_init();
    mount = &c_drive[number - 2].mount;
    if (!mount->target) return &root_mount;
    length = strlen(mount->target);
    if (unix_name && (strncmp(unix_name, mount->target, length) || (unix_name[length] && unix_name[length] != '/'))) return &root_mount;
    return mount;
}

/* How many names path has in common with folder's: the length in path if all of folder's are there, else 0. */
static bool is_below(const char *path, const char *folder, size_t *used)
{
    size_t length = strlen(folder);
    WCHAR a[512], b[512];
    size_t bytes = 0, count;

    /* Compared as UTF-16: two names of equal length in units may differ in bytes. */
    if (!length)
    {
        *used = 0;
        return true;
    }
    for (unsigned int names = 1; ; )
    {
        if (!path[bytes] || path[bytes] == '/')
        {
            unsigned int wanted = 1;

            for (const char *p = folder; *p; p++) wanted += *p == '/';
            if (names == wanted) break;
            if (!path[bytes]) return false;
            names++;
        }
        bytes++;
    }
    if (bytes > 500 || length > 500) return false;
    count = text_to_units(a, path, bytes);
    if (!text_units_equal(a, count, b, text_to_units(b, folder, length))) return false;
    *used = bytes;
    return true;
}

/* inside is the path on C:, '/' between names. */
static NTSTATUS translate_c(struct path *path, char *inside)
{
    const struct virtual_folder *best = NULL;
    size_t used = 0, n;

    c_drive_init();
    for (size_t i = 0; i < C_DRIVE_COUNT; i++)
        if (is_below(inside, c_drive[i].inside, &n) && (!best || n >= used))
        {
            best = &c_drive[i];
            used = n;
        }
    if (best->mount.target)
    {
        if (asprintf(&path->unix_name, "%s%s%s", best->mount.target, inside[used] ? "/" : "",
                     inside + used + (inside[used] == '/')) < 0) return STATUS_NO_MEMORY;
        if (!path->unix_name[0]) strcpy(path->unix_name, "/");
        path->kind = PATH_FILE;
        path->mount = &best->mount;
        return STATUS_SUCCESS;
    }
    if (!inside[used])
    {
        path->kind = PATH_VIRTUAL;
        if (!(path->unix_name = strdup(best->inside))) return STATUS_NO_MEMORY;
        return STATUS_SUCCESS;
    }
    path->kind = PATH_MISSING;
    path->parent_exists = !strchr(inside + used + (inside[used] == '/'), '/');
    if (!(path->unix_name = strdup(inside))) return STATUS_NO_MEMORY;
    return STATUS_SUCCESS;
}

const char *path_virtual_child(const char *folder, unsigned int index)
{
    size_t length = strlen(folder);

    c_drive_init();
    for (size_t i = 1; i < C_DRIVE_COUNT; i++)
    {
        const char *p = c_drive[i].inside;

        if (length)
        {
            if (strncmp(p, folder, length) || p[length] != '/') continue;
            p += length + 1;
        }
        if (!strchr(p, '/') && !index--) return p;
    }
    return NULL;
}

/* ---- translation ------------------------------------------------------------------------------------- */

static bool skip_prefix(const WCHAR **name, size_t *length, const char *prefix)
{
    size_t n = strlen(prefix);

    if (*length < n || !text_is(*name, n, prefix)) return false;
    *name += n;
    *length -= n;
    return true;
}

/* Characters that no Windows name has. A Linux file may; then it can be opened, but not made. */
static bool is_invalid_unit(WCHAR c)
{
    return c < 32 || c == '<' || c == '>' || c == '"' || c == '|' || c == '?' || c == '*' || c == ':';
}

/* name without the drive, as bytes with '/' between names and none at the ends. */
static NTSTATUS inside_from_name(struct path *path, const WCHAR *name, size_t length, char **out)
{
    char *inside = malloc(length * 3 + 1), *p = inside;

    if (!inside) return STATUS_NO_MEMORY;
    while (length)
    {
        size_t n = 0;
        ssize_t bytes;

        while (n < length && name[n] != '\\') n++;
        if (n)
        {
            size_t use = n;

            /* The default stream has a name of its own. */
            if (n > 7 && text_is(name + n - 7, 7, "::$DATA")) use -= 7;
            if ((use == 1 && name[0] == '.') || (use == 2 && name[0] == '.' && name[1] == '.')) goto invalid;
            for (size_t i = 0; i < use; i++)
            {
                if (!name[i] || name[i] == '/') goto invalid;
                if (is_invalid_unit(name[i])) path->invalid = true;
            }
            if (p > inside) *p++ = '/';
            if ((bytes = text_to_bytes(p, name, use)) < 0) goto invalid;
            p += bytes;
        }
        path->folder = n < length;
        name += n;
        length -= n;
        if (length)
        {
            name++;
            length--;
        }
    }
    *p = 0;
    *out = inside;
    return STATUS_SUCCESS;

invalid:
    free(inside);
    return STATUS_OBJECT_NAME_INVALID;
}

static NTSTATUS translate_on_drive(struct path *path, char drive, const WCHAR *name, size_t length)
{
    char *inside;
    NTSTATUS status;

    if (!length)
    {
        path->kind = PATH_VOLUME;
        if (drive == 'Z') path->mount = &root_mount;
        return STATUS_SUCCESS;
    }
    if (name[0] != '\\') return STATUS_OBJECT_PATH_NOT_FOUND;
    if ((status = inside_from_name(path, name, length, &inside))) return status;
    if (drive == 'C')
    {
        status = translate_c(path, inside);
    }
    else
    {
        path->kind = PATH_FILE;
        path->mount = &root_mount;
        if (asprintf(&path->unix_name, "/%s", inside) < 0) status = STATUS_NO_MEMORY;
    }
    free(inside);
    return status;
}

static NTSTATUS keep_name(struct path *path, enum path_kind kind, const char *device, const WCHAR *name, size_t length)
{
    path->kind = kind;
    path->device = device;
    if (!(path->name = malloc((length + 1) * sizeof(WCHAR)))) return STATUS_NO_MEMORY;
    memcpy(path->name, name, length * sizeof(WCHAR));
    path->name[length] = 0;
    path->length = length;
    return STATUS_SUCCESS;
}

/* What follows a device's own name begins with a backslash or is empty. */
static bool is_device(const WCHAR *name, size_t length, const char *device, const WCHAR **rest, size_t *rest_length)
{
    size_t n = strlen(device);

    if (length < n || !text_is(name, n, device) || (length > n && name[n] != '\\')) return false;
    *rest = name + n;
    *rest_length = length - n;
    return true;
}

static NTSTATUS translate_device(struct path *path, const WCHAR *name, size_t length)
{
    const WCHAR *rest;
    size_t n;

    if (is_device(name, length, "HarddiskVolume2", &rest, &n)) return translate_on_drive(path, 'Z', rest, n);
    if (is_device(name, length, "HarddiskVolume1", &rest, &n)) return translate_on_drive(path, 'C', rest, n);
    if (is_device(name, length, "Null", &rest, &n)) return keep_name(path, PATH_NULL, "Null", rest, n);
    if (is_device(name, length, "NamedPipe", &rest, &n)) return keep_name(path, PATH_PIPE, "NamedPipe", rest, n);
    if (is_device(name, length, "Mailslot", &rest, &n)) return keep_name(path, PATH_MAILSLOT, "Mailslot", rest, n);
    if (is_device(name, length, "ConDrv\\Input", &rest, &n)) return keep_name(path, PATH_CONSOLE, "Input", rest, n);
    if (is_device(name, length, "ConDrv\\Output", &rest, &n)) return keep_name(path, PATH_CONSOLE, "Output", rest, n);
    if (is_device(name, length, "ConDrv\\Console", &rest, &n)) return keep_name(path, PATH_CONSOLE, "", rest, n);
    if (is_device(name, length, "Random", &rest, &n)) return keep_name(path, PATH_RANDOM, "Random", rest, n);
    if (is_device(name, length, "CNG", &rest, &n)) return keep_name(path, PATH_RANDOM, "CNG", rest, n);
    if (is_device(name, length, "Afd", &rest, &n)) return keep_name(path, PATH_SOCKET, "Afd", rest, n);
    return STATUS_OBJECT_NAME_NOT_FOUND;
}

/* After \??\ : what a DOS name can begin with. */
static NTSTATUS translate_dos(struct path *path, const WCHAR *name, size_t length)
{
    const WCHAR *rest;
    size_t n;

    if (!length) return STATUS_OBJECT_NAME_INVALID;
    if (length >= 2 && name[1] == ':')
    {
        WCHAR drive = upcase(name[0]);

        if (drive == 'C' || drive == 'Z') return translate_on_drive(path, drive, name + 2, length - 2);
        return length == 2 ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_OBJECT_PATH_NOT_FOUND;
    }
    if (is_device(name, length, "unix", &rest, &n)) return translate_on_drive(path, 'Z', rest, n);
    if (is_device(name, length, "NUL", &rest, &n)) return keep_name(path, PATH_NULL, "Null", rest, n);
    if (is_device(name, length, "CON", &rest, &n)) return keep_name(path, PATH_CONSOLE, "", rest, n);
    if (is_device(name, length, "CONIN$", &rest, &n)) return keep_name(path, PATH_CONSOLE, "Input", rest, n);
    if (is_device(name, length, "CONOUT$", &rest, &n)) return keep_name(path, PATH_CONSOLE, "Output", rest, n);
    if (is_device(name, length, "PIPE", &rest, &n)) return keep_name(path, PATH_PIPE, "NamedPipe", rest, n);
    if (is_device(name, length, "MAILSLOT", &rest, &n)) return keep_name(path, PATH_MAILSLOT, "Mailslot", rest, n);
    if (is_device(name, length, "UNC", &rest, &n)) return STATUS_BAD_NETWORK_PATH;
    if (skip_prefix(&name, &length, "GLOBALROOT\\Device\\")) return translate_device(path, name, length);
    if (is_device(name, length, "HarddiskVolume2", &rest, &n)) return translate_on_drive(path, 'Z', rest, n);
    if (is_device(name, length, "HarddiskVolume1", &rest, &n)) return translate_on_drive(path, 'C', rest, n);
    for (n = 0; n < length && name[n] != '\\'; n++) ;
    return n == length ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_OBJECT_PATH_NOT_FOUND;
}

static NTSTATUS translate_relative(struct path *path, const struct file *root, const WCHAR *name, size_t length)
{
    WCHAR *base, *full;
    size_t base_length;
    NTSTATUS status;

    if (length && name[0] == '\\') return STATUS_OBJECT_NAME_INVALID;
    if (root->kind == FILE_KIND_PIPE_ROOT)
    {
        if (root->is_device) return STATUS_OBJECT_NAME_INVALID;
        path->unnamed = !length;
        if (!(full = malloc((length + 2) * sizeof(WCHAR)))) return STATUS_NO_MEMORY;
        full[0] = '\\';
        memcpy(full + 1, name, length * sizeof(WCHAR));
        status = keep_name(path, PATH_PIPE, "NamedPipe", full, length + !!length);
        free(full);
        return status;
    }
    if (root->kind == FILE_KIND_PIPE && root->pipe && length) return STATUS_OBJECT_NAME_INVALID;
    if (root->kind == FILE_KIND_PIPE && root->pipe)
    {
        path->server = root;
        return keep_name(path, PATH_PIPE, "NamedPipe", name, 0);
    }
    if (!root->unix_name) return STATUS_OBJECT_PATH_NOT_FOUND;

    if (!(base = path_name_on_drive(root->mount, root->unix_name, &base_length))) return STATUS_NO_MEMORY;
    if (!(full = malloc((base_length + length + 2) * sizeof(WCHAR))))
    {
        free(base);
        return STATUS_NO_MEMORY;
    }
    memcpy(full, base, base_length * sizeof(WCHAR));
    if (length && base[base_length - 1] != '\\') full[base_length++] = '\\';
    memcpy(full + base_length, name, length * sizeof(WCHAR));
    status = translate_on_drive(path, root->mount ? root->mount->drive : 'C', full, base_length + length);
    if (!length) path->folder = false;
    free(base);
    free(full);
    return status;
}

NTSTATUS path_translate(struct path *path, const struct file *root, const WCHAR *name, size_t length)
{
    NTSTATUS status;

    memset(path, 0, sizeof(*path));
    if (root) status = translate_relative(path, root, name, length);
    else if (!length) status = STATUS_OBJECT_PATH_SYNTAX_BAD;
    else if (name[0] != '\\') status = STATUS_OBJECT_PATH_SYNTAX_BAD;
    else if (skip_prefix(&name, &length, "\\??\\Global\\") || skip_prefix(&name, &length, "\\??\\") ||
             skip_prefix(&name, &length, "\\DosDevices\\") || skip_prefix(&name, &length, "\\GLOBAL??\\"))
        status = translate_dos(path, name, length);
    else if (skip_prefix(&name, &length, "\\Device\\")) status = translate_device(path, name, length);
    else if (skip_prefix(&name, &length, "\\SystemRoot"))
    {
        static const WCHAR windows[] = u"\\Windows";
        WCHAR *full = malloc(sizeof(windows) + length * sizeof(WCHAR));

        if (!full) return STATUS_NO_MEMORY;
        memcpy(full, windows, sizeof(windows) - sizeof(WCHAR));
        memcpy(full + 8, name, length * sizeof(WCHAR));
        status = translate_on_drive(path, 'C', full, length + 8);
        free(full);
    }
    else
    {
        /* A name elsewhere in the object name space: "\\?\" has an empty name in it. */
        status = length > 1 && name[1] == '\\' ? STATUS_OBJECT_NAME_INVALID : STATUS_OBJECT_PATH_NOT_FOUND;
    }
    if (status) path_free(path);
    return status;
}

void path_free(struct path *path)
{
    free(path->unix_name);
    free(path->name);
    path->unix_name = NULL;
    path->name = NULL;
}

/* ---- and back ---------------------------------------------------------------------------------------- */

static WCHAR *name_with_prefix(const char *device, const struct mount *mount, const char *unix_name, size_t *length)
{
    const char *inside = mount ? mount->inside : unix_name;
    const char *rest = mount ? unix_name + strlen(mount->target) : "";
    size_t room = strlen(device) + strlen(inside) + strlen(rest) + 3, n;
    char *bytes = malloc(room);
    WCHAR *name = malloc(room * sizeof(WCHAR));

    if (!bytes || !name)
    {
        free(bytes);
        free(name);
        return NULL;
    }
    n = snprintf(bytes, room, "%s%s%s%s", device, inside[0] ? "/" : "", inside, rest[0] == '/' && !rest[1] && inside[0] ? "" : rest);
    if (n == strlen(device)) bytes[n++] = '/';
    n = text_from_file_name(name, bytes, n);
    for (size_t i = 0; i < n; i++)
        if (name[i] == '/') name[i] = '\\';
    free(bytes);
    *length = n;
    return name;
}

WCHAR *path_name_on_drive(const struct mount *mount, const char *unix_name, size_t *length)
{
    return name_with_prefix("", mount, unix_name, length);
}

WCHAR *path_device_name(const struct mount *mount, const char *unix_name, size_t *length)
{
    return name_with_prefix(mount && mount->drive == 'Z' ? "/Device/HarddiskVolume2" : "/Device/HarddiskVolume1",
                            mount, unix_name, length);
}
