/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stddef.h>
#include <sys/personality.h>

#include "base/error.h"
#include "base/names.h"
#include "kernel/personality.h"
#include "oci/config.h"

static const struct name domains[] = {
	{ "LINUX", PER_LINUX },
	{ "LINUX32", PER_LINUX32 },
	{ NULL, 0 },
};

int personality_check(const struct config_linux *linux_, struct error *err)
{
	const struct config_personality *personality = linux_->personality;

	if (personality == NULL)
		return 0;
	if (name_find(domains, personality->domain) == NULL) {
		error_set(err, 0, "unknown domain '%s'", personality->domain);
		return error_at(err, "linux.personality.domain");
	}
	if (personality->flags == NULL || personality->flags[0] == NULL)
		return 0;
	error_set(err, 0, "unknown flag '%s'", personality->flags[0]);
	return error_at(err, "linux.personality.flags[0]");
}

int personality_apply(const struct config_linux *linux_, struct error *err)
{
	const struct config_personality *wanted = linux_->personality;

	if (wanted == NULL)
		return 0;
	if (personality((unsigned long)name_find(domains, wanted->domain)->value) >= 0)
		return 0;
	error_set(err, errno, "cannot set the personality '%s'", wanted->domain);
	return error_at(err, "linux.personality");
}
