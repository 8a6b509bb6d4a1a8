/* SPDX-License-Identifier: Apache-2.0 */
#include <sched.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "container/layers.h"
#include "container/placement.h"
#include "container/record.h"
#include "container/survey.h"
#include "kernel/capabilities.h"
#include "kernel/cgroup.h"
#include "kernel/labels.h"
#include "kernel/namespaces.h"
#include "oci/bundle.h"
#include "oci/findings.h"

/* For what depends on the id of the container, which there is none of. */
static const char id[] = "minirun-check";

static int check_namespaces(const struct bundle *bundle, const void *context,
			    struct error *err)
{
	const struct config_linux *linux_ = bundle->config.linux_;
	auto_namespaces struct namespaces namespaces = { 0 };

	(void)context;
	if (namespaces_check(linux_, err) < 0)
		return -1;
	return namespaces_open(&namespaces, linux_, err);
}

static int check_layers(const struct bundle *bundle, const void *context,
			struct error *err)
{
	const struct survey_host *host = context;
	const struct layers_request request = { .config = &bundle->config,
						.bundle_path = bundle->path,
						.root = host->root,
						.data_root = host->data_root,
						.claims = host->claims,
						.id = id,
						.user_namespace = -1 };

	if (bundle->config.root->overlay == NULL)
		return 0;
	return layers_check(&request, err);
}

static int check_cgroup(const struct bundle *bundle, const void *context,
			struct error *err)
{
	const struct survey_host *host = context;
	const struct placement placement = { bundle->config.linux_,
					     host->cgroup_manager };
	auto_arena struct arena arena = { 0 };
	struct record record = { .id = id };
	struct cgroup cgroup;

	if (host->cgroup_manager == CGROUP_MANAGER_DISABLED)
		return 0;
	return placement_find(&placement, &arena, &record, &cgroup, err);
}

/* The first one is told, as an error is. */
static void note_ignored(void *context, const char *member, const char *why)
{
	struct error *err = context;

	if (err->text[0] != '\0')
		return;
	(void)error_set(err, 0, "ignored: %s", why);
	(void)error_at(err, "linux.resources.%s", member);
}

static int warn_cgroup(const struct bundle *bundle, const void *context,
		       struct error *err)
{
	const struct survey_host *host = context;
	const struct config_linux *linux_ = bundle->config.linux_;
	const struct placement placement = { linux_, host->cgroup_manager };
	auto_arena struct arena arena = { 0 };
	struct record record = { .id = id };
	struct cgroup cgroup;

	if (placement.manager == CGROUP_MANAGER_DISABLED ||
	    placement_find(&placement, &arena, &record, &cgroup, err) < 0)
		return 0;
	err->text[0] = '\0';
	cgroup_ignored(&cgroup, linux_->resources, note_ignored, err);
	return err->text[0] == '\0' ? 0 : -1;
}

static int warn_capabilities(const struct bundle *bundle, const void *context,
			     struct error *err)
{
	auto_text struct text missing = { 0 };

	(void)context;
	if ((namespaces_listed(bundle->config.linux_) & CLONE_NEWUSER) != 0 ||
	    capabilities_missing(bundle->config.process, &missing) == 0)
		return 0;
	(void)error_set(err, 0, "ignored: this host cannot give %s", missing.data);
	return error_at(err, "process.capabilities");
}

static int warn_mount_label(const struct bundle *bundle, const void *context,
			    struct error *err)
{
	(void)context;
	return labels_ignore_mounts(&bundle->config, err) ? -1 : 0;
}

void survey_bundle(struct bundle *bundle, const struct survey_host *host,
		   struct findings *findings)
{
	const struct survey_rule rules[] = {
		{ check_namespaces, host, NULL, FINDING_ERROR },
		{ check_layers, host, NULL, FINDING_ERROR },
		{ check_cgroup, host, NULL, FINDING_ERROR },
		{ warn_cgroup, host, NULL, FINDING_WARNING },
		{ warn_mount_label, host, "linux.mountLabel", FINDING_WARNING },
		{ warn_capabilities, host, "process.capabilities", FINDING_WARNING },
		{ NULL, NULL, NULL, 0 },
	};

	survey_run(bundle, rules, findings);
}
