/* Terminals as consoles. */
#pragma once

#include "io/file.h"

/* device is "Input", "Output" or "" (whichever the access says). STATUS_INVALID_HANDLE: there is no terminal. */
NTSTATUS console_open(const char *device, struct file_open *open, struct file **file);

/* FreeConsole: nothing opens the terminal by its console names until the process is back. */
void console_attach(bool attached);

/* AllocConsole without a terminal: a console that nobody sees. What is written there goes, and nobody types anything
 * (console_hidden.c). */
NTSTATUS console_hide(void);
const char *console_hidden_path(void);          /* NULL: there is none */

/* Puts back what SetConsoleMode changed on the terminal; async-signal-safe. At the end of the process. */
void console_restore(void);
