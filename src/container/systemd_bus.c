/* SPDX-License-Identifier: Apache-2.0 */
#include "container/systemd_bus.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/fds.h"
#include "base/process.h"

bool systemd_bus_is_user(void)
{
	return geteuid() != 0 || !process_is_host();
}

/* An empty variable is how a script, or conmon, says that there is none. */
static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value == NULL || value[0] == '\0' ? NULL : value;
}

const char *systemd_bus_address(struct arena *arena)
{
	bool is_user = systemd_bus_is_user();
	const char *run = variable("XDG_RUNTIME_DIR");
	const char *address = variable(is_user ? "DBUS_SESSION_BUS_ADDRESS"
					       : "DBUS_SYSTEM_BUS_ADDRESS");

	if (address != NULL)
		return address;
	if (!is_user)
		return "unix:path=/run/dbus/system_bus_socket";
	return run == NULL ? NULL : arena_format(arena, "unix:path=%s/bus", run);
}

bool systemd_bus_has_systemd(void)
{
	return faccessat(AT_FDCWD, "/run/systemd/system", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int hint(struct error *err)
{
	if (!systemd_bus_has_systemd())
		return error_hint(err, "systemd does not run here; --cgroup-manager "
				       "cgroupfs does without");
	return error_hint(
		err, systemd_bus_is_user()
			     ? "log in by systemd-logind, or loginctl enable-linger; "
			       "set XDG_RUNTIME_DIR"
			     : "start dbus.socket");
}

int systemd_bus_try(const char *address, struct error *err)
{
	static const char prefix[] = "unix:path=";
	auto_arena struct arena arena = { 0 };
	auto_close int fd = -1;

	if (address == NULL) {
		(void)error_set(err, 0,
				"no bus of systemd's is known: neither "
				"DBUS_SESSION_BUS_ADDRESS nor XDG_RUNTIME_DIR is set");
		return hint(err);
	}
	if (strncmp(address, prefix, strlen(prefix)) != 0)
		return 0;
	address += strlen(prefix);
	fd = fds_connect(AT_FDCWD, arena_text(&arena, address, strcspn(address, ",;")),
			 SOCK_STREAM);
	if (fd >= 0)
		return 0;
	(void)error_set(err, errno, "cannot reach systemd at 'unix:path=%s'", address);
	return hint(err);
}

const char *systemd_bus_program(struct arena *arena)
{
	const char *directory = getenv("MINIRUN_LIBEXEC");

	return arena_format(arena, "%s/minirun-systemd",
			    directory != NULL ? directory : LIBEXECDIR);
}

bool systemd_bus_has_program(void)
{
	auto_arena struct arena arena = { 0 };

	return access(systemd_bus_program(&arena), X_OK) == 0;
}
