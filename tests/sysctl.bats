#!/usr/bin/env bats
# linux.sysctl, as the container sees it, and as the host does not.
# shellcheck disable=SC2016

load lib/bundle

@test "parameters are set in the container and not on the host" {
	local before
	make_plain_bundle '.linux.sysctl = { "net.ipv4.ip_forward": "1", "net/core/somaxconn": "321",
		"kernel.msgmax": "4321", "fs.mqueue.msg_max": "9", "kernel.domainname": "inside",
		"net.ipv4.ping_group_range": "1 2" }'
	before=$(cat /proc/sys/kernel/{msgmax,domainname} /proc/sys/net/core/somaxconn)
	run run_script 'cd /proc/sys; cat net/ipv4/ip_forward net/core/somaxconn kernel/msgmax \
		fs/mqueue/msg_max kernel/domainname net/ipv4/ping_group_range'
	expect_status 0
	expect_output $'1\n321\n4321\n9\ninside\n1\t2'
	expect_equal "$(cat /proc/sys/kernel/{msgmax,domainname} /proc/sys/net/core/somaxconn)" "$before"
}

@test "a parameter of a joined network is set, one of the host's is refused" {
	requires "no ip(8)" command -v ip
	make_plain_bundle '.linux.sysctl = { "net.core.somaxconn": "321" } |
		(.linux.namespaces[] | select(.type == "network")) += { path: "/proc/self/ns/net" }'
	run run_script true
	expect_status 1
	expect_one_line
	expect_text "the host's"
	ip netns add "$RUN"
	edit_config '(.linux.namespaces[] | select(.type == "network")).path = $path' \
		--arg path "/run/netns/$RUN"
	run run_script 'cat /proc/sys/net/core/somaxconn'
	ip netns delete "$RUN"
	umount /run/netns 2>/dev/null || true
	expect_status 0
	expect_output 321
}

@test "what the kernel does not take is said with its place" {
	make_plain_bundle '.linux.sysctl = { "net.ipv4.ip_forward": "maybe" }'
	run run_script true
	expect_status 1
	expect_one_line
	expect_match "config.json:[0-9]+:[0-9]+: linux.sysctl\[\"net.ipv4.ip_forward\"\]: cannot write to '/proc/sys/net/ipv4/ip_forward': invalid argument"
	edit_config '.linux.sysctl = { "net.ipv4.none": "1" }'
	run run_script true
	expect_status 1
	expect_text "cannot open '/proc/sys/net/ipv4/none': no such file or directory"
}

@test "a user namespace's root sets those of its namespaces, the host's stay" {
	local before
	before=$(cat /proc/sys/kernel/domainname /proc/sys/user/max_ipc_namespaces)
	make_plain_bundle '.linux.namespaces += [{ type: "user" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
		.linux.gidMappings = .linux.uidMappings |
		.linux.sysctl = { "net.ipv4.ip_forward": "1", "kernel.domainname": "inside",
			"kernel.shm_rmid_forced": "1", "user.max_ipc_namespaces": "7" }'
	run run_script 'cd /proc/sys; cat net/ipv4/ip_forward kernel/domainname \
		kernel/shm_rmid_forced user/max_ipc_namespaces'
	expect_status 0
	expect_output $'1\ninside\n1\n7'
	expect_equal "$(cat /proc/sys/kernel/domainname /proc/sys/user/max_ipc_namespaces)" "$before"
}
