/* The two halves of the console: console.c (modes, output), console_input.c. */
#pragma once

#include <pthread.h>

#include "io/async.h"
#include "wincon.h"
#include "oriel/console.h"

struct console                  /* one a process; all under lock */
{
    pthread_mutex_t lock;
    ULONG input_mode, output_mode;

    /* output */
    int   x, y;                 /* of the cursor, y from where the program began */
    int   escape;               /* inside an escape sequence: 1 after ESC, 2 in CSI, 3 in OSC */
    unsigned short attributes;
    bool  cursor_visible;
    unsigned int cursor_size;
    WCHAR high_surrogate;       /* waits for its other half */

    /* input: bytes that the terminal gave and nobody took yet, lines already ended as Windows ends them */
    char  bytes[4096];
    size_t first, count;
};
extern struct console console;

NTSTATUS console_read(struct io *io);
NTSTATUS console_input_control(struct io *io);
NTSTATUS console_flush_input(int fd);
