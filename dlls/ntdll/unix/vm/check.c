/* vm_check(): walks every invariant that region.c, runs.c and slab.c promise. For tests and for the curious; the cost is
 * proportional to everything there is. */
#include "vm/vm_private.h"

struct check { int number; const char *why; };

static bool fail(struct check *check, int number, const char *why)
{
    check->number = number;
    check->why = why;
    return false;
}

static int depth(const struct tree_node *node)
{
    int left, right;

    if (!node) return 0;
    left = depth(node->left);
    right = depth(node->right);
    if (left < 0 || right < 0 || left - right > 1 || right - left > 1) return -1;
    if (node->left && (node->left->parent != node || node->left->key >= node->key)) return -1;
    if (node->right && (node->right->parent != node || node->right->key <= node->key)) return -1;
    if (node->height != 1 + (left > right ? left : right)) return -1;
    return node->height;
}

/* Change points: ordered, inside [0, size), at multiples of unit, no two neighbours alike. */
static bool check_runs(const struct runs *runs, uint64_t size, uint64_t unit, struct check *check)
{
    uint32_t before = runs->first, count = 0;

    if (depth(runs->points.root) < 0) return fail(check, 4, "the change points of a region are not a balanced tree");
    for (struct tree_node *node = tree_first(&runs->points); node; node = tree_next(node))
    {
        struct run_point *point = (struct run_point *)node;

        if (!node->key || node->key >= size || node->key % unit) return fail(check, 4, "a change point lies outside or within a page");
        if (point->value == before) return fail(check, 4, "two neighbouring runs are alike");
        before = point->value;
        count++;
    }
    if (count != runs->count) return fail(check, 4, "a wrong number of change points");
    return true;
}

static bool check_values(const struct region *r, struct check *check)
{
    size_t committed = 0;
    uintptr_t end;

    for (uintptr_t at = region_start(r); at < r->end; at = end)
    {
        uint32_t value = region_value(r, at, &end), protect = value & PAGE_MASK, base = protect & PAGE_BASE_MASK;

        if (end <= at || end > r->end) return fail(check, 4, "a run that is empty or leaves its region");
        if (value & VALUE_COMMITTED) committed += end - at;
        if (value & (VALUE_COMMITTED | VALUE_LATE))
        {
            if (!base || (base & (base - 1))) return fail(check, 6, "a committed page without exactly one protection");
        }
        else if (protect) return fail(check, 6, "a reserved page with a protection");
        if (r->kind == REGION_PLACEHOLDER && value) return fail(check, 7, "a placeholder with pages that are not just reserved");
        if (!r->section && (value & (VALUE_LATE | VALUE_COPIED | VALUE_SHARED)))
            return fail(check, 9, "a view's mark on a page of no view");
        if ((value & VALUE_DROPPABLE) && (r->kind != REGION_PRIVATE || !(value & VALUE_COMMITTED)))
            return fail(check, 11, "a page that may be dropped is not private and committed");
        if ((value & VALUE_OFFERED) && (r->kind != REGION_PRIVATE || !(value & VALUE_COMMITTED) || (value & VALUE_LOCKED)))
            return fail(check, 11, "an offered page that is not private, committed and unlocked");
        if (!r->write_watch && (value & (VALUE_DIRTY | VALUE_LATCHED))) return fail(check, 9, "a watched page in no watched region");
    }
    if (r->kind == REGION_PRIVATE ? committed != r->committed : r->committed != 0)
        return fail(check, 5, "a region's count of committed bytes is wrong");
    return true;
}

static bool check_region(const struct region *r, struct check *check)
{
    uintptr_t start = region_start(r);

    if (start >= r->end || start < VM_LOWEST_USER || r->end > VM_USER_END || ((start | r->end) & (page_size - 1)))
        return fail(check, 1, "a region is empty, not page aligned or outside the user range");
    if (r->kind == REGION_HOST) return true;
    if (!check_runs(&r->pages, r->end - start, page_size, check) || !check_values(r, check)) return false;
    if (r->kind == REGION_PLACEHOLDER && r->protect != PAGE_NOACCESS) return fail(check, 7, "a placeholder that is not NOACCESS");
    if ((r->kind == REGION_MAPPED || r->kind == REGION_IMAGE) != (r->section != NULL))
        return fail(check, 8, "a view without a section, or the reverse");
    if (r->section && !r->section->is_file && r->offset + (r->end - start) > page_up(r->section->size))
        return fail(check, 8, "a view's window leaves its section");
    if (r->charged && !r->section) return fail(check, 10, "a charge that belongs to a view");
    if (r->kind == REGION_MAPPED && r->charged != (protect_is_copy(r->protect) ? r->end - start : 0))
        return fail(check, 10, "a view is charged wrongly");
    return true;
}

static bool check_tree(struct check *check)
{
    uintptr_t before = 0;
    uint64_t charged = 0;

    if (depth(regions.root) < 0 || (regions.root && regions.root->parent)) return fail(check, 2, "the tree of regions is not a balanced tree");
    for (struct tree_node *node = tree_first(&regions); node; node = tree_next(node))
    {
        struct region *r = (struct region *)node, seen = *r;

        if (region_start(r) < before) return fail(check, 2, "two regions overlap");
        before = r->end;
        regions.update(&seen.node);
        if (seen.tree_start != r->tree_start || seen.tree_end != r->tree_end || seen.tree_gap != r->tree_gap)
            return fail(check, 3, "a node is wrong about its subtree");
        if (!check_region(r, check)) return false;
        charged += r->committed + r->charged;
    }
    /* Sections without views cannot be walked, so this is a lower bound here; tests know the exact sum. */
    if (charged > charge_used()) return fail(check, 10, "regions owe more commit than the process was charged");
    return true;
}

int vm_check(const char **why)
{
    struct check check = { 0, NULL };

    vm_enter();
    if (check_tree(&check) && !physical_check()) fail(&check, 12, "physical pages and their windows disagree");
    vm_leave();
    if (why) *why = check.why;
    return check.number;
}
