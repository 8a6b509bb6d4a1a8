/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/netlink.h"
#include "base/text.h"
#include "check.h"
#include "kernel/network_devices.h"
#include "oci/config.h"

static struct error err;

static int check_with(const struct config_net_device *devices, size_t count,
		      const char *path)
{
	const struct config_namespace network = { "network", path };
	const struct config_linux linux_ = { .namespaces = &network,
					     .namespaces_count = 1,
					     .net_devices = devices,
					     .net_devices_count = count };

	err = (struct error){ 0 };
	return network_devices_check(&linux_, &err);
}

static int check_name(const char *name)
{
	const struct config_net_device device = { "lo", name };

	return check_with(&device, 1, NULL);
}

static void a_namespace_is_needed(void)
{
	const struct config_net_device lo = { "lo", NULL };
	const struct config_linux none = { .net_devices = &lo, .net_devices_count = 1 };

	err = (struct error){ 0 };
	CHECK(network_devices_check(&none, &err) < 0);
	CHECK_TEXT(err.text, "needs a namespace of type 'network'");
	CHECK(check_with(&lo, 1, "/proc/self/ns/net") < 0);
	CHECK_TEXT(err.text, "'/proc/self/ns/net' is where they are");
	CHECK_TEXT(err.where, "linux.netDevices");
	CHECK(check_with(NULL, 0, "/proc/self/ns/net") == 0);
}

/* Nobody else may move them. */
static void check_good(int result)
{
	CHECK(geteuid() == 0 ? result == 0 : result < 0);
	CHECK_TEXT(err.text, geteuid() == 0 ? "" : "only root can move network devices");
}

static void names_are_the_kernels(void)
{
	static const char *const bad[] = {
		".",   "..", "a/b", "a:b",    "a b",
		"a\t", "%s", "a%",  "%d%d",   "sixteen-letters-",
		"%d%", "\n", " ",   "a%d%%b", "%%d"
	};
	static const char *const good[] = { "fifteen-letters", "eth%d", "a%db", "",
					    NULL };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CHECK(check_name(bad[i]) < 0);
		CHECK_TEXT(err.where, "linux.netDevices[\"lo\"].name");
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		check_good(check_name(good[i]));
}

static void no_name_is_given_twice(void)
{
	const struct config_net_device same[] = { { "lo", "a" }, { "lo", "a" } };
	const struct config_net_device any[] = { { "lo", "e%d" }, { "lo", "e%d" } };

	CHECK(check_with(same, 2, NULL) < 0);
	CHECK_TEXT(err.text, "'a' would be the name of two");
	check_good(check_with(any, 2, NULL));
}

/* A veth pair "left" and "right" in the namespace of the caller. */
static int make_pair(int socket)
{
	const struct ifinfomsg link = { 0 };
	struct {
		struct rtattr info, kind;
		char word[4];
		struct rtattr data, peer;
		struct ifinfomsg peer_link;
		struct rtattr name;
		char text[8];
	} nested = { .info = { sizeof(nested), IFLA_LINKINFO },
		     .kind = { RTA_LENGTH(4), IFLA_INFO_KIND },
		     .word = { 'v', 'e', 't', 'h' },
		     .data = { sizeof(nested) - 12, IFLA_INFO_DATA },
		     .peer = { sizeof(nested) - 16, VETH_INFO_PEER },
		     .name = { RTA_LENGTH(6), IFLA_IFNAME },
		     .text = "right" };
	struct netlink_request request;

	netlink_begin(&request, RTM_NEWLINK, &link, sizeof(link));
	netlink_put(&request, IFLA_IFNAME, "left", 5);
	netlink_put(&request, IFLA_LINKINFO, &nested.kind, sizeof(nested) - 4);
	return netlink_do(socket, &request, NLM_F_CREATE | NLM_F_EXCL,
			  "cannot make a pair", &err);
}

/* 0, or the line that failed. */
static int move_in_child(void)
{
	const struct config_net_device devices[] = { { "left", "eth%d" },
						     { "right", "eth%d" } };
	const struct config_net_device missing = { "left", NULL },
				       loopback = { "lo", "x" };
	struct config_linux linux_ = { .net_devices = devices, .net_devices_count = 2 };
	int here, there, socket;

	if (unshare(CLONE_NEWNET) < 0)
		return __LINE__;
	there = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (unshare(CLONE_NEWNET) < 0)
		return __LINE__;
	here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	socket = netlink_open(&err);
	if (make_pair(socket) < 0 || if_nametoindex("left") == 0)
		return __LINE__;
	if (network_devices_move(&linux_, there, &err) < 0)
		return __LINE__;
	if (if_nametoindex("left") != 0 || if_nametoindex("lo") == 0)
		return __LINE__;
	if (setns(there, CLONE_NEWNET) < 0 || if_nametoindex("eth0") == 0 ||
	    if_nametoindex("eth1") == 0 || setns(here, CLONE_NEWNET) < 0)
		return __LINE__;
	linux_ = (struct config_linux){ .net_devices = &missing, .net_devices_count = 1 };
	if (network_devices_move(&linux_, there, &err) == 0 ||
	    strcmp(err.text, "the host has no network device 'left' any more") != 0)
		return __LINE__;
	linux_.net_devices = &loopback;
	if (network_devices_move(&linux_, there, &err) == 0 ||
	    strncmp(err.text, "cannot move it to the container: ", 33) != 0 ||
	    err.code == 0)
		return __LINE__;
	return 0;
}

static void devices_move(void)
{
	int status = -1;
	pid_t child;

	if (geteuid() != 0) {
		printf("# skipped: needs root\n");
		return;
	}
	(void)fflush(stdout);
	child = fork();
	if (child == 0) {
		int line = move_in_child();

		if (line != 0)
			printf("# line %d: %s\n", line, err.text);
		(void)fflush(stdout);
		_exit(line != 0);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
}

int main(void)
{
	RUN(a_namespace_is_needed);
	RUN(names_are_the_kernels);
	RUN(no_name_is_given_twice);
	RUN(devices_move);
	return check_done();
}
