/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "image/digest.h"

#include "check.h"

static struct error err;

static void the_vectors_of_fips_180(void)
{
	static const struct {
		const char *first, *second, *hex;
	} vectors[] = {
		{ "", "",
		  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "a", "bc",
		  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijk", "ijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		auto_digest struct digest digest = { 0 };
		char hex[DIGEST_HEX_SIZE] = "";

		CHECK(digest_start(&digest, &err) == 0);
		CHECK(digest_add(&digest, vectors[i].first, strlen(vectors[i].first),
				 &err) == 0);
		CHECK(digest_add(&digest, vectors[i].second, strlen(vectors[i].second),
				 &err) == 0);
		CHECK(digest_finish(&digest, hex, &err) == 0);
		CHECK_TEXT(hex, vectors[i].hex);
	}
}

static void one_that_was_not_taken_is_released(void)
{
	auto_digest struct digest digest = { 0 };

	CHECK(digest.context == NULL);
}

int main(void)
{
	RUN(the_vectors_of_fips_180);
	RUN(one_that_was_not_taken_is_released);
	return check_done();
}
