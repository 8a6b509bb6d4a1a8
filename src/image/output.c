/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "image/output.h"

static int open_directory(struct output *output, struct error *err)
{
	const char *slash = strrchr(output->target, '/');
	char parent[PATH_MAX] = ".";

	if (strlen(output->target) >= sizeof(parent))
		return error_set(err, ENAMETOOLONG, "cannot create '%.64s…'",
				 output->target);
	output->name = slash == NULL ? output->target : slash + 1;
	if (slash != NULL)
		(void)snprintf(parent, sizeof(parent), "%.*s",
			       slash == output->target ? 1
						       : (int)(slash - output->target),
			       output->target);
	if (output->name[0] == '\0')
		return error_set(err, 0, "'%s' is not the name of a file",
				 output->target);
	output->directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (output->directory < 0)
		return error_set(err, errno, "cannot open '%s'", parent);
	return 0;
}

static int check_target(const struct output *output, struct error *err)
{
	struct stat status;

	if (fstatat(output->directory, output->name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !S_ISREG(status.st_mode))
		return error_set(err, 0, "'%s' is there and is not a regular file",
				 output->target);
	return 0;
}

int output_open(struct output *output, const char *target, struct error *err)
{
	output->target = target;
	if (strcmp(target, "-") == 0) {
		output->fd = STDOUT_FILENO;
		return isatty(output->fd)
			       ? error_set(err, 0, "an archive is not for a terminal")
			       : 0;
	}
	if (open_directory(output, err) < 0 || check_target(output, err) < 0)
		return -1;
	output->fd =
		openat(output->directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
	if (output->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
		(void)snprintf(output->temporary, sizeof(output->temporary),
			       ".minirun-%d", getpid());
		output->fd = openat(output->directory, output->temporary,
				    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	}
	if (output->fd < 0)
		return error_set(err, errno, "cannot create '%s'", target);
	return 0;
}

/* Gives the file without a name one: that of the target if it is free. */
static int link_file(struct output *output, const char *name)
{
	char file[64];

	(void)snprintf(file, sizeof(file), "/proc/self/fd/%d", output->fd);
	return linkat(AT_FDCWD, file, output->directory, name, AT_SYMLINK_FOLLOW);
}

int output_publish(struct output *output, struct error *err)
{
	if (output->directory < 0)
		return 0;
	if (fsync(output->fd) < 0)
		return error_set(err, errno, "cannot write '%s' to disk", output->target);
	if (output->temporary[0] == '\0') {
		if (link_file(output, output->name) == 0)
			return 0;
		(void)snprintf(output->temporary, sizeof(output->temporary),
			       ".minirun-%d", getpid());
		if (errno != EEXIST || link_file(output, output->temporary) < 0)
			return error_set(err, errno, "cannot create '%s'",
					 output->target);
	}
	if (renameat(output->directory, output->temporary, output->directory,
		     output->name) < 0)
		return error_set(err, errno, "cannot replace '%s'", output->target);
	output->temporary[0] = '\0';
	return 0;
}

void output_release(struct output *output)
{
	if (output->directory < 0)
		return;
	if (output->temporary[0] != '\0')
		(void)unlinkat(output->directory, output->temporary, 0);
	if (output->fd >= 0)
		(void)close(output->fd);
	(void)close(output->directory);
}
