/* SPDX-License-Identifier: Apache-2.0 */

/* empty - the least a program can do, linked statically: what a container runs in the
 * bench, and what `state` is compared with. With an argument it waits to be killed. */

#include <unistd.h>

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		(void)pause();
	return 0;
}
