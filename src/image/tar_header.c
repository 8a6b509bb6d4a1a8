/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/text.h"
#include "image/tar_header.h"

struct block {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type;
	char target[100], magic[6], version[2], user[32], group[32], major[8], minor[8];
	char prefix[155], filler[12];
};
_Static_assert(sizeof(struct block) == TAR_BLOCK, "ustar");

/* The most that the octal digits of a field hold; the last byte of it is NUL. */
enum { ID_MAX = 07777777 };
static const uint64_t long_max = 077777777777;

/* Octal digits and NUL. What is too large is the largest: for a reader that knows no pax
 * it shall be no file of root's. */
static void put_number(char *field, size_t size, uint64_t value)
{
	const uint64_t most = (UINT64_C(1) << 3 * (size - 1)) - 1;

	if (value > most)
		value = most;
	for (size_t i = size - 1; i > 0; i--, value >>= 3)
		field[i - 1] = (char)('0' + (value & 7));
}

/* Not ended by NUL where the field is full. */
static void put_bytes(char *field, size_t size, const char *text)
{
	memcpy(field, text, strnlen(text, size));
}

static void put_block(struct text *blocks, struct block *block)
{
	const unsigned char *bytes = (const void *)block;
	unsigned sum = 0;

	memcpy(block->magic, "ustar", sizeof(block->magic));
	memcpy(block->version, "00", sizeof(block->version));
	memset(block->checksum, ' ', sizeof(block->checksum));
	for (size_t i = 0; i < sizeof(*block); i++)
		sum += bytes[i];
	put_number(block->checksum, sizeof(block->checksum) - 1, sum);
	text_add(blocks, block, sizeof(*block));
}

static size_t count_digits(size_t number)
{
	return number < 10 ? 1 : 1 + count_digits(number / 10);
}

/* "LENGTH KEY=VALUE\n", the length being that of all of it. */
static void add_record(struct text *records, const char *key, const char *name,
		       const void *value, size_t size)
{
	const size_t rest = strlen(" =\n") + strlen(key) + strlen(name) + size;
	size_t length = rest + count_digits(rest);

	length = rest + count_digits(length);
	text_format(records, "%zu %s%s=", length, key, name);
	text_add(records, value, size);
	text_put(records, "\n");
}

static void add_number(struct text *records, const char *key, int64_t value)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%" PRId64, value);

	add_record(records, key, "", digits, (size_t)length);
}

static bool fits(const char *text)
{
	return text == NULL || strlen(text) <= sizeof(((struct block *)NULL)->name);
}

/* What the block cannot hold. */
static void add_records(struct text *records, const struct tar_entry *entry)
{
	const bool path_fits = fits(entry->path), target_fits = fits(entry->target);

	/* Else it would say that names are UTF-8. */
	if ((!path_fits && !text_is_utf8(entry->path)) ||
	    (!target_fits && !text_is_utf8(entry->target)))
		add_record(records, "hdrcharset", "", "BINARY", strlen("BINARY"));
	if (!path_fits)
		add_record(records, "path", "", entry->path, strlen(entry->path));
	if (!target_fits)
		add_record(records, "linkpath", "", entry->target, strlen(entry->target));
	if (entry->size > long_max)
		add_number(records, "size", (int64_t)entry->size);
	if (entry->uid > ID_MAX)
		add_number(records, "uid", entry->uid);
	if (entry->gid > ID_MAX)
		add_number(records, "gid", entry->gid);
	if (entry->mtime < 0 || (uint64_t)entry->mtime > long_max)
		add_number(records, "mtime", entry->mtime);
	if (entry->xattrs != NULL && entry->xattrs->length > 0)
		text_add(records, entry->xattrs->data, entry->xattrs->length);
}

static void put_fields(struct block *block, const struct tar_entry *entry)
{
	put_number(block->mode, sizeof(block->mode), entry->mode & 07777);
	put_number(block->uid, sizeof(block->uid), entry->uid);
	put_number(block->gid, sizeof(block->gid), entry->gid);
	put_number(block->size, sizeof(block->size), entry->size);
	put_number(block->mtime, sizeof(block->mtime),
		   entry->mtime < 0 ? 0 : (uint64_t)entry->mtime);
	put_number(block->major, sizeof(block->major), major(entry->device));
	put_number(block->minor, sizeof(block->minor), minor(entry->device));
}

static void put_records(struct text *blocks, const struct text *records)
{
	static const char zeros[TAR_BLOCK];
	const struct tar_entry entry = { .mode = 0644, .size = records->length };
	struct block block = { .type = 'x' };

	put_bytes(block.name, sizeof(block.name), "./PaxHeaders");
	put_fields(&block, &entry);
	put_block(blocks, &block);
	text_add(blocks, records->data, records->length);
	text_add(blocks, zeros, -records->length % TAR_BLOCK);
}

void tar_header_format(const struct tar_entry *entry, struct text *blocks)
{
	auto_text struct text records = { 0 };
	struct block block = { .type = (char)entry->type };

	add_records(&records, entry);
	if (records.length > 0)
		put_records(blocks, &records);
	put_bytes(block.name, sizeof(block.name), entry->path);
	if (entry->target != NULL)
		put_bytes(block.target, sizeof(block.target), entry->target);
	put_fields(&block, entry);
	put_block(blocks, &block);
}

/* As libarchive reads it: the name as in a URL, the value in Base64. */
static void add_encoded(struct text *records, const char *name, const void *value,
			size_t size)
{
	auto_text struct text plain = { 0 }, base64 = { 0 };

	for (; *name != '\0'; name++) {
		const unsigned char byte = (unsigned char)*name;

		if (byte <= ' ' || byte > '~' || byte == '=' || byte == '%')
			text_format(&plain, "%%%02X", byte);
		else
			text_add(&plain, name, 1);
	}
	base64.length = (size_t)EVP_EncodeBlock(
		(unsigned char *)text_reserve(&base64, (size + 2) / 3 * 4 + 1), value,
		(int)size);
	add_record(records, "LIBARCHIVE.xattr.", plain.data, base64.data, base64.length);
}

void tar_header_xattr(struct text *records, const char *name, const void *value,
		      size_t size)
{
	if (strchr(name, '=') != NULL)
		add_encoded(records, name, value, size);
	else
		add_record(records, "SCHILY.xattr.", name, value, size);
}
