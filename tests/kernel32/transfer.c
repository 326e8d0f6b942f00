/* Every kind of object in another process: inherited, over two generations, duplicated there, back, and between two others.
 * What cannot go is refused when it is duplicated, and its value is free in a child. */
#include "win32.h"
#include "other.h"

#ifndef DUPLICATE_SAME_ATTRIBUTES
#define DUPLICATE_SAME_ATTRIBUTES 4
#endif
#ifndef PROC_THREAD_ATTRIBUTE_HANDLE_LIST
#define PROC_THREAD_ATTRIBUTE_HANDLE_LIST 0x20002
#endif
#define SHUTDOWN_PRIVILEGE 19
#define DEVICE_DISK 7
#ifndef DIRECTORY_QUERY                 /* of the driver kit */
#define DIRECTORY_QUERY               0x0001
#define DIRECTORY_TRAVERSE            0x0002
#define DIRECTORY_CREATE_OBJECT       0x0004
#define DIRECTORY_ALL_ACCESS          (STANDARD_RIGHTS_REQUIRED | 0x000f)
#define SYMBOLIC_LINK_QUERY           0x0001
#define KEYEDEVENT_ALL_ACCESS         (STANDARD_RIGHTS_REQUIRED | 0x0003)
#endif
#define KEEPS ((ULONG64)-2)             /* what a use() gives where it failed */

static char self[MAX_PATH], scratch[MAX_PATH], scratch_file[MAX_PATH + 16];
static SECURITY_ATTRIBUTES inherited = { sizeof(inherited), NULL, TRUE };
static HANDLE pipe_read, pipe_write, server_end, client_end, slot;

static OBJECT_ATTRIBUTES *with_name(const WCHAR *name)
{
    static OBJECT_ATTRIBUTES attributes;
    static UNICODE_STRING string;

    if (name) RtlInitUnicodeString(&string, name);
    InitializeObjectAttributes(&attributes, name ? &string : NULL, OBJ_INHERIT | OBJ_CASE_INSENSITIVE, NULL, NULL);
    return &attributes;
}

/* ---- kinds: how one is made, what another process does with it, and how that is seen here ------------------------------- */

static HANDLE make_event(void) { return CreateEventA(&inherited, TRUE, FALSE, NULL); }
static HANDLE make_named_event(void)
{
    char name[64];

    sprintf(name, "Local\\transfer-%lu", GetCurrentProcessId());
    return CreateEventA(&inherited, TRUE, FALSE, name);
}
static ULONG64 use_event(HANDLE h) { return SetEvent(h); }
static BOOL check_event(HANDLE h) { return !WaitForSingleObject(h, 1000) && ResetEvent(h); }

static HANDLE make_mutex(void) { return CreateMutexA(&inherited, TRUE, NULL); }
static ULONG64 use_mutex(HANDLE h) { return WaitForSingleObject(h, 0) == WAIT_TIMEOUT; }

static HANDLE make_semaphore(void) { return CreateSemaphoreA(&inherited, 0, 10, NULL); }
static ULONG64 use_semaphore(HANDLE h) { return ReleaseSemaphore(h, 1, NULL); }
static BOOL check_semaphore(HANDLE h) { return !WaitForSingleObject(h, 1000) && WaitForSingleObject(h, 0) == WAIT_TIMEOUT; }

static HANDLE make_timer(void) { return CreateWaitableTimerA(&inherited, FALSE, NULL); }
static ULONG64 use_timer(HANDLE h)
{
    LARGE_INTEGER due = { .QuadPart = -10 };

    return SetWaitableTimer(h, &due, 0, NULL, NULL, FALSE);
}
static BOOL check_wait(HANDLE h) { return !WaitForSingleObject(h, 1000); }

static HANDLE make_section(void) { return CreateFileMappingA(INVALID_HANDLE_VALUE, &inherited, PAGE_READWRITE, 0, 0x1000, NULL); }
static BOOL section_byte(HANDLE h, char old, char new)
{
    char *view = MapViewOfFile(h, FILE_MAP_WRITE, 0, 0, 0);
    BOOL fine = view && *view == old;

    if (fine) *view = new;
    UnmapViewOfFile(view);
    return fine;
}
static ULONG64 use_section(HANDLE h) { return section_byte(h, 0, 1); }
static BOOL check_section(HANDLE h) { return section_byte(h, 1, 0); }

static HANDLE make_image(void)
{
    HANDLE file = CreateFileA(self, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL), section;

    section = CreateFileMappingA(file, &inherited, PAGE_READONLY | SEC_IMAGE, 0, 0, NULL);
    CloseHandle(file);
    return section;
}
static ULONG64 use_image(HANDLE h)
{
    char *view = MapViewOfFile(h, FILE_MAP_READ, 0, 0, 0);
    BOOL fine = view && view[0] == 'M' && view[1] == 'Z';

    UnmapViewOfFile(view);
    return fine;
}

static HANDLE make_file(void)
{
    return CreateFileA(scratch_file, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, &inherited,
                       CREATE_ALWAYS, 0, NULL);
}
static ULONG64 use_file(HANDLE h)
{
    DWORD done;

    return WriteFile(h, "x", 1, &done, NULL);
}
static BOOL check_file(HANDLE h)        /* the place in it is one, too */
{
    BOOL fine = SetFilePointer(h, 0, NULL, FILE_CURRENT) == 1 && GetFileSize(h, NULL) == 1;

    return fine && !SetFilePointer(h, 0, NULL, FILE_BEGIN) && SetEndOfFile(h);
}

static HANDLE make_folder(void)
{
    return CreateFileA(scratch, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
}
static HANDLE make_virtual_folder(void)
{
    return CreateFileA("C:\\", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
}
static HANDLE make_volume(void)
{
    return CreateFileA("\\\\.\\C:", 0, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited, OPEN_EXISTING, 0, NULL);
}
static ULONG64 use_folder(HANDLE h)
{
    struct { ULONG type, characteristics; } info;
    IO_STATUS_BLOCK io;

    return !NtQueryVolumeInformationFile(h, &io, &info, sizeof(info), FileFsDeviceInformation) && info.type == DEVICE_DISK;
}

static HANDLE make_null(void) { return CreateFileA("NUL", GENERIC_READ | GENERIC_WRITE, 0, &inherited, OPEN_EXISTING, 0, NULL); }

static HANDLE make_pipe_read(void)
{
    HANDLE read, write;

    CreatePipe(&read, &write, &inherited, 0);
    CloseHandle(pipe_write);
    SetHandleInformation(pipe_write = write, HANDLE_FLAG_INHERIT, 0);
    use_file(write);
    return read;
}
static HANDLE make_pipe_write(void)
{
    HANDLE read, write;

    CreatePipe(&read, &write, &inherited, 0);
    CloseHandle(pipe_read);
    SetHandleInformation(pipe_read = read, HANDLE_FLAG_INHERIT, 0);
    return write;
}
static ULONG64 use_reader(HANDLE h)
{
    DWORD there = 0;

    return PeekNamedPipe(h, NULL, 0, NULL, &there, NULL) && there == 1;
}
static BOOL arrived(HANDLE h)
{
    DWORD there = 0, done;
    char byte;

    return PeekNamedPipe(h, NULL, 0, NULL, &there, NULL) && there == 1 && ReadFile(h, &byte, 1, &done, NULL);
}
static BOOL check_pipe_write(HANDLE h) { (void)h; return arrived(pipe_read); }

static HANDLE make_server(const char *what)
{
    char name[64];

    sprintf(name, "\\\\.\\pipe\\transfer-%s-%lu", what, GetCurrentProcessId());
    return CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 3, 100, 100, 0, &inherited);
}
static HANDLE make_client(const char *what)
{
    char name[64];

    sprintf(name, "\\\\.\\pipe\\transfer-%s-%lu", what, GetCurrentProcessId());
    return CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, &inherited, OPEN_EXISTING, 0, NULL);
}
static HANDLE make_lonely_server(void) { return make_server("lonely"); }
static HANDLE make_connected_server(void)
{
    HANDLE server = make_server("server");

    CloseHandle(client_end);
    SetHandleInformation(client_end = make_client("server"), HANDLE_FLAG_INHERIT, 0);
    return server;
}
static BOOL check_server(HANDLE h) { (void)h; return arrived(client_end); }
static HANDLE make_connected_client(void)
{
    CloseHandle(server_end);
    SetHandleInformation(server_end = make_server("client"), HANDLE_FLAG_INHERIT, 0);
    return make_client("client");
}
static BOOL check_client(HANDLE h) { (void)h; return arrived(server_end); }

static HANDLE make_mailslot(void)
{
    char name[64];

    sprintf(name, "\\\\.\\mailslot\\transfer-%lu", GetCurrentProcessId());
    return CreateMailslotA(name, 0, 0, &inherited);
}

static HANDLE make_mailslot_client(void)
{
    char name[64];

    sprintf(name, "\\\\.\\mailslot\\transfer-client-%lu", GetCurrentProcessId());
    slot = CreateMailslotA(name, 0, 0, NULL);
    return CreateFileA(name, GENERIC_WRITE, FILE_SHARE_READ, &inherited, OPEN_EXISTING, 0, NULL);
}
static BOOL check_mailslot(HANDLE h)
{
    DWORD done;
    char byte;

    (void)h;
    return ReadFile(slot, &byte, 1, &done, NULL) && done == 1;
}

static HANDLE make_process(void)
{
    HANDLE handle = NULL;

    DuplicateHandle(GetCurrentProcess(), GetCurrentProcess(), GetCurrentProcess(), &handle, 0, TRUE, DUPLICATE_SAME_ACCESS);
    return handle;
}
static ULONG64 use_process(HANDLE h)
{
    DWORD code = 0;

    return GetProcessId(h) != GetCurrentProcessId() && GetExitCodeProcess(h, &code) && code == STILL_ACTIVE;
}

static HANDLE make_thread(void)
{
    HANDLE handle = NULL;

    DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &handle, 0, TRUE, DUPLICATE_SAME_ACCESS);
    return handle;
}
static ULONG64 use_thread(HANDLE h) { return GetThreadId(h) && GetProcessIdOfThread(h) != GetCurrentProcessId(); }

static HANDLE make_ended(BOOL thread)
{
    STARTUPINFOA startup = { .cb = sizeof(startup) };
    PROCESS_INFORMATION info;
    char line[2 * MAX_PATH];

    sprintf(line, "\"%s\" transfer end", self);
    works(CreateProcessA(NULL, line, &inherited, &inherited, FALSE, 0, NULL, NULL, &startup, &info));
    WaitForSingleObject(info.hThread, 10000);
    WaitForSingleObject(info.hProcess, 10000);
    CloseHandle(thread ? info.hProcess : info.hThread);
    return thread ? info.hThread : info.hProcess;
}
static HANDLE make_ended_process(void) { return make_ended(FALSE); }
static ULONG64 use_ended_process(HANDLE h)
{
    DWORD code = 0;

    return GetProcessId(h) && !WaitForSingleObject(h, 0) && GetExitCodeProcess(h, &code) && code == 4321;
}
static HANDLE make_orphaned_thread(void) { return make_ended(TRUE); }
static BOOL has_ended(HANDLE h, DWORD expected)
{
    DWORD code = 0;

    return GetThreadId(h) && GetProcessIdOfThread(h) && !WaitForSingleObject(h, 0) && GetExitCodeThread(h, &code) && code == expected;
}
static ULONG64 use_orphaned_thread(HANDLE h) { return has_ended(h, 4321); }
static DWORD WINAPI end_thread(void *code) { return (DWORD)(ULONG_PTR)code; }
static HANDLE make_ended_thread(void)
{
    HANDLE handle = CreateThread(&inherited, 0, end_thread, (void *)1234, 0, NULL);

    WaitForSingleObject(handle, 10000);
    return handle;
}
static ULONG64 use_ended_thread(HANDLE h) { return has_ended(h, 1234); }

static HANDLE make_job(void) { return CreateJobObjectA(&inherited, NULL); }
static ULONG job_limit(HANDLE h, ULONG set)
{
    JOBOBJECT_BASIC_LIMIT_INFORMATION limits = { .LimitFlags = JOB_OBJECT_LIMIT_ACTIVE_PROCESS, .ActiveProcessLimit = set };

    if (set && !SetInformationJobObject(h, JobObjectBasicLimitInformation, &limits, sizeof(limits))) return 0;
    return QueryInformationJobObject(h, JobObjectBasicLimitInformation, &limits, sizeof(limits), NULL) ? limits.ActiveProcessLimit : 0;
}
static ULONG64 use_job(HANDLE h) { return job_limit(h, 7) == 7; }
static BOOL check_job(HANDLE h) { return job_limit(h, 0) == 7 && job_limit(h, 5) == 5; }

static HANDLE make_token(void)          /* a copy: the process's own stays as it is */
{
    HANDLE own = NULL, copy = NULL;

    NtOpenProcessToken(GetCurrentProcess(), TOKEN_ALL_ACCESS, &own);
    NtDuplicateToken(own, TOKEN_ALL_ACCESS, with_name(NULL), FALSE, TokenPrimary, &copy);
    NtClose(own);
    return copy;
}
static NTSTATUS adjust(HANDLE h, ULONG attributes)
{
    TOKEN_PRIVILEGES privileges = { 1, { { { SHUTDOWN_PRIVILEGE, 0 }, attributes } } };

    return NtAdjustPrivilegesToken(h, FALSE, &privileges, 0, NULL, NULL);
}
static ULONG privilege(HANDLE h)        /* its attributes, ~0: it is gone */
{
    struct { DWORD count; LUID_AND_ATTRIBUTES list[40]; } all;          /* TOKEN_PRIVILEGES */
    ULONG size;

    if (NtQueryInformationToken(h, TokenPrivileges, &all, sizeof(all), &size)) return ~1u;
    for (ULONG i = 0; i < all.count; i++)
        if (all.list[i].Luid.LowPart == SHUTDOWN_PRIVILEGE) return all.list[i].Attributes;
    return ~0u;
}
static ULONG64 use_token(HANDLE h) { return !adjust(h, SE_PRIVILEGE_ENABLED); }
static BOOL check_token(HANDLE h) { return (privilege(h) & SE_PRIVILEGE_ENABLED) && !adjust(h, 0) && !(privilege(h) & SE_PRIVILEGE_ENABLED); }

static HANDLE make_key(void)
{
    HANDLE handle = NULL;

    NtOpenKey(&handle, KEY_READ, with_name(L"\\Registry\\Machine"));
    return handle;
}

static HANDLE open_directory(const WCHAR *name)
{
    HANDLE handle = NULL;

    NtOpenDirectoryObject(&handle, DIRECTORY_QUERY | DIRECTORY_TRAVERSE | DIRECTORY_CREATE_OBJECT, with_name(name));
    return handle;
}
static HANDLE make_names(void) { return open_directory(L"\\BaseNamedObjects"); }
static HANDLE make_root(void) { return open_directory(L"\\"); }
static ULONG64 use_directory(HANDLE h)
{
    char room[1024];
    ULONG context = 0;

    return !NtQueryDirectoryObject(h, (void *)room, sizeof(room), TRUE, TRUE, &context, NULL);
}
static HANDLE make_directory(void)
{
    HANDLE handle = NULL;

    NtCreateDirectoryObject(&handle, DIRECTORY_ALL_ACCESS, with_name(NULL));
    return handle;
}

static HANDLE make_link(void)
{
    HANDLE handle = NULL;
    UNICODE_STRING target;

    RtlInitUnicodeString(&target, L"\\somewhere\\else");
    NtCreateSymbolicLinkObject(&handle, SYMBOLIC_LINK_QUERY, with_name(NULL), &target);
    return handle;
}
static HANDLE make_known_link(void)
{
    HANDLE handle = NULL;

    NtOpenSymbolicLinkObject(&handle, SYMBOLIC_LINK_QUERY, with_name(L"\\DosDevices"));
    return handle;
}
static BOOL leads_to(HANDLE h, const WCHAR *target)
{
    WCHAR room[64];
    UNICODE_STRING string = { 0, sizeof(room), room };

    return !NtQuerySymbolicLinkObject(h, &string, NULL) && !wcsncmp(room, target, wcslen(target));
}
static ULONG64 use_link(HANDLE h) { return leads_to(h, L"\\somewhere\\else"); }
static ULONG64 use_known_link(HANDLE h) { return leads_to(h, L"\\??"); }

static HANDLE make_port(void)
{
    HANDLE handle = NULL;

    NtCreateIoCompletion(&handle, IO_COMPLETION_ALL_ACCESS, with_name(NULL), 0);
    return handle;
}
static HANDLE make_packet(void)
{
    NTSTATUS (WINAPI *create)(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *) =
        (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "NtCreateWaitCompletionPacket");
    HANDLE handle = NULL;

    create(&handle, STANDARD_RIGHTS_REQUIRED | 1, with_name(NULL));
    return handle;
}
static HANDLE make_keyed(void)
{
    HANDLE handle = NULL;

    NtCreateKeyedEvent(&handle, KEYEDEVENT_ALL_ACCESS, with_name(NULL), 0);
    return handle;
}
static ULONG64 use_keyed(HANDLE h)
{
    LARGE_INTEGER now = { .QuadPart = 0 };

    return NtReleaseKeyedEvent(h, (void *)16, FALSE, &now) == STATUS_TIMEOUT;
}
static HANDLE make_debug(void)
{
    HANDLE handle = NULL;

    NtCreateDebugObject(&handle, DEBUG_ALL_ACCESS, with_name(NULL), 0);
    return handle;
}
static HANDLE make_condition(void)
{
    HANDLE handle = NULL;

    NtOpenEvent(&handle, EVENT_QUERY_STATE | SYNCHRONIZE, with_name(L"\\KernelObjects\\HighMemoryCondition"));
    return handle;
}
static ULONG64 use_condition(HANDLE h)
{
    EVENT_BASIC_INFORMATION info;

    return !NtQueryEvent(h, EventBasicInformation, &info, sizeof(info), NULL) && info.EventType == NotificationEvent;
}
static HANDLE make_station(void)
{
    HANDLE (WINAPI *get)(void) = (void *)GetProcAddress(LoadLibraryA("user32.dll"), "GetProcessWindowStation");
    HANDLE handle = NULL;

    if (get) DuplicateHandle(GetCurrentProcess(), get(), GetCurrentProcess(), &handle, 0, TRUE, DUPLICATE_SAME_ACCESS);
    return handle;
}
static ULONG64 use_station(HANDLE h)
{
    struct { UNICODE_STRING name; WCHAR room[100]; } answer;

    return !NtQueryObject(h, ObjectNameInformation, &answer, sizeof(answer), NULL) && answer.name.Length > 14 &&
           !memcmp(answer.name.Buffer + answer.name.Length / sizeof(WCHAR) - 7, L"WinSta0", 14);
}

static const struct kind
{
    const char *name, *type;
    HANDLE  (*make)(void);
    ULONG64 (*use)(HANDLE h);           /* NULL: it goes nowhere */
    BOOL    (*check)(HANDLE h);         /* and makes good what use() did; may be NULL */
} kinds[] =
{
    { "event", "Event", make_event, use_event, check_event },
    { "named event", "Event", make_named_event, use_event, check_event },
    { "memory condition", "Event", make_condition, use_condition, NULL },
    { "mutex", "Mutant", make_mutex, use_mutex, NULL },
    { "semaphore", "Semaphore", make_semaphore, use_semaphore, check_semaphore },
    { "timer", "Timer", make_timer, use_timer, check_wait },
    { "section", "Section", make_section, use_section, check_section },
    { "image", "Section", make_image, use_image, NULL },
    { "file", "File", make_file, use_file, check_file },
    { "folder", "File", make_folder, use_folder, NULL },
    { "folder of C:", "File", make_virtual_folder, use_folder, NULL },
    { "volume", "File", make_volume, use_folder, NULL },
    { "NUL", "File", make_null, use_file, NULL },
    { "pipe, reading", "File", make_pipe_read, use_reader, NULL },
    { "pipe, writing", "File", make_pipe_write, use_file, check_pipe_write },
    { "pipe's server, connected", "File", make_connected_server, use_file, check_server },
    { "pipe's client", "File", make_connected_client, use_file, check_client },
    { "mailslot's client", "File", make_mailslot_client, use_file, check_mailslot },
    { "process", "Process", make_process, use_process, NULL },
    { "thread", "Thread", make_thread, use_thread, NULL },
    { "ended process", "Process", make_ended_process, use_ended_process, NULL },
    { "ended thread", "Thread", make_ended_thread, use_ended_thread, NULL },
    { "thread of an ended process", "Thread", make_orphaned_thread, use_orphaned_thread, NULL },
    { "job", "Job", make_job, use_job, check_job },
    { "token", "Token", make_token, use_token, check_token },
    { "directory of names", "Directory", make_names, use_directory, NULL },
    { "root directory", "Directory", make_root, use_directory, NULL },
    { "link", "SymbolicLink", make_link, use_link, NULL },
    { "known link", "SymbolicLink", make_known_link, use_known_link, NULL },
    { "keyed event", "KeyedEvent", make_keyed, use_keyed, NULL },
    { "window station", "WindowStation", make_station, use_station, NULL },

    { "pipe's server, alone", "File", make_lonely_server, NULL, NULL },
    { "mailslot", "File", make_mailslot, NULL, NULL },
    { "key", "Key", make_key, NULL, NULL },
    { "directory that was made", "Directory", make_directory, NULL, NULL },
    { "completion port", "IoCompletion", make_port, NULL, NULL },
    { "debug object", "DebugObject", make_debug, NULL, NULL },
    { "wait packet", "WaitCompletionPacket", make_packet, NULL, NULL },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* ---- in the other process ----------------------------------------------------------------------------------------------- */

static BOOL is_of_type(HANDLE handle, const char *type)
{
    struct { OBJECT_TYPE_INFORMATION info; WCHAR room[64]; } answer;
    USHORT i;

    if (NtQueryObject(handle, ObjectTypeInformation, &answer, sizeof(answer), NULL)) return FALSE;
    for (i = 0; type[i]; i++)
        if (answer.info.TypeName.Buffer[i] != type[i]) return FALSE;
    return answer.info.TypeName.Length == i * sizeof(WCHAR);
}

static ULONG64 do_use(const ULONG64 *args, const char *text)
{
    (void)text;
    if (!is_of_type((HANDLE)args[0], kinds[args[1]].type)) return KEEPS;
    return kinds[args[1]].use((HANDLE)args[0]);
}

static ULONG64 do_basic(const ULONG64 *args, const char *text)
{
    OBJECT_BASIC_INFORMATION info;
    NTSTATUS status = NtQueryObject((HANDLE)args[0], ObjectBasicInformation, &info, sizeof(info), NULL);

    (void)text;
    return status ? (ULONG)status : (ULONG64)(info.Attributes & ~OBJ_PERMANENT) << 32 | info.GrantedAccess;
}

/* A child of its own, that inherits. */
static ULONG64 do_generation(const ULONG64 *args, const char *text)
{
    STARTUPINFOA startup = { .cb = sizeof(startup) };
    PROCESS_INFORMATION info;
    char line[2 * MAX_PATH];
    DWORD code = 0;

    (void)text;
    sprintf(line, "\"%s\" transfer use %llx %llx", self, (long long)args[0], (long long)args[1]);
    if (!CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &info)) return KEEPS;
    WaitForSingleObject(info.hProcess, 10000);
    GetExitCodeProcess(info.hProcess, &code);
    CloseHandle(info.hProcess);
    CloseHandle(info.hThread);
    return code;
}

static ULONG64 do_event(const ULONG64 *args, const char *text)
{
    (void)args, (void)text;
    return (ULONG_PTR)CreateEventA(NULL, TRUE, FALSE, NULL);
}

static ULONG64 do_own_privilege(const ULONG64 *args, const char *text)
{
    HANDLE token;
    ULONG attributes;

    (void)args, (void)text;
    if (NtOpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) return KEEPS;
    attributes = privilege(token);
    NtClose(token);
    return attributes;
}

enum { USE, BASIC, GENERATION, EVENT, OWN_PRIVILEGE };
static const other_function functions[] = { do_use, do_basic, do_generation, do_event, do_own_privilege };

/* ---- the table -------------------------------------------------------------------------------------------------------------- */

static ULONG64 basic_here(HANDLE handle)
{
    return do_basic((const ULONG64[6]){ (ULONG_PTR)handle }, NULL);
}

static void expect_use(struct other *other, size_t kind, HANDLE there, HANDLE here, const char *how)
{
    ULONG64 basic = other_call(other, BASIC, NULL, (ULONG_PTR)there), ret;

    ok((ULONG)basic == (ULONG)basic_here(here), "%s, %s: access %#lx, not %#lx\n", kinds[kind].name, how, (ULONG)basic,
       (ULONG)basic_here(here));
    ret = other_call(other, USE, NULL, (ULONG_PTR)there, kind);
    ok(ret == 1, "%s, %s: %#llx\n", kinds[kind].name, how, (long long)ret);
    if (kinds[kind].check) ok(kinds[kind].check(here), "%s, %s: it is another\n", kinds[kind].name, how);
}

static void close_ends(void)
{
    CloseHandle(pipe_read);
    CloseHandle(pipe_write);
    CloseHandle(server_end);
    CloseHandle(client_end);
    CloseHandle(slot);
    pipe_read = pipe_write = server_end = client_end = slot = NULL;
}

static void test_table(void)
{
    HANDLE handles[KINDS], there, between, back, me = GetCurrentProcess();
    struct other first, second;
    ULONG64 ret;
    DWORD flags;
    size_t i;

    for (i = 0; i < KINDS; i++)
    {
        handles[i] = kinds[i].make();
        ok(handles[i] && handles[i] != INVALID_HANDLE_VALUE && is_of_type(handles[i], kinds[i].type), "%s: error %lu\n", kinds[i].name,
           GetLastError());
        ok(GetHandleInformation(handles[i], &flags) && flags == HANDLE_FLAG_INHERIT, "%s: flags %lx\n", kinds[i].name, flags);
    }
    if (!other_start(&first, "transfer") || !other_start(&second, "transfer"))
    {
        ok(0, "no children: error %lu\n", GetLastError());
        return;
    }
    for (i = 0; i < KINDS; i++)
    {
        const char *name = kinds[i].name;

        ret = other_call(&first, BASIC, NULL, (ULONG_PTR)handles[i]);
        if (!kinds[i].use)
        {
            ok((ULONG)ret == (ULONG)STATUS_INVALID_HANDLE, "%s, inherited: there is %#llx\n", name, (long long)ret);
            there = (HANDLE)0xdead;
            fails(DuplicateHandle(me, handles[i], first.info.hProcess, &there, 0, TRUE, DUPLICATE_SAME_ACCESS), ERROR_NOT_SUPPORTED);
            continue;
        }
        ok(ret >> 32 == OBJ_INHERIT, "%s, inherited: attributes %#lx\n", name, (ULONG)(ret >> 32));
        expect_use(&first, i, handles[i], handles[i], "inherited");
        ret = other_call(&first, GENERATION, NULL, i, (ULONG_PTR)handles[i]);
        ok(ret == 1, "%s, two generations: %#llx\n", name, (long long)ret);
        if (kinds[i].check) ok(kinds[i].check(handles[i]), "%s, two generations: it is another\n", name);

        works(DuplicateHandle(me, handles[i], first.info.hProcess, &there, 0, FALSE, DUPLICATE_SAME_ACCESS));
        ret = other_call(&first, BASIC, NULL, (ULONG_PTR)there);
        ok(!(ret >> 32), "%s, duplicated: attributes %#lx\n", name, (ULONG)(ret >> 32));
        expect_use(&first, i, there, handles[i], "duplicated");

        works(DuplicateHandle(first.info.hProcess, there, second.info.hProcess, &between, 0, TRUE, DUPLICATE_SAME_ACCESS));
        ret = other_call(&second, BASIC, NULL, (ULONG_PTR)between);
        ok(ret >> 32 == OBJ_INHERIT, "%s, passed on: attributes %#lx\n", name, (ULONG)(ret >> 32));
        expect_use(&second, i, between, handles[i], "passed on");

        works(DuplicateHandle(second.info.hProcess, between, me, &back, 0, TRUE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
        ret = other_call(&second, BASIC, NULL, (ULONG_PTR)between);
        ok((ULONG)ret == (ULONG)STATUS_INVALID_HANDLE, "%s: the source is open: %#llx\n", name, (long long)ret);
        ok(basic_here(back) == basic_here(handles[i]), "%s, come back: %#llx, not %#llx\n", name, (long long)basic_here(back),
           (long long)basic_here(handles[i]));
        expect_use(&first, i, there, back, "come back");
        CloseHandle(back);

        works(DuplicateHandle(first.info.hProcess, there, first.info.hProcess, &between, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
        expect_use(&first, i, between, handles[i], "within the other");
    }
    other_end(&first);
    other_end(&second);
    for (i = 0; i < KINDS; i++) CloseHandle(handles[i]);
    close_ends();
}

/* What a child does with the handle, if it inherits listed alone. */
static DWORD run_with_list(size_t kind, HANDLE handle, HANDLE listed)
{
    struct { STARTUPINFOA info; void *attributes; } startup = { .info.cb = sizeof(startup) };
    char line[2 * MAX_PATH], room[512];
    SIZE_T size = sizeof(room);
    PROCESS_INFORMATION info;
    DWORD code = 0;

    sprintf(line, "\"%s\" transfer use %llx %llx", self, (long long)kind, (long long)(ULONG_PTR)handle);
    startup.attributes = room;
    works(InitializeProcThreadAttributeList(startup.attributes, 1, 0, &size));
    works(UpdateProcThreadAttribute(startup.attributes, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, &listed, sizeof(listed), NULL, NULL));
    works(CreateProcessA(NULL, line, NULL, NULL, TRUE, EXTENDED_STARTUPINFO_PRESENT, NULL, NULL, &startup.info, &info));
    DeleteProcThreadAttributeList(startup.attributes);
    WaitForSingleObject(info.hProcess, 10000);
    GetExitCodeProcess(info.hProcess, &code);
    CloseHandle(info.hProcess);
    CloseHandle(info.hThread);
    return code;
}

static void test_list(void)
{
    HANDLE event = CreateEventA(&inherited, TRUE, FALSE, NULL), handle;
    DWORD code;
    size_t i;

    for (i = 0; i < KINDS; i++)
    {
        handle = kinds[i].make();
        code = run_with_list(i, handle, handle);
        ok(code == (kinds[i].use ? 1 : (UINT)KEEPS + 100), "%s, listed: %lu\n", kinds[i].name, code);
        if (kinds[i].check) ok(kinds[i].check(handle), "%s, listed: it is another\n", kinds[i].name);
        if (i)                          /* a child may have an event of its own there */
        {
            code = run_with_list(i, handle, event);
            ok(code != 1, "%s, not listed, and there\n", kinds[i].name);
        }
        CloseHandle(handle);
        close_ends();
    }
    CloseHandle(event);
}

/* ---- the rules ---------------------------------------------------------------------------------------------------------------- */

static BOOL is_open(struct other *other, HANDLE there)
{
    return (ULONG)other_call(other, BASIC, NULL, (ULONG_PTR)there) != (ULONG)STATUS_INVALID_HANDLE;
}

static ULONG access_of(HANDLE handle)
{
    return (ULONG)basic_here(handle);
}

static void test_access(struct other *other)
{
    HANDLE process = other->info.hProcess, me = GetCurrentProcess(), event, file, there, back;
    SECURITY_ATTRIBUTES plain = { sizeof(plain), NULL, FALSE };

    /* what was created may be given more rights than the handle has, a file and a key may not */
    event = OpenEventA(SYNCHRONIZE, FALSE, "none");
    ok(!event, "an event out of nothing\n");
    event = CreateEventA(&plain, TRUE, FALSE, NULL);
    works(DuplicateHandle(me, event, process, &there, SYNCHRONIZE, FALSE, 0));
    ok((ULONG)other_call(other, BASIC, NULL, (ULONG_PTR)there) == SYNCHRONIZE, "rights there\n");
    works(DuplicateHandle(process, there, me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS));
    ok(access_of(back) == SYNCHRONIZE, "rights %#lx\n", access_of(back));
    fails(SetEvent(back), ERROR_ACCESS_DENIED);
    CloseHandle(back);
    works(DuplicateHandle(process, there, me, &back, EVENT_MODIFY_STATE, FALSE, 0));
    works(SetEvent(back));
    CloseHandle(back);
    fails(DuplicateHandle(me, event, process, &back, 0x00800000, FALSE, 0), ERROR_ACCESS_DENIED);
    works(DuplicateHandle(me, event, process, &back, GENERIC_READ, FALSE, 0));
    ok((ULONG)other_call(other, BASIC, NULL, (ULONG_PTR)back) == (STANDARD_RIGHTS_READ | EVENT_QUERY_STATE), "rights there\n");
    CloseHandle(event);

    file = CreateFileA(scratch_file, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, CREATE_ALWAYS, 0, NULL);
    fails(DuplicateHandle(me, file, process, &there, GENERIC_WRITE, FALSE, 0), ERROR_ACCESS_DENIED);
    fails(DuplicateHandle(me, file, process, &there, DELETE, FALSE, 0), ERROR_ACCESS_DENIED);
    works(DuplicateHandle(me, file, process, &there, FILE_READ_DATA, FALSE, 0));
    fails(DuplicateHandle(process, there, me, &back, FILE_READ_DATA | FILE_READ_ATTRIBUTES, FALSE, 0), ERROR_ACCESS_DENIED);
    works(DuplicateHandle(process, there, me, &back, MAXIMUM_ALLOWED, FALSE, 0));
    ok(access_of(back) == FILE_READ_DATA, "rights %#lx\n", access_of(back));
    CloseHandle(back);
    CloseHandle(file);
}

static void test_closing(struct other *other)
{
    HANDLE process = other->info.hProcess, me = GetCurrentProcess(), event, weak, there, back = NULL;

    /* the source goes, whatever becomes of the rest */
    there = (HANDLE)other_call(other, EVENT, NULL, 0);
    fails(DuplicateHandle(process, there, me, &back, 0x00800000, FALSE, DUPLICATE_CLOSE_SOURCE), ERROR_ACCESS_DENIED);
    ok(!is_open(other, there), "it is still open\n");
    there = (HANDLE)other_call(other, EVENT, NULL, 0);
    fails(DuplicateHandle(process, there, (HANDLE)0xdead0, &back, 0, FALSE, DUPLICATE_CLOSE_SOURCE | DUPLICATE_SAME_ACCESS), ERROR_INVALID_HANDLE);
    ok(!is_open(other, there), "it is still open\n");
    there = (HANDLE)other_call(other, EVENT, NULL, 0);
    works(DuplicateHandle(process, there, NULL, NULL, 0, FALSE, DUPLICATE_CLOSE_SOURCE));
    ok(!is_open(other, there), "it is still open\n");
    fails(DuplicateHandle(process, there, NULL, NULL, 0, FALSE, DUPLICATE_CLOSE_SOURCE), ERROR_INVALID_HANDLE);
    event = make_debug();
    fails(DuplicateHandle(me, event, process, &there, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE), ERROR_NOT_SUPPORTED);
    fails(CloseHandle(event), ERROR_INVALID_HANDLE);

    /* but for one that is protected: then there are two */
    event = CreateEventA(NULL, TRUE, FALSE, NULL);
    SetHandleInformation(event, HANDLE_FLAG_PROTECT_FROM_CLOSE | HANDLE_FLAG_INHERIT, HANDLE_FLAG_PROTECT_FROM_CLOSE | HANDLE_FLAG_INHERIT);
    works(DuplicateHandle(me, event, process, &there, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    ok(is_open(other, there), "it did not come\n");
    works(SetEvent(event));
    ok(!(other_call(other, BASIC, NULL, (ULONG_PTR)there) >> 32), "the flags came along\n");
    works(DuplicateHandle(me, event, process, &there, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_SAME_ATTRIBUTES));
    ok(other_call(other, BASIC, NULL, (ULONG_PTR)there) >> 32 == (OBJ_INHERIT | OBJ_PROTECT_CLOSE), "the flags did not come along\n");
    fails(DuplicateHandle(process, there, NULL, NULL, 0, FALSE, DUPLICATE_CLOSE_SOURCE), ERROR_INVALID_HANDLE);
    ok(is_open(other, there), "it is closed\n");
    SetHandleInformation(event, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0);
    CloseHandle(event);

    /* the right to take handles out and put them in */
    there = (HANDLE)other_call(other, EVENT, NULL, 0);
    works(DuplicateHandle(me, process, me, &weak, PROCESS_ALL_ACCESS & ~PROCESS_DUP_HANDLE, FALSE, 0));
    fails(DuplicateHandle(weak, there, me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE), ERROR_ACCESS_DENIED);
    ok(is_open(other, there), "it is closed\n");
    fails(DuplicateHandle(process, there, weak, &back, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE), ERROR_ACCESS_DENIED);
    ok(!is_open(other, there), "it is still open\n");
    CloseHandle(weak);
}

static void test_pseudo(struct other *other)
{
    HANDLE process = other->info.hProcess, me = GetCurrentProcess(), there, back;

    works(DuplicateHandle(me, GetCurrentProcess(), process, &there, 0, FALSE, DUPLICATE_SAME_ACCESS));
    works(DuplicateHandle(process, there, me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    ok(GetProcessId(back) == GetCurrentProcessId(), "process %lx\n", GetProcessId(back));
    ok(!NtCompareObjects(back, GetCurrentProcess()), "another object\n");
    CloseHandle(back);
    works(DuplicateHandle(me, GetCurrentThread(), process, &there, 0, FALSE, DUPLICATE_SAME_ACCESS));
    works(DuplicateHandle(process, there, me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    ok(GetThreadId(back) == GetCurrentThreadId(), "thread %lx\n", GetThreadId(back));
    CloseHandle(back);

    /* "current" is the process that the handle is of, and the thread that asks */
    works(DuplicateHandle(process, GetCurrentProcess(), me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS));
    ok(GetProcessId(back) == other->info.dwProcessId, "process %lx\n", GetProcessId(back));
    CloseHandle(back);
    works(DuplicateHandle(process, GetCurrentThread(), me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS));
    ok(GetThreadId(back) == GetCurrentThreadId(), "thread %lx\n", GetThreadId(back));
    CloseHandle(back);
    works(DuplicateHandle(process, GetCurrentThread(), process, &there, 0, FALSE, DUPLICATE_SAME_ACCESS));
    works(DuplicateHandle(process, there, me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    ok(GetThreadId(back) == GetCurrentThreadId(), "thread %lx\n", GetThreadId(back));
    CloseHandle(back);
}

/* The privileges of a process are those of its creator, as they are at that time; and its token can be opened. */
static void test_own_token(struct other *other)
{
    struct other child;
    HANDLE own, theirs;
    ULONG64 ret;

    ok(!NtOpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, &own), "no token\n");
    ok(!adjust(own, SE_PRIVILEGE_ENABLED), "NtAdjustPrivilegesToken\n");
    works(other_start(&child, "transfer"));
    ok(!adjust(own, 0), "NtAdjustPrivilegesToken\n");
    ret = other_call(&child, OWN_PRIVILEGE, NULL, 0);
    ok(ret == SE_PRIVILEGE_ENABLED, "privilege %#llx\n", (long long)ret);
    ok(!privilege(own), "privilege %#lx\n", privilege(own));

    ok(!NtOpenProcessToken(child.info.hProcess, TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, &theirs), "its token cannot be opened\n");
    ok(privilege(theirs) == SE_PRIVILEGE_ENABLED, "privilege %#lx\n", privilege(theirs));
    ok(!adjust(theirs, SE_PRIVILEGE_REMOVED), "NtAdjustPrivilegesToken\n");
    ret = other_call(&child, OWN_PRIVILEGE, NULL, 0);
    ok(ret == ~0u, "privilege %#llx\n", (long long)ret);
    ok(!privilege(own), "privilege %#lx\n", privilege(own));
    NtClose(theirs);
    other_end(&child);

    ret = other_call(other, OWN_PRIVILEGE, NULL, 0);
    ok(!ret, "privilege %#llx\n", (long long)ret);
    NtClose(own);
}

static void test_dead(struct other *other)
{
    HANDLE process = other->info.hProcess, me = GetCurrentProcess(), event = CreateEventA(NULL, TRUE, FALSE, NULL), there, back;

    works(DuplicateHandle(me, event, process, &there, 0, FALSE, DUPLICATE_SAME_ACCESS));
    TerminateProcess(process, 3);
    WaitForSingleObject(process, 10000);
    fails(DuplicateHandle(me, event, process, &back, 0, FALSE, DUPLICATE_SAME_ACCESS), ERROR_ACCESS_DENIED);
    fails(DuplicateHandle(process, there, me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS), ERROR_ACCESS_DENIED);
    fails(DuplicateHandle(process, there, NULL, NULL, 0, FALSE, DUPLICATE_CLOSE_SOURCE), ERROR_ACCESS_DENIED);
    fails(DuplicateHandle(me, event, process, &back, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE), ERROR_ACCESS_DENIED);
    fails(CloseHandle(event), ERROR_INVALID_HANDLE);

    /* a handle on it is a handle as any other */
    works(DuplicateHandle(me, process, me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS));
    CloseHandle(back);
    other_end(other);
}

START_TEST(transfer)
{
    struct other other;
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    GetModuleFileNameA(NULL, self, sizeof(self));
    if (argc == 5 && !strcmp(argv[2], "use"))
    {
        size_t kind = strtoull(argv[3], NULL, 16);
        ULONG64 ret = do_use((const ULONG64[6]){ strtoull(argv[4], NULL, 16), kind }, NULL);

        ExitProcess(ret == 1 ? 1 : (UINT)ret + 100);
    }
    if (argc == 3 && !strcmp(argv[2], "end")) ExitProcess(4321);
    if (other_serve(functions)) return;

    GetTempPathA(sizeof(scratch), scratch);
    sprintf(scratch + strlen(scratch), "transfer%lu", GetCurrentProcessId());
    works(CreateDirectoryA(scratch, NULL));
    sprintf(scratch_file, "%s\\file", scratch);
    test_table();
    test_list();
    works(other_start(&other, "transfer"));
    test_access(&other);
    test_closing(&other);
    test_pseudo(&other);
    test_own_token(&other);
    test_dead(&other);
    works(DeleteFileA(scratch_file));
    works(RemoveDirectoryA(scratch));
}
