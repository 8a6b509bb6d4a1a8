/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "oci/layout.h"

const struct field *layout_find(const struct layout *layout, const char *path)
{
	size_t length = strcspn(path, ".");

	for (const struct field *field = layout->fields; field->key != NULL; field++) {
		if (strncmp(field->key, path, length) != 0 || field->key[length] != '\0')
			continue;
		if (path[length] == '\0')
			return field;
		return field->layout == NULL
			       ? NULL
			       : layout_find(field->layout, path + length + 1);
	}
	return NULL;
}
