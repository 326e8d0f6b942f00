/* Where cells are mapped. An area is 256 KiB of cells and as much memory of our own behind it, in which a cell has its
 * shadow: what this process alone keeps about it (robust.h).
 *
 *     slab areas    parts of a slab, a memfd of this process or, until released, of another
 *     file areas    64 pages: the first page of each file whose cell this process uses
 */
#pragma once

#include "ob/cell.h"

struct cell_identity            /* of a cell, the same in every process */
{
    uint64_t device, inode, offset;
};

/* Maps a part of a slab. NULL: no memory. */
struct cell *cell_area_slab(int fd, uint64_t offset);
/* What that gave, when none of its cells is in use here. */
void         cell_area_release(struct cell *cells);

#define CELL_FILE_SIZE   4096   /* of a file that has a cell, at least */
#define CELL_FILE_OFFSET 64     /* where in it the cell is */

/* The page of a file that is CELL_FILE_SIZE or longer, for reading and writing. NULL: no memory. */
void *cell_file_map(int fd, uint64_t device, uint64_t inode);
/* Not if a thread of ours still owns what is in it: the page stays then until the process ends. keep: somebody has the
 * file still, and it may be wanted again; the page stays where it is until its place is needed. */
void  cell_file_unmap(void *page, bool keep);

static inline struct cell *cell_of_file(void *page)
{
    return (struct cell *)((char *)page + CELL_FILE_OFFSET);
}

/* Where a cell is in the order in which all processes lock cells. False: it is nobody else's. */
bool cell_identify(const struct cell *cell, struct cell_identity *identity);

bool cell_is_in_file(const struct cell *cell);

/* For a SIGBUS handler. Somebody cut off a file under its mapping: from now on the cell is a page of zeros of our own,
 * which nobody signals, and the instruction can go on. False: the address is in no such page. */
bool cell_file_fault(uintptr_t address);
