/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"
#include "check.h"
#include "oci/bundle.h"
#include "temporary.h"

#define PROCESS "\"process\": { \"args\": [\"sh\"], \"cwd\": \"/\" }, \"linux\": {}"
#define VALID   "{ \"ociVersion\": \"1.3.0\", \"root\": { \"path\": \"r\" }, " PROCESS " }"

static char unknown_text[256];

static void note(const char *sentence)
{
	(void)snprintf(unknown_text, sizeof(unknown_text), "%s", sentence);
}

static void put(const struct temporary *temporary, const char *content)
{
	auto_close int fd = openat(temporary->fd, "config.json",
				   O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(file_write_full(fd, content, strlen(content)) == 0);
}

static void loads_by_any_name_of_the_directory(void)
{
	auto_temporary struct temporary temporary = temporary_new();
	char link[128];
	struct bundle bundle;
	struct error err;

	put(&temporary, VALID);
	CHECK(symlinkat(".", temporary.fd, "link") == 0);
	(void)snprintf(link, sizeof(link), "%s/link/", temporary.path);
	CHECK(bundle_load(&bundle, link, NULL, NULL, &err) == 0);
	CHECK_TEXT(bundle.path, temporary.path);
	CHECK_TEXT(bundle.config.root->path, "r");
	CHECK_TEXT(bundle.text.data, VALID);
	CHECK(faccessat(bundle.dirfd, "config.json", R_OK, 0) == 0);
	bundle_release(&bundle);
}

static void says_what_is_missing(void)
{
	auto_temporary struct temporary temporary = temporary_new();
	auto_bundle struct bundle bundle = { 0 }, file = { 0 };
	char want[256], path[128];
	struct error err;

	CHECK(bundle_load(&file, "/absent/bundle", NULL, NULL, &err) == -1);
	CHECK_TEXT(err.text,
		   "cannot open bundle '/absent/bundle': no such file or directory");
	CHECK(bundle_load(&bundle, temporary.path, NULL, NULL, &err) == -1);
	(void)snprintf(
		want, sizeof(want),
		"bundle '%s': cannot open 'config.json': no such file or directory",
		temporary.path);
	CHECK_TEXT(err.text, want);
	put(&temporary, "{}");
	(void)snprintf(path, sizeof(path), "%s/config.json", temporary.path);
	bundle_release(&file);
	CHECK(bundle_load(&file, path, NULL, NULL, &err) == -1);
	(void)snprintf(want, sizeof(want), "cannot open bundle '%s': not a directory",
		       path);
	CHECK_TEXT(err.text, want);
}

static void refuses_what_is_no_file_or_too_large(void)
{
	auto_temporary struct temporary temporary = temporary_new();
	struct bundle bundle;
	struct error err;

	CHECK(mkfifoat(temporary.fd, "config.json", 0600) == 0);
	CHECK(bundle_load(&bundle, temporary.path, NULL, NULL, &err) == -1);
	CHECK(strstr(err.text, "'config.json' is not a regular file") != NULL);
	bundle_release(&bundle);
	CHECK(unlinkat(temporary.fd, "config.json", 0) == 0);
	put(&temporary, VALID);
	auto_close int fd = openat(temporary.fd, "config.json", O_WRONLY | O_CLOEXEC);
	CHECK(ftruncate(fd, 100 * 1024 * 1024) == 0);
	CHECK(bundle_load(&bundle, temporary.path, NULL, NULL, &err) == -1);
	CHECK(strstr(err.text, "'config.json' is larger than 16777216 bytes") != NULL);
	bundle_release(&bundle);
}

/* The text instead of a file. */
static int parse(struct bundle *bundle, const char *text, struct error *err)
{
	*bundle = (struct bundle){ .dirfd = -1, .file_name = "config.json" };
	text_put(&bundle->text, text);
	return bundle_parse(bundle, note, err);
}

static void says_the_line_and_column(void)
{
	auto_bundle struct bundle bundle;
	struct error err;

	CHECK(parse(&bundle, "{\n  \"ociVersion\": 1\n}", &err) == -1);
	CHECK_TEXT(err.text, "config.json:2:17: ociVersion: not a string");
	CHECK_TEXT(err.where, "");
	bundle_release(&bundle);
	CHECK(parse(&bundle, "{\n  \"a\" 1\n}", &err) == -1);
	CHECK_TEXT(err.text, "config.json:2:7: no ':' after a name");
}

static void tells_of_unknown_members(void)
{
	auto_bundle struct bundle bundle;
	struct error err;

	CHECK(parse(&bundle,
		    "{ \"ociVersion\": \"1.3.0\", \"root\": { \"path\": \"r\",\n"
		    "\"paht\": \"r\" }, " PROCESS " }",
		    &err) == 0);
	CHECK_TEXT(unknown_text, "config.json:2:9: root.paht: unknown member, ignored");
}

static void locates_an_error_of_a_feature(void)
{
	auto_bundle struct bundle bundle;
	struct error err;

	CHECK(parse(&bundle, VALID, &err) == 0);
	(void)error_set(&err, 2, "bad");
	(void)error_at(&err, "process.args[0]");
	CHECK(bundle_locate(&bundle, &err) == -1);
	CHECK_TEXT(err.text,
		   "config.json:1:73: process.args[0]: bad: no such file or directory");
	CHECK(err.code == 2 && err.where[0] == '\0');
	(void)error_set(&err, 0, "no place");
	CHECK(bundle_locate(&bundle, &err) == -1);
	CHECK_TEXT(err.text, "no place");
}

#define ANNOTATED(overlay, annotations)                                     \
	"{ \"ociVersion\": \"1.3.0\", \"root\": { \"path\": \"r\" " overlay \
	" }, \"annotations\": { " annotations " }, " PROCESS " }"
#define LOWER(text) "\"io.minirun.overlay.lower\": \"" text "\""

static void takes_the_overlay_from_annotations(void)
{
	auto_bundle struct bundle bundle;
	const struct config_overlay *overlay;
	struct error err;

	CHECK(parse(&bundle,
		    ANNOTATED(
			    "",
			    LOWER("[\\\"/a\\\",\\\"/b\\\"]") ","
							     "\"io.minirun.overlay.upper\": \"/u\","
							     "\"io.minirun.overlay.work\": \"/w\","
							     "\"io.minirun.overlay.volatile\": \"true\""),
		    &err) == 0);
	overlay = bundle.config.root->overlay;
	CHECK_TEXT(overlay->lower[1], "/b");
	CHECK_TEXT(overlay->upper, "/u");
	CHECK_TEXT(overlay->work, "/w");
	CHECK(overlay->is_volatile);
	CHECK_TEXT(bundle.config.root->path, "r");
}

static void points_at_the_annotation(void)
{
	auto_bundle struct bundle bundle;
	struct error err;

	CHECK(parse(&bundle, ANNOTATED("", "\n" LOWER("[]")), &err) == -1);
	CHECK_TEXT(err.text, "config.json:2:29: root.overlay.lower: empty");
	bundle_release(&bundle);
	CHECK(parse(&bundle, ANNOTATED("", "\n" LOWER("/a:/b")), &err) == -1);
	CHECK_TEXT(err.text,
		   "config.json:2:29: annotations[\"io.minirun.overlay.lower\"]: "
		   "not a JSON array: 1:1: unexpected '/' (JSON has no comments)");
}

static void refuses_the_overlay_both_ways(void)
{
	auto_bundle struct bundle bundle;
	struct error err;

	CHECK(parse(&bundle,
		    ANNOTATED(", \"overlay\": { \"lower\": [\"a\"] }",
			      "\n\"io.minirun.overlay.upper\": \"u\""),
		    &err) == -1);
	CHECK_TEXT(err.text,
		   "config.json:2:29: annotations[\"io.minirun.overlay.upper\"]: "
		   "root.overlay is given as well");
}

static void reads_a_copy(void)
{
	auto_temporary struct temporary temporary = temporary_new();
	auto_bundle struct bundle bundle;
	struct error err;

	put(&temporary, VALID);
	CHECK(bundle_load_copy(&bundle, temporary.fd, "config.json", &err) == 0);
	CHECK_TEXT(bundle.config.process->args[0], "sh");
	bundle_release(&bundle);
	CHECK(bundle_load_copy(&bundle, temporary.fd, "absent", &err) == -1);
}

static void can_be_released_as_zero_value(void)
{
	struct bundle bundle = { 0 };

	bundle_release(&bundle);
	bundle_release(&bundle);
	CHECK(fcntl(0, F_GETFD) >= 0);
}

int main(void)
{
	RUN(loads_by_any_name_of_the_directory);
	RUN(says_what_is_missing);
	RUN(refuses_what_is_no_file_or_too_large);
	RUN(says_the_line_and_column);
	RUN(tells_of_unknown_members);
	RUN(locates_an_error_of_a_feature);
	RUN(takes_the_overlay_from_annotations);
	RUN(points_at_the_annotation);
	RUN(refuses_the_overlay_both_ways);
	RUN(reads_a_copy);
	RUN(can_be_released_as_zero_value);
	return check_done();
}
