/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "container/hooks.h"
#include "container/notify.h"
#include "container/record.h"
#include "container/recorded.h"
#include "container/registry.h"
#include "container/start.h"
#include "container/status.h"
#include "oci/bundle.h"

int start_prepare(int entryfd, int *start, int *answer, struct error *err)
{
	auto_close int waits = -1;
	auto_close int reader = -1;

	if (mkfifoat(entryfd, "start.new", 0600) < 0 ||
	    mkfifoat(entryfd, "answer", 0600) < 0)
		return error_set(err, errno, "cannot create a fifo");
	/* Opened both ways, so that it opens without a peer and never is at its end. */
	waits = openat(entryfd, "start.new", O_RDWR | O_CLOEXEC);
	/* The end of file of `answer` is what tells of the payload: for writing alone,
	 * which waits for ever where there is no reader. */
	reader = openat(entryfd, "answer", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (waits < 0 || reader < 0)
		return error_set(err, errno, "cannot open a fifo");
	*answer = openat(entryfd, "answer", O_WRONLY | O_CLOEXEC);
	if (*answer < 0)
		return error_set(err, errno, "cannot open a fifo");
	*start = take_fd(&waits);
	return 0;
}

int start_offer(int entryfd, struct error *err)
{
	if (renameat(entryfd, "start.new", entryfd, "start") < 0)
		return error_set(err, errno, "cannot rename 'start.new'");
	return 0;
}

static _Noreturn void end(int number)
{
	_exit(128 + number);
}

/* The first process of a pid namespace ignores what it has no handler for. runc ends on
 * the same. execve(2) takes the handler away again. */
void start_end_when_asked(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)signal(signals[i], end);
}

int start_wait(int start, struct error *err)
{
	char byte;

	if (file_read_full(start, &byte, 1) != 1)
		return error_set(err, errno, "cannot wait to be started");
	return 0;
}

void start_answer(int answer, const struct error *err)
{
	/* Nobody may listen any more; then the exit status alone tells. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)!write(answer, err, sizeof(*err));
}

/* Writes the byte and waits until the process is the payload, or has said why not. */
static int let_go(int entryfd, struct error *err)
{
	auto_close int answer =
		openat(entryfd, "answer", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	auto_close int start =
		openat(entryfd, "start", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	struct error told;
	ssize_t size;

	if (answer < 0 || start < 0 || fcntl(answer, F_SETFL, 0) < 0 ||
	    file_write_full(start, "", 1) < 0)
		return error_set(err, errno, "cannot reach the container process");
	size = file_read_full(answer, &told, sizeof(told));
	if (size < 0)
		return error_set(err, errno, "cannot hear the container process");
	if (size == sizeof(told)) {
		*err = told;
		return -1;
	}
	return 0;
}

/* What fails ends the container, runtime.md "Lifecycle", step 10. */
static int run_hooks(int entryfd, const struct record *record, struct error *err)
{
	auto_bundle struct bundle bundle = { .dirfd = -1 };
	const struct hooks_state state = { record, STATUS_RUNNING, record->pid };
	auto_close int pidfd = -1;

	if (bundle_load_copy(&bundle, entryfd, "config.json", err) == 0 &&
	    hooks_run(&bundle.config, HOOKS_POSTSTART, &state, err) == 0)
		return 0;
	pidfd = recorded_process(record);
	if (pidfd >= 0)
		(void)pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	return -1;
}

int start_container(const struct registry *registry, const char *id, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	auto_close int entryfd = registry_lock(registry, id, err);
	auto_close int notify = -1;
	auto_close int pidfd = -1;
	struct record record;
	enum status status;
	int result;

	if (entryfd < 0 || registry_load(entryfd, &record, &arena, err) < 0 ||
	    status_find(entryfd, &record, &status, err) < 0)
		return -1;
	if (status == STATUS_STOPPED)
		return error_set(err, 0, "cannot start a container that has stopped");
	if (status == STATUS_PAUSED)
		return error_set(err, 0, "cannot start a container in the paused state");
	if (status == STATUS_RUNNING)
		return error_set(err, 0, "cannot start an already running container");
	if (status != STATUS_CREATED)
		return error_set(err, 0,
				 "cannot start a container that is being created");
	if (notify_is_wanted() && notify_listen(entryfd, &notify, err) < 0)
		return -1;
	pidfd = notify < 0 ? -1 : recorded_process(&record);
	result = let_go(entryfd, err);
	if (result == 0 && record.has_hooks)
		result = run_hooks(entryfd, &record, err);
	/* Whether it runs or has failed, it waits no longer. */
	(void)unlinkat(entryfd, "start", 0);
	(void)unlinkat(entryfd, "answer", 0);
	/* `delete` need not wait until the payload is ready. */
	(void)close(take_fd(&entryfd));
	if (result == 0 && pidfd >= 0)
		notify_wait(notify, pidfd, record.pid);
	return result;
}
