/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* seccomp_parts - what the files of seccomp.h share. */

#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>

/* __X32_SYSCALL_BIT: in the numbers of x32, whose AUDIT_ARCH is that of x86-64. */
enum { SECCOMP_X32_BIT = 0x40000000 };

struct config_seccomp;
struct error;
struct seccomp_program;

/* An empty profile is none: what writers that cannot leave it out mean. */
bool seccomp_is_absent(const struct config_seccomp *seccomp);

/* The words of the configuration, checked, as libseccomp and the kernel have them; the
 * architecture is an AUDIT_ARCH_… but for SCMP_ARCH_X32. */
uint32_t seccomp_action(const char *word, const uint64_t *errno_ret);
uint32_t seccomp_architecture(const char *word);
enum scmp_compare seccomp_operator(const char *word);
unsigned seccomp_flags(const struct config_seccomp *seccomp);

/* Whether the program is made of what libseccomp writes, every jump lands in it and its
 * end is never passed. */
bool seccomp_is_sound(const struct seccomp_program *program);

/* seccomp_compile() without seccomp_reduce(). */
int seccomp_compile_plain(const struct config_seccomp *seccomp,
			  struct seccomp_program *program, struct error *err);

/* Makes a smaller one of the same effect, where that can be done. */
void seccomp_reduce(struct seccomp_program *program);

/* Adds what answers for system calls that are newer than the profile, and goes on behind
 * itself else; `otherwise` is the default action. */
void seccomp_put_enosys(const struct config_seccomp *seccomp, uint32_t otherwise,
			struct seccomp_program *program);
