/* Where an NT name leads.
 *
 * Z: is the root of the Linux file system and \Device\HarddiskVolume2. C: is virtual and
 * \Device\HarddiskVolume1: a handful of folders, all but empty, among them windows\system32, which is the
 * folder of our DLLs, read-only, and the temporary folders, which are TMPDIR. \??\unix\x is /x.
 *
 * Translation alone (path_translate) makes no system call. Only if the exact name is not there does
 * path_fix_case look, folder by folder, for names that differ in case.
 */
#pragma once

#include "nt/nt.h"

struct file;

/* A piece of a drive that is a piece of the Linux file system. */
struct mount
{
    const char *inside;         /* path on the drive, '/' between names, no '/' at either end */
    const char *target;         /* Linux folder without trailing '/'; "" is the root */
    char        drive;          /* 'C' or 'Z' */
    bool        read_only;
};

enum path_kind
{
    PATH_FILE,                  /* unix_name */
    PATH_VIRTUAL,               /* a folder of C: that exists only here */
    PATH_MISSING,               /* below a virtual folder; parent_exists */
    PATH_VOLUME,                /* a drive itself: \??\C: */
    PATH_NULL,
    PATH_CONSOLE,               /* device: "Input", "Output" or "" (CON: which one the access tells) */
    PATH_PIPE,                  /* name */
    PATH_MAILSLOT,              /* name */
    PATH_RANDOM,
    PATH_SOCKET,                /* name */
};

struct path
{
    enum path_kind kind;
    const struct mount *mount;  /* PATH_FILE, PATH_VOLUME */
    char   *unix_name;          /* PATH_FILE: absolute, malloc'd. PATH_VIRTUAL, PATH_MISSING: inside C: */
    WCHAR  *name;               /* of a device: what follows it, malloc'd, upper and lower case as given */
    size_t  length;
    const char *device;
    const struct file *server;  /* PATH_PIPE: the client's end of this very instance; borrowed from the root */
    bool    unnamed;            /* PATH_PIPE: empty and relative to the root of pipes */
    bool    parent_exists;      /* PATH_MISSING */
    bool    folder;             /* the name ended in a backslash */
    bool    invalid;            /* has characters that only an existing Linux name may have */
};

/* name is length units; root, if not NULL, is the file that it is relative to. Free with path_free(). */
NTSTATUS path_translate(struct path *path, const struct file *root, const WCHAR *name, size_t length);

/* FILE_OPEN_BY_FILE_ID: an open file of that number on root's device, or one in root itself. */
NTSTATUS path_from_id(struct path *path, struct file *root, uint64_t id);
void     path_free(struct path *path);

/* After ENOENT or ENOTDIR. STATUS_SUCCESS: unix_name now names something that exists.
 * STATUS_OBJECT_NAME_NOT_FOUND: all but the last name exist, in the case that unix_name now has.
 * STATUS_OBJECT_PATH_NOT_FOUND, STATUS_ACCESS_DENIED ... */
NTSTATUS path_fix_case(struct path *path);

/* The name on the drive of a Linux file below mount ("\windows\system32\kernel32.dll"), malloc'd and
 * NUL-terminated; NULL: no memory. unix_name may be of the file itself or, with mount NULL, a virtual folder. */
WCHAR *path_name_on_drive(const struct mount *mount, const char *unix_name, size_t *length);

/* The same with the device before it: \Device\HarddiskVolume2\home\x. */
WCHAR *path_device_name(const struct mount *mount, const char *unix_name, size_t *length);

/* Children of a virtual folder of C:, by index; NULL at the end. */
const char *path_virtual_child(const char *folder, unsigned int index);

const struct mount *path_root_mount(void);      /* Z: */

/* A mount as a number, 0 for none, and back in another process: there, the one whose folder unix_name (if any) is in. */
unsigned int        path_mount_number(const struct mount *mount);
const struct mount *path_mount(unsigned int number, const char *unix_name);
const char *temp_directory(void);
