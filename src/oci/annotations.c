/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/annotations.h"
#include "oci/config.h"
#include "oci/json.h"
#include "oci/overlay_annotations.h"

/* run.oci.…: crun's, with the same meaning; org.criu.config: runc's. */
static const char *const names[ANNOTATIONS_COUNT] = {
	[ANNOTATION_OVERLAY] = OVERLAY_ANNOTATIONS_PREFIX,
	[ANNOTATION_CRIU_CONFIG] = "org.criu.config",
	[ANNOTATION_DELEGATE_CGROUP] = "run.oci.delegate-cgroup",
	[ANNOTATION_HOOKS_STDERR] = "run.oci.hooks.stderr",
	[ANNOTATION_HOOKS_STDOUT] = "run.oci.hooks.stdout",
	[ANNOTATION_KEEP_GROUPS] = "run.oci.keep_original_groups",
	[ANNOTATION_MOUNT_CONTEXT] = "run.oci.mount_context_type",
	/* A system call that the library does not know is an error, and not skipped. */
	[ANNOTATION_SECCOMP_FAIL_UNKNOWN] = "run.oci.seccomp_fail_unknown_syscall",
};

const char *annotation_name(enum annotation annotation)
{
	return names[annotation];
}

const char *config_annotation(const struct config *config, enum annotation annotation)
{
	return json_string(json_find(config->annotations, names[annotation]));
}
