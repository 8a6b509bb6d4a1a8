/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/error.h"
#include "base/fds.h"
#include "base/log.h"
#include "image/commit.h"
#include "image/diff.h"
#include "image/layer.h"
#include "image/store_verb.h"
#include "image/unpack.h"

/* What minirun's command line may have before and behind the verb; minirun itself has
 * checked it and executed us with all of it. */
static const struct option options[] = {
	{ "root", required_argument, NULL, 'r' },
	{ "data-root", required_argument, NULL, 'R' },
	{ "log", required_argument, NULL, 'l' },
	{ "log-format", required_argument, NULL, 'O' },
	{ "log-level", required_argument, NULL, 'L' },
	{ "cgroup-manager", required_argument, NULL, 0 },
	{ "systemd-cgroup", no_argument, NULL, 0 },
	{ "rootless", required_argument, NULL, 0 },
	{ "debug", no_argument, NULL, 'D' },
	{ "merged", no_argument, NULL, 'm' },
	{ "diff", no_argument, NULL, 'd' },
	{ "no-pause", no_argument, NULL, 'p' },
	{ "pause", no_argument, NULL, 'P' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "format", required_argument, NULL, 'F' },
	{ "compress", required_argument, NULL, 'z' },
	{ "base", required_argument, NULL, 'b' },
	{ "config", required_argument, NULL, 'c' },
	{ "author", required_argument, NULL, 'a' },
	{ "message", required_argument, NULL, 'M' },
	{ "verify", no_argument, NULL, 'V' },
	{ "unused", no_argument, NULL, 'u' },
	{ "dry-run", no_argument, NULL, 'n' },
	{ NULL, 0, NULL, 0 },
};

struct words {
	struct commit_request commit;
	struct store_request layers;
	bool json; /* --format */
	const char *log, *level;
	enum log_format format;
	bool debug;
};

static int add_change(struct image_details *details, struct error *err)
{
	if (details->changes_count == IMAGE_CHANGES_MAX)
		return error_set(err, 0, "option '--config' is given more than %d times",
				 IMAGE_CHANGES_MAX);
	details->changes[details->changes_count++] = optarg;
	return 0;
}

/* Those of commit alone: -1, or whether it was one. */
static int read_commit(int found, struct commit_request *commit, struct error *err)
{
	switch (found) {
	case 'd':
	case 'm':
		commit->diff = found == 'd';
		commit->merged = found == 'm';
		return 1;
	case 'q':
		commit->quiet = true;
		return 1;
	case 'V':
		commit->verify = true;
		return 1;
	case 'z':
		return compression_parse(&commit->compression, optarg, err) < 0 ? -1 : 1;
	case 'b':
		commit->base = optarg;
		return 1;
	case 'c':
		return add_change(&commit->details, err) < 0 ? -1 : 1;
	case 'a':
		commit->details.author = optarg;
		return 1;
	case 'M':
		commit->details.message = optarg;
		return 1;
	default:
		return 0;
	}
}

/* Those of layers alone: whether it was one. */
static bool read_layers(int found, struct store_request *layers)
{
	layers->unused = layers->unused || found == 'u';
	layers->dry_run = layers->dry_run || found == 'n';
	return found == 'u' || found == 'n';
}

/* The first is minirun's, and absolute. */
static void set_directory(const char **directory)
{
	if (*directory == NULL)
		*directory = optarg;
}

static int read_words(int argc, char **argv, struct words *words, struct error *err)
{
	int found;

	opterr = 0;
	while ((found = getopt_long(argc, argv, "qnf:", options, NULL)) != -1) {
		int own = read_commit(found, &words->commit, err);

		if (own < 0)
			return -1;
		if (own > 0 || found == 0 || read_layers(found, &words->layers))
			continue;
		if (found == 'r')
			set_directory(&words->layers.root);
		else if (found == 'R')
			set_directory(&words->layers.data_root);
		else if (found == 'l')
			words->log = optarg;
		else if (found == 'O')
			words->format = strcmp(optarg, "json") == 0 ? LOG_JSON : LOG_TEXT;
		else if (found == 'L')
			words->level = optarg;
		else if (found == 'D')
			words->debug = true;
		else if (found == 'F' || found == 'f')
			words->json = strcmp(optarg, "json") == 0;
		else if (found == 'p' || found == 'P')
			words->commit.no_pause = found == 'p';
		else
			return error_set(err, 0, "unknown option '%s'", argv[optind - 1]);
	}
	return 0;
}

static int open_log(const struct words *words, struct error *err)
{
	if (words->level != NULL && log_set_level_name(words->level) < 0)
		return error_set(err, 0, "'%s' is no level of messages", words->level);
	if (words->debug)
		log_set_level(LOG_DEBUG);
	return log_open(words->log, words->format, err);
}

/* For the levels of a walk; nothing else here counts descriptors. */
static void raise_limit(void)
{
	struct rlimit limit;
	const rlim_t wanted = PATH_MAX;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* minirun's, for a tar: with options of its own. */
static bool is_own_call(int argc, char **argv)
{
	return argc > 1 && strcmp(argv[1], "layer") == 0;
}

static int run_commit(struct words *words, char **argv, struct error *err)
{
	words->commit.json = words->json;
	words->commit.id = argv[1];
	words->commit.target = argv[2];
	words->commit.diff = words->commit.diff || words->commit.base != NULL;
	return commit_container(&words->commit, err);
}

static int run_diff(const struct words *words, char **argv, struct error *err)
{
	const struct diff_request request = { .root = words->commit.root,
					      .id = argv[1],
					      .no_pause = words->commit.no_pause,
					      .json = words->json };

	return diff_container(&request, err);
}

static int run_unpack(const struct words *words, char **argv, struct error *err)
{
	const struct unpack_request request = { .data_root = words->layers.data_root,
						.image = argv[1],
						.bundle = argv[2],
						.quiet = words->commit.quiet,
						.json = words->json };

	return unpack_image(&request, err);
}

static int run_layers(struct words *words, int argc, char **argv, struct error *err)
{
	words->layers.words = argv + 1;
	words->layers.count = (size_t)argc - 1;
	words->layers.json = words->json;
	words->layers.quiet = words->commit.quiet;
	return store_verb(&words->layers, err);
}

static int run(int argc, char **argv, struct error *err)
{
	struct words words = { .format = LOG_TEXT };

	if (is_own_call(argc, argv))
		return layer_verb(argc - 1, argv + 1, err);
	if (read_words(argc, argv, &words, err) < 0 || open_log(&words, err) < 0)
		return -1;
	raise_limit();
	argv += optind;
	argc -= optind;
	words.commit.root = words.layers.root;
	if (words.layers.root == NULL || words.layers.data_root == NULL)
		argc = 0;
	if (argc == 3 && strcmp(argv[0], "commit") == 0)
		return run_commit(&words, argv, err);
	if (argc == 2 && strcmp(argv[0], "diff") == 0)
		return run_diff(&words, argv, err);
	if (argc == 3 && strcmp(argv[0], "unpack") == 0)
		return run_unpack(&words, argv, err);
	if (argc >= 2 && strcmp(argv[0], "layers") == 0)
		return run_layers(&words, argc, argv, err);
	return error_set(err, 0,
			 "usage: minirun-image --root DIR --data-root DIR "
			 "commit|diff|layers|unpack [OPTION]... [WORD]...");
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	char line[ERROR_TEXT_MAX + ERROR_WHERE_MAX];

	fds_open_standard();
	if (run(argc, argv, &err) == 0)
		return 0;
	error_format(&err, line, sizeof(line));
	/* minirun says it, with the place in the configuration and to its log. */
	if (is_own_call(argc, argv))
		(void)puts(line);
	else
		log_error(line);
	return 1;
}
