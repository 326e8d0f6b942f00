/* Descriptors as fd.c and fd_io.c know them. */
#pragma once
#include "crt.h"

#define FD_MAX 2048
enum { O_RDONLY_ = 0, O_WRONLY_ = 1, O_RDWR_ = 2, O_APPEND_ = 8, O_RANDOM_ = 0x10, O_SEQUENTIAL_ = 0x20, O_TEMPORARY_ = 0x40,
       O_NOINHERIT_ = 0x80, O_CREAT_ = 0x100, O_TRUNC_ = 0x200, O_EXCL_ = 0x400, O_SHORT_LIVED_ = 0x1000, O_TEXT_ = 0x4000,
       O_BINARY_ = 0x8000, O_WTEXT_ = 0x10000, O_U16TEXT_ = 0x20000, O_U8TEXT_ = 0x40000 };
#define UNICODE_MODES (O_WTEXT_ | O_U16TEXT_ | O_U8TEXT_)
enum { ENC_ANSI, ENC_UTF16, ENC_UTF8 };

struct fd
{
    HANDLE handle;
    unsigned char flags, encoding;
    unsigned char pending_count;        /* bytes that were read and are to be read again: a character that a buffer's end cut */
    char pending[4];
    crt_wchar high;                     /* the first half of a pair, whose second is still to be written */
    unsigned int last_raw;              /* bytes of the file that the last _read took; 0: not known */
};
extern struct fd crt_fds[FD_MAX];
struct fd *crt_fd_get(int fd);          /* NULL: errno is EBADF */
int crt_fd_new(HANDLE handle, unsigned char flags);
void crt_fd_find_encoding(struct fd *f, int flags);
