/* victim_name.exe KIND hold | share | after: what tests/unit/name_kill.c kills.
 *
 * share: for each line makes the name, opens it, waits for the object, gives it back and closes it.
 * hold:  has a handle all the time; for a line goes on waiting for the object and giving it back until it reads another.
 * after: for a second line makes the name, which must be a new one, uses it and closes it. */
#include "victim.h"

#define LONGEST 2000                    /* milliseconds */

struct table
{
    LONG counter, copy;
    char page[0x3000];
};

static const char *kind, *name;

static BOOL is_kind(const char *what)
{
    return !strcmp(kind, what);
}

static HANDLE make(void)
{
    SetLastError(0);
    if (is_kind("mutex")) return CreateMutexA(NULL, FALSE, name);
    if (is_kind("event")) return CreateEventA(NULL, FALSE, TRUE, name);
    if (is_kind("semaphore")) return CreateSemaphoreA(NULL, 1, 1000000, name);
    if (is_kind("timer")) return CreateWaitableTimerA(NULL, TRUE, name);
    return CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | (is_kind("reserve") ? SEC_RESERVE : 0), 0,
                              sizeof(struct table), name);
}

static HANDLE open(void)
{
    if (is_kind("mutex")) return OpenMutexA(MUTEX_ALL_ACCESS, FALSE, name);
    if (is_kind("event")) return OpenEventA(EVENT_ALL_ACCESS, FALSE, name);
    if (is_kind("semaphore")) return OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, FALSE, name);
    if (is_kind("timer")) return OpenWaitableTimerA(TIMER_ALL_ACCESS, FALSE, name);
    return OpenFileMappingA(FILE_MAP_ALL_ACCESS, FALSE, name);
}

static int use_section(HANDLE section)
{
    struct table *table = MapViewOfFile(section, FILE_MAP_ALL_ACCESS, 0, 0, 0);

    if (!table) return wrong("MapViewOfFile", GetLastError());
    if (is_kind("reserve") && !VirtualAlloc(table, sizeof(*table), MEM_COMMIT, PAGE_READWRITE))
        return wrong("committing", GetLastError());
    InterlockedIncrement(&table->counter);
    table->page[0x2000]++;
    return UnmapViewOfFile(table) ? 0 : wrong("UnmapViewOfFile", GetLastError());
}

/* What one who was killed had taken of an event or a semaphore is lost; nothing of a mutex is. */
static int use(HANDLE object)
{
    LARGE_INTEGER now = { .QuadPart = -1 };
    DWORD result;

    if (is_kind("section") || is_kind("reserve")) return use_section(object);
    if (is_kind("event") && !SetEvent(object)) return wrong("SetEvent", GetLastError());
    if (is_kind("semaphore") && !ReleaseSemaphore(object, 1, NULL)) return wrong("ReleaseSemaphore", GetLastError());
    if (is_kind("timer") && !SetWaitableTimer(object, &now, 0, NULL, NULL, FALSE)) return wrong("SetWaitableTimer", GetLastError());
    result = WaitForSingleObject(object, is_kind("event") ? 0 : LONGEST);
    if (result == WAIT_TIMEOUT && is_kind("event")) return 0;
    if (result != WAIT_OBJECT_0 && (result != WAIT_ABANDONED || !is_kind("mutex"))) return wrong("the wait", result);
    if (is_kind("mutex") && !ReleaseMutex(object)) return wrong("ReleaseMutex", GetLastError());
    return 0;
}

static int share(void)
{
    HANDLE made = make(), opened;
    int result;

    if (!made) return wrong("making", GetLastError());
    if (!(opened = open())) return wrong("opening", GetLastError());
    if (!CloseHandle(made)) return wrong("closing", GetLastError());
    result = use(opened);
    return CloseHandle(opened) ? result : wrong("closing", GetLastError());
}

static int hold(HANDLE object)
{
    int result = 0;
    DWORD there = 0;
    char line[20];

    while (!result && PeekNamedPipe(input, NULL, 0, NULL, &there, NULL) && !there)
    {
        result = use(object);
        Sleep(0);
    }
    next_line(line, sizeof(line));
    return result ? result : use(object);
}

static int after(void)
{
    char line[20];
    HANDLE made;
    int result;

    next_line(line, sizeof(line));
    if (!(made = make())) return wrong("making", GetLastError());
    if (GetLastError() == ERROR_ALREADY_EXISTS) return wrong("the name is still there", 0);
    result = use(made);
    return CloseHandle(made) ? result : wrong("closing", GetLastError());
}

int main(int argc, char **argv)
{
    const char *how = argc > 2 ? argv[2] : "";
    HANDLE held = NULL;
    char line[20];

    begin();
    kind = argc > 1 ? argv[1] : "";
    name = "Local\\victim";
    if (!strcmp(how, "hold") && !(held = make())) return wrong("making", GetLastError());
    say("ready\n");
    while (next_line(line, sizeof(line))) say_done(held ? hold(held) : !strcmp(how, "after") ? after() : share());
    return 0;
}
