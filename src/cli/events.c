/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "base/duration.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/options.h"
#include "container/events.h"
#include "container/registry.h"

static const struct command_option events_options[] = {
	{ "interval", 0, "DURATION", "how often, 5s if not given" },
	{ "stats", 0, NULL, "once, and end" },
	{ NULL, 0, NULL, NULL },
};

static int read_interval(const struct options *options, int64_t *interval,
			 struct error *err)
{
	const char *text = options_text(options, "interval");

	if (!duration_parse(text == NULL ? "5s" : text, interval))
		return error_set(err, 0,
				 "option '--interval': '%s' is not a duration such as 5s "
				 "or 1m30s",
				 text);
	if (*interval <= 0)
		return error_set(err, 0, "duration interval must be greater than 0");
	return 0;
}

static int events(const struct globals *globals, const struct options *options,
		  struct error *err)
{
	auto_text struct text line = { 0 };
	const char *id = options->operands[0];
	struct registry registry;
	int64_t interval;

	if (read_interval(options, &interval, err) < 0 ||
	    registry_open(&registry, globals->root, 0, err) < 0)
		return -1;
	if (!options_has(options, "stats"))
		return events_follow(&registry, id, interval, STDOUT_FILENO, err);
	if (events_stats(&registry, id, &line, err) < 0)
		return -1;
	(void)fputs(line.data, stdout);
	return 0;
}

const struct command command_events = {
	.name = "events",
	.operands = "ID",
	.help = "Print what a container uses, and when it runs out of memory",
	.options = events_options,
	.least = 1,
	.most = 1,
	.failure = 1,
	.run = events,
};
