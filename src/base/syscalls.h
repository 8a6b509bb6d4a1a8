/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * syscalls - what the C library of Debian 12 (glibc 2.36) does not wrap, or wraps in a
 * way that cannot be used here. The only place in the tree that names a system
 * call by number. Each function returns -1 and errno on failure.
 */

#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* Linux 5.6, openat2(2). */
static inline int sys_openat2(int dirfd, const char *path, const struct open_how *how)
{
	return (int)syscall(__NR_openat2, dirfd, path, how, sizeof(*how));
}

/* Linux 5.5 for CLONE_CLEAR_SIGHAND, 5.7 for CLONE_INTO_CGROUP; as fork(), clone3(2). */
static inline pid_t sys_clone3(const struct clone_args *args)
{
	return (pid_t)syscall(__NR_clone3, args, sizeof(*args));
}

/* pivot_root(2). */
static inline int sys_pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(__NR_pivot_root, new_root, put_old);
}

/* The calling thread alone, unlike glibc's setgroups() and its peers; setgroups(2). */
static inline int sys_setgroups(size_t count, const gid_t *groups)
{
	return (int)syscall(__NR_setgroups, count, groups);
}

/* keyctl(2). */
static inline long sys_keyctl(int operation, unsigned long a, unsigned long b)
{
	return syscall(__NR_keyctl, operation, a, b, 0, 0);
}

/* bpf(2); attr as the command wants it. */
static inline int sys_bpf(int command, void *attr, unsigned size)
{
	return (int)syscall(__NR_bpf, command, attr, size);
}

/* seccomp(2). */
static inline int sys_seccomp(unsigned operation, unsigned flags, void *args)
{
	return (int)syscall(__NR_seccomp, operation, flags, args);
}

/* sched_setattr(2) of the calling thread: <linux/sched/types.h> has the struct, and
 * cannot be included beside <sched.h>. */
static inline int sys_sched_setattr(void *attr)
{
	return (int)syscall(__NR_sched_setattr, 0, attr, 0);
}

/* ioprio_set(2). */
static inline int sys_ioprio_set(int which, int who, int value)
{
	return (int)syscall(__NR_ioprio_set, which, who, value);
}

/* set_mempolicy(2). */
static inline int sys_set_mempolicy(int mode, const unsigned long *nodes,
				    unsigned long nodes_most)
{
	return (int)syscall(__NR_set_mempolicy, mode, nodes, nodes_most);
}

/* capget(2), capset(2): the calling thread; version 3 has two elements of data. */
static inline int sys_capget(void *header, void *data)
{
	return (int)syscall(__NR_capget, header, data);
}

static inline int sys_capset(void *header, const void *data)
{
	return (int)syscall(__NR_capset, header, data);
}

/* KEYCTL_DESCRIBE, keyctl(2): the size of the text with its NUL, or -1 and errno. */
static inline long sys_keyctl_describe(long key, char *text, size_t size)
{
	return syscall(__NR_keyctl, KEYCTL_DESCRIBE, key, text, size, 0);
}

/* SIG_DFL for a signal, the two that the C library keeps for itself among them (it
 * refuses to touch them, and so would leave them ignored); rt_sigaction(2). */
static inline int sys_default_signal(int number)
{
	static const unsigned long action[8]; /* more than any architecture's: all zero */

	return (int)syscall(__NR_rt_sigaction, number, action, NULL, 8);
}

#if defined(__x86_64__)
#define SYS_RAW 1

/*
 * For code that runs before the C library is there (kernel/seal_entry.c): no errno, no
 * thread-local storage, no relocation. -errno on failure; syscall(2).
 */
static inline __attribute__((always_inline)) long sys_raw(long number, long a, long b,
							  const void *c, long d, long e)
{
	register long fourth __asm__("r10") = d;
	register long fifth __asm__("r8") = e;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth)
			 : "rcx", "r11", "memory");
	return result;
}

#define SYS_RAW_OPEN_TREE     __NR_open_tree
#define SYS_RAW_MOUNT_SETATTR __NR_mount_setattr
#define SYS_RAW_EXECVEAT      __NR_execveat
#define SYS_RAW_CLOSE         __NR_close
#endif
