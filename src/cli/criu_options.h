/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* criu_options - what checkpoint and restore have in common. */

struct criu_options;
struct error;
struct options;

/* The rows that criu_options_read() knows, for both. */
#define CRIU_OPTIONS                                                                   \
	{ "image-path", 0, "DIR", "the images of criu, 'checkpoint' if not given" },   \
		{ "work-path", 0, "DIR",                                               \
		  "the log of criu, beside the images if not "                         \
		  "given" },                                                           \
		{ "tcp-established", 0, NULL, "keep TCP connections" },                \
		{ "ext-unix-sk", 0, NULL, "allow unix sockets with an end outside" },  \
		{ "shell-job", 0, NULL, "allow a session that began outside" },        \
		{ "lazy-pages", 0, NULL, "move memory when it is used, userfaultfd" }, \
		{ "file-locks", 0, NULL, "keep file locks" },                          \
		{ "manage-cgroups-mode", 0, "MODE",                                    \
		  "soft, full, strict or ignore cgroups' settings" },                  \
		{ "empty-ns", 0, "NAMESPACE", "network: accepted, it always is so" },  \
		{ "auto-dedup", 0, NULL, "free memory in images that is not needed" }, \
	{                                                                              \
		"network-lock", 0, "METHOD", "iptables, nftables or skip"              \
	}

/* Fills *criu from the options; what the verb has no row for is not given. */
int criu_options_read(const struct options *options, struct criu_options *criu,
		      struct error *err);
