/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/parse.h"
#include "base/text.h"
#include "container/environment.h"
#include "container/home.h"
#include "kernel/inside.h"

enum {
	PASSWD_MAX = 1 << 20, /* bytes that are looked at */
	UID_FIELD = 2,
	HOME_FIELD = 5,
};

/* The field of that number in a line; NULL: it has fewer. */
static const char *field_of(const char *line, int number, size_t *length)
{
	for (; number > 0; number--) {
		line += strcspn(line, ":\n");
		if (*line++ != ':')
			return NULL;
	}
	*length = strcspn(line, ":\n");
	return line;
}

static bool is_of(const char *line, uid_t uid)
{
	char digits[16] = { 0 };
	size_t length;
	const char *field = field_of(line, UID_FIELD, &length);
	uint64_t number;

	if (field == NULL || length >= sizeof(digits))
		return false;
	memcpy(digits, field, length);
	return parse_uint(digits, UINT32_MAX, &number) && number == uid;
}

const char *home_find(const char *passwd, uid_t uid, size_t *length)
{
	while (*passwd != '\0') {
		if (is_of(passwd, uid))
			return field_of(passwd, HOME_FIELD, length);
		passwd += strcspn(passwd, "\n");
		passwd += *passwd == '\n';
	}
	return NULL;
}

/* The image may have put anything there; whatever is no file is left alone. */
static void read_passwd(struct text *text)
{
	auto_close int rootfd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close int fd =
		inside_open(rootfd, "/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	ssize_t size;

	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return;
	size = file_read_full(fd, text_reserve(text, PASSWD_MAX), PASSWD_MAX);
	if (size > 0)
		text->length = (size_t)size;
}

static bool has_home(char *const *env)
{
	bool has = false;

	for (; env != NULL && *env != NULL; env++) {
		if (strncmp(*env, "HOME=", 5) == 0)
			has = (*env)[5] != '\0';
	}
	return has;
}

char **home_environment(char *const *env, uid_t uid)
{
	static struct arena arena;
	auto_text struct text passwd = { 0 };
	char *assignments[2] = { NULL, NULL };
	const char *home;
	size_t length = 0;

	if (has_home(env))
		return environment_with(&arena, env, assignments);
	read_passwd(&passwd);
	text_put(&passwd, "");
	home = home_find(passwd.data == NULL ? "" : passwd.data, uid, &length);
	assignments[0] = arena_format(&arena, "HOME=%.*s", length == 0 ? 1 : (int)length,
				      length == 0 ? "/" : home);
	return environment_with(&arena, env, assignments);
}
