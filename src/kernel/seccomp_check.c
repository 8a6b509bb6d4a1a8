/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>

#include "base/error.h"
#include "base/names.h"
#include "base/text.h"
#include "kernel/seccomp.h"
#include "kernel/seccomp_parts.h"
#include "oci/config.h"

enum {
	ARGS_MOST = 6,      /* of a system call */
	ERRNO_MOST = 4095,  /* MAX_ERRNO; the kernel cuts larger ones to it */
	DATA_MOST = 0xffff, /* SECCOMP_RET_DATA */
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
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
	  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV },
	{ NULL, 0 },
};

const struct name *seccomp_words(enum seccomp_words which)
{
	static const struct name *const tables[] = {
		[SECCOMP_ACTIONS] = actions,
		[SECCOMP_ARCHITECTURES] = architectures,
		[SECCOMP_FLAGS] = flags,
		[SECCOMP_OPERATORS] = operators,
	};

	return tables[which];
}

/* An empty profile is none: what writers that cannot leave it out mean. */
bool seccomp_is_absent(const struct config_seccomp *seccomp)
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
	return 0;
}

static bool is_notify(const char *action)
{
	return strcmp(action, "SCMP_ACT_NOTIFY") == 0;
}

static bool has_notify(const struct config_seccomp *seccomp)
{
	for (size_t i = 0; i < seccomp->syscalls_count; i++) {
		if (is_notify(seccomp->syscalls[i].action))
			return true;
	}
	return false;
}

static bool is_set(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static int check_listener(const struct config_seccomp *seccomp, struct error *err)
{
	if (is_set(seccomp->listener_path))
		return 0;
	if (is_set(seccomp->listener_metadata)) {
		error_set(err, 0, "set without a listenerPath");
		return error_at(err, "listenerMetadata");
	}
	if (!has_notify(seccomp))
		return 0;
	error_set(err, 0, "missing, but 'SCMP_ACT_NOTIFY' is used");
	return error_at(err, "listenerPath");
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

		if (flag != NULL &&
		    (has_notify(seccomp) ||
		     flag->value != SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV))
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

/* The container process hands its listener over by write(2), under the filter: with a
 * notification for it, that would wait for the agent, which has no listener yet. */
static int check_name(const struct config_seccomp_rule *rule, const char *name,
		      struct error *err)
{
	if (name[0] == '\0')
		return error_set(err, 0, "an empty name");
	if (!is_notify(rule->action) || strcmp(name, "write") != 0)
		return 0;
	return error_set(err, 0,
			 "'write' cannot have 'SCMP_ACT_NOTIFY': the listener is handed "
			 "over by it");
}

static int check_rule(const struct config_seccomp_rule *rule, struct error *err)
{
	if (check_action(rule->action, err) < 0)
		return error_at(err, "action");
	if (check_errno(rule->action, rule->errno_ret, err) < 0)
		return error_at(err, "errnoRet");
	for (size_t i = 0; rule->names != NULL && rule->names[i] != NULL; i++) {
		if (check_name(rule, rule->names[i], err) < 0)
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
	if (is_notify(seccomp->default_action)) {
		error_set(err, 0,
			  "'SCMP_ACT_NOTIFY' cannot be the default action: the listener "
			  "is handed over by calls that it would hold");
		return error_at(err, "defaultAction");
	}
	if (check_errno(seccomp->default_action, seccomp->default_errno_ret, err) < 0)
		return error_at(err, "defaultErrnoRet");
	return 0;
}

int seccomp_check(const struct config_seccomp *seccomp, struct error *err)
{
	if (seccomp_is_absent(seccomp))
		return 0;
	if (check_default(seccomp, err) < 0)
		return error_at(err, "linux.seccomp");
	for (size_t i = 0; i < seccomp->syscalls_count; i++)
		if (check_rule(&seccomp->syscalls[i], err) < 0)
			return error_at(err, "linux.seccomp.syscalls[%zu]", i);
	if (check_words(seccomp, err) < 0 || check_listener(seccomp, err) < 0)
		return error_at(err, "linux.seccomp");
	return 0;
}

bool seccomp_leaves(const struct config_seccomp *seccomp, const char *name)
{
	for (size_t i = 0; i < seccomp->syscalls_count; i++) {
		const struct config_seccomp_rule *rule = &seccomp->syscalls[i];

		for (size_t j = 0; is_notify(rule->action) && rule->names != NULL &&
				   rule->names[j] != NULL;
		     j++) {
			if (strcmp(rule->names[j], name) == 0)
				return true;
		}
	}
	return false;
}

int seccomp_check_known(const struct config_seccomp *seccomp, struct text *unknown,
			struct error *err)
{
	int result = 0;

	for (size_t i = 0; i < seccomp->syscalls_count; i++) {
		char **names = seccomp->syscalls[i].names;

		for (size_t j = 0; names != NULL && names[j] != NULL; j++) {
			if (seccomp_syscall_resolve_name(names[j]) != __NR_SCMP_ERROR)
				continue;
			if (unknown != NULL)
				text_format(unknown, " %s", names[j]);
			if (result == 0) {
				result = error_set(err, 0, "unknown system call '%s'",
						   names[j]);
				error_at(err, "linux.seccomp.syscalls[%zu].names[%zu]", i,
					 j);
			}
		}
	}
	return result;
}

/* EPERM is the specification's default where a number is wanted. */
uint32_t seccomp_action(const char *word, const uint64_t *errno_ret)
{
	uint32_t number = errno_ret != NULL ? (uint32_t)*errno_ret : EPERM;
	const struct name *action = name_find(actions, word);

	if (action->value == SCMP_ACT_ERRNO(0))
		return SCMP_ACT_ERRNO(number);
	if (action->value == SCMP_ACT_TRACE(0))
		return SCMP_ACT_TRACE(number);
	return (uint32_t)action->value;
}

/* Where nothing is said, SPEC_ALLOW, as runc and crun do: without it every indirect
 * branch of the container pays for the mitigation (Linux 4.17). */
unsigned seccomp_flags(const struct config_seccomp *seccomp)
{
	unsigned bits = has_notify(seccomp) ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;

	if (seccomp->flags == NULL)
		return bits | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	for (size_t i = 0; seccomp->flags[i] != NULL; i++)
		bits |= (unsigned)name_find(flags, seccomp->flags[i])->value;
	return bits;
}

uint32_t seccomp_architecture(const char *word)
{
	return (uint32_t)name_find(architectures, word)->value;
}

enum scmp_compare seccomp_operator(const char *word)
{
	return (enum scmp_compare)name_find(operators, word)->value;
}
