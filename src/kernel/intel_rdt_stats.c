/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"
#include "base/parse.h"
#include "base/text.h"
#include "kernel/intel_rdt.h"
#include "kernel/intel_rdt_stats.h"
#include "oci/json_write.h"

enum { FILE_MOST = 64 * 1024 };

struct stats {
	const char *root, *group, *monitor;
	struct arena arena;
	struct json_writer *json;
};

static char *trim(char *text)
{
	size_t length;

	text += strspn(text, " \n");
	length = strlen(text);
	while (length > 0 && strchr(" \n", text[length - 1]) != NULL)
		length--;
	text[length] = '\0';
	return text;
}

/* What is in directory/file, without the space around it; "" if that cannot be read. */
static char *read_text(struct stats *stats, const char *directory, const char *file)
{
	const char *path = arena_format(&stats->arena, "%s/%s", directory, file);
	auto_text struct text text = { 0 };
	struct error ignored;

	if (file_read(AT_FDCWD, path, FILE_MOST, &text, &ignored) < 0)
		text.length = 0;
	return trim(arena_text(&stats->arena, text.data, text.length));
}

/* Zero for a word such as "Unavailable", too, which a counter has at first. */
static uint64_t read_number(struct stats *stats, const char *directory, const char *file)
{
	uint64_t number = 0;

	(void)parse_uint(read_text(stats, directory, file), UINT64_MAX, &number);
	return number;
}

static bool is_there(struct stats *stats, const char *directory)
{
	return access(arena_format(&stats->arena, "%s/%s", stats->root, directory),
		      F_OK) == 0;
}

static void put_text(struct stats *stats, const char *name, const char *text)
{
	if (text[0] != '\0')
		json_put_text(stats->json, name, text);
}

static void put_numbers(struct stats *stats, const char *directory,
			const char *const *files)
{
	directory = arena_format(&stats->arena, "%s/%s", stats->root, directory);
	for (; *files != NULL; files++) {
		uint64_t number = read_number(stats, directory, *files);

		if (number != 0)
			json_put_uint(stats->json, *files, number);
	}
}

/* The last line of the group's shares that has the word in it, as runc takes it. */
static void put_schema(struct stats *stats, const char *name, const char *group,
		       const char *word)
{
	char *lines = read_text(stats, group, "schemata");
	char *found = NULL;

	for (char *line; (line = strsep(&lines, "\n")) != NULL;) {
		if (strstr(line, word) != NULL)
			found = line;
	}
	if (found != NULL)
		put_text(stats, name, trim(found));
}

static void put_cache(struct stats *stats)
{
	static const char *const files[] = { "min_cbm_bits", "num_closids", NULL };

	if (!is_there(stats, "info/L3"))
		return;
	json_open_object(stats->json, "l3_cache_info");
	put_text(stats, "cbm_mask", read_text(stats, stats->root, "info/L3/cbm_mask"));
	put_numbers(stats, "info/L3", files);
	json_close_object(stats->json);
	put_schema(stats, "l3_cache_schema_root", stats->root, "L3");
	put_schema(stats, "l3_cache_schema", stats->group, "L3");
}

static void put_bandwidth(struct stats *stats)
{
	static const char *const files[] = { "bandwidth_gran", "delay_linear",
					     "min_bandwidth", "num_closids", NULL };

	if (!is_there(stats, "info/MB"))
		return;
	json_open_object(stats->json, "mem_bw_info");
	put_numbers(stats, "info/MB", files);
	json_close_object(stats->json);
	put_schema(stats, "mem_bw_schema_root", stats->root, "MB");
	put_schema(stats, "mem_bw_schema", stats->group, "MB");
}

static void put_schemata(struct stats *stats)
{
	char *lines = read_text(stats, stats->group, "schemata");

	if (lines[0] == '\0')
		return;
	json_open_array(stats->json, "schemata");
	for (char *line; (line = strsep(&lines, "\n")) != NULL;)
		json_put_text(stats->json, NULL, line);
	json_close_array(stats->json);
}

static int is_domain(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* An object for each domain, "mon_L3_00", with what the files in it count. */
static void put_domains(struct stats *stats, const char *name, const char *const *files)
{
	const char *path = arena_format(&stats->arena, "%s/mon_data", stats->monitor);
	struct dirent **domains = NULL;
	int count = scandir(path, &domains, is_domain, alphasort);

	json_open_array(stats->json, name);
	for (int i = 0; i < count; i++) {
		const char *domain =
			arena_format(&stats->arena, "%s/%s", path, domains[i]->d_name);

		free(domains[i]);
		json_open_object(stats->json, NULL);
		for (size_t j = 0; files[j] != NULL; j++)
			json_put_uint(stats->json, files[j],
				      read_number(stats, domain, files[j]));
		json_close_object(stats->json);
	}
	json_close_array(stats->json);
	free(domains);
}

/* What the processor counts. */
static void put_monitoring(struct stats *stats)
{
	static const char *const traffic[] = { "mbm_total_bytes", "mbm_local_bytes",
					       NULL };
	static const char *const occupancy[] = { "llc_occupancy", NULL };
	const char *features = read_text(stats, stats->root, "info/L3_MON/mon_features");

	if (strstr(features, traffic[0]) != NULL || strstr(features, traffic[1]) != NULL)
		put_domains(stats, "mbm_stats", traffic);
	if (strstr(features, occupancy[0]) != NULL)
		put_domains(stats, "cmt_stats", occupancy);
}

void intel_rdt_stats_put(const struct intel_rdt *rdt, const char *root,
			 struct json_writer *json)
{
	struct stats stats = {
		.root = root,
		.group = rdt->group,
		.monitor = rdt->monitor != NULL ? rdt->monitor : rdt->group,
		.json = json,
	};

	json_open_object(json, "intel_rdt");
	if (rdt->group != NULL) {
		put_cache(&stats);
		put_bandwidth(&stats);
		put_schemata(&stats);
		put_monitoring(&stats);
	}
	json_close_object(json);
	arena_release(&stats.arena);
}
