/* Interlocked singly linked lists: a 16-byte head that changes as one, with a sequence number against ABA. */

#include "rtl.h"

#define CX16 __attribute__((target("cx16")))

extern SLIST_ENTRY * WINAPI RtlInterlockedPushListSListEx(SLIST_HEADER *list, SLIST_ENTRY *first, SLIST_ENTRY *last,
                                                          ULONG count);
extern SLIST_ENTRY * WINAPI RtlInterlockedPushListSList(SLIST_HEADER *list, SLIST_ENTRY *first, SLIST_ENTRY *last,
                                                        ULONG count);

union head
{
    SLIST_HEADER header;
    unsigned __int128 whole;
};

static inline CX16 union head read_head(const SLIST_HEADER *list)
{
    const volatile ULONGLONG *p = (const volatile ULONGLONG *)list;
    union head h;

    /* Two halves of different times fail the exchange. */
    h.header.Region = p[1];
    h.header.Alignment = p[0];
    return h;
}

static inline CX16 bool replace(SLIST_HEADER *list, union head old, union head new)
{
    return __sync_bool_compare_and_swap((unsigned __int128 *)list, old.whole, new.whole);
}

static inline SLIST_ENTRY *first_of(union head h)
{
    return (SLIST_ENTRY *)((ULONG_PTR)h.header.Header16.NextEntry << 4);
}

static inline void set_first(union head *h, const SLIST_ENTRY *entry)
{
    h->header.Header16.NextEntry = (ULONG_PTR)entry >> 4;
}

void WINAPI RtlInitializeSListHead(SLIST_HEADER *list)
{
    list->Alignment = list->Region = 0;
    list->Header16.HeaderType = 1;
}

SLIST_ENTRY * WINAPI RtlFirstEntrySList(const SLIST_HEADER *list)
{
    return first_of(read_head(list));
}

WORD WINAPI RtlQueryDepthSList(SLIST_HEADER *list)
{
    return list->Header16.Depth;
}

CX16 SLIST_ENTRY * WINAPI RtlInterlockedPushListSListEx(SLIST_HEADER *list, SLIST_ENTRY *first, SLIST_ENTRY *last,
                                                        ULONG count)
{
    union head old, new;

    do
    {
        old = new = read_head(list);
        last->Next = first_of(old);
        new.header.Header16.Depth += count;
        new.header.Header16.Sequence++;
        set_first(&new, first);
    } while (!replace(list, old, new));
    return first_of(old);
}

SLIST_ENTRY * WINAPI RtlInterlockedPushListSList(SLIST_HEADER *list, SLIST_ENTRY *first, SLIST_ENTRY *last, ULONG count)
{
    return RtlInterlockedPushListSListEx(list, first, last, count);
}

SLIST_ENTRY * WINAPI RtlInterlockedPushEntrySList(SLIST_HEADER *list, SLIST_ENTRY *entry)
{
    return RtlInterlockedPushListSListEx(list, entry, entry, 1);
}

/* Reads the first entry's link although another thread may just have taken it: its memory has to stay readable. */
CX16 SLIST_ENTRY * WINAPI RtlInterlockedPopEntrySList(SLIST_HEADER *list)
{
    union head old, new;
    SLIST_ENTRY *first;

    do
    {
        old = new = read_head(list);
        if (!(first = first_of(old))) return NULL;
        set_first(&new, *(SLIST_ENTRY *volatile *)&first->Next);
        new.header.Header16.Depth--;
        new.header.Header16.Sequence++;
    } while (!replace(list, old, new));
    return first;
}

CX16 SLIST_ENTRY * WINAPI RtlInterlockedFlushSList(SLIST_HEADER *list)
{
    union head old, new;

    do
    {
        old = new = read_head(list);
        if (!first_of(old)) return NULL;
        set_first(&new, NULL);
        new.header.Header16.Depth = 0;
        new.header.Header16.Sequence++;
    } while (!replace(list, old, new));
    return first_of(old);
}
