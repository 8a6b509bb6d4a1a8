/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* hostname - hostname and domainname in the container's uts namespace; sethostname(2). */

struct config;
struct error;

/* At most 64 bytes each (HOST_NAME_MAX), and a uts namespace that is not the host's. */
int hostname_check(const struct config *config, struct error *err);

/* Sets what is given; for the calling process's uts namespace. */
int hostname_apply(const struct config *config, struct error *err);
