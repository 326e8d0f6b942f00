/* oriel --check: the program and all that it needs are loaded and bound as ever, but nothing of them runs. What cannot
 * be found is listed on stdout instead of ending the load: "DLL" or "DLL!function", then whose import it is. Delayed
 * imports are not looked at: a program that has them is prepared to go without. */

#include "ldr.h"

bool check_only;
static unsigned int missing_count;

static unsigned int append(char *line, unsigned int n, unsigned int room, const char *text)
{
    for (; *text && n < room; text++) line[n++] = (unsigned char)*text < ' ' ? '?' : *text;
    return n;
}

void check_missing(const struct module *importer, const char *dll, const char *function, unsigned int ordinal)
{
    char line[1024], digits[8];
    unsigned int n, d = sizeof(digits) - 1, room = sizeof(line) - 300;
    const UNICODE_STRING *name = &importer->ldr.BaseDllName;
    IO_STATUS_BLOCK io;
    ULONG length;

    missing_count++;
    n = append(line, 0, room, dll);
    if (function || ordinal) n = append(line, n, room, "!");
    if (function) n = append(line, n, room, function);
    else if (ordinal)
    {
        digits[d] = 0;
        for (; ordinal; ordinal /= 10) digits[--d] = '0' + ordinal % 10;
        digits[--d] = '#';
        n = append(line, n, room, digits + d);
    }
    n = append(line, n, sizeof(line), " (needed by ");
    if (!RtlUnicodeToUTF8N(line + n, sizeof(line) - n - 2, &length, name->Buffer, name->Length)) n += length;
    n = append(line, n, sizeof(line) - 1, ")");
    line[n++] = '\n';
    NtWriteFile(current_peb()->ProcessParameters->hStdOutput, NULL, NULL, NULL, &io, line, n, NULL, NULL);
}

void DECLSPEC_NORETURN check_end(void)
{
    for (;;) NtTerminateProcess(NtCurrentProcess(), missing_count ? 1 : 0);
}
