/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * state - the state document of the specification (runtime.md "State"), as `state` prints
 * it and hooks get it, with the members that runc adds.
 */

#include <sys/types.h>

struct json;
struct json_writer;
struct text;

struct state {
	const char *oci_version, *id;
	const char *status; /* creating created running paused stopped */
	pid_t pid;          /* 0 when stopped */
	const char *bundle;
	const char *rootfs, *created, *owner; /* runc's; NULL leaves them out */
	const struct json *annotations;       /* NULL: none */
};

/* Adds the document, indented as runc does, with a newline. */
void state_write(const struct state *state, struct text *text);

/* The same as a part of another document; key as in json_write.h. */
void state_put(const struct state *state, struct json_writer *json, const char *key);
