/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "check.h"
#include "container/criu_log.h"

/* The first errors that say something, as they stand in logs of criu 3.17 and 4. */
static void the_first_that_say_something(void)
{
	static const struct {
		const char *log, *errors;
	} cases[] = {
		{ "", "" },
		{ "(00.000001) Version: 3.17.1\n(00.5) Warn  (criu/x.c:1): not this\n",
		  "" },
		{ "(00.003922) Error (criu/mount.c:1088): mnt: unreachable\n"
		  "(00.004489) Error (criu/cr-dump.c:2053): Dumping FAILED.\n",
		  "mnt: unreachable" },
		{ "(01.109320) Error (criu/util.c:642): exited, status=1\n"
		  "(01.703550) Error (criu/tun.c:85): tun: Unable to create tun\n"
		  "Error (criu/util.c:627): execvp(\"iptables-restore\", ...) failed: "
		  "No such file or directory\n"
		  "(03.918090) Error (criu/net.c:3071): Locking network failed\n",
		  "execvp(\"iptables-restore\", ...) failed: No such file or directory; "
		  "Locking network failed" },
		/* of one of the processes, and without an end of the line */
		{ "(00.01)      1: Error (criu/a.c:1): one\n(00.02)   7: Error "
		  "(criu/b.c:2): two",
		  "one; two" },
		/* the same again, and no more than three */
		{ "Error (a:1): a\nError (a:1): a\nError (a:1): b\nError (a:1): "
		  "c\nError (a:1): d\n",
		  "a; b; c" },
		{ "Error (cut off", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_text struct text log = { 0 }, errors = { 0 };

		text_put(&log, cases[i].log);
		criu_log_errors(&log, &errors);
		CHECK_TEXT(errors.length == 0 ? "" : errors.data, cases[i].errors);
	}
}

int main(void)
{
	RUN(the_first_that_say_something);
	return check_done();
}
