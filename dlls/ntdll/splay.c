/* Splay links: binary trees that bring the node in use to the root (Sleator, Tarjan 1985). */

#include "table.h"

static inline bool is_root(const RTL_SPLAY_LINKS *node)
{
    return node->Parent == node;
}

/* What points to the node becomes a pointer to another one (or none). */
static void replace(RTL_SPLAY_LINKS *node, RTL_SPLAY_LINKS *other)
{
    RTL_SPLAY_LINKS *parent = node->Parent;

    if (is_root(node))
    {
        if (other) other->Parent = other;
        return;
    }
    if (parent->LeftChild == node) parent->LeftChild = other;
    else parent->RightChild = other;
    if (other) other->Parent = parent;
}

/* The node takes its parent's place, and the parent becomes its child. */
static void rotate_up(RTL_SPLAY_LINKS *node)
{
    RTL_SPLAY_LINKS *parent = node->Parent, *moved;

    replace(parent, node);
    if (parent->LeftChild == node)
    {
        moved = parent->LeftChild = node->RightChild;
        node->RightChild = parent;
    }
    else
    {
        moved = parent->RightChild = node->LeftChild;
        node->LeftChild = parent;
    }
    if (moved) moved->Parent = parent;
    parent->Parent = node;
}

RTL_SPLAY_LINKS *WINAPI RtlSplay(RTL_SPLAY_LINKS *node)
{
    while (!is_root(node))
    {
        RTL_SPLAY_LINKS *parent = node->Parent;

        if (!is_root(parent))
        {
            bool same_side = (parent->LeftChild == node) == (parent->Parent->LeftChild == parent);
            rotate_up(same_side ? parent : node);
        }
        rotate_up(node);
    }
    return node;
}

RTL_SPLAY_LINKS *WINAPI RtlSubtreeSuccessor(RTL_SPLAY_LINKS *node)
{
    if (!(node = node->RightChild)) return NULL;
    while (node->LeftChild) node = node->LeftChild;
    return node;
}

RTL_SPLAY_LINKS *WINAPI RtlSubtreePredecessor(RTL_SPLAY_LINKS *node)
{
    if (!(node = node->LeftChild)) return NULL;
    while (node->RightChild) node = node->RightChild;
    return node;
}

RTL_SPLAY_LINKS *WINAPI RtlRealSuccessor(RTL_SPLAY_LINKS *node)
{
    if (node->RightChild) return RtlSubtreeSuccessor(node);
    while (!is_root(node) && node->Parent->RightChild == node) node = node->Parent;
    return is_root(node) ? NULL : node->Parent;
}

RTL_SPLAY_LINKS *WINAPI RtlRealPredecessor(RTL_SPLAY_LINKS *node)
{
    if (node->LeftChild) return RtlSubtreePredecessor(node);
    while (!is_root(node) && node->Parent->LeftChild == node) node = node->Parent;
    return is_root(node) ? NULL : node->Parent;
}

/* Takes the node out and returns what now stands near its place: NULL if it was alone. */
static RTL_SPLAY_LINKS *unlink(RTL_SPLAY_LINKS *node)
{
    RTL_SPLAY_LINKS *other, *near;

    if (node->LeftChild && node->RightChild)
    {
        /* The predecessor, which has no right child, leaves its own place and takes the node's. */
        other = RtlSubtreePredecessor(node);
        near = other->Parent == node ? other : other->Parent;
        replace(other, other->LeftChild);
        replace(node, other);
        if ((other->LeftChild = node->LeftChild)) other->LeftChild->Parent = other;
        other->RightChild = node->RightChild;
        other->RightChild->Parent = other;
        return near;
    }
    other = node->LeftChild ? node->LeftChild : node->RightChild;
    near = is_root(node) ? other : node->Parent;
    replace(node, other);
    return near;
}

RTL_SPLAY_LINKS *WINAPI RtlDelete(RTL_SPLAY_LINKS *node)
{
    RTL_SPLAY_LINKS *near = unlink(node);
    return near ? RtlSplay(near) : NULL;
}

void WINAPI RtlDeleteNoSplay(RTL_SPLAY_LINKS *node, RTL_SPLAY_LINKS **root)
{
    RTL_SPLAY_LINKS *near = unlink(node);

    while (near && !is_root(near)) near = near->Parent;
    *root = near;
}
