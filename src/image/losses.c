/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "base/log.h"
#include "image/losses.h"

void losses_warn(const struct losses *losses)
{
	if (losses->owners + losses->devices + losses->attributes == 0)
		return;
	log_warning("an ordinary user cannot have all that is in the layers: %" PRIu64
		    " files of other users are yours, %" PRIu64 " devices and %" PRIu64
		    " attributes are left out",
		    losses->owners, losses->devices, losses->attributes);
}
