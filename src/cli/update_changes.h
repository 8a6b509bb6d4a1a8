/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* update_changes - the limits that options of update name, as a tree of
 * linux.resources. */

struct bundle;
struct error;
struct json;
struct options;

#define UPDATE_CHANGES                                                                  \
	{ "blkio-weight", 0, "WEIGHT", "share of the disks, 10 to 1000" },              \
		{ "cpu-period", 0, "MICROSECONDS", "what the quota is of" },            \
		{ "cpu-quota", 0, "MICROSECONDS", "time on processors a period" },      \
		{ "cpu-burst", 0, "MICROSECONDS", "what may be saved up for it" },      \
		{ "cpu-share", 0, "SHARES", "weight beside others" },                   \
		{ "cpu-rt-period", 0, "MICROSECONDS", "the same for realtime" },        \
		{ "cpu-rt-runtime", 0, "MICROSECONDS", "realtime a period" },           \
		{ "cpu-idle", 0, "NUMBER", "1: only when nobody else runs" },           \
		{ "cpuset-cpus", 0, "LIST", "processors, 0-3,7" },                      \
		{ "cpuset-mems", 0, "LIST", "memory nodes" },                           \
		{ "memory", 0, "BYTES", "as 1048576, 64M, 1.5G; -1: no limit" },        \
		{ "memory-reservation", 0, "BYTES", "what is kept when others press" }, \
		{ "memory-swap", 0, "BYTES", "memory and swap together" },              \
		{ "kernel-memory", 0, "BYTES", "accepted, changes nothing" },           \
		{ "kernel-memory-tcp", 0, "BYTES", "accepted, changes nothing" },       \
	{                                                                               \
		"pids-limit", 0, "NUMBER", "of processes and threads; -1: no limit"     \
	}

/* An object in the bundle's arena; NULL after filling *err. The bundle learns which
 * options to name in messages. */
const struct json *update_changes_read(const struct options *options,
				       struct bundle *bundle, struct error *err);
