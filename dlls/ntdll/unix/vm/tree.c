/* A balanced tree (AVL) of nodes embedded in their owners, keyed by a number.
 *
 * The heights of a node's two subtrees differ by at most one. A node may carry facts about its subtree:
 * update() recomputes them from the node and its children, and is called from the bottom up along every
 * path that a change touches. Nothing here allocates, so nothing here fails.
 */
#include "vm/vm_private.h"

static int height(const struct tree_node *node)
{
    return node ? node->height : 0;
}

static void refresh(struct tree *tree, struct tree_node *node)
{
    int left = height(node->left), right = height(node->right);

    node->height = 1 + (left > right ? left : right);
    if (tree->update) tree->update(node);
}

/* Puts `to` where `from` was, as seen from the parent. */
static void replace_child(struct tree *tree, struct tree_node *parent, struct tree_node *from, struct tree_node *to)
{
    if (!parent) tree->root = to;
    else if (parent->left == from) parent->left = to;
    else parent->right = to;
    if (to) to->parent = parent;
}

static struct tree_node *rotate_left(struct tree *tree, struct tree_node *node)
{
    struct tree_node *up = node->right;

    node->right = up->left;
    if (up->left) up->left->parent = node;
    replace_child(tree, node->parent, node, up);
    up->left = node;
    node->parent = up;
    refresh(tree, node);
    refresh(tree, up);
    return up;
}

static struct tree_node *rotate_right(struct tree *tree, struct tree_node *node)
{
    struct tree_node *up = node->left;

    node->left = up->right;
    if (up->right) up->right->parent = node;
    replace_child(tree, node->parent, node, up);
    up->right = node;
    node->parent = up;
    refresh(tree, node);
    refresh(tree, up);
    return up;
}

/* From node to the root: heights, facts, rotations. */
static void rebalance(struct tree *tree, struct tree_node *node)
{
    for (; node; node = node->parent)
    {
        int balance = height(node->left) - height(node->right);

        if (balance > 1)
        {
            if (height(node->left->left) < height(node->left->right)) rotate_left(tree, node->left);
            node = rotate_right(tree, node);
        }
        else if (balance < -1)
        {
            if (height(node->right->right) < height(node->right->left)) rotate_right(tree, node->right);
            node = rotate_left(tree, node);
        }
        else refresh(tree, node);
    }
}

void tree_insert(struct tree *tree, struct tree_node *node)
{
    struct tree_node **link = &tree->root, *parent = NULL;

    while (*link)
    {
        parent = *link;
        link = node->key < parent->key ? &parent->left : &parent->right;
    }
    node->left = node->right = NULL;
    node->parent = parent;
    *link = node;
    rebalance(tree, node);
}

void tree_remove(struct tree *tree, struct tree_node *node)
{
    struct tree_node *start;

    if (!node->left || !node->right)
    {
        start = node->parent;
        replace_child(tree, node->parent, node, node->left ? node->left : node->right);
    }
    else
    {
        /* The next node takes its place: it has no left child. */
        struct tree_node *next = node->right;

        while (next->left) next = next->left;
        start = next->parent == node ? next : next->parent;
        if (next->parent != node)
        {
            replace_child(tree, next->parent, next, next->right);
            next->right = node->right;
            next->right->parent = next;
        }
        next->left = node->left;
        next->left->parent = next;
        replace_child(tree, node->parent, node, next);
    }
    rebalance(tree, start);
}

void tree_changed(struct tree *tree, struct tree_node *node)
{
    for (; node; node = node->parent) refresh(tree, node);
}

struct tree_node *tree_at_or_below(const struct tree *tree, uint64_t key)
{
    struct tree_node *node = tree->root, *found = NULL;

    while (node)
    {
        if (node->key <= key)
        {
            found = node;
            node = node->right;
        }
        else node = node->left;
    }
    return found;
}

struct tree_node *tree_above(const struct tree *tree, uint64_t key)
{
    struct tree_node *node = tree->root, *found = NULL;

    while (node)
    {
        if (node->key > key)
        {
            found = node;
            node = node->left;
        }
        else node = node->right;
    }
    return found;
}

struct tree_node *tree_first(const struct tree *tree)
{
    struct tree_node *node = tree->root;

    while (node && node->left) node = node->left;
    return node;
}

struct tree_node *tree_next(const struct tree_node *node)
{
    if (node->right)
    {
        for (node = node->right; node->left; node = node->left) ;
        return (struct tree_node *)node;
    }
    while (node->parent && node->parent->right == node) node = node->parent;
    return node->parent;
}

struct tree_node *tree_prev(const struct tree_node *node)
{
    if (node->left)
    {
        for (node = node->left; node->right; node = node->right) ;
        return (struct tree_node *)node;
    }
    while (node->parent && node->parent->left == node) node = node->parent;
    return node->parent;
}
