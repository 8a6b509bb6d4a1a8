/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/procfs.h"
#include "base/text.h"
#include "kernel/sysctl.h"
#include "oci/config.h"
#include "oci/json.h"

/* What is per namespace, below /proc/sys; a directory ends with "/". All else would be
 * set for the host. */
static const struct parameter {
	const char *path, *type;
} parameters[] = {
	{ "fs/mqueue/", "ipc" },
	{ "kernel/domainname", "uts" },
	{ "kernel/msgmax", "ipc" },
	{ "kernel/msgmnb", "ipc" },
	{ "kernel/msgmni", "ipc" },
	{ "kernel/sem", "ipc" },
	{ "kernel/shm_rmid_forced", "ipc" },
	{ "kernel/shmall", "ipc" },
	{ "kernel/shmmax", "ipc" },
	{ "kernel/shmmni", "ipc" },
	{ "net/", "network" },
	{ "user/", "user" },
};

/* The file of a namespace type below /proc/self/ns. */
static const char *file_of(const char *type)
{
	return strcmp(type, "network") == 0 ? "net" : type;
}

/*
 * The path below /proc. Whichever of "." and "/" comes first in the name separates its
 * components, sysctl(8); the other one is a part of them, "/" standing for ".":
 * net.ipv4.conf.eth0/100.rp_filter is net/ipv4/conf/eth0.100/rp_filter.
 */
static void put_path(struct text *path, const char *name)
{
	bool is_dotted = name[strcspn(name, "./")] == '.';

	text_put(path, "sys/");
	for (; *name != '\0'; name++) {
		char byte = *name;

		if (is_dotted && byte == '.')
			byte = '/';
		else if (is_dotted && byte == '/')
			byte = '.';
		text_add(path, &byte, 1);
	}
}

/* Components that are neither empty nor "." nor "..". */
static bool is_well_formed(const char *path)
{
	for (;;) {
		size_t length = strcspn(path, "/");

		if (length == 0 || (length == 1 && path[0] == '.') ||
		    (length == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		if (path[length] == '\0')
			return true;
		path += length + 1;
	}
}

static const char *namespace_of(const char *path)
{
	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++) {
		const char *known = parameters[i].path;
		size_t length = strlen(known);

		if (known[length - 1] == '/' ? strncmp(path, known, length) == 0
					     : strcmp(path, known) == 0)
			return parameters[i].type;
	}
	return NULL;
}

/* A path may lead to the very namespace that we, and so the host, are in. */
static bool is_own(const struct config_namespace *namespace)
{
	auto_text struct text own = { 0 };

	if (namespace->path == NULL || namespace->path[0] == '\0')
		return false;
	text_format(&own, "/proc/self/ns/%s", file_of(namespace->type));
	return file_is_same(namespace->path, own.data);
}

static int check_parameter(const struct config *config, const char *name,
			   struct error *err)
{
	auto_text struct text text = { 0 };
	const struct config_namespace *namespace;
	const char *path, *type;

	put_path(&text, name);
	path = text.data + strlen("sys/");
	if (!is_well_formed(path))
		return error_set(err, 0, "not the name of a kernel parameter");
	if (strcmp(path, "kernel/hostname") == 0)
		return error_set(err, 0, "what sets it is 'hostname'");
	type = namespace_of(path);
	if (type == NULL)
		return error_set(err, 0,
				 "belongs to no namespace, the host's would change");
	namespace = config_namespace(config->linux_, type);
	if (namespace == NULL)
		return error_set(err, 0, "needs a namespace of type '%s'", type);
	if (is_own(namespace))
		return error_set(err, 0, "'%s' is the host's, it would change there",
				 namespace->path);
	return 0;
}

int sysctl_check(const struct config *config, struct error *err)
{
	const struct json *sysctl = config->linux_->sysctl;

	if (sysctl == NULL)
		return 0;
	json_foreach (parameter, sysctl) {
		if (check_parameter(config, parameter->key, err) < 0)
			return error_at(err, "linux.sysctl[\"%s\"]", parameter->key);
	}
	return 0;
}

/* The domain name by its system call, as its file is the host's root's alone. As
 * sysctl(8): without its end an empty line would be no write at all. */
static int set_parameter(const char *path, const char *value, int procfd,
			 struct error *err)
{
	auto_text struct text line = { 0 };

	if (strcmp(path, "sys/kernel/domainname") == 0) {
		if (setdomainname(value, strlen(value)) < 0)
			return error_set(err, errno, "cannot set the domain name '%s'",
					 value);
		return 0;
	}
	text_format(&line, "%s\n", value);
	return procfs_write(procfd, path, line.data, err);
}

int sysctl_apply(const struct config *config, int procfd, struct error *err)
{
	const struct json *sysctl = config->linux_->sysctl;

	if (sysctl == NULL)
		return 0;
	json_foreach (parameter, sysctl) {
		auto_text struct text path = { 0 };

		put_path(&path, parameter->key);
		if (set_parameter(path.data, parameter->text, procfd, err) == 0)
			continue;
		if (err->code == ENOENT)
			error_hint(err, "this kernel, or this namespace, has none");
		return error_at(err, "linux.sysctl[\"%s\"]", parameter->key);
	}
	return 0;
}
