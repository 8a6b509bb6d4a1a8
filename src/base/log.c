/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/log_socket.h"
#include "base/text.h"

/* One log for a program: it is opened by main() and lives until exit. */
static struct {
	const char *program;
	enum log_level level;
	enum log_format format;
	int file; /* -1: none */
	struct log_socket socket;
} logger = { "minirun", LOG_WARNING, LOG_TEXT, -1, { 0 } };

static const char *const level_names[] = { "error", "warning", "info", "debug" };

void log_program(const char *name)
{
	logger.program = name;
}

void log_set_level(enum log_level level)
{
	logger.level = level;
}

bool log_has_level(enum log_level level)
{
	return level <= logger.level;
}

int log_set_level_name(const char *name)
{
	for (size_t i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++) {
		if (strcmp(level_names[i], name) == 0) {
			log_set_level((enum log_level)i);
			return 0;
		}
	}
	return -1;
}

int log_open(const char *path, enum log_format format, struct error *err)
{
	int is_socket;

	logger.format = format;
	if (path == NULL)
		return 0;
	is_socket = log_socket_open(&logger.socket, path, err);
	if (is_socket != 0)
		return is_socket < 0 ? -1 : 0;
	if (strncmp(path, "file:", 5) == 0)
		path += 5;
	logger.file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (logger.file < 0)
		return error_set(err, errno, "cannot open '%s'", path);
	return 0;
}

/* UTC: the local time would need the zone's file, which a container may have covered. */
static void put_time(struct text *line)
{
	time_t now = time(NULL);
	struct tm parts;
	char text[32];

	if (gmtime_r(&now, &parts) == NULL)
		return;
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
	text_put(line, text);
}

/* One write() for each line: other processes append to the same file. */
static void write_record(int fd, enum log_level level, const char *message)
{
	auto_text struct text line = { 0 };

	if (logger.format == LOG_JSON) {
		text_format(&line, "{\"level\":\"%s\",\"msg\":", level_names[level]);
		text_put_quoted(&line, message);
		text_put(&line, ",\"time\":\"");
		put_time(&line);
		text_put(&line, "\"}\n");
	} else {
		text_put(&line, "time=\"");
		put_time(&line);
		text_format(&line, "\" level=%s msg=", level_names[level]);
		text_put_quoted(&line, message);
		text_put(&line, "\n");
	}
	(void)file_write_full(fd, line.data, line.length);
}

static void write_plain(enum log_level level, const char *message)
{
	auto_text struct text line = { 0 };

	text_format(&line, "%s: %s%s", logger.program,
		    level == LOG_ERROR ? "" : level_names[level],
		    level == LOG_ERROR ? "" : ": ");
	text_put_printable(&line, message);
	text_put(&line, "\n");
	(void)file_write_full(STDERR_FILENO, line.data, line.length);
}

static void say(enum log_level level, const char *message)
{
	/* syslog.h's names for them are ours for the levels. */
	static const int priorities[] = { 3, 4, 6, 7 };
	bool has_socket = logger.socket.kind != LOG_SOCKET_NONE;

	if (!log_has_level(level))
		return;
	if (logger.file >= 0)
		write_record(logger.file, level, message);
	if (has_socket)
		log_socket_write(&logger.socket, priorities[level], logger.program,
				 message);
	if ((logger.file >= 0 || has_socket) && level != LOG_ERROR)
		return;
	if (logger.file < 0 && !has_socket && logger.format == LOG_JSON)
		write_record(STDERR_FILENO, level, message);
	else
		write_plain(level, message);
}

static PRINTF(2, 0) void say_format(enum log_level level, const char *format,
				    va_list args)
{
	char message[2048];

	(void)vsnprintf(message, sizeof(message), format, args);
	say(level, message);
}

void log_error(const char *text)
{
	say(LOG_ERROR, text);
}

void log_warning(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_format(LOG_WARNING, format, args);
	va_end(args);
}

void log_debug(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_format(LOG_DEBUG, format, args);
	va_end(args);
}
