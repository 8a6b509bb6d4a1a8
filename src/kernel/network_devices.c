/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/netlink.h"
#include "base/text.h"
#include "kernel/network_devices.h"
#include "oci/config.h"

/* dev_valid_name(), net/core/dev.c. */
static bool is_name(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length >= IFNAMSIZ || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return false;
	for (; *name != '\0'; name++) {
		if (*name == '/' || *name == ':' || isspace((unsigned char)*name))
			return false;
	}
	return true;
}

/* "%d" once: the kernel's way to ask for any free number, and no other '%'. */
static bool is_template(const char *name)
{
	const char *percent = strchr(name, '%');

	return percent != NULL && percent[1] == 'd' && strchr(percent + 2, '%') == NULL;
}

static const char *new_name(const struct config_net_device *device)
{
	return device->name != NULL && device->name[0] != '\0' ? device->name
							       : device->key;
}

static int check_names(const struct config_net_device *device, struct error *err)
{
	const char *name = new_name(device);

	if (!is_name(device->key))
		return error_set(err, 0, "'%.64s' is no name of a network device",
				 device->key);
	if (!is_name(name) || (strchr(name, '%') != NULL && !is_template(name))) {
		(void)error_set(err, 0, "'%.64s' is no name of a network device", name);
		return error_at(err, "name");
	}
	if (if_nametoindex(device->key) == 0)
		return error_set(err, 0, "the host has no network device '%s'",
				 device->key);
	return 0;
}

static int check_taken(const struct config_linux *linux_, size_t index, struct error *err)
{
	const char *name = new_name(&linux_->net_devices[index]);

	for (size_t i = 0; i < index; i++) {
		if (strcmp(new_name(&linux_->net_devices[i]), name) == 0 &&
		    !is_template(name))
			return error_set(err, 0, "'%s' would be the name of two", name);
	}
	return 0;
}

static int check_namespace(const struct config_linux *linux_, struct error *err)
{
	struct stat there, here;
	const char *path = NULL;
	bool is_listed = false;

	for (size_t i = 0; i < linux_->namespaces_count; i++) {
		if (strcmp(linux_->namespaces[i].type, "network") != 0)
			continue;
		is_listed = true;
		path = linux_->namespaces[i].path;
	}
	if (!is_listed)
		return error_set(err, 0, "needs a namespace of type 'network'");
	if (path != NULL && path[0] != '\0' && stat(path, &there) == 0 &&
	    stat("/proc/self/ns/net", &here) == 0 && there.st_dev == here.st_dev &&
	    there.st_ino == here.st_ino)
		return error_set(err, 0, "'%s' is where they are", path);
	return 0;
}

static int at_device(const struct config_net_device *device, struct error *err)
{
	return error_at(err, "linux.netDevices[\"%s\"]", device->key);
}

int network_devices_check(const struct config_linux *linux_, struct error *err)
{
	if (linux_->net_devices_count == 0)
		return 0;
	if (check_namespace(linux_, err) < 0)
		return error_at(err, "linux.netDevices");
	for (size_t i = 0; i < linux_->net_devices_count; i++) {
		if (check_names(&linux_->net_devices[i], err) < 0 ||
		    check_taken(linux_, i, err) < 0)
			return at_device(&linux_->net_devices[i], err);
	}
	if (geteuid() == 0)
		return 0;
	(void)error_set(err, 0, "only root can move network devices");
	return error_at(err, "linux.netDevices");
}

/* Netlink sockets in the namespace of the host and in that of the container. */
struct way {
	int namespacefd, here, there;
};

static void way_release(struct way *way)
{
	if (way->here >= 0)
		(void)close(way->here);
	if (way->there >= 0)
		(void)close(way->there);
}

#define auto_way __attribute__((cleanup(way_release)))

static int way_open(struct way *way, struct error *err)
{
	auto_close int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	way->here = netlink_open(err);
	if (way->here < 0)
		return -1;
	if (own < 0 || setns(way->namespacefd, CLONE_NEWNET) < 0)
		return error_set(err, errno, "cannot join the network namespace");
	way->there = netlink_open(err);
	if (setns(own, CLONE_NEWNET) < 0)
		return error_set(err, errno, "cannot return to the network namespace");
	return way->there < 0 ? -1 : 0;
}

/* The index in the namespace of the socket, 0 where none has the name. */
static int find(int socket, const char *name)
{
	struct ifreq request = { 0 };

	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(socket, SIOCGIFINDEX, &request) < 0 ? 0 : request.ifr_ifindex;
}

/* The first number that is free, as dev_alloc_name() would take it: the kernel tells
 * nobody which one that was. */
static int number(int socket, const char *template, char name[IFNAMSIZ],
		  struct error *err)
{
	int head = (int)strcspn(template, "%");

	for (int i = 0;; i++) {
		int length = snprintf(name, IFNAMSIZ, "%.*s%d%s", head, template, i,
				      template + head + 2);

		if (length >= IFNAMSIZ)
			return error_set(err, 0, "no name like '%s' is free", template);
		if (find(socket, name) == 0)
			return 0;
	}
}

static int choose_name(const struct config_net_device *device, int socket,
		       char name[IFNAMSIZ], struct error *err)
{
	const char *wanted = new_name(device);

	if (is_template(wanted))
		return number(socket, wanted, name, err);
	/* Before it is moved: the kernel would find out when it is there. */
	if (find(socket, wanted) != 0)
		return error_set(err, 0, "the container has a network device '%s'",
				 wanted);
	(void)snprintf(name, IFNAMSIZ, "%s", wanted);
	return 0;
}

/* The move and the new name are one request; the kernel sets the device down. */
static int move_link(const struct way *way, int index, const char *name,
		     struct error *err)
{
	const struct ifinfomsg link = { .ifi_index = index };
	struct netlink_request request;

	netlink_begin(&request, RTM_NEWLINK, &link, sizeof(link));
	netlink_put(&request, IFLA_NET_NS_FD, &way->namespacefd,
		    sizeof(way->namespacefd));
	netlink_put(&request, IFLA_IFNAME, name, strlen(name) + 1);
	return netlink_do(way->here, &request, 0, "cannot move it to the container", err);
}

static int set_up(int socket, int index, struct error *err)
{
	const struct ifinfomsg link = { .ifi_index = index,
					.ifi_flags = IFF_UP,
					.ifi_change = IFF_UP };
	struct netlink_request request;

	netlink_begin(&request, RTM_NEWLINK, &link, sizeof(link));
	return netlink_do(socket, &request, 0, "cannot set it up in the container", err);
}

static int list_addresses(int socket, struct text *messages, struct error *err)
{
	const struct ifaddrmsg any = { .ifa_family = AF_UNSPEC };
	struct netlink_request request;

	netlink_begin(&request, RTM_GETADDR, &any, sizeof(any));
	return netlink_list(socket, &request, messages, "cannot read its addresses", err);
}

/* As it was, but for the label, which has the old name in it. */
static int add_address(int socket, int index, struct nlmsghdr *message, struct error *err)
{
	struct ifaddrmsg address = *(struct ifaddrmsg *)NLMSG_DATA(message);
	struct rtattr *attribute = IFA_RTA(NLMSG_DATA(message));
	int left = (int)IFA_PAYLOAD(message);
	char text[INET6_ADDRSTRLEN] = "?", what[128];
	struct netlink_request request;

	address.ifa_index = (uint32_t)index;
	netlink_begin(&request, RTM_NEWADDR, &address, sizeof(address));
	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
		if (attribute->rta_type == IFA_ADDRESS)
			(void)inet_ntop(address.ifa_family, RTA_DATA(attribute), text,
					sizeof(text));
		if (attribute->rta_type != IFA_LABEL)
			netlink_put(&request, attribute->rta_type, RTA_DATA(attribute),
				    RTA_PAYLOAD(attribute));
	}
	(void)snprintf(what, sizeof(what),
		       "cannot give it its address '%s' in the container", text);
	return netlink_do(socket, &request, NLM_F_CREATE | NLM_F_EXCL, what, err);
}

static int add_addresses(const struct text *messages, int was, int socket, int index,
			 struct error *err)
{
	struct nlmsghdr *message = (void *)messages->data;
	size_t left = messages->length;

	for (; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
		struct ifaddrmsg *address = NLMSG_DATA(message);

		if (message->nlmsg_type == RTM_NEWADDR &&
		    address->ifa_index == (uint32_t)was &&
		    (address->ifa_flags & IFA_F_PERMANENT) != 0 &&
		    address->ifa_scope == RT_SCOPE_UNIVERSE &&
		    add_address(socket, index, message, err) < 0)
			return -1;
	}
	return 0;
}

static int move(const struct way *way, const struct config_net_device *device,
		struct error *err)
{
	auto_text struct text addresses = { 0 };
	int was = find(way->here, device->key), is;
	char name[IFNAMSIZ];

	if (was == 0)
		return error_set(err, 0, "the host has no network device '%s' any more",
				 device->key);
	/* While it is up: the kernel drops those of IPv6 when it goes down. */
	if (choose_name(device, way->there, name, err) < 0 ||
	    list_addresses(way->here, &addresses, err) < 0 ||
	    move_link(way, was, name, err) < 0)
		return -1;
	is = find(way->there, name);
	if (is == 0)
		return error_set(err, 0, "it is not in the container as '%s'", name);
	if (add_addresses(&addresses, was, way->there, is, err) < 0)
		return -1;
	return set_up(way->there, is, err);
}

int network_devices_move(const struct config_linux *linux_, int namespacefd,
			 struct error *err)
{
	auto_way struct way way = { namespacefd, -1, -1 };

	if (way_open(&way, err) < 0)
		return error_at(err, "linux.netDevices");
	for (size_t i = 0; i < linux_->net_devices_count; i++) {
		if (move(&way, &linux_->net_devices[i], err) < 0)
			return at_device(&linux_->net_devices[i], err);
	}
	return 0;
}
