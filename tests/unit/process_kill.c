/* Who deals with another process survives that one's death at any moment: tests/loader/victim.c maps a view, duplicates a
 * handle or creates a thread in another process, or starts one, and one of the two is killed (killer.h). The other one ends
 * the operation within two seconds and has as many files and mappings as without the accident; a target still serves the
 * next who asks; nobody is left.
 *
 * process_kill [NAME...]: only cases whose name contains one of those */
#include "killer.h"

int main(int argc, char **argv)
{
    static const struct kill_case cases[] =
    {
#define PAIR(what, asker, target) \
        { .name = asker, .program = "victim", .victim = what, .passive = "target", .prober = what, .victim_acts = true, .clean = true }, \
        { .name = target, .program = "victim", .victim = "target", .active = what }
        PAIR("map", "who maps a view elsewhere is killed", "in whom a view is mapped is killed"),
        PAIR("duplicate", "who duplicates a handle is killed", "who gets a handle is killed"),
        PAIR("thread", "who creates a thread elsewhere is killed", "in whom a thread is created is killed"),
#undef PAIR
        { .name = "a parent is killed", .program = "victim", .victim = "create", .victim_acts = true },
        { .name = "a child is killed at birth", .program = "victim", .active = "create" },
    };

    return run_cases(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
