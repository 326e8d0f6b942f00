/* The object type of memory partitions. What there is to know of one is nt/partition.c's. */
#include <stdlib.h>

#include "ob/partition.h"

static void partition_destroy(struct object *object)
{
    free(object);
}

const struct object_type partition_type =
{
    .name = "Partition",
    .mapping = { STANDARD_RIGHTS_READ | PARTITION_QUERY, STANDARD_RIGHTS_WRITE | PARTITION_MODIFY,
                 STANDARD_RIGHTS_EXECUTE | PARTITION_QUERY | PARTITION_MODIFY, PARTITION_ALL_ACCESS },
    .valid_access = PARTITION_ALL_ACCESS,
    .destroy = partition_destroy,
};

struct object *partition_alloc(void)
{
    return object_alloc(&partition_type, sizeof(struct object));
}
