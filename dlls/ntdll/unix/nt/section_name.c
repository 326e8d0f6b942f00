/* Sections with names that other processes see (doc/oriel-names.7).
 *
 *     of the page file    the bytes are the file local.NAME, from its first byte on, so that anybody can map it; memory for
 *                         all that is committed is taken when it is, for a full file system would be a SIGBUS later
 *     of a file, image    the name file tells the path, and for a file that has none any more who holds it
 *     large pages, or     memory that cannot be in the directory: the one who made it holds it, and it can be opened as
 *     executable ones on  long as he does
 *     a noexec directory
 *
 * What all holders know of a section together (vm/shared.c) is the file local.NAME~state.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nt/section.h"

#define EXECUTE_BITS 0xf0u

/* ---- making ------------------------------------------------------------------------------------------------------ */

/* A state as it is now; its holes stay holes. */
static bool copy_data(int from, int to, off_t size)
{
    char buffer[4096];
    off_t at = 0, end;

    while (at < size && (at = lseek(from, at, SEEK_DATA)) >= 0)
    {
        if ((end = lseek(from, at, SEEK_HOLE)) < 0) return false;
        while (at < end)
        {
            ssize_t n = pread(from, buffer, sizeof(buffer), at);

            if (n <= 0 || pwrite(to, buffer, (size_t)n, at) != n) return false;
            at += n;
        }
    }
    return at >= 0 || errno == ENXIO;
}

static NTSTATUS make_state(int from, int *out)
{
    struct stat st;
    NTSTATUS status;

    if (fstat(from, &st)) return STATUS_INSUFFICIENT_RESOURCES;
    if ((status = name_file_temporary((uint64_t)st.st_size, false, out))) return status;
    if (copy_data(from, *out, st.st_size)) return STATUS_SUCCESS;
    return errno == ENOSPC ? STATUS_COMMITMENT_LIMIT : STATUS_INSUFFICIENT_RESOURCES;
}

static bool tell_file(int fd, struct name_header *header)
{
    struct stat st;

    if (fstat(fd, &st)) return false;
    header->section.device = st.st_dev;
    header->section.inode = st.st_ino;
    return true;
}

/* Who has the bytes, for those that cannot open them by a path. */
static NTSTATUS tell_holder(int fd, struct name_header *header, struct name_parts *parts)
{
    char link[32], path[4096];
    ssize_t length;

    if (!tell_file(fd, header)) return STATUS_INSUFFICIENT_RESOURCES;
    header->section.holder_pid = (uint32_t)getpid();
    header->section.holder_fd = (uint32_t)fd;
    if (header->section.bytes != NAME_BYTES_FILE) return STATUS_SUCCESS;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof(path));
    if (length > 0 && (size_t)length < sizeof(path) && !(parts->path = strndup(path, (size_t)length))) return STATUS_NO_MEMORY;
    return STATUS_SUCCESS;
}

static NTSTATUS make_bytes(struct vm_section_description *d, struct name_header *header, struct name_parts *parts)
{
    bool reserve = d->attributes & SEC_RESERVE;
    NTSTATUS status = name_file_temporary((d->size + 0xfff) & ~0xfffull, !reserve, &parts->bytes_fd);

    header->section.bytes = NAME_BYTES_OWN;
    d->fills = reserve;
    if (!status && !tell_file(parts->bytes_fd, header)) return STATUS_INSUFFICIENT_RESOURCES;
    return status == STATUS_DISK_FULL ? STATUS_COMMITMENT_LIMIT : status;
}

static void header_fill(struct name_header *header, const struct vm_section_description *d, bool has_state)
{
    header->section.size = d->size;
    header->section.state_offset = d->state_offset;
    header->section.protect = d->protect;
    header->section.attributes = d->attributes;
    header->section.node = d->node;
    header->section.is_file = d->is_file;
    header->section.is_image = d->is_image;
    header->section.file_writable = d->file_writable;
    header->section.fills = d->fills;
    header->section.has_state = has_state;
}

NTSTATUS section_describe(struct object *object, struct name_header *header, struct name_parts *parts)
{
    struct section_object *self = (struct section_object *)object;
    struct vm_section_description d;
    struct vm_section_fds fds;
    NTSTATUS status;

    if ((status = section_export(self->section, &d, &fds))) return status;
    if (d.is_file || d.is_image) header->section.bytes = NAME_BYTES_FILE;
    else if ((d.attributes & SEC_LARGE_PAGES) || ((d.protect & EXECUTE_BITS) && name_directory_noexec()))
        header->section.bytes = NAME_BYTES_HOLDER;
    else if ((status = make_bytes(&d, header, parts))) return status;
    if (header->section.bytes != NAME_BYTES_OWN && (status = tell_holder(fds.fd, header, parts))) return status;
    if (fds.state >= 0 && (status = make_state(fds.state, &parts->state_fd))) return status;
    header_fill(header, &d, fds.state >= 0);
    if (parts->bytes_fd < 0 && parts->state_fd < 0) return STATUS_SUCCESS;
    if (parts->bytes_fd >= 0) fds.fd = parts->bytes_fd;
    fds.state = parts->state_fd;
    return section_receive(&d, &fds, &self->named);
}

NTSTATUS section_made(struct object *object, struct name_file *file)
{
    struct section_object *self = (struct section_object *)object;

    (void)file;
    if (!self->named) return STATUS_SUCCESS;
    self->origin = self->section;
    self->section = self->named;
    self->named = NULL;
    return STATUS_SUCCESS;
}

/* ---- opening ------------------------------------------------------------------------------------------------------ */

static bool is_the_file(int fd, const struct name_section *section)
{
    struct stat st;

    return !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_dev == section->device && st.st_ino == section->inode;
}

static NTSTATUS open_elsewhere(const struct name_file *file, const struct name_header *header, int *fd)
{
    const struct name_section *section = &header->section;
    bool memory = !section->is_file && !section->is_image;
    int flags = (memory || section->file_writable ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    char *path, held[64];
    NTSTATUS status;

    if ((status = name_file_path(file, header, &path))) return status;
    *fd = path ? open(path, flags) : -1;
    free(path);
    if (*fd >= 0 && !is_the_file(*fd, section))
    {
        close(*fd);
        *fd = -1;
    }
    if (*fd >= 0) return STATUS_SUCCESS;
    snprintf(held, sizeof(held), "/proc/%u/fd/%u", section->holder_pid, section->holder_fd);
    if ((*fd = open(held, flags)) < 0) return STATUS_OBJECT_NAME_NOT_FOUND;
    return is_the_file(*fd, section) ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND;
}

/* The name may have gone with its last handle since it was opened, and be another's. Native makers need not tell. */
static NTSTATUS open_own(const struct name_file *file, const struct name_header *header, int *fd)
{
    NTSTATUS status = name_file_part(file, "", fd);

    return status || !header->section.inode || is_the_file(*fd, &header->section) ? status : STATUS_OBJECT_NAME_NOT_FOUND;
}

static NTSTATUS open_bytes(const struct name_file *file, const struct name_header *header, int *fd)
{
    if (header->section.bytes == NAME_BYTES_OWN) return open_own(file, header, fd);
    if (header->section.bytes == NAME_BYTES_FILE || header->section.bytes == NAME_BYTES_HOLDER)
        return open_elsewhere(file, header, fd);
    return STATUS_FILE_CORRUPT_ERROR;
}

/* section_receive() checks all of this as a stranger's. */
static NTSTATUS open_section(const struct name_file *file, const struct name_header *header, struct section **section)
{
    const struct name_section *from = &header->section;
    struct vm_section_description d = {
        .size = from->size, .state_offset = from->state_offset, .protect = from->protect, .attributes = from->attributes,
        .node = from->node, .is_file = from->is_file != 0, .is_image = from->is_image != 0,
        .file_writable = from->file_writable != 0, .fills = from->fills != 0,
    };
    struct vm_section_fds fds = { .fd = -1, .state = -1 };
    NTSTATUS status = open_bytes(file, header, &fds.fd);

    if (!status && from->has_state) status = name_file_part(file, "~state", &fds.state);
    if (!status) status = section_receive(&d, &fds, section);
    if (fds.fd >= 0) close(fds.fd);
    if (fds.state >= 0) close(fds.state);
    return status == STATUS_INVALID_PARAMETER ? STATUS_FILE_CORRUPT_ERROR : status;
}

struct section_name
{
    struct name_header header;
    struct name_file file;      /* only where it is */
};

static pthread_mutex_t load_lock = PTHREAD_MUTEX_INITIALIZER;

NTSTATUS section_object_load(struct section_object *object)
{
    struct section *section;
    NTSTATUS status = STATUS_SUCCESS;

    if (__atomic_load_n(&object->section, __ATOMIC_ACQUIRE)) return STATUS_SUCCESS;
    pthread_mutex_lock(&load_lock);
    if (!object->section && !(status = open_section(&object->pending->file, &object->pending->header, &section)))
        __atomic_store_n(&object->section, section, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&load_lock);
    return status;
}

NTSTATUS section_adopt(struct name_file *file, const struct name_header *header, struct object **object)
{
    bool later = header->section.bytes == NAME_BYTES_OWN && !header->section.is_file && !header->section.is_image;
    struct section_object *self = object_alloc(&section_type, sizeof(*self));
    NTSTATUS status = STATUS_SUCCESS;

    if (!self) return STATUS_NO_MEMORY;
    if (!later) status = open_section(file, header, &self->section);
    else if ((self->pending = malloc(sizeof(*self->pending)))) *self->pending = (struct section_name){ *header, *file };
    else status = STATUS_NO_MEMORY;
    if (status) object_unref(&self->object);
    else *object = &self->object;
    return status;
}
