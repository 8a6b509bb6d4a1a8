/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/process.h"
#include "base/text.h"
#include "image/file_xattrs.h"
#include "image/inside_ids.h"
#include "image/tar_header.h"
#include "image/walk.h"

static const char overlay_prefix[] = "trusted.overlay.";
static const char host_policy[] = "security.selinux";
static const char user_prefix[] = "user.overlay.";
static const char escaped_prefix[] = "trusted.overlay.overlay.";
static const char escape[] = "overlay.";

/* The name it has in the archive, NULL: it is left out. */
static const char *archived_name(const char *name, enum file_xattrs_flags flags,
				 struct text *buffer)
{
	const char *prefix = file_xattrs_overlay_is_user() ? user_prefix : overlay_prefix;

	if (strcmp(name, host_policy) == 0)
		return NULL;
	if (!(flags & FILE_XATTRS_UPPER) || strncmp(name, prefix, strlen(prefix)) != 0)
		return name;
	name += strlen(prefix);
	if (strncmp(name, escape, strlen(escape)) != 0)
		return NULL;
	buffer->length = 0;
	text_format(buffer, "%s%s", prefix, name + strlen(escape));
	return buffer->data;
}

const char *file_xattrs_stored_name(const char *name, struct text *buffer)
{
	/* Overlayfs would take these of a stranger for its own. */
	if (strncmp(name, "user.overlay.", strlen("user.overlay.")) == 0 ||
	    strcmp(name, host_policy) == 0)
		return NULL;
	if (strncmp(name, overlay_prefix, strlen(overlay_prefix)) != 0)
		return name;
	text_format(buffer, "%s%s", escaped_prefix, name + strlen(overlay_prefix));
	return buffer->data;
}

struct value {
	char bytes[XATTR_SIZE_MAX];
	size_t size;
};

static int read_value(const char *path, const char *name, const struct inside_ids *ids,
		      struct value *value, struct error *err)
{
	ssize_t size = lgetxattr(path, name, value->bytes, sizeof(value->bytes));

	if (size < 0)
		return error_set(err, errno, "cannot read attribute '%s'", name);
	value->size = (size_t)size;
	if (ids != NULL &&
	    inside_ids_xattr(ids, name, value->bytes, &value->size, err) < 0)
		return error_prefix(err, "attribute '%s'", name);
	return 0;
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* In the order of their bytes: a file system lists them as it likes. */
static const char **sort_names(const char *list, size_t size, size_t *count)
{
	const char **names = calloc(size / 2 + 1, sizeof(*names));

	*count = 0;
	for (const char *name = list; name < list + size && names != NULL;
	     name += strlen(name) + 1)
		names[(*count)++] = name;
	if (names != NULL)
		qsort(names, *count, sizeof(*names), compare_names);
	return names;
}

int file_xattrs_read(const struct walk_entry *from, struct file_xattrs *how,
		     struct text *records, struct error *err)
{
	static struct value value;
	static char list[XATTR_LIST_MAX];
	auto_text struct text buffer = { 0 };
	auto_free const char **names = NULL;
	char path[PATH_MAX];
	size_t count;
	ssize_t size;

	walk_proc_path(from->parent, from->name, path, sizeof(path));
	size = llistxattr(path, list, sizeof(list));
	if (size == 0 || (size < 0 && errno == ENOTSUP))
		return 0;
	if (size < 0)
		return error_set(err, errno, "cannot list the attributes of '%s'",
				 from->path);
	names = sort_names(list, (size_t)size, &count);
	if (names == NULL)
		return error_set(err, ENOMEM, "cannot list the attributes of '%s'",
				 from->path);
	for (size_t i = 0; i < count; i++) {
		const char *archived = archived_name(names[i], how->flags, &buffer);

		how->dropped += strcmp(names[i], host_policy) == 0;
		if (archived == NULL)
			continue;
		if (read_value(path, names[i], how->ids, &value, err) < 0)
			return error_prefix(err, "'%s'", from->path);
		tar_header_xattr(records, archived, value.bytes, value.size);
	}
	return 0;
}

bool file_xattrs_any(int parent, const char *name)
{
	char path[PATH_MAX];

	walk_proc_path(parent, name, path, sizeof(path));
	return llistxattr(path, NULL, 0) != 0;
}

bool file_xattrs_overlay_is_user(void)
{
	static int answer = -1; /* asked for every file */

	if (answer < 0)
		answer = geteuid() != 0 || !process_is_host();
	return answer == 1;
}

ssize_t file_xattrs_overlay(int parent, const char *name, const char *attribute,
			    char *value, size_t size)
{
	char path[PATH_MAX], full[64];
	ssize_t length;

	walk_proc_path(parent, name, path, sizeof(path));
	(void)snprintf(full, sizeof(full), "%s%s",
		       file_xattrs_overlay_is_user() ? user_prefix : overlay_prefix,
		       attribute);
	length = lgetxattr(path, full, value, size);
	if (length < 0 && (errno == ENODATA || errno == ENOTSUP))
		return 0;
	/* An empty value is there, and longer than what anybody asks for is too. */
	if (length < 0)
		return errno == ERANGE ? (ssize_t)size : -1;
	return length == 0 ? 1 : length;
}
