/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* temporary - a directory that is gone when its variable leaves scope. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/tree.h"

struct temporary {
	char path[64];
	int fd;
};

#define auto_temporary __attribute__((cleanup(temporary_release)))

static inline struct temporary temporary_new(void)
{
	struct temporary temporary = { "/tmp/minirun-test-XXXXXX", -1 };

	if (mkdtemp(temporary.path) == NULL)
		exit(99);
	temporary.fd = open(temporary.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return temporary;
}

static inline void temporary_release(struct temporary *temporary)
{
	int parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct error err;

	if (tree_remove(parent, temporary->path + 5, &err) < 0)
		printf("# %s\n", err.text);
	(void)close(parent);
	(void)close(temporary->fd);
}
