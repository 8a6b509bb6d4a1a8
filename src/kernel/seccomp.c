/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/names.h"
#include "base/syscalls.h"
#include "kernel/seccomp.h"
#include "oci/config.h"

enum {
	ARGS_MOST = 6,      /* of a system call */
	ERRNO_MOST = 4095,  /* MAX_ERRNO; the kernel cuts larger ones to it */
	DATA_MOST = 0xffff, /* SECCOMP_RET_DATA */
	TREE_LEAST = 32,    /* rules from which on a binary tree beats a list */
	FLAG_NONE = 0,      /* accepted, nothing to do */
};

/* The value of an action whose number is given elsewhere is without it. */
static const struct name actions[] = {
	{ "SCMP_ACT_ALLOW", SCMP_ACT_ALLOW },
	{ "SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(0) },
	{ "SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD },
	{ "SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS },
	{ "SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD },
	{ "SCMP_ACT_LOG", SCMP_ACT_LOG },
	{ "SCMP_ACT_NOTIFY", SCMP_ACT_NOTIFY },
	{ "SCMP_ACT_TRACE", SCMP_ACT_TRACE(0) },
	{ "SCMP_ACT_TRAP", SCMP_ACT_TRAP },
	{ NULL, 0 },
};

static const struct name architectures[] = {
	{ "SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64 },
	{ "SCMP_ARCH_ARM", SCMP_ARCH_ARM },
#ifdef SCMP_ARCH_LOONGARCH64 /* libseccomp 2.6 */
	{ "SCMP_ARCH_LOONGARCH64", SCMP_ARCH_LOONGARCH64 },
	{ "SCMP_ARCH_M68K", SCMP_ARCH_M68K },
	{ "SCMP_ARCH_SH", SCMP_ARCH_SH },
	{ "SCMP_ARCH_SHEB", SCMP_ARCH_SHEB },
#endif
	{ "SCMP_ARCH_MIPS", SCMP_ARCH_MIPS },
	{ "SCMP_ARCH_MIPS64", SCMP_ARCH_MIPS64 },
	{ "SCMP_ARCH_MIPS64N32", SCMP_ARCH_MIPS64N32 },
	{ "SCMP_ARCH_MIPSEL", SCMP_ARCH_MIPSEL },
	{ "SCMP_ARCH_MIPSEL64", SCMP_ARCH_MIPSEL64 },
	{ "SCMP_ARCH_MIPSEL64N32", SCMP_ARCH_MIPSEL64N32 },
	{ "SCMP_ARCH_PARISC", SCMP_ARCH_PARISC },
	{ "SCMP_ARCH_PARISC64", SCMP_ARCH_PARISC64 },
	{ "SCMP_ARCH_PPC", SCMP_ARCH_PPC },
	{ "SCMP_ARCH_PPC64", SCMP_ARCH_PPC64 },
	{ "SCMP_ARCH_PPC64LE", SCMP_ARCH_PPC64LE },
	{ "SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64 },
	{ "SCMP_ARCH_S390", SCMP_ARCH_S390 },
	{ "SCMP_ARCH_S390X", SCMP_ARCH_S390X },
	{ "SCMP_ARCH_X32", SCMP_ARCH_X32 },
	{ "SCMP_ARCH_X86", SCMP_ARCH_X86 },
	{ "SCMP_ARCH_X86_64", SCMP_ARCH_X86_64 },
	{ NULL, 0 },
};

static const struct name operators[] = {
	{ "SCMP_CMP_EQ", SCMP_CMP_EQ }, { "SCMP_CMP_GE", SCMP_CMP_GE },
	{ "SCMP_CMP_GT", SCMP_CMP_GT }, { "SCMP_CMP_LE", SCMP_CMP_LE },
	{ "SCMP_CMP_LT", SCMP_CMP_LT }, { "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
	{ "SCMP_CMP_NE", SCMP_CMP_NE }, { NULL, 0 },
};

/* The container process has one thread when it loads, so there is nothing to
 * synchronise: the flag is of use to nobody and written by many. */
static const struct name flags[] = {
	{ "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
	{ "SECCOMP_FILTER_FLAG_TSYNC", FLAG_NONE },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", -1 },
	{ NULL, 0 },
};

/* An empty profile is none: what writers that cannot leave it out mean. */
static bool is_absent(const struct config_seccomp *seccomp)
{
	return seccomp == NULL ||
	       ((seccomp->default_action == NULL || seccomp->default_action[0] == '\0') &&
		seccomp->syscalls_count == 0);
}

static int check_errno(const char *action, const uint64_t *errno_ret, struct error *err)
{
	uint64_t most = ERRNO_MOST;

	if (errno_ret == NULL)
		return 0;
	if (strcmp(action, "SCMP_ACT_TRACE") == 0)
		most = DATA_MOST;
	else if (strcmp(action, "SCMP_ACT_ERRNO") != 0)
		return error_set(err, 0, "'%s' takes no number", action);
	if (*errno_ret > most)
		return error_set(err, 0, "%" PRIu64 " is above %" PRIu64, *errno_ret,
				 most);
	return 0;
}

static int check_action(const char *action, struct error *err)
{
	if (action == NULL || name_find(actions, action) == NULL)
		return error_set(err, 0, "unknown action '%s'",
				 action != NULL ? action : "");
	if (strcmp(action, "SCMP_ACT_NOTIFY") == 0)
		return error_set(err, 0, "'%s' is not supported by this version", action);
	return 0;
}

static int check_words(const struct config_seccomp *seccomp, struct error *err)
{
	for (char **word = seccomp->architectures; word != NULL && *word != NULL;
	     word++) {
		if (name_find(architectures, *word) != NULL)
			continue;
		error_set(err, 0, "unknown architecture '%s'", *word);
		return error_at(err, "architectures[%td]", word - seccomp->architectures);
	}
	for (char **word = seccomp->flags; word != NULL && *word != NULL; word++) {
		const struct name *flag = name_find(flags, *word);

		if (flag != NULL && flag->value >= 0)
			continue;
		if (flag == NULL)
			error_set(err, 0, "unknown flag '%s'", *word);
		else
			error_set(err, 0, "'%s' is of use only with 'SCMP_ACT_NOTIFY'",
				  *word);
		return error_at(err, "flags[%td]", word - seccomp->flags);
	}
	return 0;
}

static int check_arg(const struct config_seccomp_arg *arg, struct error *err)
{
	if (arg->index >= ARGS_MOST) {
		error_set(err, 0, "%" PRIu64 " is not between 0 and 5", arg->index);
		return error_at(err, "index");
	}
	if (arg->op == NULL || name_find(operators, arg->op) == NULL) {
		error_set(err, 0, "unknown operator '%s'",
			  arg->op != NULL ? arg->op : "");
		return error_at(err, "op");
	}
	return 0;
}

static int check_rule(const struct config_seccomp_rule *rule, struct error *err)
{
	if (check_action(rule->action, err) < 0)
		return error_at(err, "action");
	if (check_errno(rule->action, rule->errno_ret, err) < 0)
		return error_at(err, "errnoRet");
	for (size_t i = 0; rule->names != NULL && rule->names[i] != NULL; i++) {
		if (rule->names[i][0] != '\0')
			continue;
		error_set(err, 0, "an empty name");
		return error_at(err, "names[%zu]", i);
	}
	for (size_t i = 0; i < rule->args_count; i++)
		if (check_arg(&rule->args[i], err) < 0)
			return error_at(err, "args[%zu]", i);
	return 0;
}

static int check_default(const struct config_seccomp *seccomp, struct error *err)
{
	if (check_action(seccomp->default_action, err) < 0)
		return error_at(err, "defaultAction");
	if (check_errno(seccomp->default_action, seccomp->default_errno_ret, err) < 0)
		return error_at(err, "defaultErrnoRet");
	return 0;
}

int seccomp_check(const struct config_seccomp *seccomp, struct error *err)
{
	if (is_absent(seccomp))
		return 0;
	if (check_default(seccomp, err) < 0 || check_words(seccomp, err) < 0)
		return error_at(err, "linux.seccomp");
	for (size_t i = 0; i < seccomp->syscalls_count; i++)
		if (check_rule(&seccomp->syscalls[i], err) < 0)
			return error_at(err, "linux.seccomp.syscalls[%zu]", i);
	return 0;
}

/* EPERM is the specification's default where a number is wanted. */
static uint32_t action_of(const char *word, const uint64_t *errno_ret)
{
	uint32_t number = errno_ret != NULL ? (uint32_t)*errno_ret : EPERM;
	const struct name *action = name_find(actions, word);

	if (action->value == SCMP_ACT_ERRNO(0))
		return SCMP_ACT_ERRNO(number);
	if (action->value == SCMP_ACT_TRACE(0))
		return SCMP_ACT_TRACE(number);
	return (uint32_t)action->value;
}

static struct scmp_arg_cmp condition_of(const struct config_seccomp_arg *arg)
{
	return (struct scmp_arg_cmp){
		.arg = (unsigned)arg->index,
		.op = (enum scmp_compare)name_find(operators, arg->op)->value,
		.datum_a = arg->value,
		.datum_b = arg->value_two,
	};
}

static bool names_one_twice(const struct config_seccomp_rule *rule)
{
	unsigned seen = 0;

	for (size_t i = 0; i < rule->args_count; i++) {
		if ((seen >> rule->args[i].index & 1) != 0)
			return true;
		seen |= 1U << rule->args[i].index;
	}
	return false;
}

/* libseccomp joins the conditions of one rule by "and" and takes one for each argument;
 * several for one argument are rules of their own, "or", as in runc. */
static int add_rule(scmp_filter_ctx filter, const struct config_seccomp_rule *rule,
		    uint32_t action, int number)
{
	struct scmp_arg_cmp conditions[ARGS_MOST];
	int result = 0;

	if (!names_one_twice(rule)) {
		for (size_t i = 0; i < rule->args_count; i++)
			conditions[i] = condition_of(&rule->args[i]);
		return seccomp_rule_add_array(filter, action, number,
					      (unsigned)rule->args_count, conditions);
	}
	for (size_t i = 0; i < rule->args_count && result == 0; i++) {
		conditions[0] = condition_of(&rule->args[i]);
		result = seccomp_rule_add_array(filter, action, number, 1, conditions);
	}
	return result;
}

static int add_names(scmp_filter_ctx filter, const struct config_seccomp_rule *rule,
		     uint32_t action, struct error *err)
{
	for (size_t i = 0; rule->names != NULL && rule->names[i] != NULL; i++) {
		int number = seccomp_syscall_resolve_name(rule->names[i]);
		int result;

		if (number == __NR_SCMP_ERROR)
			continue;
		result = add_rule(filter, rule, action, number);
		if (result == 0)
			continue;
		error_set(err, -result, "cannot add a rule for '%s'", rule->names[i]);
		return error_at(err, "names[%zu]", i);
	}
	return 0;
}

/* A rule that says what the default says is refused by libseccomp, and needless. */
static int add_rules(scmp_filter_ctx filter, const struct config_seccomp *seccomp,
		     uint32_t otherwise, struct error *err)
{
	for (size_t i = 0; i < seccomp->syscalls_count; i++) {
		const struct config_seccomp_rule *rule = &seccomp->syscalls[i];
		uint32_t action = action_of(rule->action, rule->errno_ret);

		if (action != otherwise && add_names(filter, rule, action, err) < 0)
			return error_at(err, "linux.seccomp.syscalls[%zu]", i);
	}
	return 0;
}

/* The machine's own architecture is there from the start. */
static int add_architectures(scmp_filter_ctx filter, const struct config_seccomp *seccomp,
			     struct error *err)
{
	for (size_t i = 0; seccomp->architectures != NULL && seccomp->architectures[i];
	     i++) {
		const char *word = seccomp->architectures[i];
		uint32_t token = (uint32_t)name_find(architectures, word)->value;
		int result = seccomp_arch_add(filter, token);

		if (result == 0 || result == -EEXIST)
			continue;
		error_set(err, -result, "cannot add the architecture '%s'", word);
		return error_at(err, "linux.seccomp.architectures[%zu]", i);
	}
	return 0;
}

static size_t count_names(const struct config_seccomp *seccomp)
{
	size_t count = 0;

	for (size_t i = 0; i < seccomp->syscalls_count; i++)
		for (char **name = seccomp->syscalls[i].names; name && *name; name++)
			count++;
	return count;
}

/* Into memory by way of a file: seccomp_export_bpf_mem() came with libseccomp 2.6. */
static int export(const scmp_filter_ctx filter, struct seccomp_program *program,
		  struct error *err)
{
	auto_close int fd = memfd_create("seccomp", MFD_CLOEXEC);
	off_t size;
	int result;

	if (fd < 0)
		return error_set(err, errno, "cannot make a file in memory");
	result = seccomp_export_bpf(filter, fd);
	if (result < 0)
		return error_set(err, -result, "cannot compile the profile");
	size = lseek(fd, 0, SEEK_CUR);
	if (size > (off_t)sizeof(program->instructions))
		return error_set(err, 0, "more than %d instructions", BPF_MAXINSNS);
	if (size < 0 || pread(fd, program->instructions, (size_t)size, 0) != size)
		return error_set(err, errno, "cannot read the program");
	program->length = (unsigned short)((size_t)size / sizeof(struct sock_filter));
	return 0;
}

/* Where nothing is said, SPEC_ALLOW, as runc and crun do: without it every indirect
 * branch of the container pays for the mitigation (Linux 4.17). */
static unsigned flags_of(const struct config_seccomp *seccomp)
{
	unsigned bits = 0;

	if (seccomp->flags == NULL)
		return SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	for (size_t i = 0; seccomp->flags[i] != NULL; i++)
		bits |= (unsigned)name_find(flags, seccomp->flags[i])->value;
	return bits;
}

static void filter_cleanup(scmp_filter_ctx *filter)
{
	if (*filter != NULL)
		seccomp_release(*filter);
}

int seccomp_compile(const struct config_seccomp *seccomp, struct seccomp_program *program,
		    struct error *err)
{
	__attribute__((cleanup(filter_cleanup))) scmp_filter_ctx filter = NULL;
	uint32_t otherwise;

	program->length = 0;
	program->flags = 0;
	if (is_absent(seccomp))
		return 0;
	otherwise = action_of(seccomp->default_action, seccomp->default_errno_ret);
	filter = seccomp_init(otherwise);
	if (filter == NULL)
		return error_set(err, 0, "cannot start a filter");
	/* libseccomp before 2.5.5 makes a wrong tree of no rules at all. */
	if (count_names(seccomp) > TREE_LEAST)
		(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (add_architectures(filter, seccomp, err) < 0 ||
	    add_rules(filter, seccomp, otherwise, err) < 0)
		return -1;
	if (export(filter, program, err) < 0)
		return error_at(err, "linux.seccomp");
	program->flags = flags_of(seccomp);
	return 0;
}

int seccomp_apply(const struct seccomp_program *program, struct error *err)
{
	struct sock_fprog filter = {
		.len = program->length,
		.filter = (struct sock_filter *)(uintptr_t)program->instructions,
	};

	if (program->length == 0)
		return 0;
	if (sys_seccomp(SECCOMP_SET_MODE_FILTER, program->flags, &filter) == 0)
		return 0;
	error_set(err, errno, "cannot load the filter");
	if (err->code == EACCES)
		error_hint(err, "it takes noNewPrivileges or CAP_SYS_ADMIN");
	return error_at(err, "linux.seccomp");
}
