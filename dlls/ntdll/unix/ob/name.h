/* The tree of names: directories, symbolic links, and the names that objects have in them. */
#pragma once

#include "ob/object.h"

struct directory;
struct thread;

/* One handle fewer on object; returns whether it was the last. The name of an object that is not permanent goes
 * with its last handle. */
bool name_handle_closed(struct object *object);

/* OBJ_PERMANENT of an existing object. A temporary one without handles loses its name. */
void name_set_permanent(struct object *object, bool permanent);
bool name_is_permanent(struct object *object);

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
