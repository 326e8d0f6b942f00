/* Times, signals, threads, mathematics, memory. */
#include "msvcrt.h"
#include <math.h>
#include <signal.h>
#include <time.h>

CRT(size_t, strftime, (char *, size_t, const char *, const struct tm *));
CRT(char *, asctime, (const struct tm *));
CRT(struct tm *, _gmtime64, (const long long *));
CRT(struct tm *, _localtime64, (const long long *));
CRT(long long, _mktime64, (struct tm *));
CRT(long long, _mkgmtime64, (struct tm *));
static void (__cdecl *(__cdecl *p_signal)(int, void (__cdecl *)(int)))(int);
CRT(int, raise, (int));
CRT(uintptr_t, _beginthread, (void (__cdecl *)(void *), unsigned, void *));
CRT(uintptr_t, _beginthreadex, (void *, unsigned, unsigned (__stdcall *)(void *), void *, unsigned, unsigned *));
CRT(double, acos, (double));
CRT(double, atan, (double));
CRT(void *, _aligned_malloc, (size_t, size_t));
CRT(void, _aligned_free, (void *));

static void test_time(void)
{
    long long t = 951782400, back;              /* 29 February 2000 */
    struct tm tm = *p__gmtime64(&t);
    char text[64];

    ok(tm.tm_mday == 29 && tm.tm_mon == 1 && tm.tm_year == 100 && tm.tm_wday == 2 && tm.tm_yday == 59, "%d %d %d\n", tm.tm_mday, tm.tm_mon, tm.tm_year);
    ok(!strcmp(p_asctime(&tm), "Tue Feb 29 00:00:00 2000\n"), "%s\n", p_asctime(&tm));
    GIVES(p__mkgmtime64(&tm), t);
    p_strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %a %B %j %U %W %y %I %p %%", &tm);
    ok(!strcmp(text, "2000-02-29 00:00:00 Tue February 060 09 09 00 12 AM %"), "%s\n", text);
    p_strftime(text, sizeof(text), "%#m/%#d %x %X", &tm);
    ok(!strcmp(text, "2/29 02/29/00 00:00:00"), "%s\n", text);
    GIVES(p_strftime(text, 3, "%Y", &tm), 0);
    tm = *p__localtime64(&t);
    tm.tm_isdst = -1;
    back = p__mktime64(&tm);
    ok(back == t, "%I64d\n", back);
    tm.tm_mday += 366;                          /* fields of any size */
    back = p__mktime64(&tm);
    ok(tm.tm_year == 101 && tm.tm_mon == 2 && tm.tm_mday == 1, "%d %d %d\n", tm.tm_year, tm.tm_mon, tm.tm_mday);
    t = -1;
    ok(!p__gmtime64(&t), "before 1970\n");
}
static int caught;
static void __cdecl on_signal(int number) { caught = number; }
static void test_signals(void)
{
    ok(p_signal(SIGTERM, on_signal) == SIG_DFL, "signal\n");
    ok(!p_raise(SIGTERM) && caught == SIGTERM, "%d\n", caught);
    ok(p_signal(SIGTERM, SIG_IGN) == SIG_DFL, "a handler is taken once\n");
    ok(!p_raise(SIGTERM), "ignored\n");
    ok(p_signal(SIGTERM, SIG_DFL) == SIG_IGN, "signal\n");
    ok(p_signal(77, on_signal) == SIG_ERR, "a signal that is none\n");
    GIVES(p_raise(77), -1);
}
static volatile LONG ran;
static void __cdecl simple_thread(void *arg) { ran = (LONG)(LONG_PTR)arg; }
static unsigned __stdcall full_thread(void *arg) { return (unsigned)(ULONG_PTR)arg + 1; }
static void test_threads(void)
{
    HANDLE h = (HANDLE)p__beginthreadex(NULL, 0, full_thread, (void *)41, 0, NULL);
    DWORD code = 0;
    int i;

    ok(h && !WaitForSingleObject(h, 5000) && GetExitCodeThread(h, &code) && code == 42, "%lu\n", code);
    CloseHandle(h);
    ok(p__beginthread(simple_thread, 0, (void *)7) != (uintptr_t)-1, "_beginthread\n");
    for (i = 0; i < 500 && !ran; i++) Sleep(10);
    ok(ran == 7, "%ld\n", ran);
}
static void test_rest(void)
{
    void *p;

    errno = 0;
    ok(isnan(p_acos(2)) && *_errno() == EDOM, "acos(2): errno %d\n", *_errno());
    ok(fabs(p_atan(INFINITY) - 1.57079632679489661923) < 1e-15, "atan\n");
    p = p__aligned_malloc(100, 256);
    ok(p && !((ULONG_PTR)p & 255), "%p\n", p);
    p__aligned_free(p);
    p = p__aligned_malloc(100, 0);
    ok(!!p, "no alignment is any\n");
    p__aligned_free(p);
}

START_TEST(runtime)
{
    GET(strftime); GET(asctime); GET(_gmtime64); GET(_localtime64); GET(_mktime64); GET(_mkgmtime64); GET(signal); GET(raise); GET(_beginthread);
    GET(_beginthreadex); GET(acos); GET(atan); GET(_aligned_malloc); GET(_aligned_free);
    test_time();
    test_signals();
    test_threads();
    test_rest();
}
