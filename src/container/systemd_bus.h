/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* systemd_bus - where systemd is to be talked to: its bus, and the program that does it,
 * since minirun itself links no library for that. */

#include <stdbool.h>

struct arena;
struct error;

/* Whether it is the caller's own systemd, whose units an ordinary user may make. */
bool systemd_bus_is_user(void);

/* sd_booted(3): whether systemd is the service manager of this host. */
bool systemd_bus_has_systemd(void);

/* Where sd_bus_default_system(3) or sd_bus_default_user(3) would look; NULL where the
 * caller's environment names none. */
const char *systemd_bus_address(struct arena *arena);

/* Whether somebody listens there. An address of another kind than a unix socket's path is
 * not tried. */
int systemd_bus_try(const char *address, struct error *err);

/* minirun-systemd, whether it is installed or not. */
const char *systemd_bus_program(struct arena *arena);
bool systemd_bus_has_program(void);
