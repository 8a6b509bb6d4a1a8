/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/error.h"
#include "check.h"
#include "kernel/sysctl.h"
#include "oci/config.h"
#include "oci/json.h"

static struct arena arena;
static struct error err;

/* What is said of the parameter in a container with these namespaces; "": nothing. */
static const char *said(const char *name, const struct config_namespace *namespaces,
			size_t count)
{
	struct json *sysctl = json_add(&arena, NULL, JSON_OBJECT, NULL, NULL);
	const struct config_linux linux_ = { .namespaces = namespaces,
					     .namespaces_count = count,
					     .sysctl = sysctl };
	const struct config config = { .linux_ = &linux_ };

	(void)json_add(&arena, sysctl, JSON_STRING, name, "1");
	err = (struct error){ 0 };
	return sysctl_check(&config, &err) == 0 ? "" : err.text;
}

static const struct config_namespace all[] = {
	{ "network", NULL }, { "ipc", "" }, { "uts", NULL }, { "user", NULL }
};

static const char *said_with_all(const char *name)
{
	return said(name, all, sizeof(all) / sizeof(all[0]));
}

static void what_is_per_namespace_passes(void)
{
	static const char *const good[] = {
		"net.ipv4.ip_forward",
		"net/ipv4/ip_forward",
		"net.ipv4.conf.eth0/100.rp_filter",
		"net/ipv4/conf/eth0.100/rp_filter",
		"fs.mqueue.msg_max",
		"kernel.shm_rmid_forced",
		"kernel/sem",
		"kernel.domainname",
		"user.max_user_namespaces",
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK_TEXT(said_with_all(good[i]), "");
}

static void what_is_the_hosts_is_refused(void)
{
	static const char *const bad[] = {
		"kernel.core_pattern",
		"vm.swappiness",
		"kernel.sem.x",
		"kernel.shm",
		"fs.mqueue",
		"net",
		"network.x",
		"kernel/core_pattern.x",
		"x",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_TEXT(said_with_all(bad[i]),
			   "belongs to no namespace, the host's would change");
	CHECK_TEXT(said_with_all("kernel.hostname"), "what sets it is 'hostname'");
	CHECK_TEXT(said_with_all("kernel/hostname"), "what sets it is 'hostname'");
	CHECK_TEXT(err.where, "linux.sysctl[\"kernel/hostname\"]");
}

static void names_that_climb_are_refused(void)
{
	static const char *const bad[] = {
		"",
		".",
		"/",
		"net..ipv4",
		".net.ipv4",
		"net.ipv4.",
		"net/../kernel/core_pattern",
		"net/./x",
		"net//x",
		"/net/x",
		"net.//.kernel.core_pattern",
		"net./.x",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_TEXT(said_with_all(bad[i]), "not the name of a kernel parameter");
}

static void the_namespace_must_be_the_containers(void)
{
	const struct config_namespace none = { "mount", NULL };
	const struct config_namespace hosts = { "network", "/proc/self/ns/net" };

	CHECK_TEXT(said("net.core.somaxconn", &none, 1),
		   "needs a namespace of type 'network'");
	CHECK_TEXT(said("kernel.msgmax", &none, 1), "needs a namespace of type 'ipc'");
	CHECK_TEXT(said("kernel.domainname", &none, 1),
		   "needs a namespace of type 'uts'");
	CHECK_TEXT(said("user.max_ipc_namespaces", &none, 1),
		   "needs a namespace of type 'user'");
	CHECK_TEXT(said("net.core.somaxconn", &hosts, 1),
		   "'/proc/self/ns/net' is the host's, it would change there");
}

int main(void)
{
	RUN(what_is_per_namespace_passes);
	RUN(what_is_the_hosts_is_refused);
	RUN(names_that_climb_are_refused);
	RUN(the_namespace_must_be_the_containers);
	arena_release(&arena);
	return check_done();
}
