/* Locks of name files. */
#include <fcntl.h>
#include <time.h>

#include "ob/host_call.h"
#include "ob/name_lock.h"

#define WAIT_ROUNDS 2000                /* some two seconds; making a name takes microseconds */

static bool set_lock(int fd, short type)
{
    struct flock lock = { .l_type = type, .l_whence = SEEK_SET };

    return !HOST_CALL(fcntl(fd, F_OFD_SETLK, &lock));
}

bool name_lock_try(int fd)
{
    return set_lock(fd, F_WRLCK);
}

bool name_lock_share(int fd)
{
    unsigned int i;

    for (i = 0; i < WAIT_ROUNDS; i++)
    {
        struct timespec nap = { 0, i < 20 ? 50000 : 1000000 };

        if (set_lock(fd, F_RDLCK)) return true;
        nanosleep(&nap, NULL);
    }
    return false;
}

bool name_lock_downgrade(int fd)
{
    return set_lock(fd, F_RDLCK);
}

void name_unlock(int fd)
{
    set_lock(fd, F_UNLCK);
}

/* First ours goes, then the look: of two who leave at once one at least sees that nobody is left. */
bool name_lock_last(int fd)
{
    name_unlock(fd);
    return set_lock(fd, F_WRLCK);
}
