/* The tree of names: directories, symbolic links, and the names that objects have in them. */
#pragma once

#include "ob/name_file.h"
#include "ob/object.h"

struct directory;
struct thread;

/* One handle fewer on object; returns whether it was the last. The name of an object that is not permanent goes
 * with its last handle. */
bool name_handle_closed(struct object *object);

/* OBJ_PERMANENT of an existing object. A temporary one without handles loses its name. */
void name_set_permanent(struct object *object, bool permanent);
bool name_is_permanent(struct object *object);

/* On the way to another process, an object with a name that processes share is that name, and an open file that keeps it
 * alive (borrowed). STATUS_OBJECT_NAME_NOT_FOUND: it has none. At the other end device and inode are that file's; the
 * object has no handle yet, and if it gets none name_forget_unused() takes its name away. */
NTSTATUS name_send(struct object *object, char base[NAME_BASE_MAX], int *fd);
NTSTATUS name_receive(const char *base, uint64_t device, uint64_t inode, const struct object_type *type,
                      struct object **object);
void name_forget_unused(struct object *object);

/* The objects that every process has from the beginning, directories above all, are known by their paths.
 * STATUS_OBJECT_NAME_NOT_FOUND: this is none of them; STATUS_NAME_TOO_LONG: room, in characters, is too small. */
NTSTATUS name_standard_path(struct object *object, WCHAR *path, size_t room, size_t *length);
NTSTATUS name_standard_find(const WCHAR *path, size_t length, const struct object_type *type, struct object **object);

/* The full path of object. Without a name: success, *path NULL, *length 0. *path is malloc'd; length in characters. */
NTSTATUS name_query(struct object *object, WCHAR **path, size_t *length);

/* The index-th name in a directory, in no particular order; false: there is none. */
bool directory_entry(struct directory *directory, ULONG index, WCHAR **name, size_t *length, const char **type);

/* A symbolic link that stands until the process ends, such as \??\C: -> \Device\HarddiskVolume1. */
NTSTATUS name_add_symbolic_link(const char *path, const char *target);

struct object *directory_alloc(void);
struct object *symbolic_link_alloc(const WCHAR *target, size_t length);
const WCHAR   *symbolic_link_target(struct object *link, size_t *length);

/* Tokens (ob/token.c); no new reference. A thread that does not impersonate has none. */
struct object *token_of_process(void);
struct object *token_of_thread(struct thread *thread);
