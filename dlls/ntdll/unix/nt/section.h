/* Section objects. */
#pragma once

#include "nt/memory.h"
#include "ob/name_object.h"

struct section_object
{
    struct object object;
    struct section *section;
    struct section *named;      /* between name_describe and name_made: what section will be */
    struct section *origin;     /* what it was before it had a name: the commit charge is its */
};

/* For the type's table: sections with names that other processes see (section_name.c). */
NTSTATUS section_describe(struct object *object, struct name_header *header, struct name_parts *parts);
NTSTATUS section_made(struct object *object, const struct name_file *file);
NTSTATUS section_adopt(const struct name_file *file, const struct name_header *header, struct object **object);
