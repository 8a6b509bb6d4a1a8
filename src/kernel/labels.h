/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * labels - process.apparmorProfile, process.selinuxLabel and linux.mountLabel: what the
 * host's security module shall make of the container. Contract: apparmor(7), selinux(8),
 * /proc/thread-self/attr of proc(5). The mounts themselves apply linux.mountLabel.
 */

#include <stdbool.h>

struct config;
struct config_process;
struct error;

/* Whether the kernel has it enabled; of SELinux also whether a policy is loaded. */
bool labels_have_apparmor(void);
bool labels_have_selinux(void);

/* The module that is asked for is enabled on this host. */
int labels_check(const struct config_process *process, struct error *err);

/* A linux.mountLabel that is not too long, and a known annotation
 * run.oci.mount_context_type. */
int labels_check_mounts(const struct config *config, struct error *err);

/* linux.mountLabel and the name of its option, NULL where none is given, or where there
 * is nobody to heed it: managers give one to every host. */
const char *labels_of_mounts(const struct config *config, const char **type);

/* Whether one is given and not heeded, which *err then says. */
bool labels_ignore_mounts(const struct config *config, struct error *err);

/* For the calling process from its next execve(2) on; procfd: the host's /proc, since
 * what is written to the container's may go astray (CVE-2019-16884). */
int labels_apply(const struct config_process *process, int procfd, struct error *err);

/* The keys that the calling process makes have process.selinuxLabel, as those that the
 * payload makes, until labels_end_keys(). */
int labels_begin_keys(const struct config_process *process, int procfd,
		      struct error *err);
int labels_end_keys(const struct config_process *process, int procfd, struct error *err);
