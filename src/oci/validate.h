/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * validate - the rules of the specification that no feature owns. Pure. What belongs to
 * one kernel feature (the words of namespaces, limits, options; hostname and its
 * namespace) is said by that feature's X_check.
 */

struct config;
struct config_process;
struct error;

/* ociVersion 1.x.y; root, process and linux there; root.path or an overlay whose lowers,
 * upper and work fit together; destinations and names of annotations not empty;
 * err->where is set. */
int validate_config(const struct config *config, struct error *err);

/* The part of it that is about mounts. */
int validate_mounts(const struct config *config, struct error *err);

/* args not empty, cwd absolute, env "NAME=value"; err->where starts with "process". */
int validate_process(const struct config_process *process, struct error *err);
