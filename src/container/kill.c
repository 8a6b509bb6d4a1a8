/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <sys/pidfd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/parse.h"
#include "container/kill.h"
#include "container/record.h"
#include "container/recorded.h"
#include "container/registry.h"
#include "kernel/cgroup.h"

/* "RTMIN", "RTMIN+3", "RTMAX-3": the range of the kernel, of which libc keeps two. */
static int parse_realtime(const char *text)
{
	bool from_top = strncasecmp(text, "RTMAX", 5) == 0;
	uint64_t distance = 0;

	if (!from_top && strncasecmp(text, "RTMIN", 5) != 0)
		return -1;
	text += 5;
	if (*text != '\0' &&
	    (*text != (from_top ? '-' : '+') ||
	     !parse_uint(text + 1, (uint64_t)(SIGRTMAX - SIGRTMIN), &distance)))
		return -1;
	return from_top ? SIGRTMAX - (int)distance : SIGRTMIN + (int)distance;
}

int kill_parse_signal(const char *text)
{
	uint64_t number;

	if (parse_uint(text, (uint64_t)SIGRTMAX, &number))
		return (int)number;
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (int signal = 1; signal < SIGRTMIN; signal++) {
		const char *name = sigabbrev_np(signal);

		if (name != NULL && strcasecmp(text, name) == 0)
			return signal;
	}
	if (strcasecmp(text, "IOT") == 0)
		return SIGABRT;
	return parse_realtime(text);
}

static int signal_all(const struct record *record, int signal, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	struct cgroup cgroup;

	if (recorded_cgroup(record, &arena, &cgroup, err) < 0)
		return -1;
	return cgroup_signal(&cgroup, signal, err);
}

/* A task that is frozen in v1 dies only once it is thawed. */
static int thaw(const struct record *record, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	struct cgroup cgroup;

	if (recorded_cgroup(record, &arena, &cgroup, err) < 0)
		return -1;
	return cgroup.hierarchies_count > 0 ? cgroup_thaw(&cgroup, err) : 0;
}

static int signal_process(const struct record *record, int signal, struct error *err)
{
	auto_close int pidfd = recorded_process(record);

	if (pidfd >= 0 && pidfd_send_signal(pidfd, signal, NULL, 0) == 0)
		return 0;
	if (errno == ESRCH)
		return error_set(err, 0, "container not running");
	return error_set(err, errno, "cannot signal process %d", record->pid);
}

/* What is in the cgroup besides, or still: 1 if there was something. */
static int kill_rest(const struct record *record, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	struct cgroup cgroup;
	pid_t *pids;
	size_t count;

	if (recorded_cgroup(record, &arena, &cgroup, err) < 0 ||
	    cgroup_pids(&cgroup, &arena, &pids, &count, err) < 0)
		return -1;
	if (count == 0)
		return 0;
	return cgroup_signal(&cgroup, SIGKILL, err) < 0 ? -1 : 1;
}

/* In a pid namespace of its own the rest would end with the first process anyway; in
 * another's nobody else would end it, and it may have outlived the first. */
static int kill_everything(const struct record *record, struct error *err)
{
	int result = signal_process(record, SIGKILL, err);
	struct error rest_error;
	int rest = record->cgroup_path == NULL ? 0 : kill_rest(record, &rest_error);

	if (rest < 0) {
		*err = rest_error;
		return -1;
	}
	return rest > 0 ? 0 : result;
}

int kill_container(const struct registry *registry, const char *id, int signal,
		   enum kill_flags flags, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	auto_close int entryfd = registry_find(registry, id, err);
	struct record record;
	int result;

	if (entryfd < 0)
		return -1;
	if (registry_load(entryfd, &record, &arena, err) < 0)
		return -1;
	/* What is left of a container whose first process has ended can be signalled too.
	 */
	if (flags & KILL_ALL && record.cgroup_path != NULL)
		result = signal_all(&record, signal, err);
	else if (signal == SIGKILL)
		result = kill_everything(&record, err);
	else
		result = signal_process(&record, signal, err);
	if (result < 0)
		return -1;
	return signal == SIGKILL ? thaw(&record, err) : 0;
}
