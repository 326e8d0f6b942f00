/* The C runtime's private header. msvcrt.dll is built from this folder; what differs between msvcrt and
 * ucrtbase is decided by macros here, not by #ifdef in the code.
 *
 * Only types come from mingw's headers: each public function is declared where it is defined (CRT_API), since
 * the headers would declare many of them as imports of the very DLL that is being built.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <limits.h>
#include "windef.h"
#include "winbase.h"
#include "winnls.h"
#include "wincon.h"
#include "winternl.h"

/* what those headers bring of mingw's <ctype.h> and <stdio.h> as macros */
#undef __pctype_func
#undef _pctype
#undef _pwctype
#undef _ctype
#undef __mb_cur_max
#undef ___mb_cur_max_func
#undef WEOF
#undef EOF
#undef errno
#undef _tolower
#undef _toupper
#undef __isascii
#undef __toascii
#undef __iscsym
#undef __iscsymf
#undef iswascii
#undef iswalnum
#undef iswalpha
#undef iswcntrl
#undef iswdigit
#undef iswgraph
#undef iswlower
#undef iswprint
#undef iswpunct
#undef iswspace
#undef iswupper
#undef iswxdigit

#define CRT_API(ret, name, ...) ret name(__VA_ARGS__); ret name(__VA_ARGS__)

#define CRT_EXPONENT_DIGITS 3           /* 1e+003; ucrtbase prints 1e+03 */

typedef unsigned short crt_wchar;       /* wchar_t of Windows */
typedef long long crt_time;

/* The FILE of msvcrt, whose layout old programs know (getc was a macro). */
typedef struct crt_file
{
    char *_ptr;                 /* next byte in the buffer */
    int   _cnt;                 /* bytes left: to read, or room to write */
    char *_base;                /* the buffer, NULL if none yet */
    int   _flag;
    int   _file;                /* file descriptor */
    int   _charbuf;             /* one-byte buffer of unbuffered streams */
    int   _bufsiz;
    char *_tmpfname;            /* deleted at fclose */
} FILE;
_Static_assert(sizeof(FILE) == 48, "FILE of msvcrt");

enum { F_READ = 0x01, F_WRITE = 0x02, F_NBF = 0x04, F_OWNBUF = 0x08, F_EOF = 0x10, F_ERR = 0x20, F_STRING = 0x40,
       F_RW = 0x80, F_LBF = 0x100, F_USERBUF = 0x200, F_READING = 0x400, F_WRITING = 0x800, F_COMMIT = 0x4000 };

#define EOF (-1)
#define WEOF ((unsigned short)0xffff)
#define IOB_COUNT 20
extern FILE _iob[IOB_COUNT];
#define stdin  (&_iob[0])
#define stdout (&_iob[1])
#define stderr (&_iob[2])

/* errno values */
enum { E_PERM = 1, E_NOENT = 2, E_SRCH = 3, E_INTR = 4, E_IO = 5, E_NXIO = 6, E_2BIG = 7, E_NOEXEC = 8, E_BADF = 9, E_CHILD = 10,
       E_AGAIN = 11, E_NOMEM = 12, E_ACCES = 13, E_FAULT = 14, E_BUSY = 16, E_EXIST = 17, E_XDEV = 18, E_NODEV = 19,
       E_NOTDIR = 20, E_ISDIR = 21, E_INVAL = 22, E_NFILE = 23, E_MFILE = 24, E_NOTTY = 25, E_FBIG = 27, E_NOSPC = 28,
       E_SPIPE = 29, E_ROFS = 30, E_MLINK = 31, E_PIPE = 32, E_DOM = 33, E_RANGE = 34, E_DEADLK = 36, E_NAMETOOLONG = 38,
       E_NOLCK = 39, E_NOSYS = 40, E_NOTEMPTY = 41, E_ILSEQ = 42 };

int *_errno(void);
unsigned long *__doserrno(void);
#define errno (*_errno())
void crt_set_errno_from_win32(DWORD error);     /* also sets _doserrno */
int  crt_fail(int error);                       /* sets errno, returns -1 */

/* memory and strings used inside */
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *block, size_t size);
void  free(void *block);
void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
int   memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t wcslen(const crt_wchar *s);
int   strcmp(const char *a, const char *b);
char *strchr(const char *s, int c);
char *strcpy(char *to, const char *from);
char *crt_strdup(const char *s);
crt_wchar *crt_wcsdup(const crt_wchar *s);
crt_wchar *crt_to_wide(const char *s);          /* in the ANSI code page; malloc'd, NULL: no memory */
char *crt_to_narrow(const crt_wchar *s);

/* descriptors: fd.c */
enum { FD_OPEN = 1, FD_EOF = 2, FD_CONSOLE = 0x10, FD_APPEND = 0x20, FD_DEVICE = 0x40, FD_TEXT = 0x80, FD_PIPE = 8 };
int  _read(int fd, void *buffer, unsigned int count);
int  _write(int fd, const void *buffer, unsigned int count);
int  _close(int fd);
long long _lseeki64(int fd, long long offset, int origin);
int  _isatty(int fd);
bool crt_fd_is_console(int fd);                  /* a terminal, not just any device */
bool crt_fd_is_wide(int fd);                     /* wide characters go there as they are */
bool crt_fd_is_text(int fd);
bool crt_fd_appends(int fd);
long long crt_fd_raw_offset(int fd, size_t used, size_t filled);
int  crt_open_wide(const crt_wchar *path, int flags, int share, int mode);
void crt_fd_init(void);

/* streams: stream.c */
void crt_stream_lock(FILE *file);
void crt_stream_unlock(FILE *file);
void crt_streams_close(void);                   /* at exit: flush all */
int  crt_putc(int c, FILE *file);               /* these four: caller holds the stream's lock */
int  crt_getc(FILE *file);
int  crt_ungetc(int c, FILE *file);
size_t crt_write(const void *data, size_t size, FILE *file);
crt_wchar crt_get_wide(FILE *file);             /* stdio.c */
void crt_unget_wide(crt_wchar c, FILE *file);
int  crt_put_wide(const crt_wchar *text, size_t count, FILE *file);

/* formatting: format.c. The sink is called with runs of characters; returns the number of characters, or
 * -1. wide says what the format string and the output are made of. */
struct crt_sink { void (*put)(struct crt_sink *sink, const void *chars, size_t count); int error; };
int crt_float_digits(double value, char *digits, int *point, int wanted, bool after);
int crt_format(struct crt_sink *sink, bool wide, const void *format, va_list args);

/* start and end: start.c */
void crt_start_init(void);
void crt_lock(int number);
void crt_unlock(int number);
enum { LOCK_EXIT = 8, LOCK_IOB = 1, LOCK_HEAP = 4, LOCK_ENV = 7, LOCK_TIME = 6, LOCK_COUNT = 48 };
struct crt_thread                               /* per thread: errno and the buffers of functions that return one */
{
    int error;
    unsigned long dos_error;
    unsigned int rand_seed;
    char *strtok_next;
    crt_wchar *wcstok_next;
    int tm[9];
    char asctime[32];
    crt_wchar wasctime[32];
    char strerror[256];
    char cvt[400];              /* _ecvt, _fcvt */
    crt_wchar wstrerror[256];
    HANDLE handle;              /* of a thread of _beginthread */
    void *signal_info;
    void *caught;               /* cxx.c: the exceptions being handled */
    uintptr_t left_frame;       /* and the catch block that was just left by another exception: its function, and where */
    int left_state;             /* that one stands */
};
struct crt_thread *crt_thread(void);
void crt_thread_free(void);
void crt_env_init(void);
void crt_time_init(void);
