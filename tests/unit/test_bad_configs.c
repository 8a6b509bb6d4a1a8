/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Broken configurations, each with the one line that must be said about it. They stand in
 * tests/configs/bad/NAME.table, as edits of base.json there, which is valid:
 *
 *	process.cwd = "relative"
 *		config.json:18:10: process.cwd: not an absolute path
 *
 * PATH = TEXT	puts the text in the place of the value, or adds the member
 * PATH -	takes the member or element away
 * document = TEXT	is the whole file
 *
 * In a TEXT, ¶ is a new line and «ff» is the byte ff. After a change of base.json,
 * `test_bad_configs --print FILE` writes a table with what is said now, to be read
 *closely.
 */

#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "check.h"
#include "container/checks.h"
#include "container/survey.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_devices.h"
#include "kernel/cgroup_resources.h"
#include "oci/bundle.h"
#include "oci/findings.h"
#include "oci/json.h"

enum { ROWS_LEAST = 300, MESSAGE_MAX = 1024, FILE_MOST = 1024 * 1024 };

static struct bundle base; /* only its text and tree */

static void load(struct text *text, const char *parent, const char *name)
{
	struct error err;
	char path[512];

	(void)snprintf(path, sizeof(path), "%s%s%s", parent, parent[0] != 0 ? "/" : "",
		       name);
	if (file_read(AT_FDCWD, path, FILE_MOST, text, &err) < 0) {
		printf("Bail out! %s\n", err.text);
		exit(99);
	}
}

/* The end of the JSON value that starts at the offset of a valid text. */
static size_t value_end(const char *text, size_t offset)
{
	int depth = 0;

	do {
		if (text[offset] == '"') {
			for (offset++; text[offset] != '"'; offset++)
				offset += text[offset] == '\\';
			offset++;
		} else if (strchr("[{", text[offset]) != NULL) {
			depth++;
			offset++;
		} else if (strchr("]}", text[offset]) != NULL) {
			depth--;
			offset++;
		} else if (depth > 0) {
			offset++;
		} else {
			offset += strcspn(text + offset, ",]} \t\n");
		}
	} while (depth > 0);
	return offset;
}

/* Where the member's name starts, or the element itself. */
static size_t member_start(const char *text, const struct json *node)
{
	size_t start = node->offset;

	if (node->key == NULL)
		return start;
	while (text[start] != ':')
		start--;
	while (text[start] != '"')
		start--;
	do
		start--;
	while (text[start] != '"');
	return start;
}

static void blank(char *text, size_t from, size_t to)
{
	for (; from < to; from++) {
		if (text[from] != '\n')
			text[from] = ' ';
	}
}

/* With the comma behind it, or that before it; no line moves. */
static void take_away(char *text, const struct json *node)
{
	size_t start = member_start(text, node), end = value_end(text, node->offset);

	blank(text, start, end);
	while (strchr(" \t\n", text[end]) != NULL)
		end++;
	if (text[end] == ',') {
		text[end] = ' ';
		return;
	}
	while (strchr(" \t\n", text[start]) != NULL)
		start--;
	if (text[start] == ',')
		text[start] = ' ';
}

static void add_text(struct text *out, const char *edit)
{
	for (; *edit != '\0'; edit++) {
		unsigned byte;

		if (strncmp(edit, "\xc2\xb6", 2) == 0) { /* ¶ */
			text_put(out, "\n");
			edit++;
		} else if (sscanf(edit, "\xc2\xab%2x\xc2\xbb", &byte) == 1) { /* «ff» */
			char raw = (char)byte;

			text_add(out, &raw, 1);
			edit += 5;
		} else {
			text_add(out, edit, 1);
		}
	}
}

/* Whether `node` is what the whole path names, and not the parent of what is missing. */
static bool is_whole(const char *path, const struct json *node)
{
	size_t path_length = strlen(path), length;

	if (node->key == NULL)
		return path[path_length - 1] == ']';
	length = strlen(node->key);
	return path_length >= length &&
	       (strcmp(path + path_length - length, node->key) == 0 ||
		path[path_length - 1] == ']');
}

static void put_value(struct text *out, const char *path, const char *edit)
{
	const struct json *node = json_reach(base.json, path);
	const char *name = strrchr(path, '.');
	bool exists = is_whole(path, node);
	size_t cut = exists ? node->offset : node->offset + 1;

	text_add(out, base.text.data, cut);
	if (!exists)
		text_format(out, "\"%s\": ", name == NULL ? path : name + 1);
	add_text(out, edit);
	if (!exists && node->count > 0)
		text_put(out, ",");
	text_put(out, base.text.data + (exists ? value_end(base.text.data, cut) : cut));
}

/* The configuration that a row means. */
static void apply(struct text *out, char *row)
{
	char *equals = strstr(row, " = "), *minus = strstr(row, " -");

	if (equals != NULL) {
		*equals = '\0';
		if (strcmp(row, "document") == 0)
			add_text(out, equals + 3);
		else
			put_value(out, row, equals + 3);
		*equals = ' ';
		return;
	}
	*minus = '\0';
	text_put(out, base.text.data);
	take_away(out->data, json_reach(base.json, row));
	*minus = ' ';
}

/* The rules of cgroups that hold on every host. */
static int check_cgroup(const struct bundle *bundle, const void *context,
			struct error *err)
{
	auto_arena struct arena arena = { 0 };
	const struct cgroup cgroup = { .layout = CGROUP_UNIFIED,
				       .unified_mount_point = "/sys/fs/cgroup" };
	const struct config_linux *linux_ = bundle->config.linux_;

	(void)context;
	if (cgroup_path(&arena, linux_->cgroups_path, "box", err) == NULL)
		return -1;
	if (linux_->resources == NULL)
		return 0;
	if (cgroup_resources_rules(linux_->resources, err) < 0 ||
	    cgroup_devices_check(&cgroup, linux_->resources, err) < 0)
		return error_at(err, "linux.resources");
	return 0;
}

/* Everything that is checked before anything is made. */
static int check(struct bundle *bundle, struct error *err)
{
	if (bundle_parse(bundle, NULL, err) < 0)
		return -1;
	if (checks_run(bundle, err) < 0 || check_cgroup(bundle, NULL, err) < 0)
		return bundle_locate(bundle, err);
	return 0;
}

static void say(char *row, char *message)
{
	auto_bundle struct bundle bundle = { .dirfd = -1,
					     .path = "/",
					     .file_name = "config.json" };
	struct error err = { 0 };

	apply(&bundle.text, row);
	if (check(&bundle, &err) == 0)
		(void)error_set(&err, 0, "nothing is wrong");
	(void)snprintf(message, MESSAGE_MAX, "%s", err.text);
}

/* Calls visit(row, message) for each row of a table, comment(line) for all other lines.
 */
static int each_row(struct text *table, void (*visit)(char *, const char *),
		    void (*comment)(const char *))
{
	char *line = table->data, *next;
	int rows = 0;

	for (; *line != '\0'; line = next) {
		char *message;

		next = line + strcspn(line, "\n");
		if (*next != '\0')
			*next++ = '\0';
		if (line[0] == '#' || line[0] == '\0') {
			comment(line);
			continue;
		}
		message = next;
		if (*message == '\t') {
			next += strcspn(next, "\n");
			if (*next != '\0')
				*next++ = '\0';
		} else {
			message = NULL;
		}
		visit(line, message == NULL ? "" : message + 1);
		rows++;
	}
	return rows;
}

/* Whether the message is one of the lines that the survey has of it. */
static bool is_surveyed(char *row, const char *message)
{
	static const struct survey_rule rules[] = { { check_cgroup, NULL, NULL, 0 },
						    { NULL, NULL, NULL, 0 } };
	auto_bundle struct bundle bundle = { .dirfd = -1,
					     .path = "/",
					     .file_name = "config.json" };
	auto_findings struct findings findings = { 0 };
	auto_text struct text line = { 0 }, lines = { 0 };

	apply(&bundle.text, row);
	survey_run(&bundle, rules, &findings);
	text_put(&lines, "\n");
	findings_put_text(&findings, &lines);
	text_put(&line, "\n");
	text_put_printable(&line, message);
	text_put(&line, "\n");
	if (strstr(lines.data, line.data) == NULL)
		printf("# %s", lines.data);
	return strstr(lines.data, line.data) != NULL;
}

static void check_row(char *row, const char *want)
{
	char got[MESSAGE_MAX];

	say(row, got);
	if (strcmp(got, want) != 0)
		printf("# %.200s\n", row);
	CHECK_TEXT(got, want);
	CHECK(is_surveyed(row, want));
}

static void print_row(char *row, const char *want)
{
	char got[MESSAGE_MAX];

	(void)want;
	say(row, got);
	printf("%s\n\t%s\n", row, got);
}

static void print_line(const char *line)
{
	puts(line);
}

static void skip_line(const char *line)
{
	(void)line;
}

static char directory[400];
static int rows_checked;

static void base_is_valid(void)
{
	auto_bundle struct bundle bundle = { .dirfd = -1,
					     .path = "/",
					     .file_name = "config.json" };
	struct error err = { 0 };

	text_put(&bundle.text, base.text.data);
	(void)check(&bundle, &err);
	CHECK_TEXT(err.text, "");
}

static void the_survey_finds_nothing_in_base(void)
{
	char row[] = "annotations = {}";

	CHECK(is_surveyed(row, "config.json: no problem found"));
}

static void every_row_says_what_it_must(void)
{
	char pattern[512];
	glob_t files;

	(void)snprintf(pattern, sizeof(pattern), "%s/*.table", directory);
	CHECK(glob(pattern, 0, NULL, &files) == 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		auto_text struct text table = { 0 };
		int rows;

		load(&table, "", files.gl_pathv[i]);
		rows = each_row(&table, check_row, skip_line);
		printf("# %s: %d rows\n", files.gl_pathv[i] + strlen(directory) + 1,
		       rows);
		rows_checked += rows;
	}
	globfree(&files);
}

static void there_are_enough_rows(void)
{
	CHECK(rows_checked >= ROWS_LEAST);
}

static void refuses_ten_thousand_levels(void)
{
	auto_bundle struct bundle bundle = { .dirfd = -1, .file_name = "config.json" };
	struct error err = { 0 };

	for (int i = 0; i < 10000; i++)
		text_put(&bundle.text, "{\"a\":");
	CHECK(check(&bundle, &err) == -1);
	CHECK_TEXT(err.text, "config.json:1:321: nested deeper than 64 levels");
}

int main(int argc, char **argv)
{
	const char *source = getenv("srcdir");
	struct error err;

	(void)snprintf(directory, sizeof(directory), "%s/tests/configs/bad",
		       source == NULL ? "." : source);
	base = (struct bundle){ .dirfd = -1, .file_name = "base.json" };
	load(&base.text, directory, "base.json");
	base.json = json_parse(&base.arena, base.text.data, base.text.length, &err);
	if (base.json == NULL) {
		printf("Bail out! %s\n", err.text);
		return 99;
	}
	if (argc == 3) {
		auto_text struct text table = { 0 };

		load(&table, "", argv[2]);
		(void)each_row(&table, print_row, print_line);
		return 0;
	}
	RUN(base_is_valid);
	RUN(the_survey_finds_nothing_in_base);
	RUN(every_row_says_what_it_must);
	RUN(there_are_enough_rows);
	RUN(refuses_ten_thousand_levels);
	bundle_release(&base);
	return check_done();
}
