/* Kinds of object for transfer.c: how each is made, what another process does with its handle, and how that is seen here. */
#pragma once

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
