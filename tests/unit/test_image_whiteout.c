/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "base/auto.h"
#include "base/error.h"
#include "image/walk.h"
#include "image/whiteout.h"

#include "check.h"
#include "temporary.h"

static struct error err;

static bool is_whiteout(const struct temporary *place, const char *name)
{
	struct stat status;

	return fstatat(place->fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       whiteout_is(place->fd, name, &status);
}

/* Only root may; then there is nothing to look at. */
static bool mark(const struct temporary *place, const char *name, const char *attribute,
		 const char *value)
{
	char path[256];

	walk_proc_path(place->fd, name, path, sizeof(path));
	return lsetxattr(path, attribute, value, strlen(value), 0) == 0;
}

static void a_device_of_number_zero(void)
{
	auto_temporary struct temporary place = temporary_new();

	/* Since Linux 5.8 everybody may make one. */
	CHECK(mknodat(place.fd, "gone", S_IFCHR, makedev(0, 0)) == 0);
	CHECK(mknodat(place.fd, "fifo", S_IFIFO | 0600, 0) == 0);
	CHECK(symlinkat("gone", place.fd, "link") == 0);
	CHECK(is_whiteout(&place, "gone"));
	CHECK(!is_whiteout(&place, "fifo"));
	CHECK(!is_whiteout(&place, "link"));
}

static void an_empty_file_with_the_mark(void)
{
	auto_temporary struct temporary place = temporary_new();
	auto_close int full =
		openat(place.fd, "full", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	CHECK(mknodat(place.fd, "empty", S_IFREG | 0600, 0) == 0);
	CHECK(full >= 0 && write(full, "x", 1) == 1);
	CHECK(!is_whiteout(&place, "empty"));
	if (!mark(&place, "empty", "trusted.overlay.whiteout", ""))
		return;
	CHECK(mark(&place, "full", "trusted.overlay.whiteout", "y"));
	CHECK(is_whiteout(&place, "empty"));
	CHECK(!is_whiteout(&place, "full"));
}

static void a_directory_that_hides_all(void)
{
	auto_temporary struct temporary place = temporary_new();

	CHECK(mkdirat(place.fd, "d", 0700) == 0 && mkdirat(place.fd, "x", 0700) == 0);
	CHECK(!whiteout_is_opaque(place.fd, "d"));
	CHECK(!whiteout_is_opaque(place.fd, "missing"));
	if (!mark(&place, "d", "trusted.overlay.opaque", "y"))
		return;
	CHECK(mark(&place, "x", "trusted.overlay.opaque", "x"));
	CHECK(whiteout_is_opaque(place.fd, "d"));
	CHECK(!whiteout_is_opaque(place.fd, "x"));
}

static void names_that_mean_a_deletion(void)
{
	CHECK(whiteout_is_marker(".wh.x") && whiteout_is_marker(".wh."));
	CHECK(whiteout_is_marker(".wh..wh..opq"));
	CHECK(!whiteout_is_marker(".wh") && !whiteout_is_marker("x.wh.y"));
	CHECK(!whiteout_is_marker("") && !whiteout_is_marker(".WH.x"));
	CHECK(whiteout_refuse_name("./.wh.x", &err) < 0);
	CHECK_TEXT(err.text,
		   "'./.wh.x' cannot be in a layer: there its name means a deletion "
		   "(rename or remove it in the container)");
}

int main(void)
{
	RUN(a_device_of_number_zero);
	RUN(an_empty_file_with_the_mark);
	RUN(a_directory_that_hides_all);
	RUN(names_that_mean_a_deletion);
	return check_done();
}
