/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* network_devices - linux.netDevices: network devices of the host that become the
 * container's. Contract: config-linux.md, rtnetlink(7), network_namespaces(7). */

struct config_linux;
struct error;

/* Names that are ones, none twice, of devices that are there, and a network namespace of
 * the container's for them. */
int network_devices_check(const struct config_linux *linux_, struct error *err);

/*
 * Moves them from the network namespace of the caller to that of the descriptor, with
 * their permanent global addresses, and sets them up. A caller of one thread, with
 * CAP_NET_ADMIN and CAP_SYS_ADMIN over both. On failure some may be there: the kernel
 * gives physical ones back to the host at the end of the namespace, and destroys others.
 */
int network_devices_move(const struct config_linux *linux_, int namespacefd,
			 struct error *err);
