/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* bpf - runs a seccomp filter as the kernel would, bpf_check_classic() and
 * ___bpf_prog_run(): what it answers to a system call. */

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>

#include "kernel/seccomp.h"

/* What no filter answers: one that the kernel would not take. */
#define BPF_BAD 0xdeadbeefU

static inline uint32_t bpf_run(const struct seccomp_program *program,
			       const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (unsigned at = 0; at < program->length; at++) {
		const struct sock_filter *instruction = &program->instructions[at];
		uint32_t k = instruction->k;
		int taken = 0;

		switch (instruction->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (k > sizeof(*data) - sizeof(a) || k % sizeof(a) != 0)
				return BPF_BAD;
			memcpy(&a, (const char *)data + k, sizeof(a));
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= k;
			continue;
		case BPF_RET | BPF_K:
			return k;
		case BPF_JMP | BPF_JA:
			at += k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			taken = a == k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			taken = a > k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			taken = a >= k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			taken = (a & k) != 0;
			break;
		default:
			return BPF_BAD;
		}
		at += taken ? instruction->jt : instruction->jf;
	}
	return BPF_BAD;
}
