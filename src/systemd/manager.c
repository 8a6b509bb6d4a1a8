/* SPDX-License-Identifier: Apache-2.0 */
#include "systemd/manager.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "systemd/properties.h"

static const char destination[] = "org.freedesktop.systemd1";
static const char object[] = "/org/freedesktop/systemd1";
static const char interface[] = "org.freedesktop.systemd1.Manager";

enum { PATIENCE = 30 * 1000 * 1000 }; /* microseconds */

#define auto_message    __attribute__((cleanup(sd_bus_message_unrefp)))
#define auto_bus_error  __attribute__((cleanup(sd_bus_error_free)))
#define BUS_ERROR(name) auto_bus_error sd_bus_error name = SD_BUS_ERROR_NULL

static int lost(const struct manager *manager, int result, struct error *err)
{
	return error_set(err, -result, "cannot talk to systemd at '%s'",
			 manager->address);
}

int manager_open(struct manager *manager, const char *address, struct error *err)
{
	int result = sd_bus_new(&manager->bus);

	manager->address = address;
	if (result >= 0)
		result = sd_bus_set_address(manager->bus, address);
	if (result >= 0)
		result = sd_bus_set_bus_client(manager->bus, 1);
	if (result >= 0)
		result = sd_bus_set_method_call_timeout(manager->bus, PATIENCE);
	if (result >= 0)
		result = sd_bus_start(manager->bus);
	return result < 0 ? lost(manager, result, err) : 0;
}

void manager_release(struct manager *manager)
{
	manager->bus = sd_bus_flush_close_unref(manager->bus);
}

/* What the other end says is more than its number, if it has a name of its own. */
static int refused(const struct manager *manager, const sd_bus_error *said, int result,
		   struct error *err)
{
	if (said->message == NULL)
		return lost(manager, result, err);
	return error_set(err, 0, "systemd at '%s' refuses: %s", manager->address,
			 said->message);
}

static int begin(const struct manager *manager, sd_bus_message **message,
		 const char *method, const char *unit)
{
	int result = sd_bus_message_new_method_call(manager->bus, message, destination,
						    object, interface, method);

	return result < 0 ? result : sd_bus_message_append(*message, "s", unit);
}

struct job {
	const char *path;
	char result[32]; /* empty: not yet */
};

static int hear_removed(sd_bus_message *message, void *context, sd_bus_error *unused)
{
	struct job *job = context;
	const char *path, *unit, *result;
	uint32_t id;

	(void)unused;
	if (sd_bus_message_read(message, "uoss", &id, &path, &unit, &result) >= 0 &&
	    strcmp(path, job->path) == 0)
		(void)snprintf(job->result, sizeof(job->result), "%s", result);
	return 0;
}

static int64_t now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static int wait_removed(const struct manager *manager, const struct job *job,
			const char *unit, struct error *err)
{
	int64_t end = now() + PATIENCE;

	while (job->result[0] == '\0') {
		int result = sd_bus_process(manager->bus, NULL);
		int64_t left = end - now();

		if (result == 0 && left <= 0)
			return error_set(err, 0,
					 "systemd at '%s' is not done with unit '%s' "
					 "after 30 s",
					 manager->address, unit);
		if (result == 0)
			result = sd_bus_wait(manager->bus, (uint64_t)left);
		if (result < 0 && result != -EINTR)
			return lost(manager, result, err);
	}
	return 0;
}

/*
 * Sends a call that answers with a job, and waits for the end of that. Signals that come
 * before the answer are kept by sd_bus_call(3) for sd_bus_process(3), when the job is
 * known. 1: it was refused, and *said is why.
 */
static int run_job(const struct manager *manager, sd_bus_message *message,
		   const char *unit, sd_bus_error *said, struct error *err)
{
	__attribute__((cleanup(sd_bus_slot_unrefp))) sd_bus_slot *slot = NULL;
	auto_message sd_bus_message *answer = NULL;
	struct job job = { 0 };
	int result = sd_bus_match_signal(manager->bus, &slot, destination, object,
					 interface, "JobRemoved", hear_removed, &job);

	if (result >= 0)
		result = sd_bus_call(manager->bus, message, 0, said, &answer);
	if (result < 0 && sd_bus_error_is_set(said))
		return 1;
	if (result >= 0)
		result = sd_bus_message_read(answer, "o", &job.path);
	if (result < 0)
		return lost(manager, result, err);
	if (wait_removed(manager, &job, unit, err) < 0)
		return -1;
	return strcmp(job.result, "done") == 0
		       ? 0
		       : error_set(err, 0,
				   "the job of systemd for unit '%s' ended as '%s'", unit,
				   job.result);
}

static void forget_failure(const struct manager *manager, const char *unit)
{
	(void)sd_bus_call_method(manager->bus, destination, object, interface,
				 "ResetFailedUnit", NULL, NULL, "s", unit);
}

static int try_start(const struct manager *manager, const char *unit,
		     const struct systemd_properties *properties, sd_bus_error *said,
		     struct error *err)
{
	auto_message sd_bus_message *message = NULL;
	int result = begin(manager, &message, "StartTransientUnit", unit);

	if (result >= 0)
		result = sd_bus_message_append(message, "s", "replace");
	if (result >= 0)
		result = properties_append(message, properties->list, properties->count);
	if (result >= 0)
		result = sd_bus_message_append(message, "a(sa(sv))", 0);
	if (result < 0)
		return lost(manager, result, err);
	return run_job(manager, message, unit, said, err);
}

static const char *cgroup_of_unit(const struct manager *manager, const char *unit,
				  struct arena *arena, struct error *err)
{
	auto_free char *path = NULL, *cgroup = NULL;
	BUS_ERROR(said);
	int result = sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path);

	if (result >= 0)
		result = sd_bus_get_property_string(
			manager->bus, destination, path,
			strstr(unit, ".slice") != NULL ? "org.freedesktop.systemd1.Slice"
						       : "org.freedesktop.systemd1.Scope",
			"ControlGroup", &said, &cgroup);
	if (result >= 0)
		return arena_text(arena, cgroup, strlen(cgroup));
	(void)refused(manager, &said, result, err);
	return NULL;
}

const char *manager_start(const struct manager *manager, const char *unit,
			  const struct systemd_properties *properties,
			  struct arena *arena, struct error *err)
{
	BUS_ERROR(said);
	int result = try_start(manager, unit, properties, &said, err);

	if (result > 0 &&
	    sd_bus_error_has_name(&said, "org.freedesktop.systemd1.UnitExists")) {
		forget_failure(manager, unit);
		sd_bus_error_free(&said);
		result = try_start(manager, unit, properties, &said, err);
	}
	if (result > 0)
		(void)refused(manager, &said, -EIO, err);
	if (result == 0)
		return cgroup_of_unit(manager, unit, arena, err);
	if (result < 0)
		forget_failure(manager, unit);
	return NULL;
}

int manager_stop(const struct manager *manager, const char *unit, struct error *err)
{
	auto_message sd_bus_message *message = NULL;
	BUS_ERROR(said);
	int result = begin(manager, &message, "StopUnit", unit);

	if (result >= 0)
		result = sd_bus_message_append(message, "s", "replace");
	if (result < 0)
		return lost(manager, result, err);
	result = run_job(manager, message, unit, &said, err);
	forget_failure(manager, unit);
	if (result > 0 &&
	    sd_bus_error_has_name(&said, "org.freedesktop.systemd1.NoSuchUnit"))
		return 0;
	return result > 0 ? refused(manager, &said, -EIO, err) : result;
}

int manager_attach(const struct manager *manager, const char *unit, pid_t pid,
		   struct error *err)
{
	BUS_ERROR(said);
	int result = sd_bus_call_method(manager->bus, destination, object, interface,
					"AttachProcessesToUnit", &said, NULL, "ssau",
					unit, "/", 1, (uint32_t)pid);

	return result < 0 ? refused(manager, &said, result, err) : 0;
}

const char *manager_cgroup(const struct manager *manager, struct arena *arena,
			   struct error *err)
{
	auto_free char *cgroup = NULL;
	BUS_ERROR(said);
	int result =
		sd_bus_get_property_string(manager->bus, destination, object, interface,
					   "ControlGroup", &said, &cgroup);

	if (result >= 0)
		return arena_text(arena, cgroup, strlen(cgroup));
	(void)refused(manager, &said, result, err);
	return NULL;
}

int manager_set(const struct manager *manager, const char *unit,
		const struct systemd_properties *properties, struct error *err)
{
	auto_message sd_bus_message *message = NULL;
	BUS_ERROR(said);
	int result = begin(manager, &message, "SetUnitProperties", unit);

	if (result >= 0)
		result = sd_bus_message_append(message, "b", 1 /* until it ends */);
	if (result >= 0)
		result = properties_append(message, properties->list, properties->count);
	if (result >= 0)
		result = sd_bus_call(manager->bus, message, 0, &said, NULL);
	return result < 0 ? refused(manager, &said, result, err) : 0;
}
