/* Which processes there are: those of this user that run this program, found in /proc.
 *
 * Nobody is asked anything: what is told of a process is in its block, and what the system says of it. Other processes of
 * the system are not listed; Windows programs could neither open them nor know them by the names they look for.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include "nt/nt.h"
#include "ps/process_list.h"
#include "ps/process_object.h"
#include "ps/thread.h"
#include "ps/times.h"

/* The file that a process runs, without its folder: after an update it is another one, in the same place. */
static bool program_of(const char *process, char *name, size_t size)
{
    char path[64], target[4096], *slash;
    size_t base;
    ssize_t length;

    snprintf(path, sizeof(path), "/proc/%s/exe", process);
    if ((length = readlink(path, target, sizeof(target) - 1)) <= 0)
        return false;
    target[length] = 0;
    if (length > 10 && !strcmp(target + length - 10, " (deleted)"))
        target[length - 10] = 0;
    slash = strrchr(target, '/');
    base = slash ? (size_t)(slash + 1 - target) : 0;
    if (strlen(target + base) >= size)
        return false;
    strcpy(name, target + base);
    return true;
}

static bool read_block(int linux_pid, struct process_block *block)
{
    int fd = process_find_block(linux_pid);
    bool result;

    if (fd < 0)
        return false;
    result = pread(fd, block, sizeof(*block), 0) == (ssize_t)sizeof(*block);
    block->image_path[sizeof(block->image_path) - 1] = 0;
    close(fd);
    return result;
}

void processes_list(bool (*each)(int linux_pid, const struct process_block *block, void *arg), void *arg)
{
    char own[256], other[256];
    struct process_block block;
    struct dirent *entry;
    bool more = true;
    DIR *folder;

    if (!program_of("self", own, sizeof(own)) || !(folder = opendir("/proc")))
        return;
    while (more && (entry = readdir(folder)))
    {
        int linux_pid = atoi(entry->d_name);

        if (linux_pid > 0 && linux_pid != getpid() && program_of(entry->d_name, other, sizeof(other)) && !strcmp(own, other) &&
            read_block(linux_pid, &block))
            more = each(linux_pid, &block, arg);
    }
    closedir(folder);
}

bool process_listed(int linux_pid, struct process_block *block)
{
    return read_block(linux_pid, block);
}

static bool is_helper(const char *task)
{
    static const char name[] = HELPER_THREAD_NAME "\n";
    char path[384], text[sizeof(name)] = "";
    ssize_t size = -1;
    int fd;

    snprintf(path, sizeof(path), "%s/comm", task);
    if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return false;
    size = read(fd, text, sizeof(text));
    close(fd);
    return size == (ssize_t)sizeof(name) - 1 && !memcmp(text, name, sizeof(name) - 1);
}

/* State, times and start of a thread, from its line in /proc. */
static bool read_thread(const char *task, struct thread_listed *thread)
{
    uint64_t tick = 10000000 / (uint64_t)sysconf(_SC_CLK_TCK);
    unsigned long user, kernel;
    unsigned long long start;
    char path[384], text[1024], state, *p;
    ssize_t size;
    int fd;

    snprintf(path, sizeof(path), "%s/stat", task);
    if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return false;
    size = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[size > 0 ? size : 0] = 0;
    if (!(p = strrchr(text, ')')) ||
        sscanf(p, ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %*d %*d %llu", &state, &user, &kernel,
               &start) != 4 || state == 'Z' || state == 'X')
        return false;
    thread->running = state == 'R';
    thread->user_time = user * tick;
    thread->kernel_time = kernel * tick;
    thread->create_time = system_time() - interrupt_time() + start * tick;
    return true;
}

/* What the process tells of it, and its TEB: the bounds of its stack are there. False: it knows no such thread (yet, or any
 * more). */
static bool add_addresses(int linux_pid, const struct process_block *block, struct thread_listed *thread)
{
    NT_TIB tib;
    struct iovec local = { &tib, sizeof(tib) }, remote;
    unsigned int i, count = 0;

    thread->teb = thread->start = thread->stack_base = thread->stack_limit = 0;
    for (i = 0; i < PROCESS_BLOCK_THREADS; i++)
        count += block->threads[i].linux_tid != 0;
    for (i = 0; i < PROCESS_BLOCK_THREADS && block->threads[i].linux_tid != (uint32_t)thread->linux_tid; i++)
        ;
    if (i < PROCESS_BLOCK_THREADS)
    {
        thread->teb = block->threads[i].teb;
        thread->start = block->threads[i].start;
    }
    else if (block->first_thread == (uint32_t)thread->linux_tid * 4)    /* of a process that is only just there */
    {
        thread->teb = block->first_teb;
        thread->start = block->first_start;
    }
    else
        return !count || count == PROCESS_BLOCK_THREADS;
    remote = (struct iovec){ (void *)(uintptr_t)thread->teb, sizeof(tib) };
    if (process_vm_readv(linux_pid, &local, 1, &remote, 1, 0) == sizeof(tib))
    {
        thread->stack_base = (uintptr_t)tib.StackBase;
        thread->stack_limit = (uintptr_t)tib.StackLimit;
    }
    return true;
}

void process_threads_list(int linux_pid, const struct process_block *block,
                          bool (*each)(const struct thread_listed *thread, void *arg), void *arg)
{
    struct thread_listed thread;
    struct dirent *entry;
    char path[320];
    bool more = true;
    DIR *folder;

    snprintf(path, sizeof(path), "/proc/%d/task", linux_pid);
    if (!(folder = opendir(path)))
        return;
    while (more && (entry = readdir(folder)))
    {
        if ((thread.linux_tid = atoi(entry->d_name)) <= 0)
            continue;
        snprintf(path, sizeof(path), "/proc/%d/task/%d", linux_pid, thread.linux_tid);
        if (is_helper(path) || !read_thread(path, &thread) || !add_addresses(linux_pid, block, &thread))
            continue;
        more = each(&thread, arg);
    }
    closedir(folder);
}

int process_of_thread(uint32_t tid)
{
    char path[48], line[128];
    FILE *file;
    int pid = 0;

    snprintf(path, sizeof(path), "/proc/%u/status", tid / 4);
    if (!(file = fopen(path, "re")))
        return 0;
    while (!pid && fgets(line, sizeof(line), file))
        if (!strncmp(line, "Tgid:", 5))
            pid = atoi(line + 5);
    fclose(file);
    return pid;
}
