/* Locks of name files: open file descriptions' own (fcntl(2)), of the whole file. They vanish with their holder. */
#pragma once

#include <stdbool.h>

/* Exclusive at once, or false. */
bool name_lock_try(int fd);
/* Shared; waits for who makes or removes the name, but not for ever (false). */
bool name_lock_share(int fd);
/* From exclusive to shared, with nobody in between. */
bool name_lock_downgrade(int fd);
/* Gives up any. */
void name_unlock(int fd);
/* Gives up a shared lock. True: it was the last, and is an exclusive one now. */
bool name_lock_last(int fd);
