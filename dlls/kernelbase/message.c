/* FormatMessage: message texts with inserts. */
#include <stdio.h>

#include "kernelbase.h"
#include "message_table.h"

/* ---- where the text comes from ---------------------------------------------------------------------- */
static WCHAR *widen(const char *text, INT length)
{
    INT size = MultiByteToWideChar(CP_ACP, 0, text, length, NULL, 0);
    WCHAR *wide = heap_alloc(((SIZE_T)size + 1) * sizeof(WCHAR));

    if (!wide) return NULL;
    MultiByteToWideChar(CP_ACP, 0, text, length, wide, size);
    wide[size] = 0;
    return wide;
}

/* The text of a message table resource; heap. */
static WCHAR *module_message(HMODULE module, DWORD id, WORD language)
{
    HRSRC found = FindResourceExW(module, (const WCHAR *)(ULONG_PTR)11 /* RT_MESSAGETABLE */, (const WCHAR *)1, language);
    const MESSAGE_RESOURCE_DATA *table;
    const MESSAGE_RESOURCE_ENTRY *entry;

    if (!found || !(table = LoadResource(module, found))) return NULL;
    for (DWORD i = 0; i < table->NumberOfBlocks; i++)
    {
        const MESSAGE_RESOURCE_BLOCK *block = &table->Blocks[i];

        if (id < block->LowId || id > block->HighId) continue;
        entry = (const MESSAGE_RESOURCE_ENTRY *)((const BYTE *)table + block->OffsetToEntries);
        for (DWORD n = id - block->LowId; n; n--) entry = (const MESSAGE_RESOURCE_ENTRY *)((const BYTE *)entry + entry->Length);
        if (entry->Flags & 1)       /* Unicode */
        {
            WCHAR *copy = heap_alloc(entry->Length);

            if (copy) memcpy(copy, entry->Text, entry->Length - FIELD_OFFSET(MESSAGE_RESOURCE_ENTRY, Text));
            return copy;
        }
        return widen((const char *)entry->Text, -1);
    }
    return NULL;
}

static WCHAR *system_message(DWORD id)
{
    size_t low = 0, high = ARRAY_LENGTH(system_messages);

    /* An HRESULT made from an error code reads like the code. */
    if ((id & 0xffff0000) == 0x80070000) id &= 0xffff;
    while (low < high)
    {
        size_t middle = (low + high) / 2;

        if (system_messages[middle].code < id) low = middle + 1;
        else high = middle;
    }
    if (low < ARRAY_LENGTH(system_messages) && system_messages[low].code == id)
    {
        const char *text = system_messages[low].text;
        size_t length = strlen(text);
        WCHAR *wide = heap_alloc((length + 3) * sizeof(WCHAR));

        if (!wide) return NULL;
        for (size_t i = 0; i < length; i++) wide[i] = (WCHAR)text[i];
        memcpy(wide + length, L"\r\n", 3 * sizeof(WCHAR));
        return wide;
    }
    return NULL;
}

/* ---- the result, growing ---------------------------------------------------------------------------- */
struct output
{
    WCHAR  *text;
    size_t  length, size;
    DWORD   error;
    size_t  limit;              /* what the caller has room for: beyond that it is an error; 0: no limit */
    DWORD   width;              /* 0: lines are not broken; FORMAT_MESSAGE_MAX_WIDTH_MASK: nor do they end in the source */
    size_t  line_start;
};

static void put(struct output *out, WCHAR c)
{
    if (out->error) return;
    if (out->limit && out->length >= out->limit)
    {
        out->error = ERROR_INSUFFICIENT_BUFFER;
        return;
    }
    if (out->length == out->size)
    {
        size_t size = out->size ? out->size * 2 : 256;
        WCHAR *text = out->text ? RtlReAllocateHeap(process_heap(), 0, out->text, size * sizeof(WCHAR)) : heap_alloc(size * sizeof(WCHAR));

        if (!text)
        {
            out->error = ERROR_NOT_ENOUGH_MEMORY;
            return;
        }
        out->text = text;
        out->size = size;
    }
    out->text[out->length++] = c;
}

static void put_newline(struct output *out)
{
    put(out, '\r');
    put(out, '\n');
    out->line_start = out->length;
}

/* A line has become as long as it may: its last run of spaces becomes a line end, or, if it has none, one is added. */
static void break_line(struct output *out)
{
    size_t end = out->length, start;

    while (end > out->line_start && out->text[end - 1] != ' ') end--;
    if (end == out->line_start)
    {
        put_newline(out);
        return;
    }
    for (start = end; start > out->line_start && out->text[start - 1] == ' '; ) start--;
    put(out, 0);                /* room for one more */
    if (out->error) return;
    out->length--;
    memmove(out->text + start + 2, out->text + end, (out->length - end) * sizeof(WCHAR));
    out->text[start] = '\r';
    out->text[start + 1] = '\n';
    out->length = out->length - (end - start) + 2;
    out->line_start = start + 2;
}

static void put_text(struct output *out, WCHAR c)
{
    put(out, c);
    if (out->width && out->width != FORMAT_MESSAGE_MAX_WIDTH_MASK && out->length - out->line_start >= out->width && !out->error) break_line(out);
}

/* ---- inserts ---------------------------------------------------------------------------------------- */

/* The arguments, an array or a va_list (which is an array of eight-byte slots, too). A width or precision given as '*' takes
 * arguments of its own: in an array those count like others; of a va_list one of them is forgotten, so that later inserts
 * have lower numbers than one would think. That is how Windows does it (format_msg.c:test_message_from_string). */
struct arguments
{
    const ULONG_PTR *slots;
    size_t limit;               /* of the result, for FormatMessageW into a buffer: what does not fit is not looked at */
    BOOL array;
    BOOL ansi;                  /* %s means char strings */
    int  next_slot;             /* of a va_list */
    int  last;                  /* the highest number asked for */
    ULONG_PTR fetched[102];
};

/* Argument n from 1; -1 is the one after the last asked for. */
static ULONG_PTR argument(struct arguments *arguments, int n)
{
    if (n == -1) n = arguments->last + 1;
    if (arguments->array)
    {
        if (n > arguments->last) arguments->last = n;
        return arguments->slots[n - 1];
    }
    while (n > arguments->last && arguments->last < (int)ARRAY_LENGTH(arguments->fetched))
        arguments->fetched[arguments->last++] = arguments->slots[arguments->next_slot++];
    return arguments->fetched[n - 1];
}

/* "%n" or "%n!format!" at p, just behind the percent sign; returns what follows. */
static const WCHAR *put_insert(struct output *out, const WCHAR *p, struct arguments *arguments)
{
    WCHAR format[64] = L"%", *f = format + 1, small[512], *text = small;
    int number = *p++ - '0', stars[2] = { 0, 0 }, star_count = 0, length = 0, size = ARRAY_LENGTH(small);
    BOOL wide_string = FALSE, ansi_string = FALSE;
    ULONG_PTR value;
    WCHAR *widened = NULL;

    if (*p >= '0' && *p <= '9') number = number * 10 + *p++ - '0';
    if (*p == '!')
    {
        for (p++; *p && *p != '!'; p++)
        {
            if (*p == '*' && star_count < 2)
            {
                stars[star_count++] = (int)argument(arguments, number);
                number = -1;
            }
            if (f < format + ARRAY_LENGTH(format) - 2) *f++ = *p;
        }
        if (*p == '!') p++;
    }
    else *f++ = 's';
    *f = 0;
    value = argument(arguments, number);
    if (number == -1 && !arguments->array) arguments->last--;

    /* In the ANSI call plain 's' is a char string and 'S' the other; here everything is UTF-16. */
    if (f > format + 1 && (f[-1] == 's' || f[-1] == 'S'))
    {
        BOOL h = f > format + 2 && f[-2] == 'h', l = f > format + 2 && (f[-2] == 'l' || f[-2] == 'w');

        ansi_string = h || (!l && (arguments->ansi ? f[-1] == 's' : f[-1] == 'S'));
        wide_string = !ansi_string;
        if (h || l) f--;
        f[-1] = 's';
        f[0] = 0;
    }
    else if (f > format + 1 && (f[-1] == 'c' || f[-1] == 'C'))
    {
        BOOL h = f > format + 2 && f[-2] == 'h', l = f > format + 2 && (f[-2] == 'l' || f[-2] == 'w');

        if (h || (!l && (arguments->ansi ? f[-1] == 'c' : f[-1] == 'C')))
        {
            char byte = (char)value;
            WCHAR wide = 0;

            MultiByteToWideChar(CP_ACP, 0, &byte, 1, &wide, 1);
            value = wide;
        }
        if (h || l) f--;
        f[-1] = 'c';
        f[0] = 0;
    }
    if (ansi_string && value)
    {
        if (!(widened = widen((const char *)value, -1)))
        {
            out->error = ERROR_NOT_ENOUGH_MEMORY;
            return p;
        }
        value = (ULONG_PTR)widened;
    }
    else if (wide_string || ansi_string) value = value ? value : (ULONG_PTR)L"(null)";
    for (;;)
    {
        if (star_count == 2) length = _snwprintf(text, size, format, stars[0], stars[1], value);
        else if (star_count == 1) length = _snwprintf(text, size, format, stars[0], value);
        else length = _snwprintf(text, size, format, value);
        if (length >= 0 && length < size) break;
        if (text != small) heap_free(text);
        size *= 2;
        if (size > 0x100000 || !(text = heap_alloc((SIZE_T)size * sizeof(WCHAR))))
        {
            text = NULL;
            length = 0;
            out->error = ERROR_NOT_ENOUGH_MEMORY;
            break;
        }
    }
    for (int i = 0; i < length; i++) put_text(out, text[i]);
    if (text != small) heap_free(text);
    heap_free(widened);
    return p;
}

/* The message with its escapes resolved: heap, *length characters; NULL with the last error set. */
static WCHAR *format(const WCHAR *source, DWORD flags, struct arguments *arguments, size_t *length)
{
    struct output out = { NULL, 0, 0, 0, arguments->limit, flags & FORMAT_MESSAGE_MAX_WIDTH_MASK, 0 };
    BOOL inserts = !(flags & FORMAT_MESSAGE_IGNORE_INSERTS), ended = FALSE;
    const WCHAR *p = source;

    while (*p && !ended && !out.error)
    {
        if (*p == '%')
        {
            p++;
            if (*p >= '1' && *p <= '9' && inserts)
            {
                if (arguments->slots) p = put_insert(&out, p, arguments);
                else out.error = ERROR_INVALID_PARAMETER;
                continue;
            }
            switch (*p)
            {
            case '0':                                   /* no line end after this */
                ended = TRUE;
                continue;
            case 0:
                if (inserts) out.error = ERROR_INVALID_PARAMETER;
                else put_text(&out, '%');
                continue;
            case 'n':
                put_newline(&out);
                break;
            case 'r':
                put(&out, '\r');
                out.line_start = out.length;
                break;
            case 't':
                put_text(&out, '\t');
                break;
            default:
                if (!inserts) put_text(&out, '%');      /* then only the letters above are escapes */
                put_text(&out, *p);
                break;
            }
            p++;
        }
        else if (*p == '\r' || *p == '\n')
        {
            if (*p == '\r' && p[1] == '\n') p++;
            /* With a width, line ends of the source are spaces. */
            if (out.width) put_text(&out, ' ');
            else put_newline(&out);
            p++;
        }
        else put_text(&out, *p++);
    }
    *length = out.length;
    out.limit = 0;
    if (out.error == ERROR_INSUFFICIENT_BUFFER)
    {
        /* What fits is wanted all the same. */
        out.error = 0;
        put(&out, 0);
        set_error(ERROR_INSUFFICIENT_BUFFER);
        if (out.error) *length = 0;
        return out.text;
    }
    put(&out, 0);
    if (!out.error) return out.text;
    heap_free(out.text);
    set_error(out.error);
    return NULL;
}

/* ---- the two calls ---------------------------------------------------------------------------------- */
static WCHAR *find_and_format(DWORD flags, const void *source, DWORD id, DWORD language, struct arguments *arguments, size_t *length)
{
    WCHAR *text = NULL, *result;

    if (flags & FORMAT_MESSAGE_FROM_STRING)
    {
        if (!source)
        {
            set_error(ERROR_INVALID_PARAMETER);
            return NULL;
        }
        if (arguments->ansi) text = widen(source, -1);
        else if ((text = heap_alloc((wcslen(source) + 1) * sizeof(WCHAR)))) wcscpy(text, source);
        if (!text)
        {
            set_error(ERROR_NOT_ENOUGH_MEMORY);
            return NULL;
        }
    }
    else if (flags & (FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_FROM_SYSTEM))
    {
        if (flags & FORMAT_MESSAGE_FROM_HMODULE) text = module_message((HMODULE)source, id, (WORD)language);
        if (!text && (flags & FORMAT_MESSAGE_FROM_SYSTEM)) text = system_message(id);
        if (!text)
        {
            set_error(flags & FORMAT_MESSAGE_FROM_SYSTEM ? ERROR_MR_MID_NOT_FOUND : get_error());
            return NULL;
        }
    }
    else
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    result = format(text, flags, arguments, length);
    heap_free(text);
    return result;
}

static void arguments_init(struct arguments *arguments, DWORD flags, __ms_va_list *list, BOOL ansi)
{
    memset(arguments, 0, FIELD_OFFSET(struct arguments, fetched));
    arguments->array = (flags & FORMAT_MESSAGE_ARGUMENT_ARRAY) != 0;
    arguments->ansi = ansi;
    if (list) arguments->slots = arguments->array ? (const ULONG_PTR *)list : *(const ULONG_PTR **)list;
}

enum { maximum_size = 32767 };      /* characters of a buffer: messages are at most 64 KiB of UTF-16 */

DWORD WINAPI FormatMessageW(DWORD flags, const void *source, DWORD id, DWORD language, WCHAR *buffer, DWORD size, __ms_va_list *list)
{
    struct arguments arguments;
    size_t length;
    WCHAR *text;

    if (flags & FORMAT_MESSAGE_ALLOCATE_BUFFER)
    {
        if (!buffer) return (DWORD)fail(ERROR_INVALID_PARAMETER);
        *(WCHAR **)buffer = NULL;
    }
    else if (!buffer) return (DWORD)fail(ERROR_INVALID_PARAMETER);
    if (size > maximum_size) return (DWORD)fail(ERROR_INVALID_PARAMETER);
    arguments_init(&arguments, flags, list, FALSE);
    if (!(flags & FORMAT_MESSAGE_ALLOCATE_BUFFER)) arguments.limit = size + 1;      /* one more tells that it is too much */
    text = find_and_format(flags, source, id, language, &arguments, &length);
    /* A va_list is the caller's: what was taken is gone. */
    if (list && !arguments.array) *(const ULONG_PTR **)list += arguments.next_slot;
    if (!text) return 0;
    if (flags & FORMAT_MESSAGE_ALLOCATE_BUFFER)
    {
        WCHAR *copy = length ? LocalAlloc(LMEM_FIXED | LMEM_ZEROINIT, (length + 1 > size ? length + 1 : size) * sizeof(WCHAR)) : NULL;

        if (!length) set_error(ERROR_NO_WORK_DONE);
        else if (copy)
        {
            memcpy(copy, text, (length + 1) * sizeof(WCHAR));
            *(WCHAR **)buffer = copy;
        }
        else length = 0;
    }
    else if (length + 1 > size)
    {
        if (size)
        {
            memcpy(buffer, text, (size - 1) * sizeof(WCHAR));
            buffer[size - 1] = 0;
        }
        length = 0;
        set_error(ERROR_INSUFFICIENT_BUFFER);
    }
    else
    {
        memcpy(buffer, text, (length + 1) * sizeof(WCHAR));
        if (!length) set_error(ERROR_NO_WORK_DONE);
    }
    heap_free(text);
    return (DWORD)length;
}

DWORD WINAPI FormatMessageA(DWORD flags, const void *source, DWORD id, DWORD language, char *buffer, DWORD size, __ms_va_list *list)
{
    struct arguments arguments;
    size_t length;
    DWORD narrow;
    WCHAR *text;

    if (flags & FORMAT_MESSAGE_ALLOCATE_BUFFER)
    {
        if (!buffer) return (DWORD)fail(ERROR_NOT_ENOUGH_MEMORY);
        *(char **)buffer = NULL;
    }
    if (size > maximum_size) return (DWORD)fail(ERROR_INVALID_PARAMETER);
    arguments_init(&arguments, flags, list, TRUE);
    if (!(text = find_and_format(flags, source, id, language, &arguments, &length))) return 0;
    narrow = length ? (DWORD)WideCharToMultiByte(CP_ACP, 0, text, (INT)length, NULL, 0, NULL, NULL) : 0;
    if (!narrow) set_error(ERROR_NO_WORK_DONE);
    else if (flags & FORMAT_MESSAGE_ALLOCATE_BUFFER)
    {
        char *copy = LocalAlloc(LMEM_FIXED | LMEM_ZEROINIT, narrow + 1 > size ? narrow + 1 : size);

        if (copy)
        {
            WideCharToMultiByte(CP_ACP, 0, text, (INT)length, copy, (INT)narrow, NULL, NULL);
            *(char **)buffer = copy;
        }
        else narrow = 0;
    }
    else if (narrow + 1 > size)
    {
        narrow = 0;
        set_error(ERROR_INSUFFICIENT_BUFFER);
    }
    else
    {
        WideCharToMultiByte(CP_ACP, 0, text, (INT)length, buffer, (INT)narrow, NULL, NULL);
        buffer[narrow] = 0;
    }
    heap_free(text);
    return narrow;
}
