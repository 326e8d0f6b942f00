/* DOS path names: what kind of name it is, its full form, and that as an NT name. Text only, but for the current
 * directory, which curdir.c keeps. The rules are those of ntdll:path. */

#include "path.h"

extern NTSTATUS WINAPI RtlGetFullPathName_UEx(const WCHAR *name, ULONG size, WCHAR *buffer, WCHAR **file_part,
                                              ULONG *needed);

static inline bool is_sep(WCHAR c)
{
    return c == '\\' || c == '/';
}

DOS_PATHNAME_TYPE WINAPI RtlDetermineDosPathNameType_U(PCWSTR path)
{
    if (is_sep(path[0]))
    {
        if (!is_sep(path[1])) return ABSOLUTE_PATH;
        if (path[2] != '.' && path[2] != '?') return UNC_PATH;
        if (is_sep(path[3])) return DEVICE_PATH;
        return path[3] ? UNC_PATH : UNC_DOT_PATH;
    }
    if (!path[0] || path[1] != ':') return RELATIVE_PATH;
    return is_sep(path[2]) ? ABSOLUTE_DRIVE_PATH : RELATIVE_DRIVE_PATH;
}

/* ---- device names ---- */

static bool is_name(const WCHAR *text, unsigned int len, const WCHAR *name)
{
    return wcslen(name) == len && !_wcsnicmp(text, name, len);
}

static bool is_device(const WCHAR *text, unsigned int len)
{
    static const WCHAR *const names[] = { L"CON", L"PRN", L"AUX", L"NUL", L"CONIN$", L"CONOUT$" };

    for (unsigned int i = 0; i < ARRAY_COUNT(names); i++)
        if (is_name(text, len, names[i])) return true;
    return len == 4 && text[3] >= '1' && text[3] <= '9' && (is_name(text, 3, L"COM") || is_name(text, 3, L"LPT"));
}

/* If the last component is a device, whatever its extension: where it is and how long, in bytes, in the high and the
 * low word. */
ULONG WINAPI RtlIsDosDeviceName_U(PCWSTR path)
{
    const WCHAR *start = path, *end;

    switch (RtlDetermineDosPathNameType_U(path))
    {
    case INVALID_PATH:
    case UNC_PATH:
    case DEVICE_PATH:
    case UNC_DOT_PATH:
        return 0;
    case ABSOLUTE_DRIVE_PATH:
    case RELATIVE_DRIVE_PATH:
        start += 2;
        break;
    default:
        break;
    }
    for (const WCHAR *p = start; *p; p++)
        if (is_sep(*p)) start = p + 1;
    for (end = start; *end && *end != '.' && *end != ':'; end++) {}
    while (end > start && end[-1] == ' ') end--;
    if (!is_device(start, (unsigned int)(end - start))) return 0;
    return MAKELONG((end - start) * sizeof(WCHAR), (start - path) * sizeof(WCHAR));
}

/* ---- the full name ---- */

/* Copies components, resolving . and .. down to `root`, one separator between each two. Windows forgives: one dot at
 * the end of a component is dropped, and all dots and blanks at the end of the name. */
static SIZE_T copy_components(WCHAR *out, SIZE_T n, SIZE_T root, const WCHAR *p)
{
    while (*p)
    {
        SIZE_T len = 0;

        if (is_sep(*p))
        {
            if (n && out[n - 1] != '\\') out[n++] = '\\';
            p++;
            continue;
        }
        while (p[len] && !is_sep(p[len])) len++;

        if (len <= 2 && p[0] == '.' && (len == 1 || p[1] == '.'))
        {
            if (len == 2)
            {
                if (n > root && out[n - 1] == '\\') n--;
                while (n > root && out[n - 1] != '\\') n--;
            }
            if (!p[len] && n > root && out[n - 1] == '\\') n--;
        }
        else
        {
            SIZE_T keep = len;

            if (!p[len]) while (keep && (p[keep - 1] == '.' || p[keep - 1] == ' ')) keep--;
            else if (p[keep - 1] == '.' && p[keep - 2] != '.') keep--;
            memcpy(out + n, p, keep * sizeof(WCHAR));
            n += keep;
        }
        p += len;
    }
    return n;
}

/* \\server\share: .. does not lead out of it. */
static SIZE_T copy_unc_root(WCHAR *out, const WCHAR **rest)
{
    const WCHAR *p = *rest + 2;
    SIZE_T n = 2;

    out[0] = out[1] = '\\';
    for (int part = 0; part < 2; part++)
    {
        while (*p && !is_sep(*p)) out[n++] = *p++;
        if (part || !*p) break;
        while (is_sep(*p)) p++;
        out[n++] = '\\';
    }
    *rest = p;
    return n;
}

/* The current directory of a drive: ours, or what the variable =X: says, or its root. Returns the length. */
static SIZE_T copy_drive_directory(WCHAR *out, WCHAR drive)
{
    const UNICODE_STRING *current = current_directory();
    WCHAR name[] = { '=', drive, ':' };
    SIZE_T n;

    if (current->Length >= 2 * sizeof(WCHAR) && current->Buffer[1] == ':' &&
        RtlUpcaseUnicodeChar(current->Buffer[0]) == RtlUpcaseUnicodeChar(drive))
    {
        memcpy(out, current->Buffer, current->Length);
        return current->Length / sizeof(WCHAR);
    }
    if (!RtlQueryEnvironmentVariable(NULL, name, 3, out, MAX_PATH, &n) && n > 2)
    {
        if (out[n - 1] != '\\') out[n++] = '\\';
        return n;
    }
    out[0] = drive;
    out[1] = ':';
    out[2] = '\\';
    return 3;
}

/* The length of "\\server\share" or "X:" at the start of a full name. */
static SIZE_T volume_length(const WCHAR *path, SIZE_T len)
{
    SIZE_T n = 2;

    if (len < 2 || path[0] != '\\' || path[1] != '\\') return 2;
    while (n < len && path[n] != '\\') n++;
    if (n < len) n++;
    while (n < len && path[n] != '\\') n++;
    return n;
}

SIZE_T path_full_size(const WCHAR *name)
{
    return wcslen(name) + current_directory()->Length / sizeof(WCHAR) + MAX_PATH + 8;
}

SIZE_T path_make_full(const WCHAR *name, WCHAR *out, SIZE_T *file)
{
    ULONG device = RtlIsDosDeviceName_U(name);
    const UNICODE_STRING *current;
    SIZE_T n, root;

    *file = 0;
    if (device)
    {
        memcpy(out, L"\\\\.\\", 4 * sizeof(WCHAR));
        memcpy(out + 4, name + HIWORD(device) / sizeof(WCHAR), LOWORD(device));
        n = 4 + LOWORD(device) / sizeof(WCHAR);
        out[n] = 0;
        return n;
    }
    RtlAcquirePebLock();
    current = current_directory();
    switch (RtlDetermineDosPathNameType_U(name))
    {
    case UNC_PATH:
        root = n = copy_unc_root(out, &name);
        break;
    case DEVICE_PATH:
    case UNC_DOT_PATH:
        out[0] = out[1] = out[3] = '\\';
        out[2] = name[2];
        root = n = 4;
        name += 3;
        break;
    case ABSOLUTE_DRIVE_PATH:
        out[0] = name[0];
        out[1] = ':';
        out[2] = '\\';
        root = n = 3;
        name += 2;
        break;
    case RELATIVE_DRIVE_PATH:
        n = copy_drive_directory(out, name[0]);
        root = 3;
        name += 2;
        break;
    case ABSOLUTE_PATH:
        root = n = volume_length(current->Buffer, current->Length / sizeof(WCHAR));
        memcpy(out, current->Buffer, n * sizeof(WCHAR));
        if (n == 2) out[root++] = '\\';
        n = root;
        break;
    default:
        n = current->Length / sizeof(WCHAR);
        memcpy(out, current->Buffer, current->Length);
        root = volume_length(out, n);
        if (root == 2) root = 3;
        break;
    }
    RtlReleasePebLock();

    n = copy_components(out, n, root, name);
    out[n] = 0;
    for (SIZE_T i = n; i > root || (i == root && out[i - 1] == '\\'); i--)
    {
        if (out[i - 1] != '\\') continue;
        if (i < n) *file = i;
        break;
    }
    return n;
}

/* Sizes are in bytes. Returns what was written without the terminator, or what is needed with it. */
ULONG WINAPI RtlGetFullPathName_U(PCWSTR name, ULONG size, PWSTR buffer, PWSTR *file_part)
{
    WCHAR local[LOCAL_PATH], *full = local;
    SIZE_T n, bytes, file, room;
    ULONG result;

    if (file_part) *file_part = NULL;
    if (!name || !name[wcsspn(name, L" ")]) return 0;

    if ((room = path_full_size(name)) > ARRAY_COUNT(local) && !(full = heap_alloc(room * sizeof(WCHAR)))) return 0;
    n = path_make_full(name, full, &file);
    bytes = (n + 1) * sizeof(WCHAR);
    if (bytes > ULONG_MAX) result = 0;
    else if (bytes > size) result = (ULONG)bytes;
    else
    {
        memcpy(buffer, full, bytes);
        if (file_part && file) *file_part = buffer + file;
        result = (ULONG)(n * sizeof(WCHAR));
    }
    if (full != local) heap_free(full);
    return result;
}

NTSTATUS WINAPI RtlGetFullPathName_UEx(const WCHAR *name, ULONG size, WCHAR *buffer, WCHAR **file_part, ULONG *needed)
{
    ULONG n = RtlGetFullPathName_U(name, size, buffer, file_part);

    if (needed) *needed = n;
    if (!n) return STATUS_OBJECT_NAME_INVALID;
    return n > size ? STATUS_BUFFER_TOO_SMALL : STATUS_SUCCESS;
}

/* ---- NT names ---- */

/* \\?\ and \??\ say: this is an NT name already. */
static bool is_verbatim(const WCHAR *name)
{
    return !wcsncmp(name, L"\\\\?\\", 4) || (!wcsncmp(name, L"\\??\\", 4) && name[4]);
}

/* file: where in the text the last component is, or NULL. */
static NTSTATUS make_nt_name(const WCHAR *prefix, const WCHAR *text, SIZE_T len, const WCHAR *file, UNICODE_STRING *nt,
                             WCHAR **file_part)
{
    SIZE_T n = wcslen(prefix), bytes = (n + len + 1) * sizeof(WCHAR);

    if (bytes > 0xffff) return STATUS_NAME_TOO_LONG;
    if (!(nt->Buffer = heap_alloc(bytes))) return STATUS_NO_MEMORY;
    memcpy(nt->Buffer, prefix, n * sizeof(WCHAR));
    memcpy(nt->Buffer + n, text, len * sizeof(WCHAR));
    nt->Buffer[n + len] = 0;
    nt->Length = (USHORT)(bytes - sizeof(WCHAR));
    nt->MaximumLength = (USHORT)bytes;
    if (file_part) *file_part = file ? nt->Buffer + n + (file - text) : NULL;
    return STATUS_SUCCESS;
}

/* A device is in every folder, but only in folders that exist. */
static bool is_device_reachable(const WCHAR *name)
{
    ULONG device = RtlIsDosDeviceName_U(name);
    SIZE_T n = HIWORD(device) / sizeof(WCHAR);
    WCHAR *folder;
    bool exists;

    if (!device || !n || !is_sep(name[n - 1])) return true;
    if (!(folder = heap_alloc((n + 1) * sizeof(WCHAR)))) return false;
    memcpy(folder, name, n * sizeof(WCHAR));
    folder[n] = 0;
    exists = RtlDoesFileExists_U(folder);
    heap_free(folder);
    return exists;
}

NTSTATUS WINAPI RtlDosPathNameToNtPathName_U_WithStatus(PCWSTR name, UNICODE_STRING *nt, PWSTR *file_part, CURDIR *cd)
{
    WCHAR local[LOCAL_PATH], *full = local;
    SIZE_T n, file, skip, room;
    const WCHAR *prefix = L"\\??\\";
    NTSTATUS status;

    if (cd) memset(cd, 0, sizeof(*cd));
    if (!name || !name[wcsspn(name, L" ")]) return STATUS_OBJECT_NAME_INVALID;

    if (is_verbatim(name))
    {
        const WCHAR *last = wcsrchr(name, '\\') + 1;

        return make_nt_name(prefix, name + 4, wcslen(name + 4), *last ? last : NULL, nt, file_part);
    }
    if ((room = path_full_size(name)) > ARRAY_COUNT(local) && !(full = heap_alloc(room * sizeof(WCHAR))))
        return STATUS_NO_MEMORY;
    if (!is_device_reachable(name))
    {
        if (full != local) heap_free(full);
        return STATUS_OBJECT_NAME_INVALID;
    }
    n = path_make_full(name, full, &file);
    switch (RtlDetermineDosPathNameType_U(full))
    {
    case UNC_PATH:
        prefix = L"\\??\\UNC\\";
        skip = 2;
        break;
    case DEVICE_PATH:
        skip = 4;
        break;
    default:
        skip = 0;
        break;
    }
    status = make_nt_name(prefix, full + skip, n - skip, file ? full + file : NULL, nt, file_part);
    if (full != local) heap_free(full);
    return status;
}

BOOLEAN WINAPI RtlDosPathNameToNtPathName_U(PCWSTR name, UNICODE_STRING *nt, PWSTR *file_part, CURDIR *cd)
{
    return !RtlDosPathNameToNtPathName_U_WithStatus(name, nt, file_part, cd);
}

/* A name below the current directory could be given relative to its handle; the full one is right, too, and then the
 * relative one is empty. */
NTSTATUS WINAPI RtlDosPathNameToRelativeNtPathName_U_WithStatus(PCWSTR name, UNICODE_STRING *nt, PWSTR *file_part,
                                                                RTL_RELATIVE_NAME *relative)
{
    if (relative) memset(relative, 0, sizeof(*relative));
    return RtlDosPathNameToNtPathName_U_WithStatus(name, nt, file_part, NULL);
}

BOOLEAN WINAPI RtlDosPathNameToRelativeNtPathName_U(PCWSTR name, UNICODE_STRING *nt, PWSTR *file_part,
                                                    RTL_RELATIVE_NAME *relative)
{
    return !RtlDosPathNameToRelativeNtPathName_U_WithStatus(name, nt, file_part, relative);
}

void WINAPI RtlReleaseRelativeName(RTL_RELATIVE_NAME *relative)
{
    memset(relative, 0, sizeof(*relative));
}

ULONG WINAPI RtlGetLongestNtPathLength(void)
{
    return MAX_PATH + 17;
}

/* ---- 8.3 ---- */

static bool is_legal_short(const WCHAR *p, unsigned int len)
{
    for (unsigned int i = 0; i < len; i++)
        if (p[i] <= ' ' || p[i] >= 0x7f || wcschr(L"*?<>|\"+=,;[]:/\\.", p[i])) return false;
    return true;
}

/* `oem`, if given, gets the name in upper case, legal or not; `spaces` whether there are blanks in it, which are legal, too. */
BOOLEAN WINAPI RtlIsNameLegalDOS8Dot3(const UNICODE_STRING *name, OEM_STRING *oem, BOOLEAN *spaces)
{
    unsigned int n = name->Length / sizeof(WCHAR), dot = n;
    WCHAR copy[12];
    BOOLEAN blank = FALSE;
    char buffer[12];
    STRING upper = { 0, sizeof(buffer), buffer };

    if (n > 12) return FALSE;
    if (!oem) oem = &upper;
    if (RtlUpcaseUnicodeStringToCountedOemString(oem, name, FALSE)) return FALSE;
    if (n && name->Buffer[0] == '.')
    {
        if (n > 2 || (n == 2 && name->Buffer[1] != '.')) return FALSE;
        if (spaces) *spaces = FALSE;
        return TRUE;
    }
    for (unsigned int i = 0; i < n; i++)
    {
        copy[i] = name->Buffer[i];
        if (copy[i] == '.' && dot == n) dot = i;
        if (copy[i] == ' ')
        {
            if (!i || i == n - 1 || name->Buffer[i + 1] == '.') return FALSE;
            blank = TRUE;
            copy[i] = '_';
        }
    }
    if (!dot || dot > 8 || !is_legal_short(copy, dot)) return FALSE;
    if (dot < n && (n - dot - 1 > 3 || n - dot - 1 == 0 || !is_legal_short(copy + dot + 1, n - dot - 1))) return FALSE;
    if (spaces) *spaces = blank;
    return TRUE;
}
