# manager.bash - the programs of others that call minirun: what their files of tests share.
#
# tests/managers/NAME.bats loads this and has manager_start and manager_stop, and manager_clean
# for what a test leaves. All of a file is in the namespaces that tests/run made for it, with a
# /run of its own; daemons and images serve the whole file. At its end the machine is compared
# with before. MINIRUN=/usr/bin/crun shows the same operations of another runtime.

# shellcheck source=tests/lib/bundle.bash
source "${BASH_SOURCE%/*}/bundle.bash"

setup_file() {
	export PLACE=$BATS_FILE_TMPDIR RUN ROOTFS PARENT
	RUN=test-$(cut -c1-8 /proc/sys/kernel/random/uuid)
	ROOTFS=$PLACE/bundles/plain/rootfs PARENT=/$RUN
	ROOT=$PLACE/none DATA=$PLACE/none machine >"$PLACE/machine"
	manager_cgroups
	mount -t tmpfs -o mode=755 tmpfs /run
	mount --make-rshared /
	manager_image
	mkfifo "$PLACE/never"
	manager_start
}

teardown_file() {
	local status=0
	manager_stop || status=1
	expect_no_containers || status=1
	mount --make-rprivate /
	umount --recursive /run
	if [[ -e $PLACE/own-cgroups ]]; then umount --recursive /sys/fs/cgroup; fi
	# What a manager makes for all its containers it leaves.
	find /sys/fs/cgroup -depth -type d -path "*/$RUN*" -exec rmdir {} +
	ROOT=$PLACE/none DATA=$PLACE/none machine >"$PLACE/machine.now"
	diff "$PLACE/machine" "$PLACE/machine.now" || { echo "the machine is not as before"; status=1; }
	return "$status"
}

setup() {
	T=$BATS_TEST_TMPDIR
	# shellcheck disable=SC2034 # for the tests
	NAME=c$BATS_TEST_NUMBER
	# Where conmon tells of memory that ran out.
	cd "$T" || return
}

teardown() {
	manager_clean
}

manager_clean() {
	:
}

# The runtime knows no container that the manager has forgotten.
expect_no_containers() {
	local left
	left=$(ls "/run/${MINIRUN##*/}" 2>/dev/null) || return 0
	[[ -z $left ]] || fail "containers are left: $left"
}

# On a host with v1 hierarchies: those alone, and no directory can be made among them, where
# managers would make one for each controller that they know.
manager_cgroups() {
	[[ $(stat -f -c %T /sys/fs/cgroup) == tmpfs ]] || return 0
	"$srcdir/tests/lib/view" --inside v1 mount -o remount,bind,ro /sys/fs/cgroup
	touch "$PLACE/own-cgroups"
}

has_controller() { # NAME
	[[ $(stat -f -c %T "/sys/fs/cgroup/$1" 2>/dev/null) == cgroupfs ]] ||
		grep -qw "$1" /sys/fs/cgroup/cgroup.controllers 2>/dev/null
}

# Skips where the v2 hierarchy is alone, and another of v1, that is not seen, has the controller.
requires_controller() { # NAME
	has_controller "$1" || skip "no controller '$1' in this view"
}

# Debian's busybox, and a user.
manager_image() {
	"$srcdir/bundles/make" "$PLACE/bundles" plain
	echo 'user:x:1000:1000::/tmp:/bin/sh' >>"$ROOTFS/etc/passwd"
	echo 'user:x:1000:' >>"$ROOTFS/etc/group"
	tar -C "$ROOTFS" -cf "$PLACE/rootfs.tar" --owner=0 --group=0 --numeric-owner .
}

# The image as an archive of the OCI, with one name.
manager_archive() { # FILE NAME
	umoci init --layout "$PLACE/layout"
	umoci new --image "$PLACE/layout:one"
	umoci insert --image "$PLACE/layout:one" "$ROOTFS" /
	umoci config --image "$PLACE/layout:one" --config.cmd sh --config.env PATH=/bin:/usr/bin
	skopeo --insecure-policy copy --quiet "oci:$PLACE/layout:one" "oci-archive:$1:$2"
}

# Fails when no such program is there: who runs these tests has asked for them.
manager_requires() { # PROGRAM...
	local program
	for program; do
		command -v "$program" >/dev/null || fail "$program is missing: contrib/install-packages managers"
	done
}

# Ids of a user in /etc/subuid and /etc/subgid, until take_ids.
give_ids() { # USER
	echo "$1:300000:65536" >"$PLACE/ids"
	mount --bind "$PLACE/ids" /etc/subuid
	mount --bind "$PLACE/ids" /etc/subgid
}

take_ids() {
	[[ ! -e $PLACE/ids ]] || umount /etc/subuid /etc/subgid
	rm -f "$PLACE/ids"
}

# The words a container's first process says when it is there, in the background of the test.
wait_for_output() { # TEXT COMMAND...
	local text=$1
	shift
	for ((tries = 0; tries < 100; tries++)); do
		[[ $("$@" 2>&1) != *"$text"* ]] || return 0
		read -r -t 0.1 <>"$PLACE/never" || true
	done
	fail "'$text' does not come out of: $*"
}
