/* NtCreateUserProcess. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "nt/debug.h"
#include "nt/nt.h"
#include "nt/remote.h"
#include "nt/thread.h"
#include "io/errno.h"
#include "io/path.h"
#include "vm/vm.h"
#include "ps/debuggee.h"
#include "ps/cpu.h"
#include "ps/native.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/start_block.h"
#include "ps/thread_private.h"

#define CONSOLE_HANDLE_DETACHED  ((HANDLE)(intptr_t)-1)         /* ConsoleHandle of the parameters */
#define CONSOLE_HANDLE_NEW       ((HANDLE)(intptr_t)-2)
#define CONSOLE_HANDLE_NO_WINDOW ((HANDLE)(intptr_t)-3)

#ifndef PROCESS_CREATION_CHILD_PROCESS_RESTRICTED       /* of winbase.h, which is for programs */
#define PROCESS_CREATION_CHILD_PROCESS_RESTRICTED 1
#endif
#define MITIGATION_DEP   1              /* PROCESS_CREATION_MITIGATION_POLICY_x */
#define MITIGATION_SEHOP 4

#define PS_NEVER_DUPLICATE 0            /* StdHandleState: the low two bits of PS_STD_HANDLE_INFO */

struct request                          /* all that is read from the program */
{
    struct spawn spawn;
    char   *program;
    HANDLE *handles;                    /* malloc'd */
    struct debug_object *debug;         /* a reference, or NULL */
    struct process_object *parent;      /* another than this one: a reference; or NULL */
    struct job_set jobs;                /* that the child is to be in besides those that it inherits */
    CLIENT_ID *client_id;               /* outputs: pointers of the program, with their lengths */
    SIZE_T *client_id_size;
    void  **teb;
    SIZE_T *teb_size;
    void   *image_info;
    SIZE_T *image_info_size;
};

static void request_free(struct request *request)
{
    for (int i = 0; i < START_STRINGS; i++)
        free(request->spawn.strings[i]);
    free(request->spawn.environment);
    free(request->program);
    free(request->handles);
    if (request->debug)
        object_unref(&request->debug->header);
    if (request->parent)
        object_unref(&request->parent->header);
    job_set_free(&request->spawn.jobs);
    job_set_free(&request->jobs);
}

/* ---- the program ---------------------------------------------------------------------------------------------- */

/* An NT name to an existing Unix one. */
static NTSTATUS find_program(struct request *request, const PS_ATTRIBUTE *attribute)
{
    size_t length = attribute->Size / sizeof(WCHAR);
    NTSTATUS status = STATUS_INVALID_PARAMETER;
    struct path path;
    WCHAR *name;

    if (!length || attribute->Size % sizeof(WCHAR) || attribute->Size > 0xfffe || request->program)
        return status;
    if (!(name = malloc(attribute->Size)))
        return STATUS_NO_MEMORY;
    if (!(status = user_read(name, attribute->ValuePtr, attribute->Size)) &&
        !(status = path_translate(&path, NULL, name, length)))
    {
        if (path.kind == PATH_MISSING)
            status = path.parent_exists ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_OBJECT_PATH_NOT_FOUND;
        else if (path.kind == PATH_VIRTUAL)
            status = STATUS_FILE_IS_A_DIRECTORY;
        else if (path.kind != PATH_FILE)
            status = STATUS_OBJECT_NAME_INVALID;
        else if (access(path.unix_name, F_OK))
            status = errno == ENOENT || errno == ENOTDIR ? path_fix_case(&path) : status_from_errno(errno);
        if (!status)
        {
            request->program = path.unix_name;
            path.unix_name = NULL;
        }
        path_free(&path);
    }
    free(name);
    return status;
}

/* Would it run? The same checks as in the child, which has nobody to tell as exactly. */
static NTSTATUS check_program(const char *program, SECTION_IMAGE_INFORMATION *info, bool *native)
{
    struct vm_section_create params = { .protect = PAGE_READONLY, .attributes = SEC_IMAGE, .node = ~0u };
    struct vm_image_header header;
    struct section *section;
    struct stat st;
    NTSTATUS status;

    if ((params.fd = open(program, O_RDONLY | O_CLOEXEC)) < 0)
        return status_from_errno(errno);
    status = !fstat(params.fd, &st) && S_ISDIR(st.st_mode) ? STATUS_FILE_IS_A_DIRECTORY : section_create(&params, &section);
    close(params.fd);
    if (status == (NTSTATUS)STATUS_INVALID_IMAGE_NOT_MZ && !(status = native_check(program)))
    {
        native_image_info(info);
        *native = true;
        return STATUS_SUCCESS;
    }
    if (status)
        return status;
    status = section_image_header(section, &header);
    section_unref(section);
    if (status)
        return status;
    if (header.machine != IMAGE_FILE_MACHINE_AMD64)
        return STATUS_INVALID_IMAGE_WIN_32;
    if (header.characteristics & IMAGE_FILE_DLL)
        return STATUS_INVALID_IMAGE_FORMAT;
    memset(info, 0, sizeof(*info));
    info->TransferAddress = (void *)(uintptr_t)(header.image_base + header.entry_point);
    info->MaximumStackSize = header.stack_reserve;
    info->CommittedStackSize = header.stack_commit;
    info->SubSystemType = header.subsystem;
    info->MinorSubsystemVersion = header.subsystem_minor;
    info->MajorSubsystemVersion = header.subsystem_major;
    info->ImageCharacteristics = header.characteristics;
    info->DllCharacteristics = header.dll_characteristics;
    info->Machine = header.machine;
    info->ImageContainsCode = header.contains_code;
    info->ImageFileSize = (ULONG)header.file_size;
    info->CheckSum = header.checksum;
    return STATUS_SUCCESS;
}

/* ---- attributes ------------------------------------------------------------------------------------------------ */

static int compare_handles(const void *a, const void *b)
{
    uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;

    return x < y ? -1 : x > y;
}

static NTSTATUS read_handles(struct request *request, const PS_ATTRIBUTE *attribute)
{
    size_t count = attribute->Size / sizeof(HANDLE), i;
    NTSTATUS status;

    if (!attribute->Size || attribute->Size % sizeof(HANDLE) || attribute->Size > 0x100000 || request->handles)
        return STATUS_INVALID_PARAMETER;
    if (!(request->handles = malloc(attribute->Size)))
        return STATUS_NO_MEMORY;
    request->spawn.list = request->handles;
    if ((status = user_read(request->handles, attribute->ValuePtr, attribute->Size)))
        return status;
    qsort(request->handles, count, sizeof(HANDLE), compare_handles);
    if (!request->handles[0])           /* a NULL in it makes it an empty list; Go's library has to mind that */
        return STATUS_SUCCESS;
    request->spawn.list_count = count;
    for (i = 1; i < count; i++)
        if (request->handles[i] == request->handles[i - 1])
            return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

static NTSTATUS read_jobs(struct request *request, const PS_ATTRIBUTE *attribute)
{
    HANDLE handles[JOBS_NESTED_MAX];
    size_t count = attribute->Size / sizeof(HANDLE);
    NTSTATUS status;

    if (!count || attribute->Size % sizeof(HANDLE) || count > JOBS_NESTED_MAX || request->jobs.count)
        return STATUS_INVALID_PARAMETER;
    if ((status = user_read(handles, attribute->ValuePtr, attribute->Size)))
        return status;
    for (size_t i = 0; i < count; i++)
    {
        struct job *job;

        if ((status = handle_lookup(handles[i], &job_type, JOB_OBJECT_ASSIGN_PROCESS, &job, NULL)))
            return status;
        status = job_set_add_chain(&request->jobs, job);
        object_unref(job);
        if (status)
            return status;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS read_parent(struct request *request, HANDLE handle)
{
    struct process_object *parent;
    NTSTATUS status = request->parent ? STATUS_INVALID_PARAMETER : process_target(handle, PROCESS_CREATE_PROCESS, &parent);

    if (status)
        return status;
    if (process_is_other(parent))
        request->parent = parent;
    else
        object_unref(&parent->header);
    return STATUS_SUCCESS;
}

static NTSTATUS read_affinity(struct request *request, const PS_ATTRIBUTE *attribute)
{
    GROUP_AFFINITY affinity;
    NTSTATUS status;

    if (attribute->Size != sizeof(affinity))
        return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = user_read(&affinity, attribute->ValuePtr, sizeof(affinity))))
        return status;
    if (affinity.Group || !affinity.Mask || (affinity.Mask & ~cpu_mask()))
        return STATUS_INVALID_PARAMETER;
    request->spawn.block.affinity = affinity.Mask;
    return STATUS_SUCCESS;
}

/* There is one node; which of its processors a thread likes best is advice. */
static NTSTATUS check_place(const PS_ATTRIBUTE *attribute)
{
    PROCESSOR_NUMBER processor = { 0 };
    NTSTATUS status;

    if (attribute->Attribute == PS_ATTRIBUTE_PREFERRED_NODE)
        return attribute->Value ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
    if (attribute->Size != sizeof(processor))
        return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = user_read(&processor, attribute->ValuePtr, sizeof(processor))))
        return status;
    return processor.Group || processor.Number >= cpu_count() ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

/* Four bits a policy, the first byte aside: what is always on here, or off, may be asked for. */
static NTSTATUS check_mitigation(const PS_ATTRIBUTE *attribute)
{
    uint64_t options[2] = { 0 };
    NTSTATUS status;
    unsigned int i;

    if (attribute->Size != 4 && attribute->Size != 8 && attribute->Size != 16)
        return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = user_read(options, attribute->ValuePtr, attribute->Size)))
        return status;
    options[0] &= ~(uint64_t)(MITIGATION_DEP | MITIGATION_SEHOP);
    for (i = 0; i < 32; i++)
        if ((options[i / 16] >> (i % 16 * 4) & 15) & ~(uint64_t)2)      /* ALWAYS_OFF */
            return STATUS_NOT_SUPPORTED;
    return STATUS_SUCCESS;
}

static NTSTATUS read_child_policy(struct request *request, const PS_ATTRIBUTE *attribute)
{
    ULONG policy;
    NTSTATUS status;

    if (attribute->Size != sizeof(ULONG) && attribute->Size != sizeof(ULONG64))
        return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = user_read(&policy, attribute->ValuePtr, sizeof(policy))))
        return status;
    if (policy & ~(ULONG)PROCESS_CREATION_CHILD_PROCESS_RESTRICTED)
        return STATUS_NOT_SUPPORTED;
    if (policy)
        request->spawn.block.flags |= START_CHILDLESS;
    return STATUS_SUCCESS;
}

static NTSTATUS read_attribute(struct request *request, const PS_ATTRIBUTE *attribute)
{
    uint8_t class;
    ULONG value;
    NTSTATUS status;

    switch (attribute->Attribute)
    {
    case PS_ATTRIBUTE_IMAGE_NAME:
        return find_program(request, attribute);
    case PS_ATTRIBUTE_HANDLE_LIST:
        return read_handles(request, attribute);
    case PS_ATTRIBUTE_PARENT_PROCESS:
        return read_parent(request, (HANDLE)attribute->Value);
    case PS_ATTRIBUTE_DEBUG_PORT:
        return request->debug ? STATUS_INVALID_PARAMETER
                              : handle_lookup((HANDLE)attribute->Value, &debug_type, DEBUG_PROCESS_ASSIGN, &request->debug, NULL);
    case PS_ATTRIBUTE_CLIENT_ID:
        request->client_id = attribute->ValuePtr;
        request->client_id_size = attribute->ReturnLength;
        return attribute->Size == sizeof(CLIENT_ID) ? STATUS_SUCCESS : STATUS_INFO_LENGTH_MISMATCH;
    case PS_ATTRIBUTE_TEB_ADDRESS:
        request->teb = attribute->ValuePtr;
        request->teb_size = attribute->ReturnLength;
        return attribute->Size == sizeof(void *) ? STATUS_SUCCESS : STATUS_INFO_LENGTH_MISMATCH;
    case PS_ATTRIBUTE_IMAGE_INFO:
        request->image_info = attribute->ValuePtr;
        request->image_info_size = attribute->ReturnLength;
        return attribute->Size == sizeof(SECTION_IMAGE_INFORMATION) ? STATUS_SUCCESS : STATUS_INFO_LENGTH_MISMATCH;
    case PS_ATTRIBUTE_STD_HANDLE_INFO:
        if (attribute->Size != 8)
            return STATUS_INFO_LENGTH_MISMATCH;
        if (!(status = user_read(&value, attribute->ValuePtr, sizeof(value))))
            request->spawn.std = (value & 3) != PS_NEVER_DUPLICATE;
        return status;
    case PS_ATTRIBUTE_PRIORITY_CLASS:
        if (attribute->Size != sizeof(class))
            return STATUS_INFO_LENGTH_MISMATCH;
        if (!(status = user_read(&class, attribute->ValuePtr, sizeof(class))))
            request->spawn.block.priority_class = class;
        return status;
    case PS_ATTRIBUTE_ERROR_MODE:
        if (attribute->Size != sizeof(ULONG))
            return STATUS_INFO_LENGTH_MISMATCH;
        return user_read(&request->spawn.block.error_mode, attribute->ValuePtr, sizeof(ULONG));
    case PsAttributeMitigationOptions | PS_ATTRIBUTE_INPUT:
        return check_mitigation(attribute);
    case PsAttributeChildProcessPolicy | PS_ATTRIBUTE_INPUT:
        return read_child_policy(request, attribute);
    case PS_ATTRIBUTE_GROUP_AFFINITY:
        return read_affinity(request, attribute);
    case PS_ATTRIBUTE_PREFERRED_NODE:
    case PS_ATTRIBUTE_IDEAL_PROCESSOR:
        return check_place(attribute);
    case PS_ATTRIBUTE_MEMORY_RESERVE:
        return STATUS_NOT_SUPPORTED;
    case PS_ATTRIBUTE_JOB_LIST:
        return read_jobs(request, attribute);
    case PS_ATTRIBUTE_TOKEN:
        return STATUS_NOT_SUPPORTED;
    default:
        return STATUS_INVALID_PARAMETER;
    }
}

static NTSTATUS read_attributes(struct request *request, const PS_ATTRIBUTE_LIST *list)
{
    PS_ATTRIBUTE attribute;
    SIZE_T total, at;
    NTSTATUS status;

    if ((status = user_get(total, &list->TotalLength)))
        return status;
    if (total < sizeof(total) || (total - sizeof(total)) % sizeof(attribute) || total > 0x10000)
        return STATUS_INVALID_PARAMETER;
    for (at = sizeof(total); at < total; at += sizeof(attribute))
        if ((status = user_read(&attribute, (const char *)list + at, sizeof(attribute))) ||
            (status = read_attribute(request, &attribute)))
            return status;
    return request->program ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

/* ---- parameters ------------------------------------------------------------------------------------------------- */

static NTSTATUS read_bytes(void **out, const void *from, size_t size)
{
    NTSTATUS status;

    if (!(*out = malloc(size + sizeof(WCHAR))))
        return STATUS_NO_MEMORY;
    if ((status = user_read(*out, from, size)))
        return status;
    memset((char *)*out + size, 0, sizeof(WCHAR));
    return STATUS_SUCCESS;
}

static NTSTATUS read_parameters(struct request *request, const RTL_USER_PROCESS_PARAMETERS *user)
{
    static const size_t strings[START_STRINGS] =
    {
        [START_FOLDER] = offsetof(RTL_USER_PROCESS_PARAMETERS, CurrentDirectory.DosPath),
        [START_DLLS] = offsetof(RTL_USER_PROCESS_PARAMETERS, DllPath),
        [START_IMAGE] = offsetof(RTL_USER_PROCESS_PARAMETERS, ImagePathName),
        [START_COMMAND] = offsetof(RTL_USER_PROCESS_PARAMETERS, CommandLine),
        [START_TITLE] = offsetof(RTL_USER_PROCESS_PARAMETERS, WindowTitle),
        [START_DESKTOP] = offsetof(RTL_USER_PROCESS_PARAMETERS, Desktop),
        [START_SHELL] = offsetof(RTL_USER_PROCESS_PARAMETERS, ShellInfo),
        [START_RUNTIME] = offsetof(RTL_USER_PROCESS_PARAMETERS, RuntimeInfo),
    };
    struct start_block *block = &request->spawn.block;
    RTL_USER_PROCESS_PARAMETERS p;
    uintptr_t moved;
    NTSTATUS status;
    int i;

    if ((status = user_read(&p, user, sizeof(p))))
        return status;
    moved = p.Flags & PROCESS_PARAMS_FLAG_NORMALIZED ? 0 : (uintptr_t)user;     /* else they are offsets */
    for (i = 0; i < START_STRINGS; i++)
    {
        UNICODE_STRING string;

        memcpy(&string, (char *)&p + strings[i], sizeof(string));
        if (!string.Buffer)
            string.Length = 0;
        if (string.Length % sizeof(WCHAR) && i != START_RUNTIME)
            return STATUS_INVALID_PARAMETER;
        block->string_size[i] = string.Length;
        if ((status = read_bytes(&request->spawn.strings[i], (char *)string.Buffer + moved, block->string_size[i])))
            return status;
    }
    if (p.EnvironmentSize > 0x10000000)
        return STATUS_INVALID_PARAMETER;
    block->environment_size = p.Environment ? p.EnvironmentSize & ~(ULONG_PTR)1 : 0;
    if ((status = read_bytes(&request->spawn.environment, p.Environment, block->environment_size)))
        return status;
    if (!block->environment_size)
        block->environment_size = sizeof(WCHAR);        /* the end of it */
    block->std[0] = (uintptr_t)p.hStdInput;
    block->std[1] = (uintptr_t)p.hStdOutput;
    block->std[2] = (uintptr_t)p.hStdError;
    memcpy(block->scalars, &p.dwX, sizeof(block->scalars));
    block->process_group = p.ProcessGroupId;
    block->console_flags = p.ConsoleFlags;
    if (p.ConsoleHandle == CONSOLE_HANDLE_DETACHED)
        block->flags |= START_NO_CONSOLE;
    if (p.ConsoleHandle == CONSOLE_HANDLE_NEW || p.ConsoleHandle == CONSOLE_HANDLE_NO_WINDOW)
        block->flags |= START_NEW_CONSOLE;
    if (p.ConsoleHandle == CONSOLE_HANDLE_NO_WINDOW)
        block->flags |= START_NO_OUTPUT;
    return STATUS_SUCCESS;
}

/* ---- the call ------------------------------------------------------------------------------------------------------- */

static void write_answers(const struct request *request, const struct process_object *process,
                          const struct thread_object *thread, SECTION_IMAGE_INFORMATION *info)
{
    CLIENT_ID id = { (HANDLE)(uintptr_t)process->id, (HANDLE)(uintptr_t)thread->tid };

    if (request->client_id)
        user_put(request->client_id, id);
    if (request->client_id_size)
        user_put(request->client_id_size, sizeof(id));
    if (request->teb)
        user_put(request->teb, thread->teb);
    if (request->teb_size)
        user_put(request->teb_size, sizeof(thread->teb));
    if (request->image_info)
        user_write(request->image_info, info, sizeof(*info));
    if (request->image_info_size)
        user_put(request->image_info_size, sizeof(*info));
}

/* Both handles, or none. */
static NTSTATUS make_handles(struct process_object *process, struct thread_object *thread, ACCESS_MASK process_access,
                             ACCESS_MASK thread_access, ULONG process_attributes, ULONG thread_attributes,
                             HANDLE *handles)
{
    NTSTATUS status = handle_create(&process->header, process_access, process_attributes, &handles[0]);

    if (status)
        return status;
    if ((status = handle_create(&thread->header, thread_access, thread_attributes, &handles[1])))
        handle_close(handles[0]);
    return status;
}

static NTSTATUS spawn_child(struct request *request, bool breakaway, struct process_object **process, int *thread_pipe)
{
    NTSTATUS status;
    unsigned int i;

    if (process_childless)
        return STATUS_CHILD_PROCESS_BLOCKED;
    /* Those that are inherited come first, and another parent knows which these are. */
    if (!request->parent && (status = job_for_child(breakaway, &request->spawn.jobs)))
        return status;
    for (i = 0; i < request->jobs.count; i++)
        if (!job_set_add(&request->spawn.jobs, request->jobs.jobs[i], request->jobs.joins >> i & 1))
            return STATUS_ACCESS_DENIED;
    status = request->parent ? remote_spawn(request->parent, &request->spawn, breakaway, process, thread_pipe)
                             : process_spawn(&request->spawn, process, thread_pipe);
    /* Also of a child that came to nothing: it may have been in some. */
    job_set_tell_ports(&request->spawn.jobs);
    for (i = 0; i < request->jobs.count; i++)
        job_remember_parent(request->jobs.jobs[i]);
    return status;
}

/* Affinity and a priority below the normal one are inherited, from another parent as well. */
static void inherit_scheduling(struct request *request)
{
    const struct process_object *parent = request->parent ? request->parent : current_process;
    uint32_t class = parent->block->priority_class;
    struct start_block *block = &request->spawn.block;

    if (!block->affinity && (parent->block->affinity & cpu_mask()) != cpu_mask())
        block->affinity = parent->block->affinity & cpu_mask();
    if (!block->priority_class && (class == PROCESS_PRIOCLASS_IDLE || class == PROCESS_PRIOCLASS_BELOW_NORMAL))
        block->priority_class = class;
}

/* Before it runs: its debugger, ours or the one that it was given. */
static NTSTATUS begin_debugged(struct request *request, struct process_object *process, ULONG flags)
{
    if (!request->debug)
        return debuggee_adopts(process);
    return debug_attach(request->debug, process, DEBUGGEE_NEW |
                        (flags & PROCESS_CREATE_FLAGS_NO_DEBUG_INHERIT ? DEBUGGEE_NO_INHERIT : 0));
}

NT_CALL(nt_create_user_process, HANDLE *user_process, HANDLE *user_thread, ACCESS_MASK process_access,
        ACCESS_MASK thread_access, const OBJECT_ATTRIBUTES *process_attr, const OBJECT_ATTRIBUTES *thread_attr,
        ULONG process_flags, ULONG thread_flags, const RTL_USER_PROCESS_PARAMETERS *parameters, PS_CREATE_INFO *info,
        const PS_ATTRIBUTE_LIST *list)
{
    struct object_attributes process_attributes = { 0 }, thread_attributes = { 0 };
    struct process_object *process = NULL;
    struct thread_object *thread = NULL;
    struct request request = { 0 };
    SECTION_IMAGE_INFORMATION image;
    uint32_t previous;
    HANDLE handles[2];
    NTSTATUS status;
    bool debugged, native = false;
    int thread_pipe;

    if (thread_flags & ~1u || process_flags & ~(ULONG)(PROCESS_CREATE_FLAGS_INHERIT_HANDLES | PROCESS_CREATE_FLAGS_SUSPENDED |
                                                       PROCESS_CREATE_FLAGS_BREAKAWAY | PROCESS_CREATE_FLAGS_NO_DEBUG_INHERIT))
        return STATUS_INVALID_PARAMETER;
    if ((status = user_probe_for_write(user_process, sizeof(HANDLE))) ||
        (status = user_probe_for_write(user_thread, sizeof(HANDLE))) ||
        (status = user_probe_for_write(info, offsetof(PS_CREATE_INFO, InitState))))
        return status;
    if ((status = object_attributes_read(&process_attributes, process_attr)))
        return status;
    if ((status = object_attributes_read(&thread_attributes, thread_attr)) ||
        (status = read_parameters(&request, parameters)) || (status = read_attributes(&request, list)) ||
        (status = check_program(request.program, &image, &native)))
        goto done;
    if (native && request.debug)
    {
        status = STATUS_NOT_SUPPORTED;          /* there is nothing that could tell the debugger anything */
        goto done;
    }
    request.spawn.program = request.program;
    inherit_scheduling(&request);
    request.spawn.inherit = process_flags & PROCESS_CREATE_FLAGS_INHERIT_HANDLES;
    debugged = request.debug || (debuggee_attached && !native && !(process_flags & PROCESS_CREATE_FLAGS_NO_DEBUG_INHERIT));
    if (native)
        request.spawn.block.flags |= START_NATIVE;
    if (thread_flags & 1 || debugged)
        request.spawn.block.flags |= START_SUSPENDED;
    if (!request.spawn.block.error_mode)
        request.spawn.block.error_mode = current_process->error_mode;
    if ((status = spawn_child(&request, process_flags & PROCESS_CREATE_FLAGS_BREAKAWAY, &process, &thread_pipe)))
        goto done;
    if ((status = remote_thread_born(process, thread_pipe, &thread)) ||
        (debugged && (status = begin_debugged(&request, process, process_flags))) ||
        (status = make_handles(process, thread, process_access, thread_access, process_attributes.attributes,
                               thread_attributes.attributes, handles)))
        process_kill(process, (uint32_t)status);
    else
    {
        user_put(user_process, handles[0]);
        user_put(user_thread, handles[1]);
        user_put(&info->State, PsCreateSuccess);
        memcpy(&image, process->block->image_info, sizeof(image));
        write_answers(&request, process, thread, &image);
        if (debugged && !(thread_flags & 1))
            remote_thread_resume(thread, &previous);
    }
    if (thread)
        object_unref(&thread->header);
    object_unref(&process->header);
done:
    object_attributes_release(&process_attributes);
    object_attributes_release(&thread_attributes);
    request_free(&request);
    return status;
}
