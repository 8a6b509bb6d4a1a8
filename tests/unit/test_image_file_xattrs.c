/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/xattr.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/text.h"
#include "image/file_xattrs.h"
#include "image/walk.h"

#include "check.h"
#include "temporary.h"

static struct error err;

/* A file with attributes; false: one of them only root may set. */
static bool make(const struct temporary *place, const char *const *names)
{
	auto_close int fd = openat(place->fd, "f", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	bool all = true;

	for (; *names != NULL; names++)
		all = fsetxattr(fd, *names, "v", 1, 0) == 0 && all;
	return all;
}

static const char *read_all(const struct temporary *place, enum file_xattrs_flags flags,
			    struct text *records)
{
	const struct walk_entry entry = { .parent = place->fd,
					  .name = "f",
					  .path = "./f" };

	records->length = 0;
	text_put(records, "");
	CHECK(file_xattrs_read(&entry, &(struct file_xattrs){ .flags = flags }, records,
			       &err) == 0);
	return records->data;
}

static void in_the_order_of_their_names(void)
{
	static const char *const names[] = { "user.z",   "user.a",    "user.B",
					     "user.a.b", "user.\xff", NULL };
	auto_temporary struct temporary place = temporary_new();
	auto_text struct text records = { 0 };

	if (!make(&place, names))
		return;
	CHECK_TEXT(read_all(&place, 0, &records),
		   "25 SCHILY.xattr.user.B=v\n25 SCHILY.xattr.user.a=v\n"
		   "27 SCHILY.xattr.user.a.b=v\n25 SCHILY.xattr.user.z=v\n"
		   "25 SCHILY.xattr.user.\xff=v\n");
}

static void those_of_overlayfs_in_an_upper(void)
{
	static const char *const names[] = { "trusted.overlay.origin",
					     "trusted.overlay.overlay.opaque",
					     "trusted.overlay.overlay.overlay.x",
					     "trusted.t", NULL };
	auto_temporary struct temporary place = temporary_new();
	auto_text struct text records = { 0 };

	if (!make(&place, names))
		return;
	CHECK_TEXT(read_all(&place, FILE_XATTRS_UPPER, &records),
		   "41 SCHILY.xattr.trusted.overlay.opaque=v\n"
		   "44 SCHILY.xattr.trusted.overlay.overlay.x=v\n"
		   "28 SCHILY.xattr.trusted.t=v\n");
	CHECK(strstr(read_all(&place, 0, &records), "trusted.overlay.origin=v") != NULL);
}

static void none(void)
{
	static const char *const names[] = { NULL };
	auto_temporary struct temporary place = temporary_new();
	auto_text struct text records = { 0 };
	char value[8];

	CHECK(make(&place, names));
	CHECK_TEXT(read_all(&place, 0, &records), "");
	CHECK(file_xattrs_overlay(place.fd, "f", "opaque", value, sizeof(value)) == 0);
	errno = 0;
	CHECK(file_xattrs_overlay(place.fd, "missing", "opaque", value, sizeof(value)) <
	      0);
	CHECK(errno == ENOENT);
}

static void names_in_a_layer(void)
{
	static const struct {
		const char *archived, *stored;
	} cases[] = {
		{ "user.x", "user.x" },
		{ "trusted.overlay.opaque", "trusted.overlay.overlay.opaque" },
		{ "trusted.overlay.overlay.x", "trusted.overlay.overlay.overlay.x" },
		{ "trusted.overlayed", "trusted.overlayed" },
		{ "user.overlay.opaque", NULL },
		{ "security.selinux", NULL },
		{ "security.capability", "security.capability" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_text struct text buffer = { 0 };
		const char *stored = file_xattrs_stored_name(cases[i].archived, &buffer);

		CHECK((stored == NULL) == (cases[i].stored == NULL));
		if (stored != NULL && cases[i].stored != NULL)
			CHECK_TEXT(stored, cases[i].stored);
	}
}

int main(void)
{
	RUN(in_the_order_of_their_names);
	RUN(those_of_overlayfs_in_an_upper);
	RUN(none);
	RUN(names_in_a_layer);
	return check_done();
}
