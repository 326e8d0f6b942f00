/* Taking paths apart, putting them together, and looking for files along a variable. Narrow and wide from one text. */
#include "crt.h"

char *getenv(const char *name);
crt_wchar *_wgetenv(const crt_wchar *name);
char *_fullpath(char *out, const char *path, size_t size);
crt_wchar *_wfullpath(crt_wchar *out, const crt_wchar *path, size_t size);
int _access(const char *path, int mode), _waccess(const crt_wchar *path, int mode);

#define BIG ((size_t)-1)
/* where the parts of a path lie */
#define PATH_FUNCTIONS(type, split, split_s, make, make_s, search, search_s, piece, put_part, length, get, full, access) \
static bool piece(type *out, size_t size, const type *from, size_t n) \
{ \
    if (!out) return !size || size == BIG; \
    if (n >= size) return false; \
    memcpy(out, from, n * sizeof(type)); \
    out[n] = 0; \
    return true; \
} \
static int split##_parts(const type *path, type *drive, size_t drive_size, type *dir, size_t dir_size, type *file, size_t file_size, type *ext, size_t ext_size) \
{ \
    const type *p, *name, *dot = NULL, *start = path; \
    if (path[0] && path[1] == ':') start += 2; \
    for (name = p = start; *p; p++) if (*p == '/' || *p == '\\') name = p + 1; \
    for (p = name; *p; p++) if (*p == '.') dot = p; \
    if (!dot) dot = p; \
    return piece(drive, drive_size, path, start - path) && piece(dir, dir_size, start, name - start) && \
           piece(file, file_size, name, dot - name) && piece(ext, ext_size, dot, length(dot)); \
} \
CRT_API(void, split, const type *path, type *drive, type *dir, type *file, type *ext) \
{ \
    split##_parts(path, drive, BIG, dir, BIG, file, BIG, ext, BIG); \
} \
CRT_API(int, split_s, const type *path, type *drive, size_t drive_size, type *dir, size_t dir_size, type *file, size_t file_size, type *ext, size_t ext_size) \
{ \
    int error = E_RANGE; \
    if (!path || !drive != !drive_size || !dir != !dir_size || !file != !file_size || !ext != !ext_size) error = E_INVAL; \
    else if (split##_parts(path, drive, drive_size, dir, dir_size, file, file_size, ext, ext_size)) return 0; \
    if (drive && drive_size) *drive = 0; \
    if (dir && dir_size) *dir = 0; \
    if (file && file_size) *file = 0; \
    if (ext && ext_size) *ext = 0; \
    errno = error; \
    return error; \
} \
static bool put_part(type *out, size_t size, size_t *n, const type *from, size_t count) \
{ \
    while (count--) { if (*n + 1 >= size) return false; out[(*n)++] = *from++; } \
    return true; \
} \
CRT_API(int, make_s, type *out, size_t size, const type *drive, const type *dir, const type *file, const type *ext) \
{ \
    static const type colon = ':', slash = '\\', dot = '.'; \
    size_t n = 0; \
    bool fits = true; \
    if (!out || !size) { errno = E_INVAL; return E_INVAL; } \
    if (drive && *drive) fits = put_part(out, size, &n, drive, 1) && put_part(out, size, &n, &colon, 1); \
    if (fits && dir && *dir) \
    { \
        size_t count = length(dir); \
        fits = put_part(out, size, &n, dir, count); \
        if (fits && dir[count - 1] != '/' && dir[count - 1] != '\\') fits = put_part(out, size, &n, &slash, 1); \
    } \
    if (fits && file) fits = put_part(out, size, &n, file, length(file)); \
    if (fits && ext && *ext) fits = (*ext == '.' || put_part(out, size, &n, &dot, 1)) && put_part(out, size, &n, ext, length(ext)); \
    out[fits ? n : 0] = 0; \
    if (!fits) errno = E_RANGE; \
    return fits ? 0 : E_RANGE; \
} \
CRT_API(void, make, type *out, const type *drive, const type *dir, const type *file, const type *ext) \
{ \
    make_s(out, MAX_PATH, drive, dir, file, ext); \
} \
/* the current directory first, then the folders that the variable names */ \
CRT_API(int, search_s, const type *name, const type *variable, type *out, size_t size) \
{ \
    const type *list, *end; \
    type path[MAX_PATH]; \
    size_t n; \
    if (!name || !out || !size) { errno = E_INVAL; return E_INVAL; } \
    *out = 0; \
    if (*name && !access(name, 0) && full(out, name, size)) return 0; \
    if (*name && variable && (list = get(variable))) \
        for (; *list; list = *end ? end + 1 : end) \
        { \
            bool quoted = *list == '"'; \
            if (quoted) list++; \
            for (end = list; *end && *end != (quoted ? '"' : ';'); end++) {} \
            n = end - list; \
            if (quoted && *end) end++; \
            if (!n || n + length(name) + 2 > MAX_PATH) continue; \
            memcpy(path, list, n * sizeof(type)); \
            if (path[n - 1] != '/' && path[n - 1] != '\\') path[n++] = '\\'; \
            memcpy(path + n, name, (length(name) + 1) * sizeof(type)); \
            if (access(path, 0)) continue; \
            n = length(path); \
            if (n >= size) { errno = E_RANGE; return E_RANGE; } \
            memcpy(out, path, (n + 1) * sizeof(type)); \
            return 0; \
        } \
    errno = E_NOENT; \
    return E_NOENT; \
} \
CRT_API(void, search, const type *name, const type *variable, type *out) { search_s(name, variable, out, MAX_PATH); }

PATH_FUNCTIONS(char, _splitpath, _splitpath_s, _makepath, _makepath_s, _searchenv, _searchenv_s, piece_narrow, put_narrow, strlen, getenv, _fullpath, _access)
PATH_FUNCTIONS(crt_wchar, _wsplitpath, _wsplitpath_s, _wmakepath, _wmakepath_s, _wsearchenv, _wsearchenv_s, piece_wide, put_wide_part, wcslen, _wgetenv, _wfullpath, _waccess)

/* ---- drives ---------------------------------------------------------------------------------------------------- */
CRT_API(int, _chdrive, int drive)
{
    WCHAR path[3] = { (WCHAR)('A' + drive - 1), ':', 0 };

    if (drive < 1 || drive > 26) { *__doserrno() = ERROR_INVALID_DRIVE; return crt_fail(E_ACCES); }
    if (SetCurrentDirectoryW(path)) return 0;
    crt_set_errno_from_win32(GetLastError());
    if (errno == E_NOENT) errno = E_ACCES;
    return -1;
}
CRT_API(unsigned long, _getdrives, void) { return GetLogicalDrives(); }
CRT_API(crt_wchar *, _wgetdcwd, int drive, crt_wchar *out, int size)
{
    WCHAR name[4] = { (WCHAR)('A' + drive - 1), ':', '.', 0 }, path[MAX_PATH * 4];
    DWORD n = drive ? GetFullPathNameW(name, ARRAYSIZE(path), path, NULL) : GetCurrentDirectoryW(ARRAYSIZE(path), path);

    if (drive < 0 || drive > 26 || !n || n >= ARRAYSIZE(path)) { errno = drive < 0 || drive > 26 ? E_ACCES : E_NOENT; return NULL; }
    if (!out)
    {
        if (size <= (int)n) size = n + 1;
        if (!(out = malloc(size * sizeof(*out)))) { errno = E_NOMEM; return NULL; }
    }
    else if (size <= (int)n) { errno = E_RANGE; return NULL; }
    return memcpy(out, path, (n + 1) * sizeof(*out));
}
CRT_API(char *, _getdcwd, int drive, char *out, int size)
{
    crt_wchar *wide = _wgetdcwd(drive, NULL, 0);
    char *path = wide ? crt_to_narrow(wide) : NULL;
    int n = path ? (int)strlen(path) + 1 : 0;

    free(wide);
    if (!path || (!out && size <= n)) return path;
    if (!out && !(out = malloc(size))) errno = E_NOMEM;
    else if (n > size) { errno = E_RANGE; out = NULL; }
    else memcpy(out, path, n);
    free(path);
    return out;
}
