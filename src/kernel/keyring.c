/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/syscalls.h"
#include "kernel/keyring.h"

/* KEY_USR_SEARCH and its peers for group and others, <linux/key.h> of the kernel: a
 * keyring is found by name only with one of them, and a new one has none. */
enum { SEARCH_BITS = 0x00080808 };

/* "keyring;UID;GID;PERMISSIONS;NAME", the permissions in hexadecimal. */
static bool is_new(long key)
{
	char text[512], *field = text;

	if (sys_keyctl_describe(key, text, sizeof(text)) < 0)
		return false;
	text[sizeof(text) - 1] = '\0';
	for (int skipped = 0; skipped < 3 && field != NULL; skipped++) {
		field = strchr(field, ';');
		field = field != NULL ? field + 1 : NULL;
	}
	return field != NULL && (strtoul(field, NULL, 16) & SEARCH_BITS) == 0;
}

int keyring_apply(const char *id, struct error *err)
{
	char name[512];
	long key;

	(void)snprintf(name, sizeof(name), "_ses.%s", id);
	key = sys_keyctl(KEYCTL_JOIN_SESSION_KEYRING, (unsigned long)name, 0);
	if (key >= 0 && is_new(key))
		return 0;
	/* Without a name it is always a new one. */
	if (key >= 0)
		key = sys_keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0);
	if (key >= 0 || errno == ENOSYS || errno == EPERM)
		return 0;
	error_set(err, errno, "cannot make a session keyring");
	if (err->code == EDQUOT)
		error_hint(err, "see /proc/key-users and /proc/sys/kernel/keys");
	return -1;
}
