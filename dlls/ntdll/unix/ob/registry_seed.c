/* What the registry holds when a process starts: the few facts that programs look up there. */
#include <cpuid.h>
#include <ctype.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "ob/registry.h"

#define CURRENT_VERSION "MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
#define CONTROL         "MACHINE\\SYSTEM\\CurrentControlSet\\Control"
#define CPU             "MACHINE\\HARDWARE\\DESCRIPTION\\System\\CentralProcessor"

enum { SZ = REG_SZ, EXPAND = REG_EXPAND_SZ, NUMBER = REG_DWORD, NONE = 0 };

static const struct { const char *key; const char *name; int type; const char *text; } seeds[] =
{
    { CURRENT_VERSION, "SystemRoot", SZ, "C:\\windows" },
    { CURRENT_VERSION, "ProductName", SZ, "Windows 10 Pro" },           /* Windows 11 says so too */
    { CURRENT_VERSION, "EditionID", SZ, "Professional" },
    { CURRENT_VERSION, "InstallationType", SZ, "Client" },
    { CURRENT_VERSION, "CurrentVersion", SZ, "6.3" },
    { CURRENT_VERSION, "CurrentMajorVersionNumber", NUMBER, "10" },
    { CURRENT_VERSION, "CurrentMinorVersionNumber", NUMBER, "0" },
    { CURRENT_VERSION, "CurrentBuild", SZ, "26100" },
    { CURRENT_VERSION, "CurrentBuildNumber", SZ, "26100" },
    { CURRENT_VERSION, "CurrentType", SZ, "Multiprocessor Free" },
    { CURRENT_VERSION, "DisplayVersion", SZ, "24H2" },
    { CURRENT_VERSION, "ReleaseId", SZ, "2009" },
    { CURRENT_VERSION, "UBR", NUMBER, "1" },
    { CURRENT_VERSION "\\Time Zones", NULL, NONE, NULL },
    { CURRENT_VERSION "\\ProfileList", "ProfilesDirectory", EXPAND, "%SystemDrive%\\Users" },
    { CURRENT_VERSION "\\ProfileList", "ProgramData", EXPAND, "%SystemDrive%\\ProgramData" },
    { CURRENT_VERSION "\\ProfileList", "Public", EXPAND, "%SystemDrive%\\Users\\Public" },
    { CURRENT_VERSION "\\Image File Execution Options", NULL, NONE, NULL },
    { "MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion", "ProgramFilesDir", SZ, "C:\\Program Files" },
    { "MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion", "CommonFilesDir", SZ, "C:\\Program Files\\Common Files" },
    { "MACHINE\\SOFTWARE\\Classes\\CLSID", NULL, NONE, NULL },
    { CONTROL "\\Nls\\CodePage", "ACP", SZ, "65001" },
    { CONTROL "\\Nls\\CodePage", "OEMCP", SZ, "65001" },
    { CONTROL "\\Nls\\CodePage", "MACCP", SZ, "65001" },
    { CONTROL "\\Nls\\Language", "Default", SZ, "0409" },
    { CONTROL "\\Nls\\Language", "InstallLanguage", SZ, "0409" },
    { CONTROL "\\ProductOptions", "ProductType", SZ, "WinNT" },
    { CONTROL "\\Session Manager\\Environment", "OS", SZ, "Windows_NT" },
    { CONTROL "\\Session Manager\\Environment", "ComSpec", EXPAND, "%SystemRoot%\\system32\\cmd.exe" },
    { CONTROL "\\Session Manager\\Environment", "PROCESSOR_ARCHITECTURE", SZ, "AMD64" },
    { CONTROL "\\Session Manager\\Environment", "windir", EXPAND, "%SystemRoot%" },
    { "MACHINE\\SYSTEM\\CurrentControlSet\\Hardware Profiles\\Current\\Software", NULL, NONE, NULL },
    { CONTROL "\\FileSystem", "LongPathsEnabled", NUMBER, "1" },
    { "MACHINE\\HARDWARE\\DESCRIPTION\\System", "Identifier", SZ, "AT/AT COMPATIBLE" },
};

static const char *const user_keys[] = { "Environment", "Software", "Control Panel\\International" };

/* ---- setting by ASCII names --------------------------------------------------------------------------------- */

static size_t widen(WCHAR *to, size_t room, const char *from)
{
    size_t i;

    for (i = 0; from[i] && i + 1 < room; i++) to[i] = (unsigned char)from[i];
    to[i] = 0;
    return i;
}

/* The key at path, with all keys on the way. */
static struct key *make_path(struct key *key, const char *path)
{
    WCHAR name[REG_NAME_MAX + 1];
    const WCHAR *rest;
    size_t rest_length;

    while (key && *path)
    {
        size_t length = 0;
        struct key *found;

        for (; *path && *path != '\\' && length < REG_NAME_MAX; path++) name[length++] = (unsigned char)*path;
        while (*path == '\\') path++;
        if (key_walk(key, name, length, &found, &rest, &rest_length)) found = key_create(key, name, length);
        key = found;
    }
    return key;
}

static NTSTATUS set_text(struct key *key, const char *name, uint32_t type, const char *text)
{
    WCHAR wide_name[64], wide[512];
    size_t length = widen(wide_name, 64, name);
    uint32_t number;

    if (type == REG_DWORD)
    {
        number = strtoul(text, NULL, 10);
        return key_set_value(key, wide_name, length, type, &number, sizeof(number));
    }
    return key_set_value(key, wide_name, length, type, wide, (widen(wide, 512, text) + 1) * sizeof(WCHAR));
}

static NTSTATUS set_number(struct key *key, const char *name, uint32_t value)
{
    char text[16];

    snprintf(text, sizeof(text), "%u", value);
    return set_text(key, name, REG_DWORD, text);
}

/* ---- what has to be asked for ---------------------------------------------------------------------------------- */

static uint32_t cpu_mhz(void)
{
    unsigned int mhz = 0;
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "re");

    while (file && fgets(line, sizeof(line), file) && sscanf(line, "cpu MHz : %u", &mhz) != 1) continue;
    if (file) fclose(file);
    return mhz;
}

static NTSTATUS seed_cpus(struct key *root)
{
    unsigned int a, b, c, d, family, model, i;
    char brand[49] = "", vendor[13] = "", identifier[64], path[128];
    uint32_t mhz = cpu_mhz();
    long cpu, count = sysconf(_SC_NPROCESSORS_ONLN);
    NTSTATUS status = STATUS_SUCCESS;

    if (__get_cpuid(0, &a, &b, &c, &d))
    {
        memcpy(vendor, &b, 4);
        memcpy(vendor + 4, &d, 4);
        memcpy(vendor + 8, &c, 4);
    }
    for (i = 0; i < 3; i++)
        if (__get_cpuid(0x80000002 + i, &a, &b, &c, &d))
            memcpy(brand + 16 * i, (unsigned int[]){ a, b, c, d }, 16);
    a = 0;
    __get_cpuid(1, &a, &b, &c, &d);
    family = (a >> 8 & 15) + ((a >> 8 & 15) == 15 ? a >> 20 & 255 : 0);
    model = (a >> 4 & 15) | (a >> 12 & 0xf0);
    snprintf(identifier, sizeof(identifier), "%s Family %u Model %u Stepping %u",
             strcmp(vendor, "GenuineIntel") ? "AMD64" : "Intel64", family, model, a & 15);

    for (cpu = 0; cpu < count && !status; cpu++)
    {
        struct key *key;

        snprintf(path, sizeof(path), CPU "\\%ld", cpu);
        if (!(key = make_path(root, path)) || set_text(key, "ProcessorNameString", REG_SZ, brand) ||
            set_text(key, "VendorIdentifier", REG_SZ, vendor) || set_text(key, "Identifier", REG_SZ, identifier) ||
            (mhz && set_number(key, "~MHz", mhz)))
            status = STATUS_NO_MEMORY;
    }
    return status;
}

static NTSTATUS seed_computer_name(struct key *root)
{
    char name[256] = "", *p;
    struct key *key, *active, *tcpip;

    if (gethostname(name, sizeof(name) - 1)) return STATUS_SUCCESS;
    name[strcspn(name, ".")] = 0;
    tcpip = make_path(root, "MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters");
    if (!tcpip || set_text(tcpip, "Hostname", REG_SZ, name) || set_text(tcpip, "Domain", REG_SZ, "")) return STATUS_NO_MEMORY;
    name[15] = 0;                       /* as long as a NetBIOS name may be */
    for (p = name; *p; p++) *p = toupper((unsigned char)*p);
    key = make_path(root, CONTROL "\\ComputerName\\ComputerName");
    active = make_path(root, CONTROL "\\ComputerName\\ActiveComputerName");
    if (!key || !active) return STATUS_NO_MEMORY;
    set_text(key, "ComputerName", REG_SZ, name);
    return set_text(active, "ComputerName", REG_SZ, name);
}

/* Without the dates of daylight saving time: only what holds today. */
static NTSTATUS seed_time_zone(struct key *root)
{
    struct key *key = make_path(root, CONTROL "\\TimeZoneInformation");
    time_t now = time(NULL);
    struct tm local;
    int32_t active, bias;

    if (!key) return STATUS_NO_MEMORY;
    tzset();
    if (!localtime_r(&now, &local)) return STATUS_SUCCESS;
    active = -(int32_t)(local.tm_gmtoff / 60);
    bias = active + (local.tm_isdst > 0 ? 60 : 0);
    set_number(key, "Bias", bias);
    set_number(key, "ActiveTimeBias", active);
    set_text(key, "StandardName", REG_SZ, tzname[0]);
    set_text(key, "DaylightName", REG_SZ, tzname[1]);
    return set_text(key, "TimeZoneKeyName", REG_SZ, bias ? tzname[0] : "UTC");
}

NTSTATUS registry_seed(struct key *root)
{
    char path[128];
    size_t i;

    for (i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
    {
        struct key *key = make_path(root, seeds[i].key);

        if (!key) return STATUS_NO_MEMORY;
        if (seeds[i].name && set_text(key, seeds[i].name, seeds[i].type, seeds[i].text)) return STATUS_NO_MEMORY;
    }
    for (i = 0; i < sizeof(user_keys) / sizeof(user_keys[0]); i++)
    {
        snprintf(path, sizeof(path), "USER\\S-1-5-21-0-0-0-%u\\%s", getuid(), user_keys[i]);
        if (!make_path(root, path)) return STATUS_NO_MEMORY;
    }
    if (!make_path(root, "USER\\.Default\\Environment")) return STATUS_NO_MEMORY;
    if (seed_cpus(root) || seed_computer_name(root)) return STATUS_NO_MEMORY;
    return seed_time_zone(root);
}
