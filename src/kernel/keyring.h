/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* keyring - a session keyring of the container's own; session-keyring(7), keyctl(2). */

struct error;

/* Joins the calling process to a new session keyring "_ses.ID". A host without keyrings or a full
 * quota is no error: the caller's keyring is left then (keyctl(KEYCTL_JOIN) of ""). */
int keyring_apply(const char *id, struct error *err);
