/* Consoles: text, modes, the screen. The protocol is in include/oriel/console.h.
 *
 * A process has at most one console: the terminal that it was started on, or what AllocConsole makes where there is no
 * terminal, which nobody sees.
 */
#include "kernelbase.h"
#include "oriel/console.h"
#include "oriel/control.h"

static NTSTATUS control_status(HANDLE console, ULONG code, const void *in, ULONG in_size, void *out, ULONG out_size, ULONG_PTR *done)
{
    IO_STATUS_BLOCK io;
    NTSTATUS status;

    io.Information = 0;
    status = NtDeviceIoControlFile(real_handle(console), NULL, NULL, NULL, &io, code, (void *)in, in_size, out, out_size);
    if (status == STATUS_PENDING)
    {
        NtWaitForSingleObject(real_handle(console), FALSE, NULL);
        status = io.Status;
    }
    /* Whatever is not a console is, to these functions, an invalid handle. */
    if (status == STATUS_INVALID_DEVICE_REQUEST || status == STATUS_OBJECT_TYPE_MISMATCH || status == STATUS_NOT_IMPLEMENTED)
        status = STATUS_INVALID_HANDLE;
    if (done) *done = io.Information;
    return status;
}

static BOOL control(HANDLE console, ULONG code, const void *in, ULONG in_size, void *out, ULONG out_size, ULONG_PTR *done)
{
    return nt_result(control_status(console, code, in, in_size, out, out_size, done));
}

/* ---- modes ------------------------------------------------------------------------------------------ */
BOOL WINAPI GetConsoleMode(HANDLE console, DWORD *mode)
{
    ULONG value;

    if (!control(console, ORIEL_CONSOLE_GET_MODE, NULL, 0, &value, sizeof(value), NULL)) return FALSE;
    *mode = value;
    return TRUE;
}

BOOL WINAPI SetConsoleMode(HANDLE console, DWORD mode)
{
    ULONG value = mode;

    return control(console, ORIEL_CONSOLE_SET_MODE, &value, sizeof(value), NULL, 0, NULL);
}

/* ---- output ----------------------------------------------------------------------------------------- */
BOOL WINAPI WriteConsoleW(HANDLE console, const void *text, DWORD length, DWORD *written, void *reserved)
{
    (void)reserved;
    if (written) *written = 0;
    if (!control(console, ORIEL_CONSOLE_WRITE, text, length * sizeof(WCHAR), NULL, 0, NULL)) return FALSE;
    if (written) *written = length;
    return TRUE;
}

BOOL WINAPI WriteConsoleA(HANDLE console, const void *text, DWORD length, DWORD *written, void *reserved)
{
    INT size = length ? MultiByteToWideChar(GetConsoleOutputCP(), 0, text, (INT)length, NULL, 0) : 0;
    WCHAR *wide = heap_alloc((SIZE_T)(size ? size : 1) * sizeof(WCHAR));
    BOOL ok;

    if (written) *written = 0;
    if (!wide) return fail(ERROR_NOT_ENOUGH_MEMORY);
    if (size) MultiByteToWideChar(GetConsoleOutputCP(), 0, text, (INT)length, wide, size);
    ok = WriteConsoleW(console, wide, (DWORD)size, NULL, reserved);
    heap_free(wide);
    if (ok && written) *written = length;
    return ok;
}

/* ---- input ------------------------------------------------------------------------------------------ */
BOOL WINAPI ReadConsoleW(HANDLE console, void *buffer, DWORD length, DWORD *read, void *control_keys)
{
    CONSOLE_READCONSOLE_CONTROL *keys = control_keys;
    ULONG mask = keys ? keys->dwCtrlWakeupMask : 0;
    ULONG_PTR done;

    if (length > 0x7fffffff / sizeof(WCHAR)) return fail(ERROR_NOT_ENOUGH_MEMORY);
    if (!control(console, ORIEL_CONSOLE_READ, &mask, keys ? sizeof(mask) : 0, buffer, length * sizeof(WCHAR), &done)) return FALSE;
    if (read) *read = (DWORD)(done / sizeof(WCHAR));
    return TRUE;
}

BOOL WINAPI ReadConsoleA(HANDLE console, void *buffer, DWORD length, DWORD *read, void *control_keys)
{
    /* A unit of UTF-16 is up to three bytes: ask for what is sure to fit. */
    DWORD units = length / 3 ? length / 3 : 1, count;
    WCHAR *wide = heap_alloc(units * sizeof(WCHAR));
    BOOL ok;

    if (!wide) return fail(ERROR_NOT_ENOUGH_MEMORY);
    ok = ReadConsoleW(console, wide, units, &count, control_keys);
    if (ok)
    {
        DWORD size = count ? (DWORD)WideCharToMultiByte(GetConsoleCP(), 0, wide, (INT)count, buffer, (INT)length, NULL, NULL) : 0;

        if (read) *read = size;
    }
    heap_free(wide);
    return ok;
}

static BOOL read_input(HANDLE console, ULONG code, INPUT_RECORD *records, DWORD count, DWORD *read)
{
    ULONG_PTR done;

    if (!control(console, code, NULL, 0, records, count * sizeof(*records), &done)) return FALSE;
    *read = (DWORD)(done / sizeof(*records));
    return TRUE;
}

BOOL WINAPI ReadConsoleInputW(HANDLE console, INPUT_RECORD *records, DWORD count, DWORD *read)
{
    return read_input(console, ORIEL_CONSOLE_READ_INPUT, records, count, read);
}

BOOL WINAPI PeekConsoleInputW(HANDLE console, INPUT_RECORD *records, DWORD count, DWORD *read)
{
    return read_input(console, ORIEL_CONSOLE_PEEK_INPUT, records, count, read);
}

/* The character of a key event in the console's code page. What is more than one byte there comes as its first,
 * as on Windows with UTF-8. */
static void narrow_records(INPUT_RECORD *records, DWORD count)
{
    for (DWORD i = 0; i < count; i++)
    {
        char bytes[4] = { 0 };

        if (records[i].EventType != KEY_EVENT) continue;
        WideCharToMultiByte(GetConsoleCP(), 0, &records[i].Event.KeyEvent.uChar.UnicodeChar, 1, bytes, sizeof(bytes), NULL, NULL);
        records[i].Event.KeyEvent.uChar.UnicodeChar = 0;
        records[i].Event.KeyEvent.uChar.AsciiChar = bytes[0];
    }
}

BOOL WINAPI ReadConsoleInputA(HANDLE console, INPUT_RECORD *records, DWORD count, DWORD *read)
{
    if (!ReadConsoleInputW(console, records, count, read)) return FALSE;
    narrow_records(records, *read);
    return TRUE;
}

BOOL WINAPI PeekConsoleInputA(HANDLE console, INPUT_RECORD *records, DWORD count, DWORD *read)
{
    if (!PeekConsoleInputW(console, records, count, read)) return FALSE;
    narrow_records(records, *read);
    return TRUE;
}

BOOL WINAPI GetNumberOfConsoleInputEvents(HANDLE console, DWORD *count)
{
    ULONG value;

    if (!control(console, ORIEL_CONSOLE_COUNT_INPUT, NULL, 0, &value, sizeof(value), NULL)) return FALSE;
    *count = value;
    return TRUE;
}

BOOL WINAPI FlushConsoleInputBuffer(HANDLE console)
{
    return control(console, ORIEL_CONSOLE_FLUSH_INPUT, NULL, 0, NULL, 0, NULL);
}

BOOL WINAPI GetNumberOfConsoleMouseButtons(DWORD *count)
{
    *count = 0;
    return TRUE;
}

/* ---- the screen ------------------------------------------------------------------------------------- */
BOOL WINAPI GetConsoleScreenBufferInfo(HANDLE console, CONSOLE_SCREEN_BUFFER_INFO *info)
{
    struct oriel_console_screen screen;

    if (!control(console, ORIEL_CONSOLE_GET_SCREEN, NULL, 0, &screen, sizeof(screen), NULL)) return FALSE;
    info->dwSize.X = screen.width;
    info->dwSize.Y = screen.height;
    info->dwCursorPosition.X = screen.cursor.x;
    info->dwCursorPosition.Y = screen.cursor.y;
    info->wAttributes = screen.attributes;
    info->srWindow.Left = screen.window.x;
    info->srWindow.Top = screen.window.y;
    info->srWindow.Right = (SHORT)(screen.window.x + screen.window_width - 1);
    info->srWindow.Bottom = (SHORT)(screen.window.y + screen.window_height - 1);
    info->dwMaximumWindowSize.X = screen.window_width;
    info->dwMaximumWindowSize.Y = screen.window_height;
    return TRUE;
}

BOOL WINAPI GetConsoleScreenBufferInfoEx(HANDLE console, CONSOLE_SCREEN_BUFFER_INFOEX *info)
{
    static const COLORREF colors[16] =
    {
        0x000000, 0x800000, 0x008000, 0x808000, 0x000080, 0x800080, 0x008080, 0xc0c0c0,
        0x808080, 0xff0000, 0x00ff00, 0xffff00, 0x0000ff, 0xff00ff, 0x00ffff, 0xffffff,
    };
    CONSOLE_SCREEN_BUFFER_INFO basic;

    if (info->cbSize != sizeof(*info)) return fail(ERROR_INVALID_PARAMETER);
    if (!GetConsoleScreenBufferInfo(console, &basic)) return FALSE;
    info->dwSize = basic.dwSize;
    info->dwCursorPosition = basic.dwCursorPosition;
    info->wAttributes = basic.wAttributes;
    info->srWindow = basic.srWindow;
    info->dwMaximumWindowSize = basic.dwMaximumWindowSize;
    info->wPopupAttributes = FOREGROUND_BLUE | FOREGROUND_RED | BACKGROUND_BLUE | BACKGROUND_GREEN | BACKGROUND_RED | BACKGROUND_INTENSITY;
    info->bFullscreenSupported = FALSE;
    memcpy(info->ColorTable, colors, sizeof(colors));
    return TRUE;
}

COORD WINAPI GetLargestConsoleWindowSize(HANDLE console)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    COORD none = { 0, 0 };

    return GetConsoleScreenBufferInfo(console, &info) ? info.dwMaximumWindowSize : none;
}

BOOL WINAPI SetConsoleCursorPosition(HANDLE console, COORD position)
{
    struct oriel_console_position value = { position.X, position.Y };

    return control(console, ORIEL_CONSOLE_SET_CURSOR, &value, sizeof(value), NULL, 0, NULL);
}

BOOL WINAPI SetConsoleTextAttribute(HANDLE console, WORD attributes)
{
    ULONG value = attributes;

    return control(console, ORIEL_CONSOLE_SET_ATTRIBUTE, &value, sizeof(value), NULL, 0, NULL);
}

BOOL WINAPI GetConsoleCursorInfo(HANDLE console, CONSOLE_CURSOR_INFO *info)
{
    struct oriel_console_screen screen;

    if (!control(console, ORIEL_CONSOLE_GET_SCREEN, NULL, 0, &screen, sizeof(screen), NULL)) return FALSE;
    if (!info) return fail(ERROR_INVALID_ACCESS);
    info->dwSize = screen.cursor_size;
    info->bVisible = screen.cursor_visible;
    return TRUE;
}

BOOL WINAPI SetConsoleCursorInfo(HANDLE console, CONSOLE_CURSOR_INFO *info)
{
    struct oriel_console_cursor value = { info->dwSize, info->bVisible != 0 };

    if (!info->dwSize || info->dwSize > 100) return fail(ERROR_INVALID_PARAMETER);
    return control(console, ORIEL_CONSOLE_SHOW_CURSOR, &value, sizeof(value), NULL, 0, NULL);
}

static BOOL fill(HANDLE console, struct oriel_console_fill *value, COORD position, DWORD count, DWORD *written)
{
    value->position.x = position.X;
    value->position.y = position.Y;
    value->count = count;
    if (written) *written = 0;
    if (!control(console, ORIEL_CONSOLE_FILL, value, sizeof(*value), NULL, 0, NULL)) return FALSE;
    if (written) *written = count;
    return TRUE;
}

BOOL WINAPI FillConsoleOutputCharacterW(HANDLE console, WCHAR character, DWORD count, COORD position, DWORD *written)
{
    struct oriel_console_fill value;

    memset(&value, 0, sizeof(value));
    value.character = character ? character : ' ';
    return fill(console, &value, position, count, written);
}

BOOL WINAPI FillConsoleOutputCharacterA(HANDLE console, char character, DWORD count, COORD position, DWORD *written)
{
    WCHAR wide = ' ';

    MultiByteToWideChar(GetConsoleOutputCP(), 0, &character, 1, &wide, 1);
    return FillConsoleOutputCharacterW(console, wide, count, position, written);
}

BOOL WINAPI FillConsoleOutputAttribute(HANDLE console, WORD attributes, DWORD count, COORD position, DWORD *written)
{
    struct oriel_console_fill value;

    memset(&value, 0, sizeof(value));
    value.attributes = attributes;
    value.set_attributes = TRUE;
    return fill(console, &value, position, count, written);
}

/* ---- code pages ------------------------------------------------------------------------------------- */

/* What the program thinks in. The terminal itself speaks UTF-8, and ReadFile and WriteFile move what it speaks; the code
 * pages count where text is converted: ReadConsoleA, WriteConsoleA and their kind. */
static UINT input_code_page = CP_UTF8, output_code_page = CP_UTF8;

UINT WINAPI GetConsoleCP(void)
{
    return input_code_page;
}

UINT WINAPI GetConsoleOutputCP(void)
{
    return output_code_page;
}

BOOL WINAPI SetConsoleCP(UINT number)
{
    if (!IsValidCodePage(number)) return fail(ERROR_INVALID_PARAMETER);
    input_code_page = number;
    return TRUE;
}

BOOL WINAPI SetConsoleOutputCP(UINT number)
{
    if (!IsValidCodePage(number)) return fail(ERROR_INVALID_PARAMETER);
    output_code_page = number;
    return TRUE;
}

/* ---- the console as such ---------------------------------------------------------------------------- */
static BOOL left_console;

static BOOL has_console(void)
{
    RTL_USER_PROCESS_PARAMETERS *params = process_parameters();
    HANDLE handle;
    DWORD mode;

    if (left_console) return FALSE;
    if (GetConsoleMode(params->hStdInput, &mode) || GetConsoleMode(params->hStdOutput, &mode) ||
        GetConsoleMode(params->hStdError, &mode)) return TRUE;
    handle = CreateFileW(L"CONOUT$", GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    if (handle == INVALID_HANDLE_VALUE) return FALSE;
    NtClose(handle);
    return TRUE;
}

enum { LEAVE, COME_BACK, HIDE };        /* oriel/control.h */

static BOOL attach(ULONG how)
{
    if (!nt_result(NtSetInformationProcess(NtCurrentProcess(), ProcessOrielConsole, &how, sizeof(how)))) return FALSE;
    left_console = how == LEAVE;
    return TRUE;
}

/* Back to the terminal that FreeConsole left. */
static BOOL come_back(void)
{
    if (!left_console || !attach(COME_BACK)) return FALSE;
    return has_console() || (attach(LEAVE), FALSE);
}

/* Standard handles that lead nowhere lead to the new console. */
static void use_console(void)
{
    static const DWORD std[] = { STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE };
    SECURITY_ATTRIBUTES sa = { sizeof(sa), NULL, TRUE };
    HANDLE handle;
    int i;

    for (i = 0; i < 3; i++)
    {
        if ((handle = GetStdHandle(std[i])) && handle != INVALID_HANDLE_VALUE) continue;
        handle = CreateFileW(i ? L"CONOUT$" : L"CONIN$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, &sa,
                             OPEN_EXISTING, 0, NULL);
        if (handle != INVALID_HANDLE_VALUE) SetStdHandle(std[i], handle);
    }
}

BOOL WINAPI AttachConsole(DWORD id)
{
    (void)id;
    if (has_console()) return fail(ERROR_ACCESS_DENIED);
    return come_back() || fail(ERROR_INVALID_HANDLE);
}

/* Where there is no terminal nobody can see a console; the program has one all the same. */
BOOL WINAPI AllocConsole(void)
{
    if (has_console()) return fail(ERROR_ACCESS_DENIED);
    if (!come_back() && !attach(HIDE)) return FALSE;
    use_console();
    return TRUE;
}

/* What is open stays open: the terminal is a file like others to whoever has it. */
BOOL WINAPI FreeConsole(void)
{
    return has_console() ? attach(FALSE) : fail(ERROR_INVALID_PARAMETER);
}

HWND WINAPI GetConsoleWindow(void)
{
    return NULL;        /* a terminal is no window */
}
