/* Thread stacks: their parts, growth, overflow, guard pages set in them (§22.3); faults that cannot be mended (§22.1). */
#include "memory.h"

WINBASEAPI BOOL WINAPI SetThreadStackGuarantee(ULONG *);

static CONTEXT resume;
static volatile BOOL raised;
static EXCEPTION_RECORD last;

/* Runs the statement; if it raises, goes on behind it. */
#define TRY(statement) do { raised = FALSE; RtlCaptureContext(&resume); if (!raised) { statement; } } while (0)

static LONG CALLBACK handler(EXCEPTION_POINTERS *pointers)
{
    NTSTATUS code = pointers->ExceptionRecord->ExceptionCode;

    if (code != EXCEPTION_STACK_OVERFLOW && code != EXCEPTION_ACCESS_VIOLATION && code != EXCEPTION_GUARD_PAGE)
        return EXCEPTION_CONTINUE_SEARCH;
    last = *pointers->ExceptionRecord;
    raised = TRUE;
    *pointers->ContextRecord = resume;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static char *stack_base(void) { return NtCurrentTeb()->Tib.StackBase; }
static char *stack_limit(void) { return *(char *volatile *)&NtCurrentTeb()->Tib.StackLimit; }
static char *stack_bottom(void) { return ((TEB *)NtCurrentTeb())->DeallocationStack; }

/* Uses `pages` pages of stack, one after another, and lets them go again. */
static __attribute__((noinline)) int use_stack(unsigned pages)
{
    volatile char room[K - 256];

    room[0] = pages;
    if (pages && use_stack(pages - 1) > 1000) room[1] = 1;
    return room[0] & 1;
}

static __attribute__((noinline)) int overflow(unsigned depth)
{
    volatile char room[512];

    room[0] = depth;
    return depth < 1000000 ? overflow(depth + 1) + room[0] : 0;
}

/* Bottom reserved; guard pages; committed from the limit to the base. */
static void check_layout_(int line)
{
    MEMORY_BASIC_INFORMATION info;
    char *at = stack_bottom();

    VirtualQuery(at, &info, sizeof(info));
    ok_(__FILE__, line)(info.AllocationBase == at && info.AllocationProtect == PAGE_READWRITE && info.Type == MEM_PRIVATE, "base %p, protect %#lx\n",
                        info.AllocationBase, info.AllocationProtect);
    ok_(__FILE__, line)(info.State == MEM_RESERVE && !info.Protect, "bottom: state %#lx protect %#lx\n", info.State, info.Protect);
    at += info.RegionSize;
    VirtualQuery(at, &info, sizeof(info));
    ok_(__FILE__, line)(info.State == MEM_COMMIT && info.Protect == (PAGE_READWRITE | PAGE_GUARD), "guard: state %#lx protect %#lx\n", info.State, info.Protect);
    ok_(__FILE__, line)(info.RegionSize >= K && info.RegionSize <= 3 * K, "guard of %#Ix\n", info.RegionSize);
    at += info.RegionSize;
    ok_(__FILE__, line)(at == stack_limit(), "limit %p, guard ends at %p\n", stack_limit(), at);
    VirtualQuery(at, &info, sizeof(info));
    ok_(__FILE__, line)(info.State == MEM_COMMIT && info.Protect == PAGE_READWRITE, "state %#lx protect %#lx\n", info.State, info.Protect);
    ok_(__FILE__, line)(at + info.RegionSize == stack_base(), "committed to %p, base %p\n", at + info.RegionSize, stack_base());
}
#define check_layout() check_layout_(__LINE__)

/* (§22.3-1) */
static DWORD WINAPI layout(void *arg)
{
    char *before;

    (void)arg;
    ok(stack_base() - stack_bottom() == 0x40000, "stack of %#Ix\n", stack_base() - stack_bottom());
    ok((char *)&before > stack_limit() && (char *)&before < stack_base(), "not on it\n");
    check_layout();

    before = stack_limit();                                                                             /* §22.3-2 */
    TRY(use_stack(20));
    ok(!raised, "raised %#lx\n", last.ExceptionCode);
    ok(stack_limit() < before && before - stack_limit() <= 24 * (SSIZE_T)K, "limit %p, was %p\n", stack_limit(), before);
    check_layout();
    before = stack_limit();
    use_stack(10);
    ok(stack_limit() == before, "grew for what was there\n");

    TRY(*(volatile char *)(stack_limit() - 8 * K) = 1);                                                 /* §22.3-2: the guard is skipped */
    ok(raised && (NTSTATUS)last.ExceptionCode == EXCEPTION_ACCESS_VIOLATION && last.NumberParameters == 2, "raised %#lx\n", last.ExceptionCode);
    ok(last.ExceptionInformation[0] == 1 && last.ExceptionInformation[1] == (ULONG_PTR)before - 8 * K, "%Iu at %p\n",
       last.ExceptionInformation[0], (void *)last.ExceptionInformation[1]);
    ok(stack_limit() == before, "limit %p, was %p\n", stack_limit(), before);
    return 0;
}

/* (§22.3-4) */
static DWORD WINAPI guarded(void *arg)
{
    char *before, *page;
    DWORD old;

    (void)arg;
    use_stack(24);
    before = stack_limit();
    page = before + 4 * K;
    works(VirtualProtect(page, K, PAGE_READWRITE | PAGE_GUARD, &old));
    ok(stack_limit() == page + K, "limit %p, page %p\n", stack_limit(), page);
    ok(page_protect(page) == (PAGE_READWRITE | PAGE_GUARD), "protect %#lx\n", page_protect(page));
    ok(page_protect(before) == PAGE_READWRITE, "pages below changed: %#lx\n", page_protect(before));
    works(VirtualProtect(page, K, PAGE_READWRITE, &old));
    ok(old == (PAGE_READWRITE | PAGE_GUARD), "old %#lx\n", old);
    ok(stack_limit() == page + K, "clearing the guard moved the limit to %p\n", stack_limit());
    works(VirtualAlloc(page, K, MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD));
    ok(stack_limit() == page + K, "limit %p, page %p\n", stack_limit(), page);
    TRY(use_stack(26));
    ok(!raised, "raised %#lx\n", last.ExceptionCode);
    ok(stack_limit() <= page, "limit %p, page %p\n", stack_limit(), page);
    return 0;
}

/* (§22.3-3) */
static DWORD WINAPI overflowing(void *arg)
{
    ULONG guarantee = arg ? 0x8000 : 0;
    char *bottom = stack_bottom();

    if (guarantee) works(SetThreadStackGuarantee(&guarantee));
    TRY(overflow(0));
    ok(raised && (NTSTATUS)last.ExceptionCode == EXCEPTION_STACK_OVERFLOW, "raised %#lx\n", last.ExceptionCode);
    ok(last.NumberParameters == 2, "%lu parameters\n", last.NumberParameters);
    ok(last.ExceptionInformation[1] >= (ULONG_PTR)bottom && last.ExceptionInformation[1] < (ULONG_PTR)bottom + (arg ? 0xc000 : 0x6000),
       "at %p, stack from %p\n", (void *)last.ExceptionInformation[1], bottom);
    if (arg) ok(last.ExceptionInformation[1] >= (ULONG_PTR)bottom + 0x8000, "at %p, stack from %p\n", (void *)last.ExceptionInformation[1], bottom);
    ok(page_protect(stack_limit()) == PAGE_READWRITE, "the last pages have %#lx\n", page_protect(stack_limit()));
    ok(stack_limit() <= bottom + 2 * K, "limit %p, stack from %p\n", stack_limit(), bottom);
    return 0;
}

/* Addresses that are none (§22.1-2) */
static void test_no_addresses(void)
{
    TRY((void)*(volatile char *)0x8000000000000000);
    ok(raised && (NTSTATUS)last.ExceptionCode == EXCEPTION_ACCESS_VIOLATION && last.NumberParameters == 2, "raised %#lx\n", last.ExceptionCode);
    ok(!last.ExceptionInformation[0] && last.ExceptionInformation[1] == ~(ULONG_PTR)0, "%Iu at %p\n", last.ExceptionInformation[0],
       (void *)last.ExceptionInformation[1]);
    TRY(*(volatile char *)0x8000000000000000 = 1);
    ok(!last.ExceptionInformation[0] && last.ExceptionInformation[1] == ~(ULONG_PTR)0, "%Iu at %p\n", last.ExceptionInformation[0],
       (void *)last.ExceptionInformation[1]);
    TRY((void)*(volatile char *)0x7fffffff0000);                /* above what a program may have */
    ok(raised && (NTSTATUS)last.ExceptionCode == EXCEPTION_ACCESS_VIOLATION && !last.ExceptionInformation[0], "raised %#lx\n", last.ExceptionCode);
    TRY((void)*(volatile char *)0xffff800000000000);            /* the kernel's */
    ok(raised && (NTSTATUS)last.ExceptionCode == EXCEPTION_ACCESS_VIOLATION && !last.ExceptionInformation[0], "raised %#lx\n", last.ExceptionCode);
    TRY((void)*(volatile char *)8);
    ok(raised && last.ExceptionInformation[1] == 8, "at %p\n", (void *)last.ExceptionInformation[1]);
    TRY(*(volatile char *)8 = 1);
    ok(raised && last.ExceptionInformation[0] == 1 && last.ExceptionInformation[1] == 8, "at %p\n", (void *)last.ExceptionInformation[1]);
}

/* What is wrong with a buffer is a status, not an exception (§22.2-3) */
static void test_buffers(void)
{
    static const DWORD protections[] = { PAGE_NOACCESS, PAGE_READONLY, PAGE_EXECUTE_READ };
    char *p = VirtualAlloc(NULL, 2 * K, MEM_COMMIT, PAGE_READWRITE);
    HANDLE file = temp_file(GENERIC_READ | GENERIC_WRITE, K, 'b');
    LARGE_INTEGER start = { .QuadPart = 0 };
    DWORD done, old;

    raised = FALSE;
    for (unsigned i = 0; i < ARRAY_SIZE(protections); i++)
    {
        winetest_push_context("protection %#lx", protections[i]);
        VirtualProtect(p + K, K, protections[i], &old);
        SetFilePointerEx(file, start, NULL, FILE_BEGIN);
        fails(ReadFile(file, p + K, 16, &done, NULL), ERROR_NOACCESS);
        fails(ReadFile(file, p + K - 8, 16, &done, NULL), ERROR_NOACCESS);
        ok(page_protect(p + K) == protections[i], "protection %#lx\n", page_protect(p + K));
        winetest_pop_context();
    }
    VirtualProtect(p + K, K, PAGE_NOACCESS, &old);
    SetLastError(UNTOUCHED);
    ok(!WriteFile(file, p + K, 16, &done, NULL), "written from nowhere\n");
    ok(GetLastError() == ERROR_NOACCESS || GetLastError() == ERROR_INVALID_USER_BUFFER, "error %lu\n", GetLastError());
    fails(VirtualQuery(p, (MEMORY_BASIC_INFORMATION *)(p + K), sizeof(MEMORY_BASIC_INFORMATION)), ERROR_NOACCESS);       /* §22.2-3, §13.3-1 */
    fails(VirtualProtect(p, K, PAGE_READWRITE, (DWORD *)(p + K)), ERROR_NOACCESS);                      /* §22.2-3, §13.2-2 */
    fails(VirtualQuery(p, NULL, sizeof(MEMORY_BASIC_INFORMATION)), ERROR_NOACCESS);                     /* §22.2-3, §13.3-1 */
    ok(!raised, "raised %#lx\n", last.ExceptionCode);
    CloseHandle(file);
    VirtualFree(p, 0, MEM_RELEASE);
}

static void run(DWORD (WINAPI *proc)(void *), void *arg)
{
    HANDLE thread = CreateThread(NULL, 0x40000, proc, arg, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);

    ok(WaitForSingleObject(thread, 10000) == WAIT_OBJECT_0, "no end\n");
    CloseHandle(thread);
}

START_TEST(thread_stack)
{
    void *registration = AddVectoredExceptionHandler(TRUE, handler);

    test_no_addresses();
    test_buffers();
    run(layout, NULL);
    run(guarded, NULL);
    run(overflowing, NULL);
    run(overflowing, (void *)1);
    RemoveVectoredExceptionHandler(registration);
}
