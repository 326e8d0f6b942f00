/* Names across processes: sections, events, mutexes, semaphores and timers that another process made, opens, waits for,
 * or dies with. */
#include "win32.h"
#include "other.h"

#define SIZE 0x30000

/* ---- what the other process does ------------------------------------------------------------------------------ */

enum { DO_CREATE_EVENT, DO_CREATE_MUTEX, DO_CREATE_SEMAPHORE, DO_CREATE_TIMER, DO_CREATE_SECTION, DO_OPEN_SECTION,
       DO_OPEN_EVENT, DO_OPEN_MUTEX, DO_SET, DO_WAIT, DO_RELEASE, DO_RELEASE_MUTEX, DO_CLOSE, DO_STORE, DO_LOAD, DO_VIEW,
       DO_SET_TIMER, DO_WAIT_ALL, DO_NAME, DO_COMMIT };

static ULONG64 do_create_event(const ULONG64 *a, const char *name) { return HandleToULong(CreateEventA(NULL, a[0], a[1], name)); }
static ULONG64 do_create_mutex(const ULONG64 *a, const char *name) { return HandleToULong(CreateMutexA(NULL, a[0], name)); }
static ULONG64 do_create_semaphore(const ULONG64 *a, const char *name)
{
    return HandleToULong(CreateSemaphoreA(NULL, a[0], a[1], name));
}
static ULONG64 do_create_timer(const ULONG64 *a, const char *name) { return HandleToULong(CreateWaitableTimerA(NULL, a[0], name)); }
static ULONG64 do_create_section(const ULONG64 *a, const char *name)
{
    return HandleToULong(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | (DWORD)a[1], 0, a[0], name));
}
static ULONG64 do_open_section(const ULONG64 *a, const char *name)
{
    return HandleToULong(OpenFileMappingA(a[0] ? a[0] : FILE_MAP_ALL_ACCESS, FALSE, name));
}
static ULONG64 do_open_event(const ULONG64 *a, const char *name) { return HandleToULong(OpenEventA(a[0], FALSE, name)); }
static ULONG64 do_open_mutex(const ULONG64 *a, const char *name) { (void)a; return HandleToULong(OpenMutexA(MUTEX_ALL_ACCESS, FALSE, name)); }
static ULONG64 do_set(const ULONG64 *a, const char *text) { (void)text; return SetEvent(ULongToHandle((ULONG)a[0])); }
static ULONG64 do_wait(const ULONG64 *a, const char *text) { (void)text; return WaitForSingleObject(ULongToHandle((ULONG)a[0]), (DWORD)a[1]); }
static ULONG64 do_release(const ULONG64 *a, const char *text) { (void)text; return ReleaseSemaphore(ULongToHandle((ULONG)a[0]), (LONG)a[1], NULL); }
static ULONG64 do_release_mutex(const ULONG64 *a, const char *text) { (void)text; return ReleaseMutex(ULongToHandle((ULONG)a[0])); }
static ULONG64 do_close(const ULONG64 *a, const char *text) { (void)text; return CloseHandle(ULongToHandle((ULONG)a[0])); }
static ULONG64 do_store(const ULONG64 *a, const char *text) { strcpy((char *)(ULONG_PTR)a[0], text); return 0; }
static ULONG64 do_load(const ULONG64 *a, const char *text) { (void)text; return *(volatile ULONG *)(ULONG_PTR)a[0]; }
static ULONG64 do_view(const ULONG64 *a, const char *text)
{
    (void)text;
    return (ULONG_PTR)MapViewOfFile(ULongToHandle((ULONG)a[0]), a[1] ? a[1] : FILE_MAP_WRITE, 0, 0, 0);
}
static ULONG64 do_set_timer(const ULONG64 *a, const char *text)
{
    LARGE_INTEGER due = { .QuadPart = -(LONGLONG)a[1] * 10000 };

    (void)text;
    return SetWaitableTimer(ULongToHandle((ULONG)a[0]), &due, 0, NULL, NULL, FALSE);
}
static ULONG64 do_wait_all(const ULONG64 *a, const char *text)
{
    HANDLE handles[2] = { ULongToHandle((ULONG)a[0]), ULongToHandle((ULONG)a[1]) };

    (void)text;
    return WaitForMultipleObjects(2, handles, TRUE, (DWORD)a[2]);
}
/* Is the name of the object what text says? */
static ULONG64 do_name(const ULONG64 *a, const char *text)
{
    struct { UNICODE_STRING name; WCHAR buffer[400]; } info;
    char found[400];
    ULONG size;
    int n;

    if (NtQueryObject(ULongToHandle((ULONG)a[0]), 1 /* ObjectNameInformation */, &info, sizeof(info), &size)) return 0;
    n = WideCharToMultiByte(CP_ACP, 0, info.name.Buffer, info.name.Length / sizeof(WCHAR), found, sizeof(found) - 1, NULL, NULL);
    found[n] = 0;
    return n > (int)strlen(text) && !strcmp(found + n - strlen(text), text);
}
static ULONG64 do_commit(const ULONG64 *a, const char *text)
{
    (void)text;
    return (ULONG_PTR)VirtualAlloc((void *)(ULONG_PTR)a[0], a[1], MEM_COMMIT, PAGE_READWRITE);
}

static const other_function functions[] =
{
    do_create_event, do_create_mutex, do_create_semaphore, do_create_timer, do_create_section, do_open_section,
    do_open_event, do_open_mutex, do_set, do_wait, do_release, do_release_mutex, do_close, do_store, do_load, do_view,
    do_set_timer, do_wait_all, do_name, do_commit,
};

static char name[100], second[100];     /* of this run alone */

/* ---- sections ----------------------------------------------------------------------------------------------------- */

static void test_section(struct other *other)
{
    MEMORY_BASIC_INFORMATION info;
    SECTION_BASIC_INFORMATION basic;
    HANDLE section, again;
    ULONG64 there, view;
    char *p;

    section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, SIZE, name);
    ok(section && GetLastError() == 0, "%p, error %lu\n", section, GetLastError());
    works(p = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0));
    strcpy(p, "from here");
    there = other_call(other, DO_OPEN_SECTION, name);
    ok(there, "it cannot be opened: %lu\n", GetLastError());
    view = other_call(other, DO_VIEW, NULL, there);
    ok(view, "it cannot be mapped: %lu\n", GetLastError());
    ok(other_call(other, DO_LOAD, NULL, view) == *(ULONG *)p, "it does not see what was stored\n");
    other_call(other, DO_STORE, "from there", view + SIZE - 0x100);
    ok(!strcmp(p + SIZE - 0x100, "from there"), "what it stored is not seen\n");
    ok(other_call(other, DO_NAME, name, there), "its name is another\n");

    SetLastError(0xdeadbeef);
    again = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READONLY, 0, 0x1000, name);
    ok(again && GetLastError() == ERROR_ALREADY_EXISTS, "%p, error %lu\n", again, GetLastError());
    works(CloseHandle(again));
    there = other_call(other, DO_CREATE_SECTION, name, 0x1000);
    ok(there && GetLastError() == ERROR_ALREADY_EXISTS, "%#llx, error %lu\n", there, GetLastError());
    works(VirtualQuery(p, &info, sizeof(info)) && info.RegionSize == SIZE);
    ok(!other_call(other, DO_CREATE_EVENT, name) && GetLastError() == ERROR_INVALID_HANDLE, "type: error %lu\n", GetLastError());
    ok(!other_call(other, DO_OPEN_EVENT, name, EVENT_ALL_ACCESS) && GetLastError() == ERROR_INVALID_HANDLE,
       "type: error %lu\n", GetLastError());

    /* It lives as long as a handle, whoever has it. */
    works(CloseHandle(section));
    works(UnmapViewOfFile(p));
    works(section = OpenFileMappingA(FILE_MAP_ALL_ACCESS, FALSE, name));
    ok(!NtQuerySection(section, SectionBasicInformation, &basic, sizeof(basic), NULL), "NtQuerySection\n");
    ok(basic.Size.QuadPart == SIZE && basic.Attributes == SEC_COMMIT, "size %#llx, attributes %#lx\n", basic.Size.QuadPart,
       basic.Attributes);
    works(p = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0));
    ok(!strcmp(p, "from here"), "the bytes are gone\n");
    works(CloseHandle(section));
    ok(!strcmp(p, "from here"), "the view went with the handle\n");
    works(UnmapViewOfFile(p));
    other_kill(other);
    fails(OpenFileMappingA(FILE_MAP_ALL_ACCESS, FALSE, name), ERROR_FILE_NOT_FOUND);
    works(other_start(other, "named"));
}

static void test_reserve(struct other *other)
{
    HANDLE section;
    ULONG64 there, view;
    char *p;

    works(section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | SEC_RESERVE, 0, SIZE, name));
    works(p = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0));
    there = other_call(other, DO_OPEN_SECTION, name);
    view = other_call(other, DO_VIEW, NULL, there);
    ok(view, "it cannot be mapped: %lu\n", GetLastError());
    works(VirtualAlloc(p + 0x10000, 0x1000, MEM_COMMIT, PAGE_READWRITE));
    strcpy(p + 0x10000, "late");
    ok(other_call(other, DO_LOAD, NULL, view + 0x10000) == *(ULONG *)(p + 0x10000), "committed here, not there\n");
    ok(other_call(other, DO_COMMIT, NULL, view + 0x20000, 0x1000), "commit: %lu\n", GetLastError());
    other_call(other, DO_STORE, "too", view + 0x20000);
    ok(!strcmp(p + 0x20000, "too"), "committed there, not here\n");
    works(UnmapViewOfFile(p));
    works(CloseHandle(section));
    other_kill(other);
    works(other_start(other, "named"));
}

static void test_file_section(struct other *other)
{
    char path[MAX_PATH], temp[MAX_PATH];
    HANDLE file, section, mapped;
    ULONG64 there, view;
    char *p;

    works(GetTempPathA(sizeof(temp), temp));
    works(GetTempFileNameA(temp, "nam", 0, path));
    file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, CREATE_ALWAYS, 0, NULL);
    ok(file != INVALID_HANDLE_VALUE, "error %lu\n", GetLastError());
    works(section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, SIZE, name));
    works(p = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0));
    there = other_call(other, DO_OPEN_SECTION, name);
    ok(there, "a section of a file: %lu\n", GetLastError());
    view = other_call(other, DO_VIEW, NULL, there);
    other_call(other, DO_STORE, "in the file", view);
    ok(!strcmp(p, "in the file"), "not the same file\n");
    works(UnmapViewOfFile(p));
    works(CloseHandle(section));
    other_call(other, DO_CLOSE, NULL, there);
    fails(OpenFileMappingA(FILE_MAP_READ, FALSE, name), ERROR_FILE_NOT_FOUND);
    other_kill(other);
    works(CloseHandle(file));
    works(DeleteFileA(path));

    /* An image: this program. */
    GetModuleFileNameA(NULL, path, sizeof(path));
    file = CreateFileA(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    works(section = CreateFileMappingA(file, NULL, PAGE_READONLY | SEC_IMAGE, 0, 0, name));
    works(other_start(other, "named"));
    there = other_call(other, DO_OPEN_SECTION, name, FILE_MAP_READ);
    ok(there, "an image: %lu\n", GetLastError());
    view = other_call(other, DO_VIEW, NULL, there, FILE_MAP_READ);
    ok(view && (other_call(other, DO_LOAD, NULL, view) & 0xffff) == IMAGE_DOS_SIGNATURE, "not an image, error %lu\n", GetLastError());
    works(CloseHandle(section));
    works(CloseHandle(file));
    works(mapped = OpenFileMappingA(FILE_MAP_READ, FALSE, name));
    works(CloseHandle(mapped));
    other_kill(other);
    works(other_start(other, "named"));
}

/* ---- events, semaphores, timers -------------------------------------------------------------------------------------- */

static DWORD WINAPI set_later(void *event)
{
    Sleep(50);
    return SetEvent(event);
}

static void test_event(struct other *other)
{
    HANDLE event, thread;
    ULONG64 there;

    works(event = CreateEventA(NULL, FALSE, FALSE, name));
    there = other_call(other, DO_CREATE_EVENT, name, TRUE, TRUE);
    ok(there && GetLastError() == ERROR_ALREADY_EXISTS, "error %lu\n", GetLastError());
    ok(other_call(other, DO_WAIT, NULL, there, 0) == WAIT_TIMEOUT, "signalled\n");
    works(SetEvent(event));
    ok(other_call(other, DO_WAIT, NULL, there, 0) == WAIT_OBJECT_0, "not signalled\n");
    ok(WaitForSingleObject(event, 0) == WAIT_TIMEOUT, "the other process did not take it\n");
    works(thread = CreateThread(NULL, 0, set_later, event, 0, NULL));
    ok(other_call(other, DO_WAIT, NULL, there, 5000) == WAIT_OBJECT_0, "it was not woken\n");
    works(!WaitForSingleObject(thread, 5000) && CloseHandle(thread));
    other_call(other, DO_SET, NULL, there);
    ok(WaitForSingleObject(event, 0) == WAIT_OBJECT_0, "it did not set it\n");
    there = other_call(other, DO_OPEN_EVENT, name, SYNCHRONIZE);
    ok(there && !other_call(other, DO_SET, NULL, there) && GetLastError() == ERROR_ACCESS_DENIED, "error %lu\n", GetLastError());
    fails(CreateMutexA(NULL, FALSE, name), ERROR_INVALID_HANDLE);
    fails(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, SIZE, name), ERROR_INVALID_HANDLE);
    fails(OpenSemaphoreA(SYNCHRONIZE, FALSE, name), ERROR_INVALID_HANDLE);
    works(CloseHandle(event));
    works(event = OpenEventA(EVENT_ALL_ACCESS, FALSE, name));
    other_kill(other);
    works(CloseHandle(event));
    fails(OpenEventA(EVENT_ALL_ACCESS, FALSE, name), ERROR_FILE_NOT_FOUND);
    works(other_start(other, "named"));
}

static void test_semaphore(struct other *other)
{
    HANDLE semaphore;
    ULONG64 there;
    LONG previous;

    there = other_call(other, DO_CREATE_SEMAPHORE, name, 1, 3);
    works(semaphore = OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, FALSE, name));
    ok(WaitForSingleObject(semaphore, 0) == WAIT_OBJECT_0, "the count was 1\n");
    ok(other_call(other, DO_WAIT, NULL, there, 0) == WAIT_TIMEOUT, "the count is 0\n");
    works(ReleaseSemaphore(semaphore, 3, &previous) && !previous);
    fails(ReleaseSemaphore(semaphore, 1, &previous), ERROR_TOO_MANY_POSTS);
    ok(other_call(other, DO_WAIT, NULL, there, 0) == WAIT_OBJECT_0, "the count was 3\n");
    works(ReleaseSemaphore(semaphore, 1, &previous) && previous == 2);
    works(CloseHandle(semaphore));
    other_call(other, DO_CLOSE, NULL, there);
    fails(OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, FALSE, name), ERROR_FILE_NOT_FOUND);
}

static void test_timer(struct other *other)
{
    HANDLE timer;
    ULONG64 there;

    works(timer = CreateWaitableTimerA(NULL, TRUE, name));
    there = other_call(other, DO_CREATE_TIMER, name, FALSE);
    ok(there && GetLastError() == ERROR_ALREADY_EXISTS, "error %lu\n", GetLastError());
    ok(WaitForSingleObject(timer, 0) == WAIT_TIMEOUT, "signalled\n");
    works(other_call(other, DO_SET_TIMER, NULL, there, 30));
    ok(WaitForSingleObject(timer, 5000) == WAIT_OBJECT_0, "not signalled by the other's timer\n");
    ok(other_call(other, DO_WAIT, NULL, there, 0) == WAIT_OBJECT_0, "a manual timer stays signalled\n");
    works(CloseHandle(timer));
    other_call(other, DO_CLOSE, NULL, there);
}

/* ---- mutexes ----------------------------------------------------------------------------------------------------------- */

static void test_mutex(struct other *other)
{
    HANDLE mutex;
    ULONG64 there;
    DWORD start;

    there = other_call(other, DO_CREATE_MUTEX, name, TRUE);
    ok(there, "error %lu\n", GetLastError());
    works(mutex = OpenMutexA(MUTEX_ALL_ACCESS, FALSE, name));
    ok(WaitForSingleObject(mutex, 0) == WAIT_TIMEOUT, "it is the other's\n");
    fails(ReleaseMutex(mutex), ERROR_NOT_OWNER);
    works(other_call(other, DO_RELEASE_MUTEX, NULL, there));
    ok(WaitForSingleObject(mutex, 0) == WAIT_OBJECT_0, "it is free\n");
    ok(WaitForSingleObject(mutex, 0) == WAIT_OBJECT_0, "it is mine\n");
    ok(other_call(other, DO_WAIT, NULL, there, 10) == WAIT_TIMEOUT, "it is mine\n");
    works(ReleaseMutex(mutex));
    ok(other_call(other, DO_WAIT, NULL, there, 10) == WAIT_TIMEOUT, "it is still mine\n");
    works(ReleaseMutex(mutex));
    ok(other_call(other, DO_WAIT, NULL, there, 10) == WAIT_OBJECT_0, "it was free\n");

    /* Its owner dies. */
    start = GetTickCount();
    TerminateProcess(other->info.hProcess, 1);
    ok(WaitForSingleObject(mutex, 10000) == WAIT_ABANDONED, "not abandoned\n");
    ok(GetTickCount() - start < 2000, "it took %lu ms\n", GetTickCount() - start);
    works(ReleaseMutex(mutex));
    ok(WaitForSingleObject(mutex, 0) == WAIT_OBJECT_0, "abandoned only once\n");
    works(ReleaseMutex(mutex));
    other_end(other);
    works(CloseHandle(mutex));
    works(other_start(other, "named"));

    /* It ends on its own. */
    there = other_call(other, DO_CREATE_MUTEX, name, TRUE);
    works(mutex = OpenMutexA(MUTEX_ALL_ACCESS, FALSE, name));
    other_end(other);
    ok(WaitForSingleObject(mutex, 5000) == WAIT_ABANDONED, "not abandoned\n");
    works(CloseHandle(mutex));
    works(other_start(other, "named"));
}

static void test_wait_all(struct other *other)
{
    ULONG64 there[2];
    HANDLE here[2];

    works(here[0] = CreateEventA(NULL, FALSE, TRUE, name));
    works(here[1] = CreateMutexA(NULL, TRUE, second));
    there[0] = other_call(other, DO_OPEN_EVENT, name, EVENT_ALL_ACCESS);
    there[1] = other_call(other, DO_OPEN_MUTEX, second);
    ok(other_call(other, DO_WAIT_ALL, NULL, there[1], there[0], 10) == WAIT_TIMEOUT, "the mutex is mine\n");
    works(ReleaseMutex(here[1]));
    ok(other_call(other, DO_WAIT_ALL, NULL, there[1], there[0], 10) == WAIT_OBJECT_0, "both were free\n");
    ok(WaitForMultipleObjects(2, here, TRUE, 0) == WAIT_TIMEOUT, "both are the other's\n");
    works(SetEvent(here[0]));
    other_kill(other);
    ok(WaitForMultipleObjects(2, here, TRUE, 2000) == WAIT_ABANDONED_0, "abandoned\n");
    works(CloseHandle(here[0]) && CloseHandle(here[1]));
    works(other_start(other, "named"));
}

/* ---- names --------------------------------------------------------------------------------------------------------------- */

static void test_namespaces(struct other *other)
{
    static const char *const same[] = { "Local\\%s", "Session\\1\\%s", "%s" };
    HANDLE event, global;
    char text[120];
    WCHAR long_name[300];
    ULONG64 there;
    unsigned int i;

    sprintf(text, "Local\\%s", name);
    works(event = CreateEventA(NULL, FALSE, FALSE, text));
    for (i = 0; i < 3; i++)
    {
        sprintf(text, same[i], name);
        there = other_call(other, DO_OPEN_EVENT, text, EVENT_ALL_ACCESS);
        ok(there, "%s: error %lu\n", text, GetLastError());
        ok(other_call(other, DO_NAME, name, there), "%s: its name\n", text);
        other_call(other, DO_CLOSE, NULL, there);
    }
    sprintf(text, "Global\\%s", name);
    ok(!other_call(other, DO_OPEN_EVENT, text, EVENT_ALL_ACCESS) && GetLastError() == ERROR_FILE_NOT_FOUND, "error %lu\n", GetLastError());
    works(global = CreateMutexA(NULL, FALSE, text));
    ok(GetLastError() != ERROR_ALREADY_EXISTS, "Global\\ is Local\\\n");
    there = other_call(other, DO_OPEN_MUTEX, text);
    ok(there, "error %lu\n", GetLastError());
    works(CloseHandle(global));

    /* Win32's names differ in case. */
    strcpy(text, name);
    _strupr(text);
    ok(!other_call(other, DO_OPEN_EVENT, text, EVENT_ALL_ACCESS) && GetLastError() == ERROR_FILE_NOT_FOUND, "error %lu\n", GetLastError());
    works(CloseHandle(event));

    sprintf(text, "%s / \xc3\xa9 %% ~name", name);
    works(event = CreateEventA(NULL, FALSE, FALSE, text));
    ok(other_call(other, DO_OPEN_EVENT, text, EVENT_ALL_ACCESS), "odd characters: error %lu\n", GetLastError());
    works(CloseHandle(event));
    for (i = 0; i < 299; i++) long_name[i] = 0x4e00 + i;
    long_name[299] = 0;
    works(event = CreateEventW(NULL, FALSE, FALSE, long_name));
    works(CloseHandle(event));
}

/* The same object by handle: the name goes along, and lives as long as that handle. */
static void test_duplicate(struct other *other)
{
    HANDLE event, there;

    works(event = CreateEventA(NULL, TRUE, FALSE, name));
    works(DuplicateHandle(GetCurrentProcess(), event, other->info.hProcess, &there, 0, FALSE, DUPLICATE_SAME_ACCESS));
    ok(other_call(other, DO_NAME, name, HandleToULong(there)), "the name is lost\n");
    works(CloseHandle(event));
    works(event = OpenEventA(EVENT_ALL_ACCESS, FALSE, name));
    works(SetEvent(event));
    ok(other_call(other, DO_WAIT, NULL, HandleToULong(there), 0) == WAIT_OBJECT_0, "another object\n");
    works(CloseHandle(event));
    other_call(other, DO_CLOSE, NULL, HandleToULong(there));
    fails(OpenEventA(EVENT_ALL_ACCESS, FALSE, name), ERROR_FILE_NOT_FOUND);
}

static void test_inherit(struct other *other)
{
    SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
    HANDLE section;
    ULONG64 view;
    char *p;

    other_end(other);
    works(section = CreateFileMappingA(INVALID_HANDLE_VALUE, &inherit, PAGE_READWRITE, 0, SIZE, name));
    works(p = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0));
    strcpy(p, "inherited");
    works(other_start(other, "named"));
    works(CloseHandle(section));
    ok(other_call(other, DO_NAME, name, HandleToULong(section)), "the name is lost\n");
    view = other_call(other, DO_VIEW, NULL, HandleToULong(section));
    ok(view && other_call(other, DO_LOAD, NULL, view) == *(ULONG *)p, "other memory\n");
    works(section = OpenFileMappingA(FILE_MAP_WRITE, FALSE, name));
    works(CloseHandle(section));
    works(UnmapViewOfFile(p));
    other_kill(other);
    fails(OpenFileMappingA(FILE_MAP_WRITE, FALSE, name), ERROR_FILE_NOT_FOUND);
    works(other_start(other, "named"));
}

START_TEST(named)
{
    struct other other;

    if (other_serve(functions)) return;
    sprintf(name, "oriel-named-test-%lu", GetCurrentProcessId());
    sprintf(second, "%s-second", name);
    if (!other_start(&other, "named"))
    {
        ok(0, "no second process, error %lu\n", GetLastError());
        return;
    }
    test_section(&other);
    test_reserve(&other);
    test_file_section(&other);
    test_event(&other);
    test_semaphore(&other);
    test_timer(&other);
    test_mutex(&other);
    test_wait_all(&other);
    test_namespaces(&other);
    test_duplicate(&other);
    test_inherit(&other);
    other_end(&other);
}
