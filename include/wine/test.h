/* A test harness, source compatible with Wine's <wine/test.h>; written for Oriel.
 *
 * A test program is some files with START_TEST(subject) functions, one of which (or a generated one,
 * see tools/gen-testlist) defines STANDALONE before including this and holds winetest_testlist[].
 *
 *     prog.exe                  lists the subjects
 *     prog.exe subject [args]   runs one; args are for the test's own children
 *
 * Environment:
 *   WINETEST_PLATFORM        "windows" or "wine"; default windows, unless ntdll exports wine_server_call
 *   WINETEST_DEBUG           0 quiet, 1 (default) failures, skips, traces and the summary, 2 more
 *   WINETEST_REPORT_SUCCESS  1: print each check that passes too
 *   WINETEST_REPORT_FLAKY    1: a failure inside a flaky block counts as one
 *   WINETEST_INTERACTIVE     1: tests may ask a person
 *   WINETEST_TIME            1: prefix lines with seconds since the start
 *   WINETEST_COLOR           1: colour (default: none, since output is for files)
 *
 * On platform "windows" a todo block means nothing (its checks must pass) and broken() accepts what
 * old Windows versions did. On "wine" a todo block must fail and broken() accepts nothing.
 *
 * Last line:  "PID:subject: N tests executed (T marked as todo, L as flaky, F failures), S skipped."
 * Exit status: the number of failures, 255 at most.
 */
#ifndef __WINE_WINE_TEST_H
#define __WINE_WINE_TEST_H

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <windef.h>
#include <winbase.h>

#ifndef INVALID_FILE_ATTRIBUTES
#define INVALID_FILE_ATTRIBUTES (~0u)
#endif
#ifndef INVALID_SET_FILE_POINTER
#define INVALID_SET_FILE_POINTER (~0u)
#endif

#if defined(__GNUC__)
#define WINETEST_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define WINETEST_PRINTF(fmt, args)
#endif
#ifndef __WINE_PRINTF_ATTR
#define __WINE_PRINTF_ATTR(fmt, args) WINETEST_PRINTF(fmt, args)
#endif

extern int winetest_debug, winetest_time, winetest_interactive, winetest_report_flaky, winetest_report_success,
           winetest_mute_threshold;
extern const char *winetest_platform;

extern void winetest_set_location(const char *file, int line);
extern void winetest_subtest(const char *name);
extern void winetest_ignore_exceptions(BOOL ignore);
extern void winetest_start_todo(int is_todo);
extern int  winetest_loop_todo(void);
extern void winetest_end_todo(void);
extern void winetest_start_flaky(int is_flaky);
extern int  winetest_loop_flaky(void);
extern void winetest_end_flaky(void);
extern int  winetest_get_mainargs(char ***pargv);
extern LONG winetest_get_failures(void);
extern void winetest_add_failures(LONG new_failures);
extern void winetest_wait_child_process(HANDLE process);
extern void winetest_push_context(const char *fmt, ...) WINETEST_PRINTF(1, 2);
extern void winetest_pop_context(void);
extern int  broken(int condition);
extern int  winetest_vok(int condition, const char *msg, va_list ap);
extern void winetest_vskip(const char *msg, va_list ap);
extern void winetest_ok(int condition, const char *msg, ...) WINETEST_PRINTF(2, 3);
extern void winetest_skip(const char *msg, ...) WINETEST_PRINTF(1, 2);
extern void winetest_win_skip(const char *msg, ...) WINETEST_PRINTF(1, 2);
extern void winetest_trace(const char *msg, ...) WINETEST_PRINTF(1, 2);

/* The prototype first, so that -Wmissing-prototypes is content with test files. */
#define START_TEST(name) void func_##name(void); void func_##name(void)

/* ok(condition, format, ...): the location is set first, then the comma continues the caller's own
 * argument list; so the macros take no arguments themselves. */
#define ok_(file, line)                 (winetest_set_location(file, line), 0) ? (void)0 : winetest_ok
#define skip_(file, line)               (winetest_set_location(file, line), 0) ? (void)0 : winetest_skip
#define win_skip_(file, line)           (winetest_set_location(file, line), 0) ? (void)0 : winetest_win_skip
#define trace_(file, line)              (winetest_set_location(file, line), 0) ? (void)0 : winetest_trace
#define wait_child_process_(file, line) (winetest_set_location(file, line), 0) ? (void)0 : winetest_wait_child_process
#define subtest_(file, line)            (winetest_set_location(file, line), 0) ? (void)0 : winetest_subtest
#define ignore_exceptions_(file, line)  (winetest_set_location(file, line), 0) ? (void)0 : winetest_ignore_exceptions
#define ok                 ok_(__FILE__, __LINE__)
#define skip               skip_(__FILE__, __LINE__)
#define win_skip           win_skip_(__FILE__, __LINE__)
#define trace              trace_(__FILE__, __LINE__)
#define wait_child_process wait_child_process_(__FILE__, __LINE__)
#define subtest            subtest_(__FILE__, __LINE__)
#define ignore_exceptions  ignore_exceptions_(__FILE__, __LINE__)

#define flaky_if(is_flaky) for (winetest_start_flaky(is_flaky); winetest_loop_flaky(); winetest_end_flaky())
#define flaky                   flaky_if(TRUE)
#define flaky_wine              flaky_if(!strcmp(winetest_platform, "wine"))
#define flaky_wine_if(is_flaky) flaky_if((is_flaky) && !strcmp(winetest_platform, "wine"))

#define todo_if(is_todo) for (winetest_start_todo(is_todo); winetest_loop_todo(); winetest_end_todo())
#define todo_wine               todo_if(!strcmp(winetest_platform, "wine"))
#define todo_wine_if(is_todo)   todo_if((is_todo) && !strcmp(winetest_platform, "wine"))

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))
#endif

#ifdef NONAMELESSUNION
#define U(x)  (x).u
#define U1(x) (x).u1
#define U2(x) (x).u2
#define U3(x) (x).u3
#define U4(x) (x).u4
#define U5(x) (x).u5
#define U6(x) (x).u6
#define U7(x) (x).u7
#define U8(x) (x).u8
#else
#define U(x)  (x)
#define U1(x) (x)
#define U2(x) (x)
#define U3(x) (x)
#define U4(x) (x)
#define U5(x) (x)
#define U6(x) (x)
#define U7(x) (x)
#define U8(x) (x)
#endif
#ifdef NONAMELESSSTRUCT
#define S(x)  (x).s
#define S1(x) (x).s1
#define S2(x) (x).s2
#define S3(x) (x).s3
#define S4(x) (x).s4
#define S5(x) (x).s5
#else
#define S(x)  (x)
#define S1(x) (x)
#define S2(x) (x)
#define S3(x) (x)
#define S4(x) (x)
#define S5(x) (x)
#endif

/* ---- values as text; results live in 8 KiB that each thread uses in turn --------------------------- */
#define __WINE_WINE_DEBUG_H     /* <wine/debug.h> after this adds nothing: these are instead of its own */

extern const char *winetest_dbgstr_an(const char *s, int n);
extern const char *winetest_dbgstr_wn(const WCHAR *s, int n);
extern const char *winetest_dbgstr(const char *fmt, ...) WINETEST_PRINTF(1, 2);
extern const char *wine_dbgstr_guid(const GUID *id);
extern const char *wine_dbgstr_longlong(ULONGLONG value);
#define wine_dbg_sprintf winetest_dbgstr
static inline const char *wine_dbgstr_an(const char *s, int n) { return winetest_dbgstr_an(s, n); }
static inline const char *wine_dbgstr_wn(const WCHAR *s, int n) { return winetest_dbgstr_wn(s, n); }
static inline const char *wine_dbgstr_a(const char *s) { return winetest_dbgstr_an(s, -1); }
static inline const char *wine_dbgstr_w(const WCHAR *s) { return winetest_dbgstr_wn(s, -1); }
static inline const char *wine_dbgstr_point(const POINT *p)
{
    return p ? winetest_dbgstr("(%d,%d)", (int)p->x, (int)p->y) : "(null)";
}
static inline const char *wine_dbgstr_size(const SIZE *s)
{
    return s ? winetest_dbgstr("(%d,%d)", (int)s->cx, (int)s->cy) : "(null)";
}
static inline const char *wine_dbgstr_rect(const RECT *r)
{
    return r ? winetest_dbgstr("(%d,%d)-(%d,%d)", (int)r->left, (int)r->top, (int)r->right, (int)r->bottom)
             : "(null)";
}
static inline const char *debugstr_an(const char *s, int n) { return winetest_dbgstr_an(s, n); }
static inline const char *debugstr_wn(const WCHAR *s, int n) { return winetest_dbgstr_wn(s, n); }
static inline const char *debugstr_a(const char *s) { return winetest_dbgstr_an(s, -1); }
static inline const char *debugstr_w(const WCHAR *s) { return winetest_dbgstr_wn(s, -1); }
static inline const char *debugstr_guid(const GUID *id) { return wine_dbgstr_guid(id); }

struct test
{
    const char *name;
    void (*func)(void);
};
extern const struct test winetest_testlist[];

#ifdef STANDALONE
#include "wine/test_main.h"
#endif

#endif /* __WINE_WINE_TEST_H */
