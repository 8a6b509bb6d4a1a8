/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/evp.h>
#include <stdio.h>

#include "base/error.h"
#include "image/digest.h"

static int failed(struct error *err)
{
	return error_set(err, 0, "libcrypto cannot compute SHA-256");
}

int digest_start(struct digest *digest, struct error *err)
{
	digest->context = EVP_MD_CTX_new();
	if (digest->context == NULL ||
	    EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL) != 1)
		return failed(err);
	return 0;
}

int digest_add(struct digest *digest, const void *bytes, size_t size, struct error *err)
{
	return EVP_DigestUpdate(digest->context, bytes, size) == 1 ? 0 : failed(err);
}

int digest_finish(struct digest *digest, char hex[DIGEST_HEX_SIZE], struct error *err)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned size;

	if (EVP_DigestFinal_ex(digest->context, bytes, &size) != 1)
		return failed(err);
	for (unsigned i = 0; i < size && 2 * i + 2 < DIGEST_HEX_SIZE; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

void digest_release(struct digest *digest)
{
	EVP_MD_CTX_free(digest->context);
	digest->context = NULL;
}
