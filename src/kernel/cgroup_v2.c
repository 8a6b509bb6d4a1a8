/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_files.h"
#include "kernel/cgroup_v2.h"
#include "kernel/cgroup_wait.h"

enum { WORDS_MAX = 512 };

static const char *directory_of(const struct cgroup *cgroup, char *buffer)
{
	return cgroup_directory(buffer, cgroup->unified_mount_point, cgroup->path);
}

int cgroup_v2_check_unused(const struct cgroup *cgroup, struct error *err)
{
	char buffer[CGROUP_DIRECTORY_MAX], events[256];
	const char *top = cgroup->unified_mount_point;
	size_t found = cgroup_components_existing(top, cgroup->path);
	const char *directory = cgroup_directory_part(buffer, top, cgroup->path, found);

	/* The root has no such file: it can be neither frozen nor in the way. */
	if (found == 0)
		return 0;
	if (cgroup_file_read(directory, "cgroup.events", events, sizeof(events)) < 0)
		return cgroup_is_gone(errno)
			       ? 0
			       : error_set(err, errno, "cannot read '%s/%s'", directory,
					   "cgroup.events");
	if (cgroup_lines_have(events, "frozen 1"))
		return error_set(err, 0, "the cgroup '%s' is frozen", directory);
	if (found == cgroup_components(cgroup->path) &&
	    cgroup_lines_have(events, "populated 1"))
		return error_set(err, 0, "the cgroup '%s' is used by other processes",
				 directory);
	return 0;
}

/* What is in the list and not in the other, each with '+' before it. */
static void missing_words(const char *list, const char *enabled, const char *only,
			  struct text *missing)
{
	char word[64];

	while (*list != '\0') {
		size_t span = strcspn(list, " \n");

		if (span > 0 && span < sizeof(word)) {
			memcpy(word, list, span);
			word[span] = '\0';
			if (!cgroup_list_has(enabled, word) &&
			    (only == NULL || strcmp(only, word) == 0))
				text_format(missing, "%s+%s",
					    missing->length > 0 ? " " : "", word);
		}
		list += span;
		list += strspn(list, " \n");
	}
}

/* One write is all or nothing; one that cannot be had must not cost the others. */
static void enable_each(const char *directory, char *words)
{
	while (*words != '\0') {
		size_t span = strcspn(words, " ");
		char *next = words + span + (words[span] == ' ');

		words[span] = '\0';
		(void)cgroup_file_write(directory, "cgroup.subtree_control", words);
		words = next;
	}
}

static void enable_below(const char *directory, const char *only)
{
	auto_text struct text missing = { 0 };
	char there[WORDS_MAX], enabled[WORDS_MAX];

	if (cgroup_file_read(directory, "cgroup.controllers", there, WORDS_MAX) < 0 ||
	    cgroup_file_read(directory, "cgroup.subtree_control", enabled, WORDS_MAX) < 0)
		return;
	missing_words(there, enabled, only, &missing);
	if (missing.length > 0 &&
	    cgroup_file_write(directory, "cgroup.subtree_control", missing.data) < 0)
		enable_each(directory, missing.data);
}

void cgroup_v2_enable(const struct cgroup *cgroup, const char *controller)
{
	char buffer[CGROUP_DIRECTORY_MAX], there[WORDS_MAX], own[WORDS_MAX];
	const char *top = cgroup->unified_mount_point;
	size_t components = cgroup_components(cgroup->path);

	if (cgroup_file_read(directory_of(cgroup, buffer), "cgroup.controllers", own,
			     WORDS_MAX) < 0 ||
	    cgroup_file_read(top, "cgroup.controllers", there, WORDS_MAX) < 0)
		return;
	if (controller != NULL ? cgroup_list_has(own, controller)
			       : strcmp(own, there) == 0)
		return;
	for (size_t i = 0; i < components; i++)
		enable_below(cgroup_directory_part(buffer, top, cgroup->path, i),
			     controller);
}

int cgroup_v2_create(const struct cgroup *cgroup, struct error *err)
{
	char buffer[CGROUP_DIRECTORY_MAX];
	size_t components = cgroup_components(cgroup->path);
	size_t first = cgroup->components_found;

	if (first > 0 && cgroup_v2_check_unused(cgroup, err) < 0)
		return -1;
	for (size_t i = first; i < components; i++) {
		const char *directory = cgroup_directory_part(
			buffer, cgroup->unified_mount_point, cgroup->path, i + 1);

		if (mkdir(directory, 0755) == 0)
			continue;
		if (errno != EEXIST)
			return error_set(err, errno, "cannot create cgroup '%s'",
					 directory);
		if (i + 1 == components && !cgroup->unified_found)
			return cgroup_say_taken(directory, err);
	}
	/* On a hybrid host nobody expects v2 controllers; cgroup_apply() enables what a
	 * limit needs. */
	if (cgroup->layout == CGROUP_UNIFIED)
		cgroup_v2_enable(cgroup, NULL);
	return 0;
}

int cgroup_v2_open(const struct cgroup *cgroup, int *fd, struct error *err)
{
	char buffer[CGROUP_DIRECTORY_MAX];
	const char *directory = directory_of(cgroup, buffer);
	int opened = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (opened < 0)
		return error_set(err, errno, "cannot open cgroup '%s'", directory);
	*fd = opened;
	return 0;
}

int cgroup_v2_frozen(const struct cgroup *cgroup, struct error *err)
{
	char buffer[CGROUP_DIRECTORY_MAX], events[256];
	const char *directory = directory_of(cgroup, buffer);

	if (cgroup_file_read(directory, "cgroup.events", events, sizeof(events)) >= 0)
		return cgroup_lines_have(events, "frozen 1");
	if (cgroup_is_gone(errno))
		return 0;
	return error_set(err, errno, "cannot read '%s/cgroup.events'", directory);
}

static int set_freeze(const struct cgroup *cgroup, const char *value, const char *line,
		      struct error *err)
{
	char buffer[CGROUP_DIRECTORY_MAX];
	const char *directory = directory_of(cgroup, buffer);

	if (cgroup_file_write(directory, "cgroup.freeze", value) < 0)
		return cgroup_is_gone(errno)
			       ? 0
			       : error_set(err, errno,
					   "cannot write '%s' to '%s/cgroup.freeze'",
					   value, directory);
	if (cgroup_wait_event(directory, line, cgroup_deadline()) < 0)
		return error_set(err, errno, "cgroup '%s' does not become '%s'",
				 directory, line);
	return 0;
}

int cgroup_v2_freeze(const struct cgroup *cgroup, struct error *err)
{
	char buffer[CGROUP_DIRECTORY_MAX];

	if (set_freeze(cgroup, "1", "frozen 1", err) == 0)
		return 0;
	/* Half frozen is worse than not. */
	(void)cgroup_file_write(directory_of(cgroup, buffer), "cgroup.freeze", "0");
	return -1;
}

int cgroup_v2_thaw(const struct cgroup *cgroup, struct error *err)
{
	return set_freeze(cgroup, "0", "frozen 0", err);
}

int cgroup_v2_kill(const struct cgroup *cgroup, struct error *err)
{
	char buffer[CGROUP_DIRECTORY_MAX];
	const char *directory = directory_of(cgroup, buffer);

	/* Linux 5.14. Reaches frozen processes too, and no fork() escapes it. */
	if (cgroup_file_write(directory, "cgroup.kill", "1") == 0 ||
	    cgroup_is_gone(errno))
		return 0;
	return error_set(err, errno, "cannot kill what is in cgroup '%s'", directory);
}

int cgroup_v2_remove_empty(const struct cgroup *cgroup, struct error *err)
{
	char buffer[CGROUP_DIRECTORY_MAX];
	const char *directory = directory_of(cgroup, buffer);

	if (rmdir(directory) == 0 || errno == ENOENT)
		return 1;
	if (errno == EBUSY || errno == ENOTEMPTY)
		return 0;
	return error_set(err, errno, "cannot remove cgroup '%s'", directory);
}

int cgroup_v2_remove(const struct cgroup *cgroup, struct error *err)
{
	char buffer[CGROUP_DIRECTORY_MAX];
	const char *directory = directory_of(cgroup, buffer);
	int64_t deadline = cgroup_deadline(), delay = 100;

	for (;;) {
		if (cgroup_wait_event(directory, "populated 0", deadline) < 0)
			return error_set(err, errno,
					 "processes in cgroup '%s' do not end",
					 directory);
		if (cgroup_directory_remove(directory) == 0)
			return 0;
		/* EBUSY: somebody cloned into it just now. */
		if (errno != EBUSY || cgroup_wait_silent(deadline, &delay) < 0)
			return error_set(err, errno, "cannot remove cgroup '%s'",
					 directory);
		if (cgroup_v2_kill(cgroup, err) < 0)
			return -1;
	}
}
