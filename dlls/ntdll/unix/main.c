/* oriel: command line to first process. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ps/native.h"
#include "ps/process.h"
#include "ps/start.h"

static const char usage[] =
    "Usage: oriel [OPTION] [--] PROGRAM [ARGUMENT]...\n"
    "Runs a Windows program (x86_64) with its arguments, input, output and exit status.\n"
    "\n"
    "  --check     run nothing; list the DLLs and functions that PROGRAM needs and oriel has not,\n"
    "              one a line; exit status 0 if there are none, 1 otherwise\n"
    "  --help      show this and exit\n"
    "  --version   show the version and exit\n"
    "\n"
    "PROGRAM is a path, or a name looked for here and along PATH; \".exe\" may be left out.\n"
    "\n"
    "Environment: ORIEL_TRACE=all, or a list such as virtual,section,file: write a line per\n"
    "Nt call to stderr. ORIEL_PATH: folders searched for DLLs before oriel's own.\n"
    "\n"
    "Exit status: the program's (its low byte, or 1 if that is 0 and the code is not); 128 + the\n"
    "signal's number if it crashed; 125 if oriel itself failed, 126 if PROGRAM cannot be run,\n"
    "127 if it was not found.\n";

int main(int argc, char **argv)
{
    int i;

    if (argc > 1 && !strncmp(argv[1], "--child=", 8))           /* ps/start_block.h; not for people */
        return process_start_child(atoi(argv[1] + 8));
    if (argc > 1 && !strncmp(argv[1], "--keep=", 7))            /* ps/native.h; the same */
        return native_keep(atoi(argv[1] + 7));
    for (i = 1; i < argc && argv[i][0] == '-' && argv[i][1]; i++)
    {
        if (!strcmp(argv[i], "--"))
        {
            i++;
            break;
        }
        if (!strcmp(argv[i], "--check"))
        {
            process_check_only = true;
            continue;
        }
        if (!strcmp(argv[i], "--help"))
            return fputs(usage, stdout) < 0 || fflush(stdout) ? ORIEL_CANNOT_START : 0;
        if (!strcmp(argv[i], "--version"))
            return puts("oriel " ORIEL_VERSION) < 0 || fflush(stdout) ? ORIEL_CANNOT_START : 0;
        message("unknown option %s; oriel --help lists them", argv[i]);
        return ORIEL_CANNOT_START;
    }
    if (i >= argc)
    {
        message("no program was given; oriel --help says how");
        return ORIEL_CANNOT_START;
    }
    return process_start(argv[i], argc - i, argv + i);
}
