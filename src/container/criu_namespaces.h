/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* criu_namespaces - namespaces that the container has joined, and that are there already
 * when it is restored. */

#include <sys/types.h>

struct config_linux;
struct criu;
struct error;
struct namespaces;
struct text;

/* Whether criu can make the container's namespaces again. Pure. */
int criu_namespaces_check(const struct config_linux *linux_, struct error *err);

/* Adds to a criu_opts which namespaces of the process criu leaves as they are. */
int criu_namespaces_dump(const struct config_linux *linux_, pid_t pid,
			 struct text *options, struct error *err);

/* And where it finds them: descriptors that it inherits (criu->inherited, not owned), and
 * paths. */
void criu_namespaces_restore(const struct namespaces *namespaces, struct criu *criu,
			     struct text *options);
