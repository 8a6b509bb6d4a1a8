/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* digest - SHA-256 of bytes as they pass. */

#include <stddef.h>

struct error;

enum { DIGEST_HEX_SIZE = 65 };

/* The zero value is a digest that is not taken. */
struct digest {
	void *context; /* EVP_MD_CTX of libcrypto */
};

#define auto_digest __attribute__((cleanup(digest_release)))

int digest_start(struct digest *digest, struct error *err);
int digest_add(struct digest *digest, const void *bytes, size_t size, struct error *err);

/* 64 lower case digits. */
int digest_finish(struct digest *digest, char hex[DIGEST_HEX_SIZE], struct error *err);
void digest_release(struct digest *digest);
