/* in_page.exe FILE: touches a page of a mapped file that another system took away (§22.4). For in_page.sh, which shortens
 * the file; no Windows program could while it is mapped. Prints what was wrong; exit status 0 if all was right. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define K 0x1000

static volatile int failures;
static EXCEPTION_RECORD record;
static CONTEXT resume;
static volatile BOOL raised;

#define ok(condition, ...) do { if (!(condition)) { printf(__VA_ARGS__); failures++; } } while (0)

static LONG CALLBACK handler(EXCEPTION_POINTERS *pointers)
{
    if (pointers->ExceptionRecord->ExceptionCode != (DWORD)EXCEPTION_IN_PAGE_ERROR) return EXCEPTION_CONTINUE_SEARCH;
    record = *pointers->ExceptionRecord;
    raised = TRUE;
    *pointers->ContextRecord = resume;
    return EXCEPTION_CONTINUE_EXECUTION;
}

#define TRY(statement) do { raised = FALSE; RtlCaptureContext(&resume); if (!raised) { statement; } } while (0)

int main(int argc, char **argv)
{
    HANDLE file, section;
    volatile char *view;
    char buffer[8];
    SIZE_T done = 77;

    if (argc != 2) return 2;
    AddVectoredExceptionHandler(TRUE, handler);
    file = CreateFileA(argv[1], GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    if (!view) return 3;
    puts("mapped");
    fflush(stdout);
    for (int i = 0; GetFileSize(file, NULL) > K; i++)
    {
        if (i == 500) return 4;
        Sleep(20);
    }

    TRY((void)view[0]);                                                                                 /* §22.4-1 */
    ok(!raised, "what is left of the file cannot be read\n");
    TRY((void)view[2 * K + 5]);
    ok(raised && record.NumberParameters == 3, "%lu parameters\n", record.NumberParameters);
    ok(!record.ExceptionInformation[0] && record.ExceptionInformation[1] == (ULONG_PTR)view + 2 * K + 5, "read: %llx at %llx\n",
       record.ExceptionInformation[0], record.ExceptionInformation[1]);
    ok(record.ExceptionInformation[2] == 0xc0000011, "read: status %llx\n", record.ExceptionInformation[2]);
    TRY(view[2 * K + 6] = 1);
    ok(raised && record.ExceptionInformation[0] == 1 && record.ExceptionInformation[1] == (ULONG_PTR)view + 2 * K + 6, "write: %llx at %llx\n",
       record.ExceptionInformation[0], record.ExceptionInformation[1]);
    ok(record.ExceptionInformation[2] == 0xc0000011, "write: status %llx\n", record.ExceptionInformation[2]);
    TRY(ok(!ReadProcessMemory(GetCurrentProcess(), (char *)view + 2 * K, buffer, 8, &done) && !done, "copied %llu bytes\n", (ULONG64)done));
    ok(!raised, "an exception in a system call\n");
    return failures != 0;
}
