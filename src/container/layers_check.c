/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ancestry.h"
#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/path.h"
#include "container/layers.h"
#include "container/layers_parts.h"
#include "container/record.h"
#include "kernel/overlay.h"
#include "oci/config.h"

static int fail_at(struct error *err, const char *member)
{
	return error_at(err, "root.overlay.%s", member);
}

/* Where the changes go: no layer may be there or around it, or the kernel says ELOOP. */
struct place {
	const char *path;
	struct stat status;
	struct ancestry ancestry;
	bool is_theirs; /* nothing but the changes may be in it */
};

static int find_place(struct place *place, const char *path, int fd, struct error *err)
{
	place->path = path;
	if (fstat(fd, &place->status) < 0)
		return error_set(err, errno, "cannot look at '%s'", path);
	ancestry_find(fd, &place->ancestry);
	return 0;
}

static bool is_inside(const struct place *place, const struct place *top)
{
	return ancestry_has(&place->ancestry, top->status.st_dev, top->status.st_ino);
}

static int check_apart(const struct place *place, const char *lower,
		       const struct stat *status, struct error *err)
{
	auto_close int fd = -1;
	struct ancestry ancestry;

	if (ancestry_has(&place->ancestry, status->st_dev, status->st_ino))
		return error_set(err, 0, "'%s' lies inside the layer '%s'", place->path,
				 lower);
	if (!place->is_theirs)
		return 0;
	fd = open(lower, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "cannot open '%s'", lower);
	ancestry_find(fd, &ancestry);
	if (ancestry_has(&ancestry, place->status.st_dev, place->status.st_ino))
		return error_set(err, 0, "the layer '%s' lies inside '%s'", lower,
				 place->path);
	return 0;
}

/* The directories where the changes of this container will be. */
struct changes {
	struct place places[2];
	size_t count;
};

static int check_lower(const struct changes *changes, const char *path, struct error *err)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return error_set(err, errno, "cannot find '%s'", path);
	if (S_ISREG(status.st_mode))
		return 0; /* a tar goes to the store */
	if (!S_ISDIR(status.st_mode))
		return error_set(err, 0, "'%s' is neither a directory nor a tar file",
				 path);
	for (size_t i = 0; i < changes->count; i++) {
		if (check_apart(&changes->places[i], path, &status, err) < 0)
			return -1;
	}
	return 0;
}

static int check_lowers(const struct layers_request *request,
			const struct changes *changes, struct arena *arena,
			struct error *err)
{
	char **lower = request->config->root->overlay->lower;
	size_t count = 0;

	while (lower != NULL && lower[count] != NULL)
		count++;
	if (count == 0 || count > OVERLAY_LOWERS_MAX) {
		(void)error_set(err, 0, "%zu layers are given, 1 to %d are possible",
				count, OVERLAY_LOWERS_MAX);
		return fail_at(err, "lower");
	}
	for (size_t i = 0; i < count; i++) {
		const char *path = path_join(arena, request->bundle_path, lower[i]);

		if (check_lower(changes, path, err) < 0)
			return error_at(err, "root.overlay.lower[%zu]", i);
	}
	return 0;
}

static int open_given(const char *path, const char *member, struct error *err)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	(void)error_set(err, errno, "cannot open '%s'", path);
	return fail_at(err, member);
}

/* Where containers without an upper of the user's have theirs. */
static int check_data(const struct layers_request *request, const struct changes *changes,
		      struct arena *arena, struct error *err)
{
	const char *path = arena_format(arena, "%s/containers", request->data_root);
	auto_close int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct place data;

	if (fd < 0)
		return 0;
	if (find_place(&data, path, fd, err) < 0)
		return -1;
	for (size_t i = 0; i < changes->count; i++) {
		const struct place *place = &changes->places[i];

		if (!is_inside(place, &data) && !is_inside(&data, place))
			continue;
		(void)error_set(err, 0,
				"'%s' and '%s', which is minirun's, must not lie inside "
				"each other",
				place->path, path);
		return fail_at(err, i == 0 ? "upper" : "work");
	}
	return 0;
}

static int check_given(const struct layers_request *request, struct changes *changes,
		       struct arena *arena, struct error *err)
{
	const struct config_overlay *overlay = request->config->root->overlay;
	const char *upper = path_join(arena, request->bundle_path, overlay->upper);
	const char *work = path_join(arena, request->bundle_path, overlay->work);
	struct place *places = changes->places;
	auto_close int upperfd = open_given(upper, "upper", err);
	auto_close int workfd = upperfd < 0 ? -1 : open_given(work, "work", err);

	if (workfd < 0)
		return -1;
	if (overlay_check_upper(upperfd, workfd, upper, err) < 0)
		return fail_at(err, "upper");
	if (find_place(&places[0], upper, upperfd, err) < 0 ||
	    find_place(&places[1], work, workfd, err) < 0)
		return -1;
	places[0].is_theirs = places[1].is_theirs = true;
	changes->count = 2;
	if (is_inside(&places[0], &places[1]) || is_inside(&places[1], &places[0])) {
		(void)error_set(err, 0, "'%s' and '%s' must not lie inside each other",
				upper, work);
		return fail_at(err, "work");
	}
	return check_data(request, changes, arena, err);
}

static int check_claims(const struct layers_request *request, struct arena *arena,
			struct error *err)
{
	struct record record = { .id = request->id };

	if (layers_plan(request, arena, &record, err) < 0)
		return -1;
	return layers_claim_check(request, &record, err);
}

/* The data root may have to be made: what counts is the directory it will be made in. */
static int open_existing(const char *path)
{
	auto_free char *parent = strdup(path);
	int fd = -1;

	while (parent != NULL) {
		char *slash;

		fd = open(parent[0] != '\0' ? parent : "/",
			  O_PATH | O_DIRECTORY | O_CLOEXEC);
		slash = strrchr(parent, '/');
		if (fd >= 0 || errno != ENOENT || slash == NULL)
			break;
		*slash = '\0';
	}
	return fd;
}

static int check_own(const struct layers_request *request, struct changes *changes,
		     struct error *err)
{
	auto_close int fd = open_existing(request->data_root);

	if (fd < 0)
		return error_set(err, errno, "cannot open '%s'", request->data_root);
	if (overlay_check_upper(fd, -1, request->data_root, err) < 0)
		return -1;
	if (find_place(&changes->places[0], request->data_root, fd, err) < 0)
		return -1;
	changes->count = 1;
	return 0;
}

int layers_check(const struct layers_request *request, struct error *err)
{
	const struct config_overlay *overlay = request->config->root->overlay;
	auto_arena struct arena arena = { 0 };
	struct changes changes = { 0 };
	int result;

	if ((overlay->upper == NULL) != (overlay->work == NULL)) {
		(void)error_set(err, 0, "upper and work belong together");
		return fail_at(err, overlay->upper == NULL ? "upper" : "work");
	}
	if (layers_check_ids(request, err) < 0)
		return -1;
	if (overlay->upper != NULL)
		result = check_given(request, &changes, &arena, err);
	else
		result = check_own(request, &changes, err);
	if (result < 0 || check_lowers(request, &changes, &arena, err) < 0)
		return -1;
	return overlay->upper == NULL ? 0 : check_claims(request, &arena, err);
}
