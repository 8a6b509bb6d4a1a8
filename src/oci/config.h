/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * config - the container as config.json describes it.
 *
 * The structs say what the file said, with the names the specification uses
 * and nothing interpreted: what "RLIMIT_CPU" is, only rlimits.c knows. An
 * optional member is a pointer, NULL when absent; a list S has S_count beside
 * it, or ends with NULL when it holds strings. They are read-only once loaded,
 * and live as long as the arena they were read into.
 *
 * Contract: OCI runtime specification 1.3.0, config.md and config-linux.md;
 * `root.overlay` is minirun's own (minirun-config(5)).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;
struct json;
struct layout;

struct config_overlay {
	char **lower; /* topmost first */
	const char *upper, *work;
	bool is_volatile;
};

struct config_root {
	const char *path;
	bool readonly;
	const struct config_overlay *overlay;
};

/* Ids of a user namespace from container_id on are those of the host from host_id on. */
struct config_id_map {
	uint64_t container_id, host_id, size;
};

struct config_mount {
	const char *destination;
	const char *type, *source;
	char **options;
	const struct config_id_map *uid_mappings, *gid_mappings;
	size_t uid_mappings_count, gid_mappings_count;
};

struct config_box {
	uint64_t height, width;
};

struct config_user {
	int64_t uid, gid;
	const int64_t *umask;
	const int64_t *additional_gids;
	size_t additional_gids_count;
};

struct config_capabilities {
	char **bounding, **permitted, **effective, **inheritable, **ambient;
};

struct config_rlimit {
	const char *type;
	uint64_t soft, hard;
};

struct config_scheduler {
	const char *policy;
	char **flags;
	int64_t nice, priority;
	uint64_t runtime, deadline, period; /* nanoseconds */
};

struct config_io_priority {
	const char *class;
	int64_t priority;
};

struct config_affinity {
	const char *initial, *final;
};

struct config_process {
	bool terminal;
	const struct config_box *console_size;
	const struct config_user *user;
	char **args, **env;
	const char *cwd;
	const struct config_capabilities *capabilities;
	const struct config_rlimit *rlimits;
	size_t rlimits_count;
	bool no_new_privileges;
	const char *apparmor_profile, *selinux_label;
	const int64_t *oom_score_adj;
	const struct config_scheduler *scheduler;
	const struct config_io_priority *io_priority;
	const struct config_affinity *exec_cpu_affinity;
};

struct config_namespace {
	const char *type, *path;
};

struct config_time_offset {
	int64_t secs;
	uint64_t nanosecs;
};

struct config_time_offsets {
	const struct config_time_offset *monotonic, *boottime;
};

struct config_device {
	const char *type, *path;
	const int64_t *major, *minor, *file_mode, *uid, *gid;
};

struct config_net_device {
	const char *key;  /* the name on the host */
	const char *name; /* in the container */
};

struct config_device_rule {
	bool allow;
	const char *type, *access;
	const int64_t *major, *minor;
};

struct config_memory {
	const int64_t *limit, *reservation, *swap;
	const int64_t *kernel, *kernel_tcp;
	const bool *disable_oom_killer, *use_hierarchy, *check_before_update;
	const uint64_t *swappiness;
};

struct config_cpu {
	const uint64_t *shares, *period, *burst, *realtime_period;
	const int64_t *quota, *idle, *realtime_runtime;
	const char *cpus, *mems;
};

struct config_pids {
	const int64_t *limit;
};

struct config_weight_device {
	int64_t major, minor;
	uint64_t weight, leaf_weight; /* 0: not given */
};

struct config_throttle_device {
	int64_t major, minor;
	uint64_t rate;
};

struct config_block_io {
	uint64_t weight, leaf_weight; /* 0: not given */
	const struct config_weight_device *weight_device;
	size_t weight_device_count;
	const struct config_throttle_device *throttle_read_bps_device;
	size_t throttle_read_bps_device_count;
	const struct config_throttle_device *throttle_write_bps_device;
	size_t throttle_write_bps_device_count;
	const struct config_throttle_device *throttle_read_iops_device;
	size_t throttle_read_iops_device_count;
	const struct config_throttle_device *throttle_write_iops_device;
	size_t throttle_write_iops_device_count;
};

struct config_hugepage_limit {
	const char *page_size; /* "2MB" */
	uint64_t limit;
};

struct config_interface_priority {
	const char *name;
	uint64_t priority;
};

struct config_network {
	uint64_t class_id; /* 0: not given */
	const struct config_interface_priority *priorities;
	size_t priorities_count;
};

struct config_rdma {
	const char *key; /* the name of the device */
	const uint64_t *hca_handles, *hca_objects;
};

struct config_resources {
	const struct config_device_rule *devices;
	size_t devices_count;
	const struct config_memory *memory;
	const struct config_cpu *cpu;
	const struct config_pids *pids;
	const struct config_block_io *block_io;
	const struct config_hugepage_limit *hugepage_limits;
	size_t hugepage_limits_count;
	const struct config_network *network;
	const struct config_rdma *rdma;
	size_t rdma_count;
	const struct json *unified; /* an object of strings, or NULL */
};

struct config_intel_rdt {
	const char *clos_id, *l3_cache_schema, *mem_bw_schema;
	char **schemata;
	bool enable_monitoring, enable_cmt, enable_mbm;
};

struct config_seccomp_arg {
	uint64_t index, value, value_two;
	const char *op;
};

struct config_seccomp_rule {
	char **names;
	const char *action;
	const uint64_t *errno_ret;
	const struct config_seccomp_arg *args;
	size_t args_count;
};

struct config_seccomp {
	const char *default_action;
	const uint64_t *default_errno_ret;
	char **architectures, **flags;
	const char *listener_path, *listener_metadata;
	const struct config_seccomp_rule *syscalls;
	size_t syscalls_count;
};

struct config_personality {
	const char *domain;
	char **flags;
};

struct config_memory_policy {
	const char *mode, *nodes;
	char **flags;
};

struct config_linux {
	const struct config_namespace *namespaces;
	size_t namespaces_count;
	const struct config_id_map *uid_mappings, *gid_mappings;
	size_t uid_mappings_count, gid_mappings_count;
	const struct config_time_offsets *time_offsets;
	const struct config_device *devices;
	size_t devices_count;
	const struct config_net_device *net_devices;
	size_t net_devices_count;
	const char *cgroups_path, *rootfs_propagation, *mount_label;
	const struct config_resources *resources;
	const struct config_intel_rdt *intel_rdt;
	const struct config_seccomp *seccomp;
	char **masked_paths, **readonly_paths;
	const struct config_memory_policy *memory_policy;
	const struct config_personality *personality;
	const struct json *sysctl; /* an object of strings, or NULL */
};

struct config_hook {
	const char *path;
	char **args, **env;
	const int64_t *timeout; /* seconds */
};

struct config_hooks {
	const struct config_hook *prestart, *create_runtime, *create_container,
		*start_container, *poststart, *poststop;
	size_t prestart_count, create_runtime_count, create_container_count,
		start_container_count, poststart_count, poststop_count;
};

struct config {
	const char *oci_version;
	const char *hostname, *domainname;
	const struct config_process *process;
	const struct config_root *root;
	const struct config_mount *mounts;
	size_t mounts_count;
	const struct config_linux *linux_;
	const struct config_hooks *hooks;
	const struct json *annotations; /* an object of strings, or NULL */
};

/* Called for each member that no table knows; `where` is its JSON path. */
typedef void config_unknown(const char *where);

/*
 * Fills *config from the tree, into the arena; err->where names the JSON path of
 * what is wrong. A member of the specification that minirun does not do is an
 * error; `unknown` may be NULL.
 */
int config_read(struct config *config, const struct json *json, struct arena *arena,
		config_unknown *unknown, struct error *err);

/* The same for a process document by itself, as exec --process takes it. */
int config_process_read(struct config_process *process, const struct json *json,
			struct arena *arena, config_unknown *unknown, struct error *err);

/* The same for linux.resources by itself, as update takes it. */
int config_resources_read(struct config_resources *resources, const struct json *json,
			  struct arena *arena, struct error *err);

/* The same for an array of mounts by itself, as `mounts` takes it, in the place of those
 * of *config; err->where begins with "mounts". */
int config_mounts_read(struct config *config, struct json *json, struct arena *arena,
		       struct error *err);

/* linux.mountLabel, or NULL; *type: the option of mount(8) that it is the value of, by
 * the annotation run.oci.mount_context_type, else "context". */
const char *config_mount_label(const struct config *config, const char **type);

/* The namespace of that type, or NULL; linux_ may be NULL. */
const struct config_namespace *config_namespace(const struct config_linux *linux_,
						const char *type);

/* The table of the whole document: the schema lint and `features` walk it. */
const struct layout *config_table(void);
