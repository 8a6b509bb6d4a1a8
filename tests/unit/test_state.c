/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/text.h"
#include "check.h"
#include "oci/json.h"
#include "oci/state.h"

static void writes_what_runc_writes(void)
{
	auto_arena struct arena arena = { 0 };
	auto_text struct text text = { 0 };
	struct json *annotations = json_add(&arena, NULL, JSON_OBJECT, NULL, NULL);
	const struct state state = {
		.oci_version = "1.0.2",
		.id = "c1",
		.status = "running",
		.pid = 42,
		.bundle = "/b",
		.rootfs = "/b/rootfs",
		.created = "2026-01-02T03:04:05.678Z",
		.owner = "root",
		.annotations = annotations,
	};

	(void)json_add(&arena, annotations, JSON_STRING, "k", "v");
	state_write(&state, &text);
	CHECK_TEXT(text.data, "{\n"
			      "  \"ociVersion\": \"1.0.2\",\n"
			      "  \"id\": \"c1\",\n"
			      "  \"pid\": 42,\n"
			      "  \"status\": \"running\",\n"
			      "  \"bundle\": \"/b\",\n"
			      "  \"rootfs\": \"/b/rootfs\",\n"
			      "  \"created\": \"2026-01-02T03:04:05.678Z\",\n"
			      "  \"annotations\": {\n"
			      "    \"k\": \"v\"\n"
			      "  },\n"
			      "  \"owner\": \"root\"\n"
			      "}\n");
}

static void leaves_out_what_there_is_not(void)
{
	auto_arena struct arena arena = { 0 };
	auto_text struct text text = { 0 };
	const struct state state = {
		.oci_version = "1.3.0",
		.id = "c1",
		.status = "stopped",
		.bundle = "/b",
		.annotations = json_add(&arena, NULL, JSON_OBJECT, NULL, NULL),
	};

	state_write(&state, &text);
	CHECK_TEXT(text.data, "{\n"
			      "  \"ociVersion\": \"1.3.0\",\n"
			      "  \"id\": \"c1\",\n"
			      "  \"pid\": 0,\n"
			      "  \"status\": \"stopped\",\n"
			      "  \"bundle\": \"/b\"\n"
			      "}\n");
}

int main(void)
{
	RUN(writes_what_runc_writes);
	RUN(leaves_out_what_there_is_not);
	return check_done();
}
