/* iphlpapi: the loopback, which every system has, in all the ways to ask for it. */
#include "winsock2.h"
#include "ws2ipdef.h"
#include "iphlpapi.h"
#include "netioapi.h"
#include "libraries.h"

DWORD WINAPI GetBestRoute2(NET_LUID *, NET_IFINDEX, const SOCKADDR_INET *, const SOCKADDR_INET *, ULONG, MIB_IPFORWARD_ROW2 *, SOCKADDR_INET *);
char *WINAPI if_indextoname(NET_IFINDEX, char *);

static IP_ADAPTER_ADDRESSES *get_adapters(ULONG family, ULONG flags)
{
    IP_ADAPTER_ADDRESSES *list;
    ULONG size = 0, given;

    returns(GetAdaptersAddresses(family, flags, NULL, NULL, &size), ERROR_BUFFER_OVERFLOW);
    given = --size;
    list = HeapAlloc(GetProcessHeap(), 0, size + 1);
    returns(GetAdaptersAddresses(family, flags, NULL, list, &size), ERROR_BUFFER_OVERFLOW);
    returns(size, given + 1);
    returns(GetAdaptersAddresses(family, flags, NULL, list, &size), ERROR_SUCCESS);
    return list;
}

static void test_adapters(void)
{
    IP_ADAPTER_ADDRESSES *list = get_adapters(AF_INET, GAA_FLAG_INCLUDE_PREFIX), *entry;
    IP_ADAPTER_UNICAST_ADDRESS *unicast;
    struct sockaddr_in *address;
    ULONG size = 0;

    for (entry = list; entry && entry->IfType != IF_TYPE_SOFTWARE_LOOPBACK; entry = entry->Next) ;
    ok(entry != NULL, "no loopback\n");
    if (!entry) return;
    unicast = entry->FirstUnicastAddress;
    address = (struct sockaddr_in *)unicast->Address.lpSockaddr;
    ok(entry->Length == sizeof(*entry) && entry->IfIndex && entry->OperStatus == IfOperStatusUp, "%lu %lu %d\n", entry->Length,
       entry->IfIndex, entry->OperStatus);
    ok(entry->FriendlyName && *entry->FriendlyName && entry->Description && entry->DnsSuffix && strlen(entry->AdapterName) == 38, "names\n");
    returns(unicast->Length, sizeof(*unicast));
    ok(address->sin_family == AF_INET && *(BYTE *)&address->sin_addr == 127 && unicast->OnLinkPrefixLength == 8, "%d %#lx/%u\n",
       address->sin_family, *(DWORD *)&address->sin_addr, unicast->OnLinkPrefixLength);
    address = (struct sockaddr_in *)entry->FirstPrefix->Address.lpSockaddr;
    ok(*(DWORD *)&address->sin_addr == 127 && entry->FirstPrefix->PrefixLength == 8, "%#lx\n", *(DWORD *)&address->sin_addr);
    HeapFree(GetProcessHeap(), 0, list);
    returns(GetAdaptersAddresses(AF_INET, 0, NULL, NULL, NULL), ERROR_INVALID_PARAMETER);
    returns(GetAdaptersAddresses(99, 0, NULL, NULL, &size), ERROR_INVALID_PARAMETER);
}

static void test_names_and_route(void)
{
    IP_ADAPTER_ADDRESSES *list = get_adapters(AF_UNSPEC, 0), *entry;
    char name[257], other[257];       /* NDIS_IF_MAX_STRING_SIZE + 1 */
    SOCKADDR_INET to = { { 0 } }, from;
    MIB_IPFORWARD_ROW2 row;
    NET_LUID luid;
    NET_IFINDEX index;
    WCHAR wide[64];
    GUID guid;

    for (entry = list; entry && entry->IfType != IF_TYPE_SOFTWARE_LOOPBACK; entry = entry->Next) ;
    if (!entry) return;
    returns(ConvertInterfaceIndexToLuid(entry->IfIndex, &luid), ERROR_SUCCESS);
    ok(luid.Value == entry->Luid.Value && luid.Info.IfType == IF_TYPE_SOFTWARE_LOOPBACK, "%llx\n", luid.Value);
    returns(ConvertInterfaceLuidToIndex(&luid, &index), ERROR_SUCCESS);
    returns(index, entry->IfIndex);
    returns(ConvertInterfaceLuidToGuid(&luid, &guid), ERROR_SUCCESS);
    ok(!memcmp(&guid, &entry->NetworkGuid, sizeof(guid)), "another GUID\n");
    ok(if_indextoname(index, name) == name, "no name\n");
    returns(if_nametoindex(name), index);
    returns(ConvertInterfaceLuidToNameA(&luid, other, sizeof(other)), ERROR_SUCCESS);
    ok(!strcmp(name, other), "%s %s\n", name, other);
    returns(ConvertInterfaceLuidToNameA(&luid, other, strlen(name)), ERROR_NOT_ENOUGH_MEMORY);
    returns(ConvertInterfaceLuidToNameW(&luid, wide, ARRAY_SIZE(wide)), ERROR_SUCCESS);
    returns(wcslen(wide), strlen(name));
    returns(ConvertInterfaceIndexToLuid(0x7ffffff, &luid), ERROR_FILE_NOT_FOUND);
    returns(luid.Value, 0);
    returns(if_nametoindex("no such"), 0);
    ok(!if_indextoname(0x7ffffff, name), "a name\n");

    to.Ipv4.sin_family = AF_INET;
    *(DWORD *)&to.Ipv4.sin_addr = 0x0100007f;
    returns(GetBestRoute2(NULL, 0, NULL, &to, 0, &row, &from), ERROR_SUCCESS);
    ok(row.InterfaceIndex == index && row.Loopback && row.InterfaceLuid.Value == entry->Luid.Value, "interface %lu\n", row.InterfaceIndex);
    ok(from.si_family == AF_INET && *(DWORD *)&from.Ipv4.sin_addr == 0x0100007f, "from %#lx\n", *(DWORD *)&from.Ipv4.sin_addr);
    ok(row.NextHop.si_family == AF_INET && !*(DWORD *)&row.NextHop.Ipv4.sin_addr, "over %#lx\n", *(DWORD *)&row.NextHop.Ipv4.sin_addr);
    returns(GetBestRoute2(NULL, index + 1000, NULL, &to, 0, &row, &from), ERROR_NOT_FOUND);
    HeapFree(GetProcessHeap(), 0, list);
}

static void test_params(void)
{
    char buffer[0x2000], name[256];
    FIXED_INFO *info = (FIXED_INFO *)buffer;
    ULONG size = 0;
    DWORD length = sizeof(name);

    returns(GetNetworkParams(NULL, NULL), ERROR_INVALID_PARAMETER);
    returns(GetNetworkParams(NULL, &size), ERROR_BUFFER_OVERFLOW);
    ok(size >= sizeof(*info) && size < sizeof(buffer), "size %lu\n", size);
    returns(GetNetworkParams(info, &size), ERROR_SUCCESS);
    works(GetComputerNameExA(ComputerNameDnsHostname, name, &length));
    ok(!stricmp(info->HostName, name), "%s, not %s\n", info->HostName, name);
    ok(!*info->DnsServerList.IpAddress.String || strchr(info->DnsServerList.IpAddress.String, '.'), "%s\n", info->DnsServerList.IpAddress.String);
}

START_TEST(interfaces)
{
    test_params();
    test_adapters();
    test_names_and_route();
}
