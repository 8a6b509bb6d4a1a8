/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/filesystem.h"
#include "base/process.h"
#include "base/text.h"
#include "kernel/overlay.h"
#include "kernel/overlay_ways.h"

/*
 * Any of them on would let the upper lack what the container sees: a renamed directory as
 * a pointer, a changed mode without the data, a hard link elsewhere. Whoever reads an
 * upper (commit, diff) must find all of it there.
 */
static const struct option {
	const char *key, *value;
} forced_host[] = {
	{ "redirect_dir", "off" }, { "metacopy", "off" }, { "index", "off" },
	{ "xino", "off" },         { NULL, NULL },
};

/* In another user namespace than the first there are no trusted.* attributes: overlayfs
 * keeps its marks in user.* ones, Linux 5.11, and then does not want to follow redirects,
 * which "off" does. */
static const struct option forced_user[] = {
	{ "redirect_dir", "nofollow" },
	{ "metacopy", "off" },
	{ "index", "off" },
	{ "xino", "off" },
	{ "userxattr", NULL },
	{ NULL, NULL },
};

static const struct option *forced(void)
{
	return process_is_host() ? forced_host : forced_user;
}

static int set_forced(int context, const struct overlay *overlay, struct error *err)
{
	for (const struct option *option = forced(); option->key != NULL; option++) {
		if (filesystem_set(context, option->key, option->value, err) < 0)
			return -1;
	}
	if (overlay->is_volatile && filesystem_set(context, "volatile", NULL, err) < 0)
		return -1;
	if (overlay->label != NULL &&
	    filesystem_set(context, overlay->label_type, overlay->label, err) < 0)
		return -1;
	return filesystem_set(context, "source", "overlay", err);
}

/*
 * Whether the first layer was refused because this kernel does not take it that way. Its
 * sentence, in brackets, then names the option ("Unknown parameter 'lowerdir+'", "Bad
 * value for 'lowerdir+'"); what is wrong with a layer is said with the layer's path.
 */
static int refused_first(const struct error *err)
{
	const char *sentence = strchr(err->text, '(');

	/* By descriptor: fsconfig(2) took no O_PATH ones before 6.13, and none at all
	 * before overlayfs had fsconfig(2), 6.5. */
	if (err->code == EBADF || err->code == EOPNOTSUPP)
		return OVERLAY_UNKNOWN;
	if (err->code != EINVAL)
		return OVERLAY_FAILED;
	return sentence == NULL || strstr(sentence, "'lowerdir+'") != NULL
		       ? OVERLAY_UNKNOWN
		       : OVERLAY_FAILED;
}

/* What overlayfs finds when all is given, it tells only the kernel's log. */
static int explain(struct error *err)
{
	if (err->code == ELOOP)
		return error_hint(err, "a layer, the upper or the work directory lies "
				       "inside another of them");
	if (err->code == EINVAL && strchr(err->text, '(') == NULL)
		return error_hint(err, "see dmesg for what overlayfs says");
	return -1;
}

/* fsconfig(2) FSCONFIG_SET_FD for layers: Linux 6.13. The first layer is the probe. */
int overlay_open_by_fd(const struct overlay *overlay, struct error *err)
{
	auto_close int context = filesystem_open("overlay", err);
	int mount;

	if (context < 0)
		return OVERLAY_FAILED;
	for (size_t i = 0; i < overlay->lowers_count; i++) {
		if (filesystem_set_fd(context, "lowerdir+", overlay->lowers[i], err) < 0)
			return i == 0 ? refused_first(err) : OVERLAY_FAILED;
	}
	if (overlay->upper >= 0 &&
	    (filesystem_set_fd(context, "upperdir", overlay->upper, err) < 0 ||
	     filesystem_set_fd(context, "workdir", overlay->work, err) < 0))
		return OVERLAY_FAILED;
	if (set_forced(context, overlay, err) < 0)
		return OVERLAY_FAILED;
	mount = filesystem_mount(context, "overlay", 0, err);
	return mount >= 0 ? mount : explain(err);
}

static int set_name(int context, const char *key, int fd, struct error *err)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return filesystem_set(context, key, name, err);
}

/*
 * One lowerdir+ per layer: Linux 6.8. A kernel from before overlayfs had fsconfig(2)
 * (6.5) collects every option and says EINVAL when the file system is created.
 */
int overlay_open_by_name(const struct overlay *overlay, struct error *err)
{
	auto_close int context = filesystem_open("overlay", err);
	int mount;

	if (context < 0)
		return OVERLAY_FAILED;
	for (size_t i = 0; i < overlay->lowers_count; i++) {
		if (set_name(context, "lowerdir+", overlay->lowers[i], err) == 0)
			continue;
		/* "VFS: Legacy: Cumulative options too large" */
		if (strstr(err->text, "(VFS: Legacy") != NULL)
			return OVERLAY_UNKNOWN;
		return i == 0 ? refused_first(err) : OVERLAY_FAILED;
	}
	if (overlay->upper >= 0 &&
	    (set_name(context, "upperdir", overlay->upper, err) < 0 ||
	     set_name(context, "workdir", overlay->work, err) < 0))
		return OVERLAY_FAILED;
	if (set_forced(context, overlay, err) < 0)
		return OVERLAY_FAILED;
	mount = filesystem_mount(context, "overlay", 0, err);
	if (mount >= 0)
		return mount;
	return refused_first(err) == OVERLAY_UNKNOWN ? OVERLAY_UNKNOWN : explain(err);
}

/* mount(2) takes one page of options: 500 layers fit as the names that descriptors have
 * in /proc/self/fd. */
static void put_page(struct text *page, const struct overlay *overlay)
{
	for (size_t i = 0; i < overlay->lowers_count; i++)
		text_format(page, "%s%d", i == 0 ? "lowerdir=" : ":", overlay->lowers[i]);
	if (overlay->upper >= 0)
		text_format(page, ",upperdir=%d,workdir=%d", overlay->upper,
			    overlay->work);
	for (const struct option *option = forced(); option->key != NULL; option++)
		text_format(page, option->value != NULL ? ",%s=%s" : ",%s", option->key,
			    option->value);
	if (overlay->is_volatile)
		text_put(page, ",volatile");
}

/* On a directory that every host has, and which is free again at once: the clone does not
 * need it. The mount namespace is private, so nobody else sees it. */
static int mount_and_clone(const char *page, struct error *err)
{
	static const char *const place = "/dev";
	int clone;

	if (mount("overlay", place, "overlay", 0, page) < 0) {
		(void)error_set(err, errno, "cannot mount file system 'overlay'");
		return explain(err);
	}
	clone = open_tree(AT_FDCWD, place, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (clone < 0)
		(void)error_set(err, errno, "cannot clone the overlay");
	(void)umount2(place, MNT_DETACH);
	return clone;
}

int overlay_open_by_page(const struct overlay *overlay, struct error *err)
{
	auto_text struct text page = { 0 };
	auto_close int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int tree;

	put_page(&page, overlay);
	if (page.length >= (size_t)sysconf(_SC_PAGESIZE))
		return error_set(err, 0, "the names of %zu layers do not fit in a page",
				 overlay->lowers_count);
	if (before < 0 || chdir("/proc/self/fd") < 0)
		return error_set(err, errno, "cannot enter '/proc/self/fd'");
	tree = mount_and_clone(page.data, err);
	if (fchdir(before) < 0 && tree >= 0) {
		(void)close(tree);
		return error_set(err, errno, "cannot go back to the working directory");
	}
	return tree;
}
