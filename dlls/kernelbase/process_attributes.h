/* What a PROC_THREAD_ATTRIBUTE_LIST is. */
#pragma once

struct _PROC_THREAD_ATTRIBUTE_LIST
{
    DWORD mask;                 /* 1 << number of each that is set */
    DWORD room, count;
    DWORD unused;
    DWORD_PTR reserved;
    struct proc_thread_attribute
    {
        DWORD_PTR attribute;
        SIZE_T size;
        void *value;
    } attributes[1];
};
