/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * features - what this minirun can do: the document of features.md and features-linux.md
 * of the specification 1.3.0. Every value is read from the table that the implementation
 * works with. What the specification wants to be independent of the host is; what of it
 * the host has is in annotations, features_host.h.
 */

struct text;

/* Adds the document, indented, with a newline. commit: what it was built from. */
void features_write(const char *commit, struct text *text);
