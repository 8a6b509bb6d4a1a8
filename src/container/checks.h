/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* checks - every feature's X_check, before anything exists. */

struct bundle;
struct error;

/* Those that need the configuration and the host alone; the first problem, err->where
 * set. */
int checks_run(const struct bundle *bundle, struct error *err);
