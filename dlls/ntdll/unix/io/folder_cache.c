/* What folders have been found not to hold, in any case. */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "io/folder_cache.h"
#include "io/text.h"
#include "ob/upcase.h"

#define FOLDERS     16
#define MOST_NAMES  65536               /* of a folder that is kept: 512 KiB */
#define SETTLED_NS  50000000            /* a change may come within one tick of the time stamp: keep none so fresh */

struct folder                           /* all under cache_lock */
{
    dev_t dev;
    ino_t ino;
    struct timespec modified, changed;
    uint64_t used;                      /* when, by lookups */
    size_t count;
    uint64_t *hashes;                   /* sorted; NULL: the slot is free */
};

static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;
static struct folder folders[FOLDERS];
static uint64_t lookups;

uint64_t folded_hash(const uint16_t *units, size_t count)
{
    uint64_t hash = 0xcbf29ce484222325ull;      /* FNV-1a */

    for (size_t i = 0; i < count; i++) hash = (hash ^ upcase(units[i])) * 0x100000001b3ull;
    return hash;
}

static int compare_hashes(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static bool is_same(const struct folder *folder, const struct stat *st)
{
    return folder->dev == st->st_dev && folder->ino == st->st_ino &&
           !memcmp(&folder->modified, &st->st_mtim, sizeof(st->st_mtim)) && !memcmp(&folder->changed, &st->st_ctim, sizeof(st->st_ctim));
}

static bool is_settled(const struct stat *st)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (now.tv_sec - st->st_ctim.tv_sec) * 1000000000ll + now.tv_nsec - st->st_ctim.tv_nsec > SETTLED_NS;
}

/* The hashes of all names; NULL: too many, or it cannot be read. */
static uint64_t *read_hashes(const char *name, size_t *count)
{
    uint64_t *hashes = NULL;
    size_t room = 0, n = 0;
    struct dirent *entry;
    WCHAR units[256];
    DIR *dir = opendir(name);

    if (!dir) return NULL;
    while ((entry = readdir(dir)))
    {
        if (n == room)
        {
            uint64_t *grown = n < MOST_NAMES ? realloc(hashes, (room = room ? room * 2 : 64) * sizeof(*hashes)) : NULL;

            if (!grown)
            {
                free(hashes);
                closedir(dir);
                return NULL;
            }
            hashes = grown;
        }
        hashes[n++] = folded_hash(units, text_to_units(units, entry->d_name, strlen(entry->d_name)));
    }
    closedir(dir);
    if (n) qsort(hashes, n, sizeof(*hashes), compare_hashes);
    *count = n;
    return hashes;
}

/* The slot of the folder, or the one that was not asked for the longest. */
static struct folder *slot_of(const struct stat *st)
{
    struct folder *oldest = &folders[0];

    for (int i = 0; i < FOLDERS; i++)
    {
        if (folders[i].hashes && folders[i].dev == st->st_dev && folders[i].ino == st->st_ino) return &folders[i];
        if (folders[i].used < oldest->used) oldest = &folders[i];
    }
    return oldest;
}

bool folder_cache_lacks(const char *name, uint64_t hash)
{
    struct folder *folder;
    struct stat st, again;
    bool lacks = false;

    if (stat(name, &st) || !is_settled(&st)) return false;
    pthread_mutex_lock(&cache_lock);
    folder = slot_of(&st);
    if (!folder->hashes || !is_same(folder, &st))
    {
        free(folder->hashes);
        folder->hashes = read_hashes(name, &folder->count);
        folder->dev = st.st_dev;
        folder->ino = st.st_ino;
        folder->modified = st.st_mtim;
        folder->changed = st.st_ctim;
        if (folder->hashes && (stat(name, &again) || !is_same(folder, &again)))     /* it changed meanwhile */
        {
            free(folder->hashes);
            folder->hashes = NULL;
        }
    }
    folder->used = ++lookups;
    if (folder->hashes) lacks = !bsearch(&hash, folder->hashes, folder->count, sizeof(hash), compare_hashes);
    pthread_mutex_unlock(&cache_lock);
    return lacks;
}
