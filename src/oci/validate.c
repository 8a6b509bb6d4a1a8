/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "oci/config.h"
#include "oci/json.h"
#include "oci/systemd_properties.h"
#include "oci/validate.h"

enum { LOWERS_MAX = 500 }; /* OVL_MAX_STACK, fs/overlayfs/params.h */

static int refuse(struct error *err, const char *where, const char *why)
{
	(void)error_set(err, 0, "%s", why);
	return error_at(err, "%s", where);
}

static bool is_empty(const char *text)
{
	return text != NULL && text[0] == '\0';
}

/* "1.MINOR.PATCH", then anything after '-' or '+', semver.org 2.0.0. */
static bool is_version_1(const char *version)
{
	for (int part = 0; part < 3; part++) {
		size_t digits = strspn(version, "0123456789");

		if (digits == 0 || (part == 0 && (digits != 1 || version[0] != '1')))
			return false;
		version += digits;
		if (part < 2 && *version++ != '.')
			return false;
	}
	return *version == '\0' || *version == '-' || *version == '+';
}

static int check_version(const struct config *config, struct error *err)
{
	if (is_version_1(config->oci_version))
		return 0;
	(void)error_set(err, 0, "'%s' is not a version 1.x.y", config->oci_version);
	return error_at(err, "ociVersion");
}

static int check_lowers(const struct config_overlay *overlay, struct error *err)
{
	size_t count;

	for (count = 0; overlay->lower[count] != NULL; count++) {
		if (overlay->lower[count][0] != '\0')
			continue;
		(void)error_set(err, 0, "empty");
		return error_at(err, "root.overlay.lower[%zu]", count);
	}
	if (count == 0)
		return refuse(err, "root.overlay.lower", "empty");
	if (count > LOWERS_MAX)
		return refuse(err, "root.overlay.lower",
			      "more than the 500 layers that the kernel stacks");
	return 0;
}

static int check_overlay(const struct config_overlay *overlay, struct error *err)
{
	if (check_lowers(overlay, err) < 0)
		return -1;
	if (is_empty(overlay->upper))
		return refuse(err, "root.overlay.upper", "empty");
	if (is_empty(overlay->work))
		return refuse(err, "root.overlay.work", "empty");
	if (overlay->upper != NULL && overlay->work == NULL)
		return refuse(err, "root.overlay.work", "missing, and 'upper' needs it");
	if (overlay->work != NULL && overlay->upper == NULL)
		return refuse(err, "root.overlay.upper", "missing, and 'work' needs it");
	return 0;
}

static int check_root(const struct config_root *root, struct error *err)
{
	if (root == NULL)
		return refuse(err, "root", "missing");
	if (is_empty(root->path))
		return refuse(err, "root.path", "empty");
	if (root->overlay != NULL)
		return check_overlay(root->overlay, err);
	if (root->path == NULL)
		return refuse(err, "root.path", "missing");
	return 0;
}

/* A relative destination is from "/", config.md says, for old configurations. */
int validate_mounts(const struct config *config, struct error *err)
{
	for (size_t i = 0; i < config->mounts_count; i++) {
		if (!is_empty(config->mounts[i].destination))
			continue;
		(void)error_set(err, 0, "empty");
		return error_at(err, "mounts[%zu].destination", i);
	}
	return 0;
}

static int check_annotations(const struct json *annotations, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	struct systemd_property *properties;
	size_t count;

	if (annotations == NULL)
		return 0;
	json_foreach (annotation, annotations) {
		if (annotation->key[0] == '\0')
			return refuse(err, "annotations", "a name is empty");
	}
	return systemd_properties_read(annotations, &arena, &properties, &count, err);
}

/* The rules of the process; error places are below `process`. */
static int check_process(const struct config_process *process, struct error *err)
{
	if (process->args == NULL)
		return refuse(err, "args", "missing");
	if (process->args[0] == NULL)
		return refuse(err, "args", "empty");
	if (process->cwd[0] != '/')
		return refuse(err, "cwd", "not an absolute path");
	for (size_t i = 0; process->env != NULL && process->env[i] != NULL; i++) {
		const char *equals = strchr(process->env[i], '=');

		if (equals != NULL && equals != process->env[i])
			continue;
		(void)error_set(err, 0, "'%s' is not of the form NAME=value",
				process->env[i]);
		return error_at(err, "env[%zu]", i);
	}
	return 0;
}

int validate_process(const struct config_process *process, struct error *err)
{
	if (check_process(process, err) < 0)
		return error_at(err, "process");
	return 0;
}

int validate_config(const struct config *config, struct error *err)
{
	if (check_version(config, err) < 0 || check_root(config->root, err) < 0 ||
	    validate_mounts(config, err) < 0 ||
	    check_annotations(config->annotations, err) < 0)
		return -1;
	if (config->process == NULL)
		return refuse(err, "process", "missing");
	if (validate_process(config->process, err) < 0)
		return -1;
	if (config->linux_ == NULL)
		return refuse(err, "linux", "missing");
	return 0;
}
