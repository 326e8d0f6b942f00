/* Names that several processes see: one file a name, in the runtime directory. doc/oriel-names.7 is the protocol, for
 * those who meet us there without being us; this file is its other half.
 *
 *     local.NAME~name     what the name stands for: a header, the object's cell, the name in full, its access rules
 *     local.NAME          a section of the page file: its bytes
 *     local.NAME~state    a section: what is committed (vm/shared.c)
 *     local.NAME, local.NAME~handles, local.NAME~changed      a job's page and its two FIFOs (ps/job_name.c)
 *
 * "global." instead of "local." for what is in \BaseNamedObjects. In NAME, A-Z a-z 0-9 _ - . stand for themselves and
 * any other UTF-16 unit is %XXXX; what would be too long for a file is %% and a hash, the header tells the rest.
 *
 * Who has handles on the object holds a shared lock (F_OFD_SETLK, the whole file) of an open file of its own. Who makes
 * or removes the name holds an exclusive one. So what nobody has locked is stale, and whoever meets it removes it.
 */
#pragma once

#include "ob/cell_area.h"
#include "ob/object.h"

#define NAME_FILE_MAGIC   "OrielNam"
#define NAME_FILE_VERSION 1

enum name_file_state { NAME_MAKING, NAME_ALIVE, NAME_DEAD };
enum name_file_kind { NAME_NONE, NAME_EVENT, NAME_MUTANT, NAME_SEMAPHORE, NAME_TIMER, NAME_SECTION, NAME_JOB };

/* Where a section's bytes are. */
enum name_bytes
{
    NAME_BYTES_OWN,             /* local.NAME */
    NAME_BYTES_FILE,            /* the file of that path, device and inode, else the holder's */
    NAME_BYTES_HOLDER,          /* an fd of the holder alone: memory that cannot be in the directory (large pages, or
                                 * executable pages and a directory mounted noexec) */
};

struct name_section
{
    uint64_t size;
    uint64_t device, inode;     /* of the file that has the bytes */
    uint64_t state_offset;
    uint32_t protect, attributes, node;
    uint32_t bytes;             /* enum name_bytes */
    uint32_t holder_pid, holder_fd;
    uint32_t path_size;         /* of the file's path, which follows the access rules */
    uint8_t  is_file, is_image, file_writable, fills;
    uint32_t has_state;         /* there is local.NAME~state */
    uint32_t reserved[15];
};

struct name_header              /* little endian, as everything here */
{
    char     magic[8];
    uint32_t version;
    uint32_t state;
    uint32_t kind;
    uint32_t name_size;         /* bytes of UTF-16, from NAME_TEXT_OFFSET on */
    uint32_t security_size;     /* bytes of a self-relative descriptor, at the next multiple of 8; 0: none */
    uint32_t maker;             /* process id, for people */
    uint32_t reserved[8];
    struct cell cell;           /* of all kinds but sections and jobs */
    struct name_section section;
};
#define NAME_TEXT_OFFSET 256
_Static_assert(sizeof(struct name_header) == NAME_TEXT_OFFSET && offsetof(struct name_header, cell) == CELL_FILE_OFFSET, "");

#define NAME_JOB_HANDLES "~handles"     /* a job's FIFOs */
#define NAME_JOB_CHANGED "~changed"

#define NAME_BASE_MAX 248       /* "local.NAME" with its NUL */

/* A name that this process holds. */
struct name_file
{
    int      fd;                /* locked */
    uint64_t device, inode, size;       /* after name_file_identify() */
    char     base[NAME_BASE_MAX];
};

struct name_key                 /* of a name: a directory that is shared, and the name in it */
{
    bool         global;        /* \BaseNamedObjects; else the session's */
    const WCHAR *text;
    size_t       length;
};

/* The name that lives, and its header, which was checked as a stranger's. STATUS_OBJECT_NAME_NOT_FOUND,
 * STATUS_FILE_CORRUPT_ERROR: a live name with nonsense in it; STATUS_NOT_SUPPORTED: there is no directory. make: it is
 * made if it can be. */
NTSTATUS name_file_open(const struct name_key *key, bool ignore_case, bool make, struct name_file **file,
                        struct name_header *header);
/* The same by the name of the file. */
NTSTATUS name_file_open_base(const char *base, struct name_file **file, struct name_header *header);

/* A new one, locked exclusively: nobody can open it until name_file_finish(), or it goes with name_file_abort(). magic,
 * version, state and name_size are filled in. STATUS_OBJECT_NAME_COLLISION: there is a file of that name; open it. */
NTSTATUS name_file_create(const struct name_key *key, struct name_header *header, const void *security, const char *path,
                          struct name_file **file);
NTSTATUS name_file_finish(struct name_file *file);
void     name_file_abort(struct name_file *file);

/* Between the two: gives the file behind fd, which came from name_file_temporary(), the name's own with suffix. */
NTSTATUS name_file_attach(struct name_file *file, int fd, const char *suffix);
/* A file that has no name yet, with memory for size bytes if fill. STATUS_DISK_FULL. */
NTSTATUS name_file_temporary(uint64_t size, bool fill, int *fd);
/* Between the two as well: a FIFO. */
NTSTATUS name_file_make_fifo(struct name_file *file, const char *suffix);
/* The file with suffix, for reading and writing; or how access (O_x) says, which never waits. */
NTSTATUS name_file_part(const struct name_file *file, const char *suffix, int *fd);
NTSTATUS name_file_part_for(const struct name_file *file, const char *suffix, int access, int *fd);
bool     name_directory_noexec(void);

/* The text, rules and path that follow the header; each malloc'd, NUL-terminated if text or path, NULL if there is none. */
NTSTATUS name_file_text(const struct name_file *file, const struct name_header *header, WCHAR **text, size_t *length);
NTSTATUS name_file_security(const struct name_file *file, const struct name_header *header, void **security);
NTSTATUS name_file_path(const struct name_file *file, const struct name_header *header, char **path);

/* The object's page, for its cell: cell_file_unmap() it. */
void *name_file_map(struct name_file *file);
bool  name_file_identify(struct name_file *file);

/* Another open file of a name, for messages: it keeps the name alive on its way to another process. Copies of it are
 * closed by who has them; all of them have let go of the name when the last is. */
struct name_flight
{
    int  fd;
    char base[NAME_BASE_MAX];
};
NTSTATUS name_file_flight(struct name_file *file, struct name_flight **flight);
void     name_flight_end(struct name_flight *flight);          /* NULL is allowed */

/* A copy of that file was closed, which may have been all that kept the name: if so, the name goes. */
void name_file_settle(const char *base);

/* While a new process is started it has copies of all that is open here, until it runs its program: what is closed
 * meanwhile is not closed. */
void name_spawn_begin(void);
void name_spawn_end(void);

/* The handles of this process are gone: the lock goes, and with the last of them the name. */
void name_file_close(struct name_file *file);

/* Closed names' files are kept open for a while, unlocked (name_park.c): not any more. */
void name_park_clear(void);

/* What nobody holds any more goes: what a process that used names does at its end. */
void name_files_sweep(void);
