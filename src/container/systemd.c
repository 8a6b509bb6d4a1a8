/* SPDX-License-Identifier: Apache-2.0 */
#include "container/systemd.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/log.h"
#include "base/program.h"
#include "base/text.h"
#include "container/record.h"
#include "container/systemd_bus.h"
#include "kernel/cgroup_systemd.h"
#include "oci/config.h"
#include "oci/json.h"
#include "oci/json_write.h"
#include "oci/systemd_properties.h"
#include "oci/systemd_unit.h"

enum { PATIENCE = 60 }; /* seconds; the program itself gives up earlier, and says why */

/* An object that is left open for what the call has besides. */
static struct json_writer *begin(const struct record *record)
{
	struct json_writer *json = json_writer_new(NULL);

	json_open_object(json, NULL);
	json_put_text(json, "bus", record->bus);
	json_put_text(json, "unit", record->unit);
	return json;
}

/* Runs the program; what it says is in *answer, a line without its end. */
static int ask(const char *verb, struct json_writer *json, struct text *answer,
	       struct error *err)
{
	auto_arena struct arena arena = { 0 };
	auto_text struct text request = { 0 };
	char *const arguments[] = {
		arena_format(&arena, "minirun-systemd"),
		arena_text(&arena, verb, strlen(verb)),
		NULL,
	};
	const struct program program = {
		.path = systemd_bus_program(&arena),
		.arguments = arguments,
		.environment = environ,
		.input = &request,
		.output = answer,
		.timeout = PATIENCE,
	};
	int status;

	json_close_object(json);
	json_writer_finish(json, &request);
	status = program_run(&program, err);
	if (status < 0)
		return -1;
	text_put(answer, "");
	answer->data[strcspn(answer->data, "\n")] = '\0';
	if (status != 0 && answer->data[0] != '\0')
		return error_set(err, 0, "%s", answer->data);
	return status == 0 ? 0
			   : error_set(err, 0, "'%s %s' ended with status %d",
				       program.path, verb, status);
}

static int check_program(struct error *err)
{
	auto_arena struct arena arena = { 0 };

	if (systemd_bus_has_program())
		return 0;
	(void)error_set(err, 0, "this build has no systemd driver: '%s' is missing",
			systemd_bus_program(&arena));
	return error_hint(err, "build it with libsystemd, or use --cgroup-manager "
			       "cgroupfs");
}

/* The path of the unit's slice of the user's is below the cgroup of the user's systemd,
 * which only that knows. */
static int find_top(const struct record *record, struct text *top, struct error *err)
{
	if (systemd_bus_is_user())
		return ask("where", begin(record), top, err);
	text_put(top, "");
	return 0;
}

static int read_unit(struct systemd_unit *unit, struct arena *arena,
		     const char *cgroups_path, const char *id, struct error *err)
{
	*unit = (struct systemd_unit){
		.slice = systemd_bus_is_user() ? "user.slice" : "system.slice",
	};
	return systemd_unit_read(unit, arena, cgroups_path, id, err);
}

int systemd_plan(const char *cgroups_path, struct arena *arena, struct record *record,
		 struct error *err)
{
	struct systemd_unit unit;
	auto_text struct text top = { 0 };

	if (read_unit(&unit, arena, cgroups_path, record->id, err) < 0 ||
	    check_program(err) < 0)
		return -1;
	record->bus = systemd_bus_address(arena);
	if (systemd_bus_try(record->bus, err) < 0 || find_top(record, &top, err) < 0)
		return -1;
	record->unit = unit.name;
	record->cgroup_path = arena_format(arena, "%s%s", top.data, unit.path);
	return 0;
}

bool systemd_is_scope(const struct record *record)
{
	static const char end[] = ".scope";
	size_t length = record->unit == NULL ? 0 : strlen(record->unit);

	return length > strlen(end) &&
	       strcmp(record->unit + length - strlen(end), end) == 0;
}

/* As GVariant text. */
static void put_string(struct json_writer *json, const char *property, const char *value)
{
	auto_text struct text text = { 0 };

	text_put(&text, "'");
	for (; *value != '\0'; value++)
		text_format(&text, "%s%c", *value == '\'' || *value == '\\' ? "\\" : "",
			    *value);
	text_put(&text, "'");
	json_put_text(json, property, text.data);
}

/* What an annotation may have otherwise. */
static void put_defaults(struct json_writer *json, const struct config *config,
			 const struct record *record)
{
	static const char *const defaults[][2] = {
		/* Nobody looks at a unit that failed, as one does by an OOM kill. */
		{ "CollectMode", "'inactive-or-failed'" },
		/* Not stopped before those who want to stop it themselves. */
		{ "DefaultDependencies", "false" },
		/* A controller that is enabled later counts from then on only. */
		{ "CPUAccounting", "true" },
		{ "IOAccounting", "true" },
		{ "MemoryAccounting", "true" },
		{ "TasksAccounting", "true" },
	};
	auto_arena struct arena arena = { 0 };

	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		const char *annotation = arena_format(
			&arena, SYSTEMD_PROPERTIES_PREFIX "%s", defaults[i][0]);

		if (json_find(config->annotations, annotation) == NULL)
			json_put_text(json, defaults[i][0], defaults[i][1]);
	}
	put_string(json, "Description",
		   arena_format(&arena, "minirun container %s", record->id));
}

static void put_scope(struct json_writer *json, const char *slice, pid_t pid)
{
	char pids[64];

	(void)snprintf(pids, sizeof(pids), "[uint32 %d]", pid);
	put_string(json, "Slice", slice);
	json_put_text(json, "Delegate", "true");
	json_put_text(json, "PIDs", pids);
}

const char *systemd_start(const struct config *config, const struct record *record,
			  pid_t pid, struct arena *arena, struct error *err)
{
	struct json_writer *json;
	struct systemd_unit unit;
	auto_text struct text path = { 0 };

	if (read_unit(&unit, arena, config->linux_->cgroups_path, record->id, err) < 0)
		return NULL;
	json = begin(record);
	json_put_tree(json, "annotations", config->annotations);
	json_open_object(json, "properties");
	put_defaults(json, config, record);
	if (unit.slice != NULL)
		put_scope(json, unit.slice, pid);
	json_close_object(json);
	if (ask("start", json, &path, err) < 0)
		return NULL;
	if (path.data[0] == '/')
		return arena_text(arena, path.data, strlen(path.data));
	(void)error_set(err, 0, "systemd does not say where unit '%s' is", record->unit);
	return NULL;
}

int systemd_limit(const struct record *record, const struct config_resources *resources,
		  struct error *err)
{
	struct json_writer *json;
	auto_text struct text answer = { 0 };
	size_t count;

	if (record->unit == NULL)
		return 0;
	json = begin(record);
	json_open_object(json, "properties");
	count = cgroup_systemd_put(resources, json);
	json_close_object(json);
	if (count > 0)
		return ask("set", json, &answer, err);
	json_close_object(json);
	json_writer_finish(json, &answer);
	return 0;
}

int systemd_attach(const struct record *record, pid_t pid, struct error *err)
{
	struct json_writer *json = begin(record);
	auto_text struct text answer = { 0 };

	json_put_int(json, "pid", pid);
	return ask("attach", json, &answer, err);
}

void systemd_stop(const struct record *record)
{
	auto_text struct text answer = { 0 };
	struct error err = { 0 };

	if (record->unit != NULL && ask("stop", begin(record), &answer, &err) < 0)
		log_warning("cannot stop unit '%s': %s", record->unit, err.text);
}
