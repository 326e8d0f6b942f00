/* What tests of names between processes start from: objects of each kind, what a program does with one, and what is left
 * behind. */
#pragma once

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ob/cell_area.h"
#include "ob/dispatcher.h"
#include "ob/host_call.h"
#include "ob/name.h"
#include "ob/name_object.h"
#include "ob/robust.h"
#include "ob/runtime.h"
#include "ob/transfer.h"
#include "ob_stubs.h"
#include "tap.h"

static char directory[100];
static unsigned int seed = 1;

static unsigned int dice(unsigned int sides)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 8) % sides;
}

/* ---- a type with files of its own, as sections have them ------------------------------------------------------------ */

static NTSTATUS plain_describe(struct object *object, struct name_header *header, struct name_parts *parts)
{
    NTSTATUS status;

    (void)object;
    header->section.size = 8192;
    if ((status = name_file_temporary(8192, true, &parts->bytes_fd))) return status;
    return name_file_temporary(2, false, &parts->state_fd);
}

static NTSTATUS plain_made(struct object *object, struct name_file *file)
{
    (void)object; (void)file;
    return STATUS_SUCCESS;
}

static const struct object_type plain_type;

static NTSTATUS plain_adopt(struct name_file *file, const struct name_header *header, struct object **object)
{
    NTSTATUS status;
    int fd;

    (void)header;
    if ((status = name_file_part(file, "", &fd))) return STATUS_FILE_CORRUPT_ERROR;
    close(fd);
    *object = object_alloc(&plain_type, sizeof(struct object));
    return *object ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

static const struct object_type plain_type =
{
    .name = "Plain", .mapping = { 1, 2, 4, 0x1f0007 }, .valid_access = 0x1f0007, .name_kind = NAME_SECTION,
    .name_describe = plain_describe, .name_made = plain_made, .name_adopt = plain_adopt,
};

/* ---- the calls of a program ------------------------------------------------------------------------------------------ */

enum kind { EVENT, MUTANT, SEMAPHORE, TIMER, PLAIN, KINDS };

static struct object *new_object(enum kind kind)
{
    switch (kind)
    {
    case EVENT:     return event_alloc(SynchronizationEvent, true);
    case MUTANT:    return mutant_alloc(false);
    case SEMAPHORE: return semaphore_alloc(1, 5);
    case TIMER:     return timer_alloc(NotificationTimer);
    default:        return object_alloc(&plain_type, sizeof(struct object));
    }
}

static NTSTATUS create(enum kind kind, const char *name, ULONG flags, HANDLE *handle)
{
    WCHAR text[100] = u"\\BaseNamedObjects\\";
    struct object_attributes attributes = { .name = text, .attributes = flags, .given = true, .named = true };
    size_t length = 18;

    while (*name) text[length++] = (unsigned char)*name++;
    attributes.length = length;
    return object_insert(new_object(kind), &attributes, MAXIMUM_ALLOWED, handle);
}

static struct cell *cell_of(HANDLE handle)
{
    struct dispatcher *object;
    struct cell *cell;

    if (handle_lookup(handle, NULL, 0, &object, NULL)) return NULL;
    cell = object->cell;
    object_unref(object);
    return cell;
}

/* What a program does with an object; the state afterwards is the one before. */
static NTSTATUS use(enum kind kind, HANDLE handle, unsigned int ms)
{
    struct cell *cell = kind == PLAIN ? NULL : cell_of(handle);
    bool was;
    NTSTATUS status;

    if (kind == PLAIN) return STATUS_SUCCESS;
    if (kind == TIMER)
    {
        struct object *timer;

        if (handle_lookup(handle, &timer_type, 0, &timer, NULL)) return STATUS_INVALID_HANDLE;
        timer_set(timer, monotonic_now(), 0, NULL, &was);
        object_unref(timer);
    }
    host_call();
    status = cell_wait(&cell, 1, false, false, ms == ~0u ? DEADLINE_NEVER : monotonic_now() + ms * 1000000ull);
    host_call();
    if (status != STATUS_WAIT_0 && status != STATUS_ABANDONED_WAIT_0) return status;
    if (kind == EVENT) cell_set(cell);
    if (kind == MUTANT) cell_release_mutant(cell, NULL);
    if (kind == SEMAPHORE) cell_release_semaphore(cell, 1, NULL);
    host_call();
    return status;
}

/* ---- what is left behind ------------------------------------------------------------------------------------------------ */

static unsigned int files_left(void)
{
    DIR *stream = opendir(directory);
    struct dirent *entry;
    unsigned int count = 0;

    while (stream && (entry = readdir(stream)))
        if (entry->d_name[0] != '.') count++;
    if (stream) closedir(stream);
    return count;
}

static inline unsigned int descriptors_open(void)
{
    DIR *stream = opendir("/proc/self/fd");
    unsigned int count = 0;

    while (stream && readdir(stream)) count++;
    if (stream) closedir(stream);
    return count;
}

static void child_begin(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    robust_after_fork();
    cell_after_fork();
    name_park_clear();
    alarm(20);
}

static void use_directory(const char *path)
{
    setenv("ORIEL_RUNTIME", path, 1);
    name_park_clear();
    runtime_reset();
}

/* "--seed N --rounds N"; a directory for the names. */
static unsigned int names_begin(int argc, char **argv)
{
    unsigned int rounds = 100;
    int i;

    for (i = 1; i + 1 < argc; i += 2)
    {
        if (!strcmp(argv[i], "--seed")) seed = (unsigned int)atoi(argv[i + 1]);
        if (!strcmp(argv[i], "--rounds")) rounds = (unsigned int)atoi(argv[i + 1]);
    }
    snprintf(directory, sizeof(directory), "%s/oriel-test-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
    if (!mkdtemp(directory)) exit(99);
    printf("# seed %u\n", seed);
    use_directory(directory);
    return rounds;
}

static int names_end(void)
{
    ok(!rmdir(directory), "the directory is empty");
    return tap_done();
}
