/* Another name for a file: FileRenameInformation, FileLinkInformation and their Ex forms. */
#pragma once

#include "io/file.h"

/* buffer is the program's; extended: its first word is flags. link: the file keeps its name. */
NTSTATUS file_rename(struct file *file, const void *buffer, ULONG length, bool extended, bool link);
