/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* netlink - requests to the kernel about network devices and addresses. Contract:
 * netlink(7), rtnetlink(7). */

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct text;

struct netlink_request {
	union {
		struct nlmsghdr header;
		char bytes[1024];
	};
};

/* A close-on-exec socket in the network namespace of the caller, where it stays. */
int netlink_open(struct error *err);

/* A request of the type, RTM_…, that starts with the body, as struct ifinfomsg. */
void netlink_begin(struct netlink_request *request, uint16_t type, const void *body,
		   size_t size);

/* Adds an attribute. */
void netlink_put(struct netlink_request *request, uint16_t type, const void *value,
		 size_t size);

/* Waits until the kernel has done it; NLM_F_… flags such as NLM_F_CREATE. What the kernel
 * has to say is added to `what`, the beginning of the error. */
int netlink_do(int socket, struct netlink_request *request, uint16_t flags,
	       const char *what, struct error *err);

/* Everything that there is of what was asked for: messages one after the other, for
 * NLMSG_NEXT(). */
int netlink_list(int socket, struct netlink_request *request, struct text *messages,
		 const char *what, struct error *err);
