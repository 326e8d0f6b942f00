/* How the ends of a pipe in several processes learn that a server disconnected them.
 *
 * The socket says that the other end is gone, not whether it was closed (what it sent may still be read) or disconnected
 * (it may not). So every server end that leaves its process, or whose client is elsewhere, has a word in a memfd of its
 * process, which counts how often it disconnected a client; an end whose word is not what it was when it was connected is
 * disconnected. A word is never used again: nobody knows when the last process lets go of it.
 */
#pragma once

#include "nt/nt.h"

struct pipe_cut
{
    uint32_t *word;             /* NULL: the other ends are all in this process */
    uint32_t  index;
    uint32_t  cuts;             /* the word when the end was connected */
    int       fd;               /* of the memfd, if it is another process's; else -1 */
};

/* A new word. False: no memory. */
bool pipe_cut_alloc(struct pipe_cut *cut);

/* The word of another process. Takes fd, also on failure. False: it is none. */
bool pipe_cut_import(struct pipe_cut *cut, int fd, uint32_t index, uint32_t cuts);
void pipe_cut_release(struct pipe_cut *cut);

/* The memfd, borrowed. */
int  pipe_cut_fd(const struct pipe_cut *cut);

static inline bool pipe_is_cut(const struct pipe_cut *cut)
{
    return cut->word && __atomic_load_n(cut->word, __ATOMIC_ACQUIRE) != cut->cuts;
}
