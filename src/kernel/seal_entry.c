/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/syscalls.h"
#include "kernel/seal_entry.h"

#ifdef SYS_RAW

/*
 * Nothing of the C library may be used here: it is not relocated yet, nor is the guard of
 * the stack there. A compiler may not turn a loop into a call of it either.
 */
#define BEFORE_LIBC   __attribute__((no_stack_protector, used, visibility("hidden")))
#define KEEP_THE_LOOP __asm__ volatile("" ::: "memory")

enum { ENVIRONMENT_MAX = 2048 };

/* What the kernel leaves is argc, argv, NULL, environment, NULL. */
BEFORE_LIBC void seal_before_libc(char **stack);

__asm__(".text\n"
	".globl seal_entry\n"
	".type seal_entry, @function\n"
	"seal_entry:\n"
	"	mov %rsp, %rdi\n"
	"	push %rdx\n" /* the C library's, see its _start */
	"	sub $8, %rsp\n"
	"	call seal_before_libc\n"
	"	add $8, %rsp\n"
	"	pop %rdx\n"
	"	jmp _start\n"
	".size seal_entry, . - seal_entry\n");

static inline __attribute__((always_inline)) bool begins(const char *text,
							 const char *with)
{
	for (; *with != '\0'; text++, with++) {
		KEEP_THE_LOOP;
		if (*text != *with)
			return false;
	}
	return true;
}

/* A word too many costs a start, one too few only leaves it to seal_program(). */
static inline __attribute__((always_inline)) bool enters(char **argv)
{
	for (; *argv != NULL; argv++) {
		KEEP_THE_LOOP;
		if (begins(*argv, "run") || begins(*argv, "create") ||
		    begins(*argv, "exec"))
			return true;
	}
	return false;
}

/* The second run has nothing to do here. */
static inline __attribute__((always_inline)) bool is_marked(char **environment)
{
	for (; *environment != NULL; environment++) {
		KEEP_THE_LOOP;
		if (begins(*environment, "MINIRUN_SEALED="))
			return true;
	}
	return false;
}

static inline __attribute__((always_inline)) void execute(int tree, char **argv,
							  char **environment)
{
	static const char marker[] = "MINIRUN_SEALED=1";
	const char *marked[ENVIRONMENT_MAX + 2];
	size_t count = 0;

	for (; environment[count] != NULL; count++) {
		KEEP_THE_LOOP;
		if (count == ENVIRONMENT_MAX)
			return;
		marked[count] = environment[count];
	}
	marked[count++] = marker;
	marked[count] = NULL;
	(void)sys_raw(SYS_RAW_EXECVEAT, tree, (long)(intptr_t) "", argv,
		      (long)(intptr_t)marked, AT_EMPTY_PATH);
}

void seal_before_libc(char **stack)
{
	char **argv = stack + 1;
	char **environment = argv + (intptr_t)stack[0] + 1;
	struct mount_attr read_only;
	long tree;

	if (!enters(argv) || is_marked(environment))
		return;
	tree = sys_raw(SYS_RAW_OPEN_TREE, AT_FDCWD, (long)(intptr_t) "/proc/self/exe",
		       (const void *)(uintptr_t)(OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC), 0,
		       0);
	if (tree < 0)
		return; /* sealed already, or not permitted */
	read_only.attr_set = MOUNT_ATTR_RDONLY;
	read_only.attr_clr = 0;
	read_only.propagation = 0;
	read_only.userns_fd = 0;
	if (sys_raw(SYS_RAW_MOUNT_SETATTR, tree, (long)(intptr_t) "",
		    (const void *)(uintptr_t)AT_EMPTY_PATH, (long)(intptr_t)&read_only,
		    sizeof(read_only)) == 0)
		execute((int)tree, argv, environment);
	(void)sys_raw(SYS_RAW_CLOSE, tree, 0, NULL, 0, 0);
}

#endif
