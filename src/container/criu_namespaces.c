/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/protobuf.h"
#include "base/text.h"
#include "container/criu.h"
#include "container/criu_descriptors.h"
#include "container/criu_namespaces.h"
#include "container/criu_options.h"
#include "kernel/namespaces.h"
#include "oci/config.h"

enum { JOIN_NS_NAME = 1, JOIN_NS_FILE = 2 };

/* The names in the images are those that runc and crun use. */
static const struct {
	int flag;
	const char *word, *name;
} external[CRIU_INHERITED_MAX] = {
	{ CLONE_NEWNET, "net", "extRootNetNS" },
	{ CLONE_NEWPID, "pid", "extRootPidNS" },
};

static const struct {
	int flag;
	const char *word;
} joined[] = {
	{ CLONE_NEWIPC, "ipc" },
	{ CLONE_NEWTIME, "time" },
	{ CLONE_NEWUTS, "uts" },
};

int criu_namespaces_check(const struct config_linux *linux_, struct error *err)
{
	static const int refused[] = { CLONE_NEWUSER, CLONE_NEWCGROUP, CLONE_NEWNS };

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (namespaces_has_joined(linux_, refused[i]))
			return error_set(err, 0,
					 "criu cannot join the %s namespace that "
					 "linux.namespaces names",
					 namespaces_type(refused[i]));
	}
	if (!namespaces_has_new(linux_, CLONE_NEWNS))
		return error_set(err, 0,
				 "criu needs a container with a mount namespace of its "
				 "own");
	return 0;
}

int criu_namespaces_dump(const struct config_linux *linux_, pid_t pid,
			 struct text *options, struct error *err)
{
	for (size_t i = 0; i < CRIU_INHERITED_MAX; i++) {
		char path[64], name[64];
		struct stat status;

		if (!namespaces_has_joined(linux_, external[i].flag))
			continue;
		(void)snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid,
			       external[i].word);
		if (stat(path, &status) < 0)
			return error_set(err, errno, "cannot look at '%s'", path);
		(void)snprintf(name, sizeof(name), "%s[%lu]:%s", external[i].word,
			       (unsigned long)status.st_ino, external[i].name);
		protobuf_put_text(options, CRIU_OPT_EXTERNAL, name);
	}
	return 0;
}

static void put_joined(const char *word, const char *path, struct text *options)
{
	auto_text struct text join = { 0 };

	protobuf_put_text(&join, JOIN_NS_NAME, word);
	protobuf_put_text(&join, JOIN_NS_FILE, path);
	protobuf_put_message(options, CRIU_OPT_JOIN_NS, &join);
}

void criu_namespaces_restore(const struct namespaces *namespaces, struct criu *criu,
			     struct text *options)
{
	for (size_t i = 0; i < CRIU_INHERITED_MAX; i++) {
		criu->inherited[i] = namespaces_find(namespaces, external[i].flag);
		if (criu->inherited[i] >= 0)
			criu_descriptors_put(external[i].name,
					     CRIU_INHERITED_FIRST + (int)i, options);
	}
	for (size_t i = 0; i < sizeof(joined) / sizeof(joined[0]); i++) {
		const struct config_namespace *found = config_namespace(
			namespaces->linux_, namespaces_type(joined[i].flag));

		if (found != NULL && found->path != NULL && found->path[0] != '\0')
			put_joined(joined[i].word, found->path, options);
	}
}
