/* A hostile peer on the other side: what it answers is anything, with any status, size and files. Who asked gets an error or an
 * answer of the size it made room for, and no file that came along stays open.
 *
 *     peer_reply [ROUNDS [SEED]]
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "nt/nt.h"
#include "vm/vm.h"
#include "nt/debug.h"
#include "nt/remote.h"
#include "nt/remote_handle.h"
#include "ob/object.h"
#include "ob/runtime.h"
#include "nt/thread.h"
#include "ps/context.h"
#include "ps/debug_protocol.h"
#include "ps/peer.h"
#include "ps/process_object.h"
#include "ps/thread_private.h"
#include "tap.h"

NTSTATUS nt_create_debug_object(HANDLE *, ACCESS_MASK, const OBJECT_ATTRIBUTES *, ULONG);

static struct process_object *other;
static int theirs = -1, file;

static unsigned int open_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned int count = 0;

    while (dir && readdir(dir)) count++;
    if (dir) closedir(dir);
    return count;
}

/* They are closed by who polls, too, which takes a moment. */
static bool files_become(unsigned int count)
{
    for (int tries = 0; tries < 500 && open_files() != count; tries++) usleep(10000);
    return open_files() == count;
}

static bool send_with_files(int to, const void *bytes, size_t size, unsigned int count)
{
    union { struct cmsghdr header; char bytes[CMSG_SPACE(sizeof(int) * 8)]; } control = { .header = {
        .cmsg_len = CMSG_LEN(sizeof(int) * count), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
    struct iovec part = { (void *)bytes, size };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

    for (unsigned int i = 0; i < count; i++) memcpy(CMSG_DATA(&control.header) + i * sizeof(int), &file, sizeof(int));
    if (count)
    {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
    }
    return sendmsg(to, &message, MSG_NOSIGNAL) == (ssize_t)size;
}

/* A connection on which the answer waits before the question comes. */
static void connect_pair(void)
{
    int pair[2];

    if (theirs >= 0) close(theirs);
    if (other->control >= 0) close(other->control);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) _exit(99);
    other->control = pair[0];
    other->control_timed = false;
    theirs = pair[1];
}

static void answer(enum peer_operation operation)
{
    static struct { struct peer_message message; char data[PEER_DATA_MAX + 16]; } reply;
    static const NTSTATUS statuses[] = { 0, 0, 0, STATUS_PENDING, STATUS_BUFFER_OVERFLOW, STATUS_ACCESS_VIOLATION,
                                         STATUS_INFO_LENGTH_MISMATCH };
    size_t room = random64() % 3 ? random64() % 96 : random64() % sizeof(reply.data);
    unsigned int files = (unsigned int)(random64() % 3 ? random64() % 2 : random64() % 7);

    memset(&reply, 0, sizeof(reply));
    connect_pair();
    if (random64() % 16 == 0)
    {
        check(send_with_files(theirs, &reply, 0, files));
        return;
    }
    for (unsigned int i = 0; i < sizeof(reply.message.size) / 8; i++)
        reply.message.size[i] = random64() % 2 ? random64() % 0x10000 : random64() >> (random64() % 64);
    for (size_t i = 0; i < room; i++) reply.data[i] = (char)random64();
    reply.message.magic = random64() % 32 ? PEER_MAGIC : (uint32_t)random64();
    reply.message.operation = random64() % 32 ? operation : (uint32_t)random64();
    reply.message.status = statuses[random64() % (sizeof(statuses) / sizeof(statuses[0]))];
    reply.message.data_size = (uint32_t)(random64() % 32 ? room : random64());
    check(send_with_files(theirs, &reply, sizeof(reply.message) + room, files));
}

static void ask(void)
{
    static char buffer[0x30000 + 16];
    uintptr_t base = 0, addresses[17] = { [16] = 0x1234 };
    size_t size = 0x1000, count = 16;
    uint32_t old = 0, length;
    struct thread_object *thread = NULL;
    HANDLE handle = NULL;
    SIZE_T returned = 0;
    NTSTATUS status;

    switch (random64() % 8)
    {
    case 0:
        answer(PEER_ALLOCATE);
        if (!remote_allocate(object_ref(other), &base, &size, MEM_COMMIT, PAGE_READWRITE, &(struct vm_limits){ 0 }, ~0u))
            check(range_in_user_space(base, size));
        break;
    case 1:
        answer(PEER_PROTECT);
        remote_protect(object_ref(other), &base, &size, PAGE_READONLY, &old);
        break;
    case 2:
        length = random64() % 2 ? 48 : 0x20000;
        buffer[length] = 77;
        answer(PEER_QUERY);
        status = remote_query(object_ref(other), 1, 0, buffer, length, &returned);
        check(buffer[length] == 77 && (status || returned <= length));
        break;
    case 3:
        answer(PEER_HANDLE_GET);
        if (!remote_duplicate((HANDLE)4, &(struct remote_duplicate){ .source = other, .target = current_process,
                                         .options = DUPLICATE_SAME_ACCESS }, &handle))
            handle_close(handle);
        break;
    case 4:
        answer(PEER_THREAD_OPEN);
        if (!remote_thread_open(other, 8, &thread)) object_unref(&thread->header);
        break;
    case 5:
        answer(PEER_WATCH);
        status = remote_get_write_watch(object_ref(other), 0x10000, 0x10000, false, addresses, &count);
        check(addresses[16] == 0x1234 && (status || count <= 16));
        break;
    case 6:
        answer(PEER_PROCESS_QUERY);
        remote_process_query(other, 0, buffer, 48);
        break;
    case 7:
        answer(PEER_UNMAP);
        remote_unmap(object_ref(other), 0x10000, 0);
        break;
    }
}

/* The channel of a debuggee: more files than a message has, and messages of any size. */
static void debug_channel(void)
{
    struct peer_message reply = { .magic = PEER_MAGIC, .operation = PEER_DEBUG_ATTACH }, request;
    unsigned int before = open_files();
    struct debug_message message = { .magic = DEBUG_MAGIC, .kind = DEBUG_KINDS };
    struct debug_object *object;
    HANDLE handle = NULL;
    int fds[PEER_FDS_MAX];
    unsigned int count = 0, i;
    char data[64];

    connect_pair();
    check(send_with_files(theirs, &reply, sizeof(reply), 0));
    ok(!nt_create_debug_object(&handle, 0x1f000f, NULL, 0) &&
       !handle_lookup(handle, &debug_type, 0, (struct object **)&object, NULL) &&
       !debug_attach(object, other, DEBUGGEE_NEW), "a debuggee attaches");
    if (peer_receive(theirs, true, &request, data, sizeof(data), fds, &count) == PEER_RECEIVED && count == 1)
    {
        for (i = 0; i < 64; i++)
        {
            message.kind = i % 2 ? DEBUG_KINDS : DEBUG_CHILD;
            message.magic = i % 2 ? DEBUG_MAGIC : 0;
            check(send_with_files(fds[0], &message, sizeof(message) - i % 4 / 2, i % 4));
        }
        usleep(1000);
    }
    ok(count == 1, "it gets a channel");
    while (count) close(fds[--count]);
    object_unref((struct object *)object);
    handle_close(handle);
    ok(files_become(before), "no file of a debuggee stays open");
}

int main(int argc, char **argv)
{
    unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 20000, i;
    unsigned int before;
    int directory;
    pid_t child;

    random64_seed(argc > 2 ? argv[2] : NULL);
    printf("# peer_reply %lu 0x%llx\n", rounds, (unsigned long long)random64_state);
    fflush(stdout);
    context_init();
    if (vm_init() || process_object_init()) return 1;
    file = memfd_create("file", MFD_CLOEXEC);
    if (!(child = fork()))
        for (;;) pause();
    other = process_object_other(child, (int)syscall(SYS_pidfd_open, child, 0), process_block_create(), -1, true);
    ok(other != NULL, "there is another process");
    if (!other) return 1;
    other->block->answers = 1;
    ask();
    connect_pair();
    runtime_open(&directory);           /* once opened, it stays */
    before = open_files();
    for (i = 0; i < rounds && !tap_failed; i++) ask();
    connect_pair();
    ok(files_become(before), "no file that came with an answer stays open");
    debug_channel();
    kill(child, SIGKILL);
    return tap_done();
}
