/* Named sections where there is little room, for names.sh.
 *   shared commit      1 MiB at once            shared reserve   1 MiB a page at a time, all written
 *   shared execute     a page that may run      shared cut       a page that somebody takes away meanwhile
 *   shared kinds       an object of each kind   shared hold, shared open      for others to open; what another holds */
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define SIZE 0x100000

static int commit_pages(char *p)
{
    int i;

    for (i = 0; i < SIZE / 0x1000; i++)
    {
        if (!VirtualAlloc(p + i * 0x1000, 0x1000, MEM_COMMIT, PAGE_READWRITE))
        {
            printf("some pages, then error %lu\n", GetLastError());
            return i == 0;
        }
        p[i * 0x1000] = 1;
    }
    printf("all pages\n");
    return 0;
}

static BOOL use(HANDLE object, int kind)
{
    LARGE_INTEGER due = { .QuadPart = -1 };

    switch (kind)
    {
    case 0: return SetEvent(object) && !WaitForSingleObject(object, 0);
    case 1: return !WaitForSingleObject(object, 0) && ReleaseMutex(object);
    case 2: return ReleaseSemaphore(object, 1, NULL) && !WaitForSingleObject(object, 0);
    case 3: return SetWaitableTimer(object, &due, 0, NULL, NULL, FALSE) && !WaitForSingleObject(object, 1000);
    default: return AssignProcessToJobObject(object, GetCurrentProcess());
    }
}

static HANDLE make(int kind)
{
    switch (kind)
    {
    case 0: return CreateEventA(NULL, FALSE, FALSE, "Local\\shared-event");
    case 1: return CreateMutexA(NULL, FALSE, "Local\\shared-mutex");
    case 2: return CreateSemaphoreA(NULL, 0, 2, "Local\\shared-semaphore");
    case 3: return CreateWaitableTimerA(NULL, TRUE, "Local\\shared-timer");
    default: return CreateJobObjectA(NULL, "Local\\shared-job");
    }
}

/* An object that was made has room for all that is done with it. */
static int make_kinds(void)
{
    static const char *const names[] = { "event", "mutex", "semaphore", "timer", "job" };
    int kind;

    for (kind = 0; kind < 5; kind++)
    {
        HANDLE object = make(kind);

        printf("%s%s ", kind ? ", " : "", names[kind]);
        if (!object) printf("%lu", GetLastError());
        else printf("%s", use(object, kind) ? "good" : "bad");
        if (object) CloseHandle(object);
    }
    printf("\n");
    return 0;
}

static int open_held(void)
{
    HANDLE section = OpenFileMappingA(FILE_MAP_WRITE, FALSE, "Local\\shared");
    char *p = section ? MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0) : NULL;

    if (!section) printf("no section, error %lu\n", GetLastError());
    else if (!p) printf("no view, error %lu\n", GetLastError());
    else printf("%s\n", p);
    return !p;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    DWORD protect = PAGE_READWRITE, size = SIZE;
    HANDLE section;
    char *p;

    if (!strcmp(what, "kinds")) return make_kinds();
    if (!strcmp(what, "open")) return open_held();
    if (!strcmp(what, "reserve")) protect |= SEC_RESERVE;
    if (!strcmp(what, "execute")) protect = PAGE_EXECUTE_READWRITE;
    if (strcmp(what, "commit") && strcmp(what, "reserve")) size = 0x10000;
    section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, protect, 0, size, "Local\\shared");
    if (!section)
    {
        printf("error %lu\n", GetLastError());
        return 1;
    }
    p = MapViewOfFile(section, FILE_MAP_WRITE | (protect == PAGE_EXECUTE_READWRITE ? FILE_MAP_EXECUTE : 0), 0, 0, 0);
    if (!p)
    {
        printf("no view, error %lu\n", GetLastError());
        return 1;
    }
    if (!strcmp(what, "reserve")) return commit_pages(p);
    if (!strcmp(what, "execute"))
    {
        p[0] = (char)0xc3;              /* ret */
        ((void (*)(void))(void *)p)();
    }
    if (!strcmp(what, "hold"))
    {
        strcpy(p, "held");
        printf("ready\n");
        fflush(stdout);
        while (strcmp(p, "enough")) Sleep(10);
    }
    if (!strcmp(what, "cut"))
    {
        p[0] = 1;
        printf("ready\n");
        fflush(stdout);
        while (((volatile char *)p)[0x8000] == 0) Sleep(10);
    }
    printf("good\n");
    return 0;
}
