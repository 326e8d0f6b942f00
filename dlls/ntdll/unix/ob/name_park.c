/* Files of names that this process has closed while others hold them: open, but not locked, so that they keep no name
 * alive. A program that opens the same name again and again finds its file here, and locks it as if it had just been
 * opened; what its header then says decides whether it still is that name's. */
#include <pthread.h>
#include <unistd.h>

#include "ob/host_call.h"
#include "ob/name_file_private.h"

#define PLACES 4

static pthread_mutex_t park_lock = PTHREAD_MUTEX_INITIALIZER;
static struct name_file *places[PLACES];        /* under park_lock, as next */
static unsigned int next;

void name_park(struct name_file *file)
{
    struct name_file *old;

    pthread_mutex_lock(&park_lock);
    old = places[next % PLACES];
    places[next++ % PLACES] = file;
    pthread_mutex_unlock(&park_lock);
    if (!old) return;
    HOST_CALL(close(old->fd));
    free(old);
}

struct name_file *name_unpark(const char *base)
{
    struct name_file *file = NULL;
    unsigned int i;

    pthread_mutex_lock(&park_lock);
    for (i = 0; i < PLACES && !file; i++)
    {
        if (!places[i] || strcmp(places[i]->base, base)) continue;
        file = places[i];
        places[i] = NULL;
        next = i;               /* the free place is the next one */
    }
    pthread_mutex_unlock(&park_lock);
    return file;
}

void name_park_clear(void)
{
    unsigned int i;

    for (i = 0; i < PLACES; i++) name_park(NULL);
}
