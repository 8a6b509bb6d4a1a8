/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * criu - the program criu(8), which saves the processes of a container to files and makes
 * them again, told by its RPC what to do: `criu swrk`, one message a packet, on a socket
 * that it inherits. Contract: images/rpc.proto of criu, https://criu.org/RPC
 */

#include <stdbool.h>
#include <sys/types.h>

struct arena;
struct cgroup;
struct error;
struct text;

/* enum criu_req_type; one pre-dump is all that there is in a run of criu. */
enum criu_request {
	CRIU_DUMP = 1,
	CRIU_RESTORE = 2,
	CRIU_PRE_DUMP = 13,
};

/* criu has come to a turn and waits until it was heard. */
struct criu_notice {
	const char *script; /* "post-dump", "setup-namespaces", … */
	pid_t pid;          /* of the container's first process, or 0 */
	int fd;             /* "orphan-pts-master": the terminal; else -1. Not owned */
};

enum {
	CRIU_INHERITED_FIRST = 4, /* the number that inherited[0] has in criu */
	CRIU_INHERITED_MAX = 2,
};

struct criu {
	enum criu_request request;
	const struct text *options;        /* a criu_opts, but for what stands here */
	int images;                        /* directory of the images */
	int work;                          /* directory of its log, or -1: images */
	const char *log;                   /* name of the log there */
	const char *action;                /* for messages: "dump the container" */
	int inherited[CRIU_INHERITED_MAX]; /* descriptors that criu gets; -1: none */
	const struct cgroup *cgroup;       /* that it is in, with all it makes, or NULL */
	/* In a mount namespace of its own, in which prepare() has to open images and work
	 * again. */
	bool own_mounts;
	/* In criu's process before it becomes criu; may be NULL. */
	int (*prepare)(void *context, struct error *err);
	/* What fails makes criu fail. */
	int (*notify)(void *context, const struct criu_notice *notice, struct error *err);
	void *context;
};

/* The program: in PATH, or where Debian has it. NULL after filling *err. */
const char *criu_find(struct arena *arena, struct error *err);

/*
 * Runs it to its end. A failure is told in the words of its log. CRIU_RESTORE: the pid of
 * the container's first process, a child of ours; else 0. Signals that would end us, if
 * blocked, end criu instead.
 */
pid_t criu_run(const struct criu *criu, struct error *err);
