/* RTL_USER_PROCESS_PARAMETERS: what a program is told at its start. */
#include <errno.h>
#include <limits.h>
#include <unistd.h>
#include "nt/nt.h"
#include "io/file.h"
#include "vm/vm.h"
#include "ps/locate.h"
#include "ps/parameters.h"
#include "ps/process.h"

extern char **environ;

static size_t wide_length(const WCHAR *s)
{
    size_t n = 0;

    while (s[n])
        n++;
    return n;
}

/* ---- the command line ------------------------------------------------------------------------------------ */

/* Appends one argument: quoted if it is empty or has blanks or quotes; backslashes double before a quote. */
static size_t quote(char *out, const char *arg)
{
    bool quotes = !*arg || strpbrk(arg, " \t\n\v\"");
    char *start = out;
    size_t slashes = 0;

    if (quotes)
        *out++ = '"';
    for (; *arg; arg++)
    {
        if (*arg == '\\')
            slashes++;
        else
        {
            if (*arg == '"')
                for (slashes++; slashes; slashes--)     /* those before it once more, and one for it */
                    *out++ = '\\';
            slashes = 0;
        }
        *out++ = *arg;
    }
    if (quotes)
    {
        for (; slashes; slashes--)
            *out++ = '\\';
        *out++ = '"';
    }
    return (size_t)(out - start);
}

WCHAR *command_line_from(int argc, char **argv)
{
    size_t size = 1, length = 0;
    WCHAR *result;
    char *text;
    int i;

    for (i = 0; i < argc; i++)
        size += 2 * strlen(argv[i]) + 4;
    if (!(text = malloc(size)))
        return NULL;
    for (i = 0; i < argc; i++)
    {
        if (i)
            text[length++] = ' ';
        length += quote(text + length, argv[i]);
    }
    text[length] = 0;
    result = text_to_windows(text);
    free(text);
    return result;
}

/* ---- the block ------------------------------------------------------------------------------------------- */

struct builder
{
    char  *base;
    size_t used;
};

/* A string of the block. capacity 0: as long as it is. */
static void put_string(struct builder *builder, UNICODE_STRING *string, const WCHAR *value, size_t capacity)
{
    size_t bytes = wide_length(value) * sizeof(WCHAR), room = bytes + sizeof(WCHAR);

    if (room < capacity)
        room = capacity;
    string->Length = (USHORT)bytes;
    string->MaximumLength = (USHORT)room;
    string->Buffer = (WCHAR *)(builder->base + builder->used);
    memcpy(string->Buffer, value, bytes);
    builder->used += (room + 7) & ~(size_t)7;
}

/* A UNICODE_STRING holds 32766 characters; a longer command line would be cut silently. */
static bool fits(const WCHAR *value)
{
    return wide_length(value) <= 32766;
}

static WCHAR *current_folder(void)
{
    char *path = getcwd(NULL, 0);
    WCHAR *wide = path_to_windows(path && *path == '/' ? path : "/");
    size_t length;

    free(path);
    if (!wide)
        return NULL;
    length = wide_length(wide);
    if (wide[length - 1] != '\\')
    {
        WCHAR *longer = realloc(wide, (length + 2) * sizeof(WCHAR));

        if (!longer)
        {
            free(wide);
            return NULL;
        }
        wide = longer;
        wide[length] = '\\';
        wide[length + 1] = 0;
    }
    return wide;
}

NTSTATUS parameters_create(const char *program, int argc, char **argv, RTL_USER_PROCESS_PARAMETERS **parameters)
{
    WCHAR *image = path_to_windows(program), *line = command_line_from(argc, argv), *folder = current_folder(), *env;
    RTL_USER_PROCESS_PARAMETERS *p;
    struct builder builder;
    size_t env_size = 0, size;
    uintptr_t base = 0;
    NTSTATUS status = STATUS_NO_MEMORY;

    env = environment_from(environ, &env_size);
    if (!image || !line || !folder || !env)
        goto done;
    status = STATUS_NAME_TOO_LONG;
    if (!fits(image) || !fits(line) || !fits(folder))
        goto done;
    size = sizeof(*p) + 2 * (3 * wide_length(image) + wide_length(line) + wide_length(folder)) + 0x400 + MAX_PATH * 2 +
           env_size;
    if ((status = vm_allocate(&base, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, &(struct vm_limits){ 0 }, ~0u)))
        goto done;
    p = (RTL_USER_PROCESS_PARAMETERS *)base;
    builder.base = (char *)base;
    builder.used = (sizeof(*p) + 15) & ~(size_t)15;
    put_string(&builder, &p->CurrentDirectory.DosPath, folder, MAX_PATH * sizeof(WCHAR) + sizeof(WCHAR));
    put_string(&builder, &p->ImagePathName, image, 0);
    put_string(&builder, &p->CommandLine, line, 0);
    put_string(&builder, &p->WindowTitle, image, 0);
    put_string(&builder, &p->Desktop, u"WinSta0\\Default", 0);
    put_string(&builder, &p->ShellInfo, u"", 0);
    put_string(&builder, &p->RuntimeInfo, u"", 0);
    put_string(&builder, &p->DllPath, u"", 0);
    p->Environment = (WCHAR *)(builder.base + builder.used);
    p->EnvironmentSize = env_size;
    memcpy(p->Environment, env, env_size);
    builder.used += (env_size + 7) & ~(size_t)7;
    p->AllocationSize = (ULONG)size;
    p->Size = (ULONG)builder.used;
    p->Flags = PROCESS_PARAMS_FLAG_NORMALIZED;
    p->wShowWindow = 1 /* SW_SHOWNORMAL */;
    status = file_create_std_handles(&p->hStdInput, &p->hStdOutput, &p->hStdError);
    *parameters = p;
done:
    free(image);
    free(line);
    free(folder);
    free(env);
    return status;
}
