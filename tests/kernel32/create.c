/* What CreateProcess's documentation says of the program's search, the command line, the environment and the start-up information,
 * and the rules for standard handles that Windows 8 and later have (experiments: rprichard/win32-console-docs). */
#include "win32.h"
#include "wingdi.h"
#include "winuser.h"
#include <stdlib.h>

#ifndef PROC_THREAD_ATTRIBUTE_PARENT_PROCESS
#define PROC_THREAD_ATTRIBUTE_PARENT_PROCESS 0x20000
#endif
#ifndef PROC_THREAD_ATTRIBUTE_HANDLE_LIST
#define PROC_THREAD_ATTRIBUTE_HANDLE_LIST 0x20002
#endif

static WCHAR self[MAX_PATH];

struct report                   /* the child's, in memory that both see */
{
    HANDLE std[3];
    DWORD  flags[3];            /* GetHandleInformation; ~0: it fails */
    DWORD  extra_flags;         /* of the handle that the parent names */
    DWORD  priority, variables;
    DWORD_PTR affinity, system;
    STARTUPINFOW startup;
    WCHAR  title[64], folder[MAX_PATH], program[MAX_PATH], line[32768];
};

static struct report *report;
static HANDLE report_section, extra;
static char report_name[64];

static DWORD flags_of(HANDLE handle)
{
    DWORD flags;

    return GetHandleInformation(handle, &flags) ? flags : ~0u;
}

/* create.exe create tell NAME HANDLE */
static int tell(const char *name, const char *handle)
{
    static const DWORD std[3] = { STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE };
    HANDLE section = OpenFileMappingA(FILE_MAP_WRITE, FALSE, name);
    WCHAR *variables, *p;
    int i;

    if (!section || !(report = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0))) return 1;
    for (i = 0; i < 3; i++)
    {
        report->std[i] = GetStdHandle(std[i]);
        report->flags[i] = report->std[i] && report->std[i] != INVALID_HANDLE_VALUE ? flags_of(report->std[i]) : ~0u;
    }
    report->extra_flags = flags_of((HANDLE)(ULONG_PTR)strtoull(handle, NULL, 16));
    report->priority = GetPriorityClass(GetCurrentProcess());
    GetProcessAffinityMask(GetCurrentProcess(), &report->affinity, &report->system);
    GetStartupInfoW(&report->startup);
    if (report->startup.lpTitle) lstrcpynW(report->title, report->startup.lpTitle, 64);
    GetCurrentDirectoryW(MAX_PATH, report->folder);
    GetModuleFileNameW(NULL, report->program, MAX_PATH);
    lstrcpynW(report->line, GetCommandLineW(), 32768);
    variables = GetEnvironmentStringsW();
    for (p = variables; *p; p += wcslen(p) + 1) report->variables++;
    return 77;
}

/* The line as it is, with what tell() needs in place of the %. */
static BOOL start(const WCHAR *application, const WCHAR *line, BOOL inherit, DWORD flags, void *environment, const WCHAR *folder,
                  STARTUPINFOW *info, PROCESS_INFORMATION *process)
{
    STARTUPINFOW plain = { .cb = sizeof(plain) };
    WCHAR *copy = malloc(40000 * sizeof(WCHAR)), *to = copy;
    DWORD error;
    BOOL done;

    for (; line && *line; line++)
        if (*line == '%') to += wsprintfW(to, L"create tell %hs %x", report_name, (DWORD)(ULONG_PTR)extra);
        else *to++ = *line;
    *to = 0;
    memset(report, 0, sizeof(*report));
    SetLastError(0xdeadbeef);
    done = CreateProcessW(application, line ? copy : NULL, NULL, NULL, inherit, flags, environment, folder, info ? info : &plain, process);
    error = GetLastError();
    free(copy);
    SetLastError(error);
    return done;
}

static DWORD finish(PROCESS_INFORMATION *process)
{
    DWORD code = ~0u, waited = WaitForSingleObject(process->hProcess, 20000);

    ok(!waited, "it is still there: %lu\n", waited);
    GetExitCodeProcess(process->hProcess, &code);
    CloseHandle(process->hProcess);
    CloseHandle(process->hThread);
    return code;
}

#define reports(...) \
    do \
    { \
        PROCESS_INFORMATION process_; \
        BOOL done_ = start(__VA_ARGS__, &process_); \
        DWORD code_ = done_ ? finish(&process_) : GetLastError(); \
        ok(done_ && code_ == 77, "%s, %lu\n", done_ ? "started" : "not started", code_); \
    } while (0)
#define refused(error, ...) \
    do \
    { \
        PROCESS_INFORMATION process_; \
        BOOL done_ = start(__VA_ARGS__, &process_); \
        ok(!done_ && GetLastError() == (error), "%d, error %lu, expected %lu\n", done_, GetLastError(), (DWORD)(error)); \
        if (done_) TerminateProcess(process_.hProcess, 0), finish(&process_); \
    } while (0)

static WCHAR quoted[MAX_PATH + 8];      /* this program, and tell */

/* ---- the command line ------------------------------------------------------------------------------------------------ */

static void test_line(void)
{
    WCHAR *line = malloc(40000 * sizeof(WCHAR)), wanted[1024];
    DWORD i, length;

    reports(NULL, quoted, FALSE, 0, NULL, NULL, NULL);
    /* To the letter. */
    wsprintfW(line, L"%s \t \"\"\"a\"b\\\\\"   'x' ^&|<>%c \x00e9\x4e2d\xd83d\xde00\xdc80  ", quoted, '!');
    reports(NULL, line, FALSE, 0, NULL, NULL, NULL);
    wsprintfW(wanted, L"\"%s\" create tell %hs %x \t \"\"\"a\"b\\\\\"   'x' ^&|<>! \x00e9\x4e2d\xd83d\xde00\xdc80  ", self, report_name, (DWORD)(ULONG_PTR)extra);
    ok(!wcscmp(report->line, wanted), "got %s\n", wine_dbgstr_w(report->line));
    /* An application and a line have nothing to do with each other. */
    reports(self, L"anything % \"goes", FALSE, 0, NULL, NULL, NULL);
    wsprintfW(wanted, L"anything create tell %hs %x \"goes", report_name, (DWORD)(ULONG_PTR)extra);
    ok(!wcscmp(report->line, wanted), "got %s\n", wine_dbgstr_w(report->line));
    /* 32767 characters with the NUL, and not one more. */
    wsprintfW(line, L"\"%s\" create tell %hs %x ", self, report_name, (DWORD)(ULONG_PTR)extra);
    for (i = length = wcslen(line); i < 32766; i++) line[i] = 'a' + i % 26;
    line[i] = 0;
    reports(NULL, line, FALSE, 0, NULL, NULL, NULL);
    ok(!wcscmp(report->line, line), "it has %lu characters\n", (DWORD)wcslen(report->line));
    line[i++] = 'x';
    line[i] = 0;
    refused(ERROR_FILENAME_EXCED_RANGE, NULL, line, FALSE, 0, NULL, NULL, NULL);
    refused(ERROR_INVALID_PARAMETER, NULL, NULL, FALSE, 0, NULL, NULL, NULL);
    free(line);
}

/* ---- which program --------------------------------------------------------------------------------------------------------- */

static BOOL ran(const WCHAR *name)
{
    const WCHAR *base = wcsrchr(report->program, '\\');

    return base && !lstrcmpiW(base + 1, name);
}

static void test_search(void)
{
    WCHAR path[4096], old[2048], line[1024];

    scratch_enter();
    GetEnvironmentVariableW(L"PATH", old, 2048);
    works(CopyFileW(self, L"first.exe", FALSE));
    works(CopyFileW(self, L"first second.exe", FALSE));
    works(CopyFileW(self, L"dotted.name.exe", FALSE));
    works(CreateDirectoryW(L"below", NULL));
    works(CopyFileW(self, L"below\\deep.exe", FALSE));
    works(CreateDirectoryW(L"folder.exe", NULL));

    /* A partial application name is one of the current folder, with its extension. */
    reports(L"first.exe", L"x %", FALSE, 0, NULL, NULL, NULL);
    reports(L"below\\deep.exe", L"x %", FALSE, 0, NULL, NULL, NULL);
    refused(ERROR_FILE_NOT_FOUND, L"first", L"x %", FALSE, 0, NULL, NULL, NULL);
    refused(ERROR_FILE_NOT_FOUND, L"deep.exe", L"x %", FALSE, 0, NULL, NULL, NULL);

    /* A name of a line is searched for, ".exe" is its extension if it has none. */
    reports(NULL, L"first %", FALSE, 0, NULL, NULL, NULL);
    ok(ran(L"first.exe"), "ran %s\n", wine_dbgstr_w(report->program));
    reports(NULL, L"first.exe %", FALSE, 0, NULL, NULL, NULL);
    reports(NULL, L"\"first\" %", FALSE, 0, NULL, NULL, NULL);
    refused(ERROR_FILE_NOT_FOUND, NULL, L"first. %", FALSE, 0, NULL, NULL, NULL);
    refused(ERROR_FILE_NOT_FOUND, NULL, L"dotted.name %", FALSE, 0, NULL, NULL, NULL);
    refused(ERROR_FILE_NOT_FOUND, NULL, L"deep %", FALSE, 0, NULL, NULL, NULL);
    reports(NULL, L"below\\deep.exe %", FALSE, 0, NULL, NULL, NULL);
    reports(NULL, L".\\below\\deep.exe %", FALSE, 0, NULL, NULL, NULL);

    /* Without quotes the shortest beginning that names a program counts; then the line is put in quotes. */
    works(CopyFileW(self, L"first create.exe", FALSE));
    reports(NULL, L"first %", FALSE, 0, NULL, NULL, NULL);
    ok(ran(L"first.exe"), "ran %s\n", wine_dbgstr_w(report->program));
    works(DeleteFileW(L"first create.exe"));
    works(DeleteFileW(L"first.exe"));
    reports(NULL, L"first second %", FALSE, 0, NULL, NULL, NULL);
    ok(ran(L"first second.exe"), "ran %s\n", wine_dbgstr_w(report->program));
    ok(!wcsncmp(report->line, L"\"first second\" create tell ", 27), "line %s\n", wine_dbgstr_w(report->line));
    reports(NULL, L"\"first second\" %", FALSE, 0, NULL, NULL, NULL);
    refused(ERROR_FILE_NOT_FOUND, NULL, L"\"first second third\" %", FALSE, 0, NULL, NULL, NULL);

    /* The current folder comes before PATH, unless somebody does not want it searched. */
    SetEnvironmentVariableW(L"NoDefaultCurrentDirectoryInExePath", L"1");
    refused(ERROR_FILE_NOT_FOUND, NULL, L"\"first second\" %", FALSE, 0, NULL, NULL, NULL);
    reports(NULL, L"\".\\first second\" %", FALSE, 0, NULL, NULL, NULL);
    SetEnvironmentVariableW(L"NoDefaultCurrentDirectoryInExePath", NULL);
    wsprintfW(path, L"%s\\below;%s", scratch_dir, old);
    SetEnvironmentVariableW(L"PATH", path);
    reports(NULL, L"deep %", FALSE, 0, NULL, NULL, NULL);
    works(CopyFileW(self, L"deep.exe", FALSE));
    reports(NULL, L"deep %", FALSE, 0, NULL, NULL, NULL);
    wsprintfW(line, L"%s\\deep.exe", scratch_dir);
    ok(!lstrcmpiW(report->program, line), "ran %s\n", wine_dbgstr_w(report->program));
    SetEnvironmentVariableW(L"PATH", old);

    refused(ERROR_ACCESS_DENIED, L"folder.exe", NULL, FALSE, 0, NULL, NULL, NULL);
    refused(ERROR_PATH_NOT_FOUND, L"nowhere\\x.exe", NULL, FALSE, 0, NULL, NULL, NULL);
    refused(ERROR_PATH_NOT_FOUND, L"", L"x", FALSE, 0, NULL, NULL, NULL);

    works(DeleteFileW(L"deep.exe"));
    works(DeleteFileW(L"below\\deep.exe"));
    works(DeleteFileW(L"first second.exe"));
    works(DeleteFileW(L"dotted.name.exe"));
    works(RemoveDirectoryW(L"below"));
    works(RemoveDirectoryW(L"folder.exe"));
    scratch_leave();
}

/* ---- environment, folder, start-up information -------------------------------------------------------------------------------- */

static void test_surroundings(void)
{
    STARTUPINFOW info = { .cb = sizeof(info), .lpTitle = (WCHAR *)L"a title", .dwX = 1, .dwY = 2, .dwXSize = 3, .dwYSize = 4,
                          .dwXCountChars = 5, .dwYCountChars = 6, .dwFillAttribute = 7, .dwFlags = STARTF_USEPOSITION, .wShowWindow = 8 };
    WCHAR *wide = malloc(50000 * sizeof(WCHAR)), *w;
    char *narrow = malloc(50000), *n;
    DWORD i, had;

    reports(NULL, quoted, FALSE, 0, NULL, NULL, &info);
    ok(report->startup.dwX == 1 && report->startup.dwY == 2 && report->startup.dwXSize == 3 && report->startup.dwYSize == 4 &&
       report->startup.dwXCountChars == 5 && report->startup.dwYCountChars == 6 && report->startup.dwFillAttribute == 7 &&
       report->startup.dwFlags == STARTF_USEPOSITION && report->startup.wShowWindow == 8, "start-up information\n");
    ok(!wcscmp(report->title, L"a title"), "title %s\n", wine_dbgstr_w(report->title));
    had = report->variables;
    ok(had > 3, "%lu variables\n", had);

    /* 4000 variables are not too many, but too many characters for an ANSI block. */
    for (w = wide, n = narrow, i = 0; i < 4000; i++)
    {
        w += wsprintfW(w, L"v%04lu=%lu", i, i % 10) + 1;
        n += sprintf(n, "v%04lu=%lu", i, i % 10) + 1;
    }
    *w = *n = 0;
    reports(NULL, quoted, FALSE, CREATE_UNICODE_ENVIRONMENT, wide, NULL, NULL);
    ok(report->variables >= 4000, "%lu variables\n", report->variables);
    reports(NULL, quoted, FALSE, 0, narrow, NULL, NULL);
    for (n = narrow, i = 0; i < 4100; i++) n += sprintf(n, "v%04lu=%lu", i, i % 10) + 1;
    *n = 0;
    refused(ERROR_INVALID_PARAMETER, NULL, quoted, FALSE, 0, narrow, NULL, NULL);

    scratch_enter();
    works(CreateDirectoryW(L"below", NULL));
    reports(NULL, quoted, FALSE, 0, NULL, NULL, NULL);
    ok(!lstrcmpiW(report->folder, scratch_dir), "folder %s\n", wine_dbgstr_w(report->folder));
    reports(NULL, quoted, FALSE, 0, NULL, L"below", NULL);
    ok(!lstrcmpiW(wcsrchr(report->folder, '\\'), L"\\below"), "folder %s\n", wine_dbgstr_w(report->folder));
    refused(ERROR_DIRECTORY, NULL, quoted, FALSE, 0, NULL, L"nowhere", NULL);
    refused(ERROR_DIRECTORY, NULL, quoted, FALSE, 0, NULL, self, NULL);
    works(RemoveDirectoryW(L"below"));
    scratch_leave();

    refused(ERROR_INVALID_PARAMETER, NULL, quoted, FALSE, CREATE_NEW_CONSOLE | DETACHED_PROCESS, NULL, NULL, NULL);
    info.cb = sizeof(info);
    refused(ERROR_INVALID_PARAMETER, NULL, quoted, FALSE, EXTENDED_STARTUPINFO_PRESENT, NULL, NULL, &info);
    info.cb = 0;                        /* nobody looks */
    reports(NULL, quoted, FALSE, 0, NULL, NULL, &info);
    free(wide);
    free(narrow);
}

static void test_scheduling(void)
{
    DWORD_PTR mine, system, one;

    reports(NULL, quoted, FALSE, 0, NULL, NULL, NULL);
    ok(report->priority == NORMAL_PRIORITY_CLASS, "priority %lx\n", report->priority);
    /* Higher classes are not inherited, lower ones are. */
    works(SetPriorityClass(GetCurrentProcess(), ABOVE_NORMAL_PRIORITY_CLASS));
    reports(NULL, quoted, FALSE, 0, NULL, NULL, NULL);
    ok(report->priority == NORMAL_PRIORITY_CLASS, "priority %lx\n", report->priority);
    works(SetPriorityClass(GetCurrentProcess(), BELOW_NORMAL_PRIORITY_CLASS));
    reports(NULL, quoted, FALSE, 0, NULL, NULL, NULL);
    ok(report->priority == BELOW_NORMAL_PRIORITY_CLASS, "priority %lx\n", report->priority);
    works(SetPriorityClass(GetCurrentProcess(), IDLE_PRIORITY_CLASS));
    reports(NULL, quoted, FALSE, 0, NULL, NULL, NULL);
    ok(report->priority == IDLE_PRIORITY_CLASS, "priority %lx\n", report->priority);
    reports(NULL, quoted, FALSE, NORMAL_PRIORITY_CLASS, NULL, NULL, NULL);
    ok(report->priority == NORMAL_PRIORITY_CLASS, "priority %lx\n", report->priority);
    works(SetPriorityClass(GetCurrentProcess(), NORMAL_PRIORITY_CLASS));

    /* The process's affinity is inherited, the thread's is not. */
    works(GetProcessAffinityMask(GetCurrentProcess(), &mine, &system));
    for (one = 1; !(one & mine) || (mine & ~(one | (one - 1))); one <<= 1) ;    /* the last one */
    works(SetThreadAffinityMask(GetCurrentThread(), one));
    reports(NULL, quoted, FALSE, 0, NULL, NULL, NULL);
    ok(report->affinity == mine && report->system == system, "%llx of %llx\n", (ULONG64)report->affinity, (ULONG64)report->system);
    works(SetThreadAffinityMask(GetCurrentThread(), mine));
    works(SetProcessAffinityMask(GetCurrentProcess(), one));
    reports(NULL, quoted, FALSE, 0, NULL, NULL, NULL);
    ok(report->affinity == one && report->system == system, "%llx of %llx\n", (ULONG64)report->affinity, (ULONG64)report->system);
    works(SetProcessAffinityMask(GetCurrentProcess(), mine));
}

/* ---- standard handles ----------------------------------------------------------------------------------------------------------- */

static void own_handles(HANDLE in, HANDLE out, HANDLE err)
{
    SetStdHandle(STD_INPUT_HANDLE, in);
    SetStdHandle(STD_OUTPUT_HANDLE, out);
    SetStdHandle(STD_ERROR_HANDLE, err);
}

static void expect_null(int line)
{
    int i;

    for (i = 0; i < 3; i++) ok_(__FILE__, line)(!report->std[i], "%d: %p\n", i, report->std[i]);
}

/* The same values; flags of each. */
static void expect_values(int line, HANDLE in, HANDLE out, HANDLE err, DWORD flags)
{
    HANDLE wanted[3] = { in, out, err };
    int i;

    for (i = 0; i < 3; i++)
    {
        ok_(__FILE__, line)(report->std[i] == wanted[i], "%d: %p, not %p\n", i, report->std[i], wanted[i]);
        if (wanted[i] && wanted[i] != INVALID_HANDLE_VALUE)
            ok_(__FILE__, line)(report->flags[i] == flags, "%d: flags %lx, not %lx\n", i, report->flags[i], flags);
    }
}

static void test_standard_handles(void)
{
    HANDLE old[3] = { GetStdHandle(STD_INPUT_HANDLE), GetStdHandle(STD_OUTPUT_HANDLE), GetStdHandle(STD_ERROR_HANDLE) };
    SECURITY_ATTRIBUTES inherited = { sizeof(inherited), NULL, TRUE };
    STARTUPINFOW info = { .cb = sizeof(info), .dwFlags = STARTF_USESTDHANDLES };
    HANDLE in, out, kept_in, kept_out;
    int i;

    works(CreatePipe(&in, &out, &inherited, 0));
    works(CreatePipe(&kept_in, &kept_out, NULL, 0));

    own_handles(in, out, out);
    reports(NULL, quoted, TRUE, 0, NULL, NULL, NULL);
    expect_values(__LINE__, in, out, out, HANDLE_FLAG_INHERIT);
    reports(NULL, quoted, FALSE, 0, NULL, NULL, NULL);                  /* duplicates: as inheritable as ours */
    for (i = 0; i < 3; i++) ok(report->std[i] && report->flags[i] == HANDLE_FLAG_INHERIT, "%d: %p, flags %lx\n", i, report->std[i], report->flags[i]);

    own_handles(kept_in, kept_out, kept_out);
    reports(NULL, quoted, FALSE, 0, NULL, NULL, NULL);
    for (i = 0; i < 3; i++) ok(report->std[i] && report->flags[i] == 0, "%d: %p, flags %lx\n", i, report->std[i], report->flags[i]);
    reports(NULL, quoted, TRUE, 0, NULL, NULL, NULL);                   /* inherited: a value that is nothing there */
    expect_values(__LINE__, kept_in, kept_out, kept_out, ~0u);

    /* What cannot be duplicated is NULL, what is copied is copied. */
    own_handles(NULL, (HANDLE)0xdeadbee0, INVALID_HANDLE_VALUE);
    reports(NULL, quoted, FALSE, 0, NULL, NULL, NULL);
    expect_null(__LINE__);
    reports(NULL, quoted, TRUE, 0, NULL, NULL, NULL);
    expect_values(__LINE__, NULL, (HANDLE)0xdeadbee0, INVALID_HANDLE_VALUE, ~0u);

    own_handles(in, out, out);
    reports(NULL, quoted, FALSE, DETACHED_PROCESS, NULL, NULL, NULL);
    expect_null(__LINE__);
    reports(NULL, quoted, TRUE, DETACHED_PROCESS, NULL, NULL, NULL);
    expect_null(__LINE__);

    /* STARTF_USESTDHANDLES is of use with inheritance alone; then nothing is looked at. */
    info.hStdInput = in;
    info.hStdOutput = info.hStdError = out;
    reports(NULL, quoted, FALSE, 0, NULL, NULL, &info);
    expect_null(__LINE__);
    reports(NULL, quoted, TRUE, DETACHED_PROCESS, NULL, NULL, &info);
    expect_values(__LINE__, in, out, out, HANDLE_FLAG_INHERIT);
    info.hStdInput = kept_in;
    info.hStdOutput = info.hStdError = kept_out;
    reports(NULL, quoted, TRUE, 0, NULL, NULL, &info);
    expect_values(__LINE__, kept_in, kept_out, kept_out, ~0u);
    info.hStdInput = NULL;
    info.hStdOutput = INVALID_HANDLE_VALUE;
    info.hStdError = (HANDLE)0x10000;
    reports(NULL, quoted, TRUE, 0, NULL, NULL, &info);
    expect_values(__LINE__, NULL, INVALID_HANDLE_VALUE, (HANDLE)0x10000, ~0u);

    /* A console that nobody sees gives what is not given. */
    reports(NULL, quoted, TRUE, CREATE_NO_WINDOW, NULL, NULL, NULL);
    for (i = 0; i < 3; i++) ok(report->std[i] && report->flags[i] != ~0u, "%d: %p\n", i, report->std[i]);
    info.hStdInput = in;
    info.hStdOutput = out;
    info.hStdError = NULL;
    reports(NULL, quoted, TRUE, CREATE_NO_WINDOW, NULL, NULL, &info);
    ok(report->std[0] == in && report->std[1] == out, "not what was given\n");
    ok(report->std[2] && report->flags[2] != ~0u, "%p\n", report->std[2]);

    own_handles(old[0], old[1], old[2]);
    CloseHandle(in);
    CloseHandle(out);
    CloseHandle(kept_in);
    CloseHandle(kept_out);
}

static void test_list(void)
{
    HANDLE old[3] = { GetStdHandle(STD_INPUT_HANDLE), GetStdHandle(STD_OUTPUT_HANDLE), GetStdHandle(STD_ERROR_HANDLE) };
    SECURITY_ATTRIBUTES inherited = { sizeof(inherited), NULL, TRUE };
    struct { STARTUPINFOW info; void *list; } startup = { .info.cb = sizeof(startup) };
    HANDLE other = CreateEventW(&inherited, TRUE, FALSE, NULL), kept = CreateEventW(NULL, TRUE, FALSE, NULL), in, out, handles[3];
    struct
    {
        HANDLE handles[3];
        DWORD count, error, flags;      /* of the handle that the child looks at */
    } cases[] =
    {
        { { extra }, 1, 0, HANDLE_FLAG_INHERIT },
        { { other }, 1, 0, ~0u },
        { { other, extra }, 2, 0, HANDLE_FLAG_INHERIT },
        { { NULL }, 1, 0, ~0u },                /* an empty list, and so with others beside it */
        { { extra, NULL }, 2, 0, ~0u },
        { { NULL, extra }, 2, 0, ~0u },
        { { extra, extra }, 2, ERROR_INVALID_PARAMETER, 0 },    /* "CreateProcess doesn't like" it: reproc */
        { { extra, kept }, 2, ERROR_INVALID_PARAMETER, 0 },
        { { GetCurrentProcess() }, 1, ERROR_INVALID_PARAMETER, 0 },
        { { GetCurrentThread() }, 1, ERROR_INVALID_PARAMETER, 0 },
        { { extra, (HANDLE)0xdeadbee0 }, 2, ERROR_INVALID_PARAMETER, 0 },
    };
    char room[256];
    unsigned int i, j;
    SIZE_T size;

    works(CreatePipe(&in, &out, NULL, 0));
    own_handles(in, out, out);
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        PROCESS_INFORMATION process;
        BOOL done;

        size = sizeof(room);
        startup.list = (void *)room;
        works(InitializeProcThreadAttributeList(startup.list, 1, 0, &size));
        memcpy(handles, cases[i].handles, sizeof(handles));
        works(UpdateProcThreadAttribute(startup.list, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles, cases[i].count * sizeof(HANDLE), NULL, NULL));
        done = start(NULL, quoted, TRUE, EXTENDED_STARTUPINFO_PRESENT, NULL, NULL, &startup.info, &process);
        ok(done == !cases[i].error, "%u: %d, error %lu\n", i, done, GetLastError());
        if (!done) ok(GetLastError() == cases[i].error, "%u: error %lu\n", i, GetLastError());
        else
        {
            ok(finish(&process) == 77, "%u: code\n", i);
            ok(report->extra_flags == cases[i].flags, "%u: flags %lx\n", i, report->extra_flags);
            /* With a list the standard handles are duplicated. */
            for (j = 0; j < 3; j++) ok(report->std[j] && !report->flags[j], "%u: %u: %p, flags %lx\n", i, j, report->std[j], report->flags[j]);
        }
        refused(ERROR_INVALID_PARAMETER, NULL, quoted, FALSE, EXTENDED_STARTUPINFO_PRESENT, NULL, NULL, &startup.info);
        DeleteProcThreadAttributeList(startup.list);
    }
    size = sizeof(room);
    works(InitializeProcThreadAttributeList((void *)room, 1, 0, &size));
    fails(UpdateProcThreadAttribute((void *)room, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles, 0, NULL, NULL), ERROR_BAD_LENGTH);
    own_handles(old[0], old[1], old[2]);
    CloseHandle(in);
    CloseHandle(out);
    CloseHandle(other);
    CloseHandle(kept);
}

/* Which priority, affinity and handles a child has comes from its parent, whoever creates it. */
static void test_parent(void)
{
    HANDLE old[3] = { GetStdHandle(STD_INPUT_HANDLE), GetStdHandle(STD_OUTPUT_HANDLE), GetStdHandle(STD_ERROR_HANDLE) };
    struct { STARTUPINFOW info; void *list; } startup = { .info.cb = sizeof(startup) };
    HANDLE events[60], in, out, there;
    PROCESS_INFORMATION parent;
    char room[256];
    SIZE_T size = sizeof(room);
    int i;

    works(start(NULL, quoted, FALSE, CREATE_SUSPENDED | BELOW_NORMAL_PRIORITY_CLASS, NULL, NULL, NULL, &parent));
    for (i = 0; i < 60; i++) events[i] = CreateEventW(NULL, TRUE, FALSE, NULL);      /* values that the parent has not */
    works(CreatePipe(&in, &out, NULL, 0));
    works(DuplicateHandle(GetCurrentProcess(), extra, parent.hProcess, &there, 0, TRUE, DUPLICATE_SAME_ACCESS));
    startup.list = (void *)room;
    works(InitializeProcThreadAttributeList(startup.list, 1, 0, &size));
    works(UpdateProcThreadAttribute(startup.list, 0, PROC_THREAD_ATTRIBUTE_PARENT_PROCESS, &parent.hProcess, sizeof(HANDLE), NULL, NULL));
    own_handles(in, out, there);
    reports(NULL, quoted, FALSE, EXTENDED_STARTUPINFO_PRESENT, NULL, NULL, &startup.info);
    ok(!report->std[0] && !report->std[1], "%p, %p\n", report->std[0], report->std[1]);
    ok(report->std[2] && report->flags[2] == HANDLE_FLAG_INHERIT, "%p, flags %lx\n", report->std[2], report->flags[2]);
    ok(report->priority == BELOW_NORMAL_PRIORITY_CLASS, "priority %lx\n", report->priority);
    own_handles(old[0], old[1], old[2]);
    DeleteProcThreadAttributeList(startup.list);
    for (i = 0; i < 60; i++) CloseHandle(events[i]);
    CloseHandle(in);
    CloseHandle(out);
    TerminateProcess(parent.hProcess, 0);
    finish(&parent);
}

/* Pseudo handles in another process: its process, our thread (ReactOS has it so). */
static void test_pseudo_handles(void)
{
    PROCESS_INFORMATION child;
    HANDLE handle;

    works(start(NULL, quoted, FALSE, CREATE_SUSPENDED, NULL, NULL, NULL, &child));
    works(DuplicateHandle(child.hProcess, GetCurrentProcess(), GetCurrentProcess(), &handle, 0, FALSE, DUPLICATE_SAME_ACCESS));
    ok(GetProcessId(handle) == child.dwProcessId, "process %lu\n", GetProcessId(handle));
    CloseHandle(handle);
    works(DuplicateHandle(child.hProcess, GetCurrentThread(), GetCurrentProcess(), &handle, 0, FALSE, DUPLICATE_SAME_ACCESS));
    ok(GetThreadId(handle) == GetCurrentThreadId(), "thread %lu\n", GetThreadId(handle));
    CloseHandle(handle);
    TerminateProcess(child.hProcess, 0);
    finish(&child);
}

START_TEST(create)
{
    SECURITY_ATTRIBUTES inherited = { sizeof(inherited), NULL, TRUE };
    char **argv;
    int argc = winetest_get_mainargs(&argv), i;

    for (i = 1; i + 3 < argc; i++)
        if (!strcmp(argv[i], "create") && !strcmp(argv[i + 1], "tell")) ExitProcess(tell(argv[i + 2], argv[i + 3]));
    GetModuleFileNameW(NULL, self, MAX_PATH);
    wsprintfW(quoted, L"\"%s\" %%", self);
    sprintf(report_name, "create-%lu", GetCurrentProcessId());
    report_section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof(*report), report_name);
    report = MapViewOfFile(report_section, FILE_MAP_WRITE, 0, 0, 0);
    extra = CreateEventW(&inherited, TRUE, FALSE, NULL);
    test_line();
    test_search();
    test_surroundings();
    test_scheduling();
    test_standard_handles();
    test_list();
    test_parent();
    test_pseudo_handles();
    CloseHandle(extra);
    UnmapViewOfFile(report);
    CloseHandle(report_section);
}
