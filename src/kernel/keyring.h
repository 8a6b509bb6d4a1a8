/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* keyring - a session keyring of the container's own; session-keyring(7), keyctl(2). */

struct error;

/*
 * Joins the calling process to a new session keyring "_ses.ID". A keyring of that name
 * which somebody else left searchable is not taken: another container of the same uid
 * could read what is put there.
 *
 * No error on a host without keyrings, or where a filter forbids keyctl(2) to
 * us and so to the container. A full quota is one: the container would keep the
 * caller's keyring, and a container can fill the quota.
 */
int keyring_apply(const char *id, struct error *err);
