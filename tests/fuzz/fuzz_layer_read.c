/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/tree.h"
#include "image/layer_read.h"
#include "image/tar_input.h"

/* A tar, unpacked beside a directory that it must not reach. What it may have is bounded
 * by the size of the input: a header that tells of much data and has none is an error. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void unpack(int tar, int root)
{
	auto_tar_input struct tar_input input = { 0 };
	auto_layer_report struct layer_report report = { 0 };
	char hex[DIGEST_HEX_SIZE];
	struct error err = { 0 };

	if (tar_input_open(&input, tar, "input", &err) < 0 ||
	    layer_read(&input, root, &report, &err) < 0 ||
	    tar_input_finish(&input, hex, &err) < 0)
		assert(err.text[0] != '\0');
	else
		assert(strlen(hex) == 64);
}

static void check_outside(int place)
{
	struct stat status;

	assert(fstat(place, &status) == 0 && status.st_nlink == 4);
	assert(fstatat(place, "outside", &status, AT_SYMLINK_NOFOLLOW) == 0);
	assert(status.st_mode == (S_IFDIR | 0700) && status.st_nlink == 2);
	assert(fstatat(place, "outside/file", &status, AT_SYMLINK_NOFOLLOW) == 0);
	assert(status.st_mode == (S_IFREG | 0600) && status.st_nlink == 1 &&
	       status.st_size == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/fuzz_layer_read.XXXXXX";
	auto_close int tar = memfd_create("tar", MFD_CLOEXEC);
	auto_close int parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close int place = -1, root = -1, file = -1;
	struct error err;

	assert(file_write_full(tar, data, size) == 0 && lseek(tar, 0, SEEK_SET) == 0);
	assert(mkdtemp(path) != NULL);
	place = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert(place >= 0 && mkdirat(place, "outside", 0700) == 0 &&
	       mkdirat(place, "root", 0700) == 0);
	file = openat(place, "outside/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	root = openat(place, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert(file >= 0 && root >= 0);
	unpack(tar, root);
	check_outside(place);
	assert(tree_remove(parent, path + strlen("/tmp/"), &err) == 0);
	return 0;
}
