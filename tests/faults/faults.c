/* SPDX-License-Identifier: Apache-2.0 */

/*
 * faults - kills minirun, or makes its system call fail, at one call after the other of
 * a verb, and looks each time whether `delete --force` brings the machine back to what
 * it was.
 *
 *	faults MINIRUN BUNDLE DIRECTORY CGROUP VERB MOST
 *	faults MINIRUN BUNDLE DIRECTORY CGROUP VERB PROCESS CALL ERROR
 *
 * CGROUP: the cgroupsPath of the bundle, of two components. VERB: create start run exec
 * delete commit gc. MOST: how many points at most, spread evenly; 0: all. Prints a line
 *for each point that failed and a last one with the counts. Exit status 1 when one
 *failed. The second form is one point, as such a line names it; ERROR is a number, 0
 *kills.
 *
 * With FAULTS_CLEANER=gc it is `gc --stopped` that has to bring the machine back, unless
 * the container lives.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inject.h"
#include "machine.h"

enum { WORDS_MAX = 24, SECONDS = 30, STARTS = 3 };

static const int errors[] = { 0, EIO, ENOMEM, EPERM }; /* 0: SIGKILL */
static const char *const error_names[] = { "KILL", "EIO", "ENOMEM", "EPERM" };

/* What has to be there before the verb, and the verb; NULL ends each. */
struct scenario {
	const char *verb;
	const char *before[STARTS][8];
	const char *words[6];
};

static const struct scenario scenarios[] = {
	{ "create", { { NULL } }, { "create", "-b", "BUNDLE", "c1" } },
	{ "start", { { "create", "-b", "BUNDLE", "c1" } }, { "start", "c1" } },
	{ "run", { { NULL } }, { "run", "-b", "BUNDLE", "c1", "/bin/true" } },
	{ "exec",
	  { { "create", "-b", "BUNDLE", "c1" }, { "start", "c1" } },
	  { "exec", "c1", "/bin/true" } },
	{ "delete",
	  { { "create", "-b", "BUNDLE", "c1" }, { "start", "c1" } },
	  { "delete", "--force", "c1" } },
	{ "pause",
	  { { "create", "-b", "BUNDLE", "c1" }, { "start", "c1" } },
	  { "pause", "c1" } },
	{ "update",
	  { { "create", "-b", "BUNDLE", "c1" } },
	  { "update", "--pids-limit", "50", "c1" } },
	{ "commit",
	  { { "create", "-b", "BUNDLE", "c1" }, { "start", "c1" } },
	  { "commit", "--quiet", "c1", "OUTPUT" } },
	{ "gc",
	  { { "run", "--keep", "-b", "BUNDLE", "c1", "/bin/true" } },
	  { "gc", "--stopped" } },
};

struct run {
	const char *minirun, *bundle, *directory;
	const struct scenario *scenario;
	struct machine machine;
	char *baseline;
	char output[512];
	int points, failures;
};

static char *const *words_of(const struct run *run, const char *const *words)
{
	static char root[] = "--root", data_root[] = "--data-root";
	static char *argv[WORDS_MAX];
	size_t count = 0;

	argv[count++] = (char *)(size_t)run->minirun;
	argv[count++] = root;
	argv[count++] = (char *)(size_t)run->machine.root;
	argv[count++] = data_root;
	argv[count++] = (char *)(size_t)run->machine.data_root;
	for (; *words != NULL; words++) {
		const char *word = strcmp(*words, "BUNDLE") == 0   ? run->bundle
				   : strcmp(*words, "OUTPUT") == 0 ? run->output
								   : *words;

		argv[count++] = (char *)(size_t)word;
	}
	argv[count] = NULL;
	return argv;
}

/* Exit status of minirun with these words, 128 + signal. */
static int minirun(const struct run *run, const char *const *words)
{
	char *const *argv = words_of(run, words);
	pid_t pid = fork(), ended;
	int status = 0;

	if (pid == 0) {
		(void)execv(argv[0], argv);
		_exit(127);
	}
	/* Orphans are ours to reap, as they are init's elsewhere: the end of a pid
	 * namespace waits for every one of its processes to be reaped. */
	do
		ended = waitpid(-1, &status, __WALL);
	while (ended != pid && (ended >= 0 || errno == EINTR));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static const char *check_clean(const struct run *run)
{
	char *now = machine_look(&run->machine);
	const char *difference = machine_difference(run->baseline, now);

	free(now);
	return difference;
}

/* What the verb itself promised, before anybody cleans up. */
static const char *check_promise(const struct run *run, const struct injection *injection,
				 const struct injected *injected)
{
	const char *verb = run->scenario->verb;

	if (injected->hung)
		return "hung";
	/* commit leaves the container as it was and no half-written archive. */
	if (strcmp(verb, "commit") == 0)
		return machine_frozen(&run->machine) ? "left: frozen" : NULL;
	if (injection->error == 0)
		return NULL;
	if (strcmp(verb, "delete") == 0 && injected->status == 0)
		return check_clean(run);
	if (strcmp(verb, "create") == 0 && injected->status != 0)
		return check_clean(run);
	return NULL;
}

/* Whoever is to be killed by `kill` lives, and is not gc's; who ends between the two is.
 */
static const char *check_gc(const struct run *run)
{
	static const char *const gc_words[] = { "gc", "--stopped", NULL };
	static const char *const kill_words[] = { "kill", "c1", "KILL", NULL };
	const char *cleaner = getenv("FAULTS_CLEANER");

	if (cleaner == NULL || strcmp(cleaner, "gc") != 0)
		return NULL;
	if (minirun(run, gc_words) != 0)
		return "gc failed";
	if (minirun(run, kill_words) == 0)
		return NULL;
	return minirun(run, gc_words) != 0 ? "gc failed" : check_clean(run);
}

static const char *check_point(const struct run *run, const struct injection *injection,
			       const struct injected *injected)
{
	static const char *const delete_words[] = { "delete", "--force", "c1", NULL };
	const char *wrong = check_promise(run, injection, injected);
	bool commits = strcmp(run->scenario->verb, "commit") == 0;
	int left;

	if (wrong == NULL)
		wrong = check_gc(run);
	/* A guardian that thaws ends by itself; it is our child once its parent is dead.
	 */
	if (minirun(run, delete_words) != 0 && wrong == NULL)
		wrong = "delete --force failed";
	if (commits)
		(void)unlink(run->output);
	left = machine_reap();
	if (left > 0 && wrong == NULL)
		wrong = "left: a process";
	return wrong != NULL ? wrong : check_clean(run);
}

static bool prepare(const struct run *run)
{
	for (int i = 0; i < STARTS && run->scenario->before[i][0] != NULL; i++) {
		if (minirun(run, run->scenario->before[i]) != 0)
			return false;
	}
	return true;
}

/* One run of the verb; false when the point does not exist. */
static bool try_point(struct run *run, const struct injection *injection,
		      const char *name, struct injected *injected)
{
	const char *wrong;

	if (!prepare(run)) {
		(void)printf("cannot prepare %s\n", run->scenario->verb);
		exit(2);
	}
	inject_run(injection, words_of(run, run->scenario->words), injected);
	wrong = check_point(run, injection, injected);
	if (injection->process != INJECT_NONE)
		run->points += injected->reached;
	if (wrong == NULL)
		return injected->reached;
	run->failures++;
	(void)printf("%s: process %d, call %d (number %ld), %s, status %d: %s\n",
		     run->scenario->verb, injection->process, injection->call,
		     injected->number, name, injected->status, wrong);
	(void)fflush(stdout);
	return injected->reached;
}

/* Every step-th of the points: process, call and error in one number. */
static void try_all(struct run *run, int most)
{
	struct injection injection = { .process = INJECT_NONE, .seconds = SECONDS };
	struct injected counted, injected;
	int total = 0, step, next = 0, index = 0;

	(void)try_point(run, &injection, "nothing", &counted);
	for (int process = 0; process < counted.processes; process++)
		total += counted.calls[process] * 4;
	step = most == 0 || most >= total ? 1 : total / most;
	for (int process = 0; process < counted.processes; process++) {
		for (int call = 1; call <= counted.calls[process]; call++) {
			for (int error = 0; error < 4; error++, index++) {
				if (index < next)
					continue;
				next = index + step;
				injection.process = process;
				injection.call = call;
				injection.error = errors[error];
				(void)try_point(run, &injection, error_names[error],
						&injected);
			}
		}
	}
}

static void try_one(struct run *run, char **words)
{
	const struct injection injection = {
		.process = (int)strtol(words[0], NULL, 10),
		.call = (int)strtol(words[1], NULL, 10),
		.error = (int)strtol(words[2], NULL, 10),
		.seconds = SECONDS,
	};
	struct injected injected;

	(void)try_point(run, &injection, words[2], &injected);
}

static const char *make_directory(const char *parent, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", parent, name) < 0 ||
	    (mkdir(path, 0755) < 0 && errno != EEXIST))
		exit(2);
	return path;
}

/* Once through, so that what stays by design (layers, their directories) is there. */
static bool warm(struct run *run)
{
	static const char *const words[] = { "run", "-b",        "BUNDLE",
					     "c1",  "/bin/true", NULL };

	return minirun(run, words) == 0;
}

int main(int argc, char **argv)
{
	struct run run = { 0 };

	if (argc != 7 && argc != 9)
		return 2;
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		if (strcmp(scenarios[i].verb, argv[5]) == 0)
			run.scenario = &scenarios[i];
	}
	if (run.scenario == NULL || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return 2;
	run.minirun = argv[1];
	run.bundle = argv[2];
	run.directory = argv[3];
	run.machine =
		(struct machine){ .root = make_directory(run.directory, "root"),
				  .data_root = make_directory(run.directory, "data"),
				  .output = make_directory(run.directory, "output"),
				  .cgroup = argv[4] };
	(void)snprintf(run.output, sizeof(run.output), "%s/out.tar", run.machine.output);
	if (!warm(&run)) {
		(void)printf("cannot run the bundle\n");
		return 2;
	}
	run.baseline = machine_look(&run.machine);
	if (argc == 9)
		try_one(&run, argv + 6);
	else
		try_all(&run, (int)strtol(argv[6], NULL, 10));
	(void)printf("%s: %d points, %d failures\n", run.scenario->verb, run.points,
		     run.failures);
	return run.failures > 0;
}
