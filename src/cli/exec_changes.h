/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* exec_changes - what exec runs: the document of --process, or the container's own
 * process with what the options change. */

struct bundle;
struct config_process;
struct config_user;
struct error;
struct options;

#define EXEC_CHANGES                                                                  \
	{ "process", 'p', "FILE", "read what to run from FILE, a process document" }, \
		{ "tty", 't', NULL, "give it a terminal" },                           \
		{ "cwd", 0, "DIR", "its working directory" },                         \
		{ "env", 'e', "NAME=VALUE", "add to its environment" },               \
		{ "user", 'u', "UID[:GID]", "who it runs as" },                       \
		{ "additional-gids", 'g', "GID", "add to its groups" },               \
		{ "cap", 'c', "CAPABILITY", "add to its capabilities" },              \
		{ "no-new-privs", 0, NULL, "it cannot gain privileges" },             \
		{ "process-label", 0, "LABEL", "its SELinux label" },                 \
	{                                                                             \
		"apparmor", 0, "PROFILE", "its AppArmor profile"                      \
	}

/* Fills *process; its strings belong to the options and the bundle's arena. */
int exec_changes_read(const struct options *options, struct bundle *bundle,
		      struct config_process *process, struct error *err);

/* "UID" or "UID:GID", each from 0 to 2^32-2, nothing else. Pure. */
int exec_parse_user(const char *text, struct config_user *user, struct error *err);
