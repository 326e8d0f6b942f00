/* Start and end of a program, and of a thread, in the C runtime. */
#include "crt.h"

/* ---- per thread ----------------------------------------------------------------------------------------- */
static DWORD tls_slot = TLS_OUT_OF_INDEXES;
static struct crt_thread emergency;             /* if there is no memory for a thread's own */

struct crt_thread *crt_thread(void)
{
    DWORD last = GetLastError();
    struct crt_thread *t = TlsGetValue(tls_slot);

    if (!t)
    {
        if ((t = calloc(1, sizeof(*t)))) { t->rand_seed = 1; TlsSetValue(tls_slot, t); }
        else t = &emergency;
    }
    SetLastError(last);
    return t;
}
void crt_thread_free(void)
{
    struct crt_thread *t = TlsGetValue(tls_slot);
    if (t && t != &emergency) free(t);
    TlsSetValue(tls_slot, NULL);
}

/* ---- locks by number, which startup code of programs uses as well -------------------------------------------- */
static RTL_CRITICAL_SECTION lock_table[LOCK_COUNT];
static unsigned char lock_ready[LOCK_COUNT];
static RTL_SRWLOCK lock_making;

void crt_lock(int number)
{
    if (!__atomic_load_n(&lock_ready[number], __ATOMIC_ACQUIRE))
    {
        RtlAcquireSRWLockExclusive(&lock_making);
        if (!lock_ready[number])
        {
            RtlInitializeCriticalSection(&lock_table[number]);
            __atomic_store_n(&lock_ready[number], 1, __ATOMIC_RELEASE);
        }
        RtlReleaseSRWLockExclusive(&lock_making);
    }
    RtlEnterCriticalSection(&lock_table[number]);
}
void crt_unlock(int number) { RtlLeaveCriticalSection(&lock_table[number]); }
CRT_API(void, _lock, int number) { crt_lock(number % LOCK_COUNT); }
CRT_API(void, _unlock, int number) { crt_unlock(number % LOCK_COUNT); }

/* ---- what a program sees of its start --------------------------------------------------------------------------- */
char *_acmdln;
crt_wchar *_wcmdln;
char *_pgmptr;
crt_wchar *_wpgmptr;
int __argc;
char **__argv;
crt_wchar **__wargv;
char **_environ, **__initenv;
crt_wchar **_wenviron, **__winitenv;
int _commode;
int _app_type;
unsigned int _osver = 26100, _winver = 0x0a00, _winmajor = 10, _winminor = 0, _osplatform = 2;

/* Splits a command line as Microsoft's C runtime documents it: 2n backslashes before a quote are n and the
 * quote toggles, 2n+1 are n and a literal quote; "" inside quotes is a quote; the program's name knows no
 * escapes. Returns one block: count + 1 pointers, then the text. */
static crt_wchar **split_command_line(const crt_wchar *line, int *count)
{
    size_t length = wcslen(line), most = length / 2 + 3;
    crt_wchar **argv = malloc(most * sizeof(*argv) + (length + most + 1) * sizeof(crt_wchar)), *out;
    bool quoted = false;
    int n = 0;

    if (!argv) return NULL;
    out = (crt_wchar *)(argv + most);
    argv[n++] = out;
    for (; *line && (quoted || (*line != ' ' && *line != '\t')); line++)
    {
        if (*line == '"') quoted = !quoted;
        else *out++ = *line;
    }
    *out++ = 0;
    for (;;)
    {
        while (*line == ' ' || *line == '\t') line++;
        if (!*line) break;
        argv[n++] = out;
        quoted = false;
        while (*line && (quoted || (*line != ' ' && *line != '\t')))
        {
            size_t slashes = 0;
            while (*line == '\\') { slashes++; line++; }
            if (*line != '"') { while (slashes--) *out++ = '\\'; if (!*line || (!quoted && (*line == ' ' || *line == '\t'))) continue; *out++ = *line++; continue; }
            for (; slashes >= 2; slashes -= 2) *out++ = '\\';
            if (slashes) *out++ = '"';
            else if (quoted && line[1] == '"') { *out++ = '"'; line++; }
            else quoted = !quoted;
            line++;
        }
        *out++ = 0;
    }
    argv[n] = NULL;
    *count = n;
    return argv;
}

static char **narrow_list(crt_wchar **wide, int count)
{
    char **list = calloc(count + 1, sizeof(*list));
    int i;

    for (i = 0; list && i < count; i++) if (!(list[i] = crt_to_narrow(wide[i]))) return NULL;
    return list;
}

CRT_API(void, _amsg_exit, int number)
{
    static const char text[] = "runtime error: the C runtime could not start\n";
    DWORD done;
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), text, sizeof(text) - 1, &done, NULL);
    (void)number;
    ExitProcess(255);
}

/* wildcards are expanded only where the program was linked with setargv: expand_wildcards is then set */
int  _wildcard_expand(crt_wchar ***argv, int *argc);

static void arguments_init(int expand)
{
    static bool expanded;

    if (__wargv && (!expand || expanded)) return;
    if (!__wargv && !(__wargv = split_command_line(_wcmdln, &__argc))) _amsg_exit(8);
    if (expand) expanded = !_wildcard_expand(&__wargv, &__argc);
    if (!(__argv = narrow_list(__wargv, __argc))) _amsg_exit(8);
}

/* Expands * and ? in the arguments after the first, files in the order the file system lists them. */
int _wildcard_expand(crt_wchar ***argv, int *argc)
{
    crt_wchar **list = NULL, **bigger;
    int i, n = 0, room = 0;

    for (i = 0; i < *argc; i++)
    {
        crt_wchar *arg = (*argv)[i], *p, *name = arg;
        bool wild = false, found = false;
        WIN32_FIND_DATAW data;
        HANDLE find = INVALID_HANDLE_VALUE;

        for (p = arg; *p; p++)
        {
            if (*p == '*' || *p == '?') wild = true;
            if (*p == '\\' || *p == '/' || *p == ':') name = p + 1;
        }
        if (i && wild) find = FindFirstFileW((WCHAR *)arg, &data);
        for (;;)
        {
            crt_wchar *text = arg;
            if (find != INVALID_HANDLE_VALUE)
            {
                size_t head = name - arg, tail = wcslen((crt_wchar *)data.cFileName);
                if (data.cFileName[0] == '.' && (!data.cFileName[1] || (data.cFileName[1] == '.' && !data.cFileName[2]))) goto next;
                if (!(text = malloc((head + tail + 1) * 2))) return -1;
                memcpy(text, arg, head * 2);
                memcpy(text + head, data.cFileName, (tail + 1) * 2);
                found = true;
            }
            if (n + 2 > room)
            {
                room = room ? room * 2 : 32;
                if (!(bigger = realloc(list, room * sizeof(*list)))) return -1;
                list = bigger;
            }
            list[n++] = text;
        next:
            if (find == INVALID_HANDLE_VALUE) break;
            if (FindNextFileW(find, &data)) continue;
            FindClose(find);
            find = INVALID_HANDLE_VALUE;
            if (found) break;
        }
    }
    list[n] = NULL;
    *argv = list;
    *argc = n;
    return 0;
}

CRT_API(int, __getmainargs, int *argc, char ***argv, char ***env, int expand, int *new_mode)
{
    (void)new_mode;
    crt_env_init();
    arguments_init(expand);
    *argc = __argc;
    *argv = __argv;
    *env = _environ;
    return 0;
}
CRT_API(int, __wgetmainargs, int *argc, crt_wchar ***argv, crt_wchar ***env, int expand, int *new_mode)
{
    (void)new_mode;
    crt_env_init();
    arguments_init(expand);
    *argc = __argc;
    *argv = __wargv;
    *env = _wenviron;
    return 0;
}

CRT_API(int *, __p___argc, void) { arguments_init(0); return &__argc; }
CRT_API(char ***, __p___argv, void) { arguments_init(0); return &__argv; }
CRT_API(crt_wchar ***, __p___wargv, void) { arguments_init(0); return &__wargv; }
CRT_API(char **, __p__acmdln, void) { return &_acmdln; }
CRT_API(crt_wchar **, __p__wcmdln, void) { return &_wcmdln; }
CRT_API(char **, __p__pgmptr, void) { return &_pgmptr; }
CRT_API(crt_wchar **, __p__wpgmptr, void) { return &_wpgmptr; }
CRT_API(int *, __p__commode, void) { return &_commode; }
extern int _fmode;
CRT_API(int *, __p__fmode, void) { return &_fmode; }
CRT_API(void, __set_app_type, int type) { _app_type = type; }
CRT_API(int, _get_fmode, int *mode) { *mode = _fmode; return 0; }
CRT_API(int, _set_fmode, int mode) { _fmode = mode; return 0; }

typedef void (*initializer)(void);
typedef int (*initializer_e)(void);
CRT_API(void, _initterm, initializer *start, initializer *end)
{
    for (; start < end; start++) if (*start) (*start)();
}
CRT_API(int, _initterm_e, initializer_e *start, initializer_e *end)
{
    int ret = 0;
    for (; start < end && !ret; start++) if (*start) ret = (*start)();
    return ret;
}

/* ---- the end ------------------------------------------------------------------------------------------------------- */
typedef int (*onexit_function)(void);
static struct { onexit_function *start, *end; size_t room; } at_exit;

/* A table that belongs to a DLL or program; grows it. (Their startup code keeps the two pointers.) */
CRT_API(onexit_function, __dllonexit, onexit_function f, onexit_function **start, onexit_function **end)
{
    size_t count = *end - *start;
    onexit_function *bigger;

    crt_lock(LOCK_EXIT);
    if ((bigger = realloc(*start, (count + 1) * sizeof(*bigger))))
    {
        bigger[count] = f;
        *start = bigger;
        *end = bigger + count + 1;
    }
    crt_unlock(LOCK_EXIT);
    return bigger ? f : NULL;
}
CRT_API(onexit_function, _onexit, onexit_function f)
{
    return __dllonexit(f, &at_exit.start, &at_exit.end);
}
CRT_API(int, atexit, void (*f)(void)) { return _onexit((onexit_function)f) ? 0 : -1; }

static void run_at_exit(void)
{
    for (;;)
    {
        onexit_function f = NULL;
        crt_lock(LOCK_EXIT);
        if (at_exit.end > at_exit.start) f = *--at_exit.end;
        crt_unlock(LOCK_EXIT);
        if (!f) break;
        f();
    }
}

CRT_API(void, _cexit, void)
{
    run_at_exit();
    crt_streams_close();
}
CRT_API(void, _c_exit, void) { }        /* documented: nothing runs, nothing is flushed */
CRT_API(void, exit, int code)
{
    _cexit();
    ExitProcess(code);
}
CRT_API(void, _exit, int code) { ExitProcess(code); }
CRT_API(void, _Exit, int code) { ExitProcess(code); }
CRT_API(void, quick_exit, int code) { ExitProcess(code); }

/* ---- threads --------------------------------------------------------------------------------------------------------- */
struct thread_start { void (*simple)(void *); unsigned int (WINAPI *full)(void *); void *arg; HANDLE thread; };
static void close_own_handle(void)
{
    if (crt_thread()->handle) CloseHandle(crt_thread()->handle);
    crt_thread()->handle = NULL;
}

static DWORD WINAPI thread_main(void *param)
{
    struct thread_start start = *(struct thread_start *)param;
    unsigned int code = 0;

    free(param);
    if (start.simple)
    {
        crt_thread()->handle = start.thread;
        start.simple(start.arg);
        close_own_handle();
    }
    else code = start.full(start.arg);
    return code;
}

CRT_API(uintptr_t, _beginthreadex, void *security, unsigned int stack, unsigned int (WINAPI *f)(void *), void *arg,
        unsigned int flags, unsigned int *id)
{
    struct thread_start *start;
    DWORD tid;
    HANDLE thread;

    if (!f) { errno = E_INVAL; return 0; }
    if (!(start = malloc(sizeof(*start)))) { errno = E_NOMEM; return 0; }
    start->simple = NULL;
    start->full = f;
    start->arg = arg;
    if ((thread = CreateThread(security, stack, thread_main, start, flags, &tid)))
    {
        if (id) *id = tid;
        return (uintptr_t)thread;
    }
    crt_set_errno_from_win32(GetLastError());
    free(start);
    return 0;
}

CRT_API(uintptr_t, _beginthread, void (*f)(void *), unsigned int stack, void *arg)
{
    struct thread_start *start;
    HANDLE thread;

    if (!f) return crt_fail(E_INVAL);
    if (!(start = malloc(sizeof(*start)))) return crt_fail(E_NOMEM);
    start->simple = f;
    start->full = NULL;
    start->arg = arg;
    /* the thread closes its handle itself when it returns or calls _endthread, as documented: it must know it first */
    if ((thread = CreateThread(NULL, stack, thread_main, start, CREATE_SUSPENDED, NULL)))
    {
        start->thread = thread;
        ResumeThread(thread);
        return (uintptr_t)thread;
    }
    crt_set_errno_from_win32(GetLastError());
    free(start);
    return -1;
}
CRT_API(void, _endthreadex, unsigned int code) { ExitThread(code); }
CRT_API(void, _endthread, void)
{
    close_own_handle();
    ExitThread(0);
}

BOOL WINAPI DllMainCRTStartup(HINSTANCE module, DWORD reason, void *reserved);
BOOL WINAPI DllMainCRTStartup(HINSTANCE module, DWORD reason, void *reserved)
{
    switch (reason)
    {
    case DLL_PROCESS_ATTACH:
        (void)module;
        if ((tls_slot = TlsAlloc()) == TLS_OUT_OF_INDEXES) return FALSE;
        _wcmdln = (crt_wchar *)GetCommandLineW();
        _acmdln = GetCommandLineA();
        crt_fd_init();
        break;
    case DLL_THREAD_DETACH:
        crt_thread_free();
        break;
    case DLL_PROCESS_DETACH:
        if (reserved) crt_streams_close();
        break;
    }
    return TRUE;
}
