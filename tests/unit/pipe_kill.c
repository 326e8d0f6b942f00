/* Who has one end of a pipe survives the death of the other at any moment: tests/loader/victim_pipe.c creates, connects,
 * writes, reads, flushes, disconnects and closes, with one of server and client killed (killer.h). The other one's operations
 * end within two seconds, what it has read is what was written, it has as many files and mappings as before, a server serves
 * the next client, and a dead server's name is free.
 *
 * pipe_kill [NAME...]: only cases whose name contains one of those */
#include "killer.h"

int main(int argc, char **argv)
{
    static const struct kill_case cases[] =
    {
#define BOTH(mode) \
        { .name = mode ": a client is killed", .program = "victim_pipe", .victim = "client " mode, .passive = "serve " mode, \
          .prober = "client " mode, .victim_acts = true }, \
        { .name = mode ": a server is killed", .program = "victim_pipe", .victim = "once " mode, .active = "mourner " mode, \
          .victim_acts = true, .stop = true }
        BOTH("byte"), BOTH("message"), BOTH("overlapped"),
#undef BOTH
    };

    return run_cases(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
