/* Tables in memory: splay and AVL tables, bitmaps against plain arrays, compressed data against itself. */
#include "objects.h"

/* Wine's ddk header declares some of these otherwise than Windows has them; the names are the ddk's. */
typedef struct
{
    void *root;
    LIST_ENTRY list;
    LIST_ENTRY *ordered;
    ULONG which, count;
    void *compare, *allocate, *release, *context;
} TABLE;

typedef struct
{
    void *links[3];
    CHAR balance;
    void *ordered;
    ULONG which, count, depth;
    void *restart;
    ULONG deleted;
    void *compare, *allocate, *release, *context;
} AVL_TABLE;

extern void WINAPI RtlInitializeGenericTable(TABLE *table, void *compare, void *allocate, void *release, void *context);
extern void *WINAPI RtlInsertElementGenericTable(TABLE *table, void *data, ULONG size, BOOLEAN *is_new);
extern BOOLEAN WINAPI RtlDeleteElementGenericTable(TABLE *table, void *data);
extern void *WINAPI RtlLookupElementGenericTable(TABLE *table, void *data);
extern void *WINAPI RtlEnumerateGenericTable(TABLE *table, BOOLEAN restart);
extern void *WINAPI RtlEnumerateGenericTableWithoutSplaying(TABLE *table, void **restart);
extern void *WINAPI RtlGetElementGenericTable(TABLE *table, ULONG index);
extern ULONG WINAPI RtlNumberGenericTableElements(TABLE *table);
extern BOOLEAN WINAPI RtlIsGenericTableEmpty(TABLE *table);
extern void WINAPI RtlInitializeGenericTableAvl(AVL_TABLE *table, void *compare, void *allocate, void *release, void *context);
extern void *WINAPI RtlInsertElementGenericTableAvl(AVL_TABLE *table, void *data, ULONG size, BOOLEAN *is_new);
extern BOOLEAN WINAPI RtlDeleteElementGenericTableAvl(AVL_TABLE *table, void *data);
extern void *WINAPI RtlLookupElementGenericTableAvl(AVL_TABLE *table, void *data);
extern void *WINAPI RtlEnumerateGenericTableAvl(AVL_TABLE *table, BOOLEAN restart);
extern void *WINAPI RtlGetElementGenericTableAvl(AVL_TABLE *table, ULONG index);
extern ULONG WINAPI RtlNumberGenericTableElementsAvl(AVL_TABLE *table);

static unsigned int next_random(unsigned int *seed)
{
    return (*seed = *seed * 1103515245 + 12345) >> 8;
}

/* ---- tables ---- */

enum { KEYS = 500 };

struct pair { int key, value; };

static int allocated;

static int WINAPI compare_pairs(void *table, struct pair *a, struct pair *b)
{
    (void)table;
    return a->key < b->key ? 0 : a->key > b->key ? 1 : 2;
}

static void *WINAPI allocate_element(void *table, LONG size)
{
    (void)table;
    allocated++;
    return RtlAllocateHeap(NtCurrentTeb()->Peb->ProcessHeap, 0, size);
}

static void WINAPI free_element(void *table, void *element)
{
    (void)table;
    allocated--;
    RtlFreeHeap(NtCurrentTeb()->Peb->ProcessHeap, 0, element);
}

/* Height of an AVL tree, -1 if it is not balanced as it says. */
struct node
{
    struct node *parent, *left, *right;
    CHAR         balance;
};

static int height(const struct node *node)
{
    int left, right;

    if (!node) return 0;
    left = height(node->left);
    right = height(node->right);
    if (left < 0 || right < 0 || right - left != node->balance || node->balance < -1 || node->balance > 1) return -1;
    if ((node->left && node->left->parent != node) || (node->right && node->right->parent != node)) return -1;
    return 1 + (left > right ? left : right);
}

static void test_tables(void)
{
    static int values[KEYS];            /* 0: not in the tables */
    unsigned int seed = 42, wrong = 0;
    int count = 0;
    AVL_TABLE avl;
    TABLE table;

    RtlInitializeGenericTable(&table, compare_pairs, allocate_element, free_element, NULL);
    RtlInitializeGenericTableAvl(&avl, compare_pairs, allocate_element, free_element, NULL);
    ok(RtlIsGenericTableEmpty(&table), "a new table is not empty\n");
    for (int n = 1; n < 6000; n++)
    {
        struct pair pair = { next_random(&seed) % KEYS, n }, *found, *found_avl;
        BOOLEAN is_new = 7, is_new_avl = 7;

        switch (next_random(&seed) % 3)
        {
        case 0:
            found = RtlInsertElementGenericTable(&table, &pair, sizeof(pair), &is_new);
            found_avl = RtlInsertElementGenericTableAvl(&avl, &pair, sizeof(pair), &is_new_avl);
            wrong += !found || !found_avl || is_new != !values[pair.key] || is_new_avl != !values[pair.key];
            if (!values[pair.key])
            {
                values[pair.key] = n;
                count++;
            }
            wrong += found->value != values[pair.key] || found_avl->value != values[pair.key];
            break;
        case 1:
            wrong += RtlDeleteElementGenericTable(&table, &pair) != (values[pair.key] != 0);
            wrong += RtlDeleteElementGenericTableAvl(&avl, &pair) != (values[pair.key] != 0);
            count -= values[pair.key] != 0;
            values[pair.key] = 0;
            break;
        default:
            found = RtlLookupElementGenericTable(&table, &pair);
            found_avl = RtlLookupElementGenericTableAvl(&avl, &pair);
            wrong += (found ? found->value : 0) != values[pair.key] || (found_avl ? found_avl->value : 0) != values[pair.key];
            break;
        }
        if (n % 100) continue;
        ok(height(avl.links[2]) == (int)avl.depth, "after %d: not balanced\n", n);
    }
    ok(!wrong, "%u times wrong\n", wrong);
    ok((int)RtlNumberGenericTableElements(&table) == count && (int)RtlNumberGenericTableElementsAvl(&avl) == count,
       "%lu and %lu elements, expected %d\n", RtlNumberGenericTableElements(&table), RtlNumberGenericTableElementsAvl(&avl), count);

    /* In order of keys; by number, the AVL table in the same order, the other in the order in which they came. */
    {
        struct pair *pair = RtlEnumerateGenericTable(&table, TRUE), *pair_avl = RtlEnumerateGenericTableAvl(&avl, TRUE), *plain;
        void *restart = NULL;
        int newest = 0;
        ULONG i = 0;

        for (int key = 0; key < KEYS; key++)
        {
            if (!values[key]) continue;
            wrong += !pair || pair->key != key || !pair_avl || pair_avl->key != key;
            wrong += ((struct pair *)RtlGetElementGenericTableAvl(&avl, i++))->key != key;
            pair = RtlEnumerateGenericTable(&table, FALSE);
            pair_avl = RtlEnumerateGenericTableAvl(&avl, FALSE);
        }
        for (int key = 0; key < KEYS; key++)
        {
            if (!values[key]) continue;
            plain = RtlEnumerateGenericTableWithoutSplaying(&table, &restart);
            wrong += !plain || plain->key != key;
        }
        wrong += RtlEnumerateGenericTableWithoutSplaying(&table, &restart) != NULL;
        ok(!pair && !pair_avl && !wrong, "the enumerations are wrong\n");
        for (i = 0; (int)i < count; i++)
        {
            pair = RtlGetElementGenericTable(&table, i);
            wrong += pair->value <= newest;
            newest = pair->value;
        }
        wrong += ((struct pair *)RtlGetElementGenericTable(&table, 0))->value >= newest;
        ok(!wrong && !RtlGetElementGenericTable(&table, count), "the order is wrong\n");
    }
    for (int key = 0; key < KEYS; key++)
    {
        struct pair pair = { key, 0 };

        RtlDeleteElementGenericTable(&table, &pair);
        RtlDeleteElementGenericTableAvl(&avl, &pair);
    }
    ok(RtlIsGenericTableEmpty(&table) && !allocated, "%d elements are left\n", allocated);
}

/* ---- bitmaps ---- */

enum { BITS = 1000 };

static ULONG longest_run(const BYTE *bits, ULONG *start)
{
    ULONG best = 0, at = 0;

    for (ULONG i = 0; i < BITS; i++)
    {
        ULONG n = 0;

        while (i + n < BITS && !bits[i + n]) n++;
        if (n > best)
        {
            best = n;
            at = i;
        }
        i += n;
    }
    *start = at;
    return best;
}

static void test_bitmaps(void)
{
    static BYTE bits[BITS];
    ULONG buffer[(BITS + 31) / 32], set = 0, start, n, i;
    unsigned int seed = 3, wrong = 0;
    RTL_BITMAP map;

    RtlInitializeBitMap(&map, buffer, BITS);
    RtlClearAllBits(&map);
    for (int round = 0; round < 3000; round++)
    {
        ULONG from = next_random(&seed) % BITS, count = next_random(&seed) % (round % 10 ? 40 : 400) + 1;
        BYTE value = (BYTE)(next_random(&seed) % 2);

        if (from + count > BITS) count = BITS - from;
        for (i = 0; i < count; i++)
        {
            set += value - bits[from + i];
            bits[from + i] = value;
        }
        if (value) RtlSetBits(&map, from, count);
        else RtlClearBits(&map, from, count);
        wrong += RtlNumberOfSetBits(&map) != set || RtlNumberOfClearBits(&map) != BITS - set;

        from = next_random(&seed) % BITS;
        count = next_random(&seed) % 20 + 1;
        for (n = 0; from + n < BITS && n < count && bits[from + n]; n++) ;
        wrong += RtlAreBitsSet(&map, from, count) != (n == count);
        for (n = 0; from + n < BITS && n < count && !bits[from + n]; n++) ;
        wrong += RtlAreBitsClear(&map, from, count) != (n == count);

        /* The first run of that many clear bits from the hint on, else from the start. */
        n = RtlFindClearBits(&map, count, from);
        for (i = 0; i < count && n != ~0u && n + i < BITS && !bits[n + i]; i++) ;
        wrong += n != ~0u && i != count;
        wrong += (n == ~0u) != (longest_run(bits, &start) < count);
        n = longest_run(bits, &start);
        i = ~0u;
        wrong += RtlFindLongestRunClear(&map, &i) != n || (n && i != start);
    }
    ok(!wrong, "%u times wrong\n", wrong);
}

/* ---- compression ---- */

static void test_compression(void)
{
    static BYTE data[20000], packed[24000], back[20000], workspace[0x10000];
    ULONG work, fragment, packed_size, size;
    unsigned int seed = 11;

    ok_status(RtlGetCompressionWorkSpaceSize(COMPRESSION_FORMAT_LZNT1, &work, &fragment), STATUS_SUCCESS);
    ok(work <= sizeof(workspace), "work space of %lu bytes\n", work);
    for (int kind = 0; kind < 6; kind++)
    {
        ULONG length = kind == 5 ? 4097 : sizeof(data) - kind * 1001, limit;
        USHORT format = COMPRESSION_FORMAT_LZNT1 | (kind % 2 ? COMPRESSION_ENGINE_MAXIMUM : 0);

        for (ULONG i = 0; i < length; i++)
        {
            switch (kind)
            {
            case 0: data[i] = (BYTE)next_random(&seed); break;                      /* noise */
            case 1: data[i] = 'x'; break;
            case 2: data[i] = "to be or not to be "[i % 19]; break;
            case 3: data[i] = (BYTE)(next_random(&seed) % 3); break;
            case 4: data[i] = i > 5000 && i % 7 ? data[i - 4000] : (BYTE)next_random(&seed); break;
            default: data[i] = (BYTE)(i * i >> 7); break;
            }
        }
        ok_status(RtlCompressBuffer(format, data, length, packed, sizeof(packed), 4096, &packed_size, workspace), STATUS_SUCCESS);
        limit = kind == 1 || kind == 2 ? length / 15 : kind == 3 ? length / 2 : length + (length + 4095) / 4096 * 2;
        ok(packed_size <= limit, "%d: %lu bytes from %lu\n", kind, packed_size, length);
        memset(back, 0, sizeof(back));
        ok_status(RtlDecompressBuffer(COMPRESSION_FORMAT_LZNT1, back, sizeof(back), packed, packed_size, &size), STATUS_SUCCESS);
        ok(size == length && !memcmp(back, data, length), "%d: %lu other bytes came back\n", kind, size);
        memset(back, 0, sizeof(back));
        ok_status(RtlDecompressFragment(COMPRESSION_FORMAT_LZNT1, back, 3000, packed, packed_size, 3333, &size, workspace), STATUS_SUCCESS);
        ok(size == min(3000, length - 3333) && !memcmp(back, data + 3333, size), "%d: %lu bytes of a fragment\n", kind, size);
        ok_status(RtlCompressBuffer(format, data, length, packed, packed_size - 1, 4096, &size, workspace), STATUS_BUFFER_TOO_SMALL);
        /* Damaged data may become anything, but no more than there is room for. */
        for (int n = 0; n < 200; n++)
        {
            BYTE *byte = &packed[next_random(&seed) % packed_size], old = *byte;

            *byte ^= (BYTE)(1 << n % 8);
            memset(back, 0xcc, sizeof(back));
            RtlDecompressBuffer(COMPRESSION_FORMAT_LZNT1, back, length / 2, packed, packed_size, &size);
            for (size = length / 2; size < sizeof(back) && back[size] == 0xcc; size++) ;
            ok(size == sizeof(back), "%d: byte %lu was written\n", kind, size);
            *byte = old;
        }
    }
    memset(data, 0, 8192);
    ok_status(RtlCompressBuffer(COMPRESSION_FORMAT_LZNT1, data, 8192, packed, sizeof(packed), 4096, &size, workspace), STATUS_BUFFER_ALL_ZEROS);
}

START_TEST(table)
{
    test_tables();
    test_bitmaps();
    test_compression();
}
