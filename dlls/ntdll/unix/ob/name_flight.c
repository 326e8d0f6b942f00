/* Names on their way to other processes.
 *
 * What is under way is an open file of the name with a shared lock, of which there may be several copies: the object's
 * own, those in messages, those of receivers and of who passes them on. They are one open file with one lock, so nobody
 * can ask by it whether there are others. Whoever closes a copy and does not hold the name otherwise therefore looks
 * afterwards, by a file of his own, whether the name is still held: the last of them finds that it is not. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ob/host_call.h"
#include "ob/name_file_private.h"
#include "ob/name_lock.h"

static pthread_mutex_t spawn_lock = PTHREAD_MUTEX_INITIALIZER;

void name_spawn_begin(void)
{
    pthread_mutex_lock(&spawn_lock);
}

void name_spawn_end(void)
{
    pthread_mutex_unlock(&spawn_lock);
}

NTSTATUS name_file_flight(struct name_file *file, struct name_flight **out)
{
    struct name_flight *flight;
    struct stat st;
    NTSTATUS status;
    int fd;

    if ((status = name_file_part(file, NAME_SUFFIX, &fd))) return status;
    if (!name_file_identify(file) || HOST_CALL(fstat(fd, &st)) || st.st_dev != file->device || st.st_ino != file->inode)
        status = STATUS_OBJECT_NAME_NOT_FOUND;
    else if (!(flight = malloc(sizeof(*flight)))) status = STATUS_NO_MEMORY;
    else if (!name_lock_share(fd))
    {
        free(flight);
        status = STATUS_OBJECT_NAME_NOT_FOUND;
    }
    else
    {
        flight->fd = fd;
        strcpy(flight->base, file->base);
        *out = flight;
        return STATUS_SUCCESS;
    }
    HOST_CALL(close(fd));
    return status;
}

void name_flight_end(struct name_flight *flight)
{
    if (!flight) return;
    name_spawn_begin();
    HOST_CALL(close(flight->fd));
    name_spawn_end();
    name_file_settle(flight->base);
    free(flight);
}

void name_file_settle(const char *base)
{
    char name[NAME_BASE_MAX + NAME_SUFFIX_MAX];
    int dir, fd;

    if (strchr(base, '/') || name_file_directory(&dir, false)) return;
    snprintf(name, sizeof(name), "%s%s", base, NAME_SUFFIX);
    if ((fd = HOST_CALL(openat(dir, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC))) < 0) return;
    if (name_lock_try(fd))
    {
        name_file_remove_locked(dir, fd, base);
        name_unlock(fd);
        name_file_drop(name_unpark(base));
    }
    HOST_CALL(close(fd));
}
