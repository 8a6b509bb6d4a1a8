/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "kernel/seccomp.h"
#include "oci/config.h"
#include "oci/json.h"

/* The text is what stands at linux.seccomp: read, checked and, where the check lets it
 * pass, compiled, which must not fail in any other way than with an error then. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct seccomp_program program;
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
	(void)seccomp_compile(config.linux_->seccomp, &program, &err);
	return 0;
}
