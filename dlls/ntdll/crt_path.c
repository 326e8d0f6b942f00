/* _splitpath and _makepath: text only, nothing is looked up. */

#include "rtl.h"

#define CHAR char
#define NAME(n) a_##n
#include "crt_path.h"
#undef CHAR
#undef NAME
#define CHAR wchar_t
#define NAME(n) w_##n
#include "crt_path.h"

void __cdecl _splitpath(const char *path, char *drive, char *dir, char *name, char *ext)
{
    char *const out[4] = { drive, dir, name, ext };
    const size_t size[4] = { drive ? 3 : 0, dir ? _MAX_PATH : 0, name ? _MAX_PATH : 0, ext ? _MAX_PATH : 0 };

    a_split_s(path, out, size);
}

errno_t __cdecl _splitpath_s(const char *path, char *drive, size_t n_drive, char *dir, size_t n_dir,
                             char *name, size_t n_name, char *ext, size_t n_ext)
{
    return a_split_s(path, (char *const []){ drive, dir, name, ext }, (const size_t []){ n_drive, n_dir, n_name, n_ext });
}

errno_t __cdecl _wsplitpath_s(const wchar_t *path, wchar_t *drive, size_t n_drive, wchar_t *dir, size_t n_dir,
                              wchar_t *name, size_t n_name, wchar_t *ext, size_t n_ext)
{
    return w_split_s(path, (wchar_t *const []){ drive, dir, name, ext },
                     (const size_t []){ n_drive, n_dir, n_name, n_ext });
}

errno_t __cdecl _makepath_s(char *path, size_t size, const char *drive, const char *dir, const char *name,
                            const char *ext)
{
    return a_make_s(path, size, drive, dir, name, ext);
}

errno_t __cdecl _wmakepath_s(wchar_t *path, size_t size, const wchar_t *drive, const wchar_t *dir,
                             const wchar_t *name, const wchar_t *ext)
{
    return w_make_s(path, size, drive, dir, name, ext);
}
