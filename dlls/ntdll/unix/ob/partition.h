/* Memory partitions: this machine has one, \KernelObjects\MemoryPartition0. */
#pragma once

#include "ob/object.h"

#define PARTITION_QUERY  0x0001u
#define PARTITION_MODIFY 0x0002u
#define PARTITION_ALL_ACCESS (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | PARTITION_QUERY | PARTITION_MODIFY)

extern const struct object_type partition_type;
struct object *partition_alloc(void);           /* an object that stands for the one there is */
