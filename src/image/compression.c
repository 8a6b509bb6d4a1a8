/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/parse.h"
#include "image/compression.h"

static const struct {
	const char *name, *suffix;
	int most; /* the highest level */
} kinds[] = {
	[COMPRESSION_NONE] = { "none", "", 0 },
	[COMPRESSION_GZIP] = { "gzip", "+gzip", 9 },
	[COMPRESSION_ZSTD] = { "zstd", "+zstd", 19 },
};

int compression_parse(struct compression *compression, const char *text,
		      struct error *err)
{
	const size_t length = strcspn(text, ":");

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int64_t level = 0;

		if (strlen(kinds[i].name) != length ||
		    strncmp(text, kinds[i].name, length) != 0)
			continue;
		if (text[length] == ':' &&
		    !parse_int(text + length + 1, 1, kinds[i].most, &level)) {
			return kinds[i].most == 0
				       ? error_set(
						 err, 0,
						 "option '--compress': '%s' has no levels",
						 kinds[i].name)
				       : error_set(
						 err, 0,
						 "option '--compress': the level of '%s' "
						 "is a number from 1 to %d",
						 text, kinds[i].most);
		}
		compression->kind = (enum compression_kind)i;
		compression->level = (int)level;
		return 0;
	}
	return error_set(err, 0, "option '--compress': '%s' is not none, gzip or zstd",
			 text);
}

const char *compression_suffix(const struct compression *compression)
{
	return kinds[compression->kind].suffix;
}
