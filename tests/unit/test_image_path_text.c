/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "image/path_text.h"

#include "check.h"

static void one_line_that_commands_no_terminal(void)
{
	static const char *const cases[][2] = {
		{ "/", "/" },
		{ "/a b'\"*?", "/a b'\"*?" },
		{ "/caf\xc3\xa9", "/caf\xc3\xa9" },
		{ "/\n\t\x1b\x7f\x01", "/\\x0a\\x09\\x1b\\x7f\\x01" },
		{ "/back\\x0a", "/back\\x5cx0a" },
		{ "/\xc2\x80\xc2\x9f\xc2\xa0", "/\\xc2\\x80\\xc2\\x9f\xc2\xa0" },
		{ "/\xc3\xa9\xff", "/\\xc3\\xa9\\xff" },
		{ "/\xc2", "/\\xc2" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_text struct text text = { 0 };

		path_text_put(&text, cases[i][0]);
		CHECK_TEXT(text.data, cases[i][1]);
	}
}

static void base64_of_its_bytes(void)
{
	/* RFC 4648 section 10. */
	static const char *const cases[][2] = {
		{ "f", "Zg==" },        { "fo", "Zm8=" },        { "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
		{ "\xff", "/w==" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_text struct text text = { 0 };

		path_text_base64(&text, cases[i][0]);
		CHECK_TEXT(text.data, cases[i][1]);
	}
}

int main(void)
{
	RUN(one_line_that_commands_no_terminal);
	RUN(base64_of_its_bytes);
	return check_done();
}
