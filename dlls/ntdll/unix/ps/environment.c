/* The environment block of the first process.
 *
 * Ours is passed on as it is, but for the few variables whose meaning is a path that Windows programs must
 * understand, and with the variables that Windows programs rely on added. Names are case-insensitive there: of two
 * that differ in case only, the first stays.
 */
#include <ctype.h>
#include <pwd.h>
#include <stdio.h>
#include <strings.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "nt/nt.h"
#include "io/path.h"
#include "ps/cpu.h"
#include "ps/locate.h"
#include "ps/parameters.h"

struct block
{
    char  **list;               /* "NAME=value", UTF-8, malloc'd */
    size_t count, capacity;
    bool   failed;
};

static const char *find(const struct block *block, const char *name, size_t length)
{
    size_t i;

    for (i = 0; i < block->count; i++)
        if (!((block->list[i][0] ^ name[0]) & ~0x20) && !strncasecmp(block->list[i], name, length) && block->list[i][length] == '=')
            return block->list[i] + length + 1;
    return NULL;
}

static void add_owned(struct block *block, char *entry)
{
    if (block->count == block->capacity)
    {
        size_t capacity = block->capacity ? block->capacity * 2 : 64;
        char **list = realloc(block->list, capacity * sizeof(*list));

        if (!list)
        {
            free(entry);
            entry = NULL;
        }
        else
        {
            block->list = list;
            block->capacity = capacity;
        }
    }
    if (!entry)
        block->failed = true;
    else
        block->list[block->count++] = entry;
}

/* Sets a variable unless it is there already. */
static void add(struct block *block, const char *name, const char *value)
{
    char *entry;

    if (find(block, name, strlen(name)))
        return;
    if (asprintf(&entry, "%s=%s", name, value) < 0)
        entry = NULL;
    add_owned(block, entry);
}

/* One Linux path to Z:\..., or what is no absolute Linux path as it is. */
static char *to_drive(const char *path, size_t length)
{
    char *out, *p;

    if (!length || path[0] != '/')
        return strndup(path, length);
    if (asprintf(&out, "Z:%.*s", (int)length, path) < 0)
        return NULL;
    for (p = out; *p; p++)
        if (*p == '/')
            *p = '\\';
    return out;
}

static void add_path(struct block *block, const char *name, const char *path)
{
    char *value = to_drive(path, strlen(path));

    if (value)
        add(block, name, value);
    else
        block->failed = true;
    free(value);
}

static void add_path_below(struct block *block, const char *name, const char *folder, const char *below)
{
    char *path;

    if (asprintf(&path, "%s/%s", folder, below) < 0)
        block->failed = true;
    else
    {
        add_path(block, name, path);
        free(path);
    }
}

/* PATH: a list of Linux folders becomes one of Windows'; ours come first. One that is written in Windows' way
 * (a drive letter and ';') is kept. */
static void add_search_path(struct block *block, const char *path)
{
    char *list, *longer, *folder;
    const char *end;

    if (!(list = strdup("C:\\windows\\system32;C:\\windows")))
    {
        block->failed = true;
        return;
    }
    for (; path && *path; path = *end ? end + 1 : end)
    {
        bool windows = isalpha((unsigned char)path[0]) && path[1] == ':' && path[2] == '\\';

        end = windows ? strchrnul(path, ';') : strchrnul(path, ':');
        if (end == path)
            continue;
        folder = to_drive(path, (size_t)(end - path));
        if (!folder || asprintf(&longer, "%s;%s", list, folder) < 0)
            longer = NULL;
        free(folder);
        if (!longer)
        {
            block->failed = true;
            break;
        }
        free(list);
        list = longer;
    }
    add(block, "PATH", list);
    free(list);
}

static const char *home_folder(void)
{
    const char *home = getenv("HOME");
    struct passwd *user;

    if (home && *home == '/')
        return home;
    user = getpwuid(getuid());
    return user && user->pw_dir && *user->pw_dir == '/' ? user->pw_dir : temp_directory();
}

static const char *user_name(void)
{
    const char *name = getenv("USER");
    static char number[16];

    if (!name || !*name)
        name = getenv("LOGNAME");
    if (name && *name)
        return name;
    snprintf(number, sizeof(number), "%u", getuid());   /* no need to read the user database for this */
    return number;
}

static void add_windows(struct block *block)
{
    static const struct { const char *name, *value; } fixed[] =
    {
        { "SystemRoot", "C:\\windows" }, { "windir", "C:\\windows" }, { "SystemDrive", "C:" },
        { "ComSpec", "C:\\windows\\system32\\cmd.exe" }, { "OS", "Windows_NT" },
        { "PATHEXT", ".COM;.EXE;.BAT;.CMD;." },         /* ".": who searches by it finds programs of Linux, too */
        { "PROCESSOR_ARCHITECTURE", "AMD64" },
        { "ProgramData", "C:\\ProgramData" }, { "ALLUSERSPROFILE", "C:\\ProgramData" },
        { "ProgramFiles", "C:\\Program Files" }, { "ProgramW6432", "C:\\Program Files" },
        { "CommonProgramFiles", "C:\\Program Files\\Common Files" }, { "PUBLIC", "C:\\users\\Public" },
    };
    const char *home = home_folder(), *xdg;
    unsigned int family, model, stepping, i;
    char text[128];
    struct utsname host;

    for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        add(block, fixed[i].name, fixed[i].value);
    add_path(block, "TEMP", temp_directory());
    add_path(block, "TMP", temp_directory());
    add_path(block, "USERPROFILE", home);
    add(block, "HOMEDRIVE", "Z:");
    if (!find(block, "HOMEPATH", 8))
    {
        char *path = to_drive(home, strlen(home));

        if (path)
            add(block, "HOMEPATH", path + 2);
        free(path);
    }
    if ((xdg = getenv("XDG_CONFIG_HOME")) && *xdg == '/')
        add_path(block, "APPDATA", xdg);
    else
        add_path_below(block, "APPDATA", home, ".config");
    if ((xdg = getenv("XDG_DATA_HOME")) && *xdg == '/')
        add_path(block, "LOCALAPPDATA", xdg);
    else
        add_path_below(block, "LOCALAPPDATA", home, ".local/share");
    add(block, "USERNAME", user_name());
    if (!uname(&host))
    {
        for (i = 0; host.nodename[i] && host.nodename[i] != '.'; i++)
            host.nodename[i] = (char)toupper((unsigned char)host.nodename[i]);
        host.nodename[i] = 0;
        add(block, "COMPUTERNAME", host.nodename);
        add(block, "USERDOMAIN", host.nodename);
    }
    snprintf(text, sizeof(text), "%u", cpu_count());
    add(block, "NUMBER_OF_PROCESSORS", text);
    cpu_identity(&family, &model, &stepping);
    snprintf(text, sizeof(text), "%u", family);
    add(block, "PROCESSOR_LEVEL", text);
    snprintf(text, sizeof(text), "%02x%02x", model, stepping);
    add(block, "PROCESSOR_REVISION", text);
    snprintf(text, sizeof(text), "%s64 Family %u Model %u Stepping %u, %s",
             strcmp(cpu_vendor(), "AuthenticAMD") ? "Intel" : "AMD", family, model, stepping, cpu_vendor());
    add(block, "PROCESSOR_IDENTIFIER", text);
}

/* Linux folders under a name that Windows programs read as a Windows path. */
static bool is_path_variable(const char *entry)
{
    static const char *const names[] = { "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA" };
    size_t i, n;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    {
        n = strlen(names[i]);
        if (!strncasecmp(entry, names[i], n) && entry[n] == '=')
            return true;
    }
    return false;
}

WCHAR *environment_from(char **unix_environment, size_t *size)
{
    struct block block = { 0 };
    size_t i, total = 1, used = 0;
    WCHAR *out = NULL, *wide;

    add_search_path(&block, getenv("PATH"));
    for (; *unix_environment; unix_environment++)
    {
        const char *entry = *unix_environment, *equal = strchr(entry, '=');

        if (!equal || equal == entry || find(&block, entry, (size_t)(equal - entry)))
            continue;
        if (is_path_variable(entry) && equal[1] == '/')
        {
            char *name = strndup(entry, (size_t)(equal - entry));

            if (name)
                add_path(&block, name, equal + 1);
            free(name);
        }
        else
            add_owned(&block, strdup(entry));
    }
    add_windows(&block);

    for (i = 0; i < block.count; i++)
        total += strlen(block.list[i]) + 1;
    if (!block.failed && (out = malloc(total * sizeof(WCHAR))))
    {
        for (i = 0; i < block.count; i++)
        {
            size_t n;

            if (!(wide = text_to_windows(block.list[i])))
                continue;
            for (n = 0; wide[n]; n++)
                out[used++] = wide[n];
            out[used++] = 0;
            free(wide);
        }
        out[used++] = 0;
        *size = used * sizeof(WCHAR);
    }
    for (i = 0; i < block.count; i++)
        free(block.list[i]);
    free(block.list);
    return out;
}
