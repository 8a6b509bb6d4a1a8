/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/names.h"
#include "base/parse.h"
#include "base/protobuf.h"
#include "base/text.h"
#include "base/tree.h"
#include "container/criu.h"
#include "container/criu_options.h"
#include "kernel/cgroup.h"
#include "oci/annotations.h"
#include "oci/config.h"

/* criu_opts of rpc.proto. */
enum {
	OPT_PAGE_SERVER = 11,
	OPT_PARENT = 14,
	OPT_MANAGE_CGROUPS_MODE = 34,
	OPT_EMPTY_NS = 38,
	OPT_ORPHAN_PTS_MASTER = 50,
	OPT_CONFIG_FILE = 51,
	OPT_LSM_PROFILE = 53,
	OPT_LSM_MOUNT_CONTEXT = 63,
	OPT_NETWORK_LOCK = 64,
	PAGE_SERVER_ADDRESS = 1,
	PAGE_SERVER_PORT = 2,
};

static const struct {
	const char *name;
	unsigned field;
} flags[CRIU_FLAGS_COUNT] = {
	[CRIU_AUTO_DEDUP] = { "auto-dedup", 16 },
	[CRIU_EXT_UNIX_SK] = { "ext-unix-sk", 4 },
	[CRIU_FILE_LOCKS] = { "file-locks", 8 },
	[CRIU_LAZY_PAGES] = { "lazy-pages", 48 },
	[CRIU_LEAVE_RUNNING] = { "leave-running", 3 },
	[CRIU_LINK_REMAP] = { "link-remap", 18 },
	[CRIU_SHELL_JOB] = { "shell-job", 7 },
	[CRIU_TCP_CLOSE] = { "tcp-close", 52 },
	[CRIU_TCP_ESTABLISHED] = { "tcp-established", 5 },
	[CRIU_TCP_SKIP_IN_FLIGHT] = { "tcp-skip-in-flight", 46 },
};

static const struct name cgroup_modes[] = {
	{ "full", 4 }, { "ignore", 0 }, { "soft", 3 }, { "strict", 5 }, { NULL, 0 },
};

static const struct name network_locks[] = {
	{ "iptables", 1 },
	{ "nftables", 2 },
	{ "skip", 3 },
	{ NULL, 0 },
};

const char *criu_flag_name(enum criu_flag flag)
{
	return flags[flag].name;
}

/* "[::1]:80" and "host:80": where the port begins, or NULL. */
static const char *find_port(const char *page_server, uint64_t *port)
{
	const char *colon = strrchr(page_server, ':');

	if (colon == NULL || colon == page_server ||
	    !parse_uint(colon + 1, UINT16_MAX, port) || *port == 0)
		return NULL;
	return colon;
}

static int check_word(const char *option, const struct name *words, const char *word,
		      const char *list, struct error *err)
{
	if (word == NULL || name_find(words, word) != NULL)
		return 0;
	return error_set(err, 0, "option '--%s': '%s' is not %s", option, word, list);
}

static int check_status_fd(const struct criu_options *options, struct error *err)
{
	int mode;

	if (options->status_fd < 0)
		return 0;
	mode = fcntl(options->status_fd, F_GETFL);
	if (mode < 0 || (mode & O_ACCMODE) == O_RDONLY)
		return error_set(err, mode < 0 ? errno : 0,
				 "option '--status-fd': %d is not open for writing",
				 options->status_fd);
	return 0;
}

int criu_options_check(const struct criu_options *options, struct error *err)
{
	uint64_t port;

	if (check_word("manage-cgroups-mode", cgroup_modes, options->manage_cgroups_mode,
		       "soft, full, strict or ignore", err) < 0 ||
	    check_word("network-lock", network_locks, options->network_lock,
		       "iptables, nftables or skip", err) < 0)
		return -1;
	if (options->page_server != NULL &&
	    find_port(options->page_server, &port) == NULL)
		return error_set(err, 0,
				 "option '--page-server': '%s' is not ADDRESS:PORT",
				 options->page_server);
	if (options->empty_ns != NULL && strcmp(options->empty_ns, "network") != 0)
		return error_set(err, 0, "option '--empty-ns': '%s' is not network",
				 options->empty_ns);
	if (options->parent_path != NULL && options->parent_path[0] == '/')
		return error_set(err, 0,
				 "option '--parent-path': '%s' is not relative to the "
				 "images",
				 options->parent_path);
	return check_status_fd(options, err);
}

static void write_page_server(const char *page_server, struct text *message)
{
	auto_text struct text server = { 0 }, address = { 0 };
	const char *colon;
	uint64_t port;

	if (page_server == NULL)
		return;
	colon = find_port(page_server, &port);
	text_add(&address, page_server, (size_t)(colon - page_server));
	if (address.data[0] == '[' && address.data[address.length - 1] == ']') {
		address.data[address.length - 1] = '\0';
		protobuf_put_text(&server, PAGE_SERVER_ADDRESS, address.data + 1);
	} else {
		protobuf_put_text(&server, PAGE_SERVER_ADDRESS, address.data);
	}
	protobuf_put_uint(&server, PAGE_SERVER_PORT, port);
	protobuf_put_message(message, OPT_PAGE_SERVER, &server);
}

/* That of the annotation, or of the host; runc's serves where there is none of ours,
 * since it may say what a container of this host needs. */
static const char *config_file(const struct config *config)
{
	static const char own[] = "/etc/criu/minirun.conf";
	const char *file = config_annotation(config, ANNOTATION_CRIU_CONFIG);

	if (file != NULL)
		return file[0] == '\0' ? NULL : file;
	return access(own, F_OK) == 0 ? own : "/etc/criu/runc.conf";
}

/* criu's default is "soft": what a cgroup of ours has already, it keeps. One that is not
 * ours is not touched. */
static void write_cgroups_mode(const char *mode, const struct cgroup *cgroup,
			       struct text *message)
{
	if (mode == NULL && cgroup->layout == CGROUP_DISABLED)
		mode = "ignore";
	if (mode != NULL)
		protobuf_put_uint(message, OPT_MANAGE_CGROUPS_MODE,
				  (uint64_t)name_find(cgroup_modes, mode)->value);
}

void criu_options_write(const struct criu_options *options, const struct config *config,
			const struct cgroup *cgroup, struct text *message)
{
	for (size_t i = 0; i < CRIU_FLAGS_COUNT; i++) {
		if (options->flags[i])
			protobuf_put_uint(message, flags[i].field, 1);
	}
	write_cgroups_mode(options->manage_cgroups_mode, cgroup, message);
	if (options->network_lock != NULL)
		protobuf_put_uint(
			message, OPT_NETWORK_LOCK,
			(uint64_t)name_find(network_locks, options->network_lock)->value);
	write_page_server(options->page_server, message);
	protobuf_put_text(message, OPT_PARENT, options->parent_path);
	protobuf_put_text(message, OPT_LSM_PROFILE, options->lsm_profile);
	protobuf_put_text(message, OPT_LSM_MOUNT_CONTEXT, options->lsm_mount_context);
	/* Interfaces and addresses are for whoever made them: hooks, or a manager. */
	protobuf_put_uint(message, OPT_EMPTY_NS, CLONE_NEWNET);
	protobuf_put_uint(message, OPT_ORPHAN_PTS_MASTER, 1);
	protobuf_put_text(message, OPT_CONFIG_FILE, config_file(config));
}

/* The memory of the processes will be in it. */
static int make_private(const char *path, struct error *err)
{
	mode_t before = umask(0077);
	int fd = tree_make(AT_FDCWD, path, err);

	(void)umask(before);
	return fd;
}

static int open_place(const char *path, enum criu_places places, struct error *err)
{
	int fd;

	if (places == CRIU_PLACES_MAKE)
		return make_private(path, err);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 ? fd : error_set(err, errno, "cannot open '%s'", path);
}

static int check_parent(const char *parent, int images, struct error *err)
{
	struct stat status;

	if (parent == NULL)
		return 0;
	if (fstatat(images, parent, &status, 0) < 0)
		return error_set(err, errno, "option '--parent-path': cannot find '%s'",
				 parent);
	if (!S_ISDIR(status.st_mode))
		return error_set(err, 0, "option '--parent-path': '%s' is no directory",
				 parent);
	return 0;
}

int criu_options_open(const struct criu_options *options, enum criu_places places,
		      struct criu *criu, struct error *err)
{
	const char *images = options->image_path;

	criu->images = open_place(images != NULL ? images : "checkpoint", places, err);
	if (criu->images < 0 || check_parent(options->parent_path, criu->images, err) < 0)
		return -1;
	if (options->work_path == NULL)
		return 0;
	criu->work = make_private(options->work_path, err);
	return criu->work < 0 ? -1 : 0;
}
