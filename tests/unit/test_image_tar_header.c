/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <sys/sysmacros.h>

#include "base/text.h"
#include "image/tar_header.h"

#include "check.h"

enum {
	NAME = 0,
	MODE = 100,
	UID = 108,
	GID = 116,
	SIZE = 124,
	MTIME = 136,
	CHECKSUM = 148
};
enum { TYPE = 156, TARGET = 157, MAGIC = 257, MAJOR = 329, MINOR = 337 };

static struct text blocks;

static void format(struct tar_entry entry)
{
	blocks.length = 0;
	tar_header_format(&entry, &blocks);
	CHECK(blocks.length % TAR_BLOCK == 0);
}

/* The block of the entry itself. */
static const char *last(void)
{
	return blocks.data + blocks.length - TAR_BLOCK;
}

/* The records before it; "" when there are none. */
static const char *records(void)
{
	return blocks.length == TAR_BLOCK ? "" : blocks.data + TAR_BLOCK;
}

static void check_sum(const char *block)
{
	unsigned sum = 0;

	for (int i = 0; i < TAR_BLOCK; i++)
		sum += i >= CHECKSUM && i < CHECKSUM + 8 ? ' ' : (unsigned char)block[i];
	CHECK(strtoul(block + CHECKSUM, NULL, 8) == sum);
}

static void a_file_is_one_block(void)
{
	format((struct tar_entry){ .type = TAR_FILE,
				   .path = "./file",
				   .mode = 06755,
				   .uid = 7,
				   .gid = 8,
				   .mtime = 1000,
				   .size = 511 });
	CHECK(blocks.length == TAR_BLOCK);
	CHECK_TEXT(last() + NAME, "./file");
	CHECK_TEXT(last() + MODE, "0006755");
	CHECK_TEXT(last() + UID, "0000007");
	CHECK_TEXT(last() + GID, "0000010");
	CHECK_TEXT(last() + SIZE, "00000000777");
	CHECK_TEXT(last() + MTIME, "00000001750");
	CHECK(last()[TYPE] == '0');
	CHECK(memcmp(last() + MAGIC, "ustar\00000", 8) == 0);
	check_sum(last());
}

static void links_and_devices(void)
{
	format((struct tar_entry){
		.type = TAR_SYMLINK, .path = "./a", .target = "to", .mode = 0777 });
	CHECK(last()[TYPE] == '2');
	CHECK_TEXT(last() + TARGET, "to");
	format((struct tar_entry){
		.type = TAR_CHARACTER, .path = "./c", .device = makedev(4095, 1048575) });
	CHECK(last()[TYPE] == '3');
	CHECK_TEXT(last() + MAJOR, "0007777");
	CHECK_TEXT(last() + MINOR, "3777777");
}

static void names_that_fill_the_block_and_longer_ones(void)
{
	char name[200] = "";

	memset(name, 'n', 100);
	format((struct tar_entry){ .type = TAR_SYMLINK, .path = name, .target = name });
	CHECK_TEXT(records(), "");
	CHECK(memcmp(last() + NAME, name, 100) == 0 && last()[MODE] == '0');
	CHECK(memcmp(last() + TARGET, name, 100) == 0 && last()[MAGIC] == 'u');
	name[100] = 'n';
	format((struct tar_entry){
		.type = TAR_SYMLINK, .path = name, .target = "short" });
	CHECK(strncmp(records(), "111 path=nnn", 12) == 0);
	CHECK(blocks.data[TYPE] == 'x');
	CHECK_TEXT(blocks.data + SIZE, "00000000157");
	check_sum(blocks.data);
	check_sum(last());
	format((struct tar_entry){
		.type = TAR_SYMLINK, .path = "short", .target = name });
	CHECK(strncmp(records(), "115 linkpath=nnn", 16) == 0);
}

static void names_that_are_not_utf8_are_said_to_be_bytes(void)
{
	char name[200] = "";

	memset(name, '\xff', 100);
	format((struct tar_entry){ .type = TAR_FILE, .path = name });
	CHECK_TEXT(records(), "");
	name[100] = '\xff';
	format((struct tar_entry){ .type = TAR_FILE, .path = name });
	CHECK(strncmp(records(), "21 hdrcharset=BINARY\n111 path=\xff", 31) == 0);
}

static void numbers_that_are_too_large(void)
{
	format((struct tar_entry){ .type = TAR_FILE,
				   .path = "f",
				   .uid = 2097151,
				   .gid = 2097151,
				   .mtime = 8589934591,
				   .size = 8589934591 });
	CHECK_TEXT(records(), "");
	format((struct tar_entry){ .type = TAR_FILE,
				   .path = "f",
				   .uid = 2097152,
				   .gid = 4294967294,
				   .mtime = 8589934592,
				   .size = 8589934592 });
	CHECK_TEXT(records(), "19 size=8589934592\n15 uid=2097152\n18 gid=4294967294\n"
			      "20 mtime=8589934592\n");
	/* No file of root's for who reads no records. */
	CHECK_TEXT(last() + UID, "7777777");
	CHECK_TEXT(last() + SIZE, "77777777777");
	format((struct tar_entry){ .type = TAR_FILE, .path = "f", .mtime = -1 });
	CHECK_TEXT(records(), "12 mtime=-1\n");
	CHECK_TEXT(last() + MTIME, "00000000000");
}

/* The length counts its own digits: at 99 and 101, 999 and 1001 it gets one more. */
static void every_length_of_a_record(void)
{
	static char value[1100];

	for (size_t size = 0; size < sizeof(value); size++) {
		auto_text struct text text = { 0 };

		tar_header_xattr(&text, "user.x", value, size);
		CHECK(strtoul(text.data, NULL, 10) == text.length);
	}
}

static void attributes(void)
{
	static const struct {
		const char *name, *value;
		size_t size;
		const char *record;
	} cases[] = {
		{ "user.a", "1", 1, "25 SCHILY.xattr.user.a=1\n" },
		{ "user.empty", "", 0, "28 SCHILY.xattr.user.empty=\n" },
		{ "user.a b%41\xff", "1", 1, "31 SCHILY.xattr.user.a b%41\xff=1\n" },
		{ "user.a=b% \xff", "\0\xff", 2,
		  "45 LIBARCHIVE.xattr.user.a%3Db%25%20%FF=AP8=\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_text struct text text = { 0 };

		tar_header_xattr(&text, cases[i].name, cases[i].value, cases[i].size);
		CHECK_TEXT(text.data, cases[i].record);
		format((struct tar_entry){
			.type = TAR_FILE, .path = "f", .xattrs = &text });
		CHECK_TEXT(records(), cases[i].record);
	}
}

int main(void)
{
	RUN(a_file_is_one_block);
	RUN(links_and_devices);
	RUN(names_that_fill_the_block_and_longer_ones);
	RUN(names_that_are_not_utf8_are_said_to_be_bytes);
	RUN(numbers_that_are_too_large);
	RUN(every_length_of_a_record);
	RUN(attributes);
	text_release(&blocks);
	return check_done();
}
