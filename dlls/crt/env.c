/* The environment: getenv and friends, over the process's own. _environ is made when first asked for, and
 * follows changes made through putenv only, as documented. */
#include "crt.h"

extern char **_environ, **__initenv;
extern crt_wchar **_wenviron, **__winitenv;

static bool environ_make(void)
{
    WCHAR *block = GetEnvironmentStringsW(), *p;
    size_t count = 0, i = 0;
    crt_wchar **wide;
    char **narrow;

    if (!block) return false;
    for (p = block; *p; p += wcslen((crt_wchar *)p) + 1) if (*p != '=') count++;
    wide = calloc(count + 1, sizeof(*wide));
    narrow = calloc(count + 1, sizeof(*narrow));
    for (p = block; wide && narrow && *p; p += wcslen((crt_wchar *)p) + 1)
    {
        if (*p == '=') continue;
        if (!(wide[i] = crt_wcsdup((crt_wchar *)p)) || !(narrow[i] = crt_to_narrow((crt_wchar *)p))) { wide = NULL; break; }
        i++;
    }
    FreeEnvironmentStringsW(block);
    if (!wide || !narrow) return false;
    _wenviron = wide;
    _environ = narrow;
    return true;
}

void crt_env_init(void)
{
    crt_lock(LOCK_ENV);
    if (!_environ && environ_make())
    {
        __initenv = _environ;
        __winitenv = _wenviron;
    }
    crt_unlock(LOCK_ENV);
}

CRT_API(char ***, __p__environ, void) { crt_env_init(); return &_environ; }
CRT_API(crt_wchar ***, __p__wenviron, void) { crt_env_init(); return &_wenviron; }
CRT_API(char ***, __p___initenv, void) { crt_env_init(); return &__initenv; }
CRT_API(crt_wchar ***, __p___winitenv, void) { crt_env_init(); return &__winitenv; }

CRT_API(crt_wchar *, _wgetenv, const crt_wchar *name)
{
    size_t n = name ? wcslen(name) : 0;
    crt_wchar **e, *found = NULL;

    if (!n) return NULL;
    crt_env_init();
    crt_lock(LOCK_ENV);
    for (e = _wenviron; e && *e && !found; e++)
    {
        UNICODE_STRING a = { n * 2, n * 2, (WCHAR *)name }, b = { n * 2, n * 2, (WCHAR *)*e };
        if (wcslen(*e) > n && (*e)[n] == '=' && RtlEqualUnicodeString(&a, &b, TRUE)) found = *e + n + 1;
    }
    crt_unlock(LOCK_ENV);
    return found;
}

CRT_API(char *, getenv, const char *name)
{
    crt_wchar *wide = name ? crt_to_wide(name) : NULL, *value = wide ? _wgetenv(wide) : NULL;
    char *found = NULL;
    size_t i;

    free(wide);
    if (!value) return NULL;
    /* the same place in the narrow list */
    crt_lock(LOCK_ENV);
    for (i = 0; _wenviron[i] && !found; i++)
        if (value > _wenviron[i] && value <= _wenviron[i] + wcslen(_wenviron[i])) found = strchr(_environ[i], '=') + 1;
    crt_unlock(LOCK_ENV);
    return found;
}

/* text is NAME=value; an empty value takes the name away. Strings that getenv gave out stay valid: what is
 * replaced is not freed. */
CRT_API(int, _wputenv, const crt_wchar *text)
{
    size_t n = 0, count = 0, i;
    crt_wchar *name, **wide;
    char **narrow;
    bool found = false;
    int ret = -1;

    if (!text) return crt_fail(E_INVAL);
    while (text[n] && text[n] != '=') n++;
    if (!n || !text[n]) return crt_fail(E_INVAL);
    crt_env_init();
    if (!(name = crt_wcsdup(text))) return crt_fail(E_NOMEM);
    name[n] = 0;
    crt_lock(LOCK_ENV);
    if (SetEnvironmentVariableW((WCHAR *)name, text[n + 1] ? (WCHAR *)text + n + 1 : NULL) || !text[n + 1])
    {
        for (count = 0; _wenviron[count]; count++) {}
        wide = calloc(count + 2, sizeof(*wide));
        narrow = calloc(count + 2, sizeof(*narrow));
        if (wide && narrow)
        {
            size_t out = 0;
            for (i = 0; i < count; i++)
            {
                UNICODE_STRING a = { n * 2, n * 2, (WCHAR *)name }, b = { n * 2, n * 2, (WCHAR *)_wenviron[i] };
                wide[out] = _wenviron[i];
                narrow[out] = _environ[i];
                if (wcslen(_wenviron[i]) > n && _wenviron[i][n] == '=' && RtlEqualUnicodeString(&a, &b, TRUE))
                {
                    found = true;
                    if (!text[n + 1]) continue;
                    wide[out] = crt_wcsdup(text);
                    narrow[out] = crt_to_narrow(text);
                }
                out++;
            }
            wide[out] = NULL;
            narrow[out] = NULL;
            if (!found && text[n + 1])
            {
                wide[out] = crt_wcsdup(text);
                narrow[out] = crt_to_narrow(text);
            }
            _wenviron = wide;
            _environ = narrow;
            ret = 0;
        }
    }
    crt_unlock(LOCK_ENV);
    free(name);
    return ret;
}
CRT_API(int, _putenv, const char *text)
{
    crt_wchar *wide = text ? crt_to_wide(text) : NULL;
    int ret = _wputenv(wide);
    free(wide);
    return ret;
}
CRT_API(int, _putenv_s, const char *name, const char *value)
{
    size_t a, b;
    char *text;
    int ret;

    if (!name || !value) { errno = E_INVAL; return E_INVAL; }
    a = strlen(name);
    b = strlen(value);
    if (!(text = malloc(a + b + 2))) { errno = E_NOMEM; return E_NOMEM; }
    memcpy(text, name, a);
    text[a] = '=';
    memcpy(text + a + 1, value, b + 1);
    ret = _putenv(text);
    free(text);
    return ret ? errno : 0;
}
CRT_API(int, getenv_s, size_t *needed, char *buffer, size_t size, const char *name)
{
    const char *value;
    size_t n;

    if (!needed || (!buffer && size)) { errno = E_INVAL; return E_INVAL; }
    *needed = 0;
    if (buffer && size) buffer[0] = 0;
    if (!(value = getenv(name))) return 0;
    *needed = n = strlen(value) + 1;
    if (!size) return 0;
    if (n > size) { errno = E_RANGE; return E_RANGE; }
    memcpy(buffer, value, n);
    return 0;
}
