/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "kernel/hostname.h"
#include "oci/config.h"

enum { NAME_MOST = 64 }; /* __NEW_UTS_LEN, for both names; uname(2) */

/* A path may lead to the very namespace that the host's own name lives in. */
static bool is_own(const struct config_namespace *uts)
{
	return uts->path != NULL && uts->path[0] != '\0' &&
	       file_is_same(uts->path, "/proc/self/ns/uts");
}

static int check_name(const char *where, const char *name, struct error *err)
{
	size_t length = name != NULL ? strlen(name) : 0;

	if (length <= NAME_MOST)
		return 0;
	error_set(err, 0, "a name of %zu bytes, %d is the most", length, NAME_MOST);
	return error_at(err, "%s", where);
}

int hostname_check(const struct config *config, struct error *err)
{
	const char *where = config->hostname != NULL ? "hostname" : "domainname";
	const struct config_namespace *uts = config_namespace(config->linux_, "uts");

	if (config->hostname == NULL && config->domainname == NULL)
		return 0;
	if (check_name("hostname", config->hostname, err) < 0 ||
	    check_name("domainname", config->domainname, err) < 0)
		return -1;
	if (uts == NULL) {
		error_set(err, 0, "needs a namespace of type 'uts'");
		return error_at(err, "%s", where);
	}
	if (is_own(uts)) {
		error_set(err, 0, "'%s' is the host's, its name would change", uts->path);
		return error_at(err, "%s", where);
	}
	return 0;
}

int hostname_apply(const struct config *config, struct error *err)
{
	const char *host = config->hostname, *domain = config->domainname;

	if (host != NULL && sethostname(host, strlen(host)) < 0) {
		error_set(err, errno, "cannot set the host name '%s'", host);
		return error_at(err, "hostname");
	}
	if (domain != NULL && setdomainname(domain, strlen(domain)) < 0) {
		error_set(err, errno, "cannot set the domain name '%s'", domain);
		return error_at(err, "domainname");
	}
	return 0;
}
