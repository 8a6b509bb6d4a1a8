/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "base/error.h"
#include "container/launch.h"
#include "container/launch_parts.h"
#include "container/systemd.h"
#include "oci/annotations.h"
#include "oci/bundle.h"

int launch_plan_subgroup(struct launch *launch, struct error *err)
{
	const char *name = config_annotation(launch->config, ANNOTATION_DELEGATE_CGROUP);

	if (cgroup_subgroup_plan(&launch->subgroup, &launch->attempt.cgroup, name,
				 &launch->arena, err) == 0)
		return 0;
	return error_at(err, "annotations[\"%s\"]",
			annotation_name(ANNOTATION_DELEGATE_CGROUP));
}

/* It is where systemd says, which should be where it was expected. */
static int start_unit(struct launch *launch, struct error *err)
{
	struct attempt *attempt = &launch->attempt;
	struct record *record = &attempt->record;
	const char *path;

	if (systemd_is_scope(record) && seed_start(&launch->seed, err) < 0)
		return -1;
	path = systemd_start(launch->config, record, launch->seed.pid, &launch->arena,
			     err);
	if (path == NULL)
		return -1;
	attempt->cgroup_made = true;
	record->cgroup_path = path;
	if (cgroup_find(&attempt->cgroup, &launch->arena, path, err) < 0)
		return -1;
	if (record->cgroup_is_delegated)
		cgroup_delegate(&attempt->cgroup);
	cgroup_adopt(&attempt->cgroup);
	return launch_plan_subgroup(launch, err);
}

int launch_make_cgroup(struct launch *launch, struct error *err)
{
	struct attempt *attempt = &launch->attempt;

	if (attempt->record.unit != NULL ? start_unit(launch, err) < 0
					 : cgroup_create(&attempt->cgroup, err) < 0)
		return -1;
	attempt->cgroup_made = true;
	attempt->record.cgroup_planned = false;
	return 0;
}
