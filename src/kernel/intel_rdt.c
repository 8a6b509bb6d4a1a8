/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/intel_rdt.h"
#include "kernel/intel_rdt_schema.h"
#include "oci/config.h"

enum { FILE_MOST = 64 * 1024 };

static bool is_given(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static bool is_class(const char *id)
{
	return strcmp(id, "/") == 0 || (strcmp(id, ".") != 0 && strcmp(id, "..") != 0 &&
					id[strcspn(id, "/\n")] == '\0');
}

int intel_rdt_check(const struct config_intel_rdt *config, struct error *err)
{
	if (config == NULL)
		return 0;
	if (is_given(config->clos_id) && !is_class(config->clos_id)) {
		(void)error_set(err, 0, "'%.64s' is no name of a class", config->clos_id);
		return error_at(err, "linux.intelRdt.closID");
	}
	if (is_given(config->mem_bw_schema) &&
	    (strncmp(config->mem_bw_schema, "MB:", 3) != 0 ||
	     strchr(config->mem_bw_schema, '\n') != NULL)) {
		(void)error_set(err, 0, "not one line that starts with 'MB:'");
		return error_at(err, "linux.intelRdt.memBwSchema");
	}
	for (size_t i = 0; config->schemata != NULL && config->schemata[i] != NULL; i++) {
		if (strchr(config->schemata[i], '\n') == NULL)
			continue;
		(void)error_set(err, 0, "not one line");
		return error_at(err, "linux.intelRdt.schemata[%zu]", i);
	}
	return 0;
}

const char *intel_rdt_root(struct arena *arena, struct error *err)
{
	static const char usual[] = "/sys/fs/resctrl";
	struct statfs status;
	struct mntent *entry;
	const char *found = NULL;
	FILE *mounts;

	if (statfs(usual, &status) == 0 && status.f_type == RDTGROUP_SUPER_MAGIC)
		return usual;
	mounts = setmntent("/proc/self/mounts", "re");
	while (mounts != NULL && found == NULL && (entry = getmntent(mounts)) != NULL) {
		if (strcmp(entry->mnt_type, "resctrl") == 0)
			found = arena_text(arena, entry->mnt_dir, strlen(entry->mnt_dir));
	}
	if (mounts != NULL)
		(void)endmntent(mounts);
	if (found == NULL) {
		(void)error_set(err, 0, "this host has no resctrl file system mounted");
		(void)error_at(err, "linux.intelRdt");
	}
	return found;
}

static bool has_shares(const struct config_intel_rdt *config)
{
	return is_given(config->l3_cache_schema) || is_given(config->mem_bw_schema) ||
	       (config->schemata != NULL && config->schemata[0] != NULL);
}

/* Until 1.3 there was a member for each kind, which no kernel can tell apart. */
static bool is_monitored(const struct config_intel_rdt *config)
{
	return config->enable_monitoring || config->enable_cmt || config->enable_mbm;
}

int intel_rdt_plan(const struct config_intel_rdt *config, const char *id,
		   struct arena *arena, struct intel_rdt *rdt, struct error *err)
{
	bool is_named = is_given(config->clos_id);
	const char *class = is_named ? config->clos_id : id;

	rdt->group = strcmp(class, "/") == 0
			     ? rdt->root
			     : arena_format(arena, "%s/%s", rdt->root, class);
	rdt->made = access(rdt->group, F_OK) < 0;
	if (rdt->made && is_named && !has_shares(config)) {
		(void)error_set(err, 0, "there is no class '%s'", rdt->group);
		(void)error_hint(err, "make it, or give its shares in 'schemata'");
		return error_at(err, "linux.intelRdt.closID");
	}
	if (!is_monitored(config))
		return 0;
	rdt->monitor = arena_format(arena, "%s/mon_groups/%s", rdt->group, id);
	if (access(rdt->monitor, F_OK) < 0)
		return 0;
	/* And delete is going to remove it: it has to be ours alone. */
	(void)error_set(err, 0, "there is a monitoring group '%s' already", rdt->monitor);
	return error_at(err, "linux.intelRdt");
}

/* What resctrl has to say of the last call that it refused. */
static int explain(const struct intel_rdt *rdt, struct error *err)
{
	auto_text struct text path = { 0 };
	auto_text struct text status = { 0 };
	struct error ignored;

	text_format(&path, "%s/info/last_cmd_status", rdt->root);
	if (file_read(AT_FDCWD, path.data, FILE_MOST, &status, &ignored) < 0 ||
	    status.length == 0 || strcmp(status.data, "ok\n") == 0)
		return -1;
	return error_hint(err, "%.*s", (int)strcspn(status.data, "\n"), status.data);
}

static int make(const struct intel_rdt *rdt, const char *path, struct error *err)
{
	if (mkdir(path, 0755) == 0)
		return 0;
	(void)error_set(err, errno, "cannot make '%s'", path);
	return explain(rdt, err);
}

static void put_line(struct text *text, const char *line)
{
	if (is_given(line))
		text_format(text, "%s\n", line);
}

static int write_shares(const struct config_intel_rdt *config,
			const struct intel_rdt *rdt, struct error *err)
{
	auto_text struct text path = { 0 };
	auto_text struct text lines = { 0 };

	put_line(&lines, config->l3_cache_schema);
	put_line(&lines, config->mem_bw_schema);
	for (size_t i = 0; config->schemata != NULL && config->schemata[i] != NULL; i++)
		put_line(&lines, config->schemata[i]);
	if (lines.length == 0)
		return 0;
	text_format(&path, "%s/schemata", rdt->group);
	if (file_write(AT_FDCWD, path.data, lines.data, err) == 0)
		return 0;
	(void)error_set(err, err->code, "cannot write the shares to '%s'", path.data);
	return explain(rdt, err);
}

static uint64_t bandwidth_step(const struct intel_rdt *rdt)
{
	auto_text struct text path = { 0 };
	auto_text struct text text = { 0 };
	struct error ignored;
	uint64_t step = 0;

	text_format(&path, "%s/info/MB/bandwidth_gran", rdt->root);
	if (file_read(AT_FDCWD, path.data, FILE_MOST, &text, &ignored) == 0 &&
	    text.length > 0)
		step = strtoull(text.data, NULL, 10);
	return step > 0 ? step : 1;
}

/* A class of that name which is there has the shares of somebody else. */
static int compare(const struct config_intel_rdt *config, const struct intel_rdt *rdt,
		   struct error *err)
{
	const char *const wanted[] = { config->l3_cache_schema, config->mem_bw_schema };
	static const char *const members[] = { "l3CacheSchema", "memBwSchema" };
	auto_text struct text path = { 0 };
	auto_text struct text is = { 0 };
	uint64_t step = bandwidth_step(rdt);

	text_format(&path, "%s/schemata", rdt->group);
	if (file_read(AT_FDCWD, path.data, FILE_MOST, &is, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		const char *line = intel_rdt_schema_differs(
			wanted[i], is.length > 0 ? is.data : "", step);

		if (line == NULL)
			continue;
		(void)error_set(err, 0, "'%.*s' is not what the class '%s' has",
				(int)strcspn(line, "\n"), line, rdt->group);
		return error_at(err, "linux.intelRdt.%s", members[i]);
	}
	return 0;
}

static int make_class(const struct config_intel_rdt *config, struct intel_rdt *rdt,
		      struct error *err)
{
	if (rdt->made && make(rdt, rdt->group, err) < 0) {
		rdt->made = false;
		if (err->code != EEXIST)
			return -1;
	}
	if (is_given(config->clos_id) && !rdt->made && compare(config, rdt, err) < 0)
		return -1;
	if (write_shares(config, rdt, err) < 0)
		return -1;
	rdt->made = rdt->made && !is_given(config->clos_id);
	return 0;
}

/* The lock that resctrl.rst asks for. */
static int lock(const struct intel_rdt *rdt, struct error *err)
{
	auto_close int fd = open(rdt->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		return error_set(err, errno, "cannot lock '%s'", rdt->root);
	return take_fd(&fd);
}

int intel_rdt_create(const struct config_intel_rdt *config, struct intel_rdt *rdt,
		     struct error *err)
{
	auto_close int locked = lock(rdt, err);

	if (locked < 0)
		return -1;
	if (make_class(config, rdt, err) < 0)
		return -1;
	if (rdt->monitor != NULL && make(rdt, rdt->monitor, err) < 0) {
		rdt->monitor = NULL;
		return -1;
	}
	return 0;
}

int intel_rdt_update(const struct config_intel_rdt *config, const struct intel_rdt *rdt,
		     struct error *err)
{
	auto_close int locked = lock(rdt, err);

	return locked < 0 ? -1 : write_shares(config, rdt, err);
}

static int join(const char *group, pid_t pid, struct error *err)
{
	auto_text struct text path = { 0 };
	char number[16];
	struct error failure;

	(void)snprintf(number, sizeof(number), "%d", pid);
	text_format(&path, "%s/tasks", group);
	if (file_write(AT_FDCWD, path.data, number, &failure) == 0 ||
	    failure.code == ESRCH || failure.code == ENOENT)
		return 0;
	*err = failure;
	return -1;
}

/* The class first: with another one a process leaves its monitoring group. */
int intel_rdt_join(const struct intel_rdt *rdt, pid_t pid, struct error *err)
{
	if (rdt->group != NULL && join(rdt->group, pid, err) < 0)
		return -1;
	return rdt->monitor != NULL ? join(rdt->monitor, pid, err) : 0;
}

static int take_away(const char *group, struct error *err)
{
	if (rmdir(group) == 0 || errno == ENOENT)
		return 0;
	return error_set(err, errno, "cannot remove '%s'", group);
}

int intel_rdt_remove(const struct intel_rdt *rdt, struct error *err)
{
	if (rdt->monitor != NULL && take_away(rdt->monitor, err) < 0)
		return -1;
	return rdt->made ? take_away(rdt->group, err) : 0;
}
