/* Numbers, times, versions, identifiers: what is pure computation, checked against the long way round. */
#include "objects.h"

extern void WINAPI RtlGetNtVersionNumbers(ULONG *major, ULONG *minor, ULONG *build);

static const ULONGLONG ticks_per_day = 864000000000ull;

/* ---- times ---- */

static int days_in_month(int year, int month)
{
    static const BYTE days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    BOOL leap = (year % 4 == 0 && year % 100) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

/* Day by day for 800 years. */
static void test_calendar(void)
{
    int year = 1601, month = 1, day = 1, weekday = 1;
    unsigned int wrong = 0;

    for (int n = 0; n < 800 * 365; n++)
    {
        LARGE_INTEGER time = { .QuadPart = n * ticks_per_day + n % 86400 * 10000000ull + 5000 * (n % 2) }, back;
        TIME_FIELDS fields;

        RtlTimeToTimeFields(&time, &fields);
        wrong += fields.Year != year || fields.Month != month || fields.Day != day || fields.Weekday != weekday;
        wrong += fields.Hour != n % 86400 / 3600 || fields.Minute != n % 3600 / 60 || fields.Second != n % 60 || fields.Milliseconds;
        wrong += !RtlTimeFieldsToTime(&fields, &back) || back.QuadPart != time.QuadPart - 5000 * (n % 2);
        weekday = (weekday + 1) % 7;
        if (++day <= days_in_month(year, month)) continue;
        day = 1;
        if (++month <= 12) continue;
        month = 1;
        year++;
    }
    ok(!wrong, "%u times wrong\n", wrong);
}

static void test_times(void)
{
    TIME_FIELDS fields = { 2024, 2, 30, 0, 0, 0, 0, 0 };
    LARGE_INTEGER time, local, back;
    ULONG seconds;

    ok(!RtlTimeFieldsToTime(&fields, &time), "30 February\n");
    fields = (TIME_FIELDS){ 2024, 12, 31, 23, 59, 60, 0, 0 };
    ok(!RtlTimeFieldsToTime(&fields, &time), "a minute of 61 seconds\n");
    fields = (TIME_FIELDS){ 1600, 12, 31, 0, 0, 0, 0, 0 };
    ok(!RtlTimeFieldsToTime(&fields, &time), "before the beginning\n");

    RtlSecondsSince1970ToTime(0, &time);
    ok(time.QuadPart == 116444736000000000ll, "1970 is %I64d\n", time.QuadPart);
    ok(RtlTimeToSecondsSince1970(&time, &seconds) && !seconds, "%lu seconds\n", seconds);
    time.QuadPart -= 10000000;
    ok(!RtlTimeToSecondsSince1970(&time, &seconds), "seconds before 1970\n");
    RtlSecondsSince1980ToTime(0xffffffff, &time);
    ok(RtlTimeToSecondsSince1980(&time, &seconds) && seconds == 0xffffffff, "%lu seconds\n", seconds);

    ok_status(NtQuerySystemTime(&time), STATUS_SUCCESS);
    ok_status(RtlSystemTimeToLocalTime(&time, &local), STATUS_SUCCESS);
    ok_status(RtlLocalTimeToSystemTime(&local, &back), STATUS_SUCCESS);
    ok(back.QuadPart == time.QuadPart, "%I64d, expected %I64d\n", back.QuadPart, time.QuadPart);
    ok(time.QuadPart > 133000000000000000ll, "now is %I64d\n", time.QuadPart);
}

/* ---- integers and text ---- */

static void test_integers(void)
{
    static const struct { ULONG value; ULONG base; const char *text; } cases[] =
    {
        { 0, 10, "0" }, { 0xffffffff, 10, "4294967295" }, { 0xffffffff, 16, "FFFFFFFF" }, { 0xffffffff, 2, "11111111111111111111111111111111" },
        { 0777, 8, "777" }, { 42, 0, "42" },
    };
    UNICODE_STRING str;
    WCHAR wide[40];
    char text[40];
    ULONG value;

    for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++)
    {
        ok_status(RtlIntegerToChar(cases[i].value, cases[i].base, sizeof(text), text), STATUS_SUCCESS);
        ok(!strcmp(text, cases[i].text), "%u: got %s\n", i, text);
        ok_status(RtlCharToInteger(text, cases[i].base ? cases[i].base : 10, &value), STATUS_SUCCESS);
        ok(value == cases[i].value, "%u: got %lx\n", i, value);
        str = (UNICODE_STRING){ 0, sizeof(wide), wide };
        ok_status(RtlIntegerToUnicodeString(cases[i].value, cases[i].base, &str), STATUS_SUCCESS);
        ok(str.Length == strlen(text) * sizeof(WCHAR), "%u: length %u\n", i, str.Length);
        ok_status(RtlUnicodeStringToInteger(&str, cases[i].base ? cases[i].base : 10, &value), STATUS_SUCCESS);
        ok(value == cases[i].value, "%u: got %lx\n", i, value);
    }
    ok_status(RtlIntegerToChar(1, 7, sizeof(text), text), STATUS_INVALID_PARAMETER);
    ok_status(RtlIntegerToChar(12345, 10, 4, text), STATUS_BUFFER_OVERFLOW);
    ok_status(RtlCharToInteger("  -0x1fz", 0, &value), STATUS_SUCCESS);
    ok(value == (ULONG)-31, "got %lx\n", value);
    ok_status(RtlCharToInteger("0b101", 0, &value), STATUS_SUCCESS);
    ok(value == 5, "got %lx\n", value);
}

/* The polynomial's definition, bit by bit. */
static ULONG slow_crc(const BYTE *p, size_t n)
{
    ULONG crc = ~0u;

    while (n--)
    {
        crc ^= *p++;
        for (int i = 0; i < 8; i++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

static void test_sums(void)
{
    BYTE data[300];
    ULONG half;

    for (unsigned int i = 0; i < sizeof(data); i++) data[i] = (BYTE)(i * i);
    ok(RtlComputeCrc32(0, (const BYTE *)"123456789", 9) == 0xcbf43926, "got %lx\n", RtlComputeCrc32(0, (const BYTE *)"123456789", 9));
    ok(RtlComputeCrc32(0, data, sizeof(data)) == slow_crc(data, sizeof(data)), "got %lx\n", RtlComputeCrc32(0, data, sizeof(data)));
    half = RtlComputeCrc32(0, data, 100);
    ok(RtlComputeCrc32(half, data + 100, sizeof(data) - 100) == slow_crc(data, sizeof(data)), "in two halves it is another\n");
}

/* ---- random numbers ---- */

static void test_random(void)
{
    ULONG seed = 1, expected = 1, seen = 0;

    for (int i = 0; i < 1000; i++)
    {
        /* Lehmer's generator, modulo 2^31 - 1. */
        expected = (ULONG)((expected * 0x7fffffedull + 0x7fffffc3) % 0x7fffffff);
        ok(RtlUniform(&seed) == expected && seed == expected, "%d: got %lx, expected %lx\n", i, seed, expected);
    }
    for (int i = 0; i < 1000; i++)
    {
        ULONG value = RtlRandom(&seed);

        ok(value < 0x80000000, "got %lx\n", value);
        seen |= value;
    }
    ok(seen == 0x7fffffff, "bits %lx never are set\n", ~seen);
}

/* ---- identifiers ---- */

static void test_guids(void)
{
    GUID guid = { 0x12345678, 0x9abc, 0xdef0, { 1, 2, 3, 4, 5, 6, 0xfe, 0xff } }, back;
    UNICODE_STRING str;

    ok_status(RtlStringFromGUID(&guid, &str), STATUS_SUCCESS);
    ok(!wcscmp(str.Buffer, L"{12345678-9ABC-DEF0-0102-03040506FEFF}"), "got %s\n", wine_dbgstr_w(str.Buffer));
    ok_status(RtlGUIDFromString(&str, &back), STATUS_SUCCESS);
    ok(!memcmp(&guid, &back, sizeof(guid)), "another guid\n");
    str.Buffer[5] = 'g';
    ok_status(RtlGUIDFromString(&str, &back), STATUS_INVALID_PARAMETER);
    str.Buffer[5] = 'a';
    str.Length -= sizeof(WCHAR);
    ok_status(RtlGUIDFromString(&str, &back), STATUS_INVALID_PARAMETER);
    RtlFreeUnicodeString(&str);
}

static void test_sids(void)
{
    SID_IDENTIFIER_AUTHORITY nt = { { 0, 0, 0, 0, 0, 5 } }, big = { { 1, 2, 3, 4, 5, 6 } };
    BYTE buffer[SECURITY_MAX_SID_SIZE], acl_buffer[256];
    SECURITY_DESCRIPTOR descriptor;
    ACCESS_ALLOWED_ACE *ace;
    BOOLEAN present, defaulted;
    UNICODE_STRING str;
    ACL *acl = (ACL *)acl_buffer, *got;
    NTSTATUS (WINAPI *copy_sid)(DWORD, PSID, PSID) = (void *)RtlCopySid;    /* not what the header says */
    PSID sid, other;

    ok_status(RtlAllocateAndInitializeSid(&nt, 5, 21, 1, 2, 0xffffffff, 500, 0, 0, 0, &sid), STATUS_SUCCESS);
    ok(RtlLengthSid(sid) == 28 && *RtlSubAuthorityCountSid(sid) == 5 && RtlValidSid(sid), "length %lu\n", RtlLengthSid(sid));
    ok_status(RtlConvertSidToUnicodeString(&str, sid, TRUE), STATUS_SUCCESS);
    ok(!wcscmp(str.Buffer, L"S-1-5-21-1-2-4294967295-500"), "got %s\n", wine_dbgstr_w(str.Buffer));
    RtlFreeUnicodeString(&str);
    ok_status(copy_sid(sizeof(buffer), buffer, sid), STATUS_SUCCESS);
    ok(RtlEqualSid(buffer, sid), "another sid\n");
    ok_status(copy_sid(27, buffer, sid), STATUS_BUFFER_TOO_SMALL);
    *RtlSubAuthoritySid(buffer, 4) = 501;
    ok(!RtlEqualSid(buffer, sid) && RtlEqualPrefixSid(buffer, sid), "prefixes\n");
    ok_status(RtlAllocateAndInitializeSid(&big, 1, 7, 0, 0, 0, 0, 0, 0, 0, &other), STATUS_SUCCESS);
    ok_status(RtlConvertSidToUnicodeString(&str, other, TRUE), STATUS_SUCCESS);
    ok(!wcscmp(str.Buffer, L"S-1-0x010203040506-7") || !wcscmp(str.Buffer, L"S-1-0x10203040506-7"), "got %s\n", wine_dbgstr_w(str.Buffer));
    RtlFreeUnicodeString(&str);

    ok_status(RtlCreateAcl(acl, sizeof(acl_buffer), ACL_REVISION), STATUS_SUCCESS);
    ok_status(RtlAddAccessAllowedAce(acl, ACL_REVISION, GENERIC_READ, sid), STATUS_SUCCESS);
    ok_status(RtlAddAccessDeniedAce(acl, ACL_REVISION, GENERIC_ALL, other), STATUS_SUCCESS);
    ok(acl->AceCount == 2 && RtlValidAcl(acl), "%u entries\n", acl->AceCount);
    ok_status(RtlGetAce(acl, 0, (void **)&ace), STATUS_SUCCESS);
    ok(ace->Mask == GENERIC_READ && RtlEqualSid(&ace->SidStart, sid), "mask %lx\n", ace->Mask);
    ok_status(RtlGetAce(acl, 2, (void **)&ace), STATUS_INVALID_PARAMETER);
    ok_status(RtlDeleteAce(acl, 0), STATUS_SUCCESS);
    ok_status(RtlGetAce(acl, 0, (void **)&ace), STATUS_SUCCESS);
    ok(ace->Header.AceType == ACCESS_DENIED_ACE_TYPE && RtlEqualSid(&ace->SidStart, other), "type %u\n", ace->Header.AceType);
    for (int i = 0; i < 20; i++) if (RtlAddAccessAllowedAce(acl, ACL_REVISION, i, sid)) break;
    ok(acl->AceCount == 1 + (sizeof(acl_buffer) - 8 - 20) / 36, "%u entries\n", acl->AceCount);

    ok_status(RtlCreateSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION), STATUS_SUCCESS);
    ok_status(RtlSetDaclSecurityDescriptor(&descriptor, TRUE, acl, FALSE), STATUS_SUCCESS);
    ok_status(RtlSetOwnerSecurityDescriptor(&descriptor, sid, FALSE), STATUS_SUCCESS);
    ok_status(RtlGetDaclSecurityDescriptor(&descriptor, &present, &got, &defaulted), STATUS_SUCCESS);
    ok(present && got == acl && !defaulted, "%d %p %d\n", present, got, defaulted);
    {
        BYTE relative[512];
        ULONG size = 10;
        PSID owner;

        ok_status(RtlAbsoluteToSelfRelativeSD(&descriptor, (SECURITY_DESCRIPTOR *)relative, &size), STATUS_BUFFER_TOO_SMALL);
        ok(size == RtlLengthSecurityDescriptor(&descriptor) - sizeof(descriptor) + 20, "size %lu\n", size);
        ok_status(RtlAbsoluteToSelfRelativeSD(&descriptor, (SECURITY_DESCRIPTOR *)relative, &size), STATUS_SUCCESS);
        ok(RtlValidSecurityDescriptor(relative), "not valid\n");
        ok_status(RtlGetOwnerSecurityDescriptor(relative, &owner, &defaulted), STATUS_SUCCESS);
        ok(owner != sid && RtlEqualSid(owner, sid), "another owner\n");
        ok_status(RtlGetDaclSecurityDescriptor(relative, &present, &got, &defaulted), STATUS_SUCCESS);
        ok(present && got != acl && got->AceCount == acl->AceCount, "another list\n");
    }
    RtlFreeSid(other);
    RtlFreeSid(sid);
}

/* ---- errors and versions ---- */

static void test_errors(void)
{
    static const struct { NTSTATUS status; ULONG error; } cases[] =
    {
        { STATUS_SUCCESS, ERROR_SUCCESS }, { STATUS_TIMEOUT, ERROR_TIMEOUT }, { STATUS_PENDING, ERROR_IO_PENDING },
        { STATUS_BUFFER_OVERFLOW, ERROR_MORE_DATA }, { STATUS_NO_MORE_FILES, ERROR_NO_MORE_FILES },
        { STATUS_UNSUCCESSFUL, ERROR_GEN_FAILURE }, { STATUS_INVALID_HANDLE, ERROR_INVALID_HANDLE },
        { STATUS_ACCESS_DENIED, ERROR_ACCESS_DENIED }, { STATUS_NO_MEMORY, ERROR_NOT_ENOUGH_MEMORY },
        { STATUS_CONFLICTING_ADDRESSES, ERROR_INVALID_ADDRESS }, { STATUS_OBJECT_NAME_NOT_FOUND, ERROR_FILE_NOT_FOUND },
        { STATUS_OBJECT_NAME_COLLISION, ERROR_ALREADY_EXISTS }, { STATUS_DELETE_PENDING, ERROR_ACCESS_DENIED },
        { STATUS_SECTION_TOO_BIG, ERROR_NOT_ENOUGH_MEMORY }, { STATUS_INVALID_PAGE_PROTECTION, ERROR_INVALID_PARAMETER },
        { STATUS_DIRECTORY_NOT_EMPTY, ERROR_DIR_NOT_EMPTY }, { (NTSTATUS)0xc0350000, ERROR_MR_MID_NOT_FOUND },
        { (NTSTATUS)0x80070005, 5 }, { (NTSTATUS)0xd0000022, ERROR_ACCESS_DENIED },
    };

    for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++)
    {
        ULONG error = RtlNtStatusToDosErrorNoTeb(cases[i].status);

        ok(error == cases[i].error, "%lx: error %lu, expected %lu\n", cases[i].status, error, cases[i].error);
    }
    RtlSetLastWin32ErrorAndNtStatusFromNtStatus(STATUS_DIRECTORY_NOT_EMPTY);
    ok(RtlGetLastWin32Error() == ERROR_DIR_NOT_EMPTY, "error %lu\n", RtlGetLastWin32Error());
    ok_status(RtlGetLastNtStatus(), STATUS_DIRECTORY_NOT_EMPTY);
}

static void test_version(void)
{
    RTL_OSVERSIONINFOEXW info = { .dwOSVersionInfoSize = sizeof(info) };
    ULONG major, minor, build;

    ok_status(RtlGetVersion(&info), STATUS_SUCCESS);
    RtlGetNtVersionNumbers(&major, &minor, &build);
    ok(info.dwMajorVersion == major && info.dwMinorVersion == minor && info.dwBuildNumber == (build & 0xfffffff), "%lu.%lu.%lx\n", major, minor, build);
    ok(info.dwPlatformId == VER_PLATFORM_WIN32_NT && major >= 10, "platform %lu\n", info.dwPlatformId);
    info.dwMajorVersion = 6;
    info.dwMinorVersion = 3;
    ok_status(RtlVerifyVersionInfo(&info, VER_MAJORVERSION | VER_MINORVERSION,
                                   VerSetConditionMask(VerSetConditionMask(0, VER_MAJORVERSION, VER_GREATER_EQUAL), VER_MINORVERSION,
                                                       VER_GREATER_EQUAL)), STATUS_SUCCESS);
    ok_status(RtlVerifyVersionInfo(&info, VER_MAJORVERSION, VerSetConditionMask(0, VER_MAJORVERSION, VER_EQUAL)), STATUS_REVISION_MISMATCH);
    ok_status(RtlVerifyVersionInfo(&info, VER_MAJORVERSION, 0), STATUS_INVALID_PARAMETER);
}

START_TEST(number)
{
    test_calendar();
    test_times();
    test_integers();
    test_sums();
    test_random();
    test_guids();
    test_sids();
    test_errors();
    test_version();
}
