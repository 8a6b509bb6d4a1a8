/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/fds.h"
#include "container/criu.h"
#include "container/doctor_parts.h"

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

/* sd_booted(3) */
static bool has_systemd(void)
{
	return faccessat(AT_FDCWD, "/run/systemd/system", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* sd_bus_default_system(3), sd_bus_default_user(3): where they look by default. */
static const char *bus_path(struct doctor *doctor)
{
	static const char prefix[] = "unix:path=";
	const char *address = getenv(doctor_is_ordinary() ? "DBUS_SESSION_BUS_ADDRESS"
							  : "DBUS_SYSTEM_BUS_ADDRESS");
	const char *run = getenv("XDG_RUNTIME_DIR");

	if (address != NULL && strncmp(address, prefix, strlen(prefix)) == 0) {
		address += strlen(prefix);
		return arena_text(&doctor->arena, address, strcspn(address, ",;"));
	}
	if (!doctor_is_ordinary())
		return "/run/dbus/system_bus_socket";
	return run == NULL ? NULL : arena_format(&doctor->arena, "%s/bus", run);
}

static void add_bus(struct doctor *doctor)
{
	const char *path = bus_path(doctor);
	auto_close int bus = path == NULL ? -1 : fds_connect(AT_FDCWD, path, SOCK_STREAM);

	if (bus >= 0)
		doctor_add(doctor, "systemd-bus", DOCTOR_OK, NULL, "%s", path);
	else if (!has_systemd())
		doctor_add(doctor, "systemd-bus", DOCTOR_OK, NULL,
			   "no systemd runs here, and cgroups are made without it");
	else
		doctor_add(
			doctor, "systemd-bus", DOCTOR_WARNING,
			doctor_is_ordinary()
				? "log in by systemd-logind, or loginctl enable-linger; "
				  "set XDG_RUNTIME_DIR"
				: "start dbus.socket",
			"systemd cannot be reached at '%s'",
			path == NULL ? "$XDG_RUNTIME_DIR/bus" : path);
}

void doctor_programs(struct doctor *doctor)
{
	add_image(doctor);
	add_criu(doctor);
	add_bus(doctor);
}
