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
    BOOL    failed;
    /* wrapping */
    DWORD   width;              /* 0: none */
    size_t  line_start;
    size_t  last_space;         /* where the line could be broken; 0: nowhere */
};

static void put(struct output *out, WCHAR c)
{
    if (out->length + 2 > out->size)
    {
        size_t size = out->size ? out->size * 2 : 256;
        WCHAR *text = out->text ? RtlReAllocateHeap(process_heap(), 0, out->text, size * sizeof(WCHAR)) : heap_alloc(size * sizeof(WCHAR));

        if (!text)
        {
            out->failed = TRUE;
            return;
        }
        out->text = text;
        out->size = size;
    }
    out->text[out->length++] = c;
    out->text[out->length] = 0;
}

static void put_newline(struct output *out)
{
    put(out, '\r');
    put(out, '\n');
    out->line_start = out->length;
    out->last_space = 0;
}

/* A character of the text, with lines broken at the width. */
static void put_text(struct output *out, WCHAR c)
{
    if (c == ' ') out->last_space = out->length;
    put(out, c);
    if (out->width && out->width != FORMAT_MESSAGE_MAX_WIDTH_MASK && out->length - out->line_start > out->width && !out->failed)
    {
        size_t break_at = out->last_space > out->line_start ? out->last_space : 0;

        if (break_at)
        {
            /* The space becomes a line end of two characters. */
            put(out, 0);
            if (out->failed) return;
            memmove(out->text + break_at + 2, out->text + break_at + 1, (out->length - break_at - 2) * sizeof(WCHAR));
            out->text[break_at] = '\r';
            out->text[break_at + 1] = '\n';
            out->line_start = break_at + 2;
            out->last_space = 0;
        }
    }
}

/* ---- inserts ---------------------------------------------------------------------------------------- */
struct arguments
{
    const ULONG_PTR *slots;     /* a va_list is an array of eight-byte slots, too */
    BOOL ansi;                  /* %s means char strings */
};

/* "%n" or "%n!format!" at p, just behind the percent sign; returns what follows. */
static const WCHAR *put_insert(struct output *out, const WCHAR *p, struct arguments *arguments)
{
    WCHAR format[64] = L"%", *f = format + 1, small[512], *text = small;
    int number = *p++ - '0', index, stars[2] = { 0, 0 }, star_count = 0, length, size = ARRAY_LENGTH(small);
    BOOL wide_string = FALSE, ansi_string = FALSE;
    ULONG_PTR value;

    if (*p >= '0' && *p <= '9') number = number * 10 + *p++ - '0';
    index = number - 1;
    if (*p == '!')
    {
        for (p++; *p && *p != '!'; p++)
        {
            if (*p == '*' && star_count < 2)
            {
                stars[star_count] = (int)arguments->slots[index + star_count];
                star_count++;
            }
            if (f < format + ARRAY_LENGTH(format) - 2) *f++ = *p;
        }
        if (*p == '!') p++;
    }
    else *f++ = 's';
    *f = 0;
    index += star_count;
    value = arguments->slots[index];

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
    else if (f > format + 1 && f[-1] == 'C') f[-1] = 'c';
    if (ansi_string && value)
    {
        WCHAR *wide = widen((const char *)value, -1);

        if (!wide)
        {
            out->failed = TRUE;
            return p;
        }
        value = (ULONG_PTR)wide;
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
            out->failed = TRUE;
            break;
        }
    }
    if (text) for (int i = 0; i < length; i++) put_text(out, text[i]);
    if (text && text != small) heap_free(text);
    if (ansi_string && arguments->slots[index]) heap_free((void *)value);
    return p;
}

/* The message with its escapes resolved; heap, NULL with the last error set. */
static WCHAR *format(const WCHAR *source, DWORD flags, struct arguments *arguments, size_t *length)
{
    struct output out = { NULL, 0, 0, FALSE, flags & FORMAT_MESSAGE_MAX_WIDTH_MASK, 0, 0 };
    BOOL inserts = !(flags & FORMAT_MESSAGE_IGNORE_INSERTS);
    const WCHAR *p = source;
    BOOL ended = FALSE;

    while (*p && !ended && !out.failed)
    {
        if (*p == '%')
        {
            p++;
            if (*p >= '1' && *p <= '9' && inserts)
            {
                if (!arguments->slots)
                {
                    heap_free(out.text);
                    set_error(ERROR_INVALID_PARAMETER);
                    return NULL;
                }
                p = put_insert(&out, p, arguments);
                continue;
            }
            switch (*p)
            {
            case '0': ended = TRUE; continue;                  /* no line end after this */
            case 0: continue;
            case 'n': put_newline(&out); break;
            case 'r': put(&out, '\r'); break;
            case 't': put(&out, '\t'); break;
            default:
                if (*p >= '1' && *p <= '9') put_text(&out, '%');        /* inserts are ignored: they stay */
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
    if (!out.text && !out.failed) put(&out, 0);
    if (out.failed)
    {
        heap_free(out.text);
        set_error(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    if (out.length && !out.text[0]) out.length = 0;
    *length = out.length;
    return out.text;
}

/* ---- the two calls ---------------------------------------------------------------------------------- */
static WCHAR *find_and_format(DWORD flags, const void *source, DWORD id, DWORD language, struct arguments *arguments, size_t *length)
{
    WCHAR *text = NULL, *result;

    if (flags & FORMAT_MESSAGE_FROM_STRING)
    {
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

static const ULONG_PTR *argument_slots(DWORD flags, __ms_va_list *arguments)
{
    if (!arguments) return NULL;
    return flags & FORMAT_MESSAGE_ARGUMENT_ARRAY ? (const ULONG_PTR *)arguments : *(const ULONG_PTR **)arguments;
}

DWORD WINAPI FormatMessageW(DWORD flags, const void *source, DWORD id, DWORD language, WCHAR *buffer, DWORD size, __ms_va_list *list)
{
    struct arguments arguments = { argument_slots(flags, list), FALSE };
    size_t length;
    WCHAR *text;

    if (flags & FORMAT_MESSAGE_ALLOCATE_BUFFER)
    {
        if (!buffer) return (DWORD)fail(ERROR_NOT_ENOUGH_MEMORY);
        *(WCHAR **)buffer = NULL;
    }
    if (!(text = find_and_format(flags, source, id, language, &arguments, &length))) return 0;
    if (flags & FORMAT_MESSAGE_ALLOCATE_BUFFER)
    {
        SIZE_T wanted = length + 1 > size ? length + 1 : size;
        WCHAR *copy;

        if (!length)
        {
            heap_free(text);
            return (DWORD)fail(ERROR_NO_WORK_DONE);
        }
        if (!(copy = LocalAlloc(LMEM_FIXED | LMEM_ZEROINIT, wanted * sizeof(WCHAR))))
        {
            heap_free(text);
            return 0;
        }
        memcpy(copy, text, (length + 1) * sizeof(WCHAR));
        *(WCHAR **)buffer = copy;
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
    struct arguments arguments = { argument_slots(flags, list), TRUE };
    size_t length;
    DWORD narrow;
    WCHAR *text;

    if (flags & FORMAT_MESSAGE_ALLOCATE_BUFFER)
    {
        if (!buffer) return (DWORD)fail(ERROR_NOT_ENOUGH_MEMORY);
        *(char **)buffer = NULL;
    }
    if (!(text = find_and_format(flags, source, id, language, &arguments, &length))) return 0;
    narrow = length ? (DWORD)WideCharToMultiByte(CP_ACP, 0, text, (INT)length, NULL, 0, NULL, NULL) : 0;
    if (flags & FORMAT_MESSAGE_ALLOCATE_BUFFER)
    {
        SIZE_T wanted = narrow + 1 > size ? narrow + 1 : size;
        char *copy;

        if (!narrow) set_error(ERROR_NO_WORK_DONE);
        else if ((copy = LocalAlloc(LMEM_FIXED | LMEM_ZEROINIT, wanted)))
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
        if (narrow) WideCharToMultiByte(CP_ACP, 0, text, (INT)length, buffer, (INT)narrow, NULL, NULL);
        else set_error(ERROR_NO_WORK_DONE);
        buffer[narrow] = 0;
    }
    heap_free(text);
    return narrow;
}
