/* Terminals as consoles.
 *
 * Nothing about the terminal changes until a program asks for it (SetConsoleMode), and what it changed is put back at
 * the end. Where the cursor is, only the terminal knows, and asking it would print on stdout: so what we write is
 * followed, and row 0 is where the program began. Moves are made relative to that.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "io/async.h"
#include "io/console.h"
#include "io/console_private.h"
#include "io/errno.h"
#include "io/ntfile.h"
#include "io/text.h"

#define INPUT_MODES  0x3ffu             /* ENABLE_x that exist */
#define OUTPUT_MODES 0x1fu
#define BUFFER_ROWS  9001               /* as conhost has it */

struct console console =
{
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .input_mode = ENABLE_PROCESSED_INPUT | ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT | ENABLE_INSERT_MODE |
                  ENABLE_QUICK_EDIT_MODE | ENABLE_EXTENDED_FLAGS | ENABLE_AUTO_POSITION,
    .output_mode = ENABLE_PROCESSED_OUTPUT | ENABLE_WRAP_AT_EOL_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING,
    .attributes = FOREGROUND_RED | FOREGROUND_GREEN | FOREGROUND_BLUE,
    .cursor_visible = true,
    .cursor_size = 25,
};

/* ---- modes -------------------------------------------------------------------------------------------------------- */

static int saved_fd = -1;               /* set once saved is */
static struct termios saved;

void console_restore(void)
{
    int fd = __atomic_load_n(&saved_fd, __ATOMIC_ACQUIRE);

    if (fd >= 0) tcsetattr(fd, TCSADRAIN, &saved);
}

static void termios_from_mode(struct termios *settings, ULONG mode)
{
    settings->c_lflag &= ~(ISIG | ICANON | ECHO | IEXTEN);
    settings->c_iflag &= ~(ICRNL | IXON);
    if (mode & ENABLE_PROCESSED_INPUT) settings->c_lflag |= saved.c_lflag & ISIG;
    if (mode & ENABLE_LINE_INPUT)
    {
        settings->c_lflag |= ICANON | (saved.c_lflag & IEXTEN);
        settings->c_iflag |= ICRNL | (saved.c_iflag & IXON);
        if (mode & ENABLE_ECHO_INPUT) settings->c_lflag |= ECHO;
    }
    else
    {
        settings->c_cc[VMIN] = 1;
        settings->c_cc[VTIME] = 0;
    }
}

static NTSTATUS set_input_mode(int fd, ULONG mode)
{
    const ULONG told = ENABLE_PROCESSED_INPUT | ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT;
    struct termios settings;
    NTSTATUS status = STATUS_SUCCESS;

    if (mode & ~INPUT_MODES) return STATUS_INVALID_PARAMETER;
    if ((mode & ENABLE_ECHO_INPUT) && !(mode & ENABLE_LINE_INPUT)) return STATUS_INVALID_PARAMETER;
    pthread_mutex_lock(&console.lock);
    if ((mode ^ console.input_mode) & told)
    {
        if (tcgetattr(fd, &settings)) status = status_from_errno(errno);
        else
        {
            if (saved_fd < 0)
            {
                saved = settings;
                __atomic_store_n(&saved_fd, fcntl(fd, F_DUPFD_CLOEXEC, 3), __ATOMIC_RELEASE);
            }
            termios_from_mode(&settings, mode);
            if (tcsetattr(fd, TCSANOW, &settings)) status = status_from_errno(errno);
        }
    }
    if (!status) console.input_mode = mode;
    pthread_mutex_unlock(&console.lock);
    return status;
}

static NTSTATUS set_mode(struct file *file, ULONG mode)
{
    if (file->console_input) return set_input_mode(file->fd, mode);
    if (mode & ~OUTPUT_MODES) return STATUS_INVALID_PARAMETER;
    console.output_mode = mode;
    return STATUS_SUCCESS;
}

/* ---- output --------------------------------------------------------------------------------------------------------- */

static void get_size(int fd, short *width, short *height)
{
    struct winsize size;

    if (ioctl(fd, TIOCGWINSZ, &size) || !size.ws_col || !size.ws_row)
    {
        size.ws_col = 80;
        size.ws_row = 25;
    }
    *width = size.ws_col;
    *height = size.ws_row;
}

/* Follows the cursor over what is written. Escape sequences are passed over; a program that moves with them does not
 * ask us where it is. Under console.lock. */
static void track_locked(const char *text, size_t count, int width)
{
    for (size_t i = 0; i < count; i++)
    {
        unsigned char c = text[i];

        if (console.escape)
        {
            if (console.escape == 1) console.escape = c == '[' ? 2 : c == ']' ? 3 : 0;
            else if (console.escape == 2 && c >= 0x40 && c <= 0x7e) console.escape = 0;
            else if (console.escape == 3 && (c == 7 || c == '\\')) console.escape = 0;
            continue;
        }
        if (c == 27) console.escape = 1;
        else if (c == '\r') console.x = 0;
        else if (c == '\n')
        {
            console.x = 0;
            console.y++;
        }
        else if (c == '\b') console.x -= console.x > 0;
        else if (c == '\t') console.x = (console.x | 7) + 1;
        else if (c >= 32 && (c & 0xc0) != 0x80) console.x++;
        if (console.x > width)
        {
            console.x = 1;
            console.y++;
        }
    }
    if (console.y >= BUFFER_ROWS) console.y = BUFFER_ROWS - 1;
}

static NTSTATUS write_text(struct file *file, const char *text, size_t count)
{
    short width, height;

    get_size(file->fd, &width, &height);
    pthread_mutex_lock(&console.lock);
    track_locked(text, count, width);
    pthread_mutex_unlock(&console.lock);
    while (count)
    {
        ssize_t n = write(file->fd, text, count);

        if (n >= 0)
        {
            text += n;
            count -= n;
        }
        else if (errno == EAGAIN)
        {
            struct pollfd fd = { file->fd, POLLOUT, 0 };

            poll(&fd, 1, -1);
        }
        else if (errno != EINTR) return status_from_errno(errno);
    }
    return STATUS_SUCCESS;
}

static NTSTATUS console_write(struct io *io)
{
    char chunk[4096];
    NTSTATUS status = STATUS_SUCCESS;

    if (io->file->console_input && !(io->file->access & FILE_WRITE_DATA)) return STATUS_INVALID_HANDLE;
    while (!status && io->done < io->length)
    {
        size_t count = io->length - io->done < sizeof(chunk) ? io->length - io->done : sizeof(chunk);

        if (!(status = user_read(chunk, (char *)io->buffer + io->done, count)) &&
            !(status = write_text(io->file, chunk, count))) io->done += count;
    }
    io->information = io->done;
    return status;
}

/* WriteConsoleW. A pair of surrogates may come in two calls. */
static NTSTATUS write_units(struct io *io)
{
    WCHAR units[1024];
    char text[3 * 1024];
    size_t left = io->in_length / sizeof(WCHAR);
    const WCHAR *from = io->in;
    NTSTATUS status;

    while (left)
    {
        size_t count = 0, take = left < 1022 ? left : 1022, kept = 0;

        pthread_mutex_lock(&console.lock);
        if (console.high_surrogate) units[count++] = console.high_surrogate;
        console.high_surrogate = 0;
        pthread_mutex_unlock(&console.lock);
        if ((status = user_read(units + count, from, take * sizeof(WCHAR)))) return status;
        count += take;
        if (units[count - 1] >= 0xd800 && units[count - 1] < 0xdc00) kept = units[--count];
        for (size_t i = 0; i < count; i++)
        {
            if (units[i] >= 0xd800 && units[i] < 0xdc00 && i + 1 < count && units[i + 1] >= 0xdc00 && units[i + 1] < 0xe000) i++;
            else if (units[i] >= 0xd800 && units[i] < 0xe000 && !(units[i] >= 0xdc80 && units[i] < 0xdd00)) units[i] = 0xfffd;
        }
        pthread_mutex_lock(&console.lock);
        console.high_surrogate = kept;
        pthread_mutex_unlock(&console.lock);
        if ((status = write_text(io->file, text, text_to_bytes(text, units, count)))) return status;
        from += take;
        left -= take;
    }
    return STATUS_SUCCESS;
}

static void get_screen(struct file *file, struct oriel_console_screen *screen)
{
    memset(screen, 0, sizeof(*screen));
    get_size(file->fd, &screen->window_width, &screen->window_height);
    pthread_mutex_lock(&console.lock);
    screen->width = screen->window_width;
    screen->height = BUFFER_ROWS > screen->window_height ? BUFFER_ROWS : screen->window_height;
    screen->cursor.x = console.x < screen->width ? console.x : screen->width - 1;
    screen->cursor.y = console.y;
    screen->window.y = console.y >= screen->window_height ? console.y - screen->window_height + 1 : 0;
    screen->attributes = console.attributes;
    screen->cursor_visible = console.cursor_visible;
    screen->cursor_size = console.cursor_size;
    pthread_mutex_unlock(&console.lock);
}

static NTSTATUS set_cursor(struct file *file, const struct oriel_console_position *to)
{
    struct oriel_console_screen screen;
    char text[48];
    int n = 0;

    get_screen(file, &screen);
    if (to->x < 0 || to->y < 0 || to->x >= screen.width || to->y >= screen.height) return STATUS_INVALID_PARAMETER;
    if (to->y < screen.cursor.y) n = snprintf(text, sizeof(text), "\033[%dA", screen.cursor.y - to->y);
    else if (to->y > screen.cursor.y) n = snprintf(text, sizeof(text), "\033[%dB", to->y - screen.cursor.y);
    n += snprintf(text + n, sizeof(text) - n, "\033[%dG", to->x + 1);
    pthread_mutex_lock(&console.lock);
    console.x = to->x;
    console.y = to->y;
    pthread_mutex_unlock(&console.lock);
    return write_text(file, text, n);
}

/* Windows' bits are blue, green, red; the terminal's are red, green, blue. */
static int ansi_color(unsigned int bits)
{
    return (bits & 2) | (bits & 4) >> 2 | (bits & 1) << 2;
}

static NTSTATUS set_attribute(struct file *file, ULONG attributes)
{
    char text[64];
    int n;

    pthread_mutex_lock(&console.lock);
    console.attributes = attributes;
    pthread_mutex_unlock(&console.lock);
    if ((attributes & 0xff) == 7) n = snprintf(text, sizeof(text), "\033[0m");
    else
        n = snprintf(text, sizeof(text), "\033[0;%d;%d%sm", (attributes & 8 ? 90 : 30) + ansi_color(attributes & 7),
                     (attributes & 0x80 ? 100 : 40) + ansi_color(attributes >> 4 & 7),
                     attributes & 0x4000 ? ";7" : "");
    /* A black background is the terminal's own, whatever colour that has. */
    if ((attributes & 0xf0) == 0 && (attributes & 0xff) != 7)
        n = snprintf(text, sizeof(text), "\033[0;%dm", (attributes & 8 ? 90 : 30) + ansi_color(attributes & 7));
    return write_text(file, text, n);
}

static NTSTATUS show_cursor(struct file *file, const struct oriel_console_cursor *cursor)
{
    if (!cursor->size || cursor->size > 100) return STATUS_INVALID_PARAMETER;
    pthread_mutex_lock(&console.lock);
    console.cursor_size = cursor->size;
    console.cursor_visible = cursor->visible;
    pthread_mutex_unlock(&console.lock);
    return cursor->visible ? write_text(file, "\033[?25h", 6) : write_text(file, "\033[?25l", 6);
}

static NTSTATUS set_title(struct io *io)
{
    WCHAR units[256];
    char text[3 * 256 + 8] = "\033]0;";
    size_t count = io->in_length / sizeof(WCHAR) < 256 ? io->in_length / sizeof(WCHAR) : 256;
    NTSTATUS status = user_read(units, io->in, count * sizeof(WCHAR));
    ssize_t n;

    if (status) return status;
    for (size_t i = 0; i < count; i++)
        if (units[i] < 32 || (units[i] >= 0xd800 && units[i] < 0xe000)) units[i] = '?';
    n = text_to_bytes(text + 4, units, count);
    text[4 + n] = 7;
    return write_text(io->file, text, n + 5);
}

/* Blanks to the end of a line or of the screen are what programs fill with; other characters are written out. */
static NTSTATUS fill(struct file *file, const struct oriel_console_fill *what)
{
    struct oriel_console_screen screen;
    struct oriel_console_position at;
    unsigned int left = what->count, room;
    NTSTATUS status;
    char text[3];
    ssize_t n;
    WCHAR unit = what->character ? what->character : ' ';

    if (!what->character) return STATUS_SUCCESS;        /* colours alone: cells are not kept */
    get_screen(file, &screen);
    at = screen.cursor;
    if ((status = set_cursor(file, &what->position))) return status;
    room = (screen.window_height - (what->position.y - screen.window.y)) * screen.width;
    if (unit == ' ' && left >= room) status = write_text(file, "\033[J", 3);
    else if (unit == ' ' && left == (unsigned int)(screen.width - what->position.x)) status = write_text(file, "\033[K", 3);
    else
    {
        if ((n = text_to_bytes(text, &unit, 1)) < 0) return STATUS_INVALID_PARAMETER;
        if (left > room) left = room;
        while (left-- && !status) status = write_text(file, text, n);
    }
    return status ? status : set_cursor(file, &at);
}

/* ---- control ----------------------------------------------------------------------------------------------------------- */

static NTSTATUS answer(struct io *io, const void *data, size_t size)
{
    if (io->length < size) return STATUS_BUFFER_TOO_SMALL;
    io->information = size;
    return user_write(io->buffer, data, size);
}

static NTSTATUS output_control(struct io *io)
{
    union
    {
        ULONG value;
        struct oriel_console_position position;
        struct oriel_console_cursor cursor;
        struct oriel_console_fill fill;
    } in;
    struct oriel_console_screen screen;
    size_t needed = 0;
    NTSTATUS status;

    switch (io->code)
    {
    case ORIEL_CONSOLE_SET_CURSOR:    needed = sizeof(in.position); break;
    case ORIEL_CONSOLE_SET_ATTRIBUTE: needed = sizeof(in.value); break;
    case ORIEL_CONSOLE_SHOW_CURSOR:   needed = sizeof(in.cursor); break;
    case ORIEL_CONSOLE_FILL:          needed = sizeof(in.fill); break;
    }
    if (io->in_length < needed) return STATUS_INVALID_PARAMETER;
    if ((status = user_read(&in, io->in, needed))) return status;
    switch (io->code)
    {
    case ORIEL_CONSOLE_WRITE:         return write_units(io);
    case ORIEL_CONSOLE_SET_CURSOR:    return set_cursor(io->file, &in.position);
    case ORIEL_CONSOLE_SET_ATTRIBUTE: return set_attribute(io->file, in.value);
    case ORIEL_CONSOLE_SHOW_CURSOR:   return show_cursor(io->file, &in.cursor);
    case ORIEL_CONSOLE_SET_TITLE:     return set_title(io);
    case ORIEL_CONSOLE_FILL:          return fill(io->file, &in.fill);
    case ORIEL_CONSOLE_GET_SCREEN:
        get_screen(io->file, &screen);
        return answer(io, &screen, sizeof(screen));
    default:
        return STATUS_INVALID_HANDLE;           /* a code for input handles */
    }
}

static NTSTATUS console_control(struct io *io)
{
    ULONG mode;
    NTSTATUS status;

    switch (io->code)
    {
    case ORIEL_CONSOLE_GET_MODE:
        mode = io->file->console_input ? console.input_mode : console.output_mode;
        return answer(io, &mode, sizeof(mode));
    case ORIEL_CONSOLE_SET_MODE:
        if (io->in_length < sizeof(mode)) return STATUS_INVALID_PARAMETER;
        if ((status = user_read(&mode, io->in, sizeof(mode)))) return status;
        return set_mode(io->file, mode);
    }
    if (io->code < ORIEL_CONSOLE_READ || io->code > ORIEL_CONSOLE_FILL) return STATUS_INVALID_DEVICE_REQUEST;
    return io->file->console_input ? console_input_control(io) : output_control(io);
}

static NTSTATUS console_flush(struct io *io)
{
    if (!io->file->console_input) return STATUS_SUCCESS;
    return console_flush_input(io->file->fd);
}

static bool detached;

void console_attach(bool attached)
{
    __atomic_store_n(&detached, !attached, __ATOMIC_RELAXED);
}

NTSTATUS console_open(const char *device, struct file_open *open_, struct file **file)
{
    bool input = device[0] ? device[0] == 'I' : !(open_->access & FILE_WRITE_DATA);
    int fd;

    if (__atomic_load_n(&detached, __ATOMIC_RELAXED) || (fd = open(console_hidden_path() ? console_hidden_path() : "/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) < 0) return STATUS_INVALID_HANDLE;
    if (!(*file = file_alloc(FILE_KIND_CONSOLE, &console_ops, fd, open_->access, open_->options))) return STATUS_NO_MEMORY;
    (*file)->console_input = input;
    (*file)->sharing = open_->sharing;
    open_->result = FILE_OPENED;
    return STATUS_SUCCESS;
}

const struct file_ops console_ops =
{
    .read = console_read, .write = console_write, .control = console_control, .flush = console_flush,
};
