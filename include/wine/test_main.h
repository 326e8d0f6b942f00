/* The running half of <wine/test.h>: included once per program, where STANDALONE is defined.
 *
 * Each report is put together in one buffer and leaves in one write, so that lines of the threads and
 * child processes of a test do not mix; no lock is needed for that.
 */
#include <stdio.h>
#include <signal.h>

int winetest_debug = 1;
int winetest_time;
int winetest_interactive;
int winetest_report_flaky;
int winetest_report_success;
int winetest_mute_threshold = 42;       /* the same line's todos, skips and traces are shown so often */
const char *winetest_platform = "windows";

static struct
{
    int    argc;
    char **argv;
    const struct test *test;
    DWORD  start;
    BOOL   color;
    DWORD  tls;
    LONG   passed, failed, flaky_failures, skipped, todo, todo_passed;
    LONG   muted_todo, muted_skip, muted_trace;
    LONG   line_count[16384];
} winetest;

struct winetest_thread
{
    const char *file;
    int  line;
    unsigned int todo_level, todo_do_loop, flaky_level, flaky_do_loop;
    char *next_string;                  /* in strings[] */
    char strings[8192];
    unsigned int context_count;
    char context[8][128];
};

static struct winetest_thread *winetest_thread(void)
{
    DWORD error = GetLastError();       /* TlsGetValue resets it */
    struct winetest_thread *t = TlsGetValue(winetest.tls);

    if (!t)
    {
        t = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*t));
        if (!t) ExitProcess(255);
        t->next_string = t->strings;
        TlsSetValue(winetest.tls, t);
    }
    SetLastError(error);
    return t;
}

enum winetest_color { W_PLAIN, W_RED = 91, W_GREEN = 32, W_YELLOW = 33, W_BLUE = 34, W_PURPLE = 95, W_DARK_RED = 31 };

static const char *winetest_elapsed(void)
{
    static char text[2][32];
    static LONG turn;
    char *p = text[InterlockedIncrement(&turn) & 1];

    p[0] = 0;
    if (winetest_time) sprintf(p, "%.3f ", (GetTickCount() - winetest.start) / 1000.0);
    return p;
}

static void winetest_emit(enum winetest_color color, const char *head, const char *fmt, va_list *args)
{
    struct winetest_thread *t = winetest_thread();
    char buffer[4096];
    int n = 0, room = sizeof(buffer) - 8;
    unsigned int i;
    DWORD done, error = GetLastError();

    if (winetest.color && color) n += sprintf(buffer, "\x1b[%dm", color);
    if (t->file) n += snprintf(buffer + n, room - n, "%s:%d:%s ", t->file, t->line, winetest_elapsed());
    n += snprintf(buffer + n, room - n, "%s", head);
    for (i = 0; i < t->context_count && n < room; i++)
        n += snprintf(buffer + n, room - n, "%s: ", t->context[i]);
    if (n > room) n = room;
    if (args)
    {
        int r = vsnprintf(buffer + n, room - n, fmt, *args);
        if (r < 0 || r > room - n - 1) r = room - n - 1;
        n += r;
        if (r == room - n - 1) buffer[n++] = '\n';
    }
    else
    {
        int r = snprintf(buffer + n, room - n, "%s", fmt);
        n += r < room - n ? r : room - n - 1;
    }
    if (winetest.color && color) n += sprintf(buffer + n, "\x1b[0m");
    fflush(stdout);
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), buffer, n, &done, NULL);
    SetLastError(error);
}

static BOOL winetest_is_muted(void)
{
    struct winetest_thread *t = winetest_thread();
    unsigned int line = t->line;

    if (line >= ARRAY_SIZE(winetest.line_count)) line = ARRAY_SIZE(winetest.line_count) - 1;
    return InterlockedIncrement(&winetest.line_count[line]) > winetest_mute_threshold && winetest_debug > 0;
}

void winetest_set_location(const char *file, int line)
{
    struct winetest_thread *t = winetest_thread();
    const char *p;

    t->file = file;
    for (p = file; *p; p++) if (*p == '/' || *p == '\\') t->file = p + 1;
    t->line = line;
}

int broken(int condition)
{
    return condition && !strcmp(winetest_platform, "windows");
}

int winetest_vok(int condition, const char *msg, va_list ap)
{
    struct winetest_thread *t = winetest_thread();
    DWORD error = GetLastError();
    va_list args;
    int ret = 1;

    va_copy(args, ap);
    if (t->todo_level && condition)
    {
        winetest_emit(t->flaky_level ? W_PURPLE : W_DARK_RED,
                      t->flaky_level ? "Test succeeded inside flaky todo block: " : "Test succeeded inside todo block: ",
                      msg, &args);
        InterlockedIncrement(t->flaky_level ? &winetest.flaky_failures : &winetest.todo_passed);
        ret = 0;
    }
    else if (t->todo_level)
    {
        if (winetest_is_muted()) InterlockedIncrement(&winetest.muted_todo);
        else if (winetest_debug > 0) winetest_emit(W_YELLOW, "Test marked todo: ", msg, &args);
        InterlockedIncrement(&winetest.todo);
    }
    else if (!condition)
    {
        winetest_emit(t->flaky_level ? W_PURPLE : W_RED, t->flaky_level ? "Test marked flaky: " : "Test failed: ", msg, &args);
        InterlockedIncrement(t->flaky_level ? &winetest.flaky_failures : &winetest.failed);
        ret = 0;
    }
    else
    {
        if (winetest_report_success) winetest_emit(W_GREEN, "", "Test succeeded\n", NULL);
        InterlockedIncrement(&winetest.passed);
    }
    va_end(args);
    SetLastError(error);
    return ret;
}

void winetest_ok(int condition, const char *msg, ...)
{
    va_list ap;
    va_start(ap, msg);
    winetest_vok(condition, msg, ap);
    va_end(ap);
}

static void winetest_note(enum winetest_color color, const char *head, LONG *muted, const char *msg, va_list ap)
{
    va_list args;

    if (winetest_is_muted()) { InterlockedIncrement(muted); return; }
    if (winetest_debug <= 0) return;
    va_copy(args, ap);
    winetest_emit(color, head, msg, &args);
    va_end(args);
}

void winetest_vskip(const char *msg, va_list ap)
{
    winetest_note(W_BLUE, "Tests skipped: ", &winetest.muted_skip, msg, ap);
    InterlockedIncrement(&winetest.skipped);
}

void winetest_skip(const char *msg, ...)
{
    va_list ap;
    va_start(ap, msg);
    winetest_vskip(msg, ap);
    va_end(ap);
}

/* What only some Windows versions lack: on "windows" a skip, on "wine" a failure. */
void winetest_win_skip(const char *msg, ...)
{
    va_list ap;
    va_start(ap, msg);
    if (!strcmp(winetest_platform, "windows")) winetest_vskip(msg, ap);
    else winetest_vok(0, msg, ap);
    va_end(ap);
}

void winetest_trace(const char *msg, ...)
{
    va_list ap;
    va_start(ap, msg);
    winetest_note(W_PLAIN, "", &winetest.muted_trace, msg, ap);
    va_end(ap);
}

void winetest_subtest(const char *name)
{
    winetest_emit(W_PLAIN, "Subtest ", name, NULL);
    winetest_emit(W_PLAIN, "", "\n", NULL);
}

void winetest_ignore_exceptions(BOOL ignore)
{
    winetest_emit(W_PLAIN, "", ignore ? "IgnoreExceptions=1\n" : "IgnoreExceptions=0\n", NULL);
}

/* todo and flaky blocks nest; each level is one bit of todo_level and of flaky_level. */
void winetest_start_todo(int is_todo)
{
    struct winetest_thread *t = winetest_thread();
    t->todo_level = (t->todo_level << 1) | (is_todo != 0);
    t->todo_do_loop = 1;
}
int winetest_loop_todo(void)
{
    struct winetest_thread *t = winetest_thread();
    int loop = t->todo_do_loop;
    t->todo_do_loop = 0;
    return loop;
}
void winetest_end_todo(void)
{
    winetest_thread()->todo_level >>= 1;
}
void winetest_start_flaky(int is_flaky)
{
    struct winetest_thread *t = winetest_thread();
    t->flaky_level = (t->flaky_level << 1) | (is_flaky != 0);
    t->flaky_do_loop = 1;
}
int winetest_loop_flaky(void)
{
    struct winetest_thread *t = winetest_thread();
    int loop = t->flaky_do_loop;
    t->flaky_do_loop = 0;
    return loop;
}
void winetest_end_flaky(void)
{
    winetest_thread()->flaky_level >>= 1;
}

void winetest_push_context(const char *fmt, ...)
{
    struct winetest_thread *t = winetest_thread();
    va_list ap;

    va_start(ap, fmt);
    if (t->context_count < ARRAY_SIZE(t->context))
        vsnprintf(t->context[t->context_count], sizeof(t->context[0]), fmt, ap);
    t->context_count++;
    va_end(ap);
}
void winetest_pop_context(void)
{
    struct winetest_thread *t = winetest_thread();
    if (t->context_count) t->context_count--;
}

int  winetest_get_mainargs(char ***pargv) { *pargv = winetest.argv; return winetest.argc; }
LONG winetest_get_failures(void) { return winetest.failed; }
void winetest_add_failures(LONG new_failures) { while (new_failures-- > 0) InterlockedIncrement(&winetest.failed); }

void winetest_wait_child_process(HANDLE process)
{
    DWORD code, ret;
    char text[96];

    winetest_ok(process != NULL, "there is no child process to wait for\n");
    if (!process) return;
    ret = WaitForSingleObject(process, 30000);
    if (ret != WAIT_OBJECT_0)
    {
        winetest_ok(0, "waiting for the child process gave %#lx, error %lu\n", (unsigned long)ret,
                    (unsigned long)GetLastError());
        return;
    }
    if (!GetExitCodeProcess(process, &code) || !code) return;
    if (code > 255)
    {
        sprintf(text, "unhandled exception %08lx in child process %04lx\n", (unsigned long)code,
                (unsigned long)GetProcessId(process));
        winetest_add_failures(1);
    }
    else
    {
        sprintf(text, "%lu failures in child process\n", (unsigned long)code);
        winetest_add_failures(code);
    }
    winetest_emit(W_RED, "", text, NULL);
}

/* ---- values as text ---------------------------------------------------------------------------------- */
static char *winetest_string(size_t size)
{
    struct winetest_thread *t = winetest_thread();
    char *p;

    if (size > sizeof(t->strings)) size = sizeof(t->strings);
    if (t->next_string + size > t->strings + sizeof(t->strings)) t->next_string = t->strings;
    p = t->next_string;
    t->next_string += size;
    return p;
}

static char *winetest_put_char(char *p, unsigned int c, BOOL wide)
{
    static const char escapes[] = "n\nr\rt\t\"\"\\\\";
    const char *e;

    for (e = escapes; *e; e += 2) if ((unsigned char)e[1] == c) { *p++ = '\\'; *p++ = e[0]; return p; }
    if (c >= 32 && c < 127) *p++ = (char)c;
    else p += sprintf(p, wide ? "\\%04x" : "\\x%02x", c);
    return p;
}

#define WINETEST_TEXT_MAX 200           /* characters of a string that are shown */

const char *winetest_dbgstr_an(const char *s, int n)
{
    char *r, *p;
    int i;

    if (!s) return "(null)";
    if (!((ULONG_PTR)s >> 16)) return winetest_dbgstr("#%04x", (unsigned int)(ULONG_PTR)s);
    if (n < 0) for (n = 0; s[n]; n++) {}
    r = p = winetest_string((n > WINETEST_TEXT_MAX ? WINETEST_TEXT_MAX : n) * 4 + 8);
    *p++ = '"';
    for (i = 0; i < n && i < WINETEST_TEXT_MAX; i++) p = winetest_put_char(p, (unsigned char)s[i], FALSE);
    strcpy(p, i < n ? "\"..." : "\"");
    return r;
}

const char *winetest_dbgstr_wn(const WCHAR *s, int n)
{
    char *r, *p;
    int i;

    if (!s) return "(null)";
    if (!((ULONG_PTR)s >> 16)) return winetest_dbgstr("#%04x", (unsigned int)(ULONG_PTR)s);
    if (n < 0) for (n = 0; s[n]; n++) {}
    r = p = winetest_string((n > WINETEST_TEXT_MAX ? WINETEST_TEXT_MAX : n) * 5 + 8);
    *p++ = 'L';
    *p++ = '"';
    for (i = 0; i < n && i < WINETEST_TEXT_MAX; i++) p = winetest_put_char(p, s[i], TRUE);
    strcpy(p, i < n ? "\"..." : "\"");
    return r;
}

const char *winetest_dbgstr(const char *fmt, ...)
{
    char buffer[512], *r;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(buffer, sizeof(buffer), fmt, ap);
    va_end(ap);
    if (n < 0 || n > (int)sizeof(buffer) - 1) n = sizeof(buffer) - 1;
    buffer[n] = 0;
    r = winetest_string(n + 1);
    memcpy(r, buffer, n + 1);
    return r;
}

const char *wine_dbgstr_guid(const GUID *id)
{
    if (!id) return "(null)";
    if (!((ULONG_PTR)id >> 16)) return winetest_dbgstr("<guid-0x%04x>", (unsigned int)(ULONG_PTR)id);
    return winetest_dbgstr("{%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}", (unsigned int)id->Data1, id->Data2,
                           id->Data3, id->Data4[0], id->Data4[1], id->Data4[2], id->Data4[3], id->Data4[4],
                           id->Data4[5], id->Data4[6], id->Data4[7]);
}

const char *wine_dbgstr_longlong(ULONGLONG value)
{
    if (value >> 32) return winetest_dbgstr("%x%08x", (unsigned int)(value >> 32), (unsigned int)value);
    return winetest_dbgstr("%x", (unsigned int)value);
}

/* ---- running --------------------------------------------------------------------------------------------- */
static LONG WINAPI winetest_unhandled(EXCEPTION_POINTERS *info)
{
    struct winetest_thread *t = winetest_thread();

    if (t->file) printf("%s:%d: this is the last test seen before the exception\n", t->file, t->line);
    printf("%04x:%s:%s unhandled exception %08x at %p\n", (unsigned int)GetCurrentProcessId(), winetest.test->name,
           winetest_elapsed(), (unsigned int)info->ExceptionRecord->ExceptionCode,
           info->ExceptionRecord->ExceptionAddress);
    fflush(stdout);
    return EXCEPTION_EXECUTE_HANDLER;
}

/* A test is asked for by its name or by its source file, path and all: some suites start their children with the latter. */
static const struct test *winetest_find(const char *name)
{
    const struct test *test;
    const char *p;
    size_t length;

    if ((p = strrchr(name, '/'))) name = p + 1;
    if ((p = strrchr(name, '\\'))) name = p + 1;
    length = strlen(name);
    if (length > 2 && !strcmp(name + length - 2, ".c")) length -= 2;
    for (test = winetest_testlist; test->name; test++)
        if (strlen(test->name) == length && !memcmp(test->name, name, length)) break;
    return test;
}

static int winetest_run(const char *name)
{
    const struct test *test = winetest_find(name);
    LONG total, bad;

    if (!test->name)
    {
        printf("There is no test '%s'; without arguments this program lists what it has.\n", name);
        return 255;
    }
    winetest.test = test;
    test->func();

    bad = winetest.failed + winetest.todo_passed;
    total = winetest.passed + winetest.failed + winetest.flaky_failures + winetest.todo + winetest.todo_passed;
    if (winetest_debug)
    {
        unsigned int pid = GetCurrentProcessId();
        fflush(stdout);
        if (winetest.muted_todo || winetest.muted_skip || winetest.muted_trace)
            printf("%04x:%s:%s Silenced %d todos, %d skips and %d traces.\n", pid, test->name, winetest_elapsed(),
                   (int)winetest.muted_todo, (int)winetest.muted_skip, (int)winetest.muted_trace);
        printf("%04x:%s:%s %d tests executed (%d marked as todo, %d as flaky, %d %s), %d skipped.\n", pid, test->name,
               winetest_elapsed(), (int)total, (int)winetest.todo, (int)winetest.flaky_failures, (int)bad,
               bad == 1 ? "failure" : "failures", (int)winetest.skipped);
        fflush(stdout);
    }
    if (winetest_report_flaky) bad += winetest.flaky_failures;
    return bad > 255 ? 255 : bad;
}

static int winetest_number(const char *name, int value)
{
    char text[64];
    return GetEnvironmentVariableA(name, text, sizeof(text)) ? atoi(text) : value;
}

int main(int argc, char **argv)
{
    static char platform[64];
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    const struct test *test;

    setvbuf(stdout, NULL, _IONBF, 0);
    winetest.argc = argc;
    winetest.argv = argv;
    winetest.tls = TlsAlloc();
    winetest.start = GetTickCount();
    if (GetEnvironmentVariableA("WINETEST_PLATFORM", platform, sizeof(platform))) winetest_platform = platform;
    else if (ntdll && GetProcAddress(ntdll, "wine_server_call")) winetest_platform = "wine";
    winetest.color = winetest_number("WINETEST_COLOR", 0) != 0;
    winetest_debug = winetest_number("WINETEST_DEBUG", winetest_debug);
    winetest_interactive = winetest_number("WINETEST_INTERACTIVE", 0);
    winetest_report_flaky = winetest_number("WINETEST_REPORT_FLAKY", 0);
    winetest_report_success = winetest_number("WINETEST_REPORT_SUCCESS", 0);
    winetest_time = winetest_number("WINETEST_TIME", 0);

    if (!strcmp(winetest_platform, "windows")) SetUnhandledExceptionFilter(winetest_unhandled);
    if (!winetest_interactive) SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);

    if (argc > 1 && strcmp(argv[1], "--list")) return winetest_run(argv[1]);
    if (argc == 1 && winetest_testlist[0].name && !winetest_testlist[1].name) return winetest_run(winetest_testlist[0].name);
    if (argc == 1) printf("Usage: %s test_name\n\n", argv[0]);
    printf("Valid test names:\n");
    for (test = winetest_testlist; test->name; test++) printf("    %s\n", test->name);
    return argc == 1 ? 1 : 0;
}
