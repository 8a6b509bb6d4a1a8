/* SPDX-License-Identifier: Apache-2.0 */
#include <sched.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "check.h"
#include "kernel/hostname.h"
#include "oci/config.h"

#define SIXTY_FOUR "0123456789012345678901234567890123456789012345678901234567890123"

static struct error err;

static int check_with(const char *host, const char *domain,
		      const struct config_namespace *namespace)
{
	const struct config_linux linux_ = { .namespaces = namespace,
					     .namespaces_count = namespace != NULL };
	const struct config config = { .hostname = host,
				       .domainname = domain,
				       .linux_ = &linux_ };

	err = (struct error){ 0 };
	return hostname_check(&config, &err);
}

static const struct config_namespace own = { "uts", NULL };

static void names_of_64_bytes_pass(void)
{
	CHECK(check_with(NULL, NULL, NULL) == 0);
	CHECK(check_with(SIXTY_FOUR, SIXTY_FOUR, &own) == 0);
	CHECK(check_with("", "", &own) == 0);
}

static void longer_names_are_refused(void)
{
	CHECK(check_with(SIXTY_FOUR "x", NULL, &own) < 0);
	CHECK_TEXT(err.text, "a name of 65 bytes, 64 is the most");
	CHECK_TEXT(err.where, "hostname");
	CHECK(check_with("a", SIXTY_FOUR "xy", &own) < 0);
	CHECK_TEXT(err.text, "a name of 66 bytes, 64 is the most");
	CHECK_TEXT(err.where, "domainname");
}

static void the_hosts_namespace_is_refused(void)
{
	const struct config_namespace hosts = { "uts", "/proc/self/ns/uts" };
	const struct config_namespace other = { "mount", NULL };

	CHECK(check_with("a", NULL, &other) < 0);
	CHECK_TEXT(err.text, "needs a namespace of type 'uts'");
	CHECK_TEXT(err.where, "hostname");
	CHECK(check_with(NULL, "a", &hosts) < 0);
	CHECK_TEXT(err.text, "'/proc/self/ns/uts' is the host's, its name would change");
	CHECK_TEXT(err.where, "domainname");
	CHECK(check_with(NULL, NULL, &hosts) == 0);
}

static int apply_in_child(void)
{
	const struct config config = { .hostname = "inside", .domainname = "example" };
	struct utsname names;

	if (unshare(CLONE_NEWUTS) < 0)
		return 1;
	if (hostname_apply(&config, &err) < 0 || uname(&names) < 0)
		return 2;
	return strcmp(names.nodename, "inside") == 0 &&
			       strcmp(names.domainname, "example") == 0
		       ? 0
		       : 3;
}

static void both_names_are_set(void)
{
	int status = -1;
	pid_t child;

	if (geteuid() != 0) {
		printf("# skipped: needs root\n");
		return;
	}
	child = fork();
	if (child == 0)
		_exit(apply_in_child());
	CHECK(waitpid(child, &status, 0) == child && status == 0);
}

int main(void)
{
	RUN(names_of_64_bytes_pass);
	RUN(longer_names_are_refused);
	RUN(the_hosts_namespace_is_refused);
	RUN(both_names_are_set);
	return check_done();
}
