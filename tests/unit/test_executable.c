/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "check.h"
#include "kernel/executable.h"
#include "oci/config.h"

/* The configuration's lists are of strings that nobody writes to. */
#define WORDS(...) ((char **)(uintptr_t)(const char *const[]){ __VA_ARGS__, NULL })

static struct error err;
static char found[PATH_MAX];

/* With the directory that main() has made as the working directory. */
static int find(const char *name, const char *environment)
{
	const struct config_process process = { .args = WORDS(name),
						.env = WORDS("HOME=/", environment) };

	err = (struct error){ 0 };
	found[0] = '\0';
	return executable_find(&process, found, sizeof(found), &err);
}

static void a_path_is_taken_as_it_is(void)
{
	CHECK(find("./a/run", NULL) == 0);
	CHECK_TEXT(found, "./a/run");
	CHECK(find("/bin/sh", "PATH=") == 0);
	CHECK_TEXT(found, "/bin/sh");
}

static void a_path_that_cannot_be_executed_says_why(void)
{
	CHECK(find("/nowhere/x", NULL) < 0);
	CHECK_TEXT(err.text, "exec: \"/nowhere/x\": stat /nowhere/x: no such file or "
			     "directory");
	CHECK(err.code == ENOENT);
	CHECK(find("a/data", NULL) < 0);
	CHECK_TEXT(err.text, "exec: \"a/data\": permission denied");
	CHECK(find("/tmp", NULL) < 0);
	CHECK_TEXT(err.text, "exec: \"/tmp\": is a directory");
	CHECK(find("a/data/x", NULL) < 0);
	CHECK_TEXT(err.text, "exec: \"a/data/x\": stat a/data/x: not a directory");
	CHECK(find("a/dangling", NULL) < 0);
	CHECK_TEXT(err.text,
		   "exec: \"a/dangling\": stat a/dangling: no such file or directory");
}

static void a_name_is_looked_for_along_the_containers_path(void)
{
	char path[1024], wanted[512], here[256];

	CHECK(getcwd(here, sizeof(here)) != NULL);
	(void)snprintf(path, sizeof(path), "PATH=/nowhere:%s/b:%s/a", here, here);
	(void)snprintf(wanted, sizeof(wanted), "%s/a/run", here);
	CHECK(setenv("PATH", "/nowhere", 1) == 0);
	/* b/run is a directory, so the search goes on. */
	CHECK(find("run", path) == 0);
	CHECK_TEXT(found, wanted);
	CHECK(find("data", path) < 0);
	CHECK_TEXT(err.text, "exec: \"data\": executable file not found in $PATH");
	CHECK(err.code == ENOENT);
}

static void without_a_path_nothing_is_found(void)
{
	CHECK(setenv("PATH", "/bin:/usr/bin", 1) == 0);
	CHECK(find("sh", NULL) < 0);
	CHECK_TEXT(err.text, "exec: \"sh\": executable file not found in $PATH");
	CHECK(find("sh", "PATH=") < 0);
	CHECK(find("", "PATH=/bin") < 0);
	CHECK_TEXT(err.text, "exec: \"\": executable file not found in $PATH");
}

static void of_two_paths_the_last_counts(void)
{
	const struct config_process process = {
		.args = WORDS("sh"), .env = WORDS("PATH=/nowhere", "PATH=/bin")
	};

	CHECK(executable_find(&process, found, sizeof(found), &err) == 0);
	CHECK_TEXT(found, "/bin/sh");
}

static void the_working_directory_is_no_place_to_search(void)
{
	CHECK(find("run", "PATH=/nowhere:a") < 0);
	CHECK_TEXT(err.text, "exec: \"run\": cannot run executable found relative to "
			     "current directory");
	CHECK(chdir("a") == 0);
	CHECK(find("run", "PATH=/nowhere::/bin") < 0);
	CHECK_TEXT(err.text, "exec: \"run\": cannot run executable found relative to "
			     "current directory");
	CHECK(chdir("..") == 0);
}

static void a_name_that_is_too_long_is_not_cut(void)
{
	char name[PATH_MAX + 10], text[64];

	memset(name, '/', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	CHECK(find(name, NULL) < 0);
	CHECK(err.code == ENAMETOOLONG);
	(void)snprintf(text, sizeof(text), "exec: \"////");
	CHECK(strncmp(err.text, text, strlen(text)) == 0);
}

static int touch(const char *path, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, mode);

	return fd < 0 ? -1 : close(fd);
}

int main(void)
{
	char directory[] = "/tmp/test_executable.XXXXXX";

	if (mkdtemp(directory) == NULL || chdir(directory) < 0 || mkdir("a", 0755) < 0 ||
	    mkdir("b", 0755) < 0 || mkdir("b/run", 0755) < 0 ||
	    touch("a/run", 0755) < 0 || touch("a/data", 0644) < 0 ||
	    symlink("nowhere", "a/dangling") < 0) {
		perror("set-up");
		return 1;
	}
	RUN(a_path_is_taken_as_it_is);
	RUN(a_path_that_cannot_be_executed_says_why);
	RUN(a_name_is_looked_for_along_the_containers_path);
	RUN(without_a_path_nothing_is_found);
	RUN(of_two_paths_the_last_counts);
	RUN(the_working_directory_is_no_place_to_search);
	RUN(a_name_that_is_too_long_is_not_cut);
	(void)unlink("a/run");
	(void)unlink("a/data");
	(void)unlink("a/dangling");
	(void)rmdir("a");
	(void)rmdir("b/run");
	(void)rmdir("b");
	(void)rmdir(directory);
	return check_done();
}
