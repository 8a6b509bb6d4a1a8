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

/* Whether something has the hidden name; where others write too, it has to be ours. */
static int find_other(const struct output *output, struct error *err)
{
	struct stat status;

	if (fstatat(output->directory, output->temporary, &status, AT_SYMLINK_NOFOLLOW) <
	    0)
		return errno == ENOENT ? 0
				       : error_set(err, errno, "cannot look at '%s'",
						   output->temporary);
	if (!S_ISREG(status.st_mode) || status.st_uid != geteuid() ||
	    status.st_nlink != 1)
		return error_set(err, 0, "'%s' is in the way; remove it",
				 output->temporary);
	return 1;
}

/* A name that only we use, while the file is not whole. */
static int open_named(struct output *output)
{
	(void)snprintf(output->temporary, sizeof(output->temporary), ".minirun-%d",
		       getpid());
	output->fd = openat(output->directory, output->temporary,
			    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	output->named = output->fd >= 0;
	return output->fd;
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
	if (snprintf(output->temporary, sizeof(output->temporary), ".%s.minirun",
		     output->name) > NAME_MAX)
		return error_set(err, ENAMETOOLONG, "cannot create '%s'", target);
	if (find_other(output, err) < 0)
		return -1;
	output->fd = openat(output->directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
	if (output->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
		output->fd = open_named(output);
	if (output->fd < 0)
		return error_set(err, errno, "cannot create '%s'", target);
	return 0;
}

/* Gives the file that has no name one that is free. */
static int link_file(const struct output *output, const char *name)
{
	char file[64];

	(void)snprintf(file, sizeof(file), "/proc/self/fd/%d", output->fd);
	return linkat(AT_FDCWD, file, output->directory, name, AT_SYMLINK_FOLLOW);
}

/* ENOENT: another commit to the same target has taken that step for us, finish_other().
 */
static int replace_target(const struct output *output, struct error *err)
{
	if (renameat(output->directory, output->temporary, output->directory,
		     output->name) < 0 &&
	    errno != ENOENT)
		return error_set(err, errno, "cannot replace '%s'", output->target);
	return 0;
}

/* What another one left under the hidden name is whole too: of a commit to the same
 * target that was killed before its last step, or is about to take it. That step is done
 * for it: so none ever finds the file of another under the name. */
static int finish_other(const struct output *output, struct error *err)
{
	int there = find_other(output, err);

	return there <= 0 ? there : replace_target(output, err);
}

/* Beside a target that is new, it is older. */
static void remove_other(const struct output *output)
{
	struct error ignored;

	if (find_other(output, &ignored) > 0)
		(void)unlinkat(output->directory, output->temporary, 0);
}

static int link_hidden(struct output *output, struct error *err)
{
	while (link_file(output, output->temporary) < 0) {
		if (errno != EEXIST)
			return error_set(err, errno, "cannot create '%s'",
					 output->target);
		if (finish_other(output, err) < 0)
			return -1;
	}
	output->named = true;
	return 0;
}

int output_publish(struct output *output, struct error *err)
{
	if (output->directory < 0)
		return 0;
	if (fsync(output->fd) < 0)
		return error_set(err, errno, "cannot write '%s' to disk", output->target);
	if (!output->named && link_file(output, output->name) == 0) {
		remove_other(output);
		return 0;
	}
	if ((!output->named && link_hidden(output, err) < 0) ||
	    replace_target(output, err) < 0)
		return -1;
	output->named = false;
	return 0;
}

void output_release(struct output *output)
{
	if (output->directory < 0)
		return;
	if (output->named)
		(void)unlinkat(output->directory, output->temporary, 0);
	if (output->fd >= 0)
		(void)close(output->fd);
	(void)close(output->directory);
}
