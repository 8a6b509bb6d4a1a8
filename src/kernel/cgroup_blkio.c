/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "kernel/cgroup_controller.h"
#include "kernel/cgroup_resources.h"
#include "oci/config.h"

/*
 * linux.resources.blockIO. Weights are of the scheduler BFQ, or on v2, where BFQ is not
 * there, of the io.cost controller; limits are of every disk.
 * Documentation/admin-guide/cgroup-v1/blkio-controller.rst, cgroup-v2.rst "IO".
 */

/* One of the four lists of limits. */
struct throttle {
	const char *member, *file, *key; /* file: of v1, key: in v2's io.max */
	const struct config_throttle_device *devices;
	size_t count;
};

enum { THROTTLES = 4 };

static void list_throttles(const struct config_block_io *io,
			   struct throttle throttles[THROTTLES])
{
	const struct throttle list[THROTTLES] = {
		{ "throttleReadBpsDevice", "blkio.throttle.read_bps_device", "rbps",
		  io->throttle_read_bps_device, io->throttle_read_bps_device_count },
		{ "throttleWriteBpsDevice", "blkio.throttle.write_bps_device", "wbps",
		  io->throttle_write_bps_device, io->throttle_write_bps_device_count },
		{ "throttleReadIOPSDevice", "blkio.throttle.read_iops_device", "riops",
		  io->throttle_read_iops_device, io->throttle_read_iops_device_count },
		{ "throttleWriteIOPSDevice", "blkio.throttle.write_iops_device", "wiops",
		  io->throttle_write_iops_device, io->throttle_write_iops_device_count },
	};

	for (size_t i = 0; i < THROTTLES; i++)
		throttles[i] = list[i];
}

uint64_t cgroup_blkio_weight(uint64_t weight)
{
	return 1 + (weight - 10) * 9999 / 990;
}

static int check_weight(uint64_t weight, struct error *err)
{
	if (weight == 0 || (weight >= 10 && weight <= 1000))
		return 0;
	(void)error_set(err, 0, "%" PRIu64 " is not between 10 and 1000", weight);
	return error_at(err, "weight");
}

static int check_rules(const struct config_block_io *io, struct error *err)
{
	if (check_weight(io->weight, err) < 0)
		return -1;
	for (size_t i = 0; i < io->weight_device_count; i++) {
		if (check_weight(io->weight_device[i].weight, err) < 0)
			return error_at(err, "weightDevice[%zu]", i);
	}
	return 0;
}

int cgroup_blkio_rules(const struct config_resources *resources, struct error *err)
{
	if (resources->block_io != NULL && check_rules(resources->block_io, err) < 0)
		return error_at(err, "blockIO");
	return 0;
}

/* The kernel says no more than ENODEV of either. */
static int check_device(int64_t major, int64_t minor, struct error *err)
{
	char path[128];

	(void)snprintf(path, sizeof(path),
		       "/sys/dev/block/%" PRId64 ":%" PRId64 "/partition", major, minor);
	if (access(path, F_OK) == 0)
		return error_set(err, 0,
				 "%" PRId64 ":%" PRId64
				 " is a partition, and only whole disks have limits",
				 major, minor);
	(void)snprintf(path, sizeof(path), "/sys/dev/block/%" PRId64 ":%" PRId64, major,
		       minor);
	if (access(path, F_OK) < 0)
		return error_set(err, 0,
				 "this host has no block device %" PRId64 ":%" PRId64,
				 major, minor);
	return 0;
}

static int check_devices(const struct config_block_io *io, struct error *err)
{
	struct throttle throttles[THROTTLES];

	for (size_t i = 0; i < io->weight_device_count; i++) {
		const struct config_weight_device *device = &io->weight_device[i];

		if (device->weight > 0 &&
		    check_device(device->major, device->minor, err) < 0)
			return error_at(err, "weightDevice[%zu]", i);
	}
	list_throttles(io, throttles);
	for (const struct throttle *list = throttles; list < throttles + THROTTLES;
	     list++) {
		for (size_t i = 0; i < list->count; i++) {
			if (check_device(list->devices[i].major, list->devices[i].minor,
					 err) < 0)
				return error_at(err, "%s[%zu]", list->member, i);
		}
	}
	return 0;
}

/* The member that wants the controller, or NULL. */
static const char *first_given(const struct config_block_io *io)
{
	struct throttle throttles[THROTTLES];

	if (io->weight > 0)
		return "weight";
	for (size_t i = 0; i < io->weight_device_count; i++) {
		if (io->weight_device[i].weight > 0)
			return "weightDevice";
	}
	list_throttles(io, throttles);
	for (size_t i = 0; i < THROTTLES; i++) {
		if (throttles[i].count > 0)
			return throttles[i].member;
	}
	return NULL;
}

int cgroup_blkio_check(const struct cgroup *cgroup,
		       const struct config_resources *resources, struct error *err)
{
	const struct config_block_io *io = resources->block_io;
	const char *given = io == NULL ? NULL : first_given(io);

	if (given == NULL)
		return 0;
	if (cgroup_controller_version(cgroup, "blkio", err) < 0)
		(void)error_at(err, "%s", given);
	else if (check_devices(io, err) == 0)
		return 0;
	return error_at(err, "blockIO");
}

/* Where the weights go: the directory, what its kernel has, what a device needs. */
struct weights {
	const char *directory, *file, *device_file, *needs;
	uint64_t (*convert)(uint64_t weight);
};

static uint64_t as_it_is(uint64_t weight)
{
	return weight;
}

static struct weights find_weights(const char *directory, int version)
{
	static const char bfq[] = "the device's scheduler is not bfq";

	if (version == 1)
		return (struct weights){ directory, "blkio.bfq.weight",
					 "blkio.bfq.weight_device", bfq, as_it_is };
	if (cgroup_file_exists(directory, "io.bfq.weight"))
		return (struct weights){ directory, "io.bfq.weight", "io.bfq.weight", bfq,
					 as_it_is };
	return (struct weights){ directory, "io.weight", "io.weight",
				 "the device is not in io.cost.qos of the root cgroup",
				 cgroup_blkio_weight };
}

static int write_weights(const struct weights *weights, const struct config_block_io *io,
			 struct error *err)
{
	char value[CGROUP_VALUE_MAX];

	(void)snprintf(value, sizeof(value), "%" PRIu64, weights->convert(io->weight));
	if (io->weight > 0 &&
	    cgroup_setting_write(weights->directory, weights->file, value, err) < 0)
		return error_at(err, "weight");
	for (size_t i = 0; i < io->weight_device_count; i++) {
		const struct config_weight_device *device = &io->weight_device[i];

		if (device->weight == 0)
			continue;
		(void)snprintf(value, sizeof(value), "%" PRId64 ":%" PRId64 " %" PRIu64,
			       device->major, device->minor,
			       weights->convert(device->weight));
		if (cgroup_setting_write(weights->directory, weights->device_file, value,
					 err) == 0)
			continue;
		if (err->code == EOPNOTSUPP)
			(void)error_hint(err, "%s", weights->needs);
		return error_at(err, "weightDevice[%zu]", i);
	}
	return 0;
}

/* 0 takes a limit away in v1's files; that is "max" in v2's. */
static int write_throttle(const char *directory, int version,
			  const struct throttle *throttle, size_t i, struct error *err)
{
	const struct config_throttle_device *device = &throttle->devices[i];
	char rate[CGROUP_VALUE_MAX], value[2 * CGROUP_VALUE_MAX];

	(void)snprintf(rate, sizeof(rate), "%" PRIu64, device->rate);
	if (version == 1)
		(void)snprintf(value, sizeof(value), "%" PRId64 ":%" PRId64 " %s",
			       device->major, device->minor, rate);
	else
		(void)snprintf(value, sizeof(value), "%" PRId64 ":%" PRId64 " %s=%s",
			       device->major, device->minor, throttle->key,
			       device->rate == 0 ? "max" : rate);
	return cgroup_setting_write(directory, version == 1 ? throttle->file : "io.max",
				    value, err);
}

static int write_throttles(const char *directory, int version,
			   const struct config_block_io *io, struct error *err)
{
	struct throttle throttles[THROTTLES];

	list_throttles(io, throttles);
	for (const struct throttle *list = throttles; list < throttles + THROTTLES;
	     list++) {
		for (size_t i = 0; i < list->count; i++) {
			if (write_throttle(directory, version, list, i, err) < 0)
				return error_at(err, "%s[%zu]", list->member, i);
		}
	}
	return 0;
}

int cgroup_blkio_apply(const struct cgroup *cgroup,
		       const struct config_resources *resources, struct error *err)
{
	const struct config_block_io *io = resources->block_io;
	char directory[CGROUP_DIRECTORY_MAX];
	struct weights weights;
	int version;

	if (io == NULL || first_given(io) == NULL)
		return 0;
	version = cgroup_controller_directory(cgroup, "blkio", directory);
	weights = find_weights(directory, version);
	if (write_weights(&weights, io, err) < 0 ||
	    write_throttles(directory, version, io, err) < 0)
		return error_at(err, "blockIO");
	return 0;
}
