/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "image/file_xattrs.h"
#include "image/whiteout.h"

bool whiteout_is(int parent, const char *name, const struct stat *status)
{
	char value[8];

	if (S_ISCHR(status->st_mode))
		return status->st_rdev == 0;
	return S_ISREG(status->st_mode) && status->st_size == 0 &&
	       file_xattrs_overlay(parent, name, "whiteout", value, sizeof(value)) > 0;
}

bool whiteout_is_opaque(int parent, const char *name)
{
	char value[8] = "";

	return file_xattrs_overlay(parent, name, "opaque", value, sizeof(value)) > 0 &&
	       value[0] == 'y';
}

const char *whiteout_opaque_name(void)
{
	return file_xattrs_overlay_is_user() ? "user.overlay.opaque"
					     : "trusted.overlay.opaque";
}

bool whiteout_is_marker(const char *name)
{
	return strncmp(name, ".wh.", 4) == 0;
}

int whiteout_refuse_name(const char *path, struct error *err)
{
	(void)error_set(err, 0,
			"'%s' cannot be in a layer: there its name means a deletion",
			path);
	return error_hint(err, "rename or remove it in the container");
}
