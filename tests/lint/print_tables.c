/* SPDX-License-Identifier: Apache-2.0 */

/* print_tables - every JSON path that the tables of oci/config.c know, a line each:
 * "PATH TYPE", and "PATH required" for what must be there. */

#include <inttypes.h>
#include <stdio.h>

#include "oci/config.h"
#include "oci/layout.h"

static void print_table(const struct layout *layout, const char *path);

static void print_range(const struct field *field, const char *type)
{
	if (field->least == 0 && field->most == 0)
		printf(" %s\n", type);
	else
		printf(" integer %" PRId64 " %" PRIu64 "\n", field->least, field->most);
}

static void print_field(const struct field *field, const char *path)
{
	char below[512];

	printf("%s", path);
	switch (field->type) {
	case FIELD_BOOL:
		printf(" boolean\n");
		return;
	case FIELD_INT:
		print_range(field, "int64");
		return;
	case FIELD_UINT:
		print_range(field, "uint64");
		return;
	case FIELD_STRING:
		printf(" string\n");
		return;
	case FIELD_STRINGS:
		printf(" array\n%s[] string\n", path);
		return;
	case FIELD_INTS:
		printf(" array\n%s[]", path);
		print_range(field, "int64");
		return;
	case FIELD_OBJECT:
		printf(" object\n");
		print_table(field->layout, path);
		return;
	case FIELD_ARRAY:
		printf(" array\n%s[] object\n", path);
		(void)snprintf(below, sizeof(below), "%s[]", path);
		print_table(field->layout, below);
		return;
	case FIELD_NAMED:
		printf(" object\n%s.* object\n", path);
		(void)snprintf(below, sizeof(below), "%s.*", path);
		print_table(field->layout, below);
		return;
	case FIELD_MAP:
		printf(" object\n%s.* string\n", path);
		return;
	case FIELD_REFUSED:
		printf(" refused\n");
		return;
	}
}

static void print_table(const struct layout *layout, const char *path)
{
	char below[512];

	for (const struct field *field = layout->fields; field->key != NULL; field++) {
		(void)snprintf(below, sizeof(below), "%s%s%s", path, path[0] ? "." : "",
			       field->key);
		print_field(field, below);
		if (!field->optional)
			printf("%s required\n", below);
	}
}

int main(void)
{
	print_table(config_table(), "");
	return 0;
}
