/* What a file is: times, sizes and attributes, as Windows tells them of a Linux file.
 *
 * READONLY is "nobody may write" of the mode bits; HIDDEN, SYSTEM and a cleared ARCHIVE are kept in the extended
 * attribute user.DOSATTRIB, in the form that Samba and Wine use; all else follows from the kind of file.
 */
#pragma once

#include <sys/stat.h>

#include "io/file.h"
#include "io/ntfile.h"

struct file_facts
{
    uint64_t dev, ino;
    mode_t   mode;
    uint32_t uid, gid;
    uint32_t links;
    uint64_t size, allocation;
    LARGE_INTEGER created, accessed, written, changed;
    ULONG    attributes;
    ULONG    reparse_tag;       /* 0: no symbolic link */
};

/* -1 and errno. facts_of_name does not follow a symbolic link, but tells the target's size and times (as long as
 * there is one): programs of old know no links. */
int facts_of_fd(int fd, struct file_facts *facts);
int facts_of_name(int folder_fd, const char *name, struct file_facts *facts);
void facts_of_virtual_folder(struct file_facts *facts);

/* FileStatInformation; effective is what the asker may do. */
void facts_to_stat(const struct file_facts *facts, ACCESS_MASK effective, FILE_STAT_INFORMATION *info);
/* What FileStatLxInformation has more than that. */
void facts_to_lx(const struct file_facts *facts, FILE_STAT_LX_INFORMATION *info);

/* Of an open file: fd, or virtual. */
NTSTATUS facts_of_file(const struct file *file, struct file_facts *facts);

/* FileBasicInformation: attributes 0 and times 0 mean as it is; times -1 and -2 too. */
NTSTATUS attributes_set(struct file *file, const FILE_BASIC_INFORMATION *info);

/* Of a file just made, or (created false) overwritten. */
void attributes_set_new(struct file *file, ULONG attributes, bool created);

/* Told of the file system that a device number stands for. */
uint32_t volume_serial(uint64_t dev);

static inline void time_from_linux(LARGE_INTEGER *time, int64_t seconds, uint32_t nanoseconds)
{
    time->QuadPart = (seconds + 11644473600ll) * 10000000 + nanoseconds / 100;
}
