/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* features_host - what of it this host has, found by trying: the annotations
 * io.minirun.host.… of the document of features.h. What the caller may not try is left
 * out. Changes nothing. */

struct json_writer;

/* Into the object that is open. */
void features_put_host(struct json_writer *json);
