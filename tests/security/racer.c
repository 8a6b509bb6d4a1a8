/* SPDX-License-Identifier: Apache-2.0 */
/*
 * racer - what a hostile container does without end, for tests/security. Linked
 * statically: it runs inside as well. It ends when the file END is there.
 *
 *   racer exchange A B END             swaps what two names are, renameat2(2)
 *   racer flicker NAME TARGET END      NAME is a file or a link to TARGET
 *   racer snatch NAME TARGET END       when NAME appears, it is for a moment a link to
 *                                      TARGET, and gone then; it was NAME-0 …
 *   racer watch INODE WORD FILE END    looks into every process that it sees, and says
 *                                      once what it could take from one that is not the
 *                                      container's: its executable (INODE), its
 *                                      environment or memory (WORD in it), its root (with
 *                                      FILE in it), its descriptors above 2
 *   racer write INODE END              keeps every executable of that inode that it can
 *                                      open, and tries to open it for writing
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEPT_MAX = 64 };

struct secrets {
	ino_t inode;
	const char *word, *file;
};

static bool is_over(const char *end)
{
	return access(end, F_OK) == 0;
}

/* Each finding once: what matters is whether there is one. */
static void found(const char *what, const char *detail)
{
	static char said[8][16];

	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		if (strcmp(said[i], what) == 0)
			return;
		if (said[i][0] != '\0')
			continue;
		(void)snprintf(said[i], sizeof(said[i]), "%s", what);
		printf("%s: %s\n", what, detail);
		(void)fflush(stdout);
		return;
	}
}

static void exchange(const char *a, const char *b, const char *end)
{
	while (!is_over(end)) {
		for (int i = 0; i < 64; i++)
			(void)renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
	}
}

/* For who removes links: they are made again. */
static void flicker(const char *name, const char *target, const char *end)
{
	char other[PATH_MAX];
	int fd;

	(void)snprintf(other, sizeof(other), "%s-other", name);
	while (!is_over(end)) {
		fd = open(name, O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0)
			(void)close(fd);
		(void)unlink(other);
		if (symlink(target, other) < 0)
			return;
		for (int i = 0; i < 64; i++)
			(void)renameat2(AT_FDCWD, name, AT_FDCWD, other, RENAME_EXCHANGE);
	}
}

/* For what happens only where a name is missing: such as what is done after mkdir(2). */
static void snatch(const char *name, const char *target, const char *end)
{
	char taken[PATH_MAX];
	int count = 0;

	while (!is_over(end)) {
		(void)snprintf(taken, sizeof(taken), "%s-%d", name, count);
		if (symlink(target, taken) < 0 && errno != EEXIST)
			return;
		if (renameat2(AT_FDCWD, name, AT_FDCWD, taken, RENAME_EXCHANGE) < 0)
			continue;
		(void)sched_yield();
		(void)unlink(name);
		count++;
	}
}

static int open_of(int process, const char *name, int flags)
{
	return openat(process, name, flags | O_CLOEXEC);
}

static void look_at_executable(int process, const struct secrets *secrets)
{
	int fd = open_of(process, "exe", O_RDONLY);
	struct stat status;

	if (fd >= 0 && fstat(fd, &status) == 0 && status.st_ino == secrets->inode)
		found("executable", "opened");
	if (fd >= 0)
		(void)close(fd);
}

static bool has_word(const char *bytes, ssize_t size, const char *word)
{
	return size > 0 && memmem(bytes, (size_t)size, word, strlen(word)) != NULL;
}

static void look_at_environment(int process, const struct secrets *secrets)
{
	static char bytes[1 << 16];
	int fd = open_of(process, "environ", O_RDONLY);
	ssize_t size = fd >= 0 ? read(fd, bytes, sizeof(bytes)) : -1;

	if (has_word(bytes, size, secrets->word))
		found("environment", secrets->word);
	if (fd >= 0)
		(void)close(fd);
}

/* Field 50 of stat is where the environment is; 0 for who may not know, proc(5). */
static off_t environment_address(int process)
{
	char text[2048], *field;
	int fd = open_of(process, "stat", O_RDONLY);
	ssize_t size = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;

	if (fd >= 0)
		(void)close(fd);
	if (size <= 0)
		return 0;
	text[size] = '\0';
	field = strrchr(text, ')');
	for (int i = 2; field != NULL && i < 50; i++)
		field = strchr(field + 1, ' ');
	return field != NULL ? (off_t)strtoull(field, NULL, 10) : 0;
}

static void look_at_memory(int process, const struct secrets *secrets)
{
	static char bytes[1 << 16];
	off_t address = environment_address(process);
	int fd = address != 0 ? open_of(process, "mem", O_RDWR) : -1;

	for (size_t size = sizeof(bytes); fd >= 0 && size >= 4096; size /= 2) {
		ssize_t got = pread(fd, bytes, size, address);

		if (has_word(bytes, got, secrets->word))
			found("memory", "writable");
	}
	if (fd >= 0)
		(void)close(fd);
}

static void look_at_root(int process, const struct secrets *secrets)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "root%s", secrets->file);
	if (faccessat(process, path, F_OK, 0) == 0)
		found("root", path);
}

static void look_at_descriptors(int process)
{
	int fd = open_of(process, "fd", O_RDONLY | O_DIRECTORY);
	DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	char target[PATH_MAX];

	if (directory == NULL)
		return;
	while ((entry = readdir(directory)) != NULL) {
		ssize_t length;

		if (entry->d_name[0] == '.' || atoi(entry->d_name) <= STDERR_FILENO)
			continue;
		length = readlinkat(fd, entry->d_name, target, sizeof(target) - 1);
		if (length <= 0)
			continue;
		target[length] = '\0';
		found("descriptor", target);
	}
	(void)closedir(directory);
}

static void look_at(int process, const struct secrets *secrets)
{
	look_at_executable(process, secrets);
	look_at_environment(process, secrets);
	look_at_memory(process, secrets);
	look_at_root(process, secrets);
	look_at_descriptors(process);
}

/* Calls back for every process but ourselves. */
static void each_process(void (*act)(int process, const void *context),
			 const void *context)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;

	if (proc == NULL)
		return;
	while ((entry = readdir(proc)) != NULL) {
		int process;

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
		    atoi(entry->d_name) == getpid())
			continue;
		process = openat(dirfd(proc), entry->d_name, O_PATH | O_CLOEXEC);
		if (process < 0)
			continue;
		act(process, context);
		(void)close(process);
	}
	(void)closedir(proc);
}

static void watch_one(int process, const void *context)
{
	look_at(process, context);
}

static int kept[KEPT_MAX];
static size_t kept_count;

static void keep_one(int process, const void *context)
{
	const ino_t *inode = context;
	int fd = open_of(process, "exe", O_PATH);
	struct stat status;

	if (fd >= 0 && fstat(fd, &status) == 0 && status.st_ino == *inode) {
		found("executable", "held");
		if (kept_count == KEPT_MAX)
			(void)close(kept[--kept_count]);
		kept[kept_count++] = fd;
	} else if (fd >= 0) {
		(void)close(fd);
	}
}

static void try_to_write(void)
{
	char path[64];

	for (size_t i = 0; i < kept_count; i++) {
		int fd;

		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", kept[i]);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		found("writable", path);
		(void)close(fd);
	}
}

int main(int argc, char **argv)
{
	const char *end = argv[argc - 1];

	if (argc == 5 && strcmp(argv[1], "exchange") == 0) {
		exchange(argv[2], argv[3], end);
	} else if (argc == 5 && strcmp(argv[1], "flicker") == 0) {
		flicker(argv[2], argv[3], end);
	} else if (argc == 5 && strcmp(argv[1], "snatch") == 0) {
		snatch(argv[2], argv[3], end);
	} else if (argc == 6 && strcmp(argv[1], "watch") == 0) {
		const struct secrets secrets = { strtoull(argv[2], NULL, 10), argv[3],
						 argv[4] };

		while (!is_over(end))
			each_process(watch_one, &secrets);
	} else if (argc == 4 && strcmp(argv[1], "write") == 0) {
		const ino_t inode = strtoull(argv[2], NULL, 10);

		while (!is_over(end)) {
			each_process(keep_one, &inode);
			try_to_write();
		}
		try_to_write();
	} else {
		fprintf(stderr, "usage: see the head of racer.c\n");
		return 2;
	}
	return 0;
}
