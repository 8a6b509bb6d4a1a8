/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "check.h"
#include "kernel/personality.h"
#include "oci/config.h"

static struct error err;

static int check_with(const char *domain, char **flags)
{
	const struct config_personality personality = { domain, flags };
	const struct config_linux linux_ = { .personality = &personality };

	err = (struct error){ 0 };
	return personality_check(&linux_, &err);
}

static void the_two_domains_pass(void)
{
	const struct config_linux none = { 0 };
	char *no_flags[] = { NULL };

	CHECK(personality_check(&none, &err) == 0);
	CHECK(check_with("LINUX", NULL) == 0);
	CHECK(check_with("LINUX32", no_flags) == 0);
}

static void all_else_is_refused(void)
{
	char flag[] = "ADDR_NO_RANDOMIZE";
	char *flags[] = { flag, NULL };

	CHECK(check_with("BSD", NULL) < 0);
	CHECK_TEXT(err.text, "unknown domain 'BSD'");
	CHECK_TEXT(err.where, "linux.personality.domain");
	CHECK(check_with("LINUX", flags) < 0);
	CHECK_TEXT(err.text, "unknown flag 'ADDR_NO_RANDOMIZE'");
	CHECK_TEXT(err.where, "linux.personality.flags[0]");
}

int main(void)
{
	RUN(the_two_domains_pass);
	RUN(all_else_is_refused);
	return check_done();
}
