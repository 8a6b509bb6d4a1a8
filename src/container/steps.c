/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "base/error.h"
#include "container/steps.h"

int steps_run(const struct step *steps, void *context, struct error *err)
{
	for (; steps->name != NULL; steps++) {
		if (steps->run(context, err) == 0)
			continue;
		/* What has a place in the configuration, or is the payload's own failure
		 * in runc's words ("exec: …"), says enough. */
		if (err->where[0] != '\0' ||
		    __builtin_strncmp(err->text, "exec: ", 6) == 0)
			return -1;
		return error_prefix(err, "%s", steps->name);
	}
	return 0;
}
