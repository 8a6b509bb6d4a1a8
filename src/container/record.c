/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/parse.h"
#include "base/text.h"
#include "container/record.h"
#include "oci/json.h"
#include "oci/json_write.h"

static void write_directory(struct json_writer *json, const char *key,
			    const struct record_directory *directory)
{
	if (directory->path == NULL)
		return;
	json_open_object(json, key);
	json_put_text(json, "path", directory->path);
	json_put_uint(json, "device", directory->device);
	json_put_uint(json, "inode", directory->inode);
	json_close_object(json);
}

static void write_rdt(struct json_writer *json, const struct intel_rdt *rdt)
{
	if (rdt->group == NULL)
		return;
	json_open_object(json, "intelRdt");
	json_put_text(json, "group", rdt->group);
	if (rdt->monitor != NULL)
		json_put_text(json, "monitor", rdt->monitor);
	if (rdt->made)
		json_put_bool(json, "made", true);
	json_close_object(json);
}

static void write_overlay(struct json_writer *json, const struct record *record)
{
	if (record->data_directory == NULL)
		return;
	json_open_object(json, "overlay");
	json_put_text(json, "dataDirectory", record->data_directory);
	if (record->upper_claim != NULL)
		json_put_text(json, "upperClaim", record->upper_claim);
	json_open_array(json, "lowers");
	for (size_t i = 0; i < record->lowers_count; i++)
		write_directory(json, NULL, &record->lowers[i]);
	json_close_array(json);
	write_directory(json, "upper", &record->upper);
	write_directory(json, "work", &record->work);
	json_close_object(json);
}

void record_write(const struct record *record, struct text *text)
{
	struct json_writer *json = json_writer_new(NULL);

	json_open_object(json, NULL);
	json_put_text(json, "ociVersion", record->oci_version);
	json_put_text(json, "id", record->id);
	json_put_text(json, "bundle", record->bundle);
	json_put_text(json, "rootfs", record->rootfs);
	json_put_text(json, "created", record->created);
	json_put_uint(json, "owner", record->owner);
	json_put_int(json, "pid", record->pid);
	json_put_uint(json, "startTime", record->start_time);
	if (record->cgroup_path != NULL) {
		json_open_object(json, "cgroup");
		json_put_text(json, "path", record->cgroup_path);
		json_put_uint(json, "componentsFound", record->cgroup_components_found);
		if (record->cgroup_is_delegated)
			json_put_bool(json, "delegated", true);
		if (record->unit != NULL) {
			json_put_text(json, "unit", record->unit);
			json_put_text(json, "bus", record->bus);
		}
		if (record->cgroup_planned)
			json_put_bool(json, "planned", true);
		json_close_object(json);
	}
	write_rdt(json, &record->rdt);
	if (record->has_user_namespace)
		json_put_bool(json, "userNamespace", true);
	if (record->has_hooks)
		json_put_bool(json, "hooks", true);
	if (record->no_new_keyring)
		json_put_bool(json, "noNewKeyring", true);
	if (record->deleted_at_end)
		json_put_bool(json, "deletedAtEnd", true);
	write_overlay(json, record);
	json_put_tree(json, "annotations", record->annotations);
	json_close_object(json);
	json_writer_finish(json, text);
}

/* Members that are missing or have another type leave the zero value: the file is ours,
 * and an older or newer minirun may have written it. */
static uint64_t read_number(const struct json *json, const char *key, uint64_t most)
{
	const struct json *member = json_find(json, key);
	uint64_t value = 0;

	if (member != NULL && member->type == JSON_NUMBER)
		(void)parse_uint(member->text, most, &value);
	return value;
}

static const char *read_text(const struct json *json, const char *key)
{
	return json_string(json_find(json, key));
}

static bool read_flag(const struct json *json, const char *key)
{
	const struct json *member = json_find(json, key);

	return member != NULL && member->type == JSON_TRUE;
}

static struct record_directory read_directory(const struct json *json)
{
	return (struct record_directory){
		.path = read_text(json, "path"),
		.device = read_number(json, "device", UINT64_MAX),
		.inode = read_number(json, "inode", UINT64_MAX),
	};
}

/* `delete` removes what it names, so a class comes with its name or not at all. */
static struct intel_rdt read_rdt(const struct json *json)
{
	const char *group = read_text(json, "group");

	return (struct intel_rdt){
		.group = group,
		.monitor = group != NULL ? read_text(json, "monitor") : NULL,
		.made = group != NULL && read_flag(json, "made"),
	};
}

static void read_overlay(struct record *record, const struct json *json,
			 struct arena *arena)
{
	const struct json *lowers = json_find(json, "lowers");
	struct record_directory *directories;
	size_t i = 0;

	record->data_directory = read_text(json, "dataDirectory");
	record->upper_claim = read_text(json, "upperClaim");
	record->upper = read_directory(json_find(json, "upper"));
	record->work = read_directory(json_find(json, "work"));
	if (lowers == NULL || lowers->type != JSON_ARRAY)
		return;
	directories = arena_alloc(arena, lowers->count, sizeof(*directories));
	json_foreach (lower, lowers)
		directories[i++] = read_directory(lower);
	record->lowers = directories;
	record->lowers_count = i;
}

int record_read(struct record *record, struct arena *arena, const struct text *text,
		struct error *err)
{
	const struct json *json = json_parse(arena, text->data, text->length, err);
	const struct json *cgroup = json_find(json, "cgroup");

	if (json == NULL)
		return error_prefix(err, "state.json");
	*record = (struct record){
		.oci_version = read_text(json, "ociVersion"),
		.id = read_text(json, "id"),
		.bundle = read_text(json, "bundle"),
		.rootfs = read_text(json, "rootfs"),
		.created = read_text(json, "created"),
		.owner = (uid_t)read_number(json, "owner", UINT32_MAX),
		.pid = (pid_t)read_number(json, "pid", INT_MAX),
		.start_time = read_number(json, "startTime", UINT64_MAX),
		.cgroup_path = read_text(cgroup, "path"),
		.cgroup_components_found = read_number(cgroup, "componentsFound", 4096),
		.cgroup_planned = read_flag(cgroup, "planned"),
		.annotations = json_find(json, "annotations"),
	};
	record->cgroup_is_delegated = read_flag(cgroup, "delegated");
	record->unit = read_text(cgroup, "unit");
	record->bus = read_text(cgroup, "bus");
	record->has_user_namespace = read_flag(json, "userNamespace");
	record->has_hooks = read_flag(json, "hooks");
	record->no_new_keyring = read_flag(json, "noNewKeyring");
	record->deleted_at_end = read_flag(json, "deletedAtEnd");
	record->rdt = read_rdt(json_find(json, "intelRdt"));
	read_overlay(record, json_find(json, "overlay"), arena);
	if (record->id == NULL || record->oci_version == NULL || record->bundle == NULL)
		return error_set(err, 0, "state.json: not a container's record");
	return 0;
}
