/* RTL_USER_PROCESS_PARAMETERS and the environment of the first process. */
#pragma once

#include "nt/nt.h"

/* The command line that argv becomes under the rules of Microsoft's C runtime; malloc'd, NULL: no memory. */
WCHAR *command_line_from(int argc, char **argv);

/* The environment block: ours, Windows' own variables, PATH and the like translated. malloc'd; *size in bytes with
 * both terminators. NULL: no memory. */
WCHAR *environment_from(char **unix_environment, size_t *size);

/* Puts all together in the program's memory. program is a Linux path. */
NTSTATUS parameters_create(const char *program, int argc, char **argv, RTL_USER_PROCESS_PARAMETERS **parameters);
