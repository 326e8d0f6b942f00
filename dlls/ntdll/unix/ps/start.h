/* The first process. */
#pragma once

#define ORIEL_CANNOT_START 125          /* as env(1) and timeout(1) have it: our fault, not the program's */

/* Runs the program that name means with the arguments argv (argv[0] is its name). Returns only if it could not be
 * started: the host's exit status; why has been said on stderr. */
int process_start(const char *name, int argc, char **argv);

/* The same for a child of a Windows program, which tells the rest on this socket (ps/start_block.h). */
int process_start_child(int socket);
