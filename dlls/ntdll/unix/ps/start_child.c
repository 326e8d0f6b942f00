/* The other end of spawn.c: what a child hears from its creator before it runs. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "nt/nt.h"
#include "io/async.h"
#include "io/path.h"
#include "ob/transfer.h"
#include "ob/token.h"
#include "vm/vm.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/start_block.h"

int start_thread_pipe = -1;
static int *handle_fds;                 /* those of the handles, in their order */
static uint32_t handle_fd_count;

/* ---- receiving ---------------------------------------------------------------------------------------------- */

/* Returns how many fds came; -1: no message, or not of that size; errno 0: the other end is closed. */
static int receive_fds(int socket, void *data, size_t size, int *fds)
{
    union { struct cmsghdr header; char space[CMSG_SPACE(sizeof(int) * START_FDS)]; } ancillary;
    struct iovec iov = { data, size };
    struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &ancillary,
                              .msg_controllen = sizeof(ancillary) };
    struct cmsghdr *c;
    int count = 0;
    ssize_t n;

    do
        n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n >= 0)
        errno = n ? EPROTO : 0;
    for (c = n > 0 ? CMSG_FIRSTHDR(&message) : NULL; c; c = CMSG_NXTHDR(&message, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
        {
            count = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
            memcpy(fds, CMSG_DATA(c), (size_t)count * sizeof(int));
        }
    return n == (ssize_t)size && !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ? count : -1;
}

static uint64_t padded(uint64_t size)
{
    return (size + 7) & ~7ull;
}

/* Is everything where the sizes say? Each is small enough that the sum cannot wrap. */
bool start_block_fits(const struct start_block *block, uint64_t size)
{
    uint64_t needed = padded(sizeof(*block));
    int i;

    if (size < needed || block->magic != START_MAGIC || !block->program_size || block->environment_size >> 40 ||
        block->handles_size >> 40)
        return false;
    needed += padded(block->program_size) + padded(block->environment_size) + padded(block->handles_size);
    for (i = 0; i < START_STRINGS; i++)
    {
        if (block->string_size[i] > 0xffff || (block->string_size[i] % 2 && i != START_RUNTIME))
            return false;
        needed += padded(block->string_size[i]);
    }
    return size >= needed;
}

struct start_block *start_receive(int socket, const char **program)
{
    struct start_hello hello;
    struct start_block *block;
    int fds[START_FDS], count;
    struct stat st;
    char byte;

    fcntl(socket, F_SETFD, FD_CLOEXEC);
    process_creator_socket = socket;
    count = receive_fds(socket, &hello, sizeof(hello), fds);
    if (count < 0 && !errno)
        return NULL;                    /* the creator died meanwhile: nobody wants us */
    if (count != 3 || hello.magic != START_MAGIC)
        goto bad;
    process_block_fd = fds[0];
    start_thread_pipe = fds[2];
    if (fstat(fds[1], &st) || st.st_size < (off_t)sizeof(*block) ||
        (block = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fds[1], 0)) == MAP_FAILED)
        goto bad;
    close(fds[1]);
    if (!start_block_fits(block, (uint64_t)st.st_size))
        goto bad;
    if (hello.fd_count && !(handle_fds = malloc(hello.fd_count * sizeof(int))))
        goto bad;
    while (handle_fd_count < hello.fd_count)
    {
        if ((count = receive_fds(socket, &byte, 1, fds)) < 0 && !errno)
            return NULL;
        if (count <= 0 || (uint32_t)count > hello.fd_count - handle_fd_count)
            goto bad;
        memcpy(handle_fds + handle_fd_count, fds, (size_t)count * sizeof(int));
        handle_fd_count += (uint32_t)count;
    }
    *program = (const char *)block + padded(sizeof(*block));
    if ((*program)[block->program_size - 1])
        goto bad;
    return block;

bad:
    message("--child is for oriel itself: it starts a Windows program's children with it");
    return NULL;
}

void start_tell(NTSTATUS status)
{
    struct start_result result = { START_MAGIC, status };

    if (process_creator_socket >= 0)
        send(process_creator_socket, &result, sizeof(result), MSG_NOSIGNAL);
}

/* ---- handles ---------------------------------------------------------------------------------------------------- */

/* The fds 0 and 1 are for Unix code of ours, of which there is next to none: they must not keep a pipe open that the
 * program was not given. */
static void forget_unix_fds(void)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (fd < 0)
        return;
    dup2(fd, 0);
    dup2(fd, 1);
    if (fd > 2)
        close(fd);
}

char *start_block_part(struct start_block *block, int number)
{
    char *at = (char *)block + padded(sizeof(*block)) + padded(block->program_size);

    for (int i = 0; i < number && i < START_STRINGS; i++)
        at += padded(block->string_size[i]);
    if (number > START_STRINGS)
        at += padded(block->environment_size);
    return at;
}

NTSTATUS start_handles(struct start_block *block)
{
    static struct transfer transfer;
    struct object **objects = calloc(block->handle_count + 1, sizeof(*objects));
    const char *at = start_block_part(block, START_STRINGS + 1), *end = at + block->handles_size;
    NTSTATUS status = STATUS_SUCCESS;
    uint32_t i, fd = 0;

    if (!objects)
        return STATUS_NO_MEMORY;
    for (i = 0; i < block->handle_count; i++)
    {
        struct start_handle record;

        if ((size_t)(end - at) < sizeof(record))
            break;
        memcpy(&record, at, sizeof(record));
        at += sizeof(record);
        if (record.same != ~0u)
        {
            if (record.same < i && objects[record.same])
                objects[i] = object_ref(objects[record.same]);
        }
        else if (record.type == START_ABSENT)
        {
            if ((status = handle_reserve((HANDLE)(uintptr_t)record.value)))
                break;
        }
        else
        {
            if (record.size > TRANSFER_DATA || (size_t)(end - at) < padded(record.size) || record.fd_count > TRANSFER_FDS ||
                record.fd_count > handle_fd_count - fd)
                break;
            transfer.type = record.type;
            transfer.fd_count = record.fd_count;
            transfer.size = record.size;
            memcpy(transfer.data, at, record.size);
            memcpy(transfer.fds, handle_fds + fd, record.fd_count * sizeof(int));
            fd += record.fd_count;
            at += padded(record.size);
            if ((status = object_unpack(&transfer, &objects[i])))
                break;
        }
        if (objects[i] && !record.value)
        {
            if (objects[i]->type == &token_type)
                status = token_inherit(objects[i]);
            else if (objects[i]->type != &job_type)
                status = STATUS_INVALID_PARAMETER;
            else if (record.access)
                status = job_join((struct job *)objects[i]);
        }
        else if (objects[i])
            status = handle_create_at((HANDLE)(uintptr_t)record.value, objects[i], record.access, record.attributes);
        if (status)
            break;
    }
    if (status == STATUS_RETRY)         /* a job got to be within another meanwhile, which we cannot be in */
        status = STATUS_ACCESS_DENIED;
    if (!status && i < block->handle_count)
        status = STATUS_INVALID_PARAMETER;
    for (i = 0; i < block->handle_count; i++)
        object_unref(objects[i]);
    free(objects);
    free(handle_fds);
    forget_unix_fds();
    return status;
}

/* ---- parameters ---------------------------------------------------------------------------------------------------- */

/* Where the program starts in the host's eyes. A folder that exists only as a Windows one has no such place. */
static void enter_folder(const WCHAR *folder, size_t length)
{
    WCHAR name[0x8004] = u"\\??\\";
    struct path path;

    if (length > 0x8000)
        return;
    memcpy(name + 4, folder, length * sizeof(WCHAR));
    if (path_translate(&path, NULL, name, length + 4))
        return;
    if (path.kind == PATH_FILE && chdir(path.unix_name) && !path_fix_case(&path) && chdir(path.unix_name))
        message("cannot enter %s: %s", path.unix_name, strerror(errno));
    path_free(&path);
}

static void put_string(char **at, UNICODE_STRING *string, const void *value, uint32_t size, uint32_t room)
{
    if (room < size + sizeof(WCHAR))
        room = size + (uint32_t)sizeof(WCHAR);
    string->Length = (USHORT)size;
    string->MaximumLength = (USHORT)(room > 0xfffe ? 0xfffe : room);
    string->Buffer = (WCHAR *)*at;
    memcpy(*at, value, size);
    *at += padded(room);
}

/* CREATE_NO_WINDOW: a console that nobody sees. */
static NTSTATUS start_null_handles(RTL_USER_PROCESS_PARAMETERS *p)
{
    HANDLE *handles[] = { &p->hStdInput, &p->hStdOutput, &p->hStdError };
    NTSTATUS status = STATUS_SUCCESS;

    for (int i = 0; i < 3 && !status; i++)
    {
        if (*handles[i])
            continue;
        ACCESS_MASK access = FILE_GENERIC_READ | FILE_GENERIC_WRITE;
        struct file *file = file_alloc(FILE_KIND_CHARACTER, &null_ops, -1, access, FILE_SYNCHRONOUS_IO_NONALERT);

        status = file ? handle_create(&file->object, access, OBJ_INHERIT, handles[i]) : STATUS_NO_MEMORY;
        if (file)
            object_unref(&file->object);
    }
    return status;
}

NTSTATUS start_parameters(struct start_block *block, RTL_USER_PROCESS_PARAMETERS **parameters)
{
    size_t size = sizeof(RTL_USER_PROCESS_PARAMETERS) + 0x1000 + block->environment_size + 16;
    RTL_USER_PROCESS_PARAMETERS *p;
    uintptr_t base = 0;
    NTSTATUS status;
    ULONG *scalar;
    char *at;
    int i;

    for (i = 0; i < START_STRINGS; i++)
        size += block->string_size[i] + 16u;
    if ((status = vm_allocate(&base, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, &(struct vm_limits){ 0 }, ~0u)))
        return status;
    p = (RTL_USER_PROCESS_PARAMETERS *)base;
    at = (char *)base + padded(sizeof(*p));
    put_string(&at, &p->CurrentDirectory.DosPath, start_block_part(block, START_FOLDER), block->string_size[START_FOLDER],
               MAX_PATH * sizeof(WCHAR) + sizeof(WCHAR));
    put_string(&at, &p->DllPath, start_block_part(block, START_DLLS), block->string_size[START_DLLS], 0);
    put_string(&at, &p->ImagePathName, start_block_part(block, START_IMAGE), block->string_size[START_IMAGE], 0);
    put_string(&at, &p->CommandLine, start_block_part(block, START_COMMAND), block->string_size[START_COMMAND], 0);
    put_string(&at, &p->WindowTitle, start_block_part(block, START_TITLE), block->string_size[START_TITLE], 0);
    put_string(&at, &p->Desktop, start_block_part(block, START_DESKTOP), block->string_size[START_DESKTOP], 0);
    put_string(&at, &p->ShellInfo, start_block_part(block, START_SHELL), block->string_size[START_SHELL], 0);
    put_string(&at, &p->RuntimeInfo, start_block_part(block, START_RUNTIME), block->string_size[START_RUNTIME], 0);
    p->Environment = (WCHAR *)at;
    p->EnvironmentSize = block->environment_size;
    memcpy(at, start_block_part(block, START_STRINGS), block->environment_size);
    at += padded(block->environment_size);
    scalar = &p->dwX;
    for (i = 0; i < 9; i++)
        scalar[i] = block->scalars[i];
    p->ConsoleFlags = block->console_flags;
    p->hStdInput = (HANDLE)(uintptr_t)block->std[0];
    p->hStdOutput = (HANDLE)(uintptr_t)block->std[1];
    p->hStdError = (HANDLE)(uintptr_t)block->std[2];
    if (block->flags & START_NO_OUTPUT)
        status = start_null_handles(p);
    p->AllocationSize = (ULONG)size;
    p->Size = (ULONG)(at - (char *)base);
    p->Flags = PROCESS_PARAMS_FLAG_NORMALIZED;
    enter_folder(p->CurrentDirectory.DosPath.Buffer, p->CurrentDirectory.DosPath.Length / sizeof(WCHAR));
    *parameters = p;
    return status;
}
