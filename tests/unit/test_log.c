/* SPDX-License-Identifier: Apache-2.0 */
#include <regex.h>
#include <sys/wait.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "check.h"
#include "temporary.h"

/* The log is one for a program: each case speaks in a child, whose standard error is a
 * file. */
static void in_child(const struct temporary *temporary, void (*speak)(void))
{
	pid_t child = fork();

	if (child != 0) {
		(void)waitpid(child, NULL, 0);
		return;
	}
	if (fchdir(temporary->fd) < 0)
		_exit(1);
	(void)dup2(open("stderr", O_WRONLY | O_CREAT | O_CLOEXEC, 0600), STDERR_FILENO);
	speak();
	_exit(0);
}

static void check_file(const struct temporary *temporary, const char *name,
		       const char *pattern)
{
	auto_text struct text text = { 0 };
	struct error err;
	regex_t regex;

	if (file_read(temporary->fd, name, 4096, &text, &err) < 0)
		text_put(&text, err.text);
	CHECK(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) == 0);
	if (regexec(&regex, text.data, 0, NULL, 0) != 0)
		CHECK_TEXT(text.data, pattern);
	regfree(&regex);
}

#define TIME "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"

static void speak_plain(void)
{
	log_warning("careful %d", 1);
	log_debug("not said");
	log_error("wrong");
}

static void speaks_on_standard_error(void)
{
	auto_temporary struct temporary temporary = temporary_new();

	in_child(&temporary, speak_plain);
	check_file(&temporary, "stderr",
		   "^minirun: warning: careful 1\nminirun: wrong\n$");
}

static void speak_little(void)
{
	(void)log_set_level_name("error");
	log_warning("careful");
	log_error("wrong");
}

static void levels_have_names(void)
{
	auto_temporary struct temporary temporary = temporary_new();

	in_child(&temporary, speak_little);
	check_file(&temporary, "stderr", "^minirun: wrong\n$");
	CHECK(log_set_level_name("fatal") < 0);
}

static void speak_json(void)
{
	struct error err;

	log_program("other");
	log_set_level(LOG_DEBUG);
	(void)log_open("log", LOG_JSON, &err);
	log_debug("detail");
	log_error("a \"b\"\n\xff");
}

static void writes_json_lines(void)
{
	auto_temporary struct temporary temporary = temporary_new();

	in_child(&temporary, speak_json);
	check_file(
		&temporary, "log",
		"^\\{\"level\":\"debug\",\"msg\":\"detail\",\"time\":\"" TIME "\"\\}\n"
		"\\{\"level\":\"error\",\"msg\":\"a \\\\\"b\\\\\"\\\\n\xef\xbf\xbd\",\"time\":\"" TIME
		"\"\\}\n$");
	check_file(&temporary, "stderr", "^other: a \"b\"\\\\x0a.\n$");
}

static void speak_text(void)
{
	struct error err;

	(void)log_open("log", LOG_TEXT, &err);
	log_warning("careful");
	log_error("wrong");
}

static void writes_text_lines_and_appends(void)
{
	auto_temporary struct temporary temporary = temporary_new();

	in_child(&temporary, speak_text);
	in_child(&temporary, speak_text);
	check_file(&temporary, "log",
		   "^(time=\"" TIME "\" level=warning msg=\"careful\"\n"
		   "time=\"" TIME "\" level=error msg=\"wrong\"\n){2}$");
}

static void speak_json_without_a_file(void)
{
	struct error err;

	(void)log_open(NULL, LOG_JSON, &err);
	log_error("wrong");
}

static void writes_json_on_standard_error(void)
{
	auto_temporary struct temporary temporary = temporary_new();

	in_child(&temporary, speak_json_without_a_file);
	check_file(&temporary, "stderr",
		   "^\\{\"level\":\"error\",\"msg\":\"wrong\",\"time\":\"" TIME
		   "\"\\}\n$");
}

static void says_which_file_it_cannot_open(void)
{
	struct error err;

	CHECK(log_open("/absent/log", LOG_TEXT, &err) == -1);
	CHECK_TEXT(err.text, "cannot open '/absent/log': no such file or directory");
}

int main(void)
{
	RUN(speaks_on_standard_error);
	RUN(levels_have_names);
	RUN(writes_json_lines);
	RUN(writes_text_lines_and_appends);
	RUN(writes_json_on_standard_error);
	RUN(says_which_file_it_cannot_open);
	return check_done();
}
