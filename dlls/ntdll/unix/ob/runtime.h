/* The runtime directory: the one folder in which the processes of a user meet.
 *
 *     $ORIEL_RUNTIME              if it is set; nothing else is tried then
 *     /dev/shm/oriel-UID
 *     /run/user/UID/oriel
 *
 * It is a directory (not a link to one) that belongs to the effective user and that nobody else may read, write or
 * search. It is made, with mode 0700, by whoever needs it first, and stays. The parent of $ORIEL_RUNTIME must be there.
 * Without one, names work inside their process.
 */
#pragma once

#include "nt/nt.h"

/* The directory, opened on the first call and open until the process ends; borrowed. STATUS_NOT_SUPPORTED: there is
 * none to be had (the answer stays the same); any other status is about now: no memory, no fds, a full file system. */
NTSTATUS runtime_open(int *fd);

/* The same if it is open or there is one; nothing is made. */
NTSTATUS runtime_open_existing(int *fd);

/* A path of a file in the directory, for calls that take no directory fd, such as connect(): short enough for a
 * sockaddr_un if file has fewer than 80 characters. */
NTSTATUS runtime_path(char *path, size_t size, const char *file);

/* Is what ORIEL_RUNTIME says usable? For the start of the process: nothing is made. Returns NULL, or why not. */
const char *runtime_refusal(const char *path);

/* Somebody removed the directory: the next call makes another. Returns whether that was so. */
bool runtime_vanished(void);

/* For tests: forget it. */
void runtime_reset(void);
