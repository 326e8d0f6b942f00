/* Handle tables (fixed-size entries in reserved memory) and the atom tables made of them (ntdll:atom, kernel32:atom). */

#include "rtl.h"

#define ALLOCATED       1u              /* in the first word of a handle in use; one that is free has a pointer there */
#define ATOM_SIGNATURE  0x6d6f7441      /* "Atom" */
#define FIRST_STRING    0xc000u
#define MAX_ATOMS       0x4000u
#define MAX_NAME        255
#define PINNED          1

/* ---- handle tables ---- */

void WINAPI RtlInitializeHandleTable(ULONG max, ULONG size, RTL_HANDLE_TABLE *table)
{
    memset(table, 0, sizeof(*table));
    table->MaxHandleCount = max;
    table->HandleSize = size;
}

NTSTATUS WINAPI RtlDestroyHandleTable(RTL_HANDLE_TABLE *table)
{
    SIZE_T size = 0;
    void *base = table->FirstHandle;

    if (!base) return STATUS_SUCCESS;
    table->FirstHandle = table->NextFree = table->ReservedMemory = table->MaxHandle = NULL;
    return NtFreeVirtualMemory(NtCurrentProcess(), &base, &size, MEM_RELEASE);
}

/* Reserves the table, or commits its next page, and puts what is new into the list. */
static bool grow(RTL_HANDLE_TABLE *table)
{
    char *from = table->ReservedMemory, *first = table->FirstHandle, *max = table->MaxHandle;
    void *base = NULL;
    SIZE_T size;
    ULONG n;

    if (!first)
    {
        size = (SIZE_T)table->MaxHandleCount * table->HandleSize;
        if (NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size, MEM_RESERVE, PAGE_READWRITE)) return false;
        table->FirstHandle = table->ReservedMemory = first = from = base;
        table->MaxHandle = max = first + (SIZE_T)table->MaxHandleCount * table->HandleSize;
    }
    if (from >= max) return false;
    base = from;
    size = ALIGN_UP(table->HandleSize, 0x1000);
    if (NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size, MEM_COMMIT, PAGE_READWRITE)) return false;
    table->ReservedMemory = from + size;
    /* Those that end in what is committed now, the lowest first. */
    max = min(max, from + size);
    for (n = (ULONG)((max - first) / table->HandleSize); n && first + (SIZE_T)n * table->HandleSize > from; n--)
    {
        RTL_HANDLE *handle = (RTL_HANDLE *)(first + (SIZE_T)(n - 1) * table->HandleSize);

        handle->Next = table->NextFree;
        table->NextFree = handle;
    }
    return true;
}

static inline ULONG index_of(const RTL_HANDLE_TABLE *table, const RTL_HANDLE *handle)
{
    return (ULONG)(((const char *)handle - (const char *)table->FirstHandle) / table->HandleSize);
}

/* The caller marks it as allocated when it has filled it in. */
RTL_HANDLE *WINAPI RtlAllocateHandle(RTL_HANDLE_TABLE *table, ULONG *index)
{
    RTL_HANDLE *handle;

    if (!table->NextFree && !grow(table)) return NULL;
    handle = table->NextFree;
    table->NextFree = handle->Next;
    memset(handle, 0, table->HandleSize);
    if (index) *index = index_of(table, handle);
    return handle;
}

BOOLEAN WINAPI RtlIsValidHandle(const RTL_HANDLE_TABLE *table, const RTL_HANDLE *handle)
{
    const char *p = (const char *)handle, *first = table->FirstHandle;

    return first && p >= first && p + table->HandleSize <= (const char *)table->ReservedMemory &&
           p < (const char *)table->MaxHandle && !((SIZE_T)(p - first) % table->HandleSize) && *(const ULONG *)p & ALLOCATED;
}

BOOLEAN WINAPI RtlIsValidIndexHandle(const RTL_HANDLE_TABLE *table, ULONG index, RTL_HANDLE **handle)
{
    RTL_HANDLE *p = (RTL_HANDLE *)((char *)table->FirstHandle + (SIZE_T)index * table->HandleSize);

    if (index >= table->MaxHandleCount || !RtlIsValidHandle(table, p)) return FALSE;
    *handle = p;
    return TRUE;
}

BOOLEAN WINAPI RtlFreeHandle(RTL_HANDLE_TABLE *table, RTL_HANDLE *handle)
{
    if (!RtlIsValidHandle(table, handle)) return FALSE;
    memset(handle, 0, table->HandleSize);
    handle->Next = table->NextFree;
    table->NextFree = handle;
    return TRUE;
}

/* ---- atom tables ---- */

struct atom_handle
{
    ULONG_PTR             allocated;
    RTL_ATOM_TABLE_ENTRY *entry;
};

NTSTATUS WINAPI RtlCreateAtomTable(ULONG buckets, RTL_ATOM_TABLE *result)
{
    RTL_ATOM_TABLE table;
    NTSTATUS status;

    if (*result) return (*result)->Signature == ATOM_SIGNATURE ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    if (!buckets) buckets = 37;
    if (!(table = heap_alloc_zero(FIELD_OFFSET(struct _RTL_ATOM_TABLE, Buckets[buckets])))) return STATUS_NO_MEMORY;
    if ((status = RtlInitializeCriticalSection(&table->CriticalSection)))
    {
        heap_free(table);
        return status;
    }
    RtlInitializeHandleTable(MAX_ATOMS, sizeof(struct atom_handle), &table->HandleTable);
    table->NumberOfBuckets = buckets;
    table->Signature = ATOM_SIGNATURE;
    *result = table;
    return STATUS_SUCCESS;
}

static NTSTATUS lock_table(RTL_ATOM_TABLE table)
{
    if (!table || table->Signature != ATOM_SIGNATURE) return STATUS_INVALID_PARAMETER;
    return RtlEnterCriticalSection(&table->CriticalSection);
}

static void unlock_table(RTL_ATOM_TABLE table)
{
    RtlLeaveCriticalSection(&table->CriticalSection);
}

/* Takes out the atom to which LINK points. */
static void remove_locked(RTL_ATOM_TABLE table, RTL_ATOM_TABLE_ENTRY **link)
{
    RTL_ATOM_TABLE_ENTRY *entry = *link;
    RTL_HANDLE *handle;

    *link = entry->HashLink;
    if (RtlIsValidIndexHandle(&table->HandleTable, entry->HandleIndex, &handle)) RtlFreeHandle(&table->HandleTable, handle);
    heap_free(entry);
}

static void empty_locked(RTL_ATOM_TABLE table, bool pinned_too)
{
    for (ULONG i = 0; i < table->NumberOfBuckets; i++)
    {
        RTL_ATOM_TABLE_ENTRY **link = &table->Buckets[i];

        while (*link)
        {
            if (pinned_too || !((*link)->Flags & PINNED)) remove_locked(table, link);
            else link = &(*link)->HashLink;
        }
    }
}

NTSTATUS WINAPI RtlEmptyAtomTable(RTL_ATOM_TABLE table, BOOLEAN pinned_too)
{
    NTSTATUS status = lock_table(table);

    if (status) return status;
    empty_locked(table, pinned_too);
    unlock_table(table);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlDestroyAtomTable(RTL_ATOM_TABLE table)
{
    NTSTATUS status = lock_table(table);

    if (status) return status;
    empty_locked(table, true);
    RtlDestroyHandleTable(&table->HandleTable);
    table->Signature = 0;
    unlock_table(table);
    RtlDeleteCriticalSection(&table->CriticalSection);
    heap_free(table);
    return STATUS_SUCCESS;
}

/* A number in place of a name, or a name that is "#number": an atom that is in every table. */
static bool is_integer(const WCHAR *name, RTL_ATOM *atom, NTSTATUS *status)
{
    ULONG value = 0;

    if (!((ULONG_PTR)name >> 16)) value = (ULONG)(ULONG_PTR)name;
    else
    {
        if (*name != '#' || !name[1]) return false;
        while (*++name)
        {
            if (*name < '0' || *name > '9') return false;
            if (value < FIRST_STRING) value = value * 10 + *name - '0';
        }
    }
    if ((*status = value && value < FIRST_STRING ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER)) return true;
    *atom = (RTL_ATOM)value;
    return true;
}

static NTSTATUS find_locked(RTL_ATOM_TABLE table, const WCHAR *name, size_t length, RTL_ATOM_TABLE_ENTRY ***link)
{
    UNICODE_STRING str = { (USHORT)(length * sizeof(WCHAR)), (USHORT)(length * sizeof(WCHAR)), (WCHAR *)name };
    ULONG value;

    RtlHashUnicodeString(&str, TRUE, 0, &value);
    for (*link = &table->Buckets[value % table->NumberOfBuckets]; **link; *link = &(**link)->HashLink)
    {
        RTL_ATOM_TABLE_ENTRY *entry = **link;

        if (entry->NameLength == length &&
            !RtlCompareUnicodeStrings(name, length, entry->Name, length, TRUE)) return STATUS_SUCCESS;
    }
    return STATUS_OBJECT_NAME_NOT_FOUND;
}

/* The atom's entry, and where it hangs. */
static RTL_ATOM_TABLE_ENTRY **by_atom_locked(RTL_ATOM_TABLE table, RTL_ATOM atom)
{
    RTL_ATOM_TABLE_ENTRY *entry, **link;
    RTL_HANDLE *handle;

    if (atom < FIRST_STRING || !RtlIsValidIndexHandle(&table->HandleTable, atom - FIRST_STRING, &handle)) return NULL;
    entry = ((struct atom_handle *)handle)->entry;
    return find_locked(table, entry->Name, entry->NameLength, &link) ? NULL : link;
}

static NTSTATUS check_name(const WCHAR *name, size_t *length)
{
    *length = wcslen(name);
    if (!*length) return STATUS_OBJECT_NAME_INVALID;
    return *length > MAX_NAME ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

static NTSTATUS add_locked(RTL_ATOM_TABLE table, const WCHAR *name, size_t length, RTL_ATOM *atom)
{
    RTL_ATOM_TABLE_ENTRY *entry, **link;
    struct atom_handle *handle;
    ULONG index;

    if (!find_locked(table, name, length, &link))
    {
        if ((*link)->ReferenceCount < 0xffff) (*link)->ReferenceCount++;
        *atom = (*link)->Atom;
        return STATUS_SUCCESS;
    }
    if (!(entry = heap_alloc_zero(FIELD_OFFSET(RTL_ATOM_TABLE_ENTRY, Name[length + 1])))) return STATUS_NO_MEMORY;
    if (!(handle = (struct atom_handle *)RtlAllocateHandle(&table->HandleTable, &index)))
    {
        heap_free(entry);
        return STATUS_NO_MEMORY;
    }
    handle->allocated = ALLOCATED;
    handle->entry = entry;
    entry->HandleIndex = (WORD)index;
    entry->Atom = (WORD)(FIRST_STRING + index);
    entry->ReferenceCount = 1;
    entry->NameLength = (UCHAR)length;
    memcpy(entry->Name, name, length * sizeof(WCHAR));
    *link = entry;
    *atom = entry->Atom;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlAddAtomToAtomTable(RTL_ATOM_TABLE table, const WCHAR *name, RTL_ATOM *atom)
{
    NTSTATUS status;
    size_t length;

    if (!table || table->Signature != ATOM_SIGNATURE) return STATUS_INVALID_PARAMETER;
    if (is_integer(name, atom, &status) || (status = check_name(name, &length)) || (status = lock_table(table))) return status;
    status = add_locked(table, name, length, atom);
    unlock_table(table);
    return status;
}

NTSTATUS WINAPI RtlLookupAtomInAtomTable(RTL_ATOM_TABLE table, const WCHAR *name, RTL_ATOM *atom)
{
    RTL_ATOM_TABLE_ENTRY **link;
    NTSTATUS status;
    size_t length;

    if (!table || table->Signature != ATOM_SIGNATURE) return STATUS_INVALID_PARAMETER;
    if (is_integer(name, atom, &status) || (status = check_name(name, &length)) || (status = lock_table(table))) return status;
    if (!(status = find_locked(table, name, length, &link))) *atom = (*link)->Atom;
    unlock_table(table);
    return status;
}

NTSTATUS WINAPI RtlDeleteAtomFromAtomTable(RTL_ATOM_TABLE table, RTL_ATOM atom)
{
    NTSTATUS status = lock_table(table);
    RTL_ATOM_TABLE_ENTRY **link;

    if (status) return status;
    if (atom && atom < FIRST_STRING) status = STATUS_SUCCESS;
    else if (!(link = by_atom_locked(table, atom))) status = STATUS_INVALID_HANDLE;
    else if ((*link)->Flags & PINNED) status = STATUS_WAS_LOCKED;
    else if (!--(*link)->ReferenceCount) remove_locked(table, link);
    unlock_table(table);
    return status;
}

NTSTATUS WINAPI RtlPinAtomInAtomTable(RTL_ATOM_TABLE table, RTL_ATOM atom)
{
    NTSTATUS status = lock_table(table);
    RTL_ATOM_TABLE_ENTRY **link;

    if (status) return status;
    if (atom && atom < FIRST_STRING) status = STATUS_SUCCESS;
    else if (!(link = by_atom_locked(table, atom))) status = STATUS_INVALID_HANDLE;
    else (*link)->Flags |= PINNED;
    unlock_table(table);
    return status;
}

/* SIZE is in bytes, with room for the end; on return without it. What does not fit is cut off. */
static NTSTATUS copy_name(const WCHAR *from, ULONG bytes, WCHAR *name, ULONG *size)
{
    if (!size) return STATUS_SUCCESS;
    if (*size < sizeof(WCHAR) || !name)
    {
        *size = bytes;
        return STATUS_BUFFER_TOO_SMALL;
    }
    *size = min(bytes, (*size - (ULONG)sizeof(WCHAR)) & ~1u);
    memcpy(name, from, *size);
    name[*size / sizeof(WCHAR)] = 0;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlQueryAtomInAtomTable(RTL_ATOM_TABLE table, RTL_ATOM atom, ULONG *references, ULONG *pins, WCHAR *name,
                                        ULONG *size)
{
    NTSTATUS status = lock_table(table);
    RTL_ATOM_TABLE_ENTRY **link;
    WCHAR number[8];

    if (status) return status;
    if (atom && atom < FIRST_STRING)
    {
        int length = _snwprintf(number, ARRAY_SIZE(number), L"#%u", atom);

        if (references) *references = 1;
        if (pins) *pins = 1;
        status = copy_name(number, (ULONG)length * sizeof(WCHAR), name, size);
    }
    else if (!(link = by_atom_locked(table, atom))) status = STATUS_INVALID_HANDLE;
    else
    {
        if (references) *references = (*link)->ReferenceCount;
        if (pins) *pins = (*link)->Flags & PINNED;
        status = copy_name((*link)->Name, (*link)->NameLength * (ULONG)sizeof(WCHAR), name, size);
    }
    unlock_table(table);
    return status;
}
