/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* network - the loopback interface of a new network namespace. Contract: netdevice(7). */

struct error;

/* Sets "lo" up in the calling process's network namespace. */
int network_apply(struct error *err);
