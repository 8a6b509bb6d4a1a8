/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * notify - the payload tells the caller's service manager that it is ready, sd_notify(3).
 *
 * Where the caller has NOTIFY_SOCKET, the payload has one of its own, a socket in ROOT/ID
 * that is seen in the container as /run/notify/notify.sock. What comes out of it is the
 * container's word: only that it is ready goes on, in words of ours.
 */

#include <stdbool.h>
#include <sys/types.h>

/* In the container. */
#define NOTIFY_PLACE "/run/notify"

struct error;

/* Whether the caller has a service manager to tell. */
bool notify_is_wanted(void);

/* Makes the directory of the socket in the container's entry. */
int notify_make(int entryfd, struct error *err);

/* The socket, owned, from the process's start on; *socket -1 when `create` has made no
 * directory for it. */
int notify_listen(int entryfd, int *socket, struct error *err);

/* In the child, in the view of the host: the directory as a detached mount, owned. */
int notify_open(const char *root, const char *id, struct error *err);

/* In the child: the mount to its place in the tree. */
int notify_attach(int mount, int tree, struct error *err);

/* The payload's environment. Not to be freed: execve(2) follows. */
char **notify_environment(char **env);

/* Whether one of the messages that wait in the socket says READY=1; takes them all. */
bool notify_is_ready(int socket);

/* Tells the service manager; pid 0: that it is us whom it has to watch, else the pid. */
void notify_tell(pid_t pid);

/* Waits until the process is ready, and tells so, or has ended. */
void notify_wait(int socket, int pidfd, pid_t pid);
