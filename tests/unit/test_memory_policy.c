/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "check.h"
#include "kernel/memory_policy.h"
#include "oci/config.h"

static struct error err;

static const char *said(const char *mode, const char *nodes, char **flags)
{
	const struct config_memory_policy policy = { mode, nodes, flags };
	const struct config_linux linux_ = { .memory_policy = &policy };

	err = (struct error){ 0 };
	return memory_policy_check(&linux_, &err) == 0 ? "" : err.text;
}

static void modes_with_their_nodes_pass(void)
{
	const struct config_linux none = { 0 };

	CHECK(memory_policy_check(&none, &err) == 0);
	CHECK_TEXT(said("MPOL_DEFAULT", NULL, NULL), "");
	CHECK_TEXT(said("MPOL_LOCAL", "", NULL), "");
	CHECK_TEXT(said("MPOL_PREFERRED", "", NULL), "");
	CHECK_TEXT(said("MPOL_PREFERRED", "0", NULL), "");
	CHECK_TEXT(said("MPOL_PREFERRED_MANY", "0", NULL), "");
	CHECK_TEXT(said("MPOL_BIND", "0-1,3", NULL), "");
	CHECK_TEXT(said("MPOL_INTERLEAVE", "0", NULL), "");
	CHECK_TEXT(said("MPOL_WEIGHTED_INTERLEAVE", "0", NULL), "");
}

static void nodes_that_do_not_fit_are_refused(void)
{
	CHECK_TEXT(said("MPOL_DEFAULT", "0", NULL), "'MPOL_DEFAULT' has no nodes");
	CHECK_TEXT(said("MPOL_LOCAL", "0", NULL), "'MPOL_LOCAL' has no nodes");
	CHECK_TEXT(said("MPOL_BIND", NULL, NULL), "'MPOL_BIND' needs at least one node");
	CHECK_TEXT(said("MPOL_BIND", "0-", NULL), "'0-' is not a list as \"0-3,7\"");
	CHECK_TEXT(err.where, "linux.memoryPolicy.nodes");
}

static void unknown_words_are_refused(void)
{
	char known[] = "MPOL_F_STATIC_NODES", unknown[] = "MPOL_F_X";
	char *flags[] = { known, unknown, NULL };

	CHECK_TEXT(said("BIND", "0", NULL), "unknown mode 'BIND'");
	CHECK_TEXT(said("MPOL_BIND", "0", flags), "unknown flag 'MPOL_F_X'");
	CHECK_TEXT(err.where, "linux.memoryPolicy.flags[1]");
	flags[1] = NULL;
	CHECK_TEXT(said("MPOL_BIND", "0", flags), "");
}

int main(void)
{
	RUN(modes_with_their_nodes_pass);
	RUN(nodes_that_do_not_fit_are_refused);
	RUN(unknown_words_are_refused);
	return check_done();
}
