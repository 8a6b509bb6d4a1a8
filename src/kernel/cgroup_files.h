/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cgroup_files - the directories and files of one hierarchy, for the rooms of cgroup.h.
 * A directory is given by its whole path, shorter than CGROUP_DIRECTORY_MAX.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct error;
struct text;

enum { CGROUP_PATH_MAX = 3072, CGROUP_DIRECTORY_MAX = 4096 };

/* mount_point followed by the path ("/a/b"; the root "/" adds nothing); the buffer. */
const char *cgroup_directory(char buffer[CGROUP_DIRECTORY_MAX], const char *mount_point,
			     const char *path);

/* The number of components of a cleaned path. */
size_t cgroup_components(const char *path);

/* The same directory for the first `components` of the path. */
const char *cgroup_directory_part(char buffer[CGROUP_DIRECTORY_MAX],
				  const char *mount_point, const char *path,
				  size_t components);

/* How many leading components exist. */
size_t cgroup_components_existing(const char *mount_point, const char *path);

/* The content of directory/file as a string, cut to the size; -1 and errno. */
ssize_t cgroup_file_read(const char *directory, const char *file, char *buffer,
			 size_t size);

/* One write() to directory/file; -1 and errno. */
int cgroup_file_write(const char *directory, const char *file, const char *value);

bool cgroup_file_exists(const char *directory, const char *file);
/* What mkdir(2) says when somebody was quicker. Returns -1. */
int cgroup_say_taken(const char *directory, struct error *err);

/* Whether the word is in a list separated by blanks, line ends or commas. */
bool cgroup_list_has(const char *list, const char *word);

/* Whether the words of that kernel's file hold the line "key value". */
bool cgroup_lines_have(const char *lines, const char *line);

/* errno says that the cgroup is not there, or was removed under an open descriptor. */
bool cgroup_is_gone(int code);

/* Adds the pids of the directory and what is below it to *pids, pid_t by pid_t. A
 * missing directory has none. -1 and errno. */
int cgroup_pids_collect(const char *directory, struct text *pids);

/* Removes what is below the directory, then itself; missing is fine. -1 and errno: EBUSY
 * while processes live there. */
int cgroup_directory_remove(const char *directory);
