/* Initialisation files as text: what the calls that read and those that write share. */
#pragma once

struct profile
{
    HANDLE file;
    BOOL   wide;            /* UTF-16, else the ANSI code page */
    WCHAR *text;
    size_t length;
};

struct span
{
    const WCHAR *start;
    size_t length;
};

enum line_kind { LINE_OTHER, LINE_SECTION, LINE_KEY };

struct line
{
    enum line_kind kind;
    BOOL   has_value;                   /* there is an equals sign */
    struct span name, value;            /* without the blanks around them */
    size_t start, text_end, end;        /* in the text; end is behind the line end */
};

/* Reads a file (NULL: win.ini), which stays open; to write, it is made if it is not there. FALSE with the last error set. */
BOOL profile_load(struct profile *profile, const WCHAR *name, BOOL write);
BOOL profile_store(struct profile *profile);
void profile_close(struct profile *profile);

/* The line at *at, which moves to the next one; FALSE at the end. */
BOOL profile_next(const struct profile *profile, size_t *at, struct line *line);
/* Where the lines of a section are, its head not included. */
BOOL profile_section(const struct profile *profile, const WCHAR *name, size_t *first, size_t *end);
BOOL profile_key(const struct profile *profile, size_t first, size_t end, const WCHAR *key, struct line *line);
/* Replaces [start, end) of the text. */
BOOL profile_splice(struct profile *profile, size_t start, size_t end, const WCHAR *text, size_t length);
