/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "check.h"
#include "kernel/labels.h"
#include "oci/config.h"
#include "oci/json.h"
#include "temporary.h"

static struct error err;

static void no_label_needs_no_module(void)
{
	const struct config_process none = { 0 };
	const struct config_process empty = { .apparmor_profile = "",
					      .selinux_label = "" };
	const struct config_linux linux_ = { .mount_label = "" };
	const struct config config = { .linux_ = &linux_ };

	CHECK(labels_check(&none, &err) == 0 && labels_check(&empty, &err) == 0);
	CHECK(labels_apply(&none, -1, &err) == 0 && labels_apply(&empty, -1, &err) == 0);
	CHECK(labels_begin_keys(&none, -1, &err) == 0);
	CHECK(labels_check_mounts(&config, &err) == 0);
}

static void a_module_that_is_off_is_said(void)
{
	const struct config_process profile = { .apparmor_profile = "x" };
	const struct config_process label = { .selinux_label = "x" };

	if (access("/sys/module/apparmor", F_OK) < 0) {
		CHECK(labels_check(&profile, &err) < 0);
		CHECK_TEXT(err.text, "AppArmor is not enabled on this host");
		CHECK_TEXT(err.where, "process.apparmorProfile");
	}
	err = (struct error){ 0 };
	if (access("/sys/fs/selinux/enforce", F_OK) < 0) {
		CHECK(labels_check(&label, &err) < 0);
		CHECK_TEXT(err.text, "SELinux is not enabled on this host");
		CHECK_TEXT(err.where, "process.selinuxLabel");
	}
}

static void only_four_types_of_mount_labels_are(void)
{
	auto_arena struct arena arena = { 0 };
	struct json *annotations = json_add(&arena, NULL, JSON_OBJECT, NULL, NULL);
	const struct config_linux linux_ = { 0 };
	const struct config config = { .linux_ = &linux_, .annotations = annotations };

	err = (struct error){ 0 };
	(void)json_add(&arena, annotations, JSON_STRING, "run.oci.mount_context_type",
		       "rootcontext");
	CHECK(labels_check_mounts(&config, &err) == 0);
	(void)json_add(&arena, annotations, JSON_STRING, "run.oci.mount_context_type",
		       "size");
	CHECK(labels_check_mounts(&config, &err) < 0);
	CHECK_TEXT(err.where, "annotations[\"run.oci.mount_context_type\"]");
}

/* What is in a file of the make-believe /proc. */
static void expect(int procfd, const char *path, const char *want)
{
	auto_text struct text text = { 0 };

	CHECK(file_read(procfd, path, 4096, &text, &err) == 0);
	CHECK_TEXT(text.data == NULL ? "" : text.data, want);
}

static void make_file(int directory, const char *path)
{
	auto_close int fd = openat(directory, path, O_CREAT | O_CLOEXEC | O_WRONLY, 0600);

	CHECK(fd >= 0);
}

static void each_module_has_its_file(void)
{
	const struct config_process process = { .apparmor_profile = "a profile",
						.selinux_label = "u:r:t:s0:c1,c2" };
	auto_temporary struct temporary temporary = temporary_new();
	int procfd = temporary.fd;

	err = (struct error){ 0 };
	CHECK(mkdirat(procfd, "thread-self", 0700) == 0);
	CHECK(mkdirat(procfd, "thread-self/attr", 0700) == 0);
	CHECK(mkdirat(procfd, "thread-self/attr/apparmor", 0700) == 0);
	make_file(procfd, "thread-self/attr/exec");
	make_file(procfd, "thread-self/attr/keycreate");
	CHECK(labels_apply(&process, procfd, &err) < 0);
	CHECK_TEXT(err.where, "process.apparmorProfile");
	make_file(procfd, "thread-self/attr/apparmor/exec");
	CHECK(labels_apply(&process, procfd, &err) == 0);
	CHECK(labels_begin_keys(&process, procfd, &err) == 0);
	expect(procfd, "thread-self/attr/exec", "u:r:t:s0:c1,c2");
	expect(procfd, "thread-self/attr/keycreate", "u:r:t:s0:c1,c2");
	expect(procfd, "thread-self/attr/apparmor/exec", "exec a profile");
}

int main(void)
{
	RUN(no_label_needs_no_module);
	RUN(a_module_that_is_off_is_said);
	RUN(only_four_types_of_mount_labels_are);
	RUN(each_module_has_its_file);
	return check_done();
}
