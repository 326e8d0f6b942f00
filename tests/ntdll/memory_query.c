/* NtQueryVirtualMemory, all classes (§13.3, §13.4); NtSetInformationVirtualMemory (§16). */
#include "memory.h"

/* §13.3-1 */
static void test_basic(void)
{
    MEMORY_BASIC_INFORMATION info;
    SIZE_T ret = 77;
    SYSTEM_INFO si;
    char *p = VirtualAlloc(NULL, 2 * K, MEM_COMMIT, PAGE_READWRITE);

    GetSystemInfo(&si);
    ok_status(NtQueryVirtualMemory(ME, p, MemoryBasicInformation, &info, sizeof(info) - 1, &ret), STATUS_INFO_LENGTH_MISMATCH);
    ok(ret == 77, "ret %Iu\n", ret);
    ok_status(NtQueryVirtualMemory(ME, p, MemoryBasicInformation, &info, sizeof(info), &ret), STATUS_SUCCESS);
    ok(ret == sizeof(info), "ret %Iu\n", ret);
    ok_status(NtQueryVirtualMemory(NULL, p, MemoryBasicInformation, &info, sizeof(info), NULL), STATUS_INVALID_HANDLE);   /* §3.4-1 */
    ok_status(NtQueryVirtualMemory(ME, (char *)si.lpMaximumApplicationAddress + 1, MemoryBasicInformation, &info, sizeof(info), NULL),   /* §3.2-1 */
              STATUS_INVALID_PARAMETER);
    ok_status(NtQueryVirtualMemory(ME, (void *)~(ULONG_PTR)0, MemoryBasicInformation, &info, sizeof(info), NULL), STATUS_INVALID_PARAMETER);
    ok_status(NtQueryVirtualMemory(ME, p, MemoryBasicInformation, NULL, sizeof(info), NULL), STATUS_ACCESS_VIOLATION);   /* §13.3-1 */
    ok_status(NtQueryVirtualMemory(ME, p, 0x1234, &info, sizeof(info), NULL), STATUS_INVALID_INFO_CLASS);   /* §13.4-9 */
    VirtualFree(p, 0, MEM_RELEASE);
}

/* §13.4-2 */
static void test_file_name(void)
{
    char small[32], buffer[1024], private[8];
    MEMORY_SECTION_NAME *name = (void *)buffer;
    void *ntdll = GetModuleHandleA("ntdll.dll"), *view;
    SIZE_T need = 77, ret;
    HANDLE section;

    ok_status(NtQueryVirtualMemory((HANDLE)0x1230, ntdll, MemoryMappedFilenameInformation, buffer, sizeof(buffer), &need), STATUS_INVALID_HANDLE);
    ok_status(NtQueryVirtualMemory(ME, (void *)0x1234, MemoryMappedFilenameInformation, buffer, 0, &need), STATUS_INVALID_ADDRESS);     /* before the length */
    ok_status(NtQueryVirtualMemory(ME, private, MemoryMappedFilenameInformation, buffer, sizeof(buffer), &need), STATUS_INVALID_ADDRESS);
    ok(need == 77, "need %Iu\n", need);
    ok_status(NtQueryVirtualMemory(ME, ntdll, MemoryMappedFilenameInformation, buffer, 15, &need), STATUS_INFO_LENGTH_MISMATCH);
    ok(need > sizeof(*name), "need %Iu\n", need);
    memset(small, 'x', sizeof(small));
    ok_status(NtQueryVirtualMemory(ME, ntdll, MemoryMappedFilenameInformation, small, sizeof(small), &ret), STATUS_BUFFER_OVERFLOW);
    ok(ret == need && small[0] == 'x', "ret %Iu\n", ret);
    ok_status(NtQueryVirtualMemory(ME, ntdll, MemoryMappedFilenameInformation, NULL, sizeof(buffer), NULL), STATUS_ACCESS_VIOLATION);
    ok_status(NtQueryVirtualMemory(ME, (char *)ntdll + 0x1234, MemoryMappedFilenameInformation, buffer, sizeof(buffer), &ret), STATUS_SUCCESS);
    ok(ret == need && name->SectionFileName.Buffer == (WCHAR *)(name + 1), "ret %Iu\n", ret);
    ok(name->SectionFileName.MaximumLength == name->SectionFileName.Length + 2 && ret == sizeof(*name) + name->SectionFileName.MaximumLength,
       "length %u\n", name->SectionFileName.Length);
    ok(!wcsncmp(name->SectionFileName.Buffer, L"\\Device\\", 8), "name %s\n", wine_dbgstr_w(name->SectionFileName.Buffer));
    ok(!_wcsicmp(name->SectionFileName.Buffer + name->SectionFileName.Length / 2 - 9, L"ntdll.dll"), "name %s\n",
       wine_dbgstr_w(name->SectionFileName.Buffer));

    section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, K, NULL);
    view = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
    ok_status(NtQueryVirtualMemory(ME, view, MemoryMappedFilenameInformation, buffer, sizeof(buffer), NULL), STATUS_FILE_INVALID);
    UnmapViewOfFile(view);
    CloseHandle(section);
}

/* §13.4-4 */
static void test_region(void)
{
    struct { void *base; ULONG protect, type; SIZE_T size, commit; ULONG_PTR partition, node; } info;
    HANDLE section;
    SIZE_T ret = 0;
    char *p = VirtualAlloc(NULL, 0x10000, MEM_RESERVE, PAGE_READWRITE), *view;

    VirtualAlloc(p + K, 3 * K, MEM_COMMIT, PAGE_NOACCESS);
    ok_status(NtQueryVirtualMemory(ME, p, MemoryRegionInformation, &info, 0x17, &ret), STATUS_INFO_LENGTH_MISMATCH);
    memset(&info, 0xcc, sizeof(info));
    ok_status(NtQueryVirtualMemory(ME, p + K, MemoryRegionInformation, &info, 0x18, &ret), STATUS_SUCCESS);
    ok(info.base == p && info.protect == PAGE_READWRITE && info.size == 0x10000, "%p %#lx %#Ix\n", info.base, info.protect, info.size);
    ok(info.commit == (SIZE_T)0xcccccccccccccccc, "wrote beyond the buffer\n");
    ok(ret == sizeof(info) || broken(ret == 0x20 || ret == 0x28), "ret %#Ix\n", ret);
    ok_status(NtQueryVirtualMemory(ME, p + K, MemoryRegionInformation, &info, sizeof(info), &ret), STATUS_SUCCESS);
    ok(info.commit == 3 * K && !info.type, "commit %#Ix type %#lx\n", info.commit, info.type);
    VirtualFree(p, 0, MEM_RELEASE);
    ok_status(NtQueryVirtualMemory(ME, p, MemoryRegionInformation, &info, sizeof(info), &ret), STATUS_INVALID_ADDRESS);

    section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4 * K, NULL);           /* §13.4-4, §8.6-5 */
    view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    ok_status(NtQueryVirtualMemory(ME, view, MemoryRegionInformation, &info, sizeof(info), &ret), STATUS_SUCCESS);
    ok(info.size == 4 * K && !info.commit, "size %#Ix commit %#Ix\n", info.size, info.commit);
    UnmapViewOfFile(view);
    view = MapViewOfFile(section, FILE_MAP_COPY, 0, 0, 0);
    ok_status(NtQueryVirtualMemory(ME, view, MemoryRegionInformation, &info, sizeof(info), &ret), STATUS_SUCCESS);
    ok(info.commit == 4 * K, "commit %#Ix\n", info.commit);
    view[0] = 1;
    ok_status(NtQueryVirtualMemory(ME, view, MemoryRegionInformation, &info, sizeof(info), &ret), STATUS_SUCCESS);
    ok(info.commit == 4 * K, "commit %#Ix\n", info.commit);
    UnmapViewOfFile(view);
    CloseHandle(section);
}

/* §13.4-6 */
static void test_working_set(void)
{
    MEMORY_WORKING_SET_EX_INFORMATION info[2];
    char *p = VirtualAlloc(NULL, 2 * K, MEM_COMMIT, PAGE_READWRITE);
    ULONG_PTR *list, count;
    SIZE_T ret = 77, size = 0x100000;
    BOOL found = FALSE;
    NTSTATUS status;
    ULONG old;

    memset(info, 0, sizeof(info));
    info[0].VirtualAddress = p;
    info[1].VirtualAddress = p + K;
    ok_status(NtQueryVirtualMemory(ME, NULL, MemoryWorkingSetExInformation, info, 15, &ret), STATUS_INFO_LENGTH_MISMATCH);
    ok(ret == 77, "ret %Iu\n", ret);
    ok_status(NtQueryVirtualMemory(ME, NULL, MemoryWorkingSetExInformation, info, sizeof(info), &ret), STATUS_SUCCESS);
    ok(ret == sizeof(info), "ret %Iu\n", ret);
    info[1].VirtualAttributes.Flags = 77;
    ok_status(NtQueryVirtualMemory(ME, (void *)~(ULONG_PTR)0, MemoryWorkingSetExInformation, info, sizeof(info) - 1, &ret), STATUS_SUCCESS);
    ok(ret == sizeof(info) - 1 && info[1].VirtualAttributes.Flags == 77, "ret %Iu: half an entry counts\n", ret);        /* and no address */
    ok(!info[0].VirtualAttributes.Flags, "untouched page: %#Ix\n", info[0].VirtualAttributes.Flags);
    p[0] = 1;
    (void)*(volatile char *)(p + K);
    NtQueryVirtualMemory(ME, NULL, MemoryWorkingSetExInformation, info, sizeof(info), NULL);
    for (int i = 0; i < 2; i++)
        ok(info[i].VirtualAttributes.Valid && info[i].VirtualAttributes.Win32Protection == PAGE_READWRITE && !info[i].VirtualAttributes.Shared,
           "touched page %d: %#Ix\n", i, info[i].VirtualAttributes.Flags);
    VirtualProtect(p, K, PAGE_NOACCESS, &old);
    NtQueryVirtualMemory(ME, NULL, MemoryWorkingSetExInformation, info, sizeof(info[0]), NULL);
    ok(!info[0].VirtualAttributes.Valid && !info[0].VirtualAttributes.Win32Protection, "inaccessible: %#Ix\n", info[0].VirtualAttributes.Flags);
    VirtualProtect(p, K, PAGE_READWRITE, &old);
    p[0] = 2;

    ok_status(NtQueryVirtualMemory(ME, NULL, MemoryWorkingSetInformation, &count, sizeof(count), NULL), STATUS_INFO_LENGTH_MISMATCH);   /* §13.4-1 */
    ok(count > 10, "%Iu pages\n", count);
    do
    {
        list = VirtualAlloc(NULL, size, MEM_COMMIT, PAGE_READWRITE);
        status = NtQueryVirtualMemory(ME, NULL, MemoryWorkingSetInformation, list, size, NULL);
        if (!status)
            for (ULONG_PTR i = 1; i <= list[0]; i++)
                if ((list[i] & ~(ULONG_PTR)0xfff) == (ULONG_PTR)p) found = (list[i] & 0x1f) == 4;
        VirtualFree(list, 0, MEM_RELEASE);
        size *= 2;
    }
    while (status == STATUS_INFO_LENGTH_MISMATCH && size < 0x40000000);
    ok(!status && found, "status %#lx, our page %s\n", status, found ? "is there" : "is missing");

    info[0].VirtualAddress = GetModuleHandleA("ntdll.dll");
    NtQueryVirtualMemory(ME, NULL, MemoryWorkingSetExInformation, info, sizeof(info[0]), NULL);
    ok(info[0].VirtualAttributes.Valid && info[0].VirtualAttributes.Win32Protection == PAGE_READONLY && info[0].VirtualAttributes.Shared,
       "image header: %#Ix\n", info[0].VirtualAttributes.Flags);
    VirtualFree(p, 0, MEM_RELEASE);
    info[0].VirtualAddress = p;
    NtQueryVirtualMemory(ME, NULL, MemoryWorkingSetExInformation, info, sizeof(info[0]), NULL);
    ok(!info[0].VirtualAttributes.Flags, "freed: %#Ix\n", info[0].VirtualAttributes.Flags);
}

/* §13.4-8 */
static void test_image(void)
{
    struct { void *base; SIZE_T size; ULONG flags, pad; } info;
    IMAGE_NT_HEADERS *nt = RtlImageNtHeader(GetModuleHandleA("ntdll.dll"));
    SIZE_T ret = 77;
    char *p = VirtualAlloc(NULL, K, MEM_COMMIT, PAGE_READWRITE);

    ok_status(NtQueryVirtualMemory(ME, p, MemoryImageInformation, &info, sizeof(info) - 1, &ret), STATUS_INFO_LENGTH_MISMATCH);
    ok(ret == 77, "ret %Iu\n", ret);
    memset(&info, 0xcc, sizeof(info));
    ok_status(NtQueryVirtualMemory(ME, p, MemoryImageInformation, &info, sizeof(info), &ret), STATUS_SUCCESS);
    ok(ret == sizeof(info) && !info.base && !info.size && !info.flags, "%p %#Ix\n", info.base, info.size);
    VirtualFree(p, 0, MEM_RELEASE);
    ok_status(NtQueryVirtualMemory(ME, p, MemoryImageInformation, &info, sizeof(info), &ret), STATUS_INVALID_ADDRESS);
    ok_status(NtQueryVirtualMemory(ME, (char *)GetModuleHandleA("ntdll.dll") + K, MemoryImageInformation, &info, sizeof(info), &ret), STATUS_SUCCESS);
    ok(info.base == GetModuleHandleA("ntdll.dll") && info.size == nt->OptionalHeader.SizeOfImage && !(info.flags & 3), "%p %#Ix %#lx\n",
       info.base, info.size, info.flags);
}

/* §16-5 */
static void test_set_information(void)
{
    MEMORY_RANGE_ENTRY entries[2] = { { 0 } };
    ULONG flags = 0;

    if (!GetProcAddress(GetModuleHandleA("ntdll.dll"), "NtSetInformationVirtualMemory"))
    {
        win_skip("no NtSetInformationVirtualMemory\n");
        return;
    }
    ok_status(NtSetInformationVirtualMemory(ME, -1, 1, entries, NULL, 32), STATUS_INVALID_PARAMETER_2);
    ok_status(NtSetInformationVirtualMemory(ME, -1, 0, NULL, NULL, 0), STATUS_INVALID_PARAMETER_2);
    ok_status(NtSetInformationVirtualMemory(ME, VmPrefetchInformation, 0, NULL, NULL, 0), STATUS_INVALID_PARAMETER_5);
    ok_status(NtSetInformationVirtualMemory(ME, VmPrefetchInformation, 1, entries, &flags, 8), STATUS_INVALID_PARAMETER_6);
    ok_status(NtSetInformationVirtualMemory(ME, VmPrefetchInformation, 0, entries, &flags, 4), STATUS_INVALID_PARAMETER_3);
    ok_status(NtSetInformationVirtualMemory(ME, VmPrefetchInformation, 1, NULL, &flags, 4), STATUS_ACCESS_VIOLATION);
    ok_status(NtSetInformationVirtualMemory(ME, VmPrefetchInformation, 1, entries, &flags, 4), STATUS_INVALID_PARAMETER_4);
    entries[0].NumberOfBytes = 16;
    entries[1].VirtualAddress = (void *)&test_set_information;
    entries[1].NumberOfBytes = 16;
    ok_status(NtSetInformationVirtualMemory(ME, VmPrefetchInformation, 2, entries, &flags, 4), STATUS_SUCCESS);
    flags = 2;
    ok_status(NtSetInformationVirtualMemory(ME, VmPrefetchInformation, 2, entries, &flags, 4), STATUS_INVALID_PARAMETER_5);
    flags = 0;
    ok_status(NtSetInformationVirtualMemory(NULL, VmPrefetchInformation, 2, entries, &flags, 4), STATUS_INVALID_HANDLE);
    {
        char *p = VirtualAlloc(NULL, 2 * K, MEM_COMMIT, PAGE_READWRITE);

        p[0] = p[K] = 'w';
        entries[1].VirtualAddress = p;
        entries[1].NumberOfBytes = 2 * K;
        ok_status2(NtSetInformationVirtualMemory(ME, 7, 2, entries, &flags, 4), STATUS_SUCCESS, STATUS_INVALID_PARAMETER_2);  /* out of the working set */
        ok(p[0] == 'w' && p[K] == 'w', "contents are lost\n");
        VirtualFree(p, 0, MEM_RELEASE);
    }
}

/* §13.4-7 */
static void test_shared_commit(void)
{
    SIZE_T before = ~(SIZE_T)0, bytes, ret = 77;
    HANDLE section;

    ok_status(NtQueryVirtualMemory(ME, NULL, 5, &before, 4, &ret), STATUS_INFO_LENGTH_MISMATCH);
    ok(ret == 77, "ret %Iu\n", ret);
    ok_status(NtQueryVirtualMemory(ME, NULL, 5, &before, sizeof(before), &ret), STATUS_SUCCESS);
    ok(ret == sizeof(before), "ret %Iu\n", ret);
    section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 16 * K, NULL);
    NtQueryVirtualMemory(ME, NULL, 5, &bytes, sizeof(bytes), NULL);
    ok(bytes == before + 16 * K, "%#Ix, was %#Ix\n", bytes, before);
    CloseHandle(section);
    NtQueryVirtualMemory(ME, NULL, 5, &bytes, sizeof(bytes), NULL);
    ok(bytes == before, "%#Ix, was %#Ix\n", bytes, before);
}

START_TEST(memory_query)
{
    test_basic();
    test_file_name();
    test_region();
    test_working_set();
    test_image();
    test_set_information();
    test_shared_commit();
}
