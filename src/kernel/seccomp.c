/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/syscalls.h"
#include "kernel/seccomp.h"
#include "kernel/seccomp_parts.h"
#include "oci/config.h"

enum { ARGS_MOST = 6 }; /* of a system call */

static struct scmp_arg_cmp condition_of(const struct config_seccomp_arg *arg)
{
	return (struct scmp_arg_cmp){
		.arg = (unsigned)arg->index,
		.op = seccomp_operator(arg->op),
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
		uint32_t action = seccomp_action(rule->action, rule->errno_ret);

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
		uint32_t token = seccomp_architecture(word);
		int result = seccomp_arch_add(filter, token);

		if (result == 0 || result == -EEXIST)
			continue;
		error_set(err, -result, "cannot add the architecture '%s'", word);
		return error_at(err, "linux.seccomp.architectures[%zu]", i);
	}
	return 0;
}

/* Behind what is there, by way of a file: seccomp_export_bpf_mem() came with
 * libseccomp 2.6. */
static int export(const scmp_filter_ctx filter, struct seccomp_program *program,
		  struct error *err)
{
	auto_close int fd = memfd_create("seccomp", MFD_CLOEXEC);
	off_t size, room;
	int result;

	if (fd < 0)
		return error_set(err, errno, "cannot make a file in memory");
	result = seccomp_export_bpf(filter, fd);
	if (result < 0)
		return error_set(err, -result, "cannot compile the profile");
	size = lseek(fd, 0, SEEK_CUR);
	room = (off_t)((BPF_MAXINSNS - program->length) * sizeof(struct sock_filter));
	if (size > room)
		return error_set(err, 0, "more than %d instructions", BPF_MAXINSNS);
	if (size < 0 ||
	    pread(fd, program->instructions + program->length, (size_t)size, 0) != size)
		return error_set(err, errno, "cannot read the program");
	program->length += (unsigned short)((size_t)size / sizeof(struct sock_filter));
	return 0;
}

static void filter_cleanup(scmp_filter_ctx *filter)
{
	if (*filter != NULL)
		seccomp_release(*filter);
}

int seccomp_compile_plain(const struct config_seccomp *seccomp,
			  struct seccomp_program *program, struct error *err)
{
	__attribute__((cleanup(filter_cleanup))) scmp_filter_ctx filter = NULL;
	uint32_t otherwise;

	program->length = 0;
	program->flags = seccomp_flags(seccomp);
	otherwise = seccomp_action(seccomp->default_action, seccomp->default_errno_ret);
	filter = seccomp_init(otherwise);
	if (filter == NULL)
		return error_set(err, 0, "cannot start a filter");
	if (add_architectures(filter, seccomp, err) < 0 ||
	    add_rules(filter, seccomp, otherwise, err) < 0)
		return -1;
	seccomp_put_enosys(seccomp, otherwise, program);
	if (export(filter, program, err) < 0)
		return error_at(err, "linux.seccomp");
	return 0;
}

bool seccomp_is_sound(const struct seccomp_program *program)
{
	unsigned length = program->length;

	for (unsigned i = 0; i < length; i++) {
		const struct sock_filter *instruction = &program->instructions[i];
		unsigned rest = length - i - 1;

		switch (instruction->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (instruction->k % 4 != 0 ||
			    instruction->k >= sizeof(struct seccomp_data))
				return false;
			break;
		case BPF_JMP | BPF_JA:
			if (instruction->k >= rest)
				return false;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			if (instruction->jt >= rest || instruction->jf >= rest)
				return false;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
		case BPF_RET | BPF_K:
			break;
		default:
			return false;
		}
	}
	return length > 0 && length <= BPF_MAXINSNS &&
	       program->instructions[length - 1].code == (BPF_RET | BPF_K);
}

int seccomp_compile(const struct config_seccomp *seccomp, struct seccomp_program *program,
		    struct error *err)
{
	program->length = 0;
	program->flags = 0;
	if (seccomp_is_absent(seccomp))
		return 0;
	if (seccomp_compile_plain(seccomp, program, err) < 0)
		return -1;
	/* In the place of libseccomp's own tree (SCMP_FLTATR_CTL_OPTIMIZE), which is
	 * larger than the list and takes longer to be made. */
	seccomp_reduce(program);
	return 0;
}

int seccomp_apply(const struct seccomp_program *program, struct error *err)
{
	struct sock_fprog filter = {
		.len = program->length,
		.filter = (struct sock_filter *)(uintptr_t)program->instructions,
	};
	int result;

	if (program->length == 0)
		return 0;
	result = sys_seccomp(SECCOMP_SET_MODE_FILTER, program->flags, &filter);
	if (result >= 0)
		return result;
	error_set(err, errno, "cannot load the filter");
	if (err->code == EACCES)
		error_hint(err, "it takes noNewPrivileges or CAP_SYS_ADMIN");
	return error_at(err, "linux.seccomp");
}
