/* RtlFormatMessage: messages with escapes, inserts and lines of a greatest width. Its results, odd as some are, are
 * those of ntdll:rtlstr (test_RtlFormatMessage). */

#include "rtl.h"

#define MAX_FORMAT   31         /* characters of one insert's format */
#define MAX_STARS    2          /* arguments that an insert's width and precision take */
#define MAX_INSERTS  (99 + MAX_STARS)

/* The arguments. An insert whose format has stars takes those from there too; after a va_list's the last of them is
 * forgotten, so that what follows has lower numbers than one would count. */
struct inserts
{
    const ULONG_PTR *array;
    __ms_va_list    *list;
    unsigned int     last;      /* the highest number used */
    ULONG_PTR        fetched[MAX_INSERTS];
};

struct message
{
    WCHAR *out, *end;
    WCHAR *line;                /* where the line starts */
    WCHAR *space;               /* its last blank: the line may be broken there */
    ULONG  width;               /* 0: as wide as it is */
    bool   keep_inserts, ansi;
};

static NTSTATUS put(struct message *msg, const WCHAR *text, unsigned int length)
{
    if ((size_t)(msg->end - msg->out) < length) return STATUS_BUFFER_OVERFLOW;
    memcpy(msg->out, text, length * sizeof(WCHAR));
    msg->out += length;
    return STATUS_SUCCESS;
}

static void start_line(struct message *msg)
{
    msg->line = msg->out;
    msg->space = NULL;
}

static NTSTATUS put_line_end(struct message *msg, const WCHAR *text, unsigned int length)
{
    NTSTATUS status = put(msg, text, length);

    start_line(msg);
    return status;
}

/* A line that has become as long as allowed: the blanks where it can be broken become its end; without any, it ends. */
static NTSTATUS break_line(struct message *msg)
{
    WCHAR *from = msg->out, *rest = msg->out;
    size_t length;

    if (!msg->width || (size_t)(msg->out - msg->line) < msg->width) return STATUS_SUCCESS;
    if (msg->space)
    {
        from = msg->space;
        rest = msg->space + 1;
        while (from > msg->line && (from[-1] == ' ' || from[-1] == '\t')) from--;
    }
    length = msg->out - rest;
    if ((size_t)(msg->end - from) < 2 + length) return STATUS_BUFFER_OVERFLOW;
    memmove(from + 2, rest, length * sizeof(WCHAR));
    memcpy(from, L"\r\n", 2 * sizeof(WCHAR));
    msg->line = from + 2;
    msg->space = NULL;
    msg->out = msg->line + length;
    return STATUS_SUCCESS;
}

/* ---- inserts ---- */

/* Argument NUMBER of a va_list, from 1; 0 is the one after the last. */
static bool fetch(struct inserts *inserts, unsigned int number, ULONG_PTR *value)
{
    if (!number) number = inserts->last + 1;
    if (number > MAX_INSERTS) return false;
    while (inserts->last < number) inserts->fetched[inserts->last++] = va_arg(*inserts->list, ULONG_PTR);
    *value = inserts->fetched[number - 1];
    return true;
}

static bool fetch_all(struct inserts *inserts, unsigned int number, unsigned int stars, ULONG_PTR *args)
{
    unsigned int n = 0;

    if (inserts->array)
    {
        args[n++] = inserts->array[number - 1];
        if (inserts->last < number) inserts->last = number;
        while (n <= stars) args[n++] = inserts->array[inserts->last++];
        return true;
    }
    if (number > 1 && !fetch(inserts, number - 1, args)) return false;
    for (; n < stars; n++)
    {
        if (!fetch(inserts, number, &args[n])) return false;
        number = 0;
    }
    if (stars) inserts->last--;
    return fetch(inserts, number, &args[n]);
}

/* The printf format of an insert; TEXT is behind its number, NEXT behind it all. Strings and characters are of the
 * message's kind, unless their prefix says otherwise. */
static NTSTATUS get_format(const struct message *msg, const WCHAR *text, const WCHAR **next, WCHAR *format, unsigned int *stars)
{
    const WCHAR *end;

    *stars = 0;
    *format++ = '%';
    if (*text != '!')
    {
        *format++ = msg->ansi ? 'S' : 's';
        *format = 0;
        *next = text;
        return STATUS_SUCCESS;
    }
    end = wcschr(++text, '!');
    if (!end || end - text > MAX_FORMAT - 1) return STATUS_INVALID_PARAMETER;
    *next = end + 1;
    while (text < end && wcschr(L"0123456789 +-*#.", *text))
    {
        if (*text == '*' && ++*stars > MAX_STARS) return STATUS_INVALID_PARAMETER;
        *format++ = *text++;
    }
    if (msg->ansi && text < end && wcschr(L"cCsS", *text)) *format++ = *text++ ^ ('s' ^ 'S');
    while (text < end) *format++ = *text++;
    *format = 0;
    return STATUS_SUCCESS;
}

static NTSTATUS put_insert(struct message *msg, struct inserts *inserts, const WCHAR **text)
{
    WCHAR format[MAX_FORMAT + 1];
    ULONG_PTR args[MAX_FORMAT + 1] = { 0 };      /* more than any format can take */
    const WCHAR *p = *text;
    unsigned int number = *p++ - '0', stars;
    size_t room = msg->end - msg->out;
    NTSTATUS status;
    int length;

    if (*p >= '0' && *p <= '9') number = number * 10 + *p++ - '0';
    if ((status = get_format(msg, p, text, format, &stars))) return status;
    if (!inserts->array && !inserts->list) return STATUS_INVALID_PARAMETER;
    if (!fetch_all(inserts, number, stars, args)) return STATUS_INVALID_PARAMETER;
    if (!room) return STATUS_BUFFER_OVERFLOW;
    length = _vsnwprintf(msg->out, room - 1, format, (__ms_va_list)args);
    if (length < 0)
    {
        msg->out[room - 1] = 0;
        return STATUS_BUFFER_OVERFLOW;
    }
    msg->out += length;
    return STATUS_SUCCESS;
}

/* ---- the message ---- */

/* What follows a percent sign. */
static NTSTATUS put_escape(struct message *msg, struct inserts *inserts, const WCHAR **text)
{
    const WCHAR *p = (*text)++;

    switch (*p)
    {
    case 0:
        return STATUS_INVALID_PARAMETER;
    case 't':
        return msg->width ? put_line_end(msg, L"\r\n", 2) : put(msg, L"\t", 1);
    case 'n':
        return put_line_end(msg, L"\r\n", 2);
    case 'r':
        return put_line_end(msg, L"\r", 1);
    case '0':                   /* the end, without a line end */
        *text = p + wcslen(p);
        return STATUS_SUCCESS;
    }
    if (msg->keep_inserts) return put(msg, p - 1, 2);
    if (*p < '1' || *p > '9') return put(msg, p, 1);
    *text = p;
    return put_insert(msg, inserts, text);
}

static NTSTATUS put_item(struct message *msg, struct inserts *inserts, const WCHAR **text)
{
    const WCHAR *p = (*text)++;

    switch (*p)
    {
    case '%':
        return put_escape(msg, inserts, text);
    case '\r':
        if (p[1] == '\n') ++*text;
        /* fall through */
    case '\n':
        if (!msg->width) return put_line_end(msg, L"\r\n", 2);
        /* fall through */
    case ' ':                   /* where lines have a width, their ends in the text are blanks */
        msg->space = msg->out;
        return put(msg, L" ", 1);
    case '\t':
        if (msg->space && msg->space == msg->out - 1) msg->space = msg->out;
        return put(msg, L"\t", 1);
    default:
        return put(msg, p, 1);
    }
}

NTSTATUS WINAPI RtlFormatMessageEx(const WCHAR *text, ULONG width, BOOLEAN keep_inserts, BOOLEAN ansi, BOOLEAN is_array,
                                   __ms_va_list *args, WCHAR *buffer, ULONG size, ULONG *result_size, ULONG flags)
{
    struct message msg = { buffer, buffer + size / sizeof(WCHAR), buffer, NULL, width, keep_inserts, ansi };
    struct inserts inserts;
    NTSTATUS status;

    (void)flags;                /* none is known */
    inserts.array = is_array ? (const ULONG_PTR *)args : NULL;
    inserts.list = is_array ? NULL : args;
    inserts.last = 0;
    while (*text)
    {
        if ((status = put_item(&msg, &inserts, &text))) return status;
        if ((status = break_line(&msg))) return status;
    }
    if ((status = put(&msg, L"", 1))) return status;
    *result_size = (ULONG)((msg.out - buffer) * sizeof(WCHAR));
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlFormatMessage(const WCHAR *text, ULONG width, BOOLEAN keep_inserts, BOOLEAN ansi, BOOLEAN is_array,
                                 __ms_va_list *args, WCHAR *buffer, ULONG size, ULONG *result_size)
{
    return RtlFormatMessageEx(text, width, keep_inserts, ansi, is_array, args, buffer, size, result_size, 0);
}
