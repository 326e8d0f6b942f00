/* _mbs*: strings in the multibyte code page. No system code page here has lead bytes (UTF-8 has none in this sense, and
 * Windows too treats it so), so a character is a byte; most names are the str* functions' second ones, in the .def. */
#include "crt.h"

int isalpha(int c), isalnum(int c), isdigit(int c), isgraph(int c), islower(int c), isprint(int c), ispunct(int c), isspace(int c), isupper(int c), iscntrl(int c);
char *strpbrk(const char *s, const char *set);
size_t strspn(const char *s, const char *set), strnlen(const char *s, size_t most);

/* for c in -1..255; upper and lower case letters are all there is to say */
unsigned char _mbctype[257] = { [1 + 'A' ... 1 + 'Z'] = 0x10, [1 + 'a' ... 1 + 'z'] = 0x20 };
unsigned char _mbcasemap[256] =
{
#define PAIR(u) [u] = (u) | 32, [(u) | 32] = (u)
    PAIR('A'), PAIR('B'), PAIR('C'), PAIR('D'), PAIR('E'), PAIR('F'), PAIR('G'), PAIR('H'), PAIR('I'), PAIR('J'), PAIR('K'), PAIR('L'), PAIR('M'),
    PAIR('N'), PAIR('O'), PAIR('P'), PAIR('Q'), PAIR('R'), PAIR('S'), PAIR('T'), PAIR('U'), PAIR('V'), PAIR('W'), PAIR('X'), PAIR('Y'), PAIR('Z'),
};
CRT_API(unsigned char *, __p__mbctype, void) { return _mbctype; }
CRT_API(unsigned char *, __p__mbcasemap, void) { return _mbcasemap; }

CRT_API(int, _getmbcp, void) { return 0; }              /* single bytes */
CRT_API(int, _setmbcp, int page)
{
    CPINFO info;

    switch (page)
    {
    case 0: case -4: return 0;                          /* single bytes; the locale's */
    case -2: page = GetOEMCP(); break;
    case -3: page = GetACP(); break;
    }
    if (page > 0 && GetCPInfo(page, &info) && (info.MaxCharSize == 1 || page == CP_UTF8)) return 0;
    return crt_fail(E_INVAL);
}
CRT_API(int, _ismbblead, unsigned int c) { (void)c; return 0; }
CRT_API(int, _ismbslead, const unsigned char *start, const unsigned char *at) { (void)start; (void)at; return 0; }
CRT_API(int, _ismbclegal, unsigned int c) { (void)c; return 0; }        /* of two bytes: none */
CRT_API(int, _mbsbtype, const unsigned char *s, size_t at)
{
    size_t i;
    for (i = 0; i < at; i++) if (!s[i]) return -1;
    return s[at] ? 0 : -1;
}
CRT_API(int, _mbbtype, unsigned char c, int type) { (void)c; (void)type; return 0; }
CRT_API(size_t, _mbclen, const unsigned char *s) { (void)s; return 1; }
CRT_API(void, _mbccpy, unsigned char *to, const unsigned char *from) { *to = *from; }
CRT_API(int, _mbccpy_s, unsigned char *to, size_t size, int *copied, const unsigned char *from)
{
    if (copied) *copied = 0;
    if (!to || !size) { errno = E_INVAL; return E_INVAL; }
    if (!from) { *to = 0; errno = E_INVAL; return E_INVAL; }
    *to = *from;
    if (copied) *copied = 1;
    return 0;
}
CRT_API(unsigned char *, _mbsinc, const unsigned char *s) { return (unsigned char *)s + 1; }
CRT_API(unsigned char *, _mbsdec, const unsigned char *start, const unsigned char *at) { return at > start ? (unsigned char *)at - 1 : NULL; }
CRT_API(unsigned int, _mbsnextc, const unsigned char *s) { return *s; }
CRT_API(unsigned char *, _mbsninc, const unsigned char *s, size_t n) { return s ? (unsigned char *)s + strnlen((const char *)s, n) : NULL; }
CRT_API(unsigned char *, _mbsspnp, const unsigned char *s, const unsigned char *set)
{
    s += strspn((const char *)s, (const char *)set);
    return *s ? (unsigned char *)s : NULL;
}
#define CLASS(name, f) CRT_API(int, name, unsigned int c) { return c < 256 && f((int)c); }
CLASS(_ismbcalpha, isalpha) CLASS(_ismbcalnum, isalnum) CLASS(_ismbcdigit, isdigit) CLASS(_ismbcgraph, isgraph) CLASS(_ismbclower, islower)
CLASS(_ismbcprint, isprint) CLASS(_ismbcpunct, ispunct) CLASS(_ismbcspace, isspace) CLASS(_ismbcupper, isupper)
