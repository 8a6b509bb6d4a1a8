/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "image/epoch.h"
#include "image/image_commit.h"

static int find_created(struct image_commit *image, struct error *err)
{
	struct arena *arena = &image->bundle.arena;
	struct timespec time = { 0 };
	int64_t seconds;
	int result = epoch_read(&seconds, err);

	if (result < 0)
		return -1;
	if (result > 0)
		time.tv_sec = seconds;
	image->created = result > 0 ? clock_format(arena, &time) : clock_text(arena);
	return 0;
}

static int open_base(struct image_commit *image, const char *base, struct error *err)
{
	if (target_parse(&image->base_target, base, &image->bundle.arena, err) < 0)
		return -1;
	if (image->base_target.kind != TARGET_LAYOUT)
		return error_set(err, 0, "option '--base': '%s' is not oci:DIR[:TAG]",
				 base);
	return image_open(&image->base, &image->base_target, NULL, IMAGE_OCI, err);
}

static int add_base_layers(struct image_commit *image, struct error *err)
{
	for (size_t i = 0; i < image->base.layers_count; i++) {
		int fd = image_open_layer(&image->base, i, err);

		if (fd < 0)
			return -1;
		image_blobs_add_foreign(&image->output.blobs, fd,
					&image->base.layers[i].blob);
	}
	return 0;
}

int image_commit_open(struct image_commit *image, const struct target *target,
		      const char *base, int entryfd, struct error *err)
{
	const struct config *config = &image->bundle.config;

	if (bundle_load_copy(&image->bundle, entryfd, "config.json", err) < 0 ||
	    find_created(image, err) < 0)
		return -1;
	if (base != NULL && open_base(image, base, err) < 0)
		return -1;
	image->config = image_config_make(image->base.config, config->process,
					  image->details, &image->bundle.arena, err);
	if (image->config == NULL || image_output_open(&image->output, target, err) < 0 ||
	    add_base_layers(image, err) < 0)
		return -1;
	image->layer = image_blobs_add(&image->output.blobs, err);
	return image->layer == NULL ? -1 : 0;
}

int image_commit_publish(struct image_commit *image, const char *diff_id,
			 const char *layer_suffix, char hex[DIGEST_HEX_SIZE],
			 struct error *err)
{
	auto_text struct text config = { 0 }, manifest = { 0 }, id = { 0 };
	struct image_config document = { .base = image->base.config,
					 .config = image->config,
					 .details = image->details,
					 .created = image->created };
	struct image_blob *blob;
	struct utsname host;

	(void)uname(&host);
	document.architecture = image_config_architecture(host.machine);
	text_format(&id, "sha256:%s", diff_id);
	document.diff_id = id.data;
	image_config_write(&document, &config);
	blob = image_blobs_add_text(&image->output.blobs, &config, err);
	if (blob == NULL)
		return -1;
	image_manifest_write(image->base.manifest, &blob->descriptor,
			     &image->layer->descriptor, layer_suffix, &manifest);
	blob = image_blobs_add_text(&image->output.blobs, &manifest, err);
	if (blob == NULL)
		return -1;
	memcpy(hex, blob->descriptor.hex, DIGEST_HEX_SIZE);
	return image_output_publish(&image->output, &blob->descriptor, err);
}

void image_commit_release(struct image_commit *image)
{
	image_output_release(&image->output);
	image_release(&image->base);
	bundle_release(&image->bundle);
}
