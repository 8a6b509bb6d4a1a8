/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_devices.h"
#include "kernel/cgroup_files.h"
#include "kernel/cgroup_v1.h"
#include "oci/config.h"

enum {
	READ = BPF_DEVCG_ACC_READ,
	WRITE = BPF_DEVCG_ACC_WRITE,
	MKNOD = BPF_DEVCG_ACC_MKNOD,
	EVERYTHING = READ | WRITE | MKNOD,
};

/* config-linux.md "Default Devices". A node alone gives nothing, so that any may be made:
 * images with device nodes in them unpack, as under runc and crun. */
static const struct cgroup_device_rule defaults[] = {
	{ -1, -1, MKNOD, 'c', true },       { -1, -1, MKNOD, 'b', true },
	{ 1, 3, EVERYTHING, 'c', true },    /* null */
	{ 1, 5, EVERYTHING, 'c', true },    /* zero */
	{ 1, 7, EVERYTHING, 'c', true },    /* full */
	{ 1, 8, EVERYTHING, 'c', true },    /* random */
	{ 1, 9, EVERYTHING, 'c', true },    /* urandom */
	{ 5, 0, EVERYTHING, 'c', true },    /* tty */
	{ 5, 2, EVERYTHING, 'c', true },    /* ptmx */
	{ 136, -1, EVERYTHING, 'c', true }, /* pts */
};

enum { DEFAULTS = sizeof(defaults) / sizeof(defaults[0]) };

static uint32_t access_bits(const char *access)
{
	uint32_t bits = 0;

	if (access == NULL || access[0] == '\0')
		return EVERYTHING;
	for (; *access != '\0'; access++)
		bits |= *access == 'r' ? READ : *access == 'w' ? WRITE : MKNOD;
	return bits;
}

static int64_t number_of(const int64_t *number)
{
	return number == NULL ? -1 : *number;
}

static char type_of(const char *type)
{
	if (type == NULL || type[0] == '\0')
		return 'a';
	return type[0];
}

static int check_number(const int64_t *number, const char *member, struct error *err)
{
	if (number_of(number) >= -1 && number_of(number) <= UINT32_MAX)
		return 0;
	(void)error_set(err, 0, "%" PRId64 " is not a device number", *number);
	return error_at(err, "%s", member);
}

static int check_rule(const struct config_device_rule *rule, struct error *err)
{
	if (rule->type != NULL && rule->type[0] != '\0' &&
	    (strlen(rule->type) != 1 || strchr("abc", rule->type[0]) == NULL)) {
		(void)error_set(err, 0, "'%.32s' is none of \"a\", \"b\", \"c\"",
				rule->type);
		return error_at(err, "type");
	}
	if (rule->access != NULL && rule->access[strspn(rule->access, "rwm")] != '\0') {
		(void)error_set(err, 0, "'%.32s' has more than 'r', 'w' and 'm'",
				rule->access);
		return error_at(err, "access");
	}
	if (check_number(rule->major, "major", err) < 0)
		return -1;
	return check_number(rule->minor, "minor", err);
}

int cgroup_devices_check(const struct cgroup *cgroup,
			 const struct config_resources *resources, struct error *err)
{
	for (size_t i = 0; i < resources->devices_count; i++) {
		if (check_rule(&resources->devices[i], err) < 0)
			return error_at(err, "devices[%zu]", i);
	}
	if (resources->devices_count == 0 || cgroup->unified_mount_point != NULL ||
	    cgroup_v1_hierarchy(cgroup, "devices") != NULL)
		return 0;
	(void)error_set(err, 0, "the devices controller is not available in '%s'",
			"/sys/fs/cgroup");
	return error_at(err, "devices");
}

/* A rule about everything makes the ones before it void. */
static bool is_total(const struct cgroup_device_rule *rule)
{
	return rule->type == 'a' && rule->major == -1 && rule->minor == -1 &&
	       rule->access == EVERYTHING;
}

void cgroup_devices_rules(const struct config_resources *resources, struct arena *arena,
			  struct cgroup_device_rules *rules)
{
	size_t given = resources == NULL ? 0 : resources->devices_count, count = 0;
	struct cgroup_device_rule *list =
		arena_alloc(arena, given + DEFAULTS, sizeof(*list));

	/* Without a word about devices a container has the default ones only. */
	*rules = (struct cgroup_device_rules){ .allow = false, .rules = list };
	for (size_t i = 0; i < given; i++) {
		const struct config_device_rule *from = &resources->devices[i];
		struct cgroup_device_rule rule = {
			.allow = from->allow,
			.type = type_of(from->type),
			.major = number_of(from->major),
			.minor = number_of(from->minor),
			.access = access_bits(from->access),
		};

		if (is_total(&rule)) {
			rules->allow = rule.allow;
			count = 0;
		} else {
			list[count++] = rule;
		}
	}
	if (!rules->allow || count > 0) {
		memcpy(list + count, defaults, sizeof(defaults));
		rules->defaults = DEFAULTS;
		count += DEFAULTS;
	}
	rules->count = count;
}

static void format_line(struct text *line, char type,
			const struct cgroup_device_rule *rule)
{
	text_format(line, "%c ", type);
	if (rule->major < 0)
		text_put(line, "*:");
	else
		text_format(line, "%" PRId64 ":", rule->major);
	if (rule->minor < 0)
		text_put(line, "* ");
	else
		text_format(line, "%" PRId64 " ", rule->minor);
	text_format(line, "%s%s%s", rule->access & READ ? "r" : "",
		    rule->access & WRITE ? "w" : "", rule->access & MKNOD ? "m" : "");
}

static const char *const files[] = { [false] = "devices.deny", [true] = "devices.allow" };

static int write_line(const char *directory, const char *file, const char *line,
		      struct error *err)
{
	if (cgroup_file_write(directory, file, line) == 0)
		return 0;
	(void)error_set(err, errno, "cannot write '%s' to '%s/%s'", line, directory,
			file);
	return error_at(err, "devices");
}

/* 'a' in the file would mean everything, whatever stands behind it. */
static int write_rule(const char *directory, const struct cgroup_device_rule *rule,
		      struct error *err)
{
	for (const char *type = rule->type == 'b'   ? "b"
				: rule->type == 'c' ? "c"
						    : "bc";
	     *type != '\0'; type++) {
		auto_text struct text line = { 0 };

		format_line(&line, *type, rule);
		if (write_line(directory, files[rule->allow], line.data, err) < 0)
			return -1;
	}
	return 0;
}

static int write_rules(const char *directory, const struct cgroup_device_rules *rules,
		       struct error *err)
{
	struct error ignored;

	if (write_line(directory, files[rules->allow], "a", err) < 0)
		return -1;
	for (size_t i = 0; i < rules->count; i++) {
		bool is_default = i >= rules->count - rules->defaults;

		if (write_rule(directory, &rules->rules[i],
			       is_default ? &ignored : err) == 0)
			continue;
		/* A parent that has less cannot give more (EPERM), and a default device
		 * was not asked for. */
		if (!is_default)
			return -1;
		if (ignored.code != EPERM) {
			*err = ignored;
			return -1;
		}
	}
	return 0;
}

/* user_namespaces(7): the first one alone maps every id onto itself. */
static bool in_first_user_namespace(void)
{
	char map[128];
	int64_t inside, outside, count;

	return cgroup_file_read("/proc/self", "uid_map", map, sizeof(map)) < 0 ||
	       (sscanf(map, "%" SCNd64 " %" SCNd64 " %" SCNd64, &inside, &outside,
		       &count) == 3 &&
		count == UINT32_MAX);
}

static int attach(const char *directory, const struct cgroup_device_rules *rules,
		  struct arena *arena, struct error *err)
{
	size_t count;
	const struct bpf_insn *program = cgroup_devices_program(rules, arena, &count);

	if (cgroup_devices_attach(directory, program, count, err) == 0)
		return 0;
	/* Below a user namespace there is no bpf(2), and no mknod(2) of a device either,
	 * so that no device is to be had that was not given. */
	if (err->code == EPERM && !in_first_user_namespace()) {
		*err = (struct error){ 0 };
		return 0;
	}
	return error_at(err, "devices");
}

int cgroup_devices_apply(const struct cgroup *cgroup,
			 const struct config_resources *resources, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	char buffer[CGROUP_DIRECTORY_MAX];
	const struct cgroup_hierarchy *hierarchy = cgroup_v1_hierarchy(cgroup, "devices");
	struct cgroup_device_rules rules;

	cgroup_devices_rules(resources, &arena, &rules);
	if (hierarchy != NULL)
		return write_rules(cgroup_v1_directory(buffer, cgroup, hierarchy), &rules,
				   err);
	if (cgroup->unified_mount_point == NULL)
		return 0;
	return attach(cgroup_directory(buffer, cgroup->unified_mount_point, cgroup->path),
		      &rules, &arena, err);
}
