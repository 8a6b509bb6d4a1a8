/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/copy.h"
#include "base/error.h"
#include "base/path.h"
#include "container/layers.h"
#include "container/layers_parts.h"
#include "oci/config.h"

static const char *const volatile_mark = "work/incompat/volatile";

static int make_directory(int dirfd, const char *name, struct error *err)
{
	int fd;

	if (mkdirat(dirfd, name, 0755) < 0)
		return error_set(err, errno, "cannot make directory '%s'", name);
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "cannot open '%s'", name);
	return fd;
}

int layers_upper_make(struct layers *layers, struct error *err)
{
	auto_close int lower =
		openat(layers->lowers[0], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (lower < 0)
		return error_set(err, errno, "cannot open the topmost layer");
	layers->work = make_directory(layers->data, "work", err);
	if (layers->work < 0)
		return -1;
	layers->upper = make_directory(layers->data, "upper", err);
	if (layers->upper < 0)
		return -1;
	if (copy_attributes(lower, layers->upper, err) < 0)
		return error_prefix(err, "cannot make the upper's root like the layer's");
	return 0;
}

/* When this boot began, on the clock of file times. */
static time_t boot_time(void)
{
	struct timespec now, up;

	if (clock_gettime(CLOCK_REALTIME, &now) < 0 ||
	    clock_gettime(CLOCK_BOOTTIME, &up) < 0)
		return 0;
	return now.tv_sec - up.tv_sec;
}

/*
 * overlayfs leaves a mark on the work directory of a volatile mount and refuses to use it
 * again, since a crash of the host may have lost part of the upper
 * (Documentation/filesystems/overlayfs.rst, "Volatile mount"). A mark of this boot says
 * only that a container ran.
 */
static int clear_volatile_mark(int work, const char *work_name, struct error *err)
{
	struct stat status;

	if (fstatat(work, volatile_mark, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (status.st_mtim.tv_sec < boot_time()) {
		(void)error_set(err, 0,
				"the upper was volatile when the host went down, and "
				"may lack part of what was written");
		return error_hint(err, "to use it nevertheless: rmdir '%s/%s'", work_name,
				  volatile_mark);
	}
	if (unlinkat(work, volatile_mark, AT_REMOVEDIR) < 0)
		return error_set(err, errno, "cannot remove '%s/%s'", work_name,
				 volatile_mark);
	return 0;
}

static int open_given(const char *path, const char *member, struct error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	(void)error_set(err, errno, "cannot open '%s'", path);
	return error_at(err, "root.overlay.%s", member);
}

int layers_upper_open(struct layers *layers, const struct layers_request *request,
		      const char *claim, struct arena *arena, struct error *err)
{
	const struct config_overlay *overlay = request->config->root->overlay;
	const char *upper = path_join(arena, request->bundle_path, overlay->upper);
	const char *work = path_join(arena, request->bundle_path, overlay->work);
	const char *container = arena_format(arena, "%s/%s", request->root, request->id);

	layers->upper = open_given(upper, "upper", err);
	if (layers->upper < 0)
		return -1;
	layers->work = open_given(work, "work", err);
	if (layers->work < 0)
		return -1;
	if (layers_claim_take(claim, container, layers->upper, err) < 0) {
		(void)error_prefix(err, "cannot use upper '%s'", upper);
		return error_at(err, "root.overlay.upper");
	}
	return clear_volatile_mark(layers->work, work, err);
}
