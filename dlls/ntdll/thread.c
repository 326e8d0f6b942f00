/* Starting threads by the Rtl name. */

#include "rtl.h"

NTSTATUS WINAPI RtlCreateUserThread(HANDLE process, SECURITY_DESCRIPTOR *sd, BOOLEAN suspended, ULONG zero_bits,
                                    SIZE_T stack_reserve, SIZE_T stack_commit, PRTL_THREAD_START_ROUTINE start,
                                    void *parameter, HANDLE *handle, CLIENT_ID *id)
{
    OBJECT_ATTRIBUTES attr;
    CLIENT_ID client;
    PS_ATTRIBUTE_LIST list = { .TotalLength = sizeof(list) };
    HANDLE thread;
    NTSTATUS status;

    list.Attributes[0].Attribute = PS_ATTRIBUTE_CLIENT_ID;
    list.Attributes[0].Size = sizeof(client);
    list.Attributes[0].ValuePtr = &client;
    InitializeObjectAttributes(&attr, NULL, 0, NULL, sd);
    status = NtCreateThreadEx(&thread, THREAD_ALL_ACCESS, &attr, process, start, parameter,
                              suspended ? THREAD_CREATE_FLAGS_CREATE_SUSPENDED : 0, zero_bits, stack_commit,
                              stack_reserve, &list);
    if (status) return status;
    if (id) *id = client;
    if (handle) *handle = thread;
    else NtClose(thread);
    return STATUS_SUCCESS;
}
