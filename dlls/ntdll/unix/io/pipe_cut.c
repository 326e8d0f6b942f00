/* The words of pipe_cut.h: pages of one memfd, mapped one by one. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/pipe_cut.h"

#define PAGE 4096u
#define PAGE_WORDS (PAGE / sizeof(uint32_t))

static pthread_mutex_t cut_lock = PTHREAD_MUTEX_INITIALIZER;
static int own_fd = -1;                 /* all under cut_lock */
static uint32_t *page;                  /* the newest; older ones are found through the ends that use them */
static uint32_t next_index;

static uint32_t *map_page(int fd, uint32_t index)
{
    uint32_t *words = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)(index / PAGE_WORDS) * PAGE);

    return words == MAP_FAILED ? NULL : words;
}

static bool grow_locked(void)
{
    off_t size = (off_t)(next_index / PAGE_WORDS + 1) * PAGE;
    uint32_t *fresh;

    if (own_fd < 0)
    {
        if ((own_fd = memfd_create("oriel-pipe-cuts", MFD_CLOEXEC | MFD_ALLOW_SEALING)) < 0) return false;
        fcntl(own_fd, F_ADD_SEALS, F_SEAL_SHRINK);      /* others rely on it */
    }
    if (ftruncate(own_fd, size) || !(fresh = map_page(own_fd, next_index))) return false;
    page = fresh;
    return true;
}

bool pipe_cut_alloc(struct pipe_cut *cut)
{
    bool ok;

    pthread_mutex_lock(&cut_lock);
    if ((ok = next_index % PAGE_WORDS || grow_locked()))
    {
        *cut = (struct pipe_cut){ page + next_index % PAGE_WORDS, next_index, 0, -1 };
        next_index++;
    }
    pthread_mutex_unlock(&cut_lock);
    return ok;
}

bool pipe_cut_import(struct pipe_cut *cut, int fd, uint32_t index, uint32_t cuts)
{
    struct stat st;
    uint32_t *words;
    int seals = fcntl(fd, F_GET_SEALS);

    if (seals < 0 || !(seals & F_SEAL_SHRINK) || fstat(fd, &st) || (uint64_t)st.st_size / PAGE <= index / PAGE_WORDS ||
        !(words = map_page(fd, index)))
    {
        close(fd);
        return false;
    }
    *cut = (struct pipe_cut){ words + index % PAGE_WORDS, index, cuts, fd };
    return true;
}

void pipe_cut_release(struct pipe_cut *cut)
{
    if (cut->word && cut->fd >= 0)
    {
        munmap(cut->word - cut->index % PAGE_WORDS, PAGE);
        close(cut->fd);
    }
    cut->word = NULL;
    cut->fd = -1;
}

int pipe_cut_fd(const struct pipe_cut *cut)
{
    return cut->fd >= 0 ? cut->fd : own_fd;
}
