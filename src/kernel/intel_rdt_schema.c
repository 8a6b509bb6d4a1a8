/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/intel_rdt_schema.h"

/* One of "0=ff;1=c0": of the cache, or the socket, with that number. */
struct share {
	uint64_t domain, value;
};

/* Masks of cache are hexadecimal, bandwidth is decimal. */
struct unit {
	int base;
	uint64_t step;
};

static bool next_share(const char **at, const struct unit *unit, struct share *share)
{
	char *end;

	if (**at == '\n')
		return false;
	share->domain = strtoull(*at, &end, 10);
	if (end == *at || *end != '=')
		return false;
	*at = end + 1;
	share->value = strtoull(*at, &end, unit->base);
	if (end == *at)
		return false;
	share->value = (share->value + unit->step - 1) / unit->step * unit->step;
	*at = *end == ';' ? end + 1 : end;
	return true;
}

static bool has_share(const char *line, const struct unit *unit, const struct share *want)
{
	struct share share;

	while (next_share(&line, unit, &share)) {
		if (share.domain == want->domain)
			return share.value == want->value;
	}
	return false;
}

/* What follows the name, "L3:", in the line that starts so, blanks aside, or NULL. */
static const char *find_line(const char *schemata, const char *name, size_t length)
{
	for (const char *line = schemata; line != NULL; line = strchr(line, '\n')) {
		line += strspn(line, " \n");
		if (strncmp(line, name, length) == 0)
			return line + length;
	}
	return NULL;
}

static bool agrees(const char *line, const char *schemata, uint64_t step)
{
	size_t length = strcspn(line, ":\n") + 1;
	bool is_bandwidth = strncmp(line, "MB:", 3) == 0;
	const struct unit unit = { is_bandwidth ? 10 : 16, is_bandwidth ? step : 1 };
	struct share share;
	const char *is;

	if (line[length - 1] != ':')
		return true; /* an empty line; or the kernel will say what is wrong */
	is = find_line(schemata, line, length);
	if (is == NULL)
		return false;
	line += length;
	while (next_share(&line, &unit, &share)) {
		if (!has_share(is, &unit, &share))
			return false;
	}
	return true;
}

const char *intel_rdt_schema_differs(const char *wanted, const char *schemata,
				     uint64_t step)
{
	for (const char *line = wanted; line != NULL; line = strchr(line, '\n')) {
		line += strspn(line, " \n");
		if (!agrees(line, schemata, step))
			return line;
	}
	return NULL;
}
