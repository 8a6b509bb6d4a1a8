/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* memory_policy - linux.memoryPolicy: from which memory nodes pages come;
 * set_mempolicy(2), numa(7). */

struct config_linux;
struct error;
struct name;

/* A known mode and known flags, a list of nodes, and nodes where the mode wants some. */
int memory_policy_check(const struct config_linux *linux_, struct error *err);

/* For the calling process and what it makes. */
int memory_policy_apply(const struct config_linux *linux_, struct error *err);

/* Every word that memory_policy_check() takes, for `features`. */
const struct name *memory_policy_modes(void);
const struct name *memory_policy_flags(void);
