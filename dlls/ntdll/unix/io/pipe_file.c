/* Pipes as files: control codes, what they tell of themselves. */
#include <unistd.h>

#include "io/attributes.h"
#include "io/ntfile.h"
#include "io/pipe.h"
#include "io/pipe_meet.h"
#include "ob/security.h"

/* A number about the connection, by its name. */
static NTSTATUS get_attribute(struct io *io)
{
    struct pipe_end *end = io->file->pipe;
    bool of_client = io->code == FSCTL_PIPE_GET_CONNECTION_ATTRIBUTE;
    char name[32] = "";
    uint32_t value;
    NTSTATUS status;

    if (!io->in_length || io->in_length > sizeof(name)) return STATUS_INVALID_PARAMETER;
    if ((status = user_read(name, io->in, io->in_length))) return status;
    if (name[io->in_length - 1]) return STATUS_INVALID_PARAMETER;
    pthread_mutex_lock(&pipe_lock);
    value = of_client ? end->client_id : end->server_id;
    pthread_mutex_unlock(&pipe_lock);
    if (pipe_is_cut_off(end)) return STATUS_PIPE_DISCONNECTED;
    if (of_client && !value) return STATUS_NOT_FOUND;           /* there is no client */
    if (!strcmp(name, of_client ? "ClientSessionId" : "ServerSessionId")) value = OBJECT_SESSION_ID;
    else if (strcmp(name, of_client ? "ClientProcessId" : "ServerProcessId")) return STATUS_NOT_FOUND;
    if (io->length < sizeof(value)) return STATUS_BUFFER_TOO_SMALL;
    io->information = sizeof(value);
    return user_write(io->buffer, &value, sizeof(value));
}

static NTSTATUS pipe_control(struct io *io)
{
    switch (io->code)
    {
    case FSCTL_PIPE_LISTEN:     return pipe_listen(io);
    case FSCTL_PIPE_DISCONNECT: return pipe_disconnect(io);
    case FSCTL_PIPE_PEEK:       return pipe_peek(io);
    case FSCTL_PIPE_TRANSCEIVE: return pipe_transceive(io);
    case FSCTL_PIPE_WAIT:       return STATUS_ILLEGAL_FUNCTION;
    case FSCTL_PIPE_IMPERSONATE: return pipe_impersonate(io->file->pipe);
    case FSCTL_PIPE_GET_CONNECTION_ATTRIBUTE:
    case FSCTL_PIPE_GET_PIPE_ATTRIBUTE:
        return get_attribute(io);
    default:                    return STATUS_NOT_SUPPORTED;
    }
}

static NTSTATUS root_control(struct io *io)
{
    switch (io->code)
    {
    case FSCTL_PIPE_WAIT:       return io->file->is_device ? STATUS_ILLEGAL_FUNCTION : pipe_wait_for_instance(io);
    case FSCTL_PIPE_LISTEN:
    case FSCTL_PIPE_IMPERSONATE:
        return STATUS_ILLEGAL_FUNCTION;
    case FSCTL_PIPE_DISCONNECT:
    case FSCTL_PIPE_TRANSCEIVE:
        return STATUS_PIPE_DISCONNECTED;
    case FSCTL_PIPE_PEEK:
    case FSCTL_PIPE_QUERY_CLIENT_PROCESS:
    case FSCTL_PIPE_GET_CONNECTION_ATTRIBUTE:
        return STATUS_INVALID_PARAMETER;
    default:
        return STATUS_NOT_SUPPORTED;
    }
}

static NTSTATUS root_transfer(struct io *io)
{
    (void)io;
    return STATUS_INVALID_PARAMETER;
}

static NTSTATUS local_info(struct pipe_end *end, FILE_PIPE_LOCAL_INFORMATION *info)
{
    struct pipe_name *name = end->name, *known;
    struct pipe_reply others = { 0 };
    size_t unread;
    NTSTATUS status;

    if (name->length && (status = pipe_look(name->name, name->length, &others))) return status;
    memset(info, 0, sizeof(*info));
    pthread_mutex_lock(&pipe_lock);
    known = name->elsewhere ? pipe_find_name_locked(name->name, name->length) : name;
    info->NamedPipeType = name->type;
    info->NamedPipeConfiguration = name->sharing == FILE_SHARE_READ ? FILE_PIPE_OUTBOUND
                                 : name->sharing == FILE_SHARE_WRITE ? FILE_PIPE_INBOUND : FILE_PIPE_FULL_DUPLEX;
    info->MaximumInstances = name->max_instances;
    if (known) info->CurrentInstances = known->instances;
    info->CurrentInstances += others.instances;
    info->InboundQuota = name->inbound_quota;
    info->OutboundQuota = name->outbound_quota;
    info->NamedPipeState = pipe_state(end);
    info->NamedPipeEnd = end->server ? FILE_PIPE_SERVER_END : FILE_PIPE_CLIENT_END;
    info->ReadDataAvailable = pipe_readable(end);
    unread = pipe_unread_by_peer(end);
    info->WriteQuotaAvailable = end->server ? name->outbound_quota : name->inbound_quota;
    info->WriteQuotaAvailable -= unread < info->WriteQuotaAvailable ? unread : info->WriteQuotaAvailable;
    pthread_mutex_unlock(&pipe_lock);
    return STATUS_SUCCESS;
}

static NTSTATUS pipe_query(struct file *file, FILE_INFORMATION_CLASS class, void *buffer, ULONG length,
                           ULONG_PTR *information)
{
    struct pipe_end *end = file->pipe;
    FILE_PIPE_LOCAL_INFORMATION local;
    FILE_PIPE_INFORMATION info;
    NTSTATUS status;

    (void)length;
    switch (class)
    {
    case FilePipeInformation:
        if (pipe_is_cut_off(end)) return STATUS_PIPE_DISCONNECTED;
        info.ReadMode = __atomic_load_n(&end->read_mode, __ATOMIC_RELAXED);
        info.CompletionMode = __atomic_load_n(&end->completion_mode, __ATOMIC_RELAXED);
        *information = sizeof(info);
        return user_write(buffer, &info, sizeof(info));
    case FilePipeLocalInformation:
        if (pipe_is_cut_off(end)) return STATUS_PIPE_DISCONNECTED;
        if ((status = local_info(end, &local))) return status;
        *information = sizeof(local);
        return user_write(buffer, &local, sizeof(local));
    default:
        return STATUS_NOT_SUPPORTED;
    }
}

static NTSTATUS pipe_set(struct file *file, FILE_INFORMATION_CLASS class, const void *buffer, ULONG length)
{
    struct pipe_end *end = file->pipe;
    FILE_PIPE_INFORMATION info;
    NTSTATUS status;

    (void)length;
    if (class != FilePipeInformation) return STATUS_NOT_SUPPORTED;
    if ((status = user_read(&info, buffer, sizeof(info)))) return status;
    if (pipe_is_cut_off(end)) return STATUS_PIPE_DISCONNECTED;
    if (info.ReadMode > FILE_PIPE_MESSAGE_MODE || info.CompletionMode > FILE_PIPE_COMPLETE_OPERATION ||
        (info.ReadMode == FILE_PIPE_MESSAGE_MODE && end->name->type != FILE_PIPE_TYPE_MESSAGE))
        return STATUS_INVALID_PARAMETER;
    __atomic_store_n(&end->read_mode, info.ReadMode, __ATOMIC_RELAXED);
    __atomic_store_n(&end->completion_mode, info.CompletionMode, __ATOMIC_RELAXED);
    return STATUS_SUCCESS;
}

static NTSTATUS pipe_facts(struct file *file, struct file_facts *facts)
{
    struct pipe_end *end = file->pipe;

    if (pipe_is_cut_off(end)) return STATUS_PIPE_DISCONNECTED;
    memset(facts, 0, sizeof(*facts));
    facts->links = 1;
    facts->size = pipe_readable(end);
    facts->allocation = end->name->inbound_quota + end->name->outbound_quota;
    facts->attributes = FILE_ATTRIBUTE_NORMAL;
    facts->ino = (uintptr_t)end->name;
    return STATUS_SUCCESS;
}

static NTSTATUS pipe_query_name(struct file *file, WCHAR **out, size_t *length)
{
    static const WCHAR prefix[] = u"\\Device\\NamedPipe\\";
    const size_t prefix_length = sizeof(prefix) / sizeof(WCHAR) - 1;
    const struct pipe_name *name = file->pipe->name;
    WCHAR *text;

    if (pipe_is_cut_off(file->pipe)) return STATUS_PIPE_DISCONNECTED;
    if (!name->name) return STATUS_OBJECT_PATH_INVALID;
    if (!(text = malloc((prefix_length + name->length + 1) * sizeof(WCHAR)))) return STATUS_NO_MEMORY;
    memcpy(text, prefix, prefix_length * sizeof(WCHAR));
    memcpy(text + prefix_length, name->name, name->length * sizeof(WCHAR));
    *length = prefix_length + name->length;
    text[*length] = 0;
    *out = text;
    return STATUS_SUCCESS;
}

static NTSTATUS root_query_name(struct file *file, WCHAR **out, size_t *length)
{
    static const WCHAR name[] = u"\\Device\\NamedPipe\\";

    if (!(*out = malloc(sizeof(name)))) return STATUS_NO_MEMORY;
    memcpy(*out, name, sizeof(name));
    *length = sizeof(name) / sizeof(WCHAR) - 1 - file->is_device;       /* without the backslash */
    (*out)[*length] = 0;
    return STATUS_SUCCESS;
}

/* Of the name: all instances and clients have the same. */
static NTSTATUS pipe_get_security(struct file *file, struct security **security)
{
    if (pipe_is_cut_off(file->pipe)) return STATUS_PIPE_DISCONNECTED;
    pthread_mutex_lock(&pipe_lock);
    *security = file->pipe->name->security ? security_ref(file->pipe->name->security) : NULL;
    pthread_mutex_unlock(&pipe_lock);
    return STATUS_SUCCESS;
}

static NTSTATUS pipe_set_security(struct file *file, struct security *security)
{
    struct security *old;

    if (pipe_is_cut_off(file->pipe)) return STATUS_PIPE_DISCONNECTED;
    pthread_mutex_lock(&pipe_lock);
    old = file->pipe->name->security;
    file->pipe->name->security = security_ref(security);
    pthread_mutex_unlock(&pipe_lock);
    security_unref(old);
    return STATUS_SUCCESS;
}

const struct file_ops pipe_ops =
{
    .read = pipe_read, .write = pipe_write, .control = pipe_control, .flush = pipe_flush,
    .facts = pipe_facts, .query = pipe_query, .set = pipe_set, .query_name = pipe_query_name,
    .get_security = pipe_get_security, .set_security = pipe_set_security, .closed = pipe_closed, .destroyed = pipe_destroyed,
};
const struct file_ops pipe_root_ops =
{
    .read = root_transfer, .write = root_transfer, .control = root_control, .query_name = root_query_name,
};
