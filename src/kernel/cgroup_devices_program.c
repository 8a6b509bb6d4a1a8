/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/syscalls.h"
#include "kernel/cgroup_devices.h"

/*
 * The program asks for each kind of access by itself, read, write and mknod: the last
 * rule that speaks of it decides. So it walks the rules from the last to the first, with
 * the kinds that nobody decided about in R3; a rule to deny one of them ends it, a rule
 * to allow takes its kinds away, and when none is left the access is granted.
 *
 * struct bpf_cgroup_dev_ctx: the lower half of the first word is the type, the upper the
 * access; then major and minor.
 */
enum {
	TYPE = BPF_REG_2,
	OPEN = BPF_REG_3, /* the kinds of access not decided */
	MAJOR = BPF_REG_4,
	MINOR = BPF_REG_5,
	EVERYTHING = BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE | BPF_DEVCG_ACC_MKNOD,
	PROLOGUE = 6,
	RULE_MAX = 8, /* three comparisons, three for the access, the verdict */
	VERDICT = 2,
};

struct program {
	struct bpf_insn *code;
	size_t count;
};

static void emit(struct program *program, struct bpf_insn instruction)
{
	program->code[program->count++] = instruction;
}

static void emit_load(struct program *program, uint8_t reg, int16_t offset)
{
	emit(program, (struct bpf_insn){ .code = BPF_LDX | BPF_MEM | BPF_W,
					 .dst_reg = reg & 0xfU,
					 .src_reg = BPF_REG_1,
					 .off = offset });
}

static void emit_with(struct program *program, uint8_t operation, uint8_t reg,
		      uint32_t value)
{
	emit(program, (struct bpf_insn){ .code = BPF_ALU | BPF_K | operation,
					 .dst_reg = reg & 0xfU,
					 .imm = (int32_t)value });
}

/* The distance of a jump to the next rule is filled in when its end is known. */
static void emit_jump(struct program *program, uint8_t condition, uint8_t reg,
		      uint32_t value, int16_t distance)
{
	emit(program, (struct bpf_insn){ .code = BPF_JMP32 | BPF_K | condition,
					 .dst_reg = reg & 0xfU,
					 .off = distance,
					 .imm = (int32_t)value });
}

static void emit_verdict(struct program *program, bool allow)
{
	emit_with(program, BPF_MOV, BPF_REG_0, allow);
	emit(program, (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT });
}

enum { TO_NEXT = -1 };

static void emit_match(struct program *program, const struct cgroup_device_rule *rule)
{
	if (rule->type != 'a')
		emit_jump(program, BPF_JNE, TYPE,
			  rule->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR,
			  TO_NEXT);
	if (rule->major >= 0)
		emit_jump(program, BPF_JNE, MAJOR, (uint32_t)rule->major, TO_NEXT);
	if (rule->minor >= 0)
		emit_jump(program, BPF_JNE, MINOR, (uint32_t)rule->minor, TO_NEXT);
}

static void emit_rule(struct program *program, const struct cgroup_device_rule *rule)
{
	size_t start = program->count;

	emit_match(program, rule);
	if (rule->access != EVERYTHING && rule->allow) {
		emit_with(program, BPF_AND, OPEN, EVERYTHING & ~rule->access);
		emit_jump(program, BPF_JNE, OPEN, 0, TO_NEXT);
	} else if (rule->access != EVERYTHING) {
		emit_jump(program, BPF_JSET, OPEN, rule->access, 1);
		emit(program,
		     (struct bpf_insn){ .code = BPF_JMP | BPF_JA, .off = TO_NEXT });
	}
	emit_verdict(program, rule->allow);
	for (size_t i = start; i < program->count; i++) {
		if (program->code[i].off == TO_NEXT)
			program->code[i].off = (int16_t)(program->count - i - 1);
	}
}

struct bpf_insn *cgroup_devices_program(const struct cgroup_device_rules *rules,
					struct arena *arena, size_t *count)
{
	struct program program = {
		.code = arena_alloc(arena, PROLOGUE + rules->count * RULE_MAX + VERDICT,
				    sizeof(struct bpf_insn)),
	};

	emit_load(&program, TYPE, 0);
	emit_with(&program, BPF_AND, TYPE, 0xffff);
	emit_load(&program, OPEN, 0);
	emit_with(&program, BPF_RSH, OPEN, 16);
	emit_load(&program, MAJOR, 4);
	emit_load(&program, MINOR, 8);
	for (size_t i = rules->count; i-- > 0;)
		emit_rule(&program, &rules->rules[i]);
	emit_verdict(&program, rules->allow);
	*count = program.count;
	return program.code;
}

enum { ATTACHED_MAX = 64 }; /* BPF_CGROUP_MAX_PROGS */

/* The ids of the programs that the cgroup has itself. */
static int query(int cgroupfd, uint32_t *ids, uint32_t *count)
{
	union bpf_attr attr = { .query = { .target_fd = (uint32_t)cgroupfd,
					   .attach_type = BPF_CGROUP_DEVICE,
					   .prog_ids = (uint64_t)(uintptr_t)ids,
					   .prog_cnt = ATTACHED_MAX } };

	if (sys_bpf(BPF_PROG_QUERY, &attr, sizeof(attr)) < 0)
		return -1;
	*count = attr.query.prog_cnt;
	return 0;
}

static int load(const struct bpf_insn *program, size_t count)
{
	static const char license[] = "Apache-2.0";
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
				.insn_cnt = (uint32_t)count,
				.insns = (uint64_t)(uintptr_t)program,
				.license = (uint64_t)(uintptr_t)license,
				.prog_name = "devices" };

	return sys_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
}

static int attach(int command, int cgroupfd, int programfd, uint32_t flags)
{
	union bpf_attr attr = { .target_fd = (uint32_t)cgroupfd,
				.attach_bpf_fd = (uint32_t)programfd,
				.attach_type = BPF_CGROUP_DEVICE,
				.attach_flags = flags };

	return sys_bpf(command, &attr, sizeof(attr));
}

static void detach(int cgroupfd, uint32_t id)
{
	union bpf_attr attr = { .prog_id = id };
	auto_close int programfd = sys_bpf(BPF_PROG_GET_FD_BY_ID, &attr, sizeof(attr));

	/* One that stays, because another owns it, can only take away more. */
	if (programfd >= 0)
		(void)attach(BPF_PROG_DETACH, cgroupfd, programfd, 0);
}

int cgroup_devices_attach(const char *directory, const struct bpf_insn *program,
			  size_t count, struct error *err)
{
	auto_close int cgroupfd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close int programfd = -1;
	uint32_t ids[ATTACHED_MAX], before = 0;

	if (cgroupfd < 0)
		return error_set(err, errno, "cannot open cgroup '%s'", directory);
	programfd = load(program, count);
	if (programfd < 0)
		return error_set(err, errno,
				 "cannot load the device rules as a BPF program");
	if (query(cgroupfd, ids, &before) < 0)
		return error_set(err, errno, "cannot read the device rules of '%s'",
				 directory);
	/* Beside the others first: there is no moment without rules. */
	if (attach(BPF_PROG_ATTACH, cgroupfd, programfd, BPF_F_ALLOW_MULTI) < 0)
		return error_set(err, errno, "cannot attach the device rules to '%s'",
				 directory);
	for (uint32_t i = 0; i < before; i++)
		detach(cgroupfd, ids[i]);
	return 0;
}
