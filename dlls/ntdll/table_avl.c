/* RTL_AVL_TABLE: elements in a balanced tree. Its root is the right child of a link inside the table. */

#include "table.h"

extern void WINAPI RtlInitializeGenericTableAvl(RTL_AVL_TABLE *table, RTL_AVL_COMPARE_ROUTINE compare,
    RTL_AVL_ALLOCATE_ROUTINE allocate, RTL_AVL_FREE_ROUTINE release, void *context);
extern void *WINAPI RtlLookupElementGenericTableFullAvl(RTL_AVL_TABLE *table, void *key, void **node,
    TABLE_SEARCH_RESULT *result);
extern void *WINAPI RtlLookupElementGenericTableAvl(RTL_AVL_TABLE *table, void *key);
extern void *WINAPI RtlInsertElementGenericTableFullAvl(RTL_AVL_TABLE *table, void *key, ULONG size, BOOLEAN *is_new,
    void *node, TABLE_SEARCH_RESULT result);
extern void *WINAPI RtlInsertElementGenericTableAvl(RTL_AVL_TABLE *table, void *key, ULONG size, BOOLEAN *is_new);
extern BOOLEAN WINAPI RtlDeleteElementGenericTableAvl(RTL_AVL_TABLE *table, void *key);
extern ULONG WINAPI RtlNumberGenericTableElementsAvl(RTL_AVL_TABLE *table);
extern BOOLEAN WINAPI RtlIsGenericTableEmptyAvl(RTL_AVL_TABLE *table);
extern void *WINAPI RtlEnumerateGenericTableWithoutSplayingAvl(RTL_AVL_TABLE *table, void **restart);
extern void *WINAPI RtlEnumerateGenericTableAvl(RTL_AVL_TABLE *table, BOOLEAN restart);
extern void *WINAPI RtlLookupFirstMatchingElementGenericTableAvl(RTL_AVL_TABLE *table, void *key, void **restart);
extern void *WINAPI RtlGetElementGenericTableAvl(RTL_AVL_TABLE *table, ULONG index);

struct element
{
    RTL_BALANCED_LINKS links;
    LONGLONG           data[];
};

static inline void *data_of(RTL_BALANCED_LINKS *links)
{
    return CONTAINING_RECORD(links, struct element, links)->data;
}

/* Children by side: false is left. */
static inline RTL_BALANCED_LINKS **child(RTL_BALANCED_LINKS *node, bool right)
{
    return right ? &node->RightChild : &node->LeftChild;
}

static inline bool is_right(const RTL_BALANCED_LINKS *node)
{
    return node->Parent->RightChild == node;
}

static void attach(RTL_BALANCED_LINKS *parent, bool right, RTL_BALANCED_LINKS *node)
{
    *child(parent, right) = node;
    if (node) node->Parent = parent;
}

static RTL_BALANCED_LINKS *extreme(RTL_BALANCED_LINKS *node, bool right)
{
    while (node && *child(node, right)) node = *child(node, right);
    return node;
}

/* The next node in order, or the one before; NULL beyond the ends. */
static RTL_BALANCED_LINKS *neighbour(RTL_AVL_TABLE *table, RTL_BALANCED_LINKS *node, bool right)
{
    if (*child(node, right)) return extreme(*child(node, right), !right);
    while (node->Parent != &table->BalancedRoot && is_right(node) == right) node = node->Parent;
    return node->Parent == &table->BalancedRoot ? NULL : node->Parent;
}

/* The child on the given side, which is the higher one, takes the node's place. */
static RTL_BALANCED_LINKS *rotate(RTL_BALANCED_LINKS *node, bool right)
{
    RTL_BALANCED_LINKS *up = *child(node, right);

    attach(node->Parent, is_right(node), up);
    attach(node, right, *child(up, !right));
    attach(up, !right, node);
    return up;
}

/* The node is two higher on the given side: puts that right and returns the new top. What was the height before the
 * last change is the height again, unless the new top's balance is not 0 (only after a removal). */
static RTL_BALANCED_LINKS *rebalance(RTL_BALANCED_LINKS *node, bool right)
{
    CHAR side = right ? 1 : -1;
    RTL_BALANCED_LINKS *high = *child(node, right), *top;

    if (high->Balance != -side)
    {
        top = rotate(node, right);
        node->Balance = (CHAR)(side - high->Balance);
        high->Balance = (CHAR)(high->Balance - side);
        return top;
    }
    rotate(high, !right);
    top = rotate(node, right);
    node->Balance = top->Balance == side ? (CHAR)-side : 0;
    high->Balance = top->Balance == -side ? side : 0;
    top->Balance = 0;
    return top;
}

static TABLE_SEARCH_RESULT search(RTL_AVL_TABLE *table, void *key, RTL_BALANCED_LINKS **place)
{
    RTL_BALANCED_LINKS *node = table->BalancedRoot.RightChild;
    TABLE_SEARCH_RESULT result = TableEmptyTree;

    while (node)
    {
        *place = node;
        switch (table->CompareRoutine(table, key, data_of(node)))
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

static void insert(RTL_AVL_TABLE *table, RTL_BALANCED_LINKS *parent, bool right, RTL_BALANCED_LINKS *node)
{
    attach(parent, right, node);
    for (; node->Parent != &table->BalancedRoot; node = node->Parent)
    {
        CHAR side = is_right(node) ? 1 : -1;

        parent = node->Parent;
        if (parent->Balance == side)
        {
            rebalance(parent, side > 0);
            return;
        }
        if (!(parent->Balance = (CHAR)(parent->Balance + side))) return;
    }
    table->DepthOfTree++;
}

static void take_out(RTL_AVL_TABLE *table, RTL_BALANCED_LINKS *node)
{
    RTL_BALANCED_LINKS *removed = node, *parent;
    bool right;

    /* A node with two children stays in shape, and its neighbour, which has one at most, is taken out for it. */
    if (node->LeftChild && node->RightChild) removed = extreme(node->LeftChild, true);
    parent = removed->Parent;
    right = is_right(removed);
    attach(parent, right, removed->LeftChild ? removed->LeftChild : removed->RightChild);

    while (parent != &table->BalancedRoot)
    {
        CHAR side = right ? 1 : -1;
        RTL_BALANCED_LINKS *top = parent;

        if (!parent->Balance)
        {
            parent->Balance = (CHAR)-side;
            break;
        }
        if (parent->Balance == side) parent->Balance = 0;
        else if ((top = rebalance(parent, !right))->Balance) break;
        right = is_right(top);
        parent = top->Parent;
    }
    if (parent == &table->BalancedRoot) table->DepthOfTree--;

    if (removed == node) return;
    removed->Balance = node->Balance;
    attach(node->Parent, is_right(node), removed);
    attach(removed, false, node->LeftChild);
    attach(removed, true, node->RightChild);
}

void WINAPI RtlInitializeGenericTableAvl(RTL_AVL_TABLE *table, RTL_AVL_COMPARE_ROUTINE compare,
                                         RTL_AVL_ALLOCATE_ROUTINE allocate, RTL_AVL_FREE_ROUTINE release, void *context)
{
    memset(table, 0, sizeof(*table));
    table->BalancedRoot.Parent = &table->BalancedRoot;
    table->CompareRoutine = compare;
    table->AllocateRoutine = allocate;
    table->FreeRoutine = release;
    table->TableContext = context;
}

void *WINAPI RtlLookupElementGenericTableFullAvl(RTL_AVL_TABLE *table, void *key, void **node, TABLE_SEARCH_RESULT *result)
{
    RTL_BALANCED_LINKS *place = NULL;

    *result = search(table, key, &place);
    *node = place;
    return *result == TableFoundNode ? data_of(place) : NULL;
}

void *WINAPI RtlLookupElementGenericTableAvl(RTL_AVL_TABLE *table, void *key)
{
    TABLE_SEARCH_RESULT result;
    void *node;

    return RtlLookupElementGenericTableFullAvl(table, key, &node, &result);
}

void *WINAPI RtlInsertElementGenericTableFullAvl(RTL_AVL_TABLE *table, void *key, ULONG size, BOOLEAN *is_new, void *node,
                                                 TABLE_SEARCH_RESULT result)
{
    RTL_BALANCED_LINKS *place = node;
    struct element *element;

    if (is_new) *is_new = FALSE;
    if (result == TableFoundNode) return data_of(place);
    if (!(element = table->AllocateRoutine(table, (LONG)(sizeof(*element) + size)))) return NULL;
    memset(&element->links, 0, sizeof(element->links));
    memcpy(element->data, key, size);
    if (result == TableEmptyTree) insert(table, &table->BalancedRoot, true, &element->links);
    else insert(table, place, result == TableInsertAsRight, &element->links);
    table->NumberGenericTableElements++;
    table->OrderedPointer = NULL;
    table->WhichOrderedElement = 0;
    if (is_new) *is_new = TRUE;
    return element->data;
}

void *WINAPI RtlInsertElementGenericTableAvl(RTL_AVL_TABLE *table, void *key, ULONG size, BOOLEAN *is_new)
{
    RTL_BALANCED_LINKS *place = NULL;
    TABLE_SEARCH_RESULT result = search(table, key, &place);

    return RtlInsertElementGenericTableFullAvl(table, key, size, is_new, place, result);
}

BOOLEAN WINAPI RtlDeleteElementGenericTableAvl(RTL_AVL_TABLE *table, void *key)
{
    RTL_BALANCED_LINKS *node = NULL;

    if (search(table, key, &node) != TableFoundNode) return FALSE;
    /* An enumeration that stands here goes on with the next one. */
    if (table->RestartKey == node) table->RestartKey = neighbour(table, node, false);
    take_out(table, node);
    table->NumberGenericTableElements--;
    table->DeleteCount++;
    table->OrderedPointer = NULL;
    table->WhichOrderedElement = 0;
    table->FreeRoutine(table, CONTAINING_RECORD(node, struct element, links));
    return TRUE;
}

ULONG WINAPI RtlNumberGenericTableElementsAvl(RTL_AVL_TABLE *table)
{
    return table->NumberGenericTableElements;
}

BOOLEAN WINAPI RtlIsGenericTableEmptyAvl(RTL_AVL_TABLE *table)
{
    return !table->NumberGenericTableElements;
}

void *WINAPI RtlEnumerateGenericTableWithoutSplayingAvl(RTL_AVL_TABLE *table, void **restart)
{
    RTL_BALANCED_LINKS *node;

    node = *restart ? neighbour(table, *restart, true) : extreme(table->BalancedRoot.RightChild, false);
    if (!node) return NULL;
    *restart = node;
    return data_of(node);
}

void *WINAPI RtlEnumerateGenericTableAvl(RTL_AVL_TABLE *table, BOOLEAN restart)
{
    void *key = restart ? NULL : table->RestartKey, *data;

    data = RtlEnumerateGenericTableWithoutSplayingAvl(table, &key);
    table->RestartKey = key;
    return data;
}

/* The smallest element that compares equal, and its node: for keys that several elements share. */
void *WINAPI RtlLookupFirstMatchingElementGenericTableAvl(RTL_AVL_TABLE *table, void *key, void **restart)
{
    RTL_BALANCED_LINKS *node = table->BalancedRoot.RightChild, *found = NULL;

    while (node)
    {
        RTL_GENERIC_COMPARE_RESULTS result = table->CompareRoutine(table, key, data_of(node));

        if (result == GenericEqual) found = node;
        node = *child(node, result == GenericGreaterThan);
    }
    if (!found) return NULL;
    *restart = found;
    return data_of(found);
}

/* The element of that number in order: one by one from the last answer, or from the start. */
void *WINAPI RtlGetElementGenericTableAvl(RTL_AVL_TABLE *table, ULONG index)
{
    RTL_BALANCED_LINKS *node = table->OrderedPointer;
    ULONG at = table->WhichOrderedElement;

    if (index >= table->NumberGenericTableElements) return NULL;
    if (!node || index < at / 2)
    {
        node = extreme(table->BalancedRoot.RightChild, false);
        at = 0;
    }
    for (; at < index; at++) node = neighbour(table, node, true);
    for (; at > index; at--) node = neighbour(table, node, false);
    table->OrderedPointer = node;
    table->WhichOrderedElement = index;
    return data_of(node);
}
