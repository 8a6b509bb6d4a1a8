/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* store_verb - layers, the verb: what is in the layer store, and who uses what. */

#include <stdbool.h>
#include <stddef.h>

struct error;
struct json_writer;
struct store;
struct store_layer;
struct text;

struct store_request {
	const char *root, *data_root; /* absolute */
	char **words;                 /* list, show, remove or verify, and names */
	size_t count;
	bool json, quiet, unused, dry_run;
};

int store_verb(const struct store_request *request, struct error *err);

/* store_show.c: one layer by its name, or an image, "oci:DIR[:TAG]", layer by layer. */
int store_show(const struct store_request *request, struct store *store,
	       struct text *text, struct error *err);

/* store_remove.c, store_verify.c: `words` are names; those without any are all. Each
 * says a line, or a JSON object of one array, for a layer. */
int store_remove(const struct store_request *request, struct error *err);
int store_verify(const struct store_request *request, struct error *err);

/* What the four write with: members of a layer; who uses it, separated by ", ", with the
 * ids alone of those in the root that is given. */
void store_put_json(struct json_writer *json, const struct store_layer *layer);
void store_put_users(struct text *text, const struct store_layer *layer,
		     const char *root);
int store_print(const struct text *text, struct error *err);

/* The lines of remove and verify, as they come; JSON at the end. */
struct store_lines {
	struct json_writer *json; /* NULL: text */
};

void store_lines_open(struct store_lines *lines, bool is_json);
/* "STATE layer 'NAME': REASON"; reason may be NULL. */
void store_lines_put(const struct store_lines *lines, const char *state, const char *name,
		     const char *reason);
void store_lines_close(const struct store_lines *lines);
