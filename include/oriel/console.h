/* The console protocol between kernelbase and the Unix side: codes for NtDeviceIoControlFile on a console handle.
 *
 * A console is a terminal that an fd of ours leads to: the standard handles if they are terminals, and CONIN$,
 * CONOUT$ and CON (\Device\ConDrv\Input, Output), which are the controlling terminal. Text is UTF-16 here; ReadFile
 * and WriteFile move UTF-8. A handle is an input or an output handle; a code for the other kind fails with
 * STATUS_INVALID_HANDLE, and so does every code on a handle that is no console (STATUS_INVALID_DEVICE_REQUEST,
 * STATUS_OBJECT_TYPE_MISMATCH). What a code returns in IO_STATUS_BLOCK.Information is bytes of output.
 */
#pragma once

#define ORIEL_CONSOLE_CODE(n) (0x00500000u | (0x800u + (n)) << 2)   /* FILE_DEVICE_CONSOLE, buffered, any access */

/* either kind */
#define ORIEL_CONSOLE_GET_MODE      ORIEL_CONSOLE_CODE(0)   /* out: ULONG */
#define ORIEL_CONSOLE_SET_MODE      ORIEL_CONSOLE_CODE(1)   /* in: ULONG; STATUS_INVALID_PARAMETER */

/* input */
#define ORIEL_CONSOLE_READ          ORIEL_CONSOLE_CODE(2)   /* in: nothing or ULONG control key mask; out: WCHAR[];
                                                               0 bytes at the end of input. Waits. */
#define ORIEL_CONSOLE_READ_INPUT    ORIEL_CONSOLE_CODE(3)   /* out: INPUT_RECORD[]; waits for at least one */
#define ORIEL_CONSOLE_PEEK_INPUT    ORIEL_CONSOLE_CODE(4)   /* out: INPUT_RECORD[]; does not wait, takes nothing */
#define ORIEL_CONSOLE_COUNT_INPUT   ORIEL_CONSOLE_CODE(5)   /* out: ULONG */
#define ORIEL_CONSOLE_FLUSH_INPUT   ORIEL_CONSOLE_CODE(6)

/* output */
#define ORIEL_CONSOLE_WRITE         ORIEL_CONSOLE_CODE(16)  /* in: WCHAR[] */
#define ORIEL_CONSOLE_GET_SCREEN    ORIEL_CONSOLE_CODE(17)  /* out: struct oriel_console_screen */
#define ORIEL_CONSOLE_SET_CURSOR    ORIEL_CONSOLE_CODE(18)  /* in: struct oriel_console_position */
#define ORIEL_CONSOLE_SET_ATTRIBUTE ORIEL_CONSOLE_CODE(19)  /* in: ULONG, FOREGROUND_x and BACKGROUND_x */
#define ORIEL_CONSOLE_SHOW_CURSOR   ORIEL_CONSOLE_CODE(20)  /* in: struct oriel_console_cursor */
#define ORIEL_CONSOLE_SET_TITLE     ORIEL_CONSOLE_CODE(21)  /* in: WCHAR[] */
#define ORIEL_CONSOLE_FILL          ORIEL_CONSOLE_CODE(22)  /* in: struct oriel_console_fill */

struct oriel_console_position
{
    short x, y;
};

/* Row 0 is where the cursor was when the program started: what scrolled away before is not ours. */
struct oriel_console_screen
{
    short width, height;                    /* of the buffer */
    short window_width, window_height;
    struct oriel_console_position window;   /* its top left */
    struct oriel_console_position cursor;
    unsigned short attributes;
    unsigned short cursor_visible;
    unsigned int   cursor_size;             /* per cent */
};

struct oriel_console_cursor
{
    unsigned int size;
    unsigned int visible;
};

struct oriel_console_fill                   /* FillConsoleOutputCharacter, ...Attribute: count cells from position on */
{
    struct oriel_console_position position;
    unsigned int   count;
    unsigned short character;               /* 0: leave the characters */
    unsigned short attributes;
    unsigned int   set_attributes;
};
