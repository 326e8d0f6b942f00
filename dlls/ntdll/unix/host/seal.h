/* Memory of other processes is mapped only if nobody can take pages away from under us. */
#pragma once

#include <fcntl.h>
#include <stdbool.h>

/* What has no seals, a file or a pipe, gives -1, in which all bits are set. */
static inline bool fd_cannot_shrink(int fd)
{
    int seals = fcntl(fd, F_GET_SEALS);

    return seals >= 0 && seals & F_SEAL_SHRINK;
}
