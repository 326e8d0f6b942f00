/* The heap against a model of what was asked of it, alone and from several threads; its walk, its limits, what it
 * gives back. Wine's kernel32:heap has the details of calls and flags. */
#include "objects.h"

extern BOOLEAN WINAPI RtlSetUserValueHeap(HANDLE heap, ULONG flags, void *ptr, void *value);
extern BOOLEAN WINAPI RtlGetUserInfoHeap(HANDLE heap, ULONG flags, void *ptr, void **value, ULONG *user_flags);

#define THREADS 4
#define HEAP_USER_VALUE 0x100

/* What RtlWalkHeap fills in; the names are ours. */
struct walk_entry
{
    void  *data;
    SIZE_T size;
    BYTE   overhead, region_index;
    WORD   flags;
    DWORD  reserved;
    DWORD  committed, uncommitted;      /* of a region */
    void  *first, *last;
};

#define WALK_BUSY    0x1
#define WALK_REGION  0x2

static unsigned int next_random(unsigned int *seed)
{
    return (*seed = *seed * 1103515245 + 12345) >> 8;
}

/* Mostly small sizes, some of any. */
static SIZE_T random_size(unsigned int *seed)
{
    unsigned int r = next_random(seed);

    switch (r % 16)
    {
    case 0: return next_random(seed) % 0x40000;
    case 1: return next_random(seed) % 0x8000;
    case 2: case 3: return next_random(seed) % 0x1000;
    default: return next_random(seed) % 300;
    }
}

static void fill(void *block, SIZE_T size, unsigned int tag)
{
    BYTE *p = block;

    for (SIZE_T i = 0; i < size; i++) p[i] = (BYTE)(tag + i * 7);
}

static BOOL is_filled(const void *block, SIZE_T size, unsigned int tag)
{
    const BYTE *p = block;

    for (SIZE_T i = 0; i < size; i++) if (p[i] != (BYTE)(tag + i * 7)) return FALSE;
    return TRUE;
}

static HANDLE create_heap(ULONG flags, SIZE_T reserve)
{
    HANDLE heap = RtlCreateHeap(flags, NULL, reserve, 0, NULL, NULL);

    ok(heap != NULL, "RtlCreateHeap failed\n");
    return heap;
}

/* ---- one block ---- */

static void test_sizes(void)
{
    HANDLE heap = create_heap(HEAP_GROWABLE, 0);
    SIZE_T volatile all = ~(SIZE_T)0;

    for (SIZE_T size = 0; size < 0x2200; size += size < 600 ? 1 : 37)
    {
        BYTE *p = RtlAllocateHeap(heap, 0, size), *q;
        SIZE_T i;

        ok(p && !((ULONG_PTR)p & 15), "size %Iu: got %p\n", size, p);
        ok(RtlSizeHeap(heap, 0, p) == size, "size %Iu: RtlSizeHeap %Iu\n", size, RtlSizeHeap(heap, 0, p));
        memset(p, 0xaa, size);
        RtlFreeHeap(heap, 0, p);
        q = RtlAllocateHeap(heap, HEAP_ZERO_MEMORY, size);
        for (i = 0; i < size && !q[i]; i++) ;
        ok(i == size, "size %Iu: byte %Iu is not zero\n", size, i);
        q = RtlReAllocateHeap(heap, HEAP_ZERO_MEMORY, q, size * 3 + 5);
        for (i = 0; i < size * 3 + 5 && !q[i]; i++) ;
        ok(i == size * 3 + 5, "size %Iu: byte %Iu is not zero when it has grown\n", size, i);
        ok(RtlFreeHeap(heap, 0, q), "size %Iu: RtlFreeHeap failed\n", size);
    }
    for (SIZE_T volatile size = 1ull << 46; size; size <<= 1) ok(!RtlAllocateHeap(heap, 0, size), "a block of %Ix bytes\n", size);
    ok(!RtlAllocateHeap(heap, 0, all), "a block of all there is\n");
    ok(RtlFreeHeap(heap, 0, NULL), "NULL cannot be freed\n");
    ok(!RtlDestroyHeap(heap), "RtlDestroyHeap failed\n");
}

/* What a large block occupied is free afterwards; shrunk, it gives its pages back. */
static void test_large(void)
{
    HANDLE heap = create_heap(HEAP_GROWABLE, 0);
    MEMORY_BASIC_INFORMATION info;
    SIZE_T size = 5 * 1024 * 1024 + 3;
    BYTE *p = RtlAllocateHeap(heap, HEAP_ZERO_MEMORY, size), *volatile gone;

    ok(p && RtlSizeHeap(heap, 0, p) == size, "got %p\n", p);
    ok(!p[0] && !p[size - 1], "not zero\n");
    fill(p, size, 1);
    ok(RtlReAllocateHeap(heap, HEAP_REALLOC_IN_PLACE_ONLY, p, 0x180000) == p, "it did not shrink where it was\n");
    ok(RtlSizeHeap(heap, 0, p) == 0x180000, "size %Ix\n", RtlSizeHeap(heap, 0, p));
    ok_status(NtQueryVirtualMemory(ME, p + 0x200000, MemoryBasicInformation, &info, sizeof(info), NULL), STATUS_SUCCESS);
    ok(info.State != MEM_COMMIT, "state %lx behind the block\n", info.State);
    p = RtlReAllocateHeap(heap, 0, p, size);
    ok(p && is_filled(p, 0x180000, 1), "contents are lost\n");
    gone = p;
    ok(RtlFreeHeap(heap, 0, p), "RtlFreeHeap failed\n");
    ok_status(NtQueryVirtualMemory(ME, gone, MemoryBasicInformation, &info, sizeof(info), NULL), STATUS_SUCCESS);
    ok(info.State == MEM_FREE, "state %lx of a freed block\n", info.State);
    RtlDestroyHeap(heap);
}

static void test_user_info(void)
{
    HANDLE heap = create_heap(HEAP_GROWABLE, 0);
    void *p = RtlAllocateHeap(heap, HEAP_USER_VALUE, 100), *value = NULL;
    ULONG flags;

    ok(p != NULL, "RtlAllocateHeap failed\n");
    ok(RtlSetUserValueHeap(heap, 0, p, &value), "RtlSetUserValueHeap failed\n");
    fill(p, 100, 9);
    ok(RtlGetUserInfoHeap(heap, 0, p, &value, &flags) && value == &value, "value %p\n", value);
    p = RtlReAllocateHeap(heap, 0, p, 5000);
    ok(RtlGetUserInfoHeap(heap, 0, p, &value, &flags) && value == &value, "value %p in the new place\n", value);
    ok(is_filled(p, 100, 9), "contents are lost\n");
    RtlFreeHeap(heap, 0, p);
    RtlDestroyHeap(heap);
}

/* Freeing what is no block ends in an exception, which here ends in a return to the caller. */
static void *landing[5];
static BOOL has_raised;

static void land(void)
{
    __builtin_longjmp(landing, 1);
}

static LONG WINAPI catch_corruption(EXCEPTION_POINTERS *info)
{
    if (info->ExceptionRecord->ExceptionCode != (DWORD)STATUS_HEAP_CORRUPTION) return EXCEPTION_CONTINUE_SEARCH;
    info->ContextRecord->Rip = (ULONG_PTR)land;
    info->ContextRecord->Rsp = ((info->ContextRecord->Rsp - 0x100) & ~15) - 8;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static BOOL raises(HANDLE heap, void *volatile block)
{
    void *handler = RtlAddVectoredExceptionHandler(TRUE, catch_corruption);

    has_raised = FALSE;
    if (!__builtin_setjmp(landing)) RtlFreeHeap(heap, 0, block);
    else has_raised = TRUE;
    RtlRemoveVectoredExceptionHandler(handler);
    return has_raised;
}

static void test_bad_blocks(void)
{
    HANDLE heap = create_heap(HEAP_GROWABLE, 0);
    char *volatile p = RtlAllocateHeap(heap, 0, 200);
    char *q = RtlAllocateHeap(heap, 0, 200);

    ok(RtlValidateHeap(heap, 0, p), "a block is not valid\n");
    ok(!RtlValidateHeap(heap, 0, p + 16), "the middle of a block is valid\n");
    ok(raises(heap, p + 16), "the middle of a block was freed\n");
    ok(raises(heap, p + 3), "an odd address was freed\n");
    ok(RtlFreeHeap(heap, 0, p), "RtlFreeHeap failed\n");
    ok(!RtlValidateHeap(heap, 0, p), "a freed block is valid\n");
    ok(raises(heap, p), "a block was freed twice\n");
    ok(RtlValidateHeap(heap, 0, NULL), "the heap is not valid\n");
    ok(RtlFreeHeap(heap, 0, q), "RtlFreeHeap failed\n");
    RtlDestroyHeap(heap);
}

/* ---- many blocks ---- */

struct slot
{
    void        *block;
    SIZE_T       size;
    unsigned int tag;
};

static void play(HANDLE heap, unsigned int seed, int rounds)
{
    static struct slot slots[600];
    unsigned int i, bad = 0;

    memset(slots, 0, sizeof(slots));
    for (int n = 0; n < rounds; n++)
    {
        struct slot *slot = &slots[next_random(&seed) % ARRAY_SIZE(slots)];
        SIZE_T size = random_size(&seed), kept;
        void *p;

        switch (slot->block ? next_random(&seed) % 3 : 0)
        {
        case 0:
        case 1:
            if (slot->block)
            {
                bad += !is_filled(slot->block, slot->size, slot->tag) || RtlSizeHeap(heap, 0, slot->block) != slot->size;
                bad += !RtlFreeHeap(heap, 0, slot->block);
                slot->block = NULL;
            }
            else if ((slot->block = RtlAllocateHeap(heap, 0, size)))
            {
                fill(slot->block, slot->size = size, slot->tag = n);
            }
            break;
        default:
            kept = min(size, slot->size);
            if (!(p = RtlReAllocateHeap(heap, 0, slot->block, size))) break;
            bad += !is_filled(p, kept, slot->tag);
            slot->block = p;
            fill(p, slot->size = size, slot->tag = n);
            break;
        }
        if (!(n % 2000)) ok(RtlValidateHeap(heap, 0, NULL), "round %d: the heap is not valid\n", n);
    }
    for (i = 0; i < ARRAY_SIZE(slots); i++)
    {
        if (!slots[i].block) continue;
        bad += !is_filled(slots[i].block, slots[i].size, slots[i].tag);
        bad += !RtlFreeHeap(heap, 0, slots[i].block);
    }
    ok(!bad, "%u blocks were not what they should be\n", bad);
    ok(RtlValidateHeap(heap, 0, NULL), "the heap is not valid\n");
}

static void test_model(void)
{
    static const ULONG flags[] = { HEAP_GROWABLE, HEAP_GROWABLE | HEAP_NO_SERIALIZE, 0 };

    for (unsigned int i = 0; i < ARRAY_SIZE(flags); i++)
    {
        HANDLE heap = create_heap(flags[i], flags[i] & HEAP_GROWABLE ? 0 : 0x800000);

        play(heap, 4711 + i, 20000);
        RtlDestroyHeap(heap);
    }
    play(NtCurrentTeb()->Peb->ProcessHeap, 99, 20000);
}

/* All blocks in use are in the walk, once; and all that was committed for them is given back when they are gone. */
static SIZE_T committed(HANDLE heap)
{
    struct walk_entry entry = { 0 };
    SIZE_T total = 0;

    while (!RtlWalkHeap(heap, &entry)) if (entry.flags & WALK_REGION) total += entry.committed;
    return total;
}

static void test_walk(void)
{
    HANDLE heap = create_heap(HEAP_GROWABLE, 0);
    struct walk_entry entry = { 0 };
    SIZE_T before = committed(heap), after;
    enum { COUNT = 9000 };
    char **blocks = RtlAllocateHeap(NtCurrentTeb()->Peb->ProcessHeap, 0, COUNT * sizeof(*blocks));
    unsigned int i, seed = 7, busy = 0, wrong = 0;
    NTSTATUS status;

    for (i = 0; i < COUNT; i++)
    {
        SIZE_T size = sizeof(unsigned int) + next_random(&seed) % 1500;

        blocks[i] = RtlAllocateHeap(heap, 0, size);
        *(unsigned int *)blocks[i] = i;
    }
    while (!(status = RtlWalkHeap(heap, &entry)))
    {
        unsigned int n;

        if (!(entry.flags & WALK_BUSY)) continue;
        busy++;
        n = *(unsigned int *)entry.data;
        if (n >= COUNT || blocks[n] != entry.data || RtlSizeHeap(heap, 0, blocks[n]) != entry.size) wrong++;
    }
    ok(status == STATUS_NO_MORE_ENTRIES, "status %lx\n", status);
    ok(busy == COUNT && !wrong, "%u blocks, %u wrong\n", busy, wrong);
    after = committed(heap);
    ok(after > before + COUNT * 500, "%Iu bytes committed\n", after);

    for (i = 0; i < COUNT; i++) RtlFreeHeap(heap, 0, blocks[i]);
    RtlCompactHeap(heap, 0);
    ok(committed(heap) <= before + 0x40000, "%Iu bytes are committed for nothing, %Iu at first\n", committed(heap), before);
    RtlFreeHeap(NtCurrentTeb()->Peb->ProcessHeap, 0, blocks);
    RtlDestroyHeap(heap);
}

/* A heap of a fixed size can be used up, and has it all again when all is free. */
static void test_fixed(void)
{
    HANDLE heap = create_heap(0, 0x100000);
    void *blocks[0x1000], *p;
    unsigned int n, again;

    ok(!RtlAllocateHeap(heap, 0, 0x100000), "more than there is\n");
    for (n = 0; n < ARRAY_SIZE(blocks) && (blocks[n] = RtlAllocateHeap(heap, 0, 1000)); n++) ;
    ok(n > 900 && n < 0x100000 / 1000, "%u blocks\n", n);
    while (n) RtlFreeHeap(heap, 0, blocks[--n]);
    p = RtlAllocateHeap(heap, 0, 0x70000);
    ok(p != NULL, "freed blocks do not become one\n");
    RtlFreeHeap(heap, 0, p);
    for (again = 0; again < ARRAY_SIZE(blocks) && (blocks[again] = RtlAllocateHeap(heap, 0, 1000)); again++) ;
    ok(again > 900, "%u blocks\n", again);
    RtlDestroyHeap(heap);
}

/* ---- threads ---- */

/* Blocks that begin with their size and are filled behind it; threads take them from each other and free them. */
static void *exchange[64];
static HANDLE shared_heap;
static LONG damaged;

static void give_back(unsigned int *block)
{
    if (!block) return;
    if (!is_filled(block + 1, *block - sizeof(*block), *block)) InterlockedIncrement(&damaged);
    if (!RtlFreeHeap(shared_heap, 0, block)) InterlockedIncrement(&damaged);
}

static void WINAPI trade(void *arg)
{
    unsigned int seed = (unsigned int)(ULONG_PTR)arg;

    for (int n = 0; n < 30000; n++)
    {
        unsigned int size = sizeof(int) + next_random(&seed) % (n % 50 ? 400 : 20000), *block;

        if (!(block = RtlAllocateHeap(shared_heap, 0, size)))
        {
            InterlockedIncrement(&damaged);
            continue;
        }
        *block = size;
        fill(block + 1, size - sizeof(*block), size);
        give_back(InterlockedExchangePointer(&exchange[next_random(&seed) % ARRAY_SIZE(exchange)], block));
    }
    RtlExitUserThread(0);
}

static void test_threads(HANDLE heap)
{
    HANDLE threads[THREADS];
    unsigned int i;

    shared_heap = heap;
    damaged = 0;
    for (i = 0; i < THREADS; i++)
        ok_status(RtlCreateUserThread(ME, NULL, FALSE, 0, 0, 0, trade, (void *)(ULONG_PTR)(i * 77 + 1),
                                      &threads[i], NULL), STATUS_SUCCESS);
    for (i = 0; i < THREADS; i++)
    {
        ok_status(NtWaitForSingleObject(threads[i], FALSE, NULL), STATUS_SUCCESS);
        NtClose(threads[i]);
    }
    for (i = 0; i < ARRAY_SIZE(exchange); i++) give_back(InterlockedExchangePointer(&exchange[i], NULL));
    ok(!damaged, "%ld blocks were not what they should be\n", damaged);
    ok(RtlValidateHeap(heap, 0, NULL), "the heap is not valid\n");
}

START_TEST(heap)
{
    HANDLE heap;

    test_sizes();
    test_large();
    test_user_info();
    test_bad_blocks();
    test_model();
    test_walk();
    test_fixed();
    heap = create_heap(HEAP_GROWABLE, 0);
    test_threads(heap);
    RtlDestroyHeap(heap);
    test_threads(NtCurrentTeb()->Peb->ProcessHeap);
}
