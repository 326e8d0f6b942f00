/* Reads and writes of the disk whose memory is pages that lie apart. */
#pragma once

struct io;

#define SEGMENT_SIZE 0x1000     /* of memory: a page, but for the last one what is left */

/* io->state: an iovec a segment, their bytes together io->length; they change. */
NTSTATUS segments_read(struct io *io);
NTSTATUS segments_write(struct io *io);
