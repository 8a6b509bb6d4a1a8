/* SPDX-License-Identifier: Apache-2.0 */
/* What a row leaves out is what a configuration leaves out. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/arena.h"
#include "base/auto.h"
#include "kernel/inside.h"
#include "kernel/mounts.h"
#include "kernel/rootfs.h"
#include "oci/config.h"

#include "check.h"
#include "temporary.h"

static struct arena arena;
static struct error err;

static char ro[] = "ro", bind_[] = "bind", rbind[] = "rbind", size[] = "size=1m",
	    uid[] = "uid=5", slave[] = "rslave", copy_up[] = "tmpcopyup",
	    remount[] = "remount", nosuid[] = "nosuid", long_[] = "mode=01755";

static int check_one(const struct config_mount mount)
{
	const struct config config = { .mounts = &mount, .mounts_count = 1 };

	err = (struct error){ 0 };
	return mounts_check(&config, "/", &err);
}

#define REFUSED(want_text, want_where, ...)                                 \
	do {                                                                \
		CHECK(check_one((struct config_mount){ __VA_ARGS__ }) < 0); \
		CHECK_TEXT(err.text, want_text);                            \
		CHECK_TEXT(err.where, want_where);                          \
	} while (0)

static void good_mounts_pass(void)
{
	CHECK(check_one((struct config_mount){ "/proc", "proc", "proc", NULL }) == 0);
	CHECK(check_one((struct config_mount){ "proc", "proc", NULL, NULL }) == 0);
	CHECK(check_one((struct config_mount){ "/d", NULL, "etc",
					       (char *[]){ rbind, ro, NULL } }) == 0);
	CHECK(check_one((struct config_mount){ "/proc", "bind", "/proc",
					       (char *[]){ rbind, NULL } }) == 0);
	CHECK(check_one((struct config_mount){ "/proc/meminfo", "bind", "/etc",
					       (char *[]){ bind_, NULL } }) == 0);
	CHECK(check_one((struct config_mount){ "/proc", NULL, NULL,
					       (char *[]){ remount, ro, NULL } }) == 0);
}

static void bad_mounts_are_named(void)
{
	REFUSED("'/a/..' is the root itself", "mounts[0].destination", "/a/..", "tmpfs",
		NULL, NULL);
	REFUSED("a mount that is no bind needs a type", "mounts[0].type", "/a", NULL,
		NULL, NULL);
	REFUSED("unknown file system type 'nosuchfs'", "mounts[0].type", "/a", "nosuchfs",
		NULL, NULL);
	REFUSED("a bind mount needs a source", "mounts[0].source", "/a", "bind", NULL,
		(char *[]){ bind_, NULL });
	REFUSED("cannot find '//nowhere/x': no such file or directory",
		"mounts[0].source", "/a", NULL, "nowhere/x", (char *[]){ bind_, NULL });
	REFUSED("option 'uid=5' has no meaning for a bind mount", "mounts[0].options[1]",
		"/a", NULL, "/etc", (char *[]){ bind_, uid, NULL });
	REFUSED("option 'tmpcopyup' is for a tmpfs", "mounts[0]", "/a", "proc", NULL,
		(char *[]){ copy_up, NULL });
}

/* CVE-2019-16884. */
static void proc_must_be_a_procfs(void)
{
	REFUSED("only a procfs may be mounted on /proc", "mounts[0].destination",
		"/proc/", "tmpfs", NULL, NULL);
	REFUSED("only a procfs may be mounted on /proc", "mounts[0].destination",
		"/x/../proc", "bind", "/etc", (char *[]){ bind_, NULL });
	REFUSED("'/proc/self/attr' is inside /proc", "mounts[0].destination",
		"/proc/self/attr", "tmpfs", NULL, NULL);
}

static void points_that_must_be_there(void)
{
	const struct config_mount list[] = {
		{ "/proc", "proc", NULL, NULL },
		{ "/dev", "tmpfs", NULL, NULL },
		{ "/dev/pts", "devpts", NULL, NULL },
		{ "/devices", "tmpfs", NULL, NULL },
		{ "/etc/hosts", NULL, "/etc/hostname", (char *[]){ bind_, NULL } },
		{ "/proc", NULL, NULL, (char *[]){ remount, ro, NULL } },
		{ "data/../srv", NULL, "/etc", (char *[]){ rbind, NULL } },
	};
	const struct config config = { .mounts = list, .mounts_count = 7 };
	size_t count;
	const struct mount_point *points = mounts_points(&config, "/", &arena, &count);

	CHECK(count == 5);
	CHECK_TEXT(points[0].path, "/proc");
	CHECK_TEXT(points[1].path, "/dev");
	CHECK(points[1].mode == 01777 && points[0].mode == 0755);
	CHECK_TEXT(points[2].path, "/devices");
	CHECK(!points[2].is_file);
	CHECK_TEXT(points[3].path, "/etc/hosts");
	CHECK(points[3].is_file && points[3].mode == 0644);
	CHECK_TEXT(points[4].path, "/srv");
	CHECK(!mounts_bind_dev(&config));
}

static void a_bound_dev_is_anothers(void)
{
	const struct config_mount mount = { "/dev/.", NULL, "/dev",
					    (char *[]){ rbind, NULL } };
	const struct config config = { .mounts = &mount, .mounts_count = 1 };

	CHECK(mounts_bind_dev(&config));
}

/* From here on in a mount namespace of our own. A root of tmpfs, attached or not: the
 * mounts are made below a descriptor of it. */
static int new_root(struct temporary *root)
{
	CHECK(mount("tmpfs", root->path, "tmpfs", 0, "mode=755") == 0);
	return open(root->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int apply(const struct config_mount *list, size_t count, int rootfd)
{
	const struct config config = { .mounts = list, .mounts_count = count };
	struct mounts *mounts = mounts_open(&config, "/", -1, &arena, &err);

	if (mounts == NULL || mounts_apply(mounts, rootfd, NULL, &err) < 0)
		return -1;
	return mounts_finish(mounts, &err);
}

static unsigned long flags_of(int rootfd, const char *path)
{
	auto_close int fd = inside_open(rootfd, path, O_PATH);
	struct statvfs status = { 0 };

	CHECK(fd >= 0 && fstatvfs(fd, &status) == 0);
	return status.f_flag;
}

static void new_file_systems(void)
{
	auto_temporary struct temporary place = temporary_new();
	auto_close int root = new_root(&place);
	const struct config_mount list[] = {
		{ "/a/b", "tmpfs", "x", (char *[]){ size, nosuid, long_, NULL } },
		{ "/ro", "tmpfs", "x", (char *[]){ ro, NULL } },
		{ "/ro/inner", "tmpfs", "x", NULL },
	};
	struct stat status;

	CHECK(apply(list, 3, root) == 0);
	CHECK((flags_of(root, "/a/b") & (ST_NOSUID | ST_RDONLY)) == ST_NOSUID);
	CHECK(fstatat(root, "a/b", &status, 0) == 0 && (status.st_mode & 07777) == 01755);
	/* Mount points were made in it before it became read-only. */
	CHECK((flags_of(root, "/ro") & ST_RDONLY) != 0);
	CHECK((flags_of(root, "/ro/inner") & ST_RDONLY) == 0);
	CHECK(fstatat(root, "ro", &status, 0) == 0 && (status.st_mode & 07777) == 01777);
	CHECK(umount2(place.path, MNT_DETACH) == 0);
}

static void binds(void)
{
	auto_temporary struct temporary place = temporary_new(), source = temporary_new();
	auto_close int root = new_root(&place);
	char inner[128], file[128];
	const struct config_mount list[] = {
		{ "/d", NULL, source.path, (char *[]){ rbind, ro, NULL } },
		{ "/f", NULL, file, (char *[]){ bind_, slave, NULL } },
		{ "/flat", NULL, source.path, (char *[]){ bind_, NULL } },
	};

	(void)snprintf(inner, sizeof(inner), "%s/inner", source.path);
	(void)snprintf(file, sizeof(file), "%s/file", source.path);
	CHECK(mkdir(inner, 0755) == 0 && mknod(file, S_IFREG | 0644, 0) == 0);
	CHECK(mount("tmpfs", inner, "tmpfs", 0, NULL) == 0);
	CHECK(mkdirat(source.fd, "inner/deep", 0755) == 0);
	CHECK(apply(list, 3, root) == 0);
	CHECK((flags_of(root, "/d") & ST_RDONLY) != 0);
	CHECK((flags_of(root, "/d/inner") & ST_RDONLY) == 0);
	CHECK(faccessat(root, "d/inner/deep", F_OK, 0) == 0);
	CHECK(faccessat(root, "f", F_OK, 0) == 0);
	CHECK(faccessat(root, "flat/inner", F_OK, 0) == 0);
	CHECK(faccessat(root, "flat/inner/deep", F_OK, 0) < 0);
	CHECK(umount2(inner, MNT_DETACH) == 0 && umount2(place.path, MNT_DETACH) == 0);
}

static void copies_up(void)
{
	auto_temporary struct temporary place = temporary_new();
	auto_close int root = new_root(&place);
	const struct config_mount mount = { "/run", "tmpfs", NULL,
					    (char *[]){ copy_up, NULL } };
	struct stat status;

	CHECK(mkdirat(root, "run", 0751) == 0 && mkdirat(root, "run/d", 0700) == 0);
	CHECK(apply(&mount, 1, root) == 0);
	CHECK(fstatat(root, "run/d", &status, 0) == 0 &&
	      (status.st_mode & 07777) == 0700);
	CHECK(fstatat(root, "run", &status, 0) == 0 && (status.st_mode & 07777) == 0751);
	CHECK(umount2(place.path, MNT_DETACH) == 0);
}

/* CVE-2019-19921, CVE-2023-27561. */
static void links_to_proc_are_refused(void)
{
	auto_temporary struct temporary place = temporary_new();
	auto_close int root = new_root(&place);
	const struct config_mount proc = { "/proc", "proc", NULL, NULL },
				  sys = { "/sys", "sysfs", NULL, NULL },
				  through[] = {
					  { "/good/proc", "tmpfs", NULL, NULL },
					  { "/x", "tmpfs", NULL, NULL },
				  };

	CHECK(mkdirat(root, "elsewhere", 0755) == 0);
	CHECK(symlinkat("elsewhere", root, "proc") == 0);
	CHECK(symlinkat("elsewhere", root, "sys") == 0);
	CHECK(apply(&proc, 1, root) < 0);
	CHECK_TEXT(err.text, "cannot mount 'proc' on '/proc': '/proc' is, or lies below, "
			     "a link");
	CHECK_TEXT(err.where, "mounts[0]");
	CHECK(apply(&sys, 1, root) < 0);
	CHECK(unlinkat(root, "proc", 0) == 0 && mkdirat(root, "proc", 0755) == 0);
	CHECK(symlinkat("/proc", root, "x") == 0);
	CHECK(apply(through, 2, root) < 0);
	CHECK_TEXT(err.text, "cannot mount 'tmpfs' on '/x': '/x' leads into /proc");
	CHECK_TEXT(err.where, "mounts[1]");
	CHECK(umount2(place.path, MNT_DETACH) == 0);
}

static void links_into_a_procfs_are_refused(void)
{
	auto_temporary struct temporary place = temporary_new();
	auto_close int root = new_root(&place);
	const struct config_mount list[] = {
		{ "/proc", "proc", NULL, NULL },
		{ "/x", "tmpfs", NULL, NULL },
	};

	CHECK(symlinkat("/proc/sys", root, "x") == 0);
	CHECK(apply(list, 2, root) < 0);
	CHECK_TEXT(err.text, "cannot mount 'tmpfs' on '/x': '/x' leads into /proc");
	CHECK(umount2(place.path, MNT_DETACH) == 0);
}

static void a_link_to_the_root_is_refused(void)
{
	auto_temporary struct temporary place = temporary_new();
	auto_close int root = new_root(&place);
	const struct config_mount mount = { "/x", "tmpfs", NULL, NULL };

	CHECK(symlinkat("../..", root, "x") == 0);
	CHECK(apply(&mount, 1, root) < 0);
	CHECK_TEXT(err.text,
		   "cannot mount 'tmpfs' on '/x': '/x' leads to the root itself");
	CHECK(umount2(place.path, MNT_DETACH) == 0);
}

static void the_kernel_says_why(void)
{
	auto_temporary struct temporary place = temporary_new();
	auto_close int root = new_root(&place);
	char word[] = "size=many";
	const struct config_mount mount = { "/x", "tmpfs", NULL,
					    (char *[]){ word, NULL } };

	CHECK(apply(&mount, 1, root) < 0);
	CHECK_TEXT(err.text,
		   "cannot mount 'tmpfs' on '/x': cannot set option 'size' to 'many': "
		   "invalid argument (tmpfs: Bad value for 'size')");
	CHECK(umount2(place.path, MNT_DETACH) == 0);
}

static void remounts(void)
{
	auto_temporary struct temporary place = temporary_new();
	auto_close int root = new_root(&place);
	const struct config_mount list[] = {
		{ "/a", "tmpfs", NULL, NULL },
		{ "/a", NULL, NULL, (char *[]){ remount, ro, nosuid, NULL } },
	};

	CHECK(apply(list, 2, root) == 0);
	CHECK((flags_of(root, "/a") & (ST_RDONLY | ST_NOSUID)) ==
	      (ST_RDONLY | ST_NOSUID));
	CHECK(umount2(place.path, MNT_DETACH) == 0);
}

int main(void)
{
	(void)umask(0);
	RUN(good_mounts_pass);
	RUN(bad_mounts_are_named);
	RUN(proc_must_be_a_procfs);
	RUN(points_that_must_be_there);
	RUN(a_bound_dev_is_anothers);
	if (unshare(CLONE_NEWNS) < 0 || rootfs_isolate(&err) < 0) {
		printf("# no mount namespace of our own: nothing is mounted\n");
		arena_release(&arena);
		return check_done();
	}
	RUN(new_file_systems);
	RUN(binds);
	RUN(copies_up);
	RUN(links_to_proc_are_refused);
	RUN(links_into_a_procfs_are_refused);
	RUN(a_link_to_the_root_is_refused);
	RUN(the_kernel_says_why);
	RUN(remounts);
	arena_release(&arena);
	return check_done();
}
