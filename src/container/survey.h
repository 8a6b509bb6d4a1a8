/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * survey - everything that is wrong with a bundle, and not the first thing only.
 *
 * It asks what create asks: the tables, the rules, every feature's check. Each stops at
 * the first mistake; that is noted, taken out of the configuration (oci/mend), and the
 * same is asked again until nothing is wrong. So what create would say is always among
 * the findings, and nothing is slower for create.
 */

#include "kernel/cgroup.h"
#include "oci/findings.h"

struct bundle;
struct error;

/* A check that is not in checks_list(), called as those are, with the context. */
struct survey_rule {
	int (*run)(const struct bundle *bundle, const void *context, struct error *err);
	const void *context;
	const char *needs; /* a JSON path: not run when an error is there; or NULL */
	enum finding_level level; /* of what it finds */
};

/* Adds to the findings what is wrong, sorted. bundle->text, path and file_name are set;
 * what is in bundle->config afterwards is of no use. The rules end with NULL. */
void survey_run(struct bundle *bundle, const struct survey_rule *rules,
		struct findings *findings);

/* What the checks of a host need to know besides. */
struct survey_host {
	const char *root, *data_root, *claims; /* as launch.h */
	enum cgroup_manager cgroup_manager;
};

/* survey_host.c: the same, and what this host cannot do. Makes nothing, but tries the
 * maps of a new user namespace in one that is gone at once. */
void survey_bundle(struct bundle *bundle, const struct survey_host *host,
		   struct findings *findings);
