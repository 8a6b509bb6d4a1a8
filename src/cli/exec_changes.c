/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/parse.h"
#include "cli/exec_changes.h"
#include "cli/options.h"
#include "oci/bundle.h"

/* A list with room for everything given, and its end. */
static char **copy_list(struct arena *arena, char *const *list, size_t more)
{
	size_t count = 0;
	char **copy;

	while (list != NULL && list[count] != NULL)
		count++;
	copy = arena_alloc(arena, count + more + 1, sizeof(*copy));
	if (count > 0)
		memcpy(copy, list, count * sizeof(*copy));
	return copy;
}

/* The given values of an option behind those of the list. */
static char **append_given(struct arena *arena, char *const *list,
			   const struct options *options, const char *name)
{
	char **copy = copy_list(arena, list, options->given_count);
	char **end = copy;

	while (*end != NULL)
		end++;
	for (size_t i = 0; i < options->given_count; i++) {
		const char *value = options->given[i].value;

		if (strcmp(options->given[i].name, name) == 0)
			*end++ = arena_text(arena, value, strlen(value));
	}
	return copy;
}

/* Of entries for one name the last: getenv(3) would find the first. */
static char **keep_last(char **environment)
{
	char **to = environment;

	for (char **from = environment; *from != NULL; from++) {
		size_t name = strcspn(*from, "=") + 1;
		char **later = from + 1;

		while (*later != NULL && strncmp(*from, *later, name) != 0)
			later++;
		if (*later == NULL)
			*to++ = *from;
	}
	*to = NULL;
	return environment;
}

int exec_parse_user(const char *text, struct config_user *user, struct error *err)
{
	const char *colon = strchr(text, ':');
	char uid[16] = "";
	uint64_t number, group;

	if (colon == NULL)
		colon = text + strlen(text);
	if ((size_t)(colon - text) < sizeof(uid))
		memcpy(uid, text, (size_t)(colon - text));
	if (!parse_uint(uid, UINT32_MAX - 1, &number) ||
	    (*colon == ':' && !parse_uint(colon + 1, UINT32_MAX - 1, &group)))
		return error_set(
			err, 0,
			"option '--user': '%s' is not UID[:GID], numbers below 2^32-1",
			text);
	user->uid = (int64_t)number;
	if (*colon == ':')
		user->gid = (int64_t)group;
	return 0;
}

static int change_user(const struct options *options, struct arena *arena,
		       struct config_process *process, struct error *err)
{
	const char *text = options_text(options, "user");
	struct config_user *user = arena_alloc(arena, 1, sizeof(*user));
	int64_t *groups;
	uint64_t group;

	if (process->user != NULL)
		*user = *process->user;
	if (text != NULL && exec_parse_user(text, user, err) < 0)
		return -1;
	groups = arena_alloc(arena, user->additional_gids_count + options->given_count,
			     sizeof(*groups));
	if (user->additional_gids_count > 0)
		memcpy(groups, user->additional_gids,
		       user->additional_gids_count * sizeof(*groups));
	for (size_t i = 0; i < options->given_count; i++) {
		if (strcmp(options->given[i].name, "additional-gids") != 0)
			continue;
		if (!parse_uint(options->given[i].value, UINT32_MAX - 1, &group))
			return error_set(
				err, 0,
				"option '--additional-gids': '%s' is not a group id",
				options->given[i].value);
		groups[user->additional_gids_count++] = (int64_t)group;
	}
	user->additional_gids = groups;
	process->user = user;
	return 0;
}

static bool is_listed(char *const *list, const char *word)
{
	for (; list != NULL && *list != NULL; list++) {
		if (strcmp(*list, word) == 0)
			return true;
	}
	return false;
}

/* The ambient set, and what is given of the inheritable one. */
static char **append_inheritable(struct arena *arena,
				 const struct config_capabilities *sets,
				 const struct options *options)
{
	char **copy = copy_list(arena, sets->ambient, options->given_count);
	char **end = copy;

	while (*end != NULL)
		end++;
	for (size_t i = 0; i < options->given_count; i++) {
		if (strcmp(options->given[i].name, "cap") == 0 &&
		    is_listed(sets->inheritable, options->given[i].value))
			*end++ = arena_text(arena, options->given[i].value,
					    strlen(options->given[i].value));
	}
	return copy;
}

/* Never inheritable: a file's capabilities would then be had by anybody (CVE-2022-29162);
 * ambient is what is inheritable already. */
static void change_capabilities(const struct options *options, struct arena *arena,
				struct config_process *process)
{
	struct config_capabilities *sets;

	if (!options_has(options, "cap"))
		return;
	sets = arena_alloc(arena, 1, sizeof(*sets));
	if (process->capabilities != NULL)
		*sets = *process->capabilities;
	sets->bounding = append_given(arena, sets->bounding, options, "cap");
	sets->permitted = append_given(arena, sets->permitted, options, "cap");
	sets->effective = append_given(arena, sets->effective, options, "cap");
	sets->ambient = append_inheritable(arena, sets, options);
	process->capabilities = sets;
}

/* The values are in the messages: of an option that is given twice, the right one. */
static void note_options(const struct options *options, struct bundle *bundle)
{
	static const struct {
		const char *option, *where;
	} places[] = {
		{ "tty", "process.terminal" },
		{ "cwd", "process.cwd" },
		{ "env", "process.env" },
		{ "user", "process.user.uid" },
		{ "user", "process.user.gid" },
		{ "additional-gids", "process.user.additionalGids" },
		{ "cap", "process.capabilities" },
		{ "no-new-privs", "process.noNewPrivileges" },
		{ "process-label", "process.selinuxLabel" },
		{ "apparmor", "process.apparmorProfile" },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (options_has(options, places[i].option))
			bundle_note_option(bundle, places[i].where, places[i].option,
					   NULL);
	}
}

static const char *given(const char *value, const char *otherwise)
{
	return value != NULL && value[0] != '\0' ? value : otherwise;
}

/* What is the container's rather than the process's, a process may leave out. */
static void keep_container(struct config_process *process,
			   const struct config_process *container)
{
	process->selinux_label = given(process->selinux_label, container->selinux_label);
	process->apparmor_profile =
		given(process->apparmor_profile, container->apparmor_profile);
	if (process->exec_cpu_affinity == NULL)
		process->exec_cpu_affinity = container->exec_cpu_affinity;
}

int exec_changes_read(const struct options *options, struct bundle *bundle,
		      struct config_process *process, struct error *err)
{
	const char *path = options_text(options, "process");
	const char *cwd = options_text(options, "cwd");
	struct arena *arena = &bundle->arena;

	if (path != NULL && options->operands_count > 1)
		return error_set(err, 0, "exec: both a command and --process are given");
	if (path != NULL) {
		if (bundle_read_process(bundle, path, process, err) < 0)
			return -1;
		keep_container(process, bundle->config.process);
		return 0;
	}
	if (options->operands_count < 2)
		return error_set(err, 0,
				 "exec: neither a command nor --process is given");
	note_options(options, bundle);
	*process = *bundle->config.process;
	process->args = options->operands + 1;
	process->terminal = options_has(options, "tty");
	if (cwd != NULL)
		process->cwd = cwd;
	if (options_has(options, "env"))
		process->env =
			keep_last(append_given(arena, process->env, options, "env"));
	if (options_has(options, "no-new-privs"))
		process->no_new_privileges = true;
	process->selinux_label =
		given(options_text(options, "process-label"), process->selinux_label);
	process->apparmor_profile =
		given(options_text(options, "apparmor"), process->apparmor_profile);
	change_capabilities(options, arena, process);
	return change_user(options, arena, process, err);
}
