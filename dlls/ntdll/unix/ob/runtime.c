/* Which runtime directory it is, and that nobody else can have put it there. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ob/host_call.h"
#include "ob/runtime.h"

static pthread_mutex_t runtime_lock = PTHREAD_MUTEX_INITIALIZER;
static int runtime_fd = -1;             /* under runtime_lock, as all below */
static bool runtime_absent;             /* there is none: known for good */
static char runtime_name[4096];

void (*host_call_hook)(void);

/* A directory that is ours alone; NULL, or why it is not. */
static const char *refusal(const struct stat *st)
{
    if (!S_ISDIR(st->st_mode)) return "is not a directory";
    if (st->st_uid != geteuid()) return "belongs to another user";
    if (st->st_mode & 077) return "is open to others: its mode must be 0700";
    if ((st->st_mode & 0700) != 0700) return "may not be read, written and searched by its owner";
    return NULL;
}

/* Opens path, which is made if may_make. Returns the fd, or -1 with errno; EPERM: it is there, but not for us. */
static int open_checked(const char *path, bool may_make)
{
    struct stat st;
    int fd;

    if ((fd = HOST_CALL(open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))) < 0)
    {
        if (errno != ENOENT || !may_make) return -1;
        if (HOST_CALL(mkdir(path, 0700)) && errno != EEXIST) return -1;
        if ((fd = HOST_CALL(open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))) < 0) return -1;
    }
    if (HOST_CALL(fstat(fd, &st)) || refusal(&st))
    {
        close(fd);
        errno = EPERM;
        return -1;
    }
    return fd;
}

/* Errors of the moment, which do not mean that the directory is no good. */
static NTSTATUS passing_error(int error)
{
    switch (error)
    {
    case ENOSPC: case EDQUOT: return STATUS_DISK_FULL;
    case ENOMEM:              return STATUS_NO_MEMORY;
    case EMFILE: case ENFILE: return STATUS_TOO_MANY_OPENED_FILES;
    default:                  return STATUS_SUCCESS;
    }
}

/* Opens candidate number i; -1 and STATUS_SUCCESS: try the next. */
static int open_candidate(int i, bool may_make, NTSTATUS *status)
{
    const char *path = getenv("ORIEL_RUNTIME");
    int length, fd;

    if (path && *path)
    {
        if (i) return -1;
        length = snprintf(runtime_name, sizeof(runtime_name), "%s", path);
    }
    else if (!i) return -1;
    else if (i == 1) length = snprintf(runtime_name, sizeof(runtime_name), "/dev/shm/oriel-%u", (unsigned int)geteuid());
    else length = snprintf(runtime_name, sizeof(runtime_name), "/run/user/%u/oriel", (unsigned int)geteuid());
    if ((size_t)length >= sizeof(runtime_name)) return -1;
    if ((fd = open_checked(runtime_name, may_make)) < 0) *status = passing_error(errno);
    return fd;
}

static NTSTATUS open_locked(bool may_make)
{
    NTSTATUS status = STATUS_SUCCESS;
    int i;

    if (runtime_fd >= 0) return STATUS_SUCCESS;
    if (runtime_absent) return STATUS_NOT_SUPPORTED;
    for (i = 0; i < 3 && !status; i++)
        if ((runtime_fd = open_candidate(i, may_make, &status)) >= 0) return STATUS_SUCCESS;
    if (!status && may_make) runtime_absent = true;
    return status ? status : STATUS_NOT_SUPPORTED;
}

static NTSTATUS open_runtime(int *fd, bool may_make)
{
    NTSTATUS status;

    pthread_mutex_lock(&runtime_lock);
    status = open_locked(may_make);
    *fd = runtime_fd;
    pthread_mutex_unlock(&runtime_lock);
    return status;
}

NTSTATUS runtime_open(int *fd)
{
    return open_runtime(fd, true);
}

NTSTATUS runtime_open_existing(int *fd)
{
    return open_runtime(fd, false);
}

NTSTATUS runtime_path(char *path, size_t size, const char *file)
{
    NTSTATUS status;
    size_t length;
    int fd;

    if ((status = runtime_open(&fd))) return status;
    length = strlen(runtime_name) + 1 + strlen(file);
    /* A long one, or a relative one after a change of folder, still has a short name here. */
    if (runtime_name[0] == '/' && length < 108 && length < size) snprintf(path, size, "%s/%s", runtime_name, file);
    else if ((size_t)snprintf(path, size, "/proc/self/fd/%d/%s", fd, file) >= size) return STATUS_NAME_TOO_LONG;
    return STATUS_SUCCESS;
}

const char *runtime_refusal(const char *path)
{
    char parent[4096];
    struct stat st;
    char *slash;

    if (strlen(path) >= sizeof(parent)) return "is too long";
    if (!lstat(path, &st)) return refusal(&st);
    if (errno != ENOENT) return strerror(errno);
    strcpy(parent, path);
    for (slash = parent + strlen(parent); slash > parent && slash[-1] == '/'; ) *--slash = 0;
    if (!(slash = strrchr(parent, '/'))) strcpy(parent, ".");
    else if (slash == parent) strcpy(parent, "/");
    else *slash = 0;
    return access(parent, W_OK | X_OK) ? "is not there and cannot be made" : NULL;
}

bool runtime_vanished(void)
{
    struct stat st;
    bool gone;

    pthread_mutex_lock(&runtime_lock);
    gone = runtime_fd >= 0 && !fstat(runtime_fd, &st) && !st.st_nlink;
    if (gone) runtime_fd = -1;          /* not closed: somebody may be using it */
    pthread_mutex_unlock(&runtime_lock);
    return gone;
}

void runtime_reset(void)
{
    if (runtime_fd >= 0) close(runtime_fd);
    runtime_fd = -1;
    runtime_absent = false;
}
