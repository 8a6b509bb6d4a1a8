/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/tree.h"
#include "image/layer.h"
#include "image/layer_read.h"
#include "image/layer_store.h"
#include "image/tar_input.h"

struct request {
	const char *scratch, *store, *tar;
};

static const char *const fresh_name = "layer";

static int read_options(int argc, char **argv, struct request *request, struct error *err)
{
	static const struct option options[] = {
		{ "scratch", required_argument, NULL, 's' },
		{ "store", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	int found;

	optind = 0;
	opterr = 0;
	while ((found = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (found == 's')
			request->scratch = optarg;
		else if (found == 't')
			request->store = optarg;
		else
			return error_set(err, 0, "layer: unknown option '%s'",
					 argv[optind - 1]);
	}
	if (request->scratch == NULL || request->store == NULL || optind != argc - 1)
		return error_set(err, 0,
				 "layer: usage: minirun-image layer --scratch DIR "
				 "--store DIR TAR");
	request->tar = argv[optind];
	return 0;
}

static bool is_same(const struct stat *before, const struct stat *after)
{
	return before->st_size == after->st_size &&
	       before->st_mtim.tv_sec == after->st_mtim.tv_sec &&
	       before->st_mtim.tv_nsec == after->st_mtim.tv_nsec &&
	       before->st_ctim.tv_sec == after->st_ctim.tv_sec &&
	       before->st_ctim.tv_nsec == after->st_ctim.tv_nsec;
}

/* The tar's entries to an empty directory, and its digest. */
static int unpack(const struct request *request, int scratchfd, char hex[DIGEST_HEX_SIZE],
		  struct error *err)
{
	auto_close int fd = open(request->tar, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	auto_close int rootfd = -1;
	auto_tar_input struct tar_input input = { 0 };
	auto_layer_report struct layer_report report = { 0 };
	struct stat before, after;

	if (fd < 0 || fstat(fd, &before) < 0)
		return error_set(err, errno, "cannot open '%s'", request->tar);
	if (!S_ISREG(before.st_mode))
		return error_set(err, 0, "'%s' is not a regular file", request->tar);
	if (tree_remove(scratchfd, fresh_name, err) < 0)
		return -1;
	if (mkdirat(scratchfd, fresh_name, 0755) < 0)
		return error_set(err, errno, "cannot create '%s/%s'", request->scratch,
				 fresh_name);
	rootfd = openat(scratchfd, fresh_name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (rootfd < 0)
		return error_set(err, errno, "cannot open '%s/%s'", request->scratch,
				 fresh_name);
	if (tar_input_open(&input, fd, request->tar, err) < 0 ||
	    layer_read(&input, rootfd, &report, err) < 0 ||
	    tar_input_finish(&input, hex, err) < 0)
		return -1;
	if (fstat(fd, &after) < 0 || !is_same(&before, &after))
		return error_set(err, 0, "'%s' was changed while it was unpacked",
				 request->tar);
	losses_warn(&report.losses);
	return 0;
}

/* The layer is whole on disk before it has its name: a name is for ever. */
static int publish(const struct request *request, int scratchfd, const char *hex,
		   struct error *err)
{
	auto_close int layersfd = layer_store_open(request->store, err);

	if (layersfd < 0)
		return -1;
	if (syncfs(scratchfd) < 0)
		return error_set(err, errno, "cannot write '%s' to disk",
				 request->scratch);
	return layer_store_put(layersfd, hex, scratchfd, fresh_name, err);
}

static int unpack_and_publish(const struct request *request, char hex[DIGEST_HEX_SIZE],
			      struct error *err)
{
	auto_close int scratchfd = tree_make(AT_FDCWD, request->scratch, err);
	struct error ignored;

	if (scratchfd < 0)
		return -1;
	(void)umask(0);
	if (unpack(request, scratchfd, hex, err) < 0 ||
	    publish(request, scratchfd, hex, err) < 0) {
		(void)tree_remove(scratchfd, fresh_name, &ignored);
		return -1;
	}
	return 0;
}

int layer_verb(int argc, char **argv, struct error *err)
{
	struct request request = { 0 };
	char hex[DIGEST_HEX_SIZE];

	if (read_options(argc, argv, &request, err) < 0 ||
	    unpack_and_publish(&request, hex, err) < 0)
		return -1;
	(void)rmdir(request.scratch);
	(void)printf("%s/sha256/%s\n", request.store, hex);
	return 0;
}
