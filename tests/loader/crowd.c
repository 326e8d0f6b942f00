/* crowd.exe: one of a crowd of processes that share named objects while a killer is about (crowd.sh).
 *
 *   crowd.exe work SLOT SEED MILLISECONDS    0: everything held; else a line on stderr says what did not
 *   crowd.exe quit                           ends at once, with 7
 *
 * The shared table is changed under a mutex and through a journal, so that a member may be killed at any
 * instruction: whoever is told of the abandonment finishes the change. An unfinished change that nobody was told
 * of, a sum that is wrong, a wait that does not end, or a handle, view or file descriptor that remains is a failure.
 */
#define _WIN32_WINNT 0x0A00
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define MEMBERS 8
#define VALUES  256
#define MAGIC   0x43524f57

struct table
{
    LONG   magic;
    DWORD  pids[MEMBERS];
    LONG64 sum;
    LONG64 values[VALUES];
    struct { LONG valid; LONG index; LONG64 value, sum; } journal;
};

static const char *volatile doing = "starting";
static DWORD slot, seed, longest_wait;
static volatile LONG leaving;
static char pipe_name[64];

static void __attribute__((noreturn)) fail(const char *what, DWORD detail)
{
    char line[256];
    DWORD length = sprintf(line, "crowd.exe %lu (process %lu): %s (%lu) while %s\n", slot, GetCurrentProcessId(), what,
                           detail, doing);

    WriteFile(GetStdHandle(STD_ERROR_HANDLE), line, length, &length, NULL);
    TerminateProcess(GetCurrentProcess(), 1);
    for (;;) Sleep(1000);
}

/* xorshift32; the main thread's alone */
static DWORD dice(DWORD sides)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % sides;
}

/* ---- what must not grow ------------------------------------------------------------------------------------- */

#define HANDLES      1024
/* What is kept until it is used again or replaced: four of a connection until the next one comes (socket, memory, bell, a
 * copy of that), the memory of two that have ended, one of each of two threads since it waited for a pipe, and four of
 * names that were closed (ob/name_park.c). What grows with each death is found by tests/unit/process_kill.c and its kind. */
#define KEPT_FILES   12
static BOOL known_handle[HANDLES];
static char *known_views[64];
static unsigned int known_view_count;
static unsigned int known_files;
static DWORD seen[64];          /* members that were met */
static unsigned int seen_count;

static unsigned int open_files(void)
{
    WIN32_FIND_DATAA data;
    HANDLE find = FindFirstFileA("Z:\\proc\\self\\fd\\*", &data);
    unsigned int count = 0;

    if (find == INVALID_HANDLE_VALUE) fail("cannot list /proc/self/fd", GetLastError());
    do count++; while (FindNextFileA(find, &data));
    FindClose(find);
    return count;
}

/* Calls back for each view of a section that is no image. */
static void each_view(void (*callback)(char *base))
{
    MEMORY_BASIC_INFORMATION info;
    char *at = NULL, *last = NULL;

    while (VirtualQuery(at, &info, sizeof(info)))
    {
        if (info.State != MEM_FREE && info.Type == MEM_MAPPED && info.AllocationBase != last)
            callback(last = info.AllocationBase);
        at = (char *)info.BaseAddress + info.RegionSize;
    }
}

static void remember_view(char *base)
{
    if (known_view_count == 64) fail("too many views", 64);
    known_views[known_view_count++] = base;
}

static void remove_view(char *base)
{
    unsigned int i;

    for (i = 0; i < known_view_count; i++) if (known_views[i] == base) return;
    if (!UnmapViewOfFile(base)) fail("a view that another process left cannot be unmapped", GetLastError());
}

/* After everything was done once, for what is made when first needed. */
static void remember(void)
{
    DWORD flags;
    unsigned int i;

    for (i = 1; i < HANDLES; i++) known_handle[i] = GetHandleInformation((HANDLE)(ULONG_PTR)(4 * i), &flags);
    each_view(remember_view);
    known_files = open_files();
}

/* Member 0, whom nobody kills, waits until all others have ended. What they put here and could not take away again,
 * because they were killed, goes; then there must be no more file descriptors than before. */
static void compare(void)
{
    unsigned int i, files;
    HANDLE process;
    DWORD flags;

    doing = "comparing";
    for (i = 0; i < seen_count; i++)
    {
        if (!(process = OpenProcess(SYNCHRONIZE, FALSE, seen[i]))) continue;
        if (WaitForSingleObject(process, 10000)) fail("a member does not end", seen[i]);
        if (!CloseHandle(process)) fail("CloseHandle", GetLastError());
    }
    for (i = 1; i < HANDLES; i++)
    {
        HANDLE handle = (HANDLE)(ULONG_PTR)(4 * i);

        if (!known_handle[i] && GetHandleInformation(handle, &flags)) CloseHandle(handle);
    }
    each_view(remove_view);
    /* the end of others is heard of a little later */
    for (i = 0; (files = open_files()) > known_files + KEPT_FILES; i++)
    {
        if (i == 200) fail("file descriptors remain", files - known_files);
        Sleep(10);
    }
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

static HANDLE mutex, section;
static struct table *table;

static void remember_member(DWORD pid)
{
    unsigned int i;

    for (i = 0; i < seen_count; i++) if (seen[i] == pid) return;
    if (pid && seen_count < sizeof(seen) / sizeof(seen[0])) seen[seen_count++] = pid;
}

/* With the mutex held: finishes the change that a killed member began. */
static void repair_and_check(void)
{
    LONG64 sum = 0;
    unsigned int i;

    if (table->journal.valid)
    {
        table->values[table->journal.index] = table->journal.value;
        table->sum = table->journal.sum;
        InterlockedExchange(&table->journal.valid, 0);
    }
    if (table->magic && table->magic != MAGIC) fail("the table is damaged", table->magic);
    table->magic = MAGIC;
    for (i = 0; i < VALUES; i++) sum += table->values[i];
    if (sum != table->sum) fail("the sum is wrong", (DWORD)(sum - table->sum));
    table->pids[slot] = GetCurrentProcessId();
    for (i = 1; i < MEMBERS; i++) remember_member(table->pids[i]);
}

/* A new mutex may meet an old table, since the kernel takes what a killed process held away one by one; so who makes
 * the mutex owns it, and repairs. */
static void join(void)
{
    BOOL mine;

    doing = "joining";
    mutex = CreateMutexA(NULL, TRUE, "Local\\crowd-lock");
    mine = GetLastError() != ERROR_ALREADY_EXISTS;
    if (!mutex) fail("CreateMutex", GetLastError());
    section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof(*table), "Local\\crowd-table");
    if (!section) fail("CreateFileMapping", GetLastError());
    table = MapViewOfFile(section, FILE_MAP_ALL_ACCESS, 0, 0, 0);
    if (!table) fail("MapViewOfFile", GetLastError());
    if (!mine) return;
    repair_and_check();
    if (!ReleaseMutex(mutex)) fail("ReleaseMutex", GetLastError());
}

/* The mutex goes last: who has the section has it too. */
static void leave(void)
{
    doing = "leaving";
    if (!UnmapViewOfFile(table)) fail("UnmapViewOfFile", GetLastError());
    if (!CloseHandle(section)) fail("CloseHandle of the section", GetLastError());
    if (!CloseHandle(mutex)) fail("CloseHandle of the mutex", GetLastError());
}

static void lock_table(void)
{
    DWORD begin = GetTickCount(), result = WaitForSingleObject(mutex, 10000), took = GetTickCount() - begin;

    if (took > longest_wait) longest_wait = took;
    if (result != WAIT_OBJECT_0 && result != WAIT_ABANDONED) fail("the wait for the mutex ended with", result);
    if (table->journal.valid && result != WAIT_ABANDONED) fail("an abandonment was not reported", 0);
    repair_and_check();
}

/* Who comes late does not find member 0 any more, which is about to take away what others left in it; and whoever has
 * found it is in the table. */
static void withdraw(void)
{
    doing = "withdrawing";
    lock_table();
    table->pids[slot] = 0;
    if (!ReleaseMutex(mutex)) fail("ReleaseMutex", GetLastError());
}

static void change_table(void)
{
    LONG64 amount = dice(1000);
    unsigned int index = dice(VALUES);

    doing = "changing the table";
    lock_table();
    table->journal.index = index;
    table->journal.value = table->values[index] + amount;
    table->journal.sum = table->sum + amount;
    InterlockedExchange(&table->journal.valid, 1);
    table->values[index] += amount;
    if (!dice(4)) Sleep(0);
    table->sum += amount;
    InterlockedExchange(&table->journal.valid, 0);
    if (!ReleaseMutex(mutex)) fail("ReleaseMutex", GetLastError());
}

/* ---- the others ------------------------------------------------------------------------------------------------- */

/* Another member; it may be dead, or its number another's by now: then what is asked of it fails. NULL: none. */
static HANDLE somebody(void)
{
    DWORD pid = table->pids[dice(MEMBERS)];

    if (!pid || pid == GetCurrentProcessId()) return NULL;
    return OpenProcess(PROCESS_VM_OPERATION | PROCESS_VM_READ | PROCESS_VM_WRITE | PROCESS_DUP_HANDLE |
                       PROCESS_QUERY_INFORMATION | SYNCHRONIZE, FALSE, pid);
}

static void map_into_another(void)
{
    HANDLE process = somebody(), shared;
    SIZE_T done;
    LONG value = 0;
    void *view;

    doing = "mapping into another process";
    if (!process) return;
    shared = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 65536, NULL);
    if (!shared) fail("CreateFileMapping", GetLastError());
    if ((view = MapViewOfFile2(shared, process, 0, NULL, 0, 0, PAGE_READWRITE)))
    {
        LONG *mine = MapViewOfFile(shared, FILE_MAP_ALL_ACCESS, 0, 0, 0);

        if (!mine) fail("MapViewOfFile", GetLastError());
        *mine = 4711;
        if (ReadProcessMemory(process, view, &value, sizeof(value), &done) && value != 4711) fail("another value", value);
        UnmapViewOfFile2(process, view, 0);
        if (!UnmapViewOfFile(mine)) fail("UnmapViewOfFile", GetLastError());
    }
    if (!CloseHandle(shared)) fail("CloseHandle", GetLastError());
    if (!CloseHandle(process)) fail("CloseHandle", GetLastError());
}

static void duplicate_into_another(void)
{
    HANDLE process = somebody(), event, theirs, back;

    doing = "duplicating a handle";
    if (!process) return;
    if (!(event = CreateEventA(NULL, FALSE, FALSE, NULL))) fail("CreateEvent", GetLastError());
    if (DuplicateHandle(GetCurrentProcess(), event, process, &theirs, 0, FALSE, DUPLICATE_SAME_ACCESS) &&
        DuplicateHandle(process, theirs, GetCurrentProcess(), &back, 0, FALSE,
                        DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE))
    {
        SetEvent(back);
        if (WaitForSingleObject(event, 0) != WAIT_OBJECT_0) fail("the event that came back is another", 0);
        if (!CloseHandle(back)) fail("CloseHandle", GetLastError());
    }
    if (!CloseHandle(event)) fail("CloseHandle", GetLastError());
    if (!CloseHandle(process)) fail("CloseHandle", GetLastError());
}

static void use_names(void)
{
    char name[64];
    HANDLE event, semaphore, again;

    doing = "making and opening names";
    sprintf(name, "Local\\crowd-event-%lu", dice(4));
    if (!(event = CreateEventA(NULL, FALSE, FALSE, name))) fail("CreateEvent", GetLastError());
    if (!SetEvent(event)) fail("SetEvent", GetLastError());
    WaitForSingleObject(event, 0);      /* another may have taken it */
    if (!(again = OpenEventA(EVENT_ALL_ACCESS, FALSE, name))) fail("OpenEvent of an open name", GetLastError());
    sprintf(name, "Local\\crowd-semaphore-%lu", dice(4));
    if (!(semaphore = CreateSemaphoreA(NULL, 0, 1000000, name))) fail("CreateSemaphore", GetLastError());
    if (!ReleaseSemaphore(semaphore, 1, NULL)) fail("ReleaseSemaphore", GetLastError());
    WaitForSingleObject(semaphore, 0);
    if (!CloseHandle(semaphore) || !CloseHandle(again) || !CloseHandle(event)) fail("CloseHandle", GetLastError());
}

static void talk(DWORD to)
{
    char name[64], sent[200], got[256];
    DWORD done, mode = PIPE_READMODE_MESSAGE, length = 1 + dice(sizeof(sent)), i;
    HANDLE pipe;

    doing = "talking through a pipe";
    sprintf(name, "\\\\.\\pipe\\crowd-%lu", to);
    pipe = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (pipe == INVALID_HANDLE_VALUE)
    {
        if (GetLastError() != ERROR_FILE_NOT_FOUND && GetLastError() != ERROR_PIPE_BUSY)
            fail("opening the pipe", GetLastError());
        return;
    }
    for (i = 0; i < length; i++) sent[i] = dice(256);
    if (SetNamedPipeHandleState(pipe, &mode, NULL, NULL) && WriteFile(pipe, sent, length, &done, NULL) &&
        ReadFile(pipe, got, sizeof(got), &done, NULL))
    {
        if (done != length || memcmp(sent, got, length)) fail("another message came back", done);
    }
    else if (GetLastError() != ERROR_BROKEN_PIPE && GetLastError() != ERROR_PIPE_NOT_CONNECTED &&
             GetLastError() != ERROR_NO_DATA)
        fail("talking through a pipe", GetLastError());
    if (!CloseHandle(pipe)) fail("CloseHandle", GetLastError());
}

/* Sends each message back. */
static DWORD WINAPI answer(void *arg)
{
    HANDLE pipe = arg;
    char message[256];
    DWORD length, done;

    while (!leaving)
    {
        if (!ConnectNamedPipe(pipe, NULL) && GetLastError() != ERROR_PIPE_CONNECTED && GetLastError() != ERROR_NO_DATA)
            fail("ConnectNamedPipe", GetLastError());
        while (ReadFile(pipe, message, sizeof(message), &length, NULL) && WriteFile(pipe, message, length, &done, NULL))
            ;
        if (!DisconnectNamedPipe(pipe)) fail("DisconnectNamedPipe", GetLastError());
    }
    return 0;
}

static void start_child(void)
{
    char command[MAX_PATH + 16] = "\"";
    STARTUPINFOA startup = {.cb = sizeof(startup)};
    PROCESS_INFORMATION info;
    DWORD code = 0;

    doing = "starting a process";
    GetModuleFileNameA(NULL, command + 1, MAX_PATH);
    strcat(command, "\" quit");
    if (!CreateProcessA(NULL, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &info)) fail("CreateProcess", GetLastError());
    if (WaitForSingleObject(info.hProcess, 10000)) fail("the child does not end", 0);
    if (!GetExitCodeProcess(info.hProcess, &code) || code != 7) fail("the child's exit code", code);
    CloseHandle(info.hThread);
    CloseHandle(info.hProcess);
}

static DWORD WINAPI watch(void *arg)
{
    (void)arg;
    Sleep(20000);
    fail("no end after 20 seconds", 0);
}

static void one_step(void)
{
    switch (dice(16))
    {
    case 0: case 1: map_into_another(); break;
    case 2: case 3: duplicate_into_another(); break;
    case 4: case 5: case 6: use_names(); break;
    case 7: case 8: case 9: talk(dice(MEMBERS)); break;
    case 10: leave(); join(); break;
    case 11: if (!dice(8)) { start_child(); break; }    /* fall through */
    default: change_table();
    }
}

int main(int argc, char **argv)
{
    DWORD begin = GetTickCount(), time, steps = 0;
    HANDLE pipe, thread;

    if (argc == 2 && !strcmp(argv[1], "quit")) return 7;
    if (argc != 5 || strcmp(argv[1], "work"))
    {
        fprintf(stderr, "usage: crowd.exe work SLOT SEED MILLISECONDS | quit\n");
        return 2;
    }
    slot = strtoul(argv[2], NULL, 10) % MEMBERS;
    seed = strtoul(argv[3], NULL, 10) | 1;
    time = strtoul(argv[4], NULL, 10);
    CloseHandle(CreateThread(NULL, 0, watch, NULL, 0, NULL));
    sprintf(pipe_name, "\\\\.\\pipe\\crowd-%lu", slot);
    pipe = CreateNamedPipeA(pipe_name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 1, 4096, 4096, 0, NULL);
    if (pipe == INVALID_HANDLE_VALUE) fail("CreateNamedPipe", GetLastError());
    if (!(thread = CreateThread(NULL, 0, answer, pipe, 0, NULL))) fail("CreateThread", GetLastError());

    join();
    change_table();
    map_into_another();
    duplicate_into_another();
    use_names();
    talk(slot);
    start_child();
    leave();
    remember();
    join();
    while (GetTickCount() - begin < time)
    {
        one_step();
        steps++;
    }
    if (!slot) withdraw();
    leave();
    if (!slot) compare();
    printf("%lu steps, longest wait %lu ms\n", steps, longest_wait);
    fflush(stdout);
    leaving = 1;
    TerminateProcess(GetCurrentProcess(), 0);
    return 0;
}
