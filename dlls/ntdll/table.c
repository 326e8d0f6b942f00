/* RTL_GENERIC_TABLE: elements in a splay tree that also know the order in which they came. */

#include "table.h"

extern void WINAPI RtlInitializeGenericTable(RTL_GENERIC_TABLE *table, RTL_GENERIC_COMPARE_ROUTINE compare,
    RTL_GENERIC_ALLOCATE_ROUTINE allocate, RTL_GENERIC_FREE_ROUTINE release, void *context);
extern void *WINAPI RtlLookupElementGenericTableFull(RTL_GENERIC_TABLE *table, void *key, void **node,
    TABLE_SEARCH_RESULT *result);
extern void *WINAPI RtlLookupElementGenericTable(RTL_GENERIC_TABLE *table, void *key);
extern void *WINAPI RtlInsertElementGenericTableFull(RTL_GENERIC_TABLE *table, void *key, ULONG size, BOOLEAN *is_new,
    void *node, TABLE_SEARCH_RESULT result);
extern void *WINAPI RtlInsertElementGenericTable(RTL_GENERIC_TABLE *table, void *key, ULONG size, BOOLEAN *is_new);
extern BOOLEAN WINAPI RtlDeleteElementGenericTable(RTL_GENERIC_TABLE *table, void *key);
extern ULONG WINAPI RtlNumberGenericTableElements(RTL_GENERIC_TABLE *table);
extern BOOLEAN WINAPI RtlIsGenericTableEmpty(RTL_GENERIC_TABLE *table);
extern void *WINAPI RtlEnumerateGenericTable(RTL_GENERIC_TABLE *table, BOOLEAN restart);
extern void *WINAPI RtlEnumerateGenericTableWithoutSplaying(RTL_GENERIC_TABLE *table, void **restart);
extern void *WINAPI RtlGetElementGenericTable(RTL_GENERIC_TABLE *table, ULONG index);

struct element
{
    RTL_SPLAY_LINKS links;
    LIST_ENTRY      order;
    LONGLONG        data[];
};

static inline struct element *element_of(RTL_SPLAY_LINKS *links)
{
    return CONTAINING_RECORD(links, struct element, links);
}

/* Where the key is, or the node below which it belongs. */
static TABLE_SEARCH_RESULT search(RTL_GENERIC_TABLE *table, void *key, RTL_SPLAY_LINKS **place)
{
    RTL_SPLAY_LINKS *node = table->TableRoot;
    TABLE_SEARCH_RESULT result = TableEmptyTree;

    while (node)
    {
        *place = node;
        switch (table->CompareRoutine(table, key, element_of(node)->data))
        {
        case GenericLessThan:
            result = TableInsertAsLeft;
            node = node->LeftChild;
            break;
        case GenericGreaterThan:
            result = TableInsertAsRight;
            node = node->RightChild;
            break;
        default:
            return TableFoundNode;
        }
    }
    return result;
}

void WINAPI RtlInitializeGenericTable(RTL_GENERIC_TABLE *table, RTL_GENERIC_COMPARE_ROUTINE compare,
                                      RTL_GENERIC_ALLOCATE_ROUTINE allocate, RTL_GENERIC_FREE_ROUTINE release, void *context)
{
    memset(table, 0, sizeof(*table));
    InitializeListHead(&table->InsertOrderList);
    table->OrderedPointer = &table->InsertOrderList;
    table->CompareRoutine = compare;
    table->AllocateRoutine = allocate;
    table->FreeRoutine = release;
    table->TableContext = context;
}

void *WINAPI RtlLookupElementGenericTableFull(RTL_GENERIC_TABLE *table, void *key, void **node, TABLE_SEARCH_RESULT *result)
{
    RTL_SPLAY_LINKS *place = NULL;

    *result = search(table, key, &place);
    *node = place;
    if (*result != TableFoundNode) return NULL;
    table->TableRoot = RtlSplay(place);
    return element_of(place)->data;
}

void *WINAPI RtlLookupElementGenericTable(RTL_GENERIC_TABLE *table, void *key)
{
    TABLE_SEARCH_RESULT result;
    void *node;

    return RtlLookupElementGenericTableFull(table, key, &node, &result);
}

void *WINAPI RtlInsertElementGenericTableFull(RTL_GENERIC_TABLE *table, void *key, ULONG size, BOOLEAN *is_new,
                                              void *node, TABLE_SEARCH_RESULT result)
{
    RTL_SPLAY_LINKS *place = node;
    struct element *element;

    if (result == TableFoundNode) element = element_of(place);
    else
    {
        if (!(element = table->AllocateRoutine(table, (LONG)(sizeof(*element) + size))))
        {
            if (is_new) *is_new = FALSE;
            return NULL;
        }
        element->links = (RTL_SPLAY_LINKS){ 0 };
        element->links.Parent = result == TableEmptyTree ? &element->links : place;
        if (result == TableInsertAsLeft) place->LeftChild = &element->links;
        if (result == TableInsertAsRight) place->RightChild = &element->links;
        InsertTailList(&table->InsertOrderList, &element->order);
        table->NumberGenericTableElements++;
        memcpy(element->data, key, size);
    }
    table->TableRoot = RtlSplay(&element->links);
    if (is_new) *is_new = result != TableFoundNode;
    return element->data;
}

void *WINAPI RtlInsertElementGenericTable(RTL_GENERIC_TABLE *table, void *key, ULONG size, BOOLEAN *is_new)
{
    RTL_SPLAY_LINKS *place = NULL;
    TABLE_SEARCH_RESULT result = search(table, key, &place);

    return RtlInsertElementGenericTableFull(table, key, size, is_new, place, result);
}

BOOLEAN WINAPI RtlDeleteElementGenericTable(RTL_GENERIC_TABLE *table, void *key)
{
    RTL_SPLAY_LINKS *node = NULL;

    if (search(table, key, &node) != TableFoundNode) return FALSE;
    table->TableRoot = RtlDelete(node);
    RemoveEntryList(&element_of(node)->order);
    table->NumberGenericTableElements--;
    table->WhichOrderedElement = 0;
    table->OrderedPointer = &table->InsertOrderList;
    table->FreeRoutine(table, element_of(node));
    return TRUE;
}

ULONG WINAPI RtlNumberGenericTableElements(RTL_GENERIC_TABLE *table)
{
    return table->NumberGenericTableElements;
}

BOOLEAN WINAPI RtlIsGenericTableEmpty(RTL_GENERIC_TABLE *table)
{
    return !table->TableRoot;
}

static RTL_SPLAY_LINKS *leftmost(RTL_GENERIC_TABLE *table)
{
    RTL_SPLAY_LINKS *node = table->TableRoot;

    while (node && node->LeftChild) node = node->LeftChild;
    return node;
}

void *WINAPI RtlEnumerateGenericTable(RTL_GENERIC_TABLE *table, BOOLEAN restart)
{
    RTL_SPLAY_LINKS *node;

    if (!table->TableRoot) return NULL;
    if (!(node = restart ? leftmost(table) : RtlRealSuccessor(table->TableRoot))) return NULL;
    table->TableRoot = RtlSplay(node);
    return element_of(node)->data;
}

void *WINAPI RtlEnumerateGenericTableWithoutSplaying(RTL_GENERIC_TABLE *table, void **restart)
{
    RTL_SPLAY_LINKS *node = *restart ? RtlRealSuccessor(*restart) : leftmost(table);

    if (!node) return NULL;
    *restart = node;
    return element_of(node)->data;
}

/* The element that came as number INDEX: from whichever of the list's ends and the last answer is nearest. */
void *WINAPI RtlGetElementGenericTable(RTL_GENERIC_TABLE *table, ULONG index)
{
    ULONG count = table->NumberGenericTableElements, at = table->WhichOrderedElement, wanted = index + 1;
    LIST_ENTRY *entry = table->OrderedPointer;

    if (index >= count) return NULL;
    if (wanted < at && wanted <= at / 2)
    {
        at = 0;
        entry = &table->InsertOrderList;
    }
    else if (wanted > at && wanted - at > count + 1 - wanted)
    {
        at = count + 1;
        entry = &table->InsertOrderList;
    }
    for (; at < wanted; at++) entry = entry->Flink;
    for (; at > wanted; at--) entry = entry->Blink;
    table->WhichOrderedElement = wanted;
    table->OrderedPointer = entry;
    return CONTAINING_RECORD(entry, struct element, order)->data;
}
