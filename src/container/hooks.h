/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hooks - config.hooks: programs at the turns of a container's life, with the state of
 * the container on their standard input. Contract: config.md "POSIX-platform Hooks",
 * runtime.md "Lifecycle" of the specification 1.3.0. What a hook prints is part of the
 * message when it fails, unless the annotations run.oci.hooks.stdout and
 * run.oci.hooks.stderr name files for it.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "container/status.h"

struct config;
struct error;
struct record;

enum hooks_kind {
	HOOKS_PRESTART,
	HOOKS_CREATE_RUNTIME,
	HOOKS_CREATE_CONTAINER,
	HOOKS_START_CONTAINER,
	HOOKS_POSTSTART,
	HOOKS_POSTSTOP,
};

/* Absolute paths, an environment of NAME=value. Pure. err->where is "hooks.…". */
int hooks_check(const struct config *config, struct error *err);

/* Whether there is one of that kind. Pure. */
bool hooks_have(const struct config *config, enum hooks_kind kind);

/* Whether the container process has to wait for some before it enters its root. Pure. */
bool hooks_before_start(const struct config *config);

/* What they are told of the container. */
struct hooks_state {
	const struct record *record;
	enum status status;
	pid_t pid; /* as the hook sees it; 0: none */
};

/* Runs those of the kind, one after the other, in the caller's namespaces; the first that
 * fails is the error. */
int hooks_run(const struct config *config, enum hooks_kind kind,
	      const struct hooks_state *state, struct error *err);

/* The same for poststop, whose failure is a warning and stops none. */
void hooks_run_poststop(const struct config *config, const struct record *record);
