/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process - the calling process becomes the container's: the steps that `create` and
 * `exec` share, once it is in its namespaces and root.
 */

#include <limits.h>
#include <stdbool.h>

#include "kernel/seccomp.h"

struct config;
struct config_process;
struct error;

enum { PROCESS_KEPT_MAX = 3 };

struct process {
	const struct config_process *config;
	const struct config *container; /* for what it says of every process */
	const char *keyring;        /* the session keyring's name; NULL: the caller's */
	int procfd;                 /* the host's /proc, closed on the way */
	int terminal;               /* slave of the pty, or -1 */
	int sync;                   /* to the launcher, one of those kept */
	bool passes_listener;       /* the launcher cannot take it: filter_can_take() */
	bool notify;                /* it has a socket of notify.h */
	int activated;              /* descriptors from 3 on, activation.h */
	int preserve_fds;           /* behind those, left to the payload */
	bool is_inside;             /* process_prepare_outside() was called */
	bool is_in_directory;       /* its working directory, which was looked at */
	int kept[PROCESS_KEPT_MAX]; /* ours, close-on-exec, needed to the end; or -1 */
	struct seccomp_program *program; /* length 0: none */
	char **environment;              /* filled on the way */
	char executable[PATH_MAX];       /* filled on the way */
};

/* All that can be said about config->process before anything exists. */
int process_check(const struct config_process *config, struct error *err);

/* The specification asks for a warning, and for going on, where a capability cannot be
 * given; a user namespace has all of them. */
void process_warn(const struct config_process *config);

/* What the host's root alone may do, and a child inherits: before a user namespace is
 * entered, else by process_prepare() itself. */
int process_prepare_outside(struct process *process, struct error *err);

/*
 * From namespaces and root to the last moment before the payload: session, limits,
 * credentials, capabilities, working directory. The executable is found.
 */
int process_prepare(struct process *process, struct error *err);

/* Becomes the payload; returns only to say why not. */
int process_execute(const struct process *process, struct error *err);
