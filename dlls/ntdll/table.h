/* Generic tables (ddk): a tree of elements that the caller allocates and compares. Wine's ddk header declares the AVL
 * functions otherwise than Windows does, so the declarations are ours. */
#pragma once

#include "rtl.h"

typedef enum
{
    TableEmptyTree,
    TableFoundNode,
    TableInsertAsLeft,
    TableInsertAsRight,
} TABLE_SEARCH_RESULT;

typedef enum
{
    GenericLessThan,
    GenericGreaterThan,
    GenericEqual,
} RTL_GENERIC_COMPARE_RESULTS;

typedef struct _RTL_SPLAY_LINKS
{
    struct _RTL_SPLAY_LINKS *Parent;        /* the root's is itself */
    struct _RTL_SPLAY_LINKS *LeftChild;
    struct _RTL_SPLAY_LINKS *RightChild;
} RTL_SPLAY_LINKS;

typedef struct _RTL_GENERIC_TABLE RTL_GENERIC_TABLE;
typedef RTL_GENERIC_COMPARE_RESULTS (WINAPI *RTL_GENERIC_COMPARE_ROUTINE)(RTL_GENERIC_TABLE *, void *, void *);
typedef void *(WINAPI *RTL_GENERIC_ALLOCATE_ROUTINE)(RTL_GENERIC_TABLE *, LONG);
typedef void (WINAPI *RTL_GENERIC_FREE_ROUTINE)(RTL_GENERIC_TABLE *, void *);

struct _RTL_GENERIC_TABLE
{
    RTL_SPLAY_LINKS              *TableRoot;
    LIST_ENTRY                    InsertOrderList;
    LIST_ENTRY                   *OrderedPointer;       /* the element that was asked for last by its number ... */
    ULONG                         WhichOrderedElement;  /* ... and the number, from 1 */
    ULONG                         NumberGenericTableElements;
    RTL_GENERIC_COMPARE_ROUTINE   CompareRoutine;
    RTL_GENERIC_ALLOCATE_ROUTINE  AllocateRoutine;
    RTL_GENERIC_FREE_ROUTINE      FreeRoutine;
    void                         *TableContext;
};

typedef struct _RTL_BALANCED_LINKS
{
    struct _RTL_BALANCED_LINKS *Parent;
    struct _RTL_BALANCED_LINKS *LeftChild;
    struct _RTL_BALANCED_LINKS *RightChild;
    CHAR                        Balance;                /* height of the right side less that of the left */
    UCHAR                       Reserved[3];
} RTL_BALANCED_LINKS;

typedef struct _RTL_AVL_TABLE RTL_AVL_TABLE;
typedef RTL_GENERIC_COMPARE_RESULTS (WINAPI *RTL_AVL_COMPARE_ROUTINE)(RTL_AVL_TABLE *, void *, void *);
typedef void *(WINAPI *RTL_AVL_ALLOCATE_ROUTINE)(RTL_AVL_TABLE *, LONG);
typedef void (WINAPI *RTL_AVL_FREE_ROUTINE)(RTL_AVL_TABLE *, void *);
typedef NTSTATUS (WINAPI *RTL_AVL_MATCH_FUNCTION)(RTL_AVL_TABLE *, void *, void *);

struct _RTL_AVL_TABLE
{
    RTL_BALANCED_LINKS        BalancedRoot;             /* the tree is its right child */
    void                     *OrderedPointer;
    ULONG                     WhichOrderedElement;
    ULONG                     NumberGenericTableElements;
    ULONG                     DepthOfTree;
    RTL_BALANCED_LINKS       *RestartKey;
    ULONG                     DeleteCount;
    RTL_AVL_COMPARE_ROUTINE   CompareRoutine;
    RTL_AVL_ALLOCATE_ROUTINE  AllocateRoutine;
    RTL_AVL_FREE_ROUTINE      FreeRoutine;
    void                     *TableContext;
};

extern RTL_SPLAY_LINKS *WINAPI RtlSplay(RTL_SPLAY_LINKS *node);
extern RTL_SPLAY_LINKS *WINAPI RtlDelete(RTL_SPLAY_LINKS *node);
extern void WINAPI RtlDeleteNoSplay(RTL_SPLAY_LINKS *node, RTL_SPLAY_LINKS **root);
extern RTL_SPLAY_LINKS *WINAPI RtlSubtreeSuccessor(RTL_SPLAY_LINKS *node);
extern RTL_SPLAY_LINKS *WINAPI RtlSubtreePredecessor(RTL_SPLAY_LINKS *node);
extern RTL_SPLAY_LINKS *WINAPI RtlRealSuccessor(RTL_SPLAY_LINKS *node);
extern RTL_SPLAY_LINKS *WINAPI RtlRealPredecessor(RTL_SPLAY_LINKS *node);
