/* Listing a folder: NtQueryDirectoryFile's place in it. */
#pragma once

#include "io/file.h"

struct enumeration;
void enumeration_free(struct enumeration *enumeration);
