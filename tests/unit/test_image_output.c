/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "image/output.h"

#include "check.h"
#include "temporary.h"

static struct error err;

static bool has(const struct temporary *place, const char *name, const char *content)
{
	auto_text struct text text = { 0 };

	return file_read(place->fd, name, 100, &text, &err) == 0 &&
	       strcmp(text.data, content) == 0;
}

static bool is_there(const struct temporary *place, const char *name)
{
	return faccessat(place->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void put(const struct temporary *place, const char *name, const char *content)
{
	auto_close int fd =
		openat(place->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(fd >= 0 && file_write_full(fd, content, strlen(content)) == 0);
}

/* The path of a name in it; valid until the next call. */
static const char *in(const struct temporary *place, const char *name)
{
	static char path[2 * PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", place->path, name);
	return path;
}

static void make(struct output *output, const struct temporary *place,
		 const char *content)
{
	CHECK(output_open(output, in(place, "target"), &err) == 0);
	CHECK(file_write_full(output->fd, content, strlen(content)) == 0);
}

static void a_file_is_there_when_it_is_published(void)
{
	auto_temporary struct temporary place = temporary_new();
	auto_output struct output output = OUTPUT_NONE;

	make(&output, &place, "new");
	CHECK(!is_there(&place, "target"));
	CHECK(output_publish(&output, &err) == 0);
	CHECK(has(&place, "target", "new"));
	CHECK(!is_there(&place, ".target.minirun"));
}

static void what_is_not_published_is_gone(void)
{
	auto_temporary struct temporary place = temporary_new();

	put(&place, "target", "old");
	{
		auto_output struct output output = OUTPUT_NONE;

		make(&output, &place, "new");
	}
	CHECK(has(&place, "target", "old"));
	CHECK(!is_there(&place, ".target.minirun"));
}

/* As a kill between the two steps leaves it; the target may be removed after that. */
static void what_another_left_is_taken_away(void)
{
	static const char *const targets[] = { "target", "another" };

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		auto_temporary struct temporary place = temporary_new();
		auto_output struct output output = OUTPUT_NONE;

		put(&place, targets[i], "old");
		put(&place, ".target.minirun", "left");
		make(&output, &place, "new");
		CHECK(output_publish(&output, &err) == 0);
		CHECK(has(&place, "target", "new"));
		CHECK(!is_there(&place, ".target.minirun"));
	}
}

static void the_later_of_two_is_the_target(void)
{
	auto_temporary struct temporary place = temporary_new();
	auto_output struct output first = OUTPUT_NONE, second = OUTPUT_NONE;

	put(&place, "target", "old");
	make(&first, &place, "first");
	make(&second, &place, "second");
	CHECK(output_publish(&second, &err) == 0);
	CHECK(has(&place, "target", "second"));
	CHECK(output_publish(&first, &err) == 0);
	CHECK(has(&place, "target", "first"));
}

static void what_is_in_the_way_is_refused(void)
{
	auto_temporary struct temporary place = temporary_new();
	struct output output = OUTPUT_NONE;

	CHECK(mkdirat(place.fd, ".target.minirun", 0700) == 0);
	CHECK(output_open(&output, in(&place, "target"), &err) < 0);
	CHECK_TEXT(err.text, "'.target.minirun' is in the way; remove it");
	output_release(&output);
	CHECK(unlinkat(place.fd, ".target.minirun", AT_REMOVEDIR) == 0);
	/* One that has another name too may be somebody's. */
	put(&place, "theirs", "theirs");
	CHECK(linkat(place.fd, "theirs", place.fd, ".target.minirun", 0) == 0);
	output = (struct output)OUTPUT_NONE;
	CHECK(output_open(&output, in(&place, "target"), &err) < 0);
	output_release(&output);
	CHECK(has(&place, ".target.minirun", "theirs"));
}

static void names_that_cannot_be(void)
{
	static const char *const names[] = { "", "no/such", "directory", "link" };
	auto_temporary struct temporary place = temporary_new();
	char long_name[NAME_MAX + 1] = "";

	CHECK(mkdirat(place.fd, "directory", 0700) == 0);
	CHECK(symlinkat("anywhere", place.fd, "link") == 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		auto_output struct output output = OUTPUT_NONE;

		CHECK(output_open(&output, in(&place, names[i]), &err) < 0);
	}
	memset(long_name, 'n', NAME_MAX - strlen("..minirun"));
	{
		auto_output struct output output = OUTPUT_NONE;

		CHECK(output_open(&output, in(&place, long_name), &err) == 0);
	}
	long_name[strlen(long_name)] = 'n';
	{
		auto_output struct output output = OUTPUT_NONE;

		CHECK(output_open(&output, in(&place, long_name), &err) < 0);
	}
}

int main(void)
{
	RUN(a_file_is_there_when_it_is_published);
	RUN(what_is_not_published_is_gone);
	RUN(what_another_left_is_taken_away);
	RUN(the_later_of_two_is_the_target);
	RUN(what_is_in_the_way_is_refused);
	RUN(names_that_cannot_be);
	return check_done();
}
