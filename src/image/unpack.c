/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "image/bundle_output.h"
#include "image/image.h"
#include "image/image_layers.h"
#include "image/image_platform.h"
#include "image/image_runtime.h"
#include "image/image_user.h"
#include "image/lowers.h"
#include "image/lowers_read.h"
#include "image/size_text.h"
#include "image/tar_layer.h"
#include "image/target.h"
#include "image/unpack.h"
#include "oci/json_write.h"

enum { ACCOUNTS_MAX = 4 * 1024 * 1024 }; /* bytes of /etc/passwd and /etc/group */

struct outcome {
	struct arena arena;
	struct image_layers layers;
	const char *digest; /* "sha256:…" of the manifest, or of the layer */
};

static void outcome_release(struct outcome *outcome)
{
	arena_release(&outcome->arena);
}

static int find_user(struct outcome *outcome, const struct image_process *process,
		     struct image_user *user, struct error *err)
{
	auto_lowers struct lowers lowers = { 0 };
	auto_text struct text passwd = { 0 }, group = { 0 };

	text_put(&passwd, "");
	text_put(&group, "");
	if (lowers_open_paths(&lowers, outcome->layers.paths, err) < 0 ||
	    lowers_read(&lowers, "/etc/passwd", ACCOUNTS_MAX, &passwd, err) < 0 ||
	    lowers_read(&lowers, "/etc/group", ACCOUNTS_MAX, &group, err) < 0)
		return -1;
	return image_user_find(user, process->user, passwd.data, group.data,
			       &outcome->arena, err);
}

static int write_bundle(struct bundle_output *output, struct outcome *outcome,
			const struct image_process *process, const struct json *config,
			struct error *err)
{
	struct image_user user = { 0 };
	const struct image_runtime runtime = { .config = config,
					       .process = process,
					       .user = &user,
					       .lowers = outcome->layers.paths };
	auto_text struct text text = { 0 }, refused = { 0 };

	if (find_user(outcome, process, &user, err) < 0 ||
	    image_runtime_write(&runtime, &text, &refused, err) < 0 ||
	    bundle_output_publish(output, &text, err) < 0)
		return -1;
	if (refused.length > 0)
		log_warning("labels on which a runtime would act are left out: %s",
			    refused.data);
	losses_warn(&outcome->layers.losses);
	return 0;
}

/* The kernel may be able to run it all the same, binfmt_misc. */
static void compare_platform(const struct json *config)
{
	auto_text struct text text = { 0 };
	struct image_platform platform;
	struct utsname host;

	(void)uname(&host);
	image_platform_find(&platform, host.machine);
	if (image_platform_rank(&platform, config) > 0)
		return;
	image_platform_put(config, &text);
	log_warning("the image is for %s, and this machine is linux/%s", text.data,
		    platform.architecture);
}

static int unpack_layout(struct outcome *outcome, struct bundle_output *output,
			 const struct target *target, const char *store,
			 struct error *err)
{
	auto_image struct image image = IMAGE_NONE;
	struct image_process process;

	if (image_open(&image, target, store, 0, err) < 0)
		return -1;
	if (image_check_layers(&image, err) < 0 ||
	    image_process_read(&process, image.config, err) < 0 ||
	    image_layers_unpack(&image, store, &outcome->arena, &outcome->layers, err) <
		    0 ||
	    write_bundle(output, outcome, &process, image.config, err) < 0)
		return error_prefix(err, "'%s'", target->text);
	compare_platform(image.config);
	outcome->digest =
		arena_format(&outcome->arena, "sha256:%s", image.manifest_blob.hex);
	return 0;
}

static int unpack_tar(const struct unpack_request *request, struct outcome *outcome,
		      struct bundle_output *output, struct error *err)
{
	const struct image_process process = { 0 };
	const char *layer =
		tar_layer_unpack(request->data_root, request->image, &outcome->arena,
				 &outcome->layers.unpacked, err);

	if (layer == NULL)
		return -1;
	outcome->layers.paths =
		arena_alloc(&outcome->arena, 2, sizeof(*outcome->layers.paths));
	outcome->layers.paths[0] = arena_text(&outcome->arena, layer, strlen(layer));
	outcome->layers.count = 1;
	outcome->digest =
		arena_format(&outcome->arena, "sha256:%s", strrchr(layer, '/') + 1);
	return write_bundle(output, outcome, &process, NULL, err);
}

static void put_text(const struct unpack_request *request, const struct outcome *outcome)
{
	const struct image_layers *layers = &outcome->layers;
	auto_text struct text line = { 0 };
	char size[32];

	text_format(&line, "%s: %zu layer%s, ", request->bundle, layers->count,
		    layers->count == 1 ? "" : "s");
	if (layers->unpacked == 0)
		text_put(&line, "none new");
	else
		text_format(&line, "%zu new", layers->unpacked);
	if (layers->entries > 0) {
		size_text_format(layers->bytes, size, sizeof(size));
		text_format(&line, " (%" PRIu64 " entries, %s)", layers->entries, size);
	}
	(void)fprintf(stderr, "%s, %s\n", line.data, outcome->digest);
}

static int put_json(const struct unpack_request *request, const struct outcome *outcome,
		    struct error *err)
{
	const struct image_layers *layers = &outcome->layers;
	struct json_writer *json = json_writer_new("  ");
	auto_text struct text text = { 0 };

	json_open_object(json, NULL);
	json_put_text(json, "bundle", request->bundle);
	json_put_text(json, "digest", outcome->digest);
	json_put_uint(json, "layers", layers->count);
	json_put_uint(json, "unpacked", layers->unpacked);
	json_put_uint(json, "entries", layers->entries);
	json_put_uint(json, "bytes", layers->bytes);
	json_put_texts(json, "lower", layers->paths);
	json_close_object(json);
	json_writer_finish(json, &text);
	return file_write_full(STDOUT_FILENO, text.data, text.length) < 0
		       ? error_set(err, errno, "cannot write the summary")
		       : 0;
}

static int check_image(const struct target *target, struct error *err)
{
	struct stat status;

	if (target->kind != TARGET_TAR || stat(target->path, &status) < 0 ||
	    !S_ISDIR(status.st_mode))
		return 0;
	(void)error_set(err, 0, "'%s' is a directory, and no tar", target->path);
	return error_hint(err, "an image layout is oci:DIR[:TAG]");
}

int unpack_image(const struct unpack_request *request, struct error *err)
{
	__attribute__((cleanup(outcome_release))) struct outcome outcome = { 0 };
	auto_bundle_output struct bundle_output output = BUNDLE_OUTPUT_NONE;
	const char *store = arena_format(&outcome.arena, "%s/layers", request->data_root);
	struct target target;
	int result;

	if (target_parse(&target, request->image, &outcome.arena, err) < 0 ||
	    check_image(&target, err) < 0 ||
	    bundle_output_open(&output, request->bundle, err) < 0)
		return -1;
	result = target.kind == TARGET_TAR
			 ? unpack_tar(request, &outcome, &output, err)
			 : unpack_layout(&outcome, &output, &target, store, err);
	if (result < 0 || request->quiet)
		return result;
	if (request->json)
		return put_json(request, &outcome, err);
	put_text(request, &outcome);
	return 0;
}
