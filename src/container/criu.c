/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/fds.h"
#include "base/process.h"
#include "base/protobuf.h"
#include "base/text.h"
#include "container/clone.h"
#include "container/criu.h"
#include "container/criu_log.h"
#include "container/interrupt.h"
#include "kernel/cgroup.h"

enum {
	SOCKET_IN_CRIU = 3,
	ABOVE_ALL = 16, /* numbers that nothing is moved to */
	RESPONSE_MAX = 64 * 1024,
	CRIU_NOTIFY = 6, /* of enum criu_req_type, in answers */
};

/* criu_req, criu_resp, criu_notify and criu_opts of rpc.proto. */
enum {
	REQUEST_TYPE = 1,
	REQUEST_OPTIONS = 2,
	REQUEST_NOTIFY_SUCCESS = 3,
	RESPONSE_TYPE = 1,
	RESPONSE_SUCCESS = 2,
	RESPONSE_RESTORE = 4,
	RESPONSE_NOTIFY = 5,
	RESPONSE_ERRNO = 7,
	RESPONSE_ERROR_TEXT = 9,
	RESTORE_PID = 1,
	NOTIFY_SCRIPT = 1,
	NOTIFY_PID = 2,
	OPTIONS_IMAGES = 1,
	OPTIONS_LOG_LEVEL = 9,
	OPTIONS_LOG = 10,
	OPTIONS_NOTIFY = 12,
	OPTIONS_WORK = 17,
};

/* The running program. */
struct worker {
	int socket, pidfd;
	int interruptfd;
	int images,
		work; /* those that it can use; owned where they come from its process */
	bool owns_places;
};

#define auto_worker __attribute__((cleanup(worker_release)))

struct response {
	uint64_t type;
	bool success;
	int code;
	pid_t pid;
	char text[256];
	char script[64];
};

/* Without its socket it ends, with an error where it had not answered. */
static void worker_release(struct worker *worker)
{
	if (worker->socket >= 0)
		(void)close(worker->socket);
	if (worker->pidfd >= 0) {
		(void)process_wait(worker->pidfd);
		(void)close(worker->pidfd);
	}
	if (worker->interruptfd >= 0)
		(void)close(worker->interruptfd);
	if (worker->owns_places) {
		(void)close(worker->images);
		if (worker->work >= 0)
			(void)close(worker->work);
	}
}

const char *criu_find(struct arena *arena, struct error *err)
{
	/* Who calls may have no PATH, or an ordinary user's. */
	static const char *const usual[] = { "/usr/sbin/criu", "/usr/local/sbin/criu" };
	const char *found = process_find("criu", arena);

	for (size_t i = 0; found == NULL && i < 2; i++) {
		if (access(usual[i], X_OK) == 0)
			found = usual[i];
	}
	if (found != NULL)
		return found;
	(void)error_set(err, 0, "the program criu is not installed");
	(void)error_hint(err, "install the package criu");
	return NULL;
}

/* The socket and what is inherited get their numbers; all else is closed by execve(2). */
static int move_descriptors(const struct criu *criu, int socket)
{
	int from[1 + CRIU_INHERITED_MAX] = { socket };

	for (size_t i = 0; i < CRIU_INHERITED_MAX; i++)
		from[i + 1] = criu->inherited[i];
	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		if (from[i] < 0)
			continue;
		from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, ABOVE_ALL);
		if (from[i] < 0)
			return -1;
	}
	if (fds_cloexec_from(SOCKET_IN_CRIU) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		if (from[i] >= 0 && dup2(from[i], SOCKET_IN_CRIU + (int)i) < 0)
			return -1;
	}
	return 0;
}

/* Its directories as its own mount namespace has them: criu mounts things in them. */
static int tell_places(const struct criu *criu, int report, struct error *err)
{
	const int places[] = { criu->images, criu->work };

	if (!criu->own_mounts)
		return 0;
	if (fds_send(report, err, sizeof(*err), places, criu->work >= 0 ? 2 : 1) < 0)
		return error_set(err, errno, "cannot pass descriptors");
	return 0;
}

static _Noreturn void become_criu(const struct criu *criu, const char *program,
				  int socket, int report)
{
	static char name[] = "criu", verb[] = "swrk", number[] = "3";
	char *const words[] = { name, verb, number, NULL };
	struct error err = { 0 };

	process_reset_signals();
	/* Out of the way of the numbers that are given away below. */
	report = fcntl(report, F_DUPFD_CLOEXEC, ABOVE_ALL);
	if ((criu->prepare == NULL || criu->prepare(criu->context, &err) == 0) &&
	    tell_places(criu, report, &err) == 0) {
		if (move_descriptors(criu, socket) == 0)
			(void)execv(program, words);
		(void)error_set(&err, errno, "cannot run '%s'", program);
	}
	(void)fds_send(report, &err, sizeof(err), NULL, 0);
	_exit(1);
}

/* What the child says before it is criu: its directories, or an error. */
static int read_report(struct worker *worker, int report, struct error *err)
{
	for (;;) {
		struct error told;
		int places[2] = { -1, -1 };
		size_t count = 2;
		ssize_t size = fds_receive(report, &told, sizeof(told), places, &count);

		if (size < 0)
			return error_set(err, errno, "cannot hear the process of criu");
		if (size == 0)
			return 0;
		if (count == 0) {
			*err = told;
			return -1;
		}
		worker->images = places[0];
		worker->work = places[1];
		worker->owns_places = true;
	}
}

static int start(const struct criu *criu, struct worker *worker, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	const char *program = criu_find(&arena, err);
	auto_close int theirs = -1;
	auto_close int report_read = -1;
	const struct cgroup none = { .layout = CGROUP_DISABLED };
	int ends[2], report[2];
	pid_t pid;

	if (program == NULL)
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(err, errno, "cannot make a socket");
	worker->socket = ends[0];
	theirs = ends[1];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, report) < 0)
		return error_set(err, errno, "cannot make a socket");
	report_read = report[0];
	pid = clone_straight(criu->cgroup != NULL ? criu->cgroup : &none,
			     criu->own_mounts ? CLONE_NEWNS : 0, &worker->pidfd, err);
	if (pid == 0)
		become_criu(criu, program, theirs, report[1]);
	(void)close(report[1]);
	return pid < 0 ? -1 : read_report(worker, report_read, err);
}

static int send_request(const struct criu *criu, const struct worker *worker,
			struct error *err)
{
	auto_text struct text options = { 0 }, request = { 0 };

	/* It opens them by /proc/PID/fd of ours. */
	protobuf_put_uint(&options, OPTIONS_IMAGES, (uint64_t)worker->images);
	if (worker->work >= 0)
		protobuf_put_uint(&options, OPTIONS_WORK, (uint64_t)worker->work);
	protobuf_put_uint(&options, OPTIONS_LOG_LEVEL, 4);
	protobuf_put_text(&options, OPTIONS_LOG, criu->log);
	protobuf_put_uint(&options, OPTIONS_NOTIFY, 1);
	text_add(&options, criu->options->data, criu->options->length);
	protobuf_put_uint(&request, REQUEST_TYPE, criu->request);
	protobuf_put_message(&request, REQUEST_OPTIONS, &options);
	if (fds_send(worker->socket, request.data, request.length, NULL, 0) < 0)
		return error_set(err, errno, "cannot send to criu");
	return 0;
}

static void copy(char *to, size_t size, const struct protobuf *bytes)
{
	size_t length = (size_t)(bytes->end - bytes->next);

	if (length >= size)
		length = size - 1;
	if (length > 0)
		memcpy(to, bytes->next, length);
	to[length] = '\0';
}

static int read_notice(struct protobuf message, struct response *response)
{
	struct protobuf_field field;
	int result;

	while ((result = protobuf_next(&message, &field)) > 0) {
		if (field.number == NOTIFY_SCRIPT)
			copy(response->script, sizeof(response->script), &field.inside);
		else if (field.number == NOTIFY_PID && field.value <= INT_MAX)
			response->pid = (pid_t)field.value;
	}
	return result;
}

static int read_restore(struct protobuf message, struct response *response)
{
	struct protobuf_field field;
	int result;

	while ((result = protobuf_next(&message, &field)) > 0) {
		if (field.number == RESTORE_PID && field.value <= INT_MAX)
			response->pid = (pid_t)field.value;
	}
	return result;
}

static int read_response(struct protobuf message, struct response *response)
{
	struct protobuf_field field;
	int result;

	*response = (struct response){ 0 };
	while ((result = protobuf_next(&message, &field)) > 0) {
		if (field.number == RESPONSE_TYPE)
			response->type = field.value;
		else if (field.number == RESPONSE_SUCCESS)
			response->success = field.value != 0;
		else if (field.number == RESPONSE_ERRNO)
			response->code = (int)(field.value & INT_MAX);
		else if (field.number == RESPONSE_ERROR_TEXT)
			copy(response->text, sizeof(response->text), &field.inside);
		else if (field.number == RESPONSE_NOTIFY &&
			 read_notice(field.inside, response) < 0)
			return -1;
		else if (field.number == RESPONSE_RESTORE &&
			 read_restore(field.inside, response) < 0)
			return -1;
	}
	return result;
}

static int explain(const struct criu *criu, const char *otherwise, struct error *err)
{
	return criu_log_explain(criu->work >= 0 ? criu->work : criu->images, criu->log,
				criu->action, otherwise, err);
}

static int wait_response(const struct worker *worker, struct error *err)
{
	struct pollfd events[] = { { .fd = worker->socket, .events = POLLIN },
				   { .fd = worker->interruptfd, .events = POLLIN } };

	for (;;) {
		if (poll(events, 2, -1) < 0 && errno != EINTR)
			return error_set(err, errno, "cannot hear criu");
		if (events[0].revents != 0)
			return 0;
		if (events[1].revents != 0 && interrupt_check(err) < 0) {
			(void)pidfd_send_signal(worker->pidfd, SIGKILL, NULL, 0);
			return -1;
		}
	}
}

/* One answer; *fd is what came with it, owned, or left alone. */
static int hear(const struct criu *criu, const struct worker *worker,
		struct response *response, int *fd, struct error *err)
{
	static char bytes[RESPONSE_MAX];
	size_t count = 1;
	ssize_t size;

	if (wait_response(worker, err) < 0)
		return -1;
	size = fds_receive(worker->socket, bytes, sizeof(bytes), fd, &count);
	if (size <= 0)
		return explain(criu, "it ended without an answer", err);
	if (read_response((struct protobuf){ bytes, bytes + size }, response) < 0)
		return error_set(err, 0, "criu answers with what is no message");
	if (response->success)
		return 0;
	if (response->text[0] != '\0')
		return explain(criu, response->text, err);
	return explain(criu, response->code != 0 ? strerror(response->code) : "it failed",
		       err);
}

static int answer(const struct criu *criu, const struct worker *worker,
		  const struct response *response, int fd, struct error *err)
{
	auto_text struct text request = { 0 };
	const struct criu_notice notice = { response->script, response->pid, fd };

	if (criu->notify(criu->context, &notice, err) < 0)
		return -1;
	protobuf_put_uint(&request, REQUEST_TYPE, CRIU_NOTIFY);
	protobuf_put_uint(&request, REQUEST_NOTIFY_SUCCESS, 1);
	if (fds_send(worker->socket, request.data, request.length, NULL, 0) < 0)
		return error_set(err, errno, "cannot send to criu");
	return 0;
}

static pid_t converse(const struct criu *criu, const struct worker *worker,
		      struct error *err)
{
	struct response response;

	if (send_request(criu, worker, err) < 0)
		return -1;
	for (;;) {
		auto_close int fd = -1;

		if (hear(criu, worker, &response, &fd, err) < 0)
			return -1;
		if (response.type != CRIU_NOTIFY)
			break;
		if (answer(criu, worker, &response, fd, err) < 0)
			return -1;
	}
	if (criu->request != CRIU_RESTORE)
		return 0;
	return response.pid > 0 ? response.pid
				: error_set(err, 0, "criu does not say whom it restored");
}

pid_t criu_run(const struct criu *criu, struct error *err)
{
	auto_worker struct worker worker = { .socket = -1,
					     .pidfd = -1,
					     .interruptfd = interrupt_open(),
					     .images = criu->images,
					     .work = criu->work };

	if (start(criu, &worker, err) < 0)
		return -1;
	return converse(criu, &worker, err);
}
