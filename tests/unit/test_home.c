/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "check.h"
#include "container/home.h"

static void homes_are_found(void)
{
	static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
				     "\n"
				     "short:x:7\n"
				     "odd:x:7x:7::/odd:/bin/sh\n"
				     "long:x:00000000000000000007:7::/long:/bin/sh\n"
				     "user:x:1000:1000::/home/user:/bin/sh\n"
				     "again:x:1000:1000::/home/again:/bin/sh\n"
				     "none:x:1001:1001:::/bin/sh\n"
				     "last:x:1002:1002::/home/last";
	static const struct {
		uid_t uid;
		const char *home; /* NULL: none */
	} rows[] = {
		{ 0, "/root" },         { 7, NULL },
		{ 1000, "/home/user" }, { 1001, "" },
		{ 1002, "/home/last" }, { 1003, NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t length = 0;
		const char *home = home_find(passwd, rows[i].uid, &length);

		CHECK((home == NULL) == (rows[i].home == NULL));
		if (home == NULL || rows[i].home == NULL)
			continue;
		CHECK(length == strlen(rows[i].home));
		CHECK(strncmp(home, rows[i].home, length) == 0);
	}
}

int main(void)
{
	RUN(homes_are_found);
	return check_done();
}
