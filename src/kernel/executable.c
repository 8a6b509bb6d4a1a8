/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "kernel/executable.h"
#include "oci/config.h"

/* The environment of the container is not ours, so getenv() knows nothing of it. Of two
 * the last counts, as it does for a shell. */
static const char *find_path(char **env)
{
	const char *path = "";

	for (; env != NULL && *env != NULL; env++)
		if (strncmp(*env, "PATH=", 5) == 0)
			path = *env + 5;
	return path;
}

/* 0 if execve(2) may be tried, else an errno value. */
static int judge(const char *path, struct stat *status)
{
	if (stat(path, status) < 0)
		return errno;
	if (S_ISDIR(status->st_mode))
		return EISDIR;
	/* The effective ids and capabilities are the container's by now; a noexec mount
	 * is noticed as well. */
	if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0)
		return 0;
	/* The container's filter may already be in force, and older than faccessat2(2),
	 * which itself never fails so for X_OK. execve(2) will be the judge. */
	if (errno == EPERM)
		return status->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH) ? 0 : EACCES;
	return errno;
}

static int find_literal(const char *name, char *path, size_t size, struct error *err)
{
	struct stat status = { 0 };
	int code = strlen(name) < size ? judge(name, &status) : ENAMETOOLONG;

	if (code == 0) {
		memcpy(path, name, strlen(name) + 1);
		return 0;
	}
	if (status.st_mode == 0)
		return error_set(err, code, "exec: \"%s\": stat %s", name, name);
	return error_set(err, code, "exec: \"%s\"", name);
}

static int refuse_relative(const char *name, struct error *err)
{
	return error_set(err, 0,
			 "exec: \"%s\": cannot run executable found relative to current "
			 "directory",
			 name);
}

/* A candidate that cannot be executed does not end the search, and "not found" is what
 * is said in the end: so does runc, and managers make it 127. */
static int find_along(const char *search, const char *name, char *path, size_t size,
		      struct error *err)
{
	const char *end;

	for (const char *start = search; *start != '\0'; start = end + (*end != '\0')) {
		struct stat status;
		int length;

		end = strchrnul(start, ':');
		length = snprintf(path, size, "%.*s/%s", (int)(end - start), start, name);
		if (end == start)
			length = snprintf(path, size, "./%s", name);
		if (length < 0 || (size_t)length >= size || judge(path, &status) != 0)
			continue;
		return *start == '/' ? 0 : refuse_relative(name, err);
	}
	error_set(err, 0, "exec: \"%s\": executable file not found in $PATH", name);
	err->code = ENOENT;
	return -1;
}

int executable_find(const struct config_process *process, char *path, size_t size,
		    struct error *err)
{
	const char *name = process->args[0];

	if (strchr(name, '/') != NULL)
		return find_literal(name, path, size, err);
	return find_along(find_path(process->env), name, path, size, err);
}
