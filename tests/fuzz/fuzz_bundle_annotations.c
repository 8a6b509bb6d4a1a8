/* SPDX-License-Identifier: Apache-2.0 */

/* The four annotations of the overlay, a line each: lower, upper, work, volatile. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "oci/bundle.h"
#include "oci/json_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_annotations(struct json_writer *json, char *lines)
{
	static const char *const keys[] = { "io.minirun.overlay.lower",
					    "io.minirun.overlay.upper",
					    "io.minirun.overlay.work",
					    "io.minirun.overlay.volatile" };

	json_open_object(json, "annotations");
	for (size_t i = 0; i < 4 && lines != NULL; i++) {
		char *line = strsep(&lines, "\n");

		/* An empty line: not given. */
		if (line[0] != '\0')
			json_put_text(json, keys[i], line);
	}
	json_close_object(json);
}

static void write_config(struct text *text, char *lines)
{
	static char shell[] = "sh";
	static char *const args[] = { shell, NULL };
	struct json_writer *json = json_writer_new(NULL);

	json_open_object(json, NULL);
	json_put_text(json, "ociVersion", "1.3.0");
	json_open_object(json, "root");
	json_close_object(json);
	json_open_object(json, "process");
	json_put_text(json, "cwd", "/");
	json_put_texts(json, "args", args);
	json_close_object(json);
	json_open_object(json, "linux");
	json_close_object(json);
	write_annotations(json, lines);
	json_close_object(json);
	json_writer_finish(json, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_bundle struct bundle bundle = { .dirfd = -1, .file_name = "config.json" };
	auto_text struct text lines = { 0 };
	struct error err = { 0 };

	text_add(&lines, data, size);
	write_config(&bundle.text, lines.data);
	if (bundle_parse(&bundle, NULL, &err) < 0)
		return strncmp(err.text, "config.json:1:", 14) == 0 ? 0 : (abort(), 0);
	if (bundle.config.root->overlay == NULL ||
	    bundle.config.root->overlay->lower[0] == NULL)
		abort();
	return 0;
}
