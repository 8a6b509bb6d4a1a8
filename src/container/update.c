/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "container/placement.h"
#include "container/recorded.h"
#include "container/registry.h"
#include "container/status.h"
#include "container/systemd.h"
#include "container/update.h"
#include "kernel/cgroup.h"
#include "kernel/intel_rdt.h"
#include "oci/json.h"
#include "oci/json_write.h"
#include "oci/resources_merge.h"

/* Or a delete would find a file that it did not expect, a second update be lost. */
static int lock(const struct registry *registry, const char *id, struct error *err)
{
	int entryfd = registry_lock_soon(registry, id, err);

	if (entryfd >= 0 || err->code != EWOULDBLOCK)
		return entryfd;
	log_warning("waiting for the minirun that creates, starts, updates or deletes "
		    "container '%s'",
		    id);
	return registry_lock(registry, id, err);
}

int update_open(struct update *update, const struct registry *registry, const char *id,
		struct error *err)
{
	enum status status;

	update->entryfd = lock(registry, id, err);
	if (update->entryfd < 0 ||
	    registry_load(update->entryfd, &update->record, &update->arena, err) < 0 ||
	    status_find(update->entryfd, &update->record, &status, err) < 0)
		return -1;
	if (status == STATUS_STOPPED || status == STATUS_CREATING) {
		(void)error_set(err, 0, "container not running");
		return error_hint(err, "it is %s", status_text(status));
	}
	return bundle_load_copy(&update->bundle, update->entryfd, "config.json", err);
}

void update_release(struct update *update)
{
	if (update->entryfd >= 0)
		(void)close(update->entryfd);
	arena_release(&update->arena);
	bundle_release(&update->bundle);
}

/* The member of that name, an object, made where it is missing. */
static struct json *object_of(struct arena *arena, struct json *parent, const char *key)
{
	struct json *member = json_find(parent, key);

	if (member == NULL)
		return json_add(arena, parent, JSON_OBJECT, key, NULL);
	member->type = JSON_OBJECT; /* null is the same as absent */
	return member;
}

static void set_text(struct arena *arena, struct json *parent, const char *key,
		     const char *value)
{
	struct json *member = json_find(parent, key);

	if (value == NULL)
		return;
	if (member == NULL)
		member = json_add(arena, parent, JSON_STRING, key, NULL);
	member->type = JSON_STRING;
	member->text = value;
}

/* Everything that is to change: what is there, as the file has it, and what shall be. */
struct change {
	struct json *json; /* all of the new configuration */
	struct cgroup cgroup;
	struct config_resources before,
		after; /* sections that are asked for, no others */
	struct config_intel_rdt shares_before, shares;
	bool has_shares;
};

static bool has(const struct json *asked, const char *section)
{
	const struct json *member = json_find(asked, section);

	return member != NULL && member->type != JSON_NULL;
}

static void keep_sections(struct config_resources *resources, const struct json *asked)
{
	if (!has(asked, "memory"))
		resources->memory = NULL;
	if (!has(asked, "cpu"))
		resources->cpu = NULL;
	if (!has(asked, "pids"))
		resources->pids = NULL;
	if (!has(asked, "blockIO"))
		resources->block_io = NULL;
	if (!has(asked, "hugepageLimits"))
		resources->hugepage_limits_count = 0;
	if (!has(asked, "network"))
		resources->network = NULL;
	if (!has(asked, "rdma"))
		resources->rdma_count = 0;
	if (!has(asked, "unified"))
		resources->unified = NULL;
	if (!has(asked, "devices"))
		resources->devices_count = 0;
}

static bool is_same_number(const int64_t *left, const int64_t *right)
{
	return left == NULL || right == NULL ? left == right : *left == *right;
}

static bool is_same_text(const char *left, const char *right)
{
	return left == NULL || right == NULL ? left == right : strcmp(left, right) == 0;
}

static bool has_same_devices(const struct config_resources *left,
			     const struct config_resources *right)
{
	if (left->devices_count != right->devices_count)
		return false;
	for (size_t i = 0; i < left->devices_count; i++) {
		const struct config_device_rule *a = &left->devices[i];
		const struct config_device_rule *b = &right->devices[i];

		if (a->allow != b->allow || !is_same_text(a->type, b->type) ||
		    !is_same_number(a->major, b->major) ||
		    !is_same_number(a->minor, b->minor) ||
		    !is_same_text(a->access, b->access))
			return false;
	}
	return true;
}

static int plan_resources(struct update *update, const struct json *asked,
			  struct change *change, struct error *err)
{
	struct arena *arena = &update->bundle.arena;
	const struct config_linux *linux_ = update->bundle.config.linux_;
	struct json *recorded =
		object_of(arena, json_find(change->json, "linux"), "resources");
	struct config_resources alone;

	/* What is asked for by itself first: a mistake is in it then. */
	if (config_resources_read(&alone, asked, arena, err) < 0)
		return error_at(err, "linux.resources");
	resources_merge(arena, recorded, asked);
	if (config_resources_read(&change->after, recorded, arena, err) < 0)
		return error_at(err, "linux.resources");
	if (linux_->resources != NULL)
		change->before = *linux_->resources;
	keep_sections(&change->before, asked);
	keep_sections(&change->after, asked);
	/* A manager gives all rules always; another program may have added some. */
	if (has_same_devices(&change->before, &change->after))
		change->before.devices_count = change->after.devices_count = 0;
	if (asked->count > 0 && change->cgroup.layout == CGROUP_DISABLED)
		return error_set(err, 0,
				 "the container is not in a cgroup of its own, so that "
				 "it has no limits");
	placement_warn(&(struct config_linux){ .resources = &alone }, &change->cgroup);
	return cgroup_check_resources(&change->cgroup, &change->after, err);
}

/* The words are runc's. */
static int find_resctrl(struct update *update, const struct update_request *request,
			struct error *err)
{
	struct error inner = { 0 };

	update->record.rdt.root = intel_rdt_root(&update->arena, &inner);
	if (update->record.rdt.root == NULL) {
		(void)error_set(err, 0, "%s is not enabled",
				request->l3_cache_schema != NULL
					? "Intel RDT/CAT: l3 cache schema"
					: "Intel RDT/MBA: memory bandwidth schema");
		return error_hint(err, "%s", inner.text);
	}
	if (update->record.rdt.group == NULL)
		return error_set(err, 0,
				 "updating a non-existent Intel RDT configuration is not "
				 "supported");
	return 0;
}

static int plan_shares(struct update *update, const struct update_request *request,
		       struct change *change, struct error *err)
{
	struct arena *arena = &update->bundle.arena;
	const struct config_intel_rdt *before = update->bundle.config.linux_->intel_rdt;
	struct json *rdt;

	change->has_shares =
		request->l3_cache_schema != NULL || request->mem_bw_schema != NULL;
	if (!change->has_shares)
		return 0;
	if (find_resctrl(update, request, err) < 0)
		return -1;
	if (before != NULL)
		change->shares_before = *before;
	change->shares.l3_cache_schema = request->l3_cache_schema;
	change->shares.mem_bw_schema = request->mem_bw_schema;
	rdt = object_of(arena, json_find(change->json, "linux"), "intelRdt");
	set_text(arena, rdt, "l3CacheSchema", request->l3_cache_schema);
	set_text(arena, rdt, "memBwSchema", request->mem_bw_schema);
	return intel_rdt_check(&change->shares, err);
}

static int save(const struct update *update, const struct change *change,
		struct error *err)
{
	struct json_writer *writer = json_writer_new("  ");
	auto_text struct text text = { 0 };

	json_put_tree(writer, NULL, change->json);
	json_writer_finish(writer, &text);
	return file_replace(update->entryfd, "config.json", &text, err);
}

static void set_back(const struct update *update, const struct change *change)
{
	struct error err = { 0 };

	if (systemd_limit(&update->record, &change->before, &err) < 0 ||
	    cgroup_update(&change->cgroup, &change->before, &err) < 0 ||
	    (change->has_shares &&
	     intel_rdt_update(&change->shares_before, &update->record.rdt, &err) < 0))
		log_warning("cannot set the limits back: %s", err.text);
}

int update_apply(struct update *update, const struct update_request *request,
		 struct error *err)
{
	struct change change = { 0 };

	/* As it was written: bundle.json has what annotations add. It was read before. */
	change.json = json_parse(&update->bundle.arena, update->bundle.text.data,
				 update->bundle.text.length, err);
	if (change.json == NULL ||
	    recorded_cgroup(&update->record, &update->arena, &change.cgroup, err) < 0 ||
	    plan_resources(update, request->resources, &change, err) < 0 ||
	    plan_shares(update, request, &change, err) < 0)
		return -1;
	if (systemd_limit(&update->record, &change.after, err) == 0 &&
	    cgroup_update(&change.cgroup, &change.after, err) == 0 &&
	    (!change.has_shares ||
	     intel_rdt_update(&change.shares, &update->record.rdt, err) == 0) &&
	    save(update, &change, err) == 0)
		return 0;
	set_back(update, &change);
	return -1;
}
