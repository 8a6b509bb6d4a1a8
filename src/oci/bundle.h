/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * bundle - a directory with a config.json, opened and read.
 *
 * The directory is held by descriptor and nobody changes directory: relative paths of
 * the configuration are joined with bundle->path. The text of config.json is kept, for
 * messages with line and column and because the container keeps a copy of it (a change
 * to the file after `create` must not reach the container).
 */

#include "base/arena.h"
#include "base/text.h"
#include "oci/config.h"

enum { BUNDLE_CONFIG_MAX = 16 * 1024 * 1024 }; /* bytes of config.json */

/* A part of the configuration that the file does not hold, for messages. */
struct bundle_part {
	const char *where; /* a JSON path: what is there and below is told of here */
	const char *name;  /* an option, "--volume /a:/b", or a file */
	const char *text;  /* of the file, NULL: an option */
	const struct json *json; /* of the file */
	const struct bundle_part *next;
};

struct bundle {
	struct arena arena; /* the configuration lives in it */
	int dirfd;
	const char *path;      /* absolute, links resolved, as realpath(3) */
	const char *file_name; /* "config.json", for messages */
	struct text text;      /* of config.json */
	const struct json *json;
	struct config config;
	const struct bundle_part *parts; /* the last one added first */
};

#define auto_bundle __attribute__((cleanup(bundle_release)))

/*
 * Opens the directory and reads its config.json, or the file given (NULL: none; a
 * relative path is from the directory). The structs are filled and every rule that needs
 * no host has passed (validate). A message names the place: "config.json:12:9:
 * process.rlimits[0].soft: …". Unknown members are given to `unknown` (may be NULL) as a
 * finished sentence.
 */
int bundle_load(struct bundle *bundle, const char *path, const char *file,
		config_unknown *unknown, struct error *err);

/* The part of bundle_load() before anything is read out of the text. */
int bundle_open(struct bundle *bundle, const char *path, const char *file,
		struct error *err);

/* The part of bundle_load() that needs no directory: bundle->text and file_name are set.
 */
int bundle_parse(struct bundle *bundle, config_unknown *unknown, struct error *err);

/* Reads the copy that the container's state directory keeps, for exec. */
int bundle_load_copy(struct bundle *bundle, int dirfd, const char *name,
		     struct error *err);

/* Notes that what is at `where` came from an option: "--lower" and the value given,
 * unless that is NULL. */
void bundle_note_option(struct bundle *bundle, const char *where, const char *option,
			const char *value);

/* Reads a part that came from elsewhere: an object that stands at `where`, out of a text
 * that is called `name` in messages. NULL after filling *err. */
const struct json *bundle_parse_part(struct bundle *bundle, const char *where,
				     const char *name, const struct text *text,
				     struct error *err);

/* Reads the document of exec's --process from a file. */
int bundle_read_process(struct bundle *bundle, const char *path,
			struct config_process *process, struct error *err);

/* Reads an array of mounts from a file, in the place of those of the configuration. */
int bundle_read_mounts(struct bundle *bundle, const char *path, struct error *err);

/*
 * Puts "config.json:12:9: process.rlimits[0].soft: " before the text of an error whose
 * `where` is set, and clears `where`; of what came from elsewhere it names the option, or
 * the other file. For errors of the features' X_check and X_apply,
 * which know the JSON path alone. Returns -1.
 */
int bundle_locate(const struct bundle *bundle, struct error *err);

/* Accepts the zero value with dirfd 0 or -1. */
void bundle_release(struct bundle *bundle);
