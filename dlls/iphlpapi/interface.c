/* Interfaces: their numbers, names, LUIDs and GUIDs. A name is the one that the host has for it. */
#include "interface.h"

void *get_memory(size_t size)
{
    return HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, size);
}

void free_memory(void *memory)
{
    HeapFree(GetProcessHeap(), 0, memory);
}

DWORD ask(unsigned int code, const void *in, size_t in_size, void *out, size_t out_size, size_t *done)
{
    WCHAR text[] = L"\\Device\\Afd\\Endpoint";
    UNICODE_STRING name = { sizeof(text) - sizeof(WCHAR), sizeof(text), text };
    OBJECT_ATTRIBUTES attr;
    IO_STATUS_BLOCK io;
    HANDLE device;
    NTSTATUS status;

    InitializeObjectAttributes(&attr, &name, 0, NULL, NULL);
    if ((status = NtOpenFile(&device, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &attr, &io, FILE_SHARE_READ | FILE_SHARE_WRITE, 0)))
        return RtlNtStatusToDosError(status);
    status = NtDeviceIoControlFile(device, NULL, NULL, NULL, &io, code, (void *)in, (ULONG)in_size, out, (ULONG)out_size);
    NtClose(device);
    if (done) *done = io.Information;
    return status ? RtlNtStatusToDosError(status) : ERROR_SUCCESS;
}

DWORD get_interfaces(struct oriel_interface **list, size_t *count)
{
    size_t room = 16, done;
    DWORD error;

    for (;; room *= 4)
    {
        if (!(*list = get_memory(room * sizeof(**list)))) return ERROR_NOT_ENOUGH_MEMORY;
        error = ask(ORIEL_SOCKET_INTERFACES, NULL, 0, *list, room * sizeof(**list), &done);
        if (!error)
        {
            *count = done / sizeof(**list);
            return ERROR_SUCCESS;
        }
        free_memory(*list);
        *list = NULL;
        if (error != ERROR_INSUFFICIENT_BUFFER) return error;
    }
}

const struct oriel_interface *find_interface(const struct oriel_interface *list, size_t count, unsigned int index, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (!list[i].family && (name ? !strcmp(list[i].name, name) : list[i].index == index)) return &list[i];
    return NULL;
}

NET_LUID luid_of(const struct oriel_interface *interface)
{
    NET_LUID luid;

    luid.Value = 0;
    luid.Info.IfType = interface->type;
    luid.Info.NetLuidIndex = interface->index;
    return luid;
}

/* A number of ours with the interface's in it: the same as long as the interface has its own. */
GUID guid_of(const struct oriel_interface *interface)
{
    GUID guid = { 0, 0x6f72, 0x4965, { 0xac, 0x69, 0x6e, 0x74, 0x66, 0x61, 0x63, 0x65 } };

    guid.Data1 = interface->index;
    return guid;
}

/* Copies what is asked for of one interface; the error if there is no such. */
static DWORD look_up(unsigned int index, const char *name, struct oriel_interface *out)
{
    struct oriel_interface *list;
    const struct oriel_interface *found;
    size_t count;
    DWORD error = get_interfaces(&list, &count);

    if (error) return error;
    if ((found = find_interface(list, count, index, name))) *out = *found;
    else error = ERROR_FILE_NOT_FOUND;
    free_memory(list);
    return error;
}

static DWORD look_up_luid(const NET_LUID *luid, struct oriel_interface *out)
{
    DWORD error = look_up((unsigned int)luid->Info.NetLuidIndex, NULL, out);

    if (!error && luid_of(out).Value != luid->Value) error = ERROR_FILE_NOT_FOUND;
    return error;
}

NET_IFINDEX WINAPI if_nametoindex(const char *name)
{
    struct oriel_interface interface;

    return name && *name && !look_up(0, name, &interface) ? interface.index : 0;
}

/* The buffer has room for NDIS_IF_MAX_STRING_SIZE + 1 characters. */
char *WINAPI if_indextoname(NET_IFINDEX index, char *name)
{
    struct oriel_interface interface;

    if (!name || look_up(index, NULL, &interface)) return NULL;
    return strcpy(name, interface.name);
}

DWORD WINAPI ConvertInterfaceIndexToLuid(NET_IFINDEX index, NET_LUID *luid)
{
    struct oriel_interface interface;
    DWORD error;

    if (!luid) return ERROR_INVALID_PARAMETER;
    memset(luid, 0, sizeof(*luid));
    if (!(error = look_up(index, NULL, &interface))) *luid = luid_of(&interface);
    return error;
}

DWORD WINAPI ConvertInterfaceLuidToIndex(const NET_LUID *luid, NET_IFINDEX *index)
{
    struct oriel_interface interface;
    DWORD error;

    if (!luid || !index) return ERROR_INVALID_PARAMETER;
    *index = 0;
    if (!(error = look_up_luid(luid, &interface))) *index = interface.index;
    return error;
}

DWORD WINAPI ConvertInterfaceLuidToGuid(const NET_LUID *luid, GUID *guid)
{
    struct oriel_interface interface;
    DWORD error;

    if (!luid || !guid) return ERROR_INVALID_PARAMETER;
    memset(guid, 0, sizeof(*guid));
    if (!(error = look_up_luid(luid, &interface))) *guid = guid_of(&interface);
    return error;
}

DWORD WINAPI ConvertInterfaceLuidToNameA(const NET_LUID *luid, char *name, SIZE_T size)
{
    struct oriel_interface interface;
    DWORD error;

    if (!luid || !name || !size) return ERROR_INVALID_PARAMETER;
    *name = 0;
    if ((error = look_up_luid(luid, &interface))) return error;
    if (strlen(interface.name) >= size) return ERROR_NOT_ENOUGH_MEMORY;
    strcpy(name, interface.name);
    return ERROR_SUCCESS;
}

DWORD WINAPI ConvertInterfaceLuidToNameW(const NET_LUID *luid, WCHAR *name, SIZE_T size)
{
    struct oriel_interface interface;
    DWORD error;

    if (!luid || !name || !size) return ERROR_INVALID_PARAMETER;
    *name = 0;
    if ((error = look_up_luid(luid, &interface))) return error;
    if (MultiByteToWideChar(CP_UTF8, 0, interface.name, -1, name, size > 256 ? 256 : (int)size)) return ERROR_SUCCESS;
    *name = 0;
    return ERROR_NOT_ENOUGH_MEMORY;
}
