/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "base/names.h"
#include "base/text.h"
#include "container/features.h"
#include "container/features_host.h"
#include "container/systemd_bus.h"
#include "kernel/capabilities.h"
#include "kernel/memory_policy.h"
#include "kernel/mount_options.h"
#include "kernel/namespaces.h"
#include "kernel/seccomp.h"
#include "oci/annotations.h"
#include "oci/config.h"
#include "oci/json_write.h"
#include "oci/layout.h"
#include "oci/version.h"

/* A member of the configuration that the tables have, and do not refuse. */
static bool is_done(const char *member)
{
	const struct field *field = layout_find(config_table(), member);

	return field != NULL && field->type != FIELD_REFUSED;
}

static void put_done(struct json_writer *json, const char *feature, const char *member)
{
	json_open_object(json, feature);
	json_put_bool(json, "enabled", is_done(member));
	json_close_object(json);
}

static void put_words(struct json_writer *json, const char *key, const char *const *words)
{
	json_open_array(json, key);
	for (; *words != NULL; words++)
		json_put_text(json, NULL, *words);
	json_close_array(json);
}

typedef bool is_wanted(const struct name *name);

/* wanted: NULL for all. */
static void put_names(struct json_writer *json, const char *key, const struct name *names,
		      is_wanted *wanted)
{
	json_open_array(json, key);
	for (; names->text != NULL; names++) {
		if (wanted == NULL || wanted(names))
			json_put_text(json, NULL, names->text);
	}
	json_close_array(json);
}

static void put_hooks(struct json_writer *json)
{
	const struct layout *hooks = layout_find(config_table(), "hooks")->layout;

	json_open_array(json, "hooks");
	for (const struct field *field = hooks->fields; field->key != NULL; field++) {
		if (field->type != FIELD_REFUSED)
			json_put_text(json, NULL, field->key);
	}
	json_close_array(json);
}

static void put_cgroup(struct json_writer *json)
{
	json_open_object(json, "cgroup");
	json_put_bool(json, "v1", true);
	json_put_bool(json, "v2", true);
	json_put_bool(json, "systemd", systemd_bus_has_program());
	json_put_bool(json, "systemdUser", systemd_bus_has_program());
	json_put_bool(json, "rdma", is_done("linux.resources.rdma"));
	json_close_object(json);
}

static void put_seccomp(struct json_writer *json)
{
	const struct name *actions = seccomp_words(SECCOMP_ACTIONS);

	json_open_object(json, "seccomp");
	json_put_bool(json, "enabled", actions != NULL);
	if (actions != NULL) {
		const struct name *flags = seccomp_words(SECCOMP_FLAGS);

		put_names(json, "actions", actions, NULL);
		put_names(json, "operators", seccomp_words(SECCOMP_OPERATORS), NULL);
		put_names(json, "archs", seccomp_words(SECCOMP_ARCHITECTURES), NULL);
		put_names(json, "knownFlags", flags, NULL);
		put_names(json, "supportedFlags", flags, seccomp_has_flag);
	}
	json_close_object(json);
}

static void put_intel_rdt(struct json_writer *json)
{
	json_open_object(json, "intelRdt");
	json_put_bool(json, "enabled", is_done("linux.intelRdt"));
	json_put_bool(json, "schemata", is_done("linux.intelRdt.schemata"));
	json_put_bool(json, "monitoring", is_done("linux.intelRdt.enableMonitoring"));
	json_close_object(json);
}

static void put_linux(struct json_writer *json)
{
	json_open_object(json, "linux");
	put_names(json, "namespaces", namespaces_types(), NULL);
	put_words(json, "capabilities", capabilities_names());
	put_cgroup(json);
	put_seccomp(json);
	put_done(json, "apparmor", "process.apparmorProfile");
	put_done(json, "selinux", "process.selinuxLabel");
	put_intel_rdt(json);
	json_open_object(json, "memoryPolicy");
	put_names(json, "modes", memory_policy_modes(), NULL);
	put_names(json, "flags", memory_policy_flags(), NULL);
	json_close_object(json);
	json_open_object(json, "mountExtensions");
	put_done(json, "idmap", "mounts.uidMappings");
	json_close_object(json);
	put_done(json, "netDevices", "linux.netDevices");
	json_close_object(json);
}

static void put_annotations(struct json_writer *json, const char *commit)
{
	auto_text struct text library = { 0 };

	json_open_object(json, "annotations");
	seccomp_put_version(&library);
	/* The name that runc and crun have for it. */
	json_put_text(json, "io.github.seccomp.libseccomp.version", library.data);
	json_put_text(json, "io.minirun.commit", commit);
	features_put_host(json);
	json_put_text(json, "io.minirun.version", VERSION);
	json_close_object(json);
}

void features_write(const char *commit, struct text *text)
{
	struct json_writer *json = json_writer_new("  ");

	json_open_object(json, NULL);
	json_put_text(json, "ociVersionMin", OCI_VERSION_MIN);
	json_put_text(json, "ociVersionMax", OCI_VERSION);
	put_hooks(json);
	put_words(json, "mountOptions", mount_options_words());
	put_linux(json);
	put_annotations(json, commit);
	json_open_array(json, "potentiallyUnsafeConfigAnnotations");
	for (enum annotation each = 0; each < ANNOTATIONS_COUNT; each++)
		json_put_text(json, NULL, annotation_name(each));
	json_close_array(json);
	json_close_object(json);
	json_writer_finish(json, text);
}
