/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * json_write - JSON text without a tree.
 *
 *	struct json_writer *json = json_writer_new("  ");
 *
 *	json_open_object(json, NULL);
 *	json_put_text(json, "id", id);
 *	json_close_object(json);
 *	json_writer_finish(json, &text);
 *
 * A key is NULL inside an array and for the document itself. Text that is not UTF-8 is
 * written with U+FFFD in the place of each bad byte, so that every document is valid.
 * Indentation and order are as runc prints them (two spaces; "spec" takes a tab). By hand
 * rather than by yajl_gen, which prints an empty array on two lines.
 */

#include <stdbool.h>
#include <stdint.h>

struct json;
struct json_writer;
struct text;

/* indent: NULL for one line, else what each level is indented with. */
struct json_writer *json_writer_new(const char *indent);

void json_open_object(struct json_writer *json, const char *key);
void json_close_object(struct json_writer *json);
void json_open_array(struct json_writer *json, const char *key);
void json_close_array(struct json_writer *json);
/* Nothing is written for NULL. */
void json_put_text(struct json_writer *json, const char *key, const char *value);
void json_put_int(struct json_writer *json, const char *key, int64_t value);
void json_put_uint(struct json_writer *json, const char *key, uint64_t value);
void json_put_bool(struct json_writer *json, const char *key, bool value);
void json_put_null(struct json_writer *json, const char *key);
/* 1250 is 12.5, as Go prints a floating-point number. */
void json_put_hundredths(struct json_writer *json, const char *key, uint64_t value);
/* A list of strings that ends with NULL; nothing is written for NULL. */
void json_put_texts(struct json_writer *json, const char *key, char *const *values);
/* A tree as it was read; nothing is written for NULL. */
void json_put_tree(struct json_writer *json, const char *key, const struct json *tree);

/* Adds the document and a newline to *text, and frees the writer. */
void json_writer_finish(struct json_writer *json, struct text *text);
