/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * annotations - those of the configuration that change what minirun does. Each is asked
 * for by its constant, so that `features` can tell managers of all there are.
 */

struct config;

enum annotation {
	ANNOTATION_OVERLAY, /* what a family of names begins with: overlay_annotations.h
			     */
	ANNOTATION_CRIU_CONFIG,
	ANNOTATION_DELEGATE_CGROUP,
	ANNOTATION_HOOKS_STDERR,
	ANNOTATION_HOOKS_STDOUT,
	ANNOTATION_KEEP_GROUPS,
	ANNOTATION_MOUNT_CONTEXT,
	ANNOTATION_SECCOMP_FAIL_UNKNOWN,
	ANNOTATIONS_COUNT,
};

/* Its name; one of a family ends in a full stop. */
const char *annotation_name(enum annotation annotation);

/* The value of an annotation, or NULL. */
const char *config_annotation(const struct config *config, enum annotation annotation);
