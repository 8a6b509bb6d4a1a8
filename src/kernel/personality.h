/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* personality - linux.personality: what uname(2) says of the machine; personality(2). */

struct config_linux;
struct error;

/* A known domain, and no flags: the specification has none. */
int personality_check(const struct config_linux *linux_, struct error *err);

/* For the calling process and what it executes. */
int personality_apply(const struct config_linux *linux_, struct error *err);
