/* errno, _doserrno and their texts. */
#include "crt.h"

int *_errno(void) { return &crt_thread()->error; }
unsigned long *__doserrno(void) { return &crt_thread()->dos_error; }

int crt_fail(int error)
{
    errno = error;
    return -1;
}

/* Windows errors that have an errno of their own; ranges as in _dosmaperr's documentation. */
static const struct { unsigned short win32, error; } error_table[] =
{
    { ERROR_INVALID_FUNCTION, E_INVAL }, { ERROR_FILE_NOT_FOUND, E_NOENT }, { ERROR_PATH_NOT_FOUND, E_NOENT },
    { ERROR_TOO_MANY_OPEN_FILES, E_MFILE }, { ERROR_ACCESS_DENIED, E_ACCES }, { ERROR_INVALID_HANDLE, E_BADF },
    { ERROR_ARENA_TRASHED, E_NOMEM }, { ERROR_NOT_ENOUGH_MEMORY, E_NOMEM }, { ERROR_INVALID_BLOCK, E_NOMEM },
    { ERROR_BAD_ENVIRONMENT, E_2BIG }, { ERROR_BAD_FORMAT, E_NOEXEC }, { ERROR_INVALID_ACCESS, E_INVAL },
    { ERROR_INVALID_DATA, E_INVAL }, { ERROR_INVALID_DRIVE, E_NOENT }, { ERROR_CURRENT_DIRECTORY, E_ACCES },
    { ERROR_NOT_SAME_DEVICE, E_XDEV }, { ERROR_NO_MORE_FILES, E_NOENT }, { ERROR_LOCK_VIOLATION, E_ACCES },
    { ERROR_BAD_NETPATH, E_NOENT }, { ERROR_NETWORK_ACCESS_DENIED, E_ACCES }, { ERROR_BAD_NET_NAME, E_NOENT },
    { ERROR_FILE_EXISTS, E_EXIST }, { ERROR_CANNOT_MAKE, E_ACCES }, { ERROR_FAIL_I24, E_ACCES },
    { ERROR_INVALID_PARAMETER, E_INVAL }, { ERROR_NO_PROC_SLOTS, E_AGAIN }, { ERROR_DRIVE_LOCKED, E_ACCES },
    { ERROR_BROKEN_PIPE, E_PIPE }, { ERROR_DISK_FULL, E_NOSPC }, { ERROR_INVALID_TARGET_HANDLE, E_BADF },
    { ERROR_WAIT_NO_CHILDREN, E_CHILD }, { ERROR_CHILD_NOT_COMPLETE, E_CHILD }, { ERROR_DIRECT_ACCESS_HANDLE, E_BADF },
    { ERROR_NEGATIVE_SEEK, E_INVAL }, { ERROR_SEEK_ON_DEVICE, E_ACCES }, { ERROR_DIR_NOT_EMPTY, E_NOTEMPTY },
    { ERROR_NOT_LOCKED, E_ACCES }, { ERROR_BAD_PATHNAME, E_NOENT }, { ERROR_MAX_THRDS_REACHED, E_AGAIN },
    { ERROR_LOCK_FAILED, E_ACCES }, { ERROR_ALREADY_EXISTS, E_EXIST }, { ERROR_FILENAME_EXCED_RANGE, E_NOENT },
    { ERROR_NESTING_NOT_ALLOWED, E_AGAIN }, { ERROR_NO_DATA, E_PIPE }, { ERROR_NOT_ENOUGH_QUOTA, E_NOMEM },
    { ERROR_DIRECTORY, E_NOTDIR },
};

void crt_set_errno_from_win32(DWORD error)
{
    unsigned int i;
    int value = E_INVAL;

    for (i = 0; i < sizeof(error_table) / sizeof(error_table[0]); i++)
        if (error_table[i].win32 == error) { value = error_table[i].error; break; }
    if (i == sizeof(error_table) / sizeof(error_table[0]))
    {
        if (error >= ERROR_WRITE_PROTECT && error <= ERROR_SHARING_BUFFER_EXCEEDED) value = E_ACCES;
        else if (error >= ERROR_INVALID_STARTING_CODESEG && error <= ERROR_INFLOOP_IN_RELOC_CHAIN) value = E_NOEXEC;
    }
    errno = value;
    *__doserrno() = error;
}

CRT_API(void, _dosmaperr, unsigned long error) { crt_set_errno_from_win32(error); }
CRT_API(int, _set_errno, int value) { errno = value; return 0; }
CRT_API(int, _get_errno, int *value)
{
    if (!value) return E_INVAL;
    *value = errno;
    return 0;
}
CRT_API(int, _set_doserrno, unsigned long value) { *__doserrno() = value; return 0; }
CRT_API(int, _get_doserrno, unsigned long *value)
{
    if (!value) return E_INVAL;
    *value = *__doserrno();
    return 0;
}

/* The texts that programs print; the numbers are errno's. */
static const char *const error_texts[] =
{
    "No error", "Operation not permitted", "No such file or directory", "No such process", "Interrupted function call",
    "Input/output error", "No such device or address", "Arg list too long", "Exec format error", "Bad file descriptor",
    "No child processes", "Resource temporarily unavailable", "Not enough space", "Permission denied", "Bad address",
    "Unknown error", "Resource device", "File exists", "Improper link", "No such device", "Not a directory",
    "Is a directory", "Invalid argument", "Too many open files in system", "Too many open files",
    "Inappropriate I/O control operation", "Unknown error", "File too large", "No space left on device", "Invalid seek",
    "Read-only file system", "Too many links", "Broken pipe", "Domain error", "Result too large", "Unknown error",
    "Resource deadlock avoided", "Unknown error", "Filename too long", "No locks available", "Function not implemented",
    "Directory not empty", "Illegal byte sequence", "Unknown error",
};
#define ERROR_TEXTS (sizeof(error_texts) / sizeof(error_texts[0]) - 1)

/* Exported as data; programs index it. */
const char *const *_sys_errlist = error_texts;
int _sys_nerr = ERROR_TEXTS;

static const char *error_text(int error)
{
    return error_texts[error >= 0 && (unsigned int)error < ERROR_TEXTS ? (unsigned int)error : ERROR_TEXTS];
}

CRT_API(char *, strerror, int error)
{
    return strcpy(crt_thread()->strerror, error_text(error));
}

CRT_API(int, strerror_s, char *buffer, size_t size, int error)
{
    const char *text = error_text(error);
    size_t n = strlen(text);

    if (!buffer || !size) { errno = E_INVAL; return E_INVAL; }
    if (n >= size) n = size - 1;
    memcpy(buffer, text, n);
    buffer[n] = 0;
    return 0;
}

CRT_API(crt_wchar *, _wcserror, int error)
{
    crt_wchar *out = crt_thread()->wstrerror;
    const char *text = error_text(error);
    size_t i;

    for (i = 0; text[i]; i++) out[i] = text[i];
    out[i] = 0;
    return out;
}

/* perror("x") and its wide form; the stream is stderr. */
CRT_API(void, perror, const char *text)
{
    const char *message = error_text(errno);

    crt_stream_lock(stderr);
    if (text && *text)
    {
        crt_write(text, strlen(text), stderr);
        crt_write(": ", 2, stderr);
    }
    crt_write(message, strlen(message), stderr);
    crt_write("\n", 1, stderr);
    crt_stream_unlock(stderr);
}
