/* Names that are found by looking into folders: those that differ in case alone, and files by their number. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/errno.h"
#include "io/folder_cache.h"
#include "io/inode.h"
#include "io/path.h"
#include "io/text.h"

/* The name in folder that equals wanted but for case, malloc'd; NULL: none. */
static char *find_in_folder(const char *folder, const char *wanted, size_t length)
{
    WCHAR units[256], candidate[256];
    size_t count;
    struct dirent *entry;
    char *found = NULL;
    DIR *dir;

    if (length > 255) return NULL;
    count = text_to_units(units, wanted, length);
    if (folder_cache_lacks(folder, folded_hash(units, count))) return NULL;
    if (!(dir = opendir(folder))) return NULL;
    while ((entry = readdir(dir)))
    {
        size_t n = strlen(entry->d_name);

        /* One unit of UTF-16 is one to three bytes of UTF-8: most names are told apart by length. */
        if (n > 3 * count || 3 * n < count || n > 255) continue;
        if (!text_units_equal(units, count, candidate, text_to_units(candidate, entry->d_name, n))) continue;
        found = strdup(entry->d_name);
        break;
    }
    closedir(dir);
    return found;
}

NTSTATUS path_from_id(struct path *path, struct file *root, uint64_t id)
{
    const struct mount *mount;
    struct dirent *entry;
    struct stat st, found;
    char *folder;
    DIR *dir;

    memset(path, 0, sizeof(*path));
    if (!root->inode || fstat(root->fd, &st)) return STATUS_NOT_IMPLEMENTED;
    path->kind = PATH_FILE;
    if ((path->unix_name = inode_name_of(st.st_dev, id, &path->mount))) return STATUS_SUCCESS;
    if (!(folder = inode_name(root, &mount))) return STATUS_NO_MEMORY;
    path->mount = mount;
    dir = opendir(folder);
    while (dir && (entry = readdir(dir)))
    {
        bool parent = !strcmp(entry->d_name, "..");

        if (entry->d_ino != id && !parent) continue;
        if (fstatat(dirfd(dir), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) || found.st_ino != id) continue;
        if (parent) path->unix_name = strdup(folder);
        else if (asprintf(&path->unix_name, "%s/%s", folder, entry->d_name) < 0) path->unix_name = NULL;
        if (parent && path->unix_name)
        {
            char *slash = strrchr(path->unix_name, '/');

            slash[slash == path->unix_name] = 0;
        }
        break;
    }
    if (dir) closedir(dir);
    free(folder);
    return path->unix_name ? STATUS_SUCCESS : STATUS_NOT_IMPLEMENTED;
}

/* Replaces the bytes from start up to end of *name; false: no memory. */
static bool replace_bytes(char **name, size_t start, size_t end, const char *with)
{
    size_t added = strlen(with), rest = strlen(*name + end) + 1;
    char *fresh = malloc(start + added + rest);

    if (!fresh) return false;
    memcpy(fresh, *name, start);
    memcpy(fresh + start, with, added);
    memcpy(fresh + start + added, *name + end, rest);
    free(*name);
    *name = fresh;
    return true;
}

static bool is_folder(const char *name)
{
    struct stat st;

    return !stat(name[0] ? name : "/", &st) && S_ISDIR(st.st_mode);
}

NTSTATUS path_fix_case(struct path *path)
{
    NTSTATUS missing = path->invalid ? STATUS_OBJECT_NAME_INVALID : 0;
    size_t fixed = strlen(path->mount->target), start;
    char *name = path->unix_name;

    /* The longest part that is there as it stands: nearly always all but the last name. */
    for (start = strlen(name); start > fixed; )
    {
        bool there;

        do start--; while (start > fixed && name[start] != '/');
        name[start] = 0;
        there = is_folder(name);
        name[start] = '/';
        if (there) break;
        if (start == fixed) return missing ? missing : STATUS_OBJECT_PATH_NOT_FOUND;
    }

    for (;;)                    /* name[0..start) is a folder, name[start] is '/' */
    {
        size_t first = start + 1, end = first;
        struct stat st;
        char saved, *found;
        bool there;

        while (name[end] && name[end] != '/') end++;
        saved = name[end];
        name[end] = 0;
        there = !lstat(name, &st);
        name[end] = saved;
        if (!there)
        {
            if (end - first > 255) return STATUS_OBJECT_NAME_INVALID;
            name[start] = 0;
            found = find_in_folder(start ? name : "/", name + first, end - first);
            name[start] = '/';
            if (!found) return missing ? missing : saved ? STATUS_OBJECT_PATH_NOT_FOUND : STATUS_OBJECT_NAME_NOT_FOUND;
            there = replace_bytes(&path->unix_name, first, end, found);
            end = first + strlen(found);
            free(found);
            if (!there) return STATUS_NO_MEMORY;
            name = path->unix_name;
        }
        if (!name[end]) return STATUS_SUCCESS;
        name[end] = 0;
        there = is_folder(name);
        name[end] = '/';
        if (!there) return missing ? missing : STATUS_OBJECT_PATH_NOT_FOUND;
        start = end;
    }
}
