/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/fds.h"
#include "base/file.h"
#include "base/parse.h"
#include "base/text.h"
#include "oci/gvariant.h"
#include "oci/json.h"
#include "oci/systemd_properties.h"
#include "systemd/manager.h"

/*
 * minirun-systemd VERB - what minirun has to say to systemd, a call at a time. The
 * request is an object on standard input: "bus" and "unit", and by the verb
 * "annotations", "properties" (a name, and the value as GVariant text), "pid". The
 * answer, a cgroup, or why it is refused, is a line on standard output.
 */

enum { REQUEST_MAX = 1 << 20 };

struct request {
	const struct json *json;
	const char *unit;
	struct systemd_properties properties;
	struct manager manager;
	struct arena arena;
};

/* Those of the annotations first: of two with one name systemd keeps the last, and what
 * the container depends on is minirun's to say. */
static int read_properties(struct request *request, struct error *err)
{
	const struct json *ours = json_find(request->json, "properties");
	struct systemd_properties *properties = &request->properties;
	struct systemd_property *annotated;

	if (systemd_properties_read(json_find(request->json, "annotations"),
				    &request->arena, &annotated, &properties->count,
				    err) < 0)
		return -1;
	properties->list = arena_alloc(
		&request->arena, properties->count + (ours == NULL ? 0 : ours->count) + 1,
		sizeof(*properties->list));
	if (properties->count > 0)
		memcpy(properties->list, annotated,
		       properties->count * sizeof(*annotated));
	if (ours == NULL)
		return 0;
	json_foreach (property, ours) {
		const struct gvariant *value =
			gvariant_parse(&request->arena, property->text, err);

		if (value == NULL)
			return error_prefix(err, "%s", property->key);
		properties->list[properties->count++] =
			(struct systemd_property){ property->key, value };
	}
	return 0;
}

static int read_request(struct request *request, struct error *err)
{
	static char text[REQUEST_MAX];
	ssize_t size = file_read_full(STDIN_FILENO, text, sizeof(text));
	const char *bus;

	if (size < 0 || size == sizeof(text))
		return error_set(err, 0, "cannot read the request");
	request->json = json_parse(&request->arena, text, (size_t)size, err);
	bus = json_string(json_find(request->json, "bus"));
	request->unit = json_string(json_find(request->json, "unit"));
	if (request->json == NULL)
		return -1;
	if (bus == NULL)
		return error_set(err, 0, "the request names no bus");
	if (read_properties(request, err) < 0)
		return -1;
	return manager_open(&request->manager, bus, err);
}

static int answer(const char *cgroup)
{
	return cgroup == NULL || puts(cgroup) < 0 ? -1 : 0;
}

static int where(struct request *request, struct error *err)
{
	return answer(manager_cgroup(&request->manager, &request->arena, err));
}

static int start(struct request *request, struct error *err)
{
	return answer(manager_start(&request->manager, request->unit,
				    &request->properties, &request->arena, err));
}

static int set(struct request *request, struct error *err)
{
	return manager_set(&request->manager, request->unit, &request->properties, err);
}

static int attach(struct request *request, struct error *err)
{
	const struct json *pid = json_find(request->json, "pid");
	uint64_t number;

	if (pid == NULL || pid->type != JSON_NUMBER ||
	    !parse_uint(pid->text, INT32_MAX, &number))
		return error_set(err, 0, "the request has no pid");
	return manager_attach(&request->manager, request->unit, (pid_t)number, err);
}

static int stop(struct request *request, struct error *err)
{
	return manager_stop(&request->manager, request->unit, err);
}

static const struct verb {
	const char *name;
	int (*run)(struct request *request, struct error *err);
} verbs[] = {
	{ "attach", attach }, { "set", set },     { "start", start },
	{ "stop", stop },     { "where", where },
};

static int run(const char *name, struct error *err)
{
	static struct request request; /* as long as the program */
	int result = -1;

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (name == NULL || strcmp(verbs[i].name, name) != 0)
			continue;
		if (read_request(&request, err) == 0 &&
		    (request.unit != NULL || verbs[i].run == where))
			result = verbs[i].run(&request, err);
		manager_release(&request.manager);
		arena_release(&request.arena);
		return result;
	}
	return error_set(err, 0,
			 "usage: minirun-systemd attach|set|start|stop|where <REQUEST");
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	char line[ERROR_TEXT_MAX + ERROR_WHERE_MAX];

	fds_open_standard();
	if (run(argc == 2 ? argv[1] : NULL, &err) == 0 && fflush(stdout) == 0)
		return 0;
	error_format(&err, line, sizeof(line));
	(void)puts(line);
	return 1;
}
