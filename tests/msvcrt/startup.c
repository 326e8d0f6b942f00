/* What a program sees of its start: arguments, wildcards, environment, descriptors; and starting others. */
#include "msvcrt.h"

CRT(intptr_t, _spawnv, (int, const char *, const char *const *));
CRT(intptr_t, _wspawnv, (int, const wchar_t *, const wchar_t *const *));
CRT(intptr_t, _spawnl, (int, const char *, const char *, ...));
CRT(intptr_t, _cwait, (int *, intptr_t, int));
CRT(FILE *, _popen, (const char *, const char *));
CRT(int, _pclose, (FILE *));
CRT(int, system, (const char *));
CRT(int, __getmainargs, (int *, char ***, char ***, int, int *));
CRT(int, _putenv, (const char *));
CRT(char *, getenv, (const char *));
CRT(wchar_t *, _wgetenv, (const wchar_t *));
CRT(int, _wputenv, (const wchar_t *));

static char **argv;

/* the child's part: "startup args A B ..." prints its arguments, "startup exit N", "startup fd N", "startup copy" */
static void child(int argc)
{
    int i, c;

    if (!strcmp(argv[2], "args")) for (i = 3; i < argc; i++) printf("[%s]", argv[i]);
    else if (!strcmp(argv[2], "exit")) exit(atoi(argv[3]));
    else if (!strcmp(argv[2], "fd")) { i = atoi(argv[3]); exit(_write(i, "child", 5) == 5 ? 0 : 9); }
    else if (!strcmp(argv[2], "copy")) while ((c = getchar()) != EOF) putchar(c);
    else if (!strcmp(argv[2], "env")) printf("%s", getenv(argv[3]) ? getenv(argv[3]) : "-");
    fflush(stdout);
    exit(0);
}

static const char *output_of(const char *rest)
{
    static char out[1024];
    char line[1024];
    FILE *f;
    size_t n;

    snprintf(line, sizeof(line), "\"%s\" startup %s", argv[0], rest);
    if (!(f = p__popen(line, "r"))) return "no process";
    n = fread(out, 1, sizeof(out) - 1, f);
    out[n] = 0;
    ok(!p__pclose(f), "_pclose\n");
    return out;
}
#define OUTPUT(rest, expected) do { const char *got_ = output_of(rest); ok(!strcmp(got_, expected), "'%s' gave '%s'\n", rest, got_); } while (0)

static void test_arguments(void)
{
    OUTPUT("args a b", "[a][b]");
    OUTPUT("args \"a b\" \"\"", "[a b][]");
    OUTPUT("args a\\\\b a\\\"b", "[a\\\\b][a\"b]");
    OUTPUT("args \"a\\\\\" b", "[a\\][b]");
    OUTPUT("args a\"b c\"d", "[ab cd]");
    OUTPUT("args \xc3\xa9\xe2\x82\xac", "[\xc3\xa9\xe2\x82\xac]");
}
static void test_wildcards(void)
{
    static const wchar_t *names[] = { L"crt-w\xe9-1.tmp", L"crt-w\xe9-2.tmp" };
    char **args, **env;
    int argc, mode = 0, i;

    /* as seen by a program linked with setargv: in its own process, since a process's arguments are expanded once */
    ok(!p___getmainargs(&argc, &args, &env, 0, &mode), "__getmainargs\n");
    ok(argc >= 2 && !strcmp(args[1], "startup") && env && env[0], "%d arguments\n", argc);
    for (i = 0; i < 2; i++)
    {
        HANDLE h = CreateFileW(names[i], GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
        ok(h != INVALID_HANDLE_VALUE, "CreateFileW\n");
        CloseHandle(h);
    }
    {
        /* what _wfindfirst's narrow relative gives opens the file again: names go through the ANSI code page unharmed */
        struct _finddata64i32_t data;
        intptr_t find = _findfirst64i32("crt-w*-?.tmp", &data);
        FILE *f;
        ok(find != -1, "_findfirst\n");
        f = find != -1 ? fopen(data.name, "rb") : NULL;
        ok(!!f, "'%s' does not open\n", data.name);
        if (f) fclose(f);
        _findclose(find);
    }
    for (i = 0; i < 2; i++) ok(!_wunlink(names[i]), "_wunlink\n");
}
static void test_environment(void)
{
    wchar_t *w;

    ok(!p__putenv("CRT_TEST=one") && !strcmp(p_getenv("CRT_TEST"), "one") && !strcmp(p_getenv("crt_test"), "one"), "getenv\n");
    ok((w = p__wgetenv(L"CRT_TEST")) && !wcscmp(w, L"one"), "_wgetenv\n");
    OUTPUT("env CRT_TEST", "one");
    ok(!p__wputenv(L"CRT_TEST=\xe9") && !strcmp(p_getenv("CRT_TEST"), "\xc3\xa9"), "'%s'\n", p_getenv("CRT_TEST"));
    ok(!p__putenv("CRT_TEST=") && !p_getenv("CRT_TEST"), "an empty value takes it away\n");
    OUTPUT("env CRT_TEST", "-");
    ok(p__putenv("=x") == -1 && p__putenv("x") == -1, "names\n");
}
static void test_processes(void)
{
    const char *args[] = { NULL, "startup", "exit", "55", NULL };
    const wchar_t *wargs[] = { L"x", L"startup", L"exit", L"300", NULL };
    wchar_t self[MAX_PATH];
    char number[16], quoted[MAX_PATH + 2], line[MAX_PATH + 64], text[16] = "";
    intptr_t p;
    FILE *f;
    int fd, status;

    sprintf(quoted, "\"%s\"", argv[0]);
    args[0] = quoted;
    GetModuleFileNameW(NULL, self, MAX_PATH);
    GIVES(p__spawnv(_P_WAIT, argv[0], args), 55);
    GIVES(p__wspawnv(_P_WAIT, self, wargs), 300);
    p = p__spawnl(_P_NOWAIT, argv[0], quoted, "startup", "exit", "7", NULL);
    ok(p != -1 && p__cwait(&status, p, 0) == p && status == 7, "%d\n", status);
    errno = 0;
    ok(p__spawnl(_P_WAIT, "no-such-program", "x", NULL) == -1 && *_errno() == ENOENT, "errno %d\n", *_errno());

    fd = _open("crt-inherit.tmp", _O_CREAT | _O_RDWR | _O_BINARY | _O_TRUNC, 0600);
    sprintf(number, "%d", fd);
    GIVES(p__spawnl(_P_WAIT, argv[0], quoted, "startup", "fd", number, NULL), 0);         /* it writes to our descriptor */
    ok(_lseek(fd, 0, SEEK_SET) == 0 && _read(fd, text, 5) == 5 && !strcmp(text, "child"), "'%s'\n", text);
    _close(fd);
    fd = _open("crt-inherit.tmp", _O_RDWR | _O_BINARY | _O_NOINHERIT, 0600);
    sprintf(number, "%d", fd);
    GIVES(p__spawnl(_P_WAIT, argv[0], quoted, "startup", "fd", number, NULL), 9);
    _close(fd);
    _unlink("crt-inherit.tmp");

    sprintf(line, "%s startup exit 3", quoted);
    GIVES(p_system(line), 3);
    sprintf(line, "%s startup copy", quoted);
    f = p__popen(line, "w");
    ok(!!f, "_popen\n");
    if (f) { fputs("", f); ok(!p__pclose(f), "_pclose\n"); }
    sprintf(line, "%s startup exit 66", quoted);
    f = p__popen(line, "r");
    ok(f && fgetc(f) == EOF && p__pclose(f) == 66, "_pclose gives the exit code\n");
    ok(p__pclose(stdin) == -1, "a stream that _popen did not make\n");
}

START_TEST(startup)
{
    int argc = winetest_get_mainargs(&argv);

    if (argc > 3 || (argc > 2 && !strcmp(argv[2], "copy"))) child(argc);
    GET(_spawnv); GET(_wspawnv); GET(_spawnl); GET(_cwait); GET(_popen); GET(_pclose); GET(system); GET(__getmainargs);
    GET(_putenv); GET(getenv); GET(_wgetenv); GET(_wputenv);
    test_arguments();
    test_wildcards();
    test_environment();
    test_processes();
}
