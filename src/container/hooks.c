/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/program.h"
#include "base/text.h"
#include "container/describe.h"
#include "container/hooks.h"
#include "container/record.h"
#include "oci/annotations.h"
#include "oci/config.h"

struct hooks {
	const char *name;
	const struct config_hook *list;
	size_t count;
};

static struct hooks hooks_of(const struct config *config, enum hooks_kind kind)
{
	static const struct config_hooks none;
	const struct config_hooks *all = config->hooks != NULL ? config->hooks : &none;
	const struct hooks kinds[] = {
		{ "prestart", all->prestart, all->prestart_count },
		{ "createRuntime", all->create_runtime, all->create_runtime_count },
		{ "createContainer", all->create_container, all->create_container_count },
		{ "startContainer", all->start_container, all->start_container_count },
		{ "poststart", all->poststart, all->poststart_count },
		{ "poststop", all->poststop, all->poststop_count },
	};

	return kinds[kind];
}

static int check_one(const struct config_hook *hook, struct error *err)
{
	if (hook->path[0] != '/') {
		(void)error_set(err, 0, "'%s' is not an absolute path", hook->path);
		return error_at(err, "path");
	}
	for (size_t i = 0; hook->env != NULL && hook->env[i] != NULL; i++) {
		const char *equals = strchr(hook->env[i], '=');

		if (equals != NULL && equals != hook->env[i])
			continue;
		(void)error_set(err, 0, "'%s' is not of the form NAME=value",
				hook->env[i]);
		return error_at(err, "env[%zu]", i);
	}
	return 0;
}

int hooks_check(const struct config *config, struct error *err)
{
	for (enum hooks_kind kind = HOOKS_PRESTART; kind <= HOOKS_POSTSTOP; kind++) {
		const struct hooks hooks = hooks_of(config, kind);

		for (size_t i = 0; i < hooks.count; i++) {
			if (check_one(&hooks.list[i], err) < 0)
				return error_at(err, "hooks.%s[%zu]", hooks.name, i);
		}
	}
	return 0;
}

bool hooks_have(const struct config *config, enum hooks_kind kind)
{
	return hooks_of(config, kind).count > 0;
}

bool hooks_before_start(const struct config *config)
{
	return hooks_have(config, HOOKS_PRESTART) ||
	       hooks_have(config, HOOKS_CREATE_RUNTIME) ||
	       hooks_have(config, HOOKS_CREATE_CONTAINER);
}

static void write_state(const struct hooks_state *from, struct text *text)
{
	const struct state state = describe_record(from->record, from->status, from->pid);

	state_write(&state, text);
}

/* The last line that it said, the most likely to tell why. */
static int failed(const struct config_hook *hook, int status, struct text *output,
		  struct error *err)
{
	char *line;

	while (output->length > 0 && output->data[output->length - 1] == '\n')
		output->data[--output->length] = '\0';
	line = output->length > 0 ? strrchr(output->data, '\n') : NULL;
	line = line != NULL ? line + 1 : output->data;
	if (status > 128)
		return error_set(err, 0, "'%s' was killed by signal %d", hook->path,
				 status - 128);
	return error_set(err, 0, "'%s' failed with status %d%s%s", hook->path, status,
			 output->length > 0 ? ": " : "", output->length > 0 ? line : "");
}

static int run_one(const struct config *config, const struct config_hook *hook,
		   const struct text *state, struct error *err)
{
	char *path = (char *)(uintptr_t)hook->path;
	char *alone[] = { path, NULL }, *nothing[] = { NULL };
	auto_text struct text output = { 0 };
	const struct program program = {
		.path = hook->path,
		.arguments =
			hook->args != NULL && hook->args[0] != NULL ? hook->args : alone,
		.environment = hook->env != NULL ? hook->env : nothing,
		.input = state,
		.stdout_file = config_annotation(config, ANNOTATION_HOOKS_STDOUT),
		.stderr_file = config_annotation(config, ANNOTATION_HOOKS_STDERR),
		.output = &output,
		.timeout = hook->timeout != NULL ? (int)*hook->timeout : 0,
	};
	int status = program_run(&program, err);

	if (status == 0)
		return 0;
	return status < 0 ? -1 : failed(hook, status, &output, err);
}

int hooks_run(const struct config *config, enum hooks_kind kind,
	      const struct hooks_state *state, struct error *err)
{
	const struct hooks hooks = hooks_of(config, kind);
	auto_text struct text text = { 0 };

	if (hooks.count == 0)
		return 0;
	write_state(state, &text);
	for (size_t i = 0; i < hooks.count; i++) {
		if (run_one(config, &hooks.list[i], &text, err) < 0)
			return error_at(err, "hooks.%s[%zu]", hooks.name, i);
	}
	return 0;
}

void hooks_run_poststop(const struct config *config, const struct record *record)
{
	const struct hooks hooks = hooks_of(config, HOOKS_POSTSTOP);
	const struct hooks_state state = { record, STATUS_STOPPED, 0 };
	auto_text struct text text = { 0 };
	struct error err = { 0 };

	write_state(&state, &text);
	for (size_t i = 0; i < hooks.count; i++) {
		if (run_one(config, &hooks.list[i], &text, &err) < 0)
			log_warning("hooks.poststop[%zu]: %s", i, err.text);
	}
}
