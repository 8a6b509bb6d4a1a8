/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "check.h"
#include "oci/systemd_unit.h"

static struct arena arena;
static struct error err;
static struct systemd_unit unit;

static int read_unit(const char *path, const char *id)
{
	unit = (struct systemd_unit){ .slice = "system.slice" };
	err = (struct error){ 0 };
	return systemd_unit_read(&unit, &arena, path, id, &err);
}

static void a_path_becomes_a_unit(void)
{
	static const struct {
		const char *path, *id, *name, *cgroup;
	} cases[] = {
		{ NULL, "c", "minirun-c.scope", "/system.slice/minirun-c.scope" },
		{ "", "c", "minirun-c.scope", "/system.slice/minirun-c.scope" },
		{ "::", "c", "c.scope", "/system.slice/c.scope" },
		{ ":p:", "c", "p-c.scope", "/system.slice/p-c.scope" },
		{ "a.slice:p:n", "c", "p-n.scope", "/a.slice/p-n.scope" },
		{ "a-b-c.slice:p:n", "c", "p-n.scope",
		  "/a.slice/a-b.slice/a-b-c.slice/p-n.scope" },
		{ "-.slice:p:n", "c", "p-n.scope", "/p-n.scope" },
		{ "a.slice:p:x-y.slice", "c", "x-y.slice", "/x.slice/x-y.slice" },
		{ NULL, "a+b", "minirun-a\\x2bb.scope",
		  "/system.slice/minirun-a\\x2bb.scope" },
		{ "::a/../b", "c", "a\\x2f..\\x2fb.scope",
		  "/system.slice/a\\x2f..\\x2fb.scope" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK(read_unit(cases[i].path, cases[i].id) == 0);
		CHECK_TEXT(unit.name, cases[i].name);
		CHECK_TEXT(unit.path, cases[i].cgroup);
	}
}

static void a_slice_is_in_no_other(void)
{
	CHECK(read_unit("a.slice:p:x-y.slice", "c") == 0 && unit.slice == NULL);
	CHECK(read_unit("a.slice:p:n", "c") == 0);
	CHECK_TEXT(unit.slice, "a.slice");
}

static void what_systemd_would_not_take_is_refused(void)
{
	static const char *const cases[][2] = {
		{ "/a/b", "'/a/b' is not of the form slice:prefix:name (which the "
			  "systemd cgroup manager needs)" },
		{ "a.slice:b", "'a.slice:b' is not of the form slice:prefix:name (which "
			       "the systemd cgroup manager needs)" },
		{ "a:b:c:d", "'a:b:c:d' is not of the form slice:prefix:name (which the "
			     "systemd cgroup manager needs)" },
		{ "a:b:c", "'a' is no name of a slice (such as 'system.slice')" },
		{ ".slice:b:c", "'.slice' is no name of a slice (such as "
				"'system.slice')" },
		{ "a--b.slice:b:c", "'a--b.slice' is no name of a slice (such as "
				    "'system.slice')" },
		{ "-a.slice:b:c", "'-a.slice' is no name of a slice (such as "
				  "'system.slice')" },
		{ "a-.slice:b:c", "'a-.slice' is no name of a slice (such as "
				  "'system.slice')" },
		{ "../a.slice:b:c", "'../a.slice' is no name of a slice (such as "
				    "'system.slice')" },
		{ "a'b.slice:b:c", "'a'b.slice' is no name of a slice (such as "
				   "'system.slice')" },
	};
	char id[300];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK(read_unit(cases[i][0], "c") < 0);
		CHECK_TEXT(err.text, cases[i][1]);
		CHECK_TEXT(err.where, "linux.cgroupsPath");
	}
	memset(id, 'a', sizeof(id));
	id[250] = '\0';
	CHECK(read_unit(NULL, id) < 0);
	CHECK_TEXT(err.text, "the name of the unit is longer than 255 bytes");
}

int main(void)
{
	RUN(a_path_becomes_a_unit);
	RUN(a_slice_is_in_no_other);
	RUN(what_systemd_would_not_take_is_refused);
	arena_release(&arena);
	return check_done();
}
