/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/netlink.h"
#include "base/text.h"

enum { ANSWER_MAX = 32 * 1024 }; /* what the kernel sends at once, netlink_dump() */

int netlink_open(struct error *err)
{
	auto_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	const int on = 1;

	if (fd < 0)
		return error_set(err, errno, "cannot open a netlink socket");
	/* The reason in words, behind an answer that does not repeat the request; both
	 * Linux 4.12. */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	return take_fd(&fd);
}

void netlink_begin(struct netlink_request *request, uint16_t type, const void *body,
		   size_t size)
{
	memset(request, 0, sizeof(*request));
	assert(NLMSG_SPACE(size) <= sizeof(request->bytes));
	request->header.nlmsg_type = type;
	request->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(size);
	memcpy(NLMSG_DATA(&request->header), body, size);
}

void netlink_put(struct netlink_request *request, uint16_t type, const void *value,
		 size_t size)
{
	size_t start = NLMSG_ALIGN(request->header.nlmsg_len);
	const struct rtattr attribute = { .rta_len = (uint16_t)RTA_LENGTH(size),
					  .rta_type = type };

	assert(start + RTA_SPACE(size) <= sizeof(request->bytes));
	memcpy(request->bytes + start, &attribute, sizeof(attribute));
	memcpy(request->bytes + start + RTA_LENGTH(0), value, size);
	request->header.nlmsg_len = (uint32_t)(start + RTA_LENGTH(size));
}

/* The answer to this request, NLMSG_ERROR or NLMSG_DONE: 0, or an error with the words
 * that the kernel may have put behind it. */
static int judge(struct nlmsghdr *answer, size_t body, const char *what,
		 struct error *err)
{
	char *data = NLMSG_DATA(answer);
	int code = 0, left = (int)answer->nlmsg_len - (int)NLMSG_SPACE(body);
	struct rtattr *attribute = (void *)(data + NLMSG_ALIGN(body));

	if (answer->nlmsg_len >= NLMSG_LENGTH(sizeof(code)))
		memcpy(&code, data, sizeof(code));
	if (code == 0)
		return 0;
	for (; (answer->nlmsg_flags & NLM_F_ACK_TLVS) && RTA_OK(attribute, left);
	     attribute = RTA_NEXT(attribute, left)) {
		if (attribute->rta_type == NLMSGERR_ATTR_MSG)
			return error_set(err, -code, "%s: %.*s", what,
					 (int)RTA_PAYLOAD(attribute),
					 (char *)RTA_DATA(attribute));
	}
	return error_set(err, -code, "%s", what);
}

struct answer {
	const char *what;
	struct text *messages; /* NULL: none are expected */
	bool changed;          /* what is listed, meanwhile */
};

/* What one call of recv(2) gave: 1 when the answer is whole. */
static int take(struct answer *answer, struct nlmsghdr *message, size_t size,
		struct error *err)
{
	for (; NLMSG_OK(message, size); message = NLMSG_NEXT(message, size)) {
		size_t body = message->nlmsg_type == NLMSG_ERROR ? sizeof(struct nlmsgerr)
								 : sizeof(int);

		if (message->nlmsg_flags & NLM_F_DUMP_INTR)
			answer->changed = true;
		if (message->nlmsg_type == NLMSG_ERROR ||
		    message->nlmsg_type == NLMSG_DONE)
			return judge(message, body, answer->what, err) < 0 ? -1 : 1;
		if (answer->messages != NULL)
			text_add(answer->messages, message,
				 NLMSG_ALIGN(message->nlmsg_len));
	}
	return 0;
}

static int ask(int socket, const struct netlink_request *request, struct answer *answer,
	       struct error *err)
{
	_Alignas(struct nlmsghdr) char bytes[ANSWER_MAX];
	int result = 0;

	if (send(socket, request, request->header.nlmsg_len, 0) < 0)
		return error_set(err, errno, "%s", answer->what);
	while (result == 0) {
		ssize_t size = recv(socket, bytes, sizeof(bytes), MSG_TRUNC);

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0 || (size_t)size > sizeof(bytes))
			return error_set(err, size < 0 ? errno : EMSGSIZE, "%s",
					 answer->what);
		result = take(answer, (void *)bytes, (size_t)size, err);
	}
	return result < 0 ? -1 : 0;
}

int netlink_do(int socket, struct netlink_request *request, uint16_t flags,
	       const char *what, struct error *err)
{
	struct answer answer = { .what = what };

	request->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	return ask(socket, request, &answer, err);
}

int netlink_list(int socket, struct netlink_request *request, struct text *messages,
		 const char *what, struct error *err)
{
	struct answer answer = { .what = what, .messages = messages };

	request->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	do {
		messages->length = 0;
		answer.changed = false;
		if (ask(socket, request, &answer, err) < 0)
			return -1;
	} while (answer.changed);
	return 0;
}
