/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cgroup_devices - linux.resources.devices: which device nodes the container may use.
 *
 * The rules are brought into one form first (cgroup_devices.c): denied unless a rule says
 * otherwise, the configuration's rules in their order, the default devices behind them.
 * v1 takes them as lines of two files, v2 as a BPF program (cgroup_devices_program.c).
 * Contract: config-linux.md "Allowed Device list", bpf(2),
 * Documentation/admin-guide/cgroup-v1/devices.rst.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct bpf_insn;
struct cgroup;
struct config_resources;
struct error;

struct cgroup_device_rule {
	int64_t major, minor; /* -1: every */
	uint32_t access;      /* BPF_DEVCG_ACC_… */
	char type;            /* 'a', 'b', 'c' */
	bool allow;
};

struct cgroup_device_rules {
	bool allow; /* what no rule matches */
	const struct cgroup_device_rule *rules;
	size_t count;
	size_t defaults; /* how many of them, at the end, are the default devices */
};

/* err->where is below "linux.resources.". */
int cgroup_devices_check(const struct cgroup *cgroup,
			 const struct config_resources *resources, struct error *err);
int cgroup_devices_apply(const struct cgroup *cgroup,
			 const struct config_resources *resources, struct error *err);

/* Pure; the configuration passed cgroup_devices_check(), and may be NULL. */
void cgroup_devices_rules(const struct config_resources *resources, struct arena *arena,
			  struct cgroup_device_rules *rules);

/* The program of type BPF_PROG_TYPE_CGROUP_DEVICE. Pure. */
struct bpf_insn *cgroup_devices_program(const struct cgroup_device_rules *rules,
					struct arena *arena, size_t *count);

/* Makes the program what decides for the v2 directory, instead of those before it. */
int cgroup_devices_attach(const char *directory, const struct bpf_insn *program,
			  size_t count, struct error *err);
