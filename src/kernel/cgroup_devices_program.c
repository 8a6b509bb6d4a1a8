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
 * The program goes through the rules in their order with the kinds of access, read, write
 * and mknod, that are allowed so far in ALLOWED: a rule that matches adds its kinds or
 * takes them away, so that the last one to speak of a kind decides. At the end
 * everything that was asked for must be among them.
 *
 * It has no jump. The verifier copies its state at each one, and three a rule made
 * loading the default devices cost 300 microseconds, a tenth of a container's start;
 * without any it is a quarter of that. "Matches" is therefore computed: KEY has type,
 * major and minor; it is compared by exclusive or, and a difference of 0, less 1, is the
 * only negative one. Its sign, 1 or 0, is multiplied with the access: a mask from an
 * arithmetic shift is a jump in disguise, Linux 6.18 follows both of its values.
 */
enum {
	ALLOWED = BPF_REG_0,
	VALUE = BPF_REG_2,
	CONSTANT = BPF_REG_3,
	KEY = BPF_REG_4,
	ASKED = BPF_REG_5,
	EVERYTHING = BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE | BPF_DEVCG_ACC_MKNOD,
	MINOR_BITS = 20, /* dev_t of the kernel, include/linux/kdev_t.h */
	MAJOR_BITS = 12,
	TYPE_SHIFT = MINOR_BITS + MAJOR_BITS,
	FRAME_MAX = 16, /* what stands before and behind the rules */
	RULE_MAX = 12,
};

struct program {
	struct bpf_insn *code;
	size_t count;
};

static void emit(struct program *program, struct bpf_insn instruction)
{
	program->code[program->count++] = instruction;
}

/* A word of struct bpf_cgroup_dev_ctx. */
static void emit_load(struct program *program, uint8_t reg, int16_t offset)
{
	emit(program, (struct bpf_insn){ .code = BPF_LDX | BPF_MEM | BPF_W,
					 .dst_reg = reg & 0xfU,
					 .src_reg = BPF_REG_1,
					 .off = offset });
}

static void emit_with(struct program *program, uint8_t operation, uint8_t reg,
		      int32_t value)
{
	emit(program, (struct bpf_insn){ .code = BPF_ALU64 | BPF_K | operation,
					 .dst_reg = reg & 0xfU,
					 .imm = value });
}

static void emit_between(struct program *program, uint8_t operation, uint8_t reg,
			 uint8_t other)
{
	emit(program, (struct bpf_insn){ .code = BPF_ALU64 | BPF_X | operation,
					 .dst_reg = reg & 0xfU,
					 .src_reg = other & 0xfU });
}

/* CONSTANT = value, an instruction in two places. */
static void emit_constant(struct program *program, uint64_t value)
{
	emit(program, (struct bpf_insn){ .code = BPF_DW | BPF_IMM,
					 .dst_reg = CONSTANT,
					 .imm = (int32_t)(uint32_t)value });
	emit(program, (struct bpf_insn){ .imm = (int32_t)(value >> 32) });
}

/* The first word has the type in its lower half, the access in the upper. */
static void emit_key(struct program *program)
{
	emit_load(program, ASKED, 0);
	emit_between(program, BPF_MOV, KEY, ASKED);
	emit_with(program, BPF_RSH, ASKED, 16);
	emit_with(program, BPF_AND, KEY, 0xffff);
	emit_with(program, BPF_LSH, KEY, MAJOR_BITS);
	emit_load(program, VALUE, 4);
	emit_between(program, BPF_OR, KEY, VALUE);
	emit_with(program, BPF_LSH, KEY, MINOR_BITS);
	emit_load(program, VALUE, 8);
	emit_between(program, BPF_OR, KEY, VALUE);
}

/* No device has such a number. */
static bool matches_nothing(const struct cgroup_device_rule *rule)
{
	return rule->major >> MAJOR_BITS > 0 || rule->minor >> MINOR_BITS > 0;
}

static void emit_rule(struct program *program, const struct cgroup_device_rule *rule)
{
	uint64_t type = rule->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR;
	uint64_t wanted = 0, ignored = 0;

	if (rule->type == 'a')
		ignored |= UINT64_C(0xffff) << TYPE_SHIFT;
	else
		wanted |= type << TYPE_SHIFT;
	if (rule->major < 0)
		ignored |= ((UINT64_C(1) << MAJOR_BITS) - 1) << MINOR_BITS;
	else
		wanted |= (uint64_t)rule->major << MINOR_BITS;
	if (rule->minor < 0)
		ignored |= (UINT64_C(1) << MINOR_BITS) - 1;
	else
		wanted |= (uint64_t)rule->minor;

	emit_between(program, BPF_MOV, VALUE, KEY);
	if (ignored != 0) {
		emit_constant(program, ~ignored);
		emit_between(program, BPF_AND, VALUE, CONSTANT);
	}
	emit_constant(program, wanted);
	emit_between(program, BPF_XOR, VALUE, CONSTANT);
	emit_with(program, BPF_SUB, VALUE, 1);
	emit_with(program, BPF_RSH, VALUE, 63);
	emit_with(program, BPF_MUL, VALUE, (int32_t)rule->access);
	if (!rule->allow)
		emit_with(program, BPF_XOR, VALUE, EVERYTHING);
	emit_between(program, rule->allow ? BPF_OR : BPF_AND, ALLOWED, VALUE);
}

/* 1 if nothing of ASKED is missing in ALLOWED, else 0. */
static void emit_verdict(struct program *program)
{
	emit_with(program, BPF_XOR, ALLOWED, EVERYTHING);
	emit_between(program, BPF_AND, ALLOWED, ASKED);
	emit_with(program, BPF_SUB, ALLOWED, 1);
	emit_with(program, BPF_RSH, ALLOWED, 63);
	emit(program, (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT });
}

struct bpf_insn *cgroup_devices_program(const struct cgroup_device_rules *rules,
					struct arena *arena, size_t *count)
{
	struct program program = {
		.code = arena_alloc(arena, FRAME_MAX + rules->count * RULE_MAX,
				    sizeof(struct bpf_insn)),
	};

	emit_key(&program);
	emit_with(&program, BPF_MOV, ALLOWED, rules->allow ? EVERYTHING : 0);
	for (size_t i = 0; i < rules->count; i++) {
		if (!matches_nothing(&rules->rules[i]))
			emit_rule(&program, &rules->rules[i]);
	}
	emit_verdict(&program);
	*count = program.count;
	return program.code;
}

enum { ATTACHED_MAX = 64 }; /* BPF_CGROUP_MAX_PROGS */

struct attached {
	uint32_t ids[ATTACHED_MAX], count;
};

/* The ids of the programs that the cgroup has itself. */
static int query(int cgroupfd, struct attached *attached)
{
	union bpf_attr attr = { .query = { .target_fd = (uint32_t)cgroupfd,
					   .attach_type = BPF_CGROUP_DEVICE,
					   .prog_ids = (uint64_t)(uintptr_t)attached->ids,
					   .prog_cnt = ATTACHED_MAX } };

	if (sys_bpf(BPF_PROG_QUERY, &attr, sizeof(attr)) < 0)
		return -1;
	attached->count = attr.query.prog_cnt;
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
	struct attached before = { 0 };

	if (cgroupfd < 0)
		return error_set(err, errno, "cannot open cgroup '%s'", directory);
	programfd = load(program, count);
	if (programfd < 0)
		return error_set(err, errno,
				 "cannot load the device rules as a BPF program");
	if (query(cgroupfd, &before) < 0)
		return error_set(err, errno, "cannot read the device rules of '%s'",
				 directory);
	/* Beside the others first: there is no moment without rules. */
	if (attach(BPF_PROG_ATTACH, cgroupfd, programfd, BPF_F_ALLOW_MULTI) < 0)
		return error_set(err, errno, "cannot attach the device rules to '%s'",
				 directory);
	for (uint32_t i = 0; i < before.count; i++)
		detach(cgroupfd, before.ids[i]);
	return 0;
}
