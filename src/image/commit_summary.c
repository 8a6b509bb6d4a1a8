/* SPDX-License-Identifier: Apache-2.0 */
#include "image/commit_summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "image/size_text.h"
#include "oci/json_write.h"

void commit_summary_text(const struct commit_summary *summary, bool quiet)
{
	auto_text struct text line = { 0 };
	char size[32];

	if (summary->sockets > 0)
		log_warning("%" PRIu64 " sockets are left out: an archive knows none",
			    summary->sockets);
	if (quiet)
		return;
	text_put_printable(&line, strcmp(summary->target, "-") == 0 ? "standard output"
								    : summary->target);
	text_format(&line, ": %" PRIu64 " entries, ", summary->entries);
	if (summary->whiteouts > 0)
		text_format(&line, "%" PRIu64 " of them whiteouts, ", summary->whiteouts);
	size_text_format(summary->bytes, size, sizeof(size));
	text_format(&line, "%s, sha256:%s%s", size, summary->hex,
		    summary->is_verified ? ", read back" : "");
	if (summary->attributes > 0)
		text_format(&line, "; %" PRIu64 " attributes of the host's left out",
			    summary->attributes);
	(void)fprintf(stderr, "%s\n", line.data);
}

static void put_digest(struct json_writer *json, const char *key, const char *hex)
{
	auto_text struct text digest = { 0 };

	text_format(&digest, "sha256:%s", hex);
	json_put_text(json, key, digest.data);
}

void commit_summary_json(const struct commit_summary *summary)
{
	struct json_writer *json = json_writer_new(NULL);
	auto_text struct text text = { 0 };

	json_open_object(json, NULL);
	json_put_text(json, "target", summary->target);
	put_digest(json, "digest", summary->hex);
	put_digest(json, "diffId", summary->diff_id);
	json_put_uint(json, "size", summary->bytes);
	json_put_uint(json, "entries", summary->entries);
	json_put_uint(json, "whiteouts", summary->whiteouts);
	json_put_uint(json, "sockets", summary->sockets);
	json_put_uint(json, "attributes", summary->attributes);
	json_put_bool(json, "verified", summary->is_verified);
	json_close_object(json);
	json_writer_finish(json, &text);
	(void)fputs(text.data, stdout);
}
