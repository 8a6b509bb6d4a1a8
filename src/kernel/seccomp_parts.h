/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* seccomp_parts - what the files of seccomp.h share. */

#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>

struct config_seccomp;
struct seccomp_program;

/* An empty profile is none: what writers that cannot leave it out mean. */
bool seccomp_is_absent(const struct config_seccomp *seccomp);

/* The words of the configuration, checked, as libseccomp and the kernel have them; the
 * architecture is an AUDIT_ARCH_… but for SCMP_ARCH_X32. */
uint32_t seccomp_action(const char *word, const uint64_t *errno_ret);
uint32_t seccomp_architecture(const char *word);
enum scmp_compare seccomp_operator(const char *word);
unsigned seccomp_flags(const struct config_seccomp *seccomp);
