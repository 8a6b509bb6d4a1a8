/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* cgroup_stats_parts - files of one cgroup, for the rooms of cgroup_stats.h. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct json_writer;
struct text;

/* A cgroup that is read. A file that cannot be read is told once, at the end: what is
 * read after it counts for nothing. */
struct cgroup_stats {
	const char *directory;
	int dirfd; /* -1: there is none, and so none of its files */
	struct json_writer *json;
	struct error *err;
	bool has_failed; /* and *err is the first failure */
};

enum cgroup_stats_kind {
	STATS_UNLESS_ZERO,
	STATS_ALWAYS,
	STATS_SIGNED, /* always; any other number below zero is a mistake of the kernel's,
		       * and zero */
	STATS_LIMIT,  /* unless zero, which "max" is too */
};

/* One number: where it stands, and its name in JSON. */
struct cgroup_stats_row {
	const char *file; /* behind the prefix and a full stop; NULL: always zero */
	const char *key;  /* of the line "key value"; NULL: the number is all there is */
	const char *name; /* NULL ends a table */
	enum cgroup_stats_kind kind;
	uint64_t scale; /* 0 is 1 */
};

enum { CGROUP_STATS_ROWS_MAX = 10, CGROUP_STATS_FILE_MAX = 128 };

/* Adds the content of the file; false when there is none, or on failure. */
bool cgroup_stats_text(struct cgroup_stats *stats, const char *file, struct text *text);

/* A number of a file's, "max" being the largest. What is none is a failure. */
uint64_t cgroup_stats_number(struct cgroup_stats *stats, const char *file,
			     const char *number);

/* The numbers of a table. */
void cgroup_stats_read(struct cgroup_stats *stats, const char *prefix,
		       const struct cgroup_stats_row *rows,
		       uint64_t values[CGROUP_STATS_ROWS_MAX]);

/* The same as members of the object that is open. */
void cgroup_stats_put_rows(struct cgroup_stats *stats, const char *prefix,
			   const struct cgroup_stats_row *rows);

/* An object of its own, unless all are zero: of the table, or of values from it. */
void cgroup_stats_put_object(struct cgroup_stats *stats, const char *name,
			     const char *prefix, const struct cgroup_stats_row *rows);
void cgroup_stats_put_values(struct cgroup_stats *stats, const char *name,
			     const struct cgroup_stats_row *rows, const uint64_t *values);

/* Every line "key value" of the file as a member of an object, sorted; none for none. */
void cgroup_stats_put_map(struct cgroup_stats *stats, const char *name, const char *file);

/* An array that is there once something is in it. */
struct cgroup_stats_list {
	const char *name;
	bool is_open;
};

void cgroup_stats_list_open(struct cgroup_stats *stats, struct cgroup_stats_list *list);
void cgroup_stats_list_end(struct cgroup_stats *stats, struct cgroup_stats_list *list);

/* What was done on a device, "8:0": operation may be NULL. */
void cgroup_stats_put_device(struct cgroup_stats *stats, struct cgroup_stats_list *list,
			     const char *device, const char *operation, uint64_t value);

/* The object of one size of huge pages: prefix is "hugetlb.2MB", and reserved the prefix
 * of what is reserved, "hugetlb.2MB.rsvd", where the kernel counts that (Linux 5.7). */
typedef void cgroup_stats_put_size(struct cgroup_stats *stats, const char *prefix,
				   const char *reserved);

/* An object for every size: those with a file of that name behind the prefix, "current".
 */
void cgroup_stats_put_sizes(struct cgroup_stats *stats, const char *file,
			    cgroup_stats_put_size *put);

/* The parts of the document, for cgroup_stats.c. The object is open. */
void cgroup_stats_usage_v1(struct cgroup_stats *stats);
void cgroup_stats_throttling_v1(struct cgroup_stats *stats);
void cgroup_stats_cpuset_v1(struct cgroup_stats *stats);
void cgroup_stats_memory_v1(struct cgroup_stats *stats);
void cgroup_stats_pids_v1(struct cgroup_stats *stats);
void cgroup_stats_blkio_v1(struct cgroup_stats *stats);
void cgroup_stats_hugetlb_v1(struct cgroup_stats *stats);
void cgroup_stats_usage_v2(struct cgroup_stats *stats);
void cgroup_stats_throttling_v2(struct cgroup_stats *stats);
void cgroup_stats_memory_v2(struct cgroup_stats *stats);
void cgroup_stats_pids_v2(struct cgroup_stats *stats);
void cgroup_stats_io_v2(struct cgroup_stats *stats);
void cgroup_stats_hugetlb_v2(struct cgroup_stats *stats);
