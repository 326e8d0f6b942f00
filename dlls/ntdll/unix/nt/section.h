/* Section objects. */
#pragma once

#include "nt/memory.h"
#include "ob/name_object.h"

struct section_object
{
    struct object object;
    struct section *section;    /* use section_object_load() first */
    struct section_name *pending;       /* not opened yet: what its name says of it */
    struct section *named;      /* between name_describe and name_made: what section will be */
    struct section *origin;     /* what it was before it had a name: the commit charge is its */
};

/* The section itself: who opens a name and closes it again never needs it. */
NTSTATUS section_object_load(struct section_object *object);

/* For the type's table: sections with names that other processes see (section_name.c). */
NTSTATUS section_describe(struct object *object, struct name_header *header, struct name_parts *parts);
NTSTATUS section_made(struct object *object, struct name_file *file);
NTSTATUS section_adopt(struct name_file *file, const struct name_header *header, struct object **object);
