/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "container/activation.h"
#include "container/home.h"
#include "container/notify.h"
#include "container/process.h"
#include "container/steps.h"
#include "container/sync.h"
#include "kernel/affinity.h"
#include "kernel/capabilities.h"
#include "kernel/credentials.h"
#include "kernel/executable.h"
#include "kernel/io_priority.h"
#include "kernel/keyring.h"
#include "kernel/labels.h"
#include "kernel/memory_policy.h"
#include "kernel/oom.h"
#include "kernel/personality.h"
#include "kernel/rlimits.h"
#include "kernel/scheduler.h"
#include "kernel/streams.h"
#include "kernel/terminal.h"
#include "oci/annotations.h"
#include "oci/config.h"
#include "oci/validate.h"

int process_check(const struct config_process *config, struct error *err)
{
	static int (*const checks[])(const struct config_process *, struct error *) = {
		validate_process,   rlimits_check,     oom_check,
		capabilities_check, credentials_check, scheduler_check,
		io_priority_check,  affinity_check,    labels_check,
	};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (checks[i](config, err) < 0)
			return -1;
	}
	return 0;
}

void process_warn(const struct config_process *config)
{
	auto_text struct text missing = { 0 };

	if (capabilities_missing(config, &missing) > 0)
		log_warning("cannot give what this host does not have, ignoring: %s",
			    missing.data);
}

static int step_keyring(void *context, struct error *err)
{
	const struct process *process = context;

	if (process->keyring == NULL)
		return 0;
	if (labels_begin_keys(process->config, process->procfd, err) < 0 ||
	    keyring_apply(process->keyring, err) < 0)
		return -1;
	return labels_end_keys(process->config, process->procfd, err);
}

static int step_session(void *context, struct error *err)
{
	const struct process *process = context;

	/* Already the leader of a group when the caller's shell made it one of its jobs.
	 */
	if (setsid() < 0 && errno != EPERM)
		return error_set(err, errno, "cannot start a session");
	return process->terminal < 0 ? 0 : terminal_attach(process->terminal, err);
}

static int step_oom(void *context, struct error *err)
{
	const struct process *process = context;

	return oom_apply(process->config, process->procfd, err);
}

static int step_labels(void *context, struct error *err)
{
	const struct process *process = context;

	return labels_apply(process->config, process->procfd, err);
}

static int step_rlimits(void *context, struct error *err)
{
	const struct process *process = context;

	return rlimits_apply(process->config, err);
}

static int step_personality(void *context, struct error *err)
{
	const struct process *process = context;

	return personality_apply(process->container->linux_, err);
}

static int step_scheduler(void *context, struct error *err)
{
	const struct process *process = context;

	return scheduler_apply(process->config, SCHEDULER_INHERITED, err);
}

static int step_scheduler_whole(void *context, struct error *err)
{
	const struct process *process = context;

	return scheduler_apply(process->config, SCHEDULER_WHOLE, err);
}

static int step_io_priority(void *context, struct error *err)
{
	const struct process *process = context;

	return io_priority_apply(process->config, err);
}

static int step_memory_policy(void *context, struct error *err)
{
	const struct process *process = context;

	return memory_policy_apply(process->container->linux_, err);
}

static int step_no_new_privileges(void *context, struct error *err)
{
	const struct process *process = context;

	return credentials_no_new_privileges(process->config, err);
}

static int load_filter(const struct process *process, struct error *err)
{
	auto_close int listener = -1;
	int result = seccomp_apply(process->program, err);

	if (result < 0 || !seccomp_has_listener(process->program))
		return result;
	listener = result;
	return process->passes_listener
		       ? sync_pass_listener(process->sync, listener, err)
		       : sync_offer_listener(process->sync, listener, err);
}

static int step_seccomp_early(void *context, struct error *err)
{
	const struct process *process = context;

	return process->config->no_new_privileges ? 0 : load_filter(process, err);
}

/* The launcher must be there to take the listener. */
static int step_seccomp_listener(void *context, struct error *err)
{
	const struct process *process = context;

	if (!process->config->no_new_privileges ||
	    !seccomp_has_listener(process->program))
		return 0;
	return load_filter(process, err);
}

static int step_bound(void *context, struct error *err)
{
	const struct process *process = context;

	return capabilities_bound(process->config, err);
}

/* A host directory that is reached by a descriptor, as in CVE-2024-21626, has no path in
 * the container: getcwd(2) then says "(unreachable)…" or ENOENT. */
static int change_directory(const struct process *process, struct error *err)
{
	char path[PATH_MAX];
	int result = chdir(process->config->cwd);

	if (result < 0 && errno == ENOENT)
		error_set(err, 0, "'%s' does not exist in the container",
			  process->config->cwd);
	else if (result < 0)
		error_set(err, errno, "cannot change to '%s'", process->config->cwd);
	else if (getcwd(path, sizeof(path)) != NULL && path[0] == '/')
		return 0;
	else
		error_set(err, 0, "'%s' is outside of the container",
			  process->config->cwd);
	return error_at(err, "process.cwd");
}

/* Once as root, who may enter what the user may not, and once as the user, who may on
 * file systems that shut out root (NFS). */
static int step_directory_as_root(void *context, struct error *err)
{
	struct process *process = context;

	process->is_in_directory = change_directory(process, err) == 0;
	if (process->is_in_directory || err->code == EACCES || err->code == EPERM)
		return 0;
	return -1;
}

static int step_credentials(void *context, struct error *err)
{
	const struct process *process = context;
	const char *keep = config_annotation(process->container, ANNOTATION_KEEP_GROUPS);
	bool keeps = keep != NULL && strcmp(keep, "0") != 0;

	return credentials_apply(process->config, keeps ? CREDENTIALS_KEEP_GROUPS : 0,
				 err);
}

static int step_capabilities(void *context, struct error *err)
{
	const struct process *process = context;

	return capabilities_apply(process->config, err);
}

static int step_directory_as_user(void *context, struct error *err)
{
	const struct process *process = context;

	return process->is_in_directory ? 0 : change_directory(process, err);
}

static int step_executable(void *context, struct error *err)
{
	struct process *process = context;

	return executable_find(process->config, process->executable,
			       sizeof(process->executable), err);
}

/* The smallest kept descriptor from `first` on, or INT_MAX. */
static int next_kept(const struct process *process, int first)
{
	int next = INT_MAX;

	for (size_t i = 0; i < PROCESS_KEPT_MAX; i++) {
		if (process->kept[i] >= first && process->kept[i] < next)
			next = process->kept[i];
	}
	return next;
}

/*
 * Closes what is ours, and what our caller leaked to us, before any path of the
 * configuration is looked at: close-on-exec would leave the directories of the host
 * in reach of cwd and args[0] as /proc/self/fd/N/… (CVE-2024-21626).
 */
/* Below the first that is closed by number: what is close-on-exec there is ours, since it
 * did not come over the caller's execve(2); the caller had left the number free. */
static void close_ours(const struct process *process, int first)
{
	for (int fd = 0; fd < first; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags > 0 && flags & FD_CLOEXEC && next_kept(process, fd) != fd)
			(void)close(fd);
	}
}

static int step_descriptors(void *context, struct error *err)
{
	const struct process *process = context;
	int first = STDERR_FILENO + 1 + process->activated + process->preserve_fds;

	close_ours(process, first);
	for (;;) {
		int kept = next_kept(process, first);

		if (kept > first &&
		    close_range((unsigned)first, (unsigned)kept - 1, 0) < 0)
			return error_set(err, errno, "cannot close descriptors");
		if (kept == INT_MAX)
			return 0;
		first = kept + 1;
	}
}

static int step_home(void *context, struct error *err)
{
	struct process *process = context;
	const struct config_process *config = process->config;

	(void)err;
	process->environment = home_environment(
		config->env, config->user == NULL ? 0 : (uid_t)config->user->uid);
	return 0;
}

static int step_streams(void *context, struct error *err)
{
	const struct process *process = context;

	return streams_apply(process->config, err);
}

/* The order is the design: each row says what must be true before it. */
static const struct step process_steps[] = {
	{ "keyring", step_keyring },  /* before the uid changes: it belongs to root */
	{ "terminal", step_session }, /* a controlling terminal needs a new session */
	{ "limits", step_rlimits },   /* while we still may raise them */
	{ "scheduler", step_scheduler_whole }, /* what no child inherits */
	{ "memory policy", step_memory_policy },
	{ "personality", step_personality }, /* what a filter may forbid us */
	{ "labels", step_labels }, /* by the host's /proc; execve(2) takes them on */
	{ "descriptors",
	  step_descriptors },  /* before a path of the configuration is used */
	{ "home", step_home }, /* by a file that a filter or the user may not read */
	{ "standard streams", step_streams }, /* while we may give them to the user */
	{ "working directory",
	  step_directory_as_root }, /* before a filter may forbid getcwd(2) */
	{ "no_new_privileges",
	  step_no_new_privileges },        /* or seccomp needs CAP_SYS_ADMIN */
	{ "seccomp", step_seccomp_early }, /* without it: while we have CAP_SYS_ADMIN */
	{ "capabilities", step_bound },    /* while we have CAP_SETPCAP */
	{ "user", step_credentials },      /* keeps capabilities over setuid */
	{ "capabilities", step_capabilities }, /* the last privileged step */
	{ "working directory", step_directory_as_user },
	{ "executable", step_executable },    /* as the user will find it */
	{ "seccomp", step_seccomp_listener }, /* the launcher has yet to be told of it */
	{ NULL, NULL },
};

static const struct step outside_steps[] = {
	{ "oom score", step_oom },       /* by the host's /proc, as root */
	{ "scheduler", step_scheduler }, /* while we have the host's CAP_SYS_NICE */
	{ "io priority", step_io_priority },
	{ NULL, NULL },
};

int process_prepare_outside(struct process *process, struct error *err)
{
	process->is_inside = true;
	rlimits_raise(process->config);
	return steps_run(outside_steps, process, err);
}

int process_prepare(struct process *process, struct error *err)
{
	if (!process->is_inside && steps_run(outside_steps, process, err) < 0)
		return -1;
	return steps_run(process_steps, process, err);
}

int process_execute(const struct process *process, struct error *err)
{
	char **environment =
		activation_environment(process->activated, process->environment);

	if (process->notify)
		environment = notify_environment(environment);
	/* As late as can be: the filter then sees nothing of ours but execve(2). */
	if (process->config->no_new_privileges &&
	    !seccomp_has_listener(process->program) && load_filter(process, err) < 0)
		return error_prefix(err, "seccomp");
	(void)execve(process->executable, process->config->args, environment);
	return error_set(err, errno, "exec: \"%s\"", process->config->args[0]);
}
