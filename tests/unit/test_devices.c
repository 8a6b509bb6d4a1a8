/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/auto.h"
#include "kernel/devices.h"
#include "oci/config.h"

#include "check.h"
#include "temporary.h"

static struct error err;
static const int64_t minus = -1, zero = 0, one = 1, three = 3, five = 5, seven = 7,
		     thousand = 1000, mode = 0640, large = 1 << 20;

static int check_one(const struct config_device device)
{
	const struct config_linux linux_ = { .devices = &device, .devices_count = 1 };

	err = (struct error){ 0 };
	return devices_check(&linux_, &err);
}

static void good_devices_pass(void)
{
	CHECK(devices_check(NULL, &err) == 0);
	CHECK(check_one((struct config_device){ .type = "c",
						.path = "/dev/fuse",
						.major = &one,
						.minor = &seven }) == 0);
	CHECK(check_one((struct config_device){ .type = "p", .path = "/run/fifo" }) == 0);
	CHECK(check_one((struct config_device){ .type = "b",
						.path = "/dev/x/y",
						.major = &seven,
						.minor = &zero }) == 0);
}

static void bad_devices_are_named(void)
{
	CHECK(check_one((struct config_device){ .type = "x", .path = "/dev/a" }) < 0);
	CHECK_TEXT(err.text, "unknown device type 'x'");
	CHECK_TEXT(err.where, "linux.devices[0].type");
	CHECK(check_one((struct config_device){
		      .type = "c", .path = "dev/a", .major = &one, .minor = &one }) < 0);
	CHECK_TEXT(err.where, "linux.devices[0].path");
	CHECK(check_one((struct config_device){
		      .type = "c", .path = "/dev/a", .minor = &one }) < 0);
	CHECK_TEXT(err.where, "linux.devices[0].major");
	CHECK(check_one((struct config_device){
		      .type = "c", .path = "/dev/a", .major = &one, .minor = &large }) <
	      0);
	CHECK_TEXT(err.where, "linux.devices[0].minor");
	CHECK(check_one((struct config_device){
		      .type = "p", .path = "/dev/a", .uid = &minus }) < 0);
	CHECK_TEXT(err.where, "linux.devices[0].uid");
	CHECK(check_one((struct config_device){ .type = "p", .path = "/dev/../dev/" }) <
	      0);
	CHECK_TEXT(err.text, "'/dev/../dev/' cannot be a device");
}

static bool is_node(int dirfd, const char *name, mode_t type, dev_t number)
{
	struct stat status;

	return fstatat(dirfd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       status.st_mode == type && status.st_rdev == number;
}

static bool is_link(int dirfd, const char *name, const char *want)
{
	char target[64] = "";

	return readlinkat(dirfd, name, target, sizeof(target) - 1) > 0 &&
	       strcmp(target, want) == 0;
}

static int apply(const struct config_linux *linux_, const struct temporary *root)
{
	auto_close int devfd = -1;

	(void)mkdirat(root->fd, "dev", 0755);
	devfd = openat(root->fd, "dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return devices_apply(linux_, root->fd, devfd, DEVICES_MADE, &err);
}

static void the_default_set(void)
{
	auto_temporary struct temporary root = temporary_new();

	for (int round = 0; round < 2; round++) { /* and again over the same */
		CHECK(apply(NULL, &root) == 0);
		CHECK(is_node(root.fd, "dev/null", S_IFCHR | 0666, makedev(1, 3)));
		CHECK(is_node(root.fd, "dev/zero", S_IFCHR | 0666, makedev(1, 5)));
		CHECK(is_node(root.fd, "dev/full", S_IFCHR | 0666, makedev(1, 7)));
		CHECK(is_node(root.fd, "dev/random", S_IFCHR | 0666, makedev(1, 8)));
		CHECK(is_node(root.fd, "dev/urandom", S_IFCHR | 0666, makedev(1, 9)));
		CHECK(is_node(root.fd, "dev/tty", S_IFCHR | 0666, makedev(5, 0)));
		CHECK(is_link(root.fd, "dev/fd", "/proc/self/fd"));
		CHECK(is_link(root.fd, "dev/stdin", "/proc/self/fd/0"));
		CHECK(is_link(root.fd, "dev/stdout", "/proc/self/fd/1"));
		CHECK(is_link(root.fd, "dev/stderr", "/proc/self/fd/2"));
		CHECK(is_link(root.fd, "dev/ptmx", "pts/ptmx"));
	}
}

/* What an image has in the place of a default is not trusted, and not followed. */
static void defaults_replace_what_is_else(void)
{
	auto_temporary struct temporary root = temporary_new();

	CHECK(mkdirat(root.fd, "dev", 0755) == 0);
	CHECK(symlinkat("../victim", root.fd, "dev/null") == 0);
	CHECK(symlinkat("/elsewhere", root.fd, "dev/fd") == 0);
	CHECK(mknodat(root.fd, "dev/zero", S_IFREG | 0600, 0) == 0);
	CHECK(apply(NULL, &root) == 0);
	CHECK(is_node(root.fd, "dev/null", S_IFCHR | 0666, makedev(1, 3)));
	CHECK(is_node(root.fd, "dev/zero", S_IFCHR | 0666, makedev(1, 5)));
	CHECK(is_link(root.fd, "dev/fd", "/proc/self/fd"));
	CHECK(faccessat(root.fd, "victim", F_OK, AT_SYMLINK_NOFOLLOW) < 0);
}

static void listed_devices(void)
{
	auto_temporary struct temporary root = temporary_new();
	const struct config_device devices[] = {
		{ .type = "c",
		  .path = "/dev/mine",
		  .major = &one,
		  .minor = &seven,
		  .file_mode = &mode,
		  .uid = &thousand,
		  .gid = &five },
		{ .type = "c",
		  .path = "/dev/sub/null",
		  .major = &one,
		  .minor = &three,
		  .file_mode = &mode },
		{ .type = "p", .path = "/run/pipe" },
		{ .type = "c", .path = "/dev/ptmx", .major = &five, .minor = &one },
	};
	const struct config_linux linux_ = { .devices = devices, .devices_count = 4 };
	struct stat status;

	CHECK(apply(&linux_, &root) == 0);
	CHECK(is_node(root.fd, "dev/mine", S_IFCHR | 0640, makedev(1, 7)));
	CHECK(fstatat(root.fd, "dev/mine", &status, 0) == 0 && status.st_uid == 1000 &&
	      status.st_gid == 5);
	CHECK(is_node(root.fd, "dev/sub/null", S_IFCHR | 0640, makedev(1, 3)));
	CHECK(is_node(root.fd, "run/pipe", S_IFIFO | 0666, 0));
	CHECK(is_link(root.fd, "dev/ptmx", "pts/ptmx"));
	CHECK(apply(&linux_, &root) == 0); /* the same is left alone */
}

static void another_in_the_place_is_an_error(void)
{
	auto_temporary struct temporary root = temporary_new();
	const struct config_device device = {
		.type = "c", .path = "/dev/mine", .major = &one, .minor = &seven
	};
	const struct config_linux linux_ = { .devices = &device, .devices_count = 1 };

	CHECK(mkdirat(root.fd, "dev", 0755) == 0);
	CHECK(symlinkat("/etc/passwd", root.fd, "dev/mine") == 0);
	CHECK(apply(&linux_, &root) < 0);
	CHECK_TEXT(err.text, "cannot make '/dev/mine': file exists");
	CHECK_TEXT(err.where, "linux.devices[0]");
}

int main(void)
{
	(void)umask(0);
	RUN(good_devices_pass);
	RUN(bad_devices_are_named);
	if (geteuid() != 0) {
		printf("# not root: devices are not made\n");
		return check_done();
	}
	RUN(the_default_set);
	RUN(defaults_replace_what_is_else);
	RUN(listed_devices);
	RUN(another_in_the_place_is_an_error);
	return check_done();
}
