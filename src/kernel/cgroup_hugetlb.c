/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/parse.h"
#include "base/text.h"
#include "kernel/cgroup_controller.h"
#include "kernel/cgroup_resources.h"
#include "oci/config.h"

/*
 * linux.resources.hugepageLimits: how much of huge pages may be in use, and reserved.
 * Without the second a process that maps more gets SIGBUS instead of an error.
 * Documentation/admin-guide/cgroup-v1/hugetlb.rst.
 */

enum { SIZES_MAX = 16 };

/* In kB; 0 if it is no name of that directory. */
static uint64_t parse_size(const char *name)
{
	static const char before[] = "hugepages-", after[] = "kB";
	size_t start = sizeof(before) - 1, length = strlen(name);
	char digits[24] = "";
	uint64_t size;

	if (length < start + sizeof(after) || length - start >= sizeof(digits) ||
	    strncmp(name, before, start) != 0 || strcmp(name + length - 2, after) != 0)
		return 0;
	memcpy(digits, name + start, length - start - 2);
	return parse_uint(digits, UINT64_MAX, &size) ? size : 0;
}

/* As mem_fmt() of mm/hugetlb_cgroup.c writes it. */
static void format_size(uint64_t size, char text[CGROUP_VALUE_MAX])
{
	const char *unit = "KB";

	if (size >= UINT64_C(1) << 20) {
		size >>= 20;
		unit = "GB";
	} else if (size >= UINT64_C(1) << 10) {
		size >>= 10;
		unit = "MB";
	}
	(void)snprintf(text, CGROUP_VALUE_MAX, "%" PRIu64 "%s", size, unit);
}

bool cgroup_hugetlb_size(const char *name, char size[CGROUP_VALUE_MAX])
{
	uint64_t number = parse_size(name);

	if (number > 0)
		format_size(number, size);
	return number > 0;
}

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

/* The sizes that this host has, in kB, the smallest first. */
static size_t list_sizes(uint64_t sizes[SIZES_MAX])
{
	auto_dir DIR *directory = opendir("/sys/kernel/mm/hugepages");
	const struct dirent *entry;
	size_t count = 0;

	while (directory != NULL && count < SIZES_MAX &&
	       (entry = readdir(directory)) != NULL) {
		sizes[count] = parse_size(entry->d_name);
		count += sizes[count] > 0;
	}
	qsort(sizes, count, sizeof(sizes[0]), compare);
	return count;
}

static int check_size(const char *wanted, struct error *err)
{
	auto_text struct text known = { 0 };
	uint64_t sizes[SIZES_MAX];
	size_t count = list_sizes(sizes);

	for (size_t i = 0; i < count; i++) {
		char size[CGROUP_VALUE_MAX];

		format_size(sizes[i], size);
		if (strcmp(size, wanted) == 0)
			return 0;
		text_format(&known, "%s%s", i > 0 ? ", " : "", size);
	}
	if (count == 0)
		return error_set(err, 0, "this host has no huge pages");
	return error_set(err, 0, "this host has no pages of '%.32s'; it has %s", wanted,
			 known.data);
}

int cgroup_hugetlb_check(const struct cgroup *cgroup,
			 const struct config_resources *resources, struct error *err)
{
	for (size_t i = 0; i < resources->hugepage_limits_count; i++) {
		if (check_size(resources->hugepage_limits[i].page_size, err) < 0)
			(void)error_at(err, "pageSize");
		else if (cgroup_controller_version(cgroup, "hugetlb", err) > 0)
			continue;
		return error_at(err, "hugepageLimits[%zu]", i);
	}
	return 0;
}

static int write_limit(const char *directory, int version,
		       const struct config_hugepage_limit *limit, struct error *err)
{
	static const char *const kinds[] = { "", ".rsvd" }; /* .rsvd: Linux 5.7 */
	char value[CGROUP_VALUE_MAX], file[CGROUP_VALUE_MAX];

	(void)snprintf(value, sizeof(value), "%" PRIu64, limit->limit);
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(file, sizeof(file), "hugetlb.%.16s%s%s", limit->page_size,
			       kinds[i], version == 1 ? ".limit_in_bytes" : ".max");
		if (cgroup_setting_write(directory, file, value, err) < 0)
			return -1;
	}
	return 0;
}

int cgroup_hugetlb_apply(const struct cgroup *cgroup,
			 const struct config_resources *resources, struct error *err)
{
	char directory[CGROUP_DIRECTORY_MAX];
	int version;

	if (resources->hugepage_limits_count == 0)
		return 0;
	version = cgroup_controller_directory(cgroup, "hugetlb", directory);
	for (size_t i = 0; i < resources->hugepage_limits_count; i++) {
		if (write_limit(directory, version, &resources->hugepage_limits[i], err) <
		    0)
			return error_at(err, "hugepageLimits[%zu]", i);
	}
	return 0;
}
