/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/fds.h"
#include "base/text.h"
#include "kernel/seccomp_notify.h"
#include "oci/config.h"
#include "oci/json_write.h"
#include "oci/state.h"

/* ContainerProcessState; metadata is a string there that is always present. */
static void write_state(const struct config_seccomp *seccomp, const struct state *state,
			pid_t pid, struct text *text)
{
	const char *metadata = seccomp->listener_metadata;
	struct json_writer *json = json_writer_new(NULL);

	json_open_object(json, NULL);
	json_put_text(json, "ociVersion", state->oci_version);
	json_open_array(json, "fds");
	json_put_text(json, NULL, "seccompFd");
	json_close_array(json);
	json_put_int(json, "pid", pid);
	json_put_text(json, "metadata", metadata == NULL ? "" : metadata);
	state_put(state, json, "state");
	json_close_object(json);
	json_writer_finish(json, text);
}

int seccomp_notify(const struct config_seccomp *seccomp, const struct state *state,
		   pid_t pid, int listener, struct error *err)
{
	const char *path = seccomp->listener_path;
	auto_close int socket = fds_connect(AT_FDCWD, path, SOCK_STREAM);
	auto_text struct text text = { 0 };

	if (socket < 0) {
		error_set(err, errno, "cannot connect to '%s'", path);
		return error_at(err, "linux.seccomp.listenerPath");
	}
	write_state(seccomp, state, pid, &text);
	if (fds_send(socket, text.data, text.length, &listener, 1) == 0)
		return 0;
	error_set(err, errno, "cannot send the listener to '%s'", path);
	return error_at(err, "linux.seccomp.listenerPath");
}
