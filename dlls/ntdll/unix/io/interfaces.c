/* The system's network interfaces, name servers and routes, as they are at the moment of the question. */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <resolv.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "io/socket.h"

#define W_IF_TYPE_OTHER    1
#define W_IF_TYPE_ETHERNET 6
#define W_IF_TYPE_PPP      23
#define W_IF_TYPE_LOOPBACK 24
#define W_IF_TYPE_TUNNEL   131

static unsigned int type_of(unsigned int flags, int hardware)
{
    if (flags & IFF_LOOPBACK) return W_IF_TYPE_LOOPBACK;
    switch (hardware)
    {
    case ARPHRD_ETHER:   return W_IF_TYPE_ETHERNET;
    case ARPHRD_PPP:     return W_IF_TYPE_PPP;
    case ARPHRD_TUNNEL: case ARPHRD_TUNNEL6: case ARPHRD_SIT: case ARPHRD_IPGRE: return W_IF_TYPE_TUNNEL;
    default:             return W_IF_TYPE_OTHER;
    }
}

static unsigned int flags_of(unsigned int flags)
{
    return (flags & IFF_UP && flags & IFF_RUNNING ? ORIEL_INTERFACE_UP : 0) |
           (flags & IFF_MULTICAST ? ORIEL_INTERFACE_MULTICAST : 0);
}

static unsigned int mtu_of(const char *name)
{
    struct ifreq request = { 0 };
    unsigned int mtu = 0;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0) return 0;
    strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
    if (!ioctl(fd, SIOCGIFMTU, &request)) mtu = request.ifr_mtu;
    close(fd);
    return mtu;
}

static int prefix_of(const struct sockaddr *mask)
{
    const unsigned char *bytes;
    int size, n = 0;

    if (!mask) return 0;
    if (mask->sa_family == AF_INET) bytes = (const unsigned char *)&((const struct sockaddr_in *)mask)->sin_addr, size = 4;
    else bytes = (const unsigned char *)&((const struct sockaddr_in6 *)mask)->sin6_addr, size = 16;
    while (n < size * 8 && bytes[n / 8] & 0x80 >> n % 8) n++;
    return n;
}

static NTSTATUS describe(const struct ifaddrs *entry, struct oriel_interface *out)
{
    struct sockaddr_storage address = { 0 };
    size_t length;
    NTSTATUS status;

    *out = (struct oriel_interface){ .index = if_nametoindex(entry->ifa_name), .flags = flags_of(entry->ifa_flags) };
    strncpy(out->name, entry->ifa_name, sizeof(out->name) - 1);
    if (entry->ifa_addr->sa_family == AF_PACKET)
    {
        const struct sockaddr_ll *link = (const struct sockaddr_ll *)entry->ifa_addr;

        out->type = type_of(entry->ifa_flags, link->sll_hatype);
        out->mtu = mtu_of(entry->ifa_name);
        out->length = link->sll_halen <= sizeof(link->sll_addr) ? link->sll_halen : 0;
        memcpy(out->address, link->sll_addr, out->length);
        return STATUS_SUCCESS;
    }
    out->family = family_to_windows(entry->ifa_addr->sa_family);
    out->prefix = prefix_of(entry->ifa_netmask);
    length = entry->ifa_addr->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    memcpy(&address, entry->ifa_addr, length);
    status = address_write(out->address, sizeof(out->address), &address, length, &length);
    out->length = length;
    return status;
}

NTSTATUS socket_interfaces(struct io *io)
{
    struct oriel_interface *to = io->buffer, out;
    size_t room = io->length / sizeof(out), n = 0;
    struct ifaddrs *list, *entry;
    NTSTATUS status = STATUS_SUCCESS;

    if (getifaddrs(&list)) return status_from_socket_errno(errno);
    for (entry = list; entry && !status; entry = entry->ifa_next)
    {
        int family = entry->ifa_addr ? entry->ifa_addr->sa_family : AF_UNSPEC;

        if (family != AF_PACKET && family != AF_INET && family != AF_INET6) continue;
        if (n == room) status = STATUS_BUFFER_TOO_SMALL;
        else if (!(status = describe(entry, &out)) && out.index) status = user_write(to + n++, &out, sizeof(out));
    }
    freeifaddrs(list);
    if (!status) io->information = n * sizeof(out);
    return status;
}

NTSTATUS socket_name_servers(struct io *io)
{
    struct __res_state state = { 0 };
    size_t room = io->length / sizeof(struct oriel_address), n = 0;
    NTSTATUS status = STATUS_SUCCESS;

    if (res_ninit(&state)) return STATUS_NOT_FOUND;
    for (int i = 0; i < state.nscount && n < room && !status; i++)
    {
        /* An IPv6 server has its address beside the list, whose entry then says so with family 0. */
        const struct sockaddr_in6 *six = state._u._ext.nsaddrs[i];
        struct sockaddr_storage address = { 0 };
        struct oriel_address out = { 0 };
        size_t length;

        if (state.nsaddr_list[i].sin_family == AF_INET) memcpy(&address, &state.nsaddr_list[i], length = sizeof(struct sockaddr_in));
        else if (six && six->sin6_family == AF_INET6) memcpy(&address, six, length = sizeof(*six));
        else continue;
        if ((status = address_write(out.address, sizeof(out.address), &address, length, &length))) break;
        out.length = length;
        status = user_write((struct oriel_address *)io->buffer + n++, &out, sizeof(out));
    }
    res_nclose(&state);
    if (!status) io->information = n * sizeof(struct oriel_address);
    return status;
}

/* ---- routes: rtnetlink(7) ------------------------------------------------------------------------------------------ */

struct route_question
{
    struct nlmsghdr header;
    struct rtmsg    route;
    char            attributes[64];
};

static void add_attribute(struct route_question *question, int type, const void *data, size_t size)
{
    struct rtattr *attribute = (struct rtattr *)((char *)question + NLMSG_ALIGN(question->header.nlmsg_len));

    attribute->rta_type = type;
    attribute->rta_len = RTA_LENGTH(size);
    memcpy(RTA_DATA(attribute), data, size);
    question->header.nlmsg_len = NLMSG_ALIGN(question->header.nlmsg_len) + RTA_ALIGN(attribute->rta_len);
}

static const void *address_bytes(const struct sockaddr_storage *address, size_t *size)
{
    if (address->ss_family == AF_INET) return *size = 4, (const void *)&((const struct sockaddr_in *)address)->sin_addr;
    return *size = 16, (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr;
}

static NTSTATUS give_address(struct oriel_address *out, int family, const void *bytes)
{
    struct sockaddr_storage address = { .ss_family = family };
    size_t size, length = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    void *to = (void *)address_bytes(&address, &size);
    NTSTATUS status;

    if (bytes) memcpy(to, bytes, size);
    status = address_write(out->address, sizeof(out->address), &address, length, &length);
    out->length = length;
    return status;
}

/* Fills in what the answer tells: of the way (with matched false), or of the table's entry that leads it. */
static NTSTATUS read_answer(const char *buffer, size_t size, bool matched, struct oriel_route *out)
{
    const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;
    const struct rtmsg *route = NLMSG_DATA(header);
    const struct rtattr *attribute = RTM_RTA(route);
    int left;
    NTSTATUS status = STATUS_SUCCESS;

    if (!NLMSG_OK(header, size)) return STATUS_UNSUCCESSFUL;
    if (header->nlmsg_type == NLMSG_ERROR)
        return status_from_socket_errno(-((const struct nlmsgerr *)NLMSG_DATA(header))->error);
    left = RTM_PAYLOAD(header);
    if (matched) out->prefix = route->rtm_dst_len;
    for (; RTA_OK(attribute, left) && !status; attribute = RTA_NEXT(attribute, left))
    {
        const void *data = RTA_DATA(attribute);

        if (matched && attribute->rta_type == RTA_DST) status = give_address(&out->destination, route->rtm_family, data);
        if (matched && attribute->rta_type == RTA_PRIORITY) memcpy(&out->metric, data, sizeof(out->metric));
        if (!matched && attribute->rta_type == RTA_OIF) memcpy(&out->index, data, sizeof(out->index));
        if (!matched && attribute->rta_type == RTA_GATEWAY) status = give_address(&out->gateway, route->rtm_family, data);
        if (!matched && attribute->rta_type == RTA_PREFSRC) status = give_address(&out->source, route->rtm_family, data);
    }
    return status;
}

static NTSTATUS ask_route(int fd, const struct sockaddr_storage *to, bool matched, struct oriel_route *out)
{
    struct route_question question = { .header = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct rtmsg)), .nlmsg_type = RTM_GETROUTE,
                                                   .nlmsg_flags = NLM_F_REQUEST },
                                       .route = { .rtm_family = to->ss_family, .rtm_flags = matched ? RTM_F_FIB_MATCH : 0 } };
    char answer[4096];
    size_t size;
    const void *bytes = address_bytes(to, &size);
    ssize_t n;

    question.route.rtm_dst_len = size * 8;
    add_attribute(&question, RTA_DST, bytes, size);
    if (send(fd, &question, question.header.nlmsg_len, 0) < 0 || (n = recv(fd, answer, sizeof(answer), 0)) < 0)
        return status_from_socket_errno(errno);
    return read_answer(answer, n, matched, out);
}

NTSTATUS socket_route(struct io *io)
{
    struct sockaddr_storage to;
    struct oriel_route out = { 0 };
    socklen_t length;
    NTSTATUS status;
    int fd;

    if (io->length < sizeof(out)) return STATUS_BUFFER_TOO_SMALL;
    if ((status = address_read(&to, &length, io->in, io->in_length))) return status;
    if (to.ss_family != AF_INET && to.ss_family != AF_INET6) return STATUS_INVALID_PARAMETER;
    if ((fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)) < 0) return status_from_socket_errno(errno);
    status = give_address(&out.destination, to.ss_family, NULL);
    if (!status) status = give_address(&out.gateway, to.ss_family, NULL);
    if (!status) status = give_address(&out.source, to.ss_family, NULL);
    if (!status) status = ask_route(fd, &to, false, &out);
    if (!status) status = ask_route(fd, &to, true, &out);
    close(fd);
    if (status) return status;
    io->information = sizeof(out);
    return user_write(io->buffer, &out, sizeof(out));
}
