/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>

#include "cli/criu_options.h"
#include "cli/options.h"
#include "container/criu_options.h"

int criu_options_read(const struct options *options, struct criu_options *criu,
		      struct error *err)
{
	*criu = (struct criu_options){
		.image_path = options_text(options, "image-path"),
		.work_path = options_text(options, "work-path"),
		.parent_path = options_text(options, "parent-path"),
		.page_server = options_text(options, "page-server"),
		.manage_cgroups_mode = options_text(options, "manage-cgroups-mode"),
		.network_lock = options_text(options, "network-lock"),
		.lsm_profile = options_text(options, "lsm-profile"),
		.lsm_mount_context = options_text(options, "lsm-mount-context"),
		.empty_ns = options_text(options, "empty-ns"),
		.status_fd = -1,
	};
	for (enum criu_flag flag = 0; flag < CRIU_FLAGS_COUNT; flag++)
		criu->flags[flag] = options_has(options, criu_flag_name(flag));
	return options_number(options, "status-fd", INT_MAX, &criu->status_fd, err);
}
