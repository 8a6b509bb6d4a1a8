/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* launch_options - what create and run have in common: a bundle, and how to launch it. */

struct bundle;
struct child_request;
struct error;
struct globals;
struct launch_request;
struct options;

/* What exec has too: the rows that child_options_read() knows. */
#define CHILD_OPTIONS                                                                    \
	{ "console-socket", 0, "PATH", "unix socket that takes the master of the pty" }, \
		{ "pidfd-socket", 0, "PATH",                                             \
		  "unix socket that takes a pidfd of the process" },                     \
		{ "pid-file", 0, "PATH", "write the process's pid to PATH" },            \
	{                                                                                \
		"preserve-fds", 0, "N", "pass N descriptors after standard error"        \
	}

int child_options_read(const struct options *options, struct child_request *request,
		       struct error *err);

/* The rows that launch_options_read() knows. */
#define LAUNCH_OPTIONS                                                               \
	{ "bundle", 'b', "DIR", "the bundle, the current directory if not given" },  \
		{ "config", 'f', "FILE", "read it instead of config.json" },         \
		CHILD_OPTIONS,                                                       \
		{ "no-pivot", 0, NULL, "use chroot for the root, on an initramfs" }, \
	{                                                                            \
		"no-new-keyring", 0, NULL, "keep the caller's session keyring"       \
	}

/* Loads the bundle into *bundle and fills *request from the options. */
int launch_options_read(const struct globals *globals, const struct options *options,
			struct bundle *bundle, struct launch_request *request,
			struct error *err);
