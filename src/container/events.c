/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "container/events.h"
#include "container/record.h"
#include "container/recorded.h"
#include "container/registry.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_oom.h"
#include "kernel/cgroup_stats.h"
#include "kernel/intel_rdt.h"
#include "kernel/intel_rdt_stats.h"
#include "oci/json_write.h"

enum { SECOND = 1000 * 1000 * 1000 };

/* The container that is looked at. */
struct subject {
	struct arena arena;
	struct record record;
	struct cgroup cgroup;
	const char *rdt_root;
	int process; /* a pidfd */
};

#define auto_subject __attribute__((cleanup(subject_release)))

static void subject_release(struct subject *subject)
{
	if (subject->process >= 0)
		(void)close(take_fd(&subject->process));
	arena_release(&subject->arena);
}

static int open_process(struct subject *subject, struct error *err)
{
	subject->process = recorded_process(&subject->record);
	if (subject->process >= 0)
		return 0;
	if (errno == ESRCH)
		return error_set(err, 0, "container with id %s is not running",
				 subject->record.id);
	return error_set(err, errno, "cannot open process %d", subject->record.pid);
}

static int find(struct subject *subject, const struct registry *registry, const char *id,
		struct error *err)
{
	auto_close int entryfd = registry_find(registry, id, err);
	struct record *record = &subject->record;
	struct error ignored;

	if (entryfd < 0 || registry_load(entryfd, record, &subject->arena, err) < 0 ||
	    open_process(subject, err) < 0 ||
	    recorded_cgroup(record, &subject->arena, &subject->cgroup, err) < 0)
		return -1;
	if (subject->cgroup.layout == CGROUP_DISABLED)
		return error_set(err, 0,
				 "container '%s' has no cgroup of its own, in which "
				 "anything is counted",
				 id);
	if (record->rdt.group != NULL)
		subject->rdt_root = intel_rdt_root(&subject->arena, &ignored);
	if (subject->rdt_root == NULL)
		record->rdt = (struct intel_rdt){ 0 };
	return 0;
}

static int put_data(const struct subject *subject, struct json_writer *json,
		    struct error *err)
{
	int result;

	json_open_object(json, "data");
	result = cgroup_stats_put(&subject->cgroup, json, err);
	intel_rdt_stats_put(&subject->record.rdt, subject->rdt_root, json);
	/* Those that runc made itself, once. */
	json_put_null(json, "network_interfaces");
	json_close_object(json);
	return result;
}

static int format_event(const struct subject *subject, const char *type,
			struct text *line, struct error *err)
{
	struct json_writer *json = json_writer_new(NULL);
	int result = 0;

	json_open_object(json, NULL);
	json_put_text(json, "type", type);
	json_put_text(json, "id", subject->record.id);
	if (type[0] == 's')
		result = put_data(subject, json, err);
	json_close_object(json);
	json_writer_finish(json, line);
	return result;
}

int events_stats(const struct registry *registry, const char *id, struct text *line,
		 struct error *err)
{
	auto_subject struct subject subject = { .process = -1 };

	if (find(&subject, registry, id, err) < 0)
		return -1;
	return format_event(&subject, "stats", line, err);
}

static int tell(const struct subject *subject, const char *type, int fd,
		struct error *err)
{
	auto_text struct text line = { 0 };

	if (format_event(subject, type, &line, err) < 0)
		return -1;
	if (file_write_full(fd, line.data, line.length) < 0)
		return error_set(err, errno, "cannot write to standard output");
	return 0;
}

static int open_timer(int64_t interval, struct error *err)
{
	const struct timespec time = { interval / SECOND, interval % SECOND };
	const struct itimerspec timer = { .it_interval = time, .it_value = time };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0 || timerfd_settime(fd, 0, &timer, NULL) < 0) {
		(void)error_set(err, errno, "cannot set a timer");
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	return fd;
}

/* One wait, and what it brings. 0 once the container has ended. */
static int follow_once(const struct subject *subject, struct cgroup_oom *oom, int timer,
		       int fd, struct error *err)
{
	struct pollfd ready[] = { { .fd = subject->process, .events = POLLIN },
				  { .fd = oom->fd, .events = oom->events },
				  { .fd = timer, .events = POLLIN } };
	uint64_t expirations;

	if (poll(ready, 3, -1) < 0 && errno != EINTR)
		return error_set(err, errno, "cannot wait for events");
	/* The kernel tells before it kills: what ended the container is not missed. */
	if ((ready[0].revents | ready[1].revents) != 0 && cgroup_oom_happened(oom) &&
	    tell(subject, "oom", fd, err) < 0)
		return -1;
	if (ready[0].revents != 0)
		return 0;
	if (ready[2].revents != 0 &&
	    read(timer, &expirations, sizeof(expirations)) == sizeof(expirations) &&
	    tell(subject, "stats", fd, err) < 0)
		return -1;
	return 1;
}

int events_follow(const struct registry *registry, const char *id, int64_t interval,
		  int fd, struct error *err)
{
	auto_subject struct subject subject = { .process = -1 };
	auto_cgroup_oom struct cgroup_oom oom = CGROUP_OOM_NONE;
	auto_close int timer = -1;
	int going;

	if (find(&subject, registry, id, err) < 0 ||
	    cgroup_oom_open(&subject.cgroup, &oom, err) < 0)
		return -1;
	if (oom.fd < 0)
		log_warning("no memory controller: nothing tells when container '%s' "
			    "runs out of memory",
			    id);
	timer = open_timer(interval, err);
	if (timer < 0)
		return -1;
	do
		going = follow_once(&subject, &oom, timer, fd, err);
	while (going > 0);
	return going;
}
