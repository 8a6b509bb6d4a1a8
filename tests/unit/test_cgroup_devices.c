/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/syscalls.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_devices.h"
#include "oci/config.h"

#include "check.h"

enum {
	READ = BPF_DEVCG_ACC_READ,
	WRITE = BPF_DEVCG_ACC_WRITE,
	MKNOD = BPF_DEVCG_ACC_MKNOD
};

struct machine {
	uint64_t registers[11];
	const uint32_t *context;
};

static uint64_t compute(uint8_t operation, uint64_t left, uint64_t right)
{
	switch (operation) {
	case BPF_MOV:
		return right;
	case BPF_AND:
		return left & right;
	case BPF_OR:
		return left | right;
	case BPF_XOR:
		return left ^ right;
	case BPF_SUB:
		return left - right;
	case BPF_LSH:
		return left << right;
	case BPF_RSH:
		return left >> right;
	case BPF_MUL:
		return left * right;
	default:
		CHECK(false); /* an operation that the program does not need */
		return 0;
	}
}

static void step(struct machine *machine, const struct bpf_insn *at)
{
	uint64_t *to = &machine->registers[at->dst_reg];

	if (at->code == (BPF_LDX | BPF_MEM | BPF_W))
		*to = machine->context[at->off / 4];
	else if (at->code == (BPF_LD | BPF_DW | BPF_IMM))
		*to = (uint64_t)(uint32_t)at[1].imm << 32 | (uint32_t)at->imm;
	else if (at->code == (BPF_ALU64 | BPF_OP(at->code) | BPF_X))
		*to = compute(BPF_OP(at->code), *to, machine->registers[at->src_reg]);
	else if (at->code == (BPF_ALU64 | BPF_OP(at->code) | BPF_K))
		*to = compute(BPF_OP(at->code), *to, (uint64_t)(int64_t)at->imm);
	else
		CHECK(false); /* an instruction that the program does not need */
}

/* What the kernel would say; -1 when the program has no end. */
static int run(const struct bpf_insn *program, size_t count, const uint32_t context[3])
{
	struct machine machine = { .context = context };

	for (size_t i = 0; i < count; i++) {
		if (program[i].code == (BPF_JMP | BPF_EXIT))
			return (int)machine.registers[0];
		step(&machine, &program[i]);
		i += program[i].code == (BPF_LD | BPF_DW | BPF_IMM);
	}
	return -1;
}

static const struct config_resources *given;

static int answer(char type, uint32_t major, uint32_t minor, uint32_t access)
{
	auto_arena struct arena arena = { 0 };
	struct cgroup_device_rules rules;
	size_t count;
	const struct bpf_insn *program;
	uint32_t context[3] = { access << 16 | (type == 'b' ? BPF_DEVCG_DEV_BLOCK
							    : BPF_DEVCG_DEV_CHAR),
				major, minor };

	cgroup_devices_rules(given, &arena, &rules);
	program = cgroup_devices_program(&rules, &arena, &count);
	return run(program, count, context);
}

static void rules(const struct config_device_rule *list, size_t count)
{
	static struct config_resources resources;

	resources = (struct config_resources){ .devices = list, .devices_count = count };
	given = &resources;
}

static const int64_t n8 = 8, n0 = 0, n1 = 1, n3 = 3, minus_one = -1, minus_two = -2,
		     too_big = INT64_C(1) << 32, too_big_minor = 1 << 20;

static void test_without_rules_the_default_devices_are_there(void)
{
	given = NULL;
	CHECK(answer('c', 1, 3, READ | WRITE) == 1);
	CHECK(answer('c', 136, 77, READ | WRITE) == 1);
	CHECK(answer('c', 5, 2, READ | WRITE) == 1);
	CHECK(answer('b', 8, 0, MKNOD) == 1);
	CHECK(answer('b', 8, 0, READ) == 0);
	CHECK(answer('c', 1, 1, READ) == 0); /* mem */
	CHECK(answer('c', 1, 1, MKNOD | READ) == 0);
	CHECK(answer('b', 1, 3, READ) == 0);
}

static void test_denying_all_is_the_same(void)
{
	static const struct config_device_rule list[] = {
		{ .allow = true, .type = "b", .major = &n8, .access = "rwm" },
		{ .allow = false, .access = "rwm" },
	};

	rules(list, 2);
	CHECK(answer('b', 8, 0, READ) == 0);
	CHECK(answer('c', 1, 3, READ | WRITE) == 1);
}

static void test_allowing_all(void)
{
	static const struct config_device_rule list[] = {
		{ .allow = false, .access = "rwm" },
		{ .allow = true, .type = "a", .major = &minus_one, .access = "rwm" },
		{ .allow = false,
		  .type = "b",
		  .major = &n8,
		  .minor = &n0,
		  .access = "w" },
		{ .allow = false,
		  .type = "c",
		  .major = &n1,
		  .minor = &n3,
		  .access = "w" },
	};

	rules(list, 2);
	CHECK(answer('b', 8, 0, READ | WRITE | MKNOD) == 1);
	rules(list, 4);
	CHECK(answer('b', 8, 0, READ) == 1);
	CHECK(answer('b', 8, 0, WRITE) == 0);
	CHECK(answer('b', 8, 0, READ | WRITE) == 0);
	CHECK(answer('b', 8, 1, READ | WRITE) == 1);
	CHECK(answer('c', 1, 3, WRITE) == 1); /* a default device comes back */
}

static void test_the_last_rule_about_an_access_decides(void)
{
	static const struct config_device_rule list[] = {
		{ .allow = true, .type = "b", .major = &n8, .minor = &n0, .access = "r" },
		{ .allow = true, .type = "b", .major = &n8, .minor = &n0, .access = "w" },
		{ .allow = false, .type = "b", .major = &n8, .access = "w" },
		{ .allow = true, .type = "b", .major = &n8, .minor = &n1, .access = "w" },
	};

	rules(list, 2);
	CHECK(answer('b', 8, 0, READ | WRITE) == 1);
	CHECK(answer('b', 8, 0, READ) == 1);
	CHECK(answer('b', 8, 1, READ) == 0);
	rules(list, 4);
	CHECK(answer('b', 8, 0, READ) == 1);
	CHECK(answer('b', 8, 0, READ | WRITE) == 0);
	CHECK(answer('b', 8, 1, WRITE) == 1);
	CHECK(answer('b', 8, 1, READ | WRITE) == 0);
}

static void test_every_type_with_numbers(void)
{
	static const struct config_device_rule list[] = {
		{ .allow = true,
		  .type = "a",
		  .major = &n8,
		  .minor = &n1,
		  .access = "rw" },
	};

	rules(list, 1);
	CHECK(answer('b', 8, 1, READ | WRITE) == 1);
	CHECK(answer('c', 8, 1, READ | WRITE) == 1);
	CHECK(answer('c', 8, 2, READ) == 0);
}

static void test_numbers_at_their_ends(void)
{
	static const int64_t most_major = 4095, most_minor = 1048575, more = 4096;
	static const struct config_device_rule list[] = {
		{ .allow = true,
		  .type = "c",
		  .major = &most_major,
		  .minor = &most_minor },
		{ .allow = true, .type = "b", .minor = &n1, .access = "r" },
		{ .allow = true, .major = &more, .access = "rwm" },
		{ .allow = true, .type = "c", .major = &n1, .minor = &too_big_minor },
	};

	rules(list, 4);
	CHECK(answer('c', 4095, 1048575, READ | WRITE | MKNOD) == 1);
	CHECK(answer('b', 4095, 1048575, READ) == 0);
	CHECK(answer('c', 4095, 1048574, READ) == 0);
	CHECK(answer('b', 4095, 1, READ) == 1);
	CHECK(answer('b', 0, 1, READ) == 1);
	CHECK(answer('b', 0, 0, READ) == 0);
	CHECK(answer('c', 0, 0, READ) == 0);
	CHECK(answer('c', 1, 0, READ) == 0);
}

static void test_check(void)
{
	static const struct {
		struct config_device_rule rule;
		const char *where;
	} bad[] = {
		{ { .type = "x", .access = "r" }, "linux.resources.devices[0].type" },
		{ { .type = "cc", .access = "r" }, "linux.resources.devices[0].type" },
		{ { .type = "c", .access = "rx" }, "linux.resources.devices[0].access" },
		{ { .major = &minus_two }, "linux.resources.devices[0].major" },
		{ { .minor = &too_big }, "linux.resources.devices[0].minor" },
	};
	struct cgroup cgroup = { .layout = CGROUP_UNIFIED,
				 .path = "/a",
				 .unified_mount_point = "/sys/fs/cgroup" };
	struct error err = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct config_resources resources = { .devices = &bad[i].rule,
						      .devices_count = 1 };

		err = (struct error){ 0 };
		CHECK(cgroup_check_resources(&cgroup, &resources, &err) == -1);
		CHECK_TEXT(err.where, bad[i].where);
	}
	given = &(struct config_resources){
		.devices =
			&(struct config_device_rule){ .type = "", .major = &minus_one },
		.devices_count = 1,
	};
	CHECK(cgroup_check_resources(&cgroup, given, &err) == 0);
	cgroup = (struct cgroup){ .layout = CGROUP_LEGACY, .path = "/a" };
	CHECK(cgroup_check_resources(&cgroup, given, &err) == -1);
	CHECK_TEXT(err.where, "linux.resources.devices");
}

/* The kernel's own judgement, of a program with every kind of rule a thousand times. */
static void test_the_verifier_accepts(void)
{
	static struct config_device_rule list[1000];
	static const char *const types[] = { "a", "b", "c" };
	static const char *const accesses[] = { "r", "w", "m", "rw", "rm", "wm", "rwm" };
	auto_arena struct arena arena = { 0 };
	struct cgroup_device_rules all;
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
				.license = (uint64_t)(uintptr_t) "Apache-2.0" };
	size_t count;
	int fd;

	if (geteuid() != 0) {
		printf("# skipped: needs root\n");
		return;
	}
	for (size_t i = 0; i < 1000; i++)
		list[i] = (struct config_device_rule){ .allow = i % 2 == 0,
						       .type = types[i % 3],
						       .access = accesses[i % 7],
						       .major = &n8,
						       .minor = i % 5 == 0 ? NULL : &n1 };
	cgroup_devices_rules(
		&(struct config_resources){ .devices = list, .devices_count = 1000 },
		&arena, &all);
	attr.insns = (uint64_t)(uintptr_t)cgroup_devices_program(&all, &arena, &count);
	attr.insn_cnt = (uint32_t)count;
	fd = sys_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
	if (fd < 0)
		perror("# bpf");
	CHECK(fd >= 0);
	if (fd >= 0)
		(void)close(fd);
}

int main(void)
{
	RUN(test_without_rules_the_default_devices_are_there);
	RUN(test_denying_all_is_the_same);
	RUN(test_allowing_all);
	RUN(test_the_last_rule_about_an_access_decides);
	RUN(test_every_type_with_numbers);
	RUN(test_numbers_at_their_ends);
	RUN(test_check);
	RUN(test_the_verifier_accepts);
	return check_done();
}
