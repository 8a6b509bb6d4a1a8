/* SPDX-License-Identifier: Apache-2.0 */
#include <archive_entry.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/text.h"
#include "image/file_xattrs.h"
#include "image/walk.h"

static const char overlay_prefix[] = "trusted.overlay.";
static const char escaped_prefix[] = "trusted.overlay.overlay.";

/* The name it has in the archive, NULL: it is left out. */
static const char *archived_name(const char *name, enum file_xattrs_flags flags,
				 struct text *buffer)
{
	if (strcmp(name, "security.selinux") == 0)
		return NULL;
	if (!(flags & FILE_XATTRS_UPPER) ||
	    strncmp(name, overlay_prefix, strlen(overlay_prefix)) != 0)
		return name;
	if (strncmp(name, escaped_prefix, strlen(escaped_prefix)) != 0)
		return NULL;
	buffer->length = 0;
	text_format(buffer, "%s%s", overlay_prefix, name + strlen(escaped_prefix));
	return buffer->data;
}

const char *file_xattrs_stored_name(const char *name, struct text *buffer)
{
	/* Overlayfs would take these of a stranger for its own. */
	if (strncmp(name, "user.overlay.", strlen("user.overlay.")) == 0 ||
	    strcmp(name, "security.selinux") == 0)
		return NULL;
	if (strncmp(name, overlay_prefix, strlen(overlay_prefix)) != 0)
		return name;
	text_format(buffer, "%s%s", escaped_prefix, name + strlen(overlay_prefix));
	return buffer->data;
}

/* In a pax record "=" ends the name, and libarchive writes the others as %XX, which
 * nobody reads back. */
static bool is_writable(const char *name)
{
	for (; *name != '\0'; name++) {
		if (*name <= ' ' || *name > '~' || *name == '=' || *name == '%')
			return false;
	}
	return true;
}

static int copy_one(const char *path, const char *name, const char *archived,
		    struct archive_entry *to, struct error *err)
{
	ssize_t size = lgetxattr(path, name, NULL, 0);
	auto_free char *value = NULL;

	if (!is_writable(archived))
		return error_set(err, 0,
				 "the name of attribute '%s' cannot be in an archive",
				 name);
	if (size > 0) {
		value = malloc((size_t)size);
		if (value == NULL)
			return error_set(err, ENOMEM, "cannot read attribute '%s'", name);
		size = lgetxattr(path, name, value, (size_t)size);
	}
	if (size < 0)
		return error_set(err, errno, "cannot read attribute '%s'", name);
	archive_entry_xattr_add_entry(to, archived, value != NULL ? value : "",
				      (size_t)size);
	return 0;
}

int file_xattrs_copy(const struct walk_entry *from, struct archive_entry *to,
		     enum file_xattrs_flags flags, struct error *err)
{
	static char list[XATTR_LIST_MAX];
	auto_text struct text buffer = { 0 };
	char path[PATH_MAX];
	ssize_t size;

	walk_proc_path(from->parent, from->name, path, sizeof(path));
	size = llistxattr(path, list, sizeof(list));
	if (size < 0 && errno == ENOTSUP)
		return 0;
	if (size < 0)
		return error_set(err, errno, "cannot list the attributes of '%s'",
				 from->path);
	for (const char *name = list; name < list + size; name += strlen(name) + 1) {
		const char *archived = archived_name(name, flags, &buffer);

		if (archived != NULL && copy_one(path, name, archived, to, err) < 0)
			return error_prefix(err, "'%s'", from->path);
	}
	return 0;
}

ssize_t file_xattrs_overlay(int parent, const char *name, const char *attribute,
			    char *value, size_t size)
{
	char path[PATH_MAX], full[64];
	ssize_t length;

	walk_proc_path(parent, name, path, sizeof(path));
	(void)snprintf(full, sizeof(full), "%s%s", overlay_prefix, attribute);
	length = lgetxattr(path, full, value, size);
	if (length < 0 && (errno == ENODATA || errno == ENOTSUP))
		return 0;
	/* An empty value is there, and longer than what anybody asks for is too. */
	if (length < 0)
		return errno == ERANGE ? (ssize_t)size : -1;
	return length == 0 ? 1 : length;
}
