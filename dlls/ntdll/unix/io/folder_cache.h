/* What folders have been found not to hold, in any case.
 *
 * Programs ask for names that are not there all the time (DLLs along a path, modules along folders), and each time the
 * whole folder would have to be read to know that none differs in case alone. Of the folders read last, the folded
 * names are kept as hashes, for as long as the folder's times say that nothing changed.
 */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A hash of a name that is equal for names that differ in case alone. */
uint64_t folded_hash(const uint16_t *units, size_t count);

/* True: folder (a Linux path) holds no name of this hash. False: it may. */
bool folder_cache_lacks(const char *folder, uint64_t hash);
