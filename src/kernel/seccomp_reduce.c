/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>

#include "kernel/seccomp.h"
#include "kernel/seccomp_parts.h"

/*
 * The same filter in fewer instructions. libseccomp compares each call that has a rule,
 * one by one: 1,400 instructions for a common profile, for which the kernel takes 0.6 ms
 * in each container. Most answers depend on the architecture and the number alone, and
 * runs of numbers have the same. So the program is followed for all of them at once,
 * parted where it parts them, which gives a list of ranges with an answer each, and that
 * is written as a tree. What looks at arguments is kept as it was.
 */

enum {
	MOST = BPF_MAXINSNS,
	GROUP_MOST = 6,  /* ranges, every second with a number of its own */
	NEAR_MOST = 250, /* a jump's 8 bits, less what may come between */
	LOAD = BPF_LD | BPF_W | BPF_ABS,
	CONST = BPF_RET | BPF_K,
};

struct range {
	uint32_t first, last;
};

enum looking { AT_NOTHING, AT_ARCH, AT_NR };

/* The calls that are at one place of the program. */
struct calls {
	struct range arch, nr;
	enum looking looking; /* what is in the accumulator */
};

/* Where all calls from the range before up to (arch, nr) come to: an instruction that
 * returns, or one that loads something of the arguments. */
struct answer {
	uint32_t arch, nr; /* last of each */
	unsigned at;
};

struct reduction {
	const struct sock_filter *from;
	unsigned length;
	struct answer answers[MOST];
	size_t count;
	/* The new program from its end: [0] is the last instruction. */
	struct sock_filter to[MOST];
	unsigned written;
	unsigned kept[MOST];       /* where an instruction of the old one is in the new */
	unsigned starts[MOST + 1]; /* of groups of answers of one architecture */
	bool failed; /* too large, or something that libseccomp does not write */
};

/* Two answers of returns are the same if the values are. */
static bool is_same(const struct reduction *reduction, unsigned a, unsigned b)
{
	const struct sock_filter *from = reduction->from;

	return a == b ||
	       (from[a].code == CONST && from[b].code == CONST && from[a].k == from[b].k);
}

static void add_answer(struct reduction *reduction, const struct calls *calls,
		       unsigned at)
{
	struct answer *last = &reduction->answers[reduction->count];

	if (reduction->count > 0 && last[-1].arch == calls->arch.last &&
	    is_same(reduction, last[-1].at, at)) {
		last[-1].nr = calls->nr.last;
		return;
	}
	if (reduction->count == MOST) {
		reduction->failed = true;
		return;
	}
	*last = (struct answer){ calls->arch.last, calls->nr.last, at };
	reduction->count++;
}

/* Whether the jump is taken with that value; *last is cut to the last for which the
 * answer is known to be the same. */
static bool is_taken(const struct sock_filter *jump, uint32_t value, uint32_t *last)
{
	uint32_t k = jump->k, end = *last;
	bool taken;

	switch (BPF_OP(jump->code)) {
	case BPF_JEQ:
		taken = value == k;
		end = taken ? k : value < k ? k - 1 : end;
		break;
	case BPF_JGT:
		taken = value > k;
		end = taken ? end : k;
		break;
	case BPF_JGE:
		taken = value >= k;
		end = taken ? end : k - 1;
		break;
	default: /* BPF_JSET, of one bit */
		taken = (value & k) != 0;
		end = value | (k - 1);
		break;
	}
	if (end < *last)
		*last = end;
	return taken;
}

static void follow(struct reduction *reduction, struct calls calls, unsigned at);

/* Parts the calls at a conditional jump and follows each part, the lowest first. */
static void part(struct reduction *reduction, struct calls calls, unsigned at)
{
	const struct sock_filter *jump = &reduction->from[at];
	struct range *range = calls.looking == AT_ARCH ? &calls.arch : &calls.nr;
	uint32_t end = range->last;
	bool is_whole = calls.nr.first == 0 && calls.nr.last == UINT32_MAX;

	if (calls.looking == AT_NOTHING ||
	    (BPF_OP(jump->code) == BPF_JSET && jump->k != SECCOMP_X32_BIT))
		reduction->failed = true;
	while (!reduction->failed) {
		bool taken = is_taken(jump, range->first, &range->last);

		/* Numbers are parted within an architecture, never the other way round.
		 */
		if (calls.looking == AT_ARCH && !is_whole && range->last != end)
			reduction->failed = true;
		follow(reduction, calls, at + 1 + (taken ? jump->jt : jump->jf));
		if (range->last == end)
			return;
		*range = (struct range){ range->last + 1, end };
	}
}

static void follow(struct reduction *reduction, struct calls calls, unsigned at)
{
	while (!reduction->failed) {
		const struct sock_filter *instruction = &reduction->from[at];

		if (instruction->code == CONST ||
		    (instruction->code == LOAD &&
		     instruction->k >=
			     offsetof(struct seccomp_data, instruction_pointer)))
			return add_answer(reduction, &calls, at);
		if (instruction->code == LOAD)
			calls.looking =
				instruction->k == offsetof(struct seccomp_data, nr)
					? AT_NR
					: AT_ARCH;
		else if (instruction->code == (BPF_JMP | BPF_JA))
			at += instruction->k;
		else if (BPF_CLASS(instruction->code) == BPF_JMP)
			return part(reduction, calls, at);
		else
			reduction->failed = true;
		at++;
	}
}

/* Returns its place, as `written` was. */
static unsigned put(struct reduction *reduction, struct sock_filter instruction)
{
	if (reduction->written == MOST) {
		reduction->failed = true;
		return 0;
	}
	reduction->to[reduction->written] = instruction;
	return reduction->written++;
}

/* A place with the same effect that a conditional jump put now can reach. */
static unsigned reach(struct reduction *reduction, unsigned place)
{
	unsigned distance = reduction->written - place - 1;

	if (distance <= NEAR_MOST)
		return place;
	return put(reduction,
		   (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JA, distance, 0, 0));
}

static unsigned put_return(struct reduction *reduction, uint32_t value)
{
	for (unsigned i = reduction->written; i > 0 && reduction->written - i < NEAR_MOST;
	     i--) {
		if (reduction->to[i - 1].code == CONST && reduction->to[i - 1].k == value)
			return i - 1;
	}
	return put(reduction, (struct sock_filter)BPF_STMT(CONST, value));
}

/* Marks what can be reached from `at`, and copies the marked from the end, so that what
 * is jumped to is there already. Distances only shrink: they fit as before. */
static void mark(struct reduction *reduction, unsigned at)
{
	while (reduction->kept[at] == 0) {
		const struct sock_filter *instruction = &reduction->from[at];

		reduction->kept[at] = 1;
		if (instruction->code == (BPF_JMP | BPF_JA)) {
			at += instruction->k;
		} else if (BPF_CLASS(instruction->code) == BPF_JMP) {
			mark(reduction, at + 1 + instruction->jt);
			at += instruction->jf;
		} else if (BPF_CLASS(instruction->code) == BPF_RET) {
			return;
		}
		at++;
	}
}

static void copy_kept(struct reduction *reduction)
{
	for (size_t i = 0; i < reduction->count; i++) {
		if (reduction->from[reduction->answers[i].at].code != CONST)
			mark(reduction, reduction->answers[i].at);
	}
	for (unsigned at = reduction->length; at-- > 0;) {
		struct sock_filter copy = reduction->from[at];
		unsigned here = reduction->written;

		if (reduction->kept[at] == 0)
			continue;
		if (copy.code == (BPF_JMP | BPF_JA)) {
			copy.k = here - reduction->kept[at + 1 + copy.k] - 1;
		} else if (BPF_CLASS(copy.code) == BPF_JMP) {
			unsigned yes = reduction->kept[at + 1 + copy.jt];
			unsigned no = reduction->kept[at + 1 + copy.jf];

			copy.jt = (uint8_t)(here - yes - 1);
			copy.jf = (uint8_t)(here - no - 1);
		}
		reduction->kept[at] = put(reduction, copy);
	}
}

static unsigned put_jump(struct reduction *reduction, struct sock_filter jump,
			 unsigned yes, unsigned no)
{
	if (yes == no)
		return yes;
	yes = reach(reduction, yes);
	no = reach(reduction, no);
	jump.jt = (uint8_t)(reduction->written - yes - 1);
	jump.jf = (uint8_t)(reduction->written - no - 1);
	return put(reduction, jump);
}

static unsigned put_branch(struct reduction *reduction, uint32_t k, unsigned above,
			   unsigned below)
{
	const struct sock_filter jump = BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, k, 0, 0);

	return put_jump(reduction, jump, above, below);
}

static unsigned put_answer(struct reduction *reduction, const struct answer *answer)
{
	const struct sock_filter *from = &reduction->from[answer->at];

	return from->code == CONST ? put_return(reduction, from->k)
				   : reduction->kept[answer->at];
}

/* Ranges with one answer but for single numbers between them: one comparison for such a
 * number, where a tree takes two. */
static size_t group_end(const struct reduction *reduction, size_t first, size_t end)
{
	const struct answer *answers = reduction->answers;
	size_t last = first;

	while (last + 2 < end && last - first < GROUP_MOST &&
	       answers[last + 1].nr == answers[last].nr + 1 &&
	       is_same(reduction, answers[last].at, answers[last + 2].at))
		last += 2;
	return last + 1;
}

static unsigned put_group(struct reduction *reduction, size_t first, size_t end)
{
	const struct answer *answers = reduction->answers;
	unsigned place = put_answer(reduction, &answers[first]);

	for (size_t i = first + 1; i < end; i += 2) {
		const struct sock_filter jump =
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, answers[i].nr, 0, 0);

		place = put_jump(reduction, jump, put_answer(reduction, &answers[i]),
				 place);
	}
	return place;
}

/* The tree over groups of one architecture, by number. */
static unsigned put_groups(struct reduction *reduction, size_t first, size_t count)
{
	const unsigned *starts = &reduction->starts[first];
	size_t half = count / 2;
	unsigned above, below;

	if (count == 1)
		return put_group(reduction, starts[0], starts[1]);
	above = put_groups(reduction, first + half, count - half);
	below = put_groups(reduction, first, half);
	return put_branch(reduction, reduction->answers[starts[half] - 1].nr, above,
			  below);
}

static unsigned put_architecture(struct reduction *reduction, size_t first, size_t end)
{
	size_t groups = 0;
	unsigned body;

	for (size_t at = first; at < end; at = group_end(reduction, at, end))
		reduction->starts[groups++] = (unsigned)at;
	reduction->starts[groups] = (unsigned)end;
	body = put_groups(reduction, 0, groups);
	if (end - first == 1)
		return body;
	/* Falls into the tree: the jump is to right behind. */
	if (body != reduction->written - 1)
		(void)put(reduction,
			  (struct sock_filter)BPF_JUMP(
				  BPF_JMP | BPF_JA, reduction->written - body - 1, 0, 0));
	return put(reduction,
		   (struct sock_filter)BPF_STMT(LOAD, offsetof(struct seccomp_data, nr)));
}

/* Architecture by architecture, the last first; each in turn is what the ones before
 * jump over. */
static void put_all(struct reduction *reduction)
{
	size_t end = reduction->count;
	unsigned above = 0;

	while (end > 0 && !reduction->failed) {
		uint32_t arch = reduction->answers[end - 1].arch;
		size_t first = end;
		unsigned here;

		while (first > 0 && reduction->answers[first - 1].arch == arch)
			first--;
		here = put_architecture(reduction, first, end);
		above = end == reduction->count
				? here
				: put_branch(reduction, arch, above, here);
		end = first;
	}
	if (above != reduction->written - 1)
		(void)put(reduction, (struct sock_filter)BPF_JUMP(
					     BPF_JMP | BPF_JA,
					     reduction->written - above - 1, 0, 0));
	(void)put(reduction, (struct sock_filter)BPF_STMT(
				     LOAD, offsetof(struct seccomp_data, arch)));
}

void seccomp_reduce(struct seccomp_program *program)
{
	static struct reduction reduction;
	const struct calls all = { .arch = { 0, UINT32_MAX }, .nr = { 0, UINT32_MAX } };

	memset(&reduction, 0, sizeof(reduction));
	reduction.from = program->instructions;
	reduction.length = program->length;
	if (!seccomp_is_sound(program))
		return;
	follow(&reduction, all, 0);
	if (!reduction.failed)
		copy_kept(&reduction);
	if (!reduction.failed)
		put_all(&reduction);
	if (reduction.failed || reduction.written >= program->length)
		return;
	program->length = (unsigned short)reduction.written;
	for (unsigned i = 0; i < reduction.written; i++)
		program->instructions[i] = reduction.to[reduction.written - 1 - i];
}
