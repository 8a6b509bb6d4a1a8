/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_devices.h"
#include "oci/config.h"
#include "oci/json.h"

/* The text is what stands at linux.resources.devices; what passes becomes a program whose
 * jumps stay inside of it and go forward, and which ends. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct bpf_insn *program, size_t count)
{
	assert(count > 0 && program[count - 1].code == (BPF_JMP | BPF_EXIT));
	for (size_t i = 0; i < count; i++) {
		unsigned class = BPF_CLASS(program[i].code);
		unsigned operation = BPF_OP(program[i].code);

		if ((class != BPF_JMP && class != BPF_JMP32) || operation == BPF_EXIT ||
		    operation == BPF_CALL)
			continue;
		assert(program[i].off >= 0);
		assert(i + 1 + (size_t)program[i].off < count);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct cgroup cgroup = { .layout = CGROUP_UNIFIED,
				       .unified_mount_point = "/sys/fs/cgroup" };
	auto_arena struct arena arena = { 0 };
	auto_text struct text text = { 0 };
	struct cgroup_device_rules rules;
	struct config config = { 0 };
	struct error err = { 0 };
	const struct bpf_insn *program;
	const struct json *json;
	size_t count;

	text_put(&text,
		 "{\"ociVersion\":\"1.3.0\",\"linux\":{\"resources\":{\"devices\":");
	text_add(&text, data, size);
	text_put(&text, "}}}");
	json = json_parse(&arena, text.data, text.length, &err);
	if (json == NULL || config_read(&config, json, &arena, NULL, &err) < 0 ||
	    config.linux_ == NULL || config.linux_->resources == NULL ||
	    cgroup_devices_check(&cgroup, config.linux_->resources, &err) < 0)
		return 0;
	cgroup_devices_rules(config.linux_->resources, &arena, &rules);
	program = cgroup_devices_program(&rules, &arena, &count);
	check(program, count);
	return 0;
}
