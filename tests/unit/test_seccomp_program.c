/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "bpf.h"
#include "check.h"
#include "kernel/seccomp.h"
#include "kernel/seccomp_parts.h"
#include "oci/config.h"
#include "oci/json.h"

/* What a program answers, for many calls of many architectures, by an interpreter. */

enum { LARGE = 0x10000000, X32 = SECCOMP_X32_BIT };

#define WORDS(...) ((char **)(uintptr_t)(const char *const[]){ __VA_ARGS__, NULL })

static struct arena arena;
static struct error err;
static struct seccomp_program plain, program;

static const uint32_t architectures[] = {
	AUDIT_ARCH_X86_64, AUDIT_ARCH_I386,  AUDIT_ARCH_AARCH64,
	AUDIT_ARCH_ARM,    AUDIT_ARCH_S390X, 0,
	UINT32_MAX,
};

/* Podman's default, containers-common 0.50: what `podman run` writes on x86-64. */
static struct config_seccomp podman(void)
{
	const char *srcdir = getenv("srcdir");
	auto_text struct text text = { 0 };
	auto_text struct text file = { 0 };
	struct config config = { 0 };
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/tests/configs/podman_seccomp.json",
		       srcdir == NULL ? "." : srcdir);
	CHECK(file_read(AT_FDCWD, path, 1 << 20, &file, &err) == 0);
	text_format(&text, "{\"ociVersion\":\"1.3.0\",\"linux\":{\"seccomp\":%s}}",
		    file.data);
	CHECK(config_read(&config, json_parse(&arena, text.data, text.length, &err),
			  &arena, NULL, &err) == 0);
	return *config.linux_->seccomp;
}

static int compile(const struct config_seccomp *seccomp)
{
	err = (struct error){ 0 };
	if (seccomp_check(seccomp, &err) == 0 &&
	    seccomp_compile_plain(seccomp, &plain, &err) == 0 &&
	    seccomp_compile(seccomp, &program, &err) == 0)
		return 0;
	printf("# %s: %s\n", err.where, err.text);
	return -1;
}

static uint32_t answer(uint32_t architecture, uint32_t number)
{
	const struct seccomp_data data = { .arch = architecture, .nr = (int)number };

	return bpf_run(&program, &data);
}

static int differs(const struct seccomp_data *data)
{
	uint32_t want = bpf_run(&plain, data), got = bpf_run(&program, data);

	if (want == got && want != BPF_BAD)
		return 0;
	printf("# call %#x of %#x with %#llx, %#llx: got %#x, want %#x\n",
	       (unsigned)data->nr, data->arch, (unsigned long long)data->args[0],
	       (unsigned long long)data->args[1], got, want);
	return 1;
}

/* The answers to all calls there are, to those around the borders of the number, and for
 * arguments as the rules of Podman's profile know them. */
static int differences(void)
{
	static const uint32_t bases[] = {
		0, LARGE, 0x3ffffc00, X32, 0x7ffffc00, 0x80000000, 0xbffffc00, 0xfffffc00
	};
	static const uint64_t values[] = { 0,       8,          16,         0x20000,
					   0x20008, 0xffffffff, 0x100000000 };
	int count = 0;

	for (size_t i = 0; i < sizeof(architectures) / sizeof(architectures[0]); i++) {
		for (size_t j = 0; j < 8 * 1024; j++) {
			struct seccomp_data data = { .arch = architectures[i] };

			data.nr = (int)(bases[j / 1024] + j % 1024);
			for (size_t k = 0; k < 7 && count < 10; k++) {
				data.args[0] = values[k];
				data.args[1] = values[(k + 3) % 7];
				data.args[2] = values[(k + j) % 7];
				count += differs(&data);
			}
		}
	}
	return count;
}

static void a_reduced_program_answers_the_same(void)
{
	struct config_seccomp seccomp = podman();
	const uint64_t permission = EPERM;

	CHECK(compile(&seccomp) == 0 && differences() == 0);
	CHECK(program.length < plain.length / 3);
	seccomp.default_errno_ret = &permission;
	CHECK(compile(&seccomp) == 0 && differences() == 0);
	seccomp.default_action = "SCMP_ACT_KILL_PROCESS";
	seccomp.default_errno_ret = NULL;
	seccomp.architectures = WORDS("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM");
	CHECK(compile(&seccomp) == 0 && differences() == 0);
	CHECK(program.length < plain.length);
}

static void what_needs_arguments_is_kept(void)
{
	char **names = WORDS("personality", "clone", "socket");
	const struct config_seccomp_arg args[] = {
		{ .index = 0, .value = 8, .op = "SCMP_CMP_GT" },
		{ .index = 1, .value = 0xff, .value_two = 8, .op = "SCMP_CMP_MASKED_EQ" },
		{ .index = 2, .value = 0x20008, .op = "SCMP_CMP_NE" },
	};
	struct config_seccomp_rule rule = { .names = names,
					    .action = "SCMP_ACT_TRACE",
					    .args = args };
	const struct config_seccomp seccomp = { .default_action = "SCMP_ACT_LOG",
						.syscalls = &rule,
						.syscalls_count = 1 };

	for (rule.args_count = 0; rule.args_count <= 3; rule.args_count++)
		CHECK(compile(&seccomp) == 0 && differences() == 0);
}

static void an_unsound_program_is_left_alone(void)
{
	const struct sock_filter jump = BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0);
	const struct sock_filter end = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

	program.length = 2;
	program.instructions[0] = jump;
	program.instructions[1] = end;
	CHECK(!seccomp_is_sound(&program));
	seccomp_reduce(&program);
	CHECK(program.length == 2 && program.instructions[0].code == jump.code);
	program.instructions[0].k = 0;
	CHECK(seccomp_is_sound(&program));
	program.length = 1;
	CHECK(!seccomp_is_sound(&program));
	program.length = 0;
	CHECK(!seccomp_is_sound(&program));
}

#define ENOSYS_ANSWER SCMP_ACT_ERRNO(ENOSYS)
#define EPERM_ANSWER  SCMP_ACT_ERRNO(EPERM)

static int number_of(uint32_t token, const char *name)
{
	return seccomp_syscall_resolve_name_arch(token, name);
}

static void calls_newer_than_the_profile_do_not_exist(void)
{
	char **names = WORDS("read", "no_such_call", "statx");
	const struct config_seccomp_rule rule = { .names = names,
						  .action = "SCMP_ACT_ALLOW" };
	struct config_seccomp seccomp = {
		.default_action = "SCMP_ACT_ERRNO",
		.architectures = WORDS("SCMP_ARCH_X86_64", "SCMP_ARCH_X86",
				       "SCMP_ARCH_AARCH64", "SCMP_ARCH_X86"),
		.syscalls = &rule,
		.syscalls_count = 1,
	};
	uint32_t statx;

	CHECK(compile(&seccomp) == 0);
	for (size_t i = 0; i < 3; i++) {
		statx = (uint32_t)number_of(architectures[i], "statx");
		CHECK(answer(architectures[i], statx) == SCMP_ACT_ALLOW);
		CHECK(answer(architectures[i], statx - 1) == EPERM_ANSWER);
		CHECK(answer(architectures[i], statx + 1) == ENOSYS_ANSWER);
		CHECK(answer(architectures[i], LARGE) == ENOSYS_ANSWER);
	}
	/* Neither configured nor the machine's. */
	CHECK(answer(AUDIT_ARCH_X86_64, X32) != ENOSYS_ANSWER);
	CHECK(answer(AUDIT_ARCH_S390X, LARGE) != ENOSYS_ANSWER);
	seccomp.architectures = WORDS("SCMP_ARCH_X86_64", "SCMP_ARCH_X32");
	CHECK(compile(&seccomp) == 0);
	statx = (uint32_t)number_of(SCMP_ARCH_X32, "statx");
	CHECK(statx > X32);
	CHECK(answer(AUDIT_ARCH_X86_64, statx) == SCMP_ACT_ALLOW);
	CHECK(answer(AUDIT_ARCH_X86_64, statx - 1) == EPERM_ANSWER);
	CHECK(answer(AUDIT_ARCH_X86_64, statx + 1) == ENOSYS_ANSWER);
	CHECK(answer(AUDIT_ARCH_X86_64, statx - X32) == SCMP_ACT_ALLOW);
	CHECK(answer(AUDIT_ARCH_X86_64, statx - X32 + 1) == ENOSYS_ANSWER);
}

static void a_default_that_lets_go_on_lets_new_calls_go_on(void)
{
	static const char *const actions[] = { "SCMP_ACT_ALLOW", "SCMP_ACT_LOG",
					       "SCMP_ACT_TRACE" };
	char **names = WORDS("read");
	const struct config_seccomp_rule rule = { .names = names,
						  .action = "SCMP_ACT_KILL_PROCESS" };
	struct config_seccomp seccomp = { .syscalls = &rule, .syscalls_count = 1 };
	uint32_t native = seccomp_arch_native();

	for (size_t i = 0; i < 3; i++) {
		seccomp.default_action = actions[i];
		CHECK(compile(&seccomp) == 0);
		CHECK(answer(native, LARGE) != ENOSYS_ANSWER);
	}
	seccomp.default_action = "SCMP_ACT_TRAP";
	CHECK(compile(&seccomp) == 0 && answer(native, LARGE) == ENOSYS_ANSWER);
}

int main(void)
{
	RUN(a_reduced_program_answers_the_same);
	RUN(what_needs_arguments_is_kept);
	RUN(an_unsound_program_is_left_alone);
	RUN(calls_newer_than_the_profile_do_not_exist);
	RUN(a_default_that_lets_go_on_lets_new_calls_go_on);
	arena_release(&arena);
	return check_done();
}
