/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/auto.h"
#include "base/error.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_files.h"
#include "kernel/cgroup_stats.h"
#include "kernel/cgroup_stats_parts.h"
#include "kernel/cgroup_v1.h"
#include "oci/json_write.h"

typedef void put_part(struct cgroup_stats *stats);

/* In runc's order. Parts that follow each other are members of one object. */
static const struct part {
	const char *object;
	const char *controller; /* of v1 */
	put_part *put_v1;
	put_part *put_v2; /* NULL: runc reads none of it there; it is all zero */
} parts[] = {
	{ "cpu", "cpuacct", cgroup_stats_usage_v1, cgroup_stats_usage_v2 },
	{ "cpu", "cpu", cgroup_stats_throttling_v1, cgroup_stats_throttling_v2 },
	{ "cpuset", "cpuset", cgroup_stats_cpuset_v1, NULL },
	{ "memory", "memory", cgroup_stats_memory_v1, cgroup_stats_memory_v2 },
	{ "pids", "pids", cgroup_stats_pids_v1, cgroup_stats_pids_v2 },
	{ "blkio", "blkio", cgroup_stats_blkio_v1, cgroup_stats_io_v2 },
	{ "hugetlb", "hugetlb", cgroup_stats_hugetlb_v1, cgroup_stats_hugetlb_v2 },
};

enum { PARTS_COUNT = sizeof(parts) / sizeof(parts[0]) };

/* Finds the directory: "" if the cgroup has none where the part could be. Returns what
 * reads it. */
static put_part *choose(const struct cgroup *cgroup, const struct part *part,
			char directory[CGROUP_DIRECTORY_MAX])
{
	const struct cgroup_hierarchy *hierarchy =
		cgroup_v1_hierarchy(cgroup, part->controller);

	directory[0] = '\0';
	if (hierarchy != NULL) {
		(void)cgroup_v1_directory(directory, cgroup, hierarchy);
		return part->put_v1;
	}
	if (part->put_v2 == NULL)
		return part->put_v1;
	if (cgroup->unified_mount_point != NULL)
		(void)cgroup_directory(directory, cgroup->unified_mount_point,
				       cgroup->path);
	return part->put_v2;
}

static int put(const struct cgroup *cgroup, const struct part *part,
	       struct json_writer *json, struct error *err)
{
	char directory[CGROUP_DIRECTORY_MAX];
	put_part *put_files = choose(cgroup, part, directory);
	auto_close int fd = -1;
	struct cgroup_stats stats = { .directory = directory, .json = json, .err = err };

	if (directory[0] != '\0')
		fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory[0] != '\0' && fd < 0 && !cgroup_is_gone(errno))
		return error_set(err, errno, "cannot open cgroup '%s'", directory);
	stats.dirfd = fd;
	put_files(&stats);
	return stats.has_failed ? -1 : 0;
}

static bool is_object_of(size_t part, size_t other)
{
	return other < PARTS_COUNT &&
	       strcmp(parts[part].object, parts[other].object) == 0;
}

int cgroup_stats_put(const struct cgroup *cgroup, struct json_writer *json,
		     struct error *err)
{
	int result = 0;

	for (size_t i = 0; i < PARTS_COUNT; i++) {
		if (i == 0 || !is_object_of(i, i - 1))
			json_open_object(json, parts[i].object);
		if (result == 0)
			result = put(cgroup, &parts[i], json, err);
		if (!is_object_of(i, i + 1))
			json_close_object(json);
	}
	return result;
}
