/* A function from numbers to values that changes at few places.
 *
 * Stored as the first value and a tree of change points, which is empty in the common case: a fresh
 * reservation of a terabyte is one word. A change clips at its two ends, walks the points between, and merges
 * equal neighbours; it needs at most two new points, which is what runs_reserve() promises.
 *
 * Invariants:
 *   1 no point has the value of the run before it
 *   2 count is the number of points
 */
#include "vm/vm_private.h"

static struct run_point *to_point(struct tree_node *node)
{
    return (struct run_point *)node;
}

uint32_t runs_get(const struct runs *runs, uint64_t at, uint64_t *end)
{
    struct tree_node *node = runs->points.root, *below = NULL, *above = NULL;

    while (node)
    {
        if (node->key <= at)
        {
            below = node;
            node = node->right;
        }
        else
        {
            above = node;
            node = node->left;
        }
    }
    *end = above ? above->key : UINT64_MAX;
    return below ? to_point(below)->value : runs->first;
}

bool runs_reserve(unsigned changes)
{
    return slab_reserve(&point_slab, 2 * changes);
}

static struct run_point *point_add(struct runs *runs, uint64_t at, uint32_t value)
{
    struct run_point *point = slab_alloc(&point_slab);

    point->node.key = at;
    point->value = value;
    tree_insert(&runs->points, &point->node);
    runs->count++;
    return point;
}

static void point_remove(struct runs *runs, struct run_point *point)
{
    tree_remove(&runs->points, &point->node);
    slab_free(&point_slab, point);
    runs->count--;
}

void runs_change(struct runs *runs, uint64_t start, uint64_t end, uint32_t clear, uint32_t set)
{
    uint64_t run_end;
    uint32_t last_old = runs_get(runs, end, &run_end);     /* what goes on behind the range */
    struct tree_node *node = tree_at_or_below(&runs->points, start);
    uint32_t before, value;

    /* The value in front of the range, and the one at its start. */
    if (node && node->key == start)
    {
        struct tree_node *prev = tree_prev(node);

        before = prev ? to_point(prev)->value : runs->first;
        value = (to_point(node)->value & ~clear) | set;
        if (value == before && start)
        {
            point_remove(runs, to_point(node));
        }
        else to_point(node)->value = value;
    }
    else
    {
        before = node ? to_point(node)->value : runs->first;
        value = (before & ~clear) | set;
        if (!start)
        {
            /* Number 0 has no run before it: the first value itself changes. */
            uint32_t old = runs->first;

            runs->first = value;
            if (!runs->count || to_point(tree_first(&runs->points))->node.key > end)
            {
                if (old != value && end != UINT64_MAX) point_add(runs, end, old);
                return;
            }
        }
        else if (value != before) point_add(runs, start, value);
    }

    /* The points inside the range. */
    while ((node = tree_above(&runs->points, start)) && node->key < end)
    {
        uint32_t next = (to_point(node)->value & ~clear) | set;

        start = node->key;
        if (next == value) point_remove(runs, to_point(node));
        else to_point(node)->value = value = next;
    }

    /* The one at its end. */
    if (end == UINT64_MAX) return;
    if (node && node->key == end)
    {
        if (to_point(node)->value == value) point_remove(runs, to_point(node));
    }
    else if (last_old != value) point_add(runs, end, last_old);
}

void runs_free(struct runs *runs)
{
    while (runs->points.root) point_remove(runs, to_point(runs->points.root));
}

void runs_split(struct runs *low, uint64_t at, struct runs *high)
{
    uint64_t end;
    struct tree_node *node;

    high->first = runs_get(low, at, &end);
    high->count = 0;
    high->points = (struct tree){ 0 };
    node = tree_at_or_below(&low->points, at);
    if (node && node->key == at) point_remove(low, to_point(node));
    while ((node = tree_above(&low->points, at)))
    {
        tree_remove(&low->points, node);
        low->count--;
        node->key -= at;
        tree_insert(&high->points, node);
        high->count++;
    }
}
