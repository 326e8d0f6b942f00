/* What objects have to do with name files (name_file.h): three functions of a type.
 *
 *     name_describe   a new object is about to get a name: what the name file shall say, and the files beside it
 *     name_made       the name is made, nobody can open it yet: from here on the object is what the file says
 *     name_adopt      an object that is what the file says
 */
#pragma once

#include "ob/name_file.h"

struct name_parts               /* what comes with a name; all -1 and NULL at first, and freed by who asked */
{
    int   bytes_fd, state_fd;   /* from name_file_temporary(); become local.NAME and local.NAME~state */
    char *path;
};

/* A name for a new object. STATUS_OBJECT_NAME_COLLISION: somebody was faster. */
NTSTATUS name_object_publish(struct object *object, const struct name_key *key, struct name_file **file);

/* The object that a name stands for, with the access rules that came with it. */
NTSTATUS name_object_adopt(const struct object_type *type, struct name_file *file, const struct name_header *header,
                           struct object **object);
