/* SPDX-License-Identifier: Apache-2.0 */

/* replay - a main() for a fuzz target that runs it over files, instead of libFuzzer's:
 * each argument is a file, or a directory of files. An input that ends badly ends the
 * program. */

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

enum { INPUT_MOST = 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(int dirfd, const char *name, struct error *err)
{
	auto_text struct text text = { 0 };

	if (file_read(dirfd, name, INPUT_MOST, &text, err) < 0)
		return -1;
	(void)text_reserve(&text, 0); /* data is not NULL, also of an empty file */
	return LLVMFuzzerTestOneInput((const uint8_t *)text.data, text.length);
}

/* How many inputs, or -1. */
static int run_directory(DIR *directory, struct error *err)
{
	const struct dirent *entry;
	int count = 0;

	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (run_file(dirfd(directory), entry->d_name, err) < 0)
			return error_prefix(err, "input '%s'", entry->d_name);
		count++;
	}
	return count;
}

static int run(const char *path, struct error *err)
{
	auto_dir DIR *directory = opendir(path);

	if (directory != NULL)
		return run_directory(directory, err);
	return run_file(AT_FDCWD, path, err) < 0 ? -1 : 1;
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	int total = 0;

	for (int i = 1; i < argc; i++) {
		int count = run(argv[i], &err);

		if (count < 0) {
			printf("%s: %s\n", argv[i], err.text);
			return 1;
		}
		total += count;
	}
	printf("%d inputs\n", total);
	return 0;
}
