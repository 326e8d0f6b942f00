/* Guard pages, access violations, in-page errors (§22). */
#include "memory.h"

static EXCEPTION_RECORD last;
static unsigned caught;
static char *fix_page;
static DWORD fix_protect;

/* Notes what was raised; makes the page accessible if it is not a guard, which is gone already. */
static LONG CALLBACK handler(EXCEPTION_POINTERS *pointers)
{
    EXCEPTION_RECORD *record = pointers->ExceptionRecord;
    NTSTATUS code = record->ExceptionCode;
    DWORD old;

    if (code != STATUS_GUARD_PAGE_VIOLATION && code != (NTSTATUS)EXCEPTION_ACCESS_VIOLATION)
        return EXCEPTION_CONTINUE_SEARCH;
    last = *record;
    caught++;
    if (code == (NTSTATUS)EXCEPTION_ACCESS_VIOLATION)
    {
        if (!fix_page) return EXCEPTION_CONTINUE_SEARCH;
        if (!VirtualProtect(fix_page, K, fix_protect, &old)) VirtualAlloc(fix_page, K, MEM_COMMIT, fix_protect);
    }
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void check_exception_(int line, DWORD code, ULONG_PTR access, const void *address)
{
    ok_(__FILE__, line)(caught == 1, "%u exceptions\n", caught);
    ok_(__FILE__, line)(last.ExceptionCode == code, "code %#lx\n", last.ExceptionCode);
    ok_(__FILE__, line)(last.NumberParameters == 2, "%lu parameters\n", last.NumberParameters);
    ok_(__FILE__, line)(last.ExceptionInformation[0] == access, "access %Iu\n", last.ExceptionInformation[0]);
    ok_(__FILE__, line)(last.ExceptionInformation[1] == (ULONG_PTR)address, "address %p, expected %p\n",
                        (void *)last.ExceptionInformation[1], address);
    caught = 0;
    last.ExceptionCode = 0;
}
#define check_exception(...) check_exception_(__LINE__, __VA_ARGS__)

/* §22.2-1 */
static void test_guard(void)
{
    char *p = VirtualAlloc(NULL, 2 * K, MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD);
    volatile char *at = p + 0x10;
    DWORD old;

    check_query(p, p, PAGE_READWRITE | PAGE_GUARD, 2 * K, MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD, MEM_PRIVATE);
    (void)*at;
    check_exception(STATUS_GUARD_PAGE_VIOLATION, 0, p + 0x10);
    check_query(p, p, PAGE_READWRITE | PAGE_GUARD, K, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE);         /* that page, AllocationProtect keeps it */
    *at = 1;
    ok(!caught, "a second guard exception\n");
    at[K] = 1;
    check_exception(STATUS_GUARD_PAGE_VIOLATION, 1, p + K + 0x10);

    works(VirtualProtect(p, K, PAGE_READWRITE | PAGE_GUARD, &old));
    SetLastError(UNTOUCHED);
    ok(!VirtualLock(p, K), "locked a guard page\n");                                                    /* §15-2: once */
    ok(GetLastError() == (DWORD)STATUS_GUARD_PAGE_VIOLATION, "error %#lx\n", GetLastError());
    works(VirtualLock(p, K));
    VirtualUnlock(p, K);

    works(VirtualProtect(p, K, PAGE_READWRITE | PAGE_GUARD, &old));                                     /* §22.2-2: in a system call: a status */
    {
        HANDLE file = temp_file(GENERIC_READ, K, 'x');                                                  /* §22.2-2 */
        DWORD done;

        ok(!ReadFile(file, p, 16, &done, NULL), "ReadFile went through a guard page\n");                /* §22.2-2 */
        ok(!caught, "an exception in a system call\n");
        ok(page_protect(p) == PAGE_READWRITE, "the guard is still there\n");
        ok(ReadFile(file, p, 16, &done, NULL), "the second ReadFile failed with %lu\n", GetLastError());
        CloseHandle(file);
    }
    VirtualFree(p, 0, MEM_RELEASE);
}

/* §22.1-1 */
static void test_violations(void)
{
    char *p = VirtualAlloc(NULL, 4 * K, MEM_RESERVE, PAGE_READWRITE);
    volatile char *at = p;

    fix_page = p;
    fix_protect = PAGE_READWRITE;
    (void)at[8];                                                                                        /* reserved */
    check_exception(EXCEPTION_ACCESS_VIOLATION, 0, p + 8);
    VirtualAlloc(p, K, MEM_COMMIT, PAGE_READONLY);
    at[8] = 1;
    check_exception(EXCEPTION_ACCESS_VIOLATION, 1, p + 8);
    VirtualAlloc(p, K, MEM_COMMIT, PAGE_NOACCESS);
    (void)at[9];
    check_exception(EXCEPTION_ACCESS_VIOLATION, 0, p + 9);

    p[0] = (char)0xc3;                                                                                  /* ret */
    fix_protect = PAGE_EXECUTE_READ;
    ((void (*)(void))p)();                                                                              /* §22.5-1: DEP */
    check_exception(EXCEPTION_ACCESS_VIOLATION, 8, p);

    /* an instruction that writes to itself: add [rax],al; its address is its own */                    /* §22.1-1 */
    VirtualAlloc(p, K, MEM_COMMIT, PAGE_READWRITE);
    memcpy(p, "\x48\x89\xc8\x00\x00\xc3", 6);             /* mov rax,rcx; add [rax],al; ret */
    VirtualAlloc(p, K, MEM_COMMIT, PAGE_EXECUTE_READ);
    fix_protect = PAGE_EXECUTE_READWRITE;
    ((void (*)(void *))p)(p + 3);
    check_exception(EXCEPTION_ACCESS_VIOLATION, 1, p + 3);
    fix_page = NULL;
    VirtualFree(p, 0, MEM_RELEASE);
}

static int returned;

/* Executing comes to the guard first, too; then to what is behind it (§22.2-1, §22.5-1) */
static LONG CALLBACK execute_handler(EXCEPTION_POINTERS *pointers)
{
    EXCEPTION_RECORD *record = pointers->ExceptionRecord;
    static const NTSTATUS expected[] = { STATUS_GUARD_PAGE_VIOLATION, EXCEPTION_ACCESS_VIOLATION };

    if (caught < 2) ok((NTSTATUS)record->ExceptionCode == expected[caught], "exception %u: %#lx\n", caught, record->ExceptionCode);
    if (caught) ok(record->ExceptionInformation[0] == 8 && record->ExceptionInformation[1] == (ULONG_PTR)fix_page, "%Iu at %p\n",
                   record->ExceptionInformation[0], (void *)record->ExceptionInformation[1]);
    ok(page_protect(fix_page) == PAGE_READWRITE, "protection %#lx\n", page_protect(fix_page));
    if (caught++)
    {
        DWORD old;

        VirtualProtect(fix_page, K, PAGE_EXECUTE_READ, &old);
    }
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void test_guarded_code(void)
{
    char *p = VirtualAlloc(NULL, K, MEM_COMMIT, PAGE_READWRITE);
    void *registration = AddVectoredExceptionHandler(TRUE, execute_handler);
    DWORD old;

    memcpy(p, "\xb8\x07\x00\x00\x00\xc3", 6);             /* mov eax,7; ret */
    VirtualProtect(p, K, PAGE_READWRITE | PAGE_GUARD, &old);
    fix_page = p;
    caught = 0;
    returned = ((int (*)(void))p)();
    ok(returned == 7 && caught == 2, "returned %d after %u exceptions\n", returned, caught);           /* §22.2-1, §22.5-1 */
    fix_page = NULL;
    caught = 0;
    RemoveVectoredExceptionHandler(registration);
    VirtualFree(p, 0, MEM_RELEASE);
}

/* §4-5 */
static void test_guarded_view(void)
{
    HANDLE h = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 2 * K, NULL);
    char *p = MapViewOfFile(h, FILE_MAP_WRITE, 0, 0, 0);
    DWORD old;

    works(VirtualProtect(p, K, PAGE_READWRITE | PAGE_GUARD, &old));                                     /* §4: views too */
    *(volatile char *)p = 1;
    check_exception(STATUS_GUARD_PAGE_VIOLATION, 1, p);
    UnmapViewOfFile(p);
    CloseHandle(h);
}

START_TEST(guard)
{
    void *registration = AddVectoredExceptionHandler(TRUE, handler);

    test_guard();
    test_violations();
    test_guarded_view();
    test_guarded_code();
    RemoveVectoredExceptionHandler(registration);
}
