/* What the programs have in common that tests/unit/killer.h kills one of: they say "ready", do something for each line that
 * they read, and say how that went. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static HANDLE output, input;

static void say(const char *text)
{
    DWORD n;

    WriteFile(output, text, (DWORD)strlen(text), &n, NULL);
}

static void say_done(int result)
{
    char text[20];

    snprintf(text, sizeof(text), "done %d\n", result);
    say(text);
}

/* 2, and why. */
static int wrong(const char *what, DWORD detail)
{
    char text[100];

    snprintf(text, sizeof(text), "%s: %lu\n", what, detail);
    say(text);
    return 2;
}

/* Without its end; FALSE: there are no more. */
static BOOL next_line(char *line, size_t size)
{
    size_t length = 0;
    DWORD n;

    while (length + 1 < size && ReadFile(input, &line[length], 1, &n, NULL) && n && line[length] != '\n') length++;
    line[length] = 0;
    return length != 0;
}

static void begin(void)
{
    output = GetStdHandle(STD_OUTPUT_HANDLE);
    input = GetStdHandle(STD_INPUT_HANDLE);
}
