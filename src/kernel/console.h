/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* console - /dev/console of a container with a terminal: the slave of its pty, by a bind
 * mount from descriptor to descriptor (CVE-2025-52565). */

struct error;

/* slave: from terminal_open(), on the container's own devpts. The file is made in /dev
 * inside rootfd where it is missing, and may be no link. */
int console_apply(int rootfd, int slave, struct error *err);
