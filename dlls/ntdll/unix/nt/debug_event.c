/* An event as NtWaitForDebugEvent tells it: with handles on its process, its thread and its file. */
#include <poll.h>
#include <stdio.h>
#include "nt/debug.h"
#include "nt/remote.h"
#include "nt/thread.h"
#include "io/file.h"
#include "io/path.h"
#include "ps/process.h"

/* ---- the file ------------------------------------------------------------------------------------------------------ */

static NTSTATUS open_named(const WCHAR *name, size_t length, HANDLE *handle)
{
    struct file_open open = { .access = FILE_GENERIC_READ, .disposition = FILE_OPEN,
                              .sharing = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                              .options = FILE_SYNCHRONOUS_IO_NONALERT | FILE_NON_DIRECTORY_FILE };
    struct file *file;
    struct path path;
    NTSTATUS status = path_translate(&path, NULL, name, length);

    if (status) return status;
    if (!(status = file_open(&path, &open, &file)))
    {
        status = handle_create(&file->object, FILE_GENERIC_READ, 0, handle);
        object_unref(&file->object);
    }
    path_free(&path);
    return status;
}

static NTSTATUS open_unix(const char *unix_name, HANDLE *handle)
{
    NTSTATUS status;
    size_t length;
    WCHAR *name;

    if (!*unix_name || !(name = path_device_name(path_root_mount(), unix_name, &length))) return STATUS_NO_MEMORY;
    status = open_named(name, length, handle);
    free(name);
    return status;
}

/* What is mapped at base there; without one there is no handle, as on Windows. */
static HANDLE open_image(struct process_object *process, uint64_t base, bool program)
{
    struct { UNICODE_STRING string; WCHAR characters[0x4000]; } *name;
    char path[sizeof(process->block->image_path)];
    HANDLE handle = NULL;
    SIZE_T returned;

    if (program)
    {
        memcpy(path, process->block->image_path, sizeof(path));
        path[sizeof(path) - 1] = 0;
        open_unix(path, &handle);
        return handle;
    }
    if (base == process_ntdll.base)
    {
        if (snprintf(path, sizeof(path), "%s/ntdll.dll", process_dll_folder) < (int)sizeof(path)) open_unix(path, &handle);
        return handle;
    }
    if (!(name = malloc(sizeof(*name)))) return NULL;
    if (!remote_query(object_ref(process), MemoryMappedFilenameInformation, base, name, sizeof(*name), &returned))
        open_named(name->string.Buffer, name->string.Length / sizeof(WCHAR), &handle);
    free(name);
    return handle;
}

/* ---- process and thread --------------------------------------------------------------------------------------------- */

static HANDLE open_thread(struct process_object *process, uint32_t tid)
{
    struct thread_object *thread;
    HANDLE handle = NULL;

    if (remote_thread_open(process, tid, &thread)) return NULL;
    handle_create(&thread->header, THREAD_ALL_ACCESS, 0, &handle);
    object_unref(&thread->header);
    return handle;
}

static uint32_t exit_status(struct process_object *process)
{
    struct pollfd fd = { .fd = process->pidfd, .events = POLLIN };

    return poll(&fd, 1, 1000) == 1 ? process_final_status(process) : 1;
}

static DBG_STATE exception_state(DWORD code)
{
    switch (code)
    {
    case (DWORD)STATUS_BREAKPOINT: return DbgBreakpointStateChange;
    case (DWORD)STATUS_SINGLE_STEP: return DbgSingleStepStateChange;
    default: return DbgExceptionStateChange;
    }
}

NTSTATUS debug_event_describe(const struct debug_event *event, DBGUI_WAIT_STATE_CHANGE *out)
{
    const struct debug_message *message = &event->message;
    struct process_object *process;
    NTSTATUS status;

    memset(out, 0, sizeof(*out));
    out->AppClientId.UniqueProcess = (HANDLE)(uintptr_t)(event->of->linux_pid * 4);
    out->AppClientId.UniqueThread = (HANDLE)(uintptr_t)message->tid;
    if ((status = attached_process(event->of, &process))) return status;
    switch ((enum debug_kind)message->kind)
    {
    case DEBUG_CREATE_PROCESS:
        out->NewState = DbgCreateProcessStateChange;
        handle_create(&process->header, PROCESS_ALL_ACCESS, 0, &out->StateInfo.CreateProcessInfo.HandleToProcess);
        out->StateInfo.CreateProcessInfo.HandleToThread = open_thread(process, message->tid);
        out->StateInfo.CreateProcessInfo.NewProcess.FileHandle = open_image(process, message->address, true);
        out->StateInfo.CreateProcessInfo.NewProcess.BaseOfImage = (void *)(uintptr_t)message->address;
        out->StateInfo.CreateProcessInfo.NewProcess.InitialThread.StartAddress = (void *)(uintptr_t)message->start;
        break;
    case DEBUG_CREATE_THREAD:
        out->NewState = DbgCreateThreadStateChange;
        out->StateInfo.CreateThread.HandleToThread = open_thread(process, message->tid);
        out->StateInfo.CreateThread.NewThread.StartAddress = (void *)(uintptr_t)message->start;
        break;
    case DEBUG_EXIT_THREAD:
        out->NewState = DbgExitThreadStateChange;
        out->StateInfo.ExitThread.ExitStatus = (NTSTATUS)message->value;
        break;
    case DEBUG_EXIT_PROCESS:
        out->NewState = DbgExitProcessStateChange;
        out->StateInfo.ExitProcess.ExitStatus = (NTSTATUS)(event->made ? exit_status(process) : message->value);
        break;
    case DEBUG_LOAD_DLL:
        out->NewState = DbgLoadDllStateChange;
        out->StateInfo.LoadDll.FileHandle = open_image(process, message->address, false);
        out->StateInfo.LoadDll.BaseOfDll = (void *)(uintptr_t)message->address;
        out->StateInfo.LoadDll.NamePointer = (void *)(uintptr_t)message->name;
        break;
    case DEBUG_UNLOAD_DLL:
        out->NewState = DbgUnloadDllStateChange;
        out->StateInfo.UnloadDll.BaseAddress = (void *)(uintptr_t)message->address;
        break;
    case DEBUG_EXCEPTION:
        out->NewState = exception_state(message->record.ExceptionCode);
        out->StateInfo.Exception.ExceptionRecord = message->record;
        out->StateInfo.Exception.FirstChance = message->value != 0;
        break;
    case DEBUG_CHILD:
    case DEBUG_KINDS:
        break;
    }
    object_unref(&process->header);
    return STATUS_SUCCESS;
}

static void close_one(HANDLE handle)
{
    if (handle) handle_close(handle);
}

void debug_event_undo(DBGUI_WAIT_STATE_CHANGE *out)
{
    switch (out->NewState)
    {
    case DbgCreateProcessStateChange:
        close_one(out->StateInfo.CreateProcessInfo.HandleToProcess);
        close_one(out->StateInfo.CreateProcessInfo.HandleToThread);
        close_one(out->StateInfo.CreateProcessInfo.NewProcess.FileHandle);
        break;
    case DbgCreateThreadStateChange: close_one(out->StateInfo.CreateThread.HandleToThread); break;
    case DbgLoadDllStateChange: close_one(out->StateInfo.LoadDll.FileHandle); break;
    default: break;
    }
}
