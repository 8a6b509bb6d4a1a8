/* SPDX-License-Identifier: Apache-2.0 */

/*
 * floor ROOTFS CGROUP PROGRAM [devices] - runs PROGRAM, a path inside ROOTFS, in a
 * container with what `minirun spec` asks for, every value written into the source: no
 * configuration, no state, no checks, no messages but the name of the step. What is left
 * is the kernel's work, and so the time below which no runtime can get. CGROUP is a
 * directory of a v2 hierarchy that is made and removed. Needs root, and /proc /dev /sys
 * in ROOTFS.
 */

#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "base/syscalls.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* CAP_AUDIT_WRITE, CAP_KILL, CAP_NET_BIND_SERVICE */
static const unsigned capabilities =
	1u << CAP_AUDIT_WRITE | 1u << CAP_KILL | 1u << CAP_NET_BIND_SERVICE;

static const char *const masked[] = {
	"/proc/acpi",        "/proc/asound",        "/proc/kcore",
	"/proc/keys",        "/proc/latency_stats", "/proc/timer_list",
	"/proc/timer_stats", "/proc/sched_debug",   "/sys/firmware",
	"/proc/scsi",
};

static const char *const readonly[] = {
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

static const struct {
	const char *path;
	unsigned major, minor;
} devices[] = {
	{ "null", 1, 3 },   { "zero", 1, 5 },    { "full", 1, 7 },
	{ "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 },
};

static const char *const links[][2] = {
	{ "/proc/self/fd", "fd" },       { "/proc/self/fd/0", "stdin" },
	{ "/proc/self/fd/1", "stdout" }, { "/proc/self/fd/2", "stderr" },
	{ "/proc/kcore", "core" },       { "pts/ptmx", "ptmx" },
};

/* A step that failed ends everything; the bench has no use for a half container. */
static long must(long result, const char *step)
{
	if (result < 0) {
		(void)fprintf(stderr, "floor: %s: %s\n", step, strerror(errno));
		_exit(1);
	}
	return result;
}

static int inside(int root, const char *path)
{
	const struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				      .resolve =
					      RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

	return sys_openat2(root, path, &how);
}

/* Attaches a detached mount at a path inside the root, and closes it. */
static void attach(int root, int tree, const char *path)
{
	int place = (int)must(inside(root, path), path);

	must(move_mount(tree, "", place, "",
			MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH),
	     path);
	close(place);
	close(tree);
}

/* options: "key", "value", … NULL */
static int make(const char *type, const char *const *options, unsigned attributes)
{
	int context = (int)must(fsopen(type, FSOPEN_CLOEXEC), type);
	int tree;

	for (; options != NULL && *options != NULL; options += 2)
		must(fsconfig(context, FSCONFIG_SET_STRING, options[0], options[1], 0),
		     options[0]);
	must(fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0), type);
	tree = (int)must(fsmount(context, FSMOUNT_CLOEXEC, attributes), type);
	close(context);
	return tree;
}

static void make_devices(int root)
{
	int dev = (int)must(inside(root, "/dev"), "/dev");

	for (size_t i = 0; i < COUNT(devices); i++)
		must(mknodat(dev, devices[i].path, S_IFCHR | 0666,
			     makedev(devices[i].major, devices[i].minor)),
		     devices[i].path);
	for (size_t i = 0; i < COUNT(links); i++)
		must(symlinkat(links[i][0], dev, links[i][1]), links[i][1]);
	close(dev);
}

static void make_mounts(int root, const char *cgroup)
{
	static const char *const dev[] = { "mode", "755", "size", "65536k", NULL };
	static const char *const pts[] = { "ptmxmode", "0666", "mode", "0620",
					   "gid",      "5",    NULL };
	static const char *const shm[] = { "mode", "1777", "size", "65536k", NULL };
	const unsigned quiet = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV;
	struct mount_attr bound = { .attr_set = quiet | MOUNT_ATTR_RDONLY };
	int tree, made;

	attach(root, make("proc", NULL, 0), "/proc");
	attach(root, make("tmpfs", dev, MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME),
	       "/dev");
	made = (int)must(inside(root, "/dev"), "/dev");
	must(mkdirat(made, "pts", 0755), "pts");
	must(mkdirat(made, "shm", 0755), "shm");
	must(mkdirat(made, "mqueue", 0755), "mqueue");
	close(made);
	attach(root, make("devpts", pts, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC),
	       "/dev/pts");
	attach(root, make("tmpfs", shm, quiet), "/dev/shm");
	attach(root, make("mqueue", NULL, quiet), "/dev/mqueue");
	attach(root, make("sysfs", NULL, quiet | MOUNT_ATTR_RDONLY), "/sys");
	tree = (int)must(open_tree(AT_FDCWD, cgroup, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC),
			 "cgroup");
	must(mount_setattr(tree, "", AT_EMPTY_PATH, &bound, sizeof(bound)), "cgroup");
	attach(root, tree, "/sys/fs/cgroup");
}

/* Files are covered by /dev/null, directories by an empty read-only tmpfs. */
static void mask(int root)
{
	int null = (int)must(inside(root, "/dev/null"), "/dev/null");
	int empty = make("tmpfs", NULL, MOUNT_ATTR_RDONLY);

	for (size_t i = 0; i < COUNT(masked); i++) {
		int place = inside(root, masked[i]);
		struct stat status;
		int cover;

		if (place < 0)
			continue;
		must(fstat(place, &status), masked[i]);
		cover = (int)must(
			open_tree(S_ISDIR(status.st_mode) ? empty : null, "",
				  AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC),
			masked[i]);
		must(move_mount(cover, "", place, "",
				MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH),
		     masked[i]);
		close(cover);
		close(place);
	}
	close(empty);
	close(null);
}

static void make_readonly(int root)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY };

	for (size_t i = 0; i < COUNT(readonly); i++) {
		int place = inside(root, readonly[i]);
		int tree;

		if (place < 0)
			continue;
		tree = (int)must(open_tree(place, "",
					   AT_EMPTY_PATH | AT_RECURSIVE |
						   OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC),
				 readonly[i]);
		must(mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
				   sizeof(attributes)),
		     readonly[i]);
		must(move_mount(tree, "", place, "",
				MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH),
		     readonly[i]);
		close(tree);
		close(place);
	}
}

static void enter(int root)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY };

	must(fchdir(root), "root");
	must(sys_pivot_root(".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "old root");
	must(chdir("/"), "/");
	must(mount_setattr(AT_FDCWD, "/", 0, &attributes, sizeof(attributes)),
	     "read-only");
}

static void drop(void)
{
	struct __user_cap_header_struct header = { .version =
							   _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { capabilities, capabilities, 0 } };
	const struct rlimit files = { 1024, 1024 };

	must(setrlimit(RLIMIT_NOFILE, &files), "rlimit");
	for (int i = 0; i <= CAP_LAST_CAP; i++)
		if (i >= 32 || !(capabilities >> i & 1))
			must(prctl(PR_CAPBSET_DROP, i, 0, 0, 0), "bounding set");
	must(sys_setgroups(0, NULL), "groups");
	must(setresgid(0, 0, 0), "gid");
	must(setresuid(0, 0, 0), "uid");
	(void)umask(022);
	must(sys_capset(&header, data), "capset");
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
}

static void child(const char *rootfs, const char *cgroup, char *program)
{
	char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char terminal[] = "TERM=xterm";
	char *environment[] = { path, terminal, NULL };
	char *arguments[] = { program, NULL };
	int root;

	(void)umask(0);
	must(unshare(CLONE_NEWCGROUP), "cgroup namespace");
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
	root = (int)must(open_tree(AT_FDCWD, rootfs,
				   OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE),
			 rootfs);
	must(move_mount(root, "", AT_FDCWD, rootfs, MOVE_MOUNT_F_EMPTY_PATH), rootfs);
	make_mounts(root, cgroup);
	make_devices(root);
	mask(root);
	make_readonly(root);
	must(setsid(), "session");
	(void)sys_keyctl(KEYCTL_JOIN_SESSION_KEYRING, (unsigned long)"floor", 0);
	enter(root);
	must(sethostname("minirun", strlen("minirun")), "hostname");
	drop();
	must(close_range(3, ~0u, CLOSE_RANGE_CLOEXEC), "close_range");
	must(execve(program, arguments, environment), program);
}

/* The device rules of the default configuration, as the program that a v2 cgroup takes:
 * here one that lets all pass, since loading and attaching it is what costs. */
static void allow_devices(int cgroup)
{
	static const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = { .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
				.insns = (uintptr_t)code,
				.insn_cnt = COUNT(code),
				.license = (uintptr_t) "GPL" };
	union bpf_attr attach = { .target_fd = (unsigned)cgroup,
				  .attach_type = BPF_CGROUP_DEVICE,
				  .attach_flags = BPF_F_ALLOW_MULTI };

	attach.attach_bpf_fd =
		(unsigned)must(sys_bpf(BPF_PROG_LOAD, &load, sizeof(load)), "bpf");
	must(sys_bpf(BPF_PROG_ATTACH, &attach, sizeof(attach)), "bpf attach");
	close((int)attach.attach_bpf_fd);
}

int main(int argc, char **argv)
{
	struct clone_args args = {
		.flags = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
			 CLONE_NEWNS | CLONE_PIDFD | CLONE_INTO_CGROUP |
			 CLONE_CLEAR_SIGHAND,
		.exit_signal = SIGCHLD,
	};
	int pidfd = -1, cgroup;
	siginfo_t ended = { 0 };

	if (argc < 4) {
		(void)fprintf(stderr, "usage: floor ROOTFS CGROUP PROGRAM [devices]\n");
		return 1;
	}
	must(mkdir(argv[2], 0755), argv[2]);
	cgroup = (int)must(open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC), argv[2]);
	if (argc > 4)
		allow_devices(cgroup);
	args.pidfd = (uintptr_t)&pidfd;
	args.cgroup = (unsigned)cgroup;
	if (must(sys_clone3(&args), "clone3") == 0)
		child(argv[1], argv[2], argv[3]);
	must(waitid(P_PIDFD, (id_t)pidfd, &ended, WEXITED), "wait");
	must(rmdir(argv[2]), argv[2]);
	return ended.si_code == CLD_EXITED ? ended.si_status : 128 + ended.si_status;
}
