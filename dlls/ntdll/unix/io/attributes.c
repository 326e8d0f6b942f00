/* What a file is: times, sizes and attributes, as Windows tells them of a Linux file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "io/attributes.h"
#include "io/errno.h"
#include "io/ntfile.h"

#define DOS_ATTRIBUTES "user.DOSATTRIB"
#define KEPT_ATTRIBUTES (FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM | FILE_ATTRIBUTE_ARCHIVE | \
                         FILE_ATTRIBUTE_NOT_CONTENT_INDEXED | FILE_ATTRIBUTE_TEMPORARY | FILE_ATTRIBUTE_OFFLINE)

#define STATX_WANTED (STATX_BASIC_STATS | STATX_BTIME)

static void facts_from_statx(struct file_facts *facts, const struct statx *stx)
{
    facts->dev = makedev(stx->stx_dev_major, stx->stx_dev_minor);
    facts->ino = stx->stx_ino;
    facts->mode = stx->stx_mode;
    facts->uid = stx->stx_uid;
    facts->gid = stx->stx_gid;
    facts->links = stx->stx_nlink;
    facts->size = S_ISDIR(stx->stx_mode) ? 0 : stx->stx_size;
    facts->allocation = S_ISDIR(stx->stx_mode) ? 0 : stx->stx_blocks * 512;
    time_from_linux(&facts->accessed, stx->stx_atime.tv_sec, stx->stx_atime.tv_nsec);
    time_from_linux(&facts->written, stx->stx_mtime.tv_sec, stx->stx_mtime.tv_nsec);
    time_from_linux(&facts->changed, stx->stx_ctime.tv_sec, stx->stx_ctime.tv_nsec);
    if (stx->stx_mask & STATX_BTIME)
        time_from_linux(&facts->created, stx->stx_btime.tv_sec, stx->stx_btime.tv_nsec);
    else
        facts->created = facts->written.QuadPart < facts->changed.QuadPart ? facts->written : facts->changed;
    facts->attributes = 0;
    facts->reparse_tag = 0;
    if (S_ISDIR(stx->stx_mode)) facts->attributes |= FILE_ATTRIBUTE_DIRECTORY;
    else if (S_ISREG(stx->stx_mode))
    {
        facts->attributes |= FILE_ATTRIBUTE_ARCHIVE;
        if (!(stx->stx_mode & 0222)) facts->attributes |= FILE_ATTRIBUTE_READONLY;
    }
    else if (S_ISLNK(stx->stx_mode))
    {
        facts->attributes |= FILE_ATTRIBUTE_REPARSE_POINT;
        facts->reparse_tag = IO_REPARSE_TAG_SYMLINK;
        facts->size = facts->allocation = 0;
    }
}

/* "0x22": the low byte of each digit pair is what Samba wrote before its binary form, which is left alone. */
static void apply_kept(struct file_facts *facts, const char *text, ssize_t length)
{
    char copy[16];

    if (length < 3 || length >= (ssize_t)sizeof(copy) || text[0] != '0' || text[1] != 'x') return;
    memcpy(copy, text, length);
    copy[length] = 0;
    facts->attributes &= ~KEPT_ATTRIBUTES;
    facts->attributes |= strtoul(copy, NULL, 16) & KEPT_ATTRIBUTES;
}

static bool may_have_kept(mode_t mode)
{
    return S_ISREG(mode) || S_ISDIR(mode);
}

static void finish(struct file_facts *facts)
{
    if (!facts->attributes) facts->attributes = FILE_ATTRIBUTE_NORMAL;
}

int facts_of_fd(int fd, struct file_facts *facts)
{
    struct statx stx;
    char text[16];

    if (statx(fd, "", AT_EMPTY_PATH, STATX_WANTED, &stx)) return -1;
    facts_from_statx(facts, &stx);
    if (may_have_kept(stx.stx_mode))
    {
        ssize_t n = fgetxattr(fd, DOS_ATTRIBUTES, text, sizeof(text));

        if (n < 0 && errno == EBADF)            /* O_PATH */
        {
            char name[32];

            snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
            n = getxattr(name, DOS_ATTRIBUTES, text, sizeof(text));
        }
        apply_kept(facts, text, n);
    }
    finish(facts);
    return 0;
}

/* getxattrat(2), Linux 6.13: glibc has no wrapper yet. Before it, by the name that /proc has for the folder. */
static ssize_t get_kept(int folder_fd, const char *name, char *text, size_t size)
{
    static bool missing;                /* no harm if two threads find out */
    struct { uint64_t value; uint32_t size, flags; } args = { (uintptr_t)text, size, 0 };
    char path[4096];
    int n;

    if (!__atomic_load_n(&missing, __ATOMIC_RELAXED))
    {
        ssize_t got = syscall(464, folder_fd, name, AT_SYMLINK_NOFOLLOW, DOS_ATTRIBUTES, &args, sizeof(args));

        if (got >= 0 || (errno != ENOSYS && errno != EPERM)) return got;
        __atomic_store_n(&missing, true, __ATOMIC_RELAXED);
    }
    if (folder_fd == AT_FDCWD) return lgetxattr(name, DOS_ATTRIBUTES, text, size);
    n = snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", folder_fd, name);
    return n < (int)sizeof(path) ? lgetxattr(path, DOS_ATTRIBUTES, text, size) : -1;
}

int facts_of_name(int folder_fd, const char *name, struct file_facts *facts)
{
    struct statx stx;
    char text[16];

    if (statx(folder_fd, name, AT_SYMLINK_NOFOLLOW, STATX_WANTED, &stx)) return -1;
    facts_from_statx(facts, &stx);
    if (facts->reparse_tag && !statx(folder_fd, name, 0, STATX_WANTED, &stx))
    {
        struct file_facts target;

        facts_from_statx(&target, &stx);
        target.attributes |= FILE_ATTRIBUTE_REPARSE_POINT;
        target.reparse_tag = facts->reparse_tag;
        *facts = target;
    }
    else if (may_have_kept(stx.stx_mode)) apply_kept(facts, text, get_kept(folder_fd, name, text, sizeof(text)));
    finish(facts);
    return 0;
}

void facts_of_virtual_folder(struct file_facts *facts)
{
    struct stat st;

    memset(facts, 0, sizeof(*facts));
    facts->mode = S_IFDIR | 0555;
    facts->links = 1;
    facts->attributes = FILE_ATTRIBUTE_DIRECTORY;
    if (!stat("/", &st))        /* the times of something that is as old as the system */
    {
        time_from_linux(&facts->written, st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
        facts->created = facts->accessed = facts->changed = facts->written;
    }
}

NTSTATUS facts_of_file(const struct file *file, struct file_facts *facts)
{
    if (file->fd < 0)
    {
        if (file->kind != FILE_KIND_FOLDER) return STATUS_INVALID_DEVICE_REQUEST;
        facts_of_virtual_folder(facts);
        return STATUS_SUCCESS;
    }
    return facts_of_fd(file->fd, facts) ? status_from_errno(errno) : STATUS_SUCCESS;
}

void facts_to_stat(const struct file_facts *facts, ACCESS_MASK effective, FILE_STAT_INFORMATION *info)
{
    memset(info, 0, sizeof(*info));
    info->FileId.QuadPart = facts->ino;
    info->CreationTime = facts->created;
    info->LastAccessTime = facts->accessed;
    info->LastWriteTime = facts->written;
    info->ChangeTime = facts->changed;
    info->AllocationSize.QuadPart = facts->allocation;
    info->EndOfFile.QuadPart = facts->size;
    info->FileAttributes = facts->attributes;
    info->ReparseTag = facts->reparse_tag;
    info->NumberOfLinks = facts->links;
    info->EffectiveAccess = effective;
}

void facts_to_lx(const struct file_facts *facts, FILE_STAT_LX_INFORMATION *info)
{
    info->LxFlags = LX_FILE_METADATA_HAS_UID | LX_FILE_METADATA_HAS_GID | LX_FILE_METADATA_HAS_MODE;
    info->LxUid = facts->uid;
    info->LxGid = facts->gid;
    info->LxMode = facts->mode;
    info->LxDeviceIdMajor = info->LxDeviceIdMinor = 0;  /* of a device, which files of the disk are not */
}

/* ---- setting --------------------------------------------------------------------------------------------------- */

static struct timespec time_to_linux(LARGE_INTEGER time)
{
    struct timespec ts = { 0, UTIME_OMIT };

    if (time.QuadPart <= 0) return ts;
    ts.tv_sec = time.QuadPart / 10000000 - 11644473600ll;
    ts.tv_nsec = time.QuadPart % 10000000 * 100;
    return ts;
}

/* O_PATH and O_RDONLY files are changed by the name that the kernel gives every open file. */
static const char *fd_name(int fd, char buffer[32])
{
    snprintf(buffer, 32, "/proc/self/fd/%d", fd);
    return buffer;
}

static NTSTATUS set_kept(int fd, ULONG attributes, bool folder)
{
    ULONG plain = folder ? 0 : FILE_ATTRIBUTE_ARCHIVE;
    char name[32], text[16];
    int length;

    attributes &= KEPT_ATTRIBUTES;
    fd_name(fd, name);
    if (attributes == plain)
    {
        if (!removexattr(name, DOS_ATTRIBUTES) || errno == ENODATA || errno == EOPNOTSUPP || errno == EPERM ||
            errno == ENOENT) return STATUS_SUCCESS;
        return status_from_errno(errno);
    }
    length = snprintf(text, sizeof(text), "0x%x", (unsigned int)attributes);
    if (!setxattr(name, DOS_ATTRIBUTES, text, length, 0)) return STATUS_SUCCESS;
    /* A file system without room for them: only HIDDEN and SYSTEM are worth a refusal. */
    return attributes & (FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM) ? status_from_errno(errno) : STATUS_SUCCESS;
}

static NTSTATUS set_mode(int fd, mode_t mode, ULONG attributes)
{
    char name[32];
    mode_t wanted = mode & 07777, mask;

    if (attributes & FILE_ATTRIBUTE_READONLY) wanted &= ~0222;
    else if (!(wanted & 0222))
    {
        mask = umask(0);
        umask(mask);
        wanted |= 0200 | ((wanted & 0444) >> 1 & ~mask);
    }
    if (wanted == (mode & 07777) || !chmod(fd_name(fd, name), wanted)) return STATUS_SUCCESS;
    return status_from_errno(errno);
}

NTSTATUS attributes_set(struct file *file, const FILE_BASIC_INFORMATION *info)
{
    struct timespec times[2] = { time_to_linux(info->LastAccessTime), time_to_linux(info->LastWriteTime) };
    struct stat st;
    NTSTATUS status;

    if (file->fd < 0) return STATUS_ACCESS_DENIED;
    if (info->FileAttributes)
    {
        if (fstat(file->fd, &st)) return status_from_errno(errno);
        if ((info->FileAttributes & FILE_ATTRIBUTE_DIRECTORY) && !S_ISDIR(st.st_mode)) return STATUS_INVALID_PARAMETER;
        if (S_ISREG(st.st_mode) && (status = set_mode(file->fd, st.st_mode, info->FileAttributes))) return status;
        if ((S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) &&
            (status = set_kept(file->fd, info->FileAttributes, S_ISDIR(st.st_mode)))) return status;
    }
    if (times[0].tv_nsec == UTIME_OMIT && times[1].tv_nsec == UTIME_OMIT) return STATUS_SUCCESS;
    if (!utimensat(file->fd, "", times, AT_EMPTY_PATH)) return STATUS_SUCCESS;
    return status_from_errno(errno);
}

void attributes_set_new(struct file *file, ULONG attributes, bool created)
{
    bool folder = file->kind == FILE_KIND_FOLDER;
    struct stat st;

    if (!created && file->kind == FILE_KIND_DISK && !fstat(file->fd, &st)) set_mode(file->fd, st.st_mode, attributes);
    if (attributes & (FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM))
        set_kept(file->fd, attributes | (folder ? 0 : FILE_ATTRIBUTE_ARCHIVE), folder);
}
