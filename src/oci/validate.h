/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* validate - the rules of the specification that span members. Pure. */

struct config;
struct config_process;
struct error;

/* ociVersion 1.x; root and process there; linux there; destinations absolute; hostname
 * only with a uts namespace of its own, …; err->where is set. */
int validate_config(const struct config *config, struct error *err);

/* args not empty, cwd absolute, env "NAME=value", ranges of user, oomScoreAdj. */
int validate_process(const struct config_process *process, struct error *err);
