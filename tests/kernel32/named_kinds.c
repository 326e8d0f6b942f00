/* What every kind of named object has in common, between two processes: attributes, spellings, types and names as they
 * are told, who is let in, and how long a name lives; and what each kind does when it is waited for there. */
#include "win32.h"
#include "other.h"

#define ok_status(call, expected) \
    do { \
        NTSTATUS status_ = (call); \
        ok(status_ == (NTSTATUS)(expected), "%s: status %#lx, expected %#lx\n", #call, (ULONG)status_, (ULONG)(expected)); \
    } while (0)

enum kind { EVENT, MUTEX, SEMAPHORE, TIMER, SECTION, JOB, KINDS };
static const char *const kind_names[KINDS] = { "Event", "Mutant", "Semaphore", "Timer", "Section", "Job" };

static HANDLE session;                  /* \Sessions\1\BaseNamedObjects */

static OBJECT_ATTRIBUTES *name_it(OBJECT_ATTRIBUTES *attr, UNICODE_STRING *string, WCHAR *buffer, const char *name, ULONG flags)
{
    unsigned int i;

    for (i = 0; (buffer[i] = (unsigned char)name[i]); i++) {}
    RtlInitUnicodeString(string, buffer);
    InitializeObjectAttributes(attr, string, flags, name[0] == '\\' ? NULL : session, NULL);
    return attr;
}

/* Without a leading backslash names are the session's. */
static NTSTATUS make(enum kind kind, const char *name, ULONG flags, SECURITY_DESCRIPTOR *security, HANDLE *handle)
{
    LARGE_INTEGER size = { .QuadPart = 0x2000 };
    WCHAR buffer[200];
    UNICODE_STRING string;
    OBJECT_ATTRIBUTES attr;

    name_it(&attr, &string, buffer, name, flags);
    attr.SecurityDescriptor = security;
    switch (kind)
    {
    case EVENT:     return NtCreateEvent(handle, EVENT_ALL_ACCESS, &attr, SynchronizationEvent, FALSE);
    case MUTEX:     return NtCreateMutant(handle, MUTANT_ALL_ACCESS, &attr, FALSE);
    case SEMAPHORE: return NtCreateSemaphore(handle, SEMAPHORE_ALL_ACCESS, &attr, 0, 5);
    case TIMER:     return NtCreateTimer(handle, TIMER_ALL_ACCESS, &attr, SynchronizationTimer);
    case SECTION:   return NtCreateSection(handle, SECTION_ALL_ACCESS, &attr, &size, PAGE_READWRITE, SEC_COMMIT, NULL);
    default:        return NtCreateJobObject(handle, JOB_OBJECT_ALL_ACCESS, &attr);
    }
}

static NTSTATUS get(enum kind kind, const char *name, ULONG flags, ACCESS_MASK access, HANDLE *handle)
{
    WCHAR buffer[200];
    UNICODE_STRING string;
    OBJECT_ATTRIBUTES attr;

    name_it(&attr, &string, buffer, name, flags);
    switch (kind)
    {
    case EVENT:     return NtOpenEvent(handle, access, &attr);
    case MUTEX:     return NtOpenMutant(handle, access, &attr);
    case SEMAPHORE: return NtOpenSemaphore(handle, access, &attr);
    case TIMER:     return NtOpenTimer(handle, access, &attr);
    case SECTION:   return NtOpenSection(handle, access, &attr);
    default:        return NtOpenJobObject(handle, access, &attr);
    }
}

/* ---- there: a status, and a handle below it -------------------------------------------------------------------- */

enum { DO_MAKE, DO_GET, DO_CLOSE, DO_TYPE, DO_NAME, DO_WAIT, DO_SET, DO_PULSE, DO_RELEASE, DO_SET_TIMER, DO_CANCEL, DO_OWN,
       DO_QUERY };

static ULONG64 pair(NTSTATUS status, HANDLE handle) { return (ULONG64)(ULONG)status << 32 | HandleToULong(handle); }
static HANDLE handle_at(ULONG64 value) { return ULongToHandle((ULONG)value); }
static NTSTATUS status_of(ULONG64 value) { return (NTSTATUS)(value >> 32); }

static ULONG64 do_make(const ULONG64 *a, const char *name)
{
    HANDLE handle = NULL;
    NTSTATUS status = make((enum kind)a[0], name, (ULONG)a[1], NULL, &handle);

    return pair(status, handle);
}
static ULONG64 do_get(const ULONG64 *a, const char *name)
{
    HANDLE handle = NULL;
    NTSTATUS status = get((enum kind)a[0], name, (ULONG)a[1], (ACCESS_MASK)a[2], &handle);

    return pair(status, handle);
}
static ULONG64 do_close(const ULONG64 *a, const char *text) { (void)text; return pair(NtClose(handle_at(a[0])), NULL); }

static BOOL says(const UNICODE_STRING *string, const char *text)
{
    unsigned int i, length = string->Length / sizeof(WCHAR);

    for (i = 0; i < length && text[i]; i++)
        if (string->Buffer[i] != (unsigned char)text[i]) return FALSE;
    return i == length && !text[i];
}

static BOOL type_is(HANDLE handle, const char *type)
{
    struct { OBJECT_TYPE_INFORMATION info; WCHAR buffer[64]; } info;

    return !NtQueryObject(handle, ObjectTypeInformation, &info, sizeof(info), NULL) && says(&info.info.TypeName, type);
}
static BOOL name_is(HANDLE handle, const char *name)
{
    struct { OBJECT_NAME_INFORMATION info; WCHAR buffer[300]; } info;

    return !NtQueryObject(handle, ObjectNameInformation, &info, sizeof(info), NULL) && says(&info.info.Name, name);
}
static ULONG64 do_type(const ULONG64 *a, const char *text) { return type_is(handle_at(a[0]), text); }
static ULONG64 do_name(const ULONG64 *a, const char *text) { return name_is(handle_at(a[0]), text); }

static NTSTATUS wait_for(HANDLE handle, int ms)
{
    LARGE_INTEGER timeout = { .QuadPart = ms * -10000ll };

    return NtWaitForSingleObject(handle, FALSE, &timeout);
}
static ULONG64 do_wait(const ULONG64 *a, const char *text) { (void)text; return pair(wait_for(handle_at(a[0]), (int)a[1]), NULL); }
static ULONG64 do_set(const ULONG64 *a, const char *text) { (void)text; return pair(NtSetEvent(handle_at(a[0]), NULL), NULL); }
static ULONG64 do_pulse(const ULONG64 *a, const char *text) { (void)text; return pair(NtPulseEvent(handle_at(a[0]), NULL), NULL); }
static ULONG64 do_release(const ULONG64 *a, const char *text)
{
    (void)text;
    if (a[1]) return pair(NtReleaseSemaphore(handle_at(a[0]), (ULONG)a[1], NULL), NULL);
    return pair(NtReleaseMutant(handle_at(a[0]), NULL), NULL);
}
static NTSTATUS set_timer(HANDLE timer, int ms, LONG period)
{
    LARGE_INTEGER due = { .QuadPart = ms * -10000ll };

    return NtSetTimer(timer, &due, NULL, NULL, FALSE, period, NULL);
}
static ULONG64 do_set_timer(const ULONG64 *a, const char *text) { (void)text; return pair(set_timer(handle_at(a[0]), (int)a[1], (LONG)a[2]), NULL); }
static ULONG64 do_cancel(const ULONG64 *a, const char *text) { (void)text; return pair(NtCancelTimer(handle_at(a[0]), NULL), NULL); }

/* A thread of its own waits for a mutex, and ends with it. */
static DWORD WINAPI own(void *mutex)
{
    WaitForSingleObject(mutex, 0);
    return (DWORD)WaitForSingleObject(mutex, 0);
}
static ULONG64 do_own(const ULONG64 *a, const char *text)
{
    HANDLE thread = CreateThread(NULL, 0, own, handle_at(a[0]), 0, NULL);
    DWORD code = ~0u;

    (void)text;
    WaitForSingleObject(thread, 5000);
    GetExitCodeThread(thread, &code);
    CloseHandle(thread);
    return pair((NTSTATUS)code, NULL);
}

/* What the kind's query tells, in one number. */
static ULONG64 query(enum kind kind, HANDLE handle)
{
    EVENT_BASIC_INFORMATION event;
    SEMAPHORE_BASIC_INFORMATION semaphore;
    MUTANT_BASIC_INFORMATION mutant;
    TIMER_BASIC_INFORMATION timer;
    SECTION_BASIC_INFORMATION section;

    switch (kind)
    {
    case EVENT: return NtQueryEvent(handle, EventBasicInformation, &event, sizeof(event), NULL) ? ~0u : (ULONG64)event.EventType * 10 + event.EventState;
    case SEMAPHORE: return NtQuerySemaphore(handle, SemaphoreBasicInformation, &semaphore, sizeof(semaphore), NULL) ? ~0u
                         : semaphore.MaximumCount * 10ull + semaphore.CurrentCount;
    case MUTEX: return NtQueryMutant(handle, MutantBasicInformation, &mutant, sizeof(mutant), NULL) ? ~0u
                     : (ULONG64)(10 + mutant.CurrentCount) * 100 + mutant.OwnedByCaller * 10u + mutant.AbandonedState;
    case TIMER: return NtQueryTimer(handle, TimerBasicInformation, &timer, sizeof(timer), NULL) ? ~0u : timer.TimerState;
    case SECTION: return NtQuerySection(handle, SectionBasicInformation, &section, sizeof(section), NULL) ? ~0u : section.Size.QuadPart;
    default: return 0;
    }
}
static ULONG64 do_query(const ULONG64 *a, const char *text) { (void)text; return query((enum kind)a[0], handle_at(a[1])); }

static const other_function functions[] = { do_make, do_get, do_close, do_type, do_name, do_wait, do_set, do_pulse, do_release,
                                            do_set_timer, do_cancel, do_own, do_query };

static NTSTATUS there(struct other *other, unsigned int function, const char *text, ULONG64 a, ULONG64 b, ULONG64 c, HANDLE *handle)
{
    ULONG64 value = other_call(other, function, text, a, b, c);

    if (handle) *handle = handle_at(value);
    return status_of(value);
}
#define at_other(function, text, a, b, c) there(other, function, text, a, b, c, NULL)

static char name[100];          /* of this run alone */

/* ---- each kind ----------------------------------------------------------------------------------------------------- */

static void test_kind(struct other *other, enum kind kind)
{
    char path[200], upper[100];
    HANDLE here, again, far;
    unsigned int wrong;

    winetest_push_context("%s", kind_names[kind]);
    /* Made there, met here: created, or opened if it may be. */
    ok_status(there(other, DO_MAKE, name, kind, 0, 0, &far), STATUS_SUCCESS);
    here = (HANDLE)0xdeadbeef;
    ok_status(make(kind, name, 0, NULL, &here), STATUS_OBJECT_NAME_COLLISION);
    ok(!here, "handle %p\n", here);
    ok_status(make(kind, name, OBJ_OPENIF, NULL, &here), STATUS_OBJECT_NAME_EXISTS);
    ok_status(get(kind, name, 0, MAXIMUM_ALLOWED, &again), STATUS_SUCCESS);
    ok_status(at_other(DO_MAKE, name, kind, 0, 0), STATUS_OBJECT_NAME_COLLISION);

    /* As another kind it is neither opened nor made. */
    for (wrong = 0; wrong < KINDS; wrong++)
    {
        HANDLE none;

        if (wrong == kind) continue;
        ok_status(at_other(DO_GET, name, wrong, 0, MAXIMUM_ALLOWED), STATUS_OBJECT_TYPE_MISMATCH);
        ok_status(at_other(DO_MAKE, name, wrong, OBJ_OPENIF, 0), STATUS_OBJECT_TYPE_MISMATCH);
        ok_status(get((enum kind)wrong, name, 0, MAXIMUM_ALLOWED, &none), STATUS_OBJECT_TYPE_MISMATCH);
    }

    /* What is told of it. */
    sprintf(path, "\\Sessions\\1\\BaseNamedObjects\\%s", name);
    ok(name_is(here, path) && other_call(other, DO_NAME, path, HandleToULong(far)), "its name is another\n");
    ok(type_is(here, kind_names[kind]) && other_call(other, DO_TYPE, kind_names[kind], HandleToULong(far)), "its type is another\n");
    ok(query(kind, here) == other_call(other, DO_QUERY, NULL, kind, HandleToULong(far)), "its state is another: %#llx, %#llx\n",
       query(kind, here), other_call(other, DO_QUERY, NULL, kind, HandleToULong(far)));

    /* The name lives as long as a handle: the maker's goes, then all of ours. */
    ok_status(at_other(DO_CLOSE, NULL, HandleToULong(far), 0, 0), STATUS_SUCCESS);
    ok_status(NtClose(here), STATUS_SUCCESS);
    ok_status(there(other, DO_GET, name, kind, 0, MAXIMUM_ALLOWED, &far), STATUS_SUCCESS);
    ok_status(NtClose(again), STATUS_SUCCESS);
    ok_status(get(kind, name, 0, MAXIMUM_ALLOWED, &here), STATUS_SUCCESS);
    ok(name_is(here, path), "its name is another\n");
    ok_status(at_other(DO_CLOSE, NULL, HandleToULong(far), 0, 0), STATUS_SUCCESS);
    ok_status(at_other(DO_GET, name, (kind + 1) % KINDS, 0, MAXIMUM_ALLOWED), STATUS_OBJECT_TYPE_MISMATCH);
    ok_status(NtClose(here), STATUS_SUCCESS);
    ok_status(at_other(DO_GET, name, kind, 0, MAXIMUM_ALLOWED), STATUS_OBJECT_NAME_NOT_FOUND);
    ok_status(get(kind, name, 0, MAXIMUM_ALLOWED, &here), STATUS_OBJECT_NAME_NOT_FOUND);
    ok_status(make((enum kind)((kind + 1) % KINDS), name, 0, NULL, &here), STATUS_SUCCESS);    /* free for any kind */
    ok_status(NtClose(here), STATUS_SUCCESS);

    /* Spelt otherwise. */
    strcpy(upper, name);
    _strupr(upper);
    ok_status(there(other, DO_MAKE, name, kind, 0, 0, &far), STATUS_SUCCESS);
    ok_status(get(kind, upper, 0, MAXIMUM_ALLOWED, &here), STATUS_OBJECT_NAME_NOT_FOUND);
    ok_status(get(kind, upper, OBJ_CASE_INSENSITIVE, MAXIMUM_ALLOWED, &here), STATUS_SUCCESS);
    ok(name_is(here, path), "the name is not spelt as it was made\n");
    ok_status(NtClose(here), STATUS_SUCCESS);
    ok_status(make(kind, upper, OBJ_CASE_INSENSITIVE, NULL, &here), STATUS_OBJECT_NAME_COLLISION);
    ok_status(make(kind, upper, OBJ_CASE_INSENSITIVE | OBJ_OPENIF, NULL, &here), STATUS_OBJECT_NAME_EXISTS);
    ok_status(NtClose(here), STATUS_SUCCESS);
    ok_status(make(kind, upper, 0, NULL, &here), STATUS_SUCCESS);           /* another name */
    ok_status(there(other, DO_GET, upper, kind, 0, MAXIMUM_ALLOWED, &again), STATUS_SUCCESS);
    sprintf(path, "\\Sessions\\1\\BaseNamedObjects\\%s", upper);
    ok(other_call(other, DO_NAME, path, HandleToULong(again)), "not the exact spelling\n");
    ok_status(at_other(DO_CLOSE, NULL, HandleToULong(again), 0, 0), STATUS_SUCCESS);
    ok_status(at_other(DO_CLOSE, NULL, HandleToULong(far), 0, 0), STATUS_SUCCESS);
    ok_status(NtClose(here), STATUS_SUCCESS);
    winetest_pop_context();
}

/* Who made it says who may do what. */
static void test_security(struct other *other, enum kind kind)
{
    static const ACCESS_MASK rights[KINDS] = { EVENT_MODIFY_STATE, MUTANT_QUERY_STATE, SEMAPHORE_MODIFY_STATE, TIMER_MODIFY_STATE,
                                               SECTION_MAP_WRITE, JOB_OBJECT_TERMINATE };
    SECURITY_DESCRIPTOR security;
    char space[200];
    ACL *acl = (ACL *)space;
    SID everyone = { SID_REVISION, 1, { SECURITY_WORLD_SID_AUTHORITY }, { SECURITY_WORLD_RID } };
    HANDLE handle, far;

    winetest_push_context("%s", kind_names[kind]);
    RtlCreateSecurityDescriptor(&security, SECURITY_DESCRIPTOR_REVISION);
    RtlCreateAcl(acl, sizeof(space), ACL_REVISION);
    ok_status(RtlAddAccessAllowedAce(acl, ACL_REVISION, SYNCHRONIZE | READ_CONTROL, &everyone), STATUS_SUCCESS);
    RtlSetDaclSecurityDescriptor(&security, TRUE, acl, FALSE);
    ok_status(make(kind, name, 0, &security, &handle), STATUS_SUCCESS);
    ok_status(at_other(DO_GET, name, kind, 0, rights[kind]), STATUS_ACCESS_DENIED);
    ok_status(there(other, DO_GET, name, kind, 0, READ_CONTROL, &far), STATUS_SUCCESS);
    ok_status(at_other(DO_CLOSE, NULL, HandleToULong(far), 0, 0), STATUS_SUCCESS);
    ok_status(NtClose(handle), STATUS_SUCCESS);
    winetest_pop_context();
}

/* ---- where a name is ------------------------------------------------------------------------------------------------- */

static void test_places(struct other *other)
{
    char path[200];
    HANDLE event, far;

    sprintf(path, "\\BaseNamedObjects\\%s", name);
    ok_status(make(EVENT, path, 0, NULL, &event), STATUS_SUCCESS);
    ok_status(there(other, DO_GET, path, EVENT, 0, MAXIMUM_ALLOWED, &far), STATUS_SUCCESS);
    ok(other_call(other, DO_NAME, path, HandleToULong(far)), "its name is another\n");
    ok_status(at_other(DO_CLOSE, NULL, HandleToULong(far), 0, 0), STATUS_SUCCESS);
    ok_status(at_other(DO_GET, name, EVENT, 0, MAXIMUM_ALLOWED), STATUS_OBJECT_NAME_NOT_FOUND);      /* the session's */
    sprintf(path, "\\Sessions\\1\\BaseNamedObjects\\Global\\%s", name);
    ok_status(there(other, DO_GET, path, EVENT, 0, MAXIMUM_ALLOWED, &far), STATUS_SUCCESS);
    ok_status(at_other(DO_CLOSE, NULL, HandleToULong(far), 0, 0), STATUS_SUCCESS);
    sprintf(path, "\\Sessions\\BNOLINKS\\0\\%s", name);
    ok_status(there(other, DO_GET, path, EVENT, 0, MAXIMUM_ALLOWED, &far), STATUS_SUCCESS);
    ok_status(at_other(DO_CLOSE, NULL, HandleToULong(far), 0, 0), STATUS_SUCCESS);
    ok_status(NtClose(event), STATUS_SUCCESS);
    sprintf(path, "\\BaseNamedObjects\\%s", name);
    ok_status(at_other(DO_GET, path, EVENT, 0, MAXIMUM_ALLOWED), STATUS_OBJECT_NAME_NOT_FOUND);
    sprintf(path, "%s\\below", name);
    ok_status(at_other(DO_MAKE, path, EVENT, 0, 0), STATUS_OBJECT_PATH_NOT_FOUND);
}

/* ---- waits --------------------------------------------------------------------------------------------------------------- */

struct late { NTSTATUS (*call)(HANDLE, int); HANDLE handle; };
static NTSTATUS set_event(HANDLE handle, int n) { (void)n; return NtSetEvent(handle, NULL); }
static NTSTATUS pulse_event(HANDLE handle, int n) { (void)n; return NtPulseEvent(handle, NULL); }
static NTSTATUS release_semaphore(HANDLE handle, int n) { return NtReleaseSemaphore(handle, (ULONG)n, NULL); }

static DWORD WINAPI do_late(void *arg)
{
    struct late *late = arg;

    Sleep(80);
    return (DWORD)late->call(late->handle, 1);
}

/* It waits there while this is done here. */
static void wakes(struct other *other, HANDLE handle, HANDLE far, NTSTATUS (*call)(HANDLE, int), const char *what)
{
    struct late late = { call, handle };
    HANDLE thread = CreateThread(NULL, 0, do_late, &late, 0, NULL);
    DWORD start = GetTickCount();
    NTSTATUS status = at_other(DO_WAIT, NULL, HandleToULong(far), 5000, 0);

    ok(status == STATUS_WAIT_0, "%s: status %#lx\n", what, status);
    ok(GetTickCount() - start < 2000, "%s: it took %lu ms\n", what, GetTickCount() - start);
    works(!WaitForSingleObject(thread, 5000) && CloseHandle(thread));
}

static void test_waits(struct other *other)
{
    HANDLE handle, far;

    ok_status(make(EVENT, name, 0, NULL, &handle), STATUS_SUCCESS);
    ok_status(there(other, DO_GET, name, EVENT, 0, EVENT_ALL_ACCESS, &far), STATUS_SUCCESS);
    wakes(other, handle, far, set_event, "NtSetEvent");
    wakes(other, handle, far, pulse_event, "NtPulseEvent");
    ok(query(EVENT, handle) == 10, "what woke a waiter is used up: %llu\n", query(EVENT, handle));
    ok_status(at_other(DO_PULSE, NULL, HandleToULong(far), 0, 0), STATUS_SUCCESS);
    ok_status(wait_for(handle, 0), STATUS_TIMEOUT);
    ok_status(at_other(DO_SET, NULL, HandleToULong(far), 0, 0), STATUS_SUCCESS);
    ok(query(EVENT, handle) == 11, "it set it: %llu\n", query(EVENT, handle));
    ok_status(NtClose(handle), STATUS_SUCCESS);
    ok_status(at_other(DO_CLOSE, NULL, HandleToULong(far), 0, 0), STATUS_SUCCESS);

    ok_status(make(SEMAPHORE, name, 0, NULL, &handle), STATUS_SUCCESS);
    ok_status(there(other, DO_GET, name, SEMAPHORE, 0, SEMAPHORE_ALL_ACCESS, &far), STATUS_SUCCESS);
    wakes(other, handle, far, release_semaphore, "NtReleaseSemaphore");
    ok_status(at_other(DO_RELEASE, NULL, HandleToULong(far), 4, 0), STATUS_SUCCESS);
    ok(query(SEMAPHORE, handle) == 54, "4 of 5: %llu\n", query(SEMAPHORE, handle));
    ok_status(at_other(DO_RELEASE, NULL, HandleToULong(far), 2, 0), STATUS_SEMAPHORE_LIMIT_EXCEEDED);
    ok_status(wait_for(handle, 0), STATUS_WAIT_0);
    ok(other_call(other, DO_QUERY, NULL, SEMAPHORE, HandleToULong(far)) == 53, "3 of 5\n");
    ok_status(NtClose(handle), STATUS_SUCCESS);
    ok_status(at_other(DO_CLOSE, NULL, HandleToULong(far), 0, 0), STATUS_SUCCESS);
}

static void test_timer(struct other *other)
{
    HANDLE timer, far;
    DWORD start = GetTickCount();
    int i;

    ok_status(make(TIMER, name, 0, NULL, &timer), STATUS_SUCCESS);
    ok_status(there(other, DO_GET, name, TIMER, 0, TIMER_ALL_ACCESS, &far), STATUS_SUCCESS);
    ok_status(set_timer(timer, 30, 0), STATUS_SUCCESS);
    ok_status(at_other(DO_WAIT, NULL, HandleToULong(far), 5000, 0), STATUS_WAIT_0);
    ok_status(wait_for(timer, 0), STATUS_TIMEOUT);                  /* a synchronization timer is for one */
    ok_status(set_timer(timer, 30, 20), STATUS_SUCCESS);
    for (i = 0; i < 4; i++)
        if (i % 2) ok_status(wait_for(timer, 5000), STATUS_WAIT_0);
        else ok_status(at_other(DO_WAIT, NULL, HandleToULong(far), 5000, 0), STATUS_WAIT_0);
    ok(GetTickCount() - start >= 30 + 30 + 3 * 20 - 20, "periods that took no time: %lu ms\n", GetTickCount() - start);
    ok_status(at_other(DO_CANCEL, NULL, HandleToULong(far), 0, 0), STATUS_SUCCESS);
    wait_for(timer, 0);
    ok_status(wait_for(timer, 100), STATUS_TIMEOUT);
    ok_status(at_other(DO_SET_TIMER, NULL, HandleToULong(far), 20, 0), STATUS_SUCCESS);
    ok_status(at_other(DO_CLOSE, NULL, HandleToULong(far), 0, 0), STATUS_SUCCESS);
    ok_status(wait_for(timer, 5000), STATUS_WAIT_0);                /* set by one who has left */
    ok_status(NtClose(timer), STATUS_SUCCESS);
}

static void test_mutex(struct other *other)
{
    HANDLE mutex, far, handles[2];
    LARGE_INTEGER timeout = { .QuadPart = -20000000 };

    ok_status(make(MUTEX, name, 0, NULL, &mutex), STATUS_SUCCESS);
    ok_status(there(other, DO_GET, name, MUTEX, 0, MUTANT_ALL_ACCESS, &far), STATUS_SUCCESS);
    ok(query(MUTEX, mutex) == 1100, "free: %llu\n", query(MUTEX, mutex));
    ok_status(wait_for(mutex, 0), STATUS_WAIT_0);
    ok_status(wait_for(mutex, 0), STATUS_WAIT_0);
    ok(query(MUTEX, mutex) == 910, "taken twice: %llu\n", query(MUTEX, mutex));
    ok(other_call(other, DO_QUERY, NULL, MUTEX, HandleToULong(far)) == 900, "and not by it\n");
    ok_status(at_other(DO_RELEASE, NULL, HandleToULong(far), 0, 0), STATUS_MUTANT_NOT_OWNED);
    ok_status(NtReleaseMutant(mutex, NULL), STATUS_SUCCESS);
    ok_status(NtReleaseMutant(mutex, NULL), STATUS_SUCCESS);

    /* A thread there ends as its owner, and the process goes on. */
    ok_status(at_other(DO_OWN, NULL, HandleToULong(far), 0, 0), STATUS_WAIT_0);
    ok(query(MUTEX, mutex) == 1101, "abandoned: %llu\n", query(MUTEX, mutex));
    ok_status(wait_for(mutex, 2000), STATUS_ABANDONED_WAIT_0);
    ok_status(NtReleaseMutant(mutex, NULL), STATUS_SUCCESS);
    ok_status(at_other(DO_WAIT, NULL, HandleToULong(far), 0, 0), STATUS_WAIT_0);        /* only once */
    ok_status(at_other(DO_RELEASE, NULL, HandleToULong(far), 0, 0), STATUS_SUCCESS);

    /* The other way round, and one of several that are waited for. */
    ok_status(at_other(DO_OWN, NULL, HandleToULong(far), 0, 0), STATUS_WAIT_0);
    works(handles[0] = CreateEventA(NULL, TRUE, FALSE, NULL));
    handles[1] = mutex;
    ok_status(NtWaitForMultipleObjects(2, handles, TRUE /* any */, FALSE, &timeout), STATUS_ABANDONED_WAIT_0 + 1);
    works(CloseHandle(handles[0]));
    ok_status(at_other(DO_WAIT, NULL, HandleToULong(far), 20, 0), STATUS_TIMEOUT);
    ok_status(NtClose(mutex), STATUS_SUCCESS);                      /* its owner has no handle any more, but owns it */
    ok_status(at_other(DO_WAIT, NULL, HandleToULong(far), 20, 0), STATUS_TIMEOUT);
    ok_status(get(MUTEX, name, 0, MUTANT_ALL_ACCESS, &mutex), STATUS_SUCCESS);
    ok_status(NtReleaseMutant(mutex, NULL), STATUS_SUCCESS);
    ok_status(at_other(DO_WAIT, NULL, HandleToULong(far), 0, 0), STATUS_WAIT_0);
    ok_status(NtClose(mutex), STATUS_SUCCESS);
    ok_status(at_other(DO_CLOSE, NULL, HandleToULong(far), 0, 0), STATUS_SUCCESS);
}

static void open_directory(HANDLE *handle, const char *path)
{
    WCHAR buffer[200];
    UNICODE_STRING string;
    OBJECT_ATTRIBUTES attr;

    name_it(&attr, &string, buffer, path, 0);
    ok_status(NtOpenDirectoryObject(handle, MAXIMUM_ALLOWED, &attr), STATUS_SUCCESS);
}

START_TEST(named_kinds)
{
    struct other other;
    unsigned int kind;

    open_directory(&session, "\\Sessions\\1\\BaseNamedObjects");
    if (other_serve(functions)) return;
    sprintf(name, "oriel-kinds-test-%lu", GetCurrentProcessId());
    if (!other_start(&other, "named_kinds"))
    {
        ok(0, "no second process, error %lu\n", GetLastError());
        return;
    }
    for (kind = 0; kind < KINDS; kind++)
    {
        test_kind(&other, (enum kind)kind);
        test_security(&other, (enum kind)kind);
    }
    test_places(&other);
    test_waits(&other);
    test_timer(&other);
    test_mutex(&other);
    other_end(&other);
    NtClose(session);
}
