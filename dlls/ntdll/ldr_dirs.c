/* Folders that programs add to the search for DLLs. */

#include "ldr.h"

UNICODE_STRING dll_directory;
bool dll_directory_set;
ULONG default_search_flags;

unsigned int user_directories(UNICODE_STRING *steps, unsigned int room)
{
    (void)steps, (void)room;
    return 0;
}
