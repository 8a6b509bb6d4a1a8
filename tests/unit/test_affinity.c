/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "check.h"
#include "kernel/affinity.h"
#include "oci/config.h"

static struct error err;

static int check_with(const char *initial, const char *final)
{
	const struct config_affinity affinity = { initial, final };
	const struct config_process process = { .exec_cpu_affinity = &affinity };

	err = (struct error){ 0 };
	return affinity_check(&process, &err);
}

static void lists_pass(void)
{
	const struct config_process none = { 0 };

	CHECK(affinity_check(&none, &err) == 0);
	CHECK(check_with(NULL, NULL) == 0);
	CHECK(check_with("", "") == 0);
	CHECK(check_with("0", "0-3,7") == 0);
}

static void all_else_is_refused(void)
{
	CHECK(check_with("x", "0") < 0);
	CHECK_TEXT(err.text, "'x' is not a list as \"0-3,7\"");
	CHECK_TEXT(err.where, "process.execCPUAffinity.initial");
	CHECK(check_with("0", "3-0") < 0);
	CHECK_TEXT(err.text, "'3-0' is not a list as \"0-3,7\"");
	CHECK_TEXT(err.where, "process.execCPUAffinity.final");
}

int main(void)
{
	RUN(lists_pass);
	RUN(all_else_is_refused);
	return check_done();
}
