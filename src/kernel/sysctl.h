/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * sysctl - linux.sysctl: kernel parameters of the container's namespaces. Contract:
 * sysctl(8) for the names, namespaces(7) for what belongs to which.
 */

struct config;
struct error;

/* Names that are well formed, each of a namespace that the container has and that is not
 * the host's. */
int sysctl_check(const struct config *config, struct error *err);

/* In the container's namespaces, which /proc/sys shows to who is in them; procfd: the
 * host's /proc. */
int sysctl_apply(const struct config *config, int procfd, struct error *err);
