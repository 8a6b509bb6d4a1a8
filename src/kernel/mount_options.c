/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/mount.h>

#include "base/arena.h"
#include "base/error.h"
#include "kernel/mount_options.h"

enum kind {
	SET,   /* an attribute of this mount */
	CLEAR, /* and its opposite */
	ATIME, /* one of the exclusive values of MOUNT_ATTR__ATIME */
	NOT_ATIME,
	RECURSIVE_SET, /* the same four for the whole tree */
	RECURSIVE_CLEAR,
	RECURSIVE_ATIME,
	RECURSIVE_NOT_ATIME,
	PROPAGATION,
	RECURSIVE_PROPAGATION,
	BIND,
	RECURSIVE_BIND,
	REMOUNT,
	COPY_UP,
	SUPERBLOCK, /* a flag that fsconfig(2) knows for every file system */
	IGNORED,    /* mount(8) takes it, the kernel has nothing for it */
	ID_MAP,
	RECURSIVE_ID_MAP,
	SOURCE_NOFOLLOW,
	DESTINATION_NOFOLLOW,
	COPY_SYMLINK,
};

struct word {
	const char *text;
	enum kind kind;
	uint64_t value;
};

static const struct word words_known[] = {
	{ "async", SUPERBLOCK, 0 },
	{ "atime", NOT_ATIME, MOUNT_ATTR_NOATIME },
	{ "bind", BIND, 0 },
	{ "copy-symlink", COPY_SYMLINK, 0 },
	{ "defaults", IGNORED, 0 },
	{ "dest-nofollow", DESTINATION_NOFOLLOW, 0 },
	{ "dev", CLEAR, MOUNT_ATTR_NODEV },
	{ "diratime", CLEAR, MOUNT_ATTR_NODIRATIME },
	{ "dirsync", SUPERBLOCK, 0 },
	{ "exec", CLEAR, MOUNT_ATTR_NOEXEC },
	{ "idmap", ID_MAP, 0 },
	/* MS_I_VERSION: file systems keep it by themselves, fsconfig(2) has no such flag.
	 */
	{ "iversion", IGNORED, 0 },
	{ "lazytime", SUPERBLOCK, 0 },
	{ "loud", IGNORED, 0 },
	{ "mand", SUPERBLOCK, 0 },
	{ "noatime", ATIME, MOUNT_ATTR_NOATIME },
	{ "nodev", SET, MOUNT_ATTR_NODEV },
	{ "nodiratime", SET, MOUNT_ATTR_NODIRATIME },
	{ "noexec", SET, MOUNT_ATTR_NOEXEC },
	{ "noiversion", IGNORED, 0 },
	{ "nolazytime", SUPERBLOCK, 0 },
	{ "nomand", SUPERBLOCK, 0 },
	{ "norelatime", NOT_ATIME, MOUNT_ATTR_RELATIME },
	{ "nostrictatime", NOT_ATIME, MOUNT_ATTR_STRICTATIME },
	{ "nosuid", SET, MOUNT_ATTR_NOSUID },
	{ "nosymfollow", SET, MOUNT_ATTR_NOSYMFOLLOW },
	{ "private", PROPAGATION, MS_PRIVATE },
	{ "ratime", RECURSIVE_NOT_ATIME, MOUNT_ATTR_NOATIME },
	{ "rbind", RECURSIVE_BIND, 0 },
	{ "rdev", RECURSIVE_CLEAR, MOUNT_ATTR_NODEV },
	{ "rdiratime", RECURSIVE_CLEAR, MOUNT_ATTR_NODIRATIME },
	{ "relatime", ATIME, MOUNT_ATTR_RELATIME },
	{ "remount", REMOUNT, 0 },
	{ "rexec", RECURSIVE_CLEAR, MOUNT_ATTR_NOEXEC },
	{ "ridmap", RECURSIVE_ID_MAP, 0 },
	{ "rnoatime", RECURSIVE_ATIME, MOUNT_ATTR_NOATIME },
	{ "rnodev", RECURSIVE_SET, MOUNT_ATTR_NODEV },
	{ "rnodiratime", RECURSIVE_SET, MOUNT_ATTR_NODIRATIME },
	{ "rnoexec", RECURSIVE_SET, MOUNT_ATTR_NOEXEC },
	{ "rnorelatime", RECURSIVE_NOT_ATIME, MOUNT_ATTR_RELATIME },
	{ "rnostrictatime", RECURSIVE_NOT_ATIME, MOUNT_ATTR_STRICTATIME },
	{ "rnosuid", RECURSIVE_SET, MOUNT_ATTR_NOSUID },
	{ "rnosymfollow", RECURSIVE_SET, MOUNT_ATTR_NOSYMFOLLOW },
	{ "ro", SET, MOUNT_ATTR_RDONLY },
	{ "rprivate", RECURSIVE_PROPAGATION, MS_PRIVATE },
	{ "rrelatime", RECURSIVE_ATIME, MOUNT_ATTR_RELATIME },
	{ "rro", RECURSIVE_SET, MOUNT_ATTR_RDONLY },
	{ "rrw", RECURSIVE_CLEAR, MOUNT_ATTR_RDONLY },
	{ "rshared", RECURSIVE_PROPAGATION, MS_SHARED },
	{ "rslave", RECURSIVE_PROPAGATION, MS_SLAVE },
	{ "rstrictatime", RECURSIVE_ATIME, MOUNT_ATTR_STRICTATIME },
	{ "rsuid", RECURSIVE_CLEAR, MOUNT_ATTR_NOSUID },
	{ "rsymfollow", RECURSIVE_CLEAR, MOUNT_ATTR_NOSYMFOLLOW },
	{ "runbindable", RECURSIVE_PROPAGATION, MS_UNBINDABLE },
	{ "rw", CLEAR, MOUNT_ATTR_RDONLY },
	{ "shared", PROPAGATION, MS_SHARED },
	{ "silent", IGNORED, 0 },
	{ "slave", PROPAGATION, MS_SLAVE },
	{ "src-nofollow", SOURCE_NOFOLLOW, 0 },
	{ "strictatime", ATIME, MOUNT_ATTR_STRICTATIME },
	{ "suid", CLEAR, MOUNT_ATTR_NOSUID },
	{ "symfollow", CLEAR, MOUNT_ATTR_NOSYMFOLLOW },
	{ "sync", SUPERBLOCK, 0 },
	{ "tmpcopyup", COPY_UP, 0 },
	{ "unbindable", PROPAGATION, MS_UNBINDABLE },
};

enum {
	KNOWN_COUNT = sizeof(words_known) / sizeof(words_known[0]),
};

/* "idmap=uids=…" is crun's form of "idmap". */
static size_t name_length(const char *text)
{
	return strncmp(text, "idmap=", 6) == 0 || strncmp(text, "ridmap=", 7) == 0
		       ? strcspn(text, "=")
		       : strlen(text);
}

static const struct word *find(const char *text)
{
	size_t length = name_length(text);

	for (size_t i = 0; i < KNOWN_COUNT; i++) {
		const char *known = words_known[i].text;

		if (strncmp(known, text, length) == 0 && known[length] == '\0')
			return &words_known[i];
	}
	return NULL;
}

static void set(uint64_t *to, uint64_t *from, uint64_t value)
{
	*to |= value;
	*from &= ~value;
}

/* mount_setattr(2): the values of MOUNT_ATTR__ATIME exclude each other, and setting any
 * of them wants the whole field cleared. */
static void set_atime(uint64_t *set_, uint64_t *clear, uint64_t value)
{
	*set_ = (*set_ & ~(uint64_t)MOUNT_ATTR__ATIME) | value;
	*clear |= MOUNT_ATTR__ATIME;
}

/* "not this one": what an earlier word chose, or what the source of a bind has,
 * falls back to the kernel's default, relatime; what is not meant stays. */
static void unset_atime(uint64_t *set_, uint64_t *clear, uint64_t value)
{
	bool is_chosen = (*clear & MOUNT_ATTR__ATIME) != 0;

	if (value == MOUNT_ATTR_RELATIME)
		return;
	if (!is_chosen || (*set_ & MOUNT_ATTR__ATIME) == value)
		set_atime(set_, clear, MOUNT_ATTR_RELATIME);
}

/* The words that end in attributes; false for another kind. */
static bool take_attribute(struct mount_options *options, const struct word *word)
{
	struct mount_options *o = options;

	switch (word->kind) {
	case SET:
		set(&o->set, &o->clear, word->value);
		break;
	case CLEAR:
		set(&o->clear, &o->set, word->value);
		break;
	case ATIME:
		set_atime(&o->set, &o->clear, word->value);
		break;
	case NOT_ATIME:
		unset_atime(&o->set, &o->clear, word->value);
		break;
	case RECURSIVE_SET:
		set(&o->recursive_set, &o->recursive_clear, word->value);
		break;
	case RECURSIVE_CLEAR:
		set(&o->recursive_clear, &o->recursive_set, word->value);
		break;
	case RECURSIVE_ATIME:
		set_atime(&o->recursive_set, &o->recursive_clear, word->value);
		break;
	case RECURSIVE_NOT_ATIME:
		unset_atime(&o->recursive_set, &o->recursive_clear, word->value);
		break;
	default:
		return false;
	}
	return true;
}

static void take_word(struct mount_options *options, const struct word *word,
		      const char *text)
{
	size_t length = name_length(text);

	switch (word->kind) {
	case PROPAGATION:
	case RECURSIVE_PROPAGATION:
		options->propagation = word->value;
		options->propagation_recursive = word->kind == RECURSIVE_PROPAGATION;
		break;
	case BIND:
		options->bind = true;
		break;
	case RECURSIVE_BIND:
		options->bind = options->recursive_bind = true;
		break;
	case REMOUNT:
		options->remount = true;
		break;
	case COPY_UP:
		options->tmpcopyup = true;
		break;
	case ID_MAP:
	case RECURSIVE_ID_MAP:
		options->idmap = text + length + (text[length] == '=');
		options->idmap_recursive = word->kind == RECURSIVE_ID_MAP;
		break;
	case SOURCE_NOFOLLOW:
		options->source_nofollow = true;
		break;
	case DESTINATION_NOFOLLOW:
		options->destination_nofollow = true;
		break;
	case COPY_SYMLINK:
		options->copy_symlink = true;
		break;
	default:
		break;
	}
}

static int fail(struct error *err, size_t index, const char *word, const char *reason)
{
	(void)error_set(err, 0, "option '%s' %s", word, reason);
	return error_at(err, "options[%zu]", index);
}

/* Callers have them in one list of options for whatever they mount. */
static bool is_of_a_new_tmpfs(const char *word)
{
	return strncmp(word, "mode=", 5) == 0 || strncmp(word, "size=", 5) == 0;
}

static int check_bind(const struct mount_options *options, char **words,
		      struct error *err)
{
	if (!options->bind)
		return 0;
	for (size_t i = 0; words[i] != NULL; i++) {
		const struct word *word = find(words[i]);

		if (words[i][0] != '\0' && word == NULL && !is_of_a_new_tmpfs(words[i]))
			return fail(err, i, words[i], "has no meaning for a bind mount");
		if (word != NULL && word->kind == COPY_UP)
			return fail(err, i, words[i], "is for a tmpfs");
	}
	options->data[0] = NULL;
	return 0;
}

/* A link that is made again is no mount that could lie on another link. */
static int check_links(const struct mount_options *options, char **words,
		       struct error *err)
{
	if (!options->copy_symlink ||
	    (!options->source_nofollow && !options->destination_nofollow))
		return 0;
	for (size_t i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], "copy-symlink") == 0)
			return fail(err, i, words[i],
				    "excludes 'src-nofollow' and 'dest-nofollow'");
	}
	return 0;
}

int mount_options_parse(struct mount_options *options, struct arena *arena, char **words,
			struct error *err)
{
	static char *none[] = { NULL };
	struct mount_options parsed = { 0 };
	size_t count = 0, used = 0;

	if (words == NULL)
		words = none;
	while (words[count] != NULL)
		count++;
	parsed.data = arena_alloc(arena, count + 1, sizeof(*parsed.data));
	for (size_t i = 0; i < count; i++) {
		const struct word *word = find(words[i]);

		if (words[i][0] == '\0')
			continue;
		if (word == NULL || word->kind == SUPERBLOCK)
			parsed.data[used++] = words[i];
		else if (!take_attribute(&parsed, word))
			take_word(&parsed, word, words[i]);
	}
	parsed.read_only = (parsed.set & MOUNT_ATTR_RDONLY) != 0;
	if (check_bind(&parsed, words, err) < 0 || check_links(&parsed, words, err) < 0)
		return -1;
	*options = parsed;
	return 0;
}

static bool fill(struct mount_attr *attr, uint64_t set_, uint64_t clear)
{
	*attr = (struct mount_attr){ .attr_set = set_, .attr_clr = clear };
	return set_ != 0 || clear != 0;
}

bool mount_options_attr(const struct mount_options *options, struct mount_attr *attr)
{
	return fill(attr, options->set, options->clear);
}

bool mount_options_recursive_attr(const struct mount_options *options,
				  struct mount_attr *attr)
{
	return fill(attr, options->recursive_set, options->recursive_clear);
}

const char *const *mount_options_words(void)
{
	static const char *list[KNOWN_COUNT + 1];

	for (size_t i = 0; i < KNOWN_COUNT; i++)
		list[i] = words_known[i].text;
	return list;
}
