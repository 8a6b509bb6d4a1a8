/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * image_runtime - the configuration of an image as that of a container: conversion.md of
 * the image specification, on top of what `minirun spec` writes. Pure, but for the ids of
 * an ordinary user.
 */

#include <stddef.h>

struct arena;
struct error;
struct image_user;
struct json;
struct text;

/* The members of an image's configuration that count, their types checked. */
struct image_process {
	const struct json *entrypoint, *command, *env; /* lists of texts, or NULL */
	const struct json *ports, *volumes, *labels;   /* objects, or NULL */
	const char *directory, *user, *stop_signal;    /* or NULL */
};

/* config: the document; NULL: there is none. */
int image_process_read(struct image_process *process, const struct json *config,
		       struct error *err);

struct image_runtime {
	const struct json *config; /* the document, or NULL */
	const struct image_process *process;
	const struct image_user *user;
	char *const *lowers; /* topmost first, NULL at the end */
};

/* *refused: labels that are no annotations, since a runtime would act on them; nothing is
 * added if there are none. *text: config.json. */
int image_runtime_write(const struct image_runtime *runtime, struct text *text,
			struct text *refused, struct error *err);
