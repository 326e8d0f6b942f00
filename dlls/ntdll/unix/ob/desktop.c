/* The window station and the desktop: what there is of them without a window system is their names. */
#include <pthread.h>
#include <stdio.h>

#include "ob/desktop.h"
#include "ob/transfer.h"
#include "ob/types.h"
#include "winuser.h"

static NTSTATUS copy_name(const char *text, WCHAR **name, size_t *length)
{
    size_t i;

    *length = strlen(text);
    if (!(*name = malloc((*length + 1) * sizeof(WCHAR)))) return STATUS_NO_MEMORY;
    for (i = 0; i <= *length; i++) (*name)[i] = (unsigned char)text[i];
    return STATUS_SUCCESS;
}

static NTSTATUS station_name(struct object *object, WCHAR **name, size_t *length)
{
    char text[64];

    (void)object;
    snprintf(text, sizeof(text), "\\Sessions\\%u\\Windows\\WindowStations\\WinSta0", OBJECT_SESSION_ID);
    return copy_name(text, name, length);
}

static NTSTATUS desktop_name(struct object *object, WCHAR **name, size_t *length)
{
    (void)object;
    return copy_name("\\Default", name, length);
}

/* All processes have the same two. */
static NTSTATUS pack(struct object *object, struct transfer *transfer)
{
    (void)object, (void)transfer;
    return STATUS_SUCCESS;
}

static NTSTATUS unpack(struct transfer *transfer, struct object **object)
{
    if (transfer->size) return STATUS_INVALID_PARAMETER;
    *object = object_alloc(transfer_type(transfer), sizeof(**object));
    return *object ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

const struct object_type window_station_type =
{
    .name = "WindowStation",
    .mapping = { STANDARD_RIGHTS_READ | WINSTA_READSCREEN | WINSTA_ENUMERATE | WINSTA_READATTRIBUTES | WINSTA_ENUMDESKTOPS,
                 STANDARD_RIGHTS_WRITE | WINSTA_WRITEATTRIBUTES | WINSTA_CREATEDESKTOP | WINSTA_ACCESSCLIPBOARD,
                 STANDARD_RIGHTS_EXECUTE | WINSTA_EXITWINDOWS | WINSTA_ACCESSGLOBALATOMS, STANDARD_RIGHTS_REQUIRED | 0x37f },
    .valid_access = STANDARD_RIGHTS_REQUIRED | 0x37f,
    .query_name = station_name,
    .pack = pack,
    .unpack = unpack,
};

const struct object_type desktop_type =
{
    .name = "Desktop",
    .mapping = { STANDARD_RIGHTS_READ | DESKTOP_ENUMERATE | DESKTOP_READOBJECTS,
                 STANDARD_RIGHTS_WRITE | DESKTOP_WRITEOBJECTS | DESKTOP_JOURNALPLAYBACK | DESKTOP_JOURNALRECORD |
                     DESKTOP_HOOKCONTROL | DESKTOP_CREATEMENU | DESKTOP_CREATEWINDOW,
                 STANDARD_RIGHTS_EXECUTE | DESKTOP_SWITCHDESKTOP, STANDARD_RIGHTS_REQUIRED | 0x1ff },
    .valid_access = STANDARD_RIGHTS_REQUIRED | 0x1ff,
    .query_name = desktop_name,
    .pack = pack,
    .unpack = unpack,
};

static NTSTATUS make(const struct object_type *type, HANDLE *handle)
{
    struct object *object = object_alloc(type, sizeof(*object));
    NTSTATUS status;

    if (!object) return STATUS_NO_MEMORY;
    status = handle_create(object, type->valid_access, 0, handle);
    object_unref(object);
    return status;
}

NTSTATUS desktop_handles(HANDLE handles[2])
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static HANDLE made[2];
    NTSTATUS status = STATUS_SUCCESS;

    pthread_mutex_lock(&lock);
    if (!made[0]) status = make(&window_station_type, &made[0]);
    if (!status && !made[1]) status = make(&desktop_type, &made[1]);
    memcpy(handles, made, sizeof(made));
    pthread_mutex_unlock(&lock);
    return status;
}
