/* OfferVirtualMemory, ReclaimVirtualMemory, DiscardVirtualMemory (specification 16). */
#include "memory.h"
#include "psapi.h"

FUNCTION(OfferVirtualMemory);
FUNCTION(ReclaimVirtualMemory);
FUNCTION(DiscardVirtualMemory);

/* They return the error and leave the last one alone. */
#define returns(call, expected) \
    do { \
        DWORD error_; \
        SetLastError(UNTOUCHED); \
        error_ = (call); \
        ok(error_ == (expected), "%s returned %lu, expected %lu\n", #call, error_, (DWORD)(expected)); \
        ok(GetLastError() == UNTOUCHED, "%s: last error became %lu\n", #call, GetLastError()); \
    } while (0)

static BOOL can_copy(const char *at)
{
    char c;

    return ReadProcessMemory(GetCurrentProcess(), at, &c, 1, NULL);
}

static BOOL is_valid(void *at)
{
    PSAPI_WORKING_SET_EX_INFORMATION info = { .VirtualAddress = at };

    return K32QueryWorkingSetEx(GetCurrentProcess(), &info, sizeof(info)) && info.VirtualAttributes.Valid;
}

/* §16-1 */
static void test_parameters(char *p)
{
    int priority;

    returns(pOfferVirtualMemory(p + 1, K, VmOfferPriorityLow), ERROR_INVALID_PARAMETER);
    returns(pOfferVirtualMemory(p, K + 1, VmOfferPriorityLow), ERROR_INVALID_PARAMETER);
    returns(pOfferVirtualMemory(p, 0, VmOfferPriorityLow), ERROR_INVALID_PARAMETER);
    returns(pOfferVirtualMemory(NULL, K, VmOfferPriorityLow), ERROR_INVALID_PARAMETER);
    returns(pOfferVirtualMemory(p, K, 0), ERROR_INVALID_PARAMETER);
    returns(pOfferVirtualMemory(p, K, VmOfferPriorityNormal + 1), ERROR_INVALID_PARAMETER);
    for (priority = VmOfferPriorityVeryLow; priority <= VmOfferPriorityNormal; priority++)
    {
        returns(pOfferVirtualMemory(p, K, priority), ERROR_SUCCESS);
        returns(pReclaimVirtualMemory(p, K), ERROR_SUCCESS);
    }
    returns(pReclaimVirtualMemory(p + 1, K), ERROR_INVALID_PARAMETER);
    returns(pReclaimVirtualMemory(p, 5), ERROR_INVALID_PARAMETER);
    returns(pReclaimVirtualMemory(p, 0), ERROR_INVALID_PARAMETER);
    returns(pReclaimVirtualMemory(NULL, K), ERROR_INVALID_PARAMETER);
    returns(pDiscardVirtualMemory(p + 1, K), ERROR_INVALID_PARAMETER);                                  /* §16-3 */
    returns(pDiscardVirtualMemory(p, 5), ERROR_INVALID_PARAMETER);
    returns(pDiscardVirtualMemory(p, 0), ERROR_INVALID_PARAMETER);
    returns(pDiscardVirtualMemory(NULL, K), ERROR_INVALID_PARAMETER);
}

/* §16-2 */
static void test_states(void)
{
    char *p = VirtualAlloc(NULL, 4 * K, MEM_RESERVE, PAGE_READWRITE);
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, K, NULL);
    char *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    DWORD old;

    VirtualAlloc(p, 2 * K, MEM_COMMIT, PAGE_READWRITE);
    ok(pOfferVirtualMemory(p, 3 * K, VmOfferPriorityLow) != ERROR_SUCCESS, "a reserved page was offered\n");
    ok(pOfferVirtualMemory(p, 5 * K, VmOfferPriorityLow) != ERROR_SUCCESS, "more than the allocation was offered\n");
    ok(pOfferVirtualMemory(view, K, VmOfferPriorityLow) != ERROR_SUCCESS, "a view was offered\n");
    ok(pReclaimVirtualMemory(p, K) != ERROR_SUCCESS, "reclaimed what was not offered\n");
    VirtualProtect(p, K, PAGE_NOACCESS, &old);
    ok(pOfferVirtualMemory(p, 2 * K, VmOfferPriorityLow) != ERROR_SUCCESS, "a page without access was offered\n");
    VirtualProtect(p, K, PAGE_READONLY, &old);
    ok(pDiscardVirtualMemory(p, K) != ERROR_SUCCESS, "a read-only page was discarded\n");               /* §16-3 */
    ok(pDiscardVirtualMemory(p + 2 * K, K) != ERROR_SUCCESS, "a reserved page was discarded\n");
    returns(pDiscardVirtualMemory(p + K, K), ERROR_SUCCESS);
    UnmapViewOfFile(view);
    CloseHandle(section);
    VirtualFree(p, 0, MEM_RELEASE);
}

/* §16-2 */
START_TEST(offer)
{
    char *p = VirtualAlloc(NULL, 16 * K, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    DWORD old;

    LOAD(OfferVirtualMemory);
    LOAD(ReclaimVirtualMemory);
    LOAD(DiscardVirtualMemory);
    if (!pOfferVirtualMemory || !pReclaimVirtualMemory || !pDiscardVirtualMemory)
    {
        win_skip("OfferVirtualMemory is missing\n");
        return;
    }
    test_parameters(p);
    test_states();

    memset(p, 'x', 16 * K);
    VirtualProtect(p + K, K, PAGE_READONLY, &old);
    VirtualProtect(p + 2 * K, K, PAGE_EXECUTE_READ, &old);
    works(VirtualLock(p + 3 * K, K));
    returns(pOfferVirtualMemory(p, 4 * K, VmOfferPriorityNormal), ERROR_SUCCESS);
    ok(!can_copy(p) && !can_copy(p + 3 * K) && can_copy(p + 4 * K), "offered pages can be touched\n");
    ok(!is_valid(p), "offered pages are in the working set\n");
    ok(pOfferVirtualMemory(p + K, K, VmOfferPriorityLow) != ERROR_SUCCESS, "offered twice\n");
    ok(pReclaimVirtualMemory(p, 5 * K) != ERROR_SUCCESS, "reclaimed more than was offered\n");
    fails(VirtualUnlock(p + 3 * K, K), ERROR_NOT_LOCKED);       /* offering unlocks */
    fails(VirtualLock(p, K), ERROR_NOACCESS);
    returns(pReclaimVirtualMemory(p, 4 * K), ERROR_SUCCESS);
    ok(p[0] == 'x' && p[K] == 'x' && p[2 * K] == 'x' && p[4 * K - 1] == 'x', "contents are lost\n");
    ok(page_protect(p) == PAGE_READWRITE && page_protect(p + K) == PAGE_READONLY && page_protect(p + 2 * K) == PAGE_EXECUTE_READ,
       "protections are lost\n");

    /* Offered pages can be decommitted and released. */
    returns(pOfferVirtualMemory(p + 8 * K, 2 * K, VmOfferPriorityVeryLow), ERROR_SUCCESS);
    works(VirtualFree(p + 8 * K, 2 * K, MEM_DECOMMIT));
    works(VirtualAlloc(p + 8 * K, 2 * K, MEM_COMMIT, PAGE_READWRITE));
    ok(!p[8 * K] && !p[9 * K], "committed pages are not zero\n");

    /* Discarded pages stay where they are, and may hold anything. */                                   /* §16-3 */
    returns(pDiscardVirtualMemory(p + 12 * K, 4 * K), ERROR_SUCCESS);
    check_query(p + 12 * K, p, PAGE_READWRITE, 4 * K, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE);
    p[12 * K] = 'y';
    ok(p[12 * K] == 'y', "cannot write\n");

    /* Reset contents that nobody wanted meanwhile come back. (That they are lost when memory is short: tests/unit/vm_basic.c.) §16-6 */
    p[4 * K] = 'r';
    ok(VirtualAlloc(p + 4 * K, 2 * K, MEM_RESET, PAGE_READWRITE) == p + 4 * K, "MEM_RESET failed: %lu\n", GetLastError());
    check_query(p + 4 * K, p, PAGE_READWRITE, 12 * K, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE);
    ok(VirtualAlloc(p + 4 * K, 2 * K, MEM_RESET_UNDO, PAGE_READWRITE) == p + 4 * K, "MEM_RESET_UNDO failed: %lu\n", GetLastError());
    ok(p[4 * K] == 'r' && p[5 * K] == 'x', "contents are lost\n");
    ok(VirtualAlloc(p + 4 * K, K, MEM_RESET, PAGE_READWRITE) == p + 4 * K, "MEM_RESET failed: %lu\n", GetLastError());
    p[4 * K] = 's';
    ok(VirtualAlloc(p + 4 * K, K, MEM_RESET_UNDO, PAGE_NOACCESS) == p + 4 * K && p[4 * K] == 's', "a written page is lost\n");

    returns(pOfferVirtualMemory(p + 12 * K, K, VmOfferPriorityLow), ERROR_SUCCESS);
    works(VirtualFree(p, 0, MEM_RELEASE));
    check_free(p);
}
