/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * filesystem - a new file system as a detached mount: fsopen(2), fsconfig(2), fsmount(2).
 *
 * The kernel says on the descriptor of fsopen() why it refused something; that sentence
 * is put in brackets behind the errno text.
 */

#include <stdint.h>

struct error;

enum { FILESYSTEM_VALUE_MAX = 255 }; /* bytes of a value, fs/fsopen.c */

/* The context for a new file system of the type. Owned, or -1. */
int filesystem_open(const char *type, struct error *err);

/* Sets an option; value NULL: a flag. */
int filesystem_set(int context, const char *key, const char *value, struct error *err);

/* Sets an option to an open file, where the file system takes one; O_PATH will do. */
int filesystem_set_fd(int context, const char *key, int fd, struct error *err);

/* Creates it: a detached mount with the MOUNT_ATTR_… attributes. Owned, or -1. */
int filesystem_mount(int context, const char *type, uint64_t attributes,
		     struct error *err);
