/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/state.h"
#include "oci/json.h"
#include "oci/json_write.h"

void state_put(const struct state *state, struct json_writer *json, const char *key)
{
	json_open_object(json, key);
	json_put_text(json, "ociVersion", state->oci_version);
	json_put_text(json, "id", state->id);
	json_put_int(json, "pid", state->pid);
	json_put_text(json, "status", state->status);
	json_put_text(json, "bundle", state->bundle);
	json_put_text(json, "rootfs", state->rootfs);
	json_put_text(json, "created", state->created);
	if (state->annotations != NULL && state->annotations->count > 0)
		json_put_tree(json, "annotations", state->annotations);
	json_put_text(json, "owner", state->owner);
	json_close_object(json);
}

void state_write(const struct state *state, struct text *text)
{
	struct json_writer *json = json_writer_new("  ");

	state_put(state, json, NULL);
	json_writer_finish(json, text);
}
