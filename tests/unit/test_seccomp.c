/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/names.h"
#include "base/text.h"
#include "check.h"
#include "kernel/seccomp.h"
#include "oci/config.h"

/* The list of strings that the configuration has: nobody writes to them. */
#define WORDS(...) ((char **)(uintptr_t)(const char *const[]){ __VA_ARGS__, NULL })

static struct error err;
static struct seccomp_program program;

static int check(const struct config_seccomp *seccomp)
{
	err = (struct error){ 0 };
	return seccomp_check(seccomp, &err);
}

static int compile(const struct config_seccomp *seccomp)
{
	return check(seccomp) < 0 ? -1 : seccomp_compile(seccomp, &program, &err);
}

static void no_profile_is_no_program(void)
{
	const struct config_seccomp empty = { .default_action = "" };

	CHECK(compile(NULL) == 0 && program.length == 0);
	CHECK(compile(&empty) == 0 && program.length == 0);
	CHECK(seccomp_apply(&program, &err) == 0);
}

static void wrong_words_are_refused_with_their_place(void)
{
	char **archs = WORDS("SCMP_ARCH_X86_64", "SCMP_ARCH_X87");
	char **bad_flags = WORDS("SECCOMP_FILTER_FLAG_LOGS");
	char **notify_flags = WORDS("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV");
	const struct {
		struct config_seccomp seccomp;
		const char *text, *where;
	} table[] = {
		{ { .default_action = "SCMP_ACT_NONE" },
		  "unknown action 'SCMP_ACT_NONE'",
		  "linux.seccomp.defaultAction" },
		{ { .default_action = "SCMP_ACT_NOTIFY" },
		  "'SCMP_ACT_NOTIFY' cannot be the default action: the listener is "
		  "handed over by calls that it would hold",
		  "linux.seccomp.defaultAction" },
		{ { .default_action = "SCMP_ACT_ALLOW", .architectures = archs },
		  "unknown architecture 'SCMP_ARCH_X87'",
		  "linux.seccomp.architectures[1]" },
		{ { .default_action = "SCMP_ACT_ALLOW", .flags = bad_flags },
		  "unknown flag 'SECCOMP_FILTER_FLAG_LOGS'",
		  "linux.seccomp.flags[0]" },
		{ { .default_action = "SCMP_ACT_ALLOW", .flags = notify_flags },
		  "'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV' is of use only with "
		  "'SCMP_ACT_NOTIFY'",
		  "linux.seccomp.flags[0]" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		CHECK(check(&table[i].seccomp) < 0);
		CHECK_TEXT(err.text, table[i].text);
		CHECK_TEXT(err.where, table[i].where);
	}
}

static void numbers_belong_to_actions_that_take_one(void)
{
	const uint64_t number = 38, large = 4096, larger = 65536;
	struct config_seccomp seccomp = { .default_action = "SCMP_ACT_ERRNO",
					  .default_errno_ret = &number };

	CHECK(check(&seccomp) == 0);
	seccomp.default_errno_ret = &large;
	CHECK(check(&seccomp) < 0);
	CHECK_TEXT(err.text, "4096 is above 4095");
	CHECK_TEXT(err.where, "linux.seccomp.defaultErrnoRet");
	seccomp.default_action = "SCMP_ACT_TRACE";
	CHECK(check(&seccomp) == 0);
	seccomp.default_errno_ret = &larger;
	CHECK(check(&seccomp) < 0);
	seccomp.default_action = "SCMP_ACT_ALLOW";
	CHECK(check(&seccomp) < 0);
	CHECK_TEXT(err.text, "'SCMP_ACT_ALLOW' takes no number");
}

static int check_rule(const struct config_seccomp_rule *rule)
{
	const struct config_seccomp_rule rules[] = {
		{ .action = "SCMP_ACT_LOG" },
		*rule,
	};
	const struct config_seccomp seccomp = { .default_action = "SCMP_ACT_ALLOW",
						.syscalls = rules,
						.syscalls_count = 2 };

	return check(&seccomp);
}

static void wrong_rules_are_refused_with_their_place(void)
{
	char **names = WORDS("read", "");
	const struct config_seccomp_arg index = { .index = 6, .op = "SCMP_CMP_EQ" };
	const struct config_seccomp_arg op = { .index = 5, .op = "SCMP_CMP_IS" };
	const uint64_t number = 1;
	const struct config_seccomp_rule by_name = { .names = names,
						     .action = "SCMP_ACT_KILL" };
	const struct config_seccomp_rule by_index = { .action = "SCMP_ACT_KILL",
						      .args = &index,
						      .args_count = 1 };
	const struct config_seccomp_rule by_op = { .action = "SCMP_ACT_KILL",
						   .args = &op,
						   .args_count = 1 };
	const struct config_seccomp_rule by_number = { .action = "SCMP_ACT_KILL",
						       .errno_ret = &number };

	CHECK(check_rule(&by_name) < 0);
	CHECK_TEXT(err.where, "linux.seccomp.syscalls[1].names[1]");
	CHECK(check_rule(&by_index) < 0);
	CHECK_TEXT(err.text, "6 is not between 0 and 5");
	CHECK_TEXT(err.where, "linux.seccomp.syscalls[1].args[0].index");
	CHECK(check_rule(&by_op) < 0);
	CHECK_TEXT(err.text, "unknown operator 'SCMP_CMP_IS'");
	CHECK_TEXT(err.where, "linux.seccomp.syscalls[1].args[0].op");
	CHECK(check_rule(&by_number) < 0);
	CHECK_TEXT(err.where, "linux.seccomp.syscalls[1].errnoRet");
}

static void a_listener_needs_its_path_and_write(void)
{
	char **names = WORDS("mkdir", "write");
	char **killable = WORDS("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV");
	struct config_seccomp_rule rule = { .names = names, .action = "SCMP_ACT_NOTIFY" };
	struct config_seccomp seccomp = { .default_action = "SCMP_ACT_ALLOW",
					  .flags = killable,
					  .listener_path = "/agent",
					  .syscalls = &rule,
					  .syscalls_count = 1 };

	CHECK(check(&seccomp) < 0);
	CHECK_TEXT(err.where, "linux.seccomp.syscalls[0].names[1]");
	names[1] = NULL;
	CHECK(compile(&seccomp) == 0 && seccomp_has_listener(&program));
	CHECK(program.flags == (SECCOMP_FILTER_FLAG_NEW_LISTENER |
				SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV));
	seccomp.listener_path = "";
	CHECK(check(&seccomp) < 0);
	CHECK_TEXT(err.where, "linux.seccomp.listenerPath");
	seccomp.listener_metadata = "data";
	CHECK(check(&seccomp) < 0);
	CHECK_TEXT(err.where, "linux.seccomp.listenerMetadata");
}

static void unknown_names_are_told(void)
{
	char **names = WORDS("read", "no_such_call", "nor_this");
	const struct config_seccomp_rule rules[] = {
		{ .action = "SCMP_ACT_LOG" },
		{ .names = names, .action = "SCMP_ACT_ERRNO" },
	};
	const struct config_seccomp seccomp = { .default_action = "SCMP_ACT_ALLOW",
						.syscalls = rules,
						.syscalls_count = 2 };
	auto_text struct text unknown = { 0 };

	CHECK(seccomp_check_known(&seccomp, &unknown, &err) < 0);
	CHECK_TEXT(err.text, "unknown system call 'no_such_call'");
	CHECK_TEXT(err.where, "linux.seccomp.syscalls[1].names[1]");
	CHECK_TEXT(unknown.data, " no_such_call nor_this");
	names[1] = NULL;
	CHECK(seccomp_check_known(&seccomp, NULL, &err) == 0);
}

static void the_flags_are_those_asked_for(void)
{
	char **both = WORDS("SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_TSYNC");
	char *none[] = { NULL };
	struct config_seccomp seccomp = { .default_action = "SCMP_ACT_ALLOW" };

	CHECK(compile(&seccomp) == 0);
	CHECK(program.flags == SECCOMP_FILTER_FLAG_SPEC_ALLOW);
	seccomp.flags = none;
	CHECK(compile(&seccomp) == 0 && program.flags == 0);
	seccomp.flags = both;
	CHECK(compile(&seccomp) == 0 && program.flags == SECCOMP_FILTER_FLAG_LOG);
}

/* What the child makes of a system call under the profile: 0, an errno value, or 1000
 * and the signal that killed it. */
static int outcome(const struct config_seccomp *seccomp, long (*call)(void))
{
	int status = 0;
	pid_t child;

	CHECK(compile(seccomp) == 0);
	if (err.text[0] != '\0')
		printf("# %s: %s\n", err.where, err.text);
	(void)fflush(stdout);
	child = fork();
	if (child == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) < 0 ||
		    seccomp_apply(&program, &err) < 0)
			_exit(250);
		/* Not _exit(): a sanitizer would make calls of its own. */
		(void)syscall(SYS_exit_group, call() < 0 ? errno : 0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

static long call_getppid(void)
{
	return syscall(SYS_getppid);
}

static long call_nice(void)
{
	return syscall(SYS_sched_yield);
}

/* personality(0xffffffff) only asks. */
static long call_personality(void)
{
	return syscall(SYS_personality, 0xffffffffUL);
}

static long call_personality_other(void)
{
	return syscall(SYS_personality, 0x1234UL);
}

static void actions_act(void)
{
	char **yield = WORDS("no_such_call_at_all", "sched_yield");
	const uint64_t number = ENOSYS;
	struct config_seccomp_rule rule = { .names = yield, .action = "SCMP_ACT_ERRNO" };
	const struct config_seccomp seccomp = { .default_action = "SCMP_ACT_ALLOW",
						.syscalls = &rule,
						.syscalls_count = 1 };

	CHECK(outcome(&seccomp, call_getppid) == 0);
	CHECK(outcome(&seccomp, call_nice) == EPERM);
	rule.errno_ret = &number;
	CHECK(outcome(&seccomp, call_nice) == ENOSYS);
	rule.errno_ret = NULL;
	rule.action = "SCMP_ACT_KILL_PROCESS";
	CHECK(outcome(&seccomp, call_nice) == 1000 + SIGSYS);
	rule.action = "SCMP_ACT_LOG";
	CHECK(outcome(&seccomp, call_nice) == 0);
}

static void the_default_action_is_for_the_rest(void)
{
	char **needed = WORDS("exit_group", "getppid");
	const uint64_t number = EXFULL;
	const struct config_seccomp_rule rules[] = {
		{ .names = needed, .action = "SCMP_ACT_ALLOW" },
		{ .names = needed, .action = "SCMP_ACT_ERRNO", .errno_ret = &number },
	};
	const struct config_seccomp seccomp = { .default_action = "SCMP_ACT_ERRNO",
						.default_errno_ret = &number,
						.syscalls = rules,
						.syscalls_count = 2 };

	CHECK(outcome(&seccomp, call_getppid) == 0);
	CHECK(outcome(&seccomp, call_nice) == EXFULL);
}

static void conditions_are_joined_and_repeated_ones_are_alternatives(void)
{
	char **names = WORDS("personality");
	const struct config_seccomp_arg args[] = {
		{ .index = 0, .value = 0x1234, .op = "SCMP_CMP_EQ" },
		{ .index = 0, .value = 0xffffffff, .op = "SCMP_CMP_EQ" },
		{ .index = 1, .value = 0, .value_two = 1, .op = "SCMP_CMP_MASKED_EQ" },
	};
	struct config_seccomp_rule rule = {
		.names = names, .action = "SCMP_ACT_ERRNO", .args = args, .args_count = 1
	};
	const struct config_seccomp seccomp = { .default_action = "SCMP_ACT_ALLOW",
						.syscalls = &rule,
						.syscalls_count = 1 };

	CHECK(outcome(&seccomp, call_personality_other) == EPERM);
	CHECK(outcome(&seccomp, call_personality) == 0);
	rule.args_count = 2;
	CHECK(outcome(&seccomp, call_personality_other) == EPERM);
	CHECK(outcome(&seccomp, call_personality) == EPERM);
	rule.args = args + 1;
	CHECK(outcome(&seccomp, call_personality_other) == 0);
}

/* As many as the largest profiles have, so that the tree is taken. */
static void a_long_list_works(void)
{
	char **names =
		WORDS("acct", "add_key", "bpf", "chroot", "clock_settime",
		      "delete_module", "fanotify_init", "fsmount", "init_module",
		      "kexec_load", "keyctl", "mount", "mbind", "move_pages", "open_tree",
		      "perf_event_open", "pivot_root", "ptrace", "quotactl", "reboot",
		      "request_key", "setdomainname", "sethostname", "setns",
		      "settimeofday", "swapoff", "swapon", "sched_yield", "syslog",
		      "umount2", "unshare", "userfaultfd", "vhangup", "fsopen", "fspick");
	char **archs = WORDS("SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64");
	const struct config_seccomp_rule rule = { .names = names,
						  .action = "SCMP_ACT_ERRNO" };
	const struct config_seccomp seccomp = { .default_action = "SCMP_ACT_ALLOW",
						.syscalls = &rule,
						.syscalls_count = 1 };
	struct config_seccomp wide = seccomp;

	CHECK(outcome(&seccomp, call_nice) == EPERM);
	CHECK(outcome(&seccomp, call_getppid) == 0);
#if defined(__x86_64__)
	archs[2] = NULL;
	wide.architectures = archs;
	CHECK(outcome(&wide, call_nice) == EPERM);
#else
	(void)archs;
	(void)wide;
#endif
}

static void the_kernel_is_asked_for_actions_and_flags(void)
{
	const struct name no_action = { "other", 0x12340000 };
	const struct name no_flag = { "other", 1 << 20 };

	CHECK(!seccomp_has_action(&no_action) && !seccomp_has_flag(&no_flag));
	CHECK(seccomp_has_action(
		name_find(seccomp_words(SECCOMP_ACTIONS), "SCMP_ACT_NOTIFY")));
	CHECK(seccomp_has_flag(
		name_find(seccomp_words(SECCOMP_FLAGS), "SECCOMP_FILTER_FLAG_LOG")));
}

int main(void)
{
	RUN(no_profile_is_no_program);
	RUN(wrong_words_are_refused_with_their_place);
	RUN(numbers_belong_to_actions_that_take_one);
	RUN(wrong_rules_are_refused_with_their_place);
	RUN(a_listener_needs_its_path_and_write);
	RUN(unknown_names_are_told);
	RUN(the_flags_are_those_asked_for);
	RUN(actions_act);
	RUN(the_default_action_is_for_the_rest);
	RUN(conditions_are_joined_and_repeated_ones_are_alternatives);
	RUN(a_long_list_works);
	RUN(the_kernel_is_asked_for_actions_and_flags);
	return check_done();
}
