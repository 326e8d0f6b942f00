/* Objects that a stranger describes: files, sections, sockets and tokens are packed, bent in every way and unpacked. What is refused
 * leaves nothing; what is accepted is an object that can be queried, mapped and closed, and has no more rights than its fd.
 *
 *     peer_transfer [ROUNDS [SEED]]
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "nt/nt.h"
#include "vm/vm.h"
#include "io/async.h"
#include "io/inode.h"
#include "io/lock.h"
#include "io/ntfile.h"
#include "io/path.h"
#include "io/socket.h"
#include "nt/memory.h"
#include "ob/name.h"
#include "ob/name_file.h"
#include "ob/object.h"
#include "ob/token.h"
#include "ob/transfer.h"
#include "ob/types.h"
#include "ps/context.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/thread_private.h"
#include "tap.h"

static int fds[5];                      /* read, written, a folder, a pipe, memory */

static struct file *make_file(int fd, ACCESS_MASK access, const char *name)
{
    const struct file_ops *ops;
    enum file_kind kind;
    struct file *file;
    struct stat st;

    if (fstat(fd, &st)) return NULL;
    kind = file_kind_of(fd, &st, &ops);
    if (!(file = file_alloc(kind, ops, dup(fd), access, FILE_SYNCHRONOUS_IO_NONALERT))) return NULL;
    file->sharing = 7;
    if (name) file->unix_name = strdup(name);
    if (name) file->mount = path_root_mount();
    if ((kind == FILE_KIND_DISK || kind == FILE_KIND_FOLDER) && inode_adopt(file, &st)) return NULL;
    return file;
}

/* A section's description with its files, as section_pack() makes it. */
static bool pack_section(struct section *section, struct transfer *transfer)
{
    struct vm_section_description description;
    struct vm_section_fds files;
    uint32_t i;

    if (section_export(section, &description, &files)) return false;
    for (i = 0; i < object_type_count && object_types[i] != &section_type; i++) ;
    *transfer = (struct transfer){ .type = i, .fd_count = files.state < 0 ? 1 : 2, .size = sizeof(description), .fds = { files.fd, files.state } };
    memcpy(transfer->data, &description, sizeof(description));
    return true;
}

static void use(struct object *object)
{
    if (object->type == &file_type)
    {
        struct file *file = (struct file *)object;
        struct byte_range range = { random64() % 100, random64() % 100, 0, random64() % 2 };
        int mode = file->fd >= 0 ? fcntl(file->fd, F_GETFL) : 0;

        check(!file->unix_name || (file->unix_name[0] == '/') == (file->fd >= 0));
        if (file->kind == FILE_KIND_SOCKET)
        {
            socket_enable(file, 1);
            check(file->fd < 0 || (fcntl(file->fd, F_GETFL) & O_NONBLOCK));
        }
        if (file->kind == FILE_KIND_DISK)
        {
            check(file->inode && file->fd >= 0);
            check(file->path_only || !(file->access & FILE_WRITE_DATA) || (mode & O_ACCMODE) != O_RDONLY);
            inode_check_truncate(file, random64() % 0x2000);
            inode_is_delete_pending(file);
            if (!lock_take(file, &range)) check(!lock_drop(file, &range));
        }
    }
    else if (object->type == &token_type)
    {
        struct token *token = (struct token *)object;

        for (unsigned int i = 0; i < token->privilege_count; i++) token_set_privilege(token, i, token_privilege_attributes(token, i));
        check(token_count_privileges(token) <= TOKEN_PRIVILEGES_MAX && token->integrity <= SECURITY_MANDATORY_HIGH_RID);
        object = token_duplicate(token, TokenImpersonation, SecurityIdentification);
        check(object != NULL);
        object_unref(object);
    }
    else
    {
        struct vm_map map = { .size = random64() % 2 ? 0 : 0x1000, .protect = random64() % 2 ? PAGE_READONLY : PAGE_READWRITE, .node = ~0u };
        struct section *section;
        struct vm_section_info info;
        struct vm_basic_info basic;
        uint64_t size = random64() % 0x8000;
        HANDLE handle;

        check(!handle_create(object, SECTION_ALL_ACCESS, 0, &handle) && !section_lookup(handle, 0, &section));
        section_query(section, &info);
        if (info.size < 0x1000000 && random64() % 2) section_extend(section, &size);
        /* views of SEC_NO_CHANGE sections stay for ever */
        if (info.size < 0x100000000 && !(info.attributes & SEC_NO_CHANGE) && vm_success(view_map(section, &map)))
        {
            uintptr_t at = map.base;
            size_t bytes = 0x1000;

            check(!vm_query(map.base, &basic));
            if (basic.state == MEM_RESERVE) vm_allocate(&at, &bytes, MEM_COMMIT, PAGE_READONLY, NULL, ~0u);
            check(!vm_query(map.base, &basic));
            check(!view_unmap(map.base, 0));
        }
        section_unref(section);
        handle_close(handle);
    }
}

/* The fds of a message are the receiver's own. */
static void give_fds(struct transfer *transfer)
{
    if (random64() % 8 == 0) transfer->fd_count = random64() % (TRANSFER_FDS + 1);
    for (unsigned int i = 0; i < transfer->fd_count; i++)
    {
        int fd = i < TRANSFER_FDS ? transfer->fds[i] : -1;

        if (fd < 0 || random64() % 8 == 0) fd = fds[random64() % 5];
        transfer->fds[i] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    }
}

static void bend(struct transfer *transfer)
{
    static const uint32_t values[] = { 0, 1, 2, 3, 4, 8, 0x10, 0x20, 0x40, 0x80, 0xfff, 0x1000, 0x2000, 0x10000, 0x1000000, 0x4000000,
        0x8000000, 0x40000000, 0x7fffffff, 0x80000000, 0xffffffff };
    unsigned int count = random64() % 4;

    while (count--)
    {
        uint32_t at = transfer->size / 4 ? random64() % (transfer->size / 4) * 4 : 0;
        uint32_t value = random64() % 4 ? values[random64() % (sizeof(values) / sizeof(values[0]))] : (uint32_t)random64();

        switch (random64() % 8)
        {
        case 0: transfer->data[random64() % (transfer->size + 1)] = (uint8_t)value; break;
        case 1: transfer->size = random64() % 64 + (random64() % 4 ? 0 : TRANSFER_DATA); break;
        case 2: if (random64() % 16 == 0) transfer->type = value; break;
        default: memcpy(transfer->data + at, &value, 4); break;
        }
        if (transfer->size > TRANSFER_DATA) transfer->size = TRANSFER_DATA;
    }
}

int main(int argc, char **argv)
{
    unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 40000, accepted = 0;
    struct vm_section_create create = { .fd = -1, .size = 0x8000, .protect = PAGE_READWRITE, .attributes = SEC_RESERVE, .node = ~0u };
    char name[] = "/tmp/oriel-transfer-XXXXXX";
    struct section *sections[3];
    struct object *others[2];           /* a socket, a token */
    struct file *files[4];
    unsigned int before;
    int pipes[2];

    random64_seed(argc > 2 ? argv[2] : NULL);
    printf("# peer_transfer %lu 0x%llx\n", rounds, (unsigned long long)random64_state);
    fflush(stdout);
    context_init();
    process_dll_folder = "/usr/lib";
    if (vm_init() || process_object_init()) return 1;
    fds[1] = mkstemp(name);
    fds[0] = open(name, O_RDONLY | O_CLOEXEC);
    fds[2] = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    check(!pipe2(pipes, O_CLOEXEC) && fds[1] >= 0 && !ftruncate(fds[1], 0x3000));
    fds[3] = pipes[0];
    fds[4] = memfd_create("memory", MFD_CLOEXEC);
    check(!ftruncate(fds[4], 0x8000));
    files[0] = make_file(fds[0], FILE_READ_DATA, name);
    files[1] = make_file(fds[1], FILE_READ_DATA | FILE_WRITE_DATA, name);
    files[2] = make_file(fds[2], FILE_LIST_DIRECTORY, "/tmp");
    files[3] = make_file(fds[3], FILE_READ_DATA, NULL);
    others[0] = &socket_file_alloc(FILE_READ_DATA | FILE_WRITE_DATA, 0)->object;
    ((struct file *)others[0])->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    others[1] = token_of_process();
    check(!section_create(&create, &sections[0]));
    create.attributes = SEC_COMMIT;
    check(!section_create(&create, &sections[1]));
    create.fd = fds[1];
    create.file_writable = true;
    create.size = 0;
    check(!section_create(&create, &sections[2]));
    if (tap_failed) return tap_done();

    {
        struct transfer transfer;

        for (int i = 0; i < 3; i++) check(pack_section(sections[i], &transfer));        /* what they share is there now */
        for (int i = 0; i < 2; i++) check(!object_pack(others[i], &transfer));
    }
    name_file_settle("local.none");     /* which has the directory of names open from now on */
    before = used_fds();
    for (unsigned long i = 0; i < rounds && !tap_failed; i++)
    {
        unsigned int which = random64() % 9;
        struct transfer transfer = { 0 };
        struct object *object = NULL;
        NTSTATUS status;

        if (which < 4) check(!object_pack(&files[which]->object, &transfer));
        else if (which < 7) check(pack_section(sections[which - 4], &transfer));
        else check(!object_pack(others[which - 7], &transfer));
        bend(&transfer);
        give_fds(&transfer);
        status = object_unpack(&transfer, &object);
        if (!status && (object->type == &file_type || object->type == &section_type || object->type == &token_type)) use(object);
        if (!status) object_unref(object);
        accepted += !status;
        if (i % 64 == 0) check(used_fds() == before);
    }
    printf("# %lu of %lu were accepted\n", accepted, rounds);
    ok(accepted > rounds / 10 && accepted < rounds, "some are accepted, some are not");
    ok(used_fds() == before, "no file stays open");
    ok(!vm_check(NULL), "the address space is consistent");
    unlink(name);
    return tap_done();
}
