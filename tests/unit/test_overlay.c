/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/auto.h"
#include "kernel/overlay.h"
#include "kernel/overlay_ways.h"
#include "kernel/rootfs.h"

#include "check.h"
#include "temporary.h"

static struct error err;

static int make(int dirfd, const char *name)
{
	CHECK(mkdirat(dirfd, name, 0755) == 0);
	return openat(dirfd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void touch(int dirfd, const char *name)
{
	CHECK(mknodat(dirfd, name, S_IFREG | 0644, 0) == 0);
}

static bool has(int dirfd, const char *name)
{
	return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

typedef int way(const struct overlay *overlay, struct error *err);

/* Whether it is an interface that this kernel does not have. */
static bool lacks(way *open_overlay, int result)
{
	if (result != OVERLAY_UNKNOWN || open_overlay == overlay_open_by_page)
		return false;
	printf("# not on this kernel: %s\n", err.text);
	return true;
}

/* Two lowers, the first on top; what is written arrives in the upper; a renamed directory
 * of a lower is no redirect. */
static void assemble(way *open_overlay, bool is_volatile)
{
	auto_temporary struct temporary place = temporary_new();
	auto_close int top = make(place.fd, "top"), base = make(place.fd, "base"),
		       upper = make(place.fd, "upper"), work = make(place.fd, "work");
	const int lowers[] = { top, base };
	const struct overlay overlay = {
		lowers, 2, upper, work, is_volatile, NULL, NULL
	};
	auto_close int tree = -1;

	touch(top, "both");
	touch(base, "below");
	CHECK(mkdirat(base, "both", 0755) == 0);
	CHECK(mkdirat(base, "old", 0755) == 0);
	tree = open_overlay(&overlay, &err);
	if (lacks(open_overlay, tree))
		return;
	CHECK(tree >= 0);
	if (tree < 0) {
		printf("# %s\n", err.text);
		return;
	}
	CHECK(has(tree, "below"));
	CHECK(openat(tree, "both", O_PATH | O_DIRECTORY) < 0 && errno == ENOTDIR);
	touch(tree, "new");
	CHECK(has(upper, "new"));
	CHECK(renameat(tree, "old", tree, "moved") < 0 && errno == EXDEV);
	CHECK(unlinkat(tree, "below", 0) == 0 && has(base, "below"));
	CHECK(has(work, "work/incompat/volatile") == is_volatile);
}

static void by_descriptor(void)
{
	assemble(overlay_open_by_fd, false);
	assemble(overlay_open_by_fd, true);
}

static void by_name(void)
{
	assemble(overlay_open_by_name, false);
	assemble(overlay_open_by_name, true);
}

static void by_page(void)
{
	struct stat before, after;

	CHECK(stat(".", &before) == 0);
	assemble(overlay_open_by_page, false);
	assemble(overlay_open_by_page, true);
	CHECK(stat(".", &after) == 0 && before.st_ino == after.st_ino);
}

static void by_what_this_kernel_has(void)
{
	assemble(overlay_open, false);
}

static void without_an_upper_it_is_read_only(void)
{
	auto_temporary struct temporary place = temporary_new();
	auto_close int top = make(place.fd, "top"), base = make(place.fd, "base");
	const int lowers[] = { top, base };
	const struct overlay overlay = { lowers, 2, -1, -1, false, NULL, NULL };
	auto_close int tree = overlay_open(&overlay, &err);

	CHECK(tree >= 0);
	CHECK(mkdirat(tree, "x", 0755) < 0 && errno == EROFS);
}

/* The most that overlayfs takes, by each interface, and one more. */
static void many(way *open_overlay)
{
	auto_temporary struct temporary place = temporary_new();
	auto_close int upper = make(place.fd, "upper"), work = make(place.fd, "work");
	static int lowers[OVERLAY_LOWERS_MAX + 1];
	struct overlay overlay = { lowers, OVERLAY_LOWERS_MAX, upper, work, false, NULL,
				   NULL };
	auto_close int tree = -1, more = -1;

	for (int i = 0; i <= OVERLAY_LOWERS_MAX; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "%d", i);
		lowers[i] = make(place.fd, name);
	}
	touch(lowers[OVERLAY_LOWERS_MAX - 1], "deep");
	tree = open_overlay(&overlay, &err);
	if (!lacks(open_overlay, tree)) {
		CHECK(tree >= 0 && has(tree, "deep"));
		overlay.lowers_count++;
		more = open_overlay(&overlay, &err);
		CHECK(more < 0);
		CHECK(open_overlay == overlay_open_by_page ||
		      strstr(err.text, "limit is 500") != NULL);
	}
	for (int i = 0; i <= OVERLAY_LOWERS_MAX; i++)
		(void)close(lowers[i]);
}

static void five_hundred_layers(void)
{
	many(overlay_open_by_fd);
	many(overlay_open_by_name);
	many(overlay_open_by_page);
}

/* mount(2) has no sentence for us, before 6.8. */
static bool says_why(void)
{
	return strstr(err.text, "'lowerdir+'") != NULL
		       ? strstr(err.text, ": invalid argument (overlay: ") != NULL
		       : strncmp(err.text, "cannot mount file system 'overlay': ", 36) ==
				 0;
}

static void the_kernel_says_why(void)
{
	auto_temporary struct temporary place = temporary_new();
	auto_close int file = open("/proc/version", O_PATH | O_CLOEXEC);
	auto_close int base = make(place.fd, "base"), upper = make(place.fd, "upper"),
		       work = make(place.fd, "work");
	const int lowers[] = { base, file }, twice[] = { base, base };
	struct overlay overlay = { lowers, 2, upper, work, false, NULL, NULL };

	CHECK(overlay_open(&overlay, &err) < 0);
	CHECK(says_why());
	overlay.lowers = &file;
	overlay.lowers_count = 1;
	CHECK(overlay_open(&overlay, &err) < 0);
	CHECK(says_why());
	overlay.lowers = twice;
	overlay.lowers_count = 2;
	CHECK(overlay_open(&overlay, &err) < 0);
	CHECK(strstr(err.text,
		     "'overlay': too many levels of symbolic links (a layer, the upper "
		     "or the work directory lies inside another of them)") != NULL);
}

static void good_uppers_pass(void)
{
	auto_temporary struct temporary place = temporary_new();
	auto_close int upper = make(place.fd, "upper"), work = make(place.fd, "work");
	char list[256];

	CHECK(overlay_check_upper(upper, work, "U", &err) == 0);
	CHECK(overlay_check_upper(upper, -1, "U", &err) == 0);
	CHECK(flistxattr(place.fd, list, sizeof(list)) == 0);
}

/* A mount of its own in the place, with upper and work in it. */
static int check_on(const char *type, const char *options)
{
	auto_temporary struct temporary place = temporary_new();
	auto_close int upper = -1, work = -1;
	char path[128];
	int result;

	CHECK(mount(type, place.path, type, 0, options) == 0);
	(void)snprintf(path, sizeof(path), "%s/upper", place.path);
	(void)mkdir(path, 0755);
	upper = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	(void)snprintf(path, sizeof(path), "%s/work", place.path);
	(void)mkdir(path, 0755);
	work = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	err = (struct error){ 0 };
	result = overlay_check_upper(upper, work, "U", &err);
	CHECK(umount2(place.path, MNT_DETACH) == 0);
	return result;
}

static void bad_uppers_are_refused(void)
{
	auto_temporary struct temporary place = temporary_new();
	static const char *const names[] = { "a", "b", "u", "w" };
	char options[512];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CHECK(mkdirat(place.fd, names[i], 0755) == 0);
	CHECK(check_on("tmpfs", NULL) == 0);
	CHECK(check_on("ramfs", NULL) < 0);
	CHECK_TEXT(err.text, "'U' is on ramfs, which cannot carry an upper layer "
			     "(give an upper on ext4, xfs, btrfs or tmpfs)");
	(void)snprintf(options, sizeof(options),
		       "lowerdir=%s/a:%s/b,upperdir=%s/u,workdir=%s/w", place.path,
		       place.path, place.path, place.path);
	CHECK(check_on("overlay", options) < 0);
	CHECK(strstr(err.text, "'U' is on overlay") != NULL);
}

static void two_mounts_are_refused(void)
{
	auto_temporary struct temporary one = temporary_new(), other = temporary_new();
	auto_close int upper = make(one.fd, "upper"), work = -1;

	CHECK(mount("tmpfs", other.path, "tmpfs", 0, NULL) == 0);
	work = open(other.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(overlay_check_upper(upper, work, "U", &err) < 0);
	CHECK_TEXT(err.text, "'U' and its work directory are on different mounts");
	CHECK(umount2(other.path, MNT_DETACH) == 0);
}

static void read_only_is_refused(void)
{
	auto_temporary struct temporary place = temporary_new();
	auto_close int upper = -1;

	CHECK(mount("tmpfs", place.path, "tmpfs", MS_RDONLY, NULL) == 0);
	upper = open(place.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(overlay_check_upper(upper, -1, "U", &err) < 0);
	CHECK_TEXT(err.text, "'U' is on a read-only file system (give an upper on ext4, "
			     "xfs, btrfs or tmpfs)");
	CHECK(umount2(place.path, MNT_DETACH) == 0);
}

int main(void)
{
	(void)umask(0);
	if (unshare(CLONE_NEWNS) < 0 || rootfs_isolate(&err) < 0) {
		printf("1..0 # SKIP no mount namespace of our own\n");
		return 0;
	}
	RUN(by_descriptor);
	RUN(by_name);
	RUN(by_page);
	RUN(by_what_this_kernel_has);
	RUN(without_an_upper_it_is_read_only);
	RUN(five_hundred_layers);
	RUN(the_kernel_says_why);
	RUN(good_uppers_pass);
	RUN(bad_uppers_are_refused);
	RUN(two_mounts_are_refused);
	RUN(read_only_is_refused);
	return check_done();
}
