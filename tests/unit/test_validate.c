/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "check.h"
#include "oci/config.h"
#include "oci/validate.h"

/* The rules with their messages are in tests/configs/bad; this is what must pass. */

static char shell[] = "sh", variable[] = "A=";
static char *args[] = { shell, NULL };
static char *env[] = { variable, NULL };

static const struct config_process process = { .args = args, .env = env, .cwd = "/" };
static const struct config_root root = { .path = "rootfs" };
static const struct config_linux linux_ = { 0 };

static struct config valid(void)
{
	return (struct config){ .oci_version = "1.3.0",
				.root = &root,
				.process = &process,
				.linux_ = &linux_ };
}

static void takes_every_version_1(void)
{
	static const char *const versions[] = { "1.0.0",        "1.0.2-dev", "1.0.0-rc5",
						"1.2.1+meta.1", "1.10.22",   "1.3.0" };
	struct config config = valid();
	struct error err;

	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		config.oci_version = versions[i];
		CHECK(validate_config(&config, &err) == 0);
	}
}

static void refuses_other_versions(void)
{
	static const char *const versions[] = { "",       "1",     "1.0",    "1.0.",
						"2.0.0",  "0.9.0", "11.0.0", "1.0.0x",
						"v1.0.0", "1..0" };
	struct config config = valid();
	struct error err;

	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		config.oci_version = versions[i];
		CHECK(validate_config(&config, &err) == -1);
		CHECK_TEXT(err.where, "ociVersion");
	}
}

static void takes_an_overlay_without_a_path(void)
{
	char *lower[] = { shell, NULL };
	const struct config_overlay overlay = { .lower = lower,
						.upper = "u",
						.work = "w" };
	const struct config_root with = { .overlay = &overlay };
	struct config config = valid();
	struct error err;

	config.root = &with;
	CHECK(validate_config(&config, &err) == 0);
}

static void takes_a_relative_destination(void)
{
	const struct config_mount mount = { .destination = "proc" };
	struct config config = valid();
	struct error err;

	config.mounts = &mount;
	config.mounts_count = 1;
	CHECK(validate_config(&config, &err) == 0);
}

static void counts_the_layers(void)
{
	static char *lower[502];
	const struct config_overlay overlay = { .lower = lower };
	const struct config_root with = { .overlay = &overlay };
	struct config config = valid();
	struct error err;

	for (int i = 0; i < 500; i++)
		lower[i] = shell;
	config.root = &with;
	CHECK(validate_config(&config, &err) == 0);
	lower[500] = shell;
	CHECK(validate_config(&config, &err) == -1);
	CHECK_TEXT(err.where, "root.overlay.lower");
}

static void says_which_variable_is_none(void)
{
	char bad[] = "B", nameless[] = "=x";
	char *env_bad[] = { variable, bad, NULL }, *env_nameless[] = { nameless, NULL };
	struct config_process changed = process;
	struct error err;

	changed.env = env_bad;
	CHECK(validate_process(&changed, &err) == -1);
	CHECK_TEXT(err.where, "process.env[1]");
	CHECK_TEXT(err.text, "'B' is not of the form NAME=value");
	changed.env = env_nameless;
	CHECK(validate_process(&changed, &err) == -1);
}

int main(void)
{
	RUN(takes_every_version_1);
	RUN(refuses_other_versions);
	RUN(takes_an_overlay_without_a_path);
	RUN(takes_a_relative_destination);
	RUN(counts_the_layers);
	RUN(says_which_variable_is_none);
	return check_done();
}
