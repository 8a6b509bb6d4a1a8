/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* criu_options - what the caller of checkpoint and restore wants of criu, checked and
 * told to it. */

#include <stdbool.h>
#include <stdint.h>

struct cgroup;
struct config;
struct criu;
struct error;
struct text;

/* Options that are on or off, by the name that the command line has for them. */
enum criu_flag {
	CRIU_AUTO_DEDUP,
	CRIU_EXT_UNIX_SK,
	CRIU_FILE_LOCKS,
	CRIU_LAZY_PAGES,
	CRIU_LEAVE_RUNNING,
	CRIU_LINK_REMAP,
	CRIU_SHELL_JOB,
	CRIU_TCP_CLOSE,
	CRIU_TCP_ESTABLISHED,
	CRIU_TCP_SKIP_IN_FLIGHT,
	CRIU_FLAGS_COUNT,
};

const char *criu_flag_name(enum criu_flag flag);

struct criu_options {
	const char *image_path; /* "checkpoint" if NULL */
	const char *work_path, *parent_path;
	const char *page_server; /* ADDRESS:PORT */
	const char *manage_cgroups_mode, *network_lock;
	const char *lsm_profile, *lsm_mount_context;
	const char *empty_ns;
	int status_fd; /* -1: none */
	bool flags[CRIU_FLAGS_COUNT];
};

/* Words and forms. Touches nothing. */
int criu_options_check(const struct criu_options *options, struct error *err);

/* Adds them to a criu_opts, and the configuration file of criu's that is meant for the
 * container. criu_options_check() has passed. */
void criu_options_write(const struct criu_options *options, const struct config *config,
			const struct cgroup *cgroup, struct text *message);

/* Opens the directories: for a dump they are made where they are missing, and the one of
 * the parent images has to be there. Owned by the caller, who closes what is not -1. */
enum criu_places {
	CRIU_PLACES_MAKE,
	CRIU_PLACES_FIND,
};
int criu_options_open(const struct criu_options *options, enum criu_places places,
		      struct criu *criu, struct error *err);

/* Fields of criu_opts, rpc.proto, that others than this file write. */
enum {
	CRIU_OPT_PID = 2,
	CRIU_OPT_EVASIVE_DEVICES = 6,
	CRIU_OPT_ROOT = 13,
	CRIU_OPT_TRACK_MEM = 15,
	CRIU_OPT_EXT_MNT = 23,
	CRIU_OPT_CG_ROOT = 25,
	CRIU_OPT_RST_SIBLING = 26,
	CRIU_OPT_INHERIT_FD = 27,
	CRIU_OPT_EXTERNAL = 37,
	CRIU_OPT_JOIN_NS = 39,
	CRIU_OPT_FREEZE_CGROUP = 44,
};
