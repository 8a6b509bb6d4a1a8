/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/copy.h"
#include "base/error.h"
#include "base/tree.h"
#include "container/layers.h"
#include "container/layers_parts.h"
#include "container/record.h"

static const char *const volatile_mark = "work/incompat/volatile";

int layers_volatile_forget(int work, struct error *err)
{
	auto_close int incompat = openat(work, "work/incompat",
					 O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (incompat < 0)
		return errno == ENOENT ? 0
				       : error_set(err, errno, "cannot open 'incompat'");
	return tree_remove(incompat, "volatile", err);
}

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

int layers_upper_make(struct record *record, int data, struct arena *arena,
		      struct error *err)
{
	const char *topmost = record->lowers[0].path;
	auto_close int lower = open(topmost, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close int work = -1, upper = -1;

	if (lower < 0)
		return error_set(err, errno, "cannot open '%s'", topmost);
	work = make_directory(data, "work", err);
	if (work < 0)
		return -1;
	upper = make_directory(data, "upper", err);
	if (upper < 0)
		return -1;
	if (copy_attributes(lower, upper, err) < 0)
		return error_prefix(err, "cannot make the upper's root like '%s'",
				    topmost);
	record->upper.path = arena_format(arena, "%s/upper", record->data_directory);
	record->work.path = arena_format(arena, "%s/work", record->data_directory);
	if (layers_describe(upper, &record->upper, err) < 0)
		return -1;
	return layers_describe(work, &record->work, err);
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
		return error_hint(err, "to use it nevertheless: rm -r '%s/%s'", work_name,
				  volatile_mark);
	}
	return layers_volatile_forget(work, err);
}

int layers_upper_open(struct record *record, const struct layers_request *request,
		      struct arena *arena, struct error *err)
{
	auto_close int work = layers_open_again(&record->work, err);

	if (work < 0 || layers_claim_take(request, record, arena, err) < 0)
		return -1;
	return clear_volatile_mark(work, record->work.path, err);
}
