/* Descriptors: text mode byte by byte, Unicode text modes, modes of descriptors, pipes. */
#include "msvcrt.h"

CRT(int, _open, (const char *, int, ...));
CRT(int, _read, (int, void *, unsigned));
CRT(int, _write, (int, const void *, unsigned));
CRT(int, _setmode, (int, int));
CRT(long, _lseek, (int, long, int));
CRT(long, _tell, (int));
CRT(int, _eof, (int));
CRT(int, _dup2, (int, int));

static const char name[] = "crt-fd.tmp";

static void test_text(void)
{
    char text[32];
    int fd = p__open(name, _O_CREAT | _O_TRUNC | _O_RDWR | _O_TEXT, _S_IREAD | _S_IWRITE);

    ok(fd >= 3, "%d\n", fd);
    GIVES(p__write(fd, "ab\ncd\n", 6), 6);
    GIVES(p__tell(fd), 8);
    GIVES(p__lseek(fd, 0, SEEK_SET), 0);
    GIVES(p__read(fd, text, 3), 2);                     /* the \r was the third, and its \n comes next time */
    GIVES(p__tell(fd), 3);
    GIVES(p__read(fd, text, 1), 1);
    ok(text[0] == '\n', "%d\n", text[0]);
    GIVES(p__read(fd, text, 32), 3);
    ok(!memcmp(text, "cd\n", 3), "%.3s\n", text);
    GIVES(p__eof(fd), 1);
    GIVES(p__read(fd, text, 32), 0);
    GIVES(p__setmode(fd, _O_BINARY), _O_TEXT);
    GIVES(p__lseek(fd, -2, SEEK_END), 6);
    GIVES(p__read(fd, text, 32), 2);
    ok(!memcmp(text, "\r\n", 2), "%d %d\n", text[0], text[1]);
    GIVES(p__setmode(fd, 12345), -1);
    _close(fd);
    errno = 0;
    GIVES(p__read(fd, text, 1), -1);
    ok(*_errno() == EBADF, "%d\n", *_errno());
    GIVES(p__open("no-such-file", _O_RDONLY), -1);
    ok(*_errno() == ENOENT, "%d\n", *_errno());
    GIVES(p__open(name, _O_CREAT | _O_EXCL | _O_RDWR, 0600), -1);
    ok(*_errno() == EEXIST, "%d\n", *_errno());
}
static void test_unicode(void)
{
    wchar_t text[8];
    char bytes[16];
    int fd = p__open(name, _O_CREAT | _O_TRUNC | _O_WRONLY | _O_U8TEXT, 0600);

    GIVES(p__write(fd, "a", 1), -1);                    /* half a character */
    GIVES(p__write(fd, L"\xe9\n", 4), 4);
    _close(fd);
    fd = p__open(name, _O_RDONLY | _O_BINARY);
    GIVES(p__read(fd, bytes, 16), 7);
    ok(!memcmp(bytes, "\xef\xbb\xbf\xc3\xa9\r\n", 7), "the bytes\n");
    _close(fd);
    fd = p__open(name, _O_RDONLY | _O_WTEXT);
    GIVES(p__read(fd, text, 3), -1);
    GIVES(p__read(fd, text, sizeof(text)), 4);
    ok(text[0] == 0xe9 && text[1] == '\n', "%x %x\n", text[0], text[1]);
    _close(fd);
}
static void test_pipe(void)
{
    char text[8];
    int ends[2], fd;

    ok(!_pipe(ends, 100, _O_BINARY), "_pipe\n");
    GIVES(p__write(ends[1], "xyz", 3), 3);
    GIVES(p__read(ends[0], text, 8), 3);
    fd = ends[1] + 5;
    GIVES(p__dup2(ends[1], fd), 0);
    _close(ends[1]);
    GIVES(p__write(fd, "q", 1), 1);
    _close(fd);
    GIVES(p__read(ends[0], text, 8), 1);
    GIVES(p__read(ends[0], text, 8), 0);
    _close(ends[0]);
}

START_TEST(fd)
{
    GET(_open); GET(_read); GET(_write); GET(_setmode); GET(_lseek); GET(_tell); GET(_eof); GET(_dup2);
    test_text();
    test_unicode();
    test_pipe();
    _unlink(name);
}
