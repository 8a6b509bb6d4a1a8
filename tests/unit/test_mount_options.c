/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/mount.h>

#include "base/arena.h"
#include "base/error.h"
#include "kernel/mount_options.h"

#include "check.h"

static struct arena arena;
static struct error err;

enum { WORDS_MAX = 8 };

/* Parses a list of words that are parted by commas. */
static int parse(struct mount_options *options, const char *list)
{
	char *words[WORDS_MAX + 1] = { NULL };
	char *copy = arena_text(&arena, list, strlen(list));

	for (size_t i = 0; i < WORDS_MAX && copy != NULL; i++)
		words[i] = strsep(&copy, ",");
	err = (struct error){ 0 };
	return mount_options_parse(options, &arena, words, &err);
}

/* The attributes of a list, in the order set, clear, recursive_set, recursive_clear. */
static bool gives(const char *list, const uint64_t want[4])
{
	struct mount_options options;

	return parse(&options, list) == 0 && options.set == want[0] &&
	       options.clear == want[1] && options.recursive_set == want[2] &&
	       options.recursive_clear == want[3];
}

#define GIVES(list, ...) CHECK(gives(list, (const uint64_t[4]){ __VA_ARGS__ }))

static void nothing_gives_nothing(void)
{
	struct mount_options options;

	CHECK(mount_options_parse(&options, &arena, NULL, &err) == 0);
	CHECK(options.data[0] == NULL && !options.bind);
	GIVES("", 0, 0, 0, 0);
	GIVES("defaults,silent,loud,iversion,noiversion", 0, 0, 0, 0);
}

static void words_set_and_clear(void)
{
	GIVES("ro,nosuid,nodev,noexec",
	      MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
		      MOUNT_ATTR_NOEXEC,
	      0, 0, 0);
	GIVES("rw,suid,dev,exec", 0,
	      MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
		      MOUNT_ATTR_NOEXEC,
	      0, 0);
	GIVES("nosymfollow,nodiratime", MOUNT_ATTR_NOSYMFOLLOW | MOUNT_ATTR_NODIRATIME, 0,
	      0, 0);
	GIVES("rro,rnosuid,rdev", 0, 0, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID,
	      MOUNT_ATTR_NODEV);
}

static void the_last_word_wins(void)
{
	struct mount_options options;

	GIVES("ro,rw", 0, MOUNT_ATTR_RDONLY, 0, 0);
	GIVES("rw,ro", MOUNT_ATTR_RDONLY, 0, 0, 0);
	GIVES("rro,rrw", 0, 0, 0, MOUNT_ATTR_RDONLY);
	CHECK(parse(&options, "ro,rw") == 0 && !options.read_only);
	CHECK(parse(&options, "rw,ro") == 0 && options.read_only);
}

/* Setting one needs all of MOUNT_ATTR__ATIME cleared, or mount_setattr() is EINVAL. */
static void atime_is_one_field(void)
{
	GIVES("noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME, 0, 0);
	GIVES("strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME, 0, 0);
	GIVES("noatime,strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME, 0, 0);
	GIVES("relatime", 0, MOUNT_ATTR__ATIME, 0, 0);
	GIVES("rnoatime", 0, 0, MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME);
	GIVES("atime", 0, MOUNT_ATTR__ATIME, 0, 0);
	GIVES("noatime,atime", 0, MOUNT_ATTR__ATIME, 0, 0);
	GIVES("noatime,nostrictatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME, 0, 0);
	GIVES("noatime,norelatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME, 0, 0);
	GIVES("norelatime", 0, 0, 0, 0);
	GIVES("rstrictatime,rnostrictatime", 0, 0, 0, MOUNT_ATTR__ATIME);
}

static void propagation(void)
{
	struct mount_options options;

	CHECK(parse(&options, "rslave") == 0 && options.propagation == MS_SLAVE &&
	      options.propagation_recursive);
	CHECK(parse(&options, "rslave,shared") == 0 && options.propagation == MS_SHARED &&
	      !options.propagation_recursive);
	CHECK(parse(&options, "runbindable") == 0 &&
	      options.propagation == MS_UNBINDABLE);
	CHECK(parse(&options, "ro") == 0 && options.propagation == 0);
}

static void binds(void)
{
	struct mount_options options;

	CHECK(parse(&options, "bind") == 0 && options.bind && !options.recursive_bind);
	CHECK(parse(&options, "rbind,ro") == 0 && options.bind && options.recursive_bind);
	CHECK(parse(&options, "bind,remount,ro") == 0 && options.remount);
	CHECK(parse(&options, "rbind,sync,lazytime") == 0 && options.data[0] == NULL);
	CHECK(parse(&options, "mode=755,size=1k,bind") == 0 && options.data[0] == NULL);
	CHECK(parse(&options, "rbind,,uid=5") < 0);
	CHECK_TEXT(err.text, "option 'uid=5' has no meaning for a bind mount");
	CHECK_TEXT(err.where, "options[2]");
	CHECK(parse(&options, "tmpcopyup,bind") < 0);
	CHECK_TEXT(err.text, "option 'tmpcopyup' is for a tmpfs");
}

static void links_are_meant_themselves(void)
{
	struct mount_options options;

	CHECK(parse(&options, "bind,src-nofollow") == 0 && options.source_nofollow);
	CHECK(!options.destination_nofollow && !options.copy_symlink);
	CHECK(parse(&options, "dest-nofollow") == 0 && options.destination_nofollow);
	CHECK(parse(&options, "rbind,ro,copy-symlink") == 0 && options.copy_symlink);
	CHECK(parse(&options, "src-nofollow,dest-nofollow") == 0);
	CHECK(parse(&options, "src-nofollow,,copy-symlink") < 0);
	CHECK_TEXT(err.text, "option 'copy-symlink' excludes 'src-nofollow' and "
			     "'dest-nofollow'");
	CHECK_TEXT(err.where, "options[2]");
	CHECK(parse(&options, "copy-symlink,dest-nofollow") < 0);
}

static void the_rest_is_for_the_file_system(void)
{
	struct mount_options options;

	CHECK(parse(&options, "mode=755,ro,,sync,newinstance,tmpcopyup") == 0);
	CHECK_TEXT(options.data[0], "mode=755");
	CHECK_TEXT(options.data[1], "sync");
	CHECK_TEXT(options.data[2], "newinstance");
	CHECK(options.data[3] == NULL && options.tmpcopyup);
	/* Words are matched whole. */
	CHECK(parse(&options, "r,rox,noex") == 0 && options.set == 0);
	CHECK_TEXT(options.data[2], "noex");
}

static void idmap_and_its_ids(void)
{
	struct mount_options options;

	CHECK(parse(&options, "rbind,ro") == 0);
	CHECK(options.idmap == NULL);
	CHECK(parse(&options, "rbind,idmap") == 0);
	CHECK_TEXT(options.idmap, "");
	CHECK(!options.idmap_recursive);
	CHECK(parse(&options, "rbind,ridmap") == 0);
	CHECK(options.idmap_recursive);
	CHECK(parse(&options, "bind,idmap=uids=0-1000-1;gids=0-1000-1") == 0);
	CHECK_TEXT(options.idmap, "uids=0-1000-1;gids=0-1000-1");
	CHECK(parse(&options, "idmapx") == 0);
	CHECK(options.idmap == NULL);
}

static void attributes_for_the_kernel(void)
{
	struct mount_options options;
	struct mount_attr attr;

	CHECK(parse(&options, "ro,rnosuid") == 0);
	CHECK(mount_options_attr(&options, &attr) && attr.attr_set == MOUNT_ATTR_RDONLY &&
	      attr.propagation == 0);
	CHECK(mount_options_recursive_attr(&options, &attr) &&
	      attr.attr_set == MOUNT_ATTR_NOSUID);
	CHECK(parse(&options, "bind") == 0 && !mount_options_attr(&options, &attr) &&
	      !mount_options_recursive_attr(&options, &attr));
}

/* Every word of the specification's table is known, in the order of `features`. */
static void all_words(void)
{
	const char *const *words = mount_options_words();
	struct mount_options options;
	size_t count = 0;

	for (; words[count] != NULL; count++) {
		CHECK(count == 0 || strcmp(words[count - 1], words[count]) < 0);
		CHECK(parse(&options, words[count]) == 0);
	}
	CHECK(count == 65);
}

int main(void)
{
	RUN(nothing_gives_nothing);
	RUN(words_set_and_clear);
	RUN(the_last_word_wins);
	RUN(atime_is_one_field);
	RUN(propagation);
	RUN(binds);
	RUN(links_are_meant_themselves);
	RUN(the_rest_is_for_the_file_system);
	RUN(idmap_and_its_ids);
	RUN(attributes_for_the_kernel);
	RUN(all_words);
	arena_release(&arena);
	return check_done();
}
