/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/text.h"
#include "image/image_annotations.h"
#include "image/image_runtime.h"
#include "image/image_user.h"
#include "kernel/id_maps.h"
#include "kernel/subordinate_ids.h"
#include "oci/config.h"
#include "oci/json.h"
#include "oci/json_write.h"
#include "oci/spec.h"

/* The member, emptied and of that type. */
static struct json *renew(struct arena *arena, struct json *parent, const char *key,
			  enum json_type type)
{
	struct json *member = json_find(parent, key);

	if (member == NULL)
		return json_add(arena, parent, type, key, NULL);
	member->type = type;
	member->text = NULL;
	member->child = NULL;
	member->count = 0;
	return member;
}

static void put_number(struct arena *arena, struct json *parent, const char *key,
		       int64_t value)
{
	(void)json_add(arena, parent, JSON_NUMBER, key,
		       arena_format(arena, "%" PRId64, value));
}

static void put_texts(struct arena *arena, struct json *list, const struct json *texts)
{
	if (texts == NULL)
		return;
	json_foreach (item, texts)
		(void)json_add(arena, list, JSON_STRING, NULL, item->text);
}

/* An image that names no program gets the shell that spec has. */
static void set_arguments(struct arena *arena, struct json *process,
			  const struct image_process *image)
{
	const size_t count = (image->entrypoint == NULL ? 0 : image->entrypoint->count) +
			     (image->command == NULL ? 0 : image->command->count);
	struct json *list;

	if (count == 0)
		return;
	list = renew(arena, process, "args", JSON_ARRAY);
	put_texts(arena, list, image->entrypoint);
	put_texts(arena, list, image->command);
}

static bool has_variable(const struct json *env, const char *variable)
{
	const size_t length = strcspn(variable, "=") + 1;

	if (env == NULL)
		return false;
	json_foreach (item, env) {
		if (strncmp(item->text, variable, length) == 0)
			return true;
	}
	return false;
}

/* What spec has, and the user's home, unless the image has it. */
static void set_environment(struct arena *arena, struct json *process,
			    const struct image_runtime *runtime)
{
	const struct json *env = runtime->process->env;
	const struct json *defaults = json_find(process, "env");
	const struct json *item = defaults == NULL ? NULL : defaults->child;
	const char *home =
		arena_format(arena, "HOME=%s",
			     runtime->user->home == NULL ? "/" : runtime->user->home);
	struct json *list = renew(arena, process, "env", JSON_ARRAY);

	put_texts(arena, list, env);
	for (; item != NULL; item = item->next) {
		if (!has_variable(env, item->text))
			(void)json_add(arena, list, JSON_STRING, NULL, item->text);
	}
	if (!has_variable(env, home))
		(void)json_add(arena, list, JSON_STRING, NULL, home);
}

static void set_user(struct arena *arena, struct json *process,
		     const struct image_user *user)
{
	struct json *json = renew(arena, process, "user", JSON_OBJECT), *groups;

	put_number(arena, json, "uid", user->uid);
	put_number(arena, json, "gid", user->gid);
	if (user->groups_count == 0)
		return;
	groups = json_add(arena, json, JSON_ARRAY, "additionalGids", NULL);
	for (size_t i = 0; i < user->groups_count; i++)
		put_number(arena, groups, NULL, user->groups[i]);
}

static void set_process(struct arena *arena, struct json *config,
			const struct image_runtime *runtime)
{
	struct json *process = json_find(config, "process");
	const char *directory = runtime->process->directory;

	(void)renew(arena, process, "terminal", JSON_FALSE); /* run -t asks for one */
	set_user(arena, process, runtime->user);
	set_arguments(arena, process, runtime->process);
	set_environment(arena, process, runtime);
	if (directory != NULL && directory[0] != '\0')
		renew(arena, process, "cwd", JSON_STRING)->text =
			directory[0] == '/' ? directory
					    : arena_format(arena, "/%s", directory);
}

static void set_root(struct arena *arena, struct json *config, char *const *lowers)
{
	struct json *root = json_find(config, "root");
	struct json *overlay, *list;

	(void)renew(arena, root, "readonly", JSON_FALSE);
	overlay = json_add(arena, root, JSON_OBJECT, "overlay", NULL);
	list = json_add(arena, overlay, JSON_ARRAY, "lower", NULL);
	for (; *lowers != NULL; lowers++)
		(void)json_add(arena, list, JSON_STRING, NULL, *lowers);
}

static bool is_mounted(const struct json *mounts, const char *destination)
{
	json_foreach (mount, mounts) {
		const char *other = json_string(json_find(mount, "destination"));

		if (other != NULL && strcmp(other, destination) == 0)
			return true;
	}
	return false;
}

/* Its data goes with the container, and not into its root: an empty tmpfs that gets what
 * the image has there. */
static int add_volume(struct arena *arena, struct json *mounts, const char *path,
		      struct error *err)
{
	static const char *const options[] = { "nosuid", "nodev", "tmpcopyup" };
	struct json *mount, *list;

	if (path[0] != '/' || path[strspn(path, "/.")] == '\0')
		return error_set(err, 0,
				 "its configuration: config.Volumes: '%.100s' is no "
				 "place for a volume",
				 path);
	if (is_mounted(mounts, path))
		return 0;
	mount = json_add(arena, mounts, JSON_OBJECT, NULL, NULL);
	(void)json_add(arena, mount, JSON_STRING, "destination", path);
	(void)json_add(arena, mount, JSON_STRING, "type", "tmpfs");
	(void)json_add(arena, mount, JSON_STRING, "source", "tmpfs");
	list = json_add(arena, mount, JSON_ARRAY, "options", NULL);
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		(void)json_add(arena, list, JSON_STRING, NULL, options[i]);
	return 0;
}

static int add_volumes(struct arena *arena, struct json *config,
		       const struct json *volumes, struct error *err)
{
	struct json *mounts = json_find(config, "mounts");

	if (volumes == NULL)
		return 0;
	json_foreach (volume, volumes) {
		if (add_volume(arena, mounts, volume->key, err) < 0)
			return -1;
	}
	return 0;
}

static void set_maps(struct arena *arena, struct json *config, const char *key,
		     const struct config_id_map *maps, size_t count)
{
	struct json *list = renew(arena, json_find(config, "linux"), key, JSON_ARRAY);

	for (size_t i = 0; i < count; i++) {
		struct json *map = json_add(arena, list, JSON_OBJECT, NULL, NULL);

		put_number(arena, map, "containerID", (int64_t)maps[i].container_id);
		put_number(arena, map, "hostID", (int64_t)maps[i].host_id);
		put_number(arena, map, "size", (int64_t)maps[i].size);
	}
}

/* An ordinary user's process is root in its user namespace, or takes ids that the
 * administrator gave. */
static void set_namespace(struct arena *arena, struct json *config,
			  const struct image_user *user)
{
	struct id_maps maps;

	if (geteuid() == 0 ||
	    (user->uid == 0 && user->gid == 0 && user->groups_count == 0))
		return;
	subordinate_ids_maps(&maps, arena);
	set_maps(arena, config, "uidMappings", maps.uid, maps.uid_count);
	set_maps(arena, config, "gidMappings", maps.gid, maps.gid_count);
}

static void finish(const struct json *config, struct text *text)
{
	struct json_writer *json = json_writer_new("\t");

	json_put_tree(json, NULL, config);
	json_writer_finish(json, text);
}

int image_runtime_write(const struct image_runtime *runtime, struct text *text,
			struct text *refused, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	auto_text struct text spec = { 0 };
	struct json *config;

	if (geteuid() == 0)
		spec_write(&spec);
	else
		spec_write_rootless(&spec, geteuid(), getegid());
	config = json_parse(&arena, spec.data, spec.length, err);
	if (config == NULL)
		return -1;
	set_process(&arena, config, runtime);
	set_root(&arena, config, runtime->lowers);
	set_namespace(&arena, config, runtime->user);
	if (add_volumes(&arena, config, runtime->process->volumes, err) < 0)
		return -1;
	image_annotations_add(&arena, config, runtime, refused);
	finish(config, text);
	return 0;
}
