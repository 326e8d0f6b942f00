/* What a terminal gives to read: lines, characters, key events. */
#include <errno.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "io/console_private.h"
#include "io/errno.h"
#include "io/text.h"
#define NOGDI
#include "winuser.h"

/* ---- bytes ----------------------------------------------------------------------------------------------------- */

/* Gets what the terminal has. STATUS_PENDING: nothing yet. STATUS_END_OF_FILE: Ctrl-D, or the terminal is gone. */
static NTSTATUS fill_locked(int fd)
{
    char raw[sizeof(console.bytes) / 2];
    struct pollfd poll_fd = { fd, POLLIN, 0 };
    size_t out = 0;
    ssize_t n;

    if (poll(&poll_fd, 1, 0) <= 0) return STATUS_PENDING;
    while ((n = read(fd, raw, sizeof(raw))) < 0 && errno == EINTR) ;
    if (n < 0) return errno == EAGAIN ? STATUS_PENDING : errno == EIO ? STATUS_END_OF_FILE : status_from_errno(errno);
    if (!n) return STATUS_END_OF_FILE;
    for (ssize_t i = 0; i < n; i++)
    {
        /* A line that was typed ends as Windows ends it. */
        if (raw[i] == '\n' && (console.input_mode & ENABLE_LINE_INPUT) && (console.input_mode & ENABLE_PROCESSED_INPUT))
            console.bytes[out++] = '\r';
        console.bytes[out++] = raw[i];
        if (raw[i] == '\n' && (console.input_mode & ENABLE_ECHO_INPUT))    /* the terminal showed it */
        {
            console.x = 0;
            console.y++;
        }
    }
    console.first = 0;
    console.count = out;
    return STATUS_SUCCESS;
}

static void take_locked(size_t count)
{
    console.first += count;
    console.count -= count;
}

/* How much of what is there one read gets: in line mode not beyond the end of the line. */
static size_t line_length_locked(void)
{
    const char *end;

    if (!(console.input_mode & ENABLE_LINE_INPUT)) return console.count;
    end = memchr(console.bytes + console.first, '\n', console.count);
    return end ? (size_t)(end - (console.bytes + console.first)) + 1 : console.count;
}

/* ---- reading text ------------------------------------------------------------------------------------------------- */

static NTSTATUS attempt_read(struct io *io)
{
    NTSTATUS status = STATUS_SUCCESS;
    size_t count;

    pthread_mutex_lock(&console.lock);
    if (!console.count) status = fill_locked(io->fd);
    if (!status)
    {
        if ((count = line_length_locked()) > io->length) count = io->length;
        if (!(status = user_write(io->buffer, console.bytes + console.first, count)))
        {
            take_locked(count);
            io->information = count;
        }
    }
    else if (status == STATUS_END_OF_FILE) status = STATUS_SUCCESS;     /* no bytes, as after Ctrl-Z */
    pthread_mutex_unlock(&console.lock);
    return status;
}

NTSTATUS console_read(struct io *io)
{
    NTSTATUS status;

    if (!io->file->console_input && !(io->file->access & FILE_READ_DATA)) return STATUS_INVALID_HANDLE;
    if ((status = user_probe_for_write(io->buffer, io->length))) return status;
    io->attempt = attempt_read;
    io->fd = io->file->fd;
    io->events = POLLIN;
    return io_run(io);
}

/* Bytes of the character at p: those there are, if it is cut off by the end. */
static size_t character_length(const char *p, size_t left)
{
    unsigned char c = *p;
    size_t n = c < 0xc2 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 1;

    return n < left ? n : left;
}

static NTSTATUS attempt_read_units(struct io *io)
{
    NTSTATUS status = STATUS_SUCCESS;
    size_t room = io->length / sizeof(WCHAR), used = 0, taken = 0, line;
    WCHAR units[4];

    pthread_mutex_lock(&console.lock);
    if (!console.count) status = fill_locked(io->fd);
    if (status)
    {
        pthread_mutex_unlock(&console.lock);
        return status == STATUS_END_OF_FILE ? STATUS_SUCCESS : status;
    }
    line = line_length_locked();
    while (taken < line && !status)
    {
        size_t bytes = character_length(console.bytes + console.first + taken, line - taken);
        size_t count = text_to_units(units, console.bytes + console.first + taken, bytes);

        if (used + count > room) break;
        if ((status = user_write((WCHAR *)io->buffer + used, units, count * sizeof(WCHAR)))) break;
        used += count;
        taken += bytes;
    }
    if (!status)
    {
        take_locked(taken);
        io->information = used * sizeof(WCHAR);
    }
    pthread_mutex_unlock(&console.lock);
    return status;
}

/* ---- key events ------------------------------------------------------------------------------------------------------ */

struct key
{
    WCHAR unit;
    WORD  code;
    DWORD state;
};

static const struct { const char *sequence; WORD code; } escape_keys[] =
{
    { "\033[A", VK_UP }, { "\033[B", VK_DOWN }, { "\033[C", VK_RIGHT }, { "\033[D", VK_LEFT },
    { "\033OA", VK_UP }, { "\033OB", VK_DOWN }, { "\033OC", VK_RIGHT }, { "\033OD", VK_LEFT },
    { "\033[H", VK_HOME }, { "\033[F", VK_END }, { "\033[1~", VK_HOME }, { "\033[4~", VK_END },
    { "\033[2~", VK_INSERT }, { "\033[3~", VK_DELETE }, { "\033[5~", VK_PRIOR }, { "\033[6~", VK_NEXT },
    { "\033OP", VK_F1 }, { "\033OQ", VK_F2 }, { "\033OR", VK_F3 }, { "\033OS", VK_F4 },
    { "\033[15~", VK_F5 }, { "\033[17~", VK_F6 }, { "\033[18~", VK_F7 }, { "\033[19~", VK_F8 },
    { "\033[20~", VK_F9 }, { "\033[21~", VK_F10 }, { "\033[23~", VK_F11 }, { "\033[24~", VK_F12 },
};

/* Decodes the key at p; returns its bytes. keys has room for two: a pair of surrogates. */
static size_t decode_key(const char *p, size_t left, struct key keys[2], size_t *count)
{
    WCHAR units[4];
    size_t bytes, n;

    *count = 1;
    memset(keys, 0, 2 * sizeof(*keys));
    if (!(console.input_mode & ENABLE_VIRTUAL_TERMINAL_INPUT))
        for (size_t i = 0; i < sizeof(escape_keys) / sizeof(escape_keys[0]); i++)
        {
            n = strlen(escape_keys[i].sequence);
            if (left < n || memcmp(p, escape_keys[i].sequence, n)) continue;
            keys[0].code = escape_keys[i].code;
            keys[0].state = ENHANCED_KEY;
            return n;
        }
    bytes = character_length(p, left);
    n = text_to_units(units, p, bytes);
    for (size_t i = 0; i < n && i < 2; i++) keys[i].unit = units[i];
    *count = n < 2 ? n : 2;
    if (units[0] == '\n' || units[0] == '\r')
    {
        keys[0].unit = '\r';
        keys[0].code = VK_RETURN;
    }
    else if (units[0] == 127 || units[0] == 8)
    {
        keys[0].unit = 8;
        keys[0].code = VK_BACK;
    }
    else if (units[0] == '\t') keys[0].code = VK_TAB;
    else if (units[0] == 27) keys[0].code = VK_ESCAPE;
    else if (units[0] == ' ') keys[0].code = VK_SPACE;
    else if (units[0] >= 'a' && units[0] <= 'z') keys[0].code = units[0] - 32;
    else if (units[0] >= 'A' && units[0] <= 'Z')
    {
        keys[0].code = units[0];
        keys[0].state = SHIFT_PRESSED;
    }
    else if (units[0] >= '0' && units[0] <= '9') keys[0].code = units[0];
    else if (units[0] >= 1 && units[0] <= 26)
    {
        keys[0].code = units[0] + 64;
        keys[0].state = LEFT_CTRL_PRESSED;
    }
    return bytes;
}

/* Records of what is there: each key goes down and up. peek: nothing is taken. out NULL: counts only. */
static NTSTATUS records_locked(INPUT_RECORD *out, size_t room, bool peek, size_t *stored)
{
    size_t used = 0, n = 0, count;
    struct key keys[2];
    NTSTATUS status;

    while (used < console.count)
    {
        size_t bytes = decode_key(console.bytes + console.first + used, console.count - used, keys, &count);

        if (out && n + 2 * count > room && n) break;
        for (size_t i = 0; i < 2 * count && (!out || n < room); i++)
        {
            const struct key *key = &keys[i / 2];
            INPUT_RECORD record = { .EventType = KEY_EVENT };

            record.Event.KeyEvent.bKeyDown = !(i & 1);
            record.Event.KeyEvent.wRepeatCount = 1;
            record.Event.KeyEvent.wVirtualKeyCode = key->code;
            record.Event.KeyEvent.uChar.UnicodeChar = key->unit;
            record.Event.KeyEvent.dwControlKeyState = key->state;
            if (out && (status = user_write(out + n, &record, sizeof(record)))) return status;
            n++;
        }
        used += bytes;
    }
    if (!peek) take_locked(used);
    *stored = n;
    return STATUS_SUCCESS;
}

static NTSTATUS attempt_records(struct io *io)
{
    bool peek = io->code == ORIEL_CONSOLE_PEEK_INPUT;
    NTSTATUS status = STATUS_SUCCESS;
    size_t stored = 0;

    pthread_mutex_lock(&console.lock);
    if (!console.count) status = fill_locked(io->fd);
    if (peek && (status == STATUS_PENDING || status == STATUS_END_OF_FILE)) status = STATUS_SUCCESS;
    if (!status) status = records_locked(io->buffer, io->length / sizeof(INPUT_RECORD), peek, &stored);
    io->information = stored * sizeof(INPUT_RECORD);
    pthread_mutex_unlock(&console.lock);
    return status;
}

static NTSTATUS count_input(struct io *io)
{
    size_t stored = 0;
    ULONG count;

    if (io->length < sizeof(count)) return STATUS_BUFFER_TOO_SMALL;
    pthread_mutex_lock(&console.lock);
    if (!console.count) fill_locked(io->fd);
    records_locked(NULL, 0, true, &stored);
    pthread_mutex_unlock(&console.lock);
    count = stored;
    io->information = sizeof(count);
    return user_write(io->buffer, &count, sizeof(count));
}

NTSTATUS console_flush_input(int fd)
{
    pthread_mutex_lock(&console.lock);
    console.count = 0;
    pthread_mutex_unlock(&console.lock);
    return tcflush(fd, TCIFLUSH) ? status_from_errno(errno) : STATUS_SUCCESS;
}

NTSTATUS console_input_control(struct io *io)
{
    io->fd = io->file->fd;
    io->events = POLLIN;
    switch (io->code)
    {
    case ORIEL_CONSOLE_READ:
        if (!io->length) return STATUS_SUCCESS;
        io->attempt = attempt_read_units;
        return io_run(io);
    case ORIEL_CONSOLE_READ_INPUT:
        if (io->length < sizeof(INPUT_RECORD)) return STATUS_BUFFER_TOO_SMALL;
        io->attempt = attempt_records;
        return io_run(io);
    case ORIEL_CONSOLE_PEEK_INPUT:
        return attempt_records(io);
    case ORIEL_CONSOLE_COUNT_INPUT:
        return count_input(io);
    case ORIEL_CONSOLE_FLUSH_INPUT:
        return console_flush_input(io->fd);
    default:
        return STATUS_INVALID_HANDLE;           /* a code for output handles */
    }
}
