/* What all processes that hold a section know of it together.
 *
 * A section that never left its process keeps this to itself. When it is exported for the first time it gets a second
 * file, its state, which goes wherever the section goes; everybody who has it looks there as well, and nothing in it is
 * ever taken back:
 *
 *     page-file section with SEC_RESERVE    a byte a page, from state_offset on: 1 = committed
 *     file section that may grow            nothing but a length, which is the section's size
 *     image section                         the pages that all views share (image_layout.c)
 *
 * Both kinds of news are told by a write that can only add: pwrite() sets bytes to 1, or makes the state longer, and the
 * kernel orders such writes. So there is no lock that somebody could die with, and whoever is killed half way through
 * leaves pages that are committed and pages that are not, or a file that is longer than the section. The state is
 * read with pread(), never mapped: a stranger who shortens it takes pages away from its holders, but kills nobody.
 *
 * What this process committed itself it remembers (section->committed); the state is asked about the rest only.
 */
#include "vm/vm_private.h"

#define MARKS 0x4000u

static uint8_t marks[MARKS];            /* vm lock; the fault handler's stack is small */

static bool can_grow(const struct section *s)
{
    return s->is_file && protect_is_write(s->protect);
}

static bool has_marks(const struct section *s)
{
    return !s->is_file && !s->is_image && (s->attributes & SEC_RESERVE);
}

bool shared_has_state(const struct section *section)
{
    return can_grow(section) || has_marks(section);
}

/* ---- marks ------------------------------------------------------------------------------------------------- */

/* Fills marks[] with those of the pages from first on; how many there are. */
static uint64_t read_marks(const struct section *s, uint64_t first, uint64_t count)
{
    if (count > MARKS) count = MARKS;
    return host->file_read(s->state_fd, marks, count, s->state_offset + first) ? 0 : count;
}

/* Where the first mark from page `at` on may be; marks that were never written take no time. */
static uint64_t skip_holes(const struct section *s, uint64_t at, uint64_t pages)
{
    uint64_t found;

    if (host->file_data(s->state_fd, s->state_offset + at, &found) || found <= s->state_offset + at) return at;
    return found - s->state_offset < pages ? found - s->state_offset : pages;
}

bool shared_committed(const struct section *section, uint64_t offset, uint64_t *end)
{
    uint64_t pages = section->size / page_size, at = offset / page_size, count;
    bool committed = false, known = false;

    while (at < pages)
    {
        if (!known || !committed)
        {
            uint64_t next = skip_holes(section, at, pages);

            if (next > at) known = true;
            at = next;
        }
        if (at == pages || !(count = read_marks(section, at, pages - at))) break;
        if (!known) committed = marks[0] != 0;
        known = true;
        for (uint64_t i = 0; i < count; i++, at++)
            if ((marks[i] != 0) != committed)
            {
                *end = at * page_size;
                return committed;
            }
    }
    *end = UINT64_MAX;
    if (known && at < pages) *end = at * page_size;     /* the rest could not be read: as good as not committed */
    return committed;
}

static vm_status write_marks(const struct section *s, uint64_t start, uint64_t end)
{
    uint64_t at = s->state_offset + start / page_size, last = s->state_offset + end / page_size;
    vm_status status;

    /* Room first: after that the marks cannot fail. */
    if ((status = host->file_fill(s->state_fd, page_down(at), page_up(last) - page_down(at)))) return status;
    if (s->fills && (status = host->file_fill(s->fd, start, end - start))) return status;
    for (uint64_t part; at < last; at += part)
    {
        part = last - at < MARKS ? last - at : MARKS;
        for (uint64_t i = 0; i < part; i++) marks[i] = 1;
        if ((status = host->file_write(s->state_fd, marks, part, at))) return status;
    }
    return STATUS_SUCCESS;
}

vm_status shared_commit(struct section *section, uint64_t start, uint64_t end)
{
    return section->state_fd < 0 ? STATUS_SUCCESS : write_marks(section, start, end);
}

/* ---- the size -------------------------------------------------------------------------------------------------- */

void shared_refresh(struct section *section)
{
    struct host_file_info info;

    if (section->state_fd < 0 || !can_grow(section)) return;
    if (host->file_info(section->state_fd, &info)) return;
    if (info.size > section->size && info.size <= FILE_SIZE_LIMIT) section->size = info.size;
}

vm_status shared_grow(struct section *section, uint64_t size)
{
    if (section->state_fd < 0) return STATUS_SUCCESS;
    return host->file_write(section->state_fd, "", 1, size - 1);
}

/* ---- the first export ---------------------------------------------------------------------------------------------- */

vm_status shared_start(struct section *section)
{
    uint64_t size = can_grow(section) ? section->size : page_up(section->size / page_size), end;
    vm_status status;
    int fd;

    if (section->state_fd >= 0 || !shared_has_state(section)) return STATUS_SUCCESS;
    if ((status = host->memory_create(&fd, size, "section state", false))) return status;
    section->state_fd = fd;
    for (uint64_t at = 0; has_marks(section) && at < section->size && !status; at = end)
    {
        bool committed = runs_get(&section->committed, at, &end);

        if (end > section->size) end = section->size;
        if (committed) status = write_marks(section, at, end);
    }
    if (!status) return STATUS_SUCCESS;
    section->state_fd = -1;
    host->file_close(fd);
    return status;
}
