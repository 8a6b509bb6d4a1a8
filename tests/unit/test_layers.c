/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/arena.h"
#include "base/auto.h"
#include "container/layers.h"
#include "container/layers_parts.h"
#include "container/record.h"
#include "container/registry.h"
#include "kernel/rootfs.h"
#include "oci/config.h"

#include "check.h"
#include "temporary.h"

static struct arena arena;
static struct error err;

/* A container with two layers, "top" and "base" in a temporary directory. */
struct container {
	struct temporary place;
	struct config config;
	struct config_root root;
	struct config_overlay overlay;
	struct config_process process;
	struct layers_request request;
	char *lower[4];
};

static void container_release(struct container *container)
{
	temporary_release(&container->place);
}

#define auto_container __attribute__((cleanup(container_release)))

static char top[] = "top", base[] = "base";

static void setup(struct container *c)
{
	c->place = temporary_new();
	CHECK(mkdirat(c->place.fd, "top", 0755) == 0);
	CHECK(mkdirat(c->place.fd, "base", 0755) == 0);
	c->lower[0] = top;
	c->lower[1] = base;
	c->overlay.lower = c->lower;
	c->root.overlay = &c->overlay;
	c->process.cwd = "/";
	c->config.root = &c->root;
	c->config.process = &c->process;
	c->request = (struct layers_request){
		.user_namespace = -1,
		.config = &c->config,
		.bundle_path = c->place.path,
		.root = arena_format(&arena, "%s/root", c->place.path),
		.data_root = arena_format(&arena, "%s/data", c->place.path),
		.claims = arena_format(&arena, "%s/claims", c->place.path),
		.id = "one",
	};
	CHECK(mkdirat(c->place.fd, "root", 0755) == 0);
	CHECK(mkdirat(c->place.fd, "root/one", 0755) == 0);
}

static bool has(const struct container *c, const char *path)
{
	return faccessat(c->place.fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void give_upper(struct container *c)
{
	CHECK(mkdirat(c->place.fd, "upper", 0755) == 0 || errno == EEXIST);
	CHECK(mkdirat(c->place.fd, "work", 0755) == 0 || errno == EEXIST);
	c->overlay.upper = "upper";
	c->overlay.work = "work";
}

static int check(const struct container *c)
{
	err = (struct error){ 0 };
	return layers_check(&c->request, &err);
}

static void good_layers_pass(void)
{
	auto_container struct container c = { 0 };

	setup(&c);
	CHECK(check(&c) == 0);
	CHECK(mknodat(c.place.fd, "file", S_IFREG | 0644, 0) == 0);
	c.lower[2] = arena_text(&arena, "file", 4);
	give_upper(&c);
	CHECK(check(&c) == 0);
	CHECK(!has(&c, "data"));
}

static void bad_layers_are_named(void)
{
	auto_container struct container c = { 0 };

	setup(&c);
	c.lower[1] = arena_text(&arena, "gone", 4);
	CHECK(check(&c) < 0);
	CHECK_TEXT(err.where, "root.overlay.lower[1]");
	c.lower[1] = arena_text(&arena, "/dev/null", 9);
	CHECK(check(&c) < 0);
	CHECK_TEXT(err.text, "'/dev/null' is neither a directory nor a tar file");
	c.lower[0] = NULL;
	CHECK(check(&c) < 0);
	CHECK_TEXT(err.text, "0 layers are given, 1 to 500 are possible");
	CHECK_TEXT(err.where, "root.overlay.lower");
}

static void upper_and_work_belong_together(void)
{
	auto_container struct container c = { 0 };

	setup(&c);
	give_upper(&c);
	c.overlay.work = NULL;
	CHECK(check(&c) < 0);
	CHECK_TEXT(err.text, "upper and work belong together");
	CHECK_TEXT(err.where, "root.overlay.work");
	c.overlay.work = "upper/work";
	CHECK(mkdirat(c.place.fd, "upper/work", 0755) == 0);
	CHECK(check(&c) < 0);
	CHECK(strstr(err.text, "must not lie inside each other") != NULL);
	c.overlay.work = "gone";
	CHECK(check(&c) < 0);
	CHECK_TEXT(err.where, "root.overlay.work");
}

static void layers_and_upper_are_apart(void)
{
	auto_container struct container c = { 0 };

	setup(&c);
	CHECK(mkdirat(c.place.fd, "top/upper", 0755) == 0);
	CHECK(mkdirat(c.place.fd, "top/work", 0755) == 0);
	c.overlay.upper = "top/upper";
	c.overlay.work = "top/work";
	CHECK(check(&c) < 0);
	CHECK(strstr(err.text, "lies inside the layer") != NULL);
	CHECK_TEXT(err.where, "root.overlay.lower[0]");
	c.overlay.upper = c.overlay.work = NULL;
	give_upper(&c);
	CHECK(mkdirat(c.place.fd, "upper/in", 0755) == 0);
	c.lower[1] = arena_text(&arena, "upper/in", 8);
	CHECK(check(&c) < 0);
	CHECK_TEXT(err.where, "root.overlay.lower[1]");
	c.lower[1] = NULL;
	c.lower[0] = arena_text(&arena, "/", 1);
	CHECK(check(&c) < 0);
	c.overlay.upper = c.overlay.work = NULL;
	CHECK(check(&c) < 0);
}

static int plan_and_prepare(const struct container *c, struct record *record,
			    struct layers **layers)
{
	auto_close int entry = open(
		arena_format(&arena, "%s/%s", c->request.root, c->request.id), O_PATH);

	*record = (struct record){ .id = c->request.id,
				   .oci_version = "1.3.0",
				   .bundle = c->place.path,
				   .rootfs = "",
				   .created = "" };
	err = (struct error){ 0 };
	if (layers_plan(&c->request, &arena, record, &err) < 0 ||
	    (entry >= 0 && registry_save(entry, record, &err) < 0))
		return -1;
	return layers_prepare(&c->request, &arena, record, layers, &err);
}

static void an_upper_of_its_own(void)
{
	auto_container struct container c = { 0 };
	struct layers *layers;
	struct record record;
	struct stat status;

	setup(&c);
	CHECK(fchmodat(c.place.fd, "top", 01711, 0) == 0);
	CHECK(plan_and_prepare(&c, &record, &layers) == 0);
	CHECK(record.upper_claim == NULL && record.lowers_count == 2);
	CHECK(stat(record.data_directory, &status) == 0 &&
	      (status.st_mode & 07777) == 0700);
	CHECK(stat(record.upper.path, &status) == 0 &&
	      (status.st_mode & 07777) == 01711 && status.st_ino == record.upper.inode);
	CHECK(stat(record.work.path, &status) == 0 && status.st_ino == record.work.inode);
	CHECK(fstatat(c.place.fd, "base", &status, 0) == 0 &&
	      status.st_ino == record.lowers[1].inode &&
	      status.st_dev == record.lowers[1].device);
	CHECK(layers_remove(&record, &err) == 0);
	CHECK(access(record.data_directory, F_OK) < 0 && errno == ENOENT);
	CHECK(layers_remove(&record, &err) == 0);
}

/* The same id under two ROOTs, and one id after its ROOT was lost. */
static void data_is_one_containers(void)
{
	auto_container struct container c = { 0 };
	struct record first, second;
	struct layers *layers;
	const char *root;

	setup(&c);
	root = c.request.root;
	CHECK(plan_and_prepare(&c, &first, &layers) == 0);
	c.request.root = "/another/root";
	CHECK(plan_and_prepare(&c, &second, &layers) == 0);
	CHECK(strcmp(first.data_directory, second.data_directory) != 0);
	CHECK(mkdir(arena_format(&arena, "%s/old", first.upper.path), 0755) == 0);
	c.request.root = root;
	CHECK(plan_and_prepare(&c, &first, &layers) == 0);
	CHECK(access(arena_format(&arena, "%s/old", first.upper.path), F_OK) < 0);
}

static void an_upper_is_claimed_once(void)
{
	auto_container struct container c = { 0 };
	struct record first, second;
	struct layers *layers;

	setup(&c);
	give_upper(&c);
	CHECK(plan_and_prepare(&c, &first, &layers) == 0);
	CHECK(first.upper_claim != NULL);
	c.request.id = "two";
	CHECK(mkdirat(c.place.fd, "root/two", 0755) == 0);
	CHECK(plan_and_prepare(&c, &second, &layers) < 0);
	CHECK(strstr(err.text, "it is in use by container 'one'") != NULL);
	CHECK_TEXT(err.where, "root.overlay.upper");
	CHECK(check(&c) < 0);
	CHECK(strstr(err.text, "it is in use by container 'one'") != NULL);
	/* Undoing what failed leaves the claim of the other. */
	CHECK(layers_remove(&second, &err) == 0);
	CHECK(plan_and_prepare(&c, &second, &layers) < 0);
	CHECK(layers_remove(&first, &err) == 0);
	CHECK(has(&c, "upper"));
	CHECK(plan_and_prepare(&c, &second, &layers) == 0);
	CHECK(layers_remove(&second, &err) == 0);
	CHECK(access(second.upper_claim, F_OK) < 0);
}

static void a_lost_container_claims_nothing(void)
{
	auto_container struct container c = { 0 };
	struct record first, second;
	struct layers *layers;

	setup(&c);
	give_upper(&c);
	CHECK(plan_and_prepare(&c, &first, &layers) == 0);
	CHECK(unlinkat(c.place.fd, "root/one/state.json", 0) == 0);
	c.request.id = "two";
	CHECK(mkdirat(c.place.fd, "root/two", 0755) == 0);
	CHECK(check(&c) == 0);
	CHECK(plan_and_prepare(&c, &second, &layers) == 0);
	/* Its id was taken again, for a container with another upper. */
	CHECK(layers_remove(&second, &err) == 0);
	CHECK(symlinkat(arena_format(&arena, "%s/two", c.request.root), c.place.fd,
			second.upper_claim) == 0);
	c.overlay.upper = c.overlay.work = NULL;
	CHECK(plan_and_prepare(&c, &second, &layers) == 0);
	give_upper(&c);
	c.request.id = "three";
	CHECK(check(&c) == 0);
	CHECK(plan_and_prepare(&c, &first, &layers) == 0);
}

static int check_with(struct container *c, const char *upper, const char *work)
{
	c->overlay.upper = upper;
	c->overlay.work = work;
	return check(c);
}

static void claims_are_all_around(void)
{
	auto_container struct container c = { 0 };
	struct record record;
	struct layers *layers;

	setup(&c);
	CHECK(mkdirat(c.place.fd, "a", 0755) == 0);
	CHECK(mkdirat(c.place.fd, "a/upper", 0755) == 0);
	CHECK(mkdirat(c.place.fd, "a/upper/in", 0755) == 0);
	give_upper(&c);
	c.overlay.upper = "a/upper";
	CHECK(plan_and_prepare(&c, &record, &layers) == 0);
	CHECK(mkdirat(c.place.fd, "work2", 0755) == 0);
	c.request.id = "two";
	c.request.data_root = arena_format(&arena, "%s/data2", c.place.path);
	CHECK(check_with(&c, "upper", "work2") == 0);
	CHECK(check_with(&c, "upper", "work") < 0);
	CHECK_TEXT(err.where, "root.overlay.work");
	CHECK(check_with(&c, "upper", "a/upper/in") < 0);
	CHECK(strstr(err.text, "it lies inside '") != NULL);
	CHECK(check_with(&c, "a", "work2") < 0);
	CHECK(strstr(err.text, "/a/upper' lies inside it") != NULL);
	CHECK(!has(&c, "data2"));
	/* Moved, it is known still, by itself and by what is around. */
	CHECK(renameat(c.place.fd, "a/upper", c.place.fd, "b") == 0);
	CHECK(check_with(&c, "b", "work2") < 0);
	CHECK(check_with(&c, "b/in", "work2") < 0);
	CHECK(check_with(&c, "a", "work2") == 0);
}

static void a_volatile_mark_of_this_boot_goes(void)
{
	auto_container struct container c = { 0 };
	const struct timespec old[] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	struct record record;
	struct layers *layers;

	setup(&c);
	give_upper(&c);
	CHECK(mkdirat(c.place.fd, "work/work", 0) == 0);
	CHECK(mkdirat(c.place.fd, "work/work/incompat", 0755) == 0);
	CHECK(mkdirat(c.place.fd, "work/work/incompat/volatile", 0755) == 0);
	CHECK(plan_and_prepare(&c, &record, &layers) == 0);
	CHECK(!has(&c, "work/work/incompat/volatile"));
	CHECK(mkdirat(c.place.fd, "work/work/incompat/volatile", 0755) == 0);
	CHECK(utimensat(c.place.fd, "work/work/incompat/volatile", old, 0) == 0);
	CHECK(plan_and_prepare(&c, &record, &layers) < 0);
	CHECK(strstr(err.text, "volatile when the host went down") != NULL);
	CHECK(has(&c, "work/work/incompat/volatile"));
}

/* From here on in a mount namespace of our own. */

static int mount_root(struct container *c, struct record *record)
{
	struct layers *layers;
	int tree = -1;

	if (plan_and_prepare(c, record, &layers) == 0)
		tree = layers_mount(layers, &c->request, &err);
	if (tree < 0)
		printf("# %s\n", err.text);
	CHECK(tree >= 0);
	return tree;
}

static bool is_there(int tree, const char *path, mode_t mode)
{
	struct stat status;

	return fstatat(tree, path, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       status.st_mode == mode;
}

static bool has_init(const struct record *record)
{
	return access(arena_format(&arena, "%s/init", record->data_directory), F_OK) == 0;
}

static bool is_empty(const char *path)
{
	return rmdir(path) == 0 && mkdir(path, 0755) == 0;
}

static void nothing_missing_makes_no_init(void)
{
	auto_container struct container c = { 0 };
	const struct config_mount mount = { .destination = "/proc", .type = "proc" };
	auto_close int tree = -1;
	struct record record;

	setup(&c);
	CHECK(mkdirat(c.place.fd, "base/proc", 0755) == 0);
	c.config.mounts = &mount;
	c.config.mounts_count = 1;
	tree = mount_root(&c, &record);
	CHECK(!has_init(&record));
	CHECK(is_there(tree, "proc", S_IFDIR | 0755));
}

static void missing_points_go_to_init(void)
{
	auto_container struct container c = { 0 };
	char bind[] = "bind";
	const struct config_mount list[] = {
		{ .destination = "/var/run/new", .type = "tmpfs" },
		{ .destination = "/etc/f",
		  .source = "/etc/hostname",
		  .options = (char *[]){ bind, NULL } },
	};
	const struct timespec old[] = { { .tv_sec = 5 }, { .tv_sec = 5 } };
	auto_close int tree = -1;
	struct record record;
	struct stat status;

	setup(&c);
	CHECK(mkdirat(c.place.fd, "base/var", 0755) == 0);
	CHECK(mkdirat(c.place.fd, "base/run", 01755) == 0);
	CHECK(mkdirat(c.place.fd, "base/etc", 0750) == 0);
	CHECK(symlinkat("../run", c.place.fd, "base/var/run") == 0);
	CHECK(fchownat(c.place.fd, "base/run", 7, 8, 0) == 0);
	CHECK(fchmodat(c.place.fd, "base/run", 01755, 0) == 0);
	CHECK(utimensat(c.place.fd, "base/run", old, 0) == 0);
	c.config.mounts = list;
	c.config.mounts_count = 2;
	c.process.cwd = "/work/dir";
	tree = mount_root(&c, &record);
	CHECK(has_init(&record));
	CHECK(is_there(tree, "run/new", S_IFDIR | 01777));
	CHECK(is_there(tree, "etc/f", S_IFREG | 0644));
	CHECK(is_there(tree, "work/dir", S_IFDIR | 0755));
	CHECK(is_there(tree, "etc", S_IFDIR | 0750));
	/* The directory that covers another looks like it, and the link is still one. */
	CHECK(is_there(tree, "run", S_IFDIR | 01755));
	CHECK(fstatat(tree, "run", &status, 0) == 0 && status.st_uid == 7 &&
	      status.st_gid == 8 && status.st_mtim.tv_sec == 5);
	CHECK(is_there(tree, "var/run", S_IFLNK | 0777));
	CHECK(is_empty(record.upper.path));
	CHECK(layers_remove(&record, &err) == 0);
	CHECK(!has_init(&record));
}

static void dangling_links_are_refused(void)
{
	auto_container struct container c = { 0 };
	const struct config_mount mount = { .destination = "/l/x", .type = "tmpfs" };
	struct layers *layers;
	struct record record;

	setup(&c);
	CHECK(symlinkat("/nowhere", c.place.fd, "base/l") == 0);
	c.config.mounts = &mount;
	c.config.mounts_count = 1;
	CHECK(plan_and_prepare(&c, &record, &layers) == 0);
	CHECK(layers_mount(layers, &c.request, &err) < 0);
	CHECK_TEXT(err.text, "cannot make '/l/x': a link in it leads nowhere");
}

static void devices_go_to_init(void)
{
	auto_container struct container c = { 0 };
	auto_close int tree = -1;
	struct record record;
	struct stat status;

	setup(&c);
	CHECK(mkdirat(c.place.fd, "base/dev", 0755) == 0);
	CHECK(mknodat(c.place.fd, "base/dev/null", S_IFREG | 0644, 0) == 0);
	tree = mount_root(&c, &record);
	CHECK(fstatat(tree, "dev/null", &status, 0) == 0 &&
	      status.st_rdev == makedev(1, 3));
	CHECK(is_there(tree, "dev/tty", S_IFCHR | 0666));
	CHECK(is_empty(record.upper.path));
}

static void volatile_twice(void)
{
	auto_container struct container c = { 0 };
	struct record record;

	setup(&c);
	give_upper(&c);
	c.overlay.is_volatile = true;
	c.process.cwd = "/new"; /* two assemblies each time */
	for (int i = 0; i < 2; i++) {
		auto_close int tree = mount_root(&c, &record);

		CHECK(is_there(tree, "new", S_IFDIR | 0755));
	}
	CHECK(has(&c, "work/work/incompat/volatile"));
}

static void a_replaced_layer_is_seen(void)
{
	auto_container struct container c = { 0 };
	struct layers *layers;
	struct record record;

	setup(&c);
	CHECK(plan_and_prepare(&c, &record, &layers) == 0);
	CHECK(renameat(c.place.fd, "base", c.place.fd, "away") == 0);
	CHECK(mkdirat(c.place.fd, "base", 0755) == 0);
	CHECK(layers_mount(layers, &c.request, &err) < 0);
	CHECK(strstr(err.text, "was replaced meanwhile") != NULL);
}

int main(void)
{
	(void)umask(0);
	if (unshare(CLONE_NEWNS) < 0 || rootfs_isolate(&err) < 0) {
		printf("1..0 # SKIP no mount namespace of our own\n");
		return 0;
	}
	RUN(good_layers_pass);
	RUN(bad_layers_are_named);
	RUN(upper_and_work_belong_together);
	RUN(layers_and_upper_are_apart);
	RUN(an_upper_of_its_own);
	RUN(data_is_one_containers);
	RUN(an_upper_is_claimed_once);
	RUN(a_lost_container_claims_nothing);
	RUN(claims_are_all_around);
	RUN(a_volatile_mark_of_this_boot_goes);
	RUN(nothing_missing_makes_no_init);
	RUN(missing_points_go_to_init);
	RUN(dangling_links_are_refused);
	RUN(devices_go_to_init);
	RUN(volatile_twice);
	RUN(a_replaced_layer_is_seen);
	arena_release(&arena);
	return check_done();
}
