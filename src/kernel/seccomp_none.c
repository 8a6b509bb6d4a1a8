/* SPDX-License-Identifier: Apache-2.0 */

/* In the place of seccomp.c where minirun is built without libseccomp: a profile is
 * refused, since a container must not run with more rights than it was to have. */

#include "base/error.h"
#include "kernel/seccomp_cache.h"
#include "oci/config.h"

int seccomp_check(const struct config_seccomp *seccomp, struct error *err)
{
	if (seccomp == NULL)
		return 0;
	error_set(err, 0, "this minirun was built without seccomp");
	return error_at(err, "linux.seccomp");
}

const struct name *seccomp_words(enum seccomp_words which)
{
	(void)which;
	return NULL;
}

bool seccomp_has_action(const struct name *action)
{
	(void)action;
	return false;
}

bool seccomp_has_flag(const struct name *flag)
{
	(void)flag;
	return false;
}

void seccomp_put_version(struct text *text)
{
	(void)text;
}

int seccomp_check_known(const struct config_seccomp *seccomp, struct text *unknown,
			struct error *err)
{
	(void)unknown;
	return seccomp_check(seccomp, err);
}

bool seccomp_leaves(const struct config_seccomp *seccomp, const char *name)
{
	(void)seccomp;
	(void)name;
	return false;
}

int seccomp_cache_compile(int root, const struct config_seccomp *seccomp,
			  struct seccomp_program *program, struct error *err)
{
	(void)root;
	program->length = 0;
	program->flags = 0;
	return seccomp_check(seccomp, err);
}

int seccomp_apply(const struct seccomp_program *program, struct error *err)
{
	(void)program;
	(void)err;
	return 0;
}
