/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/blake2b.h"
#include "base/error.h"
#include "base/file.h"
#include "base/tree.h"
#include "check.h"
#include "kernel/seccomp.h"
#include "kernel/seccomp_cache.h"
#include "oci/config.h"

enum { NAME_ROOM = 300 };

static struct error err;
static struct seccomp_program program;
static char scratch[] = "/tmp/test-seccomp-cache.XXXXXX";
static int root = -1;

static uint64_t number = ENOSYS;
static const struct config_seccomp_rule rule = {
	.names = (char **)(uintptr_t)(const char *const[]){ "acct", "reboot", NULL },
	.action = "SCMP_ACT_ERRNO",
	.errno_ret = &number,
};
static const struct config_seccomp seccomp = { .default_action = "SCMP_ACT_ALLOW",
					       .syscalls = &rule,
					       .syscalls_count = 1 };

/* What a file is replaced with that cannot be told from one of ours: allows everything.
 */
static const struct sock_filter planted = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

static int compile(void)
{
	return seccomp_cache_compile(root, &seccomp, &program, &err);
}

static bool is_planted(void)
{
	return program.length == 1 && program.instructions[0].k == planted.k;
}

/* The only file of the cache, and how many there are. */
static int cached(char *name, size_t size)
{
	int fd = openat(root, ".seccomp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int count = 0;

	while (list != NULL && (entry = readdir(list)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		count++;
		(void)snprintf(name, size, ".seccomp/%s", entry->d_name);
	}
	return count;
}

static void make_anew(char *name, size_t size)
{
	(void)tree_remove(root, ".seccomp", &err);
	CHECK(compile() == 0 && program.length > 1);
	CHECK(cached(name, size) == 1);
}

/* A file that is right in all but what the caller then does to it. */
static void plant(const char *name, const struct sock_filter *instructions, size_t count)
{
	auto_close int fd = -1;
	unsigned char key[BLAKE2B_SIZE], checksum[BLAKE2B_SIZE];
	struct blake2b hash;

	for (size_t i = 0; i < BLAKE2B_SIZE; i++)
		CHECK(sscanf(name + strlen(".seccomp/") + 2 * i, "%2hhx", &key[i]) == 1);
	blake2b_start(&hash);
	blake2b_add(&hash, key, sizeof(key));
	blake2b_add(&hash, instructions, count * sizeof(*instructions));
	blake2b_finish(&hash, checksum);
	CHECK(unlinkat(root, name, 0) == 0);
	fd = openat(root, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	CHECK(file_write_full(fd, checksum, sizeof(checksum)) == 0);
	CHECK(file_write_full(fd, instructions, count * sizeof(*instructions)) == 0);
}

static void a_program_is_kept_and_used(void)
{
	char name[NAME_ROOM];
	struct stat status;

	make_anew(name, sizeof(name));
	CHECK(fstatat(root, ".seccomp", &status, 0) == 0 &&
	      status.st_mode == (S_IFDIR | 0700));
	CHECK(fstatat(root, name, &status, 0) == 0 && status.st_mode == (S_IFREG | 0600));
	plant(name, &planted, 1);
	CHECK(compile() == 0 && is_planted());
	CHECK(program.flags == SECCOMP_FILTER_FLAG_SPEC_ALLOW);
}

static void another_profile_is_another_program(void)
{
	char name[NAME_ROOM];

	make_anew(name, sizeof(name));
	plant(name, &planted, 1);
	number = EPERM;
	CHECK(compile() == 0 && !is_planted());
	number = ENOSYS;
	CHECK(cached(name, sizeof(name)) == 2);
	CHECK(compile() == 0 && is_planted());
}

static void put_at(const char *name, off_t at, int byte)
{
	auto_close int fd = openat(root, name, O_WRONLY | O_CLOEXEC);
	char value = (char)byte;

	CHECK(pwrite(fd, &value, 1, at) == 1);
}

static void spoil_checksum(const char *name)
{
	put_at(name, 0, 'x');
}

static void spoil_program(const char *name)
{
	put_at(name, BLAKE2B_SIZE + 4, 1);
}

static void spoil_length(const char *name)
{
	put_at(name, BLAKE2B_SIZE + 8, 1);
}

static void spoil_mode(const char *name)
{
	CHECK(fchmodat(root, name, 0660, 0) == 0);
}

static void spoil_empty(const char *name)
{
	auto_close int fd = openat(root, name, O_WRONLY | O_TRUNC | O_CLOEXEC);

	CHECK(fd >= 0);
}

static void spoil_size(const char *name)
{
	auto_close int fd = openat(root, name, O_WRONLY | O_CLOEXEC);

	CHECK(ftruncate(fd, 1024 * 1024) == 0);
}

static void spoil_by_link(const char *name)
{
	CHECK(renameat(root, name, root, "elsewhere") == 0);
	CHECK(symlinkat("../elsewhere", root, name) == 0);
}

static void spoil_by_hard_link(const char *name)
{
	CHECK(linkat(root, name, root, "elsewhere", 0) == 0);
}

static void spoil_by_fifo(const char *name)
{
	CHECK(unlinkat(root, name, 0) == 0);
	CHECK(mkfifoat(root, name, 0600) == 0);
}

static void spoil_by_name(const char *name)
{
	const struct sock_filter other = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_LOG);
	char wrong[NAME_ROOM];

	/* A file of another profile under this one's name. */
	(void)snprintf(wrong, sizeof(wrong), "%s", name);
	wrong[12] = wrong[12] == '0' ? '1' : '0';
	CHECK(renameat(root, name, root, wrong) == 0);
	plant(wrong, &other, 1);
	CHECK(renameat(root, wrong, root, name) == 0);
}

static void spoil_owner(const char *name)
{
	CHECK(geteuid() != 0 || fchownat(root, name, 1, 1, 0) == 0);
}

static void spoil_by_unsound_program(const char *name)
{
	const struct sock_filter jump = BPF_JUMP(BPF_JMP | BPF_JA, 7, 0, 0);

	plant(name, &jump, 1);
}

static void spoil_by_no_program(const char *name)
{
	plant(name, &planted, 0);
}

static void what_is_not_as_it_was_written_is_made_anew(void)
{
	static void (*const spoil[])(const char *name) = {
		spoil_checksum,
		spoil_program,
		spoil_length,
		spoil_mode,
		spoil_empty,
		spoil_size,
		spoil_by_link,
		spoil_by_hard_link,
		spoil_by_fifo,
		spoil_by_name,
		spoil_by_unsound_program,
		spoil_by_no_program,
		spoil_owner,
	};
	char name[NAME_ROOM];

	for (size_t i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++) {
		if (spoil[i] == spoil_owner && geteuid() != 0)
			continue;
		make_anew(name, sizeof(name));
		plant(name, &planted, 1);
		spoil[i](name);
		CHECK(compile() == 0 && !is_planted() && program.length > 1);
		(void)unlinkat(root, "elsewhere", 0);
		/* And it was put there, so that it can be used. */
		CHECK(cached(name, sizeof(name)) == 1);
		plant(name, &planted, 1);
		CHECK(compile() == 0 && is_planted());
	}
}

static void a_directory_of_others_is_not_used(void)
{
	char name[NAME_ROOM];

	make_anew(name, sizeof(name));
	plant(name, &planted, 1);
	CHECK(fchmodat(root, ".seccomp", 0770, 0) == 0);
	CHECK(compile() == 0 && !is_planted());
	CHECK(fchmodat(root, ".seccomp", 0700, 0) == 0);
	CHECK(compile() == 0 && is_planted());
	CHECK(renameat(root, ".seccomp", root, "elsewhere") == 0);
	CHECK(symlinkat("elsewhere", root, ".seccomp") == 0);
	CHECK(compile() == 0 && !is_planted());
	(void)tree_remove(root, "elsewhere", &err);
	(void)tree_remove(root, ".seccomp", &err);
	/* Nor is one needed. */
	CHECK(seccomp_cache_compile(-1, &seccomp, &program, &err) == 0 &&
	      program.length > 1);
}

static void it_does_not_grow_for_ever(void)
{
	char name[NAME_ROOM];

	make_anew(name, sizeof(name));
	for (number = 100; number < 200; number++)
		CHECK(compile() == 0);
	number = ENOSYS;
	CHECK(cached(name, sizeof(name)) <= 64);
}

int main(void)
{
	if (mkdtemp(scratch) == NULL)
		return 1;
	root = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	RUN(a_program_is_kept_and_used);
	RUN(another_profile_is_another_program);
	RUN(what_is_not_as_it_was_written_is_made_anew);
	RUN(a_directory_of_others_is_not_used);
	RUN(it_does_not_grow_for_ever);
	(void)close(root);
	(void)tree_remove(AT_FDCWD, scratch, &err);
	return check_done();
}
