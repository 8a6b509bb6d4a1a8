/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "image/image_config.h"
#include "oci/config.h"
#include "oci/json.h"
#include "oci/json_write.h"

enum kind {
	KIND_TEXT,
	KIND_LIST,  /* of texts: a JSON array, or the only one */
	KIND_ENV,   /* NAME=VALUE, one more or another one */
	KIND_PAIRS, /* the same as an object */
	KIND_SET,   /* an object of names */
};

static const struct {
	const char *name;
	enum kind kind;
} keys[] = {
	{ "User", KIND_TEXT },       { "ExposedPorts", KIND_SET },
	{ "Env", KIND_ENV },         { "Entrypoint", KIND_LIST },
	{ "Cmd", KIND_LIST },        { "Volumes", KIND_SET },
	{ "WorkingDir", KIND_TEXT }, { "Labels", KIND_PAIRS },
	{ "StopSignal", KIND_TEXT },
};

/* The member with that name, which is new, or emptied if it is of another type. */
static struct json *member(struct arena *arena, struct json *parent, enum json_type type,
			   const char *key)
{
	struct json *found = json_find(parent, key);

	if (found == NULL)
		return json_add(arena, parent, type, key, NULL);
	if (found->type != type) {
		found->type = type;
		found->text = NULL;
		found->child = NULL;
		found->count = 0;
	}
	return found;
}

static void put_text(struct arena *arena, struct json *parent, const char *key,
		     const char *value)
{
	member(arena, parent, JSON_STRING, key)->text =
		arena_text(arena, value, strlen(value));
}

static void put_texts(struct arena *arena, struct json *parent, const char *key,
		      char *const *values)
{
	struct json *list = member(arena, parent, JSON_ARRAY, key);

	list->child = NULL;
	list->count = 0;
	for (; values != NULL && *values != NULL; values++)
		(void)json_add(arena, list, JSON_STRING, NULL, *values);
}

static int put_list(struct arena *arena, struct json *config, const char *key,
		    const char *value, struct error *err)
{
	char *const only[] = { value[0] == '\0' ? NULL
						: arena_text(arena, value, strlen(value)),
			       NULL };
	struct json *list;

	if (value[0] != '[') {
		put_texts(arena, config, key, only);
		return 0;
	}
	list = json_parse(arena, value, strlen(value), err);
	if (list == NULL)
		return error_prefix(err, "option '--config': %s", key);
	json_foreach (item, list) {
		if (item->type != JSON_STRING)
			return error_set(err, 0,
					 "option '--config': %s is a list of texts: "
					 "[\"a\",\"b\"]",
					 key);
	}
	put_texts(arena, config, key, NULL);
	member(arena, config, JSON_ARRAY, key)->child = list->child;
	return 0;
}

static void put_env(struct arena *arena, struct json *config, const char *value)
{
	const size_t name = strcspn(value, "=") + 1;
	struct json *list = member(arena, config, JSON_ARRAY, "Env");

	for (struct json *item = list->child; item != NULL; item = item->next) {
		if (item->type != JSON_STRING || strncmp(item->text, value, name) != 0)
			continue;
		item->text = arena_text(arena, value, strlen(value));
		return;
	}
	(void)json_add(arena, list, JSON_STRING, NULL, value);
}

static int put_pair(struct arena *arena, struct json *config, const char *key,
		    const char *value, struct error *err)
{
	const size_t name = strcspn(value, "=");

	if (name == 0 || value[name] == '\0')
		return error_set(err, 0,
				 "option '--config': '%s=%s' is not %s=NAME=VALUE", key,
				 value, key);
	if (strcmp(key, "Env") == 0)
		put_env(arena, config, value);
	else
		put_text(arena, member(arena, config, JSON_OBJECT, key),
			 arena_text(arena, value, name), value + name + 1);
	return 0;
}

static int change(struct arena *arena, struct json *config, const char *text,
		  struct error *err)
{
	const size_t length = strcspn(text, "=");

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *key = keys[i].name, *value = text + length + 1;

		if (text[length] == '\0' || strlen(key) != length ||
		    strncmp(text, key, length) != 0)
			continue;
		if (keys[i].kind == KIND_LIST)
			return put_list(arena, config, key, value, err);
		if (keys[i].kind == KIND_ENV || keys[i].kind == KIND_PAIRS)
			return put_pair(arena, config, key, value, err);
		if (keys[i].kind == KIND_TEXT)
			put_text(arena, config, key, value);
		else
			(void)member(arena, member(arena, config, JSON_OBJECT, key),
				     JSON_OBJECT, value);
		return 0;
	}
	return error_set(
		err, 0,
		"option '--config': '%s' is not KEY=VALUE with one of User, "
		"ExposedPorts, Env, Entrypoint, Cmd, Volumes, WorkingDir, Labels "
		"and StopSignal",
		text);
}

static void take_process(struct arena *arena, struct json *config,
			 const struct config_process *process)
{
	const struct config_user *user = process->user;

	if (user != NULL && (user->uid != 0 || user->gid != 0))
		put_text(arena, config, "User",
			 arena_format(arena, "%" PRId64 ":%" PRId64, user->uid,
				      user->gid));
	if (process->env != NULL)
		put_texts(arena, config, "Env", process->env);
	if (process->args != NULL)
		put_texts(arena, config, "Cmd", process->args);
	if (process->cwd != NULL)
		put_text(arena, config, "WorkingDir", process->cwd);
}

/* A tree of our own, which can be changed. */
static struct json *copy(struct arena *arena, struct json *parent,
			 const struct json *from)
{
	struct json *to = json_add(arena, parent, from->type, from->key, from->text);

	json_foreach (item, from)
		(void)copy(arena, to, item);
	return to;
}

struct json *image_config_make(const struct json *base,
			       const struct config_process *process,
			       const struct image_details *details, struct arena *arena,
			       struct error *err)
{
	const struct json *before = json_find(base, "config");
	struct json *config = before != NULL && before->type == JSON_OBJECT
				      ? copy(arena, NULL, before)
				      : json_add(arena, NULL, JSON_OBJECT, NULL, NULL);

	if (base == NULL && process != NULL)
		take_process(arena, config, process);
	for (size_t i = 0; i < details->changes_count; i++) {
		if (change(arena, config, details->changes[i], err) < 0)
			return NULL;
	}
	return config;
}

static size_t put_items(struct json_writer *json, const struct json *list)
{
	size_t count = 0;

	if (list == NULL || list->type != JSON_ARRAY)
		return 0;
	json_foreach (item, list) {
		json_put_tree(json, NULL, item);
		count++;
	}
	return count;
}

/* Those that stand for a layer have to be as many as layers, or be absent; then the ones
 * before ours say nothing. */
static void write_history(struct json_writer *json, const struct image_config *image,
			  size_t layers)
{
	json_open_array(json, "history");
	if (put_items(json, json_find(image->base, "history")) == 0) {
		for (; layers > 0; layers--) {
			json_open_object(json, NULL);
			json_close_object(json);
		}
	}
	json_open_object(json, NULL);
	json_put_text(json, "created", image->created);
	json_put_text(json, "created_by", "minirun commit");
	json_put_text(json, "author", image->details->author);
	json_put_text(json, "comment", image->details->message);
	json_close_object(json);
	json_close_array(json);
}

static bool is_own(const char *key)
{
	static const char *const own[] = { "created", "author", "config", "rootfs",
					   "history" };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (strcmp(key, own[i]) == 0)
			return true;
	}
	return false;
}

void image_config_write(const struct image_config *image, struct text *text)
{
	struct json_writer *json = json_writer_new(NULL);
	const char *author = image->details->author;
	size_t layers;

	json_open_object(json, NULL);
	json_put_text(json, "created", image->created);
	json_put_text(json, "author",
		      author != NULL ? author
				     : json_string(json_find(image->base, "author")));
	if (image->base == NULL) {
		json_put_text(json, "architecture", image->architecture);
		json_put_text(json, "os", "linux");
	} else {
		json_foreach (item, image->base) {
			if (!is_own(item->key))
				json_put_tree(json, item->key, item);
		}
	}
	json_put_tree(json, "config", image->config);
	json_open_object(json, "rootfs");
	json_put_text(json, "type", "layers");
	json_open_array(json, "diff_ids");
	layers = put_items(json, json_find(json_find(image->base, "rootfs"), "diff_ids"));
	json_put_text(json, NULL, image->diff_id);
	json_close_array(json);
	json_close_object(json);
	write_history(json, image, layers);
	json_close_object(json);
	json_writer_finish(json, text);
}

const char *image_config_architecture(const char *machine)
{
	static const char *const names[][2] = {
		{ "x86_64", "amd64" }, { "aarch64", "arm64" },       { "i686", "386" },
		{ "i586", "386" },     { "loongarch64", "loong64" },
	};

	if (strncmp(machine, "arm", 3) == 0)
		return "arm";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(machine, names[i][0]) == 0)
			return names[i][1];
	}
	return machine;
}
