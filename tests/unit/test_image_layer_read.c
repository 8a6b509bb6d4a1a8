/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "image/layer_read.h"
#include "image/tar_header.h"
#include "image/tar_input.h"
#include "image/walk.h"

#include "check.h"
#include "temporary.h"

static struct error err;
static char hex[DIGEST_HEX_SIZE];

/* A tar of entries, with the owner that we may give. */
static void add(struct text *tar, struct tar_entry entry)
{
	entry.uid = geteuid();
	entry.gid = getegid();
	entry.mode = entry.mode != 0 ? entry.mode : 0700;
	tar_header_format(&entry, tar);
}

static void end(struct text *tar)
{
	static const char zeros[2 * TAR_BLOCK];

	text_add(tar, zeros, sizeof(zeros));
}

static int unpack_bytes(const struct temporary *place, const char *bytes, size_t size)
{
	auto_close int fd = memfd_create("tar", MFD_CLOEXEC);
	auto_tar_input struct tar_input input = { 0 };
	auto_layer_report struct layer_report report = { 0 };

	CHECK(file_write_full(fd, bytes, size) == 0 && lseek(fd, 0, SEEK_SET) == 0);
	return tar_input_open(&input, fd, "t.tar", &err) < 0 ||
			       layer_read(&input, place->fd, &report, &err) < 0 ||
			       tar_input_finish(&input, hex, &err) < 0
		       ? -1
		       : 0;
}

static int unpack(const struct temporary *place, struct text *tar)
{
	end(tar);
	return unpack_bytes(place, tar->data, tar->length);
}

/* Refuses one entry behind a directory "d" and a link "up" that leads out. */
static void check_refused(struct tar_entry entry, const char *text)
{
	auto_temporary struct temporary outside = temporary_new();
	auto_temporary struct temporary place = temporary_new();
	auto_text struct text tar = { 0 };
	struct stat status;

	add(&tar, (struct tar_entry){ .type = TAR_DIRECTORY, .path = "d/" });
	add(&tar, (struct tar_entry){
			  .type = TAR_SYMLINK, .path = "up", .target = outside.path });
	add(&tar, entry);
	CHECK(unpack(&place, &tar) < 0);
	if (strstr(err.text, text) == NULL)
		CHECK_TEXT(err.text, text);
	CHECK(fstat(outside.fd, &status) == 0 && status.st_nlink == 2);
	CHECK(faccessat(outside.fd, "x", F_OK, 0) != 0);
}

static void what_leads_out_is_refused(void)
{
	static const char *const climbing[] = { "../x", "d/../../x", "..", "d/..",
						"/../x" };

	for (size_t i = 0; i < sizeof(climbing) / sizeof(climbing[0]); i++) {
		check_refused((struct tar_entry){ .type = TAR_FILE, .path = climbing[i] },
			      "leads out of it");
		check_refused((struct tar_entry){ .type = TAR_HARD_LINK,
						  .path = "l",
						  .target = climbing[i] },
			      "leads out of it");
	}
	check_refused((struct tar_entry){ .type = TAR_FILE, .path = "up/x" }, "up/x");
	check_refused((struct tar_entry){ .type = TAR_DIRECTORY, .path = "up/x/" },
		      "up/x");
	check_refused((struct tar_entry){ .type = TAR_FILE, .path = "up/.wh.x" }, "up");
}

static void what_makes_no_sense_is_refused(void)
{
	static const char *const nothings[] = { ".wh.", "d/.wh..", "d/.wh..." };

	for (size_t i = 0; i < sizeof(nothings) / sizeof(nothings[0]); i++)
		check_refused((struct tar_entry){ .type = TAR_FILE, .path = nothings[i] },
			      "is a whiteout of nothing");
	check_refused((struct tar_entry){ .type = TAR_FILE, .path = "." },
		      "root of the tar is no directory");
	check_refused((struct tar_entry){ .type = TAR_HARD_LINK,
					  .path = "l",
					  .target = "missing" },
		      "cannot link 'l' to 'missing'");
	check_refused(
		(struct tar_entry){ .type = TAR_HARD_LINK, .path = "l", .target = "d" },
		"cannot link 'l' to 'd'");
}

static void a_record_of_an_impossible_owner(void)
{
	static const char *const ids[] = { "18 uid=4294967295\n", "18 gid=4294967295\n",
					   "10 uid=-1\n" };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		auto_text struct text record = { 0 };

		text_put(&record, ids[i]);
		check_refused((struct tar_entry){ .type = TAR_FILE,
						  .path = "f",
						  .xattrs = &record },
			      "has no possible owner");
	}
}

static void access_lists(void)
{
	auto_temporary struct temporary place = temporary_new();
	auto_text struct text tar = { 0 }, record = { 0 }, named = { 0 };
	struct stat status;
	char path[256];

	text_put(&record,
		 "80 SCHILY.acl.access=user::rw-,user:7:r-x,group::r--,mask::rwx,other::"
		 "---\n");
	record.data[0] = (char)('0' + record.length / 10);
	record.data[1] = (char)('0' + record.length % 10);
	add(&tar,
	    (struct tar_entry){
		    .type = TAR_FILE, .path = "f", .mode = 0670, .xattrs = &record });
	CHECK(unpack(&place, &tar) == 0);
	walk_proc_path(place.fd, "f", path, sizeof(path));
	CHECK(lgetxattr(path, "system.posix_acl_access", NULL, 0) == 4 + 5 * 8);
	CHECK(lstat(path, &status) == 0 && (status.st_mode & 07777) == 0670);
	text_put(&named, "61 SCHILY.acl.access=user::rw-,user:somebody:r-x,mask::r-x\n");
	named.data[0] = (char)('0' + named.length / 10);
	named.data[1] = (char)('0' + named.length % 10);
	check_refused(
		(struct tar_entry){ .type = TAR_FILE, .path = "f", .xattrs = &named },
		"'somebody' without a number");
}

static bool was_made(const struct temporary *place, const char *name, mode_t mode,
		     time_t time)
{
	struct stat status;

	return fstatat(place->fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       (status.st_mode & 07777) == mode && status.st_mtim.tv_sec == time;
}

static void times_of_what_is_named_and_what_is_not(void)
{
	auto_temporary struct temporary place = temporary_new();
	auto_text struct text tar = { 0 };

	add(&tar, (struct tar_entry){ .type = TAR_FILE, .path = "a/b/f", .mtime = 9 });
	add(&tar,
	    (struct tar_entry){
		    .type = TAR_DIRECTORY, .path = "a/", .mode = 0750, .mtime = 5 });
	CHECK(unpack(&place, &tar) == 0);
	CHECK(was_made(&place, ".", 0755, 0));
	CHECK(was_made(&place, "a", 0750, 5));
	CHECK(was_made(&place, "a/b", 0755, 0));
	CHECK(was_made(&place, "a/b/f", 0700, 9));
	CHECK(strlen(hex) == 64);
}

/* Every length of a tar that is less than all of it. */
static void cut_off_anywhere(void)
{
	auto_text struct text tar = { 0 };
	size_t entries;

	add(&tar, (struct tar_entry){ .type = TAR_DIRECTORY, .path = "d/" });
	add(&tar, (struct tar_entry){ .type = TAR_FILE, .path = "d/f", .size = 700 });
	memset(text_reserve(&tar, 2 * TAR_BLOCK), 'x', 2 * TAR_BLOCK);
	tar.length += 2 * TAR_BLOCK;
	add(&tar, (struct tar_entry){ .type = TAR_FIFO, .path = "fifo" });
	entries = tar.length;
	end(&tar);
	for (size_t size = 0; size <= entries; size += 128) {
		auto_temporary struct temporary place = temporary_new();

		CHECK(unpack_bytes(&place, tar.data, size) < 0);
	}
	{
		auto_temporary struct temporary place = temporary_new();

		CHECK(unpack_bytes(&place, tar.data, tar.length) == 0);
	}
}

static void what_is_no_tar(void)
{
	static const char *const texts[] = { "", "no tar", "\x1f\x8b\x08", "BZh9" };
	auto_temporary struct temporary place = temporary_new();

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		err.text[0] = '\0';
		CHECK(unpack_bytes(&place, texts[i], strlen(texts[i])) < 0);
		CHECK(strstr(err.text, "'t.tar'") != NULL);
	}
}

int main(void)
{
	(void)umask(0);
	RUN(what_leads_out_is_refused);
	RUN(what_makes_no_sense_is_refused);
	RUN(a_record_of_an_impossible_owner);
	RUN(access_lists);
	RUN(times_of_what_is_named_and_what_is_not);
	RUN(cut_off_anywhere);
	RUN(what_is_no_tar);
	return check_done();
}
