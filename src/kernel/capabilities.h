/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * capabilities - process.capabilities: the five sets. Absent: every set empty, as the
 * specification's "no capabilities". Contract: capabilities(7).
 *
 * What this process does not hold itself cannot be given, and the specification asks for
 * a warning and not for an error then: managers ask for more than a host has. A container
 * never gets more than was asked, only less.
 */

#include <stdbool.h>
#include <stddef.h>

struct config_process;
struct error;
struct text;

/* Known names ("CAP_…"), and effective within permitted, which the kernel insists on.
 * Ambient ones outside of permitted and inheritable are left out, as runc does. */
int capabilities_check(const struct config_process *process, struct error *err);

/* How many of the capabilities asked for cannot be given, their names added to *names,
 * separated by ", "; for the caller's warning. Not ambient ones that are left out:
 * Buildah asks every container for those. */
size_t capabilities_missing(const struct config_process *process, struct text *names);

/* Before the uid changes: drops from the bounding set, keeps the rest over setuid(2)
 * (PR_SET_KEEPCAPS). One prctl(2) for each that was not asked for: reading which are set
 * takes more calls than it saves on a host with a full set. */
int capabilities_bound(const struct config_process *process, struct error *err);

/* After the uid changed: effective, permitted, inheritable, then ambient. */
int capabilities_apply(const struct config_process *process, struct error *err);

/* Whether the calling process has the capability, CAP_…, in effect. */
bool capabilities_have(int capability);

/* Every name that capabilities_check() takes, in the kernel's order, for `features`; NULL
 * ends it. */
const char *const *capabilities_names(void);
