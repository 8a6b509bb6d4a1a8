/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/error.h"
#include "kernel/network.h"

int network_apply(struct error *err)
{
	struct ifreq request = { .ifr_name = "lo" };
	/* netdevice(7) requests are answered by a socket of any family; this one is in
	 * every kernel and does not load a module. */
	auto_close int socketfd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (socketfd < 0)
		return error_set(err, errno, "cannot open a socket");
	/* IFF_LOOPBACK and its like cannot be changed, so there is nothing to be read
	 * first. */
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	if (ioctl(socketfd, SIOCSIFFLAGS, &request) < 0)
		return error_set(err, errno, "cannot set the interface 'lo' up");
	return 0;
}
