/* Other programs: _spawn, _exec, system, _popen, and _cwait.
 *
 * A child that was built with a C runtime finds our descriptors in its start-up block, as fd.c reads them.
 * Without a command interpreter (COMSPEC, or cmd.exe in the system's folder) system and _popen start a plain command
 * themselves; what only an interpreter can do (pipes, redirections, variables) is refused.
 */
#include "fd.h"

enum { P_WAIT_, P_NOWAIT_, P_OVERLAY_, P_NOWAITO_, P_DETACH_ };

FILE *_wfdopen(int fd, const crt_wchar *mode);
int fclose(FILE *file), _pipe(int *ends, unsigned int size, int mode), _fileno(FILE *file), fflush(FILE *file);
void exit(int code) __attribute__((noreturn));
crt_wchar *_wgetenv(const crt_wchar *name);
crt_wchar *wcschr(const crt_wchar *s, crt_wchar c), *wcscpy(crt_wchar *to, const crt_wchar *from);
extern char **_environ;
extern crt_wchar **_wenviron;

/* count, flags, handles: those that a child inherits */
static BYTE *descriptors(WORD *size)
{
    unsigned int count = 0, i;
    BYTE *block;

    for (i = 0; i < FD_MAX; i++) if (crt_fds[i].flags & FD_OPEN) count = i + 1;
    if (count > 60000 / (1 + sizeof(HANDLE))) count = 60000 / (1 + sizeof(HANDLE));
    *size = sizeof(count) + count * (1 + sizeof(HANDLE));
    if (!(block = calloc(1, *size))) return NULL;
    memcpy(block, &count, sizeof(count));
    for (i = 0; i < count; i++)
    {
        HANDLE handle = INVALID_HANDLE_VALUE;
        DWORD inherit;
        if ((crt_fds[i].flags & FD_OPEN) && GetHandleInformation(crt_fds[i].handle, &inherit) && (inherit & HANDLE_FLAG_INHERIT))
        {
            handle = crt_fds[i].handle;
            block[sizeof(count) + i] = crt_fds[i].flags & ~(FD_EOF | FD_CONSOLE);
        }
        memcpy(block + sizeof(count) + count + i * sizeof(handle), &handle, sizeof(handle));
    }
    return block;
}

/* -1: errno says why; else the process's handle, or with P_WAIT its exit code */
static intptr_t start(int mode, const crt_wchar *program, crt_wchar *line, crt_wchar *environment)
{
    STARTUPINFOW info = { .cb = sizeof(info) };
    PROCESS_INFORMATION process;
    DWORD code = 0;
    BOOL ok;

    info.lpReserved2 = descriptors(&info.cbReserved2);
    ok = CreateProcessW((WCHAR *)program, (WCHAR *)line, NULL, NULL, TRUE, CREATE_UNICODE_ENVIRONMENT | (mode == P_DETACH_ ? DETACHED_PROCESS : 0),
                        environment, NULL, &info, &process);
    free(info.lpReserved2);
    if (!ok) { crt_set_errno_from_win32(GetLastError()); return -1; }
    CloseHandle(process.hThread);
    switch (mode)
    {
    case P_WAIT_:
        WaitForSingleObject(process.hProcess, INFINITE);
        GetExitCodeProcess(process.hProcess, &code);
        CloseHandle(process.hProcess);
        return (int)code;
    case P_DETACH_:
        CloseHandle(process.hProcess);
        return 0;
    case P_OVERLAY_:
        /* nobody can take this process's place: the parent that waits for it is told the child's result */
        crt_streams_close();
        WaitForSingleObject(process.hProcess, INFINITE);
        GetExitCodeProcess(process.hProcess, &code);
        ExitProcess(code);
    }
    return (intptr_t)process.hProcess;
}

/* one block of strings, ended by an empty one; or (line) with blanks between, as they are: quoting is the caller's part */
static crt_wchar *join(const crt_wchar *const *list, crt_wchar between)
{
    size_t n = 2, i;
    crt_wchar *block, *out;

    for (i = 0; list[i]; i++) n += wcslen(list[i]) + 1;
    if (!(block = out = malloc(n * sizeof(*block)))) { errno = E_NOMEM; return NULL; }
    for (i = 0; list[i]; i++)
    {
        if (i && between) *out++ = between;
        wcscpy(out, list[i]);
        out += wcslen(out) + !between;
    }
    out[0] = out[1] = 0;
    return block;
}

/* The program's file: the name, or with .com, .exe; in the current folder or (search) along PATH. malloc'd. */
static crt_wchar *find_program(const crt_wchar *name, bool search)
{
    static const WCHAR *const extensions[] = { L"", L".com", L".exe", L".bat", L".cmd" };
    const crt_wchar *p, *dot = NULL;
    bool folder = false;
    WCHAR path[MAX_PATH * 4];
    unsigned int i;

    for (p = name; *p; p++)
    {
        if (*p == '/' || *p == '\\' || *p == ':') { folder = true; dot = NULL; }
        if (*p == '.') dot = p;
    }
    for (i = dot ? 0 : 1; i < (dot ? 1 : 5); i++)
    {
        DWORD n, attributes;
        crt_wchar *full = malloc((wcslen(name) + 5) * sizeof(*full));
        if (!full) break;
        wcscpy(full, name);
        wcscpy(full + wcslen(full), (const crt_wchar *)extensions[i]);
        attributes = GetFileAttributesW((WCHAR *)full);
        if (attributes != INVALID_FILE_ATTRIBUTES && !(attributes & FILE_ATTRIBUTE_DIRECTORY)) return full;
        n = search && !folder ? SearchPathW(NULL, (WCHAR *)full, NULL, ARRAYSIZE(path), path, NULL) : 0;
        free(full);
        if (n && n < ARRAYSIZE(path)) return crt_wcsdup((crt_wchar *)path);
    }
    /* a program of the host has no extension; without a folder, CreateProcess finds it */
    if (folder)
    {
        DWORD attributes = GetFileAttributesW((WCHAR *)name);
        if (attributes != INVALID_FILE_ATTRIBUTES && !(attributes & FILE_ATTRIBUTE_DIRECTORY)) return crt_wcsdup(name);
    }
    errno = E_NOENT;
    *__doserrno() = ERROR_FILE_NOT_FOUND;
    return NULL;
}

/* as join(argv, ' '), with the name in quotes in argv[0]'s place */
static crt_wchar *line_with_name(const crt_wchar *name, const crt_wchar *const *argv)
{
    crt_wchar *rest = join(argv + 1, ' '), *line = rest ? malloc((wcslen(name) + wcslen(rest) + 4) * sizeof(*line)) : NULL, *p;

    if (line)
    {
        line[0] = '"';
        wcscpy(line + 1, name);
        p = line + 1 + wcslen(name);
        *p++ = '"';
        *p++ = ' ';
        wcscpy(p, rest);
    }
    free(rest);
    return line;
}

static intptr_t spawn(int mode, const crt_wchar *name, const crt_wchar *const *argv, const crt_wchar *const *env, bool search)
{
    crt_wchar *program, *line = NULL, *block = NULL;
    intptr_t ret = -1;

    if (mode < 0 || mode > P_DETACH_ || !name || !argv || !argv[0] || !argv[0][0]) return crt_fail(E_INVAL);
    if (!(program = find_program(name, search)) && !(search && !wcschr(name, '/') && !wcschr(name, '\\'))) return -1;
    if ((line = program ? join(argv, ' ') : line_with_name(name, argv)) && (!env || (block = join(env, 0)))) ret = start(mode, program, line, block);
    free(block);
    free(line);
    free(program);
    return ret;
}

static crt_wchar **wide_list(const char *const *list)
{
    size_t n = 0, i;
    crt_wchar **wide;

    while (list[n]) n++;
    wide = calloc(n + 1, sizeof(*wide));
    for (i = 0; wide && i < n; i++) wide[i] = crt_to_wide(list[i]);
    return wide;
}
static void free_list(crt_wchar **list)
{
    size_t i;
    for (i = 0; list && list[i]; i++) free(list[i]);
    free(list);
}
static intptr_t spawn_narrow(int mode, const char *name, const char *const *argv, const char *const *env, bool search)
{
    crt_wchar *wide, **wargv, **wenv = NULL;
    intptr_t ret = -1;

    if (!name || !argv) return crt_fail(E_INVAL);
    wide = crt_to_wide(name);
    wargv = wide_list(argv);
    if (env) wenv = wide_list(env);
    if (wide && wargv && (!env || wenv)) ret = spawn(mode, wide, (const crt_wchar *const *)wargv, (const crt_wchar *const *)wenv, search);
    free_list(wenv);
    free_list(wargv);
    free(wide);
    return ret;
}

/* the list in ... : arguments up to NULL, then with e the environment */
#define COLLECT(type, with_env) \
    const type *small[64], **argv = small, **bigger; \
    const type *const *env = NULL; \
    size_t n = 0, room = 64; \
    intptr_t ret; \
    va_list args; \
    va_start(args, first); \
    for (argv[n] = first; argv[n]; argv[n] = va_arg(args, const type *)) \
        if (++n == room) \
        { \
            if (!(bigger = malloc(room * 2 * sizeof(*bigger)))) { va_end(args); if (argv != small) free(argv); return crt_fail(E_NOMEM); } \
            memcpy(bigger, argv, room * sizeof(*bigger)); \
            if (argv != small) free(argv); \
            argv = bigger; \
            room *= 2; \
        } \
    if (with_env) env = va_arg(args, const type *const *); \
    va_end(args);
#define LIST(name, type, call, with_env, search) \
CRT_API(intptr_t, name, int mode, const type *path, const type *first, ...) \
{ \
    COLLECT(type, with_env) \
    ret = call(mode, path, argv, env, search); \
    if (argv != small) free(argv); \
    return ret; \
}
#define EXEC_LIST(name, type, call, with_env, search) \
CRT_API(intptr_t, name, const type *path, const type *first, ...) \
{ \
    COLLECT(type, with_env) \
    ret = call(P_OVERLAY_, path, argv, env, search); \
    if (argv != small) free(argv); \
    return ret; \
}
LIST(_spawnl, char, spawn_narrow, false, false) LIST(_spawnle, char, spawn_narrow, true, false)
LIST(_spawnlp, char, spawn_narrow, false, true) LIST(_spawnlpe, char, spawn_narrow, true, true)
LIST(_wspawnl, crt_wchar, spawn, false, false) LIST(_wspawnle, crt_wchar, spawn, true, false)
LIST(_wspawnlp, crt_wchar, spawn, false, true) LIST(_wspawnlpe, crt_wchar, spawn, true, true)
EXEC_LIST(_execl, char, spawn_narrow, false, false) EXEC_LIST(_execle, char, spawn_narrow, true, false)
EXEC_LIST(_execlp, char, spawn_narrow, false, true) EXEC_LIST(_execlpe, char, spawn_narrow, true, true)
EXEC_LIST(_wexecl, crt_wchar, spawn, false, false) EXEC_LIST(_wexecle, crt_wchar, spawn, true, false)
EXEC_LIST(_wexeclp, crt_wchar, spawn, false, true) EXEC_LIST(_wexeclpe, crt_wchar, spawn, true, true)
#define VECTOR(type, call, w) \
CRT_API(intptr_t, w##spawnv, int mode, const type *path, const type *const *argv) { return call(mode, path, argv, NULL, false); } \
CRT_API(intptr_t, w##spawnve, int mode, const type *path, const type *const *argv, const type *const *env) { return call(mode, path, argv, env, false); } \
CRT_API(intptr_t, w##spawnvp, int mode, const type *path, const type *const *argv) { return call(mode, path, argv, NULL, true); } \
CRT_API(intptr_t, w##spawnvpe, int mode, const type *path, const type *const *argv, const type *const *env) { return call(mode, path, argv, env, true); } \
CRT_API(intptr_t, w##execv, const type *path, const type *const *argv) { return call(P_OVERLAY_, path, argv, NULL, false); } \
CRT_API(intptr_t, w##execve, const type *path, const type *const *argv, const type *const *env) { return call(P_OVERLAY_, path, argv, env, false); } \
CRT_API(intptr_t, w##execvp, const type *path, const type *const *argv) { return call(P_OVERLAY_, path, argv, NULL, true); } \
CRT_API(intptr_t, w##execvpe, const type *path, const type *const *argv, const type *const *env) { return call(P_OVERLAY_, path, argv, env, true); }
VECTOR(char, spawn_narrow, _)
VECTOR(crt_wchar, spawn, _w)

CRT_API(intptr_t, _cwait, int *status, intptr_t process, int action)
{
    DWORD code;

    (void)action;
    if (WaitForSingleObject((HANDLE)process, INFINITE) != WAIT_OBJECT_0 || !GetExitCodeProcess((HANDLE)process, &code))
    {
        if (status) *status = -1;
        *__doserrno() = GetLastError();
        return crt_fail(E_CHILD);
    }
    if (status) *status = (int)code;
    CloseHandle((HANDLE)process);
    return process;
}

/* ---- commands ---------------------------------------------------------------------------------------------------- */
static crt_wchar *interpreter(void)
{
    crt_wchar *name = _wgetenv((const crt_wchar *)L"COMSPEC");
    WCHAR path[MAX_PATH];

    if (name && *name && GetFileAttributesW((WCHAR *)name) != INVALID_FILE_ATTRIBUTES) return crt_wcsdup(name);
    if (SearchPathW(NULL, L"cmd.exe", NULL, MAX_PATH, path, NULL)) return crt_wcsdup((crt_wchar *)path);
    return NULL;
}

static intptr_t run_command(const crt_wchar *command, int mode)
{
    crt_wchar *shell = interpreter(), *line;
    const crt_wchar *p;
    bool quoted = false;
    intptr_t ret;

    if (shell)
    {
        const crt_wchar *list[] = { shell, (const crt_wchar *)L"/c", command, NULL };
        ret = (line = join(list, ' ')) ? start(mode, shell, line, NULL) : -1;
    }
    else
    {
        for (p = command; *p; p++)
        {
            if (*p == '"') quoted = !quoted;
            if (*p == '%' || (!quoted && (*p == '|' || *p == '<' || *p == '>' || *p == '&' || *p == '^'))) return crt_fail(E_NOENT);
        }
        ret = (line = crt_wcsdup(command)) ? start(mode, NULL, line, NULL) : -1;
    }
    free(line);
    free(shell);
    return ret;
}
CRT_API(int, _wsystem, const crt_wchar *command)
{
    crt_wchar *shell;

    if (!command)
    {
        bool there = (shell = interpreter()) != NULL;
        free(shell);
        if (!there) errno = E_NOENT;
        return there;
    }
    return (int)run_command(command, P_WAIT_);
}
CRT_API(int, system, const char *command)
{
    crt_wchar *wide = command ? crt_to_wide(command) : NULL;
    int ret = _wsystem(wide);
    free(wide);
    return ret;
}

/* the children of _popen, by their streams */
static struct popen { struct popen *next; FILE *file; intptr_t process; } *children;
enum { LOCK_POPEN = 9 };

CRT_API(FILE *, _wpopen, const crt_wchar *command, const crt_wchar *mode)
{
    bool reads = mode && *mode == 'r', binary = mode && *mode && (mode[1] == 'b');
    int ends[2], ours, theirs, fd = reads ? 1 : 0;
    struct popen *child;
    HANDLE standard, own;
    FILE *file;

    if (!command || !mode || (*mode != 'r' && *mode != 'w')) { errno = E_INVAL; return NULL; }
    if (!(child = calloc(1, sizeof(*child)))) return NULL;
    if (_pipe(ends, 65536, O_NOINHERIT_ | (binary ? O_BINARY_ : O_TEXT_))) { free(child); return NULL; }
    ours = ends[!reads];
    theirs = ends[reads];
    crt_lock(LOCK_POPEN);
    /* the child finds its end under the number and the standard handle it is to have */
    standard = GetStdHandle(reads ? STD_OUTPUT_HANDLE : STD_INPUT_HANDLE);
    own = crt_fds[theirs].handle;
    SetHandleInformation(own, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    {
        struct fd saved = crt_fds[fd];
        crt_fds[fd].handle = own;
        crt_fds[fd].flags = FD_OPEN | FD_PIPE | FD_TEXT;
        crt_fds[theirs].flags &= ~FD_OPEN;
        SetStdHandle(reads ? STD_OUTPUT_HANDLE : STD_INPUT_HANDLE, own);
        child->process = run_command(command, P_NOWAIT_);
        SetStdHandle(reads ? STD_OUTPUT_HANDLE : STD_INPUT_HANDLE, standard);
        crt_fds[fd] = saved;
        crt_fds[theirs].flags |= FD_OPEN;
    }
    _close(theirs);
    file = child->process == -1 ? NULL : _wfdopen(ours, mode);
    if (!file)
    {
        int error = errno;
        _close(ours);
        if (child->process != -1) CloseHandle((HANDLE)child->process);
        free(child);
        errno = error;
    }
    else
    {
        child->file = file;
        child->next = children;
        children = child;
    }
    crt_unlock(LOCK_POPEN);
    return file;
}
CRT_API(FILE *, _popen, const char *command, const char *mode)
{
    crt_wchar *c = command ? crt_to_wide(command) : NULL, *m = mode ? crt_to_wide(mode) : NULL;
    FILE *file = _wpopen(c, m);
    free(c);
    free(m);
    return file;
}
CRT_API(int, _pclose, FILE *file)
{
    struct popen **at, *child;
    int code = -1;

    crt_lock(LOCK_POPEN);
    for (at = &children; *at && (*at)->file != file; at = &(*at)->next) {}
    if ((child = *at)) *at = child->next;
    crt_unlock(LOCK_POPEN);
    if (!file || !child) { errno = file ? E_BADF : E_INVAL; return -1; }
    fclose(file);
    _cwait(&code, child->process, 0);
    free(child);
    return code;
}

/* ---- this process, and libraries ----------------------------------------------------------------------------------- */
CRT_API(int, _getpid, void) { return GetCurrentProcessId(); }
CRT_API(intptr_t, _loaddll, const char *name) { return (intptr_t)LoadLibraryA(name); }
CRT_API(int, _unloaddll, intptr_t module) { return FreeLibrary((HMODULE)module) ? 0 : (int)GetLastError(); }
CRT_API(void *, _getdllprocaddr, intptr_t module, const char *name, intptr_t ordinal)
{
    return (void *)GetProcAddress((HMODULE)module, name ? name : (const char *)(ordinal & 0xffff));
}
CRT_API(unsigned long, __threadid, void) { return GetCurrentThreadId(); }
CRT_API(uintptr_t, __threadhandle, void) { return (uintptr_t)GetCurrentThread(); }
