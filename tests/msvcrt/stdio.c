/* Streams: text mode and positions in it, putting back, buffers, Unicode text, wide characters. */
#include "msvcrt.h"

static char name[MAX_PATH];

CRT(FILE *, _wfopen, (const wchar_t *, const wchar_t *));
CRT(FILE *, fopen, (const char *, const char *));
CRT(long, ftell, (FILE *));
CRT(int, fgetpos, (FILE *, long long *));
CRT(int, _fseeki64, (FILE *, long long, int));
CRT(long long, _ftelli64, (FILE *));
CRT(wint_t, fgetwc, (FILE *));
CRT(wint_t, fputwc, (wchar_t, FILE *));
CRT(wint_t, ungetwc, (wint_t, FILE *));
CRT(int, fputws, (const wchar_t *, FILE *));
CRT(wchar_t *, fgetws, (wchar_t *, int, FILE *));
CRT(int, fflush, (FILE *));

static void put_file(const void *data, size_t size)
{
    FILE *f = p_fopen(name, "wb");
    ok(f && fwrite(data, 1, size, f) == size, "cannot write %s\n", name);
    if (f) fclose(f);
}
static size_t get_file(char *data, size_t room)
{
    FILE *f = p_fopen(name, "rb");
    size_t n = f ? fread(data, 1, room, f) : 0;
    if (f) fclose(f);
    return n;
}
#define FILE_IS(text) do { char got_[256]; size_t n_ = get_file(got_, sizeof(got_)); \
    ok(n_ == sizeof(text) - 1 && !memcmp(got_, text, n_), "the file is %s\n", wine_dbgstr_an(got_, (int)n_)); } while (0)

static void test_text_mode(void)
{
    static char big[10000];
    char line[64];
    FILE *f;
    size_t n;
    int i;

    f = p_fopen(name, "w");
    fputs("one\ntwo\n\n", f);
    ok(p_ftell(f) == 12, "%ld\n", p_ftell(f));
    fclose(f);
    FILE_IS("one\r\ntwo\r\n\r\n");

    f = p_fopen(name, "r");
    ok(!strcmp(fgets(line, sizeof(line), f), "one\n"), "'%s'\n", line);
    ok(p_ftell(f) == 5, "%ld\n", p_ftell(f));
    ok(!p__fseeki64(f, 0, SEEK_CUR) && p_ftell(f) == 5, "%ld\n", p_ftell(f));
    ok(fgetc(f) == 't', "seeking by nothing changes nothing\n");
    ok(p_ftell(f) == 6, "%ld\n", p_ftell(f));
    ok(!strcmp(fgets(line, sizeof(line), f), "wo\n"), "'%s'\n", line);
    ok(p_ftell(f) == 10, "%ld\n", p_ftell(f));
    ok(fgetc(f) == '\n' && fgetc(f) == EOF && feof(f), "the end\n");
    ok(p_ftell(f) == 12, "%ld\n", p_ftell(f));
    rewind(f);
    ok(!feof(f) && fgetc(f) == 'o', "rewind\n");
    fclose(f);

    /* a lone \r stays; \r\n across a buffer's end is one \n; Ctrl-Z ends the text */
    memset(big, 'x', sizeof(big));
    big[4095] = '\r';
    big[4096] = '\n';
    big[8191] = '\r';
    big[8192] = 'y';
    big[9990] = 26;
    put_file(big, sizeof(big));
    f = p_fopen(name, "r");
    for (i = 0; i < 4095; i++) if (fgetc(f) != 'x') break;
    ok(i == 4095, "%d\n", i);
    ok(fgetc(f) == '\n' && p_ftell(f) == 4097, "%ld\n", p_ftell(f));
    for (i = 4097; i < 8191; i++) if (fgetc(f) != 'x') break;
    ok(i == 8191, "%d\n", i);
    ok(fgetc(f) == '\r' && fgetc(f) == 'y', "a lone \\r is itself\n");
    n = fread(line, 1, 7, f);
    ok(n == 7 && p_ftell(f) == 8200, "%ld\n", p_ftell(f));
    n = fread(big, 1, sizeof(big), f);
    ok(n == 9990 - 8200 && feof(f), "%Iu\n", n);
    fclose(f);
    f = p_fopen(name, "rb");
    n = fread(big, 1, sizeof(big), f);
    ok(n == 10000 && big[9990] == 26, "a binary stream has no end but the file's: %Iu\n", n);
    fclose(f);
}
static void test_put_back(void)
{
    FILE *f;

    put_file("abc", 3);
    f = p_fopen(name, "rb");
    ok(ungetc('z', f) == 'z' && fgetc(f) == 'z' && fgetc(f) == 'a', "before the first read\n");
    ok(ungetc('y', f) == 'y' && ungetc('x', f) != 'q', "two\n");
    ok(ungetc(EOF, f) == EOF, "EOF cannot be put back\n");
    while (fgetc(f) != EOF) {}
    ok(feof(f) && ungetc('e', f) == 'e' && !feof(f), "it takes the end away\n");
    ok(fgetc(f) == 'e' && fgetc(f) == EOF, "and comes back\n");
    fclose(f);
    f = p_fopen(name, "wb");
    ok(ungetc('a', f) == EOF, "a stream for writing\n");
    fclose(f);
}
static void test_update(void)
{
    char text[16] = "";
    FILE *f = p_fopen(name, "w+b");

    fputs("hello world", f);
    rewind(f);
    ok(fread(text, 1, 5, f) == 5 && !memcmp(text, "hello", 5), "'%s'\n", text);
    p__fseeki64(f, 0, SEEK_CUR);
    fputs("-", f);
    fclose(f);
    FILE_IS("hello-world");
    f = p_fopen(name, "ab");
    fputs("!", f);
    ok(p_ftell(f) == 12, "%ld\n", p_ftell(f));
    fclose(f);
    FILE_IS("hello-world!");
    f = p_fopen(name, "a+b");
    ok(fgetc(f) == 'h', "a+ reads from the start\n");
    p__fseeki64(f, 0, SEEK_SET);
    fputs("?", f);
    fclose(f);
    FILE_IS("hello-world!?");
    f = p_fopen(name, "r");
    errno = 0;
    ok(fputc('x', f) == EOF && ferror(f), "a stream for reading\n");
    fclose(f);
    ok(!p_fopen(name, "q"), "a mode that is none\n");
    errno = 0;
    ok(!p_fopen("no-such-folder\\file", "r") && *_errno() == ENOENT, "%d\n", *_errno());
}
static void test_buffers(void)
{
    char own[512], line[16];
    FILE *f = p_fopen(name, "wb");
    int i;

    ok(!setvbuf(f, own, _IOFBF, sizeof(own)), "setvbuf\n");
    fputs("abc", f);
    ok(!memcmp(own, "abc", 3), "what is written waits in the program's buffer\n");
    FILE_IS("");
    ok(!p_fflush(f), "fflush\n");
    FILE_IS("abc");
    fclose(f);
    f = p_fopen(name, "wb");
    ok(!setvbuf(f, NULL, _IONBF, 0), "setvbuf\n");
    fputs("de", f);
    fputc('f', f);
    FILE_IS("def");
    fclose(f);
    ok(setvbuf(stdin, NULL, 99, 512) == -1, "a mode that is none\n");
    f = p_fopen(name, "rb");
    fgetc(f);
    p_fflush(f);
    ok(fgetc(f) == EOF, "what was read ahead is forgotten\n");
    fclose(f);
    /* a file beyond 4 GiB that takes no room */
    f = p_fopen(name, "w+b");
    ok(!p__fseeki64(f, 0x140000000ll, SEEK_SET), "_fseeki64\n");
    fputs("far", f);
    ok(p__ftelli64(f) == 0x140000003ll, "%I64x\n", p__ftelli64(f));
    ok(p_ftell(f) == -1, "ftell has 32 bits\n");
    ok(!p__fseeki64(f, -3, SEEK_END) && fread(line, 1, 3, f) == 3 && !memcmp(line, "far", 3), "read it back\n");
    fclose(f);
    for (i = 0; i < 3; i++) if (!(f = tmpfile())) break; else fclose(f);
    ok(i == 3, "tmpfile\n");
}
static void test_unicode(void)
{
    wchar_t line[64];
    FILE *f;

    f = p__wfopen(L"crt-unicode.tmp", L"w, ccs=UTF-8");
    ok(!!f, "_wfopen\n");
    if (!f) return;
    p_fputws(L"a\xe9\x20ac\xd83d\xde00\n", f);
    fclose(f);
    strcpy(name, "crt-unicode.tmp");
    FILE_IS("\xef\xbb\xbf" "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\r\n");
    f = p__wfopen(L"crt-unicode.tmp", L"r, ccs=UNICODE");
    ok(!!p_fgetws(line, 64, f) && !wcscmp(line, L"a\xe9\x20ac\xd83d\xde00\n"), "%s\n", wine_dbgstr_w(line));
    ok(!p_fgetws(line, 64, f), "the end\n");
    fclose(f);
    f = p__wfopen(L"crt-unicode.tmp", L"w, ccs=UTF-16LE");
    p_fputws(L"b\n", f);
    fclose(f);
    FILE_IS("\xff\xfe" "b\0\r\0\n\0");
    f = p__wfopen(L"crt-unicode.tmp", L"a, ccs=UTF-8");         /* the file's mark decides */
    p_fputws(L"c", f);
    fclose(f);
    FILE_IS("\xff\xfe" "b\0\r\0\n\0c\0");
    ok(!p__wfopen(L"crt-unicode.tmp", L"r, ccs=KOI8"), "a form that is none\n");

    /* a binary stream takes wide characters as they are, a text stream in the ANSI code page */
    f = p_fopen(name, "wb");
    p_fputwc(0x20ac, f);
    fclose(f);
    FILE_IS("\xac\x20");
    f = p_fopen(name, "w");
    p_fputws(L"\x20ac\xd83d\xde00\n", f);
    fclose(f);
    FILE_IS("\xe2\x82\xac\xf0\x9f\x98\x80\r\n");
    f = p_fopen(name, "r");
    ok(p_fgetwc(f) == 0x20ac && p_fgetwc(f) == 0xd83d && p_fgetwc(f) == 0xde00, "read them back\n");
    ok(p_ungetwc(0xe9, f) == 0xe9 && p_fgetwc(f) == 0xe9 && p_fgetwc(f) == '\n' && p_fgetwc(f) == WEOF, "ungetwc\n");
    fclose(f);
}

START_TEST(stdio)
{
    GET(_wfopen); GET(fopen); GET(ftell); GET(fgetpos); GET(_fseeki64); GET(_ftelli64); GET(fgetwc); GET(fputwc); GET(ungetwc);
    GET(fputws); GET(fgetws); GET(fflush);
    sprintf(name, "crt-stdio-%lu.tmp", GetCurrentProcessId());
    test_text_mode();
    test_put_back();
    test_update();
    test_buffers();
    remove(name);
    test_unicode();
    remove(name);
}
