/* What the loader says when it cannot go on: one line on stderr. */

#include "ldr.h"

void ldr_message(const WCHAR *part, ...)
{
    WCHAR buffer[512];
    UNICODE_STRING line = { .Buffer = buffer };
    unsigned int n = 0;
    va_list args;

    for (const WCHAR *prefix = L"oriel: "; *prefix; ) buffer[n++] = *prefix++;
    va_start(args, part);
    for (; part; part = va_arg(args, const WCHAR *))
        while (*part && n < ARRAY_COUNT(buffer) - 1) buffer[n++] = *part++;
    va_end(args);
    buffer[n++] = '\n';
    line.Length = line.MaximumLength = n * sizeof(WCHAR);
    NtDisplayString(&line);
}

/* Names come out of files that may be damaged; the message stays one line. */
static WCHAR printable(WCHAR c)
{
    return c < ' ' || c == 0x7f ? '?' : c;
}

const WCHAR *message_name(const UNICODE_STRING *name, WCHAR buffer[128])
{
    unsigned int length = name->Length / sizeof(WCHAR);

    if (length > 127) length = 127;
    for (unsigned int i = 0; i < length; i++) buffer[i] = printable(name->Buffer[i]);
    buffer[length] = 0;
    return buffer;
}

const WCHAR *message_ascii(const char *name, WCHAR buffer[128])
{
    unsigned int i;

    for (i = 0; i < 127 && name[i]; i++) buffer[i] = printable((unsigned char)name[i]);
    buffer[i] = 0;
    return buffer;
}

const WCHAR *message_hex(unsigned int value, WCHAR buffer[128])
{
    unsigned int i;

    buffer[0] = '0';
    buffer[1] = 'x';
    for (i = 0; i < 8; i++) buffer[2 + i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
    buffer[10] = 0;
    return buffer;
}
