/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/options.h"
#include "oci/spec.h"

static const struct command_option spec_options[] = {
	{ "bundle", 'b', "DIR", "where to write config.json" },
	{ "file", 'f', "FILE", "write it there instead of to config.json" },
	{ "rootless", 0, NULL, "for an ordinary user" },
	{ NULL, 0, NULL, NULL },
};

static int spec(const struct globals *globals, const struct options *options,
		struct error *err)
{
	const char *path = options_text(options, "bundle");
	const char *file = options_text(options, "file");
	auto_text struct text text = { 0 };
	auto_close int dirfd = -1;
	auto_close int fd = -1;

	(void)globals;
	path = path == NULL ? "." : path;
	file = file == NULL ? "config.json" : file;
	dirfd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return error_set(err, errno, "cannot open '%s'", path);
	fd = openat(dirfd, file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0 && errno == EEXIST)
		return error_set(err, 0, "file %s exists in '%s': remove it first", file,
				 path);
	if (fd < 0)
		return error_set(err, errno, "cannot create '%s' in '%s'", file, path);
	if (options_has(options, "rootless"))
		spec_write_rootless(&text, geteuid(), getegid());
	else
		spec_write(&text);
	if (file_write_full(fd, text.data, text.length) < 0)
		return error_set(err, errno, "cannot write '%s' in '%s'", file, path);
	return 0;
}

const struct command command_spec = {
	.name = "spec",
	.operands = "",
	.help = "Write a config.json to start from",
	.options = spec_options,
	.least = 0,
	.most = 0,
	.failure = 1,
	.run = spec,
};
