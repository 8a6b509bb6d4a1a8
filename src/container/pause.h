/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* pause - the verbs pause and resume: a container held still until somebody says
 * otherwise. Nothing is recorded: its cgroup is frozen or not. */

struct error;
struct registry;

/* Returns once nothing in it runs. One that is neither created nor running is "container
 * not running" (runc's words). Waits for a commit that holds the same container still. */
int pause_container(const struct registry *registry, const char *id, struct error *err);

/* The way back; "container not paused" (runc's words) if it is not. */
int resume_container(const struct registry *registry, const char *id, struct error *err);
