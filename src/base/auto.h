/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * auto - release a resource when its variable leaves scope.
 *
 *	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
 *
 * Initialise the variable where it is declared (-1 or NULL when there is
 * nothing to hold yet). To hand the resource to the caller: return take_fd(&fd).
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define auto_free  __attribute__((cleanup(auto_free_cleanup)))
#define auto_close __attribute__((cleanup(auto_close_cleanup)))
#define auto_dir   __attribute__((cleanup(auto_dir_cleanup)))
#define auto_file  __attribute__((cleanup(auto_file_cleanup)))

static inline void auto_free_cleanup(void *slot)
{
	free(*(void **)slot);
}

static inline void auto_close_cleanup(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static inline void auto_dir_cleanup(DIR **dir)
{
	if (*dir != NULL)
		(void)closedir(*dir);
}

static inline void auto_file_cleanup(FILE **file)
{
	if (*file != NULL)
		(void)fclose(*file);
}

static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define take_ptr(slot)                            \
	({                                        \
		typeof(*(slot)) taken_ = *(slot); \
		*(slot) = NULL;                   \
		taken_;                           \
	})
