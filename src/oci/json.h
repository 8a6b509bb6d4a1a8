/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * json - text to tree. Its json.c is the only file that knows yajl.
 *
 * A number keeps the text it was written with, so that a 64-bit value loses
 * nothing and the reader decides on sign and range. Every node keeps where it
 * starts in the text, for messages with line and column.
 *
 * Refused: comments, anything after the document, nesting deeper than 64, more than a
 * million values, a NUL in a string or name (it would silently cut a path short). Of two
 * members with one name both are kept; readers take the last.
 */

#include <stddef.h>

struct arena;
struct error;
struct text;

enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

struct json {
	enum json_type type;
	const char *key;    /* in an object: this member's name */
	const char *text;   /* JSON_NUMBER, JSON_STRING */
	struct json *child; /* JSON_ARRAY, JSON_OBJECT: the first element */
	struct json *next;  /* the next element of the same parent */
	size_t count;       /* JSON_ARRAY, JSON_OBJECT: how many elements */
	size_t offset;      /* of its first byte in the text */
};

#define json_foreach(item, parent) \
	for (const struct json *item = (parent)->child; item != NULL; item = item->next)

/* The tree lives as long as the arena. NULL after filling *err, with the line and column
 * as "LINE:COLUMN: reason". */
struct json *json_parse(struct arena *arena, const char *text, size_t length,
			struct error *err);

/* The last member with that name, or NULL, also when json is NULL or no object. */
struct json *json_find(const struct json *json, const char *key);

/* A string's text, or NULL, also when json is NULL. */
const char *json_string(const struct json *json);

/*
 * The deepest node that a path reaches from the root. A path is such as
 * `process.rlimits[0].soft`; a name that is not one word stands in brackets and quotes:
 * `annotations["org.example.key"]`.
 */
const struct json *json_reach(const struct json *root, const char *path);

/* One step of a path: `name`, `[0]` or `["na.me"]`, or NULL when there is no such node;
 * *path is moved behind it and the '.'. */
const struct json *json_step(const struct json *json, const char **path);

/* The line and column (in characters), from 1, of a byte of the text. */
void json_position(const char *text, size_t offset, size_t *line, size_t *column);

/* Builds by hand: a new node, added to a parent unless that is NULL. */
struct json *json_add(struct arena *arena, struct json *parent, enum json_type type,
		      const char *key, const char *text);
