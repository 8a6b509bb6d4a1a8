/* SPDX-License-Identifier: Apache-2.0 */
#include "image/epoch.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/parse.h"

static const int64_t seconds_max = 253402300799; /* the end of the year 9999 */

int epoch_read(int64_t *seconds, struct error *err)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");

	if (epoch == NULL)
		return 0;
	if (parse_int(epoch, 0, seconds_max, seconds))
		return 1;
	return error_set(err, 0, "SOURCE_DATE_EPOCH: '%s' is no number of seconds",
			 epoch);
}
