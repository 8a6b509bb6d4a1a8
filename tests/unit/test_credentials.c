/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "check.h"
#include "kernel/credentials.h"
#include "oci/config.h"

static struct error err;

static int check_user(const struct config_user *user)
{
	const struct config_process process = { .user = user };

	err = (struct error){ 0 };
	return credentials_check(&process, &err);
}

static void the_ranges_are_exact(void)
{
	const int64_t groups[] = { 0, 4294967294 }, umask_value = 0777;
	const struct config_user good = { .uid = 4294967294,
					  .gid = 0,
					  .umask = &umask_value,
					  .additional_gids = groups,
					  .additional_gids_count = 2 };

	CHECK(check_user(NULL) == 0);
	CHECK(check_user(&good) == 0);
}

static void ids_out_of_range_are_refused_with_their_place(void)
{
	const struct config_user negative = { .uid = -1 };
	const struct config_user unset = { .gid = 4294967295 };
	const struct config_user large = { .uid = INT64_MAX };
	const int64_t groups[] = { 5, 4294967296 };
	const struct config_user group = { .additional_gids = groups,
					   .additional_gids_count = 2 };

	CHECK(check_user(&negative) < 0);
	CHECK_TEXT(err.text, "-1 is not between 0 and 4294967294");
	CHECK_TEXT(err.where, "process.user.uid");
	CHECK(check_user(&unset) < 0);
	CHECK_TEXT(err.where, "process.user.gid");
	CHECK(check_user(&large) < 0);
	CHECK(check_user(&group) < 0);
	CHECK_TEXT(err.text, "4294967296 is not between 0 and 4294967294");
	CHECK_TEXT(err.where, "process.user.additionalGids[1]");
}

static void umask_out_of_range_is_refused(void)
{
	const int64_t above = 01000, below = -1;
	const struct config_user first = { .umask = &above },
				 second = { .umask = &below };

	CHECK(check_user(&first) < 0);
	CHECK_TEXT(err.text, "512 is not between 0 and 0777 (511)");
	CHECK_TEXT(err.where, "process.user.umask");
	CHECK(check_user(&second) < 0);
}

static int become_in_child(void)
{
	const int64_t groups[] = { 40, 41 }, umask_value = 0027;
	const struct config_user user = { .uid = 1234,
					  .gid = 5678,
					  .umask = &umask_value,
					  .additional_gids = groups,
					  .additional_gids_count = 2 };
	const struct config_process process = { .user = &user,
						.no_new_privileges = true };
	uid_t uids[3];
	gid_t gids[3], found[8];

	if (credentials_apply(&process, 0, &err) < 0 ||
	    credentials_no_new_privileges(&process, &err) < 0)
		return 1;
	if (getresuid(&uids[0], &uids[1], &uids[2]) < 0 ||
	    getresgid(&gids[0], &gids[1], &gids[2]) < 0)
		return 2;
	for (int i = 0; i < 3; i++)
		if (uids[i] != 1234 || gids[i] != 5678)
			return 3;
	if (getgroups(8, found) != 2 || found[0] != 40 || found[1] != 41)
		return 4;
	if (umask(0) != 0027)
		return 5;
	return prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 1 ? 0 : 6;
}

static int stay_root_in_child(void)
{
	const struct config_process process = { 0 };

	if (credentials_apply(&process, 0, &err) < 0 ||
	    credentials_no_new_privileges(&process, &err) < 0)
		return 1;
	if (getuid() != 0 || getgroups(0, NULL) != 0 || umask(0) != 0022)
		return 2;
	return prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 0 ? 0 : 3;
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

static void every_id_is_the_users(void)
{
	in_child(become_in_child);
}

static void without_a_user_it_is_root_without_groups(void)
{
	in_child(stay_root_in_child);
}

int main(void)
{
	RUN(the_ranges_are_exact);
	RUN(ids_out_of_range_are_refused_with_their_place);
	RUN(umask_out_of_range_is_refused);
	RUN(every_id_is_the_users);
	RUN(without_a_user_it_is_root_without_groups);
	return check_done();
}
