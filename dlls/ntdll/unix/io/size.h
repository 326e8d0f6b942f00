/* How long a file is, what room it has, and where its next byte is read or written. Bytes. What is not a file of the disk
 * has no size: STATUS_INVALID_PARAMETER. */
#pragma once

#include "io/file.h"

NTSTATUS file_set_end(struct file *file, int64_t size);             /* STATUS_USER_MAPPED_FILE, STATUS_DISK_FULL */
NTSTATUS file_set_allocation(struct file *file, int64_t size);      /* the same */
NTSTATUS file_set_valid_length(const struct file *file, int64_t length);
NTSTATUS file_set_position(struct file *file, int64_t position);    /* also of what only remembers it */
int64_t  file_position(const struct file *file);
