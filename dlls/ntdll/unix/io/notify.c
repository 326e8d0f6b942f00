/* A folder tells what changes in it, by inotify.
 *
 * The kernel watches single folders: for a tree, each folder of it has a watch, and a new one gets its own when it
 * appears. What is made in it before that is found by looking. Changes between two calls are kept by the kernel's
 * queue; if that or the program's buffer is too small, the answer is "look for yourself" (STATUS_NOTIFY_ENUM_DIR).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/errno.h"
#include "io/inode.h"
#include "io/notify.h"
#include "io/text.h"

struct watch
{
    int   wd;
    char *inside;               /* path below the folder that was opened, "" for itself */
};

struct notify                   /* under lock */
{
    pthread_mutex_t lock;       /* a leaf; two calls on one file */
    int   fd;
    char *root;                 /* Linux path of the folder */
    ULONG filter;               /* FILE_NOTIFY_CHANGE_x */
    bool  tree, overflow;
    uint32_t renamed;           /* cookie of the old name that was told last */
    struct watch *watches;
    size_t count, room;
    char  *records;             /* FILE_NOTIFY_INFORMATIONs that wait to be told */
    size_t used, last, size;    /* last: offset of the last record */
};

void notify_free(struct notify *notify)
{
    if (!notify) return;
    close(notify->fd);
    for (size_t i = 0; i < notify->count; i++) free(notify->watches[i].inside);
    free(notify->watches);
    free(notify->records);
    free(notify->root);
    pthread_mutex_destroy(&notify->lock);
    free(notify);
}

/* ---- watches ------------------------------------------------------------------------------------------------------ */

static uint32_t mask_of(const struct notify *notify)
{
    uint32_t mask = IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK;

    if (notify->tree || (notify->filter & (FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_DIR_NAME | FILE_NOTIFY_CHANGE_CREATION)))
        mask |= IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
    if (notify->filter & (FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_LAST_WRITE)) mask |= IN_MODIFY;
    if (notify->filter & (FILE_NOTIFY_CHANGE_ATTRIBUTES | FILE_NOTIFY_CHANGE_SECURITY | FILE_NOTIFY_CHANGE_LAST_WRITE)) mask |= IN_ATTRIB;
    if (notify->filter & FILE_NOTIFY_CHANGE_LAST_ACCESS) mask |= IN_ACCESS;
    return mask;
}

static struct watch *find_watch(struct notify *notify, int wd)
{
    for (size_t i = 0; i < notify->count; i++)
        if (notify->watches[i].wd == wd) return &notify->watches[i];
    return NULL;
}

static void forget_watch(struct notify *notify, int wd)
{
    struct watch *watch = find_watch(notify, wd);

    if (!watch) return;
    free(watch->inside);
    *watch = notify->watches[--notify->count];
}

static void add_record(struct notify *notify, ULONG action, const char *inside, const char *name);

/* found: the folder is new, and what is in it already is told as added. */
static void add_tree(struct notify *notify, const char *inside, bool found)
{
    char *path;
    struct watch *watch;
    struct dirent *entry;
    DIR *dir;
    int wd;

    if (asprintf(&path, "%s%s%s", notify->root, inside[0] ? "/" : "", inside) < 0) return;
    wd = inotify_add_watch(notify->fd, path, mask_of(notify));
    if (wd >= 0 && !find_watch(notify, wd))
    {
        if (notify->count == notify->room)
        {
            size_t room = notify->room ? notify->room * 2 : 8;
            struct watch *grown = realloc(notify->watches, room * sizeof(*grown));

            if (!grown)
            {
                free(path);
                return;
            }
            notify->watches = grown;
            notify->room = room;
        }
        watch = &notify->watches[notify->count];
        watch->wd = wd;
        if ((watch->inside = strdup(inside))) notify->count++;
    }
    if (!notify->tree || wd < 0 || !(dir = opendir(path)))
    {
        free(path);
        return;
    }
    while ((entry = readdir(dir)))
    {
        struct stat st;
        char *below;

        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        if (found) add_record(notify, FILE_ACTION_ADDED, inside, entry->d_name);
        if (entry->d_type != DT_DIR && (entry->d_type != DT_UNKNOWN ||
            fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISDIR(st.st_mode))) continue;
        if (asprintf(&below, "%s%s%s", inside, inside[0] ? "/" : "", entry->d_name) < 0) continue;
        add_tree(notify, below, found);
        free(below);
    }
    closedir(dir);
    free(path);
}

static NTSTATUS notify_start(struct file *file, ULONG filter, bool tree)
{
    struct notify *notify = calloc(1, sizeof(*notify));
    const struct mount *mount;

    if (!notify) return STATUS_NO_MEMORY;
    pthread_mutex_init(&notify->lock, NULL);
    notify->filter = filter;
    notify->tree = tree;
    notify->root = inode_name(file, &mount);
    if ((notify->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) < 0 || !notify->root)
    {
        NTSTATUS status = notify->root ? status_from_errno(errno) : STATUS_NO_MEMORY;

        notify_free(notify);
        return status;
    }
    add_tree(notify, "", false);
    if (!notify->count)
    {
        notify_free(notify);
        return STATUS_ACCESS_DENIED;
    }
    file->notify = notify;
    return STATUS_SUCCESS;
}

/* ---- records ----------------------------------------------------------------------------------------------------------- */

static void add_record(struct notify *notify, ULONG action, const char *inside, const char *name)
{
    size_t length = strlen(inside) + strlen(name) + 2, start = (notify->used + 3) & ~(size_t)3, need;
    FILE_NOTIFY_INFORMATION *record;
    char *path;

    need = start + offsetof(FILE_NOTIFY_INFORMATION, FileName) + length * sizeof(WCHAR);
    if (need > notify->size)
    {
        char *grown = realloc(notify->records, need + 4096);

        if (!grown)
        {
            notify->overflow = true;
            return;
        }
        notify->records = grown;
        notify->size = need + 4096;
    }
    if (!(path = malloc(length))) return;
    record = (FILE_NOTIFY_INFORMATION *)(notify->records + start);
    record->NextEntryOffset = 0;
    record->Action = action;
    snprintf(path, length, "%s%s%s", inside, inside[0] ? "/" : "", name);
    record->FileNameLength = text_from_file_name(record->FileName, path, strlen(path)) * sizeof(WCHAR);
    for (ULONG i = 0; i < record->FileNameLength / sizeof(WCHAR); i++)
        if (record->FileName[i] == '/') record->FileName[i] = '\\';
    free(path);
    if (notify->used) ((FILE_NOTIFY_INFORMATION *)(notify->records + notify->last))->NextEntryOffset = start - notify->last;
    notify->last = start;
    notify->used = start + offsetof(FILE_NOTIFY_INFORMATION, FileName) + record->FileNameLength;
}

static bool is_wanted(const struct notify *notify, const struct inotify_event *event)
{
    const ULONG files = FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_CREATION, folders = FILE_NOTIFY_CHANGE_DIR_NAME;

    if (event->mask & (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO))
        return notify->filter & (event->mask & IN_ISDIR ? folders : files);
    /* Windows tells of a file's changes, and of a folder's attributes. */
    return !(event->mask & IN_ISDIR) || !(event->mask & (IN_MODIFY | IN_ACCESS));
}

static ULONG action_of(const struct inotify_event *event, bool renamed)
{
    if (event->mask & IN_CREATE) return FILE_ACTION_ADDED;
    if (event->mask & IN_DELETE) return FILE_ACTION_REMOVED;
    if (event->mask & IN_MOVED_FROM) return renamed ? FILE_ACTION_RENAMED_OLD_NAME : FILE_ACTION_REMOVED;
    if (event->mask & IN_MOVED_TO) return renamed ? FILE_ACTION_RENAMED_NEW_NAME : FILE_ACTION_ADDED;
    return FILE_ACTION_MODIFIED;
}

/* The same change of the same file again says nothing new. */
static bool is_repeated(const struct notify *notify, size_t before)
{
    const FILE_NOTIFY_INFORMATION *last = (const FILE_NOTIFY_INFORMATION *)(notify->records + notify->last);
    const FILE_NOTIFY_INFORMATION *previous = (const FILE_NOTIFY_INFORMATION *)(notify->records + before);

    return before != notify->last && last->Action == FILE_ACTION_MODIFIED && previous->Action == last->Action &&
           previous->FileNameLength == last->FileNameLength && !memcmp(previous->FileName, last->FileName, last->FileNameLength);
}

static void take_event(struct notify *notify, const struct inotify_event *event, const struct inotify_event *next)
{
    struct watch *watch;
    size_t before = notify->last, used = notify->used;
    bool renamed = false;
    char *below;

    if (event->mask & IN_Q_OVERFLOW) notify->overflow = true;
    if (event->mask & IN_IGNORED) forget_watch(notify, event->wd);
    if (!event->len || !(watch = find_watch(notify, event->wd))) return;
    if (event->mask & IN_MOVED_FROM)
    {
        renamed = next && (next->mask & IN_MOVED_TO) && next->cookie == event->cookie && next->wd == event->wd;
        notify->renamed = renamed ? event->cookie : 0;
    }
    else if (event->mask & IN_MOVED_TO) renamed = notify->renamed && event->cookie == notify->renamed;
    if (is_wanted(notify, event))
    {
        add_record(notify, action_of(event, renamed), watch->inside, event->name);
        if (used && is_repeated(notify, before))
        {
            ((FILE_NOTIFY_INFORMATION *)(notify->records + before))->NextEntryOffset = 0;
            notify->last = before;
            notify->used = used;
        }
    }
    if (notify->tree && (event->mask & IN_ISDIR) && (event->mask & (IN_CREATE | IN_MOVED_TO)) &&
        asprintf(&below, "%s%s%s", watch->inside, watch->inside[0] ? "/" : "", event->name) >= 0)
    {
        add_tree(notify, below, event->mask & IN_CREATE);
        free(below);
    }
}

static void read_events(struct notify *notify)
{
    char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t n;

    while ((n = read(notify->fd, buffer, sizeof(buffer))) > 0)
    {
        for (ssize_t at = 0; at < n; )
        {
            const struct inotify_event *event = (const struct inotify_event *)(buffer + at);

            at += sizeof(*event) + event->len;
            take_event(notify, event, at < n ? (const struct inotify_event *)(buffer + at) : NULL);
        }
    }
}

static NTSTATUS attempt_notify(struct io *io)
{
    struct notify *notify = io->file->notify;
    NTSTATUS status = STATUS_SUCCESS;

    pthread_mutex_lock(&notify->lock);
    read_events(notify);
    if (!notify->used && !notify->overflow) status = STATUS_PENDING;
    else if (notify->overflow || notify->used > io->length) status = STATUS_NOTIFY_ENUM_DIR;
    else if (!(status = user_write(io->buffer, notify->records, notify->used))) io->information = notify->used;
    if (status != STATUS_PENDING)
    {
        notify->used = notify->last = 0;
        notify->overflow = false;
    }
    pthread_mutex_unlock(&notify->lock);
    return status;
}

NTSTATUS notify_wait(struct io *io, ULONG filter, bool tree)
{
    struct file *file = io->file;
    NTSTATUS status = STATUS_SUCCESS;

    if (file->fd < 0) return STATUS_NOT_SUPPORTED;      /* nothing changes in a folder that is only here */
    pthread_mutex_lock(&file->lock);
    if (!file->notify) status = notify_start(file, filter, tree);
    pthread_mutex_unlock(&file->lock);
    if (status) return status;
    io->fd = file->notify->fd;
    io->events = POLLIN;
    io->attempt = attempt_notify;
    return io_run(io);
}
