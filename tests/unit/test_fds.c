/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/fds.h"
#include "check.h"
#include "temporary.h"

static int is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void marks_all_from_one_on(void)
{
	auto_close int low = open("/dev/null", O_RDONLY);
	auto_close int high = fcntl(low, F_DUPFD, 200);

	CHECK(fds_cloexec_from(100) == 0);
	CHECK((fcntl(high, F_GETFD) & FD_CLOEXEC) != 0);
	CHECK((fcntl(low, F_GETFD) & FD_CLOEXEC) == 0);
}

static void closes_all_from_one_on(void)
{
	auto_close int low = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int high = fcntl(low, F_DUPFD, 200);

	CHECK(fds_close_from(100) == 0);
	CHECK(!is_open(high));
	CHECK(is_open(low));
}

struct pair {
	int ends[2];
};

static void pair_release(struct pair *pair)
{
	(void)close(pair->ends[0]);
	(void)close(pair->ends[1]);
}

#define auto_pair __attribute__((cleanup(pair_release)))

static struct pair pair_new(int type)
{
	struct pair pair;

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair.ends) < 0)
		exit(99);
	return pair;
}

static void passes_bytes_and_descriptors(void)
{
	auto_pair struct pair pair = pair_new(SOCK_SEQPACKET);
	auto_close int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int sent[2] = { null, null }, got[2] = { -1, -1 };
	size_t count = 2;
	struct stat status;
	char bytes[8];

	CHECK(fds_send(pair.ends[0], "hello", 5, sent, 2) == 0);
	CHECK(fds_receive(pair.ends[1], bytes, sizeof(bytes), got, &count) == 5);
	CHECK(memcmp(bytes, "hello", 5) == 0);
	CHECK(count == 2);
	CHECK(fstat(got[1], &status) == 0 && S_ISCHR(status.st_mode));
	CHECK((fcntl(got[0], F_GETFD) & FD_CLOEXEC) != 0);
	(void)close(got[0]);
	(void)close(got[1]);
}

static void refuses_more_descriptors_than_wanted(void)
{
	auto_pair struct pair pair = pair_new(SOCK_SEQPACKET);
	int sent[3] = { 0, 0, 0 }, got[1], next = dup(0);
	size_t count = 1;
	char byte;

	(void)close(next);
	CHECK(fds_send(pair.ends[0], "x", 1, sent, 3) == 0);
	CHECK(fds_receive(pair.ends[1], &byte, 1, got, &count) == -1 &&
	      errno == EMSGSIZE);
	/* One too many, which the padding of cmsg(3) has room for. */
	CHECK(fds_send(pair.ends[0], "x", 1, sent, 2) == 0);
	count = 1;
	CHECK(fds_receive(pair.ends[1], &byte, 1, got, &count) == -1 &&
	      errno == EMSGSIZE);
	count = 0;
	CHECK(fds_send(pair.ends[0], "x", 1, sent, 1) == 0);
	CHECK(fds_receive(pair.ends[1], &byte, 1, NULL, &count) == -1 &&
	      errno == EMSGSIZE);
	/* Nothing was left open: the next free number is what it was. */
	CHECK(!is_open(next));
}

static void refuses_a_larger_message(void)
{
	auto_pair struct pair pair = pair_new(SOCK_SEQPACKET);
	size_t count = 0;
	char bytes[3];

	CHECK(fds_send(pair.ends[0], "hello", 5, NULL, 0) == 0);
	CHECK(fds_receive(pair.ends[1], bytes, 3, NULL, &count) == -1 &&
	      errno == EMSGSIZE);
}

static void says_when_the_other_end_is_gone(void)
{
	auto_pair struct pair pair = pair_new(SOCK_STREAM);
	size_t count = 0;
	char byte;

	(void)close(pair.ends[0]);
	CHECK(fds_receive(pair.ends[1], &byte, 1, NULL, &count) == 0);
	/* No SIGPIPE, which would end this program. */
	CHECK(fds_send(pair.ends[1], "x", 1, NULL, 0) == -1 && errno == EPIPE);
	pair.ends[0] = -1;
}

static void connects_through_a_path(int dirfd, const char *path)
{
	auto_close int listener = fds_listen(dirfd, path, SOCK_STREAM);
	auto_close int client = fds_connect(dirfd, path, SOCK_STREAM);
	auto_close int server = -1;
	size_t count = 0;
	char byte = 0;

	CHECK(listener >= 0);
	CHECK(client >= 0);
	server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	CHECK(fds_send(client, "x", 1, NULL, 0) == 0);
	CHECK(fds_receive(server, &byte, 1, NULL, &count) == 1 && byte == 'x');
}

static void connects_below_a_directory(void)
{
	auto_temporary struct temporary temporary = temporary_new();

	connects_through_a_path(temporary.fd, "socket");
}

static void connects_through_more_than_107_bytes(void)
{
	auto_temporary struct temporary temporary = temporary_new();
	char path[300] = { 0 };

	(void)snprintf(path, sizeof(path), "%s/", temporary.path);
	memset(path + strlen(path), 'd', 150);
	CHECK(mkdir(path, 0700) == 0);
	(void)snprintf(path + strlen(path), 20, "/socket");
	connects_through_a_path(AT_FDCWD, path);
}

static void says_what_is_not_there(void)
{
	auto_temporary struct temporary temporary = temporary_new();

	CHECK(fds_connect(temporary.fd, "absent", SOCK_STREAM) == -1 && errno == ENOENT);
	CHECK(fds_listen(temporary.fd, "absent/socket", SOCK_STREAM) == -1 &&
	      errno == ENOENT);
}

int main(void)
{
	RUN(marks_all_from_one_on);
	RUN(closes_all_from_one_on);
	RUN(passes_bytes_and_descriptors);
	RUN(refuses_more_descriptors_than_wanted);
	RUN(refuses_a_larger_message);
	RUN(says_when_the_other_end_is_gone);
	RUN(connects_below_a_directory);
	RUN(connects_through_more_than_107_bytes);
	RUN(says_what_is_not_there);
	return check_done();
}
