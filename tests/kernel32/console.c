/* Leaving the console, and getting one. Most runs have no terminal; one that has gets its own back. */
#include "win32.h"
#include "wincon.h"

static HANDLE open_output(void)
{
    return CreateFileA("CONOUT$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
}

START_TEST(console)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    HANDLE output = open_output(), input;
    BOOL had_one = output != INVALID_HANDLE_VALUE;
    static char text[0x4000];
    WCHAR title[32];
    DWORD mode, n;
    int i;

    if (had_one)
    {
        CloseHandle(output);
        fails(AllocConsole(), ERROR_ACCESS_DENIED);
        works(FreeConsole());
    }
    fails(FreeConsole(), ERROR_INVALID_PARAMETER);
    fails_handle(open_output(), ERROR_INVALID_HANDLE);
    fails_handle(CreateFileA("CONIN$", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL), ERROR_INVALID_HANDLE);

    works(AllocConsole());
    fails(AllocConsole(), ERROR_ACCESS_DENIED);
    fails(AttachConsole(ATTACH_PARENT_PROCESS), ERROR_ACCESS_DENIED);
    output = open_output();
    input = CreateFileA("CONIN$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    ok(output != INVALID_HANDLE_VALUE && input != INVALID_HANDLE_VALUE, "%p %p\n", output, input);
    works(GetConsoleMode(input, &mode));
    ok(mode & ENABLE_LINE_INPUT, "mode %#lx\n", mode);
    works(GetConsoleScreenBufferInfo(output, &info));
    ok(info.dwSize.X > 0 && info.dwSize.Y > 0, "%d x %d\n", info.dwSize.X, info.dwSize.Y);
    if (!had_one)                       /* nobody reads it, and nobody has to */
    {
        ok(info.dwSize.X == 80, "%d columns\n", info.dwSize.X);
        memset(text, 'x', sizeof(text));
        for (i = 0; i < 64; i++)
        {
            n = 0;
            ok(WriteFile(output, text, sizeof(text), &n, NULL) && n == sizeof(text), "%lu, error %lu\n", n, GetLastError());
        }
    }
    works(SetConsoleTitleW(L"a title"));
    ok(GetConsoleTitleW(title, ARRAY_SIZE(title)) == 7 && !wcscmp(title, L"a title"), "%s\n", wine_dbgstr_w(title));
    ok(GetConsoleTitleW(title, 4) == 7 && !wcscmp(title, L"a t"), "%s\n", wine_dbgstr_w(title));
    ok(GetConsoleTitleA(text, sizeof(text)) == 7 && !strcmp(text, "a title"), "%s\n", text);
    works(SetConsoleTitleW(L""));
    SetLastError(0xdead);
    ok(!GetConsoleTitleW(title, ARRAY_SIZE(title)) && !*title && !GetLastError(), "%s, error %lu\n", wine_dbgstr_w(title), GetLastError());
    CloseHandle(input);
    CloseHandle(output);
    if (had_one) return;
    works(FreeConsole());
    fails_handle(open_output(), ERROR_INVALID_HANDLE);
    fails(GetConsoleTitleW(title, ARRAY_SIZE(title)), ERROR_INVALID_HANDLE);
    fails(SetConsoleTitleW(L"a title"), ERROR_INVALID_HANDLE);
}
