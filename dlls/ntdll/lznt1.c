/* RtlCompressBuffer and its way back: LZNT1 ([MS-XCA] 2.5). Results at the edges as ntdll:rtl has them.
 *
 * The data is cut into pieces of 4096 bytes. Each becomes a chunk: a header, and either the bytes as they are or groups
 * of eight items behind a byte of flags; an item is a byte or a 16-bit copy from earlier in the same piece, whose bits
 * are shared between distance and length in a way that depends on the position. */

#include "rtl.h"

#define PIECE        4096u
#define HEADER       2u
#define SIGNATURE    0x3000u
#define COMPRESSED   0x8000u
#define MIN_MATCH    3u
#define HASH_BITS    12
#define MAX_CHAIN    32             /* candidates looked at; MAXIMUM looks at all */
#define NO_POSITION  0xffffu

struct workspace
{
    USHORT head[1 << HASH_BITS];    /* the last position with that hash ... */
    USHORT previous[PIECE];         /* ... and the one before it */
};

static ULONG chunk_bytes(const BYTE *chunk)
{
    return ((chunk[0] | chunk[1] << 8) & 0xfff) + 1;
}

/* How many of a copy's 16 bits are its length's, after POSITION bytes of the piece. */
static unsigned int length_bits(ULONG position)
{
    unsigned int bits = 12;

    for (ULONG i = position - 1; i >= 0x10; i >>= 1) bits--;
    return bits;
}

static NTSTATUS check_format(USHORT format)
{
    switch (format & 0xff)
    {
    case COMPRESSION_FORMAT_NONE:
    case COMPRESSION_FORMAT_DEFAULT:
        return STATUS_INVALID_PARAMETER;
    case COMPRESSION_FORMAT_LZNT1:
        return STATUS_SUCCESS;
    default:
        return STATUS_UNSUPPORTED_COMPRESSION;
    }
}

NTSTATUS WINAPI RtlGetCompressionWorkSpaceSize(USHORT format, ULONG *compress, ULONG *decompress)
{
    NTSTATUS status = check_format(format);

    if (status) return status;
    *compress = sizeof(struct workspace);
    *decompress = PIECE;
    return STATUS_SUCCESS;
}

/* ---- compression ---- */

static unsigned int hash(const BYTE *p)
{
    return (p[0] | p[1] << 8 | (unsigned int)p[2] << 16) * 2654435761u >> (32 - HASH_BITS);
}

/* The longest earlier copy of what stands at POSITION; its distance, 0 for none that is worth it. */
static ULONG find_match(const struct workspace *work, const BYTE *piece, ULONG size, ULONG position, unsigned int tries,
                        ULONG max_length, ULONG *length)
{
    ULONG best = MIN_MATCH - 1, distance = 0, limit = min(size - position, max_length);

    if (limit < MIN_MATCH) return 0;
    for (USHORT at = work->head[hash(piece + position)]; at != NO_POSITION && tries; at = work->previous[at], tries--)
    {
        ULONG n = 0;

        while (n < limit && piece[at + n] == piece[position + n]) n++;
        if (n <= best) continue;
        best = n;
        distance = position - at;
        if (n == limit) break;
    }
    *length = best;
    return distance;
}

/* The piece's items to at most ROOM bytes; 0 if there is not room enough. */
static ULONG compress_piece(struct workspace *work, const BYTE *piece, ULONG size, BYTE *out, ULONG room, unsigned int tries)
{
    ULONG position = 0, used = 0, flags = 0;
    unsigned int item = 8;

    memset(work->head, 0xff, sizeof(work->head));
    while (position < size)
    {
        ULONG length = 1, distance = 0;
        unsigned int bits = 0;

        if (item == 8)
        {
            if (used == room) return 0;
            out[flags = used++] = 0;
            item = 0;
        }
        if (position)
        {
            bits = length_bits(position);
            distance = find_match(work, piece, size, position, tries, (1u << bits) - 1 + MIN_MATCH, &length);
        }
        if (distance)
        {
            ULONG token = (distance - 1) << bits | (length - MIN_MATCH);

            if (room - used < 2) return 0;
            out[used++] = (BYTE)token;
            out[used++] = (BYTE)(token >> 8);
            out[flags] |= (BYTE)(1 << item);
        }
        else
        {
            length = 1;
            if (used == room) return 0;
            out[used++] = piece[position];
        }
        item++;
        for (; length; length--, position++)
        {
            unsigned int slot;

            if (size - position < MIN_MATCH) continue;
            slot = hash(piece + position);
            work->previous[position] = work->head[slot];
            work->head[slot] = (USHORT)position;
        }
    }
    return used;
}

NTSTATUS WINAPI RtlCompressBuffer(USHORT format, UCHAR *in, ULONG in_size, UCHAR *out, ULONG out_size, ULONG chunk_size,
                                  ULONG *final_size, void *workspace)
{
    unsigned int tries = (format & 0xff00) == COMPRESSION_ENGINE_MAXIMUM ? PIECE : MAX_CHAIN;
    NTSTATUS status = check_format(format);
    ULONG done = 0, used = 0;
    BYTE any = 0;

    (void)chunk_size;           /* LZNT1 knows no other than 4096 */
    if (status) return status;
    while (done < in_size)
    {
        ULONG size = min(in_size - done, PIECE), bytes, header;

        for (ULONG i = 0; i < size; i++) any |= in[done + i];
        if (out_size - used < HEADER) return STATUS_BUFFER_TOO_SMALL;
        header = SIGNATURE | COMPRESSED;
        /* Items that take more than the bytes themselves are not worth it. */
        bytes = compress_piece(workspace, in + done, size, out + used + HEADER, min(out_size - used - HEADER, size - 1), tries);
        if (!bytes)
        {
            if (out_size - used - HEADER < size) return STATUS_BUFFER_TOO_SMALL;
            memcpy(out + used + HEADER, in + done, size);
            header = SIGNATURE;
            bytes = size;
        }
        header |= bytes - 1;
        out[used] = (BYTE)header;
        out[used + 1] = (BYTE)(header >> 8);
        used += HEADER + bytes;
        done += size;
    }
    *final_size = used;
    return in_size && !any ? STATUS_BUFFER_ALL_ZEROS : STATUS_SUCCESS;
}

/* ---- decompression ---- */

/* The chunk's data to at most ROOM bytes. A byte that does not fit ends it, a copy too if it may be CUT; else that is an
 * error (ntdll:rtl test_RtlDecompressBuffer). */
static NTSTATUS decompress_chunk(const BYTE *chunk, BYTE *out, ULONG room, bool cut, ULONG *size)
{
    const BYTE *in = chunk + HEADER, *end = in + chunk_bytes(chunk);
    ULONG done = 0;

    if (!(chunk[1] & COMPRESSED >> 8))
    {
        *size = min((ULONG)(end - in), room);
        memcpy(out, in, *size);
        return STATUS_SUCCESS;
    }
    while (in < end)
    {
        BYTE flags = *in++;

        for (int i = 0; i < 8 && in < end; i++, flags >>= 1)
        {
            if (flags & 1)
            {
                ULONG token, distance, length;
                unsigned int bits;

                if (end - in < 2 || !done) return STATUS_BAD_COMPRESSION_BUFFER;
                token = in[0] | in[1] << 8;
                in += 2;
                bits = length_bits(done);
                distance = (token >> bits) + 1;
                length = (token & ((1u << bits) - 1)) + MIN_MATCH;
                if (distance > done) return STATUS_BAD_COMPRESSION_BUFFER;
                if (length > room - done)
                {
                    if (!cut) return STATUS_BAD_COMPRESSION_BUFFER;
                    for (; done < room; done++) out[done] = out[done - distance];
                    *size = done;
                    return STATUS_SUCCESS;
                }
                for (; length; length--, done++) out[done] = out[done - distance];
            }
            else
            {
                if (done == room)
                {
                    *size = done;
                    return STATUS_SUCCESS;
                }
                out[done++] = *in++;
            }
        }
    }
    *size = done;
    return STATUS_SUCCESS;
}

/* The chunk that starts at AT; NULL at the end. FALSE if it is cut off. */
static bool next_chunk(const BYTE *in, ULONG in_size, ULONG at, const BYTE **chunk)
{
    *chunk = NULL;
    if (in_size - at < HEADER || !(in[at] | in[at + 1])) return true;
    if (in_size - at - HEADER < chunk_bytes(in + at)) return false;
    *chunk = in + at;
    return true;
}

/* Chunks from AT on; each but the last stands for a whole piece. */
static NTSTATUS decompress(BYTE *out, ULONG out_size, const BYTE *in, ULONG in_size, ULONG at, bool cut, ULONG *final_size)
{
    ULONG done = 0, size = 0;
    const BYTE *chunk;
    NTSTATUS status;

    for (;;)
    {
        if (!next_chunk(in, in_size, at, &chunk)) return STATUS_BAD_COMPRESSION_BUFFER;
        if (!chunk) break;
        if (done)
        {
            ULONG pad = min(PIECE - size, out_size - done);

            memset(out + done, 0, pad);
            done += pad;
        }
        if (done == out_size) break;
        if ((status = decompress_chunk(chunk, out + done, min(PIECE, out_size - done), cut, &size))) return status;
        done += size;
        if (done == out_size) break;
        at += HEADER + chunk_bytes(chunk);
    }
    *final_size = done;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlDecompressBuffer(USHORT format, UCHAR *out, ULONG out_size, UCHAR *in, ULONG in_size, ULONG *final_size)
{
    NTSTATUS status = check_format(format);

    if (status) return status;
    if (in_size < HEADER) return STATUS_BAD_COMPRESSION_BUFFER;
    return decompress(out, out_size, in, in_size, 0, false, final_size);
}

NTSTATUS WINAPI RtlDecompressFragment(USHORT format, UCHAR *out, ULONG out_size, UCHAR *in, ULONG in_size, ULONG offset,
                                      ULONG *final_size, void *workspace)
{
    NTSTATUS status = check_format(format);
    ULONG at = 0, skip = offset % PIECE, size, rest = 0;
    const BYTE *chunk;

    if (status) return status;
    if (in_size < HEADER) return STATUS_BAD_COMPRESSION_BUFFER;
    for (ULONG piece = 0; ; piece++)
    {
        if (!next_chunk(in, in_size, at, &chunk)) return STATUS_BAD_COMPRESSION_BUFFER;
        if (!chunk)
        {
            *final_size = 0;
            return STATUS_SUCCESS;
        }
        if (piece == offset / PIECE) break;
        at += HEADER + chunk_bytes(chunk);
    }

    /* The piece in which the fragment starts, all of it; bytes that were not compressed must fill theirs. */
    if (!(chunk[1] & COMPRESSED >> 8) && chunk_bytes(chunk) != PIECE) return STATUS_BAD_COMPRESSION_BUFFER;
    if ((status = decompress_chunk(chunk, workspace, PIECE, false, &size))) return status;
    at += HEADER + chunk_bytes(chunk);
    if (!next_chunk(in, in_size, at, &chunk)) return STATUS_BAD_COMPRESSION_BUFFER;
    if (chunk || (skip && size <= skip))
    {
        memset((BYTE *)workspace + size, 0, PIECE - size);
        size = PIECE;
    }
    size = min(size - skip, out_size);
    memcpy(out, (BYTE *)workspace + skip, size);
    if (chunk && size < out_size && (status = decompress(out + size, out_size - size, in, in_size, at, true, &rest)))
        return status;
    *final_size = size + rest;
    return STATUS_SUCCESS;
}
