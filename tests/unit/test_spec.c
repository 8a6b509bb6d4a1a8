/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "base/text.h"
#include "check.h"
#include "oci/bundle.h"
#include "oci/json.h"
#include "oci/spec.h"

static void load(struct bundle *bundle)
{
	struct error err;

	*bundle = (struct bundle){ .dirfd = -1, .file_name = "config.json" };
	spec_write(&bundle->text);
	if (bundle_parse(bundle, NULL, &err) < 0)
		printf("# %s\n", err.text);
}

static void can_be_read_again(void)
{
	auto_bundle struct bundle bundle;

	load(&bundle);
	CHECK(bundle.json != NULL);
	CHECK_TEXT(bundle.config.oci_version, "1.3.0");
	CHECK_TEXT(bundle.config.root->path, "rootfs");
	CHECK(bundle.config.root->readonly);
	CHECK(bundle.config.process->terminal);
	CHECK_TEXT(bundle.config.process->args[0], "sh");
	CHECK(bundle.config.process->no_new_privileges);
	CHECK(bundle.config.process->rlimits[0].soft == 1024);
	CHECK(bundle.config.mounts_count == 7);
	CHECK(bundle.config.linux_->namespaces_count >= 5);
	CHECK(!bundle.config.linux_->resources->devices[0].allow);
}

static void gives_no_inheritable_capability(void)
{
	auto_bundle struct bundle bundle;
	const struct config_capabilities *sets;

	load(&bundle);
	sets = bundle.config.process->capabilities;
	CHECK(sets->inheritable == NULL && sets->ambient == NULL);
	CHECK_TEXT(sets->bounding[2], "CAP_NET_BIND_SERVICE");
	CHECK(sets->bounding[3] == NULL);
}

static void indents_with_a_tab(void)
{
	static const char start[] =
		"{\n\t\"ociVersion\": \"1.3.0\",\n\t\"process\": {\n\t\t";
	auto_text struct text text = { 0 };

	spec_write(&text);
	CHECK(strncmp(text.data, start, strlen(start)) == 0);
}

static void keeps_the_order(void)
{
	static const char *const members[] = { "ociVersion", "process", "root",
					       "hostname",   "mounts",  "linux" };
	auto_bundle struct bundle bundle;
	size_t i = 0;

	load(&bundle);
	json_foreach (member, bundle.json)
		CHECK_TEXT(member->key, members[i++]);
}

int main(void)
{
	RUN(can_be_read_again);
	RUN(gives_no_inheritable_capability);
	RUN(indents_with_a_tab);
	RUN(keeps_the_order);
	return check_done();
}
