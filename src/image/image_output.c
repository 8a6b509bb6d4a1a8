/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "image/image_archive.h"
#include "image/image_layout.h"
#include "image/image_output.h"
#include "image/read_back.h"
#include "image/target.h"
#include "oci/json.h"

static const char *tag_of(const struct target *target)
{
	return target->tag == NULL ? "latest" : target->tag;
}

/* 1, 0, or -1 and errno. */
static int is_empty(int directory)
{
	int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir DIR *list = again < 0 ? NULL : fdopendir(again);
	const struct dirent *entry;

	if (list == NULL)
		return -1;
	while (errno = 0, (entry = readdir(list)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return 0;
	}
	return errno == 0 ? 1 : -1;
}

static int check_layout(const struct image_output *output, struct error *err)
{
	const char *path = output->target->path;
	auto_arena struct arena arena = { 0 };
	struct error wrong = { 0 };
	struct json *layout =
		image_layout_read_file(output->directory, "oci-layout", &arena, &wrong);
	int empty;

	if (layout != NULL)
		return image_layout_check(layout, err) < 0
			       ? error_prefix(err, "'%s'", path)
			       : 0;
	if (wrong.code != ENOENT) {
		*err = wrong;
		return error_prefix(err, "'%s'", path);
	}
	empty = is_empty(output->directory);
	if (empty < 0)
		return error_set(err, errno, "cannot read '%s'", path);
	return empty ? 0
		     : error_set(err, 0, "'%s' is no image layout, and not empty", path);
}

static int open_layout(struct image_output *output, struct error *err)
{
	const char *path = output->target->path;

	output->made = mkdir(path, 0777) == 0;
	if (!output->made && errno != EEXIST)
		return error_set(err, errno, "cannot create '%s'", path);
	output->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (output->directory < 0)
		return error_set(err, errno, "cannot open '%s'", path);
	if (check_layout(output, err) < 0)
		return -1;
	image_blobs_open(&output->blobs, output->directory);
	return 0;
}

int image_output_open(struct image_output *output, const struct target *target,
		      struct error *err)
{
	output->target = target;
	if (target->kind == TARGET_LAYOUT)
		return open_layout(output, err);
	if (output_open(&output->file, target->path, err) < 0)
		return -1;
	image_blobs_open(&output->blobs, output->file.directory);
	return 0;
}

static int open_blobs(int layout, struct error *err)
{
	int fd;

	if ((mkdirat(layout, "blobs", 0777) < 0 && errno != EEXIST) ||
	    (mkdirat(layout, "blobs/sha256", 0777) < 0 && errno != EEXIST))
		return error_set(err, errno, "cannot create 'blobs/sha256'");
	fd = openat(layout, "blobs/sha256",
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? error_set(err, errno, "cannot open 'blobs/sha256'") : fd;
}

/* A file of the layout, whole or as it was. */
static int write_document(const struct image_output *output, const char *name,
			  const struct text *text, struct error *err)
{
	auto_output struct output file = OUTPUT_NONE;
	auto_text struct text path = { 0 };

	text_format(&path, "%s/%s", output->target->path, name);
	if (output_open(&file, path.data, err) < 0)
		return -1;
	if (file_write_full(file.fd, text->data, text->length) < 0)
		return error_set(err, errno, "cannot write '%s'", path.data);
	return output_publish(&file, err);
}

static int publish_index(const struct image_output *output,
			 const struct image_descriptor *manifest, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	auto_text struct text text = { 0 };
	struct error wrong = { 0 };
	const struct json *index =
		image_layout_read_file(output->directory, "index.json", &arena, &wrong);

	if (index == NULL && wrong.code != ENOENT) {
		*err = wrong;
		return -1;
	}
	image_index_write(index, manifest, tag_of(output->target), &text);
	return write_document(output, "index.json", &text, err);
}

static int publish_layout(struct image_output *output,
			  const struct image_descriptor *manifest, struct error *err)
{
	auto_text struct text layout = { 0 };
	auto_close int blobs = -1;

	if (flock(output->directory, LOCK_EX) < 0)
		return error_set(err, errno, "cannot lock it");
	image_layout_write(&layout);
	if (faccessat(output->directory, "oci-layout", F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
	    write_document(output, "oci-layout", &layout, err) < 0)
		return -1;
	blobs = open_blobs(output->directory, err);
	if (blobs < 0 || image_blobs_publish(&output->blobs, blobs, err) < 0)
		return -1;
	return publish_index(output, manifest, err);
}

int image_output_publish(struct image_output *output,
			 const struct image_descriptor *manifest, struct error *err)
{
	auto_text struct text layout = { 0 }, index = { 0 };
	struct image_descriptor whole;

	if (output->is_verified && image_blobs_verify(&output->blobs, err) < 0)
		return -1;
	if (output->target->kind == TARGET_LAYOUT)
		return publish_layout(output, manifest, err) < 0
			       ? error_prefix(err, "'%s'", output->target->path)
			       : 0;
	image_layout_write(&layout);
	image_index_write(NULL, manifest, tag_of(output->target), &index);
	if (image_archive_write(output->file.fd, &layout, &index, &output->blobs, &whole,
				err) < 0)
		return -1;
	if (output->is_verified &&
	    read_back(output->file.fd,
		      &(struct read_back){ .hex = whole.hex,
					   .size = whole.size,
					   .name = output->target->text },
		      NULL, err) < 0)
		return -1;
	return output_publish(&output->file, err);
}

void image_output_release(struct image_output *output)
{
	image_blobs_release(&output->blobs);
	output_release(&output->file);
	if (output->directory < 0)
		return;
	/* Of one that was published there is something in it. */
	if (output->made)
		(void)rmdir(output->target->path);
	(void)close(output->directory);
}
