/* From the command line to files: the program, and the folder of our DLLs. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "io/text.h"
#include "ps/locate.h"
#include "ps/process.h"

static char *join(const char *folder, size_t folder_length, const char *name, const char *suffix)
{
    size_t name_length = strlen(name), size = folder_length + name_length + strlen(suffix) + 2;
    char *path = malloc(size);

    if (path)
        snprintf(path, size, "%.*s%s%s%s", (int)folder_length, folder, folder_length ? "/" : "", name, suffix);
    return path;
}

static bool is_regular_file(const char *path)
{
    struct stat st;

    return !stat(path, &st) && S_ISREG(st.st_mode);
}

/* The file of that name in that folder, as it is or with ".exe". */
static char *try_folder(const char *folder, size_t folder_length, const char *name)
{
    static const char *const suffixes[] = { "", ".exe", ".EXE" };
    size_t i;

    for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
    {
        char *path = join(folder, folder_length, name, suffixes[i]);

        if (path && is_regular_file(path))
            return path;
        free(path);
    }
    return NULL;
}

static char *search_path(const char *name)
{
    const char *path = getenv("PATH"), *end;
    char *found;

    for (; path && *path; path = *end ? end + 1 : end)
    {
        end = strchrnul(path, ':');
        if ((found = end == path ? try_folder(".", 1, name) : try_folder(path, (size_t)(end - path), name)))
            return found;
    }
    return NULL;
}

/* Z:\a\b or a\b to a Linux path; C:\windows\system32\x to our DLL folder. NULL: not written that way. */
static char *from_windows(const char *name)
{
    static const char system32[] = "/windows/system32/";
    bool drive = ((name[0] | 0x20) >= 'a' && (name[0] | 0x20) <= 'z') && name[1] == ':';
    char *path, *p;

    if (!drive && (!strchr(name, '\\') || !access(name, F_OK)))
        return NULL;
    if (!(path = strdup(drive ? name + 2 : name)))
        return NULL;
    for (p = path; *p; p++)
        if (*p == '\\')
            *p = '/';
    if (drive && (name[0] | 0x20) == 'c' && !strncasecmp(path, system32, sizeof(system32) - 1))
    {
        p = join(process_dll_folder, strlen(process_dll_folder), path + sizeof(system32) - 1, "");
        free(path);
        return p;
    }
    return path;
}

char *locate_program(const char *name, int *status)
{
    char *converted = from_windows(name), *found, *absolute;
    const char *path = converted ? converted : name;
    struct stat st;

    if (strchr(path, '/'))
        found = try_folder("", 0, path);
    else if (!(found = try_folder("", 0, path)))
        found = search_path(path);
    if (!found)
    {
        *status = 127;
        if (!stat(path, &st))
        {
            *status = 126;
            message("%s: is a %s, not a program", name, S_ISDIR(st.st_mode) ? "directory" : "device or pipe");
        }
        else if (strchr(path, '/'))
            message("%s: %s", name, strerror(errno));
        else
            message("%s: not found here or in PATH", name);
        free(converted);
        return NULL;
    }
    free(converted);
    if (!(absolute = realpath(found, NULL)))
    {
        *status = 126;
        message("%s: %s", found, strerror(errno));
    }
    free(found);
    return absolute;
}

char *locate_dlls(void)
{
    static const char beside[] = "/x86_64-windows", installed[] = "/lib/oriel/x86_64-windows";
    char self[PATH_MAX], path[PATH_MAX + 64], *slash, *parent;
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    int length;

    if (n <= 0)
    {
        message("cannot read /proc/self/exe: %s; is /proc mounted?", strerror(errno));
        return NULL;
    }
    self[n] = 0;
    slash = strrchr(self, '/');
    *slash = 0;                         /* the folder of the executable; it has no links in it */
    length = snprintf(path, sizeof(path), "%s%s/ntdll.dll", self, beside);
    if (access(path, R_OK))
    {
        parent = strrchr(self, '/');
        length = snprintf(path, sizeof(path), "%.*s%s/ntdll.dll", parent ? (int)(parent - self) : 0, self, installed);
        if (access(path, R_OK))
        {
            message("ntdll.dll is neither in %s%s nor in %.*s%s; install oriel with its DLLs", self, beside,
                    parent ? (int)(parent - self) : 0, self, installed);
            return NULL;
        }
    }
    path[length - (int)strlen("/ntdll.dll")] = 0;
    return strdup(path);
}

WCHAR *text_to_windows(const char *text)
{
    size_t length = strlen(text);
    WCHAR *out = malloc((length + 1) * sizeof(WCHAR));

    if (out)
        out[text_to_units(out, text, length)] = 0;
    return out;
}

WCHAR *path_to_windows(const char *path)
{
    size_t length = strlen(path), i;
    WCHAR *out = malloc((length + 3) * sizeof(WCHAR));

    if (!out)
        return NULL;
    out[0] = 'Z';
    out[1] = ':';
    length = text_to_units(out + 2, path, length) + 2;
    for (i = 2; i < length; i++)
        if (out[i] == '/')
            out[i] = '\\';
        else if (out[i] == '\\')
            out[i] = 0xdc5c;            /* as io/text.h has it */
    out[length] = 0;
    return out;
}
