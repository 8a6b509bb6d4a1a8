/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * devices - linux.devices and the default set: null zero full random urandom tty, the
 * links fd stdin stdout stderr ptmx (core where /proc/kcore is). Contract:
 * config-linux.md "Default Devices", mknod(2).
 */

struct config_linux;
struct error;

/* Types, paths below /dev or anywhere absolute, numbers given where the type needs them.
 */
int devices_check(const struct config_linux *linux_, struct error *err);

enum devices_way {
	DEVICES_MADE,
	DEVICES_BOUND, /* by a bind mount of the host's: a user namespace may make none */
};

/*
 * Makes them in the directory `devfd`, which was resolved inside the root as /dev; those
 * of linux.devices that lie elsewhere by rootfd. What is there already and is the same is
 * left alone, what is something else is an error for linux.devices and replaced
 * for a default. Nothing is followed (CVE-2026-41579).
 * DEVICES_BOUND: in the view of the host still.
 */
int devices_apply(const struct config_linux *linux_, int rootfd, int devfd,
		  enum devices_way way, struct error *err);
