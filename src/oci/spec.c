/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/magic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/vfs.h>

#include "oci/json_write.h"
#include "oci/spec.h"
#include "oci/version.h"

enum { WORDS_MAX = 11 };

/* A list of strings, NULL at the end. */
struct words {
	const char *key;
	const char *words[WORDS_MAX];
};

static const struct words args = { "args", { "sh" } };
static const struct words env = {
	"env",
	{ "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	  "TERM=xterm" },
};

#define CAPABILITIES                                                  \
	{                                                             \
		"CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE" \
	}

/* Neither inheritable nor ambient: CVE-2022-29162. */
static const struct words capabilities[] = {
	{ "bounding", CAPABILITIES },
	{ "effective", CAPABILITIES },
	{ "permitted", CAPABILITIES },
};

static const struct words masked_paths = {
	"maskedPaths",
	{ "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys",
	  "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
	  "/proc/sched_debug", "/sys/firmware", "/proc/scsi" },
};
static const struct words readonly_paths = {
	"readonlyPaths",
	{ "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger" },
};

struct mount {
	const char *destination, *type, *source;
	struct words options;
};

static const struct mount mounts[] = {
	{ "/proc", "proc", "proc", { 0 } },
	{ "/dev",
	  "tmpfs",
	  "tmpfs",
	  { "options", { "nosuid", "strictatime", "mode=755", "size=65536k" } } },
	{ "/dev/pts",
	  "devpts",
	  "devpts",
	  { "options",
	    { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620",
	      "gid=5" } } },
	{ "/dev/shm",
	  "tmpfs",
	  "shm",
	  { "options", { "nosuid", "noexec", "nodev", "mode=1777", "size=65536k" } } },
	{ "/dev/mqueue",
	  "mqueue",
	  "mqueue",
	  { "options", { "nosuid", "noexec", "nodev" } } },
	{ "/sys",
	  "sysfs",
	  "sysfs",
	  { "options", { "nosuid", "noexec", "nodev", "ro" } } },
	{ "/sys/fs/cgroup",
	  "cgroup",
	  "cgroup",
	  { "options", { "nosuid", "noexec", "nodev", "relatime", "ro" } } },
};

/* What the user's namespaces cannot have: group 5, and a sysfs of the host's network. */
static const struct mount rootless_pts = {
	"/dev/pts",
	"devpts",
	"devpts",
	{ "options", { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620" } }
};
static const struct mount rootless_sys = {
	"/sys",
	"none",
	"/sys",
	{ "options", { "rbind", "nosuid", "noexec", "nodev", "ro" } }
};

/* An ordinary user. */
struct user {
	uid_t uid;
	gid_t gid;
};

static void put_words(struct json_writer *json, const struct words *words)
{
	if (words->key == NULL)
		return;
	json_open_array(json, words->key);
	for (size_t i = 0; i < WORDS_MAX && words->words[i] != NULL; i++)
		json_put_text(json, NULL, words->words[i]);
	json_close_array(json);
}

static void put_user(struct json_writer *json)
{
	json_open_object(json, "user");
	json_put_int(json, "uid", 0);
	json_put_int(json, "gid", 0);
	json_close_object(json);
}

static void put_limits(struct json_writer *json)
{
	json_open_array(json, "rlimits");
	json_open_object(json, NULL);
	json_put_text(json, "type", "RLIMIT_NOFILE");
	json_put_uint(json, "hard", 1024);
	json_put_uint(json, "soft", 1024);
	json_close_object(json);
	json_close_array(json);
}

static void put_process(struct json_writer *json)
{
	json_open_object(json, "process");
	json_put_bool(json, "terminal", true);
	put_user(json);
	put_words(json, &args);
	put_words(json, &env);
	json_put_text(json, "cwd", "/");
	json_open_object(json, "capabilities");
	for (size_t i = 0; i < sizeof(capabilities) / sizeof(*capabilities); i++)
		put_words(json, &capabilities[i]);
	json_close_object(json);
	put_limits(json);
	json_put_bool(json, "noNewPrivileges", true);
	json_close_object(json);
}

static void put_root(struct json_writer *json)
{
	json_open_object(json, "root");
	json_put_text(json, "path", "rootfs");
	json_put_bool(json, "readonly", true);
	json_close_object(json);
}

static const struct mount *mount_for(const struct user *user, const struct mount *mount)
{
	if (user != NULL && strcmp(mount->destination, "/dev/pts") == 0)
		return &rootless_pts;
	return user != NULL && strcmp(mount->destination, "/sys") == 0 ? &rootless_sys
								       : mount;
}

static void put_mounts(struct json_writer *json, const struct user *user)
{
	json_open_array(json, "mounts");
	for (size_t i = 0; i < sizeof(mounts) / sizeof(*mounts); i++) {
		const struct mount *mount = mount_for(user, &mounts[i]);

		json_open_object(json, NULL);
		json_put_text(json, "destination", mount->destination);
		json_put_text(json, "type", mount->type);
		json_put_text(json, "source", mount->source);
		put_words(json, &mount->options);
		json_close_object(json);
	}
	json_close_array(json);
}

static void put_resources(struct json_writer *json)
{
	json_open_object(json, "resources");
	json_open_array(json, "devices");
	json_open_object(json, NULL);
	json_put_bool(json, "allow", false);
	json_put_text(json, "access", "rwm");
	json_close_object(json);
	json_close_array(json);
	json_close_object(json);
}

static void put_namespace(struct json_writer *json, const char *type)
{
	json_open_object(json, NULL);
	json_put_text(json, "type", type);
	json_close_object(json);
}

/* With v1 controllers about, a cgroup namespace would hide nothing of them. */
static bool is_unified(void)
{
	struct statfs status;

	return statfs("/sys/fs/cgroup", &status) == 0 &&
	       status.f_type == CGROUP2_SUPER_MAGIC;
}

static void put_namespaces(struct json_writer *json, const struct user *user)
{
	static const char *const types[] = { "pid", "network", "ipc", "uts", "mount" };

	json_open_array(json, "namespaces");
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (user == NULL || strcmp(types[i], "network") != 0)
			put_namespace(json, types[i]);
	}
	if (is_unified())
		put_namespace(json, "cgroup");
	if (user != NULL)
		put_namespace(json, "user");
	json_close_array(json);
}

static void put_map(struct json_writer *json, const char *key, unsigned id)
{
	json_open_array(json, key);
	json_open_object(json, NULL);
	json_put_uint(json, "containerID", 0);
	json_put_uint(json, "hostID", id);
	json_put_uint(json, "size", 1);
	json_close_object(json);
	json_close_array(json);
}

static void put_linux(struct json_writer *json, const struct user *user)
{
	json_open_object(json, "linux");
	if (user != NULL) {
		put_map(json, "uidMappings", user->uid);
		put_map(json, "gidMappings", user->gid);
	} else {
		put_resources(json);
	}
	put_namespaces(json, user);
	put_words(json, &masked_paths);
	put_words(json, &readonly_paths);
	json_close_object(json);
}

static void write_spec(struct text *text, const struct user *user)
{
	struct json_writer *json = json_writer_new("\t");

	json_open_object(json, NULL);
	json_put_text(json, "ociVersion", OCI_VERSION);
	put_process(json);
	put_root(json);
	json_put_text(json, "hostname", "runc");
	put_mounts(json, user);
	put_linux(json, user);
	json_close_object(json);
	json_writer_finish(json, text);
}

void spec_write(struct text *text)
{
	write_spec(text, NULL);
}

void spec_write_rootless(struct text *text, uid_t uid, gid_t gid)
{
	const struct user user = { uid, gid };

	write_spec(text, &user);
}
