/* What a program of the host is called with: a Windows command line and environment in the host's words. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "io/path.h"
#include "io/text.h"
#include "ps/native.h"

/* ---- strings ------------------------------------------------------------------------------------------------- */

/* Room for that many bytes more, at the end; NULL: no memory. */
static char *make_room(struct native_strings *out, size_t size)
{
    size_t room = out->room ? out->room : 4096;
    char *text;

    if (out->failed)
        return NULL;
    while (room < out->size + size)
        room *= 2;
    if (room != out->room)
    {
        if (!(text = realloc(out->text, room)))
        {
            out->failed = true;
            return NULL;
        }
        out->text = text;
        out->room = room;
    }
    return out->text + out->size;
}

static void add_bytes(struct native_strings *out, const char *text, size_t size)
{
    char *to = make_room(out, size);

    if (!to)
        return;
    memcpy(to, text, size);
    out->size += size;
}

/* A lone surrogate that stands for no byte becomes U+FFFD. */
static void add_units(struct native_strings *out, const WCHAR *text, size_t length)
{
    char *to = make_room(out, 3 * length);
    ssize_t size;
    size_t i, step;

    if (!to)
        return;
    if ((size = text_to_bytes(to, text, length)) >= 0)
    {
        out->size += (size_t)size;
        return;
    }
    for (i = 0; i < length; i += step)
    {
        step = i + 1 < length && (text[i] & 0xfc00) == 0xd800 && (text[i + 1] & 0xfc00) == 0xdc00 ? 2 : 1;
        if ((size = text_to_bytes(to, text + i, step)) < 0)
        {
            memcpy(to, "\xef\xbf\xbd", 3);
            size = 3;
        }
        to += size;
    }
    out->size = (size_t)(to - out->text);
}

static void end_string(struct native_strings *out)
{
    add_bytes(out, "", 1);
    out->count++;
}

/* ---- the command line --------------------------------------------------------------------------------------------- */

static bool is_blank(WCHAR c)
{
    return c == ' ' || c == '\t';
}

/* The name of the program: a quote begins or ends what may have blanks, a backslash is a backslash. */
static size_t split_name(const WCHAR *line, size_t length, WCHAR *word, size_t *word_length)
{
    bool quoted = false;
    size_t at;

    for (at = *word_length = 0; at < length && (quoted || !is_blank(line[at])); at++)
        if (line[at] == '"')
            quoted = !quoted;
        else
            word[(*word_length)++] = line[at];
    return at;
}

/* Two backslashes before a quote are one, an odd one takes the quote its meaning; so does a quote before it, inside. */
static size_t split_word(const WCHAR *line, size_t length, size_t at, WCHAR *word, size_t *word_length)
{
    bool quoted = false;
    size_t n = 0;

    for (;;)
    {
        bool take = true;
        size_t slashes;

        for (slashes = 0; at < length && line[at] == '\\'; at++)
            slashes++;
        if (at < length && line[at] == '"')
        {
            if (slashes % 2 == 0)
            {
                if (quoted && at + 1 < length && line[at + 1] == '"')
                    at++;
                else
                {
                    take = false;
                    quoted = !quoted;
                }
            }
            slashes /= 2;
        }
        while (slashes--)
            word[n++] = '\\';
        if (at == length || (!quoted && is_blank(line[at])))
            break;
        if (take)
            word[n++] = line[at];
        at++;
    }
    *word_length = n;
    return at;
}

static bool has_folder(const WCHAR *word, size_t length)
{
    size_t i;

    for (i = 0; i < length; i++)
        if (word[i] == '\\' || word[i] == '/' || word[i] == ':')
            return true;
    return false;
}

void native_arguments(struct native_strings *out, const WCHAR *line, size_t length, const char *program)
{
    WCHAR *word = malloc((length + 1) * sizeof(WCHAR));
    size_t at, n;

    if (!word)
    {
        out->failed = true;
        return;
    }
    at = split_name(line, length, word, &n);
    if (!n || has_folder(word, n))
        add_bytes(out, program, strlen(program));
    else
        add_units(out, word, n);
    end_string(out);
    for (;;)
    {
        while (at < length && is_blank(line[at]))
            at++;
        if (at == length)
            break;
        at = split_word(line, length, at, word, &n);
        add_units(out, word, n);
        end_string(out);
    }
    free(word);
}

/* ---- the environment ------------------------------------------------------------------------------------------------ */

static bool is_folder_variable(const WCHAR *name, size_t length)
{
    static const char *const names[] = { "HOME", "TEMP", "TMP", "TMPDIR", "USERPROFILE", "APPDATA", "LOCALAPPDATA" };
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (text_is(name, length, names[i]))
            return true;
    return false;
}

static bool is_windows_path(const WCHAR *path, size_t length)
{
    return length >= 3 && length <= 0x8000 && isalpha(path[0] & 0x7f) && path[0] < 128 && path[1] == ':' &&
           (path[2] == '\\' || path[2] == '/');
}

/* Adds the host's name of a folder. False: it has none, being C:'s. */
static bool add_folder(struct native_strings *out, const WCHAR *name, size_t length)
{
    WCHAR nt_name[0x8004] = u"\\??\\";
    struct path path;
    size_t i;
    bool ok;

    for (i = 0; i < length; i++)
        nt_name[4 + i] = name[i] == '/' ? '\\' : name[i];
    if (path_translate(&path, NULL, nt_name, length + 4))
        return false;
    ok = (path.kind == PATH_FILE || (path.kind == PATH_VOLUME && path.mount && path.mount->drive == 'Z')) &&
         !(path.mount && path.mount->drive == 'C' && path.mount->read_only);
    if (ok)
    {
        const char *text = path.kind == PATH_FILE && path.unix_name[0] ? path.unix_name : "/";

        add_bytes(out, text, strlen(text));
    }
    path_free(&path);
    return ok;
}

/* Folders that only Windows programs see (C:\windows\system32) are left out: they get them back from us. */
static void add_search_path(struct native_strings *out, const WCHAR *list, size_t length)
{
    bool first = true;
    size_t at, end, before;

    for (at = 0; at < length; at = end + 1)
    {
        for (end = at; end < length && list[end] != ';'; end++)
            ;
        if (end == at)
            continue;
        before = out->size;
        if (!first)
            add_bytes(out, ":", 1);
        if (!is_windows_path(list + at, end - at))
            add_units(out, list + at, end - at);
        else if (!add_folder(out, list + at, end - at))
        {
            out->size = before;
            continue;
        }
        first = false;
    }
}

void native_environment(struct native_strings *out, const WCHAR *block, size_t length)
{
    size_t at, end, name;

    for (at = 0; at < length && block[at]; at = end + 1)
    {
        const WCHAR *value;
        size_t value_length;

        for (end = at; end < length && block[end]; end++)
            ;
        for (name = 0; at + name < end && block[at + name] != '='; name++)
            ;
        if (!name || at + name == end)          /* "=C:=C:\x" is not for others */
            continue;
        value = block + at + name + 1;
        value_length = end - at - name - 1;
        if (text_is(block + at, name, "PATH"))
        {
            add_bytes(out, "PATH=", 5);         /* in this case alone there */
            add_search_path(out, value, value_length);
        }
        else
        {
            add_units(out, block + at, name + 1);
            if (!is_folder_variable(block + at, name) || !is_windows_path(value, value_length) ||
                !add_folder(out, value, value_length))
                add_units(out, value, value_length);
        }
        end_string(out);
    }
}
