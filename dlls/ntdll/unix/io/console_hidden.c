/* The console that nobody sees: a pseudo terminal whose other end is read and forgotten. It lives as long as the process
 * that made it; children that inherit handles on it have it, too. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "io/async.h"
#include "io/console.h"

static pthread_mutex_t hidden_lock = PTHREAD_MUTEX_INITIALIZER;
static char path[64];
static int master = -1, slave = -1;     /* one end stays open here, or the other would see a hangup after each user */
static bool made;

static void forget_output(void *arg)
{
    char bytes[4096];

    while (read(master, bytes, sizeof(bytes)) > 0) ;
    io_watch(master, forget_output, arg);
}

static bool make(void)
{
    struct winsize size = { .ws_col = 80, .ws_row = 25 };

    if ((master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)) < 0) return false;
    if (!grantpt(master) && !unlockpt(master) && !ptsname_r(master, path, sizeof(path)) &&
        (slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)) >= 0 && !ioctl(slave, TIOCSWINSZ, &size) &&
        io_watch(master, forget_output, NULL))
        return true;
    if (slave >= 0) close(slave);
    close(master);
    master = slave = -1;
    return false;
}

NTSTATUS console_hide(void)
{
    NTSTATUS status = STATUS_SUCCESS;

    pthread_mutex_lock(&hidden_lock);
    if (!made)
    {
        if (make()) __atomic_store_n(&made, true, __ATOMIC_RELEASE);
        else status = STATUS_NOT_SUPPORTED;     /* the system has no pseudo terminals left, or none at all */
    }
    pthread_mutex_unlock(&hidden_lock);
    return status;
}

const char *console_hidden_path(void)
{
    return __atomic_load_n(&made, __ATOMIC_ACQUIRE) ? path : NULL;
}
