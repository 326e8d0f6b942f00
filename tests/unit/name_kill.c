/* Who shares a named object survives another's death at any moment: tests/loader/victim_name.c makes, opens, waits for,
 * releases and closes one, and is killed (killer.h). One who holds the object and uses it at the same time never waits for
 * longer than two seconds; if nobody holds it, nothing is left of the name.
 *
 * name_kill [NAME...]: only cases whose name contains one of those. ob_names does the same with the calls alone. */
#include "killer.h"

int main(int argc, char **argv)
{
    static const struct kill_case cases[] =
    {
#define BOTH(kind) \
        { .name = kind " that another uses", .program = "victim_name", .victim = kind " share", .active = kind " hold", \
          .victim_acts = true, .stop = true }, \
        { .name = kind " that nobody else has", .program = "victim_name", .victim = kind " share", .active = kind " after", \
          .victim_acts = true, .stop = true, .leaves_nothing = true }
        BOTH("mutex"), BOTH("event"), BOTH("semaphore"), BOTH("timer"), BOTH("section"), BOTH("reserve"),
#undef BOTH
    };

    return run_cases(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
