/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* path_text - a path, whose bytes a container chose, for a reader. Pure. */

struct text;

/* On one line, and no command to a terminal: control characters (those of Unicode's
 * second set too), backslashes, and all above 127 if it is not UTF-8, as "\x1b" each
 * byte. What it stands for is never in doubt. */
void path_text_put(struct text *text, const char *path);

/* Its bytes in base64, RFC 4648, for JSON, which holds UTF-8 only. */
void path_text_base64(struct text *text, const char *path);
