/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * sync - what the launcher and the container process say to each other while the
 * container is made: datagrams on a SOCK_SEQPACKET pair. End of file means that the other
 * side is gone, or, from the container process after SYNC_READY, that it has become the
 * payload (close-on-exec).
 */

#include "base/error.h"
#include "kernel/seccomp.h"

enum sync_type {
	SYNC_END,      /* end of file */
	SYNC_GO,       /* launcher: the container is recorded and limited, go on */
	SYNC_TAKEN,    /* launcher: the listener is with the agent */
	SYNC_DEVICES,  /* launcher: the network devices are in the namespace */
	SYNC_TERMINAL, /* child: the master of the pty comes with it */
	SYNC_HOOKS,    /* child: as far as the hooks want it, waiting for SYNC_GO */
	SYNC_LISTENER, /* child: the filter is loaded, with that listener */
	SYNC_READY,    /* child: waiting to be started, or about to be the payload */
	SYNC_ERROR,    /* child: it could not be done; the child exits */
};

struct sync_message {
	enum sync_type type;
	int number;         /* SYNC_LISTENER: the descriptor in the child */
	int fd;             /* SYNC_TERMINAL, SYNC_LISTENER if passed, or -1: owned */
	struct error error; /* SYNC_ERROR; last: only then it is sent */
};

/* A close-on-exec pair: ours, the child's. */
int sync_open(int ends[2], struct error *err);

/* From the launcher; program NULL: none. */
int sync_send_go(int socket, const struct seccomp_program *program, struct error *err);

/* From the launcher, for SYNC_LISTENER. */
int sync_send_taken(int socket, struct error *err);

/* From the launcher, once linux.netDevices are in the child's namespace; the child waits
 * for that before it goes on to anything that is about them. */
int sync_send_devices(int socket, struct error *err);
int sync_wait_devices(int socket, struct error *err);

/* In the child: waits for SYNC_GO and fills *program; -1 also when the launcher is gone.
 */
int sync_wait_go(int socket, struct seccomp_program *program, struct error *err);

/* From the child. */
int sync_send(int socket, enum sync_type type, struct error *err);
int sync_send_terminal(int socket, int master, struct error *err);
void sync_send_error(int socket, const struct error *err);

/* In the child, under its filter: waits until the launcher has taken the listener, by one
 * write(2) of its number, or one sendmsg(2) that passes it, and one read(2). */
int sync_offer_listener(int socket, int listener, struct error *err);
int sync_pass_listener(int socket, int listener, struct error *err);

/* In the launcher: the next message, and nothing of it that its type does not have. */
int sync_receive(int socket, struct sync_message *message, struct error *err);
