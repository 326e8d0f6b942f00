/* The start of a process: from a file to the first instruction of Windows code. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "nt/nt.h"
#include "vm/vm.h"
#include "ob/runtime.h"
#include "ps/control_event.h"
#include "ps/cpu.h"
#include "ps/exception.h"
#include "ps/locate.h"
#include "ps/native.h"
#include "ps/parameters.h"
#include "ps/peer.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/shared_data.h"
#include "ps/start.h"
#include "ps/start_block.h"
#include "ps/teb.h"
#include "ps/thread_private.h"
#include "ps/trace.h"
#include "ps/version.h"
#include "syscalls.h"

struct process_ntdll process_ntdll;
uint32_t process_id;
bool process_check_only, process_childless;
const char *process_program = "oriel";
const char *process_dll_folder;
uint64_t process_stack_reserve, process_stack_commit;
SECTION_IMAGE_INFORMATION process_image_info;

NTSTATUS nt_open_file(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, ULONG, ULONG);
NTSTATUS nt_create_section(HANDLE *, ACCESS_MASK, const OBJECT_ATTRIBUTES *, const LARGE_INTEGER *, ULONG, ULONG, HANDLE);
NTSTATUS nt_map_view_of_section(HANDLE, HANDLE, PVOID *, ULONG_PTR, SIZE_T, const LARGE_INTEGER *, SIZE_T *, SECTION_INHERIT,
                                ULONG, ULONG);
NTSTATUS nt_query_section(HANDLE, SECTION_INFORMATION_CLASS, void *, SIZE_T, SIZE_T *);
NTSTATUS nt_close(HANDLE);

/* ---- images ------------------------------------------------------------------------------------------------ */

struct mapped_image
{
    uint64_t base, size;
    SECTION_IMAGE_INFORMATION info;
};

/* The loader's own way of mapping an image: the same Nt calls, so that names, share modes and counts are right. */
static NTSTATUS image_map(const WCHAR *path, struct mapped_image *image)
{
    static SECTION_IMAGE_INFORMATION info;      /* not on the stack, which may lie above what programs may use */
    WCHAR *nt_path;
    HANDLE file = NULL, section = NULL;
    IO_STATUS_BLOCK iosb;
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attr = { .Length = sizeof(attr), .ObjectName = &name, .Attributes = OBJ_CASE_INSENSITIVE };
    NTSTATUS status = STATUS_NO_MEMORY;
    void *base = NULL;
    SIZE_T size = 0;
    size_t length;

    for (length = 0; path[length]; length++)
        ;
    if (length > 32000 || !(nt_path = malloc((length + 5) * sizeof(WCHAR))))
        return status;
    memcpy(nt_path, u"\\??\\", 4 * sizeof(WCHAR));
    memcpy(nt_path + 4, path, length * sizeof(WCHAR));
    name.Buffer = nt_path;
    name.Length = name.MaximumLength = (USHORT)((length + 4) * sizeof(WCHAR));
    if ((status = nt_open_file(&file, GENERIC_READ | SYNCHRONIZE, &attr, &iosb, FILE_SHARE_READ | FILE_SHARE_DELETE,
                               FILE_NON_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT)) ||
        (status = nt_create_section(&section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READONLY, SEC_IMAGE, file)) ||
        (status = nt_query_section(section, SectionImageInformation, &info, sizeof(info), NULL)) ||
        (status = nt_map_view_of_section(section, CURRENT_PROCESS_HANDLE, &base, 0, 0, NULL, &size, ViewShare, 0,
                                         PAGE_READONLY)) < 0)
        goto done;
    status = STATUS_SUCCESS;
    image->info = info;
    image->base = (uint64_t)base;
    image->size = size;
done:
    if (section)
        nt_close(section);
    if (file)
        nt_close(file);
    free(nt_path);
    return status;
}

static NTSTATUS map_program(const char *unix_path, struct mapped_image *image)
{
    WCHAR *path = path_to_windows(unix_path);
    NTSTATUS status = path ? image_map(path, image) : STATUS_NO_MEMORY;

    free(path);
    return status;
}

/* The address of an export of a mapped image of ours; its bounds were checked when it was mapped. 0: none. */
static uint64_t find_export(const struct mapped_image *image, const char *name)
{
    const char *base = (const char *)image->base;
    const IMAGE_NT_HEADERS64 *nt = (const void *)(base + ((const IMAGE_DOS_HEADER *)base)->e_lfanew);
    const IMAGE_DATA_DIRECTORY *dir = &nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_EXPORT];
    const IMAGE_EXPORT_DIRECTORY *exports = (const void *)(base + dir->VirtualAddress);
    const uint32_t *names, *functions;
    const uint16_t *ordinals;
    uint32_t low = 0, high;

    if (!dir->Size)
        return 0;
    names = (const void *)(base + exports->AddressOfNames);
    functions = (const void *)(base + exports->AddressOfFunctions);
    ordinals = (const void *)(base + exports->AddressOfNameOrdinals);
    for (high = exports->NumberOfNames; low < high;)
    {
        uint32_t mid = (low + high) / 2;
        int order = strcmp(name, base + names[mid]);

        if (!order)
            return image->base + functions[ordinals[mid]];
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return 0;
}

static bool ntdll_load(void)
{
    static const struct { const char *name; uint64_t *where; } entries[] =
    {
        { "LdrInitializeThunk", &process_ntdll.LdrInitializeThunk },
        { "RtlUserThreadStart", &process_ntdll.RtlUserThreadStart },
        { "KiUserExceptionDispatcher", &process_ntdll.KiUserExceptionDispatcher },
        { "KiUserApcDispatcher", &process_ntdll.KiUserApcDispatcher },
        { "NtContinue", &process_ntdll.stubs },
    };
    struct mapped_image image;
    NTSTATUS status;
    char path[4096];
    size_t i;

    snprintf(path, sizeof(path), "%s/ntdll.dll", process_dll_folder);
    /* By the name that programs know: it is one of the files that nobody may change, and need no locks. */
    if ((status = image_map(u"C:\\windows\\system32\\ntdll.dll", &image)))
    {
        message("%s cannot be loaded (status 0x%08x); reinstall oriel", path, (uint32_t)status);
        return false;
    }
    for (i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
        if (!(*entries[i].where = find_export(&image, entries[i].name)))
        {
            message("%s does not export %s; it is not the one that belongs to this oriel", path, entries[i].name);
            return false;
        }
    process_ntdll.stubs -= (uint64_t)NR_NtContinue * STUB_SIZE;
    process_ntdll.KiUserCallbackDispatcher = find_export(&image, "KiUserCallbackDispatcher");
    process_ntdll.base = image.base;
    process_ntdll.size = image.size;
    return true;
}

/* ---- messages for programs that cannot run ------------------------------------------------------------------ */

static const char *machine_name(uint16_t machine)
{
    switch (machine)
    {
    case IMAGE_FILE_MACHINE_I386: return "32-bit x86";
    case 0xaa64: return "64-bit ARM";
    case 0x01c0: case 0x01c2: case 0x01c4: return "32-bit ARM";
    default: return "unknown";
    }
}

/* Says why the image manager refused a program, from a look at its first bytes. */
static void explain(const char *path, NTSTATUS status)
{
    unsigned char head[4096] = { 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = -1;
    uint32_t at;

    if (fd < 0 || (size = read(fd, head, sizeof(head))) < 0)
    {
        message("%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return;
    }
    close(fd);
    memcpy(&at, head + 0x3c, sizeof(at));
    if (size >= 4 && !memcmp(head, "\177ELF", 4))
        message("%s: is a Linux program; start it without oriel", path);
    else if (size >= 2 && !memcmp(head, "#!", 2))
        message("%s: is a script; start it without oriel", path);
    else if (size < 2 || memcmp(head, "MZ", 2))
        message("%s: is not a Windows program", path);
    else if (at > sizeof(head) - 24 || (ssize_t)at + 24 > size || memcmp(head + at, "PE\0\0", 4))
        message("%s: is a DOS program, or a damaged Windows one; oriel runs x86_64 Windows programs", path);
    else if (head[at + 4] != 0x64 || head[at + 5] != 0x86)
        message("%s: is a program for %s processors; oriel runs x86_64 Windows programs", path,
                machine_name((uint16_t)(head[at + 4] | head[at + 5] << 8)));
    else if (status == STATUS_NO_MEMORY || status == STATUS_COMMITMENT_LIMIT)
        message("%s: not enough memory to load it", path);
    else if (status == STATUS_ACCESS_DENIED)
        message("%s: access denied", path);
    else
        message("%s: is truncated or damaged (status 0x%08x)", path, (uint32_t)status);
}

/* ---- the PEB ------------------------------------------------------------------------------------------------ */

static void peb_fill(const struct mapped_image *image, RTL_USER_PROCESS_PARAMETERS *parameters)
{
    PEB *peb = process_peb;

    peb->Mutant = (HANDLE)~(uintptr_t)0;
    peb->ImageBaseAddress = (HMODULE)image->base;
    peb->ProcessParameters = parameters;
    parameters->ProcessGroupId = current_process->block->console_group;
    peb->NumberOfProcessors = cpu_count();
    peb->CriticalSectionTimeout.QuadPart = -2592000ll * 10000000;       /* 30 days */
    peb->HeapSegmentReserve = 0x100000;
    peb->HeapSegmentCommit = 0x2000;
    peb->HeapDeCommitTotalFreeThreshold = 0x10000;
    peb->HeapDeCommitFreeBlockThreshold = 0x1000;
    peb->OSMajorVersion = WINDOWS_MAJOR;
    peb->OSMinorVersion = WINDOWS_MINOR;
    peb->OSBuildNumber = WINDOWS_BUILD;
    peb->OSPlatformId = VER_PLATFORM_WIN32_NT;
    peb->ImageSubSystem = image->info.SubSystemType;
    peb->ImageSubSystemMajorVersion = image->info.MajorSubsystemVersion;
    peb->ImageSubSystemMinorVersion = image->info.MinorSubsystemVersion;
    peb->ImageProcessAffinityMask = (ULONG)cpu_mask();
    peb->SessionId = OBJECT_SESSION_ID;
    peb->MinimumStackCommit = 0;
}

#define TEB_INITIAL_THREAD 0x0400       /* SameTebFlags */

/* ---- start ---------------------------------------------------------------------------------------------------- */

static bool kernel_is_recent(void)
{
    struct utsname name;

    if (!syscall(SYS_futex_waitv, NULL, 0, 0, NULL, 0) || errno != ENOSYS)
        return true;
    if (uname(&name))
        strcpy(name.release, "unknown");
    message("needs Linux 5.16 or later; this is %s", name.release);
    return false;
}

static bool first_thread(const struct mapped_image *image, struct thread_start *start)
{
    struct vm_stack stack = { 0 };

    if (!(start->object = thread_object_create()) || !(start->teb = teb_alloc()) ||
        vm_create_stack(image->info.MaximumStackSize, image->info.CommittedStackSize, NULL, &stack))
        return false;
    start->teb->Tib.StackBase = (void *)stack.base;
    start->teb->Tib.StackLimit = (void *)stack.limit;
    start->teb->DeallocationStack = (void *)stack.deallocation_base;
    start->stack = stack.deallocation_base;
    start->teb->SameTebFlags = TEB_INITIAL_THREAD;
    start->start = (uint64_t)image->info.TransferAddress;
    start->parameter = (uint64_t)process_peb;
    return true;
}

/* Who says where processes shall meet means it: they would not meet, silently. */
static bool runtime_is_usable(void)
{
    const char *path = getenv("ORIEL_RUNTIME"), *why = path && *path ? runtime_refusal(path) : NULL;

    if (why)
        message("ORIEL_RUNTIME=%s %s; give a directory of your own with mode 0700, or unset it", path, why);
    return !why;
}

/* What comes before everything that can run Nt calls. */
static bool foundations(void)
{
    NTSTATUS status;

    context_init();
    if ((status = vm_init()) || (status = shared_data_init()) || (status = process_object_init()) || (status = teb_init()))
    {
        message("cannot set up the address space (status 0x%08x); is the memory of this process limited?", (uint32_t)status);
        return false;
    }
    suspend_init();
    signals_init();
    return ntdll_load();
}

/* 0, or the host's exit status; *status is what the creator is told. */
static int program_load(const char *program, struct mapped_image *image, NTSTATUS *status)
{
    if ((*status = map_program(program, image)))
    {
        explain(program, *status);
        return 126;
    }
    if (image->info.Machine != IMAGE_FILE_MACHINE_AMD64 || (image->info.ImageCharacteristics & IMAGE_FILE_DLL))
    {
        if (image->info.Machine == IMAGE_FILE_MACHINE_AMD64)
            message("%s: is a DLL; give oriel a program", program);
        else
            explain(program, STATUS_SUCCESS);
        *status = STATUS_INVALID_IMAGE_FORMAT;
        return 126;
    }
    process_image_info = image->info;
    process_stack_reserve = image->info.MaximumStackSize;
    process_stack_commit = image->info.CommittedStackSize;
    return 0;
}

/* A program of the host: the one thread here needs no more than it must have. */
static void native_load(struct mapped_image *image)
{
    memset(image, 0, sizeof(*image));
    native_image_info(&image->info);
    image->info.MaximumStackSize = 0x10000;
    image->info.CommittedStackSize = 0x1000;
    process_image_info = image->info;
    process_stack_reserve = image->info.MaximumStackSize;
    process_stack_commit = image->info.CommittedStackSize;
    process_is_native = true;
}

/* For others to read. */
static void block_fill(const struct mapped_image *image, const struct thread_start *start)
{
    struct process_block *block = current_process->block;
    size_t length = strlen(process_program);

    block->first_thread = (uint32_t)gettid() * 4;
    block->peb = (uintptr_t)process_peb;
    block->first_teb = (uintptr_t)start->teb;
    block->first_start = start->start;
    block->image_base = image->base;
    block->native = process_is_native;
    memcpy(block->image_info, &image->info, sizeof(image->info));
    if (length < sizeof(block->image_path))
        memcpy(block->image_path, process_program, length + 1);
    __atomic_store_n(&block->state, PROCESS_RUNNING, __ATOMIC_RELEASE);
}

/* Returns only if it could not, or for want of something better. */
static int run(const struct mapped_image *image, RTL_USER_PROCESS_PARAMETERS *parameters, bool suspended)
{
    struct thread_start start = { .suspended = suspended };

    peb_fill(image, parameters);
    if (!first_thread(image, &start))
    {
        message("%s: not enough memory for its first thread", process_program);
        start_tell(STATUS_NO_MEMORY);
        return ORIEL_CANNOT_START;
    }
    if (start_thread_pipe >= 0)
        thread_tell_end(start.object, start_thread_pipe);
    block_fill(image, &start);
    start_tell(STATUS_SUCCESS);
    thread_run(&start);
    if (start.ready == 2)
    {
        message("this kernel cannot set the GS register, which Windows programs need");
        return ORIEL_CANNOT_START;
    }
    /* The first thread has ended, others run: the process ends with the last of them, by process_exit(). */
    for (;;)
        pause();
}

int process_start(const char *name, int argc, char **argv)
{
    RTL_USER_PROCESS_PARAMETERS *parameters = NULL;
    struct mapped_image image;
    NTSTATUS status;
    int exit_status;

    if (!trace_init() || !kernel_is_recent() || !runtime_is_usable() || !(process_dll_folder = locate_dlls()))
        return ORIEL_CANNOT_START;
    if (!(process_program = locate_program(name, &exit_status)))
        return exit_status;
    process_id = (uint32_t)getpid() * 4;
    if (!foundations())
        return ORIEL_CANNOT_START;
    if ((exit_status = program_load(process_program, &image, &status)))
        return exit_status;
    if ((status = parameters_create(process_program, argc, argv, &parameters)))
    {
        message("%s: %s (status 0x%08x)", process_program, status == STATUS_NAME_TOO_LONG ?
                "the command line is longer than the 32766 characters that Windows allows" :
                "cannot make its parameters", (uint32_t)status);
        return ORIEL_CANNOT_START;
    }
    return run(&image, parameters, false);
}

/* For events: whose console, which group (ps/control_send.c). */
static void take_console(const struct start_block *block)
{
    if (!(block->flags & START_NEW_CONSOLE))
        current_process->block->console = block->flags & START_NO_CONSOLE ? 0 : block->console;
    if (block->process_group)
        current_process->block->console_group = block->process_group;
    if (block->console_flags & 1)
        control_events_ignore();
}

int process_start_child(int socket)
{
    RTL_USER_PROCESS_PARAMETERS *parameters = NULL;
    struct mapped_image image;
    struct start_block *block;
    NTSTATUS status = STATUS_NO_MEMORY;
    int exit_status = ORIEL_CANNOT_START;

    if (!trace_init() || !(process_dll_folder = locate_dlls()) || !(block = start_receive(socket, &process_program)))
        return ORIEL_CANNOT_START;
    process_id = (uint32_t)getpid() * 4;
    if (!foundations())
        exit_status = ORIEL_CANNOT_START;
    else if (block->flags & START_NATIVE)
    {
        native_load(&image);
        exit_status = 0;
    }
    else
        exit_status = program_load(process_program, &image, &status);
    if (!exit_status)
    {
        current_process->error_mode = block->error_mode;
        process_childless = block->flags & START_CHILDLESS;
        take_console(block);
        if (block->affinity && !(block->affinity & ~cpu_mask()) && cpu_bind(gettid(), block->affinity))
            current_process->affinity = current_process->block->affinity = block->affinity;
        if (block->priority_class)
            current_process->priority_class = current_process->block->priority_class = block->priority_class;
        exit_status = ORIEL_CANNOT_START;
        if (!(status = start_handles(block)) && !(status = start_parameters(block, &parameters)))
            return run(&image, parameters, block->flags & START_SUSPENDED);
        if (status != (NTSTATUS)STATUS_QUOTA_EXCEEDED && status != (NTSTATUS)STATUS_ACCESS_DENIED)      /* of a job */
            message("%s: cannot take over what its creator gives it (status 0x%08x)", process_program, (uint32_t)status);
    }
    start_tell(status);
    return exit_status;
}
