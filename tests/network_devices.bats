#!/usr/bin/env bats
# linux.netDevices: devices that move into the container. The "host" is a network namespace of the
# test's own, the devices are veth pairs.
# shellcheck disable=SC2016 # what stands in single quotes is for jq or the hook

load lib/bundle

setup() {
	bundle_setup
	HOST=$BATS_TEST_TMPDIR/host
	touch "$HOST"
	unshare --net="$HOST" true
	host ip link add left type veth peer name right || skip "no veth in this kernel"
}

teardown() {
	local status=0
	[[ ! -e $BATS_TEST_TMPDIR/other ]] || umount "$BATS_TEST_TMPDIR/other"
	umount "$HOST"
	bundle_teardown || status=1
	return "$status"
}

host() {
	nsenter --net="$HOST" "$@"
}

minirun() {
	host "$MINIRUN" --root "$ROOT" --data-root "$DATA" "$@"
}

# A network namespace for the container to join.
make_other() {
	touch "$BATS_TEST_TMPDIR/other"
	unshare --net="$BATS_TEST_TMPDIR/other" true
	edit_config '(.linux.namespaces[] | select(.type == "network")).path = $path' \
		--arg path "$BATS_TEST_TMPDIR/other"
}

other() {
	nsenter --net="$BATS_TEST_TMPDIR/other" "$@"
}

@test "a device moves into a new namespace and is up" {
	make_bundle '.linux.netDevices = { left: {} }'
	run run_script 'ip link show left'
	expect_status 0
	expect_match '<[A-Z,-]*UP[A-Z,-]*>'
}

@test "it has another name there" {
	make_bundle '.linux.netDevices = { left: { name: "eth0" } }'
	run run_script 'ip link show eth0 && ! ip link show left'
	expect_status 0
}

@test "%d is a number that is free" {
	make_bundle '.linux.netDevices = { left: { name: "eth%d" }, right: { name: "eth%d" } }'
	run run_script 'ip link show eth0 && ip link show eth1'
	expect_status 0
}

@test "it leaves the host while the container runs, and a virtual one ends with it" {
	make_bundle '.linux.netDevices = { left: {} }'
	start_idle
	run host ip link show left
	expect_status 1
	run host ip link show right
	expect_status 0
	minirun delete --force "$ID"
}

@test "hardware address and MTU stay" {
	host ip link set left address 02:00:00:00:00:07 mtu 1400
	make_bundle '.linux.netDevices = { left: { name: "eth0" } }'
	run run_script 'ip link show eth0'
	expect_status 0
	expect_text "mtu 1400" "02:00:00:00:00:07"
}

@test "permanent global addresses stay, others do not" {
	host ip link set left up
	host ip link set right up
	host ip address add 192.0.2.1/24 broadcast 192.0.2.255 dev left
	host ip address add 198.51.100.7 peer 198.51.100.8 dev left
	host ip address add 2001:db8::1/64 nodad dev left
	host ip address add 192.0.2.2/24 valid_lft 1000 preferred_lft 1000 dev left
	host ip address add 169.254.1.1/16 scope link dev left
	host ip address add 203.0.113.1/24 dev right
	make_bundle '.linux.netDevices = { left: { name: "eth0" } }'
	run run_script 'ip address show eth0'
	expect_status 0
	expect_text "192.0.2.1/24 brd 192.0.2.255" "198.51.100.7 peer 198.51.100.8" "2001:db8::1/64"
	expect_no_text 192.0.2.2/ 169.254.1.1 203.0.113.1
}

@test "it moves into a namespace that is joined, and stays there" {
	make_bundle '.linux.netDevices = { left: { name: "eth0" } }'
	make_other
	run run_script 'ip link show eth0'
	expect_status 0
	run other ip link show eth0
	expect_status 0
}

@test "it is there with a user namespace, too" {
	host ip address add 192.0.2.1/24 dev left
	make_plain_bundle '.linux.netDevices = { left: { name: "eth0" } } |
		.linux.namespaces += [{ type: "user" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
		.linux.gidMappings = .linux.uidMappings'
	run run_script 'ip address show eth0'
	expect_status 0
	expect_text "192.0.2.1/24"
}

@test "createRuntime hooks find it in the container" {
	make_bundle '.linux.netDevices = { left: {} } |
		.hooks.createRuntime = [{ path: "/bin/sh", args: ["sh", "-c", $script] }]' \
		--arg script 'pid=$(jq .pid) && nsenter --net=/proc/$pid/ns/net /sbin/ip link show left >&2'
	edit_config '.hooks.createRuntime[0].env = [$path]' --arg path "PATH=$PATH"
	run run_script true
	expect_status 0
}

@test "the network namespace of the host cannot be the target" {
	make_bundle '.linux.netDevices = { left: {} } |
		(.linux.namespaces[] | select(.type == "network")).path = "/proc/self/ns/net"'
	run run_script true
	expect_status 1
	expect_text "linux.netDevices: '/proc/self/ns/net' is where they are"
	run host ip link show left
	expect_status 0
}

@test "a device that is not there is told before anything is made" {
	make_bundle '.linux.netDevices = { middle: {} } |
		.hooks.poststop = [{ path: "/bin/false" }]'
	run run_script true
	expect_status 1
	expect_one_line
	expect_text 'linux.netDevices["middle"]: the host has no network device '"'middle'"
	expect_absent "$ROOT/$ID"
}

@test "a name that is taken in the container is an error, and the device stays" {
	make_bundle '.linux.netDevices = { left: { name: "lo" } }'
	run run_script true
	expect_status 1
	expect_one_line
	expect_text 'linux.netDevices["left"]: the container has a network device '"'lo'"
	run host ip link show left
	expect_status 0
}

@test "a device that cannot be moved is an error with the kernel's reason" {
	host ip link set left up
	make_bundle '.linux.netDevices = { lo: { name: "other" } }'
	run run_script true
	expect_status 1
	expect_one_line
	expect_text 'linux.netDevices["lo"]: cannot move it to the container: '
}
