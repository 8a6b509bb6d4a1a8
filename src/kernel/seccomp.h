/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * seccomp - linux.seccomp: which system calls the container may make.
 *
 * The parent compiles the profile by libseccomp into a program of classic BPF while
 * the child sets up the root; the child only loads it. Contract: seccomp(2), the
 * specification's config-linux.md "Seccomp".
 */

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>

struct config_seccomp;
struct error;
struct name;
struct text;

struct seccomp_program {
	unsigned flags;        /* SECCOMP_FILTER_FLAG_… */
	unsigned short length; /* of instructions; 0: no filter */
	struct sock_filter
		instructions[4096]; /* BPF_MAXINSNS; last: sent as far as used */
};

/* Words, ranges and combinations; err->where starts with "linux.seccomp". */
int seccomp_check(const struct config_seccomp *seccomp, struct error *err);

/* Every word that seccomp_check() takes, for `features`; NULL where minirun was built
 * without seccomp. */
enum seccomp_words {
	SECCOMP_ACTIONS,
	SECCOMP_ARCHITECTURES,
	SECCOMP_FLAGS,
	SECCOMP_OPERATORS,
};
const struct name *seccomp_words(enum seccomp_words which);

/* Whether the running kernel has the action or the flag, a row of those words. */
bool seccomp_has_action(const struct name *action);
bool seccomp_has_flag(const struct name *flag);

/* Adds the version of libseccomp. */
void seccomp_put_version(struct text *text);

/* Whether the library knows all names: -1 and the place of the first that it does not.
 * Adds " NAME" for each of those to *unknown, unless that is NULL. */
int seccomp_check_known(const struct config_seccomp *seccomp, struct text *unknown,
			struct error *err);

/* Whether a rule leaves the system call to an agent. */
bool seccomp_leaves(const struct config_seccomp *seccomp, const char *name);

/* Compiles; unknown system call names are skipped, as the specification wants. */
int seccomp_compile(const struct config_seccomp *seccomp, struct seccomp_program *program,
		    struct error *err);

/* Whether system calls may be left to an agent: seccomp_unotify(2). */
static inline bool seccomp_has_listener(const struct seccomp_program *program)
{
	return (program->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0;
}

/* Loads the program into the calling thread; needs no_new_privs or CAP_SYS_ADMIN. Returns
 * the listener, close-on-exec and owned, if the program has one. */
int seccomp_apply(const struct seccomp_program *program, struct error *err);
