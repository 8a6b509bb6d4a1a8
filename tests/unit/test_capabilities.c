/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/text.h"
#include "check.h"
#include "kernel/capabilities.h"
#include "kernel/credentials.h"
#include "oci/config.h"

#define BIT(number) (UINT64_C(1) << (number))

static struct error err;

/* The configuration's lists are of strings that nobody writes to. */
#define WORDS(...) ((char **)(uintptr_t)(const char *const[]){ __VA_ARGS__, NULL })

static char *none[] = { NULL };
#define kill_only      WORDS("CAP_KILL")
#define kill_and_chown WORDS("CAP_CHOWN", "CAP_KILL")
#define misspelt       WORDS("CAP_CHOWN", "CAP_KIL")

static int check_sets(const struct config_capabilities *sets)
{
	const struct config_process process = { .capabilities = sets };

	err = (struct error){ 0 };
	return capabilities_check(&process, &err);
}

static void known_names_pass(void)
{
	const struct config_capabilities sets = { .bounding = kill_and_chown,
						  .permitted = kill_and_chown,
						  .effective = kill_only,
						  .inheritable = none,
						  .ambient = kill_only };

	CHECK(check_sets(NULL) == 0);
	CHECK(check_sets(&sets) == 0);
}

static void unknown_names_are_refused_with_their_place(void)
{
	const struct config_capabilities bounding = { .bounding = misspelt };
	const struct config_capabilities ambient = { .ambient = misspelt };

	CHECK(check_sets(&bounding) < 0);
	CHECK_TEXT(err.text, "unknown capability 'CAP_KIL'");
	CHECK_TEXT(err.where, "process.capabilities.bounding[1]");
	CHECK(check_sets(&ambient) < 0);
	CHECK_TEXT(err.where, "process.capabilities.ambient[1]");
}

static void effective_lies_within_permitted(void)
{
	const struct config_capabilities sets = { .permitted = kill_only,
						  .effective = kill_and_chown };

	CHECK(check_sets(&sets) < 0);
	CHECK_TEXT(err.text, "'CAP_CHOWN' is effective but not permitted");
	CHECK_TEXT(err.where, "process.capabilities.effective[0]");
}

static void the_names_are_numbered_as_the_kernel_does(void)
{
	const char *const *names = capabilities_names();

	CHECK_TEXT(names[CAP_CHOWN], "CAP_CHOWN");
	CHECK_TEXT(names[CAP_SETPCAP], "CAP_SETPCAP");
	CHECK_TEXT(names[CAP_SYS_RESOURCE], "CAP_SYS_RESOURCE");
	CHECK_TEXT(names[CAP_AUDIT_READ], "CAP_AUDIT_READ");
}

static uint64_t status_line(const char *name)
{
	auto_file FILE *file = fopen("/proc/self/status", "re");
	char line[256];
	uint64_t set = UINT64_MAX;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			(void)sscanf(line + strlen(name), ":%" SCNx64, &set);
	return set;
}

static bool has_sets(uint64_t bounding, uint64_t permitted, uint64_t inheritable,
		     uint64_t ambient)
{
	return status_line("CapBnd") == bounding && status_line("CapPrm") == permitted &&
	       status_line("CapEff") == permitted &&
	       status_line("CapInh") == inheritable && status_line("CapAmb") == ambient;
}

static int apply(const struct config_process *process)
{
	if (capabilities_check(process, &err) < 0 ||
	    capabilities_bound(process, &err) < 0)
		return -1;
	if (process->user != NULL && credentials_apply(process, 0, &err) < 0)
		return -1;
	return capabilities_apply(process, &err);
}

static int without_any(void)
{
	const struct config_process process = { 0 };

	return apply(&process) == 0 && has_sets(0, 0, 0, 0) ? 0 : 1;
}

static int for_a_user(void)
{
	const struct config_capabilities sets = { .bounding = kill_and_chown,
						  .permitted = kill_and_chown,
						  .effective = kill_and_chown,
						  .inheritable = kill_only,
						  .ambient = kill_only };
	const struct config_user user = { .uid = 1234, .gid = 1234 };
	const struct config_process process = { .capabilities = &sets, .user = &user };
	uint64_t both = BIT(CAP_CHOWN) | BIT(CAP_KILL);

	return apply(&process) == 0 && has_sets(both, both, BIT(CAP_KILL), BIT(CAP_KILL))
		       ? 0
		       : 1;
}

/* The bounding set of the child lacks what is asked for, and what can be given is. */
static int what_is_not_held(void)
{
	const struct config_capabilities less = { .bounding = kill_only,
						  .permitted = kill_only,
						  .effective = kill_only };
	const struct config_capabilities more = { .bounding = kill_and_chown,
						  .permitted = kill_and_chown,
						  .effective = kill_and_chown,
						  .ambient = kill_only };
	const struct config_process first = { .capabilities = &less };
	const struct config_process second = { .capabilities = &more };
	auto_text struct text names = { 0 };

	if (apply(&first) < 0)
		return 1;
	if (capabilities_missing(&first, &names) != 0 ||
	    capabilities_missing(&second, &names) != 1 ||
	    strcmp(names.data, "CAP_CHOWN") != 0)
		return 2;
	if (apply(&second) < 0)
		return 3;
	return has_sets(BIT(CAP_KILL), BIT(CAP_KILL), 0, 0) ? 0 : 4;
}

/* The kernel takes no inheritable capability that the bounding set lacks. */
static int more_inheritable_than_bounding(void)
{
	const struct config_capabilities sets = { .bounding = kill_only,
						  .permitted = kill_and_chown,
						  .inheritable = kill_and_chown,
						  .ambient = kill_and_chown };
	const struct config_process process = { .capabilities = &sets };
	auto_text struct text names = { 0 };

	if (capabilities_missing(&process, &names) != 1 ||
	    strcmp(names.data, "CAP_CHOWN") != 0)
		return 1;
	if (apply(&process) < 0)
		return 2;
	return status_line("CapInh") == BIT(CAP_KILL) &&
			       status_line("CapAmb") == BIT(CAP_KILL)
		       ? 0
		       : 3;
}

static int without_setpcap(void)
{
	const struct config_process process = { 0 };

	/* Root that was stripped of it cannot drop from a full bounding set. */
	if (apply(&process) < 0)
		return 1;
	return apply(&process) == 0 ? 0 : 2; /* nothing is left to be dropped */
}

static void in_child(int (*test)(void))
{
	int status = -1;
	pid_t child;

	if (geteuid() != 0) {
		printf("# skipped: needs root\n");
		return;
	}
	(void)fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(test());
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	if (status != 0)
		printf("# exit status %d\n", WEXITSTATUS(status));
}

static void absent_sets_are_empty(void)
{
	in_child(without_any);
}

static void a_user_keeps_what_was_asked(void)
{
	in_child(for_a_user);
}

static void less_is_given_where_less_is_held(void)
{
	in_child(what_is_not_held);
}

static void inheritable_lies_within_bounding(void)
{
	in_child(more_inheritable_than_bounding);
}

static void dropping_twice_is_no_error(void)
{
	in_child(without_setpcap);
}

int main(void)
{
	RUN(known_names_pass);
	RUN(unknown_names_are_refused_with_their_place);
	RUN(effective_lies_within_permitted);
	RUN(the_names_are_numbered_as_the_kernel_does);
	RUN(absent_sets_are_empty);
	RUN(a_user_keeps_what_was_asked);
	RUN(less_is_given_where_less_is_held);
	RUN(inheritable_lies_within_bounding);
	RUN(dropping_twice_is_no_error);
	return check_done();
}
