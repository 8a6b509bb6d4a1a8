/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/audit.h>
#include <stdint.h>
#include <stdlib.h>

#include "../unit/bpf.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "kernel/seccomp.h"
#include "kernel/seccomp_parts.h"
#include "oci/config.h"
#include "oci/json.h"

/* The text is what stands at linux.seccomp: read, checked and, where the check lets it
 * pass, compiled, which must not fail in any other way than with an error then; the
 * program made smaller answers as before. */

static void compare(const struct seccomp_program *plain,
		    const struct seccomp_program *program)
{
	static const uint32_t architectures[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386,
						  AUDIT_ARCH_AARCH64, 0 };

	for (unsigned i = 0; i < 4 * 1024; i++) {
		struct seccomp_data data = { .arch = architectures[i % 4] };

		data.nr = (int)(i / 8 % 512 + (i % 8 < 4 ? 0 : SECCOMP_X32_BIT));
		for (unsigned j = 0; j < 6; j++)
			data.args[j] = i * j;
		if (bpf_run(plain, &data) != bpf_run(program, &data))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct seccomp_program plain, program;
	auto_arena struct arena arena = { 0 };
	auto_text struct text text = { 0 };
	struct config config = { 0 };
	struct error err = { 0 };
	const struct json *json;

	text_put(&text, "{\"ociVersion\":\"1.3.0\",\"linux\":{\"seccomp\":");
	text_add(&text, data, size);
	text_put(&text, "}}");
	json = json_parse(&arena, text.data, text.length, &err);
	if (json == NULL || config_read(&config, json, &arena, NULL, &err) < 0 ||
	    config.linux_ == NULL || seccomp_check(config.linux_->seccomp, &err) < 0)
		return 0;
	if (config.linux_->seccomp == NULL ||
	    config.linux_->seccomp->default_action[0] == '\0' ||
	    seccomp_compile_plain(config.linux_->seccomp, &plain, &err) < 0)
		return 0;
	program = plain;
	seccomp_reduce(&program);
	compare(&plain, &program);
	return 0;
}
