/* <conio.h>: the console as it is, past stdin and stdout. */
#include "crt.h"
#include "winuser.h"

enum { LOCK_CONSOLE = 10 };
static crt_wchar ungot = WEOF;
static int second = -1;                 /* the scan code after the 0 or 0xe0 of a function key */

static HANDLE console(bool input)
{
    static HANDLE handles[2];
    HANDLE *h = &handles[input];

    if (!*h)
        *h = CreateFileW(input ? L"CONIN$" : L"CONOUT$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    return *h;
}

/* keys that have no character: scan codes, with 0xe0 before those of the grey block */
static int function_key(const KEY_EVENT_RECORD *key)
{
    static const struct { unsigned char vk, code; } keys[] =
    {
        { VK_UP, 72 }, { VK_DOWN, 80 }, { VK_LEFT, 75 }, { VK_RIGHT, 77 }, { VK_HOME, 71 }, { VK_END, 79 }, { VK_PRIOR, 73 }, { VK_NEXT, 81 },
        { VK_INSERT, 82 }, { VK_DELETE, 83 },
    };
    unsigned int i, vk = key->wVirtualKeyCode;

    for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) if (keys[i].vk == vk) return 0xe000 | keys[i].code;
    if (vk >= VK_F1 && vk <= VK_F10) return 59 + vk - VK_F1;
    if (vk == VK_F11 || vk == VK_F12) return 0xe000 | (133 + vk - VK_F11);
    return -1;
}
static crt_wchar get_key(void)
{
    HANDLE in = console(true);
    INPUT_RECORD record;
    DWORD mode, n;
    int c;

    if (ungot != WEOF) { c = ungot; ungot = WEOF; return c; }
    if (second >= 0) { c = second; second = -1; return c; }
    if (in == INVALID_HANDLE_VALUE || !GetConsoleMode(in, &mode)) return WEOF;
    SetConsoleMode(in, 0);
    for (c = -1; c < 0;)
    {
        if (!ReadConsoleInputW(in, &record, 1, &n) || !n) { c = WEOF; break; }
        if (record.EventType != KEY_EVENT || !record.Event.KeyEvent.bKeyDown) continue;
        if ((c = record.Event.KeyEvent.uChar.UnicodeChar)) break;
        if ((c = function_key(&record.Event.KeyEvent)) < 0) continue;
        second = c & 0xff;
        c >>= 8;
        break;
    }
    SetConsoleMode(in, mode);
    return c;
}
static bool put_chars(const crt_wchar *text, DWORD count)
{
    DWORD done;
    return console(false) != INVALID_HANDLE_VALUE && WriteConsoleW(console(false), text, count, &done, NULL);
}
static bool put_bytes(const char *text, size_t count)
{
    DWORD done;
    return console(false) != INVALID_HANDLE_VALUE && WriteFile(console(false), text, (DWORD)count, &done, NULL);
}

CRT_API(crt_wchar, _getwch, void)
{
    crt_wchar c;
    crt_lock(LOCK_CONSOLE);
    c = get_key();
    crt_unlock(LOCK_CONSOLE);
    return c;
}
CRT_API(crt_wchar, _getwche, void)
{
    crt_wchar c = _getwch();
    if (c != WEOF && c >= ' ') put_chars(&c, 1);
    return c;
}
/* one byte at a time of a character in the ANSI code page */
CRT_API(int, _getch, void)
{
    static char bytes[4];
    static int left, at;
    int ret;
    crt_wchar c;

    crt_lock(LOCK_CONSOLE);
    if (!left)
    {
        if ((c = get_key()) == WEOF) { crt_unlock(LOCK_CONSOLE); return EOF; }
        at = 0;
        if (c < 256 && (c < 0x80 || second >= 0)) { bytes[0] = c; left = 1; }
        else if ((left = WideCharToMultiByte(CP_ACP, 0, (WCHAR *)&c, 1, bytes, sizeof(bytes), NULL, NULL)) <= 0) { bytes[0] = '?'; left = 1; }
    }
    ret = (unsigned char)bytes[at++];
    left--;
    crt_unlock(LOCK_CONSOLE);
    return ret;
}
CRT_API(int, _getche, void)
{
    int c = _getch();
    char byte = c;
    if (c >= ' ') put_bytes(&byte, 1);
    return c;
}
CRT_API(crt_wchar, _ungetwch, crt_wchar c)
{
    crt_wchar ret = WEOF;
    crt_lock(LOCK_CONSOLE);
    if (c != WEOF && ungot == WEOF) ret = ungot = c;
    crt_unlock(LOCK_CONSOLE);
    return ret;
}
CRT_API(int, _ungetch, int c) { return c == EOF || _ungetwch((unsigned char)c) == WEOF ? EOF : c; }
CRT_API(int, _kbhit, void)
{
    HANDLE in = console(true);
    INPUT_RECORD records[32];
    DWORD n = 0, i;

    if (ungot != WEOF || second >= 0) return 1;
    if (in == INVALID_HANDLE_VALUE || !PeekConsoleInputW(in, records, 32, &n)) return 0;
    for (i = 0; i < n; i++)
        if (records[i].EventType == KEY_EVENT && records[i].Event.KeyEvent.bKeyDown &&
            (records[i].Event.KeyEvent.uChar.UnicodeChar || function_key(&records[i].Event.KeyEvent) >= 0)) return 1;
    return 0;
}
CRT_API(crt_wchar, _putwch, crt_wchar c) { return put_chars(&c, 1) ? c : WEOF; }
CRT_API(int, _putch, int c)
{
    char byte = c;
    return put_bytes(&byte, 1) ? (unsigned char)byte : EOF;
}
CRT_API(int, _cputs, const char *text) { return put_bytes(text, strlen(text)) ? 0 : EOF; }
CRT_API(int, _cputws, const crt_wchar *text) { return put_chars(text, wcslen(text)) ? 0 : EOF; }

static void sink_bytes(struct crt_sink *sink, const void *chars, size_t count) { if (!put_bytes(chars, count)) sink->error = 1; }
static void sink_chars(struct crt_sink *sink, const void *chars, size_t count) { if (!put_chars(chars, (DWORD)count)) sink->error = 1; }

CRT_API(int, _vcprintf, const char *format, va_list args)
{
    struct crt_sink sink = { sink_bytes, 0 };
    return crt_format(&sink, false, format, args);
}
CRT_API(int, _vcwprintf, const crt_wchar *format, va_list args)
{
    struct crt_sink sink = { sink_chars, 0 };
    return crt_format(&sink, true, format, args);
}
CRT_API(int, _cprintf, const char *format, ...)
{
    va_list args;
    int n;
    va_start(args, format);
    n = _vcprintf(format, args);
    va_end(args);
    return n;
}
CRT_API(int, _cwprintf, const crt_wchar *format, ...)
{
    va_list args;
    int n;
    va_start(args, format);
    n = _vcwprintf(format, args);
    va_end(args);
    return n;
}
