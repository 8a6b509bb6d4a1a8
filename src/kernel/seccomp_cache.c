/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/blake2b.h"
#include "base/error.h"
#include "base/file.h"
#include "kernel/seccomp_cache.h"
#include "kernel/seccomp_parts.h"
#include "oci/config.h"

enum {
	FORMAT = 1,      /* one more with every change of what is compiled or written */
	FILES_MOST = 64, /* then the directory is emptied */
};

static const char *const directory_name = ".seccomp";

struct key {
	unsigned char digest[BLAKE2B_SIZE];
	char name[2 * BLAKE2B_SIZE + 1];
};

static void add_number(struct blake2b *hash, uint64_t number)
{
	blake2b_add(hash, &number, sizeof(number));
}

/* With its length, so that what follows cannot be taken for a part of it. */
static void add_text(struct blake2b *hash, const char *text)
{
	size_t length = text == NULL ? 0 : strlen(text);

	add_number(hash, text == NULL ? UINT64_MAX : length);
	blake2b_add(hash, text, length);
}

static void add_texts(struct blake2b *hash, char *const *texts)
{
	for (; texts != NULL && *texts != NULL; texts++)
		add_text(hash, *texts);
	add_text(hash, NULL);
}

static void add_optional(struct blake2b *hash, const uint64_t *number)
{
	add_number(hash, number != NULL);
	add_number(hash, number != NULL ? *number : 0);
}

static void add_rule(struct blake2b *hash, const struct config_seccomp_rule *rule)
{
	add_texts(hash, rule->names);
	add_text(hash, rule->action);
	add_optional(hash, rule->errno_ret);
	add_number(hash, rule->args_count);
	for (size_t i = 0; i < rule->args_count; i++) {
		add_number(hash, rule->args[i].index);
		add_number(hash, rule->args[i].value);
		add_number(hash, rule->args[i].value_two);
		add_text(hash, rule->args[i].op);
	}
}

/* The flags and the agent are no part of the program. */
static void add_profile(struct blake2b *hash, const struct config_seccomp *seccomp)
{
	add_text(hash, seccomp->default_action);
	add_optional(hash, seccomp->default_errno_ret);
	add_texts(hash, seccomp->architectures);
	add_number(hash, seccomp->syscalls_count);
	for (size_t i = 0; i < seccomp->syscalls_count; i++)
		add_rule(hash, &seccomp->syscalls[i]);
}

static void key_of(struct key *key, const struct config_seccomp *seccomp)
{
	static const char digits[] = "0123456789abcdef";
	const struct scmp_version *library = seccomp_version();
	struct utsname kernel = { 0 };
	struct blake2b hash;

	(void)uname(&kernel);
	blake2b_start(&hash);
	add_number(&hash, FORMAT);
	add_text(&hash, VERSION);
	add_number(&hash, library->major);
	add_number(&hash, library->minor);
	add_number(&hash, library->micro);
	add_text(&hash, kernel.release);
	add_text(&hash, kernel.machine);
	add_number(&hash, seccomp_arch_native());
	add_profile(&hash, seccomp);
	blake2b_finish(&hash, key->digest);
	for (size_t i = 0; i < BLAKE2B_SIZE; i++) {
		key->name[2 * i] = digits[key->digest[i] >> 4];
		key->name[2 * i + 1] = digits[key->digest[i] & 15];
	}
	key->name[sizeof(key->name) - 1] = '\0';
}

/* What a file begins with; the key is in it, so a file is good for its own name only. */
static void checksum_of(unsigned char *checksum, const struct key *key,
			const struct seccomp_program *program)
{
	struct blake2b hash;

	blake2b_start(&hash);
	blake2b_add(&hash, key->digest, sizeof(key->digest));
	blake2b_add(&hash, program->instructions,
		    program->length * sizeof(program->instructions[0]));
	blake2b_finish(&hash, checksum);
}

/* Whoever else could write to it could choose the filters of containers. */
static bool is_ours(int fd, mode_t mode, struct stat *status)
{
	return fstat(fd, status) == 0 && status->st_mode == mode &&
	       status->st_uid == geteuid();
}

/* An owned descriptor, or -1. */
static int open_directory(int root)
{
	auto_close int fd = -1;
	struct stat status;

	if (mkdirat(root, directory_name, 0700) < 0 && errno != EEXIST)
		return -1;
	fd = openat(root, directory_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd >= 0 && is_ours(fd, S_IFDIR | 0700, &status) ? take_fd(&fd) : -1;
}

static bool read_program(int fd, const struct key *key, struct seccomp_program *program)
{
	unsigned char checksum[BLAKE2B_SIZE];
	unsigned char stored[BLAKE2B_SIZE];
	struct stat status;
	size_t size;
	const struct iovec parts[] = {
		{ .iov_base = stored, .iov_len = sizeof(stored) },
		{ .iov_base = program->instructions,
		  .iov_len = sizeof(program->instructions) },
	};

	if (!is_ours(fd, S_IFREG | 0600, &status) || status.st_nlink != 1 ||
	    status.st_size < (off_t)sizeof(stored) ||
	    status.st_size > (off_t)(sizeof(stored) + sizeof(program->instructions)) ||
	    readv(fd, parts, 2) != status.st_size)
		return false;
	size = (size_t)status.st_size - sizeof(stored);
	program->length = (unsigned short)(size / sizeof(program->instructions[0]));
	checksum_of(checksum, key, program);
	return size % sizeof(program->instructions[0]) == 0 &&
	       memcmp(checksum, stored, sizeof(checksum)) == 0 &&
	       seccomp_is_sound(program);
}

/* What is wrong is removed, or it would be in the way of a better one. */
static bool load(int directory, const struct key *key, struct seccomp_program *program)
{
	/* O_NONBLOCK: a FIFO in its place must not hold us. */
	auto_close int fd = openat(directory, key->name,
				   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return false;
	if (fd >= 0 && read_program(fd, key, program))
		return true;
	(void)unlinkat(directory, key->name, 0);
	return false;
}

/* Profiles are few; where they are made anew for each container, the old are of no use.
 */
static void make_room(int directory)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	unsigned count = 0;

	while (list != NULL && (entry = readdir(list)) != NULL)
		count++;
	if (count < FILES_MOST)
		return;
	rewinddir(list);
	while ((entry = readdir(list)) != NULL) {
		if (entry->d_name[0] != '.')
			(void)unlinkat(directory, entry->d_name, 0);
	}
}

/* A file without a name until it is whole: a kill leaves nothing, and of two writers the
 * second finds what it wanted to write. */
static void store(int directory, const struct key *key,
		  const struct seccomp_program *program)
{
	auto_close int fd =
		openat(directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	unsigned char checksum[BLAKE2B_SIZE];
	char path[32];

	if (fd < 0)
		return;
	make_room(directory);
	checksum_of(checksum, key, program);
	if (file_write_full(fd, checksum, sizeof(checksum)) < 0 ||
	    file_write_full(fd, program->instructions,
			    program->length * sizeof(program->instructions[0])) < 0)
		return;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	(void)!linkat(AT_FDCWD, path, directory, key->name, AT_SYMLINK_FOLLOW);
}

int seccomp_cache_compile(int root, const struct config_seccomp *seccomp,
			  struct seccomp_program *program, struct error *err)
{
	auto_close int directory = -1;
	struct key key;

	program->length = 0;
	program->flags = 0;
	if (seccomp_is_absent(seccomp))
		return 0;
	directory = open_directory(root);
	key_of(&key, seccomp);
	if (directory >= 0 && load(directory, &key, program)) {
		program->flags = seccomp_flags(seccomp);
		return 0;
	}
	if (seccomp_compile(seccomp, program, err) < 0)
		return -1;
	if (directory >= 0)
		store(directory, &key, program);
	return 0;
}
