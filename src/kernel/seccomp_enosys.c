/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stddef.h>

#include "base/error.h"
#include "kernel/seccomp.h"
#include "kernel/seccomp_parts.h"
#include "oci/config.h"

/*
 * What runs before libseccomp's program: a call that is newer than every call that the
 * profile names fails with ENOSYS, as on a kernel that does not have it, and not with the
 * default action: C libraries then take the older call, whereas EPERM would be the
 * answer of the call itself (runc does it since 1.0.0-rc93).
 */

/* Where calls go on by default, the new ones are not in the way of anybody. */
static bool is_wanted(uint32_t otherwise)
{
	return otherwise != SCMP_ACT_ALLOW && otherwise != SCMP_ACT_LOG &&
	       otherwise != SCMP_ACT_ERRNO(ENOSYS) &&
	       (otherwise & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_TRACE;
}

/* The largest number that the profile names in that architecture, or -1. */
static int64_t last_named(const struct config_seccomp *seccomp, uint32_t architecture)
{
	int64_t last = -1;

	for (size_t i = 0; i < seccomp->syscalls_count; i++) {
		char **names = seccomp->syscalls[i].names;

		for (; names != NULL && *names != NULL; names++) {
			int number =
				seccomp_syscall_resolve_name_arch(architecture, *names);

			/* Below 0: not there, or by socketcall(2) and its like. */
			if (number > last)
				last = number;
		}
	}
	return last;
}

static void put(struct seccomp_program *program, struct sock_filter instruction)
{
	program->instructions[program->length++] = instruction;
}

/* ENOSYS for what is above, and the end of the stub for the rest. */
static void put_limit(struct seccomp_program *program, int64_t last)
{
	if (last >= 0) {
		put(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K,
							  (uint32_t)last, 0, 1));
		put(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							  SCMP_ACT_ERRNO(ENOSYS)));
	}
	put(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JA, 0, 0, 0));
}

static void put_architecture(const struct config_seccomp *seccomp, uint32_t architecture,
			     bool has_x32, struct seccomp_program *program)
{
	unsigned short start = program->length, without_bit;

	put(program,
	    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 0, 0));
	put(program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						  offsetof(struct seccomp_data, nr)));
	/* setup(2) is no call any more: the number stays 0 where the kernel does not know
	 * the one in the register that large numbers are in. */
	if (architecture == AUDIT_ARCH_S390 || architecture == AUDIT_ARCH_S390X) {
		put(program,
		    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1));
		put(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							  SCMP_ACT_ERRNO(ENOSYS)));
	}
	if (architecture == AUDIT_ARCH_X86_64) {
		without_bit = program->length;
		put(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K,
							  SECCOMP_X32_BIT, 0, 0));
		put_limit(program, has_x32 ? last_named(seccomp, SCMP_ARCH_X32) : -1);
		program->instructions[without_bit].jf =
			(uint8_t)(program->length - without_bit - 1);
	}
	put_limit(program, last_named(seccomp, architecture));
	program->instructions[start].jf = (uint8_t)(program->length - start - 1);
}

static bool has_architecture(const struct config_seccomp *seccomp, uint32_t architecture,
			     size_t most)
{
	for (size_t i = 0; i < most && seccomp->architectures[i] != NULL; i++) {
		if (seccomp_architecture(seccomp->architectures[i]) == architecture)
			return true;
	}
	return false;
}

void seccomp_put_enosys(const struct config_seccomp *seccomp, uint32_t otherwise,
			struct seccomp_program *program)
{
	uint32_t native = seccomp_arch_native();
	bool has_x32;

	if (!is_wanted(otherwise))
		return;
	has_x32 = seccomp->architectures != NULL &&
		  has_architecture(seccomp, SCMP_ARCH_X32, SIZE_MAX);
	put(program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						  offsetof(struct seccomp_data, arch)));
	put_architecture(seccomp, native, has_x32, program);
	for (size_t i = 0; seccomp->architectures != NULL && seccomp->architectures[i];
	     i++) {
		uint32_t architecture = seccomp_architecture(seccomp->architectures[i]);

		if (architecture != native && architecture != SCMP_ARCH_X32 &&
		    !has_architecture(seccomp, architecture, i))
			put_architecture(seccomp, architecture, has_x32, program);
	}
	/* Every jump without a condition is to the end. */
	for (unsigned short i = 0; i < program->length; i++) {
		if (program->instructions[i].code == (BPF_JMP | BPF_JA))
			program->instructions[i].k = program->length - i - 1U;
	}
}
