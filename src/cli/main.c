/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/fds.h"
#include "base/log.h"
#include "base/names.h"
#include "base/process.h"
#include "cli/command.h"
#include "cli/options.h"
#include "kernel/seal.h"
#include "oci/version.h"

extern const struct command command_check, command_checkpoint, command_commit,
	command_create, command_delete, command_diff, command_doctor, command_events,
	command_exec, command_features, command_gc, command_kill, command_layers,
	command_list, command_mounts, command_pause, command_ps, command_restore,
	command_resume, command_run, command_spec, command_start, command_state,
	command_unpack, command_update;

static const struct command *const commands[] = {
	&command_check,  &command_checkpoint, &command_commit, &command_create,
	&command_delete, &command_diff,       &command_doctor, &command_events,
	&command_exec,   &command_features,   &command_gc,     &command_kill,
	&command_layers, &command_list,       &command_mounts, &command_pause,
	&command_ps,     &command_restore,    &command_resume, &command_run,
	&command_spec,   &command_start,      &command_state,  &command_unpack,
	&command_update,
};

enum { COMMANDS_COUNT = sizeof(commands) / sizeof(commands[0]) };

static const struct command_option global_options[] = {
	{ "root", 0, "DIR", "where the state of the containers is" },
	{ "data-root", 0, "DIR", "where layers and what containers change are" },
	{ "log", 0, "FILE", "write messages to FILE too, or journald:, syslog:" },
	{ "log-format", 0, "FORMAT", "text or json" },
	{ "log-level", 0, "LEVEL", "error, warning, info or debug" },
	{ "debug", 0, NULL, "the same as --log-level debug" },
	{ "cgroup-manager", 0, "MANAGER", "cgroupfs, systemd or disabled" },
	{ "systemd-cgroup", 0, NULL, "the same as --cgroup-manager systemd" },
	{ "rootless", 0, "VALUE", "accepted for compatibility" },
	{ "version", 'v', NULL, "print the version" },
	{ "help", 'h', NULL, "print this help" },
	{ NULL, 0, NULL, NULL },
};

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS_COUNT; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

static int print_help(void)
{
	(void)printf("Usage: minirun [OPTION]... VERB [ARGUMENT]...\n"
		     "Start containers from OCI bundles.\n\nVerbs:\n");
	for (size_t i = 0; i < COMMANDS_COUNT; i++)
		(void)printf("  %-10s %s\n", commands[i]->name, commands[i]->help);
	(void)printf("\nOptions:\n");
	options_print(global_options);
	(void)printf("\n'minirun VERB --help' tells of a verb, minirun(8) of all.\n");
	return 0;
}

static int print_command_help(const struct command *command)
{
	(void)printf("Usage: minirun %s [OPTION]... %s\n%s.\n\nOptions:\n", command->name,
		     command->operands, command->help);
	options_print(command->options);
	(void)printf("  -h, %-28s %s\n", "--help", "print this help");
	return 0;
}

static int print_version(void)
{
	(void)printf("minirun version %s\ncommit: %s\nspec: %s\n", VERSION, COMMIT,
		     OCI_VERSION);
	return 0;
}

/* Root, and not that of a user namespace which an ordinary user made, as rootless Podman
 * does: its verbs come from inside and outside. Who is USER=root there logged in to a
 * whole system, whose services have no XDG_RUNTIME_DIR. */
static bool is_system(void)
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	const char *user = getenv("USER");

	if (geteuid() != 0)
		return false;
	return process_is_host() || run == NULL || run[0] != '/' ||
	       (user != NULL && strcmp(user, "root") == 0);
}

/* Ours: the first directory for root, else one of the user's. */
static const char *default_directory(struct arena *arena, const char *system,
				     const char *variable, const char *under_home)
{
	const char *user = getenv(variable);
	const char *home = getenv("HOME");

	if (is_system())
		return system;
	if (user != NULL && user[0] == '/')
		return arena_format(arena, "%s/minirun", user);
	if (under_home != NULL && home != NULL && home[0] == '/')
		return arena_format(arena, "%s/%s/minirun", home, under_home);
	return system;
}

static void read_directories(struct globals *globals, const struct options *options,
			     struct arena *arena)
{
	const char *root = options_text(options, "root");
	const char *data_root = options_text(options, "data-root");
	const char *run =
		default_directory(arena, "/run/minirun", "XDG_RUNTIME_DIR", NULL);

	globals->root = root != NULL ? options_path(arena, root) : run;
	globals->claims = arena_format(arena, "%s-uppers", run);
	globals->data_root = data_root != NULL
				     ? options_path(arena, data_root)
				     : default_directory(arena, "/var/lib/minirun",
							 "XDG_DATA_HOME", ".local/share");
}

static int read_log(const struct options *options, struct error *err)
{
	const char *format = options_text(options, "log-format");
	const char *level = options_text(options, "log-level");
	const char *file = options_text(options, "log");

	if (format != NULL && strcmp(format, "text") != 0 && strcmp(format, "json") != 0)
		return error_set(err, 0,
				 "option '--log-format': '%s' is not text or json",
				 format);
	if (level != NULL && log_set_level_name(level) < 0)
		return error_set(
			err, 0,
			"option '--log-level': '%s' is not error, warning, info or "
			"debug",
			level);
	if (options_has(options, "debug"))
		log_set_level(LOG_DEBUG);
	if (log_open(file, format != NULL && format[0] == 'j' ? LOG_JSON : LOG_TEXT,
		     err) < 0)
		return error_prefix(err, "option '--log'");
	return 0;
}

static int read_manager(struct globals *globals, const struct options *options,
			struct error *err)
{
	static const struct name managers[] = {
		{ "cgroupfs", CGROUP_MANAGER_CGROUPFS },
		{ "disabled", CGROUP_MANAGER_DISABLED },
		{ "systemd", CGROUP_MANAGER_SYSTEMD },
		{ NULL, 0 },
	};
	bool is_systemd = options_has(options, "systemd-cgroup");
	const char *word = options_text(options, "cgroup-manager");
	const struct name *manager;

	if (word == NULL)
		word = is_systemd ? "systemd" : "cgroupfs";
	manager = name_find(managers, word);
	if (manager == NULL)
		return error_set(err, 0,
				 "option '--cgroup-manager': '%s' is not cgroupfs, "
				 "systemd or disabled",
				 word);
	globals->cgroup_manager = (enum cgroup_manager)manager->value;
	if (is_systemd && globals->cgroup_manager != CGROUP_MANAGER_SYSTEMD)
		return error_set(err, 0,
				 "option '--systemd-cgroup' contradicts "
				 "'--cgroup-manager %s'",
				 word);
	return 0;
}

static int read_globals(struct globals *globals, const struct options *options,
			struct arena *arena, struct error *err)
{
	if (read_log(options, err) < 0)
		return -1;
	read_directories(globals, options, arena);
	return read_manager(globals, options, err);
}

/* "--help" and "-h" are every verb's: not in the tables, and found before a mistake is.
 */
static bool asks_help(const struct command *command, char **argv)
{
	for (int i = 1; argv[i] != NULL && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
		if (command->flags & COMMAND_PAYLOAD && argv[i][0] != '-' && i > 1)
			return false;
		if (command->flags & COMMAND_FORWARDS && argv[i][0] != '-')
			return false;
	}
	return false;
}

static int run_command(const struct command *command, const struct globals *globals,
		       char **argv, struct error *err)
{
	struct options options;
	enum options_mode mode = command->flags & COMMAND_PAYLOAD    ? OPTIONS_PAYLOAD
				 : command->flags & COMMAND_FORWARDS ? OPTIONS_VERB
								     : OPTIONS_ANYWHERE;

	if (asks_help(command, argv))
		return print_command_help(command);
	/* Before parsing, which moves operands about in argv. */
	if (command->flags & COMMAND_ENTERS && seal_program(globals->argv, err) < 0)
		return -1;
	if (options_parse(&options, command->options, argv, mode, err) < 0)
		return error_hint(err, "try 'minirun %s --help'", command->name);
	if (options.operands_count < command->least ||
	    (command->most >= 0 && options.operands_count > command->most)) {
		(void)error_set(err, 0, "%s: %s operands", command->name,
				options.operands_count < command->least ? "missing"
									: "too many");
		return error_hint(err, "usage: minirun %s [OPTION]... %s", command->name,
				  command->operands);
	}
	return command->run(globals, &options, err);
}

static int run_main(char **argv, int *failure, struct error *err)
{
	static struct arena arena; /* its strings live as long as the program */
	struct globals globals = { .argv = argv };
	const struct command *command;
	struct options options;

	if (options_parse(&options, global_options, argv, OPTIONS_VERB, err) < 0)
		return error_hint(err, "try 'minirun --help'");
	if (options_has(&options, "version"))
		return print_version();
	if (options_has(&options, "help"))
		return print_help();
	if (read_globals(&globals, &options, &arena, err) < 0)
		return -1;
	if (options.operands_count == 0) {
		(void)error_set(err, 0, "no verb given");
		return error_hint(err, "try 'minirun --help'");
	}
	command = find_command(options.operands[0]);
	if (command == NULL) {
		(void)error_set(err, 0, "unknown verb '%s'", options.operands[0]);
		return error_hint(err, "try 'minirun --help'");
	}
	*failure = command->failure;
	return run_command(command, &globals, options.operands, err);
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	int failure = 1;
	char line[ERROR_TEXT_MAX + ERROR_WHERE_MAX];
	int status;

	fds_open_standard();
	/* execve(2): before Linux 5.18 there may be not even a name. */
	status = argc > 0 ? run_main(argv, &failure, &err)
			  : error_set(&err, 0, "no verb given");
	if (status >= 0 && (fflush(stdout) != 0 || ferror(stdout))) {
		status = -1;
		(void)error_set(&err, 0, "cannot write to standard output");
	}
	if (status >= 0)
		return status;
	error_format(&err, line, sizeof(line));
	log_error(line);
	return failure;
}
