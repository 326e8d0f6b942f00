/* _splitpath_s and _makepath_s, once for CHAR = char and once for CHAR = wchar_t (crt_path.c). */

struct NAME(part)
{
    const CHAR *start;
    size_t len;
};

static void NAME(split)(const CHAR *path, struct NAME(part) part[4])
{
    const CHAR *name, *dot = NULL, *p;

    part[0] = (struct NAME(part)){ path, path[0] && path[1] == ':' ? 2 : 0 };
    path += part[0].len;
    for (name = p = path; *p; p++)
        if (*p == '/' || *p == '\\') name = p + 1;
    for (p = name; *p; p++)
        if (*p == '.') dot = p;
    if (!dot) dot = p;
    part[1] = (struct NAME(part)){ path, name - path };
    part[2] = (struct NAME(part)){ name, dot - name };
    part[3] = (struct NAME(part)){ dot, p - dot };
}

static errno_t NAME(split_s)(const CHAR *path, CHAR *const out[4], const size_t size[4])
{
    struct NAME(part) part[4];
    errno_t err = path ? 0 : EINVAL;

    for (int i = 0; i < 4; i++)
        if (!out[i] != !size[i]) err = EINVAL;
    if (!err)
    {
        NAME(split)(path, part);
        for (int i = 0; i < 4; i++)
            if (out[i] && part[i].len >= size[i]) err = ERANGE;
    }
    for (int i = 0; i < 4; i++)
    {
        if (!out[i] || !size[i]) continue;
        if (!err) memcpy(out[i], part[i].start, part[i].len * sizeof(CHAR));
        out[i][err ? 0 : part[i].len] = 0;
    }
    return err;
}

static errno_t NAME(make_s)(CHAR *path, size_t size, const CHAR *drive, const CHAR *dir, const CHAR *name,
                            const CHAR *ext)
{
    size_t n = 0;

    if (!path || !size) return EINVAL;
#define ADD(c) do { if (n + 1 >= size) goto range; path[n++] = (c); } while (0)
    if (drive && *drive)
    {
        ADD(*drive);
        ADD(':');
    }
    if (dir && *dir)
    {
        while (*dir) ADD(*dir++);
        if (path[n - 1] != '/' && path[n - 1] != '\\') ADD('\\');
    }
    if (name) while (*name) ADD(*name++);
    if (ext && *ext)
    {
        if (*ext != '.') ADD('.');
        while (*ext) ADD(*ext++);
    }
#undef ADD
    path[n] = 0;
    return 0;
range:
    *path = 0;
    return ERANGE;
}
