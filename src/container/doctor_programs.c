/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "container/criu.h"
#include "container/doctor_parts.h"
#include "container/systemd_bus.h"

static void add_systemd(struct doctor *doctor)
{
	const char *program = systemd_bus_program(&doctor->arena);

	if (access(program, X_OK) == 0)
		doctor_add(doctor, "minirun-systemd", DOCTOR_OK, NULL, "%s", program);
	else if (!systemd_bus_has_systemd())
		doctor_add(doctor, "minirun-systemd", DOCTOR_OK, NULL,
			   "'%s' is missing, and no systemd runs here", program);
	else
		doctor_add(doctor, "minirun-systemd", DOCTOR_WARNING,
			   "build it with libsystemd, or set MINIRUN_LIBEXEC",
			   "'%s' is missing: no --systemd-cgroup", program);
}

static void add_image(struct doctor *doctor)
{
	const char *directory = getenv("MINIRUN_LIBEXEC");
	const char *program = arena_format(&doctor->arena, "%s/minirun-image",
					   directory != NULL ? directory : LIBEXECDIR);

	if (access(program, X_OK) == 0)
		doctor_add(doctor, "minirun-image", DOCTOR_OK, NULL, "%s", program);
	else
		doctor_add(doctor, "minirun-image", DOCTOR_WARNING,
			   "build it with libarchive and libcrypto, or set "
			   "MINIRUN_LIBEXEC",
			   "'%s' is missing: no layers in tars, no commit", program);
}

static void add_criu(struct doctor *doctor)
{
	struct error ignored;
	const char *program = criu_find(&doctor->arena, &ignored);

	if (program != NULL)
		doctor_add(doctor, "criu", DOCTOR_OK, NULL, "%s", program);
	else
		doctor_add(doctor, "criu", DOCTOR_WARNING, "install criu",
			   "not installed: no checkpoint, no restore");
}

static void add_bus(struct doctor *doctor)
{
	const char *address = systemd_bus_address(&doctor->arena);
	struct error err;

	if (systemd_bus_try(address, &err) == 0)
		doctor_add(doctor, "systemd-bus", DOCTOR_OK, NULL, "%s", address);
	else if (!systemd_bus_has_systemd())
		doctor_add(doctor, "systemd-bus", DOCTOR_OK, NULL,
			   "no systemd runs here, and cgroups are made without it");
	else
		doctor_add_error(doctor, "systemd-bus", DOCTOR_WARNING, &err, NULL);
}

void doctor_programs(struct doctor *doctor)
{
	add_image(doctor);
	add_criu(doctor);
	add_systemd(doctor);
	add_bus(doctor);
}
